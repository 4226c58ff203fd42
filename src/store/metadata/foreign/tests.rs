//! Every form of every program, in every place where it is found.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::request::Size;

fn texts(of: &[(&str, &str)]) -> Vec<Text> {
    let text = |(key, value): &(&str, &str)| Text {
        place: Container::Chunk,
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    };
    of.iter().map(text).collect()
}

fn of(chunks: &[(&str, &str)]) -> Option<Provenance> {
    find(&texts(chunks))
}

/// What each program writes of the same picture: a fox that is 512 pixels wide and 768 high, without
/// rain, by the seed 42 in 20 steps, by the model `brush`.
const LINES: &str = "a red fox\nNegative prompt: rain\nSteps: 20, Sampler: Euler a, CFG scale: 7, \
    Seed: 42, Size: 512x768, Model: brush";

/// What it is, the texts, the program and its version.
type Case<'c> = (&'c str, Vec<(&'c str, String)>, &'c str, Option<&'c str>);

#[test]
fn every_program_is_read_and_named() {
    let swarm = json!({ "sui_image_params": { "prompt": "a red fox", "negativeprompt": "rain",
        "model": "brush", "seed": 42, "steps": 20, "cfgscale": 7.0, "width": 512, "height": 768,
        "loras": ["fur"], "loraweights": ["0.5"], "swarm_version": "0.9.6" } });
    let invoke = json!({ "positive_prompt": "a red fox", "negative_prompt": "rain", "seed": 42,
        "steps": 20, "width": 512, "height": 768, "model": { "key": "x", "name": "brush" },
        "app_version": "5.1.0", "loras": [{ "model": { "name": "fur" }, "weight": 0.5 }] });
    let third = json!({ "app_version": "3.0.1", "positive_prompt": "a red fox", "negative_prompt": "rain",
        "seed": 42, "steps": 20, "width": 512, "height": 768, "model": { "model_name": "brush" } });
    let second = json!({ "model": "stable diffusion", "model_weights": "brush", "app_version": "2.3.0",
        "app_id": "invoke-ai/InvokeAI", "image": { "prompt": [{ "prompt": "a red fox, [rain]",
            "weight": 1.0 }], "steps": 20, "seed": 42, "width": 512, "height": 768 } });
    let mflux = json!({ "mflux_version": "0.9.0", "prompt": "a red fox", "negative_prompt": "rain",
        "seed": 42, "steps": 20, "guidance": null, "width": 512, "height": 768, "model": "brush",
        "lora_paths": ["fur"], "lora_scales": [0.5] });
    let things = json!({ "c": "a red fox", "uc": "rain", "seed": 42, "steps": 20, "scale": 7,
        "sampler": "Euler A", "size": "512x768", "model": "brush", "v2": {},
        "lora": [{ "model": "fur", "weight": 0.5 }] });
    let easy = json!({ "prompt": "a red fox", "negative_prompt": "rain", "seed": 42,
        "num_inference_steps": 20, "width": 512, "height": 768, "use_stable_diffusion_model": "brush" });
    let words = json!({ "Prompt": "a red fox", "Negative Prompt": "rain", "Seed": "42", "Steps": "20",
        "Width": "512", "Height": "768", "Stable Diffusion model": "brush" });
    let fooocus = json!({ "prompt": "a red fox", "negative_prompt": "rain", "styles": "['Fooocus V2']",
        "performance": "Speed", "steps": 20, "resolution": "(512, 768)", "guidance_scale": 4.0,
        "base_model": "brush", "seed": "42", "loras": [["fur", 0.5, "1a2b"]],
        "version": "Fooocus v2.4.1" });
    let log = json!({ "Prompt": "a red fox", "Negative Prompt": "rain", "Base Model": "brush",
        "Performance": "Speed", "Resolution": "(512, 768)", "Seed": 42, "Steps": 20, "Sharpness": 2.0 });
    let novel = json!({ "prompt": "a red fox", "uc": "rain", "seed": 42, "steps": 20, "scale": 5.5,
        "width": 512, "height": 768 });
    let fourth = json!({ "prompt": "old", "uc": "old", "seed": 42, "steps": 20, "width": 512,
        "height": 768, "v4_prompt": { "caption": { "base_caption": "a red", "char_captions": [
            { "char_caption": "fox" }] } },
        "v4_negative_prompt": { "caption": { "base_caption": "rain", "char_captions": [] } } });
    let plain = json!({ "software": "RuinedFooocus", "Prompt": "a red fox", "Negative": "rain",
        "seed": 42, "steps": 20, "width": 512, "height": 768, "model": "brush" });
    let civitai = format!("{LINES}, Civitai resources: [{{\"type\":\"checkpoint\",\"weight\":1}}]");
    let with = |version: &str| format!("{LINES}, Version: {version}");
    let dream = "\"a red fox [rain]\" -s 20 -S 42 -W 512 -H 768 -C 7.5 -A k_lms";
    let cases: Vec<Case<'_>> = vec![
        ("swarm", vec![("parameters", swarm.to_string())], "SwarmUI", Some("0.9.6")),
        (
            "swarm, spread out",
            vec![("parameters", serde_json::to_string_pretty(&swarm).unwrap())],
            "SwarmUI",
            Some("0.9.6"),
        ),
        ("invoke", vec![("invokeai_metadata", invoke.to_string())], "InvokeAI", Some("5.1.0")),
        ("its third", vec![("invokeai_metadata", third.to_string())], "InvokeAI", Some("3.0.1")),
        (
            "its second",
            vec![("Dream", dream.to_owned()), ("sd-metadata", second.to_string())],
            "InvokeAI",
            Some("2.3.0"),
        ),
        ("mflux", vec![("UserComment", mflux.to_string())], "mflux", Some("0.9.0")),
        ("draw things", vec![("exif:UserComment", things.to_string())], "Draw Things", None),
        ("easy", vec![("UserComment", easy.to_string())], "Easy Diffusion", None),
        ("easy in words", vec![("UserComment", words.to_string())], "Easy Diffusion", None),
        (
            "easy in chunks",
            words
                .as_object()
                .unwrap()
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str().unwrap().to_owned()))
                .collect(),
            "Easy Diffusion",
            None,
        ),
        (
            "fooocus",
            vec![("fooocus_scheme", "fooocus".to_owned()), ("parameters", fooocus.to_string())],
            "Fooocus",
            Some("v2.4.1"),
        ),
        ("its log", vec![("Comment", log.to_string())], "Fooocus", None),
        (
            "fooocus in lines",
            vec![("parameters", with("Fooocus v2.3.1"))],
            "Fooocus",
            Some("v2.3.1"),
        ),
        (
            "novel",
            vec![
                ("Software", "NovelAI".to_owned()),
                ("Source", "brush".to_owned()),
                ("Comment", novel.to_string()),
            ],
            "NovelAI",
            None,
        ),
        (
            "its fourth",
            vec![
                ("Software", "NovelAI".to_owned()),
                ("Source", "brush".to_owned()),
                ("Comment", fourth.to_string()),
            ],
            "NovelAI",
            None,
        ),
        ("another program", vec![("parameters", plain.to_string())], "RuinedFooocus", None),
        ("the web ui", vec![("parameters", with("v1.10.1"))], "AUTOMATIC1111", Some("v1.10.1")),
        (
            "forge",
            vec![("parameters", with("f2.0.1v1.10.1-previous-1"))],
            "Forge",
            Some("f2.0.1v1.10.1-previous-1"),
        ),
        ("forge neo", vec![("parameters", with("neo"))], "Forge Neo", Some("neo")),
        (
            "sd.next",
            vec![("parameters", format!("{LINES}, App: SD.Next, Version: 98f2f5a"))],
            "SD.Next",
            Some("98f2f5a"),
        ),
        (
            "saved by a node",
            vec![("parameters", with("ComfyUI")), ("prompt", "{\"1\": {}}".to_owned())],
            "ComfyUI",
            None,
        ),
        ("civitai", vec![("parameters", civitai)], "Civitai", None),
        ("nobody knows", vec![("parameters", LINES.to_owned())], "AUTOMATIC1111 or its like", None),
        ("in a comment", vec![("comment", LINES.to_owned())], "AUTOMATIC1111 or its like", None),
        (
            "windows lines",
            vec![("parameters", LINES.replace('\n', "\r\n"))],
            "AUTOMATIC1111 or its like",
            None,
        ),
        (
            "with its label",
            vec![("UserComment", format!("parameters:{LINES}"))],
            "AUTOMATIC1111 or its like",
            None,
        ),
    ];
    for (what, chunks, program, version) in cases {
        let chunks: Vec<(&str, &str)> =
            chunks.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let found = of(&chunks).unwrap_or_else(|| panic!("{what} is read"));
        assert_eq!(found.program, Program::of(program), "{what}");
        assert_eq!(found.version.as_deref(), version, "{what}");
        let request = &found.recipe.request;
        let prompt = if what == "its fourth" { "a red, fox" } else { "a red fox" };
        assert_eq!(
            (request.prompt.as_str(), request.negative.as_deref()),
            (prompt, Some("rain")),
            "{what}"
        );
        assert_eq!((request.seed, request.size), (Some(42), Some(Size::new(512, 768))), "{what}");
        assert_eq!((found.recipe.model.as_str(), &found.notes), ("brush", &Vec::new()), "{what}");
        let setting = |name: &str| found.extra.iter().find(|(known, _)| known == name);
        assert_eq!(setting("Steps").map(|(_, value)| value.as_str()), Some("20"), "{what}");
        let has_lora = chunks.iter().any(|(_, value)| value.contains("fur"));
        let lora = setting("LoRA").map(|(_, value)| value.as_str());
        assert_eq!(lora, has_lora.then_some("fur (0.5)"), "{what}");
    }
}

