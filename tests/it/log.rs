//! The log: what it keeps of a run, and what `pinx log` shows of it.

use serde_json::Value;

use crate::fake::Kind;
use crate::fake::openai::{OpenAi, error, refused};
use crate::pinx::Pinx;

const MODEL: [&str; 2] = ["-m", "openai/gpt-image-2"];

#[test]
fn every_entry_has_its_version_time_and_ids() {
    let fake = OpenAi::start();
    fake.next(Kind::Images, error(500, "server_error", "sorry"));
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&[&["generate", "a red fox"], &MODEL[..]].concat()).exits(0);
    let journal = pinx.journal();
    for entry in &journal {
        for key in ["v", "t", "e", "run", "job", "attempt"] {
            assert!(entry.get(key).is_some(), "`{key}` is missing: {entry}");
        }
        let (run, job) = (entry["run"].as_str().unwrap(), entry["job"].as_str().unwrap());
        assert!(
            job.starts_with(run) && entry["attempt"].as_str().unwrap().starts_with(job),
            "{entry}"
        );
        assert!(run.len() == 15 && run.as_bytes()[6] == b'-', "{run}");
    }
    let events: Vec<&str> = journal.iter().filter_map(|entry| entry["e"].as_str()).collect();
    assert_eq!(events, ["intent", "tried", "intent", "done"]);
    assert_ne!(journal[0]["attempt"], journal[2]["attempt"]);
}

#[test]
fn an_intent_reserves_and_a_done_settles_in_micro_dollars() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&[&["generate", "a red fox"], &MODEL[..]].concat()).exits(0);
    let (intent, done) = (pinx.entries("intent").remove(0), pinx.entries("done").remove(0));
    assert_eq!(intent["reserve"], 52_725, "{intent}");
    assert_eq!(done["cost"], 52_725, "{done}");
    assert_eq!(done["prompt"], "a red fox");
    assert_eq!(done["images"].as_array().unwrap().len(), 1, "{done}");
}

#[test]
fn the_list_filters_by_text_model_and_status() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&["generate", "a blue whale", "-m", "pinx/sketch", "-s", "64x64"]).exits(0);
    pinx.run(&[&["generate", "a red fox"], &MODEL[..]].concat()).exits(0);
    fake.next(Kind::Images, refused());
    pinx.run(&[&["generate", "a grim thing"], &MODEL[..]].concat()).exits(5);
    let shown = |args: &[&str]| pinx.run(&[&["log"], args].concat()).exits(0).stdout;
    let all = shown(&[]);
    assert!(
        all.contains("a blue whale") && all.contains("a red fox") && all.contains("a grim thing"),
        "{all}"
    );
    assert!(all.lines().all(|line| line.chars().count() <= 80), "{all}");
    let refusals = shown(&["--status", "refused"]);
    assert!(refusals.contains("a grim thing") && !refusals.contains("a red fox"), "{refusals}");
    let sketches = shown(&["--model", "pinx/sketch"]);
    assert!(sketches.contains("a blue whale") && !sketches.contains("a red fox"), "{sketches}");
    let whales = shown(&["--text", "whale"]);
    assert!(whales.contains("a blue whale") && !whales.contains("a red fox"), "{whales}");
    let none = shown(&["--since", "2100-01-01"]);
    assert!(!none.contains("a blue whale"), "{none}");
}

#[test]
fn the_list_as_json_is_one_document() {
    let pinx = Pinx::new();
    assert!(pinx.run(&["log", "--json"]).exits(0).json().is_object() || pinx.files().is_empty());
    pinx.run(&["generate", "a red fox", "-s", "64x64"]).exits(0);
    let document = pinx.run(&["log", "--json"]).exits(0).json();
    assert!(document.to_string().contains("a red fox"), "{document:#}");
}

