//! The engine's properties, over random courses of answers: the real engine, a real journal and a
//! real directory, a scripted transport and a clock that stands still while nobody waits.
//!
//! What is checked after each course is written down in `courses/check.rs`.

mod check;
mod script;

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pinx::engine::plan::Planner;
use pinx::engine::{Document, Engine, Level, Plan, Run, RunBudget, RunSpec, Stop, plan};
use pinx::money::Money;
use pinx::request::{Request, Size};
use pinx::settings::{Env, FallbackOn, Metadata, Settings};
use pinx::store::{Entry, Log, Output};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use self::script::{Paid, Script, Sent};

/// One course: what is asked for, how patient the run is, and what the providers answer in turn.
#[derive(Debug, Clone)]
struct Course {
    jobs: usize,
    concurrency: usize,
    /// The first route's provider; the other one is the second route, if there is one.
    first: &'static str,
    second_route: bool,
    retries: u32,
    max_attempts: u32,
    wait_cap: Duration,
    fallback_on: Vec<FallbackOn>,
    limit: Option<Money>,
    /// When the first signal comes.
    stop_after: Option<Duration>,
    answers: Vec<Paid>,
}

/// What a course left behind.
struct Left {
    course: Course,
    document: Document,
    sent: Vec<Sent>,
    /// Images that a provider handed out.
    handed: usize,
    entries: Vec<Entry>,
    /// Path and bytes of each file.
    files: Vec<(String, Vec<u8>)>,
}

const RUN: &str = "261122-c0urse00";

fn courses() -> impl Strategy<Value = Course> {
    let openness = prop::sample::subsequence(
        vec![FallbackOn::Ambiguous, FallbackOn::Unusable, FallbackOn::Content],
        0..=3,
    );
    let openness = prop_oneof![3 => Just(Vec::new()), 1 => openness];
    let shape = (1_usize..4, 1_usize..4, any::<bool>(), any::<bool>());
    let patience = (0_u32..4, 1_u32..6, prop::sample::select(vec![1_u64, 60]));
    let limit = prop::option::of((0_u64..150_000).prop_map(Money::micros));
    let stop = prop_oneof![4 => Just(None), 1 => (0_u64..60_000).prop_map(Some)];
    let answers = prop::collection::vec(script::paid(), 1..12);
    (shape, patience, openness, limit, stop, answers).prop_map(
        |(shape, patience, fallback_on, limit, stop, answers)| Course {
            jobs: shape.0,
            concurrency: shape.1,
            first: if shape.2 { "openai/gpt-image-2" } else { "fal/flux-schnell" },
            second_route: shape.3,
            retries: patience.0,
            max_attempts: patience.1,
            wait_cap: Duration::from_secs(patience.2),
            fallback_on,
            limit,
            stop_after: stop.map(Duration::from_millis),
            answers,
        },
    )
}

/// Settings with two keys, in a home of their own.
fn settings() -> &'static (Settings, Env) {
    static SETTINGS: OnceLock<(tempfile::TempDir, (Settings, Env))> = OnceLock::new();
    let (_, settings) = SETTINGS.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let env = Env::of([
            ("PINX_HOME", home.path().to_str().unwrap()),
            ("OPENAI_API_KEY", "sk-test-0123456789abcdef"),
            ("FAL_KEY", "0b0c0d0e-0000-1111-2222-333344445555:0123456789abcdef"),
        ]);
        let settings = Settings::load(&env, home.path(), None, &[]).unwrap();
        (home, (settings, env))
    });
    settings
}

fn planned(course: &Course, output: &Path) -> Plan {
    let (settings, env) = settings();
    let (openai, fal) = ("openai/gpt-image-2", "fal/flux-schnell");
    let other = if course.first == openai { fal } else { openai };
    let spec = RunSpec {
        extra: std::collections::BTreeMap::new(),
        force: false,
        balance: pinx::settings::Balance::Ordered,
        request: Request { prompt: "a red fox".to_owned(), ..Request::default() }.into(),
        models: vec![course.first.to_owned()],
        prefer: None,
        count: course.jobs,
        fallback: Some(if course.second_route { vec![other.to_owned()] } else { Vec::new() }),
        output: Output::Directory(output.to_owned()),
        within: None,
        kept: output.join("kept"),
        strict: false,
        size: Size::new(1024, 1024),
        base_url: None,
        today: "2026-11-22".to_owned(),
    };
    let log = Log::at(&settings.places.log);
    plan::plan(&Planner::new(settings, env, &log, RUN), &spec, 0).unwrap()
}

