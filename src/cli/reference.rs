//! The command line as one JSON document: `pinx help --json`, and of one command `pinx help COMMAND --json`.
//!
//! All of it is read from what parses the arguments, and from the tables that other help is read from.
//! Names of fields never change. Pure.

use clap::{Arg, ArgAction, Args, Command};
use serde_json::{Value, json};

use super::{Global, help};
use crate::catalog::{Auth, Catalog};
use crate::cmd::completions;
use crate::cmd::help::{TOPICS, exit_codes};
use crate::request::Shape;
use crate::settings::{env, schema};

/// The program with all of its commands, settings, variables, exit codes and topics.
pub(super) fn whole(mut top: Command) -> Value {
    top.build();
    let topics = TOPICS.iter().map(|topic| json!({ "name": topic.name, "about": topic.about() }));
    let codes = exit_codes().into_iter();
    let codes = codes.map(|(code, meaning)| json!({ "code": code, "meaning": meaning }));
    json!({
        "success": true,
        "version": env!("CARGO_PKG_VERSION"),
        "command": described(&top, ""),
        "global_flags": global_flags(&top),
        "exit_codes": codes.collect::<Vec<_>>(),
        "variables": variables(),
        "settings": settings(),
        "topics": topics.collect::<Vec<_>>(),
    })
}

/// One command with those inside it, and the topic of the same name where there is one.
pub(super) fn alone(mut command: Command) -> Value {
    command.build();
    let path = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    let place = path.split_once(' ').map_or("", |(_, place)| place);
    let mut document = json!({
        "success": true,
        "command": described(&command, place),
        "global_flags": global_flags(&command),
    });
    if let Some(topic) = TOPICS.iter().find(|topic| topic.name == place) {
        document["topic"] = topic.name.into();
        document["about"] = topic.about().into();
        document["markdown"] = topic.markdown.into();
    }
    document
}

/// The ids of the flags that every command takes.
fn global_ids() -> Vec<String> {
    let everywhere = Global::augment_args(Command::default());
    let ids = everywhere.get_arguments().map(|argument| argument.get_id().to_string());
    ids.chain(["help".to_owned()]).collect()
}

fn global_flags(command: &Command) -> Vec<Value> {
    let ids = global_ids();
    let everywhere = command.get_arguments().filter(|arg| ids.iter().any(|id| arg.get_id() == id));
    everywhere.filter(|arg| !arg.is_hide_set()).map(|arg| flag(arg, "", true)).collect()
}

/// A command; `place` are the names that lead to it, without that of the program.
fn described(command: &Command, place: &str) -> Value {
    let names: Vec<&str> = place.split(' ').filter(|name| !name.is_empty()).collect();
    let globals = global_ids();
    let own = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let own = own.filter(|arg| globals.iter().all(|id| arg.get_id() != id));
    let (words, flags): (Vec<&Arg>, Vec<&Arg>) = own.partition(|arg| arg.is_positional());
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    let inner = inner.filter(|inner| inner.get_name() != "help" || names.is_empty());
    let inner = inner.map(|inner| {
        let path = [place, inner.get_name()].join(" ");
        described(inner, path.trim_start())
    });
    let examples = help::examples(&names).into_iter();
    let examples = examples.map(|example| json!({ "what": example.what, "run": example.run }));
    let text = |text: Option<&clap::builder::StyledStr>| text.map(ToString::to_string);
    let usage = command.clone().render_usage().to_string();
    let path = [help::PROGRAM, place].join(" ");
    json!({
        "name": command.get_name(),
        "path": path.trim_end(),
        "aliases": command.get_visible_aliases().collect::<Vec<_>>(),
        "summary": text(command.get_about()),
        "description": text(command.get_long_about()),
        "usage": usage.trim_start_matches("Usage:").trim(),
        "arguments": words.into_iter().map(|arg| argument(arg, place)).collect::<Vec<_>>(),
        "flags": flags.into_iter().map(|arg| flag(arg, place, false)).collect::<Vec<_>>(),
        "subcommands": inner.collect::<Vec<_>>(),
        "examples": examples.collect::<Vec<_>>(),
        "notes": text(command.get_after_help()),
    })
}

/// A word that stands alone.
fn argument(arg: &Arg, place: &str) -> Value {
    let mut row = json!({ "name": arg.get_id().as_str() });
    about(&mut row, arg, place);
    row
}

