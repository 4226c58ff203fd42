//! The layers: a module uses only what stands below it in the table of `src/lib.rs`.

use super::rust::{roots, tokens};

/// The layers, from the top, each with its modules.
pub fn layers(lib: &str) -> Vec<Vec<String>> {
    let lines = lib.lines().map(|line| line.trim_start_matches("//!").trim());
    let mut lines = lines.skip_while(|line| !line.to_lowercase().contains("layers"));
    lines.by_ref().find(|line| line.starts_with("```"));
    let rows = lines.take_while(|line| !line.starts_with("```"));
    rows.map(|row| row.split_whitespace().map(str::to_owned).collect()).collect()
}

/// The top-level module of a source file.
fn module(path: &str) -> &str {
    let inside = path.trim_start_matches("src/");
    inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// `src/lib.rs` and `src/main.rs` stand above all layers.
fn is_root(path: &str) -> bool {
    ["src/lib.rs", "src/main.rs"].contains(&path)
}

/// Uses of a module that does not stand on a lower line.
pub fn layer_violations(layers: &[Vec<String>], path: &str, text: &str) -> Vec<String> {
    if is_root(path) {
        return Vec::new();
    }
    let level =
        |name: &str| layers.iter().position(|layer| layer.iter().any(|module| module == name));
    let own = module(path);
    let Some(here) = level(own) else {
        return vec![format!("{path}: the module `{own}` is not in the layer table of src/lib.rs")];
    };
    let above = |name: &String| name != own && level(name).is_some_and(|there| there <= here);
    let used = roots(path, &tokens(text));
    let wrong = used.into_iter().filter(|(name, _)| above(name));
    wrong
        .map(|(name, line)| format!("{path}:{line}: `{own}` uses `{name}`, which is not below it"))
        .collect()
}

const LIB: &str = "//! The layers, from the top:\n//! ```text\n//! cli\n//! ui serve\n//! engine\n//! text\n//! ```\n";

#[test]
fn a_use_of_a_module_above_or_beside_is_seen() {
    let layers = layers(LIB);
    assert_eq!(layers[1], ["ui", "serve"]);
    let wrong = |path: &str, text: &str| layer_violations(&layers, path, text).len();
    assert_eq!(wrong("src/engine/mod.rs", "use crate::text::clean;"), 0);
    assert_eq!(
        wrong("src/engine/mod.rs", "use crate::engine::plan; use super::plan;"),
        0,
        "its own"
    );
    assert_eq!(wrong("src/engine/mod.rs", "use crate::ui::Bar;"), 1, "above");
    assert_eq!(wrong("src/serve/mod.rs", "fn f() { crate::ui::draw() }"), 1, "beside");
    assert_eq!(
        wrong("src/engine/plan.rs", "use crate::{text, ui::{Bar, Table}, cli};"),
        2,
        "in a group"
    );
    assert_eq!(wrong("src/engine/plan.rs", "use super::super::ui::Bar;"), 1, "through super");
    assert_eq!(wrong("src/text.rs", "use super::engine::Plan;"), 1, "through super, one file");
    assert_eq!(
        wrong("src/text.rs", "mod tests { use super::*; use super::super::ui; }"),
        1,
        "inside a module"
    );
    assert_eq!(
        wrong(
            "src/engine/plan.rs",
            "// crate::ui\n/* crate::ui /* */ */ \"crate::ui\" r#\"crate::ui\"#"
        ),
        0
    );
    assert_eq!(wrong("src/stray.rs", ""), 1, "not in the table");
    assert_eq!(wrong("src/lib.rs", "pub use crate::cli::run;"), 0);
}
