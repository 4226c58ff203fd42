//! Courses of images that are made from others: what is sent along is free, goes once to where it is read
//! from, is never paid for, and stays as long as anything open needs it and no longer.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{ImageFormat, Rgb, RgbImage};
use jiff::SignedDuration;
use serde_json::Value;

use super::course::{Command, Course, OPENAI, Outcome};
use super::dice::Dice;
use super::mishap::Mishap;
use super::providers::{Mood, OPENAI_PRICE};

const FAL: &str = "fal/nano-banana";
/// After so long nothing is kept that nobody needs.
const LATER: SignedDuration = SignedDuration::from_hours(9 * 24);

/// Plays the course of a seed in a directory that is empty.
pub(super) fn play(root: &Path, seed: u64, is_traced: bool) -> Outcome {
    let mut course = Course::new(root, seed, is_traced);
    course.play_edits(root);
    course.outcome()
}

/// A small picture of a shade, which lies on its side or is sent as it is.
fn picture(dice: &mut Dice, path: &Path, lies: bool) {
    let shade = dice.below(250) as u8;
    let picture = RgbImage::from_fn(12, 8, |x, y| Rgb([shade, x as u8 * 20, y as u8 * 30]));
    let mut bytes = Cursor::new(Vec::new());
    let format = if lies { ImageFormat::Jpeg } else { ImageFormat::Png };
    picture.write_to(&mut bytes, format).unwrap();
    let mut bytes = bytes.into_inner();
    if lies {
        // An EXIF segment of one entry: Orientation is 6.
        let exif = b"\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        bytes.splice(2..2, exif.iter().copied());
    }
    crate::fs::write_atomic(path, &bytes, crate::fs::Mode::Normal).unwrap();
}

/// One image, some of one prompt, or a batch, of one picture or two.
fn command(dice: &mut Dice, root: &Path, name: &str, pictures: &[PathBuf]) -> Command {
    let count = 1 + dice.below(4);
    let mut rows = Vec::new();
    let mut args = if dice.one_in(2) {
        rows.extend((1..=count).map(|row| format!("{name} {row}")));
        let file = root.join(format!("work/{name}.txt"));
        let text = rows.join("\n");
        crate::fs::write_atomic(&file, text.as_bytes(), crate::fs::Mode::Normal).unwrap();
        vec!["batch".to_owned(), file.to_str().unwrap().to_owned()]
    } else {
        vec!["edit".to_owned(), name.to_owned(), "-n".to_owned(), count.to_string()]
    };
    let jobs = (1 + dice.below(4)).to_string();
    let out = format!("{}/", root.join("out").display());
    args.extend(["-o", &out, "-y", "-s", "1024x1024", "-j", &jobs].map(str::to_owned));
    let (first, other) = if dice.one_in(2) { (OPENAI, FAL) } else { (FAL, OPENAI) };
    args.extend(["-m", first].map(str::to_owned));
    match dice.one_in(3) {
        true => args.extend(["--fallback", other].map(str::to_owned)),
        false => args.push("--no-fallback".to_owned()),
    }
    let (from, to) = dice.of(&[(0, 1), (1, 2), (0, 2)]);
    for picture in &pictures[from..to] {
        args.extend(["-i", picture.to_str().unwrap()].map(str::to_owned));
    }
    let mut limit = None;
    if dice.one_in(4) {
        let most = dice.below(OPENAI_PRICE * (count + 1)) + OPENAI_PRICE;
        args.extend(["--max-cost".to_owned(), format!("{:.6}", most as f64 / 1e6)]);
        limit = Some(most);
    }
    let has_cache = dice.one_in(5);
    if has_cache {
        args.push("--cache".to_owned());
    }
    Command { args, rows, count, limit, replaces: false, has_cache }
}

impl Course {
    fn play_edits(&mut self, root: &Path) {
        // As files of a form, or in JSON.
        if self.dice.one_in(3) {
            let word = "json-images".to_owned();
            self.env.push(("PINX_PROVIDERS_OPENAI_EDIT".to_owned(), word));
        }
        let pictures = [root.join("work/mug.png"), root.join("work/street.jpg")];
        for (path, lies) in pictures.iter().zip([false, true]) {
            picture(&mut self.dice, path, lies);
        }
        let one = command(&mut self.dice, root, "an owl", &pictures);
        let two = match self.dice.one_in(3) {
            true => one.clone(),
            false => command(&mut self.dice, root, "a hare", &pictures),
        };
        let mut has_changed = false;
        for _ in 0..1 + self.dice.below(3) {
            let mood = self.dice.of(&[Mood::Good, Mood::Fair, Mood::Fair, Mood::Bad]);
            self.machine.state().providers.mood = mood;
            let mut commands = vec![&one];
            if self.dice.one_in(3) {
                commands.push(&two);
            }
            let launches: Vec<_> =
                commands.iter().map(|it| self.launch(&it.args, it.limit, true)).collect();
            self.ended(launches, &commands);
            if self.dice.one_in(3) {
                let recover = self.recover(true);
                self.ended(vec![recover], &[]);
            }
            // Then it is another job.
            if self.dice.one_in(5) {
                has_changed = true;
                let which = self.dice.below(2) as usize;
                picture(&mut self.dice, &pictures[which], which == 1);
            }
        }
        self.settle();
        self.machine.state().providers.mood = Mood::Good;
        let again = self.launch(&one.args, one.limit, false);
        self.ended(vec![again], &[&one]);
        self.settle();
        if !one.rows.is_empty() && !has_changed {
            self.checker.rows_once(&one);
        }
        self.uploaded_once();
        self.is_swept(root);
    }

    /// A picture goes to the storage once, but where nobody could know that it is there.
    fn uploaded_once(&mut self) {
        let (put, again, mishaps) = {
            let state = self.machine.state();
            // Where nothing can be noted, each job uploads for itself.
            if state.processes.iter().any(|process| process.was_refused) {
                return;
            }
            let launches = state.processes.iter().map(|process| &process.launch.mishap);
            let mishaps = launches.filter(|&mishap| *mishap != Mishap::default()).count();
            let storage = &state.providers.storage;
            (storage.put.clone(), storage.again, mishaps)
        };
        for (sha256, count) in put {
            let may = count <= 1 + again + mishaps;
            self.checker
                .must(may, || format!("{sha256} was uploaded {count} times, {again} again"));
        }
    }

    /// After a while what was kept to be sent is gone, but for what is open.
    fn is_swept(&mut self, root: &Path) {
        self.machine.state().now += LATER;
        let mut recover = self.recover(false);
        recover.args.push("--json".to_owned());
        let told = self.ended(vec![recover], &[]).remove(0).stdout;
        let told: Value = serde_json::from_str(&told).unwrap();
        // A line that cannot be read may name any of them.
        if told["damaged"].as_array().is_some_and(|lines| !lines.is_empty()) {
            return;
        }
        let entries = self.checker.entries();
        let inputs = super::disk::files(&root.join("home/inputs"));
        for path in inputs.into_keys() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_open = |attempt: &str| {
                let mut own = entries.iter().filter(|entry| entry["attempt"] == attempt);
                !own.any(|entry| ["done", "failed"].contains(&entry["e"].as_str().unwrap_or("")))
            };
            let mut intents = entries.iter().filter(|entry| entry["e"] == "intent");
            let is_needed = intents.any(|entry| {
                let attempt = entry["attempt"].as_str().unwrap_or_default();
                entry["order"].to_string().contains(&name) && is_open(attempt)
            });
            self.checker.must(is_needed, || format!("{} is left for ever", path.display()));
        }
    }
}
