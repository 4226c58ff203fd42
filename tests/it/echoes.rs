//! Providers and gateways that repeat what a request carried: no key is shown, logged or kept.
//!
//! That no secret stands in stdout, in stderr or in any file is checked after every run.

use serde_json::json;

use crate::fake::openai::{OpenAi, error};
use crate::fake::{Answer, Kind, image};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

/// A token without the shape of a key: only knowing it protects it.
const TOKEN: &str = "token 4 the edge";

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
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(image::bytes(64, 64, "png"));
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

#[test]
fn in_a_link_that_is_refused() {
    let link = format!("https://10.0.0.1/{OPENAI_KEY}/{}", TOKEN);
    let output = echoed(Answer::json(200, &json!({ "data": [{ "url": link }] }))).exits(1);
    assert!(output.stdout.contains("is refused"), "{output}");
}
