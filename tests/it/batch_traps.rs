//! What was found by trying to break a batch: names that collide, prices that change, places that are
//! written in several ways, documents out of order.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::batch::{MODEL, batch, images, world};
use crate::fake::fal::{Fal, server_error};
use crate::fake::openai::{OpenAi, error, rate_limited, refused, with_image};
use crate::fake::{Answer, Gate, Kind, image};
use crate::pinx::Pinx;

/// Names of the paid images among the files: what the fake makes, not what pinx draws.
fn paid(pinx: &Pinx) -> usize {
    let is_paid = |entry: &Value| entry["provider"] == "openai";
    let done = pinx.entries("done").into_iter().filter(is_paid);
    let mut whole = BTreeSet::new();
    for image in done.flat_map(|entry| entry["images"].as_array().unwrap().clone()) {
        let path = image["path"].as_str().unwrap().to_owned();
        let bytes = std::fs::metadata(&path).unwrap().len();
        if bytes == image["bytes"].as_u64().unwrap() {
            whole.insert(path);
        }
    }
    whole.len()
}

#[test]
fn jobs_of_one_name_never_replace_each_other() {
    for first in ["--sketch --dry-run", "--force"] {
        let fake = OpenAi::start();
        let pinx = Pinx::new().openai(&fake).file("p.txt", "a fox\na fox\na fox\n");
        let args = ["p.txt", "-o", "o/{slug}.{ext}"];
        if first != "--force" {
            batch(&pinx, &[&args[..], &first.split(' ').collect::<Vec<_>>()].concat()).exits(0);
            batch(&pinx, &args).exits(0);
        } else {
            batch(&pinx, &[&args[..], &[first]].concat()).exits(0);
        }
        assert_eq!((fake.posts(), paid(&pinx), images(&pinx)), (3, 3, 3), "{first}");
    }
}

#[test]
fn a_rehearsal_replaces_its_own_drawings_only() {
    let fake = OpenAi::start();
    let pinx =
        Pinx::new().openai(&fake).file("j.jsonl", "{\"prompt\":\"a fox\",\"size\":\"1024x1024\"}");
    batch(&pinx, &["j.jsonl"]).exits(0).prints(&["001-a-fox.png"]);
    // Another size is another job, whose drawing stands beside the image that was paid for.
    let pinx = pinx.file("j.jsonl", "{\"prompt\":\"a fox\",\"size\":\"1024x1536\"}");
    batch(&pinx, &["j.jsonl", "--dry-run", "--sketch"]).exits(0).prints(&["001-a-fox-2.png"]);
    batch(&pinx, &["j.jsonl"]).exits(0).prints(&["001-a-fox-2.png"]);
    assert_eq!((fake.posts(), paid(&pinx), images(&pinx)), (2, 2, 2));
    // A drawing whose name tells the model goes when the image has its own.
    let args = ["j.jsonl", "-o", "m/{model}-{slug}.{ext}"];
    let drawn = batch(&pinx, &[&args[..], &["--dry-run", "--sketch"]].concat()).exits(0);
    drawn.prints(&["m/sketch-a-fox.png"]);
    batch(&pinx, &args).exits(0).prints(&["m/gpt-image-2-a-fox.png"]);
    assert_eq!(images(&pinx), 3);
}

#[test]
fn a_directory_is_one_place_however_it_is_written() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 1);
    batch(&pinx, &["p.txt", "-o", "out/"]).exits(0);
    std::os::unix::fs::symlink("out", pinx.work().join("link")).unwrap();
    for place in ["out", "./out/", "out/../out/", "link/", "link"] {
        batch(&pinx, &["p.txt", "-o", place]).exits(0).says("1 done before");
    }
    batch(&pinx, &["p.txt"]).exits(0);
    batch(&pinx, &["p.txt", "-o", "./"]).exits(0).says("1 done before");
    assert_eq!(fake.posts(), 2);
}

