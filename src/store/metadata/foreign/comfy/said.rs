//! What a link of a graph says: the text behind it, through all that only pass it on, or why it is not
//! known.
//!
//! Pure. A graph from outside may run in circles, double its texts at every node or be thousands of
//! nodes deep: steps, depth and length are bounded.

use std::fmt;

use serde_json::Value;

use super::super::values::word;
use super::graph::{Graph, Input, Node};
use super::nodes::{Says, number, says};
use crate::text;

/// Nodes that are followed in a row.
const DEEPEST: usize = 200;

/// Nodes that are visited for one text; every way to a node counts.
const STEPS: usize = 5_000;

/// Bytes of a text that is put together.
const LONGEST: usize = 256 * 1024;

/// Why a text is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unread {
    /// A node of which nobody here knows what it does.
    Node(String),
    /// A node that is not in the graph.
    Missing(String),
    /// A node that holds no text where one should be.
    Empty(String),
    /// A circle, or more than anybody would draw.
    Endless,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::Node(class) => {
                write!(
                    f,
                    "its graph holds a node `{}` that pinx does not follow",
                    text::clean(class, 60)
                )
            }
            Unread::Missing(name) => {
                write!(f, "its graph leads to a node `{}` that is not in it", text::clean(name, 20))
            }
            Unread::Empty(class) => {
                write!(f, "its graph holds a node `{}` without a text", text::clean(class, 60))
            }
            Unread::Endless => f.write_str("its graph runs in a circle"),
        }
    }
}

/// Which prompt is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What is to be seen.
    Positive,
    /// What is not.
    Negative,
}

/// Follows the links of one graph.
pub(super) struct Follow<'g> {
    graph: &'g Graph,
    /// Nodes on the way to the one that is read.
    way: Vec<(&'g str, u64)>,
    steps: usize,
    /// Conditionings that were put together to one text.
    pub merged: usize,
}

type Said = Result<String, Unread>;

