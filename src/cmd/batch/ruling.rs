//! What becomes of an item: the images that are to be made, and why the others are not.

use super::adopt::Adopted;
use super::key::Key;
use super::targets::Found;
use crate::batch::Item;
use crate::engine::Job;
use crate::error::Exit;

/// Why an image is not made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Skip {
    /// It was made before.
    Done,
    /// It is there already, and was taken as it is.
    Adopted,
    /// The same, but drawn by pinx because there was no key then.
    Sketched,
    /// It was made before, and its file is gone.
    Gone,
    /// It was refused or rejected before, with this exit code.
    Failed(Exit),
    /// It is open: `recover` is for that.
    Open,
    /// Another home has claimed it.
    Elsewhere,
    /// `--limit` was reached.
    Later,
}

impl Skip {
    /// In words, for tables and documents.
    pub(super) fn word(self) -> &'static str {
        match self {
            Skip::Done => "done before",
            Skip::Adopted => "adopted",
            Skip::Sketched => "sketched before",
            Skip::Gone => "file gone",
            Skip::Failed(Exit::REFUSED) => "refused before",
            Skip::Failed(_) => "failed before",
            Skip::Open => "open",
            Skip::Elsewhere => "at work elsewhere",
            Skip::Later => "left for later",
        }
    }

    /// Is its image where it was saved?
    pub(super) fn has_image(self) -> bool {
        matches!(self, Skip::Done | Skip::Adopted | Skip::Sketched)
    }

    /// What it means for the exit code of the batch; `None` where the user wanted it so.
    pub(super) fn exit(self) -> Option<Exit> {
        match self {
            Skip::Done | Skip::Adopted | Skip::Sketched => Some(Exit::OK),
            Skip::Failed(exit) => Some(exit),
            Skip::Open | Skip::Elsewhere => Some(Exit::OPEN),
            Skip::Gone | Skip::Later => None,
        }
    }
}

/// What becomes of an item.
#[derive(Default)]
pub(super) struct Ruling {
    /// The images that are to be made.
    pub(super) jobs: Vec<Job>,
    /// The others.
    pub(super) skips: Vec<Skipped>,
    /// Of these, in a check, the ones whose images are there although the log does not know it.
    pub(super) adopted: Vec<Adopted>,
}

impl Ruling {
    /// Adds an image that is not made now.
    pub(super) fn skip(&mut self, job: &Job, keyed: Keyed, why: Skip) {
        let Keyed { key, model, .. } = keyed;
        self.skips.push(Skipped { index: job.index, key, why, is_rehearsal: false, model });
    }

    /// Adds an image that is there already.
    pub(super) fn adopt(&mut self, item: &Item, job: Job, keyed: Keyed, found: Option<Found>) {
        let (key, seeded) = (keyed.key, item.request.seed.is_some());
        self.skip(&job, keyed, Skip::Adopted);
        self.adopted.extend(found.map(|found| Adopted { key, job, found, seeded }));
    }
}

/// An image that is not made now.
pub(super) struct Skipped {
    /// Its number among all images, from zero.
    pub(super) index: usize,
    pub(super) key: Key,
    pub(super) why: Skip,
    /// Is what was made only a drawing that stands for it?
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
