//! Batches end to end: what is refused before anything is paid, what fails alone, what a second run
//! sends, and what is said of it all.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, error, refused};
use crate::fake::{Answer, Gate, Kind, PATIENCE, Request};
use crate::pinx::{Output, Pinx};

pub const MODEL: [&str; 3] = ["-m", "openai/gpt-image-2", "--no-fallback"];

pub fn batch(pinx: &Pinx, more: &[&str]) -> Output {
    pinx.run(&[&["batch"], more, &MODEL].concat())
}

/// A file of so many prompts, and a world with a key for the fake.
pub fn world(fake: &OpenAi, prompts: usize) -> Pinx {
    let lines: Vec<String> = (1..=prompts).map(|n| format!("fox number {n}")).collect();
    Pinx::new().openai(fake).file("p.txt", &lines.join("\n"))
}

/// The prompts that were paid for, in order.
fn prompts(fake: &OpenAi) -> Vec<String> {
    let requests = fake.requests(Kind::Images);
    requests.iter().map(|request| request.json["prompt"].as_str().unwrap().to_owned()).collect()
}

/// Answers that depend on the prompt.
fn by_prompt(fake: &OpenAi, answer: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) {
    fake.always_with(Kind::Images, move |request: &Request, usual| {
        answer(request.json["prompt"].as_str().unwrap()).unwrap_or(usual)
    });
}

pub fn images(pinx: &Pinx) -> usize {
    let is_image = |file: &&String| file.ends_with(".png") || file.ends_with(".jpg");
    pinx.files().iter().filter(is_image).count()
}

#[test]
fn a_file_of_prompts_becomes_numbered_images_and_a_second_run_sends_nothing() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("p.txt", "a fox\n# not this\n\nan owl\n");
    batch(&pinx, &["p.txt", "-o", "out/"])
        .exits(0)
        .prints(&["out/001-a-fox.png", "out/002-an-owl.png"])
        .says("2 images: 2 × openai/gpt-image-2 $0.1054")
        .says("2 images · $0.1054");
    batch(&pinx, &["p.txt", "-o", "out/"])
        .exits(0)
        .prints(&["out/001-a-fox.png", "out/002-an-owl.png"])
        .says("nothing is to be made; 2 done before");
    assert_eq!(fake.posts(), 2);
    // What is added is made, wherever it stands; another place is another batch.
    let pinx = pinx.file("p.txt", "a whale\na fox\nan owl\n");
    let all = ["out/001-a-whale.png", "out/001-a-fox.png", "out/002-an-owl.png"];
    batch(&pinx, &["p.txt", "-o", "out/"]).exits(0).prints(&all);
    batch(&pinx, &["p.txt", "-o", "new/", "--limit", "1"])
        .exits(0)
        .prints(&["new/001-a-whale.png"])
        .says("2 left for later");
    assert_eq!(fake.posts(), 4);
}

#[test]
fn other_programs_files_run_unchanged() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new()
        .openai(&openai)
        .fal(&fal)
        .file("codex.jsonl", include_str!("batch/fixtures/codex.jsonl"))
        .file("forge.yaml", include_str!("batch/fixtures/imgforge.yaml"));
    let output = pinx.run(&["batch", "codex.jsonl", "forge.yaml", "-o", "out/", "-y"]).exits(0);
    let names: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(names.len(), 15, "{output}");
    for name in [
        "out/001-a-cavern-harbour-with-a-small-boat.png",
        "out/heron.png",
        "out/heron-2.png",
        "out/lantern.webp",
        "out/assets/icon-2.png",
    ] {
        assert!(names.contains(&name), "{name}: {output}");
    }
    assert_eq!((openai.posts(), fal.posts(), output.files.len()), (14, 1, 17));
    let all = prompts(&openai);
    assert!(all.iter().any(|prompt| prompt.contains("Text (verbatim): \"ARDEA\"")), "{all:?}");
}

#[test]
fn two_jobs_with_one_name_are_refused_before_anything_is_paid() {
    let fake = OpenAi::start();
    let lines = "{\"prompt\":\"a fox\",\"out\":\"fox.png\"}\n{\"prompt\":\"an owl\"}\n\
                 {\"prompt\":\"a vixen\",\"out\":\"FOX.png\"}\n";
    let pinx = Pinx::new().openai(&fake).file("jobs.jsonl", lines);
    batch(&pinx, &["jobs.jsonl"])
        .exits(2)
        .prints(&[])
        .leaves(&["jobs.jsonl"])
        .says("jobs.jsonl:3: `FOX.png` is the output of jobs.jsonl:1 already");
    assert_eq!(fake.posts(), 0);
}

