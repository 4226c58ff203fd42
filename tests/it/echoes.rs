//! Providers and gateways that repeat what a request carried: no key is shown, logged or kept.
//!
//! That no secret stands in stdout, in stderr or in any file is checked after every run.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::fake::openai::{OpenAi, error};
use crate::fake::{Answer, Kind, image};
use crate::pinx::{FAL_KEY, OPENAI_KEY, Output, Pinx};

/// A token without the shape of a key: only knowing it protects it.
const TOKEN: &str = "4 the edge, a token";

/// A text in base64, wherever in it: without the letters that tell of its neighbours, too.
pub fn base64_forms(text: &str) -> [String; 3] {
    [0, 1, 2].map(|before| {
        let all = STANDARD.encode([&vec![0; before][..], text.as_bytes()].concat());
        all[(8 * before).div_ceil(6)..8 * (before + text.len()) / 6].to_owned()
    })
}

/// A text with every letter escaped, as URLs, JSON and HTML do it, and in hex.
pub fn escaped_forms(text: &str) -> [String; 4] {
    let each = |form: fn(u8) -> String| text.bytes().map(form).collect();
    [
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("{byte:02x}")),
    ]
}

/// One run through a gateway with a token of its own, against this answer.
fn echoed(answer: Answer) -> Output {
    let fake = OpenAi::start();
    fake.answers(answer);
    let config = format!(
        "[gateways.edge]\nkind = \"cloudflare\"\nurl = \"{}/v1/acct/gw\"\n\
         token_env = \"MY_TOKEN\"\n\n[providers.openai]\ngateway = \"edge\"\n",
        fake.url()
    );
    let pinx = Pinx::new()
        .secret(TOKEN)
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("MY_TOKEN", TOKEN)
        .config("config.toml", &config);
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--no-fallback", "--json", "-v"];
    let output = pinx.run(&args);
    assert_eq!(fake.posts(), 1, "{output}");
    let header = fake.requests(Kind::Images)[0].header("cf-aig-authorization").map(str::to_owned);
    assert_eq!(header, Some(format!("Bearer {TOKEN}")), "it was there to be echoed");
    output
}

fn both() -> String {
    format!("it was {OPENAI_KEY} and {TOKEN}")
}

#[test]
fn beside_the_image() {
    let text = STANDARD.encode(image::bytes(64, 64, "png"));
    let body = json!({ "data": [{ "b64_json": text, "revised_prompt": both() }] });
    let output = echoed(
        Answer::json(200, &body).header("x-request-id", &both()).header("cf-aig-log-id", &both()),
    )
    .exits(0);
    let job = &output.json()["jobs"][0];
    let told = "it was [redacted] and [redacted]";
    assert_eq!(job["revised_prompt"], told, "{output}");
    assert_eq!(job["attempts"][0]["request_id"], told, "{output}");
    assert_eq!(job["attempts"][0]["gateway"]["log_id"], told, "{output}");
}

#[test]
fn in_an_error() {
    echoed(error(400, &both(), &both())).exits(1);
}

#[test]
fn in_an_answer_that_is_kept() {
    echoed(Answer::bytes(200, "application/json", both().into_bytes())).exits(1);
}

/// Both secrets in all the ways in which an answer may hold them.
fn dressed() -> Vec<String> {
    let mut all = vec![both().to_ascii_uppercase()];
    for secret in [OPENAI_KEY, TOKEN] {
        let text = format!("{{\"authorization\": \"Bearer {secret}\"}}");
        all.extend([STANDARD.encode(secret), STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(text)]);
        all.extend(escaped_forms(secret));
        let (start, end) = secret.split_at(7);
        all.extend([
            format!("{start}\n  {end}"),
            format!("{start}\\n{end}"),
            format!("{start}\" \"{end}"),
        ]);
        all.push(format!("{}…", &secret[..13]));
    }
    all
}

#[test]
fn fault_76_a_key_in_another_dress_is_redacted() {
    let all = dressed().join(" ; ");
    for answer in [
        error(400, &all, &dressed().join(" ; ").replace('\n', "\\n")),
        Answer::bytes(200, "application/json", all.clone().into_bytes()),
        Answer::json(200, &json!({ "data": [], "echo": dressed() })),
        Answer::json(200, &json!({ "data": [{ "b64_json": STANDARD.encode(&all) }] })),
        Answer::json(200, &json!({ "data": [{ "url": format!("https://10.0.0.1/{all}") }] })),
    ] {
        let output = echoed(answer);
        assert_ne!(output.code, 0, "{output}");
    }
    for one in dressed() {
        let image = STANDARD.encode(image::bytes(64, 64, "png"));
        let body = json!({ "data": [{ "b64_json": image, "revised_prompt": one }] });
        let output = echoed(Answer::json(200, &body)).exits(0);
        let told = output.json()["jobs"][0]["revised_prompt"].to_string();
        assert!(told.contains("[redacted]"), "{one}: {output}");
    }
}

#[test]
fn fault_76_an_image_that_is_kept_is_not_spoiled() {
    // No whole image, so that the answer is kept; in its bytes stands what was sent.
    let png = image::bytes(64, 64, "png");
    const KEY: &str = "sk-another-0123456789abcdef";
    let image = STANDARD.encode([&png[..png.len() / 2], KEY.as_bytes(), &[7; 300]].concat());
    let fake = OpenAi::start();
    fake.answers(Answer::json(200, &json!({ "data": [{ "b64_json": image }], "key": KEY })));
    let pinx = Pinx::new().openai(&fake).env("OPENAI_API_KEY", KEY);
    pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2", "--no-fallback"]).exits(1);
    let kept = std::fs::read_to_string(&pinx.kept()[0]).unwrap();
    assert!(kept.contains(&image) && !kept.contains(KEY), "{kept}");
}

#[test]
fn in_a_link_that_is_refused() {
    let link = format!("https://10.0.0.1/{OPENAI_KEY}/{}", TOKEN);
    let output = echoed(Answer::json(200, &json!({ "data": [{ "url": link }] }))).exits(1);
    assert!(output.stdout.contains("is refused"), "{output}");
}

#[test]
fn a_key_echoed_in_an_unusable_answer_is_not_kept_readable() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let echo = format!("{{\"data\": \"{OPENAI_KEY}\"");
    fake.next(Kind::Images, Answer::bytes(200, "application/json", echo.into_bytes()));
    // That no file holds the key is checked after every run.
    pinx.run(&["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"]).exits(1);
    assert_eq!(pinx.kept().len(), 1);
}

#[test]
#[should_panic(expected = "a key stands in")]
fn a_key_in_a_file_is_seen() {
    let pinx = Pinx::new().file("notes.txt", &format!("my key is {FAL_KEY}, keep it"));
    pinx.run(&["--version"]);
}
