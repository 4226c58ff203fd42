//! Courses of images that are made again: a whole batch, then `--only ID --force` in all that may happen
//! to it, and what stands in every place behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::check::paths;
use super::course::{Command, Course, FAL, OPENAI, Outcome};
use super::dice::Dice;
use super::providers::{FAL_PRICE, Mood, OPENAI_PRICE};

/// What was made of a batch, and what of it is asked for again.
struct Remake {
    /// The command that makes the batch.
    plain: Command,
    /// The command that makes some of it again.
    again: Command,
    /// The prompts that it names.
    asked: Vec<String>,
    /// Where the image of each prompt is, without its ending.
    stems: BTreeMap<String, String>,
}

/// Plays the course of a seed in a directory that is empty.
pub(super) fn play(root: &Path, seed: u64, is_traced: bool) -> Outcome {
    let mut course = Course::new(root, seed, is_traced);
    course.play_remake(root);
    course.outcome()
}

/// A batch of some rows, with ids in half of all courses.
fn batch(dice: &mut Dice, root: &Path) -> (Command, bool) {
    let rows: Vec<String> = (1..=2 + dice.below(3)).map(|row| format!("an owl {row}")).collect();
    let has_ids = dice.one_in(2);
    let (name, lines): (_, Vec<String>) = if has_ids {
        let line = |(at, row): (usize, &String)| {
            serde_json::json!({ "id": format!("owl-{}", at + 1), "prompt": row }).to_string()
        };
        ("p.jsonl", rows.iter().enumerate().map(line).collect())
    } else {
        ("p.txt", rows.clone())
    };
    let file = root.join("work").join(name);
    crate::fs::write_atomic(&file, lines.join("\n").as_bytes(), crate::fs::Mode::Normal).unwrap();
    let (model, other) = if dice.one_in(2) { (OPENAI, FAL) } else { (FAL, OPENAI) };
    let jobs = (1 + dice.below(4)).to_string();
    let out = format!("{}/", root.join("out").display());
    let mut args = vec!["batch", file.to_str().unwrap(), "-o", &out, "-y", "-j", &jobs];
    args.extend(match dice.below(4) {
        0 => ["-m", "auto"].to_vec(),
        1 => ["-m", model, "--fallback", other].to_vec(),
        _ => ["-m", model, "--no-fallback"].to_vec(),
    });
    if dice.one_in(4) {
        args.push("--claim");
    }
    let args = args.into_iter().map(str::to_owned).collect();
    let count = rows.len() as u64;
    (Command { args, rows, count, limit: None, replaces: false, has_cache: false }, has_ids)
}

/// What is made again: all of it, or one or two rows by their numbers or ids.
fn again(dice: &mut Dice, plain: &Command, has_ids: bool) -> (Command, Vec<String>) {
    let mut again = plain.clone();
    again.args.push("--force".to_owned());
    let mut only = |name: &str| again.args.extend(["--only".to_owned(), name.to_owned()]);
    let asked = if dice.one_in(4) {
        only(if has_ids && dice.one_in(2) { "owl-*" } else { "*" });
        plain.rows.clone()
    } else {
        let first = dice.below(plain.count);
        let second = if dice.one_in(3) { dice.below(plain.count) } else { first };
        let rows = BTreeSet::from([first, second]);
        for row in &rows {
            let number = (row + 1).to_string();
            only(&if has_ids { format!("owl-{number}") } else { number });
        }
        rows.iter().map(|row| plain.rows[*row as usize].clone()).collect()
    };
    (again, asked)
}

impl Course {
    fn play_remake(&mut self, root: &Path) {
        // The batch is whole before anything happens.
        self.env.retain(|(name, _)| name != "PINX_BUDGET_DAY");
        self.machine.state().ledger.day = None;
        let (plain, has_ids) = batch(&mut self.dice, root);
        let launch = self.launch(&plain.args, None, false);
        let code = self.ended(vec![launch], &[&plain])[0].code;
        self.checker.must(code == Some(0), || format!("the batch ended with {code:?}"));
        self.settle();
        let (again, asked) = again(&mut self.dice, &plain, has_ids);
        let stem = |path: PathBuf| path.with_extension("").to_str().unwrap().to_owned();
        let places = self.places(&plain.rows);
        self.checker.must(places.values().all(|of| of.len() == 1), || format!("{places:?}"));
        let stems = places.into_iter().map(|(row, of)| (row, stem(of[0].clone()))).collect();
        let mut remake = Remake { plain, again, asked, stems };
        self.may_change(&remake);
        let standing = self.checker.pictures();
        self.limit(&mut remake);
        let mut times = 0;
        for _ in 0..1 + self.dice.below(3) {
            times += self.some_of_it(&remake);
            self.stands(&remake, &standing);
        }
        self.settle();
        self.stands(&remake, &standing);
        self.machine.state().providers.mood = Mood::Good;
        self.nothing_more(&remake);
        times += self.once_more(&mut remake);
        self.stands(&remake, &standing);
        self.settle();
        self.as_often_as_asked(&remake, times);
        let before = self.checker.left();
        let recover = self.recover(false);
        self.ended(vec![recover], &[]);
        self.checker.same(before, "recover twice");
    }