#[test]
fn a_file_that_the_job_did_not_make_is_in_the_way() {
    let fake = OpenAi::start();
    let pinx = Pinx::new()
        .openai(&fake)
        .file("jobs.jsonl", "{\"prompt\":\"a fox\",\"out\":\"fox.png\"}")
        .file("fox.png", "mine");
    batch(&pinx, &["jobs.jsonl"]).exits(2).says("`fox.png` exists already");
    assert_eq!(pinx.read("fox.png"), b"mine");
    batch(&pinx, &["jobs.jsonl", "--force"]).exits(0).prints(&["fox.png"]);
    // Now it is the job's own.
    batch(&pinx, &["jobs.jsonl"]).exits(0).says("1 done before");
    assert_eq!(fake.posts(), 1);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let fake = OpenAi::start();
    let lines = "{\"promt\":\"a fox\"}\n{\"prompt\":\"an owl\",\"size\":\"big\"}\n\
                 {\"prompt\":\"{animal} asleep\",\"vars\":{\"anmal\":\"fox\"}}\n{\"prompt\":\"a cat\",\"model\":\"gtp-image-2\"}\n\
                 {\"prompt\":\"a dog\",\"max_cost\":0.001}\n";
    let pinx = Pinx::new().openai(&fake).file("jobs.jsonl", lines);
    let output = batch(&pinx, &["jobs.jsonl", "--json"]).exits(2);
    let document = output.json();
    assert_eq!(document["status"], "failed");
    assert_eq!(document["error"]["code"], "batch_file");
    let problems = document["problems"].as_array().unwrap();
    let lines: Vec<u64> = problems.iter().filter_map(|problem| problem["line"].as_u64()).collect();
    assert_eq!(BTreeSet::from_iter(lines), BTreeSet::from([1, 2, 3, 4, 5]), "{output}");
    output.says("did you mean `prompt`").says("did you mean").says("max_cost");
    assert_eq!((fake.posts(), images(&pinx)), (0, 0));
}

#[test]
fn a_missing_key_is_told_once_for_all_lines() {
    let pinx = Pinx::new().file("p.txt", "a\nb\nc\nd\n");
    batch(&pinx, &["p.txt"])
        .exits(3)
        .says("p.txt:1: no key for openai")
        .says("(also lines 2, 3 and 4)");
}

#[test]
fn a_rate_limit_in_the_middle_slows_the_batch_and_loses_nothing() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 8);
    for _ in 0..3 {
        fake.next_with(Kind::Images, |_, usual| usual);
    }
    fake.answers(
        error(429, "rate_limit_exceeded", "Too many requests.").header("retry-after", "1"),
    );
    let output = batch(&pinx, &["p.txt", "-j", "4", "--json"]).exits(0);
    let document = output.json();
    assert_eq!(document["totals"]["done"], 8);
    assert_eq!(fake.posts(), 9, "one was sent again, the others waited");
    assert_eq!((pinx.entries("done").len(), images(&pinx)), (8, 8));
    let paths = document["jobs"].as_array().unwrap().iter().map(|job| job["line"].as_u64());
    assert!(paths.eq((1..=8).map(Some)), "in the order of the file: {document}");
}

#[test]
fn a_refusal_in_the_middle_fails_one_job_and_is_not_sent_again() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 5);
    by_prompt(&fake, |prompt| prompt.ends_with('3').then(refused));
    batch(&pinx, &["p.txt"]).exits(4).says("p.txt:3: ").says("1 refused").prints(&[
        "001-fox-number-1.png",
        "002-fox-number-2.png",
        "004-fox-number-4.png",
        "005-fox-number-5.png",
    ]);
    batch(&pinx, &["p.txt"]).exits(4).says("1 refused before").says("--retry-failed");
    assert_eq!(fake.posts(), 5);
    by_prompt(&fake, |_| None);
    let all = batch(&pinx, &["p.txt", "--retry-failed"]).exits(0);
    assert!(all.stdout.contains("003-fox-number-3.png") && all.stdout.lines().count() == 5);
    assert_eq!((fake.posts(), images(&pinx)), (6, 5));
    batch(&pinx, &["p.txt"]).exits(0).says("5 done before");
}

