//! Names of models as other sites write them (`black-forest-labs/FLUX.1-schnell`,
//! `models/gemini-…`, `https://fal.run/…`), and the model here that comes nearest.
//!
//! For hints alone: a name that is not ours is never sent, whatever it comes near to. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Model;

const SPELLINGS: &str = include_str!("spellings.toml");

/// Words that tell no model from another.
const EMPTY: [&str; 12] = [
    "ai", "api", "the", "model", "models", "text", "to", "latest", "preview", "generate", "free",
    "v1",
];

/// Programs that nobody can ask but people, by the names of their models.
const CLOSED: [(&[&str], &str); 1] = [(&["midjourney", "mj", "niji"], "Midjourney")];

/// The program of a model that nothing can be asked for.
pub(super) fn closed(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    let first = plain.split('-').next().unwrap_or_default();
    let row = CLOSED.iter().find(|(names, _)| names.contains(&first));
    row.map(|(_, program)| *program)
}

/// The model that a foreign name certainly stands for: by its wire id, or by the table.
pub(super) fn known<'m>(name: &str, models: &'m [Model]) -> Option<&'m Model> {
    let path = path(name);
    let by_wire = models.iter().find(|model| model.wire == path);
    by_wire.or_else(|| {
        let table: BTreeMap<String, Vec<String>> = toml::from_str(SPELLINGS).ok()?;
        let ids = table.get(&plain(path.rsplit('/').next().unwrap_or(path)))?;
        ids.iter().find_map(|id| models.iter().find(|model| model.id == *id))
    })
}

/// The name without scheme, host, version and what only says where it is from.
fn path(name: &str) -> &str {
    let name = name.split(['?', '#']).next().unwrap_or(name).trim_end_matches('/');
    let name = match name.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or(rest, |(_, path)| path),
        None => name,
    };
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    let before = ["models/", "openrouter/", "replicate/", "huggingface/", "google/"];
    before.iter().fold(name, |name, before| name.strip_prefix(before).unwrap_or(name))
}

/// Lower case, every mark a hyphen.
fn plain(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// The model whose name has most words in common with a foreign one: at least half, the family's among
/// them.
pub(super) fn alike<'m>(name: &str, models: &'m [Model]) -> Option<&'m Model> {
    let typed = words(path(name));
    let score = |model: &Model| {
        let names = model.aliases.iter().chain([&model.id, &model.wire]);
        let of = |name: &String| {
            let own = words(name);
            let same = own.intersection(&typed).count();
            let is_family = own.iter().any(|word| word.len() > 2 && typed.contains(word));
            let all = own.union(&typed).count().max(1);
            if is_family { same * 100 / all } else { 0 }
        };
        names.map(of).max().unwrap_or_default()
    };
    let scored = models.iter().map(|model| (score(model), model)).filter(|(score, _)| *score >= 50);
    // The first of the best.
    scored.rev().max_by_key(|(score, _)| *score).map(|(_, model)| model)
}

/// The words of a name without its owner, letters and digits apart: `flux1.1-pro` has `flux`, `1` and
/// `pro`.
fn words(name: &str) -> BTreeSet<String> {
    let name = name.split_once('/').map_or(name, |(_, name)| name);
    let mut words = BTreeSet::new();
    for part in plain(name).split('-') {
        let split = part.find(|c: char| c.is_ascii_digit()).filter(|at| *at > 1);
        let (letters, digits) = split.map_or((part, ""), |at| part.split_at(at));
        words.extend([letters, digits].map(str::to_owned));
    }
    words.retain(|word| !word.is_empty() && !EMPTY.contains(&word.as_str()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn names_of_other_sites_lead_to_ours() {
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        for (name, wanted) in [
            ("black-forest-labs/flux-schnell", "fal/flux-schnell"),
            ("black-forest-labs/FLUX.1-schnell", "fal/flux-schnell"),
            ("black-forest-labs/FLUX.1-dev", "fal/flux-dev"),
            ("black-forest-labs/flux-1.1-pro-ultra", "fal/flux-pro-1.1-ultra"),
            ("stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e", "fal/fast-sdxl"),
            ("stabilityai/stable-diffusion-xl-base-1.0", "fal/fast-sdxl"),
            ("stabilityai/stable-diffusion-3.5-large", "fal/stable-diffusion-3.5-large"),
            ("https://fal.run/fal-ai/flux/dev", "fal/flux-dev"),
            ("https://queue.fal.run/fal-ai/flux/dev?x=1", "fal/flux-dev"),
            ("https://fal.ai/models/fal-ai/flux/schnell", "fal/flux-schnell"),
            ("models/gemini-2.5-flash-image", "fal/nano-banana"),
            ("gemini-2.5-flash-image", "fal/nano-banana"),
            ("google/gemini-2.5-flash-image-preview:free", "fal/nano-banana"),
            ("openrouter/google/gemini-3-pro-image-preview", "fal/nano-banana-pro"),
            ("imagen-4.0-generate-001", "fal/nano-banana-pro"),
            ("bytedance/seedream-4", "fal/seedream-v4"),
            ("ideogram-ai/ideogram-v3-turbo", "fal/ideogram-v3"),
            ("recraft-ai/recraft-v3-svg", "fal/recraft-v3"),
            ("Qwen/Qwen-Image", "fal/qwen-image"),
            ("tencent/HunyuanImage-3.0", "fal/hunyuan-image-3"),
        ] {
            let error = catalog.model(name, &|_| true).unwrap_err();
            let hint = format!("did you mean `{wanted}`? `pinx models --all` lists them");
            assert_eq!(error.hints, [hint], "{name}");
        }
        for name in ["midjourney", "midjourney-v7", "Midjourney v6.1", "mj", "niji-6"] {
            let error = catalog.model(name, &|_| true).unwrap_err();
            assert!(error.message.ends_with("cannot be asked: Midjourney has no API"), "{error}");
        }
        let error = catalog.model("openai", &|_| true).unwrap_err();
        assert_eq!(error.message, "`openai` is a provider and no model");
        assert!(error.hints[0].starts_with("did you mean `openai/gpt-image-"), "{error:?}");
        let error = catalog.model("a/zebra", &|_| true).unwrap_err();
        assert!(!error.hints[0].contains("did you mean"), "{error:?}");
    }

    #[test]
    fn the_table_leads_to_models_that_there_are() {
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        let table: BTreeMap<String, Vec<String>> = toml::from_str(SPELLINGS).unwrap();
        for (name, ids) in table {
            assert_eq!(plain(&name), name);
            for id in ids {
                assert!(catalog.models.iter().any(|model| model.id == id), "{name}: {id}");
            }
        }
    }
}
