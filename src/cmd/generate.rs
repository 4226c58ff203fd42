//! `pinx generate`: from flags to a plan, through consent and the engine, to paths on stdout.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap_complete::engine::ArgValueCompleter;
use serde_json::Value;

use super::{App, completions, interview};
use crate::engine::plan::{Ask, Consent};
use crate::engine::report::{JobReport, JobStatus};
use crate::engine::{
    Document, Engine, Event, Level, Limits, Plan, RunBudget, Stop, plan, run_id, stop,
};
use crate::error::{Error, Exit, Kind, Result};
use crate::request::{Format, Request};
use crate::store::{Journal, Output};
use crate::{fs, settings, text, ui};

/// What `generate` takes. Long names are the settings' names.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Describe the picture; several words are joined, `@FILE` reads a file, `@@` is a plain `@`
    #[arg(value_name = "PROMPT")]
    pub prompt: Vec<String>,
    /// Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]
    #[arg(short, long, value_name = "MODEL", add = ArgValueCompleter::new(completions::models))]
    pub model: Option<String>,
    /// Save as a file, into a directory (ends in `/`), by a template (`{slug}-{n}.{ext}`) or to
    /// stdout (`-`) [default: .]
    #[arg(short, long, value_name = "WHERE")]
    pub output: Option<String>,
    /// Make so many images [default: 1]
    #[arg(short = 'n', long, value_name = "N")]
    pub count: Option<String>,
    /// Ask for a size in pixels [default: 1024x1024]
    #[arg(short, long, value_name = "WxH")]
    pub size: Option<String>,
    /// Ask for a ratio instead, such as 16:9
    #[arg(short, long, value_name = "W:H", conflicts_with = "size")]
    pub aspect: Option<String>,
    /// Ask for a quality in the model's own word [default: medium, where there is one]
    #[arg(long, value_name = "WORD")]
    pub quality: Option<String>,
    /// Ask for png, jpeg, webp, gif, avif or svg [default: the model's own]
    #[arg(short, long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Choose a style of `pinx styles`
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(completions::styles))]
    pub style: Option<String>,
    /// Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`
    #[arg(long, value_name = "COLOURS", add = ArgValueCompleter::new(completions::palettes))]
    pub colors: Option<String>,
    /// Say what should not be seen
    #[arg(long, value_name = "TEXT")]
    pub negative: Option<String>,
    /// Repeat a picture on models that honour it [default: random]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<String>,
    /// Ask for a background: transparent, opaque or auto
    #[arg(long, value_name = "KIND")]
    pub background: Option<String>,
    /// Set words in type over the picture (pinx/sketch only)
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,

    /// Let `auto` choose the cheap, fast or best one
    #[arg(long, value_name = "HOW", help_heading = "Choosing")]
    pub prefer: Option<String>,
    /// Fall back to these models [default: the same model elsewhere]
    #[arg(long, value_name = "MODELS", help_heading = "Choosing", add = ArgValueCompleter::new(completions::models))]
    pub fallback: Option<String>,
    /// Fall back to nothing
    #[arg(long, conflicts_with = "fallback", help_heading = "Choosing")]
    pub no_fallback: bool,
    /// Refuse to adjust what the model cannot do exactly
    #[arg(long, help_heading = "Choosing")]
    pub strict: bool,
    /// Pass a field to the provider as it is (JSON or text), repeatable
    #[arg(short = 'P', long = "param", value_name = "KEY=VALUE", help_heading = "Choosing")]
    pub params: Vec<String>,
    /// Send to this address instead of the provider's own
    #[arg(long, value_name = "URL", help_heading = "Choosing")]
    pub base_url: Option<String>,

    /// Refuse to spend more than so many dollars in this run
    #[arg(long, value_name = "USD", help_heading = "Money")]
    pub max_cost: Option<String>,
    /// Send requests of unknown price although there is a limit
    #[arg(long, help_heading = "Money")]
    pub allow_unknown_cost: bool,
    /// Agree to the estimate without being asked
    #[arg(short, long, help_heading = "Money")]
    pub yes: bool,
    /// Show the plan and its price, send nothing
    #[arg(long, help_heading = "Money")]
    pub dry_run: bool,

    /// Read the prompt from a file
    #[arg(long, value_name = "FILE", conflicts_with = "prompt", help_heading = "Input and output")]
    pub prompt_file: Option<PathBuf>,
    /// Fill `{KEY}` in the prompt, repeatable
    #[arg(long = "var", value_name = "KEY=VALUE", help_heading = "Input and output")]
    pub vars: Vec<String>,
    /// Replace existing files
    #[arg(long, help_heading = "Input and output")]
    pub force: bool,
    /// Leave the recipe out of the image
    #[arg(long, help_heading = "Input and output")]
    pub no_metadata: bool,
    /// Show the picture in the terminal: auto, on or off [default: auto]
    #[arg(long, value_name = "WHEN", help_heading = "Input and output")]
    pub preview: Option<String>,
    /// Open the picture in the viewer
    #[arg(long, help_heading = "Input and output")]
    pub open: bool,

    /// Run so many jobs at once [default: 4]
    #[arg(short = 'j', long, value_name = "N", help_heading = "Patience")]
    pub concurrency: Option<String>,
    /// Give up on a request after this long [default: 5m, 10m for slow work]
    #[arg(long, value_name = "TIME", help_heading = "Patience")]
    pub timeout: Option<String>,
    /// Start no new attempt after this long [default: 15m]
    #[arg(long, value_name = "TIME", help_heading = "Patience")]
    pub deadline: Option<String>,
    /// Repeat a request that cost nothing so often [default: 2]
    #[arg(long, value_name = "N", help_heading = "Patience")]
    pub retries: Option<String>,
    /// Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`
    #[arg(long, help_heading = "Patience")]
    pub cancel_on_interrupt: bool,
}

