//! What earlier versions wrote stays readable and equal: log lines, recipes, batch and cache keys,
//! documents, names.
//!
//! Frozen files stand in `tests/it/old/`. They were written by version 0.1.0 and are never written
//! again: a newer version may add keys to an object, and change none. `FREEZE_OLD=1` writes those
//! that do not exist yet, for a version that writes something new.

mod frozen;
mod home;
mod keys;
mod names;
mod recipes;

use serde_json::{Value, json};

use self::frozen::Frozen;
pub use self::home::old_home;
pub use self::keys::hex;
use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, error, refused};
use crate::fake::{Answer, Kind};
use crate::pinx::Pinx;

/// A prompt with everything that a string can hold and a line may not.
const PROMPT: &str = "a red fox, \"quoted\"\n\tüber 夜 \u{1f98a} C:\\dir";

/// A world of its own with both providers, each of which answers at once.
pub struct World {
    pub openai: OpenAi,
    pub fal: Fal,
    pub pinx: Pinx,
}

impl World {
    pub fn new() -> World {
        let (openai, fal) = (OpenAi::start(), Fal::start());
        let pinx = Pinx::new().openai(&openai).fal(&fal).env("PINX_CONCURRENCY", "1");
        World { openai, fal, pinx }
    }

    /// What differs from run to run, and the name of it in frozen files.
    pub fn names(&self) -> Vec<(String, &'static str)> {
        let work = self.pinx.work();
        let temp = work.parent().unwrap().to_owned();
        let host = |url: String| url.replace("http://", "");
        // A drawing of ours has a look, whose version is in the file.
        let drawn = std::fs::read(work.join("a-sketched-boat.png")).unwrap_or_default();
        let hash: String = <sha2::Sha256 as sha2::Digest>::digest(drawn)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        vec![
            (hash, "67387365b4cb73b4d8aba4d22d4a8ba6897af7076f422e5e2f4772a2d9b6128a"),
            (pinx::render::LOOK.to_owned(), "sketch-v1"),
            (host(self.openai.url()), "{OPENAI}"),
            (host(self.fal.url()), "{FAL}"),
            (host(self.fal.cdn.url()), "{CDN}"),
            (temp.canonicalize().unwrap().display().to_string(), "{TEMP}"),
            (temp.display().to_string(), "{TEMP}"),
        ]
    }

    /// Everything that the log can tell of: each kind of entry, each way for an attempt to end.
    pub fn lives(&self) {
        let World { openai, fal, pinx } = self;
        let run = |code: i32, args: &[&str]| {
            pinx.run(args).exits(code);
        };
        run(
            0,
            &[
                "generate",
                PROMPT,
                "-m",
                "openai/gpt-image-2",
                "-s",
                "1024x1024",
                "--quality",
                "low",
                "--style",
                "noir",
                "--colors",
                "#FF6B6B,#4ECDC4",
                "--negative",
                "text",
                "-P",
                "user=me",
                "-f",
                "webp",
                "-o",
                "all/{slug}.{ext}",
            ],
        );
        // Made, then had again from the cache.
        let seeded = ["generate", "a blue owl", "-m", "fal/flux-schnell", "--seed", "7"];
        run(0, &seeded);
        run(0, &seeded);
        run(0, &["generate", "a sketched boat", "-m", "pinx/sketch", "--seed", "3", "-s", "64x64"]);
        openai.answers(error(429, "rate_limit_exceeded", "slow down"));
        run(0, &["generate", "a busy street", "-m", "openai/gpt-image-2"]);
        openai.answers(refused());
        run(5, &["generate", "a refused thing", "-m", "openai/gpt-image-2", "--no-fallback"]);
        openai.answers(error(400, "invalid_value", "this size is not one"));
        run(1, &["generate", "a wrong thing", "-m", "openai/gpt-image-2", "--no-fallback"]);
        openai.answers(Answer::dropped());
        run(75, &["generate", "a lost thing", "-m", "openai/gpt-image-2", "--no-fallback"]);
        let lost = pinx.entries("open").pop().unwrap();
        run(0, &["recover", "--forget", lost["attempt"].as_str().unwrap()]);
        // An answer that only says where the image is: it is kept until the image is here.
        let link = format!("{}/files/1024x1024/a.png", fal.cdn.url());
        openai.answers(Answer::json(200, &json!({ "created": 1, "data": [{ "url": link }] })));
        run(0, &["generate", "a linked thing", "-m", "openai/gpt-image-2"]);
        run(
            0,
            &[
                "compare",
                "a duel",
                "-m",
                "openai/gpt-image-2,fal/flux-schnell",
                "--tag",
                "t",
                "--seed",
                "4",
                "-o",
                "duel",
            ],
        );
        let run_id = pinx.entries("compared").pop().unwrap()["run"].as_str().unwrap().to_owned();
        run(0, &["vote", &run_id, "fal/flux-schnell"]);
        std::fs::write(pinx.work().join("jobs.jsonl"), JOBS).unwrap();
        // That version did not know that an `id` is the name of a file.
        run(0, &["batch", "jobs.jsonl", "-o", "out/{number}-{title}.{ext}"]);
        // Still in the queue when the time is over.
        let queued = json!({ "status": "IN_QUEUE", "queue_position": 9 });
        fal.always(Kind::Status, Answer::json(202, &queued));
        let pending = [
            "generate",
            "a slow snail",
            "-m",
            "fal/flux-schnell",
            "--deadline",
            "100ms",
            "--seed",
            "9",
        ];
        run(75, &pending);
    }
}

