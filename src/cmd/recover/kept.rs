//! Paid answers in `kept/` whose attempts are closed: looked through once more, and listed.

use serde_json::{Value, json};

use super::take;
use crate::cmd::App;
use crate::engine::recover::{Unused, remove_stale_locks, unused};
use crate::engine::session::Session;
use crate::error::{Error, Result};
use crate::store::Runs;
use crate::store::log::{Entry, Saved};
use crate::text;

/// What became of them.
#[derive(Default)]
pub(super) struct KeptAnswers {
    /// Images that are on the disk now.
    pub(super) saved: Vec<Saved>,
    /// What is still of no use, and why, where it was looked at.
    pub(super) unused: Vec<(Unused, Option<Error>)>,
}

/// Lists them.
///
/// # Errors
/// The journal cannot be read.
pub(super) fn list(app: &App) -> Result<KeptAnswers> {
    let runs = Runs(&app.settings.places.run);
    let mut files = closed(app)?;
    files.retain(|file| !file.intent.as_ref().is_some_and(|intent| runs.is_alive(&intent.run)));
    Ok(KeptAnswers::unseen(files))
}

/// Looks them through once more, and saves what is whole.
///
/// # Errors
/// The journal cannot be read or written.
pub(super) fn look_again(app: &App) -> Result<KeptAnswers> {
    let files = closed(app)?;
    let intents = files.iter().filter_map(|file| file.intent.as_ref());
    let mut runs: Vec<String> = intents.map(|intent| intent.run.clone()).collect();
    runs.sort_unstable();
    runs.dedup();
    if runs.is_empty() {
        return Ok(KeptAnswers::unseen(files));
    }
    // Held so that no second `recover` saves the same.
    let mut locks = Vec::new();
    for run in runs {
        if let Some(lock) = take(app, &run)? {
            locks.push((run, lock));
        }
    }
    let session = Session::of_recovery(&app.settings, &app.env, &app.log)?;
    let mut kept = KeptAnswers::default();
    for file in closed(app)? {
        let is_ours = |intent: &Entry| locks.iter().any(|(run, _)| *run == intent.run);
        match &file.intent {
            // A run that lives may still use it.
            Some(intent) if !is_ours(intent) => {}
            Some(intent) if file.is_reply() => match second_look(app, &session, intent, &file) {
                Ok(saved) => kept.saved.extend(saved),
                Err(error) => kept.unused.push((file, Some(error))),
            },
            _ => kept.unused.push((file, None)),
        }
    }
    if let Err(error) = session.end() {
        app.ui.warn(&format!("{error}; what was saved may be looked for again"));
    }
    drop(locks);
    remove_stale_locks(&app.log, &app.settings.places)?;
    Ok(kept)
}

/// The files of attempts that are closed.
fn closed(app: &App) -> Result<Vec<Unused>> {
    let open = app.log.open_attempts()?.into_iter().map(|pending| pending.intent.attempt);
    unused(&app.log, &app.settings.places.kept, &open.collect())
        .map_err(|error| app.log.unreadable(&error))
}

fn second_look(app: &App, session: &Session, intent: &Entry, file: &Unused) -> Result<Vec<Saved>> {
    let route = session.engine().resume(&app.settings, intent)?;
    let run = session.run(&intent.run).on_behalf_of(intent);
    session.block_on_unheard(run.second_look(intent, &route, &file.path))
}

impl KeptAnswers {
    /// Files that were not looked at.
    fn unseen(files: Vec<Unused>) -> KeptAnswers {
        let unused = files.into_iter().map(|file| (file, None)).collect();
        KeptAnswers { unused, ..KeptAnswers::default() }
    }

    /// How many answers and images are of no use; previews never were to be of any.
    pub(super) fn answers(&self) -> usize {
        self.unused.iter().filter(|(file, _)| !file.is_preview()).count()
    }

    /// One line for each of no use.
    pub(super) fn report(&self, app: &App) {
        for (file, error) in &self.unused {
            let age = file.since.map(|since| {
                let age = crate::clock::now().duration_since(since);
                let age = std::time::Duration::try_from(age).unwrap_or_default();
                format!(", {} old", text::duration(age))
            });
            let why = match (error, &file.intent) {
                (Some(error), _) => format!(": {error}"),
                (None, None) => ": the log does not know it".to_owned(),
                (None, Some(_)) => String::new(),
            };
            let what = match file.is_preview() {
                true => "an unfinished preview of an image that never came",
                false => "a paid answer that could not be used",
            };
            app.ui.warn(&format!(
                "{}, {}{}: {what}{why}",
                file.path.display(),
                text::size(file.bytes),
                age.unwrap_or_default(),
            ));
        }
    }

    /// Adds what there is to a document: late images, and rows of what is of no use.
    pub(super) fn add_to(&self, document: &mut Value) {
        let row = |(file, error): &(Unused, Option<Error>)| {
            let mut row = json!({
                "id": file.attempt,
                "path": file.path.display().to_string(),
                "bytes": file.bytes,
                "since": file.since.map(|since| since.to_string()),
                "error": error.as_ref().map(crate::engine::report::ErrorReport::from),
            });
            if file.is_preview() {
                row["preview"] = json!(true);
            }
            row
        };
        if !self.saved.is_empty() {
            let paths = self.saved.iter().map(|saved| saved.path.display().to_string());
            document["images"] = paths.collect();
        }
        if !self.unused.is_empty() {
            document["kept"] = self.unused.iter().map(row).collect();
        }
    }
}
