//! Text from outside inside HTML, and files as links: nothing that was written becomes markup.
//!
//! Pure but for links, which ask the disk where a file really is.

use std::borrow::Cow;
use std::path::{Component, Path};

use crate::text::is_dangerous;

/// Text as it stands between tags or inside a quoted attribute. Control characters and those that
/// turn the direction of others go; line breaks and the joiners that scripts are written with stay.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' | '\u{200c}' | '\u{200d}' => out.push(c),
            c if is_dangerous(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// The address of a file relative to a directory, percent-encoded; `None` when either is not there
/// or no relative path leads from one to the other.
pub(super) fn link(directory: &Path, file: &Path) -> Option<String> {
    let directory = directory.canonicalize().ok()?;
    let file = file.canonicalize().ok()?;
    let (mut from, mut to) = (directory.components().peekable(), file.components().peekable());
    let mut shared = 0;
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
        shared += 1;
    }
    if shared == 0 {
        return None;
    }
    let mut parts = vec!["..".to_owned(); from.count()];
    for part in to {
        let Component::Normal(name) = part else { return None };
        parts.push(encoded(&bytes(name)));
    }
    Some(parts.join("/"))
}

#[cfg(unix)]
fn bytes(name: &std::ffi::OsStr) -> Cow<'_, [u8]> {
    Cow::Borrowed(std::os::unix::ffi::OsStrExt::as_bytes(name))
}

#[cfg(not(unix))]
fn bytes(name: &std::ffi::OsStr) -> Cow<'_, [u8]> {
    Cow::Owned(name.to_string_lossy().into_owned().into_bytes())
}

/// Everything but RFC 3986's unreserved characters becomes `%XX`.
fn encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs;
    use proptest::prelude::*;

    #[test]
    fn markup_and_control_characters_become_text() {
        let hostile = "</p><script>alert(\"1\")</script>\0\x1b[31m\u{202e}'&'";
        let expected =
            "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;[31m&#39;&amp;&#39;";
        assert_eq!(escape(hostile), expected);
        assert_eq!(escape("a\nb\u{200d}c"), "a\nb\u{200d}c");
    }

    #[test]
    fn links_are_relative_and_encoded() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        for directory in ["out/in", "pages"] {
            fs::create_dir(&at(directory)).unwrap();
        }
        for (name, from, expected) in [
            ("out/a fox.png", "out", "a%20fox.png"),
            ("out/in/50% #1?.png", "out", "in/50%25%20%231%3F.png"),
            ("out/a:b.png", "pages", "../out/a%3Ab.png"),
            ("out/in/灯.png", "out/in/../in", "%E7%81%AF.png"),
            ("pages/'\"&.png", "out/in", "../../pages/%27%22%26.png"),
        ] {
            fs::create_new(&at(name)).unwrap();
            assert_eq!(link(&at(from), &at(name)).as_deref(), Some(expected));
        }
        assert_eq!(link(&at("out"), &at("out/none.png")), None);
    }

    proptest! {
        #[test]
        fn nothing_escapes(text in any::<String>()) {
            let out = escape(&text);
            let raw = ['<', '>', '"', '\'', '\0', '\u{202e}'];
            prop_assert!(!out.contains(raw));
            let entities = out.matches('&').count();
            let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
            prop_assert_eq!(entities, known.iter().map(|one| out.matches(one).count()).sum::<usize>());
        }
    }
}
