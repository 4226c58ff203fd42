//! The engine: plan, then every job along one visible line.
//!
//! plan → cache → reserve → wait → intent on the disk → attempt → verify → done | retry | next route |
//! stop → settle → result in the journal. It says only `Event`s; nothing here prints.

mod admission;
mod attempt;
mod balance;
mod budget;
mod cached;
mod causes;
mod chain;
mod chance;
mod claimed;
pub mod consent;
mod deliver;
pub mod event;
mod explain;
mod free;
mod halt;
mod heavy;
mod image_source;
mod job;
mod job_slot;
mod keep;
pub mod limit;
mod lost;
mod orphans;
mod outcome;
mod parse;
pub mod plan;
mod planned;
mod preflight;
pub mod recover;
pub mod report;
pub mod route;
mod salvage;
pub mod stop;
mod unused;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

pub use budget::{Overrun, RunBudget, excess};
pub use cached::Reuse;
pub use chain::{judged, prefer};
pub use chance::{run_id, seed};
pub use claimed::CLAIMED;
pub use deliver::DEAD_LINK;
pub use event::Event;
pub use halt::Halts;
pub use limit::Limits;
pub use planned::{Claiming, Job, Plan, RunSpec, merge_plans, sum_estimates};
pub use preflight::check_places;
pub use report::{Document, JobReport};
pub use route::Route;
pub use stop::{Level, Stop};

use job_slot::in_turn;

use crate::catalog::Estimate;
use crate::error::Kind;
use crate::net::Transport;
use crate::store::claim::Claims;
use crate::store::log::Terms;
use crate::store::{Known, Log};

/// How patient and how strict a run is. Every field is a setting of the same name.
#[derive(Debug, Clone)]
pub struct Options {
    /// Repeats of one call over the same route.
    pub retries: u32,
    /// Repeats of one call whose outcome is unknown, over the same route: each may be billed again.
    pub retry_ambiguous: u32,
    /// Paid requests of one job over all routes.
    pub max_attempts: u32,
    /// Answers of one route in a row that may come to nothing before it is not asked any more; zero is
    /// any number.
    pub stop_after_unusable: u32,
    /// From sending a paid request to its last byte.
    pub timeout: Duration,
    /// The same for high quality and large pictures.
    pub timeout_long: Duration,
    /// Longest silence after the first byte.
    pub idle: Duration,
    /// No new attempt of a job after this; queued jobs are left to `pinx recover`.
    pub deadline: Duration,
    /// Longest wait that a provider may ask for before the next route is taken.
    pub wait_cap: Duration,
    /// The first back-off without a hint.
    pub backoff: Duration,
    /// The longest back-off without a hint.
    pub backoff_max: Duration,
    /// Distance of the first two polls.
    pub poll_first: Duration,
    /// Longest distance of polls.
    pub poll_max: Duration,
    /// Jobs at once.
    pub concurrency: usize,
    /// Kinds that may go on over the next route although they normally stop.
    pub fallback_on: Vec<Kind>,
    /// An adjustment is an error.
    pub strict: bool,
    /// Ctrl-C cancels queued jobs instead of leaving them.
    pub cancel_on_interrupt: bool,
    /// Put the recipe into the image.
    pub metadata: bool,
    /// Keep nothing but the pixels of an image.
    pub bare: bool,
    /// Where raw replies are kept.
    pub kept: PathBuf,
    /// Where images are kept when nothing can be written there either.
    pub spare: PathBuf,
    /// In recovery: the files that the journal knows.
    pub adopt: Option<Known>,
}

/// One run's engine.
pub struct Engine<'a> {
    /// The run's id.
    pub run: String,
    /// Its patience.
    pub options: &'a Options,
    /// The way to the network.
    pub transport: &'a dyn Transport,
    /// The memory; none means that nothing may be paid for.
    pub journal: Option<&'a Log>,
    /// What its intents are measured by.
    pub terms: Arc<Terms>,
    /// What is known of the providers.
    pub limits: Limits,
    /// The money of this run.
    pub budget: RunBudget,
    /// Pictures that were made before; none means that nothing is looked for and nothing kept.
    pub reuse: Option<Reuse>,
    /// Where jobs are claimed before other homes; none means that nobody else works there.
    pub claims: Option<Claims>,
    /// Whether to stop.
    pub stop: Stop,
    /// What is no longer done in this run.
    pub halts: Halts,
    /// Who listens.
    pub events: &'a (dyn Fn(Event) + Send + Sync),
}

impl Engine<'_> {
    /// Runs every job of a plan and reports on all of them, in order.
    pub async fn run(&self, plan: &Plan) -> Document {
        let started = Instant::now();
        self.say(Event::Planned { jobs: plan.jobs.len(), estimate: plan.estimate });
        let at_once = self.options.concurrency.max(1);
        let jobs = in_turn(plan.jobs.iter(), at_once).map(|(job, turn)| self.run_job(job, turn));
        let mut reports: Vec<JobReport> = jobs.buffer_unordered(2 * at_once).collect().await;
        reports.sort_by_key(|report| report.index);
        let ms = started.elapsed().as_millis() as u64;
        let mut document = Document::of_jobs(Some(self.run.clone()), reports, ms);
        document.overrun = self.budget.overrun();
        if self.stop.level() > Level::Running {
            document.interrupt();
        }
        document
    }

    /// Runs jobs as they come, as many at once as the options say; `each` hears of every one that has
    /// ended, in the order in which they end. Nothing is kept of them.
    pub async fn run_each(
        &self,
        count: usize,
        estimate: Estimate,
        jobs: impl Iterator<Item = Job>,
        mut each: impl FnMut(JobReport),
    ) {
        self.say(Event::Planned { jobs: count, estimate });
        let at_once = self.options.concurrency.max(1);
        let jobs = in_turn(jobs, at_once).map(async |(job, turn)| self.run_job(&job, turn).await);
        let mut ended = std::pin::pin!(jobs.buffer_unordered(2 * at_once));
        while let Some(report) = ended.next().await {
            each(report);
        }
    }

    fn say(&self, event: Event) {
        (self.events)(event);
    }
}
