//! A file that is made whole or not at all, and only where there is none of its name.

use std::io;
use std::path::Path;

use super::{Mode, claim, copy_into_new, dir_of, door, is_unable, sync_dir, temporary, write_all};

/// Makes a file with these bytes, on the disk when this returns; `false` when the name is taken. Of two
/// processes, also on two machines that share the directory, one alone gets the name, and nobody ever
/// reads a part of it.
///
/// # Errors
/// What the system says.
pub(crate) fn create_whole(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    let mut file = temporary(dir_of(path), Mode::Normal)?;
    write_all(file.as_file_mut(), bytes)?;
    door::sync(file.as_file())?;
    // Held, and so locked, until it has its name.
    let (_held, part) = file.into_parts();
    let made = match claim(part, path) {
        // The bytes are in memory still.
        Err(error) if is_unable(&error) => {
            let mut again = temporary(dir_of(path), Mode::Normal)?;
            write_all(again.as_file_mut(), bytes)?;
            copy_into_new(again.path(), path)
        }
        other => other,
    };
    if let Ok(true) = made {
        sync_dir(dir_of(path));
    }
    made
}
