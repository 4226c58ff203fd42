//! What a failure shows: the server's own sentence, the status, the host and its request id; and the
//! remedy for what was refused, not for something else.

use serde_json::json;

use crate::fake::openai::{OpenAi, error};
use crate::fake::{Answer, Kind};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];

/// Every request gets this answer, at the address that `OPENAI_BASE_URL` names.
fn world(answer: Answer) -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    fake.always(Kind::Images, answer);
    let pinx =
        Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("OPENAI_BASE_URL", fake.base_url());
    (fake, pinx)
}

#[test]
fn the_sentence_the_status_the_host_and_the_id_are_shown_and_logged() {
    let long = "word ".repeat(200);
    for (answer, sentence) in [
        (Answer::json(400, &json!([{ "error": { "message": "no such field" } }])), "no such field"),
        (Answer::bytes(400, "text/plain", *b"the pool is dry"), "the pool is dry"),
        (Answer::bytes(502, "text/plain", *b"the pool is dry"), "the pool is dry"),
        (Answer::bytes(502, "text/html", *b"<html><title>Bad pool</title><p>x"), "bad pool"),
        (Answer::json(500, &json!({ "error": { "message": "pool", "type": null } })), "pool"),
        (Answer::json(200, &json!({ "error": { "message": "pool" }, "data": [] })), "pool"),
        (Answer::bytes(400, "text/plain", long.into_bytes()), "word word word"),
    ] {
        let (fake, pinx) = world(answer.header("x-litellm-call-id", "call-7"));
        let output = pinx.run(&[&ARGS[..], &["--json"]].concat()).says(sentence).says("call-7");
        let host = fake.url().replace("http://", "");
        let output = output.says(&host);
        let job = &output.json()["jobs"][0];
        let (told, attempt) = (&job["error"], &job["attempts"][0]);
        for said in [told, attempt] {
            assert_eq!((&said["host"], &said["request_id"]), (&json!(host), &json!("call-7")));
            assert_eq!(said["status"], attempt["status"], "{output}");
            let message = said["message"].as_str().unwrap();
            assert!(message.to_lowercase().contains(sentence), "{output}");
            assert!(message.chars().count() < 420, "{output}");
        }
        let last = pinx.journal().pop().unwrap();
        assert!(["failed", "open"].contains(&last["e"].as_str().unwrap()), "{last}");
        assert_eq!((&last["host"], &last["request_id"]), (&json!(host), &json!("call-7")));
        let show = pinx.run(&["log", "show"]).exits(0);
        let line = format!("answered by {host} with HTTP");
        assert!(show.stdout.contains(&line) && show.stdout.contains("call-7"), "{show}");
    }
}

#[test]
fn the_id_of_the_provider_comes_before_those_of_what_stands_between() {
    let ids = [
        "x-request-id",
        "request-id",
        "x-fal-request-id",
        "x-litellm-call-id",
        "x-portkey-trace-id",
        "cf-ray",
    ];
    let mut answer = Answer::json(400, &json!({ "error": "no" }));
    for id in ids.iter().rev() {
        answer = answer.header(id, &format!("id-of-{id}"));
        let (_fake, pinx) = world(answer.clone());
        pinx.run(&ARGS).exits(1);
        assert_eq!(pinx.entries("failed")[0]["request_id"], format!("id-of-{id}"));
    }
}

#[test]
fn attempts_that_are_tried_again_are_logged_with_who_answered() {
    let fake = OpenAi::start();
    fake.answers(error(500, "server_error", "sorry"));
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&[&ARGS[..], &["--json"]].concat()).exits(0);
    let host = fake.url().replace("http://", "");
    let [tried] = pinx.entries("tried").try_into().unwrap();
    assert_eq!((&tried["host"], &tried["request_id"]), (&json!(host), &json!("req_error")));
    let attempts = &output.json()["jobs"][0]["attempts"];
    assert_eq!((&attempts[0]["host"], &attempts[1]["host"]), (&json!(host), &json!(null)));
}

