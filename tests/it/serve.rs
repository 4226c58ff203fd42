//! `pinx serve`: the project's own API. Nothing that a page elsewhere, a wrong body or too many clients
//! do reaches a provider.

use std::io::Read as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::fake::Gate;
use crate::fake::openai::{self, OpenAi};
use crate::fake::{Answer, Kind, image};
use crate::pinx::Pinx;
use crate::served::{Served, read, read_until};

/// The two requests that the project began with, as they stand.
#[test]
fn the_first_two_requests_are_answered_as_they_stand() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let models = served.get("/api/models");
    assert_eq!((models.status, models.heads["content-type"].as_str()), (200, "application/json"));
    let models = models.json();
    assert_eq!(models["success"], true);
    let mut available = 0;
    for model in models["models"].as_array().unwrap() {
        for text in ["id", "name", "provider", "description", "estimatedTime"] {
            assert!(model[text].is_string(), "{text} of {model}");
        }
        assert!(model["costPerImage"].is_number() || model["costPerImage"].is_null());
        assert!(model["supportedSizes"].as_array().unwrap().iter().all(Value::is_string));
        available += u64::from(model["isAvailable"].as_bool().unwrap());
        assert_ne!(model["provider"], "fal", "only who is configured is listed");
    }
    assert_eq!(models["totalAvailable"], available);
    let asked = json!({
        "prompt": "A futuristic city at sunset", "styleId": "voxel-3d", "model": "dall-e-3",
        "colors": ["#FF6B6B", "#4ECDC4"],
    });
    let made = served.post("/api/generate", &asked);
    assert_eq!(made.status, 200, "{}", made.json());
    let document = made.json();
    assert_eq!(document.as_object().unwrap().keys().next().unwrap(), "success");
    assert_eq!((&document["success"], &document["status"]), (&json!(true), &json!("done")));
    assert_eq!(made.heads["x-request-id"], document["run"].as_str().unwrap());
    let sent = fake.requests(Kind::Images)[0].json.clone();
    assert!(sent["prompt"].as_str().unwrap().contains("FF6B6B"), "{sent}");
    assert_eq!(fake.posts(), 1);
    let image = &document["jobs"][0]["images"][0];
    let address = image["url"].as_str().unwrap();
    let path = address.strip_prefix(&format!("http://{}", served.address)).unwrap();
    let bytes = served.get(path).body;
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, image["sha256"].as_str().unwrap());
    served.stop();
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_sent() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_CONFIRM_ABOVE", "0.50");
    let served = Served::start(&pinx, &[]);
    for (body, status, code, word) in [
        (json!({ "prompt": 3 }), 400, "invalid_request", "`prompt`"),
        (json!({ "promt": "x" }), 400, "invalid_request", "`promt`"),
        (json!({}), 400, "invalid_request", "prompt"),
        (json!([]), 400, "invalid_request", "object"),
        (json!({ "prompt": "x", "size": "huge" }), 400, "invalid_request", "`huge`"),
        (json!({ "prompt": "x", "output": "/etc/x" }), 400, "invalid_request", "`output`"),
        (json!({ "prompt": "x", "matrix": { "a": [1] } }), 400, "invalid_request", "`matrix`"),
        (json!({ "prompt": "x", "n": 5 }), 400, "too_many", "at most 4"),
        (json!({ "prompt": "x", "stream": 3 }), 400, "invalid_request", "`stream`"),
        (json!({ "prompt": "x", "model": "gpt-imaje-2" }), 404, "unknown_model", "gpt-imaje-2"),
        (json!({ "prompt": "x", "model": "fal/flux-schnell" }), 403, "missing_key", "fal"),
        (
            json!({ "prompt": "x", "model": "gpt-image-2", "images": ["/etc/passwd"] }),
            400,
            "input",
            "/etc/passwd",
        ),
        (
            json!({ "prompt": "x", "model": "gpt-image-2", "maxCost": 0.001 }),
            402,
            "over_budget",
            "limit",
        ),
        (
            json!({ "prompt": "x", "model": "gpt-image-2", "quality": "high", "n": 4 }),
            402,
            "consent_needed",
            "confirm_above",
        ),
    ] {
        let reply = served.post("/api/generate", &body);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{body}: {}",
            reply.json()
        );
        let message = reply.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(word), "{message}");
        assert_eq!(reply.heads["x-should-retry"], "false");
    }
    let json = ("content-type", "application/json");
    let post = |heads: &[(&str, &str)], body: &[u8]| served.send("POST /api/generate", heads, body);
    assert_eq!(post(&[json], b"{").status, 400);
    assert_eq!(post(&[json], &vec![b' '; 2 << 20]).status, 413);
    assert_eq!(post(&[], b"prompt=x").status, 415);
    let large = vec![0; 65 << 20];
    assert_eq!(served.form("/api/generate", &[("prompt", "x")], &[("image", &large)]).status, 413);
    assert_eq!(served.form("/api/generate", &[("prompt", "x")], &[("file", b"x")]).status, 400);
    assert_eq!(served.get("/api/nothing").status, 404);
    assert_eq!(served.get("/api/generate").status, 405);
    assert_eq!(served.get("/api/models?siez=2k").json()["error"]["hint"], "did you mean `size`?");
    assert_eq!(fake.all().len(), 0, "nothing reached the provider");
    served.stop();
}

