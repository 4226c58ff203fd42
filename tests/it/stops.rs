//! What fails for everybody stops for everybody: a batch of forty under each class of failure, four at
//! once: how many are paid for, which exit code, and what the user is told to do.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, error, refused, with_image};
use crate::fake::{Answer, Kind, image};
use crate::pinx::{Output, Pinx};

const BATCH: [&str; 8] =
    ["batch", "p.txt", "-y", "-m", "openai/gpt-image-2", "--no-fallback", "-o", "out/"];

/// So many prompts for the fake, and no patience.
fn world(fake: &OpenAi, prompts: usize) -> Pinx {
    let lines: Vec<String> = (0..prompts).map(|n| format!("fox {n}")).collect();
    let pinx = Pinx::new().openai(fake).file("p.txt", &lines.join("\n"));
    pinx.env("PINX_RETRIES", "0").env("PINX_BACKOFF", "1ms")
}

fn run(pinx: &Pinx, more: &[&str]) -> Output {
    pinx.run(&[&BATCH, more].concat())
}

/// Forty under one answer, four at once: between so many and so many are paid for.
#[track_caller]
fn forty(answer: Answer, posts: std::ops::RangeInclusive<usize>, code: i32) -> (Pinx, Output) {
    let fake = OpenAi::start();
    fake.always(Kind::Images, answer);
    let pinx = world(&fake, 40);
    let output = run(&pinx, &["-j", "4", "--json"]).exits(code);
    assert!(posts.contains(&fake.posts()), "{} paid requests\n{output}", fake.posts());
    let document = output.json();
    let jobs = document["jobs"].as_array().unwrap();
    let begun = |job: &&Value| !job["attempts"].as_array().unwrap().is_empty();
    assert_eq!((jobs.len(), jobs.iter().filter(begun).count()), (40, fake.posts()), "{output}");
    for job in jobs.iter().filter(|job| !begun(job)) {
        assert_eq!((&job["status"], &job["billed"]), (&"pending".into(), &"no".into()), "{job}");
        let told = job["error"]["message"].as_str().unwrap();
        assert!(told.starts_with("not begun: "), "{told}");
    }
    assert_eq!(document["totals"]["unbegun"], 40 - fake.posts(), "{output}");
    (pinx, output)
}

/// So many jobs are the next run's.
#[track_caller]
fn goes_on_with(output: Output, missing: usize) -> Output {
    output.says(&format!("the same command makes the {missing} that are missing"))
}

#[test]
fn a_provider_that_cannot_be_reached_is_paid_nothing() {
    let pinx = world(&OpenAi::start(), 40);
    let pinx = pinx.env("PINX_PROVIDERS_OPENAI_BASE_URL", "http://127.0.0.1:1/v1");
    let output = goes_on_with(run(&pinx, &["-j", "4"]).exits(1), 40);
    let output = output.never_says("--retry-failed").never_says("pinx recover");
    // It is tried a few times, told in a line, and the rest is left for later.
    let begun = pinx.entries("intent").len();
    assert!((3..=7).contains(&begun), "{begun}\n{output}");
    let output =
        output.says("openai is not asked any more in this run: several images in a row found");
    assert_eq!(output.stderr.matches("cannot be reached").count(), 1, "told once\n{output}");
    output.says("not begun").says("pinx doctor");
    // Somebody's own address may be mistyped.
    let one = ["generate", "a fox", "-m", "openai/gpt-image-2", "--no-fallback"];
    let output = pinx.run(&one).exits(1);
    output.says("http://127.0.0.1:1/v1` comes from $PINX_PROVIDERS_OPENAI_BASE_URL: is that the");
}

#[test]
fn a_provider_that_is_busy_is_asked_again_by_the_next_run() {
    let busy =
        error(429, "rate_limit_exceeded", "Too many requests.").header("retry-after-ms", "1");
    let (_, output) = forty(busy, 40..=40, 1);
    goes_on_with(output, 40).never_says("--retry-failed").never_says("pinx recover");
}

#[test]
fn a_server_that_fails_is_asked_again_by_the_next_run() {
    let (_, output) = forty(error(500, "server_error", "Sorry about that!"), 40..=40, 1);
    goes_on_with(output, 40).never_says("--retry-failed").never_says("pinx recover");
}

#[test]
fn a_dead_key_is_asked_by_what_is_in_flight_alone() {
    let (_, output) = forty(error(401, "invalid_api_key", "Incorrect API key."), 1..=4, 3);
    let output = goes_on_with(output, 40).says("OPENAI_API_KEY").never_says("--retry-failed");
    assert_eq!(output.stderr.matches("Incorrect API key").count(), 1, "told once\n{output}");
}

#[test]
fn a_wrong_request_is_each_jobs_own() {
    let (_, output) = forty(error(400, "invalid_value", "Invalid size."), 40..=40, 1);
    output.says("--retry-failed").never_says("the same command").never_says("pinx recover");
}

