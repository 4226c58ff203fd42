//! `--set KEY=VALUE`: changes of a recipe, as the flags of the same names make them. An empty value
//! takes something out of the recipe.
//!
//! Pure.

use std::collections::BTreeSet;

use crate::cmd::generate;
use crate::error::{Error, Result};
use crate::text;

/// What can be set, besides `params.KEY`.
const KEYS: [&str; 12] = [
    "prompt",
    "negative",
    "model",
    "size",
    "aspect",
    "quality",
    "seed",
    "style",
    "colors",
    "background",
    "format",
    "label",
];

/// Changes of a recipe that no flag can say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sets {
    /// Another prompt.
    pub prompt: Option<String>,
    /// Keys that are taken out of the recipe; parameters as `params.KEY`.
    cleared: BTreeSet<String>,
}

impl Sets {
    /// Is this taken out of the recipe?
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
            if !KEYS.contains(&key) {
                return Err(unknown(key));
            }
            let is_again = read.cleared.contains(key);
            let place = match key {
                "prompt" => &mut read.prompt,
                _ => flag(args, key),
            };
            if is_again || place.is_some() {
                return Err(Error::usage(format!("`{key}` is set twice"))
                    .hint(format!("leave one of `--set {key}=…` and `--{key}` out")));
            }
            if value.trim().is_empty() && key == "prompt" {
                return Err(Error::usage("`--set prompt=` leaves no prompt")
                    .hint("write what is to be seen: `--set prompt=\"a red fox\"`"));
            }
            if value.is_empty() {
                read.cleared.insert(key.to_owned());
            } else {
                *place = Some(value.to_owned());
            }
        }
        Ok(read)
    }
}

/// The flag that a key stands for.
fn flag<'a>(args: &'a mut generate::Args, key: &str) -> &'a mut Option<String> {
    match key {
        "negative" => &mut args.negative,
        "model" => &mut args.model,
        "size" => &mut args.size,
        "aspect" => &mut args.aspect,
        "quality" => &mut args.quality,
        "seed" => &mut args.seed,
        "style" => &mut args.style,
        "colors" => &mut args.colors,
        "background" => &mut args.background,
        "format" => &mut args.format,
        _ => &mut args.label,
    }
}

fn unknown(key: &str) -> Error {
    let key = text::clean(key, 60);
    let error = Error::usage(format!("a recipe has no `{key}`")).code("unknown_key");
    match text::nearest(&key, KEYS) {
        Some(near) => error.hint(format!("did you mean `--set {near}=…`?")),
        None => error.hint(format!(
            "it has {} and `params.KEY`, which is passed to the provider as it is",
            KEYS.join(", ")
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
        for key in KEYS {
            let (sets, args) = read(&[&format!("{key}=x=y")]).unwrap();
            let told = format!("{sets:?}{args:?}");
            assert!(told.contains(&format!("{key}: Some(\"x=y\")")), "{key}: {told}");
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
            (&["seed"], "write `--set KEY=VALUE`, such as `--set seed=7`"),
            (&["seed=1", "seed=2"], "leave one of `--set seed=…` and `--seed` out"),
            (&["seed=", "seed=2"], "leave one of `--set seed=…` and `--seed` out"),
        ] {
            assert_eq!(read(set).unwrap_err().hints, [hint], "{set:?}");
        }
        assert!(read(&["params.=1"]).is_err() && read(&["=1"]).is_err());
    }
}
