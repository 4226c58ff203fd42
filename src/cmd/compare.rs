//! `pinx compare`: one prompt, or every prompt of a file, made by several models, or in several styles,
//! qualities or seeds; images, a contact sheet and a page side by side, and a verdict if somebody is
//! asked for one.
//!
//! It goes the way of `generate`: plan, consent, budgets, log, recovery. No model takes the place
//! of another. The log alone knows a comparison, so tables and pages are always made from it.
//!
//! A blind one shuffles the models of each prompt before anything is planned; ids, names and order
//! then say nothing, and the letters are the places in that order. What else could tell a model
//! (time, price, seed, what was adjusted, words of a provider, the recipe in the image) is held back.

mod directory;
mod entrants;
mod judge;
mod pages;
pub(super) mod record;
mod report;
mod rounds;
pub(super) mod verdict;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use jiff::Timestamp;

pub(super) use judge::judge;
pub(super) use pages::{draw, shown};
pub(super) use report::{document as round_documents, reveal, talk};

use super::batch::LayoutArgs;
use super::conduct::conduct;
use super::generate::{self, Common, allowed, consent};
use super::{App, refresh};
use crate::engine::session::RunContext;
use crate::engine::{Document, RunBudget, check_places, run_id};
use crate::error::{Error, Exit, Result};
use crate::store::Output;
use crate::store::log::ComparedModel;
use record::Comparison;
use rounds::Drafted;

/// What `compare` takes.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "pinx compare [OPTIONS] -m <MODEL,MODEL...> [PROMPT]...\n       \
                      pinx compare [OPTIONS] --style <ID,ID...> [PROMPT]...\n       \
                      pinx compare [OPTIONS] -m <MODEL,MODEL...> --batch <FILE>",
    mut_arg("model", |arg| arg
        .help("Name the models: `provider/model`, aliases, with commas")),
    mut_arg("style", |arg| arg.help("Paint in a style (`pinx styles`); several, with commas, are compared")),
    mut_arg("quality", |arg| arg.help("Ask for a quality; several, with commas, are compared")),
    mut_arg("seed", |arg| arg.help("Use a seed; several, with commas, are compared")),
    mut_arg("output", |arg| arg
        .value_name("DIR")
        .help("Put images and pages into this directory [default: compare-SLUG/]")),
    mut_arg("count", |arg| arg.help("Make so many images of each model [default: 1]")),
    mut_arg("balance", |arg| arg.hide(true)),
    mut_arg("fallback", |arg| arg.hide(true)),
    mut_arg("no_fallback", |arg| arg.hide(true)),
    after_help = "stdout has the images in the order of the models, then the contact sheet (not with \
                  `--batch`), then the page.\nA model that fails is shown as failed. \
                  `pinx vote` judges later, `pinx stats --ab` ranks."
)]
pub struct Args {
    /// Describe the picture; several words are joined, `@FILE` reads a file, `@@` is a plain `@`
    #[arg(value_name = "PROMPT")]
    pub prompt: Vec<String>,
    /// Compare with every prompt of this file (.txt .jsonl .csv .tsv .yaml .json .toml), repeatable
    #[arg(long, value_name = "FILE", conflicts_with_all = ["prompt", "prompt_file"], value_hint = ValueHint::FilePath)]
    pub batch: Vec<PathBuf>,
    /// Read the prompt from a file
    #[arg(long, value_name = "FILE", conflicts_with = "prompt", help_heading = "Input and output")]
    pub prompt_file: Option<PathBuf>,
    /// Hide which model is which (A, B, C) until a verdict is there
    #[arg(long, help_heading = "Judging")]
    pub blind: bool,
    /// Ask which is best when the images are made
    #[arg(long, help_heading = "Judging")]
    pub judge: bool,
    /// Open the page in the browser
    #[arg(long, help_heading = "Judging")]
    pub open: bool,
    /// Call it this besides, for `pinx stats --ab --tag`; repeatable
    #[arg(long = "tag", value_name = "TAG", help_heading = "Judging")]
    pub tags: Vec<String>,
    /// How files of other programs are read.
    #[command(flatten)]
    pub layout: LayoutArgs,
    /// What every command takes that makes images.
    #[command(flatten)]
    pub common: Common,
}

impl Args {
    /// The flags that are settings, by the settings' names.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        let mut flags = self.common.settings();
        // A list is no setting: each of its words is one entrant's.
        let is_list = |name: &str| entrants::takes_list(name) && self.common.picture.is_list(name);
        flags.retain(|(name, _)| name != "fallback" && !is_list(name));
        flags.push(("fallback".to_owned(), toml::Value::Array(Vec::new())));
        if self.blind {
            flags.retain(|(name, _)| name != "metadata");
            flags.push(("metadata".to_owned(), toml::Value::String("never".to_owned())));
        }
        flags
    }
}

