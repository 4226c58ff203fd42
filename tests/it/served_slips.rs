//! Slips of programs that ask a server: the answer names the field, and nothing is sent.

use serde_json::{Value, json};

use crate::fake::openai::OpenAi;
use crate::pinx::Pinx;
use crate::served::Served;

#[test]
fn what_is_wrong_with_a_request_is_named_by_its_field() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let slips = [
        (
            "n",
            vec![json!(0), json!(-1), json!(1.5), json!(true), json!("two"), json!(9), json!([1])],
        ),
        ("size", vec![json!("1x"), json!("0x0"), json!(7), json!({})]),
        ("quality", vec![json!("ultra"), json!(5)]),
        ("max_cost", vec![json!(-1), json!("much"), json!([])]),
        ("seed", vec![json!(-1), json!(0.5), json!(u64::MAX)]),
        ("colors", vec![json!("red"), json!(["#fff", "#GG0000"]), json!({})]),
        ("prompt", vec![json!(""), json!(5), json!("\u{0}"), json!("x".repeat(40_000))]),
        ("model", vec![json!("../../etc"), json!("openai/"), json!("x".repeat(5_000))]),
        ("background", vec![json!("blue")]),
    ];
    for (field, values) in slips {
        for value in values {
            let mut asked = json!({ "prompt": "x", "model": "gpt-image-2" });
            asked[field] = value;
            for (path, name) in [
                ("/api/generate", "field"),
                ("/api/estimate", "field"),
                ("/v1/images/generations", "param"),
            ] {
                let reply = served.post(path, &asked);
                let status = if field == "model" { 404 } else { 400 };
                assert_eq!(reply.status, status, "{path} {field} {}", reply.json());
                assert_eq!(reply.json()["error"][name], field, "{path}: {}", reply.json());
            }
        }
    }
    for body in [&b"["[..], b"null", b"{\"prompt\":\"\\ud800\"}", b"{\"n\":1e999}", &[b'['; 99_999]]
    {
        let heads = [("content-type", "application/json")];
        for path in ["/api/generate", "/v1/images/generations", "/v1/images/edits", "/api/votes"] {
            let reply = served.send(&format!("POST {path}"), &heads, body);
            assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_request"), "{path}");
        }
    }
    assert_eq!(fake.all().len(), 0);
    served.stop();
}

#[test]
fn a_small_image_has_a_width_that_is_one_and_a_known_one_is_not_sent_again() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let asked = json!({ "prompt": "a fox", "model": "pinx/sketch", "size": "64x64" });
    let made = served.post("/api/generate", &asked).json();
    let hash = made["jobs"][0]["images"][0]["sha256"].as_str().unwrap();
    let image = format!("/api/images/{hash}");
    for wrong in ["0", "-1", "1.5", "abc", "", "99999", "99999999999999999999", "32&w=32"] {
        let reply = served.get(&format!("{image}?w={wrong}"));
        assert_eq!((reply.status, &reply.json()["error"]["field"]), (400, &json!("w")), "{wrong}");
    }
    assert_eq!(served.get(&format!("{image}?w=32&x=1")).status, 200);
    let events = format!("/api/runs/{}/events?since=", made["run"].as_str().unwrap());
    let reply = served.get(&format!("{events}soon"));
    assert_eq!((reply.status, &reply.json()["error"]["field"]), (400, &json!("since")));
    for (known, status) in [
        (format!("\"{hash}\""), 304),
        (format!("W/\"{hash}\""), 304),
        (format!("\"a\", W/\"{hash}\""), 304),
        ("*".to_owned(), 304),
        (hash.to_owned(), 200),
        (format!("\"{hash}-32\""), 200),
    ] {
        let reply = served.send(&format!("GET {image}"), &[("if-none-match", &known)], b"");
        assert_eq!((reply.status, reply.body.is_empty()), (status, status == 304), "{known}");
    }
    let error: Value = served.get(&image.replace(&hash[..4], "zzzz")).json();
    assert_eq!(error["error"]["code"], "unknown_image");
    served.stop();
}
