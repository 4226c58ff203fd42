//! Braces and underscores of programs that draw lots: `{red|green}`, `{2$$cat|dog}`, `${style=ink}`,
//! `__season__`; and fields that nothing fills.

use super::{Fate, Kind, Reading, shown};

/// Names between two underscores that Python has.
const PYTHONS: [&str; 6] = ["init", "main", "name", "file", "str", "repr"];

/// Marks the first of each kind.
pub(super) fn braces(reading: &mut Reading) {
    let text = reading.prompt.clone();
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|open| at + open) {
        // Two are the character itself.
        if text[open + 1..].starts_with('{') {
            at = open + 2;
            continue;
        }
        let Some(inner) = inside(&text[open + 1..]) else {
            at = open + 1;
            continue;
        };
        at = open + inner.len() + 2;
        let is_variable = text[..open].ends_with('$');
        let (kind, start) = if is_variable && is_variable_name(inner) {
            (Kind::Variable, open - 1)
        } else if inner.contains('|') && !inner.contains('"') {
            (Kind::Choice, open)
        } else if is_field(inner) {
            (Kind::Unfilled, open)
        } else {
            // What is inside may be something.
            at = open + 1;
            continue;
        };
        let fate = Fate::Stays(kind);
        if kind == Kind::Unfilled || !reading.marks.iter().any(|mark| mark.fate == fate) {
            reading.mark(shown(&text[start..open + inner.len() + 2]), fate);
        }
    }
}

/// What stands before the brace that closes.
fn inside(text: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(&text[..at]),
            '}' => depth -= 1,
            '\n' => return None,
            _ => {}
        }
    }
    None
}

fn is_variable_name(inner: &str) -> bool {
    let end = inner.find(['=', ':']).unwrap_or(inner.len());
    is_field(&inner[..end])
}

/// Whether it can be the name of a field.
fn is_field(inner: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic() || c == '_';
    inner.len() <= 40
        && inner.starts_with(is_letter)
        && inner.chars().all(|c| is_letter(c) || c.is_numeric() || "-.".contains(c))
}

/// Marks the first wildcard.
pub(super) fn wildcards(reading: &mut Reading) {
    let text = &reading.prompt;
    let found = text.match_indices("__").find_map(|(at, mark)| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let inner = &text[at + mark.len()..];
        let name = &inner[..inner.find("__")?];
        let behind = &inner[name.len() + mark.len()..];
        let is_name = name.starts_with(|c: char| c.is_alphanumeric() || c == '*')
            && name.chars().all(|c| c.is_alphanumeric() || "_/*-.".contains(c));
        let is_alone = !text[..at].ends_with(is_word) && !behind.starts_with(is_word);
        (is_name && is_alone && !PYTHONS.contains(&name)).then(|| format!("__{name}__"))
    });
    if let Some(found) = found {
        reading.mark(shown(&found), Fate::Stays(Kind::Wildcard));
    }
}
