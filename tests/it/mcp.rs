//! `pinx mcp`: what an agent can do, what it may spend, and that nothing is made or paid twice.

use serde_json::{Value, json};

use crate::agent::{Agent, LEGACY, STATELESS};
use crate::fake::Gate;
use crate::fake::openai::{self, OpenAi};
use crate::fake::{Kind, image};
use crate::held::{self, Dice, Provider};
use crate::pinx::Pinx;

/// What the scripted provider bills for an image, in dollars.
const PRICE: f64 = 0.052_725;

fn fox() -> Value {
    json!({ "prompt": "a red fox", "model": "openai/gpt-image-2", "size": "1024x1024" })
}

/// The same with more arguments.
fn with(base: Value, more: &Value) -> Value {
    let mut base = base;
    for (name, value) in more.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

fn purse(fake: &OpenAi, dollars: &str) -> Pinx {
    Pinx::new().openai(fake).env("PINX_MCP_MAX_COST_SESSION", dollars)
}

#[test]
fn every_tool_is_listed_with_what_it_takes_and_what_it_does() {
    for version in [LEGACY, STATELESS] {
        let pinx = Pinx::new();
        let mut agent = Agent::of(&pinx, version, None);
        if version == STATELESS {
            let found = agent.request("server/discover", json!({}));
            assert!(found["result"]["capabilities"]["tools"].is_object(), "{found}");
        }
        let listed = agent.request("tools/list", json!({}));
        let tools = listed["result"]["tools"].as_array().unwrap().clone();
        let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        let all = [
            "generate_image",
            "edit_image",
            "batch_images",
            "list_models",
            "estimate_cost",
            "show_image",
            "get_run",
            "recover",
            "stats",
        ];
        assert_eq!(names, all);
        for tool in &tools {
            let schema = &tool["inputSchema"];
            assert_eq!(
                (&schema["type"], &schema["additionalProperties"]),
                (&json!("object"), &json!(false))
            );
            for (name, argument) in schema["properties"].as_object().unwrap() {
                assert!(argument["description"].as_str().unwrap().len() > 3, "{name}");
            }
            assert_eq!(tool["annotations"]["destructiveHint"], false);
            let is_making = ["generate_image", "edit_image", "batch_images"]
                .contains(&tool["name"].as_str().unwrap());
            assert_eq!(tool["annotations"]["idempotentHint"], !is_making, "{tool}");
            let changes = is_making || tool["name"] == "recover";
            assert_eq!(tool["annotations"]["readOnlyHint"], !changes);
            assert_eq!(tool["annotations"]["openWorldHint"], changes);
        }
        let properties = &tools[0]["inputSchema"]["properties"];
        for name in [
            "prompt",
            "model",
            "size",
            "count",
            "seed",
            "request_id",
            "max_cost",
            "output",
            "preview",
        ] {
            assert!(properties[name].is_object(), "{name}");
        }
        assert_eq!(agent.finish(), 0);
    }
}

#[test]
fn a_free_image_is_a_file_a_line_and_a_document_and_never_pixels() {
    for version in [LEGACY, STATELESS] {
        let pinx = Pinx::new();
        let mut agent = Agent::of(&pinx, version, None);
        let asked = json!({ "prompt": "a red fox", "model": "pinx/sketch", "count": "2", "output": "art/" });
        let made = agent.call("generate_image", &asked).good();
        let document = made.document();
        assert_eq!((&document["success"], &document["status"]), (&json!(true), &json!("done")));
        let links = made.links();
        assert_eq!(links.len(), 2);
        for (link, job) in links.iter().zip(document["jobs"].as_array().unwrap()) {
            let path = job["images"][0]["path"].as_str().unwrap();
            assert!(path.contains("/work/art/"), "{path}");
            assert_eq!(*link, format!("file://{path}"));
            assert!(std::path::Path::new(path).is_file());
        }
        assert!(
            !made.text().contains('\n') && made.text().starts_with("2 images (free): "),
            "{}",
            made.text()
        );
        assert!(made.0.to_string().len() < 10_000, "{}", made.0);
        // A name that is there already is not taken again.
        let file = json!({ "prompt": "an owl", "model": "pinx/sketch", "output": "owl.png" });
        agent.call("generate_image", &file).good();
        let before = pinx.read("owl.png");
        let again = json!({ "prompt": "a cat", "model": "pinx/sketch", "output": "owl.png" });
        agent.call("generate_image", &again);
        assert_eq!(pinx.read("owl.png"), before);
        assert_eq!(agent.finish(), 0);
    }
}

#[test]
fn an_empty_purse_pays_for_nothing_and_names_the_setting() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let mut agent = Agent::start(&pinx);
    for more in [json!({}), json!({ "max_cost": 5 }), json!({ "request_id": "a" })] {
        let refused = agent.call("generate_image", &with(fox(), &more));
        assert!(refused.is_error());
        assert_eq!(refused.code(), "over_purse");
        assert!(refused.text().contains("mcp.max_cost_session"), "{}", refused.text());
    }
    let priced = agent.call("estimate_cost", &fox()).good();
    assert!(priced.text().contains("would cost about $0.05"), "{}", priced.text());
    assert!(priced.document()["totals"]["at_most"].as_f64().unwrap() >= PRICE);
    let planned = agent.call("generate_image", &with(fox(), &json!({ "preview": true }))).good();
    assert!(planned.text().ends_with("nothing was sent"), "{}", planned.text());
    let listed = agent.call("list_models", &json!({ "provider": "openai" })).good();
    assert!(listed.text().contains("openai/gpt-image-2 $0."), "{}", listed.text());
    agent.call("generate_image", &json!({ "prompt": "x", "model": "pinx/sketch" })).good();
    assert_eq!(fake.all().len(), 0, "nothing was sent");
    assert_eq!(agent.finish(), 0);
}