#[test]
fn what_a_job_may_cost_holds_for_all_its_attempts() {
    let job = json!({
        "prompt": "a fox", "model": "openai/gpt-image-2", "quality": "low", "max_cost": 0.006,
        "fallback": "openai/gpt-image-1.5",
    });
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &job.to_string());
    fake.always(Kind::Images, error(500, "server_error", "no"));
    pinx.run(&["batch", "j.jsonl", "--retries", "0"]).exits(6).says("`max_cost` is $0.006");
    assert_eq!(fake.posts(), 1);
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &job.to_string());
    fake.always(Kind::Images, Answer::dropped());
    pinx.run(&["batch", "j.jsonl", "--retry-ambiguous", "3"]).exits(75).says("may have been spent");
    assert_eq!(fake.posts(), 1);
}

/// A batch whose first request of unknown outcome is repeated, because the user said so; `second` is
/// what comes of that.
fn repeated(second: Answer, code: i32) -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("p.txt", "a fox\n");
    fake.next(Kind::Images, Answer::dropped()).next(Kind::Images, second);
    let once = ["p.txt", "--retry-ambiguous", "1", "--retries", "0"];
    let output = batch(&pinx, &once).exits(code);
    assert_eq!(fake.posts(), 2, "{output}");
    (fake, pinx)
}

#[test]
fn fault_82_what_is_forgotten_of_one_attempt_says_nothing_of_the_image_that_another_made() {
    let (fake, pinx) = repeated(with_image(&image::bytes(64, 64, "png")), 0);
    pinx.run(&["recover", "--forget", "all-unknown", "-y"]).exits(0);
    batch(&pinx, &["p.txt"]).exits(0).says("1 done before");
    assert_eq!((fake.posts(), images(&pinx)), (2, 1));
}

#[test]
fn fault_82_what_fails_behind_an_open_attempt_does_not_close_it() {
    for (second, retry) in [(rate_limited(), "--yes"), (refused(), "--retry-failed")] {
        let (fake, pinx) = repeated(second, 75);
        batch(&pinx, &["p.txt", retry]).exits(75).says("1 open");
        assert_eq!(fake.posts(), 2);
        // It is the user who says that nothing will come of it.
        pinx.run(&["recover", "--forget", "all-unknown", "-y"]).exits(0);
        batch(&pinx, &["p.txt"]).exits(0);
        assert_eq!((fake.posts(), images(&pinx)), (3, 1));
    }
}

#[test]
fn fault_82_a_fallback_that_fails_leaves_what_went_before_to_recover() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new()
        .openai(&openai)
        .fal(&fal)
        .env("PINX_FALLBACK_ON", "ambiguous")
        .file("p.txt", "a fox\n");
    openai.next(Kind::Images, Answer::dropped());
    fal.answers(server_error(429, "rate_limited"));
    let routes = ["-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell", "--retries", "0"];
    let command = [&["batch", "p.txt"][..], &routes].concat();
    pinx.run(&command).exits(75).says("some outcomes are open");
    pinx.run(&command).exits(75).says("1 open");
    assert_eq!((openai.posts(), fal.posts()), (1, 1));
    pinx.run(&["recover", "--forget", "all-unknown", "-y"]).exits(0);
    pinx.run(&command).exits(0);
    assert_eq!((openai.posts(), fal.posts(), images(&pinx)), (2, 1, 1));
}

#[test]
fn fault_82_one_image_that_fails_behind_an_open_attempt_is_not_to_be_asked_for_again() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    fake.next(Kind::Images, Answer::dropped()).next(Kind::Images, rate_limited());
    let once = ["generate", "a fox", "--retry-ambiguous", "1", "--retries", "0"];
    pinx.run(&[&once[..], &MODEL].concat()).exits(75).says("do not run the command again");
    pinx.run(&["recover", "--list"]).exits(75);
}