/// A batch that uses every key which makes the picture.
pub const JOBS: &str = r##"{"prompt":"a harbour","model":"openai/gpt-image-2","size":"1024x1024","quality":"low","tags":["sea"],"id":"one"}
{"prompt":"{animal} in a boat","vars":{"animal":"an owl"},"model":"fal/flux-schnell","seed":11,"count":2,"output":"owls/{n}.jpg"}
{"prompt":"a harbour","model":"openai/gpt-image-2","size":"1024x1024","quality":"low"}
{"prompt":"a mug","model":"openai/gpt-image-2","aspect":"3:2","background":"opaque","format":"webp","style":"noir","colors":["#FF6B6B"],"negative":"text","params":{"user":"me"}}
"##;

#[test]
fn every_kind_of_log_line_has_the_old_bytes() {
    let world = World::new();
    world.lives();
    // Jobs of one run go on beside each other.
    let mut lines = world.pinx.journal();
    let mut runs: Vec<Value> = lines.iter().map(|line| line["run"].clone()).collect();
    runs.dedup();
    let place = |line: &Value| runs.iter().position(|run| *run == line["run"]);
    lines.sort_by_key(|line| (place(line), line["attempt"].as_str().unwrap().to_owned()));
    Frozen::of(&world).holds("log.jsonl", &lines);
}

/// The names in a document, and of lists the first item.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().take(1).map(shape).collect(),
        _ => Value::Null,
    }
}

#[test]
fn documents_have_the_old_names() {
    let world = World::new();
    world.lives();
    let commands: [(&str, i32, &[&str]); 7] = [
        ("log", 0, &["log", "--json", "--limit", "100"]),
        ("stats", 0, &["stats", "--json", "--by", "model"]),
        ("ranking", 0, &["stats", "--ab", "--json"]),
        ("info", 0, &["info", "--json", "a-blue-owl-2.jpg", "out/owls/1.jpg"]),
        ("batch", 0, &["batch", "jobs.jsonl", "-o", "out", "--json"]),
        ("redo", 0, &["redo", "a-blue-owl.jpg", "--dry-run", "--json"]),
        ("recover", 75, &["recover", "--list", "--json"]),
    ];
    let mut frozen = Frozen::of(&world);
    for (name, code, args) in commands {
        let output = world.pinx.run(args);
        let mut document = output.exits(code).json();
        // That version told of the newest job that had made a file's bytes, whatever its name was.
        if name == "info" {
            let image = &mut document["images"][0];
            for name in ["file", "path"] {
                image[name] = json!(image[name].as_str().unwrap().replace("owl-2", "owl"));
            }
        }
        frozen.holds(&format!("document-{name}.json"), &[document]);
    }
    // Prices and times of the catalog change, names do not.
    let models = world.pinx.run(&["models", "openai/gpt-image-2", "--json"]).exits(0).json();
    frozen.holds("document-models.json", &[shape(&models)]);
}
