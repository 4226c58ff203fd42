//! What is told of a job: as planned, not begun, or by what it came to.

use super::outcome::{Failure, JobState, Success};
use super::planned::Job;
use super::report::{Cost, ErrorReport, ImageReport, InputReport, JobReport, JobStatus, Timing};
use super::{Level, Route, Run, remedy};
use crate::error::{Billed, Error, Exit, Kind, Reserved};
use crate::money::Money;
use crate::store::log::Saved;

/// What to do where a job has failed and an attempt before the last one is open.
const LEFT_OPEN: &str = "an attempt before it is still open: `pinx recover` collects it, or says what \
                         became of it; do not run the command again";

impl Run {
    /// The report of a job that has ended, over the route taken last.
    pub(super) fn report(
        &self,
        job: &Job,
        route: &Route,
        state: JobState,
        outcome: Result<Success, Failure>,
    ) -> JobReport {
        let mut report = JobReport {
            status: JobStatus::Done,
            attempts: state.attempts,
            timing: state.timing,
            ..job.report(route)
        };
        match outcome {
            Ok(success) => {
                report.billed =
                    if success.cached || route.is_local() { Billed::No } else { Billed::Yes };
                if success.cached {
                    report.status = JobStatus::Cached;
                }
                report.cost.reported = success.cost;
                report.usage = success.usage;
                report.seed = success.seed.or(report.seed);
                report.revised_prompt = success.revised_prompt;
                report.adjustments.extend(success.adjustments);
                let image = |saved: &Saved| ImageReport {
                    shown: job.shown(&saved.path),
                    ..ImageReport::of_saved(saved)
                };
                report.images = success.saved.iter().map(image).collect();
                if let Some(error) = success.strict {
                    report.status = JobStatus::Failed;
                    report.exit = error.exit();
                    report.error = Some(ErrorReport::from(&error));
                }
            }
            Err(failure) if failure.halted && report.attempts.is_empty() => {
                return JobReport { timing: report.timing, ..job.unbegun(Some(failure.error)) };
            }
            Err(mut failure) => {
                let error = &mut failure.error;
                report.kind = Some(error.kind);
                let reserved = if failure.unsent { Reserved::Released } else { error.reserved() };
                report.billed = reserved.billed();
                report.status = match error.kind {
                    Kind::Content => JobStatus::Refused,
                    Kind::Ambiguous => JobStatus::Unknown,
                    Kind::Detached => JobStatus::Pending,
                    Kind::Interrupted if failure.open => JobStatus::Pending,
                    Kind::Interrupted => JobStatus::Interrupted,
                    _ => JobStatus::Failed,
                };
                if failure.open && error.kind == Kind::Interrupted {
                    report.billed = Billed::Unknown;
                }
                // What an attempt before it may still come to is not to be paid for again.
                let waits = state.left_open && !failure.open && error.kind != Kind::Interrupted;
                if waits {
                    error.hints.push(LEFT_OPEN.to_owned());
                }
                let uncertain = match reserved {
                    Reserved::Uncertain => {
                        state.uncertain + route.estimate.reserve.unwrap_or_default()
                    }
                    _ => state.uncertain,
                };
                let remedy = remedy::of(route, error, &report.attempts, uncertain);
                error.hints.extend(remedy.filter(|_| !waits));
                report.exit = match self.stop.level() {
                    Level::Abort if failure.open => Exit::INTERRUPTED,
                    _ if waits => Exit::OPEN,
                    _ => error.exit(),
                };
                report.is_final = error.kind.is_final();
                report.error = Some(ErrorReport::from(&*error));
            }
        }
        report.uncertain = state.uncertain;
        report.left_open = state.left_open;
        if report.billed == Billed::Unknown {
            report.uncertain = report.uncertain + route.estimate.reserve.unwrap_or_default();
        }
        if report.billed == Billed::No && state.is_uncertain {
            report.billed = Billed::Unknown;
        }
        report
    }
}

impl Job {
    /// The report of this job where nothing was begun: for what failed for others, or because the
    /// user wanted it so.
    pub fn unbegun(&self, why: Option<Error>) -> JobReport {
        let mut report = JobReport { status: JobStatus::Unbegun, ..self.report(&self.routes[0]) };
        if let Some(error) = why {
            let message = format!("not begun: {}", error.message);
            report.exit = error.exit();
            report.kind = Some(error.kind);
            report.error = Some(ErrorReport { message, ..ErrorReport::from(&error) });
        }
        report
    }

    /// The report of this job as planned over a route, before anything has happened.
    pub(super) fn report(&self, route: &Route) -> JobReport {
        JobReport {
            index: self.index,
            id: self.id.clone(),
            status: JobStatus::Planned,
            prompt: self.request.prompt.clone(),
            model: route.model_id(),
            provider: route.provider.id.clone(),
            route: route.name(),
            attempts: Vec::new(),
            images: Vec::new(),
            inputs: InputReport::all(&self.request.inputs, &route.order.inputs),
            seed: route.order.request.seed,
            cost: Cost {
                estimated: route.estimate.expected,
                at_most: route.estimate.reserve,
                reported: None,
                currency: "USD",
                certainty: route.estimate.certainty,
            },
            billed: Billed::No,
            uncertain: Money::ZERO,
            left_open: false,
            is_final: false,
            timing: Timing::default(),
            adjustments: route.adjustments.clone(),
            revised_prompt: None,
            usage: None,
            path: None,
            call: None,
            missing_key: None,
            error: None,
            exit: Exit::OK,
            kind: None,
        }
    }
}
