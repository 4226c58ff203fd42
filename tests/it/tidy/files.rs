//! What every file has: a head that says what it is for, a length that can be read, and comments
//! that state.

use std::fs;
use std::path::Path;

use super::rust::tokens;

/// Files that may be longer than the limit, each with its reason.
const LONG: [(&str, &str); 0] = [];

/// Lines of a file, tests included. A file is as long as its idea; what is longer says why.
const LIMIT: usize = 600;

/// Whether a line is a doc comment that asks, rather than states.
fn asks(line: &str) -> bool {
    let line = line.trim();
    let is_doc = line.starts_with("///") || line.starts_with("//!");
    is_doc && (line.ends_with('?') || line.contains("? "))
}

/// A head, a bounded length, comments that state, and no reader that copies byte by byte.
pub fn file_violations(path: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !text.starts_with("//! ") {
        wrong.push(format!("{path}: a file opens with a `//!` head that says what it is for"));
    }
    let lines = text.lines().count();
    if lines > LIMIT && !LONG.iter().any(|(long, _)| *long == path) {
        wrong.push(format!(
            "{path}: {lines} lines; {LIMIT} at most, or a reason in tests/it/tidy/files.rs"
        ));
    }
    for (number, line) in text.lines().enumerate().filter(|(_, line)| asks(line)) {
        let number = number + 1;
        wrong.push(format!("{path}:{number}: a doc comment states, it does not ask: {line}"));
    }
    let tokens = tokens(text);
    let found = tokens
        .windows(3)
        .find(|three| three[0].text == "serde_json" && three[2].text == "from_reader");
    if let Some(three) = found {
        let line = three[0].line;
        wrong.push(format!(
            "{path}:{line}: `serde_json::from_reader` is slow; read, then parse a slice"
        ));
    }
    wrong
}

#[test]
fn exceptions_are_still_needed_and_have_a_reason() {
    for (path, reason) in LONG {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        assert!(text.lines().count() > LIMIT, "{path} is short enough now");
        assert!(reason.len() > 20, "{path} needs a reason");
    }
}

#[test]
fn a_missing_head_a_long_file_a_question_and_a_slow_reader_are_seen() {
    let wrong = |text: &str| file_violations("src/x.rs", text).len();
    assert_eq!(wrong("//! What it is for.\n"), 0);
    assert_eq!(wrong("use std::fs;\n"), 1);
    assert_eq!(wrong(&format!("//! Long.\n{}", "\n".repeat(LIMIT))), 1);
    assert_eq!(wrong("//! A file.\n\n/// Whether it is late.\nfn f() {}\n// Is it?\n"), 0);
    assert_eq!(wrong("//! A file.\n\n    /// Is it late?\n    fn f() {}\n"), 1);
    assert_eq!(wrong("//! Is it late? It is.\n"), 1);
    assert_eq!(wrong("//! Slow.\nfn f() { serde_json::from_reader(x) }\n"), 1);
}
