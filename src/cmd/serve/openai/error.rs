//! Errors as OpenAI words them: `{"error": {"message", "type", "param", "code"}}`. The statuses are those
//! of every answer here: they decide whether a library asks, and pays, again.

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::cmd::serve::answer::{Failure, SHOULD_RETRY};
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

#[cfg(test)]
mod tests {
    use super::*;

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
