//! The arguments of a call, checked by the table of its tool. What is wrong is named, with what helps:
//! an agent reads it and asks again.

use serde_json::{Map, Value};

use super::schema::{Shape, Takes};
use crate::cmd::service::unknown;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::text;

/// The arguments of a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(pub(super) Map<String, Value>);

impl Given {
    /// Those of a call of this tool.
    ///
    /// # Errors
    /// One is unknown, of the wrong kind, or missing.
    pub(super) fn of(tool: &Shape, given: Option<Map<String, Value>>) -> Result<Given> {
        let mut given = given.unwrap_or_default();
        given.retain(|_, value| !value.is_null());
        let known: Vec<&str> = tool.all().map(|argument| argument.name).collect();
        for (name, value) in &mut given {
            let argument = tool.all().find(|argument| argument.name == name);
            let argument = argument.ok_or_else(|| unknown(name, &known))?;
            *value = read(argument.takes, value).map_err(|wants| wrong(name, value, &wants))?;
        }
        for name in tool.required {
            if !given.contains_key(*name) {
                return Err(Error::usage(format!("`{name}` is missing"))
                    .code("invalid_request")
                    .hint(format!("give {} its `{name}`", tool.name)));
            }
        }
        Ok(Given(given))
    }

    /// Takes a text.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Takes a number.
    pub(super) fn whole(&mut self, name: &str) -> Option<u64> {
        self.0.remove(name)?.as_u64()
    }

    /// Takes a switch.
    pub(super) fn switch(&mut self, name: &str) -> bool {
        self.0.remove(name).and_then(|value| value.as_bool()).unwrap_or_default()
    }

    /// Takes an amount of dollars.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn money(&mut self, name: &str) -> Result<Option<Money>> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        let money = value.to_string().parse();
        money.map(Some).map_err(|_| wrong(name, &value, "an amount of dollars, such as 0.25"))
    }

    /// As flags of a command, in which a list is written with commas.
    pub(super) fn flags(self) -> Vec<(String, String)> {
        let written = |value: Value| match value {
            Value::String(text) => text,
            Value::Array(list) => {
                let texts = list.iter().filter_map(Value::as_str);
                texts.collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        };
        self.0.into_iter().map(|(name, value)| (name, written(value))).collect()
    }
}

/// The value as it was meant.
///
/// # Errors
/// What is wanted instead.
fn read(takes: Takes, value: &Value) -> Result<Value, String> {
    let texts = |list: &[Value]| list.iter().all(Value::is_string);
    let good = match (takes, value) {
        (Takes::Text, Value::String(_)) | (Takes::Switch, Value::Bool(_)) => true,
        (Takes::Number, Value::Number(number)) => number.as_f64().is_some_and(|n| n >= 0.0),
        (Takes::Texts, Value::Array(list)) => texts(list),
        (Takes::Texts, Value::String(text)) => {
            return Ok(Value::Array(vec![Value::String(text.clone())]));
        }
        (Takes::Table, Value::Object(_)) => true,
        (Takes::Prompts, Value::Array(list)) => {
            let is_one = |one: &Value| one.is_string() || one["prompt"].is_string();
            (1..=20).contains(&list.len()) && list.iter().all(is_one)
        }
        (Takes::Whole(least, most), Value::Number(number)) => {
            number.as_u64().is_some_and(|number| (least..=most).contains(&number))
        }
        // Models write numbers and switches as texts.
        (Takes::Whole(..) | Takes::Number | Takes::Switch, Value::String(text)) => {
            let inner: Option<Value> = serde_json::from_str(text.trim()).ok();
            let inner = inner.filter(|inner| inner.is_number() || inner.is_boolean());
            return inner.map_or_else(|| Err(wants(takes)), |inner| read(takes, &inner));
        }
        _ => false,
    };
    if good { Ok(value.clone()) } else { Err(wants(takes)) }
}

fn wants(takes: Takes) -> String {
    match takes {
        Takes::Text => "a text".to_owned(),
        Takes::Texts => "a list of texts".to_owned(),
        Takes::Whole(least, most) if most > 1_000_000 => format!("a whole number from {least}"),
        Takes::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Takes::Number => "an amount of dollars, such as 0.25".to_owned(),
        Takes::Switch => "true or false".to_owned(),
        Takes::Table => "an object".to_owned(),
        Takes::Prompts => {
            "a list of 1 to 20 prompts, each a text or an object with a `prompt`".to_owned()
        }
    }
}

fn wrong(name: &str, value: &Value, wants: &str) -> Error {
    let shown = text::clean(&value.to_string(), 80);
    Error::usage(format!("`{name}` must be {wants}, not {shown}"))
        .code("invalid_request")
        .hint(format!("correct `{name}`, or leave it out"))
}
