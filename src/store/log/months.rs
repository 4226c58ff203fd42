//! Months of the log that could be removed: a month goes as the file it is, or stays.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::lines::blocks_from;
use super::read::Parts;
use super::segments::{name_of, open, segment_of, segments};
use super::{Log, Part};
use crate::fs;

/// Months that have ended. Nobody writes until this is dropped.
#[derive(Debug)]
pub struct Months {
    /// Those that hold the intent of an open attempt, what was written of it, or a damaged line that
    /// may be the only trace of something paid.
    pub needed: Vec<PathBuf>,
    /// The others.
    pub free: Vec<PathBuf>,
    _lock: Option<File>,
}

impl Log {
    /// The months that ended before a time; never this one or a later one.
    ///
    /// # Errors
    /// A segment cannot be read, or the log cannot be locked.
    pub fn ended_months(&self, before: Timestamp, now: Timestamp) -> io::Result<Months> {
        let directory = &self.directory;
        // What is open cannot change meanwhile.
        let lock = directory.exists().then(|| fs::lock_file(&directory.join("lock")));
        let lock = lock.transpose()?;
        let first = segment_of(before).min(segment_of(now));
        let mut all = segments(directory)?;
        // A clock that was ahead has named a segment that is still written.
        all.pop();
        all.retain(|path| name_of(path) < first && name_of(path).len() == first.len());
        let mut needed = self.open_months()?;
        let doubtful = self.survey()?.findings.into_iter().filter(|one| !one.is_accounted_for);
        needed.extend(doubtful.map(|found| found.path));
        let (needed, free) = all.into_iter().partition(|path| needed.contains(path));
        Ok(Months { needed, free, _lock: lock })
    }

    /// The segments that hold something of an open attempt.
    fn open_months(&self) -> io::Result<BTreeSet<PathBuf>> {
        let open = self.state()?.into_open();
        let attempts: BTreeSet<&str> = open.iter().map(|one| one.intent.attempt.as_str()).collect();
        let mut months = BTreeSet::new();
        if attempts.is_empty() {
            return Ok(months);
        }
        for path in segments(&self.directory)? {
            if is_about(&path, &attempts)? {
                months.insert(path);
            }
        }
        Ok(months)
    }
}

/// Whether a segment holds something of these attempts.
fn is_about(path: &Path, attempts: &BTreeSet<&str>) -> io::Result<bool> {
    let mut is_about = false;
    let mut each = |part: Part| {
        is_about |= part.entry.is_some_and(|entry| attempts.contains(entry.attempt.as_str()));
    };
    blocks_from(open(path)?, 0, &mut Parts(&mut each))?;
    Ok(is_about)
}
