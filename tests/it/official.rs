//! What OpenAI's own document says of requests for images and of the events that answer them, as small
//! tables, and every kind of request held against them: what is not in the document is not sent.
//!
//! Source: the reference of the Images API, `CreateImageRequest`, `CreateImageEditRequest` (a form),
//! `EditImageBodyJsonParam` (JSON) and the four stream events, August to November 2026. Newer models are
//! not in it; their words are those of the SDK (openai 3.54.0).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::fake::openai::OpenAi;
use crate::fake::{Answer, Kind, image};
use crate::pinx::{OPENAI_KEY, Pinx};

/// What a field takes.
enum Takes {
    Text(usize),
    Words(&'static [&'static str]),
    /// `auto`, or a width and a height.
    Size,
    Number(u64, u64),
}

use Takes::{Number, Size, Text, Words};

/// Fields of all three bodies.
fn fields() -> Vec<(&'static str, Takes)> {
    vec![
        ("model", Text(100)),
        ("prompt", Text(32_000)),
        ("n", Number(1, 10)),
        ("size", Size),
        ("quality", Words(&["auto", "low", "medium", "high", "xhigh", "max"])),
        ("output_format", Words(&["png", "jpeg", "webp", "gif", "svg"])),
        ("background", Words(&["transparent", "opaque", "auto"])),
        ("moderation", Words(&["low", "auto"])),
        ("output_compression", Number(0, 100)),
    ]
}

/// Only bodies of edits have it.
const FIDELITY: (&str, Takes) = ("input_fidelity", Words(&["high", "low"]));

fn fits(takes: &Takes, value: &Value) -> bool {
    let text = value.as_str();
    match takes {
        Text(most) => text.is_some_and(|text| (1..=*most).contains(&text.chars().count())),
        Words(words) => text.is_some_and(|text| words.contains(&text)),
        Size => text.is_some_and(|text| {
            let edges: Vec<u32> = text.split('x').filter_map(|edge| edge.parse().ok()).collect();
            text == "auto" || matches!(edges[..], [width, height] if width.min(height) >= 16)
        }),
        // A form has it as text.
        Number(least, most) => {
            let number = value.as_u64().or_else(|| text.and_then(|text| text.parse().ok()));
            number.is_some_and(|number| (*least..=*most).contains(&number))
        }
    }
}

/// A call's body: its fields, and the fields of its files. In JSON a file is a place.
fn parts(body: &Value) -> (BTreeMap<String, Value>, Vec<(String, Value)>) {
    let (mut texts, mut files) = (BTreeMap::new(), Vec::new());
    if let Some(form) = body.get("$form").and_then(Value::as_array) {
        for part in form {
            let name = part["name"].as_str().unwrap().to_owned();
            match part["value"].get("text") {
                Some(text) => assert!(texts.insert(name, text.clone()).is_none(), "{part} twice"),
                None => files.push((name, part["value"]["input"].clone())),
            }
        }
        return (texts, files);
    }
    for (name, value) in body.as_object().unwrap() {
        match name.as_str() {
            "images" => {
                files.extend(value.as_array().unwrap().iter().map(|it| (name.clone(), it.clone())))
            }
            "mask" => files.push((name.clone(), value.clone())),
            _ => drop(texts.insert(name.clone(), value.clone())),
        }
    }
    (texts, files)
}

/// Holds a body against the document.
fn check(body: &Value, (images, has_mask, is_json): (usize, bool, bool), label: &str) {
    let (texts, files) = parts(body);
    let known = fields().into_iter().chain((images > 0).then_some(FIDELITY));
    let known: BTreeMap<&str, Takes> = known.collect();
    for (name, value) in &texts {
        let takes =
            known.get(name.as_str()).unwrap_or_else(|| panic!("{label}: no field `{name}`"));
        assert!(fits(takes, value), "{label}: {name} = {value}");
    }
    for name in ["model", "prompt", "size", "n"] {
        assert!(texts.contains_key(name), "{label}: {name} is not left to the server");
    }
    let of_image = match (is_json, images) {
        (true, _) => "images",
        (false, 1) => "image",
        // What the SDK sends for a list. The document has the bare name for both.
        (false, _) => "image[]",
    };
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let mut expected = vec![of_image; images];
    expected.extend(has_mask.then_some("mask"));
    assert_eq!(names, expected, "{label}");
    for (_, file) in &files {
        if is_json {
            let keys: Vec<&String> = file.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["image_url"], "{label}: exactly one of `image_url` and `file_id`");
            assert_eq!(file["image_url"]["$as"], "data-url", "{label}");
        } else {
            let format = file["format"].as_str().unwrap();
            assert!(["png", "jpeg", "webp"].contains(&format), "{label}: {file}");
            assert!(file["filename"].as_str().unwrap().contains('.'), "{label}: {file}");
        }
    }
}

/// The body of a call that a command would make.
fn planned(pinx: &Pinx, args: &[&str], form: Option<&str>) -> Value {
    let mut command =
        pinx.command(&[args, &["--no-fallback", "--dry-run", "--json"]].concat()).plain();
    if let Some(form) = form {
        command.env("PINX_PROVIDERS_OPENAI_EDIT", form);
    }
    let output = command.output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert!(output.status.success(), "{args:?}: {}", document["error"]);
    document["jobs"][0]["call"]["body"].clone()
}

