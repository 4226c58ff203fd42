//! The outline of a body on the disk: the same JSON, with long strings found again by their marks.

use pinx::net::{Body, Budget};
use serde_json::Value;

/// Letters that stand for a tilde: a string that is too long for an outline.
const LONG: usize = 70_000;

/// Any text; each of its first three tildes stands for a long run of letters.
pub fn body_outline(data: &[u8]) {
    let mut parts = data.splitn(4, |byte| *byte == b'~');
    let mut text = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        text.resize(text.len() + LONG, b'Q');
        text.extend_from_slice(part);
    }
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut body = Body::new(&Budget::new(0, place.path().to_owned()));
    body.push(&text).expect("the disk takes it");
    let outline = body.outline().expect("the disk gives it back").into_owned();
    let Ok(whole) = serde_json::from_slice::<Value>(&text) else { return };
    let small = serde_json::from_slice::<Value>(&outline).expect("an outline of JSON is JSON");
    compare(&body, &whole, &small);
}

fn compare(body: &Body, whole: &Value, small: &Value) {
    match (whole, small) {
        (Value::Array(whole), Value::Array(small)) => {
            assert_eq!(whole.len(), small.len());
            whole.iter().zip(small).for_each(|(whole, small)| compare(body, whole, small));
        }
        (Value::Object(whole), Value::Object(small)) => {
            // A name that is too long is cut like any string, and a later one may replace it.
            for (name, value) in whole.iter().filter(|(name, _)| name.len() < LONG) {
                compare(body, value, &small[name]);
            }
        }
        (Value::String(whole), Value::String(small)) if whole != small => {
            let range = body.position(small).expect("what is not the same is marked");
            let mut found = Vec::new();
            let add = |piece: &[u8]| {
                found.extend_from_slice(piece);
                Ok(())
            };
            body.pieces(range, add).expect("a mark leads into the body");
            assert_eq!(found, whole.as_bytes());
        }
        (whole, small) => assert_eq!(whole, small),
    }
}
