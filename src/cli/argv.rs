//! The arguments as people write them, brought into the order that the parser reads: `pinx -n 2 "a fox"`
//! means `pinx generate -n 2 "a fox"`, and a prompt that begins with a dash is no flag.
//!
//! Pure. Nothing is guessed that could cost money: a single word that may be a command with a slip never
//! becomes a prompt. One in another script, or with letters that no command has, can be nothing else.

use std::ffi::OsString;

use clap::{Arg, Command};

use super::alone::is_prompt;
use super::foreign;
use crate::text;

/// What stands at one place of the arguments, seen with the flags of one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'c> {
    /// A flag that the command has.
    Flag(&'c Arg, Value),
    /// It looks like a flag, but the command has none of that name.
    Unknown,
    /// Nearly a flag: with its value in one argument (`"-n 3"`), or with the wrong dash.
    Mistaken,
    /// Anything else: a command, a name, a word of the prompt.
    Word,
    /// `--`: what follows is words.
    Separator,
}

/// Where the value of a flag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// It takes none.
    None,
    /// In the same argument.
    Within,
    /// In the argument behind it.
    Behind,
}

/// A part with the places of its first argument and of the one behind its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Argument<'c> {
    pub(super) part: Part<'c>,
    pub(super) at: usize,
    pub(super) end: usize,
}

/// The parts of the arguments from a place on, seen with a command that is described in full.
pub(super) fn parts<'c>(argv: &[OsString], from: usize, command: &'c Command) -> Vec<Argument<'c>> {
    let mut places = Vec::new();
    let (mut at, mut only_words) = (from, false);
    while let Some(argument) = argv.get(at) {
        let text = argument.to_string_lossy();
        let part = if only_words { Part::Word } else { part(&text, command) };
        let is_separate = matches!(part, Part::Flag(_, Value::Behind));
        let end = (at + 1 + usize::from(is_separate)).min(argv.len());
        only_words |= part == Part::Separator;
        places.push(Argument { part, at, end });
        at = end;
    }
    places
}

fn part<'c>(text: &str, command: &'c Command) -> Part<'c> {
    if text == "--" {
        return Part::Separator;
    }
    if is_odd_dash(text) {
        let name = flag_name(text);
        let is_flag = !name.contains(char::is_whitespace) && is_flag_word(name, command);
        return if is_flag { Part::Mistaken } else { Part::Word };
    }
    let Some(rest) = text.strip_prefix('-').filter(|rest| !rest.is_empty()) else {
        return Part::Word;
    };
    match rest.strip_prefix('-') {
        Some(text) => long(text, command),
        None if is_long_name(rest, command) => Part::Mistaken,
        None => short(rest, command),
    }
}

/// The name in `--name=value`, whatever dashes it has.
pub(super) fn flag_name(text: &str) -> &str {
    text.trim_start_matches(['-', '–', '—', '−']).split('=').next().unwrap_or_default()
}

/// Whether it begins with a dash that word processors make of a hyphen.
fn is_odd_dash(text: &str) -> bool {
    text.starts_with(['–', '—', '−'])
}

/// Whether what stands behind one dash is a name that wants two: `-size`.
fn is_long_name(text: &str, command: &Command) -> bool {
    let name = text.split('=').next().unwrap_or_default();
    name.len() > 2 && find_long(name, command).is_some()
}

/// `--name`, `--name=value`; with white space in its name it can be no flag.
fn long<'c>(text: &str, command: &'c Command) -> Part<'c> {
    let name = text.split('=').next().unwrap_or_default();
    match name.split_once(char::is_whitespace) {
        None => find_long(name, command).map_or(Part::Unknown, |arg| {
            let value = match (takes_value(arg), name.len() < text.len()) {
                (false, _) => Value::None,
                (true, true) => Value::Within,
                (true, false) if arg.is_require_equals_set() => Value::None,
                (true, false) => Value::Behind,
            };
            Part::Flag(arg, value)
        }),
        Some((name, _)) if is_flag_word(name, command) => Part::Mistaken,
        Some(_) => Part::Word,
    }
}

/// Whether a word is the name of a flag, here or in another program, or nearly so.
fn is_flag_word(name: &str, command: &Command) -> bool {
    let mut longs = command.get_arguments().filter_map(Arg::get_long);
    foreign::is_foreign(name)
        || longs.any(|known| known == name)
        || (name.len() > 3 && text::nearest(name, longs).is_some())
}

