//! The images of an output directory by their recipes, for jobs whose image may lie there under
//! another name: in a new home, after lines were moved or were given other names.
//!
//! Only what no job of this home has made is looked into, and of each file only its head.

use std::collections::{HashMap, HashSet};
use std::fs::DirEntry;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::adopted::{ExistingImage, formats, is_of, known, peek_image};
use crate::engine::Job;
use crate::error::Result;
use crate::request::Format;
use crate::store::{Recipe, peek_recipe};

/// The most files that are looked into.
const MOST: usize = 100_000;

/// Images that nobody has spoken for, by their recipes.
#[derive(Default)]
pub(super) struct RecipeIndex {
    hasher: RandomState,
    /// By the recipe with its seed and by that without, each in the order of their names.
    images: HashMap<u64, Vec<PathBuf>>,
    /// The images that stand under the name of their own job.
    placed: HashSet<PathBuf>,
    /// What jobs have taken in this pass.
    taken: HashSet<PathBuf>,
    /// How many of the images of a recipe, from the first, have gone in this pass.
    gone: HashMap<u64, usize>,
    /// Whether there are more files than are looked into.
    is_cut: bool,
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
        is_known: &mut dyn FnMut(&Path) -> bool,
    ) -> Result<RecipeIndex> {
        let mut index = RecipeIndex::default();
        let mut files = Vec::new();
        list(root, levels, &mut files)?;
        files.retain(|file| !is_known(file));
        index.is_cut = files.len() > MOST;
        files.truncate(MOST);
        // Shorter names first: `fox-2` is in front of `fox-10`.
        files.sort_by(|a, b| (a.as_os_str().len(), a).cmp(&(b.as_os_str().len(), b)));
        for path in files {
            let recipe = known(&path, peek_recipe(&path))?;
            let Some(recipe) = recipe.flatten() else { continue };
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

    /// Begins another pass: what jobs have taken is free again.
    pub(super) fn again(&mut self) {
        self.taken.clear();
        self.gone.clear();
    }

    /// Sets an image aside that stands under the name of its own job.
    pub(super) fn set_aside(&mut self, path: &Path) {
        if !self.is_empty() {
            self.placed.insert(path.to_owned());
        }
    }

    /// Whether a job has taken an image under another name.
    pub(super) fn is_taken(&self, path: &Path) -> bool {
        self.taken.contains(path)
    }

    /// Takes the first image that is all a job asks for.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn take(&mut self, job: &Job, seeded: bool) -> Result<Option<ExistingImage>> {
        for route in &job.routes {
            let digest = self.digest(&job.recipe(route, None), seeded);
            let Some(paths) = self.images.get(&digest) else { continue };
            let is_free =
                |path: &&PathBuf| !self.taken.contains(*path) && !self.placed.contains(*path);
            // Of a thousand equal ones those that have gone are passed over once.
            let gone = self.gone.entry(digest).or_default();
            *gone += paths[*gone..].iter().take_while(|path| !is_free(path)).count();
            for path in paths[*gone..].iter().filter(is_free) {
                let Some(peek) = peek_image(path)? else { continue };
                if is_of(job, seeded, &peek) && formats(job).any(|format| format == peek.format) {
                    let path = path.clone();
                    self.taken.insert(path.clone());
                    return Ok(Some(ExistingImage { path, peek }));
                }
            }
        }
        Ok(None)
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
