//! Reading a reply: the dialect's step, turned into owned data, and errors made safe to show.
//!
//! Blocking: base64 is decoded here, so it runs on the blocking pool.

use serde_json::{Value, json};

use super::Route;
use super::deliver::{Digest, Raw};
use crate::catalog::Order;
use crate::dialect::{Call, Dialect, Reply, Stage, Then, retry_after};
use crate::error::{Error, Kind, Result};
use crate::net::Answer;
use crate::secret::redact;

/// Reads a reply and takes what is needed out of the body.
pub(super) fn digest(
    dialect: &dyn Dialect,
    order: &Order,
    stage: Stage,
    memo: &Value,
    answer: &Answer,
) -> Result<Digest> {
    let bytes = answer.body.bytes().map_err(|error| {
        Error::new(Kind::Local, format!("the answer cannot be read back: {error}"))
    })?;
    let reply =
        Reply { stage, status: answer.status, headers: &answer.headers, body: &bytes, memo };
    let step = dialect.read(order, &reply).map_err(|mut error| {
        error.retry_after = error.retry_after.or(retry_after(&reply, jiff::Timestamp::now()));
        // The header may forbid a repeat, never allow one.
        if reply.header("x-should-retry") == Some("false") && error.kind.tries_again() {
            error.reserved = Some(error.reserved());
            error.kind = Kind::NoRunner;
        }
        error
    })?;
    let mut digest = Digest { progress: step.progress, ..Digest::default() };
    if let Then::Send(call) = step.then {
        digest.next = Some(*call);
    }
    if let Some(gave) = step.gave {
        digest.usage = gave.usage;
        digest.units = gave.units;
        digest.cost = gave.cost;
        digest.seed = gave.seed;
        digest.revised_prompt = gave.revised_prompt;
        digest.request_id = gave.request_id;
        let (good, bad): (Vec<_>, Vec<_>) =
            gave.pixels.into_iter().map(Raw::decode).partition(Result::is_ok);
        digest.raws = good.into_iter().flatten().collect();
        // One bad image of several does not take the good ones with it.
        if let (true, Some(Err(error))) = (digest.raws.is_empty(), bad.into_iter().next()) {
            return Err(error);
        }
    }
    Ok(digest)
}

/// What a gateway says of itself in a response's headers.
pub(super) fn note_gateway(route: &Route, answer: &Answer, gateway: &mut Value) {
    for (header, name) in [
        ("cf-aig-log-id", "log_id"),
        ("cf-aig-cache-status", "cache_status"),
        ("cf-aig-step", "step"),
    ] {
        if let Some((_, value)) = answer.headers.iter().find(|(key, _)| key == header) {
            if gateway.is_null() {
                *gateway = json!({});
            }
            gateway[name] = json!(redacted(route, &crate::text::clean(value, 120)));
        }
    }
}

/// Text without the key in it.
pub(super) fn redacted(route: &Route, text: &str) -> String {
    redact(text, route.key.iter().map(|key| &key.secret))
}

/// Does a text hold the key?
pub(super) fn holds_key(route: &Route, text: &str) -> bool {
    route.key.iter().any(|key| text.contains(key.secret.expose()))
}

/// What an answer gave, without the key in it. A provider that repeats the key where an id belongs
/// gave no id that could be written down.
///
/// # Errors
/// What comes next cannot be said without the key.
pub(super) fn quiet(route: &Route, mut digest: Digest) -> Result<Digest> {
    for text in [&mut digest.request_id, &mut digest.revised_prompt].into_iter().flatten() {
        *text = redacted(route, text);
    }
    if digest.next.as_ref().is_some_and(|call| !is_keyless(route, call)) {
        let what = "the answer repeats the key where an id belongs; the job may be running";
        return Err(Error::new(Kind::Ambiguous, what));
    }
    Ok(digest)
}

/// May a call be written down?
pub(super) fn is_keyless(route: &Route, call: &Call) -> bool {
    serde_json::to_string(call).is_ok_and(|text| !holds_key(route, &text))
}

/// An error without the key in it.
pub(super) fn safe(route: &Route, mut error: Error) -> Error {
    error.message = redacted(route, &error.message);
    error.code = redacted(route, &error.code);
    if error.kind == Kind::Account
        && let Some(key) = &route.key
    {
        error.message = format!("{} (key from {})", error.message, key.source);
        let spent = ["quota", "billing", "limit", "balance", "credit", "locked"];
        let words = format!("{} {}", error.code, error.message).to_ascii_lowercase();
        let is_spent = spent.iter().any(|word| words.contains(word));
        error.hints.push(match (&route.provider.dashboard, key.source.as_str()) {
            (Some(page), _) if is_spent => format!("usage and billing: {page}"),
            (_, variable) if route.provider.key_env.iter().any(|name| name == variable) => {
                format!("set another key in {variable}")
            }
            _ => format!("`pinx keys set {}` stores another key", route.provider.id),
        });
    }
    if error.kind == Kind::Ambiguous {
        error.hints.push(
            "it may have been billed: look with `pinx recover` before running it again".to_owned(),
        );
    }
    error
}
