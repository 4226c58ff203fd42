//! The skill for agents: its commands run, what it names is there, and it is put where agents read it
//! without taking what is the user's.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::{Arg, Command, CommandFactory, Parser};
use pinx::cli::{Cli, TOPICS};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::fake::Answer;
use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::pinx::Pinx;
use crate::readme::lacks;

const SKILL: &str = include_str!("../../src/cmd/skill/SKILL.md");

/// The lines of its ```sh blocks.
fn commands() -> Vec<&'static str> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in SKILL.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside {
            commands.push(line);
        }
    }
    commands
}

/// What stands between backticks in the text around them.
fn spans() -> Vec<&'static str> {
    let blocks = SKILL.split("```").step_by(2);
    blocks.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// Every command with those inside it.
fn all(command: &Command) -> Vec<&Command> {
    let inner = command.get_subcommands().flat_map(all);
    std::iter::once(command).chain(inner).collect()
}

/// Whether there is something at a path such as `jobs[].images[].path`.
fn has(document: &Value, path: &str) -> bool {
    path.split('.')
        .try_fold(document, |value, part| match part.strip_suffix("[]") {
            Some(list) => value.get(list)?.get(0),
            None => value.get(part),
        })
        .is_some()
}

#[test]
fn every_command_of_the_skill_runs() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    let commands = commands();
    assert!(commands.len() > 15, "{commands:?}");
    for command in &commands {
        // A pipe ends as its last command does.
        let (first, rest) = command.split_once(" | ").unwrap_or((command, "cat"));
        let rest = if lacks(command) { "cat" } else { rest };
        let line = format!("{first} > document && {rest} < document");
        let output = pinx.shell(if command.starts_with("printf") { command } else { &line });
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{command}` ends with {}\n{told}", output.status);
        if command.starts_with("pinx") {
            let document = fs::read(pinx.work().join("document")).unwrap();
            let document: Value = serde_json::from_slice(&document).unwrap();
            assert!(document.is_object(), "`{command}` prints no document");
            assert!(!output.stdout.is_empty() && output.stdout != b"null\n", "{command}");
        }
    }
    for file in ["fox.png", "lighthouse.png", "night.png", "noir.png"] {
        assert!(pinx.work().join(file).is_file(), "{file}");
    }
    assert_eq!(fs::read_dir(pinx.work().join("art")).unwrap().count(), 2);
    // What was told to be a dry run was one.
    let paid = commands.iter().filter(|command| command.contains("--max-cost")).count();
    assert_eq!((paid, openai.posts(), fal.posts()), (4, 4, 2));
}

#[test]
fn what_the_skill_names_is_there() {
    let mut cli = Cli::command();
    cli.build();
    let all = all(&cli);
    let flags: BTreeSet<String> = all
        .iter()
        .flat_map(|command| command.get_arguments())
        .filter(|arg| !arg.is_hide_set())
        .flat_map(|arg: &Arg| {
            let long = arg.get_long().map(|long| format!("--{long}"));
            long.into_iter().chain(arg.get_short().map(|short| format!("-{short}")))
        })
        .collect();
    let words = SKILL.split([' ', '`', '\n', ',', '.', ';', ':', '(', ')', '|']);
    let named: BTreeSet<&str> = words.filter(|word| word.starts_with('-')).collect();
    // A list, a table, jq, and what ends the flags.
    let others = ["-", "---", "---|---", "-r", "-c", "--"];
    let named: Vec<&str> = named.into_iter().filter(|word| !others.contains(word)).collect();
    assert!(named.len() > 15, "{named:?}");
    for flag in named {
        assert!(flags.contains(flag), "the skill names `{flag}`, which is no flag");
    }
    for span in spans().iter().filter(|span| span.starts_with("pinx ")) {
        let read = Cli::try_parse_from(span.split(' '));
        assert!(read.is_ok(), "`{span}` cannot be typed: {read:?}");
        let topic = span.strip_prefix("pinx help ").and_then(|rest| rest.split(' ').next());
        let is_known = |name: &str| {
            name.starts_with('-')
                || name == "COMMAND"
                || TOPICS.iter().any(|topic| topic.name == name)
        };
        assert!(topic.is_none_or(is_known), "{span}");
    }
    for name in ["generate", "edit", "redo", "compare"] {
        assert!(spans().contains(&name) && cli.find_subcommand(name).is_some(), "{name}");
    }
    for name in ["budget.day", "budget.month", "confirm_above"] {
        assert!(spans().contains(&name) && pinx::settings::schema::find(name).is_some(), "{name}");
    }
}

