//! `pinx info`: what an image is and how it was made.

use serde_json::{Map, Value, json};

use super::compare;
use super::log::find::{self, LAST};
use super::log::lineage::Parent;
use super::recipe::{Picture, RecipeSource, pictures, program};
use super::{App, log, named};
use crate::engine::report::ErrorReport;
use crate::error::{Error, Exit, Result};
use crate::request::orders;
use crate::request::parameter::{self, words};
use crate::secret::redact;
use crate::store::Program;
use crate::text;

/// What `info` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The recipe is read from the image, or found in the log by the hash of the file.\n\
                  Of other programs it is read, too: AUTOMATIC1111 and its kin, ComfyUI,\n\
                  SwarmUI, Fooocus, InvokeAI, NovelAI, Draw Things, mflux, Easy Diffusion and\n\
                  Midjourney, from text chunks, EXIF, XMP, comments and the alpha channel. What\n\
                  is not understood is told, never guessed.\n\n\
                  Exit codes: 0 all images were read (also those without a recipe), 2 some\n\
                  could not be."
)]
pub struct Args {
    /// Name images (`-` for one on stdin), jobs or runs of `pinx log` by the start of their ids, or by
    /// `last` the newest images that were made
    #[arg(value_name = "IMG|ID|last", required = true)]
    pub images: Vec<String>,
}

/// Tells of each image; one that cannot be read does not keep the others from being told.
///
/// # Errors
/// None of its own: what cannot be read is in the exit code.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    named::tell_of_last(app, &args.images);
    let words = args.images.iter().map(|word| files(app, word)).collect::<Result<Vec<_>>>()?;
    let words = words.concat();
    let names: Vec<&str> = words.iter().map(String::as_str).collect();
    let found = pictures(app, &names);
    let failed: Vec<&Error> = found.iter().filter_map(|picture| picture.as_ref().err()).collect();
    if app.ui.options().json {
        let each = names.iter().zip(&found).map(|(name, picture)| document(name, picture));
        let images: Vec<Value> = each.collect();
        app.ui.json(&json!({ "success": failed.is_empty(), "images": images }));
    } else {
        let good = names
            .iter()
            .zip(&found)
            .filter_map(|(name, picture)| Some((*name, picture.as_ref().ok()?)));
        for (at, (name, picture)) in good.enumerate() {
            if at > 0 {
                app.ui.line("");
            }
            app.ui.facts(if name == "-" { "stdin" } else { name }, &facts(picture));
        }
    }
    failed.iter().for_each(|error| app.ui.error(error));
    Ok(if failed.is_empty() { Exit::OK } else { Exit::USAGE })
}

/// What a file is and how it was made, as `info --json` tells it, without names of this machine.
///
/// # Errors
/// It cannot be read.
pub(super) fn of_file(app: &App, path: &std::path::Path) -> Result<Value> {
    let name = path.to_string_lossy();
    let picture =
        pictures(app, &[&*name]).pop().unwrap_or_else(|| Err(Error::usage("no image")))?;
    let facts = &picture.facts;
    Ok(json!({
        "success": true,
        "sha256": picture.file.sha256,
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "bytes": picture.file.bytes,
        "signed": facts.signed,
        "recipe": shown(&picture),
        "from": picture.recipe.as_ref().map(|(source, _)| source.name()),
        "note": note(&picture),
        "job": picture.known.as_ref().map(|known| known.row.entry.job.clone()),
    }))
}

/// The files that a word means. What the log does not know is looked for as a file, which says why it
/// cannot be read.
///
/// # Errors
/// The log knows it, and there is no image.
fn files(app: &App, word: &str) -> Result<Vec<String>> {
    if named::is_file(word) || (word != LAST && !find::Id::is_one(word)) {
        return Ok(vec![word.to_owned()]);
    }
    match named::images(app, word) {
        Err(error) if error.code == "unknown_id" && word != LAST => Ok(vec![word.to_owned()]),
        Err(error) => Err(error),
        Ok(paths) => Ok(paths.iter().map(|path| compare::shown(path)).collect()),
    }
}

/// The recipe as JSON, its look-alikes of keys masked: an image comes from anywhere. A prompt that is not
/// known is not there.
fn shown(picture: &Picture) -> Value {
    let recipe = picture.recipe.as_ref().map(|(_, found)| &found.recipe);
    let mut shown = guarded(serde_json::to_value(recipe).unwrap_or_default());
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|key, value| !(["prompt", "model"].contains(&key.as_str()) && value == ""));
    }
    shown
}

/// The version of the program that wrote the recipe.
fn version(picture: &Picture) -> Option<String> {
    let (_, found) = picture.recipe.as_ref()?;
    found.version.as_ref().map(|version| redact(&text::clean(version, 60), []))
}

