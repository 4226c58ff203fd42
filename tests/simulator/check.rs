//! What must be true when commands have ended, whatever happened to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::course::Command;
use super::disk::{Files, files};
use super::ends::{self, is_free};
use super::machine::{Ended, Machine};
use super::mishap::{Death, Fault};
use super::providers::number_of;
use super::streams::PREVIEW;
use crate::error::Kind;

pub(super) struct Checker {
    machine: Arc<Machine>,
    /// The pictures that were seen under their names.
    seen: BTreeMap<PathBuf, u32>,
    /// Processes that may have lost what they were given: they died, or the disk refused.
    pub(super) unlucky: BTreeSet<usize>,
    may_replace: bool,
    /// The images that the user asked to be made again in their places.
    pub(super) asked: BTreeSet<PathBuf>,
    has_cache: bool,
    had_power_cut: bool,
    /// A process died where the file system had no links.
    had_no_links: bool,
    /// Attempts of a job.
    max_attempts: usize,
    /// What goes on over the next route because the user said so.
    pub(super) opted_in: Option<Kind>,
    pub(super) wrong: Vec<String>,
}

impl Checker {
    pub(super) fn new(machine: &Arc<Machine>, env: &[(String, String)]) -> Checker {
        let of = |name: &str| {
            env.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        Checker {
            machine: Arc::clone(machine),
            seen: BTreeMap::new(),
            unlucky: BTreeSet::new(),
            may_replace: false,
            asked: BTreeSet::new(),
            has_cache: false,
            had_power_cut: false,
            had_no_links: false,
            max_attempts: of("PINX_MAX_ATTEMPTS").and_then(|most| most.parse().ok()).unwrap(),
            opted_in: of("PINX_FALLBACK_ON")
                .and_then(|kind| serde_json::from_value(kind.into()).ok()),
            wrong: Vec::new(),
        }
    }

    pub(super) fn must(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            let what = self.machine.plain(&what());
            self.wrong.push(what);
        }
    }

    /// Commands have ended, or died.
    pub(super) fn ended(&mut self, first: usize, ended: &[Ended], commands: &[&Command]) {
        self.may_replace |= commands.iter().any(|command| command.replaces);
        self.has_cache |= commands.iter().any(|command| command.has_cache);
        for (at, ended) in ended.iter().enumerate() {
            let process = first + at;
            let (was_refused, is_power, has_no_links) = {
                let state = self.machine.state();
                let process = &state.processes[process];
                let death = process.launch.mishap.death;
                let is_power = death.is_some_and(|(_, death)| death == Death::Power);
                let fault = process.launch.mishap.fault;
                let has_no_links = fault.is_some_and(|(_, _, fault, _)| fault == Fault::NoLinks);
                (process.was_refused, ended.code.is_none() && is_power, has_no_links)
            };
            self.had_power_cut |= is_power;
            self.had_no_links |= has_no_links && ended.code.is_none();
            if is_power {
                let entries = self.entries();
                let is_there = |id: &str, event: Option<&str>| {
                    entries.iter().any(|entry| {
                        entry["attempt"] == id && event.is_none_or(|event| entry["e"] == event)
                    })
                };
                self.machine.state().ledger.lose(is_there);
            }
            if ended.code.is_none() || was_refused || ended.stderr.contains("abandoned") {
                self.unlucky.insert(process);
            }
            if let (Some(0), Some(command)) = (ended.code, commands.get(at)) {
                let lines: Vec<&str> = ended.stdout.lines().collect();
                let all = command.rows.is_empty() && lines.len() as u64 != command.count;
                self.must(!all, || format!("{process} ended well with {lines:?}"));
                for line in lines.iter().filter(|line| line.ends_with(".png")) {
                    let is_there = Path::new(line).is_file();
                    self.must(is_there, || format!("{process} told of {line}, which is not there"));
                }
            }
            self.must(ended.code != Some(101), || format!("{process} is broken"));
        }
        self.names();
        self.journal();
    }

    /// No name is ever another picture's, unless the user said so.
    fn names(&mut self) {
        let there = self.pictures();
        for (path, number) in &self.seen.clone() {
            match there.get(path) {
                Some(now) if now != number => {
                    let may = self.may_replace || self.asked.contains(path);
                    self.must(may, || format!("{} was {number} and is {now}", path.display()));
                }
                Some(_) => {}
                None => {
                    let may = self.had_power_cut || self.may_replace;
                    self.must(may, || format!("{number} is gone: {}", path.display()));
                }
            }
        }
        self.seen = there;
    }

