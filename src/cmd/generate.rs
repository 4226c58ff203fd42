//! `pinx generate`: from flags to a plan, through consent and the engine, to paths on stdout.

mod again;
mod flags;
mod picture;
mod report;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use serde_json::Value;

pub(crate) use flags::{Args, Common};
use report::report;
pub(super) use report::{asks, dry_run, number};

use super::conduct::conduct;
use super::{App, foreign, inputs, interview, refresh};
use crate::catalog::{Model, State};
use crate::engine::consent::{Consent, Price};
use crate::engine::session::RunContext;
use crate::engine::{Document, Plan, RunBudget, RunSpec, plan, run_id};
use crate::error::{Error, Exit, Result};
use crate::money::Money;
use crate::request::{Format, Request, keyless};
use crate::settings::{Origin, Preview};
use crate::store::log::budgets;
use crate::store::{Client, Output};
use crate::ui::Ui;
use crate::{fs, text};

/// Makes the images.
///
/// # Errors
/// Whatever ends the run before its first job; failures of jobs are in the exit code.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    refresh::apply(app);
    where_to(app)?;
    match the_prompt(app, args)? {
        Some((prompt, answers)) => make(app, args, prompt, answers),
        None => Ok(Exit::INTERRUPTED),
    }
}

/// What stands on stdin as a prompt, where nothing else says what to do (`echo "a mug" | pinx`);
/// nothing where nobody has written anything there.
pub(crate) fn piped(app: &mut App) -> Option<anyhow::Result<Exit>> {
    if app.ui.stdin_is_terminal() {
        return None;
    }
    let prompt = match awaited(&app.ui, || from_stdin(app)) {
        Ok(prompt) if plain(&prompt).is_empty() => return None,
        Ok(prompt) => prompt,
        Err(error) => return Some(Err(error.into())),
    };
    refresh::apply(app);
    Some(make(app, &Args::default(), plain(&prompt), None))
}

/// Reads stdin, and says what is waited for where nothing comes.
fn awaited<T>(ui: &Ui, read: impl FnOnce() -> T) -> T {
    const PATIENCE: Duration = Duration::from_secs(2);
    let (ended, waiting) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                ui.note("waiting for a prompt on stdin; `pinx -h` shows what else there is");
            }
        });
        let text = read();
        drop(ended);
        text
    })
}

/// What a prompt and flags ask for.
fn spec(app: &App, args: &Args, prompt: String) -> Result<RunSpec> {
    let mut spec = ask(app, &args.common, prompt, where_to(app)?)?;
    spec.partials = partials(app, args, &spec.output);
    each_once(app, &mut spec);
    foreign::read(app, &args.common, &mut spec)?;
    Ok(spec)
}

/// How many previews are asked for: those that nobody would see are not paid for.
pub(super) fn partials(app: &App, args: &Args, output: &Output) -> u8 {
    let asked = app.settings.partials;
    let unseen = match output {
        _ if app.ui.options().json => "not with `--json`",
        Output::Stdout => "not with `-o -`",
        _ if app.settings.preview == Preview::Off => "`preview` is off",
        _ if !app.ui.shows_partials() => "stderr is no terminal that draws pictures",
        _ => return asked,
    };
    if asked > 0 && args.partials.is_some() {
        app.ui.note(&format!("no previews are asked for, and none are paid: {unseen}"));
    }
    0
}

/// Makes the images of a prompt.
///
/// # Errors
/// Whatever ends the run before its first job.
pub(super) fn make(
    app: &App,
    args: &Args,
    prompt: String,
    answers: Option<interview::Answers>,
) -> anyhow::Result<Exit> {
    let mut spec = spec(app, args, prompt)?;
    let again = answers.as_ref().map(|answers| again::command(args, answers));
    if let Some(answers) = answers {
        spec.models = list(&answers.model);
        let request = Arc::make_mut(&mut spec.request);
        request.size = answers.size.or(request.size);
        request.style = answers.style.or(request.style.take());
    }
    let run = run_id();
    let plan = plan::plan(&app.planner(&run), &spec, 0)?;
    can_be_made(app, &args.common, &spec, &plan)?;
    let agreed = if again.is_some() { Agreed::Already } else { Agreed::ByFlag };
    let exit = carry_out(app, args, &run, plan, &spec.output, agreed)?;
    if let Some(again) = again {
        app.ui.note(&format!("the same without questions: `{again}`"));
    }
    Ok(exit)
}

/// Whether the user has agreed to what the plan costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreed {
    /// In the interview.
    Already,
    /// If `--yes` says so.
    ByFlag,
}

