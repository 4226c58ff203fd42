//! One run: its lock, how patient and how strict it is, what it may spend, what it no longer does, who listens.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt;
use tokio::time::Instant;

use super::job_slot::in_turn;
use super::{
    Document, Engine, Event, Halts, Job, JobReport, Level, Plan, RunBudget, Stop, spending_limits,
};
use crate::catalog::Estimate;
use crate::error::{Error, Kind, Result};
use crate::pool::run_blocking;
use crate::settings::{Metadata, Settings, env};
use crate::store::claim::Claims;
use crate::store::log::{ClientLimits, Cursor, Terms};
use crate::store::{Entry, Runs, SavedFiles};

/// Who hears what happens in a run.
pub type Listener = Arc<dyn Fn(Event) + Send + Sync>;

/// What a run is.
pub struct RunContext {
    /// Its id.
    pub id: String,
    /// How many jobs it has.
    pub jobs: usize,
    /// Whether it can cost anything.
    pub paid: bool,
    /// What it may spend.
    pub budget: RunBudget,
    /// Where the log ended when it was asked what there is to do of a batch, or for a request with a key.
    pub since: Option<Cursor>,
    /// Whether nobody must see yet which model makes what.
    pub blind: bool,
    /// Where jobs are claimed before other homes.
    pub claims: Option<Claims>,
    /// The client of a server for whom it is done, and what may be spent for it.
    pub client: Option<Arc<ClientLimits>>,
}

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
    pub existing: Option<SavedFiles>,
    /// Its money.
    pub budget: RunBudget,
    /// What its intents are measured by: what all commands together may spend, what its client may,
    /// and what other runs make of the same batch.
    pub terms: Arc<Terms>,
    /// The client of a server for whom it is done: the log says so of all that is done in it.
    pub client: Option<Arc<ClientLimits>>,
    /// What the request is known by that it answers, where that may come again.
    pub once: Option<Arc<str>>,
    /// Where jobs are claimed before other homes; none means that nobody else works there.
    pub claims: Option<Claims>,
    /// Whether to stop.
    pub stop: Stop,
    /// What is no longer done in it.
    pub halts: Halts,
    /// Who listens.
    pub listener: Listener,
    /// Held as long as it lives: `recover` takes it first, and so knows that a run is dead.
    pub lock: Option<File>,
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
            terms: Terms::new(spending_limits(&engine.settings), None, None),
            client: None,
            once: None,
            claims: None,
            stop: Stop::never(),
            halts: Halts::default(),
            listener: Arc::new(|_| {}),
            lock: None,
        }
    }

    /// The same run for whom an earlier intent of it was: what is written of its attempt says so, too.
    #[must_use]
    pub fn on_behalf_of(self, intent: &Entry) -> Run {
        let limits = |name: &String| ClientLimits { name: name.clone(), ..ClientLimits::default() };
        let client = intent.client.as_ref().map(limits).map(Arc::new);
        Run { client, once: intent.once.as_deref().map(Arc::from), ..self }
    }

    /// Begins a run that `recover` leaves alone while it lives. Blocking.
    ///
    /// # Errors
    /// Its lock cannot be made, and it may cost something.
    pub fn begin(engine: &Arc<Engine>, context: RunContext) -> Result<Run> {
        #[cfg(test)]
        let context = simulated(context);
        let place = &engine.settings.places.run;
        let lock = match Runs(place).begin(&context.id) {
            Ok(lock) => Some(lock),
            Err(error) if context.paid => {
                let what = format!("`{}` cannot be written: {error}", place.display());
                return Err(Error::usage(what).hint("set PINX_HOME to a writable directory"));
            }
            Err(_) => None,
        };
        Ok(Run {
            bare: context.blind,
            budget: context.budget,
            terms: Terms::new(
                spending_limits(&engine.settings),
                context.client.clone(),
                context.since,
            ),
            client: context.client,
            claims: context.claims,
            lock,
            ..Run::new(engine, &context.id)
        })
    }

    /// Ends a run: what it gave the log is on the disk, and its lock is given up; `left_open` says that
    /// `recover` has something to do.
    ///
    /// # Errors
    /// The log has not taken everything: what was done may look open.
    pub async fn end(self, left_open: bool) -> Result<()> {
        if let Some(log) = &self.engine.log {
            log.flush(&self.id).await?;
        }
        let place = self.settings.places.run.clone();
        let forgotten = run_blocking(move || {
            // What is left open is found by its lock file.
            if self.lock.is_some() && !left_open {
                Runs(&place).forget(&self.id);
            }
        });
        let _ = forgotten.await;
        Ok(())
    }

    /// Runs every job of a plan and reports on all of them, in order.
    pub async fn run(&self, plan: &Plan) -> Document {
        self.run_telling(plan, |_| {}).await
    }

    /// The same; `each` hears of every job that has ended, in the order in which they end.
    pub async fn run_telling(&self, plan: &Plan, mut each: impl FnMut(&JobReport)) -> Document {
        let started = Instant::now();
        self.say(Event::Planned { jobs: plan.jobs.len(), estimate: plan.estimate });
        // By number: a closure over borrowed jobs would tie the future to one thread.
        let jobs = in_turn(0..plan.jobs.len(), self.concurrency, &self.engine.slots)
            .map(|(at, slot)| self.run_job(&plan.jobs[at], slot));
        let mut ended = std::pin::pin!(jobs.buffer_unordered(2 * self.concurrency));
        let mut reports = Vec::new();
        while let Some(report) = ended.next().await {
            each(&report);
            reports.push(report);
        }
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

/// A run of a simulated process may be done for a client, as those of a server are.
#[cfg(test)]
fn simulated(context: RunContext) -> RunContext {
    let here = crate::simulator::world::here();
    let client = here.and_then(|world| world.client()).map(Arc::new);
    RunContext { client: context.client.or(client), ..context }
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
