//! zsh's completion as people load it: from a start-up file that may not have begun completion at all.
//!
//! Without `compinit` there is no `compdef`, and the script would end with an error.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::env::{self, EnvCompleter};

/// Begins completion where nobody has; directories that others may write are left out unasked.
const BEGIN: &str = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }";
/// Where a script of zsh takes itself up.
const TAKEN_UP: &str = "    compdef _pinx pinx";

/// A script that is made once.
pub(crate) fn beginning(script: &str) -> String {
    script.replace(TAKEN_UP, &format!("    {BEGIN}\n{TAKEN_UP}"))
}

/// The shell that asks while typing.
pub(crate) struct Zsh;

impl EnvCompleter for Zsh {
    fn name(&self) -> &'static str {
        env::Zsh.name()
    }

    fn is(&self, name: &str) -> bool {
        env::Zsh.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let mut script = Vec::new();
        env::Zsh.write_registration(var, name, bin, completer, &mut script)?;
        // The first line says to zsh what the file is.
        let script = String::from_utf8_lossy(&script);
        let (head, rest) = script.split_once('\n').unwrap_or((&script, ""));
        write!(buf, "{head}\n{BEGIN}\n{rest}")
    }

    fn write_complete(
        &self,
        command: &mut Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        env::Zsh.write_complete(command, args, current_dir, buf)
    }
}
