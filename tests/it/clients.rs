//! For whom a server does something: the log says so, budgets are held, and tables tell it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use pinx::engine::plan::Planner;
use pinx::engine::report::Document;
use pinx::engine::session::RunContext;
use pinx::engine::{Engine, Run, RunBudget};
use pinx::money::Money;
use pinx::store::log::{ClientLimits, SpendingLimits};
use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::fake::{Answer, Kind};
use crate::many_runs::{engine, settings, spec};
use crate::pinx::Pinx;

fn client(name: &str, day: Option<u64>) -> Option<Arc<ClientLimits>> {
    let limits = SpendingLimits { day: day.map(Money::micros), ..SpendingLimits::default() };
    Some(Arc::new(ClientLimits { name: name.to_owned(), limits }))
}

/// A run of so many images for a client, as a server does it.
async fn run(
    engine: &Arc<Engine>,
    client: Option<Arc<ClientLimits>>,
    (id, model, jobs): (&str, &str, usize),
    work: &Path,
) -> Document {
    let (since, claims, budget) = (None, None, RunBudget::default());
    let id = id.to_owned();
    let context = RunContext { id, jobs, paid: true, budget, since, blind: false, claims, client };
    let run = Run::begin(engine, context).unwrap();
    fs::create_dir_all(work.join(&run.id)).unwrap();
    let wanted = spec(&run.id, model, jobs, work);
    let plan = Planner::of_engine(engine, &run.id).plan(&wanted, 0).unwrap();
    let document = run.run(&plan).await;
    let left_open = document.jobs.iter().any(|job| job.left_open);
    run.end(left_open).await.unwrap();
    document
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn names(pinx: &Pinx, event: &str) -> Vec<Value> {
    pinx.entries(event).iter().map(|entry| entry["client"].clone()).collect()
}

#[test]
fn a_client_spends_what_it_may_and_the_others_go_on() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let (settings, env) = settings(&pinx.command(&[]).plain());
    let engine = engine(&settings, &env);
    let made = |client, id| {
        let wanted = (id, "openai/gpt-image-2", 2);
        runtime().block_on(run(&engine, client, wanted, &pinx.work()))
    };
    // An image costs 52,725 micro-dollars.
    let shop = made(client("shop", Some(60_000)), "261122-00000001");
    let refused = shop.jobs.iter().find_map(|job| job.error.as_ref()).unwrap();
    assert_eq!((shop.totals.done, refused.code.as_str()), (1, "over_client_budget"));
    assert!(refused.message.contains("$0.06 of client `shop` for today"), "{}", refused.message);
    assert_eq!(made(client("lab", None), "261122-00000002").totals.done, 2);
    assert_eq!(made(None, "261122-00000003").totals.done, 2);
    // Another process counts on.
    assert_eq!(made(client("shop", Some(60_000)), "261122-00000004").totals.done, 0);
    assert_eq!(fake.posts(), 5);
    for event in ["intent", "done"] {
        let (shop, lab) = (json!("shop"), json!("lab"));
        assert_eq!(
            names(&pinx, event),
            [&shop, &lab, &lab, &Value::Null, &Value::Null].map(Value::clone)
        );
    }
    let stats = pinx.run(&["stats", "--by", "client", "--json"]).exits(0).json();
    let rows = stats["rows"].as_array().unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (&row["name"], &row["images"])).collect();
    let (none, shop, lab) = (json!(""), json!("shop"), json!("lab"));
    let (one, two) = (json!(1), json!(2));
    assert_eq!(rows, [(&none, &two), (&lab, &two), (&shop, &one)]);
    // Which of two that are made at once ends first is nobody's word: no transcript of it is kept.
    let listed = pinx.command(&["log", "--client", "lab", "--json"]).plain().output().unwrap();
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let entries = listed["entries"].as_array().unwrap();
    assert!(entries.len() == 2 && entries.iter().all(|entry| entry["client"] == "lab"), "{listed}");
}

