//! The command line as people type it: what it makes of flags and words, what help shows, and that
//! what help and errors say can be typed.

use std::collections::BTreeMap;

use clap::{Command, CommandFactory};
use pinx::cli::{Cli, TOPICS, examples};

use crate::fake::fal::Fal;
use crate::fake::image;
use crate::fake::openai::OpenAi;
use crate::last::with_viewer;
use crate::pinx::{OPENAI_KEY, Pinx};

/// The words of every command, with those inside others; none for pinx itself.
fn commands() -> Vec<Vec<String>> {
    fn below(command: &Command, before: &[String], all: &mut Vec<Vec<String>>) {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            let words = [before, &[inner.get_name().to_owned()]].concat();
            all.push(words.clone());
            below(inner, &words, all);
        }
    }
    let mut cli = Cli::command();
    cli.build();
    let mut all = vec![Vec::new()];
    below(&cli, &[], &mut all);
    all
}

/// Where every example runs: keys of scripted providers, files of all kinds, and a comparison.
fn world(openai: &OpenAi, fal: &Fal) -> (Pinx, String) {
    let pinx = with_viewer(Pinx::new().openai(openai).fal(fal));
    let pinx = pinx.env("EDITOR", "true").env("VISUAL", "true");
    let pinx = pinx
        .file("prompt.txt", "a red fox\n")
        .file("prompts.txt", "a red fox\na blue whale\na green frog\n")
        .file("jobs.jsonl", "{\"prompt\": \"a fox\"}\n{\"prompt\": \"an owl\"}\n")
        .file("jobs.csv", "prompt,name\na fox,one\nan owl,two\na hen,three\n")
        .file("key.txt", "sk-test-of-the-examples-01")
        .file("key2.txt", "sk-test-of-the-examples-02");
    for place in [".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions"]
    {
        std::fs::create_dir_all(pinx.root().join("home").join(place)).unwrap();
    }
    for name in ["photo.png", "mug.png", "table.png"] {
        std::fs::write(pinx.work().join(name), image::bytes(96, 64, "png")).unwrap();
    }
    std::fs::write(pinx.work().join("mask.png"), image::halves(96, 64)).unwrap();
    pinx.run(&["generate", "a red fox", "-m", "pinx/sketch", "-s", "64x64", "-o", "fox.png"])
        .exits(0);
    let models = "openai/gpt-image-2,fal/flux-schnell";
    let compared = pinx.run(&["compare", "a hen", "-m", models, "--json"]).exits(0);
    let run = compared.json()["run"].as_str().unwrap().to_owned();
    (pinx, run)
}

#[test]
fn every_example_of_help_runs() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let mut worlds: BTreeMap<&str, (Pinx, String)> = BTreeMap::new();
    let mut count = 0;
    for words in commands() {
        let names: Vec<&str> = words.iter().map(String::as_str).collect();
        let examples = examples(&names);
        assert!(
            !examples.is_empty(),
            "src/cli/help.toml has no example of `pinx {}`",
            names.join(" ")
        );
        for example in examples {
            let is_about_it = names.iter().all(|name| example.run.contains(name))
                || ["generate"] == names[..] && example.run.starts_with("pinx \"");
            assert!(is_about_it, "{}: {}", names.join(" "), example.run);
            assert!(example.run.chars().count() <= 76, "{} is too wide", example.run);
            count += 1;
            // What changes settings has a world of its own.
            let own = match names.first() {
                Some(&"config") if example.run.ends_with("init") => "config init",
                Some(&"config") => "config",
                _ => "",
            };
            let (pinx, run) = worlds.entry(own).or_insert_with(|| match own {
                "" => world(&openai, &fal),
                _ => (Pinx::new().env("EDITOR", "true").env("VISUAL", "true"), String::new()),
            });
            let line = example.run.replace("RUN", run).replace("ID", run).replace("EDITOR=vi ", "");
            // What serves does so until it is told to end.
            let is_endless = line.starts_with("pinx serve") && !line.contains(" keys ");
            let line = match is_endless {
                true => format!("timeout --preserve-status -s TERM 1 {line}"),
                false => line,
            };
            let output = pinx.shell(&line);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "`{line}` ends with {}\n{told}", output.status);
        }
    }
    assert!(count > 90, "{count}");
}

