//! A graph of ComfyUI, in one shape for both of its forms: as it was run (nodes by number, inputs that
//! are values or links), and as it is drawn (nodes with widgets in a row, links in a list).
//!
//! Pure. Everything comes from outside: a node may be missing, a link may lead nowhere or in a circle.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::nodes::widgets;

/// Nodes that are read; the largest workflows have some hundred.
const NODES: usize = 20_000;

/// The form of a node that says nothing itself.
const REROUTE: &str = "Reroute";

/// What an input is given.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    /// A value of its own.
    Value(Value),
    /// The output of another node: its name, and the number of the output.
    Link(String, u64),
}

/// A node.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Node {
    /// What it does.
    pub class: String,
    /// Its inputs by name, in the order of the file.
    pub inputs: Vec<(String, Input)>,
}

impl Node {
    /// An input by its name.
    pub(super) fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|(known, _)| known == name).map(|(_, input)| input)
    }

    /// Its inputs that come from another node.
    pub(super) fn links(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.inputs.iter().filter_map(|(name, input)| match input {
            Input::Link(node, slot) => Some((name.as_str(), node.as_str(), *slot)),
            Input::Value(_) => None,
        })
    }
}

/// All nodes by their names.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: HashMap<String, Node>,
    /// The names in the order of the file.
    pub names: Vec<String>,
    /// Whether it is the drawn form, in which nodes may show what they were given.
    pub is_drawn: bool,
}

impl Graph {
    /// A node by its name.
    pub(super) fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// Every node with its name, in the order of the file.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.names.iter().filter_map(|name| Some((name.as_str(), self.nodes.get(name)?)))
    }

    fn add(&mut self, name: String, node: Node) {
        if self.names.len() < NODES && !self.nodes.contains_key(&name) {
            self.names.push(name.clone());
            self.nodes.insert(name, node);
        }
    }

    /// A graph as it was run.
    pub(super) fn run(tree: &Value) -> Graph {
        let mut graph = Graph::default();
        for (name, node) in tree.as_object().into_iter().flatten() {
            let Some(class) = node.get("class_type").and_then(Value::as_str) else { continue };
            let inputs = node.get("inputs").and_then(Value::as_object).into_iter().flatten();
            let inputs = inputs.map(|(name, value)| (name.clone(), given(value))).collect();
            graph.add(name.clone(), Node { class: class.to_owned(), inputs });
        }
        graph
    }

    /// A graph as it is drawn.
    pub(super) fn drawn(tree: &Value) -> Graph {
        let mut graph = Graph { is_drawn: true, ..Graph::default() };
        let links = links(tree);
        let nodes = || tree.get("nodes").and_then(Value::as_array).into_iter().flatten();
        // A pair of nodes that stands for a link across the sheet, by the name that both have.
        let first = |node: &Value| {
            node.pointer("/widgets_values/0").and_then(Value::as_str).map(str::to_owned)
        };
        let is_of =
            |node: &Value, class: &str| node.get("type").and_then(Value::as_str) == Some(class);
        let set: HashMap<String, String> = nodes()
            .filter(|node| is_of(node, "SetNode"))
            .filter_map(|node| Some((first(node)?, name(node.get("id")?)?)))
            .collect();
        for node in nodes() {
            let Some(id) = node.get("id").and_then(name) else { continue };
            let mut read = drawn_node(node, &links);
            if is_of(node, "GetNode")
                && let Some(from) = first(node).and_then(|shared| set.get(&shared))
            {
                read = Node {
                    class: REROUTE.to_owned(),
                    inputs: vec![("".to_owned(), Input::Link(from.clone(), 0))],
                };
            }
            // One that is switched off gives nothing: a link to it leads nowhere.
            if node.get("mode").and_then(Value::as_u64) != Some(2) {
                graph.add(id, read);
            }
        }
        graph
    }
}

/// An input of a graph as it was run.
fn given(value: &Value) -> Input {
    match value.as_array().map(Vec::as_slice) {
        Some([node, Value::Number(slot)]) if slot.is_u64() => match name(node) {
            Some(node) => Input::Link(node, slot.as_u64().unwrap_or_default()),
            None => Input::Value(value.clone()),
        },
        _ => Input::Value(value.clone()),
    }
}

/// The name of a node: text, or a number.
fn name(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Where every link comes from, by its number: `[3, 4, 0, 6, 0, "MODEL"]`, or an object.
fn links(tree: &Value) -> HashMap<String, (String, u64)> {
    let each = tree.get("links").and_then(Value::as_array).into_iter().flatten();
    let read = each.filter_map(|link| {
        let (id, node, slot) = match link {
            Value::Array(parts) => (parts.first()?, parts.get(1)?, parts.get(2)?),
            link => (link.get("id")?, link.get("origin_id")?, link.get("origin_slot")?),
        };
        Some((name(id)?, (name(node)?, slot.as_u64()?)))
    });
    read.take(NODES).collect()
}

fn drawn_node(node: &Value, links: &HashMap<String, (String, u64)>) -> Node {
    let class = node.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let slots = || node.get("inputs").and_then(Value::as_array).into_iter().flatten();
    let label =
        |slot: &Value| slot.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let linked = slots().filter_map(|slot| {
        let (from, output) = links.get(&name(slot.get("link")?)?)?;
        Some((label(slot), Input::Link(from.clone(), *output)))
    });
    let mut inputs: Vec<(String, Input)> = linked.collect();
    // One that is bypassed passes on what came in of the same kind.
    if node.get("mode").and_then(Value::as_u64) == Some(4) {
        let kind = node.pointer("/outputs/0/type").and_then(Value::as_str).unwrap_or_default();
        let same = slots().find(|slot| slot.get("type").and_then(Value::as_str) == Some(kind));
        let same = same.map(label);
        inputs.retain(|(name, _)| Some(name) == same.as_ref());
        return Node { class: REROUTE.to_owned(), inputs };
    }
    let names = || {
        let of_slots = slots().filter_map(|slot| slot.pointer("/widget/name")?.as_str());
        match widgets(&class) {
            [] => of_slots.collect::<Vec<_>>(),
            known => known.to_vec(),
        }
    };
    let named: Map<String, Value> = match node.get("widgets_values") {
        Some(Value::Object(fields)) => fields.clone(),
        Some(Value::Array(values)) => in_order(&names(), values),
        _ => Map::new(),
    };
    for (name, value) in named {
        if !inputs.iter().any(|(known, _)| *known == name) {
            inputs.push((name, Input::Value(value)));
        }
    }
    Node { class, inputs }
}

/// The values of widgets by their names. A seed has one more behind it, which says how it changes.
fn in_order(names: &[&str], values: &[Value]) -> Map<String, Value> {
    const CONTROLS: [&str; 4] = ["fixed", "increment", "decrement", "randomize"];
    let mut values = values.iter().peekable();
    let mut named = Map::new();
    for name in names {
        let Some(value) = values.next() else { break };
        named.insert((*name).to_owned(), value.clone());
        values.next_if(|next| {
            value.is_number() && next.as_str().is_some_and(|word| CONTROLS.contains(&word))
        });
    }
    named
}
