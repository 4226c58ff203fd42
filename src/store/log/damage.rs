//! What a line holds: an entry, more than one where a newline was lost, or damage.
//!
//! Pure. An entry that was altered is read and is damage as well: it may say less than was written.
//! Of what cannot be read a few words are still looked for, and believed only where they agree.

use memchr::memmem;
use sha2::{Digest, Sha256};

use super::checksum::{Check, check, named};
use super::{Entry, EntryKind, VERSION};

/// Beginnings in a damaged line that are tried at most, of short ones and of long ones together so
/// many bytes.
const TRIES: usize = 256;
const BYTES: usize = 16 * 1024 * 1024;
/// So much of a line tells it from others; of a huge one the rest may not have been read.
const DIGESTED: usize = 64 * 1024;

/// A line, or a part of one, that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// What it is dismissed by: a digest of its bytes.
    pub id: String,
    /// Whether it can be read all the same.
    pub is_entry: bool,
    /// The attempt that it seems to be about.
    pub attempt: Option<String>,
    /// What a batch seems to know the job by.
    pub key: Option<String>,
    /// What seem to be ids of requests.
    pub requests: Vec<String>,
    /// Whether it is surely about something that costs nothing, such as a verdict.
    pub is_free: bool,
    /// Whether it seems to say that its attempt is done.
    pub is_done: bool,
}

/// A part of a line: an entry, damage, or an entry that was altered.
#[derive(Debug)]
pub struct Part {
    /// The entry.
    pub entry: Option<Entry>,
    /// The damage.
    pub damaged: Option<Damaged>,
}

/// The entry of a whole line, if it is one and nothing else.
pub(crate) fn entry_of(line: &[u8]) -> Option<Entry> {
    let entry = serde_json::from_slice::<Entry>(line).ok()?;
    is_one(&entry, line).then_some(entry)
}

/// Whether this is what a line says, rather than some other JSON. One without a kind is none, nor
/// is one of a kind that neither its version nor its checksum accounts for.
fn is_one(entry: &Entry, line: &[u8]) -> bool {
    let is_known =
        entry.e != EntryKind::Unknown || entry.v > VERSION || check(line) == Check::Right;
    entry.v > 0 && is_known && (entry.e != EntryKind::Intent || !entry.attempt.is_empty())
}

/// Hands out the parts of a line; of a line that is whole there is one.
pub(crate) fn parts_of(line: &[u8], each: &mut impl FnMut(Part)) {
    if let Some(entry) = entry_of(line) {
        return each(of_entry(entry, line));
    }
    let mut damage_from = 0;
    let damage = |damaged: &[u8], each: &mut dyn FnMut(Part)| {
        if !damaged.trim_ascii().is_empty() {
            each(Part { entry: None, damaged: Some(Damaged::of(damaged)) });
        }
    };
    let tries = (BYTES / (line.len() + 1)).clamp(2, TRIES);
    for start in memmem::find_iter(line, br#"{"v":"#).take(tries) {
        if start < damage_from {
            continue;
        }
        let first = first_of(&line[start..]).filter(|(_, length)| {
            // Inside another object stands no entry, unless it is one by its checksum.
            may_begin(&line[..start]) || check(&line[start..start + length]) == Check::Right
        });
        if let Some((entry, length)) = first {
            damage(&line[damage_from..start], each);
            each(of_entry(entry, &line[start..start + length]));
            damage_from = start + length;
        }
    }
    damage(&line[damage_from..], each);
}

/// Whether a line may begin behind these bytes, rather than inside another object.
fn may_begin(before: &[u8]) -> bool {
    before.last().is_none_or(|byte| !matches!(byte, b':' | b',' | b'[' | b'\\'))
}

/// The entry at the beginning of some bytes, and its length.
fn first_of(bytes: &[u8]) -> Option<(Entry, usize)> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Entry>();
    let entry = values.next()?.ok()?;
    let length = values.byte_offset();
    is_one(&entry, &bytes[..length]).then_some((entry, length))
}

fn of_entry(entry: Entry, line: &[u8]) -> Part {
    if check(line) != Check::Wrong || entry.v > VERSION {
        return Part { entry: Some(entry), damaged: None };
    }
    let damaged = Damaged::of(line);
    if entry.job.is_empty() || damaged.attempt.as_ref() == Some(&entry.attempt) {
        return Part { entry: Some(entry), damaged: Some(Damaged { is_entry: true, ..damaged }) };
    }
    // Its ids do not agree: it could be about anything.
    Part { entry: None, damaged: Some(damaged) }
}