/// A page elsewhere, a name that leads here, a form that sends itself, a script of another port.
#[test]
fn nothing_from_elsewhere_reaches_a_provider() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let body = json!({ "prompt": "x", "model": "gpt-image-2" }).to_string();
    let json = ("content-type", "application/json");
    for (heads, status) in [
        (vec![json, ("host", "evil.example")], 403),
        (vec![json, ("host", "127.0.0.1.evil.example")], 403),
        (vec![json, ("origin", "https://evil.example")], 403),
        (vec![json, ("origin", "null")], 403),
        (vec![json, ("origin", "http://127.0.0.1:3000")], 403),
        (vec![json, ("sec-fetch-site", "cross-site")], 403),
        (vec![("content-type", "text/plain")], 415),
        (vec![("content-type", "application/x-www-form-urlencoded")], 415),
        (vec![("content-type", "multipart/form-data; boundary=x")], 401),
        (vec![json, ("host", "")], 403),
    ] {
        let reply = served.send("POST /api/generate", &heads, body.as_bytes());
        assert_eq!(reply.status, status, "{heads:?}");
        assert!(!reply.heads.contains_key("access-control-allow-origin"));
    }
    let asked = served.send("OPTIONS /api/generate", &[("origin", "https://evil.example")], b"");
    assert_eq!(asked.status, 403);
    assert_eq!(fake.all().len(), 0);
    let own = format!("http://{}", served.address);
    let reply = served.send("POST /api/generate", &[json, ("origin", &own)], body.as_bytes());
    assert_eq!((reply.status, fake.posts()), (200, 1));
    served.stop();
}

#[test]
fn events_tell_how_it_goes_and_whoever_comes_later_reads_them_again() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let asked = json!({ "prompt": "an owl", "model": "gpt-image-2", "stream": true });
    let reply = served.post("/api/generate", &asked);
    assert_eq!((reply.status, reply.heads["content-type"].as_str()), (200, "text/event-stream"));
    let run = reply.heads["x-request-id"].clone();
    let text = String::from_utf8(reply.body).unwrap();
    let kinds = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.strip_prefix("event: ")).map(str::to_owned).collect()
    };
    let told = kinds(&text);
    for kind in ["planned", "started", "sent", "saving", "saved", "ended", "document"] {
        assert!(told.contains(&kind.to_owned()), "{kind} of {told:?}");
    }
    let last = text.lines().rfind(|line| line.starts_with("data: ")).unwrap();
    let document: Value = serde_json::from_str(&last["data: ".len()..]).unwrap();
    assert_eq!(document["success"], true);
    let again = served.get(&format!("/api/runs/{run}/events"));
    assert_eq!(String::from_utf8(again.body).unwrap(), text);
    let behind =
        served.send(&format!("GET /api/runs/{run}/events"), &[("last-event-id", "3")], b"");
    assert_eq!(kinds(&String::from_utf8(behind.body).unwrap()), told[3..]);
    let kept = served.get(&format!("/api/runs/{run}")).json();
    assert_eq!(kept["jobs"], document["jobs"]);
    served.stop();
    // Another process asks the log.
    let served = Served::start(&pinx, &[]);
    assert_eq!(served.get(&format!("/api/runs/{run}")).status, 200);
    assert_eq!(served.get("/api/runs/261130-zzzzzzzz").status, 404);
}

