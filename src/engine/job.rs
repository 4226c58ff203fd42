//! One job: its routes in order, the repeats on each, and the report at the end.
//!
//! The loop reads like the table it obeys: `Kind` says whether the same route or the next one may
//! be tried, and the log hears of every attempt before the next begins.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::backoff;
use super::cache::{CacheLookup, release};
use super::causes::Causes;
use super::event::End;
use super::job_slot::JobSlot;
use super::missing_models::is_missing;
use super::outcome::{Attempt, Failure, JobState, LastAttempt, Success};
use super::plan::SKETCH;
use super::planned::Job;
use super::report::{JobReport, JobStatus};
use super::route::Turn;
use super::{Event, Level, Route, Run};
use crate::error::{Billed, Error, Kind, Reserved};
use crate::money::Money;
use crate::pool::run_blocking;
use crate::store::EntryKind;
use crate::text;

impl Run {
    /// Runs one job to its end.
    pub(super) async fn run_job(&self, job: &Job, slot: JobSlot) -> JobReport {
        let started = Instant::now();
        let mut state = JobState { slot: Some(slot), ..JobState::default() };
        let halted = self.halts.why(job).map(Failure::halted);
        let claimed = match halted {
            Some(failure) => Err(failure),
            None => self.claim(job).await,
        };
        let (route, outcome) = match claimed {
            Ok(()) => self.over_routes(job, &mut state).await,
            Err(failure) => (&job.routes[0], Err(failure)),
        };
        state.timing.total_ms = started.elapsed().as_millis() as u64;
        let report = self.report(job, route, state, outcome);
        self.end_claim(job, route, &report).await;
        self.say(Event::Ended {
            job: job.index,
            end: match report.status {
                JobStatus::Done | JobStatus::Cached => End::Done,
                JobStatus::Refused => End::Refused,
                _ => End::Failed,
            },
            cost: match (report.status, report.billed) {
                (JobStatus::Cached, _) | (_, Billed::No) => Some(Money::ZERO),
                (_, Billed::Yes) => report.cost.best(),
                _ => None,
            },
        });
        report
    }

