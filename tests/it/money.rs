//! What may be billed is neither repeated nor lost: corners that the numbered faults do not reach.

use std::time::Duration;

use base64::Engine as _;
use serde_json::json;

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, error, rate_limited, with_image};
use crate::fake::{Answer, Kind, PATIENCE, image};
use crate::pinx::Pinx;

const OPENAI: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];
const FAL: [&str; 5] = ["generate", "a red fox", "-m", "fal/flux-schnell", "--no-fallback"];

fn openai() -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    (fake, pinx)
}

fn fal() -> (Fal, Pinx) {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    (fake, pinx)
}

#[test]
fn an_intermediary_that_asks_to_wait_or_speaks_json_is_still_ambiguous() {
    for answer in [
        Answer::html(504).header("retry-after", "0"),
        Answer::html(502).header("retry-after", "0"),
        Answer::json(504, &json!({ "message": "Endpoint request timed out" })),
    ] {
        let (fake, pinx) = openai();
        fake.always(Kind::Images, answer);
        let output = pinx.run(&OPENAI).exits(75);
        assert_eq!(fake.posts(), 1, "{output}");
    }
}

#[test]
fn an_error_in_a_200_is_never_repeated_whatever_it_says() {
    let codes = [("rate_limit_exceeded", 1), ("model_not_found", 1), ("insufficient_quota", 3)];
    for (code, exit) in codes {
        let (fake, pinx) = openai();
        let body = json!({ "error": { "code": code, "message": "slow down" } });
        fake.always(Kind::Images, Answer::json(200, &body));
        let output = pinx.run(&OPENAI).exits(exit).says("slow down");
        assert_eq!(fake.posts(), 1, "{output}");
    }
}

#[test]
fn a_queue_job_that_failed_over_its_input_is_not_submitted_again() {
    let (fake, pinx) = fal();
    let status = json!({ "status": "COMPLETED", "error": "no", "error_type": "image_load_error" });
    fake.always(Kind::Status, Answer::json(200, &status));
    let detail = json!({ "detail": [{ "loc": ["body", "image"], "msg": "cannot load", "type": "image_load_error" }] });
    fake.always(Kind::Result, Answer::json(422, &detail));
    let output = pinx.run(&FAL).exits(1).says("cannot load");
    assert_eq!(fake.posts(), 1, "{output}");
}

#[test]
fn nothing_new_is_paid_for_after_the_deadline() {
    let (fake, pinx) = openai();
    let other = Fal::start();
    let pinx = pinx.fal(&other);
    fake.next(Kind::Images, error(500, "server_error", "no").after(Duration::from_millis(3_300)));
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell"];
    let output = pinx.run(&[&args[..], &["--deadline", "3"]].concat()).exits(1);
    assert_eq!((fake.posts(), other.posts()), (1, 0), "{output}");
}

#[test]
fn a_wait_beyond_the_cap_holds_for_the_other_jobs_too() {
    let (fake, pinx) = openai();
    fake.next(Kind::Images, rate_limited().header("retry-after", "40"));
    let pinx = pinx.env("PINX_WAIT_CAP", "1s");
    let args = [&OPENAI[..], &["-n", "2", "-j", "1", "--retries", "0"]].concat();
    let output = pinx.run(&args).exits(1).says("40");
    assert_eq!(fake.posts(), 1, "{output}");
}

#[test]
fn several_images_in_one_paid_request_are_not_smuggled_in() {
    let (fake, pinx) = openai();
    pinx.run(&[&OPENAI[..], &["-P", "n=8"]].concat()).exits(2).says("-n 8");
    assert_eq!(fake.posts(), 0);
}