#[test]
fn raw_parameters_that_change_the_price_make_it_unknown() {
    let fake = OpenAi::start();
    let job = json!({ "prompt": "a fox", "quality": "low", "params": { "quality": "high" } });
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &job.to_string());
    batch(&pinx, &["j.jsonl", "--max-cost", "0.01"]).exits(6).says("unknown");
    let args = ["generate", "a fox", "-P", "size=3840x2160", "--max-cost", "0.01"];
    pinx.run(&[&args[..], &MODEL].concat()).exits(6).says("unknown");
    assert_eq!(fake.posts(), 0);
    let pinx =
        pinx.file("free.jsonl", "{\"prompt\":\"a fox\",\"params\":{\"moderation\":\"low\"}}");
    batch(&pinx, &["free.jsonl", "--max-cost", "0.1"]).exits(0);
}

#[test]
fn names_that_cannot_be_are_found_before_paying() {
    let fake = OpenAi::start();
    let pinx = Pinx::new()
        .openai(&fake)
        .file("q.txt", "a\n")
        .file("named.jsonl", "{\"prompt\":\"b\",\"output\":\"001-a.png\"}")
        .file("inside.jsonl", "{\"prompt\":\"a\",\"output\":\"x.png\"}\n{\"prompt\":\"b\",\"output\":\"x.png/y.png\"}")
        .file("around.jsonl", "{\"prompt\":\"a\",\"output\":\"x.png/y.png\"}\n{\"prompt\":\"b\",\"output\":\"x.png\"}")
        .file("fox.png/keep", "")
        .file("fox.jsonl", "{\"prompt\":\"a\",\"output\":\"fox.png\"}")
        .file("deep.jsonl", "{\"prompt\":\"a\",\"output\":\"new/deep/x.png\",\"size\":\"big\"}");
    batch(&pinx, &["q.txt", "named.jsonl"]).exits(2).says("`001-a.png` is the output of q.txt:1");
    batch(&pinx, &["inside.jsonl"]).exits(2).says("inside.jsonl:1 already");
    batch(&pinx, &["around.jsonl"]).exits(2).says("`x.png` is the directory of around.jsonl:1");
    batch(&pinx, &["fox.jsonl", "--force"]).exits(2).says("`fox.png` is a directory");
    batch(&pinx, &["deep.jsonl"]).exits(2);
    pinx.run(&["batch", "fox.jsonl", "-o", "new/deep/", "--dry-run"]).exits(0);
    assert!(!pinx.work().join("new").exists(), "a look makes no directory");
    assert_eq!(fake.posts(), 0);
}

#[test]
fn an_output_of_nothing_is_the_usual_name_inside() {
    let fake = OpenAi::start();
    let lines = "{\"prompt\":\"a fox\",\"output\":\"./\"}\n{\"prompt\":\"an owl\",\"output\":\"{number}.png\"}\n\
                 {\"prompt\":\"a cat\",\"id\":\"tom\",\"output\":\"{name}/{title}.png\"}";
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", lines);
    batch(&pinx, &["j.jsonl", "-o", "o"]).exits(0).prints(&[
        "o/001-a-fox.png",
        "o/002.png",
        "o/tom/a-cat.png",
    ]);
}

#[test]
fn an_id_that_is_a_number_is_no_place() {
    let fake = OpenAi::start();
    let lines =
        "{\"prompt\":\"a\"}\n{\"prompt\":\"b\",\"id\":\"3\"}\n{\"prompt\":\"c\",\"id\":\"x\"}";
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", lines);
    batch(&pinx, &["j.jsonl", "--only", "3"]).exits(0).prints(&["3.png"]);
    batch(&pinx, &["j.jsonl", "--only", "1"]).exits(0).prints(&["001-a.png"]);
}

#[test]
fn cells_that_say_too_little_are_told() {
    let fake = OpenAi::start();
    let pinx = Pinx::new()
        .openai(&fake)
        .file("v.csv", "prompt,vars.animal\n\"a {animal}\",cat\n\"a {animal}\",\n")
        .file("n.csv", "prompt,\na fox,red\n")
        .file("d.yaml", "defaults: {quality: low}\ndefaults: {quality: high}\njobs: [a]\n")
        .file("p.json", "[{\"prompt\":\"a {x}\",\"vars\":{\"x\":1,\"x\":2}}]");
    batch(&pinx, &["v.csv"]).exits(2).says("v.csv:3").says("asks for `{animal}`");
    batch(&pinx, &["n.csv"]).exits(2).says("`red` stands in a column without a name");
    batch(&pinx, &["d.yaml"]).exits(2).says("`defaults` is there twice");
    batch(&pinx, &["p.json"]).exits(2).says("`x` is there twice");
    assert_eq!(fake.posts(), 0);
}

