//! The images of an output directory by their recipes, for jobs whose image may lie there under
//! another name: in a new home, after lines were moved or were given other names.
//!
//! Only what no job of this home has made is looked into, and of each file only its head; what is taken
//! is read to its end. A copy, a thumbnail or a converted picture beside an image is not another one.

use std::collections::{HashMap, HashSet};
use std::fs::DirEntry;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::adopted::{ExistingImage, is_about, known, wanted_size};
use super::verified::{Name, VerifiedImages};
use crate::engine::Job;
use crate::error::Result;
use crate::request::{Format, Size};
use crate::store::{Recipe, peek, peek_head};

/// The most files that are looked into.
const MOST: usize = 100_000;

/// Images that nobody has spoken for, by their recipes.
#[derive(Default)]
pub(super) struct RecipeIndex {
    hasher: RandomState,
    /// By the recipe with its seed and by that without, each in the order of their names.
    images: HashMap<u64, Vec<PathBuf>>,
    /// What the jobs without an image would take, in their order.
    requests: Vec<AdoptionRequest>,
    /// The images that stand under the name of their own job.
    placed: HashSet<PathBuf>,
    /// What jobs take under another name, by the jobs' indices.
    given: HashMap<usize, PathBuf>,
    /// The same images.
    taken: HashSet<PathBuf>,
    /// How many of the images of a recipe, from the first, have gone.
    gone: HashMap<u64, usize>,
    /// The pixels of the largest image of a recipe with its seed.
    largest: HashMap<u64, u64>,
    /// Images that a job would have taken, and why it did not.
    left: Vec<(PathBuf, String)>,
    verified: VerifiedImages,
    /// Whether there are more files than are looked into.
    is_cut: bool,
}

/// What a job would take of the images that are there.
struct AdoptionRequest {
    job: usize,
    /// Whether its seed was asked for.
    seeded: bool,
    /// The image under its own name, if that is one of its recipes.
    own: Option<PathBuf>,
    /// Whether that was made with what the job is made with first.
    is_first: bool,
    /// The recipes of all ways to make it, each with the size that is ordered.
    recipes: Vec<(u64, Option<Size>)>,
}

