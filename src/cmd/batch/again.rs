//! The second look: what was at work elsewhere when this run came to it may be there by its end.

use std::ops::ControlFlow;

use super::adopt::log_of;
use super::args::Args;
use super::document::skipped;
use super::gallery::Gallery;
use super::outcome::{Outcome, Position};
use super::selector::Selector;
use super::sources::Sources;
use super::view;
use crate::cmd::App;
use crate::error::Result;

/// Looks again at the jobs that other homes had claimed: what they have made is adopted, the others
/// stay theirs.
///
/// # Errors
/// The files or an image cannot be read, or what is adopted cannot be logged.
pub(super) fn look(
    app: &App,
    args: &Args,
    run: &str,
    sources: &Sources,
    selector: &mut Selector<'_>,
    gallery: Option<&Gallery>,
    outcome: &mut Outcome,
) -> Result<()> {
    let log = log_of(app);
    let base = selector.base.clone();
    selector.look_again();
    let mut failed = None;
    sources.read(&base, &mut sources.faults(), &mut |_, _, mut item| {
        let decision = match selector.look(&mut item, &outcome.elsewhere) {
            Ok(decision) => decision,
            Err(error) => {
                failed = Some(error);
                return ControlFlow::Break(());
            }
        };
        for skip in &decision.skips {
            let adopted = decision.adopted.iter().find(|found| found.job.index == skip.index);
            let entry = adopted.map(|adopted| adopted.entry(run));
            log.iter().zip(&entry).for_each(|(log, entry)| log.append(entry));
            *outcome.again.entry(skip.why).or_default() += 1;
            let place = Position::of(&item, sources);
            let document = skipped(&place, &item, skip, entry.as_ref());
            if args.jsonl {
                app.ui.json_line(&document);
            } else if let Some(documents) = &mut outcome.documents {
                if let Err(error) = documents.add(&document) {
                    app.ui.warn(&format!("the document cannot be kept until its end: {error}"));
                }
            } else {
                let images = entry.iter().flat_map(|entry| &entry.images);
                images.for_each(|image| app.ui.saved(&selector.relative(&image.path)));
            }
            if let Some(gallery) = gallery {
                view::skipped(&item, skip, entry).into_iter().for_each(|entry| gallery.add(entry));
            }
        }
        ControlFlow::Continue(())
    })?;
    if let Some(log) = log {
        log.finish()?;
    }
    failed.map_or(Ok(()), Err)
}
