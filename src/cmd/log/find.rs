//! Which entries of the log an id, the start of one, or a file's name means.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::verdicts::Verdicts;
use super::{App, scan, scan_holding, unreadable};
use crate::error::{Error, Result};
use crate::request::Input;
use crate::store::log::Saved;
use crate::store::{Entry, EntryKind, InputStore, holds};
use crate::text;

/// Characters behind the date that name a run.
const BEHIND_DATE: usize = 2;

/// Characters of a run that the log shows without its date.
pub(super) const SHOWN: usize = 5;

/// The word for what was made last. A file of this name is meant by `./last`.
pub(crate) const LAST: &str = "last";

/// The entries of the run that was begun or changed last.
///
/// # Errors
/// There is none, or the journal cannot be read.
pub(super) fn newest_run(app: &App) -> Result<Vec<Entry>> {
    let is_any = |entry: &Entry| entry.e != EntryKind::Unknown && !entry.job.is_empty();
    let run = newest_where(app, is_any)?.ok_or_else(nothing_yet)?.run;
    of_run(app, &run)
}

/// The entries of those jobs of the newest run with images that have one.
///
/// # Errors
/// No run has made any, or the journal cannot be read.
pub(in crate::cmd) fn newest_pictures(app: &App) -> Result<Vec<Entry>> {
    let has_image = |entry: &Entry| entry.e.closes() && !entry.images.is_empty();
    let run = newest_where(app, has_image)?.ok_or_else(nothing_yet)?.run;
    let entries = of_run(app, &run)?;
    let with: BTreeSet<String> =
        entries.iter().filter(|entry| has_image(entry)).map(|entry| entry.job.clone()).collect();
    let mut entries: Vec<Entry> =
        entries.into_iter().filter(|entry| with.contains(&entry.job)).collect();
    // Jobs end in any order; the entries of each stay in theirs.
    entries.sort_by_key(job_number);
    Ok(entries)
}

fn newest_where(app: &App, is_wanted: impl Fn(&Entry) -> bool + Send) -> Result<Option<Entry>> {
    let mut found = None;
    let read = app.log.read_backward(Timestamp::MIN, |entry| {
        if !is_wanted(&entry) {
            return ControlFlow::Continue(());
        }
        found = Some(entry);
        ControlFlow::Break(())
    });
    read.map_err(|error| unreadable(app, &error))?;
    Ok(found)
}

/// The entries of a run's jobs.
fn of_run(app: &App, run: &str) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    scan_holding(app, &[run], |entry| {
        let is_of_job = entry.e != EntryKind::Unknown && !entry.job.is_empty();
        if entry.run == run && is_of_job {
            entries.push(entry);
        }
    })?;
    Ok(entries)
}

/// The number of an entry's job in its run.
pub(in crate::cmd) fn job_number(entry: &Entry) -> u64 {
    let number = entry.job.rsplit_once('.').and_then(|(_, number)| number.parse().ok());
    number.unwrap_or(0)
}

/// The newest page that was drawn of a run and is still there.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn page(app: &App, run: &str) -> Result<Option<PathBuf>> {
    let mut page = None;
    scan_holding(app, &["\"drawn\""], |entry| {
        if entry.run == run {
            let is_page = |path: &PathBuf| path.extension().is_some_and(|ending| ending != "png");
            page = entry.drawn.into_iter().map(|drawn| drawn.path).find(is_page).or(page.take());
        }
    })?;
    Ok(page.filter(|page| page.is_file()))
}

/// Whether a page is what some run has drawn.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn is_drawn(app: &App, page: &Path) -> Result<bool> {
    let mut is_drawn = false;
    if page.is_file() && !page.is_symlink() {
        scan_holding(app, &["\"drawn\""], |entry| {
            is_drawn |= entry.drawn.iter().any(|drawn| holds(page, &drawn.sha256));
        })?;
    }
    Ok(is_drawn)
}

fn nothing_yet() -> Error {
    Error::usage("nothing has been made yet")
        .code("unknown_id")
        .hint("`pinx \"a lighthouse at dusk\"` makes the first picture")
}

/// The entries of the job that was begun or changed last.
///
/// # Errors
/// There is none, or the journal cannot be read.
pub(crate) fn newest(app: &App) -> Result<Vec<Entry>> {
    let is_any = |entry: &Entry| entry.e != EntryKind::Unknown && !entry.job.is_empty();
    let last = newest_where(app, is_any)?.ok_or_else(nothing_yet)?.job;
    app.log.of_job(&last).map_err(|error| unreadable(app, &error))
}

/// The entries that an id or a file names.
///
/// # Errors
/// Nothing, or more than one run, has that id.
pub(crate) fn by_id(app: &App, id: &str) -> Result<Vec<Entry>> {
    let wanted = Id::of(id);
    let mut runs = BTreeSet::new();
    let mut entries = Vec::new();
    scan_holding(app, &[wanted.run], |entry| {
        if entry.e == EntryKind::Unknown || entry.job.is_empty() || !wanted.names(&entry) {
            return;
        }
        runs.insert(entry.run.clone());
        // With a second run it is ambiguous; a few names are all that is needed then.
        if runs.len() == 1 {
            entries.push(entry);
        } else if runs.len() > 5 {
            runs.pop_last();
        }
    })?;
    match runs.len() {
        1 => Ok(entries),
        0 => of_file(app, id),
        _ => {
            let names: Vec<String> = runs.iter().map(|run| format!("`{run}`")).collect();
            Err(Error::usage(format!("`{id}` could be {}", names.join(", ")))
                .hint("write more of it"))
        }
    }
}

