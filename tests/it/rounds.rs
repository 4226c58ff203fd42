//! Real runs, stopped by a random signal, and then their log damaged at random: what was billed is on
//! the disk once, or told as open or damaged; no budget is lower than what was billed; nothing ends in
//! a panic; and there is a way out.
//!
//! Every round is made of one seed. `PINX_ROUNDS_RUNS=300 cargo test --test it rounds::` runs the long
//! form, and `PINX_ROUNDS_SEED=17` one seed alone.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pinx::store::Log;
use pinx::store::log::Period;
use serde_json::Value;

use crate::fake::image;
use crate::held::{Dice, Provider, seeds};
use crate::pinx::{Output, Pinx, Running};

/// Rounds of the ordinary suite.
const ROUNDS: u64 = 12;

/// One round in a world of its own.
struct Round {
    dice: Dice,
    provider: Provider,
    pinx: Pinx,
}

impl Round {
    fn new(seed: u64) -> Round {
        let dice = Dice::new(seed ^ 0x9e37_79b9);
        let provider =
            if dice.one_in(2) { Provider::queue(&dice, 40) } else { Provider::sync(&dice, 40, 3) };
        let pinx = provider.world().damaged();
        Round { dice, provider, pinx }
    }

    #[expect(clippy::print_stdout, reason = "what a failing seed did is shown with it")]
    fn run(&self) {
        let (count, jobs) = ((1 + self.dice.below(3)).to_string(), 1 + self.dice.below(3));
        let jobs = jobs.to_string();
        let mut args = vec!["generate", "a red fox", "--no-fallback", "-m", self.provider.model()];
        args.extend(["-n", &count, "-j", &jobs]);
        if self.dice.one_in(3) {
            args.push("--cancel-on-interrupt");
        }
        let signals: &[&str] = match self.dice.below(6) {
            0 => &[],
            1 => &["INT"],
            2 => &["INT", "INT"],
            3 => &["TERM"],
            _ => &["KILL"],
        };
        println!("pinx {} gets {signals:?}", args[4..].join(" "));
        let running = self.pinx.command(&args).spawn();
        let output = self.stop(running, signals);
        assert!([-1, 0, 75, 130].contains(&output.code), "{output}");
        self.sane(&output);
        self.provider.settle();
        let story = self.damage();
        println!("{}", story.join(", "));
        self.check();
    }

    fn stop(&self, mut running: Running<'_>, signals: &[&str]) -> Output {
        let (heard, started) = (1 + self.dice.below(16) as usize, Instant::now());
        let most = Duration::from_millis(100) + self.dice.millis(400);
        while running.is_running() && self.provider.heard() < heard && started.elapsed() < most {
            std::thread::sleep(Duration::from_micros(100));
        }
        for signal in signals {
            if running.is_running() {
                running.signal_at_once(signal);
            }
            std::thread::sleep(self.dice.millis(40));
        }
        running.finish()
    }

    fn sane(&self, output: &Output) {
        assert!(!output.stderr.contains("panicked"), "{output}");
    }

    /// Damages the log, but not its very end, which nobody can tell from a crash.
    fn damage(&self) -> Vec<String> {
        let Some(path) = self.pinx.segments().pop() else { return Vec::new() };
        let mut bytes = std::fs::read(&path).unwrap();
        let mut story = Vec::new();
        for _ in 0..self.dice.below(4) {
            let length = bytes.len() as u64;
            if length < 60 {
                break;
            }
            let at = self.dice.below(length - 40) as usize;
            let size = 1 + self.dice.below(30) as usize;
            let kind = self.dice.below(6);
            match kind {
                0 => bytes[at] ^= 1 << self.dice.below(8),
                1 => bytes[at..at + size].fill(0),
                2 => drop(bytes.drain(at..at + size)),
                3 => {
                    let noise = (0..size).map(|_| self.dice.below(256) as u8).collect::<Vec<_>>();
                    drop(bytes.splice(at..at, noise));
                }
                4 => {
                    // A line that is there twice.
                    let end = bytes[at..].iter().position(|byte| *byte == b'\n').unwrap() + at + 1;
                    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n');
                    let line = bytes[start.map_or(0, |start| start + 1)..end].to_vec();
                    drop(bytes.splice(end..end, line));
                }
                _ => {
                    // A block that the disk has lost.
                    let end = (at + 700).min(bytes.len() - 1);
                    bytes[at..end].fill(0);
                }
            }
            story.push(format!("{kind} at {at}"));
        }
        std::fs::write(&path, bytes).unwrap();
        story
    }