/// Takes a plan through consent and the engine, and tells what came of it.
///
/// # Errors
/// Whatever ends the run before its first job.
pub(super) fn carry_out(
    app: &App,
    args: &Args,
    run: &str,
    mut plan: Plan,
    output: &Output,
    agreed: Agreed,
) -> anyhow::Result<Exit> {
    if *output != Output::Stdout {
        number(&mut plan);
    }
    let plan = &plan;
    if args.cache && plan.jobs.iter().all(|job| job.routes[0].is_local()) {
        app.ui.note("`--cache` keeps nothing here: what is drawn on this machine is free again");
    }
    for notice in &plan.notices {
        app.ui.note(notice);
    }
    let unknown = app.settings.allow_unknown_cost;
    let price = plan.price();
    let consent = consent(app, &price, args.yes || agreed == Agreed::Already);
    if args.dry_run {
        return Ok(dry_run(app, args.force, run, plan, consent));
    }
    let limit = allowed(app, &price, consent?)?;
    let document = execute(app, run, plan, RunBudget::new(limit, unknown))?;
    Ok(report(app, args, output, &document))
}

/// The plan of an ordinary run: which model paints without a word about it, and what that costs.
///
/// # Errors
/// What would stop such a run before anything is sent.
pub(super) fn ordinary(app: &App) -> Result<Plan> {
    let output = Output::default();
    let spec = ask(app, &Common::default(), "a red fox".to_owned(), output)?;
    plan::plan(&app.planner(&run_id()), &spec, 0)
}

/// The model that `auto` takes for a prompt without a word about it, for a client of a server or for
/// anybody, and what `prefer` has to do with it. No command is run for a key.
///
/// # Errors
/// None can be used.
pub(super) fn choice(
    app: &App,
    prompt: &str,
    client: Option<&Arc<Client>>,
) -> Result<(Arc<Model>, Option<String>)> {
    let spec = ask(app, &Common::default(), prompt.to_owned(), Output::default())?;
    app.planner("").auto(&RunSpec { client: client.cloned(), ..spec })
}

pub(super) fn where_to(app: &App) -> Result<Output> {
    keyless::check_kept("output", &app.settings.output)?;
    let output = Output::parse(&app.settings.output, Path::is_dir);
    if output == Output::Stdout {
        let many = app.settings.count > 1 || app.settings.model.contains(',');
        let why = if app.ui.stdout_is_terminal() {
            "an image is not written to a terminal"
        } else if app.ui.options().json {
            "`--json` and the image cannot share stdout"
        } else if many {
            "stdout takes one image"
        } else if app.ui.stdout_goes_nowhere() {
            return Err(Error::usage("stdout is closed, or leads to `/dev/null`")
                .code("no_stdout")
                .hint("an image that is paid for would be lost; name a file with `-o`"));
        } else {
            return Ok(output);
        };
        return Err(Error::usage(why).hint("pipe it (`pinx … -o - | …`) or name a file with `-o`"));
    }
    Ok(output)
}

/// The prompt: as it is written, or from an interview on a terminal.
fn the_prompt(app: &App, args: &Args) -> Result<Option<(String, Option<interview::Answers>)>> {
    args.pictures.leave_prompt(&args.prompt, args.prompt_file.as_deref())?;
    if let Some(prompt) = written(app, &args.prompt, args.prompt_file.as_deref(), &args.vars)? {
        return Ok(Some((prompt, None)));
    }
    let Some(answers) = interview::interview(app, &|prompt| choice(app, prompt, None).ok())? else {
        return Ok(None);
    };
    Ok(Some((answers.prompt.clone(), Some(answers))))
}

/// A prompt as words, `@file`, `--prompt-file` or stdin, with its variables filled in; nothing where
/// none of these says anything.
///
/// # Errors
/// It cannot be read, or a variable has no value.
pub(super) fn written(
    app: &App,
    words: &[String],
    file: Option<&Path>,
    vars: &[String],
) -> Result<Option<String>> {
    inputs::none_among(words)?;
    let is_single = words.len() == 1;
    let words = words.join(" ");
    let file = match (file, words.strip_prefix('@')) {
        (Some(path), _) => Some(path.to_owned()),
        (None, Some(rest)) if !rest.starts_with('@') && is_single => Some(rest.into()),
        _ => None,
    };
    let is_stdin = match &file {
        Some(path) => path.as_os_str() == "-",
        None => words == "-" || (words.is_empty() && !app.ui.stdin_is_terminal()),
    };
    let prompt = if is_stdin {
        let prompt = from_stdin(app)?;
        tell_of_lines(app, &prompt);
        prompt
    } else if let Some(path) = file {
        fs::read_input_text(&path, LONGEST).map_err(|error| {
            let what = format!("the prompt file `{}` cannot be read: {error}", path.display());
            let error = Error::usage(what).code("prompt_file");
            match words.starts_with('@') {
                true => error.hint("`@@` at the start of a prompt is a plain `@`"),
                false => error,
            }
        })?
    } else if !words.is_empty() {
        words.strip_prefix("@@").map(|rest| format!("@{rest}")).unwrap_or(words)
    } else {
        return Ok(None);
    };
    fill(&plain(&prompt), vars).map(Some)
}

