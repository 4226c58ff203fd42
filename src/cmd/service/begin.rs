//! From what is asked to a run: planned, agreed to, begun.

use std::sync::Arc;

use super::once::Answerer;
use super::past::Past;
use super::record::RunRecord;
use super::refusal::Refusal;
use super::submission::{Submission, mark_of};
use super::{Follower, Service, is_doubtful, panicked};
use crate::engine::report::RunStatus;
use crate::engine::session::RunContext;
use crate::engine::{Document, InFlight, Level, Listener, Plan, Run, run_id};
use crate::error::Result;
use crate::pool::run_blocking;
use crate::store::log::{ClientLimits, Cursor};

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
        self.begin_all(vec![asked], client).await
    }

    /// The same of several at once, as one run.
    ///
    /// # Errors
    /// As those of `begin`.
    pub(in crate::cmd) async fn begin_all(
        self: &Arc<Service>,
        asked: Vec<Submission>,
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
        mut asked: Vec<Submission>,
        client: Option<Arc<ClientLimits>>,
    ) -> Result<Follower, Refusal> {
        let repeatable = asked.first().map(|asked| asked.repeatable.clone()).unwrap_or_default();
        let name = client.as_ref().map(|client| client.name.clone());
        let marked = run_blocking(move || {
            let mark = mark_of(&mut asked, name.as_deref())?;
            Ok((asked, mark))
        });
        let (asked, mark) =
            marked.await.unwrap_or_else(|_| Err(panicked())).map_err(Refusal::Error)?;
        let (record, stop) = RunRecord::new(run_id(), mark);
        if let Answerer::Known(known) = self.remember_or_join(&record, &repeatable)? {
            return Ok(known.join());
        }
        let follower = record.follow();
        let looked = async {
            let since = self.before_looking(&record).await?;
            Ok((since, self.made_before(&record).await?))
        };
        let begun = match looked.await {
            Ok((_, Past::AtWork(document))) => return Ok(self.answered(follower, *document)),
            Ok((_, Past::Ended(document))) => {
                let document = self.with_unbegun(*document, asked).await;
                return Ok(self.answered(follower, document));
            }
            Ok((since, _)) => {
                let (service, id) = (Arc::clone(&self), record.id().to_owned());
                let plan = move || service.planned(asked, client, &id, since);
                let planned = run_blocking(plan).await;
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

    /// Answers with what an earlier process has made. Where that may still be found out, who asks next has it
    /// looked up again.
    fn answered(&self, follower: Follower, document: Document) -> Follower {
        let may_change = document.jobs.iter().any(is_doubtful);
        follower.record().end(Ok(document));
        if may_change {
            self.forget(follower.record().id());
        }
        follower
    }

    /// What is asked as a plan that was agreed to, and the run that takes it. It blocks.
    fn planned(
        &self,
        asked: Vec<Submission>,
        client: Option<Arc<ClientLimits>>,
        id: &str,
        since: Option<Cursor>,
    ) -> Result<(Plan, Run)> {
        let agent = asked.first().and_then(|asked| asked.agent.clone());
        let (plan, limit) = self.plan(asked, id)?;
        let budget = match agent {
            None => self.agreed(&plan, limit, client.as_deref())?,
            Some(agent) => self.agreed_of_agent(&plan, limit, client.as_deref(), &agent)?,
        };
        let paid = plan.jobs.iter().flat_map(|job| &job.routes).any(|route| !route.is_local());
        let context = RunContext {
            id: id.to_owned(),
            jobs: plan.jobs.len(),
            paid,
            budget,
            since,
            blind: false,
            claims: None,
            client,
        };
        let run = self.shared.begin(context)?;
        Ok((plan, run))
    }

    /// Forgets a run that never began here.
    fn forget(&self, id: &str) {
        crate::pool::lock(&self.runs).retain(|record| record.id() != id);
    }
}

/// Lets a run work to its end, whoever waits for it.
async fn carried_out(service: Arc<Service>, record: Arc<RunRecord>, plan: Plan, run: Run) {
    let (heard, counting) = (Arc::clone(&record), Arc::clone(&service));
    let in_flight = InFlight::default();
    let counted = in_flight.clone();
    let listener: Listener = Arc::new(move |event| {
        counted.hear(&event);
        counting.metrics.hear(heard.id(), &event);
        heard.hear(&event);
    });
    let client = run.client.as_ref().map(|client| client.name.clone());
    let run = Run { listener, ..run };
    let made = Arc::clone(&record);
    let work = tokio::spawn(async move {
        let mut document = told_of_its_stop(&run, &in_flight, async {
            run.run_telling(&plan, |report| made.job_ended(report)).await
        })
        .await;
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
    let ended = match ended {
        Ok(document) => Ok(service.or_of_another(&record, document).await),
        Err(error) => Err(error),
    };
    record.end(ended);
}

/// Lets a run work, and tells who listens to it once nothing more is sent.
async fn told_of_its_stop<T>(run: &Run, in_flight: &InFlight, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        biased;
        outcome = &mut work => return outcome,
        () = run.stop.at(Level::Draining) => (run.listener)(in_flight.stopping()),
    }
    work.await
}
