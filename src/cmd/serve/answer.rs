//! Answers: documents, failures, and the statuses that decide about money.
//!
//! The libraries that people use repeat a request by themselves after 408, 409, 429 and 5xx. So these
//! are answered only while nothing was sent that may be billed; whatever may be is 424, and every failure
//! but the first kind says `x-should-retry: false` besides.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::guard::Blocked;
use crate::cmd::service::{Refusal, is_doubtful};
use crate::engine::Document;
use crate::engine::report::{ErrorReport, JobReport};
use crate::error::{Billed, Error, Kind};

/// The id of the run.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is not exactly as asked.
pub(super) const ADJUSTED: HeaderName = HeaderName::from_static("x-pinx-adjusted");

/// Whether a library may repeat the request by itself.
pub(super) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// A document of JSON.
pub(super) fn document(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => written(status, bytes),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A document that is written already.
pub(super) fn written(status: StatusCode, bytes: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// Why a request came to nothing.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// What kind of failure it is, where a run ended with it.
    pub(super) kind: Option<Kind>,
    /// Whether money may have been spent on it.
    pub(super) is_doubtful: bool,
    /// The field of the request that is wrong.
    pub(super) field: Option<&'static str>,
    /// The run that ended so.
    pub(super) run: Option<String>,
    /// Seconds after which it may be asked again.
    pub(super) retry_after: Option<u16>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Failure {
        let (code, message) = (code.to_owned(), message.into());
        Failure {
            status,
            code,
            message,
            hint: None,
            kind: None,
            is_doubtful: false,
            field: None,
            run: None,
            retry_after: None,
        }
    }

    /// Says which field of the request is wrong.
    pub(super) fn field(mut self, name: &'static str) -> Failure {
        self.field = Some(name);
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// Of a request that is not even looked at.
    pub(super) fn blocked(blocked: &Blocked) -> Failure {
        Failure::new(blocked.status, blocked.code, blocked.message.clone()).hint(blocked.hint)
    }

    /// No new work is taken.
    pub(super) fn stopping() -> Failure {
        let what = "this server is about to end and takes no new work";
        let failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", what);
        Failure { retry_after: Some(5), ..failure }
    }

    /// Of an error before anything was sent.
    pub(super) fn of_error(error: &Error) -> Failure {
        let report = ErrorReport::from(error);
        let status = status(error.kind, &report.code, Billed::No);
        Failure::of_report(status, &report)
    }

    fn of_report(status: StatusCode, report: &ErrorReport) -> Failure {
        let retry_after = is_repeatable(status).then_some(5);
        let failure = Failure::new(status, &report.code, report.message.clone());
        Failure { hint: report.hint.clone(), retry_after, ..failure }
    }

    /// Of a run that made no image.
    pub(super) fn of_run(run: &str, document: &Document) -> Option<Failure> {
        if document.totals.images > 0 || document.jobs.iter().any(|job| job.status.is_done()) {
            return None;
        }
        Failure::of_jobs(run, document)
    }

    /// Of the images of a run that were not made.
    pub(super) fn of_jobs(run: &str, document: &Document) -> Option<Failure> {
        let failed = document.jobs.iter().filter(|job| !job.status.is_done());
        // What may have been billed decides about the whole.
        let job = failed.max_by_key(|job| is_doubtful(job))?;
        let billed = if is_doubtful(job) { Billed::Unknown } else { Billed::No };
        let kind = job.kind.unwrap_or(Kind::Interrupted);
        let report = job.error.clone().unwrap_or_else(|| {
            ErrorReport::from(&Error::new(Kind::Interrupted, "this run was stopped"))
        });
        let status = match status(kind, &report.code, billed) {
            // What may be repeated was repeated here; a library would send it again by itself.
            status if is_repeatable(status) && was_heard(job) => StatusCode::FAILED_DEPENDENCY,
            status => status,
        };
        let mut failure = Failure::of_report(status, &report);
        if kind == Kind::Busy && status == StatusCode::FAILED_DEPENDENCY {
            failure.hint = Some("nothing was billed: ask again in a minute".to_owned());
        }
        if billed == Billed::Unknown {
            failure.retry_after = None;
            failure.hint = Some(format!(
                "do not ask again: `GET /api/runs/{run}` tells what comes of it, and `pinx recover` looks for it"
            ));
        }
        failure.kind = job.kind;
        failure.is_doubtful = billed == Billed::Unknown;
        Some(Failure { run: Some(run.to_owned()), ..failure })
    }

    /// Its error object.
    pub(super) fn value(&self) -> Value {
        let mut value = json!({ "code": self.code, "message": self.message, "hint": self.hint });
        if let Some(field) = self.field {
            value["field"] = field.into();
        }
        value
    }

    /// Its status and its heads, with a body.
    pub(super) fn with_body(&self, body: &Value) -> Response {
        let mut response = document(self.status, body);
        let heads = response.headers_mut();
        match self.retry_after {
            Some(seconds) => drop(heads.insert(header::RETRY_AFTER, seconds.into())),
            None => drop(heads.insert(SHOULD_RETRY, HeaderValue::from_static("false"))),
        }
        if let Some(run) = self.run.as_ref().and_then(|run| HeaderValue::from_str(run).ok()) {
            heads.insert(REQUEST_ID, run);
        }
        response
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        match refusal {
            Refusal::Stopping => Failure::stopping(),
            Refusal::Full => {
                let what = "too many requests wait already; nothing was sent";
                let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, "queue_full", what);
                Failure { retry_after: Some(2), ..failure }
            }
            Refusal::KeyReused => Failure::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "this `Idempotency-Key` came with another request before",
            )
            .hint("give each request a key of its own"),
            Refusal::Error(error) => Failure::of_error(&error),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.with_body(&json!({ "success": false, "error": self.value() }))
    }
}

/// Whether a provider has answered something to it.
fn was_heard(job: &JobReport) -> bool {
    job.attempts.iter().any(|attempt| attempt.status.is_some())
}

/// Whether libraries may repeat what is answered so.
fn is_repeatable(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

/// The status of a failure.
fn status(kind: Kind, code: &str, billed: Billed) -> StatusCode {
    if kind == Kind::Content {
        return StatusCode::BAD_REQUEST;
    }
    if billed != Billed::No {
        return StatusCode::FAILED_DEPENDENCY;
    }
    match kind {
        Kind::Usage if code == "unknown_model" || code == "unknown_id" => StatusCode::NOT_FOUND,
        Kind::Usage | Kind::Rejected | Kind::Content => StatusCode::BAD_REQUEST,
        Kind::MissingModel => StatusCode::NOT_FOUND,
        Kind::Key | Kind::Account | Kind::Permission => StatusCode::FORBIDDEN,
        Kind::Budget => StatusCode::PAYMENT_REQUIRED,
        Kind::Busy => StatusCode::TOO_MANY_REQUESTS,
        Kind::NotSent | Kind::Interrupted => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Server | Kind::NoRunner | Kind::Unusable | Kind::Ambiguous | Kind::Detached => {
            StatusCode::FAILED_DEPENDENCY
        }
        Kind::Local | Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libraries_repeat_by_themselves_was_not_billed() {
        let kinds = [
            Kind::Usage,
            Kind::Key,
            Kind::Budget,
            Kind::Local,
            Kind::Interrupted,
            Kind::NotSent,
            Kind::Busy,
            Kind::Server,
            Kind::NoRunner,
            Kind::Account,
            Kind::Permission,
            Kind::Rejected,
            Kind::MissingModel,
            Kind::Content,
            Kind::Ambiguous,
            Kind::Unusable,
            Kind::Detached,
            Kind::Internal,
        ];
        for kind in kinds {
            for billed in [Billed::Unknown, Billed::Yes] {
                let told = status(kind, "", billed).as_u16();
                assert!([400, 424].contains(&told), "{kind:?} is {told}");
            }
        }
        assert_eq!(status(Kind::Usage, "unknown_model", Billed::No), StatusCode::NOT_FOUND);
        assert_eq!(status(Kind::Busy, "", Billed::No), StatusCode::TOO_MANY_REQUESTS);
    }

    #[test]
    fn a_failure_says_whether_to_repeat_it() {
        let once = Failure::new(StatusCode::BAD_REQUEST, "x", "y").into_response();
        assert_eq!(once.headers()[SHOULD_RETRY], "false");
        let later = Failure::stopping().into_response();
        assert_eq!(later.headers()[header::RETRY_AFTER], "5");
        assert!(later.headers().get(SHOULD_RETRY).is_none());
    }
}
