//! What a comparison says: paths on stdout, tables on stderr, the document. What may not be told yet
//! is left out here.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::pages::shown;
use super::record::{ComparedJob, Comparison, Round, Seat};
use super::verdict::{NONE, TIE, marks};
use super::{App, Args};
use crate::cmd::batch::sources::Faults;
use crate::cmd::log;
use crate::cmd::log::row::Row;
use crate::cmd::viewer::view;
use crate::engine::Document;
use crate::engine::report::{ErrorReport, JobReport, JobStatus};
use crate::error::{Billed, Error, Exit};
use crate::money::Money;
use crate::text;
use crate::ui::{self, Column, Table};

/// The code of a failure that is told after the verdict.
const HIDDEN: &str = "hidden";

/// The images in the order of the models, then the pages, unless one document is wanted.
pub(super) fn paths(app: &App, document: &Document, comparison: Option<&Comparison>) {
    if !app.ui.options().json {
        let images = document.jobs.iter().flat_map(|job| &job.images);
        images.for_each(|image| app.ui.saved(&image.shown));
        let pages = comparison.iter().flat_map(|comparison| &comparison.drawn);
        pages.for_each(|page| app.ui.saved(&shown(&page.path)));
        app.ui.tell_of_redirection();
    }
}

/// Says what came of the run.
pub(super) fn outcome(app: &App, args: &Args, comparison: &Comparison, document: &Document) {
    talk(app, comparison);
    let failed = |job: &&JobReport| job.exit != Exit::OK && job.exit != Exit::INTERRUPTED;
    let failures: Vec<&JobReport> = document.jobs.iter().filter(failed).collect();
    let (hidden, told): (Vec<&Round>, Vec<&Round>) =
        comparison.rounds.iter().partition(|round| round.is_hidden());
    let is_hidden = |job: &&JobReport| hidden.iter().any(|round| round.has(&job.id));
    let (held_back, failures): (Vec<&JobReport>, Vec<&JobReport>) =
        failures.into_iter().partition(is_hidden);
    if args.blind {
        told.into_iter().for_each(|round| adjusted(app, round));
    }
    failures.into_iter().for_each(|job| report_failure(app, args, job));
    if !held_back.is_empty() {
        app.ui.note("why is told after the verdict");
    }
    app.ui.note(&format!("{} · run {}", ui::closing(document), comparison.run));
    if let Some(overrun) = &document.overrun {
        app.ui.warn(&overrun.text());
    }
    invite(app, args, comparison);
    if document.exit() == Exit::OPEN {
        app.ui.warn("some outcomes are open: `pinx recover` collects what can be had");
    }
    let page = comparison.drawn.last().filter(|_| args.open);
    if let Some(page) = page
        && let Some(reason) = view(&app.env, &page.path).reason()
    {
        app.ui.warn(&format!("`{}` is not opened: {reason}", shown(&page.path)));
    }
}

/// What was held back of a blind prompt: what was adjusted for a model, and why one has no image.
pub(in crate::cmd) fn reveal(app: &App, round: &Round) {
    adjusted(app, round);
    for (model, row) in rows(round) {
        if !row.entry.message.is_empty() && row.entry.images.is_empty() {
            app.ui.warn(&format!("{model}: {}", row.entry.message));
        }
    }
}

/// What was adjusted for a model, once.
fn adjusted(app: &App, round: &Round) {
    let mut said = HashSet::new();
    for (model, row) in rows(round) {
        for adjustment in &row.entry.adjustments {
            let line = format!("{model}: {}", adjustment.message());
            if said.insert(line.clone()) {
                app.ui.note(&line);
            }
        }
    }
}

/// What the log knows of the jobs of a round, each with its model.
fn rows(round: &Round) -> impl Iterator<Item = (&str, &Row)> {
    round.seats.iter().flat_map(|seat| {
        let rows = seat.jobs.iter().filter_map(|job| job.row.as_ref());
        rows.map(|(row, _)| (seat.name.as_str(), row))
    })
}

/// A failure with the model, and in a batch the prompt, that it is about.
fn report_failure(app: &App, args: &Args, job: &JobReport) {
    let Some(error) = &job.error else { return };
    let prompt = match args.batch.is_empty() {
        true => String::new(),
        false => format!(" \"{}\"", text::clean(&job.prompt, 40)),
    };
    app.ui.warn(&format!("{}{prompt}: {}", job.model, error.message));
    // Of a refusal it is about passing it on, which a comparison never does.
    if let Some(hint) = error.hint.as_ref().filter(|_| job.status != JobStatus::Refused) {
        app.ui.note(&format!("hint: {hint}"));
    }
}

/// The most names of entrants that are told with how to judge.
const NAMED: usize = 8;

