//! The cache: the same picture again costs nothing, two at once pay once, and nothing that failed
//! is ever kept.

use std::time::Duration;

use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, error, with_image};
use crate::fake::{Answer, Gate, Kind, image};
use crate::pinx::{Output, Pinx, files_below};

/// A job that is the same picture whenever it is made.
const SEEDED: [&str; 6] = ["generate", "a red fox", "-m", "fal/flux-schnell", "--seed", "7"];
/// One that is not.
const OPENAI: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];
/// Long enough for a second process to do what it must not.
const WHILE: Duration = Duration::from_millis(500);

fn fal() -> (Fal, Pinx) {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    (fake, pinx)
}

fn openai() -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    (fake, pinx)
}

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

/// The names of the files in the cache.
fn kept(pinx: &Pinx) -> Vec<std::path::PathBuf> {
    files_below(&pinx.data().join("cache/images"))
}

/// The entries that `pinx cache ls` lists.
fn listed(pinx: &Pinx) -> Vec<Value> {
    let document = pinx.run(&["cache", "ls", "--json"]).exits(0).json();
    document["entries"].as_array().unwrap().clone()
}

#[track_caller]
fn is_cached(output: &Output) {
    assert!(output.stderr.contains("from cache, free"), "{output}");
}

#[track_caller]
fn is_paid(output: &Output) {
    assert!(!output.stderr.contains("from cache"), "{output}");
}

#[test]
fn fault_49_the_same_seeded_job_twice_at_once_is_one_post_and_two_results() {
    let (fake, pinx) = fal();
    let gate = Gate::default();
    let held = gate.clone();
    fake.next_with(Kind::Submit, move |_, usual| usual.behind(&held));
    let first = pinx.command(&SEEDED).spawn();
    fake.wait_for(Kind::Submit, 1);
    let second = pinx.command(&with(&SEEDED, &["--json"])).spawn();
    std::thread::sleep(WHILE);
    gate.open();
    let (first, second) = (first.finish().exits(0), second.finish().exits(0));
    assert_eq!(fake.posts(), 1, "{first}\n{second}");
    second.leaves(&["a-red-fox-2.jpg", "a-red-fox.jpg"]);
    is_paid(&first);
    assert_eq!(pinx.read("a-red-fox.jpg"), pinx.read("a-red-fox-2.jpg"));
    assert_eq!((pinx.entries("intent").len(), pinx.entries("done").len()), (1, 2));
    assert_eq!(kept(&pinx).len(), 2, "no lock is left: {:?}", kept(&pinx));
}

#[test]
fn of_two_batches_the_one_that_waited_makes_no_copy_of_the_other_ones_image() {
    let (fake, pinx) = fal();
    let pinx = pinx.file("p.txt", "a fox\na cat\n");
    let batch = ["batch", "p.txt", "-m", "fal/flux-schnell", "--seed", "7", "-j", "1"];
    let gates = [Gate::default(), Gate::default()];
    for gate in gates.clone() {
        fake.next_with(Kind::Submit, move |_, usual| usual.behind(&gate));
    }
    let first = pinx.command(&batch).spawn();
    fake.wait_for(Kind::Submit, 1);
    // The first line is open; it makes the second one.
    let second = pinx.command(&batch).spawn();
    fake.wait_for(Kind::Submit, 2);
    gates[0].open();
    while pinx.entries("done").is_empty() {
        std::thread::sleep(WHILE / 10);
    }
    std::thread::sleep(WHILE);
    gates[1].open();
    let (first, second) = (first.finish(), second.finish());
    assert_eq!((first.code, second.code), (75, 75), "{first}\n{second}");
    assert_eq!(fake.posts(), 2);
    assert_eq!(pinx.files(), ["001-a-fox.jpg", "002-a-cat.jpg", "p.txt"]);
    pinx.run(&batch).exits(0).says("nothing is to be made");
}