#[test]
fn a_description_tells_what_it_does_not_show_behind_a_dash() {
    let lines = "a red fox\n-rain, fog\nSteps: 20, Sampler: Euler A, Guidance Scale: 7.0, Seed: 42, \
        Size: 512x768, Model: brush";
    let found = of(&[("xmp:CreatorTool", "Draw Things"), ("dc:description", lines)]).unwrap();
    let request = &found.recipe.request;
    assert_eq!(found.program, Program::of("Draw Things"));
    assert_eq!(
        (request.prompt.as_str(), request.negative.as_deref()),
        ("a red fox", Some("rain, fog"))
    );
    let text = "a red fox in snow --ar 3:2 --no rain, fog --seed 42 --v 6.1 --tile Job ID: 0f1e-22";
    let found = of(&[("Description", text), ("Author", "somebody")]).unwrap();
    let request = &found.recipe.request;
    assert_eq!(
        (&found.program, found.version.as_deref()),
        (&Program::of("Midjourney"), Some("6.1"))
    );
    assert_eq!(
        (request.prompt.as_str(), request.negative.as_deref()),
        ("a red fox in snow", Some("rain, fog"))
    );
    assert_eq!(request.seed, Some(42));
    let extra = [("--ar", "3:2"), ("--tile", "yes"), ("Job ID", "0f1e-22")];
    assert_eq!(found.extra, extra.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn what_is_no_recipe_is_none_and_what_is_not_understood_is_told() {
    for chunks in [
        &[("prompt", "a fox"), ("Software", "GIMP")][..],
        &[("Description", "a photo of my cat")],
        &[("ImageDescription", "Paris: day one, Lyon: day two, Nice: day three")],
        &[("Comment", "{\"a\": 1}")],
        &[("comment", "Created with GIMP")],
        &[("UserComment", "Steps: many")],
        &[],
    ] {
        assert_eq!(of(chunks), None, "{chunks:?}");
    }
    for (chunks, note) in [
        (&[("parameters", "{\"image\": {\"a\": 1}}")][..], "of a kind that pinx does not know"),
        (&[("prompt", "{\"1\": {\"class_type\": \"X\"")], "damaged"),
        (&[("workflow", "{\"nodes\": [1, 2]}")], "no sampler"),
    ] {
        let found = of(chunks).unwrap();
        assert_eq!(found.recipe.request.prompt, "");
        assert!(found.notes[0].contains(note), "{:?}", found.notes);
    }
    // What tells a prompt goes before what tells none.
    let both = [("parameters", "Steps: 20, Seed: 5, Size: 64x64"), ("Dream", "a fox -S 42")];
    assert_eq!(of(&both).unwrap().recipe.request.prompt, "a fox");
    assert_eq!(of(&[("parameters", "a fox")]).unwrap().recipe.request.prompt, "a fox");
    assert_eq!(of(&[("comment", "a fox")]), None, "any text may be a comment");
}

#[test]
fn json_as_python_writes_it_is_read() {
    for odd in ["NaN", "Infinity", "-Infinity", "[NaN, 1]"] {
        let swarm =
            format!(r#"{{"sui_image_params": {{"prompt": "a fox", "x": {odd}, "seed": 42}}}}"#);
        let found = of(&[("parameters", &swarm)]).unwrap();
        assert_eq!(
            (found.recipe.request.prompt.as_str(), found.recipe.request.seed),
            ("a fox", Some(42))
        );
        let graph = format!(
            r#"{{"1": {{"class_type": "KSampler", "inputs": {{"seed": 7, "positive": ["2", 0]}}}},
              "2": {{"class_type": "CLIPTextEncode", "inputs": {{"text": "a fox"}}, "is_changed": {odd}}}}}"#
        );
        let found = of(&[("prompt", &graph)]).unwrap();
        assert_eq!(
            (found.recipe.request.prompt.as_str(), found.recipe.request.seed),
            ("a fox", Some(7))
        );
    }
}

#[test]
fn graphs_are_found_under_every_label() {
    let graph = r#"{"1": {"class_type": "KSampler", "inputs": {"seed": 7, "positive": ["2", 0]}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox"}}}"#;
    let exif = |key: &str, value: String| {
        vec![Text { place: Container::Exif, key: key.to_owned(), value }]
    };
    for texts in [
        texts(&[("prompt", graph)]),
        texts(&[("Comment", graph)]),
        texts(&[("Comment", &format!("{{\"prompt\": {graph}, \"workflow\": null}}"))]),
        exif("Model", format!("prompt:{graph}")),
        exif("Make", format!("Prompt: {graph}").replace("Prompt", "prompt")),
        exif("UserComment", graph.to_owned()),
        exif("ImageDescription", format!("{{\"prompt\": {}}}", Value::String(graph.to_owned()))),
    ] {
        let found = find(&texts).unwrap();
        assert_eq!(found.program, Program::of("ComfyUI"));
        assert_eq!(found.recipe.request.prompt, "a fox", "{texts:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        keys in prop::collection::vec(
            prop::sample::select(vec!["parameters", "prompt", "workflow", "Comment", "Dream", "Description",
                "Software", "sd-metadata", "UserComment"]),
            1..4,
        ),
        parts in prop::collection::vec(
            prop::sample::select(vec!["{", "}", "[", "]", "\"", ":", ",", "\"prompt\"", "\"inputs\"",
                "\"class_type\"", "\"nodes\"", "NaN", "1", "é", "\n", "Steps: ", "--ar", "Job ID:", "-S", "\\",
                "\"c\"", "\"image\"", "\"uc\""]),
            0..50,
        ),
        is_exif in any::<bool>(),
    ) {
        let value = parts.concat();
        let place = if is_exif { Container::Exif } else { Container::Chunk };
        let texts: Vec<Text> = keys.iter()
            .map(|key| Text { place, key: (*key).to_owned(), value: value.clone() })
            .collect();
        let _ = find(&texts);
    }
}
