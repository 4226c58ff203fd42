//! Changing one setting in the text of a user's file: everything else stays as it was written,
//! comments included.
//!
//! Pure: text in, text out. The caller checks the result before it is written.

use toml::Value;
use toml_edit::{Document, DocumentMut, Item, Table, TableLike};

use super::schema::{self, Setting};
use super::syntax;
use crate::error::{Error, Result};
use crate::request::Shape;
use crate::text;

/// The setting that a user names on the command line.
///
/// # Errors
/// Names the nearest one.
pub fn known(name: &str) -> Result<Setting> {
    let name = schema::canonical(name);
    schema::find(&name).ok_or_else(|| {
        let error = Error::usage(format!("unknown setting `{}`", text::clean(&name, 80)));
        match schema::nearest(&name) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`pinx config show` lists every setting"),
        }
    })
}

/// The text that a setting of this name has in a file.
pub fn text(config: &str, name: &str) -> Option<String> {
    let table: toml::Table = config.parse().ok()?;
    table.get(name)?.as_str().map(str::to_owned)
}

/// The text with one setting changed, or taken out when there is no value.
///
/// # Errors
/// The text is not TOML, or the setting is one that only an editor can write.
pub fn set(config: &str, setting: &Setting, value: Option<&Value>) -> Result<String> {
    let by_hand = |what: &str| {
        Error::usage(format!("`{}` {what}", setting.name)).hint("`pinx config edit` opens the file")
    };
    if setting.shape == Shape::Tables {
        return Err(by_hand("holds tables, which only the file can"));
    }
    let mut document: DocumentMut = config.parse().map_err(|error: toml_edit::TomlError| {
        let (line, column) = syntax::place(config, error.span());
        let place = format!("the settings file, line {line}, column {column},");
        Error::usage(format!("{place} is not valid TOML: {}", error.message()))
            .hint("`pinx config edit` opens it")
    })?;
    if value.is_none()
        && let Some(text) = without_lines(config, setting)
    {
        return Ok(text);
    }
    for (alias, _) in schema::aliases().filter(|(_, name)| *name == setting.name) {
        document.remove(alias);
    }
    let mut parts: Vec<&str> = setting.name.split('.').collect();
    let last = parts.pop().unwrap_or_default();
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for part in parts {
        if value.is_none() && !table.contains_key(part) {
            return Ok(document.to_string());
        }
        let item = table.entry(part).or_insert_with(|| {
            let mut made = Table::new();
            made.set_implicit(true);
            Item::Table(made)
        });
        table = item
            .as_table_like_mut()
            .ok_or_else(|| by_hand("stands below something that is no table"))?;
    }
    match value {
        None => drop(table.remove(last)),
        Some(value) => {
            let mut new: toml_edit::Value =
                value.to_string().parse().map_err(|_| by_hand("cannot be written as one value"))?;
            match table.get_mut(last).and_then(Item::as_value_mut) {
                Some(old) => {
                    *new.decor_mut() = old.decor().clone();
                    *old = new;
                }
                None => drop(table.insert(last, Item::Value(new))),
            }
        }
    }
    Ok(document.to_string())
}

/// The text without the lines of a setting: comments above and below stay. Nothing where it stands on
/// no lines of its own.
fn without_lines(config: &str, setting: &Setting) -> Option<String> {
    let names = schema::aliases().filter(|(_, name)| *name == setting.name).map(|(alias, _)| alias);
    let mut text = config.to_owned();
    for name in names.chain([setting.name.as_str()]) {
        let document = Document::parse(text.as_str()).ok()?;
        let mut parts: Vec<&str> = name.split('.').collect();
        let last = parts.pop()?;
        let mut table = document.as_table();
        let mut is_there = true;
        for part in parts {
            match table.get(part) {
                None => is_there = false,
                Some(inner) => table = inner.as_table()?,
            }
        }
        let Some((key, item)) = table.get_key_value(last).filter(|_| is_there) else { continue };
        let (start, end) = (key.span()?.start, item.span()?.end);
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let behind = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        text.replace_range(line..behind, "");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(config: &str, name: &str, value: Option<&str>) -> String {
        let setting = known(name).unwrap();
        let value = value.map(|value| schema::value_of(setting.shape, value));
        set(config, &setting, value.as_ref()).unwrap()
    }

    #[test]
    fn comments_and_neighbours_stay() {
        let config = "# mine\nmodel = \"auto\" # for now\n\n[providers.fal]\n# why\nqueue_url = \"https://a\"\n";
        assert_eq!(
            changed(config, "model", Some("openai/gpt-image-2")),
            config.replace("\"auto\"", "\"openai/gpt-image-2\"")
        );
        assert_eq!(
            changed(config, "providers.fal.queue_url", Some("https://b")),
            config.replace("https://a", "https://b")
        );
        assert_eq!(
            changed(config, "providers.fal.queue_url", None),
            "# mine\nmodel = \"auto\" # for now\n\n[providers.fal]\n# why\n"
        );
        assert_eq!(
            changed(config, "model", None),
            config.replace("model = \"auto\" # for now\n", "")
        );
        let list = "fallback = [ # two\n  \"a/b\",\n  \"c/d\",\n]\nseed = 1\n";
        assert_eq!(changed(list, "fallback", None), "seed = 1\n");
        for dotted in
            ["budget.run = 1\nseed = 1", "max_cost = 2\nseed = 1", "budget = { run = 1 }\nseed = 1"]
        {
            let left: toml::Table = toml::from_str(&changed(dotted, "max_cost", None)).unwrap();
            assert!(left.contains_key("seed") && !left.contains_key("max_cost"), "{dotted}");
            assert!(
                left.get("budget").is_none_or(|budget| budget.get("run").is_none()),
                "{dotted}"
            );
        }
        assert_eq!(changed(config, "seed", None), config, "what is not there needs no removal");
        assert_eq!(changed(config, "gateways.x.url", None), config);
    }

    #[test]
    fn tables_are_made_and_types_kept() {
        assert_eq!(changed("", "max-cost", Some("0.25")), "[budget]\nrun = 0.25\n");
        assert_eq!(changed("max_cost = 1\n", "budget.run", Some("2")), "[budget]\nrun = 2\n");
        assert_eq!(
            changed("", "providers.openai.base_url", Some("https://x")),
            "[providers.openai]\nbase_url = \"https://x\"\n"
        );
        assert_eq!(changed("", "fallback", Some("a/b,c/d")), "fallback = [\"a/b\", \"c/d\"]\n");
        assert_eq!(
            changed("[tls]\nroots = \"auto\"\n", "strict", Some("yes")),
            "strict = true\n[tls]\nroots = \"auto\"\n"
        );
        let started = changed(&schema::starter(), "count", Some("2"));
        assert_eq!(toml::from_str::<toml::Table>(&started).unwrap()["count"].as_integer(), Some(2));
    }

    #[test]
    fn what_cannot_be_set_says_why() {
        assert_eq!(known("modle").unwrap_err().hints, ["did you mean `model`?"]);
        let models = known("models").unwrap();
        assert!(set("", &models, Some(&Value::Integer(1))).is_err());
        let error = set("a = = b", &known("model").unwrap(), None).unwrap_err();
        assert!(error.message.contains("line 1, column 5, is not valid TOML"), "{error}");
        let leaky = "[providers.openai]\napi_key = sk-hunter2";
        let error = set(leaky, &known("model").unwrap(), None).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        let below = known("budget.run").unwrap();
        assert!(set("budget = 3", &below, Some(&Value::Integer(1))).is_err());
    }
}
