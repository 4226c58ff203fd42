//! `pinx vote`: says which model of a comparison is best. The newest word counts; of a blind one the
//! models are told now, and its pages drawn anew.
//!
//! What is left out is the newest comparison, or is asked for where there is a terminal.

mod pair;

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

pub(super) use self::pair::{Judged, Pair, judge as judge_pair};
use super::App;
use super::compare::record::{Comparison, Round};
use super::compare::verdict::{among, choice, record};
use super::compare::{draw, judge, reveal, round_documents, shown, talk};
use super::log::find::LAST;
use super::log::{self, Living};
#[cfg(unix)]
use crate::engine::session;
use crate::error::{Error, Exit, Result};
use crate::text;

/// What `vote` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
WHICH is a model of the comparison (its id, alias or bare name) or what an
entrant is called, `tie` or `none`; of a blind one a letter. Without it the
images are shown and you are asked. A single word that names no comparison is
WHICH of the newest. Voting again replaces the verdict; `pinx stats --ab` counts
the newest.")]
pub struct Args {
    /// Name the comparison by the start of its run's id, by its directory, or by `last` [default: last]
    #[arg(value_name = "RUN|DIR")]
    pub run: Option<String>,
    /// Say which is best: a model, a letter, `tie` or `none` [default: you are asked]
    #[arg(value_name = "WHICH")]
    pub which: Option<String>,
    /// Say for which prompt of a file: its number or its name
    #[arg(long, value_name = "PROMPT")]
    pub prompt: Option<String>,
}

/// Records the verdict.
///
/// # Errors
/// There is no such comparison, prompt or model, or the log cannot be written.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let Meant { run, which, is_newest } = meant(app, args)?;
    if Living::new(&app.settings.places.run).is(&run) {
        return Err(Error::usage(format!("run `{run}` is still at work"))
            .code("at_work")
            .hint("vote when it has ended")
            .into());
    }
    let Some(which) = which else { return ask(app, &run, args.prompt.as_deref()) };
    let _held = Comparison::lock(app, &run)?;
    let mut comparison = Comparison::of(app, &run, Timestamp::MIN)?;
    let at = round(app, &comparison, args.prompt.as_deref(), Some(&which))?;
    let choice = choice(app, &comparison.rounds[at], &which)?;
    let hidden: Vec<bool> = comparison.rounds.iter().map(|round| round.is_hidden()).collect();
    let before = record(app, &mut comparison, at, choice)?;
    let drawn = draw(app, &mut comparison, false);
    let round = &comparison.rounds[at];
    let verdict = round.verdict.as_ref().map_or("", |verdict| verdict.text());
    if app.ui.options().json {
        app.ui.json(&json!({
            "success": drawn.is_ok(),
            "run": comparison.run,
            "prompt": round.contest.number,
            "verdict": round.verdict,
            "replaced": before,
            "comparison": round_documents(&comparison),
        }));
    } else {
        comparison.drawn.iter().for_each(|page| app.ui.saved(&shown(&page.path)));
    }
    if is_newest {
        let prompt = text::clean(&round.prompt, 100);
        app.ui.note(&format!("the newest comparison, run {}: {prompt}", comparison.run));
    }
    talk(app, &comparison);
    // The last verdict tells those, too, where there was nothing to judge.
    let told = comparison.rounds.iter().enumerate().filter(|(place, round)| {
        round.contest.blind && !round.is_hidden() && (*place == at || hidden[*place])
    });
    told.for_each(|(_, round)| reveal(app, round));
    app.ui.note(&match before {
        Some(before) if before.text() == verdict => format!("verdict: {verdict}, as before"),
        Some(before) => {
            format!("verdict: {verdict}; the earlier one, {}, no longer counts", before.text())
        }
        None => format!("verdict: {verdict}"),
    });
    // The verdict is told already, and stands.
    Ok(drawn.map_or_else(
        |error| {
            app.ui.error(&error);
            error.exit()
        },
        |()| Exit::OK,
    ))
}

/// What the words say.
struct Meant {
    /// The comparison.
    run: String,
    /// Which is best; nothing where that is to be asked.
    which: Option<String>,
    /// Whether no word names the comparison.
    is_newest: bool,
}

/// Which comparison is meant, and what is said of it.
///
/// # Errors
/// There is no such comparison, or the log cannot be read.
fn meant(app: &App, args: &Args) -> Result<Meant> {
    let Some(word) = args.run.as_deref() else {
        return Ok(Meant { run: Comparison::newest(app)?, which: None, is_newest: true });
    };
    let which = args.which.clone();
    if word == LAST {
        return Ok(Meant { run: Comparison::newest(app)?, which, is_newest: true });
    }
    let run = run_of(app, word).transpose().unwrap_or_else(|| Comparison::find(app, word));
    match run {
        Err(error) if which.is_none() && error.code == "unknown_id" => {
            let which = Some(word.to_owned());
            Ok(Meant { run: Comparison::newest(app)?, which, is_newest: true })
        }
        // A directory may be called as a style is.
        Err(error) if which.is_none() => {
            let word = text::shell_word(word);
            Err(error.hint(format!("`pinx vote last {word}` says that `{word}` is best")))
        }
        run => Ok(Meant { run: run?, which, is_newest: false }),
    }
}

