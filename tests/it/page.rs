//! The page of `pinx serve` and what it asks for: prices before anything is sent, verdicts, recipes. How it
//! looks and works in a browser is in `browser`.

use serde_json::{Value, json};

use crate::fake::image;
use crate::fake::openai::OpenAi;
use crate::pinx::Pinx;
use crate::served::Served;

#[test]
fn the_page_is_one_answer_that_lets_nothing_else_in() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let (one, other) = (served.get("/"), served.get("/"));
    assert_eq!((one.status, one.heads["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    assert_eq!(one.heads["referrer-policy"], "no-referrer");
    assert_eq!(
        (&*one.heads["cache-control"], &*one.heads["x-content-type-options"]),
        ("no-store", "nosniff")
    );
    let nonce = |policy: &str| {
        let from = policy.find("'nonce-").unwrap() + "'nonce-".len();
        policy[from..].split('\'').next().unwrap().to_owned()
    };
    let policy = &one.heads["content-security-policy"];
    for rule in [
        "default-src 'none'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    let (first, second) = (nonce(policy), nonce(&other.heads["content-security-policy"]));
    assert!(first.len() >= 22 && first != second, "{first} {second}");
    let text = String::from_utf8(one.body).unwrap();
    assert_eq!(text.matches(&format!("nonce=\"{first}\"")).count(), 2);
    assert_eq!(text.matches("<script").count() + text.matches("<style").count(), 2);
    for elsewhere in ["http:", "https:", "\"//", "url(", "@import"] {
        assert!(!text.contains(elsewhere), "{elsewhere}");
    }
    assert!(!text.contains("style=\""), "the policy would drop it");
    assert_eq!(served.send("GET /", &[("host", "evil.example")], b"").status, 403);
    served.stop();
}

#[test]
fn a_price_is_told_and_nothing_is_sent_or_begun() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_BUDGET_DAY", "0.50");
    let served = Served::start(&pinx, &[]);
    let asked = json!({ "prompt": "a fox", "model": "gpt-image-2", "quality": "high", "size": "1000x1000" });
    let estimate = |more: Value| {
        let mut body = asked.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let reply = served.post("/api/estimate", &body);
        assert_eq!(reply.status, 200, "{}", reply.json());
        reply.json()
    };
    let price = estimate(json!({}));
    let (expected, most) =
        (price["expected"].as_f64().unwrap(), price["at_most"].as_f64().unwrap());
    assert!(0.0 < expected && expected <= most, "{price}");
    assert_eq!((&price["model"], &price["images"]), (&json!("openai/gpt-image-2"), &json!(1)));
    assert_eq!(price["jobs"][0]["adjustments"][0]["field"], "size", "{price}");
    assert!(price["refusal"].is_null(), "{price}");
    let many = estimate(json!({ "n": 4, "stream": true }));
    assert!((many["expected"].as_f64().unwrap() - 4.0 * expected).abs() < 1e-9, "{many}");
    assert_eq!(many["refusal"]["code"], "over_budget", "{many}");
    assert_eq!(estimate(json!({ "maxCost": 0.001 }))["refusal"]["code"], "over_budget");
    assert_eq!(estimate(json!({ "model": "fal/flux-schnell" }))["refusal"]["code"], "missing_key");
    let sketch = estimate(json!({ "model": "pinx/sketch", "quality": null }));
    assert_eq!((&sketch["expected"], &sketch["jobs"][0]["is_local"]), (&json!(0.0), &json!(true)));
    let png = image::bytes(640, 480, "png");
    let form = [("prompt", "make it night"), ("model", "gpt-image-2")];
    let edit = served.form("/api/estimate", &form, &[("image[]", &png)]).json();
    assert!(edit["expected"].as_f64().unwrap() > 0.0, "{edit}");
    for (body, status) in [
        (json!({ "promt": "x" }), 400),
        (json!({ "prompt": "x", "model": "no" }), 404),
        (json!({}), 400),
    ] {
        assert_eq!(served.post("/api/estimate", &body).status, status, "{body}");
    }
    assert_eq!(fake.all().len(), 0, "nothing was sent");
    assert!(pinx.entries("intent").is_empty());
    // What was shown is enough.
    let mut body = asked.clone();
    body["maxCost"] = price["at_most"].clone();
    let made = served.post("/api/generate", &body);
    assert_eq!((made.status, fake.posts()), (200, 1), "{}", made.json());
    served.stop();
}

/// Makes an image and tells its hash.
fn make(served: &Served<'_>, body: Value) -> String {
    let made = served.post("/api/generate", &body).json();
    made["jobs"][0]["images"][0]["sha256"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

#[test]
fn of_two_images_of_one_prompt_the_better_one_is_recorded() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let sketch =
        make(&served, json!({ "prompt": "a fox", "size": "64x64", "model": "pinx/sketch" }));
    let paid = make(&served, json!({ "prompt": "a fox", "model": "gpt-image-2" }));
    let owl = make(&served, json!({ "prompt": "an owl", "size": "64x64", "model": "pinx/sketch" }));
    let vote = |images: [&str; 2], best: &str| {
        served.post("/api/votes", &json!({ "images": images, "best": best }))
    };
    let first = vote([&sketch, &paid], &paid);
    assert_eq!(first.status, 200, "{}", first.json());
    assert_eq!(first.json()["verdict"]["best"], "openai/gpt-image-2");
    // In the other order it is the same pair, and the newer word counts.
    let second = vote([&paid, &sketch], &sketch).json();
    assert_eq!(second["replaced"]["best"], "openai/gpt-image-2", "{second}");
    for (images, best, status, code) in [
        ([sketch.as_str(), owl.as_str()], "tie", 400, "different_prompts"),
        ([&sketch, &sketch], "tie", 400, "invalid_request"),
        ([&sketch, &paid], "first", 400, "invalid_request"),
        ([&sketch, &"0".repeat(64)], "tie", 404, "unknown_id"),
    ] {
        let reply = vote(images, best);
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{}", reply.json());
    }
    assert_eq!(served.post("/api/votes", &json!({ "best": "tie" })).status, 400);
    let ranked = pinx.command(&["stats", "--ab", "--json"]).plain().output().unwrap();
    let ranked: Value = serde_json::from_slice(&ranked.stdout).unwrap();
    assert_eq!(
        (&ranked["comparisons"], &ranked["models"][0]["model"]),
        (&json!(1), &json!("pinx/sketch"))
    );
    let log = served.get("/api/log?model=sketch&text=fox").json();
    assert_eq!(log["entries"][0]["verdict"], "best", "{log}");
    served.stop();
}

#[test]
fn two_images_that_were_compared_are_voted_on_as_that_comparison() {
    let pinx = Pinx::new();
    let compare = [
        "compare",
        "a mug",
        "-m",
        "pinx/sketch",
        "--seed",
        "1,2",
        "-s",
        "64x64",
        "-o",
        "mugs/",
        "--json",
    ];
    let compared = pinx.command(&compare).plain().output().unwrap();
    let compared: Value = serde_json::from_slice(&compared.stdout).unwrap();
    let run = compared["run"].as_str().unwrap();
    let served = Served::start(&pinx, &[]);
    let hash = |at: usize| compared["jobs"][at]["images"][0]["sha256"].as_str().unwrap();
    let body = json!({ "images": [hash(0), hash(1)], "best": hash(1) });
    let reply = served.post("/api/votes", &body).json();
    assert_eq!(
        (reply["run"].as_str(), &reply["verdict"]["entrant"]),
        (Some(run), &json!("seed-2")),
        "{reply}"
    );
    let page = std::fs::read_to_string(pinx.work().join("mugs/index.html")).unwrap();
    assert!(page.contains("best"), "its page is drawn anew");
    served.stop();
}

#[test]
fn how_an_image_was_made_and_what_a_style_looks_like_is_told() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let asked = json!({ "prompt": "a fox", "size": "64x64", "styleId": "noir", "colors": ["#FF0000", "#00FF00"], "seed": 7 });
    let sha256 = make(&served, asked);
    let told = served.get(&format!("/api/images/{sha256}/recipe")).json();
    let recipe = &told["recipe"];
    assert_eq!(
        (&recipe["prompt"], &recipe["style"], &recipe["seed"]),
        (&json!("a fox"), &json!("noir"), &json!(7)),
        "{told}"
    );
    assert_eq!((&recipe["model"], &recipe["size"]), (&json!("pinx/sketch"), &json!("64x64")));
    assert!(!told.to_string().contains(&pinx.root().display().to_string()), "no path: {told}");
    assert_eq!(served.get(&format!("/api/images/{}/recipe", "0".repeat(64))).status, 404);
    let sample = served.get("/api/styles/noir/sample");
    assert_eq!((sample.status, image::size_of(&sample.body)), (200, (192, 128)));
    assert_eq!(served.get("/api/styles/nothing/sample").status, 404);
    served.stop();
}
