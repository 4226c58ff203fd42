//! `POST /mcp` of `pinx serve`: the same tools over HTTP, behind the same guard.

use std::io::{BufRead as _, BufReader};

use serde_json::{Value, json};

use crate::agent::{LEGACY, STATELESS};
use crate::fake::openai::OpenAi;
use crate::pinx::Pinx;
use crate::served::{Reply, Served};

/// What every request of a client says of itself.
const HEADS: [(&str, &str); 2] =
    [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];

fn post(served: &Served<'_>, heads: &[(&str, &str)], body: &Value) -> Reply {
    let heads = [&HEADS[..], heads].concat();
    served.send("POST /mcp", &heads, body.to_string().as_bytes())
}

/// The answer in a reply, which is a document or the last event of a stream.
fn answer(reply: &Reply) -> Value {
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let last = text.lines().rfind(|line| line.starts_with("data: {"));
    let json = last.map_or(text.as_str(), |line| &line["data: ".len()..]);
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {} {text}", reply.status))
}

/// A call without a handshake.
fn call(served: &Served<'_>, tool: &str, arguments: &Value) -> Value {
    let reply = call_as(served, "none", tool, arguments);
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    answer(&reply)["result"].clone()
}

/// The same with a key.
fn call_as(served: &Served<'_>, key: &str, tool: &str, arguments: &Value) -> Reply {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": tool, "arguments": arguments, "_meta": {
            "io.modelcontextprotocol/protocolVersion": STATELESS,
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        }},
    });
    let key = format!("Bearer {key}");
    let heads = [
        ("mcp-protocol-version", STATELESS),
        ("mcp-method", "tools/call"),
        ("mcp-name", tool),
        ("authorization", key.as_str()),
    ];
    post(served, &heads, &body)
}

#[test]
fn a_client_with_a_handshake_makes_an_image_and_gets_its_address() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": LEGACY, "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        },
    });
    let reply = post(&served, &[], &hello);
    assert_eq!((reply.status, &answer(&reply)["result"]["protocolVersion"]), (200, &json!(LEGACY)));
    let session = reply.heads["mcp-session-id"].clone();
    let heads = [("mcp-session-id", session.as_str()), ("mcp-protocol-version", LEGACY)];
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(post(&served, &heads, &ready).status, 202);
    let asked = json!({
        "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "generate_image",
            "arguments": { "prompt": "a red fox", "model": "pinx/sketch" },
        },
    });
    let made = answer(&post(&served, &heads, &asked))["result"].clone();
    assert_eq!(made["structuredContent"]["success"], true, "{made}");
    let link = made["content"][1]["uri"].as_str().unwrap();
    let path = link.strip_prefix(&format!("http://{}", served.address)).unwrap();
    assert!(path.starts_with("/api/images/"), "{path}");
    assert_eq!(served.get(path).status, 200);
    assert!(pinx.files().iter().any(|file| file.starts_with("out/")));
    // What has ended is over at once: libraries take anything but 200 and 204 for a failure.
    let end = || served.send("DELETE /mcp", &[&HEADS[..], &heads].concat(), b"").status;
    assert_eq!((end(), post(&served, &heads, &asked).status), (204, 404));
    served.stop();
}

#[test]
fn without_a_handshake_the_purse_holds_for_all_calls_of_a_client() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_MCP_MAX_COST_SESSION", "0.12");
    let served = Served::start(&pinx, &[]);
    let asked = |number: u64| json!({ "prompt": format!("fox {number}"), "model": "gpt-image-2" });
    let results: Vec<Value> =
        (0..5).map(|number| call(&served, "generate_image", &asked(number))).collect();
    let made = results.iter().filter(|result| result["structuredContent"]["success"] == true);
    assert_eq!((made.count(), fake.posts()), (2, 2));
    assert_eq!(results[4]["structuredContent"]["error"]["code"], "over_purse", "{}", results[4]);
    // Files of the server are no pictures of a client, and its places are its own.
    for (tool, arguments) in [
        ("edit_image", json!({ "prompt": "x", "images": ["/etc/passwd"] })),
        ("edit_image", json!({ "prompt": "x", "images": ["fox.png"] })),
        ("show_image", json!({ "image": "/etc/passwd" })),
        ("generate_image", json!({ "prompt": "x", "output": "../x.png" })),
        ("batch_images", json!({ "file": "jobs.txt" })),
    ] {
        let result = call(&served, tool, &arguments);
        assert_eq!(result["isError"], true, "{tool} {result}");
    }
    assert_eq!(fake.posts(), 2);
    served.stop();
}

#[test]
fn nothing_from_elsewhere_reaches_the_tools() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    for head in [
        ("host", "evil.example"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        assert_eq!(post(&served, &[head], &list).status, 403, "{head:?}");
    }
    let text = served.send("POST /mcp", &[("content-type", "text/plain")], b"{}");
    assert_eq!(text.status, 415);
    let large = json!({ "jsonrpc": "2.0", "id": 1, "method": "x", "params": "x".repeat(2 << 20) });
    assert_eq!(post(&served, &[], &large).status, 413);
    served.stop();
}

