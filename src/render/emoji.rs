//! Emoji: where one stands in a text, and the English word that it is read as.
//!
//! The words stand in `data/emoji.toml`. Pure: no network, no clock, no files.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text;

const JOINER: char = '\u{200d}';
const STYLE: char = '\u{fe0f}';

/// The words by the emoji, without tones of skin and marks of style.
static WORDS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let table: HashMap<String, String> =
        text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/emoji.z")));
    let words =
        table.iter().flat_map(|(word, all)| all.split(' ').map(|one| (plain(one), word.clone())));
    words.collect()
});

/// The bytes of the emoji with which a text begins, with all that is joined to it.
pub(crate) fn length(text: &str) -> Option<usize> {
    let mut letters = text.chars().peekable();
    let first = letters.next()?;
    let is_flag = is_letter_of_flag(first);
    let marked = letters.peek() == Some(&STYLE);
    if !(is_pictograph(first) || is_symbol(first) && (marked || is_known(first))) {
        return None;
    }
    let mut bytes = first.len_utf8();
    while let Some(&next) = letters.peek() {
        let joins = next == JOINER || next == STYLE || is_tone(next);
        if joins || is_flag && bytes == first.len_utf8() && is_letter_of_flag(next) {
            bytes += next.len_utf8();
            letters.next();
            if next == JOINER
                && let Some(joined) = letters.next()
            {
                bytes += joined.len_utf8();
            }
            continue;
        }
        break;
    }
    Some(bytes)
}

/// The English word for an emoji; of one that is joined, that of its first where the whole is not
/// known.
pub(crate) fn word(emoji: &str) -> Option<&'static str> {
    let plain = plain(emoji);
    let first = plain.split(JOINER).next().unwrap_or_default();
    WORDS.get(&plain).or_else(|| WORDS.get(first)).map(String::as_str)
}

/// Every emoji of a text, in order.
pub(crate) fn all(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let bytes = length(&text[at..]);
        found.extend(bytes.map(|bytes| &text[at..at + bytes]));
        at += bytes.unwrap_or(letter.len_utf8());
    }
    found
}

/// A text without its emoji.
pub(crate) fn without(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    for emoji in all(text) {
        let (before, after) = rest.split_once(emoji).unwrap_or((rest, ""));
        kept.push_str(before);
        rest = after;
    }
    kept + rest
}

fn plain(emoji: &str) -> String {
    emoji.chars().filter(|c| *c != STYLE && !is_tone(*c)).collect()
}

fn is_known(symbol: char) -> bool {
    WORDS.contains_key(symbol.encode_utf8(&mut [0; 4]))
}

fn is_pictograph(c: char) -> bool {
    is_letter_of_flag(c) || matches!(c, '\u{1f300}'..='\u{1faff}') && !is_tone(c)
}

/// Signs that are letters in old texts and pictures in new ones.
fn is_symbol(c: char) -> bool {
    matches!(c, '\u{231a}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b50}')
}

fn is_letter_of_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_is_one_with_its_tone_its_style_and_what_is_joined() {
        assert_eq!(all("a 🦊 and 👩🏽‍🚒, ❤️!"), ["🦊", "👩🏽‍🚒", "❤️"]);
        assert_eq!(all("5 * 3 ✓ © ★"), Vec::<&str>::new());
        assert_eq!(word("🦊"), Some("fox"));
        assert_eq!(word("👩🏽‍🚒"), Some("firefighter"));
        assert_eq!(word("👩‍🎤"), Some("woman"));
        assert_eq!(word("🪬"), None);
        assert_eq!(without("Hi 🦊🚀!"), "Hi !");
        assert_eq!(without("👩 👩‍🚒"), " ");
        assert_eq!(all("🇩🇪🇫🇷").len(), 2);
    }

    #[test]
    fn every_emoji_is_one_and_has_one_word() {
        let table: HashMap<String, String> =
            text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/emoji.z")));
        let all: Vec<&str> = table.values().flat_map(|all| all.split(' ')).collect();
        assert_eq!(all.len(), WORDS.len());
        for emoji in all {
            assert_eq!(length(emoji), Some(emoji.len()), "{emoji}");
        }
    }
}
