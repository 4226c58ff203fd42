//! SVG: whether the text is one well-formed `<svg>` element, and how large it wants to be.
//!
//! Pure. Tags must balance and attributes be quoted; nothing is resolved, fetched or run. Nesting is
//! bounded.

use crate::request::Format;

use super::Facts;

/// The size of a vector picture that names none, in pixels (CSS 2.2, section 10.3.2).
const DEFAULT: (f64, f64) = (300.0, 150.0);

/// Elements inside each other that are followed: drawing programs need a few dozen, and readers give
/// up long before.
const DEEPEST: usize = 2_000;

/// The longest edge that a vector picture is said to have; larger ones are scaled down, for a
/// vector has no pixels of its own and is no bomb.
const LONGEST: f64 = 16_384.0;

/// Whether the bytes open with an `<svg` element, after what may stand before it.
pub(super) fn opens(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if !bytes.starts_with(b"<") {
        return false;
    }
    // A prologue is short; a cut inside a character ends the valid part, not the search.
    let head = &bytes[..bytes.len().min(4096)];
    let head = std::str::from_utf8(head).unwrap_or_else(|error| {
        std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
    });
    let mut rest = head;
    while let Ok(Some((token, after))) = token(rest) {
        match token {
            Token::Open { name, .. } => return local(name) == "svg",
            Token::Aside => rest = after,
            _ => return false,
        }
    }
    // The root's own tag may be cut or wrong; that is for `read` to tell.
    rest.trim_start().strip_prefix("<svg").is_some_and(|after| {
        after.starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/') || after.is_empty()
    })
}

/// A piece of markup.
enum Token<'a> {
    /// `<name attributes>`, or with `/>` an element of its own.
    Open { name: &'a str, attributes: &'a str, whole: bool },
    /// `</name>`.
    Close(&'a str),
    /// White space, a comment, a processing instruction or a document type.
    Aside,
    /// Characters, CDATA included.
    Text,
}

/// The next piece and what follows it; nothing at the end.
fn token(text: &str) -> Result<Option<(Token<'_>, &str)>, String> {
    let ends = || "the SVG ends inside its markup".to_owned();
    let until = |start: usize, mark: &str| {
        text.get(start..).and_then(|rest| rest.find(mark)).map(|at| start + at + mark.len())
    };
    let Some(inner) = text.strip_prefix('<') else {
        if text.is_empty() {
            return Ok(None);
        }
        let (characters, rest) = text.split_at(text.find('<').unwrap_or(text.len()));
        let blank = characters.trim().is_empty();
        return Ok(Some((if blank { Token::Aside } else { Token::Text }, rest)));
    };
    let aside = if inner.starts_with("!--") {
        Some((Token::Aside, until(4, "-->")))
    } else if inner.starts_with("![CDATA[") {
        Some((Token::Text, until(9, "]]>")))
    } else if inner.starts_with('?') {
        Some((Token::Aside, until(2, "?>")))
    } else if inner.starts_with('!') {
        // A document type may hold declarations in brackets.
        let plain = until(2, ">");
        let holds = plain.is_some_and(|end| text[..end].contains('['));
        Some((
            Token::Aside,
            if holds { until(2, "]").and_then(|at| until(at, ">")) } else { plain },
        ))
    } else {
        None
    };
    if let Some((token, end)) = aside {
        return Ok(Some((token, &text[end.ok_or_else(ends)?..])));
    }
    // A `>` inside quotes is part of a value.
    let mut quote = None;
    let end = inner.find(|c| {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        quote.is_none() && c == '>'
    });
    let (tag, rest) = inner.split_at(end.ok_or_else(ends)?);
    let rest = &rest[1..];
    if let Some(name) = tag.strip_prefix('/') {
        return Ok(Some((Token::Close(name.trim_end()), rest)));
    }
    let (tag, whole) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, attributes) = tag.split_at(tag.find(char::is_whitespace).unwrap_or(tag.len()));
    let starts = |c: char| c.is_alphabetic() || c == '_' || c == ':';
    if !name.starts_with(starts) || name.contains(['<', '"', '\'', '=', '&']) {
        return Err("the SVG has a tag without a name".to_owned());
    }
    Ok(Some((Token::Open { name, attributes, whole }, rest)))
}

/// A name without its namespace prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Calls `each` with every name and value.
fn attributes<'a>(mut text: &'a str, mut each: impl FnMut(&'a str, &'a str)) -> Result<(), String> {
    let bare = || "the SVG has an attribute without quotes".to_owned();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return Ok(());
        }
        let (name, rest) = text.split_once('=').ok_or_else(bare)?;
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or_else(bare)?;
        let (value, rest) = rest[1..].split_once(quote).ok_or_else(bare)?;
        let name = name.trim_end();
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '"' || c == '\'') {
            return Err(bare());
        }
        if value.contains('<') {
            return Err("the SVG has a `<` inside an attribute".to_owned());
        }
        each(name, value);
        text = rest;
    }
}

