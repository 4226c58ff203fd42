//! Files of lines: prompts (`.txt`), and JSON objects, JSON strings or prompts (`.jsonl`).
//!
//! Flat: one line is held at a time, or one block of `positive:` and `negative:` lines.

use std::io;
use std::ops::ControlFlow;

use super::input::{Input, LONGEST, Line};
use super::json;
use super::node::{Broken, Budget, Node, SourceText};
use super::problem::Problem;
use super::{Reader, Stop};
use crate::syntax::{self, Fate, Kind, Remark};

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
    let mut block = Block::default();
    loop {
        let line = input.next(&mut bytes)?;
        if line == Line::End {
            let flow = block.end(Ends::WithFile, reader);
            return Ok(if flow.is_break() { Stop::Asked } else { Stop::Ended });
        }
        let Some(text) = utf8(&bytes, line, input.line, reader) else { continue };
        let trimmed = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if trimmed.trim_end().is_empty() {
            continue;
        }
        if let Some(comment) = trimmed.strip_prefix('#') {
            if is_like_prompt(comment) {
                reader.remark(input.line, Remark::Comment, "");
            }
            continue;
        }
        let flow = match holds {
            Holds::Prompt => block.take(text, trimmed, input.line, reader),
            Holds::Job => {
                let source = SourceText::new(text, input.line);
                match job(text, text.len() - trimmed.len()) {
                    Ok(job) => reader.job(&source, &job),
                    Err(broken) => {
                        reader.problem(&source, broken);
                        ControlFlow::Continue(())
                    }
                }
            }
        };
        if flow.is_break() {
            return Ok(Stop::Asked);
        }
    }
}

/// Whether a comment was probably meant as a prompt: `#cyberpunk city, neon`. Behind a space it is one
/// only if it has what people write into prompts alone.
fn is_like_prompt(comment: &str) -> bool {
    let words = comment.split_whitespace().count();
    if comment.starts_with(|c: char| c.is_alphabetic()) {
        return words > 1;
    }
    let is_rich = comment.matches(',').count() > 1 && words > 5;
    let is_written = |mark: &syntax::Mark| !matches!(mark.fate, Fate::Stays(Kind::Unfilled));
    comment.starts_with(' ')
        && (is_rich
            || syntax::read(comment).is_some_and(|reading| reading.marks.iter().any(is_written)))
}

/// The most lines of a block, so that memory stays flat.
const LONGEST_BLOCK: usize = 200;

/// Where a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// At a line of dashes.
    AtRule,
    /// Where the next one begins, or there is too much of it.
    AtNext,
    /// With the file.
    WithFile,
}

/// Lines that begin with a `positive:` or `negative:` one: they are one prompt if both are there.
#[derive(Default)]
struct Block {
    lines: Vec<(u64, String)>,
    /// Whether there was a `positive:`, a `negative:`.
    parts: [bool; 2],
}

impl Block {
    /// Takes a line of prompts.
    fn take(
        &mut self,
        text: &str,
        trimmed: &str,
        number: u64,
        reader: &mut Reader<'_, '_>,
    ) -> ControlFlow<()> {
        let line = trimmed.trim_end();
        if line.len() > 2
            && ["-", "=", "*"].iter().any(|c| line.trim_matches(|x| c.contains(x)).is_empty())
        {
            if self.lines.is_empty() {
                reader.remark(number, Remark::Rule, "");
            }
            return self.end(Ends::AtRule, reader);
        }
        let part = syntax::block(line).map(|(part, _)| part);
        if let Some(part) = part {
            if self.parts[part] {
                self.end(Ends::AtNext, reader)?;
            }
            self.parts[part] = true;
        } else if self.lines.is_empty() {
            return prompt(text, trimmed, number, reader);
        }
        self.lines.push((number, line.to_owned()));
        if self.lines.len() >= LONGEST_BLOCK {
            return self.end(Ends::AtNext, reader);
        }
        ControlFlow::Continue(())
    }

    /// Hands it out: as one prompt, or as one a line where it turns out to be none.
    fn end(&mut self, ends: Ends, reader: &mut Reader<'_, '_>) -> ControlFlow<()> {
        let Block { lines, parts } = std::mem::take(self);
        let Some((first, _)) = lines.first() else { return ControlFlow::Continue(()) };
        let is_block = parts == [true, true] || parts[0] && ends == Ends::AtRule;
        if !is_block {
            return lines.iter().try_for_each(|(number, line)| prompt(line, line, *number, reader));
        }
        let mut text = String::new();
        let mut next = *first;
        for (number, line) in &lines {
            while next < *number {
                text.push('\n');
                next += 1;
            }
            text.push_str(line);
        }
        let source = SourceText::new(&text, *first);
        let as_written = text.clone();
        let whole = if parts[1] { text.clone() } else { format!("{text}\nnegative:") };
        reader.job_as(&source, &Node::text(0, whole), Some(&as_written))
    }
}

/// Hands out the prompt of a line.
fn prompt(text: &str, trimmed: &str, number: u64, reader: &mut Reader<'_, '_>) -> ControlFlow<()> {
    let source = SourceText::new(text, number);
    let at = text.len() - trimmed.len();
    if let Some(cell) = cell(trimmed.trim_end()) {
        reader.remark(number, Remark::Quotes, "");
        return reader.job_as(&source, &Node::text(at, cell), Some(trimmed.trim_end()));
    }
    if let Some((mark, words)) = syntax::marked(trimmed.trim_end()) {
        let remark = if mark.ends_with(':') { Remark::Label } else { Remark::Bullet };
        reader.remark(number, remark, mark);
        return reader.job_as(&source, &Node::text(at, words), Some(trimmed.trim_end()));
    }
    if let Some((name, kind)) = syntax::odd(trimmed.trim_end()) {
        reader.remark(number, Remark::Stays(kind), &name);
    }
    let as_written = text.trim_start();
    let as_written = (as_written != trimmed).then(|| as_written.trim_end());
    reader.job_as(&source, &Node::text(at, trimmed), as_written)
}

/// What a line holds that is one cell of a table in quotes, as programs write it: with a comma or a
/// quote in it. Other quotes belong to the prompt.
fn cell(line: &str) -> Option<String> {
    let inner = line.strip_prefix('"')?.strip_suffix('"')?;
    let plain = inner.replace("\"\"", "");
    let needs = inner.contains(',') || plain.len() < inner.len();
    (needs && !plain.contains('"') && !inner.trim().is_empty()).then(|| inner.replace("\"\"", "\""))
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
