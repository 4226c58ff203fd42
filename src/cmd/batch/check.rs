//! The check: every item of every file is planned and priced before anything is paid, and everything
//! that is wrong is told at once.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::adopted::Adopted;
use super::decision::{Decision, Skipped};
use super::history::start_of;
use super::outcome::Outcome;
use super::prior::Prior;
use super::remarks::JobRemarks;
use super::selector::Selector;
use super::sources::{Faults, FileRemark, Sources};
use crate::batch::Item;
use crate::catalog::Estimate;
use crate::cmd::App;
use crate::engine::Job;
use crate::engine::consent::Price;
use crate::engine::excess;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::store::Cache;
use crate::store::log::Cursor;
use crate::text;

/// Files that a notice names.
pub(super) const NAMED: usize = 3;

/// Images that are there whose names are compared with those that they would have now.
const LOOKED: usize = 64;

/// What the check found.
pub(super) struct Checked {
    /// What is wrong; nothing runs unless this is empty.
    pub(super) faults: Faults,
    /// What is to be made, and what that is expected to cost.
    pub(super) price: Price,
    /// Images that are to be made.
    pub(super) jobs: usize,
    /// Whether any of them can cost something.
    pub(super) paid: bool,
    /// How many of them make again what is there.
    pub(super) again: usize,
    /// By model: images, and what they are expected to cost.
    pub(super) models: BTreeMap<String, (usize, Estimate)>,
    /// Images that are not made now, by reason.
    pub(super) skips: BTreeMap<Prior, usize>,
    /// What is worth a word in the files.
    pub(super) remarks: Vec<FileRemark>,
    /// What the user should read, each once.
    pub(super) notices: Vec<String>,
    /// The same of what is adopted under other names.
    pub(super) renamed: Option<String>,
    /// Images that go beside earlier ones of their names.
    pub(super) beside: Beside,
    /// The pictures that they are made from.
    pub(super) pictures: SentPictures,
    /// Where the log ended when it was asked.
    pub(super) since: Cursor,
}

/// The pictures that jobs are made from, each of them once.
#[derive(Debug)]
pub(super) struct SentPictures {
    count: u64,
    bytes: u64,
    /// What reading them costs, for all jobs.
    cost: Estimate,
}

impl SentPictures {
    /// In words: `from 2 pictures (4.2 MB), ~$0.0123 of it`.
    fn words(&self) -> Option<String> {
        let SentPictures { count, bytes, cost } = self;
        let cost = match cost.expected {
            None | Some(Money::ZERO) => String::new(),
            Some(_) => format!(", {} of it", cost.text()),
        };
        let pictures = text::counted(*count, "picture");
        (*count > 0).then(|| format!("from {pictures} ({}){cost}", text::size(*bytes)))
    }
}

/// Adds up what is found.
struct Checker {
    cache: Cache,
    checked: Checked,
    told: JobRemarks,
    renamed: NamedImages,
    replaced: NamedImages,
    /// Images that keep other names than their jobs have now.
    kept: NamedImages,
    /// How many were looked at for that.
    looked: usize,
    /// How many of the jobs have models of their own, by the file.
    own_models: usize,
    /// The same of pictures.
    own_pictures: usize,
    /// The pictures that are sent, by the starts of their hashes.
    sent: HashSet<u64>,
}

/// The first of some images by their names, and how many there are.
#[derive(Debug, Default)]
struct NamedImages {
    first: Vec<String>,
    count: usize,
}

impl NamedImages {
    fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(name());
        }
    }

    fn names(&self) -> String {
        let more = self.count - self.first.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        self.first.join(", ") + &more
    }
}

/// Images that go beside earlier ones which have their names: what the file says of a job has changed.
#[derive(Debug, Default)]
pub(super) struct Beside(NamedImages);

impl Beside {
    /// What is told before it starts.
    fn notice(&self) -> Option<String> {
        let what = match self.0.count {
            0 => return None,
            1 => "its name is taken by an earlier image, which stays",
            _ => "their names are taken by earlier images, which stay",
        };
        let names = self.0.names();
        Some(format!("{what}: {names}; `--force` replaces what is there"))
    }

