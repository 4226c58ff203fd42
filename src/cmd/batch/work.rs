//! The run: items are read while the engine works, and what has ended is told in the order in which
//! it stands in the files.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver};
use std::time::Instant;

use serde_json::{Value, json};

use super::check::Checked;
use super::desk::{Desk, Skip};
use super::sources::Sources;
use super::{App, Args};
use crate::batch::Item;
use crate::cmd::conduct::{Setup, conduct};
use crate::engine::plan::Job;
use crate::engine::report::{JobReport, JobStatus};
use crate::engine::{Engine, Level, RunBudget};
use crate::error::{Exit, Result};
use crate::money::Money;

/// Items that are read ahead.
const AHEAD: usize = 64;

/// What came of the jobs of one status.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) jobs: usize,
    pub(super) cost: Option<Money>,
}

/// What came of a batch.
#[derive(Default)]
pub(super) struct Outcome {
    /// By status, in the order of the table.
    pub(super) sums: BTreeMap<&'static str, Sum>,
    pub(super) images: usize,
    pub(super) spent: Money,
    pub(super) uncertain: Money,
    /// Images that were billed and whose price nobody told.
    pub(super) unpriced: usize,
    pub(super) is_about: bool,
    pub(super) exits: Vec<Exit>,
    pub(super) interrupted: bool,
    /// Jobs that were to be made and were not begun.
    pub(super) unbegun: usize,
    /// The jobs as JSON, where one document is wanted.
    pub(super) documents: Vec<Value>,
    pub(super) ms: u64,
}

/// Where a job stands in the files.
struct Place {
    line: u64,
    id: Option<String>,
}

/// Paths are printed in the order of the files, as soon as everything before them has ended.
#[derive(Default)]
struct InOrder {
    begun: VecDeque<usize>,
    ended: HashMap<usize, Vec<String>>,
}

impl InOrder {
    fn begin(&mut self, job: usize) {
        self.begun.push_back(job);
    }

    /// What can be printed now that a job has ended.
    fn end(&mut self, job: usize, lines: Vec<String>) -> Vec<String> {
        self.ended.insert(job, lines);
        let mut ready = Vec::new();
        while let Some(lines) = self.begun.front().and_then(|job| self.ended.remove(job)) {
            self.begun.pop_front();
            ready.extend(lines);
        }
        ready
    }
}

/// Makes the images.
///
/// # Errors
/// What must be there before anything is paid for is not.
pub(super) fn work(
    app: &App,
    args: &Args,
    run: &str,
    sources: &Sources,
    desk: &mut Desk<'_>,
    checked: &Checked,
    budget: RunBudget,
) -> Result<Outcome> {
    let begun = Instant::now();
    let setup = Setup { run, jobs: checked.jobs, paid: checked.paid, budget, blind: false };
    let base = desk.base.clone();
    desk.again();
    let mut outcome = std::thread::scope(|scope| {
        let (sender, items) = mpsc::sync_channel::<Item>(AHEAD);
        scope.spawn(move || {
            let mut faults = sources.faults();
            // What cannot be read back was read a moment ago; the run ends early and says so.
            let _ = sources.read(&base, &mut faults, &mut |_, _, item| match sender.send(item) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            });
        });
        conduct(app, setup, async |engine| {
            let outcome = all(app, args, desk, engine, &items, checked).await;
            // The reader may be waiting to hand over more.
            drop(items);
            outcome
        })
    })?;
    let ended: usize = outcome.sums.values().map(|sum| sum.jobs).sum();
    outcome.unbegun = checked.jobs.saturating_sub(ended);
    outcome.ms = begun.elapsed().as_millis() as u64;
    Ok(outcome)
}

