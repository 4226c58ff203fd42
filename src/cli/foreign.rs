//! Flags of other programs that make images, and what is said of them here: the table in
//! `foreign.toml`.
//!
//! Pure.

use serde::Deserialize;

const FOREIGN: &str = include_str!("foreign.toml");

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    flag: Vec<Flag>,
}

/// A flag of another program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flag {
    /// Its names, without dashes.
    pub(super) names: Vec<String>,
    /// Whether it is meant only where its value is a number.
    #[serde(default)]
    pub(super) number: bool,
    /// The command that is meant where it has no value.
    pub(super) alone: Option<String>,
    /// The words to write instead.
    #[serde(default)]
    pub(super) becomes: Vec<String>,
    /// The edge of a size that it says.
    pub(super) edge: Option<Edge>,
    /// Why it has no equal.
    pub(super) says: Option<String>,
    /// The nearest thing.
    pub(super) hint: Option<String>,
    /// The code of the error, where it has one of its own.
    pub(super) code: Option<String>,
    /// Whether its value is a key.
    #[serde(default)]
    pub(super) secret: bool,
    /// Whether it takes a value.
    #[serde(default = "yes")]
    pub(super) value: bool,
}

/// An edge of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Edge {
    /// From left to right.
    Width,
    /// From top to bottom.
    Height,
}

fn yes() -> bool {
    true
}

/// All of them.
pub(super) fn flags() -> Vec<Flag> {
    toml::from_str::<Foreign>(FOREIGN).expect("a test reads it").flag
}

/// The flag of a name, by the value that it seems to have.
pub(super) fn find<'f>(name: &str, value: Option<&str>, flags: &'f [Flag]) -> Option<&'f Flag> {
    let name = name.replace('_', "-");
    let is_number = value.is_some_and(|value| value.parse::<u64>().is_ok());
    let mut of_name = flags.iter().filter(|flag| flag.names.contains(&name));
    of_name
        .clone()
        .find(|flag| flag.number && is_number)
        .or_else(|| of_name.find(|flag| !flag.number))
}

/// Whether another program has a flag of this name, which is more than a letter.
pub(super) fn is_foreign(name: &str) -> bool {
    name.len() > 1 && flags().iter().any(|flag| flag.names.contains(&name.replace('_', "-")))
}
