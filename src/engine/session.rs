//! One session of a process: its engine with the log open, its run locked, signals heard.
//!
//! Nothing is told here: remarks go to the caller, and what happens in a run to its listener.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::recover::{Pending, RecoveryOutcome, foreseen, remove_old_inputs, remove_stale_locks};
pub use super::run::RunContext;
use super::run::{Listener, Run};
use super::{Engine, Event, InFlight, Level, Limits, MissingModels, Slots, Stop, stop};
use crate::dialect;
use crate::error::{Error, Kind, Result};
use crate::process;
use crate::settings::{Env, Settings};
use crate::store::{Cache, Log};

/// What the user should read besides what happens in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Something is not as it should be.
    Warning(String),
    /// Something to know.
    Note(String),
    /// Attempts of earlier runs are open that `recover` may be able to collect; none are named where the
    /// log cannot be read.
    StillOpen(Vec<String>),
}

/// A process's engine and its runtime.
pub struct Session {
    runtime: Runtime,
    engine: Arc<Engine>,
    signals: watch::Sender<Level>,
    stop: Stop,
    /// Jobs at once for which there are file handles.
    most: usize,
}

impl Session {
    /// An engine over a log, with limits of its own and no cache: for recovery.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn of_recovery(settings: &Arc<Settings>, env: &Env, log: &Arc<Log>) -> Result<Session> {
        Session::open(|| {
            log.open()?;
            Ok(Engine::new(settings, env, Some(Arc::clone(log))))
        })
    }

    /// An engine for the runs of many requests, which all have no more jobs at once than the settings say;
    /// `report` gets what the user should read.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn of_server(
        settings: &Arc<Settings>,
        env: &Env,
        log: &Arc<Log>,
        report: &dyn Fn(Remark),
    ) -> Result<Session> {
        let mut session = Session::open(|| {
            log.open()?;
            Ok(remembering(settings, env, Some(Arc::clone(log))))
        })?;
        let jobs = session.most.min(settings.concurrency.max(1) as usize);
        if let Some(engine) = Arc::get_mut(&mut session.engine) {
            engine.slots = Slots::new(jobs);
        }
        session.most = jobs;
        look_at_leftovers(settings, log, report);
        Ok(session)
    }

    /// What requests begin their runs with.
    pub fn shared(&self) -> Shared {
        Shared { engine: Arc::clone(&self.engine), stop: self.stop.clone(), jobs: self.most }
    }

    /// Does work while signals are heard, of which SIGTERM gives what is in flight this long; `heard` hears
    /// of each new level.
    pub fn block_on_patiently<T>(
        &self,
        patience: Duration,
        work: impl Future<Output = T>,
        heard: impl Fn(Level),
    ) -> T {
        let signals = self.signals.clone();
        self.runtime.block_on(async {
            tokio::select! {
                outcome = work => outcome,
                () = stop::listen(signals, patience, heard) => unreachable!("listening never ends"),
            }
        })
    }

    fn open(engine: impl FnOnce() -> Result<Engine>) -> Result<Session> {
        // First of all, because with it large files are heard of.
        let runtime = runtime()?;
        let mut engine = engine()?;
        let most = process::raise_handles().map_or(usize::MAX, process::jobs_with);
        engine.slots = Slots::new(most);
        let (signals, stop) = Stop::new();
        Ok(Session { runtime, engine: Arc::new(engine), signals, stop, most })
    }

    /// What its runs share.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// A run of this session.
    pub fn run(&self, id: &str) -> Run {
        self.attach(Run::new(&self.engine, id))
    }

    /// Stops a run with the session, and lets it have no more jobs at once than there are handles for.
    fn attach(&self, run: Run) -> Run {
        Run { stop: self.stop.clone(), concurrency: run.concurrency.min(self.most), ..run }
    }

    /// Does work while signals are heard; `heard` hears of each new level.
    pub fn block_on<T>(&self, work: impl Future<Output = T>, heard: impl Fn(Level)) -> T {
        self.block_on_patiently(stop::PATIENCE, work, heard)
    }

    /// Does work that loses nothing when a signal ends the process.
    pub fn block_on_unheard<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Has on the disk what the log was given.
    ///
    /// # Errors
    /// Something is not there: what was done may look open.
    pub fn end(self) -> Result<()> {
        self.engine.log.as_ref().map_or(Ok(()), |log| log.finish())
    }
}

/// What the requests of a server share: they begin runs from any thread.
#[derive(Clone)]
pub struct Shared {
    engine: Arc<Engine>,
    stop: Stop,
    jobs: usize,
}

impl Shared {
    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// How firmly the process stops.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Jobs at once, of all runs together.
    pub fn jobs_at_once(&self) -> usize {
        self.jobs
    }

    /// Begins a run. Blocking.
    ///
    /// # Errors
    /// Its lock cannot be made, and it may cost something.
    pub fn begin(&self, context: RunContext) -> Result<Run> {
        let run = Run::begin(&self.engine, context)?;
        Ok(Run { stop: self.stop.clone(), concurrency: run.concurrency.min(self.jobs), ..run })
    }
}

