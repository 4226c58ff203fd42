//! Which image files the words of a command mean: files as they are, `last`, and ids of the log.
//!
//! `last` wins over a file of that name, which is `./last`; a file wins over an id.

use std::path::{Path, PathBuf};

use super::App;
use super::log::find::{self, LAST};
use crate::error::{Error, Result};
use crate::store::Entry;
use crate::text;

/// Whether a word is the name of a file, or `-`.
pub(super) fn is_file(word: &str) -> bool {
    word == "-" || (word != LAST && Path::new(word).is_file())
}

/// Tells once that a word was not taken as the file of the same name.
pub(super) fn tell_of_last(app: &App, words: &[String]) {
    if words.iter().any(|word| word == LAST) && Path::new(LAST).exists() {
        app.ui.note("`last` is what was made last; the file of this name is `./last`");
    }
}

/// The images that a word means: itself where it is a file, else those of the log.
///
/// # Errors
/// The log has nothing like it, or what it has made no image.
pub(super) fn images(app: &App, word: &str) -> Result<Vec<PathBuf>> {
    if is_file(word) {
        return Ok(vec![PathBuf::from(word)]);
    }
    let entries = match word {
        LAST => find::newest_pictures(app)?,
        id => find::by_id(app, id)?,
    };
    saved(&entries).ok_or_else(|| imageless(word, &entries))
}

/// The images that entries of the log tell of, each once; none where there are none.
pub(super) fn saved(entries: &[Entry]) -> Option<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut closed: Vec<&Entry> = entries.iter().filter(|entry| entry.e.closes()).collect();
    closed.sort_by_key(|entry| find::job_number(entry));
    for image in closed.into_iter().flat_map(|entry| &entry.images) {
        if !paths.iter().any(|path| *path == *image.path) {
            paths.push(image.path.to_path_buf());
        }
    }
    (!paths.is_empty()).then_some(paths)
}

/// What is said where entries of the log tell of no image.
pub(super) fn imageless(word: &str, entries: &[Entry]) -> Error {
    let id = text::clean(word, 80);
    let (job, run) = entries.last().map_or(("", ""), |entry| (&entry.job, &entry.run));
    let is_one = entries.iter().all(|entry| entry.job == job);
    let what = if is_one { format!("job `{job}`") } else { format!("run `{run}`") };
    let shown = if is_one { job } else { run };
    let of = if id == shown { String::new() } else { format!(" (`{id}`)") };
    Error::usage(format!("{what}{of} has made no image"))
        .code("no_image")
        .hint(format!("`pinx log show {shown}` tells why"))
}
