//! Reading JSON that is not strict, and what other frames hold of it: server-sent events, comments,
//! a byte order mark, several documents one after the other.
//!
//! Pure. For answers that are paid for and that no strict reader takes. It never fails, it only finds
//! less: numbers that are none are null, half a surrogate is the replacement character, what is open
//! at the end is closed there. One pass over the text, and no more values than a tree may have.

use std::collections::VecDeque;

use serde_json::{Map, Number, Value};

use super::{NODES, large_tree};

/// Deeper than this nothing is read, as the strict parser does not either.
const DEPTH: usize = 128;
/// A bare word outside of all brackets that is as long as this may be an image or a link.
const WORD: usize = 16;

/// One value that stood by itself in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The name that a server-sent event had.
    pub event: String,
    /// What it says.
    pub value: Value,
    /// Whether it ended, rather than being closed where the text ended.
    pub is_whole: bool,
    /// The string in which the text ended: no more than the beginning of what it was to say.
    pub torn: Option<String>,
}

/// The values that stand in a text, in their order. Of more than an honest answer has, the last ones.
/// A web page holds none.
pub fn documents(text: &[u8]) -> Vec<Document> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.trim_ascii_start().starts_with(b"<") {
        return Vec::new();
    }
    let mut reader = Reader { text, ..Reader::default() };
    reader.read();
    reader.documents.into()
}

/// The tree of an answer that is JSON, if only in another frame or but for its numbers: the last
/// object in it. One that is cut off is none.
pub fn lenient_tree(text: &[u8]) -> Option<Value> {
    large_tree(text).or_else(|| {
        let last = documents(text).into_iter().rfind(|document| document.value.is_object())?;
        last.is_whole.then_some(last.value)
    })
}

/// A list or an object that has not ended.
enum Open {
    List(Vec<Value>),
    /// The entries, and the key whose value comes next.
    Map(Map<String, Value>, Option<String>),
}

