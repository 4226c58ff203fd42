//! A run of the engine before the user: bars drawn, remarks shown.

use std::sync::Arc;
use std::time::Instant;

use super::App;
use crate::engine::Run;
use crate::engine::session::{RunContext, RunSession};
use crate::error::Result;

/// Lets the engine work; `names` say of each job what tells it from others of its model, where anything
/// does, and `work` answers with its result, and whether anything was left open for
/// `recover`.
///
/// # Errors
/// What must be there before anything is paid for is not: the log, the run's lock.
pub(super) fn conduct<T>(
    app: &App,
    context: RunContext,
    names: Vec<String>,
    work: impl AsyncFnOnce(&Run) -> (T, bool),
) -> Result<T> {
    let report = |remark| app.report(remark);
    let (jobs, begun) = (context.jobs, Instant::now());
    let mut session = RunSession::begin(&app.settings, &app.env, &app.log, context, &report)?;
    let progress = Arc::new(app.ui.progress(jobs).called(names));
    let shown = Arc::clone(&progress);
    let (outcome, left_open) = session.work(Arc::new(move |event| shown.on(&event)), work);
    progress.finish();
    session.end(left_open, &report);
    app.ui.ring(app.settings.notify, begun.elapsed());
    Ok(outcome)
}
