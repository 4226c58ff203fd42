//! What earlier runs have made of these jobs: by the content of the job, from the log.
//!
//! A job is known by what it asks for and by the output directory, not by its place in the file.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use memchr::memmem;

use super::files::Files;
use super::key::{Key, REHEARSAL, numbered, wanted};
use super::prior::Prior;
use super::spool::PriorResults;
use crate::batch::Item;
use crate::catalog::is_drawn_here;
use crate::error::{Error, Exit, Kind, Result};
use crate::store::log::{Check, Cursor, Entry, EntryKind, Finding, OpenAttempts, Saved, check};
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
    /// The start of the SHA-256 of what was saved last in a file of these jobs, by the file's hash.
    newest: HashMap<u64, u64>,
    /// Jobs in whose files another image stands now.
    replaced: HashSet<Key>,
    /// Where the log's own words are kept for a gallery or a document.
    pub(super) results: Option<PriorResults>,
    /// A damaged line of which nobody knows what it was about.
    doubt: Option<Finding>,
}

/// What is known of a job.
#[derive(Debug)]
struct JobHistory {
    /// What was made of it, else how an attempt of it ended last.
    ended: Prior,
    /// What is open of it, each with whether it was begun behind the image that was made last.
    open: OpenAttempts<bool>,
    /// The hash of the file of its image, and the start of that file's SHA-256, where the log tells it.
    image: Option<(u64, u64)>,
}

impl JobHistory {
    fn new(ended: Prior) -> JobHistory {
        JobHistory { ended, open: OpenAttempts::default(), image: None }
    }

    /// An image that is there is not made again, whatever becomes of other attempts; nor is one that may
    /// still come of an attempt that is open.
    fn prior(&self) -> Prior {
        if self.ended.has_image() || self.open.is_empty() { self.ended } else { Prior::Open }
    }

    /// Takes in a line about its attempts; answers with whether it may change how the job ended.
    fn follow(&mut self, entry: &Entry) -> bool {
        let is_behind = self.open.observe(entry, || true).unwrap_or_default();
        if entry.e == EntryKind::Done {
            self.open.known_mut().for_each(|is_behind| *is_behind = false);
            return true;
        }
        // What is gone was made all the same: only what was begun to make it again says more.
        let is_made = self.ended == Prior::Gone && entry.e.closes() && !is_behind;
        !self.ended.has_image() && !is_made
    }
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

    /// Whether the log does not know what came of some of the jobs.
    pub(super) fn has_new(&self) -> bool {
        self.jobs.values().any(|known| known.prior() == Prior::New)
    }

    /// Whether a job of this key, as the log writes it, is open.
    pub(super) fn is_open(&self, written: &str) -> bool {
        Key::from_str_radix(written, 16).is_ok_and(|key| self.before(key) == Prior::Open)
    }

    /// Whether an attempt of a job is open, also behind an image that is there.
    pub(super) fn has_open(&self, key: Key) -> bool {
        let is_open = |known: &JobHistory| known.ended == Prior::Open || !known.open.is_empty();
        self.jobs.get(&key).is_some_and(is_open)
    }

    /// What the log says of a job.
    pub(super) fn before(&self, key: Key) -> Prior {
        self.jobs.get(&key).map_or(Prior::New, JobHistory::prior)
    }

    /// Whether an entry tells of an image of these jobs that is there.
    pub(super) fn has_image(&self, entry: &Entry) -> bool {
        let key = entry.key.as_deref().and_then(|text| Key::from_str_radix(text, 16).ok());
        entry.e == EntryKind::Done && key.is_some_and(|key| self.before(key).has_image())
    }

