//! Whose a request is: one that was found in a provider's history may be that of an equal job whose
//! answer is still on its way, in this process or in another.
//!
//! Inside a process every request id is claimed when it is heard. Between processes a found one is
//! told in a file before the log is read once more, and an answered one is in the log before the file
//! is read: so one of the two always sees the other. The file is rarely there and stays small.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::PoisonError;

use super::Log;
use crate::fs;

impl Log {
    /// Held while a lost request is looked up and claimed, so that no two jobs of any process claim
    /// the same.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub(crate) async fn claiming(&self) -> io::Result<File> {
        let path = self.directory.join("claim.lock");
        let lock = tokio::task::spawn_blocking(move || fs::lock_file(&path)).await;
        lock.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }

    /// Claims a request id, from an answer or from a provider's history; false when it is another
    /// job's already. Equal orders may change their results, but each has its own.
    pub(crate) fn claim(&self, id: &str) -> bool {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned())
    }

    /// The request ids that are claimed in this process.
    pub(crate) fn claimed(&self) -> Vec<String> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Tells all processes that a request was found for a lost answer. The caller is `claiming`.
    ///
    /// # Errors
    /// It cannot be told.
    pub(crate) fn tell_found(&self, id: &str) -> io::Result<()> {
        let mut file = fs::open_append(&self.found())?;
        // A line that was torn by a crash must not swallow this one.
        let is_torn = std::fs::read(self.found())?.last().is_some_and(|last| *last != b'\n');
        let before = if is_torn { "\n" } else { "" };
        file.write_all(format!("{before}{id}\n").as_bytes())?;
        file.sync_data()
    }

    /// Takes that back.
    ///
    /// # Errors
    /// It cannot be taken back.
    pub(crate) fn untell_found(&self, id: &str) -> io::Result<()> {
        let text = std::fs::read(self.found())?;
        let others = text.split_inclusive(|byte| *byte == b'\n');
        let left = others.filter(|line| line.trim_ascii() != id.as_bytes());
        fs::write_atomic(&self.found(), &left.collect::<Vec<_>>().concat(), fs::Mode::Private)
    }

    /// Was this request found for a lost answer?
    pub(crate) fn is_found(&self, id: &str) -> bool {
        let is_it = |line: &[u8]| line.trim_ascii() == id.as_bytes();
        std::fs::read(self.found()).is_ok_and(|text| text.split(|byte| *byte == b'\n').any(is_it))
    }

    fn found(&self) -> PathBuf {
        self.directory.join("found")
    }
}

#[cfg(test)]
mod tests {
    use crate::fs;
    use crate::store::Log;
    use crate::store::log::Caps;

    #[test]
    fn a_request_is_one_jobs_before_the_log_says_so() {
        let home = tempfile::tempdir().unwrap();
        let journal = Log::open(home.path(), Caps::default()).unwrap();
        assert!(journal.claim("a") && !journal.claim("a") && journal.claim("b"));
        assert_eq!(journal.claimed().len(), 2);
    }

    #[test]
    fn what_was_found_is_told_to_all_processes() {
        let home = tempfile::tempdir().unwrap();
        let [one, other] = [(); 2].map(|()| Log::open(home.path(), Caps::default()).unwrap());
        assert!(!other.is_found("a"));
        ["a", "ab"].iter().for_each(|id| one.tell_found(id).unwrap());
        assert!(other.is_found("a") && other.is_found("ab"));
        one.untell_found("a").unwrap();
        assert!(!other.is_found("a") && other.is_found("ab"));
        // Damaged by a crash, it still tells what it can.
        let damaged = [b"\xff\x00\n", &std::fs::read(one.found()).unwrap()[..], b"to"].concat();
        fs::write_atomic(&one.found(), &damaged, fs::Mode::Private).unwrap();
        one.tell_found("b").unwrap();
        assert!(other.is_found("ab") && other.is_found("b") && !other.is_found("tob"));
        one.untell_found("b").unwrap();
        assert!(other.is_found("ab") && !other.is_found("b"));
    }
}
