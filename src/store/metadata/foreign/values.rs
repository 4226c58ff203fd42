//! Values of other programs' JSON, leniently: numbers as text, text as numbers.
//!
//! Pure.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::{Program, Provenance};
use crate::request::{Request, Size};

/// The most characters of one setting that is kept.
const SETTING: usize = 500;

/// A single value as text; none where there is nothing.
pub(super) fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(plain(&number.to_string())),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A number without the `.0` that a whole one gets in some languages.
fn plain(number: &str) -> String {
    number.strip_suffix(".0").unwrap_or(number).to_owned()
}

/// A whole number, however it is written.
pub(super) fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => {
            number.as_u64().or_else(|| plain(&number.to_string()).parse().ok())
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A size in pixels.
pub(super) fn size(width: &Value, height: &Value) -> Option<Size> {
    format!("{}x{}", whole(width)?, whole(height)?).parse().ok()
}

/// What is read of a program's object.
pub(super) struct Reader<'v> {
    fields: &'v Map<String, Value>,
    found: Provenance,
}

impl<'v> Reader<'v> {
    /// Begins with a program's name.
    pub(super) fn of(program: &str, fields: &'v Map<String, Value>) -> Reader<'v> {
        let program = Program::Other(program.to_owned());
        Reader { fields, found: Provenance { program, ..Provenance::default() } }
    }

    /// The first of these keys that holds anything.
    pub(super) fn value(&self, keys: &[&str]) -> Option<&'v Value> {
        let filled = |value: &&Value| !matches!(value, Value::Null);
        keys.iter().find_map(|key| self.fields.get(*key).filter(filled))
    }

    /// The same as text.
    pub(super) fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| word(self.fields.get(*key)?))
    }

    fn request(&mut self) -> &mut Request {
        Arc::make_mut(&mut self.found.recipe.request)
    }

    /// Takes the prompt.
    pub(super) fn prompt(&mut self, text: Option<String>) {
        self.request().prompt = text.unwrap_or_default();
    }

    /// Whether a text is the prompt that was taken.
    pub(super) fn is_prompt(&self, text: &str) -> bool {
        self.found.recipe.request.prompt == text
    }

    /// Takes the negative prompt.
    pub(super) fn negative(&mut self, text: Option<String>) {
        self.request().negative = text.filter(|text| !text.is_empty());
    }

    /// Takes the seed; one that no seed can be is kept as a setting.
    pub(super) fn seed(&mut self, keys: &[&str]) {
        self.take_seed(self.value(keys));
    }

    /// The same from a value.
    pub(super) fn take_seed(&mut self, value: Option<&Value>) {
        let seed = value.and_then(whole);
        self.request().seed = seed;
        if seed.is_none() {
            self.setting("Seed", value.and_then(word));
        }
    }

    /// Takes the size.
    pub(super) fn size(&mut self, size: Option<Size>) {
        self.request().size = size;
    }

    /// Takes width and height.
    pub(super) fn edges(&mut self, width: &[&str], height: &[&str]) {
        let edges = self.value(width).zip(self.value(height));
        self.size(edges.and_then(|(width, height)| size(width, height)));
    }

    /// Takes the model.
    pub(super) fn model(&mut self, name: Option<String>) {
        self.found.recipe.model = name.unwrap_or_default();
    }

    /// Takes the program's version.
    pub(super) fn version(&mut self, version: Option<String>) {
        self.found.version = version;
    }

    /// Tells what was not understood.
    pub(super) fn note(&mut self, note: String) {
        self.found.notes.push(note);
    }

    /// Keeps a setting.
    pub(super) fn setting(&mut self, name: &str, value: Option<String>) {
        let short = value.map(|value| value.chars().take(SETTING).collect());
        self.found.extra.extend(short.map(|value| (name.to_owned(), value)));
    }

    /// Keeps settings, each under the name that AUTOMATIC1111 gives it.
    pub(super) fn settings(&mut self, names: &[(&str, &[&str])]) {
        for (name, keys) in names {
            self.setting(name, self.text(keys));
        }
    }

    /// What was read.
    pub(super) fn done(self) -> Provenance {
        self.found
    }
}
