//! What was typed and is nothing that pinx knows: a wrong word, a flag of another program, a flag in
//! quotes. The error names it, and its hint is what was probably meant, ready to be pasted.
//!
//! Pure.

use std::ffi::OsString;

use clap::Command;

use super::argv::{self, Part};
use super::foreign::{self, Edge, Flag};
use super::{alone, edit_line, values};
use crate::error::Error;
use crate::secret::redact;
use crate::settings::schema;
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
const OTHER_NAMES: [(&str, &[&str]); 17] = [
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
    ("log show", &["show", "view"]),
    ("open last", &["last", "latest", "newest"]),
    ("config set", &["set"]),
    ("config get", &["get"]),
    ("config unset", &["unset"]),
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

/// What other programs do by a command of theirs, and pinx does not.
const NO_COMMANDS: [(&[&str], &str, &str); 1] = [(
    &["update", "upgrade", "self-update", "uninstall", "install"],
    "pinx does not change itself",
    "`cargo install --path . --locked --profile dist`",
)];

/// How a line of arguments is read, as far as mistakes must know it.
pub(super) struct Reading<'r> {
    /// The commands, without their flags.
    pub(super) top: &'r Command,
    /// `generate` with its flags.
    pub(super) generate: &'r Command,
    /// Whether words behind the program's name can be read.
    pub(super) reads: &'r dyn Fn(&[String]) -> bool,
}

/// A first word that is no command: it may be one with a slip, or a prompt, which is never sent
/// unasked. The hint keeps everything else that was typed, and can be read.
pub(super) fn no_command(argv: &[OsString], at: usize, reading: &Reading<'_>) -> Error {
    let typed = strings(argv);
    let word = &typed[at];
    if word.trim().is_empty() {
        return Error::usage("the prompt is empty")
            .hint("`pinx \"a red fox\"` makes a picture of it");
    }
    let with = |command: &str, rest: &[String]| -> Vec<String> {
        let words = command.split(' ').map(str::to_owned);
        words.chain(typed[1..at].iter().chain(rest).cloned()).collect()
    };
    let error =
        Error::usage(format!("there is no command `{}`", shown(word))).code("unknown_command");
    let as_prompt =
        format!("`{}` makes a picture of it", of_words(&as_prompt(&typed, at, reading)));
    let told = |error: Error, words: Vec<String>| {
        error.hint(format!("did you mean `{}`?", of_words(&words)))
    };
    // Whoever names a picture wants something of it.
    let edit = edit_line::meant(&typed[at..]).filter(|words| (reading.reads)(words));
    let as_edit = edit.map(|words| format!("`{}` makes an image from it", of_words(&words)));
    if let Some(commands) = alone::of_file(word) {
        let lines = commands.iter().map(|command| with(command, &typed[at..]));
        let readable: Vec<String> = lines
            .filter(|words| (reading.reads)(words))
            .map(|words| format!("`{}`", of_words(&words)))
            .collect();
        let error = match readable.as_slice() {
            [] => error,
            lines => error.hint(format!("did you mean {}?", lines.join(" or "))),
        };
        return error.hint(as_edit.unwrap_or(as_prompt));
    }
    if let Some(as_edit) = as_edit {
        return error.hint(as_edit);
    }
    let lower = word.to_lowercase();
    let rest = &typed[at + 1..];
    if let Some((_, what, hint)) =
        NO_COMMANDS.iter().find(|(names, ..)| names.contains(&lower.as_str()) && rest.is_empty())
    {
        return error.hint(format!("{what}: {hint}")).hint(as_prompt);
    }
    if let Some(command) = OTHER_NAMES.iter().find(|(_, theirs)| theirs.contains(&lower.as_str()))
        && let Some(words) = meant(command.0, rest, &with).filter(|words| (reading.reads)(words))
    {
        let error = told(error, words);
        return if command.0 == "generate" { error } else { error.hint(as_prompt) };
    }
    let names: Vec<&str> =
        reading.top.get_subcommands().map(Command::get_name).chain(["help"]).collect();
    let typed_so = alone::on_latin_keys(word);
    let keyboard = names.iter().find(|name| **name == typed_so).copied();
    let Some(near) = keyboard.or_else(|| text::nearest(word, names)) else {
        let meant = with_own_flags(&typed, reading.generate);
        return meant.into_iter().fold(error, Error::hint).hint(as_prompt);
    };
    let whole = with(near, rest);
    if (reading.reads)(&whole) {
        let error = told(error, whole);
        return if near == "generate" { error } else { error.hint(as_prompt) };
    }
    // Its flags are none of that command's.
    let alone = vec![near.to_owned()];
    let error = if (reading.reads)(&alone) { told(error, alone) } else { error };
    error.hint(as_prompt)
}

