//! Programs that write their settings as one object of JSON: each is known by a key that only it has.
//!
//! Pure, and lenient: every field may be missing or of another type.

use serde_json::{Map, Value};

use super::super::Provenance;
use super::values::{Reader, word};
use crate::request::Size;

type Object = Map<String, Value>;

/// Reads an object, if it is of its program.
type Form = fn(&Object) -> Option<Provenance>;

/// The programs; whichever comes first has the surer mark.
const FORMS: [Form; 9] =
    [swarm, invoke, old_invoke, mflux, draw_things, easy_diffusion, novel, fooocus, plain];

/// The recipe in an object of one of the programs.
pub(super) fn read(tree: &Value) -> Option<Provenance> {
    let object = tree.as_object()?;
    FORMS.iter().find_map(|form| form(object))
}

/// Names and weights of LoRAs, in one setting.
fn loras(each: impl Iterator<Item = (Option<String>, Option<String>)>) -> Option<String> {
    let named = each.filter_map(|(name, weight)| {
        Some(match weight {
            Some(weight) => format!("{} ({weight})", name?),
            None => name?,
        })
    });
    let all: Vec<String> = named.take(20).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// SwarmUI: `sui_image_params`, in the `parameters` of a PNG or the comment of EXIF.
fn swarm(object: &Object) -> Option<Provenance> {
    let fields = object.get("sui_image_params")?.as_object()?;
    let mut read = Reader::of("SwarmUI", fields);
    read.prompt(read.text(&["prompt"]));
    read.negative(read.text(&["negativeprompt"]));
    read.seed(&["seed"]);
    read.edges(&["width"], &["height"]);
    read.model(read.text(&["model"]));
    read.version(read.text(&["swarm_version"]));
    read.settings(&[
        ("Steps", &["steps"]),
        ("Sampler", &["sampler", "comfyuisampler"]),
        ("Schedule type", &["scheduler"]),
        ("CFG scale", &["cfgscale"]),
        ("Guidance", &["fluxguidancescale"]),
        ("Start image", &["initimagecreativity"]),
        ("Prompt before wildcards", &["original_prompt"]),
        ("Refiner", &["refinermodel"]),
        ("Upscale", &["refinerupscale"]),
    ]);
    let weights: Vec<Option<String>> = match read.value(&["loraweights"]) {
        Some(Value::String(text)) => {
            text.split(',').map(|weight| Some(weight.trim().to_owned())).collect()
        }
        other => list(other).map(word).collect(),
    };
    let names: Vec<Option<String>> = match read.value(&["loras"]) {
        Some(Value::String(text)) => {
            text.split(',').map(|name| Some(name.trim().to_owned())).collect()
        }
        other => list(other).map(word).collect(),
    };
    let weights = weights.into_iter().chain(std::iter::repeat(None));
    read.setting("LoRA", loras(names.into_iter().zip(weights)));
    Some(read.done())
}

/// InvokeAI since 3.0, in its `invokeai_metadata`.
fn invoke(object: &Object) -> Option<Provenance> {
    object.get("positive_prompt")?.as_str()?;
    let mut read = Reader::of("InvokeAI", object);
    read.prompt(read.text(&["positive_prompt"]));
    read.negative(read.text(&["negative_prompt"]));
    read.seed(&["seed"]);
    read.edges(&["width"], &["height"]);
    let name = |value: &Value| match value {
        Value::Object(fields) => {
            ["name", "model_name"].iter().find_map(|key| word(fields.get(*key)?))
        }
        other => word(other),
    };
    read.model(read.value(&["model"]).and_then(name));
    read.version(read.text(&["app_version"]));
    read.settings(&[
        ("Steps", &["steps"]),
        ("Sampler", &["scheduler"]),
        ("CFG scale", &["cfg_scale"]),
        ("Guidance", &["guidance"]),
        ("Style prompt", &["positive_style_prompt"]),
        ("Negative style prompt", &["negative_style_prompt"]),
        ("Start image", &["init_image"]),
    ]);
    let each = list(object.get("loras")).map(|lora| {
        let model = lora.get("model").or(lora.get("lora")).and_then(name);
        (model, lora.get("weight").and_then(word))
    });
    read.setting("LoRA", loras(each));
    Some(read.done())
}

/// InvokeAI before 3.0, in its `sd-metadata`: the settings stand in `image`, and what the prompt has in
/// square brackets is the negative one.
fn old_invoke(object: &Object) -> Option<Provenance> {
    let fields = object.get("image")?.as_object()?;
    let is_its =
        ["app_id", "model_weights", "app_version"].iter().any(|key| object.contains_key(*key));
    let prompt = match fields.get("prompt").filter(|_| is_its)? {
        Value::String(text) => text.clone(),
        parts => {
            let texts = list(Some(parts)).filter_map(|part| part.get("prompt")?.as_str());
            texts.collect::<Vec<_>>().join(", ")
        }
    };
    let (prompt, negative) = bracketed(&prompt);
    let mut read = Reader::of("InvokeAI", fields);
    read.prompt(Some(prompt));
    read.negative(Some(negative));
    read.seed(&["seed"]);
    read.edges(&["width"], &["height"]);
    read.model(object.get("model_weights").or(object.get("model")).and_then(word));
    read.version(object.get("app_version").and_then(word));
    read.settings(&[
        ("Steps", &["steps"]),
        ("Sampler", &["sampler"]),
        ("CFG scale", &["cfg_scale"]),
    ]);
    Some(read.done())
}

/// A prompt without what stands in square brackets, and that.
pub(super) fn bracketed(text: &str) -> (String, String) {
    let (mut outside, mut inside) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((within, after)) = after.split_once(']') else { break };
        outside.push_str(before);
        inside.push(within.trim().to_owned());
        rest = after;
    }
    outside.push_str(rest);
    (outside.trim().trim_end_matches(',').trim_end().to_owned(), inside.join(", "))
}