    /// Whether another image stands where a job's was.
    pub(super) fn is_replaced(&self, key: Key) -> bool {
        self.replaced.contains(&key)
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
        let finders = ["\"key\":", "\"images\":"].map(memmem::Finder::new);
        let may_matter = |line: &[u8]| {
            let is_whole = line.starts_with(b"{\"v\":") && line.trim_ascii_end().ends_with(b"}");
            let has_one = finders.iter().any(|finder| finder.find(line).is_some());
            has_one || !is_whole || check(line) == Check::Wrong
        };
        self.newest.clear();
        let mut is_damaged = false;
        let read = log.read_parts_where(may_matter, |part| {
            is_damaged |= part.damaged.is_some();
            if let Some(entry) = part.entry {
                self.observe(&entry);
            }
        });
        self.doubt = None;
        let read = read.and_then(|()| if is_damaged { self.observe_damaged(log) } else { Ok(()) });
        self.drop_replaced();
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
                    let unmade = known.filter(|known| known.ended == Prior::New);
                    unmade.into_iter().for_each(|known| known.ended = Prior::Open);
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
        let text = entry.key.as_deref().unwrap_or_default();
        let (text, is_rehearsal) = match text.strip_prefix(REHEARSAL) {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let key = Key::from_str_radix(text, 16).ok();
        if entry.e == EntryKind::Done {
            let is_ours = key.is_some_and(|key| self.jobs.contains_key(&key));
            for saved in entry.images.iter().filter(|_| !(is_ours && is_rehearsal)) {
                let (place, now) = (self.images.hash(&saved.path), start_of(&saved.sha256));
                if now != 0 && (is_ours || self.newest.contains_key(&place)) {
                    self.newest.insert(place, now);
                }
            }
        }
        let Some(key) = key else { return };
        let Some(known) = self.jobs.get_mut(&key) else { return };
        if entry.e == EntryKind::Done && !is_rehearsal {
            entry.images.iter().for_each(|image| self.images.add(&image.path));
        }
        if !is_rehearsal && !known.follow(entry) {
            return;
        }
        let ended = match entry.e {
            // A rehearsal says nothing of the image itself.
            EntryKind::Done
                if is_rehearsal && matches!(known.prior(), Prior::New | Prior::Rehearsed) =>
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
            // Where the disk refuses to say, it is taken to be there.
            EntryKind::Done if entry.images.iter().any(|saved| is_gone(&saved.path)) => {
                // Of two attempts that made it, the other one's image may be there.
                if known.ended.has_image() {
                    return;
                }
                Prior::Gone
            }
            EntryKind::Done if is_drawn_here(&entry.provider) => Prior::Sketched,
            EntryKind::Done => Prior::Done,
            EntryKind::Intent
            | EntryKind::Submitted
            | EntryKind::Priced
            | EntryKind::Kept
            | EntryKind::Open => known.ended,
            EntryKind::Failed => match entry.kind {
                Some(Kind::Content) => Prior::Failed(Exit::REFUSED),
                Some(kind) if kind.is_final() => Prior::Failed(Exit::FAILED),
                _ => Prior::New,
            },
            EntryKind::Tried | EntryKind::Settled => Prior::New,
            EntryKind::Compared | EntryKind::Drawn | EntryKind::Verdict => return,
            EntryKind::Dismissed | EntryKind::Unknown => return,
        };
        known.ended = ended;
        if ended.has_image()
            && let Some(saved) = entry.images.first()
        {
            known.image = Some((self.images.hash(&saved.path), start_of(&saved.sha256)));
        }
        if let Some(results) = &mut self.results {
            results.keep(key, entry);
        }
    }

    /// What another image was saved over is there no more, whichever command did it.
    fn drop_replaced(&mut self) {
        let History { jobs, newest, replaced, images, .. } = self;
        let now = |place: &u64| newest.get(place).copied().unwrap_or_default();
        let is_there = |known: &JobHistory| {
            // A line that does not tell what was saved is believed.
            let is_so = |(place, sha256)| [0, now(&place)].contains(&sha256);
            known.image.is_none_or(is_so)
        };
        replaced.clear();
        for (key, known) in jobs.iter_mut().filter(|(_, known)| known.ended.has_image()) {
            if !is_there(known) {
                known.ended = Prior::Gone;
                replaced.insert(*key);
            }
        }
        let place = |known: &JobHistory| known.image.map(|(place, _)| place);
        let kept = jobs.values().filter(|known| known.ended.has_image()).filter_map(place);
        let kept: HashSet<u64> = kept.collect();
        let gone = replaced.iter().filter_map(|key| place(jobs.get(key)?));
        gone.filter(|place| !kept.contains(place)).for_each(|place| images.forget(place));
    }
}

/// The start of a SHA-256 in hex; zero where there is none.
pub(super) fn start_of(sha256: &str) -> u64 {
    sha256.get(..16).and_then(|start| u64::from_str_radix(start, 16).ok()).unwrap_or_default()
}

fn is_gone(path: &Path) -> bool {
    path.try_exists().is_ok_and(|is_there| !is_there)
}

#[cfg(test)]
mod tests {
    use super::super::key::written;
    use super::*;
    use crate::batch::Pictures;
    use crate::request::Request;

