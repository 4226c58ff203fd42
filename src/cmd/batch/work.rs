//! The run: items are read while the engine works, and what has ended is told in the order in which
//! it stands in the files.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver};
use std::time::Instant;

use serde_json::Value;

use super::again;
use super::args::Args;
use super::check::Checked;
use super::decision::Decision;
use super::document::{document, skipped};
use super::gallery::Gallery;
use super::outcome::{Outcome, Position};
use super::prior::Prior;
use super::selector::Selector;
use super::sources::Sources;
use super::spool::Documents;
use super::view;
use crate::batch::Item;
use crate::cmd::App;
use crate::cmd::conduct::conduct;
use crate::engine::report::{JobReport, JobStatus};
use crate::engine::session::RunContext;
use crate::engine::{CLAIMED, Job, Level, Run};
use crate::error::{Error, Exit, Kind, Result};
use crate::page::Entry;

/// Items that are read ahead.
const AHEAD: usize = 64;

/// What is shown of an image that has ended.
#[derive(Default)]
struct Ended {
    paths: Vec<String>,
    /// For the gallery.
    entries: Vec<Entry>,
    /// For the document.
    document: Option<Value>,
}

/// Images are shown in the order of the files, as soon as everything before them has ended.
#[derive(Default)]
struct InOrder {
    begun: VecDeque<usize>,
    ended: HashMap<usize, Ended>,
}

impl InOrder {
    fn begin_all(&mut self, decision: &Decision) {
        let jobs = decision.jobs.iter().map(|job| job.index);
        let mut all: Vec<usize> =
            jobs.chain(decision.skips.iter().map(|skip| skip.index)).collect();
        all.sort_unstable();
        self.begun.extend(all);
    }

    /// What can be shown now that a job has ended.
    fn end(&mut self, job: usize, ended: Ended) -> Vec<Ended> {
        self.ended.insert(job, ended);
        let mut ready = Vec::new();
        while let Some(ended) = self.begun.front().and_then(|job| self.ended.remove(job)) {
            self.begun.pop_front();
            ready.push(ended);
        }
        ready
    }

    /// What has ended although something before it never did.
    fn rest(mut self) -> Vec<Ended> {
        let begun = std::mem::take(&mut self.begun);
        begun.iter().filter_map(|job| self.ended.remove(job)).collect()
    }
}

/// What is to be done.
struct Inputs<'a> {
    sources: &'a Sources,
    items: &'a Receiver<Item>,
    checked: &'a Checked,
}

/// What is made of the jobs besides their images.
struct Outputs<'a> {
    gallery: Option<&'a Gallery>,
    documents: Option<Documents>,
}

