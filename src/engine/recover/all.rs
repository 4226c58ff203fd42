//! Recovery of everything that is open: many attempts of many runs, as many at once as there may be jobs.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use futures_util::StreamExt;

use super::{Pending, RecoveryOutcome};
use crate::engine::session::Remark;
use crate::engine::{Event, Route, Run, cpu_pool};
use crate::error::{Error, Kind, Result};
use crate::pool::run_blocking;
use crate::store::log::{Entry, Saved};
use crate::store::{Log, OutputTarget, Runs, SavedFiles, is_logged};

/// An attempt that recovery has gone on with.
pub struct Recovered {
    /// What was open.
    pub pending: Pending,
    /// How it ended.
    pub outcome: RecoveryOutcome,
    /// Its images that are on the disk now.
    pub saved: Vec<Saved>,
    /// What failed.
    pub error: Option<Error>,
}

/// One that is to be gone on with.
struct Open {
    index: usize,
    run: Run,
    pending: Pending,
    route: Result<Route>,
}

/// Goes on with open attempts of runs whose locks are `held`, and answers in their order; `run_of`
/// makes the run of an id, and `report` gets what the user should read.
pub async fn recover_all(
    open: Vec<Pending>,
    held: Vec<String>,
    run_of: impl Fn(&str) -> Run,
    report: &dyn Fn(Remark),
) -> Vec<Recovered> {
    let process = run_of("");
    let (at_once, log) = (process.concurrency, process.engine.log.clone());
    let known = run_blocking(move || saved_files(log.as_deref())).await.unwrap_or_default();
    let known = SavedFiles::new(known);
    let (mut bare, mut others) = (Vec::new(), Vec::new());
    for (index, pending) in open.into_iter().enumerate() {
        let run = run_of(&pending.intent.run);
        let run = Run { existing: Some(known.clone()), ..run.on_behalf_of(&pending.intent) };
        let (route, is_only_intent) = run.route_of(&pending).await;
        let one = Open { index, run, pending, route };
        if is_only_intent { bare.push(one) } else { others.push(one) }
    }
    let others = others.into_iter().map(|one| one.go_on(None, report));
    let mut recovered: Vec<_> =
        futures_util::stream::iter(others).buffered(at_once).collect().await;
    let mut unlogged = HashMap::new();
    for Open { index, run, pending, route } in &bare {
        let may_be_anothers = recovered.iter().any(|(_, other)| other.may_own(pending));
        if let (Ok(route), false) = (route, may_be_anothers) {
            let found = run.unlogged(pending, route).await;
            unlogged.extend(found.map(|found| (*index, found)));
        }
    }
    if !unlogged.is_empty() {
        let (log, runs) = (process.engine.log.clone(), process.settings.places.run.clone());
        // A run that is at work has fresh files, too; one that began meanwhile either lives or has said
        // what it saved.
        let logged = run_blocking(move || {
            let is_alone = !Runs(&runs).has_others(&held);
            is_alone.then(|| saved_files(log.as_deref()))
        });
        match logged.await.ok().flatten() {
            Some(logged) => {
                // Or, where it was made again, what stood there before.
                unlogged.retain(|_, saved: &mut Saved| {
                    let sums = logged.get(&*saved.path);
                    !sums.is_some_and(|sums| is_logged(sums, &saved.sha256))
                });
            }
            None => unlogged.clear(),
        }
    }
    let bare = bare.into_iter().map(|one| {
        let unlogged = unlogged.remove(&one.index);
        one.go_on(unlogged, report)
    });
    recovered.extend(futures_util::stream::iter(bare).buffered(at_once).collect::<Vec<_>>().await);
    recovered.sort_by_key(|(index, _)| *index);
    recovered.into_iter().map(|(_, recovered)| recovered).collect()
}

/// The images that the log knows.
fn saved_files(log: Option<&Log>) -> HashMap<PathBuf, HashSet<String>> {
    log.and_then(|log| log.saved_files().ok()).unwrap_or_default()
}

impl Open {
    async fn go_on(self, unlogged: Option<Saved>, report: &dyn Fn(Remark)) -> (usize, Recovered) {
        let Open { index, run, pending, route } = self;
        let (outcome, saved, error) = match route {
            Ok(route) => {
                let (before, attempt) = (&pending.intent.route, &pending.intent.attempt);
                if route.is_by_another_key(before) {
                    let name = route.name();
                    report(Remark::Warning(format!(
                        "{attempt} was paid for with {before}, which is gone; {name} is asked instead"
                    )));
                }
                let model = pending.intent.model.clone();
                run.say(Event::Started { job: index, model, expected: None });
                run.recover(&pending, route, unlogged).await
            }
            Err(error) => (RecoveryOutcome::Pending, Vec::new(), Some(error)),
        };
        (index, Recovered { pending, outcome, saved, error })
    }
}

impl Run {
    /// The route on which an attempt goes on, and whether nothing is known of it but its intent: it may
    /// have its image already.
    async fn route_of(&self, pending: &Pending) -> (Result<Route>, bool) {
        let (engine, settings) = (self.engine.clone(), self.settings.clone());
        let (traces, pending) = (self.traces(), pending.clone());
        let found = run_blocking(move || {
            let route = engine.resume(&settings, &pending.intent);
            let is_bare = |route| traces.is_only_intent(&pending, route);
            let is_only_intent = route.as_ref().is_ok_and(is_bare);
            (route, is_only_intent)
        });
        found.await.unwrap_or_else(|_| {
            (Err(Error::new(Kind::Internal, "the traces of an attempt cannot be read")), false)
        })
    }

    /// The image of an attempt of which only the intent is known, saved under its name and not in the
    /// log; claimed. Asked of all such attempts after the others have got their own, because a file
    /// tells its recipe and not its attempt, and before any such one is gone on with, because a name
    /// that is given meanwhile looks the same.
    async fn unlogged(&self, pending: &Pending, route: &Route) -> Option<Saved> {
        let known = self.existing.clone()?;
        let (pending, route) = (pending.clone(), route.clone());
        cpu_pool::run(move || super::unlogged(&known, &route, &pending)).await.ok().flatten()
    }
}

impl Recovered {
    /// Whether it may still be collected.
    pub fn is_open(&self) -> bool {
        matches!(self.outcome, RecoveryOutcome::Pending | RecoveryOutcome::Unknown)
    }

    /// Whether a file with the recipe and the name of this attempt may be of that one, which is still open.
    fn may_own(&self, pending: &Pending) -> bool {
        let (ours, theirs) = (&self.pending.intent, &pending.intent);
        let place = |target: &OutputTarget| (target.directory.clone(), target.stem.clone());
        let stem = |intent: &Entry| intent.wish.as_ref().map(place);
        self.is_open() && ours.model == theirs.model && stem(ours) == stem(theirs)
    }
}
