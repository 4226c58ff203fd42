//! `pinx recover`: collect paid jobs, save kept bytes, list what nobody knows.

mod attempt;
mod damage;
mod forget;
mod kept;

use std::fs::File;
use std::sync::Arc;

use serde_json::{Value, json};

use self::damage::Damage;
use self::kept::KeptAnswers;
use super::{App, claims, reminder};
use crate::engine::recover::{
    Pending, Recovered, RecoveryOutcome, collect_garbage, recover_all, remove_unfinished,
};
use crate::engine::session::Session;
use crate::engine::{Event, Listener, Run};
use crate::error::{Error, Exit, Result};
use crate::money::Money;
use crate::process;
use crate::settings::env;
use crate::store::log::Period;
use crate::store::{Entry, Runs, pieces};
use crate::text;

/// What `recover` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// List what is open, ask nobody
    #[arg(long)]
    pub list: bool,
    /// Go on with a job for at most so long [default: 15m]
    #[arg(long, value_name = "TIME", conflicts_with_all = ["list", "forget"], allow_negative_numbers = true)]
    pub deadline: Option<String>,
    /// Close what stays unknown, or free what another machine has claimed: unique starts of ids,
    /// `all-unknown`, or `damaged` for the damaged lines of the log
    #[arg(long, value_name = "ID", num_args = 1.., conflicts_with = "list")]
    pub forget: Vec<String>,
    /// With `--forget`: do not ask
    #[arg(short, long, requires = "forget")]
    pub yes: bool,
}

impl Args {
    /// The flags that are settings, by the settings' names.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        let deadline = self.deadline.iter();
        deadline.map(|text| ("deadline".to_owned(), toml::Value::String(text.clone()))).collect()
    }
}

/// Recovers.
///
/// # Errors
/// The journal cannot be read or written.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    join_pieces(app);
    if !args.list {
        // Where nothing can be written, what follows says so.
        let _ = app.log.settle();
    }
    let mut open = app.log.still_open()?;
    if !args.forget.is_empty() {
        return Ok(forget::run(app, open, args)?);
    }
    let locked = Runs(&app.settings.places.run);
    let mut runs = runs_of(&open);
    if args.list {
        runs.retain(|run| locked.is_alive(run));
        runs.iter().for_each(|run| at_work(app, run));
        open.retain(|pending| !runs.contains(&pending.intent.run));
    }
    if open.is_empty() {
        clean(app)?;
    }
    let outcomes = if args.list || open.is_empty() {
        open.into_iter().map(|pending| Recovered::foreseen(app, pending)).collect()
    } else {
        collect(app, runs, &|_| true)?
    };
    if !args.list {
        let unknown = outcomes.iter().filter(|one| one.outcome == RecoveryOutcome::Unknown);
        let ids = unknown.map(|one| one.pending.intent.attempt.clone());
        reminder::forget(app, ids.collect());
    }
    let kept = if args.list { kept::list(app)? } else { kept::look_again(app)? };
    let damage = damage::look(app, args.list)?;
    Ok(report(app, &outcomes, &kept, &damage, args.list))
}

/// Goes on with what is open of the jobs with these keys of a batch; answers how many attempts it
/// closed.
///
/// # Errors
/// The journal cannot be read or written.
pub(super) fn of_batch(app: &App, is_ours: &dyn Fn(&str) -> bool) -> Result<usize> {
    let is_ours = |intent: &Entry| intent.key.as_deref().is_some_and(is_ours);
    join_pieces(app);
    let mut open = app.log.still_open()?;
    open.retain(|pending| is_ours(&pending.intent));
    let outcomes = collect(app, runs_of(&open), &is_ours)?;
    let closed = outcomes.iter().filter(|outcome| !outcome.is_open());
    let closed = closed.inspect(|outcome| outcome.report(app)).count();
    let saved: usize = outcomes.iter().map(|outcome| outcome.saved.len()).sum();
    if saved > 0 {
        app.ui.note(&format!("{saved} of an earlier run recovered"));
    }
    Ok(closed)
}

