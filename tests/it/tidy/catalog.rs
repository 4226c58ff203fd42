//! The catalog: every fact has its day and its source.

use super::{sources, word};

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

#[test]
fn every_fact_of_the_catalog_has_its_day_and_its_source() {
    let files = sources("src/catalog/data", "toml");
    let facts = files.iter().filter(|(path, _)| !path.ends_with("styles.toml"));
    let wrong: Vec<String> =
        facts.flat_map(|(path, text)| catalog_violations(path, text)).collect();
    assert!(files.len() >= 4 && wrong.is_empty(), "{}", wrong.join("\n"));
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
