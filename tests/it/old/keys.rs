//! Keys by which work is found again: of batch jobs in the log, of pictures in the cache.
//!
//! What is hashed is written out here by hand.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{JOBS, World};
use crate::pinx::files_below;

/// Bytes as they stand in the log.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The keys of a batch's jobs: what each asks for, and the directory it goes to; equal ones differ
/// by how many came before.
pub fn batch_keys(out: &str) -> Vec<String> {
    let mut before: Vec<u128> = Vec::new();
    let key = |job: Value| {
        let text = job.to_string().replace("\"{OUT}\"", &Value::from(out).to_string());
        let key = u128::from_str_radix(&hex(&Sha256::digest(text.as_bytes())[..16]), 16).unwrap();
        let equals = before.iter().filter(|other| **other == key).count() as u128;
        before.push(key);
        format!("{:032x}", key.wrapping_add(equals << 64 | equals))
    };
    wanted().into_iter().map(key).collect()
}

/// Version, directory, prompt, model, number, output, size, aspect, quality, format, seed, negative,
/// style, colors, background, label, params.
fn wanted() -> [Value; 5] {
    let harbour = json!([
        1,
        "{OUT}",
        "a harbour",
        "openai/gpt-image-2",
        0,
        null,
        "1024x1024",
        null,
        "low",
        null,
        null,
        null,
        null,
        [],
        null,
        null,
        {}
    ]);
    let owl = |number: u32| {
        json!([
            1,
            "{OUT}",
            "an owl in a boat",
            "fal/flux-schnell",
            number,
            "owls/{n}.jpg",
            null,
            null,
            null,
            "jpeg",
            11 + number,
            null,
            null,
            [],
            null,
            null,
            {}
        ])
    };
    let mug = json!([
        1, "{OUT}", "a mug", "openai/gpt-image-2", 0, null, null, "3:2", null, "webp", null, "text",
        "noir", ["#FF6B6B"], "opaque", null, { "user": "me" }
    ]);
    [harbour.clone(), owl(0), owl(1), harbour, mug]
}

#[test]
fn a_batch_job_has_its_old_key() {
    let world = World::new();
    std::fs::write(world.pinx.work().join("jobs.jsonl"), JOBS).unwrap();
    world.pinx.run(&["batch", "jobs.jsonl", "-o", "out"]).exits(0);
    let out = world.pinx.work().join("out").canonicalize().unwrap();
    let out = out.display().to_string();
    let made: Vec<String> = world
        .pinx
        .entries("intent")
        .iter()
        .map(|entry| entry["key"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(made, batch_keys(&out));
}

#[test]
fn a_cached_picture_has_its_old_key() {
    let world = World::new();
    world.pinx.run(&["generate", "an owl", "-m", "fal/flux-schnell", "--seed", "7"]).exits(0);
    let cached = files_below(&world.pinx.data().join("cache"));
    let names: Vec<String> = cached
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let order = world.pinx.entries("intent").pop().unwrap()["order"].clone();
    let Value::Object(mut order) = order else { panic!("an order is an object") };
    order["id"] = json!("");
    let at = |role: &str| world.fal.role(role);
    let sent = json!({
        "v": 1, "provider": "fal", "dialect": "fal",
        "addresses": {
            "api": at("api/v1"), "queue": at("queue"), "rest": at("rest"), "run": at("run"),
        },
        "order": order, "k": 0,
    });
    assert_eq!(names, [hex(&Sha256::digest(sent.to_string().as_bytes()))], "{sent}");
}
