//! What ComfyUI, NovelAI and InvokeAI leave in a PNG, as far as a recipe can be made of it.
//!
//! Pure, and lenient: every field may be missing or of another type.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Program, Provenance, Recipe};
use crate::json::large_tree;
use crate::request::{Request, Size};

/// Nodes of a graph that are followed in a row; a graph may be a circle.
const HOPS: usize = 16;

/// The recipe of the first program whose chunk is there; `chunk` gives the text of a keyword.
pub(super) fn find(chunk: impl Fn(&[u8]) -> Option<String>) -> Option<Provenance> {
    let tree = |keyword: &[u8]| chunk(keyword).and_then(|text| large_tree(text.as_bytes()));
    if let Some(text) = chunk(b"prompt").filter(|text| text.trim_start().starts_with('{')) {
        return Some(comfy(large_tree(text.as_bytes()).as_ref()));
    }
    if let Some(text) = chunk(b"workflow").filter(|text| text.trim_start().starts_with('{')) {
        let mut found = comfy(None);
        let nodes = large_tree(text.as_bytes())
            .and_then(|tree| tree.get("nodes").and_then(Value::as_array).map(Vec::len));
        found.extra.extend(nodes.map(|count| ("nodes".to_owned(), count.to_string())));
        return Some(found);
    }
    if let Some(values) = tree(b"invokeai_metadata") {
        return Some(invoke(&values));
    }
    if chunk(b"Software").is_some_and(|name| name.trim() == "NovelAI") {
        return Some(novel(&tree(b"Comment").unwrap_or_default(), chunk(b"Description")));
    }
    None
}

/// A graph of ComfyUI in the form of its API: nodes by number, inputs that are values or links
/// (`["6", 0]`). The sampler leads to both prompts, the model and the size.
fn comfy(graph: Option<&Value>) -> Provenance {
    let mut found = Provenance { program: Program::of("ComfyUI"), ..Provenance::default() };
    let Some(nodes) = graph.and_then(Value::as_object) else { return found };
    let inputs = |node: &Value| node.get("inputs").and_then(Value::as_object).cloned();
    let all = || nodes.values().filter_map(inputs);
    found.extra.push(("nodes".to_owned(), nodes.len().to_string()));
    let request = Arc::make_mut(&mut found.recipe.request);
    if let Some(sampler) = all().find(|inputs| follow(nodes, inputs, "positive").is_some()) {
        request.prompt = follow(nodes, &sampler, "positive").unwrap_or_default();
        request.negative = follow(nodes, &sampler, "negative").filter(|text| !text.is_empty());
        request.seed = ["seed", "noise_seed"].iter().find_map(|key| sampler.get(*key)?.as_u64());
        for (key, name) in [("steps", "Steps"), ("cfg", "CFG scale"), ("sampler_name", "Sampler")] {
            found
                .extra
                .extend(sampler.get(key).and_then(word).map(|value| (name.to_owned(), value)));
        }
    } else {
        let texts = all().filter_map(|inputs| Some(inputs.get("text")?.as_str()?.to_owned()));
        request.prompt =
            texts.filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n");
    }
    let model = ["ckpt_name", "unet_name"];
    let model = all().find_map(|inputs| model.iter().find_map(|key| word(inputs.get(*key)?)));
    request.size = all().find_map(|inputs| {
        inputs.get("batch_size")?;
        size(inputs.get("width")?, inputs.get("height")?)
    });
    found.recipe.model = model.unwrap_or_default();
    found
}

/// The text behind a link, through nodes that only pass it on.
fn follow(nodes: &Map<String, Value>, from: &Map<String, Value>, input: &str) -> Option<String> {
    let mut link = from.get(input)?;
    for _ in 0..HOPS {
        let name = link.as_array()?.first()?.as_str()?;
        let inputs = nodes.get(name)?.get("inputs")?.as_object()?;
        let next = ["text", "text_g", "string", "value", input, "conditioning", "conditioning_1"];
        match next.iter().find_map(|key| inputs.get(*key))? {
            Value::String(text) => return Some(text.trim().to_owned()),
            further => link = further,
        }
    }
    None
}

/// InvokeAI's one object.
fn invoke(values: &Value) -> Provenance {
    let text = |key: &str| values.get(key).and_then(word);
    let model = values.get("model").and_then(|model| match model {
        Value::Object(fields) => fields.get("name").or(fields.get("model_name")).and_then(word),
        other => word(other),
    });
    let request = request(values, text("positive_prompt"), text("negative_prompt"));
    let recipe = Recipe { request, model: model.unwrap_or_default(), ..Recipe::default() };
    let names = [("steps", "Steps"), ("scheduler", "Sampler"), ("cfg_scale", "CFG scale")];
    let extra = names.into_iter().filter_map(|(key, name)| Some((name.to_owned(), text(key)?)));
    Provenance { program: Program::of("InvokeAI"), recipe, extra: extra.collect() }
}

