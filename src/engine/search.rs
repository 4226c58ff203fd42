//! Looking through an answer for what its dialect does not promise: an image by its signature, base64 and
//! links wherever they stand.
//!
//! Blocking, and pure but for an answer that lies on the disk. A torn image is never completed.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::image_source::ImageSource;
use super::stream::is_stream;
use crate::catalog::Order;
use crate::dialect::{
    Dialect, EndpointKind, Find, Group, Pixels, Reply, Stage, Yield, salvage, salvage_events,
};
use crate::error::Error;
use crate::json::StreamEvent;
use crate::net::{Body, HttpResponse};
use crate::store::{Source as _, sniff};
use crate::text;

/// Bytes in which the beginning of an image is looked for.
const HEAD: u64 = 4096;
/// A data URL with fewer letters of base64 than this holds no image.
const SHORTEST: u64 = 64;
/// Bytes of the outlines of events that are looked through.
const LONGEST: usize = 64 << 20;
/// Data URLs of one text that are read.
const MOST: usize = 100;

/// What was found.
#[derive(Default)]
pub(super) struct SearchResult {
    pub(super) frame: &'static str,
    /// Images that are tried together, and where the first of them stood.
    pub(super) groups: Vec<(Vec<ImageSource>, String)>,
    pub(super) gave: Yield<'static>,
    pub(super) error: Option<Error>,
}

/// Blocking. Nothing where the answer cannot be read back.
pub(super) fn find(
    dialect: &dyn Dialect,
    order: &Order,
    (stage, endpoint): (Stage, EndpointKind),
    memo: &Value,
    answer: &Arc<HttpResponse>,
) -> Option<SearchResult> {
    if let Some(image) = image_itself(&answer.body) {
        let groups = vec![(vec![ImageSource::Slice(Arc::clone(answer), image)], String::new())];
        return Some(SearchResult { frame: "the image itself", groups, ..SearchResult::default() });
    }
    let outline = answer.body.outline().ok()?;
    let reply = Reply {
        stage,
        endpoint,
        status: answer.status,
        headers: &answer.headers,
        body: &outline,
        memo,
    };
    let is_stream = is_stream(dialect, stage, answer);
    let events = if is_stream { events_of(&answer.body) } else { Vec::new() };
    let salvage = match events.as_slice() {
        [] => salvage(dialect, order, &reply),
        events => salvage_events(dialect, order, &reply, events),
    };
    let sent: HashSet<String> = order.inputs.iter().map(|input| input.sha256.clone()).collect();
    let groups = salvage.groups.into_iter().map(|Group { finds, place }| {
        let mut raws: Vec<ImageSource> =
            finds.into_iter().flat_map(|find| raws_of(find, answer)).collect();
        // What was sent along is no result where it comes back, and a stream may say the same image twice.
        let mut seen: HashSet<String> = sent.clone();
        if raws.len() > 1 || !seen.is_empty() {
            raws.retain(|raw| content(raw).is_none_or(|content| seen.insert(content)));
        }
        (raws, place)
    });
    Some(SearchResult {
        frame: salvage.frame,
        groups: groups.collect(),
        gave: salvage.gave,
        // What a stream tells of a failure was read where it stands.
        error: salvage.error.filter(|_| !is_stream),
    })
}

/// The events of a stream with the outlines of their data. Each by itself: what a comment or a text of one
/// opens must not turn the others inside out.
fn events_of(body: &Body) -> Vec<(String, Vec<u8>)> {
    let mut left = LONGEST;
    let data = |event: StreamEvent| {
        let data = body.event(&event).ok()?.into_owned();
        left = left.checked_sub(data.len())?;
        Some((event.name, data))
    };
    body.events().into_iter().flatten().filter_map(data).collect()
}

/// Where the body is an image as it is, behind nothing but white space.
fn image_itself(body: &Body) -> Option<Range<u64>> {
    let mut head = Vec::new();
    let add = |piece: &[u8]| {
        head.extend_from_slice(piece);
        Ok(())
    };
    body.pieces(0..body.len().min(HEAD), add).ok()?;
    let bare = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    sniff(bare)?;
    Some((head.len() - bare.len()) as u64..body.len())
}

/// The images of a find; what is no base64 is none.
fn raws_of(find: Find, answer: &Arc<HttpResponse>) -> Vec<ImageSource> {
    let packed = |text: Cow<'_, str>| ImageSource::of(Pixels::Base64(text), answer).ok();
    match find {
        Find::Base64(text) => packed(Cow::Owned(text)).into_iter().collect(),
        Find::Vector(text) => vec![ImageSource::Bytes(text.into_bytes())],
        Find::Link(link) => vec![ImageSource::Link(vec![link])],
        Find::Within(text) => match answer.body.position(&text) {
            Some(range) => {
                let mut urls = DataUrls::new(range.start);
                let read = answer.body.pieces(range, |piece| {
                    urls.push(piece);
                    Ok(())
                });
                let ranges = read.map(|()| urls.finish()).unwrap_or_default();
                ranges
                    .into_iter()
                    .map(|range| ImageSource::Base64(Arc::clone(answer), range))
                    .collect()
            }
            None => {
                let mut urls = DataUrls::new(0);
                urls.push(text.as_bytes());
                let parts = urls.finish().into_iter().filter_map(|range| {
                    packed(Cow::Owned(
                        text.get(range.start as usize..range.end as usize)?.to_owned(),
                    ))
                });
                parts.collect()
            }
        },
    }
}

