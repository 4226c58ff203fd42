//! The rules of the house: layers, crate fences, module heads, file sizes, catalog sources.
//!
//! Each rule is a function of a path and a text that gives the violations; each has a test that
//! feeds it a deliberate one and sees it caught, and one test that reads the real sources.

mod names;
mod rust;

use std::fs;
use std::path::Path;

use self::rust::{Token, roots, tokens};

/// Files that may be longer than the limit, each with its reason.
const LONG: [(&str, &str); 0] = [];

/// Lines of a file, tests included.
const LIMIT: usize = 500;

/// Which crates may be used where: crates, then path prefixes.
const FENCES: [(&[&str], &[&str]); 8] = [
    (&["clap", "clap_complete"], &["src/cli", "src/cmd", "src/main.rs", "src/lib.rs"]),
    (&["indicatif", "dialoguer", "comfy_table", "console"], &["src/ui"]),
    (&["reqwest"], &["src/net"]),
    (&["anyhow"], &["src/cli", "src/cmd", "src/main.rs", "src/lib.rs"]),
    (&["image", "png", "img_parts"], &["src/store", "src/render", "src/ui", "src/page"]),
    (&["tiny_skia"], &["src/render"]),
    (&["toml_edit"], &["src/settings"]),
    (&["maud"], &["src/page", "src/cmd/stats/page.rs"]),
];

/// The only files that may read the environment.
const ENVIRONMENT: [&str; 3] = ["src/settings/env.rs", "src/ui/terminal.rs", "src/zone.rs"];

/// Functions that change the file system, which only `src/fs.rs` and `src/fs/door.rs` may call.
const WRITERS: [&str; 10] = [
    "write",
    "create_dir",
    "create_dir_all",
    "remove_file",
    "remove_dir",
    "remove_dir_all",
    "rename",
    "copy",
    "hard_link",
    "set_permissions",
];

/// The layers, from the top, each with its modules.
fn layers(lib: &str) -> Vec<Vec<String>> {
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
fn layer_violations(layers: &[Vec<String>], path: &str, text: &str) -> Vec<String> {
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

/// The part of a file that is not its unit tests.
fn without_tests<'t>(path: &str, text: &'t str) -> &'t str {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return "";
    }
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

/// Uses of a crate outside its fence.
fn fence_violations(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens(without_tests(path, text));
    let mut wrong = Vec::new();
    for (crates, places) in FENCES {
        if places.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        for (at, token) in tokens.iter().enumerate() {
            if crates.contains(&token.text.as_str()) && starts_path(&tokens, at) {
                wrong.push(format!(
                    "{path}:{}: `{}` belongs into {places:?}",
                    token.line, token.text
                ));
            }
        }
    }
    wrong
}

/// Is this token the first segment of a path?
fn starts_path(tokens: &[Token], at: usize) -> bool {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let before = at.checked_sub(1).map_or("", text);
    text(at + 1) == "::" && !["::", "."].contains(&before)
}

/// Reads of the environment outside their files.
fn environment_violations(path: &str, text: &str) -> Vec<String> {
    if ENVIRONMENT.contains(&path) {
        return Vec::new();
    }
    let tokens = tokens(without_tests(path, text));
    let reads = |at: &usize| {
        let of_std = tokens[*at].text == "std" && starts_path(&tokens, *at);
        let arguments = tokens
            .get(at + 4)
            .is_some_and(|token| ["args", "args_os"].contains(&token.text.as_str()));
        of_std
            && !arguments
            && rust::segments(&tokens, at + 2).iter().any(|(name, _)| name == "env")
    };
    let wrong = (0..tokens.len()).filter(reads);
    wrong
        .map(|at| format!("{path}:{}: only {ENVIRONMENT:?} read the environment", tokens[at].line))
        .collect()
}

