//! Recovery: what the log shows as open is collected, saved again, or listed.
//!
//! Nothing that was submitted is ever submitted again. A run that still lives holds its lock and is
//! left alone, and so is one that another `recover` works on.

mod all;
mod garbage;
mod open;
mod traces;
mod unused;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

pub use self::all::{Recovered, recover_all};
pub(crate) use self::garbage::remove_old_inputs;
pub use self::garbage::{collect_garbage, remove_stale_locks, remove_unfinished};
use self::open::NOT_THERE;
pub use self::open::{RecoveryOutcome, foreseen};
use self::traces::{Traces, job_of, unlogged};
pub use self::unused::{Unused, unused};
use super::cpu_pool;
use super::lost::Looked;
use super::outcome::{Attempt, Failure, JobState, SalvagedImage, Success, number_of};
use super::report::AttemptReport;
use super::salvage::SalvageSource;
use super::{Route, Run};
use crate::catalog::Order;
use crate::dialect::{Call, Links, Then};
use crate::error::{Error, Kind, Result};
use crate::net::{Body, HttpResponse};
use crate::pool::run_io;
pub use crate::store::log::Pending;
use crate::store::log::{EntryKind, Saved};
use crate::store::{Entry, KeptFile, SaveRequest, save};

impl Run {
    fn traces(&self) -> Traces {
        Traces {
            kept: self.settings.places.kept.clone(),
            fallback: self.fallback_directory.clone(),
        }
    }

    /// Goes on with one attempt over a route made by the settings of today; `unlogged` is
    /// the image that it was found to have already.
    async fn recover(
        &self,
        pending: &Pending,
        route: Route,
        unlogged: Option<Saved>,
    ) -> (RecoveryOutcome, Vec<Saved>, Option<Error>) {
        let intent = &pending.intent;
        let number = number_of(&intent.attempt);
        let order = Arc::new(intent.order.clone().unwrap_or_default());
        let job = job_of(pending);
        let deadline = Instant::now() + self.settings.deadline;
        let mut report = AttemptReport::of(&intent.attempt, &route);
        let mut state = JobState::default();
        let (traces, copy, over) = (self.traces(), pending.clone(), route.clone());
        let left = cpu_pool::run(move || traces.of(&copy, &over)).await;
        let (replies, images) = left.unwrap_or_default();
        let kept: Vec<_> = images.iter().filter_map(|path| SalvagedImage::of_path(path)).collect();
        let attempt = Attempt { job: &job, route: &route, number, deadline, salvaged: &kept };
        // Other images of the answer may still be where it says.
        let more = pending.call.is_some() || !replies.is_empty();
        let only_kept = !images.is_empty() && (!more || SalvagedImage::are_all(&kept));
        let outcome = if let Some(saved) = unlogged {
            Ok(Success { saved: vec![saved], ..Success::default() })
        } else if only_kept {
            self.save_kept(&attempt, &images).await
        } else if let (Some(reply), None) = (replies.first(), &pending.call) {
            match intended(intent, &route, &order) {
                Ok(call) => self.read_kept(&attempt, &order, call, reply, &mut state).await,
                Err(error) => Err(Failure::sent(error)),
            }
        } else {
            self.go_on(&attempt, &order, pending, &mut state, &mut report).await
        };
        let (outcome, missed) = match outcome {
            // The others will never come: what is kept is saved all the same.
            Err(gone) if !images.is_empty() && gone.is_final() && !only_kept => {
                (self.save_kept(&attempt, &images).await, Some(gone.error))
            }
            outcome => (outcome, None),
        };
        match outcome {
            Ok(mut success) => {
                // Gone once the journal says done; a reply whose images are not all here stays.
                success.kept = images;
                success.kept.extend(replies.into_iter().filter(|_| missed.is_none()));
                // It was dearer than reserved, and the log was told so before it was saved.
                let priced =
                    intent.reserve.filter(|reserved| route.estimate.reserve < Some(*reserved));
                success.cost = success.cost.or(priced);
                let id = success.request_id.clone().or(report.request_id);
                self.record_done(&attempt, &state, &success, &report.gateway, id).await;
                (RecoveryOutcome::Saved, success.saved, missed)
            }
            Err(failure) => {
                let fate = match failure.error.kind {
                    _ if !failure.open => RecoveryOutcome::Failed,
                    Kind::Ambiguous => RecoveryOutcome::Unknown,
                    _ => RecoveryOutcome::Pending,
                };
                // That nobody knows more is written down once.
                let is_news = failure.error.code == NOT_THERE && pending.code != NOT_THERE;
                if fate == RecoveryOutcome::Failed || is_news {
                    self.close(&attempt, &failure, EntryKind::Failed);
                }
                (fate, Vec::new(), Some(failure.error))
            }
        }
    }