#[derive(Default)]
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    open: Vec<Open>,
    event: String,
    /// The string in which the text ended.
    torn: Option<String>,
    /// The text has ended, or is read no further.
    is_over: bool,
    /// Values of the document that is being read.
    nodes: usize,
    documents: VecDeque<Document>,
    /// Values of each document, and of all of them.
    sizes: VecDeque<usize>,
    total: usize,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'{' | b'[' => {
                    if self.open.len() >= DEPTH || self.nodes >= NODES {
                        break;
                    }
                    self.nodes += 1;
                    self.at += 1;
                    self.open.push(match byte {
                        b'{' => Open::Map(Map::new(), None),
                        _ => Open::List(Vec::new()),
                    });
                }
                b'}' | b']' => {
                    self.at += 1;
                    self.close();
                }
                b'"' => {
                    let text = self.string();
                    self.text_came(text);
                }
                b',' => {
                    self.at += 1;
                    if let Some(Open::Map(_, key)) = self.open.last_mut() {
                        *key = None;
                    }
                }
                b':' | 0 => self.at += 1,
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ if self.open.is_empty() => self.word_outside(),
                _ => self.word(),
            }
            if self.nodes >= NODES {
                break;
            }
        }
        self.is_over = true;
        while !self.open.is_empty() {
            self.close();
        }
    }

    /// A string has come: a key, or a value.
    fn text_came(&mut self, text: String) {
        match self.open.last_mut() {
            Some(Open::Map(_, key @ None)) => *key = Some(text),
            _ => self.value_came(Value::String(text)),
        }
    }

    fn value_came(&mut self, value: Value) {
        self.nodes += 1;
        match self.open.last_mut() {
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => {
                // A null says nothing that could replace what was said.
                if let Some(key) = key.take()
                    && !(value.is_null() && map.contains_key(&key))
                {
                    map.insert(key, value);
                }
            }
            None => self.document(value),
        }
    }

    fn document(&mut self, value: Value) {
        let nodes = std::mem::take(&mut self.nodes);
        self.total += nodes;
        self.sizes.push_back(nodes);
        let (event, torn) = (self.event.clone(), self.torn.take());
        let is_whole = !self.is_over && torn.is_none();
        self.documents.push_back(Document { event, value, is_whole, torn });
        // What a stream says last is what came of it.
        while self.total > 2 * NODES
            && let Some(oldest) = self.sizes.pop_front()
        {
            self.total -= oldest;
            self.documents.pop_front();
        }
    }

    /// A list or an object ends; which of the two brackets says so is not looked at.
    fn close(&mut self) {
        let value = match self.open.pop() {
            Some(Open::List(list)) => Value::Array(list),
            Some(Open::Map(map, _)) => Value::Object(map),
            None => return,
        };
        self.value_came(value);
    }

    /// Reads a string to its end, which may be missing.
    fn string(&mut self) -> String {
        let mut bytes: Vec<u8> = Vec::new();
        let mut is_torn = false;
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let Some(stop) = memchr::memchr2(b'"', b'\\', rest) else {
                bytes.extend_from_slice(rest);
                self.at = self.text.len();
                is_torn = true;
                break;
            };
            bytes.extend_from_slice(&rest[..stop]);
            self.at += stop + 1;
            if rest[stop] == b'"' {
                break;
            }
            let escaped = self.escaped();
            bytes.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
        }
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        self.torn = is_torn.then(|| text.clone());
        text
    }

    /// What a backslash and what follows it stand for; a backslash before anything else is dropped.
    fn escaped(&mut self) -> char {
        let Some(&byte) = self.text.get(self.at) else { return char::REPLACEMENT_CHARACTER };
        match byte {
            b'u' => {
                self.at += 1;
                self.unit().map_or(char::REPLACEMENT_CHARACTER, |unit| self.letter(unit))
            }
            byte if byte.is_ascii() => {
                self.at += 1;
                match byte {
                    b'b' => '\u{8}',
                    b'f' => '\u{c}',
                    b'n' => '\n',
                    b'r' => '\r',
                    b't' => '\t',
                    other => char::from(other),
                }
            }
            _ => char::REPLACEMENT_CHARACTER,
        }
    }

    /// The letter of a unit of UTF-16, of which another half may follow.
    fn letter(&mut self, unit: u16) -> char {
        let before = self.at;
        let second = (0xd800..0xdc00).contains(&unit)
            && self.text.get(before..before + 2) == Some(b"\\u".as_slice());
        let mut units = [unit, 0];
        let mut length = 1;
        if second {
            self.at += 2;
            if let Some(low) = self.unit().filter(|low| (0xdc00..0xe000).contains(low)) {
                units[1] = low;
                length = 2;
            } else {
                self.at = before;
            }
        }
        let letter = char::decode_utf16(units[..length].iter().copied()).next();
        letter.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(is_hex))?;
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }

    /// A word inside brackets: a number, `true`, `null`, or something that is none of them.
    fn word(&mut self) {
        let start = self.at;
        let ends = |b: &u8| b",:[]{}\"\0".contains(b) || b.is_ascii_whitespace();
        let rest = &self.text[start..];
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        let word = &self.text[start..self.at];
        let is_label = self.text.get(self.at) == Some(&b':');
        if is_label && word == b"data" && is_line_start(self.text, start) {
            // An event whose text is spread over several lines.
            return;
        }
        if let (true, Some(Open::Map(_, key @ None))) = (is_label, self.open.last_mut()) {
            *key = Some(String::from_utf8_lossy(word).into_owned());
            return;
        }
        let value = match word {
            b"true" => Value::Bool(true),
            b"false" => Value::Bool(false),
            // A number may go on behind the end.
            _ if self.at == self.text.len() => Value::Null,
            word => {
                let number = std::str::from_utf8(word).ok().and_then(|w| w.parse::<Number>().ok());
                number.map_or(Value::Null, Value::Number)
            }
        };
        self.value_came(value);
    }

    /// A word outside of all brackets: the field of an event, a comment, or a text by itself.
    fn word_outside(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        if is_line_start(self.text, start) {
            let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            if let Some(name) = rest[..end].strip_prefix(b"event:") {
                self.event =
                    String::from_utf8_lossy(&name[..name.len().min(200)]).trim().to_owned();
                self.at += end;
                return;
            }
            if let Some(text) = rest.strip_prefix(b"data:")
                && !text.starts_with(b"image/")
            {
                self.at += 5;
                return;
            }
        }
        let ends = |b: &u8| b"[]{}\"\0".contains(b) || b.is_ascii_whitespace();
        self.at += rest.iter().position(ends).unwrap_or(rest.len()).max(1);
        let word = &self.text[start..self.at];
        if word.len() >= WORD
            && let Ok(text) = std::str::from_utf8(word)
        {
            self.value_came(Value::String(text.to_owned()));
        }
    }
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn is_line_start(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| matches!(text[before], b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values(text: &[u8]) -> Vec<Value> {
        documents(text).into_iter().map(|document| document.value).collect()
    }

    #[test]
    fn json_in_other_frames_is_the_same_json() {
        let whole = json!({ "data": [{ "b64_json": "QUJD", "n": 1 }] });
        let text = whole.to_string();
        for odd in [
            format!("\u{feff}{text}"),
            format!(": PROCESSING\n\n: PROCESSING\r\n\r\n{text}\n"),
            format!("data: {text}\n\ndata: [DONE]\n\n"),
            format!("data:{text}"),
            format!("event: done\ndata: {}\n\n", text.replace('[', "\ndata: [\ndata: ")),
            format!(")]}}'\n{text}"),
            format!("callback({text});"),
            format!("{text}\0\0"),
            format!("{text}}} trailing"),
            text.replace(",\"n\"", ",\n \"n\""),
            text.replace("\"n\"", "n"),
        ] {
            assert_eq!(lenient_tree(odd.as_bytes()), Some(whole.clone()), "{odd}");
        }
        for short in 1..3 {
            let odd = &text[..text.len() - short];
            assert_eq!(values(odd.as_bytes()), std::slice::from_ref(&whole), "{odd}");
            assert_eq!(lenient_tree(odd.as_bytes()), None, "{odd}");
        }
        assert_eq!(values(b"<html>{\"a\":1}"), [] as [Value; 0]);
    }

    #[test]
    fn what_is_not_strict_takes_nothing_else_with_it() {
        for (text, value) in [
            (
                r#"{"a":NaN,"b":-Infinity,"c":1e400,"d":01,"e":[.5,1,]}"#,
                json!({ "a": null,
                "b": null, "c": null, "d": null, "e": [null, 1] }),
            ),
            (
                r#"{"a":"\ud83d","b":"\ud83d\ude00\u0041","c":"\ud83dx"}"#,
                json!({
                "a": "\u{fffd}", "b": "\u{1f600}A", "c": "\u{fffd}x" }),
            ),
            (r#"{"a":"x\q\/\n","b":}"#, json!({ "a": "xq/\n" })),
            ("{\"a\":\"line\nline\",\"a\":null}", json!({ "a": "line\nline" })),
            (r#"{"a":"cut"#, json!({ "a": "cut" })),
            (r#"{"a":[1,2"#, json!({ "a": [1, null] })),
            (r#"{"a":"cut\u00"#, json!({ "a": "cut\u{fffd}00" })),
        ] {
            assert_eq!(values(text.as_bytes()), [value], "{text}");
        }
        assert_eq!(values(b"{\"a\":\"\xff\"}"), [json!({ "a": "\u{fffd}" })]);
        let torn = documents(b"{\"a\":\"whole\",\"b\":\"to").pop().unwrap();
        assert_eq!((torn.torn.as_deref(), torn.is_whole), (Some("to"), false));
    }

    #[test]
    fn events_keep_their_names_and_words_by_themselves_are_texts() {
        let text =
            "event: image.partial\ndata: {\"a\":1}\n\nevent: image.done\ndata: {\"a\":2}\n\n";
        let found = documents(text.as_bytes());
        let names: Vec<&str> = found.iter().map(|document| document.event.as_str()).collect();
        assert_eq!(names, ["image.partial", "image.done"]);
        assert_eq!(values(b"data: iVBORw0KGgoAAAANSUhEUg==\n\n"), ["iVBORw0KGgoAAAANSUhEUg=="]);
        assert_eq!(values(b"data:image/png;base64,QUJD"), ["data:image/png;base64,QUJD"]);
        assert_eq!(values(b" https://a.example/x.png\n"), ["https://a.example/x.png"]);
    }

    #[test]
    fn neither_depth_nor_width_costs_more_than_its_bound() {
        assert_eq!(values(&b"[".repeat(1 << 20)).len(), 1);
        let wide = values(format!("[{}", "0,".repeat(1 << 20)).as_bytes());
        assert!(wide[0].as_array().unwrap().len() <= NODES);
        let many = values(&b"{\"a\":1}\n".repeat(1 << 17));
        assert!(many.len() <= 2 * NODES && many.len() > NODES / 2, "{}", many.len());
    }

    proptest! {
        #[test]
        fn strict_json_is_read_as_ever(
            text in "\\PC{0,12}", number in any::<i64>(), flag in any::<bool>(), length in 0usize..4,
        ) {
            let value = json!({ "a": vec![json!({ &text: number }); length], "b": flag, "c": [text] });
            prop_assert_eq!(values(value.to_string().as_bytes()), [value]);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = documents(&bytes);
        }
    }
}
