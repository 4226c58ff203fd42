//! From what is asked to a run: planned, agreed to, begun.

use std::sync::Arc;

use super::record::RunRecord;
use super::submission::{Read, Submission};
use super::{Follower, Service, panicked};
use crate::cmd::generate;
use crate::engine::consent::Consent;
use crate::engine::plan::{Planner, plan};
use crate::engine::report::RunStatus;
use crate::engine::session::RunContext;
use crate::engine::{Listener, Plan, Run, RunBudget, run_id};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::pool::run_blocking;
use crate::store::log::{ClientLimits, budgets};

/// Why a request is not even planned; nothing was sent.
#[derive(Debug, Clone)]
pub(in crate::cmd) enum Refusal {
    /// As many wait as may.
    Full,
    /// The process is about to end.
    Stopping,
    /// Otherwise.
    Error(Error),
}

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
        let (record, stop) = RunRecord::new(run_id());
        if !self.remember(&record) {
            return Err(Refusal::Full);
        }
        let follower = record.follow();
        let (service, id) = (Arc::clone(self), record.id().to_owned());
        let begun = run_blocking(move || service.planned(asked, client, &id)).await;
        let (plan, run) = match begun.unwrap_or_else(|_| Err(panicked())) {
            Ok(begun) => begun,
            Err(error) => {
                record.end(Err(error.clone()));
                self.forget(record.id());
                return Err(Refusal::Error(error));
            }
        };
        record.note(plan.notices.clone());
        let heard = Arc::clone(&record);
        let listener: Listener = Arc::new(move |event| heard.hear(&event));
        let run = Run { listener, stop: stop.or(&run.stop), ..run };
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
        tokio::spawn(async move { record.end(work.await.map_err(|_| panicked())) });
        Ok(follower)
    }

    /// What is asked as a plan that was agreed to, and the run that takes it. It blocks.
    fn planned(
        &self,
        asked: Submission,
        client: Option<Arc<ClientLimits>>,
        id: &str,
    ) -> Result<(Plan, Run)> {
        let (app, _) = self.app.captured();
        let Read { mut spec, tags, limit } = asked.read(&app, &self.output)?;
        generate::each_once(&app, &mut spec);
        let planner = Planner::of_engine(self.shared.engine(), id);
        let mut plan = plan(&planner, &spec, 0)?;
        generate::can_be_made(&app, &generate::Common::default(), &spec, &plan)?;
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