    /// What may be spent, in some courses.
    fn limit(&mut self, remake: &mut Remake) {
        let price = self.dice.of(&[OPENAI_PRICE, FAL_PRICE]);
        let most = self.dice.below(price * 4);
        let has_one_price = remake.again.args.iter().any(|arg| arg == "--no-fallback");
        if self.dice.one_in(4) && has_one_price {
            let text = format!("{:.6}", most as f64 / 1e6);
            remake.again.args.extend(["--max-cost".to_owned(), text]);
            remake.again.limit = Some(most);
        } else if self.dice.one_in(4) {
            let mut state = self.machine.state();
            let spent: u64 = state.ledger.attempts.values().filter_map(|it| it.settled).sum();
            let day = spent + most;
            state.ledger.day = Some(day);
            self.env.push(("PINX_BUDGET_DAY".to_owned(), format!("{:.6}", day as f64 / 1e6)));
        }
    }

    /// Makes it again while anything may happen, beside itself or the whole batch in some courses;
    /// answers with how often that was.
    fn some_of_it(&mut self, remake: &Remake) -> usize {
        let mood = self.dice.of(&[Mood::Good, Mood::Fair, Mood::Bad]);
        self.machine.state().providers.mood = mood;
        let mut commands = vec![&remake.again];
        if self.dice.one_in(3) {
            commands.push(if self.dice.one_in(2) { &remake.again } else { &remake.plain });
        }
        let launches: Vec<_> =
            commands.iter().map(|it| self.launch(&it.args, it.limit, true)).collect();
        let times = commands.iter().filter(|it| it.args == remake.again.args).count();
        let before = self.checker.pictures();
        let open = self.open(remake);
        let ended = self.ended(launches, &commands);
        self.may_change(remake);
        if ended[0].code == Some(0) {
            self.is_new(remake, &before, &open);
        }
        if self.dice.one_in(3) {
            let recover = self.recover(true);
            self.ended(vec![recover], &[]);
            self.may_change(remake);
        }
        times
    }

    /// What was made of the rows asked for may get another picture, wherever it is: what a run that died
    /// had paid for may be collected beside what it was to replace, and is the row's image from then on.
    fn may_change(&mut self, remake: &Remake) {
        self.checker.asked = self.places(&remake.asked).into_values().flatten().collect();
    }

    /// Every image that was asked for is another one than before, unless an attempt of it was open.
    fn is_new(
        &mut self,
        remake: &Remake,
        before: &BTreeMap<PathBuf, u32>,
        open: &BTreeSet<String>,
    ) {
        let now = self.checker.pictures();
        for row in remake.asked.iter().filter(|row| !open.contains(*row)) {
            let of = |pictures: &BTreeMap<PathBuf, u32>| -> Vec<u32> {
                let own = pictures.iter().filter(|(path, _)| remake.is_of(row, path));
                own.map(|(_, number)| *number).collect()
            };
            let is_new = of(before) != of(&now);
            self.checker.must(is_new, || format!("exit 0, and `{row}` was not made again"));
        }
    }

    /// What was not asked for is as it was, and no place is ever empty.
    fn stands(&mut self, remake: &Remake, standing: &BTreeMap<PathBuf, u32>) {
        let now = self.checker.pictures();
        for (place, number) in standing {
            let there = now.get(place);
            let is_asked = remake.asked.iter().any(|row| remake.is_of(row, place));
            let holds = if is_asked { there.is_some() } else { there == Some(number) };
            self.checker
                .must(holds, || format!("{} was {number} and is {there:?}", place.display()));
        }
        let is_own = |place: &PathBuf| remake.asked.iter().any(|row| remake.is_of(row, place));
        let is_strange = |place: &&PathBuf| !standing.contains_key(*place) && !is_own(place);
        let strange: Vec<_> = now.keys().filter(is_strange).collect();
        let row = &remake.asked;
        self.checker.must(strange.is_empty(), || format!("{row:?} went to {strange:?}"));
    }

