//! JSON with places: one object a line, or a whole file.
//!
//! Pure. serde_json says whether a text is JSON, and reads each string and number; only the
//! structure is walked here, because that parser does not tell where a value stands.

use serde::de::IgnoredAny;

use super::node::{Broken, Budget, DEPTH, Data, Name, Node};

/// The value of a JSON text.
pub(super) fn parse(text: &str, budget: &mut Budget) -> Result<Node, Broken> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(malformed(text, &error));
    }
    let mut walk = Walk { text, at: 0, budget };
    walk.value(0)
}

fn malformed(text: &str, error: &serde_json::Error) -> Broken {
    let said = error.to_string();
    let message = said.split(" at line ").next().unwrap_or(&said).to_owned();
    let line: usize =
        text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (line + error.column().saturating_sub(1)).min(text.len());
    let broken = Broken::new(at, format!("this is no JSON: {message}"));
    match text.get(at..).unwrap_or_default().trim_start().chars().next() {
        Some(',') if error.is_syntax() && message.starts_with("trailing") => {
            broken.hint("write one object a line, with no comma behind it")
        }
        Some('}' | ']') if text[..at].trim_end().ends_with(',') => {
            broken.hint("take out the comma in front of it")
        }
        Some('\'') => broken.hint("JSON takes double quotes only"),
        _ => broken,
    }
}

/// A walk over a text that is known to be JSON.
struct Walk<'t, 'b> {
    text: &'t str,
    at: usize,
    budget: &'b mut Budget,
}

impl Walk<'_, '_> {
    /// The next byte that is no white space, which is not passed.
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or_default()
    }

    fn value(&mut self, depth: usize) -> Result<Node, Broken> {
        let first = self.peek();
        let at = self.at;
        if depth > DEPTH {
            return Err(Broken::too_deep(at));
        }
        let data = match first {
            b'"' => Data::Text(self.string()?),
            b'[' => Data::List(self.list(depth)?),
            b'{' => Data::Map(self.map(depth)?),
            _ => self.plain()?,
        };
        let bytes = if let Data::Text(text) = &data { text.len() } else { 0 };
        if !self.budget.take(bytes) {
            return Err(Broken::too_much(at));
        }
        Ok(Node { at, data })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Broken> {
        let mut list = Vec::new();
        self.at += 1;
        while self.peek() != b']' {
            list.push(self.value(depth + 1)?);
            self.at += usize::from(self.peek() == b',');
        }
        self.at += 1;
        Ok(list)
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(Name, Node)>, Broken> {
        let mut map = Vec::new();
        self.at += 1;
        while self.peek() != b'}' {
            let at = self.at;
            let text = self.string()?;
            self.at += usize::from(self.peek() == b':');
            map.push((Name { at, text }, self.value(depth + 1)?));
            self.at += usize::from(self.peek() == b',');
        }
        self.at += 1;
        Ok(map)
    }

    fn string(&mut self) -> Result<String, Broken> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while bytes.get(self.at).is_some_and(|byte| *byte != b'"') {
            self.at += 1 + usize::from(bytes[self.at] == b'\\');
        }
        self.at += 1;
        self.piece(start)
    }

    fn plain(&mut self) -> Result<Data, Broken> {
        let start = self.at;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b",]}".contains(byte);
        let rest = &self.text.as_bytes()[start.min(self.text.len())..];
        self.at += rest.iter().position(ends).unwrap_or(rest.len()).max(1);
        Ok(match &self.text[start..self.at.min(self.text.len())] {
            "null" => Data::Null,
            "true" => Data::Bool(true),
            "false" => Data::Bool(false),
            _ => Data::Number(self.piece(start)?),
        })
    }

    fn piece<T: serde::de::DeserializeOwned>(&self, start: usize) -> Result<T, Broken> {
        let piece = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(piece).map_err(|error| {
            let said = error.to_string();
            let message = said.split(" at line ").next().unwrap_or(&said);
            Broken::new(start, format!("this is no JSON: {message}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Broken> {
        parse(text, &mut Budget::default())
    }

    #[test]
    fn values_are_those_of_the_parser_and_know_their_places() {
        let text = r#" {"a": [1, -2.5e3 ,true,null,"\u00e9\ud83e\udd8a\"\\"] , "b":{},"c":[ ]} "#;
        let node = read(text).unwrap();
        assert_eq!(node.to_json(), serde_json::from_str::<serde_json::Value>(text).unwrap());
        let Data::Map(map) = node.data else { panic!() };
        assert_eq!((map[0].0.at, map[0].1.at), (2, 7));
        assert_eq!(
            (map[1].0.at, map[1].1.at),
            (text.find("\"b\"").unwrap(), text.find("{}").unwrap())
        );
    }

    #[test]
    fn what_is_no_json_is_told_at_its_place() {
        let cases = [
            ("{\"a\": 1,}", 8, "key must be a string"),
            ("[1,]", 3, "expected value"),
            ("{\"a\": 1},", 8, "trailing characters"),
            ("{\"a\":\n 'x'}", 7, "expected value"),
            ("{\"a\": \"\\ud800\"}", 6, "unexpected end of hex escape"),
            ("{\"a\": 1e999}", 6, "number out of range"),
            ("{", 0, "EOF while parsing an object"),
        ];
        let said = cases.map(|(text, ..)| {
            let broken = read(text).unwrap_err();
            (text, broken.at, broken.message)
        });
        let expected = cases.map(|(text, at, why)| (text, at, format!("this is no JSON: {why}")));
        assert_eq!(said, expected);
        let deep = "[".repeat(50_000) + &"]".repeat(50_000);
        assert_eq!(read(&deep).unwrap_err(), Broken::too_deep(DEPTH + 1));
        assert!(parse("[1,2,3]", &mut Budget::default()).is_ok());
    }
}
