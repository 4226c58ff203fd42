//! `pinx completions`: the script that teaches a shell to complete, and the names that are completed
//! while typing.
//!
//! The scripts are embedded, packed, as they are committed in `completions/`; a test makes them anew
//! from the command line and compares. The candidates come from the embedded catalog alone: no
//! settings, no network, and no failure.

use std::ffi::OsStr;

use clap_complete::Shell;
use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter as _};
use serde_json::json;
use toml::Table;

use super::App;
use crate::catalog::{Catalog, State};
use crate::error::Exit;
use crate::text;

const BASH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pinx.bash.z"));
const ZSH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/_pinx.z"));
const FISH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pinx.fish.z"));
const POWERSHELL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/_pinx.ps1.z"));
const ELVISH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pinx.elv.z"));

/// What `completions` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Two ways, either is enough:\n\n  \
    Once, a file (it completes commands and flags):\n    \
    pinx completions bash > ~/.local/share/bash-completion/completions/pinx\n    \
    pinx completions zsh  > ~/.zfunc/_pinx        (with `fpath+=~/.zfunc` before `compinit`)\n    \
    pinx completions fish > ~/.config/fish/completions/pinx.fish\n\n  \
    In the shell's start-up file (it also completes models, styles and palettes):\n    \
    bash    source <(COMPLETE=bash pinx)\n    \
    zsh     source <(COMPLETE=zsh pinx)\n    \
    fish    COMPLETE=fish pinx | source\n    \
    elvish  eval (E:COMPLETE=elvish pinx | slurp)")]
pub struct Args {
    /// Choose the shell
    pub shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// None of its own.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let script = match args.shell {
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        Shell::PowerShell => POWERSHELL,
        Shell::Elvish => ELVISH,
        _ => BASH,
    };
    let script = text::unpacked(script);
    if app.ui.options().json {
        let script = String::from_utf8_lossy(&script);
        app.ui.json(&json!({ "success": true, "shell": args.shell.to_string(), "script": script }));
        return Ok(Exit::OK);
    }
    // Whether it got there is asked at the end of the program, as for all output.
    let _ = app.ui.bytes(&script);
    if app.ui.stdout_is_terminal() {
        app.ui.note("this belongs into a file; `pinx completions --help` says which");
    }
    Ok(Exit::OK)
}

/// Models for `--model` and `--fallback`; in a list, the one behind the last comma.
pub(crate) fn models(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(catalog) = catalog() else { return Vec::new() };
    let today = crate::clock::now().strftime("%Y-%m-%d").to_string();
    let alive = catalog.models.iter().filter(|model| model.life.on(&today) != State::Retired);
    let mut known = vec![("auto".to_owned(), "the first model that can be used".to_owned())];
    let mut bare = Vec::new();
    for model in alive {
        known.push((model.full_id(), model.description.clone()));
        bare.push((model.id.clone(), format!("{}: {}", model.provider, model.description)));
    }
    let found = candidates(current, &known);
    if !found.is_empty() {
        return found;
    }
    // A bare name is enough where only one provider has it.
    let names: Vec<String> = bare.iter().map(|(name, _)| name.clone()).collect();
    bare.retain(|(name, _)| names.iter().filter(|other| *other == name).count() == 1);
    candidates(current, &bare)
}

/// Styles for `--style`.
pub(crate) fn styles(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(catalog) = catalog() else { return Vec::new() };
    let known: Vec<_> = catalog
        .styles()
        .iter()
        .map(|style| (style.id.clone(), style.description.clone()))
        .collect();
    candidates(current, &known)
}

/// Palettes for `--colors`.
pub(crate) fn palettes(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(catalog) = catalog() else { return Vec::new() };
    let colors = |palette: &crate::style::Palette| {
        palette.colors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let known: Vec<_> =
        catalog.palettes().iter().map(|palette| (palette.id.clone(), colors(palette))).collect();
    candidates(current, &known)
}

/// Images for `info`, `redo` and `open`: `last`, ids of the log, files.
pub(crate) fn pictures(current: &OsStr) -> Vec<CompletionCandidate> {
    PathCompleter::any().complete(current)
}

/// A completion must never fail; without a catalog there is nothing to offer.
fn catalog() -> Option<Catalog> {
    Catalog::load(&Table::new(), &[]).ok()
}

/// Those that begin with what is typed, in the catalog's order.
fn candidates(current: &OsStr, known: &[(String, String)]) -> Vec<CompletionCandidate> {
    let Some(typed) = current.to_str() else { return Vec::new() };
    let (before, typed) = typed.rfind(',').map_or(("", typed), |at| typed.split_at(at + 1));
    known
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| name.starts_with(typed))
        .map(|(at, (name, description))| {
            CompletionCandidate::new(format!("{before}{name}"))
                .help(Some(description.clone().into()))
                .display_order(Some(at))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &[CompletionCandidate]) -> Vec<String> {
        found.iter().map(|one| one.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn models_complete_with_provider_bare_and_in_lists() {
        let of = |typed: &str| names(&models(OsStr::new(typed)));
        assert_eq!(of("")[0], "auto");
        assert!(of("fal/flux-s").contains(&"fal/flux-schnell".to_owned()));
        assert_eq!(of("flux-sch"), ["flux-schnell"]);
        assert_eq!(of("auto,pinx/"), ["auto,pinx/sketch"]);
        assert!(of("nonsense").is_empty());
        assert!(
            !of("openai/").contains(&"openai/dall-e-3".to_owned()),
            "retired models are not offered"
        );
    }

    #[test]
    fn styles_and_palettes_complete_with_a_description() {
        let found = styles(OsStr::new("voxel"));
        assert_eq!(names(&found), ["voxel-3d"]);
        assert!(found[0].get_help().is_some_and(|help| !help.to_string().is_empty()));
        let palettes = palettes(OsStr::new(""));
        assert!(!palettes.is_empty());
        assert!(
            palettes
                .iter()
                .all(|one| one.get_help().is_some_and(|help| help.to_string().starts_with('#')))
        );
    }
}
