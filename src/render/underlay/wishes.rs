//! What a prompt wants of a picture that is there: another time, weather or mood, and what is to be
//! put into it.
//!
//! What the picture shows already is not drawn again: "the mug" is in it, "a fox" is not.
//! Pure: no network, no clock, no files.

use super::away::Away;
use super::words::{ADD, ALL, ASKING, SMALL, THERE};
use crate::render::brief::Brief;
use crate::render::cast::{Cast, persons};
use crate::render::lexicon::Meaning;
use crate::render::place::{Mood, Time, Weather};
use crate::render::reading::Reading;
use crate::render::sentence::{Item, Sentence};

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
    /// Words of things that a colour is wanted of alone, as they are written.
    pub(crate) uncolored: Vec<String>,
    /// Words for where something is wanted beside what the picture shows, as they are written.
    pub(crate) unplaced: Vec<String>,
    /// Words of what is to be put in small.
    pub(crate) small: Vec<String>,
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
        let unplaced = unplaced(&reading.cast, items);
        brief.cast = persons(added(reading.cast, items), seed, &mut undone);
        let uncolored = uncolored(items, &brief.cast);
        if !uncolored.is_empty() {
            brief.tint = None;
            undone.retain(|word| !uncolored.contains(word));
        }
        let is_small = |at: usize| {
            let mut before = items[..at].iter().rev().take(2);
            before.any(|item| SMALL.contains(&item.text.as_str()))
        };
        let small = (0..items.len()).filter(|at| is_small(*at));
        let small = small.map(|at| items[at].text.clone()).collect();
        brief.is_abstract = false;
        brief.unknown.clear();
        let (time, weather, mood) = (reading.time, reading.weather, reading.mood);
        brief.weather = weather.unwrap_or(Weather::Clear);
        Self { brief, time, weather, mood, undone, away, uncolored, unplaced, small }
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

/// The words for where those who are put in are to be, by what is in the picture already.
fn unplaced(cast: &[Cast], items: &[Item]) -> Vec<String> {
    let place = |one: &Cast| items.iter().position(|item| item.text == one.text);
    let is_old = |one: &Cast| place(one).is_some_and(|at| is_there(items, at));
    let relation = |one: &Cast| {
        let host = &cast[one.link?.host];
        let (from, to) = (place(one)?, place(host)?);
        let is_loose = !is_old(one) && is_old(host) && from < to;
        let between = is_loose.then(|| &items[from..to])?;
        let word = between.iter().find(|item| item.is(|m| matches!(m, Meaning::Relation(_))))?;
        Some(format!("{} the {}", word.text, host.text))
    };
    cast.iter().filter_map(relation).collect()
}

/// Things of which a colour is wanted alone: "make the door red".
fn uncolored(items: &[Item], cast: &[Cast]) -> Vec<String> {
    let is_end = |item: &Item| item.is(|m| matches!(m, Meaning::And));
    let is_thing = |item: &&Item| {
        let is_known =
            item.is(|m| matches!(m, Meaning::Hero(_) | Meaning::Place(_) | Meaning::Backdrop));
        let is_other = item.meanings.is_empty() && !ASKING.contains(&item.text.as_str());
        let is_new = cast.iter().any(|one| one.text == item.text);
        let is_color = item.is(|m| matches!(m, Meaning::Color(_)));
        (is_known || is_other) && !is_new && !is_color && !ALL.contains(&item.text.as_str())
    };
    let mut found: Vec<String> = Vec::new();
    let mut start = 0;
    for end in 1..=items.len() {
        let is_last = end == items.len();
        if !is_last && !items[end].breaks && !is_end(&items[end]) {
            continue;
        }
        let clause = &items[start..end];
        start = end;
        let colors = clause.iter().rposition(|item| item.is(|m| matches!(m, Meaning::Color(_))));
        let Some(color) = colors else { continue };
        // "the red mug" only says which, "the mug red" and "a red roof" want it.
        let thing = clause[..color].iter().rfind(is_thing).or_else(|| {
            let next = clause[color + 1..].iter().find(is_thing)?;
            next.meanings.is_empty().then_some(next)
        });
        found.extend(thing.map(|item| item.text.clone()));
    }
    found.dedup();
    found
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
