//! The end of a line: a checksum, by which one that was altered is told from one that is as it was
//! written, and what the line is about once more, so that two halves are not taken for one line.
//!
//! Pure. It is the last key of a line; its checksum covers every byte before it. Older lines have none.

use super::{Entry, EntryKind};

/// What stands before the value and after it.
const BEFORE: &[u8] = br#","sum":""#;
const BEHIND: &[u8] = br#""}"#;
const DIGITS: usize = 8;

/// How a line stands to its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// It fits.
    Right,
    /// There is none.
    None,
    /// The line is not what was written.
    Wrong,
}

/// The line of an entry without its newline.
///
/// # Errors
/// None that is known.
pub(crate) fn line_of(entry: &Entry) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)?;
    line.pop();
    let sum = crc32fast::hash(&line);
    line.extend_from_slice(BEFORE);
    if !entry.attempt.is_empty() {
        line.extend_from_slice(word(entry.e).as_bytes());
        line.extend_from_slice(format!(" {} ", entry.attempt).as_bytes());
    }
    line.extend_from_slice(format!("{sum:08x}").as_bytes());
    line.extend_from_slice(BEHIND);
    Ok(line)
}

/// The kind of an entry as its line has it.
fn word(kind: EntryKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| Some(v.as_str()?.to_owned())).unwrap_or_default()
}

/// Compares a line, with or without white space behind it, with its checksum.
pub(crate) fn check(line: &[u8]) -> Check {
    let Some((covered, value)) = split(line) else { return Check::None };
    let digits = value.split_last_chunk::<DIGITS>().map(|(_, digits)| digits);
    let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
    match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
        Some(sum) if sum == crc32fast::hash(covered) => Check::Right,
        _ => Check::Wrong,
    }
}

/// The kind and the attempt that the end of a line names.
pub(crate) fn named(line: &[u8]) -> Option<(&str, &str)> {
    let (_, value) = split(line)?;
    let (kind, rest) = str::from_utf8(value).ok()?.split_once(' ')?;
    let (attempt, _) = rest.split_once(' ')?;
    Some((kind, attempt))
}

/// What is covered, and the value at the end.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_end().strip_suffix(BEHIND)?;
    let value = memchr::memrchr(b'"', line)? + 1;
    Some((line[..value].strip_suffix(BEFORE)?, &line[value..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_altered_is_told_from_one_that_was_not() {
        let entry = Entry::new(EntryKind::Intent, "r", "r.1", "r.1.2");
        let plain = serde_json::to_vec(&entry).unwrap();
        assert_eq!(check(&plain), Check::None, "older lines have none");
        let line = line_of(&entry).unwrap();
        assert_eq!(check(&line), Check::Right);
        assert_eq!(named(&line), Some(("intent", "r.1.2")));
        assert_eq!(check(&[&line[..], b"\r"].concat()), Check::Right, "white space is none of it");
        assert_eq!(serde_json::from_slice::<Entry>(&line).unwrap(), entry);
        for at in 0..plain.len() - 1 {
            let mut altered = line.clone();
            altered[at] ^= 1;
            assert_eq!(check(&altered), Check::Wrong, "{at}");
        }
        let joined = [&line[..], &line[..]].concat();
        assert_eq!(check(&joined), Check::Wrong);
        let of_run = line_of(&Entry::of_run(EntryKind::Verdict, "r")).unwrap();
        assert_eq!((check(&of_run), named(&of_run)), (Check::Right, None));
    }
}
