//! An image that is there already is not paid for again: when it is a job's, and how the log hears of
//! it.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::App;
use super::desk::Desk;
use super::key::{Key, written};
use super::sources::Sources;
use super::targets::Found;
use crate::engine::Job;
use crate::engine::Route;
use crate::error::{Billed, Error, Kind, Result};
use crate::money::Money;
use crate::store::log::{ADOPTED, Saved};
use crate::store::{Entry, Log, Peek, Recipe, What};

/// Is an image what a job asks for, by its own recipe?
pub(super) fn is_of(job: &Job, seeded: bool, peek: &Peek) -> bool {
    peek.recipe.as_ref().is_some_and(|found| route_of(job, seeded, found).is_some())
}

/// The route over which a job would make what a recipe tells. A seed that nobody asked for may be any;
/// so may be how the renderer looked at the time.
fn route_of<'j>(job: &'j Job, seeded: bool, found: &Recipe) -> Option<&'j Route> {
    job.routes.iter().find(|route| {
        let asked = job.recipe(route, None);
        let mut asked = Recipe { look: found.look.clone(), note: found.note.clone(), ..asked };
        if !seeded {
            Arc::make_mut(&mut asked.request).seed = found.request.seed;
        }
        asked == *found
    })
}

/// Tells the log of every image that is there already and is a job's; the book then knows it.
///
/// # Errors
/// The files cannot be read back, or one of the images cannot be read.
pub(super) fn adopt(app: &App, run: &str, sources: &Sources, desk: &mut Desk<'_>) -> Result<()> {
    let log = log_of(app);
    let base = desk.base.clone();
    desk.check();
    let mut failed = None;
    sources.read(&base, &mut sources.faults(), &mut |_, _, item| {
        // What is wrong was told by the check.
        let Ok(ruling) = desk.rule(&item, &mut Vec::new()) else {
            return ControlFlow::Continue(());
        };
        for adopted in ruling.adopted {
            match adopted.entry(run) {
                Ok(entry) => {
                    log.iter().for_each(|log| log.append(&entry));
                    desk.book.adopt(adopted.key, &entry);
                }
                Err(error) => failed = Some(error),
            }
        }
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
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

/// A job and the image that is there already.
pub(super) struct Adopted {
    pub(super) key: Key,
    pub(super) job: Job,
    pub(super) found: Found,
    /// Was the seed asked for?
    pub(super) seeded: bool,
}

impl Adopted {
    /// What the log is told: the image is the job's, and cost nothing.
    pub(super) fn entry(&self, run: &str) -> Result<Entry> {
        let Adopted { job, found: Found { path, peek }, .. } = self;
        let saved = Saved::found(path, peek).map_err(|error| {
            let what = format!("`{}` cannot be read: {error}", path.display());
            Error::new(Kind::Local, what)
        })?;
        let own = peek.recipe.as_ref();
        let made = own.and_then(|own| route_of(job, self.seeded, own));
        let route = made.unwrap_or(&job.routes[0]);
        // Of what was taken by its name alone nothing is known but what was wanted.
        let own = own.filter(|_| made.is_some());
        let recipe = own.cloned().unwrap_or_else(|| job.recipe(route, None));
        let mut order = (*route.order).clone();
        if let Some(own) = own {
            Arc::make_mut(&mut order.request).seed = own.request.seed;
        }
        Ok(Entry {
            key: Some(written(self.key, false)),
            provider: route.provider.id.clone(),
            model: route.model_id(),
            cost: Some(Money::ZERO),
            billed: Some(Billed::No),
            code: ADOPTED.to_owned(),
            images: vec![saved],
            prompt: job.request.prompt.clone(),
            tags: job.tags.clone(),
            style: job.request.style.clone(),
            seed: own.and_then(|own| own.request.seed),
            order: Some(order),
            recipe: Some(Box::new(recipe.beside_prompt_and_model())),
            ..Entry::new(What::Done, run, &job.id, &format!("{}.1", job.id))
        })
    }
}
