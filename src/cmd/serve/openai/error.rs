//! Errors as OpenAI words them: `{"error": {"message", "type", "param", "code"}}`. The statuses are those
//! of every answer here: they decide whether a library asks, and pays, again.

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::wanted::Wanted;
use crate::cmd::serve::answer::{Failure, SHOULD_RETRY};
use crate::cmd::service::Refusal;
use crate::error::Kind;

/// An answer that refuses.
pub(in crate::cmd::serve) fn refused(failure: &Failure) -> Response {
    let mut response = failure.with_body(&json!({ "error": value(failure) }));
    if failure.run.is_some() {
        // What may be repeated was repeated here already.
        response.headers_mut().insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    response
}

/// The error object. Libraries show its message alone, so that the remedy stands in it.
pub(super) fn value(failure: &Failure) -> Value {
    let message = match &failure.hint {
        Some(hint) => format!("{}; {hint}", failure.message),
        None => failure.message.clone(),
    };
    let code = code(failure);
    let mut fields = Map::new();
    fields.insert("message".to_owned(), message.into());
    fields.insert("type".to_owned(), kind(failure).into());
    fields.insert("param".to_owned(), failure.field.into());
    fields.insert("code".to_owned(), code.into());
    if code != failure.code {
        fields.insert("reason".to_owned(), failure.code.clone().into());
    }
    if let Some(run) = &failure.run {
        fields.insert("run".to_owned(), run.clone().into());
    }
    Value::Object(fields)
}

/// What kind of failure it is, in OpenAI's words where it has one.
fn code(failure: &Failure) -> &str {
    match (failure.kind, failure.status, failure.code.as_str()) {
        (Some(Kind::Content), ..) => "content_policy_violation",
        _ if failure.is_doubtful => "outcome_unknown",
        (_, StatusCode::PAYMENT_REQUIRED, _) => "budget_exceeded",
        (Some(Kind::MissingModel), ..) | (.., "unknown_model") => "model_not_found",
        (.., code) => code,
    }
}

fn kind(failure: &Failure) -> &'static str {
    match failure.status {
        _ if failure.kind == Some(Kind::Content) => "image_generation_user_error",
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::PAYMENT_REQUIRED => "insufficient_quota",
        StatusCode::FORBIDDEN => "permission_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        StatusCode::FAILED_DEPENDENCY => "upstream_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    }
}

/// A request that met a defect.
pub(super) fn broken_off() -> Failure {
    let what = "this request met a defect of pinx";
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", what)
}

/// Why a request was not begun, with the field that is to blame.
pub(super) fn of_refusal(refusal: Refusal, wanted: &Wanted) -> Failure {
    let failure = Failure::from(refusal);
    let field = match failure.status {
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => {
            field(&failure, &wanted.sent)
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
    let valued = || {
        sent.iter()
            .find(|(name, value)| *name != "prompt" && marked.iter().any(|word| word == value))
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
            ("images", ""),
            ("mask", ""),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into();
        let of = |code: &str, message: &str| {
            field(&Failure::new(StatusCode::BAD_REQUEST, code, message), &sent)
        };
        assert_eq!(of("x", "`huge` is not a size"), Some("size"));
        assert_eq!(of("x", "`quality` must be text, not 3"), Some("quality"));
        assert_eq!(of("x", "unknown quality `odd` for a/b"), Some("quality"));
        assert_eq!(of("unknown_model", "unknown model `size`"), Some("model"));
        assert_eq!(of("too_many", "`count` is 9"), Some("n"));
        assert_eq!(of("input", "image 2: this is no picture"), Some("images"));
        assert_eq!(of("input", "the mask: it is larger"), Some("mask"));
        assert_eq!(of("x", "the prompt is empty"), Some("prompt"));
        assert_eq!(of("x", "the disk is full"), None);
    }

    #[test]
    fn what_may_be_billed_and_what_was_refused_have_one_code_each() {
        let failure = |status, code: &str| Failure::new(status, code, "x").hint("y");
        let doubtful = Failure {
            is_doubtful: true,
            run: Some("r".to_owned()),
            ..failure(StatusCode::FAILED_DEPENDENCY, "server_error")
        };
        let told = value(&doubtful);
        assert_eq!(
            (&told["code"], &told["reason"]),
            (&json!("outcome_unknown"), &json!("server_error"))
        );
        assert_eq!((&told["run"], &told["message"]), (&json!("r"), &json!("x; y")));
        let content = failure(StatusCode::BAD_REQUEST, "moderation_blocked");
        let content = Failure { kind: Some(Kind::Content), is_doubtful: true, ..content };
        assert_eq!(value(&content)["code"], "content_policy_violation");
        let over = failure(StatusCode::PAYMENT_REQUIRED, "over_budget");
        assert_eq!(value(&over)["code"], "budget_exceeded");
        assert_eq!(value(&over)["param"], Value::Null);
    }
}
