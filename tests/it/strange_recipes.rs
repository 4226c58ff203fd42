//! Recipes in images that come from anywhere: odd, hostile, contradicting one another, or of several
//! jobs.

use serde_json::{Value, json};

use crate::fake::openai::OpenAi;
use crate::fake::{Kind, image};
use crate::pinx::Pinx;
use crate::recipes::{crc32, info, png, write};

/// A PNG with a recipe of pinx in it, as somebody else may have written it.
fn own(recipe: &Value) -> Vec<u8> {
    png(b"iTXt", format!("pinx\0\0\0\0\0{recipe}").as_bytes())
}

#[test]
fn of_an_odd_recipe_of_our_own_the_rest_is_read() {
    let pinx = Pinx::new();
    for (field, value) in [
        ("size", json!("99999x99999")),
        ("size", json!([1e308, -1])),
        ("seed", json!(-1)),
        ("seed", json!("seven")),
        ("colors", json!("red")),
        ("background", json!(7)),
        ("params", json!("x")),
    ] {
        let mut recipe = json!({ "v": 1, "prompt": "a red fox", "model": "pinx/sketch" });
        recipe[field] = value.clone();
        write(&pinx, "odd.png", &own(&recipe));
        let told = info(&pinx, "odd.png");
        assert_eq!((&told["from"], &told["program"]), (&json!("image"), &json!("pinx")), "{value}");
        assert_eq!(told["recipe"]["prompt"], "a red fox");
        assert!(told["note"].as_str().unwrap().starts_with(&format!("its `{field}` is left out")));
        let redo = ["redo", "odd.png", "-s", "64x64", "--dry-run"];
        pinx.run(&redo).exits(0).says(&format!("its `{field}` is left out"));
    }
    write(&pinx, "odd.png", &own(&json!({ "v": 1, "prompt": 5, "model": "pinx/sketch" })));
    pinx.run(&["redo", "odd.png"]).exits(2);
    let model = "openai/\u{1b}[31mx";
    write(&pinx, "odd.png", &own(&json!({ "v": 1, "prompt": "a fox", "model": model })));
    pinx.run(&["redo", "odd.png"]).exits(2).says("names a model that cannot be read");
}

/// Wherever a prompt comes from, what is paid for is what is shown.
#[test]
fn control_characters_are_neither_sent_nor_kept() {
    let fake = OpenAi::start();
    let prompt = "a \u{1b}[31mred\u{7} \u{202e}fox\u{2069}\u{9b}, \u{928}\u{200d}";
    // Of a file of prompts that is checked as a whole, more is asked.
    let turned = json!({ "prompt": "a \u{202e}grey owl\u{2069}" });
    let pinx = Pinx::new()
        .openai(&fake)
        .file("prompt.txt", prompt)
        .file("batch.jsonl", &format!("{turned}\n"))
        .file("batch.txt", prompt);
    write(
        &pinx,
        "own.png",
        &own(&json!({ "v": 1, "prompt": prompt, "model": "openai/gpt-image-2" })),
    );
    let lines = format!("{prompt}\nSteps: 9, Seed: 4, Size: 32x48");
    write(&pinx, "theirs.png", &png(b"iTXt", format!("parameters\0\0\0\0\0{lines}").as_bytes()));
    let model = ["-m", "openai/gpt-image-2"];
    for args in [
        &["generate", prompt][..],
        &["generate", "@prompt.txt"],
        &["redo", "own.png"],
        &["redo", "theirs.png"],
    ] {
        let sent = fake.posts();
        let output = pinx.run(&[args, &model].concat()).exits(0);
        output.says("control characters are left out of the prompt");
        let request = &fake.requests(Kind::Images)[sent];
        assert_eq!(request.json["prompt"], "a [31mred fox, \u{928}\u{200d}", "{args:?}");
    }
    let batch = ["batch", "batch.jsonl", "-o", "a/", "-m", "openai/gpt-image-2"];
    pinx.run(&batch).exits(0).says("control characters are left out of the prompt");
    assert_eq!(fake.requests(Kind::Images).last().unwrap().json["prompt"], "a grey owl");
    let is_clean =
        |entry: &Value| !entry["prompt"].as_str().unwrap().contains(['\u{1b}', '\u{202e}']);
    assert!(pinx.entries("intent").iter().all(is_clean));
    // It is the same job for the next run, also of another home, which goes by the recipe.
    pinx.run(&batch).exits(0);
    let home = pinx.root().join("other").display().to_string();
    pinx.command(&batch).env("PINX_HOME", &home).run().exits(0);
    assert_eq!(fake.posts(), 5);
    pinx.run(&["batch", "batch.txt"]).exits(2).says("the control character U+001B");
}

