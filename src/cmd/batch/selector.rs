//! One item after the other: which of its images are to be made, and as which jobs. The check and the
//! run decide by the same rules, in the same order.

mod asked;
mod names;
mod place;
mod strays;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::hash::RandomState;
use std::path::{Path, PathBuf};

use super::args::Args;
use super::decision::{Decision, Keyed, Skipped};
use super::history::History;
use super::key::{Key, claim_name, written};
use super::pictures::JobPictures;
use super::prior::Prior;
use super::recipes::RecipeIndex;
use super::spool::{PriorResults, spooled};
use super::standing::{Standing, Standings};
use super::targets::{EXISTS, Placement, Rules, Targets};
use super::verified::VerifiedImages;
use crate::batch::{Base, Item};
use crate::catalog::is_drawn_here;
use crate::cmd::App;
use crate::cmd::generate;
use crate::engine::plan::Planner;
use crate::engine::{Job, RunSpec};
use crate::error::{Error, Result};
use crate::fs;
use crate::request::keyless;
use crate::store::log::Cursor;
use crate::store::{Entry, Output, OutputTarget, candidate};

/// What every item is measured by.
pub(super) struct Selector<'a> {
    app: &'a App,
    args: &'a Args,
    pub(super) base: Base<'a>,
    pattern: RunSpec,
    planner: &'a Planner<'a>,
    /// Where images go, absolute.
    pub(super) directory: PathBuf,
    /// The same, however it is written: another one is another batch.
    scope: PathBuf,
    /// The same as the user wrote it.
    shown: PathBuf,
    /// By what template, where the user gave one.
    template: Option<String>,
    pictures: JobPictures<'a>,
    pub(super) history: History,
    targets: Targets,
    /// The images of nobody in the output directory.
    recipes: RecipeIndex,
    /// Where the log ended when they were looked for.
    looked_at: Option<Cursor>,
    /// How many directories below the output directory images may go.
    levels: usize,
    /// How an item that is read in another way than it is written would be made as it is written.
    as_written: Option<(usize, Vec<Job>)>,
    /// How jobs stand by their claims.
    pub(super) standings: Standings<'a>,
    /// The images that may be adopted, each read once.
    verified: VerifiedImages,
    /// Whether names are given in this pass, rather than before.
    checks: bool,
    /// Images that may still be begun.
    left: usize,
    /// Images seen in this pass.
    seen: usize,
    /// Which of `--only` there are.
    found: HashSet<String>,
    /// Which of those are the `id` of a job: they are no numbers.
    named: HashSet<String>,
    /// The first job of each `id` that names a file, by the hash of both.
    ids: HashMap<u64, u64>,
    hasher: RandomState,
    /// Whether there is a provider that paints.
    paints: bool,
    /// Jobs that are to be made again and of which an attempt was open: what comes of that is enough.
    resumed: HashSet<Key>,
}

