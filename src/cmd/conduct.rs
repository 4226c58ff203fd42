//! A run of the engine before the user: bars drawn, remarks told.

use std::sync::Arc;

use super::App;
use crate::engine::Run;
use crate::engine::session::{Remark, RunContext, RunSession};
use crate::error::Result;

/// Lets the engine work; `work` answers with its result, and whether anything was left open for
/// `recover`.
///
/// # Errors
/// What must be there before anything is paid for is not: the log, the run's lock.
pub(super) fn conduct<T>(
    app: &App,
    context: RunContext,
    work: impl AsyncFnOnce(&Run) -> (T, bool),
) -> Result<T> {
    let tell = |remark: Remark| match remark {
        Remark::Warning(text) => app.ui.warn(&text),
        Remark::Note(text) => app.ui.note(&text),
    };
    let jobs = context.jobs;
    let mut session = RunSession::begin(&app.settings, &app.env, &app.log, context, &tell)?;
    let progress = Arc::new(app.ui.progress(jobs));
    let shown = Arc::clone(&progress);
    let (outcome, left_open) = session.work(Arc::new(move |event| shown.on(&event)), work);
    progress.finish();
    session.end(left_open, &tell);
    Ok(outcome)
}
