//! Many runs in one process, on several threads: one budget and one rate limit hold, nothing is lost or
//! paid twice, and a run that is stopped or a process that is killed takes nothing with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pinx::engine::plan::Planner;
use pinx::engine::recover::{RecoveryOutcome, recover_all};
use pinx::engine::report::{Document, JobReport, RunStatus};
use pinx::engine::session::RunContext;
use pinx::engine::{Engine, Level, Limits, Plan, Run, RunBudget, RunSpec, Stop};
use pinx::money::Money;
use pinx::request::{Request, Size};
use pinx::settings::{Balance, Env, Settings};
use pinx::store::{Log, Output, Runs};
use serde_json::Value;

use crate::fake::fal::Fal;
use crate::fake::openai::{self, OpenAi};
use crate::fake::{Answer, Kind, PATIENCE};
use crate::pinx::Pinx;

/// Runs at once.
const RUNS: usize = 16;
/// The models, in turn.
const MODELS: [&str; 2] = ["openai/gpt-image-2", "fal/flux-schnell"];
/// The clock of the limits goes so many times as fast as the real one.
const HASTE: u64 = 15;
/// A minute of that clock.
const MINUTE: Duration = Duration::from_secs(60 / HASTE);
/// Requests a minute to each key.
const RATE: usize = 6;
/// Says to the test below that it is the process which is to be killed.
const VICTIM: &str = "PINX_TEST_VICTIM";

/// The settings and the environment of a world.
pub fn settings(command: &Command) -> (Arc<Settings>, Env) {
    let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
    let set = command.get_envs().filter_map(|(name, value)| Some((text(name), text(value?))));
    let env = Env::of(set.collect::<BTreeMap<_, _>>());
    let settings = Settings::load(&env, command.get_current_dir().unwrap(), None, &[]).unwrap();
    (Arc::new(settings), env)
}

/// One process: its log open, its limits by a hasty clock.
pub fn engine(settings: &Arc<Settings>, env: &Env) -> Arc<Engine> {
    let log = Arc::new(Log::at(&settings.places.log));
    log.open().unwrap();
    let (begun, epoch) = (Instant::now(), 1_700_000_000_000);
    let clock = move || epoch + HASTE * begun.elapsed().as_millis() as u64;
    let limits = Arc::new(Limits::with_clock(Some(&settings.places.limits), clock));
    Arc::new(Engine { limits, ..Engine::new(settings, env, Some(log)) })
}

/// A plan of one model's images, below a directory of the run's own.
fn plan(engine: &Engine, run: &str, model: &str, count: usize, work: &Path) -> Plan {
    let spec = spec(run, model, count, work);
    std::fs::create_dir_all(work.join(run)).unwrap();
    Planner::of_engine(engine, run).plan(&spec, 0).unwrap()
}

/// What is wanted of it.
pub fn spec(run: &str, model: &str, count: usize, work: &Path) -> RunSpec {
    RunSpec {
        request: Request { prompt: format!("a fox of {run}"), ..Request::default() }.into(),
        inputs: Arc::default(),
        fit: false,
        notices: Vec::new(),
        client: None,
        models: vec![model.to_owned()],
        prefer: None,
        count,
        balance: Balance::Ordered,
        fallback: Some(Vec::new()),
        output: Output::Directory(work.join(run)),
        within: None,
        extra: BTreeMap::new(),
        kept: work.join("kept"),
        force: false,
        partials: 0,
        strict: false,
        size: Size::new(1024, 1024),
        base_url: None,
        today: "2026-11-22".to_owned(),
        rehearsed: false,
    }
}

/// The run of a number, with the means to stop it.
fn begin(
    engine: &Arc<Engine>,
    number: usize,
    jobs: usize,
) -> (Run, tokio::sync::watch::Sender<Level>) {
    let id = format!("261122-{number:08}");
    let budget = RunBudget::default();
    let context = RunContext {
        id,
        jobs,
        paid: true,
        budget,
        since: None,
        blind: false,
        claims: None,
        client: None,
    };
    let (sender, stop) = Stop::new();
    (Run { stop, ..Run::begin(engine, context).unwrap() }, sender)
}

