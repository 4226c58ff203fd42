//! Graphs of every kind: followed, or told why not, and never the negative prompt for the positive.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A sampler with two prompts, a model and an empty picture, and these nodes over them.
fn graph(over: Value) -> Value {
    let mut graph = json!({
        "3": { "class_type": "KSampler", "inputs": { "seed": 7, "steps": 20, "cfg": 8.0,
            "sampler_name": "euler", "scheduler": "karras", "denoise": 1.0, "model": ["4", 0],
            "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0] } },
        "4": { "class_type": "CheckpointLoaderSimple", "inputs": { "ckpt_name": "sd15.safetensors" } },
        "5": { "class_type": "EmptyLatentImage",
            "inputs": { "width": 512, "height": 768, "batch_size": 1 } },
        "6": { "class_type": "CLIPTextEncode", "inputs": { "text": "a red fox", "clip": ["4", 1] } },
        "7": { "class_type": "CLIPTextEncode", "inputs": { "text": "rain", "clip": ["4", 1] } },
        "8": { "class_type": "VAEDecode", "inputs": { "samples": ["3", 0], "vae": ["4", 2] } },
        "9": { "class_type": "SaveImage", "inputs": { "images": ["8", 0], "filename_prefix": "x" } },
    });
    for (name, node) in over.as_object().unwrap() {
        graph[name] = node.clone();
    }
    graph
}

fn run(graph: Value) -> Provenance {
    read(Some(graph), None)
}

fn node(class: &str, inputs: Value) -> Value {
    json!({ "class_type": class, "inputs": inputs })
}

fn encode(text: Value) -> Value {
    node("CLIPTextEncode", json!({ "text": text, "clip": ["4", 1] }))
}

fn setting<'f>(found: &'f Provenance, name: &str) -> Option<&'f str> {
    found.extra.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_simple_graph_is_followed() {
    let found = run(graph(json!({})));
    assert_eq!(found.program, Program::of("ComfyUI"));
    let request = &found.recipe.request;
    assert_eq!((request.prompt.as_str(), request.negative.as_deref()), ("a red fox", Some("rain")));
    assert_eq!((request.seed, request.size), (Some(7), Some(Size::new(512, 768))));
    assert_eq!(found.recipe.model, "sd15.safetensors");
    assert_eq!((found.notes.len(), setting(&found, "Denoising strength")), (0, None));
    for (name, value) in [("Steps", "20"), ("CFG scale", "8"), ("Sampler", "euler"), ("nodes", "7")]
    {
        assert_eq!(setting(&found, name), Some(value));
    }
}

#[test]
fn one_node_for_both_prompts_is_no_negative_prompt() {
    let both = json!({ "3": node("KSampler", json!({ "seed": 7, "steps": 20, "model": ["4", 0],
        "positive": ["6", 0], "negative": ["6", 0], "latent_image": ["5", 0] })) });
    let found = run(graph(both));
    let request = &found.recipe.request;
    assert_eq!((request.prompt.as_str(), request.negative.as_deref()), ("a red fox", None));
    assert_eq!(found.notes, ["its negative prompt is the same as its prompt: left out"]);
}

/// What stands behind `positive`, and the prompt that it says.
#[test]
fn every_known_way_to_a_text_is_followed() {
    let other = encode(json!("snow"));
    for (what, over, prompt) in [
        (
            "flux: the longer text",
            json!({ "6": node("CLIPTextEncodeFlux",
            json!({ "clip_l": "fox", "t5xxl": "a red fox", "guidance": 3.5 })) }),
            "a red fox",
        ),
        (
            "flux without it",
            json!({ "6": node("CLIPTextEncodeFlux",
            json!({ "clip_l": "fox", "t5xxl": "" })) }),
            "fox",
        ),
        (
            "sdxl, twice the same",
            json!({ "6": node("CLIPTextEncodeSDXL",
            json!({ "text_g": "a fox", "text_l": "a fox" })) }),
            "a fox",
        ),
        (
            "sdxl, two texts",
            json!({ "6": node("CLIPTextEncodeSDXL",
            json!({ "text_g": "a fox.", "text_l": "snow" })) }),
            "a fox. snow",
        ),
        (
            "sd3",
            json!({ "6": node("CLIPTextEncodeSD3",
            json!({ "clip_l": "", "clip_g": "fox", "t5xxl": "" })) }),
            "fox",
        ),
        (
            "concatenated",
            json!({ "6": node("ConditioningConcat",
            json!({ "conditioning_to": ["16", 0], "conditioning_from": ["17", 0] })),
            "16": encode(json!("a fox")), "17": other }),
            "a fox, snow",
        ),
        (
            "combined",
            json!({ "6": node("ConditioningCombine",
            json!({ "conditioning_1": ["16", 0], "conditioning_2": ["17", 0] })),
            "16": encode(json!("a fox,")), "17": other }),
            "a fox, snow",
        ),
        (
            "averaged",
            json!({ "6": node("ConditioningAverage",
            json!({ "conditioning_to": ["16", 0], "conditioning_from": ["17", 0],
                "conditioning_to_strength": 0.5 })),
            "16": encode(json!("a fox")), "17": other }),
            "a fox, snow",
        ),
        (
            "averaged, all of the second",
            json!({ "6": node("ConditioningAverage",
            json!({ "conditioning_to": ["17", 0], "conditioning_from": ["16", 0],
                "conditioning_to_strength": 0.0 })),
            "16": encode(json!("a fox")), "17": encode(json!("nothing of this")) }),
            "a fox",
        ),
        (
            "averaged, all of the first",
            json!({ "6": node("ConditioningAverage",
            json!({ "conditioning_to": ["16", 0], "conditioning_from": ["17", 0],
                "conditioning_to_strength": ["18", 0] })),
            "16": encode(json!("a fox")), "17": encode(json!("nothing of this")),
            "18": node("PrimitiveFloat", json!({ "value": 1 })) }),
            "a fox",
        ),
        (
            "timed",
            json!({ "6": node("ConditioningSetTimestepRange",
            json!({ "conditioning": ["16", 0], "start": 0, "end": 0.5 })),
            "16": encode(json!("a fox")) }),
            "a fox",
        ),
        (
            "guided",
            json!({ "6": node("FluxGuidance", json!({ "conditioning": ["16", 0], "guidance": 3 })),
            "16": encode(json!("a fox")) }),
            "a fox",
        ),
        (
            "a number as an id",
            json!({ "6": node("FluxGuidance", json!({ "conditioning": [16, 0] })),
            "16": encode(json!("a fox")) }),
            "a fox",
        ),
        (
            "controlled",
            json!({ "3": node("KSampler", json!({ "seed": 7, "positive": ["20", 0],
            "negative": ["20", 1], "latent_image": ["5", 0] })),
            "20": node("ControlNetApplyAdvanced",
                json!({ "positive": ["6", 0], "negative": ["7", 0], "strength": 1 })) }),
            "a red fox",
        ),
        (
            "joined",
            json!({ "6": encode(json!(["16", 0])), "16": node("StringConcatenate",
            json!({ "string_a": "a fox", "string_b": ["17", 0], "delimiter": " in " })),
            "17": node("PrimitiveString", json!({ "value": "snow" })) }),
            "a fox in snow",
        ),
        (
            "joined by a line",
            json!({ "6": encode(json!(["16", 0])), "16": node("Text Concatenate",
            json!({ "text_a": "a fox", "text_b": "", "text_c": "snow", "delimiter": "\\n" })) }),
            "a fox\nsnow",
        ),
        (
            "many lines",
            json!({ "6": encode(json!(["16", 0])), "16": node("PrimitiveStringMultiline",
            json!({ "value": "a fox\nin snow" })) }),
            "a fox\nin snow",
        ),
        (
            "shown",
            json!({ "6": encode(json!(["16", 0])), "16": node("ShowText|pysssss",
            json!({ "text": ["17", 0], "text_0": "an old text" })),
            "17": node("CR Text", json!({ "text": "a fox" })) }),
            "a fox",
        ),
        (
            "a wildcard that was filled",
            json!({ "6": encode(json!(["16", 0])),
            "16": node("ImpactWildcardProcessor",
                json!({ "wildcard_text": "a __color__ fox", "populated_text": "a grey fox" })) }),
            "a grey fox",
        ),
        (
            "rerouted",
            json!({ "3": node("KSampler", json!({ "seed": 7, "positive": ["16", 0],
            "negative": ["7", 0] })), "16": node("Reroute", json!({ "": ["6", 0] })) }),
            "a red fox",
        ),
        (
            "loaded",
            json!({ "3": node("KSampler (Efficient)", json!({ "seed": 7, "positive": ["16", 1],
            "negative": ["16", 2], "latent_image": ["16", 3], "model": ["16", 0] })),
            "16": node("Efficient Loader", json!({ "ckpt_name": "sd15.safetensors",
                "positive": "a fox", "negative": "rain",
                "empty_latent_width": 512, "empty_latent_height": 768 })) }),
            "a fox",
        ),
        (
            "in a pipe",
            json!({ "3": node("KSampler", json!({ "seed": 7, "positive": ["16", 3],
            "negative": ["16", 4], "latent_image": ["5", 0] })),
            "16": node("FromBasicPipe", json!({ "basic_pipe": ["17", 0] })),
            "17": node("ToBasicPipe", json!({ "positive": ["6", 0], "negative": ["7", 0] })) }),
            "a red fox",
        ),
        (
            "in a context",
            json!({ "3": node("KSampler", json!({ "seed": 7, "positive": ["16", 4],
            "negative": ["16", 5], "latent_image": ["5", 0] })),
            "16": node("Context (rgthree)", json!({ "base_ctx": ["17", 0], "positive": ["6", 0] })),
            "17": node("Context (rgthree)", json!({ "positive": ["7", 0], "negative": ["7", 0] })) }),
            "a red fox",
        ),
        (
            "a guider",
            json!({ "3": node("SamplerCustomAdvanced", json!({ "noise": ["30", 0],
            "guider": ["31", 0], "sampler": ["32", 0], "sigmas": ["33", 0], "latent_image": ["5", 0] })),
            "30": node("RandomNoise", json!({ "noise_seed": 7 })),
            "31": node("CFGGuider", json!({ "positive": ["6", 0], "negative": ["7", 0], "cfg": 8.0 })),
            "32": node("KSamplerSelect", json!({ "sampler_name": "euler" })),
            "33": node("BasicScheduler", json!({ "scheduler": "karras", "steps": 20 })) }),
            "a red fox",
        ),
    ] {
        let found = run(graph(over));
        let request = &found.recipe.request;
        assert_eq!(request.prompt, prompt, "{what}: {:?}", found.notes);
        assert_eq!((request.negative.as_deref(), request.seed), (Some("rain"), Some(7)), "{what}");
    }
}

#[test]
fn a_basic_guider_has_no_negative_prompt() {
    let found = run(graph(json!({
        "3": node("SamplerCustomAdvanced", json!({ "noise": ["30", 0], "guider": ["31", 0],
            "sigmas": ["33", 0], "latent_image": ["5", 0] })),
        "30": node("RandomNoise", json!({ "noise_seed": ["34", 0] })),
        "31": node("BasicGuider", json!({ "conditioning": ["6", 0], "model": ["35", 0] })),
        "33": node("BasicScheduler", json!({ "steps": 4, "denoise": 0.6 })),
        "34": node("PrimitiveInt", json!({ "value": 99 })),
        "35": node("LoraLoaderModelOnly",
            json!({ "model": ["36", 0], "lora_name": "fur.safetensors", "strength_model": 0.5 })),
        "36": node("UNETLoader", json!({ "unet_name": "flux.safetensors" })),
    })));
    let request = &found.recipe.request;
    assert_eq!((request.prompt.as_str(), &request.negative), ("a red fox", &None));
    assert_eq!((request.seed, found.recipe.model.as_str()), (Some(99), "flux.safetensors"));
    assert_eq!(setting(&found, "Steps"), Some("4"));
    assert_eq!(setting(&found, "LoRA"), Some("fur.safetensors (0.5)"));
    assert_eq!(setting(&found, "Denoising strength"), Some("0.6"));
}

/// A positive branch that leads nowhere: no text at all, a sentence, and the rest as far as it goes.
#[test]
fn what_is_not_followed_is_told_and_nothing_stands_in_for_it() {
    let unknown = "its graph holds a node `SomebodysOwnEncoder` that pinx does not follow";
    let own = || node("SomebodysOwnEncoder", json!({ "wildcard_text_7": "a lighthouse" }));
    for (what, over, note) in [
        ("an encoder", json!({ "6": own() }), unknown),
        ("a text", json!({ "6": encode(json!(["16", 0])), "16": own() }), unknown),
        (
            "half of a pair",
            json!({ "6": node("ConditioningConcat",
            json!({ "conditioning_to": ["7", 0], "conditioning_from": ["16", 0] })), "16": own() }),
            unknown,
        ),
        (
            "half of a text",
            json!({ "6": encode(json!(["15", 0])), "15": node("StringConcatenate",
            json!({ "string_a": "a fox", "string_b": ["16", 0] })), "16": own() }),
            unknown,
        ),
        (
            "a missing node",
            json!({ "6": encode(json!(["99", 0])) }),
            "its graph leads to a node `99` that is not in it",
        ),
        (
            "a circle",
            json!({ "6": node("FluxGuidance", json!({ "conditioning": ["16", 0] })),
            "16": node("FluxGuidance", json!({ "conditioning": ["6", 0] })) }),
            "its graph runs in a circle",
        ),
        (
            "a node that holds nothing",
            json!({ "6": node("CLIPTextEncode", json!({ "clip": ["4", 1] })) }),
            "its graph holds a node `CLIPTextEncode` without a text",
        ),
        (
            "a wrong output",
            json!({ "3": node("KSampler", json!({ "seed": 7, "positive": ["20", 5],
            "negative": ["7", 0], "latent_image": ["5", 0] })),
            "20": node("ControlNetApplyAdvanced", json!({ "positive": ["6", 0], "negative": ["7", 0] })) }),
            "its graph holds a node `ControlNetApplyAdvanced` that pinx does not follow",
        ),
        (
            "an unknown guider",
            json!({ "3": node("SamplerCustomAdvanced",
            json!({ "guider": ["16", 0], "noise": ["30", 0] })), "16": own(),
            "30": node("RandomNoise", json!({ "noise_seed": 7 })) }),
            unknown,
        ),
        ("an empty text", json!({ "6": encode(json!("")) }), "its graph holds an empty prompt"),
        (
            "a zeroed one",
            json!({ "6": node("ConditioningZeroOut", json!({ "conditioning": ["7", 0] })) }),
            "its graph holds an empty prompt",
        ),
    ] {
        let found = run(graph(over));
        assert_eq!(found.recipe.request.prompt, "", "{what}");
        assert_eq!(found.notes.first().map(String::as_str), Some(note), "{what}");
        assert_eq!(found.recipe.request.seed, Some(7), "{what}: the rest is read");
    }
    let found = run(graph(json!({ "7": own() })));
    assert_eq!(
        (found.recipe.request.prompt.as_str(), &found.recipe.request.negative),
        ("a red fox", &None)
    );
    assert!(found.notes[0].starts_with("the negative prompt is not known: "), "{:?}", found.notes);
    for graph in [json!({}), json!({ "1": 5 }), json!({ "1": encode(json!("a fox")) })] {
        let found = run(graph);
        assert_eq!(found.recipe.request.prompt, "", "a text that no sampler takes is no prompt");
        assert_eq!(found.notes, ["its graph holds no sampler that pinx knows"]);
    }
    assert!(read(None, None).notes[0].contains("damaged"));
}

#[test]
fn of_several_samplers_it_is_the_one_whose_picture_is_saved() {
    let second = |saved: &str| {
        graph(json!({
            "13": node("KSampler", json!({ "seed": 8, "positive": ["16", 0], "negative": ["7", 0],
                "latent_image": ["5", 0] })),
            "16": encode(json!("an owl")),
            "18": node("VAEDecode", json!({ "samples": ["13", 0] })),
            "19": node("PreviewImage", json!({ "images": ["18", 0] })),
            "9": node("SaveImage", json!({ "images": [saved, 0] })),
        }))
    };
    for (saved, prompt, seed) in [("8", "a red fox", 7), ("18", "an owl", 8)] {
        let found = run(second(saved));
        assert_eq!(
            (found.recipe.request.prompt.as_str(), found.recipe.request.seed),
            (prompt, Some(seed))
        );
    }
    // Both are saved: nobody knows which this is.
    let mut both = second("8");
    both["29"] = node("SaveImage", json!({ "images": ["18", 0] }));
    let found = run(both.clone());
    assert_eq!((found.recipe.request.prompt.as_str(), found.recipe.request.seed), ("", None));
    assert_eq!(found.notes, ["2 samplers with different prompts made its picture"]);
    both["16"] = encode(json!("a red fox"));
    let found = run(both);
    assert_eq!(
        (found.recipe.request.prompt.as_str(), found.recipe.request.seed),
        ("a red fox", None)
    );
    assert_eq!(found.notes, ["2 samplers with different seeds made its picture"]);
    // One goes on with the picture of the other.
    let chain = |noise: &str| {
        run(graph(json!({
            "13": node("KSamplerAdvanced", json!({ "add_noise": noise, "noise_seed": 8, "steps": 30,
                "positive": ["16", 0], "negative": ["7", 0], "latent_image": ["14", 0] })),
            "14": node("LatentUpscale", json!({ "samples": ["3", 0], "width": 1024, "height": 1536 })),
            "16": encode(json!("an owl")),
            "8": node("VAEDecode", json!({ "samples": ["13", 0] })),
        })))
    };
    let found = chain("enable");
    let request = &found.recipe.request;
    assert_eq!((request.prompt.as_str(), request.seed), ("an owl", Some(8)));
    assert_eq!(
        (request.size, setting(&found, "Samplers before")),
        (Some(Size::new(512, 768)), Some("1"))
    );
    assert_eq!(chain("disable").recipe.request.seed, Some(7), "it adds no noise of its own");
    // A detail is painted over: the picture is still that of the sampler.
    let found = run(graph(json!({
        "10": node("FaceDetailer", json!({ "image": ["8", 0], "positive": ["16", 0], "negative": ["7", 0],
            "seed": 9, "steps": 20 })),
        "16": encode(json!("a face")),
        "9": node("SaveImage", json!({ "images": ["10", 0] })),
    })));
    assert_eq!(
        (found.recipe.request.prompt.as_str(), found.recipe.request.seed),
        ("a red fox", Some(7))
    );
}

#[test]
fn a_picture_made_of_another_says_so() {
    let found = run(graph(json!({
        "5": node("VAEEncode", json!({ "pixels": ["15", 0], "vae": ["4", 2] })),
        "15": node("LoadImage", json!({ "image": "photo.png" })),
    })));
    assert_eq!(
        (found.recipe.request.size, setting(&found, "Start image")),
        (None, Some("photo.png"))
    );
    let found = run(json!({
        "1": node("OpenAIGPTImage1", json!({ "prompt": "a fox", "seed": 5, "size": "1024x1536" })),
        "2": node("SaveImage", json!({ "images": ["1", 0] })),
    }));
    let request = &found.recipe.request;
    assert_eq!((request.prompt.as_str(), request.size), ("a fox", Some(Size::new(1024, 1536))));
    assert_eq!(found.recipe.model, "OpenAIGPTImage1");
}

#[test]
fn seeds_are_read_however_they_are_written() {
    for (seed, read, kept) in [
        (json!(5), Some(5), None),
        (json!("5"), Some(5), None),
        (json!(5.0), Some(5), None),
        (json!(u64::MAX), Some(u64::MAX), None),
        (json!(-1), None, Some("-1")),
        (json!("99999999999999999999"), None, Some("99999999999999999999")),
        (json!(["40", 0]), Some(42), None),
        (json!(["41", 0]), None, None),
        (json!(null), None, None),
    ] {
        let mut graph = graph(json!({
            "40": node("Seed (rgthree)", json!({ "seed": 42 })),
            "41": node("SomebodysDice", json!({ "seed": 42 })),
        }));
        graph["3"]["inputs"]["seed"] = seed.clone();
        let found = run(graph);
        assert_eq!((found.recipe.request.seed, setting(&found, "Seed")), (read, kept), "{seed}");
    }
}

/// The same graph as it is drawn, with all that only this form has.
fn drawn() -> Value {
    json!({
        "last_node_id": 9,
        "nodes": [
            { "id": 3, "type": "KSampler", "mode": 0,
              "inputs": [{ "name": "model", "link": 1 }, { "name": "positive", "link": 2 },
                  { "name": "negative", "link": 3 }, { "name": "latent_image", "link": 4 }],
              "widgets_values": [7, "randomize", 20, 8, "euler", "karras", 1] },
            { "id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["sd15.safetensors"] },
            { "id": 5, "type": "EmptyLatentImage", "widgets_values": [512, 768, 1] },
            { "id": 6, "type": "CLIPTextEncode", "inputs": [{ "name": "text", "link": 7,
                  "widget": { "name": "text" } }], "widgets_values": ["an old text"] },
            { "id": 7, "type": "CLIPTextEncode", "widgets_values": ["rain"] },
            { "id": 8, "type": "VAEDecode", "inputs": [{ "name": "samples", "link": 5 }] },
            { "id": 9, "type": "SaveImage", "inputs": [{ "name": "images", "link": 6 }],
              "widgets_values": ["x"] },
            { "id": 10, "type": "PrimitiveNode", "widgets_values": ["a red fox"] },
            { "id": 11, "type": "Reroute", "inputs": [{ "name": "", "link": 8 }] },
            { "id": 12, "type": "FluxGuidance", "mode": 4,
              "inputs": [{ "name": "conditioning", "type": "CONDITIONING", "link": 9 }],
              "outputs": [{ "type": "CONDITIONING" }], "widgets_values": [3.5] },
            { "id": 13, "type": "SetNode", "inputs": [{ "name": "CONDITIONING", "link": 10 }],
              "widgets_values": ["pos"] },
            { "id": 14, "type": "GetNode", "widgets_values": ["pos"] },
        ],
        "links": [
            [1, 4, 0, 3, 0, "MODEL"], [2, 11, 0, 3, 1, "CONDITIONING"], [3, 7, 0, 3, 2, "CONDITIONING"],
            [4, 5, 0, 3, 3, "LATENT"], { "id": 5, "origin_id": 3, "origin_slot": 0 },
            [6, 8, 0, 9, 0, "IMAGE"], [7, 10, 0, 6, 0, "STRING"], [8, 12, 0, 11, 0, "*"],
            [9, 14, 0, 12, 0, "*"], [10, 6, 0, 13, 0, "CONDITIONING"],
        ],
    })
}

#[test]
fn a_drawn_graph_says_the_same() {
    assert!(is_drawn(&drawn()) && !is_run(&drawn()));
    let found = read(None, Some(drawn()));
    let as_run = run(graph(json!({})));
    assert_eq!(found.notes, [""; 0]);
    assert_eq!(found.recipe, as_run.recipe);
    assert_eq!(setting(&found, "Steps"), Some("20"));
    // A node that is switched off gives nothing.
    let mut muted = drawn();
    muted["nodes"][7]["mode"] = json!(2);
    let found = read(None, Some(muted));
    assert_eq!(found.recipe.request.prompt, "");
    assert_eq!(found.notes, ["its graph leads to a node `10` that is not in it"]);
}

#[test]
fn a_drawn_node_shows_what_came_of_a_text_that_nobody_follows() {
    let run = graph(json!({
        "6": encode(json!(["16", 0])),
        "16": node("ShowText|pysssss", json!({ "text": ["17", 0], "text_0": "an older text" })),
        "17": node("SomebodysPoet", json!({ "idea": "fox" })),
    }));
    let mut shown = drawn();
    shown["nodes"][7] = json!({ "id": 10, "type": "ShowText|pysssss",
        "inputs": [{ "name": "text", "link": 11 }], "widgets_values": [["a fox by a poet"]] });
    shown["nodes"].as_array_mut().unwrap().push(json!({ "id": 17, "type": "SomebodysPoet" }));
    shown["links"].as_array_mut().unwrap().push(json!([11, 17, 0, 10, 0, "STRING"]));
    assert_eq!(read(Some(run.clone()), None).recipe.request.prompt, "");
    assert_eq!(read(Some(run), Some(shown)).recipe.request.prompt, "a fox by a poet");
}

/// Graphs that would take for ever, or all memory, if they were followed to the end.
#[test]
fn hostile_graphs_end_soon() {
    let chain = |count: usize, node: &dyn Fn(usize) -> Value| {
        let mut graph = graph(json!({}));
        for at in 0..count {
            graph[format!("n{at}")] = node(at);
        }
        graph["6"] = encode(json!(["n0", 0]));
        graph
    };
    let next = |at: usize| json!([format!("n{}", at + 1), 0]);
    // Each doubles the text of the next one.
    let doubling = chain(60, &|at| match at {
        59 => node("PrimitiveString", json!({ "value": "a fox" })),
        _ => node("StringConcatenate", json!({ "string_a": next(at), "string_b": next(at) })),
    });
    let long = chain(3, &|at| match at {
        2 => node("PrimitiveString", json!({ "value": "a fox ".repeat(40_000) })),
        _ => node("StringConcatenate", json!({ "string_a": next(at), "string_b": next(at) })),
    });
    let deep = chain(15_000, &|at| node("StringConcatenate", json!({ "string_a": next(at) })));
    for graph in [doubling, long, deep] {
        let found = run(graph);
        assert_eq!(found.recipe.request.prompt, "");
        assert_eq!(found.notes, ["its graph runs in a circle"]);
    }
    let rows: Vec<Value> =
        (0..30_000).map(|at| json!({ "id": at, "type": "CLIPTextEncode" })).collect();
    let found = read(None, Some(json!({ "nodes": rows, "links": [] })));
    assert_eq!(setting(&found, "nodes"), Some("20000"));
}

proptest! {
    #[test]
    fn no_graph_makes_it_panic(
        wires in prop::collection::vec((0_usize..12, 0_usize..8, 0_usize..12, 0_u64..6), 0..20),
        is_drawn in any::<bool>(),
    ) {
        const CLASSES: [&str; 12] = [
            "KSampler", "CLIPTextEncode", "ConditioningCombine", "ControlNetApplyAdvanced", "Reroute",
            "FromBasicPipe", "ToBasicPipe", "Efficient Loader", "SamplerCustomAdvanced", "CFGGuider",
            "SaveImage", "Strange",
        ];
        const INPUTS: [&str; 8] = [
            "positive", "text", "conditioning_1", "conditioning_2", "basic_pipe", "guider", "images",
            "latent_image",
        ];
        let mut run = json!({});
        let mut nodes: Vec<Value> = Vec::new();
        for (at, class) in CLASSES.iter().enumerate() {
            run[at.to_string()] = node(class, json!({ "seed": 1 }));
            nodes.push(json!({ "id": at, "type": class, "inputs": [] }));
        }
        let mut links = Vec::new();
        for (from, input, to, slot) in wires {
            run[from.to_string()]["inputs"][INPUTS[input]] = json!([to.to_string(), slot]);
            let slots = nodes[from]["inputs"].as_array_mut().unwrap();
            slots.push(json!({ "name": INPUTS[input], "link": links.len() }));
            links.push(json!([links.len(), to, slot]));
        }
        let drawn = json!({ "nodes": nodes, "links": links });
        let found = if is_drawn { read(None, Some(drawn)) } else { read(Some(run), None) };
        prop_assert!(found.recipe.request.prompt.is_empty(), "there is no text in it");
    }
}
