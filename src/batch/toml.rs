//! TOML with places.
//!
//! Pure.

use serde_json::Number;
use toml::de::{DeTable, DeValue};

use super::node::{Broken, Budget, DEPTH, Data, Name, Node};
use crate::text;

/// Bytes of a TOML file that can begin a value; the parser's own tree of more would be large.
const VALUES: usize = 3_000_000;

/// The table of a TOML text.
pub(super) fn parse(text: &str, budget: &mut Budget) -> Result<Node, Broken> {
    if memchr::memchr3_iter(b',', b'=', b'[', text.as_bytes()).count() > VALUES {
        return Err(Broken::too_much(0));
    }
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(text.len(), |span| span.start);
        Broken::new(at, format!("this is no TOML: {}", text::clean(error.message(), 160)))
    })?;
    let at = table.span().start;
    map(table.into_inner(), at, budget, 0)
}

fn map(table: DeTable<'_>, at: usize, budget: &mut Budget, depth: usize) -> Result<Node, Broken> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        let name = Name { at: key.span().start, text: key.into_inner().into_owned() };
        let at = value.span().start;
        entries.push((name, node(value.into_inner(), at, budget, depth + 1)?));
    }
    // The parser sorts them by name.
    entries.sort_by_key(|(name, _)| name.at);
    Ok(Node { at, data: Data::Map(entries) })
}

fn node(value: DeValue<'_>, at: usize, budget: &mut Budget, depth: usize) -> Result<Node, Broken> {
    if depth > DEPTH {
        return Err(Broken::too_deep(at));
    }
    let bytes = value.as_str().map_or(0, str::len);
    if !budget.take(bytes) {
        return Err(Broken::too_much(at));
    }
    let data = match value {
        DeValue::String(text) => Data::Text(text.into_owned()),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            number.map_or(Data::Other("a number that is too large"), |n| Data::Number(n.into()))
        }
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or(Data::Other("no finite number"), Data::Number)
        }
        DeValue::Boolean(flag) => Data::Bool(flag),
        DeValue::Datetime(_) => Data::Other("a date"),
        DeValue::Array(array) => {
            let mut list = Vec::with_capacity(array.len());
            for value in array {
                let at = value.span().start;
                list.push(node(value.into_inner(), at, budget, depth + 1)?);
            }
            Data::List(list)
        }
        DeValue::Table(table) => return map(table, at, budget, depth),
    };
    Ok(Node { at, data })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tables_are_read_with_their_places() {
        let text = "[defaults]\nsize = '8x8'\nhex = 0x1F\nday = 2026-01-01\n\n[[jobs]]\nprompt = \"\"\"\na\nb\"\"\"\nn = 2\n[[jobs]]\nprompt = 'c'\n";
        let node = parse(text, &mut Budget::default()).unwrap();
        let expected = json!({
            "defaults": {"size": "8x8", "hex": 31, "day": null},
            "jobs": [{"prompt": "a\nb", "n": 2}, {"prompt": "c"}],
        });
        assert_eq!(node.to_json(), expected);
        let Data::Map(map) = &node.data else { panic!() };
        let Data::List(jobs) = &map[1].1.data else { panic!() };
        assert_eq!(jobs[0].at, text.find("[[jobs]]").unwrap());
    }

    #[test]
    fn what_is_no_toml_is_told_at_its_place() {
        let broken = parse("a = 1\nb = x\n", &mut Budget::default()).unwrap_err();
        assert_eq!(broken.at, 10);
        assert!(broken.message.starts_with("this is no TOML: "), "{}", broken.message);
        let wide = format!("a = [{}]", "1,".repeat(VALUES + 1));
        assert_eq!(parse(&wide, &mut Budget::default()).unwrap_err(), Broken::too_much(0));
    }
}
