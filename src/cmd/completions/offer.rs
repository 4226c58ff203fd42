//! What is offered for a word that is being typed: names with a word about each, in their order.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter as _};

use crate::text;

/// Characters of what is said about a name: a terminal's line has the name, too.
const ABOUT: usize = 60;

/// A name, and what is said about it.
pub(super) type Offer = (String, String);

/// Names that stand alone.
pub(super) fn bare<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Vec<Offer> {
    names.into_iter().map(|name| (name.as_ref().to_owned(), String::new())).collect()
}

/// Those that begin with what is typed; in a list, with what stands behind its last comma.
pub(super) fn candidates(current: &OsStr, known: &[Offer]) -> Vec<CompletionCandidate> {
    let Some(typed) = current.to_str() else { return Vec::new() };
    let (before, typed) = typed.rfind(',').map_or(("", typed), |at| typed.split_at(at + 1));
    let begun = known.iter().enumerate().filter(|(_, (name, _))| name.starts_with(typed));
    begun
        .map(|(at, (name, about))| {
            let about = text::clean(about, ABOUT);
            CompletionCandidate::new(format!("{before}{name}"))
                .help((!about.is_empty()).then(|| about.into()))
                .display_order(Some(at))
        })
        .collect()
}

/// Files and directories to write to.
pub(super) fn outputs(current: &OsStr) -> Vec<CompletionCandidate> {
    PathCompleter::any().complete(current)
}

/// Directories.
pub(super) fn directories(current: &OsStr) -> Vec<CompletionCandidate> {
    PathCompleter::dir().complete(current)
}

/// Files to read, and directories on the way to them.
pub(super) fn paths(current: &OsStr) -> Vec<CompletionCandidate> {
    readable(PathCompleter::any().complete(current))
}

/// Without the directory itself, which is no file.
fn readable(mut found: Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    found.retain(|one| one.get_value() != ".");
    found
}

/// Whether a directory may lead to such a file: it holds one, or a further directory. Of a large one only
/// the beginning is looked at.
fn leads_on(directory: &Path, endings: &[&str]) -> bool {
    const LOOKED_AT: usize = 500;
    let Ok(entries) = std::fs::read_dir(directory) else { return true };
    let mut looked_at = 0;
    let holds = entries.flatten().take(LOOKED_AT).any(|entry| {
        looked_at += 1;
        has_ending(&entry.path(), endings) || entry.file_type().is_ok_and(|kind| kind.is_dir())
    });
    holds || looked_at == LOOKED_AT
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    endings.contains(&ending.to_ascii_lowercase().as_str())
}

/// Files with one of these endings, and directories on the
/// way to them; any file where there is none of them.
pub(super) fn files(current: &OsStr, endings: &'static [&'static str]) -> Vec<CompletionCandidate> {
    let wanted = PathCompleter::any().filter(|path| path.is_dir() || has_ending(path, endings));
    let mut found = wanted.complete(current);
    // Directories are offered whatever the filter says.
    found.retain(|one| {
        let name = one.get_value().to_string_lossy();
        name.strip_suffix('/').is_none_or(|directory| leads_on(Path::new(directory), endings))
    });
    match readable(found) {
        none if none.is_empty() => paths(current),
        found => found,
    }
}
