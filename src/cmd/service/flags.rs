//! Flags of commands that a client gives by their names.

use clap::Args;

use crate::error::{Error, Result};
use crate::text;

/// Flags that are switches.
const SWITCHES: &[&str] = &["all", "free", "list"];

/// The arguments that names and values stand for: `limit` and `5` are `--limit=5`; `query` is a word.
///
/// # Errors
/// A name is not among those that are known, or its value is none of it.
pub(in crate::cmd) fn flags<A: Args>(
    given: impl Iterator<Item = (String, String)>,
    known: &[&str],
) -> Result<A> {
    let mut words = vec!["query".to_owned()];
    let mut bare = Vec::new();
    for (name, value) in given {
        if !known.contains(&&*name) {
            return Err(unknown(&name, known));
        }
        match &*name {
            "query" => bare.push(value),
            name if SWITCHES.contains(&name) => {
                if !["0", "false"].contains(&&*value) {
                    words.push(format!("--{name}"));
                }
            }
            name => words.push(format!("--{name}={value}")),
        }
    }
    if !bare.is_empty() {
        words.push("--".to_owned());
        words.extend(bare);
    }
    // Other flags contradict it, and it is what is printed.
    let json = clap::Arg::new("json").long("json").action(clap::ArgAction::SetTrue);
    let command = A::augment_args(clap::Command::new("query").arg(json));
    let read = command.try_get_matches_from(words).and_then(|found| A::from_arg_matches(&found));
    read.map_err(|error| {
        let said = error.to_string();
        let said = said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Error::usage(said).code("invalid_request")
    })
}

/// That there is no parameter of this name.
pub(in crate::cmd) fn unknown(name: &str, known: &[&str]) -> Error {
    let error = Error::usage(format!("unknown parameter `{}`", text::clean(name, 60)))
        .code("invalid_request");
    match text::nearest(name, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.hint("there are none here"),
        None => error.hint(format!("there are {}", known.join(", "))),
    }
}
