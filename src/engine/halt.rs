//! What fails for everybody stops for everybody: an image that can be kept nowhere ends the run, a
//! directory that refuses one gets no more, and a route whose answers come to nothing again and again
//! is not asked any more. What is in flight is finished.
//!
//! A job is asked about it before each of its requests, and what its answer says is heard before the
//! next job has its turn.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::explain::is_wrong_address;
use super::fetch_image::DEAD_LINK;
use super::limit::Origin;
use super::outcome::{Attempt, Failure, JobState, interrupted};
use super::planned::Job;
use super::{Event, Level, Route, Run};
use crate::error::{Error, Kind, UNREADABLE};

/// What a run no longer does, and why.
#[derive(Debug, Default)]
pub struct Halts(Mutex<Halted>);

#[derive(Debug, Default)]
struct Halted {
    /// An image could be kept nowhere.
    nowhere: Option<Error>,
    /// Directories that have refused an image.
    refusing: HashMap<PathBuf, Error>,
    /// Directories that hold an image of this run.
    proven: HashSet<PathBuf>,
    /// Answers in a row that came to nothing, by the provider's key and model.
    rows: HashMap<(String, String), Row>,
    /// What was told once.
    told: HashSet<String>,
    /// Keys that are not asked any more, by their origins.
    keys: HashMap<String, Error>,
    /// Models that are not asked any more, by origin and model.
    models: HashMap<(String, String), Error>,
}

/// Answers of one route that came to nothing, with nothing done between them.
#[derive(Debug)]
struct Row {
    count: u32,
    first: Error,
}

impl Halts {
    fn lock(&self) -> MutexGuard<'_, Halted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the run sends nothing more, if that is so.
    pub fn nowhere(&self) -> Option<Error> {
        self.lock().nowhere.clone()
    }

    /// Why a job must not send anything.
    pub(super) fn why(&self, job: &Job) -> Option<Error> {
        let halted = self.lock();
        halted.nowhere.as_ref().or_else(|| halted.refusing.get(&job.wish.directory)).cloned()
    }

    fn is_proven(&self, directory: &Path) -> bool {
        self.lock().proven.contains(directory)
    }

    /// Whether this is said for the first time.
    pub(super) fn is_news(&self, text: &str) -> bool {
        self.lock().told.insert(text.to_owned())
    }

    /// An image of a route is whole.
    pub(super) fn worked(&self, route: &Route) {
        self.lock().rows.remove(&(route.origin().name, route.model_id()));
    }

    /// Counts an answer of a route that came to nothing; the first cause once it is the last one
    /// allowed.
    fn count(&self, route: &Route, error: &Error, most: u32) -> Option<(u32, Error)> {
        let mut halted = self.lock();
        let place = (route.origin().name, route.model_id());
        let row =
            halted.rows.entry(place).or_insert_with(|| Row { count: 0, first: error.clone() });
        row.count += 1;
        (most > 0 && row.count == most).then(|| (row.count, row.first.clone()))
    }

    /// Asks by this key no more; false when that was so before.
    fn disable_key(&self, origin: &Origin, error: &Error) -> bool {
        self.lock().keys.insert(origin.name.clone(), error.clone()).is_none()
    }

    /// Asks this model by this key no more.
    fn block_model(&self, origin: &Origin, model: &str, error: &Error) {
        self.lock().models.insert((origin.name.clone(), model.to_owned()), error.clone());
    }

    /// Why this key, or this model by it, is not asked any more.
    fn disabled(&self, origin: &Origin, model: &str) -> Option<Error> {
        let halted = self.lock();
        let model = || halted.models.get(&(origin.name.clone(), model.to_owned()));
        halted.keys.get(&origin.name).or_else(model).cloned()
    }
}

impl Run {
    /// What has come up while a job's intent was being written; nothing has left yet.
    pub(super) fn halted_meanwhile(&self, job: &Job) -> Option<Failure> {
        if self.stop.level() > Level::Running {
            return Some(Failure::sent(interrupted()));
        }
        let error = self.halts.why(job)?;
        Some(Failure { halted: true, ..Failure::sent(error) })
    }

    /// Why a key, or a model by it, is not asked any more: for what this run has seen, or another run
    /// of the process a short while ago.
    pub(super) fn disabled(&self, route: &Route) -> Option<Error> {
        let origin = route.origin();
        let here = self.halts.disabled(&origin, &route.model_id());
        here.or_else(|| self.engine.limits.disabled(&origin))
    }

    /// Drops a key for the rest of the run, and says so where another takes its place.
    fn drop_key(&self, job: &Job, route: &Route, error: &Error) {
        let origin = route.origin();
        let is_news = self.halts.disable_key(&origin, error);
        self.engine.limits.disable_key(&origin, error);
        let has_another =
            job.routes.iter().any(|other| other.is_sibling(route) && other.origin() != origin);
        if let (true, true, Some(key)) = (is_news, has_another, &route.key) {
            self.notice(None, format!("the key from {} is dropped for this run", key.source));
        }
    }

