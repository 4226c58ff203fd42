//! The rules of the house: layers, doors, circles, what may block, heads and sizes of files, names,
//! words with one meaning, paths in the guides, the catalog's sources, the table of faults.
//!
//! Each rule is a function of a path and a text that gives the violations; each has a test that
//! feeds it a deliberate one and sees it caught, and one test reads the real sources.

mod blocking;
mod catalog;
mod circles;
mod doors;
mod faults;
mod files;
mod guides;
mod layers;
mod names;
mod once;
mod rust;

use std::fs;
use std::path::Path;

/// The part of a file that is not its unit tests.
fn without_tests<'t>(path: &str, text: &'t str) -> &'t str {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return "";
    }
    let starts = ["mod", "pub mod", "pub(crate) mod", "pub(super) mod"];
    let starts = starts.map(|start| text.find(&format!("#[cfg(test)]\n{start} ")));
    starts.into_iter().flatten().min().map_or(text, |at| &text[..at])
}

fn word<'t>(table: &'t toml::Value, key: &str) -> &'t str {
    table.get(key).and_then(toml::Value::as_str).unwrap_or_default()
}

/// Every file of an extension below a directory of the repository, with its text.
pub fn sources(directory: &str, extension: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = crate::pinx::files_below(&root.join(directory))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| {
            let name = path.strip_prefix(root).unwrap().display().to_string().replace('\\', "/");
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_real_sources_keep_the_rules() {
    let code = sources("src", "rs");
    let lib = &code.iter().find(|(path, _)| path == "src/lib.rs").unwrap().1;
    let layers = layers::layers(lib);
    assert!(layers.len() >= 5, "no layer table in src/lib.rs: {layers:?}");
    let mut wrong = Vec::new();
    for (path, text) in &code {
        wrong.extend(layers::layer_violations(&layers, path, text));
        wrong.extend(doors::fence_violations(path, text));
        wrong.extend(doors::environment_violations(path, text));
        wrong.extend(doors::write_violations(path, text));
        wrong.extend(doors::log_violations(path, text));
        wrong.extend(blocking::violations(path, text));
        wrong.extend(files::file_violations(path, text));
    }
    for (path, text) in sources("tests", "rs").into_iter().chain(sources("benches", "rs")) {
        wrong.extend(files::file_violations(&path, &text));
    }
    assert!(wrong.is_empty(), "{} violations:\n{}", wrong.len(), wrong.join("\n"));
}
