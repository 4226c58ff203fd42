//! The words: what each word and phrase of each language means to the renderer.
//!
//! Data alone: `data/words.toml` (English), `data/lang/*.toml`, and the words of the heroes. The
//! longest phrase wins; a word may mean several things, between which the sentence decides.
//! Pure: no network, no clock, no files.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::art::{self, Hero};
use super::figure;
use super::place::{Light, Mood, Place, Relation, Time, Weather};
use super::spelling::{Ending, fold, parts};
use crate::text;

/// The language of the heroes' own words, and of what no other claims.
const ENGLISH: &str = "en";

/// What a word means to the renderer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meaning {
    Hero(&'static Hero),
    Place(Place),
    Time(Time),
    Weather(Weather),
    Mood(Mood),
    Light(Light),
    /// 0xrrggbb.
    Color(u32),
    /// Lightness added to the colour word that follows.
    Shade(f32),
    Count(usize),
    /// How a person or animal is or what it does, by the name in the tables.
    Trait(&'static str),
    Relation(Relation),
    And,
    Not,
    /// What the picture is made as; a style id of ours or `other`.
    Style(&'static str),
    /// A word that adds nothing to see.
    Filler,
    /// A phrase that is no sum of its words, and nothing that could be drawn.
    Unknown,
    /// What animals and things do, which no drawing shows.
    Action,
    /// The plain ground behind all, which a colour may be said of.
    Backdrop,
}

impl Meaning {
    /// Whether it can be seen in the picture.
    pub(crate) fn is_content(self) -> bool {
        !matches!(
            self,
            Self::Relation(_)
                | Self::And
                | Self::Not
                | Self::Style(_)
                | Self::Filler
                | Self::Unknown
                | Self::Action
                | Self::Backdrop
        )
    }

    /// Whether it is a person.
    pub(crate) fn is_person(self) -> bool {
        matches!(self, Self::Hero(hero) if hero.figure.is_some())
    }

    /// Whether it is inflected as an adjective is.
    fn is_adjective(self) -> bool {
        !matches!(self, Self::Hero(_) | Self::Place(_) | Self::Relation(_) | Self::Unknown)
    }
}

/// How the words of a language are put together.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Grammar {
    endings: Vec<String>,
    forms: Vec<String>,
    /// A colour stands after its noun.
    adjectives_after: bool,
    /// Words are written together: the last one says what it is.
    compounds: bool,
    /// Written without spaces, and what is said of a thing stands before it.
    unspaced: bool,
    /// Endings of words that are no things.
    unsaid: Vec<String>,
    function: String,
    filler: String,
    known: String,
    unknown: String,
    action: String,
    backdrop: String,
    singular: String,
}

/// Names and the words for them, separated by commas.
type Words = HashMap<String, String>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tables {
    grammar: Grammar,
    rgb: Words,
    lightness: HashMap<String, f32>,
    hero: Words,
    place: Words,
    time: Words,
    weather: Words,
    mood: Words,
    light: Words,
    color: Words,
    shade: Words,
    number: Words,
    #[serde(rename = "trait")]
    traits: Words,
    relation: Words,
    link: Words,
    style: Words,
}

/// A known word or phrase.
#[derive(Debug)]
struct Phrase {
    words: Vec<String>,
    meaning: Meaning,
}

/// A word or phrase found in a prompt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Match {
    /// Words of the prompt that it takes.
    pub(crate) length: usize,
    /// All it may mean; never empty.
    pub(crate) meanings: Vec<Meaning>,
    /// What the first part of a compound adds.
    pub(crate) also: Option<Meaning>,
    /// Whether it is written as more than one.
    pub(crate) plural: bool,
}

/// One language.
#[derive(Debug)]
pub(crate) struct Language {
    pub(crate) id: &'static str,
    pub(crate) adjectives_after: bool,
    pub(crate) compounds: bool,
    pub(crate) unspaced: bool,
    pub(crate) unsaid: &'static [String],
    endings: Vec<Ending>,
    forms: Vec<Ending>,
    function: Vec<String>,
    known: Vec<String>,
    singular: Vec<String>,
    phrases: HashMap<String, Vec<Phrase>>,
    /// Words of the longest phrase; characters where it is written without spaces.
    reach: usize,
}