/// The newest image that is still there whose hash begins so.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn by_hash(app: &App, start: &str) -> Result<Option<PathBuf>> {
    let start = start.to_ascii_lowercase();
    if start.len() < 12 || !start.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let mut found = None;
    scan_holding(app, &[&start], |entry| {
        let of_it = entry.images.iter().find(|image| image.sha256.starts_with(&start));
        found = of_it
            .map(|image| image.path.to_path_buf())
            .filter(|path| path.is_file())
            .or(found.take());
    })?;
    Ok(found)
}

/// The entry of the newest job that made an image of this hash.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn maker(app: &App, sha256: &str) -> Result<Option<Entry>> {
    let mut found = None;
    scan_holding(app, &[sha256], |entry| {
        let is_of_it = entry.images.iter().any(|image| image.sha256 == sha256);
        if is_of_it && entry.e.closes() && !entry.job.is_empty() {
            found = Some(entry);
        }
    })?;
    Ok(found)
}

/// Whether a run compares.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn compares(app: &App, run: &str) -> Result<bool> {
    let mut compares = false;
    scan_holding(app, &[run], |entry| {
        compares |= entry.e == EntryKind::Compared && entry.run == run;
    })?;
    Ok(compares)
}

/// Where each of these pictures lies now, as far as the log or the store of inputs knows; none where it
/// is gone, or another picture by now.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn located(app: &App, wanted: &[Input]) -> Result<Vec<Option<PathBuf>>> {
    let store = InputStore::new(&app.settings.places.inputs, true);
    // A recipe comes from a file, and may name anything.
    let known: Vec<Input> = wanted.iter().filter(|input| input.has_hash()).cloned().collect();
    let places = if known.is_empty() { Vec::new() } else { pictures(app, &known)? };
    let place = |input: &Input| {
        let kept = input.has_hash().then(|| store.path_of(&input.sha256));
        let logged = places.iter().filter(|(hash, _)| *hash == input.sha256);
        // What was seen last is the likeliest.
        let mut all = logged.rev().map(|(_, path)| path.clone()).chain(kept);
        all.find(|path| holds(path, &input.sha256))
    };
    Ok(wanted.iter().map(place).collect())
}

/// Where pictures of these hashes were found or made, each with its hash.
fn pictures(app: &App, wanted: &[Input]) -> Result<Vec<(String, PathBuf)>> {
    let hashes: Vec<&str> = wanted.iter().map(|input| input.sha256.as_str()).collect();
    let mut found = Vec::new();
    scan_holding(app, &hashes, |entry| {
        let mut add = |hash: &str, path: &Path| {
            let is_known = |(known, place): &(String, PathBuf)| known == hash && place == path;
            if hashes.contains(&hash) && !found.iter().any(is_known) {
                found.push((hash.to_owned(), path.to_path_buf()));
            }
        };
        entry.images.iter().for_each(|image| add(&image.sha256, &image.path));
        for input in entry.order.iter().flat_map(|order| &order.inputs) {
            let hash = input.source.as_ref().unwrap_or(&input.sha256);
            input.path.iter().for_each(|path| add(hash, path));
        }
    })?;
    Ok(found)
}

/// By their places, the pictures that jobs of batches were made from last.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn inputs_of_batches(app: &App) -> Result<HashMap<PathBuf, Input>> {
    let mut found = HashMap::new();
    scan_holding(app, &["\"inputs\":"], |entry| {
        let (Some(order), Some(recipe), true) = (entry.order, entry.recipe, entry.key.is_some())
        else {
            return;
        };
        for sent in order.inputs {
            let hash = sent.source.unwrap_or(sent.sha256);
            let input = recipe.request.inputs.iter().find(|input| input.sha256 == hash);
            found.extend(sent.path.zip(input.cloned()));
        }
    })?;
    Ok(found)
}

/// The entries of the newest job that made this file.
fn of_file(app: &App, file: &str) -> Result<Vec<Entry>> {
    let path = std::path::absolute(file).unwrap_or_default();
    let is_it =
        |saved: &Saved| *saved.path == path || saved.path.file_name() == Some(file.as_ref());
    let mut job = String::new();
    scan(app, |entry| {
        if entry.images.iter().any(is_it) {
            job = entry.job;
        }
    })?;
    if job.is_empty() {
        let what =
            format!("nothing in the log has the id or the file `{}`", text::clean(file, 200));
        return Err(Error::usage(what).code("unknown_id").hint("`pinx log` lists what there is"));
    }
    app.log.of_job(&job).map_err(|error| unreadable(app, &error))
}

