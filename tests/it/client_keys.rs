//! `pinx serve keys`: who may ask a server, and what is told of it. A key is seen once.

use std::fs;

use serde_json::{Value, json};

use crate::pinx::Pinx;

fn key_of(text: &str) -> String {
    let key = text.trim().to_owned();
    let is_key = key.strip_prefix("px-").is_some_and(|rest| rest.len() == 43);
    assert!(is_key && key.len() == 46, "{text}");
    key
}

fn listed(pinx: &Pinx) -> Vec<Value> {
    let document = pinx.run(&["serve", "keys", "--json"]).exits(0).json();
    document["clients"].as_array().unwrap().clone()
}

#[test]
fn a_key_is_shown_when_it_is_made_and_never_again() {
    let pinx = Pinx::new();
    let told = pinx.run(&["serve", "keys"]).exits(0);
    assert!(told.stdout.is_empty() && told.stderr.contains("pinx serve keys add NAME"));
    let limits = ["--budget-day", "5", "--rpm", "30", "--models", "openai/*,pinx/*"];
    let made = pinx.run(&[&["serve", "keys", "add", "shop"][..], &limits].concat()).exits(0);
    let key = key_of(&made.stdout);
    assert!(made.stderr.contains("`shop`") && !made.stderr.contains(&key), "{}", made.stderr);
    let other = pinx.run(&["serve", "keys", "add", "lab", "--json"]).exits(0).json();
    let other = key_of(other["key"].as_str().unwrap());
    assert_ne!(key, other);
    let file = fs::read_to_string(pinx.data().join("clients.json")).unwrap();
    let kept: Value = serde_json::from_str(&file).unwrap();
    let hash = kept["clients"][1]["hash"].as_str().unwrap();
    let shown = [&["serve", "keys", "list"][..], &["serve", "keys", "list", "--json"]];
    for shown in shown.map(|args| pinx.run(args).exits(0)).map(|run| run.stdout + &run.stderr) {
        for secret in [&key[3..], &other[3..], hash] {
            assert!(!shown.contains(secret) && !file.contains(&key[3..]), "{shown}");
        }
    }
    let clients = listed(&pinx);
    assert_eq!((&clients[0]["name"], &clients[1]["name"]), (&json!("lab"), &json!("shop")));
    let shop = &clients[1];
    assert_eq!((&shop["budget_day"], &shop["budget_month"]), (&json!(5.0), &Value::Null));
    assert_eq!((&shop["rpm"], &shop["models"]), (&json!(30), &json!(["openai/*", "pinx/*"])));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(pinx.data().join("clients.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_a_client_may_is_changed_and_ended_and_slips_are_named() {
    let pinx = Pinx::new();
    let keys =
        |args: &[&str], code: i32| pinx.run(&[&["serve", "keys"], args].concat()).exits(code);
    keys(&["add", "shop", "--budget-day", "5"], 0);
    let told = keys(&["add", "shop"], 2).stderr;
    assert!(told.contains("there is a client `shop` already"), "{told}");
    assert!(told.contains("pinx serve keys set shop"), "{told}");
    let told = keys(&["set", "shop", "--budget-day", "none", "--budget-month", "20"], 0).stderr;
    assert!(told.contains("`shop` may spend $20.00 a month, ask for any model"), "{told}");
    assert_eq!(listed(&pinx)[0]["budget_month"], 20.0);
    let told = keys(&["set", "shop"], 2).stderr;
    assert!(told.contains("nothing is said"), "{told}");
    let told = keys(&["set", "shop", "--models", "opnai/*"], 0).stderr;
    assert!(told.contains("no model that is known fits `opnai/*`"), "{told}");
    for wrong in [
        &["add", "a b"][..],
        &["add", ""],
        &["add", "x", "--models", "a b"],
        &["add", "x", "--rpm", "-1"],
        &["add", "x", "--rpm", "0"],
        &["add", "x", "--budget-day", "much"],
        &["remove", "shpo"],
        &["set", "nobody", "--rpm", "1"],
    ] {
        keys(wrong, 2);
    }
    assert_eq!(listed(&pinx).len(), 1);
    keys(&["remove", "shop"], 0);
    assert!(listed(&pinx).is_empty());
    fs::write(pinx.data().join("clients.json"), "{\"v\":1,\"clients\":[{").unwrap();
    let told = keys(&["list"], 2).stderr;
    assert!(told.contains("clients.json") && told.contains("delete it"), "{told}");
    keys(&["add", "lab"], 2);
}

#[test]
fn the_list_tells_what_was_spent_by_the_log() {
    let pinx = Pinx::new();
    for (name, day) in [("shop", "5"), ("lab", "none")] {
        pinx.run(&["serve", "keys", "add", name, "--budget-day", day]).exits(0);
    }
    let now = jiff::Timestamp::now().to_string();
    let line = |e: &str, client: &str, at: usize| {
        let id = format!("261122-0000000{at}.1.1");
        let mut line = json!({
            "v": 1, "t": now, "e": e, "run": &id[..15], "job": &id[..17], "attempt": id,
            "provider": "fal", "model": "fal/flux-dev", "estimate": 40_000, "reserve": 40_000,
            "billed": "yes", "client": client,
        });
        if e == "intent" {
            line.as_object_mut().unwrap().shift_remove("billed");
        }
        format!("{line}\n")
    };
    let lines = [
        line("intent", "shop", 1),
        line("done", "shop", 1),
        line("intent", "shop", 2),
        line("intent", "gone", 3),
    ];
    fs::create_dir_all(pinx.data().join("log")).unwrap();
    fs::write(pinx.data().join("log").join(format!("{}.jsonl", &now[..7])), lines.concat())
        .unwrap();
    let clients = listed(&pinx);
    let (lab, shop) = (&clients[0], &clients[1]);
    assert_eq!((&shop["day"]["spent"], &shop["day"]["reserved"]), (&json!(0.04), &json!(0.04)));
    assert_eq!(lab["month"]["spent"], 0.0);
    let table = pinx.run(&["serve", "keys"]).exits(0).stdout;
    assert!(table.contains("$0.08 of $5.00"), "{table}");
}
