//! `pinx log`: what was made, what failed, what is open; one row a job, read from the log.

mod document;
mod export;
mod figures;
mod filter;
pub(super) mod find;
pub(crate) mod known;
pub(super) mod lineage;
mod newest;
pub(super) mod own;
mod prune;
pub(super) mod row;
mod show;
mod status;
mod verdicts;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use jiff::Zoned;
use serde_json::{Value, json};

use super::{App, days};
use crate::catalog::Certainty;
use crate::engine::report::JobStatus;
use crate::error::{Billed, Error, Exit, Kind, Result};
use crate::money::Money;
use crate::store::log::Scan;
use crate::store::{Entry, Runs};
use crate::text;
use crate::ui::{Column, Paging, Table};
use filter::{Filter, Which};
use newest::Newest;
pub(super) use row::Row;
pub(crate) use show::bytes;

/// Rows that are shown unless more are asked for.
const LIMIT: usize = 20;

/// The place of the column of verdicts, where any is to be told.
const JUDGED: usize = 3;

/// The place of the column of clients, where any is to be told.
const CLIENT: usize = 4;

/// What `log` takes.
#[derive(Debug, clap::Args)]
#[command(override_usage = "pinx log [OPTIONS] [QUERY]\n       pinx log <COMMAND>")]
pub struct Args {
    /// What else than the list is wanted.
    #[command(subcommand)]
    pub action: Option<Action>,
    /// Which rows are wanted.
    #[command(flatten)]
    pub list: List,
}

/// What `log` can do besides the list.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Show everything about one job or run
    Show(show::Args),
    /// Print where the log is kept
    Path,
    /// Write all jobs as CSV, however many
    Export(Box<export::Args>),
    /// Remove old months of the log
    Prune(prune::Args),
}

/// Which rows are wanted.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Find this text; the same as `--text`, which also takes the words of the commands
    #[arg(value_name = "QUERY", conflicts_with = "text")]
    pub query: Option<String>,
    /// Which rows are wanted.
    #[command(flatten)]
    pub which: Which,
    /// Show the newest so many, 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = LIMIT)]
    pub limit: usize,
    /// Print it at once, also where it is longer than the terminal is high
    #[arg(long, global = true)]
    pub no_pager: bool,
}

/// Lists or shows.
///
/// # Errors
/// A day that is none, an id that is not there, or a journal that cannot be read.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    if args.action.is_some() && args.list.is_filtered() {
        return Err(Error::usage(
            "these filters are for the list; a command has its own behind it",
        )
        .hint("`pinx log --help` shows both")
        .into());
    }
    match &args.action {
        None => list(app, &args.list)?,
        Some(Action::Show(show)) => show::run(app, show, paging(&args.list))?,
        Some(Action::Export(args)) => export::run(app, args)?,
        Some(Action::Prune(args)) => prune::run(app, args)?,
        Some(Action::Path) => {
            let path = app.log.directory().display().to_string();
            if app.ui.options().json {
                app.ui.json(&json!({ "success": true, "path": path }));
            } else {
                app.ui.line(&path);
            }
        }
    }
    Ok(Exit::OK)
}

impl List {
    fn is_filtered(&self) -> bool {
        self.query.is_some() || self.which.is_filtered() || self.limit != LIMIT
    }
}

/// Whether what is longer than the terminal is shown page by page.
fn paging(list: &List) -> Paging {
    if list.no_pager { Paging::Off } else { Paging::Auto }
}

fn list(app: &App, list: &List) -> Result<()> {
    let now = crate::zone::now();
    let mut filter = Filter::of(&list.which, &now)?;
    filter.find(list.query.as_deref());
    let keep = if list.limit == 0 { usize::MAX } else { list.limit };
    let alive = Living::new(&app.settings.places.run);
    let (wanted, is_alive) =
        (|row: &Row, status: JobStatus| filter.takes(row, status), |run: &str| alive.is(run));
    let mut newest = Newest::new(keep, &wanted, &is_alive);
    let read = app.log.read_backward(filter.since(), |entry| newest.add(entry));
    let (scan, end) = read.map_err(|error| unreadable(app, &error))?;
    report_torn(app, scan);
    let (rows, total) = newest.finish(end);
    if app.ui.options().json {
        let entries: Vec<Value> = rows.iter().map(|(row, status)| row.json(*status)).collect();
        app.ui.json(
            &json!({ "success": true, "entries": entries, "total": total, "torn": scan.torn }),
        );
        return Ok(());
    }
    if rows.is_empty() {
        app.ui.note(if scan.entries == 0 {
            "nothing has been made yet"
        } else {
            "nothing in the log is like that; `pinx log` shows the newest"
        });
        return Ok(());
    }
    if total.is_none() {
        app.ui.note(&format!("the newest {}; `-n 0` shows all", rows.len()));
    }
    if rows.iter().any(|(_, status)| matches!(status, JobStatus::Unknown)) {
        app.ui.note("`pinx recover` looks for what is unknown; a `?` marks what is maybe billed");
    }
    let table = table(&rows, &now, app.ui.terminal().stdout_width());
    app.ui.paged(paging(list), |ui| ui.table(table));
    Ok(())
}

/// Reads the journal.
pub(super) fn scan(app: &App, each: impl FnMut(Entry) + Send) -> Result<Scan> {
    app.log.read(each).map_err(|error| unreadable(app, &error))
}

/// Reads those lines of the journal that hold one of some texts.
///
/// # Errors
/// It cannot be read.
pub(super) fn read_holding(
    app: &App,
    texts: &[&str],
    each: impl FnMut(Entry) + Send,
) -> Result<()> {
    scan_holding(app, texts, each).map(drop)
}

