//! Clients of a server: who is let in, what each may ask for and spend, and what others see of it.

use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::{self, OpenAi};
use crate::fake::{Answer, Kind, image};
use crate::pinx::Pinx;
use crate::served::{Reply, Served};

/// Adds a client; its key.
pub fn add(pinx: &Pinx, args: &[&str]) -> String {
    let all = [&["serve", "keys", "add"], args].concat();
    let printed = pinx.command(&all).plain().output().unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    let key = text.split_whitespace().find(|word| word.starts_with("px-"));
    key.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&printed.stderr))).to_owned()
}

/// Asks as the client of a key.
pub fn ask(served: &Served<'_>, key: &str, path: &str, body: &Value) -> Reply {
    let bearer = format!("Bearer {key}");
    let heads = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    served.send(&format!("POST {path}"), &heads, body.to_string().as_bytes())
}

fn get(served: &Served<'_>, key: &str, path: &str) -> Reply {
    let bearer = format!("Bearer {key}");
    served.send(&format!("GET {path}"), &[("authorization", bearer.as_str())], b"")
}

fn fox() -> Value {
    json!({ "prompt": "a fox", "model": "openai/gpt-image-2", "quality": "low" })
}

#[test]
fn with_the_first_client_every_request_needs_a_key_and_none_says_why_it_is_refused() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    assert_eq!(served.get("/api/models").status, 200, "nobody needs one yet");
    let key = add(&pinx, &["ann"]);
    let refused = [
        served.get("/api/models"),
        get(&served, "px-wrong", "/api/models"),
        get(&served, "", "/api/log"),
    ];
    for reply in &refused {
        assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_api_key"));
        assert_eq!(reply.body, refused[0].body, "it is not said what is wrong with it");
    }
    for path in ["/api/generate", "/v1/images/generations", "/api/estimate"] {
        assert_eq!(ask(&served, "px-wrong", path, &fox()).status, 401, "{path}");
    }
    assert_eq!(fake.all().len(), 0);
    for path in ["/", "/healthz", "/readyz"] {
        assert_eq!(served.get(path).status, 200, "{path}");
    }
    assert_eq!(get(&served, &key, "/api/models").status, 200);
    assert_eq!(ask(&served, &key, "/api/generate", &fox()).status, 200);
    assert_eq!(ask(&served, &key, "/v1/images/generations", &fox()).status, 200);
    assert_eq!(pinx.entries("intent").len(), 2);
    for entry in ["intent", "done"].iter().flat_map(|kind| pinx.entries(kind)) {
        assert_eq!(entry["client"], "ann", "{entry}");
    }
    pinx.run(&["serve", "keys", "remove", "ann"]).exits(0);
    add(&pinx, &["bob"]);
    assert_eq!(get(&served, &key, "/api/models").status, 401, "it is gone at once");
    served.stop();
}

#[test]
fn a_client_asks_for_its_models_as_often_as_it_may_and_spends_no_more_than_its_budget() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let models = add(&pinx, &["ann", "--models", "pinx/*"]);
    let often = add(&pinx, &["bob", "--rpm", "2"]);
    let poor = add(&pinx, &["eve", "--budget-day", "0.05"]);
    let served = Served::start(&pinx, &[]);
    let reply = ask(&served, &models, "/api/generate", &fox());
    assert_eq!((reply.status, reply.code().as_str()), (403, "model_not_allowed"));
    let sketch = json!({ "prompt": "a fox", "model": "pinx/sketch", "size": "64x64" });
    assert_eq!(ask(&served, &models, "/api/generate", &sketch).status, 200);
    for status in [200, 200, 429] {
        let reply = ask(&served, &often, "/api/generate", &sketch);
        assert_eq!(reply.status, status);
        assert_eq!(reply.heads.contains_key("retry-after"), status == 429);
    }
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(ask(&served, &poor, "/api/generate", &fox()).status);
    }
    let made = statuses.iter().filter(|status| **status == 200).count();
    assert!(
        made > 0 && made < 12 && statuses[made..].iter().all(|status| *status == 402),
        "{statuses:?}"
    );
    let spent: f64 = pinx
        .entries("done")
        .iter()
        .filter(|entry| entry["client"] == "eve")
        .map(|entry| entry["cost"].as_f64().or(entry["estimate"].as_f64()).unwrap())
        .sum();
    assert!(spent <= 50_000.0, "{spent} micro-dollars");
    served.stop();
}

