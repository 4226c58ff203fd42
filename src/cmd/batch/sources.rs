//! The files of a batch, copied aside at the start: what is checked is what runs, however long that
//! takes and whoever edits them meanwhile.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Seek as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::spool::spooled;
use crate::batch::{self, Base, Format, Item, Problem, Problems};
use crate::cmd::App;
use crate::error::{Error, Exit, Kind, Result};
use crate::fs;

/// The files in the order in which they were named.
pub(in crate::cmd) struct Sources(Vec<JobFile>);

struct JobFile {
    name: String,
    format: Format,
    /// A copy without a name.
    copy: File,
}

/// What is wrong, file by file.
pub(in crate::cmd) struct Faults {
    files: Vec<(String, Problems)>,
    /// How many of them are a missing or refused key.
    keys: u64,
}

impl Sources {
    /// Copies the files; `-` is stdin.
    ///
    /// # Errors
    /// A file cannot be read, or its extension says nothing.
    pub(in crate::cmd) fn open(app: &App, files: &[PathBuf]) -> Result<Sources> {
        let one = |path: &PathBuf| -> Result<JobFile> {
            let is_stdin = path == Path::new("-");
            let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
            let format = Format::of_path(path).ok_or_else(|| {
                let known: Vec<&str> = Format::EXTENSIONS.iter().map(|(known, _)| *known).collect();
                Error::usage(format!("the extension of `{name}` does not tell its format"))
                    .code("batch_format")
                    .hint(format!("known are {}; `-` reads JSONL from stdin", known.join(", ")))
            })?;
            let unreadable = |error: io::Error| {
                Error::usage(format!("the batch file `{name}` cannot be read: {error}"))
                    .code("batch_file")
            };
            let mut copy = spooled(app, fs::spill_file)?;
            let copied = if is_stdin {
                io::copy(&mut io::stdin().lock(), &mut copy)
            } else {
                let file = File::open(path).map_err(unreadable)?;
                io::copy(&mut BufReader::new(file), &mut copy)
            };
            copied.map_err(
                |error| if is_full(&error) { full(app, &error) } else { unreadable(error) },
            )?;
            Ok(JobFile { name, format, copy })
        };
        Ok(Sources(files.iter().map(one).collect::<Result<_>>()?))
    }

