//! No provider, dialect or gateway is told by its name outside `catalog/` and `dialect/`: they say
//! themselves what is peculiar about them. What remains is text for people, listed with its reason.

use std::collections::BTreeSet;

use super::rust::literals;
use super::{sources, without_tests, word};

/// Where names may be compared, as prefixes of paths.
const HOME: [&str; 2] = ["src/catalog", "src/dialect"];

/// Names that are words of this program as well: only a whole string, or one before a `/`, is a name.
const COMMON: [&str; 2] = ["pinx", "sketch"];

/// What names remain elsewhere: the file, a part of the string, the reason.
const TEXTS: [(&str, &str, &str); 17] = [
    ("src/cli.rs", "pinx", "the program's own name, for clap"),
    ("src/cmd/man.rs", "pinx", "the program's own name, among its commands"),
    ("src/cmd/recipe.rs", "pinx", "the program that a recipe names"),
    ("src/cmd/serve/openai/reply.rs", "pinx", "the object with what OpenAI does not tell"),
    ("src/settings/places.rs", "pinx", "the name of the program's directories"),
    ("src/store/metadata.rs", "pinx", "the program that a recipe names"),
    ("src/store/metadata/infotext.rs", "pinx", "the program that a recipe names"),
    ("src/store/metadata/splice.rs", "pinx", "the keyword of a chunk of metadata"),
    ("src/cmd/styles.rs", "sketch", "the half of a style that says how it is drawn"),
    ("src/cmd/styles.rs", "pinx/sketch", "the name that a table shows for that half"),
    ("src/page/mod.rs", "sketch", "the label of a picture that was drawn to try a batch"),
    ("src/cmd/compare/rounds.rs", "openai/gpt-image-2,fal/flux-schnell", "an example to copy"),
    (
        "src/cmd/doctor/local.rs",
        "dialect = \\\"openai\\\"",
        "settings to copy for what answered so",
    ),
    ("src/settings/env.rs", "", "the list of variables and what each is for"),
    ("src/settings/schema.rs", "", "what each setting is for, and the examples of a first file"),
    ("src/settings/keys.rs", "its lines look like `openai", "an example of a file of keys"),
    ("src/net/client.rs", "pinx/", "the program's own name, told to servers"),
];

/// The names and variables that the catalog's files give to providers, dialects and gateways, and the
/// headers of gateways.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut add = |name: &str| {
        if !name.is_empty() {
            names.insert(name.to_owned());
        }
    };
    for (_, text) in sources("src/catalog/data", "toml") {
        let table: toml::Table = text.parse().unwrap();
        let gateways = table.get("gateway").and_then(toml::Value::as_array);
        let blocks = table.get("provider").into_iter().chain(gateways.into_iter().flatten());
        for block in blocks {
            for key in ["id", "dialect", "kind", "token_header", "about", "cost"] {
                add(word(block, key));
            }
            for key in ["token_env", "base_env", "gateway_env", "unread_env"] {
                add(word(block, key));
            }
            for key in ["key_env", "key_halves", "hit", "request_ids"] {
                let words = block.get(key).and_then(toml::Value::as_array);
                words.into_iter().flatten().filter_map(toml::Value::as_str).for_each(&mut add);
            }
            for key in ["notes", "headers", "uncached"] {
                let pairs = block.get(key).and_then(toml::Value::as_array).into_iter().flatten();
                pairs.filter_map(|pair| pair.get(0)?.as_str()).for_each(&mut add);
            }
        }
    }
    names
}

/// Whether a string holds a name, as a word of its own.
fn holds(text: &str, name: &str) -> bool {
    if COMMON.contains(&name) {
        return text == name || text.split('`').any(|part| part.starts_with(&format!("{name}/")));
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// Strings of a file that hold a name.
fn named(names: &BTreeSet<String>, path: &str, text: &str) -> Vec<(usize, String)> {
    if HOME.iter().any(|home| path.starts_with(home)) {
        return Vec::new();
    }
    let strings = literals(without_tests(path, text));
    let found = strings.into_iter().filter(|found| names.iter().any(|n| holds(&found.text, n)));
    found.map(|found| (found.line, found.text)).collect()
}

fn is_listed(path: &str, text: &str) -> bool {
    TEXTS.iter().any(|(file, part, _)| *file == path && text.contains(part))
}

#[test]
fn no_name_of_a_provider_is_known_outside_catalog_and_dialect() {
    let names = names();
    assert!(names.len() > 15, "{names:?}");
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for (path, text) in sources("src", "rs") {
        for (line, found) in named(&names, &path, &text) {
            if is_listed(&path, &found) {
                used.insert((path.clone(), found));
            } else {
                wrong.push(format!("{path}:{line}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "say it in the catalog or the dialect:\n{}", wrong.join("\n"));
    for (file, part, reason) in TEXTS {
        let is_used = used.iter().any(|(path, text)| path == file && text.contains(part));
        assert!(
            is_used && reason.len() > 10,
            "{file}: {part:?} is no longer needed, or says no why"
        );
    }
}

#[test]
fn a_name_in_the_engine_is_seen() {
    let names = names();
    let seen = |path: &str, text: &str| named(&names, path, text).len();
    for code in [
        "if provider.id == \"openai\" {}",
        "matches!(kind, \"vercel\")",
        "provider.dialect != \"fal\"",
        "model.starts_with(\"pinx/\")",
        "model.provider == \"pinx\"",
        "header(\"cf-aig-cache-status\")",
        "env.get(\"OPENAI_BASE_URL\")",
    ] {
        assert_eq!(seen("src/engine/x.rs", code), 1, "{code}");
        assert_eq!(seen("src/dialect/x.rs", code), 0, "{code}");
    }
    for code in ["// \"openai\"", "\"the falling fox, `pinx recover`\"", "\"a sketch\"", "openai()"]
    {
        assert_eq!(seen("src/engine/x.rs", code), 0, "{code}");
    }
}
