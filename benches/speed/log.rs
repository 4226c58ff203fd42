//! A long log: statistics over it, and what it costs commands that only have it behind them.
//!
//! The log is made from entries that pinx itself wrote a moment ago, with other times, ids, models
//! and costs, in monthly segments that end with this month.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use serde_json::{Value, json};

use super::batch::batch;
use super::measure::{Place, Row, figure, has, head, interleave, settle, table, used};
use super::provider::{Picture, Provider};

/// Entries of the log: an intent and its end for every image.
const ENTRIES: usize = 1_000_000;
/// Months that it covers.
const MONTHS: usize = 12;
/// Jobs of a run in it.
const RUN: usize = 50;
const MODELS: [&str; 6] = [
    "openai/gpt-image-2",
    "openai/gpt-image-1.5",
    "fal/flux-schnell",
    "fal/flux-dev",
    "fal/recraft-v3",
    "vercel/gpt-image-2",
];

/// What DuckDB is asked: images, money and time by model, from only the columns that takes.
const QUERY: &str = "SELECT model, count(*), sum(coalesce(cost, estimate)), avg(total_ms), \
    quantile_cont(total_ms, 0.95) FROM read_json('LOG/*.jsonl', format='newline_delimited', \
    columns={e: 'VARCHAR', model: 'VARCHAR', cost: 'BIGINT', estimate: 'BIGINT', \
    total_ms: 'BIGINT'}) WHERE e IN ('done', 'failed') GROUP BY model ORDER BY model";

/// Prints the figures.
pub fn run(rounds: Option<usize>) {
    let rounds = rounds.unwrap_or(5);
    let provider = Provider::start(0, Picture::Plain);
    let place = Rc::new(Place::new(&provider.address));
    let log = place.home().join("log");
    used(batch(&place, &place.prompts(RUN), 16));
    let bytes = lengthen(&log);
    settle();
    println!("{ENTRIES} entries, {:.0} MB; {rounds} rounds", bytes as f64 / 1e6);
    starts(&place, rounds);
    statistics(&place, &log, rounds);
}

/// Start-up with the log behind it.
fn starts(place: &Rc<Place>, rounds: usize) {
    let pinx = |name: &str, arguments: &'static [&'static str]| {
        let place = Rc::clone(place);
        Row::new(name, move |_| place.pinx(arguments))
    };
    let mut nothing = Row::new("true", |_| Command::new("true"));
    let mut models = pinx("pinx models", &["models"]);
    let one: &[&str] = &["generate", "a mug", "-m", "openai/gpt-image-2", "-y", "-q", "--force"];
    let mut generate = pinx("pinx generate (a small image)", one);
    let with_limit = ["generate", "a mug", "-m", "openai/gpt-image-2", "-y", "-q", "--force"];
    let budget = Rc::clone(place);
    let mut limited = Row::new("the same under a budget of the day", move |_| {
        let mut command = budget.pinx(&with_limit);
        command.env("PINX_BUDGET_DAY", "1000000");
        command
    });
    // The first of them folds the log; every other one finds the checkpoint.
    limited.run(0);
    println!("\nfirst run under a budget, without a checkpoint: {:.0} ms", limited.wall().middle);
    limited.rounds.clear();
    interleave(&mut [&mut nothing, &mut models, &mut generate, &mut limited], rounds.max(100));
    head();
    table(&[&nothing, &models, &generate, &limited]);
    let over = format!("{:.2}x", models.wall().middle / nothing.wall().middle);
    figure("models over true, 1M entries behind it", &over, "must 5x, goal 3x");
}

/// `pinx stats` beside others that read the same lines.
fn statistics(place: &Rc<Place>, log: &Path, rounds: usize) {
    let shell = |name: &str, line: String| {
        Row::new(name, move |_| {
            let mut command = Command::new("sh");
            command.args(["-c", &line]);
            command
        })
    };
    let shown = log.display();
    let mut duckdb = duckdb(log);
    let mut count = shell("wc -l", format!("cat {shown}/*.jsonl | wc -l"));
    let mut jq = has("jq").then(|| {
        let filter = r#"select(.e == "done") | .model"#;
        shell(
            "jq, the model alone",
            format!("cat {shown}/*.jsonl | jq -r '{filter}' | sort | uniq -c"),
        )
    });
    let stats = |name: &str, cold: bool| {
        let (place, log) = (Rc::clone(place), log.to_owned());
        Row::new(name, move |_| {
            if cold {
                checkpoints(&log).for_each(|path| std::fs::remove_file(path).unwrap());
            }
            place.pinx(&["stats", "--json"])
        })
    };
    let (mut cold, mut warm) = (stats("pinx stats, cold", true), stats("pinx stats, warm", false));
    let mut rows = vec![&mut count];
    rows.extend(duckdb.as_mut());
    rows.extend([&mut cold, &mut warm]);
    interleave(&mut rows, rounds);
    if let Some(jq) = &mut jq {
        jq.run(0);
    }
    println!();
    head();
    let mut shown: Vec<&Row> = duckdb.iter().collect();
    shown.extend([&count]);
    shown.extend(&jq);
    table(&[shown.as_slice(), &[&cold, &warm]].concat());
    match &duckdb {
        Some(duckdb) => {
            let over = format!("{:.2}x", cold.wall().middle / duckdb.wall().middle);
            figure("statistics cold over DuckDB", &over, "must 1.0x, goal 0.35x");
            let over = format!("{:.2}x", cold.cpu().middle / duckdb.cpu().middle);
            figure("the same by CPU time", &over, "");
        }
        None => figure("statistics cold over DuckDB", "DuckDB is not installed", "must 1.0x"),
    }
    let peak = format!("{:.1} MiB", cold.peak().middle);
    figure("statistics cold, peak RSS", &peak, "must 64 MiB, goal 16 MiB");
    let over = warm.wall().middle / count.wall().middle;
    let over = format!("{over:.2}x, {:.1} ms", warm.wall().middle);
    figure("statistics with the checkpoint over wc -l", &over, "must 1x, goal 5 ms");
}

