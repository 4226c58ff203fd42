//! Templates: taken apart, filled in, and every value made one safe part of a path.
//!
//! Pure.

use std::path::{PathBuf, is_separator};

use super::{FIELDS, Fields, LONGEST, OutputTarget, PART};
use crate::error::{Error, Result};
use crate::request::Format;
use crate::text;

/// Splits off an image extension. It stays as written where it fits the real format, else the real
/// one takes its place; any other ending is part of the stem.
pub(super) fn extended<'a>(name: &'a str, fields: &Fields<'_>) -> (&'a str, String) {
    let real = fields.extension();
    match name.rsplit_once('.') {
        Some((stem, written)) if !stem.is_empty() => match Format::of_extension(written) {
            Some(format) if Some(format) == Format::of_extension(&real) || real.is_empty() => {
                (stem, written.to_owned())
            }
            Some(_) => (stem, real),
            None => (name, real),
        },
        _ => (name, real),
    }
}

/// Fills a template in.
pub(super) fn planned(template: &str, fields: &Fields<'_>) -> Result<OutputTarget> {
    let (parents, name) = match template.rfind(is_separator) {
        Some(at) => (&template[..=at], &template[at + 1..]),
        None => ("", template),
    };
    let mut directory = String::new();
    let mut filled = false;
    for part in parents.split_inclusive(is_separator) {
        let part_name = part.trim_end_matches(is_separator);
        let pieces = pieces(part_name, template)?;
        let holds = pieces.iter().any(|piece| matches!(piece, Piece::Field(_)));
        if filled && part_name == ".." {
            return Err(Error::usage(format!("the output `{template}` has a `..` after a field"))
                .hint("write the directory without `..`"));
        }
        filled |= holds;
        if part_name.is_empty() && !directory.is_empty() {
            continue;
        }
        directory.push_str(&expand(&pieces, fields, template)?);
        directory.push('/');
    }
    let directory = PathBuf::from(if directory.is_empty() { "." } else { &directory });
    output_target(directory, name, template, fields)
}

/// The output target for a file name that may hold fields, the last part of a template.
pub(super) fn output_target(
    directory: PathBuf,
    name: &str,
    template: &str,
    fields: &Fields<'_>,
) -> Result<OutputTarget> {
    let mut parts = pieces(name, template)?;
    let mut extension = fields.extension();
    if let [.., Piece::Literal(before), Piece::Field("ext")] = parts.as_mut_slice()
        && before.ends_with('.')
    {
        before.pop();
        parts.pop();
    } else if let Some(Piece::Literal(last)) = parts.last_mut() {
        // One letter stands for the fields before, so that `{slug}.png` splits like `x.png`.
        let spelled = format!("x{last}");
        let (stem, spelling) = extended(&spelled, fields);
        last.truncate(stem.len() - 1);
        extension = spelling;
    }
    let stem = expand(&parts, fields, template)?;
    let stem = if stem.trim_matches('.').is_empty() { "image".to_owned() } else { stem };
    Ok(OutputTarget { directory, stem, extension, suffix_ok: true, within: None })
}

/// A piece of a template.
enum Piece<'a> {
    Literal(String),
    Field(&'a str),
}

/// Takes a part of a template apart.
fn pieces<'a>(part: &'a str, template: &str) -> Result<Vec<Piece<'a>>> {
    literal(part)?;
    let brace = |brace: char| {
        Error::usage(format!("a `{brace}` stands alone in the output `{template}`"))
            .hint(format!("write `{brace}{brace}` for the character itself"))
    };
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = part;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let found = rest[at..].chars().next().unwrap_or('{');
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(found) {
            plain.push(found);
            rest = after;
        } else if found == '{'
            && let Some((name, after)) = rest.split_once('}')
        {
            pieces.push(Piece::Literal(std::mem::take(&mut plain)));
            pieces.push(Piece::Field(name));
            rest = after;
        } else {
            return Err(brace(found));
        }
    }
    plain.push_str(rest);
    pieces.push(Piece::Literal(plain));
    pieces.retain(|piece| !matches!(piece, Piece::Literal(text) if text.is_empty()));
    Ok(pieces)
}

/// Puts one part of a path together. What the user wrote out stays; with a field in it, the whole
/// is kept short and clear of names that Windows takes for itself.
fn expand(pieces: &[Piece<'_>], fields: &Fields<'_>, template: &str) -> Result<String> {
    let mut out = String::new();
    let mut filled = false;
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Field(name) => {
                filled = true;
                out.push_str(&fields.get(name).ok_or_else(|| unknown(name, fields, template))?);
            }
        }
    }
    if filled {
        out = cut(&out, PART).trim_end_matches(['.', ' ']).to_owned();
        if out.is_empty() {
            out.push_str("image");
        } else if text::is_reserved(&out) {
            out.insert_str(0, "image-");
        }
    }
    Ok(out)
}

/// The error for a field that does not exist.
fn unknown(name: &str, fields: &Fields<'_>, template: &str) -> Error {
    let known = FIELDS.into_iter().chain(fields.extra.keys().map(String::as_str));
    let name = text::clean(name, 40);
    let error = Error::usage(format!("unknown field `{{{name}}}` in the output `{template}`"));
    match text::nearest(&name, known) {
        Some(nearest) => error.hint(format!("did you mean `{{{nearest}}}`?")),
        None => {
            let list: Vec<String> = FIELDS.iter().map(|field| format!("{{{field}}}")).collect();
            error.hint(format!("the fields are {}", list.join(" ")))
        }
    }
}

/// Checks a part of a path that the user wrote out.
pub(super) fn literal(part: &str) -> Result<()> {
    let shown = text::clean(part, 40);
    if part.chars().any(char::is_control) {
        Err(Error::usage(format!("the output name `{shown}` holds a control character")))
    } else if part.len() > LONGEST {
        Err(Error::usage(format!("the output name `{shown}` is longer than {LONGEST} bytes")))
    } else {
        Ok(())
    }
}

/// Text from outside as a part of a name: no separators, no characters that any platform refuses,
/// no hidden or reordering ones, no dot or dash in front, no dot or space at the end. May be empty.
pub(super) fn safe(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim_start().chars().filter(|c| c.is_whitespace() || !text::is_dangerous(*c)) {
        let c = match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        let again = matches!(c, ' ' | '-') && out.ends_with(c);
        let front = out.is_empty() && matches!(c, ' ' | '.' | '-');
        if !again && !front {
            out.push(c);
        }
        if out.len() > PART {
            break;
        }
    }
    cut(&out, PART).trim_end_matches(['.', ' ']).to_owned()
}

/// The first `max` bytes, or fewer: never a part of a character.
pub(super) fn cut(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The directory that every name of a template has in common.
pub fn template_root(template: &str) -> PathBuf {
    let fixed = template.split('{').next().unwrap_or_default();
    match fixed.rfind('/').map_or("", |at| &template[..at]) {
        "" => PathBuf::from("."),
        directory => PathBuf::from(directory),
    }
}
