//! `pinx open`: a picture, or the page of a comparison or batch, in the system's viewer.
//!
//! The paths are on stdout whatever comes of it, so that where nothing can be shown there still is
//! something to go on with. Nothing is waited for and nothing is spent.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::log::find::{self, LAST};
use super::viewer::{Viewing, view};
use super::{App, named};
use crate::error::{Error, Exit, Result};
use crate::page::seal;
use crate::request::Format;
use crate::store::{Entry, holds, is_inert_svg, sniff};
use crate::{fs, text};

/// Beyond this many images their directories are opened instead: nobody wants so many windows.
const MOST: usize = 9;
/// Bytes that tell what a file is.
const HEAD: u64 = 4096;
/// Bytes of a drawing that is looked through before it is shown.
const DRAWING: u64 = 64 << 20;

/// What `open` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A run of `pinx log` is shown by its page if it has one (of a comparison, of
`--gallery`), else by its images; more than nine by their directory. A directory
is shown by its page, else as it is where it holds images. Where nothing can be
shown, the paths are printed all the same, and a terminal that shows pictures
shows them. Exit codes: 0, also then; 2 there is no such image.")]
pub struct Args {
    /// Name what to open: `last` (the newest image or images that were made), runs or jobs of
    /// `pinx log` by the start of their ids, images or pages [default: last]
    #[arg(value_name = "last|ID|IMG")]
    pub what: Vec<String>,
}

/// Opens what is named.
///
/// # Errors
/// There is no such image or page.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let newest = [LAST.to_owned()];
    let words = if args.what.is_empty() { &newest[..] } else { &args.what[..] };
    if !args.what.is_empty() {
        named::tell_of_last(app, words);
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    for word in words {
        let meant = meant(app, word)?;
        paths.extend(meant.into_iter().filter(|path| !paths.contains(path)).collect::<Vec<_>>());
    }
    let shown = if paths.len() > MOST { directories(&paths) } else { paths.clone() };
    let mut viewing = Viewing::Opened;
    for path in &shown {
        viewing = view(&app.env, path);
        // Where one cannot be opened, no other can.
        if viewing != Viewing::Opened {
            break;
        }
    }
    report(app, &paths, &shown, viewing);
    Ok(Exit::OK)
}

fn report(app: &App, paths: &[PathBuf], shown: &[PathBuf], viewing: Viewing) {
    let is_open = viewing == Viewing::Opened;
    if app.ui.options().json {
        let whole = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let (paths, shown): (Vec<_>, Vec<_>) =
            (paths.iter().map(whole).collect(), shown.iter().map(whole).collect());
        let opened = if is_open { shown } else { Vec::new() };
        app.ui.json(&json!({
            "success": true, "paths": paths, "opened": opened, "reason": viewing.reason(),
        }));
    } else {
        paths.iter().for_each(|path| app.ui.saved(&path.display().to_string()));
    }
    if is_open && shown.len() < paths.len() {
        let directories: Vec<String> =
            shown.iter().map(|path| format!("`{}`", path.display())).collect();
        app.ui.note(&format!("{} images: opened {}", paths.len(), directories.join(", ")));
    }
    if let Some(reason) = viewing.reason() {
        app.ui.note(&format!("{reason}: open the path yourself"));
        if paths.len() <= MOST {
            paths.iter().for_each(|path| app.ui.preview(path));
        }
    }
}

/// What a word means: a file or the page in a directory, or of the log a page or images.
fn meant(app: &App, word: &str) -> Result<Vec<PathBuf>> {
    let path = Path::new(word);
    if word != LAST && path.is_dir() {
        return page_or_images_in(app, path).map(|shown| vec![shown]);
    }
    if word != LAST && path.exists() {
        return viewable(path, word).map(|()| vec![path.to_owned()]);
    }
    let entries = match word {
        LAST => find::newest_pictures(app)?,
        id => find::by_id(app, id)?,
    };
    if is_run(word, &entries)
        && let Some(page) = find::page(app, &entries[0].run)?
    {
        return Ok(vec![page]);
    }
    let images = named::saved(&entries).ok_or_else(|| named::imageless(word, &entries))?;
    let there: Vec<PathBuf> = images.iter().filter(|path| path.is_file()).cloned().collect();
    for path in &there {
        viewable(path, &path.display().to_string())?;
    }
    tell_of_changed(app, &entries, &there);
    if there.is_empty() {
        let (first, job) = (images[0].display(), &entries[0].job);
        return Err(Error::usage(format!("`{first}` is no longer there"))
            .code("file_gone")
            .hint(format!("`pinx redo {job}` makes it again by its recipe")));
    }
    Ok(there)
}

