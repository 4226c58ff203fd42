//! `--json`: stdout is exactly one document, in success and in every failure.

use serde_json::{Value, json};

use crate::fake::fal::{self, Fal};
use crate::fake::openai::{OpenAi, error, rate_limited, refused};
use crate::fake::{Answer, Kind};
use crate::pinx::{OPENAI_KEY, Pinx};

/// Runs with `--json` and checks the shape that every document has.
#[track_caller]
fn document(pinx: &Pinx, args: &[&str], code: i32) -> Value {
    let output = pinx.run(&[args, &["--json"]].concat()).exits(code);
    let document = output.json();
    assert_eq!(document["v"], 1, "{output}");
    for field in ["run", "status", "jobs", "totals", "error"] {
        assert!(document.get(field).is_some(), "`{field}` is missing\n{output}");
    }
    for job in document["jobs"].as_array().unwrap() {
        for field in [
            "id",
            "status",
            "prompt",
            "model",
            "provider",
            "route",
            "attempts",
            "images",
            "seed",
            "cost",
            "billed",
            "timing",
            "adjustments",
            "error",
        ] {
            assert!(job.get(field).is_some(), "`{field}` is missing in a job\n{output}");
        }
        for field in ["estimated", "at_most", "reported", "currency", "certainty"] {
            assert!(job["cost"].get(field).is_some(), "`cost.{field}` is missing\n{output}");
        }
        assert_eq!(job["cost"]["currency"], "USD");
        assert!(["yes", "no", "unknown"].contains(&job["billed"].as_str().unwrap()), "{output}");
        for image in job["images"].as_array().unwrap() {
            let path = std::path::Path::new(image["path"].as_str().unwrap());
            assert!(path.is_absolute() && path.is_file(), "{output}");
            assert_eq!(image["bytes"], json!(path.metadata().unwrap().len()), "{output}");
            let digest = <sha2::Sha256 as sha2::Digest>::digest(std::fs::read(path).unwrap());
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(image["sha256"], json!(hex), "{output}");
        }
        if !job["error"].is_null() {
            let text =
                |field: &str| job["error"][field].as_str().is_some_and(|text| !text.is_empty());
            assert!(text("code") && text("message"), "{output}");
        }
    }
    document
}

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];

#[track_caller]
fn of_answer(answer: Answer, code: i32, status: &str) -> Value {
    of_answer_with(&[], answer, code, status)
}

#[track_caller]
fn of_answer_with(flags: &[&str], answer: Answer, code: i32, status: &str) -> Value {
    let fake = OpenAi::start();
    fake.always(Kind::Images, answer);
    let pinx = Pinx::new().openai(&fake);
    let document = document(&pinx, &[&ARGS[..], flags].concat(), code);
    assert_eq!(document["jobs"][0]["status"], status, "{document:#}");
    document
}

/// The keys of a document, at any depth, that are no names of one case, and have no neighbour that is.
fn odd_names(value: &Value, odd: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let snake = name.chars().fold(String::new(), |mut snake, c| {
                    if c.is_ascii_uppercase() {
                        snake.push('_');
                    }
                    snake.push(c.to_ascii_lowercase());
                    snake
                });
                if snake != *name && fields.get(&snake) != Some(inner) {
                    odd.push(name.clone());
                }
                odd_names(inner, odd);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| odd_names(item, odd)),
        _ => {}
    }
}

/// Names of the list of models, whose first version had such ones: no more may come.
const MODELS: [&str; 13] = [
    "asOf",
    "costCertainty",
    "costFor",
    "costPerImage",
    "estimatedSeconds",
    "estimatedTime",
    "isAvailable",
    "p50Seconds",
    "p95Seconds",
    "successRate",
    "supportedSizes",
    "timeSource",
    "totalAvailable",
];

#[test]
fn names_are_of_one_case_beside_those_of_earlier_versions() {
    let world = crate::old::old_home();
    let documents: [&[&str]; 10] = [
        &["log", "--json", "-n", "0"],
        &["log", "show", "last", "--json"],
        &["stats", "--json"],
        &["stats", "--by", "day", "--json"],
        &["stats", "--ab", "--json"],
        &["cache", "ls", "--json"],
        &["cache", "clear", "--yes", "--json"],
        &["recover", "--list", "--json"],
        &["info", "out/001-a-harbour.png", "--json"],
        &["recover", "--forget", "all-unknown", "--yes", "--json"],
    ];
    let current: [&[&str]; 14] = [
        &["a fox", "-m", "pinx/sketch", "-s", "64x64", "--json"],
        &["a fox", "--dry-run", "--json"],
        &["batch", "two.txt", "-m", "pinx/sketch", "-s", "64x64", "-o", "two/", "--json"],
        &["batch", "two.txt", "-o", "two/", "--dry-run", "--json"],
        &[
            "compare",
            "a fox",
            "--style",
            "noir,blueprint",
            "-m",
            "pinx/sketch",
            "-s",
            "64x64",
            "--json",
        ],
        &["redo", "last", "--dry-run", "--json"],
        &["open", "last", "--json"],
        &["providers", "--json"],
        &["keys", "list", "--json"],
        &["styles", "--json"],
        &["styles", "show", "noir", "--json"],
        &["doctor", "--json"],
        &["config", "path", "--json"],
        &["models", "--json"],
    ];
    let pinx = Pinx::new().file("two.txt", "a fox\nan owl\n");
    for words in current {
        let mut odd = Vec::new();
        let printed = pinx.command(words).plain().output().unwrap().stdout;
        odd_names(&serde_json::from_slice(&printed).unwrap(), &mut odd);
        // Those of its first version stay.
        odd.retain(|name| !(words[0] == "models" && MODELS.contains(&name.as_str())));
        assert!(odd.is_empty(), "{words:?}: {odd:?}");
    }
    for words in documents {
        let document = world.pinx.run(words).json();
        let mut odd = Vec::new();
        odd_names(&document, &mut odd);
        assert!(odd.is_empty(), "{words:?}: {odd:?}\n{document}");
    }
}

