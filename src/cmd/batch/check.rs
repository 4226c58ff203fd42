//! The check: every item of every file is planned and priced before anything is paid, and everything
//! that is wrong is told at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::App;
use super::desk::{Desk, Skip};
use super::sources::{Faults, Sources};
use crate::batch::Item;
use crate::catalog::Estimate;
use crate::engine::consent::Price;
use crate::engine::plan::Job;
use crate::engine::{excess, sum};
use crate::error::{Error, Result};
use crate::fs;
use crate::money::Money;
use crate::store::journal::Mark;
use crate::store::{Cache, Replace, candidate};

/// What the check found.
pub(super) struct Checked {
    /// What is wrong; nothing runs unless this is empty.
    pub(super) faults: Faults,
    /// What is to be made, and what that is expected to cost.
    pub(super) price: Price,
    /// Images that are to be made.
    pub(super) jobs: usize,
    /// Can any of them cost something?
    pub(super) paid: bool,
    /// By model: images, and what they are expected to cost.
    pub(super) models: BTreeMap<String, (usize, Estimate)>,
    /// Images that are not made now, by reason.
    pub(super) skips: BTreeMap<Skip, usize>,
    /// What the user should read, each once.
    pub(super) notices: Vec<String>,
    /// Where the log ended when it was asked.
    pub(super) since: Mark,
}

/// Adds up what is found.
struct Checker {
    /// The output directory.
    root: PathBuf,
    cache: Cache,
    checked: Checked,
    /// Names of files: the item of each, its line, and whether it is written out there.
    names: HashMap<u64, (usize, u64, bool)>,
    /// Directories that hold images, and the line of the first.
    directories: HashMap<u64, u64>,
    hasher: RandomState,
    /// Directories that were tried.
    tried: HashSet<PathBuf>,
    told: HashSet<String>,
}

