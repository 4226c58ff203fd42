//! What was typed and is nothing that pinx knows: a wrong word, a flag of another program, a flag in
//! quotes. The error names it, and its hint is what was probably meant, ready to be pasted.
//!
//! Pure.

use std::ffi::OsString;

use clap::Command;

use super::argv::{self, Part};
use super::foreign::{self, Edge, Flag};
use crate::error::Error;
use crate::secret::redact;
use crate::text::{self, shell_line, shell_word};

/// What the program is called.
pub(super) const PROGRAM: &str = env!("CARGO_PKG_NAME");
/// The longest command that is repeated in a hint, in characters.
const LONGEST: usize = 1_500;

/// A command that was typed, as a shell reads it. What looks like a key is never repeated.
pub(super) fn line(argv: &[String]) -> String {
    redact(&shell_line(argv.iter().map(String::as_str)), [])
}

pub(super) fn strings(argv: &[OsString]) -> Vec<String> {
    argv.iter().map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// Commands by the names that other programs have for them.
const OTHER_NAMES: [(&str, &[&str]); 13] = [
    (
        "generate",
        &[
            "create",
            "draw",
            "make",
            "paint",
            "imagine",
            "render",
            "image",
            "images",
            "text2image",
            "txt2img",
        ],
    ),
    ("log", &["list", "ls", "history", "recent"]),
    ("log show", &["show", "view", "cat"]),
    ("keys set", &["login", "auth", "setup", "signin", "register"]),
    ("--version", &["version", "ver"]),
    ("stats", &["usage", "spend", "spent", "cost", "costs", "bill", "budget"]),
    ("models", &["price", "prices", "pricing"]),
    ("recover", &["status", "jobs", "queue", "pending", "resume-all"]),
    ("config", &["settings", "preferences", "options"]),
    ("config init", &["init"]),
    ("redo", &["retry", "again", "repeat", "remake", "variation", "variations"]),
    ("man", &["manual"]),
    ("cache clear", &["clean", "purge"]),
];

/// What is probably meant by the name of a file, by its extension.
const FILES: [(&[&str], &[&str]); 2] = [
    (&["txt", "jsonl", "ndjson", "csv", "tsv", "yaml", "yml", "json", "toml"], &["batch"]),
    (&["png", "jpg", "jpeg", "webp", "avif", "svg", "gif"], &["info", "redo", "open"]),
];

/// A first word that is no command: it may be one with a slip, or a prompt, which is never sent
/// unasked. The hint keeps everything else that was typed.
pub(super) fn no_command(argv: &[OsString], at: usize, top: &Command) -> Error {
    let typed = strings(argv);
    let word = &typed[at];
    if word.trim().is_empty() {
        return Error::usage("the prompt is empty")
            .hint("`pinx \"a red fox\"` makes a picture of it");
    }
    let with = |command: &str, rest: &[String]| {
        let words = [PROGRAM].into_iter().chain(command.split(' ')).map(str::to_owned);
        let words = words.chain(typed[1..at].iter().chain(rest).cloned());
        let line = line(&words.collect::<Vec<_>>());
        if line.chars().count() <= LONGEST { line } else { format!("{PROGRAM} {command} …") }
    };
    let as_prompt = || format!("`{}` makes a picture of it", with("generate", &typed[at..]));
    // No command is written so: a word of another language.
    if !word.is_ascii() {
        let what =
            format!("`{}` alone is one word, and a word is painted only when asked", shown(word));
        return Error::usage(what).code("unknown_command").hint(as_prompt());
    }
    let error =
        Error::usage(format!("there is no command `{}`", shown(word))).code("unknown_command");
    let extension = word.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let file =
        FILES.iter().find(|(known, _)| extension.as_deref().is_some_and(|it| known.contains(&it)));
    if let Some((_, commands)) = file {
        let lines = commands.iter().map(|command| format!("`{}`", with(command, &typed[at..])));
        let lines = lines.collect::<Vec<_>>().join(" or ");
        return error.hint(format!("did you mean {lines}?")).hint(as_prompt());
    }
    let names = top.get_subcommands().map(clap::Command::get_name).chain(["help"]);
    let other =
        OTHER_NAMES.iter().find(|(_, theirs)| theirs.contains(&word.to_lowercase().as_str()));
    let near = other.map(|(ours, _)| *ours).or_else(|| text::nearest(word, names));
    let error = match near {
        Some(near) => error.hint(format!("did you mean `{}`?", with(near, &typed[at + 1..]))),
        None => error,
    };
    if near == Some("generate") {
        return error;
    }
    error.hint(as_prompt())
}

pub(super) fn shown(typed: &str) -> String {
    redact(&text::clean(typed, 80), [])
}

/// An argument that is nearly a flag: quoted together with its value, or with the wrong dash.
pub(super) fn nearly_a_flag(typed: &str, command: &[String]) -> Error {
    let name = argv::flag_name(typed).split_whitespace().next().unwrap_or_default();
    let has_space = typed.trim().contains(char::is_whitespace);
    let dashes = if name.chars().count() > 1 { "--" } else { "-" };
    let rest = &typed[typed.find(name).unwrap_or_default()..];
    let as_flag = format!("{dashes}{rest}");
    if !has_space {
        return Error::usage(format!("`{}` has the wrong dash for a flag", shown(typed)))
            .code("unknown_flag")
            .hint(format!("write it `{}`", shown(&as_flag)));
    }
    let (flag, value) = as_flag.split_once(char::is_whitespace).unwrap_or((&as_flag, ""));
    let bare = format!("{flag} {}", shell_word(value.trim()));
    let as_prompt = format!("pinx generate -- {}", shell_word(typed));
    let error =
        Error::usage(format!("`{}` is one argument, flag and value together", shown(typed)))
            .code("unknown_flag")
            .hint(format!("as a flag it is written without the quotes: `{}`", redact(&bare, [])));
    match command {
        [generate] if generate == "generate" => {
            error.hint(format!("as a prompt: `{}`", redact(&as_prompt, [])))
        }
        _ => error,
    }
}

/// A flag that the command does not have, where other programs have one of that name.
pub(super) fn foreign_flag(typed: &[OsString], command: &Command) -> Option<Error> {
    let flags = foreign::flags();
    let argv = strings(typed);
    let places = argv::parts(typed, 1, command);
    let unknown: Vec<Unknown> = places
        .iter()
        .filter(|place| place.part == Part::Unknown)
        .map(|place| Unknown::read(&argv, place.at, &flags))
        .collect();
    let first = unknown.first()?;
    let row = first.row?;
    let error =
        |what: String| Error::usage(what).code(row.code.as_deref().unwrap_or("unknown_flag"));
    let name = shown(&first.name);
    if let Some(says) = &row.says {
        let value = first.value.as_deref().filter(|value| !value.is_empty() && !row.secret);
        let value = redact(&value.map_or_else(|| "VALUE".to_owned(), shell_word), []);
        let error = error(format!("`{name}`: {says}"));
        return Some(match &row.hint {
            Some(hint) => error.hint(hint.replace("{}", &value)),
            None => error,
        });
    }
    let instead = instead(first, &unknown);
    let has = |flag: &str| match flag.strip_prefix("--") {
        Some(long) => argv::find_long(long, command).is_some(),
        None => flag.chars().nth(1).is_some_and(|c| argv::find_short(c, command).is_some()),
    };
    let takes = instead.first().is_some_and(|flag| !flag.starts_with('-') || has(flag));
    if !takes {
        return None;
    }
    let error = error(format!("there is no flag `{name}`"));
    let is_all = unknown.iter().all(|other| other.row.is_some_and(|row| row.says.is_none()));
    let whole = Some(corrected(&argv, &unknown)).filter(|line| line.chars().count() <= LONGEST);
    Some(match whole.filter(|_| is_all) {
        Some(line) => error.hint(format!("did you mean `{line}`?")),
        None => error.hint(format!("did you mean `{}`?", line(&instead))),
    })
}

/// A flag that the command does not have, with the value that it seems to have.
struct Unknown<'f> {
    /// With its dashes.
    name: String,
    value: Option<String>,
    /// The places of it and its value.
    at: usize,
    end: usize,
    row: Option<&'f Flag>,
}

