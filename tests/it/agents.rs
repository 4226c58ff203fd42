//! What programs and agents read of the program: the command line as one JSON document.

use clap::{Arg, Command, CommandFactory};
use pinx::cli::{Cli, TOPICS};
use serde_json::{Value, json};

use crate::pinx::Pinx;

/// What `pinx help WORDS --json` prints. It is too long, and changes too often, for a transcript.
fn help(words: &str) -> Value {
    let output = Pinx::new().shell(&format!("pinx help {words} --json"));
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn rows<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap_or_else(|| panic!("`{field}` is no list: {value}"))
}

/// The row of this name.
fn row<'a>(value: &'a Value, field: &str, name: &str) -> &'a Value {
    let row = rows(value, field).iter().find(|row| row["name"] == name);
    row.unwrap_or_else(|| panic!("no `{name}` in `{field}`"))
}

fn names<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    rows(value, field).iter().map(|row| row["name"].as_str().unwrap()).collect()
}

/// Compares the commands of the parser with those of the document.
fn compare(command: &Command, told: &Value, globals: &[&str]) {
    let path = told["path"].as_str().unwrap();
    assert_eq!(told["name"], command.get_name(), "{path}");
    assert_eq!(told["summary"], command.get_about().unwrap().to_string(), "{path}");
    assert!(told["usage"].as_str().unwrap().starts_with(path), "{told}");
    let is_shown = |arg: &&Arg| !arg.is_hide_set() && !globals.contains(&arg.get_id().as_str());
    let shown = || command.get_arguments().filter(is_shown);
    let id = |arg: &Arg| arg.get_id().to_string();
    let words: Vec<String> = shown().filter(|arg| arg.is_positional()).map(id).collect();
    let flags: Vec<String> = shown().filter(|arg| !arg.is_positional()).map(id).collect();
    assert_eq!(names(told, "arguments"), words, "{path}");
    assert_eq!(names(told, "flags"), flags, "{path}");
    for arg in shown().filter(|arg| !arg.is_positional()) {
        let flag = row(told, "flags", arg.get_id().as_str());
        assert_eq!(flag["long"], json!(arg.get_long().map(|long| format!("--{long}"))), "{flag}");
        assert_eq!(flag["short"], json!(arg.get_short().map(|short| format!("-{short}"))));
        assert_eq!(flag["global"], false, "{flag}");
        let takes_value = arg.get_num_args().unwrap().takes_values();
        assert_eq!(flag["value_name"].is_string(), takes_value, "{flag}");
        assert!(!flag["help"].as_str().unwrap().contains("[default"), "{flag}");
    }
    let is_root = command.get_name() == "pinx";
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    let inner: Vec<_> = inner.filter(|inner| is_root || inner.get_name() != "help").collect();
    assert_eq!(rows(told, "subcommands").len(), inner.len(), "{path}");
    for (inner, told) in inner.into_iter().zip(rows(told, "subcommands")) {
        compare(inner, told, globals);
    }
}

#[test]
fn every_command_and_flag_is_in_the_document() {
    let document = help("");
    assert_eq!(document["success"], true);
    let globals = names(&document, "global_flags");
    assert_eq!(globals, ["json", "quiet", "verbose", "no_progress", "color", "config", "help"]);
    assert!(rows(&document, "global_flags").iter().all(|flag| flag["global"] == true));
    let mut cli = Cli::command();
    cli.build();
    compare(&cli, &document["command"], &globals);
    // The same with the flag, and at any place.
    assert_eq!(help("--help")["command"]["name"], "help");
    let flag = Pinx::new().shell("pinx --json --help");
    assert_eq!(serde_json::from_slice::<Value>(&flag.stdout).unwrap(), document);
}