impl Args {
    /// The flags that are settings, by the settings' names.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        let texts = [
            ("model", &self.model),
            ("output", &self.output),
            ("count", &self.count),
            ("size", &self.size),
            ("aspect", &self.aspect),
            ("quality", &self.quality),
            ("format", &self.format),
            ("style", &self.style),
            ("colors", &self.colors),
            ("negative", &self.negative),
            ("seed", &self.seed),
            ("background", &self.background),
            ("prefer", &self.prefer),
            ("fallback", &self.fallback),
            ("max_cost", &self.max_cost),
            ("preview", &self.preview),
            ("concurrency", &self.concurrency),
            ("timeout", &self.timeout),
            ("deadline", &self.deadline),
            ("retries", &self.retries),
        ];
        let switches = [
            ("strict", self.strict),
            ("allow_unknown_cost", self.allow_unknown_cost),
            ("cancel_on_interrupt", self.cancel_on_interrupt),
        ];
        let mut flags: Vec<(String, toml::Value)> = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), toml::Value::String(text.clone()?))))
            .collect();
        let on = switches.into_iter().filter(|(_, on)| *on);
        flags.extend(on.map(|(name, _)| (name.to_owned(), toml::Value::Boolean(true))));
        if self.no_fallback {
            flags.push(("fallback".to_owned(), toml::Value::Array(Vec::new())));
        }
        if self.no_metadata {
            flags.push(("metadata".to_owned(), toml::Value::String("never".to_owned())));
        }
        flags
    }

    /// The preview that the flag asks for; the setting is not read yet when the terminal is set up.
    pub(crate) fn preview(&self) -> ui::Preview {
        match self.preview.as_deref() {
            Some("on") => ui::Preview::On,
            Some("off") => ui::Preview::Off,
            _ => ui::Preview::Auto,
        }
    }
}

/// Makes the images.
///
/// # Errors
/// Whatever ends the run before its first job; failures of jobs are in the exit code.
pub fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let output = where_to(app, args)?;
    let Some((prompt, answers)) = the_prompt(app, args)? else { return Ok(Exit::INTERRUPTED) };
    let mut ask = ask(app, args, prompt, output)?;
    let asked = answers.is_some();
    if let Some(answers) = answers {
        ask.models = vec![answers.model];
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
    if args.dry_run {
        return Ok(dry_run(app, &run, &plan, consent));
    }
    let limit = match consent? {
        Consent::Given(limit) => limit,
        Consent::Ask => {
            confirm(app, &plan)?;
            None
        }
    };
    let document = execute(app, args, &run, &plan, RunBudget::new(limit, unknown))?;
    Ok(tell(app, args, &ask.output, &document))
}

fn where_to(app: &App, args: &Args) -> Result<Output> {
    let output = crate::store::Output::parse(&app.settings.output, Path::is_dir);
    if output == Output::Stdout {
        let many = app.settings.count > 1 || app.settings.model.contains(',');
        let why = if app.ui.stdout_is_terminal() {
            "an image is not written to a terminal"
        } else if args_json(app) {
            "`--json` and the image cannot share stdout"
        } else if many {
            "stdout takes one image"
        } else {
            return Ok(output);
        };
        return Err(Error::usage(why).hint("pipe it (`pinx … -o - | …`) or name a file with `-o`"));
    }
    let _ = args;
    Ok(output)
}

