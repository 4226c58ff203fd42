//! Files that nobody needs any more: a process was killed after the log had closed what they were for,
//! and before it could remove them.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::fs;
use crate::settings::Places;
use crate::store::log::Pending;
use crate::store::{Cache, EntryKind, InputStore, Log, Runs, Uploads};

/// Removes what killed processes left and nobody needs any more.
///
/// # Errors
/// The log cannot be read.
pub fn collect_garbage(log: &Log, places: &Places, cache: &Cache) -> Result<()> {
    remove_stale_locks(log, places)?;
    for path in leftovers(log, &places.kept).unwrap_or_default() {
        let _ = fs::remove(&path);
    }
    let _ = remove_old_inputs(log, places);
    let (kept, inputs) = (&*places.kept, &*places.inputs);
    let uploads = Uploads::new(inputs);
    let written = [
        kept,
        inputs,
        uploads.directory(),
        log.directory(),
        &places.limits,
        &places.cache,
        cache.directory(),
    ];
    written.into_iter().chain(places.salt.parent()).for_each(fs::remove_temporary);
    Ok(())
}

/// Removes pictures that were made to be sent and that no open job names any more.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn remove_old_inputs(log: &Log, places: &Places) -> Result<()> {
    Uploads::new(&places.inputs).prune();
    let inputs = InputStore::new(&places.inputs, false);
    if !inputs.has_old() {
        return Ok(());
    }
    let (state, is_whole) = log.readable_state()?;
    if state.state().is_damaged() || !is_whole {
        return Ok(());
    }
    let orders = state.into_open().into_iter().filter_map(|pending| pending.intent.order);
    let needed = orders.flat_map(|order| order.inputs.clone()).map(|input| input.sha256).collect();
    inputs.prune(&needed);
    Ok(())
}

/// Removes what is left of dead runs that have nothing open any more; answers what is open of the
/// others.
///
/// # Errors
/// The log cannot be read.
pub fn remove_stale_locks(log: &Log, places: &Places) -> Result<Vec<Pending>> {
    let runs = Runs(&places.run);
    let dead = runs.dead();
    if dead.is_empty() {
        return Ok(Vec::new());
    }
    let (state, is_whole) = log.readable_state()?;
    // A line that cannot be read may hide more.
    let is_damaged = state.state().is_damaged() || !is_whole;
    let open = state.into_open();
    let is_open = |run: &str| open.iter().any(|pending| pending.intent.run == run);
    if is_damaged {
        // What looks like nobody's may be the image of an attempt that cannot be read.
        return Ok(left_by(&dead, open));
    }
    runs.sweep(&dead, is_open, |closed| {
        for path in orphans(log, closed).unwrap_or_default() {
            let _ = fs::remove(&path);
        }
    });
    Ok(left_by(&dead, open))
}

/// What is open of these runs.
fn left_by(dead: &[String], mut open: Vec<Pending>) -> Vec<Pending> {
    open.retain(|pending| dead.contains(&pending.intent.run));
    open
}

/// Removes unfinished files of closed attempts of these runs, whose locks the caller holds: a disk that
/// failed did not let them go, or lost that they went, and another attempt of the run stays open.
///
/// # Errors
/// The log cannot be read.
pub fn remove_unfinished(log: &Log, held: &[String]) -> Result<()> {
    if held.is_empty() {
        return Ok(());
    }
    let (state, is_whole) = log.readable_state()?;
    if state.state().is_damaged() || !is_whole {
        return Ok(());
    }
    let open = state.into_open();
    let is_open = |path: &Path| open.iter().any(|one| is_part_of(path, &one.intent.attempt));
    let runs: Vec<&str> = held.iter().map(String::as_str).collect();
    for path in orphans(log, &runs).unwrap_or_default() {
        if !is_open(&path) {
            let _ = fs::remove(&path);
        }
    }
    Ok(())
}

/// Files below `kept` that nobody needs any more: of attempts that are done, left by a process that
/// was killed before it could remove them. What a `done` entry says to be kept stays.
///
/// # Errors
/// The journal cannot be read.
fn leftovers(log: &Log, kept: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = kept_files(kept);
    let mut done = Vec::new();
    if !files.is_empty() {
        log.read(|entry| {
            if entry.e == EntryKind::Done && entry.kept.is_none() {
                done.extend(files.remove(&entry.attempt).into_iter().flatten());
            }
        })?;
    }
    Ok(done)
}

/// The files below `kept`, by the ids of their attempts.
pub(super) fn kept_files(kept: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let Ok(listing) = std::fs::read_dir(kept) else { return files };
    for path in listing.filter_map(|entry| Some(entry.ok()?.path())) {
        // `<attempt>.reply`, `<attempt>.1of2.image`: an attempt's id holds two full stops.
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some((at, _)) = name.match_indices('.').nth(2) {
            files.entry(name[..at].to_owned()).or_default().push(path);
        }
    }
    files
}

/// The part files of runs that have ended with nothing open, where their images were to go.
///
/// # Errors
/// The journal cannot be read.
fn orphans(log: &Log, runs: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut directories = HashSet::new();
    log.read_holding(runs, |entry| {
        if entry.e == EntryKind::Intent && runs.contains(&entry.run.as_str()) {
            directories.extend(entry.wish.map(|target| target.directory));
        }
    })?;
    let listings = directories.iter().filter_map(|directory| std::fs::read_dir(directory).ok());
    let paths = listings.flatten().filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| runs.iter().any(|run| is_part_of(path, run))).collect())
}

/// `.pinx-<run>.<n>….part`, of a run or of one of its attempts.
fn is_part_of(path: &Path, run: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let of_run = name.strip_prefix(".pinx-").and_then(|name| name.strip_prefix(run));
    of_run.is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".part"))
}