/// The newest verdicts on the prompts of these entries, in the order of runs and prompts.
///
/// # Errors
/// The journal cannot be read.
pub(crate) fn verdicts(app: &App, entries: &[Entry]) -> Result<Verdicts> {
    let asked: BTreeSet<(&str, &str)> =
        entries.iter().map(|entry| (entry.run.as_str(), entry.prompt.as_str())).collect();
    let jobs: BTreeSet<&str> = entries.iter().map(|entry| entry.job.as_str()).collect();
    let mut verdicts = Verdicts::default();
    scan_holding(app, &["\"verdict\""], |entry| {
        let mut judged = entry.verdict.iter().flat_map(|verdict| &verdict.jobs);
        let is_asked = asked.contains(&(entry.run.as_str(), entry.prompt.as_str()));
        if is_asked || judged.any(|job| jobs.contains(job.as_str())) {
            verdicts.add(entry);
        }
    })?;
    Ok(verdicts)
}

/// Entries by their jobs, in the order in which these appear.
pub(super) fn by_job(entries: &[Entry]) -> Vec<Vec<&Entry>> {
    let mut jobs: Vec<Vec<&Entry>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for entry in entries {
        let place = *places.entry(&entry.job).or_insert_with(|| {
            jobs.push(Vec::new());
            jobs.len() - 1
        });
        jobs[place].push(entry);
    }
    jobs
}

/// An id as typed: the start of a run's (with its date or without), a job's and an attempt's number.
pub(in crate::cmd) struct Id<'t> {
    run: &'t str,
    job: Option<&'t str>,
    attempt: Option<&'t str>,
}

impl Id<'_> {
    /// Whether a word has the form of an id or the start of one, which no name with an extension of
    /// letters has.
    pub(in crate::cmd) fn is_one(word: &str) -> bool {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let mut parts = word.split('.');
        let run = parts.next().unwrap_or_default();
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        run.len() >= 3 && run.chars().all(is_plain) && parts.all(is_number)
    }

    pub(in crate::cmd) fn of(text: &str) -> Id<'_> {
        let mut parts = text.splitn(3, '.');
        Id { run: parts.next().unwrap_or_default(), job: parts.next(), attempt: parts.next() }
    }

    /// The start of a run's id, or none.
    pub(super) fn run(&self) -> &str {
        self.run
    }

    /// Whether it names a run: by enough behind its date that no other run of the day is meant, or
    /// without the date as the log shows it. A slip of the finger or a mere date names none.
    pub(in crate::cmd) fn names_run(&self, run: &str) -> bool {
        let chance = run.split_once('-').map_or("", |(_, chance)| chance);
        let dated = |(_, behind): (&str, &str)| behind.len() >= BEHIND_DATE;
        match self.run {
            "" => false,
            whole if whole == run => true,
            start if start.split_once('-').is_some_and(dated) => run.starts_with(start),
            start => start.len() >= SHOWN.min(chance.len()) && chance.starts_with(start),
        }
    }

    /// Whether it names an entry: its run, and the job and the attempt as far as it tells them.
    pub(in crate::cmd) fn names(&self, entry: &Entry) -> bool {
        self.names_attempt(&entry.run, &entry.job, &entry.attempt)
    }

    /// The same for the ids of an entry alone.
    pub(in crate::cmd) fn names_attempt(&self, run: &str, job: &str, attempt: &str) -> bool {
        self.names_run(run) && self.is_numbered(job, attempt)
    }

    /// Whether an entry's run begins so, its date included: enough to look for runs, of which nothing
    /// is made or paid for.
    pub(super) fn begins(&self, entry: &Entry) -> bool {
        let chance = entry.run.split_once('-').map_or("", |(_, chance)| chance);
        let begins = entry.run.starts_with(self.run) || chance.starts_with(self.run);
        !self.run.is_empty() && begins && self.is_numbered(&entry.job, &entry.attempt)
    }

    fn is_numbered(&self, job: &str, attempt: &str) -> bool {
        let number = |id: &str, wanted: Option<&str>| {
            wanted.is_none_or(|n| id.rsplit('.').next() == Some(n))
        };
        number(job, self.job) && number(attempt, self.attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_named_by_their_start() {
        let entry = Entry::new(
            EntryKind::Done,
            "261122-7f3k9q2m",
            "261122-7f3k9q2m.12",
            "261122-7f3k9q2m.12.3",
        );
        for id in ["261122-7f", "7f3k9", "7f3k9q2m", "7f3k9.12", "261122-7f3k9q2m.12.3"] {
            assert!(Id::of(id).names(&entry) && Id::of(id).begins(&entry), "{id}");
        }
        for id in ["", ".12", "3k9", "7f3k9.1", "7f3k9.12.1", "261123"] {
            assert!(!Id::of(id).names(&entry) && !Id::of(id).begins(&entry), "{id}");
        }
        for id in ["2", "2.12", "2611", "261122", "261122-", "261122-7", "7", "7f3k", "7f3k.12"] {
            assert!(!Id::of(id).names(&entry) && Id::of(id).begins(&entry), "{id}");
        }
    }
}