#[test]
fn one_entry_is_shown_by_a_unique_prefix() {
    let pinx = Pinx::new();
    let document = pinx.run(&["generate", "a red fox", "-s", "64x64", "--json"]).exits(0).json();
    let run = document["run"].as_str().unwrap();
    for id in [run, &run[..12], document["jobs"][0]["id"].as_str().unwrap()] {
        let output = pinx.run(&["log", "show", id]).exits(0);
        assert!(
            output.stdout.contains("a red fox") && output.stdout.contains("a-red-fox.png"),
            "{output}"
        );
    }
    pinx.run(&["log", "show", "nonsense"]).exits(2).says("nonsense");
    let shown: Value = pinx.run(&["log", "show", run, "--json"]).exits(0).json();
    assert!(shown.to_string().contains("a-red-fox.png"), "{shown:#}");
}

#[test]
fn an_attempt_that_never_connected_is_not_called_sent() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&[&["generate", "a red fox"], &MODEL[..]].concat()).exits(0);
    let shown = |pinx: &Pinx| pinx.run(&["log", "show"]).exits(0).stdout;
    let is_sent = |text: &str| text.lines().any(|line| line.ends_with(" sent"));
    assert!(is_sent(&shown(&pinx)), "{}", shown(&pinx));
    // Nobody listens at port 9 of this machine.
    let pinx = pinx.env("PINX_PROVIDERS_OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    pinx.run(&[&["generate", "a red hen", "--retries", "0"], &MODEL[..]].concat()).exits(1);
    let text = shown(&pinx);
    assert!(text.contains("a red hen") && text.contains("begun, but not sent"), "{text}");
    assert!(!is_sent(&text.replace("not sent", "")), "{text}");
}

#[test]
fn the_path_is_where_the_log_lives() {
    let pinx = Pinx::new();
    let output = pinx.run(&["log", "path"]).exits(0);
    assert_eq!(output.stdout.trim_end(), pinx.data().join("log").display().to_string(), "{output}");
}

#[test]
fn a_thousand_old_entries_of_other_versions_are_read() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a red fox", "-s", "64x64"]).exits(0);
    let segment = pinx.segments().remove(0);
    let mut text = std::fs::read_to_string(&segment).unwrap();
    text.push_str("{\"v\":99,\"t\":\"2026-11-22T00:00:00Z\",\"e\":\"dreamt\",\"run\":\"261122-00000000\",\"new\":[1]}\n");
    text.push_str("not json at all\n");
    std::fs::write(&segment, &text).unwrap();
    let output = pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0);
    assert!(output.stdout.contains("a red fox"), "{output}");
    pinx.run(&["generate", "a red hen", "-s", "64x64"]).exits(0);
}

#[test]
fn a_slip_or_a_mere_date_names_no_run() {
    let pinx = Pinx::new().damaged();
    std::fs::create_dir(pinx.data().join("log")).unwrap();
    let line = r#"{"v":1,"t":"2026-11-22T10:00:00Z","e":"done","run":"261122-7f3k9q2m","job":"261122-7f3k9q2m.1","attempt":"261122-7f3k9q2m.1.1","provider":"fal","model":"fal/flux-schnell","billed":"yes","code":"done","images":[],"prompt":"a fox"}"#;
    std::fs::write(pinx.data().join("log/2026-11.jsonl"), format!("{line}\n")).unwrap();
    for id in ["2", "2611", "261122", "261122.1", "261122-", "261122-7", "7f"] {
        pinx.run(&["redo", id]).exits(2).says("`pinx log` lists what there is");
        pinx.run(&["vote", id, "tie"]).exits(2).says("no run of the log has the id");
    }
    for command in [&["info"][..], &["log", "show"], &["open"], &["recover", "--forget"]] {
        pinx.run(&[command, &["261122"]].concat()).exits(2);
    }
    for id in ["261122-7f", "7f3k9", "7f3k9.1", "261122-7f3k9q2m"] {
        pinx.run(&["log", "show", id]).exits(0);
    }
    // What is only looked for may be all of a day.
    let found = pinx.run(&["log", "--run", "261122", "--json"]).exits(0).json();
    assert_eq!(found["entries"].as_array().map(Vec::len), Some(1), "{found}");
}