    /// A raw reply with links that was kept before they were fetched.
    pub(super) async fn read_kept(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        call: Call,
        path: &Path,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let reply = path.to_owned();
        let body = run_io(move || Body::kept(&reply)).await.map_err(|error| {
            let what = format!("the kept reply {} cannot be read: {error}", path.display());
            Failure::open(Error::new(Kind::Local, what))
        })?;
        let answer = Arc::new(HttpResponse { status: 200, headers: Vec::new(), body, cut: None });
        let source = |tried| SalvageSource { call: &call, answer: &answer, tried };
        let (tried, failure) = match self.parse(attempt.route, order, &call, &answer).await {
            // A queue's word that it has the job is no answer.
            Ok(parsed) if parsed.raws.is_empty() => {
                (Vec::new(), Failure::sent(Error::new(Kind::Unusable, "there is no image in it")))
            }
            Ok(parsed) => {
                let tried = parsed.links();
                let source = Some((&answer, None));
                match self.deliver(attempt, order, parsed, source, state).await {
                    Ok(success) => return Ok(success),
                    Err(failure) => (tried, failure),
                }
            }
            Err(error) => (Vec::new(), Failure::sent(error)),
        };
        self.salvage(attempt, order, source(tried), failure, state).await
    }

    async fn go_on(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        pending: &Pending,
        state: &mut JobState,
        report: &mut AttemptReport,
    ) -> Result<Success, Failure> {
        let Some(call) = &pending.call else {
            let call = self.find_lost(attempt, order, pending).await?;
            return self.follow(attempt, order, call, state, report).await;
        };
        let call = Call { after_ms: 0, ..call.clone() };
        match self.follow(attempt, order, call, state, report).await {
            // The line that says where the job is was altered: it may be somewhere else.
            Err(failure) if pending.is_altered && failure.error.kind == Kind::Ambiguous => {
                let call = self.find_lost(attempt, order, pending).await?;
                self.follow(attempt, order, call, state, report).await
            }
            // Another account never knew the job.
            Err(failure)
                if failure.error.kind == Kind::Ambiguous
                    && attempt.route.is_by_another_key(&pending.intent.route) =>
            {
                Err(Failure::open(unknown_here(&failure.error.message, &pending.intent.route)))
            }
            outcome => outcome,
        }
    }

    /// An intent without an answer: the provider's history may know the job.
    async fn find_lost(
        &self,
        attempt: &Attempt<'_>,
        order: &Order,
        pending: &Pending,
    ) -> Result<Call, Failure> {
        let since = pending.intent.t - jiff::SignedDuration::from_secs(60);
        let unknown = |what: &str| Error::new(Kind::Ambiguous, what);
        let submitted = intended(&pending.intent, attempt.route, order).map_err(Failure::open)?;
        let error = match attempt.route.dialect.lost(order, &since.to_string()) {
            None => unknown("no image ever came, and the provider cannot say what became of it"),
            Some(call) => match self.look(attempt, order, &submitted, &call).await? {
                Looked::Found(found) => return Ok(*found),
                Looked::Unasked(error) => error,
                Looked::NotThere if attempt.route.is_by_another_key(&pending.intent.route) => {
                    let name = attempt.route.name();
                    let what =
                        format!("no image ever came, and the history of {name} does not know it");
                    unknown_here(&what, &pending.intent.route).code("history_unasked")
                }
                Looked::NotThere => {
                    unknown("no image ever came, and the provider's history does not know it")
                        .code(NOT_THERE)
                }
            },
        };
        Err(Failure::open(error))
    }

    async fn save_kept(&self, attempt: &Attempt<'_>, kept: &[PathBuf]) -> Result<Success, Failure> {
        let mut success = Success::default();
        for (at, path) in kept.iter().enumerate() {
            // The source may be a part file itself: never written over.
            let part = format!("{}.{}.again", attempt.id(), at + 1);
            let request = SaveRequest { part, ..self.save_request(attempt, at, None) };
            let kept = KeptFile(path.clone());
            let outcome = cpu_pool::run(move || save(&kept, request)).await;
            let outcome = outcome.unwrap_or_else(|_| {
                Err(Error::new(Kind::Unusable, "the kept bytes cannot be decoded"))
            });
            match outcome {
                Ok((saved, ..)) => success.saved.push(saved),
                Err(error) => {
                    let open = error.kind == Kind::Local;
                    return Err(Failure { open, ..Failure::sent(error) });
                }
            }
        }
        Ok(success)
    }
}

/// The call that an intent was written for, as it left: it may say what its order does not. Made anew
/// only where the log does not have it.
///
/// # Errors
/// The order cannot be written for its provider any more.
fn intended(intent: &Entry, route: &Route, order: &Order) -> Result<Call> {
    if let Some(call) = &intent.call {
        return Ok(call.clone());
    }
    match route.dialect.submit(order, &Links::new())?.then {
        Then::Send(call) => Ok(*call),
        Then::Done | Then::More => Err(Error::new(Kind::Internal, "nothing was sent")),
    }
}

/// That a key does not know a job says nothing of it where the route before had another one.
fn unknown_here(what: &str, before: &str) -> Error {
    Error::new(Kind::Detached, format!("{what}; only with {before} it can be found out"))
}

impl AttemptReport {
    /// The report of an attempt that has just begun.
    pub(super) fn of(id: &str, route: &Route) -> AttemptReport {
        AttemptReport {
            id: id.to_owned(),
            model: route.model_id(),
            route: route.name(),
            outcome: "done".to_owned(),
            status: None,
            host: None,
            ms: 0,
            request_id: None,
            gateway: Value::Null,
            message: None,
        }
    }
}
