//! Images that no job of this home has made, and jobs whose image is one of these under another name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Keyed, Selector};
use crate::batch::Item;
use crate::cmd::batch::adopted::{ExistingImage, UNREADABLE, formats, is_of};
use crate::cmd::batch::check::NAMED;
use crate::cmd::batch::prior::Prior;
use crate::cmd::batch::recipes::RecipeIndex;
use crate::cmd::batch::targets::Placement;
use crate::engine::{Job, RunSpec};
use crate::error::Result;
use crate::store::Output;
use crate::store::log::Cursor;

impl Selector<'_> {
    /// Looks into the images of the output directory that no job of this home has made, unless the
    /// log knows what came of every job. Answers with whether one of them may be a job's under another
    /// name: then `survey` hears of all jobs before anything is decided.
    ///
    /// # Errors
    /// The disk refuses, and nobody knows what is there.
    pub(in crate::cmd::batch) fn look_through(&mut self, end: &Cursor) -> Result<bool> {
        if self.looked_at.as_ref() == Some(end) {
            return Ok(false);
        }
        self.looked_at = Some(end.clone());
        self.targets.forget_log();
        self.recipes = RecipeIndex::default();
        if self.args.sketch || !self.history.has_new() {
            return Ok(false);
        }
        let below = self.template.as_deref().map_or("", below_root);
        let levels = self.levels + below.matches('/').count();
        let Selector { history, standings, targets, verified, .. } = self;
        self.recipes = RecipeIndex::read(&self.directory, levels, verified, &mut |path| {
            let is_ours = history.images.has(path) || standings.is_claimed(path, None);
            is_ours || targets.is_logged(path)
        })?;
        if !self.recipes.is_empty() {
            // What is a job's already is not another one's under another name.
            let _ = self.app.log.read_holding(&["\"key\":", "\"images\":"], |entry| {
                if history.has_image(&entry) {
                    entry.images.iter().for_each(|saved| verified.claim_logged(&entry, saved));
                }
            });
        }
        Ok(!self.recipes.is_empty())
    }

    /// What was not taken although it is like what a job asks for: the first of them in words, and how
    /// many there are.
    pub(in crate::cmd::batch) fn left_images(&self) -> (Vec<String>, usize) {
        let left = self.recipes.left();
        let words = |(path, why): &(PathBuf, String)| format!("`{}` ({why})", self.relative(path));
        (left.iter().take(NAMED).map(words).collect(), left.len())
    }

    /// How many images were looked into, where there are more.
    pub(in crate::cmd::batch) fn strays_cut(&self) -> Option<usize> {
        self.recipes.cut()
    }

    /// Hears which of the images each job of an item would take, so that they can be shared out.
    ///
    /// # Errors
    /// The disk refuses, and nobody knows what is there.
    pub(in crate::cmd::batch) fn survey(&mut self, item: &mut Item) -> Result<()> {
        let is_given = matches!(self.pictures.give(item), Ok(None));
        let item = &*item;
        let keys = if is_given { self.keys(item) } else { Vec::new() };
        let first = self.seen;
        self.seen += self.count(item);
        if !keys.iter().any(|keyed| self.would_take(keyed)) {
            return Ok(());
        }
        // What is wrong with it is told where it is decided about.
        let jobs = self.planner.jobs(&self.ask(item), first, &mut Vec::new()).unwrap_or_default();
        let is_file = matches!(self.output(item), Output::File(_));
        let seeded = item.request.seed.is_some();
        for (mut job, keyed) in jobs.into_iter().zip(keys) {
            if !self.would_take(&keyed) {
                continue;
            }
            let (targets, mut rules) = self.rules(item, &keyed);
            let own = match targets.place(item, &mut job, &mut rules) {
                Ok(Placement::Existing(found)) => Some(found),
                Err(error) if error.code == UNREADABLE => return Err(error),
                _ => None,
            };
            let written = match is_file {
                true => None,
                false => self.as_it_is_written(item, &job),
            };
            let ways = std::iter::once(&job).chain(&written).filter(|_| !is_file);
            self.recipes.request(&job, seeded, own, ways);
        }
        Ok(())
    }

    /// Whether a job would be content with an image that is there.
    fn would_take(&self, keyed: &Keyed) -> bool {
        let is_missing = match self.history.before(keyed.key) {
            Prior::New => true,
            Prior::Failed(_) => self.args.retry_failed,
            _ => false,
        };
        is_missing && !self.is_again(keyed.key)
    }

    /// Shares the images out among the jobs that were surveyed.
    ///
    /// # Errors
    /// The disk refuses, and nobody knows what is there.
    pub(in crate::cmd::batch) fn share_out(&mut self) -> Result<()> {
        self.recipes.share_out()
    }

    /// The image of a job under another name, and the job as which it was made. One whose file the
    /// user names is made there, as it is when that name changes in a home that knows it.
    ///
    /// # Errors
    /// The disk refuses, and nobody knows what is there.
    pub(super) fn under_another_name(
        &mut self,
        item: &Item,
        job: &Job,
    ) -> Result<Option<(Job, ExistingImage)>> {
        let Some(path) = self.recipes.given(job.index).map(Path::to_owned) else { return Ok(None) };
        let Some(image) = self.verified.image(&path)? else { return Ok(None) };
        let seeded = item.request.seed.is_some();
        let fits = |job: &Job| {
            is_of(job, seeded, &image.peek)
                && formats(job).any(|format| format == image.peek.format)
        };
        if fits(job) {
            return Ok(Some((job.clone(), image)));
        }
        let written = self.as_it_is_written(item, job).filter(fits);
        Ok(written.map(|written| (written, image)))
    }

    /// A job as versions made it that read nothing of other tools' syntax.
    fn as_it_is_written(&mut self, item: &Item, job: &Job) -> Option<Job> {
        let request = item.as_written.as_deref()?;
        if self.as_written.as_ref().is_none_or(|(of, _)| *of != item.index) {
            let spec = RunSpec { request: Arc::new(request.clone()), ..self.ask(item) };
            let jobs = self.planner.jobs(&spec, 0, &mut Vec::new()).unwrap_or_default();
            self.as_written = Some((item.index, jobs));
        }
        let (_, jobs) = self.as_written.as_ref()?;
        let written = jobs.get(job.index.checked_sub(self.seen - jobs.len())?)?;
        let (id, key, tags) = (job.id.clone(), job.key.clone(), job.tags.clone());
        Some(Job { index: job.index, id, key, tags, ..written.clone() })
    }
}

/// What stands behind the directories of a template that are the same for all images.
fn below_root(template: &str) -> &str {
    let fixed = template.split('{').next().unwrap_or_default();
    fixed.rfind('/').map_or(template, |at| &template[at + 1..])
}
