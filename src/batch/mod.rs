//! Batch files: whatever their format, one job after the other, and everything that is wrong in them
//! at once.
//!
//! Pure but for the reader that it is given. Text, JSONL, CSV and TSV are read in flat memory,
//! whatever their length; YAML, JSON and TOML whole, within bounds. Nothing in a file decides where
//! anything is sent, and no path in it leaves the output directory.

mod fill;
mod foreign;
mod input;
mod item;
mod job;
mod json;
mod key;
mod layout;
mod lines;
mod node;
mod output;
mod picture;
mod problem;
mod prompt;
mod table;
mod toml;
mod value;
mod whole;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use self::input::Input;
pub use self::layout::Layout;
use self::lines::Holds;
use self::node::{Broken, Node, SourceText};
pub use self::output::EXTRA_FIELDS;
pub use self::picture::Pictures;
pub use self::problem::{Problem, Problems};
use self::value::Defaults;
use crate::catalog::{Catalog, SentInput};
use crate::money::Money;
use crate::request::Request;
use crate::syntax::Remark;

/// What a job of a batch file asks for; everything that the file leaves open comes from `Base`.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its number, from zero, after a matrix was expanded.
    pub index: usize,
    /// Which of several files it stands in, from zero.
    pub file: usize,
    /// The line of the file on which its job begins, from 1.
    pub line: u64,
    /// Its name in the file.
    pub id: Option<String>,
    /// The image, its prompt with variables filled in.
    pub request: Request,
    /// Models as written; none means those of the settings.
    pub models: Option<Vec<String>>,
    /// Models to fall back to as written; empty means nowhere, none what the settings say.
    pub fallback: Option<Vec<String>>,
    /// Images of each model.
    pub count: u32,
    /// A file, a directory that ends in `/` or a template, relative and inside the output
    /// directory, variables filled in. Its extension is already the format of the request.
    pub output: Option<String>,
    /// What it may cost.
    pub max_cost: Option<Money>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The prompt as written, where the request's has labelled lines besides.
    pub title: Option<String>,
    /// The request as it is written, where other tools' syntax was read out of it: by this the job
    /// is known, as it was before that syntax was read.
    pub as_written: Option<Box<Request>>,
    /// The pictures that it names.
    pub pictures: Pictures,
    /// The same as they are sent, once they were looked at; none where it names none.
    pub sent: Option<Arc<[SentInput]>>,
    /// What is to be known of them.
    pub notices: Vec<String>,
}

impl Item {
    /// The request by which the job is known.
    pub fn known_by(&self) -> &Request {
        self.as_written.as_deref().unwrap_or(&self.request)
    }
}

/// What stands under every job: settings and flags.
#[derive(Debug, Clone)]
pub struct Base<'a> {
    /// What is wanted where a job says nothing; its prompt counts for nothing.
    pub request: Request,
    /// Images of each model where a job says nothing.
    pub count: u32,
    /// The styles, palettes and providers that a job may name.
    pub catalog: &'a Catalog,
    /// `--var`.
    pub vars: &'a BTreeMap<String, String>,
    /// How files of other programs are read.
    pub layout: Layout,
}

/// What a batch file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.txt`: a prompt a line.
    Text,
    /// `.jsonl`: an object, a JSON string or a prompt a line.
    Lines,
    /// `.csv`: a row of names, then a row a job.
    Csv,
    /// `.tsv`: the same with tabs.
    Tsv,
    /// `.yaml`, `.yml`.
    Yaml,
    /// `.json`.
    Json,
    /// `.toml`.
    Toml,
}