fn args_json(app: &App) -> bool {
    app.ui.options().json
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
    let list = |text: &str| {
        text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    Ok(Ask {
        request,
        models: list(&s.model),
        prefer: s.prefer,
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

fn confirm(app: &App, plan: &Plan) -> Result<()> {
    let cost = match plan.estimate.expected {
        Some(_) => format!("about {}", plan.estimate.text()),
        None => "an unknown amount".to_owned(),
    };
    let many = match plan.jobs.len() {
        1 => "This image costs".to_owned(),
        jobs => format!("These {jobs} images cost"),
    };
    let error = |why: &str| {
        Error::new(Kind::Budget, format!("{} {cost}, {why}", many.to_lowercase()))
            .code("consent_needed")
            .hint("agree with `--yes`, or set a limit that covers it with `--max-cost`")
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
    let journal = match Journal::open(&places.log) {
        Ok(journal) => Some(journal),
        Err(error) if paid => return Err(error),
        Err(error) => {
            app.ui.warn(&format!("{error}; this picture is not logged"));
            None
        }
    };
    // Held until the end: `recover` takes it first, and so knows that a run is dead.
    let lock_path = places.run.join(format!("{run}.lock"));
    let lock = match fs::create_private_dir(&places.run).and_then(|()| fs::try_lock(&lock_path)) {
        Ok(lock) => lock,
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
    let in_flight = std::cell::Cell::new(0usize);
    let listen = |event: Event| {
        match &event {
            Event::Sent { .. } => in_flight.set(in_flight.get() + 1),
            Event::Ended { .. } => in_flight.set(in_flight.get().saturating_sub(1)),
            _ => {}
        }
        progress.on(&event);
    };
    let (sender, stop) = Stop::new();
    let engine = Engine {
        run,
        options: &options,
        transport: &client,
        journal: journal.as_ref(),
        limits: Limits::default(),
        budget,
        stop,
        events: &listen,
    };
    let runtime = super::runtime()?;
    let document = runtime.block_on(async {
        let heard = |level| match level {
            Level::Now => listen(Event::Notice { job: None, text: "abandoned".to_owned() }),
            _ => listen(Event::Stopping { in_flight: in_flight.get() }),
        };
        tokio::select! {
            document = engine.run(plan) => document,
            () = stop::listen(sender, heard) => unreachable!("listening never ends"),
        }
    });
    progress.finish();
    drop(journal);
    if lock.is_some() {
        drop(lock);
        let _ = fs::remove(&lock_path);
    }
    Ok(document)
}

fn dry_run(app: &App, run: &str, plan: &Plan, consent: Result<Consent>) -> Exit {
    let mut document = Document::of_jobs(Some(run.to_owned()), plan.planned(), 0);
    document.totals.cost = plan.estimate.expected;
    let refusal = consent.err();
    document.error = refusal.as_ref().map(Into::into);
    if app.ui.options().json {
        app.ui.json(&document);
    } else {
        for job in &plan.jobs {
            let route = &job.routes[0];
            let size = route.order.size.map(|size| size.to_string()).unwrap_or_default();
            let path = job.shown(&crate::store::candidate(&job.wish, job.offset));
            let cost = route.estimate.text();
            app.ui.line(&format!("{path}\t{}\t{size}\t{cost}", route.model_id()));
        }
        let jobs = plan.jobs.len();
        let images = if jobs == 1 { "image" } else { "images" };
        app.ui.note(&format!("{jobs} {images} · {} · nothing was sent", plan.estimate.text()));
    }
    if let Some(error) = refusal {
        app.ui.error(&error);
        return error.exit();
    }
    Exit::OK
}

/// Prints what came of it and answers with the exit code.
fn tell(app: &App, args: &Args, output: &Output, document: &Document) -> Exit {
    let ui = &app.ui;
    let images = || document.jobs.iter().flat_map(|job| &job.images);
    let mut exit = document.exit();
    if ui.options().json {
        ui.json(document);
    } else if *output == Output::Stdout {
        for image in images() {
            let path = Path::new(&image.path);
            let written = std::fs::read(path).and_then(|bytes| ui.bytes(&bytes));
            match written {
                Ok(()) => drop(fs::remove(path)),
                Err(error) => {
                    ui.warn(&format!(
                        "the image could not be written to stdout ({error}); it is kept in {}",
                        path.display()
                    ));
                    if error.kind() != std::io::ErrorKind::BrokenPipe {
                        exit = Exit::LOCAL;
                    }
                }
            }
        }
    } else {
        images().for_each(|image| ui.line(&image.shown));
    }
    let mut told: Vec<(&str, &str)> = Vec::new();
    for job in &document.jobs {
        for adjustment in job
            .adjustments
            .iter()
            .filter(|a| a.why.starts_with("the image") || a.why.starts_with("the provider"))
        {
            ui.note(&format!(
                "{} {} → {}: {}",
                adjustment.field, adjustment.asked, adjustment.got, adjustment.why
            ));
        }
        if let Some(failure) = &job.error
            && !told.contains(&(failure.code.as_str(), failure.message.as_str()))
        {
            told.push((&failure.code, &failure.message));
            ui.error(&as_error(job));
        }
    }
    if *output != Output::Stdout {
        show(app, args, document);
    }
    ui.note(&ui::closing(document));
    exit
}

fn as_error(job: &JobReport) -> Error {
    let failure = job.error.clone().unwrap_or_else(|| unreachable!("only failed jobs are told"));
    let kind = match job.status {
        JobStatus::Interrupted => Kind::Interrupted,
        _ => Kind::Internal,
    };
    let mut error = Error::new(kind, failure.message).code(failure.code);
    error.hints = failure
        .hint
        .into_iter()
        .flat_map(|hint| hint.split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    error
}

fn show(app: &App, args: &Args, document: &Document) {
    for image in document.jobs.iter().flat_map(|job| &job.images) {
        if app.settings.preview != settings::Preview::Off
            && let Ok(bytes) = std::fs::read(&image.path)
        {
            app.ui.preview(&bytes);
        }
        if args.open
            && let Err(error) = open::that_detached(&image.path)
        {
            app.ui.warn(&format!("no viewer could be started: {error}"));
        }
    }
}
