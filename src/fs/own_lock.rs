//! A lock on a file of its own, which goes with it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The lock of a file that stands for nothing else. It ends when dropped, and with its process however
/// that ends.
#[derive(Debug)]
pub(crate) struct OwnLock {
    path: PathBuf,
    /// Holds it.
    file: Option<File>,
}

impl OwnLock {
    /// Waits until nobody else has it.
    ///
    /// # Errors
    /// It cannot be made or locked.
    pub(crate) fn wait(path: &Path) -> io::Result<OwnLock> {
        Ok(OwnLock { path: path.to_owned(), file: Some(super::lock_own(path)?) })
    }

    /// `None` while somebody else has it, in this process too.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn take(path: &Path) -> io::Result<Option<OwnLock>> {
        let file = super::try_lock_own(path)?;
        Ok(file.map(|file| OwnLock { path: path.to_owned(), file: Some(file) }))
    }
}

impl Drop for OwnLock {
    fn drop(&mut self) {
        // Removed while it is still held. Whoever waits for this very file finds that its name is
        // gone and starts over; where that cannot be found out, lock files stay.
        if cfg!(unix) {
            let _ = super::remove(&self.path);
        }
        drop(self.file.take());
    }
}
