//! OpenAI's API as `pinx serve` speaks it: what programs that were written for it send, and what they get.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::fake::openai::{self, OpenAi};
use crate::fake::stream::Stream;
use crate::fake::{Answer, Gate, Kind, image};
use crate::pinx::Pinx;
use crate::served::{self, Reply, Served};

const GENERATIONS: &str = "/v1/images/generations";
const EDITS: &str = "/v1/images/edits";

/// The bytes of the images of an answer.
fn images(reply: &Reply) -> Vec<Vec<u8>> {
    assert_eq!(reply.status, 200, "{}", reply.json());
    let data = reply.json()["data"].as_array().unwrap().clone();
    let bytes = |one: &Value| STANDARD.decode(one["b64_json"].as_str().unwrap()).unwrap();
    data.iter().map(bytes).collect()
}

/// The events of an answer: their names and what they say.
fn events(reply: &Reply) -> Vec<(String, Value)> {
    assert_eq!((reply.status, reply.heads["content-type"].as_str()), (200, "text/event-stream"));
    let text = String::from_utf8(reply.body.clone()).unwrap();
    assert!(text.starts_with(":\n\n"), "a comment comes first");
    let blocks = text.split("\n\n").filter(|block| block.starts_with("event: "));
    let read = |block: &str| {
        let (name, data) = block["event: ".len()..].split_once("\ndata: ").unwrap();
        (name.to_owned(), serde_json::from_str(data).unwrap())
    };
    blocks.map(read).collect()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_image_comes_as_bytes_or_as_an_address_and_no_model_is_told_which() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let usual = served.post(GENERATIONS, &json!({ "model": "gpt-image-2", "prompt": "an owl" }));
    let made = images(&usual).remove(0);
    assert_eq!(image::size_of(&made), (1024, 1024));
    let told = usual.json();
    assert!(told["created"].as_i64().unwrap() > 1_700_000_000);
    assert_eq!((&told["size"], &told["output_format"]), (&json!("1024x1024"), &json!("png")));
    let usage = &told["usage"];
    assert_eq!(usage["total_tokens"], usage["input_tokens"].as_u64().unwrap() + 1756);
    assert_eq!(usage["output_tokens_details"]["image_tokens"], 1756);
    let own = &told["pinx"];
    assert_eq!(own["model"], "openai/gpt-image-2");
    assert_eq!(own["run"], usual.heads["x-request-id"]);
    assert_eq!(own["images"][0]["sha256"], hash(&made));
    assert!((0.05..0.06).contains(&own["cost"].as_f64().unwrap()), "{own}");
    assert_eq!(usual.heads["content-length"], usual.body.len().to_string());
    for model in ["openai/gpt-image-2", "gpt-image-2", "gpt-image-2.5-flare"] {
        let asked = json!({ "model": model, "prompt": "an owl", "response_format": "url" });
        let reply = served.post(GENERATIONS, &asked).json();
        let data = reply["data"].as_array().unwrap();
        assert_eq!((data.len(), data[0]["b64_json"].as_str()), (1, None));
        let url = data[0]["url"].as_str().unwrap();
        let path = url.strip_prefix(&format!("http://{}", served.address)).unwrap();
        assert_eq!(path, format!("/api/images/{}", hash(&served.get(path).body)));
    }
    let asked = json!({ "model": "dall-e-3", "prompt": "an owl", "response_format": "b64_json" });
    images(&served.post(GENERATIONS, &asked));
    let older = served.post(GENERATIONS, &json!({ "model": "dall-e-3", "prompt": "an owl" }));
    assert!(older.json()["data"][0]["url"].is_string(), "as OpenAI did for it");
    let sent: Vec<Value> = fake.requests(Kind::Images).iter().map(|it| it.json.clone()).collect();
    assert_eq!(sent.len(), 6);
    for sent in sent.iter().filter(|sent| sent["model"] != "dall-e-3") {
        assert_eq!((sent.get("response_format"), &sent["n"]), (None, &json!(1)));
    }
    served.stop();
}

