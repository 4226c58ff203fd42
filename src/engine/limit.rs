//! Politeness towards each (provider, key): cooling down after a 429, and dead keys.
//!
//! One job's 429 makes all jobs of that origin wait. A dead key or a locked account is not asked
//! again in this run. In this process only; sharing between processes belongs to the journal's day.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// What is known of the origins of a run.
#[derive(Debug, Default)]
pub struct Limits {
    origins: RefCell<HashMap<String, Origin>>,
}

#[derive(Debug, Default)]
struct Origin {
    /// Until when to wait, and the answer that said so.
    cooling: Option<(Instant, Error)>,
    dead: Option<Error>,
    /// Models that this key may not use.
    barred: HashMap<String, Error>,
}

impl Limits {
    /// How long a request to this origin has to wait, and the answer that said so.
    pub fn cooling(&self, origin: &str) -> Option<(Duration, Error)> {
        let origins = self.origins.borrow();
        let (until, error) = origins.get(origin)?.cooling.as_ref()?;
        let wait = until.checked_duration_since(Instant::now()).filter(|wait| !wait.is_zero())?;
        Some((wait, error.clone()))
    }

    /// Makes every request to this origin wait at least so long from now.
    pub fn cool(&self, origin: &str, wait: Duration, error: &Error) {
        let until = Instant::now() + wait;
        let mut origins = self.origins.borrow_mut();
        let known = &mut origins.entry(origin.to_owned()).or_default().cooling;
        if known.as_ref().is_none_or(|(earlier, _)| *earlier < until) {
            *known = Some((until, error.clone()));
        }
    }

    /// Drops an origin for the rest of the run.
    pub fn kill(&self, origin: &str, error: &Error) {
        self.origins.borrow_mut().entry(origin.to_owned()).or_default().dead = Some(error.clone());
    }

    /// Drops one model of an origin for the rest of the run.
    pub fn bar(&self, origin: &str, model: &str, error: &Error) {
        let mut origins = self.origins.borrow_mut();
        let barred = &mut origins.entry(origin.to_owned()).or_default().barred;
        barred.insert(model.to_owned(), error.clone());
    }

    /// Why this origin, or this model of it, is no longer asked.
    pub fn dead(&self, origin: &str, model: &str) -> Option<Error> {
        let origins = self.origins.borrow();
        let origin = origins.get(origin)?;
        origin.dead.clone().or_else(|| origin.barred.get(model).cloned())
    }
}