#[test]
fn fault_49_also_inside_one_process() {
    let (fake, pinx) = fal();
    let pinx = pinx.file("two.jsonl", &"{\"prompt\": \"a red fox\", \"seed\": 7}\n".repeat(2));
    let two = ["batch", "two.jsonl", "-m", "fal/flux-schnell"];
    let output = pinx.run(&with(&two, &["--json"])).exits(0);
    assert_eq!(fake.posts(), 1, "{output}");
    let mut document = output.json();
    let jobs = document["jobs"].take();
    let of = |key: &str| -> Vec<Value> {
        jobs.as_array().unwrap().iter().map(|job| job[key].clone()).collect()
    };
    let mut statuses = of("status");
    statuses.sort_by_key(ToString::to_string);
    assert_eq!(statuses, ["cached", "done"]);
    let mut billed = of("billed");
    billed.sort_by_key(ToString::to_string);
    assert_eq!(billed, ["no", "yes"]);
    assert_eq!(document["totals"]["cost"], 0.003, "{output}");
    output.leaves(&["001-a-red-fox.jpg", "002-a-red-fox.jpg", "two.jsonl"]);
}

#[test]
fn the_one_who_waits_goes_on_when_the_other_is_killed() {
    let (fake, pinx) = fal();
    fake.next(Kind::Submit, Answer::hang());
    let holder = pinx.command(&SEEDED).spawn();
    fake.wait_for(Kind::Submit, 1);
    let mut waiter = pinx.command(&with(&SEEDED, &["-v"])).spawn();
    std::thread::sleep(WHILE);
    assert!(waiter.is_running());
    assert_eq!(fake.posts(), 1, "it waits");
    holder.signal("KILL");
    let waiter = waiter.finish().exits(0);
    assert_eq!(fake.posts(), 2, "{waiter}");
    is_paid(&waiter);
    drop(holder.finish());
    is_cached(&pinx.run(&SEEDED).exits(0));
    assert_eq!(kept(&pinx).len(), 2, "no lock is left: {:?}", kept(&pinx));
}

#[test]
fn the_one_who_waits_goes_on_when_the_other_fails_and_stops_when_told() {
    let (fake, pinx) = fal();
    let gate = Gate::default();
    let held = gate.clone();
    let refused = crate::fake::fal::error(400, "no");
    fake.next_with(Kind::Submit, move |_, _| refused.clone().behind(&held));
    let holder = pinx.command(&SEEDED).spawn();
    fake.wait_for(Kind::Submit, 1);
    let waiter = pinx.command(&SEEDED).spawn();
    let stopped = pinx.command(&SEEDED).spawn();
    std::thread::sleep(WHILE);
    stopped.signal("INT");
    let stopped = stopped.finish().exits(130);
    assert_eq!(fake.posts(), 1, "{stopped}");
    gate.open();
    holder.finish().exits(1);
    let waiter = waiter.finish().exits(0);
    assert_eq!(fake.posts(), 2, "{waiter}");
}

#[test]
fn nobody_waits_beyond_the_deadline_or_pays_elsewhere_meanwhile() {
    let (fake, pinx) = fal();
    let other = OpenAi::start();
    let pinx = pinx.openai(&other);
    fake.next(Kind::Submit, Answer::hang());
    let holder = pinx.command(&SEEDED).spawn();
    fake.wait_for(Kind::Submit, 1);
    let more = ["--deadline", "1", "--fallback", "openai/gpt-image-2", "--json"];
    let waiter = pinx.run(&with(&SEEDED, &more)).exits(1);
    assert_eq!((fake.posts(), other.posts()), (1, 0), "{waiter}");
    let job = &waiter.json()["jobs"][0];
    assert_eq!((&job["error"]["code"], &job["billed"]), (&json!("still_being_made"), &json!("no")));
    holder.signal("KILL");
    drop(holder.finish());
}

#[test]
fn what_is_really_sent_decides_and_never_the_key() {
    let (fake, pinx) = fal();
    is_paid(&pinx.run(&SEEDED).exits(0));
    is_cached(&pinx.run(&SEEDED).exits(0).leaves(&["a-red-fox-2.jpg", "a-red-fox.jpg"]));
    let other_key = "0f0f0f0f-2222-4333-8444-555566667777:fedcba9876543210fedcba9876543210";
    is_cached(&pinx.command(&SEEDED).env("FAL_KEY", other_key).run().exits(0));
    assert_eq!(fake.posts(), 1);
    is_paid(&pinx.run(&with(&SEEDED, &["-s", "512x512"])).exits(0));
    assert_eq!(fake.posts(), 2);
    let other = |prompt, seed| ["generate", prompt, "-m", "fal/flux-schnell", "--seed", seed];
    is_paid(&pinx.run(&other("a red owl", "7")).exits(0));
    is_paid(&pinx.run(&other("a red fox", "8")).exits(0));
    assert_eq!(fake.posts(), 4);
    // Seeds 7 and 8 are there, 9 is not.
    let three = pinx.run(&with(&SEEDED, &["-n", "3"])).exits(0);
    assert_eq!(fake.posts(), 5, "{three}");
    three.says("2 from cache, free");
}

