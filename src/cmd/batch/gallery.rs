//! `--gallery FILE`: a page of the whole batch, written while it runs.
//!
//! A thread of its own reads the images and writes the page, in the order of the files. The page has
//! its name only when it is whole: until then it is a part file beside it.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::JoinHandle;

use tempfile::NamedTempFile;

use super::outcome::Outcome;
use crate::cmd::App;
use crate::error::{Error, Exit, Kind, Result};
use crate::fs;
use crate::page::seal::{self, PageKind};
use crate::page::{self, Head, Totals, html};
use crate::store::log::Drawn;
use crate::store::{Entry, EntryKind, OutputTarget, candidate};

/// Entries that may wait for the thread. More hold up the run, so that memory stays flat; no provider
/// answers so quickly.
const WAITING: usize = 1024;

/// Where the page will be.
pub(super) struct Target {
    path: PathBuf,
    force: bool,
}

impl Target {
    /// Makes sure, before anything is paid, that the page can be written there.
    ///
    /// # Errors
    /// It is no name for a page, it is taken, or nothing can be written there.
    pub(super) fn new(path: &Path, force: bool, inputs: &[PathBuf]) -> Result<Target> {
        let shown = path.display();
        let is_page = path.extension().is_some_and(|extension| {
            extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm")
        });
        if !is_page || path.is_dir() {
            return Err(Error::usage(format!("the gallery `{shown}` is no name for a page"))
                .hint("`--gallery gallery.html`"));
        }
        let is_input = |input: &PathBuf| matches!((input.canonicalize(), path.canonicalize()), (Ok(one), Ok(other)) if one == other);
        if inputs.iter().any(is_input) {
            return Err(Error::usage(format!("the gallery `{shown}` is a file of the batch"))
                .hint("choose another name"));
        }
        let known = seal::untouched(path);
        let is_ours = known == Some(PageKind::Gallery);
        if path.symlink_metadata().is_ok() && !force && !is_ours {
            let other = known.map(|kind| format!(" and is {}", kind.words())).unwrap_or_default();
            return Err(Error::usage(format!("the gallery `{shown}` exists already{other}"))
                .hint("choose another name, or `--force` replaces it"));
        }
        let directory = path.parent().unwrap_or(Path::new(""));
        fs::probe_writable(directory).map_err(|error| {
            let place = directory.display();
            Error::usage(format!("the gallery cannot be written in `{place}`: {error}"))
                .hint("choose another place with `--gallery`")
        })?;
        Ok(Target { path: path.to_owned(), force: force || is_ours })
    }

    /// Gives the page its name; where it was taken meanwhile, the next that is free.
    fn publish(&self, part: NamedTempFile) -> io::Result<PathBuf> {
        // Held, and so locked, until it has its name.
        let (_held, part) = part.into_parts();
        if self.force {
            fs::replace(&part, &self.path)?;
            return Ok(self.path.clone());
        }
        let text = |part: Option<&std::ffi::OsStr>| {
            part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let target = OutputTarget {
            directory: self.path.parent().unwrap_or(Path::new("")).to_owned(),
            stem: text(self.path.file_stem()),
            extension: text(self.path.extension()),
            suffix_ok: true,
            within: None,
        };
        let others = (1..).map(|index| candidate(&target, index));
        let named = fs::publish_first(&part, std::iter::once(self.path.clone()).chain(others))?;
        named.ok_or_else(|| io::Error::other("there is no name left"))
    }
}

/// A page under way.
pub(super) struct Gallery {
    target: Target,
    entries: SyncSender<page::Entry>,
    writer: JoinHandle<io::Result<(Page, Totals)>>,
}

type Page = html::Page<BufWriter<NamedTempFile>>;

impl Gallery {
    /// Begins the page.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn begin(target: Target, head: &Head) -> Result<Gallery> {
        let page = || -> io::Result<Page> {
            let part = fs::part_beside(&target.path)?;
            let directory = part.path().parent().unwrap_or(Path::new(".")).to_owned();
            html::Page::begin(BufWriter::new(part), &directory, head)
        };
        let page = page().map_err(|error| {
            let shown = target.path.display();
            Error::new(Kind::Local, format!("the gallery `{shown}` cannot be begun: {error}"))
        })?;
        let (entries, waiting) = mpsc::sync_channel(WAITING);
        let writer = std::thread::spawn(move || write(page, &waiting));
        Ok(Gallery { target, entries, writer })
    }

    /// Adds an entry. After a failure it is dropped: the images are what counts.
    pub(super) fn add(&self, entry: page::Entry) {
        let _ = self.entries.send(entry);
    }

    /// Ends the page with the sums of the run; answers with its path and hash.
    ///
    /// # Errors
    /// What the disk said, at any time.
    pub(super) fn finish(self, run: &str, outcome: &Outcome) -> Result<Drawn> {
        let Gallery { target, entries, writer } = self;
        drop(entries);
        let written =
            writer.join().unwrap_or_else(|_| Err(io::Error::other("its writer broke off")));
        let named = written.and_then(|(page, counted)| {
            let totals = Totals {
                spent: outcome.spent,
                is_about: outcome.is_about,
                unpriced: outcome.unpriced,
                uncertain: outcome.uncertain,
                unbegun: outcome.unbegun,
                ms: outcome.ms,
                run: run.to_owned(),
                ..counted
            };
            let mut part =
                page.finish(&totals)?.into_inner().map_err(|error| error.into_error())?;
            let sha256 = seal::seal(part.as_file_mut())?;
            Ok(Drawn { path: target.publish(part)?, sha256 })
        });
        named.map_err(|error| {
            let shown = target.path.display();
            Error::new(Kind::Local, format!("the gallery `{shown}` cannot be written: {error}"))
        })
    }
}

/// Ends the gallery of a run, if there is one. A page that could not be written is told and in the exit
/// code; the images are safe.
///
/// # Errors
/// Those of the run.
pub(super) fn end(
    app: &App,
    gallery: Option<Gallery>,
    run: &str,
    outcome: Result<Outcome>,
) -> Result<Outcome> {
    let Some(gallery) = gallery else { return outcome };
    match outcome {
        Ok(mut outcome) => {
            match gallery.finish(run, &outcome) {
                Ok(drawn) => {
                    outcome.gallery = Some(drawn.path.clone());
                    tell_log(app, run, drawn);
                }
                Err(error) => {
                    app.ui.warn(&error.to_string());
                    outcome.exits.push(Exit::LOCAL);
                }
            }
            Ok(outcome)
        }
        Err(error) => {
            drop(gallery.entries);
            // Its part file goes before the process does.
            let _ = gallery.writer.join();
            Err(error)
        }
    }
}

/// Has the page of a run in the log, where `pinx open` looks for it. It is no loss where it is not there.
fn tell_log(app: &App, run: &str, drawn: Drawn) {
    let path = std::path::absolute(&drawn.path).unwrap_or(drawn.path);
    let drawn = vec![Drawn { path, sha256: drawn.sha256 }];
    let _ = app.log.record(&[Entry { drawn, ..Entry::of_run(EntryKind::Drawn, run) }]);
}

/// Writes what comes until nothing more can come.
fn write(mut page: Page, waiting: &Receiver<page::Entry>) -> io::Result<(Page, Totals)> {
    let mut totals = Totals::default();
    for entry in waiting {
        totals.add(&entry);
        page.entry(&entry)?;
    }
    Ok((page, totals))
}
