//! Choosing a model: what `auto` takes, falls through and remembers; what `--prefer` finds; what a plan
//! shows without a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::fake::fal::{self, Fal};
use crate::fake::openai::{OpenAi, error};
use crate::fake::{Answer, Kind, image};
use crate::pinx::{FAL_KEY, OPENAI_KEY, Output, Pinx};

const NEWEST: &str = "openai/gpt-image-2.6-flare";
const SECOND: &str = "openai/gpt-image-2.5-flare";
const FOX: [&str; 2] = ["generate", "a red fox"];

/// A key that has all models but these.
fn lacks(
    fake: &OpenAi,
    models: &'static [&'static str],
    answer: impl Fn() -> Answer + Send + Sync + 'static,
) {
    fake.always_with(Kind::Images, move |request, usual| {
        let model = request.json["model"].as_str().unwrap_or_default();
        if models.contains(&model) { answer() } else { usual }
    });
}

fn not_found() -> Answer {
    error(
        404,
        "model_not_found",
        "The model `gpt-image-2.6-flare` does not exist or you do not have access to it.",
    )
}

fn models_asked(fake: &OpenAi) -> Vec<String> {
    let requests = fake.requests(Kind::Images);
    requests.iter().map(|request| request.json["model"].as_str().unwrap().to_owned()).collect()
}

fn model(output: &Output) -> String {
    output.json()["jobs"][0]["model"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn fault_83_a_model_that_this_key_lacks_is_passed_over_for_a_day() {
    let unverified = || {
        error(403, "", "Your organization must be verified to use the model `gpt-image-2.6-flare`.")
    };
    for answer in [not_found as fn() -> Answer, unverified] {
        let fake = OpenAi::start();
        lacks(&fake, &["gpt-image-2.6-flare"], answer);
        let pinx = Pinx::new().openai(&fake);
        let output = pinx.run(&FOX).exits(0).says(&format!("taking {SECOND}"));
        let output = output.says(&format!("`auto` passes over {NEWEST} for a day"));
        output.says(&format!("1 image · {SECOND} · $0.0132"));
        assert_eq!(models_asked(&fake), ["gpt-image-2.6-flare", "gpt-image-2.5-flare"]);
        assert_eq!((pinx.entries("tried").len(), pinx.entries("done").len()), (1, 1));
        // Told once; then the next one is asked at once.
        let output = pinx.run(&["generate", "a red hen"]).exits(0).never_says("passes over");
        output.never_says("failed").says(SECOND);
        assert_eq!(models_asked(&fake).len(), 3, "one request");
        let listed = pinx.run(&["models", "openai"]).exits(0);
        let row = |id: &str| listed.stdout.lines().find(|line| line.starts_with(id)).unwrap();
        assert!(row(NEWEST).contains("(seen "), "{listed}");
        assert!(row(SECOND).contains("  ←  "), "{listed}");
        // A named model is always asked, and what works is forgotten.
        let named = pinx.run(&["generate", "a blue hen", "-m", NEWEST, "--no-fallback"]);
        named.never_says("passes over");
        assert_eq!(models_asked(&fake).pop().unwrap(), "gpt-image-2.6-flare");
        lacks(&fake, &[], not_found);
        pinx.run(&["generate", "a wet hen", "-m", NEWEST]).exits(0);
        pinx.run(&["generate", "a dry hen"]).exits(0).says(NEWEST);
        assert_eq!(models_asked(&fake).pop().unwrap(), "gpt-image-2.6-flare");
    }
}

#[test]
fn fault_83_what_may_have_been_billed_pays_for_no_other_model() {
    let png = STANDARD.encode(image::bytes(64, 64, "png"));
    let said = |status: u16, code: &str, beside: Value| {
        let mut body = json!({ "error": { "message": "model trouble", "code": code } });
        body.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
        Answer::json(status, &body)
    };
    let made = json!({ "data": [{ "b64_json": png }], "usage": { "output_tokens": 4000 } });
    let counted = json!({ "usage": { "output_tokens": 4000 } });
    let billed = "The generated image of this model was billed, and has expired.";
    for (answer, exit, kept) in [
        (said(400, "model_not_found", made.clone()), 0, 0),
        (said(403, "permission_denied", made.clone()), 0, 0),
        (said(500, "model_not_found", made), 0, 0),
        (said(200, "permission_denied", counted.clone()), 1, 1),
        (said(404, "model_not_found", counted), 1, 1),
        (said(504, "model_not_available", json!({})), 75, 0),
        (said(999, "model_not_found", json!({})), 75, 0),
        (error(403, "", billed), 75, 0),
    ] {
        let fake = OpenAi::start();
        fake.always(Kind::Images, answer);
        let pinx = Pinx::new().openai(&fake);
        let output =
            pinx.run(&FOX).exits(exit).never_says("passes over").never_says("nothing spent");
        assert_eq!(models_asked(&fake), ["gpt-image-2.6-flare"], "{output}");
        assert_eq!(pinx.files().len(), usize::from(exit == 0), "{output}");
        assert_eq!(pinx.kept().len(), kept, "{output}");
        assert!(!pinx.data().join("limits/missing.json").exists(), "{output}");
    }
}

#[test]
fn fault_83_another_key_may_have_what_this_one_lacks() {
    let fake = OpenAi::start();
    lacks(&fake, &["gpt-image-2.6-flare"], not_found);
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&FOX).exits(0);
    let other = "sk-other-0123456789abcdef";
    let pinx = pinx.secret(other).env("OPENAI_API_KEY", other);
    let plan = pinx.run(&[&FOX[..], &["--dry-run", "--json"]].concat()).exits(0);
    assert_eq!(model(&plan), NEWEST);
}

#[test]
fn fault_83_what_is_not_about_the_model_is_neither_passed_on_nor_remembered() {
    for (answer, code, asked) in [
        // A page of something in between speaks of no model.
        (Answer::html(403), 1, Some(1)),
        (Answer::bytes(403, "application/json", *b""), 1, Some(1)),
        (error(400, "invalid_value", "Invalid size."), 1, Some(1)),
        // Whatever may have been billed is not passed on.
        (Answer::html(502), 75, Some(1)),
        (error(401, "invalid_api_key", "no"), 3, Some(1)),
    ] {
        let fake = OpenAi::start();
        fake.always(Kind::Images, answer);
        let pinx = Pinx::new().openai(&fake);
        pinx.run(&FOX).exits(code).never_says("passes over").leaves(&[]);
        if let Some(asked) = asked {
            assert_eq!(fake.posts(), asked);
        }
        let plan = pinx.run(&[&FOX[..], &["--dry-run", "--json"]].concat()).exits(0);
        assert_eq!(model(&plan), NEWEST);
    }
}

#[test]
fn fault_83_a_format_that_needs_access_says_nothing_of_the_model() {
    let fake = OpenAi::start();
    fake.always(
        Kind::Images,
        error(403, "", "Your organization must be verified to use this model."),
    );
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&[&FOX[..], &["-f", "svg"]].concat());
    output.never_says(&format!("passes over {NEWEST}"));
    let plan = pinx.run(&[&FOX[..], &["--dry-run", "--json"]].concat()).exits(0);
    assert_eq!(model(&plan), NEWEST);
}

