//! `info` and `redo`: what an image tells of how it was made, and the same picture again.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::fake::image;
use crate::fake::openai::{OpenAi, with_image};
use crate::pinx::{OPENAI_KEY, Pinx};

const PAINTED: [&str; 2] = ["-m", "openai/gpt-image-2"];

/// What the AUTOMATIC1111 web UI writes.
const THEIRS: &str = "a red fox, snow\nNegative prompt: rain\nSteps: 20, Sampler: Euler a, \
    CFG scale: 7, Seed: 42, Size: 64x96, Model hash: 6ce0161689, Model: v1-5-pruned, \
    Lora hashes: \"a: 1, b: 2\", Version: v1.10.1";

/// The one image of `pinx info --json`.
/// What `info` tells of one file.
pub fn info(pinx: &Pinx, file: &str) -> Value {
    let document = pinx.run(&["info", file, "--json"]).exits(0).json();
    assert_eq!(document["success"], true);
    document["images"][0].clone()
}

/// Writes a file into the current directory.
pub fn write(pinx: &Pinx, name: &str, bytes: &[u8]) {
    std::fs::write(pinx.work().join(name), bytes).unwrap();
}

/// The checksum of a PNG's chunk.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// A small PNG with one more chunk behind its header.
pub fn png(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut png = image::bytes(64, 96, "png").to_vec();
    let chunk = [kind, data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    png.splice(33..33, [&length[..], &chunk, &crc32(&chunk).to_be_bytes()].concat());
    png
}

fn deflated(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A TIFF structure with one UserComment, in either byte order.
fn tiff(is_big: bool, comment: &[u8]) -> Vec<u8> {
    let short = |n: u16| if is_big { n.to_be_bytes() } else { n.to_le_bytes() };
    let long = |n: u32| if is_big { n.to_be_bytes() } else { n.to_le_bytes() };
    let entry = |tag, kind, count, value| {
        [&short(tag)[..], &short(kind), &long(count), &long(value)].concat()
    };
    let length = u32::try_from(comment.len()).unwrap();
    [
        if is_big { &b"MM"[..] } else { b"II" },
        &short(42),
        &long(8),
        &short(1),
        &entry(0x8769, 4, 1, 26),
        &long(0),
        &short(1),
        &entry(0x9286, 7, length, 44),
        &long(0),
        comment,
    ]
    .concat()
}

/// A TIFF structure whose first directory holds one entry, of this type.
fn tiff_of(tag: u16, kind: u16, value: &[u8]) -> Vec<u8> {
    let entry = [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &(value.len() as u32).to_le_bytes()];
    let head = [b"II\x2a\0\x08\0\0\0\x01\0", &entry.concat()[..], b"\x1a\0\0\0\0\0\0\0"];
    [&head.concat()[..], value].concat()
}

/// A small JPEG with one more segment in front.
fn jpeg_with(marker: u8, data: &[u8]) -> Vec<u8> {
    let mut jpeg = image::bytes(64, 96, "jpeg").to_vec();
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    jpeg.splice(2..2, [&[0xff, marker][..], &length, data].concat());
    jpeg
}

/// A small PNG with one more chunk behind its pixels.
fn png_behind(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut whole = png(kind, data);
    let chunk: Vec<u8> = whole.drain(33..33 + 12 + data.len()).collect();
    let end = whole.len() - 12;
    whole.splice(end..end, chunk);
    whole
}

fn jpeg(tiff: &[u8]) -> Vec<u8> {
    let mut jpeg = image::bytes(64, 96, "jpeg").to_vec();
    let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
    jpeg.splice(2..2, [&b"\xff\xe1"[..], &length, b"Exif\0\0", tiff].concat());
    jpeg
}

fn webp(tiff: &[u8]) -> Vec<u8> {
    webp_with(8, b"EXIF", tiff)
}

fn webp_with(flags: u8, kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let plain = image::bytes(64, 96, "webp");
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let padding = &[0][..data.len() % 2];
        [kind, &u32::try_from(data.len()).unwrap().to_le_bytes()[..], data, padding].concat()
    };
    let head = chunk(b"VP8X", &[flags, 0, 0, 0, 63, 0, 0, 95, 0, 0]);
    let body = [b"WEBP", &head[..], &plain[12..], &chunk(kind, data)].concat();
    chunk(b"RIFF", &body)
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    [&b"UNICODE\0"[..], &text.encode_utf16().flat_map(unit).collect::<Vec<u8>>()].concat()
}

#[test]
fn a_sketch_made_again_is_the_same_to_the_byte() {
    for format in ["png", "jpeg", "webp"] {
        let pinx = Pinx::new();
        let made =
            ["generate", "a red fox, in \"snow\"", "-s", "96x64", "--seed", "7", "-f", format];
        let more = ["--style", "noir", "--colors", "#FF6B6B,#4ECDC4", "--label", "Fox, one"];
        pinx.run(&[&made[..], &more].concat()).exits(0);
        let name = pinx.files()[0].clone();
        let told = info(&pinx, &name);
        assert_eq!(told["recipe"]["prompt"], "a red fox, in \"snow\"");
        assert_eq!(told["recipe"]["seed"], 7);
        assert_eq!(told["recipe"]["style"], "noir");
        assert_eq!(told["recipe"]["colors"], json!(["#FF6B6B", "#4ECDC4"]));
        assert_eq!(told["recipe"]["label"], "Fox, one");
        assert_eq!(told["recipe"]["note"], "procedural sketch, not AI");
        assert_eq!((&told["from"], &told["program"]), (&json!("image"), &json!("pinx")));
        let again = pinx.run(&["redo", &name]).exits(0).stdout;
        let again = again.trim_end();
        assert!(again.starts_with("a-red-fox-in-snow-2."), "{again}");
        assert_eq!(pinx.read(&name), pinx.read(again), "{format}");
        // By its number the next is the third, not the second of the second.
        let third = pinx.run(&["redo", again]).exits(0).stdout;
        assert!(third.starts_with("a-red-fox-in-snow-3."), "{third}");
        assert_eq!(info(&pinx, again)["recipe"], told["recipe"]);
    }
}

#[test]
fn settings_of_taste_do_not_slip_into_a_recipe_and_flags_win() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a red fox", "-s", "96x64", "--seed", "7", "-o", "fox.png"]).exits(0);
    let pinx = pinx.file("pinx.toml", "style = \"noir\"\nsize = \"64x64\"\ncolors = \"#FF0000\"\n");
    pinx.run(&["redo", "fox.png"]).exits(0).prints(&["fox-2.png"]);
    assert_eq!(pinx.read("fox.png"), pinx.read("fox-2.png"));
    for (args, key, value) in [
        (&["--set", "seed=8"][..], "seed", json!(8)),
        (&["--seed", "9"], "seed", json!(9)),
        (&["--set", "style=watercolor"], "style", json!("watercolor")),
        (&["--set", "prompt=an owl"], "prompt", json!("an owl")),
        (&["--set", "size=64x96"], "size", json!("64x96")),
        (&["-a", "1:1"], "size", json!("1024x1024")),
        (&["--set", "colors=#0000FF"], "colors", json!(["#0000FF"])),
        (&["--set", "label=Hi"], "label", json!("Hi")),
    ] {
        let line = [&["redo", "fox.png", "-o", "new.png", "--force"], args].concat();
        pinx.run(&line).exits(0).prints(&["new.png"]);
        let recipe = info(&pinx, "new.png")["recipe"].clone();
        assert_eq!(recipe[key], value, "{args:?}");
        let mut other = recipe.as_object().unwrap().clone();
        let before = info(&pinx, "fox.png")["recipe"].clone();
        other.remove(key);
        for (name, value) in other {
            assert_eq!(before[&name], value, "{args:?} must not change `{name}`");
        }
    }
    let seedless = pinx.run(&["redo", "fox.png", "--set", "seed="]).exits(0);
    seedless.says("has no seed");
}