#[test]
fn a_document_is_in_order_and_tells_where_earlier_images_are() {
    let fake = OpenAi::start();
    let lines = "{\"prompt\":\"a\",\"n\":3}\n{\"prompt\":\"b\"}";
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", lines);
    batch(&pinx, &["j.jsonl", "--only", "2"]).exits(0);
    let document = batch(&pinx, &["j.jsonl", "--json"]).exits(0).json();
    let jobs = document["jobs"].as_array().unwrap();
    let told: Vec<(u64, &str)> = jobs
        .iter()
        .map(|job| (job["line"].as_u64().unwrap(), job["status"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(1, "done"), (1, "done"), (1, "done"), (2, "skipped")]);
    let skipped = &jobs[3];
    assert!(skipped["images"][0]["path"].as_str().unwrap().ends_with("002-b.png"), "{skipped}");
    assert_eq!((&skipped["billed"], &skipped["attempts"]), (&json!("no"), &json!([])));
    let document = batch(&pinx, &["j.jsonl", "--json", "--dry-run", "--only", "9"]).exits(2).json();
    assert_eq!(document["jobs"], json!([]));
}

#[test]
fn a_dry_run_of_a_wrong_file_lists_no_plan() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", "{\"prompt\":\"a\"}\n{\"promt\":\"b\"}");
    batch(&pinx, &["j.jsonl", "--dry-run"]).exits(2).prints(&[]);
    batch(&pinx, &["j.jsonl", "--dry-run", "--jsonl"]).exits(2).prints(&[]);
}

#[test]
fn sketches_made_without_a_key_are_told_when_there_is_one() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().file("p.txt", "a fox\n");
    pinx.run(&["batch", "p.txt"]).exits(0).prints(&["001-a-fox.png"]);
    pinx.run(&["batch", "p.txt"]).exits(0).says("1 done before");
    let pinx = pinx.openai(&fake);
    pinx.run(&["batch", "p.txt"]).exits(0).says("1 sketched before").says("-m MODEL");
    assert_eq!(fake.posts(), 0);
    batch(&pinx, &["p.txt"]).exits(0).prints(&["001-a-fox-2.png"]);
}

#[test]
fn the_sketch_needs_no_place_for_data() {
    let pinx = Pinx::new().file("p.txt", "a fox\n").env("PINX_HOME", "/proc/nowhere");
    pinx.run(&["batch", "p.txt", "-m", "pinx/sketch"]).exits(0).prints(&["001-a-fox.png"]);
}

#[test]
fn what_cannot_be_saved_says_where_it_is() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 1);
    let gate = Gate::default();
    let held = gate.clone();
    fake.always_with(Kind::Images, move |_, usual| usual.behind(&held));
    let args = [&["batch", "p.txt", "-o", "out/"], &MODEL[..]].concat();
    let running = pinx.command(&args).spawn();
    fake.wait_for(Kind::Images, 1);
    // Meanwhile somebody puts a file where the directory was to be.
    std::fs::write(pinx.work().join("out"), "").unwrap();
    gate.open();
    running.finish().exits(7).says("pinx recover");
    assert_eq!(pinx.kept().len(), 1);
}

#[test]
fn a_batch_without_a_network_says_so_once_with_a_count() {
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", crate::pinx::OPENAI_KEY)
        .env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        .file("p.txt", "a fox\nan owl\na hen\n");
    let output = batch(&pinx, &["p.txt", "--retries", "0", "-j", "1"]).exits(1);
    let output = output.says("no connection was made for 3 of them: `pinx doctor`");
    assert_eq!(output.stderr.matches("cannot be reached").count(), 1, "{output}");
    output.says("the same command makes the 3 that are missing");
}
