//! What the guides name is there: every path of the repository in README, ARCHITECTURE and CONTRIBUTING.

use std::path::Path;

const GUIDES: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "benches/README.md", "fuzz/README.md"];
/// Where paths of the repository begin.
const BEGIN: [&str; 4] = ["src/", "tests/", "benches/", "fuzz/"];

/// Paths between backticks; what is to be filled in (`<provider>`) ends one.
fn paths(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let known = quoted.filter(|words| BEGIN.iter().any(|begin| words.starts_with(begin)));
    known.map(|path| path.split('<').next().unwrap_or_default()).collect()
}

#[test]
fn every_path_in_the_guides_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for guide in GUIDES {
        let text = std::fs::read_to_string(root.join(guide)).unwrap();
        // Made where a finding is.
        let named = paths(&text).into_iter().filter(|path| *path != "fuzz/artifacts/");
        for path in named {
            assert!(root.join(path).exists(), "{guide} names `{path}`, which is not there");
        }
    }
}

#[test]
fn a_path_is_found_between_backticks() {
    let text = "see `src/a.rs` and `b.rs`, `tests/it/corpus/<target>`";
    assert_eq!(paths(text), ["src/a.rs", "tests/it/corpus/"]);
}
