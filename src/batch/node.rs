//! What all formats are read into: values that know where they stand, and the text around them.
//!
//! Pure. A node needs more memory than its text, so the nodes of a file come out of a budget.

use serde_json::{Map, Number, Value};

use super::problem::Problem;
use crate::text;

/// How much a file may hold, in nodes; text counts for its length too. About a million jobs' keys.
const BUDGET: usize = 3_000_000;

/// Bytes of text that cost as much as a node.
const TEXT: usize = 32;

/// Lists in lists; a job needs four.
pub(super) const DEPTH: usize = 32;

/// The longest value that a message shows, in characters.
const SHOWN: usize = 60;

/// A value and where it begins, as a byte offset into its `SourceText`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) data: Data,
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    pub(super) at: usize,
    pub(super) text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Name, Node)>),
    /// Something that JSON does not know, such as a date.
    Other(&'static str),
}

impl Node {
    pub(super) fn text(at: usize, text: impl Into<String>) -> Node {
        Node { at, data: Data::Text(text.into()) }
    }

    pub(super) fn is_null(&self) -> bool {
        self.data == Data::Null
    }

    /// A value as text where it can be meant as one: text, a number, true or false.
    pub(super) fn as_word(&self) -> Option<String> {
        match &self.data {
            Data::Text(text) => Some(text.clone()),
            Data::Number(number) => Some(number.to_string()),
            Data::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// The value for a message: harmless, and not too long.
    pub(super) fn shown(&self) -> String {
        match &self.data {
            Data::Null => "nothing".to_owned(),
            Data::List(_) => "a list".to_owned(),
            Data::Map(_) => "a table".to_owned(),
            Data::Other(what) => (*what).to_owned(),
            _ => shown(&self.as_word().unwrap_or_default()),
        }
    }

    /// The value as JSON, for fields that are passed through.
    pub(super) fn to_json(&self) -> Value {
        match &self.data {
            Data::Null | Data::Other(_) => Value::Null,
            Data::Bool(flag) => Value::Bool(*flag),
            Data::Number(number) => Value::Number(number.clone()),
            Data::Text(text) => Value::String(text.clone()),
            Data::List(list) => Value::Array(list.iter().map(Node::to_json).collect()),
            Data::Map(map) => {
                let entries = map.iter().map(|(name, node)| (name.text.clone(), node.to_json()));
                Value::Object(Map::from_iter(entries))
            }
        }
    }

    /// What it takes of the budget, with everything in it.
    pub(super) fn cost(&self) -> usize {
        1 + match &self.data {
            Data::Text(text) => text.len() / TEXT,
            Data::List(list) => list.iter().map(Node::cost).sum(),
            Data::Map(map) => {
                map.iter().map(|(name, node)| name.text.len() / TEXT + node.cost()).sum()
            }
            _ => 0,
        }
    }
}

/// Text in backticks.
pub(super) fn shown(value: &str) -> String {
    format!("`{}`", text::clean(value, SHOWN))
}

/// What may still be read of a file.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Budget(BUDGET)
    }
}

impl Budget {
    /// Takes a node and a text of so many bytes; false when the file holds too much.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        self.take_all(1 + bytes / TEXT)
    }

    pub(super) fn take_all(&mut self, cost: usize) -> bool {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// What a parser gives up at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Broken {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Broken {
        Broken { at, message: message.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Broken {
        Broken { hint: Some(hint.into()), ..self }
    }

    pub(super) fn too_much(at: usize) -> Broken {
        Broken::new(at, "the file holds too many values to be read whole")
            .hint("write it as `.jsonl`, one job a line, which may be of any length")
    }

    pub(super) fn too_deep(at: usize) -> Broken {
        Broken::new(at, format!("more than {DEPTH} lists in lists"))
    }
}

/// A text, and the line of the file on which it begins.
#[derive(Debug, Clone)]
pub(super) struct SourceText<'t> {
    text: &'t str,
    line: u64,
    /// Where the lines after the first begin.
    starts: Vec<usize>,
}

impl<'t> SourceText<'t> {
    pub(super) fn new(text: &'t str, line: u64) -> SourceText<'t> {
        let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1).collect();
        SourceText { text, line, starts }
    }

    /// The line of an offset, from 1.
    pub(super) fn line(&self, at: usize) -> u64 {
        self.line + self.starts.partition_point(|start| *start <= at) as u64
    }

    /// Line and column of an offset, both from 1.
    pub(super) fn place(&self, at: usize) -> (u64, u64) {
        let at =
            (0..=at.min(self.text.len())).rfind(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let before = self.starts.partition_point(|start| *start <= at);
        let start = before.checked_sub(1).map_or(0, |line| self.starts[line]);
        (self.line + before as u64, self.text[start..at].chars().count() as u64 + 1)
    }

    pub(super) fn problem(&self, broken: Broken) -> Problem {
        let (line, column) = self.place(broken.at);
        Problem { line, column: Some(column), message: broken.message, hint: broken.hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        let source = SourceText::new("äb\ncd\n\ne", 5);
        for (at, place) in [(0, (5, 1)), (1, (5, 1)), (2, (5, 2)), (3, (5, 3)), (4, (6, 1))] {
            assert_eq!(source.place(at), place, "{at}");
        }
        assert_eq!((source.place(7), source.line(7)), ((7, 1), 7));
        assert_eq!(source.place(99), (8, 2), "behind the end is the end");
    }

    #[test]
    fn what_is_shown_is_harmless_and_short() {
        assert_eq!(Node::text(0, "a\u{1b}[2J\nb").shown(), "`a[2J b`");
        assert_eq!(shown(&"x".repeat(100)), format!("`{}…`", "x".repeat(60)));
    }

    #[test]
    fn a_budget_ends() {
        let mut budget = Budget(3);
        assert!(budget.take(0) && budget.take(40) && !budget.take(0) && !budget.take(0));
    }
}
