//! One value of a job, read as the type that its key takes; what it is not is told with its place.
//!
//! Pure. Numbers may be written as text, since CSV knows nothing else and other programs take both.

use std::collections::HashSet;
use std::str::FromStr;

use super::fill::{self, Vars};
use super::key::Field;
use super::node::{Broken, Data, Name, Node, SourceText, shown};
use super::problem::Problems;
use crate::error::Error;
use crate::money::Money;
use crate::request::parameter::Parameter;
use crate::request::{Request, Shape};
use crate::syntax::Remark;
use crate::text;

/// Which of two layers a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// The job itself.
    Own,
    /// The `defaults` of the file.
    Default,
}

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'n> {
    pub(super) field: Field,
    pub(super) name: &'n Name,
    pub(super) node: &'n Node,
    pub(super) layer: Layer,
}

/// The defaults of a file, and what kind of file it is.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    pub(super) map: Vec<(Name, Node)>,
    /// The jobs are called `images`, as imgforge calls them; it names its files `.png`.
    pub(super) is_imgforge: bool,
}

/// Where a job is read, and whether something was wrong in it.
pub(super) struct Check<'c> {
    pub(super) source: &'c SourceText<'c>,
    pub(super) problems: &'c mut Problems,
    pub(super) vars: &'c Vars,
    /// The prompt, where it is written in another way than it is read.
    pub(super) as_written: Option<&'c str>,
    pub(super) is_bad: bool,
    /// The prompt is there under a name with a slip, which was told.
    pub(super) is_prompt_told: bool,
}

impl Check<'_> {
    /// Remarks on what stands at a place.
    pub(super) fn remark(&mut self, at: usize, remark: Remark, name: &str) {
        self.problems.remarks.add(self.source.line(at), remark, name);
    }

    pub(super) fn wrong(&mut self, broken: Broken) {
        self.is_bad = true;
        self.problems.push(self.source.problem(broken));
    }

    /// Passes on an error of the catalog.
    pub(super) fn failed(&mut self, at: usize, error: &Error) {
        let hint = error.hints.first().cloned();
        self.wrong(Broken { at, message: text::clean(&error.message, 200), hint });
    }

    pub(super) fn must(&mut self, entry: &Entry<'_>, wants: &str, node: &Node) {
        let message = format!("`{}` must be {wants}, not {}", entry.name.text, node.shown());
        self.wrong(Broken::new(node.at, message));
    }

    /// A text, with its variables filled in.
    pub(super) fn text(&mut self, entry: &Entry<'_>) -> Option<String> {
        match &entry.node.data {
            Data::Text(text) => Some(fill::fill(text.trim(), self.vars, &mut |_| {})),
            Data::Number(_) | Data::Bool(_) => {
                let value = entry.node.as_word().unwrap_or_default();
                let message = format!("`{}` must be text, not {}", entry.name.text, shown(&value));
                self.wrong(Broken::new(entry.node.at, message).hint("put it in quotes"));
                None
            }
            _ => {
                self.must(entry, "text", entry.node);
                None
            }
        }
    }

    /// A text that may be written as a number.
    pub(super) fn word(&mut self, entry: &Entry<'_>) -> Option<String> {
        self.word_of(entry, entry.node, "text")
    }

    fn word_of(&mut self, entry: &Entry<'_>, node: &Node, wants: &str) -> Option<String> {
        let word = node.as_word().map(|word| fill::fill(word.trim(), self.vars, &mut |_| {}));
        if word.is_none() {
            self.must(entry, wants, node);
        }
        word
    }

    /// Names: a list, or a text with commas.
    pub(super) fn list(&mut self, entry: &Entry<'_>) -> Option<Vec<String>> {
        let wants = "text or a list of texts";
        let mut words = Vec::new();
        if let Data::List(list) = &entry.node.data {
            for node in list {
                words.push(self.word_of(entry, node, wants)?);
            }
        } else {
            let text = self.word_of(entry, entry.node, wants)?;
            words.extend(text.split(',').map(|word| word.trim().to_owned()));
        }
        words.retain(|word| !word.is_empty());
        Some(words)
    }

    /// What a type reads from its text.
    pub(super) fn parsed<T: FromStr<Err = String>>(
        &mut self,
        entry: &Entry<'_>,
        wants: &str,
    ) -> Option<T> {
        let word = self.word_of(entry, entry.node, wants)?;
        match word.parse() {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong(Broken::new(entry.node.at, text::clean(&why, 160)));
                None
            }
        }
    }

    /// A whole number.
    pub(super) fn whole(&mut self, entry: &Entry<'_>, least: u64, most: u64) -> Option<u64> {
        let word = entry.node.as_word().map(|word| fill::fill(&word, self.vars, &mut |_| {}));
        let number = word.and_then(|word| word.trim().parse().ok());
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let wants = format!("a whole number from {least} to {most}");
            self.must(entry, &wants, entry.node);
        }
        number
    }

    /// A parameter of the picture that stands for itself.
    pub(super) fn parameter(
        &mut self,
        entry: &Entry<'_>,
        parameter: &Parameter,
        request: &mut Request,
    ) {
        let set = if parameter.shape == Shape::Number {
            let number = self.whole(entry, 0, i64::MAX as u64);
            number.map(|number| parameter.set(request, number.into()))
        } else {
            let text = if parameter.takes_any_text() {
                self.text(entry)
            } else {
                self.word_of(entry, entry.node, parameter.wants)
            };
            text.map(|text| parameter.parse(request, &text))
        };
        if let Some(Err(why)) = set {
            self.wrong(Broken::new(entry.node.at, text::clean(&why, 160)));
        }
    }

    /// A name in a table of the user's own stands there once.
    pub(super) fn once<'n>(&mut self, seen: &mut HashSet<&'n str>, name: &'n Name) {
        if !seen.insert(&name.text) {
            let broken = Broken::new(name.at, format!("{} is there twice", shown(&name.text)));
            self.wrong(broken.hint("leave one of them out"));
        }
    }

    /// An amount in dollars.
    pub(super) fn money(&mut self, entry: &Entry<'_>) -> Option<Money> {
        self.parsed(entry, "an amount in dollars, such as `0.25`")
    }
}
