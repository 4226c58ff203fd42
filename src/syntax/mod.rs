//! What prompts hold that was written for other tools: Midjourney's `--ar 16:9`, the options of a
//! prompt file of A1111, `{red|green}`, `__season__`, `<lora:ink:0.6>`.
//!
//! Pure. What says something that a request can hold is read and taken out of the prompt, what only
//! the other tool knows is left out, and what can mean words as well stays where it is; all of it is
//! told. A prompt that only speaks of such things stays a prompt.

mod braces;
mod lines;
mod midjourney;
mod remark;
mod webui;

pub use self::lines::{marked, odd};
pub use self::remark::{Notice, Remark, Remarks, also};
pub use self::webui::{block, is_unused_option};
use crate::request::{Aspect, Request, Size};

/// What a prompt says once other tools' syntax is read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The words that are left.
    pub prompt: String,
    /// What should not be seen.
    pub negative: Option<String>,
    /// The seed.
    pub seed: Option<u64>,
    /// The size.
    pub size: Option<Size>,
    /// The ratio.
    pub aspect: Option<Aspect>,
    /// What was met, in order.
    pub marks: Vec<Mark>,
}

/// A piece of another tool's syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// As it is written, without what differs from prompt to prompt where it is read.
    pub name: String,
    /// What became of it.
    pub fate: Fate,
}

/// What becomes of a piece of another tool's syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is taken for this.
    Read(&'static str),
    /// It is taken out of the prompt; nothing here knows it.
    Dropped,
    /// It is taken out of the prompt, because the same is said elsewhere.
    Overruled,
    /// It stays in the prompt.
    Stays(Kind),
}

/// What stays in a prompt as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A parameter of Midjourney with a value that it does not take.
    Parameter,
    /// `neon alley::2`.
    Part,
    /// `(blurry:1.3)`.
    Weight,
    /// `{red|green}`, `{2$$cat|dog}`.
    Choice,
    /// `__season__`.
    Wildcard,
    /// `${style=ink}`.
    Variable,
    /// `{animal}`, which nothing fills.
    Unfilled,
    /// `--help`, `-n`: a flag where a prompt is.
    Flag,
    /// `negative: dog`, with no prompt beside it.
    Negative,
    /// `// a fox`: a comment elsewhere.
    Slashes,
    /// `1. a fox`.
    Numbered,
}

impl Reading {
    fn mark(&mut self, name: impl Into<String>, fate: Fate) {
        self.marks.push(Mark { name: name.into(), fate });
    }
}

/// Reads a prompt; nothing where there is nothing of another tool in it.
pub fn read(prompt: &str) -> Option<Reading> {
    if !may_hold(prompt) {
        return None;
    }
    let mut reading = Reading { prompt: prompt.to_owned(), ..Reading::default() };
    webui::options(&mut reading);
    webui::blocks(&mut reading);
    midjourney::command(&mut reading);
    midjourney::parameters(&mut reading);
    webui::networks(&mut reading);
    midjourney::parts(&mut reading);
    webui::weights(&mut reading);
    braces::braces(&mut reading);
    braces::wildcards(&mut reading);
    let is_same = reading.marks.is_empty() && reading.prompt == prompt;
    (!is_same && !reading.prompt.trim().is_empty()).then_some(reading)
}

/// Whether a prompt is worth a closer look: most are not.
fn may_hold(prompt: &str) -> bool {
    prompt.starts_with('/')
        || prompt.contains(['{', '<', '(', '—', '–'])
        || ["--", "::", "__", "egative"].iter().any(|piece| prompt.contains(piece))
}

/// Whether a tag in angle brackets, such as `<lora:fur:0.8>`, loads something.
pub fn is_tag(kind: &str) -> bool {
    webui::TAGS.contains(&kind)
}

/// Whether the number behind the last colon in brackets is the weight of the words before it.
pub fn is_weight(words: &str, weight: &str) -> bool {
    webui::is_weight(words, weight)
}

/// Whether Midjourney has a parameter of this name.
pub fn is_parameter(name: &str) -> bool {
    midjourney::is_parameter(name)
}

impl Reading {
    /// Puts what was read into a request. What `is_given` says is given otherwise counts before it;
    /// answers with what is to be told.
    pub fn fill(self, request: &mut Request, is_given: impl Fn(&str) -> bool) -> Vec<Mark> {
        let Reading { prompt, negative, seed, size, aspect, mut marks } = self;
        request.prompt = prompt;
        let has_size = is_given("size") || is_given("aspect");
        let overrule = |marks: &mut Vec<Mark>, what: &str| {
            let read = marks.iter_mut().filter(|mark| mark.fate == Fate::Read(word(what)));
            read.for_each(|mark| mark.fate = Fate::Overruled);
        };
        match negative {
            Some(_) if is_given("negative") => overrule(&mut marks, "negative"),
            Some(negative) => request.negative = Some(negative),
            None => {}
        }
        match seed {
            Some(_) if is_given("seed") => overrule(&mut marks, "seed"),
            Some(seed) => request.seed = Some(seed),
            None => {}
        }
        match (size, aspect) {
            (None, None) => {}
            _ if has_size => ["size", "aspect"].iter().for_each(|what| overrule(&mut marks, what)),
            (size, aspect) => {
                (request.size, request.aspect) = (size, aspect.filter(|_| size.is_none()))
            }
        }
        marks
    }
}

/// What a parameter of a picture is called where it is told.
fn word(parameter: &str) -> &'static str {
    match parameter {
        "negative" => "the negative prompt",
        "seed" => "the seed",
        "size" => "the size",
        "aspect" => "the ratio",
        _ => "the prompt",
    }
}

/// Words without the gaps that were left where something was taken out.
fn tidied(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        if !out.is_empty() {
            out.push('\n');
        }
        let pieces =
            line.split(',').map(|piece| piece.split_whitespace().collect::<Vec<_>>().join(" "));
        let pieces: Vec<String> = pieces.filter(|piece| !piece.is_empty()).collect();
        out.push_str(&pieces.join(", "));
    }
    out.trim().to_owned()
}

/// The first `max` characters of a piece, on one line, safe to print.
fn shown(piece: &str) -> String {
    crate::text::clean(piece, 40)
}

#[cfg(test)]
mod tests;