#[test]
fn what_auto_takes_is_one_of_the_clients_models() {
    let fake = OpenAi::start();
    let other = Fal::start();
    let pinx = Pinx::new().openai(&fake).fal(&other);
    let add = |name, models| add(&pinx, &[name, "--models", models]);
    let (ann, bob, eve) =
        (add("ann", "pinx/*"), add("bob", "fal/flux-*"), add("eve", "replicate/*"));
    // One that `auto` does not know by itself.
    let joe = add("joe", "openai/dall-e-2,fal/fast-sdxl");
    let served = Served::start(&pinx, &[]);
    let any = json!({ "prompt": "a fox", "n": 1, "size": "1024x1024" });
    let taken = |key: &str, path: &str, body: &Value| {
        let reply = ask(&served, key, path, body);
        assert_eq!(reply.status, 200, "{}", reply.json());
        pinx.entries("done").pop().unwrap()["model"].as_str().unwrap().to_owned()
    };
    for path in ["/api/generate", "/v1/images/generations"] {
        assert_eq!(taken(&ann, path, &any), "pinx/sketch", "{path}");
        assert!(taken(&bob, path, &any).starts_with("fal/flux-"), "{path}");
        assert_eq!(taken(&joe, path, &any), "fal/fast-sdxl", "{path}");
    }
    assert!(
        taken(
            &bob,
            "/v1/images/generations",
            &json!({ "prompt": "an owl", "model": "auto:cheap" })
        )
        .starts_with("fal/flux-")
    );
    let reply = ask(&served, &eve, "/v1/images/generations", &any);
    assert_eq!((reply.status, reply.code().as_str()), (403, "model_not_allowed"));
    // A fallback is no way out either.
    let asked =
        json!({ "prompt": "a fox", "model": "fal/flux-schnell", "fallback": "openai/gpt-image-2" });
    other.always(Kind::Submit, Answer::json(400, &json!({ "detail": "no" })));
    assert!(ask(&served, &bob, "/api/generate", &asked).status >= 400);
    assert_eq!(fake.posts(), 0, "nothing of that went to a model that is not theirs");
    let listed = |key: &str, path: &str| get(&served, key, path).json();
    let own = listed(&bob, "/api/models?all=1");
    assert!(own["auto"].as_str().unwrap().starts_with("fal/flux-"), "{}", own["auto"]);
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let own = ids(&own["models"]);
    assert!(own.len() > 1 && own.iter().all(|id| id.starts_with("fal/flux-")), "{own:?}");
    let own = ids(&listed(&bob, "/v1/models")["data"]);
    assert!(own.iter().all(|id| id.starts_with("fal/flux-") || id.starts_with("auto")), "{own:?}");
    assert_eq!(get(&served, &bob, "/v1/models/openai/gpt-image-2").status, 404);
    served.stop();
}

#[test]
fn a_client_sees_and_stops_only_what_is_its_own() {
    let fake = OpenAi::start();
    fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")));
    let pinx = Pinx::new().openai(&fake);
    let (ann, bob) = (add(&pinx, &["ann"]), add(&pinx, &["bob"]));
    let served = Served::start(&pinx, &[]);
    let run = ask(&served, &ann, "/api/generate", &fox()).heads["x-request-id"].clone();
    for again in [false, true] {
        for (key, status) in [(&ann, 200), (&bob, 404)] {
            assert_eq!(get(&served, key, &format!("/api/runs/{run}")).status, status, "{again}");
        }
        if !again {
            assert_eq!(get(&served, &bob, &format!("/api/runs/{run}/events")).status, 404);
            let cancel = format!("/api/runs/{run}/cancel");
            assert_eq!(ask(&served, &bob, &cancel, &json!({})).status, 404);
        }
    }
    let entries =
        |key: &str| get(&served, key, "/api/log").json()["entries"].as_array().unwrap().len();
    assert_eq!((entries(&ann), entries(&bob)), (1, 0));
    for path in ["log?client=ann", "stats?client=ann", "stats?by=key", "stats?by=route"] {
        let reply = get(&served, &bob, &format!("/api/{path}"));
        assert_eq!((reply.status, reply.code().as_str()), (403, "not_a_clients"), "{path}");
    }
    assert_eq!(get(&served, &ann, "/api/log?client=ann").status, 200);
    served.stop();
    let served = Served::start(&pinx, &[]);
    assert_eq!(get(&served, &ann, &format!("/api/runs/{run}")).status, 200, "of another process");
    assert_eq!(get(&served, &bob, &format!("/api/runs/{run}")).status, 404);
    served.stop();
}

