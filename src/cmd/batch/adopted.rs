//! An image that is there already is not paid for again: when it is a job's, and what the log hears of
//! it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::key::{Key, written};
use crate::engine::{Job, Route};
use crate::error::{Billed, Error, Result};
use crate::money::Money;
use crate::request::{Format, Size};
use crate::store::log::{ADOPTED, Saved};
use crate::store::{Entry, EntryKind, Peek, Recipe, VerifiedFile, peek};

/// A whole image that is there already.
#[derive(Debug)]
pub(super) struct ExistingImage {
    pub(super) path: PathBuf,
    pub(super) peek: Peek,
    pub(super) file: VerifiedFile,
}

/// What a file that may be a job's image says of itself. What nobody may read, or is gone, is none.
///
/// # Errors
/// Nobody knows: the disk refuses.
pub(super) fn peek_image(path: &Path) -> Result<Option<Peek>> {
    known(path, peek(path)).map(Option::flatten)
}

/// What was read of an image, or of a directory of images; nothing where there is none for this user.
///
/// # Errors
/// The disk refuses: what is there may be paid for already.
pub(super) fn known<T>(path: &Path, read: io::Result<T>) -> Result<Option<T>> {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound, Other, PermissionDenied};
    read.map(Some).or_else(|error| match error.kind() {
        // What is no file at all is told in words of ours.
        IsADirectory | NotADirectory | NotFound | Other | PermissionDenied => Ok(None),
        _ => {
            let what = format!("`{}` cannot be read: {error}", path.display());
            let error = Error::usage(what).code(UNREADABLE);
            Err(error.hint("it may be paid for already: run the command again when it can be read"))
        }
    })
}

/// The code of the error that nobody can say whether an image is there.
pub(super) const UNREADABLE: &str = "unreadable_image";

/// How well an image fits a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is another job's, or nobody knows.
    No,
    /// It has the job's recipe, and is much smaller or larger than this.
    OtherSize(Size),
    /// It is what the job asks for.
    Yes,
}

/// How well an image fits a job, by its own recipe.
pub(super) fn fit(job: &Job, seeded: bool, peek: &Peek) -> Fit {
    let route = peek.recipe.as_ref().and_then(|found| route_of(job, seeded, found));
    let Some(route) = route else { return Fit::No };
    match wanted_size(route).filter(|size| !is_about(peek.size, *size)) {
        Some(size) if peek.format != Format::Svg => Fit::OtherSize(size),
        _ => Fit::Yes,
    }
}

/// Whether an image is what a job asks for, by its own recipe.
pub(super) fn is_of(job: &Job, seeded: bool, peek: &Peek) -> bool {
    fit(job, seeded, peek) == Fit::Yes
}

/// The size of the images of a route, where it is the size that is ordered and not a ratio.
pub(super) fn wanted_size(route: &Route) -> Option<Size> {
    route.order.request.size.filter(|_| route.order.aspect.is_none())
}

/// Whether a size is the ordered one, as far as providers keep to it: some round it.
pub(super) fn is_about(found: Size, ordered: Size) -> bool {
    let near = |found: u32, ordered: u32| {
        u64::from(found.abs_diff(ordered)) * 100 <= u64::from(ordered) * ROUNDING
    };
    near(found.width, ordered.width) && near(found.height, ordered.height)
}

/// By how many percent the edges of an image may be others than ordered; those of thumbnails are by
/// half.
const ROUNDING: u64 = 15;

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

/// The formats that the file of a job may have.
pub(super) fn formats(job: &Job) -> impl Iterator<Item = Format> {
    let own = &job.routes[0].model.formats;
    let asked = job.request.format;
    Format::ALL.into_iter().filter(move |format| match asked {
        None => true,
        Some(asked) if asked == *format => true,
        // What cannot be converted stays what it is.
        Some(asked) => {
            let stays = matches!(format, Format::Gif | Format::Avif | Format::Svg);
            stays && !own.contains(&asked) && own.contains(format)
        }
    })
}

/// A job and the image that is there already.
pub(super) struct Adopted {
    pub(super) key: Key,
    pub(super) job: Job,
    pub(super) found: ExistingImage,
    /// Whether the seed was asked for.
    pub(super) seeded: bool,
}

impl Adopted {
    /// What the log is told: the image is the job's, and cost nothing.
    pub(super) fn entry(&self, run: &str) -> Entry {
        let Adopted { job, found: ExistingImage { path, peek, file }, .. } = self;
        let saved = Saved::found(path.clone(), file);
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
        Entry {
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
            ..Entry::new(EntryKind::Done, run, &job.id, &format!("{}.1", job.id))
        }
    }
}
