//! Where the images of a batch go: every job has a name of its own, and what stands there already is
//! looked at before anything is paid.
//!
//! The check gives the names, in the order of the files, and the run keeps to them: what a dry run
//! names is what the run makes. An image that a job finds at its place and that carries just what the
//! job asks for is the job's; anything else there refuses the batch. A rehearsal draws over drawings
//! alone, whatever it is told.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::adopted::{ExistingImage, Fit, fit, formats, is_of, known, peek_image};
use super::files::Files;
use super::recipes::RecipeIndex;
use super::standing::Standings;
use super::verified::{Name, VerifiedImages};
use crate::batch::Item;
use crate::catalog::is_drawn_here;
use crate::engine::Job;
use crate::error::{Error, Result};
use crate::fs;
use crate::store::{
    Log, OutputTarget, Recipe, Replace, VerifiedFile, candidate, peek, verify_file,
};

/// The code of the error that something else stands at the place of a job.
pub(super) const EXISTS: &str = "file_exists";

/// The names that a batch has given.
pub(super) struct Targets {
    /// The output directory.
    root: PathBuf,
    /// The names of the files, for messages.
    files: Arc<[String]>,
    log: Arc<Log>,
    hasher: RandomState,
    /// Names of files, and whose they are.
    names: HashMap<u64, Owner>,
    /// Directories that hold images, and where the first of their jobs stands.
    directories: HashMap<u64, FileLine>,
    /// Directories that were tried.
    tried: HashSet<PathBuf>,
    /// What is in a directory.
    listings: HashMap<PathBuf, Listing>,
    /// Jobs whose suffix is another than planned.
    offsets: HashMap<usize, usize>,
    /// What the log knows; read where something unknown stands in the way.
    logged: Option<Files>,
    /// What models have made by the log; read where a rehearsal may draw over something.
    painted: Option<Files>,
    /// Drawings that a rehearsal replaces, by the numbers of their jobs.
    drawings: HashMap<usize, Replace>,
}

/// What the check found at the place of a job.
pub(super) enum Placement {
    /// The job's image goes there; beside an earlier one that has its name, if that is so.
    Free(Option<PathBuf>),
    /// The job's image is there already.
    Existing(ExistingImage),
    /// What is there stays, and the job is not made.
    Stays,
}

/// Whose name it is.
#[derive(Clone, Copy)]
struct Owner {
    job: usize,
    item: usize,
    place: FileLine,
    /// Whether it is written out in the file.
    is_named: bool,
}

/// What is in a directory, by hashes of names in which the case of letters does not count.
#[derive(Default)]
struct Listing {
    /// The names without their extensions.
    stems: HashSet<u64>,
    /// The names as they are written.
    names: HashMap<u64, OsString>,
}

/// File and line of a job, short because there is one for each.
type FileLine = (u32, u32);

/// What else decides about what stands at a place.
pub(super) struct Rules<'a, 'b> {
    /// Whether the seed was asked for.
    pub(super) seeded: bool,
    /// Whether what is there is taken by its name.
    pub(super) adopts: bool,
    /// Whether the image only stands for another.
    pub(super) rehearses: bool,
    /// Whether it is made again although it is there.
    pub(super) again: bool,
    /// Where the image is that this job made before.
    pub(super) own: Option<PathBuf>,
    /// The images that jobs of this batch have by the log.
    pub(super) ours: &'a mut Files,
    /// Whose the images of claims are, whichever home made them.
    pub(super) standings: &'a mut Standings<'b>,
    /// What jobs have taken under other names.
    pub(super) recipes: &'a RecipeIndex,
    /// What the claim on this image is called.
    pub(super) claim: Option<&'a str>,
    /// The images that may be adopted, each read once.
    pub(super) verified: &'a VerifiedImages,
}

impl Rules<'_, '_> {
    /// Whether an image is that of another job of this batch.
    fn is_anothers(&mut self, path: &Path) -> bool {
        self.ours.has(path)
            || self.standings.is_claimed(path, self.claim)
            || self.recipes.is_taken(path)
    }
}

impl Targets {
    pub(super) fn new(root: &Path, log: &Arc<Log>, files: Arc<[String]>) -> Targets {
        Targets {
            root: root.to_owned(),
            files,
            log: Arc::clone(log),
            hasher: RandomState::new(),
            names: HashMap::new(),
            directories: HashMap::new(),
            tried: HashSet::new(),
            listings: HashMap::new(),
            offsets: HashMap::new(),
            logged: None,
            painted: None,
            drawings: HashMap::new(),
        }
    }

