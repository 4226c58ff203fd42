//! `pinx log prune`: removes whole old months of the log, after telling what goes with them.
//!
//! History is never rewritten: a month goes as the file it is, or stays. One that holds something
//! open stays, and so do this month, on which the budgets rest, and the segment that is written now.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use serde_json::json;

use super::{App, bytes};
use crate::cmd::days;
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::store::log::{self, Fold, Survey};
use crate::text::{self, counted};

/// What `log prune` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Remove the months that ended before this day: 2026-06-01, 2026-06, 180d
    #[arg(long, value_name = "DAY")]
    pub before: String,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

/// Removes them.
///
/// # Errors
/// A day that is none, nobody there to agree, or a file that cannot be removed.
pub fn run(app: &App, args: &Args) -> Result<()> {
    let now = crate::zone::now();
    let before = days::begin("--before", &args.before, &now)?;
    let log = &app.settings.places.log;
    // Nobody writes meanwhile, and what is open cannot change.
    let locked = log.exists().then(|| fs::lock_file(&log.join("lock"))).transpose();
    let _lock = locked.map_err(|error| failed(log, &error))?;
    let months = ended(log, before, &now).map_err(|error| failed(log, &error))?;
    let mut kept = open_months(log).map_err(|error| failed(log, &error))?;
    // A damaged line may be the only trace of something paid.
    let survey = Survey::of(log).map_err(|error| failed(log, &error))?;
    let doubtful = survey.findings.iter().filter(|found| !found.is_accounted_for);
    kept.extend(doubtful.map(|found| name(&found.path)));
    let (kept, gone): (Vec<PathBuf>, Vec<PathBuf>) =
        months.into_iter().partition(|path| kept.contains(&name(path)));
    for path in &kept {
        app.ui.note(&format!(
            "{} stays: something in it is open; `pinx recover` settles it",
            month(path)
        ));
    }
    let size = gone.iter().filter_map(|path| path.metadata().ok()).map(|file| file.len()).sum();
    let names: Vec<String> = gone.iter().map(|path| month(path)).collect();
    if !gone.is_empty() && !args.yes {
        agree(app, &names, size)?;
    }
    for path in &gone {
        fs::remove(path).map_err(|error| failed(path, &error))?;
    }
    let size = if gone.is_empty() { 0 } else { size };
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "removed": names, "bytes": size }));
    } else if gone.is_empty() {
        app.ui.note("no month of the log ended before that; nothing is removed");
    } else {
        let months = counted(gone.len() as u64, "month");
        app.ui.note(&format!("{months} removed, {}: {}", bytes(size), names.join(", ")));
    }
    Ok(())
}

/// Tells what will be lost and asks.
fn agree(app: &App, names: &[String], size: u64) -> Result<()> {
    let months = counted(names.len() as u64, "month");
    app.ui.note(&format!("{months} of the log, {}: {}", bytes(size), names.join(", ")));
    app.ui.note(
        "lost with them: their statistics, the recipes of images that carry none, and what a batch \
         of that time has done (run again, it pays again); the images stay",
    );
    if !(app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal()) {
        return Err(Error::usage("nothing is removed, since nobody is there to agree")
            .code("consent_needed")
            .hint("agree with `--yes`"));
    }
    if app.ui.confirm("Remove them?", false)? {
        return Ok(());
    }
    Err(Error::new(Kind::Interrupted, "nothing is removed"))
}

/// The segments of months that ended before a time; never this month's or a later one's.
fn ended(log: &Path, before: jiff::Timestamp, now: &Zoned) -> std::io::Result<Vec<PathBuf>> {
    let of = |time: jiff::Timestamp| time.strftime("%Y-%m.jsonl").to_string();
    let first = of(before).min(of(now.timestamp()));
    let mut paths = log::segments(log)?;
    // A clock that was ahead has named a segment that is still written.
    paths.pop();
    paths.retain(|path| name(path) < first && name(path).len() == first.len());
    Ok(paths)
}

/// The segments that hold the intent of an open attempt, or that were written after it began.
fn open_months(log: &Path) -> std::io::Result<BTreeSet<String>> {
    let open = Fold::load(log)?.into_open();
    let attempts: BTreeSet<&str> = open.iter().map(|one| one.intent.attempt.as_str()).collect();
    let mut months = BTreeSet::new();
    if attempts.is_empty() {
        return Ok(months);
    }
    for path in log::segments(log)? {
        log::read_segment(&path, |entry| {
            if attempts.contains(entry.attempt.as_str()) {
                months.insert(name(&path));
            }
        })?;
    }
    Ok(months)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `2026-06` of `2026-06.jsonl`.
fn month(path: &Path) -> String {
    text::clean(name(path).trim_end_matches(".jsonl"), 20)
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Kind::Local, format!("`{}` cannot be pruned: {error}", path.display()))
}
