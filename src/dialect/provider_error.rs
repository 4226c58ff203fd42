//! A provider's complaint, whatever its envelope: OpenAI's `error`, fal's `detail`, a list of one
//! error, Cloudflare's `errors`, a relay's `{code, msg}`, a whole answer that a gateway has put into a
//! string, plain text, the title of a page.
//!
//! Pure and lenient: every field may be missing, null or of another type. Text that came from outside
//! is cleaned here, before it can reach a message. What the words mean is in `words`.

use serde_json::Value;

use super::Reply;
use super::wrapped;
use crate::json::tree;
use crate::text;

/// Longest sentence that is taken over from a server, in characters.
const SHOWN: usize = 300;
/// Characters of a sentence that are looked through for what it means.
const READ: usize = 8_192;
/// Longest word that may be a code, in characters.
const WORD: usize = 120;
/// Answers inside answers that are opened.
const DEPTH: usize = 4;
/// Codes that one answer may have.
const WORDS: usize = 32;

/// What a failed answer says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ProviderError {
    /// Its code, as the outermost envelope has it.
    pub(super) code: String,
    /// Its type.
    pub(super) kind: String,
    /// The field of the request that it is about.
    pub(super) param: String,
    /// The server's own sentence, to be shown.
    pub(super) message: String,
    /// Every word that stands where a code may stand, those of the innermost answer first.
    pub(super) words: Vec<String>,
    /// Every sentence of it, to be looked through.
    pub(super) text: String,
    /// How many words belong to answers that stood inside a string.
    pub(super) inner: usize,
    /// True when the body was JSON with an error in it, not an intermediary's page or a bare message.
    pub(super) enveloped: bool,
    /// True when it is in the form that gateways use for what they refuse themselves.
    pub(super) is_gateways: bool,
    /// True when the body was a web page.
    pub(super) is_page: bool,
}

impl ProviderError {
    /// Reads the body of an answer.
    pub(super) fn read(reply: &Reply<'_>) -> ProviderError {
        if let Some(body) = tree(reply.body) {
            return ProviderError::of(&body);
        }
        let start = &reply.body[..reply.body.len().min(4 * READ)];
        let body = String::from_utf8_lossy(start);
        let body = body.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
        if body.starts_with('<') {
            let message = title(body).map(|title| text::clean(title, SHOWN)).unwrap_or_default();
            return ProviderError { message, is_page: true, ..ProviderError::default() };
        }
        let mut error = ProviderError::sentence(body, DEPTH);
        // The JSON in it was not the whole answer.
        error.enveloped = false;
        error
    }

    /// The same of a body that was read already.
    pub(super) fn of(body: &Value) -> ProviderError {
        ProviderError::at(body, DEPTH)
    }

    fn at(body: &Value, depth: usize) -> ProviderError {
        match body {
            Value::Array(items) => {
                let first = items.iter().find(|item| item.is_object());
                first
                    .filter(|_| depth > 0)
                    .map_or_else(ProviderError::default, |item| ProviderError::at(item, depth - 1))
            }
            Value::String(text) => ProviderError::sentence(text, depth),
            Value::Object(_) => ProviderError::object(body, depth),
            _ => ProviderError::default(),
        }
    }

    fn object(body: &Value, depth: usize) -> ProviderError {
        let there = |key: &str| body.get(key).filter(|value| is_something(value));
        let mut error = match (there("error"), there("errors"), there("detail")) {
            (Some(Value::Array(items)), ..) | (None, Some(Value::Array(items)), _) => {
                let first = items.iter().find(|item| is_something(item));
                first.map_or_else(ProviderError::default, |item| ProviderError::part(item, depth))
            }
            (Some(error), ..) | (None, Some(error), _) => ProviderError::part(error, depth),
            (None, None, Some(Value::Array(items))) => ProviderError::located(items, depth),
            (None, None, Some(detail)) => ProviderError::part(detail, depth),
            (None, None, None) => ProviderError::default(),
        };
        // What stands beside the error completes it: `{"error": "text", "code": "x"}`.
        error.take(body, depth);
        let own = |key: &&str| there(key).is_some();
        // Cloudflare's form, and Portkey's.
        let is_failed = body.get("success").and_then(Value::as_bool) == Some(false);
        let is_list = ["error", "errors"].iter().any(|key| there(key).is_some_and(Value::is_array));
        let is_failure = body.get("status").and_then(Value::as_str) == Some("failure");
        error.is_gateways = (is_failed && is_list) || is_failure;
        error.enveloped = ["error", "detail", "error_type"].iter().any(own);
        error
    }

    /// The error itself, where an envelope has one.
    fn part(part: &Value, depth: usize) -> ProviderError {
        match part {
            Value::Object(_) if depth > 0 => {
                let inner = part.get("error").filter(|inner| is_something(inner));
                let mut error = inner.map_or_else(ProviderError::default, |inner| {
                    ProviderError::part(inner, depth - 1)
                });
                error.take(part, depth);
                error
            }
            Value::String(text) => ProviderError::sentence(text, depth),
            _ => ProviderError::default(),
        }
    }