#[test]
fn many_calls_at_once_spend_no_more_than_the_purse_holds() {
    let fake = OpenAi::start();
    let pinx = purse(&fake, "0.30");
    let mut agent = Agent::start(&pinx);
    let first = agent.call("generate_image", &fox()).good();
    assert_eq!(first.document()["totals"]["images"], 1);
    let calls: Vec<u64> = (0..12)
        .map(|number| {
            let more = json!({ "prompt": format!("fox {number}"), "max_cost": 3 });
            agent.begin_call("generate_image", &with(fox(), &more))
        })
        .collect();
    let mut made = 1;
    for call in calls {
        let result = agent.result(call);
        match result.is_error() {
            false => made += 1,
            true => assert_eq!(result.code(), "over_purse", "{}", result.0),
        }
    }
    assert_eq!(made, fake.posts());
    assert!((2..=5).contains(&made), "{made} of $0.30");
    let cheap = with(fox(), &json!({ "prompt": "owl", "max_cost": 0.001 }));
    let refused = agent.call("generate_image", &cheap);
    assert!(["over_budget", "over_purse"].contains(&refused.code()), "{}", refused.0);
    assert_eq!(agent.finish(), 0);
}

#[test]
fn above_confirm_above_the_user_is_asked_and_the_agent_agrees_to_nothing() {
    for (answer, is_made) in [
        (Some(json!({ "action": "accept", "content": { "agree": true } })), true),
        (Some(json!({ "action": "accept", "content": { "agree": false } })), false),
        (Some(json!({ "action": "decline" })), false),
        (Some(json!({ "action": "cancel" })), false),
        (None, false),
    ] {
        let fake = OpenAi::start();
        let pinx = purse(&fake, "5").env("PINX_CONFIRM_ABOVE", "0.01");
        let mut agent = Agent::of(&pinx, LEGACY, answer.clone());
        let result = agent.call("generate_image", &with(fox(), &json!({ "max_cost": 4 })));
        assert_eq!(!result.is_error(), is_made, "{}", result.0);
        assert_eq!(fake.posts(), usize::from(is_made));
        let asked = agent.told("elicitation/create");
        assert_eq!(asked.len(), usize::from(answer.is_some()));
        match &answer {
            None => assert!(result.text().contains("confirm_above"), "{}", result.text()),
            Some(_) => {
                let message = asked[0]["params"]["message"].as_str().unwrap();
                assert!(message.contains("$0.05"), "{message}");
                assert!(is_made || result.code() == "declined", "{}", result.0);
            }
        }
    }
}