/// Shows the images and asks: about one prompt, or about all that are not judged yet.
///
/// # Errors
/// There is no terminal to ask, or nothing of the kind is compared.
fn ask(app: &App, run: &str, prompt: Option<&str>) -> anyhow::Result<Exit> {
    let mut comparison = Comparison::of(app, run, Timestamp::MIN)?;
    let at = prompt.map(|prompt| round(app, &comparison, Some(prompt), None)).transpose()?;
    let asks = app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal();
    if app.ui.options().json || !asks {
        let round = &comparison.rounds[at.unwrap_or_default()];
        return Err(Error::usage("it is not said which is best, and there is no terminal to ask")
            .code("which_is_best")
            .hint(format!("`pinx vote {run} WHICH`; {}", among(round)))
            .into());
    }
    let unjudged = |at: &usize| comparison.rounds[*at].verdict.is_none();
    let all = 0..comparison.rounds.len();
    let wanted: Vec<usize> = match at {
        Some(at) => vec![at],
        None if all.clone().any(|at| unjudged(&at)) => all.filter(unjudged).collect(),
        None => all.collect(),
    };
    outlive_interrupts()?;
    let left = judge(app, &mut comparison, &wanted)?;
    Ok(if left { Exit::INTERRUPTED } else { Exit::OK })
}

/// Has Ctrl-C end a question rather than the process: what was said before it is still drawn.
///
/// # Errors
/// The system gives no signals.
fn outlive_interrupts() -> Result<()> {
    #[cfg(unix)]
    {
        let runtime = session::runtime()?;
        let _inside = runtime.enter();
        // It stays heard when nobody listens any more.
        drop(signal(SignalKind::interrupt()));
    }
    Ok(())
}

/// The newest comparison that went into a directory, or whose page this is; nothing where it is neither.
///
/// # Errors
/// None went there, or the log cannot be read.
fn run_of(app: &App, named: &str) -> Result<Option<String>> {
    let path = Path::new(named);
    let directory = match path.file_name() {
        Some(name) if name == "index.html" => path.parent().filter(|_| path.is_file()),
        _ => Some(path).filter(|path| path.is_dir()),
    };
    let Some(directory) = directory else { return Ok(None) };
    // An empty parent is the directory that one is in.
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let (absolute, real) = (std::path::absolute(directory).ok(), directory.canonicalize().ok());
    let is_it = |place: &Path| {
        [&absolute, &real].into_iter().flatten().any(|known| known == place)
            || real.is_some() && place.canonicalize().ok() == real
    };
    let mut run = None;
    log::read(app, |entry| {
        if entry.contest.as_ref().is_some_and(|contest| is_it(&contest.directory)) {
            run = Some(entry.run);
        }
    })?;
    let missing = || {
        Error::usage(format!("no comparison went into `{}`", text::clean(named, 80)))
            .code("no_comparison")
            .hint("`pinx log` lists the runs; `pinx compare` names each one at its end")
    };
    run.ok_or_else(missing).map(Some)
}

/// The place of the prompt that is meant. What can be chosen with none of them is told first.
fn round(
    app: &App,
    comparison: &Comparison,
    wanted: Option<&str>,
    which: Option<&str>,
) -> Result<usize> {
    let rounds = &comparison.rounds;
    let Some(wanted) = wanted else {
        let which = which.unwrap_or_default();
        return match rounds.iter().position(|round| choice(app, round, which).is_ok()) {
            _ if rounds.len() == 1 => Ok(0),
            None => choice(app, &rounds[0], which).map(|_| 0),
            Some(at) => {
                let (run, number) = (&comparison.run, rounds[at].contest.number);
                let command =
                    format!("pinx vote {run} {} --prompt {number}", text::shell_word(which));
                Err(Error::usage(format!("run `{run}` compares {} prompts", rounds.len()))
                    .code("which_prompt")
                    .hint("say which with `--prompt N`, its number or its name")
                    .hint(command))
            }
        };
    };
    let has_name = |round: &Round| round.contest.name.as_deref() == Some(wanted);
    let number = wanted.parse::<usize>().ok();
    let has_number = |round: &Round| number == Some(round.contest.number);
    // What the file calls `1` may be its second prompt.
    let found = rounds.iter().position(has_name);
    found.or_else(|| rounds.iter().position(has_number)).ok_or_else(|| {
        let names = rounds.iter().filter_map(|round| round.contest.name.as_deref());
        let shown = text::clean(wanted, 80);
        let error = Error::usage(format!("run `{}` has no prompt `{shown}`", comparison.run))
            .code("unknown_prompt");
        match text::nearest(wanted, names) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("they are numbered from 1 to {}", rounds.len())),
        }
    })
}