#[test]
fn a_flag_tells_its_words_its_default_and_whether_it_repeats() {
    let document = help("");
    let generate = row(&document["command"], "subcommands", "generate");
    assert_eq!(generate["aliases"], json!(["gen", "g"]));
    let flag = |name: &str| row(generate, "flags", name);
    assert_eq!(flag("prefer")["values"], json!(["cheap", "fast", "best"]));
    assert_eq!(flag("format")["values"][0], "png");
    assert_eq!(flag("size")["values"], Value::Null, "there are others");
    assert_eq!(flag("model")["values"], Value::Null, "there are others");
    assert_eq!(flag("count")["default"], "1");
    assert_eq!(flag("mask")["default"], Value::Null);
    assert_eq!(flag("model")["help"].as_str().unwrap().matches("auto").count(), 1);
    for (name, repeatable) in [("images", true), ("vars", true), ("mask", false)] {
        assert_eq!(flag(name)["repeatable"], repeatable, "{name}");
    }
    assert_eq!(row(generate, "arguments", "prompt")["repeatable"], true);
    let color = row(&document, "global_flags", "color");
    assert_eq!(color["values"], json!(["auto", "always", "never"]));
    let models = row(&document["command"], "subcommands", "models");
    assert!(row(models, "flags", "can")["values"].as_array().unwrap().contains(&json!("edit")));
    let keys = row(&document["command"], "subcommands", "keys");
    let remove = row(keys, "subcommands", "remove");
    assert_eq!(row(remove, "arguments", "provider")["required"], true);
    assert_eq!(remove["examples"][0]["run"], "pinx keys remove openai");
}

#[test]
fn the_document_has_codes_variables_settings_and_topics() {
    let document = help("");
    let codes: Vec<u64> = rows(&document, "exit_codes")
        .iter()
        .map(|row| {
            assert!(row["meaning"].as_str().is_some_and(|meaning| !meaning.is_empty()), "{row}");
            row["code"].as_u64().unwrap()
        })
        .collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 75, 130]);
    for name in ["PINX_HOME", "OPENAI_API_KEY", "FAL_KEY", "AI_GATEWAY_API_KEY", "NO_COLOR"] {
        let about = row(&document, "variables", name)["about"].as_str().unwrap();
        assert!(!about.is_empty(), "{name}");
    }
    let mut variables = names(&document, "variables");
    variables.sort_unstable();
    assert!(variables.windows(2).all(|two| two[0] != two[1]), "{variables:?}");
    let day = row(&document, "settings", "budget.day");
    assert_eq!((&day["type"], &day["default"]), (&json!("number"), &Value::Null));
    assert_eq!(day["variable"], "PINX_BUDGET_DAY");
    let strict = row(&document, "settings", "strict");
    assert_eq!((&strict["type"], &strict["default"]), (&json!("boolean"), &json!(false)));
    assert_eq!(strict["values"], Value::Null);
    let prefer = row(&document, "settings", "prefer");
    assert_eq!(prefer["values"], json!(["cheap", "fast", "best"]));
    for setting in pinx::settings::schema::all() {
        assert_eq!(row(&document, "settings", &setting.name)["doc"], setting.doc);
    }
    assert_eq!(row(&document, "settings", "providers.ID.key_cmd")["type"], "array");
    let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
    assert_eq!(names(&document, "topics"), topics);
}

#[test]
fn one_command_is_told_alone() {
    let pinx = Pinx::new();
    let prune = pinx.run(&["help", "cache", "prune", "--json"]).exits(0).json();
    assert_eq!(prune["command"]["path"], "pinx cache prune");
    assert_eq!(names(&prune["command"], "flags"), ["max_size", "older_than"]);
    assert_eq!(prune.get("settings"), None);
    let flag = pinx.run(&["cache", "prune", "--help", "--json"]).exits(0).json();
    assert_eq!(flag, prune);
    // An alias is the command; what is a topic as well is both.
    assert_eq!(help("gen")["command"]["name"], "generate");
    let recover = help("recover");
    assert_eq!(recover["command"]["name"], "recover");
    assert_eq!(recover["topic"], "recover");
    assert!(recover["markdown"].as_str().unwrap().starts_with("# recover: "));
    let money = help("money");
    assert_eq!((&money["topic"], money.get("command")), (&json!("money"), None));
    pinx.run(&["help", "cache", "nonsense", "--json"]).exits(2);
}