/// Says that the address is wrong, and where it comes from; a missing model is not the matter.
#[track_caller]
fn told_as_an_address(output: &Output, fake: &OpenAi, from: &str) {
    let shown = output.stderr.to_lowercase();
    let base = fake.base_url().to_lowercase();
    assert!(shown.contains("base url") && shown.contains(&base), "{output}");
    assert!(shown.contains(&from.to_lowercase()), "{output}");
    assert!(!shown.contains("pinx models") && !shown.contains("another key"), "{output}");
}

#[test]
fn a_wrong_address_is_told_as_one_and_asked_once() {
    let envelope = |message: &str| {
        let error = json!({ "message": message, "type": "invalid_request_error", "code": null });
        Answer::json(404, &json!({ "error": error }))
    };
    for (answer, exit) in [
        (Answer::bytes(404, "text/plain", *b"404 page not found"), 1),
        (Answer::bytes(404, "text/plain", *b""), 1),
        (Answer::html(404), 1),
        (Answer::html(405), 1),
        (Answer::html(403), 1),
        (Answer::html(400), 1),
        (Answer::json(404, &json!({ "detail": "Not Found" })), 1),
        (Answer::json(404, &json!({ "message": "no Route matched with those values" })), 1),
        (envelope("Invalid URL (POST /v1/images/generations)"), 1),
        (Answer::html(200), 1),
        (Answer::html(307).header("location", "https://example.com/"), 1),
    ] {
        let shown = format!("{answer:?}");
        let (fake, pinx) = world(answer);
        let pinx = pinx.file("p.txt", "a fox\na hen\nan owl");
        let output = pinx.run(&ARGS).exits(exit).leaves(&["p.txt"]);
        told_as_an_address(&output, &fake, "OPENAI_BASE_URL");
        assert_eq!(fake.posts(), 1, "{shown}");
        // What is no API for one job is none for the next.
        if exit == 1 && !shown.contains("status: 200") {
            let args = ["batch", "p.txt", "-m", "openai/gpt-image-2", "--no-fallback", "-j", "1"];
            pinx.run(&args).exits(1);
            assert_eq!(fake.posts(), 2, "{shown}");
        }
    }
    // The setting is named where it is one.
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::html(404));
    let config = format!("[providers.openai]\nbase_url = \"{}\"\n", fake.base_url());
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).config("config.toml", &config);
    told_as_an_address(&pinx.run(&ARGS).exits(1), &fake, "config.toml");
}

#[test]
fn a_missing_model_is_still_one() {
    for answer in [
        error(404, "model_not_found", "The model `gpt-image-2` does not exist."),
        Answer::json(404, &json!({ "error": { "message": "model not loaded", "code": 404 } })),
        Answer::json(404, &json!({ "error": { "message": "nothing by gpt-image-2 here" } })),
        Answer::json(
            400,
            &json!({ "error": { "message": "{'error': 'Invalid model name passed in model=x'}" } }),
        ),
        Answer::json(
            503,
            &json!({ "error": { "message": "no channel", "code": "model_not_found" } }),
        ),
    ] {
        let (_fake, pinx) = world(answer);
        pinx.run(&ARGS).exits(1).says("pinx models");
        assert_eq!(pinx.entries("failed")[0]["kind"], "missing_model");
    }
}

#[test]
fn a_base_url_that_is_an_endpoint_is_refused_with_the_right_one() {
    let fake = OpenAi::start();
    for path in ["/images/generations", "/images/generations/", "/chat/completions", "/responses"] {
        for variable in ["OPENAI_BASE_URL", "OPENAI_GATEWAY_URL", "PINX_PROVIDERS_OPENAI_BASE_URL"]
        {
            let pinx = Pinx::new()
                .env("OPENAI_API_KEY", OPENAI_KEY)
                .env(variable, format!("{}{path}", fake.base_url()));
            let output = pinx.run(&ARGS).exits(2).leaves(&[]);
            output.says(variable).says(&format!("the base URL is `{}`", fake.base_url()));
            assert!(pinx.entries("intent").is_empty());
        }
    }
    let address = format!("{}/images/generations", fake.base_url());
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    pinx.run(&[&ARGS[..], &["--base-url", &address]].concat()).exits(2).says("--base-url");
    let pinx = Pinx::new()
        .env("FAL_KEY", crate::pinx::FAL_KEY)
        .env("PINX_PROVIDERS_FAL_QUEUE_URL", "https://queue.fal.run/fal-ai/flux/schnell");
    let output = pinx.run(&["generate", "a fox", "-m", "fal/flux-schnell"]).exits(2);
    output.says("the base URL is `https://queue.fal.run`");
    assert!(fake.all().is_empty());
}

