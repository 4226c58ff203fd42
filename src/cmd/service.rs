//! What a server and the tools of agents share: one engine, a run for each request, and whoever follows
//! it. There is no second path to money: a request becomes a plan as a command does, and its run ends in
//! the same log.

mod agreed;
mod begin;
mod estimate;
mod events;
mod flags;
mod folders;
mod mark;
mod metrics;
mod once;
mod past;
mod pictures;
mod plan;
mod record;
mod recovery;
mod refusal;
mod submission;
mod told;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(in crate::cmd) use self::agreed::CONSENT_NEEDED;
pub(in crate::cmd) use self::flags::{flags, unknown};
pub(in crate::cmd) use self::folders::{Folders, NamedFile};
pub(in crate::cmd) use self::mark::{LONGEST_KEY, Repeatable};
use self::metrics::{Metrics, UsedBudget};
pub(in crate::cmd) use self::pictures::GivenPicture;
pub(in crate::cmd) use self::plan::Quote;
pub(in crate::cmd) use self::record::{Follower, RunRecord};
pub(in crate::cmd) use self::refusal::Refusal;
pub(in crate::cmd) use self::submission::{Agent, Submission};
pub(in crate::cmd) use self::told::{is_doubtful, of_run, without_paths};
use super::{App, stats};
use crate::batch::Item;
use crate::engine::session::Shared;
use crate::engine::{Document, Level, Stop};
use crate::error::{Error, Result};
use crate::pool::{lock, run_blocking};
use crate::store::Output;
use crate::ui::Captured;

/// Ended runs that are remembered whole; older ones are in the log.
const REMEMBERED: usize = 200;

/// Runs that are abandoned end within so long.
const ABANDONING: Duration = Duration::from_secs(5);

/// Runs that may wait while as many as may be at work are.
const QUEUE: usize = 64;

/// What all requests of a process share.
pub(in crate::cmd) struct Service {
    app: App,
    shared: Shared,
    output: Output,
    runs: Mutex<VecDeque<Arc<RunRecord>>>,
    metrics: Metrics,
}

impl Service {
    /// Over an engine that runs.
    ///
    /// # Errors
    /// Images would have no place in a directory.
    pub(in crate::cmd) fn new(app: App, shared: Shared) -> Result<Service> {
        let output = super::generate::where_to(&app)?;
        if output == Output::Stdout {
            return Err(Error::usage("a server writes no image to stdout")
                .hint("name a directory: `--output images/`"));
        }
        Ok(Service { app, shared, output, runs: Mutex::default(), metrics: Metrics::new() })
    }

    /// The settings, the environment, the log.
    pub(in crate::cmd) fn app(&self) -> &App {
        &self.app
    }

    /// Whether nothing new is begun.
    pub(in crate::cmd) fn is_stopping(&self) -> bool {
        self.stop().level() > Level::Running
    }

    fn stop(&self) -> &Stop {
        self.shared.stop()
    }

    /// A run of this process that is still remembered.
    pub(in crate::cmd) fn find(&self, id: &str) -> Option<Arc<RunRecord>> {
        lock(&self.runs).iter().find(|record| record.id() == id).cloned()
    }

    /// Waits until the process is told to end and its runs have ended, or is told to end now.
    pub(in crate::cmd) async fn stopped(&self) {
        self.stop().at(Level::Draining).await;
        tokio::select! {
            () = self.all_ended() => {}
            () = self.stop().at(Level::Abort) => {
                // What was abandoned is told to the log.
                let _ = tokio::time::timeout(ABANDONING, self.all_ended()).await;
            }
        }
    }

    /// Nothing more is sent; what was sent is awaited for at most so long.
    pub(in crate::cmd) async fn wind_down(&self, patience: Duration) {
        lock(&self.runs).iter().for_each(|record| record.cancel());
        let _ = tokio::time::timeout(patience, self.all_ended()).await;
    }

    /// The jobs of a prompt file, at most so many. It blocks.
    ///
    /// # Errors
    /// It cannot be read, something in it is wrong, or there are more.
    pub(in crate::cmd) fn jobs_of(&self, file: NamedFile, most: usize) -> Result<Vec<Item>> {
        let (app, _) = self.app.captured();
        submission::of_file(&app, file, most)
    }

    async fn all_ended(&self) {
        loop {
            let next = lock(&self.runs).iter().find(|record| !record.has_ended()).cloned();
            let Some(record) = next else { return };
            record.ended().await;
        }
    }

    /// Remembers a run, unless as many wait as may.
    fn remember(&self, runs: &mut VecDeque<Arc<RunRecord>>, record: &Arc<RunRecord>) -> bool {
        let most = self.shared.jobs_at_once() + QUEUE;
        if runs.iter().filter(|record| !record.has_ended()).count() >= most {
            return false;
        }
        while runs.len() >= REMEMBERED
            && let Some(at) = runs.iter().position(|record| record.has_ended())
        {
            runs.remove(at);
        }
        runs.push_back(Arc::clone(record));
        true
    }

    /// Figures of this process for Prometheus, in its text format: of all, or of one client with its own
    /// budgets. It blocks.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(in crate::cmd) fn metrics(&self, client: Option<&str>) -> Result<String> {
        let budgets = stats::budget::budgets(&self.app, &crate::zone::now(), client)?;
        let used = |budget: &stats::budget::Budget| UsedBudget {
            period: budget.period.name(),
            client: client.map(str::to_owned),
            used: budget.part(),
        };
        self.metrics.text(client, &budgets.iter().map(used).collect::<Vec<_>>())
    }

    /// The document of a run of an earlier process, as the log has it, and whose it is. It blocks.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(in crate::cmd) fn logged(&self, run: &str) -> Result<Option<(Document, Option<String>)>> {
        past::document_of(&self.app, run)
    }

    /// What a command prints on stdout with `--json`; its talk goes nowhere. It may block, and runs on a
    /// thread that may.
    ///
    /// # Errors
    /// The command's own.
    pub(in crate::cmd) async fn printed(
        self: &Arc<Service>,
        command: impl FnOnce(&mut App) -> anyhow::Result<crate::error::Exit> + Send + 'static,
    ) -> Result<Vec<u8>> {
        let (app, captured) = self.app.captured();
        printed(app, captured, command).await
    }

    /// The same of a command that writes the log, as another process would.
    ///
    /// # Errors
    /// The command's own.
    pub(in crate::cmd) async fn printed_apart(
        &self,
        command: impl FnOnce(&mut App) -> anyhow::Result<crate::error::Exit> + Send + 'static,
    ) -> Result<Vec<u8>> {
        let (app, captured) = self.app.apart();
        printed(app, captured, command).await
    }
}

async fn printed(
    mut app: App,
    captured: Captured,
    command: impl FnOnce(&mut App) -> anyhow::Result<crate::error::Exit> + Send + 'static,
) -> Result<Vec<u8>> {
    let work = run_blocking(move || match command(&mut app) {
        Ok(_) => Ok(captured.take()),
        Err(error) => Err(crate::cmd::typed(error)),
    });
    work.await.unwrap_or_else(|_| Err(panicked()))
}

/// A defect that took a thread with it.
fn panicked() -> Error {
    Error::new(crate::error::Kind::Internal, "this request broke off")
        .hint("the same may fail again; what was paid for is in the log")
}
