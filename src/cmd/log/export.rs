//! `pinx log export`: every job as a row of CSV, written while the log is read.
//!
//! Memory holds the jobs that are open, however long the log is. Money is in dollars, times in
//! milliseconds; what is not known is empty.

use std::collections::HashMap;

use super::filter::Filter;
use super::row::Row;
use super::{App, Living, filter, read};
use crate::engine::report::JobStatus;
use crate::error::{Billed, Error, Result};
use crate::money::Money;
use crate::store::{Entry, EntryKind};
use crate::text::{self, csv_row};
use crate::ui::Ui;

/// What `log export` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write CSV, the only form there is so far
    #[arg(long)]
    pub csv: bool,
    /// Which jobs are wanted.
    #[command(flatten)]
    pub which: filter::Which,
}

/// The columns.
const HEAD: [&str; 27] = [
    "job",
    "run",
    "began",
    "ended",
    "status",
    "provider",
    "model",
    "route",
    "prompt",
    "style",
    "tags",
    "seed",
    "attempts",
    "spent",
    "estimated",
    "uncertain",
    "billed",
    "total_ms",
    "waited_ms",
    "queued_ms",
    "generation_ms",
    "download_ms",
    "images",
    "file",
    "code",
    "message",
    "client",
];

/// Cells of text are cut here, far beyond what a prompt may have.
const MOST: usize = 100_000;
/// Bytes that are written at once.
const CHUNK: usize = 64 * 1024;

/// Writes all of it.
///
/// # Errors
/// A filter that cannot be read, or a log that cannot be.
pub(crate) fn run(app: &App, args: &Args) -> Result<()> {
    if app.ui.options().json {
        return Err(Error::usage("`log export` writes CSV, which is no JSON document")
            .hint("`pinx log -n 0 --json` prints all of it as one document"));
    }
    let filter = Filter::of(&args.which, &crate::zone::now())?;
    let mut sink = Sink { ui: &app.ui, filter, text: csv_row(&HEAD.map(str::to_owned)) + "\n" };
    let mut open: HashMap<String, Row> = HashMap::new();
    read(app, |entry| {
        let Some(row) = take(&mut open, entry) else { return };
        let status = row.status(|_| false);
        sink.row(&row, status);
    })?;
    // What is still open comes last, by its beginning.
    let mut rows: Vec<Row> = open.into_values().collect();
    rows.sort_by_key(|row| row.began);
    let alive = Living::new(&app.settings.places.run);
    for row in &rows {
        sink.row(row, row.status(|run| alive.is(run)));
    }
    sink.flush();
    Ok(())
}

/// Adds an entry to its job; a job that it ends is given back. What comes after a job's end, such as
/// the settling of an earlier attempt, makes no job of its own.
fn take(open: &mut HashMap<String, Row>, entry: Entry) -> Option<Row> {
    let is_late = entry.e == EntryKind::Settled && !open.contains_key(&entry.job);
    if entry.e == EntryKind::Unknown || entry.job.is_empty() || is_late {
        return None;
    }
    let job = entry.job.clone();
    let row = open.entry(job.clone()).or_default();
    row.add(entry);
    if row.is_closed() { open.remove(&job) } else { None }
}

struct Sink<'a> {
    ui: &'a Ui,
    filter: Filter,
    text: String,
}

impl Sink<'_> {
    fn row(&mut self, row: &Row, status: JobStatus) {
        if !self.filter.takes(row, status) {
            return;
        }
        self.text += &csv_row(&cells(row, status));
        self.text.push('\n');
        if self.text.len() >= CHUNK {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        self.ui.line(self.text.trim_end_matches('\n'));
        self.text.clear();
    }
}

fn cells(row: &Row, status: JobStatus) -> Vec<String> {
    let entry = &row.entry;
    let number = |number: Option<u64>| number.map(|n| n.to_string()).unwrap_or_default();
    let money =
        |money: Option<Money>| money.map(|m| m.as_dollars().to_string()).unwrap_or_default();
    let file = entry.images.first().map(|image| image.path.display().to_string());
    let words = |words: &str| text::clean(words, MOST);
    vec![
        entry.job.clone(),
        entry.run.clone(),
        row.began.to_string(),
        entry.t.to_string(),
        status.name().to_owned(),
        entry.provider.clone(),
        entry.model.clone(),
        words(&entry.route),
        words(&entry.prompt),
        words(entry.style.as_deref().unwrap_or_default()),
        words(&entry.tags.join(" ")),
        number(entry.seed),
        row.attempts.len().to_string(),
        money(row.spent(status)),
        money(entry.estimate),
        money(row.uncertain()),
        entry.billed.map(Billed::name).unwrap_or_default().to_owned(),
        number(entry.total_ms),
        number(entry.waited_ms),
        number(entry.queued_ms),
        number(entry.generation_ms),
        number(entry.download_ms),
        entry.images.len().to_string(),
        words(&file.unwrap_or_default()),
        entry.code.clone(),
        words(&entry.message),
        words(entry.client.as_deref().unwrap_or_default()),
    ]
}
