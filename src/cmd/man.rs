//! `pinx man`: the manual pages, embedded, packed, as they are committed in `man/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::App;
use super::help::TOPICS;
use crate::error::{Error, Exit, Kind, Result};
use crate::ui::Paging;
use crate::{fs, text};

/// The pages by the names of their files: `pinx-log.1`.
fn pages() -> BTreeMap<String, String> {
    text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/manual.z")))
}

/// What `man` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "On a terminal it is shown, in a pipe it is roff: pinx man generate | man -l -\n\
    To install them all: pinx man --output ~/.local/share/man"
)]
pub struct Args {
    /// Print the page of this command or topic [default: the page of pinx itself]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// Write all pages below this directory instead, in `man1`, `man5` and `man7`
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
    let pages = pages();
    let name = find(&pages, args.command.as_deref().unwrap_or_default())?;
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "page": name, "roff": pages[name] }));
        return Ok(Exit::OK);
    }
    if !app.ui.stdout_is_terminal() {
        // Whether it got there is asked at the end of the program, as for all output.
        let _ = app.ui.bytes(pages[name].as_bytes());
        return Ok(Exit::OK);
    }
    app.ui.manual(&pages[name]);
    // Nothing here shows manual pages.
    let word = bare(name).unwrap_or_default();
    match TOPICS.iter().find(|topic| topic.name == word) {
        Some(topic) => {
            app.ui.paged(Paging::Auto, |ui| ui.markdown(topic.markdown));
            Ok(Exit::OK)
        }
        None => {
            let help = format!("pinx help {word}");
            Err(Error::usage("there is no `man` here that shows a page from a pipe")
                .hint(format!("`{}` tells the same", help.trim_end()))
                .into())
        }
    }
}

/// The page of a command or a topic, by its name, an alias, or the name of its file.
fn find<'a>(pages: &'a BTreeMap<String, String>, wanted: &str) -> Result<&'a str> {
    let name = match wanted.strip_prefix("pinx-").unwrap_or(wanted) {
        "" | "pinx" | "pinx.1" => "pinx".to_owned(),
        "gen" | "g" => "pinx-generate".to_owned(),
        "resume" => "pinx-recover".to_owned(),
        name => format!("pinx-{name}"),
    };
    // What is a command and a topic is the command first.
    let files = ["", ".1", ".5", ".7"].map(|section| format!("{name}{section}"));
    if let Some((page, _)) = files.iter().find_map(|file| pages.get_key_value(file)) {
        return Ok(page);
    }
    let names: Vec<&str> = pages.keys().filter_map(|file| bare(file)).collect();
    let error = Error::usage(format!("no manual page for `{}`", text::clean(wanted, 80)));
    Err(match text::nearest(wanted, names.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `pinx man {near}`?")),
        None => error.hint(format!("there are: {}", names.join(", "))),
    })
}

/// The name behind `pinx-`, without its section.
fn bare(file: &str) -> Option<&str> {
    file.strip_prefix("pinx-")?.rsplit_once('.').map(|(name, _)| name)
}

/// Writes each page into the directory of its section. A directory that is one itself stands for the
/// one above it.
fn write(directory: &Path) -> Result<Vec<PathBuf>> {
    let root = match directory.file_name() {
        Some(name) if name == "man1" => directory.parent().unwrap_or(directory),
        _ => directory,
    };
    let cannot = |error: std::io::Error| {
        Error::new(Kind::Local, format!("nothing can be written in `{}`: {error}", root.display()))
            .hint("choose another directory with `--output`")
    };
    let mut paths = Vec::new();
    for (file, text) in pages() {
        let section = file.rsplit_once('.').map_or("1", |(_, section)| section);
        let directory = root.join(format!("man{section}"));
        fs::create_dir(&directory).map_err(cannot)?;
        let path = directory.join(&file);
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
        let pages = pages();
        for (wanted, file) in [
            ("", "pinx.1"),
            ("pinx-log.1", "pinx-log.1"),
            ("resume", "pinx-recover.1"),
            ("recover", "pinx-recover.1"),
            ("recover.7", "pinx-recover.7"),
            ("batch-files", "pinx-batch-files.5"),
        ] {
            assert_eq!(find(&pages, wanted).unwrap(), file, "{wanted}");
        }
        let error = find(&pages, "modles").unwrap_err();
        assert_eq!(error.hints, ["did you mean `pinx man models`?"]);
    }

    #[test]
    fn all_pages_are_written_into_their_sections() {
        let directory = tempfile::tempdir().unwrap();
        let paths = write(&directory.path().join("share/man/man1")).unwrap();
        assert_eq!(paths.len(), pages().len());
        assert!(paths.iter().all(|path| path.is_file()));
        let money = directory.path().join("share/man/man7/pinx-money.7");
        assert!(paths.contains(&money), "{paths:?}");
    }
}