/// mflux, in the comment of EXIF.
fn mflux(object: &Object) -> Option<Provenance> {
    object.get("mflux_version")?;
    let mut read = Reader::of("mflux", object);
    read.prompt(read.text(&["prompt"]));
    read.negative(read.text(&["negative_prompt"]));
    read.seed(&["seed"]);
    read.edges(&["width"], &["height"]);
    read.model(read.text(&["model", "base_model"]));
    read.version(read.text(&["mflux_version"]));
    read.settings(&[
        ("Steps", &["steps"]),
        ("Guidance", &["guidance"]),
        ("Start image", &["image_path", "init_image_path", "image_paths"]),
        ("Quantisation", &["quantize"]),
    ]);
    let weights = list(object.get("lora_scales")).map(word).chain(std::iter::repeat(None));
    read.setting("LoRA", loras(list(object.get("lora_paths")).map(word).zip(weights)));
    Some(read.done())
}

/// Draw Things, in the comment of EXIF or XMP: `c` is the prompt, `uc` the negative one.
fn draw_things(object: &Object) -> Option<Provenance> {
    object.get("c")?.as_str()?;
    if !["uc", "v2", "sampler", "seed"].iter().any(|key| object.contains_key(*key)) {
        return None;
    }
    let mut read = Reader::of("Draw Things", object);
    read.prompt(read.text(&["c"]));
    read.negative(read.text(&["uc"]));
    read.seed(&["seed"]);
    read.size(read.text(&["size"]).and_then(|size| size.parse().ok()));
    read.model(read.text(&["model"]));
    read.settings(&[
        ("Steps", &["steps"]),
        ("Sampler", &["sampler"]),
        ("CFG scale", &["scale"]),
        ("Denoising strength", &["strength"]),
    ]);
    let each = list(object.get("lora"))
        .map(|lora| (lora.get("model").and_then(word), lora.get("weight").and_then(word)));
    read.setting("LoRA", loras(each));
    Some(read.done())
}

/// Easy Diffusion, as one object in the comment of EXIF, or each field in a chunk of its own; its keys
/// are those of its tasks, or the words beside its fields.
pub(super) fn easy_diffusion(object: &Object) -> Option<Provenance> {
    let model = ["use_stable_diffusion_model", "Stable Diffusion model"];
    model.iter().find_map(|key| object.get(*key))?;
    let mut read = Reader::of("Easy Diffusion", object);
    read.prompt(read.text(&["prompt", "Prompt"]));
    read.negative(read.text(&["negative_prompt", "Negative Prompt"]));
    read.seed(&["seed", "Seed"]);
    read.edges(&["width", "Width"], &["height", "Height"]);
    read.model(read.text(&model));
    read.settings(&[
        ("Steps", &["num_inference_steps", "Steps"]),
        ("Sampler", &["sampler_name", "Sampler"]),
        ("CFG scale", &["guidance_scale", "Guidance Scale"]),
        ("LoRA", &["use_lora_model", "LoRA model"]),
        ("Denoising strength", &["prompt_strength", "Prompt Strength"]),
    ]);
    Some(read.done())
}

