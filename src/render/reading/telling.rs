//! What is not known or not wanted: the words that are told, and what is left out.
//!
//! Pure: no network, no clock, no files.

use super::{Pending, Reader};
use crate::render::lexicon::Meaning;
use crate::render::place::Place;
use crate::render::sentence::{self, Item};
use crate::render::{emoji, spelling};

impl Reader<'_> {
    pub(super) fn unknown(&mut self, item: &Item, at: usize) {
        let is_noun = !sentence::begins_with_noun(&self.items[at + 1..]);
        if is_noun {
            // Its colour and its place go with it.
            self.pending = Pending::default();
        }
        self.noun = None;
        self.of_place = false;
        if !self.negated && !self.named {
            self.told(&item.text);
        }
    }

    pub(super) fn told(&mut self, text: &str) {
        let letters = text.chars().count();
        let is_word = letters > 2 || text.chars().any(spelling::is_unspaced) && letters > 1;
        let is_word = is_word && !text.chars().any(|c| c.is_ascii_digit());
        let is_word = is_word || emoji::length(text).is_some();
        let is_word = is_word || text.chars().any(spelling::is_foreign);
        // Adverbs and participles are no things.
        let is_word = is_word && !self.language.unsaid.iter().any(|ending| text.ends_with(ending));
        if is_word {
            self.tell(text);
        } else if (letters > 1 || text.chars().any(spelling::is_unspaced))
            && !self.reading.unclear.iter().any(|told| told == text)
        {
            self.reading.unclear.push(text.to_owned());
        }
    }

    pub(super) fn tell(&mut self, text: &str) {
        if !self.negated && !self.reading.unknown.iter().any(|known| known == text) {
            self.reading.unknown.push(text.to_owned());
        }
    }

    pub(super) fn avoid(&mut self, meaning: Meaning) {
        self.pending = Pending::default();
        self.reading.no_clouds |= matches!(meaning, Meaning::Place(Place::Sky));
        self.reading.no_birds |= matches!(meaning, Meaning::Hero(hero) if hero.is_called("bird"));
    }
}
