//! What a run makes of what fails for everybody: a job is asked about it before each of its requests, and
//! what its answer says is heard before the next job has its turn.

use std::sync::Arc;

use super::explain::is_wrong_address;
use super::fetch_image::{DEAD_LINK, UNREACHABLE_LINK};
use super::missing_models::is_missing;
use super::outcome::{Attempt, Failure, JobState, interrupted};
use super::planned::Job;
use super::{Event, Level, Route, Run};
use crate::error::{CUT_WHILE_SENDING, Error, Kind, UNREADABLE};
use crate::pool::run_blocking;

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
            // A link that leads nowhere and is all that there is of its image is no image either.
            (matches!(error.kind, Kind::Unusable | Kind::Ambiguous)
                || [DEAD_LINK, UNREACHABLE_LINK].contains(&error.code.as_str()))
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

    /// Sends nothing more where several images in a row found nobody, each with all its tries.
    pub(super) fn learn_connection(&self, route: &Route, error: Option<&Error>, is_last: bool) {
        let origin = route.origin();
        let Some(error) = error.filter(|error| error.kind == Kind::NotSent) else {
            return self.halts.answered(&origin);
        };
        if error.code == CUT_WHILE_SENDING {
            // Somebody was there.
            return;
        }
        let is_running = self.stop.level() == Level::Running;
        if is_last && is_running && self.halts.count_unreachable(&origin) {
            self.halts.disable_key(&origin, error);
        }
    }

    /// Says once why jobs are left that have nobody to ask.
    pub(super) fn tell_unreachable(&self, route: &Route, error: &Error) {
        let text = format!(
            "{} is not asked any more in this run: several images in a row found no connection",
            route.provider.id
        );
        if error.kind == Kind::NotSent && self.halts.is_news(&text) {
            self.notice(None, text);
        }
    }

    /// Remembers that a key turned out not to have a model, or forgets it where the model works after
    /// all; `goes_on` says that another one may be taken.
    pub(super) async fn note_missing(
        &self,
        job: &Job,
        route: &Route,
        failure: Option<&Failure>,
        goes_on: bool,
    ) {
        // Nearly every image: nothing was missing, and nothing is.
        if failure.is_none() && !route.was_missing {
            return;
        }
        let (missing, origin) = (Arc::clone(&self.engine.missing), route.origin().name);
        let model = route.model_id();
        match failure {
            None => {
                let _ = run_blocking(move || missing.remove(&origin, &model)).await;
            }
            Some(Failure { error, unsent: false, .. }) if is_missing(route, error) => {
                let text = format!(
                    "`auto` passes over {model} for a day; `-m {model}` asks for it all the same"
                );
                if job.is_auto && goes_on && self.halts.is_news(&text) {
                    self.notice(None, text);
                }
                let error = error.clone();
                let _ = run_blocking(move || missing.add(&origin, &model, &error)).await;
            }
            _ => {}
        }
    }

    /// Lets the next job begin before an answer is on the disk, where its images are still somewhere
    /// else and others of this run are where it is to go.
    pub(super) fn let_next(&self, attempt: &Attempt<'_>, state: &mut JobState) {
        let is_proven = self.halts.is_proven(&attempt.job.target.directory);
        if let Some(slot) = &mut state.slot
            && is_proven
            && !attempt.route.is_local()
        {
            slot.release();
        }
    }

    /// An image is on the disk.
    pub(super) fn has_room(&self, attempt: &Attempt<'_>) {
        let directory = &attempt.job.target.directory;
        if !self.halts.is_proven(directory) {
            self.halts.prove(directory);
        }
    }

    /// An image could not be saved where it was to go; `is_kept` says whether it is kept elsewhere.
    pub(super) fn has_no_room(&self, attempt: &Attempt<'_>, error: &Error, is_kept: bool) {
        let directory = &attempt.job.target.directory;
        let cause = Error::new(Kind::Local, error.message.clone()).unbilled();
        if !is_kept {
            let message = format!("{}, and it could be kept nowhere else", cause.message);
            let hint = "make room there, or set TMPDIR to a directory with room";
            self.has_nowhere(Error { message, ..cause.hint(hint) });
        } else if error.code == Kind::Local.code() && self.halts.refuse(directory, cause) {
            self.notice_stop(&format!("nothing more is made for `{}`", directory.display()));
        }
    }

    fn has_nowhere(&self, error: Error) {
        if self.halts.stop_all(error) {
            self.notice_stop("nothing more is sent");
        }
    }

    fn notice_stop(&self, what: &str) {
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