#[test]
fn requests_hold_what_the_document_has_and_nothing_else() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_TODAY", "2026-11-22");
    let mask = image::bytes(640, 960, "png");
    std::fs::write(pinx.work().join("mug.png"), &mask).unwrap();
    std::fs::write(pinx.work().join("cup.jpg"), image::bytes(320, 320, "jpeg")).unwrap();
    let half = crate::masks::quarter((640, 960), crate::masks::WHITE, crate::masks::BLACK);
    let half = crate::masks::written(&half, ::image::ImageFormat::Png);
    std::fs::write(pinx.work().join("mask.png"), half).unwrap();
    let models = [
        "gpt-image-2.6-flare",
        "gpt-image-2.6-sunburst",
        "gpt-image-2.5-flare",
        "gpt-image-2.5-sunburst",
        "gpt-image-2",
        "gpt-image-1.5",
        "gpt-image-1-mini",
        "chatgpt-image-latest",
    ];
    let further: [&[&str]; 6] = [
        &["-s", "1536x1024", "--quality", "high", "--format", "webp"],
        &["-a", "16:9", "--quality", "low", "--format", "jpeg", "-P", "output_compression=80"],
        &["--background", "transparent", "--format", "png", "-P", "moderation=low"],
        &["--input-fidelity", "high"],
        &["--input-fidelity", "low", "--seed", "7", "--negative", "rain"],
        &["--colors", "#ff0000,#00ff00", "--style", "watercolor"],
    ];
    for model in models {
        let model = format!("openai/{model}");
        check(
            &planned(&pinx, &["generate", "a fox", "-m", &model], None),
            (0, false, false),
            &model,
        );
        for form in [None, Some("json-images")] {
            for (images, has_mask) in [(1, false), (2, false), (16, false), (1, true), (2, true)] {
                let names = ["mug.png", "cup.jpg"].into_iter().cycle().take(images);
                let pictures = names.flat_map(|name| ["-i", name]);
                let mut args: Vec<&str> =
                    ["edit", "at night", "-m", &model].into_iter().chain(pictures).collect();
                if has_mask {
                    args.extend(["--mask", "mask.png"]);
                }
                let body = planned(&pinx, &args, form);
                check(&body, (images, has_mask, form.is_some()), &format!("{args:?} {form:?}"));
            }
        }
    }
    for (model, more) in ["openai/gpt-image-2.6-flare", "openai/gpt-image-1.5"]
        .into_iter()
        .flat_map(|model| further.map(|more| (model, more)))
    {
        let args = [&["edit", "at night", "-i", "mug.png", "-m", model], more].concat();
        check(&planned(&pinx, &args, None), (1, false, false), &format!("{args:?}"));
    }
    assert_eq!(fake.all().len(), 0, "nothing was asked for");
}

/// The events that end a stream, and those before, with every field that the document has.
fn event(kind: &str, is_partial: bool, picture: &str) -> String {
    let mut data = json!({
        "type": kind, "b64_json": picture, "created_at": 1_795_300_000, "size": "1024x1024",
        "quality": "high", "background": "opaque", "output_format": "png",
    });
    if is_partial {
        data["partial_image_index"] = json!(0);
    } else {
        data["usage"] = json!({
            "total_tokens": 100, "input_tokens": 50, "output_tokens": 50,
            "input_tokens_details": { "text_tokens": 10, "image_tokens": 40 },
        });
    }
    format!("event: {kind}\ndata: {data}\n\n")
}

#[test]
fn every_event_of_a_stream_is_read_for_what_it_is() {
    use base64::Engine as _;
    let packed =
        |width| base64::engine::general_purpose::STANDARD.encode(image::bytes(width, 64, "png"));
    for (command, name) in [("generate", "image_generation"), ("edit", "image_edit")] {
        let (partial, completed) = (format!("{name}.partial_image"), format!("{name}.completed"));
        for (stream, exit) in [
            (event(&partial, true, &packed(32)) + &event(&completed, false, &packed(64)), 0),
            (event(&completed, false, &packed(64)), 0),
            (event(&partial, true, &packed(32)), 1),
        ] {
            let fake = OpenAi::start();
            let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).openai(&fake);
            std::fs::write(pinx.work().join("mug.png"), image::bytes(64, 64, "png")).unwrap();
            fake.next(Kind::Images, Answer::bytes(200, "text/event-stream", stream.into_bytes()));
            let pictures: &[&str] = if command == "edit" { &["-i", "mug.png"] } else { &[] };
            let args =
                [command, "a fox", "-m", "openai/gpt-image-2", "--no-fallback", "-o", "fox.png"];
            let mut command = pinx.command(&[&args[..], pictures].concat()).plain();
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(exit), "{name}: {output:?}");
            assert_eq!(fake.posts(), 1);
            let made = std::fs::read(pinx.work().join("fox.png")).ok();
            let width = made.map(|bytes| ::image::load_from_memory(&bytes).unwrap().width());
            assert_eq!(
                width,
                (exit == 0).then_some(64),
                "{name}: what is finished, and nothing else"
            );
            if exit == 0 {
                // Ten tokens of text, forty of pictures and fifty of the image, as gpt-image-2 has them.
                assert_eq!(pinx.entries("done")[0]["cost"], json!(50 + 320 + 1_500));
            }
        }
    }
}