#[test]
fn a_screen_of_help_is_a_screen() {
    let pinx = Pinx::new().env("COLUMNS", "80");
    for words in commands() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let screen = pinx.run(&[&words[..], &["-h"]].concat()).exits(0);
        let whole = pinx.run(&[&words[..], &["--help"]].concat()).exits(0);
        let lines = screen.stdout.lines().count();
        let remedy = "name its `daily` flags in src/cli/help.toml";
        let name = words.join(" ");
        assert!(lines <= 23, "`pinx {name} -h` has {lines} lines; {remedy}\n{screen}");
        assert!(
            screen.stdout.contains("Examples:") && whole.stdout.contains("Examples:"),
            "{screen}"
        );
        assert!(lines <= whole.stdout.lines().count());
        for run in examples(&words).iter().map(|example| &example.run) {
            assert!(whole.stdout.contains(run), "{run}\n{whole}");
        }
        // A topic of the same name tells more.
        if !TOPICS.iter().any(|topic| words.first() == Some(&topic.name)) {
            let called = pinx.run(&[&["help"], &words[..]].concat()).exits(0);
            assert_eq!(called.stdout, whole.stdout);
        }
    }
}

#[test]
fn help_is_found_where_it_is_asked_for() {
    let pinx = Pinx::new();
    let whole = pinx.run(&["generate", "--help"]).exits(0).stdout;
    assert!(
        whole.contains("--retry-ambiguous") && whole.lines().all(|line| line.chars().count() <= 80)
    );
    for words in [
        &["--help", "generate"][..],
        &["help", "generate"],
        &["help", "g"],
        &["-m", "x", "--help"],
        &["--help", "a red fox"],
        &["generate", "a fox", "--help"],
    ] {
        assert_eq!(pinx.run(words).exits(0).stdout, whole, "{words:?}");
    }
    let document = pinx.run(&["help", "keys", "set", "--json"]).exits(0).json();
    assert_eq!(document["command"]["path"], "pinx keys set", "{document}");
    pinx.run(&["help", "modles"]).exits(2).says("did you mean `pinx help models`?");
    pinx.run(&["help", "nonsense", "--json"])
        .exits(2)
        .says("`pinx help` lists commands and topics");
}

#[test]
fn alone_it_tells_how_to_begin() {
    let pinx = Pinx::new();
    let output = pinx.run(&[]).exits(0);
    assert_eq!(output.stderr, "");
    let lines = output.stdout.lines().count();
    assert!((10..=13).contains(&lines), "{output}");
    for told in ["pinx \"a red fox in snow\"", "sketch, not AI", "OPENAI_API_KEY", "pinx --help"] {
        assert!(output.stdout.contains(told), "{told}\n{output}");
    }
    let document = pinx.run(&["--json"]).exits(0).json();
    assert_eq!((&document["success"], &document["model"]), (&true.into(), &"pinx/sketch".into()));
    let openai = OpenAi::start();
    let pinx = Pinx::new().openai(&openai);
    let output = pinx.run(&[]).exits(0);
    assert!(
        output.stdout.contains("`auto` takes openai/") && output.stdout.contains('$'),
        "{output}"
    );
    assert!(pinx.run(&["--json"]).exits(0).json()["cost_per_image"].is_number());
    assert_eq!(openai.posts(), 0);
    let broken = Pinx::new().config("config.toml", "modle = 1\n");
    broken.run(&[]).exits(0).says("modle");
    assert!(Pinx::new().shell("echo a fox | pinx").status.success());
}