/// Reads and plans everything. `each` hears of every job that is to be made, in order.
///
/// # Errors
/// The files or the log cannot be read. What is wrong in the files is in the answer.
pub(super) fn check(
    app: &App,
    sources: &Sources,
    desk: &mut Desk<'_>,
    each: &mut dyn FnMut(&Desk<'_>, &Job),
) -> Result<Checked> {
    let base = desk.base.clone();
    desk.again();
    // First what the jobs are, so that the log can be asked about all of them together.
    sources.read(&base, &mut sources.faults(), &mut |_, _, item| {
        desk.note(&item);
        ControlFlow::Continue(())
    })?;
    let since = desk.book.look_up(&app.settings.places.log)?;
    let estimate = Estimate::FREE;
    let mut checker = Checker {
        root: desk.directory.clone(),
        cache: app.cache(),
        checked: Checked {
            faults: sources.faults(),
            price: Price { estimate, images: 0, unpriced: None },
            jobs: 0,
            paid: false,
            models: BTreeMap::new(),
            skips: BTreeMap::new(),
            notices: Vec::new(),
            since,
        },
        names: HashMap::new(),
        directories: HashMap::new(),
        hasher: RandomState::new(),
        tried: HashSet::new(),
        told: HashSet::new(),
    };
    desk.again();
    let mut faults = sources.faults();
    sources.read(&base, &mut faults, &mut |faults, file, item| {
        let mut notices = Vec::new();
        let outcome = desk.rule(&item, &mut notices);
        let outcome = outcome.and_then(|ruling| {
            for skip in ruling.skips {
                *checker.checked.skips.entry(skip.why).or_default() += 1;
            }
            for job in &ruling.jobs {
                checker.take(&item, job)?;
                each(desk, job);
            }
            Ok(())
        });
        checker.notices(notices);
        if let Err(error) = outcome {
            faults.tell(file, item.line, &error);
        }
        ControlFlow::Continue(())
    })?;
    if faults.count() == 0 {
        desk.all_found()?;
    }
    checker.checked.faults = faults;
    Ok(checker.checked)
}

impl Checker {
    fn take(&mut self, item: &Item, job: &Job) -> Result<()> {
        let route = &job.routes[0];
        let estimate = job.estimate();
        let is_cached = route.cache_key.as_ref().is_some_and(|key| self.cache.has(key));
        let estimate = if is_cached { Estimate::FREE } else { estimate };
        if let Some(most) = item.max_cost {
            within(most, &route.model_id(), estimate)?;
        }
        self.place(item, job)?;
        let checked = &mut self.checked;
        checked.jobs += 1;
        checked.paid |= job.routes.iter().any(|route| !route.is_local());
        checked.price.images += usize::from(!is_cached);
        checked.price.estimate = sum([checked.price.estimate, estimate].into_iter());
        if checked.price.unpriced.is_none() && !is_cached {
            checked.price.unpriced = job.unpriced();
        }
        let known = checked.models.entry(route.model_id()).or_insert((0, Estimate::FREE));
        *known = (known.0 + 1, sum([known.1, estimate].into_iter()));
        Ok(())
    }

    /// A name that the file writes out belongs to one job, and to no file that this job did not make.
    fn place(&mut self, item: &Item, job: &Job) -> Result<()> {
        let is_named = item.output.as_ref().is_some_and(|output| !output.ends_with('/'));
        let path = candidate(&job.wish, job.offset);
        let path = std::path::absolute(&path).unwrap_or(path);
        let taken = |line: u64| {
            Error::usage(format!("`{}` is the output of line {line} already", shown(&path)))
                .hint("give each job a name of its own; `{number}-{slug}.{ext}` does")
        };
        let name = self.hash(&path);
        let (index, line, was_named) =
            *self.names.entry(name).or_insert((item.index, item.line, is_named));
        if index != item.index && (was_named || is_named) {
            return Err(taken(line));
        }
        for place in path.ancestors().skip(1).take_while(|place| *place != self.root) {
            let place = self.hash(place);
            if let Some((_, line, true)) = self.names.get(&place) {
                return Err(taken(*line));
            }
            self.directories.entry(place).or_insert(item.line);
        }
        if let Some(line) = self.directories.get(&name) {
            return Err(Error::usage(format!(
                "`{}` is the directory of line {line}",
                shown(&path)
            ))
            .hint("choose another name"));
        }
        let directory = &job.wish.directory;
        if !self.tried.contains(directory) {
            fs::probe_writable(directory).map_err(|error| {
                Error::usage(format!(
                    "nothing can be written in `{}`: {error}",
                    directory.display()
                ))
                .hint("choose another place with `-o`")
            })?;
            self.tried.insert(directory.clone());
        }
        if !is_named {
            return Ok(());
        }
        if path.is_dir() {
            return Err(Error::usage(format!("`{}` is a directory", shown(&path)))
                .hint("choose another name"));
        }
        let is_ours = match &job.replace {
            Replace::Anything(_) => true,
            Replace::Drawing { path: drawing, .. } => *drawing == path,
            Replace::Nothing | Replace::Remembering(_) => false,
        };
        if path.exists() && !is_ours {
            return Err(Error::usage(format!(
                "`{}` exists already, and this job did not make it",
                shown(&path)
            ))
            .hint("choose another name, or `--force` replaces it"));
        }
        Ok(())
    }

    /// Some file systems take names that differ in case alone for one.
    fn hash(&self, path: &Path) -> u64 {
        self.hasher.hash_one(path.to_string_lossy().to_lowercase())
    }

    fn notices(&mut self, notices: Vec<String>) {
        for notice in notices {
            // A notice for every job would hide them all.
            if self.told.len() < 20 && self.told.insert(notice.clone()) {
                self.checked.notices.push(notice);
            }
        }
    }
}

/// Does what an image may cost stay within the `max_cost` of its job?
///
/// # Errors
/// It does not, or nobody knows.
pub(in crate::cmd) fn within(most: Money, model: &str, estimate: Estimate) -> Result<()> {
    let Some(what) = excess(most, model, estimate.reserve, Money::ZERO) else { return Ok(()) };
    Err(Error::usage(format!("{what}, and `max_cost` is {most}"))
        .hint("raise its `max_cost`, or ask for less"))
}

fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

impl Checked {
    /// What is to be made, in a line: `2 images: 1 × openai/gpt-image-2 $0.05, …; 3 done before`.
    pub(super) fn line(&self) -> String {
        let mut text = match self.jobs {
            0 => "nothing is to be made".to_owned(),
            1 => "1 image".to_owned(),
            many => format!("{many} images"),
        };
        let models: Vec<String> = self
            .models
            .iter()
            .map(|(model, (count, estimate))| format!("{count} × {model} {}", estimate.text()))
            .collect();
        if !models.is_empty() {
            text += &format!(": {}", models.join(", "));
        }
        let skips: Vec<String> =
            self.skips.iter().map(|(skip, count)| format!("{count} {}", skip.word())).collect();
        if !skips.is_empty() {
            text += &format!("; {}", skips.join(", "));
        }
        text
    }

    /// What they are expected to cost together, for messages.
    pub(super) fn cost(&self) -> String {
        match self.price.estimate.expected {
            Some(Money::ZERO) => "free".to_owned(),
            _ => self.price.estimate.text(),
        }
    }
}
