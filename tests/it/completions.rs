//! What shells complete: the completer is asked as they ask it, and the scripts know as much as a script
//! can.

use std::fs;

use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;
use serde_json::json;

use crate::fake::openai::OpenAi;
use crate::pinx::{Pinx, files_below};

/// What bash gets for the last word.
fn offered(pinx: &Pinx, words: &[&str]) -> Vec<String> {
    let asked = [&["--", "pinx"], words].concat();
    let index = words.len().to_string();
    let call = pinx.command(&asked).env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", &index);
    let output = call.env("_CLAP_IFS", "\n").run().exits(0);
    assert_eq!(output.stderr, "", "{output}");
    output.stdout.lines().map(str::to_owned).collect()
}

/// A home with a log of so many sketches, each a line, and a comparison.
fn home(jobs: usize) -> Pinx {
    let pinx = Pinx::new()
        .file("fox.png", "")
        .file("zoo.txt", "a fox")
        .file("zoo.md", "")
        .file("sub/page.html", "");
    fs::create_dir(pinx.data().join("log")).unwrap();
    let time = "2026-11-22T10:00:00Z";
    let job = |n: usize| {
        let (run, n) = (format!("261122-{n:04}aaaa"), n);
        json!({
            "v": 1, "t": time, "e": "done", "run": run, "job": format!("{run}.1"),
            "attempt": format!("{run}.1.1"), "provider": "pinx", "model": "pinx/sketch",
            "images": [{ "path": "/gone.png", "width": 1, "height": 1, "format": "png", "bytes": 1, "sha256": "" }],
            "prompt": format!("fox number {n}"),
        })
        .to_string()
            + "\n"
    };
    let entrant =
        |model: &str| json!({ "label": "A", "model": model, "jobs": ["261123-compared.1"] });
    let compared = json!({
        "v": 1, "t": time, "e": "compared", "run": "261123-compared", "job": "", "attempt": "",
        "prompt": "a duel", "contest": {
            "number": 1, "blind": false, "directory": "/tmp", "entrants": [entrant("fal/a"), entrant("fal/b")],
        },
    });
    let style = |name: &str| json!({ "label": "A", "model": "fal/a", "name": name, "jobs": [] });
    let styled = json!({
        "v": 1, "t": time, "e": "compared", "run": "261123-styled00", "job": "", "attempt": "",
        "prompt": "a duel", "contest": {
            "number": 1, "blind": false, "directory": "/tmp", "entrants": [style("noir"), style("flat")],
        },
    });
    let open = json!({
        "v": 1, "t": time, "e": "intent", "run": "261124-opened00", "job": "261124-opened00.1",
        "attempt": "261124-opened00.1.1", "model": "fal/a", "prompt": "a lost fox",
        "client": "shop",
    });
    let text: String = (0..jobs).map(job).collect();
    fs::write(
        pinx.data().join("log/2026-11.jsonl"),
        format!("{text}{styled}\n{compared}\n{open}\n"),
    )
    .unwrap();
    pinx
}