/// Compares.
///
/// # Errors
/// Whatever ends the run before its first job; failures of jobs are in the exit code.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    refresh::apply(app);
    let app = &*app;
    possible(app, args)?;
    let run = run_id();
    let mut drafted = rounds::draft(app, args, &run)?;
    if let Some(faults) = drafted.faults() {
        let error = faults.warn(app);
        if app.ui.options().json {
            app.ui.json(&report::faulty(&run, &error, faults));
        }
        app.ui.error(&error);
        return Ok(error.exit());
    }
    drafted.notices(args.blind).iter().for_each(|notice| app.ui.note(notice));
    if args.blind {
        app.ui.note("a blind comparison keeps the pixels alone: content credentials are left out");
    }
    let plan = &drafted.plan;
    let price = plan.price();
    let consent = consent(app, &price, args.common.yes);
    if args.common.dry_run {
        return Ok(generate::dry_run(app, args.common.force, &run, plan, consent));
    }
    let limit = allowed(app, &price, consent?)?;
    check_places(&Output::default(), args.common.force, &plan.jobs)?;
    let budget = RunBudget::new(limit, app.settings.allow_unknown_cost);
    drafted.claim()?;
    let document = execute(app, args, &run, &drafted, budget).inspect_err(|_| drafted.leave())?;
    let exit = finish(app, args, &document, drafted.began);
    drafted.leave();
    Ok(exit)
}

/// Draws, tells and judges. The images are made: whatever fails now, they are told.
fn finish(app: &App, args: &Args, document: &Document, began: Timestamp) -> Exit {
    let mut exit = document.exit();
    let mut failed = |error: &Error| {
        app.ui.error(error);
        exit = exit.max(error.exit());
    };
    let run = document.run.as_deref().unwrap_or_default();
    let held = Comparison::lock(app, run).inspect_err(&mut failed);
    let mut comparison = Comparison::of(app, run, began).inspect_err(&mut failed).ok();
    if let (Ok(_), Some(comparison)) = (&held, &mut comparison) {
        let _told = pages::draw(app, comparison, args.common.force).inspect_err(&mut failed);
    }
    drop(held);
    report::paths(app, document, comparison.as_ref());
    if let Some(comparison) = &mut comparison {
        report::outcome(app, args, comparison, document);
        if args.judge && document.exit() != Exit::INTERRUPTED {
            let all: Vec<usize> = (0..comparison.rounds.len()).collect();
            match judge(app, comparison, &all) {
                Ok(true) => exit = Exit::INTERRUPTED,
                Ok(false) => {}
                Err(error) => failed(&error),
            }
        }
    }
    if app.ui.options().json {
        app.ui.json(&report::whole(document, comparison.as_ref(), args.blind));
    }
    exit
}

/// What would make the comparison pointless is an error before anything is planned.
fn possible(app: &App, args: &Args) -> Result<()> {
    let pictures = &args.common.pictures;
    match args.batch.iter().any(|file| file == Path::new("-")) {
        _ if args.batch.is_empty() => {
            pictures.leave_prompt(&args.prompt, args.prompt_file.as_deref())?;
        }
        is_taken => pictures.leave_stdin(is_taken, "write the prompts into a file")?,
    }
    if args.common.fallback.is_some() {
        return Err(Error::usage("a comparison replaces no model by another")
            .hint("leave `--fallback` out; name the other model with `-m`"));
    }
    if args.judge && !(app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal()) {
        return Err(Error::usage("`--judge` asks, and there is no terminal")
            .hint("leave it out; `pinx vote` judges later"));
    }
    Ok(())
}

/// What tells each job from others of its model: `noir`, `seed-2`; nothing where only models differ, and
/// nothing of what is hidden.
fn names(drafted: &Drafted) -> Vec<String> {
    let contests = drafted.heads.iter().filter_map(|head| head.contest.as_deref());
    let entrants = contests.filter(|contest| !contest.blind).flat_map(|it| &it.entrants);
    let of_job = |id: &String, entrant: &ComparedModel| {
        let own = entrant.name.strip_prefix(&entrant.model).unwrap_or(&entrant.name);
        (id.clone(), own.trim_start_matches('+').to_owned())
    };
    let named = entrants.flat_map(|it| it.jobs.iter().map(move |id| of_job(id, it)));
    let named: HashMap<String, String> = named.collect();
    let jobs = drafted.plan.jobs.iter();
    jobs.map(|job| named.get(&job.id).cloned().unwrap_or_default()).collect()
}

/// Tells the log what is compared, and makes the images.
fn execute(
    app: &App,
    args: &Args,
    run: &str,
    drafted: &Drafted,
    budget: RunBudget,
) -> Result<Document> {
    // What is not in the log could be neither drawn nor judged, whatever it costs.
    let jobs = drafted.plan.jobs.len();
    let blind = args.blind;
    let context = RunContext {
        id: run.to_owned(),
        jobs,
        paid: true,
        budget,
        since: None,
        blind,
        claims: None,
        client: None,
    };
    conduct(app, context, names(drafted), async |run| {
        if let Some(log) = &run.engine.log {
            drafted.heads.iter().for_each(|head| log.append(head));
        }
        let document = run.run(&drafted.plan).await;
        let left_open = document.jobs.iter().any(|job| job.left_open);
        (document, left_open)
    })
}
