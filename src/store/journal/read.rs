//! Reading the journal: every entry of every segment, whatever else stands between them.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::Entry;
use super::lines::{Reader, blocks_from, lines_backward, lines_from, lines_of};
use crate::fs;

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
pub fn read(directory: &Path, each: impl FnMut(Entry) + Send) -> io::Result<Scan> {
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
    mut each: impl FnMut(Entry) + Send,
) -> io::Result<Scan> {
    let mut scan = Scan::default();
    let first = super::segment_of(since);
    for path in segments(directory)? {
        if name_of(&path) >= first {
            blocks_from(&path, 0, &mut Entries(&mut scan, &mut each))?;
        }
    }
    Ok(scan)
}

/// Reads the entries on those lines alone that may be wanted: the others are not even parsed.
///
/// # Errors
/// A segment cannot be read.
pub fn read_where(
    directory: &Path,
    mut may_be: impl FnMut(&[u8]) -> bool + Send,
    mut each: impl FnMut(Entry) + Send,
) -> io::Result<Scan> {
    let mut scan = Scan::default();
    for path in segments(directory)? {
        lines_from(&path, 0, &mut |line| {
            if may_be(line) {
                scan.take(entry_of(line), &mut each);
            }
        })?;
    }
    Ok(scan)
}

/// Reads the entries of one segment.
///
/// # Errors
/// It cannot be read.
pub fn read_segment(path: &Path, mut each: impl FnMut(Entry) + Send) -> io::Result<Scan> {
    let mut scan = Scan::default();
    blocks_from(path, 0, &mut Entries(&mut scan, &mut each))?;
    Ok(scan)
}

/// How far a reader came that began at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It read everything.
    All,
    /// It read all segments that hold anything so new.
    Since,
    /// It had seen enough.
    Enough,
}

/// Reads the newest entry first, until `each` has seen enough; segments that ended before a time are
/// left out.
///
/// # Errors
/// A segment cannot be read.
pub fn read_backward(
    directory: &Path,
    since: jiff::Timestamp,
    mut each: impl FnMut(Entry) -> ControlFlow<()>,
) -> io::Result<(Scan, Reach)> {
    let mut scan = Scan::default();
    let first = super::segment_of(since);
    let mut paths = segments(directory)?;
    let all = paths.len();
    paths.retain(|path| name_of(path) >= first);
    for path in paths.iter().rev() {
        let ended = lines_backward(path, &mut |line| {
            let mut flow = ControlFlow::Continue(());
            scan.take(entry_of(line), &mut |entry| flow = each(entry));
            flow
        })?;
        if ended.is_break() {
            return Ok((scan, Reach::Enough));
        }
    }
    Ok((scan, if paths.len() == all { Reach::All } else { Reach::Since }))
}

impl Scan {
    fn take(&mut self, entry: Option<Entry>, each: &mut impl FnMut(Entry)) {
        match entry {
            Some(entry) => {
                self.entries += 1;
                each(entry);
            }
            None => self.torn += 1,
        }
    }
}

/// Entries are parsed beside others, and handed on in their order.
pub(super) struct Entries<'a, F>(pub(super) &'a mut Scan, pub(super) &'a mut F);

impl<F: FnMut(Entry) + Send> Reader for Entries<'_, F> {
    type Read<'b> = Vec<Option<Entry>>;

    fn read(block: &[u8]) -> Vec<Option<Entry>> {
        let mut entries = Vec::new();
        lines_of(block, |line| entries.push(entry_of(line)));
        entries
    }

    fn take(&mut self, entries: Vec<Option<Entry>>) {
        entries.into_iter().for_each(|entry| self.0.take(entry, self.1));
    }
}

/// The entry on a line, if it is one.
pub(crate) fn entry_of(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice::<Entry>(line).ok().filter(|entry| entry.v > 0)
}

/// The segments, oldest first; none when nothing was ever written.
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
