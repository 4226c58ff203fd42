//! `pinx log prune`: removes whole old months of the log, after telling what goes with them.
//!
//! History is never rewritten: a month goes as the file it is, or stays. One that holds something
//! open stays, and so do this month, on which the budgets rest, and the segment that is written now.

use std::path::Path;

use serde_json::json;

use super::{App, bytes};
use crate::cmd::days;
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::store::log::Months;
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
pub(crate) fn run(app: &App, args: &Args) -> Result<()> {
    let now = crate::zone::now();
    let before = days::begin("--before", &args.before, &now)?;
    let months = app.log.ended_months(before, now.timestamp());
    let Months { needed, free, .. } =
        &months.map_err(|error| failed(app.log.directory(), &error))?;
    for path in needed {
        app.ui.note(&format!(
            "{} stays: something in it is open; `pinx recover` settles it",
            month(path)
        ));
    }
    let size = free.iter().filter_map(|path| path.metadata().ok()).map(|file| file.len()).sum();
    let names: Vec<String> = free.iter().map(|path| month(path)).collect();
    if !free.is_empty() && !args.yes {
        agree(app, &names, size)?;
    }
    for path in free {
        fs::remove(path).map_err(|error| failed(path, &error))?;
    }
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "removed": names, "bytes": size }));
    } else if free.is_empty() {
        app.ui.note("no month of the log ended before that; nothing is removed");
    } else {
        let months = counted(free.len() as u64, "month");
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