impl<'f> Unknown<'f> {
    fn read(argv: &[String], at: usize, flags: &'f [Flag]) -> Unknown<'f> {
        let typed = &argv[at];
        let (name, within) = match typed.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (typed.as_str(), None),
        };
        let row = foreign::find(name.trim_start_matches('-'), flags);
        let next = argv.get(at + 1).filter(|next| !next.starts_with('-'));
        let behind = next.filter(|_| within.is_none() && row.is_some_and(|row| row.value)).cloned();
        let end = at + 1 + usize::from(behind.is_some());
        Unknown { name: name.to_owned(), value: within.or(behind), at, end, row }
    }

    fn edge(&self) -> Option<Edge> {
        self.row.and_then(|row| row.edge)
    }
}

/// The words to write instead of a flag.
fn instead(flag: &Unknown, all: &[Unknown]) -> Vec<String> {
    let value = flag.value.as_deref().unwrap_or("VALUE");
    if flag.edge().is_some() {
        let edge = |wanted: Edge| {
            let is_it = |one: &&Unknown| one.edge() == Some(wanted);
            all.iter().find(is_it).and_then(|one| one.value.as_deref()).unwrap_or(value)
        };
        return vec!["-s".to_owned(), format!("{}x{}", edge(Edge::Width), edge(Edge::Height))];
    }
    let becomes = flag.row.map(|row| row.becomes.as_slice()).unwrap_or_default();
    let word = |word: &String| match word.strip_suffix('/') {
        Some(directory) => directory.replace("{}", value.trim_end_matches('/')) + "/",
        None => word.replace("{}", value),
    };
    becomes.iter().map(word).collect()
}

