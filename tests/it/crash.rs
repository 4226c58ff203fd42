//! SIGKILL at any instant: after `recover`, what the provider billed is on the disk, nothing twice,
//! nothing torn, nothing left over, and the journal counts the money.
//!
//! Every run is made of one seed: what is asked for, how slow the provider is in each phase, and
//! when the process dies. `PINX_CRASH_RUNS=200 cargo test --test it crash::` runs the long form, and
//! `PINX_CRASH_SEED=17` one seed alone; `PINX_ROUNDS` and `PINX_SEED` say so for all such tests.

use crate::held::{self, Dice, Provider};
use crate::moments::Moment;
use crate::pinx::{Pinx, Running};

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
        let death = Moment::of(&self.dice);
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
