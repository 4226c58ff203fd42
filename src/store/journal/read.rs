//! Reading the journal: every entry of every segment, whatever else stands between them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::Entry;

/// What was read besides the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scan {
    /// Entries read.
    pub entries: u64,
    /// Lines that are no entry: torn by a crash, or written by something else.
    pub torn: u64,
}

/// Reads every entry of every segment, oldest first. An unfinished last line is left unread.
///
/// # Errors
/// A segment cannot be read.
pub fn read(directory: &Path, each: impl FnMut(Entry)) -> io::Result<Scan> {
    read_since(directory, jiff::Timestamp::MIN, each)
}

/// The same without the segments that ended before a time. Entries of the first month that are
/// older than it are still read.
///
/// # Errors
/// A segment cannot be read.
pub fn read_since(
    directory: &Path,
    since: jiff::Timestamp,
    mut each: impl FnMut(Entry),
) -> io::Result<Scan> {
    let mut scan = Scan::default();
    let first = super::segment_of(since);
    for path in segments(directory)? {
        if name_of(&path) >= first {
            read_from(&path, 0, &mut scan, &mut each)?;
        }
    }
    Ok(scan)
}

/// Reads a segment's entries from an offset on; answers with the offset behind the last whole line.
///
/// # Errors
/// The segment cannot be read.
pub(super) fn read_from(
    path: &Path,
    offset: u64,
    scan: &mut Scan,
    each: &mut impl FnMut(Entry),
) -> io::Result<u64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut lines = BufReader::with_capacity(256 * 1024, file);
    let (mut line, mut behind) = (Vec::new(), offset);
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 || line.last() != Some(&b'\n') {
            return Ok(behind);
        }
        behind += line.len() as u64;
        if line.len() == 1 {
            continue;
        }
        match serde_json::from_slice::<Entry>(&line) {
            Ok(entry) if entry.v > 0 => {
                scan.entries += 1;
                each(entry);
            }
            _ => scan.torn += 1,
        }
    }
}

/// The segments, oldest first; none when nothing was ever written.
///
/// # Errors
/// The directory cannot be listed.
pub fn segments(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let listing = match std::fs::read_dir(directory) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in listing {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
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
