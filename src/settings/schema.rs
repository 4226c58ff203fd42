//! Which settings there are: `default.toml` names them, and a table names the keys of providers
//! and gateways. Everything that reads, writes or lists settings asks here.
//!
//! Pure: text in, values out.

use std::sync::LazyLock;

use toml::{Table, Value};

use crate::request::Shape;
use crate::text;

/// The embedded defaults, which are also the list of settings and their documentation.
pub const DEFAULTS: &str = include_str!("default.toml");

/// What a project's `pinx.toml` may set: taste. It must never say where a key goes or what is
/// spent, because it comes with whatever repository was cloned.
pub const PROJECT: [&str; 11] = [
    "model", "prefer", "fallback", "size", "aspect", "quality", "format", "style", "colors",
    "negative", "output",
];

/// Settings that hold an amount of money. One that is left empty was meant to be a limit, such as that
/// of a script whose variable has no value: it is never taken for no limit.
const MONEY: [&str; 5] =
    ["budget.run", "budget.day", "budget.month", "confirm_above", "mcp.max_cost_session"];

/// Whether a setting holds an amount of money.
pub fn is_money(name: &str) -> bool {
    MONEY.contains(&name)
}

/// Other names of a setting: a flag's name that differs from the setting's.
const ALIASES: [(&str, &str); 1] = [("max_cost", "budget.run")];

/// What [`Shape::Auth`] takes.
pub const AUTH: &str = "one of bearer, key, none, or `{ header = \"X-Key\", prefix = \"\" }`";

/// One setting.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its name: `model`, `budget.run`, `providers.openai.base_url`.
    pub name: String,
    /// What it is for and why its default is what it is.
    pub doc: String,
    /// What it takes.
    pub shape: Shape,
    /// Its default; none means that it is not set.
    pub default: Option<Value>,
}

const fn key(
    name: &'static str,
    shape: Shape,
    doc: &'static str,
) -> (&'static str, Shape, &'static str) {
    (name, shape, doc)
}

/// The keys of `[providers.ID]`.
pub const PROVIDER: [(&str, Shape, &str); 27] = [
    key("base_url", Shape::Text, "its address, with a path prefix if wanted"),
    key("queue_url", Shape::Text, "the address of its queue (fal)"),
    key("run_url", Shape::Text, "the address of its synchronous calls (fal)"),
    key("rest_url", Shape::Text, "the address of its uploads (fal)"),
    key("api_url", Shape::Text, "the address of its platform API (fal)"),
    key("allow_http", Shape::Switch, "plain http beyond this machine"),
    key("gateway", Shape::Text, "the name of a gateway to go through, or `none`"),
    key("api_key", Shape::Text, "its key; better kept by `pinx keys set`"),
    key("key_cmd", Shape::List, "a command that prints its key, run without a shell"),
    key("dialect", Shape::Text, "what a provider of your own speaks: `openai` or `fal`"),
    key("name", Shape::Text, "its name for people"),
    key(
        "auth",
        Shape::Auth,
        "how the key is sent: `bearer`, `key`, `none` or `{ header, prefix }`",
    ),
    key("headers", Shape::Pairs, "headers of its own: a text, or `env:NAME` for a variable"),
    key("images_path", Shape::Text, "the path of its images API, instead of `/images/generations`"),
    key(
        "edit",
        Shape::Text,
        "how it takes pictures: `multipart`, `json-images`, `json-image`, `references` or `none`",
    ),
    key("mask", Shape::Text, "what a mask says is changed: `alpha`, `white`, `black` or `none`"),
    key("max_images", Shape::Number, "how many pictures it reads: one, unless it says so"),
    key("image_field", Shape::Text, "the field of a picture, instead of the form's own"),
    key("edits_path", Shape::Text, "the path that takes pictures, instead of `/images/edits`"),
    key("key_env", Shape::List, "the variables that may hold its key"),
    key("cloudflare", Shape::Text, "Cloudflare AI Gateway's name for it"),
    key("dashboard", Shape::Text, "where its bills are"),
    key("requests_per_minute", Shape::Number, "requests a minute to each key; 0: no limit"),
    key("images_per_minute", Shape::Number, "images a minute to each key; 0: no limit"),
    key("in_flight", Shape::Number, "requests at once to each key; 0: no limit"),
    key("weight", Shape::Number, "its share under `balance = \"weighted\"`"),
    key("streams", Shape::Switch, "whether its address takes `stream` and `partial_images`"),
];

/// The keys of `[gateways.NAME]`.
pub const GATEWAY: [(&str, Shape, &str); 7] = [
    key("kind", Shape::Text, "`openai`, `cloudflare` or `vercel`"),
    key("url", Shape::Text, "its address"),
    key("account", Shape::Text, "the Cloudflare account, instead of a url"),
    key("gateway", Shape::Text, "the Cloudflare gateway, instead of a url"),
    key("token_env", Shape::Text, "the variable that holds its token"),
    key("token_cmd", Shape::List, "a command that prints its token, run without a shell"),
    key("cache", Shape::Switch, "may it answer from its cache"),
];