#[test]
fn who_hangs_up_stops_what_was_not_sent_and_what_was_is_saved() {
    let fake = OpenAi::start();
    let gate = Gate::default();
    for _ in 0..2 {
        fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
    }
    let pinx = Pinx::new().openai(&fake).env("PINX_CONFIRM_ABOVE", "5");
    let served = Served::start(&pinx, &["-j", "2"]);
    let body = json!({ "prompt": "an owl", "model": "gpt-image-2", "n": 4 }).to_string();
    let heads = [("content-type", "application/json")];
    let stream = served.begin("POST /api/generate", &heads, body.as_bytes());
    fake.wait_for(Kind::Images, 2);
    drop(stream);
    let run = pinx.entries("intent")[0]["run"].as_str().unwrap().to_owned();
    let document = || served.get(&format!("/api/runs/{run}")).json();
    let wait_while = |state: &str| {
        while document()["status"] == state {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    // It is heard of before the answers come.
    wait_while("running");
    assert_eq!(document()["status"], "stopping");
    gate.open();
    wait_while("stopping");
    let document = document();
    let states: Vec<&str> = document["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["status"].as_str().unwrap())
        .collect();
    assert_eq!(states.iter().filter(|state| **state == "done").count(), 2, "{states:?}");
    assert_eq!(
        (fake.posts(), pinx.files().iter().filter(|file| file.ends_with(".png")).count()),
        (2, 2)
    );
    served.stop();
}

#[test]
fn a_run_that_is_cancelled_says_so_and_what_is_awaited_still() {
    let fake = OpenAi::start();
    let gate = Gate::default();
    fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &["-j", "1"]);
    let body = json!({ "prompt": "an owl", "model": "gpt-image-2", "n": 2, "stream": true });
    let heads = [("content-type", "application/json")];
    let mut stream = served.begin("POST /api/generate", &heads, body.to_string().as_bytes());
    fake.wait_for(Kind::Images, 1);
    let run = pinx.entries("intent")[0]["run"].as_str().unwrap().to_owned();
    let cancelled = served.post(&format!("/api/runs/{run}/cancel"), &json!({}));
    assert_eq!(cancelled.json()["status"], "stopping");
    let told = read_until(&mut stream, b"event: stopping\ndata: {\"in_flight\":1}\n");
    assert!(memchr::memmem::find(&told, b"event: ended").is_none(), "it is told at once");
    gate.open();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("event: saved") && rest.contains("\"status\":\"interrupted\""), "{rest}");
    assert_eq!(fake.posts(), 1);
    served.stop();
}

#[test]
fn when_it_is_told_to_end_what_was_sent_is_saved_and_answered_and_nothing_new_begins() {
    let fake = OpenAi::start();
    let gate = Gate::default();
    fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    assert_eq!((served.get("/healthz").status, served.get("/readyz").status), (200, 200));
    let body = json!({ "prompt": "an owl", "model": "gpt-image-2" });
    let heads = [("content-type", "application/json")];
    let text = body.to_string();
    let stream = served.begin("POST /api/generate", &heads, text.as_bytes());
    fake.wait_for(Kind::Images, 1);
    served.signal("TERM");
    while served.get("/readyz").status != 503 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(served.get("/healthz").status, 200);
    let late = served.post("/api/generate", &body);
    assert_eq!((late.status, late.heads["retry-after"].as_str()), (503, "5"));
    gate.open();
    let reply = read(stream);
    assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some("done")));
    let output = served.finish();
    assert_eq!((output.code, fake.posts()), (0, 1), "{output}");
}

/// What may have been billed is never answered with a status after which libraries ask again.
#[test]
fn what_may_be_billed_is_424_and_what_was_refused_is_not() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_RETRIES", "0");
    let served = Served::start(&pinx, &[]);
    let ask = || served.post("/api/generate", &json!({ "prompt": "x", "model": "gpt-image-2" }));
    for (answer, status, code) in [
        (openai::refused(), 400, "moderation_blocked"),
        (Answer::dropped(), 424, "outcome_unknown"),
        (openai::error(500, "server_error", "no"), 424, "server_error"),
        (openai::rate_limited(), 424, "rate_limit_exceeded"),
        (openai::error(401, "invalid_api_key", "no"), 403, "invalid_api_key"),
    ] {
        fake.answers(answer);
        let reply = ask();
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{}", reply.json());
        assert_eq!(reply.heads["x-should-retry"], "false");
        assert!(reply.heads.contains_key("x-request-id"));
    }
    assert_eq!(fake.posts(), 5);
    served.stop();
}

