//! Salvage: an answer that is paid for and cannot be read is looked through once more, for images in
//! any form and any frame, before anybody calls it unusable.
//!
//! Pure: it says what may be an image, in groups, the likeliest first; whether it is one is seen when
//! it is checked. What was sent along (inputs, masks), what a stream shows on its way (partial images,
//! thoughts) and what decorates a page (logos, avatars) is no result. Linear in the text.

use serde_json::{Map, Value};

use super::openai::usage_of;
use super::reply::{announces_image, base64_text};
use super::{Dialect, MOST_IMAGES, Pixels, Reply, Yield};
use crate::catalog::Order;
use crate::error::{Error, Kind};
use crate::json::{Document, documents};
use crate::text;

/// JSON inside of strings is opened this often.
const NESTED: u32 = 3;
/// Longer than this no link is.
const LINK: usize = 8192;

/// Something that may be an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Find {
    /// Base64 text; a data URL's prefix is already gone.
    Base64(String),
    /// A text with data URLs in it; of a long one only the place in the body.
    Within(String),
    /// The text of a vector picture.
    Vector(String),
    /// A link, as it was written.
    Link(String),
}

/// Finds that are tried together.
#[derive(Debug, Default)]
pub struct Group {
    /// At most as many as one answer may have.
    pub finds: Vec<Find>,
    /// Where in the answer the first of them stood, cleaned.
    pub place: String,
}

/// What an answer holds beyond what its dialect promises.
#[derive(Debug)]
pub struct Salvage {
    /// The frame that it came in, in words.
    pub frame: &'static str,
    /// The likeliest first.
    pub groups: Vec<Group>,
    /// What it says besides; no images.
    pub gave: Yield<'static>,
    /// A better explanation than that it cannot be read.
    pub error: Option<Error>,
}

/// Looks through an answer within 2xx.
pub fn salvage(dialect: &dyn Dialect, order: &Order, reply: &Reply<'_>) -> Salvage {
    searched(dialect, order, reply, &documents(reply.body))
}

/// Looks through the events of a stream: their names, and the data of each.
pub fn salvage_events(
    dialect: &dyn Dialect,
    order: &Order,
    reply: &Reply<'_>,
    events: &[(String, Vec<u8>)],
) -> Salvage {
    let of_event = |(name, data): &(String, Vec<u8>)| {
        let named = |document| Document { event: name.clone(), ..document };
        documents(data).into_iter().map(named).collect::<Vec<_>>()
    };
    let documents: Vec<Document> = events.iter().flat_map(of_event).collect();
    let found = searched(dialect, order, reply, &documents);
    Salvage { frame: "a stream of events", ..found }
}

fn searched(
    dialect: &dyn Dialect,
    order: &Order,
    reply: &Reply<'_>,
    documents: &[Document],
) -> Salvage {
    let is_strict = serde_json::from_slice::<serde::de::IgnoredAny>(reply.body).is_ok();
    let frame = match documents {
        _ if is_strict => "JSON of another form",
        documents if documents.len() > 1 || documents.iter().any(|d| !d.event.is_empty()) => {
            "a stream of events"
        }
        _ => "JSON that is not strict",
    };
    let mut found = Search { sent: &order.request.prompt, ..Search::default() };
    let mut error = None;
    let is_preview = |document: &Document| {
        is_partial(&document.event) || document.value.as_object().is_some_and(is_draft)
    };
    // Where previews come, what broke off before it could say so may be another one.
    let is_growing = order.partials > 0 || documents.iter().any(is_preview);
    for document in documents {
        let is_nameless = !document.is_whole && document.event.is_empty();
        if is_preview(document) || (is_growing && is_nameless) {
            continue;
        }
        if !is_strict && document.value.is_object() {
            found.read_again(dialect, order, reply, &document.value, &mut error);
        }
        found.walk(document);
        // The beginning of a link leads elsewhere.
        if let Some(torn) = document.torn.as_deref().map(str::trim) {
            for group in [&mut found.known, &mut found.links] {
                group.finds.retain(|find| !matches!(find, Find::Link(link) if torn.contains(link)));
            }
        }
    }
    let Search { known, packed, within, links, mut gave, .. } = found;
    let header = |name: &str| reply.header(name).map(|id| text::clean(id, 200));
    gave.request_id =
        gave.request_id.or_else(|| header("x-request-id").or(header("x-fal-request-id")));
    let groups = [known, packed, within, links].into_iter().filter(|g| !g.finds.is_empty());
    Salvage { frame, groups: groups.collect(), gave, error }
}

/// What is found, by its strength.
#[derive(Default)]
struct Search<'s> {
    /// The prompt: what stands in it is no result where it comes back.
    sent: &'s str,
    /// What the dialect itself reads, once the frame is gone.
    known: Group,
    packed: Group,
    within: Group,
    links: Group,
    gave: Yield<'static>,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct JsonPath<'p> {
    /// The nearest key, and the ones above it.
    key: &'p str,
    above: Option<&'p JsonPath<'p>>,
    nested: u32,
}

