//! Budgets of a day and a month: over all processes, reserved before a request, settled after it.

use crate::fake::openai::{OpenAi, error};
use crate::fake::{Answer, Gate, Kind};
use crate::pinx::Pinx;

/// Four cents an image.
const MODELS: &str = r#"
[[models]]
id = "openai/four"
wire = "four"
price = { kind = "image", rows = [{ usd = 0.04 }] }
"#;
const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/four", "--no-fallback"];

fn world(fake: &OpenAi) -> Pinx {
    Pinx::new().openai(fake).config("config.toml", MODELS).env("PINX_BUDGET_DAY", "0.10")
}

#[test]
fn fault_47_processes_share_one_budget() {
    for processes in [2, 8] {
        let (fake, gate) = (OpenAi::start(), Gate::default());
        let held = gate.clone();
        // Nothing is settled before everybody has asked.
        fake.always_with(Kind::Images, move |_, usual| usual.behind(&held));
        let pinx = world(&fake);
        let args = [&ARGS[..], &["-n", "2", "-j", "2"]].concat();
        let all: Vec<_> = (0..processes).map(|_| pinx.command(&args).spawn()).collect();
        fake.wait_for(Kind::Images, 2);
        std::thread::sleep(std::time::Duration::from_millis(500));
        gate.open();
        let outputs: Vec<_> = all.into_iter().map(|running| running.finish()).collect();
        assert_eq!(fake.posts(), 2, "{}", outputs[0]);
        assert_eq!(pinx.entries("intent").len(), 2);
        assert_eq!((pinx.entries("done").len(), pinx.files().len()), (2, 2));
        for output in outputs {
            assert!([0, 6].contains(&output.code), "{output}");
            assert!(output.code == 0 || output.stderr.contains("budget.day"), "{output}");
        }
    }
}

#[test]
fn what_may_have_been_spent_stays_counted_until_it_is_settled() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    fake.next(Kind::Images, Answer::hang());
    pinx.run(&[&ARGS[..], &["--timeout", "3"]].concat()).exits(75);
    let two = [&ARGS[..], &["-n", "2"]].concat();
    let output = pinx.run(&two).exits(6).says("$0.04 of $0.10 for today").says("pinx recover");
    assert_eq!(fake.posts(), 1, "{output}");
    pinx.run(&[&two[..], &["--dry-run"]].concat()).exits(6).says("budget.day");
    pinx.run(&["recover"]).exits(75);
    pinx.run(&two).exits(6);
    let output = pinx.run(&["doctor", "--offline"]).exits(0);
    assert!(output.stdout.contains("$0.04 still open of $0.10"), "{output}");
    let open = pinx.entries("intent")[0]["attempt"].as_str().unwrap().to_owned();
    pinx.run(&["recover", "--forget", &open]).exits(0);
    pinx.run(&two).exits(0);
    assert_eq!(fake.posts(), 3);
}

#[test]
fn a_failure_that_cost_nothing_gives_its_money_back_and_the_month_counts_too() {
    let fake = OpenAi::start();
    let pinx = world(&fake).env("PINX_BUDGET_MONTH", "0.08").env("PINX_BUDGET_DAY", "9");
    fake.next(Kind::Images, error(400, "invalid_value", "no"));
    pinx.run(&ARGS).exits(1);
    pinx.run(&[&ARGS[..], &["-n", "2"]].concat()).exits(0);
    let output = pinx.run(&ARGS).exits(6).says("budget.month");
    assert_eq!(fake.posts(), 3, "{output}");
    pinx.run(&["generate", "a red fox", "-m", "pinx/sketch"]).exits(0);
}

#[test]
fn a_price_that_nobody_knows_is_refused_under_a_budget_unless_allowed() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let args = ["generate", "a red fox", "-m", "openai/nobody-knows", "--yes"];
    let output = pinx.run(&args).exits(6).says("unknown").says("--allow-unknown-cost");
    assert_eq!(fake.posts(), 0, "{output}");
    pinx.run(&[&args[..], &["--allow-unknown-cost"]].concat()).exits(0);
}

#[test]
fn a_request_of_unknown_outcome_is_repeated_only_on_request() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    fake.next(Kind::Images, Answer::dropped());
    let output = pinx.run(&[&ARGS[..], &["--retry-ambiguous", "1"]].concat()).exits(0);
    assert_eq!(fake.posts(), 2, "{output}");
    // The first one stays open, and is told at the next start.
    assert_eq!(pinx.entries("open").len(), 1);
    pinx.run(&ARGS).says("pinx recover");
    pinx.run(&["recover", "--list"]).exits(75);
}

/// An answer that says that it cost twelve times what its model is expected to.
fn dear(fake: &OpenAi) {
    fake.always_with(Kind::Images, |_, usual| usual.header("x-litellm-response-cost", "0.50"));
}