#[test]
fn prompts_that_begin_with_a_dash_are_prompts() {
    let pinx = Pinx::new();
    let title = "--- \ntitle: x\n---\na fox";
    for (words, prompt) in [
        (&["- a fox in snow"][..], "- a fox in snow"),
        (&["-n", "1", "- a fox in snow"], "- a fox in snow"),
        (&["generate", "- a fox in snow"], "- a fox in snow"),
        (&["generate", title], title),
        (&["generate", "-q", "a", "- b c"], "a - b c"),
        (&["compare", "- a fox", "-m", "pinx/sketch,openai/gpt-image-2"], "- a fox"),
    ] {
        let keyed = [words, &["--dry-run", "--json"]].concat();
        let call = pinx.command(&keyed).env("OPENAI_API_KEY", OPENAI_KEY);
        let document = call.run().exits(0).json();
        assert_eq!(document["jobs"][0]["prompt"], prompt, "{words:?}");
    }
    pinx.run(&["generate", "a fox", "-n 3"])
        .exits(2)
        .says("is one argument, flag and value together");
}

#[test]
fn a_lone_dash_reads_the_prompt_from_stdin() {
    let pinx = Pinx::new();
    for words in [&["generate", "-"][..], &["generate", "--prompt-file", "-"], &["g", "@-"]] {
        let words = [words, &["--dry-run", "--json"]].concat();
        let document = pinx.command(&words).stdin("a blue whale\n").run().exits(0).json();
        assert_eq!(document["jobs"][0]["prompt"], "a blue whale", "{words:?}");
    }
    pinx.command(&["generate", "-"]).stdin("").run().exits(2).says("the prompt is empty");
    pinx.run(&["-"]).exits(2).says("pinx generate -");
}

/// What a hint says to type, between its outer backticks.
fn hinted(stderr: &str) -> &str {
    let hint = stderr.lines().find(|line| line.starts_with("hint:")).unwrap_or_default();
    let start = hint.find('`').unwrap_or_default() + 1;
    &hint[start..hint.rfind('`').unwrap_or(start)]
}

#[test]
fn hints_can_be_pasted() {
    let pinx = Pinx::new();
    for words in [
        &["a", "red", "fox"][..],
        &["it's $HOME `date` \"now\"!"],
        &["größe", "🦊 👩‍🚀"],
        &["one\ntwo\tthree"],
        &["back\\slash and 'quotes' \"both\""],
        &["a;b|c&d>e<f(g)*h?~#"],
        &["=ls", "{a,b}", "[c]"],
    ] {
        let output = pinx.run(&[&["generat"], words].concat()).exits(2);
        let line =
            format!("bash -c {}", quoted(&format!("{} --dry-run --json", hinted(&output.stderr))));
        let run = pinx.shell(&line);
        let told = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{line}\n{told}");
        let document: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(document["jobs"][0]["prompt"], words.join(" "), "{line}");
    }
    for (words, wanted) in [
        (&["a fox", "--ar", "16:9"][..], "1280x720"),
        (&["generate", "a fox", "--width", "512", "--height", "768"], "512x768"),
        (&["--ar", "16:9", "a fox"], "1280x720"),
    ] {
        let output = pinx.run(words).exits(2).prints(&[]);
        let run = pinx.shell(&format!("{} --dry-run", hinted(&output.stderr)));
        assert!(String::from_utf8_lossy(&run.stdout).contains(wanted), "{words:?} {output}");
    }
}

/// A line as one word of `sh`.
fn quoted(line: &str) -> String {
    format!("'{}'", line.replace('\'', r"'\''"))
}

#[test]
fn a_key_as_an_argument_is_refused_and_not_repeated() {
    let secret = "s3cr3t-not-shaped-like-a-key-01";
    let shaped = "sk-proj-0123456789abcdefghijklmnopqrstuv";
    let pinx = Pinx::new().secret(secret).secret(shaped);
    for words in [
        &["generate", "a fox", "--api-key", secret][..],
        &["a fox", "--key=s3cr3t-not-shaped-like-a-key-01"],
        &["--token", secret, "a fox", "--json"],
        &["generat", "a", "fox", shaped],
        &["keys", "list", shaped],
        &["models", "--nonsense", shaped, "--json"],
    ] {
        let output = pinx.run(words).exits(2);
        assert!(!output.stderr.contains("s3cr3t") && !output.stdout.contains("s3cr3t"), "{output}");
    }
}

