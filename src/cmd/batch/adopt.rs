//! Telling the log of images that are there already.

use std::ops::ControlFlow;

use super::selector::Selector;
use super::sources::Sources;
use crate::cmd::App;
use crate::error::Result;
use crate::store::Log;

/// Tells the log of every image that is there already and is a job's; the history then knows it.
///
/// # Errors
/// The files cannot be read back, or an image or what stands around it cannot be read.
pub(super) fn claim_existing(
    app: &App,
    run: &str,
    sources: &Sources,
    selector: &mut Selector<'_>,
) -> Result<()> {
    let log = log_of(app);
    let base = selector.base.clone();
    selector.check();
    let mut failed = None;
    sources.read(&base, &mut sources.faults(), &mut |_, _, mut item| {
        // The check found nothing wrong: what cannot be read any more would be paid for again.
        let decision = match selector.decide(&mut item, &mut Vec::new()) {
            Ok(decision) => decision,
            Err(error) => {
                failed = Some(error);
                return ControlFlow::Break(());
            }
        };
        for adopted in decision.adopted {
            let entry = adopted.entry(run);
            log.iter().for_each(|log| log.append(&entry));
            selector.history.claim_existing(adopted.key, &entry);
        }
        ControlFlow::Continue(())
    })?;
    if let Some(log) = log {
        log.finish()?;
    }
    failed.map_or(Ok(()), Err)
}

/// The log, for what is adopted; where it cannot be written, that is told.
pub(super) fn log_of(app: &App) -> Option<&Log> {
    let opened = app.log.open();
    let opened =
        opened.inspect_err(|error| app.ui.warn(&format!("{error}; what is adopted is not logged")));
    opened.is_ok().then_some(&*app.log)
}