#[test]
fn fault_67_an_answer_that_is_dearer_than_reserved_counts_before_the_next_is_sent() {
    for variable in ["PINX_BUDGET_DAY", "PINX_BUDGET_MONTH", "PINX_MAX_COST"] {
        let fake = OpenAi::start();
        dear(&fake);
        let pinx = world(&fake).env("PINX_BUDGET_DAY", "9").env(variable, "0.49");
        let many = [&ARGS[..], &["-n", "12", "-j", "1", "-y"]].concat();
        let output = pinx.run(&many).exits(6);
        assert_eq!((fake.posts(), output.files.len()), (1, 1), "{variable}: {output}");
        let [priced] = pinx.entries("priced").try_into().unwrap();
        assert_eq!(priced["reserve"], 500_000);
        output.says("this run cost $0.50");
    }
}

#[test]
fn fault_67_a_dearer_answer_counts_although_the_next_job_begins_before_it_is_on_the_disk() {
    for variable in ["PINX_BUDGET_DAY", "PINX_MAX_COST"] {
        let fake = OpenAi::start();
        dear(&fake);
        // Where one image is, the next job need not wait until another is there too.
        fake.next_with(Kind::Images, |_, usual| usual);
        let pinx = world(&fake).env("PINX_BUDGET_DAY", "9").env(variable, "0.55");
        let many = [&ARGS[..], &["-n", "12", "-j", "1", "-y"]].concat();
        let output = pinx.run(&many).exits(6);
        assert_eq!((fake.posts(), output.files.len()), (2, 2), "{variable}: {output}");
    }
}

#[test]
fn a_dearer_answer_counts_in_another_process_too() {
    let fake = OpenAi::start();
    dear(&fake);
    let pinx = world(&fake).env("PINX_BUDGET_DAY", "0.45");
    pinx.run(&ARGS).exits(0).says("more than twice its estimate of $0.04");
    // As it would stand had the process died before it could say that it was done.
    pinx.forget("done");
    let output = pinx.run(&ARGS).exits(6).says("$0.50 of $0.45 for today");
    assert_eq!(fake.posts(), 1, "{output}");
}

#[test]
fn a_run_that_ends_above_its_limit_says_so_in_words_and_in_the_document() {
    let fake = OpenAi::start();
    dear(&fake);
    let pinx = world(&fake).env("PINX_BUDGET_DAY", "90");
    let output = pinx.run(&[&ARGS[..], &["--max-cost", "0.4", "--json"]].concat()).exits(0);
    let over = serde_json::json!({ "cost": 0.5, "limit": 0.4, "estimated": 0.04 });
    assert_eq!(output.json()["overrun"], over, "{output}");
    output.says("warning: this run cost $0.50, above its limit of $0.40");
    let pinx = pinx.file("p.txt", "fox\nowl\n");
    let args = ["batch", "p.txt", "-m", "openai/four", "--no-fallback", "--json"];
    let output = pinx.run(&args).exits(0).says("this run cost $1.00, more than twice");
    assert_eq!(output.json()["overrun"]["estimated"], 0.08, "{output}");
    fake.always_with(Kind::Images, |_, usual| usual);
    let output = pinx.run(&[&ARGS[..], &["--json"]].concat()).exits(0).never_says("this run cost");
    assert_eq!(output.json()["overrun"], serde_json::Value::Null);
}

