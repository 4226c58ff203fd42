//! ComfyUI: a graph is followed from the picture that was saved back to what made it.
//!
//! Pure. The sampler whose picture is saved leads to both prompts, the seed, the steps, the model and
//! the size. A text that is not reached in this way is never taken for the prompt.

mod graph;
mod nodes;
mod said;

use std::collections::HashSet;

use serde_json::Value;

use super::super::{Program, Provenance};
use super::values::{Reader, size, whole, word};
use crate::request::Size;
use graph::{Graph, Input, Node};
use said::{Follow, Side, Unread};

/// Nodes that are followed in a row.
const HOPS: usize = 200;

/// Inputs that lead to no picture.
const ASIDE: [&str; 20] = [
    "model",
    "clip",
    "vae",
    "positive",
    "negative",
    "conditioning",
    "control_net",
    "text",
    "prompt",
    "string",
    "seed",
    "noise_seed",
    "mask",
    "style_model",
    "clip_vision",
    "upscale_model",
    "sigmas",
    "guider",
    "noise",
    "filename_prefix",
];

/// Inputs by which a picture, or what becomes one, comes in.
const PICTURE: [&str; 14] = [
    "latent_image",
    "samples",
    "latent",
    "latents",
    "pixels",
    "image",
    "images",
    "upscaled_image",
    "optional_latent",
    "latent_opt",
    "samples_to",
    "destination",
    "input",
    "",
];

/// Whether a tree is a graph as it was run.
pub(super) fn is_run(tree: &Value) -> bool {
    let nodes = tree.as_object();
    nodes.is_some_and(|nodes| nodes.values().any(|node| node.get("class_type").is_some()))
}

/// Whether a tree is a graph as it is drawn.
pub(super) fn is_drawn(tree: &Value) -> bool {
    tree.get("nodes").is_some_and(Value::is_array)
        && (tree.get("links").is_some() || tree.get("last_node_id").is_some())
}

/// Reads a graph. What was run is surer than what is drawn; where it says no prompt, the drawn one may:
/// its nodes show the texts that they were given.
pub(super) fn read(run: Option<Value>, drawn: Option<Value>) -> Provenance {
    let run = run.map(|tree| of_graph(&Graph::run(&tree)));
    if let Some(found) = run.as_ref().filter(|found| !found.recipe.request.prompt.is_empty()) {
        return found.clone();
    }
    let drawn = drawn.map(|tree| of_graph(&Graph::drawn(&tree)));
    match (run, drawn) {
        (_, Some(found)) if !found.recipe.request.prompt.is_empty() => found,
        (Some(found), _) | (None, Some(found)) => found,
        (None, None) => Provenance {
            program: Program::of("ComfyUI"),
            notes: vec!["its graph is damaged, or larger than any that pinx reads".to_owned()],
            ..Provenance::default()
        },
    }
}

/// What makes a picture out of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Makes {
    /// It does, of nothing or of a rough one.
    New,
    /// It works on a whole picture that came in.
    Refines,
}

fn makes(node: &Node) -> Option<Makes> {
    let is_linked = |name: &str| matches!(node.input(name), Some(Input::Link(..)));
    let has = |name: &str| node.input(name).is_some();
    let has_seed = has("seed") || has("noise_seed");
    if nodes::is_provider(&node.class) && has("prompt") || is_linked("guider") {
        return Some(Makes::New);
    }
    let has_prompt = ["positive", "conditioning", "sdxl_tuple"].into_iter().any(is_linked);
    if !has_prompt || !(has_seed || node.class.starts_with("KSampler")) {
        return None;
    }
    let works_on = ["image", "images", "upscaled_image"].into_iter().any(is_linked);
    Some(if works_on { Makes::Refines } else { Makes::New })
}

/// The samplers whose pictures are saved, each with its name.
fn samplers(graph: &Graph) -> Vec<(&str, &Node)> {
    let is_of = |node: &Node, word: &str| node.class.to_lowercase().contains(word);
    let ends = |word: &str| -> Vec<&str> {
        let all =
            graph.all().filter(|(_, node)| is_of(node, word) && node.links().next().is_some());
        all.map(|(name, _)| name).collect()
    };
    let mut from = ends("save");
    if from.is_empty() {
        from = ends("preview");
    }
    let found = before(graph, from);
    if !found.is_empty() {
        return found;
    }
    // No node that saves is known: those of which nobody takes the picture.
    let taken: HashSet<&str> =
        graph.all().flat_map(|(_, node)| node.links().map(|(_, from, _)| from)).collect();
    let last = graph.all().map(|(name, _)| name).filter(|name| !taken.contains(name));
    before(graph, last.collect())
}

