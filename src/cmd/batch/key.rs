//! What a batch knows an image by: a digest of what is asked for.
//!
//! Pure. The keys of earlier versions stay: a parameter that was added later counts only where it is
//! asked for.

use std::path::Path;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::batch::Item;
use crate::request::orders;
use crate::request::parameter::{self, Parameter};

/// In front of the key of a drawing that only stands for an image.
pub(super) const REHEARSAL: &str = "sketch:";

/// The first half of a SHA-256.
pub(super) type Key = u128;

/// How the log writes the key of a job; `rehearsal` says that it only stands for an image.
pub(super) fn written(key: Key, is_rehearsal: bool) -> String {
    let mark = if is_rehearsal { REHEARSAL } else { "" };
    format!("{mark}{key:032x}")
}

/// What an image of an item asks for, whatever its place in the file. `directory` is absolute.
pub(super) fn wanted(directory: &Path, item: &Item, model: &str, number: u32) -> Key {
    let request = item.known_by();
    let value = |name: &str| match (name, request.seed) {
        ("seed", Some(seed)) => json!(seed.wrapping_add(u64::from(number))),
        _ => parameter::find(name).map_or(Value::Null, |parameter| parameter.value(request)),
    };
    let directory = directory.to_string_lossy();
    let mut words =
        vec![json!(1), json!(directory), json!(request.prompt), json!(model), json!(number)];
    words.push(json!(item.output));
    words.extend(orders::DIGEST.split(' ').map(value));
    let later = parameter::others(orders::DIGEST).filter(|parameter| parameter.name != "prompt");
    let asked = |row: &Parameter| Some((row.name.to_owned(), row.asked(request)?));
    let later: Map<String, Value> = later.filter_map(asked).collect();
    words.extend((!later.is_empty()).then_some(Value::Object(later)));
    let digest = Sha256::digest(Value::Array(words).to_string().as_bytes());
    let half = digest.first_chunk().expect("a SHA-256 has 32 bytes");
    Key::from_be_bytes(*half)
}

/// The key of one of equal images.
pub(super) fn numbered(wanted: Key, equals: u32) -> Key {
    wanted.wrapping_add(Key::from(equals) << 64 | Key::from(equals))
}

/// What the claim on an image is called: the same on every machine, whatever the output directory is
/// called there.
pub(super) fn claim_name(item: &Item, model: &str, number: u32, equals: u32) -> String {
    written(numbered(wanted(Path::new(""), item, model, number), equals), false)
}