    /// The batch itself pays for nothing and changes nothing.
    fn nothing_more(&mut self, remake: &Remake) {
        let (made, before) = (self.made(), self.checker.pictures());
        let launch = self.launch(&remake.plain.args, None, false);
        self.ended(vec![launch], &[&remake.plain]);
        self.may_change(remake);
        let (now, after) = (self.made(), self.checker.pictures());
        self.checker.must(made == now, || format!("{made} images were made, then {now}"));
        self.checker.must(before == after, || format!("{before:?} became {after:?}"));
    }

    /// With nothing in the way, each is made again once; answers with how often it was tried.
    fn once_more(&mut self, remake: &mut Remake) -> usize {
        let is_limited = {
            let state = self.machine.state();
            let may_spend = remake.again.limit.or(state.ledger.day).is_none();
            // A key that is to wait longer than the user does makes nothing.
            !may_spend || state.providers.is_busy()
        };
        let (made, before, open) = (self.made(), self.checker.pictures(), self.open(remake));
        let launch = self.launch(&remake.again.args, remake.again.limit, false);
        let code = self.ended(vec![launch], &[&remake.again])[0].code;
        self.may_change(remake);
        let new = self.made() - made;
        let most = remake.asked.len() - open.len();
        self.checker.must(new <= most, || format!("{new} images for {:?}", remake.asked));
        if !is_limited && open.is_empty() {
            let holds = code == Some(0) && new == most;
            self.checker.must(holds, || format!("{code:?} and {new} images for {most}"));
        }
        if code == Some(0) {
            self.is_new(remake, &before, &open);
        }
        1
    }

    /// Nobody was billed for an image more often than it was asked for, and no command pays for two.
    fn as_often_as_asked(&mut self, remake: &Remake, times: usize) {
        let entries = self.checker.entries();
        let has_opted_in = self.checker.opted_in.is_some();
        for row in &remake.plain.rows {
            let attempts = attempts(&entries, row);
            let mut made: BTreeMap<usize, usize> = BTreeMap::new();
            {
                let state = self.machine.state();
                let images = state.providers.images.values();
                for attempt in images.filter_map(|made| made.attempt.as_deref()) {
                    if attempts.contains(attempt) {
                        *made.entry(state.ledger.attempts[attempt].process).or_default() += 1;
                    }
                }
            }
            let most = made.values().max().copied().unwrap_or_default();
            let is_once = most <= 1 || has_opted_in;
            self.checker.must(is_once, || format!("`{row}` was made {most} times by one command"));
            let all: usize = made.values().sum();
            let asked = 1 + if remake.asked.contains(row) { times } else { 0 };
            let may = all <= asked || has_opted_in && remake.asked.contains(row);
            self.checker.must(may, || format!("`{row}`: {all} images, asked for {asked}"));
        }
    }

    /// How many images all providers have made.
    fn made(&self) -> usize {
        self.machine.state().providers.images.len()
    }

    /// Where the images of each prompt were saved.
    fn places(&self, rows: &[String]) -> BTreeMap<String, Vec<PathBuf>> {
        let entries = self.checker.entries();
        let place = |row: &String| {
            let attempts = attempts(&entries, row);
            let is_own = |entry: &&Value| {
                entry["e"] == "done" && attempts.contains(entry["attempt"].as_str().unwrap())
            };
            let of: BTreeSet<&str> = entries.iter().filter(is_own).flat_map(paths).collect();
            (row.clone(), of.into_iter().map(PathBuf::from).collect())
        };
        rows.iter().map(place).collect()
    }

    /// Which of the rows asked for have an attempt whose end nobody knows.
    fn open(&self, remake: &Remake) -> BTreeSet<String> {
        let entries = self.checker.entries();
        let ends = ["done", "failed", "tried", "settled"];
        let ended =
            entries.iter().filter(|it| ends.contains(&it["e"].as_str().unwrap_or_default()));
        let ended: BTreeSet<&str> = ended.filter_map(|it| it["attempt"].as_str()).collect();
        let is_open = |row: &&String| !attempts(&entries, row).is_subset(&ended);
        remake.asked.iter().filter(is_open).cloned().collect()
    }
}

impl Remake {
    /// Whether a file is an image of a row.
    fn is_of(&self, row: &str, path: &Path) -> bool {
        path.to_str().is_some_and(|path| path.starts_with(&self.stems[row]))
    }
}

/// The attempts to make the image of a prompt.
fn attempts<'e>(entries: &'e [Value], row: &str) -> BTreeSet<&'e str> {
    let intents = entries.iter().filter(|it| it["e"] == "intent" && it["prompt"] == row);
    intents.filter_map(|entry| entry["attempt"].as_str()).collect()
}
