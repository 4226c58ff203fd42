//! Lines of prompt files that are written as something else: with a mark in front, as flags, as comments
//! of other languages.

use super::{Fate, Kind, Mark, read, shown, webui};

/// The words of a line that has a mark in front, and that mark: `prompt: a fox`, `positive: a fox`,
/// `- a fox`.
pub fn marked(line: &str) -> Option<(&'static str, &str)> {
    const LABELS: [&str; 2] = ["prompt:", "positive:"];
    const BULLETS: [&str; 3] = ["- ", "* ", "• "];
    let label = LABELS.into_iter().find_map(|label| {
        let head = line.get(..label.len())?;
        head.eq_ignore_ascii_case(label).then(|| (label, line[label.len()..].trim()))
    });
    let bullet = || {
        let rest = |bullet: &'static str| Some((bullet.trim(), line.strip_prefix(bullet)?.trim()));
        BULLETS.into_iter().find_map(rest)
    };
    // What is behind a mark may be anything but nothing, or another mark.
    let is_words = |(_, words): &(&str, &str)| words.starts_with(|c: char| c.is_alphanumeric());
    label.or_else(bullet).filter(is_words)
}

/// What stands in a line that is probably no prompt, and stays one.
pub fn odd(line: &str) -> Option<(String, Kind)> {
    let first = line.split_whitespace().next().unwrap_or_default();
    let name = |kind| Some((shown(first), kind));
    if line.starts_with("//") {
        return Some(("//".to_owned(), Kind::Slashes));
    }
    if webui::block(line).is_some_and(|(part, _)| part == 1) {
        return name(Kind::Negative);
    }
    let flag = first.strip_prefix("--").filter(|name| name.len() > 1);
    let flag = flag.or_else(|| first.strip_prefix('-').filter(|name| name.len() == 1));
    let is_flag = flag.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    // What is read is told as what it is read as.
    let is_read = |mark: &Mark| mark.name == first && !matches!(mark.fate, Fate::Stays(_));
    let reads = || read(line).is_some_and(|reading| reading.marks.iter().any(is_read));
    if is_flag && !reads() {
        return name(Kind::Flag);
    }
    let digits = first.trim_end_matches(['.', ')']);
    let is_number = digits.len() < first.len() && digits.len() < 4;
    let is_number = is_number && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && !digits.is_empty() && line.len() > first.len() {
        return name(Kind::Numbered);
    }
    None
}
