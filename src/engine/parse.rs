//! Reading a reply: the dialect's step, turned into owned data, and errors made safe to show.
//!
//! Blocking, since a raw file may be read: it runs on the blocking pool.

use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use super::cpu_pool;
use super::image_source::ImageSource;
use super::outcome::ParsedReply;
use super::stream;
use super::{Route, Run};
use crate::catalog::{Order, gateway};
use crate::dialect::{Call, Dialect, EndpointKind, Reply, Stage, retry_after, stream_ended};
use crate::error::{Error, Kind, Result, TOO_LARGE, UNREADABLE};
use crate::net::{Body, HttpRequest, HttpResponse, meant};
use crate::secret::{holds, redact};
use crate::text;

impl Run {
    /// Lets the dialect read a reply, on the blocking pool.
    pub(super) async fn parse(
        &self,
        route: &Route,
        order: &Arc<Order>,
        call: &Call,
        answer: &Arc<HttpResponse>,
    ) -> Result<ParsedReply> {
        let (dialect, order, answer) = (route.dialect, Arc::clone(order), Arc::clone(answer));
        let (stage, memo) = (call.stage, call.memo.clone());
        let endpoint = route.endpoint_kind(&call.target);
        let lost = if stage == Stage::Submit { Kind::Unusable } else { Kind::Internal };
        let work = move || parse(dialect, &order, (stage, endpoint), &memo, &answer);
        match cpu_pool::run(work).await {
            Ok(Ok(parsed)) => {
                let mut parsed = harmless(route, parsed)?;
                self.resolve_links(route, call, &mut parsed);
                Ok(parsed)
            }
            Ok(Err(error)) => Err(safe(route, error)),
            Err(_) => Err(Error::new(lost, "the answer could not be read")),
        }
    }

    /// Reads the links of an answer against the address that gave it.
    pub(super) fn resolve_links(&self, route: &Route, call: &Call, parsed: &mut ParsedReply) {
        if !parsed.has_links() {
            return;
        }
        let Ok(HttpRequest { url, .. }) = route.authorize(call, &self.settings) else { return };
        for raw in &mut parsed.raws {
            if let ImageSource::Link(links) = raw {
                *links = links.iter().flat_map(|link| meant(link, &url)).collect();
            }
        }
    }
}

/// Reads a reply and takes what is needed out of the body.
fn parse(
    dialect: &dyn Dialect,
    order: &Order,
    (stage, endpoint): (Stage, EndpointKind),
    memo: &Value,
    answer: &Arc<HttpResponse>,
) -> Result<ParsedReply> {
    let bytes = answer.body.outline().map_err(|error| unread(&answer.body, &error))?;
    let reply = Reply {
        stage,
        endpoint,
        status: answer.status,
        headers: &answer.headers,
        body: &bytes,
        memo,
    };
    let classed = |mut error: Error| {
        error.retry_after = error.retry_after.or(retry_after(&reply, crate::clock::now()));
        // The header may forbid a repeat, never allow one.
        if reply.header("x-should-retry") == Some("false") && error.kind.tries_again() {
            error.reserved = Some(error.reserved());
            error.kind = Kind::NoRunner;
        }
        error
    };
    let is_stream = stream::is_stream(dialect, stage, answer);
    if is_stream && let Some(read) = stream::read(dialect, order, (stage, endpoint), memo, answer) {
        return read.map_err(classed);
    }
    match dialect.read(order, &reply) {
        Ok(step) => ParsedReply::taken(step, answer),
        Err(error) if is_stream && error.kind == Kind::Unusable => Err(stream_ended()),
        Err(error) => Err(classed(error)),
    }
}

/// Why an answer that came cannot be read.
fn unread(body: &Body, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::FileTooLarge {
        let size = text::size(body.len());
        let what = format!("the answer has {size}, and more than an image stands in it");
        return Error::new(Kind::Unusable, what).code(TOO_LARGE);
    }
    Error::new(Kind::Local, format!("the answer cannot be read back: {error}")).code(UNREADABLE)
}

/// What is kept of a reply in the document and in the log, without the key in it.
///
/// # Errors
/// The key stands where an id belongs, so that what comes next could not be written down.
pub(super) fn harmless(route: &Route, mut parsed: ParsedReply) -> Result<ParsedReply> {
    let secrets = route.secrets();
    for text in [&mut parsed.revised_prompt, &mut parsed.request_id].into_iter().flatten() {
        *text = redact(text, &secrets);
    }
    if parsed.next.as_ref().is_some_and(|call| !is_harmless(route, call)) {
        let what = "the answer repeats the key where an id belongs; the job may be running";
        return Err(Error::new(Kind::Ambiguous, what));
    }
    Ok(parsed)
}

/// What a gateway says of itself in a response's headers.
pub(super) fn note_gateway(route: &Route, answer: &HttpResponse, said: &mut Value) {
    for (name, value) in gateway::notes(&answer.headers) {
        if said.is_null() {
            *said = json!({});
        }
        said[name] = json!(redact(&text::clean(value, 120), &route.secrets()));
    }
}

/// Whether a text holds what the requests of a route carry in secret.
pub(super) fn holds_secret(route: &Route, text: &str) -> bool {
    route.secrets().iter().any(|secret| holds(text, secret))
}

/// Whether a call may be written down.
pub(super) fn is_harmless(route: &Route, call: &Call) -> bool {
    serde_json::to_string(call).is_ok_and(|text| !holds_secret(route, &text))
}

/// An error without the key in it.
pub(super) fn safe(route: &Route, mut error: Error) -> Error {
    let secrets = route.secrets();
    error.message = redact(&error.message, &secrets);
    error.code = redact(&error.code, &secrets);
    error
}
