//! Words of a prompt that were meant for pinx itself: flags within its quotes (`"a fox -n 3"`), or a
//! command behind `generate` (`pinx g models`). A picture of them would be paid for, so they are told
//! before anything is sent. Behind `--` all words are a prompt.
//!
//! Pure: whether a file is there is asked by the caller.

use std::ffi::OsString;
use std::str::FromStr as _;

use clap::Command;
use clap_complete::Shell;

use super::argv::{self, Part};
use super::mistakes::{self, PROGRAM};
use super::values;
use crate::cmd::help;
use crate::error::Error;
use crate::syntax;
use crate::text;

/// The command that makes pictures, and its other names.
const GENERATE: [&str; 3] = ["generate", "gen", "g"];

/// Whether words of a prompt are worth a closer look: most are not.
pub(super) fn is_suspicious(words: &[String], top: &Command) -> bool {
    let has_dash = |word: &String| {
        let behind_blank = |(at, _): (usize, &str)| word[..at].ends_with(char::is_whitespace);
        ["-", "–", "—"].iter().any(|dash| word.match_indices(dash).any(behind_blank))
    };
    let first = words.first().and_then(|first| first.split_whitespace().next());
    words.iter().any(|word| has_dash(word) || word.contains('='))
        || first.is_some_and(|first| top.find_subcommand(first).is_some())
}

/// Flags within the quotes of the prompt, which nobody has meant to be painted.
pub(super) fn flags_in_prompt(
    typed: &[OsString],
    words: &[String],
    command: &Command,
) -> Option<Error> {
    let argv = mistakes::strings(typed);
    let separator = argv.iter().position(|word| word == "--").unwrap_or(argv.len());
    let (at, split) = words.iter().find_map(|word| {
        let at = argv[..separator].iter().position(|argument| argument == word)?;
        Some((at, split(word, command)?))
    })?;
    let flags = split.flags.join(" ");
    let error = Error::usage(format!(
        "`{}` stands within the quotes of the prompt",
        mistakes::shown(&flags)
    ))
    .code("flag_in_prompt");
    let mut meant = argv.clone();
    meant.splice(at..=at, std::iter::once(split.words.clone()).chain(split.flags));
    let is_bare = command.get_name() == GENERATE[0] && !argv.iter().any(|word| is_generate(word));
    if is_bare && !split.words.contains(char::is_whitespace) {
        meant.insert(1, GENERATE[0].to_owned());
    }
    meant[0] = PROGRAM.to_owned();
    let mut literal = argv.clone();
    let text = literal.remove(at);
    literal[0] = PROGRAM.to_owned();
    if is_bare {
        literal.insert(1, GENERATE[0].to_owned());
    }
    literal.extend(["--".to_owned(), text]);
    Some(
        error
            .hint(format!("did you mean `{}`?", mistakes::line(&meant)))
            .hint(format!("`{}` makes a picture of these words", mistakes::line(&literal))),
    )
}

/// `style=noir` as a word of its own, where a flag of that name can have that value.
pub(super) fn assigned(
    typed: &[OsString],
    words: &[String],
    command: &Command,
    is_file: &dyn Fn(&str) -> bool,
) -> Option<Error> {
    let mut meant = mistakes::strings(typed);
    if meant.iter().any(|word| word == "--") {
        return None;
    }
    let flag = |word: &String| -> Option<Vec<String>> {
        let (name, value) = word.split_once('=').filter(|_| !is_file(word))?;
        let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
        let arg = match name.chars().count() {
            1 => argv::find_short(name.chars().next()?, command)?,
            _ if name.chars().all(is_name) => argv::find_long(&name.replace('_', "-"), command)?,
            _ => return None,
        };
        let is_set = argv::takes_value(arg) && !value.is_empty() && values::may_be(arg, value);
        let dashes = if name.len() > 1 { "--" } else { "-" };
        is_set.then(|| vec![format!("{dashes}{}", name.replace('_', "-")), value.to_owned()])
    };
    let found: Vec<(&String, Vec<String>)> =
        words.iter().filter_map(|word| Some((word, flag(word)?))).collect();
    // There must be something that they are said of.
    let (first, _) = found.first().filter(|_| found.len() < words.len())?;
    for (word, flag) in &found {
        let at = meant.iter().position(|argument| argument == *word)?;
        meant.splice(at..=at, flag.iter().cloned());
    }
    meant[0] = PROGRAM.to_owned();
    let makes_pictures = command.get_name() == GENERATE[0];
    let what = match command.get_name() {
        "redo" => "no image and no job",
        _ => "one of the words of the prompt",
    };
    let error = Error::usage(format!("`{}` is {what}", mistakes::shown(first)))
        .code("flag_in_prompt")
        .hint(format!("did you mean `{}`?", mistakes::line(&meant)));
    Some(match makes_pictures {
        true => error.hint(format!("`{}` makes a picture of it", literal(typed, words))),
        false => error,
    })
}