    /// What is told at the end.
    pub(super) fn closing(&self) -> Option<String> {
        (self.0.count > 0).then(|| format!("the earlier images stay: {}", self.0.names()))
    }
}

/// What is told of a flag where jobs name their own models or pictures.
fn overruled(flag: &str, what: &str, own: usize, jobs: usize) -> String {
    if own == jobs {
        return format!("`{flag}` has no effect: the file names the {what} of each job");
    }
    let jobs =
        if own == 1 { "1 job names its".to_owned() } else { format!("{own} jobs name their") };
    let none = if what == "model" { "no model" } else { "none" };
    format!("`{flag}` is for jobs that name {none}: {jobs} own in the file")
}

/// What is told of images that are there under other names than their jobs would give them.
fn renamed(images: &NamedImages) -> Option<String> {
    let names = images.names();
    match images.count {
        0 => None,
        1 => Some(format!("one has another name and keeps it: {names}")),
        count => Some(format!("{count} have other names and keep them: {names}")),
    }
}

/// What is told of jobs in whose files other images stand now.
fn replaced(images: &NamedImages) -> Option<String> {
    let names = images.names();
    match images.count {
        0 => None,
        1 => Some(format!("its place holds another image now: {names}")),
        _ => Some(format!("their places hold other images now: {names}")),
    }
}

/// What is told of images that were made before their jobs had the names that they have now.
fn kept(images: &NamedImages) -> Option<String> {
    let names = images.first.join(", ");
    let more = if images.count > images.first.len() { " and so on" } else { "" };
    (images.count > 0).then(|| format!("what is done keeps its name: {names}{more}"))
}

/// What is told of images that are like those of jobs, and are none of them.
fn left((names, count): (Vec<String>, usize)) -> Option<String> {
    let more = count - names.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let names = names.join(", ");
    (count > 0).then(|| format!("not taken for an image of these jobs: {names}{more}"))
}

/// What a check hears of an image.
pub(super) enum Seen<'a> {
    /// It is to be made.
    Wanted(&'a Item, &'a Job),
    /// It is not made now; where it was found just now, with what was found.
    Skipped(&'a Item, &'a Skipped, Option<&'a Adopted>),
}

