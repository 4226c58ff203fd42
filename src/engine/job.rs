//! One job: its routes in order, the repeats on each, and the report at the end.
//!
//! The loop reads like the table it obeys: `Kind` says whether the same route or the next one may
//! be tried, and the journal hears of every attempt before the next begins.

use std::time::Duration;

use tokio::time::Instant;

use super::attempt::{Attempt, Failed, Made};
use super::plan::{Job, SKETCH};
use super::report::{AttemptReport, Cost, Failure, ImageReport, JobReport, JobStatus, Timing};
use super::{Engine, Event, Level, Route, chance};
use crate::error::{Error, Exit, Kind, Reserved};
use crate::money::Money;
use crate::store::What;
use crate::text;

/// What is gathered while a job runs.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) attempts: Vec<AttemptReport>,
    pub(super) timing: Timing,
    /// Money that earlier attempts of this job may have cost.
    uncertain: Money,
    is_uncertain: bool,
    /// An attempt was left to `pinx recover`.
    left_open: bool,
    /// The last attempt, while the journal expects the job to go on after it.
    tried: Option<Tried>,
}

/// An attempt that was closed as tried.
struct Tried {
    at: usize,
    number: u32,
    failed: Failed,
}

impl Ledger {
    /// The failure of a job that a signal keeps from another attempt.
    fn stopped(&self) -> Failed {
        Failed::unsent(match &self.tried {
            Some(tried) => tried.failed.error.clone().hint("stopped before another try"),
            None => interrupted(),
        })
    }
}

