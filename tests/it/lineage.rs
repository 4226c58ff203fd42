//! What an image was made from: told as far back as the log knows it, and found again, or what is
//! missing of it, when it is made again.

use std::fs;

use serde_json::{Value, json};

use crate::fake::openai::OpenAi;
use crate::fake::{Kind, image};
use crate::pinx::{Output, Pinx};

const MODEL: [&str; 3] = ["-m", "openai/gpt-image-2", "--no-fallback"];

fn world(fake: &OpenAi) -> Pinx {
    let pinx = Pinx::new().openai(fake);
    for (name, width) in [("mug.png", 64), ("cup.png", 48)] {
        fs::write(pinx.work().join(name), image::bytes(width, 64, "png")).unwrap();
    }
    for (name, color) in [("mask.png", 255), ("other.png", 200)] {
        fs::write(pinx.work().join(name), mask(color)).unwrap();
    }
    pinx
}

/// A mask of `mug.png`, which is white in a corner.
fn mask(color: u8) -> Vec<u8> {
    let mut picture = ::image::GrayImage::new(64, 64);
    (0..16).for_each(|at| picture.put_pixel(at % 4, at / 4, ::image::Luma([color])));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ::image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn edit(pinx: &Pinx, prompt: &str, more: &[&str]) -> Output {
    pinx.run(&[&["edit", prompt], more, &MODEL].concat())
}

/// The fields of the files of the newest request.
fn fields(fake: &OpenAi) -> Vec<String> {
    let request = fake.requests(Kind::Images).pop().unwrap();
    let files = request.form.into_iter().filter(|part| part.filename.is_some());
    files.map(|part| part.name).collect()
}

fn gone(pinx: &Pinx, name: &str) {
    fs::remove_file(pinx.work().join(name)).unwrap();
}

#[test]
fn what_an_image_was_made_from_is_told_back_to_the_first() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    edit(&pinx, "make it night", &["-i", "mug.png", "-o", "night.png"]).exits(0);
    // Another picture each time: equal bytes would be equal parents.
    fake.answers(crate::fake::openai::with_image(&image::bytes(1024, 512, "png")));
    let both = ["-i", "night.png", "-i", "cup.png", "-o", "snow.png"];
    edit(&pinx, "make it snow", &both).exits(0);
    fake.answers(crate::fake::openai::with_image(&image::bytes(512, 512, "png")));
    edit(&pinx, "with a cat", &["-i", "snow.png", "-o", "cat.png"]).exits(0);
    let jobs: Vec<String> =
        pinx.entries("done").iter().map(|done| done["job"].as_str().unwrap().to_owned()).collect();
    let (night, snow) = (&jobs[0], &jobs[1]);

    let info = pinx.run(&["info", "snow.png"]).exits(0);
    for told in ["made from", "image 1 · 816x816 · ", "/night.png", "\"make it night\""] {
        let words = info.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(told), "{told}\n{info}");
    }
    assert!(info.stdout.contains(night.as_str()) && !info.stdout.contains("mug.png"), "{info}");
    let info = pinx.run(&["info", "--json", "cat.png"]).exits(0).json();
    let parent = &info["images"][0]["parents"][0];
    assert_eq!((&parent["role"], &parent["id"]), (&json!("image"), &json!(snow)));
    assert_eq!((&parent["prompt"], &parent["is_cut"]), (&json!("make it snow"), &json!(true)));
    assert_eq!((&parent["width"], &parent["height"]), (&json!(1024), &json!(512)));

    let shown = pinx.run(&["log", "show", &jobs[2]]).exits(0);
    let place = |told: &str| shown.stdout.find(told).unwrap_or_else(|| panic!("{told}\n{shown}"));
    let names = ["made from image 1 · 1024x512", "← image 1 · 816x816", "← ← image 1 · 64x64"];
    assert!(names.map(place).is_sorted(), "{shown}");
    assert!(place("mug.png") < place("cup.png"), "{shown}");
    let chain = pinx.run(&["log", "show", "--json", &jobs[2]]).exits(0).json();
    let mut at = &chain["jobs"][0]["parents"];
    let mut found = Vec::new();
    while let Some(parent) = at.get(0) {
        found.push((parent["model"].clone(), parent["is_cut"].clone()));
        at = &parent["parents"];
    }
    let made = || (json!("openai/gpt-image-2"), json!(false));
    assert_eq!(found, [made(), made(), (Value::Null, json!(false))]);

    // A picture that is gone is told as gone, and another one in its place is none of its parents.
    gone(&pinx, "mug.png");
    fs::copy(pinx.work().join("cup.png"), pinx.work().join("night.png")).unwrap();
    let shown = pinx.run(&["log", "show", &jobs[2]]).exits(0).stdout;
    assert_eq!(shown.matches("not here any more").count(), 2, "{shown}");
    // Without a picture nothing is told.
    pinx.run(&["generate", "a fox", "-m", "pinx/sketch", "-s", "64x64"]).exits(0);
    assert!(!pinx.run(&["log", "show"]).exits(0).stdout.contains("made from"));
    let plain = pinx.run(&["info", "--json", "a-fox.png"]).exits(0).json();
    assert_eq!(plain["images"][0]["parents"], json!([]));
}

