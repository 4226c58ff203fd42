//! Streams of events as the simulated OpenAI sends them: a preview, and then a picture, an error, the
//! end, or nothing any more.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::machine::State;
use super::providers::{answer, png, reset};
use crate::net::HttpResponse;

/// The number that is on every preview, and on no picture.
pub(super) const PREVIEW: u32 = 0xff_ffff;

/// The event of a finished picture, of so many tokens.
pub(super) fn completed(picture: &[u8], tokens: u64) -> Value {
    json!({
        "type": "image_generation.completed", "b64_json": STANDARD.encode(picture),
        "usage": { "input_tokens": 9, "output_tokens": tokens },
    })
}

/// The event of an error, as one or the other server writes it.
pub(super) fn failed(code: &str, is_bare: bool) -> Value {
    match is_bare {
        true => json!({ "type": "error", "code": code, "message": "no" }),
        false => json!({ "error": { "code": code, "message": "no" } }),
    }
}

impl State {
    /// A stream of a preview and of this event; it may break behind that, or must.
    pub(super) fn stream(&mut self, event: Option<&Value>, breaks: bool) -> HttpResponse {
        let preview = json!({
            "type": "image_generation.partial_image", "partial_image_index": 0,
            "b64_json": STANDARD.encode(png(PREVIEW)),
        });
        let named = self.dice.one_in(2);
        let write = |event: &Value| {
            let name = event["type"].as_str().filter(|_| named).unwrap_or_default();
            let name = if name.is_empty() { String::new() } else { format!("event: {name}\n") };
            format!("{name}data: {event}\n\n")
        };
        let events = [Some(&preview), event].into_iter().flatten().map(write);
        let mut text = format!(": it's \"alive\n\n{}", events.collect::<String>());
        if self.dice.one_in(3) {
            text = text.replace('\n', "\r\n");
        }
        let does_break = breaks || (event.is_some() && self.dice.one_in(4));
        let torn = if breaks { self.dice.below(text.len() as u64 / 2) as usize } else { 0 };
        text.truncate(text.len() - torn);
        let mut answer = answer(200, text.into_bytes());
        answer.headers.push(("content-type".to_owned(), "text/event-stream".to_owned()));
        answer.cut = does_break.then(|| Box::new(reset()));
        answer
    }
}