    /// The names of the files, for a title.
    pub(super) fn title(&self) -> String {
        let name = |source: &JobFile| {
            let name = Path::new(&source.name).file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let names: Vec<String> = self.0.iter().take(3).map(name).collect();
        let more = if self.0.len() > names.len() { ", …" } else { "" };
        names.join(", ") + more
    }

    /// An empty list of what is wrong in each.
    pub(in crate::cmd) fn faults(&self) -> Faults {
        let named = |source: &JobFile| (source.name.clone(), Problems::default());
        Faults { files: self.0.iter().map(named).collect(), keys: 0 }
    }

    /// Reads all files from their start. `each` gets the items with the number of their file, counted
    /// through over all files, and may stop.
    ///
    /// # Errors
    /// A copy cannot be read back.
    pub(in crate::cmd) fn read(
        &self,
        base: &Base<'_>,
        faults: &mut Faults,
        each: &mut dyn FnMut(&mut Faults, usize, Item) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut count = 0;
        for (at, source) in self.0.iter().enumerate() {
            let mut own = std::mem::take(&mut faults.files[at].1);
            let mut stopped = ControlFlow::Continue(());
            let mut take = |mut item: Item| {
                item.index = count;
                count += 1;
                stopped = each(faults, at, item);
                stopped
            };
            let mut copy = &source.copy;
            let mut input = BufReader::with_capacity(64 * 1024, copy);
            let read = copy
                .rewind()
                .and_then(|()| batch::read(&mut input, source.format, base, &mut own, &mut take));
            // What was told of the file while it was read comes after what its reader found.
            let told = std::mem::replace(&mut faults.files[at].1, own);
            told.list().iter().for_each(|problem| faults.files[at].1.push(problem.clone()));
            read.map_err(|error| {
                let what = format!("the batch file `{}` cannot be read: {error}", source.name);
                Error::new(Kind::Usage, what).code("batch_file")
            })?;
            if stopped.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Faults {
    /// Adds what is wrong with an item.
    pub(in crate::cmd) fn add(&mut self, file: usize, line: u64, error: &Error) {
        self.keys += u64::from(error.exit() == Exit::KEY);
        let message = error.message.clone();
        let hint = (!error.hints.is_empty()).then(|| error.hints.join("; "));
        self.files[file].1.push(Problem { line, column: None, message, hint });
    }

    /// Files and what is wrong in each.
    fn all(&self) -> impl Iterator<Item = (&str, &Problem)> {
        self.files.iter().flat_map(|(name, problems)| {
            problems.list().iter().map(move |problem| (name.as_str(), problem))
        })
    }

    /// Says everything that is wrong; the error that ends the command.
    pub(in crate::cmd) fn warn(&self, app: &App) -> Error {
        let count = self.count();
        let shown = self.all().count() as u64;
        for (file, problem, also) in grouped(self.all()) {
            let hint = problem.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
            app.ui.warn(&format!("{file}:{problem}{hint}{}", too(&also)));
        }
        let what = match count {
            1 => "the batch has a fault".to_owned(),
            many => format!("the batch has {many} faults"),
        };
        let more = match count - shown {
            0 => String::new(),
            more => format!(", of which {more} are not listed"),
        };
        let text = format!("{what}{more}; nothing was sent");
        if self.are_keys() {
            let error = Error::new(Kind::Key, text).code("missing_key");
            error.hint("`pinx providers` shows your keys")
        } else {
            let error = Error::usage(text).code("batch_file");
            error.hint("correct what is named, and run the command again")
        }
    }

    /// The same for a JSON document.
    pub(in crate::cmd) fn json(&self) -> Value {
        let problems = self.all().map(|(file, problem)| {
            json!({
                "file": file, "line": problem.line, "column": problem.column,
                "message": problem.message, "hint": problem.hint,
            })
        });
        problems.collect()
    }

    /// How many there are, also those that are not kept.
    pub(in crate::cmd) fn count(&self) -> u64 {
        let count = |problems: &Problems| problems.list().len() as u64 + problems.more();
        self.files.iter().map(|(_, problems)| count(problems)).sum()
    }

    /// Whether nothing is wrong but that keys are missing.
    fn are_keys(&self) -> bool {
        self.keys == self.count()
    }
}

/// Whether it is the copy that has no room, and not the file that cannot be read.
fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), FileTooLarge | QuotaExceeded | StorageFull)
}

fn full(app: &App, error: &io::Error) -> Error {
    let place = app.settings.places.kept.display();
    Error::usage(format!("the batch cannot be set aside in `{place}`: {error}"))
        .hint("make room there, or set PINX_HOME to another directory")
}

/// What is wrong, with the further lines of a file where the same is wrong.
fn grouped<'a>(
    all: impl Iterator<Item = (&'a str, &'a Problem)>,
) -> Vec<(&'a str, &'a Problem, Vec<u64>)> {
    let mut groups: Vec<(&str, &Problem, Vec<u64>)> = Vec::new();
    let mut known = HashMap::new();
    for (file, problem) in all {
        let at = *known.entry((file, &problem.message, &problem.hint)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((.., also)) => also.push(problem.line),
            None => groups.push((file, problem, Vec::new())),
        }
    }
    groups
}

/// ` (also line 7)`, ` (also lines 7, 9 and 12 more)`.
fn too(lines: &[u64]) -> String {
    let numbers: Vec<String> = lines.iter().take(10).map(u64::to_string).collect();
    match lines.len() {
        0 => String::new(),
        1 => format!(" (also line {})", numbers[0]),
        count @ 2..=10 => {
            format!(" (also lines {} and {})", numbers[..count - 1].join(", "), numbers[count - 1])
        }
        count => format!(" (also lines {} and {} more)", numbers.join(", "), count - 10),
    }
}