/// `-n`, `-n3`, `-qy`; with white space behind a letter that is no flag it is none.
fn short<'c>(letters: &str, command: &'c Command) -> Part<'c> {
    let has_space = letters.contains(char::is_whitespace);
    let mut first = None;
    for (at, letter) in letters.char_indices() {
        if letter.is_whitespace() {
            return if at > 0 { Part::Mistaken } else { Part::Word };
        }
        let Some(arg) = find_short(letter, command) else {
            return if has_space { Part::Word } else { Part::Unknown };
        };
        first = first.or(Some(arg));
        if takes_value(arg) {
            let behind = &letters[at + letter.len_utf8()..];
            return match behind.chars().next() {
                None => Part::Flag(arg, Value::Behind),
                Some(next) if next.is_whitespace() => Part::Mistaken,
                Some(_) => Part::Flag(arg, Value::Within),
            };
        }
    }
    first.map_or(Part::Unknown, |arg| Part::Flag(arg, Value::None))
}

pub(super) fn find_long<'c>(name: &str, command: &'c Command) -> Option<&'c Arg> {
    let is_it = |arg: &&Arg| {
        arg.get_long() == Some(name)
            || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
    };
    command.get_arguments().find(is_it)
}

/// The flag whose name comes nearest to one that there is not, or that is begun so.
pub(super) fn nearest_long<'c>(name: &str, command: &'c Command) -> Option<&'c Arg> {
    let longs: Vec<&str> = command.get_arguments().filter_map(Arg::get_long).collect();
    let begun: Vec<&str> =
        longs.iter().copied().filter(|long| name.len() > 2 && long.starts_with(name)).collect();
    let near = match begun.as_slice() {
        [only] => Some(*only),
        _ if name.len() > 2 => text::nearest(name, longs),
        _ => None,
    };
    near.and_then(|near| find_long(near, command))
}

pub(super) fn find_short(letter: char, command: &Command) -> Option<&Arg> {
    command.get_arguments().find(|arg| arg.get_short() == Some(letter))
}

pub(super) fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// What is nearly a flag, perhaps: the flags of its command must tell.
fn is_suspicious(argument: &OsString) -> bool {
    let text = argument.to_string_lossy();
    let single = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    is_odd_dash(&text) || is_dashed_text(argument) || single.is_some_and(|rest| rest.len() > 2)
}

/// Text that begins with a dash and can be no flag, because it holds white space.
fn is_dashed_text(argument: &OsString) -> bool {
    let text = argument.to_string_lossy();
    text.starts_with('-') && text.contains(char::is_whitespace)
}

/// Why the arguments cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Misread {
    /// The argument at this place is no command, and no prompt either.
    NoCommand(usize),
    /// The argument is nearly a flag of the command of these names.
    NearlyAFlag(String, Vec<String>),
}

/// Where the command is and what it is.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    /// As it is written.
    AsWritten,
    /// `generate`, which need not be written.
    Generate,
    /// The command at this place, behind flags of its own.
    Command(usize),
}

/// The arguments in the order that the parser reads. `top` describes the commands without their
/// flags, `describe` one of them in full.
///
/// # Errors
/// They can mean nothing that pinx does, or something that was probably not meant.
pub(super) fn arranged(
    mut argv: Vec<OsString>,
    top: &dyn Fn() -> Command,
    describe: &dyn Fn(&[&str]) -> Option<Command>,
) -> Result<Vec<OsString>, Misread> {
    match meaning(&argv, top, describe)? {
        Meaning::AsWritten => {}
        Meaning::Generate => argv.insert(1, "generate".into()),
        Meaning::Command(at) => {
            let command = argv.remove(at);
            argv.insert(1, command);
        }
    }
    if argv.iter().skip(2).any(is_suspicious) { words_last(argv, describe) } else { Ok(argv) }
}

