//! One run: how patient and how strict it is, what it may spend, what it no longer does, who listens.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt;
use tokio::time::Instant;

use super::job_slot::in_turn;
use super::{Document, Engine, Event, Halts, Job, JobReport, Level, Plan, RunBudget, Stop, caps};
use crate::catalog::Estimate;
use crate::error::Kind;
use crate::settings::{Metadata, Settings, env};
use crate::store::Known;
use crate::store::claim::Claims;
use crate::store::log::Terms;

/// Who hears what happens in a run.
pub type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// One run of the engine; any number of them share it.
pub struct Run {
    /// What all runs share.
    pub engine: Arc<Engine>,
    /// Its id.
    pub id: String,
    /// Its patience, among all its settings.
    pub settings: Arc<Settings>,
    /// Jobs at once.
    pub concurrency: usize,
    /// Keep nothing but the pixels of an image.
    pub bare: bool,
    /// Where images are kept when nothing can be written where they are usually kept either.
    pub fallback_directory: PathBuf,
    /// In recovery: the files that the log knows.
    pub existing: Option<Known>,
    /// Its money.
    pub budget: RunBudget,
    /// What its intents are measured by: what all commands together may spend, and what other runs make
    /// of the same batch.
    pub terms: Arc<Terms>,
    /// Where jobs are claimed before other homes; none means that nobody else works there.
    pub claims: Option<Claims>,
    /// Whether to stop.
    pub stop: Stop,
    /// What is no longer done in it.
    pub halts: Halts,
    /// Who listens.
    pub listener: Listener,
}

impl Run {
    /// A run with the settings of its process, without a limit of its own, which nobody stops and to
    /// which nobody listens.
    pub fn new(engine: &Arc<Engine>, id: &str) -> Run {
        Run {
            engine: Arc::clone(engine),
            id: id.to_owned(),
            settings: Arc::clone(&engine.settings),
            concurrency: engine.settings.concurrency.max(1) as usize,
            bare: false,
            fallback_directory: env::temporary_dir(),
            existing: None,
            budget: RunBudget::default(),
            terms: Terms::new(caps(&engine.settings), None),
            claims: None,
            stop: Stop::never(),
            halts: Halts::default(),
            listener: Arc::new(|_| {}),
        }
    }

    /// Runs every job of a plan and reports on all of them, in order.
    pub async fn run(&self, plan: &Plan) -> Document {
        let started = Instant::now();
        self.say(Event::Planned { jobs: plan.jobs.len(), estimate: plan.estimate });
        // By number: a closure over borrowed jobs would tie the future to one thread.
        let jobs = in_turn(0..plan.jobs.len(), self.concurrency, &self.engine.slots)
            .map(|(at, slot)| self.run_job(&plan.jobs[at], slot));
        let mut reports: Vec<JobReport> =
            jobs.buffer_unordered(2 * self.concurrency).collect().await;
        reports.sort_by_key(|report| report.index);
        let ms = started.elapsed().as_millis() as u64;
        let mut document = Document::of_jobs(Some(self.id.clone()), reports, ms);
        document.overrun = self.budget.overrun();
        if self.stop.level() > Level::Running {
            document.interrupt();
        }
        document
    }

    /// Runs jobs as they come, as many at once as the settings say; `each` hears of every one that has
    /// ended, in the order in which they end. Nothing is kept of them.
    pub async fn run_each(
        &self,
        count: usize,
        estimate: Estimate,
        jobs: impl Iterator<Item = Job>,
        mut each: impl FnMut(JobReport),
    ) {
        self.say(Event::Planned { jobs: count, estimate });
        let jobs = in_turn(jobs, self.concurrency, &self.engine.slots)
            .map(async |(job, slot)| self.run_job(&job, slot).await);
        let mut ended = std::pin::pin!(jobs.buffer_unordered(2 * self.concurrency));
        while let Some(report) = ended.next().await {
            each(report);
        }
    }

    pub(super) fn say(&self, event: Event) {
        (self.listener)(event);
    }

    /// Says something to the user that is about one job, or about all of them.
    pub(super) fn notice(&self, job: Option<usize>, text: String) {
        self.say(Event::Notice { job, text });
    }

    /// Paid requests of one job over all routes.
    pub(super) fn max_attempts(&self) -> u32 {
        self.settings.max_attempts.max(1)
    }

    /// Whether the recipe is put into the image.
    pub(super) fn writes_recipes(&self) -> bool {
        self.settings.metadata != Metadata::Never
    }

    /// Whether a failure that normally ends a job goes on over the next route.
    pub(super) fn goes_on_after(&self, kind: Kind) -> bool {
        self.settings.fallback_on.iter().any(|on| on.kind() == kind)
    }
}

/// Compiled where a process and its runs may be shared between threads.
#[expect(dead_code, reason = "it is compiled, never called")]
fn engine_and_run_are_shared_between_threads(run: &Run, plan: &Plan) {
    fn is_send_sync<T: Send + Sync>() {}
    fn is_send<T: Send>(_: T) {}
    is_send_sync::<Engine>();
    is_send_sync::<Run>();
    is_send(run.run(plan));
}
