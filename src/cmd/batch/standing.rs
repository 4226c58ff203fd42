//! How a job stands by its claim: free, at work elsewhere, or ended by whichever home made it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::adopted::{ExistingImage, is_of};
use super::args::Args;
use super::prior::Prior;
use super::verified::VerifiedImages;
use crate::cmd::App;
use crate::cmd::claims;
use crate::engine::{Claiming, Job};
use crate::error::{Error, Exit, Result};
use crate::store::Runs;
use crate::store::claim::{Claim, Claims, State};

/// The claims of a batch, and what the check found of them.
pub(super) struct Standings<'a> {
    app: &'a App,
    /// None where nobody claims.
    pub(super) claims: Option<Claims>,
    /// The images that may be adopted, each read once.
    pub(super) verified: VerifiedImages,
    /// Jobs of which this home's log has an open attempt; read where that decides.
    open: Option<HashSet<String>>,
    /// Whether what failed or is gone is made again.
    retries: bool,
    redoes: bool,
    /// Whether what is there is made again.
    again: bool,
    /// The claims of this batch.
    names: HashSet<String>,
    /// The images of all claims and whose they are; read where one stands in the way.
    images: Option<HashMap<PathBuf, String>>,
    /// What the check decided, by the number of the job.
    skips: HashMap<usize, Prior>,
    void: HashMap<usize, Claim>,
}

/// How a job stands.
pub(super) enum Standing {
    /// Nobody has it; a claim that says nothing any more may be in the way.
    Free(Option<Claim>),
    /// Its image is there.
    Done(ExistingImage),
    /// It is not made now.
    Skipped(Prior),
}

impl<'a> Standings<'a> {
    /// Those of an output directory. Who has ever claimed there is heeded.
    pub(super) fn new(app: &'a App, args: &Args, root: &Path) -> Standings<'a> {
        let wanted = args.claim || args.shard.is_some() || Claims::are_at(root);
        let force = args.common.force;
        Standings {
            app,
            claims: (wanted && !args.sketch).then(|| claims::of(app, root)),
            verified: VerifiedImages::default(),
            open: None,
            names: HashSet::new(),
            images: None,
            retries: args.retry_failed || force,
            redoes: args.redo_missing || force,
            again: force && !args.only.is_empty(),
            skips: HashMap::new(),
            void: HashMap::new(),
        }
    }

    /// Makes sure that claims can be made.
    ///
    /// # Errors
    /// They cannot.
    pub(super) fn prepare(&self) -> Result<()> {
        let Some(claims) = &self.claims else { return Ok(()) };
        claims.prepare().map_err(|error| {
            let root = claims.root().display();
            let what = format!("claims cannot be written in `{root}/.pinx/claims`: {error}");
            Error::usage(what)
                .code("claims_unwritable")
                .hint("make the directory writable, or choose another with `-o`")
        })
    }

    /// Forgets what was decided.
    pub(super) fn again(&mut self) {
        self.skips.clear();
        self.void.clear();
        self.open = None;
        self.images = None;
    }

    /// Forgets whose the images are, for a second look at them.
    pub(super) fn look_again(&mut self) {
        self.images = None;
    }

    /// Notes what the claim on an image of this batch is called.
    pub(super) fn note(&mut self, name: Option<String>) {
        self.names.extend(name);
    }

    /// Whether a file is the image of a claim of this batch, other than the named one.
    pub(super) fn is_claimed(&mut self, path: &Path, own: Option<&str>) -> bool {
        let Some(claims) = &self.claims else { return false };
        let images = self.images.get_or_insert_with(|| {
            // What cannot be listed is told where it is claimed.
            let all = claims.all().unwrap_or_default().into_iter();
            all.filter_map(|(key, claim)| Some((claims.image(&claim)?, key))).collect()
        });
        let owner = images.get(path).filter(|owner| self.names.contains(*owner));
        owner.is_some_and(|owner| Some(owner.as_str()) != own)
    }

    /// How a job stands now.
    ///
    /// # Errors
    /// Its claim or the log cannot be read.
    pub(super) fn of(&mut self, key: Option<&str>, job: &Job, seeded: bool) -> Result<Standing> {
        let (Some(claims), Some(key)) = (&self.claims, key) else {
            return Ok(Standing::Free(None));
        };
        let read = claims.read(key).map_err(|error| {
            let file = claims.file(key);
            Error::usage(format!("the claim `{}` cannot be read: {error}", file.display()))
        })?;
        let Some(claim) = read else { return Ok(Standing::Free(None)) };
        Ok(match claim.state {
            State::Working if self.is_void(&claim)? => Standing::Free(Some(claim)),
            State::Working => Standing::Skipped(Prior::Elsewhere),
            State::Failed if self.retries => Standing::Free(Some(claim)),
            State::Failed => Standing::Skipped(Prior::Failed(Exit::FAILED)),
            State::Done if self.again => Standing::Free(Some(claim)),
            State::Done => match self.image(&claim, job, seeded)? {
                Some(found) => Standing::Done(found),
                None if self.redoes => Standing::Free(Some(claim)),
                None => Standing::Skipped(Prior::Gone),
            },
        })
    }

    /// The image that a claim tells of, unless another one stands there by now.
    fn image(&self, claim: &Claim, job: &Job, seeded: bool) -> Result<Option<ExistingImage>> {
        let path = self.claims.as_ref().and_then(|claims| claims.image(claim));
        let Some(path) = path else { return Ok(None) };
        let is_it = |found: &ExistingImage| {
            ["", &found.file.sha256].contains(&claim.sha256.as_str())
                || is_of(job, seeded, &found.peek)
        };
        Ok(self.verified.image(&path)?.filter(is_it))
    }

    /// Whether it is a claim of this home behind which there is nothing: its process died before it
    /// sent anything, or after its failure was logged.
    fn is_void(&mut self, claim: &Claim) -> Result<bool> {
        let is_own = self.claims.as_ref().is_some_and(|claims| claims.is_own(claim));
        if !is_own || Runs(&self.app.settings.places.run).is_alive(&claim.run) {
            return Ok(false);
        }
        let open = match self.open.take() {
            Some(open) => open,
            None => claims::open_jobs(self.app)?,
        };
        Ok(!self.open.insert(open).contains(&claim.job))
    }

    /// Remembers that a job is not made now.
    pub(super) fn skip(&mut self, job: usize, skip: Prior) {
        self.skips.insert(job, skip);
    }

    /// Remembers that a claim stands in a job's way.
    pub(super) fn overlook(&mut self, job: usize, void: Option<Claim>) {
        self.void.extend(void.map(|void| (job, void)));
    }

    /// Why the check said that a job is not made now.
    pub(super) fn skipped(&self, job: usize) -> Option<Prior> {
        self.skips.get(&job).copied()
    }

    /// How the run claims a job.
    pub(super) fn claiming(&self, job: usize, key: Option<String>) -> Option<Claiming> {
        let void = self.void.get(&job).cloned();
        key.filter(|_| self.claims.is_some()).map(|key| Claiming { key, void })
    }
}