impl Language {
    fn new(id: &'static str, tables: &'static Tables, colors: &Tables) -> Self {
        let english = id == ENGLISH;
        let grammar = &tables.grammar;
        let mut language = Self {
            id,
            adjectives_after: grammar.adjectives_after,
            compounds: grammar.compounds,
            unspaced: grammar.unspaced,
            unsaid: &grammar.unsaid,
            endings: grammar.endings.iter().map(|text| Ending::read(text)).collect(),
            forms: grammar.forms.iter().map(|text| Ending::form(text)).collect(),
            function: listed(&grammar.function).collect(),
            known: listed(&grammar.known).collect(),
            singular: listed(&grammar.singular).collect(),
            phrases: HashMap::new(),
            reach: 0,
        };
        for hero in art::heroes() {
            let own = hero.words.iter().filter(|_| english).map(String::as_str);
            let others = tables.hero.get(hero.name()).map(String::as_str);
            own.chain(others).for_each(|words| language.add(words, Meaning::Hero(hero)));
        }
        language.name(&tables.place, |key| named(key).map(Meaning::Place));
        language.name(&tables.time, |key| named(key).map(Meaning::Time));
        language.name(&tables.weather, |key| named(key).map(Meaning::Weather));
        language.name(&tables.mood, |key| named(key).map(Meaning::Mood));
        language.name(&tables.light, |key| named(key).map(Meaning::Light));
        language.name(&tables.color, |key| art::rgb(colors.rgb.get(key)?).map(Meaning::Color));
        language.name(&tables.shade, |key| colors.lightness.get(key).map(|by| Meaning::Shade(*by)));
        language.name(&tables.number, |key| key.parse().ok().map(Meaning::Count));
        language.name(&tables.traits, |key| Some(Meaning::Trait(key)));
        for (name, words) in figure::words().filter(|_| english) {
            words.iter().for_each(|words| language.add(words, Meaning::Trait(name)));
        }
        language.name(&tables.relation, |key| named(key).map(Meaning::Relation));
        language.name(&tables.style, |key| Some(Meaning::Style(key)));
        language
            .name(&tables.link, |key| Some(if key == "not" { Meaning::Not } else { Meaning::And }));
        language.add(&grammar.filler, Meaning::Filler);
        language.add(&grammar.unknown, Meaning::Unknown);
        language.add(&grammar.action, Meaning::Action);
        language.add(&grammar.backdrop, Meaning::Backdrop);
        for word in listed(&grammar.function) {
            let own = language.phrases.get(&word).into_iter().flatten();
            if !own.clone().any(|phrase| phrase.words.len() == 1) {
                language.add(&word, Meaning::Filler);
            }
        }
        language
    }

    fn name(&mut self, table: &'static Words, meaning: impl Fn(&'static str) -> Option<Meaning>) {
        for (key, words) in table {
            let meaning = meaning(key).expect("a test reads every table");
            self.add(words, meaning);
        }
    }

    fn add(&mut self, words: &str, meaning: Meaning) {
        for phrase in words.split(',') {
            let words = parts(phrase);
            let Some(first) = words.first().cloned() else { continue };
            let length = if self.unspaced { first.chars().count() } else { words.len() };
            self.reach = self.reach.max(length);
            self.phrases.entry(first).or_default().push(Phrase { words, meaning });
        }
    }

    /// The longest phrase that begins with the first of these folded words; the word as it is
    /// before the word without an ending.
    pub(crate) fn find(&self, words: &[String]) -> Option<Match> {
        self.find_for(words, true)
    }

    /// The same; without people nobody does what is told in phrases for them, and a bear that is
    /// "riding a bicycle" is on one.
    pub(crate) fn find_for(&self, words: &[String], peopled: bool) -> Option<Match> {
        if peopled {
            return self.longest(words, |_| true);
        }
        let things = self.longest(words, |meaning| !matches!(meaning, Meaning::Trait(_)));
        things.or_else(|| self.longest(words.get(..1)?, |_| true))
    }

    fn longest(&self, words: &[String], may: impl Fn(Meaning) -> bool) -> Option<Match> {
        let mut best: Option<Match> = None;
        for (ending, stem) in self.stems(words.first()?) {
            let longest = best.as_ref().map_or(1, |best| best.length + 1);
            let mut found: Option<Match> = None;
            for phrase in self.phrases.get(&stem).into_iter().flatten() {
                let length = phrase.words.len();
                let shortest = found.as_ref().map_or(longest, |found| found.length);
                let bent = ending.is_some_and(|ending| ending.form);
                if length < shortest
                    || !may(phrase.meaning)
                    || length > words.len()
                    || bent && !phrase.meaning.is_adjective()
                    || !phrase.words[1..]
                        .iter()
                        .zip(&words[1..])
                        .all(|(own, word)| self.stems(word).any(|(_, stem)| stem == *own))
                {
                    continue;
                }
                match &mut found {
                    Some(found) if found.length == length => found.meanings.push(phrase.meaning),
                    _ => {
                        let last = self.is_plural(&words[length - 1], &phrase.words[length - 1]);
                        let plural = last || ending.is_some_and(|ending| ending.plural);
                        let meanings = vec![phrase.meaning];
                        found = Some(Match { length, meanings, also: None, plural });
                    }
                }
            }
            best = found.or(best);
        }
        best
    }

    fn is_plural(&self, word: &str, known: &str) -> bool {
        let mut stems = self.stems(word).filter(|(_, stem)| stem == known);
        stems.next().is_some_and(|(ending, _)| ending.is_some_and(|ending| ending.plural))
    }

    /// The word, then the word without each ending that it has.
    fn stems<'a>(
        &'a self,
        word: &'a str,
    ) -> impl Iterator<Item = (Option<&'a Ending>, String)> + 'a {
        let cut = self.endings.iter().chain(&self.forms);
        let cut = cut.filter_map(|ending| Some((Some(ending), ending.cut(word)?)));
        std::iter::once((None, word.to_owned())).chain(cut)
    }

    pub(crate) fn is_english(&self) -> bool {
        self.id == ENGLISH
    }

    /// Whether a folded word tells this language apart.
    pub(crate) fn is_function(&self, word: &str) -> bool {
        self.function.iter().any(|own| own == word)
    }

    /// Whether a word is the article of one, whatever ending its noun has.
    pub(crate) fn is_singular(&self, word: &str) -> bool {
        self.singular.iter().any(|own| own == word)
    }

    /// Whether a folded word is one of the language's that is not drawn.
    pub(crate) fn is_known(&self, word: &str) -> bool {
        self.known.iter().any(|own| own == word)
    }

    /// The longest phrase with which a text without spaces begins, and its length in bytes; what
    /// people do comes last where there are none.
    pub(crate) fn find_start(&self, text: &str, peopled: bool) -> Option<(usize, Match)> {
        let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        let longest = |may: &dyn Fn(Meaning) -> bool| {
            ends.iter().copied().take(self.reach).rev().find_map(|end| {
                let phrases = self.phrases.get(&text[..end])?;
                let meanings: Vec<Meaning> =
                    phrases.iter().map(|phrase| phrase.meaning).filter(|one| may(*one)).collect();
                let found = Match { length: 1, meanings, also: None, plural: false };
                (!found.meanings.is_empty()).then_some((end, found))
            })
        };
        let things = longest(&|meaning| peopled || !matches!(meaning, Meaning::Trait(_)));
        things.or_else(|| longest(&|_| true))
    }
}

