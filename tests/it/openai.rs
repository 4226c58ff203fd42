//! One image through a scripted OpenAI: what is sent, what is saved, what it cost.

use serde_json::json;

use crate::fake::openai::{OpenAi, error, rate_limited, refused};
use crate::fake::{Answer, Kind};
use crate::pinx::{OPENAI_KEY, Pinx};

const MODEL: [&str; 2] = ["-m", "openai/gpt-image-2"];

fn generate<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&["generate", "a red fox"], &MODEL[..], args].concat()
}

#[test]
fn one_image_through_a_base_url() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&[])).exits(0).prints(&["a-red-fox.png"]).leaves(&["a-red-fox.png"]);
    let [request] = fake.requests(Kind::Images).try_into().unwrap();
    assert_eq!(request.path, "/v1/images/generations");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {OPENAI_KEY}").as_str()));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let wanted = json!({
        "model": "gpt-image-2", "prompt": "a red fox", "n": 1, "size": "1024x1024", "quality": "medium",
    });
    assert_eq!(request.json, wanted);
    assert_eq!(pinx.entries("intent").len(), 1);
    let [done] = pinx.entries("done").try_into().unwrap();
    assert_eq!(done["attempt"], pinx.entries("intent")[0]["attempt"]);
    assert_eq!(done["request_id"], "req_7f3a");
    assert_eq!(done["model"], "openai/gpt-image-2");
    let text = String::from_utf8_lossy(&pinx.read("a-red-fox.png")).into_owned();
    assert!(text.contains("a red fox") && text.contains("gpt-image-2"), "no recipe inside");
}

#[test]
fn the_intent_is_on_the_disk_before_the_request_leaves() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let log = pinx.data().join("log");
    let (seen, sight) = std::sync::mpsc::channel();
    fake.next_with(Kind::Images, move |_, usual| {
        let files = crate::pinx::files_below(&log);
        let text: String =
            files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
        seen.send(text.contains("\"intent\"")).unwrap();
        usual
    });
    pinx.run(&generate(&[])).exits(0);
    assert!(sight.recv().unwrap(), "the request left before its intent was written");
}

#[test]
fn the_openai_base_url_variable_works_too() {
    let fake = OpenAi::start();
    let pinx =
        Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("OPENAI_BASE_URL", fake.base_url());
    pinx.run(&generate(&[])).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_gateway_url_works_with_and_without_version_and_slash() {
    for tail in ["", "/", "/v1", "/v1/"] {
        let fake = OpenAi::start();
        let gateway = format!("{}{tail}", fake.url());
        let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("OPENAI_GATEWAY_URL", gateway);
        pinx.run(&generate(&[])).exits(0).leaves(&["a-red-fox.png"]);
        let [request] = fake.requests(Kind::Images).try_into().unwrap();
        assert_eq!(request.path, "/v1/images/generations", "{tail:?}");
    }
}

#[test]
fn a_cloudflare_like_gateway_keeps_its_prefix_and_is_told_not_to_repeat() {
    let fake = OpenAi::start();
    fake.next_with(Kind::Images, |_, usual| {
        usual
            .header("cf-aig-log-id", "01JLOG")
            .header("cf-aig-cache-status", "MISS")
            .header("cf-aig-step", "0")
    });
    let gateway = format!("{}/v1/acct/gw/openai", fake.url());
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("OPENAI_GATEWAY_URL", gateway);
    let output = pinx.run(&generate(&["--json"])).exits(0);
    let [request] = fake.requests(Kind::Images).try_into().unwrap();
    assert_eq!(request.path, "/v1/acct/gw/openai/images/generations");
    assert!(output.stdout.contains("01JLOG"), "{output}");
    let [done] = pinx.entries("done").try_into().unwrap();
    assert_eq!(done["gateway"]["log_id"], "01JLOG");
}

#[test]
fn three_images_are_three_paid_posts() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&["-n", "3"]))
        .exits(0)
        .prints(&["a-red-fox.png", "a-red-fox-2.png", "a-red-fox-3.png"])
        .says("3 images");
    assert_eq!(fake.posts(), 3);
    assert!(fake.requests(Kind::Images).iter().all(|request| request.json["n"] == 1));
    assert_eq!(pinx.entries("intent").len(), 3);
    assert_eq!(pinx.entries("done").len(), 3);
}

#[test]
fn every_image_that_arrives_is_saved() {
    let fake = OpenAi::start();
    fake.next_with(Kind::Images, |_, usual| {
        let mut body: serde_json::Value = serde_json::from_slice(&usual.body).unwrap();
        let one = body["data"][0].clone();
        body["data"] = json!([one.clone(), one]);
        Answer::json(200, &body)
    });
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&[])).exits(0).leaves(&["a-red-fox-2.png", "a-red-fox.png"]);
}

#[test]
fn sizes_and_qualities_are_sent_and_checked_against_the_pixels() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&generate(&["-s", "1536x1024", "--quality", "low", "--json"])).exits(0);
    let [request] = fake.requests(Kind::Images).try_into().unwrap();
    assert_eq!(
        (&request.json["size"], &request.json["quality"]),
        (&json!("1536x1024"), &json!("low"))
    );
    let image = &output.json()["jobs"][0]["images"][0];
    assert_eq!((&image["width"], &image["height"]), (&json!(1536), &json!(1024)));
}