/// Writes to the file system outside `src/fs.rs` and `src/fs/door.rs`.
fn write_violations(path: &str, text: &str) -> Vec<String> {
    if ["src/fs.rs", "src/fs/door.rs"].contains(&path) {
        return Vec::new();
    }
    let tokens = tokens(without_tests(path, text));
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let own = (0..tokens.len()).any(|at| {
        text(at) == "crate"
            && text(at + 1) == "::"
            && rust::segments(&tokens, at + 2).iter().any(|(name, _)| name == "fs")
    });
    let writes = |at: &usize| {
        let call = text(at + 1) == "::";
        let of_std = text(*at) == "fs" && (!own || (*at >= 2 && text(at - 2) == "std"));
        let function = of_std && call && WRITERS.contains(&text(at + 2));
        let file = text(*at) == "File"
            && call
            && ["create", "create_new", "options"].contains(&text(at + 2));
        function || file || text(*at) == "OpenOptions"
    };
    let wrong = (0..tokens.len()).filter(writes);
    wrong
        .map(|at| format!("{path}:{}: files are written only through src/fs.rs", tokens[at].line))
        .collect()
}

/// The log's directory outside of the log and of the place where everything is put together.
fn log_violations(path: &str, text: &str) -> Vec<String> {
    if ["src/cmd/mod.rs", "src/settings/places.rs"].contains(&path)
        || path.starts_with("src/store/log")
    {
        return Vec::new();
    }
    let tokens = tokens(without_tests(path, text));
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let is_directory = |at: &usize| {
        let three = [text(*at), text(at + 1), text(at + 2)];
        three == ["places", ".", "log"] || three == ["Log", "::", "at"]
    };
    let wrong = (0..tokens.len()).filter(is_directory);
    wrong.map(|at| format!("{path}:{}: the log is `App::log`", tokens[at].line)).collect()
}

/// A head, a bounded length, and no reader that copies byte by byte.
fn file_violations(path: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !text.starts_with("//! ") {
        wrong.push(format!("{path}: a file opens with a `//!` head that says what it is for"));
    }
    let lines = text.lines().count();
    if lines > LIMIT && !LONG.iter().any(|(long, _)| *long == path) {
        wrong.push(format!(
            "{path}: {lines} lines; {LIMIT} at most, or a reason in tests/it/tidy.rs"
        ));
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

/// Facts of the catalog without their day and their source.
fn catalog_violations(path: &str, text: &str) -> Vec<String> {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => return vec![format!("{path}: {error}")],
    };
    let models = table.get("model").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let mut blocks = models.clone();
    blocks.extend(table.get("provider").cloned());
    blocks
        .extend(table.get("gateway").and_then(toml::Value::as_array).cloned().unwrap_or_default());
    let mut wrong = Vec::new();
    for block in &blocks {
        let id = word(block, "id");
        // A block may take over what the one it is `like` says.
        let fact = |key: &str| {
            let mut block = block;
            for _ in 0..models.len() {
                if block.get(key).is_some() {
                    break;
                }
                let like = word(block, "like");
                let Some(liked) = models.iter().find(|model| word(model, "id") == like) else {
                    break;
                };
                block = liked;
            }
            word(block, key).to_owned()
        };
        if fact("as_of").parse::<jiff::civil::Date>().is_err() || fact("as_of").len() != 10 {
            wrong.push(format!("{path}: `{id}` has no `as_of` day: `{}`", fact("as_of")));
        }
        if fact("source").len() < 4 {
            wrong.push(format!("{path}: `{id}` has no `source`"));
        }
    }
    wrong
}

fn word<'t>(table: &'t toml::Value, key: &str) -> &'t str {
    table.get(key).and_then(toml::Value::as_str).unwrap_or_default()
}

