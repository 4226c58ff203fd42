//! Before a request leaves: its permit, and what becomes of it afterwards.
//!
//! Waiting for a limit of our own is shown, ends with a signal, and takes nothing from the deadline
//! before a job's first request. `wait_cap` is about pauses that a provider asks for.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::limit::{Admission, FailedRequest, HasFallback, Origin, Permit};
use super::outcome::{Failure, JobState};
use super::planned::Job;
use super::route::Turn;
use super::{Event, Level, Route, Run};
use crate::pool::run_blocking;

/// What is waited for is looked at again so often at least.
const SLICE: Duration = Duration::from_secs(1);

impl Run {
    /// When a job starts no further attempt.
    pub(super) fn deadline(&self, state: &JobState) -> Instant {
        state.deadline.unwrap_or_else(|| Instant::now() + self.settings.deadline)
    }

    /// Waits for leave to send a request. What forbids it: a dead key, a long pause, a signal, the
    /// deadline. Nothing is asked for when the picture is drawn here.
    pub(super) async fn admit(
        &self,
        job: &Job,
        route: &Route,
        state: &mut JobState,
    ) -> Result<Option<Permit>, Failure> {
        let origin = route.origin();
        // What was said last, and until when it is true.
        let mut message: Option<(String, Option<Instant>)> = None;
        let barred = || self.disabled(route).or_else(|| self.halts.why(job)).map(Failure::halted);
        loop {
            if let Some(failure) = barred() {
                return Err(failure);
            }
            if self.stop.level() > Level::Running {
                return Err(state.stopped());
            }
            if let Some(late) = too_late(state, Duration::ZERO) {
                return Err(late);
            }
            if route.is_local() {
                return Ok(None);
            }
            let (wait, why) = match self.ask_limits(&origin, self.has_fallback(job, route)).await {
                Admission::Go(permit) => {
                    // What has ended meanwhile may have shown that there is no use.
                    if let Some(failure) = barred() {
                        return Err(failure);
                    }
                    state.deadline.get_or_insert(Instant::now() + self.settings.deadline);
                    return Ok(Some(permit));
                }
                Admission::Broken(error) => {
                    let why = "it was not asked now, because it failed again and again";
                    return Err(Failure::unsent(error.hint(why)));
                }
                Admission::Cooling(wait, error) if wait > self.settings.wait_cap => {
                    return Err(Failure::unsent(self.name_wait(error.wait(Some(wait)))));
                }
                Admission::Cooling(wait, _) => {
                    (wait, Some(("the provider's rate limit".to_owned(), Some(wait))))
                }
                Admission::Wait { wait, why, is_known } => {
                    (wait, why.map(|why| (why, is_known.then_some(wait))))
                }
            };
            if let Some(late) = too_late(state, wait) {
                return Err(late);
            }
            if let Some((why, wait)) = why {
                let now = Instant::now();
                // Said once, not at every look, unless it takes longer than was said.
                let is_said = message.as_ref().is_some_and(|(known, until)| {
                    *known == why && until.is_none_or(|until| now < until)
                });
                if !is_said {
                    message = Some((why.clone(), wait.and_then(|wait| now.checked_add(wait))));
                    self.say(Event::Waiting { job: job.index, why, wait });
                }
            }
            // Meanwhile the key may die, or a place be given back.
            self.pause(wait.min(SLICE), state).await?;
        }
    }

    /// Whether the job has another route that can be asked.
    fn has_fallback(&self, job: &Job, route: &Route) -> HasFallback {
        let origin = route.origin();
        let is_open = |other: &&Route| {
            matches!(other.turn, Turn::InOrder | Turn::Alternate)
                && other.origin() != origin
                && self.disabled(other).is_none()
        };
        if job.routes.iter().any(|other| is_open(&other)) {
            HasFallback::Yes
        } else {
            HasFallback::No
        }
    }

    /// Gives a permit back and notes how its request ended; `wait` is the pause after a 429.
    pub(super) async fn give_back(
        &self,
        route: &Route,
        permit: Option<Permit>,
        failure: Option<&Failure>,
        wait: Duration,
    ) {
        let Some(permit) = permit else { return };
        let (limits, origin) = (Arc::clone(&self.engine.limits), route.origin());
        let failure = failure.map(|failure| FailedRequest {
            error: failure.error.clone(),
            unsent: failure.unsent,
            wait,
        });
        let _ = run_blocking(move || limits.ended(&origin, permit, failure.as_ref())).await;
    }

    /// Learns from the headers of an answer.
    pub(super) async fn learn_limits(&self, route: &Route, headers: &[(String, String)]) {
        let observed = headers.iter().filter(|(name, _)| name.starts_with("x-ratelimit-"));
        let observed: Vec<_> = observed.cloned().collect();
        if observed.is_empty() {
            return;
        }
        let (limits, origin) = (Arc::clone(&self.engine.limits), route.origin());
        let _ = run_blocking(move || limits.learn(&origin, &observed)).await;
    }

    /// Asks the limits, whose state lies in files.
    async fn ask_limits(&self, origin: &Origin, fallback: HasFallback) -> Admission {
        let (limits, origin) = (Arc::clone(&self.engine.limits), origin.clone());
        let asked = run_blocking(move || limits.ask(&origin, fallback)).await;
        asked.unwrap_or(Admission::Wait { wait: SLICE, why: None, is_known: true })
    }
}

/// No new attempt begins after the deadline, nor is anything waited for that ends after it.
fn too_late(state: &JobState, wait: Duration) -> Option<Failure> {
    let (tried, deadline) = state.last.as_ref().zip(state.deadline)?;
    let is_late = Instant::now() + wait >= deadline;
    let error = || tried.failure.error.clone().hint("no new attempt is made after `--deadline`");
    is_late.then(|| Failure::unsent(error()))
}
