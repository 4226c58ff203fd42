//! `pinx completions`: the script that teaches a shell to complete, and what is offered while typing.
//!
//! The scripts are embedded, packed, as they are committed in `completions/`; a test makes them anew
//! from the command line and compares. Shells that ask while typing also get what the user's home has.
//! No network, nothing written, and no failure.

mod closed;
mod home;
mod offer;
mod taught;
mod zsh;

use clap_complete::Shell;
use serde_json::json;

use super::App;
use crate::error::Exit;
use crate::text;
pub(crate) use taught::{closed_values, setting_values, taught, taught_for_script};
pub(crate) use zsh::{Zsh, beginning};

const BASH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pinx.bash.z"));
const ZSH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/_pinx.z"));
const FISH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pinx.fish.z"));
const POWERSHELL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/_pinx.ps1.z"));
const ELVISH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pinx.elv.z"));

/// What `completions` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Two ways, either is enough:\n\n  \
    Once, a file (it completes commands, flags, and their values as far as they are the\n    \
    same everywhere):\n    \
    pinx completions bash > ~/.local/share/bash-completion/completions/pinx\n    \
    pinx completions zsh  > ~/.zfunc/_pinx        (with `fpath+=~/.zfunc` before `compinit`)\n    \
    pinx completions fish > ~/.config/fish/completions/pinx.fish\n\n  \
    In the shell's start-up file (it also knows your models and the\n  \
    ids of `pinx log`):\n    \
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