    /// Tries the routes in order, the keys of one provider by their load; answers with the last one
    /// taken.
    async fn over_routes<'j>(
        &self,
        job: &'j Job,
        state: &mut JobState,
    ) -> (&'j Route, Result<Success, Failure>) {
        let mut route = &job.routes[0];
        // The first failure explains a run in which no route could be asked at all.
        let mut failure: Option<Failure> = None;
        let mut causes = Causes::of(job);
        let mut left: Vec<usize> = (0..job.routes.len()).collect();
        let mut lacking = HashSet::new();
        // Whether the last model was missing for its key.
        let mut in_vain = false;
        while let Some(at) = self.take_next(job, &mut left, &lacking, state).await {
            let next = &job.routes[at];
            let kind = failure.as_ref().map(|failure| failure.error.kind);
            if !next.turn.follows(kind, in_vain) {
                continue;
            }
            if let Some(error) = self.disabled(next) {
                in_vain = is_missing(next, &error);
                lacking.extend(in_vain.then(|| next.provider.id.clone()));
                causes.add(next, &error);
                self.tell_unreachable(next, &error);
                failure.get_or_insert_with(|| Failure::halted(error));
                continue;
            }
            if let Some(before) = &failure {
                let why = before.error.message.clone();
                let (from, to) = (route.name_beside(next), next.name_beside(route));
                // What is so for every job is said once.
                if !before.halted || self.halts.is_news(&format!("{from} {to} {why}")) {
                    self.say(Event::FellBack { job: job.index, from, to, why });
                }
                if next.is_local() {
                    self.say(Event::Notice { job: Some(job.index), text: SKETCH.to_owned() });
                }
            }
            route = next;
            match self.on_route(job, at, &left, state).await {
                Ok(success) => return (route, Ok(success)),
                Err(error) => {
                    in_vain = is_missing(next, &error.error);
                    lacking.extend(in_vain.then(|| next.provider.id.clone()));
                    let goes_on = self.takes_next_route(error.error.kind);
                    // A route that was not asked because it cools down says nothing new.
                    let is_news = failure.is_none() || !error.is_cooling();
                    if is_news {
                        causes.add(next, &error.error);
                        failure = Some(error);
                    }
                    let is_spent = state.attempts.len() as u32 >= self.max_attempts();
                    if !goes_on || is_spent || state.is_late() {
                        break;
                    }
                }
            }
        }
        let last = state.last.take();
        if let (Some(failure), Some(tried)) = (&mut failure, &last)
            && failure.error.kind == Kind::Budget
        {
            failure.error = unaffordable(&tried.failure.error, &failure.error);
        }
        // What is open is open already.
        if let Some(tried) = last.filter(|tried| !tried.failure.open) {
            // What was to follow could not be taken after all: the last attempt ends the job.
            let (route, number) = (&job.routes[tried.at], tried.number);
            let deadline = self.deadline(state);
            let mut ended = tried.failure.copy();
            // What kept the next one from being sent says nothing of the picture: it may be asked for again.
            if let Some(failure) = &failure
                && !failure.error.kind.is_final()
                && ended.error.kind.is_final()
            {
                ended.error.reserved = Some(ended.error.reserved());
                ended.error.kind = failure.error.kind;
            }
            self.close(
                &Attempt { job, route, number, deadline, salvaged: &[] },
                &ended,
                EntryKind::Failed,
            );
        }
        let mut failure = failure.unwrap_or_else(|| {
            Failure::unsent(Error::new(Kind::Internal, "the job had no route to take"))
        });
        causes.explain(&mut failure.error);
        (route, Err(failure))
    }

    /// The next route: the first that is left, or the least loaded key of the same model there. An
    /// alternate waits until all others were taken, unless its provider is lacking a model.
    async fn take_next(
        &self,
        job: &Job,
        left: &mut Vec<usize>,
        lacking: &HashSet<String>,
        state: &mut JobState,
    ) -> Option<usize> {
        let waits =
            |route: &Route| route.turn == Turn::Alternate && !lacking.contains(&route.provider.id);
        let first = left.iter().find(|at| !waits(&job.routes[**at])).or(left.first())?;
        let first = &job.routes[*first];
        let siblings: Vec<usize> =
            left.iter().copied().filter(|at| job.routes[*at].is_sibling(first)).collect();
        let least = match siblings.as_slice() {
            [only] => *only,
            _ => siblings[self.least_loaded(job, &siblings, state).await],
        };
        left.retain(|at| *at != least);
        Some(least)
    }

    /// Which of some routes has a key that is asked at all and has least to do.
    async fn least_loaded(&self, job: &Job, routes: &[usize], state: &mut JobState) -> usize {
        let origin =
            |at: &usize| (self.disabled(&job.routes[*at]).is_some(), job.routes[*at].origin());
        let origins: Vec<_> = routes.iter().map(origin).collect();
        let limits = Arc::clone(&self.engine.limits);
        let chosen = run_blocking(move || limits.choose(&origins)).await;
        let (at, coming) = chosen.ok().flatten().unzip();
        state.coming = coming;
        at.unwrap_or_default()
    }

    /// One route: the cache, else the repeats on it; `left` are those that were not taken yet.
    async fn on_route(
        &self,
        job: &Job,
        at: usize,
        left: &[usize],
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let route = &job.routes[at];
        let expected = route.model.seconds.map(|[_, high]| Duration::from_secs_f64(high));
        self.say(Event::Started { job: job.index, model: route.model_id(), expected });
        let deadline = self.deadline(state);
        let claim = match self.cache_get(job, route, deadline, state).await? {
            CacheLookup::Hit(success) => {
                state.last = None;
                return Ok(*success);
            }
            CacheLookup::Miss(claim) => claim,
        };
        let outcome = match self.upload_inputs(job, route, state).await {
            Ok(()) => self.repeated(job, at, left, state).await,
            Err(failure) => Err(failure),
        };
        match outcome {
            Ok(mut success) => {
                state.last = None;
                self.cache_put(job, route, claim, &mut success).await;
                Ok(success)
            }
            Err(failure) => {
                release(claim).await;
                self.doubt_links(route, state, &failure).await;
                Err(failure)
            }
        }
    }

    /// The repeats on one route.
    async fn repeated(
        &self,
        job: &Job,
        at: usize,
        left: &[usize],
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let route = &job.routes[at];
        let (mut again, mut doubtful) = (0, 0);
        loop {
            if let Some(slot) = &mut state.slot {
                slot.take().await;
            }
            let permit = self.admit(job, route, state).await?;
            state.coming = None;
            let deadline = self.deadline(state);
            let number = state.attempts.len() as u32 + 1;
            let attempt = Attempt { job, route, number, deadline, salvaged: &[] };
            let outcome = self.attempt(&attempt, state).await;
            let wait = match &outcome {
                Ok(_) => Duration::ZERO,
                Err(failure) => self.wait_before(&failure.error, again),
            };
            // Before the permit is another's.
            self.learn(job, route, outcome.as_ref().err());
            self.note_missing(job, route, outcome.as_ref().err(), !left.is_empty()).await;
            self.give_back(route, permit, outcome.as_ref().err(), wait).await;
            let failure = match outcome {
                Ok(success) => {
                    self.learn_connection(route, None, true);
                    return Ok(success);
                }
                Err(failure) => failure,
            };
            let kind = failure.error.kind;
            let spare = number < self.max_attempts() && Instant::now() < deadline;
            let repeat = match kind {
                // Only because the user said so: it may be billed a second time.
                Kind::Ambiguous => doubtful < self.settings.retry_ambiguous,
                _ => kind.tries_again() && again < self.settings.retries,
            };
            let repeat = repeat
                && spare
                && wait <= self.settings.wait_cap
                && Instant::now() + wait < deadline
                && self.stop.level() == Level::Running;
            let in_vain = is_missing(route, &failure.error);
            let next = left.iter().any(|at| job.routes[*at].turn.follows(Some(kind), in_vain));
            let goes_on = repeat || (next && spare && self.takes_next_route(kind));
            if failure.unsent {
                return Err(failure);
            }
            self.learn_connection(route, Some(&failure.error), !repeat);
            self.close(
                &attempt,
                &failure,
                if goes_on { EntryKind::Tried } else { EntryKind::Failed },
            );
            state.left_open |= failure.open;
            if goes_on && failure.error.reserved() != Reserved::Released {
                state.uncertain = state.uncertain + route.estimate.reserve.unwrap_or_default();
                state.is_uncertain = true;
            }
            let error = failure.error.clone();
            let why = error.message.clone();
            state.last = goes_on.then(|| LastAttempt { at, number, failure: failure.copy() });
            if !repeat {
                return Err(Failure { error: self.name_wait(error), ..failure });
            }
            self.say(Event::Retrying { job: job.index, why, wait });
            self.wait_for(job.index, "another try", wait, state).await?;
            if kind == Kind::Ambiguous {
                doubtful += 1;
            } else {
                again += 1;
            }
        }
    }

    /// Says how long the provider asks to wait, where that is why it ends here.
    pub(super) fn name_wait(&self, error: Error) -> Error {
        match error.retry_after {
            Some(asked) if asked > self.settings.wait_cap => {
                error.hint(format!("the provider asks to wait {}", text::duration(asked)))
            }
            _ => error,
        }
    }

    fn takes_next_route(&self, kind: Kind) -> bool {
        self.stop.level() == Level::Running && (kind.takes_next_route() || self.goes_on_after(kind))
    }

    /// How long to wait before the next try: what was asked for, else a growing back-off.
    fn wait_before(&self, error: &Error, again: u32) -> Duration {
        // A 429 without a hint starts at four times the usual back-off.
        let doubled = if error.kind == Kind::Busy { again + 2 } else { again };
        error
            .retry_after
            .unwrap_or_else(|| backoff(self.settings.backoff, self.settings.backoff_max, doubled))
    }

    /// Says that it waits, and does so unless the run is stopped meanwhile.
    async fn wait_for(
        &self,
        job: usize,
        why: &str,
        wait: Duration,
        state: &mut JobState,
    ) -> Result<(), Failure> {
        self.say(Event::Waiting { job, why: why.to_owned(), wait: Some(wait) });
        self.pause(wait, state).await
    }

    /// Waits, unless the run is stopped meanwhile.
    pub(super) async fn pause(&self, wait: Duration, state: &mut JobState) -> Result<(), Failure> {
        let started = Instant::now();
        let stopped = tokio::select! {
            () = tokio::time::sleep(wait) => false,
            () = self.stop.at(Level::Draining) => true,
        };
        state.timing.waited_ms += started.elapsed().as_millis() as u64;
        if stopped { Err(state.stopped()) } else { Ok(()) }
    }
}

/// A failure after which the budget allows no further attempt: what happened comes first.
fn unaffordable(cause: &Error, budget: &Error) -> Error {
    let message = format!(
        "{}; another attempt does not fit: {}",
        text::clause(&cause.message),
        budget.message
    );
    let hints = budget.hints.iter().chain(&cause.hints).cloned().collect();
    let answered = cause.answered.clone().or(budget.answered.clone());
    Error { message, hints, answered, ..budget.clone() }
}
