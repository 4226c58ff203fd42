//! Every table and every help page in 80 columns, from a home that never changes: their transcripts
//! are compared to the letter.

use clap::{Command, CommandFactory};

use crate::old::{World, old_home};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

/// No line is wider than a terminal of 80 columns, unless it is one address.
#[track_caller]
fn fits(output: &Output) {
    let is_wide =
        |line: &&str| line.chars().count() > 80 && !line.trim_start().starts_with("https://");
    let wide = output.stdout.lines().find(is_wide);
    assert!(wide.is_none(), "wider than 80 columns: {wide:?}\n{output}");
}

fn shows(pinx: &Pinx, lines: &[&str]) {
    for line in lines {
        fits(&pinx.run(&line.split(' ').collect::<Vec<_>>()));
    }
}

/// A home with the log of an earlier version, in which every attempt took its time, long ago: the
/// days of this year are shown without it.
fn home() -> World {
    let world = old_home();
    let path = world.pinx.segments().remove(0);
    let text = std::fs::read_to_string(&path).unwrap();
    let timed = |(at, line): (usize, &str)| {
        let line = line.replace("\"generation_ms\":0", &format!("\"generation_ms\":{}", 1200 * at));
        let line = line.replace("\"queued_ms\":0", &format!("\"queued_ms\":{}", 90 * at));
        let line = line.replace("\"t\":\"2026-", "\"t\":\"2020-");
        line.replace("\"total_ms\":0", &format!("\"total_ms\":{}", 1300 * at + 40)) + "\n"
    };
    std::fs::remove_file(&path).unwrap();
    std::fs::write(
        path.with_file_name("2020-11.jsonl"),
        text.lines().enumerate().map(timed).collect::<String>(),
    )
    .unwrap();
    world
}

/// The words of every command, with those inside others.
fn commands(command: &Command, before: &[String], all: &mut Vec<Vec<String>>) {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        let words = [before, &[inner.get_name().to_owned()]].concat();
        if words[words.len() - 1] != "help" {
            all.push(words.clone());
            commands(inner, &words, all);
        }
    }
}

#[test]
fn every_help_page() {
    let pinx = Pinx::new().env("COLUMNS", "80").exact();
    let mut pages = vec![Vec::new()];
    let mut cli = pinx::cli::Cli::command();
    cli.build();
    commands(&cli, &[], &mut pages);
    assert!(pages.len() > 20, "{pages:?}");
    for page in &pages {
        let words: Vec<&str> = page.iter().map(String::as_str).collect();
        for flag in ["-h", "--help"] {
            fits(&pinx.run(&[&words[..], &[flag]].concat()).exits(0));
        }
        fits(&pinx.run(&[&["help"], &words[..]].concat()).exits(0));
    }
}

#[test]
fn every_topic() {
    let pinx = Pinx::new().exact();
    let all = pinx.run(&["--help"]).exits(0).stdout;
    for topic in &pinx::cli::TOPICS {
        assert!(all.contains(topic.name), "`pinx --help` does not name {}", topic.name);
        for columns in [80, 40] {
            let call = pinx.command(&["help", topic.name]).env("COLUMNS", &columns.to_string());
            fits(&call.run().exits(0));
        }
    }
    pinx.run(&["help", "mony"]).exits(2);
    pinx.run(&["help", "money", "--json"]).exits(0);
}

#[test]
fn models_providers_and_styles() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).exact();
    shows(&pinx, &["models", "models --all", "models gpt -s 1536x1024 --quality high"]);
    shows(&pinx, &["models --provider fal --sort cost", "models nothing-like-this"]);
    shows(&pinx, &["models show openai/gpt-image-2", "models show fal/fast-sdxl"]);
    shows(&pinx, &["models show openai/gpt-image-1", "models show pinx/sketch"]);
    shows(&pinx, &["styles", "styles show noir", "styles nothing-like-this"]);
    shows(&pinx, &["--version"]);
}

#[test]
fn models_by_what_was_measured() {
    let World { pinx, .. } = home();
    shows(&pinx.exact(), &["models", "models --sort time"]);
}

#[test]
fn providers_keys_and_settings() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    let pinx = pinx.config("config.toml", "style = \"noir\"\n[budget]\nday = 5.0\n");
    shows(&pinx, &["providers", "keys", "keys list", "keys remove fal"]);
    shows(&pinx, &["config", "config show", "config get style", "config get nothing-like-this"]);
    shows(&pinx, &["config set style watercolor", "config path", "doctor --offline"]);
}

#[test]
fn the_log() {
    let World { pinx, .. } = home();
    let pinx = pinx.exact();
    shows(&pinx, &["log", "log -n 3", "log --status failed", "log --model fal/flux-schnell"]);
    shows(&pinx, &["log fox"]);
    // What a provider says is not broken into lines: it can be copied.
    for id in [&[][..], &["261122-00000001"], &["261122-00000005"], &["261122-00000010"]] {
        pinx.run(&[&["log", "show"], id].concat());
    }
    shows(&pinx, &["log path", "recover --list", "cache", "cache ls"]);
}

#[test]
fn statistics() {
    let World { pinx, .. } = home();
    let pinx = pinx.exact();
    shows(&pinx, &["stats", "stats --ab"]);
    pinx.run(&["stats", "--csv"]).exits(0);
    pinx.run(&["log", "export"]).exits(0);
    let groups = ["provider", "model", "route", "gateway", "key", "day", "week", "month", "tag"];
    for group in groups.iter().chain(&["style"]) {
        fits(&pinx.run(&["stats", "--by", group]));
    }
}

#[test]
fn what_is_listed_in_forty_columns() {
    let World { pinx, .. } = home();
    let pinx = pinx.env("COLUMNS", "40");
    // Fingerprints of keys differ from home to home.
    let keys = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).env("COLUMNS", "40");
    let exact = pinx.exact();
    let world = |line: &str| {
        let of_keys = ["providers", "keys", "doctor"].iter().any(|word| line.starts_with(word));
        if of_keys { &keys } else { &exact }
    };
    let narrow = |line: &str| {
        let pinx = world(line);
        let output = pinx.run(&line.split(' ').collect::<Vec<_>>());
        let is_wide =
            |line: &&str| line.chars().count() > 40 && !line.contains("//") && !line.contains(" /");
        let wide = output.stdout.lines().find(is_wide);
        assert!(wide.is_none(), "wider than 40 columns: {wide:?}\n{output}");
    };
    for line in ["models", "models --all --sort cost", "providers", "keys", "styles", "log"] {
        narrow(line);
    }
    for line in ["stats", "stats --by provider", "stats --by day", "cache ls", "config show"] {
        narrow(line);
    }
    for line in ["models show openai/gpt-image-2", "styles show noir", "info out/001-a-harbour.png"]
    {
        narrow(line);
    }
    // Nothing is too narrow to be asked.
    for columns in ["1", "2", "7", "13", "20"] {
        for line in ["models", "log", "stats", "styles", "config", "doctor --offline", "help money"]
        {
            let words: Vec<&str> = line.split(' ').collect();
            let output = world(line).command(&words).env("COLUMNS", columns).run();
            assert!((0..=2).contains(&output.code), "{output}");
        }
    }
}

#[test]
fn plans() {
    let World { pinx, .. } = home();
    shows(&pinx, &["batch jobs.jsonl -o new --dry-run"]);
    shows(&pinx, &["compare fox -m openai/gpt-image-2,pinx/sketch --dry-run", "vote"]);
    shows(
        &pinx,
        &["generate fox -m openai/gpt-image-2 -n 3 --dry-run", "info out/001-a-harbour.png"],
    );
}