#[test]
fn without_a_handshake_the_question_is_an_answer_and_the_call_is_repeated() {
    let fake = OpenAi::start();
    let pinx = purse(&fake, "5").env("PINX_CONFIRM_ABOVE", "0.01");
    let mut agent = Agent::of(&pinx, STATELESS, Some(json!({})));
    let call = json!({ "name": "generate_image", "arguments": fox() });
    let again = |action: &str, state: &Value| {
        let answer = json!({ "agree": { "action": action, "content": { "agree": true } } });
        with(call.clone(), &json!({ "inputResponses": answer, "requestState": state }))
    };
    let forged = agent.request("tools/call", again("accept", &json!("x")))["result"].clone();
    assert_eq!(forged["structuredContent"]["error"]["code"], "declined", "{forged}");
    let question = agent.request("tools/call", call.clone())["result"].clone();
    assert_eq!(question["resultType"], "input_required", "{question}");
    assert_eq!(question["inputRequests"]["agree"]["method"], "elicitation/create");
    let state = &question["requestState"];
    let refused = agent.request("tools/call", again("decline", state))["result"].clone();
    assert_eq!(refused["structuredContent"]["error"]["code"], "declined", "{refused}");
    assert_eq!(fake.posts(), 0);
    let question = agent.request("tools/call", call.clone())["result"].clone();
    let made =
        agent.request("tools/call", again("accept", &question["requestState"]))["result"].clone();
    assert_eq!(made["structuredContent"]["success"], true, "{made}");
    assert_eq!(fake.posts(), 1);
    // An answer is one to its question alone, and once.
    let twice = agent.request("tools/call", again("accept", &question["requestState"]));
    assert_eq!(twice["result"]["structuredContent"]["error"]["code"], "declined", "{twice}");
    let [one, other] =
        [(); 2].map(|()| agent.request("tools/call", call.clone())["result"].clone());
    assert_ne!(one["requestState"], other["requestState"]);
    let mut owl = again("accept", &other["requestState"]);
    owl["arguments"]["prompt"] = json!("an owl");
    let owl = agent.request("tools/call", owl);
    assert_eq!(owl["result"]["structuredContent"]["error"]["code"], "declined", "{owl}");
    let made = agent.request("tools/call", again("accept", &one["requestState"]));
    assert_eq!((&made["result"]["structuredContent"]["success"], fake.posts()), (&json!(true), 2));
}