#[test]
fn fault_83_where_a_key_lacks_all_of_them_they_are_asked_again_and_nothing_is_drawn() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, error(404, "model_not_found", "The model does not exist."));
    let pinx = Pinx::new().openai(&fake);
    for times in 1..=2 {
        let output = pinx.run(&FOX).exits(1).leaves(&[]);
        assert_eq!(fake.posts(), 3 * times, "{output}");
    }
    // A damaged memory is none.
    std::fs::write(pinx.data().join("limits/missing.json"), "{\"openai").unwrap();
    pinx.run(&FOX).exits(1).leaves(&[]);
}

#[test]
fn another_model_of_a_provider_that_fails_waits_for_the_other_providers() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    openai.always(Kind::Images, error(500, "server_error", "Sorry about that!"));
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    pinx.run(&FOX).exits(0).says("fal/flux-schnell");
    assert_eq!(models_asked(&openai), ["gpt-image-2.6-flare"; 3]);
    assert_eq!(fal.posts(), 1);
    // A missing model is the next one of the same provider first.
    openai.always(Kind::Images, not_found());
    lacks(&openai, &["gpt-image-2.6-flare"], not_found);
    pinx.run(&["generate", "a red hen"]).exits(0).says(SECOND);
    assert_eq!(fal.posts(), 1);
    fal.always(Kind::Submit, fal::error(401, "no"));
}