/// Reads the whole text.
pub(super) fn read(bytes: &[u8]) -> Result<Facts, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the SVG is not UTF-8 text".to_owned())?;
    let mut rest = text.trim_start_matches('\u{feff}');
    if let Some(c) = rest.chars().find(|c| c.is_control() && !c.is_whitespace()) {
        return Err(format!("the SVG holds a control character (U+{:04X})", u32::from(c)));
    }
    let mut open: Vec<&str> = Vec::new();
    let mut size = None;
    while let Some((token, after)) = token(rest)? {
        rest = after;
        match token {
            Token::Aside => {}
            Token::Text if open.is_empty() => {
                return Err("the SVG has text outside its root element".to_owned());
            }
            Token::Text => {}
            Token::Open { .. } if open.is_empty() && size.is_some() => {
                return Err("the SVG has two root elements".to_owned());
            }
            Token::Open { name, attributes: list, whole } => {
                let mut asked = RootSize::default();
                attributes(list, |name, value| asked.take(name, value))?;
                if size.is_none() {
                    size = Some(asked.size());
                }
                if !whole {
                    if open.len() == DEEPEST {
                        return Err("the SVG is nested too deeply".to_owned());
                    }
                    open.push(name);
                }
            }
            Token::Close(name) => match open.pop() {
                Some(opened) if opened == name => {}
                Some(opened) => {
                    let [opened, name] = [opened, name].map(|name| crate::text::clean(name, 40));
                    return Err(format!("the SVG closes `{opened}` with `{name}`"));
                }
                None => return Err("the SVG closes more than it opens".to_owned()),
            },
        }
    }
    if let (Some((width, height)), true) = (size, open.is_empty()) {
        return Ok(Facts { format: Format::Svg, width, height, alpha: true, signed: false });
    }
    Err("the SVG ends before `</svg>`".to_owned())
}

/// Whether nothing in the text runs or is fetched when it is shown: no script, no handler of an event,
/// no page within it, no link out. What cannot be read is not.
pub fn is_inert(bytes: &[u8]) -> bool {
    const ACTIVE: [&str; 7] =
        ["script", "handler", "listener", "foreignobject", "iframe", "embed", "object"];
    let Ok(mut rest) = std::str::from_utf8(bytes) else { return false };
    rest = rest.trim_start_matches('\u{feff}');
    loop {
        let before = rest;
        let Ok(next) = token(rest) else { return false };
        let Some((token, after)) = next else { return true };
        rest = after;
        let markup = &before[..before.len() - after.len()];
        let is_quiet = match token {
            Token::Aside => !markup.starts_with("<?xml-stylesheet") && !markup.contains("<!ENTITY"),
            Token::Text => !markup.contains("@import"),
            Token::Close(_) => true,
            Token::Open { name, attributes: list, .. } => {
                let mut quiet = !ACTIVE.contains(&local(name).to_ascii_lowercase().as_str());
                let read = attributes(list, |name, value| quiet &= is_quiet_attribute(name, value));
                quiet && read.is_ok()
            }
        };
        if !is_quiet {
            return false;
        }
    }
}

/// Whether an attribute neither runs anything nor leads anywhere.
fn is_quiet_attribute(name: &str, value: &str) -> bool {
    let name = local(name).to_ascii_lowercase();
    let value = value.trim().to_ascii_lowercase();
    let leads = matches!(name.as_str(), "href" | "src") || name == "to" || name == "values";
    let is_within = || value.starts_with('#') || value.starts_with("data:image/");
    let is_address = || value.contains(':') || value.contains('&');
    let is_handler = name.starts_with("on");
    let leads_out = leads && is_address() && !is_within();
    !is_handler && !leads_out
}

/// What the root element says of its size, in CSS pixels.
#[derive(Default)]
struct RootSize {
    width: Option<f64>,
    height: Option<f64>,
    view: Option<(f64, f64)>,
}

impl RootSize {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "width" => self.width = length(value),
            "height" => self.height = length(value),
            "viewBox" => {
                let mut numbers = value
                    .split(|c: char| c.is_whitespace() || c == ',')
                    .filter(|part| !part.is_empty())
                    .map(|part| part.parse::<f64>().ok().filter(|number| number.is_finite()));
                self.view = numbers
                    .nth(2)
                    .flatten()
                    .zip(numbers.next().flatten())
                    .filter(|(width, height)| *width > 0.0 && *height > 0.0);
            }
            _ => {}
        }
    }

    /// Width and height in whole pixels: as named, else from the view box, else the default.
    fn size(&self) -> (u32, u32) {
        let (width, height) = match (self.width, self.height, self.view) {
            (Some(width), Some(height), _) => (width, height),
            (Some(width), None, Some((w, h))) => (width, width * h / w),
            (None, Some(height), Some((w, h))) => (height * w / h, height),
            (None, None, Some(view)) => view,
            (width, height, None) => (width.unwrap_or(DEFAULT.0), height.unwrap_or(DEFAULT.1)),
        };
        let scale = (LONGEST / width.max(height)).min(1.0);
        let edge = |edge: f64| (edge * scale).round().clamp(1.0, LONGEST) as u32;
        (edge(width), edge(height))
    }
}

/// A CSS length in pixels; percentages and units that need a font say nothing.
fn length(text: &str) -> Option<f64> {
    let text = text.trim();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let factor = match &text[number.len()..] {
        "" | "px" => 1.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * factor).filter(|n| n.is_finite() && *n > 0.0)
}