    /// The pictures of the output directory; files that are being written have no name yet.
    pub(super) fn pictures(&mut self) -> BTreeMap<PathBuf, u32> {
        let mut pictures = BTreeMap::new();
        for (path, bytes) in files(&self.machine.out()) {
            let name = path.file_name().unwrap().to_string_lossy();
            if name.starts_with('.') || path.to_string_lossy().contains("/.pinx") {
                continue;
            }
            let number = number_of(&bytes);
            // Without links a name is there before its bytes are, and whoever dies meanwhile leaves it.
            let may = number.is_some() || self.had_no_links;
            self.must(may, || format!("{} is torn", path.display()));
            self.must(number != Some(PREVIEW), || format!("{} is a preview", path.display()));
            pictures.extend(number.map(|number| (path, number)));
        }
        pictures
    }

    pub(super) fn entries(&self) -> Vec<Value> {
        let mut segments: Files = files(&self.machine.log());
        segments.retain(|path, _| path.extension().is_some_and(|ending| ending == "jsonl"));
        let lines = segments.values().flat_map(|bytes| bytes.split(|byte| *byte == b'\n'));
        // What could not be written may stand before an entry in its line.
        let begin = |line: &[u8]| memchr::memmem::rfind(line, b"{\"v\":").unwrap_or_default();
        lines.filter_map(|line| serde_json::from_slice(&line[begin(line)..]).ok()).collect()
    }

    /// The log keeps its rules, and no job asks more often than it may.
    fn journal(&mut self) {
        let entries = self.entries();
        let (mut asked, mut uncertain) = (BTreeMap::new(), BTreeSet::new());
        for wrong in ends::violations(&entries) {
            self.must(false, || wrong);
        }
        for entry in entries.iter().filter(|entry| ends::is_of_a_job(entry)) {
            let job = entry["job"].as_str().unwrap_or_default();
            if entry["e"] == "intent" {
                let asked = asked.entry(job).or_insert(0);
                *asked += 1;
                let asked = *asked;
                self.must(asked <= self.max_attempts, || format!("too many attempts: {entry}"));
                let may_follow = !uncertain.contains(job);
                self.must(may_follow, || format!("asked again, and may be billed twice: {entry}"));
            }
            if let Ok(kind) = serde_json::from_value::<Kind>(entry["kind"].clone())
                && !(kind.tries_again() || kind.takes_next_route() || Some(kind) == self.opted_in)
            {
                uncertain.insert(job);
            }
        }
    }

    /// All that must hold once `recover` has done what it can; `told` is what it told as JSON.
    pub(super) fn everything(&mut self, told: &str) {
        let list: Value = serde_json::from_str(told).unwrap_or_default();
        self.must(list["attempts"].is_array(), || format!("recover said {told}"));
        let entries = self.entries();
        let open: BTreeSet<&str> = list["attempts"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|row| {
                ["pending", "unknown"].contains(&row["fate"].as_str().unwrap_or_default())
            })
            .filter_map(|row| row["id"].as_str())
            .collect();
        self.images(&entries, &open);
        self.files(&entries);
        // Where a line cannot be read, nobody knows whose a file is.
        if list["damaged"].as_array().is_none_or(Vec::is_empty) {
            self.leftovers(&entries, &open);
        }
    }

    /// Every image that was handed out, or that a queue has made, is there once.
    fn images(&mut self, entries: &[Value], open: &BTreeSet<&str>) {
        let pictures = self.pictures();
        let copies: BTreeSet<&str> =
            entries.iter().filter(|entry| entry["code"] == "cached").flat_map(paths).collect();
        let named: BTreeSet<&str> =
            entries.iter().filter(|entry| entry["e"] == "done").flat_map(paths).collect();
        let mut count: BTreeMap<u32, usize> = BTreeMap::new();
        for (path, number) in &pictures {
            let path = path.to_str().unwrap();
            if !copies.contains(path) && (!self.has_cache || named.contains(path)) {
                *count.entry(*number).or_default() += 1;
            }
        }
        // The last word of each attempt.
        let mut last: BTreeMap<&str, &Value> = BTreeMap::new();
        for entry in entries {
            if ["done", "failed", "tried"].contains(&entry["e"].as_str().unwrap_or_default()) {
                last.insert(entry["attempt"].as_str().unwrap_or_default(), entry);
            }
        }
        let machine = Arc::clone(&self.machine);
        let state = machine.state();
        for (number, made) in &state.providers.images {
            let there = count.get(number).copied().unwrap_or_default();
            let attempt = made.attempt.as_deref().unwrap_or_default();
            let told = || {
                let last = last.get(attempt).map(ToString::to_string).unwrap_or_default();
                format!("image {number} of {attempt}, {made:?}, is there {there} times; {last}")
            };
            // A copy out of the cache whose entry was lost may be taken for another attempt's image.
            self.must(there <= 1 || self.has_cache, told);
            if there > 0 {
                continue;
            }
            let was_lucky = made.handed_to.is_some_and(|process| !self.unlucky.contains(&process));
            let may_be_lost = self.may_replace
                || self.is_replaced(attempt, entries)
                || !(made.is_queued || was_lucky);
            self.must(may_be_lost, told);
            let is_counted = last.get(attempt).is_some_and(|entry| entry["billed"] != "no");
            let is_told = self.may_replace || open.contains(attempt) || is_counted;
            self.must(is_told, || format!("forgotten: {}", told()));
        }
        // What an image cost is counted, as far as the log has heard of it.
        for (attempt, known) in &state.ledger.attempts {
            let made = state.providers.images.values();
            let mut own = made.filter(|made| made.attempt.as_ref() == Some(attempt));
            let is_billed = own.any(|made| made.handed_to.is_some());
            let told = known.priced.filter(|_| is_billed).unwrap_or(u64::from(is_billed));
            let counted = known.settled.unwrap_or(known.reserved());
            self.must(counted >= told, || format!("{attempt} cost {told}: {known:?}"));
        }
    }

