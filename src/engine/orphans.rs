//! Part files that nobody is at work on: a process was killed after the journal had closed what they
//! were for, and before it could remove them.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::store::What;
use crate::store::log;

/// The part files of runs that have ended with nothing open, where their images were to go.
///
/// # Errors
/// The journal cannot be read.
pub fn orphans(log: &Path, runs: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut directories = HashSet::new();
    log::read(log, |entry| {
        if entry.e == What::Intent && runs.contains(&entry.run.as_str()) {
            directories.extend(entry.wish.map(|wish| wish.directory));
        }
    })?;
    let listings = directories.iter().filter_map(|directory| std::fs::read_dir(directory).ok());
    let paths = listings.flatten().filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| runs.iter().any(|run| is_part_of(path, run))).collect())
}

/// `.pinx-<run>.<n>….part`
fn is_part_of(path: &Path, run: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let of_run = name.strip_prefix(".pinx-").and_then(|name| name.strip_prefix(run));
    of_run.is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".part"))
}
