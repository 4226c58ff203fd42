//! What images are called: by an `id` that no other job has, and otherwise than before where the user
//! says so.

use std::hash::BuildHasher as _;
use std::path::PathBuf;

use super::{NAMED, Selector};
use crate::batch::Item;
use crate::cmd::batch::decision::Skipped;
use crate::error::{Error, Result};
use crate::fs;
use crate::request::Format;
use crate::store::candidate;
use crate::text;

impl Selector<'_> {
    /// The hash of an `id` that names the file of a job.
    pub(super) fn naming_id(&self, item: &Item) -> Option<u64> {
        let template = self.template.as_deref().unwrap_or(NAMED);
        let template = match &item.output {
            None => template,
            Some(output) if output.ends_with('/') => NAMED,
            Some(_) => return None,
        };
        let is_named = ["{id}", "{name}"].iter().any(|field| template.contains(field));
        let id = item.id.as_ref().filter(|_| is_named)?;
        Some(self.hasher.hash_one((item.file, &item.output, id)))
    }

    /// Whether an item has an `id` of its own, where that names its file. A line may stand for several.
    ///
    /// # Errors
    /// It has not.
    pub(in crate::cmd::batch) fn has_own_id(&self, item: &Item) -> Result<()> {
        let first = self.naming_id(item).and_then(|id| self.ids.get(&id));
        let Some(line) = first.filter(|line| **line != item.line) else { return Ok(()) };
        let id = text::clean(item.id.as_deref().unwrap_or_default(), 80);
        Err(Error::usage(format!("the `id` `{id}` is that of line {line} already")).hint(
            "give each job an `id` of its own: it is the name of its file, and what `--only` takes",
        ))
    }

    /// The file of an image that is there, and the one in which it would be made now, where that is
    /// called otherwise because the user says so.
    pub(in crate::cmd::batch) fn other_name(
        &mut self,
        item: &Item,
        skip: &Skipped,
    ) -> Option<(PathBuf, PathBuf)> {
        let changing = ["{date}", "{time}", "{seed}", "{run}"];
        let template = self.template.as_deref();
        let is_named = item.id.is_some() || template.is_some();
        let is_changing =
            template.is_some_and(|it| changing.iter().any(|field| it.contains(field)));
        if !is_named || is_changing || !skip.why.has_image() || self.args.sketch {
            return None;
        }
        let known = self.known(skip.key)?;
        let path = known.images.first()?.path.to_path_buf();
        let jobs = self.planner.jobs(&self.ask(item), 0, &mut Vec::new()).ok()?;
        let job = jobs.get(skip.index.checked_sub(self.seen - jobs.len())?)?;
        let (stem, own) = (path.file_stem()?.to_str()?, job.target.stem.as_str());
        let number = stem.strip_prefix(own).and_then(|rest| rest.strip_prefix('-'));
        let is_numbered = number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()));
        let directory = std::path::absolute(&job.target.directory).ok()?;
        let is_there = path.parent().is_some_and(|place| fs::real(place) == fs::real(&directory));
        let is_same = is_there && (stem == own || is_numbered);
        (!is_same).then(|| (path, candidate(&job.target, job.offset)))
    }
}

/// What a job is called, as a name of a file without its extension.
pub(super) fn name_of(item: &Item) -> Option<&str> {
    let id = item.id.as_deref()?;
    match id.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && Format::of_extension(end).is_some() => Some(stem),
        _ => Some(id),
    }
}
