//! A picture and its recipe: read from the image, else from the log by the hash of the file, else
//! from the parameters that another program wrote.

use std::path::{Path, PathBuf};

use super::App;
use super::log::known::{self, FileHistory, LoggedJob};
use super::log::lineage::{self, Parent};
use crate::error::{Error, Result};
use crate::fs;
use crate::store::log::Saved;
use crate::store::{Facts, Program, Provenance, read_own, read_parameters, verify};
use crate::text;

/// Bytes of the largest file that is read.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Where a recipe was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecipeSource {
    /// In the image, as pinx wrote it.
    Image,
    /// In the log.
    Log,
    /// In parameters that several programs write, ours among them.
    Parameters,
}

impl RecipeSource {
    /// Its name in the JSON document.
    pub(super) fn name(self) -> &'static str {
        match self {
            RecipeSource::Image => "image",
            RecipeSource::Log => "log",
            RecipeSource::Parameters => "parameters",
        }
    }
}

/// A picture.
#[derive(Debug)]
pub(super) struct Picture {
    /// Its path, unless it came through stdin.
    pub path: Option<PathBuf>,
    /// What its bytes say.
    pub facts: Facts,
    /// Its absolute path, length and hash.
    pub file: Saved,
    /// How it was made, as far as anybody knows.
    pub recipe: Option<(RecipeSource, Provenance)>,
    /// The job that made it, if the log knows.
    pub known: Option<LoggedJob>,
    /// The ids of other jobs that made the very same bytes.
    pub others: Vec<String>,
    /// What it was made from.
    pub parents: Vec<Parent>,
}

/// Reads pictures from files, or from stdin for `-`. The log is looked through once for all of them;
/// where it cannot be read, that is told and the images still say what they can.
pub(super) fn pictures(app: &App, names: &[&str]) -> Vec<Result<Picture>> {
    let mut pictures: Vec<Result<Picture>> = names.iter().map(|name| picture(name)).collect();
    let files: Vec<&Saved> = pictures.iter().flatten().map(|picture| &picture.file).collect();
    let log = match known::of_files(app, &files) {
        Ok(log) => log,
        Err(error) => {
            app.ui.warn(&error.message);
            return pictures;
        }
    };
    for (picture, history) in pictures.iter_mut().flatten().zip(log) {
        (picture.known, picture.others) = match history {
            Some(FileHistory { job, others }) => (Some(job), others),
            None => (None, Vec::new()),
        };
        let own = matches!(picture.recipe, Some((RecipeSource::Image, _)));
        if let (false, Some(known)) = (own, &picture.known) {
            let found = Provenance { recipe: known.recipe.clone(), ..Provenance::default() };
            picture.recipe = Some((RecipeSource::Log, found));
        }
        let inputs = picture.recipe.as_ref().map(|(_, found)| &found.recipe.request.inputs);
        match lineage::parents(app, inputs.map_or(&[], Vec::as_slice)) {
            Ok(parents) => picture.parents = parents,
            Err(error) => app.ui.warn(&error.message),
        }
    }
    pictures
}

/// One picture, without the log.
fn picture(name: &str) -> Result<Picture> {
    let shown = text::clean(name, 200);
    let cannot = |why: String| {
        let what = if name == "-" { "the image on stdin".to_owned() } else { format!("`{shown}`") };
        Error::usage(format!("{what} cannot be read: {why}")).code("unreadable_image")
    };
    let read = match name {
        "-" => fs::read_to(std::io::stdin(), LARGEST),
        name => fs::read_input(Path::new(name), LARGEST),
    };
    let bytes = read.map_err(|error| cannot(error.to_string()))?;
    let facts = verify(&bytes).map_err(cannot)?;
    let path = (name != "-").then(|| PathBuf::from(name));
    let own = || Some((RecipeSource::Image, read_own(&bytes)?));
    let parameters = || Some((RecipeSource::Parameters, read_parameters(&bytes)?));
    Ok(Picture {
        file: Saved::of(path.clone().unwrap_or_default(), &bytes, &facts),
        recipe: own().or_else(parameters),
        known: None,
        others: Vec::new(),
        parents: Vec::new(),
        facts,
        path,
    })
}

impl Picture {
    /// Its file name without the extension.
    pub(super) fn stem(&self) -> Option<String> {
        stem(self.path.as_deref()?)
    }
}

/// A file's name without its extension.
pub(super) fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
}

/// A program's name, for people and in documents.
pub(super) fn program(program: &Program) -> &str {
    match program {
        Program::Pinx => "pinx",
        Program::Other(name) => name,
    }
}
