//! What is compared: one round for each prompt, planned whole before anything is paid.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::directory::{OutputDirectory, output_directory};
use super::entrants::{self, Lists};
use super::{App, Args};
use crate::batch::{Base, Item};
use crate::cmd::batch::check::within;
use crate::cmd::batch::pictures::JobPictures;
use crate::cmd::batch::sources::{Faults, Sources};
use crate::cmd::foreign;
use crate::cmd::generate::{self, Common};
use crate::engine::plan::Planner;
use crate::engine::{Job, Plan, RunSpec, merge_plans, seed};
use crate::error::{Error, Result};
use crate::page::letter;
use crate::request::Format;
use crate::store::log::{ComparedModel, ComparedPrompt};
use crate::store::{Entry, EntryKind, Output};
use crate::text;

/// The longest part of a directory's name that is made from a prompt, in bytes.
const SLUG: usize = 40;

/// The longest name of an image, in bytes.
const STEM: usize = 120;

/// The most notices that are told.
const NOTICES: usize = 20;

/// Everything that is to be made.
pub(super) struct Drafted {
    /// What the log is told of each round.
    pub(super) heads: Vec<Entry>,
    /// The jobs of all of them.
    pub(super) plan: Plan,
    /// Nothing older in the log is about them.
    pub(super) began: Timestamp,
    output: OutputDirectory,
    faults: Option<Faults>,
}

/// Plans one round after the other.
struct Drafter<'a> {
    app: &'a App,
    args: &'a Args,
    /// The flags without those that take a list.
    common: Common,
    lists: Lists,
    run: &'a str,
    planner: Planner<'a>,
    output: OutputDirectory,
    heads: Vec<Entry>,
    parts: Vec<Plan>,
    jobs: usize,
}

/// Plans all rounds.
///
/// # Errors
/// What is wrong with the flags, or with the only prompt. What is wrong in a file is in the answer.
pub(super) fn draft(app: &App, args: &Args, run: &str) -> Result<Drafted> {
    let (common, lists) = entrants::lists(&args.common)?;
    if lists.entrants(&generate::list(&app.settings.model))?.len() < 2 {
        return Err(too_few(args));
    }
    let began = crate::clock::now();
    let drafter = |output| Drafter {
        app,
        args,
        common: common.clone(),
        lists: lists.clone(),
        run,
        planner: app.planner(run),
        output,
        heads: Vec::new(),
        parts: Vec::new(),
        jobs: 0,
    };
    let (drafter, faults) = if args.batch.is_empty() {
        let words =
            generate::written(app, &args.prompt, args.prompt_file.as_deref(), &args.common.vars)?;
        let prompt = words.filter(|prompt| !prompt.is_empty()).ok_or_else(|| {
            Error::usage("the prompt is missing")
                .hint("pinx compare \"a red fox\" -m openai/gpt-image-2,fal/flux-schnell")
        })?;
        let mut drafter = drafter(output_directory(app, args, &text::slug(&prompt, SLUG))?);
        let mut spec = generate::ask(app, &common, prompt, Output::default())?;
        foreign::read(app, &common, &mut spec)?;
        drafter.round(spec, None, &[], "")?;
        (drafter, None)
    } else {
        let first = args.batch[0].file_stem().unwrap_or_default().to_string_lossy();
        let name = if first == "-" { "stdin".to_owned() } else { text::slug(&first, SLUG) };
        let mut drafter = drafter(output_directory(app, args, &name)?);
        let faults = drafter.files()?;
        (drafter, Some(faults))
    };
    let Drafter { heads, parts, output, .. } = drafter;
    Ok(Drafted { heads, plan: merge_plans(parts), began, output, faults })
}