#[test]
fn a_crash_in_the_middle_costs_nothing_twice() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 6);
    let gate = Gate::default();
    let held = gate.clone();
    fake.always_with(Kind::Images, move |request, usual| {
        let late = request.json["prompt"].as_str().unwrap() > "fox number 4";
        if late { usual.behind(&held) } else { usual }
    });
    let args = [&["batch", "p.txt", "-j", "2"], &MODEL[..]].concat();
    let running = pinx.command(&args).spawn();
    fake.wait_for(Kind::Images, 6);
    // Images are saved while later requests are under way.
    let begun = Instant::now();
    while pinx.entries("done").len() < 4 && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(5));
    }
    running.signal("KILL");
    running.finish().exits(-1);
    gate.open();
    assert_eq!((fake.posts(), images(&pinx)), (6, 4));
    // Of the last two nobody knows whether they were made; they are not bought again.
    batch(&pinx, &["p.txt"]).exits(75).says("4 done before").says("2 open").says("pinx recover");
    assert_eq!(fake.posts(), 6);
    // The user looks into the bill and says so.
    let done = pinx.entries("done");
    let is_open = |entry: &Value| done.iter().all(|done| done["attempt"] != entry["attempt"]);
    let open = pinx.entries("intent").into_iter().filter(is_open);
    let open: BTreeSet<String> =
        open.map(|entry| entry["attempt"].as_str().unwrap().to_owned()).collect();
    for attempt in &open {
        pinx.run(&["recover", "--forget", attempt]).exits(0);
    }
    let names: Vec<String> = (1..=6).map(|n| format!("00{n}-fox-number-{n}.png")).collect();
    batch(&pinx, &["p.txt"])
        .exits(0)
        .prints(&names.iter().map(String::as_str).collect::<Vec<_>>())
        .says("4 done before");
    let mut sent = prompts(&fake);
    assert_eq!(sent.split_off(6).len(), 2);
    assert_eq!(images(&pinx), 6);
}

#[test]
fn paid_jobs_of_a_queue_are_collected_by_the_next_run() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake).file("p.txt", "a fox\nan owl\na cat\n");
    let gate = Gate::default();
    let held = gate.clone();
    fake.always_with(Kind::Status, move |_, usual| usual.behind(&held));
    let args = ["batch", "p.txt", "-m", "fal/flux-schnell", "--no-fallback"];
    let running = pinx.command(&args).spawn();
    fake.wait_for(Kind::Status, 3);
    running.signal("KILL");
    running.finish().exits(-1);
    gate.open();
    let output = pinx.run(&args).exits(0).says("3 of an earlier run recovered");
    assert_eq!((fake.posts(), images(&pinx)), (3, 3), "{output}");
    output.prints(&["001-a-fox.jpg", "002-an-owl.jpg", "003-a-cat.jpg"]);
    pinx.run(&args).exits(0).says("3 done before");
    assert_eq!(fake.posts(), 3);
}

#[test]
fn two_runs_of_one_batch_at_once_pay_for_every_image_once() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 12);
    fake.always_with(Kind::Images, |_, usual| usual.after(Duration::from_millis(50)));
    let args = [&["batch", "p.txt", "-j", "2"], &MODEL[..]].concat();
    let running = [pinx.command(&args).spawn(), pinx.command(&args).spawn()];
    for output in running.map(crate::pinx::Running::finish) {
        assert!([0, 75].contains(&output.code), "{output}");
    }
    assert_eq!((fake.posts(), images(&pinx)), (12, 12));
    batch(&pinx, &["p.txt"]).exits(0).says("12 done before");
}

#[test]
fn ctrl_c_stops_after_what_is_in_flight_and_the_next_run_goes_on() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 12);
    fake.always_with(Kind::Images, |_, usual| usual.after(Duration::from_millis(500)));
    let args = [&["batch", "p.txt", "-j", "2"], &MODEL[..]].concat();
    let running = pinx.command(&args).spawn();
    fake.wait_for(Kind::Images, 3);
    running.signal("INT");
    running.finish().exits(130).says("not begun");
    let made = images(&pinx);
    assert_eq!(made, fake.posts(), "what was in flight has come");
    assert!(made < 12);
    fake.always_with(Kind::Images, |_, usual| usual);
    batch(&pinx, &["p.txt"]).exits(0);
    assert_eq!((fake.posts(), images(&pinx)), (12, 12));
}

