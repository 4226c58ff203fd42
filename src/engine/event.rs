//! What the engine says while it works. Bars, `--json`, tests and the log read the same stream.
//!
//! Every event carries the number of its job, counted from zero.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::catalog::Estimate;
use crate::dialect::Progress;
use crate::money::Money;

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its image is on the disk.
    Done,
    /// Content policy.
    Refused,
    /// Otherwise.
    Failed,
}

/// The bytes of a preview, shared by all who listen.
#[derive(Clone)]
pub struct PreviewBytes(pub Arc<[u8]>);

impl fmt::Debug for PreviewBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run begins with so many jobs.
    Planned {
        /// How many jobs.
        jobs: usize,
        /// What they are expected to cost together.
        estimate: Estimate,
    },
    /// A job begins on a route.
    Started {
        /// The job.
        job: usize,
        /// The model, `provider/name`.
        model: String,
        /// How long one image is expected to take, if known.
        expected: Option<Duration>,
    },
    /// A job waits: for a permit, a rate limit or a back-off.
    Waiting {
        /// The job.
        job: usize,
        /// For what, in a few words.
        why: String,
        /// For how long, if known.
        wait: Option<Duration>,
    },
    /// A paid request leaves.
    Sent {
        /// The job.
        job: usize,
    },
    /// A queue tells how the job is doing.
    Progress {
        /// The job.
        job: usize,
        /// How it is doing.
        progress: Progress,
    },
    /// A preview of a picture has come, which is still being made.
    Partial {
        /// The job.
        job: usize,
        /// Its number, from zero.
        index: usize,
        /// How many were asked for; fewer may come.
        of: usize,
        /// The picture as it came, unchecked.
        picture: PreviewBytes,
    },
    /// The image is being fetched.
    Downloading {
        /// The job.
        job: usize,
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all, if known.
        total: Option<u64>,
    },
    /// The image is being decoded, checked and written.
    Saving {
        /// The job.
        job: usize,
    },
    /// The same route is tried again.
    Retrying {
        /// The job.
        job: usize,
        /// What failed.
        why: String,
        /// After this wait.
        wait: Duration,
    },
    /// The next route is taken.
    FellBack {
        /// The job.
        job: usize,
        /// The model that failed.
        from: String,
        /// The model that is tried now.
        to: String,
        /// What failed.
        why: String,
    },
    /// Something the user should read, once.
    Notice {
        /// The job, if it is about one.
        job: Option<usize>,
        /// The text.
        text: String,
    },
    /// An image has its name on the disk.
    Saved {
        /// The job.
        job: usize,
        /// Where, as the user wrote it.
        path: PathBuf,
    },
    /// A job has ended.
    Ended {
        /// The job.
        job: usize,
        /// How.
        end: End,
        /// What it cost, as far as known.
        cost: Option<Money>,
    },
    /// A signal was heard: nothing more is sent.
    Stopping {
        /// How many paid requests are still awaited.
        in_flight: usize,
    },
}

impl Event {
    /// The same without what could tell the model of a job, by its name, its words, its pace or its
    /// price: how many have ended, and that a signal was heard. Of the others nothing is left.
    pub fn masked(self) -> Option<Event> {
        match self {
            Event::Planned { .. } | Event::Stopping { .. } => Some(self),
            Event::Ended { job, end, .. } => Some(Event::Ended { job, end, cost: None }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_event_names_no_model() {
        let text = || "fal/flux says no".to_owned();
        let wait = Duration::from_secs(1);
        for event in [
            Event::Started { job: 0, model: text(), expected: Some(wait) },
            Event::Waiting { job: 0, why: text(), wait: Some(wait) },
            Event::Retrying { job: 0, why: text(), wait },
            Event::FellBack { job: 0, from: text(), to: text(), why: text() },
            Event::Notice { job: Some(0), text: text() },
            Event::Ended { job: 0, end: End::Done, cost: Some(Money::micros(3_000)) },
        ] {
            let masked = format!("{:?}", event.masked());
            assert!(!masked.contains("flux") && !masked.contains("3000"), "{masked}");
        }
    }
}
