//! What of the log is damaged, file by file and line by line, and what of it nobody accounts for.
//!
//! A damaged line is accounted for where the attempt that it seems to be about is told by others. The
//! rest may be the only trace of something paid, until the user dismisses it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use memchr::{memchr_iter, memmem};

use super::damage::{Damaged, entry_of, parts_of};
use super::lines::{blocks_from, lines_from};
use super::segments::{open, segments};
use super::{Check, EntryKind, VERSION, check};

/// A damaged line that nobody has dismissed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The segment.
    pub path: PathBuf,
    /// Counted from one.
    pub line: u64,
    /// What can still be told of it.
    pub damaged: Damaged,
    /// Whether other lines tell its attempt, or it has cost nothing for certain.
    pub is_accounted_for: bool,
}

/// What is wrong with a log.
#[derive(Debug, Default)]
pub struct Survey {
    /// Damaged lines, in their order.
    pub findings: Vec<Finding>,
    /// Files that should be segments and cannot be read, with the reason.
    pub unread: Vec<(PathBuf, String)>,
    /// How many lines newer versions have written, by version.
    pub newer: BTreeMap<u32, u64>,
    /// How many entries there are.
    pub entries: u64,
    /// Whether there is no line at all.
    pub is_empty: bool,
    is_any_read: bool,
}

impl Survey {
    /// Looks through all of it. An unfinished last line is left out.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub(super) fn of(directory: &Path) -> io::Result<Survey> {
        let mut survey = Survey { is_empty: true, ..Survey::default() };
        let segments = segments(directory)?;
        for path in &segments {
            let mut number = 0;
            let mut block = |block: &[u8]| {
                let mut start = 0;
                for end in memchr_iter(b'\n', block) {
                    number += 1;
                    survey.look(path, number, &block[start..end]);
                    start = end + 1;
                }
            };
            match open(path).and_then(|segment| blocks_from(segment, 0, &mut block)) {
                Ok(_) => survey.is_any_read = true,
                Err(why) => survey.unread.push((path.clone(), why.to_string())),
            }
        }
        survey.unread.extend(directories(directory)?);
        survey.account(&segments);
        Ok(survey)
    }

    /// Why nothing could be read, although there is something.
    pub fn unreadable(&self) -> Option<&str> {
        let (_, why) = self.unread.first().filter(|_| !self.is_any_read)?;
        Some(why)
    }

    fn look(&mut self, path: &Path, line: u64, bytes: &[u8]) {
        if is_newer(bytes)
            && let Some(entry) = entry_of(bytes)
        {
            *self.newer.entry(entry.v).or_default() += 1;
        }
        self.is_empty &= bytes.is_empty();
        // Most lines are as they were written, and need not be parsed.
        if check(bytes) == Check::Right && memmem::find(bytes, b"\"dismissed\"").is_none() {
            self.entries += 1;
            return;
        }
        parts_of(bytes, &mut |part| {
            self.entries += u64::from(part.entry.is_some());
            if let Some(damaged) = part.damaged {
                let is_accounted_for = damaged.is_free;
                let path = path.to_owned();
                self.findings.push(Finding { path, line, damaged, is_accounted_for });
            }
            if let Some(entry) = part.entry.filter(|entry| entry.e == EntryKind::Dismissed) {
                self.findings.retain(|found| !entry.lines.contains(&found.damaged.id));
            }
        });
    }

    /// Finds out which attempts of damaged lines are told by others.
    fn account(&mut self, segments: &[PathBuf]) {
        let about = self.findings.iter().filter_map(|found| found.damaged.attempt.clone());
        let about: BTreeSet<String> = about.collect();
        if about.is_empty() {
            return;
        }
        let finders: Vec<_> = about.iter().map(|id| memmem::Finder::new(id.as_str())).collect();
        let mut named = BTreeSet::new();
        let mut hear = |line: &[u8]| {
            if !finders.iter().any(|finder| finder.find(line).is_some()) {
                return;
            }
            parts_of(line, &mut |part| {
                if let (Some(entry), None) = (part.entry, part.damaged) {
                    named.extend(about.contains(&entry.attempt).then_some(entry.attempt));
                }
            });
        };
        for path in segments {
            // What cannot be read is told already, and accounts for nothing.
            let _ = open(path).and_then(|segment| lines_from(segment, 0, &mut hear));
        }
        for found in &mut self.findings {
            found.is_accounted_for |=
                found.damaged.attempt.as_ref().is_some_and(|attempt| named.contains(attempt));
        }
    }
}

/// Whether a line says that a newer version has written it.
fn is_newer(line: &[u8]) -> bool {
    let digits = line.strip_prefix(br#"{"v":"#).unwrap_or_default();
    let digits = &digits[..digits.iter().take_while(|byte| byte.is_ascii_digit()).count()];
    let version = str::from_utf8(digits).ok().and_then(|text| text.parse::<u32>().ok());
    version.is_some_and(|version| version > VERSION)
}

/// Directories that have the name of a segment.
fn directories(log: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let listing = match std::fs::read_dir(log) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let paths = listing.filter_map(|entry| Some(entry.ok()?.path()));
    let is_odd = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "jsonl") && path.is_dir()
    };
    Ok(paths.filter(is_odd).map(|path| (path, "it is a directory".to_owned())).collect())
}
