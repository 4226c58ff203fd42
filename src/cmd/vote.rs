//! `pinx vote`: says which model of a comparison is best. The newest word counts; of a blind one the
//! models are told now, and its pages drawn anew.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::App;
use super::compare::record::{Comparison, ComparisonLock, Round};
use super::compare::verdict::{choice, record};
use super::compare::{draw, reveal, round_documents, talk};
use super::log::{self, Living};
use crate::error::{Error, Exit, Result};
use crate::text;

/// What `vote` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "WHICH is a model of the comparison (its id, alias or bare name), `tie` or `none`; of a \
                  blind one\na letter. Voting again replaces the verdict; `pinx stats --ab` counts the \
                  newest."
)]
pub struct Args {
    /// Name the comparison by the start of its run's id, or by its directory
    #[arg(value_name = "RUN|DIR")]
    pub run: String,
    /// Say which is best: a model, a letter, `tie` or `none`
    #[arg(value_name = "WHICH")]
    pub which: String,
    /// Say for which prompt of a file: its number or its name
    #[arg(long, value_name = "PROMPT")]
    pub prompt: Option<String>,
}

/// Records the verdict.
///
/// # Errors
/// There is no such comparison, prompt or model, or the log cannot be written.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let run = match run_of(app, &args.run)? {
        Some(run) => run,
        None => Comparison::find(app, &args.run)?,
    };
    if Living::new(&app.settings.places.run).is(&run) {
        return Err(Error::usage(format!("run `{run}` is still at work"))
            .code("at_work")
            .hint("vote when it has ended")
            .into());
    }
    let _held = ComparisonLock::new(app, &run)?;
    let mut comparison = Comparison::of(app, &run, Timestamp::MIN)?;
    let at = round(&comparison, args.prompt.as_deref())?;
    let choice = choice(app, &comparison.rounds[at], &args.which)?;
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
        let paths = comparison.drawn.iter().map(|page| page.path.display().to_string());
        paths.for_each(|path| app.ui.line(&path));
    }
    talk(app, &comparison);
    // The last verdict tells those, too, where there was nothing to judge.
    let told = comparison.rounds.iter().enumerate().filter(|(place, round)| {
        round.contest.blind && !round.is_hidden() && (*place == at || hidden[*place])
    });
    told.for_each(|(_, round)| reveal(app, round));
    app.ui.note(&match before {
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

/// The place of the prompt that is meant.
fn round(comparison: &Comparison, wanted: Option<&str>) -> Result<usize> {
    let rounds = &comparison.rounds;
    let Some(wanted) = wanted else {
        return match rounds.len() {
            1 => Ok(0),
            many => Err(Error::usage(format!("run `{}` compares {many} prompts", comparison.run))
                .code("which_prompt")
                .hint("say which with `--prompt N`, its number or its name")),
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
