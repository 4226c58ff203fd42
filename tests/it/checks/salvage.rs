//! Salvage of any body: never a panic, text that is inert, marks that lead into the body, no image
//! that is torn, and strict JSON read as a strict reader reads it.
//!
//! A sample is a body; `~` stands for a whole image in base64, `^` for a long one of another form.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pinx::catalog::Order;
use pinx::dialect::{EndpointKind, Find, Reply, Stage, decode_base64, dialect, salvage};
use pinx::error::Kind;
use pinx::json::documents;
use pinx::net::{Body, Budget};
use pinx::store::verify;
use serde_json::Value;

use super::inert;

/// The smallest PNG, whole.
const IMAGE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

/// The same with so much behind its end that an outline cuts it.
static LONG: LazyLock<String> = LazyLock::new(|| {
    let mut bytes = STANDARD.decode(IMAGE).expect("it is base64");
    bytes.resize(60_000, 0);
    STANDARD.encode(bytes)
});

/// Any body.
pub fn salvaged_body(data: &[u8]) {
    let mut text = Vec::new();
    for (at, part) in data.split_inclusive(|byte| b"~^".contains(byte)).enumerate() {
        let Some((last, before)) = part.split_last() else { continue };
        text.extend_from_slice(before);
        match last {
            b'~' if at < 8 => text.extend_from_slice(IMAGE.as_bytes()),
            b'^' if at < 8 => text.extend_from_slice(LONG.as_bytes()),
            other => text.push(*other),
        }
    }
    strict(&text);
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut body = Body::new(&Budget::new(0, place.path().to_owned()));
    body.push(&text).expect("the disk takes it");
    for name in ["openai", "fal"] {
        look(name, &body);
    }
}

/// What a strict reader takes is read the same.
fn strict(text: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(text) else { return };
    let is_plain = !value.to_string().contains("null") && value.to_string().len() < 20_000;
    if let ([document], true) = (documents(text).as_slice(), is_plain && value.is_object()) {
        let keys = |value: &Value| value.as_object().map_or(0, serde_json::Map::len);
        assert_eq!(keys(&document.value), keys(&value));
        assert!(document.is_whole && document.torn.is_none());
        assert_eq!(document.value, value);
    }
}

fn look(name: &str, body: &Body) {
    let outline = body.outline().expect("the disk gives it back");
    let reply = Reply {
        stage: Stage::Submit,
        endpoint: EndpointKind::Other,
        status: 200,
        headers: &[],
        body: &outline,
        memo: &Value::Null,
    };
    let speaks = dialect(name).expect("the dialect is known");
    let found = salvage(speaks, &Order::default(), &reply);
    if let Some(error) = &found.error {
        inert(&error.message);
        assert!(!error.kind.tries_again(), "{error:?}");
        assert_ne!(error.kind, Kind::NotSent);
    }
    for text in [&found.gave.revised_prompt, &found.gave.request_id].into_iter().flatten() {
        inert(text);
    }
    assert!(found.gave.pixels.is_empty());
    for group in &found.groups {
        inert(&group.place);
        assert!(!group.finds.is_empty() && group.finds.len() <= 100);
        for find in &group.finds {
            one(find, body);
        }
    }
}

fn one(find: &Find, body: &Body) {
    let text = match find {
        Find::Link(link) => {
            assert!(!link.is_empty() && link.len() <= 8192, "{} bytes", link.len());
            return;
        }
        Find::Base64(text) | Find::Within(text) | Find::Vector(text) => text,
    };
    let Some(range) = body.position(text) else {
        let mut bytes = Vec::new();
        let add = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        if matches!(find, Find::Base64(_)) && decode_base64(text, add).is_ok() {
            whole(&bytes);
        }
        return;
    };
    assert!(range.start <= range.end && range.end <= body.len());
    let mut length = 0;
    let count = |piece: &[u8]| {
        length += piece.len() as u64;
        Ok(())
    };
    body.pieces(range.clone(), count).expect("a mark leads into the body");
    assert_eq!(length, range.end - range.start);
}

/// What passes for a PNG of ours is ours to its end.
fn whole(bytes: &[u8]) {
    let image = STANDARD.decode(IMAGE).expect("it is base64");
    if bytes.starts_with(&image[..40]) && verify(bytes).is_ok() {
        assert!(bytes.starts_with(&image), "a torn image passes for a whole one");
    }
}
