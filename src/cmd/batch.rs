//! `pinx batch`: many jobs from prompt files: all checked before anything is paid, and going on where
//! an earlier run of the same jobs stopped.

mod adopt;
mod again;
mod before;
pub(super) mod check;
mod desk;
mod files;
mod gallery;
mod key;
mod made;
mod ruling;
mod shown;
pub(super) mod sources;
mod standing;
mod targets;
mod tell;
mod work;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use super::generate::{self, Common, allowed, consent};
use super::{App, claims, recover, refresh};
use crate::engine::session::RunContext;
use crate::engine::{RunBudget, run_id};
use crate::error::Exit;
use crate::page::Head;
use crate::store::Runs;
use check::check;
use desk::Desk;
pub(super) use desk::fixed;
use gallery::{Gallery, Target};
use ruling::Skip;
use sources::Sources;

/// What `batch` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Read jobs from these files (.txt .jsonl .csv .tsv .yaml .json .toml), or JSONL from stdin (`-`)
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Make again what was refused or rejected before
    #[arg(long, help_heading = "Which jobs")]
    pub retry_failed: bool,
    /// Make again what was made before and whose file is gone
    #[arg(long, help_heading = "Which jobs")]
    pub redo_missing: bool,
    /// Take what is there under a job's name for its image, whatever it is
    #[arg(long, conflicts_with = "force", help_heading = "Which jobs")]
    pub adopt: bool,
    /// See only to this job: its name in the file, or its number; repeatable
    #[arg(long, value_name = "ID", help_heading = "Which jobs")]
    pub only: Vec<String>,
    /// Make so many images at most that are still to do
    #[arg(long, value_name = "N", help_heading = "Which jobs")]
    pub limit: Option<usize>,
    /// Claim each job in the output directory before it is paid for, so that other machines with a
    /// home of their own leave it alone; always so with `--shard`
    #[arg(long, help_heading = "Which jobs")]
    pub claim: bool,
    /// See only to the i-th of n equal parts, such as 1/3
    #[arg(long, value_name = "I/N", help_heading = "Which jobs")]
    pub shard: Option<Shard>,
    /// Begin nothing more after the first failure
    #[arg(long, help_heading = "Which jobs")]
    pub fail_fast: bool,
    /// With `--dry-run`: draw every picture with pinx/sketch, for nothing, under its own name
    #[arg(long, requires = "dry_run", help_heading = "Money")]
    pub sketch: bool,
    /// Print one JSON document a job on stdout, as each ends
    #[arg(long, conflicts_with = "json", help_heading = "Input and output")]
    pub jsonl: bool,
    /// Write a page of all images and failures of the batch, also of earlier runs (HTML)
    #[arg(long, value_name = "FILE", help_heading = "Input and output")]
    pub gallery: Option<PathBuf>,
    /// What every command takes that makes images.
    #[command(flatten)]
    pub common: Common,
}

/// One of so many equal parts of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from one.
    part: usize,
    of: usize,
}

impl Shard {
    /// Is an item, counted from zero, in this part?
    fn takes(self, index: usize) -> bool {
        index % self.of == self.part - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("`{text}` is not a part, such as `1/3`");
        let (part, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.trim().parse::<usize>().ok();
        match (number(part), number(of)) {
            (Some(part), Some(of)) if (1..=of).contains(&part) => Ok(Shard { part, of }),
            _ => Err(wrong()),
        }
    }
}

impl Args {
    /// The flags that are settings, by the settings' names.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        self.common.settings()
    }
}

/// Makes the images of the files.
///
/// # Errors
/// Whatever is wrong with the files, and whatever ends the run before its first job; failures of jobs
/// are in the exit code.
pub fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    refresh::apply(app);
    let app = &*app;
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
    let mut desk = Desk::new(app, args, &vars, &planner)?;
    let plans = args.common.dry_run && !args.sketch;
    desk.remember(app)?;
    let mut list = tell::Plans::new(app, args)?;
    let mut checked = check(app, &sources, &mut desk, &mut |_, _| {})?;
    if !plans && checked.faults.count() == 0 {
        desk.standings.prepare()?;
    }
    let claims = desk.standings.claims.is_some() && !plans;
    let was_killed = claims && !Runs(&app.settings.places.run).dead().is_empty();
    // What an earlier run was paid for is collected first; that costs nothing.
    let collects = !args.common.dry_run && checked.skips.contains_key(&Skip::Open);
    let collects = collects && checked.faults.count() == 0;
    if collects && recover::of_batch(app, &|key| desk.book.is_open(key))? > 0 {
        checked = check(app, &sources, &mut desk, &mut |_, _| {})?;
    }
    if was_killed {
        // Those of others are seen when their jobs are come to.
        let _ = claims::settle(app);
    }
    if checked.faults.count() > 0 {
        return Ok(tell::faults(app, &run, &checked));
    }
    if let Some(doubt) = desk.book.doubt().filter(|_| checked.paid) {
        return Err(doubt.into());
    }
    for notice in &checked.notices {
        app.ui.note(notice);
    }
    app.ui.note(&checked.line());
    if checked.skips.contains_key(&Skip::Adopted) {
        app.ui.note("what is there already for these jobs is adopted: it is not paid for again");
    }
    let consent = consent(app, &checked.price, args.common.yes);
    if plans {
        // Nothing is listed before everything is known to be right.
        check(app, &sources, &mut desk, &mut |desk, seen| list.add(&run, desk, seen))?;
        return Ok(list.finish(&run, &checked, consent));
    }
    let limit = allowed(app, &checked.price, consent?)?;
    if checked.skips.contains_key(&Skip::Adopted) {
        adopt::adopt(app, &run, &sources, &mut desk)?;
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
        claims: desk.standings.claims.clone(),
    };
    let outcome = work::work(app, args, context, &sources, &mut desk, &checked, gallery.as_ref());
    let outcome = gallery::end(app, gallery, &run, outcome)?;
    checked.heed(&outcome);
    Ok(tell::outcome(app, &run, &checked, outcome))
}