#[test]
fn slips_of_set_are_told_before_anything_is_made() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a fox", "-s", "64x64", "-o", "fox.png"]).exits(0);
    for (args, words) in [
        (&["--set", "sede=8"][..], "did you mean `--set seed=…`"),
        (&["--set", "seed"], "has no `=`"),
        (&["--set", "seed=1", "--seed", "2"], "set twice"),
        (&["--set", "style=watercolour"], "watercolor"),
        (&["--set", "seed=x"], "seed"),
        (&["--var", "a=b"], "--set prompt"),
        (&["-P", "n=4"], "-n 4"),
        (&["--set", "params.n=4"], "-n 4"),
    ] {
        let output = pinx.run(&[&["redo", "fox.png"], args].concat()).exits(2);
        output.says(words).prints(&[]).leaves(&["fox.png"]);
    }
    pinx.run(&["redo"]).exits(2);
    pinx.run(&["redo", "none.png"]).exits(2).says("none.png");
    let document = pinx.run(&["redo", "none.png", "--json"]).exits(2).json();
    assert_eq!(document["error"]["code"], "unknown_id", "{document:#}");
}

#[test]
fn other_programs_parameters_are_read_from_every_place() {
    let pinx = Pinx::new();
    let unicode = |big: bool| {
        let unit = if big { u16::to_be_bytes } else { u16::to_le_bytes };
        utf16(THEIRS, unit)
    };
    let ascii = [b"ASCII\0\0\0", THEIRS.as_bytes()].concat();
    let jis = [b"JIS\0\0\0\0\0", THEIRS.as_bytes()].concat();
    let keyed = |head: &[u8], text: &[u8]| [b"parameters\0", head, text].concat();
    let plain = THEIRS.as_bytes();
    let quoted = THEIRS.replace('"', "&quot;");
    let xmp = format!("<x:xmpmeta><rdf:li exif:UserComment=\"{quoted}\"/></x:xmpmeta>");
    let files = [
        ("text.png", png(b"tEXt", &keyed(b"", plain))),
        ("itxt.png", png(b"iTXt", &keyed(b"\0\0\0\0", plain))),
        ("packed.png", png(b"iTXt", &keyed(b"\x01\0\0\0", &deflated(plain)))),
        ("ztxt.png", png(b"zTXt", &keyed(b"\0", &deflated(plain)))),
        ("big.jpg", jpeg(&tiff(true, &unicode(true)))),
        ("little.jpg", jpeg(&tiff(false, &unicode(false)))),
        ("mixed.jpg", jpeg(&tiff(false, &unicode(true)))),
        ("ascii.jpg", jpeg(&tiff(true, &ascii))),
        ("jis.jpg", jpeg(&tiff(false, &jis))),
        ("big.webp", webp(&tiff(true, &unicode(true)))),
        ("little.webp", webp(&[b"Exif\0\0", &tiff(false, &unicode(false))[..]].concat())),
        ("behind.png", png_behind(b"tEXt", &keyed(b"", plain))),
        ("exif.png", png(b"eXIf", &tiff(true, &unicode(true)))),
        ("exif-behind.png", png_behind(b"eXIf", &tiff_of(0x9286, 7, &unicode(true)))),
        ("bare.jpg", jpeg(&tiff(true, plain))),
        ("bare.webp", webp(&tiff(false, plain))),
        ("first-byte.jpg", jpeg(&tiff_of(0x9286, 1, &unicode(true)))),
        ("first-ascii.webp", webp(&tiff_of(0x9286, 2, &[plain, b"\0"].concat()))),
        (
            "first-mark.jpg",
            jpeg(&tiff_of(0x9286, 7, &[b"\xff\xfe", &unicode(false)[8..]].concat())),
        ),
        ("description.jpg", jpeg(&tiff_of(0x010e, 2, plain))),
        ("windows.jpg", jpeg(&tiff_of(0x9c9c, 1, &unicode(false)[8..]))),
        ("comment.jpg", jpeg_with(0xfe, plain)),
        ("xmp.jpg", jpeg_with(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp.as_bytes()].concat())),
        ("xmp.webp", webp_with(4, b"XMP ", xmp.as_bytes())),
        ("xmp.png", png(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", xmp.as_bytes()].concat())),
    ];
    for (name, bytes) in files {
        write(&pinx, name, &bytes);
        let told = info(&pinx, name);
        assert_eq!(told["program"], "AUTOMATIC1111", "{name}: {told:#}");
        assert_eq!((&told["program_version"], &told["note"]), (&json!("v1.10.1"), &Value::Null));
        assert_eq!(told["from"], "parameters");
        assert_eq!(
            told["recipe"],
            json!({ "prompt": "a red fox, snow", "negative": "rain", "model": "v1-5-pruned",
                "size": "64x96", "seed": 42 }),
            "{name}"
        );
        assert_eq!(told["extra"]["Sampler"], "Euler a");
        assert_eq!(told["extra"]["Lora hashes"], "a: 1, b: 2");
        assert_eq!(told["log"], Value::Null);
    }
    // Another program's model is none of ours; with one of ours it goes.
    pinx.run(&["redo", "text.png"]).exits(2).says("AUTOMATIC1111").says("-m").says("v1-5-pruned");
    let output = pinx.run(&["redo", "text.png", "-m", "pinx/sketch"]).exits(0);
    output.prints(&["text-2.png"]).says(
        "kept of `text.png`: prompt, seed 42, size 64x96; left out: Steps 20, Sampler Euler a, CFG \
         scale 7, model v1-5-pruned",
    );
    let recipe = info(&pinx, "text-2.png")["recipe"].clone();
    assert_eq!((&recipe["seed"], &recipe["size"]), (&json!(42), &json!("64x96")));
    let strict = ["redo", "text.png", "-m", "pinx/sketch", "--strict", "--set", "negative="];
    let strict = pinx.run(&strict).exits(2);
    strict.says("`text.png` was made with what is left out here: Steps 20");
}

/// What a prompt says to its own model alone does not reach another one, and that is told.
#[test]
fn tags_and_weights_are_left_out_and_told() {
    let pinx = Pinx::new();
    let lines = "a (red:1.3) fox <lora:fur:0.6>, ((snow))\nNegative prompt: (rain:1.2)\n\
        Steps: 9, Seed: 4, Size: 32x48, Hires upscale: 2";
    write(&pinx, "theirs.png", &png(b"tEXt", &[b"parameters\0", lines.as_bytes()].concat()));
    let told = info(&pinx, "theirs.png");
    assert_eq!(told["recipe"]["prompt"], "a (red:1.3) fox <lora:fur:0.6>, ((snow))", "as it was");
    let redo = ["redo", "theirs.png", "-m", "pinx/sketch", "--json"];
    let document = pinx.run(&redo).exits(0).json();
    let job = &document["jobs"][0];
    assert_eq!(job["prompt"], "a red fox, snow");
    let adjusted = job["adjustments"].as_array().unwrap();
    let adjusted = adjusted.iter().find(|one| one["field"] == "recipe").unwrap();
    assert_eq!(
        (&adjusted["asked"], &adjusted["got"]),
        (
            &json!("<lora:fur:0.6>, 3 weights, Steps 9, Hires upscale 2, scaling to 64x96"),
            &json!("prompt, seed 4, size 32x48")
        )
    );
    // A prompt of one's own is taken as it is.
    let own = ["redo", "theirs.png", "-m", "pinx/sketch", "--set", "prompt=an (owl:1.2)", "--json"];
    assert_eq!(pinx.run(&own).exits(0).json()["jobs"][0]["prompt"], "an (owl:1.2)");
}

/// A positive branch that is not understood: told, never guessed, and nothing is made of it.
#[test]
fn what_is_not_understood_of_a_graph_is_told_and_never_made_again() {
    let pinx = Pinx::new();
    let graph = json!({
        "3": { "class_type": "KSampler", "inputs": { "seed": 5, "positive": ["6", 0],
            "negative": ["7", 0], "steps": 9 } },
        "6": { "class_type": "SomebodysOwnEncoder", "inputs": { "line": "a red fox" } },
        "7": { "class_type": "CLIPTextEncode", "inputs": { "text": "ugly rain" } },
    });
    write(&pinx, "comfy.png", &png(b"tEXt", format!("prompt\0{graph}").as_bytes()));
    let told = info(&pinx, "comfy.png");
    let why = "its graph holds a node `SomebodysOwnEncoder` that pinx does not follow";
    assert_eq!((&told["recipe"]["prompt"], &told["note"]), (&Value::Null, &json!(why)));
    assert_eq!(
        (&told["recipe"]["negative"], &told["recipe"]["seed"]),
        (&json!("ugly rain"), &json!(5))
    );
    let output = pinx.run(&["info", "comfy.png"]).exits(0);
    assert!(output.stdout.contains("ComfyUI; its prompt cannot be read"), "{output}");
    assert!(output.stdout.contains("SomebodysOwnEncoder"), "{output}");
    let output = pinx.run(&["redo", "comfy.png", "-m", "pinx/sketch"]).exits(2);
    output.says(&format!("the recipe of `comfy.png` has no prompt: {why}")).says("--set prompt");
    let set = ["redo", "comfy.png", "-m", "pinx/sketch", "--set", "prompt=a red fox", "--json"];
    assert_eq!(pinx.run(&set).exits(0).json()["jobs"][0]["prompt"], "a red fox");
}

#[test]
fn a_graph_of_comfyui_is_named_and_its_prompt_shown() {
    let pinx = Pinx::new();
    let graph = json!({
        "3": { "class_type": "KSampler", "inputs": { "seed": 5, "positive": ["6", 0], "steps": 9 } },
        "6": { "class_type": "CLIPTextEncode", "inputs": { "text": "a red fox" } },
    });
    write(&pinx, "comfy.png", &png(b"tEXt", format!("prompt\0{graph}").as_bytes()));
    let told = info(&pinx, "comfy.png");
    assert_eq!(
        (&told["program"], &told["recipe"]["prompt"]),
        (&json!("ComfyUI"), &json!("a red fox"))
    );
    write(&pinx, "flow.png", &png(b"tEXt", b"workflow\0{\"nodes\":[1,2,3]}"));
    let output = pinx.run(&["info", "flow.png"]).exits(0);
    assert!(output.stdout.contains("ComfyUI; its prompt cannot be read"), "{output}");
    pinx.run(&["redo", "flow.png", "-m", "pinx/sketch"]).exits(2).says("--set prompt");
}

#[test]
fn a_file_without_a_recipe_is_found_by_its_hash_wherever_it_went() {
    let pinx = Pinx::new();
    let made = ["generate", "a red fox", "-s", "96x64", "--no-metadata", "--style", "noir"];
    let more = ["--seed", "7", "--colors", "#FF6B6B", "--label", "Fox", "-o", "fox.png"];
    pinx.run(&[&made[..], &more].concat()).exits(0);
    std::fs::rename(pinx.work().join("fox.png"), pinx.work().join("renamed.png")).unwrap();
    let told = info(&pinx, "renamed.png");
    assert_eq!(told["from"], "log");
    assert_eq!(told["recipe"]["colors"], json!(["#FF6B6B"]));
    assert_eq!(told["recipe"]["label"], "Fox");
    assert_eq!(told["log"]["status"], "done");
    assert_eq!(told["log"]["prompt"], "a red fox");
    let output = pinx.run(&["info", "renamed.png"]).exits(0);
    assert!(
        output.stdout.contains("the log, by the hash") && output.stdout.contains("saved as"),
        "{output}"
    );
    let redo = |name: &str| pinx.run(&["redo", name, "--no-metadata"]).exits(0);
    redo("renamed.png").prints(&["renamed-2.png"]);
    assert_eq!(pinx.read("renamed.png"), pinx.read("renamed-2.png"));
    // The file is gone, the log still knows it: by its name, its job and its run.
    std::fs::remove_file(pinx.work().join("renamed.png")).unwrap();
    let job = told["log"]["id"].as_str().unwrap().to_owned();
    for (id, name) in [("fox.png", "fox.png"), (&job, "fox-2.png"), (&job[..15], "fox-3.png")] {
        redo(id).prints(&[name]);
        assert_eq!(pinx.read(name), pinx.read("renamed-2.png"), "{id}");
    }
    // Changed by a byte it is nobody's.
    let mut bytes = pinx.read("fox.png");
    bytes.extend_from_slice(b"\n");
    write(&pinx, "changed.png", &bytes);
    let told = info(&pinx, "changed.png");
    assert_eq!(
        (&told["recipe"], &told["from"], &told["log"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    pinx.run(&["redo", "changed.png"]).exits(2).says("does not tell how it was made");
}

#[test]
fn a_signed_image_is_untouched_and_found_in_the_log_with_its_cost() {
    let fake = OpenAi::start();
    let signed = png(b"caBX", b"jumbf");
    fake.answers(with_image(&signed));
    let pinx = Pinx::new().openai(&fake);
    let made =
        ["generate", "a red fox", "-o", "fox.png", "--negative", "rain", "--colors", "#FF6B6B"];
    pinx.run(&[&made[..], &PAINTED].concat()).exits(0);
    assert_eq!(pinx.read("fox.png"), signed);
    let told = info(&pinx, "fox.png");
    assert_eq!((&told["signed"], &told["from"]), (&json!(true), &json!("log")));
    assert_eq!(told["recipe"]["model"], "openai/gpt-image-2");
    // What the model was told in words is what was asked for.
    assert_eq!(
        (&told["recipe"]["prompt"], &told["recipe"]["negative"]),
        (&json!("a red fox"), &json!("rain"))
    );
    assert_eq!(told["recipe"]["colors"], json!(["#FF6B6B"]));
    assert!(told["log"]["cost"]["estimated"].as_f64().unwrap() > 0.0, "{told:#}");
    let output = pinx.run(&["redo", "fox.png"]).exits(0);
    output.prints(&["fox-2.png"]).says("takes no seed: it makes another picture");
    let bodies: Vec<Value> = fake
        .requests(crate::fake::Kind::Images)
        .iter()
        .map(|request| request.json.clone())
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1], "the same request again");
    let both =
        [info(&pinx, "fox.png"), info(&pinx, "fox-2.png")].map(|told| told["recipe"].clone());
    assert_eq!(both[0], both[1]);
    assert_eq!(info(&pinx, "fox-2.png")["from"], "image");
    // What is written anew carries them no longer, and that is told.
    fake.answers(with_image(&signed));
    let made = [&["generate", "a red fox", "-o", "fox.jpg"], &PAINTED[..]].concat();
    let output = pinx.run(&[&made[..], &["--force"]].concat()).exits(0);
    output.says("signature is left out: the image came signed, and was written anew here");
    assert_eq!(info(&pinx, "fox.jpg")["signed"], false);
}

#[test]
fn redo_goes_through_consent_and_plans_everything_first() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let made = [&["generate", "a red fox", "-n", "3", "-o", "in/"], &PAINTED[..]].concat();
    let run = pinx.run(&[&made[..], &["--json"]].concat()).exits(0).json();
    let run = run["run"].as_str().unwrap();
    assert_eq!(fake.posts(), 3);
    let dry = pinx.run(&["redo", run, "--dry-run", "--json"]).exits(0).json();
    let jobs = dry["jobs"].as_array().unwrap();
    assert_eq!(jobs.len(), 3, "all jobs of a run");
    let ids: Vec<&str> = jobs.iter().map(|job| job["id"].as_str().unwrap()).collect();
    assert!(ids[0].ends_with(".1") && ids[1].ends_with(".2") && ids[2].ends_with(".3"), "{ids:?}");
    pinx.run(&["redo", run, "--max-cost", "0.10"]).exits(6).prints(&[]);
    pinx.run(&["redo", run, "in/none.png"]).exits(2).says("none.png");
    pinx.run(&["redo", run, "-o", "-"]).exits(2).says("stdout takes one image");
    assert_eq!(fake.posts(), 3, "nothing more was sent");
    let output = pinx.run(&["redo", run]).exits(0);
    output.prints(&["a-red-fox.png", "a-red-fox-2.png", "a-red-fox-3.png"]);
    assert_eq!(fake.posts(), 6);
    let job = format!("{run}.2");
    pinx.run(&["redo", &job, "in/a-red-fox.png", "-o", "out/", "--json"]).exits(0);
    assert_eq!(fake.posts(), 8);
    assert!(pinx.files().contains(&"out/a-red-fox-2.png".to_owned()), "{:?}", pinx.files());
}

#[test]
fn raw_parameters_of_a_strange_image_are_not_sent() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let recipe = json!({ "v": 1, "prompt": "a fox", "model": "openai/gpt-image-2",
        "params": { "quality": "max", "user": "x" } });
    let chunk = [b"pinx\0\0\0\0\0", recipe.to_string().as_bytes()].concat();
    write(&pinx, "strange.png", &png(b"iTXt", &chunk));
    assert_eq!(info(&pinx, "strange.png")["recipe"]["params"]["user"], "x");
    pinx.run(&["redo", "strange.png", "--strict"]).exits(2).says("does not know that image");
    assert_eq!(fake.posts(), 0);
    let output = pinx.run(&["redo", "strange.png", "--set", "params.user=me"]).exits(0);
    output.says("`quality`").says("left out of the recipe");
    let sent = fake.requests(crate::fake::Kind::Images)[0].json.clone();
    assert_eq!((&sent["quality"], &sent["user"]), (&json!("medium"), &json!("me")), "{sent}");
    // What this log knows is sent as it was.
    pinx.run(&["redo", "strange-2.png", "--yes"]).exits(0).never_says("left out");
    assert_eq!(fake.requests(crate::fake::Kind::Images)[1].json, sent);
    // A model that nobody knows.
    let recipe = json!({ "v": 1, "prompt": "a fox", "model": "acme/brush" });
    let chunk = [b"pinx\0\0\0\0\0", recipe.to_string().as_bytes()].concat();
    write(&pinx, "acme.png", &png(b"iTXt", &chunk));
    pinx.run(&["redo", "acme.png"]).exits(2).says("acme.png").says("acme/brush").says("-m");
}

