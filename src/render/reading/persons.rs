//! What is said of people: how they are, what they do, and who of two named is the other.
//!
//! Pure: no network, no clock, no files.

use super::{CAST, Reader};
use crate::render::art::Hero;
use crate::render::cast::{self, Cast, Link};
use crate::render::figure;
use crate::render::lexicon::{FEMALE, MALE, Meaning};
use crate::render::place::Relation;
use crate::render::sentence::Item;

impl Reader<'_> {
    /// What is said of somebody, and there is nobody: what an animal does is told.
    pub(super) fn of_nobody(&self, at: usize) -> Option<Meaning> {
        let how = |meaning: &Meaning| match meaning {
            Meaning::Trait(name) if !figure::is_thing(name) => Some(*name),
            _ => None,
        };
        let name = self.items[at].meanings.iter().find_map(how)?;
        let is_animal =
            |item: &Item| item.is(|m| matches!(m, Meaning::Hero(hero) if hero.is_alive()));
        let next = self.items.get(at + 1).filter(|next| !next.breaks);
        let is_done = match next
            .filter(|next| next.is(|m| matches!(m, Meaning::Hero(_) | Meaning::Place(_))))
        {
            Some(next) => is_animal(next),
            None => self.reading.cast.last().is_some_and(|one| one.hero.is_alive()),
        };
        Some(if is_done && figure::is_deed(name) { Meaning::Action } else { Meaning::Filler })
    }

    /// Gives a trait to whom it belongs: to what is named next, or to the last one named.
    pub(super) fn said_of(&mut self, name: &'static str, at: usize) {
        let color = self.pending.color.filter(|_| figure::is_thing(name));
        if color.is_some() {
            self.pending.color = None;
            self.reading.tint = None;
        }
        let before = figure::is_thing(name) || !self.has_one_next(at);
        let last = self.reading.cast.iter().rposition(|one| one.hero.figure.is_some());
        let alive = self.noun.filter(|&noun| self.reading.cast[noun].hero.is_alive());
        let whom = alive.or(last).filter(|_| before);
        match whom {
            Some(noun) => {
                self.reading.cast[noun].traits.push((name, color));
                if figure::is_thing(name) {
                    self.group = vec![noun];
                    self.pending.relation = None;
                }
            }
            None => self.pending.traits.push((name, color)),
        }
    }

    /// Whether somebody is named next, before anything else is.
    pub(super) fn has_one_next(&self, at: usize) -> bool {
        for next in &self.items[at + 1..] {
            if next.breaks || next.is(|m| matches!(m, Meaning::Relation(_) | Meaning::And)) {
                return false;
            }
            if next.is(|m| matches!(m, Meaning::Hero(_) | Meaning::Place(_))) {
                return next.is(|m| matches!(m, Meaning::Hero(hero) if hero.is_alive()));
            }
        }
        false
    }

    /// Whether it says what an animal is: "a fox teacher", no fox and a man.
    pub(super) fn is_profession(&self, hero: &Hero, at: usize) -> bool {
        let Some(noun) = self.noun.filter(|_| at > 0 && !self.reversed) else { return false };
        let animal = self.reading.cast[noun].hero;
        let is_animal = animal.is_alive() && animal.figure.is_none();
        let is_named = self.items[at - 1].is(|m| matches!(m, Meaning::Hero(_)));
        hero.figure.is_some() && is_animal && is_named && !self.items[at].breaks
    }

    /// Whether it says more of the person just named: "a viking warrior", "a woman doctor".
    pub(super) fn is_same_person(&self, hero: &Hero, at: usize) -> bool {
        let Some(noun) = self.noun.filter(|_| at > 0 && !self.reversed) else { return false };
        let alone = |hero: &Hero| {
            let members = |name: &str| figure::members(name).is_some();
            hero.figure.as_deref().is_some_and(|name| !members(name))
        };
        let before = &self.items[at - 1];
        let is_named = before.is(|m| matches!(m, Meaning::Hero(hero) if alone(hero)));
        let is_next = is_named && !self.items[at].breaks && self.pending.relation.is_none();
        is_next && alone(hero) && alone(self.reading.cast[noun].hero)
    }

    /// Who is a woman and a doctor is a doctor; of two callings the first is drawn.
    pub(super) fn same_person(&mut self, hero: &'static Hero) {
        let Some(noun) = self.noun else { return };
        let sex = |hero: &Hero| hero.figure.as_deref().and_then(figure::plain_sex);
        let one = &mut self.reading.cast[noun];
        let told = match (sex(one.hero), sex(hero)) {
            (Some(told), None) => {
                one.hero = hero;
                told
            }
            (None, Some(told)) => told,
            _ => return,
        };
        one.traits.push((if told == "woman" { FEMALE } else { MALE }, None));
    }

    /// Whether it says what the animals are to each other: a lion and a mouse are friends.
    pub(super) fn is_said_of_animals(&self, hero: &Hero) -> bool {
        const GROUPS: [&str; 3] = ["friends", "family", "couple"];
        let cast = &self.reading.cast;
        let are_animals = cast.iter().any(|one| one.hero.is_alive())
            && cast.iter().all(|one| one.hero.figure.is_none());
        are_animals && GROUPS.iter().any(|group| hero.is_called(group))
    }

    /// The animal wears what such a one does; else it is told.
    pub(super) fn profession(&mut self, hero: &'static Hero, at: usize) {
        let host = self.noun.unwrap_or(0);
        match cast::uniform(hero) {
            Some(worn) if self.reading.cast.len() < CAST => {
                let link = Some(Link { relation: Relation::Wear, host });
                self.reading.cast.push(Cast { link, ..Cast::alone(worn) });
            }
            _ => self.tell(&self.items[at].text.clone()),
        }
    }
}