impl Engine<'_> {
    /// Runs one job to its end.
    pub(super) async fn run_job(&self, job: &Job) -> JobReport {
        let started = Instant::now();
        let mut ledger = Ledger::default();
        let (route, outcome) = self.over_routes(job, started, &mut ledger).await;
        ledger.timing.total_ms = started.elapsed().as_millis() as u64;
        let report = self.report(job, route, ledger, outcome);
        self.say(Event::Ended {
            job: job.index,
            done: report.status == JobStatus::Done,
            cost: (report.billed == "yes").then(|| report.cost.best()).flatten(),
        });
        report
    }

    /// Tries the routes in order; answers with the last one taken.
    async fn over_routes<'j>(
        &self,
        job: &'j Job,
        started: Instant,
        ledger: &mut Ledger,
    ) -> (&'j Route, Result<Made, Failed>) {
        let deadline = started + self.options.deadline;
        let mut route = &job.routes[0];
        // The first failure explains a run in which no route could be asked at all.
        let mut failed: Option<Failed> = None;
        for (at, next) in job.routes.iter().enumerate() {
            let missing = failed.as_ref().is_some_and(|f| f.error.kind == Kind::MissingModel);
            if next.successor && !missing {
                continue;
            }
            if let Some(error) = self.limits.dead(&next.origin(), &next.model_id()) {
                failed.get_or_insert_with(|| Failed::unsent(error));
                continue;
            }
            if let (Some(before), true) = (&failed, at > 0) {
                let why = before.error.message.clone();
                let (from, to) = (route.model_id(), next.model_id());
                self.say(Event::FellBack { job: job.index, from, to, why });
                if next.is_local() {
                    self.say(Event::Notice { job: Some(job.index), text: SKETCH.to_owned() });
                }
            }
            route = next;
            match self.on_route(job, at, deadline, ledger).await {
                Ok(made) => return (route, Ok(made)),
                Err(error) => {
                    let goes_on = self.takes_next_route(error.error.kind);
                    failed = Some(error);
                    let is_spent = ledger.attempts.len() as u32 >= self.options.max_attempts;
                    let is_late = !ledger.attempts.is_empty() && Instant::now() >= deadline;
                    if !goes_on || is_spent || is_late {
                        break;
                    }
                }
            }
        }
        // What is open is open already.
        if let Some(tried) = ledger.tried.take().filter(|tried| !tried.failed.open) {
            // What was to follow could not be taken after all: the last attempt ends the job.
            let (route, number) = (&job.routes[tried.at], tried.number);
            self.close(
                &Attempt { job, route, number, deadline, kept: &[] },
                &tried.failed,
                What::Failed,
            );
        }
        let failed = failed.unwrap_or_else(|| {
            Failed::unsent(Error::new(Kind::Internal, "the job had no route to take"))
        });
        (route, Err(failed))
    }

    /// The repeats on one route.
    async fn on_route(
        &self,
        job: &Job,
        at: usize,
        deadline: Instant,
        ledger: &mut Ledger,
    ) -> Result<Made, Failed> {
        let (route, others) = (&job.routes[at], &job.routes[at + 1..]);
        let (origin, model) = (route.origin(), route.model_id());
        let expected = route.model.seconds.map(|[_, high]| Duration::from_secs_f64(high));
        self.say(Event::Started { job: job.index, model: model.clone(), expected });
        let (mut again, mut doubtful) = (0, 0);
        loop {
            self.gate(job, route, deadline, ledger).await?;
            let number = ledger.attempts.len() as u32 + 1;
            let attempt = Attempt { job, route, number, deadline, kept: &[] };
            let failed = match self.attempt(&attempt, ledger).await {
                Ok(made) => {
                    ledger.tried = None;
                    return Ok(made);
                }
                Err(failed) => failed,
            };
            let kind = failed.error.kind;
            let wait = self.wait_before(&failed.error, again);
            match kind {
                Kind::Account => self.limits.kill(&origin, &failed.error),
                Kind::Permission => self.limits.bar(&origin, &model, &failed.error),
                Kind::Busy => self.limits.cool(&origin, wait, &failed.error),
                _ => {}
            }
            let spare = number < self.options.max_attempts && Instant::now() < deadline;
            let repeat = match kind {
                // Only because the user said so: it may be billed a second time.
                Kind::Ambiguous => doubtful < self.options.retry_ambiguous,
                _ => kind.tries_again() && again < self.options.retries,
            };
            let repeat = repeat
                && spare
                && wait <= self.options.wait_cap
                && Instant::now() + wait < deadline
                && self.stop.level() == Level::Run;
            let next = others.iter().any(|other| !other.successor || kind == Kind::MissingModel);
            let goes_on = repeat || (next && spare && self.takes_next_route(kind));
            if failed.unsent {
                return Err(failed);
            }
            self.close(&attempt, &failed, if goes_on { What::Tried } else { What::Failed });
            ledger.left_open |= failed.open;
            if goes_on && failed.error.reserved() != Reserved::Released {
                ledger.uncertain = ledger.uncertain + route.estimate.reserve.unwrap_or_default();
                ledger.is_uncertain = true;
            }
            let error = failed.error.clone();
            let why = error.message.clone();
            ledger.tried = goes_on.then(|| Tried { at, number, failed: failed.copy() });
            if !repeat {
                return Err(Failed { error: self.name_wait(error), ..failed });
            }
            self.say(Event::Retrying { job: job.index, why, wait });
            self.wait_for(job.index, "another try", Some(wait), ledger).await?;
            if kind == Kind::Ambiguous {
                doubtful += 1;
            } else {
                again += 1;
            }
        }
    }

    /// What forbids another attempt right now: a dead key, a long cooldown, a signal, the deadline.
    async fn gate(
        &self,
        job: &Job,
        route: &Route,
        deadline: Instant,
        ledger: &mut Ledger,
    ) -> Result<(), Failed> {
        let origin = route.origin();
        if let Some(error) = self.limits.dead(&origin, &route.model_id()) {
            return Err(Failed::unsent(error));
        }
        if let Some((wait, error)) = self.limits.cooling(&origin) {
            if wait > self.options.wait_cap {
                return Err(Failed::unsent(self.name_wait(error.wait(Some(wait)))));
            }
            self.wait_for(job.index, "the provider's rate limit", Some(wait), ledger).await?;
        }
        if self.stop.level() > Level::Run {
            return Err(ledger.stopped());
        }
        if Instant::now() >= deadline
            && let Some(tried) = &ledger.tried
        {
            let error = tried.failed.error.clone();
            return Err(Failed::unsent(error.hint("no new attempt is made after `--deadline`")));
        }
        Ok(())
    }

    /// Says how long the provider asks to wait, where that is why it ends here.
    fn name_wait(&self, error: Error) -> Error {
        match error.retry_after {
            Some(asked) if asked > self.options.wait_cap => {
                error.hint(format!("the provider asks to wait {}", text::duration(asked)))
            }
            _ => error,
        }
    }

    fn takes_next_route(&self, kind: Kind) -> bool {
        self.stop.level() == Level::Run
            && (kind.takes_next_route() || self.options.fallback_on.contains(&kind))
    }

    /// How long to wait before the next try: what was asked for, else a growing back-off.
    fn wait_before(&self, error: &Error, again: u32) -> Duration {
        // A 429 without a hint starts at four times the usual back-off.
        let doubled = if error.kind == Kind::Busy { again + 2 } else { again };
        error.retry_after.unwrap_or_else(|| {
            chance::back_off(self.options.backoff, self.options.backoff_max, doubled)
        })
    }

    /// Waits, unless the run is stopped meanwhile.
    async fn wait_for(
        &self,
        job: usize,
        why: &str,
        wait: Option<Duration>,
        ledger: &mut Ledger,
    ) -> Result<(), Failed> {
        let Some(wait) = wait else { return Ok(()) };
        self.say(Event::Waiting { job, why: why.to_owned(), wait: Some(wait) });
        let started = Instant::now();
        let stopped = tokio::select! {
            () = tokio::time::sleep(wait) => false,
            () = self.stop.at(Level::Wind) => true,
        };
        ledger.timing.waited_ms += started.elapsed().as_millis() as u64;
        if stopped { Err(ledger.stopped()) } else { Ok(()) }
    }

    fn report(
        &self,
        job: &Job,
        route: &Route,
        ledger: Ledger,
        outcome: Result<Made, Failed>,
    ) -> JobReport {
        let mut report = JobReport {
            status: JobStatus::Done,
            attempts: ledger.attempts,
            timing: ledger.timing,
            ..job.report(route)
        };
        match outcome {
            Ok(made) => {
                report.billed = if route.is_local() { "no" } else { "yes" };
                report.cost.reported = made.cost;
                report.seed = made.seed.or(report.seed);
                report.revised_prompt = made.revised_prompt;
                report.adjustments.extend(made.adjustments);
                let shown = |saved: &crate::store::journal::Saved| job.shown(&saved.path);
                report.images = made
                    .saved
                    .iter()
                    .map(|saved| ImageReport {
                        path: saved.path.display().to_string(),
                        width: saved.width,
                        height: saved.height,
                        format: saved.format.clone(),
                        bytes: saved.bytes,
                        sha256: saved.sha256.clone(),
                        shown: shown(saved),
                    })
                    .collect();
                if let Some(error) = made.strict {
                    report.status = JobStatus::Failed;
                    report.exit = error.exit();
                    report.error = Some(Failure::from(&error));
                }
            }
            Err(failed) => {
                let error = &failed.error;
                let reserved = if failed.unsent { Reserved::Released } else { error.reserved() };
                report.billed = reserved.billed();
                report.status = match error.kind {
                    Kind::Content => JobStatus::Refused,
                    Kind::Ambiguous => JobStatus::Unknown,
                    Kind::Detached => JobStatus::Pending,
                    Kind::Interrupted if failed.open => JobStatus::Pending,
                    Kind::Interrupted => JobStatus::Interrupted,
                    _ => JobStatus::Failed,
                };
                if failed.open && error.kind == Kind::Interrupted {
                    report.billed = "unknown";
                }
                report.exit = match self.stop.level() {
                    Level::Now if failed.open => Exit::INTERRUPTED,
                    _ => error.exit(),
                };
                report.error = Some(Failure::from(error));
            }
        }
        report.uncertain = ledger.uncertain;
        report.left_open = ledger.left_open;
        if report.billed == "unknown" {
            report.uncertain = report.uncertain + route.estimate.reserve.unwrap_or_default();
        }
        if report.billed == "no" && ledger.is_uncertain {
            report.billed = "unknown";
        }
        report
    }
}

impl Job {
    /// The report of this job as planned over a route, before anything has happened.
    pub(super) fn report(&self, route: &Route) -> JobReport {
        JobReport {
            index: self.index,
            id: self.id.clone(),
            status: JobStatus::Planned,
            prompt: self.prompt.clone(),
            model: route.model_id(),
            provider: route.provider.id.clone(),
            route: route.name(),
            attempts: Vec::new(),
            images: Vec::new(),
            seed: route.order.seed,
            cost: Cost {
                estimated: route.estimate.expected,
                reported: None,
                currency: "USD",
                certainty: route.estimate.certainty,
            },
            billed: "no",
            uncertain: Money::ZERO,
            left_open: false,
            timing: Timing::default(),
            adjustments: route.adjustments.clone(),
            revised_prompt: None,
            call: None,
            error: None,
            exit: Exit::OK,
        }
    }
}

/// The error of a job that was not begun, or not begun again, because the run was stopped.
pub(super) fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "stopped before it was sent")
}
