//! Run locks: a run lives as long as it holds its lock, never by a process id or an age.
//!
//! A lock file outlives its run when the run left something open or was killed, so the files also
//! say where `recover` may have work. Looking is shared and makes nothing; only `begin`, `take` and
//! `sweep` lock.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::fs;

/// The directory of run locks.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'p>(pub &'p Path);

impl Runs<'_> {
    /// Locks a run of this process's own, for as long as the file lives.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub fn begin(&self, run: &str) -> io::Result<File> {
        fs::create_private_dir(self.0)?;
        fs::lock_own(&self.path(run))
    }

    /// Takes the lock of a dead run; `None` while the run lives or somebody else has taken it.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub fn take(&self, run: &str) -> io::Result<Option<File>> {
        fs::create_private_dir(self.0)?;
        fs::try_lock_own(&self.path(run))
    }

    /// Whether a process still works on this run.
    pub fn is_alive(&self, run: &str) -> bool {
        self.held(run) == Some(true)
    }

    /// Runs that ended without closing everything.
    pub fn dead(&self) -> Vec<String> {
        self.all().into_iter().filter(|run| self.held(run) == Some(false)).collect()
    }

    /// Whether a run is at work that is not among these.
    pub fn has_others(&self, known: &[String]) -> bool {
        self.all().iter().any(|run| !known.contains(run) && self.is_alive(run))
    }

    /// Removes the lock file of a run with nothing open, whose lock the caller holds.
    pub fn forget(&self, run: &str) {
        let _ = fs::remove(&self.path(run));
    }

    /// Removes the lock files of dead runs that have nothing open, after `clean` has removed what else
    /// is left of them. A run that has just begun looks dead until it holds its lock, so that is done
    /// under their own locks only.
    pub fn sweep(
        &self,
        dead: &[String],
        is_open: impl Fn(&str) -> bool,
        clean: impl FnOnce(&[&str]),
    ) {
        let closed = dead.iter().map(String::as_str).filter(|run| !is_open(run));
        let lock = |run| Some((run, self.take(run).ok()??));
        let (runs, _locks): (Vec<&str>, Vec<File>) = closed.filter_map(lock).unzip();
        if !runs.is_empty() {
            clean(&runs);
        }
        runs.iter().for_each(|run| self.forget(run));
    }

    fn path(&self, run: &str) -> PathBuf {
        self.0.join(format!("{run}.lock"))
    }

    fn all(&self) -> Vec<String> {
        let Ok(listing) = std::fs::read_dir(self.0) else { return Vec::new() };
        let paths = listing.filter_map(|entry| Some(entry.ok()?.path()));
        let locks = paths.filter(|path| path.extension().is_some_and(|e| e == "lock"));
        locks.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
    }

    /// Whether the lock is held. `None` when there is no such lock. A run's name comes from the
    /// journal, so only plain ones are looked at.
    fn held(&self, run: &str) -> Option<bool> {
        if !run.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        match fs::with_handle(|| File::open(self.path(run))).ok()?.try_lock_shared() {
            Ok(()) => Some(false),
            Err(TryLockError::WouldBlock) => Some(true),
            Err(TryLockError::Error(_)) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_lives_as_long_as_its_lock() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("run");
        let runs = Runs(&place);
        assert!(runs.dead().is_empty() && !runs.is_alive("a-1"));
        let lock = runs.begin("a-1").unwrap();
        assert!(runs.is_alive("a-1") && runs.dead().is_empty());
        assert!(runs.has_others(&[]) && !runs.has_others(&["a-1".to_owned()]));
        assert!(runs.take("a-1").unwrap().is_none());
        drop(lock);
        assert_eq!(runs.dead(), ["a-1"]);
        assert!(!runs.is_alive("../run/a-1"), "a name from the journal leads nowhere else");
        let taken = runs.take("a-1").unwrap();
        assert!(taken.is_some() && runs.is_alive("a-1"));
        drop(taken);
        let lock = runs.begin("b-2").unwrap();
        runs.sweep(&["a-1".to_owned(), "b-2".to_owned()], |run| run == "a-1", |_| unreachable!());
        assert_eq!(runs.dead(), ["a-1"], "what is open stays");
        assert!(runs.is_alive("b-2"), "what lives stays");
        drop(lock);
        runs.sweep(&runs.dead(), |_| false, |runs| assert_eq!(runs.len(), 2));
        assert!(runs.dead().is_empty() && std::fs::read_dir(&place).unwrap().count() == 0);
    }
}