#[test]
fn the_variable_of_older_programs_is_named_where_it_is_set() {
    let named = "OPENAI_API_BASE";
    for answer in [Answer::html(404), error(401, "invalid_api_key", "Incorrect API key provided.")]
    {
        let (_fake, pinx) = world(answer);
        pinx.run(&ARGS).never_says(named);
        let output = pinx.env(named, "http://127.0.0.1:1/v1").run(&ARGS);
        output.says(named).says("OPENAI_BASE_URL");
    }
    // Whoever has set it believes that the prompt goes there.
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env(named, "http://127.0.0.1:1/v1");
    pinx.run(&[&ARGS[..], &["--dry-run"]].concat()).exits(0).says(named);
}

#[test]
fn only_what_was_refused_is_to_be_replaced() {
    let litellm = |words: &str| {
        let message = format!("litellm.AuthenticationError: OpenAIException - {words}");
        Answer::json(401, &json!({ "error": { "message": message, "type": null, "code": "401" } }))
    };
    let key = "Incorrect API key provided: sk-***.";
    for (answer, says, never) in [
        (error(401, "invalid_api_key", key), "set another key in OPENAI_API_KEY", "billing"),
        (litellm(key), "not yours", "another key"),
        (error(429, "insufficient_quota", "You exceeded it."), "usage and billing", "another key"),
        (Answer::json(402, &json!({ "error": "no" })), "usage and billing", "another key"),
        (
            Answer::json(
                429,
                &json!({ "success": false, "errors": [{ "code": 3036, "message": "x" }] }),
            ),
            "next day",
            "another key",
        ),
    ] {
        let (_fake, pinx) = world(answer);
        pinx.run(&ARGS).exits(3).says(says).never_says(never);
    }
    // A gateway that refuses its own token says nothing about the provider's key.
    let fake = OpenAi::start();
    let refused = json!({ "success": false, "errors": [{ "code": 10000, "message": "Authentication error" }] });
    fake.always(Kind::Images, Answer::json(401, &refused));
    let config = format!(
        "[gateways.edge]\nkind = \"cloudflare\"\nurl = \"{}/v1/acct/gw\"\ntoken_env = \"MY_TOKEN\"\n\n\
         [providers.openai]\ngateway = \"edge\"\n",
        fake.url()
    );
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("MY_TOKEN", "cf-token-0123456789")
        .config("config.toml", &config);
    pinx.run(&ARGS).exits(3).says("token comes from MY_TOKEN").never_says("another key");
}

#[test]
fn what_is_pasted_around_a_key_is_left_out_and_told() {
    for (around, told) in [
        (format!("\"{OPENAI_KEY}\""), "its quotes are left out"),
        (format!("Bearer {OPENAI_KEY}"), "the `bearer` before it is left out"),
        (format!("'Bearer {OPENAI_KEY}'"), "its quotes and the `bearer` before it"),
    ] {
        let fake = OpenAi::start();
        let pinx =
            Pinx::new().env("OPENAI_API_KEY", around).env("OPENAI_BASE_URL", fake.base_url());
        pinx.run(&[&ARGS[..], &["-n", "2"]].concat()).exits(0).says(told).says("OPENAI_API_KEY");
        let sent = format!("Bearer {OPENAI_KEY}");
        for request in fake.requests(Kind::Images) {
            assert_eq!(request.header("authorization"), Some(sent.as_str()));
        }
    }
}