    /// Whether the image of an attempt was saved, and another one was asked for in its place and made.
    fn is_replaced(&self, attempt: &str, entries: &[Value]) -> bool {
        let done = || entries.iter().filter(|entry| entry["e"] == "done");
        let mut own = done().filter(|entry| entry["attempt"] == attempt).flat_map(paths);
        own.any(|path| {
            let mut others = done().filter(|entry| entry["attempt"] != attempt).flat_map(paths);
            self.asked.contains(Path::new(path)) && others.any(|other| other == path)
        })
    }

    /// Every file has its entry and every entry its files.
    fn files(&mut self, entries: &[Value]) {
        let there = self.pictures();
        let done = || entries.iter().filter(|entry| entry["e"] == "done");
        let named: BTreeSet<&str> = done().flat_map(paths).collect();
        let known: BTreeSet<u32> =
            named.iter().filter_map(|path| there.get(Path::new(path)).copied()).collect();
        for (path, number) in &there {
            // A copy out of the cache costs nothing, and is written down when it is there.
            let is_copy = self.has_cache && known.contains(number);
            let is_known = is_copy || named.contains(path.to_str().unwrap());
            self.must(is_known, || format!("{} has no entry", path.display()));
        }
        for path in named {
            let is_there = there.contains_key(Path::new(path));
            self.must(is_there, || format!("{path} has an entry and is not there"));
        }
    }

    /// Nothing unfinished is left.
    fn leftovers(&mut self, entries: &[Value], open: &BTreeSet<&str>) {
        let intents = entries.iter().filter(|entry| entry["e"] == "intent");
        let paid: BTreeSet<&str> = intents.filter_map(|entry| entry["attempt"].as_str()).collect();
        let root = self.machine.root().to_owned();
        for path in files(&root).into_keys() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_bad =
                [".part", ".tmp", ".raw", ".image", ".piece"].iter().any(|end| name.ends_with(end));
            // What no entry leads to: copies out of the cache, and claims until the next batch there.
            let is_free = !paid.iter().any(|paid| name.starts_with(&format!(".pinx-{paid}.")));
            let is_claim = path.parent().is_some_and(|dir| dir.ends_with(".pinx/claims"));
            let may = path.starts_with(root.join("home/cache")) || is_claim || is_free;
            self.must(!is_bad || may, || format!("{} is left", path.display()));
            if path.starts_with(root.join("home/run")) {
                let run = path.file_stem().unwrap().to_string_lossy().into_owned();
                let is_open = open.iter().any(|attempt| attempt.starts_with(&*run));
                self.must(is_open, || format!("{run} has nothing open, and its lock is left"));
            }
        }
    }

    /// No prompt of a batch was made twice.
    pub(super) fn rows_once(&mut self, command: &Command) {
        let entries = self.entries();
        for row in &command.rows {
            let jobs: BTreeSet<&str> = entries
                .iter()
                .filter(|entry| entry["e"] == "intent" && entry["prompt"] == row.as_str())
                .filter_map(|entry| entry["job"].as_str())
                .collect();
            let made = entries.iter().filter(|entry| {
                entry["e"] == "done"
                    && !is_free(entry)
                    && entry["job"].as_str().is_some_and(|job| jobs.contains(job))
            });
            let made = made.count();
            let may = command.replaces || self.had_power_cut;
            self.must(made <= 1 || may, || format!("`{row}` was made {made} times"));
        }
    }

    /// What is there now: files and how long the log is.
    pub(super) fn left(&self) -> (Vec<PathBuf>, usize) {
        let root = self.machine.root();
        let names = files(&root.join("out")).into_keys().collect();
        (names, self.entries().len())
    }

    pub(super) fn same(&mut self, before: (Vec<PathBuf>, usize), what: &str) {
        let now = self.left();
        self.must(before == now, || format!("{what}: {before:?} became {now:?}"));
    }
}

pub(super) fn paths(entry: &Value) -> impl Iterator<Item = &str> {
    let images = entry["images"].as_array().into_iter().flatten();
    images.filter_map(|image| image["path"].as_str())
}