/// The parts of a list, folded.
fn listed(words: &str) -> impl Iterator<Item = String> {
    words.split(',').map(|word| fold(word.trim())).filter(|word| !word.is_empty())
}

/// What a name of the tables stands for.
fn named<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_value(Value::String(key.to_owned())).ok()
}

static ENGLISH_TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let bytes = text::unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/english.z")));
    serde_json::from_slice(&bytes).expect("a test reads every table")
});

static TABLES: LazyLock<BTreeMap<String, Tables>> = LazyLock::new(|| {
    let bytes = text::unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/words.z")));
    serde_json::from_slice(&bytes).expect("a test reads every table")
});

static FIRST: LazyLock<Language> =
    LazyLock::new(|| Language::new(ENGLISH, &ENGLISH_TABLES, &ENGLISH_TABLES));

/// The others are seldom needed, and each takes as long as all that an English prompt needs: they
/// are put together at once, on as many threads.
static OTHERS: LazyLock<Vec<Language>> = LazyLock::new(|| {
    std::thread::scope(|scope| {
        let one = |(id, tables): (&'static String, &'static Tables)| {
            scope.spawn(move || Language::new(id, tables, &ENGLISH_TABLES))
        };
        let all: Vec<_> = TABLES.iter().map(one).collect();
        all.into_iter().map(|one| one.join().expect("a test reads every table")).collect()
    })
});

/// English, which is always needed.
pub(crate) fn english() -> &'static Language {
    &FIRST
}

/// All languages but English, by their ids.
pub(crate) fn others() -> &'static [Language] {
    &OTHERS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What a language has words for, but for how people are.
    fn meanings(language: &Language) -> BTreeSet<String> {
        let all = language.phrases.values().flatten().map(|phrase| match phrase.meaning {
            Meaning::Hero(hero) => format!("hero {}", hero.name()),
            Meaning::Trait(_) => String::new(),
            other => format!("{other:?}"),
        });
        all.filter(|name| !name.is_empty()).collect()
    }

    #[test]
    fn every_meaning_has_words_in_every_language() {
        let english = meanings(english());
        assert!(english.len() > 150, "{}", english.len());
        for language in others() {
            let own = meanings(language);
            let missing: Vec<&String> = english.difference(&own).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", language.id);
        }
    }

    #[test]
    fn every_name_in_the_tables_is_one_and_no_word_is_two_heroes() {
        let traits: BTreeSet<&String> = TABLES["de"].traits.keys().collect();
        for (id, tables) in TABLES.iter() {
            let is_hero = |name: &String| art::heroes().iter().any(|hero| hero.name() == name);
            let wrong: Vec<&String> = tables.hero.keys().filter(|name| !is_hero(name)).collect();
            assert!(wrong.is_empty(), "{id}: {wrong:?}");
            assert_eq!(traits, tables.traits.keys().collect(), "{id}");
            let mut owners: HashMap<String, &str> = HashMap::new();
            for (name, words) in &tables.hero {
                for word in words.split(',') {
                    let word = parts(word).join(" ");
                    let before = owners.insert(word.clone(), name);
                    assert!(
                        before.is_none_or(|owner| owner == name),
                        "{id}: {word}: {name}, {before:?}"
                    );
                }
            }
        }
    }
}