    fn check(&self) {
        let billed = self.provider.billed();
        self.check_money(billed as u64 * self.provider.price());
        let log = self.pinx.data().join("log");
        for args in [&["log"][..], &["stats"], &["doctor"], &["recover", "--list"]] {
            // Not even these tidy up what the dead process left.
            self.sane(&self.pinx.command(args).spawn().finish());
        }
        // Parts of what a damaged line hides stay until it is dismissed.
        let pinx = |args: &[&str]| self.pinx.command(args).spawn().finish();
        let recover = || pinx(&["recover"]);
        let output = recover();
        self.sane(&output);
        assert!([0, 75].contains(&output.code), "{output}");
        let again = recover();
        assert_eq!(self.provider.billed(), billed, "recover paid again\n{output}");
        assert_eq!(again.files, output.files, "recover twice\n{again}");
        let list = pinx(&["recover", "--list", "--json"]).json();
        let survey = Log::at(&log).survey().unwrap();
        let is_whole = survey.findings.is_empty();
        let doubtful = survey.findings.iter().filter(|found| !found.is_accounted_for).count();
        self.check_images(billed, &again, &list, (doubtful, is_whole));
        let open = list["attempts"].as_array().unwrap().len();
        assert_eq!(again.code, if open + doubtful > 0 { 75 } else { 0 }, "{again}\n{list:#}");
        // The way out.
        let out = ["recover", "--forget", "damaged", "all-unknown", "--yes"];
        self.sane(&pinx(&out).exits(0));
        // What is still in the queue's hands is no candidate, and nothing else is left.
        let end = recover();
        let named = |files: &[String]| files.iter().filter(|f| !f.starts_with('.')).count();
        let pending =
            list["attempts"].as_array().unwrap().iter().filter(|a| a["fate"] == "pending");
        assert_eq!(end.code, if pending.count() > 0 { 75 } else { 0 }, "{end}");
        assert_eq!((self.provider.billed(), named(&end.files)), (billed, named(&again.files)));
    }

    fn check_images(
        &self,
        billed: usize,
        output: &Output,
        list: &Value,
        (doubtful, is_whole): (usize, bool),
    ) {
        let mut marks = BTreeSet::new();
        for name in output.files.iter().filter(|name| !name.starts_with('.')) {
            let mark = image::mark(&self.pinx.read(name));
            let mark = mark.unwrap_or_else(|error| panic!("{name} is torn: {error}\n{output}"));
            assert!(marks.insert(mark), "image {mark} is there twice: {name}\n{output}");
        }
        assert!(marks.iter().all(|mark| (1..=billed as u32).contains(mark)), "{marks:?}");
        let open = list["attempts"].as_array().unwrap();
        let cancelled = self.pinx.entries("failed").len();
        let told = marks.len() + open.len() + cancelled;
        assert!(told >= billed || doubtful > 0, "lost: {marks:?} of {billed}\n{output}\n{list:#}");
        if let (Provider::Queue(_), true, 0) = (&self.provider, is_whole, cancelled) {
            // What is unknown of a queue was never sent.
            assert_eq!(marks.len(), billed, "{output}\n{list:#}");
        }
    }

    /// What budgets count covers what was billed, or they know that they cannot tell.
    fn check_money(&self, billed: u64) {
        let fold = Log::at(&self.pinx.data().join("log")).state().unwrap();
        let now = jiff::Timestamp::now();
        let taken = fold.state().taken(Period::Month, now, fold.zone()).taken().as_micros();
        let is_unsure = fold.state().is_unsure(Period::Month, now, fold.zone());
        assert!(taken >= billed || is_unsure, "{taken} of {billed}");
    }
}

#[test]
fn whatever_happens_to_a_run_and_its_log_what_was_billed_is_there_or_told() {
    seeds("ROUNDS", "rounds::", ROUNDS, |seed| Round::new(seed).run());
}