/// The first samplers on all ways back from these nodes; those that refine a picture only where it came
/// from no other.
fn before<'g>(graph: &'g Graph, from: Vec<&'g str>) -> Vec<(&'g str, &'g Node)> {
    let mut seen: HashSet<&str> = from.iter().copied().collect();
    let mut open = from;
    let (mut new, mut refining) = (Vec::new(), Vec::new());
    while let Some(name) = open.pop() {
        let Some(node) = graph.node(name) else { continue };
        match makes(node) {
            Some(Makes::New) => {
                new.push((name, node));
                continue;
            }
            Some(Makes::Refines) => refining.push((name, node)),
            None => {}
        }
        let back = node.links().filter(|(input, ..)| !ASIDE.contains(input));
        open.extend(back.map(|(_, from, _)| from).filter(|from| seen.insert(from)));
    }
    if new.is_empty() { refining } else { new }
}

/// One of the prompts of a sampler; nothing where it has none.
fn prompt<'g>(
    follow: &mut Follow<'g>,
    graph: &'g Graph,
    sampler: &'g Node,
    side: Side,
) -> Result<Option<String>, Unread> {
    let names: &[&str] = match side {
        Side::Positive => &["positive", "conditioning", "cond1", "prompt"],
        Side::Negative => &["negative", "neg_conditioning", "negative_prompt"],
    };
    let mut node = sampler;
    // Both may stand at a node of their own.
    for link in ["guider", "sdxl_tuple"] {
        if let Some(Input::Link(from, _)) = sampler.input(link) {
            node = graph.node(from).ok_or_else(|| Unread::Missing(from.clone()))?;
            if !names.iter().any(|name| node.input(name).is_some()) && side == Side::Positive {
                return Err(Unread::Node(node.class.clone()));
            }
        }
    }
    for name in names {
        if let Some(text) = follow.input(node, name)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// What a picture was made of.
#[derive(Debug, Default)]
struct Origin {
    /// The size of the empty picture.
    size: Option<Size>,
    /// The picture that it started from.
    start: Option<String>,
    /// Samplers before this one.
    earlier: Vec<String>,
}

fn origin<'g>(graph: &'g Graph, follow: &Follow<'g>, sampler: &'g Node) -> Origin {
    let mut origin = Origin::default();
    let number = |node: &'g Node, names: [&str; 2]| {
        names.into_iter().find_map(|name| follow.number(node, name))
    };
    let mut node = sampler;
    for _ in 0..HOPS {
        let edges = number(node, ["empty_latent_width", "width"])
            .zip(number(node, ["empty_latent_height", "height"]));
        let is_empty = node.class.contains("Empty") || node.input("empty_latent_width").is_some();
        if is_empty || nodes::is_provider(&node.class) {
            let of_text = || follow.number(node, "size")?.as_str()?.parse().ok();
            origin.size = edges.and_then(|(width, height)| size(width, height)).or_else(of_text);
            return origin;
        }
        if let Some(Input::Value(Value::String(name))) = node.input("image") {
            origin.start = Some(name.clone());
            return origin;
        }
        let next = PICTURE.iter().find_map(|name| match node.input(name)? {
            Input::Link(from, _) => Some(from),
            Input::Value(_) => None,
        });
        let Some(next) = next else { return origin };
        let Some(earlier) = graph.node(next) else { return origin };
        if makes(earlier).is_some() {
            origin.earlier.push(next.clone());
        }
        node = earlier;
    }
    origin
}

/// Whether a sampler adds no noise of its own: then the seed is that of the one before.
fn goes_on(sampler: &Node) -> bool {
    let is =
        |name: &str, value: &str| sampler.input(name) == Some(&Input::Value(Value::from(value)));
    is("add_noise", "disable")
        || sampler.input("add_noise") == Some(&Input::Value(Value::Bool(false)))
}

/// The first value of these names: the sampler's, or of the nodes that it is put together from.
fn setting<'g>(
    graph: &'g Graph,
    follow: &Follow<'g>,
    sampler: &'g Node,
    names: &[&str],
) -> Option<&'g Value> {
    let parts =
        ["noise", "sigmas", "guider", "sampler"].into_iter().filter_map(|part| {
            match sampler.input(part)? {
                Input::Link(from, _) => graph.node(from),
                Input::Value(_) => None,
            }
        });
    let each: Vec<&Node> = std::iter::once(sampler).chain(parts).collect();
    names.iter().find_map(|name| each.iter().find_map(|node| follow.number(node, name)))
}

