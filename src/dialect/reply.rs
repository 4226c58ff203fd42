//! What dialects share when they read a reply: JSON errors, waits, base64.
//!
//! Lenient: every field may be missing, null or of another type. Text that came from outside is
//! cleaned here, before it can reach a message.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use serde_json::Value;

use super::Reply;
use crate::json::tree;
use crate::text;

/// Longest message that is taken over from a provider, in characters.
const MESSAGE: usize = 400;

/// A provider's error, whatever its envelope.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Complaint {
    pub(super) code: String,
    pub(super) kind: String,
    pub(super) param: String,
    pub(super) message: String,
    /// True when the body was the provider's own JSON, not an intermediary's page.
    pub(super) enveloped: bool,
}

impl Complaint {
    /// Reads `{"error":{…}}`, `{"error":"…"}`, `{"detail":…}`, `{"message":…}` and plain text.
    pub(super) fn read(reply: &Reply<'_>) -> Complaint {
        match tree(reply.body) {
            Some(body) => Complaint::of(&body),
            None => Complaint::default(),
        }
    }

    /// The same of a body that was read already.
    pub(super) fn of(body: &Value) -> Complaint {
        let mut complaint = Complaint { enveloped: true, ..Complaint::default() };
        let word = |value: &Value, key: &str| match value.get(key) {
            Some(Value::String(text)) => text::clean(text, MESSAGE),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        match body.get("error") {
            Some(error @ Value::Object(_)) => {
                complaint.code = word(error, "code");
                complaint.kind = word(error, "type");
                complaint.param = word(error, "param");
                complaint.message = word(error, "message");
                // Azure hides a refusal under a general code.
                if let Some(inner) = error.get("inner_error").map(|inner| word(inner, "code"))
                    && !inner.is_empty()
                {
                    complaint.code = inner;
                }
            }
            Some(Value::String(text)) => {
                complaint.message = text::clean(text, MESSAGE);
                complaint.code = word(body, "code");
            }
            _ => complaint.read_detail(body),
        }
        if complaint.message.is_empty() {
            complaint.message = word(body, "message");
        }
        // A bare `message` is what intermediaries write; it is shown, but it is no envelope.
        complaint.enveloped = ["error", "detail", "error_type"]
            .iter()
            .any(|member| body.get(*member).is_some_and(|value| !value.is_null()));
        complaint
    }

    /// FastAPI's `detail`: a string, a list of located messages, or an object.
    fn read_detail(&mut self, body: &Value) {
        let clean = |value: &Value| value.as_str().map(|text| text::clean(text, MESSAGE));
        self.kind = body.get("error_type").and_then(clean).unwrap_or_default();
        match body.get("detail") {
            Some(Value::String(text)) => self.message = text::clean(text, MESSAGE),
            Some(Value::Array(items)) => {
                let lines = items.iter().take(4).map(|item| {
                    let place = item.get("loc").and_then(Value::as_array).map(|loc| {
                        let words = loc.iter().filter(|word| word.as_str() != Some("body"));
                        words
                            .map(|w| w.as_str().map_or_else(|| w.to_string(), str::to_owned))
                            .collect::<Vec<_>>()
                    });
                    let place = text::clean(&place.unwrap_or_default().join("."), 80);
                    let message = item.get("msg").and_then(clean).unwrap_or_default();
                    if place.is_empty() { message } else { format!("{place}: {message}") }
                });
                self.message = lines.collect::<Vec<_>>().join("; ");
                if let Some(first) = items.first() {
                    self.code = first.get("type").and_then(clean).unwrap_or_default();
                    self.param = first
                        .get("loc")
                        .and_then(Value::as_array)
                        .and_then(|loc| loc.last())
                        .and_then(clean)
                        .unwrap_or_default();
                }
            }
            Some(detail @ Value::Object(_)) => {
                let inner = detail.get("error").or_else(|| detail.get("message"));
                self.message = inner.and_then(clean).unwrap_or_default();
            }
            _ => {}
        }
    }

    /// The message, or words for an answer that had none.
    pub(super) fn words(&self, status: u16) -> String {
        if self.message.is_empty() { format!("HTTP {status}") } else { self.message.clone() }
    }
}

/// How long the provider asked to wait: `retry-after-ms`, `retry-after` (seconds or date), its
/// sentence (`try again in 12s`), then the reset headers. `now` is the time of reading, which the
/// caller passes because this module has no clock.
pub fn retry_after(reply: &Reply<'_>, now: jiff::Timestamp) -> Option<Duration> {
    asked_wait(reply, now).map(|wait| wait.min(LONGEST_WAIT))
}

/// Beyond a month a wait is nonsense, and arithmetic on instants must not overflow.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 86_400);

/// A wait in seconds. One too long for the clock is still a wait, not none.
fn seconds(seconds: f64) -> Option<Duration> {
    if seconds >= LONGEST_WAIT.as_secs_f64() {
        return Some(LONGEST_WAIT);
    }
    Duration::try_from_secs_f64(seconds).ok()
}

fn asked_wait(reply: &Reply<'_>, now: jiff::Timestamp) -> Option<Duration> {
    let number = |name: &str| reply.header(name).and_then(|value| value.trim().parse::<f64>().ok());
    if let Some(ms) = number("retry-after-ms") {
        return seconds(ms / 1000.0);
    }
    if let Some(value) = reply.header("retry-after") {
        if let Ok(number) = value.trim().parse::<f64>() {
            return seconds(number);
        }
        if let Ok(date) = jiff::fmt::rfc2822::parse(value.trim()) {
            let wait = date.timestamp().duration_since(now);
            return Some(Duration::try_from(wait).unwrap_or_default());
        }
    }
    if !matches!(reply.status, 429 | 503 | 529) {
        return None;
    }
    // The cut may lie inside a character.
    let text = String::from_utf8_lossy(&reply.body[..reply.body.len().min(8192)]);
    for lead in ["try again in ", "resets in ~", "retryDelay\":\"", "retryDelay\": \""] {
        if let Some(wait) = text.split(lead).nth(1).and_then(spoken_duration) {
            return Some(wait);
        }
    }
    ["requests", "images", "tokens"]
        .iter()
        .filter(|what| reply.header(&format!("x-ratelimit-remaining-{what}")) == Some("0"))
        .filter_map(|what| reply.header(&format!("x-ratelimit-reset-{what}")))
        .filter_map(spoken_duration)
        .max()
}

/// Reads `12s`, `1.5s`, `467ms`, `6m0s` at the start of a text.
pub fn spoken_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0;
    let mut any = false;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let Ok(number) = number.trim_end_matches('.').parse::<f64>() else { break };
        let (factor, unit) = match tail {
            tail if tail.starts_with("ms") => (0.001, 2),
            tail if tail.starts_with('m') => (60.0, 1),
            tail if tail.starts_with('h') => (3600.0, 1),
            tail if tail.starts_with('s') => (1.0, 1),
            _ => break,
        };
        total += number * factor;
        any = true;
        rest = &tail[unit..];
    }
    any.then(|| seconds(total)).flatten()
}