#[test]
fn the_codes_and_fields_of_the_skill_are_those_of_the_program() {
    let pinx = Pinx::new();
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim);
    let rows: Vec<Vec<&str>> = SKILL
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| cells(line).collect())
        .collect();
    let codes: Vec<Value> =
        rows.iter().filter_map(|row| row[0].parse::<u64>().ok()).map(Value::from).collect();
    let help = pinx.shell("pinx help --json");
    let help: Value = serde_json::from_slice(&help.stdout).unwrap();
    let known = help["exit_codes"].as_array().unwrap().iter().map(|row| row["code"].clone());
    assert_eq!(codes, known.collect::<Vec<_>>());
    let args = ["generate", "a fox", "-m", "pinx/sketch", "-s", "64x64", "--json"];
    let document = pinx.run(&args).exits(0).json();
    let fields = rows.iter().filter_map(|row| row[0].strip_prefix('`')?.strip_suffix('`'));
    let fields: Vec<&str> = fields.chain(["totals.uncertain", "totals.at_most"]).collect();
    assert!(fields.len() > 8, "{fields:?}");
    for field in fields {
        // Of a dry run alone.
        let dry = || pinx.run(&[&args[..], &["--dry-run"]].concat()).exits(0).json();
        let is_there = has(&document, field) || has(&dry(), field);
        assert!(is_there, "the skill names `{field}`, which no document has");
    }
    let recover: Value = serde_json::from_str(include_str!("old/document-recover.json")).unwrap();
    assert!(
        ["open", "attempts[].fate", "attempts[].images"].iter().all(|path| has(&recover, path))
    );
    for word in ["done", "cached", "refused", "failed", "unknown", "pending", "skipped", "planned"]
    {
        assert!(rows.iter().any(|row| row[1].contains(&format!("`{word}`"))), "{word}");
    }
}

#[test]
fn the_topic_names_every_agent_and_its_directory() {
    let topic = TOPICS.iter().find(|topic| topic.name == "agents").unwrap().markdown;
    let known = Pinx::new().shell("pinx skill --json").stdout;
    let known: Value = serde_json::from_slice(&known).unwrap();
    for agent in known["agents"].as_array().unwrap() {
        let (id, skills) = (agent["id"].as_str().unwrap(), agent["skills"].as_str().unwrap());
        let row = topic.lines().find(|line| line.contains(&format!("`{id}`"))).unwrap();
        assert!(row.contains(&format!("`{skills}`")), "{agent}");
    }
}

#[test]
fn agents_can_read_the_skill() {
    let lines: Vec<&str> = SKILL.lines().collect();
    assert!(lines.len() <= 150, "{} lines", lines.len());
    assert_eq!((lines[0], lines[1], lines[3]), ("---", "name: pinx", "---"));
    let description = lines[2].strip_prefix("description: ").unwrap();
    // What the format allows; a colon would end the value.
    assert!((100..=1024).contains(&description.len()), "{}", description.len());
    assert!(!description.contains(": ") && !description.contains(" #"), "{description}");
    let printed = Pinx::new().shell("pinx skill").stdout;
    assert_eq!(printed, Pinx::new().shell("pinx skill show").stdout);
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.starts_with(SKILL) && printed.lines().count() <= 150);
}

#[test]
fn what_the_skill_says_of_6_and_75_holds() {
    let openai = OpenAi::start();
    let pinx = Pinx::new().openai(&openai);
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--json"];
    let dear = pinx.run(&[&args[..], &["--max-cost", "0.01"]].concat()).exits(6).json();
    assert!(dear["error"]["hint"].as_str().unwrap().contains("--max-cost"), "{dear}");
    let many = pinx.run(&[&args[..], &["-n", "40"]].concat()).exits(6).json();
    assert_eq!(many["error"]["code"], "consent_needed");
    assert_eq!(openai.posts(), 0, "nothing was sent");
    openai.answers(Answer::dropped());
    let lost = pinx.run(&[&args[..], &["--max-cost", "0.06"]].concat()).exits(75).json();
    assert_eq!(
        (&lost["jobs"][0]["status"], &lost["jobs"][0]["billed"]),
        (&json!("unknown"), &json!("unknown"))
    );
    for _ in 0..2 {
        let found = pinx.run(&["recover", "--json"]).exits(75).json();
        assert_eq!((&found["open"], &found["attempts"][0]["fate"]), (&json!(1), &json!("unknown")));
    }
    assert_eq!(openai.posts(), 1, "nothing is paid twice");
}

/// A world whose home has these directories.
fn home(directories: &[&str]) -> (Pinx, PathBuf) {
    let pinx = Pinx::new();
    let home = pinx.root().join("home");
    directories.iter().for_each(|directory| fs::create_dir_all(home.join(directory)).unwrap());
    (pinx, home)
}

const SHARED: &str = ".agents/skills/pinx/SKILL.md";
const CLAUDE: &str = ".claude/skills/pinx/SKILL.md";

