//! Jobs of a batch as JSON.

use serde_json::{Value, json};

use super::decision::Skipped;
use super::outcome::Position;
use crate::batch::Item;
use crate::engine::report::{InputReport, JobReport};
use crate::store;

/// A job as JSON, with its place in the file.
pub(super) fn document(report: &JobReport, place: Option<&Position>) -> Value {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    if let (Some(fields), Some(place)) = (value.as_object_mut(), place) {
        fields.insert("file".to_owned(), json!(place.file));
        fields.insert("line".to_owned(), json!(place.line));
        fields.insert("name".to_owned(), json!(place.id));
    }
    value
}

/// An image that is not made now, as JSON.
/// What earlier runs made of it stands where a job's own would; nothing of it is this run's cost.
pub(super) fn skipped(
    place: &Position,
    item: &Item,
    skip: &Skipped,
    known: Option<&store::Entry>,
) -> Value {
    let images = known.filter(|_| skip.why.has_image()).map(|known| known.images.as_slice());
    let path = images.and_then(|images| Some(&images.first()?.path));
    let empty = String::new();
    let mut document = json!({
        "id": null,
        "status": "skipped",
        "reason": skip.why.word(),
        "prompt": item.request.prompt,
        "model": known.map(|known| &known.model).filter(|id| !id.is_empty()).unwrap_or(&skip.model),
        "provider": known.map_or(&empty, |known| &known.provider),
        "route": known.map_or(&empty, |known| &known.route),
        "attempts": [],
        "path": path,
        "images": images.unwrap_or_default(),
        "seed": known.and_then(|known| known.seed),
        "cost": { "estimated": 0, "reported": null, "currency": "USD", "certainty": "exact" },
        "billed": "no",
        "adjustments": known.map(|known| known.adjustments.as_slice()).unwrap_or_default(),
        "error": null,
        "file": place.file,
        "line": place.line,
        "name": place.id,
    });
    let inputs = InputReport::all(&item.request.inputs, item.sent.as_deref().unwrap_or_default());
    let inputs: Vec<InputReport> = inputs.into_iter().map(InputReport::unsent).collect();
    if !inputs.is_empty() {
        document["inputs"] = json!(inputs);
    }
    document
}