fn flag(arg: &Arg, place: &str, is_global: bool) -> Value {
    let mut row = json!({
        "name": arg.get_id().as_str(),
        "long": arg.get_long().map(|long| format!("--{long}")),
        "short": arg.get_short().map(|short| format!("-{short}")),
        "global": is_global,
    });
    about(&mut row, arg, place);
    row
}

/// What flags and words that stand alone have both. A flag without a `value_name` takes no value.
fn about(row: &mut Value, arg: &Arg, place: &str) {
    let takes_value = arg.get_num_args().is_some_and(|count| count.takes_values());
    let many = arg.get_num_args().is_some_and(|count| count.max_values() > 1);
    let value_names = arg.get_value_names().filter(|_| takes_value);
    let value_name = value_names.and_then(|names| names.first()).map(ToString::to_string);
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let (help, told) = without_default(&help);
    let own = arg.get_default_values().first().filter(|_| takes_value);
    let own = own.map(|value| value.to_string_lossy().into_owned());
    row["value_name"] = value_name.into();
    row["values"] = values(arg, place).filter(|_| takes_value).into();
    row["default"] = own.or(told).into();
    row["required"] = arg.is_required_set().into();
    let counts = matches!(arg.get_action(), ArgAction::Append | ArgAction::Count);
    row["repeatable"] = (many || counts).into();
    row["help"] = help.into();
}

/// The words that can stand there, where there are no others.
fn values(arg: &Arg, place: &str) -> Option<Vec<String>> {
    let possible = arg.get_possible_values();
    match possible.is_empty() {
        true => completions::closed_values(place, arg.get_id().as_str()),
        false => Some(possible.iter().map(|value| value.get_name().to_owned()).collect()),
    }
}

/// The help of a flag, and the default that it tells.
fn without_default(help: &str) -> (String, Option<String>) {
    let parts = help.split_once(" [default: ");
    let parts = parts.and_then(|(text, rest)| Some((text, rest.split_once(']')?)));
    match parts {
        Some((text, (default, rest))) => (format!("{text}{rest}"), Some(default.to_owned())),
        None => (help.to_owned(), None),
    }
}

/// What is read from the environment, besides the variable that every setting has.
fn variables() -> Vec<Value> {
    let row = |name: &str, about: &str| json!({ "name": name, "about": about });
    let mut rows: Vec<Value> =
        env::VARIABLES.iter().map(|(name, about)| row(name, about)).collect();
    let catalog = Catalog::load(&toml::Table::new(), &[]).ok();
    let providers = catalog.iter().flat_map(|catalog| &catalog.providers);
    for provider in providers.filter(|provider| provider.auth != Auth::None) {
        for name in &provider.key_env {
            if rows.iter().all(|known| known["name"] != **name) {
                rows.push(row(name, &format!("the key of {}", provider.name)));
            }
        }
    }
    rows
}

fn settings() -> Vec<Value> {
    let fixed = schema::all().iter().map(|known| {
        let default = known.default.as_ref().and_then(|value| serde_json::to_value(value).ok());
        let mut row = setting(&known.name, known.shape, &known.doc);
        row["default"] = default.unwrap_or_default();
        row["variable"] = env::variable_of(&known.name).into();
        row
    });
    let tables = [("providers.ID", &schema::PROVIDER[..]), ("gateways.NAME", &schema::GATEWAY[..])];
    let keys = tables.into_iter().flat_map(|(table, keys)| {
        keys.iter().map(move |(key, shape, doc)| setting(&format!("{table}.{key}"), *shape, doc))
    });
    fixed.chain(keys).collect()
}

fn setting(name: &str, shape: Shape, doc: &str) -> Value {
    json!({
        "name": name,
        "type": type_of(shape),
        "values": completions::setting_values(name).filter(|_| shape != Shape::Switch),
        "default": null,
        "variable": null,
        "doc": doc,
    })
}

/// What a setting takes, as JSON calls it; a table is an object.
fn type_of(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "string",
        Shape::Number => "number",
        Shape::Switch => "boolean",
        Shape::List => "array",
        Shape::Tables => "array of objects",
        Shape::Pairs => "object",
        Shape::Auth => "string or object",
    }
}
