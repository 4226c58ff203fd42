//! `pinx man`: the manual pages, embedded as they are committed in `man/`.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::App;
use crate::error::{Error, Exit, Kind, Result};
use crate::{fs, text};

/// The pages: the command (empty for `pinx` itself) and its text.
const PAGES: [(&str, &str); 19] = [
    ("", include_str!("../../man/pinx.1")),
    ("generate", include_str!("../../man/pinx-generate.1")),
    ("batch", include_str!("../../man/pinx-batch.1")),
    ("compare", include_str!("../../man/pinx-compare.1")),
    ("vote", include_str!("../../man/pinx-vote.1")),
    ("info", include_str!("../../man/pinx-info.1")),
    ("redo", include_str!("../../man/pinx-redo.1")),
    ("recover", include_str!("../../man/pinx-recover.1")),
    ("models", include_str!("../../man/pinx-models.1")),
    ("providers", include_str!("../../man/pinx-providers.1")),
    ("keys", include_str!("../../man/pinx-keys.1")),
    ("config", include_str!("../../man/pinx-config.1")),
    ("styles", include_str!("../../man/pinx-styles.1")),
    ("log", include_str!("../../man/pinx-log.1")),
    ("stats", include_str!("../../man/pinx-stats.1")),
    ("doctor", include_str!("../../man/pinx-doctor.1")),
    ("cache", include_str!("../../man/pinx-cache.1")),
    ("completions", include_str!("../../man/pinx-completions.1")),
    ("man", include_str!("../../man/pinx-man.1")),
];

/// What `man` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "To read one: pinx man generate | man -l -\n\
    To install them all: pinx man --output ~/.local/share/man/man1")]
pub struct Args {
    /// Print the page of this command [default: the page of pinx itself]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// Write all pages into this directory instead
    #[arg(short, long, value_name = "DIR", conflicts_with = "command")]
    pub output: Option<PathBuf>,
}

/// Prints a page, or writes them all.
///
/// # Errors
/// There is no such page, or the directory cannot be written.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    if let Some(directory) = &args.output {
        let paths = write(directory)?;
        if app.ui.options().json {
            app.ui.json(&json!({ "success": true, "paths": paths }));
        } else {
            paths.iter().for_each(|path| app.ui.line(&path.display().to_string()));
        }
        return Ok(Exit::OK);
    }
    let page = find(args.command.as_deref().unwrap_or_default())?;
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "page": file_name(page.0), "roff": page.1 }));
        return Ok(Exit::OK);
    }
    // Whether it got there is asked at the end of the program, as for all output.
    let _ = app.ui.bytes(page.1.as_bytes());
    if app.ui.stdout_is_terminal() {
        let command = if page.0.is_empty() { String::new() } else { format!(" {}", page.0) };
        app.ui.note(&format!("this is roff; to read it: `pinx man{command} | man -l -`"));
    }
    Ok(Exit::OK)
}

fn file_name(command: &str) -> String {
    if command.is_empty() { "pinx.1".to_owned() } else { format!("pinx-{command}.1") }
}

/// The page of a command, by its name, an alias, or the name of its file.
fn find(command: &str) -> Result<&'static (&'static str, &'static str)> {
    let plain = command.strip_suffix(".1").unwrap_or(command);
    let name = match plain.strip_prefix("pinx-").unwrap_or(plain) {
        "pinx" => "",
        "gen" | "g" => "generate",
        "resume" => "recover",
        name => name,
    };
    PAGES.iter().find(|(page, _)| *page == name).ok_or_else(|| {
        let names = || PAGES.iter().map(|(page, _)| *page).filter(|page| !page.is_empty());
        let error = Error::usage(format!("no manual page for `{command}`"));
        match text::nearest(name, names()) {
            Some(near) => error.hint(format!("did you mean `pinx man {near}`?")),
            None => error.hint(format!("there are: {}", names().collect::<Vec<_>>().join(", "))),
        }
    })
}

fn write(directory: &Path) -> Result<Vec<PathBuf>> {
    let cannot = |error: std::io::Error| {
        Error::new(
            Kind::Local,
            format!("nothing can be written in `{}`: {error}", directory.display()),
        )
        .hint("choose another directory with `--output`")
    };
    fs::create_dir(directory).map_err(cannot)?;
    let mut paths = Vec::with_capacity(PAGES.len());
    for (command, text) in PAGES {
        let path = directory.join(file_name(command));
        fs::write_atomic(&path, text.as_bytes(), fs::Mode::Normal).map_err(cannot)?;
        paths.push(path);
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_name_or_not_at_all() {
        assert_eq!(find("").unwrap().0, "");
        assert_eq!(find("pinx-log.1").unwrap().0, "log");
        assert_eq!(find("resume").unwrap().0, "recover");
        let error = find("modles").unwrap_err();
        assert_eq!(error.hints, ["did you mean `pinx man models`?"]);
    }

    #[test]
    fn all_pages_are_written() {
        let directory = tempfile::tempdir().unwrap();
        let paths = write(&directory.path().join("share/man1")).unwrap();
        assert_eq!(paths.len(), PAGES.len());
        assert!(paths.iter().all(|path| path.is_file()));
        assert!(paths[0].ends_with("pinx.1"));
    }
}