#[test]
fn every_word_is_offered_where_it_can_stand() {
    let pinx = home(5).damaged();
    // The words, what comes first, and what does not come.
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&[""], &["generate", "edit", "batch"], &["g", "gen", "resume", "--json", "-m"]),
        (&["g"], &["generate"], &["g", "gen"]),
        (&["gen", "--style", "wat"], &["watercolor"], &[]),
        (&["hel"], &["help"], &[]),
        (&["help", ""], &["generate", "edit", "batch"], &["help"]),
        (&["help", "keys", ""], &["set"], &[]),
        (&["help", "mon"], &["money"], &[]),
        (&["man", "mon"], &["money"], &[]),
        (&["-m", ""], &["auto", "pinx/sketch"], &["openai/dall-e-3"]),
        (&["-m", "flux-sch"], &["flux-schnell"], &[]),
        (&["generate", "-m", "auto,pinx/"], &["auto,pinx/sketch"], &[]),
        (&["a fox", "--qual"], &["--quality"], &[]),
        (&["--qual"], &["--quality"], &[]),
        (&["generate", "--quality", ""], &["low", "medium", "high"], &[]),
        (&["generate", "-f", ""], &["png", "jpeg", "webp"], &[]),
        (&["generate", "--aspect", "16"], &["16:9"], &[]),
        (&["generate", "-s", "10"], &["1024x1024"], &[]),
        (&["generate", "--prefer", ""], &["cheap", "fast", "best"], &["cheapest"]),
        (&["generate", "--balance", ""], &["ordered", "weighted", "cheapest", "fastest"], &[]),
        (&["generate", "--preview", ""], &["auto", "on", "off"], &[]),
        (&["generate", "--background", ""], &["transparent", "opaque", "auto"], &[]),
        (&["--color", ""], &["auto", "always", "never"], &[]),
        (&["models", "--sort", ""], &["cost", "time", "name"], &[]),
        (&["stats", "--by", ""], &["provider", "model"], &[]),
        (&["log", "--since", ""], &["today", "yesterday"], &[]),
        (&["log", "--status", "ref"], &["refused"], &[]),
        (&["log", "--provider", "f"], &["fal"], &[]),
        (&["log", "--client", ""], &["shop"], &[]),
        (&["keys", "set", ""], &["openai", "fal"], &["pinx", "--stdin"]),
        (&["models", "--provider", ""], &["openai", "fal"], &[]),
        (&["config", "get", "budget."], &["budget.run", "budget.day", "budget.month"], &[]),
        (&["config", "get", "providers.fal.q"], &["providers.fal.queue_url"], &[]),
        (&["config", "set", "prefer", ""], &["cheap", "fast", "best"], &[]),
        (&["config", "set", "strict", ""], &["true", "false"], &[]),
        (&["config", "set", "model", "pinx"], &["pinx/sketch"], &[]),
        (&["config", "set", "style", "noi"], &["noir"], &[]),
        (&["generate", "-o", ""], &[".", "fox.png", "sub/"], &[]),
        (&["compare", "-o", ""], &[".", "sub/"], &["fox.png"]),
        (&["generate", "--prompt-file", "zo"], &["zoo.md", "zoo.txt"], &[]),
        (&["generate", "@zoo"], &["@zoo.md", "@zoo.txt"], &[]),
        (&["generate", "@", "zoo"], &["zoo.md", "zoo.txt"], &[]),
        (&["generate", "@@zoo"], &[], &["@@zoo.txt"]),
        (&["edit", "-i", "fo"], &["fox.png"], &[]),
        (&["batch", ""], &["zoo.txt"], &["zoo.md", "fox.png", ".", "sub/"]),
        (&["stats", "--html", "sub/"], &["sub/page.html"], &[]),
        (&["log", "show", ""], &["last", "opene.1", "0004a.1", "0003a.1"], &["--json"]),
        (&["log", "show", "0003aaaa"], &["0003aaaa.1"], &[]),
        (&["log", "show", "261122-0"], &["261122-0004aaaa.1"], &[]),
        (&["redo", ""], &["last", "0004a.1"], &["opene.1", "zoo.txt", "sub/"]),
        (&["info", ""], &["last", "0004a.1"], &["--json"]),
        (&["open", "la"], &["last"], &[]),
        (&["open", "fo"], &["fox.png"], &[]),
        (&["recover", "--forget", ""], &["261124-opened00.1.1", "all-unknown", "damaged"], &[]),
        (&["vote", ""], &["compa", "style", "fal/a", "fal/b", "tie", "none"], &["0004a"]),
        (&["vote", "compa", ""], &["fal/a", "fal/b", "tie", "none"], &[]),
        (&["vote", "style", ""], &["noir", "flat", "tie", "none"], &["fal/a"]),
        (&["styles", "show", "noi"], &["noir"], &[]),
        (&["man", "rec"], &["recover"], &[]),
        (&["generate", "--seed", ""], &[], &["auto"]),
    ];
    for (words, first, never) in cases {
        let found = offered(&pinx, words);
        let begins: Vec<&str> = found.iter().take(first.len()).map(String::as_str).collect();
        assert_eq!(begins, *first, "{words:?}: {found:?}");
        assert!(
            never.iter().all(|word| found.iter().all(|one| one != word)),
            "{words:?}: {found:?}"
        );
    }
    // The shells that show more show the prompt.
    let fish = pinx.command(&["--", "pinx", "redo", "0004"]).env("COMPLETE", "fish").run().exits(0);
    let first = fish.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("0004a.1\t") && first.ends_with(" fox number 4"), "{fish}");
}