#[test]
fn what_no_model_takes_is_snapped_or_left_out_and_told() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    for (size, made, told) in [
        ("auto", (1024, 1024), Some("size auto -> 1024x1024")),
        ("512x512", (816, 816), Some("size 512x512 -> 816x816")),
        ("1000x1000", (1008, 1008), Some("size 1000x1000 -> 1008x1008")),
        ("1536x1024", (1536, 1024), None),
    ] {
        let asked = json!({ "model": "gpt-image-2", "prompt": "an owl", "size": size });
        let reply = served.post(GENERATIONS, &asked);
        assert_eq!(image::size_of(&images(&reply)[0]), made, "{size}");
        assert_eq!(reply.heads.get("x-pinx-adjusted").map(String::as_str), told, "{size}");
        assert_eq!(reply.json()["size"], format!("{}x{}", made.0, made.1));
        let told = reply.json()["pinx"]["adjustments"].as_array().unwrap().len();
        assert_eq!(told, usize::from(size != "1536x1024"));
    }
    let asked = json!({
        "model": "gpt-image-2", "prompt": "an owl", "quality": "hd", "style": "vivid",
        "user": "u-1", "logprobs": true, "n": null, "size": null, "moderation": "low",
        "output_compression": 50,
    });
    let reply = served.post(GENERATIONS, &asked);
    images(&reply);
    let told = &reply.heads["x-pinx-adjusted"];
    for line in [
        "style vivid -> left out",
        "user u-1 -> left out",
        "logprobs true -> left out",
        "output_compression 50 -> left out",
        "quality hd -> high",
    ] {
        assert!(told.contains(line), "{line} of {told}");
    }
    assert_eq!(reply.json()["quality"], "high");
    let sent = fake.requests(Kind::Images).pop().unwrap().json;
    assert_eq!((&sent["quality"], &sent["moderation"]), (&json!("high"), &json!("low")));
    assert_eq!(sent.as_object().unwrap().len(), 6, "{sent}");
    let asked = json!({
        "model": "gpt-image-2", "prompt": "an owl", "quality": "low", "background": "opaque",
        "output_format": "jpeg", "output_compression": 80, "style": "noir", "seed": 7,
    });
    let reply = served.post(GENERATIONS, &asked);
    assert!(images(&reply)[0].starts_with(b"\xff\xd8\xff"));
    let answer = reply.json();
    for (name, word) in [("quality", "low"), ("background", "opaque"), ("output_format", "jpeg")] {
        assert_eq!(answer[name], word);
    }
    assert_eq!(reply.heads["x-pinx-adjusted"], "seed 7 -> left out", "the style is one of pinx");
    let sent = fake.requests(Kind::Images).pop().unwrap().json;
    assert_eq!((&sent["output_compression"], &sent["output_format"]), (&json!(80), &json!("jpeg")));
    served.stop();
}

#[test]
fn words_of_openai_alone_do_not_reach_other_models() {
    let fake = crate::fake::fal::Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let served = Served::start(&pinx, &[]);
    let asked = json!({
        "model": "fal/flux-schnell", "prompt": "an owl", "moderation": "low",
        "output_format": "jpeg", "output_compression": 50, "response_format": "b64_json",
    });
    let reply = served.post(GENERATIONS, &asked);
    images(&reply);
    let sent = fake.requests(Kind::Submit)[0].json.clone();
    for name in ["moderation", "output_compression", "response_format"] {
        assert_eq!(sent.get(name), None, "{sent}");
    }
    assert!(reply.heads["x-pinx-adjusted"].contains("moderation low -> left out"));
    assert_eq!(reply.json().get("usage"), None, "it counts no tokens");
    served.stop();
}

#[test]
fn several_images_are_one_request_each_and_all_come() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let asked = json!({ "model": "gpt-image-2", "prompt": "an owl", "n": 3, "quality": "low" });
    let reply = served.post(GENERATIONS, &asked);
    assert_eq!((images(&reply).len(), fake.posts()), (3, 3));
    assert_eq!(reply.json()["usage"]["output_tokens"], 3 * 196);
    // One of several fails: the others are there, and it is told.
    fake.answers(openai::refused());
    let asked = json!({ "model": "gpt-image-2", "prompt": "an owl", "n": 2, "quality": "low" });
    let reply = served.post(GENERATIONS, &asked);
    assert_eq!(images(&reply).len(), 1);
    assert_eq!(reply.json()["pinx"]["error"]["code"], "content_policy_violation");
    served.stop();
}

