//! `pinx recover`: collect paid jobs, save kept bytes, list what nobody knows.

mod damage;
mod forget;
mod kept;

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use futures_util::StreamExt;
use serde_json::{Value, json};

use self::damage::Damage;
use self::kept::KeptAnswers;
use super::{App, claims};
use crate::dialect::dialect;
use crate::engine::recover::{Pending, RecoveryOutcome, collect_garbage, foreseen};
use crate::engine::route::resume;
use crate::engine::session::Session;
use crate::engine::{DEAD_LINK, Event, Listener, Route, Run};
use crate::error::{Error, Exit, Result};
use crate::process;
use crate::settings::env;
use crate::store::log::Saved;
use crate::store::{Entry, Runs, SavedFiles, pieces};
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

/// One line of the answer.
struct Outcome {
    pending: Pending,
    fate: RecoveryOutcome,
    saved: Vec<Saved>,
    error: Option<Error>,
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
        open.into_iter().map(|pending| Outcome::foreseen(app, pending)).collect()
    } else {
        collect(app, runs, &|_| true)?
    };
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
) -> Result<Vec<Outcome>> {
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
    let held: Vec<&str> = locks.iter().map(|(run, _)| run.as_str()).collect();
    let locked = Runs(&app.settings.places.run);
    let outcomes = work(app, open, &|| !locked.has_others(&held))?;
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

/// The route over which an attempt goes on, by the settings of today.
fn route_of(app: &App, intent: &Entry) -> Result<Route> {
    let order = intent.order.clone().unwrap_or_default();
    let model = app.settings.catalog.model(&intent.model, &|_| true)?;
    resume(&app.settings, &app.env, model, order, &intent.route)
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

/// Goes on with everything open; `is_alone` says that no other run is at work, whose fresh files
/// could be taken for those of a dead one.
fn work(app: &App, open: Vec<Pending>, is_alone: &dyn Fn() -> bool) -> Result<Vec<Outcome>> {
    let session = Session::of_recovery(&app.settings, &app.env, &app.log)?;
    let known = SavedFiles::new(app.log.saved_files().unwrap_or_default());
    let progress = Arc::new(app.ui.progress(open.len()));
    let shown = Arc::clone(&progress);
    let listener: Listener = Arc::new(move |event: Event| shown.on(&event));
    let run_of = |pending: &Pending| Run {
        existing: Some(known.clone()),
        listener: Arc::clone(&listener),
        ..session.run(&pending.intent.run)
    };
    let run_of = &run_of;
    let at_once = session.run("").concurrency;
    let routed = open.into_iter().enumerate().map(|(index, pending)| {
        let route = route_of(app, &pending.intent);
        (index, pending, route)
    });
    let is_only_intent = |(_, pending, route): &(usize, Pending, Result<Route>)| {
        route.as_ref().is_ok_and(|route| run_of(pending).is_only_intent(pending, route))
    };
    let (bare, known): (Vec<_>, Vec<_>) = routed.partition(is_only_intent);
    let listener = &listener;
    let one = |(index, pending, route, unlogged): (usize, Pending, Result<Route>, _)| async move {
        let (fate, saved, error) = match route {
            Ok(route) => {
                let before = &pending.intent.route;
                if before.contains('#') && !route.has_key_of(before) {
                    app.ui.warn(&format!(
                        "{} was paid for with {before}, which is gone; {} is asked instead",
                        pending.intent.attempt,
                        route.name()
                    ));
                }
                let model = pending.intent.model.clone();
                listener(Event::Started { job: index, model, expected: None });
                run_of(&pending).recover(&pending, route, unlogged).await
            }
            Err(error) => (RecoveryOutcome::Pending, Vec::new(), Some(error)),
        };
        (index, Outcome { pending, fate, saved, error })
    };
    let all = async {
        let known = known.into_iter().map(|(index, pending, route)| (index, pending, route, None));
        let known = futures_util::stream::iter(known).map(one).buffered(at_once);
        let mut outcomes = known.collect::<Vec<_>>().await;
        let mut unlogged = HashMap::new();
        for (index, pending, route) in &bare {
            let may_be_anothers = outcomes.iter().any(|(_, outcome)| outcome.may_own(pending));
            if let (Ok(route), false) = (route, may_be_anothers) {
                let found = run_of(pending).unlogged(pending, route).await;
                unlogged.extend(found.map(|found| (*index, found)));
            }
        }
        // A run that began meanwhile either lives or has said what it saved.
        if is_alone() && !unlogged.is_empty() {
            let said = app.log.saved_files().unwrap_or_default();
            unlogged.retain(|_, saved: &mut Saved| !said.contains_key(&*saved.path));
        } else {
            unlogged.clear();
        }
        let bare = bare.into_iter().map(|(index, pending, route)| {
            let unlogged = unlogged.remove(&index);
            (index, pending, route, unlogged)
        });
        let bare = futures_util::stream::iter(bare).map(one).buffered(at_once);
        outcomes.extend(bare.collect::<Vec<_>>().await);
        outcomes
    };
    let mut outcomes = session.block_on(all, |_| {});
    progress.finish();
    if let Err(error) = session.end() {
        app.ui.warn(&format!(
            "{error}; what was recovered looks open until `pinx recover` can say so"
        ));
    }
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

impl Outcome {
    fn is_open(&self) -> bool {
        matches!(self.fate, RecoveryOutcome::Pending | RecoveryOutcome::Unknown)
    }

    /// What can be said of it without asking anybody.
    fn foreseen(app: &App, pending: Pending) -> Outcome {
        let provider = app.settings.catalog.provider(&pending.intent.provider);
        let dialect = provider.and_then(|provider| dialect(&provider.dialect));
        let fate = foreseen(&pending, dialect);
        Outcome { fate, pending, saved: Vec::new(), error: None }
    }

    /// Says what is not simply saved.
    fn report(&self, app: &App) {
        let intent = &self.pending.intent;
        let why = self.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        let (attempt, model) = (&intent.attempt, &intent.model);
        let prompt = text::clean(&intent.prompt, 40);
        let place = self.saved.first().and_then(|saved| saved.path.parent());
        let is_lost = self.pending.is_stray && intent.wish.is_none();
        if let (true, Some(place)) = (is_lost || self.pending.is_doubtful, place) {
            let why = if is_lost { "cannot be read any more" } else { "stands in an altered line" };
            app.ui.warn(&format!(
                "{attempt}: where its image was to go {why}; it is in {}",
                place.display()
            ));
        }
        let code = self.error.as_ref().map(|error| error.code.as_str());
        let text = match self.fate {
            RecoveryOutcome::Saved if self.error.is_none() => return,
            RecoveryOutcome::Saved => {
                format!("{attempt} {model}: not all of its images could be had{why}")
            }
            RecoveryOutcome::Failed => format!("{attempt} {model} has failed{why}"),
            RecoveryOutcome::Pending if code == Some(DEAD_LINK) => format!(
                "{attempt} {model}: the image is behind a link that is dead{why}; no job is known that \
                 could give a fresh one, so only the provider's own site may still show it; \
                 `pinx recover --forget {attempt}` closes it{}",
                self.stake()
            ),
            RecoveryOutcome::Pending => {
                format!("{attempt} {model} \"{prompt}\": still open{}", self.remedy(&why))
            }
            RecoveryOutcome::Unknown => format!(
                "{attempt} {model} \"{prompt}\": outcome unknown, maybe billed{}{why}; \
                 `pinx recover --forget {attempt}` closes it",
                self.stake()
            ),
        };
        app.ui.warn(&text);
    }

    /// Why it is still open, or what helps where nobody was asked yet.
    fn remedy(&self, why: &str) -> String {
        let is_kept = !self.pending.existing_kept().is_empty();
        match (self.error.is_some(), is_kept) {
            (true, true) => format!("{why}; its bytes are kept, and `pinx recover` tries again"),
            (true, false) => why.to_owned(),
            (false, true) => "; its bytes are kept, and `pinx recover` saves them".to_owned(),
            (false, false) => "; `pinx recover` asks for it".to_owned(),
        }
    }

    /// What it may have cost at most, if that is known.
    fn stake(&self) -> String {
        self.pending.at_stake().map(|money| format!(", at most {money}")).unwrap_or_default()
    }

    /// Whether a file with the recipe and the name of this attempt may be of that one, which is still open.
    fn may_own(&self, pending: &Pending) -> bool {
        let (ours, theirs) = (&self.pending.intent, &pending.intent);
        let stem =
            |intent: &Entry| intent.wish.as_ref().map(|w| (w.directory.clone(), w.stem.clone()));
        self.is_open() && ours.model == theirs.model && stem(ours) == stem(theirs)
    }
}

fn report(
    app: &App,
    outcomes: &[Outcome],
    kept: &KeptAnswers,
    damage: &Damage,
    is_list: bool,
) -> Exit {
    let claims = claims::settle(app);
    let open = outcomes.iter().filter(|outcome| outcome.is_open()).count() + claims.len();
    let is_settled = open == 0 && damage.is_settled();
    if app.ui.options().json {
        let rows: Vec<Value> = outcomes.iter().map(row).collect();
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
                app.ui.line(&saved.path.display().to_string());
            }
            outcome.report(app);
        }
        for saved in &kept.saved {
            app.ui.line(&saved.path.display().to_string());
        }
        kept.report(app);
        damage.report(app);
        let saved: usize = outcomes.iter().map(|outcome| outcome.saved.len()).sum();
        claims.iter().for_each(|claim| app.ui.warn(&claim.line()));
        let saved = (!is_list).then_some(saved + kept.saved.len());
        let has_any = outcomes.len() + claims.len() > 0;
        app.ui.note(&closing(saved, has_any, open, kept.unused.len(), is_settled));
    }
    if is_settled { Exit::OK } else { Exit::OPEN }
}

/// The closing line; nothing is said to be saved by a mere list. Kept answers are nothing open, but not
/// nothing either.
fn closing(
    saved: Option<usize>,
    has_any: bool,
    open: usize,
    unused: usize,
    is_settled: bool,
) -> String {
    let mut parts = Vec::new();
    parts.extend(
        saved.filter(|saved| *saved > 0 || has_any).map(|saved| format!("{saved} recovered")),
    );
    let more = if parts.is_empty() { "" } else { " any more" };
    match (open, unused) {
        (0, 0) if is_settled => parts.push(format!("nothing is open{more}")),
        (0, _) if !is_settled => {
            parts.push("nothing else is open, as far as the log can be read".to_owned());
        }
        (0, _) => {}
        (open, _) => parts.push(format!("{open} still open")),
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

fn row(outcome: &Outcome) -> Value {
    let intent = &outcome.pending.intent;
    json!({
        "id": intent.attempt,
        "fate": outcome.fate,
        "model": intent.model,
        "prompt": intent.prompt,
        "since": intent.t.to_string(),
        "atStake": outcome.pending.at_stake().map(|money| money.as_dollars()),
        "images": outcome.saved.iter().map(|saved| saved.path.display().to_string()).collect::<Vec<_>>(),
        "error": outcome.error.as_ref().map(crate::engine::report::ErrorReport::from),
    })
}
