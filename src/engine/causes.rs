//! Why a job failed that has tried several routes: every cause in its order, the first one first,
//! since it is mostly the one to be mended.
//!
//! Pure.

use super::Route;
use super::planned::Job;
use crate::error::Error;
use crate::text;

/// The causes so far, each with its route in words.
pub(super) struct Causes<'j> {
    job: &'j Job,
    all: Vec<(String, Error)>,
}

impl<'j> Causes<'j> {
    pub(super) fn of(job: &'j Job) -> Causes<'j> {
        Causes { job, all: Vec::new() }
    }

    /// Adds why a route came to nothing.
    pub(super) fn add(&mut self, route: &Route, error: &Error) {
        let name = self.name(route);
        // A key that is dead is so for every model.
        let is_known = |(known, cause): &(String, Error)| {
            cause.message == error.message || *known == name && cause.kind == error.kind
        };
        if !self.all.iter().any(is_known) {
            self.all.push((name, error.clone()));
        }
    }

    /// The model, with the key where several of it lead there.
    fn name(&self, route: &Route) -> String {
        let is_other = |other: &&Route| other.is_sibling(route) && other.origin() != route.origin();
        let other = self.job.routes.iter().find(is_other);
        other.map_or_else(|| route.model_id(), |other| route.name_beside(other))
    }

    /// Puts them all into the error that ends the job.
    pub(super) fn explain(self, last: &mut Error) {
        if self.all.len() < 2 {
            return;
        }
        let causes = self
            .all
            .iter()
            .map(|(name, error)| format!("{name}: {}", text::clause(&error.message)));
        last.message = causes.collect::<Vec<_>>().join("; then ");
        let own = std::mem::take(&mut last.hints);
        for hint in self.all.into_iter().flat_map(|(_, error)| error.hints).chain(own) {
            if !last.hints.contains(&hint) {
                last.hints.push(hint);
            }
        }
    }
}