/// Whether a value of this setting may be a key, at least by mistake. Such a value is never shown
/// when it is of the wrong kind.
pub fn may_hold_secret(name: &str) -> bool {
    let key = name.rsplit('.').next().unwrap_or_default();
    matches!(key, "api_key" | "key_cmd" | "key_env" | "token_cmd" | "token_env")
}

static ALL: LazyLock<Vec<Setting>> = LazyLock::new(|| read(DEFAULTS));

/// Every setting with a fixed name, in the order of `default.toml`.
pub fn all() -> &'static [Setting] {
    &ALL
}

/// A setting's own name: aliases resolved, a flag's dashes understood.
pub fn canonical(name: &str) -> String {
    let name = name.trim().trim_start_matches("--");
    let name = if name.contains('.') { name.to_owned() } else { name.replace('-', "_") };
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    alias.map_or(name, |(_, name)| (*name).to_owned())
}

/// Aliases and what they stand for.
pub fn aliases() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALIASES.into_iter()
}

/// The setting of a canonical name.
pub fn find(name: &str) -> Option<Setting> {
    if let Some(known) = all().iter().find(|known| known.name == name) {
        return Some(known.clone());
    }
    let made = |shape, doc: &str| Setting {
        name: name.to_owned(),
        doc: doc.to_owned(),
        shape,
        default: None,
    };
    if name == "models" {
        return Some(made(Shape::Tables, "models of your own, and changes to known ones"));
    }
    let mut parts = name.splitn(3, '.');
    let (table, id, key) = (parts.next()?, parts.next()?, parts.next()?);
    let (_, shape, doc) = table_keys(table, id)?.iter().find(|(known, ..)| *known == key)?;
    Some(made(*shape, doc))
}

/// The keys of a table that the user names, if the name is acceptable.
fn table_keys(table: &str, id: &str) -> Option<&'static [(&'static str, Shape, &'static str)]> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    match table {
        "providers" if !id.is_empty() && id.bytes().all(plain) => Some(&PROVIDER),
        "gateways" if !id.is_empty() && id.bytes().all(|b| plain(b) || b == b'-' || b == b'_') => {
            Some(&GATEWAY)
        }
        _ => None,
    }
}

/// The name nearest to one that is unknown.
pub fn nearest(name: &str) -> Option<String> {
    let mut parts = name.splitn(3, '.');
    if let (Some(table), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next())
        && let Some(keys) = table_keys(table, id)
    {
        let near = text::nearest(key, keys.iter().map(|(key, ..)| *key))?;
        return Some(format!("{table}.{id}.{near}"));
    }
    let names = all().iter().map(|known| known.name.as_str());
    let tables = ["providers", "gateways", "models"];
    text::nearest(name, names.chain(tables)).map(str::to_owned)
}

/// A value from text (a variable, a flag, `pinx config set`), as the setting's TOML would hold it.
/// Text that does not fit stays text, and the typed reading then says what was expected.
pub fn value_of(shape: Shape, text: &str) -> Value {
    let trimmed = text.trim();
    match shape {
        Shape::Number => match (trimmed.parse(), trimmed.parse()) {
            (Ok(whole), _) => Value::Integer(whole),
            // A whole number that is too large would come back as another one.
            (_, Ok(broken)) if trimmed.contains('.') => Value::Float(broken),
            _ => Value::String(text.to_owned()),
        },
        Shape::Switch => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Value::Boolean(true),
            "false" | "0" | "no" | "off" => Value::Boolean(false),
            _ => Value::String(text.to_owned()),
        },
        Shape::List if trimmed.starts_with('[') => {
            one(trimmed).unwrap_or_else(|| Value::String(text.to_owned()))
        }
        Shape::List => {
            let words = trimmed.split(',').map(str::trim).filter(|word| !word.is_empty());
            Value::Array(words.map(|word| Value::String(word.to_owned())).collect())
        }
        Shape::Pairs | Shape::Auth if trimmed.starts_with('{') => {
            one(trimmed).unwrap_or_else(|| Value::String(text.to_owned()))
        }
        Shape::Auth => Value::String(trimmed.to_owned()),
        Shape::Text | Shape::Tables | Shape::Pairs => Value::String(text.to_owned()),
    }
}

/// One TOML value.
fn one(text: &str) -> Option<Value> {
    toml::from_str::<Table>(&format!("v = {text}")).ok()?.remove("v")
}

