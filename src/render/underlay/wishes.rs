//! What a prompt wants of a picture that is there: another time, weather or mood, and what is to be
//! put into it.
//!
//! What the picture shows already is not drawn again: "the mug" is in it, "a fox" is not.
//! Pure: no network, no clock, no files.

use super::away::Away;
use crate::render::brief::Brief;
use crate::render::cast::{Cast, persons};
use crate::render::lexicon::Meaning;
use crate::render::place::{Mood, Time, Weather};
use crate::render::reading::Reading;
use crate::render::sentence::{Item, Sentence};

/// Words before a thing that is in the picture already.
const THERE: [&str; 40] = [
    "the", "this", "that", "these", "those", "its", "his", "her", "their", "my", "our", "your",
    "der", "die", "das", "den", "dem", "le", "la", "les", "l", "el", "los", "las", "il", "lo",
    "gli", "o", "os", "as", "het", "ce", "cette", "diese", "dieser", "este", "esta", "questo",
    "questa", "seine",
];

/// Words that put something into a picture, even "the" fox.
pub(super) const ADD: [&str; 18] = [
    "put", "add", "place", "insert", "include", "draw", "paint", "give", "setze", "füge", "stelle",
    "ajoute", "mets", "añade", "pon", "aggiungi", "metti", "adiciona",
];

/// Words that ask for a change, and name nothing.
pub(super) const ASKING: [&str; 47] = [
    "make",
    "turn",
    "change",
    "let",
    "more",
    "less",
    "like",
    "look",
    "what",
    "about",
    "please",
    "now",
    "into",
    "keep",
    "same",
    "add",
    "put",
    "place",
    "insert",
    "include",
    "draw",
    "paint",
    "give",
    "use",
    "set",
    "render",
    "redo",
    "convert",
    "transform",
    "edit",
    "apply",
    "want",
    "would",
    "could",
    "should",
    "mach",
    "mache",
    "fais",
    "rends",
    "haz",
    "fai",
    "maak",
    "image",
    "picture",
    "print",
    "poster",
    "paper",
];

/// What is wanted of a picture.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    /// As for a picture without another, with only what is to be drawn into it.
    pub(crate) brief: Brief,
    pub(crate) time: Option<Time>,
    pub(crate) weather: Option<Weather>,
    pub(crate) mood: Option<Mood>,
    /// Words that it did not do, as they are written.
    pub(crate) undone: Vec<String>,
    pub(crate) away: Away,
}

impl Wishes {
    pub(crate) fn read(prompt: &str, seed: u64) -> Self {
        let mut sentence = Sentence::read(prompt);
        let mut away = Away::cut(&mut sentence).unwrap_or_default();
        let reading = Reading::of(&sentence);
        away.obey(reading.time);
        let mut brief = Brief::of(&sentence, seed);
        let mut undone: Vec<String> = Vec::new();
        let items = &sentence.items;
        let is_asking = |word: &String| ASKING.contains(&word.as_str());
        undone.extend(reading.unknown.iter().filter(|word| !is_asking(word)).cloned());
        // Where it is, is what the picture shows.
        let is_place = |item: &&Item| {
            item.is(|m| matches!(m, Meaning::Place(_)))
                && !item
                    .is(|m| matches!(m, Meaning::Hero(_) | Meaning::Weather(_) | Meaning::Time(_)))
        };
        let places = items.iter().enumerate().filter(|(_, item)| is_place(item));
        undone.extend(places.filter(|(at, _)| !is_there(items, *at)).map(|(_, i)| i.text.clone()));
        undone.dedup();
        brief.cast = persons(added(reading.cast, items), seed, &mut undone);
        brief.is_abstract = false;
        brief.unknown.clear();
        let (time, weather, mood) = (reading.time, reading.weather, reading.mood);
        brief.weather = weather.unwrap_or(Weather::Clear);
        Self { brief, time, weather, mood, undone, away }
    }
}

impl Wishes {
    /// Whether anything is wanted of the picture that can be done.
    pub(crate) fn changes(&self) -> bool {
        let brief = &self.brief;
        let is_other = self.time.is_some() || self.weather.is_some() || self.mood.is_some();
        let is_styled = brief.style.is_some() || brief.gray || brief.tint.is_some();
        is_other || is_styled || !brief.cast.is_empty() || !brief.lights.is_empty()
    }
}

/// Whether what is named there is said to be in the picture.
fn is_there(items: &[Item], at: usize) -> bool {
    let before = items[..at].iter().rev().take(3);
    for (back, item) in before.enumerate() {
        if items[at - back].breaks || item.is(|m| matches!(m, Meaning::Hero(_) | Meaning::And)) {
            return false;
        }
        if THERE.contains(&item.text.as_str()) {
            let verb = (at - back).checked_sub(2).map(|at| items[at].text.as_str());
            return !verb.is_some_and(|verb| ADD.contains(&verb));
        }
    }
    false
}

/// Those who are not in the picture yet.
fn added(cast: Vec<Cast>, items: &[Item]) -> Vec<Cast> {
    let is_there = |one: &Cast| {
        let at = items.iter().position(|item| item.text == one.text);
        at.is_some_and(|at| is_there(items, at))
    };
    let stays: Vec<bool> = cast.iter().map(|one| !is_there(one)).collect();
    let place = |host: usize| stays[..host].iter().filter(|stays| **stays).count();
    let mut out = Vec::new();
    for (mut one, stays_here) in cast.into_iter().zip(&stays) {
        if *stays_here {
            one.link = one.link.filter(|link| stays[link.host]);
            if let Some(link) = &mut one.link {
                link.host = place(link.host);
            }
            out.push(one);
        }
    }
    out
}