#[test]
fn recipes_that_contradict_one_another_are_told() {
    let pinx = Pinx::new();
    let graph = |text: &str| {
        json!({
            "3": { "class_type": "KSampler", "inputs": { "seed": 5, "positive": ["6", 0], "steps": 9 } },
            "6": { "class_type": "CLIPTextEncode", "inputs": { "text": text } },
        })
    };
    let lines = |prompt: &str| format!("parameters\0{prompt}\nSteps: 20, Seed: 1, Size: 64x48");
    let chunk = |text: &str| -> Vec<u8> {
        let body = [b"tEXt", text.as_bytes()].concat();
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        [&length[..], &body, &crc32(&body).to_be_bytes()].concat()
    };
    let of = |texts: &[String]| {
        let mut png = image::bytes(64, 96, "png").to_vec();
        let chunks: Vec<u8> = texts.iter().flat_map(|text| chunk(text)).collect();
        png.splice(33..33, chunks);
        png
    };
    let comfy = |text: &str| format!("prompt\0{}", graph(text));
    for (texts, told) in [
        (vec![lines("a red fox"), comfy("a grey owl")], Some("ComfyUI")),
        (vec![lines("a red fox"), lines("a grey owl")], Some("AUTOMATIC1111")),
        (vec![lines("a red fox"), comfy("A red fox, best quality")], None),
        (vec![lines("a red fox"), lines("a red fox")], None),
    ] {
        write(&pinx, "both.png", &of(&texts));
        let found = info(&pinx, "both.png");
        assert_eq!(found["recipe"]["prompt"], "a red fox");
        let note = found["note"].as_str().unwrap_or_default();
        let is_told =
            note.contains("the file holds another recipe") && note.contains(told.unwrap_or("?"));
        assert_eq!(is_told, told.is_some(), "{note}");
    }
    let redo = ["redo", "both.png", "-m", "pinx/sketch", "--dry-run"];
    pinx.run(&redo).exits(0).never_says("another recipe");
    write(&pinx, "both.png", &of(&[lines("a red fox"), comfy("a grey owl")]));
    pinx.run(&redo).exits(0).says("the file holds another recipe, of ComfyUI, with another prompt");
}

#[test]
fn of_several_jobs_with_the_same_bytes_a_file_is_of_its_own() {
    let pinx = Pinx::new();
    let made = |name: &str| {
        let tiny = ["-m", "pinx/sketch", "-s", "64x64", "--seed", "7", "-o", name];
        pinx.run(&[&["a red fox"], &tiny[..]].concat()).exits(0);
        pinx.entries("done").last().unwrap()["job"].as_str().unwrap().to_owned()
    };
    let jobs = ["one.png", "two.png", "three.png"].map(made);
    for (name, job) in ["one.png", "two.png", "three.png"].iter().zip(&jobs) {
        let found = info(&pinx, name);
        assert_eq!(found["log"]["id"].as_str().unwrap(), job, "{name}\n{found:#}");
        let others: Vec<&String> = jobs.iter().filter(|other| *other != job).collect();
        assert_eq!(found["same_bytes"], json!(others));
    }
    std::fs::rename(pinx.work().join("one.png"), pinx.work().join("moved.png")).unwrap();
    let output = pinx.run(&["info", "moved.png", "one.png", "two.png"]).exits(2);
    assert!(output.stdout.contains("also by"), "{output}");
    assert_eq!(info(&pinx, "moved.png")["log"]["id"].as_str().unwrap(), jobs[2]);
}