/// A prompt as it is meant: without the blanks and marks around it, its lines ended as anywhere.
fn plain(prompt: &str) -> String {
    let is_around = |c: char| c.is_whitespace() || c == '\u{feff}';
    prompt.trim_matches(is_around).replace("\r\n", "\n")
}

/// Bytes that a prompt may have, wherever it comes from.
const LONGEST: u64 = 4 << 20;

/// All of stdin, which is the prompt.
fn from_stdin(app: &App) -> Result<String> {
    if app.ui.stdin_is_terminal() {
        app.ui.note("type the prompt; Ctrl-D on a line of its own ends it");
    }
    let read = fs::read_to(std::io::stdin(), LONGEST).and_then(fs::text_of);
    read.map_err(|error| Error::usage(format!("the prompt on stdin cannot be read: {error}")))
}

/// Tells that the lines of stdin are one prompt, where they look like a file of prompts.
fn tell_of_lines(app: &App, prompt: &str) {
    let lines: Vec<&str> = prompt.trim().lines().map(str::trim).collect();
    let is_prompt = |line: &&str| line.contains(' ') && line.len() <= 300;
    if lines.len() >= 2 && lines.iter().all(is_prompt) && !app.ui.stdin_is_terminal() {
        let file = app.ui.terminal().stdin_file();
        let file = file.map_or_else(|| "FILE".to_owned(), |file| text::shell_word(&file));
        let count = lines.len();
        app.ui.note(&format!(
            "these {count} lines are one prompt; `pinx batch {file}` makes a picture of each line"
        ));
    }
}

/// Fills `{key}` from `--var key=value`; a key without a value is an error.
fn fill(prompt: &str, vars: &[String]) -> Result<String> {
    if vars.is_empty() {
        return Ok(prompt.to_owned());
    }
    let mut known = BTreeMap::new();
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

pub(super) fn pair<'a>(flag: &str, text: &'a str) -> Result<(&'a str, &'a str)> {
    text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
        Error::usage(format!("`{flag} {text}` has no `=`"))
            .hint(format!("write `{flag} KEY=VALUE`"))
    })
}

/// What is wanted, by settings and flags.
///
/// # Errors
/// Flags that contradict each other or ask for the impossible.
pub(super) fn ask(app: &App, args: &Common, prompt: String, output: Output) -> Result<RunSpec> {
    let s = &app.settings;
    let mut params = BTreeMap::new();
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
    let is_flag = args.picture.has("format");
    if let (Some(named), Some(flag)) = (named, s.request.format.filter(|_| is_flag))
        && named != flag
    {
        return Err(Error::usage(format!(
            "the output file is {named}, but `--format` says {flag}"
        ))
        .hint("leave one of them out"));
    }
    let format = s.request.format.filter(|_| is_flag || named.is_none()).or(named);
    let mut request = Request { prompt, format, params, ..s.request.clone() };
    args.picture.fill(&mut request)?;
    let mut spec = RunSpec {
        request: Arc::new(request),
        inputs: Arc::default(),
        fit: args.pictures.fit,
        notices: Vec::new(),
        client: None,
        models: models(app)?,
        prefer: s.prefer,
        extra: BTreeMap::new(),
        balance: s.balance,
        count: s.count as usize,
        fallback: s.fallback.clone(),
        output,
        within: match s.origin("output") {
            Origin::Project(file, _) => file.parent().map(Path::to_owned),
            _ => None,
        },
        kept: s.places.kept.clone(),
        force: args.force,
        strict: s.strict,
        partials: 0,
        size: s.size,
        base_url: args.base_url.clone(),
        today: app.today(),
        rehearsed: args.dry_run,
    };
    inputs::give(app, &args.pictures, &mut spec)?;
    Ok(spec)
}

