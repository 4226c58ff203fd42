//! Consent: whether a plan may start and what it may spend; and what a dry run shows of it.
//!
//! Pure. The words of a refusal name the figure and the remedy.

use super::planned::{Job, Plan};
use super::report::{ErrorReport, JobReport};
use super::route::Route;
use crate::catalog::Estimate;
use crate::dialect::Then;
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::store::log::{Projection, SpendingLimits, over, unknown_price};

/// Whether a run may start, and what it may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// It may, up to this limit.
    Given(Option<Money>),
    /// Somebody has to say yes first.
    Ask,
}

/// What jobs are expected to cost together, as far as consent goes.
#[derive(Debug, Clone)]
pub struct Price {
    /// The sum.
    pub estimate: Estimate,
    /// How many images are paid for.
    pub images: usize,
    /// A model whose price nobody knows, if there is one.
    pub unpriced: Option<String>,
}

impl Price {
    /// Decides by `--max-cost` (or `budget.run`), `confirm_above` and `--yes`.
    ///
    /// # Errors
    /// Kind `Budget`: it is known not to fit.
    pub fn consent(
        &self,
        limit: Option<Money>,
        confirm_above: Money,
        yes: bool,
        unknown_allowed: bool,
    ) -> Result<Consent> {
        let shown = self.estimate.text();
        match (self.estimate.expected, limit) {
            (None, Some(limit)) if !unknown_allowed => {
                let model = self.unpriced();
                Err(Error::new(
                    Kind::Budget,
                    format!("the price of {model} is unknown, and {limit} is the limit"),
                )
                .code("unknown_price")
                .hint("`--allow-unknown-cost` sends it all the same"))
            }
            (Some(expected), Some(limit)) if expected > limit => Err(Error::new(
                Kind::Budget,
                format!("this would cost {shown}, and {limit} is the limit"),
            )
            .code("over_budget")
            .hint("raise `--max-cost`, or ask for less")),
            (_, Some(limit)) => Ok(Consent::Given(Some(limit))),
            (_, None) if yes => Ok(Consent::Given(None)),
            (Some(expected), None) if expected <= confirm_above => {
                let upper = self.estimate.reserve.unwrap_or(expected);
                Ok(Consent::Given(Some(confirm_above.max(upper))))
            }
            (_, None) => Ok(Consent::Ask),
        }
    }

    /// Whether it fits what is left of the day and the month; each request is measured again before
    /// it leaves.
    ///
    /// # Errors
    /// Kind `Budget`: it is known not to fit.
    pub fn affordable(&self, projection: &Projection, limits: &SpendingLimits) -> Result<()> {
        for (period, limit) in limits.limits() {
            let day = projection.state().taken(period, crate::clock::now(), projection.zone());
            match self.estimate.expected {
                None if limits.unknown_allowed => {}
                None => return Err(unknown_price(self.unpriced(), period, limit)),
                Some(Money::ZERO) => {}
                Some(expected) if day.taken() + expected > limit => {
                    let what = format!("this would cost {}", self.estimate.text());
                    return Err(over(&what, day, period, limit));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn unpriced(&self) -> &str {
        self.unpriced.as_deref().unwrap_or("a model")
    }
}

impl Job {
    /// What a dry run shows of it: the keyless call of its first route.
    pub fn planned(&self) -> JobReport {
        let route = &self.routes[0];
        let call = match route.dialect.submit(&route.order).map(|step| step.then) {
            Ok(Then::Send(call)) => Some(*call),
            _ => None,
        };
        let missing_key = route.no_key.as_deref().map(ErrorReport::from);
        JobReport { call, missing_key, ..self.report(route) }
    }

    /// Its model, where nobody knows what that costs.
    pub fn unpriced(&self) -> Option<String> {
        let mut routes = self.routes.iter();
        let unknown = routes.find(|route| route.equal && route.estimate.expected.is_none());
        unknown.map(Route::model_id)
    }
}

impl Plan {
    /// What it is expected to cost.
    pub fn price(&self) -> Price {
        Price {
            estimate: self.estimate,
            images: self.jobs.len() - self.cached.len(),
            unpriced: self.jobs.iter().find_map(Job::unpriced),
        }
    }

    /// What a dry run shows: the jobs with their keyless calls.
    pub fn planned(&self) -> Vec<JobReport> {
        let report = |job: &Job| {
            let mut report = job.planned();
            if self.cached.contains(&job.index) {
                report.cost.estimated = Some(Money::ZERO);
            }
            report
        };
        self.jobs.iter().map(report).collect()
    }
}
