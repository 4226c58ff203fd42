//! SIGKILL at any instant: after `recover`, what the provider billed is on the disk, nothing twice,
//! nothing torn, nothing left over, and the journal counts the money.
//!
//! Every run is made of one seed: what is asked for, how slow the provider is in each phase, and
//! when the process dies. `PINX_CRASH_RUNS=200 cargo test --test it crash::` runs the long form, and
//! `PINX_CRASH_SEED=17` one seed alone; `PINX_ROUNDS` and `PINX_SEED` say so for all such tests.

use crate::fake::image;
use crate::held::{self, Dice, Provider};
use crate::moments::Moment;
use crate::pinx::{Pinx, Running};

/// One run in a world of its own.
struct Crash {
    dice: Dice,
    provider: Provider,
    pinx: Pinx,
    /// The pictures that it is made from: one that is sent as it is, and one in other bytes.
    inputs: &'static [&'static str],
}

impl Crash {
    fn new(seed: u64) -> Crash {
        let dice = Dice::new(seed);
        let (provider, is_edit) = match dice.below(6) {
            0 => (Provider::queue(&dice, 40), false),
            1 => (Provider::edits(&dice, 40), true),
            2 => (Provider::sync(&dice, 40, 3), true),
            3 => (Provider::streams(&dice, 40), dice.one_in(3)),
            _ => (Provider::sync(&dice, 40, 3), false),
        };
        let mut pinx = provider.world();
        if dice.one_in(3) {
            // Replies go through raw files.
            pinx = pinx.env("PINX_BODY_MEMORY", "100");
        }
        let place = pinx.root().join("in");
        std::fs::create_dir(&place).unwrap();
        std::fs::write(place.join("mug.png"), image::bytes(64, 64, "png")).unwrap();
        std::fs::write(place.join("located.png"), image::located(64, 64, 1)).unwrap();
        let inputs: &[&str] = match is_edit {
            true => &["-i", "../in/mug.png", "-i", "../in/located.png", "-s", "1024x1024"],
            false => &[],
        };
        Crash { dice, provider, pinx, inputs }
    }

    #[expect(clippy::print_stdout, reason = "what a failing seed did is shown with it")]
    fn run(&self) {
        let count = 1 + self.dice.below(4);
        let limit = format!("{:.6}", (self.provider.price() * count) as f64 / 1e6);
        let (number, jobs) = (count.to_string(), (1 + self.dice.below(4)).to_string());
        let mut args = vec!["generate", "a red fox", "--no-fallback", "-m", self.provider.model()];
        args.extend(["-n", &number, "-j", &jobs]);
        args.extend(self.inputs);
        // What an edit reads costs more.
        let is_budgeted = self.inputs.is_empty() && self.dice.one_in(4);
        if is_budgeted {
            args.extend(["--max-cost", &limit]);
        }
        let death = Moment::of(&self.dice);
        println!("pinx {} dies {death:?}", args[4..].join(" "));
        let running = self.pinx.command(&args).spawn();
        let second = (!is_budgeted && self.dice.one_in(3)).then(|| {
            let args = ["generate", "a red fox", "--no-fallback", "-m", self.provider.model()];
            self.pinx.command(&[&args[..], &["-n", "2"], self.inputs].concat()).spawn()
        });
        self.kill(running, death);
        if self.dice.one_in(2) {
            // The dead run is recovered while the other one is still at work, or dies too.
            let recover = self.pinx.command(&["recover"]).spawn();
            let death = if self.dice.one_in(4) {
                Moment::of(&self.dice)
            } else {
                Moment::After(self.dice.millis(250))
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
        held::check(&self.pinx, &self.provider, usize::MAX);
    }

    /// Kills at the moment; a process that is quicker ends by itself.
    fn kill(&self, mut running: Running<'_>, death: Moment) {
        if death.wait(&self.pinx, &self.provider, &mut running) {
            running.signal("KILL");
        }
        running.finish();
    }
}

#[test]
fn fault_54_killed_at_any_instant_every_billed_image_reaches_the_disk_once() {
    held::seeds("CRASH", "crash::", 24, |seed| Crash::new(seed).run());
}
