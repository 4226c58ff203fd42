//! What dialects share when they read a reply: waits and base64.
//!
//! Lenient: every field may be missing, null or of another type.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

use super::{Pixels, Reply};
use crate::catalog::gateway::{self, Headers};

/// Headers with a provider's id of a request, the commonest first.
const REQUEST_IDS: [&str; 3] = ["x-request-id", "request-id", "x-fal-request-id"];

/// The id of a request that support asks for: the provider's own before that of what stands in between.
pub fn request_id(headers: &Headers) -> Option<&str> {
    let own = REQUEST_IDS.iter().find_map(|name| gateway::value(headers, name));
    own.or_else(|| gateway::request_id(headers))
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
    let leads = ["try again in ", "Try again in ", "retry in ", "resets in ~"];
    let fields =
        ["retryDelay\":\"", "retryDelay\": \"", "retryDelay\\\":\\\"", "retryDelay\\\": \\\""];
    for lead in leads.into_iter().chain(fields) {
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

/// Reads `12s`, `1.5s`, `467ms`, `6m0s`, `60 seconds` at the start of a text.
pub fn spoken_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0;
    let mut any = false;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let Ok(number) = number.trim_end_matches('.').parse::<f64>() else { break };
        let (factor, unit) = match tail {
            tail if tail.starts_with(" second") => (1.0, 7),
            tail if tail.starts_with(" minute") => (60.0, 7),
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

/// An image that stands where a link or base64 belongs, in whichever of the two forms it is.
pub(super) fn pixels_of(text: Cow<'_, str>, is_link: bool) -> Pixels<'_> {
    let is_web = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
    let is_data = text.starts_with("data:");
    if is_web || (is_link && !is_data && !announces_image(&text)) {
        Pixels::Link(text.into_owned())
    } else {
        Pixels::Base64(base64_text(text))
    }
}

/// Whether base64 text begins like an image.
pub(super) fn announces_image(text: &str) -> bool {
    const HEAD: usize = 24;
    let letters = text.bytes().take(4 * HEAD).take_while(|byte| *byte != 0);
    let mut head: Vec<u8> = letters.filter(|byte| !byte.is_ascii_whitespace()).take(HEAD).collect();
    head.truncate(head.len() / 4 * 4);
    let mut bytes = Vec::with_capacity(HEAD);
    let Ok(head) = String::from_utf8(head) else { return false };
    let add = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    if decode_base64(&head, add).is_err() {
        return false;
    }
    is_image(&bytes)
}

/// Whether bytes begin like an image.
pub(super) fn is_image(bytes: &[u8]) -> bool {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] | [b'G', b'I', b'F', b'8', ..] => {
            true
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => true,
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', ..] => true,
        bytes => bytes.starts_with(b"<svg") || bytes.starts_with(b"<?xml"),
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

    use serde_json::Value;

    use super::*;
    use crate::dialect::{EndpointKind, Stage};

    fn reply<'r>(headers: &'r [(String, String)], body: &'r str) -> Reply<'r> {
        Reply {
            stage: Stage::Submit,
            endpoint: EndpointKind::Official,
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
        assert_eq!(wait(&[], "No deployments available, Try again in 60 seconds."), Some(60_000));
        assert_eq!(
            wait(&[], r#"{"m":"GeminiException - {\"retryDelay\": \"36s\"}"}"#),
            Some(36_000)
        );
        let reset = [("x-ratelimit-remaining-images", "0"), ("x-ratelimit-reset-images", "6m0s")];
        assert_eq!(wait(&reset, "{}"), Some(360_000));
        assert_eq!(wait(&[], "no idea"), None);
        for long in ["10000000000000000000", "1e300", "inf"] {
            assert_eq!(wait(&[("retry-after", long)], ""), Some(2_592_000_000), "{long}");
        }
        let cut = format!("try again in 7s{}", "é".repeat(8192));
        assert_eq!(wait(&[], &cut), Some(7000), "the part that is searched ends inside a letter");
    }

    proptest! {
        #[test]
        fn base64_in_pieces_gives_the_bytes_back(bytes in prop::collection::vec(any::<u8>(), 0..120_000)) {
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