fn scan_holding(app: &App, texts: &[&str], each: impl FnMut(Entry) + Send) -> Result<Scan> {
    app.log.read_holding(texts, each).map_err(|error| unreadable(app, &error))
}

/// Reads the journal, and tells of lines that are no entries.
pub(super) fn read(app: &App, each: impl FnMut(Entry) + Send) -> Result<Scan> {
    let scan = scan(app, each)?;
    report_torn(app, scan);
    Ok(scan)
}

pub(super) fn report_torn(app: &App, scan: Scan) {
    if scan.torn > 0 {
        let lines = text::counted(scan.torn, "line");
        app.ui.note(&format!("{lines} of the log cannot be read; left out"));
    }
}

/// The error of a log that cannot be read.
pub(crate) fn unreadable(app: &App, error: &std::io::Error) -> Error {
    let log = app.log.directory().display();
    Error::new(Kind::Local, format!("the log in `{log}` cannot be read: {error}"))
        .hint("`pinx log path` says where it is; PINX_HOME moves it")
}

/// Which runs have a process: it holds the lock of its run.
pub(super) struct Living<'p> {
    locks: &'p Path,
    known: RefCell<HashMap<String, bool>>,
}

impl Living<'_> {
    pub(super) fn new(locks: &Path) -> Living<'_> {
        Living { locks, known: RefCell::default() }
    }

    pub(super) fn is(&self, run: &str) -> bool {
        let look = || Runs(self.locks).is_alive(run);
        *self.known.borrow_mut().entry(run.to_owned()).or_insert_with(look)
    }
}

fn table(rows: &[(Row, JobStatus)], now: &Zoned, width: usize) -> Table {
    // Where there is little room, a name without its provider says more than one that is cut.
    let long = rows.iter().any(|(row, _)| row.entry.model.len() > 18);
    let bare = |model: &str| match model.split_once('/') {
        Some((_, name)) if long && width < 100 => name.to_owned(),
        _ => model.to_owned(),
    };
    let mut columns = vec![
        Column::new("time"),
        Column::new("id"),
        Column::new("status"),
        Column::new("model").width(19, 30).priority(1),
        Column::new("size").right().priority(3),
        Column::new("cost").right().priority(1),
        Column::new("took").right().priority(2),
        Column::new("prompt").width(18, 60),
        Column::new("file").width(16, 40).priority(4),
    ];
    let has_clients = rows.iter().any(|(row, _)| row.entry.client.is_some());
    if has_clients {
        columns.insert(CLIENT, Column::new("client").width(8, 20).priority(2));
    }
    let judged = rows.iter().any(|(row, _)| row.verdict.is_some());
    if judged {
        columns.insert(JUDGED, Column::new("verdict").priority(1));
    }
    let mut table = Table::new(columns);
    for (row, status) in rows {
        let entry = &row.entry;
        let took = entry.total_ms.map(|ms| text::duration(Duration::from_millis(ms)));
        let dash = || "–".to_owned();
        let mut cells = vec![
            days::short(row.began, now),
            short_id(&entry.job),
            status.name().to_owned(),
            bare(&entry.model),
            row.size.map_or_else(dash, |size| size.to_string()),
            cost(row, *status),
            took.unwrap_or_else(dash),
            text::clean(&entry.prompt, 100),
            file(row),
        ];
        if has_clients {
            cells.insert(CLIENT, text::clean(entry.client.as_deref().unwrap_or("–"), 64));
        }
        if judged {
            cells.insert(JUDGED, row.verdict.unwrap_or_default().to_owned());
        }
        table.row(cells);
    }
    table
}

/// `7f3k9.1` of `261122-7f3k9q2m.1`: enough for `pinx log show`.
fn short_id(job: &str) -> String {
    let (run, number) = job.split_once('.').unwrap_or((job, ""));
    let chance = run.split_once('-').map_or(run, |(_, chance)| chance);
    let chance: String = chance.chars().take(find::SHOWN).collect();
    if number.is_empty() { chance } else { format!("{chance}.{number}") }
}

fn file(row: &Row) -> String {
    let images = &row.entry.images;
    let name = images.first().and_then(|image| image.path.file_name());
    match (name, images.len()) {
        (None, _) => "–".to_owned(),
        (Some(name), 1) => name.to_string_lossy().into_owned(),
        (Some(name), more) => format!("{} +{}", name.to_string_lossy(), more - 1),
    }
}

/// What it cost: `$0.039`, `~$0.05` where that is an estimate that may be off or still to be paid,
/// `$0.05?` where nobody knows whether it was billed, `–` where nothing was.
pub(super) fn cost(row: &Row, status: JobStatus) -> String {
    let cost = row.cost();
    match (status, cost.best(), row.uncertain()) {
        (JobStatus::Cached | JobStatus::Adopted, _, None) => Money::ZERO.cost(),
        (JobStatus::Done, None, _) => "unknown".to_owned(),
        (JobStatus::Done, Some(money), _) => {
            figure(money, cost.reported.is_none() && cost.certainty != Certainty::Exact)
        }
        (JobStatus::Pending, Some(money), _) => figure(money, true),
        (_, _, Some(money)) => format!("{money}?"),
        (_, Some(money), None) if row.entry.billed == Some(Billed::Yes) => {
            figure(money, cost.reported.is_none())
        }
        (JobStatus::Pending | JobStatus::Unknown, ..) => "unknown".to_owned(),
        _ => "–".to_owned(),
    }
}

fn figure(money: Money, about: bool) -> String {
    if about { money.cost_about() } else { money.cost() }
}
