//! What is joined by a relation: which of two things is placed by the other.
//!
//! Pure: no network, no clock, no files.

use super::{CAST, OF, Reader};
use crate::render::art::Hero;
use crate::render::cast::{self, Cast, Link, is_possession};
use crate::render::lexicon::Meaning;
use crate::render::place::Relation;
use crate::render::sentence::Item;

impl Reader<'_> {
    /// Two things in a relation: the one that gives way is placed by the other.
    pub(super) fn join(&mut self, relation: Relation, subjects: &[usize], object: usize) {
        let belongs = is_possession(relation, self.reading.cast[object].hero);
        // "a basket full of kittens": they are in it.
        if relation == Relation::In
            && let [subject] = *subjects
            && cast::holds(self.reading.cast[subject].hero, self.reading.cast[object].hero)
        {
            let content = &mut self.reading.cast[object];
            if content.count == 1 && cast::comes_in_heaps(content.hero) {
                content.count = 3;
            }
            return self.join(relation, &[object], subject);
        }
        // "in a red scarf" is wearing it.
        let relation = if belongs && relation == Relation::In { Relation::Wear } else { relation };
        // Nobody alone holds the umbrella that several share.
        let is_shared = subjects.iter().map(|&one| self.reading.cast[one].count).sum::<usize>() > 1
            && self.reading.cast[object].count == 1
            && self.reading.cast[object].hero.is_called("umbrella");
        let relation = if belongs && is_shared { Relation::Under } else { relation };
        let belongs = belongs && !is_shared;
        for &subject in subjects.iter().filter(|&&subject| subject != object) {
            let (guest, host) = if belongs { (object, subject) } else { (subject, object) };
            let is_free = self.reading.cast[guest].link.is_none();
            if is_free && !self.depends(host, guest) {
                self.reading.cast[guest].link = Some(Link { relation, host });
            }
        }
    }

    /// Whether one thing is placed by another, directly or not.
    fn depends(&self, one: usize, on: usize) -> bool {
        let mut at = one;
        for _ in 0..CAST {
            if at == on {
                return true;
            }
            match self.reading.cast[at].link {
                Some(link) => at = link.host,
                None => return false,
            }
        }
        true
    }

    pub(super) fn relation(&mut self, relation: Relation) {
        self.negated = false;
        let is_verb = self.language.verbs_before
            && matches!(
                relation,
                Relation::With | Relation::Ride | Relation::Hold | Relation::Wear
            );
        if is_verb {
            self.pending.relation = Some((relation, self.noun.into_iter().collect()));
            self.pending.is_verb = true;
            return;
        }
        if self.reversed {
            // `on the table`, said before the cat: what was named last is what it sits on.
            self.pending.relation = self.noun.map(|last| (relation, vec![last]));
            return;
        }
        let subjects = std::mem::take(&mut self.group);
        let last = self.reading.cast.len().checked_sub(1);
        let subjects = if subjects.is_empty() { last.into_iter().collect() } else { subjects };
        self.pending.relation = Some((relation, subjects));
    }

    /// At the end of a clause: a relation that waits, said after both, joins the last two.
    pub(super) fn settle(&mut self) {
        let waiting = self.pending.relation.take();
        // "with an owl on his shoulder": on the one who has it.
        if let (false, Some((Relation::On, subjects))) = (self.reversed, &waiting) {
            let is_carrier =
                |host: usize| subjects.contains(&host) && self.reading.cast[host].hero.is_alive();
            let is_carried = |one: &Cast| {
                one.hero.is_alive() && one.link.is_some_and(|link| is_carrier(link.host))
            };
            let last = self.reading.cast.iter().rposition(is_carried);
            if let Some(link) = last.and_then(|last| self.reading.cast[last].link.as_mut()) {
                link.relation = Relation::On;
            }
        }
        let is_said_after = self.reversed && !std::mem::take(&mut self.pending.is_verb);
        if let (true, Some((relation, others))) = (is_said_after, waiting) {
            for other in others.into_iter().filter(|&other| other > 0) {
                self.join(relation, &[other - 1], other);
            }
        }
    }

    /// Whether the last thing named is a vessel of it: "a bowl of cherries".
    pub(super) fn is_content_of_last(&self, hero: &Hero, at: usize) -> bool {
        let of = self.noun_of(at);
        of.is_some_and(|noun| cast::holds(self.reading.cast[noun].hero, hero))
    }

    /// What is drawn in a bowl of its own needs no other: "a bowl of ramen".
    pub(super) fn leave_bowl(&mut self, hero: &Hero, at: usize) {
        let is_dish = cast::is_served(hero);
        let last = self.reading.cast.len().checked_sub(1);
        let of = self.noun_of(at).filter(|noun| is_dish && Some(*noun) == last);
        if let Some(noun) = of.filter(|&noun| self.reading.cast[noun].hero.name() == "bowl") {
            self.reading.cast.pop();
            self.group.retain(|&one| one != noun);
            self.noun = None;
        }
    }

    /// The last thing named, where `of` alone stands between it and this one.
    pub(super) fn noun_of(&self, at: usize) -> Option<usize> {
        let noun = self.noun.filter(|_| at > 0 && !self.reversed && !self.items[at].breaks)?;
        let is_hero = |item: &Item| item.is(|m| matches!(m, Meaning::Hero(_)));
        let mut between = self.items[..at].iter().rev().take_while(|item| !is_hero(item));
        let is_of = |item: &Item| OF.contains(&item.text.as_str());
        (is_hero(&self.items[at - 1]) || between.any(is_of)).then_some(noun)
    }
}