/// An engine that goes by what earlier runs have learned and made.
fn remembering(settings: &Arc<Settings>, env: &Env, log: Option<Arc<Log>>) -> Engine {
    let places = &settings.places;
    Engine {
        limits: Arc::new(Limits::new(Some(&places.limits))),
        cache: Some(Cache::new(&places.cache, settings.cache_max_size)),
        missing: Arc::new(MissingModels::of(&places.limits)),
        ..Engine::new(settings, env, log)
    }
}

/// Removes what earlier runs left and nobody needs, and tells of what is open of them.
fn look_at_leftovers(settings: &Settings, log: &Log, report: &dyn Fn(Remark)) {
    let places = &settings.places;
    // Runs that were killed with nothing open are no news.
    match remove_stale_locks(log, places) {
        Err(_) => report(Remark::StillOpen(Vec::new())),
        Ok(mut open) => {
            open.retain(|pending| can_be_collected(settings, pending));
            if !open.is_empty() {
                let ids = open.into_iter().map(|pending| pending.intent.attempt);
                report(Remark::StillOpen(ids.collect()));
            }
        }
    }
    let _ = remove_old_inputs(log, places);
}

/// A session with one run.
pub struct RunSession {
    session: Session,
    run: Run,
}

impl RunSession {
    /// Opens the log and begins the run; `report` gets what the user should read.
    ///
    /// # Errors
    /// What must be there before anything is paid for is not: the log, the run's lock.
    pub fn begin(
        settings: &Arc<Settings>,
        env: &Env,
        log: &Arc<Log>,
        context: RunContext,
        report: &dyn Fn(Remark),
    ) -> Result<RunSession> {
        let session = Session::open(|| {
            let log = match log.open() {
                Ok(()) => Some(Arc::clone(log)),
                Err(error) if context.paid => return Err(error),
                Err(error) => {
                    report(Remark::Warning(format!("{error}; this picture is not logged")));
                    None
                }
            };
            Ok(remembering(settings, env, log))
        })?;
        look_at_leftovers(settings, log, report);
        let jobs = context.jobs;
        let run = Run::begin(&session.engine, context)?;
        let (wanted, most) = (run.concurrency, session.most);
        if wanted.min(jobs) > most {
            let handles = process::raise_handles().unwrap_or_default();
            report(Remark::Note(format!(
                "{most} jobs at once instead of {wanted}: pinx may have {handles} files open (`ulimit -n`)"
            )));
        }
        let run = session.attach(run);
        Ok(RunSession { session, run })
    }

    /// Lets the run work; `listener` hears what happens in it.
    pub fn work<T>(&mut self, listener: Listener, work: impl AsyncFnOnce(&Run) -> T) -> T {
        let in_flight = InFlight::default();
        let (counted, blind) = (in_flight.clone(), self.run.bare);
        let listener: Listener = Arc::new(move |event: Event| {
            counted.hear(&event);
            if let Some(event) = if blind { event.masked() } else { Some(event) } {
                listener(event);
            }
        });
        let heard = |level| match level {
            Level::Abort => listener(Event::Notice { job: None, text: "abandoned".to_owned() }),
            _ => listener(in_flight.stopping()),
        };
        self.run.listener = Arc::clone(&listener);
        self.session.block_on(work(&self.run), heard)
    }

    /// Ends the run; `left_open` says that `recover` has something to do.
    pub fn end(self, left_open: bool, report: &dyn Fn(Remark)) {
        if let Err(error) = self.session.runtime.block_on(self.run.end(left_open)) {
            let remedy = "what it did not take looks open, and `pinx recover` puts that in order";
            report(Remark::Warning(format!("{error}; {remedy}")));
        }
    }
}

/// Whether `recover` has somebody to ask, or bytes to save; or the process was killed before it could
/// say how it stands, and its image may be on the disk.
fn can_be_collected(settings: &Settings, pending: &Pending) -> bool {
    let provider = settings.catalog.provider(&pending.intent.provider);
    let dialect = provider.and_then(|provider| dialect::dialect(&provider.dialect));
    pending.code.is_empty() || foreseen(pending, dialect) == RecoveryOutcome::Pending
}

/// The runtime of commands that need one: one thread, and a pool for files. Its size is what a disk
/// gains from being waited for at once; how many images are decoded at once, the engine says.
///
/// # Errors
/// The system refuses it.
pub fn runtime() -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    #[cfg(test)]
    if crate::pool::is_inline() {
        // Time stands still while nobody waits.
        return Ok(builder.enable_time().start_paused(true).build().expect("it needs nothing"));
    }
    let runtime = builder.enable_all().max_blocking_threads(16).build().map_err(|error| {
        Error::new(Kind::Internal, format!("the runtime cannot be built: {error}"))
    })?;
    process::file_size();
    survive_large_files(&runtime);
    Ok(runtime)
}

/// A file that becomes larger than it may is an error of who writes it, not the end of the process:
/// the signal is heard, and nothing follows from it.
fn survive_large_files(runtime: &Runtime) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let _inside = runtime.enter();
        // It stays heard when nobody listens any more.
        drop(signal(SignalKind::from_raw(process::file_size_signal())));
    }
    #[cfg(not(unix))]
    let _ = runtime;
}
