//! Whether a word can be the value of a flag, as far as that can be seen without the user's settings: words
//! of a prompt seldom can.
//!
//! Pure.

use std::ffi::OsString;

use clap::{Arg, Command};

use super::argv::{self, Part, Value};
use crate::catalog::Catalog;
use crate::request::{Aspect, Request, Size, is_ratio, parameter};
use crate::settings::{Balance, Prefer, Preview};

/// Whether a word can be the value of a flag.
pub(super) fn may_be(arg: &Arg, value: &str) -> bool {
    if value.starts_with('-') && value.len() > 1 {
        return false;
    }
    match arg.get_id().as_str() {
        "count" | "concurrency" | "seed" | "retries" => value.parse::<u64>().is_ok(),
        "max_cost" => value.trim_start_matches('$').parse::<f64>().is_ok(),
        "aspect" => value.parse::<Aspect>().is_ok(),
        "size" => is_ratio(value) || value.parse::<Size>().is_ok(),
        "params" | "vars" => value.contains('='),
        "model" | "fallback" => value.split(',').all(may_be_model),
        "prefer" => Prefer::WORDS.contains(&value),
        "balance" => Balance::WORDS.contains(&value),
        "preview" => Preview::WORDS.contains(&value),
        name @ ("format" | "background" | "input_fidelity") => parameter::find(name)
            .is_some_and(|row| row.parse(&mut Request::default(), value).is_ok()),
        _ => true,
    }
}

/// Whether a word may be the name of a model: one that is known or comes near to one, or nothing that
/// words look like. Users may have models of their own.
pub(super) fn may_be_model(name: &str) -> bool {
    if name == "auto" || name.contains(|c: char| !c.is_alphabetic() && !c.is_whitespace()) {
        return !name.contains(char::is_whitespace);
    }
    let Ok(catalog) = Catalog::load(&toml::Table::new(), &[]) else { return true };
    match catalog.model(name, &|_| true) {
        _ if catalog.provider(name).is_some() => true,
        Ok(_) => true,
        Err(error) => error.hints.iter().any(|hint| hint.starts_with("did you mean")),
    }
}

/// Whether all flags among the words of a line may be meant as such.
pub(super) fn may_be_meant(words: &[String], command: &Command) -> bool {
    let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
    argv::parts(&argv, 0, command).iter().all(|place| match place.part {
        Part::Word | Part::Separator => true,
        Part::Unknown | Part::Mistaken => false,
        Part::Flag(arg, value) => is_good(arg, value, words, place.at),
    })
}

/// Whether a flag at a place of a line has a value that it can have.
pub(super) fn is_good(arg: &Arg, value: Value, words: &[String], at: usize) -> bool {
    let typed = &words[at];
    match value {
        Value::None => true,
        Value::Behind => words.get(at + 1).is_some_and(|value| may_be(arg, value)),
        Value::Within => typed.split_once('=').map_or_else(
            || typed.char_indices().nth(2).is_some_and(|(at, _)| may_be(arg, &typed[at..])),
            |(_, value)| may_be(arg, value),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_prompt_are_seldom_values() {
        let generate = crate::cli::described(&["generate"]).unwrap();
        for (line, is_meant) in [
            ("fox -n 2", true),
            ("fox -m gpt-image-2", true),
            ("fox -m openai", true),
            ("fox -m flux", true),
            ("fox -m fluxx", true),
            ("fox -m my-own", true),
            ("fox -m a/b,c/d", true),
            ("fox --prefer cheap", true),
            ("fox -o out", true),
            ("fox -n2 -f png", true),
            ("git commit -m fix", false),
            ("git commit -am fix", false),
            ("rm -f foo", false),
            ("head -n lines", false),
            ("tar -xzf foo", false),
            ("fox --prefer me", false),
            ("ls -a foo", false),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(may_be_meant(&words, &generate), is_meant, "{line}");
        }
    }
}
