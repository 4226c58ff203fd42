//! The journal: any bytes may stand in a segment, and what was written among them is read back.

use std::fs;
use std::path::Path;

use pinx::store::log::{EntryKind, Scan};
use pinx::store::{Entry, Log};

/// The run of the entries that are ours.
const OURS: &str = "261122-ours";

/// Any bytes as a segment, then the same bytes as lines between entries of ours.
pub fn journal_reader(data: &[u8]) {
    let place = tempfile::tempdir().expect("a directory");
    let segment = place.path().join("2026-11.jsonl");
    let (entries, scan) = read(place.path(), &segment, data);
    assert_eq!(entries.len() as u64, scan.entries);
    for entry in &entries {
        let line = serde_json::to_vec(entry).expect("an entry serialises");
        assert!(!line.contains(&b'\n'), "one line each");
        serde_json::from_slice::<Entry>(&line).expect("an entry reads back");
    }
    let lines = data.iter().filter(|byte| **byte == b'\n').count() as u64;
    // Where a newline was lost, one line may hold several entries.
    assert!(scan.torn + u64::from(scan.entries > 0) <= 2 * lines, "{scan:?} of {lines} lines");
    if data.windows(OURS.len()).any(|part| part == OURS.as_bytes()) {
        return;
    }
    let mut text = Vec::new();
    let mut ours = Vec::new();
    for (n, garbage) in data.split(|byte| *byte == b'\n').enumerate() {
        let mut entry = Entry::new(EntryKind::Done, OURS, &format!("{OURS}.{n}"), "");
        entry.prompt = String::from_utf8_lossy(garbage).into_owned();
        text.extend_from_slice(&serde_json::to_vec(&entry).expect("an entry serialises"));
        text.push(b'\n');
        text.extend_from_slice(garbage);
        text.push(b'\n');
        ours.push(entry);
    }
    let (mut found, _) = read(place.path(), &segment, &text);
    found.retain(|entry| entry.run == OURS);
    assert_eq!(found, ours);
}

fn read(directory: &Path, segment: &Path, bytes: &[u8]) -> (Vec<Entry>, Scan) {
    fs::write(segment, bytes).expect("a segment");
    let mut entries = Vec::new();
    let scan = Log::at(directory).read(|entry| entries.push(entry)).expect("readable");
    (entries, scan)
}