/// Works on a plan to its end.
async fn work(run: Run, plan: Plan) -> Document {
    let document = run.run(&plan).await;
    let left_open = document.jobs.iter().any(|job| job.left_open);
    run.end(left_open).await.unwrap();
    document
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

/// A world with both providers, and six requests a minute to each.
fn world(openai: &OpenAi, fal: &Fal) -> Pinx {
    Pinx::new()
        .openai(openai)
        .fal(fal)
        .env("PINX_PROVIDERS_OPENAI_REQUESTS_PER_MINUTE", RATE.to_string())
        .env("PINX_PROVIDERS_FAL_REQUESTS_PER_MINUTE", RATE.to_string())
}

/// No more requests than may be leave within a minute; that an intent is synced delays one more than
/// another.
fn keep_the_rate(times: &[Instant]) {
    for seven in times.windows(RATE + 1) {
        let span = *seven.last().unwrap() - seven[0];
        assert!(span >= MINUTE.mul_f64(0.75), "{} within {span:?}", RATE + 1);
    }
}

#[test]
fn sixteen_runs_keep_one_budget_and_one_rate_limit_and_lose_nothing() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = world(&openai, &fal);
    // Of two images of each run about three quarters can be paid for.
    let (free, env) = settings(&pinx.command(&[]).plain());
    let alone = engine(&free, &env);
    let costs = MODELS.map(|model| {
        plan(&alone, "261122-00000099", model, 1, &pinx.work()).estimate.reserve.unwrap()
    });
    let whole: Money = costs.iter().map(|cost| *cost * RUNS as u64).sum();
    let budget = Money::micros(whole.as_micros() * 3 / 4);
    let pinx = pinx.env("PINX_BUDGET_DAY", format!("{}", budget.as_dollars()));
    let (settings, env) = settings(&pinx.command(&[]).plain());
    let engine = engine(&settings, &env);
    let documents: Vec<Document> = runtime().block_on(async {
        let runs = (0..RUNS).map(|number| {
            let (run, sender) = begin(&engine, number, 2);
            let plan = plan(&engine, &run.id, MODELS[number % 2], 2, &pinx.work());
            tokio::spawn(async move {
                let document = work(run, plan).await;
                drop(sender);
                document
            })
        });
        let runs: Vec<_> = runs.collect();
        futures_util::future::join_all(runs).await.into_iter().map(Result::unwrap).collect()
    });
    let jobs: Vec<&JobReport> = documents.iter().flat_map(|document| &document.jobs).collect();
    let (done, refused): (Vec<&JobReport>, Vec<_>) =
        jobs.iter().copied().partition(|job| !job.images.is_empty());
    assert_eq!(done.len() + refused.len(), 2 * RUNS);
    for job in &refused {
        assert_eq!(job.error.as_ref().unwrap().code, "over_budget", "{job:?}");
    }
    assert!(!refused.is_empty() && done.len() > RUNS, "the budget ends some: {}", done.len());
    // Every image that was paid for is there, and each was paid for once.
    assert_eq!(openai.posts() + fal.posts(), done.len());
    assert!(done.iter().all(|job| job.attempts.len() == 1 && job.images.len() == 1));
    let files: Vec<_> = done.iter().map(|job| job.images[0].path.clone()).collect();
    assert!(files.iter().all(|path| Path::new(path).is_file()));
    let sorted: std::collections::BTreeSet<_> = files.iter().collect();
    assert_eq!(sorted.len(), files.len());
    let spent: Money = done.iter().map(|job| job.cost.best().unwrap()).sum();
    assert!(spent <= budget, "{spent} of {budget}");
    let reserved =
        pinx.entries("intent").iter().filter_map(|entry| entry["reserve"].as_u64()).sum();
    assert!(Money::micros(reserved) <= budget, "{reserved} of {budget}");
    let times = |requests: Vec<crate::fake::Request>| -> Vec<Instant> {
        requests.iter().map(|request| request.at).collect()
    };
    keep_the_rate(&times(openai.requests(Kind::Images)));
    keep_the_rate(&times(fal.requests(Kind::Submit)));
    pinx.command(&["recover", "--list"]).run().exits(0);
}

#[test]
fn a_run_that_is_stopped_leaves_the_others() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = world(&openai, &fal);
    let (settings, env) = settings(&pinx.command(&[]).plain());
    let engine = engine(&settings, &env);
    let documents: Vec<Document> = runtime().block_on(async {
        let mut senders = Vec::new();
        let mut works = Vec::new();
        for number in 0..4 {
            // The first has more to do than it can have done.
            let count = if number == 0 { 2 * RATE } else { 2 };
            let (run, sender) = begin(&engine, number, count);
            let plan = plan(&engine, &run.id, MODELS[number % 2], count, &pinx.work());
            senders.push(sender);
            works.push(tokio::spawn(work(run, plan)));
        }
        let begun = Instant::now();
        while openai.posts() == 0 {
            assert!(begun.elapsed() < PATIENCE, "nothing was sent");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        senders[0].send_replace(Level::Draining);
        futures_util::future::join_all(works).await.into_iter().map(Result::unwrap).collect()
    });
    assert_eq!(documents[0].status, RunStatus::Interrupted);
    assert!(documents[0].totals.done < 2 * RATE);
    assert!(documents[1..].iter().all(|document| document.status == RunStatus::Done));
    let images: usize = documents.iter().map(|document| document.totals.images).sum();
    assert_eq!(openai.posts() + fal.posts(), images, "what was in flight has come");
    pinx.command(&["recover", "--list"]).run().exits(0);
}