impl RecipeIndex {
    /// Reads the images of a directory and of those in it, so many levels down. `is_known` tells
    /// which have an owner.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn read(
        root: &Path,
        levels: usize,
        verified: &VerifiedImages,
        is_known: &mut dyn FnMut(&Path) -> bool,
    ) -> Result<RecipeIndex> {
        let verified = verified.clone();
        let mut index = RecipeIndex { verified, ..RecipeIndex::default() };
        let mut files = Vec::new();
        list(root, levels, &mut files)?;
        files.retain(|file| !is_known(file));
        index.is_cut = files.len() > MOST;
        files.truncate(MOST);
        // Shorter names first: `fox-2` is in front of `fox-10`.
        files.sort_by(|a, b| (a.as_os_str().len(), a).cmp(&(b.as_os_str().len(), b)));
        for path in files {
            let Some(peek) = known(&path, peek_head(&path))?.flatten() else { continue };
            let Some(recipe) = peek.recipe else { continue };
            let largest = index.largest.entry(index.digest(&recipe, true)).or_default();
            *largest = peek.size.pixels().max(*largest);
            for has_seed in [true, false] {
                let digest = index.digest(&recipe, has_seed);
                index.images.entry(digest).or_default().push(path.clone());
            }
        }
        Ok(index)
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// How many files are looked into at most, where there are more.
    pub(super) fn cut(&self) -> Option<usize> {
        self.is_cut.then_some(MOST)
    }

    /// Hears what a job would take: the image that stands under its own name, if it is all that the job
    /// asks for, and any image of what it may be made as, what comes first rather than the rest.
    pub(super) fn request<'j>(
        &mut self,
        job: &Job,
        seeded: bool,
        own: Option<ExistingImage>,
        ways: impl Iterator<Item = &'j Job>,
    ) {
        let first = |own: &ExistingImage| {
            let made = own.peek.recipe.as_ref();
            made.is_some_and(|made| made.model == job.routes[0].model_id())
        };
        let is_first = own.as_ref().is_some_and(first);
        let jobs = ways.flat_map(|job| job.routes.iter().map(move |route| (job, route)));
        let recipe = |(job, route): (&'j Job, &'j _)| {
            (self.digest(&job.recipe(route, None), seeded), wanted_size(route))
        };
        let recipes = jobs.map(recipe).collect();
        let own = own.map(|own| own.path);
        self.requests.push(AdoptionRequest { job: job.index, seeded, own, is_first, recipes });
    }

    /// Shares the images out, each to one job at most. A job whose seed is asked for goes before those
    /// that take any, and what a job is made with first before what it only falls back to, so that no
    /// job takes what another one asks for by name.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn share_out(&mut self) -> Result<()> {
        let mut requests = std::mem::take(&mut self.requests);
        let most = requests.iter().map(|request| request.recipes.len()).max().unwrap_or(0).max(2);
        for rank in 0..most {
            for seeded in [true, false] {
                requests.retain(|request| request.seeded != seeded || !self.stays(request, rank));
                for request in requests.iter().filter(|request| request.seeded == seeded) {
                    if let Some((recipe, ordered)) = request.recipes.get(rank)
                        && let Some(image) = self.first_free(*recipe, *ordered, seeded)?
                    {
                        self.verified.claim(&image);
                        self.taken.insert(image.path.clone());
                        self.given.insert(request.job, image.path);
                    }
                }
                requests.retain(|request| !self.given.contains_key(&request.job));
            }
        }
        Ok(())
    }

    /// Whether a job keeps what stands under its own name.
    fn stays(&mut self, request: &AdoptionRequest, rank: usize) -> bool {
        let own = request.own.as_ref().filter(|_| rank > 0 || request.is_first);
        let own = own.filter(|own| !self.taken.contains(*own));
        own.is_some_and(|own| self.placed.insert(own.clone()))
    }

    /// The first image of a recipe that nobody has and that is not another one's copy.
    fn first_free(
        &mut self,
        recipe: u64,
        ordered: Option<Size>,
        seeded: bool,
    ) -> Result<Option<ExistingImage>> {
        loop {
            // Of a thousand equal ones those that have gone are passed over once.
            let gone = self.gone.entry(recipe).or_default();
            let path = self.images.get(&recipe).and_then(|paths| paths.get(*gone)).cloned();
            let Some(path) = path else { return Ok(None) };
            *gone += 1;
            if self.taken.contains(&path) || self.placed.contains(&path) {
                continue;
            }
            match self.examine(&path, ordered, seeded)? {
                Ok(image) => return Ok(Some(image)),
                Err(why) if self.left.iter().all(|(known, _)| *known != path) => {
                    self.left.push((path, why));
                }
                Err(_) => {}
            }
        }
    }

    /// An image that a job would take, or why it is none of its own.
    fn examine(
        &self,
        path: &Path,
        ordered: Option<Size>,
        seeded: bool,
    ) -> Result<std::result::Result<ExistingImage, String>> {
        let Some(peek) = known(path, peek(path))?.flatten() else {
            return Ok(Err("it is no whole image".to_owned()));
        };
        let Size { width, height } = peek.size;
        if let Some(ordered) = ordered.filter(|ordered| !is_about(peek.size, *ordered)) {
            return Ok(Err(format!("{width}x{height} pixels instead of {ordered}")));
        }
        let full = peek.recipe.as_ref().map(|recipe| self.digest(recipe, true));
        let largest = full.and_then(|full| self.largest.get(&full)).copied().unwrap_or_default();
        if peek.size.pixels() * 4 < largest * 3 {
            return Ok(Err(format!("{width}x{height} pixels, smaller than another of its kind")));
        }
        let image = match self.verified.whole(path, peek)? {
            Ok(image) => image,
            Err(why) => return Ok(Err(why)),
        };
        // Of one seed that is asked for twice two images are equal.
        let is_copy = !seeded && self.verified.is_copy(&image, Name::Other);
        Ok(if is_copy { Err("the picture of another file again".to_owned()) } else { Ok(image) })
    }

    /// Images that jobs would have taken, and why they did not.
    pub(super) fn left(&self) -> &[(PathBuf, String)] {
        &self.left
    }

    /// The image that a job takes under another name.
    pub(super) fn given(&self, job: usize) -> Option<&Path> {
        self.given.get(&job).map(PathBuf::as_path)
    }

    /// Whether a job has taken an image under another name.
    pub(super) fn is_taken(&self, path: &Path) -> bool {
        self.taken.contains(path)
    }

    /// Equal for recipes that are equal in what a job asks for.
    fn digest(&self, recipe: &Recipe, has_seed: bool) -> u64 {
        let mut recipe = Recipe { look: None, note: None, ..recipe.clone() };
        if !has_seed && recipe.request.seed.is_some() {
            Arc::make_mut(&mut recipe.request).seed = None;
        }
        self.hasher.hash_one((has_seed, serde_json::to_string(&recipe).unwrap_or_default()))
    }
}

/// The files of a directory that may hold a recipe. Links lead elsewhere, and what begins with a dot is
/// none of the user's images.
fn list(directory: &Path, levels: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    let Some(listing) = known(directory, std::fs::read_dir(directory))? else { return Ok(()) };
    for entry in listing {
        let Some(entry) = known(directory, entry)? else { continue };
        let Some(kind) = known(directory, entry.file_type())? else { continue };
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_file() && may_hold_recipe(&entry) {
            files.push(directory.join(entry.file_name()));
        } else if kind.is_dir() && levels > 0 {
            list(&directory.join(entry.file_name()), levels - 1, files)?;
        }
    }
    Ok(())
}

fn may_hold_recipe(entry: &DirEntry) -> bool {
    let name = PathBuf::from(entry.file_name());
    let extension = name.extension().and_then(|extension| extension.to_str());
    let format = extension.and_then(Format::of_extension);
    matches!(format, Some(Format::Png | Format::Jpeg | Format::Webp))
}