#[test]
fn pictures_come_as_files_as_links_to_what_was_made_and_as_data() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let png = image::bytes(640, 480, "png");
    let fields = [("prompt", "make it night"), ("model", "gpt-image-2"), ("size", "1024x1024")];
    let files: [(&str, &[u8]); 2] = [("image[]", &png), ("image[]", &png)];
    let reply = served.form("/api/generate", &fields, &files);
    assert_eq!(reply.status, 200, "{}", reply.json());
    let document = reply.json();
    assert_eq!(document["jobs"][0]["inputs"].as_array().unwrap().len(), 2);
    let sha256 = document["jobs"][0]["images"][0]["sha256"].as_str().unwrap();
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(&png);
    let data = format!("data:image/png;base64,{data}");
    let asked = json!({
        "prompt": "and by day", "model": "gpt-image-2", "images": [sha256, data], "b64": true,
    });
    let reply = served.post("/api/generate", &asked);
    assert_eq!(reply.status, 200, "{}", reply.json());
    let document = reply.json();
    assert_eq!(document["jobs"][0]["inputs"].as_array().unwrap().len(), 2);
    assert!(document["jobs"][0]["images"][0]["b64_json"].as_str().unwrap().len() > 100);
    served.stop();
}

#[test]
fn images_are_served_by_their_hashes_small_or_whole() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let made =
        served.post("/api/generate", &json!({ "prompt": "a fox", "size": "256x256" })).json();
    let sha256 = made["jobs"][0]["images"][0]["sha256"].as_str().unwrap();
    let whole = served.get(&format!("/api/images/{sha256}"));
    assert_eq!((whole.status, whole.heads["content-type"].as_str()), (200, "image/png"));
    assert!(whole.heads["cache-control"].contains("immutable"));
    let tag = [("if-none-match", whole.heads["etag"].as_str())];
    assert_eq!(served.send(&format!("GET /api/images/{sha256}"), &tag, b"").status, 304);
    let small = served.get(&format!("/api/images/{sha256}?w=64"));
    assert_eq!(small.heads["content-type"], "image/jpeg");
    assert_eq!(image::size_of(&small.body), (64, 64));
    for path in ["abc", &"0".repeat(64), "../../etc/passwd", &format!("{sha256}?w=9000")] {
        assert!([400, 404].contains(&served.get(&format!("/api/images/{path}")).status), "{path}");
    }
    // What is another file by now is not served under its name.
    let path = made["jobs"][0]["images"][0]["path"].as_str().unwrap();
    std::fs::write(path, "another").unwrap();
    assert_eq!(served.get(&format!("/api/images/{sha256}")).status, 404);
    served.stop();
}

#[test]
fn what_commands_print_is_served_as_they_print_it() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    served.post("/api/generate", &json!({ "prompt": "a fox", "size": "128x128", "tags": ["x"] }));
    for (path, command) in [
        ("/api/models?all=1&size=2k", vec!["models", "--all", "--size", "2k", "--json"]),
        ("/api/styles", vec!["styles", "--json"]),
        ("/api/providers", vec!["providers", "--json"]),
        ("/api/log?tag=x", vec!["log", "--tag", "x", "--json"]),
        ("/api/stats?by=provider", vec!["stats", "--by", "provider", "--json"]),
    ] {
        let printed = pinx.command(&command).plain().output().unwrap();
        let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
        assert_eq!(served.get(path).json(), printed, "{path}");
    }
    served.stop();
}

