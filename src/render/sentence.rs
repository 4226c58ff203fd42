//! A prompt cut into words whose language is decided and whose meanings are looked up.
//!
//! The language of the whole prompt is the one that most of its words speak for, English where
//! none wins: a word that means something else in another language does not become a wrong animal.
//! Pure: no network, no clock, no files.

use super::emoji;
use super::lexicon::{self, Language, Match, Meaning};
use super::spelling::{fold, is_unspaced, parts};

/// Words of a prompt looked at; the rest only feed the seed.
const WORDS: usize = 400;
/// Bytes of a word that may mean something.
const LONGEST: usize = 60;

/// A word or phrase of the prompt.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// As it is written, in lower case.
    pub(crate) text: String,
    /// All it may mean; empty where it is not known.
    pub(crate) meanings: Vec<Meaning>,
    /// What the first part of a compound adds.
    pub(crate) also: Option<Meaning>,
    pub(crate) plural: bool,
    /// Whether a comma or the like stands before it.
    pub(crate) breaks: bool,
}

impl Item {
    /// Whether one of its meanings is such a one.
    pub(crate) fn is(&self, question: impl Fn(Meaning) -> bool) -> bool {
        self.meanings.iter().copied().any(question)
    }
}

/// A prompt and how it was read.
#[derive(Debug)]
pub(crate) struct Sentence {
    pub(crate) items: Vec<Item>,
    pub(crate) language: &'static Language,
}

/// Whether the first of these words is a noun, or one follows after other adjectives.
pub(crate) fn begins_with_noun(items: &[Item]) -> bool {
    for next in items {
        if next.breaks
            || next.is(|m| matches!(m, Meaning::Relation(_) | Meaning::And | Meaning::Not))
        {
            return false;
        }
        if next.meanings.is_empty()
            || next.is(|m| matches!(m, Meaning::Hero(_) | Meaning::Place(_)))
        {
            return true;
        }
    }
    false
}

/// A run of letters in the prompt.
struct Word {
    text: String,
    folded: String,
    breaks: bool,
    unspaced: bool,
    /// How many of it, where it is an emoji.
    emoji: usize,
}

impl Sentence {
    pub(crate) fn read(prompt: &str) -> Self {
        let words = cut(prompt);
        let folded: Vec<String> = words.iter().map(|word| word.folded.clone()).collect();
        let latin = choose(&folded);
        let peopled = folded.iter().enumerate().any(|(at, _)| is_person(latin, &folded[at..]))
            || words.iter().flat_map(pictured).any(|item| item.is(Meaning::is_person));
        let is_unspaced = words.iter().any(|word| word.unspaced);
        let unspaced = is_unspaced
            .then(|| lexicon::others().iter().find(|language| language.unspaced))
            .flatten();
        let mut items = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            if let Some(language) = unspaced.filter(|_| word.unspaced) {
                let peopled = names_person(language, &word.folded);
                items.extend(divided(language, word, peopled));
                at += 1;
                continue;
            }
            if word.emoji > 0 {
                items.extend(pictured(word));
                at += 1;
                continue;
            }
            let ahead = reach(&words, at);
            let found = look_up(latin, &folded[at..ahead], peopled);
            let length = found.as_ref().map_or(1, |found| found.length);
            let text: Vec<&str> =
                words[at..at + length].iter().map(|word| word.text.as_str()).collect();
            let found = found.unwrap_or_default();
            items.push(Item {
                text: text.join(" "),
                meanings: found.meanings,
                also: found.also,
                plural: found.plural,
                breaks: word.breaks,
            });
            at += length;
        }
        let own = words.iter().filter(|word| word.unspaced).count();
        let language = unspaced.filter(|_| own * 2 > words.len()).unwrap_or(latin);
        Self { items, language }
    }
}

/// The end of the words that may make one phrase with the word at this place.
fn reach(words: &[Word], at: usize) -> usize {
    let end = words.len().min(at + 6);
    let stop = (at + 1..end)
        .find(|&next| words[next].breaks || words[next].unspaced || words[next].emoji > 0);
    stop.unwrap_or(end)
}