/// Whether a word means all of a run: `last`, or the start of its id.
fn is_run(word: &str, entries: &[Entry]) -> bool {
    let run = entries.first().map_or("", |entry| entry.run.as_str());
    word == LAST || (!word.contains('.') && find::Id::of(word).names_run(run))
}

/// Tells of images that are no longer what was saved: what is opened may be somebody else's.
fn tell_of_changed(app: &App, entries: &[Entry], there: &[PathBuf]) {
    let images = || entries.iter().flat_map(|entry| &entry.images);
    for path in there {
        let of_path = || images().filter(|image| *image.path == *path);
        if !of_path().any(|image| holds(path, &image.sha256)) {
            app.ui.warn(&format!("`{}` was changed since it was saved", path.display()));
        }
    }
}

/// The page in the directory of a comparison, or a directory of images itself. A page that somebody else
/// made may do anything in a browser.
fn page_or_images_in(app: &App, directory: &Path) -> Result<PathBuf> {
    let page = directory.join("index.html");
    if seal::untouched(&page).is_some() || find::is_drawn(app, &page)? {
        return Ok(page);
    }
    if page.is_file() {
        let shown = page.display();
        return Err(Error::usage(format!("`{shown}` is no page of pinx, or was changed"))
            .code("no_image")
            .hint(format!(
                "`pinx open {}` opens it all the same",
                text::shell_word(&shown.to_string())
            )));
    }
    if holds_image(directory) {
        return Ok(directory.to_owned());
    }
    let shown = directory.display();
    Err(Error::usage(format!("there is no page `index.html` in `{shown}`"))
        .code("no_image")
        .hint("name an image or page in it; `pinx open last` shows what was made last"))
}

/// Whether a file in a directory is an image by its name.
fn holds_image(directory: &Path) -> bool {
    let is_image = |path: PathBuf| {
        path.extension().is_some_and(|ending| is_image_ending(&ending.to_string_lossy()))
    };
    directory
        .read_dir()
        .is_ok_and(|mut all| all.any(|one| one.is_ok_and(|one| is_image(one.path()))))
}

/// Whether a file is an image or a page by what is in it, and by its name: what systems do with others
/// depends on their names alone, and may be to run them.
fn viewable(path: &Path, word: &str) -> Result<()> {
    let shown = text::clean(word, 200);
    let mut head = Vec::new();
    let read = fs::open_regular(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.map_err(|error| Error::usage(format!("`{shown}` cannot be read: {error}")))?;
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let is_page = matches!(ending.as_deref(), Some("html" | "htm"))
        && head.trim_ascii_start().to_ascii_lowercase().starts_with(b"<!doctype html");
    let names_image = ending.as_deref().is_none_or(is_image_ending);
    let format = sniff(&head).filter(|_| names_image);
    if format == Some(Format::Svg)
        && !fs::read_regular(path, DRAWING).is_ok_and(|bytes| is_inert_svg(&bytes))
    {
        return Err(Error::usage(format!("`{shown}` may run a script, or lead elsewhere"))
            .code("no_image")
            .hint("open it yourself, if you trust it"));
    }
    if is_page || format.is_some() {
        return Ok(());
    }
    Err(Error::usage(format!("`{shown}` is neither an image nor a page"))
        .code("no_image")
        .hint("`pinx open last` shows what was made last"))
}

fn is_image_ending(ending: &str) -> bool {
    Format::of_extension(ending).is_some()
}

/// The directories of files, each once.
fn directories(paths: &[PathBuf]) -> Vec<PathBuf> {
    let parent = |path: &PathBuf| path.parent().unwrap_or(Path::new(".")).to_owned();
    paths.iter().map(parent).collect::<BTreeSet<_>>().into_iter().collect()
}