#[test]
fn a_setting_is_taken_out() {
    let text = "# mine\nmodel = \"openai/gpt-image-2\"\n# of money\n[budget]\nday = 5\n";
    let pinx = Pinx::new().config("config.toml", text);
    let file = |pinx: &Pinx| std::fs::read_to_string(pinx.data().join("config.toml")).unwrap();
    pinx.run(&["config", "unset", "model"]).exits(0).says("took `model` out of");
    assert_eq!(file(&pinx), text.replace("model = \"openai/gpt-image-2\"\n", ""));
    pinx.run(&["config", "unset", "model"]).exits(0).says("`model` was not set in");
    pinx.run(&["config", "unset", "budgt.day"]).exits(2).says("did you mean `budget.day`?");
    // A value that was forgotten lifts no limit.
    let forgotten = pinx.run(&["config", "set", "budget.day"]).exits(2);
    forgotten.says("no value for `budget.day`").says("pinx config unset budget.day");
    assert!(pinx.run(&["config", "get", "budget.day"]).stdout.contains('5'), "it is as it was");
    let document = pinx.run(&["config", "unset", "--json", "budget.day"]).exits(0).json();
    assert_eq!(document["name"], "budget.day");
    pinx.run(&["config", "unset", "--json", "seed"]).exits(0);
    let fresh = Pinx::new();
    fresh.run(&["config", "unset", "model"]).exits(0).says("was not set");
    assert!(!fresh.data().join("config.toml").exists());
}

#[test]
fn what_was_typed_is_named() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a fox", "-s", "64x64", "-m", "pinx/sketch", "-o", "fox.png"]).exits(0);
    for (words, told) in [
        (&["a fox", "--max-cost", "banana"][..], "`--max-cost` must be an amount in dollars"),
        (&["a fox", "--seed", "x"], "`--seed` must be a whole number"),
        (&["redo", "fox.png", "--set", "seed=x"], "`--set seed` must be a whole number"),
        (&["redo", "fox.png", "--set", "size=x"], "`--set size` must be a size"),
        (&["a fox", "-s", "x"], "`--size` must be a size"),
        (&["a fox", "-n", "x"], "`--count` must be a whole number"),
        (&["a fox", "--deadline", "x"], "`--deadline` must be a duration"),
        (&["a fox", "--prefer", "x"], "`--prefer` must be"),
        (&["a fox", "-j", "0"], "`--concurrency` must be"),
        (&["a fox", "--retry-ambiguous", "x"], "`--retry-ambiguous` must be"),
    ] {
        let output = pinx.run(words).exits(2).says(told);
        assert!(!output.stderr.contains("budget.run"), "{output}");
    }
    let wrong = pinx.command(&["a fox"]).env("PINX_MAX_COST", "banana").run().exits(2);
    wrong.says("`PINX_MAX_COST` must be an amount in dollars");
    std::fs::write(pinx.root().join("a-file"), "").unwrap();
    let home = pinx.root().join("a-file").display().to_string();
    let wrong = pinx.command(&["log"]).env("PINX_HOME", &home).run().exits(2);
    wrong.says("`PINX_HOME` is").says("which is a file");
}