#[test]
fn a_client_edits_reads_and_judges_no_image_of_another() {
    let fake = OpenAi::start();
    fake.answers(openai::with_image(&image::bytes(64, 64, "png")));
    let pinx = Pinx::new().openai(&fake).env("PINX_CACHE_MODE", "always");
    let (ann, bob) = (add(&pinx, &["ann"]), add(&pinx, &["bob"]));
    let served = Served::start(&pinx, &[]);
    let made = ask(&served, &ann, "/api/generate", &fox()).json();
    let image = &made["jobs"][0]["images"][0];
    let (run, hash) = (made["run"].as_str().unwrap(), image["sha256"].as_str().unwrap());
    let file = image["path"].as_str().unwrap().rsplit('/').next().unwrap();
    let job = format!("{run}.1");
    let edit = |key: &str, path: &str, field: &str, word: &str| {
        let mut body = json!({ "prompt": "at night", "model": "openai/gpt-image-2" });
        body[field] = json!([word]);
        ask(&served, key, path, &body)
    };
    let posts = fake.posts();
    let words = [run, &job, hash, &hash[..16], "@last", "last", file];
    for word in words {
        for (path, field) in [("/api/generate", "images"), ("/v1/images/edits", "image")] {
            let (theirs, none) =
                (edit(&bob, path, field, word), edit(&bob, path, field, "261122-nothing0"));
            let told = |reply: &Reply| (reply.status, reply.code());
            assert_eq!(told(&theirs), (404, "unknown_id".to_owned()), "{word}: {}", theirs.json());
            assert_eq!(told(&theirs), told(&none), "as if it were not there");
        }
        assert_eq!(
            ask(
                &served,
                &bob,
                "/api/estimate",
                &json!({
                    "prompt": "x", "model": "openai/gpt-image-2", "images": [word],
                })
            )
            .status,
            404,
            "{word}"
        );
    }
    let asked_before = fake.all().len();
    let link = format!("{}/picture.png", fake.url());
    let reply = edit(&bob, "/api/generate", "images", &link);
    assert_eq!((reply.status, fake.all().len()), (400, asked_before), "{}", reply.json());
    let vote = json!({ "images": [hash, hash], "best": "tie" });
    let (whole, recipe) = (format!("/api/images/{hash}"), format!("/api/images/{hash}/recipe"));
    for path in [&whole, &format!("{whole}?w=32"), &recipe] {
        assert_eq!((get(&served, &bob, path).status, get(&served, &ann, path).status), (404, 200));
    }
    assert_eq!(ask(&served, &bob, "/api/votes", &vote).status, 404);
    assert_eq!(fake.posts(), posts, "nothing was sent");
    // What it made, and what was made for it before, is its own.
    for word in [run, &job, hash, &hash[..16], "@last"] {
        let reply = edit(&ann, "/api/generate", "images", word);
        assert_eq!(reply.status, 200, "{word}: {}", reply.json());
    }
    assert_eq!(ask(&served, &bob, "/api/generate", &fox()).status, 200);
    assert_eq!(get(&served, &bob, &whole).status, 200);
    served.stop();
}

#[test]
fn a_client_reads_its_own_figures_and_whom_its_models_are_asked_of() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let ann = add(&pinx, &["ann", "--budget-day", "5"]);
    let bob = add(&pinx, &["bob", "--models", "pinx/*"]);
    let served = Served::start(&pinx, &[]);
    assert_eq!(ask(&served, &ann, "/api/generate", &fox()).status, 200);
    let sketch = json!({ "prompt": "a fox", "model": "pinx/sketch", "size": "64x64" });
    assert_eq!(ask(&served, &bob, "/api/generate", &sketch).status, 200);
    let stats = |key: &str, path: &str| get(&served, key, path).json();
    let of_ann = stats(&ann, "/api/stats?by=client&since=today");
    let names: Vec<_> = of_ann["rows"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["ann"], "{of_ann}");
    assert_eq!(
        (&of_ann["total"]["images"], &of_ann["budget"]["day"]["limit"]),
        (&json!(1), &json!(5.0))
    );
    assert_eq!(of_ann["total"]["spent"], of_ann["budget"]["day"]["spent"]);
    assert!(of_ann["total"]["spent"].as_f64().unwrap() > 0.0, "{of_ann}");
    let of_bob = stats(&bob, "/api/stats");
    assert_eq!((&of_bob["total"]["images"], &of_bob["budget"]["day"]), (&json!(1), &Value::Null));
    assert_eq!(of_bob["total"]["spent"], 0.0);
    for (document, other) in [(&of_ann, "pinx"), (&of_bob, "openai")] {
        let text = document.to_string();
        assert!(
            !text.contains(other) && !text.contains("_KEY") && !text.contains("entries"),
            "{text}"
        );
    }
    let providers = |key: &str| get(&served, key, "/api/providers").json();
    let (all, few) = (providers(&ann), providers(&bob));
    assert!(all["providers"].as_array().unwrap().len() > 1, "{all}");
    assert_eq!(few["providers"].as_array().unwrap().len(), 1, "{few}");
    assert_eq!(few["providers"][0]["id"], "pinx");
    let text = all.to_string();
    for secret in ["KEY", "key", "address", "127.0.0.1", "dashboard"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    served.stop();
    // The command line tells the same of one client.
    let told = pinx.command(&["stats", "--client", "ann", "--json"]).plain().output().unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&told["total"], &told["budget"]), (&of_ann["total"], &of_ann["budget"]));
}

