//! The files of the log: one a month, in the order of their names.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::fs;

/// Segments that cannot be read, each with the reason.
pub(super) type Unreadable = Vec<(PathBuf, io::Error)>;

/// Opens a segment to read it. A call that fails once says nothing of it: what is open must not look
/// closed.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let open = || File::open(path);
    open().or_else(|_| fs::with_handle(open))
}

/// The segments, oldest first; none when nothing was ever written. A directory is none.
///
/// # Errors
/// The directory cannot be listed.
pub(super) fn segments(directory: &Path) -> io::Result<Vec<PathBuf>> {
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
    let this = segment_of(crate::clock::now());
    let names = segments(directory)?.into_iter().map(|path| name_of(&path));
    let newest = names.filter(|name| is_segment(name)).max();
    Ok(directory.join(newest.map_or(this.clone(), |newest| newest.max(this))))
}

/// Whether it is a name that this program gives: `2026-11.jsonl`.
fn is_segment(name: &str) -> bool {
    let is_there = |(at, byte): (usize, u8)| match at {
        4 => byte == b'-',
        7.. => true,
        _ => byte.is_ascii_digit(),
    };
    name.len() == 13 && name.ends_with(".jsonl") && name.bytes().enumerate().all(is_there)
}
