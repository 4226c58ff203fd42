//! What earlier runs have made of these jobs: by the content of the job, from the log.
//!
//! A job is known by what it asks for and by the output directory, not by its place in the file.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use memchr::memmem;

use super::files::Files;
use super::key::{Key, REHEARSAL, numbered, wanted};
use super::prior::Prior;
use super::spool::PriorResults;
use crate::batch::Item;
use crate::catalog::is_drawn_here;
use crate::error::{Error, Exit, Kind, Result};
use crate::store::log::{Check, Cursor, Entry, EntryKind, Finding, Saved, check};
use crate::store::{Log, Replace, holds};

/// All jobs of a batch: under a hundred bytes for each.
#[derive(Default)]
pub(super) struct History {
    jobs: HashMap<Key, JobHistory>,
    /// How many equal jobs came before in this pass.
    equals: HashMap<Key, u32>,
    /// The drawings that stand for images.
    drawings: HashMap<Key, Saved>,
    /// The images of these jobs, by the log.
    pub(super) images: Files,
    /// Where the log's own words are kept for a gallery or a document.
    pub(super) results: Option<PriorResults>,
    /// A damaged line of which nobody knows what it was about.
    doubt: Option<Finding>,
}

/// What is known of a job.
#[derive(Debug, Clone, Copy)]
struct JobHistory {
    prior: Prior,
    /// Of the run that said so.
    run: u64,
}

impl JobHistory {
    fn new(prior: Prior) -> JobHistory {
        JobHistory { prior, run: 0 }
    }
}

/// A run in eight bytes.
fn digest(run: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    run.hash(&mut hasher);
    hasher.finish()
}

impl History {
    /// Begins another pass over the files.
    pub(super) fn again(&mut self) {
        self.equals.clear();
    }

    /// The key of an image; equal ones differ by their number, which is told, too.
    pub(super) fn key(
        &mut self,
        directory: &Path,
        item: &Item,
        model: &str,
        number: u32,
    ) -> (Key, u32) {
        let wanted = wanted(directory, item, model, number);
        let equals = self.equals.entry(wanted).or_default();
        let told = *equals;
        *equals += 1;
        (numbered(wanted, told), told)
    }

    /// Notes a job, of which the log is to be asked.
    pub(super) fn note(&mut self, key: Key) {
        self.jobs.insert(key, JobHistory::new(Prior::New));
    }

    /// Notes an image that this run found at the place of a job.
    pub(super) fn claim_existing(&mut self, key: Key, entry: &Entry) {
        self.jobs.insert(key, JobHistory::new(Prior::Adopted));
        if let Some(results) = &mut self.results {
            results.keep(key, entry);
        }
    }

    /// Whether a job of this key, as the log writes it, is open.
    pub(super) fn is_open(&self, written: &str) -> bool {
        Key::from_str_radix(written, 16).is_ok_and(|key| self.before(key) == Prior::Open)
    }

    /// What the log says of a job.
    pub(super) fn before(&self, key: Key) -> Prior {
        self.jobs.get(&key).map_or(Prior::New, |known| known.prior)
    }

    /// The drawing that stands for the image of a rehearsed job.
    pub(super) fn drawing(&self, key: Key) -> Option<Replace> {
        let drawing = self.drawings.get(&key)?;
        Some(Replace::Drawing { path: drawing.path.to_path_buf(), sha256: drawing.sha256.clone() })
    }