impl Drafted {
    /// Claims the directory, wherever that is by now.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn claim(&mut self) -> Result<()> {
        self.output.claim()?;
        let directory = &self.output.directory;
        self.plan.jobs.iter_mut().for_each(|job| job.target.directory.clone_from(directory));
        for contest in self.heads.iter_mut().filter_map(|head| head.contest.as_mut()) {
            contest.directory = absolute(directory);
        }
        Ok(())
    }

    /// Gives the directory up if nothing was made.
    pub(super) fn leave(&self) {
        self.output.leave();
    }

    /// What is wrong with the files, if anything is.
    pub(super) fn faults(&self) -> Option<&Faults> {
        self.faults.as_ref().filter(|faults| faults.count() > 0)
    }

    /// What the user should read before it starts: what was adjusted with the model it is about. Of a
    /// blind one nothing, since all of it may tell a model.
    pub(super) fn notices(&self, blind: bool) -> Vec<String> {
        let mut told = HashSet::new();
        let mut notices = Vec::new();
        for route in self.plan.jobs.iter().map(|job| &job.routes[0]) {
            for adjustment in &route.adjustments {
                let words = adjustment.message();
                notices.push(format!("{}: {words}", route.model_id()));
                told.insert(words);
            }
        }
        notices.extend(self.plan.notices.iter().filter(|line| !told.contains(*line)).cloned());
        let mut seen = HashSet::new();
        notices.retain(|notice| seen.insert(notice.clone()));
        notices.truncate(NOTICES);
        if blind && !notices.is_empty() {
            notices = vec!["what was adjusted for a model is told with its name".to_owned()];
        }
        notices
    }
}

impl Drafter<'_> {
    /// Every prompt of the files.
    fn files(&mut self) -> Result<Faults> {
        let (app, args) = (self.app, self.args);
        let sources = Sources::open(app, &args.batch)?;
        let mut vars = BTreeMap::new();
        for var in &args.common.vars {
            let (key, value) = generate::pair("--var", var)?;
            vars.insert(key.to_owned(), value.to_owned());
        }
        let pattern = generate::ask(app, &self.common, String::new(), Output::default())?;
        let base = Base {
            request: (*pattern.request).clone(),
            count: app.settings.count,
            catalog: &app.settings.catalog,
            vars: &vars,
            layout: args.layout.layout(),
        };
        let flags = &args.common.pictures;
        let mut pictures = JobPictures::new(app, &pattern, flags, sources.directories());
        let (mut faults, mut ignored) = (sources.faults(), false);
        sources.read(&base, &mut faults, &mut |faults, file, mut item| {
            ignored |= item.models.is_some() || item.fallback.is_some() || item.output.is_some();
            let given = pictures.give(&mut item).and_then(|gone| gone.map_or(Ok(()), Err));
            if let Err(error) = given.and_then(|()| self.item(&pattern, &item)) {
                faults.add(file, item.line, &error);
            }
            ControlFlow::Continue(())
        })?;
        if app.settings.strict {
            faults.refuse_loose();
        }
        if faults.count() == 0 {
            faults.remarks().for_each(|remark| remark.tell(app));
        }
        if ignored {
            app.ui.note("models, fallbacks and file names of the file are left out: every prompt goes to every model of `-m`");
        }
        Ok(faults)
    }

    fn item(&mut self, pattern: &RunSpec, item: &Item) -> Result<()> {
        let spec = RunSpec {
            request: Arc::new(item.request.clone()),
            inputs: item.sent.clone().unwrap_or_default(),
            fit: item.pictures.fit.unwrap_or(pattern.fit),
            notices: item.notices.clone(),
            count: item.count as usize,
            ..pattern.clone()
        };
        let before = self.parts.len();
        let prefix = format!("{:03}-", item.index + 1);
        self.round(spec, item.id.clone(), &item.tags, &prefix)?;
        let mut jobs = self.parts[before..].iter().flat_map(|part| &part.jobs);
        item.max_cost.map_or(Ok(()), |most| {
            jobs.try_for_each(|job| within(most, &job.routes[0].model_id(), job.estimate()))
        })
    }

    /// Plans one prompt over all entrants.
    fn round(
        &mut self,
        mut spec: RunSpec,
        name: Option<String>,
        tags: &[String],
        prefix: &str,
    ) -> Result<()> {
        let blind = self.args.blind;
        let mut field = self.lists.entrants(&spec.models)?;
        let has_models = spec.models.len() > 1;
        if blind {
            shuffle(&mut field);
            // The format that a model likes best would show in the names.
            Arc::make_mut(&mut spec.request).format.get_or_insert(Format::Png);
        }
        spec.output = Output::Directory(self.output.directory.clone());
        self.planner.share_seed(seed());
        let mut entrants: Vec<ComparedModel> = Vec::new();
        let mut parts = Vec::with_capacity(field.len());
        for (at, (model, changes)) in field.into_iter().enumerate() {
            let request = Arc::new(entrants::changed(&spec.request, &changes)?);
            let one = RunSpec { request, models: vec![model], ..spec.clone() };
            let mut part = self.planner.plan(&one, self.jobs)?;
            self.jobs += part.jobs.len();
            let (label, model) = (letter(at), part.jobs[0].routes[0].model_id());
            // Who is called so has made it, or nobody: also of `auto` another model is none.
            part.jobs
                .iter_mut()
                .for_each(|job| job.routes.retain(|route| route.model_id() == model));
            let name = entrants::name(has_models.then_some(model.as_str()), &changes);
            let is_same = |other: &ComparedModel| other.model == model && other.name == name;
            if entrants.iter().any(is_same) {
                return Err(Error::usage(format!("`{model}` is named twice"))
                    .code("same_model")
                    .hint("a comparison needs at least two different models"));
            }
            let own = if blind { label.to_lowercase() } else { text::slug(&name, STEM) };
            part.jobs.iter_mut().for_each(|job| job.target.stem = format!("{prefix}{own}"));
            let jobs = part.jobs.iter().map(|job: &Job| job.id.clone()).collect();
            entrants.push(ComparedModel { label, model, name, jobs });
            parts.push(part);
        }
        if self.lists.is_empty() {
            // Where only models differ the log says what it has always said.
            entrants.iter_mut().for_each(|entrant| entrant.name.clear());
        }
        let contest = ComparedPrompt {
            number: self.heads.len() + 1,
            name,
            blind,
            directory: absolute(&self.output.directory),
            entrants,
        };
        self.heads.push(Entry {
            prompt: spec.request.prompt.clone(),
            style: spec.request.style.clone(),
            tags: tags.iter().chain(&self.args.tags).cloned().collect(),
            contest: Some(Box::new(contest)),
            ..Entry::of_run(EntryKind::Compared, self.run)
        });
        self.parts.extend(parts);
        Ok(())
    }
}

