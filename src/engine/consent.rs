//! Consent: whether a plan may start and what it may spend; and what a dry run shows of it.
//!
//! Pure. The words of a refusal name the figure and the remedy.

use super::planned::{Job, Plan};
use super::report::{ErrorReport, JobReport};
use super::route::Route;
use crate::catalog::{Estimate, Order};
use crate::dialect::{Links, Then};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::request::Role;
use crate::store::log::{Budget, Projection, over, unknown_price};

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
    /// Decides by `--max-cost` (or `budget.run`), `confirm_above` and `--yes`. A limit has to cover the
    /// upper end, which is what the run reserves: so it is never refused half-way for its own price.
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
        match (self.estimate.reserve, limit) {
            (None, Some(limit)) if !unknown_allowed => {
                let model = self.unpriced();
                Err(Error::new(
                    Kind::Budget,
                    format!("the price of {model} is unknown, and {limit} is the limit"),
                )
                .code("unknown_price")
                .hint("`--allow-unknown-cost` sends it all the same"))
            }
            (Some(upper), Some(limit)) if upper > limit => Err(Error::new(
                Kind::Budget,
                format!("this would cost {}, and {limit} is the limit", self.upper_in_words()),
            )
            .code("over_budget")
            .hint(format!("`{}` covers it, or ask for less", covering(upper)))),
            (_, Some(limit)) => Ok(Consent::Given(Some(limit))),
            (_, None) if yes => Ok(Consent::Given(None)),
            (Some(upper), None) if self.estimate.expected.unwrap_or(upper) <= confirm_above => {
                Ok(Consent::Given(Some(confirm_above.max(upper))))
            }
            (_, None) => Ok(Consent::Ask),
        }
    }

    /// That nobody agreed to it, and what helps.
    pub fn not_agreed(&self, why: &str) -> Error {
        let many = match self.images {
            1 => "this image costs".to_owned(),
            images => format!("these {images} images cost"),
        };
        let error = Error::new(Kind::Budget, format!("{many} {}, {why}", self.in_words()));
        error.code("consent_needed").hint(match self.estimate.reserve {
            Some(upper) => {
                format!("agree with `--yes`, or with a limit that covers it: `{}`", covering(upper))
            }
            None => "agree with `--yes`".to_owned(),
        })
    }

    /// `about $1.32`, with the upper end where there is another, or `an unknown amount`.
    pub fn in_words(&self) -> String {
        match (self.estimate.expected, self.estimate.at_most()) {
            (None, _) => "an unknown amount".to_owned(),
            (Some(_), Some(_)) => self.estimate.in_words(),
            (Some(expected), None) => format!("about {expected}"),
        }
    }

    /// Whether it fits what is left of these budgets; each request is measured again before
    /// it leaves.
    ///
    /// # Errors
    /// Kind `Budget`: it is known not to fit.
    pub fn affordable<'c>(
        &self,
        projection: &Projection,
        budgets: impl Iterator<Item = Budget<'c>>,
    ) -> Result<()> {
        for budget in budgets {
            let (client, period) = (budget.client, budget.period);
            let (state, now, zone) = (projection.state(), crate::clock::now(), projection.zone());
            let day = state.taken_by(client, period, now, zone);
            match self.estimate.reserve {
                None if budget.unknown_allowed => {}
                None => return Err(unknown_price(self.unpriced(), &budget)),
                Some(Money::ZERO) => {}
                Some(upper) if day.taken() + upper > budget.limit => {
                    let what = format!("this would cost {}", self.upper_in_words());
                    let others = state.open_of_others("", client, period, now, zone);
                    return Err(over(&what, upper, day, others, &budget));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// What did not fit: never less than it is, or a limit of the same figure would seem to cover it.
    fn upper_in_words(&self) -> String {
        match (self.estimate.at_most(), self.estimate.reserve) {
            (None, Some(exact)) => exact.rounded_up().to_string(),
            _ => self.estimate.in_words(),
        }
    }

    fn unpriced(&self) -> &str {
        self.unpriced.as_deref().unwrap_or("a model")
    }
}

/// The flag that lets a run cost so much.
fn covering(upper: Money) -> String {
    format!("--max-cost {}", upper.rounded_up().to_string().trim_start_matches('$'))
}

impl Job {
    /// What a dry run shows of it: the keyless call of its first route.
    pub fn planned(&self) -> JobReport {
        let route = &self.routes[0];
        let call =
            match route.dialect.submit(&route.order, &coming(&route.order)).map(|step| step.then) {
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

/// What a dry run shows in the place of links: nothing is uploaded for it.
fn coming(order: &Order) -> Links {
    let names = Role::names(order.inputs.iter().map(|input| input.role));
    let mut links = Links::new();
    for (input, name) in order.inputs.iter().zip(names) {
        let link = || format!("(the link of {name}, which is uploaded first)");
        links.entry(input.sha256.clone()).or_insert_with(link);
    }
    links
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
                report.cost.at_most = Some(Money::ZERO);
            }
            report
        };
        self.jobs.iter().map(report).collect()
    }
}
