//! Courses of `-m auto` where models turn out to be missing for the keys that there are: what is passed
//! over costs nothing, is remembered, and takes nothing from the images that others make.

use std::collections::BTreeSet;
use std::path::Path;

use super::course::{Command, Course, FAL, OPENAI, Outcome};
use super::dice::Dice;
use super::providers::{Mood, Refusal};

/// The models of `auto`, and where they are asked for.
const MODELS: [(&str, &str); 3] =
    [(OPENAI, "/images/generations"), (FAL, "/flux/schnell"), ("fal/fast-sdxl", "/fast-sdxl")];

/// Plays the course of a seed in a directory that is empty.
pub(super) fn play(root: &Path, seed: u64, is_traced: bool) -> Outcome {
    let mut course = Course::new(root, seed, is_traced);
    course.play_dead_end(root);
    course.outcome()
}

/// One image, some of one prompt, or a batch.
fn command(dice: &mut Dice, root: &Path, name: &str) -> Command {
    let count = 1 + dice.below(4);
    let mut rows = Vec::new();
    let mut args = if dice.one_in(2) {
        rows.extend((1..=count).map(|row| format!("{name} {row}")));
        let file = root.join(format!("work/{name}.txt"));
        let text = rows.join("\n");
        crate::fs::write_atomic(&file, text.as_bytes(), crate::fs::Mode::Normal).unwrap();
        vec!["batch".to_owned(), file.to_str().unwrap().to_owned()]
    } else {
        vec!["generate".to_owned(), name.to_owned(), "-n".to_owned(), count.to_string()]
    };
    let jobs = (1 + dice.below(4)).to_string();
    let out = format!("{}/", root.join("out").display());
    args.extend(["-o", &out, "-y", "-m", "auto", "-j", &jobs].map(str::to_owned));
    if dice.one_in(4) {
        args.push("--no-fallback".to_owned());
    }
    Command { args, rows, count, limit: None, replaces: false, has_cache: false }
}

impl Course {
    fn play_dead_end(&mut self, root: &Path) {
        let mut order = MODELS;
        let first = self.dice.below(3) as usize;
        order.rotate_left(first);
        let names = order.map(|(name, _)| name).join(",");
        self.env.retain(|(name, _)| name != "PINX_AUTO_ORDER");
        self.env.push(("PINX_AUTO_ORDER".to_owned(), names));
        // Mostly one or two, and in some courses all of them.
        let count = self.dice.of(&[1, 1, 1, 2, 2, 3]);
        let missing =
            order[..count].iter().map(|(_, path)| (*path, self.dice.one_in(2))).collect::<Vec<_>>();
        self.machine.state().providers.missing = missing;
        let one = command(&mut self.dice, root, "an owl");
        let two =
            if self.dice.one_in(3) { one.clone() } else { command(&mut self.dice, root, "a hare") };
        for _ in 0..1 + self.dice.below(3) {
            let mood = self.dice.of(&[Mood::Good, Mood::Fair, Mood::Fair, Mood::Bad]);
            self.machine.state().providers.mood = mood;
            let mut commands = vec![&one];
            if self.dice.one_in(3) {
                commands.push(&two);
            }
            let launches: Vec<_> =
                commands.iter().map(|it| self.launch(&it.args, None, true)).collect();
            self.ended(launches, &commands);
            if self.dice.one_in(3) {
                let recover = self.recover(true);
                self.ended(vec![recover], &[]);
            }
        }
        self.settle();
        self.costs_nothing();
        self.machine.state().providers.mood = Mood::Good;
        let hen = command(&mut self.dice, root, "a hen");
        // From here on nothing is lost, and what was learnt stays.
        let first = self.machine.state().processes.len();
        for command in [&one, &hen, &hen] {
            let launch = self.launch(&command.args, None, false);
            let mut known = self.refusals();
            let heard = known.len();
            known.retain(|refusal| refusal.process >= first);
            self.ended(vec![launch], &[command]);
            // Where the others are to wait, what is missing comes behind them, and is asked once more.
            if self.is_any_left(&order[count..]) && !self.machine.state().providers.is_busy() {
                self.is_passed_over(&known, heard);
            }
        }
        self.settle();
        self.costs_nothing();
        for command in [&one, &hen].into_iter().filter(|it| !it.rows.is_empty()) {
            self.checker.rows_once(command);
        }
    }

    /// Whether one of these models, which are there, was never said to be missing. Where all were, they are
    /// asked in their own order again (seed 338).
    fn is_any_left(&self, models: &[(&str, &str)]) -> bool {
        let denied = &self.machine.state().providers.denied;
        models.iter().any(|(_, path)| !denied.iter().any(|said| said.ends_with(path)))
    }

    fn refusals(&self) -> Vec<Refusal> {
        self.machine.state().providers.refusals.clone()
    }

    /// Who was told that a model is missing, and could write it down, has spent nothing on it.
    fn costs_nothing(&mut self) {
        for refusal in self.refusals() {
            if self.checker.unlucky.contains(&refusal.process) {
                continue;
            }
            let settled = {
                let state = self.machine.state();
                let known = state.ledger.attempts.get(&refusal.attempt);
                known.filter(|known| known.told.is_some()).map(|known| known.settled)
            };
            let holds = settled.is_none_or(|settled| settled == Some(0));
            self.checker.must(holds, || format!("{refusal:?} is counted as {settled:?}"));
        }
    }

    /// The command that ended last did not ask again for what all keys were known not to have.
    fn is_passed_over(&mut self, known: &[Refusal], heard: usize) {
        let keys =
            |name: &str| self.env.iter().filter(|(known, _)| known.starts_with(name)).count();
        let (openai, fal) = (keys("OPENAI_API_KEY"), keys("FAL_KEY"));
        for asked in self.refusals().into_iter().skip(heard) {
            let same = known.iter().filter(|it| it.missing == asked.missing);
            let told: BTreeSet<&str> = same.map(|it| it.key.as_str()).collect();
            let of_all = if asked.missing == MODELS[0].1 { openai } else { fal };
            self.checker.must(told.len() < of_all, || format!("{asked:?} was known"));
        }
    }
}
