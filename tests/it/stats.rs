//! Statistics, and what is done with the log: what it adds up to, and what can be asked of it.

use std::fs;

use serde_json::{Value, json};

use crate::fake::Kind;
use crate::fake::openai::{OpenAi, error, refused};
use crate::pinx::Pinx;

const MODEL: [&str; 2] = ["-m", "openai/gpt-image-2"];
/// What the two images of `world` cost, in dollars: the style makes the second prompt longer.
const SPENT: f64 = 0.105_58;

fn generate(pinx: &Pinx, prompt: &str, more: &[&str], exit: i32) {
    pinx.run(&[&["generate", prompt], &MODEL[..], more].concat()).exits(exit);
}

/// Two images, one of them after a failed try, a refusal, and a sketch.
fn world(fake: &OpenAi) -> Pinx {
    let pinx = Pinx::new().openai(fake);
    generate(&pinx, "a red fox", &[], 0);
    fake.next(Kind::Images, error(429, "rate_limit_exceeded", "slow down"));
    generate(&pinx, "a red hen", &["--style", "noir"], 0);
    fake.next(Kind::Images, refused());
    generate(&pinx, "a grim thing", &[], 5);
    pinx.run(&["generate", "a blue whale", "-m", "pinx/sketch", "-s", "64x64"]).exits(0);
    pinx
}

fn stats(pinx: &Pinx, args: &[&str]) -> Value {
    pinx.run(&[&["stats", "--json"], args].concat()).exits(0).json()
}

/// A segment of an old month: so many images of `fal/flux-dev`, done in so many milliseconds.
fn old_month(pinx: &Pinx, month: &str, count: usize, ms: u64) {
    let lines: String = (0..count)
        .map(|n| {
            let run = format!("{}01-0000{n:04}", month[2..].replace('-', ""));
            let head = |e: &str| {
                json!({
                    "v": 1, "t": format!("{month}-15T10:00:{:02}Z", n % 60), "e": e, "run": run,
                    "job": format!("{run}.1"), "attempt": format!("{run}.1.1"), "provider": "fal",
                    "model": "fal/flux-dev", "route": "FAL_KEY #aabbcc via edge",
                    "estimate": 25_000,
                })
            };
            let (mut intent, mut done) = (head("intent"), head("done"));
            intent["reserve"] = json!(25_000);
            let rest = json!({
                "cost": 25_000, "billed": "yes", "code": "done", "generation_ms": ms,
                "images": [{ "path": "/gone.png" }], "prompt": "an old, \"old\" owl",
                "tags": ["shop"],
            });
            done.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            format!("{intent}\n{done}\n")
        })
        .collect();
    let log = pinx.data().join("log");
    fs::create_dir_all(&log).unwrap();
    fs::write(log.join(format!("{month}.jsonl")), lines).unwrap();
}

#[test]
fn what_was_spent_made_refused_and_repeated_is_counted() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let document = stats(&pinx, &[]);
    let total = &document["total"];
    for (figure, expected) in [
        ("images", json!(3)),
        ("done", json!(3)),
        ("refused", json!(1)),
        ("failed", json!(0)),
        ("retries", json!(1)),
        ("fallbacks", json!(0)),
        ("successRate", json!(0.75)),
        ("spent", json!(SPENT)),
        ("reported", json!(SPENT)),
        ("estimated", json!(0.0)),
    ] {
        assert_eq!(total[figure], expected, "{figure}\n{total:#}");
    }
    assert_eq!(total["milliseconds"]["generation"]["runs"], 3, "{total:#}");
    let names: Vec<&str> = document["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["name"].as_str())
        .collect();
    assert_eq!(names, ["openai/gpt-image-2", "pinx/sketch"]);
    let styles = stats(&pinx, &["--by", "style"]);
    let noir = &styles["rows"].as_array().unwrap().iter().find(|r| r["name"] == "noir").unwrap();
    assert_eq!((&noir["images"], &noir["retries"]), (&json!(1), &json!(1)), "{styles:#}");
    assert_eq!(stats(&pinx, &["--provider", "fal"])["total"]["images"], 0);
    assert_eq!(stats(&pinx, &["--until", "2020-01-01"])["total"]["images"], 0);
    assert_eq!(stats(&pinx, &["--since", "1h"])["total"]["images"], 3);
    let day = &document["days"][0];
    assert_eq!((&day["images"], &day["byProvider"]["openai"]), (&json!(3), &json!(SPENT)));
    assert!(document["dashboards"].to_string().contains("platform.openai.com"), "{document:#}");
}

