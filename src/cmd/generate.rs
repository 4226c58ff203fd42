//! `pinx generate`: from flags to a plan, through consent and the engine, to paths on stdout.

mod flags;
mod tell;

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

pub use flags::Args;
use tell::{dry_run, tell};

use super::{App, interview, recover, refresh};
use crate::engine::consent::Consent;
use crate::engine::plan::Ask;
use crate::engine::recover::fold;
use crate::engine::{
    Document, Engine, Event, Level, Limits, Plan, Reuse, RunBudget, Stop, plan, run_id, stop,
};
use crate::error::{Error, Exit, Kind, Result};
use crate::request::{Format, Request};
use crate::store::{Journal, Output, Runs};
use crate::text;

/// Makes the images.
///
/// # Errors
/// Whatever ends the run before its first job; failures of jobs are in the exit code.
pub fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    refresh::apply(app);
    let output = where_to(app)?;
    let Some((prompt, answers)) = the_prompt(app, args)? else { return Ok(Exit::INTERRUPTED) };
    let mut ask = ask(app, args, prompt, output)?;
    let asked = answers.is_some();
    if let Some(answers) = answers {
        ask.models = list(&answers.model);
        ask.request.size = answers.size.or(ask.request.size);
        ask.request.style = answers.style.or(ask.request.style);
    }
    let run = run_id();
    let plan = plan::plan(&app.settings, &app.env, &run, &ask)?;
    for notice in &plan.notices {
        app.ui.note(notice);
    }
    let s = &app.settings;
    let unknown = s.allow_unknown_cost;
    let consent = plan.consent(s.budget_run, s.confirm_above, args.yes || asked, unknown);
    let consent = affordable(app, &plan).and(consent);
    if args.dry_run {
        return Ok(dry_run(app, args.force, &run, &plan, consent));
    }
    let limit = match consent? {
        Consent::Given(limit) => limit,
        Consent::Ask => {
            confirm(app, &plan)?;
            // A fallback must fit what was agreed to.
            plan.estimate.reserve.map(|agreed| agreed.max(s.confirm_above))
        }
    };
    let document = execute(app, args, &run, &plan, RunBudget::new(limit, unknown))?;
    Ok(tell(app, args, &ask.output, &document))
}

/// The plan of an ordinary run: which model paints without a word about it, and what that costs.
///
/// # Errors
/// What would stop such a run before anything is sent.
pub(super) fn ordinary(app: &App) -> Result<Plan> {
    let output = crate::store::Output::default();
    let ask = ask(app, &Args::default(), "a red fox".to_owned(), output)?;
    plan::plan(&app.settings, &app.env, &run_id(), &ask)
}

fn where_to(app: &App) -> Result<Output> {
    let output = crate::store::Output::parse(&app.settings.output, Path::is_dir);
    if output == Output::Stdout {
        let many = app.settings.count > 1 || app.settings.model.contains(',');
        let why = if app.ui.stdout_is_terminal() {
            "an image is not written to a terminal"
        } else if app.ui.options().json {
            "`--json` and the image cannot share stdout"
        } else if many {
            "stdout takes one image"
        } else {
            return Ok(output);
        };
        return Err(Error::usage(why).hint("pipe it (`pinx … -o - | …`) or name a file with `-o`"));
    }
    Ok(output)
}

/// The prompt: words, `@file`, `--prompt-file`, stdin, or an interview on a terminal.
fn the_prompt(app: &App, args: &Args) -> Result<Option<(String, Option<interview::Answers>)>> {
    let words = args.prompt.join(" ");
    let file = match (&args.prompt_file, words.strip_prefix('@')) {
        (Some(path), _) => Some(path.clone()),
        (None, Some(rest)) if !rest.starts_with('@') && args.prompt.len() == 1 => Some(rest.into()),
        _ => None,
    };
    let prompt = if let Some(path) = file {
        std::fs::read_to_string(&path).map_err(|error| {
            Error::usage(format!("the prompt file `{}` cannot be read: {error}", path.display()))
                .code("prompt_file")
                .hint("`@@` at the start of a prompt is a plain `@`")
        })?
    } else if !words.is_empty() {
        words.strip_prefix("@@").map(|rest| format!("@{rest}")).unwrap_or(words)
    } else if !app.ui.stdin_is_terminal() {
        let mut text = String::new();
        std::io::stdin().take(4 * 1024 * 1024).read_to_string(&mut text).map_err(|error| {
            Error::usage(format!("the prompt on stdin cannot be read: {error}"))
        })?;
        text
    } else {
        let Some(answers) = interview::interview(app)? else { return Ok(None) };
        return Ok(Some((answers.prompt.clone(), Some(answers))));
    };
    Ok(Some((fill(prompt.trim(), &args.vars)?, None)))
}