/// What a command of another program is here, with what stands behind it.
fn meant(
    command: &str,
    rest: &[String],
    with: &dyn Fn(&str, &[String]) -> Vec<String>,
) -> Option<Vec<String>> {
    if !command.starts_with("config ") || command == "config init" {
        return Some(with(command, rest));
    }
    // Only where it is about a setting that there is.
    let (first, others) = rest.split_first()?;
    let (name, value) = match first.split_once('=') {
        Some((name, value)) if others.is_empty() => (name, Some(value.to_owned())),
        _ => (first.as_str(), None),
    };
    schema::find(&schema::canonical(name))?;
    let name = name.to_owned();
    let rest: Vec<String> =
        std::iter::once(name).chain(value).chain(others.iter().cloned()).collect();
    Some(with(command, &rest))
}

/// The words from a place on as a prompt: with their flags where these can be meant, else behind `--`.
fn as_prompt(typed: &[String], at: usize, reading: &Reading<'_>) -> Vec<String> {
    let words = typed[1..].iter().cloned();
    let with_flags: Vec<String> = std::iter::once("generate".to_owned()).chain(words).collect();
    // What stands before the words is no part of them.
    if values::may_be_meant(&with_flags[at..], reading.generate) && (reading.reads)(&with_flags) {
        return with_flags;
    }
    literal(&typed[1..at], &typed[at..])
}

/// The words as a prompt with flags that are called otherwise here, if that is what is meant.
fn with_own_flags(typed: &[String], generate: &Command) -> Option<String> {
    let words = [PROGRAM, "generate"].into_iter().map(OsString::from);
    let words: Vec<OsString> = words.chain(typed[1..].iter().map(OsString::from)).collect();
    let mut hints = unknown_flag(&words, generate)?.hints.into_iter();
    hints.find(|hint| hint.starts_with("did you mean `pinx generate "))
}

/// Words as a prompt in which nothing is a flag.
pub(super) fn literal(flags: &[String], words: &[String]) -> Vec<String> {
    let generate = [vec!["generate".to_owned()], flags.to_vec(), vec!["--".to_owned()]].concat();
    generate.into_iter().chain(words.iter().filter(|word| *word != "--").cloned()).collect()
}

/// A line of the program with these words, unless it would be too long to be shown.
pub(super) fn of_words(words: &[String]) -> String {
    let line = line(&[vec![PROGRAM.to_owned()], words.to_vec()].concat());
    let command = words.first().map_or("", String::as_str);
    if line.chars().count() <= LONGEST { line } else { format!("{PROGRAM} {command} …") }
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

/// A flag that the command does not have: one of another program, one with a slip, or a letter with one
/// dash too many.
pub(super) fn unknown_flag(typed: &[OsString], command: &Command) -> Option<Error> {
    let flags = foreign::flags();
    let argv = strings(typed);
    let places = argv::parts(typed, 1, command);
    let unknown: Vec<Unknown> = places
        .iter()
        .filter(|place| place.part == Part::Unknown)
        .map(|place| Unknown::read(&argv, place.at, &flags, command))
        .collect();
    let first = unknown.first()?;
    let name = shown(&first.name);
    let error = |what: String, row: Option<&Flag>| {
        let code = row.and_then(|row| row.code.as_deref());
        Error::usage(what).code(code.unwrap_or("unknown_flag"))
    };
    let none = || error(format!("there is no flag `{name}`"), None);
    if let Meant::Foreign(row) = &first.meant {
        if let Some(alone) = row.alone.as_deref().filter(|_| first.value.is_none()) {
            return Some(none().hint(format!("did you mean `{alone}`?")));
        }
        if let Some(says) = &row.says {
            let value = first.value.as_deref().filter(|value| !value.is_empty() && !row.secret);
            let value = redact(&value.map_or_else(|| "VALUE".to_owned(), shell_word), []);
            let error = error(format!("`{name}`: {says}"), Some(row));
            return Some(match &row.hint {
                Some(hint) => error.hint(hint.replace("{}", &value)),
                None => error,
            });
        }
    }
    let instead = instead(first, &unknown);
    let has = |flag: &str| match flag.strip_prefix("--") {
        Some(long) => argv::find_long(long, command).is_some(),
        None => flag.chars().nth(1).is_some_and(|c| argv::find_short(c, command).is_some()),
    };
    let Some(flag) = instead.first().filter(|flag| !flag.starts_with('-') || has(flag)) else {
        let name = command.get_bin_name().unwrap_or(PROGRAM);
        return Some(none().hint(format!("`{name} -h` lists the flags there are")));
    };
    // A word of the prompt stands where there is one.
    if !flag.starts_with('-') && command.get_positionals().next().is_none() {
        return None;
    }
    let is_all = unknown.iter().all(Unknown::is_replaced);
    let whole = Some(corrected(&argv, &unknown)).filter(|line| line.chars().count() <= LONGEST);
    Some(match whole.filter(|_| is_all) {
        Some(line) => none().hint(format!("did you mean `{line}`?")),
        None => none().hint(format!("did you mean `{}`?", line(&instead))),
    })
}

/// What a flag stands for that the command does not have.
enum Meant<'f> {
    /// One that it has, as it is written there.
    Ours(String),
    /// One of another program.
    Foreign(&'f Flag),
    /// Nobody knows.
    Nothing,
}

/// A flag that the command does not have, with the value that it seems to have.
struct Unknown<'f> {
    /// With its dashes.
    name: String,
    value: Option<String>,
    /// The places of it and its value.
    at: usize,
    end: usize,
    meant: Meant<'f>,
}

