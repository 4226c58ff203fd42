//! What an image was made from: where its pictures lie by now, and which of them pinx made, from what.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::App;
use super::find::located;
use super::known::{LoggedJob, of_files};
use crate::error::Result;
use crate::request::{Input, Role};
use crate::secret::redact;
use crate::store::log::Saved;
use crate::text;

/// How far a chain is followed.
const LEVELS: usize = 16;

/// Pictures that are looked for at most.
const MOST: usize = 64;

/// The longest prompt in a line, in characters.
const PROMPT: usize = 60;

/// A picture that an image was made from.
#[derive(Debug, Clone)]
pub(in crate::cmd) struct Parent {
    /// What it is called: `image 1`.
    name: String,
    input: Input,
    /// Where it lies, if it is here.
    path: Option<PathBuf>,
    /// The job that made it, if one did.
    job: Option<LoggedJob>,
    /// What it was made from in turn.
    parents: Vec<Parent>,
    /// Whether it was made from others that are not followed.
    is_cut: bool,
}

/// What an image was made from.
///
/// # Errors
/// The log cannot be read.
pub(in crate::cmd) fn parents(app: &App, inputs: &[Input]) -> Result<Vec<Parent>> {
    level(app, inputs, (&[], 0), &mut MOST.clone())
}

/// The same, and what those were made from, up to pictures that nobody here made.
///
/// # Errors
/// The log cannot be read.
pub(in crate::cmd) fn chain(app: &App, inputs: &[Input]) -> Result<Vec<Parent>> {
    level(app, inputs, (&[], LEVELS), &mut MOST.clone())
}

/// One level of it; `seen` are the hashes on the way to it, for a log may tell anything.
fn level(
    app: &App,
    inputs: &[Input],
    (seen, levels): (&[&str], usize),
    room: &mut usize,
) -> Result<Vec<Parent>> {
    let inputs = &inputs[..inputs.len().min(*room)];
    *room -= inputs.len();
    if inputs.is_empty() {
        return Ok(Vec::new());
    }
    let places = located(app, inputs)?;
    let file = |input: &Input| Saved { sha256: input.sha256.clone(), ..Saved::default() };
    let files: Vec<Saved> = inputs.iter().map(file).collect();
    let jobs = match inputs.iter().all(Input::has_hash) {
        true => of_files(app, &files.iter().collect::<Vec<_>>())?,
        false => inputs.iter().map(|_| None).collect(),
    };
    let names = Role::names(inputs.iter().map(|input| input.role));
    let mut parents = Vec::with_capacity(inputs.len());
    for (((input, path), known), name) in inputs.iter().zip(places).zip(jobs).zip(names) {
        let job = known.map(|known| known.job);
        let further = job.as_ref().map_or(&[][..], |job| &job.recipe.request.inputs);
        let is_followed = levels > 0 && *room > 0 && !seen.contains(&&*input.sha256);
        let own = match is_followed {
            true => {
                let seen: Vec<&str> = seen.iter().copied().chain([&*input.sha256]).collect();
                level(app, further, (&seen, levels - 1), room)?
            }
            false => Vec::new(),
        };
        let is_cut = own.len() < further.len();
        parents.push(Parent { name, input: input.clone(), path, job, parents: own, is_cut });
    }
    Ok(parents)
}

impl Parent {
    /// It and what it was made from, a line each with an arrow for each level:
    /// `← image 1 · 64x96 · 3fa9c2d1e0ab · /home/me/mug.png`.
    pub(in crate::cmd) fn lines(&self) -> Vec<String> {
        let Parent { name, input, path, job, .. } = self;
        let mut parts = vec![name.clone(), input.size.to_string(), input.short_hash()];
        parts.push(match path {
            Some(path) => path.display().to_string(),
            None => "not here any more".to_owned(),
        });
        if let Some(job) = job {
            let entry = &job.row.entry;
            let prompt = text::clean(&entry.prompt, PROMPT).replace('\n', " ");
            parts.push(format!("{} \"{prompt}\"", entry.job));
        }
        let mut lines = vec![parts.join(" · ")];
        for parent in &self.parents {
            lines.extend(parent.lines().into_iter().map(|line| format!("← {line}")));
        }
        if let Some(job) = job.as_ref().filter(|_| self.is_cut) {
            lines.push(format!("← others: `pinx log show {}`", job.row.entry.job));
        }
        lines
    }

    /// The same for a document.
    pub(in crate::cmd) fn json(&self) -> Value {
        let Parent { input, path, job, parents, is_cut, .. } = self;
        let entry = job.as_ref().map(|job| &job.row.entry);
        json!({
            "role": input.role,
            "sha256": redact(&text::clean(&input.sha256, 64), []),
            "width": input.size.width,
            "height": input.size.height,
            "path": path,
            "id": entry.map(|entry| &entry.job),
            "prompt": entry.map(|entry| &entry.prompt),
            "model": entry.map(|entry| &entry.model),
            "parents": parents.iter().map(Parent::json).collect::<Vec<_>>(),
            "is_cut": is_cut,
        })
    }
}
