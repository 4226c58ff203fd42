//! Whose a request is: one that was found in a provider's history may be that of an equal job whose
//! answer is still on its way, in this process or in another.
//!
//! Inside a process every request id is claimed when it is heard. Between processes a found one is
//! told in a file before the log is read once more, and an answered one is in the log before the file
//! is read: so one of the two always sees the other. The file is rarely there and stays small.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::read::parts_since;
use super::{EntryKind, Log};
use crate::pool::lock;
use crate::{dialect, fs, pool};

/// The file in which found requests are told.
const FOUND: &str = "found";

/// The right to claim, given back when it is dropped: before other processes first, and then before
/// the other jobs of this one.
#[derive(Debug)]
pub(crate) struct Claiming {
    _lock: File,
    _turn: OwnedMutexGuard<()>,
}

impl Log {
    /// Held while a lost request is looked up and claimed, so that no two jobs of any process claim
    /// the same.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub(crate) async fn claiming(&self) -> io::Result<Claiming> {
        // Who has the lock needs a thread of the pool, so no more than one may wait there for it.
        let turn = Arc::clone(&self.claiming).lock_owned().await;
        let lock = self.beside(|directory| fs::lock_file(&directory.join("claim.lock"))).await?;
        Ok(Claiming { _lock: lock, _turn: turn })
    }

    /// Claims a request id, from an answer or from a provider's history; false when it is another
    /// job's already. Equal orders may change their results, but each has its own.
    pub(crate) fn claim(&self, id: &str) -> bool {
        lock(&self.claimed).insert(id.to_owned())
    }

    /// The request ids that are claimed in this process, or that the log knows since a time, also those
    /// that a damaged line of another attempt than this one seems to hold.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(crate) async fn taken_ids(
        &self,
        since: jiff::Timestamp,
        attempt: &str,
    ) -> io::Result<Vec<String>> {
        let attempt = attempt.to_owned();
        let mut ids = self.beside(move |directory| logged_ids(directory, since, &attempt)).await?;
        let claimed = lock(&self.claimed);
        ids.extend(claimed.iter().cloned());
        Ok(ids)
    }

    /// Tells all processes that a request was found for a lost answer. The caller is `claiming`.
    ///
    /// # Errors
    /// It cannot be told.
    pub(crate) async fn report_found(&self, id: &str) -> io::Result<()> {
        let id = id.to_owned();
        self.beside(move |directory| {
            let path = directory.join(FOUND);
            let mut file = fs::open_append(&path)?;
            // A line that was torn by a crash must not swallow this one.
            let is_torn = std::fs::read(&path)?.last().is_some_and(|last| *last != b'\n');
            let before = if is_torn { "\n" } else { "" };
            fs::write_all(&mut file, format!("{before}{id}\n").as_bytes())?;
            fs::sync_data(&file)
        })
        .await
    }

    /// Takes that back.
    ///
    /// # Errors
    /// It cannot be taken back.
    pub(crate) async fn retract_found(&self, id: &str) -> io::Result<()> {
        let id = id.to_owned();
        self.beside(move |directory| {
            let path = directory.join(FOUND);
            let text = std::fs::read(&path)?;
            let others = text.split_inclusive(|byte| *byte == b'\n');
            let left = others.filter(|line| line.trim_ascii() != id.as_bytes());
            fs::write_atomic(&path, &left.collect::<Vec<_>>().concat(), fs::Mode::Private)
        })
        .await
    }

    /// Whether this request was found for a lost answer.
    pub(crate) async fn is_found(&self, id: &str) -> bool {
        let id = id.to_owned();
        let is_told = self.beside(move |directory| {
            let text = std::fs::read(directory.join(FOUND))?;
            Ok(text.split(|byte| *byte == b'\n').any(|line| line.trim_ascii() == id.as_bytes()))
        });
        is_told.await.unwrap_or(false)
    }

    /// Does what waits for the disk on a thread where that stops nobody.
    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let directory = self.directory.clone();
        pool::run_io(move || work(&directory)).await
    }
}

fn logged_ids(log: &Path, since: jiff::Timestamp, attempt: &str) -> io::Result<Vec<String>> {
    let mut ids = Vec::new();
    parts_since(log, since, |part| {
        let of_another = part
            .damaged
            .filter(|damaged| damaged.attempt.as_ref().is_some_and(|other| other != attempt));
        ids.extend(of_another.into_iter().flat_map(|damaged| damaged.requests));
        let Some(entry) = part.entry else { return };
        let id = entry.call.as_ref().and_then(dialect::job_id).map(str::to_owned);
        // The id that came with a failure may be that of a job which nobody has collected yet.
        let own = entry.request_id.filter(|_| entry.e == EntryKind::Done);
        ids.extend(id.into_iter().chain(own));
    })?;
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_is_one_jobs_before_the_log_says_so() {
        let home = tempfile::tempdir().unwrap();
        let log = Log::at(home.path());
        assert!(log.claim("a") && !log.claim("a") && log.claim("b"));
        assert_eq!(log.taken_ids(jiff::Timestamp::MIN, "r.1.1").await.unwrap().len(), 2);
    }

    #[test]
    fn more_jobs_claim_than_there_are_threads_to_wait_for_it() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().max_blocking_threads(2).build().unwrap();
        let home = tempfile::tempdir().unwrap();
        let log = Log::at(home.path());
        let claim = async |_: u32| {
            let _claiming = log.claiming().await.unwrap();
            log.is_found("a").await
        };
        let all = futures_util::future::join_all((0..20).map(claim));
        let patience = std::time::Duration::from_secs(20);
        let ended = runtime.block_on(async { tokio::time::timeout(patience, all).await });
        assert_eq!(ended.expect("none waits for ever").len(), 20);
    }

    #[tokio::test]
    async fn what_was_found_is_told_to_all_processes() {
        let home = tempfile::tempdir().unwrap();
        let [one, other] = [(); 2].map(|()| Log::at(home.path()));
        assert!(!other.is_found("a").await);
        one.report_found("a").await.unwrap();
        one.report_found("ab").await.unwrap();
        assert!(other.is_found("a").await && other.is_found("ab").await);
        one.retract_found("a").await.unwrap();
        assert!(!other.is_found("a").await && other.is_found("ab").await);
        // Damaged by a crash, it still tells what it can.
        let file = home.path().join(FOUND);
        let damaged = [b"\xff\x00\n", &std::fs::read(&file).unwrap()[..], b"to"].concat();
        fs::write_atomic(&file, &damaged, fs::Mode::Private).unwrap();
        one.report_found("b").await.unwrap();
        assert!(other.is_found("ab").await && other.is_found("b").await);
        assert!(!other.is_found("tob").await);
        one.retract_found("b").await.unwrap();
        assert!(other.is_found("ab").await && !other.is_found("b").await);
    }
}