impl Search<'_> {
    /// Lets the dialect read a document that stood in another frame.
    fn read_again(
        &mut self,
        dialect: &dyn Dialect,
        order: &Order,
        reply: &Reply<'_>,
        value: &Value,
        error: &mut Option<Error>,
    ) {
        if value.as_object().is_some_and(is_draft) {
            return;
        }
        let body = value.to_string().into_bytes();
        let gave = match dialect.read(order, &Reply { body: &body, ..*reply }) {
            Ok(step) => step.gave,
            Err(found) => {
                let is_said = found.kind != Kind::Unusable || value.get("error").is_some();
                *error = is_said.then_some(found).or(error.take());
                None
            }
        };
        let Some(gave) = gave else { return };
        self.known = Group { place: "the documented place".to_owned(), ..Group::default() };
        for pixels in gave.pixels {
            self.known.add(
                "",
                match pixels {
                    Pixels::Base64(text) => Find::Base64(text.into_owned()),
                    Pixels::Link(link) if is_plain(&link) => Find::Link(link),
                    Pixels::Link(_) | Pixels::Rendered(_) => continue,
                },
            );
        }
        self.gave = Yield { pixels: Vec::new(), ..gave };
    }

    fn walk(&mut self, document: &Document) {
        let root = JsonPath { key: "", above: None, nested: 0 };
        self.value(&document.value, &root);
    }

    fn value(&mut self, value: &Value, path: &JsonPath<'_>) {
        match value {
            Value::String(text) => self.text(text, path),
            Value::Array(items) => items.iter().for_each(|item| self.value(item, path)),
            Value::Object(map) if !is_draft(map) && !has_failed(map) => {
                self.facts(map);
                for (key, value) in map {
                    if !words(key).any(|word| BESIDE.contains(&word.as_str())) {
                        self.value(value, &JsonPath { key, above: Some(path), ..*path });
                    }
                }
            }
            _ => {}
        }
    }

    /// What an object says of the image: what it cost, its seed, its prompt.
    fn facts(&mut self, map: &Map<String, Value>) {
        let gave = &mut self.gave;
        if let Some(usage) = map.get("usage") {
            let (tokens, cost) = usage_of(usage.clone());
            gave.usage = tokens.or(gave.usage.take());
            gave.cost = cost.or(gave.cost.take());
        }
        gave.seed = gave.seed.or_else(|| map.get("seed").and_then(Value::as_u64));
        if gave.revised_prompt.is_none()
            && let Some(prompt) = map.get("revised_prompt").and_then(Value::as_str)
        {
            gave.revised_prompt = Some(text::clean(prompt, 4000));
        }
    }

    fn text(&mut self, text: &str, path: &JsonPath<'_>) {
        let shown = text.trim_start();
        if shown.starts_with("data:image/") || announces_image(&base64_text(shown.into())) {
            let packed = base64_text(shown.into()).into_owned();
            if self.sent.contains(&packed) {
                return;
            }
            return self.packed.add(&path.keys(), Find::Base64(packed));
        }
        // A short text is here as a whole.
        let is_cut = text.contains('\0');
        if !is_cut && path.nested < NESTED && shown.starts_with(['{', '[']) {
            for document in documents(shown.as_bytes()) {
                self.value(&document.value, &JsonPath { nested: path.nested + 1, ..*path });
            }
        }
        let is_new = |link: &str| !self.sent.contains(link);
        if shown.starts_with('<') && shown.contains("<svg") && !is_cut {
            if is_new(shown.trim_end()) {
                self.packed.add(&path.keys(), Find::Vector(text.to_owned()));
            }
        } else if is_cut || text.contains(";base64,") {
            let has_more = self.sent.contains(";base64,") && !is_cut;
            let rest = if has_more { text.replace(self.sent, " ") } else { text.to_owned() };
            self.within.add(&path.keys(), Find::Within(rest));
        } else if is_link(shown, path.key) {
            let link = shown.trim_end();
            if is_new(link) {
                self.links.add(&path.keys(), Find::Link(link.to_owned()));
            }
        } else if let Some(link) = shown_images(text).find(|link| is_new(link)) {
            self.links.add(&path.keys(), Find::Link(link.to_owned()));
        }
    }
}

impl Group {
    fn add(&mut self, place: &str, find: Find) {
        if self.finds.len() < MOST_IMAGES && !self.finds.contains(&find) {
            if self.place.is_empty() {
                self.place = place.to_owned();
            }
            self.finds.push(find);
        }
    }
}

