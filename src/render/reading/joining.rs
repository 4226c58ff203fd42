//! What is joined by a relation: which of two things is placed by the other.
//!
//! Pure: no network, no clock, no files.

use super::{CAST, Reader};
use crate::render::cast::{Link, is_possession};
use crate::render::place::Relation;

impl Reader<'_> {
    /// Two things in a relation: the one that gives way is placed by the other.
    pub(super) fn join(&mut self, relation: Relation, subjects: &[usize], object: usize) {
        let belongs = is_possession(relation, self.reading.cast[object].hero);
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
        if let (true, Some((relation, others))) = (self.reversed, waiting) {
            for other in others.into_iter().filter(|&other| other > 0) {
                self.join(relation, &[other - 1], other);
            }
        }
    }
}
