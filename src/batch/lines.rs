//! Files of lines: prompts (`.txt`), and JSON objects, JSON strings or prompts (`.jsonl`).
//!
//! Flat: one line is held at a time.

use std::io;

use super::input::{Input, LONGEST, Line};
use super::json;
use super::node::{Broken, Budget, Node, SourceText};
use super::problem::Problem;
use super::{Reader, Stop};

/// What a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A prompt.
    Prompt,
    /// An object, a JSON string or a prompt.
    Job,
}

/// Reads all lines.
pub(super) fn read(
    input: &mut Input<'_>,
    holds: Holds,
    reader: &mut Reader<'_, '_>,
) -> io::Result<Stop> {
    let mut bytes = Vec::new();
    loop {
        let line = input.next(&mut bytes)?;
        if line == Line::End {
            return Ok(Stop::Ended);
        }
        let Some(text) = utf8(&bytes, line, input.line, reader) else { continue };
        let trimmed = text.trim_start();
        if trimmed.trim_end().is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let source = SourceText::new(text, input.line);
        let at = text.len() - trimmed.len();
        let job = match holds {
            Holds::Prompt => Ok(Node::text(at, trimmed)),
            Holds::Job => job(text, at),
        };
        match job {
            Err(broken) => reader.problem(&source, broken),
            Ok(job) => {
                if reader.job(&source, &job).is_break() {
                    return Ok(Stop::Asked);
                }
            }
        }
    }
}

/// The job of a line. A prompt needs no quotes, but what can only be a piece of JSON is none.
fn job(text: &str, at: usize) -> Result<Node, Broken> {
    let line = text[at..].trim_end();
    if line.starts_with('{') {
        return json::parse(text, &mut Budget::default());
    }
    if line.starts_with('"')
        && let Ok(node) = json::parse(text, &mut Budget::default())
    {
        return Ok(node);
    }
    let bare = line.trim_end_matches(',');
    let is_json = bare.starts_with(|c: char| c == '[' || c == '-' || c.is_ascii_digit())
        || ["true", "false", "null"].contains(&bare);
    let is_piece = line.chars().all(|c| c.is_whitespace() || "[]{},:\"".contains(c))
        || is_json && serde_json::from_str::<serde::de::IgnoredAny>(bare).is_ok();
    if is_piece {
        let what = format!("{} is no job", super::node::shown(line));
        return Err(Broken::new(at, what)
            .hint("write one JSON object or one prompt a line; a JSON list is a `.json` file"));
    }
    Ok(Node::text(at, line))
}

/// The text of a line; says what is wrong with one that has none.
pub(super) fn utf8<'b>(
    bytes: &'b [u8],
    line: Line,
    number: u64,
    reader: &mut Reader<'_, '_>,
) -> Option<&'b str> {
    if line == Line::TooLong {
        reader.report(Problem {
            line: number,
            column: None,
            message: format!("the line is longer than {LONGEST} bytes"),
            hint: Some("a prompt has at most a few ten thousand characters".to_owned()),
        });
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            reader.report(not_utf8(bytes, error.valid_up_to(), number));
            None
        }
    }
}

/// Says where bytes stop being text.
pub(super) fn not_utf8(bytes: &[u8], good: usize, line: u64) -> Problem {
    let before = String::from_utf8_lossy(&bytes[..good]);
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let breaks = before.matches('\n').count() as u64;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    Problem {
        line: line + breaks,
        column: Some(column),
        message: if wide {
            "the file is UTF-16, not UTF-8".to_owned()
        } else {
            format!("the byte 0x{:02x} is no UTF-8", bytes.get(good).copied().unwrap_or_default())
        },
        hint: Some("save the file as UTF-8".to_owned()),
    }
}

/// A hint on one line, whatever was quoted in it.
pub(super) fn one_line(text: &str) -> String {
    crate::text::clean(text, 200)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::node::Data;

    #[test]
    fn a_line_is_an_object_a_string_or_a_prompt() {
        let text = |line: &str| match job(line, 0).unwrap().data {
            Data::Text(text) => text,
            other => panic!("{other:?}"),
        };
        for (line, prompt) in [
            ("a fox", "a fox"),
            ("\"a \\\"red\\\" fox\"", "a \"red\" fox"),
            ("\"Hello\" says the fox", "\"Hello\" says the fox"),
            ("[sketch] a fox", "[sketch] a fox"),
            ("3 foxes", "3 foxes"),
            ("🦊", "🦊"),
            ("true love", "true love"),
        ] {
            assert_eq!(text(line), prompt);
        }
        assert!(matches!(job("{\"prompt\": \"x\"}", 0).unwrap().data, Data::Map(_)));
        for line in ["[", "]", "},", "[1, 2]", "[{\"prompt\": \"x\"}]", "17", "null", "-2.5,"] {
            assert!(job(line, 0).unwrap_err().message.ends_with("is no job"), "{line}");
        }
    }
}
