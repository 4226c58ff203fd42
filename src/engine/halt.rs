//! What fails for everybody stops for everybody: an image that can be kept nowhere ends the run, a
//! directory that refuses one gets no more, and a route whose answers come to nothing again and again
//! is not asked any more. What is in flight is finished.
//!
//! A job is asked about it before each of its requests, and what its answer says is heard before the
//! next job has its turn.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::deliver::DEAD_LINK;
use super::explain::is_wrong_address;
use super::outcome::{Attempt, Failure, JobState, Success, interrupted};
use super::planned::Job;
use super::{Engine, Event, Level, Route};
use crate::error::{Error, Kind, UNREADABLE};

/// What a run no longer does, and why.
#[derive(Debug, Default)]
pub struct Halts {
    /// An image could be kept nowhere.
    nowhere: RefCell<Option<Error>>,
    /// Directories that have refused an image.
    refusing: RefCell<HashMap<PathBuf, Error>>,
    /// Directories that hold an image of this run.
    proven: RefCell<HashSet<PathBuf>>,
    /// Answers in a row that came to nothing, by the provider's key and model.
    rows: RefCell<HashMap<(String, String), Row>>,
    /// What was told once.
    told: RefCell<HashSet<String>>,
}

/// Answers of one route that came to nothing, with nothing done between them.
#[derive(Debug)]
struct Row {
    count: u32,
    first: Error,
}

impl Halts {
    /// Why the run sends nothing more, if that is so.
    pub fn nowhere(&self) -> Option<Error> {
        self.nowhere.borrow().clone()
    }

    /// Why a job must not send anything.
    pub(super) fn why(&self, job: &Job) -> Option<Error> {
        let refused = || self.refusing.borrow().get(&job.wish.directory).cloned();
        self.nowhere().or_else(refused)
    }

    fn is_proven(&self, directory: &Path) -> bool {
        self.proven.borrow().contains(directory)
    }

    /// Is this said for the first time?
    pub(super) fn is_news(&self, text: &str) -> bool {
        self.told.borrow_mut().insert(text.to_owned())
    }

    /// An image of a route is whole.
    pub(super) fn worked(&self, route: &Route) {
        self.rows.borrow_mut().remove(&(route.origin().name, route.model_id()));
    }

    /// Counts an answer of a route that came to nothing; the first cause once it is the last one
    /// allowed.
    fn count(&self, route: &Route, error: &Error, most: u32) -> Option<(u32, Error)> {
        let mut rows = self.rows.borrow_mut();
        let place = (route.origin().name, route.model_id());
        let row = rows.entry(place).or_insert_with(|| Row { count: 0, first: error.clone() });
        row.count += 1;
        (most > 0 && row.count == most).then(|| (row.count, row.first.clone()))
    }
}

impl Engine<'_> {
    /// What has come up while a job's intent was being written; nothing has left yet.
    pub(super) fn halted_meanwhile(&self, job: &Job) -> Option<Failure> {
        if self.stop.level() > Level::Running {
            return Some(Failure::sent(interrupted()));
        }
        let error = self.halts.why(job)?;
        Some(Failure { halted: true, ..Failure::sent(error) })
    }

    /// Takes what an attempt over a route came to for what the next ones would come to.
    pub(super) fn learn(&self, job: &Job, route: &Route, failed: Option<&Failure>) {
        let (origin, model) = (route.origin(), route.model_id());
        let error = failed.filter(|failed| !failed.unsent).map(|failed| &failed.error);
        match error.map(|error| (error, error.kind)) {
            Some((error, Kind::Account)) => self.drop_key(job, route, error),
            Some((error, Kind::Permission | Kind::MissingModel)) => {
                self.limits.block_model(&origin, &model, error);
            }
            Some((error, _)) if is_wrong_address(error) => {
                self.limits.disable_key(&origin, error);
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
        let most = self.options.stop_after_unusable;
        let nothing = error.filter(came_to_nothing);
        if let Some((count, first)) = nothing.and_then(|error| self.halts.count(route, error, most))
        {
            let stopped = not_asked_any_more(&model, count, first);
            let text = format!("{} ({})", stopped.message, stopped.hints.join("; "));
            self.limits.block_model(&origin, &model, &stopped);
            self.say(Event::Notice { job: None, text });
        }
    }

    /// Lets the next job begin before an answer is on the disk, where its images are still somewhere
    /// else and others of this run are where it is to go.
    pub(super) fn let_next(&self, attempt: &Attempt<'_>, state: &mut JobState) {
        let is_proven = self.halts.is_proven(&attempt.job.wish.directory);
        if let Some(turn) = &mut state.turn
            && is_proven
            && !attempt.route.is_local()
        {
            turn.give_back();
        }
    }

    /// An image is on the disk.
    pub(super) fn has_room(&self, attempt: &Attempt<'_>) {
        let directory = &attempt.job.wish.directory;
        if !self.halts.is_proven(directory) {
            self.halts.proven.borrow_mut().insert(directory.clone());
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
            && self.halts.refusing.borrow_mut().insert(directory.clone(), cause).is_none()
        {
            self.tell_stop(&format!("nothing more is made for `{}`", directory.display()));
        }
    }

    fn has_nowhere(&self, error: Error) {
        let before = self.halts.nowhere.borrow_mut().replace(error);
        if before.is_none() {
            self.tell_stop("nothing more is sent");
        }
    }

    fn tell_stop(&self, what: &str) {
        let text = format!("{what}, for an image that was paid for could not be saved");
        self.say(Event::Notice { job: None, text });
    }

    /// Counts what an answer cost at once where that is more than was reserved for it: the next job
    /// must not be admitted by a figure that is known to be wrong.
    pub(super) async fn raise(&self, attempt: &Attempt<'_>, made: &Success, state: &mut JobState) {
        let (Some(reserved), Some(cost)) = (&mut state.reserved, made.cost) else { return };
        if !self.budget.raise(reserved, cost) {
            return;
        }
        if let Some(journal) = self.journal {
            let mut entry = self.entry(crate::store::What::Priced, attempt);
            entry.reserve = Some(cost);
            // What cannot be written down now is in the entry of its end.
            let _ = journal.commit(&entry).await;
        }
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