#[test]
fn a_process_collects_what_its_own_runs_have_left_open() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = world(&openai, &fal).env("PINX_DEADLINE", "200ms");
    fal.always_with(Kind::Status, |_, _| in_progress());
    let (settings, env) = settings(&pinx.command(&[]).plain());
    let engine = engine(&settings, &env);
    runtime().block_on(async {
        let (run, _sender) = begin(&engine, 0, 2);
        let plan = plan(&engine, &run.id, MODELS[1], 2, &pinx.work());
        let document = work(run, plan).await;
        assert_eq!(document.totals.unknown, 2);
        fal.always_with(Kind::Status, |_, usual| usual);
        let open = engine.log.as_ref().unwrap().still_open().unwrap();
        assert_eq!(open.len(), 2);
        let _lock = Runs(&settings.places.run).take(&open[0].intent.run).unwrap().unwrap();
        let held = vec![open[0].intent.run.clone()];
        let run_of = |id: &str| Run::new(&engine, id);
        for again in recover_all(open, held, run_of, &|remark| panic!("{remark:?}")).await {
            let (outcome, saved) = (again.outcome, again.saved.len());
            assert_eq!((outcome, saved), (RecoveryOutcome::Saved, 1), "{:?}", again.error);
        }
        engine.log.as_ref().unwrap().finish().unwrap();
    });
    assert_eq!(fal.posts(), 2);
    pinx.command(&["recover", "--list"]).run().exits(0);
}

/// The second job asks for leave before the first one's request is refused, and gets it afterwards.
#[test]
fn leave_that_comes_after_the_key_has_died_sends_nothing() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    openai.always(Kind::Images, openai::error(401, "invalid_api_key", "Incorrect API key."));
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    let (settings, env) = settings(&pinx.command(&[]).plain());
    // Both jobs ask what time it is when they ask for leave, the second one with the state in its hands;
    // then the first does so when its key is dropped, before it gives its permit back.
    let asked = Arc::new(AtomicUsize::new(0));
    let clock = move || {
        let begun = Instant::now();
        if asked.fetch_add(1, Ordering::SeqCst) == 1 {
            while asked.load(Ordering::SeqCst) < 3 && begun.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(1));
            }
            // The runtime hears of it.
            std::thread::sleep(Duration::from_millis(100));
        }
        1_700_000_000_000
    };
    let limits = Arc::new(Limits::with_clock(None, clock));
    let log = Arc::new(Log::at(&settings.places.log));
    log.open().unwrap();
    let engine = Arc::new(Engine { limits, ..Engine::new(&settings, &env, Some(log)) });
    let document = runtime().block_on(async {
        let (run, _sender) = begin(&engine, 0, 2);
        let plan = plan(&engine, &run.id, MODELS[0], 2, &pinx.work());
        work(run, plan).await
    });
    assert_eq!(document.totals.done, 0);
    assert_eq!(openai.posts(), 1, "the key is known to be dead");
}

fn in_progress() -> Answer {
    Answer::json(202, &serde_json::json!({ "status": "IN_PROGRESS", "logs": [] }))
}

/// The process that is killed below: its runs wait for jobs that never end.
#[test]
fn the_process_that_is_killed() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    let env = Env::system();
    let work_place = std::env::current_dir().unwrap();
    let settings = Arc::new(Settings::load(&env, &work_place, None, &[]).unwrap());
    let engine = engine(&settings, &env);
    runtime().block_on(async {
        let works = (0..RUNS).map(|number| {
            let (run, sender) = begin(&engine, number, 1);
            let plan = plan(&engine, &run.id, MODELS[1], 1, &work_place);
            tokio::spawn(async move {
                let _sender = sender;
                work(run, plan).await
            })
        });
        let works: Vec<_> = works.collect();
        futures_util::future::join_all(works).await;
    });
}

#[cfg(unix)]
#[test]
fn what_sixteen_runs_of_a_killed_process_had_queued_is_collected() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let rate = RUNS.to_string();
    let pinx = world(&openai, &fal).env("PINX_PROVIDERS_FAL_REQUESTS_PER_MINUTE", rate);
    fal.always_with(Kind::Status, |_, _| in_progress());
    let like = pinx.command(&[]).plain();
    let mut victim = Command::new(std::env::current_exe().unwrap());
    victim.args(["--exact", "many_runs::the_process_that_is_killed"]).env_clear();
    victim.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    victim.env(VICTIM, "1").current_dir(pinx.work()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut victim = victim.spawn().unwrap();
    let begun = Instant::now();
    // All have been sent: none is between its intent and its request.
    while fal.posts() < RUNS {
        assert!(begun.elapsed() < PATIENCE, "only {} were sent", fal.posts());
        std::thread::sleep(Duration::from_millis(5));
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    fal.quiet();
    fal.always_with(Kind::Status, |_, usual| usual);
    let done = pinx.command(&["recover", "--json"]).run().exits(0).json();
    let attempts: &Vec<Value> = done["attempts"].as_array().unwrap();
    let saved = attempts.iter().filter(|attempt| attempt["fate"] == "saved").count();
    assert_eq!((saved, fal.posts()), (RUNS, RUNS), "{done}");
    assert_eq!(pinx.files().len(), RUNS);
}