#[test]
fn a_disk_that_refuses_raw_replies_loses_nothing() {
    let (fake, pinx) = openai();
    std::fs::create_dir_all(pinx.data()).unwrap();
    std::fs::write(pinx.data().join("kept"), b"in the way").unwrap();
    let pinx = pinx.env("PINX_BODY_MEMORY", "100");
    pinx.run(&OPENAI).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_result_that_makes_no_sense_is_asked_for_again() {
    for odd in [Answer::html(200), Answer::html(400)] {
        let (fake, pinx) = fal();
        fake.next(Kind::Result, odd);
        let output = pinx.run(&FAL).exits(0);
        assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    }
}

#[test]
fn a_submit_answered_by_nonsense_is_looked_for_in_the_history() {
    for odd in [Answer::html(200), Answer::html(502)] {
        let (fake, pinx) = fal();
        // The job is taken; only its answer is of no use.
        fake.next_with(Kind::Submit, move |_, _| odd.clone());
        let output = pinx.run(&FAL);
        assert!([0, 75].contains(&output.code), "{output}");
        assert!(fake.count(Kind::History) >= 1, "{output}");
        assert_eq!(fake.posts(), 1, "{output}");
    }
}

#[test]
fn a_broken_download_is_repeated() {
    let (fake, pinx) = fal();
    let whole = image::bytes(64, 64, "png");
    let torn = Answer::bytes(200, "image/png", whole[..whole.len() - 20].to_vec());
    fake.cdn.next(Kind::File, torn);
    let output = pinx.run(&FAL).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}

#[test]
fn links_of_a_synchronous_answer_survive_the_process() {
    let (fake, pinx) = openai();
    let other = Fal::start();
    let link = format!("{}/files/fox.png", other.cdn.url());
    fake.always(Kind::Images, Answer::json(200, &json!({ "data": [{ "url": link }] })));
    other.cdn.always(Kind::File, Answer::html(500));
    pinx.run(&[&OPENAI[..], &["--deadline", "3"]].concat()).exits(75).leaves(&[]);
    other.cdn.always(Kind::File, Answer::bytes(200, "image/png", image::bytes(64, 64, "png")));
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    assert!(pinx.kept().is_empty(), "what was recovered is no longer kept");
}

#[test]
fn a_second_signal_ends_a_download() {
    let (fake, pinx) = fal();
    let whole = Answer::bytes(200, "image/png", image::bytes(64, 64, "png"));
    fake.cdn.next(Kind::File, whole.stalled());
    let running = pinx.command(&FAL).spawn();
    fake.cdn.wait_for(Kind::File, 1);
    for _ in 0..2 {
        running.signal("INT");
        std::thread::sleep(Duration::from_millis(200));
    }
    let output = running.finish().exits(130).leaves(&[]);
    assert!(output.took < PATIENCE, "{output}");
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
}

#[test]
fn one_bad_image_does_not_take_the_good_one_with_it() {
    let (fake, pinx) = openai();
    let good = base64::engine::general_purpose::STANDARD.encode(image::bytes(64, 64, "png"));
    let body = json!({ "data": [{ "b64_json": "@@@@" }, { "b64_json": good }] });
    fake.always(Kind::Images, Answer::json(200, &body));
    let output = pinx.run(&OPENAI).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}

#[test]
fn a_whole_part_file_of_a_killed_process_is_the_image() {
    let (fake, pinx) = openai();
    fake.always(Kind::Images, Answer::hang());
    let running = pinx.command(&OPENAI).spawn();
    fake.wait_for(Kind::Images, 1);
    running.signal("KILL");
    running.finish();
    let attempt = pinx.entries("intent")[0]["attempt"].as_str().unwrap().to_owned();
    let part = pinx.work().join(format!(".pinx-{attempt}.1.part"));
    std::fs::write(&part, image::bytes(64, 64, "png")).unwrap();
    pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn an_image_that_was_named_but_not_logged_is_found() {
    let (fake, pinx) = openai();
    fake.always(Kind::Images, with_image(&image::bytes(64, 64, "png")));
    pinx.run(&OPENAI).exits(0);
    // The same run as it would stand had the process died before its last line.
    let segment = pinx.segments().remove(0);
    let text = std::fs::read_to_string(&segment).unwrap();
    let intents: String = text
        .lines()
        .filter(|line| line.contains("\"e\":\"intent\""))
        .map(|l| format!("{l}\n"))
        .collect();
    std::fs::write(&segment, intents).unwrap();
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!(output.files, ["a-red-fox.png"], "{output}");
    assert_eq!(pinx.entries("done").len(), 1);
}

#[test]
fn lost_requests_with_equal_inputs_are_claimed_one_each() {
    let (fake, pinx) = fal();
    for _ in 0..3 {
        fake.next_with(Kind::Submit, |_, _| Answer::dropped());
    }
    let args = ["generate", "a fox", "-m", "fal/gpt-image-2", "--quality", "low", "--no-fallback"];
    let output = pinx.run(&[&args[..], &["-n", "3", "-j", "3"]].concat());
    let output = if output.code == 75 { pinx.run(&["recover"]) } else { output };
    assert_eq!((fake.posts(), output.files.len()), (3, 3), "{output}");
    let polled = fake.requests(Kind::Result).into_iter().map(|request| request.path);
    let polled: std::collections::BTreeSet<_> = polled.collect();
    assert_eq!(polled.len(), 3, "each request is collected once: {polled:?}");
}

#[test]
fn recovery_knows_which_of_several_images_is_missing() {
    let (fake, pinx) = openai();
    pinx.run(&[&OPENAI[..], &["-n", "2", "-j", "1"]].concat()).exits(0);
    std::fs::remove_file(pinx.work().join("a-red-fox.png")).unwrap();
    let segment = pinx.segments().remove(0);
    let text = std::fs::read_to_string(&segment).unwrap();
    let intents = text.lines().filter(|line| line.contains("\"e\":\"intent\""));
    let intents: String = intents.map(|line| format!("{line}\n")).collect();
    std::fs::write(&segment, intents).unwrap();
    let output = pinx.run(&["recover"]).exits(75);
    assert_eq!(output.files, ["a-red-fox-2.png"], "{output}");
    assert_eq!((fake.posts(), pinx.entries("done").len()), (2, 1), "one found, one unknown");
}

#[test]
#[should_panic(expected = "no intent came before")]
fn a_payment_without_intent_is_seen() {
    let pinx = Pinx::new();
    std::fs::create_dir(pinx.data().join("log")).unwrap();
    let line =
        "{\"v\":1,\"e\":\"done\",\"attempt\":\"261122-7f3k9q2m.1.1\",\"provider\":\"fal\"}\n";
    std::fs::write(pinx.data().join("log/2026-11.jsonl"), line).unwrap();
    pinx.run(&["--version"]);
}
