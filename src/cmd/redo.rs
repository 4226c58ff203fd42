//! `pinx redo`: makes images again by their recipes, through the very path of `generate`.
//!
//! Flags win over the recipe, the recipe over settings of taste: a style of the project's file does
//! not slip into a picture that had none. Everything is planned before anything is sent.

mod left_out;
mod markup;
mod original;
mod sets;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{App, generate, inputs, refresh};
use crate::engine::{Plan, RunSpec, merge_plans, plan, run_id};
use crate::error::{Error, Exit, Result};
use crate::render;
use crate::request::{Format, parameter};
use crate::settings::Origin;
use crate::store::{Output, Program};
use crate::text;
use original::Original;
use sets::Sets;

/// What `redo` takes: images or ids, and the flags of `generate`.
#[derive(Debug, clap::Args)]
// `generate::Args` has a group of this name already.
#[group(skip)]
#[command(
    override_usage = "pinx redo [OPTIONS] <IMG|ID|last>...",
    mut_args(|arg| {
        let from_recipe =
            ["model", "size", "quality", "format", "seed"].contains(&arg.get_id().as_str());
        let help = arg.get_help().filter(|_| from_recipe).map(ToString::to_string);
        match help.as_deref().and_then(|help| help.split_once(" [default:")) {
            Some((help, _)) => arg.help(format!("{help} [default: the recipe's]")),
            None => arg,
        }
    }),
    mut_arg("prompt", |arg| arg
        .value_name("IMG|ID|last")
        .required(true)
        .help("Name images (`-` for one on stdin), jobs or runs of `pinx log` by the start of \
               their ids (all jobs of a run are made again), or by `last` the newest that have \
               made an image")),
    mut_arg("prompt_file", |arg| arg.hide(true)),
    mut_arg("vars", |arg| arg.hide(true)),
    after_help = "The name is that of the original, with the next free number, in the current directory.\n\
                  With the recipe's seed a model that honours it makes the same picture; others make another \
                  one,\nwhich is told. Exit codes are those of `generate`."
)]
pub struct Args {
    /// Changes of the recipe.
    #[arg(long, value_name = "KEY=VALUE", help = sets::help())]
    pub set: Vec<String>,
    /// What `generate` takes.
    #[command(flatten)]
    pub generate: generate::Args,
}

impl Args {
    /// The flags that are settings, `--set` among them; what is wrong with one is told by `run`.
    pub(crate) fn settings(&self) -> Vec<(String, toml::Value)> {
        let mut flags = self.generate.clone();
        match Sets::read(&self.set, &mut flags) {
            Ok(_) => flags.settings(),
            Err(_) => Vec::new(),
        }
    }
}

/// Makes the images again.
///
/// # Errors
/// Whatever ends the run before its first job; failures of jobs are in the exit code.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let mut flags = args.generate.clone();
    let sets = Sets::read(&args.set, &mut flags)?;
    if !flags.vars.is_empty() || flags.prompt_file.is_some() {
        return Err(Error::usage("the prompt is in the recipe, with its variables filled in")
            .hint("`--set prompt=…` changes it")
            .into());
    }
    refresh::apply(app);
    let output = generate::where_to(app)?;
    let originals = original::find(app, &flags.prompt)?;
    if output == Output::Stdout && originals.len() > 1 {
        return Err(Error::usage("stdout takes one image")
            .hint("name a directory with `-o`")
            .into());
    }
    let partials = generate::partials(app, &flags, &output);
    let run = run_id();
    let (mut parts, mut jobs) = (Vec::new(), 0);
    for original in &originals {
        let told = |note: &String| format!("{}: {note}", original.name);
        let mut notices: Vec<String> = original.found.notes.iter().map(told).collect();
        let mut spec = ask(app, &flags, &sets, original, &output, &mut notices)?;
        spec.partials = partials;
        generate::each_once(app, &mut spec);
        let mut part = plan::plan(&app.planner(&run), &spec, jobs)?;
        name(&mut part, original, &output);
        jobs += part.jobs.len();
        notices.extend(differences(&part, &spec, original));
        if let Some(left) = left_out::of(&part, &spec, original, sets.prompt.is_some()) {
            if app.settings.strict {
                return Err(left.refusal(original).into());
            }
            left.adjust(&mut part);
            notices.push(left.line(original));
        }
        part.notices.extend(notices);
        parts.push(part);
    }
    let plan = merge_plans(parts);
    generate::carry_out(app, &flags, &run, plan, &output, generate::Agreed::ByFlag)
}