#[test]
fn it_is_put_where_each_agent_of_the_home_reads_it_once() {
    let (pinx, home) = home(&[".claude", ".codex", ".config/opencode"]);
    let document = pinx.run(&["skill", "install", "--json"]).exits(0).json();
    let row = |path: &str, agents: &[&str]| json!({ "path": home.join(path), "agents": agents, "status": "written" });
    let rows = [row(CLAUDE, &["claude"]), row(SHARED, &["codex", "opencode"])];
    assert_eq!(document["skills"], json!(rows));
    let printed = pinx.shell("pinx skill").stdout;
    assert_eq!(fs::read(home.join(CLAUDE)).unwrap(), printed);
    assert_eq!(fs::read(home.join(SHARED)).unwrap(), printed);
    pinx.run(&["skill", "install"]).exits(0).says("unchanged, for Claude Code").leaves(&[]);
    pinx.run(&["skill", "remove"]).exits(0).says("removed, for Claude Code");
    assert!(!home.join(".claude/skills/pinx").exists() && !home.join(SHARED).exists());
    pinx.run(&["skill", "remove", "--agent", "claude"]).exits(0).says("missing, for Claude Code");
}

#[test]
fn agents_are_named_or_known_by_their_directory() {
    let (pinx, home) = home(&[]);
    let nobody = pinx.run(&["skill", "install"]).exits(2).prints(&[]);
    nobody.says("`pinx skill install --agent claude`").says("codex");
    pinx.run(&["skill", "install", "--agent", "nobody"]).exits(2).says("codex");
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0, "nothing is made");
    pinx.run(&["skill", "install", "--agent", "claude,codex"]).exits(0);
    assert!(home.join(CLAUDE).is_file() && home.join(SHARED).is_file());
    let without = pinx.command(&["skill", "install", "--agent", "claude"]).env("HOME", "");
    without.run().exits(2).says("`HOME`");
    let project = pinx.run(&["skill", "install", "--agent", "claude", "--project"]).exits(0);
    project.leaves(&[CLAUDE]);
    assert!(pinx.work().join(CLAUDE).is_file());
}

#[test]
fn an_agent_that_its_user_has_moved_is_found_where_it_is() {
    let (pinx, home) = home(&["claude-of-work", "codex-of-work"]);
    let moved = |name: &str| home.join(name).to_str().unwrap().to_owned();
    let pinx = pinx.env("CLAUDE_CONFIG_DIR", moved("claude-of-work"));
    let pinx = pinx.env("CODEX_HOME", moved("codex-of-work"));
    let document = pinx.run(&["skill", "install", "--json"]).exits(0).json();
    let paths: Vec<&Value> =
        document["skills"].as_array().unwrap().iter().map(|row| &row["path"]).collect();
    // Codex reads its skills beside its own directory.
    let claude = home.join("claude-of-work/skills/pinx/SKILL.md");
    assert_eq!(json!(paths), json!([claude, home.join(SHARED)]));
    assert!(claude.is_file() && home.join(SHARED).is_file() && !home.join(".claude").exists());
    // A project has its own place, and needs no home directory; nor does who was moved.
    let project = ["skill", "install", "--agent", "claude", "--project"];
    pinx.command(&project).env("HOME", "").run().exits(0).leaves(&[CLAUDE]);
    let again = ["skill", "install", "--agent", "claude"];
    pinx.command(&again).env("HOME", "").run().exits(0).says("unchanged, for Claude Code");
}

#[test]
fn what_is_the_users_is_not_replaced() {
    let (pinx, home) = home(&[".claude", ".codex"]);
    let file = home.join(CLAUDE);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    // As an earlier version wrote it.
    let body = "---\nname: pinx\n---\nolder words\n";
    let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    let older = format!("{body}<!-- from `pinx skill`, sha256 {hash} -->\n");
    fs::write(&file, &older).unwrap();
    pinx.run(&["skill", "install", "--agent", "claude"]).exits(0).says("replaced, for Claude Code");
    for text in [older.replace("older", "my own"), "a note of mine\n".to_owned()] {
        fs::write(&file, &text).unwrap();
        for verb in ["install", "remove"] {
            let refused = pinx.run(&["skill", verb]).exits(2).prints(&[]);
            refused.says("SKILL.md").says("`--force`");
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        assert!(!home.join(SHARED).exists(), "where one is refused nothing is written");
    }
    let beside = file.with_file_name("notes.md");
    fs::write(&beside, "mine").unwrap();
    pinx.run(&["skill", "install", "--force", "--agent", "claude"]).exits(0);
    pinx.run(&["skill", "remove", "--agent", "claude"]).exits(0);
    assert!(beside.is_file() && !file.exists());
    // A directory in its place.
    fs::create_dir(&file).unwrap();
    pinx.run(&["skill", "install", "--force", "--agent", "claude"]).exits(7).says("cannot be read");
}

#[test]
fn it_is_printed_although_the_settings_are_broken() {
    let pinx = Pinx::new().config("config.toml", "modle = 1\n");
    let document = pinx.run(&["skill", "--json"]).exits(0).json();
    assert!(document["skill"].as_str().unwrap().starts_with("---\nname: pinx\n"));
    let claude = &document["agents"][0];
    assert_eq!((&claude["id"], &claude["skills"]), (&json!("claude"), &json!(".claude/skills")));
}
