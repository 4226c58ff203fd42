//! The next route: taken when nothing can have been spent, told and logged; otherwise never.

use crate::fake::fal::{self, Fal};
use crate::fake::openai::{OpenAi, error, rate_limited, refused};
use crate::fake::{Answer, Kind};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

const ARGS: [&str; 6] =
    ["generate", "a red fox", "-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell"];

/// OpenAI answers with this for ever, fal is well.
fn with_primary(answer: Answer) -> (OpenAi, Fal, Pinx) {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    openai.always(Kind::Images, answer);
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    (openai, fal, pinx)
}

/// Runs it and expects both counts.
fn run(answer: Answer, posts: usize, submits: usize) -> (Pinx, Output) {
    let (openai, fal, pinx) = with_primary(answer);
    let output = pinx.run(&ARGS);
    assert_eq!((openai.posts(), fal.posts()), (posts, submits), "{output}");
    assert_eq!(pinx.entries("intent").len(), posts + submits, "{output}");
    assert_eq!(pinx.entries("tried").len(), posts + submits - 1, "the others are closed\n{output}");
    assert_eq!(pinx.entries("done").len(), usize::from(output.code == 0), "{output}");
    assert_eq!(output.files.len(), usize::from(output.code == 0), "{output}");
    (pinx, output)
}

#[test]
fn fault_02_refused_falls_back_and_says_so() {
    let fal = Fal::start();
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("PINX_PROVIDERS_OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
        .env("PINX_RETRIES", "0")
        .fal(&fal);
    let output = pinx.run(&ARGS).exits(0).says("fal/flux-schnell");
    assert_eq!(output.files.len(), 1, "{output}");
    assert_eq!(fal.posts(), 1);
    let [done] = pinx.entries("done").try_into().unwrap();
    assert_eq!(done["model"], "fal/flux-schnell");
    let log = pinx.run(&["log", "show", done["job"].as_str().unwrap()]).exits(0);
    assert!(log.stdout.contains("openai/gpt-image-2"), "the log tells both routes\n{log}");
}

#[test]
fn fault_08_a_long_wait_is_the_next_route_at_once() {
    let (_, output) = run(rate_limited().header("retry-after", "120"), 1, 1);
    output.exits(0).says("fal/flux-schnell");
}

#[test]
fn fault_10_an_empty_account_is_the_next_route() {
    let quota = error(429, "insufficient_quota", "You exceeded your current quota.");
    let (_, output) = run(quota, 1, 1);
    output.exits(0).says("quota").says("fal/flux-schnell");
}

#[test]
fn fault_12_attempts_are_counted_over_all_routes() {
    let (openai, fal, pinx) = with_primary(error(500, "server_error", "Sorry about that!"));
    fal.always(Kind::Submit, fal::server_error(500, "internal_server_error"));
    let output = pinx.run(&ARGS).exits(1).leaves(&[]);
    assert_eq!((openai.posts(), fal.posts()), (3, 1), "{output}");
    assert_eq!((pinx.entries("tried").len(), pinx.entries("failed").len()), (3, 1), "{output}");
}

#[test]
fn fault_13_an_intermediarys_page_is_no_reason_for_a_second_payment() {
    let (_, output) = run(Answer::html(502), 1, 0);
    output.exits(75).leaves(&[]).says("pinx recover");
}

#[test]
fn fault_16_a_524_may_have_been_billed() {
    let (_, output) = run(Answer::html(524), 1, 0);
    output.exits(75).leaves(&[]);
}

#[test]
fn fault_17_a_refused_key_is_the_next_route_and_told() {
    let (_, output) = run(error(401, "invalid_api_key", "Incorrect API key provided."), 1, 1);
    output.exits(0).says("OPENAI_API_KEY").says("fal/flux-schnell");
}

#[test]
fn fault_18_an_unverified_organisation_is_the_next_route() {
    let (_, output) =
        run(error(403, "", "Your organization must be verified to use `gpt-image-2`."), 1, 1);
    output.exits(0).says("verified");
}

#[test]
fn fault_19_an_unknown_model_is_the_next_route() {
    let (_, output) = run(error(404, "model_not_found", "The model does not exist."), 1, 1);
    output.exits(0).says("fal/flux-schnell");
}

#[test]
fn fault_20_a_wrong_request_is_no_reason_to_try_elsewhere() {
    let (_, output) = run(error(400, "invalid_value", "Invalid size."), 1, 0);
    output.exits(1).leaves(&[]);
}

#[test]
fn fault_21_a_refusal_goes_nowhere_else_unless_asked() {
    let (_, output) = run(refused(), 1, 0);
    output.exits(5).leaves(&[]);
    let (openai, fal, pinx) = with_primary(refused());
    let pinx = pinx.env("PINX_FALLBACK_ON", "content");
    pinx.run(&ARGS).exits(0).says("fal/flux-schnell");
    assert_eq!((openai.posts(), fal.posts()), (1, 1));
}

#[test]
fn an_unusable_answer_is_paid_and_goes_nowhere_else() {
    let (_, output) = run(Answer::bytes(200, "application/json", *b"{oops"), 1, 0);
    output.exits(1).leaves(&[]);
}

#[test]
fn a_silent_provider_is_never_replaced() {
    let (openai, fal, pinx) = with_primary(Answer::hang());
    pinx.run(&[&ARGS[..], &["--timeout", "3"]].concat()).exits(75).leaves(&[]);
    assert_eq!((openai.posts(), fal.posts()), (1, 0));
}

#[test]
fn without_fallback_there_is_one_route() {
    let (openai, fal, pinx) = with_primary(error(401, "invalid_api_key", "no"));
    pinx.run(&["generate", "a fox", "--no-fallback"]).exits(3).leaves(&[]);
    assert_eq!((openai.posts(), fal.posts()), (1, 0));
}

#[test]
fn auto_takes_the_next_of_its_order_but_never_the_sketch() {
    let (openai, fal, pinx) = with_primary(error(401, "invalid_api_key", "no"));
    pinx.run(&["generate", "a red fox"]).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (1, 1));
    fal.always(Kind::Submit, fal::error(401, "invalid key credentials"));
    let output = pinx.run(&["generate", "a red hen"]).exits(3);
    assert!(!output.files.iter().any(|file| file.contains("hen")), "{output}");
}

#[test]
fn a_fallback_must_fit_the_consent_that_was_given() {
    let (openai, fal, pinx) = with_primary(error(401, "invalid_api_key", "no"));
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--quality", "low"];
    let dear = [&args[..], &["--fallback", "fal/nano-banana-pro", "--max-cost", "0.02"]].concat();
    pinx.run(&dear).exits(6).leaves(&[]);
    assert_eq!(fal.posts(), 0, "openai saw {}", openai.posts());
}

#[test]
fn the_document_and_the_log_tell_both_routes() {
    let (_openai, _fal, pinx) = with_primary(error(401, "invalid_api_key", "no"));
    let output = pinx.run(&[&ARGS[..], &["--json"]].concat()).exits(0);
    let job = &output.json()["jobs"][0];
    assert_eq!(job["model"], "fal/flux-schnell", "{output}");
    let models: Vec<_> = job["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["model"].clone())
        .collect();
    assert_eq!(models, ["openai/gpt-image-2", "fal/flux-schnell"], "{output}");
    assert_eq!(pinx.entries("intent").len(), 2);
}