#[test]
fn a_tab_key_changes_nothing_asks_nobody_and_never_fails() {
    let fake = OpenAi::start();
    let pinx = home(3_000).damaged().openai(&fake);
    let before = files_below(pinx.root());
    assert_eq!(offered(&pinx, &["generate", "-m", ""])[1], "openai/gpt-image-2.6-flare");
    // Of a long log only the end is read.
    assert_eq!(offered(&pinx, &["redo", "2999"])[0], "2999a.1");
    assert!(offered(&pinx, &["redo", "0007"]).is_empty());
    assert_eq!(fake.posts() + fake.all().len(), 0, "nobody is asked");
    assert_eq!(files_below(pinx.root()), before, "nothing is written");
    // Whatever is wrong with the home, what does not come from it is offered.
    let pinx = pinx.config("config.toml", "no toml [").config("credentials.toml", "[");
    fs::remove_dir_all(pinx.data().join("log")).unwrap();
    fs::write(pinx.data().join("log"), "no directory").unwrap();
    for home in [pinx.data().display().to_string(), "/nonexistent/home".into(), "/dev/null".into()]
    {
        let pinx = Pinx::new().env("PINX_HOME", home);
        assert_eq!(offered(&pinx, &["-m", "pinx"]), ["pinx/sketch"]);
        assert!(offered(&pinx, &["log", "show", "7"]).is_empty());
        offered(&pinx, &["no", "such", "--command", ""]);
        offered(&pinx, &[]);
    }
}

/// What takes any text, a number, or names that only the user knows.
const FREE: [&str; 33] = [
    "base_url",
    "before",
    "budget_day",
    "budget_month",
    "concurrency",
    "count",
    "deadline",
    "label",
    "limit",
    "listen",
    "max_cost",
    "max_size",
    "min_cost",
    "negative",
    "new",
    "older_than",
    "only",
    "params",
    "partials",
    "prompt_column",
    "prompt_template",
    "query",
    "retries",
    "retry_ambiguous",
    "rpm",
    "seed",
    "set",
    "shard",
    "slot",
    "tag",
    "tags",
    "text",
    "timeout",
];
/// What is offered from the home alone, which no script knows.
const ASKED: [&str; 10] =
    ["client", "forget", "id", "images", "prompt", "run", "value", "vars", "what", "which"];

#[test]
fn every_argument_offers_something() {
    let mut missing = Vec::new();
    check(&pinx::cli::scripted(Shell::Zsh), "pinx", &mut missing);
    assert!(
        missing.is_empty(),
        "{} offer nothing while they are typed: give them a row in \
         src/cmd/completions/taught.rs, or name them in FREE",
        missing.join(", ")
    );
}

fn check(command: &Command, path: &str, missing: &mut Vec<String>) {
    let offers = |arg: &Arg| {
        let id = arg.get_id().as_str();
        arg.is_hide_set()
            || !arg.get_num_args().is_some_and(|count| count.takes_values())
            || !arg.get_possible_values().is_empty()
            || !matches!(arg.get_value_hint(), ValueHint::Unknown | ValueHint::Other)
            || FREE.contains(&id)
            || ASKED.contains(&id)
    };
    let silent = command.get_arguments().filter(|arg| !offers(arg));
    missing.extend(silent.map(|arg| format!("`{path} {}`", arg.get_id())));
    for inner in command.get_subcommands() {
        check(inner, &format!("{path} {}", inner.get_name()), missing);
    }
}