impl Format {
    /// Every extension and what it means.
    pub const EXTENSIONS: [(&'static str, Format); 9] = [
        ("txt", Format::Text),
        ("jsonl", Format::Lines),
        ("ndjson", Format::Lines),
        ("csv", Format::Csv),
        ("tsv", Format::Tsv),
        ("yaml", Format::Yaml),
        ("yml", Format::Yaml),
        ("json", Format::Json),
        ("toml", Format::Toml),
    ];

    /// The format of a file by its extension; `-` is JSONL.
    pub fn of_path(path: &Path) -> Option<Format> {
        if path == Path::new("-") {
            return Some(Format::Lines);
        }
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Format::EXTENSIONS.iter().find(|(known, _)| *known == extension).map(|(_, format)| *format)
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Items that were handed out.
    pub items: usize,
    /// The SHA-256 of the bytes that were read: all of them, unless `each` stopped or there are
    /// problems that nothing can be read behind.
    pub sha256: [u8; 32],
}

/// Reads a file. `each` gets every item in order, also one with a fault as far as it can be read, and
/// may stop; whatever is wrong anywhere goes into `problems`.
///
/// # Errors
/// The reader's own.
pub fn read(
    input: &mut dyn BufRead,
    format: Format,
    base: &Base<'_>,
    problems: &mut Problems,
    each: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> io::Result<Summary> {
    let mut input = Input::new(input);
    let mut reader = Reader { base, problems, each, defaults: Defaults::default(), items: 0 };
    let before = reader.problems.list().len();
    if format == Format::Text && base.layout.prompt_column.is_some() {
        let message = "a text file has no columns".to_owned();
        let hint = Some("leave `--prompt-column` out".to_owned());
        reader.report(Problem { line: 1, column: None, message, hint });
    }
    let stop = match format {
        Format::Text => lines::read(&mut input, Holds::Prompt, &mut reader),
        Format::Lines => lines::read(&mut input, Holds::Job, &mut reader),
        Format::Csv => table::read(&mut input, ',', &mut reader),
        Format::Tsv => table::read(&mut input, '\t', &mut reader),
        Format::Yaml | Format::Json | Format::Toml => whole::read(&mut input, format, &mut reader),
    }?;
    let items = reader.items;
    if stop == Stop::Ended && items == 0 && problems.list().len() == before {
        let message = "there are no jobs in it".to_owned();
        problems.push(Problem { line: 1, column: None, message, hint: None });
    }
    problems.sort(before);
    Ok(Summary { items, sha256: input.sha256() })
}

/// Why reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// At the end of the file, or of what can be read of it.
    Ended,
    /// Because it was asked to.
    Asked,
}

/// What all formats hand their jobs to.
struct Reader<'a, 'f> {
    base: &'f Base<'a>,
    problems: &'f mut Problems,
    each: &'f mut dyn FnMut(Item) -> ControlFlow<()>,
    defaults: Defaults,
    items: usize,
}

impl Reader<'_, '_> {
    fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn problem(&mut self, source: &SourceText<'_>, broken: Broken) {
        self.problems.push(source.problem(broken));
    }

    /// Whether the user says that the prompts are in this column, or made of it.
    fn is_wanted(&self, column: &str) -> bool {
        let layout = &self.base.layout;
        layout.is_prompt(column)
            || layout.takes(column)
            || layout.prompt_column.is_none() && layout::is_like_prompt(column)
    }

    /// Remarks on a line.
    fn remark(&mut self, line: u64, remark: Remark, name: &str) {
        self.problems.remarks.add(line, remark, name);
    }

    /// Takes a job, and hands out its items.
    fn job(&mut self, source: &SourceText<'_>, node: &Node) -> ControlFlow<()> {
        self.job_as(source, node, None)
    }

    /// The same where the prompt is written in another way than it is read.
    fn job_as(
        &mut self,
        source: &SourceText<'_>,
        node: &Node,
        as_written: Option<&str>,
    ) -> ControlFlow<()> {
        let Reader { base, problems, each, defaults, items } = self;
        let job = job::Job { source, node, as_written };
        job::expand(base, defaults, &job, problems, &mut |mut item| {
            item.index = *items;
            *items += 1;
            each(item)
        })
    }
}