    fn item(prompt: &str) -> Item {
        Item {
            index: 0,
            file: 0,
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
            as_written: None,
            pictures: Pictures::default(),
            sent: None,
            notices: Vec::new(),
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
            r#"{{"v":1,"t":"2026-11-28T10:00:00Z","e":"done","run":"a","job":"a.1","attempt":"a.1.1","key":"7433eafb0a06bf2f440bd72c367baa79","provider":"fal","model":"fal/flux-schnell","billed":"yes","code":"done","images":[{{"path":{}}}],"prompt":"a fox"}}"#,
            serde_json::json!(image)
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

    /// What is known of a job after each of some lines: the attempt, what happens to it, the state.
    fn follow(lines: &[(&str, EntryKind, Prior)]) -> History {
        let mut history = History::default();
        history.note(7);
        for (number, (attempt, e, expected)) in lines.iter().enumerate() {
            let attempt = (*attempt).to_owned();
            let (run, _) = attempt.split_once('.').unwrap();
            history.observe(&Entry {
                run: run.to_owned(),
                attempt,
                ..entry(*e, 7, Some(Kind::Busy))
            });
            assert_eq!(history.before(7), *expected, "line {number}: {:?}", lines[number]);
        }
        history
    }

    #[test]
    fn what_ends_in_another_run_undoes_nothing() {
        use EntryKind::{Done, Failed, Intent, Tried};
        follow(&[
            // One run's first attempt failed; while it waited, another one made the image.
            ("a.1.1", Intent, Prior::Open),
            ("a.1.1", Tried, Prior::New),
            ("b.1.1", Intent, Prior::Open),
            ("a.1.1", Failed, Prior::Open),
            ("b.1.1", Done, Prior::Done),
            ("a.1.1", Failed, Prior::Done),
        ]);
    }

    #[test]
    fn a_job_is_what_its_attempts_are() {
        use EntryKind::{Done, Failed, Intent, Kept, Open, Priced, Settled, Submitted, Tried};
        // Forgotten behind the attempt that made the image.
        follow(&[
            ("a.1.1", Intent, Prior::Open),
            ("a.1.1", Open, Prior::Open),
            ("a.1.2", Intent, Prior::Open),
            ("a.1.2", Done, Prior::Done),
            ("a.1.1", Settled, Prior::Done),
        ]);
        // A second attempt that fails leaves the first one open, whoever begins it.
        for second in ["a.1.2", "b.4.1"] {
            follow(&[
                ("a.1.1", Intent, Prior::Open),
                ("a.1.1", Open, Prior::Open),
                (second, Intent, Prior::Open),
                (second, Tried, Prior::Open),
                (second, Failed, Prior::Open),
                ("a.1.1", Settled, Prior::New),
            ]);
        }
        // The last two: its image comes after all, or it fails in the queue.
        for (end, expected) in [(Done, Prior::Done), (Failed, Prior::New)] {
            follow(&[
                ("a.1.1", Intent, Prior::Open),
                ("a.1.1", Open, Prior::Open),
                ("a.1.2", Intent, Prior::Open),
                ("a.1.2", Failed, Prior::Open),
                ("a.1.1", Submitted, Prior::Open),
                ("a.1.1", end, expected),
            ]);
        }
        // Where the intent cannot be read, what follows it stands for it.
        for line in [Submitted, Priced, Kept, Open] {
            follow(&[("a.1.1", line, Prior::Open), ("a.1.2", Failed, Prior::Open)]);
        }
    }

    #[test]
    fn what_is_gone_is_undone_only_by_what_was_begun_to_make_it_again() {
        use EntryKind::{Done, Failed, Intent, Settled};
        let mut history = History::default();
        history.note(7);
        let saved =
            Saved { path: Path::new("/nowhere/at/all.png").to_owned().into(), ..Saved::default() };
        let refused = Some(Kind::Content);
        for (attempt, e, expected) in [
            ("a.1.1", Intent, Prior::Open),
            ("a.1.2", Intent, Prior::Open),
            // The image of the first attempt may still come: there is no need to pay for another.
            ("a.1.2", Done, Prior::Open),
            ("a.1.1", Settled, Prior::Gone),
            ("b.1.1", Intent, Prior::Open),
            ("a.1.1", Failed, Prior::Open),
            ("b.1.1", Failed, Prior::Failed(Exit::REFUSED)),
        ] {
            let images = (e == Done).then(|| saved.clone()).into_iter().collect();
            history.observe(&Entry { attempt: attempt.into(), images, ..entry(e, 7, refused) });
            assert_eq!(history.before(7), expected, "{attempt} {e:?}");
        }
    }
}
