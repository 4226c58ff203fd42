//! SIGKILL at any instant: after `recover`, what the provider billed is on the disk, nothing twice,
//! nothing torn, nothing left over, and the journal counts the money.
//!
//! Every run is made of one seed: what is asked for, how slow the provider is in each phase, and
//! when the process dies. `PINX_CRASH_RUNS=200 cargo test --test it crash::` runs the long form, and
//! `PINX_CRASH_SEED=17` one seed alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, with_image};
use crate::fake::{Answer, Kind, Request, Server, image};
use crate::pinx::{Output, Pinx, Running, files_below};

/// Runs of the ordinary suite.
const RUNS: u64 = 24;
/// What the providers bill for an image here, in micro-dollars.
const FAL_PRICE: u64 = 3_000;
const OPENAI_PRICE: u64 = 52_725;

/// Chance from a seed (splitmix64), shared by the threads of a provider.
#[derive(Clone)]
struct Dice(Arc<AtomicU64>);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(Arc::new(AtomicU64::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))))
    }

    /// A number below `end`.
    fn below(&self, end: u64) -> u64 {
        let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % end
    }

    fn millis(&self, end: u64) -> Duration {
        Duration::from_millis(self.below(end))
    }

    fn one_in(&self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// When a process dies.
#[derive(Debug, Clone, Copy)]
enum Death {
    After(Duration),
    /// At the k-th request that the provider hears.
    Request(usize),
    /// When the journal has so many bytes more.
    Journal(u64),
    /// When so many files more have begun to be written in the working directory.
    Part(usize),
    /// When so many files more have their names there.
    Named(usize),
}

impl Death {
    fn of(dice: &Dice) -> Death {
        match dice.below(6) {
            0 => Death::After(dice.millis(500)),
            1 | 2 => Death::Request(1 + dice.below(24) as usize),
            3 => Death::Journal(1 + dice.below(8_000)),
            4 => Death::Part(1 + dice.below(2) as usize),
            _ => Death::Named(1 + dice.below(3) as usize),
        }
    }
}

/// A provider in its own kind.
enum Provider {
    Queue(Fal),
    /// With the server that its links lead to.
    Sync(OpenAi, Server),
}

impl Provider {
    fn start(dice: &Dice) -> Provider {
        if dice.one_in(2) {
            return Provider::Queue(queue(dice));
        }
        let (openai, links) = sync(dice);
        Provider::Sync(openai, links)
    }

    fn servers(&self) -> Vec<&Server> {
        match self {
            Provider::Queue(fal) => vec![fal, &fal.cdn],
            Provider::Sync(openai, links) => vec![openai, links],
        }
    }

    fn heard(&self) -> usize {
        self.servers().iter().map(|server| server.all().len()).sum()
    }

    fn billed(&self) -> usize {
        match self {
            Provider::Queue(fal) => fal.posts(),
            Provider::Sync(openai, _) => openai.posts(),
        }
    }

    fn price(&self) -> u64 {
        match self {
            Provider::Queue(_) => FAL_PRICE,
            Provider::Sync(..) => OPENAI_PRICE,
        }
    }

    fn model(&self) -> &'static str {
        match self {
            Provider::Queue(_) => "fal/flux-schnell",
            Provider::Sync(..) => "openai/gpt-image-2",
        }
    }
}

/// A fal that takes its time everywhere; every request's file has that request's number on it.
fn queue(dice: &Dice) -> Fal {
    let fake = Fal::start();
    for kind in [Kind::Submit, Kind::Status, Kind::Result, Kind::History] {
        let dice = dice.clone();
        fake.always_with(kind, move |_, usual| usual.after(dice.millis(40)));
    }
    let dice = dice.clone();
    fake.cdn.always_with(Kind::File, move |request, _| file(request, &dice));
    fake
}

/// The image whose number, in eight hex digits, begins the name asked for.
fn file(request: &Request, dice: &Dice) -> Answer {
    let number = request.path.rsplit('/').next().and_then(|name| name.get(..8));
    let number = u32::from_str_radix(number.unwrap(), 16).unwrap();
    let answer = Answer::bytes(200, "image/png", image::marked(number));
    answer.after(dice.millis(20)).drip(4, dice.millis(8))
}

