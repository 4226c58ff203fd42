//! Files that belong to somebody.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{absolute, hashed};
use crate::pool::lock;

/// Files that belong to somebody. In recovery every file is claimed once.
#[derive(Debug, Clone, Default)]
pub struct SavedFiles(Arc<Mutex<Claims>>);

#[derive(Debug, Default)]
pub(super) struct Claims {
    claimed: HashSet<PathBuf>,
    /// The SHA-256s, in hex, of what was saved under a name, by its absolute path.
    logged: HashMap<PathBuf, HashSet<String>>,
}

impl SavedFiles {
    /// Files that the log knows: the SHA-256s, in hex, of what was saved, by the absolute paths.
    pub fn new(logged: HashMap<PathBuf, HashSet<String>>) -> SavedFiles {
        SavedFiles(Arc::new(Mutex::new(Claims { claimed: HashSet::new(), logged })))
    }

    /// Claims a file; false when it was claimed already, or the log knows its name.
    pub fn claim(&self, path: &Path) -> bool {
        let mut claims = self.lock();
        !claims.logged.contains_key(&absolute(path)) && claims.take(path)
    }

    /// Claims a file with the bytes of this SHA-256, in hex, that took the place of what the log says to
    /// be under its name, or that the log does not know at all; false when it was claimed already, or is
    /// what the log says.
    pub fn claim_unlogged(&self, path: &Path, sha256: &str) -> bool {
        let mut claims = self.lock();
        let logged = claims.logged.get(&absolute(path));
        !logged.is_some_and(|sums| is_logged(sums, sha256)) && claims.take(path)
    }

    /// Whether the log knows a file with the bytes of this SHA-256, in hex.
    pub fn holds(&self, sha256: &str) -> bool {
        self.lock().logged.values().any(|logged| logged.contains(sha256))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Claims> {
        lock(&self.0)
    }
}

/// Whether the bytes of this SHA-256 are among what the log says to be under a name. A line that does
/// not tell what it was is believed.
pub fn is_logged(sums: &HashSet<String>, sha256: &str) -> bool {
    sums.contains("") || sums.contains(sha256)
}

impl Claims {
    pub(super) fn take(&mut self, path: &Path) -> bool {
        self.claimed.insert(absolute(path))
    }

    /// Whether a file that is there may be one that the log does not know: nobody has claimed it, and
    /// what the log says to be under its name has been replaced since.
    pub(super) fn may_be_unlogged(&mut self, path: &Path) -> bool {
        let path = absolute(path);
        if self.claimed.contains(&path) {
            return false;
        }
        let Some(logged) = self.logged.get(&path) else { return true };
        // Where a line is believed anyway, nothing is read.
        let is_what_was = logged.contains("")
            || hashed(&path).map_or(true, |(_, sha256)| is_logged(logged, &sha256));
        if is_what_was {
            // It is read once.
            self.claimed.insert(path);
        }
        !is_what_was
    }
}