impl<'a> Selector<'a> {
    /// A selector with an empty history, of files that lie in these directories.
    ///
    /// # Errors
    /// The output is no place for many images, or a flag contradicts another.
    pub(super) fn new(
        app: &'a App,
        args: &'a Args,
        vars: &'a BTreeMap<String, String>,
        (planner, directories): (&'a Planner<'a>, Vec<PathBuf>),
    ) -> Result<Selector<'a>> {
        keyless::check_kept("output", &app.settings.output)?;
        let (directory, template) = place::place(&app.settings.output)?;
        // Where it is drawn over pictures, they are read.
        let dry_run = args.common.dry_run && !args.sketch;
        let common = generate::Common { dry_run, ..args.common.clone() };
        let mut pattern = generate::ask(app, &common, String::new(), Output::default())?;
        generate::each_once(app, &mut pattern);
        // What holds for all lines is told once.
        pattern.notices.drain(..).for_each(|notice| app.ui.note(&notice));
        let count = app.settings.count;
        let request = (*pattern.request).clone();
        let name = |path: &PathBuf| match path == Path::new("-") {
            true => "stdin".to_owned(),
            false => path.display().to_string(),
        };
        let files = args.files.iter().map(name).collect();
        let absolute = std::path::absolute(&directory).unwrap_or_else(|_| directory.clone());
        let standings = Standings::new(app, args, &absolute);
        Ok(Selector {
            app,
            args,
            base: Base {
                request,
                count,
                catalog: &app.settings.catalog,
                vars,
                layout: args.layout.layout(),
            },
            pictures: JobPictures::new(app, &pattern, &args.common.pictures, directories),
            pattern,
            planner,
            scope: fs::real(&absolute),
            directory: absolute.clone(),
            shown: directory,
            template,
            history: History::default(),
            targets: Targets::new(&absolute, &app.log, files),
            recipes: RecipeIndex::default(),
            looked_at: None,
            levels: 0,
            as_written: None,
            verified: standings.verified.clone(),
            standings,
            checks: true,
            left: usize::MAX,
            seen: 0,
            found: HashSet::new(),
            named: HashSet::new(),
            ids: HashMap::new(),
            hasher: RandomState::new(),
            paints: app
                .settings
                .catalog
                .providers
                .iter()
                .any(|p| !is_drawn_here(&p.id) && app.is_usable(p)),
            resumed: HashSet::new(),
        })
    }

    /// Has the log's own words kept, for a gallery.
    ///
    /// # Errors
    /// There is no place for them.
    pub(super) fn spool_results(&mut self, app: &App) -> Result<()> {
        self.history.results = Some(spooled(app, PriorResults::new)?);
        Ok(())
    }

    /// What the log says of an image that is not made now.
    pub(super) fn known(&mut self, key: Key) -> Option<Entry> {
        self.history.results.as_mut()?.read(key)
    }

    /// Begins a check: names are given, and what stands there already is looked at.
    pub(super) fn check(&mut self) {
        self.again();
        self.targets.again();
        self.standings.again();
        self.checks = true;
    }

    /// Begins the run, which keeps to what the check found.
    pub(super) fn run(&mut self) {
        self.again();
        self.checks = false;
    }

    fn again(&mut self) {
        self.history.again();
        self.left = self.args.limit.unwrap_or(usize::MAX);
        self.seen = 0;
    }

    /// Notes the images of an item, so that the log can be asked about them.
    pub(super) fn note(&mut self, item: &mut Item) {
        let is_known = self.pictures.give(item).is_ok();
        self.named.extend(item.id.clone().filter(|id| self.args.only.contains(id)));
        if let Some(id) = self.naming_id(item) {
            self.ids.entry(id).or_insert(item.line);
        }
        let levels = |path: &str| path.matches('/').count();
        self.levels = self.levels.max(item.output.as_deref().map_or(0, levels));
        if !is_known {
            return;
        }
        for keyed in self.keys(item) {
            self.history.note(keyed.key);
            self.standings.note(keyed.claim);
        }
    }

    fn keys(&mut self, item: &Item) -> Vec<Keyed> {
        let models = self.models(item);
        let images = models.iter().flat_map(|model| (0..item.count).map(move |n| (model, n)));
        let images: Vec<(String, u32)> = images.map(|(model, n)| (model.clone(), n)).collect();
        let claims = self.standings.claims.is_some();
        let one = |(model, n): (String, u32)| {
            let (key, equals) = self.history.key(&self.scope, item, &model, n);
            let claim = claims.then(|| claim_name(item, &model, n, equals));
            Keyed { key, claim, model }
        };
        images.into_iter().map(one).collect()
    }

    /// How many images of an item there are.
    fn count(&self, item: &Item) -> usize {
        self.models(item).len() * item.count as usize
    }

    fn models(&self, item: &Item) -> Vec<String> {
        match &item.models {
            Some(models) if !models.is_empty() => models.clone(),
            _ if self.pattern.models.is_empty() => vec!["auto".to_owned()],
            _ => self.pattern.models.clone(),
        }
    }

    /// Whether something that this batch waits for is open of a job, by its key as the log writes it.
    pub(super) fn is_open(&self, written: &str) -> bool {
        let resumes = |key| self.resumed.contains(&key);
        self.history.is_open(written) || Key::from_str_radix(written, 16).is_ok_and(resumes)
    }

    /// Whether an image is made again although it is there: the user names it and says `--force`.
    fn is_again(&self, key: Key) -> bool {
        let Args { only, sketch, common, .. } = self.args;
        common.force && !only.is_empty() && !sketch && !self.resumed.contains(&key)
    }

    /// Where the image is that a job made before and makes again.
    fn own(&mut self, key: Key, before: Prior) -> Option<PathBuf> {
        if !before.has_image() || !self.is_again(key) {
            return None;
        }
        let known = self.known(key)?;
        Some(known.images.first()?.path.to_path_buf())
    }

    /// Whether this command sees to an item at all.
    fn is_ours(&mut self, item: &Item) -> bool {
        let shard = self.args.shard.is_none_or(|shard| shard.takes(item.index));
        let number = (item.index + 1).to_string();
        let named = |only: &&String| match self.named.contains(*only) {
            true => item.id.as_ref() == Some(*only),
            false => **only == number || fits(only, item.id.as_ref().unwrap_or(&number)),
        };
        let mut hits = self.args.only.iter().filter(named).peekable();
        let is_named = self.args.only.is_empty() || hits.peek().is_some();
        self.found.extend(hits.cloned());
        shard && is_named
    }

    /// The model that the command line names for all.
    pub(super) fn model_flag(&self) -> Option<&'a str> {
        self.args.common.model.as_deref()
    }

    /// Whether the command line names pictures for all.
    pub(super) fn has_pictures(&self) -> bool {
        !self.args.common.pictures.images.is_empty()
    }

    /// Of what `--only` names, the first that no file holds.
    ///
    /// # Errors
    /// There is one.
    pub(super) fn all_found(&self) -> Result<()> {
        match self.args.only.iter().find(|only| !self.found.contains(*only)) {
            None => Ok(()),
            Some(only) => Err(Error::usage(format!("no job is called `{only}`")).hint(
                "`--only` takes the `id` of a job, or its number, counted from 1; `*` stands for \
                     any letters",
            )),
        }
    }

    /// Decides about an item and plans what is to be made.
    ///
    /// # Errors
    /// What is known to fail before anything is sent.
    pub(super) fn decide(
        &mut self,
        item: &mut Item,
        notices: &mut Vec<String>,
    ) -> Result<Decision> {
        let given = self.pictures.give(item);
        let item = &*item;
        let keys = if given.is_ok() { self.keys(item) } else { Vec::new() };
        let first = self.seen;
        self.seen += self.count(item);
        let mut decision = Decision::default();
        if !self.is_ours(item) {
            return Ok(decision);
        }
        let gone = given?;
        let mut wanted: Vec<Option<Prior>> = Vec::with_capacity(keys.len());
        for (index, Keyed { key, model, .. }) in (first..).zip(&keys) {
            let before = self.history.before(*key);
            let again = self.is_again(*key);
            let skip = match before {
                _ if again && self.history.has_open(*key) => {
                    self.resumed.insert(*key);
                    Some(Prior::Open)
                }
                _ if again && self.left > 0 => self.standings.skipped(index),
                Prior::Sketched if self.paints && model == "auto" => Some(Prior::Sketched),
                Prior::Done | Prior::Sketched => Some(Prior::Done),
                Prior::Adopted => Some(Prior::Adopted),
                // What was rehearsed need not be again.
                Prior::Rehearsed if self.args.sketch => Some(Prior::Done),
                Prior::Gone if !self.args.redo_missing => Some(Prior::Gone),
                Prior::Failed(exit) if !self.args.retry_failed => Some(Prior::Failed(exit)),
                Prior::Open => Some(Prior::Open),
                _ if self.left == 0 => Some(Prior::Later),
                _ => self.standings.skipped(index),
            };
            match skip {
                Some(why) => decision.skips.push(Skipped {
                    index,
                    key: *key,
                    why,
                    is_rehearsal: before == Prior::Rehearsed,
                    model: model.clone(),
                }),
                None => self.left -= 1,
            }
            wanted.push(skip.is_none().then_some(before));
        }
        if wanted.iter().all(Option::is_none) {
            notices.extend(gone.map(|why| format!("{why}: what was made from it stays")));
            return Ok(decision);
        }
        if let Some(gone) = gone {
            return Err(gone);
        }
        let spec = self.ask(item);
        let jobs = self.planner.jobs(&spec, first, notices)?;
        if self.checks && wanted.contains(&Some(Prior::New)) {
            notices.extend(self.pictures.changed(item));
        }
        for ((job, before), keyed) in jobs.into_iter().zip(wanted).zip(keys) {
            let Some(before) = before else { continue };
            let own = self.own(keyed.key, before);
            decision.again += usize::from(own.is_some());
            decision.own_models += usize::from(item.models.is_some());
            decision.own_pictures += usize::from(!item.pictures.images.is_empty());
            let job = match &own {
                Some(path) => Job { target: in_its_place(path), offset: 0, ..job },
                None => job,
            };
            let Keyed { key, claim, .. } = &keyed;
            let drawing =
                (before == Prior::Rehearsed).then(|| self.history.drawing(*key)).flatten();
            let job = Job {
                replace: drawing.unwrap_or(job.replace),
                max_cost: item.max_cost,
                key: Some(written(*key, self.args.sketch)),
                tags: item.tags.clone(),
                ..job
            };
            if self.checks {
                self.place(item, job, keyed, (before, own), &mut decision)?;
            } else {
                let offset = self.targets.offset(job.index).unwrap_or(job.offset);
                let claim = self.standings.claiming(job.index, claim.clone());
                let replace = match self.args.sketch {
                    true => self.targets.drawing(job.index),
                    false => job.replace,
                };
                decision.jobs.push(Job { offset, claim, replace, ..job });
            }
        }
        Ok(decision)
    }

    /// Gives a job its name in a check, unless its image is there or another home has claimed it. Of
    /// a job that is made again, `own` is where its image is.
    fn place(
        &mut self,
        item: &Item,
        mut job: Job,
        keyed: Keyed,
        (before, own): (Prior, Option<PathBuf>),
        decision: &mut Decision,
    ) -> Result<()> {
        let seeded = item.request.seed.is_some();
        let mut standing = self.standings.of(keyed.claim.as_deref(), &job, seeded)?;
        if let Standing::Free(void) = standing {
            self.standings.overlook(job.index, void);
            let (targets, mut rules) = self.rules(item, &keyed);
            rules.own = own;
            let placed = targets.place(item, &mut job, &mut rules);
            let is_new = !matches!(before, Prior::Gone) && !self.is_again(keyed.key);
            let is_without = match &placed {
                Ok(placement) => matches!(placement, Placement::Free(_)),
                Err(error) => error.code == EXISTS,
            };
            if is_new
                && is_without
                && let Some((job, found)) = self.under_another_name(item, &job)?
            {
                self.left = self.left.saturating_add(1);
                decision.renamed.push(found.path.clone());
                decision.claim_existing(item, job, keyed, Some(found));
                return Ok(());
            }
            let refused = match placed {
                Ok(Placement::Free(earlier)) => {
                    let own = candidate(&job.target, job.offset);
                    decision.beside.extend(earlier.map(|earlier| (own, earlier)));
                    decision.jobs.push(job);
                    return Ok(());
                }
                Ok(Placement::Existing(found)) => {
                    self.left = self.left.saturating_add(1);
                    decision.claim_existing(item, job, keyed, Some(found));
                    return Ok(());
                }
                Ok(Placement::Stays) => {
                    self.left = self.left.saturating_add(1);
                    self.standings.skip(job.index, Prior::Stays);
                    decision.skip(&job, keyed, Prior::Stays);
                    return Ok(());
                }
                Err(error) => error,
            };
            // What is in the way may have come while it was looked at, with its claim.
            standing = self.standings.of(keyed.claim.as_deref(), &job, seeded)?;
            if let Standing::Free(_) = standing {
                return Err(refused);
            }
        }
        let found = match standing {
            Standing::Done(found) => Some(found),
            Standing::Free(_) => None,
            Standing::Skipped(skip) => {
                let (targets, mut rules) = self.rules(item, &keyed);
                let found = targets.find(&job, &job.target, &mut rules)?;
                if found.is_none() {
                    self.standings.skip(job.index, skip);
                    decision.skip(&job, keyed, skip);
                    self.left = self.left.saturating_add(1);
                    return Ok(());
                }
                found
            }
        };
        self.left = self.left.saturating_add(1);
        decision.claim_existing(item, job, keyed, found);
        Ok(())
    }

    /// What the second look finds of those jobs of an item that were at work elsewhere.
    ///
    /// # Errors
    /// A claim cannot be read.
    pub(super) fn look(
        &mut self,
        item: &mut Item,
        elsewhere: &BTreeSet<usize>,
    ) -> Result<Decision> {
        self.pictures.give(item)?;
        let item = &*item;
        let keys = self.keys(item);
        let first = self.seen;
        self.seen += keys.len();
        let mut decision = Decision::default();
        if elsewhere.range(first..self.seen).next().is_none() {
            return Ok(decision);
        }
        let jobs = self.planner.jobs(&self.ask(item), first, &mut Vec::new())?;
        for (job, keyed) in jobs.into_iter().zip(keys) {
            if !elsewhere.contains(&job.index) {
                continue;
            }
            let job = Job { key: Some(written(keyed.key, false)), tags: item.tags.clone(), ..job };
            let seeded = item.request.seed.is_some();
            let found = match self.standings.of(keyed.claim.as_deref(), &job, seeded)? {
                Standing::Done(found) => Some(found),
                _ => {
                    let (targets, mut rules) = self.rules(item, &keyed);
                    targets.find(&job, &job.target, &mut rules)?
                }
            };
            match found {
                None => decision.skip(&job, keyed, Prior::Elsewhere),
                found => decision.claim_existing(item, job, keyed, found),
            }
        }
        Ok(decision)
    }

    /// Begins the second look.
    pub(super) fn look_again(&mut self) {
        self.again();
        self.targets.look_again();
        self.standings.look_again();
    }

    fn rules<'r>(&'r mut self, item: &Item, keyed: &'r Keyed) -> (&'r mut Targets, Rules<'r, 'a>) {
        let again = self.is_again(keyed.key);
        let rules = Rules {
            again,
            own: None,
            seeded: item.request.seed.is_some(),
            adopts: self.args.adopt,
            rehearses: self.args.sketch,
            ours: &mut self.history.images,
            standings: &mut self.standings,
            recipes: &self.recipes,
            claim: keyed.claim.as_deref(),
            verified: &self.verified,
        };
        (&mut self.targets, rules)
    }

    /// A saved file as the user would write it: in the directory they named.
    pub(super) fn relative(&self, path: &Path) -> String {
        let shown = match (path.strip_prefix(&self.directory), self.shown.as_path()) {
            (Ok(inside), place) if place == Path::new(".") => inside.to_owned(),
            (Ok(inside), place) => place.join(inside),
            (Err(_), _) => path.to_owned(),
        };
        shown.display().to_string()
    }
}

/// The names of images whose jobs have an `id`, and no `output`.
const NAMED: &str = "{id}.{ext}";

/// Whether a name is what a pattern says, in which `*` stands for any letters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(head) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| fits(tail, &rest[at..]))
}

/// The target of an image that takes the place of an older one.
fn in_its_place(path: &Path) -> OutputTarget {
    let part = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    OutputTarget {
        directory: path.parent().unwrap_or(Path::new(".")).to_owned(),
        stem: part(path.file_stem()),
        extension: part(path.extension()),
        suffix_ok: true,
        within: None,
    }
}
