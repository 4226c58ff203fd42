//! What is said of TOML that cannot be read: where, and the parser's own words.
//!
//! Never the line itself, since the line may be a key; the parsers' own texts would show it.

use std::fmt::Display;
use std::ops::Range;

use crate::error::Error;
use crate::secret::redact;
use crate::text;

/// Line and column, both from 1, where a span begins. Without one it is the end of the text.
pub(super) fn place(source: &str, span: Option<Range<usize>>) -> (usize, usize) {
    let start = span.map_or(source.len(), |span| span.start);
    let before = source.get(..start).unwrap_or(source);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// Says that a file is not TOML, by its path, the parser's message and the span that it names.
pub(super) fn malformed(
    path: impl Display,
    source: &str,
    message: &str,
    span: Option<Range<usize>>,
) -> Error {
    let (line, column) = place(source, span);
    let message = text::clean(&redact(message, []), 160);
    Error::usage(format!("{path}:{line}:{column} is not valid TOML: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_begin_at_one() {
        for (start, at) in [(0, (1, 1)), (2, (1, 3)), (4, (2, 1)), (7, (2, 3))] {
            assert_eq!(place("abc\nöde", Some(start..start)), at, "{start}");
        }
        assert_eq!(place("abc\nd", None), (2, 2));
        assert_eq!(place("", Some(9..9)), (1, 1));
    }

    /// Whatever is wrong with the line of a key, no parser's words show it.
    #[test]
    fn no_message_shows_a_key() {
        for bad in [
            "api_key = hunter2hunter2",
            "api_key = \"hunter2hunter2",
            "api_key = 'hunter2hunter2",
            "api_key = hunter2hunter2\"",
            "api_key: hunter2hunter2",
            "api_key hunter2hunter2",
            "api_key = \"hunter2\\hunter2\"",
            "api_key = \"a\" hunter2hunter2",
            "api_key = \"hunter2\"\napi_key = \"hunter2\"",
            "hunter2hunter2",
            "[hunter2hunter2",
            "api_key = 1hunter2hunter2",
            "api_key = [hunter2hunter2",
            "api_key = {hunter2 hunter2",
        ] {
            let error = toml::from_str::<toml::Table>(bad).unwrap_err();
            let told = malformed("x.toml", bad, error.message(), error.span());
            assert!(!format!("{told:?}").contains("hunter2"), "{bad}: {told}");
            let error = bad.parse::<toml_edit::DocumentMut>().unwrap_err();
            let told = malformed("x.toml", bad, error.message(), error.span());
            assert!(!format!("{told:?}").contains("hunter2"), "{bad}: {told}");
        }
    }
}