impl JsonPath<'_> {
    /// `choices.message.content`, as it may be shown.
    fn keys(&self) -> String {
        let mut keys = vec![self.key];
        let mut above = self.above;
        while let Some(path) = above {
            keys.push(path.key);
            above = path.above;
        }
        keys.retain(|key| !key.is_empty());
        keys.reverse();
        text::clean(&keys.join("."), 120)
    }
}

/// Words of keys below which no result stands: what was sent along, what decorates, what explains.
const BESIDE: [&str; 38] = [
    "prompt",
    "params",
    "parameters",
    "arguments",
    "args",
    "settings",
    "error",
    "errors",
    "detail",
    "details",
    "input",
    "inputs",
    "request",
    "init",
    "reference",
    "references",
    "ref",
    "mask",
    "masks",
    "control",
    "source",
    "original",
    "avatar",
    "logo",
    "icon",
    "favicon",
    "thumbnail",
    "thumbnails",
    "thumb",
    "preview",
    "user",
    "account",
    "profile",
    "partial",
    "watermark",
    "docs",
    "documentation",
    "support",
];

/// Words of keys whose links lead elsewhere.
const ELSEWHERE: [&str; 19] = [
    "status",
    "cancel",
    "response",
    "webhook",
    "callback",
    "dashboard",
    "help",
    "upgrade",
    "poll",
    "polling",
    "next",
    "web",
    "terms",
    "policy",
    "billing",
    "home",
    "get",
    "stream",
    "info",
];

/// Words of keys behind which a link to an image stands.
const LINKED: [&str; 19] = [
    "url",
    "urls",
    "uri",
    "image",
    "images",
    "img",
    "output",
    "outputs",
    "result",
    "results",
    "sample",
    "samples",
    "src",
    "file",
    "files",
    "link",
    "href",
    "artifacts",
    "path",
];

/// The words of a key: `imageUrl`, `image_url` and `image-url` have the same two.
fn words(key: &str) -> impl Iterator<Item = String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_small = false;
    for letter in key.chars().take(80) {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && was_small) {
            words.push(String::new());
        }
        was_small = letter.is_lowercase();
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

/// Whether an object is something on the way to the result: a partial image, a thought.
fn is_draft(map: &Map<String, Value>) -> bool {
    let is_word = |key: &str| map.get(key).and_then(Value::as_str).is_some_and(is_partial);
    map.get("thought") == Some(&Value::Bool(true))
        || is_word("type")
        || is_word("event")
        || map.contains_key("partial_image_index")
}

/// Whether an object says of itself that nothing was made. What it shows besides explains that.
fn has_failed(map: &Map<String, Value>) -> bool {
    const FAILED: [&str; 8] =
        ["failed", "failure", "error", "rejected", "moderated", "blocked", "cancelled", "canceled"];
    let word = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_ascii_lowercase);
    ["status", "state"].iter().filter_map(|key| word(key)).any(|it| FAILED.contains(&it.as_str()))
}

/// Whether the name of an event says that more is to come.
pub(super) fn is_partial(name: &str) -> bool {
    words(name).any(|word| word == "partial")
}

/// Whether a text is the link to an image, for all that can be seen.
fn is_link(text: &str, key: &str) -> bool {
    let text = text.trim_end();
    if !is_plain(text) {
        return false;
    }
    let is_word = |list: &[&str]| words(key).any(|word| list.contains(&word.as_str()));
    let (linked, elsewhere) = (is_word(&LINKED), is_word(&ELSEWHERE));
    if is_web(text) {
        return !elsewhere && (linked || key.is_empty() || names_image(text));
    }
    // Relative to where the answer came from: no other scheme, and no word such as `png`.
    let is_path = text.contains('/') || names_image(text);
    linked && !elsewhere && is_path && !text.contains(':') && !text.contains("..")
}

/// Whether it could be any link at all.
fn is_plain(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    (1..=LINK).contains(&text.len()) && text.chars().all(plain)
}

fn is_web(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Whether a link ends in the name of an image's format.
fn names_image(link: &str) -> bool {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let end = path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    end.is_some_and(|end| {
        ["png", "jpg", "jpeg", "webp", "gif", "avif", "svg"].contains(&end.as_str())
    })
}

/// The links of the images that a text shows, in Markdown or HTML.
fn shown_images(text: &str) -> impl Iterator<Item = &str> {
    let behind = |lead, key: &'static str| {
        text.split(lead)
            .skip(1)
            .filter_map(move |rest: &str| Some(&rest[rest.find(key)? + key.len()..]))
    };
    behind("![", "](").chain(behind("<img ", "src=")).filter_map(|rest| {
        let rest = rest.trim_start_matches(['"', '\'', '<', ' ']);
        let end = rest.find([')', '"', '\'', '>', ' ', '\n']).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|link| is_web(link) && link.len() <= LINK)
    })
}

#[cfg(test)]
mod tests;
