//! Which field of a request an error means, so that whoever sent it finds it.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::answer::Failure;
use crate::cmd::service::Submission;
use crate::text;

/// Fields of OpenAI's API that become fields of a job; all others are OpenAI's alone, or nobody's.
pub(super) const TAKEN: [&str; 27] = [
    "prompt",
    "model",
    "n",
    "size",
    "quality",
    "background",
    "output_format",
    "input_fidelity",
    "output_compression",
    "moderation",
    "image",
    "images",
    "mask",
    "mask_means",
    "fit",
    "negative",
    "negative_prompt",
    "seed",
    "aspect",
    "aspect_ratio",
    "colors",
    "palette",
    "styleId",
    "style_id",
    "fallback",
    "max_cost",
    "tags",
];

/// Further fields of our own API.
const OURS: [&str; 7] = ["maxCost", "count", "style", "format", "transparent", "steps", "params"];

/// What the fields hold, and which pictures came beside them.
pub(super) fn sent(fields: &Map<String, Value>, asked: &Submission) -> Vec<(&'static str, String)> {
    let named = TAKEN.iter().chain(&OURS).filter_map(|name| {
        let value = fields.get(*name)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((*name, text::clean(&text, 200)))
    });
    let given = (!asked.pictures.is_empty()).then(|| ("image", String::new()));
    named.chain(given).collect()
}

/// Why a request was not begun, with the field that is to blame.
pub(super) fn named(failure: Failure, sent: &[(&'static str, String)]) -> Failure {
    let field = match failure.status {
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => {
            field(&failure, sent)
        }
        _ => None,
    };
    Failure { field, ..failure }
}

/// Codes of errors that mean one field, whatever they say.
const FIELDS: [(&str, &str); 5] = [
    ("unknown_model", "model"),
    ("ambiguous_model", "model"),
    ("missing_key", "model"),
    ("too_many", "n"),
    ("unknown_style", "style"),
];

/// The field that an error means: one whose name it writes, or whose value, or whose name is a word of it.
fn field(failure: &Failure, sent: &[(&'static str, String)]) -> Option<&'static str> {
    if let Some((_, name)) = FIELDS.iter().find(|(code, _)| *code == failure.code) {
        return Some(name);
    }
    let message = &failure.message;
    let marked: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let named = sent.iter().find(|(name, _)| marked.contains(name));
    // A list holds its values in quotes.
    let is_of = |value: &str, word: &str| {
        value == word || (value.starts_with('[') && value.contains(&format!("\"{word}\"")))
    };
    let valued = || {
        sent.iter()
            .find(|(name, value)| *name != "prompt" && marked.iter().any(|word| is_of(value, word)))
    };
    let words = |name: &str| message.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
    let spoken = || sent.iter().find(|(name, _)| words(name));
    let pictures = || {
        // "image 1: …", "the mask: …".
        sent.iter()
            .find(|(name, _)| name.trim_end_matches('s') == "image" && failure.code == "input")
    };
    named.or_else(valued).or_else(spoken).or_else(pictures).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_field() {
        let sent: Vec<(&'static str, String)> = [
            ("prompt", "a size of quality"),
            ("size", "huge"),
            ("quality", "ultra"),
            ("colors", "[\"#fff\",\"red\"]"),
            ("images", ""),
            ("mask", ""),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into();
        let of = |code: &str, message: &str| {
            field(&Failure::new(StatusCode::BAD_REQUEST, code, message), &sent)
        };
        assert_eq!(of("x", "`huge` is not a size"), Some("size"));
        assert_eq!(of("x", "`red` is not a colour"), Some("colors"));
        assert_eq!(of("x", "`quality` must be text, not 3"), Some("quality"));
        assert_eq!(of("x", "unknown quality `odd` for a/b"), Some("quality"));
        assert_eq!(of("unknown_model", "unknown model `size`"), Some("model"));
        assert_eq!(of("too_many", "`count` is 9"), Some("n"));
        assert_eq!(of("input", "image 2: this is no picture"), Some("images"));
        assert_eq!(of("input", "the mask: it is larger"), Some("mask"));
        assert_eq!(of("x", "the prompt is empty"), Some("prompt"));
        assert_eq!(of("x", "the disk is full"), None);
    }
}
