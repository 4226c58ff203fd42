//! The words: what each word and phrase of each language means to the renderer.
//!
//! Data alone: `data/words.toml` (English), `data/lang/*.toml`, and the words of the heroes, which
//! are made one sorted text for each language when pinx is built. The longest phrase wins; a word
//! may mean several things, between which the sentence decides.
//! Pure: no network, no clock, no files.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::art::{self, Hero};
use super::place::{Light, Mood, Place, Relation, Time, Weather};
use super::spelling::{Ending, beginning};
use crate::text;

/// The language of the heroes' own words, and of what no other claims.
const ENGLISH: &str = "en";

/// The traits of women and of men.
pub(crate) const FEMALE: &str = "female";
pub(crate) const MALE: &str = "male";

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
    /// In the air, whatever it usually does.
    Aloft,
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
    /// What a kind and a name of the tables stand for.
    fn read(kind: &str, name: &'static str) -> Option<Self> {
        Some(match kind {
            "hero" => Self::Hero(art::find(name)?),
            "place" => Self::Place(named(name)?),
            "time" => Self::Time(named(name)?),
            "weather" => Self::Weather(named(name)?),
            "mood" => Self::Mood(named(name)?),
            "light" => Self::Light(named(name)?),
            "color" => Self::Color(art::rgb(name)?),
            "shade" => Self::Shade(name.parse().ok()?),
            "number" => Self::Count(name.parse().ok()?),
            "trait" => Self::Trait(name),
            "relation" => Self::Relation(named(name)?),
            "style" => Self::Style(name),
            "link" if name == "not" => Self::Not,
            "link" if name == "aloft" => Self::Aloft,
            "link" => Self::And,
            "filler" => Self::Filler,
            "unknown" => Self::Unknown,
            "action" => Self::Action,
            "backdrop" => Self::Backdrop,
            _ => return None,
        })
    }

    /// Whether it can be seen in the picture.
    pub(crate) fn is_content(self) -> bool {
        !matches!(
            self,
            Self::Relation(_)
                | Self::And
                | Self::Not
                | Self::Aloft
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
#[derive(Debug, Default, Deserialize)]
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
    /// Written with kana, too.
    kana: bool,
    /// What is held or worn stands after its verb: the other way round than the rest.
    verbs_before: bool,
    /// Other characters, each before the one that the tables have instead.
    variants: Vec<String>,
    /// Endings of words that are no things.
    unsaid: Vec<String>,
    function: Vec<String>,
    known: Vec<String>,
    singular: Vec<String>,
    /// Articles of women, and of men.
    feminine: Vec<String>,
    masculine: Vec<String>,
    /// Endings of words for women.
    female_endings: Vec<String>,
    /// Characters of the longest word that begins a phrase.
    longest: usize,
}

/// A known word or phrase: a line of the tables.
#[derive(Debug, Clone, Copy)]
struct Phrase {
    words: &'static str,
    kind: &'static str,
    name: &'static str,
}

impl Phrase {
    fn read(line: &'static str) -> Option<Self> {
        let (words, meaning) = line.split_once('\t')?;
        let (kind, name) = meaning.split_once('\t')?;
        Some(Self { words, kind, name })
    }

    fn meaning(self) -> Meaning {
        Meaning::read(self.kind, self.name).expect("a test reads every table")
    }
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
    pub(crate) kana: bool,
    pub(crate) verbs_before: bool,
    variants: HashMap<char, char>,
    pub(crate) unsaid: Vec<String>,
    endings: Vec<Ending>,
    forms: Vec<Ending>,
    function: Vec<String>,
    known: Vec<String>,
    singular: Vec<String>,
    feminine: Vec<String>,
    masculine: Vec<String>,
    female_endings: Vec<String>,
    longest: usize,
    /// A line for each phrase, sorted by their first words.
    phrases: &'static str,
}

impl Language {
    fn new(id: &'static str, text: &'static str) -> Self {
        let (grammar, phrases) = text.split_once('\n').unwrap_or((text, ""));
        let grammar: Grammar = serde_json::from_str(grammar).expect("a test reads every table");
        Self {
            id,
            adjectives_after: grammar.adjectives_after,
            compounds: grammar.compounds,
            unspaced: grammar.unspaced,
            kana: grammar.kana,
            verbs_before: grammar.verbs_before,
            variants: pairs(&grammar.variants.concat()),
            unsaid: grammar.unsaid,
            endings: grammar.endings.iter().map(|text| Ending::read(text)).collect(),
            forms: grammar.forms.iter().map(|text| Ending::form(text)).collect(),
            function: grammar.function,
            known: grammar.known,
            singular: grammar.singular,
            feminine: grammar.feminine,
            masculine: grammar.masculine,
            female_endings: grammar.female_endings,
            longest: grammar.longest,
            phrases,
        }
    }

    /// The phrases that begin with a folded word.
    fn beginning(&self, word: &str) -> impl Iterator<Item = Phrase> {
        beginning(self.phrases, word).filter_map(Phrase::read)
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
            for phrase in self.beginning(&stem) {
                let length = phrase.words.split(' ').count();
                let shortest = found.as_ref().map_or(longest, |found| found.length);
                let mut rest = phrase.words.split(' ').zip(words).skip(1);
                if length < shortest
                    || length > words.len()
                    || !rest.all(|(own, word)| self.stems(word).any(|(_, stem)| stem == own))
                {
                    continue;
                }
                let meaning = phrase.meaning();
                let is_bent = ending.is_some_and(|ending| ending.form);
                if !may(meaning) || is_bent && !meaning.is_adjective() {
                    continue;
                }
                match &mut found {
                    Some(found) if found.length == length => found.meanings.push(meaning),
                    _ => {
                        let last = phrase.words.rsplit(' ').next().unwrap_or_default();
                        let plural = self.is_plural(&words[length - 1], last)
                            || self.is_plural_of(phrase)
                            || ending.is_some_and(|ending| ending.plural);
                        let meanings = vec![meaning];
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

    /// Whether the tables have it as the plural of a drawing's name: strawberries.
    fn is_plural_of(&self, phrase: Phrase) -> bool {
        let mut cut = self.stems(phrase.words).skip(1);
        // Shoes and coins are drawn by the pair and the heap.
        let is_single = |hero: &Hero| {
            hero.is_alive() || matches!(hero.group.as_str(), "food" | "pantry" | "produce")
        };
        phrase.kind == "hero"
            && phrase.words != phrase.name
            && cut.any(|(ending, stem)| {
                stem == phrase.name && ending.is_some_and(|ending| ending.plural)
            })
            && art::find(phrase.name).is_some_and(is_single)
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

    /// A text in the characters of the tables, each as long as the one it stands for.
    pub(crate) fn written(&self, text: &str) -> String {
        text.chars().map(|c| *self.variants.get(&c).unwrap_or(&c)).collect()
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

    /// The trait that an article gives to whoever is named after it.
    pub(crate) fn sex_of_article(&self, word: &str) -> Option<&'static str> {
        let is_one_of = |list: &[String]| list.iter().any(|own| own == word);
        match () {
            () if is_one_of(&self.feminine) => Some(FEMALE),
            () if is_one_of(&self.masculine) => Some(MALE),
            () => None,
        }
    }

    /// Whether a folded word ends as one for a woman does.
    pub(crate) fn is_female(&self, word: &str) -> bool {
        self.female_endings.iter().any(|ending| word.ends_with(ending.as_str()))
    }

    /// Whether a folded word is one of the language's that is not drawn.
    pub(crate) fn is_known(&self, word: &str) -> bool {
        self.known.iter().any(|own| own == word)
    }

    /// The longest phrase with which a text without spaces begins, and its length in bytes; what
    /// people do comes last where there are none.
    pub(crate) fn find_start(&self, text: &str, peopled: bool) -> Option<(usize, Match)> {
        let ends = text.char_indices().take(self.longest).map(|(at, c)| at + c.len_utf8());
        let ends: Vec<usize> = ends.collect();
        let longest = |may: &dyn Fn(Meaning) -> bool| {
            ends.iter().rev().find_map(|&end| {
                let meanings = self.beginning(&text[..end]).map(Phrase::meaning);
                let meanings: Vec<Meaning> = meanings.filter(|one| may(*one)).collect();
                let found = Match { length: 1, meanings, also: None, plural: false };
                (!found.meanings.is_empty()).then_some((end, found))
            })
        };
        if peopled {
            return longest(&|_| true);
        }
        let things = longest(&|meaning| !matches!(meaning, Meaning::Trait(_)));
        things.or_else(|| longest(&|_| true))
    }
}

/// The first of every two characters, each with the second.
fn pairs(text: &str) -> HashMap<char, char> {
    let mut all = text.chars();
    let pair = || all.next().zip(all.next());
    std::iter::from_fn(pair).filter(|(one, other)| one.len_utf8() == other.len_utf8()).collect()
}

/// What a name of the tables stands for.
fn named<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_value(Value::String(key.to_owned())).ok()
}

static FIRST: LazyLock<Language> = LazyLock::new(|| {
    Language::new(ENGLISH, include_str!(concat!(env!("OUT_DIR"), "/english.txt")))
});

/// The texts of the other languages, which are seldom needed.
static TEXTS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/languages.z"))));

static OTHERS: LazyLock<Vec<Language>> =
    LazyLock::new(|| TEXTS.iter().map(|(id, text)| Language::new(id, text)).collect());

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
    use crate::render::figure;

    fn phrases(language: &Language) -> impl Iterator<Item = Phrase> {
        language.phrases.lines().map(|line| Phrase::read(line).expect(line))
    }

    /// What a language has words for, but for how people are.
    fn meanings(language: &Language) -> BTreeSet<String> {
        let all = phrases(language).map(|phrase| match phrase.meaning() {
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
    fn the_others_have_words_for_the_same_traits_and_no_word_is_two_heroes() {
        let traits = |language: &Language| -> BTreeSet<&str> {
            phrases(language).filter(|one| one.kind == "trait").map(|one| one.name).collect()
        };
        let first = traits(&others()[0]);
        let known: BTreeSet<&str> = figure::told().collect();
        for names in [&first, &traits(english())] {
            assert!(names.len() > 30 && names.is_subset(&known), "{names:?}");
        }
        for language in others() {
            assert_eq!(first, traits(language), "{}", language.id);
            let mut owners: HashMap<&str, &str> = HashMap::new();
            for hero in phrases(language).filter(|one| one.kind == "hero") {
                let before = owners.insert(hero.words, hero.name);
                let id = language.id;
                assert!(
                    before.is_none_or(|owner| owner == hero.name),
                    "{id}: {}: {}, {before:?}",
                    hero.words,
                    hero.name
                );
            }
        }
    }

    #[test]
    fn every_phrase_is_found_where_it_stands() {
        for language in std::iter::once(english()).chain(others()) {
            for phrase in phrases(language) {
                let first = phrase.words.split(' ').next().unwrap();
                let mut found = language.beginning(first);
                assert!(found.any(|one| one.words == phrase.words), "{phrase:?}");
                assert!(first.chars().count() <= language.longest, "{phrase:?}");
            }
        }
    }
}
