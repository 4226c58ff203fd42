//! How a job of the log stands: the words of the table and of `--status`.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::engine::report::JobStatus;

impl ValueEnum for JobStatus {
    /// Those that a job of the log may have.
    fn value_variants<'a>() -> &'a [JobStatus] {
        &[
            JobStatus::Done,
            JobStatus::Cached,
            JobStatus::Adopted,
            JobStatus::Refused,
            JobStatus::Failed,
            JobStatus::Unknown,
            JobStatus::Pending,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
