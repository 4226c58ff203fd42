//! Providers behind gateways that repeat, wrap and rename: what may have been billed is neither
//! repeated nor replaced, and a refusal, an empty account or a dead key is known in any wrapping.

use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::gateway::{Gateway, Habit, REPEATS};
use crate::fake::openai::{OpenAi, error, refused};
use crate::fake::{Answer, Kind};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

const ARGS: [&str; 4] = ["generate", "a red fox", "-m", "openai/gpt-image-2"];
const HABITS: [Habit; 2] = [Habit::LiteLlm, Habit::Portkey];

/// A world in which OpenAI is behind a gateway.
fn behind(habit: Habit) -> (OpenAi, Gateway, Pinx) {
    let openai = OpenAi::start();
    let gateway = Gateway::start(habit, &openai);
    let pinx =
        Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("OPENAI_BASE_URL", gateway.base_url());
    (openai, gateway, pinx)
}

/// A world in which every request gets this answer at an address that is not OpenAI's own.
fn at_another_address(answer: Answer) -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    fake.always(Kind::Images, answer);
    let pinx = Pinx::new().openai(&fake);
    (fake, pinx)
}

fn alone(pinx: &Pinx) -> Output {
    pinx.run(&[&ARGS[..], &["--no-fallback"]].concat())
}

#[test]
fn an_image_comes_through_a_gateway() {
    for habit in HABITS {
        let (openai, gateway, pinx) = behind(habit);
        alone(&pinx).exits(0).leaves(&["a-red-fox.png"]);
        assert_eq!((gateway.posts(), openai.posts()), (1, 1));
    }
}

#[test]
fn fault_64_a_gateway_that_wraps_a_cut_answer_is_asked_once() {
    for habit in HABITS {
        let (openai, gateway, pinx) = behind(habit);
        openai.always_with(Kind::Images, |_, usual| usual.cut());
        let output = alone(&pinx).exits(75).leaves(&[]).says("pinx recover");
        assert_eq!((gateway.posts(), openai.posts()), (1, 1 + REPEATS), "{output}");
        let [open] = pinx.entries("open").try_into().unwrap();
        assert_eq!((&open["billed"], &open["status"]), (&json!("unknown"), &json!(500)), "{open}");
        assert!(open["request_id"].as_str().unwrap().starts_with("c0ffee00"), "{open}");
        let host = gateway.url();
        assert_eq!(open["host"], host.trim_start_matches("http://"), "{open}");
    }
}

#[test]
fn fault_64_and_no_other_provider_is_paid_for_it() {
    for habit in HABITS {
        for fallback in ["fal/flux-schnell", "pinx/sketch"] {
            let (openai, gateway, pinx) = behind(habit);
            let fal = Fal::start();
            let pinx = pinx.fal(&fal);
            openai.always_with(Kind::Images, |_, usual| usual.cut());
            let output = pinx.run(&[&ARGS[..], &["--fallback", fallback]].concat());
            let output = output.exits(75).leaves(&[]);
            let posts = (gateway.posts(), openai.posts(), fal.posts());
            assert_eq!(posts, (1, 1 + REPEATS, 0), "{output}");
        }
    }
}

