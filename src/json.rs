//! Reading JSON from outside as a tree, within bounds.
//!
//! Pure. A tree needs up to forty times the memory of its text (`[0,0,0,…]`), so a tree that is far
//! larger than any documented answer is refused while it is read: 64 MiB of brackets would
//! otherwise cost gigabytes. Text, such as an image in base64, costs no more than its own length.
//! Depth is bounded by the parser.

mod events;
mod lenient;

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

pub use events::{Framer, StreamEvent, is_stream, joined};
pub use lenient::{Document, documents, lenient_tree};

/// Values that a tree may have: a history of a hundred requests with their payloads has a few
/// thousand.
const NODES: usize = 100_000;

/// Bytes of an answer that holds no image: errors, states of a queue.
const SMALL: usize = 1024 * 1024;

/// The tree of an answer that holds no image; none when it is no JSON, or larger than any honest one.
pub fn tree(text: &[u8]) -> Option<Value> {
    if text.len() <= SMALL { large_tree(text) } else { None }
}

/// The tree of an answer that may hold images or payloads as text, of any length.
pub fn large_tree(text: &[u8]) -> Option<Value> {
    let mut parser = serde_json::Deserializer::from_slice(text);
    let value = Tree { left: &mut NODES.clone() }.deserialize(&mut parser).ok()?;
    parser.end().ok()?;
    Some(value)
}

/// A tree inside a larger text, for fields that are read whole.
pub struct Bounded(pub Value);

impl<'de> Deserialize<'de> for Bounded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Tree { left: &mut NODES.clone() }.deserialize(deserializer).map(Bounded)
    }
}

/// A value that takes from what is left for the whole tree.
struct Tree<'l> {
    left: &'l mut usize,
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        *self.left =
            self.left.checked_sub(1).ok_or_else(|| de::Error::custom("too many values"))?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Tree { left: &mut *self.left })? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            map.insert(key, entries.next_value_seed(Tree { left: &mut *self.left })?);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_what_the_parser_itself_would_give() {
        let text = r#"{"a":[1,-2,2.5,true,null,"\u00e9\n",{"b":{}}],"a2":18446744073709551615}"#;
        assert_eq!(tree(text.as_bytes()), serde_json::from_str(text).ok());
        for bad in ["", "{", "[1,]", "1 2", "{\"a\":1}x"] {
            assert_eq!(tree(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn bombs_are_refused_while_they_are_read() {
        let wide = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert!(tree(wide(NODES - 1).as_bytes()).is_some());
        assert!(tree(wide(NODES).as_bytes()).is_none(), "the list itself counts too");
        assert!(tree("[".repeat(100_000).as_bytes()).is_none(), "deep");
        let keys: Vec<String> = (0..NODES).map(|n| format!("\"{n}\":{{}}")).collect();
        assert!(tree(format!("{{{}}}", keys.join(",")).as_bytes()).is_none());
        let long = format!("\"{}\"", "x".repeat(SMALL));
        assert!(large_tree(long.as_bytes()).is_some() && tree(long.as_bytes()).is_none());
    }
}