#[test]
fn what_is_preferred_is_found_among_all_models_that_do_what_is_asked() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("FAL_KEY", FAL_KEY);
    let plan = |args: &[&str]| {
        let args = [&FOX[..], &["--dry-run"], args].concat();
        let told = pinx.run(&args).exits(0);
        (model(&pinx.run(&[&args[..], &["--json"]].concat()).exits(0)), told)
    };
    let (cheapest, told) = plan(&["--prefer", "cheap"]);
    assert_eq!(cheapest, "fal/fast-sdxl");
    told.says("`--prefer cheap` takes fal/fast-sdxl: ~$0.0025");
    let (fastest, told) = plan(&["--prefer", "fast"]);
    assert_eq!(fastest, "fal/flux-2-flash");
    told.says("`--prefer fast` takes fal/flux-2-flash: ~0.5–1 s, as its vendor claims");
    let (best, told) = plan(&["--prefer", "best"]);
    assert_eq!(best, NEWEST);
    told.says("nothing was judged yet, so the first of `auto_order`");
    // What is asked for decides who may be cheap.
    let (vector, told) = plan(&["--prefer", "cheap", "-f", "svg"]);
    let models: Value =
        pinx.run(&["models", "--json", "--can", "svg", "--sort", "cost"]).exits(0).json();
    assert_eq!(vector, models["models"][0]["id"], "{told}");
    let (clear, told) = plan(&["--prefer", "cheap", "--background", "transparent"]);
    assert!(clear.starts_with("openai/"), "{clear}\n{told}");
    // The setting is named as a setting, and a named model says that the flag does nothing.
    let named = plan(&["--prefer", "cheap", "-m", "openai/gpt-image-2"]).1;
    named.says("`--prefer cheap` has no effect: it is for `auto`, and openai/gpt-image-2 is named");
    let pinx = pinx.env("PINX_PREFER", "cheap");
    let args = [&FOX[..], &["--dry-run"]].concat();
    pinx.run(&args).exits(0).says("`prefer = \"cheap\"` takes fal/fast-sdxl");
    let args = [&args[..], &["-m", "openai/gpt-image-2"]].concat();
    pinx.run(&args).exits(0).never_says("no effect");
}

#[test]
fn what_nobody_has_priced_is_not_cheap_and_what_is_retired_or_missing_is_out() {
    let config = "[[models]]\nid = \"openai/mystery\"\nwire = \"mystery\"\n\
                  [[models]]\nid = \"openai/older\"\nprice = { kind = \"image\", rows = [{ usd = 0.0001 }] }\n\
                  life = { shutdown = \"2026-01-01\" }\n\
                  [[models]]\nid = \"openai/penny\"\nprice = { kind = \"image\", rows = [{ usd = 0.001 }] }\n";
    let fake = OpenAi::start();
    lacks(&fake, &["penny"], not_found);
    let pinx = Pinx::new().openai(&fake).config("config.toml", config);
    let cheap = [&FOX[..], &["--prefer", "cheap"]].concat();
    let planned = model(&pinx.run(&[&cheap[..], &["--dry-run", "--json"]].concat()).exits(0));
    assert_eq!(planned, "openai/penny");
    pinx.run(&cheap).exits(0).says("`auto` passes over openai/penny for a day");
    let planned = model(&pinx.run(&[&cheap[..], &["--dry-run", "--json"]].concat()).exits(0));
    assert_eq!(planned, "openai/gpt-image-1-mini");
    assert_eq!(models_asked(&fake), ["penny", "gpt-image-1-mini"]);
    // Where nothing has a price, the order decides.
    let vercel = Pinx::new().env("AI_GATEWAY_API_KEY", "vck_0123456789").secret("vck_0123456789");
    let order = "auto_order = [\"vercel/flux-2-pro\", \"pinx/sketch\"]\n";
    let vercel = vercel.config("config.toml", order);
    let args = [
        &cheap[..],
        &["--dry-run", "-y", "--allow-unknown-cost", "--background", "opaque", "--seed", "7"],
    ]
    .concat();
    vercel.run(&args).exits(0).says("finds no model of known price for this: `auto_order` decides");
}