#[test]
fn a_size_that_does_not_fit_is_snapped_and_told_or_refused_when_strict() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&["-s", "1000x1000", "--strict"])).exits(2).says("1000x1000").leaves(&[]);
    assert_eq!(fake.posts(), 0);
    let output = pinx.run(&generate(&["-s", "1000x1000", "--json"])).exits(0);
    assert!(!output.json()["jobs"][0]["adjustments"].as_array().unwrap().is_empty(), "{output}");
    let size = fake.requests(Kind::Images)[0].json["size"].as_str().unwrap().to_owned();
    assert!(["992x992", "1008x1008"].contains(&size.as_str()), "{size}");
}

#[test]
fn formats_are_asked_for_and_named_by_their_bytes() {
    for (format, extension, start) in [("jpeg", "jpg", &b"\xff\xd8"[..]), ("webp", "webp", b"RIFF")]
    {
        let fake = OpenAi::start();
        let pinx = Pinx::new().openai(&fake);
        let name = format!("a-red-fox.{extension}");
        pinx.run(&generate(&["-f", format])).exits(0).prints(&[&name]);
        assert_eq!(fake.requests(Kind::Images)[0].json["output_format"], format);
        assert!(pinx.read(&name).starts_with(start));
    }
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&["-o", "fox.webp"])).exits(0).leaves(&["fox.webp"]);
    assert_eq!(fake.requests(Kind::Images)[0].json["output_format"], "webp");
}

#[test]
fn cost_is_estimated_before_and_settled_from_usage() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&generate(&["--json"])).exits(0);
    let cost = &output.json()["jobs"][0]["cost"];
    // 1,756 image tokens at $30 and 9 text tokens at $5 a million.
    assert_eq!(cost["reported"], json!(0.052_725), "{output}");
    assert_eq!(cost["estimated"], json!(0.052_725), "{output}");
    assert_eq!(output.json()["jobs"][0]["billed"], "yes");
}

#[test]
fn parameters_of_the_user_are_passed_through() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&["-P", "moderation=low", "--background", "opaque"])).exits(0);
    let body = &fake.requests(Kind::Images)[0].json;
    assert_eq!((&body["moderation"], &body["background"]), (&json!("low"), &json!("opaque")));
}

#[test]
fn styles_and_colours_become_words_of_the_prompt() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&["--style", "voxel-3d", "--colors", "#FF6B6B,#4ECDC4"])).exits(0);
    let body = &fake.requests(Kind::Images)[0].json;
    let prompt = body["prompt"].as_str().unwrap().to_lowercase();
    assert!(prompt.contains("a red fox") && prompt.contains("voxel"), "{prompt}");
    assert!(prompt.contains("ff6b6b"), "{prompt}");
    assert!(body.get("style").is_none(), "OpenAI has no style field: {body}");
}

#[test]
fn a_refusal_is_one_post_and_exit_5() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, refused());
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&[])).exits(5).prints(&[]).leaves(&[]).says("content policy");
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_refused_key_is_exit_3_and_names_its_variable() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, error(401, "invalid_api_key", "Incorrect API key provided: sk-***."));
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&[])).exits(3).prints(&[]).leaves(&[]).says("OPENAI_API_KEY");
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_rate_limit_is_waited_for() {
    let fake = OpenAi::start();
    fake.answers(rate_limited().header("retry-after", "1"));
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&[])).exits(0).leaves(&["a-red-fox.png"]);
    assert_eq!(fake.posts(), 2);
    assert!(fake.gaps()[0] >= 1.0, "{:?}", fake.gaps());
}

#[test]
fn a_read_timeout_after_sending_is_one_post_and_exit_75() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::hang());
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&generate(&["--timeout", "3"])).exits(75).prints(&[]).leaves(&[]).says("pinx recover");
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_retired_model_gives_its_successor_or_is_sent_as_it_is_elsewhere() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    let output =
        pinx.run(&["generate", "a fox", "-m", "openai/dall-e-3", "--dry-run", "--json"]).exits(0);
    let job = &output.json()["jobs"][0];
    assert!(job["model"].as_str().unwrap().starts_with("openai/gpt-image-2"), "{output}");
    assert!(!job["adjustments"].as_array().unwrap().is_empty(), "{output}");
    let strict = ["generate", "a fox", "-m", "openai/dall-e-3", "--dry-run", "--strict"];
    pinx.run(&strict).exits(2);
    pinx.command(&strict).env("PINX_TODAY", "2025-01-01").run().exits(0);
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&["generate", "a fox", "-m", "openai/dall-e-3"]).exits(0);
    assert_eq!(fake.requests(Kind::Images)[0].json["model"], "dall-e-3");
}

#[test]
fn a_provider_of_the_users_own_takes_five_lines() {
    let fake = OpenAi::start();
    let config = format!(
        "[providers.local]\ndialect = \"openai\"\nauth = \"none\"\nbase_url = \"{}\"\n",
        fake.base_url()
    );
    let pinx = Pinx::new().config("config.toml", &config);
    pinx.run(&["generate", "a red fox", "-m", "local/any-model"])
        .exits(0)
        .leaves(&["a-red-fox.png"]);
    let [request] = fake.requests(Kind::Images).try_into().unwrap();
    assert_eq!(request.json["model"], "any-model");
    assert_eq!(request.header("authorization"), None);
}

#[test]
fn a_dry_run_sends_nothing_and_shows_the_call() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&generate(&["--dry-run", "--json"])).exits(0).leaves(&[]);
    let document = output.json();
    assert_eq!(document["jobs"][0]["status"], "planned");
    assert_eq!(document["jobs"][0]["call"]["body"]["model"], "gpt-image-2");
    assert!(fake.all().is_empty());
    assert!(pinx.entries("intent").is_empty());
}
