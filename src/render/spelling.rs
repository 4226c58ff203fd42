//! How words are written: folded to plain lower-case letters, cut apart, and without their endings;
//! and how they are looked up.
//!
//! Pure: no network, no clock, no files.

/// An ending that a word may have, and what stands in its place without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    end: String,
    instead: String,
    /// It makes a noun a plural.
    pub(crate) plural: bool,
    /// Only of adjectives and what is like them.
    pub(crate) form: bool,
}

impl Ending {
    /// Reads `s`, `+s` (a plural), `+ies>y`.
    pub(crate) fn read(text: &str) -> Self {
        let (plural, text) = text.strip_prefix('+').map_or((false, text), |text| (true, text));
        let (end, instead) = text.split_once('>').unwrap_or((text, ""));
        Self { end: end.to_owned(), instead: instead.to_owned(), plural, form: false }
    }

    /// Reads the ending of an adjective.
    pub(crate) fn form(text: &str) -> Self {
        Self { form: true, ..Self::read(text) }
    }

    /// The word without it; at least two letters must be left.
    pub(crate) fn cut(&self, word: &str) -> Option<String> {
        let stem = word.strip_suffix(self.end.as_str()).filter(|stem| stem.len() > 1)?;
        Some(format!("{stem}{}", self.instead))
    }
}

/// Lower case, without accents and other marks.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => folded.push('a'),
            'æ' => folded.push_str("ae"),
            'ç' | 'ć' | 'č' => folded.push('c'),
            'ď' | 'đ' => folded.push('d'),
            'è'..='ë' | 'ē' | 'ę' | 'ě' => folded.push('e'),
            'ğ' => folded.push('g'),
            'ì'..='ï' | 'ī' | 'ı' => folded.push('i'),
            'ł' => folded.push('l'),
            'ñ' | 'ń' | 'ň' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => folded.push('o'),
            'œ' => folded.push_str("oe"),
            'ř' => folded.push('r'),
            'ß' => folded.push_str("ss"),
            'ś' | 'š' | 'ş' => folded.push('s'),
            'ť' | 'ţ' => folded.push('t'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            // Marks that stand by themselves, as after the letters of some keyboards.
            '\u{300}'..='\u{36f}' => {}
            _ => folded.push(c),
        }
    }
    folded
}

/// The folded words of a text.
pub(crate) fn parts(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && !is_mark(c));
    words.map(fold).filter(|word| !word.is_empty()).collect()
}

/// The first word of a line, which ends at a space or a tab.
pub(crate) fn first_word(line: &str) -> &str {
    line.split([' ', '\t', '\n']).next().unwrap_or_default()
}

/// The lines that begin with a word, of a text whose lines are sorted by their first words.
pub(crate) fn beginning<'a>(text: &'a str, word: &str) -> impl Iterator<Item = &'a str> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let before = text.as_bytes()[..middle].iter().rposition(|byte| *byte == b'\n');
        let line = before.map_or(0, |at| at + 1);
        if first_word(&text[line..]) < word {
            low = text[line..].find('\n').map_or(text.len(), |length| line + length + 1);
        } else {
            high = line;
        }
    }
    text[low..].lines().take_while(move |line| first_word(line) == word)
}

/// Marks that belong to the letter before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Letters written without spaces between the words: kana and the characters of Chinese origin.
pub(crate) fn is_unspaced(c: char) -> bool {
    is_kana(c) || is_chinese(c)
}

/// Letters of Japanese alone.
pub(crate) fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}')
}

/// Characters of Chinese origin.
pub(crate) fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
        || matches!(c, '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Letters that no known language is written in: Greek, Cyrillic, Arabic, Thai, Hangul and all
/// others.
pub(crate) fn is_foreign(c: char) -> bool {
    let is_known = matches!(c, '\0'..='\u{36f}' | '\u{1e00}'..='\u{1eff}' | '\u{2000}'..='\u{2bff}')
        || matches!(c, '\u{fb00}'..='\u{fb06}' | '\u{ff00}'..='\u{ff9f}');
    c.is_alphabetic() && !is_known && !is_unspaced(c)
}

/// Signs inside words of such letters that are no letters themselves: vowels and tones.
pub(crate) fn is_foreign_mark(c: char) -> bool {
    let is_stop =
        matches!(c, '\u{964}' | '\u{965}' | '\u{e2f}' | '\u{e3f}' | '\u{e4f}' | '\u{e5a}');
    !is_stop
        && (matches!(c, '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}')
            || matches!(c, '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{103e}' | '\u{17b4}'..='\u{17d3}')
            || matches!(c, '\u{200c}' | '\u{200d}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_ligatures_and_marks_are_folded() {
        assert_eq!(fold("Äpfel Łódź œuvre Straße"), "apfel lodz oeuvre strasse");
        assert_eq!(fold("cafe\u{301}"), "cafe");
        assert_eq!(parts("L'été, au-delà!"), ["l", "ete", "au", "dela"]);
        assert_eq!(parts("8k 木の下"), ["8k", "木の下"]);
    }

    #[test]
    fn endings_are_cut_and_replaced() {
        let cut = |ending: &str, word: &str| Ending::read(ending).cut(word);
        assert_eq!(cut("+ies>y", "puppies"), Some("puppy".to_owned()));
        assert_eq!(cut("+s", "cats"), Some("cat".to_owned()));
        assert_eq!(cut("+s", "as"), None);
        assert!(Ending::read("+s").plural && Ending::form("er").form);
    }

    #[test]
    fn lines_are_found_by_their_first_word_alone() {
        let text = "a\t1\nbee\t2\nbee hive\t3\nbeet\t4\nete\t5\n木\t6";
        let found = |word: &str| beginning(text, word).collect::<Vec<_>>();
        assert_eq!(found("bee"), ["bee\t2", "bee hive\t3"]);
        for line in text.lines().filter(|line| !line.starts_with("bee")) {
            assert_eq!(found(line.split('\t').next().unwrap()), [line]);
        }
        for none in ["", "be", "bees", "hive", "0", "木の", "zoo"] {
            assert_eq!(found(none), Vec::<&str>::new(), "{none}");
        }
        assert_eq!(beginning("", "bee").count(), 0);
    }
}
