//! What other processes make of the same batch, or for the same request, meanwhile: no image of it is paid
//! for by two of them.
//!
//! A batch, or a server that is asked with a key, looks into the log once, before it begins. What others append after that is read under
//! the lock before an intent of its own is written, so that of two batches which want the same image
//! the second sees the first.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::damage::parts_of;
use super::lines::lines_from;
use super::segments::{name_of, open, segments};
use super::{Entry, OpenAttempts, Part};
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::store::EntryKind;

/// The code of what another run has begun meanwhile.
pub const AT_WORK: &str = "at_work";

/// How far the log has been read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    segment: String,
    offset: u64,
}

impl Cursor {
    /// The end of the log as it is now.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(super) fn now(directory: &Path) -> io::Result<Cursor> {
        let Some(path) = segments(directory)?.pop() else { return Ok(Cursor::default()) };
        // Not in the middle of somebody's line.
        let _lock = fs::lock_file(&directory.join("lock"));
        Ok(Cursor { segment: name_of(&path), offset: std::fs::metadata(&path)?.len() })
    }
}

/// Who makes what, since a cursor.
#[derive(Debug)]
pub(super) struct RunGuard {
    cursor: Cursor,
    makers: Makers,
}

/// By the keys of jobs and of requests.
#[derive(Debug, Default)]
struct Makers {
    /// The run that has made it, or none where a damaged line may say so.
    made: HashMap<String, String>,
    /// The runs of its open attempts; not there where it has none.
    open: HashMap<String, OpenAttempts<String>>,
}

impl Makers {
    fn observe(&mut self, part: Part) {
        let Some(entry) = part.entry else {
            // It may be an intent.
            if let Some(key) = part.damaged.and_then(|damaged| damaged.key) {
                self.made.entry(key).or_default();
            }
            return;
        };
        for key in keys(&entry) {
            let is_known = self.open.contains_key(key);
            if entry.e.opens() || is_known {
                let open = self.open.entry(key.clone()).or_default();
                open.observe(&entry, || entry.run.clone());
                if open.is_empty() {
                    self.open.remove(key);
                }
            }
            if entry.e == EntryKind::Done {
                self.made.insert(key.clone(), entry.run.clone());
            }
        }
    }

    /// The runs that make, or have made, the job of a key.
    fn of(&self, key: &str) -> impl Iterator<Item = &String> {
        let open = self.open.get(key).into_iter().flat_map(OpenAttempts::known);
        self.made.get(key).into_iter().chain(open)
    }
}

/// What an entry is known by among runs: its job in a batch, and the request that it answers.
pub(super) fn keys(entry: &Entry) -> impl Iterator<Item = &String> {
    [&entry.key, &entry.once].into_iter().flatten()
}

impl RunGuard {
    pub(super) fn since(cursor: Cursor) -> RunGuard {
        RunGuard { cursor, makers: Makers::default() }
    }