#[test]
fn what_a_client_has_left_open_is_collected_for_it() {
    let fal = Fal::start();
    let pinx = Pinx::new().fal(&fal).env("PINX_DEADLINE", "200ms");
    let working = json!({ "status": "IN_PROGRESS", "logs": [] });
    fal.always_with(Kind::Status, move |_, _| Answer::json(202, &working));
    let (settings, env) = settings(&pinx.command(&[]).plain());
    let engine = engine(&settings, &env);
    let wanted = ("261122-00000001", "fal/flux-schnell", 1);
    let left = runtime().block_on(run(&engine, client("shop", None), wanted, &pinx.work()));
    assert_eq!(left.totals.unknown, 1);
    let listed = pinx.run(&["recover", "--list", "--json"]).exits(75).json();
    assert_eq!(listed["attempts"][0]["client"], "shop", "{listed}");
    let told = pinx.run(&["recover", "--list"]).exits(75).stderr;
    assert!(told.contains("for client `shop`: still open"), "{told}");
    fal.always_with(Kind::Status, |_, usual| usual);
    pinx.run(&["recover"]).exits(0);
    assert_eq!((names(&pinx, "done"), fal.posts()), (vec![json!("shop")], 1));
}

/// A log of an old month: for whom, what it cost, and whether it came to something.
fn old_log(pinx: &Pinx, jobs: &[(Option<&str>, u64, bool)]) {
    let mut lines = String::new();
    for (at, (client, micros, is_done)) in jobs.iter().enumerate() {
        let run = format!("251115-0000000{at}");
        let head = |e: &str| {
            json!({
                "v": 1, "t": format!("2025-11-15T10:00:{at:02}Z"), "e": e, "run": run,
                "job": format!("{run}.1"), "attempt": format!("{run}.1.1"), "provider": "fal",
                "model": "fal/flux-dev", "route": "FAL_KEY #aabbcc", "estimate": micros,
                "reserve": micros,
            })
        };
        let (mut intent, mut end) =
            (head("intent"), head(if *is_done { "done" } else { "failed" }));
        end["billed"] = json!("yes");
        end["code"] = json!(if *is_done { "done" } else { "unusable" });
        if *is_done {
            end["images"] = json!([{ "path": "/gone.png" }]);
        }
        for entry in [&mut intent, &mut end] {
            entry["prompt"] = json!("an old owl");
            if let Some(client) = client {
                entry["client"] = json!(client);
            }
            lines += &format!("{entry}\n");
        }
    }
    let log = pinx.data().join("log");
    fs::create_dir_all(&log).unwrap();
    fs::write(log.join("2025-11.jsonl"), lines).unwrap();
}

#[test]
fn tables_pages_and_rows_tell_the_client() {
    let pinx = Pinx::new();
    old_log(
        &pinx,
        &[
            (Some("shop"), 50_000, true),
            (Some("shop"), 20_000, false),
            (Some("lab"), 30_000, true),
            (None, 10_000, true),
        ],
    );
    let shown = |args: &[&str]| pinx.run(args).exits(0).stdout;
    let table = shown(&["stats", "--by", "client"]);
    let first = |line: &str| line.split("  ").next().unwrap_or_default().trim().to_owned();
    let groups: Vec<String> = table.lines().map(first).collect();
    let at = groups.iter().position(|name| name == "client").unwrap();
    assert_eq!(groups[at + 2..], ["shop", "lab", "(no client)"], "{table}");
    assert!(shown(&["stats", "--by", "client", "--csv"]).contains("\nshop,1,1,"));
    let page = shown(&["stats", "--by", "client", "--html", "-"]);
    assert!(page.contains("(no client)") && page.contains("shop"), "{page}");
    let list = shown(&["log"]);
    assert!(list.lines().next().unwrap().contains("client"), "{list}");
    assert_eq!(list.matches("shop").count(), 2, "{list}");
    let list = shown(&["log", "--client", "lab"]);
    assert!(list.contains("lab") && !list.contains("shop"), "{list}");
    let job = shown(&["log", "show", "251115-00000002"]);
    assert!(job.lines().any(|line| line == "client    lab"), "{job}");
    assert!(!shown(&["log", "show", "251115-00000003"]).contains("client"));
    let csv = shown(&["log", "export", "--csv", "--client", "shop"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines.len() == 3 && lines[0].ends_with(",client"), "{csv}");
    assert!(lines[1].ends_with(",shop"), "{csv}");
}
