//! What the log knows of an image: the job that made it, found by the hash of the file, and from its
//! entries the recipe. So a picture that was renamed, or that carries none inside, can be made again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::row::Row;
use super::{App, Living, figures, find, scan_holding};
use crate::engine::report::JobStatus;
use crate::error::Result;
use crate::request::{Format, Request, Size};
use crate::store::log::Saved;
use crate::store::{Entry, EntryKind, Recipe};

/// A job of the log.
#[derive(Debug, Clone)]
pub(crate) struct LoggedJob {
    /// Everything about it.
    pub row: Row,
    /// How it stands.
    pub status: JobStatus,
    /// What makes its picture again.
    pub recipe: Recipe,
    /// The format that was asked for.
    pub format: Option<Format>,
}

impl LoggedJob {
    /// A job of which these are the entries.
    pub(super) fn of(entries: &[&Entry], alive: &Living<'_>) -> LoggedJob {
        let row = Row::of(entries);
        let status = row.status(|run| alive.is(run));
        let done = entries.iter().find(|entry| entry.e == EntryKind::Done);
        // Of a job that failed, what was wanted at first.
        let attempt = done.or(entries.first()).map_or("", |entry| &entry.attempt);
        let mut of_attempt = entries.iter().filter(|entry| entry.attempt == attempt);
        let intent = of_attempt.find(|entry| entry.e == EntryKind::Intent);
        let order = [intent, done].into_iter().flatten().find_map(|entry| entry.order.clone());
        let order = order.unwrap_or_default();
        let written = done.and_then(|done| done.recipe.as_deref());
        let written = written.or(intent.and_then(|intent| intent.recipe.as_deref()));
        let entry = &row.entry;
        let image = entry.images.first();
        let model = done.or(intent).map_or(&entry.model, |entry| &entry.model);
        let ordered = &order.request;
        let mut recipe = written.cloned().unwrap_or_else(|| {
            let made = image.map(|image| Size::new(image.width, image.height));
            let size = ordered.size.or(made);
            let request = Request { size, format: None, ..(**ordered).clone() };
            Recipe { request: request.into(), ..Recipe::default() }
        });
        let request = Arc::make_mut(&mut recipe.request);
        request.prompt.clone_from(&entry.prompt);
        request.style.clone_from(&entry.style);
        request.seed = entry.seed.filter(|_| done.is_some()).or(ordered.seed);
        recipe.model.clone_from(model);
        LoggedJob { status, recipe, format: ordered.format, row }
    }

    /// The job as `pinx log --json` shows it.
    pub(crate) fn json(&self) -> Value {
        self.row.json(self.status)
    }

    /// One line: `261122-7f3k9q2m.1 · done · $0.04 as reported · 8.2 s`.
    pub(crate) fn line(&self) -> String {
        let mut parts = vec![self.row.entry.job.clone(), self.status.name().to_owned()];
        parts.push(figures::money(&self.row, self.status));
        parts.extend(Some(figures::took(&self.row.entry)).filter(|took| !took.is_empty()));
        parts.join(" · ")
    }

    /// Whether it is over, so that making it again pays for nothing twice.
    pub(crate) fn is_over(&self) -> bool {
        !matches!(self.status, JobStatus::Pending | JobStatus::Unknown)
    }
}

/// The jobs that an id, the start of one, or a file's name means: all of a run; of `last` those that
/// have an image.
///
/// # Errors
/// Nothing, or more than one run, has that id.
pub(crate) fn by_id(app: &App, id: &str) -> Result<Vec<LoggedJob>> {
    let entries = match id {
        find::LAST => find::newest_pictures(app)?,
        id => find::by_id(app, id)?,
    };
    let alive = Living::new(&app.settings.places.run);
    Ok(find::by_job(&entries).iter().map(|of_job| LoggedJob::of(of_job, &alive)).collect())
}

/// A file's job, and others that made the very same bytes.
#[derive(Debug, Clone)]
pub(crate) struct FileHistory {
    /// The newest job that saved it under its name; else the newest that made its bytes.
    pub job: LoggedJob,
    /// The ids of the other jobs, the oldest first.
    pub others: Vec<String>,
}

