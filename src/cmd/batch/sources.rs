//! The files of a batch, copied aside at the start: what is checked is what runs, however long that
//! takes and whoever edits them meanwhile.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::spool::spooled;
use crate::batch::{self, Base, Format, Item, Problem, Problems};
use crate::cmd::{App, inputs};
use crate::error::{Error, Exit, Kind, Result};
use crate::fs;
use crate::secret::redact;
use crate::syntax::{Notice, also};
use crate::text;

/// Bytes of a stream that has no end of its own.
const LONGEST: u64 = 1 << 30;

/// The files in the order in which they were named.
pub(in crate::cmd) struct Sources(Vec<JobFile>);

struct JobFile {
    name: String,
    /// Where it lies: what it names is looked for there. A stream lies where the command is run.
    directory: PathBuf,
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
                let is_name = path.extension().is_none() || path.is_dir();
                if let Some(error) = is_missing(path).filter(|_| is_name) {
                    return error;
                }
                let known: Vec<&str> = Format::EXTENSIONS.iter().map(|(known, _)| *known).collect();
                if inputs::is_named_so(path) {
                    let what = format!("`{name}` is a picture, and no file of prompts");
                    let word = text::shell_word(&name);
                    return Error::usage(what)
                        .code("batch_format")
                        .hint(format!(
                            "`pinx batch prompts.txt -i {word}` makes every line from it"
                        ))
                        .hint("the key `image` gives each line its own: `pinx help batch-files`");
                }
                Error::usage(format!("the extension of `{name}` does not tell its format"))
                    .code("batch_format")
                    .hint(format!("known are {}; `-` reads JSONL from stdin", known.join(", ")))
            })?;
            let unreadable = |error: io::Error| {
                if let Some(error) = (!is_stdin).then(|| is_missing(path)).flatten() {
                    return error;
                }
                Error::usage(format!("the batch file `{name}` cannot be read: {error}"))
                    .code("batch_file")
            };
            let mut copy = spooled(app, fs::spill_file)?;
            let mut directory = PathBuf::new();
            let copied = if is_stdin {
                copy_stream(io::stdin().lock(), &mut copy)
            } else {
                let file = fs::open_input(path).map_err(unreadable)?;
                match file.metadata() {
                    // Somebody may go on writing into it.
                    Ok(meta) if meta.is_file() => {
                        directory = path.parent().map(Path::to_owned).unwrap_or_default();
                        io::copy(&mut BufReader::new(file.take(meta.len())), &mut copy)
                    }
                    _ => copy_stream(file, &mut copy),
                }
            };
            copied.map_err(
                |error| if is_full(&error) { full(app, &error) } else { unreadable(error) },
            )?;
            Ok(JobFile { name, directory, format, copy })
        };
        Ok(Sources(each_once(app, files).map(one).collect::<Result<_>>()?))
    }

    /// The name of a file.
    pub(super) fn name(&self, file: usize) -> &str {
        self.0.get(file).map_or("", |source| source.name.as_str())
    }

    /// Where each of the files lies.
    pub(in crate::cmd) fn directories(&self) -> Vec<PathBuf> {
        self.0.iter().map(|source| source.directory.clone()).collect()
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
                item.file = at;
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
            faults.files[at].1.in_order();
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

/// What is worth a word in a file.
pub(in crate::cmd) struct FileRemark {
    file: String,
    notice: Notice,
}

impl FileRemark {
    /// One on a line of a file.
    pub(super) fn new(file: &str, notice: Notice) -> FileRemark {
        FileRemark { file: file.to_owned(), notice }
    }

    /// Tells it.
    pub(in crate::cmd) fn tell(&self, app: &App) {
        let FileRemark { file, notice } = self;
        let text = format!("{file}:{}: {}", notice.line, notice.text);
        if notice.is_warning { app.ui.warn(&text) } else { app.ui.note(&text) }
    }

    /// The same for a JSON document.
    pub(super) fn json(&self) -> Value {
        let FileRemark { file, notice } = self;
        json!({
            "file": file, "line": notice.line, "message": redact(&notice.text, []),
            "is_warning": notice.is_warning,
        })
    }
}

impl Faults {
    /// Everything that is worth a word, file by file.
    pub(in crate::cmd) fn remarks(&self) -> impl Iterator<Item = FileRemark> {
        self.files.iter().flat_map(|(file, problems)| {
            let of_file = |notice| FileRemark { file: file.clone(), notice };
            problems.remarks.notices().map(of_file)
        })
    }

    /// Makes faults of what is left out of prompts or cannot be read in them.
    pub(in crate::cmd) fn refuse_loose(&mut self) {
        for (_, problems) in &mut self.files {
            let loose: Vec<Notice> =
                problems.remarks.notices().filter(|notice| notice.is_loose).collect();
            for Notice { line, text, .. } in loose {
                let hint = Some("take it out of the prompt, or leave `--strict` out".to_owned());
                problems.push(Problem { line, column: None, message: text, hint });
            }
        }
    }

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
        let groups = grouped(self.all());
        // What helps with several is told once, behind them all.
        let mut shared: Vec<&String> = Vec::new();
        for (at, (file, problem, lines)) in groups.iter().enumerate() {
            let mut text = format!("{file}:{problem}{}", also(lines, lines.len() as u64));
            if let Some(hint) = &problem.hint {
                let is_same = |(other, (_, problem, _)): (usize, &Group<'_>)| {
                    other != at && problem.hint.as_ref() == Some(hint)
                };
                if !groups.iter().enumerate().any(is_same) {
                    text += &format!("; {hint}");
                } else if !shared.contains(&hint) {
                    shared.push(hint);
                }
            }
            app.ui.error(&Error::usage(text));
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
        let error = match self.are_keys() {
            true => Error::new(Kind::Key, text).code("missing_key"),
            false => Error::usage(text).code("batch_file"),
        };
        let error = shared.into_iter().fold(error, |error, hint| error.hint(hint.clone()));
        error.hint(match self.are_keys() {
            true => "`pinx providers` shows your keys",
            false => "correct what is named, and run the command again",
        })
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

/// What is said of a file that is not there, or is a directory: the file that is probably meant.
fn is_missing(path: &Path) -> Option<Error> {
    let shown = path.display();
    let lists = |directory: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let files = entries
            .map(|entry| entry.path())
            .filter(|path| Format::of_path(path).is_some() && path.is_file());
        let mut names: Vec<String> = files
            .map(|path| path.strip_prefix("./").unwrap_or(&path).display().to_string())
            .take(MOST_LISTED)
            .collect();
        names.sort();
        names
    };
    let batch = |name: &str| format!("`pinx batch {}`", text::shell_word(name));
    if path.is_dir() {
        let error = Error::usage(format!("`{shown}` is a directory, and a batch is a file"))
            .code("batch_file");
        return Some(match lists(path).first() {
            Some(first) => error.hint(format!("such as {}", batch(first))),
            None => error.hint("a file of prompts has one in each line: `pinx help batch-files`"),
        });
    }
    if path.exists() || path.is_symlink() {
        return None;
    }
    let error = Error::usage(format!("there is no file `{shown}`")).code("batch_file");
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let there = lists(directory.unwrap_or(Path::new(".")));
    let typed = path.display().to_string();
    let near = text::nearest(&typed, there.iter().map(String::as_str)).or_else(|| {
        let of_stem = |name: &&String| Path::new(name.as_str()).with_extension("") == *path;
        there.iter().find(of_stem).map(String::as_str)
    });
    Some(match (near, there.as_slice()) {
        (Some(near), _) => error.hint(format!("did you mean {}?", batch(near))),
        (None, [only]) => error.hint(format!("there is {}", batch(only))),
        (None, _) => {
            let name = if path.extension().is_some() { typed } else { format!("{typed}.txt") };
            let line = format!("printf 'a red fox\\nan owl\\n' > {}", text::shell_word(&name));
            error.hint(format!("write it, a prompt a line: `{line}`"))
        }
    })
}

/// Files of a directory that are looked at for one that may be meant.
const MOST_LISTED: usize = 1_000;

/// Leaves out files that are named a second time, and says so.
fn each_once<'f>(app: &App, files: &'f [PathBuf]) -> impl Iterator<Item = &'f PathBuf> {
    let mut known = HashSet::new();
    files.iter().filter(move |path| {
        let is_new = known.insert(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
        if !is_new {
            let name = path.display();
            app.ui
                .note(&format!("`{name}` is named twice and read once; `-n 2` makes two of each"));
        }
        is_new
    })
}

/// Copies what comes, as long as it may be meant.
fn copy_stream(from: impl io::Read, copy: &mut File) -> io::Result<u64> {
    let copied = io::copy(&mut BufReader::new(from.take(LONGEST + 1)), copy)?;
    if copied > LONGEST { Err(fs::too_long(LONGEST)) } else { Ok(copied) }
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

/// A file, what is wrong in it, and further lines of the same.
type Group<'a> = (&'a str, &'a Problem, Vec<u64>);

/// What is wrong, with the further lines of a file where the same is wrong.
fn grouped<'a>(all: impl Iterator<Item = (&'a str, &'a Problem)>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
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
