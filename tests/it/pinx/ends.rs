//! What must hold for the lines of every log: an attempt begins with its intent, unless nothing is paid,
//! and ends at most once.
//!
//! Pure: entries in, sentences out. The simulator includes this file.

use std::collections::BTreeMap;

use serde_json::Value;

/// What is wrong with entries, oldest first. Only what was tried, because the job was to go on, may
/// still turn out to have been its failure; and what failed may be read by `recover` after all, its
/// money settled.
pub(super) fn violations(entries: &[Value]) -> Vec<String> {
    let (mut ends, mut wrong) = (BTreeMap::new(), Vec::new());
    for entry in entries.iter().filter(|entry| is_of_a_job(entry)) {
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{what}: {entry}"));
            }
        };
        let event = entry["e"].as_str().unwrap_or_default();
        let attempt = entry["attempt"].as_str().unwrap_or_default();
        let is_free = is_free(entry);
        let is_billed = entry["code"] == "cached" && entry["billed"] != "no";
        must(!is_billed, "billed although it came from the cache");
        let is_first = !ends.contains_key(attempt);
        must(!is_first || is_free || event == "intent", "no intent came before");
        let count = ends.entry(attempt).or_insert(0);
        must(event != "tried" || *count == 0, "tried after its end");
        let ends_it = ["failed", "done", "settled"].contains(&event);
        let is_late = event == "done" && entry["billed"] == "no" && !is_free && *count == 1;
        *count += usize::from(ends_it && !is_late);
        must(*count <= 1, "ended twice");
    }
    wrong
}

/// Whether an entry tells of a job, in the words of this version.
pub(super) fn is_of_a_job(entry: &Value) -> bool {
    entry["v"] == 1 && entry["job"] != ""
}

/// Whether an entry is of what is not paid for: the sketch, the cache, what was there.
pub(super) fn is_free(entry: &Value) -> bool {
    let is_there = entry["code"] == "adopted" && entry["billed"] == "no";
    entry["provider"] == "pinx" || entry["code"] == "cached" || is_there
}