    /// Forgets everything but what the log knows, for another check.
    pub(super) fn again(&mut self) {
        let (logged, painted) = (self.logged.take(), self.painted.take());
        let new = Targets::new(&self.root, &self.log, Arc::clone(&self.files));
        *self = Targets { logged, painted, ..new };
    }

    /// Forgets what the log knew: it has grown.
    pub(super) fn forget_log(&mut self) {
        (self.logged, self.painted) = (None, None);
    }

    /// The suffix that the check gave a job, where it is another than planned.
    pub(super) fn offset(&self, job: usize) -> Option<usize> {
        self.offsets.get(&job).copied()
    }

    /// What the drawing of a rehearsed job may replace: a drawing that the check found, if anything.
    pub(super) fn drawing(&self, job: usize) -> Replace {
        self.drawings.get(&job).cloned().unwrap_or_default()
    }

    /// Gives a job its name, or answers with what is there already.
    ///
    /// # Errors
    /// The name is another job's or that of a file which is not the job's, or nothing can be written
    /// there.
    pub(super) fn place(
        &mut self,
        item: &Item,
        job: &mut Job,
        rules: &mut Rules<'_, '_>,
    ) -> Result<Placement> {
        let is_named = item.output.as_ref().is_some_and(|output| !output.ends_with('/'));
        let owner = Owner {
            job: job.index,
            item: item.index,
            place: (item.file as u32, item.line as u32),
            is_named,
        };
        let mut earlier = None;
        for offset in job.offset.. {
            let path = candidate(&job.target, offset);
            let path = std::path::absolute(&path).unwrap_or(path);
            if !self.is_free(&path, owner)? {
                continue;
            }
            self.try_directory(&job.target.directory)?;
            let found = match self.there(job, &path)? {
                None => Placement::Free(earlier.take()),
                Some(there) => match self.judge(job, there, is_named, rules)? {
                    Judgement::Another => continue,
                    Judgement::Earlier(path) => {
                        earlier.get_or_insert(path);
                        continue;
                    }
                    Judgement::Replaced => Placement::Free(None),
                    Judgement::Stays => Placement::Stays,
                    Judgement::Adopted(found) => Placement::Existing(*found),
                },
            };
            self.give(&path, owner);
            if offset != job.offset {
                self.offsets.insert(job.index, offset);
                job.offset = offset;
            }
            return Ok(found);
        }
        unreachable!("there are more suffixes than files")
    }

    /// Forgets what is in the directories, for a second look at them.
    pub(super) fn look_again(&mut self) {
        self.listings.clear();
    }