#[test]
fn shards_cover_every_job_once() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 8);
    let mut all = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let output = batch(&pinx, &["p.txt", "--shard", shard]).exits(0);
        all.extend(output.stdout.lines().map(str::to_owned));
    }
    assert_eq!((all.len(), BTreeSet::from_iter(all).len(), fake.posts()), (8, 8, 8));
    assert_eq!(BTreeSet::from_iter(prompts(&fake)).len(), 8);
    batch(&pinx, &["p.txt"]).exits(0).says("8 done before");
    for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
        batch(&pinx, &["p.txt", "--shard", wrong]).exits(2).says("is not a part");
    }
}

#[test]
fn a_dead_key_stops_its_provider_and_not_the_others() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let job = |n: usize, model: &str| format!("{{\"prompt\":\"fox {n}\",\"model\":\"{model}\"}}");
    let models = ["openai/gpt-image-2", "fal/flux-schnell"];
    let lines: Vec<String> = (0..8).map(|n| job(n, models[n % 2])).collect();
    let pinx = Pinx::new().openai(&openai).fal(&fal).file("jobs.jsonl", &lines.join("\n"));
    openai.always(Kind::Images, error(401, "invalid_api_key", "Incorrect API key provided."));
    let output = pinx.run(&["batch", "jobs.jsonl", "-j", "1", "--no-fallback", "--json"]).exits(4);
    assert_eq!((openai.posts(), fal.posts(), images(&pinx)), (1, 4, 4), "{output}");
    let document = output.json();
    assert_eq!(
        (&document["totals"]["failed"], &document["totals"]["unbegun"]),
        (&json!(1), &json!(3)),
        "the others were not asked: {document}"
    );
    assert_eq!(document["totals"]["done"], 4);
    // With a good key only the four are made.
    openai.always_with(Kind::Images, |_, usual| usual);
    pinx.run(&["batch", "jobs.jsonl", "--no-fallback"]).exits(0).says("4 done before");
    assert_eq!((openai.posts(), fal.posts(), images(&pinx)), (5, 4, 8));
}

#[test]
fn fail_fast_begins_nothing_more() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 6);
    by_prompt(&fake, |prompt| prompt.ends_with('2').then(refused));
    batch(&pinx, &["p.txt", "--fail-fast", "-j", "1"])
        .exits(4)
        .says("4 not begun")
        .prints(&["001-fox-number-1.png"]);
    assert_eq!(fake.posts(), 2);
}

#[test]
fn some_jobs_by_name_or_number() {
    let fake = OpenAi::start();
    let lines =
        "{\"prompt\":\"a fox\",\"id\":\"fox\"}\n{\"prompt\":\"an owl\"}\n{\"prompt\":\"a cat\"}";
    let pinx = Pinx::new().openai(&fake).file("jobs.jsonl", lines);
    batch(&pinx, &["jobs.jsonl", "--only", "fox", "--only", "3"])
        .exits(0)
        .prints(&["fox.png", "003-a-cat.png"]);
    batch(&pinx, &["jobs.jsonl", "--only", "vixen"]).exits(2).says("no job is called `vixen`");
    assert_eq!(fake.posts(), 2);
}

