//! YAML with places, read from the parser's events.
//!
//! Pure. Plain scalars follow the core schema of YAML 1.2: `yes` is text and so is `16:9`. Anchors,
//! aliases and merge keys (`<<`) work, but a copy costs as much of the budget as what it copies.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::Number;

use super::node::{Broken, Budget, DEPTH, Data, Name, Node};
use crate::text;

/// The value of a YAML text with one document; an empty one is nothing.
pub(super) fn parse(text: &str, budget: &mut Budget) -> Result<Node, Broken> {
    let mut tree = Tree { text, budget, open: Vec::new(), anchors: HashMap::new(), root: None };
    for next in Parser::new_from_str(text) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let at = offset(text, error.marker());
                let why = text::clean(&error.info(), 160);
                return Err(Broken::new(at, format!("this is no YAML: {why}")));
            }
        };
        tree.take(event, offset(text, &span.start))?;
    }
    Ok(tree.root.unwrap_or(Node { at: 0, data: Data::Null }))
}

fn offset(text: &str, marker: &granit_parser::Marker) -> usize {
    marker.byte_offset().unwrap_or(0).min(text.len())
}

/// A list or a map that is not complete yet.
struct Open {
    at: usize,
    anchor: usize,
    holds: Holds,
}

enum Holds {
    List(Vec<Node>),
    /// The entries, and the key whose value comes next.
    Map(Vec<(Name, Node)>, Option<Name>),
}

struct Tree<'t, 'b> {
    text: &'t str,
    budget: &'b mut Budget,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
}

impl Tree<'_, '_> {
    fn take(&mut self, event: Event<'_>, at: usize) -> Result<(), Broken> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                let message = "a second document begins here";
                Err(Broken::new(at, message).hint("keep one document a file"))
            }
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.as_deref().and_then(|tag| tag.core_suffix());
                let data = match tag {
                    Some("str") => Data::Text(value.into_owned()),
                    None | Some(_) if style == ScalarStyle::Plain => plain(&value),
                    _ => Data::Text(value.into_owned()),
                };
                self.put(Node { at, data }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.begin(Open { at, anchor, holds: Holds::List(Vec::new()) })
            }
            Event::MappingStart(_, anchor, _) => {
                self.begin(Open { at, anchor, holds: Holds::Map(Vec::new(), None) })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let data = match open.holds {
                    Holds::Map(map, _) => Data::Map(merged(map)),
                    Holds::List(list) => Data::List(list),
                };
                self.put(Node { at: open.at, data }, open.anchor)
            }
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id) else {
                    return Err(Broken::new(at, "an alias stands inside what it means"));
                };
                if !self.budget.take_all(node.cost()) {
                    return Err(Broken::too_much(at));
                }
                let node = Node { at, data: node.data.clone() };
                self.put(node, 0)
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, open: Open) -> Result<(), Broken> {
        if self.open.len() >= DEPTH {
            return Err(Broken::too_deep(open.at));
        }
        self.open.push(open);
        Ok(())
    }

    /// Puts a complete node to where it belongs.
    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Broken> {
        let bytes = if let Data::Text(text) = &node.data { text.len() } else { 0 };
        if !self.budget.take(bytes) {
            return Err(Broken::too_much(node.at));
        }
        if anchor > 0 {
            if !self.budget.take_all(node.cost()) {
                return Err(Broken::too_much(node.at));
            }
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.holds) {
            None => self.root = Some(node),
            Some(Holds::List(list)) => list.push(node),
            Some(Holds::Map(map, key)) => match key.take() {
                Some(name) => map.push((name, node)),
                None => {
                    let Some(text) = node.as_word() else {
                        let what = if self.text[node.at..].starts_with('{') {
                            "a `{` begins a table here, and a table is no key"
                        } else {
                            "a list or a table is no key"
                        };
                        return Err(Broken::new(node.at, what).hint("put text in quotes"));
                    };
                    *key = Some(Name { at: node.at, text });
                }
            },
        }
        Ok(())
    }
}

