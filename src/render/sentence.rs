//! A prompt cut into words whose language is decided and whose meanings are looked up.
//!
//! The language of the whole prompt is the one that most of its words speak for, English where
//! none wins: a word that means something else in another language does not become a wrong animal.
//! Pure: no network, no clock, no files.

use super::emoji;
use super::lexicon::{self, Language, Match, Meaning};
use super::spelling::{fold, is_chinese, is_foreign, is_foreign_mark, is_kana, is_unspaced, parts};

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
    /// A word that means nothing known.
    fn unknown(text: String, breaks: bool) -> Self {
        Self { text, meanings: Vec::new(), also: None, plural: false, breaks }
    }

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

/// What letters a word is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Those of English.
    Latin,
    /// Written without spaces.
    Unspaced,
    /// In which no known language is written.
    Foreign,
}

impl Script {
    fn of(c: char) -> Self {
        match c {
            c if is_unspaced(c) => Self::Unspaced,
            c if is_foreign(c) => Self::Foreign,
            _ => Self::Latin,
        }
    }
}

/// A run of letters in the prompt.
struct Word {
    text: String,
    folded: String,
    breaks: bool,
    script: Script,
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
        let is_unspaced = |word: &&Word| word.script == Script::Unspaced;
        let unspaced = choose_unspaced(words.iter().filter(is_unspaced));
        let mut items = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            if let Some(language) = unspaced.filter(|_| word.script == Script::Unspaced) {
                items.extend(divided(language, word));
                at += 1;
                continue;
            }
            if word.script == Script::Foreign {
                items.push(Item::unknown(word.text.clone(), word.breaks));
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
        let own = words.iter().filter(is_unspaced).count();
        let language = unspaced.filter(|_| own * 2 > words.len()).unwrap_or(latin);
        Self { items, language }
    }
}

/// The end of the words that may make one phrase with the word at this place.
fn reach(words: &[Word], at: usize) -> usize {
    let end = words.len().min(at + 6);
    let stop = (at + 1..end).find(|&next| {
        let word = &words[next];
        word.breaks || word.script != Script::Latin || word.emoji > 0
    });
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
        let open = cutter.open.map(|(_, script)| script);
        let mark = matches!(c, '\u{300}'..='\u{36f}')
            || open == Some(Script::Foreign) && is_foreign_mark(c);
        if c.is_alphanumeric() || mark || c == 'ー' {
            let script = Script::of(c);
            if open.is_some_and(|before| before != script && !mark) {
                cutter.close(at);
            }
            cutter.open.get_or_insert((at, script));
        } else {
            cutter.close(at);
            cutter.breaks |=
                matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | '(' | ')' | '|' | '\n' | '[' | ']')
                    || matches!(
                        c,
                        '、' | '。'
                            | '，'
                            | '；'
                            | '：'
                            | '！'
                            | '？'
                            | '（'
                            | '）'
                            | '—'
                            | '–'
                            | '،'
                            | '؛'
                            | '؟'
                            | '।'
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
    /// Where a word began, and of what letters it is.
    open: Option<(usize, Script)>,
}

impl Cutter<'_> {
    fn close(&mut self, end: usize) {
        let Some((start, script)) = self.open.take() else { return };
        let text = self.prompt[start..end].to_lowercase();
        let breaks = std::mem::take(&mut self.breaks);
        // Where one word ends is not known: what is not read is told as it stands.
        if script == Script::Foreign
            && !breaks
            && let Some(last) = self.words.last_mut().filter(|last| last.script == script)
        {
            last.text = format!("{} {text}", last.text);
            return;
        }
        let folded = match script {
            Script::Unspaced => text.clone(),
            Script::Latin if end - start < LONGEST => fold(&text),
            Script::Latin | Script::Foreign => String::new(),
        };
        self.words.push(Word { text, folded, breaks, script, emoji: 0 });
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
                script: Script::Latin,
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

/// The language in which words without spaces say most; kana are of Japanese alone.
fn choose_unspaced<'a>(words: impl Iterator<Item = &'a Word>) -> Option<&'static Language> {
    let words: Vec<&Word> = words.collect();
    if words.is_empty() {
        return None;
    }
    let has_kana = words.iter().any(|word| word.text.chars().any(is_kana));
    let all = lexicon::others().iter().filter(|language| language.unspaced);
    let able = all.filter(|language| language.kana || !has_kana);
    let score = |language: &&'static Language| {
        let items = words.iter().flat_map(|word| divided(language, word));
        let known = items.filter(|item| !item.meanings.is_empty());
        known.map(|item| 3 * item.text.chars().count() as i32 - 1).sum::<i32>()
    };
    able.rev().max_by_key(score)
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
fn divided(language: &'static Language, word: &Word) -> Vec<Item> {
    let folded = language.written(&word.folded);
    let peopled = names_person(language, &folded);
    let mut items: Vec<Item> = Vec::new();
    let mut breaks = word.breaks;
    let (mut at, mut known) = (0, 0);
    let mut tell = |items: &mut Vec<Item>, known: usize, at: usize| {
        let breaks = std::mem::take(&mut breaks);
        if known < at {
            items.push(Item::unknown(word.folded[known..at].to_owned(), breaks));
            return false;
        }
        breaks
    };
    while let Some(c) = folded[at..].chars().next() {
        let Some((length, found)) = language.find_start(&folded[at..], peopled) else {
            at += c.len_utf8();
            continue;
        };
        let breaks = tell(&mut items, known, at);
        let text = word.folded[at..at + length].to_owned();
        items.push(Item { meanings: found.meanings, ..Item::unknown(text, breaks) });
        at += length;
        known = at;
    }
    tell(&mut items, known, at);
    whole(items)
}

/// A character that touches one that is not known, or another that is a thing, is a part of a word,
/// and no thing: 熊猫 is neither a bear nor a cat.
fn whole(items: Vec<Item>) -> Vec<Item> {
    let is_one = |item: &Item| {
        let mut letters = item.text.chars();
        letters.next().is_some_and(is_chinese) && letters.next().is_none()
    };
    let is_thing = |item: &Item| is_one(item) && item.is(|m| matches!(m, Meaning::Hero(_)));
    let is_strange = |item: &Item| {
        item.meanings.is_empty() && item.text.chars().all(is_chinese)
            || is_one(item) && item.is(|m| matches!(m, Meaning::Hero(_) | Meaning::Place(_)))
    };
    let touches = |at: usize, other: usize| {
        items.get(other).is_some_and(|next| is_strange(next) && !items[at.max(other)].breaks)
    };
    let parts: Vec<bool> = (0..items.len())
        .map(|at| is_thing(&items[at]) && (at > 0 && touches(at, at - 1) || touches(at, at + 1)))
        .collect();
    let mut joined: Vec<Item> = Vec::new();
    let mut was_part = false;
    for (at, item) in items.iter().enumerate() {
        let is_part = parts[at]
            || is_strange(item) && (at > 0 && parts[at - 1] || parts.get(at + 1) == Some(&true));
        match joined.last_mut().filter(|_| is_part && was_part && !item.breaks) {
            Some(last) => last.text.push_str(&item.text),
            None if is_part => joined.push(Item::unknown(item.text.clone(), item.breaks)),
            None => joined.push(item.clone()),
        }
        was_part = is_part;
    }
    joined
}