#[test]
fn a_refusal_is_each_jobs_own() {
    let (_, output) = forty(refused(), 40..=40, 5);
    output.says("--retry-failed").never_says("the same command").never_says("pinx recover");
}

#[test]
fn fault_65_answers_that_are_lost_stop_their_route() {
    let (pinx, output) = forty(Answer::dropped(), 3..=6, 75);
    let output = output.says("stop_after_unusable").says("3 answers in a row").says("pinx recover");
    let open = pinx.entries("open").len();
    goes_on_with(output, 40 - open);
}

#[test]
fn fault_65_answers_that_are_unusable_stop_their_route() {
    for unusable in [
        Answer::bytes(200, "application/json", *b"{oops"),
        with_image(&image::bytes(64, 64, "png")[..100]),
    ] {
        let (pinx, output) = forty(unusable, 3..=6, 1);
        let first = &pinx.entries("failed")[0]["message"];
        let stop = output.stderr.lines().find(|line| line.contains("3 answers in a row")).unwrap();
        assert!(stop.contains(first.as_str().unwrap()), "the first cause\n{output}");
        let failed = pinx.entries("failed").len();
        goes_on_with(output, 40 - failed).says("--retry-failed").never_says("pinx recover");
    }
}

#[test]
fn fault_65_answers_whose_links_are_dead_stop_their_route() {
    let dead = Answer::json(200, &json!({ "data": [{ "url": "/gone/x.png" }] }));
    let (pinx, output) = forty(dead, 3..=6, 75);
    let output = output.says("3 answers in a row").says("dead").says("pinx recover");
    let (open, kept) = (pinx.entries("open").len(), pinx.kept().len());
    assert_eq!(kept, open, "each can be fetched later\n{output}");
    goes_on_with(output, 40 - open);
}

#[test]
fn how_many_stop_a_route_is_a_setting_and_one_image_begins_anew() {
    let unusable = || Answer::bytes(200, "application/json", *b"{oops");
    for (most, posts) in [("1", 1), ("5", 5), ("0", 12)] {
        let fake = OpenAi::start();
        fake.always(Kind::Images, unusable());
        let pinx = world(&fake, 12).env("PINX_STOP_AFTER_UNUSABLE", most);
        run(&pinx, &["-j", "1"]).exits(1);
        assert_eq!(fake.posts(), posts, "{most}");
    }
    let fake = OpenAi::start();
    for n in 1..=12 {
        if n % 3 == 0 {
            fake.next_with(Kind::Images, |_, usual| usual)
        } else {
            fake.next(Kind::Images, unusable())
        };
    }
    run(&world(&fake, 12), &["-j", "1"]).exits(4).never_says("in a row");
    assert_eq!(fake.posts(), 12);
}

#[test]
fn fault_66_a_missing_model_is_asked_by_what_is_in_flight_alone() {
    let missing = error(404, "model_not_found", "The model does not exist.");
    let (_, output) = forty(missing.clone(), 1..=4, 1);
    assert_eq!(output.stderr.matches("does not exist").count(), 1, "told once\n{output}");
    let fake = OpenAi::start();
    fake.always(Kind::Images, missing);
    let output = run(&world(&fake, 12), &["-j", "1"]).exits(1);
    assert_eq!(fake.posts(), 1, "{output}");
    goes_on_with(output, 11).says("--retry-failed");
}

#[test]
fn a_missing_model_gives_its_jobs_to_the_next_route_and_that_is_told_once_for_the_rest() {
    let (openai, other) = (OpenAi::start(), Fal::start());
    openai.always(Kind::Images, error(404, "model_not_found", "The model does not exist."));
    let pinx = world(&openai, 12).fal(&other);
    let args = ["batch", "p.txt", "-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell"];
    let output = pinx.run(&[&args[..], &["-j", "1"]].concat()).exits(0);
    assert_eq!((openai.posts(), other.posts()), (1, 12), "{output}");
    assert!(output.stderr.matches("does not exist").count() <= 2, "{output}");
}