impl<'g> Follow<'g> {
    pub(super) fn new(graph: &'g Graph) -> Follow<'g> {
        Follow { graph, way: Vec::new(), steps: 0, merged: 0 }
    }

    /// What an input says; nothing where it is not there.
    pub(super) fn input(&mut self, node: &'g Node, name: &str) -> Result<Option<String>, Unread> {
        match node.input(name) {
            None => Ok(None),
            Some(Input::Value(value)) => Ok(match value {
                Value::String(text) => Some(text.trim().to_owned()),
                other => word(other),
            }),
            Some(Input::Link(from, slot)) => self.link(from, *slot).map(Some),
        }
    }

    /// What an output says.
    pub(super) fn link(&mut self, name: &'g str, slot: u64) -> Said {
        self.visit(name, slot, |follow, node| follow.node(name, node, slot))
    }

    /// Goes to a node and back, if the way there has an end.
    fn visit(
        &mut self,
        name: &'g str,
        slot: u64,
        read: impl FnOnce(&mut Self, &'g Node) -> Said,
    ) -> Said {
        self.steps += 1;
        if self.steps > STEPS || self.way.len() >= DEEPEST || self.way.contains(&(name, slot)) {
            return Err(Unread::Endless);
        }
        let node = self.graph.node(name).ok_or_else(|| Unread::Missing(name.to_owned()))?;
        self.way.push((name, slot));
        let said = read(self, node);
        self.way.pop();
        said.and_then(|text| if text.len() > LONGEST { Err(Unread::Endless) } else { Ok(text) })
    }

    fn node(&mut self, name: &'g str, node: &'g Node, slot: u64) -> Said {
        match says(&node.class).ok_or_else(|| Unread::Node(node.class.clone()))? {
            Says::Nothing => Ok(String::new()),
            Says::First(names) => {
                let texts = self.texts(node, names)?;
                let empty = texts.is_empty();
                let first = texts.into_iter().find(|text| !text.is_empty());
                // A field that is left empty says so; one that is not there says nothing.
                first
                    .or((!empty).then(String::new))
                    .ok_or_else(|| Unread::Empty(node.class.clone()))
            }
            Says::All(names) => self.merge(node, names),
            Says::Mixed(one, other, by) => match self.number(node, by).and_then(Value::as_f64) {
                Some(part) if part <= 0.0 => self.merge(node, &[other]),
                Some(part) if part >= 1.0 => self.merge(node, &[one]),
                _ => self.merge(node, &[one, other]),
            },
            Says::Passes(names) => {
                let linked = names.iter().find_map(|name| match node.input(name)? {
                    Input::Link(from, slot) => Some((from.as_str(), *slot)),
                    Input::Value(_) => None,
                });
                self.pass(node, linked)
            }
            Says::Through => {
                self.pass(node, node.links().next().map(|(_, from, slot)| (from, slot)))
            }
            Says::Joined(names, by, default) => {
                let by = self.input(node, by)?.filter(|_| !by.is_empty());
                let raw = match node.input("delimiter") {
                    Some(Input::Value(Value::String(raw))) => Some(raw.clone()),
                    _ => by,
                };
                let by = raw.unwrap_or_else(|| default.to_owned()).replace("\\n", "\n");
                let texts = self.texts(node, names)?;
                if texts.is_empty() {
                    return Err(Unread::Empty(node.class.clone()));
                }
                let texts: Vec<String> =
                    texts.into_iter().filter(|text| !text.is_empty()).collect();
                let length: usize = texts.iter().map(|text| text.len() + by.len()).sum();
                if length > LONGEST { Err(Unread::Endless) } else { Ok(texts.join(&by)) }
            }
            Says::Sides(first, ..) | Says::Bundle(first, ..) => match slot.checked_sub(first) {
                Some(0) => self.of_side(name, node, Side::Positive),
                Some(1) => self.of_side(name, node, Side::Negative),
                _ => Err(Unread::Node(node.class.clone())),
            },
        }
    }

    fn pass(&mut self, node: &'g Node, linked: Option<(&'g str, u64)>) -> Said {
        match linked {
            Some((from, slot)) => self.link(from, slot),
            // A drawn node shows what it was given, also where nobody knows how that came about.
            None => Err(Unread::Empty(node.class.clone())),
        }
        .or_else(|why| {
            let shown = node.input("shown").filter(|_| self.graph.is_drawn);
            let text = match shown {
                Some(Input::Value(Value::Array(lines))) => lines.first().and_then(word),
                Some(Input::Value(value)) => word(value),
                _ => None,
            };
            text.ok_or(why)
        })
    }

    /// One of the two prompts that go through a node together.
    fn of_side(&mut self, name: &'g str, node: &'g Node, side: Side) -> Said {
        let pick = |positive: &'static str, negative: &'static str| match side {
            Side::Positive => positive,
            Side::Negative => negative,
        };
        let (input, bundle) = match says(&node.class) {
            Some(Says::Sides(_, positive, negative)) => (pick(positive, negative), None),
            Some(Says::Bundle(_, positive, negative, bundle)) => {
                (pick(positive, negative), Some(bundle))
            }
            Some(Says::Through) => ("", node.links().next().map(|(name, ..)| name)),
            _ => return Err(Unread::Node(node.class.clone())),
        };
        if let Some(text) = self.input(node, input)? {
            return Ok(text);
        }
        match bundle.and_then(|bundle| node.input(bundle)) {
            // The number tells the two sides of one bundle apart.
            Some(Input::Link(from, _)) => {
                let from = from.as_str();
                self.visit(from, 1_000 + side as u64, |follow, node| {
                    follow.of_side(from, node, side)
                })
            }
            _ => Err(Unread::Missing(format!("{name}.{input}"))),
        }
    }

    /// The texts of those inputs that are there.
    fn texts(&mut self, node: &'g Node, names: &[&str]) -> Result<Vec<String>, Unread> {
        let mut texts = Vec::new();
        for name in names {
            texts.extend(self.input(node, name)?);
        }
        Ok(texts)
    }

    /// All different texts of these inputs.
    fn merge(&mut self, node: &'g Node, names: &[&str]) -> Said {
        let texts = self.texts(node, names)?;
        if texts.is_empty() {
            return Err(Unread::Empty(node.class.clone()));
        }
        let mut different: Vec<String> = Vec::new();
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            if !different.contains(&text) {
                different.push(text);
            }
        }
        self.merged += different.len().saturating_sub(1);
        let length: usize = different.iter().map(|text| text.len() + 2).sum();
        if length > LONGEST {
            return Err(Unread::Endless);
        }
        Ok(different.into_iter().reduce(|all, next| glued(&all, &next)).unwrap_or_default())
    }

    /// The number behind an input, if it is one of its own, or of a node that gives it.
    pub(super) fn number(&self, node: &'g Node, name: &str) -> Option<&'g Value> {
        let mut input = node.input(name)?;
        for _ in 0..DEEPEST {
            match input {
                Input::Value(value) => return Some(value),
                Input::Link(from, _) => {
                    let node = self.graph.node(from)?;
                    input = match (number(&node.class), says(&node.class)) {
                        (Some(name), _) => node.input(name)?,
                        (None, Some(Says::Through)) => {
                            node.inputs.first().map(|(_, input)| input)?
                        }
                        _ => return None,
                    };
                }
            }
        }
        None
    }
}

/// Two texts one behind the other, as one would write them.
fn glued(all: &str, next: &str) -> String {
    let by = if all.ends_with([',', '.', ';', ':', '!', '?']) { " " } else { ", " };
    format!("{all}{by}{next}")
}
