//! `--set KEY=VALUE`: changes of a recipe, as the flags of the same names make them. An empty value
//! takes something out of the recipe.
//!
//! Pure.

use std::collections::BTreeSet;

use crate::cmd::generate;
use crate::error::{Error, Result};
use crate::request::orders;
use crate::request::parameter::{self, Parameter};
use crate::text;

/// What can be set, besides `params.KEY`.
fn keys() -> impl Iterator<Item = &'static str> {
    parameter::names(orders::SETS).filter(|name| !["params", "inputs"].contains(name))
}

/// The help of `--set`.
pub(super) fn help() -> String {
    let keys: Vec<&str> = keys().collect();
    format!(
        "Change the recipe, repeatable: {}, params.KEY; an empty value takes it out",
        keys.join(", ")
    )
}

/// Changes of a recipe that no flag can say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sets {
    /// Another prompt.
    pub prompt: Option<String>,
    /// Keys that are taken out of the recipe; parameters as `params.KEY`.
    cleared: BTreeSet<String>,
}

impl Sets {
    /// Whether this is taken out of the recipe.
    pub(super) fn clears(&self, key: &str) -> bool {
        self.cleared.contains(key)
    }

    /// Reads changes: what a flag can say becomes one.
    ///
    /// # Errors
    /// A change without `=`, of a key that is none, or of one that a flag sets, too.
    pub(super) fn read(sets: &[String], args: &mut generate::Args) -> Result<Sets> {
        let mut read = Sets::default();
        for set in sets {
            let (key, value) = set.split_once('=').ok_or_else(|| {
                Error::usage(format!("`--set {}` has no `=`", text::clean(set, 80)))
                    .hint("write `--set KEY=VALUE`, such as `--set seed=7`")
            })?;
            let key = key.trim();
            if let Some(name) = key.strip_prefix("params.").filter(|name| !name.is_empty()) {
                if value.is_empty() {
                    read.cleared.insert(key.to_owned());
                } else {
                    args.params.push(format!("{name}={value}"));
                }
                continue;
            }
            let Some(key) = keys().find(|known| *known == key) else { return Err(unknown(key)) };
            let is_given = match key {
                "prompt" => read.prompt.is_some(),
                "model" => args.model.is_some(),
                _ => args.picture.has(key),
            };
            if is_given || read.clears(key) {
                let flag = parameter::find(key).map_or(key, Parameter::flag);
                return Err(Error::usage(format!("`{key}` is set twice"))
                    .hint(format!("leave one of `--set {key}=…` and `--{flag}` out")));
            }
            if value.trim().is_empty() && key == "prompt" {
                return Err(Error::usage("`--set prompt=` leaves no prompt")
                    .hint("write what is to be seen: `--set prompt=\"a red fox\"`"));
            }
            match (key, parameter::find(key)) {
                _ if value.is_empty() => drop(read.cleared.insert(key.to_owned())),
                ("prompt", _) => read.prompt = Some(value.to_owned()),
                (_, Some(parameter)) => args.picture.set(parameter, value.to_owned()),
                (_, None) => args.model = Some(value.to_owned()),
            }
        }
        Ok(read)
    }
}

fn unknown(key: &str) -> Error {
    let key = text::clean(key, 60);
    let error = Error::usage(format!("a recipe has no `{key}`")).code("unknown_key");
    if ["image", "images", "input", "inputs", "mask"].contains(&&*key) {
        return error.hint("`-i FILE` names pictures, `--mask FILE` a mask");
    }
    match text::nearest(&key, keys()) {
        Some(near) => error.hint(format!("did you mean `--set {near}=…`?")),
        None => error.hint(format!(
            "it has {} and `params.KEY`, which is passed to the provider as it is",
            keys().collect::<Vec<_>>().join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sets: &[&str]) -> Result<(Sets, generate::Args)> {
        let mut args = generate::Args::default();
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        Sets::read(&sets, &mut args).map(|sets| (sets, args))
    }

    #[test]
    fn every_key_has_its_place() {
        for key in keys() {
            let (sets, args) = read(&[&format!("{key}=x=y")]).unwrap();
            let told = format!("{sets:?}{args:?}");
            let is_told = told.contains(&format!("{key}: Some(\"x=y\")"))
                || told.contains(&format!("\"{key}\": Given {{ text: \"x=y\""));
            assert!(is_told, "{key}: {told}");
            if key == "prompt" {
                assert!(read(&["prompt="]).is_err() && read(&["prompt= "]).is_err());
                continue;
            }
            let (sets, args) = read(&[&format!("{key}=")]).unwrap();
            assert!(sets.clears(key) && !format!("{args:?}").contains("Some"), "{key}");
        }
        let (sets, args) = read(&["params.steps=30", "params.cfg="]).unwrap();
        assert!(sets.clears("params.cfg") && args.params == ["steps=30"]);
    }

    #[test]
    fn slips_are_told() {
        for (set, hint) in [
            (&["sede=7"][..], "did you mean `--set seed=…`?"),
            (&["inputs=x.png"], "`-i FILE` names pictures, `--mask FILE` a mask"),
            (&["seed"], "write `--set KEY=VALUE`, such as `--set seed=7`"),
            (&["seed=1", "seed=2"], "leave one of `--set seed=…` and `--seed` out"),
            (&["seed=", "seed=2"], "leave one of `--set seed=…` and `--seed` out"),
        ] {
            assert_eq!(read(set).unwrap_err().hints, [hint], "{set:?}");
        }
        assert!(read(&["params.=1"]).is_err() && read(&["=1"]).is_err());
    }
}