#[test]
fn other_machines_reach_only_a_server_with_keys() {
    let pinx = Pinx::new();
    let refused = pinx.run(&["serve", "-l", "0.0.0.0:0"]).exits(2);
    assert!(refused.stderr.contains("serve keys add"), "{refused}");
    let key = add(&pinx, &["ann"]);
    let served = Served::start(&pinx, &[]);
    assert_eq!(get(&served, &key, "/api/models").status, 200);
    served.stop();
}

#[test]
fn what_was_made_before_costs_a_client_with_models_nothing() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_CACHE_MODE", "always");
    let key = add(&pinx, &["ann", "--models", "openai/*"]);
    let served = Served::start(&pinx, &[]);
    let price = || ask(&served, &key, "/api/estimate", &fox()).json()["at_most"].as_f64().unwrap();
    assert!(price() > 0.0);
    assert_eq!(ask(&served, &key, "/api/generate", &fox()).status, 200);
    assert_eq!(price(), 0.0);
    served.stop();
}

#[test]
fn figures_of_all_clients_are_for_who_may_see_them() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_BUDGET_DAY", "10");
    let ann = add(&pinx, &["ann", "--budget-day", "5"]);
    let (bob, all) = (add(&pinx, &["bob"]), add(&pinx, &["watch", "--figures", "all"]));
    let served = Served::start(&pinx, &[]);
    assert_eq!(ask(&served, &ann, "/api/generate", &fox()).status, 200);
    let sketch = json!({ "prompt": "a fox", "model": "pinx/sketch", "size": "64x64" });
    assert_eq!(ask(&served, &bob, "/api/generate", &sketch).status, 200);
    let figures = |key: &str| {
        let reply = get(&served, key, "/metrics");
        assert_eq!(reply.status, 200);
        String::from_utf8(reply.body).unwrap()
    };
    let (of_ann, of_bob, of_all) = (figures(&ann), figures(&bob), figures(&all));
    for (text, own, other) in [(&of_ann, "openai", "pinx/"), (&of_bob, "pinx/sketch", "openai")] {
        assert!(text.contains(own) && !text.contains(other), "{text}");
        assert!(text.contains("\npinx_in_flight 0\n") && text.ends_with("# EOF\n"), "{text}");
    }
    assert!(of_ann.contains("client=\"ann\"") && !of_ann.contains("bob"), "{of_ann}");
    assert!(!of_bob.contains("ann"), "{of_bob}");
    // The budget of all is the owner's.
    assert!(of_ann.contains("pinx_budget_used_ratio{period=\"day\",client=\"ann\"} "), "{of_ann}");
    assert!(!of_bob.contains("pinx_budget_used_ratio{"), "{of_bob}");
    for word in ["client=\"ann\"", "client=\"bob\"", "period=\"day\",client=\"\"} "] {
        assert!(of_all.contains(word), "{word}: {of_all}");
    }
    // They are all that it sees of others.
    let log = get(&served, &all, "/api/log").json();
    assert_eq!(log["entries"].as_array().unwrap().len(), 0, "{log}");
    pinx.command(&["serve", "keys", "set", "watch", "--figures", "own"]).plain().status().unwrap();
    assert!(!figures(&all).contains("ann"));
    served.stop();
}

#[test]
fn raw_parameters_lead_to_no_other_model_and_no_other_price() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_ALLOW_UNKNOWN_COST", "true");
    let key = add(&pinx, &["ann", "--models", "openai/gpt-image-2"]);
    let served = Served::start(&pinx, &[]);
    let with = |params: Value| {
        let mut body = fox();
        body["params"] = params;
        body["maxCost"] = json!(1);
        body
    };
    for params in [json!({ "model": "dall-e-3" }), json!({ "models": ["dall-e-3"] })] {
        for path in ["/api/generate", "/api/estimate"] {
            let reply = ask(&served, &key, path, &with(params.clone()));
            assert_eq!((reply.status, reply.code().as_str()), (403, "model_not_allowed"));
        }
    }
    let price =
        |params| ask(&served, &key, "/api/estimate", &with(params)).json()["at_most"].clone();
    assert!(price(json!({ "user": "me" })).as_f64() > Some(0.0));
    for name in ["input_fidelity", "partial_images", "service_tier", "batch_size", "input"] {
        assert_eq!(price(json!({ name: "high" })), Value::Null, "{name}");
    }
    assert_eq!(fake.posts(), 0);
    served.stop();
}
