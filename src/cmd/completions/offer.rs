//! What is offered for a word that is being typed: names with a word about each, in their order.

use std::ffi::OsStr;

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

/// Files with one of these endings, and directories; any file where there is none of them.
pub(super) fn files(current: &OsStr, endings: &'static [&'static str]) -> Vec<CompletionCandidate> {
    let wanted = PathCompleter::any().filter(|path| {
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        path.is_dir() || endings.contains(&ending.to_ascii_lowercase().as_str())
    });
    match readable(wanted.complete(current)) {
        none if none.is_empty() => paths(current),
        found => found,
    }
}