/// Every file of an extension below a directory of the repository, with its text.
fn sources(directory: &str, extension: &str) -> Vec<(String, String)> {
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
    let layers = layers(lib);
    assert!(layers.len() >= 5, "no layer table in src/lib.rs: {layers:?}");
    let mut wrong = Vec::new();
    for (path, text) in &code {
        wrong.extend(layer_violations(&layers, path, text));
        wrong.extend(fence_violations(path, text));
        wrong.extend(environment_violations(path, text));
        wrong.extend(write_violations(path, text));
        wrong.extend(log_violations(path, text));
        wrong.extend(file_violations(path, text));
    }
    for (path, text) in sources("tests", "rs").into_iter().chain(sources("benches", "rs")) {
        wrong.extend(file_violations(&path, &text));
    }
    assert!(wrong.is_empty(), "{} violations:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_fact_of_the_catalog_has_its_day_and_its_source() {
    let files = sources("src/catalog/data", "toml");
    let facts = files.iter().filter(|(path, _)| !path.ends_with("styles.toml"));
    let wrong: Vec<String> =
        facts.flat_map(|(path, text)| catalog_violations(path, text)).collect();
    assert!(files.len() >= 4 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn exceptions_are_still_needed_and_have_a_reason() {
    for (path, reason) in LONG {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        assert!(text.lines().count() > LIMIT, "{path} is short enough now");
        assert!(reason.len() > 20, "{path} needs a reason");
    }
}

/// The rows of the table of faults: numbers and modules.
fn faults(text: &str) -> Vec<(usize, Vec<String>)> {
    let lines = text.lines().skip_while(|line| *line != "//! ```text").skip(1);
    let rows = lines.take_while(|line| *line != "//! ```");
    rows.map(|row| {
        let row = row.trim_start_matches("//!");
        let number = row[..4].trim().parse().unwrap_or_else(|_| panic!("no number: {row}"));
        (number, row[34..].split_whitespace().map(str::to_owned).collect())
    })
    .collect()
}

/// Faults without a row, and rows whose modules have no test of that number.
fn fault_violations(table: &str, tests: &[(String, String)]) -> Vec<String> {
    let rows = faults(table);
    let mut wrong = Vec::new();
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    if !numbers.iter().copied().take(55).eq(1..=55) || !numbers.is_sorted_by(|a, b| a < b) {
        wrong.push("the table does not count from 1 to 55 and on".to_owned());
    }
    for (path, text) in tests {
        let module = path.trim_start_matches("tests/it/").trim_end_matches(".rs");
        for (number, modules) in &rows {
            let has = text.contains(&format!("\nfn fault_{number:02}_"));
            let listed = modules.iter().any(|listed| listed == module);
            if has != listed {
                wrong.push(format!("fault {number}: {module}: listed {listed}, there {has}"));
            }
        }
    }
    for (number, modules) in &rows {
        let is_there = |module: &String| {
            tests.iter().any(|(path, _)| *path == format!("tests/it/{module}.rs"))
        };
        if modules.is_empty() || !modules.iter().all(is_there) {
            wrong.push(format!("fault {number}: {modules:?} are not modules"));
        }
    }
    wrong
}

#[test]
fn every_fault_of_the_list_has_its_test() {
    let tests = sources("tests/it", "rs");
    let table = &tests.iter().find(|(path, _)| path == "tests/it/faults.rs").unwrap().1;
    let wrong = fault_violations(table, &tests);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fault_without_a_test_is_seen() {
    let table: String = (1..=55).map(|number| format!("//! {number:2} {:<30} a\n", "x")).collect();
    let table = format!("//! Head.\n//! ```text\n{table}//! ```\n");
    let tests = |except: usize| {
        let numbers = (1..=55).filter(|number| *number != except);
        let text: String =
            numbers.map(|n| format!("#[test]\nfn fault_{n:02}_x() {{}}\n")).collect();
        [("tests/it/a.rs".to_owned(), text)]
    };
    assert_eq!(fault_violations(&table, &tests(0)), [""; 0]);
    assert_eq!(fault_violations(&table, &tests(7)).len(), 1);
    assert_eq!(fault_violations(&table.replace(" 9 x", " 8 x"), &tests(0)).len(), 1);
    let more = |rows: &str| table.replace("//! ```\n", &format!("{rows}//! ```\n"));
    let row = |number: usize| format!("//! {number:2} {:<30} a\n", "x");
    let tests = |numbers: &[usize]| {
        let more: String =
            numbers.iter().map(|n| format!("\nfn fault_{n:02}_x() {{}}\n")).collect();
        [("tests/it/a.rs".to_owned(), tests(0)[0].1.clone() + &more)]
    };
    assert_eq!(fault_violations(&more(&(row(58) + &row(71))), &tests(&[58, 71])), [""; 0]);
    assert_eq!(fault_violations(&more(&(row(71) + &row(58))), &tests(&[58, 71])).len(), 1);
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

#[test]
fn a_crate_outside_its_fence_is_seen() {
    let wrong = |path: &str, text: &str| fence_violations(path, text).len();
    assert_eq!(wrong("src/engine/mod.rs", "use reqwest::Client;"), 1);
    assert_eq!(wrong("src/net/client.rs", "use reqwest::Client;"), 0);
    assert_eq!(wrong("src/engine/mod.rs", "#[derive(clap::Args)] struct A;"), 1);
    assert_eq!(wrong("src/cmd/log.rs", "#[derive(clap::Args)] struct A;"), 0);
    assert_eq!(wrong("src/store/mod.rs", "fn f() -> anyhow::Result<()> { image::open(x) }"), 1);
    assert_eq!(wrong("src/net/mod.rs", "use indicatif::ProgressBar; use comfy_table::Table;"), 2);
    assert_eq!(wrong("src/catalog/mod.rs", "use crate::render::image::open; let image = 1;"), 0);
    assert_eq!(wrong("src/net/tests.rs", "use image::open;"), 0);
    assert_eq!(
        wrong("src/net/mod.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use image::open; }"),
        0
    );
}

#[test]
fn a_read_of_the_environment_is_seen() {
    let wrong = |path: &str, text: &str| environment_violations(path, text).len();
    assert_eq!(wrong("src/net/mod.rs", "let x = std::env::var(\"X\");"), 1);
    assert_eq!(wrong("src/net/mod.rs", "use std::{env, fs};"), 1);
    assert_eq!(wrong("src/settings/env.rs", "use std::env;"), 0);
    assert_eq!(wrong("src/main.rs", "run(std::env::args_os())"), 0);
    assert_eq!(wrong("src/main.rs", "env!(\"CARGO_PKG_VERSION\")"), 0);
}

#[test]
fn a_write_outside_its_file_is_seen() {
    let wrong = |path: &str, text: &str| write_violations(path, text).len();
    assert_eq!(wrong("src/store/mod.rs", "std::fs::write(a, b)"), 1);
    assert_eq!(wrong("src/store/mod.rs", "use std::fs; fn f() { fs::rename(a, b) }"), 1);
    assert_eq!(wrong("src/store/mod.rs", "use std::fs::File; fn f() { File::create(a) }"), 1);
    assert_eq!(wrong("src/store/mod.rs", "use std::fs::OpenOptions;"), 1);
    assert_eq!(wrong("src/store/mod.rs", "use crate::fs; fn f() { fs::create_dir(a) }"), 0);
    assert_eq!(wrong("src/store/mod.rs", "std::fs::read(a); std::fs::File::open(b)"), 0);
    assert_eq!(wrong("src/fs/door.rs", "std::fs::write(a, b)"), 0);
}

#[test]
fn a_directory_of_the_log_is_seen() {
    let wrong = |path: &str, text: &str| log_violations(path, text).len();
    assert_eq!(wrong("src/cmd/log.rs", "f(&app.settings.places.log)"), 1);
    assert_eq!(wrong("src/engine/plan.rs", "use crate::store::Log; fn f() { Log::at(path) }"), 1);
    assert_eq!(wrong("src/engine/plan.rs", "f(&app.log, places.kept)"), 0);
    assert_eq!(wrong("src/cmd/mod.rs", "Log::at(&settings.places.log)"), 0);
    assert_eq!(wrong("src/cmd/log.rs", "#[cfg(test)]\nmod tests { fn f() { Log::at(x) } }"), 0);
}

#[test]
fn a_missing_head_a_long_file_and_a_slow_reader_are_seen() {
    let wrong = |text: &str| file_violations("src/x.rs", text).len();
    assert_eq!(wrong("//! What it is for.\n"), 0);
    assert_eq!(wrong("use std::fs;\n"), 1);
    assert_eq!(wrong(&format!("//! Long.\n{}", "\n".repeat(LIMIT))), 1);
    assert_eq!(wrong("//! Slow.\nfn f() { serde_json::from_reader(x) }\n"), 1);
}

#[test]
fn a_fact_without_day_or_source_is_seen() {
    let wrong = |text: &str| catalog_violations("x.toml", text).len();
    let good = "[[model]]\nid = \"a\"\nas_of = \"2026-11-22\"\nsource = \"https://example.com\"\n";
    assert_eq!(wrong(good), 0);
    assert_eq!(wrong(&format!("{good}[[model]]\nid = \"b\"\nlike = \"a\"\n")), 0);
    assert_eq!(wrong(&format!("{good}[[model]]\nid = \"b\"\n")), 2);
    assert_eq!(wrong(&good.replace("2026-11-22", "last week")), 1);
    assert_eq!(wrong(&good.replace("https://example.com", "")), 1);
    assert_eq!(wrong(&format!("[provider]\nid = \"p\"\n{good}")), 2);
    assert_eq!(wrong("= nonsense"), 1);
}