/// Lets the engine make one job after the other; answers also whether anything was left open.
async fn all(
    app: &App,
    args: &Args,
    desk: &mut Desk<'_>,
    engine: &Engine<'_>,
    items: &Receiver<Item>,
    checked: &Checked,
) -> (Outcome, bool) {
    let (mut outcome, mut left_open) = (Outcome::default(), false);
    let failed = Cell::new(false);
    let (places, order) = (RefCell::new(HashMap::new()), RefCell::new(InOrder::default()));
    let options = app.ui.options();
    let (json, lines) = (options.json, args.jsonl);
    let desk = RefCell::new(desk);
    let documents = RefCell::new(Vec::new());
    let next_jobs = |item: Item| -> Vec<Job> {
        // What failed the check never came here; what changed since then fails its own job.
        let ruling = desk.borrow_mut().rule(&item, &mut Vec::new());
        let Ok(ruling) = ruling else { return Vec::new() };
        if json || lines {
            for (skip, model) in &ruling.skips {
                let document = skipped(&item, *skip, model);
                if lines {
                    app.ui.json_line(&document);
                } else {
                    documents.borrow_mut().push((item.index, document));
                }
            }
        }
        for job in &ruling.jobs {
            let place = Place { line: item.line, id: item.id.clone() };
            places.borrow_mut().insert(job.index, place);
            order.borrow_mut().begin(job.index);
        }
        ruling.jobs
    };
    let goes_on = || engine.stop.level() == Level::Run && !(args.fail_fast && failed.get());
    let jobs = std::iter::from_fn(|| items.recv().ok().filter(|_| goes_on()))
        .flat_map(next_jobs)
        .take_while(|_| goes_on());
    let each = |report: JobReport| {
        let place = places.borrow_mut().remove(&report.index);
        left_open |= report.left_open;
        failed.set(failed.get() || report.exit != Exit::OK);
        if report.exit != Exit::OK && report.status != JobStatus::Interrupted {
            tell(app, &report, place.as_ref());
        }
        let paths = report
            .images
            .iter()
            .map(|image| desk.borrow().relative(std::path::Path::new(&image.path)));
        let ready = order.borrow_mut().end(report.index, paths.collect());
        if lines {
            app.ui.json_line(&document(&report, place.as_ref()));
        } else if json {
            let index = report.index;
            documents.borrow_mut().push((index, document(&report, place.as_ref())));
        } else {
            ready.iter().for_each(|path| app.ui.line(path));
        }
        outcome.add(&report);
    };
    engine.run_each(checked.jobs, checked.price.estimate, jobs, each).await;
    let mut documents = documents.into_inner();
    documents.sort_by_key(|(index, _)| *index);
    outcome.documents = documents.into_iter().map(|(_, document)| document).collect();
    outcome.interrupted = engine.stop.level() > Level::Run;
    (outcome, left_open)
}

impl Outcome {
    fn add(&mut self, report: &JobReport) {
        let word = match report.status {
            JobStatus::Done | JobStatus::Planned => "done",
            JobStatus::Cached => "from cache",
            JobStatus::Refused => "refused",
            JobStatus::Failed => "failed",
            JobStatus::Unknown => "unknown",
            JobStatus::Pending => "still running",
            JobStatus::Skipped | JobStatus::Interrupted => "interrupted",
        };
        let sum = self.sums.entry(word).or_default();
        sum.jobs += 1;
        self.images += report.images.len();
        if report.billed == "yes" {
            match report.cost.best() {
                Some(cost) => {
                    sum.cost = Some(sum.cost.unwrap_or_default() + cost);
                    self.spent = self.spent + cost;
                }
                None => self.unpriced += 1,
            }
            self.is_about |= report.cost.reported.is_none()
                && report.cost.certainty == crate::catalog::Certainty::About;
        }
        self.uncertain = self.uncertain + report.uncertain;
        if !self.exits.contains(&report.exit) {
            self.exits.push(report.exit);
        }
    }
}

/// A failure in a line, while the others go on.
fn tell(app: &App, report: &JobReport, place: Option<&Place>) {
    let Some(error) = &report.error else { return };
    let at = match place {
        Some(Place { id: Some(id), line }) => format!("{id} (line {line})"),
        Some(Place { id: None, line }) => format!("line {line}"),
        None => report.id.clone(),
    };
    app.ui.warn(&format!("{at}: {}", error.message));
}

/// A job as JSON, with its place in the file.
fn document(report: &JobReport, place: Option<&Place>) -> Value {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    if let (Some(fields), Some(place)) = (value.as_object_mut(), place) {
        fields.insert("line".to_owned(), json!(place.line));
        fields.insert("name".to_owned(), json!(place.id));
    }
    value
}

/// An image that is not made now, as JSON.
fn skipped(item: &Item, skip: Skip, model: &str) -> Value {
    json!({
        "status": "skipped",
        "reason": skip.word(),
        "prompt": item.request.prompt,
        "model": model,
        "images": [],
        "line": item.line,
        "name": item.id,
    })
}
