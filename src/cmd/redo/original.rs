//! What is to be made again: an image by its file, or jobs by their ids in the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::markup::{Weights, plain};
use crate::cmd::App;
use crate::cmd::log::known::{self, LoggedJob};
use crate::cmd::named;
use crate::cmd::recipe::{Picture, pictures, stem};
use crate::error::{Error, Result};
use crate::request::{Format, Size};
use crate::store::{Program, Provenance, Recipe};
use crate::text;

/// The longest stem of a default name, in bytes.
const SLUG: usize = 60;

/// One image to be made again.
#[derive(Debug)]
pub(super) struct Original {
    /// What it is called in messages, between backticks.
    pub name: String,
    /// How it was made.
    pub found: Provenance,
    /// The format of the file.
    pub format: Option<Format>,
    /// The format that was asked for.
    pub asked: Option<Format>,
    /// The stem of the new name; none means one made from the prompt.
    pub stem: Option<String>,
    /// Whether the log knows it.
    pub is_ours: bool,
    /// What another program's prompts said to its own model, which was taken out of them.
    pub markup: Vec<String>,
    /// Where its file is or was.
    pub directory: Option<PathBuf>,
    /// The size of the file, if there is one.
    pub size: Option<Size>,
    /// What tells it from others, whatever it is named by: its job, or the hash of its file where the
    /// log does not know it.
    identity: String,
}

/// The images that words name: files first, then ids.
///
/// # Errors
/// A file that cannot be read or has no recipe, an id that is none, or a job that is not over.
pub(super) fn find(app: &App, words: &[String]) -> Result<Vec<Original>> {
    named::tell_of_last(app, words);
    let (files, ids): (Vec<_>, Vec<_>) =
        words.iter().map(String::as_str).enumerate().partition(|(_, word)| named::is_file(word));
    let names: Vec<&str> = files.iter().map(|(_, word)| *word).collect();
    let mut found: Vec<(usize, Original)> = Vec::new();
    for ((at, word), picture) in files.iter().zip(pictures(app, &names)) {
        found.push((*at, of_picture(word, picture?)?));
    }
    for (at, id) in ids {
        for known in known::by_id(app, id)? {
            found.push((at, of_job(&known)?));
        }
    }
    // In the order of the words; the jobs of a run stay in theirs.
    found.sort_by_key(|(at, _)| *at);
    let mut originals: Vec<Original> = Vec::new();
    for (at, original) in found {
        match originals.iter().find(|known| known.identity == original.identity) {
            Some(known) => app.ui.note(&format!(
                "`{}` is {} again: made once; `-n 2` makes two",
                text::clean(&words[at], 200),
                known.name
            )),
            None => originals.push(original),
        }
    }
    Ok(originals)
}

fn of_picture(word: &str, picture: Picture) -> Result<Original> {
    let name = if word == "-" { "stdin".to_owned() } else { text::clean(word, 200) };
    let job = picture.known.as_ref().map(|known| known.row.entry.job.clone());
    let identity = job.unwrap_or_else(|| picture.file.sha256.clone());
    let (stem, asked) = (picture.stem(), picture.known.as_ref().and_then(|known| known.format));
    let Some((_, mut found)) = picture.recipe else {
        let what = format!("`{name}` does not tell how it was made, and the log does not know it");
        return Err(Error::usage(what)
            .code("no_recipe")
            .hint(format!("`pinx info {name}` shows what is known of it")));
    };
    Ok(Original {
        name: format!("`{name}`"),
        markup: unmarked(&mut found),
        size: Some(Size::new(picture.facts.width, picture.facts.height)),
        directory: picture.file.path.parent().map(Path::to_owned),
        stem: stem
            .map(|stem| unnumbered(stem, &found.recipe, |base| exists(&picture.file.path, base))),
        found,
        format: Some(picture.facts.format),
        asked,
        is_ours: picture.known.is_some(),
        identity,
    })
}

/// Takes out of another program's prompts what is no word for other models, and tells what.
fn unmarked(found: &mut Provenance) -> Vec<String> {
    let Program::Other(program) = &found.program else { return Vec::new() };
    let weights = Weights::of(program);
    let request = Arc::make_mut(&mut found.recipe.request);
    let prompt = plain(&request.prompt, weights);
    let negative = request.negative.as_deref().map(|text| plain(text, weights)).unwrap_or_default();
    request.prompt = prompt.text;
    request.negative = Some(negative.text).filter(|text| !text.is_empty());
    let mut told = prompt.tags;
    for tag in negative.tags {
        if !told.contains(&tag) {
            told.push(tag);
        }
    }
    match prompt.weights + negative.weights {
        0 => {}
        1 => told.push("1 weight".to_owned()),
        count => told.push(format!("{count} weights")),
    }
    told
}

fn of_job(known: &LoggedJob) -> Result<Original> {
    let entry = &known.row.entry;
    if !known.is_over() {
        let what = format!("the job `{}` is not over: its picture may still come", entry.job);
        return Err(Error::usage(what)
            .code("not_over")
            .hint("`pinx recover` collects it; name other jobs of the run as `RUN.1`, `RUN.2`…"));
    }
    let image = entry.images.first();
    let stem = image.and_then(|image| stem(&image.path));
    Ok(Original {
        name: format!("`{}`", entry.job),
        stem: stem.map(|stem| {
            unnumbered(stem, &known.recipe, |base| {
                image.is_some_and(|image| exists(&image.path, base))
            })
        }),
        found: Provenance { recipe: known.recipe.clone(), ..Provenance::default() },
        format: image.and_then(|image| image.format.parse().ok()).or(known.format),
        asked: known.format,
        is_ours: true,
        markup: Vec::new(),
        size: None,
        directory: image.and_then(|image| image.path.parent()).map(Path::to_owned),
        identity: entry.job.clone(),
    })
}

/// A name without the number that pinx gave it, so that `fox-2` is followed by `fox-3`: it is a
/// default name, or the one without the number is beside it. Other names stay.
fn unnumbered(stem: String, recipe: &Recipe, is_there: impl Fn(&str) -> bool) -> String {
    let Some((base, number)) = stem.rsplit_once('-') else { return stem };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && (base == text::slug(&recipe.request.prompt, SLUG) || is_there(base)) {
        base.to_owned()
    } else {
        stem
    }
}

/// Whether there is a file of this stem beside an image, with the same extension.
fn exists(image: &Path, stem: &str) -> bool {
    let extension = image.extension().unwrap_or_default().to_string_lossy();
    !stem.is_empty() && image.with_file_name(format!("{stem}.{extension}")).exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    #[test]
    fn only_the_number_of_a_default_name_goes() {
        let request = Request { prompt: "A fox!".to_owned(), ..Request::default() };
        let recipe = Recipe { request: request.into(), ..Recipe::default() };
        let is_there = |base: &str| base == "mine";
        for (stem, new) in [
            ("a-fox", "a-fox"),
            ("a-fox-2", "a-fox"),
            ("a-fox-2-3", "a-fox-2-3"),
            ("a-fox-", "a-fox-"),
            ("blade-2049", "blade-2049"),
            ("mine-12", "mine"),
            ("mine-b", "mine-b"),
            ("-2", "-2"),
        ] {
            assert_eq!(unnumbered(stem.to_owned(), &recipe, is_there), new);
        }
    }
}
