//! What the log shows as open, and what can be said of it without asking anybody.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use memchr::memmem;
use serde::Serialize;

use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::store::log::{self, Fold, Pending, What};

/// The code of an attempt that its provider's history, read to its end, does not know.
pub(super) const NOT_THERE: &str = "not_in_history";

/// How the recovery of one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryOutcome {
    /// Its images are on the disk now.
    Saved,
    /// It has failed for good; nothing is open any more.
    Failed,
    /// The provider still works on it, or could not be asked.
    Pending,
    /// Nobody knows whether it was made; it may have been billed.
    Unknown,
}

/// What the journal shows as open, oldest run first; segments that cannot be read are left out.
///
/// # Errors
/// The journal cannot be read.
pub fn open_attempts(log: &Path) -> Result<Vec<Pending>> {
    Ok(open_and_damage(log)?.0)
}

/// The same; and whether a damaged line that nobody has dismissed may hide more.
///
/// # Errors
/// The journal cannot be read.
pub fn open_and_damage(log: &Path) -> Result<(Vec<Pending>, bool)> {
    let (fold, unread) = Fold::of_readable(log).map_err(|error| unreadable(log, &error))?;
    let is_damaged = fold.state().is_damaged() || !unread.is_empty();
    Ok((fold.into_open(), is_damaged))
}

/// The same without what has ended before: a copy of an old line may open it again.
///
/// # Errors
/// The journal cannot be read.
pub fn still_open(log: &Path) -> Result<Vec<Pending>> {
    let mut open = open_attempts(log)?;
    let ids: HashSet<&str> = open.iter().map(|one| one.intent.attempt.as_str()).collect();
    let ends = ["done", "failed", "settled"].map(|word| format!("\"e\":\"{word}\""));
    let finders: Vec<_> = ends.iter().map(|end| memmem::Finder::new(end.as_str())).collect();
    let may_be = |line: &[u8]| finders.iter().any(|finder| finder.find(line).is_some());
    let mut ended = HashSet::new();
    if !ids.is_empty() {
        // Where this cannot be read, nothing is left out.
        let _ = log::read_where(log, may_be, |entry| {
            if entry.e.closes() && entry.e != What::Tried && ids.contains(entry.attempt.as_str()) {
                ended.insert(entry.attempt);
            }
        });
    }
    open.retain(|pending| !ended.contains(&pending.intent.attempt));
    Ok(open)
}

/// The journal, folded.
///
/// # Errors
/// The journal cannot be read.
pub fn fold(log: &Path) -> Result<Fold> {
    Fold::load(log).map_err(|error| unreadable(log, &error))
}

fn unreadable(log: &Path, error: &std::io::Error) -> Error {
    let what = format!("the journal in `{}` cannot be read: {error}", log.display());
    Error::new(Kind::Local, what)
}

/// What can be said of an open attempt without asking anybody; `dialect` is what its provider speaks,
/// where that is known.
pub fn foreseen(pending: &Pending, dialect: Option<&dyn Dialect>) -> RecoveryOutcome {
    let order = pending.intent.order.clone().unwrap_or_default();
    let has_history = dialect.is_some_and(|dialect| dialect.lost(&order, "").is_some());
    let can_be_asked = has_history && pending.code != NOT_THERE;
    if pending.call.is_some() || !pending.existing_kept().is_empty() || can_be_asked {
        RecoveryOutcome::Pending
    } else {
        RecoveryOutcome::Unknown
    }
}

/// The files that the journal says are saved.
///
/// # Errors
/// The journal cannot be read.
pub fn saved_files(log: &Path) -> std::io::Result<HashSet<PathBuf>> {
    let mut files = HashSet::new();
    log::read(log, |entry| files.extend(entry.images.into_iter().map(|image| image.path)))?;
    Ok(files)
}