impl<'f> Unknown<'f> {
    fn read(argv: &[String], at: usize, flags: &'f [Flag], command: &Command) -> Unknown<'f> {
        let typed = &argv[at];
        let (name, within) = match typed.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (typed.as_str(), None),
        };
        let bare = name.trim_start_matches('-');
        let next = argv.get(at + 1).filter(|next| !next.starts_with('-') || next.len() == 1);
        let next = within.clone().or_else(|| next.cloned());
        let twin = letter(name, next.as_deref(), command);
        let row = foreign::find(bare, next.as_deref(), flags);
        let long = || argv::nearest_long(bare, command);
        let (meant, takes) = match (twin, row) {
            (Some((flag, takes)), _) => (Meant::Ours(flag), takes),
            (None, Some(row)) => (Meant::Foreign(row), row.value),
            (None, None) => match long() {
                Some(arg) => {
                    let takes = argv::takes_value(arg) && !arg.is_require_equals_set();
                    let name = arg.get_long().unwrap_or_default();
                    (Meant::Ours(format!("--{name}")), takes)
                }
                None => (Meant::Nothing, false),
            },
        };
        let is_behind = within.is_none() && takes && next.is_some();
        let value = within.or_else(|| next.filter(|_| is_behind));
        let end = at + 1 + usize::from(is_behind);
        Unknown { name: name.to_owned(), value, at, end, meant }
    }

    fn edge(&self) -> Option<Edge> {
        match self.meant {
            Meant::Foreign(row) => row.edge,
            _ => None,
        }
    }

    /// Whether something else can be written in its place.
    fn is_replaced(&self) -> bool {
        match self.meant {
            Meant::Ours(_) => true,
            Meant::Foreign(row) => {
                row.says.is_none() && (row.alone.is_none() || self.value.is_some())
            }
            Meant::Nothing => false,
        }
    }
}

/// `--n 2`: a flag of one letter with a dash too many, and whether it takes a value. What another program
/// means by it has a value that ours cannot have.
fn letter(name: &str, next: Option<&str>, command: &Command) -> Option<(String, bool)> {
    let mut letters = name.strip_prefix("--")?.chars();
    let (letter, None) = (letters.next()?, letters.next()) else { return None };
    let arg = argv::find_short(letter, command)?;
    let takes = argv::takes_value(arg);
    let is_it = match next {
        Some(value) if takes => values::may_be(arg, value),
        Some(value) => letter != 'v' && value.parse::<f64>().is_err(),
        None => !takes && letter != 'v',
    };
    is_it.then(|| (format!("-{letter}"), takes))
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
    let word = |word: &String| match word.strip_suffix('/') {
        Some(directory) => directory.replace("{}", value.trim_end_matches('/')) + "/",
        None => word.replace("{}", value),
    };
    match &flag.meant {
        Meant::Ours(ours) => std::iter::once(ours.clone()).chain(flag.value.clone()).collect(),
        Meant::Foreign(row) => row.becomes.iter().map(word).collect(),
        Meant::Nothing => Vec::new(),
    }
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
        assert!(flag.alone.is_none() || flag.value, "{names:?}");
        assert_eq!(flag.says.is_some(), flag.hint.is_some(), "{names:?}");
        for name in names {
            assert!(seen.insert((name.clone(), flag.number)), "{name} stands twice");
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