#[test]
fn fault_68_an_empty_limit_is_never_taken_for_none() {
    let fake = OpenAi::start();
    let pinx = || world(&fake);
    for empty in ["", " "] {
        let output = pinx().run(&[&ARGS[..], &["--max-cost", empty]].concat()).exits(2);
        output.says("`--max-cost` must be an amount in dollars").leaves(&[]);
    }
    for variable in [
        "PINX_MAX_COST",
        "PINX_BUDGET_RUN",
        "PINX_BUDGET_DAY",
        "PINX_BUDGET_MONTH",
        "PINX_CONFIRM_ABOVE",
    ] {
        for empty in ["", "  "] {
            let output = pinx().env(variable, empty).run(&ARGS).exits(2).leaves(&[]);
            output.says(&format!("`{variable}` must be an amount in dollars"));
        }
    }
    let config = format!("{MODELS}[budget]\nrun = \"\"\n");
    pinx().config("config.toml", &config).run(&ARGS).exits(2).says("`budget.run` must be");
    let pinx = pinx().file("jobs.jsonl", r#"{"prompt": "a fox", "max_cost": ""}"#);
    pinx.run(&["batch", "jobs.jsonl", "-m", "openai/four"]).exits(2).says("jobs.jsonl:1");
    assert_eq!(fake.posts(), 0);
}

/// A price that is only about known: a fifth of a cent, and four times that at most.
const ABOUT: &str = r#"
[[models]]
id = "openai/about"
wire = "about"
price = { kind = "second", usd = 0.001, typical = 13.2 }
"#;

/// What a command said of money: its code and its last error with its hints.
fn verdict(output: &crate::pinx::Output) -> (i32, String) {
    let error = output.stderr.find("error:").map(|at| &output.stderr[at..]).unwrap_or_default();
    (output.code, error.to_owned())
}

#[test]
fn fault_105_a_dry_run_ends_as_the_run_does() {
    // One costs $0.0132, at most $0.0528; two twice that.
    let one = ["generate", "a red fox", "-m", "openai/about", "--no-fallback"];
    let file = ["batch", "p.txt", "-m", "openai/about", "--no-fallback"];
    let both = ["compare", "a red fox", "-m", "openai/about,openai/four"];
    for (args, expected, most) in
        [(&one[..], 0.0132, 0.0528), (&file[..], 0.0264, 0.1056), (&both[..], 0.0532, 0.0928)]
    {
        let limits = [(expected / 2.0, 6), (expected, 6), (most - 0.0001, 6), (most, 0)];
        let flag = limits.map(|(limit, code)| ("--max-cost", limit, code));
        let variables = ["PINX_BUDGET_RUN", "PINX_BUDGET_DAY", "PINX_BUDGET_MONTH"];
        let variables = variables.iter().flat_map(|name| [(*name, expected, 6), (*name, most, 0)]);
        let cases = flag.into_iter().chain(variables);
        // What nobody agreed to is refused both times, too.
        for (name, limit, code) in cases.chain([("PINX_CONFIRM_ABOVE", expected / 2.0, 6)]) {
            let fake = OpenAi::start();
            let limit = format!("{limit:.4}");
            let pinx = Pinx::new().openai(&fake).config("config.toml", &format!("{MODELS}{ABOUT}"));
            let mut pinx = pinx.file("p.txt", "a fox\nan owl\n");
            let mut args = args.to_vec();
            match name {
                "--max-cost" => args.extend([name, &limit]),
                _ => pinx = pinx.env(name, limit.clone()),
            }
            let rehearsed = pinx.run(&[&args[..], &["--dry-run"]].concat()).exits(code);
            let document = pinx.run(&[&args[..], &["--dry-run", "--json"]].concat()).exits(code);
            assert_eq!(fake.posts(), 0);
            let output = pinx.run(&args).exits(code);
            assert_eq!(verdict(&rehearsed), verdict(&output), "{name} {limit}");
            assert_eq!(fake.posts() == 0, code == 6, "{name} {limit}: {output}");
            let document = document.json();
            assert_eq!(document["totals"]["at_most"], most, "{document:#}");
            assert_eq!(document["jobs"][0]["cost"]["at_most"], 0.0528, "{document:#}");
            assert_eq!(document["error"].is_null(), code == 0, "{document:#}");
            let shown = format!("about ${expected}, at most ${most}");
            let rehearsed = rehearsed.says(&shown);
            if code == 6 && name.starts_with("--") {
                // The hint is what lets it through.
                rehearsed.says(&format!("`--max-cost {most}` covers it"));
            }
        }
    }
}

#[test]
fn fault_106_what_is_maybe_billed_says_how_long_it_counts_and_what_lets_one_go_on() {
    let fake = OpenAi::start();
    let pinx = world(&fake).env("PINX_BACKOFF", "1ms");
    fake.always(Kind::Images, error(500, "server_error", "Sorry about that!"));
    let output = pinx.run(&ARGS).exits(6).says("Sorry about that; another attempt does not fit");
    assert_eq!(fake.posts(), 2, "{output}");
    output.says("$0.08 maybe billed").never_says("that!;");
    fake.always_with(Kind::Images, |_, usual| usual);
    for (period, variable, end) in [
        ("today", "PINX_BUDGET_DAY", "until midnight"),
        ("this month", "PINX_BUDGET_MONTH", "until the month ends"),
    ] {
        let limited = |args: &[&str]| {
            let call = pinx.command(args).env("PINX_BUDGET_DAY", "9");
            call.env(variable, "0.10").run()
        };
        for args in [ARGS.to_vec(), [&ARGS[..], &["--dry-run"]].concat()] {
            let output = limited(&args).exits(6).never_says("pinx recover");
            let output = output.says(&format!("$0.08 of $0.10 for {period} is taken"));
            let output = output.says("$0.08 of it maybe billed").says(end);
            output.says(&format!("`{variable}=0.12` before the command raises `budget."));
        }
        let output = limited(&["recover"]).exits(0).says("nothing is open").says(end);
        output.says(&format!("$0.08 of {period} is maybe billed")).says(variable);
        let output = limited(&["doctor", "--offline"]).exits(0);
        assert!(output.stdout.contains("$0.08 maybe billed"), "{output}");
        let output = limited(&["stats"]).exits(0);
        assert!(output.stdout.contains("$0.08 maybe billed"), "{output}");
    }
    // The hint is true.
    pinx.command(&ARGS).env("PINX_BUDGET_DAY", "0.12").run().exits(0);
    // What another run left open can be found out about; what this one has under way cannot.
    fake.next(Kind::Images, Answer::dropped());
    let pinx = pinx.env("PINX_BUDGET_DAY", "0.20");
    let output = pinx.run(&ARGS).exits(75).says("recover --forget");
    let output = pinx.run(&[&ARGS[..], &["-n", "2"]].concat()).exits(6).says(&format!(
        "$0.08 of it maybe billed, $0.04 still open\n\nhint: {}",
        if output.code == 75 { "`PINX_BUDGET_DAY=0.24`" } else { "" }
    ));
    output.says("`pinx recover` finds out about the $0.04 still open");
    pinx.run(&["recover"]).exits(75).says("recover --forget").says("$0.08 of today");
}
