//! Frozen files: what is compared is made equal in all that differs from run to run, and may hold
//! more than the old version wrote, never less and never something else.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::World;

/// Where the frozen files are.
pub fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/old").join(name)
}

/// What a frozen file says; with `FREEZE_OLD=1` it is written where there is none.
pub fn text(name: &str, made: impl FnOnce() -> String) -> String {
    let path = place(name);
    if !path.exists() && std::env::var_os("FREEZE_OLD").is_some() {
        fs::write(&path, made()).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares with the frozen files.
pub struct Frozen {
    names: Vec<(String, &'static str)>,
    ids: HashMap<String, String>,
}

impl Frozen {
    pub fn of(world: &World) -> Frozen {
        Frozen { names: world.names(), ids: HashMap::new() }
    }

    /// Each value holds what the frozen line of its place holds, in the same order of keys.
    #[track_caller]
    pub fn holds(&mut self, name: &str, values: &[Value]) {
        let plain: Vec<Value> = values.iter().map(|value| self.plain("", value)).collect();
        let lines = |values: &[Value]| values.iter().map(|value| format!("{value}\n")).collect();
        let old = text(name, || lines(&plain));
        let old: Vec<Value> = old.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let all: String = lines(&plain);
        assert_eq!(old.len(), plain.len(), "{name} has another length; it is now\n{all}");
        for (at, (old, new)) in old.iter().zip(&plain).enumerate() {
            if let Some(why) = lost(old, new, "") {
                panic!("{name}, line {}: {why}\nwas {old}\nis  {new}", at + 1);
            }
        }
    }

    /// A value without what differs from run to run.
    fn plain(&mut self, key: &str, value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                // Pages and sheets show how long things took.
                let is_page =
                    |path: &str| ["index.html", "sheet.png"].iter().any(|p| path.ends_with(p));
                let is_page = map.get("path").and_then(Value::as_str).is_some_and(is_page);
                let plain = |(key, value): (&String, &Value)| {
                    let value = match key.as_str() {
                        "sha256" if is_page => Value::from("{HASH}"),
                        _ => self.plain(key, value),
                    };
                    (key.clone(), value)
                };
                map.iter().map(plain).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.plain(key, item)).collect(),
            Value::Number(_) if is_measured(key) => Value::from(0),
            Value::String(text) => Value::String(self.plain_text(key, text)),
            other => other.clone(),
        }
    }

    fn plain_text(&mut self, key: &str, text: &str) -> String {
        let is_time = text.len() >= 10
            && (text.parse::<jiff::Timestamp>().is_ok()
                || text.parse::<jiff::civil::Date>().is_ok());
        // The key of a batch holds its directory; a test of its own says how it is made.
        if is_time || (key == "key" && text.len() == 32) {
            return if is_time { "{TIME}" } else { "{KEY}" }.to_owned();
        }
        let mut text = text.to_owned();
        for (from, to) in &self.names {
            text = text.replace(from, to);
        }
        self.without_ids(&text)
    }

    /// Ids of runs by the order in which they are seen, fingerprints of keys without their salt.
    fn without_ids(&mut self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let mut plain = String::new();
        let mut at = 0;
        while at < letters.len() {
            if let Some(id) = run_id(&letters[at..]) {
                let number = self.ids.len() + 1;
                let name = self.ids.entry(id).or_insert_with(|| format!("{{RUN{number}}}"));
                plain.push_str(name);
                at += 15;
            } else if let Some(length) = fingerprint(&letters[at..]) {
                plain.push_str("#{PRINT}");
                at += length;
            } else {
                plain.push(letters[at]);
                at += 1;
            }
        }
        plain
    }
}

/// Figures that are measured, and so are never the same.
fn is_measured(key: &str) -> bool {
    let words =
        ["ms", "p50", "p95", "p99", "seconds", "mean", "queue", "generation", "download", "total"];
    key.split('_').any(|word| words.contains(&word))
}

/// `261122-7f3k9q2m`.
fn run_id(letters: &[char]) -> Option<String> {
    let id: String = letters.get(..15)?.iter().collect();
    let (date, rest) = id.split_once('-')?;
    let is_id = date.len() == 6
        && date.bytes().all(|b| b.is_ascii_digit())
        && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    is_id.then_some(id)
}

/// `#a1b2c3`, behind the source of a key.
fn fingerprint(letters: &[char]) -> Option<usize> {
    let print = letters.get(..7)?;
    let is_print = print[0] == '#'
        && print[1..].iter().all(|c| c.is_ascii_digit() || ('a'..='f').contains(c))
        && letters.get(7).is_none_or(|c| !c.is_ascii_alphanumeric());
    is_print.then_some(7)
}

/// What of the old value the new one does not hold.
fn lost(old: &Value, new: &Value, place: &str) -> Option<String> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let kept: Vec<&String> = new.keys().filter(|key| old.contains_key(*key)).collect();
            let keys: Vec<&String> = old.keys().collect();
            if kept != keys {
                return Some(format!("`{place}` had the keys {keys:?} and has {kept:?} of them"));
            }
            old.iter().find_map(|(key, value)| lost(value, &new[key], &format!("{place}.{key}")))
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            let pairs = old.iter().zip(new).enumerate();
            pairs.into_iter().find_map(|(at, (old, new))| lost(old, new, &format!("{place}[{at}]")))
        }
        _ if old == new => None,
        _ => Some(format!("`{place}` was {old} and is {new}")),
    }
}

#[test]
fn what_is_lost_is_seen_and_what_is_new_is_not() {
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let old = value(r#"{"a":1,"b":[{"c":"x"}]}"#);
    for new in [r#"{"a":1,"z":0,"b":[{"c":"x","d":2}]}"#, r#"{"a":1,"b":[{"c":"x"}]}"#] {
        assert_eq!(lost(&old, &value(new), ""), None, "{new}");
    }
    for new in [
        r#"{"b":[{"c":"x"}],"a":1}"#,
        r#"{"a":1,"b":[{"c":"y"}]}"#,
        r#"{"a":1,"b":[]}"#,
        r#"{"b":[{"c":"x"}]}"#,
        r#"{"a":"1","b":[{"c":"x"}]}"#,
    ] {
        assert!(lost(&old, &value(new), "").is_some(), "{new}");
    }
}