#[test]
fn success() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let document = document(&pinx, &[&ARGS[..], &["-n", "2"]].concat(), 0);
    assert_eq!(document["status"], "done");
    assert_eq!(document["jobs"].as_array().unwrap().len(), 2);
    let totals = &document["totals"];
    assert_eq!(
        (&totals["jobs"], &totals["done"], &totals["images"]),
        (&json!(2), &json!(2), &json!(2))
    );
    let image = &document["jobs"][0]["images"][0];
    assert_eq!(
        (&image["width"], &image["height"], &image["format"]),
        (&json!(1024), &json!(1024), &json!("png"))
    );
}

#[test]
fn the_sketch() {
    let document = document(&Pinx::new(), &["generate", "a red fox", "-s", "64x64"], 0);
    assert_eq!(document["jobs"][0]["model"], "pinx/sketch");
    assert_eq!(document["jobs"][0]["billed"], "no");
}

#[test]
fn a_refusal() {
    let document = of_answer(refused(), 5, "refused");
    assert_eq!(document["status"], "failed");
    assert_eq!(document["jobs"][0]["error"]["code"], "moderation_blocked");
}

#[test]
fn a_refused_key() {
    let document = of_answer(error(401, "invalid_api_key", "Incorrect API key."), 3, "failed");
    assert_eq!(document["jobs"][0]["error"]["code"], "invalid_api_key");
    assert_eq!(document["jobs"][0]["billed"], "no");
}

#[test]
fn silence() {
    let document = of_answer_with(&["--timeout", "3"], Answer::hang(), 75, "unknown");
    assert_eq!(document["jobs"][0]["billed"], "unknown");
    assert_eq!(document["totals"]["unknown"], 1);
}

#[test]
fn an_unusable_answer() {
    of_answer(Answer::bytes(200, "application/json", *b"nonsense"), 1, "failed");
}

#[test]
fn a_rate_limit_that_does_not_end() {
    of_answer(rate_limited().header("retry-after", "600"), 1, "failed");
}

#[test]
fn a_page_of_an_intermediary() {
    let document = of_answer(Answer::html(502), 75, "unknown");
    assert!(!document.to_string().contains("<html"), "{document:#}");
}

#[test]
fn a_mixed_run() {
    let fake = OpenAi::start();
    fake.next(Kind::Images, refused());
    let pinx = Pinx::new().openai(&fake);
    let document = document(&pinx, &[&ARGS[..], &["-n", "3", "-j", "1"]].concat(), 4);
    assert_eq!(document["status"], "partial");
    assert_eq!(
        (&document["totals"]["done"], &document["totals"]["refused"]),
        (&json!(2), &json!(1))
    );
}

#[test]
fn a_fallback() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    openai.always(Kind::Images, error(401, "invalid_api_key", "no"));
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    let document = document(&pinx, &["generate", "a red fox", "--fallback", "fal/flux-schnell"], 0);
    assert_eq!(document["jobs"][0]["provider"], "fal");
    fal.always(Kind::Submit, fal::error(401, "invalid key credentials"));
}

#[test]
fn what_is_wrong_before_anything_is_sent() {
    let pinx = Pinx::new();
    for (args, code) in [
        (&["generate", "a fox", "-m", "nobody/nothing"][..], 2),
        (&["generate", "a fox", "--size", "huge"], 2),
        (&["generate", "a fox", "--no-such-flag"], 2),
        (&["generate"], 2),
        (&["generate", "a fox", "-m", "openai/gpt-image-2"], 3),
    ] {
        let document = document(&pinx, args, code);
        assert_eq!(document["status"], "failed", "{args:?}");
        let job = &document["jobs"][0]["error"];
        let error = if document["error"].is_null() { job } else { &document["error"] };
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{document:#}");
    }
}

#[test]
fn no_consent() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    let args = [&ARGS[..], &["--quality", "high", "-n", "6"]].concat();
    let document = document(&pinx, &args, 6);
    assert_eq!(document["status"], "failed");
}

#[test]
fn stdout_is_one_line_for_pipes() {
    let output = Pinx::new().run(&["generate", "a fox", "-s", "64x64", "--json"]).exits(0);
    assert!(output.stdout.ends_with('\n'), "{output}");
    output.json();
}

#[test]
fn a_dry_run_is_planned_and_has_cost_nothing() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--dry-run"];
    let document = document(&pinx, &args, 0);
    assert_eq!(document["jobs"][0]["status"], "planned");
    assert!(document["jobs"][0]["cost"]["estimated"].as_f64().unwrap() > 0.01, "{document:#}");
    assert_eq!(document["totals"]["cost"].as_f64(), Some(0.0), "{document:#}");
    assert_eq!((&document["totals"]["jobs"], &document["totals"]["done"]), (&json!(1), &json!(0)));
}
