//! How a job stands: the words of the table, of `--status` and of the JSON document.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::Serialize;

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its images are on the disk.
    Done,
    /// Its images are on the disk, from the cache.
    Cached,
    /// Its image was there already, and was taken as it is.
    Adopted,
    /// Refused by content policy.
    Refused,
    /// Failed for another reason.
    Failed,
    /// It may have been made and billed; nobody knows.
    Unknown,
    /// Somebody still works on it, or `pinx recover` can collect it.
    Pending,
}

impl Status {
    /// Is its image on the disk, as far as its job goes?
    pub fn is_done(self) -> bool {
        matches!(self, Status::Done | Status::Cached | Status::Adopted)
    }

    /// Its name in every interface.
    pub fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Cached => "cached",
            Status::Adopted => "adopted",
            Status::Refused => "refused",
            Status::Failed => "failed",
            Status::Unknown => "unknown",
            Status::Pending => "pending",
        }
    }
}

impl ValueEnum for Status {
    fn value_variants<'a>() -> &'a [Status] {
        &[
            Status::Done,
            Status::Cached,
            Status::Adopted,
            Status::Refused,
            Status::Failed,
            Status::Unknown,
            Status::Pending,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