    /// Reads on. The caller holds the lock.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(super) fn catch_up(&mut self, directory: &Path) -> io::Result<()> {
        for path in segments(directory)? {
            let name = name_of(&path);
            if name < self.cursor.segment {
                continue;
            }
            let offset = if name == self.cursor.segment { self.cursor.offset } else { 0 };
            let makers = &mut self.makers;
            let offset = lines_from(open(&path)?, offset, &mut |line| {
                parts_of(line, &mut |part| makers.observe(part));
            })?;
            self.cursor = Cursor { segment: name, offset };
        }
        Ok(())
    }

    /// Whether this may be begun; `begun` are the runs of keys that are begun at this moment.
    ///
    /// # Errors
    /// Another run makes it, or has made it.
    pub(super) fn admit(&self, intent: &Entry, begun: &HashMap<String, String>) -> Result<()> {
        let all = keys(intent);
        let mut makers = all.flat_map(|key| begun.get(key).into_iter().chain(self.makers.of(key)));
        match makers.find(|run| **run != intent.run) {
            None => Ok(()),
            Some(run) => Err(Error::new(
                Kind::Detached,
                match run.as_str() {
                    "" => "a damaged line of the log is about this image; it is not paid for twice"
                        .to_owned(),
                    run => format!(
                        "run {run} has begun this image meanwhile; it is not paid for twice"
                    ),
                },
            )
            .code(AT_WORK)
            .hint("run the command again when that run has ended")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Log;

    fn entry(e: EntryKind, run: &str, key: &str) -> Entry {
        let (job, attempt) = (format!("{run}.1"), format!("{run}.1.1"));
        Entry { key: Some(key.to_owned()), ..Entry::new(e, run, &job, &attempt) }
    }

    #[test]
    fn what_another_run_has_begun_since_is_not_begun_again() {
        let home = tempfile::tempdir().unwrap();
        let log = |entry: Entry| {
            Log::at(home.path()).record(&[entry]).unwrap();
        };
        log(entry(EntryKind::Intent, "a", "old"));
        let mut watch = RunGuard::since(Cursor::now(home.path()).unwrap());
        let mut may_begin = |key: &str| {
            watch.catch_up(home.path()).unwrap();
            watch.admit(&entry(EntryKind::Intent, "b", key), &HashMap::new()).is_ok()
        };
        assert!(may_begin("old"), "that was known at the cursor");
        log(entry(EntryKind::Intent, "a", "k"));
        assert!(!may_begin("k") && may_begin("other"));
        log(entry(EntryKind::Failed, "a", "k"));
        assert!(may_begin("k"), "it is free again");
        log(entry(EntryKind::Intent, "b", "k"));
        assert!(may_begin("k"), "our own second attempt");
        log(entry(EntryKind::Done, "a", "k"));
        assert!(!may_begin("k"));
        log(entry(EntryKind::Failed, "c", "k"));
        log(entry(EntryKind::Settled, "a", "k"));
        assert!(!may_begin("k"), "what is made stays so, whatever ends behind it");
    }

    #[test]
    fn what_another_run_has_begun_for_the_same_request_is_not_begun() {
        let home = tempfile::tempdir().unwrap();
        let mut watch = RunGuard::since(Cursor::now(home.path()).unwrap());
        let of = |e, run: &str, once: &str| {
            let once = Some(once.to_owned());
            Entry { key: None, once, ..entry(e, run, "") }
        };
        let mut may_begin = |run: &str, once: &str| {
            watch.catch_up(home.path()).unwrap();
            watch.admit(&of(EntryKind::Intent, run, once), &HashMap::new()).is_ok()
        };
        Log::at(home.path()).record(&[of(EntryKind::Intent, "a", "k")]).unwrap();
        assert!(!may_begin("b", "k") && may_begin("b", "other") && may_begin("a", "k"));
        Log::at(home.path()).record(&[of(EntryKind::Done, "a", "k")]).unwrap();
        assert!(!may_begin("b", "k"));
        let begun = HashMap::from([("new".to_owned(), "a".to_owned())]);
        assert!(watch.admit(&of(EntryKind::Intent, "b", "new"), &begun).is_err(), "at this moment");
    }

    #[test]
    fn what_another_run_has_left_open_since_is_not_begun() {
        let home = tempfile::tempdir().unwrap();
        let mut watch = RunGuard::since(Cursor::now(home.path()).unwrap());
        let mut may_begin = |e, attempt: &str| {
            let line = Entry { attempt: attempt.into(), ..entry(e, "a", "k") };
            Log::at(home.path()).record(&[line]).unwrap();
            watch.catch_up(home.path()).unwrap();
            watch.admit(&entry(EntryKind::Intent, "b", "k"), &HashMap::new()).is_ok()
        };
        for (e, attempt, expected) in [
            (EntryKind::Intent, "a.1.1", false),
            (EntryKind::Open, "a.1.1", false),
            (EntryKind::Intent, "a.1.2", false),
            (EntryKind::Tried, "a.1.2", false),
            (EntryKind::Failed, "a.1.2", false),
            (EntryKind::Settled, "a.1.1", true),
            // What was begun before goes on.
            (EntryKind::Submitted, "a.2.1", false),
            (EntryKind::Failed, "a.2.1", true),
        ] {
            assert_eq!(may_begin(e, attempt), expected, "{e:?} {attempt}");
        }
    }
}
