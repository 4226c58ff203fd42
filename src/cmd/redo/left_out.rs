//! What another program's recipe says that no model here takes: told in one line, beside what is kept.
//!
//! Pure.

use super::original::Original;
use crate::catalog::Adjustment;
use crate::cmd::recipe::program;
use crate::engine::{Plan, RunSpec};
use crate::error::Error;
use crate::store::Program;
use crate::text;

/// Settings that are no loss: they name files and versions, or tell the same once more.
const ASIDE: [&str; 12] = [
    "Version",
    "App",
    "nodes",
    "Job ID",
    "RNG",
    "Template",
    "Negative Template",
    "Civitai resources",
    "Civitai metadata",
    "Prompt before wildcards",
    "Pipeline",
    "Parser",
];

/// Settings that are named; of more it is told that there are more.
const MOST: usize = 10;

/// What is kept of a recipe and what is not.
#[derive(Debug)]
pub(super) struct LeftOut {
    kept: String,
    left: String,
    program: String,
}

/// What is left out, if anything is.
pub(super) fn of(
    part: &Plan,
    spec: &RunSpec,
    original: &Original,
    is_new_prompt: bool,
) -> Option<LeftOut> {
    let found = &original.found;
    let Program::Other(by) = &found.program else { return of_own(original) };
    let mut left = if is_new_prompt { Vec::new() } else { original.markup.clone() };
    let is_loss = |name: &str| !ASIDE.contains(&name) && !name.to_lowercase().contains("hash");
    for (name, value) in found.extra.iter().filter(|(name, _)| is_loss(name)) {
        left.push(format!("{} {}", text::clean(name, 30), text::clean(value, 40)));
    }
    if !found.recipe.model.is_empty() {
        left.push(format!("model {}", text::clean(&found.recipe.model, 60)));
    }
    let recipe = &found.recipe.request;
    let grown = recipe.size.zip(original.size).filter(|(made, is)| is.pixels() > made.pixels());
    left.extend(grown.map(|(_, is)| format!("scaling to {is}")));
    if left.is_empty() {
        return None;
    }
    let more = left.len() > MOST;
    left.truncate(MOST);
    if more {
        left.push("…".to_owned());
    }
    let sent = part.jobs.first()?.routes.first()?;
    let mut kept = Vec::new();
    if !is_new_prompt {
        kept.push("prompt".to_owned());
    }
    let is_dropped =
        sent.adjustments.iter().any(|one| one.field == "negative" && one.got == "left out");
    let is_kept =
        recipe.negative.is_some() && spec.request.negative == recipe.negative && !is_dropped;
    kept.extend(is_kept.then(|| "negative prompt".to_owned()));
    let seed = recipe.seed.filter(|seed| sent.order.request.seed == Some(*seed));
    kept.extend(seed.map(|seed| format!("seed {seed}")));
    let size = recipe.size.filter(|size| spec.request.size == Some(*size));
    kept.extend(size.map(|size| format!("size {size}")));
    let kept = if kept.is_empty() { "nothing".to_owned() } else { kept.join(", ") };
    Some(LeftOut { kept, left: left.join(", "), program: text::clean(by, 60) })
}

/// Of our own parameters, where they hold what this version does not know.
fn of_own(original: &Original) -> Option<LeftOut> {
    let extra = &original.found.extra;
    let left: Vec<String> =
        extra.iter().take(MOST).map(|(name, _)| text::clean(name, 30)).collect();
    let kept = "all else".to_owned();
    let program = program(&original.found.program).to_owned();
    (!left.is_empty()).then(|| LeftOut { kept, left: left.join(", "), program })
}

impl LeftOut {
    /// For people.
    pub(super) fn line(&self, original: &Original) -> String {
        format!("kept of {}: {}; left out: {}", original.name, self.kept, self.left)
    }

    /// Where nothing may be left out.
    pub(super) fn refusal(&self, original: &Original) -> Error {
        let what = format!("{} was made with what is left out here: {}", original.name, self.left);
        Error::usage(what).code("not_as_asked").hint("without `--strict` it is left out and told")
    }

    /// Into the document and the log.
    pub(super) fn adjust(&self, part: &mut Plan) {
        for route in part.jobs.iter_mut().flat_map(|job| &mut job.routes) {
            route.adjustments.push(Adjustment {
                field: "recipe".to_owned(),
                asked: self.left.clone(),
                got: self.kept.clone(),
                why: format!("of the recipe by {} only that is kept", self.program),
            });
        }
    }
}