/// The base64 text of an image: a data URL's prefix goes, the rest is not looked at.
pub(super) fn base64_text(text: Cow<'_, str>) -> Cow<'_, str> {
    let prefix = match text.get(..5) {
        Some("data:") => text.find("base64,").map_or(0, |at| at + 7),
        _ => 0,
    };
    match (prefix, text) {
        (0, text) => text,
        (at, Cow::Borrowed(text)) => Cow::Borrowed(&text[at..]),
        (at, Cow::Owned(mut text)) => {
            text.drain(..at);
            Cow::Owned(text)
        }
    }
}

/// Characters of base64 that are decoded at once: a multiple of four.
const PIECE: usize = 64 * 1024;

/// Uses vector instructions where the machine has them.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Engine = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Engine = base64::engine::GeneralPurpose;

fn engine(config: GeneralPurposeConfig) -> Engine {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return Engine::standard(config);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return Engine::new(&base64::alphabet::STANDARD, config);
}

/// Decodes base64 that comes in pieces. Line breaks inside, URL-safe letters and missing padding are
/// accepted, because relays produce them.
pub struct Base64 {
    engine: Engine,
    /// Letters that are not decoded yet: fewer than four between two pieces.
    rest: Vec<u8>,
    out: Vec<u8>,
    /// Padding came: it is the end.
    ended: bool,
}

impl Base64 {
    /// Nothing has come yet.
    pub fn new() -> Base64 {
        const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        Base64 {
            engine: engine(LENIENT),
            rest: Vec::new(),
            out: vec![0; PIECE / 4 * 3 + 3],
            ended: false,
        }
    }

    /// Decodes a piece and hands on what is whole.
    ///
    /// # Errors
    /// The text is no base64 (`InvalidData`), or what `write` answers.
    pub fn push(
        &mut self,
        text: &[u8],
        mut write: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        for piece in text.chunks(PIECE) {
            // Nearly always it is plain; only what is not is looked at letter by letter.
            if self.rest.is_empty()
                && piece.len().is_multiple_of(4)
                && let Ok(length) = self.decoded(piece)
            {
                write(&self.out[..length])?;
                continue;
            }
            let letter = |b: &u8| match b {
                b'-' => b'+',
                b'_' => b'/',
                other => *other,
            };
            self.rest.extend(piece.iter().filter(|b| !b.is_ascii_whitespace()).map(letter));
            let mut letters = std::mem::take(&mut self.rest);
            self.rest = letters.split_off(letters.len() / 4 * 4);
            for whole in letters.chunks(PIECE) {
                self.decode(whole, &mut write)?;
            }
        }
        Ok(())
    }

    /// Decodes what is left.
    ///
    /// # Errors
    /// As [`Base64::push`].
    pub fn finish(
        mut self,
        mut write: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let rest = std::mem::take(&mut self.rest);
        self.decode(&rest, &mut write)
    }

    fn decode(
        &mut self,
        letters: &[u8],
        write: &mut impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        if letters.is_empty() {
            return Ok(());
        }
        let length = self.decoded(letters)?;
        write(&self.out[..length])
    }

    /// Decodes letters into `out`, and tells how many bytes they are.
    fn decoded(&mut self, letters: &[u8]) -> std::io::Result<usize> {
        let bad = || std::io::Error::new(std::io::ErrorKind::InvalidData, "not base64");
        // What goes on after padding is no base64, wherever a piece happens to end.
        if self.ended {
            return Err(bad());
        }
        let length = self.engine.decode_slice(letters, &mut self.out).map_err(|_| bad())?;
        self.ended = letters.ends_with(b"=");
        Ok(length)
    }
}

impl Default for Base64 {
    fn default() -> Self {
        Base64::new()
    }
}

/// Decodes base64 that is there as a whole, and hands it on in pieces.
///
/// # Errors
/// The text is no base64 (`InvalidData`), or what `write` answers.
pub fn decode_base64(
    text: &str,
    mut write: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut decoder = Base64::new();
    decoder.push(text.trim().as_bytes(), &mut write)?;
    decoder.finish(&mut write)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dialect::Stage;

    fn reply<'r>(headers: &'r [(String, String)], body: &'r str) -> Reply<'r> {
        Reply {
            stage: Stage::Submit,
            status: 429,
            headers,
            body: body.as_bytes(),
            memo: &Value::Null,
        }
    }

    fn wait(headers: &[(&str, &str)], body: &str) -> Option<u64> {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        retry_after(&reply(&headers, body), now).map(|wait| wait.as_millis() as u64)
    }

    #[test]
    fn waits_are_read_in_order_of_trust() {
        assert_eq!(wait(&[("retry-after-ms", "250"), ("retry-after", "9")], ""), Some(250));
        assert_eq!(wait(&[("retry-after", "2")], ""), Some(2000));
        assert_eq!(wait(&[("retry-after", "Mon, 23 Nov 2026 10:00:05 GMT")], ""), Some(5000));
        assert_eq!(wait(&[("retry-after", "Mon, 23 Nov 2026 09:00:00 GMT")], ""), Some(0));
        assert_eq!(wait(&[], "Limit 5, Used 5. Please try again in 12s."), Some(12_000));
        assert_eq!(wait(&[], "Please try again in 467ms"), Some(467));
        let reset = [("x-ratelimit-remaining-images", "0"), ("x-ratelimit-reset-images", "6m0s")];
        assert_eq!(wait(&reset, "{}"), Some(360_000));
        assert_eq!(wait(&[], "no idea"), None);
        for long in ["10000000000000000000", "1e300", "inf"] {
            assert_eq!(wait(&[("retry-after", long)], ""), Some(2_592_000_000), "{long}");
        }
        let cut = format!("try again in 7s{}", "é".repeat(8192));
        assert_eq!(wait(&[], &cut), Some(7000), "the part that is searched ends inside a letter");
    }

    #[test]
    fn complaints_of_every_shape_are_read() {
        for (body, code, message) in [
            (r#"{"error":{"message":"a","code":"c","type":"t"}}"#, "c", "a"),
            (r#"{"error":{"message":"a","code":402}}"#, "402", "a"),
            (r#"{"code":"x","error":"a"}"#, "x", "a"),
            (r#"{"detail":"a"}"#, "", "a"),
            (
                r#"{"detail":[{"loc":["body","prompt"],"msg":"bad","type":"missing"}]}"#,
                "missing",
                "prompt: bad",
            ),
            (r#"{"detail":{"error":"a"}}"#, "", "a"),
            (r#"{"message":"a\u001b[2J"}"#, "", "a[2J"),
        ] {
            let read = Complaint::read(&reply(&[], body));
            assert_eq!((read.code.as_str(), read.message.as_str()), (code, message), "{body}");
            assert_eq!(read.enveloped, !body.starts_with("{\"message"), "{body}");
        }
        assert!(!Complaint::read(&reply(&[], "<html>502</html>")).enveloped);
        assert!(!Complaint::read(&reply(&[], "{}")).enveloped);
    }

    proptest! {
        #[test]
        fn base64_in_pieces_gives_the_bytes_back(bytes in prop::collection::vec(any::<u8>(), 0..200_000)) {
            let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
            let mut out = Vec::new();
            decode_base64(&text, |piece| { out.extend_from_slice(piece); Ok(()) }).unwrap();
            prop_assert_eq!(out, bytes);
        }
    }

    #[test]
    fn relayed_base64_is_accepted_and_text_is_not() {
        let mut out = Vec::new();
        decode_base64(" aGVs\nbG8_\r\n", |piece| {
            out.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
        assert_eq!(out, b"hello?");
        assert!(decode_base64("not base64 at all!", |_| Ok(())).is_err());
        assert!(decode_base64("aGVs\tbG8", |_| Ok(())).is_ok());
        for front in [0, PIECE - 4] {
            let text = "A".repeat(front) + "QQ==QUJD";
            assert!(decode_base64(&text, |_| Ok(())).is_err(), "padding inside, after {front}");
        }
        assert_eq!(base64_text(Cow::Borrowed("data:image/png;base64,QUJD")), "QUJD");
    }
}