#[test]
fn another_address_is_another_provider() {
    let (fake, pinx) = openai();
    let args = with(&OPENAI, &["--cache"]);
    is_paid(&pinx.run(&args).exits(0));
    is_cached(&pinx.run(&args).exits(0));
    let elsewhere = format!("{}/elsewhere/v1", fake.url());
    is_paid(&pinx.run(&with(&args, &["--base-url", &elsewhere])).exits(0));
    assert_eq!(fake.posts(), 2);
}

#[test]
fn only_a_seed_that_the_user_gave_and_the_model_honours_turns_it_on() {
    let (fake, pinx) = fal();
    let unseeded = ["generate", "a red fox", "-m", "fal/flux-schnell"];
    for _ in 0..2 {
        is_paid(&pinx.run(&unseeded).exits(0));
        // A raw parameter replaces the seed by who knows what.
        is_paid(&pinx.run(&with(&SEEDED, &["-P", "seed=null"])).exits(0));
    }
    assert_eq!(fake.posts(), 4);
    let (fake, pinx) = openai();
    for _ in 0..2 {
        is_paid(&pinx.run(&with(&OPENAI, &["--seed", "7"])).exits(0));
    }
    assert_eq!(fake.posts(), 2, "OpenAI has no seed");
    is_paid(&pinx.run(&["generate", "a red fox", "-m", "pinx/sketch", "--seed", "7"]).exits(0));
    pinx.run(&["generate", "a red fox", "-m", "pinx/sketch", "--cache"]).exits(0);
    assert!(kept(&pinx).is_empty(), "the sketch is never kept");
}

#[test]
fn asked_for_it_keeps_unseeded_pictures_each_of_its_own() {
    let (fake, pinx) = openai();
    let args = with(&OPENAI, &["--cache"]);
    is_paid(&pinx.run(&args).exits(0));
    is_cached(&pinx.run(&args).exits(0));
    assert_eq!(fake.posts(), 1);
    let three = with(&args, &["-n", "3"]);
    pinx.run(&three).exits(0).says("1 from cache, free");
    assert_eq!(fake.posts(), 3, "the second and the third are pictures of their own");
    is_cached(&pinx.run(&three).exits(0));
    assert_eq!((fake.posts(), listed(&pinx).len()), (3, 3));

    let (fake, pinx) = fal();
    let args = ["generate", "a red fox", "-m", "fal/flux-schnell", "--json"];
    let seeds: Vec<Value> = (0..2)
        .map(|_| pinx.command(&args).env("PINX_CACHE_MODE", "always").run().exits(0).json())
        .map(|document| document["jobs"][0]["seed"].clone())
        .collect();
    assert_eq!(fake.posts(), 1);
    assert!(seeds[0] == seeds[1] && seeds[0].is_u64(), "{seeds:?}");
}

#[test]
fn no_cache_neither_looks_nor_keeps() {
    let (fake, pinx) = fal();
    let without = with(&SEEDED, &["--no-cache"]);
    is_paid(&pinx.run(&without).exits(0));
    assert!(kept(&pinx).is_empty());
    is_paid(&pinx.run(&SEEDED).exits(0));
    is_paid(&pinx.run(&without).exits(0));
    assert_eq!(fake.posts(), 3);
    let both = with(&without, &["--cache"]);
    pinx.run(&both).exits(2);
}

#[test]
fn the_setting_is_a_table() {
    let pinx = Pinx::new().config("config.toml", "cache = \"never\"\n");
    pinx.run(&["models"]).exits(2).says("write `[cache]` above its keys");
    let pinx = pinx.config("config.toml", "[cache]\nmode = \"sometimes\"\n");
    pinx.run(&["models"]).exits(2).says("auto, always or never");
}

