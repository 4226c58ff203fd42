//! Images that may be adopted: each is read to its end once, and a copy of one, or its picture in another
//! file, is no other image.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::adopted::{ExistingImage, known, peek_image};
use crate::error::Result;
use crate::pool::lock;
use crate::request::Input;
use crate::store::log::Saved;
use crate::store::{Entry, Peek, Recipe, VerifiedFile, verify_file};

/// Why an image is none.
const UNREAD: &str = "nobody may read it";

/// What is known of the images that may be adopted, for all who ask.
#[derive(Clone, Default)]
pub(super) struct VerifiedImages(Arc<Mutex<Readings>>);

#[derive(Default)]
struct Readings {
    hasher: RandomState,
    /// Files that were read, by the hashes of their paths.
    files: HashMap<u64, Reading>,
    /// What is in images, and the hash of the path of the first that has it.
    contents: HashMap<u64, u64>,
}

/// What reading a file to its end came to, and what it was then.
struct Reading {
    length: u64,
    changed: Option<SystemTime>,
    verified: std::result::Result<VerifiedFile, String>,
}

/// Whether an image stands under the name that its job gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// It does.
    Own,
    /// It has another one.
    Other,
}

impl VerifiedImages {
    /// A whole image; nothing where it is none, or nobody may read it.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn image(&self, path: &Path) -> Result<Option<ExistingImage>> {
        let Some(peek) = peek_image(path)? else { return Ok(None) };
        Ok(self.whole(path, peek)?.ok())
    }

    /// The image of a file that says this of itself, or why it is not whole.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn whole(
        &self,
        path: &Path,
        peek: Peek,
    ) -> Result<std::result::Result<ExistingImage, String>> {
        let image = |file| ExistingImage { path: path.to_owned(), peek, file };
        let Some(meta) = known(path, path.metadata())? else { return Ok(Err(UNREAD.to_owned())) };
        let (length, changed) = (meta.len(), meta.modified().ok());
        let place = self.hash(path);
        let is_same = |it: &&Reading| (it.length, it.changed) == (length, changed);
        if let Some(reading) = lock(&self.0).files.get(&place).filter(is_same) {
            return Ok(reading.verified.clone().map(image));
        }
        let verified = known(path, verify_file(path))?.unwrap_or_else(|| Err(UNREAD.to_owned()));
        let reading = Reading { length, changed, verified: verified.clone() };
        lock(&self.0).files.insert(place, reading);
        Ok(verified.map(image))
    }

    /// Notes that an image is a job's.
    pub(super) fn claim(&self, image: &ExistingImage) {
        let place = self.hash(&image.path);
        let contents = self.contents(image, Name::Other);
        let mut known = lock(&self.0);
        contents.into_iter().for_each(|content| {
            known.contents.entry(content).or_insert(place);
        });
    }

    /// The same of an image that the log knows.
    pub(super) fn claim_logged(&self, entry: &Entry, saved: &Saved) {
        let place = self.hash(&saved.path);
        let inputs = entry.recipe.as_ref().map(|recipe| recipe.request.inputs.as_slice());
        let asked = AskedImage {
            prompt: &entry.prompt,
            model: &entry.model,
            inputs: inputs.unwrap_or_default(),
            seed: entry.seed,
        };
        let contents = self.contents_of(&saved.path, &saved.sha256, asked);
        let mut known = lock(&self.0);
        contents.into_iter().flatten().for_each(|content| {
            known.contents.entry(content).or_insert(place);
        });
    }

    /// Whether another file holds the same image, and is a job's.
    pub(super) fn is_copy(&self, image: &ExistingImage, name: Name) -> bool {
        let place = self.hash(&image.path);
        let contents = self.contents(image, name);
        let known = lock(&self.0);
        let is_others = |content| known.contents.get(&content).is_some_and(|owner| *owner != place);
        contents.into_iter().any(is_others)
    }

    /// By what an image is known. What has the name of another but for its format is that one converted, and
    /// what has its seed is its picture again, unless a job asks for it by this name.
    fn contents(&self, image: &ExistingImage, name: Name) -> Vec<u64> {
        let ExistingImage { path, peek, file } = image;
        let recipe = peek.recipe.as_ref();
        let asked = recipe.map(of_recipe).unwrap_or_default();
        let [bytes, seeded, stem] = self.contents_of(path, &file.sha256, asked);
        // Two jobs that ask for the same may get the same seed; one file is not both of theirs.
        let is_other = |_: &u64| name == Name::Other;
        [bytes, seeded.filter(is_other), stem.filter(is_other)].into_iter().flatten().collect()
    }

    /// Its bytes; what was asked for, with a seed that was drawn for it; and the same with the name.
    fn contents_of(&self, path: &Path, sha256: &str, asked: AskedImage<'_>) -> [Option<u64>; 3] {
        let known = lock(&self.0);
        let hash = |what: (&str, &str, &str, u64)| known.hasher.hash_one(what);
        let AskedImage { prompt, model, inputs, seed } = asked;
        let from = inputs.iter().map(|input| format!("\0{}", input.sha256));
        let words = prompt.to_owned() + &from.collect::<String>();
        let stem = path.with_extension("").to_string_lossy().into_owned();
        [
            (!sha256.is_empty()).then(|| hash(("bytes", sha256, "", 0))),
            seed.filter(|_| !prompt.is_empty()).map(|seed| hash(("seed", &words, model, seed))),
            (!prompt.is_empty()).then(|| hash(("stem", &(words.clone() + "\0" + &stem), model, 0))),
        ]
    }

    fn hash(&self, path: &Path) -> u64 {
        lock(&self.0).hasher.hash_one(path)
    }
}

/// What was asked for of an image.
#[derive(Clone, Copy, Default)]
struct AskedImage<'a> {
    prompt: &'a str,
    model: &'a str,
    inputs: &'a [Input],
    seed: Option<u64>,
}

fn of_recipe(recipe: &Recipe) -> AskedImage<'_> {
    let request = &recipe.request;
    let (prompt, inputs) = (request.prompt.as_str(), request.inputs.as_slice());
    AskedImage { prompt, model: &recipe.model, inputs, seed: request.seed }
}
