//! What came of a run, as its client is told.

use serde_json::{Map, Value, json};

use crate::engine::Document;
use crate::engine::report::JobReport;
use crate::error::Billed;
use crate::money::Money;

/// Fields that hold paths of this machine.
const PATHS: [&str; 6] = ["path", "paths", "file", "files", "page", "directory"];

/// A run's document for its client: with `success` in front and, below `base`, an address for each
/// image. Who is on another machine gets no path of this one.
pub(in crate::cmd) fn of_run(
    run: &Document,
    notices: &[String],
    base: Option<&str>,
    has_paths: bool,
) -> Value {
    let value = serde_json::to_value(run).unwrap_or_default();
    let Value::Object(fields) = value else { return value };
    let mut whole = Map::new();
    let success = run.jobs.iter().all(|job| job.status.is_done());
    whole.insert("success".to_owned(), success.into());
    whole.extend(fields);
    for job in whole.get_mut("jobs").and_then(Value::as_array_mut).into_iter().flatten() {
        address(job, base, has_paths);
    }
    if !notices.is_empty() {
        whole.insert("notices".to_owned(), json!(notices));
    }
    Value::Object(whole)
}

/// Gives the images of a job their addresses.
fn address(job: &mut Value, base: Option<&str>, has_paths: bool) {
    if let Some(base) = base {
        for image in job["images"].as_array_mut().into_iter().flatten() {
            let sha256 = image["sha256"].as_str().unwrap_or_default();
            image["url"] = format!("{base}/api/images/{sha256}").into();
        }
    }
    if !has_paths {
        without_paths(job);
    }
}

/// Takes out of a document for another machine what holds paths of this one.
pub(in crate::cmd) fn without_paths(document: &mut Value) {
    match document {
        Value::Object(fields) => {
            fields.retain(|name, _| !PATHS.contains(&name.as_str()));
            fields.values_mut().for_each(without_paths);
        }
        Value::Array(list) => list.iter_mut().for_each(without_paths),
        _ => {}
    }
}

/// Whether money may have been spent on a job, or its outcome is still open.
pub(in crate::cmd) fn is_doubtful(job: &JobReport) -> bool {
    job.billed != Billed::No || job.left_open || job.uncertain > Money::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_get_no_path() {
        let mut document = json!({ "a": [{ "path": "/home/x", "b": 1 }], "page": "/x", "c": { "d": "/not a path" } });
        without_paths(&mut document);
        assert_eq!(document, json!({ "a": [{ "b": 1 }], "c": { "d": "/not a path" } }));
    }
}