/// Fills `{key}` from `--var key=value`; a key without a value is an error.
fn fill(prompt: &str, vars: &[String]) -> Result<String> {
    if vars.is_empty() {
        return Ok(prompt.to_owned());
    }
    let mut known = std::collections::BTreeMap::new();
    for var in vars {
        let (key, value) = pair("--var", var)?;
        known.insert(key, value);
    }
    let mut out = String::new();
    let mut rest = prompt;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((key, behind)) = after.split_once('}') else { break };
        let value = known.get(key).ok_or_else(|| {
            let near = text::nearest(key, known.keys().copied());
            let near = near.map(|near| format!("did you mean `{{{near}}}`? ")).unwrap_or_default();
            Error::usage(format!(
                "the prompt asks for `{{{key}}}`, but no `--var {key}=…` is given"
            ))
            .code("unknown_variable")
            .hint(format!("{near}add `--var {key}=VALUE`"))
        })?;
        out.push_str(before);
        out.push_str(value);
        rest = behind;
    }
    Ok(out + rest)
}

fn pair<'a>(flag: &str, text: &'a str) -> Result<(&'a str, &'a str)> {
    text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
        Error::usage(format!("`{flag} {text}` has no `=`"))
            .hint(format!("write `{flag} KEY=VALUE`"))
    })
}