impl Damaged {
    /// Looks for what can still be told of some bytes.
    pub fn of(bytes: &[u8]) -> Damaged {
        let line = bytes.trim_ascii();
        let digest = Sha256::digest(&line[..line.len().min(DIGESTED)]);
        let id = crate::text::hex(&digest[..8]);
        let words = |key| words(bytes, key);
        let first = |key| words(key).next().filter(|word| !word.is_empty());
        // A run, its job and its attempt begin alike.
        let (run, job, attempt) = (first("run"), first("job"), first("attempt"));
        let is_under = |id: &str, of: Option<&str>| {
            of.and_then(|of| id.strip_prefix(of)?.strip_prefix('.')).is_some_and(is_number)
        };
        let attempt = attempt.filter(|attempt| is_under(attempt, job));
        let attempt = attempt.filter(|_| job.is_some_and(|job| is_under(job, run)));
        let kind = first("e");
        // The end names it again. Where the two differ, this was more than one line.
        let end = named(bytes);
        let is_mixed = end.is_some_and(|(end_kind, end)| {
            attempt.is_some_and(|head| head != end) || kind.is_some_and(|kind| kind != end_kind)
        });
        let attempt = attempt.or(end.map(|(_, attempt)| attempt));
        let attempt = attempt.filter(|_| !is_mixed);
        let kind = kind.or(end.map(|(kind, _)| kind));
        let requests = ["id", "request_id"].into_iter().flat_map(words);
        let free = ["compared", "drawn", "verdict", "dismissed"];
        Damaged {
            id,
            is_entry: false,
            is_done: attempt.is_some() && kind == Some("done"),
            attempt: attempt.map(str::to_owned),
            key: first("key").map(str::to_owned),
            requests: requests.map(str::to_owned).collect(),
            is_free: kind.is_some_and(|kind| free.contains(&kind)) && !is_mixed,
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The plain strings that stand behind a key.
fn words<'b>(bytes: &'b [u8], key: &str) -> impl Iterator<Item = &'b str> {
    let key = format!("\"{key}\":\"");
    let places: Vec<usize> = memmem::find_iter(bytes, &key).map(|at| at + key.len()).collect();
    places.into_iter().filter_map(|at| {
        let word = &bytes[at..];
        let word = &word[..memchr::memchr2(b'"', b'\\', &word[..word.len().min(200)])?];
        str::from_utf8(word).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::log::checksum::line_of;

    fn line(e: EntryKind, attempt: &str) -> Vec<u8> {
        let (job, _) = attempt.rsplit_once('.').unwrap();
        let entry = Entry { key: Some("0a".into()), ..Entry::new(e, "r", job, attempt) };
        line_of(&entry).unwrap()
    }

    fn parts(line: &[u8]) -> Vec<Part> {
        let mut parts = Vec::new();
        parts_of(line, &mut |part| parts.push(part));
        parts
    }

    fn told(line: &[u8]) -> Vec<(Option<EntryKind>, bool)> {
        let told = |part: Part| (part.entry.map(|entry| entry.e), part.damaged.is_some());
        parts(line).into_iter().map(told).collect()
    }

    #[test]
    fn a_line_without_a_kind_is_no_intent() {
        for odd in [
            r#"{"v":1,"t":"2026-11-22T10:00:00Z","run":"r","job":"r.1","attempt":"r.1.1","reserve":7}"#,
            r#"{"v":1,"t":"2026-11-22T10:00:00Z","e":"intant","run":"r","job":"r.1","attempt":"r.1.1"}"#,
            r#"{"v":1,"t":"2026-11-22T10:00:00Z","e":"intent","run":"r","job":"r.1"}"#,
            r#"{"v":0,"t":"2026-11-22T10:00:00Z","e":"done","run":"r"}"#,
            r#"{"recipe":{"v":1,"e":"done"}"#,
            "{}",
            "\u{0}\u{0}\u{0}",
            "[1,",
        ] {
            assert_eq!(told(odd.as_bytes()), [(None, true)], "{odd}");
        }
        let newer = r#"{"v":9,"t":"2026-11-22T10:00:00Z","e":"dreamt","run":"r"}"#;
        assert_eq!(told(newer.as_bytes()), [(Some(EntryKind::Unknown), false)]);
    }

    #[test]
    fn entries_whose_newline_is_lost_are_each_read() {
        let (intent, done) = (line(EntryKind::Intent, "r.1.1"), line(EntryKind::Done, "r.1.1"));
        let whole = [(Some(EntryKind::Intent), false), (Some(EntryKind::Done), false)];
        assert_eq!(told(&[&intent[..], &done[..]].concat()), whole);
        assert_eq!(told(&[&intent[..], b"\0\0", &done[..], b"\r"].concat()).len(), 3);
        let half = &intent[..intent.len() / 2];
        let found = told(&[half, &done[..]].concat());
        assert_eq!(found, [(None, true), (Some(EntryKind::Done), false)]);
        let found = told(&[&done[..], half].concat());
        assert_eq!(found, [(Some(EntryKind::Done), false), (None, true)]);
    }

    #[test]
    fn of_a_damaged_line_only_what_agrees_is_believed() {
        let whole = String::from_utf8(line(EntryKind::Intent, "r.1.1")).unwrap();
        let altered = whole.replace("\"key\":\"0a\"", "\"key\":\"0b\"");
        let part = parts(altered.as_bytes()).remove(0);
        let damaged = part.damaged.unwrap();
        assert!(part.entry.is_some() && damaged.is_entry, "it can be read");
        assert_eq!(damaged.attempt.as_deref(), Some("r.1.1"));
        let other = whole.replace("\"attempt\":\"r.1.1\"", "\"attempt\":\"r.2.1\"");
        let part = parts(other.as_bytes()).remove(0);
        assert!(part.entry.is_none(), "which attempt is it about?");
        assert_eq!(part.damaged.unwrap().attempt.as_deref(), Some("r.1.1"), "the end names it");
        let done = String::from_utf8(line(EntryKind::Done, "r.1.1")).unwrap();
        let mixed = whole[..whole.len() / 2].to_owned() + &done[done.len() / 2..];
        assert_eq!(Damaged::of(mixed.as_bytes()).attempt, None, "two halves");
        let verdict = r#"{"v":1,"t":"2026-11-22T10:00:00Z","e":"verdict","run":"r","#;
        let mixed = Damaged::of(format!("{verdict}{}", &whole[whole.len() / 2..]).as_bytes());
        assert!(!mixed.is_free && mixed.attempt.is_none(), "half of it may have cost something");
        let cut = Damaged::of(&whole.as_bytes()[..whole.len() - 10]);
        assert_eq!((cut.attempt.as_deref(), cut.key.as_deref()), (Some("r.1.1"), Some("0a")));
        assert!(Damaged::of(br#"{"v":1,"e":"verdict","run":"#).is_free && !cut.is_free);
    }
}