#[test]
fn a_long_run_answers_running_and_goes_on_and_is_made_once() {
    let fake = OpenAi::start();
    let gate = Gate::default();
    fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
    let pinx = purse(&fake, "1");
    let mut agent = Agent::start(&pinx);
    let asked = with(fox(), &json!({ "wait": 0 }));
    let running = agent.call("generate_image", &asked).good();
    let run = running.document()["run"].as_str().unwrap().to_owned();
    assert_eq!(running.document()["status"], "running");
    assert!(
        running.text().ends_with("call get_run with it; do not call generate again"),
        "{}",
        running.text()
    );
    // The same again is the same run, also with a name of its own for it.
    let again = agent.call("generate_image", &asked).good();
    assert_eq!(
        (&again.document()["run"], &again.document()["attached"]),
        (&json!(run), &json!(true))
    );
    assert!(again.text().starts_with("this request was made before"), "{}", again.text());
    fake.wait_for(Kind::Images, 1);
    let still = agent.call("get_run", &json!({ "run": run, "wait": 0 })).good();
    assert_eq!(still.document()["status"], "running");
    let waiting = agent.begin_call("get_run", &json!({ "run": run }));
    gate.open();
    let done = agent.result(waiting).good();
    assert_eq!((&done.document()["status"], done.links().len()), (&json!("done"), 1));
    assert_eq!(fake.posts(), 1);
    // Once it has ended, the same words are a new wish.
    agent.call("generate_image", &fox()).good();
    assert_eq!(fake.posts(), 2);
    let unknown = agent.call("get_run", &json!({ "run": "../x" }));
    assert_eq!(unknown.code(), "unknown_id");
    assert_eq!(agent.finish(), 0);
    // Another process asks the log.
    let mut agent = Agent::start(&pinx);
    let logged = agent.call("get_run", &json!({ "run": run })).good();
    assert_eq!((logged.links().len(), &logged.document()["status"]), (1, &json!("done")));
}