/// Goes on with what dead runs left open; answers how many attempts are closed now.
///
/// # Errors
/// The journal cannot be read or written.
pub(super) fn open_attempts(app: &App) -> Result<usize> {
    // What has ended after all is found out only where there is something to do.
    let open = app.log.open_attempts()?;
    let locked = Runs(&app.settings.places.run);
    let dead: Vec<String> =
        runs_of(&open).into_iter().filter(|run| !locked.is_alive(run)).collect();
    if dead.is_empty() {
        return Ok(0);
    }
    let outcomes = collect(app, dead, &|_| true)?;
    Ok(outcomes.iter().filter(|outcome| !outcome.is_open()).count())
}

/// The runs of attempts, each once.
fn runs_of(open: &[Pending]) -> Vec<String> {
    let mut runs: Vec<String> = open.iter().map(|pending| pending.intent.run.clone()).collect();
    runs.dedup();
    runs
}

/// Goes on with what is open of runs that are dead and of these intents.
fn collect(
    app: &App,
    runs: Vec<String>,
    is_wanted: &dyn Fn(&Entry) -> bool,
) -> Result<Vec<Recovered>> {
    // The lock of a run says whether it lives; holding it keeps a second `recover` away.
    let mut locks = Vec::new();
    for run in runs {
        match take(app, &run)? {
            Some(lock) => locks.push((run, lock)),
            None => at_work(app, &run),
        }
    }
    // Another process may have closed some of them before the locks were taken.
    let mut open = app.log.still_open()?;
    open.retain(|pending| {
        let intent = &pending.intent;
        is_wanted(intent) && locks.iter().any(|(run, _)| *run == intent.run)
    });
    let held: Vec<String> = locks.iter().map(|(run, _)| run.clone()).collect();
    let outcomes = work(app, open, held.clone())?;
    remove_unfinished(&app.log, &held)?;
    drop(locks);
    clean(app)?;
    Ok(outcomes)
}

fn at_work(app: &App, run: &str) {
    app.ui.note(&format!("run {run} is still at work and is left alone"));
}

/// Takes the lock of a dead run; `None` while the run lives.
fn take(app: &App, run: &str) -> Result<Option<File>> {
    let place = &app.settings.places.run;
    Runs(place).take(run).map_err(|error| {
        Error::usage(format!("`{}` cannot be written: {error}", place.display()))
            .hint("make the directory writable")
    })
}

/// Removes what killed processes left and nobody needs any more.
fn clean(app: &App) -> Result<()> {
    collect_garbage(&app.log, &app.settings.places, &app.cache())
}

/// What had to be kept in pieces is whole from now on, where the system allows it.
fn join_pieces(app: &App) {
    process::file_size();
    pieces::join(&app.settings.places.kept);
    pieces::join(&env::temporary_dir());
}

/// Goes on with everything open; `held` are the runs whose locks are held for it.
fn work(app: &App, open: Vec<Pending>, held: Vec<String>) -> Result<Vec<Recovered>> {
    let session = Session::of_recovery(&app.settings, &app.env, &app.log)?;
    let progress = Arc::new(app.ui.progress(open.len()));
    let shown = Arc::clone(&progress);
    let listener: Listener = Arc::new(move |event: Event| shown.on(&event));
    let run_of = |id: &str| Run { listener: Arc::clone(&listener), ..session.run(id) };
    let report = |remark| app.report(remark);
    let recovered = session.block_on(recover_all(open, held, run_of, &report), |_| {});
    progress.finish();
    if let Err(error) = session.end() {
        app.ui.warn(&format!(
            "{error}; what was recovered looks open until `pinx recover` can say so"
        ));
    }
    Ok(recovered)
}

