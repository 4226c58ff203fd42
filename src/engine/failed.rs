//! What an attempt that did not make its images leaves: the error, and how far it got.

use crate::error::{Error, Kind, Reserved};

/// An attempt that did not make its images.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    /// The journal's entry stays open for `pinx recover`.
    pub(super) open: bool,
    /// Nothing was sent at all, and the journal knows nothing of it.
    pub(super) unsent: bool,
    /// What fails for everybody kept it from being sent.
    pub(super) halted: bool,
    /// The HTTP status, if there was one.
    pub(super) status: Option<u16>,
}

impl Failed {
    /// A failure before anything was sent.
    pub(super) fn unsent(error: Error) -> Failed {
        Failed { unsent: true, ..Failed::sent(error) }
    }

    /// A failure of something that was sent, and is closed with it.
    pub(super) fn sent(error: Error) -> Failed {
        Failed { error, open: false, unsent: false, halted: false, status: None }
    }

    /// Not sent, because it would fail as another has.
    pub(super) fn halted(error: Error) -> Failed {
        Failed { halted: true, ..Failed::unsent(error) }
    }

    /// Over a route that is free, what was lost cost nothing, and may be asked for again.
    pub(super) fn cost_nothing(&mut self) {
        if matches!(self.error.kind, Kind::Ambiguous | Kind::Unusable) {
            self.error.kind = Kind::Server;
            self.error.reserved = Some(Reserved::Released);
            self.open = false;
        }
    }

    /// The same failure again.
    pub(super) fn copy(&self) -> Failed {
        Failed { error: self.error.clone(), ..*self }
    }

    /// A failure that leaves the attempt to `recover`.
    pub(super) fn open(error: Error) -> Failed {
        Failed { open: true, ..Failed::sent(error) }
    }
}