/// A map with the entries of its merge keys, which stand behind its own.
fn merged(map: Vec<(Name, Node)>) -> Vec<(Name, Node)> {
    if !map.iter().any(|(name, _)| name.text == "<<") {
        return map;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) =
        map.into_iter().partition(|(name, node)| name.text == "<<" && is_mergeable(node));
    for (name, node) in merges {
        let maps = match node.data {
            Data::List(list) => list,
            data => vec![Node { at: node.at, data }],
        };
        for map in maps {
            let Data::Map(entries) = map.data else { continue };
            for (key, node) in entries {
                if !own.iter().any(|(known, _)| known.text == key.text) {
                    own.push((Name { at: name.at, ..key }, node));
                }
            }
        }
    }
    own
}

fn is_mergeable(node: &Node) -> bool {
    let is_map = |node: &Node| matches!(node.data, Data::Map(_));
    match &node.data {
        Data::List(list) => list.iter().all(is_map),
        _ => is_map(node),
    }
}

/// A plain scalar by the core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>).
fn plain(text: &str) -> Data {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Bool(true),
        "false" | "False" | "FALSE" => return Data::Bool(false),
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let based = |prefix: &str, radix| {
        let number = text.strip_prefix(prefix)?;
        let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric());
        u64::from_str_radix(number, radix).ok().filter(|_| plain)
    };
    let number = if digits(unsigned) {
        let whole = text.trim_start_matches('+');
        let number = whole.parse::<u64>().map(Number::from);
        let number = number.or_else(|_| whole.parse::<i64>().map(Number::from));
        number.ok().or_else(|| whole.parse().ok().and_then(Number::from_f64))
    } else if let Some(number) = based("0x", 16).or_else(|| based("0o", 8)) {
        Some(Number::from(number))
    } else {
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let is_float = (digits(whole) || whole.is_empty() && digits(fraction))
            && (fraction.is_empty() || digits(fraction))
            && digits(exponent);
        is_float.then(|| text.parse().ok().and_then(Number::from_f64)).flatten()
    };
    number.map_or_else(|| Data::Text(text.to_owned()), Data::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Node, Broken> {
        parse(text, &mut Budget::default())
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let text = "[yes, 16:9, 1024x1024, 007, 0x1F, 0o17, -3, +4, 2.5, .5, 1e3, 1., true, ~, '5', \
                    !!str 6, 0x, 0x-1, 1e, '', .inf, 1_000, 99999999999999999999]";
        let expected = json!([
            "yes",
            "16:9",
            "1024x1024",
            7,
            31,
            15,
            -3,
            4,
            2.5,
            0.5,
            1000.0,
            1.0,
            true,
            null,
            "5",
            "6",
            "0x",
            "0x-1",
            "1e",
            "",
            ".inf",
            "1_000",
            99_999_999_999_999_999_999.0
        ]);
        assert_eq!(read(text).unwrap().to_json(), expected);
    }

    #[test]
    fn blocks_anchors_and_merges_are_read_with_their_places() {
        let text = "base: &b {size: 8x8, n: 2}\njobs:\n  - <<: *b\n    n: 3\n    prompt: |\n      a\n      b\n  - >-\n    c\n    d\n";
        let node = read(text).unwrap();
        let expected = json!({
            "base": {"size": "8x8", "n": 2},
            "jobs": [{"n": 3, "prompt": "a\nb\n", "size": "8x8"}, "c d"],
        });
        assert_eq!(node.to_json(), expected);
        let Data::Map(map) = &node.data else { panic!() };
        let Data::List(jobs) = &map[1].1.data else { panic!() };
        assert_eq!(jobs[0].at, text.find("<<").unwrap());
        assert_eq!(read("# nothing\n").unwrap().data, Data::Null);
    }

    #[test]
    fn what_is_no_yaml_or_too_much_is_told() {
        for (text, at, message) in [
            ("a: [1\n", 3, "this is no YAML: unclosed bracket '['"),
            ("a: 1\n---\nb: 2\n", 5, "a second document begins here"),
            ("{a}: 1\n", 0, "a `{` begins a table here, and a table is no key"),
            ("&a [*a]", 4, "an alias stands inside what it means"),
        ] {
            let broken = read(text).unwrap_err();
            assert_eq!((broken.at, &*broken.message), (at, message), "{text}");
        }
        let deep = "[".repeat(40) + &"]".repeat(40);
        assert!(read(&deep).unwrap_err().message.contains("lists in lists"));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let before = format!("*a{},", n - 1).repeat(10);
            bomb += &format!("a{n}: &a{n} [{before}]\n");
        }
        assert!(read(&bomb).unwrap_err().message.contains("too many values"));
    }
}