#[test]
fn a_hit_is_told_logged_and_free() {
    let (_fake, pinx) = fal();
    pinx.run(&SEEDED).exits(0);
    let output = pinx.run(&with(&SEEDED, &["--json", "-o", "again/"])).exits(0);
    let document = output.json();
    let job = &document["jobs"][0];
    assert_eq!((&job["status"], &job["billed"]), (&json!("cached"), &json!("no")), "{output}");
    assert_eq!((&job["seed"], &job["cost"]["reported"]), (&json!(7), &json!(0.0)), "{output}");
    assert_eq!(job["attempts"], json!([]), "nothing was sent");
    assert_eq!(document["totals"]["cost"], 0.0);
    assert_eq!(document["status"], "done");
    assert!(output.files.contains(&"again/a-red-fox.jpg".to_owned()), "{output}");
    output.says("from cache, free");
    let done = pinx.entries("done").pop().unwrap();
    assert_eq!((&done["code"], &done["cost"]), (&json!("cached"), &json!(0)), "{done}");
    let log = pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0);
    assert!(log.stdout.contains("cached") && log.stdout.contains("free"), "{log}");
    let rows = pinx.run(&["log", "--json", "--status", "cached"]).exits(0).json();
    assert_eq!((&rows["total"], &rows["entries"][0]["error"]), (&json!(1), &Value::Null));
    let shown = pinx.run(&["log", "show", done["job"].as_str().unwrap()]).exits(0);
    assert!(shown.stdout.contains("taken from the cache"), "{shown}");
    assert!(shown.stdout.contains("from cache, free"), "{shown}");
}

#[test]
fn a_hit_needs_neither_budget_nor_consent() {
    let (fake, pinx) = fal();
    pinx.run(&SEEDED).exits(0);
    is_cached(&pinx.run(&with(&SEEDED, &["--max-cost", "0.0001"])).exits(0));
    let dry = pinx.run(&with(&SEEDED, &["--dry-run"])).exits(0);
    assert!(dry.stdout.contains("from cache, free"), "{dry}");
    let pinx = pinx.env("PINX_CONFIRM_ABOVE", "0");
    is_cached(&pinx.run(&SEEDED).exits(0));
    pinx.run(&with(&SEEDED, &["-n", "2"])).exits(6);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn what_failed_is_never_kept() {
    let (fake, pinx) = openai();
    let args = with(&OPENAI, &["--cache"]);
    let png = image::bytes(1024, 1024, "png");
    fake.answers(with_image(&png[..png.len() / 2])).answers(error(400, "bad", "no"));
    for _ in 0..2 {
        pinx.run(&args).exits(1);
        assert!(kept(&pinx).is_empty(), "{:?}", kept(&pinx));
    }
    // Whole, but not as asked, and that is an error here.
    fake.answers(with_image(&image::bytes(512, 512, "png")));
    pinx.run(&with(&args, &["--strict"])).exits(1);
    assert!(kept(&pinx).is_empty(), "{:?}", kept(&pinx));
    is_paid(&pinx.run(&args).exits(0));
    assert_eq!(fake.posts(), 4);
    is_cached(&pinx.run(&args).exits(0));
}

#[test]
fn a_damaged_entry_is_made_anew() {
    let (fake, pinx) = fal();
    pinx.run(&SEEDED).exits(0);
    for (posts, extension) in [(2, "image"), (3, "json")] {
        let is_it = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == extension);
        let path = kept(&pinx).into_iter().find(is_it).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        is_paid(&pinx.run(&SEEDED).exits(0));
        assert_eq!(fake.posts(), posts, "{extension}");
        is_cached(&pinx.run(&SEEDED).exits(0));
    }
}

#[test]
fn a_fallback_s_picture_is_kept_under_its_own_route() {
    let (first, pinx) = openai();
    let second = Fal::start();
    let pinx = pinx.fal(&second);
    first.always(Kind::Images, error(401, "invalid_api_key", "no"));
    let args = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--seed", "7"];
    let args = with(&args, &["--fallback", "fal/flux-schnell", "--cache"]);
    is_paid(&pinx.run(&args).exits(0));
    assert_eq!((first.posts(), second.posts()), (1, 1));
    is_cached(&pinx.run(&args).exits(0));
    assert_eq!((first.posts(), second.posts()), (2, 1), "the first route is still tried first");
    assert_eq!(listed(&pinx)[0]["model"], "fal/flux-schnell");
    is_cached(&pinx.run(&SEEDED).exits(0));
}

