//! What came of a batch, and where its jobs stand in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use super::prior::Prior;
use super::sources::Sources;
use super::spool::Documents;
use crate::batch::Item;
use crate::engine::Overrun;
use crate::engine::report::{JobReport, JobStatus};
use crate::error::{Billed, Error, Exit, Kind};
use crate::money::Money;

/// What came of the jobs of one status.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) jobs: usize,
    pub(super) cost: Option<Money>,
}

/// What came of a batch.
#[derive(Default)]
pub(super) struct Outcome {
    /// By status, in the words of the table.
    pub(super) sums: BTreeMap<&'static str, Sum>,
    pub(super) images: usize,
    pub(super) spent: Money,
    pub(super) uncertain: Money,
    /// Images that were billed and whose price nobody told.
    pub(super) unpriced: usize,
    pub(super) is_about: bool,
    /// What it cost, where that is above its limit or twice its estimate.
    pub(super) overrun: Option<Overrun>,
    pub(super) exits: Vec<Exit>,
    pub(super) interrupted: bool,
    /// Jobs that were to be made and were not begun.
    pub(super) unbegun: usize,
    /// Whether a job that has no image waits for `recover`: the same command does not make it.
    pub(super) is_open: bool,
    /// Jobs that failed or were stopped so that the same command makes them.
    pub(super) missing: usize,
    /// Jobs that failed because no connection was made.
    pub(super) unconnected: usize,
    /// Jobs that failed so that it leaves them alone.
    pub(super) left_alone: usize,
    /// Jobs that another home had claimed, by their numbers.
    pub(super) elsewhere: BTreeSet<usize>,
    /// How many of these were to be made by this run.
    pub(super) collided: usize,
    /// What the second look found of them.
    pub(super) again: BTreeMap<Prior, usize>,
    /// Why the rest of the jobs could not be read back, or not be begun.
    pub(super) trouble: Option<Error>,
    /// The jobs as JSON, where one document is wanted.
    pub(super) documents: Option<Documents>,
    pub(super) ms: u64,
    /// Where its gallery is.
    pub(super) gallery: Option<PathBuf>,
}

/// Where a job stands in the files.
pub(super) struct Position {
    pub(super) file: String,
    pub(super) line: u64,
    pub(super) id: Option<String>,
    pub(super) tags: Vec<String>,
}

impl Position {
    /// Where an item stands.
    pub(super) fn of(item: &Item, sources: &Sources) -> Position {
        Position {
            file: sources.name(item.file).to_owned(),
            line: item.line,
            id: item.id.clone(),
            tags: item.tags.clone(),
        }
    }
}

impl fmt::Display for Position {
    /// `jobs.jsonl:7`, `jobs.jsonl:7 (hero)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        self.id.as_ref().map_or(Ok(()), |id| write!(f, " ({id})"))
    }
}

impl Outcome {
    pub(super) fn add(&mut self, report: &JobReport) {
        let word = match report.status {
            JobStatus::Done | JobStatus::Planned | JobStatus::Adopted => "done",
            JobStatus::Cached => "from cache",
            JobStatus::Refused => "refused",
            JobStatus::Failed => "failed",
            JobStatus::Unknown => "unknown",
            JobStatus::Pending => "still open",
            JobStatus::Skipped | JobStatus::Interrupted => "interrupted",
            // Counted with those that were not taken at all.
            JobStatus::Unbegun => return self.add_exit(report.exit),
        };
        let sum = self.sums.entry(word).or_default();
        sum.jobs += 1;
        self.images += report.images.len();
        if report.billed == Billed::Yes {
            match report.cost.best() {
                Some(cost) => {
                    sum.cost = Some(sum.cost.unwrap_or_default() + cost);
                    self.spent = self.spent + cost;
                }
                None => self.unpriced += 1,
            }
            self.is_about |= report.cost.reported.is_none()
                && report.cost.certainty == crate::catalog::Certainty::About;
        }
        // What is kept is saved by the same command, too.
        let is_open = matches!(report.status, JobStatus::Unknown | JobStatus::Pending)
            || report.left_open && report.exit != Exit::LOCAL;
        let has_failed = report.exit != Exit::OK && report.images.is_empty();
        self.is_open |= has_failed && is_open;
        self.unconnected += usize::from(has_failed && report.kind == Some(Kind::NotSent));
        self.missing += usize::from(has_failed && !is_open && !report.is_final);
        self.left_alone += usize::from(has_failed && !is_open && report.is_final);
        self.uncertain = self.uncertain + report.uncertain;
        self.add_exit(report.exit);
    }

    fn add_exit(&mut self, exit: Exit) {
        if !self.exits.contains(&exit) {
            self.exits.push(exit);
        }
    }
}
