//! Looking at places: where a path really leads, what is there, how much room is left.

use std::path::{Path, PathBuf};

/// A path by its one true name, as far as it is there: links followed.
pub(crate) fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (mut at, mut rest) = (path.clone(), Vec::new());
    loop {
        if let Ok(real) = at.canonicalize() {
            return rest.into_iter().rev().fold(real, |path, part| path.join(part));
        }
        let Some(name) = at.file_name().map(ToOwned::to_owned) else {
            return path.components().collect();
        };
        rest.push(name);
        at.pop();
    }
}

/// Whether there is nothing, a file or a link, rather than a directory, a device or a pipe.
pub(crate) fn is_replaceable(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_symlink() => !path.is_dir(),
        Ok(meta) => meta.is_file(),
        Err(_) => true,
    }
}

/// Bytes that its user may still write to the file system of a path; `None` where that is not known.
pub(crate) fn free_space(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let told = rustix::fs::statvfs(path).ok()?;
        Some(told.f_bavail.saturating_mul(told.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