#[test]
fn causes_are_told_in_their_order_and_the_first_is_not_lost() {
    let (openai, other) = (OpenAi::start(), Fal::start());
    openai.always(Kind::Images, error(429, "insufficient_quota", "You exceeded your quota."));
    other.always(Kind::Submit, error(401, "", "Cannot access application."));
    let pinx = world(&openai, 1).fal(&other);
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell"];
    let output = pinx.run(&args).exits(3).says("error: openai/gpt-image-2: ");
    let order =
        ["openai/gpt-image-2: ", "exceeded your quota", "; then fal/flux-schnell: ", "billing"];
    let told = output.stderr.split("error: ").nth(1).unwrap();
    let places = order.map(|words| told.find(words).unwrap_or_else(|| panic!("{words}\n{output}")));
    assert!(places.is_sorted(), "{places:?}\n{output}");
    let output = pinx.run(&[&args[..], &["--json"]].concat()).exits(3);
    let job = &output.json()["jobs"][0];
    let message = job["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("openai/gpt-image-2: You exceeded your quota"), "{message}");
    assert_eq!(job["attempts"].as_array().unwrap().len(), 2, "{output}");
    // In a batch too, also of the jobs that never asked the first route.
    let args = ["batch", "p.txt", "-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell"];
    let pinx = pinx.file("p.txt", "fox\nowl\n");
    let output = pinx.run(&[&args[..], &["-j", "1", "--json"]].concat()).exits(3);
    for job in output.json()["jobs"].as_array().unwrap() {
        let message = job["error"]["message"].as_str().unwrap();
        let message = message.trim_start_matches("not begun: ");
        assert!(message.starts_with("openai/gpt-image-2: You exceeded your quota"), "{message}");
        assert!(message.contains("; then fal/flux-schnell: "), "{message}");
    }
}

/// From its first paid request on nothing can be saved in these places.
fn refuse(fake: &OpenAi, places: &[PathBuf]) {
    let places = places.to_vec();
    fake.next_with(Kind::Images, move |_, usual| {
        for place in &places {
            let _ = std::fs::remove_dir_all(place);
            std::fs::write(place, "in the way").unwrap();
        }
        usual
    });
}

#[test]
fn fault_56_images_that_can_be_kept_nowhere_end_the_run() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 12);
    let spare = pinx.work().join("spare");
    std::fs::create_dir(&spare).unwrap();
    let pinx = pinx.env("TMPDIR", spare.display().to_string());
    refuse(&fake, &[pinx.work().join("out"), pinx.data().join("kept"), spare]);
    let output = run(&pinx, &["-j", "1", "--json"]).exits(7);
    assert_eq!(fake.posts(), 1, "{output}");
    let document = output.json();
    let statuses: Vec<&str> = document["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["status"].as_str().unwrap())
        .collect();
    assert_eq!((statuses.len(), statuses[0], statuses[11]), (12, "failed", "pending"), "{output}");
    goes_on_with(output.says("nothing more is sent"), 12);
}

#[test]
fn fault_57_a_directory_that_refuses_gets_no_more_images() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 40);
    let out = pinx.work().join("out");
    refuse(&fake, std::slice::from_ref(&out));
    let output = run(&pinx, &["-j", "4"]).exits(7).says("nothing more is made for");
    let posts = fake.posts();
    assert!((1..=4).contains(&posts), "{posts} paid requests\n{output}");
    assert_eq!((pinx.kept().len(), pinx.entries("kept").len()), (posts, posts), "{output}");
    output.says("pinx recover").says("not paid for again");
    let listed = pinx.run(&["recover", "--list"]).exits(75).says("its bytes are kept");
    listed.says("\"fox 0\": still open").says(&format!("{posts} still open"));
    pinx.run(&["recover", "--list"]).exits(75).never_says("recovered");
    std::fs::remove_file(out).unwrap();
    pinx.run(&["recover"]).exits(0);
    run(&pinx, &["-j", "4"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (40, 41));
}

#[test]
fn a_directory_that_refuses_stops_only_the_jobs_that_go_there() {
    let fake = OpenAi::start();
    let line = |n: usize| {
        format!(r#"{{"prompt": "fox {n}", "output": "{}/{n}.png"}}"#, ["bad", "good"][n % 2])
    };
    let lines: Vec<String> = (0..12).map(line).collect();
    let pinx = world(&fake, 1).file("p.txt", "").file("jobs.jsonl", &lines.join("\n"));
    refuse(&fake, &[pinx.work().join("bad")]);
    let args = ["batch", "jobs.jsonl", "-j", "1", "-m", "openai/gpt-image-2", "--no-fallback"];
    let output = pinx.run(&args).exits(7);
    assert_eq!((fake.posts(), pinx.entries("done").len()), (7, 6), "{output}");
    goes_on_with(output, 5 + 1);
}

#[test]
fn jobs_that_fail_fast_left_are_in_the_document_too() {
    let fake = OpenAi::start();
    fake.next_with(Kind::Images, |_, usual| usual);
    fake.always(Kind::Images, refused());
    let output = run(&world(&fake, 6), &["-j", "1", "--fail-fast", "--json"]).exits(4);
    let document = output.json();
    let jobs = document["jobs"].as_array().unwrap();
    let statuses: Vec<&str> = jobs.iter().map(|job| job["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["done", "refused", "pending", "pending", "pending", "pending"]);
    assert_eq!((fake.posts(), &document["totals"]["unbegun"]), (2, &4.into()), "{output}");
}