    /// Takes what an attempt over a route came to for what the next ones would come to.
    pub(super) fn learn(&self, job: &Job, route: &Route, failure: Option<&Failure>) {
        let (origin, model) = (route.origin(), route.model_id());
        let error = failure.filter(|failure| !failure.unsent).map(|failure| &failure.error);
        match error.map(|error| (error, error.kind)) {
            Some((error, Kind::Account)) => self.drop_key(job, route, error),
            Some((error, Kind::Permission | Kind::MissingModel)) => {
                self.halts.block_model(&origin, &model, error);
            }
            Some((error, _)) if is_wrong_address(error) => {
                self.halts.disable_key(&origin, error);
            }
            // The disk does not give back what it took.
            Some((error, Kind::Local)) if error.code == UNREADABLE => {
                self.has_nowhere(error.clone().unbilled());
            }
            _ => {}
        }
        let came_to_nothing = |error: &&Error| {
            // A link that is dead and all that there is of its image is no image either.
            (matches!(error.kind, Kind::Unusable | Kind::Ambiguous) || error.code == DEAD_LINK)
                && self.stop.level() == Level::Running
        };
        let most = self.settings.stop_after_unusable;
        let nothing = error.filter(came_to_nothing);
        if let Some((count, first)) = nothing.and_then(|error| self.halts.count(route, error, most))
        {
            let stopped = not_asked_any_more(&model, count, first);
            let text = format!("{} ({})", stopped.message, stopped.hints.join("; "));
            self.halts.block_model(&origin, &model, &stopped);
            self.say(Event::Notice { job: None, text });
        }
    }

    /// Lets the next job begin before an answer is on the disk, where its images are still somewhere
    /// else and others of this run are where it is to go.
    pub(super) fn let_next(&self, attempt: &Attempt<'_>, state: &mut JobState) {
        let is_proven = self.halts.is_proven(&attempt.job.wish.directory);
        if let Some(slot) = &mut state.slot
            && is_proven
            && !attempt.route.is_local()
        {
            slot.release();
        }
    }

    /// An image is on the disk.
    pub(super) fn has_room(&self, attempt: &Attempt<'_>) {
        let directory = &attempt.job.wish.directory;
        if !self.halts.is_proven(directory) {
            self.halts.lock().proven.insert(directory.clone());
        }
    }

    /// An image could not be saved where it was to go; `is_kept` says whether it is kept elsewhere.
    pub(super) fn has_no_room(&self, attempt: &Attempt<'_>, error: &Error, is_kept: bool) {
        let directory = &attempt.job.wish.directory;
        let cause = Error::new(Kind::Local, error.message.clone()).unbilled();
        if !is_kept {
            let message = format!("{}, and it could be kept nowhere else", cause.message);
            let hint = "make room there, or set TMPDIR to a directory with room";
            self.has_nowhere(Error { message, ..cause.hint(hint) });
        } else if error.code == Kind::Local.code()
            && self.halts.lock().refusing.insert(directory.clone(), cause).is_none()
        {
            self.tell_stop(&format!("nothing more is made for `{}`", directory.display()));
        }
    }

    fn has_nowhere(&self, error: Error) {
        let before = self.halts.lock().nowhere.replace(error);
        if before.is_none() {
            self.tell_stop("nothing more is sent");
        }
    }

    fn tell_stop(&self, what: &str) {
        let text = format!("{what}, for an image that was paid for could not be saved");
        self.say(Event::Notice { job: None, text });
    }
}

/// Why a route is not asked any more.
fn not_asked_any_more(model: &str, count: u32, first: Error) -> Error {
    let many =
        if count == 1 { "an answer".to_owned() } else { format!("{count} answers in a row") };
    let message = format!(
        "{model} is not asked any more in this run, for {many} came to nothing, the first: {}",
        first.message
    );
    let hint = "`stop_after_unusable` says after how many; 0 is never";
    Error { message, hints: vec![hint.to_owned()], ..first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::limit::Rules;

    #[test]
    fn dead_keys_and_blocked_models_are_dropped_for_the_run() {
        let halts = Halts::default();
        let rules = Rules { requests: None, images: None, in_flight: None };
        let (name, provider) = ("openai#1a2b3c".to_owned(), "openai".to_owned());
        let (mine, error) = (Origin { name, provider, rules }, Error::new(Kind::Account, "gone"));
        assert!(halts.disabled(&mine, "m").is_none());
        halts.block_model(&mine, "m", &error);
        assert!(halts.disabled(&mine, "m").is_some() && halts.disabled(&mine, "n").is_none());
        assert!(halts.disable_key(&mine, &error), "it is news");
        assert!(!halts.disable_key(&mine, &error), "once");
        assert!(halts.disabled(&mine, "n").is_some());
    }
}