/// The settings of a course.
fn patience(course: &Course, kept: &Path) -> Settings {
    let mut settings = settings().0.clone();
    settings.retries = course.retries;
    settings.retry_ambiguous = 0;
    settings.max_attempts = course.max_attempts;
    settings.stop_after_unusable = 3;
    settings.timeout = Duration::from_secs(300);
    settings.timeout_long = Duration::from_secs(600);
    settings.idle_timeout = Duration::from_secs(60);
    settings.deadline = Duration::from_secs(120);
    settings.wait_cap = course.wait_cap;
    settings.backoff = script::BACKOFF;
    settings.backoff_max = Duration::from_secs(30);
    settings.poll_first = Duration::from_millis(250);
    settings.poll_max = Duration::from_secs(5);
    settings.concurrency = course.concurrency as u32;
    settings.fallback_on.clone_from(&course.fallback_on);
    settings.metadata = Metadata::Never;
    settings.places.kept = kept.to_owned();
    settings
}

/// A course of events from the plan to the last entry.
fn run(course: Course) -> Left {
    let place = tempfile::tempdir().unwrap();
    let (output, log) = (place.path().join("out"), place.path().join("log"));
    std::fs::create_dir(&output).unwrap();
    let env = &settings().1;
    let settings = Arc::new(patience(&course, &place.path().join("kept")));
    let journal = Arc::new(Log::at(&log));
    journal.open().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let script = Arc::new(Script::new(course.answers.clone(), log.clone(), course.limit));
    let document = runtime.block_on(async {
        script.begin();
        let (sender, stop) = Stop::new();
        let plan = planned(&course, &output);
        let engine = Engine {
            transport: script.clone(),
            ..Engine::new(&settings, env, Some(Arc::clone(&journal)))
        };
        let run = Run {
            budget: RunBudget::new(course.limit, false),
            fallback_directory: settings.places.kept.clone(),
            stop,
            ..Run::new(&Arc::new(engine), RUN)
        };
        let signal = async {
            match course.stop_after {
                Some(after) => tokio::time::sleep(after).await,
                None => std::future::pending().await,
            }
            sender.send_replace(Level::Draining);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            document = run.run(&plan) => document,
            () = signal => unreachable!("the signal waits for ever"),
        }
    });
    drop(journal);
    let files = crate::pinx::files_below(&output);
    let (sent, handed) = script.told();
    Left {
        course,
        document,
        sent,
        handed,
        entries: entries(&log),
        files: files
            .into_iter()
            .map(|path| (path.to_str().unwrap().to_owned(), std::fs::read(path).unwrap()))
            .collect(),
    }
}

/// The journal as it is on the disk.
fn entries(log: &Path) -> Vec<Entry> {
    let mut entries = Vec::new();
    let scan = Log::at(log).read(|entry| entries.push(entry)).unwrap();
    assert_eq!(scan.torn, 0);
    entries
}

/// 300 courses, or as many as `PINX_ROUNDS` says; `PINX_SEED` makes them the same again.
fn config() -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seed = number("PINX_SEED").map_or(RngSeed::Random, RngSeed::Fixed);
    let cases = number("PINX_ROUNDS").and_then(|rounds| u32::try_from(rounds).ok());
    let cases = cases.unwrap_or(300);
    ProptestConfig { cases, failure_persistence: None, rng_seed: seed, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_course_keeps_the_engines_properties(course in courses()) {
        let left = run(course);
        check::attempts(&left);
        check::nothing_after_what_may_be_billed(&left);
        check::waits(&left);
        check::one_end(&left);
        check::the_journal_tells_the_document(&left);
        check::money(&left);
        check::files(&left);
    }
}