/// The same command with its words as nothing but a prompt.
pub(super) fn literal(typed: &[OsString], words: &[String]) -> String {
    let argv = mistakes::strings(typed);
    let mut literal = argv.clone();
    literal[0] = PROGRAM.to_owned();
    let at = argv.iter().position(|word| is_generate(word)).unwrap_or_else(|| {
        literal.insert(1, GENERATE[0].to_owned());
        1
    });
    // Everything but the words, which come behind the flags.
    let (mut place, mut left) = (0, words.iter().peekable());
    literal.retain(|argument| {
        place += 1;
        place <= at + 1 || (argument != "--" && left.next_if(|word| *word == argument).is_none())
    });
    literal.push("--".to_owned());
    literal.extend(words.iter().cloned());
    mistakes::line(&literal)
}

fn is_generate(word: &str) -> bool {
    GENERATE.contains(&word)
}

/// A prompt, and the flags behind it.
struct Split {
    words: String,
    flags: Vec<String>,
}

/// Cuts the flags off at the end of a prompt: nothing but flags that the command has, with values that
/// they can have. Where another tool has them all, they are read as its own.
fn split(prompt: &str, command: &Command) -> Option<Split> {
    let mut starts = prompt.match_indices(char::is_whitespace).map(|(at, blank)| at + blank.len());
    starts.find_map(|at| {
        let words = prompt[..at].trim();
        let flags: Vec<String> = prompt[at..].split_whitespace().map(with_hyphens).collect();
        let is_flag = flags.first().is_some_and(|first| first.starts_with('-') && first.len() > 1);
        (is_flag && !words.is_empty() && are_flags(&flags, command))
            .then(|| Split { words: words.to_owned(), flags })
    })
}

/// A flag with the hyphens that a word processor has made a dash of.
fn with_hyphens(word: &str) -> String {
    match word.strip_prefix(['–', '—']) {
        Some(name) if name.chars().count() == 1 => format!("-{name}"),
        Some(name) if !name.is_empty() => format!("--{}", name.trim_start_matches('-')),
        _ => word.to_owned(),
    }
}

fn are_flags(flags: &[String], command: &Command) -> bool {
    let argv: Vec<OsString> = flags.iter().map(OsString::from).collect();
    let places = argv::parts(&argv, 0, command);
    let is_good = |place: &argv::Argument<'_>| match place.part {
        Part::Flag(arg, value) => values::is_good(arg, value, flags, place.at),
        _ => false,
    };
    let is_ours = |place: &argv::Argument<'_>| {
        let typed = &flags[place.at];
        !typed.starts_with("--") || !syntax::is_parameter(argv::flag_name(typed))
    };
    !places.is_empty() && places.iter().all(is_good) && places.iter().any(is_ours)
}

/// A command behind `generate`, which alone is no prompt.
pub(super) fn command_as_prompt(
    typed: &[OsString],
    words: &[String],
    top: &Command,
    has_inner: &dyn Fn(&str, &str) -> bool,
    is_file: &dyn Fn(&str) -> bool,
) -> Option<Error> {
    let argv = mistakes::strings(typed);
    if argv.iter().any(|word| word == "--") {
        return None;
    }
    // A command line in quotes is one word.
    let quoted: Vec<String> = match words {
        [only] => only.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let read = if quoted.len() > 1 { &quoted } else { words };
    let first = read.first()?;
    let name = top.find_subcommand(first)?.get_name();
    let is_meant = read.get(1).is_none_or(|second| match name {
        "generate" => true,
        "help" => top.find_subcommand(second).is_some() || help::is_topic(second),
        "completions" => Shell::from_str(second).is_ok(),
        "batch" => is_file(second),
        "info" | "redo" | "open" => is_file(second) || second == "last",
        name => has_inner(name, second),
    });
    if !is_meant {
        return None;
    }
    let at = argv.iter().position(|word| is_generate(word));
    let mut meant = argv.clone();
    if let Some(at) = at {
        meant.remove(at);
    }
    if quoted.len() > 1
        && let Some(at) = meant.iter().position(|argument| *argument == words[0])
    {
        meant.splice(at..=at, quoted);
    }
    meant[0] = PROGRAM.to_owned();
    let shown = text::clean(&words.join(" "), 80);
    let error = Error::usage(format!(
        "a picture of `{}` is hardly what was meant",
        mistakes::shown(&shown)
    ));
    Some(
        error
            .code("command_as_prompt")
            .hint(format!("did you mean `{}`?", mistakes::line(&meant)))
            .hint(format!("`{}` makes a picture of it", literal(typed, words))),
    )
}

/// The hint where a model is unknown because a word of the prompt was taken for a flag: `git commit -m
/// fix`. None where the prompt is one argument.
pub(super) fn as_words(typed: &[OsString], words: &[String], model: &str) -> Option<String> {
    let argv = mistakes::strings(typed);
    if words.len() < 2 || values::may_be_model(model) || argv.iter().any(|word| word == "--") {
        return None;
    }
    let first = argv.iter().position(|word| Some(word) == words.first())?;
    let flags = argv[1..first].iter().filter(|word| !is_generate(word)).cloned();
    let line = mistakes::literal(&flags.collect::<Vec<_>>(), &argv[first..]);
    Some(format!("`{}` takes all of it as the prompt", mistakes::of_words(&line)))
}