fn report(
    app: &App,
    outcomes: &[Recovered],
    kept: &KeptAnswers,
    damage: &Damage,
    is_list: bool,
) -> Exit {
    let claims = claims::settle(app);
    let open = outcomes.iter().filter(|outcome| outcome.is_open()).count() + claims.len();
    let is_settled = open == 0 && damage.is_settled();
    if app.ui.options().json {
        let rows: Vec<Value> = outcomes.iter().map(Recovered::json).collect();
        let mut document = json!({ "success": is_settled, "attempts": rows, "open": open });
        if !claims.is_empty() {
            document["claims"] = claims.iter().map(claims::Open::json).collect();
        }
        kept.add_to(&mut document);
        damage.describe(&mut document);
        app.ui.json(&document);
    } else {
        for outcome in outcomes {
            for saved in &outcome.saved {
                app.ui.saved(&saved.path.display().to_string());
            }
            outcome.report(app);
        }
        for saved in &kept.saved {
            app.ui.saved(&saved.path.display().to_string());
        }
        kept.report(app);
        damage.report(app);
        let saved: usize = outcomes.iter().map(|outcome| outcome.saved.len()).sum();
        claims.iter().for_each(|claim| app.ui.warn(&claim.line()));
        let saved = (!is_list).then_some(saved + kept.saved.len());
        let has_any = outcomes.len() + claims.len() > 0;
        let unknown = outcomes.iter().filter(|one| one.outcome == RecoveryOutcome::Unknown).count();
        let open = Open { waiting: open - unknown, unknown };
        app.ui.note(&closing(saved, has_any, open, kept.answers(), is_settled));
        maybe_billed(app).iter().for_each(|told| app.ui.note(told));
    }
    if is_settled { Exit::OK } else { Exit::OPEN }
}

/// What failed and is maybe billed: there is nothing to find out about it, and it counts for a while.
fn maybe_billed(app: &App) -> Option<String> {
    let projection = app.log.state().ok()?;
    let limits = app.spending_limits();
    let (period, limit) = limits.limits().last().unzip();
    let period = period.unwrap_or(Period::Day);
    let day = projection.state().taken(period, crate::clock::now(), projection.zone());
    let uncertain = Some(day.uncertain).filter(|money| *money > Money::ZERO)?;
    let told = format!(
        "{uncertain} of {period} is maybe billed, for requests that failed: only the provider's own page \
         can tell"
    );
    Some(match limit {
        None => told,
        Some(_) => format!(
            "{told}; it counts against `{}` {}, and `{}=AMOUNT` before a command raises that",
            period.setting(),
            period.end(),
            period.variable()
        ),
    })
}

/// What is left.
#[derive(Clone, Copy)]
struct Open {
    /// So many may still come.
    waiting: usize,
    /// Of so many nobody can say more.
    unknown: usize,
}

/// The closing line; nothing is said to be saved by a mere list. Kept answers are nothing open, but not
/// nothing either.
fn closing(
    saved: Option<usize>,
    has_any: bool,
    open: Open,
    unused: usize,
    is_settled: bool,
) -> String {
    let mut parts = Vec::new();
    parts.extend(
        saved.filter(|saved| *saved > 0 || has_any).map(|saved| format!("{saved} recovered")),
    );
    let more = if parts.is_empty() { "" } else { " any more" };
    let Open { waiting, unknown } = open;
    match (waiting + unknown, unused) {
        (0, 0) if is_settled => parts.push(format!("nothing is open{more}")),
        (0, _) if !is_settled => {
            parts.push("nothing else is open, as far as the log can be read".to_owned());
        }
        (0, _) => {}
        _ => {
            parts.extend((waiting > 0).then(|| format!("{waiting} still open")));
            let told = || format!("{unknown} of unknown outcome (`--forget` closes what stays so)");
            parts.extend((unknown > 0).then(told));
        }
    }
    let mut line = parts.join(", ");
    if unused > 0 {
        let answers = text::counted(unused as u64, "kept answer");
        let semicolon = if line.is_empty() { "" } else { "; " };
        line += &format!(
            "{semicolon}of {answers} no image could be made: remove the files once you need them no more"
        );
    }
    line
}
