//! The claim of a job, where several homes work in one directory: made before anything else is done
//! for the job, and ended with what came of it.

use super::outcome::Failure;
use super::planned::Job;
use super::report::{JobReport, JobStatus};
use super::{Route, Run};
use crate::error::{Billed, Error, Kind};
use crate::money::Money;
use crate::pool::{run_blocking, run_io};
use crate::store::claim::{Claim, State};

/// The code of a job that another home has claimed.
pub const CLAIMED: &str = "claimed";

impl Run {
    /// Claims a job.
    ///
    /// # Errors
    /// Another home has it, or the claim cannot be written: nothing was sent.
    pub(super) async fn claim(&self, job: &Job) -> Result<(), Failure> {
        let (Some(claims), Some(claiming)) = (&self.claims, &job.claim) else { return Ok(()) };
        let route = &job.routes[0];
        let claim = Claim {
            model: route.model_id(),
            reserve: route.estimate.reserve.filter(|_| !route.is_local()),
            ..claims.begin(&self.id, &job.id)
        };
        let (claims, claiming) = (claims.clone(), claiming.clone());
        let taken = run_io(move || match &claiming.void {
            Some(void) => claims.take_over(&claiming.key, void, &claim),
            None => claims.take(&claiming.key, &claim),
        });
        match taken.await {
            Ok(None) => Ok(()),
            Ok(Some(other)) => Err(Failure::unsent(elsewhere(&other))),
            Err(error) => {
                let what = format!("the claim on the image cannot be written: {error}");
                Err(Failure::unsent(Error::new(Kind::Local, what).unbilled()))
            }
        }
    }

    /// Ends the claim of a job with what came of it. What is open stays claimed.
    pub(super) async fn end_claim(&self, job: &Job, route: &Route, report: &JobReport) {
        let (Some(claims), Some(claiming)) = (&self.claims, &job.claim) else { return };
        if report.error.as_ref().is_some_and(|error| error.code == CLAIMED) {
            return;
        }
        let is_billed = report.billed != Billed::No;
        let is_open = is_billed && matches!(report.status, JobStatus::Unknown | JobStatus::Pending);
        let claim = || claims.begin(&self.id, &job.id);
        let end = if let Some(image) = report.images.first() {
            let cost = if is_billed { report.cost.best() } else { Some(Money::ZERO) };
            let (path, sha256) = (claims.inside(image.path.as_ref()), image.sha256.clone());
            Some(Claim {
                state: State::Done,
                path,
                sha256,
                cost,
                model: route.model_id(),
                ..claim()
            })
        } else if is_open || report.left_open {
            return;
        } else if is_billed && report.is_final && report.status != JobStatus::Refused {
            let code = report.error.as_ref().map(|error| error.code.clone()).unwrap_or_default();
            Some(Claim { state: State::Failed, code, ..claim() })
        } else {
            None
        };
        let (claims, key, id) = (claims.clone(), claiming.key.clone(), job.id.clone());
        let ended = run_blocking(move || match end {
            Some(end) => claims.end(&key, &end),
            None => claims.release(&key, &id),
        });
        if let Ok(Err(error)) = ended.await {
            let text = format!(
                "the claim on {} cannot be ended: {error}; `pinx recover` does so later",
                job.id
            );
            self.notice(Some(job.index), text);
        }
    }
}

/// The failure of a job that another home has claimed.
fn elsewhere(claim: &Claim) -> Error {
    let what = match claim.state {
        State::Done => format!("{} has made this image meanwhile", by(claim)),
        _ => format!("{} has begun this image; it is not paid for twice", by(claim)),
    };
    Error::new(Kind::Detached, what).code(CLAIMED).unbilled()
}

/// Who claims, in words.
fn by(claim: &Claim) -> String {
    match claim.machine.as_str() {
        "" => "another machine".to_owned(),
        machine => format!("run {} on {}", claim.run, crate::text::clean(machine, 60)),
    }
}
