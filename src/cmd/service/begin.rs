//! From what is asked to a run: planned, agreed to, begun.

use std::sync::Arc;

use super::once::Answerer;
use super::record::RunRecord;
use super::refusal::Refusal;
use super::submission::{Read, Submission};
use super::{Follower, Service, panicked};
use crate::cmd::generate;
use crate::engine::consent::Consent;
use crate::engine::plan::{Planner, plan};
use crate::engine::report::RunStatus;
use crate::engine::session::RunContext;
use crate::engine::{Job, Listener, Plan, Run, RunBudget, run_id, sum_estimates};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::pool::run_blocking;
use crate::store::Client;
use crate::store::log::{ClientLimits, budgets};

impl Service {
    /// Begins a run, which goes on by itself; whoever asked follows it.
    ///
    /// # Errors
    /// Whatever ends it before its first job.
    pub(in crate::cmd) async fn begin(
        self: &Arc<Service>,
        asked: Submission,
        client: Option<Arc<ClientLimits>>,
    ) -> Result<Follower, Refusal> {
        if self.is_stopping() {
            return Err(Refusal::Stopping);
        }
        // Whoever hangs up while it is planned leaves nothing half begun.
        let service = Arc::clone(self);
        let begun = tokio::spawn(async move { service.begun(asked, client).await });
        begun.await.unwrap_or_else(|_| Err(Refusal::Error(panicked())))
    }

    async fn begun(
        self: Arc<Service>,
        mut asked: Submission,
        client: Option<Arc<ClientLimits>>,
    ) -> Result<Follower, Refusal> {
        let is_repeat = asked.repeatable.is_repeat;
        let name = client.as_ref().map(|client| client.name.clone());
        let marked = run_blocking(move || {
            let mark = asked.mark(name.as_deref())?;
            Ok((asked, mark))
        });
        let (asked, mark) =
            marked.await.unwrap_or_else(|_| Err(panicked())).map_err(Refusal::Error)?;
        let (record, stop) = RunRecord::new(run_id(), mark);
        if let Answerer::Known(known) = self.remember_or_join(&record, is_repeat)? {
            return Ok(known.follow());
        }
        let follower = record.follow();
        let begun = match self.made_before(&record).await {
            Ok(Some(document)) => {
                record.end(Ok(document));
                return Ok(follower);
            }
            Ok(None) => {
                let (service, id) = (Arc::clone(&self), record.id().to_owned());
                let planned = run_blocking(move || service.planned(asked, client, &id)).await;
                planned.unwrap_or_else(|_| Err(panicked())).map_err(Refusal::Error)
            }
            Err(refusal) => Err(refusal),
        };
        match begun {
            Ok((plan, run)) => {
                record.note(plan.notices.clone());
                let once = record.mark().logged();
                let run = Run { stop: stop.or(&run.stop), once, ..run };
                tokio::spawn(carried_out(self, record, plan, run));
                Ok(follower)
            }
            Err(refusal) => {
                record.end(Err(refusal.error()));
                self.forget(record.id());
                Err(refusal)
            }
        }
    }

    /// What is asked as a plan that was agreed to, and the run that takes it. It blocks.
    fn planned(
        &self,
        asked: Submission,
        client: Option<Arc<ClientLimits>>,
        id: &str,
    ) -> Result<(Plan, Run)> {
        let (app, _) = self.app.captured();
        let whose = asked.client.clone();
        let Read { mut spec, tags, limit } = asked.read(&app, &self.output)?;
        generate::each_once(&app, &mut spec);
        let planner = Planner::of_engine(self.shared.engine(), id);
        let mut plan = plan(&planner, &spec, 0)?;
        generate::can_be_made(&app, &generate::Common::default(), &spec, &plan)?;
        if let Some(client) = &whose {
            only_allowed(&mut plan, client)?;
        }
        generate::number(&mut plan);
        plan.jobs.iter_mut().for_each(|job| job.tags.clone_from(&tags));
        let budget = self.agreed(&plan, limit, client.as_deref())?;
        let paid = plan.jobs.iter().flat_map(|job| &job.routes).any(|route| !route.is_local());
        let context = RunContext {
            id: id.to_owned(),
            jobs: plan.jobs.len(),
            paid,
            budget,
            since: None,
            blind: false,
            claims: None,
            client,
        };
        let run = self.shared.begin(context)?;
        Ok((plan, run))
    }

    /// What it may spend: nobody is there to be asked.
    fn agreed(
        &self,
        plan: &Plan,
        limit: Option<Money>,
        client: Option<&ClientLimits>,
    ) -> Result<RunBudget> {
        let (settings, limits) = (&self.app.settings, self.app.spending_limits());
        let price = plan.price();
        if budgets(&limits, client).next().is_some() {
            let state = self.app.log.state().map_err(|error| self.app.log.unreadable(&error))?;
            price.affordable(&state, budgets(&limits, client))?;
        }
        let most = [limit, settings.budget_run].into_iter().flatten().min();
        let unknown = settings.allow_unknown_cost;
        match price.consent(most, settings.confirm_above, false, unknown)? {
            Consent::Given(limit) => Ok(RunBudget::new(limit, unknown)),
            Consent::Ask => {
                let (above, cost) = (settings.confirm_above, price.in_words());
                let what = format!("this costs {cost}, above `confirm_above` ({above})");
                Err(Error::new(Kind::Budget, what)
                    .code("consent_needed")
                    .hint("agree with a `maxCost` that covers it"))
            }
        }
    }

    /// Forgets a run that never began.
    fn forget(&self, id: &str) {
        crate::pool::lock(&self.runs).retain(|record| record.id() != id);
    }
}

/// Leaves out the routes of models that a client may not ask for.
///
/// # Errors
/// It asks for one of them by its name, or there is no other.
pub(super) fn only_allowed(plan: &mut Plan, client: &Client) -> Result<()> {
    for job in &mut plan.jobs {
        let first = job.routes[0].model_id();
        let is_named = !job.is_auto && !client.allows(&first);
        job.routes.retain(|route| client.allows(&route.model_id()));
        if is_named || job.routes.is_empty() {
            let what = format!("the client {} may not ask for {first}", client.name);
            let patterns = client.grant.models.join(", ");
            return Err(Error::new(Kind::Permission, what)
                .code("model_not_allowed")
                .hint(format!("it may ask for {patterns}")));
        }
    }
    plan.estimate = sum_estimates(plan.jobs.iter().map(Job::estimate));
    Ok(())
}

/// Lets a run work to its end, whoever waits for it.
async fn carried_out(service: Arc<Service>, record: Arc<RunRecord>, plan: Plan, run: Run) {
    let (heard, counting) = (Arc::clone(&record), Arc::clone(&service));
    let listener: Listener = Arc::new(move |event| {
        counting.metrics.hear(heard.id(), &event);
        heard.hear(&event);
    });
    let client = run.client.as_ref().map(|client| client.name.clone());
    let run = Run { listener, ..run };
    let work = tokio::spawn(async move {
        let mut document = run.run(&plan).await;
        if document.jobs.iter().all(|job| job.status.is_done()) {
            // That the process ends meanwhile is no news to who asked.
            document.status = RunStatus::Done;
        }
        let left_open = document.jobs.iter().any(|job| job.left_open);
        // What the log did not take looks open, and is put in order by recovery.
        let _ = run.end(left_open).await;
        document
    });
    let ended = work.await.map_err(|_| panicked());
    service.metrics.end(record.id(), client.as_deref(), ended.as_ref().ok());
    record.end(ended);
}
