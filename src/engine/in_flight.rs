//! The jobs of a run whose paid requests are awaited, as its events tell them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use super::Event;
use crate::pool::lock;

/// Jobs whose paid requests are awaited. By job: one may be sent twice, and may end without having been
/// sent.
#[derive(Debug, Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<usize>>>);

impl InFlight {
    /// Something has happened in the run.
    pub fn hear(&self, event: &Event) {
        match event {
            Event::Sent { job } => drop(lock(&self.0).insert(*job)),
            // What failed and is tried again is not in flight while it waits.
            Event::Ended { job, .. } | Event::Retrying { job, .. } => {
                lock(&self.0).remove(job);
            }
            _ => {}
        }
    }

    /// That nothing more is sent, and how many are awaited still.
    pub fn stopping(&self) -> Event {
        Event::Stopping { in_flight: lock(&self.0).len() }
    }
}
