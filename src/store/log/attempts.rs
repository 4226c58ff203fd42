//! The attempts of one job that are open: what makes its state.
//!
//! A line ends its own attempt and no other, so the last line of a job alone tells nothing: while one
//! attempt is left open, another may fail, or make the image.

use super::Entry;
use super::state::digest;

/// The open attempts of one job by digests of their ids, each with what is to be known of it. There are
/// usually none, and then it takes no memory of its own.
#[derive(Debug, Clone)]
pub struct OpenAttempts<T = ()>(Vec<(u64, T)>);

impl<T> Default for OpenAttempts<T> {
    fn default() -> OpenAttempts<T> {
        OpenAttempts(Vec::new())
    }
}

impl<T> OpenAttempts<T> {
    /// Takes in a line of the job: one that opens its attempt, known by `known`, or ends it; answers with
    /// what was known of the one that it ends.
    pub fn observe(&mut self, entry: &Entry, known: impl FnOnce() -> T) -> Option<T> {
        let attempt = digest(&entry.attempt);
        let at = self.0.iter().position(|(open, _)| *open == attempt);
        if entry.e.opens() && at.is_none() {
            self.0.push((attempt, known()));
        }
        let (_, ended) = self.0.swap_remove(at.filter(|_| entry.e.closes())?);
        if self.0.is_empty() {
            self.0 = Vec::new();
        }
        Some(ended)
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is known of each.
    pub fn known(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, known)| known)
    }

    /// The same, to be changed.
    pub fn known_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().map(|(_, known)| known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::EntryKind;

    #[test]
    fn a_line_ends_its_own_attempt_only() {
        let mut open = OpenAttempts::default();
        let mut observe = |e, attempt: &str, known| {
            let ended = open.observe(&Entry::new(e, "r", "r.1", attempt), || known);
            (ended, open.is_empty())
        };
        use EntryKind::{Intent, Kept, Open, Priced, Submitted};
        for opens in [Submitted, Priced, Kept, Open, Intent] {
            assert_eq!(observe(opens, "r.1.1", 1), (None, false), "{opens:?}");
        }
        assert_eq!(observe(EntryKind::Intent, "r.1.2", 2), (None, false));
        assert_eq!(observe(EntryKind::Failed, "r.1.3", 3), (None, false), "it was never begun");
        assert_eq!(observe(EntryKind::Done, "r.1.2", 4), (Some(2), false));
        assert_eq!(observe(EntryKind::Failed, "r.1.2", 5), (None, false), "it ends once");
        assert_eq!(observe(EntryKind::Settled, "r.1.1", 6), (Some(1), true));
    }
}
