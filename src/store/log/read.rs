//! Reading the log: every entry of every segment, whatever else stands between them.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use jiff::Timestamp;
use memchr::memmem;

use super::damage::{Part, parts_of};
use super::lines::{Reader, blocks_from, lines_backward, lines_from, lines_of};
use super::segments::{name_of, open, segment_of, segments};
use super::{Cursors, Entry, Log};

/// So many texts are looked for in lines before they are parsed.
const FEW: usize = 8;

/// What was read besides the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scan {
    /// Entries read.
    pub entries: u64,
    /// Lines that are no entry: torn by a crash, or written by something else.
    pub torn: u64,
}

/// How far a reader came that began at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanEnd {
    /// It read everything.
    All,
    /// It read all segments that hold anything so new.
    Since,
    /// It had seen enough.
    Enough,
}

impl Log {
    /// Reads every entry of every segment, oldest first. An unfinished last line is left unread.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn read(&self, each: impl FnMut(Entry) + Send) -> io::Result<Scan> {
        self.read_since(Timestamp::MIN, each)
    }

    /// The same without the segments that ended before a time. Entries of the first month that are
    /// older than it are still read.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn read_since(
        &self,
        since: Timestamp,
        mut each: impl FnMut(Entry) + Send,
    ) -> io::Result<Scan> {
        let mut scan = Scan::default();
        parts_since(&self.directory, since, |part| scan.take(part, &mut each))?;
        Ok(scan)
    }

    /// Reads the entries on those lines alone that hold one of some texts: the others are not even
    /// parsed, unless there are so many texts that looking for them takes longer.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn read_holding(
        &self,
        texts: &[&str],
        mut each: impl FnMut(Entry) + Send,
    ) -> io::Result<Scan> {
        if texts.len() > FEW {
            return self.read(each);
        }
        let mut scan = Scan::default();
        let finders: Vec<_> = texts.iter().map(memmem::Finder::new).collect();
        let may_be = |line: &[u8]| finders.iter().any(|finder| finder.find(line).is_some());
        self.read_parts_where(may_be, |part| scan.take(part, &mut each))?;
        Ok(scan)
    }

    /// Reads those lines alone that may be wanted, with what is damaged on them.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(crate) fn read_parts_where(
        &self,
        mut may_be: impl FnMut(&[u8]) -> bool + Send,
        mut each: impl FnMut(Part) + Send,
    ) -> io::Result<()> {
        for path in segments(&self.directory)? {
            lines_from(open(&path)?, 0, &mut |line| {
                if may_be(line) {
                    parts_of(line, &mut each);
                }
            })?;
        }
        Ok(())
    }

    /// Reads the newest entry first, until `each` has seen enough; segments that ended before a time
    /// are left out, and so are those that cannot be read.
    ///
    /// # Errors
    /// The directory cannot be listed, or none of its segments can be read.
    pub fn read_backward(
        &self,
        since: Timestamp,
        mut each: impl FnMut(Entry) -> ControlFlow<()>,
    ) -> io::Result<(Scan, ScanEnd)> {
        let mut scan = Scan::default();
        let mut unread = None;
        let first = segment_of(since);
        let all = segments(&self.directory)?;
        let wanted: Vec<_> = all.iter().filter(|path| name_of(path) >= first).collect();
        let mut left = all.len();
        for path in wanted.iter().rev() {
            let segment = match open(path) {
                Ok(segment) => segment,
                Err(error) => {
                    left -= 1;
                    unread = Some(error);
                    continue;
                }
            };
            let ended = lines_backward(segment, &mut |line| {
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
                return Ok((scan, ScanEnd::Enough));
            }
        }
        match unread {
            Some(error) if left == 0 => Err(error),
            _ if wanted.len() == all.len() => Ok((scan, ScanEnd::All)),
            _ => Ok((scan, ScanEnd::Since)),
        }
    }

    /// Has what was appended since a fold stopped read in blocks, as [`Cursors::catch_up`] does it.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(crate) fn catch_up(
        &self,
        cursors: &mut Cursors,
        reader: &mut impl Reader,
    ) -> io::Result<Option<u64>> {
        cursors.catch_up(&self.directory, reader, None)
    }
}

/// Reads every line, with what is damaged, but for segments that ended before a time.
///
/// # Errors
/// A segment cannot be read.
pub(super) fn parts_since(
    directory: &Path,
    since: Timestamp,
    mut each: impl FnMut(Part) + Send,
) -> io::Result<()> {
    let first = segment_of(since);
    for path in segments(directory)? {
        if name_of(&path) >= first {
            blocks_from(open(&path)?, 0, &mut Parts(&mut each))?;
        }
    }
    Ok(())
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
