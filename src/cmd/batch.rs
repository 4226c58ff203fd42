//! `pinx batch`: many jobs from prompt files: all checked before anything is paid, and going on where
//! an earlier run of the same jobs stopped.

mod adopt;
mod adopted;
mod again;
mod args;
pub(super) mod check;
mod decision;
mod document;
mod files;
mod gallery;
mod history;
mod key;
mod next;
mod outcome;
pub(super) mod pictures;
mod plans;
mod prior;
mod recipes;
mod remarks;
mod report;
mod selector;
pub(super) mod sources;
mod spool;
mod standing;
mod targets;
mod verified;
mod view;
mod work;

use std::collections::BTreeMap;
use std::path::Path;

use super::generate::{self, allowed, consent};
use super::{App, claims, recover, refresh};
use crate::engine::session::RunContext;
use crate::engine::{RunBudget, run_id};
use crate::error::Exit;
use crate::page::Head;
use crate::store::Runs;
pub(crate) use args::{Args, LayoutArgs};
use check::check;
use gallery::{Gallery, Target};
use plans::Plans;
use prior::Prior;
use selector::Selector;
use sources::Sources;

/// Makes the images of the files.
///
/// # Errors
/// Whatever is wrong with the files, and whatever ends the run before its first job; failures of jobs
/// are in the exit code.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    refresh::apply(app);
    let app = &*app;
    if args.files.iter().any(|file| file == Path::new("-")) {
        args.common.pictures.leave_stdin(
            true,
            "write the jobs into a file: `pinx batch jobs.jsonl -i - < mug.png`",
        )?;
    }
    let sources = Sources::open(app, &args.files)?;
    let target = args.gallery.as_deref();
    let target =
        target.map(|path| Target::new(path, args.common.force, &args.files)).transpose()?;
    let mut vars = BTreeMap::new();
    for var in &args.common.vars {
        let (key, value) = generate::pair("--var", var)?;
        vars.insert(key.to_owned(), value.to_owned());
    }
    let run = run_id();
    let planner = app.planner(&run);
    let mut selector = Selector::new(app, args, &vars, (&planner, sources.directories()))?;
    let plans = args.common.dry_run && !args.sketch;
    selector.spool_results(app)?;
    let mut list = Plans::new(app, args)?;
    let measures = plans && list.has_columns();
    let mut checked = check(app, &sources, &mut selector, &mut |selector, seen| {
        if measures {
            list.measure(selector, &seen);
        }
    })?;
    if !plans && checked.faults.count() == 0 {
        selector.standings.prepare()?;
    }
    let claims = selector.standings.claims.is_some() && !plans;
    let was_killed = claims && !Runs(&app.settings.places.run).dead().is_empty();
    // What an earlier run was paid for is collected first; that costs nothing.
    let collects = !args.common.dry_run && checked.skips.contains_key(&Prior::Open);
    let collects = collects && checked.faults.count() == 0;
    if collects && recover::of_batch(app, &|key| selector.is_open(key))? > 0 {
        checked = check(app, &sources, &mut selector, &mut |_, _| {})?;
    }
    if was_killed {
        // Those of others are seen when their jobs are come to.
        let _ = claims::settle(app);
    }
    if checked.faults.count() > 0 {
        return Ok(report::faults(app, &run, &checked));
    }
    if let Some(doubt) = selector.history.doubt().filter(|_| checked.paid) {
        return Err(doubt.into());
    }
    checked.tell(app);
    app.ui.note(&checked.line());
    if checked.skips.contains_key(&Prior::Adopted) {
        app.ui.note("what is there already for these jobs is adopted: it is not paid for again");
        checked.renamed.iter().for_each(|renamed| app.ui.note(renamed));
    }
    let consent = consent(app, &checked.price, args.common.yes);
    if plans {
        // Nothing is listed before everything is known to be right.
        check(app, &sources, &mut selector, &mut |selector, seen| {
            list.add(&run, &sources, selector, &seen);
        })?;
        return Ok(list.finish(&run, &checked, consent));
    }
    let limit = allowed(app, &checked.price, consent?)?;
    if checked.skips.contains_key(&Prior::Adopted) {
        adopt::claim_existing(app, &run, &sources, &mut selector)?;
    }
    let budget = RunBudget::new(limit, app.settings.allow_unknown_cost);
    let expected = checked.jobs + checked.skips.values().sum::<usize>();
    let head = Head { title: sources.title(), expected, ..Head::default() };
    let gallery = target.map(|target| Gallery::begin(target, &head)).transpose()?;
    let context = RunContext {
        id: run.clone(),
        jobs: checked.jobs,
        paid: checked.paid,
        budget,
        since: Some(checked.since.clone()),
        blind: false,
        claims: selector.standings.claims.clone(),
        client: None,
    };
    let outcome =
        work::work(app, args, context, &sources, &mut selector, &checked, gallery.as_ref());
    let outcome = gallery::end(app, gallery, &run, outcome)?;
    checked.heed(&outcome);
    Ok(report::outcome(app, args, &run, &checked, outcome))
}