#[test]
fn a_dry_run_needs_no_key_and_says_that_a_run_does() {
    let pinx = Pinx::new()
        .file("jobs.jsonl", "{\"prompt\": \"a red hen\", \"model\": \"openai/gpt-image-2\"}\n")
        .file("prompts.txt", "a red fox\na red hen\n");
    let model = ["-m", "openai/gpt-image-2"];
    let said = "no key for openai, which a real run needs: set `OPENAI_API_KEY`";
    for args in [
        &["generate", "a red fox"][..],
        &["batch", "prompts.txt"],
        &["compare", "a red fox", "-m", "openai/gpt-image-2,fal/flux-schnell"],
    ] {
        let named = if args[0] == "compare" { &[][..] } else { &model[..] };
        let real = [args, named].concat();
        let dry = [&real[..], &["--dry-run"]].concat();
        let output = pinx.run(&dry).exits(0).says(said).leaves(&["jobs.jsonl", "prompts.txt"]);
        assert!(output.stdout.contains("$0.0527"), "{output}");
        let output = pinx.run(&[&dry[..], &["--json"]].concat()).exits(0);
        let job = &output.json()["jobs"][0];
        assert_eq!(job["missing_key"]["code"], "missing_key", "{output}");
        assert_eq!(job["call"]["body"]["model"], "gpt-image-2", "{output}");
        let output = pinx.run(&real);
        assert!(output.code == 3 || args[0] == "batch" && output.code == 2, "{output}");
    }
    pinx.run(&["batch", "jobs.jsonl", "--dry-run"]).exits(0).says(said);
    // Made by nothing that needs a key, and again by something that does.
    pinx.run(&["generate", "a red fox", "-o", "fox.png", "-s", "64x64"]).exits(0);
    let redo = ["redo", "fox.png", "-m", "fal/flux-schnell", "--dry-run"];
    pinx.run(&redo).exits(0).says("no key for fal, which a real run needs");
    // With a key nothing is missing.
    let pinx = pinx.env("OPENAI_API_KEY", OPENAI_KEY);
    let dry = [&FOX[..], &model[..], &["--dry-run", "--json"]].concat();
    let output = pinx.run(&dry).exits(0).never_says("no key");
    assert!(output.json()["jobs"][0].get("missing_key").is_none(), "{output}");
}

#[test]
fn fault_109_auto_chooses_among_what_the_key_has_although_nothing_is_to_follow_a_failure() {
    let unverified = || {
        error(403, "", "Your organization must be verified to use the model `gpt-image-2.6-flare`.")
    };
    let alone = ["generate", "a red fox", "--no-fallback"];
    for answer in [not_found as fn() -> Answer, unverified] {
        let fake = OpenAi::start();
        lacks(&fake, &["gpt-image-2.6-flare"], answer);
        let pinx = Pinx::new().openai(&fake).file("p.txt", "an owl\na hen\n");
        let output = pinx.run(&alone).exits(0).says(&format!("taking {SECOND}"));
        output.says(&format!("`auto` passes over {NEWEST} for a day"));
        assert_eq!(models_asked(&fake), ["gpt-image-2.6-flare", "gpt-image-2.5-flare"]);
        pinx.run(&["batch", "p.txt", "--no-fallback"]).exits(0).never_says("passes over");
        assert_eq!(models_asked(&fake).len(), 4, "it is remembered");
        // A model that is named is asked, and nothing else.
        let named = pinx.run(&["generate", "a wet hen", "-m", NEWEST, "--no-fallback"]);
        assert_eq!((named.code == 0, models_asked(&fake).len()), (false, 5), "{named}");
    }
    // Nothing follows what is no dead end, nor what failed behind one.
    for (answer, exit, posts) in [
        (error(401, "invalid_api_key", "no"), 3, 1),
        (error(429, "insufficient_quota", "no"), 3, 1),
        (error(429, "rate_limit_exceeded", "slow down").header("retry-after", "300"), 1, 1),
        (error(500, "server_error", "no"), 1, 1),
        (error(400, "invalid_value", "no"), 1, 1),
        (Answer::html(502), 75, 1),
    ] {
        for behind in [0, 1] {
            let (fake, fal) = (OpenAi::start(), Fal::start());
            let pinx = Pinx::new().openai(&fake).fal(&fal).env("PINX_RETRIES", "0");
            let missing = not_found();
            let answer = answer.clone();
            fake.always_with(Kind::Images, move |request, _| {
                match behind == 1 && request.json["model"] == "gpt-image-2.6-flare" {
                    true => missing.clone(),
                    false => answer.clone(),
                }
            });
            let output = pinx.run(&alone).exits(exit).leaves(&[]);
            assert_eq!((fake.posts(), fal.posts()), (posts + behind, 0), "{output}");
        }
    }
}

#[test]
fn fault_109_an_entrant_of_a_comparison_is_the_model_that_it_is_called() {
    let fake = OpenAi::start();
    lacks(&fake, &["gpt-image-2.6-flare"], not_found);
    let pinx = Pinx::new().openai(&fake);
    let args = ["compare", "a red fox", "-m", "auto,openai/gpt-image-2", "-j", "1"];
    let output = pinx.run(&args).exits(4).never_says("taking").never_says("passes over");
    assert_eq!(models_asked(&fake), ["gpt-image-2.6-flare", "gpt-image-2"], "{output}");
    assert!(!output.stdout.contains("flare.png"), "{output}");
}