/// What the log knows of each of these files: of their bytes, or of what they were made from.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn of_files(app: &App, files: &[&Saved]) -> Result<Vec<Option<FileHistory>>> {
    let hashes: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
    let mut makers: Vec<Makers> = files.iter().map(|_| Makers::default()).collect();
    scan_holding(app, &hashes, |entry| {
        for image in &entry.images {
            let own = [Some(&image.sha256), image.original_sha256.as_ref()];
            for (file, makers) in files.iter().zip(&mut makers) {
                if own.contains(&Some(&file.sha256)) {
                    makers.add(&entry.job, image.path == file.path);
                }
            }
        }
    })?;
    let chosen: HashSet<&str> = makers.iter().filter_map(Makers::chosen).collect();
    if chosen.is_empty() {
        return Ok(files.iter().map(|_| None).collect());
    }
    let mut entries: HashMap<&str, Vec<Entry>> =
        chosen.iter().map(|job| (*job, Vec::new())).collect();
    scan_holding(app, &chosen.into_iter().collect::<Vec<_>>(), |entry| {
        if let Some(of_job) = entries.get_mut(entry.job.as_str()) {
            of_job.push(entry);
        }
    })?;
    let alive = Living::new(&app.settings.places.run);
    let history = |makers: &Makers| {
        let chosen = makers.chosen()?;
        let of_job: Vec<&Entry> = entries[chosen].iter().collect();
        let others = makers.jobs.iter().filter(|job| *job != chosen).cloned().collect();
        Some(FileHistory { job: LoggedJob::of(&of_job, &alive), others })
    };
    Ok(makers.iter().map(history).collect())
}

/// The jobs that made the bytes of one file, each once.
#[derive(Default)]
struct Makers {
    jobs: Vec<String>,
    /// The newest that saved them under the name of the file.
    here: Option<String>,
}

impl Makers {
    fn add(&mut self, job: &str, is_here: bool) {
        self.jobs.retain(|known| known != job);
        self.jobs.push(job.to_owned());
        if is_here {
            self.here = Some(job.to_owned());
        }
    }

    fn chosen(&self) -> Option<&str> {
        self.here.as_deref().or(self.jobs.last().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalog::Order;
    use crate::request::Rgb;

    fn entry(e: EntryKind, attempt: &str, model: &str) -> Entry {
        Entry {
            prompt: "a fox".to_owned(),
            model: model.to_owned(),
            ..Entry::new(e, "r", "r.1", attempt)
        }
    }

    fn intent(attempt: &str, model: &str, seed: u64) -> Entry {
        let (seed, size) = (Some(seed), Some(Size::new(64, 32)));
        let request = Request { seed, size, ..Request::default() };
        let order = Order { request: request.into(), ..Order::default() };
        Entry { order: Some(order), ..entry(EntryKind::Intent, attempt, model) }
    }

    fn known(entries: &[Entry]) -> LoggedJob {
        LoggedJob::of(&entries.iter().collect::<Vec<_>>(), &Living::new(Path::new("/nonexistent")))
    }

    #[test]
    fn the_recipe_is_that_of_the_attempt_that_made_the_picture() {
        let done = Entry { seed: Some(9), ..entry(EntryKind::Done, "r.1.2", "fal/b") };
        let known = known(&[
            intent("r.1.1", "openai/a", 1),
            entry(EntryKind::Tried, "r.1.1", "openai/a"),
            intent("r.1.2", "fal/b", 2),
            done,
        ]);
        assert_eq!((known.recipe.model.as_str(), known.recipe.request.seed), ("fal/b", Some(9)));
        assert_eq!(known.recipe.request.size, Some(Size::new(64, 32)));
    }

    #[test]
    fn of_a_job_that_failed_it_is_what_was_wanted_first() {
        let known = known(&[
            intent("r.1.1", "openai/a", 1),
            entry(EntryKind::Tried, "r.1.1", "openai/a"),
            intent("r.1.2", "fal/b", 2),
            entry(EntryKind::Failed, "r.1.2", "fal/b"),
        ]);
        assert!(known.is_over());
        assert_eq!((known.recipe.model.as_str(), known.recipe.request.seed), ("openai/a", Some(1)));
    }

    #[test]
    fn what_the_log_wrote_down_comes_before_what_was_sent() {
        let request = Request { colors: vec![Rgb([1, 2, 3])], ..Request::default() };
        let written = Recipe { request: request.into(), ..Recipe::default() };
        let first = Entry { recipe: Some(Box::new(written)), ..intent("r.1.1", "openai/a", 1) };
        let known = known(&[first, entry(EntryKind::Done, "r.1.1", "openai/a")]);
        assert_eq!(known.recipe.request.colors, [Rgb([1, 2, 3])]);
        assert_eq!(
            (known.recipe.request.prompt.as_str(), known.recipe.model.as_str()),
            ("a fox", "openai/a")
        );
    }
}
