//! Clients with budgets of their own below one budget of all, over two servers and four commands at
//! once: what is billed is never more than either, and what is refused says why.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::fake::Kind;
use crate::fake::openai::OpenAi;
use crate::pinx::{Output, Pinx};
use crate::served::Served;
use crate::served_clients::{add, ask};

/// Four cents an image.
const MODELS: &str = r#"
[[models]]
id = "openai/four"
wire = "four"
price = { kind = "image", rows = [{ usd = 0.04 }] }
"#;

/// Images that all together may make, and that each client may.
const ALL: usize = 16;
const OF_A_CLIENT: [usize; 8] = [1, 1, 2, 2, 3, 3, 5, 9];

/// Dollars for so many images, and nearly for one more.
fn budget(images: usize) -> String {
    format!("{:.2}", images as f64 * 0.04 + 0.03)
}

/// What is refused: by which API and with which code.
type Refused = (bool, String);

/// A client that asks a server until its money, or that of all, is at an end; it asks the other one at the
/// same time.
fn spend(served: &Served<'_>, name: &str, key: &str) -> Refused {
    for turn in 0..20 {
        let is_openai = turn % 2 == 1;
        let path = if is_openai { "/v1/images/generations" } else { "/api/generate" };
        // Two at once are refused earlier, and the last one is asked for alone.
        let count = if turn < 2 { 2 } else { 1 };
        let body = json!({ "prompt": name, "model": "openai/four", "n": count });
        let reply = ask(served, key, path, &body);
        match reply.status {
            200 => {}
            402 if count == 1 => return (is_openai, reply.code()),
            402 => {}
            other => panic!("{name}: {other} {}", reply.json()),
        }
    }
    panic!("{name} was never refused");
}

#[test]
fn two_servers_and_four_commands_keep_the_budgets_of_eight_clients_and_of_all() {
    let fake = OpenAi::start();
    let wait = AtomicUsize::new(0);
    // What is reserved is settled at another moment each time.
    fake.always_with(Kind::Images, move |_, usual| {
        usual.after(Duration::from_millis((7 * wait.fetch_add(1, Ordering::Relaxed) % 30) as u64))
    });
    let pinx = Pinx::new()
        .openai(&fake)
        .config("config.toml", MODELS)
        .env("PINX_BUDGET_DAY", budget(ALL))
        .env("PINX_CONFIRM_ABOVE", "100");
    let clients: Vec<(String, String)> = OF_A_CLIENT
        .iter()
        .enumerate()
        .map(|(at, images)| {
            let name = format!("client{at}");
            let key = add(&pinx, &[&name, "--budget-day", &budget(*images)]);
            (name, key)
        })
        .collect();
    let servers = [0, 1].map(|_| Served::start(&pinx, &["-j", "3"]));
    let (refused, commands): (Vec<Refused>, Vec<Output>) = std::thread::scope(|scope| {
        let mut asking = Vec::new();
        for (name, key) in &clients {
            for served in &servers {
                asking.push(scope.spawn(move || spend(served, name, key)));
            }
        }
        let args = ["generate", "a command", "-m", "openai/four", "--no-fallback", "-n", "2"];
        let running = [(); 4].map(|()| pinx.command(&args).spawn());
        let commands = running.map(|running| running.finish());
        (asking.into_iter().map(|one| one.join().unwrap()).collect(), commands.into())
    });
    let mut billed: BTreeMap<String, usize> = BTreeMap::new();
    for request in fake.requests(Kind::Images) {
        *billed.entry(request.json["prompt"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    for ((name, _), most) in clients.iter().zip(OF_A_CLIENT) {
        assert!(billed.get(name).copied().unwrap_or_default() <= most, "{name}: {billed:?}");
    }
    // Nothing failed, so all of it is spent, and not one image more.
    assert_eq!(fake.posts(), ALL, "{billed:?}");
    assert_eq!((pinx.entries("done").len(), pinx.files().len()), (ALL, ALL));
    for (is_openai, code) in refused {
        let codes: &[&str] =
            if is_openai { &["budget_exceeded"] } else { &["over_client_budget", "over_budget"] };
        assert!(codes.contains(&code.as_str()), "{code}");
    }
    for output in commands {
        assert!(output.code == 0 || output.code == 6, "{output}");
        assert!(output.code == 0 || output.stderr.contains("budget.day"), "{output}");
    }
    let late = pinx.run(&["generate", "a command", "-m", "openai/four"]).exits(6);
    assert_eq!(fake.posts(), ALL, "{late}");
    servers.into_iter().for_each(|server| drop(server.stop()));
}