/// Reads and plans everything. `each` hears of every image, in order.
///
/// # Errors
/// The files or the log cannot be read. What is wrong in the files is in the answer.
pub(super) fn check(
    app: &App,
    sources: &Sources,
    selector: &mut Selector<'_>,
    each: &mut dyn FnMut(&mut Selector<'_>, Seen<'_>),
) -> Result<Checked> {
    let base = selector.base.clone();
    selector.check();
    // First what the jobs are, so that the log can be asked about all of them together.
    sources.read(&base, &mut sources.faults(), &mut |_, _, mut item| {
        selector.note(&mut item);
        ControlFlow::Continue(())
    })?;
    let since = selector.history.look_up(&app.log)?;
    let has_strays = selector.look_through(&since)?;
    let estimate = Estimate::FREE;
    let mut checker = Checker {
        cache: app.cache(),
        checked: Checked {
            faults: sources.faults(),
            price: Price { estimate, images: 0, unpriced: None },
            jobs: 0,
            paid: false,
            again: 0,
            models: BTreeMap::new(),
            skips: BTreeMap::new(),
            remarks: Vec::new(),
            notices: Vec::new(),
            renamed: None,
            beside: Beside::default(),
            pictures: SentPictures { count: 0, bytes: 0, cost: estimate },
            since,
        },
        told: JobRemarks::default(),
        renamed: NamedImages::default(),
        replaced: NamedImages::default(),
        kept: NamedImages::default(),
        looked: 0,
        own_models: 0,
        own_pictures: 0,
        sent: HashSet::new(),
    };
    selector.check();
    if has_strays {
        let mut refused = Ok(());
        sources.read(&base, &mut sources.faults(), &mut |_, _, mut item| {
            refused = selector.survey(&mut item);
            if refused.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        refused?;
        selector.share_out()?;
        selector.check();
    }
    let mut faults = sources.faults();
    sources.read(&base, &mut faults, &mut |faults, file, mut item| {
        let mut notices = Vec::new();
        let outcome = selector.decide(&mut item, &mut notices);
        let planned =
            |decision: &Decision| !decision.jobs.is_empty() || !decision.adopted.is_empty();
        if outcome.as_ref().is_ok_and(planned) || !notices.is_empty() {
            checker.told.add(&item, notices);
        }
        // What is there already has the name that it has.
        let is_made = outcome.as_ref().map_or(true, |decision| !decision.jobs.is_empty());
        if is_made && let Err(error) = selector.has_own_id(&item) {
            faults.add(file, item.line, &error);
        }
        let outcome = outcome.and_then(|decision| {
            for skip in &decision.skips {
                *checker.checked.skips.entry(skip.why).or_default() += 1;
                checker.looked += 1;
                if checker.looked <= LOOKED
                    && skip.why != Prior::Adopted
                    && let Some((path, now)) = selector.other_name(&item, skip)
                {
                    let (path, now) = (selector.relative(&path), selector.relative(&now));
                    checker.kept.add(|| format!("`{path}` (not `{now}`)"));
                }
                if skip.why == Prior::Gone && selector.history.is_replaced(skip.key) {
                    let known = selector.known(skip.key);
                    let path =
                        known.and_then(|known| Some(known.images.first()?.path.to_path_buf()));
                    let name = || {
                        path.map_or_else(String::new, |path| {
                            format!("`{}`", selector.relative(&path))
                        })
                    };
                    checker.replaced.add(name);
                }
            }
            checker.checked.again += decision.again;
            for path in &decision.renamed {
                checker.renamed.add(|| format!("`{}`", selector.relative(path)));
            }
            checker.own_models += decision.own_models;
            checker.own_pictures += decision.own_pictures;
            for (own, earlier) in &decision.beside {
                let name = || {
                    format!("`{}` beside `{}`", selector.relative(own), selector.relative(earlier))
                };
                checker.checked.beside.0.add(name);
            }
            for job in &decision.jobs {
                checker.take(&item, job)?;
            }
            let adopted = |index| decision.adopted.iter().find(|found| found.job.index == index);
            let skips = decision
                .skips
                .iter()
                .map(|skip| (skip.index, Seen::Skipped(&item, skip, adopted(skip.index))));
            let wanted = decision.jobs.iter().map(|job| (job.index, Seen::Wanted(&item, job)));
            let mut all: Vec<_> = skips.chain(wanted).collect();
            all.sort_by_key(|(index, _)| *index);
            all.into_iter().for_each(|(_, seen)| each(selector, seen));
            Ok(())
        });
        if let Err(error) = outcome {
            faults.add(file, item.line, &error);
        }
        ControlFlow::Continue(())
    })?;
    let (of_all, of_some) = std::mem::take(&mut checker.told).told(sources);
    checker.checked.notices.extend(of_all);
    checker.checked.renamed = renamed(&checker.renamed);
    checker.checked.notices.extend(replaced(&checker.replaced));
    checker.checked.notices.extend(kept(&checker.kept));
    if checker.checked.jobs > 0 {
        checker.checked.notices.extend(left(selector.left_images()));
    }
    checker.checked.notices.extend(checker.checked.beside.notice());
    let flag = selector.model_flag().filter(|_| checker.own_models > 0);
    if let Some(flag) = flag {
        let (own, jobs) = (checker.own_models, checker.checked.jobs);
        checker.checked.notices.push(overruled(&format!("-m {flag}"), "model", own, jobs));
    }
    if checker.own_pictures > 0 && selector.has_pictures() {
        let (own, jobs) = (checker.own_pictures, checker.checked.jobs);
        checker.checked.notices.push(overruled("-i", "pictures", own, jobs));
    }
    if let Some(most) = selector.strays_cut() {
        checker.checked.notices.push(format!(
            "of the images in the output directory {most} were looked into, not those behind: what is \
             there under another name than its job's may be paid for again"
        ));
    }
    // Of what is there already nothing is read in another way.
    if checker.checked.jobs > 0 {
        if app.settings.strict {
            faults.refuse_loose();
        }
        checker.checked.remarks = faults.remarks().collect();
    }
    checker.checked.remarks.extend(of_some);
    if faults.count() == 0 {
        selector.all_found()?;
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
        let checked = &mut self.checked;
        checked.jobs += 1;
        checked.paid |= job.routes.iter().any(|route| !route.is_local());
        checked.price.images += usize::from(!is_cached);
        checked.price.estimate = checked.price.estimate.plus(estimate);
        if checked.price.unpriced.is_none() && !is_cached {
            checked.price.unpriced = job.unpriced();
        }
        let known = checked.models.entry(route.model_id()).or_insert((0, Estimate::FREE));
        *known = (known.0 + 1, known.1.plus(estimate));
        for input in &route.order.inputs {
            if self.sent.insert(start_of(&input.sha256)) {
                checked.pictures.count += 1;
                checked.pictures.bytes += input.len;
            }
        }
        if !is_cached && !route.order.inputs.is_empty() {
            let cost = route.model.estimate_of_inputs(&route.order);
            checked.pictures.cost = checked.pictures.cost.plus(cost);
        }
        Ok(())
    }
}

/// Whether what an image may cost stays within the `max_cost` of its job.
///
/// # Errors
/// It does not, or nobody knows.
pub(in crate::cmd) fn within(most: Money, model: &str, estimate: Estimate) -> Result<()> {
    let Some(what) = excess(most, model, estimate.reserve, Money::ZERO) else { return Ok(()) };
    Err(Error::usage(format!("{what}, and `max_cost` is {most}"))
        .hint("raise its `max_cost`, or ask for less"))
}

impl Checked {
    /// Tells what the user should read before it starts.
    pub(super) fn tell(&self, app: &App) {
        self.remarks.iter().for_each(|remark| remark.tell(app));
        self.notices.iter().for_each(|notice| app.ui.note(notice));
    }

    /// The same for the document.
    pub(super) fn notices_as_json(&self) -> Value {
        let notices = self.notices.iter().chain(&self.renamed).map(
            |notice| json!({ "file": null, "line": null, "message": notice, "is_warning": false }),
        );
        self.remarks.iter().map(FileRemark::json).chain(notices).collect()
    }

    /// What was at work elsewhere counts as what it turned out to be.
    pub(super) fn heed(&mut self, outcome: &Outcome) {
        self.skips.remove(&Prior::Elsewhere);
        for (skip, count) in &outcome.again {
            *self.skips.entry(*skip).or_default() += count;
        }
        self.jobs = self.jobs.saturating_sub(outcome.collided);
    }

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
            .map(|(model, (count, estimate))| {
                let most = estimate.at_most().map(|most| format!(" (at most {most})"));
                format!("{count} × {model} {}{}", estimate.text(), most.unwrap_or_default())
            })
            .collect();
        if !models.is_empty() {
            text += &format!(": {}", models.join(", "));
        }
        text.extend(self.pictures.words().map(|words| format!("; {words}")));
        if self.again > 0 {
            text += &format!("; {} made before, and made again", self.again);
        }
        let skips: Vec<String> =
            self.skips.iter().map(|(skip, count)| skip.counted(*count)).collect();
        if !skips.is_empty() {
            text += &format!("; {}", skips.join(", "));
        }
        text
    }

    /// What they are expected to cost together, for messages.
    pub(super) fn cost(&self) -> String {
        match self.price.estimate.expected {
            Some(Money::ZERO) => "free".to_owned(),
            _ => self.price.estimate.in_words(),
        }
    }
}