/// What is to be known of how the recipe was read.
fn note(picture: &Picture) -> Option<String> {
    let notes = picture.recipe.as_ref().map(|(_, found)| found.notes.join("; "));
    notes.filter(|notes| !notes.is_empty()).map(|notes| redact(&notes, []))
}

fn guarded(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact(&text, [])),
        Value::Array(items) => Value::Array(items.into_iter().map(guarded).collect()),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (redact(&key, []), guarded(value))).collect()
        }
        other => other,
    }
}

fn extra(picture: &Picture) -> impl Iterator<Item = (String, String)> {
    let found = picture.recipe.as_ref().map(|(_, found)| found.extra.as_slice());
    found.unwrap_or_default().iter().map(|(name, value)| (redact(name, []), redact(value, [])))
}

/// One image of the JSON document; every key is there, `null` where nothing is known.
fn document(name: &str, picture: &Result<Picture>) -> Value {
    let picture = match picture {
        Ok(picture) => picture,
        Err(error) => {
            return json!({
                "file": redact(name, []), "path": null, "format": null, "width": null, "height": null,
                "bytes": null, "sha256": null, "alpha": null, "signed": null, "recipe": null,
                "from": null, "program": null, "program_version": null, "note": null, "extra": {},
                "parents": [], "log": null, "same_bytes": [],
                "error": ErrorReport::from(error),
            });
        }
    };
    let (facts, file) = (&picture.facts, &picture.file);
    let from = picture.recipe.as_ref().map(|(source, _)| source.name());
    let by = picture.recipe.as_ref().map(|(_, found)| program(&found.program));
    let extra: Map<String, Value> =
        extra(picture).map(|(name, value)| (name, Value::String(value))).collect();
    json!({
        "file": name,
        "path": picture.path.as_ref().map(|_| &file.path),
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "alpha": facts.alpha,
        "signed": facts.signed,
        "recipe": shown(picture),
        "from": from,
        "program": by,
        "program_version": version(picture),
        "note": note(picture),
        "extra": extra,
        "parents": picture.parents.iter().map(Parent::json).collect::<Vec<_>>(),
        "log": picture.known.as_ref().map(|known| known.json()),
        "same_bytes": picture.others,
        "error": null,
    })
}

/// The facts of one image for people.
fn facts(picture: &Picture) -> Vec<(&'static str, String)> {
    let (about, file) = (&picture.facts, &picture.file);
    let mut image =
        vec![format!("{}x{} {}", about.width, about.height, about.format), log::bytes(file.bytes)];
    image.extend(about.alpha.then(|| "can be transparent".to_owned()));
    image.extend(about.signed.then(|| "signed (content credentials)".to_owned()));
    let mut facts = vec![("image", image.join(" · "))];
    let recipe = shown(picture);
    for name in parameter::names(orders::FACTS).chain(["look"]).filter(|name| *name != "inputs") {
        facts.push((name, recipe.get(name).map(words).unwrap_or_default()));
    }
    for (at, from) in picture.parents.iter().flat_map(Parent::lines).enumerate() {
        facts.push((if at == 0 { "made from" } else { "" }, redact(&from, [])));
    }
    let told = recipe.get("note").map(words);
    facts.push(("note", told.into_iter().chain(note(picture)).collect::<Vec<_>>().join("; ")));
    let extra = extra(picture).map(|(name, value)| format!("{name}: {value}"));
    facts.push(("extra", extra.collect::<Vec<_>>().join(" · ")));
    facts.push(("from", from(picture)));
    if let Some(known) = &picture.known {
        facts.push(("log", known.line()));
        let saved = known.row.entry.images.first().map(|image| image.path.as_path());
        let moved = saved.filter(|saved| *saved != file.path.as_path());
        facts.push(("saved as", moved.map(|path| path.display().to_string()).unwrap_or_default()));
        let others = picture.others.join(", ");
        let others = if others.is_empty() { others } else { others + ", with the very same bytes" };
        facts.push(("also by", others));
    }
    facts
}

/// Where the recipe was found.
fn from(picture: &Picture) -> String {
    match &picture.recipe {
        None => "nobody: neither the image nor the log tells how it was made".to_owned(),
        Some((RecipeSource::Image, _)) => "the image".to_owned(),
        Some((RecipeSource::Log, _)) => "the log, by the hash of the file".to_owned(),
        Some((RecipeSource::Parameters, found)) => match &found.program {
            Program::Pinx => "the image's parameters; the recipe itself is not in it".to_owned(),
            Program::Other(name) => {
                let version = version(picture).map(|version| format!(" {version}"));
                let by = text::clean(name, 60) + &version.unwrap_or_default();
                if found.recipe.request.prompt.is_empty() {
                    format!("{by}; its prompt cannot be read")
                } else {
                    format!("the parameters of {by}")
                }
            }
        },
    }
}
