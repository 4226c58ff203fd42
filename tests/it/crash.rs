//! SIGKILL at any instant: after `recover`, what the provider billed is on the disk, nothing twice,
//! nothing torn, nothing left over, and the journal counts the money.
//!
//! Every run is made of one seed: what is asked for, how slow the provider is in each phase, and
//! when the process dies. `PINX_CRASH_RUNS=200 cargo test --test it crash::` runs the long form, and
//! `PINX_CRASH_SEED=17` one seed alone.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::held::{self, Dice, Provider};
use crate::pinx::{Output, Pinx, Running};

/// Runs of the ordinary suite.
const RUNS: u64 = 24;

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

/// One run in a world of its own.
struct Crash {
    dice: Dice,
    provider: Provider,
    pinx: Pinx,
}

impl Crash {
    fn new(seed: u64) -> Crash {
        let dice = Dice::new(seed);
        let provider =
            if dice.one_in(2) { Provider::queue(&dice, 40) } else { Provider::sync(&dice, 40, 3) };
        let mut pinx = provider.world();
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
        self.provider.settle();
        if is_budgeted {
            assert!(self.provider.billed() as u64 <= count, "the budget was {limit}");
        }
        self.check();
    }

    /// Waits for the instant and kills; a process that is quicker ends by itself.
    fn kill(&self, mut running: Running<'_>, death: Death) {
        let started = Instant::now();
        let heard = self.provider.heard();
        let journal = held::journal_length(&self.pinx);
        let (parts, named) = self.files();
        let is_time = || match death {
            Death::After(wait) => started.elapsed() >= wait,
            Death::Request(count) => self.provider.heard() >= heard + count,
            Death::Journal(bytes) => held::journal_length(&self.pinx) >= journal + bytes,
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

    /// How many files in the working directory are being written, and how many have their names.
    fn files(&self) -> (usize, usize) {
        let files = self.pinx.files();
        let parts = files.iter().filter(|name| name.starts_with('.')).count();
        (parts, files.len() - parts)
    }

    fn check(&self) {
        let billed = self.provider.billed();
        let output = self.pinx.run(&["recover"]);
        assert!([0, 75].contains(&output.code), "{output}");
        assert_eq!(self.provider.billed(), billed, "recover paid again\n{output}");
        let list = self.pinx.run(&["recover", "--list", "--json"]);
        self.check_images(billed, &output, &list.json());
        held::no_leftovers(&self.pinx, &list.json(), &output);
        held::money(&self.pinx, billed as u64 * self.provider.price());
        let before = (self.pinx.files(), held::journal_length(&self.pinx));
        let again = self.pinx.run(&["recover"]).exits(output.code);
        assert_eq!(
            (self.pinx.files(), held::journal_length(&self.pinx)),
            before,
            "recover twice\n{again}"
        );
        assert_eq!(self.provider.billed(), billed);
    }

    /// Billed is on the disk, once; what a synchronous provider made and nobody heard is listed.
    fn check_images(&self, billed: usize, output: &Output, list: &Value) {
        let marks = held::marks(&self.pinx, output);
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
