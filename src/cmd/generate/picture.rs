//! The flags of a picture's parameters: one for each row of the table that has one. A ratio where a
//! size belongs (`-s 16:9`) is what `--aspect` says.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Command};

use crate::error::{Error, Result};
use crate::request::parameter::{self, Parameter};
use crate::request::{Request, Shape, is_ratio, orders};
use crate::settings::remedy::remedy;
use crate::settings::{SET, flag_with, schema};
use crate::text;

/// The values of the flags that are given, as written, by their names.
#[derive(Debug, Clone, Default)]
pub struct Picture(BTreeMap<&'static str, Given>);

/// The value of a flag.
#[derive(Debug, Clone)]
struct Given {
    text: String,
    /// The flag as it was typed: `--seed`, `--set seed`.
    flag: String,
}

/// The parameters that have a flag.
fn flags() -> impl Iterator<Item = &'static Parameter> {
    let rows = parameter::names(orders::FLAGS).filter_map(parameter::find);
    rows.filter(|parameter| !parameter.value_name.is_empty())
}

fn arg(parameter: &Parameter) -> Arg {
    let arg = Arg::new(parameter.name)
        .long(parameter.flag())
        .value_name(parameter.value_name)
        .help(parameter.doc);
    let arg = match parameter.short {
        Some(short) => arg.short(short),
        None => arg,
    };
    match (parameter.name, parameter.shape) {
        // A switch is on where its flag stands without a value.
        (_, Shape::Switch) => {
            arg.num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        ("aspect", _) => arg.conflicts_with("size").allow_negative_numbers(true),
        ("size" | "seed", _) => arg.allow_negative_numbers(true),
        _ => arg,
    }
}

impl clap::Args for Picture {
    fn augment_args(command: Command) -> Command {
        command.args(flags().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Picture::augment_args(command)
    }
}

impl clap::FromArgMatches for Picture {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut picture = Picture::default();
        picture.update_from_arg_matches(matches)?;
        Ok(picture)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for parameter in flags() {
            if let Some(text) = matches.get_one::<String>(parameter.name) {
                self.insert(parameter.name, text.clone(), format!("--{}", parameter.flag()));
            }
        }
        Ok(())
    }
}

impl Picture {
    /// Whether a flag is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether a flag's value is a list.
    pub(crate) fn is_list(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|given| given.text.contains(','))
    }

    /// Takes a flag away whose value is a list.
    pub(crate) fn take_list(&mut self, name: &str) -> Option<String> {
        if self.is_list(name) { self.0.remove(name).map(|given| given.text) } else { None }
    }

    fn insert(&mut self, name: &'static str, text: String, flag: String) {
        let name = if name == "size" && is_ratio(&text) { "aspect" } else { name };
        self.0.insert(name, Given { text, flag });
    }

    /// Gives a flag the value that `--set` says.
    pub(crate) fn set(&mut self, parameter: &'static Parameter, text: String) {
        self.insert(parameter.name, text, format!("{SET}{}", parameter.name));
    }

    /// The flags that are settings, under names that say how they were typed.
    pub(super) fn settings(&self) -> impl Iterator<Item = (String, toml::Value)> {
        let flags = self.0.iter().filter(|(name, _)| schema::find(name).is_some());
        flags.map(|(name, given)| {
            let before = if given.flag.starts_with(SET) { SET } else { "" };
            (format!("{before}{name}"), toml::Value::String(given.text.clone()))
        })
    }

    /// Asks for what no setting says.
    ///
    /// # Errors
    /// A value is none of its parameter.
    pub(super) fn fill(&self, request: &mut Request) -> Result<()> {
        let others = flags().filter(|parameter| schema::find(parameter.name).is_none());
        for parameter in others {
            if let Some(Given { text, flag }) = self.0.get(parameter.name) {
                let read = parameter.parse(request, text);
                let shown = text::clean(text, 120);
                let wants = parameter.wants;
                read.map_err(|_| {
                    let error = Error::usage(format!("`{flag}` must be {wants}, not `{shown}`"));
                    match remedy(parameter.name, text) {
                        Some(remedy) => error.hint(remedy.hint(&|value| flag_with(flag, value))),
                        None => error,
                    }
                })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::*;

    fn given(arg: Arg, words: &[&str]) -> Option<String> {
        let id = arg.get_id().clone();
        let command = Command::new("pinx").arg(arg).arg(Arg::new("prompt"));
        let matches = command.try_get_matches_from([&["pinx"], words].concat()).ok()?;
        matches.get_one::<String>(id.as_str()).cloned()
    }

    #[test]
    fn a_switch_needs_no_value() {
        let mut row = parameter::find("seed").unwrap().clone();
        row.shape = Shape::Switch;
        let arg = || arg(&row);
        assert_eq!(given(arg(), &["--seed", "a fox"]).as_deref(), Some("true"));
        assert_eq!(given(arg(), &["--seed=false"]).as_deref(), Some("false"));
        assert_eq!(given(arg(), &["a fox"]), None);
    }

    #[test]
    fn every_flag_is_read() {
        for parameter in flags() {
            let command = <Picture as clap::Args>::augment_args(Command::new("pinx"));
            let flag = format!("--{}=7", parameter.flag());
            let matches = command.try_get_matches_from(["pinx", &flag]).unwrap();
            let picture = Picture::from_arg_matches(&matches).unwrap();
            assert!(picture.has(parameter.name) && picture.0.len() == 1, "{flag}");
        }
    }
}
