//! Reading the journal: every entry of every segment, whatever else stands between them.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use super::Entry;
use super::damage::{Part, parts_of};
use super::lines::{Reader, blocks_from, lines_backward, lines_from, lines_of};
use super::segments::{name_of, readable, segments};

/// What was read besides the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scan {
    /// Entries read.
    pub entries: u64,
    /// Lines that are no entry: torn by a crash, or written by something else.
    pub torn: u64,
    /// Segments that cannot be read and were left out.
    pub unread: u64,
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
    read_parts(directory, since, |part| scan.take(part, &mut each))?;
    Ok(scan)
}

/// The same with what is damaged.
///
/// # Errors
/// A segment cannot be read.
pub fn read_parts(
    directory: &Path,
    since: jiff::Timestamp,
    mut each: impl FnMut(Part) + Send,
) -> io::Result<()> {
    let first = super::segment_of(since);
    for path in segments(directory)? {
        if name_of(&path) >= first {
            blocks_from(&path, 0, &mut Parts(&mut each))?;
        }
    }
    Ok(())
}

/// Reads the entries on those lines alone that may be wanted: the others are not even parsed.
///
/// # Errors
/// A segment cannot be read.
pub fn read_where(
    directory: &Path,
    may_be: impl FnMut(&[u8]) -> bool + Send,
    mut each: impl FnMut(Entry) + Send,
) -> io::Result<Scan> {
    let mut scan = Scan::default();
    read_parts_where(directory, may_be, |part| scan.take(part, &mut each))?;
    Ok(scan)
}

/// The same with what is damaged on those lines.
///
/// # Errors
/// A segment cannot be read.
pub fn read_parts_where(
    directory: &Path,
    mut may_be: impl FnMut(&[u8]) -> bool + Send,
    mut each: impl FnMut(Part) + Send,
) -> io::Result<()> {
    for path in segments(directory)? {
        lines_from(&path, 0, &mut |line| {
            if may_be(line) {
                parts_of(line, &mut each);
            }
        })?;
    }
    Ok(())
}

/// Reads the entries of one segment.
///
/// # Errors
/// It cannot be read.
pub fn read_segment(path: &Path, mut each: impl FnMut(Entry) + Send) -> io::Result<Scan> {
    let mut scan = Scan::default();
    blocks_from(path, 0, &mut Parts(&mut |part| scan.take(part, &mut each)))?;
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
/// left out, and so are those that cannot be read.
///
/// # Errors
/// The directory cannot be listed, or none of its segments can be read.
pub fn read_backward(
    directory: &Path,
    since: jiff::Timestamp,
    mut each: impl FnMut(Entry) -> ControlFlow<()>,
) -> io::Result<(Scan, Reach)> {
    let mut scan = Scan::default();
    let first = super::segment_of(since);
    let (mut paths, unread) = readable(directory)?;
    scan.unread = unread.len() as u64;
    if let (true, Some((_, error))) = (paths.is_empty(), unread.into_iter().next()) {
        return Err(error);
    }
    let all = paths.len();
    paths.retain(|path| name_of(path) >= first);
    for path in paths.iter().rev() {
        let ended = lines_backward(path, &mut |line| {
            let (mut parts, mut flow) = (Vec::new(), ControlFlow::Continue(()));
            parts_of(line, &mut |part| parts.push(part));
            for part in parts.into_iter().rev() {
                scan.take(part, &mut |entry| {
                    if flow.is_continue() {
                        flow = each(entry);
                    }
                });
            }
            flow
        })?;
        if ended.is_break() {
            return Ok((scan, Reach::Enough));
        }
    }
    Ok((scan, if paths.len() == all { Reach::All } else { Reach::Since }))
}

impl Scan {
    fn take(&mut self, part: Part, each: &mut impl FnMut(Entry)) {
        match part.entry {
            Some(entry) => {
                self.entries += 1;
                each(entry);
            }
            None => self.torn += 1,
        }
    }
}

/// Lines are parsed beside others, and handed on in their order.
pub(super) struct Parts<'a, F>(pub(super) &'a mut F);

impl<F: FnMut(Part) + Send> Reader for Parts<'_, F> {
    type Read<'b> = Vec<Part>;

    fn read(block: &[u8]) -> Vec<Part> {
        let mut parts = Vec::new();
        lines_of(block, |line| parts_of(line, &mut |part| parts.push(part)));
        parts
    }

    fn take(&mut self, parts: Vec<Part>) {
        parts.into_iter().for_each(|part| (self.0)(part));
    }
}