/// An OpenAI that takes its time; every image, in the answer or behind a link, has the number of its
/// request on it.
fn sync(dice: &Dice) -> (OpenAi, Server) {
    let fake = OpenAi::start();
    let own = dice.clone();
    let links = Server::start(|_, _| Kind::File, move |request| file(request, &own));
    let (dice, number, place) = (dice.clone(), AtomicU32::new(0), links.url());
    fake.always_with(Kind::Images, move |_, _| {
        let number = number.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = if dice.one_in(3) {
            let link = format!("{place}/{number:08x}.png");
            Answer::json(200, &json!({ "data": [{ "url": link }] }))
        } else {
            with_image(&image::marked(number))
        };
        let answer = answer.after(dice.millis(60));
        if dice.one_in(2) { answer.drip(4, dice.millis(10)) } else { answer }
    });
    (fake, links)
}

/// One run in a world of its own.
struct Crash {
    dice: Dice,
    provider: Provider,
    pinx: Pinx,
}

impl Crash {
    fn new(seed: u64) -> Crash {
        let dice = Dice::new(seed);
        let provider = Provider::start(&dice);
        let mut pinx = match &provider {
            Provider::Queue(fal) => Pinx::new().fal(fal),
            Provider::Sync(openai, _) => Pinx::new().openai(openai),
        };
        if dice.one_in(3) {
            // Replies go through raw files.
            pinx = pinx.env("PINX_BODY_MEMORY", "100");
        }
        Crash { dice, provider, pinx }
    }

    #[expect(clippy::print_stdout, reason = "what a failing seed did is shown with it")]
    fn run(&self) {
        let count = 1 + self.dice.below(4);
        let limit = format!("{:.6}", (self.provider.price() * count) as f64 / 1e6);
        let (number, jobs) = (count.to_string(), (1 + self.dice.below(4)).to_string());
        let mut args = vec!["generate", "a red fox", "--no-fallback", "-m", self.provider.model()];
        args.extend(["-n", &number, "-j", &jobs]);
        let is_budgeted = self.dice.one_in(4);
        if is_budgeted {
            args.extend(["--max-cost", &limit]);
        }
        let death = Death::of(&self.dice);
        println!("pinx {} dies {death:?}", args[4..].join(" "));
        let running = self.pinx.command(&args).spawn();
        let second = (!is_budgeted && self.dice.one_in(3)).then(|| {
            let args = ["generate", "a red fox", "--no-fallback", "-m", self.provider.model()];
            self.pinx.command(&[&args[..], &["-n", "2"]].concat()).spawn()
        });
        self.kill(running, death);
        if self.dice.one_in(2) {
            // The dead run is recovered while the other one is still at work, or dies too.
            let recover = self.pinx.command(&["recover"]).spawn();
            let death = if self.dice.one_in(4) {
                Death::of(&self.dice)
            } else {
                Death::After(self.dice.millis(250))
            };
            self.kill(recover, death);
        }
        if let Some(second) = second {
            second.finish().exits(0);
        }
        self.settle();
        if is_budgeted {
            assert!(self.provider.billed() as u64 <= count, "the budget was {limit}");
        }
        self.check();
    }

    /// Waits for the instant and kills; a process that is quicker ends by itself.
    fn kill(&self, mut running: Running<'_>, death: Death) {
        let started = Instant::now();
        let heard = self.provider.heard();
        let journal = self.journal_length();
        let (parts, named) = self.files();
        let is_time = || match death {
            Death::After(wait) => started.elapsed() >= wait,
            Death::Request(count) => self.provider.heard() >= heard + count,
            Death::Journal(bytes) => self.journal_length() >= journal + bytes,
            Death::Part(count) => self.files().0 >= parts + count,
            Death::Named(count) => self.files().1 >= named + count,
        };
        while !is_time() && running.is_running() {
            std::thread::sleep(Duration::from_micros(50));
        }
        if running.is_running() {
            running.signal("KILL");
        }
        running.finish();
    }

    fn settle(&self) {
        for server in self.provider.servers() {
            server.quiet();
        }
    }

    /// How many files in the working directory are being written, and how many have their names.
    fn files(&self) -> (usize, usize) {
        let files = self.pinx.files();
        let parts = files.iter().filter(|name| name.starts_with('.')).count();
        (parts, files.len() - parts)
    }

    /// What the journal tells, in short.
    fn story(&self) -> String {
        let mut story = String::new();
        for entry in self.pinx.journal() {
            let word = |key: &str| entry[key].as_str().unwrap_or_default();
            let images = entry["images"].as_array().into_iter().flatten();
            let images: Vec<&str> = images.filter_map(|image| image["path"].as_str()).collect();
            let (t, e, attempt, kept) = (word("t"), word("e"), word("attempt"), word("kept"));
            story.push_str(&format!("{t} {attempt} {e} {images:?} {kept}\n"));
        }
        story
    }

    fn segments(&self) -> Vec<PathBuf> {
        let mut segments = files_below(&self.pinx.data().join("log"));
        segments.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        segments
    }