/// How to judge, where that is still to do and possible.
fn invite(app: &App, args: &Args, comparison: &Comparison) {
    let is_open = |round: &&Round| round.judged().nth(1).is_some() && round.verdict.is_none();
    if args.judge || !comparison.rounds.iter().any(|round| is_open(&round)) {
        return;
    }
    let prompt = if comparison.rounds.len() > 1 { " --prompt N" } else { "" };
    let mut names: Vec<&str> = Vec::new();
    for round in comparison.rounds.iter().filter(is_open) {
        let shown = round.judged().map(|seat| round.shown_name(seat));
        names.extend(shown.filter(|name| !names.contains(name)).collect::<Vec<_>>());
    }
    let more = if names.len() > NAMED { ", …" } else { "" };
    names.truncate(NAMED);
    if args.blind {
        names.sort_unstable();
    }
    app.ui.note(&format!(
        "`pinx vote {} WHICH{prompt}` says which is best: {}{more}, {TIE} or {NONE}",
        comparison.run,
        names.join(", ")
    ));
}

/// The table: of one prompt a row for each image, of several a row for each model.
pub(in crate::cmd) fn talk(app: &App, comparison: &Comparison) {
    match comparison.rounds.as_slice() {
        [round] => app.ui.talk_table(&images(round)),
        rounds if rounds.iter().any(Round::is_hidden) => {
            let judged = rounds.iter().filter(|round| round.can_be_judged());
            let (hidden, told): (Vec<&Round>, Vec<&Round>) =
                judged.partition(|round| round.is_hidden());
            app.ui.note(&format!(
                "{} of {} prompts are not judged yet; the table of the models comes with the last",
                hidden.len(),
                hidden.len() + told.len()
            ));
        }
        rounds => app.ui.talk_table(&models(rounds)),
    }
}

/// What the names in a table are of.
fn called(is_varied: bool) -> &'static str {
    if is_varied { "entrant" } else { "model" }
}

fn images(round: &Round) -> Table {
    let hidden = round.is_hidden();
    let mut columns = vec![Column::new(called(round.is_varied())).width(12, 40)];
    if !hidden {
        columns.push(Column::new("time").right());
        columns.push(Column::new("cost").right());
    }
    columns.push(Column::new("size").right().priority(1));
    if !hidden {
        columns.push(Column::new("seed").right().priority(2));
    }
    columns.push(Column::new("outcome").width(8, 40));
    if round.contest.blind && !hidden {
        columns.insert(1, Column::new("letter"));
    }
    let mut table = Table::new(columns);
    for seat in &round.seats {
        for job in &seat.jobs {
            table.row(row(round, seat, job));
        }
    }
    table
}

fn row(round: &Round, seat: &Seat, job: &ComparedJob) -> Vec<String> {
    let hidden = round.is_hidden();
    let dash = || "–".to_owned();
    let (time, cost, size, seed, outcome) = match &job.row {
        None => (dash(), dash(), dash(), dash(), "not begun".to_owned()),
        Some((row, status)) => {
            let took = row.entry.total_ms.map(|ms| text::duration(Duration::from_millis(ms)));
            let size = row.size.filter(|_| job.image().is_some());
            (
                took.unwrap_or_else(dash),
                log::cost(row, *status),
                size.map_or_else(dash, |size| size.to_string()),
                row.entry.seed.map_or_else(dash, |seed| seed.to_string()),
                std::iter::once(status.name().to_owned())
                    .chain(job.missing().map(|(word, _)| word.to_owned()))
                    .chain(marks(round, &job.id))
                    .collect::<Vec<_>>()
                    .join(" · "),
            )
        }
    };
    let name = round.shown_name(seat).to_owned();
    let mut cells = if hidden {
        vec![name, size, outcome]
    } else {
        vec![name, time, cost, size, seed, outcome]
    };
    if round.contest.blind && !hidden {
        cells.insert(1, seat.label.clone());
    }
    cells
}

/// What a model did over all prompts.
#[derive(Default)]
struct Sum {
    done: usize,
    failed: usize,
    cost: Money,
    is_unpriced: bool,
    times: Vec<u64>,
    best: usize,
}

impl Sum {
    fn add(&mut self, job: &ComparedJob) {
        let Some((row, status)) = &job.row else {
            self.failed += 1;
            return;
        };
        if matches!(status, JobStatus::Done | JobStatus::Cached) {
            self.done += 1;
        } else {
            self.failed += 1;
        }
        if *status == JobStatus::Done {
            self.times.extend(row.entry.total_ms);
        }
        if row.entry.billed == Some(Billed::Yes) {
            match row.cost().best() {
                Some(cost) => self.cost = self.cost + cost,
                None => self.is_unpriced = true,
            }
        }
    }

    /// The median time of what was made, the lower one of two.
    fn median(&mut self) -> Option<Duration> {
        self.times.sort_unstable();
        let middle = self.times.len().checked_sub(1)? / 2;
        Some(Duration::from_millis(self.times[middle]))
    }
}

