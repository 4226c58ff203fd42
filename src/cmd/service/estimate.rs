//! What a request would cost: planned as for a run, and nothing sent, reserved or begun.

use std::sync::Arc;

use serde_json::{Value, json};

use super::submission::Submission;
use super::{Service, panicked};
use crate::engine::consent::Consent;
use crate::engine::report::ErrorReport;
use crate::engine::{Plan, run_id};
use crate::error::{Kind, Result};
use crate::money::Money;
use crate::pool::run_blocking;
use crate::store::log::ClientLimits;

impl Service {
    /// Prices a request: dollars expected and at most for all its images, who would make them, what
    /// would not be exactly as asked, and why it would be refused now, if it would be.
    ///
    /// # Errors
    /// It cannot be planned: a field is wrong, or there is no such model.
    pub(in crate::cmd) async fn estimate(
        self: &Arc<Service>,
        asked: Submission,
        client: Option<Arc<ClientLimits>>,
    ) -> Result<Value> {
        let service = Arc::clone(self);
        let work = run_blocking(move || {
            let asked = Submission { rehearsed: true, ..asked };
            let (plan, limit) = service.plan(vec![asked], &run_id())?;
            service.priced(&plan, limit, client.as_deref())
        });
        work.await.unwrap_or_else(|_| Err(panicked()))
    }

    /// The document of a plan.
    fn priced(
        &self,
        plan: &Plan,
        limit: Option<Money>,
        client: Option<&ClientLimits>,
    ) -> Result<Value> {
        let (estimate, settings) = (plan.estimate, &self.app.settings);
        let most = [limit, settings.budget_run].into_iter().flatten().min();
        let unknown = settings.allow_unknown_cost;
        let price = plan.price();
        let agreed = price.consent(most, settings.confirm_above, false, unknown);
        let needs_consent = matches!(agreed, Ok(Consent::Ask));
        let missing = plan.jobs.iter().find_map(|job| job.routes[0].no_key.clone());
        let refusal = match (missing, agreed) {
            (Some(missing), _) => Some((*missing).clone()),
            (None, Err(refused)) => Some(refused),
            (None, Ok(_)) => match self.affordable(&price, client) {
                Err(error) if error.kind == Kind::Budget => Some(error),
                looked => looked.map(|()| None)?,
            },
        };
        let jobs = plan.jobs.iter().map(|job| {
            let route = &job.routes[0];
            json!({
                "model": route.model_id(),
                "is_auto": job.is_auto,
                "is_local": route.is_local(),
                "size": route.order.request.size,
                "is_cached": plan.cached.contains(&job.index),
                "adjustments": route.adjustments,
            })
        });
        Ok(json!({
            "success": true,
            "expected": estimate.expected.map(Money::as_json),
            "at_most": estimate.reserve.map(Money::as_json),
            "certainty": estimate.certainty,
            "currency": "USD",
            "images": plan.jobs.len(),
            "model": plan.jobs.first().map(|job| job.routes[0].model_id()),
            "jobs": jobs.collect::<Vec<_>>(),
            "notices": plan.notices,
            "needs_consent": needs_consent,
            "refusal": refusal.as_ref().map(ErrorReport::from),
        }))
    }
}
