//! What the parser of arguments says of them, in the words of pinx: the value in backticks, and hints that
//! can be typed.
//!
//! Pure.

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::mistakes::{self, PROGRAM};
use super::{edit_line, help};
use crate::error::Error;
use crate::text;

/// Names that other programs have for what a command has inside.
const OTHER_NAMES: [(&str, &[&str]); 6] = [
    ("set", &["add", "new", "store", "put", "save"]),
    ("remove", &["delete", "rm", "del", "unset", "clear"]),
    ("unset", &["delete", "rm", "del", "remove", "reset"]),
    ("list", &["ls", "show", "all"]),
    ("show", &["ls", "list", "all", "view", "print", "cat"]),
    ("test", &["check", "verify", "ping"]),
];

/// The error of the parser; the names are those of the command, as far as it was named, and `argv` is
/// all that was typed.
pub(super) fn error(error: &clap::Error, names: &[&str], argv: &[String]) -> Error {
    let rendered = error.render().to_string();
    let mut lines = rendered.lines().map(str::trim);
    let first = lines.by_ref().take_while(|line| !line.is_empty());
    let (values, said): (Vec<&str>, Vec<&str>) =
        first.partition(|line| line.starts_with("[possible values:"));
    let said = said.join(" ");
    let said = in_backticks(said.trim_start_matches("error: "));
    let lacks_picture = names == ["edit"] && said.ends_with("provided: --image <WHAT>");
    let said = if lacks_picture { "no picture is given to change".to_owned() } else { said };
    let mut told = Error::usage(text::clean(&said, 400));
    let values = values.first().map(|line| line.trim_start_matches("[possible values:"));
    if let Some(values) = values {
        told = told.hint(format!("it takes {}", values.trim_end_matches(']').trim()));
    }
    for tip in lines.filter_map(|line| line.strip_prefix("tip: ")) {
        told = told.hint(tip_of(tip));
    }
    let path = path(names);
    if error.kind() == ErrorKind::MissingRequiredArgument {
        let example =
            || Some(format!("such as `{}`", help::examples(names).into_iter().next()?.run));
        let hint = with_its_picture(names, argv).or_else(example);
        told = hint.into_iter().fold(told, Error::hint);
    }
    told.hint(format!("`{path} -h` shows how it is written"))
}

/// The line of an edit whose picture stands among the words of its prompt, as it was meant.
fn with_its_picture(names: &[&str], argv: &[String]) -> Option<String> {
    let words = edit_line::meant(argv.get(1..)?).filter(|_| names == ["edit"])?;
    let line = mistakes::line(&[PROGRAM.to_owned()].into_iter().chain(words).collect::<Vec<_>>());
    Some(format!("did you mean `{line}`?"))
}

/// A command inside another that there is not.
pub(super) fn no_inner_command(
    error: &clap::Error,
    names: &[&str],
    command: &Command,
    argv: &[String],
) -> Option<Error> {
    let ContextValue::String(typed) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    let inner = command.get_subcommands().map(Command::get_name).filter(|name| *name != "help");
    let inner: Vec<&str> = inner.collect();
    let other = |name: &&&str| {
        OTHER_NAMES.iter().any(|(ours, theirs)| ours == *name && theirs.contains(&typed.as_str()))
    };
    let meant = inner.iter().find(other).copied();
    let meant = meant.or_else(|| text::nearest(typed, inner.iter().copied()));
    let path = path(names);
    let told = Error::usage(format!("`{path}` has no `{}`", text::clean(typed, 80)));
    let told = told.code("unknown_command");
    let told = match meant {
        Some(meant) => {
            let rest = argv.iter().skip_while(|word| *word != typed).skip(1).cloned();
            let words = path.split(' ').chain([meant]).map(str::to_owned).chain(rest);
            let line = mistakes::line(&words.collect::<Vec<_>>());
            told.hint(format!("did you mean `{line}`?"))
        }
        None => told.hint(format!("it has {}", inner.join(", "))),
    };
    Some(told.hint(format!("`{path} -h` shows how it is written")))
}

fn path(names: &[&str]) -> String {
    [PROGRAM].iter().chain(names).copied().collect::<Vec<_>>().join(" ")
}

/// A tip of the parser as a hint.
fn tip_of(tip: &str) -> String {
    let tip = in_backticks(tip);
    let similar = [
        "a similar argument exists: ",
        "a similar value exists: ",
        "a similar subcommand exists: ",
    ];
    match similar.iter().find_map(|words| tip.strip_prefix(words)) {
        Some(meant) => format!("did you mean {meant}?"),
        None => tip,
    }
}

/// Quotes as backticks; an apostrophe within a word stays.
fn in_backticks(text: &str) -> String {
    let opens = |before: Option<char>| before.is_none_or(|c| c.is_whitespace() || c == '(');
    let closes = |next: Option<char>| {
        next.is_none_or(|c| c.is_whitespace() || matches!(c, ':' | ',' | '.' | ')' | ';'))
    };
    let letters: Vec<char> = text.chars().collect();
    let at = |place: usize| letters.get(place).copied();
    let is_quote = |place: usize| {
        letters[place] == '\''
            && (opens(place.checked_sub(1).and_then(at)) || closes(at(place + 1)))
    };
    (0..letters.len()).map(|place| if is_quote(place) { '`' } else { letters[place] }).collect()
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::cli::Cli;

    fn said(words: &[&str]) -> Error {
        let argv = [&[PROGRAM], words].concat();
        let parsed = Cli::try_parse_from(&argv).expect_err("it cannot be read");
        let argv = argv.iter().map(ToString::to_string).collect::<Vec<_>>();
        error(&parsed, &words[..1], &argv)
    }

    #[test]
    fn the_parser_speaks_as_pinx_does() {
        let missing = said(&["info"]);
        assert_eq!(
            missing.message,
            "the following required arguments were not provided: <IMG|ID|last>..."
        );
        assert_eq!(
            missing.hints,
            ["such as `pinx info fox.png`", "`pinx info -h` shows how it is written"]
        );
        let slip = said(&["log", "--modl", "x"]);
        assert_eq!(slip.message, "unexpected argument `--modl` found");
        assert_eq!(slip.hints[0], "did you mean `--model`?");
        let value = said(&["completions", "bahs"]);
        assert_eq!(value.hints[0], "it takes bash, elvish, fish, powershell, zsh");
        assert!(value.hints.contains(&"did you mean `bash`?".to_owned()), "{value:?}");
        assert_eq!(in_backticks("it isn't 'a b': 'c'"), "it isn't `a b`: `c`");
    }

    #[test]
    fn commands_inside_others_are_hinted_by_the_names_of_other_programs() {
        let mut top = Cli::command();
        top.build();
        for (words, hint) in [
            (&["keys", "add", "openai"][..], "did you mean `pinx keys set openai`?"),
            (&["keys", "rm"], "did you mean `pinx keys remove`?"),
            (&["keys", "tset"], "did you mean `pinx keys set`?"),
            (&["config", "list"], "did you mean `pinx config show`?"),
            (&["config", "delete"], "did you mean `pinx config unset`?"),
            (&["keys", "openai"], "it has set, list, remove, test"),
        ] {
            let argv = [&[PROGRAM], words].concat();
            let parsed = Cli::try_parse_from(argv).expect_err("it cannot be read");
            let command = crate::cli::described(&words[..1]).unwrap();
            let typed: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let told = no_inner_command(&parsed, &words[..1], &command, &typed).unwrap();
            assert_eq!(told.hints[0], hint, "{words:?}");
        }
    }
}