/// What an emoji is read as, and how many of it.
fn pictured(word: &Word) -> Vec<Item> {
    let item = |text: String, meanings: Vec<Meaning>| Item {
        text,
        meanings,
        also: None,
        plural: false,
        breaks: word.breaks,
    };
    if word.emoji == 0 {
        return Vec::new();
    }
    let english = lexicon::english();
    let found = emoji::word(&word.text).and_then(|word| english.find(&parts(word)));
    let one = item(word.text.clone(), found.map_or(Vec::new(), |found| found.meanings));
    if word.emoji == 1 {
        return vec![one];
    }
    let count = item(word.emoji.to_string(), vec![Meaning::Count(word.emoji.min(9))]);
    vec![count, Item { breaks: false, ..one }]
}

fn cut(prompt: &str) -> Vec<Word> {
    let mut cutter = Cutter { prompt, words: Vec::new(), breaks: false, open: None };
    let mut after_emoji = 0;
    for (at, c) in prompt.char_indices() {
        if at < after_emoji {
            continue;
        }
        if let Some(length) = emoji::length(&prompt[at..]) {
            after_emoji = at + length;
            cutter.emoji(at, after_emoji);
            continue;
        }
        let mark = matches!(c, '\u{300}'..='\u{36f}');
        if c.is_alphanumeric() || mark || c == 'ー' {
            let unspaced = is_unspaced(c);
            if cutter.open.is_some_and(|(_, before)| before != unspaced && !mark) {
                cutter.close(at);
            }
            cutter.open.get_or_insert((at, unspaced));
        } else {
            cutter.close(at);
            cutter.breaks |=
                matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | '(' | ')' | '|' | '\n' | '[' | ']')
                    || matches!(
                        c,
                        '、' | '。' | '，' | '；' | '！' | '？' | '（' | '）' | '—' | '–'
                    );
        }
    }
    cutter.close(prompt.len());
    cutter.words.truncate(WORDS);
    cutter.words
}

/// A prompt on its way to words.
struct Cutter<'a> {
    prompt: &'a str,
    words: Vec<Word>,
    breaks: bool,
    /// Where a word began, and whether it is written without spaces.
    open: Option<(usize, bool)>,
}

impl Cutter<'_> {
    fn close(&mut self, end: usize) {
        let Some((start, unspaced)) = self.open.take() else { return };
        if end - start < LONGEST || unspaced {
            let text = self.prompt[start..end].to_lowercase();
            let folded = if unspaced { text.clone() } else { fold(&text) };
            let breaks = std::mem::take(&mut self.breaks);
            self.words.push(Word { text, folded, breaks, unspaced, emoji: 0 });
        }
    }

    /// The same emoji once more is one more of it.
    fn emoji(&mut self, start: usize, end: usize) {
        self.close(start);
        let text = self.prompt[start..end].to_owned();
        let breaks = std::mem::take(&mut self.breaks);
        match self.words.last_mut().filter(|last| last.text == text && !breaks) {
            Some(last) => last.emoji += 1,
            None => self.words.push(Word {
                text,
                folded: String::new(),
                breaks,
                unspaced: false,
                emoji: 1,
            }),
        }
    }
}

/// The language that most words speak for; the first, English, where none wins.
fn choose(words: &[String]) -> &'static Language {
    let english = lexicon::english();
    let mut best = (english, score(english, words));
    // No other can win over one that knows every word.
    if best.1 == 2 * words.iter().filter(|word| !word.is_empty()).count() {
        return english;
    }
    for language in lexicon::others().iter().filter(|language| !language.unspaced) {
        let score = score(language, words);
        if score > best.1 {
            best = (language, score);
        }
    }
    best.0
}

