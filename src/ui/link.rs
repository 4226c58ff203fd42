//! Paths as links (OSC 8), where a terminal is known to understand them.
//!
//! Pure. Nothing here is ever written into a pipe or a file: who calls has asked for a terminal.

use std::path::Path;

use url::Url;

/// A text that leads to a file; the text alone where there is no address for it.
pub(crate) fn link(path: &Path, shown: &str) -> String {
    let whole = std::path::absolute(path).ok();
    match whole.and_then(|path| Url::from_file_path(path).ok()) {
        Some(address) => format!("\x1b]8;;{address}\x1b\\{shown}\x1b]8;;\x1b\\"),
        None => shown.to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_nothing_that_ends_it_early() {
        let path = Path::new("/tmp/a fox\x1b\\;\u{7}ü.png");
        assert_eq!(
            link(path, "fox.png"),
            "\x1b]8;;file:///tmp/a%20fox%1B%5C;%07%C3%BC.png\x1b\\fox.png\x1b]8;;\x1b\\"
        );
    }
}