/// The whole command with our flags instead of theirs.
fn corrected(argv: &[String], unknown: &[Unknown]) -> String {
    let mut words = vec![PROGRAM.to_owned()];
    let (mut at, mut has_size) = (1, false);
    while at < argv.len() {
        let Some(flag) = unknown.iter().find(|flag| flag.at == at) else {
            words.push(argv[at].clone());
            at += 1;
            continue;
        };
        // Both edges together are one size.
        if flag.edge().is_none() || !std::mem::replace(&mut has_size, true) {
            words.extend(instead(flag, unknown));
        }
        at = flag.end;
    }
    line(&words)
}

/// Every row says something, no name stands twice, none is one of ours, and what it becomes is.
#[cfg(test)]
pub(super) fn check(command: &Command) {
    let mut seen = std::collections::HashSet::new();
    for flag in foreign::flags() {
        let names = &flag.names;
        let told = usize::from(!flag.becomes.is_empty())
            + usize::from(flag.edge.is_some())
            + usize::from(flag.says.is_some());
        assert_eq!(told, 1, "{names:?}");
        assert_eq!(flag.says.is_some(), flag.hint.is_some(), "{names:?}");
        for name in names {
            assert!(seen.insert(name.clone()), "{name} stands twice");
            assert!(argv::find_long(name, command).is_none(), "{name} is one of ours");
        }
        let ours = flag.becomes.first().map_or("{}", String::as_str);
        let is_ours = match ours.strip_prefix("--") {
            Some(long) => argv::find_long(long, command).is_some(),
            None => match ours.strip_prefix('-') {
                Some(letter) => argv::find_short(letter.chars().next().unwrap(), command).is_some(),
                None => ours == "{}",
            },
        };
        assert!(is_ours, "{names:?} becomes {ours}, which is no flag");
    }
}