/// Reads the settings, their comments and their defaults.
fn read(defaults: &str) -> Vec<Setting> {
    let (mut section, mut doc, mut all) = (String::new(), Vec::new(), Vec::new());
    for line in defaults.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            doc.push(comment);
        } else if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
            doc.clear();
        } else if let Some((name, value)) = line.split_once(" = ") {
            // What stands there is JSON, too, which is read far faster at every start.
            let value: Value =
                serde_json::from_str(value).expect("a test reads every line of default.toml");
            let shape = match value {
                Value::Integer(_) | Value::Float(_) => Shape::Number,
                Value::Boolean(_) => Shape::Switch,
                Value::Array(_) => Shape::List,
                _ => Shape::Text,
            };
            let unset = name.starts_with('#');
            all.push(Setting {
                name: format!("{section}{}", name.trim_start_matches('#')),
                doc: std::mem::take(&mut doc).join(" "),
                shape,
                default: (!unset).then_some(value),
            });
        } else {
            doc.clear();
        }
    }
    all
}

/// The file that `pinx config init` writes: every setting with its reason, all commented out.
pub fn starter() -> String {
    let mut text = String::from(
        "# Settings of pinx. Take away the `#` before a setting to change it; what stands there is\n\
         # the default, or an example where there is none. `pinx config show` tells what counts.\n",
    );
    // The head of default.toml speaks to the maintainers of that file.
    let body = DEFAULTS.split_once("\n\n").map_or(DEFAULTS, |(_, body)| body);
    text.push('\n');
    for line in body.lines() {
        if !(line.is_empty() || line.starts_with('#')) {
            text.push('#');
        }
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(EXAMPLES);
    text
}

const EXAMPLES: &str = r#"
# A provider's address, or a provider of your own that speaks a known dialect:
#[providers.openai]
#base_url = "https://proxy.example.com/openai/v1"
#gateway = "work"
#requests_per_minute = 50
#key_cmd = ["pass", "show", "openai"]
#
#[providers.mine]
#dialect = "openai"
#base_url = "http://127.0.0.1:8080/v1"
#auth = "none"
#edit = "multipart"
#mask = "white"
#max_images = 4

# Gateways: kind openai (a url), cloudflare (account and gateway, or a url), vercel.
#[gateways.work]
#kind = "cloudflare"
#account = "0123456789abcdef"
#gateway = "images"
#token_env = "CF_AIG_TOKEN"

# A model that the catalog does not list, or changes to one that it does:
#[[models]]
#id = "mine/model-1"
#name = "Model One"
#price = { kind = "free" }
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_reason_and_the_defaults_agree_with_toml() {
        let table: Table = toml::from_str(DEFAULTS).unwrap();
        assert!(all().len() > 30);
        for known in all() {
            assert!(known.doc.len() > 10, "{} has no comment", known.name);
            let there = known
                .name
                .split('.')
                .try_fold(&Value::Table(table.clone()), |value, key| value.get(key))
                .cloned();
            assert_eq!(there, known.default, "{}", known.name);
        }
        for name in PROJECT {
            assert!(find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_comes_later_is_unknown() {
        for name in ["budget.week", "batch.only"] {
            assert!(find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn names_are_understood_and_corrected() {
        assert_eq!(canonical("max-cost"), "budget.run");
        assert_eq!(canonical("--max_cost"), "budget.run");
        assert_eq!(canonical("idle-timeout"), "idle_timeout");
        assert_eq!(canonical("gateways.my-cf.url"), "gateways.my-cf.url");
        assert!(find("providers.openai.base_url").is_some());
        assert!(find("gateways.my-cf.token_env").is_some());
        assert!(find("providers.Open-AI.base_url").is_none());
        assert_eq!(nearest("modle").as_deref(), Some("model"));
        assert_eq!(
            nearest("providers.openai.base_uri").as_deref(),
            Some("providers.openai.base_url")
        );
        assert_eq!(nearest("zzzzzzzz"), None);
    }

    #[test]
    fn text_becomes_the_value_that_toml_would_hold() {
        for (shape, text, value) in [
            (Shape::Number, " 4 ", Value::Integer(4)),
            (Shape::Number, "0.25", Value::Float(0.25)),
            (Shape::Number, "four", Value::String("four".into())),
            (Shape::Number, "99999999999999999999", "99999999999999999999".into()),
            (Shape::Switch, "Yes", Value::Boolean(true)),
            (Shape::Switch, "0", Value::Boolean(false)),
            (Shape::Text, "7", Value::String("7".into())),
            (Shape::List, "a/b, c", Value::Array(vec!["a/b".into(), "c".into()])),
            (Shape::List, "", Value::Array(vec![])),
            (Shape::List, "[\"pass\", \"a, b\"]", Value::Array(vec!["pass".into(), "a, b".into()])),
        ] {
            assert_eq!(value_of(shape, text), value, "{text}");
        }
    }

    #[test]
    fn the_starter_sets_nothing_and_its_examples_are_toml() {
        assert_eq!(toml::from_str::<Table>(&starter()).unwrap(), Table::new());
        let live: String = EXAMPLES
            .lines()
            .filter(|line| !line.starts_with("# "))
            .map(|line| format!("{}\n", line.trim_start_matches('#')))
            .collect();
        let table: Table = toml::from_str(&live).unwrap();
        assert_eq!(table["providers"]["mine"]["auth"].as_str(), Some("none"));
    }
}