#[test]
fn what_cannot_be_read_is_told_and_the_others_still_are() {
    let pinx = Pinx::new().file("notes.txt", "not an image").file("dir/x", "");
    pinx.run(&["generate", "a fox", "-s", "64x64", "-o", "fox.png"]).exits(0);
    write(&pinx, "torn.png", &pinx.read("fox.png")[..100]);
    let names = ["notes.txt", "fox.png", "none.png", "dir", "torn.png"];
    let output = pinx.run(&[&["info"][..], &names].concat()).exits(2);
    assert!(output.stdout.starts_with("fox.png\n") && output.stdout.contains("a fox"), "{output}");
    let output = output.says("`notes.txt` cannot be read: it is text").says("`none.png`");
    output.says("`dir`").says("`torn.png` cannot be read: the PNG ends before IEND");
    let document = pinx.run(&[&["info", "--json"][..], &names].concat()).exits(2).json();
    assert_eq!(document["success"], false);
    let images = document["images"].as_array().unwrap();
    assert_eq!(images.len(), 5);
    assert_eq!(images[0]["error"]["code"], "unreadable_image");
    assert_eq!((&images[1]["file"], &images[1]["error"]), (&json!("fox.png"), &Value::Null));
    let keys = |image: &Value| image.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&images[0]), keys(&images[1]), "every key is always there");
    let piped = pinx.command(&["info", "-"]).stdin(pinx.read("fox.png")).run().exits(0);
    assert!(piped.stdout.starts_with("stdin\n") && piped.stdout.contains("a fox"), "{piped}");
    let piped = pinx.command(&["redo", "-"]).stdin(pinx.read("fox.png")).run().exits(0);
    piped.prints(&["a-fox.png"]);
    assert_eq!(pinx.run(&["info", "--json"]).exits(2).json()["success"], false);
}