/// DuckDB itself, or its Python package where `PYTHON` or python3 has it.
fn duckdb(log: &Path) -> Option<Row> {
    let query = QUERY.replace("LOG", &log.display().to_string());
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let (program, arguments) = if has("duckdb") {
        ("duckdb".to_owned(), vec!["-c".to_owned(), query])
    } else {
        let probe = Command::new(&python).args(["-c", "import duckdb"]).output();
        probe.ok().filter(|output| output.status.success())?;
        let script = format!("import duckdb\nduckdb.sql(\"\"\"{query}\"\"\").fetchall()");
        (python, vec!["-c".to_owned(), script])
    };
    Some(Row::new("DuckDB", move |_| {
        let mut command = Command::new(&program);
        command.args(&arguments);
        command
    }))
}

/// The checkpoints beside the segments: of statistics, and of budgets and what is open.
fn checkpoints(log: &Path) -> impl Iterator<Item = PathBuf> {
    let paths = ["stats.bin", "checkpoint.json"].map(|name| log.join(name));
    paths.into_iter().filter(|path| path.exists())
}

/// Makes the log long; answers with its length in bytes.
fn lengthen(log: &Path) -> u64 {
    let segment = std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path());
    let segment = segment.into_iter().find(|path| path.extension().is_some_and(|e| e == "jsonl"));
    let text = std::fs::read_to_string(segment.unwrap()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |what: &str| -> Vec<Value> {
        lines.iter().filter(|line| line["e"] == what).cloned().collect()
    };
    let (intents, ends) = (of("intent"), of("done"));
    let now = jiff::Timestamp::now();
    let images = ENTRIES / 2;
    // A month has about this many seconds, and the last entry is a minute old.
    let step = jiff::SignedDuration::from_secs(30 * 86_400 * MONTHS as i64) / images as i32;
    let mut open: Option<(String, BufWriter<std::fs::File>)> = None;
    let mut length = 0;
    for number in 0..images {
        let back = step * (images - number) as i32 + jiff::SignedDuration::from_secs(60);
        let time = now - back;
        let name = time.strftime("%Y-%m.jsonl").to_string();
        if open.as_ref().is_none_or(|(month, _)| *month != name) {
            let file = std::fs::File::create(log.join(&name)).unwrap();
            open = Some((name, BufWriter::with_capacity(1 << 20, file)));
        }
        let (_, file) = open.as_mut().unwrap();
        let ids = Ids::of(number, &time.to_string());
        for template in [&intents[number % intents.len()], &ends[number % ends.len()]] {
            let mut line = serde_json::to_vec(&ids.on(template, number)).unwrap();
            line.push(b'\n');
            file.write_all(&line).unwrap();
            length += line.len() as u64;
        }
    }
    length
}

/// What tells an image's entries from those of others.
struct Ids {
    time: String,
    run: String,
    job: String,
    attempt: String,
}

impl Ids {
    fn of(number: usize, time: &str) -> Ids {
        let day = time[2..10].replace('-', "");
        let run = format!("{day}-{:08x}", number / RUN);
        let job = format!("{run}.{}", number % RUN + 1);
        Ids { time: time.to_owned(), attempt: format!("{job}.1"), job, run }
    }

    fn on(&self, template: &Value, number: usize) -> Value {
        let mut entry = template.clone();
        let model = MODELS[number * 7 % 11 % MODELS.len()];
        let has_failed = number.is_multiple_of(25);
        entry["t"] = json!(self.time);
        entry["run"] = json!(self.run);
        entry["job"] = json!(self.job);
        entry["attempt"] = json!(self.attempt);
        entry["model"] = json!(model);
        entry["provider"] = json!(model.split('/').next());
        entry["estimate"] = json!(3_000 + number % 97 * 500);
        if entry["e"] == "done" {
            entry["total_ms"] = json!(800 + number * 37 % 9_000);
            if has_failed {
                entry["e"] = json!("failed");
                entry["code"] = json!("rate_limited");
                entry["billed"] = json!("no");
                entry["status"] = json!(429);
                entry["images"] = json!([]);
            }
        } else {
            entry["reserve"] = entry["estimate"].clone();
            entry["order"]["id"] = json!(self.attempt);
            entry["order"]["model"] = json!(model);
        }
        entry
    }
}
