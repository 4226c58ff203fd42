//! One attempt: its money reserved, its intent on the disk, one paid request with whatever free calls it
//! takes, its money settled.
//!
//! Nothing here repeats a paid request.

use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::image_source::ImageSource;
use super::outcome::{Attempt, Failure, JobState, ParsedReply, Success};
use super::report::AttemptReport;
use super::{Event, Run};
use crate::catalog::Order;
use crate::dialect::{Call, Then};
use crate::error::{Error, Kind, Reserved, Result};

impl Run {
    pub(super) async fn attempt(
        &self,
        attempt: &Attempt<'_>,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let route = attempt.route;
        let mut order = (*route.order).clone();
        order.id = attempt.id();
        let order = Arc::new(order);
        let step = route.dialect.submit(&order, &state.links).map_err(Failure::unsent)?;
        let call = match (step.gave, step.then) {
            (Some(gave), _) => {
                let raws = gave
                    .pixels
                    .into_iter()
                    .filter_map(|raw| ImageSource::owned(raw).ok())
                    .collect();
                let parsed = ParsedReply { raws, seed: gave.seed, ..ParsedReply::default() };
                let success = self.deliver(attempt, &order, parsed, None, state).await?;
                self.record_done(attempt, state, &success, &Value::Null, None).await;
                return Ok(success);
            }
            (None, Then::Send(call)) => *call,
            (None, Then::Done | Then::More) => {
                return Err(Failure::unsent(Error::new(Kind::Internal, "nothing to send")));
            }
        };
        if let Some(most) = attempt.job.max_cost {
            let model = route.model_id();
            super::budget::fits(most, &model, route.estimate.reserve, state.uncertain)
                .map_err(Failure::unsent)?;
        }
        let reserved = self.budget.reserve(&route.model_id(), &route.estimate);
        state.reserved = Some(reserved.map_err(Failure::unsent)?);
        let outcome = match self.intend(attempt, &order, &call).await {
            Ok(()) => match self.halted_meanwhile(attempt.job) {
                Some(failure) => Err(failure),
                None => self.paid(attempt, &order, call, state).await,
            },
            Err(error) => Err(Failure::unsent(error)),
        };
        let Some(reserved) = state.reserved.take() else { return outcome };
        match &outcome {
            Ok(success) => {
                let expected = route.estimate.expected;
                self.budget.spent(reserved, success.cost.or(expected), expected);
            }
            Err(failure) if failure.unsent => self.budget.failed(reserved, Reserved::Released),
            Err(failure) => self.budget.failed(reserved, failure.error.reserved()),
        }
        outcome
    }

    /// The paid call and the free ones behind it.
    async fn paid(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        first: Call,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let started = Instant::now();
        // A queue says itself when it begins.
        if attempt.route.dialect.lost(order, "").is_none() {
            self.say(Event::Sent { job: attempt.job.index });
        }
        let mut report = AttemptReport::of(&attempt.id(), attempt.route);
        let mut outcome = self.follow(attempt, order, first, state, &mut report).await;
        report.ms = started.elapsed().as_millis() as u64;
        match &mut outcome {
            Ok(success) => {
                report.host = None;
                report.request_id = success.request_id.clone().or(report.request_id.take());
                let id = report.request_id.clone();
                self.record_done(attempt, state, success, &report.gateway, id).await;
            }
            Err(failure) => {
                failure.error.answered =
                    failure.error.answered.take().or_else(|| report.answered());
                if attempt.route.is_free() {
                    failure.cost_nothing();
                }
                report.outcome.clone_from(&failure.error.code);
                report.status = failure.status.or(report.status);
                if let Some(answered) = &failure.error.answered {
                    report.request_id = answered.request_id.clone().or(report.request_id.take());
                }
                report.message = Some(failure.error.message.clone());
            }
        }
        state.attempts.push(report);
        outcome
    }
}
