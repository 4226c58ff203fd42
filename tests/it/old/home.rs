//! A home that version 0.1.0 left: its log is read, its batch goes on, what was pending is collected.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::frozen::text;
use super::keys::{batch_keys, hex};
use super::{JOBS, World};
use crate::fake::{Answer, Kind, fal};
use crate::pinx::Pinx;

/// The log as version 0.1.0 left it, with this world's places in it.
pub fn old_home() -> World {
    let world = World::new();
    let frozen = text("log.jsonl", || panic!("the log is frozen first"));
    let out = world.pinx.work().join("out");
    fs::create_dir_all(&out).unwrap();
    let out = out.canonicalize().unwrap().display().to_string();
    let mut keys = batch_keys(&out).into_iter();
    let file = crate::fake::image::bytes(8, 8, "png");
    let mut known: Vec<(String, String)> = Vec::new();
    let mut log = String::new();
    for (at, line) in frozen.lines().enumerate() {
        let mut line = line.replace("{TIME}", &format!("2026-11-22T10:00:{:02}Z", at % 60));
        for (to, from) in world.names().iter().rev() {
            line = line.replace(from, to);
        }
        for number in (1..=40).rev() {
            line = line.replace(&format!("{{RUN{number}}}"), &format!("261122-{number:08}"));
        }
        line = line.replace("{PRINT}", "a1b2c3");
        let entry: Value = serde_json::from_str(&line).unwrap();
        if entry["key"] == "{KEY}" {
            let job = entry["job"].as_str().unwrap().to_owned();
            let key = known.iter().find(|(known, _)| *known == job).map(|(_, key)| key.clone());
            let key = key.unwrap_or_else(|| {
                let key = keys.next().unwrap();
                known.push((job, key.clone()));
                key
            });
            line = line.replace("{KEY}", &key);
        }
        // The files are others: the log tells of these.
        for image in entry["images"].as_array().into_iter().flatten() {
            let path = Path::new(image["path"].as_str().unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &file).unwrap();
            line = line.replace(image["sha256"].as_str().unwrap(), &hex(&Sha256::digest(&file)));
            let length = |bytes: &Value| format!("\"bytes\":{bytes},");
            line = line.replace(&length(&image["bytes"]), &length(&Value::from(file.len())));
        }
        log += &line;
        log.push('\n');
    }
    fs::create_dir_all(world.pinx.data().join("log")).unwrap();
    fs::write(world.pinx.data().join("log/2026-11.jsonl"), log).unwrap();
    fs::write(world.pinx.work().join("jobs.jsonl"), JOBS).unwrap();
    world
}

fn counts(pinx: &Pinx, args: &[&str], pointer: &str) -> Value {
    let document = pinx.run(args).exits(0).json();
    document.pointer(pointer).unwrap_or_else(|| panic!("{pointer}: {document}")).clone()
}

#[test]
fn an_old_batch_is_done() {
    let World { pinx, openai, fal } = old_home();
    let output = pinx.run(&["batch", "jobs.jsonl", "-o", "out"]).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (0, 0), "{output}");
    // Also the job that has an `id`, which names no file of that version.
    assert!(output.stdout.starts_with("out/001-a-harbour.png\n"), "{output}");
}

#[test]
fn an_old_log_is_read() {
    let World { pinx, .. } = old_home();
    let jobs = counts(&pinx, &["log", "--json", "--limit", "100"], "/entries");
    assert_eq!(jobs.as_array().map(Vec::len), Some(17), "{jobs:#}");
    let ranked = counts(&pinx, &["stats", "--ab", "--json"], "/models/0/model");
    assert_eq!(ranked, "fal/flux-schnell");
    let stats = pinx.run(&["stats", "--json"]).exits(0).json();
    assert!(stats.to_string().contains("\"refused\":1"), "{stats:#}");
}

#[test]
fn what_was_pending_in_an_old_log_is_collected() {
    let World { pinx, fal, .. } = old_home();
    let pending = pinx.entries("submitted").pop().unwrap();
    let id = pending["call"]["memo"]["id"].as_str().unwrap().to_owned();
    fal.always(Kind::Status, fal::completed(&id));
    let link = format!("{}/files/64x64/{id}.png", fal.cdn.url());
    fal.always_with(Kind::Result, move |_, _: Answer| fal::result(&link, 64, 64));
    let output = pinx.run(&["recover"]).exits(0);
    assert!(output.files.iter().any(|file| file.starts_with("a-slow-snail")), "{output}");
    assert_eq!(fal.posts(), 0, "{output}");
}
