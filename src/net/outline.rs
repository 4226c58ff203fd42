//! The outline of a long JSON body: everything but the inside of its long strings.
//!
//! A long reply is nearly all one string, an image in base64. In the outline such a string is cut to
//! its head and a mark that says where it stands, so that a dialect reads the answer in little time
//! and memory, and the image is decoded from the body, which may be on the disk, in pieces. Pure:
//! bytes in, bytes out.

use std::io::{self, BufRead};
use std::ops::Range;

/// Strings up to this length stay as they are.
pub(super) const LONG: usize = 64 * 1024;
/// Bytes that an outline may have: what is made of them in memory is a multiple.
const MOST: usize = 64 << 20;
/// What stays of a longer one: a data URL's head is below a hundred bytes.
const HEAD: usize = 128;

/// Reads a body to its end, or a part of it that begins there; `None` where a long string has an escape in
/// it, since what stands on the disk is then not what the string says.
///
/// # Errors
/// It cannot be read, or too much of it is no long string (`FileTooLarge`).
pub(super) fn outline(mut body: impl BufRead, start: u64) -> io::Result<Option<Vec<u8>>> {
    let mut out: Vec<u8> = Vec::new();
    let (mut at, mut string) = (start, None::<Inside>);
    loop {
        let mut rest = body.fill_buf()?;
        if out.len() > MOST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = rest.len();
        if length == 0 {
            // A long string that is cut off may hold a whole image all the same.
            if let Some(Inside { start, head, escape: None }) = string
                && at - start > LONG as u64
            {
                cut(&mut out, head, start..at);
            }
            return Ok(Some(out));
        }
        while !rest.is_empty() {
            let Some(inside) = &mut string else {
                let quote = memchr::memchr(b'"', rest).map_or(rest.len(), |quote| quote + 1);
                out.extend_from_slice(&rest[..quote]);
                at += quote as u64;
                if rest[quote - 1] == b'"' {
                    string = Some(Inside { start: at, head: out.len(), escape: None });
                }
                rest = &rest[quote..];
                continue;
            };
            let escaped = inside.escape == Some(at);
            let end = if escaped { None } else { memchr::memchr2(b'"', b'\\', rest) };
            let plain = if escaped { 1 } else { end.unwrap_or(rest.len()) };
            // No more of a long string is gathered than tells that it is long.
            let room = (inside.head + LONG + 1).saturating_sub(out.len());
            out.extend_from_slice(&rest[..plain.min(room)]);
            at += plain as u64;
            rest = &rest[plain..];
            let long = at - inside.start > LONG as u64;
            let stop = end.map(|_| rest[0]);
            if long && (inside.escape.is_some() || stop == Some(b'\\')) {
                return Ok(None);
            }
            match stop {
                Some(b'\\') => {
                    inside.escape = Some(at + 1);
                    out.push(b'\\');
                }
                Some(_) => {
                    if long {
                        cut(&mut out, inside.head, inside.start..at);
                    }
                    out.push(b'"');
                    string = None;
                }
                None => {}
            }
            if end.is_some() {
                at += 1;
                rest = &rest[1..];
            }
        }
        body.consume(length);
    }
}

/// Cuts a string that begins there to its head and its mark.
fn cut(out: &mut Vec<u8>, start: usize, range: Range<u64>) {
    let head = head_of(&out[start..]);
    out.truncate(start + head);
    out.extend_from_slice(mark(range, head).as_bytes());
}

/// A string that is being read.
struct Inside {
    /// Where it begins in the body.
    start: u64,
    /// Where it begins in the outline.
    head: usize,
    /// The place of the last character behind a backslash.
    escape: Option<u64>,
}

/// How much of a long string stays: whole characters.
fn head_of(text: &[u8]) -> usize {
    let is_whole = |end: &usize| text.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80);
    (0..=HEAD).rev().find(is_whole).unwrap_or_default()
}

/// What stands for the inside of a long string, as JSON writes it.
fn mark(range: Range<u64>, head: usize) -> String {
    format!("\\u0000{}+{}+{head}", range.start, range.end)
}

/// The place in the body of a long string of an outline, from the text that a reader got of it or of
/// its end; `None` for text that is whole.
pub(super) fn place(text: &str) -> Option<Range<u64>> {
    let (head, mark) = text.split_once('\0')?;
    let mut numbers = mark.splitn(3, '+').map(|number| number.parse::<u64>().ok());
    let (start, end, length) = (numbers.next()??, numbers.next()??, numbers.next()??);
    // What the reader took from the head, such as `data:image/png;base64,`, is not wanted.
    let taken = length.checked_sub(head.len() as u64)?;
    Some(start.checked_add(taken)?..end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Option<Vec<u8>> {
        outline(body.as_bytes(), 0).unwrap()
    }

    #[test]
    fn what_is_short_stays_as_it_is() {
        for body in [r#"{"a":"b\"c","d":["\\",1.5e3,null]}"#, "", "<html>\"", r#"{"a":"\"#] {
            assert_eq!(read(body).unwrap(), body.as_bytes());
        }
    }

    #[test]
    fn a_long_string_is_found_by_its_mark() {
        let image = "QUJD".repeat(LONG);
        let body = format!(r#"{{"n":"a\nb","data":[{{"url":"data:image/png;base64,{image}"}}]}}"#);
        let small = read(&body).unwrap();
        assert!(small.len() < 512, "{}", small.len());
        let value: serde_json::Value = serde_json::from_slice(&small).unwrap();
        assert_eq!(value["n"], "a\nb");
        let text = value["data"][0]["url"].as_str().unwrap();
        let whole = place(text).unwrap();
        assert!(body[whole.start as usize..].starts_with("data:image/png"));
        let range = place(text.split_once(',').unwrap().1).unwrap();
        assert_eq!(&body[range.start as usize..range.end as usize], image);
    }

    #[test]
    fn characters_are_not_torn() {
        let body = format!(r#"{{"a":"x{}"}}"#, "é".repeat(LONG));
        let small = read(&body).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&small).unwrap();
        assert_eq!(place(value["a"].as_str().unwrap()).unwrap().end, body.len() as u64 - 2);
    }

    #[test]
    fn a_long_string_with_an_escape_is_not_cut() {
        let long = "QUJD".repeat(LONG);
        for body in [
            format!(r#"{{"a":"{long}\/x"}}"#),
            format!(r#"{{"a":"\/{long}"}}"#),
            format!(r#"{{"a":"{long}\""#),
        ] {
            assert_eq!(read(&body), None);
        }
    }

    proptest! {
        #[test]
        fn an_outline_is_json_with_the_same_short_values(
            short in "\\PC{0,40}", repeat in 0usize..40_000, step in 1usize..5_000,
        ) {
            let long = "QUJD".repeat(repeat);
            let body = serde_json::json!({ "a": short, "long": long, "b": [short] }).to_string();
            // However the pieces fall.
            let steps = io::BufReader::with_capacity(step, body.as_bytes());
            let small = outline(steps, 0).unwrap().unwrap();
            let value: serde_json::Value = serde_json::from_slice(&small).unwrap();
            prop_assert_eq!(value["a"].as_str(), Some(short.as_str()));
            prop_assert_eq!(value["b"][0].as_str(), Some(short.as_str()));
            let text = value["long"].as_str().unwrap();
            match place(text) {
                None => prop_assert_eq!(text, long),
                Some(range) => {
                    prop_assert_eq!(&body[range.start as usize..range.end as usize], long);
                }
            }
        }
    }
}
