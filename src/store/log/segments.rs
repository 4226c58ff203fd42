//! The files of the log: one a month, in the order of their names.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::fs;

/// Segments that cannot be read, each with the reason.
pub type Unreadable = Vec<(PathBuf, io::Error)>;

/// The segments that can be read, oldest first, and the others.
///
/// # Errors
/// The directory cannot be listed.
pub fn readable(directory: &Path) -> io::Result<(Vec<PathBuf>, Unreadable)> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for path in segments(directory)? {
        // A call that fails once says nothing of the segment: what is open must not look closed.
        let open = || File::open(&path);
        match open().or_else(|_| fs::with_handle(open)) {
            Ok(_) => good.push(path),
            Err(error) => bad.push((path, error)),
        }
    }
    Ok((good, bad))
}

/// The segments, oldest first; none when nothing was ever written. A directory is none.
///
/// # Errors
/// The directory cannot be listed.
pub fn segments(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let listing = match fs::with_handle(|| std::fs::read_dir(directory)) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in listing {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") && !path.is_dir() {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

/// A segment's file name.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The segment of a time.
pub(super) fn segment_of(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m.jsonl").to_string()
}

/// The segment that is written now: this month's, or the newest one where the clock was set back, so
/// that the order of the lines is the order in which they were written.
pub(super) fn current_segment(directory: &Path) -> io::Result<PathBuf> {
    let this = segment_of(jiff::Timestamp::now());
    let names = segments(directory)?.into_iter().map(|path| name_of(&path));
    let newest = names.filter(|name| is_segment(name)).max();
    Ok(directory.join(newest.map_or(this.clone(), |newest| newest.max(this))))
}

/// Is it a name that this program gives: `2026-11.jsonl`?
fn is_segment(name: &str) -> bool {
    let is_there = |(at, byte): (usize, u8)| match at {
        4 => byte == b'-',
        7.. => true,
        _ => byte.is_ascii_digit(),
    };
    name.len() == 13 && name.ends_with(".jsonl") && name.bytes().enumerate().all(is_there)
}