#[test]
fn an_id_names_the_file_and_is_a_field() {
    let lines = [
        json!({"prompt": "a fox", "id": "hero"}),
        json!({"prompt": "an owl", "id": "icon.png", "count": 2}),
        json!({"prompt": "a hare", "id": "../sets/one", "output": "sub/"}),
        json!({"prompt": "a wren", "id": "wren", "output": "birds/{id}-{seed}.png", "seed": 4}),
        json!({"prompt": "a cat"}),
        json!({"prompt": "a vixen", "id": "HERO"}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let pinx = Pinx::new().file("jobs.jsonl", &text);
    let draw = |more: &[&str]| {
        pinx.run(&[&["batch", "jobs.jsonl", "-m", "pinx/sketch", "-s", "16x16"], more].concat())
    };
    let names = ["hero", "icon", "icon-2", "sub/sets-one", "birds/wren-4", "005-a-cat", "HERO-2"];
    let paths = names.map(|name| format!("out/{name}.png"));
    draw(&["-o", "out/"]).exits(0).prints(&paths.each_ref().map(String::as_str));
    // In a template of the user's a job without an id has its number, and the run is another field.
    let output = draw(&["-o", "t/{id}.{ext}", "--only", "hero", "--only", "5"]).exits(0);
    output.prints(&["t/hero.png", "t/005.png"]);
    let output = draw(&["-o", "r/{run}/{id}.{ext}", "--only", "hero", "--json"]).exits(0);
    let document = output.json();
    let run = document["run"].as_str().unwrap();
    let path = document["jobs"][0]["images"][0]["path"].as_str().unwrap();
    assert!(path.ends_with(&format!("/r/{run}/hero.png")), "{document}");
    // Outside a batch an image is called by its run, as before.
    let output = pinx.run(&["a red fox", "-m", "pinx/sketch", "-s", "16x16", "-o", "g/{id}"]);
    let name = output.exits(0).stdout;
    assert!(name.starts_with("g/2") && name.ends_with(".1.png\n"), "{name}");
}

#[test]
fn jobs_have_their_own_limits_and_fallbacks() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let lines =
        json!({"prompt": "a fox", "model": "openai/gpt-image-2", "fallback": "fal/flux-schnell"});
    let pinx = Pinx::new().openai(&openai).fal(&fal).file("jobs.jsonl", &lines.to_string());
    let pinx = pinx.env("PINX_RETRIES", "0");
    openai.always(Kind::Images, error(503, "overloaded", "The engine is overloaded."));
    pinx.run(&["batch", "jobs.jsonl"]).exits(0).says("fal/flux-schnell");
    assert_eq!((openai.posts(), fal.posts()), (1, 1));
    let dear = json!({"prompt": "a vixen", "model": "openai/gpt-image-2", "max_cost": 0.01});
    let pinx = pinx.file("dear.jsonl", &dear.to_string());
    pinx.run(&["batch", "dear.jsonl"]).exits(2).says("`max_cost` is $0.01");
    assert_eq!(openai.posts(), 1);
}

#[test]
fn a_batch_above_what_was_agreed_needs_consent() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 30);
    batch(&pinx, &["p.txt"]).exits(6).says("--yes").leaves(&["p.txt"]);
    batch(&pinx, &["p.txt", "--max-cost", "0.5"]).exits(6).leaves(&["p.txt"]);
    assert_eq!(fake.posts(), 0);
    batch(&pinx, &["p.txt", "-y", "-j", "16"]).exits(0);
    assert_eq!(images(&pinx), 30);
}

#[test]
fn a_dry_run_sends_nothing_and_a_drawn_one_is_replaced_by_the_real_images() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 2);
    batch(&pinx, &["p.txt", "--dry-run"])
        .exits(0)
        .says("$0.1055 · nothing was sent")
        .leaves(&["p.txt"])
        .prints(&[
            "001-fox-number-1.png\topenai/gpt-image-2\t1024x1024\t$0.0527",
            "002-fox-number-2.png\topenai/gpt-image-2\t1024x1024\t$0.0527",
        ]);
    let names = ["001-fox-number-1.png", "002-fox-number-2.png"];
    batch(&pinx, &["p.txt", "--dry-run", "--sketch"]).exits(0).prints(&names);
    let drawn = pinx.read(names[0]);
    batch(&pinx, &["p.txt", "--dry-run", "--sketch"]).exits(0).says("2 done before");
    assert_eq!(fake.posts(), 0);
    batch(&pinx, &["p.txt"]).exits(0).prints(&names);
    assert_ne!(pinx.read(names[0]), drawn);
    batch(&pinx, &["p.txt"]).exits(0).says("2 done before");
    assert_eq!((fake.posts(), images(&pinx)), (2, 2));
}

#[test]
fn a_drawing_that_was_changed_is_kept() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 1);
    batch(&pinx, &["p.txt", "--dry-run", "--sketch"]).exits(0);
    let pinx = pinx.file("001-fox-number-1.png", "painted over");
    batch(&pinx, &["p.txt"]).exits(0).prints(&["001-fox-number-1-2.png"]);
    assert_eq!(pinx.read("001-fox-number-1.png"), b"painted over");
}