/// NovelAI's comment, and its description beside it, which is the prompt.
fn novel(values: &Value, description: Option<String>) -> Provenance {
    let text = |key: &str| values.get(key).and_then(word);
    let request = request(values, text("prompt").or(description), text("uc"));
    let recipe = Recipe { request, ..Recipe::default() };
    let names = [("steps", "Steps"), ("sampler", "Sampler"), ("scale", "CFG scale")];
    let extra = names.into_iter().filter_map(|(key, name)| Some((name.to_owned(), text(key)?)));
    Provenance { program: Program::of("NovelAI"), recipe, extra: extra.collect() }
}

/// The picture, as far as both say it in the same words.
fn request(values: &Value, prompt: Option<String>, negative: Option<String>) -> Arc<Request> {
    Arc::new(Request {
        prompt: prompt.unwrap_or_default(),
        negative: negative.filter(|text| !text.is_empty()),
        seed: values.get("seed").and_then(Value::as_u64),
        size: values.get("width").zip(values.get("height")).and_then(|(w, h)| size(w, h)),
        ..Request::default()
    })
}

/// A value as a setting, if it is a single one.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn size(width: &Value, height: &Value) -> Option<Size> {
    format!("{}x{}", width.as_u64()?, height.as_u64()?).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(chunks: &[(&str, &str)]) -> Option<Provenance> {
        find(|keyword| {
            let found = chunks.iter().find(|(name, _)| name.as_bytes() == keyword);
            found.map(|(_, text)| (*text).to_owned())
        })
    }

    const GRAPH: &str = r#"{
        "3": {"class_type": "KSampler", "inputs": {"seed": 7, "steps": 20, "cfg": 8.0,
            "sampler_name": "euler", "model": ["4", 0], "positive": ["9", 0], "negative": ["8", 0],
            "latent_image": ["5", 0]}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd15.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox", "clip": ["4", 1]}},
        "8": {"class_type": "CLIPTextEncode", "inputs": {"text": "rain", "clip": ["4", 1]}},
        "9": {"class_type": "ConditioningSetArea", "inputs": {"conditioning": ["6", 0]}}
    }"#;

    #[test]
    fn a_simple_graph_is_followed() {
        let found = of(&[("workflow", "{}"), ("prompt", GRAPH)]).unwrap();
        assert_eq!(found.program, Program::of("ComfyUI"));
        let request = Request {
            prompt: "a red fox".to_owned(),
            negative: Some("rain".to_owned()),
            size: Some(Size::new(512, 768)),
            seed: Some(7),
            ..Request::default()
        };
        assert_eq!(*found.recipe.request, request);
        assert_eq!(found.recipe.model, "sd15.safetensors");
        assert_eq!(found.extra[1], ("Steps".to_owned(), "20".to_owned()));
    }

    #[test]
    fn other_graphs_are_at_least_named() {
        let circle = r#"{"1": {"inputs": {"positive": ["1", 0], "text": 3}}}"#;
        for chunks in [
            &[("prompt", "{\"1\": NaN}")][..],
            &[("prompt", circle)],
            &[("workflow", "{\"nodes\": [1, 2]}")],
        ] {
            let found = of(chunks).unwrap();
            assert_eq!(
                (found.program, found.recipe.request.prompt.as_str()),
                (Program::of("ComfyUI"), "")
            );
        }
        let texts = r#"{"1": {"inputs": {"text": "one"}}, "2": {"inputs": {"text": "two"}}}"#;
        assert_eq!(of(&[("prompt", texts)]).unwrap().recipe.request.prompt, "one\ntwo");
        assert_eq!(of(&[("prompt", "a fox"), ("Software", "GIMP")]), None);
    }

    #[test]
    fn invoke_and_novel_are_read() {
        let text = r#"{"positive_prompt": "a fox", "negative_prompt": "", "seed": 5, "steps": 30,
            "width": 64, "height": 32, "model": {"name": "juggernaut"}}"#;
        let found = of(&[("invokeai_metadata", text)]).unwrap();
        assert_eq!(
            (found.recipe.model.as_str(), found.recipe.request.seed),
            ("juggernaut", Some(5))
        );
        assert_eq!(
            (&found.recipe.request.negative, found.recipe.request.size),
            (&None, Some(Size::new(64, 32)))
        );
        let comment = r#"{"uc": "rain", "seed": 9, "scale": 5.5}"#;
        let chunks = [("Software", "NovelAI"), ("Description", "a fox"), ("Comment", comment)];
        let found = of(&chunks).unwrap();
        assert_eq!(
            (found.recipe.request.prompt.as_str(), found.recipe.request.seed),
            ("a fox", Some(9))
        );
        assert_eq!(found.extra, [("CFG scale".to_owned(), "5.5".to_owned())]);
    }
}