#[test]
fn who_names_no_model_gets_what_auto_takes() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    for model in [json!(null), json!(""), json!("auto"), json!("auto:cheap"), json!("pinx/sketch")]
    {
        let asked = json!({ "prompt": "an owl", "model": model, "size": "256x256" });
        let reply = served.post(GENERATIONS, &asked);
        if model == "pinx/sketch" {
            assert!(reply.json()["data"][0]["url"].is_string());
        } else {
            assert_eq!(image::size_of(&images(&reply)[0]), (256, 256), "{model}");
        }
        assert_eq!(reply.json()["pinx"]["model"], "pinx/sketch");
        assert_eq!(reply.json()["pinx"]["cost"], 0.0);
    }
    served.stop();
    // Two models: the one that is first, and the one that costs less.
    let (fake, other) = (OpenAi::start(), crate::fake::fal::Fal::start());
    let pinx = Pinx::new().openai(&fake).fal(&other);
    let served = Served::start(&pinx, &[]);
    let model = |name: &str| {
        let reply = served.post(GENERATIONS, &json!({ "prompt": "an owl", "model": name })).json();
        reply["pinx"]["model"].as_str().unwrap().to_owned()
    };
    assert!(model("auto").starts_with("openai/"));
    assert!(model("auto:cheap").starts_with("fal/"));
    served.stop();
}

#[test]
fn pictures_come_in_forms_and_in_json() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let png = image::bytes(640, 480, "png");
    let other = image::bytes(320, 320, "jpeg");
    let fields = [("prompt", "make it night"), ("model", "gpt-image-2"), ("n", "1")];
    let one = served.form(EDITS, &fields, &[("image", &png)]);
    assert_eq!(images(&one).len(), 1);
    assert!(one.json()["usage"]["input_tokens_details"]["image_tokens"].as_u64().unwrap() > 0);
    images(&served.form(EDITS, &fields, &[("image[]", &png), ("image[]", &other)]));
    let half = crate::masks::quarter((640, 480), crate::masks::WHITE, crate::masks::BLACK);
    let half = crate::masks::written(&half, ::image::ImageFormat::Png);
    images(&served.form(EDITS, &fields, &[("image", &png), ("mask", &half)]));
    let files = |at: usize| {
        let form = &fake.requests(Kind::Images)[at].form;
        form.iter()
            .filter(|field| field.filename.is_some())
            .map(|field| field.name.clone())
            .collect()
    };
    let (first, second, third): (Vec<String>, Vec<String>, Vec<String>) =
        (files(0), files(1), files(2));
    assert_eq!(first, ["image"]);
    assert_eq!(second, ["image[]", "image[]"]);
    assert_eq!(third, ["image", "mask"]);
    let data = format!("data:image/png;base64,{}", STANDARD.encode(&png));
    let address = one.json()["pinx"]["images"][0]["url"].clone();
    let sha256 = one.json()["pinx"]["images"][0]["sha256"].clone();
    let asked = json!({
        "prompt": "and by day", "model": "gpt-image-2", "size": "auto",
        "images": [{ "image_url": data }, { "image_url": address }, { "file_id": sha256 }],
        "input_fidelity": "high",
    });
    let reply = served.post(EDITS, &asked);
    images(&reply);
    assert_eq!(
        fake.requests(Kind::Images)[3].form.iter().filter(|f| f.filename.is_some()).count(),
        3
    );
    assert!(reply.heads["x-pinx-adjusted"].contains("input_fidelity high -> left out"));
    let asked = json!({ "prompt": "x", "images": [{ "file_id": "file-abc" }] });
    let reply = served.post(EDITS, &asked);
    assert_eq!((reply.status, reply.json()["error"]["param"].as_str()), (400, Some("images")));
    assert_eq!(fake.posts(), 4);
    served.stop();
}

/// The events of a request whose picture comes once its preview was read.
pub fn with_preview(fake: &OpenAi, served: &Served<'_>, quality: &str) -> Vec<(String, Value)> {
    let gate = Gate::default();
    let stream = Stream::new().partial(&image::bytes(320, 320, "png")).behind(&gate);
    fake.answers(stream.completed(&image::bytes(1024, 1024, "png"), (1, 0, 9)).ends());
    let asked = json!({
        "model": "gpt-image-2", "prompt": "an owl", "stream": true, "partial_images": 2,
        "quality": quality,
    });
    let heads = [("content-type", "application/json")];
    let line = format!("POST {GENERATIONS}");
    let mut connection = served.begin(&line, &heads, asked.to_string().as_bytes());
    let mut begun = served::read_until(&mut connection, b"event: image_generation.partial_image");
    gate.open();
    connection.read_to_end(&mut begun).unwrap();
    let sent = fake.requests(Kind::Images).pop().unwrap().json;
    assert_eq!((&sent["stream"], &sent["partial_images"]), (&json!(true), &json!(2)));
    events(&served::parsed(&begun))
}

