//! Why a request is not begun.

use crate::error::{Error, Kind};

/// Why a request is not even planned; nothing was sent.
#[derive(Debug, Clone)]
pub(in crate::cmd) enum Refusal {
    /// As many wait as may.
    Full,
    /// The process is about to end.
    Stopping,
    /// The key that it bears was another request's.
    KeyReused,
    /// Otherwise.
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Error(error)
    }
}

impl Refusal {
    /// The same for others who wait for the run.
    pub(super) fn error(&self) -> Error {
        match self {
            Refusal::Error(error) => error.clone(),
            Refusal::Full | Refusal::Stopping => Error::new(Kind::Busy, "it was not begun"),
            Refusal::KeyReused => Error::usage("its key was another request's"),
        }
    }
}