#[test]
fn a_client_with_a_key_has_its_own_purse_models_and_runs() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_MCP_MAX_COST_SESSION", "0.06");
    let key = |name: &str, more: &[&str]| {
        let args = [&["serve", "keys", "add", name], more].concat();
        let output = pinx.command(&args).plain().output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let (ann, bob) = (key("ann", &["--rpm", "3"]), key("bob", &["--models", "pinx/*"]));
    let served = Served::start(&pinx, &[]);
    let fox = json!({ "prompt": "a red fox", "model": "gpt-image-2" });
    assert_eq!(call_as(&served, "none", "generate_image", &fox).status, 401);
    let result = |key: &str, tool: &str, asked: &Value| {
        answer(&call_as(&served, key, tool, asked))["result"].clone()
    };
    let code = |result: &Value| result["structuredContent"]["error"]["code"].clone();
    let refused = result(&bob, "generate_image", &fox);
    assert_eq!((code(&refused), fake.posts()), (json!("model_not_allowed"), 0), "{refused}");
    let made = result(&ann, "generate_image", &fox);
    assert_eq!((&made["structuredContent"]["success"], fake.posts()), (&json!(true), 1), "{made}");
    assert_eq!(pinx.entries("intent")[0]["client"], "ann");
    let run = json!({ "run": made["structuredContent"]["run"] });
    assert_eq!(result(&ann, "get_run", &run)["structuredContent"]["success"], true);
    assert_eq!(code(&result(&bob, "get_run", &run)), "unknown_id");
    assert_eq!(code(&result(&ann, "generate_image", &fox)), "over_purse");
    result(&ann, "generate_image", &fox);
    assert_eq!(code(&result(&ann, "generate_image", &fox)), "rate_limited");
    assert_eq!(fake.posts(), 1);
    served.stop();
}

/// What the agents of one client see of another's.
#[test]
fn a_client_looks_at_what_is_its_own() {
    let pinx = Pinx::new();
    let keys = ["ann", "bob"].map(|name| {
        let add = ["serve", "keys", "add", name, "--models", "pinx/*"];
        let printed = pinx.command(&add).plain().output().unwrap().stdout;
        String::from_utf8(printed).unwrap().trim().to_owned()
    });
    let open = json!({
        "v": 1, "t": "2026-11-22T10:00:00Z", "e": "intent", "run": "261122-00000001",
        "job": "261122-00000001.1", "attempt": "261122-00000001.1.1", "provider": "fal",
        "model": "fal/flux-dev", "route": "FAL_KEY #aabbcc", "estimate": 40_000,
        "reserve": 40_000, "prompt": "a secret", "client": "ann",
    });
    std::fs::create_dir_all(pinx.data().join("log")).unwrap();
    std::fs::write(pinx.data().join("log/2026-11.jsonl"), format!("{open}\n")).unwrap();
    let served = Served::start(&pinx, &[]);
    let call = |key: &String, tool: &str, arguments: &Value| {
        answer(&call_as(&served, key, tool, arguments))["result"].clone()
    };
    let [ann, bob] = &keys;
    let made = call(ann, "generate_image", &json!({ "prompt": "a fox", "size": "64x64" }));
    let made = &made["structuredContent"];
    assert_eq!(made["success"], true, "{made}");
    let image = &made["jobs"][0]["images"][0];
    let images = |key: &String| {
        call(key, "stats", &json!({}))["structuredContent"]["total"]["images"].clone()
    };
    assert_eq!((images(ann), images(bob)), (json!(1), json!(0)));
    let refused = call(bob, "stats", &json!({ "by": "key" }));
    assert_eq!(refused["isError"], true, "{refused}");
    let (run, hash) = (made["run"].as_str().unwrap(), image["sha256"].as_str().unwrap());
    for (key, word, is_shown) in [
        (ann, run, true),
        (bob, run, false),
        (bob, "@last", false),
        (bob, &hash[..16], false),
        (bob, hash, false),
        (ann, "@last", true),
        (ann, hash, true),
    ] {
        let shown = call(key, "show_image", &json!({ "image": word }));
        assert_eq!(shown["isError"] != true, is_shown, "{word}: {shown}");
        let asked = json!({ "prompt": "at night", "images": [word], "model": "pinx/sketch" });
        let priced = call(key, "estimate_cost", &asked);
        let code = &priced["structuredContent"]["error"]["code"];
        assert_eq!(*code == "unknown_id", !is_shown, "{word}: {priced}");
    }
    let listed =
        |key: &String| call(key, "recover", &json!({ "list": true }))["structuredContent"].clone();
    assert_eq!(
        (&listed(ann)["open"], &listed(ann)["attempts"][0]["client"]),
        (&json!(1), &json!("ann"))
    );
    assert_eq!(listed(bob), json!({ "success": true, "attempts": [], "open": 0 }));
    let models = call(bob, "list_models", &json!({ "all": true }));
    let models = models["structuredContent"]["models"].as_array().unwrap().clone();
    assert!(models.len() == 1 && models[0]["provider"] == "pinx", "{models:?}");
    served.stop();
}