#[test]
fn fault_64_the_cut_answer_itself_is_asked_for_once() {
    let (fake, pinx) = at_another_address(Answer::dropped());
    alone(&pinx).exits(75);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_500_at_another_address_is_believed_with_evidence_only() {
    let own = || error(500, "server_error", "The server had an error. Sorry about that!");
    let body = |kind: Value, message: &str| json!({ "error": { "message": message, "type": kind, "param": null, "code": null } });
    let id = |answer: Answer| answer.header("x-request-id", "req_7f3a");
    let sorry = body(json!("server_error"), "Sorry about that!");
    let cut = body(json!("server_error"), "litellm.APIError: OpenAIException - Connection error.");
    for (answer, posts, exit) in [
        (own(), 3, 1),
        (id(Answer::json(502, &sorry)), 3, 1),
        // The type without the id, the id without the type, another id, neither.
        (Answer::json(500, &sorry), 1, 75),
        (id(Answer::json(500, &body(Value::Null, "Sorry about that!"))), 1, 75),
        (Answer::json(500, &sorry).header("x-request-id", "0b1f6a5e-proxy"), 1, 75),
        (id(Answer::html(500)), 1, 75),
        (Answer::json(500, &json!({ "error": "out of memory" })), 1, 75),
        (Answer::bytes(500, "text/plain", *b"Internal Server Error"), 1, 75),
        // A server behind it broke off, or it was asked more than once.
        (id(Answer::json(500, &cut)), 1, 75),
        (own().header("x-litellm-attempted-retries", "2"), 1, 75),
        (own().header("x-portkey-gateway-exception", "true"), 1, 75),
        (Answer::json(503, &sorry), 1, 75),
        (Answer::json(503, &cut).header("retry-after", "0"), 1, 75),
    ] {
        let shown = format!("{answer:?}");
        let (fake, pinx) = at_another_address(answer);
        let output = alone(&pinx.env("PINX_BACKOFF", "1ms").env("PINX_BACKOFF_MAX", "2ms"));
        let output = output.exits(exit);
        assert_eq!(fake.posts(), posts, "{shown}\n{output}");
    }
}

#[test]
fn a_gateway_that_hands_on_the_providers_own_word_is_believed_unless_it_has_repeated() {
    let (openai, gateway, pinx) = behind(Habit::Portkey);
    // Its first repeat is well.
    openai.answers(error(500, "server_error", "Sorry about that!"));
    alone(&pinx).exits(0);
    assert_eq!((gateway.posts(), openai.posts()), (1, 2));
    let (openai, gateway, pinx) = behind(Habit::Portkey);
    openai.always(Kind::Images, error(500, "server_error", "Sorry about that!"));
    alone(&pinx).exits(75).says("Sorry about that!");
    assert_eq!((gateway.posts(), openai.posts()), (1, 1 + REPEATS));
}

#[test]
fn a_server_of_ones_own_that_is_free_may_be_asked_again() {
    let settings = |url: &str, price: &str| {
        format!(
            "[providers.home]\ndialect = \"openai\"\nbase_url = \"{url}\"\nauth = \"none\"\n\n\
             [[models]]\nid = \"home/paint\"\nname = \"Paint\"\n{price}"
        )
    };
    for answer in [
        Answer::json(500, &json!({ "error": "out of memory" })),
        Answer::html(502),
        Answer::bytes(200, "application/json", *b"{nonsense"),
        Answer::dropped(),
    ] {
        let fake = OpenAi::start();
        fake.answers(answer.clone());
        let config = settings(&fake.base_url(), "");
        let pinx = Pinx::new().env("PINX_BACKOFF", "1ms").config("config.toml", &config);
        let args = ["generate", "a red fox", "-m", "home/paint", "--no-fallback"];
        let output = pinx.run(&args).exits(0).leaves(&["a-red-fox.png"]);
        assert_eq!(fake.posts(), 2, "{answer:?}\n{output}");
        fake.always(Kind::Images, answer.clone());
        let output = pinx.run(&args).exits(1).never_says("may have been billed");
        assert_eq!((fake.posts(), pinx.entries("open").len()), (5, 0), "{answer:?}\n{output}");
        // Whoever gives it a price pays for every try.
        let fake = OpenAi::start();
        fake.always(Kind::Images, answer.clone());
        let price = "price = { kind = \"image\", rows = [{ usd = 0.01 }] }\n";
        let pinx = Pinx::new().config("config.toml", &settings(&fake.base_url(), price));
        let output = pinx.run(&args);
        assert_eq!(fake.posts(), 1, "{answer:?}\n{output}");
    }
}

/// The whole answer of a provider, as gateways and relays hand it on.
fn spellings(status: u16, code: &str, message: &str) -> Vec<Answer> {
    let openai =
        json!({ "error": { "message": message, "type": code, "param": null, "code": code } });
    let text = openai.to_string();
    let python =
        format!("Error code: {status} - {{'error': {{'message': '{message}', 'code': '{code}'}}}}");
    vec![
        Answer::json(status, &openai),
        Answer::json(status, &json!([{ "error": { "code": status, "message": message } }])),
        Answer::json(
            400,
            &json!({ "error": { "message": format!("litellm.BadRequestError: OpenAIException - {text}"), "type": null, "code": "400" } }),
        ),
        Answer::json(
            500,
            &json!({ "error": { "message": format!("litellm.APIError: OpenAIException - {message}"), "type": null, "code": "500" } }),
        ),
        Answer::json(
            status,
            &json!({ "error": { "message": format!("openai error: {message}"), "type": null }, "provider": "openai" }),
        ),
        Answer::json(
            400,
            &json!({ "success": false, "errors": [{ "code": 7003, "message": message }], "result": null }),
        ),
        Answer::json(200, &json!({ "code": status, "msg": message })),
        Answer::json(
            422,
            &json!({ "detail": [{ "loc": ["body"], "msg": message, "type": "value_error" }] }),
        ),
        Answer::json(200, &json!({ "created": 1, "data": [], "error": { "message": message } })),
        Answer::bytes(status, "text/plain", message.as_bytes().to_vec()),
        Answer::json(500, &json!({ "detail": python })),
    ]
}

#[test]
fn fault_62_a_wrapped_refusal_is_a_refusal() {
    let said = "Your request was rejected by the safety system.";
    for answer in spellings(400, "moderation_blocked", said) {
        let shown = format!("{answer:?}");
        let (fake, pinx) = at_another_address(answer);
        let output = alone(&pinx).exits(5).leaves(&[]).says("rejected by the safety system");
        assert_eq!(fake.posts(), 1, "{shown}\n{output}");
        let [failed] = pinx.entries("failed").try_into().unwrap();
        assert_eq!((&failed["kind"], &failed["billed"]), (&json!("content"), &json!("unknown")));
    }
    for habit in HABITS {
        let (openai, gateway, pinx) = behind(habit);
        let fal = Fal::start();
        let pinx = pinx.fal(&fal);
        openai.always(Kind::Images, refused());
        let output = pinx.run(&[&ARGS[..], &["--fallback", "fal/flux-schnell"]].concat());
        let output = output.exits(5).says("rejected by the safety system");
        assert_eq!((gateway.posts(), openai.posts(), fal.posts()), (1, 1, 0), "{output}");
    }
}

/// A batch of twenty at four at once against one answer: so many requests, this exit code.
#[track_caller]
fn batch_stops(pinx: &Pinx, posts: impl Fn() -> usize, shown: &str) {
    let lines: Vec<String> = (1..=20).map(|n| format!("fox number {n}")).collect();
    std::fs::write(pinx.work().join("p.txt"), lines.join("\n")).unwrap();
    let args = ["batch", "p.txt", "-m", "openai/gpt-image-2", "--no-fallback", "-j", "4", "--yes"];
    let output = pinx.run(&args).exits(3);
    assert!((1..=4).contains(&posts()), "{} requests\n{shown}\n{output}", posts());
}

#[test]
fn fault_63_a_wrapped_empty_account_stops_a_batch() {
    let said = "You exceeded your current quota, please check your plan and billing details.";
    for answer in spellings(429, "insufficient_quota", said) {
        let shown = format!("{answer:?}");
        let (fake, pinx) = at_another_address(answer);
        batch_stops(&pinx, || fake.posts(), &shown);
    }
    for habit in HABITS {
        let (openai, gateway, pinx) = behind(habit);
        openai.always(Kind::Images, error(429, "insufficient_quota", said));
        batch_stops(&pinx, || gateway.posts(), "");
        assert!(openai.posts() <= 4);
    }
}

#[test]
fn fault_63_a_wrapped_dead_key_stops_a_batch() {
    let said = "Incorrect API key provided: sk-***. You can find your API key at your account.";
    for answer in spellings(401, "invalid_api_key", said) {
        let shown = format!("{answer:?}");
        let (fake, pinx) = at_another_address(answer);
        batch_stops(&pinx, || fake.posts(), &shown);
    }
    for habit in HABITS {
        let (openai, gateway, pinx) = behind(habit);
        openai.always(Kind::Images, error(401, "invalid_api_key", said));
        batch_stops(&pinx, || gateway.posts(), "");
        assert!(openai.posts() <= 4);
    }
}

#[test]
fn a_prompt_that_comes_back_in_an_error_is_no_refusal_and_no_empty_account() {
    let prompt = "insufficient_quota, rejected by the safety system, invalid api key";
    let answer = error(400, "invalid_value", &format!("Invalid prompt: '{prompt}'"));
    let plain = Answer::bytes(400, "text/plain", format!("bad prompt: {prompt}").into_bytes());
    for answer in [answer, plain] {
        let (_fake, pinx) = at_another_address(answer);
        let args = ["generate", prompt, "-m", "openai/gpt-image-2", "--no-fallback", "-o", "x.png"];
        pinx.run(&args).exits(1).leaves(&[]);
        assert_eq!(pinx.entries("failed")[0]["kind"], "rejected");
    }
}
