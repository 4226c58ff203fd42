//! What becomes of an item: the images that are to be made, and why the others are not.

use std::path::PathBuf;

use super::adopted::{Adopted, ExistingImage};
use super::key::Key;
use super::prior::Prior;
use crate::batch::Item;
use crate::engine::Job;

/// What becomes of an item.
#[derive(Default)]
pub(super) struct Decision {
    /// The images that are to be made.
    pub(super) jobs: Vec<Job>,
    /// The others.
    pub(super) skips: Vec<Skipped>,
    /// Of these, in a check, the ones whose images are there although the log does not know it.
    pub(super) adopted: Vec<Adopted>,
    /// The ones among these that have other names than their jobs would give them.
    pub(super) renamed: Vec<PathBuf>,
    /// Images that are to be made under other names than they would have, each with the earlier one that
    /// has that name.
    pub(super) beside: Vec<(PathBuf, PathBuf)>,
    /// How many of the jobs have models of their own, by the file.
    pub(super) own_models: usize,
    /// How many of them have pictures of their own, by the file.
    pub(super) own_pictures: usize,
    /// How many of the jobs make again what is there.
    pub(super) again: usize,
}

impl Decision {
    /// Adds an image that is not made now.
    pub(super) fn skip(&mut self, job: &Job, keyed: Keyed, why: Prior) {
        let Keyed { key, model, .. } = keyed;
        self.skips.push(Skipped { index: job.index, key, why, is_rehearsal: false, model });
    }

    /// Adds an image that is there already.
    pub(super) fn claim_existing(
        &mut self,
        item: &Item,
        job: Job,
        keyed: Keyed,
        found: Option<ExistingImage>,
    ) {
        let (key, seeded) = (keyed.key, item.request.seed.is_some());
        self.skip(&job, keyed, Prior::Adopted);
        self.adopted.extend(found.map(|found| Adopted { key, job, found, seeded }));
    }
}

/// An image that is not made now.
pub(super) struct Skipped {
    /// Its number among all images, from zero.
    pub(super) index: usize,
    pub(super) key: Key,
    pub(super) why: Prior,
    /// Whether what was made is only a drawing that stands for it.
    pub(super) is_rehearsal: bool,
    /// The model as written.
    pub(super) model: String,
}

/// An image of an item, by the words for it.
pub(super) struct Keyed {
    pub(super) key: Key,
    /// What a claim on it is called, where jobs are claimed.
    pub(super) claim: Option<String>,
    /// The model as written.
    pub(super) model: String,
}