/// A world in which an image costs more than is spent unasked.
fn asking(fake: &OpenAi) -> Pinx {
    let pinx = Pinx::new().openai(fake).env("PINX_MCP_MAX_COST_SESSION", "5");
    pinx.env("PINX_CONFIRM_ABOVE", "0.01")
}

/// A client with a handshake: the heads of its requests.
fn greeted(served: &Served<'_>, capabilities: &Value) -> [(&'static str, String); 2] {
    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": LEGACY, "capabilities": capabilities,
            "clientInfo": { "name": "test", "version": "1" },
        },
    });
    let reply = post(served, &[], &hello);
    let heads = [
        ("mcp-session-id", reply.heads["mcp-session-id"].clone()),
        ("mcp-protocol-version", LEGACY.to_owned()),
    ];
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(post(served, &heads.each_ref().map(|(n, v)| (*n, v.as_str())), &ready).status, 202);
    heads
}

#[test]
fn the_question_before_money_is_spent_comes_within_the_answer() {
    let fake = OpenAi::start();
    let pinx = asking(&fake);
    let served = Served::start(&pinx, &[]);
    let asked = json!({
        "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "generate_image",
            "arguments": { "prompt": "a red fox", "model": "gpt-image-2" },
        },
    });
    for (capability, reply, code, posts) in [
        (json!({ "form": {} }), json!({ "action": "decline" }), Some("declined"), 0),
        (json!({ "form": {} }), json!({ "action": "cancel" }), Some("declined"), 0),
        (json!({ "url": {} }), Value::Null, Some("consent_needed"), 0),
        (Value::Null, Value::Null, Some("consent_needed"), 0),
        (json!({}), json!({ "action": "accept", "content": { "agree": true } }), None, 1),
    ] {
        let can =
            if capability.is_null() { json!({}) } else { json!({ "elicitation": capability }) };
        let heads = greeted(&served, &can);
        let heads: Vec<_> = heads.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let all = [&HEADS[..], &heads].concat();
        let stream = served.begin("POST /mcp", &all, asked.to_string().as_bytes());
        let mut questions = 0;
        let mut result = Value::Null;
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let Some(data) = line.strip_prefix("data: {") else { continue };
            let message: Value = serde_json::from_str(&format!("{{{data}")).unwrap();
            if message["method"] == "elicitation/create" {
                questions += 1;
                let said = message["params"]["message"].as_str().unwrap();
                assert!(said.contains("$0.05"), "{said}");
                let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": reply });
                assert_eq!(post(&served, &heads, &answer).status, 202);
            } else if message["id"] == 2 {
                result = message["result"].clone();
                break;
            }
        }
        assert_eq!(questions, usize::from(!reply.is_null()), "{can} {result}");
        assert_eq!(result["structuredContent"]["error"]["code"].as_str(), code, "{result}");
        assert_eq!(fake.posts(), posts, "{can} {reply}");
    }
    served.stop();
}

#[test]
fn without_a_handshake_another_client_cannot_answer_the_question() {
    let fake = OpenAi::start();
    let pinx = asking(&fake);
    let key = |name: &str| {
        let output = pinx.command(&["serve", "keys", "add", name]).plain().output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let (ann, bob) = (key("ann"), key("bob"));
    let served = Served::start(&pinx, &[]);
    let fox = json!({ "prompt": "a red fox", "model": "gpt-image-2" });
    let with = |key: &str, more: Value| {
        let mut params = json!({ "name": "generate_image", "arguments": fox, "_meta": {
            "io.modelcontextprotocol/protocolVersion": STATELESS,
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "form": {} } },
        }});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let key = format!("Bearer {key}");
        let heads = [
            ("mcp-protocol-version", STATELESS),
            ("mcp-method", "tools/call"),
            ("mcp-name", "generate_image"),
            ("authorization", key.as_str()),
        ];
        answer(&post(&served, &heads, &body))["result"].clone()
    };
    let yes = |state: &Value| {
        let agree = json!({ "action": "accept", "content": { "agree": true } });
        json!({ "inputResponses": { "agree": agree }, "requestState": state })
    };
    let question = with(&ann, json!({}));
    assert_eq!(question["resultType"], "input_required", "{question}");
    let other = with(&bob, yes(&question["requestState"]));
    assert_eq!(other["structuredContent"]["error"]["code"], "declined", "{other}");
    assert_eq!(fake.posts(), 0);
    let question = with(&ann, json!({}));
    let made = with(&ann, yes(&question["requestState"]));
    assert_eq!((&made["structuredContent"]["success"], fake.posts()), (&json!(true), 1), "{made}");
    assert_eq!(pinx.entries("intent")[0]["client"], "ann");
    served.stop();
}
