//! Streams of OpenAI's image API: previews of a picture while it is made, and then the picture.
//!
//! Pure. Only an event that says `completed` ends a stream well. What an error means depends on whether
//! anything had been shown before it: a preview proves that tokens were spent. Source: OpenAI's own
//! document of 2026-08-21 (ImageGenStreamEvent, ImageEditStreamEvent) and openai 3.54.0 (PyPI).

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{request_id, usage_of};
use crate::catalog::Order;
use crate::dialect::failure::Failure;
use crate::dialect::provider_error::ProviderError;
use crate::dialect::reply::pixels_of;
use crate::dialect::salvage::is_partial;
use crate::dialect::{Reply, Step, Yield, unusable};
use crate::error::{Error, Kind, Result};
use crate::json::large_tree;

/// Reads an event of a stream of which so many previews came before.
///
/// # Errors
/// It tells of a failure, or the finished event holds no picture.
pub(super) fn read(
    order: &Order,
    reply: &Reply<'_>,
    name: &str,
    shown: u64,
) -> Result<Step<'static>> {
    let data = large_tree(reply.body).filter(Value::is_object);
    let Some(data) = data else {
        return if name == "error" {
            Err(failure(order, reply, shown))
        } else {
            Ok(Step::more(None))
        };
    };
    let text = |key: &str| data.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let kind = text("type").unwrap_or_default();
    let says = |word: &str| [name, kind].iter().any(|said| said.rsplit('.').next() == Some(word));
    let has_failed = data.get("error").is_some_and(|error| !error.is_null());
    if has_failed || says("error") || says("failed") {
        return Err(failure(order, reply, shown));
    }
    let is_preview =
        is_partial(name) || is_partial(kind) || data.get("partial_image_index").is_some();
    if !is_preview && !says("completed") {
        return Ok(Step::more(None));
    }
    let owned = |text: &str| Cow::Owned(text.to_owned());
    let pixels = match (text("b64_json"), text("url")) {
        (Some(text), _) => Some(pixels_of(owned(text), false)),
        (None, link) => link.map(|link| pixels_of(owned(link), true)),
    };
    let (usage, cost) = usage_of(data.get("usage").cloned().unwrap_or_default());
    let gave = Yield {
        pixels: pixels.into_iter().collect(),
        usage,
        cost,
        request_id: request_id(reply),
        ..Yield::default()
    };
    // Other interfaces end their streams with the same word, and hold pictures elsewhere.
    let is_own = [name, kind].iter().any(|said| said.starts_with("image_"));
    match gave.pixels.is_empty() {
        _ if is_preview => Ok(Step::more(Some(gave))),
        true if is_own => Err(unusable("the finished event of the stream holds no image")),
        true => Ok(Step::more(None)),
        false => Ok(Step::done(gave)),
    }
}

/// The class of an event that tells of a failure.
fn failure(order: &Order, reply: &Reply<'_>, shown: u64) -> Error {
    let error = Failure::in_stream(ProviderError::read(reply), reply, order, shown > 0);
    let mut error = error.error(reply);
    if error.kind == Kind::Unusable {
        error.message = format!("the stream ended with an error: {}", error.message);
    }
    error
}

/// Asks for so many previews, in the body of a request.
pub(super) fn ask(body: &mut Value, previews: u8) {
    if previews > 0 {
        body["stream"] = json!(true);
        body["partial_images"] = json!(previews);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Then;

    fn event(name: &str, data: &str, shown: u64) -> Result<Step<'static>> {
        read(&Order::default(), &Reply::to_submit(200, data), name, shown)
    }

    #[test]
    fn the_documented_events_are_read() {
        let beside = r#""created_at":1795300001,"size":"1024x1024","quality":"high",
            "background":"opaque","output_format":"png""#;
        for of in ["image_generation", "image_edit"] {
            let partial = format!(
                r#"{{"type":"{of}.partial_image","b64_json":"QUJD","partial_image_index":0,{beside}}}"#
            );
            let completed = format!(
                r#"{{"type":"{of}.completed","b64_json":"QUJD",{beside},"usage":{{"input_tokens":13,
                "output_tokens":1856,"total_tokens":1869,"input_tokens_details":{{"text_tokens":9,
                "image_tokens":4}}}}}}"#
            );
            for name in [format!("{of}.partial_image"), String::new()] {
                let step = event(&name, &partial, 0).unwrap();
                assert!(matches!(step.then, Then::More));
                assert_eq!(step.gave.unwrap().pixels.len(), 1);
            }
            for name in [format!("{of}.completed"), String::new()] {
                let step = event(&name, &completed, 0).unwrap();
                assert!(matches!(step.then, Then::Done));
                let gave = step.gave.unwrap();
                let usage = gave.usage.unwrap();
                assert_eq!((usage.text_in, usage.image_in, usage.image_out), (9, 4, 1856));
            }
        }
    }

    #[test]
    fn what_is_unknown_says_nothing() {
        for (name, data) in [
            ("ping", "{}"),
            ("", "[DONE]"),
            ("", "[1]"),
            ("keepalive", r#"{"error":null}"#),
            ("response.completed", r#"{"response":{"output":[]}}"#),
            ("", r#"{"data":[{"b64_json":"QUJD"}]}"#),
        ] {
            let step = event(name, data, 1).unwrap();
            assert!(matches!(step.then, Then::More) && step.gave.is_none(), "{name} {data}");
        }
    }

    #[test]
    fn of_what_is_begun_nothing_is_repeated() {
        let kind = |data: &str, shown| event("error", data, shown).unwrap_err().kind;
        for (data, before) in [
            (r#"{"error":{"code":"server_error","message":"x"}}"#, Kind::Unusable),
            (r#"{"error":{"code":"rate_limit_exceeded","message":"x"}}"#, Kind::Busy),
            (r#"{"error":{"message":"Rate limit reached"}}"#, Kind::Unusable),
            (r#"{"type":"error","code":"insufficient_quota","message":"x"}"#, Kind::Account),
            (
                r#"{"error":{"code":"rate_limit_exceeded"},"usage":{"total_tokens":9}}"#,
                Kind::Unusable,
            ),
            ("it broke", Kind::Unusable),
        ] {
            assert_eq!((kind(data, 0), kind(data, 1)), (before, Kind::Unusable), "{data}");
        }
        let refused = r#"{"error":{"code":"moderation_blocked","message":"x"}}"#;
        assert_eq!((kind(refused, 0), kind(refused, 1)), (Kind::Content, Kind::Content));
    }
}