/// Makes the images.
///
/// # Errors
/// What must be there before anything is paid for is not.
pub(super) fn work(
    app: &App,
    args: &Args,
    context: RunContext,
    sources: &Sources,
    selector: &mut Selector<'_>,
    checked: &Checked,
    gallery: Option<&Gallery>,
) -> Result<Outcome> {
    let (begun, id) = (Instant::now(), context.id.clone());
    let documents = Documents::wanted(app)?;
    let outputs = Outputs { gallery, documents };
    let base = selector.base.clone();
    selector.run();
    let mut outcome = std::thread::scope(|scope| {
        let (sender, items) = mpsc::sync_channel::<Item>(AHEAD);
        let reader = scope.spawn(move || {
            let mut faults = sources.faults();
            sources.read(&base, &mut faults, &mut |_, _, item| match sender.send(item) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        });
        let mut outcome = conduct(app, context, Vec::new(), async |run| {
            let inputs = Inputs { sources, items: &items, checked };
            let outcome = all(app, args, selector, run, inputs, outputs).await;
            // The reader may be waiting to hand over more.
            drop(items);
            outcome
        })?;
        // What cannot be read back was read a moment ago: it is the disk's fault, not the file's.
        if let Ok(Err(error)) = reader.join() {
            outcome.trouble = Some(Error { kind: Kind::Local, ..error });
        }
        Ok(outcome)
    })?;
    let ended: usize = outcome.sums.values().map(|sum| sum.jobs).sum();
    outcome.unbegun = checked.jobs.saturating_sub(ended + outcome.collided);
    if !outcome.elsewhere.is_empty()
        && let Err(error) = again::look(app, args, &id, sources, selector, gallery, &mut outcome)
    {
        // What this run has made is told all the same.
        outcome.trouble.get_or_insert(error);
    }
    outcome.ms = begun.elapsed().as_millis() as u64;
    Ok(outcome)
}

/// Lets the engine make one job after the other; answers also whether anything was left open.
async fn all(
    app: &App,
    args: &Args,
    selector: &mut Selector<'_>,
    run: &Run,
    Inputs { sources, items, checked }: Inputs<'_>,
    Outputs { gallery, documents }: Outputs<'_>,
) -> (Outcome, bool) {
    let documents = RefCell::new(documents);
    let (mut outcome, mut left_open) = (Outcome::default(), false);
    let (failed, trouble) = (Cell::new(false), RefCell::new(None));
    let (elsewhere, queue) = (RefCell::new(BTreeSet::new()), RefCell::new(VecDeque::new()));
    let (places, order) = (RefCell::new(HashMap::new()), RefCell::new(InOrder::default()));
    let options = app.ui.options();
    let (json, lines) = (options.json, args.jsonl);
    let selector = RefCell::new(selector);
    let show = |ready: Vec<Ended>, documents: &mut Option<Documents>| {
        for ended in ready {
            if let (Some(all), Some(one)) = (documents.as_mut(), &ended.document)
                && let Err(error) = all.add(one)
            {
                app.ui.warn(&format!("the document cannot be kept until its end: {error}"));
                *documents = None;
            }
            if !json && !lines {
                ended.paths.iter().for_each(|path| app.ui.saved(path));
            }
            if let Some(gallery) = gallery {
                ended.entries.into_iter().for_each(|entry| gallery.add(entry));
            }
        }
    };
    // A line of what has ended is printed at once; the rest is shown in its turn.
    let end = |job: usize, ended: Ended| {
        if let Some(document) = ended.document.as_ref().filter(|_| lines) {
            app.ui.json_line(document);
        }
        let ready = order.borrow_mut().end(job, ended);
        show(ready, &mut documents.borrow_mut());
    };
    let next_jobs = |mut item: Item| -> Vec<Job> {
        // What failed the check never came here; what changed since then fails its own job.
        let decision = match selector.borrow_mut().decide(&mut item, &mut Vec::new()) {
            Ok(decision) => decision,
            Err(error) => {
                app.ui.warn(&format!("{}: {error}", Position::of(&item, sources)));
                trouble.borrow_mut().get_or_insert(error);
                return Vec::new();
            }
        };
        for job in &decision.jobs {
            let place = Position::of(&item, sources);
            app.ui.set_place(job.index, Some(place.to_string()));
            places.borrow_mut().insert(job.index, place);
        }
        order.borrow_mut().begin_all(&decision);
        for skip in decision.skips {
            if skip.why == Prior::Elsewhere {
                elsewhere.borrow_mut().insert(skip.index);
                end(skip.index, Ended::default());
                continue;
            }
            let known = selector.borrow_mut().known(skip.key);
            let images =
                known.iter().filter(|_| skip.why.has_image()).flat_map(|known| &known.images);
            let paths = images.map(|image| selector.borrow().relative(&image.path)).collect();
            let place = || Position::of(&item, sources);
            let document = (json || lines).then(|| skipped(&place(), &item, &skip, known.as_ref()));
            let entries = match gallery {
                Some(_) => view::skipped(&item, &skip, known),
                None => Vec::new(),
            };
            end(skip.index, Ended { paths, entries, document });
        }
        decision.jobs
    };
    let goes_on = || {
        let is_stopped = run.stop.level() > Level::Running || run.halts.nowhere().is_some();
        !(is_stopped || args.fail_fast && failed.get())
    };
    let jobs = std::iter::from_fn(|| {
        while goes_on() {
            let next = queue.borrow_mut().pop_front();
            if next.is_some() {
                return next;
            }
            let jobs = next_jobs(items.recv().ok()?);
            queue.borrow_mut().extend(jobs);
        }
        None
    });
    let mut told = HashSet::new();
    let each = |report: JobReport| {
        let place = places.borrow_mut().remove(&report.index);
        app.ui.set_place(report.index, None);
        left_open |= report.left_open;
        if report.error.as_ref().is_some_and(|error| error.code == CLAIMED) {
            elsewhere.borrow_mut().insert(report.index);
            outcome.collided += 1;
            return end(report.index, Ended::default());
        }
        failed.set(failed.get() || report.exit != Exit::OK);
        if is_worth_a_line(&report, &mut told) {
            report_failure(app, &report, place.as_ref());
        }
        let paths = report
            .images
            .iter()
            .map(|image| selector.borrow().relative(std::path::Path::new(&image.path)));
        let entries = match gallery {
            Some(_) => view::report(&report, place.as_ref(), args.sketch),
            None => Vec::new(),
        };
        let document = (json || lines).then(|| document(&report, place.as_ref()));
        end(report.index, Ended { paths: paths.collect(), entries, document });
        outcome.add(&report);
    };
    run.run_each(checked.jobs, checked.price.estimate, jobs, each).await;
    // What was not begun stands in the document all the same.
    let unbegun = || loop {
        let next = queue.borrow_mut().pop_front();
        if next.is_some() {
            return next;
        }
        let jobs = next_jobs(items.recv().ok()?);
        queue.borrow_mut().extend(jobs);
    };
    while (json || lines)
        && let Some(job) = unbegun()
    {
        let place = places.borrow_mut().remove(&job.index);
        let report = job.unbegun(run.halts.nowhere());
        let document = Some(document(&report, place.as_ref()));
        end(job.index, Ended { document, ..Ended::default() });
    }
    let mut documents = documents.into_inner();
    show(order.into_inner().rest(), &mut documents);
    outcome.documents = documents;
    outcome.elsewhere = elsewhere.into_inner();
    outcome.trouble = trouble.into_inner();
    outcome.overrun = run.budget.overrun();
    outcome.interrupted = run.stop.level() > Level::Running;
    (outcome, left_open)
}

/// Whether a failure is to be told. What fails for every job alike is told once, and what was not
/// begun with what stopped it.
fn is_worth_a_line(report: &JobReport, told: &mut HashSet<(String, String)>) -> bool {
    let is_told = matches!(report.status, JobStatus::Interrupted | JobStatus::Unbegun);
    if report.exit == Exit::OK || is_told {
        return false;
    }
    let of_all = [Kind::Account, Kind::Permission, Kind::MissingModel, Kind::NotSent];
    match (&report.error, report.kind) {
        (Some(error), Some(kind)) if of_all.contains(&kind) || error.code == "wrong_address" => {
            told.insert((error.code.clone(), error.message.clone()))
        }
        _ => true,
    }
}

/// A failure in a line, while the others go on; where its bytes are, or what to do, with it.
fn report_failure(app: &App, report: &JobReport, place: Option<&Position>) {
    let Some(error) = &report.error else { return };
    let is_all = [Exit::LOCAL, Exit::BUDGET, Exit::KEY].contains(&report.exit);
    let hint = match &error.hint {
        Some(hint) if is_all => format!("; {hint}"),
        _ => String::new(),
    };
    let at = place.map_or_else(|| report.id.clone(), Position::to_string);
    let answered = error.answered.as_ref().map(|said| format!(" ({said})")).unwrap_or_default();
    app.ui.warn(&format!("{at}: {}{answered}{hint}", error.message));
}