#[test]
fn hostile_files_cost_little_and_stay_inert() {
    let pinx = Pinx::new();
    // 64 MiB of zeros in 64 kB.
    let bomb = [b"parameters\0\0".to_vec(), deflated(&vec![b'a'; 64 << 20])].concat();
    write(&pinx, "bomb.png", &png(b"zTXt", &bomb));
    let (output, peak) = pinx.command(&["info", "bomb.png", "--json"]).spawn().finish_watched();
    assert_eq!(output.exits(0).json()["images"][0]["recipe"], Value::Null);
    assert!(peak < 60 * 1024, "{peak} KiB");
    let evil = "a \u{1b}[2J\u{9b}31m \u{202e}fox\u{7f} sk-0123456789abcdefghij\nSteps: 1, Seed: 2, Size: 64x96";
    write(&pinx, "evil.png", &png(b"iTXt", &[b"parameters\0\0\0\0\0", evil.as_bytes()].concat()));
    let output = pinx.run(&["info", "evil.png"]).exits(0).stays_inert();
    assert!(output.stdout.contains("fox") && output.stdout.contains("[redacted]"), "{output}");
    let output = pinx.run(&["info", "evil.png", "--json"]).exits(0).stays_inert();
    let prompt = output.json()["images"][0]["recipe"]["prompt"].clone();
    assert_eq!(prompt, "a \u{1b}[2J\u{9b}31m \u{202e}fox\u{7f} [redacted]");
    assert!(output.stdout.lines().count() > 10);
    let long = format!("{}\nSteps: 1, Seed: 2, Size: 64x96", "a red fox ".repeat(200_000));
    write(&pinx, "long.png", &png(b"tEXt", &[b"parameters\0", long.as_bytes()].concat()));
    let output = pinx.run(&["info", "long.png"]).exits(0);
    assert!(output.stdout.lines().all(|line| line.chars().count() < 80));
    let key = format!("a fox {OPENAI_KEY}\nSteps: 1, Seed: 2, Size: 64x96");
    let chunk = png(b"zTXt", &[&b"parameters\0\0"[..], &deflated(key.as_bytes())].concat());
    // `run` looks for the key in what is said.
    pinx.command(&["info", "-", "--json"]).stdin(chunk.clone()).run().exits(0);
    pinx.command(&["info", "-"]).stdin(chunk).run().exits(0);
}