#[test]
fn what_is_missing_is_told_with_the_flags_that_help() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let flags = ["-i", "mug.png", "-i", "cup.png", "--mask", "mask.png", "-o", "x.png"];
    edit(&pinx, "make it night", &flags).exits(0);
    let redo = |more: &[&str]| pinx.run(&[&["redo", "x.png", "-o", "again/"], more].concat());
    gone(&pinx, "mask.png");
    let output = redo(&[]).exits(2).says("`x.png`: the mask (").says("64x64 pixels) is not here");
    output.says("`--mask FILE` names").says("/cup.png` makes it without a mask");
    // Another mask for the same pictures; or these anew, and without one.
    redo(&["--mask", "other.png"]).exits(0).never_says("left out");
    assert_eq!(fields(&fake), ["image[]", "image[]", "mask"]);
    let anew = ["-i", "mug.png"];
    let output =
        redo(&anew).exits(0).says("`x.png` was made from 2 pictures; it is made again from 1");
    output.says("the mask of `x.png` is left out; `--mask FILE` gives one");
    assert_eq!(fields(&fake), ["image"]);
    redo(&[&anew[..], &["--mask", "other.png"]].concat()).exits(0).never_says("left out");
    assert_eq!(fields(&fake), ["image", "mask"]);
    // One of several.
    gone(&pinx, "cup.png");
    let output = redo(&["--mask", "other.png"]).exits(2).says("image 2 (").says("48x64 pixels)");
    output.says("/mug.png -i FILE`");
    gone(&pinx, "mug.png");
    redo(&[]).exits(2).says("image 1 (").says("image 2 (").says("the mask (").says("are not here");
    assert_eq!(fake.posts(), 4);
    pinx.run(&["redo", "x.png", "--set", "image=y.png"])
        .exits(2)
        .says("`-i FILE` names pictures, `--mask FILE` a mask");
    edit(&pinx, "x", &["--mask", "other.png", "-i", "x.png", "--mask-means", "white"]).exits(2);
}

#[test]
fn a_change_of_the_recipe_keeps_its_pictures_and_jobs_of_batches_are_found() {
    let fake = OpenAi::start();
    let jobs = "{\"prompt\":\"make it night\",\"image\":\"mug.png\",\"mask\":\"mask.png\"}\n";
    let pinx = world(&fake).file("shots/p.jsonl", jobs);
    for name in ["mug.png", "mask.png"] {
        let (from, to) = (pinx.work().join(name), pinx.work().join("shots").join(name));
        fs::rename(from, to).unwrap();
    }
    pinx.run(&[&["batch", "shots/p.jsonl", "-o", "out/"], &MODEL[..]].concat()).exits(0);
    let done = pinx.entries("done").remove(0);
    for word in [done["job"].as_str().unwrap(), "out/001-make-it-night.png"] {
        let set = ["redo", word, "--set", "prompt=make it day", "-o", "again/"];
        pinx.run(&set).exits(0);
        assert_eq!(fields(&fake), ["image", "mask"], "{word}");
        let request = fake.requests(Kind::Images).pop().unwrap();
        assert_eq!(request.json["prompt"], "make it day");
    }
    // A mask for what has none, and a model that takes no pictures.
    pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2", "-o", "fox.png"]).exits(0);
    let masked = ["redo", "fox.png", "--mask", "other.png"];
    pinx.run(&masked).exits(2).says("a mask is given, and no picture that it belongs to");
    let other = ["redo", "out/001-make-it-night.png", "-m", "fal/flux-schnell", "--dry-run"];
    pinx.run(&other).exits(2).says("fal/flux-schnell takes no pictures").says("-m openai/");
    assert_eq!(fake.posts(), 4);
}