    /// Takes the fields of an object, as far as they are not there yet.
    fn take(&mut self, from: &Value, depth: usize) {
        let word = |key: &str| word(from.get(key));
        let first = |keys: &[&str]| {
            keys.iter().map(|key| word(key)).find(|word| !word.is_empty()).unwrap_or_default()
        };
        let sentence =
            ["message", "msg", "error_message", "error_msg", "errmsg", "title", "details"]
                .iter()
                .filter_map(|key| from.get(*key))
                .find(|value| is_something(value));
        if let Some(sentence) = sentence {
            let inner = match sentence {
                Value::String(text) => ProviderError::sentence(text, depth),
                Value::Object(_) if depth > 0 => ProviderError::object(sentence, depth - 1),
                _ => ProviderError::default(),
            };
            self.add(inner);
        }
        // OpenRouter hands on what its provider said.
        if let Some(raw) = from.pointer("/metadata/raw").and_then(Value::as_str) {
            let behind = ProviderError::sentence(raw, depth);
            self.add(behind);
        }
        let code = first(&["code", "error_code", "errcode"]);
        let kind = first(&["type", "error_type"]);
        // Gemini's `status` is a word in capitals; others have numbers or `failure` there.
        let status = Some(word("status")).filter(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        });
        // Azure hides a refusal under a general code.
        let hidden = ["inner_error", "innererror"].iter().filter_map(|key| from.get(*key));
        let hidden =
            hidden.map(|inner| self::word(inner.get("code"))).find(|word| !word.is_empty());
        let reasons = from.get("details").and_then(Value::as_array).into_iter().flatten();
        let own = hidden.iter().cloned().chain([code.clone(), kind.clone()]).chain(status);
        let own: Vec<String> = own.chain(reasons.take(8).flat_map(reasons_of)).collect();
        self.words.extend(own.into_iter().filter(|word| !word.is_empty()));
        self.words.truncate(WORDS);
        for (mine, theirs) in [
            (&mut self.code, hidden.unwrap_or(code)),
            (&mut self.kind, kind),
            (&mut self.param, first(&["param"])),
        ] {
            if mine.is_empty() {
                *mine = theirs;
            }
        }
    }

    /// Joins what another part of the same answer says.
    fn add(&mut self, other: ProviderError) {
        for (mine, theirs) in [(&mut self.message, other.message), (&mut self.param, other.param)] {
            if mine.is_empty() {
                *mine = theirs;
            }
        }
        if self.text.len() < 4 * READ {
            self.text.push_str(&other.text);
        }
        // The answer of the server behind comes before that of the one in front.
        self.inner += other.inner;
        self.words.splice(..0, other.words);
    }

    /// A sentence, and the answer of another server that a gateway may have put into it.
    fn sentence(said: &str, depth: usize) -> ProviderError {
        let whole = text::clean(said, READ);
        let mut error = match wrapped::inside(&whole).filter(|_| depth > 0) {
            Some(inner) => {
                let mut error = ProviderError::at(&inner, depth - 1);
                error.inner = error.words.len();
                error
            }
            None => ProviderError::default(),
        };
        if error.message.is_empty() {
            error.message = text::clean(&whole, SHOWN);
        }
        (error.code, error.kind) = Default::default();
        error.text.push_str(&whole);
        error.text.push('\n');
        error
    }

    /// FastAPI's list of located messages.
    fn located(items: &[Value], depth: usize) -> ProviderError {
        let lines = items.iter().take(4).map(|item| {
            let place = item.get("loc").and_then(Value::as_array).map(|loc| {
                let words = loc.iter().filter(|word| word.as_str() != Some("body"));
                words
                    .map(|w| w.as_str().map_or_else(|| w.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
            });
            let place = text::clean(&place.unwrap_or_default().join("."), 80);
            let message = item.get("msg").or_else(|| item.get("message")).or(Some(item));
            let message = message.and_then(Value::as_str).unwrap_or_default();
            if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") }
        });
        let mut error = ProviderError::sentence(&lines.collect::<Vec<_>>().join("; "), depth);
        if let Some(first) = items.first() {
            error.code = word(first.get("type"));
            error.words.extend(Some(error.code.clone()).filter(|code| !code.is_empty()));
            let place = first.get("loc").and_then(Value::as_array);
            error.param = word(place.and_then(|loc| loc.last()));
        }
        error
    }

    /// Whether it says nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.words.is_empty()
    }

    /// The message, or words for an answer that had none.
    pub(super) fn words(&self, status: u16) -> String {
        if self.message.is_empty() { format!("HTTP {status}") } else { self.message.clone() }
    }

    /// The word for it in documents and in the log: the code or the type, unless it is a number.
    pub(super) fn name(&self) -> Option<&str> {
        let words = [&self.code, &self.kind].into_iter().chain(&self.words);
        let mut words = words.filter(|word| !word.is_empty() && word.parse::<f64>().is_err());
        words.next().map(String::as_str)
    }
}

/// Gemini's reasons: an `ErrorInfo` has one, and each violated quota has an id and a value.
fn reasons_of(detail: &Value) -> Vec<String> {
    let violations = detail.get("violations").and_then(Value::as_array).into_iter().flatten();
    let quota = violations.take(4).flat_map(|one| {
        let value = one.get("quotaValue").map(|value| format!("quota {}", word(Some(value))));
        [Some(word(one.get("quotaId"))), value].into_iter().flatten()
    });
    std::iter::once(word(detail.get("reason"))).chain(quota).collect()
}

/// A value that may be a code.
fn word(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) if text != "None" => text::clean(text, WORD),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Whether a member says anything. `"error": false` and `"error": ""` do not.
fn is_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// The title of a web page; its first heading where it has none.
fn title(page: &str) -> Option<&str> {
    let lower = page.to_ascii_lowercase();
    ["title", "h1"].iter().find_map(|tag| {
        let open = lower.find(&format!("<{tag}"))?;
        let start = open + lower[open..].find('>')? + 1;
        let end = start + lower[start..].find("</")?;
        Some(page[start..end].trim()).filter(|title| !title.is_empty())
    })
}

#[cfg(test)]
mod tests;