    fn journal_length(&self) -> u64 {
        let length = |path: &PathBuf| std::fs::metadata(path).map_or(0, |meta| meta.len());
        self.segments().iter().map(length).sum()
    }

    fn check(&self) {
        let billed = self.provider.billed();
        let output = self.pinx.run(&["recover"]);
        assert!([0, 75].contains(&output.code), "{output}");
        assert_eq!(self.provider.billed(), billed, "recover paid again\n{output}");
        let list = self.pinx.run(&["recover", "--list", "--json"]);
        self.check_images(billed, &output, &list.json());
        self.check_leftovers(&list.json(), &output);
        self.check_money(billed as u64 * self.provider.price());
        let before = (self.pinx.files(), self.journal_length());
        let again = self.pinx.run(&["recover"]).exits(output.code);
        assert_eq!((self.pinx.files(), self.journal_length()), before, "recover twice\n{again}");
        assert_eq!(self.provider.billed(), billed);
    }

    /// Billed is on the disk, once; what a synchronous provider made and nobody heard is listed.
    fn check_images(&self, billed: usize, output: &Output, list: &Value) {
        let mut marks = BTreeSet::new();
        for name in self.pinx.files() {
            let mark = image::mark(&self.pinx.read(&name));
            let mark = mark.unwrap_or_else(|error| panic!("{name} is torn: {error}\n{output}"));
            let story = self.story();
            assert!(marks.insert(mark), "image {mark} is there twice: {name}\n{output}\n{story}");
        }
        let all: BTreeSet<u32> = (1..=billed as u32).collect();
        let unknown = list["attempts"].as_array().unwrap();
        assert!(unknown.iter().all(|row| row["fate"] == "unknown"), "{list}");
        assert!(unknown.iter().all(|row| row["atStake"].as_f64() > Some(0.0)), "{list}");
        let intents = self.pinx.entries("intent").len();
        assert_eq!(marks.len() + unknown.len(), intents, "forgotten\n{output}\n{list:#}");
        match self.provider {
            // What is unknown of a queue was never sent.
            Provider::Queue(_) => assert_eq!(marks, all, "billed and saved\n{output}"),
            Provider::Sync(..) => {
                assert!(marks.is_subset(&all), "{marks:?} of {billed}\n{output}");
                assert!(billed <= marks.len() + unknown.len(), "lost\n{output}\n{list:#}");
            }
        }
    }

    fn check_leftovers(&self, list: &Value, output: &Output) {
        assert!(self.pinx.kept().is_empty(), "{:?}\n{output}", self.pinx.kept());
        let open: BTreeSet<&str> = list["attempts"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|row| row["id"].as_str()?.split('.').next())
            .collect();
        for lock in files_below(&self.pinx.data().join("run")) {
            let run = lock.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(open.contains(run.as_str()), "{run} has nothing open\n{output}");
        }
        for path in files_below(&self.pinx.data()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bad = [".part", ".tmp", ".raw"].iter().any(|end| name.ends_with(end));
            assert!(!bad, "{name} is left\n{output}");
        }
    }

    /// What the journal counts as spent or uncertain covers what was billed.
    fn check_money(&self, billed: u64) {
        let mut counted: BTreeMap<String, u64> = BTreeMap::new();
        let mut done = 0;
        for entry in self.pinx.journal() {
            let attempt = entry["attempt"].as_str().unwrap_or_default().to_owned();
            match entry["e"].as_str() {
                Some("intent") => {
                    counted.insert(attempt, entry["reserve"].as_u64().unwrap());
                }
                Some("done") => {
                    let cost = entry["cost"].as_u64().or(entry["estimate"].as_u64());
                    counted.insert(attempt, cost.unwrap());
                    done += 1;
                }
                Some("failed" | "tried") if entry["billed"] == "no" => {
                    counted.remove(&attempt);
                }
                _ => {}
            }
        }
        assert!(counted.values().sum::<u64>() >= billed, "{counted:?} for {billed}");
        assert_eq!(done, self.pinx.files().len(), "one `done` for every file");
    }
}

#[test]
fn fault_54_killed_at_any_instant_every_billed_image_reaches_the_disk_once() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds: Vec<u64> = match number("PINX_CRASH_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("PINX_CRASH_RUNS").unwrap_or(RUNS)).collect(),
    };
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let run = || Crash::new(*seed).run();
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
            let word = if outcome.is_ok() { "held" } else { "FAILED" };
            println!(
                "seed {seed} {word}; again: PINX_CRASH_SEED={seed} cargo test --test it crash::"
            );
            if outcome.is_err() {
                failed.lock().unwrap().push(*seed);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "seeds that failed: {failed:?}");
}