/// The names of the model and of the LoRAs on the way to it.
fn model(graph: &Graph, sampler: &Node) -> (Option<String>, Vec<String>) {
    const FILES: [&str; 5] =
        ["ckpt_name", "unet_name", "model_path", "model_name", "base_ckpt_name"];
    let mut loras = Vec::new();
    let mut node = sampler;
    for _ in 0..HOPS {
        let text = |name: &str| match node.input(name)? {
            Input::Value(value) => word(value),
            Input::Link(..) => None,
        };
        if let Some(name) = FILES.iter().find_map(|name| text(name)) {
            return (Some(name), loras);
        }
        if let Some(name) = text("lora_name").filter(|name| name != "None") {
            let weight = text("strength_model").map(|weight| format!(" ({weight})"));
            loras.push(name + &weight.unwrap_or_default());
        }
        for (_, input) in &node.inputs {
            let Input::Value(Value::Object(lora)) = input else { continue };
            let is_on = lora.get("on").and_then(Value::as_bool).unwrap_or(true);
            if let Some(name) = lora.get("lora").and_then(word).filter(|_| is_on) {
                let weight =
                    lora.get("strength").and_then(word).map(|weight| format!(" ({weight})"));
                loras.push(name + &weight.unwrap_or_default());
            }
        }
        let names =
            ["model", "guider", "sdxl_tuple", "basic_pipe", "base_ctx", "unet", "MODEL", ""];
        let next = names.iter().find_map(|name| match node.input(name)? {
            Input::Link(from, _) => graph.node(from),
            Input::Value(_) => None,
        });
        let Some(next) = next else { break };
        node = next;
    }
    // Where the way is not known, the one file that the graph loads is it.
    let files = graph.all().flat_map(|(_, node)| FILES.iter().filter_map(|name| node.input(name)));
    let mut names: Vec<String> = files
        .filter_map(|input| match input {
            Input::Value(value) => word(value),
            Input::Link(..) => None,
        })
        .collect();
    names.dedup();
    (names.pop().filter(|_| names.is_empty()), loras)
}

fn of_graph(graph: &Graph) -> Provenance {
    let none = serde_json::Map::new();
    let mut read = Reader::of("ComfyUI", &none);
    read.setting("nodes", Some(graph.names.len().to_string()));
    let all = samplers(graph);
    let Some((_, sampler)) = all.first().copied() else {
        read.note("its graph holds no sampler that pinx knows".to_owned());
        return read.done();
    };
    let mut follow = Follow::new(graph);
    let positive = prompt(&mut follow, graph, sampler, Side::Positive);
    let merged = follow.merged;
    let mut follow = Follow::new(graph);
    let others: Vec<_> = all[1..]
        .iter()
        .take(20)
        .map(|(_, other)| prompt(&mut Follow::new(graph), graph, other, Side::Positive))
        .collect();
    if others.iter().any(|other| *other != positive) {
        read.note(format!("{} samplers with different prompts made its picture", all.len()));
        return read.done();
    }
    match positive {
        Ok(Some(text)) if !text.is_empty() => {
            read.prompt(Some(text));
            if merged > 0 {
                read.note(format!("its prompt is put together from {} texts", merged + 1));
            }
        }
        Ok(_) => read.note("its graph holds an empty prompt".to_owned()),
        Err(why) => read.note(why.to_string()),
    }
    match prompt(&mut follow, graph, sampler, Side::Negative) {
        // Where nothing is meant to be kept out, both often hang on one node.
        Ok(Some(text)) if !text.is_empty() && read.is_prompt(&text) => {
            read.note("its negative prompt is the same as its prompt: left out".to_owned());
        }
        Ok(text) => read.negative(text),
        Err(why) => read.note(format!("the negative prompt is not known: {why}")),
    }
    let origin = origin(graph, &follow, sampler);
    let earlier = origin.earlier.iter().filter_map(|name| graph.node(name));
    // What adds no noise goes on with that of the sampler before.
    let seeded = std::iter::once(sampler).chain(earlier).find(|sampler| !goes_on(sampler));
    let seeds: HashSet<Option<u64>> = all
        .iter()
        .map(|(_, one)| setting(graph, &follow, one, &["seed", "noise_seed"]).and_then(whole))
        .collect();
    if seeds.len() > 1 {
        read.note(format!("{} samplers with different seeds made its picture", all.len()));
    } else if let Some(value) =
        setting(graph, &follow, seeded.unwrap_or(sampler), &["seed", "noise_seed"])
    {
        read.take_seed(Some(value));
    }
    read.size(origin.size);
    let (name, loras) = model(graph, sampler);
    read.model(name.or_else(|| nodes::is_provider(&sampler.class).then(|| sampler.class.clone())));
    for (name, keys) in [
        ("Steps", &["steps"][..]),
        ("CFG scale", &["cfg"]),
        ("Guidance", &["guidance"]),
        ("Sampler", &["sampler_name"]),
        ("Schedule type", &["scheduler"]),
    ] {
        read.setting(name, setting(graph, &follow, sampler, keys).and_then(word));
    }
    let denoise = setting(graph, &follow, sampler, &["denoise"]).and_then(word);
    read.setting("Denoising strength", denoise.filter(|strength| strength != "1"));
    read.setting("Start image", origin.start);
    let more = origin.earlier.len();
    read.setting("Samplers before", (more > 0).then(|| more.to_string()));
    read.setting("LoRA", (!loras.is_empty()).then(|| loras.join(", ")));
    read.done()
}

#[cfg(test)]
mod tests;