fn meaning(
    argv: &[OsString],
    top: &dyn Fn() -> Command,
    describe: &dyn Fn(&[&str]) -> Option<Command>,
) -> Result<Meaning, Misread> {
    let Some(first) = argv.get(1) else { return Ok(Meaning::AsWritten) };
    let first = first.to_string_lossy();
    if !first.starts_with('-') || first == "-" {
        let is_text = first.trim().contains(char::is_whitespace) || is_prompt(&first, top);
        return Ok(if is_text { Meaning::Generate } else { Meaning::AsWritten });
    }
    // Needs no look at the flags of `generate`, which take longer to describe than all else of a start.
    if ["-V", "--version"].contains(&first.as_ref()) {
        return Ok(Meaning::AsWritten);
    }
    let Some(generate) = describe(&["generate"]) else { return Ok(Meaning::AsWritten) };
    let places = parts(argv, 1, &generate);
    let word = places.iter().position(|place| place.part == Part::Word);
    let before = &places[..word.unwrap_or(places.len())];
    let is_about_pinx =
        |place: &Argument| ["-V", "--version"].iter().any(|flag| argv[place.at] == *flag);
    if before.iter().any(is_about_pinx) {
        return Ok(Meaning::AsWritten);
    }
    if let Some(mistaken) = before.iter().find(|place| place.part == Part::Mistaken) {
        let text = argv[mistaken.at].to_string_lossy().into_owned();
        return Err(Misread::NearlyAFlag(text, vec!["generate".to_owned()]));
    }
    let is_unknown = before.iter().any(|place| place.part == Part::Unknown);
    let top = top();
    let is_everywhere = |place: &Argument| match place.part {
        Part::Flag(arg, _) => {
            arg.get_id() == "help" || top.get_arguments().any(|known| known == arg)
        }
        _ => place.part == Part::Separator,
    };
    let has_own = !before.iter().all(is_everywhere);
    let Some(word) = word.map(|word| &places[word]) else {
        return Ok(if has_own { Meaning::Generate } else { Meaning::AsWritten });
    };
    let text = argv[word.at].to_string_lossy();
    let is_behind_separator = before.iter().any(|place| place.part == Part::Separator);
    if text.trim().contains(char::is_whitespace) || is_prompt(&text, &|| top.clone()) {
        Ok(Meaning::Generate)
    } else if is_behind_separator {
        Ok(if has_own { Meaning::Generate } else { Meaning::AsWritten })
    } else if top.find_subcommand(text.as_ref()).is_some() || text == "help" {
        Ok(if has_own { Meaning::Command(word.at) } else { Meaning::AsWritten })
    } else if is_unknown {
        // The parser names the flag that there is not.
        Ok(Meaning::Generate)
    } else if has_own {
        Err(Misread::NoCommand(word.at))
    } else {
        Ok(Meaning::AsWritten)
    }
}

/// Puts the words behind `--`, where no text is taken for a flag, and joins values that begin with a
/// dash to their flags.
fn words_last(
    argv: Vec<OsString>,
    describe: &dyn Fn(&[&str]) -> Option<Command>,
) -> Result<Vec<OsString>, Misread> {
    let mut names: Vec<String> = vec![argv[1].to_string_lossy().into_owned()];
    let Some(mut command) = describe(&[&names[0]]) else { return Ok(argv) };
    let mut from = 2;
    // A command inside another stays where it is.
    while let Some(inner) = argv.get(from).map(|name| name.to_string_lossy())
        && command.find_subcommand(inner.as_ref()).is_some()
    {
        names.push(inner.into_owned());
        let path: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(described) = describe(&path) else { return Ok(argv) };
        command = described;
        from += 1;
    }
    let (mut flags, mut words) = (argv[..from].to_vec(), Vec::new());
    let mut needs_order = false;
    for place in parts(&argv, from, &command) {
        let argument = &argv[place.at];
        match place.part {
            Part::Word => {
                needs_order |= is_dashed_text(argument);
                words.push(argument.clone());
            }
            Part::Separator => {}
            Part::Mistaken => {
                let text = argument.to_string_lossy().into_owned();
                return Err(Misread::NearlyAFlag(text, names));
            }
            Part::Flag(_, Value::Behind)
                if argv[place.at + 1..place.end].iter().any(is_dashed_text) =>
            {
                let mut joined = argument.clone();
                if argument.to_string_lossy().starts_with("--") {
                    joined.push("=");
                }
                joined.push(&argv[place.at + 1]);
                needs_order = true;
                flags.push(joined);
            }
            Part::Flag(..) | Part::Unknown => flags.extend_from_slice(&argv[place.at..place.end]),
        }
    }
    if !needs_order {
        return Ok(argv);
    }
    if !words.is_empty() {
        flags.push("--".into());
    }
    flags.append(&mut words);
    Ok(flags)
}