#[test]
fn what_came_from_the_cache_is_saved_and_no_success() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    for _ in 0..2 {
        generate(&pinx, "a red fox", &["--cache"], 0);
    }
    let total = &stats(&pinx, &[])["total"];
    assert_eq!((&total["done"], &total["cached"]), (&json!(1), &json!(1)), "{total:#}");
    assert!(total["saved"].as_f64().unwrap() > 0.0, "{total:#}");
    assert_eq!(total["milliseconds"]["time"]["runs"], 1, "{total:#}");
}

#[test]
fn the_screen_fits_and_can_be_read_without_colour_or_blocks() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    for (terminal, blocks) in [("xterm", true), ("dumb", false)] {
        let output = pinx.command(&["stats"]).env("TERM", terminal).run().exits(0);
        let text = &output.stdout;
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("$0.1056, as reported"), "{text}");
        assert!(text.contains("1 refused, 1 retry") && text.contains("75 % of 4 jobs"), "{text}");
        assert!(!text.contains('\x1b') && text.contains('█') == blocks, "{text}");
    }
    let pinx = pinx.env("PINX_BUDGET_DAY", "5");
    let shown = pinx.run(&["stats"]).exits(0).stdout;
    assert!(shown.contains("of $5.00 for today"), "{shown}");
    let budget = &stats(&pinx, &[])["budget"];
    assert_eq!((&budget["day"]["limit"], &budget["month"]), (&json!(5.0), &Value::Null));
    assert_eq!(budget["day"]["spent"], json!(SPENT));
}

#[test]
fn an_empty_log_is_no_error_and_bad_questions_are() {
    let pinx = Pinx::new();
    pinx.run(&["stats"]).exits(0).says("nothing has been made yet");
    assert_eq!(stats(&pinx, &[])["rows"], json!([]));
    pinx.run(&["stats", "--since", "soon"]).exits(2).says("--since soon");
    pinx.run(&["stats", "--since", "today", "--until", "yesterday"]).exits(2).says("--until");
    pinx.run(&["stats", "--by", "luck"]).exits(2).says("luck");
    let document = pinx.run(&["stats", "--json", "--by", "luck"]).exits(2).json();
    assert_eq!(document["success"], false);
}

#[test]
fn csv_has_a_row_for_each_group() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let output = pinx.run(&["stats", "--csv", "--by", "provider"]).exits(0);
    let mut reader = csv::Reader::from_reader(output.stdout.as_bytes());
    let head = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((&head[0], rows.len(), &rows[0][0]), ("provider", 2, "openai"));
    let place = head.iter().position(|name| name == "spent").unwrap();
    assert_eq!(rows[0][place].parse::<f64>().unwrap(), SPENT);
}

#[test]
fn the_checkpoint_is_used_and_can_be_lost() {
    let pinx = Pinx::new();
    // Enough bytes to be worth a checkpoint.
    old_month(&pinx, "2025-06", 900, 4_000);
    let before = stats(&pinx, &[]);
    let path = pinx.data().join("log/stats.bin");
    assert!(path.exists(), "{before:#}");
    assert_eq!(stats(&pinx, &[]), before);
    fs::write(&path, "rubbish").unwrap();
    assert_eq!(stats(&pinx, &[]), before);
    assert_eq!(before["total"]["images"], 900);
    assert_eq!(before["total"]["spent"], 22.5);
}