/// What is asked for: the recipe, and over it what flags say.
fn ask(
    app: &App,
    flags: &generate::Args,
    sets: &Sets,
    original: &Original,
    output: &Output,
    notices: &mut Vec<String>,
) -> Result<RunSpec> {
    let (s, recipe) = (&app.settings, &original.found.recipe.request);
    let is_flag = |name: &str| matches!(s.origin(name), Origin::Flag(_));
    let prompt = sets.prompt.clone().unwrap_or_else(|| recipe.prompt.clone());
    if prompt.trim().is_empty() {
        let why = original.found.notes.first().map(|note| format!(": {note}")).unwrap_or_default();
        return Err(Error::usage(format!("the recipe of {} has no prompt{why}", original.name))
            .code("no_prompt")
            .hint("`--set prompt=…` gives it one"));
    }
    let mut common = flags.common.clone();
    // A mask alone is for the pictures of the recipe.
    let is_again = flags.pictures.images.is_empty() && !recipe.inputs.is_empty();
    if is_again {
        common.pictures.mask = None;
    }
    let mut spec = generate::ask(app, &common, prompt, output.clone())?;
    notices.extend(inputs::replaced(&recipe.inputs, &flags.pictures, &original.name));
    spec.models = if is_flag("model") {
        generate::list(&s.model)
    } else if sets.clears("model") {
        vec!["auto".to_owned()]
    } else {
        vec![model(app, original)?]
    };
    if !is_flag("count") {
        spec.count = 1;
    }
    let named = match output {
        Output::File(path) => path.extension().and_then(|ending| ending.to_str()),
        _ => None,
    };
    if is_again {
        let beside = original.directory.as_deref();
        inputs::give_again(app, &recipe.inputs, beside, &flags.pictures, &mut spec).map_err(
            |error| Error { message: format!("{}: {}", original.name, error.message), ..error },
        )?;
    }
    let request = Arc::make_mut(&mut spec.request);
    if !is_flag("format") && named.and_then(Format::of_extension).is_none() {
        let wanted = original.format.filter(|_| !sets.clears("format"));
        let own = s.catalog.model(&spec.models[0], &|_| true);
        let own = own.ok().and_then(|model| model.formats.first().copied());
        // The model's own format is asked for only where it was: the cache tells them apart.
        request.format = wanted.filter(|format| own != wanted || original.asked == Some(*format));
    }
    for parameter in parameter::PARAMETERS.iter().filter(|parameter| parameter.makes_picture) {
        match parameter.name {
            "prompt" | "params" | "inputs" => {}
            name if flags.picture.has(name) => {}
            // A ratio that is asked for becomes a size.
            "size" if flags.picture.has("aspect") => request.size = None,
            name if sets.clears(name) => parameter.clear(request),
            _ => parameter.copy(recipe, request),
        }
    }
    if !flags.picture.has("aspect") {
        request.aspect = None;
    }
    let kept = recipe.params.iter().filter(|(key, _)| !sets.clears(&format!("params.{key}")));
    let mut params: BTreeMap<_, _> = kept.map(|(k, v)| (k.clone(), v.clone())).collect();
    params.retain(|key, _| !request.params.contains_key(key));
    if !original.is_ours && !params.is_empty() {
        // Raw fields can change what a request costs; an image from elsewhere has no say in that.
        let keys: Vec<String> =
            params.keys().map(|key| format!("`{}`", text::clean(key, 40))).collect();
        let why = format!(
            "{} left out of the recipe of {}, because the log does not know that image",
            keys.join(", ") + if keys.len() == 1 { " is" } else { " are" },
            original.name
        );
        if s.strict {
            let error = Error::usage(why).code("not_as_asked");
            return Err(error.hint("`--set params.KEY=VALUE` passes one on"));
        }
        notices.push(format!("{why}; `--set params.KEY=VALUE` passes one on"));
        params.clear();
    }
    request.params.extend(params);
    Ok(spec)
}

/// The model of the recipe, if pinx knows it.
fn model(app: &App, original: &Original) -> Result<String> {
    let name = text::clean(&original.found.recipe.model, 80);
    let hint = "choose one with `-m`; `pinx models` lists them";
    if let Program::Other(program) = &original.found.program {
        let with = match name.as_str() {
            "" => String::new(),
            name => format!(" with `{name}`"),
        };
        let what = format!(
            "{} was made by {program}{with}, which is no model that pinx knows",
            original.name
        );
        return Err(Error::usage(what).code("unknown_model").hint(hint));
    }
    match app.settings.catalog.model(&original.found.recipe.model, &|_| true) {
        // Any name of a provider is a model; of a file from elsewhere, none that cannot be read.
        Ok(_) if original.found.recipe.model.contains(text::is_dangerous) => {
            let what = format!("{} names a model that cannot be read", original.name);
            Err(Error::usage(what).code("unknown_model").hint(hint))
        }
        Ok(_) => Ok(original.found.recipe.model.clone()),
        Err(error) => {
            let message = format!("{}: {}", original.name, error.message);
            Err(Error { message, ..error }.hint("`-m` makes it with another model"))
        }
    }
}

/// Names the images after the original, where the place is a directory.
fn name(part: &mut Plan, original: &Original, output: &Output) {
    let (Output::Directory(_), Some(stem)) = (output, &original.stem) else { return };
    for job in &mut part.jobs {
        job.target.stem.clone_from(stem);
    }
}

/// Why it will not be the same picture, as far as that is not told already.
fn differences(part: &Plan, spec: &RunSpec, original: &Original) -> Vec<String> {
    let mut told = Vec::new();
    let name = &original.name;
    let Some(route) = part.jobs.first().and_then(|job| job.routes.first()) else { return told };
    if route.order.request.seed.is_none() {
        let model = route.model_id();
        told.push(format!(
            "{model} takes no seed: it makes another picture by the recipe of {name}"
        ));
    } else if spec.request.seed.is_none() {
        told.push(format!("the recipe of {name} has no seed: this will be another picture"));
    }
    let look = original.found.recipe.look.as_deref();
    if let Some(look) = look.filter(|look| route.is_local() && *look != render::LOOK) {
        let look = text::clean(look, 40);
        told.push(format!("{name} was drawn as {look}, but sketches are {} now", render::LOOK));
    }
    told
}