    /// The image of a job under a name that it may have, whoever made it.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn find(
        &mut self,
        job: &Job,
        target: &OutputTarget,
        rules: &mut Rules<'_, '_>,
    ) -> Result<Option<ExistingImage>> {
        let path = candidate(target, job.offset);
        let path = std::path::absolute(&path).unwrap_or(path);
        let there = self.there(job, &path)?.filter(|path| !rules.is_anothers(path));
        let Some(path) = there else { return Ok(None) };
        let peek = peek_image(&path)?.filter(|peek| is_of(job, rules.seeded, peek));
        let Some(peek) = peek else { return Ok(None) };
        Ok(rules.verified.whole(&path, peek)?.ok())
    }

    /// Whether a name is no other job's. One that a file writes out belongs to one job alone.
    fn is_free(&self, path: &Path, owner: Owner) -> Result<bool> {
        let taken = |place: FileLine| {
            let place = self.named(place);
            Error::usage(format!("`{}` is the output of {place} already", shown(path)))
                .hint("give each job a name of its own; `{number}-{slug}.{ext}` does")
        };
        let name = self.hash(path);
        match self.names.get(&name) {
            Some(other) if other.item != owner.item && (other.is_named || owner.is_named) => {
                return Err(taken(other.place));
            }
            Some(other) if other.job != owner.job => return Ok(false),
            _ => {}
        }
        for place in path.ancestors().skip(1).take_while(|place| *place != self.root) {
            if let Some(Owner { place, is_named: true, .. }) = self.names.get(&self.hash(place)) {
                return Err(taken(*place));
            }
        }
        if let Some(place) = self.directories.get(&name) {
            let what = format!("`{}` is the directory of {}", shown(path), self.named(*place));
            return Err(Error::usage(what).hint("choose another name"));
        }
        Ok(true)
    }

    /// `jobs.jsonl:7`.
    fn named(&self, (file, line): FileLine) -> String {
        format!("{}:{line}", self.files.get(file as usize).map_or("", String::as_str))
    }

    fn give(&mut self, path: &Path, owner: Owner) {
        let name = self.hash(path);
        self.names.insert(name, owner);
        for place in path.ancestors().skip(1).take_while(|place| *place != self.root) {
            let place = self.hash(place);
            self.directories.entry(place).or_insert(owner.place);
        }
    }

    fn try_directory(&mut self, directory: &Path) -> Result<()> {
        if self.tried.contains(directory) {
            return Ok(());
        }
        fs::probe_writable(directory).map_err(|error| {
            let what = format!("nothing can be written in `{}`: {error}", directory.display());
            Error::usage(what).hint("choose another place with `-o`")
        })?;
        self.tried.insert(directory.to_owned());
        Ok(())
    }

    /// The file that stands where a job's image would, in any format that the image may have.
    fn there(&mut self, job: &Job, path: &Path) -> Result<Option<PathBuf>> {
        let stem = self.hash(&path.with_extension(""));
        let directory = path.parent().unwrap_or(Path::new("."));
        if !self.listings.contains_key(directory) {
            let listing = self.list(directory)?;
            self.listings.insert(directory.to_owned(), listing);
        }
        let listing = &self.listings[directory];
        if !listing.stems.contains(&stem) {
            return Ok(None);
        }
        let written = &job.target.extension;
        let others = formats(job).map(|format| format.extension_like(written));
        let others = others.map(|extension| path.with_extension(extension));
        let others = others.filter(|_| !written.is_empty());
        let all: Vec<PathBuf> = std::iter::once(path.to_owned()).chain(others).collect();
        let is_there = |path: &&PathBuf| path.symlink_metadata().is_ok();
        // What differs in case alone is the same file elsewhere.
        let like = |path: &PathBuf| {
            let path = directory.join(listing.names.get(&self.hash(path))?);
            is_there(&&path).then_some(path)
        };
        Ok(all.iter().find(is_there).cloned().or_else(|| all.iter().find_map(like)))
    }

    fn list(&self, directory: &Path) -> Result<Listing> {
        let mut all = Listing::default();
        let Some(listing) = known(directory, std::fs::read_dir(directory))? else { return Ok(all) };
        for entry in listing {
            let Some(entry) = known(directory, entry)? else { continue };
            let path = directory.join(entry.file_name());
            all.stems.extend([self.hash(&path.with_extension("")), self.hash(&path)]);
            all.names.insert(self.hash(&path), entry.file_name());
        }
        Ok(all)
    }

    /// What becomes of a file that stands where a job's image would.
    fn judge(
        &mut self,
        job: &Job,
        path: PathBuf,
        is_named: bool,
        rules: &mut Rules<'_, '_>,
    ) -> Result<Judgement> {
        if path.is_dir() {
            let what = format!("`{}` is a directory", shown(&path));
            let error = Error::usage(what).hint("choose another name");
            return if is_named { Err(error) } else { Ok(Judgement::Another) };
        }
        if matches!(&job.replace, Replace::Drawing { path: drawing, .. } if *drawing == path) {
            return Ok(Judgement::Replaced);
        }
        if rules.own.as_deref() == Some(path.as_path()) {
            return Ok(Judgement::Replaced);
        }
        let is_siblings = rules.is_anothers(&path);
        let mut unfit = None;
        if !rules.rehearses && !is_siblings && !rules.again {
            match taken(job, &path, rules)? {
                Ok(Some(found)) => return Ok(Judgement::Adopted(Box::new(found))),
                Ok(None) => {}
                Err(why) if rules.adopts => {
                    let what = format!("`{}` is not taken: {why}", shown(&path));
                    return Err(Error::usage(what).hint("`--force` makes it again"));
                }
                Err(why) => unfit = Some(why),
            }
        }
        let replaces = matches!(job.replace, Replace::Anything(_));
        if !is_named && is_siblings {
            return Ok(Judgement::Another);
        } else if is_siblings && replaces && !rules.rehearses {
            let what = format!("`{}` is the image of another job of this batch", shown(&path));
            let hint = "give this job another `output`, or move that image away";
            return Err(Error::usage(what).code(EXISTS).hint(hint));
        } else if replaces && rules.rehearses {
            return Ok(self.rehearsed(job, path));
        } else if replaces {
            return Ok(Judgement::Replaced);
        } else if !is_named && rules.rehearses {
            return Ok(Judgement::Another);
        } else if !is_named && self.is_logged(&path) {
            return Ok(Judgement::Earlier(path));
        }
        let why = unfit.unwrap_or_else(|| "this job did not make it".to_owned());
        let what = format!("`{}` exists already, and {why}", shown(&path));
        Err(Error::usage(what).code(EXISTS).hint(
            "`--adopt` takes what is there by its name, `--force` makes it again; or choose another \
             place with `-o`",
        ))
    }

    /// What becomes of a file at the place of a drawing: only another drawing makes room for it.
    fn rehearsed(&mut self, job: &Job, path: PathBuf) -> Judgement {
        let found = peek(&path).ok().flatten();
        let is_drawn = |recipe: &Recipe| is_drawn_here(&recipe.model);
        let drawn = found.filter(|peek| peek.recipe.as_ref().is_some_and(is_drawn));
        if drawn.filter(|_| !self.is_painted(&path)).is_none() {
            return Judgement::Stays;
        }
        // It is looked at again when its place is taken: by then it may be another.
        let Ok(Ok(VerifiedFile { sha256, .. })) = verify_file(&path) else {
            return Judgement::Stays;
        };
        self.drawings.insert(job.index, Replace::Drawing { path, sha256 });
        Judgement::Replaced
    }

    /// Whether the newest word of the log on a file is that a model has made it.
    fn is_painted(&mut self, path: &Path) -> bool {
        let log = &self.log;
        let painted = self.painted.get_or_insert_with(|| {
            let mut files = Files::default();
            // A log that cannot be read was told before.
            let _ = log.read_holding(&["\"images\":"], |entry| {
                let is_drawing = is_drawn_here(&entry.provider);
                entry.images.iter().for_each(|image| match is_drawing {
                    true => files.remove(&image.path),
                    false => files.add(&image.path),
                });
            });
            files
        });
        painted.has(path)
    }

    /// Whether the log knows a file, whichever job made it.
    pub(super) fn is_logged(&mut self, path: &Path) -> bool {
        let log = &self.log;
        let logged = self.logged.get_or_insert_with(|| {
            let mut files = Files::default();
            // A log that cannot be read was told before.
            let _ = log.read_holding(&["\"images\":"], |entry| {
                entry.images.iter().for_each(|image| files.add(&image.path));
            });
            files
        });
        logged.has(path)
    }

    /// Some file systems take names that differ in case alone for one.
    fn hash(&self, path: &Path) -> u64 {
        self.hasher.hash_one(path.to_string_lossy().to_lowercase())
    }
}