#[test]
fn models_and_preferences_go_by_what_was_measured() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("FAL_KEY", crate::pinx::FAL_KEY);
    let model = |pinx: &Pinx, id: &str| -> Value {
        pinx.run(&["models", "show", id, "--json"]).exits(0).json()["model"].clone()
    };
    old_month(&pinx, "2025-06", 4, 40);
    assert_ne!(model(&pinx, "fal/flux-dev")["timeSource"], "measured", "four runs are too few");
    old_month(&pinx, "2025-06", 40, 40);
    let measured = model(&pinx, "fal/flux-dev");
    assert_eq!(measured["timeSource"], "measured");
    assert_eq!(measured["measured"]["runs"], 40);
    assert_eq!(measured["estimatedSeconds"], json!([0.04, 0.04]));
    assert_eq!(measured["measured"]["costPerImage"], 0.025);
    let shown = pinx.run(&["models", "show", "fal/flux-dev"]).exits(0).stdout;
    assert!(shown.contains("of 40 runs half took 40 ms"), "{shown}");
    pinx.run(&["models", "--provider", "fal"]).exits(0).says("your own runs");
    let order = r#"auto_order = ["openai/gpt-image-2", "fal/flux-dev", "pinx/sketch"]"#;
    let pinx = pinx.config("config.toml", order);
    let output = pinx.run(&["generate", "a fox", "--prefer", "fast", "--dry-run"]).exits(0);
    output.says("takes fal/flux-dev: of 40 runs half took 40 ms");
    let plain = pinx.run(&["generate", "a fox", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(plain["jobs"][0]["model"], "openai/gpt-image-2");
}

#[test]
fn an_edit_that_nobody_priced_is_not_cheap_since_drawings_were() {
    let pinx = Pinx::new().env("FAL_KEY", crate::pinx::FAL_KEY);
    old_month(&pinx, "2025-06", 40, 40);
    let path = pinx.data().join("log/2025-06.jsonl");
    let text = fs::read_to_string(&path).unwrap().replace("25000", "1");
    fs::write(path, text).unwrap();
    fs::write(pinx.work().join("mug.png"), crate::fake::image::bytes(640, 960, "png")).unwrap();
    let measured = pinx.run(&["models", "show", "fal/flux-dev", "--json"]).exits(0).json();
    assert!(measured["model"]["measured"]["costPerImage"].as_f64().unwrap() < 0.001);
    let args = ["edit", "a fox", "-i", "mug.png", "--prefer", "cheap", "--dry-run", "--json"];
    let planned = pinx.run(&args).exits(0).json();
    assert_eq!(planned["jobs"][0]["model"], "fal/fast-sdxl");
}

#[test]
fn the_best_is_not_one_that_mostly_fails() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("FAL_KEY", crate::pinx::FAL_KEY);
    let order = r#"auto_order = ["openai/gpt-image-2", "fal/flux-dev", "pinx/sketch"]"#;
    let pinx = pinx.config("config.toml", order);
    let best = |pinx: &Pinx| {
        let args = ["generate", "a fox", "--prefer", "best", "--dry-run", "--json"];
        pinx.run(&args).exits(0).json()["jobs"][0]["model"].clone()
    };
    assert_eq!(best(&pinx), "openai/gpt-image-2", "as written, while nothing is measured");
    for (ended, count) in [("done", 5), ("failed", 6)] {
        old_month(&pinx, "2025-06", count, 40);
        let path = pinx.data().join("log/2025-06.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        let other =
            text.replace("fal/flux-dev", "openai/gpt-image-2").replace("\"fal\"", "\"openai\"");
        let month = if ended == "done" { "2025-04" } else { "2025-05" };
        let other = other.replace("\"e\":\"done\"", &format!("\"e\":\"{ended}\""));
        let other = other.replace("250601", &format!("{}01", month[2..].replace('-', "")));
        fs::write(pinx.data().join(format!("log/{month}.jsonl")), other).unwrap();
        let expected = if ended == "done" { "openai/gpt-image-2" } else { "fal/flux-dev" };
        assert_eq!(best(&pinx), expected);
    }
}

#[test]
fn the_best_is_what_was_judged_so() {
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", crate::pinx::OPENAI_KEY)
        .env("FAL_KEY", crate::pinx::FAL_KEY)
        .config(
            "config.toml",
            r#"auto_order = ["openai/gpt-image-2", "fal/flux-dev", "fal/flux-schnell", "pinx/sketch"]"#,
        );
    let best = |more: &[&str]| {
        let args = ["generate", "a fox", "--prefer", "best", "--dry-run"];
        let told = pinx.run(&[&args, more].concat()).exits(0);
        let document = pinx.run(&[&args, more, &["--json"]].concat()).exits(0).json();
        (document["jobs"][0]["model"].as_str().unwrap().to_owned(), told)
    };
    let (model, told) = best(&[]);
    assert_eq!(model, "openai/gpt-image-2", "as written, while nothing was judged");
    told.says("nothing was judged yet");
    let verdict = |run: usize, best: &str, other: &str| {
        let verdict = json!({
            "contest": 1, "judgement": "best", "best": best, "among": [best, other], "jobs": [],
        });
        let entry = json!({
            "v": 1, "t": "2025-06-15T10:00:00Z", "e": "verdict", "run": format!("250601-{run}"),
            "job": "", "attempt": "", "verdict": verdict,
        });
        format!("{entry}\n")
    };
    let judged = |verdicts: &[(&str, &str)]| {
        let lines = verdicts.iter().enumerate().map(|(at, (best, other))| verdict(at, best, other));
        let log = pinx.data().join("log");
        fs::create_dir_all(&log).unwrap();
        fs::write(log.join("2025-06.jsonl"), lines.collect::<String>()).unwrap();
    };
    let (openai, dev, schnell) = ("openai/gpt-image-2", "fal/flux-dev", "fal/flux-schnell");
    judged(&[(dev, openai), (dev, openai), (openai, schnell)]);
    let (model, told) = best(&[]);
    assert_eq!(model, dev);
    told.says("takes fal/flux-dev: best by 3 verdicts");
    // What cannot be used wins nothing.
    judged(&[("vercel/gpt-image-2", schnell), (schnell, dev)]);
    let (model, told) = best(&[]);
    assert_eq!(model, schnell);
    told.says("takes fal/flux-schnell: best of what can be used, by 2 verdicts");
    // Who asks for something else, or names a model, gets that.
    assert_eq!(best(&["-m", openai]).0, openai);
    let plain = pinx.run(&["generate", "a fox", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(plain["jobs"][0]["model"], openai);
}

#[test]
fn the_log_is_filtered_by_tag_run_and_cost() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    old_month(&pinx, "2025-06", 1, 40);
    let jobs = |args: &[&str]| -> Vec<String> {
        let document = pinx.run(&[&["log", "--json", "-n", "0"], args].concat()).exits(0).json();
        let entries = document["entries"].as_array().unwrap();
        entries.iter().map(|entry| entry["prompt"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(jobs(&["--tag", "shop"]), ["an old, \"old\" owl"]);
    assert_eq!(jobs(&["--run", "250601"]), ["an old, \"old\" owl"]);
    assert_eq!(jobs(&["--min-cost", "0.05"]), ["a red fox", "a red hen"]);
    assert_eq!(jobs(&["--max-cost", "0"]), ["a blue whale"]);
    assert_eq!(jobs(&["--until", "2025-06"]), ["an old, \"old\" owl"]);
    assert_eq!(jobs(&["--since", "month"]).len(), 4);
    pinx.run(&["log", "--min-cost", "2", "--max-cost", "1"]).exits(2).says("--max-cost");
    let short = pinx.command(&["log", "-n", "2"]).env("COLUMNS", "120").run().exits(0);
    assert!(short.stdout.contains("a blue whale") && !short.stdout.contains("hen"), "{short}");
    short.says("the newest 2");
}

#[test]
fn an_attempt_shows_its_id_and_why_it_followed() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let shown = pinx.run(&["log", "show", "a-red-hen.png"]).exits(0).stdout;
    assert!(shown.contains("again after") && shown.contains("slow down"), "{shown}");
    let id = pinx.entries("done").iter().find(|e| e["prompt"] == "a red hen").unwrap()["attempt"]
        .clone();
    assert!(
        shown.contains(id.as_str().unwrap()) && id.as_str().unwrap().ends_with(".2"),
        "{shown}"
    );
}

#[test]
fn the_export_has_every_job() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    old_month(&pinx, "2025-06", 3, 40);
    let output = pinx.run(&["log", "export", "--csv"]).exits(0);
    let mut reader = csv::Reader::from_reader(output.stdout.as_bytes());
    let head = reader.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|found| found == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 7);
    assert_eq!((&rows[0][at("prompt")], &rows[0][at("spent")]), ("an old, \"old\" owl", "0.025"));
    let hen = rows.iter().find(|row| &row[at("prompt")] == "a red hen").unwrap();
    assert_eq!((&hen[at("attempts")], &hen[at("status")]), ("2", "done"));
    let few = pinx.run(&["log", "export", "--status", "refused"]).exits(0);
    assert_eq!(few.stdout.lines().count(), 2, "{few}");
    assert_eq!(pinx.run(&["log", "export", "--json"]).exits(2).json()["success"], false);
}

#[test]
fn pruning_asks_and_takes_whole_old_months_only() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a red fox", "-s", "64x64"]).exits(0);
    old_month(&pinx, "2025-06", 2, 40);
    old_month(&pinx, "2025-07", 2, 40);
    let log = pinx.data().join("log");
    let intent = json!({
        "v": 1, "t": "2025-05-01T10:00:00Z", "e": "intent", "run": "250501-00000000",
        "job": "250501-00000000.1", "attempt": "250501-00000000.1.1", "reserve": 9,
    });
    fs::write(log.join("2025-05.jsonl"), format!("{intent}\n")).unwrap();
    let months = || {
        let names = fs::read_dir(&log).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
        names.retain(|name| name.starts_with("2025"));
        names.sort();
        names
    };
    assert_eq!(stats(&pinx, &[])["total"]["images"], 5);
    let refused = pinx.run(&["log", "prune", "--before", "2025-07-20"]).exits(2);
    refused.says("their statistics").says("--yes");
    assert_eq!(months().len(), 3, "nobody has agreed");
    let output = pinx.run(&["log", "prune", "--before", "2025-07-20", "--yes"]).exits(0);
    output.says("2025-05 stays").says("1 month removed");
    assert_eq!(months(), ["2025-05.jsonl", "2025-07.jsonl"], "July had not ended");
    assert_eq!(stats(&pinx, &[])["total"]["images"], 3);
    let output = pinx.run(&["log", "prune", "--before", "2100-01-01", "-y", "--json"]).exits(0);
    assert_eq!(output.json()["removed"], json!(["2025-07"]), "this month stays");
    assert_eq!(stats(&pinx, &[])["total"]["images"], 1);
    pinx.run(&["log", "prune", "--before", "never"]).exits(2).says("--before never");
}

#[test]
fn the_page_is_whole_loads_nothing_and_replaces_nothing_unasked() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let tagged =
        "{\"prompt\": \"a fox\", \"tags\": [\"<script>alert(1)</script>\"], \"size\": \"64x64\"}\n";
    let pinx = pinx.file("jobs.jsonl", tagged);
    pinx.run(&["batch", "jobs.jsonl", "-m", "pinx/sketch", "-o", "out/"]).exits(0);
    let write = ["stats", "--html", "stats.html", "--by", "tag"];
    pinx.run(&write).exits(0).prints(&["stats.html"]);
    let page = fs::read_to_string(pinx.work().join("stats.html")).unwrap();
    let (whole, seal) = page.split_once("<!-- pinx ").unwrap();
    assert!(page.starts_with("<!doctype html>") && whole.trim_end().ends_with("</html>"));
    assert_eq!(seal.trim_end().len(), 64 + " -->".len());
    assert!(page.contains("<svg") && page.contains("Spent a day") && page.contains("$0.1056"));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    let loads = ["src=", "url(", "@import", "<link", "style=\""];
    assert!(loads.iter().all(|load| !page.contains(load)), "it is all inside");
    // Its own page is made anew; one that somebody has written into is theirs, a link is no page.
    pinx.run(&["stats", "--html", "stats.html"]).exits(0);
    assert_ne!(fs::read_to_string(pinx.work().join("stats.html")).unwrap(), page);
    let pinx = pinx.file("stats.html", &page.replacen("Spent a day", "Mine", 1));
    pinx.run(&write).exits(2).says("`stats.html` exists and is no page of pinx").says("--force");
    assert!(fs::read_to_string(pinx.work().join("stats.html")).unwrap().contains("Mine"));
    pinx.run(&[&write[..], &["--force"]].concat()).exits(0);
    assert_eq!(fs::read_to_string(pinx.work().join("stats.html")).unwrap(), page);
    // To stdout it goes as it is, and a document does not share that.
    let output = pinx.run(&["stats", "--html", "-", "--by", "tag"]).exits(0);
    assert_eq!(output.stdout, whole);
    pinx.run(&["stats", "--html", "-", "--json"]).exits(2).says("cannot share stdout");
    assert!(!pinx.work().join("-").exists());
    let empty = Pinx::new();
    empty.run(&["stats", "--html", "stats.html"]).exits(0);
    assert!(
        fs::read_to_string(empty.work().join("stats.html")).unwrap().contains("Nothing was made")
    );
}
