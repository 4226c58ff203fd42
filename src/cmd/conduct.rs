//! One run of the engine: the journal open, the run's lock held, signals heard, bars drawn.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::{App, recover, runtime};
use crate::engine::{Engine, Event, Halts, Level, Limits, Options, Reuse, RunBudget, Stop, stop};
use crate::error::{Error, Result};
use crate::process;
use crate::store::Runs;
use crate::store::claim::Claims;
use crate::store::log::{Mark, Terms};

/// What a run is.
pub(super) struct Setup<'a> {
    /// Its id.
    pub(super) run: &'a str,
    /// How many jobs it has.
    pub(super) jobs: usize,
    /// Can it cost anything?
    pub(super) paid: bool,
    /// What it may spend.
    pub(super) budget: RunBudget,
    /// Where the log ended when a batch asked it what there is to do.
    pub(super) since: Option<Mark>,
    /// Must nobody see yet which model makes what?
    pub(super) blind: bool,
    /// Where jobs are claimed before other homes.
    pub(super) claims: Option<Claims>,
}

/// Lets the engine work; `work` answers with its result, and whether anything was left open for
/// `recover`.
///
/// # Errors
/// What must be there before anything is paid for is not: the journal, the run's lock.
pub(super) fn conduct<T>(
    app: &App,
    setup: Setup<'_>,
    work: impl AsyncFnOnce(&Engine<'_>) -> (T, bool),
) -> Result<T> {
    let places = &app.settings.places;
    let Setup { run, jobs, paid, budget, since, blind, claims } = setup;
    // First of all, because with it large files are heard of.
    let runtime = runtime()?;
    let log = match app.log.open() {
        Ok(()) => Some(&*app.log),
        Err(error) if paid => return Err(error),
        Err(error) => {
            app.ui.warn(&format!("{error}; this picture is not logged"));
            None
        }
    };
    let runs = Runs(&places.run);
    // Runs that were killed with nothing open are no news.
    if recover::sweep(app).unwrap_or(true) {
        app.ui.note(
            "something of an earlier run is still open: `pinx recover` collects it, or says what became \
             of it",
        );
    }
    // Held until the end: `recover` takes it first, and so knows that a run is dead.
    let lock = match runs.begin(run) {
        Ok(lock) => Some(lock),
        Err(error) if paid => {
            return Err(Error::usage(format!(
                "`{}` cannot be written: {error}",
                places.run.display()
            ))
            .hint("set PINX_HOME to a writable directory"));
        }
        Err(_) => None,
    };
    let mut options = Options { bare: blind, ..app.engine_options() };
    if let Some(handles) = process::raise_handles() {
        let most = process::jobs_with(handles);
        if options.concurrency.min(jobs) > most {
            app.ui.note(&format!(
                "{most} jobs at once instead of {}: pinx may have {handles} files open (`ulimit -n`)",
                options.concurrency
            ));
        }
        options.concurrency = options.concurrency.min(most);
    }
    let client = app.client();
    let progress = app.ui.progress(jobs);
    // By job: a job may be sent twice, and may end without having been sent.
    let in_flight = Mutex::new(HashSet::new());
    let in_flight = || in_flight.lock().unwrap_or_else(PoisonError::into_inner);
    let listen = |event: Event| {
        match &event {
            Event::Sent { job } => drop(in_flight().insert(*job)),
            // What failed and is tried again is not in flight while it waits.
            Event::Ended { job, .. } | Event::Retrying { job, .. } => {
                in_flight().remove(job);
            }
            _ => {}
        }
        let shown = if blind { event.masked() } else { Some(event) };
        if let Some(event) = shown {
            progress.on(&event);
        }
    };
    let (sender, stop) = Stop::new();
    let engine = Engine {
        run: run.to_owned(),
        options: &options,
        transport: &client,
        journal: log,
        terms: Terms::new(app.caps(), since),
        limits: Limits::new(Some(&places.limits)),
        budget,
        reuse: Some(Reuse::new(app.cache())),
        claims,
        stop,
        halts: Halts::default(),
        events: &listen,
    };
    let (outcome, left_open) = runtime.block_on(async {
        let heard = |level| match level {
            Level::Abort => listen(Event::Notice { job: None, text: "abandoned".to_owned() }),
            _ => listen(Event::Stopping { in_flight: in_flight().len() }),
        };
        tokio::select! {
            outcome = work(&engine) => outcome,
            () = stop::listen(sender, heard) => unreachable!("listening never ends"),
        }
    });
    progress.finish();
    drop(engine);
    let logged = log.map_or(Ok(()), |log| runtime.block_on(log.flush(run)));
    if let Err(error) = &logged {
        let remedy = "what it did not take looks open, and `pinx recover` puts that in order";
        app.ui.warn(&format!("{error}; {remedy}"));
    }
    // What is left open is found by its lock file.
    if lock.is_some() && logged.is_ok() && !left_open {
        runs.forget(run);
    }
    drop(lock);
    Ok(outcome)
}