#[test]
fn each_image_of_several_comes_when_it_is_saved() {
    let fake = OpenAi::start();
    let gate = Gate::default();
    let made = || openai::with_image(&image::bytes(1024, 1024, "png"));
    fake.answers(made()).answers(made().behind(&gate));
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &["-j", "2"]);
    let asked = json!({ "model": "gpt-image-2", "prompt": "an owl", "stream": true, "n": 2 });
    let heads = [("content-type", "application/json")];
    let line = format!("POST {GENERATIONS}");
    let mut connection = served.begin(&line, &heads, asked.to_string().as_bytes());
    let mut begun = served::read_until(&mut connection, b"\"image_index\":");
    // The other one is not made yet.
    let run = served::parsed(&begun).heads["x-request-id"].clone();
    assert_eq!(served.get(&format!("/api/runs/{run}")).json()["status"], "running");
    gate.open();
    connection.read_to_end(&mut begun).unwrap();
    let told = events(&served::parsed(&begun));
    assert!(told.iter().all(|(name, _)| name == "image_generation.completed"));
    let mut numbers: Vec<_> =
        told.iter().map(|(_, event)| event["image_index"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1], "each once");
    served.stop();
}

#[test]
fn streams_have_openais_events_with_and_without_previews() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_PROVIDERS_OPENAI_STREAMS", "true");
    let served = Served::start(&pinx, &[]);
    let told = with_preview(&fake, &served, "auto");
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["image_generation.partial_image", "image_generation.completed"]);
    for (name, event) in &told {
        assert_eq!(event["type"], *name);
        assert!(event["created_at"].is_i64() && event["b64_json"].is_string());
        for field in ["size", "quality", "background", "output_format"] {
            assert!(event[field].is_string(), "{field} of {name}");
        }
        assert_eq!(event["partial_image_index"].is_u64(), name.ends_with("partial_image"));
    }
    assert_eq!(told[0].1["size"], "320x320", "as it came");
    let (_, last) = told.last().unwrap();
    assert_eq!((&last["usage"]["output_tokens"], &last["size"]), (&json!(9), &json!("1024x1024")));
    let asked = json!({
        "model": "gpt-image-2", "prompt": "an owl", "stream": true, "n": 2, "size": "512x512",
    });
    let reply = served.post(GENERATIONS, &asked);
    let told = events(&reply);
    assert_eq!(told.len(), 2, "one for each image");
    assert!(told.iter().all(|(name, _)| name == "image_generation.completed"));
    assert_eq!(told[0].1["pinx"]["adjustments"][0]["field"], "size");
    assert!(fake.requests(Kind::Images)[1].json.get("stream").is_none(), "it is not passed on");
    let png = image::bytes(640, 480, "png");
    let fields = [
        ("prompt", "make it night"),
        ("model", "gpt-image-2"),
        ("stream", "true"),
        ("partial_images", "1"),
    ];
    let told = events(&served.form(EDITS, &fields, &[("image", &png)]));
    assert_eq!(told.last().unwrap().0, "image_edit.completed");
    served.stop();
    // What draws here neither streams nor counts.
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let asked =
        json!({ "prompt": "an owl", "stream": true, "partial_images": 3, "size": "128x128" });
    let told = events(&served.post(GENERATIONS, &asked));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["usage"]["total_tokens"], 0);
    assert_eq!(told[0].1["pinx"]["usage_is_known"], false);
    served.stop();
}

#[test]
fn behind_the_head_of_a_stream_errors_are_events() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_RETRIES", "0");
    let served = Served::start(&pinx, &[]);
    let asked = json!({ "model": "gpt-image-2", "prompt": "an owl", "stream": true });
    for (answer, code) in
        [(openai::refused(), "content_policy_violation"), (Answer::dropped(), "outcome_unknown")]
    {
        fake.answers(answer);
        let told = events(&served.post(GENERATIONS, &asked));
        assert_eq!((told.len(), told[0].0.as_str()), (1, "error"));
        assert_eq!(told[0].1["error"]["code"], code);
        assert!(told[0].1["error"]["run"].is_string());
    }
    // Before it they are answers.
    let asked = json!({ "model": "gpt-imaje-2", "prompt": "an owl", "stream": true });
    assert_eq!(served.post(GENERATIONS, &asked).status, 404);
    served.stop();
}