fn absolute(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.to_string_lossy().into_owned().into()
}

fn too_few(args: &Args) -> Error {
    let words = args.prompt.join(" ");
    let what = match args.batch.first() {
        Some(file) => format!("--batch {}", text::shell_word(&file.display().to_string())),
        None if words.is_empty() || words.len() > SLUG => "\"a red fox\"".to_owned(),
        None => text::shell_word(&words),
    };
    let pictures = &args.common.pictures;
    let flags = pictures.images.iter().map(|image| ("-i", image));
    let flags = flags.chain(pictures.mask.iter().map(|mask| ("--mask", mask)));
    let flags: String = flags
        .map(|(flag, word)| format!(" {flag} {}", text::shell_word(&word.display().to_string())))
        .collect();
    Error::usage("a comparison needs at least two models, styles, qualities or seeds")
        .code("too_few_models")
        .hint("name models with `-m openai/gpt-image-2,fal/flux-schnell`; `pinx models` lists them")
        .hint("or vary one: `--style noir,watercolor`, `--quality low,high`, `--seed 1,2,3`")
        .hint(format!("`pinx compare {what}{flags} --style noir,watercolor`"))
}

/// Any order, each as likely (Fisher and Yates).
fn shuffle<T>(names: &mut [T]) {
    for at in (1..names.len()).rev() {
        names.swap(at, (seed() % (at as u64 + 1)) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_keeps_all_and_every_order_comes() {
        let names = || ["a", "b", "c"].map(str::to_owned).to_vec();
        let mut orders = HashSet::new();
        for _ in 0..400 {
            let mut shuffled = names();
            shuffle(&mut shuffled);
            orders.insert(shuffled.clone());
            shuffled.sort();
            assert_eq!(shuffled, names());
        }
        assert_eq!(orders.len(), 6);
    }
}