#[test]
fn a_seeded_picture_comes_from_the_cache() {
    let fake = crate::fake::fal::Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let made = ["generate", "a fox", "-m", "fal/flux-schnell", "--seed", "7", "-o", "fox.jpg"];
    pinx.run(&made).exits(0);
    let document = pinx.run(&["redo", "fox.jpg", "--json"]).exits(0).json();
    assert_eq!(document["jobs"][0]["status"], "cached", "{document:#}");
    assert_eq!(pinx.read("fox.jpg"), pinx.read("fox-2.jpg"));
    // That copy never had an intent; its own entry tells the recipe.
    let job = document["jobs"][0]["id"].as_str().unwrap();
    let again = pinx.run(&["redo", job, "--json"]).exits(0).json();
    assert_eq!(again["jobs"][0]["status"], "cached", "{again:#}");
    assert_eq!(again["jobs"][0]["seed"], 7);
    assert_eq!(fake.posts(), 1);
    assert!(pinx.files().contains(&"fox-3.jpg".to_owned()), "{:?}", pinx.files());
}

#[test]
fn a_picture_whose_fate_is_open_is_not_made_again() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    fake.answers(crate::fake::Answer::html(502));
    let output = pinx.run(&[&["generate", "a fox", "--json"], &PAINTED[..]].concat()).exits(75);
    let run = output.json()["run"].as_str().unwrap().to_owned();
    pinx.run(&["redo", &run]).exits(2).says("pinx recover");
    assert_eq!(fake.posts(), 1);
}