    /// Asks the log about every noted job; answers with its end as it was before.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(super) fn look_up(&mut self, log: &Log) -> Result<Cursor> {
        let end = log.end();
        let finder = memmem::Finder::new("\"key\":");
        let is_keyed = |line: &[u8]| {
            let is_whole = line.starts_with(b"{\"v\":") && line.trim_ascii_end().ends_with(b"}");
            finder.find(line).is_some() || !is_whole || check(line) == Check::Wrong
        };
        let mut is_damaged = false;
        let read = log.read_parts_where(is_keyed, |part| {
            is_damaged |= part.damaged.is_some();
            if let Some(entry) = part.entry {
                self.observe(&entry);
            }
        });
        self.doubt = None;
        let read = read.and_then(|()| if is_damaged { self.observe_damaged(log) } else { Ok(()) });
        read.and(end).map_err(|error| {
            let what =
                format!("the log in `{}` cannot be read: {error}", log.directory().display());
            Error::new(Kind::Usage, what)
        })
    }

    /// A damaged line that nothing else accounts for may be the intent of an image of this batch.
    fn observe_damaged(&mut self, log: &Log) -> std::io::Result<()> {
        for found in log.survey()?.findings.into_iter().filter(|found| !found.is_accounted_for) {
            let key = found.damaged.key.as_deref();
            match key.and_then(|text| Key::from_str_radix(text, 16).ok()) {
                Some(key) => {
                    let known = self.jobs.get_mut(&key);
                    let unmade = known.filter(|known| known.prior == Prior::New);
                    unmade.into_iter().for_each(|known| known.prior = Prior::Open);
                }
                None => self.doubt = Some(found),
            }
        }
        Ok(())
    }

    /// Why nothing may be paid for: nobody knows whether it was paid for already.
    pub(super) fn doubt(&self) -> Option<Error> {
        let found = self.doubt.as_ref()?;
        let what = format!(
            "line {} of `{}` is damaged, and may say that an image of this batch was paid for",
            found.line,
            found.path.display()
        );
        Some(Error::usage(what).code("log_damaged").hint(
            "`pinx recover` tells what is known of it; `pinx recover --forget damaged` closes it",
        ))
    }

    fn observe(&mut self, entry: &Entry) {
        let Some(text) = &entry.key else { return };
        let (text, is_rehearsal) = match text.strip_prefix(REHEARSAL) {
            Some(rest) => (rest, true),
            None => (text.as_str(), false),
        };
        let Ok(key) = Key::from_str_radix(text, 16) else { return };
        let Some(known) = self.jobs.get_mut(&key) else { return };
        if entry.e == EntryKind::Done && !is_rehearsal {
            entry.images.iter().for_each(|image| self.images.add(&image.path));
        }
        let run = digest(&entry.run);
        // What ends in one run says nothing of what another one has made or begun since.
        let is_settled = entry.e.closes() && entry.e != EntryKind::Done;
        if is_settled && known.run != run && (known.prior == Prior::Open || known.prior.is_made()) {
            return;
        }
        let prior = match entry.e {
            // A rehearsal says nothing of the image itself.
            EntryKind::Done
                if is_rehearsal && matches!(known.prior, Prior::New | Prior::Rehearsed) =>
            {
                let drawing = entry.images.first().filter(|d| holds(&d.path, &d.sha256));
                match drawing {
                    Some(drawing) => {
                        self.drawings.insert(key, drawing.clone());
                        Prior::Rehearsed
                    }
                    None => Prior::New,
                }
            }
            _ if is_rehearsal => return,
            EntryKind::Done if !entry.images.iter().all(|saved| saved.path.exists()) => Prior::Gone,
            EntryKind::Done if is_drawn_here(&entry.provider) => Prior::Sketched,
            EntryKind::Done => Prior::Done,
            EntryKind::Intent
            | EntryKind::Submitted
            | EntryKind::Priced
            | EntryKind::Kept
            | EntryKind::Open => Prior::Open,
            EntryKind::Failed => match entry.kind {
                Some(Kind::Content) => Prior::Failed(Exit::REFUSED),
                Some(kind) if kind.is_final() => Prior::Failed(Exit::FAILED),
                _ => Prior::New,
            },
            EntryKind::Tried | EntryKind::Settled => Prior::New,
            EntryKind::Compared | EntryKind::Drawn | EntryKind::Verdict => return,
            EntryKind::Dismissed | EntryKind::Unknown => return,
        };
        *known = JobHistory { prior, run };
        if let Some(results) = &mut self.results {
            results.keep(key, entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::written;
    use super::*;
    use crate::request::Request;

    fn item(prompt: &str) -> Item {
        Item {
            index: 0,
            line: 1,
            id: None,
            request: Request { prompt: prompt.to_owned(), ..Request::default() },
            models: None,
            fallback: None,
            count: 1,
            output: None,
            max_cost: None,
            tags: Vec::new(),
            title: None,
        }
    }

    fn entry(e: EntryKind, key: Key, kind: Option<Kind>) -> Entry {
        let key = Some(written(key, false));
        Entry { key, kind, ..Entry::new(e, "r", "r.1", "r.1.1") }
    }

    #[test]
    fn a_job_is_known_by_what_it_asks_for() {
        let mut history = History::default();
        let place = Path::new("/out");
        let first = history.key(place, &item("a fox"), "auto", 0).0;
        let equal = history.key(place, &item("a fox"), "auto", 0).0;
        assert_ne!(first, equal, "equal jobs are two");
        history.again();
        assert_eq!(history.key(place, &item("a fox"), "auto", 0).0, first);
        let tagged = Item { tags: vec!["x".into()], line: 9, ..item("a fox") };
        assert_eq!(history.key(place, &tagged, "auto", 0).0, equal, "tags and places do not count");
        for other in [
            history.key(Path::new("/other"), &item("a fox"), "auto", 0).0,
            history.key(place, &item("a fox"), "fal/flux-dev", 0).0,
            history.key(place, &item("a fox"), "auto", 1).0,
            history
                .key(place, &Item { output: Some("x.png".into()), ..item("a fox") }, "auto", 0)
                .0,
            history.key(place, &item("an owl"), "auto", 0).0,
        ] {
            assert_ne!(other, first);
        }
    }

    #[test]
    fn logs_of_earlier_versions_are_resumed() {
        let home = tempfile::tempdir().unwrap();
        let image = home.path().join("001-a-fox.png");
        crate::fs::create_new(&image).unwrap();
        let mut history = History::default();
        let key = history.key(Path::new("/out"), &item("a fox"), "auto", 0).0;
        assert_eq!(written(key, false), "7433eafb0a06bf2f440bd72c367baa79");
        history.note(key);
        // As 0.1.0 wrote it before images were adopted.
        let line = format!(
            r#"{{"v":1,"t":"2026-11-28T10:00:00Z","e":"done","run":"a","job":"a.1","attempt":"a.1.1","key":"7433eafb0a06bf2f440bd72c367baa79","provider":"fal","model":"fal/flux-schnell","billed":"yes","code":"done","images":[{{"path":"{}"}}],"prompt":"a fox"}}"#,
            image.display()
        );
        history.observe(&serde_json::from_str(&line).unwrap());
        assert_eq!(history.before(key), Prior::Done);
        assert!(history.images.has(&image));
    }

    #[test]
    fn the_newest_word_of_the_log_counts() {
        let mut history = History::default();
        history.note(7);
        let refused = entry(EntryKind::Failed, 7, Some(Kind::Content));
        let busy = entry(EntryKind::Failed, 7, Some(Kind::Busy));
        for (entry, expected) in [
            (entry(EntryKind::Intent, 7, None), Prior::Open),
            (busy, Prior::New),
            (refused, Prior::Failed(Exit::REFUSED)),
            (entry(EntryKind::Done, 7, None), Prior::Done),
            (entry(EntryKind::Done, 8, None), Prior::Done),
        ] {
            history.observe(&entry);
            assert_eq!(history.before(7), expected, "{:?}", entry.e);
        }
        assert_eq!(history.before(8), Prior::New, "another batch's");
    }

    #[test]
    fn what_ends_in_another_run_undoes_nothing() {
        let mut history = History::default();
        history.note(7);
        let of = |run: &str, e| Entry { run: run.to_owned(), ..entry(e, 7, Some(Kind::Busy)) };
        for (entry, expected) in [
            // One run's first attempt failed; while it waited, another one made the image.
            (of("a", EntryKind::Intent), Prior::Open),
            (of("a", EntryKind::Tried), Prior::New),
            (of("b", EntryKind::Intent), Prior::Open),
            (of("a", EntryKind::Failed), Prior::Open),
            (of("b", EntryKind::Done), Prior::Done),
            (of("a", EntryKind::Failed), Prior::Done),
            (of("b", EntryKind::Failed), Prior::New),
        ] {
            history.observe(&entry);
            assert_eq!(history.before(7), expected, "{} {:?}", entry.run, entry.e);
        }
    }
}