#[test]
fn sizes_and_ratios_mean_what_they_say() {
    let pinx = Pinx::new().config("config.toml", "size = \"64x64\"\n");
    let pinx = pinx.file("jobs.jsonl", "{\"prompt\": \"a fox\", \"size\": \"landscape\"}\n{\"prompt\": \"an owl\", \"size\": \"16:9\"}\n");
    for (flags, size) in [
        (&["-a", "16:9"][..], "1280x720"),
        (&["-a", "16x9"], "1280x720"),
        (&["-a", "16/9"], "1280x720"),
        (&["-a", "1.78"], "1280x720"),
        (&["-s", "16:9"], "1280x720"),
        (&["-s", "square"], "1024x1024"),
        (&["-s", "portrait"], "1024x1536"),
        (&["-s", "Landscape"], "1536x1024"),
        (&["-s", "hd"], "1920x1080"),
        (&["-s", "100x50"], "100x50"),
        (&[], "64x64"),
    ] {
        let output = pinx.run(&[&["a fox", "--dry-run"], flags].concat()).exits(0);
        assert!(output.stdout.contains(&format!("\t{size}\t")), "{flags:?}\n{output}");
    }
    pinx.run(&["a fox", "-s", "16:9", "-a", "1:1", "--dry-run"]).exits(2);
    let told = pinx.run(&["batch", "jobs.jsonl", "--dry-run"]).exits(0);
    assert!(told.stdout.contains("1536x1024") && told.stdout.contains("1280x720"), "{told}");
    pinx.run(&["a fox", "-s", "9x9", "-m", "pinx/sketch", "-o", "fox.png"]).exits(0);
    let again = pinx.run(&["redo", "fox.png", "--set", "size=3:2", "--dry-run"]).exits(0);
    assert!(again.stdout.contains("1248x832"), "{again}");
    let ours = Pinx::new().config("config.toml", "size = \"16:9\"\n");
    assert!(ours.run(&["a fox", "--dry-run"]).exits(0).stdout.contains("1280x720"));
    let keyed = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    keyed
        .run(&["a fox", "-s", "4k", "-m", "openai/gpt-image-1.5", "--dry-run"])
        .exits(0)
        .says("size 3840x2160 →");
}

#[test]
fn what_nothing_fills_is_told_before_it_is_paid() {
    let openai = OpenAi::start();
    let pinx = Pinx::new().openai(&openai);
    let dry = |words: &[&str]| pinx.run(&[words, &["--dry-run"]].concat());
    dry(&["a {animal} in snow"]).exits(0).says("nothing fills it; `--var animal=VALUE` does");
    pinx.run(&["a {animal} in snow", "--strict"]).exits(2).says("--var animal=VALUE");
    for fine in ["{\"subject\": \"a fox\"}", "a {red|blue} fox", "a {} fox", "a { fox", "a fox"] {
        let output = dry(&["generate", fine]).exits(0);
        assert!(!output.stderr.contains("nothing fills"), "{output}");
    }
    pinx.run(&["a fox", "-o", "{nosuch}.png"]).exits(2).says("nosuch");
    pinx.run(&["a fox", "-o", "out/{slug}-{nosuch}.png"]).exits(2).says("nosuch");
    assert_eq!(openai.posts(), 0);
}

#[test]
fn numbers_follow_the_order_of_the_jobs() {
    let pinx = Pinx::new().file("a-fox.png", "precious").file("a-fox-3.png", "precious");
    let words = ["a fox", "-n", "4", "--seed", "7", "-s", "64x64", "-m", "pinx/sketch", "--json"];
    let document = pinx.run(&words).exits(0).json();
    let jobs = document["jobs"].as_array().unwrap();
    for (at, (job, name)) in jobs.iter().zip(["-2", "-4", "-5", "-6"]).enumerate() {
        let path = job["images"][0]["path"].as_str().unwrap();
        assert!(path.ends_with(&format!("a-fox{name}.png")), "{path}");
        assert_eq!(job["seed"], 7 + at as u64, "{job}");
    }
}

#[test]
fn the_cause_of_a_failure_stays_where_the_budget_ends_it() {
    let openai = OpenAi::start();
    openai.answers(crate::fake::openai::error(500, "server_error", "the oven is broken"));
    let pinx = Pinx::new().openai(&openai);
    let words = ["a fox", "-m", "openai/gpt-image-2", "--max-cost", "0.06"];
    let output = pinx.run(&words).exits(6);
    output.says("the oven is broken").says("another attempt does not fit").says("--max-cost");
    assert_eq!(openai.posts(), 1);
}

#[test]
fn models_by_the_names_of_other_sites_lead_to_ours() {
    let pinx = Pinx::new();
    for (name, ours) in [
        ("black-forest-labs/flux-schnell", "fal/flux-schnell"),
        ("https://fal.run/fal-ai/flux/dev", "fal/flux-dev"),
        ("models/gemini-2.5-flash-image", "fal/nano-banana"),
    ] {
        pinx.run(&["a fox", "-m", name]).exits(2).says(&format!("did you mean `{ours}`?"));
    }
}