/// Killed at any instant, a server leaves what a command leaves: the next one collects it.
#[test]
fn what_a_killed_server_left_open_is_collected_by_the_next() {
    let fake = crate::fake::fal::Fal::start();
    let gate = Gate::default();
    fake.next(Kind::Status, crate::fake::fal::completed("x").behind(&gate));
    let pinx = Pinx::new().fal(&fake);
    let served = Served::start(&pinx, &[]);
    let body = json!({ "prompt": "an owl", "model": "fal/flux-schnell" }).to_string();
    let heads = [("content-type", "application/json")];
    let _stream = served.begin("POST /api/generate", &heads, body.as_bytes());
    fake.wait_for(Kind::Status, 1);
    served.signal("KILL");
    served.finish();
    gate.open();
    assert_eq!(pinx.entries("done").len(), 0);
    let served = Served::start(&pinx, &[]);
    while pinx.entries("done").is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(fake.posts(), 1);
    served.stop();
}

#[test]
fn figures_tell_what_was_made_what_it_cost_and_what_of_a_budget_is_used() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_BUDGET_DAY", "10");
    let served = Served::start(&pinx, &[]);
    let figures = || {
        let reply = served.get("/metrics");
        assert!(reply.heads["content-type"].starts_with("application/openmetrics-text"));
        String::from_utf8(reply.body).unwrap()
    };
    let figure = |text: &str, start: &str| -> Option<f64> {
        let line = text.lines().find(|line| line.starts_with(start))?;
        line.rsplit_once(' ')?.1.parse().ok()
    };
    assert_eq!(figure(&figures(), "pinx_in_flight"), Some(0.0));
    let body = json!({ "prompt": "x", "model": "gpt-image-2", "quality": "low", "n": 2 });
    assert_eq!(served.post("/api/generate", &body).status, 200);
    fake.answers(openai::refused());
    assert_eq!(served.post("/api/generate", &body).json()["status"], "partial");
    let text = figures();
    let of_model = "{model=\"openai/gpt-image-2\",provider=\"openai\",client=\"\"";
    assert_eq!(figure(&text, &format!("pinx_images_total{of_model}")), Some(3.0), "{text}");
    assert!(figure(&text, &format!("pinx_cost_usd_total{of_model}")) > Some(0.0), "{text}");
    let class =
        |class: &str| figure(&text, &format!("pinx_attempts_total{of_model},class=\"{class}\""));
    assert_eq!((class("done"), class("content_policy")), (Some(3.0), Some(1.0)), "{text}");
    assert!(figure(&text, "pinx_budget_used_ratio{period=\"day\"") > Some(0.0), "{text}");
    assert!(text.contains("gen_ai_client_operation_duration_seconds_bucket"), "{text}");
    assert!(text.ends_with("# EOF\n"));
    served.stop();
}

#[test]
fn a_long_head_is_refused() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let long = "x".repeat(32 << 10);
    assert_eq!(served.send("GET /healthz", &[("x-long", &long)], b"").status, 431);
    served.stop();
}

#[test]
fn a_server_saves_into_a_directory_that_is_not_there_yet_and_not_to_one_file() {
    let pinx = Pinx::new().env("PINX_SIZE", "64x64");
    let served = Served::start(&pinx, &["-o", "art"]);
    for _ in 0..2 {
        let made = served.post("/api/generate", &json!({ "prompt": "a fox" }));
        assert_eq!(made.status, 200, "{}", made.json());
    }
    served.stop();
    let names = ["art/a-fox.png", "art/a-fox-2.png"];
    assert!(names.iter().all(|name| pinx.work().join(name).is_file()), "{}", pinx.work().display());
    let refused = pinx.run(&["serve", "-l", "127.0.0.1:0", "-o", "art.png"]).exits(2);
    assert!(refused.stderr.contains("`art.png` is one file"), "{refused}");
}

#[test]
fn a_port_that_is_taken_is_told_as_one() {
    let pinx = Pinx::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = pinx.command(&["serve", "-l", &address]).plain();
    let ended = command.output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    let told = format!("something listens at {address} already, maybe another `pinx serve`");
    assert!(!ended.status.success() && ended.stdout.is_empty() && said.contains(&told), "{said}");
}

#[test]
fn a_unit_of_systemd_serves_as_the_settings_say() {
    let pinx = Pinx::new();
    let args = ["serve", "--unit", "-l", "127.0.0.1:9000", "-j", "8", "-o", "art"];
    let unit = pinx.command(&args).plain();
    let printed = { unit }.output().unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    let place = pinx.work().join("art").display().to_string();
    let line = format!("serve --listen 127.0.0.1:9000 --output {place}/ --concurrency 8\n");
    assert!(printed.status.success() && text.contains(&line), "{text}");
}
