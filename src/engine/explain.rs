//! What a failure needs beside its words: who said it, whose key or money it is about, and where the
//! address comes from.
//!
//! A remedy is named only for what was refused: another key does not fill an account, and a key that
//! a gateway uses for its own provider is not the user's.

use std::sync::Arc;

use super::Route;
use crate::catalog::SentInput;
use crate::dialect::{Call, request_id};
use crate::error::{Answered, CUT_WHILE_SENDING, Error, Kind, Reserved, Topic};
use crate::net::HttpResponse;
use crate::request::Role;
use crate::secret::redact;
use crate::settings::Origin;
use crate::settings::address::Address;
use crate::text;

/// Who has answered a call, and how the answer is called there.
pub(super) fn answered(route: &Route, call: &Call, answer: &HttpResponse) -> Answered {
    let id = request_id(&answer.headers);
    Answered {
        status: answer.status,
        host: route.address(&call.target).map(host).unwrap_or_default(),
        request_id: id.map(|id| redact(&text::clean(id, 200), &route.secrets())),
    }
}

/// The host of an address, with its port where it has one.
fn host(address: &Address) -> String {
    let host = address.url.host_str().unwrap_or_default();
    address.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A failed answer, with who said it and with the remedies that fit it.
pub(super) fn explained(
    route: &Route,
    call: &Call,
    answered: &Arc<Answered>,
    mut error: Error,
) -> Error {
    error.answered = Some(Arc::clone(answered));
    let address = route.address(&call.target);
    if error.kind == Kind::Account {
        let remedies = account(route, address, &answered.host, &mut error);
        error.hints.extend(remedies);
    }
    if error.topic == Some(Topic::Address) {
        error.hints.extend(address.map(|address| from(route, address)));
    }
    let is_about_address = matches!(error.kind, Kind::Account | Kind::Permission)
        || error.kind == Kind::MissingModel
        || error.topic == Some(Topic::Address);
    if is_about_address {
        error.hints.extend(route.endpoints.unread.clone());
    }
    if matches!(error.kind, Kind::Server | Kind::NoRunner) && route.provider.failures_are_free {
        error.reserved = Some(Reserved::Released);
    }
    of_pictures(&route.order.inputs, &mut error);
    error
}

/// What is to be said where pictures were sent: which of them is refused, and that a refusal may mean
/// them.
fn of_pictures(inputs: &[SentInput], error: &mut Error) {
    if inputs.is_empty() {
        return;
    }
    if error.kind == Kind::Content {
        for hint in &mut error.hints {
            *hint = hint.replace("change the prompt;", "change the prompt or the pictures;");
        }
    }
    let name = |(input, what): (&SentInput, String)| {
        let path = input.path.as_ref()?.display().to_string();
        Some(format!("{what} is `{}`", text::clean(&path, 200)))
    };
    if error.kind == Kind::Rejected
        && let Some(at) = picture_in(&error.message)
        && let names = Role::names(inputs.iter().map(|input| input.role))
        && let Some(told) = inputs.iter().zip(names).nth(at).and_then(name)
    {
        error.hints.insert(0, told);
    }
}

/// The picture that a provider's words mean, counted from zero: they write `image[1]`, or `image 2` for
/// the same (API reference and messages of OpenAI's edits, November 2026).
fn picture_in(message: &str) -> Option<usize> {
    let number = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text[..end].parse::<usize>().ok()
    };
    let behind = |start: &str| message.split_once(start).and_then(|(_, rest)| number(rest));
    let from_one = || behind("image ").and_then(|number| number.checked_sub(1));
    behind("image[").or_else(from_one)
}

/// A failure of a call that nobody has answered.
pub(super) fn unreached(route: &Route, call: &Call, mut error: Error) -> Error {
    // What broke off half-way was where it belongs.
    if error.kind == Kind::NotSent && error.code != CUT_WHILE_SENDING {
        // Somebody's own address may be mistyped, or the server behind it is not running.
        let own = route.address(&call.target).filter(|address| address.origin != Origin::Default);
        error.hints.extend(own.map(|address| from(route, address)));
        error.hints.extend(route.endpoints.unread.clone());
    }
    error
}

/// Whose key or money it is about, and what helps.
fn account(route: &Route, address: Option<&Address>, host: &str, error: &mut Error) -> Vec<String> {
    let is_official = address.is_some_and(|address| address.official);
    match error.topic {
        Some(Topic::KeyBehind) => {
            return vec![format!(
                "the key that {host} itself uses for its provider is refused, not yours: it is set there"
            )];
        }
        Some(Topic::Gateway) if route.endpoints.gateway_token().is_some() => {
            let token = route.endpoints.gateway_token().unwrap_or_default();
            error.message =
                format!("{} (the gateway's token from {token})", text::clause(&error.message));
            return vec![format!("the gateway's token comes from {token}")];
        }
        _ => {}
    }
    let Some(key) = &route.key else { return Vec::new() };
    error.message = format!("{} (key from {})", text::clause(&error.message), key.source);
    let elsewhere = address.filter(|_| !is_official).map(|address| from(route, address));
    let own = match error.topic {
        Some(Topic::Key | Topic::Gateway) => Some(key.remedy.clone()),
        Some(Topic::Day) => Some("the quota comes back with the next day".to_owned()),
        // The account is the matter, and the key is fine; a dialect may have said where it is paid.
        _ if error.hints.is_empty() => {
            route.provider.dashboard.as_ref().map(|page| format!("usage and billing: {page}"))
        }
        _ => None,
    };
    own.into_iter().chain(elsewhere).collect()
}

/// The base URL in use, and who set it.
fn from(route: &Route, address: &Address) -> String {
    let url = address.url.as_str().trim_end_matches('/');
    match &address.origin {
        Origin::Default if address.official => {
            format!("the base URL `{url}` is that of {} itself", route.provider.id)
        }
        Origin::Default => format!("the base URL is `{url}`: `pinx providers` shows it"),
        origin => {
            format!("the base URL `{url}` comes from {}: is that the right place?", origin.place())
        }
    }
}

/// Whether the request was refused by something that is not the provider's API: so it is for every job.
pub(super) fn is_wrong_address(error: &Error) -> bool {
    error.kind == Kind::Rejected && error.topic == Some(Topic::Address)
}