#[test]
fn a_cache_that_cannot_be_written_never_fails_a_job() {
    let (fake, pinx) = fal();
    let pinx = pinx.config("cache", "not a directory");
    let output = pinx.run(&with(&SEEDED, &["-n", "2"])).exits(0);
    assert_eq!(fake.posts(), 2, "{output}");
    let told = output.stderr.matches("nothing can be kept in the cache").count();
    assert_eq!(told, 1, "told once\n{output}");
    output.leaves(&["a-red-fox-2.jpg", "a-red-fox.jpg"]);
    pinx.run(&["cache"]).exits(7);
}

#[test]
fn it_keeps_to_its_size() {
    let (fake, pinx) = fal();
    pinx.run(&SEEDED).exits(0);
    let size = listed(&pinx)[0]["bytes"].as_u64().unwrap();
    let pinx = pinx.env("PINX_CACHE_MAX_SIZE", (size * 3 / 2 / 1_000 * 1_000).to_string());
    let owl = ["generate", "a red owl", "-m", "fal/flux-schnell", "--seed", "7"];
    pinx.run(&owl).exits(0);
    let entries = listed(&pinx);
    assert_eq!((entries.len(), &entries[0]["prompt"]), (1, &json!("a red owl")));
    is_paid(&pinx.run(&SEEDED).exits(0));
    assert_eq!(fake.posts(), 3);
}

#[test]
fn the_command_lists_prunes_and_clears() {
    let (_fake, pinx) = fal();
    let empty = pinx.run(&["cache"]).exits(0).prints(&[]);
    empty.says("nothing is in the cache").says("0 pictures · 0 B of at most 1.0 GiB");
    let long = format!("a red fox {}", "in the snow ".repeat(30));
    pinx.run(&["generate", &long, "-m", "fal/flux-schnell", "--seed", "7"]).exits(0);
    pinx.run(&SEEDED).exits(0);
    let ls = pinx.run(&["cache", "ls"]).exits(0);
    assert_eq!(ls.stdout.lines().count(), 4, "{ls}");
    for word in ["age", "model", "size", "bytes", "cost", "prompt", "fal/flux-schnell", "$0.003"] {
        assert!(ls.stdout.contains(word), "{word}\n{ls}");
    }
    assert!(ls.stdout.lines().all(|line| line.chars().count() <= 80), "{ls}");
    let document = pinx.run(&["cache", "--json"]).exits(0).json();
    let entry = &document["entries"][0];
    assert_eq!((&entry["prompt"], &entry["seed"]), (&json!("a red fox"), &json!(7)), "{entry}");
    assert_eq!((&entry["width"], &entry["format"]), (&json!(1024), &json!("jpeg")), "{entry}");
    assert_eq!((&document["total"]["entries"], &entry["cost"]), (&json!(2), &json!(0.003)));
    let place = pinx.data().join("cache/images");
    assert_eq!(document["directory"], place.display().to_string());
    pinx.run(&["cache"]).exits(0).says("2 pictures").says(&place.display().to_string());

    pinx.run(&["cache", "prune"]).exits(0).says("removed 0 pictures");
    pinx.run(&["cache", "prune", "--older-than", "30d"]).exits(0).says("removed 0 pictures");
    // To the next thousand: a time in the entry may be a digit shorter.
    let size = entry["bytes"].as_u64().unwrap().next_multiple_of(1_000);
    let pruned = pinx.run(&["cache", "prune", "--max-size", &size.to_string(), "--json"]).exits(0);
    assert_eq!(pruned.json()["removed"]["entries"], 1, "{pruned}");
    assert_eq!(listed(&pinx)[0]["prompt"], "a red fox", "the older one went");
    pinx.run(&["cache", "prune", "--max-size", "much"]).exits(2).says("such as `16MiB`");

    let asked = pinx.run(&["cache", "clear"]).exits(2);
    asked.says("pinx cache clear --yes");
    assert_eq!(listed(&pinx).len(), 1);
    pinx.run(&["cache", "clear", "-y"]).exits(0).says("removed 1 picture");
    assert!(kept(&pinx).is_empty());
    let failed = pinx.run(&["cache", "--json", "frobnicate"]).exits(2).json();
    assert_eq!(failed["success"], false);
}
