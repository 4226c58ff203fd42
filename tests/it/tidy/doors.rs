//! Doors: what may be reached from one place only. Crates, the environment, the file system, and the
//! directory of the log.

use super::rust::{self, Token, tokens};
use super::without_tests;

/// Which crates may be used where: crates, then path prefixes.
const FENCES: [(&[&str], &[&str]); 12] = [
    (&["clap", "clap_complete"], &["src/cli", "src/cmd", "src/main.rs", "src/lib.rs"]),
    (&["indicatif", "dialoguer", "comfy_table", "console"], &["src/ui"]),
    (&["reqwest"], &["src/net"]),
    (&["anyhow"], &["src/cli", "src/cmd", "src/main.rs", "src/lib.rs"]),
    (&["image", "png", "img_parts"], &["src/store", "src/render", "src/ui", "src/page"]),
    (&["tiny_skia"], &["src/render"]),
    (&["toml_edit"], &["src/settings"]),
    (&["pulldown_cmark"], &["src/ui/markdown.rs"]),
    (&["axum", "hyper", "hyper_util", "http_body"], &["src/cmd/serve"]),
    (&["prometheus_client"], &["src/cmd/service/metrics.rs"]),
    (&["rmcp"], &["src/cmd/mcp"]),
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

/// Uses of a crate outside its fence.
pub fn fence_violations(path: &str, text: &str) -> Vec<String> {
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

/// Whether this token is the first segment of a path.
fn starts_path(tokens: &[Token], at: usize) -> bool {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let before = at.checked_sub(1).map_or("", text);
    text(at + 1) == "::" && !["::", "."].contains(&before)
}

/// Reads of the environment outside their files.
pub fn environment_violations(path: &str, text: &str) -> Vec<String> {
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
pub fn write_violations(path: &str, text: &str) -> Vec<String> {
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
pub fn log_violations(path: &str, text: &str) -> Vec<String> {
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