/// Whether the format that was typed can be had of the models that are asked: from most a picture is
/// converted, but a drawing of lines or a film cannot be made of it.
///
/// # Errors
/// One of them neither makes it nor what it can be made from.
pub(super) fn can_be_made(app: &App, args: &Common, spec: &RunSpec, plan: &Plan) -> Result<()> {
    let is_named = matches!(&spec.output, Output::File(path) if path.extension().is_some());
    let Some(asked) = spec.request.format.filter(|asked| !asked.is_converted_to()) else {
        return Ok(());
    };
    if !is_named && !args.picture.has("format") {
        return Ok(());
    }
    let first = plan.jobs.iter().filter_map(|job| job.routes.first());
    let Some(route) = first.into_iter().find(|route| !route.model.formats.contains(&asked)) else {
        return Ok(());
    };
    let error =
        Error::usage(format!("{} makes no {asked}", route.model_id())).code("unknown_format");
    let instead = match &spec.output {
        Output::File(path) if is_named => {
            format!("-o {}", text::shell_word(&path.with_extension("png").to_string_lossy()))
        }
        _ => "-f png".to_owned(),
    };
    let today = app.today();
    let makes =
        |model: &&Model| model.formats.contains(&asked) && model.life.on(&today) != State::Retired;
    let maker = app.settings.catalog.models.iter().find(makes);
    let error = error.hint(format!("`{instead}`, and jpeg and webp, can be had of every model"));
    Err(match maker {
        None => error.hint(format!("no model that pinx knows makes {asked}")),
        Some(maker) => error.hint(format!("`-m {}` makes {asked}, with a key", maker.full_id())),
    })
}

/// The models that are named.
///
/// # Errors
/// There is none between the commas.
fn models(app: &App) -> Result<Vec<String>> {
    let named = app.settings.model.trim();
    let models = list(named);
    if models.is_empty() && !named.is_empty() {
        return Err(Error::usage(format!("`{named}` names no model"))
            .hint("`pinx models` lists them; `auto` chooses one"));
    }
    Ok(models)
}

/// Leaves out models that are named a second time, and says so.
pub(super) fn each_once(app: &App, spec: &mut RunSpec) {
    let mut known: Vec<String> = Vec::new();
    spec.models.retain(|name| {
        let id = app.settings.catalog.id_of(name);
        let is_new = !known.contains(&id);
        if !is_new {
            app.ui.note(&format!("`{name}` is named twice and asked once; `-n 2` makes two"));
        }
        known.push(id);
        is_new
    });
}

/// Names separated by commas.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whether what is planned may start, by the limit of this command and by the budgets that all
/// commands share; the log is read only where there are any. A dry run and the run itself go by it.
///
/// # Errors
/// Kind `Budget`: it is known not to fit, or it needs a yes and nobody is there to say it.
pub(super) fn consent(app: &App, price: &Price, yes: bool) -> Result<Consent> {
    let (s, limits) = (&app.settings, app.spending_limits());
    if !limits.is_empty() {
        let state = app.log.state().map_err(|error| app.log.unreadable(&error))?;
        price.affordable(&state, budgets(&limits, None))?;
    }
    let consent = price.consent(s.budget_run, s.confirm_above, yes, s.allow_unknown_cost)?;
    if consent == Consent::Ask && !(app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal()) {
        return Err(price.not_agreed("and nobody is there to agree"));
    }
    Ok(consent)
}

/// What may be spent, once somebody has agreed where that is needed.
///
/// # Errors
/// Kind `Budget`: they declined.
pub(super) fn allowed(app: &App, price: &Price, consent: Consent) -> Result<Option<Money>> {
    match consent {
        Consent::Given(limit) => Ok(limit),
        Consent::Ask => {
            confirm(app, price)?;
            // A fallback must fit what was agreed to.
            let reserve = price.estimate.reserve;
            Ok(reserve.map(|agreed| agreed.max(app.settings.confirm_above)))
        }
    }
}

fn confirm(app: &App, price: &Price) -> Result<()> {
    let many = match price.images {
        1 => "This image costs".to_owned(),
        images => format!("These {images} images cost"),
    };
    if app.ui.confirm(&format!("{many} {}. Go on?", price.in_words()), false)? {
        Ok(())
    } else {
        Err(price.not_agreed("and you declined"))
    }
}

/// Runs the plan and reports on it.
fn execute(app: &App, run: &str, plan: &Plan, budget: RunBudget) -> Result<Document> {
    let paid = plan.jobs.iter().flat_map(|job| &job.routes).any(|route| !route.is_local());
    let jobs = plan.jobs.len();
    let context = RunContext {
        id: run.to_owned(),
        jobs,
        paid,
        budget,
        since: None,
        blind: false,
        claims: None,
        client: None,
    };
    conduct(app, context, Vec::new(), async |run| {
        let document = run.run(plan).await;
        let left_open = document.jobs.iter().any(|job| job.left_open);
        (document, left_open)
    })
}