#[test]
fn errors_are_openais_and_name_the_field() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_CONFIRM_ABOVE", "0.50");
    let served = Served::start(&pinx, &[]);
    for (body, status, code, param) in [
        (json!({}), 400, "missing_required_parameter", "prompt"),
        (json!({ "prompt": 3 }), 400, "invalid_request", "prompt"),
        (json!({ "prompt": " " }), 400, "invalid_request", "prompt"),
        (json!({ "prompt": "x", "size": "huge" }), 400, "invalid_request", "size"),
        (json!({ "prompt": "x", "size": 1024 }), 400, "invalid_request", "size"),
        (json!({ "prompt": "x", "n": 5 }), 400, "invalid_request", "n"),
        (json!({ "prompt": "x", "n": 0 }), 400, "invalid_request", "n"),
        (json!({ "prompt": "x", "n": "two" }), 400, "invalid_request", "n"),
        (json!({ "prompt": "x", "stream": 3 }), 400, "invalid_request", "stream"),
        (
            json!({ "prompt": "x", "stream": true, "partial_images": 9 }),
            400,
            "invalid_request",
            "partial_images",
        ),
        (
            json!({ "prompt": "x", "response_format": "png" }),
            400,
            "invalid_request",
            "response_format",
        ),
        (json!({ "prompt": "x", "output_format": "bmp" }), 400, "invalid_request", "output_format"),
        (json!({ "prompt": "x", "background": "red" }), 400, "invalid_request", "background"),
        (json!({ "prompt": "x", "image": "a" }), 400, "invalid_request", "image"),
        (
            json!({ "prompt": "x", "model": "gpt-image-2", "quality": "ultra" }),
            400,
            "usage",
            "quality",
        ),
        (json!({ "prompt": "x", "model": "gpt-imaje-2" }), 404, "model_not_found", "model"),
        (json!({ "prompt": "x", "model": "auto:cheep" }), 404, "model_not_found", "model"),
        (json!({ "prompt": "x", "model": "a,b" }), 404, "model_not_found", "model"),
        (json!({ "prompt": "x", "model": ["a"] }), 400, "invalid_request", "model"),
        (json!({ "prompt": "x", "model": "fal/flux-schnell" }), 403, "missing_key", "model"),
        (
            json!({ "prompt": "x", "model": "gpt-image-2", "max_cost": 0.001 }),
            402,
            "budget_exceeded",
            "",
        ),
        (
            json!({ "prompt": "x", "model": "gpt-image-2", "quality": "high", "n": 4 }),
            402,
            "budget_exceeded",
            "",
        ),
    ] {
        let reply = served.post(GENERATIONS, &body);
        let error = reply.json()["error"].clone();
        assert_eq!((reply.status, error["code"].as_str()), (status, Some(code)), "{body}: {error}");
        assert_eq!(error["param"].as_str().unwrap_or_default(), param, "{body}: {error}");
        assert!(error["message"].is_string() && error["type"].is_string());
        assert_eq!(reply.heads["x-should-retry"], "false");
    }
    let near = served.post(GENERATIONS, &json!({ "prompt": "x", "model": "gpt-imaje-2" })).json();
    assert!(near["error"]["message"].as_str().unwrap().contains("gpt-image-2"), "{near}");
    let none = served.form(EDITS, &[("prompt", "x")], &[]);
    assert_eq!((none.status, none.json()["error"]["param"].as_str()), (400, Some("image")));
    let broken = served.form(EDITS, &[("prompt", "x")], &[("image", b"no picture")]);
    assert_eq!((broken.status, broken.json()["error"]["param"].as_str()), (400, Some("image")));
    let json = ("content-type", "application/json");
    let post = |heads: &[(&str, &str)], body: &[u8]| {
        served.send(&format!("POST {GENERATIONS}"), heads, body)
    };
    for (reply, status, kind) in [
        (post(&[json, ("host", "evil.example")], b"{}"), 403, "permission_error"),
        (post(&[("content-type", "text/plain")], b"{}"), 415, "invalid_request_error"),
        (
            post(&[("content-type", "multipart/form-data; boundary=x")], b""),
            401,
            "authentication_error",
        ),
        (post(&[json], b"{"), 400, "invalid_request_error"),
        (post(&[json], &vec![b' '; 2 << 20]), 413, "invalid_request_error"),
        (served.get(GENERATIONS), 405, "invalid_request_error"),
        (served.get("/v1/files"), 404, "invalid_request_error"),
    ] {
        assert_eq!((reply.status, reply.json()["error"]["type"].as_str()), (status, Some(kind)));
        assert_eq!(reply.json().as_object().unwrap().len(), 1, "nothing but the error");
    }
    assert_eq!(fake.all().len(), 0, "nothing reached the provider");
    served.stop();
}