#[test]
fn progress_is_told_while_a_call_waits() {
    let fake = OpenAi::start();
    let pinx = purse(&fake, "1");
    let mut agent = Agent::start(&pinx);
    agent.call("generate_image", &fox()).good();
    let told = agent.told("notifications/progress");
    assert!(!told.is_empty());
    let numbers: Vec<f64> =
        told.iter().map(|one| one["params"]["progress"].as_f64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    assert!(told.iter().all(|one| one["params"]["message"].is_string()));
}

#[test]
fn a_request_id_is_made_once_whatever_comes_of_it() {
    let fake = OpenAi::start();
    let pinx = purse(&fake, "1");
    let mut agent = Agent::start(&pinx);
    let asked = with(fox(), &json!({ "request_id": "fox-1" }));
    let calls: Vec<u64> = (0..5).map(|_| agent.begin_call("generate_image", &asked)).collect();
    let runs: Vec<String> = calls
        .into_iter()
        .map(|call| agent.result(call).good().document()["run"].as_str().unwrap().to_owned())
        .collect();
    assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
    let later = agent.call("generate_image", &asked).good();
    assert_eq!((later.document()["run"].as_str(), fake.posts()), (Some(runs[0].as_str()), 1));
    let other = with(asked.clone(), &json!({ "prompt": "an owl" }));
    assert_eq!(agent.call("generate_image", &other).code(), "request_id");
    // What came to nothing and cost nothing may be asked for again.
    fake.answers(openai::refused());
    let asked = with(fox(), &json!({ "request_id": "fox-2", "prompt": "a wolf" }));
    assert!(agent.call("generate_image", &asked).is_error());
    let before = fake.posts();
    agent.call("generate_image", &asked);
    assert!(fake.posts() >= before);
    // What may be paid for is not sent again.
    fake.answers(crate::fake::Answer::dropped());
    let asked = with(fox(), &json!({ "request_id": "fox-3", "prompt": "a bear" }));
    let lost = agent.call("generate_image", &asked);
    assert!(
        lost.is_error() && lost.text().contains("do not call generate again"),
        "{}",
        lost.text()
    );
    let before = fake.posts();
    let again = agent.call("generate_image", &asked);
    assert_eq!(
        (again.document()["run"].clone(), fake.posts()),
        (lost.document()["run"].clone(), before)
    );
}

#[test]
fn what_is_wrong_is_named_with_what_helps() {
    let fake = OpenAi::start();
    let pinx = purse(&fake, "1").file("many.txt", &"a fox\n".repeat(21));
    std::fs::create_dir(pinx.root().join("out")).unwrap();
    std::fs::write(pinx.root().join("out/x.png"), image::bytes(64, 64, "png")).unwrap();
    std::os::unix::fs::symlink(pinx.root().join("out"), pinx.work().join("away")).unwrap();
    let mut agent = Agent::start(&pinx);
    for (tool, asked, word) in [
        ("generate_image", json!({}), "`prompt`"),
        ("generate_image", json!({ "prompt": 3 }), "`prompt`"),
        ("generate_image", json!({ "promt": "x" }), "`promt`"),
        ("generate_image", json!({ "prompt": "x", "count": 99 }), "`count`"),
        ("generate_image", json!({ "prompt": "x", "size": "huge" }), "`huge`"),
        ("generate_image", json!({ "prompt": "x", "model": "gpt-imaje-2" }), "gpt-imaje-2"),
        ("generate_image", json!({ "prompt": "x", "max_cost": -1 }), "`max_cost`"),
        ("generate_image", json!({ "prompt": "x", "output": "../x.png" }), "`output`"),
        ("generate_image", json!({ "prompt": "x", "output": "/tmp/x.png" }), "`output`"),
        ("generate_image", json!({ "prompt": "x", "output": "away/x.png" }), "`output`"),
        ("generate_image", json!({ "prompt": "x", "output": "-" }), "`output`"),
        ("generate_image", json!({ "prompt": "x", "wait": 46 }), "`wait`"),
        ("generate_image", json!({ "prompt": "x", "request_id": "" }), "`request_id`"),
        ("edit_image", json!({ "prompt": "x" }), "`images`"),
        ("edit_image", json!({ "prompt": "x", "images": ["../out/x.png"] }), "outside"),
        ("edit_image", json!({ "prompt": "x", "images": ["away/x.png"] }), "outside"),
        ("edit_image", json!({ "prompt": "x", "images": ["/etc/passwd"] }), "outside"),
        ("edit_image", json!({ "prompt": "x", "images": ["none.png"] }), "none.png"),
        ("batch_images", json!({}), "`prompts`"),
        ("batch_images", json!({ "prompts": vec!["x"; 21] }), "`prompts`"),
        ("batch_images", json!({ "file": "many.txt" }), "more than 20"),
        ("batch_images", json!({ "file": "../out/x.txt" }), "x.txt"),
        (
            "batch_images",
            json!({ "prompts": ["a", { "prompt": "b", "size": "huge" }] }),
            "prompt 2",
        ),
        ("show_image", json!({ "image": "/etc/passwd" }), "outside"),
        ("show_image", json!({ "image": "nothing" }), "nothing"),
        ("list_models", json!({ "sort": "colour" }), "colour"),
        ("stats", json!({ "since": "once" }), "once"),
    ] {
        let result = agent.call(tool, &asked);
        assert!(result.is_error(), "{tool} {asked}: {}", result.0);
        assert!(result.text().contains(word), "{asked}: {}", result.text());
        let helps = ["Hint: ", "such as", "invalid value"];
        let helps = helps.iter().any(|help| result.text().contains(help));
        assert!(helps, "{asked}: {}", result.text());
    }
    let unknown = agent.request("tools/call", json!({ "name": "draw", "arguments": {} }));
    assert!(unknown["error"]["message"].as_str().unwrap().contains("draw"), "{unknown}");
    assert_eq!(fake.all().len(), 0);
    assert!(!pinx.files().iter().any(|file| file.ends_with(".png") && !file.starts_with("away")));
}

#[test]
fn an_image_is_changed_shown_small_and_found_again() {
    let fake = OpenAi::start();
    let pinx = purse(&fake, "1");
    std::fs::write(pinx.work().join("mug.png"), image::bytes(1024, 1024, "png")).unwrap();
    let mut agent = Agent::start(&pinx);
    let asked = with(fox(), &json!({ "images": ["mug.png"], "output": "night.png" }));
    let made = agent.call("edit_image", &asked).good();
    assert_eq!(
        fake.requests(Kind::Images)[0].form.iter().filter(|field| field.filename.is_some()).count(),
        1
    );
    let sha256 = made.document()["jobs"][0]["images"][0]["sha256"].as_str().unwrap().to_owned();
    for word in ["night.png", "@last", &sha256, made.document()["run"].as_str().unwrap()] {
        let shown = agent.call("show_image", &json!({ "image": word })).good();
        let picture = &shown.0["content"][1];
        assert_eq!(picture["type"], "image", "{word}");
        assert!(picture["data"].as_str().unwrap().len() <= 150_000);
    }
    let told = agent.call("stats", &json!({ "since": "today" })).good();
    assert!(told.text().contains("spent on 1 image"), "{}", told.text());
    let open = agent.call("recover", &json!({})).good();
    assert_eq!(open.text(), "nothing is open");
    assert_eq!(agent.finish(), 0);
}

#[test]
fn several_prompts_are_one_run() {
    let pinx = Pinx::new()
        .file("jobs.jsonl", "{\"prompt\": \"a\"}\n{\"prompt\": \"b\", \"size\": \"64x64\"}\n");
    let mut agent = Agent::start(&pinx);
    let prompts = json!(["a fox", { "prompt": "an owl", "size": "64x64" }, "a cat"]);
    let asked = json!({ "prompts": prompts, "model": "pinx/sketch", "size": "128x128" });
    let made = agent.call("batch_images", &asked).good();
    let jobs = made.document()["jobs"].as_array().unwrap().clone();
    let widths: Vec<&Value> = jobs.iter().map(|job| &job["images"][0]["width"]).collect();
    assert_eq!(widths, [128, 64, 128]);
    assert_eq!(made.links().len(), 3);
    let made = agent.call("batch_images", &json!({ "file": "jobs.jsonl" })).good();
    assert_eq!(made.document()["jobs"].as_array().unwrap().len(), 2);
    assert_eq!(agent.finish(), 0);
}

#[test]
fn what_was_sent_is_saved_when_the_agent_leaves_or_a_signal_comes() {
    for signal in [None, Some("TERM")] {
        let fake = OpenAi::start();
        let gate = Gate::default();
        fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
        let pinx = purse(&fake, "1");
        let mut agent = Agent::start(&pinx);
        agent.call("generate_image", &with(fox(), &json!({ "wait": 0 }))).good();
        fake.wait_for(Kind::Images, 1);
        match signal {
            None => agent.hang_up(),
            Some(name) => agent.signal(name),
        }
        gate.open();
        assert_eq!(agent.finish(), 0);
        assert_eq!(pinx.entries("done").len(), 1, "{signal:?}");
        assert!(pinx.files().iter().any(|file| file.ends_with(".png")));
    }
}

#[test]
fn killed_at_any_instant_an_agent_has_spent_no_more_than_its_purse() {
    held::seeds("MCP", "mcp::", 24, |seed| {
        let dice = Dice::new(seed);
        let provider = match dice.below(2) {
            0 => Provider::queue(&dice, 40),
            _ => Provider::sync(&dice, 40, 3),
        };
        let most = 1 + dice.below(4);
        let limit = format!("{:.6}", (provider.price() * most) as f64 / 1e6);
        let pinx = provider.world().env("PINX_MCP_MAX_COST_SESSION", limit);
        let mut agent = Agent::start(&pinx);
        let calls: Vec<u64> = (0..1 + dice.below(6))
            .map(|number| {
                let asked = json!({
                    "prompt": "a red fox", "tags": [number.to_string()], "model": provider.model(),
                    "count": 1 + dice.below(3), "wait": dice.below(2) * 45,
                });
                agent.begin_call("generate_image", &asked)
            })
            .collect();
        if dice.one_in(3) {
            agent.wait_if_alive(calls[0]);
        }
        std::thread::sleep(dice.millis(400));
        agent.kill();
        provider.settle();
        assert!(provider.billed() as u64 <= most, "{} of {most}", provider.billed());
        held::check(&pinx, &provider, usize::MAX);
    });
}