fn models(rounds: &[Round]) -> Table {
    let mut order: Vec<&str> = Vec::new();
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for round in rounds {
        let best = round.verdict.as_ref().filter(|verdict| verdict.best.is_some());
        let best = best.map(|verdict| verdict.text());
        for seat in &round.seats {
            if !order.contains(&seat.name.as_str()) {
                order.push(&seat.name);
            }
            let sum = sums.entry(&seat.name).or_default();
            seat.jobs.iter().for_each(|job| sum.add(job));
            sum.best += usize::from(best == Some(seat.name.as_str()));
        }
    }
    let mut table = Table::new(vec![
        Column::new(called(rounds.iter().any(Round::is_varied))).width(12, 40),
        Column::new("done").right(),
        Column::new("failed").right(),
        Column::new("cost").right(),
        Column::new("p50 time").right(),
        Column::new("best").right(),
    ]);
    for model in order {
        let Some(sum) = sums.get_mut(model) else { continue };
        let cost = match (sum.cost, sum.is_unpriced) {
            (_, true) => "unknown".to_owned(),
            (cost, false) => cost.cost(),
        };
        table.row(vec![
            model.to_owned(),
            sum.done.to_string(),
            sum.failed.to_string(),
            cost,
            sum.median().map_or_else(|| "–".to_owned(), text::duration),
            sum.best.to_string(),
        ]);
    }
    table
}

/// The document: that of `generate`, and what is compared. Without a comparison nobody knows what a
/// blind one may tell.
pub(super) fn whole(document: &Document, comparison: Option<&Comparison>, blind: bool) -> Value {
    let mut value = json!(document);
    let rounds = comparison.map_or(&[][..], |comparison| &comparison.rounds);
    let hidden: HashMap<&str, &str> = rounds
        .iter()
        .filter(|round| round.is_hidden())
        .flat_map(|round| &round.seats)
        .flat_map(|seat| seat.jobs.iter().map(|job| (job.id.as_str(), seat.label.as_str())))
        .collect();
    for job in value["jobs"].as_array_mut().into_iter().flatten() {
        let label = job["id"].as_str().and_then(|id| hidden.get(id));
        match label {
            Some(label) => *job = masked(job, label),
            None if blind && comparison.is_none() => *job = masked(job, HIDDEN),
            None => {}
        }
    }
    value["comparison"] = json!(comparison.map(self::document));
    value
}

/// A job with all its fields, but without what could tell its model.
fn masked(job: &Value, label: &str) -> Value {
    let why = "told after the verdict";
    let failure = ErrorReport {
        code: HIDDEN.to_owned(),
        message: why.to_owned(),
        hint: None,
        hints: Vec::new(),
        answered: None,
    };
    let mut masked = Map::new();
    for (field, value) in job.as_object().into_iter().flatten() {
        let value = match field.as_str() {
            "id" | "status" | "prompt" | "images" => value.clone(),
            "model" => json!(label),
            "error" => json!((!value.is_null()).then_some(&failure)),
            _ if value.is_array() => json!([]),
            _ => Value::Null,
        };
        masked.insert(field.clone(), value);
    }
    Value::Object(masked)
}

/// What is compared, for documents.
pub(in crate::cmd) fn document(comparison: &Comparison) -> Value {
    let page = |ending: &str| {
        let mut drawn = comparison.drawn.iter();
        let found = drawn.find(|page| page.path.extension().is_some_and(|e| e == ending));
        found.map(|page| page.path.display().to_string())
    };
    json!({
        "directory": comparison.directory(),
        "sheet": page("png"),
        "page": page("html"),
        "prompts": comparison.rounds.iter().map(round_document).collect::<Vec<_>>(),
    })
}

fn round_document(round: &Round) -> Value {
    let entrants = round.seats.iter().map(|seat| {
        json!({
            "label": round.contest.blind.then_some(&seat.label),
            "name": round.shown_name(seat),
            "model": (!round.is_hidden()).then_some(&seat.model),
            "jobs": seat.jobs.iter().map(|job| &job.id).collect::<Vec<_>>(),
            "images": seat.jobs.iter().filter_map(ComparedJob::image).map(|image| image.path.as_path()).collect::<Vec<&Path>>(),
        })
    });
    json!({
        "number": round.contest.number,
        "name": round.contest.name,
        "prompt": round.prompt,
        "style": round.style,
        "tags": round.tags,
        "blind": round.contest.blind,
        "entrants": entrants.collect::<Vec<_>>(),
        "verdict": round.verdict,
    })
}

/// The document of a batch with faults.
pub(super) fn faulty(run: &str, error: &Error, faults: &Faults) -> Value {
    let mut document = json!(Document::of_error(Some(run.to_owned()), error));
    document["problems"] = faults.json();
    document
}