fn ask(app: &App, args: &Args, prompt: String, output: Output) -> Result<Ask> {
    let s = &app.settings;
    let mut params = std::collections::BTreeMap::new();
    for param in &args.params {
        let (key, value) = pair("--param", param)?;
        if ["n", "num_images", "max_images", "num_outputs"].contains(&key) {
            let what = format!("`{key}` would ask for several images in one paid request");
            return Err(
                Error::usage(what).hint(format!("`-n {value}` makes that many, one a request"))
            );
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        params.insert(key.to_owned(), value);
    }
    // A file's extension asks for that format, unless the flag does.
    let named = match &output {
        Output::File(path) => {
            path.extension().and_then(|e| e.to_str()).and_then(Format::of_extension)
        }
        _ => None,
    };
    if let (Some(named), Some(flag)) = (named, s.format.filter(|_| args.format.is_some()))
        && named != flag
    {
        return Err(Error::usage(format!(
            "the output file is {named}, but `--format` says {flag}"
        ))
        .hint("leave one of them out"));
    }
    let request = Request {
        prompt,
        negative: s.negative.clone(),
        size: s.asked_size(),
        aspect: s.aspect,
        quality: s.quality.clone(),
        format: s.format.filter(|_| args.format.is_some() || named.is_none()).or(named),
        seed: s.seed,
        style: s.style.clone(),
        colors: s.colors.clone(),
        background: s.background,
        label: args.label.clone(),
        params,
    };
    Ok(Ask {
        request,
        models: list(&s.model),
        prefer: s.prefer,
        balance: s.balance,
        count: s.count as usize,
        fallback: s.fallback.clone(),
        output,
        kept: s.places.kept.clone(),
        force: args.force,
        strict: s.strict,
        size: s.size,
        base_url: args.base_url.clone(),
        today: app.today(),
    })
}

/// Names separated by commas.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whether the plan fits the budgets that all commands share; the log is read only where there are
/// any.
fn affordable(app: &App, plan: &Plan) -> Result<()> {
    let caps = app.caps();
    if caps.is_empty() {
        return Ok(());
    }
    plan.affordable(&fold(&app.settings.places.log)?, &caps)
}

fn confirm(app: &App, plan: &Plan) -> Result<()> {
    let cost = match plan.estimate.expected {
        Some(_) => format!("about {}", plan.estimate.text().trim_start_matches('~')),
        None => "an unknown amount".to_owned(),
    };
    let many = match plan.jobs.len() - plan.cached.len() {
        1 => "This image costs".to_owned(),
        jobs => format!("These {jobs} images cost"),
    };
    let error = |why: &str| {
        Error::new(Kind::Budget, format!("{} {cost}, {why}", many.to_lowercase()))
            .code("consent_needed")
            .hint(match plan.estimate.expected {
                Some(_) => "agree with `--yes`, or set a limit that covers it with `--max-cost`",
                None => "agree with `--yes`",
            })
    };
    if !(app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal()) {
        return Err(error("and nobody is there to agree"));
    }
    if app.ui.confirm(&format!("{many} {cost}. Go on?"), false)? {
        Ok(())
    } else {
        Err(error("and you declined"))
    }
}

/// Runs the plan under the run's lock, with the journal open and signals heard.
fn execute(app: &App, args: &Args, run: &str, plan: &Plan, budget: RunBudget) -> Result<Document> {
    let places = &app.settings.places;
    let paid = plan.jobs.iter().flat_map(|job| &job.routes).any(|route| !route.is_local());
    let journal = match Journal::open(&places.log, app.caps()) {
        Ok(journal) => Some(journal),
        Err(error) if paid => return Err(error),
        Err(error) => {
            app.ui.warn(&format!("{error}; this picture is not logged"));
            None
        }
    };
    let runs = Runs(&places.run);
    // Runs that were killed with nothing open are no news.
    if recover::sweep(app).unwrap_or(true) {
        app.ui.note("something of an earlier run is still open: `pinx recover` collects it");
    }
    // Held until the end: `recover` takes it first, and so knows that a run is dead.
    let lock = match runs.begin(run) {
        Ok(lock) => Some(lock),
        Err(error) if paid => {
            return Err(Error::usage(format!(
                "`{}` cannot be written: {error}",
                places.run.display()
            ))
            .hint("set PINX_HOME to a writable directory"));
        }
        Err(_) => None,
    };
    let options = app.engine_options(args.force);
    let client = app.client();
    let progress = app.ui.progress(plan.jobs.len());
    // By job: a job may be sent twice, and may end without having been sent.
    let in_flight = RefCell::new(HashSet::new());
    let listen = |event: Event| {
        match &event {
            Event::Sent { job } => drop(in_flight.borrow_mut().insert(*job)),
            Event::Ended { job, .. } => drop(in_flight.borrow_mut().remove(job)),
            _ => {}
        }
        progress.on(&event);
    };
    let (sender, stop) = Stop::new();
    let engine = Engine {
        run: run.to_owned(),
        options: &options,
        transport: &client,
        journal: journal.as_ref(),
        limits: Limits::new(Some(&places.limits)),
        budget,
        reuse: Some(Reuse::new(app.cache())),
        stop,
        events: &listen,
    };
    let runtime = super::runtime()?;
    let document = runtime.block_on(async {
        let heard = |level| match level {
            Level::Now => listen(Event::Notice { job: None, text: "abandoned".to_owned() }),
            _ => listen(Event::Stopping { in_flight: in_flight.borrow().len() }),
        };
        tokio::select! {
            document = engine.run(plan) => document,
            () = stop::listen(sender, heard) => unreachable!("listening never ends"),
        }
    });
    progress.finish();
    let logged = journal.map_or(Ok(()), Journal::finish);
    if let Err(error) = &logged {
        let remedy = "what it did not take looks open, and `pinx recover` puts that in order";
        app.ui.warn(&format!("{error}; {remedy}"));
    }
    // What is left open is found by its lock file.
    if lock.is_some() && logged.is_ok() && !document.jobs.iter().any(|job| job.left_open) {
        runs.forget(run);
    }
    drop(lock);
    Ok(document)
}