/// The image that a job takes at its place: one that is all that it asks for, or any that is whole where
/// its name is enough. Why not, where it has the job's recipe or its name should be enough.
fn taken(
    job: &Job,
    path: &Path,
    rules: &Rules<'_, '_>,
) -> Result<std::result::Result<Option<ExistingImage>, String>> {
    let Some(peek) = peek_image(path)? else {
        let is_wanted = rules.adopts;
        return Ok(if is_wanted { Err("it is no whole image".to_owned()) } else { Ok(None) });
    };
    let size = peek.size;
    let fit = fit(job, rules.seeded, &peek);
    if fit == Fit::No && !rules.adopts {
        return Ok(Ok(None));
    }
    let image = match rules.verified.whole(path, peek)? {
        Ok(image) => image,
        Err(why) => return Ok(Err(why)),
    };
    match fit {
        _ if rules.adopts => {}
        Fit::OtherSize(ordered) => return Ok(Err(format!("it has {size} pixels, not {ordered}"))),
        // Of one seed that is asked for twice two images are equal.
        _ if !rules.seeded && rules.verified.is_copy(&image, Name::Own) => {
            return Ok(Err("it is a copy of another job's image".to_owned()));
        }
        _ => {}
    }
    rules.verified.claim(&image);
    Ok(Ok(Some(image)))
}

/// What becomes of a file.
enum Judgement {
    /// It is another job's; the next suffix is tried.
    Another,
    /// It is of a job that this batch does not hold any more; the next suffix is tried.
    Earlier(PathBuf),
    /// The image takes its place.
    Replaced,
    /// It stays, and the job is not made.
    Stays,
    /// It is the job's image.
    Adopted(Box<ExistingImage>),
}

fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