#[test]
fn what_came_of_it_decides_the_status_and_the_reason() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_RETRIES", "0");
    let served = Served::start(&pinx, &[]);
    for (answer, status, code) in [
        (openai::refused(), 400, "content_policy_violation"),
        (Answer::dropped(), 424, "outcome_unknown"),
        (openai::error(500, "server_error", "no"), 424, "outcome_unknown"),
        (openai::rate_limited(), 424, "rate_limit_exceeded"),
        (openai::error(401, "invalid_api_key", "no"), 403, "invalid_api_key"),
    ] {
        fake.answers(answer);
        let asked = json!({ "prompt": "x", "model": "gpt-image-2" });
        let reply = served.post(GENERATIONS, &asked);
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{}", reply.json());
        // What may be repeated was repeated by pinx.
        assert_eq!(reply.heads["x-should-retry"], "false");
        assert_eq!(reply.json()["error"]["run"], reply.heads["x-request-id"]);
    }
    assert_eq!(fake.posts(), 5);
    served.stop();
    // Another provider: one that fails is left alone for a while.
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    fake.answers(Answer::dropped());
    let mut stream = served.connect();
    let body = json!({ "prompt": "x", "model": "gpt-image-2" }).to_string();
    let heads = [("content-type", "application/json")];
    let request = served.request(&format!("POST {GENERATIONS}"), &heads, body.as_bytes());
    let mut line = [0; 34];
    stream.write_all(&request).unwrap();
    stream.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"HTTP/1.1 424 Failed Dependency\r\nco", "Open WebUI shows the phrase alone");
    drop(stream);
    served.stop();
}

#[test]
fn models_are_listed_by_the_names_that_requests_take() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let listed = served.get("/v1/models").json();
    assert_eq!(listed["object"], "list");
    let models = listed["data"].as_array().unwrap();
    let ids: Vec<&str> = models.iter().map(|model| model["id"].as_str().unwrap()).collect();
    for id in ["auto", "auto:cheap", "auto:fast", "auto:best", "openai/gpt-image-2", "pinx/sketch"]
    {
        assert!(ids.contains(&id), "{id} of {ids:?}");
    }
    assert!(!ids.iter().any(|id| id.starts_with("fal/")), "who has no key is not listed");
    for model in models {
        assert_eq!(model["object"], "model");
        assert!(model["created"].is_u64() && model["owned_by"].is_string(), "{model}");
        assert!(model["shutdown_date"].is_string() || model["shutdown_date"].is_null());
        let one = served.get(&format!("/v1/models/{}", model["id"].as_str().unwrap()));
        assert_eq!((one.status, &one.json()), (200, model));
    }
    for (name, id) in
        [("gpt-image-2", "openai/gpt-image-2"), ("openai%2Fgpt-image-2", "openai/gpt-image-2")]
    {
        assert_eq!(served.get(&format!("/v1/models/{name}")).json()["id"], id);
    }
    let none = served.get("/v1/models/gpt-imaje-2");
    assert_eq!((none.status, none.code().as_str()), (404, "model_not_found"));
    assert!(none.json()["error"]["message"].as_str().unwrap().contains("gpt-image-2"));
    served.stop();
}

#[test]
fn a_request_that_comes_again_is_answered_by_the_first() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let ask = |model: &str, head: (&str, &str)| {
        let heads = [("content-type", "application/json"), head];
        let body = json!({ "model": model, "prompt": "an owl", "quality": "low" }).to_string();
        served.send(&format!("POST {GENERATIONS}"), &heads, body.as_bytes())
    };
    let first = ask("gpt-image-2", ("idempotency-key", "k-1"));
    let again = ask("gpt-image-2", ("idempotency-key", "k-1"));
    assert_eq!((images(&first), fake.posts()), (images(&again), 1));
    let repeated = ask("gpt-image-2", ("x-stainless-retry-count", "1"));
    assert_eq!((images(&repeated), fake.posts()), (images(&first), 1));
    let other = ask("gpt-image-2.5-flare", ("idempotency-key", "k-1"));
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    // What `auto` is to prefer is a part of what is asked for.
    ask("auto", ("idempotency-key", "k-2"));
    assert_eq!(ask("auto:cheap", ("idempotency-key", "k-2")).status, 422);
    served.stop();
}
