//! What is counted of a group of jobs: outcomes, money in micro-dollars, times in milliseconds.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::days::DayNumber;
use super::histogram::{BUCKETS, bucket, percentile};
use crate::money::Money;

/// Outcomes and money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Jobs that ended with an image; none from the cache.
    pub done: u64,
    /// Their images.
    pub images: u64,
    /// Jobs that ended refused by content policy.
    pub refused: u64,
    /// Jobs that ended with another failure.
    pub failed: u64,
    /// Attempts closed without knowing what came of them.
    pub closed: u64,
    /// Attempts that failed and were followed by another one over the same route.
    pub retries: u64,
    /// Attempts that failed and were followed by one over another route: a fallback from here.
    pub fallbacks: u64,
    /// Images that were had from the cache.
    pub cached: u64,
    /// What those would have cost.
    pub saved: Money,
    /// Jobs that were billed at a price nobody knows.
    pub unpriced: u64,
    /// Spent as the providers' answers told.
    pub reported: Money,
    /// What that was estimated at.
    pub foreseen: Money,
    /// Spent by estimate, where no answer told.
    pub estimated: Money,
    /// May have been spent: what came of the attempt is unknown.
    pub uncertain: Money,
}

impl Counts {
    /// Everything that was spent, as far as anybody knows.
    pub(crate) fn spent(&self) -> Money {
        self.reported + self.estimated
    }

    /// Jobs that ended, the cached ones not counted.
    pub(crate) fn ended(&self) -> u64 {
        self.done + self.refused + self.failed
    }

    /// The part of the jobs that ended with an image. `left` says that a job which went on elsewhere
    /// counts as one that did not, for what tells the routes apart.
    pub(crate) fn success(&self, left: bool) -> Option<f64> {
        let all = self.ended() + if left { self.fallbacks } else { 0 };
        (all > 0).then(|| self.done as f64 / all as f64)
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        self.done += other.done;
        self.images += other.images;
        self.refused += other.refused;
        self.failed += other.failed;
        self.closed += other.closed;
        self.retries += other.retries;
        self.fallbacks += other.fallbacks;
        self.cached += other.cached;
        self.saved = self.saved + other.saved;
        self.unpriced += other.unpriced;
        self.reported = self.reported + other.reported;
        self.foreseen = self.foreseen + other.foreseen;
        self.estimated = self.estimated + other.estimated;
        self.uncertain = self.uncertain + other.uncertain;
    }
}

/// The kinds of time that are measured of a job that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// All that the provider takes: queue, generation and download.
    All,
    /// In the provider's queue.
    Queue,
    /// Being made.
    Generation,
    /// Fetching.
    Download,
}

impl Time {
    /// All of them, in their order.
    pub(crate) const EACH: [Time; 4] = [Time::All, Time::Queue, Time::Generation, Time::Download];

    /// Its name in documents.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Time::All => "time",
            Time::Queue => "queue",
            Time::Generation => "generation",
            Time::Download => "download",
        }
    }
}

/// A group's counts, and how many jobs took how long: place (kind and bucket) and number, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Cell {
    /// Outcomes and money.
    pub counts: Counts,
    /// The first and the last day on which any of it happened.
    pub span: Option<(DayNumber, DayNumber)>,
    times: Vec<(u16, u32)>,
}

impl Cell {
    /// Something happened on this day.
    pub(crate) fn happened(&mut self, day: DayNumber) {
        let (first, last) = self.span.unwrap_or((day, day));
        self.span = Some((first.min(day), last.max(day)));
    }

    /// Takes one time in.
    pub(crate) fn time(&mut self, kind: Time, ms: u64) {
        self.times_at((kind as usize * BUCKETS + bucket(ms)) as u16, 1);
    }

    fn times_at(&mut self, place: u16, more: u32) {
        match self.times.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(at) => self.times[at].1 = self.times[at].1.saturating_add(more),
            Err(at) => self.times.insert(at, (place, more)),
        }
    }

    /// Takes another one in.
    pub(crate) fn merge(&mut self, other: &Cell) {
        self.counts += &other.counts;
        if let Some((first, last)) = other.span {
            self.happened(first);
            self.happened(last);
        }
        other.times.iter().for_each(|(place, more)| self.times_at(*place, *more));
    }
}

/// Some percentiles of one kind of time, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Percentiles {
    /// Jobs behind them.
    pub runs: u64,
    /// Half of them were not slower.
    pub p50: u64,
    /// 95 % of them were not slower.
    pub p95: u64,
    /// 99 % of them were not slower.
    pub p99: u64,
}

/// The percentiles of every kind, in the order of `Time::EACH`; none where nothing was measured.
pub(crate) type Times = [Option<Percentiles>; 4];

/// Adds cells up; kept to be used again, since it is large.
pub(crate) struct Adder {
    counts: Counts,
    times: Vec<u64>,
}

impl Default for Adder {
    fn default() -> Adder {
        Adder { counts: Counts::default(), times: vec![0; Time::EACH.len() * BUCKETS] }
    }
}

impl Adder {
    /// Adds a cell.
    pub(crate) fn add(&mut self, cell: &Cell) {
        self.counts += &cell.counts;
        cell.times.iter().for_each(|(place, more)| {
            if let Some(count) = self.times.get_mut(usize::from(*place)) {
                *count += u64::from(*more);
            }
        });
    }

    /// Jobs that were done and measured so far.
    pub(crate) fn runs(&self) -> u64 {
        self.counts.done
    }

    /// The sums; it is empty afterwards.
    pub(crate) fn take(&mut self) -> (Counts, Times) {
        let times = Time::EACH.map(|kind| self.percentiles(kind));
        (std::mem::take(self).counts, times)
    }

    /// The counts and the whole times; it is empty afterwards.
    pub(crate) fn take_whole(&mut self) -> (Counts, Option<Percentiles>) {
        let times = self.percentiles(Time::All);
        (std::mem::take(self).counts, times)
    }

    fn percentiles(&self, kind: Time) -> Option<Percentiles> {
        let at = kind as usize * BUCKETS;
        let times = &self.times[at..at + BUCKETS];
        let p = |thousandths| percentile(times, thousandths);
        Some(Percentiles { runs: times.iter().sum(), p50: p(500)?, p95: p(950)?, p99: p(990)? })
    }
}