#[test]
fn an_image_that_is_gone_is_told_and_made_again_only_if_asked() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 2);
    batch(&pinx, &["p.txt"]).exits(0);
    std::fs::remove_file(pinx.work().join("001-fox-number-1.png")).unwrap();
    batch(&pinx, &["p.txt"]).exits(0).says("1 file gone");
    assert_eq!(fake.posts(), 2);
    let names = ["001-fox-number-1.png", "002-fox-number-2.png"];
    batch(&pinx, &["p.txt", "--redo-missing"]).exits(0).prints(&names);
    assert_eq!(fake.posts(), 3);
}

#[test]
fn lines_of_json_come_as_jobs_end_and_one_document_at_the_end() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 3);
    by_prompt(&fake, |prompt| prompt.ends_with('2').then(refused));
    let output = batch(&pinx, &["p.txt", "--jsonl"]).exits(4);
    let lines: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        let expected = if line["line"] == 2 { "refused" } else { "done" };
        assert_eq!(line["status"], expected, "{line}");
    }
    let document = batch(&pinx, &["p.txt", "--json"]).exits(4).json();
    assert_eq!(
        (&document["status"], &document["totals"]["skipped"]),
        (&json!("partial"), &json!(3))
    );
    let reasons: Vec<&str> = document["jobs"].as_array().unwrap().iter().map(reason).collect();
    assert_eq!(reasons, ["done before", "refused before", "done before"]);
    let run = document["run"].as_str().unwrap();
    assert!(run.contains('-'), "{run}");
}

fn reason(job: &Value) -> &str {
    job["reason"].as_str().unwrap()
}

#[test]
fn jobs_come_through_a_pipe() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let args = [&["batch", "-"], &MODEL[..]].concat();
    let text = "{\"prompt\":\"a fox\",\"n\":2}\n\"an owl\"\na cat\n";
    pinx.command(&args).stdin(text).run().exits(0).prints(&[
        "001-a-fox.png",
        "001-a-fox-2.png",
        "002-an-owl.png",
        "003-a-cat.png",
    ]);
    pinx.run(&["batch", "p.docx"]).exits(2).says("known are");
    pinx.run(&["batch", "nothing.txt"]).exits(2).says("nothing.txt");
    pinx.command(&[&args[..], &["-o", "-"]].concat()).stdin(text).run().exits(2).says("stdout");
}

#[test]
fn paths_come_in_the_order_of_the_file_whatever_ends_first() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 4);
    fake.always_with(Kind::Images, |request, usual| {
        let first = request.json["prompt"].as_str().unwrap().ends_with('1');
        if first { usual.after(Duration::from_millis(400)) } else { usual }
    });
    batch(&pinx, &["p.txt", "-j", "4"]).exits(0).prints(&[
        "001-fox-number-1.png",
        "002-fox-number-2.png",
        "003-fox-number-3.png",
        "004-fox-number-4.png",
    ]);
}
#[test]
fn the_log_tells_one_run() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 2);
    let run = batch(&pinx, &["p.txt", "-j", "1", "--json"]).exits(0).json()["run"]
        .as_str()
        .unwrap()
        .to_owned();
    pinx.run(&[&["generate", "a heron"], &MODEL[..]].concat()).exits(0);
    let log = pinx.run(&["log", "--run", &run, "--json"]).exits(0).json();
    assert_eq!(log["entries"].as_array().unwrap().len(), 2, "{log}");
    pinx.run(&["log", "--run", "999999-zzzzzzzz"]).exits(0).says("nothing in the log is like that");
}

/// The bell is for a terminal, and for who wants it.
#[cfg(target_os = "linux")]
#[test]
fn a_batch_in_a_terminal_rings_at_its_end() {
    let pinx = Pinx::new().file("two.txt", "a fox\nan owl\n").env("TERM", "xterm-256color");
    let batch = "pinx batch two.txt -m pinx/sketch -s 64x64 -y -o";
    for (notify, count) in [("bell", 1), ("off", 0), ("auto", 0)] {
        let line = format!("script -qec 'PINX_NOTIFY={notify} {batch} {notify}/' /dev/null");
        let ended = pinx.shell(&line);
        let shown = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert!(ended.status.success() && shown.contains("2 images"), "{shown}");
        assert_eq!(shown.matches('\u{7}').count(), count, "{notify}\n{shown}");
    }
    let ended = pinx.shell(&format!("PINX_NOTIFY=bell {batch} pipe/ 2>&1"));
    assert!(!String::from_utf8_lossy(&ended.stdout).contains('\u{7}'), "a pipe has no bell");
}