/// NovelAI, in its `Comment`: `uc` is the negative prompt. Since its fourth version people of a
/// picture have captions of their own.
fn novel(object: &Object) -> Option<Provenance> {
    object.get("uc").or(object.get("v4_prompt"))?;
    let caption = |key: &str| -> Option<Vec<String>> {
        let caption = object.get(key)?.get("caption")?;
        let people =
            list(caption.get("char_captions")).filter_map(|one| word(one.get("char_caption")?));
        Some(caption.get("base_caption").and_then(word).into_iter().chain(people).collect())
    };
    let joined =
        |key: &str| caption(key).filter(|parts| !parts.is_empty()).map(|parts| parts.join(", "));
    let mut read = Reader::of("NovelAI", object);
    read.prompt(joined("v4_prompt").or_else(|| read.text(&["prompt"])));
    read.negative(joined("v4_negative_prompt").or_else(|| read.text(&["uc"])));
    read.seed(&["seed"]);
    read.edges(&["width"], &["height"]);
    read.settings(&[
        ("Steps", &["steps"]),
        ("Sampler", &["sampler"]),
        ("CFG scale", &["scale"]),
        ("Schedule type", &["noise_schedule"]),
        ("Denoising strength", &["strength"]),
    ]);
    Some(read.done())
}

/// Fooocus in its own scheme, in `parameters` or the comment of EXIF; an older log of it uses the words
/// beside its fields.
fn fooocus(object: &Object) -> Option<Provenance> {
    let version = object.get("version").or(object.get("Version")).and_then(word);
    let says_so = version.as_deref().is_some_and(|version| version.contains("ooocus"));
    let marks =
        ["base_model", "Base Model", "performance", "Performance", "sharpness", "Sharpness"];
    if !says_so && marks.iter().filter(|key| object.contains_key(**key)).count() < 2 {
        return None;
    }
    let mut read = Reader::of("Fooocus", object);
    read.prompt(read.text(&["prompt", "Prompt"]));
    read.negative(read.text(&["negative_prompt", "Negative Prompt"]));
    read.seed(&["seed", "Seed"]);
    read.size(read.text(&["resolution", "Resolution"]).as_deref().and_then(resolution));
    read.model(read.text(&["base_model", "Base Model"]));
    read.version(version.map(|version| after_name(&version).to_owned()));
    read.settings(&[
        ("Steps", &["steps", "Steps"]),
        ("Sampler", &["sampler", "Sampler"]),
        ("Schedule type", &["scheduler", "Scheduler"]),
        ("CFG scale", &["guidance_scale", "Guidance Scale"]),
        ("Styles", &["styles", "Styles"]),
        ("Performance", &["performance", "Performance"]),
        ("Refiner", &["refiner_model", "Refiner Model"]),
    ]);
    let each = list(object.get("loras"))
        .map(|lora| (lora.get(0).and_then(word), lora.get(1).and_then(word)));
    read.setting("LoRA", loras(each));
    Some(read.done())
}

/// Any program that calls its prompt one.
fn plain(object: &Object) -> Option<Provenance> {
    let prompt = ["prompt", "Prompt", "positive_prompt", "positive"];
    let text = prompt.iter().find_map(|key| object.get(*key)?.as_str())?;
    let name = ["software", "Software", "app", "generator", "program"];
    let name = name.iter().find_map(|key| word(object.get(*key)?));
    let mut read = Reader::of(name.as_deref().unwrap_or("another program"), object);
    read.prompt(Some(text.trim().to_owned()).filter(|text| !text.starts_with('{')));
    read.negative(read.text(&[
        "negative_prompt",
        "Negative",
        "negative",
        "negativePrompt",
        "Negative Prompt",
    ]));
    read.seed(&["seed", "Seed"]);
    read.edges(&["width", "Width"], &["height", "Height"]);
    read.model(read.text(&["model", "Model", "base_model_name", "model_name"]));
    read.settings(&[
        ("Steps", &["steps", "num_inference_steps", "Steps"]),
        ("Sampler", &["sampler", "sampler_name", "scheduler"]),
        ("CFG scale", &["cfg_scale", "guidance_scale", "cfg", "cfgScale"]),
    ]);
    Some(read.done())
}

/// What follows a program's name: `v2.4.1` of `Fooocus v2.4.1`.
pub(super) fn after_name(version: &str) -> &str {
    version.split_once(' ').map_or(version, |(_, version)| version).trim()
}

/// A pair as Python writes it: `(1152, 896)`.
fn resolution(text: &str) -> Option<Size> {
    let inner = text.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    let (width, height) = inner.split_once([',', 'x', '×'])?;
    format!("{}x{}", width.trim(), height.trim()).parse().ok()
}