fn score(language: &Language, words: &[String]) -> usize {
    let mut sum = 0;
    let mut at = 0;
    while at < words.len() {
        if language.is_function(&words[at]) || language.is_known(&words[at]) {
            sum += 2;
            at += 1;
            continue;
        }
        let found = language.find(&words[at..words.len().min(at + 6)]);
        let is_content = found.as_ref().is_some_and(|found| {
            found
                .meanings
                .iter()
                .any(|meaning| meaning.is_content() || matches!(meaning, Meaning::Unknown))
        });
        // A phrase speaks with all its words.
        let length = found.as_ref().map_or(1, |found| found.length);
        sum += if is_content { 2 * length } else { usize::from(found.is_some()) };
        at += length;
    }
    sum
}

/// Whether a person is named by the first of these words.
fn is_person(language: &Language, words: &[String]) -> bool {
    let found = language.find(&words[..words.len().min(3)]);
    found.is_some_and(|found| found.meanings.iter().any(|meaning| meaning.is_person()))
}

/// Whether a text without spaces names a person.
fn names_person(language: &Language, text: &str) -> bool {
    let starts = text.char_indices().map(|(at, _)| &text[at..]);
    let mut found = starts.filter_map(|rest| language.find_start(rest, true));
    found.any(|(_, found)| found.meanings.iter().any(|meaning| meaning.is_person()))
}

/// What the words mean in a language; what a picture is made as is told in English everywhere.
fn look_up(language: &'static Language, words: &[String], peopled: bool) -> Option<Match> {
    let own = language.find_for(words, peopled).or_else(|| compound(language, words.first()?));
    let english = lexicon::english();
    if language.is_english() {
        return own;
    }
    let mut style = english.find(words);
    if let Some(found) = &mut style {
        found.meanings.retain(|meaning| matches!(meaning, Meaning::Style(_)));
    }
    let style = style.filter(|found| !found.meanings.is_empty());
    match (own, style) {
        (Some(own), Some(style)) if style.length > own.length => Some(style),
        (own, style) => own.or(style),
    }
}

/// A word put together of two known ones: the last says what it is. An animal's name is never
/// taken for a part: a sea lion is no lion.
fn compound(language: &'static Language, word: &str) -> Option<Match> {
    if !language.compounds {
        return None;
    }
    let one = |word: &str| language.find(&[word.to_owned()]);
    word.char_indices().skip(3).map(|(at, _)| at).find_map(|at| {
        let (first, last) = word.split_at(at);
        let head = one(last).filter(|_| last.len() > 2)?;
        let is_animal = |meaning: &Meaning| match meaning {
            Meaning::Hero(hero) => hero.is_alive(),
            Meaning::Place(_) | Meaning::Light(_) => false,
            _ => true,
        };
        if head.meanings.iter().any(is_animal) {
            return None;
        }
        let joint =
            first.strip_suffix('s').or(first.strip_suffix('n')).filter(|short| short.len() > 2);
        let mut modifier = one(first).or_else(|| one(joint?))?;
        modifier.meanings.retain(|meaning| {
            matches!(
                meaning,
                Meaning::Place(_)
                    | Meaning::Time(_)
                    | Meaning::Weather(_)
                    | Meaning::Mood(_)
                    | Meaning::Light(_)
                    | Meaning::Color(_)
                    | Meaning::Filler
            )
        });
        let first = modifier.meanings.first()?;
        Some(Match { also: Some(*first), ..head })
    })
}

/// A text without spaces cut at the longest phrases; what is not known between them is one word.
fn divided(language: &'static Language, word: &Word, peopled: bool) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut breaks = word.breaks;
    let mut rest = word.folded.as_str();
    let mut unknown = String::new();
    let item = |text: String, meanings: Vec<Meaning>, breaks: &mut bool| Item {
        text,
        meanings,
        also: None,
        plural: false,
        breaks: std::mem::take(breaks),
    };
    while let Some(c) = rest.chars().next() {
        match language.find_start(rest, peopled) {
            Some((end, found)) => {
                if !unknown.is_empty() {
                    items.push(item(std::mem::take(&mut unknown), Vec::new(), &mut breaks));
                }
                items.push(item(rest[..end].to_owned(), found.meanings, &mut breaks));
                rest = &rest[end..];
            }
            None => {
                unknown.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    if !unknown.is_empty() {
        items.push(item(unknown, Vec::new(), &mut breaks));
    }
    items
}