/// The hash of an image, to tell it from others of its answer; none of what is not here yet.
fn content(raw: &ImageSource) -> Option<String> {
    let mut hash = Sha256::new();
    let read = raw.pieces(&mut |piece| {
        hash.update(piece);
        Ok(())
    });
    read.ok().map(|()| text::hex(&hash.finalize()))
}

/// The base64 of the data URLs in a text that comes in pieces.
struct DataUrls {
    at: u64,
    /// How much of what stands before the base64 has been read.
    matched: usize,
    /// Where the base64 that is being read begins.
    start: Option<u64>,
    found: Vec<Range<u64>>,
}

impl DataUrls {
    const LEAD: &'static [u8] = b";base64,";

    fn new(at: u64) -> DataUrls {
        DataUrls { at, matched: 0, start: None, found: Vec::new() }
    }

    fn push(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while !rest.is_empty() {
            let step = match self.start {
                Some(start) => {
                    let letter = |b: &u8| b.is_ascii_alphanumeric() || b"+/=-_".contains(b);
                    let end = rest.iter().position(|byte| !letter(byte));
                    self.at += end.unwrap_or(rest.len()) as u64;
                    if end.is_some() {
                        self.end(start);
                    }
                    end.unwrap_or(rest.len())
                }
                None if self.matched == 0 => {
                    let lead = memchr::memchr(Self::LEAD[0], rest);
                    self.matched = usize::from(lead.is_some());
                    let step = lead.map_or(rest.len(), |lead| lead + 1);
                    self.at += step as u64;
                    step
                }
                None => self.lead(rest[0]),
            };
            rest = &rest[step..];
        }
    }

    /// One more letter of what stands before the base64, or not.
    fn lead(&mut self, byte: u8) -> usize {
        if byte != Self::LEAD[self.matched] {
            self.matched = 0;
            return 0;
        }
        self.matched += 1;
        self.at += 1;
        if self.matched == Self::LEAD.len() {
            (self.matched, self.start) = (0, Some(self.at));
        }
        1
    }

    fn end(&mut self, start: u64) {
        self.start = None;
        if self.at - start >= SHORTEST && self.found.len() < MOST {
            self.found.push(start..self.at);
        }
    }

    fn finish(mut self) -> Vec<Range<u64>> {
        if let Some(start) = self.start {
            self.end(start);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::dialect::dialect;
    use crate::net::Budget;

    /// Bytes that begin like a PNG.
    fn image(length: usize) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.resize(length, 7);
        bytes
    }

    /// What is found first in a body that lies on the disk.
    fn first(text: &[u8]) -> Vec<ImageSource> {
        let place = tempfile::tempdir().unwrap();
        let mut body = Body::new(&Budget::new(0, place.path().to_owned()));
        body.push(text).unwrap();
        let answer = Arc::new(HttpResponse { status: 200, headers: Vec::new(), body, cut: None });
        let order = Order::default();
        let speaks = dialect("openai").unwrap();
        let asked = (Stage::Submit, EndpointKind::Other);
        let found = find(speaks, &order, asked, &Value::Null, &answer).unwrap();
        found.groups.into_iter().next().map(|(raws, _)| raws).unwrap_or_default()
    }

    #[test]
    fn a_long_image_stays_in_the_answer_whatever_surrounds_it() {
        let image = image(300_000);
        let packed = STANDARD.encode(&image);
        for text in [
            format!("data: {{\"b64_json\":\"{packed}\"}}\n\n"),
            format!("{{\"b64_json\":\"{packed}\""),
            format!("{{\"b64_json\":\"{packed}"),
            format!("{{\"a\":NaN,\"content\":\"![a](data:image/png;base64,{packed}) and more\"}}"),
            format!(
                "{{\"content\":\"{} ![a](data:image/png;base64,{packed})\"}}",
                "x".repeat(9_000)
            ),
        ] {
            let raws = first(text.as_bytes());
            assert!(matches!(raws.as_slice(), [ImageSource::Base64(..)]), "{raws:?}");
            assert_eq!(raws[0].whole().unwrap(), image);
        }
        let [ImageSource::Slice(..)] = first(&[b" \n", image.as_slice()].concat()).as_slice()
        else {
            panic!("the image itself")
        };
    }

    #[test]
    fn data_urls_are_found_wherever_the_pieces_end() {
        let packed = "QUJD".repeat(30);
        let text = format!("a;base64,x ;;base64,{packed}) data:image/png;base64,{packed}");
        for length in [1, 3, 7, 1000] {
            let mut urls = DataUrls::new(0);
            text.as_bytes().chunks(length).for_each(|piece| urls.push(piece));
            let found = urls.finish();
            let texts = found.iter().map(|range| &text[range.start as usize..range.end as usize]);
            assert_eq!(texts.collect::<Vec<_>>(), [&packed, &packed], "{length}");
        }
    }

    #[test]
    fn the_same_image_twice_is_one() {
        let packed = STANDARD.encode(image(90));
        let text =
            format!("{{\"a\":{{\"b64\":\"{packed}\"}},\"c\":\"data:image/png;base64,{packed}\"}}");
        assert_eq!(first(text.as_bytes()).len(), 1);
    }
}
