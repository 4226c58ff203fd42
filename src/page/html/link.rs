//! Files as links from a page. It asks the disk where a file really is.

use std::borrow::Cow;
use std::path::{Component, Path};

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

#[cfg(all(test, unix))] // Such names are no names elsewhere.
mod tests {
    use super::*;
    use crate::fs;

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
}
