//! The state behind the bars: what every job in flight is doing, and the sums.
//!
//! Pure: events and instants in, state out. Drawing is `draw.rs`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::catalog::{Estimate, is_drawn_here};
use crate::dialect::Progress;
use crate::engine::event::{End, Event};
use crate::money::Money;
use crate::text;

/// Jobs of a run that is told how fast it goes.
pub(crate) const LONG_RUN: usize = 10;

/// Characters of a reason or a model name that are kept.
const LONGEST: usize = 120;

/// All jobs of a run.
#[derive(Debug)]
pub(crate) struct Board {
    /// Jobs planned.
    pub jobs: usize,
    /// What they are expected to cost together, once it is told.
    pub estimate: Option<Estimate>,
    /// When it began.
    pub begun: Instant,
    /// What tells each job from others of its model, where anything does.
    pub names: Vec<String>,
    /// The jobs in flight, by number.
    pub running: BTreeMap<usize, Running>,
    /// Jobs that made their image.
    pub done: usize,
    /// Jobs refused by content policy.
    pub refused: usize,
    /// Jobs that failed otherwise.
    pub failed: usize,
    /// What was spent, as far as known.
    pub spent: Money,
    /// Images whose cost nobody told.
    pub unpriced: usize,
    /// Nothing more is sent.
    pub stopping: bool,
    /// The picture that is shown while it grows: of several the first one.
    pub growing: Option<Growing>,
}

/// A preview of a picture that is still being made.
#[derive(Debug)]
pub(crate) struct Growing {
    /// Its job.
    pub job: usize,
    /// Which preview it is, from zero.
    pub index: usize,
    /// Of how many.
    pub of: usize,
    /// It, in lines for the terminal.
    pub lines: Vec<String>,
}

/// A job in flight.
#[derive(Debug)]
pub(crate) struct Running {
    /// The model that is asked.
    pub model: String,
    /// How long one image usually takes.
    pub expected: Option<Duration>,
    /// When the job began.
    pub begun: Instant,
    /// What it does.
    pub phase: Phase,
    /// When that began.
    pub since: Instant,
}

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing that takes time yet.
    Starting,
    /// Waits for something, until then if that is known.
    Waiting(String, Option<Instant>),
    /// Waits to ask again, because of what failed, until then.
    Retrying(String, Option<Instant>),
    /// In the provider's queue, behind so many.
    Queued(Option<u64>),
    /// Is made.
    Generating,
    /// Is drawn on this machine.
    Drawing,
    /// Comes: bytes so far, and in all.
    Downloading(u64, Option<u64>),
    /// Is checked and written.
    Saving,
}

impl Board {
    /// A run of so many jobs.
    pub(crate) fn new(jobs: usize, now: Instant) -> Board {
        Board {
            jobs,
            estimate: None,
            begun: now,
            names: Vec::new(),
            running: BTreeMap::new(),
            done: 0,
            refused: 0,
            failed: 0,
            spent: Money::ZERO,
            unpriced: 0,
            stopping: false,
            growing: None,
        }
    }

    /// Takes in what happened.
    pub(crate) fn on(&mut self, event: &Event, now: Instant) {
        if let Event::Ended { job, .. }
        | Event::Retrying { job, .. }
        | Event::FellBack { job, .. } = event
        {
            self.stop_growing(*job);
        }
        match event {
            Event::Planned { jobs, estimate } => {
                self.jobs = *jobs;
                self.estimate = Some(*estimate);
            }
            Event::Started { job, model, expected } => {
                let running = self.enter(*job, first_phase(model), now);
                running.model = text::clean(model, LONGEST);
                running.expected = *expected;
            }
            Event::Waiting { job, why, wait } => {
                let until = wait.and_then(|wait| now.checked_add(wait));
                self.enter(*job, Phase::Waiting(text::clean(why, LONGEST), until), now);
            }
            Event::Retrying { job, why, wait } => {
                let until = now.checked_add(*wait);
                self.enter(*job, Phase::Retrying(text::clean(why, LONGEST), until), now);
            }
            Event::Sent { job } => {
                self.enter(*job, Phase::Generating, now);
            }
            Event::Progress { job, progress } => {
                let phase = match progress {
                    Progress::Queued(before) => Phase::Queued(*before),
                    Progress::Running => Phase::Generating,
                };
                self.enter(*job, phase, now);
            }
            Event::Downloading { job, bytes, total } => {
                self.enter(*job, Phase::Downloading(*bytes, *total), now);
            }
            Event::Saving { job } => {
                self.enter(*job, Phase::Saving, now);
            }
            Event::FellBack { job, to, .. } => {
                let running = self.enter(*job, first_phase(to), now);
                running.model = text::clean(to, LONGEST);
                running.expected = None;
            }
            Event::Ended { job, end, cost } => {
                let free = self.is_free(*job);
                self.running.remove(job);
                *match end {
                    End::Done => &mut self.done,
                    End::Refused => &mut self.refused,
                    End::Failed => &mut self.failed,
                } += 1;
                match cost {
                    Some(cost) => self.spent = self.spent + *cost,
                    None => self.unpriced += usize::from(*end == End::Done && !free),
                }
            }
            Event::Stopping { .. } => self.stopping = true,
            Event::Notice { .. } | Event::Saved { .. } | Event::Partial { .. } => {}
        }
    }

    /// A preview was drawn: it is shown unless that of another job is, or its own job is through.
    pub(crate) fn grow(&mut self, new: Growing) {
        let is_running = self.running.contains_key(&new.job);
        let is_next =
            self.growing.as_ref().is_none_or(|old| old.job == new.job && old.index < new.index);
        if is_running && is_next {
            self.growing = Some(new);
        }
    }

    /// What grew is no longer made, or begins anew.
    fn stop_growing(&mut self, job: usize) {
        if self.growing.as_ref().is_some_and(|growing| growing.job == job) {
            self.growing = None;
        }
    }

    /// What a running job is called: what tells it from others comes first, for what is long is cut.
    pub(crate) fn name(&self, job: usize, running: &Running) -> String {
        match self.names.get(job).filter(|name| !name.is_empty()) {
            Some(name) => format!("{} {}", text::clean(name, LONGEST), running.model),
            None => running.model.clone(),
        }
    }

    /// Jobs that have ended, however.
    pub(crate) fn ended(&self) -> usize {
        self.done + self.refused + self.failed
    }

    /// Jobs a minute, and how long the others will take at that pace; told of longer runs once a few
    /// jobs have ended.
    pub(crate) fn pace(&self, now: Instant) -> Option<(f64, Duration)> {
        let (ended, took) = (self.ended(), now.saturating_duration_since(self.begun));
        if self.jobs < LONG_RUN || ended < 3 || took.is_zero() || ended >= self.jobs {
            return None;
        }
        let left = took.mul_f64((self.jobs - ended) as f64 / ended as f64);
        Some((ended as f64 * 60.0 / took.as_secs_f64(), left))
    }

    /// Whether it is known that a running job costs nothing.
    pub(crate) fn is_free(&self, job: usize) -> bool {
        self.estimate.is_some_and(|estimate| estimate.reserve == Some(Money::ZERO))
            || self.running.get(&job).is_some_and(|running| is_drawn_here(&running.model))
    }

    /// Whether there is something in flight, and all of it costs nothing.
    pub(crate) fn is_all_free(&self) -> bool {
        !self.running.is_empty() && self.running.keys().all(|job| self.is_free(*job))
    }

    /// Puts a job into a phase; the phase's clock runs on when it is the same one.
    fn enter(&mut self, job: usize, phase: Phase, now: Instant) -> &mut Running {
        let running = self.running.entry(job).or_insert_with(|| Running {
            model: String::new(),
            expected: None,
            begun: now,
            phase: Phase::Starting,
            since: now,
        });
        if std::mem::discriminant(&running.phase) != std::mem::discriminant(&phase) {
            running.since = now;
        }
        running.phase = phase;
        running
    }
}

/// What is drawn by this program itself says nothing between its start and its end.
fn first_phase(model: &str) -> Phase {
    if is_drawn_here(model) { Phase::Drawing } else { Phase::Starting }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_walks_its_phases_and_leaves() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut board = Board::new(1, start);
        let model = "fal/flux".to_owned();
        board.on(&Event::Started { job: 0, model, expected: None }, at(0));
        board.on(&Event::Sent { job: 0 }, at(1));
        board.on(&Event::Progress { job: 0, progress: Progress::Queued(Some(2)) }, at(2));
        assert_eq!(board.running[&0].phase, Phase::Queued(Some(2)));
        board.on(&Event::Progress { job: 0, progress: Progress::Running }, at(5));
        board.on(&Event::Progress { job: 0, progress: Progress::Running }, at(6));
        assert_eq!(board.running[&0].since, at(5), "the clock of a phase is not set back");
        assert_eq!(board.running[&0].begun, start);
        board.on(&Event::Ended { job: 0, end: End::Done, cost: Some(Money::micros(5)) }, at(7));
        assert!(board.running.is_empty());
        assert_eq!((board.done, board.failed, board.spent), (1, 0, Money::micros(5)));
    }

    #[test]
    fn unknown_money_is_counted_apart() {
        let now = Instant::now();
        let mut board = Board::new(3, now);
        board.on(&Event::Ended { job: 0, end: End::Done, cost: None }, now);
        board.on(&Event::Ended { job: 1, end: End::Failed, cost: None }, now);
        board.on(&Event::Ended { job: 2, end: End::Failed, cost: Some(Money::micros(7)) }, now);
        assert_eq!((board.unpriced, board.failed, board.spent), (1, 2, Money::micros(7)));
    }

    #[test]
    fn a_sketch_is_drawn_and_free() {
        let now = Instant::now();
        let mut board = Board::new(2, now);
        let model = |model: &str| model.to_owned();
        let (sketch, other) = (model("pinx/sketch"), model("fal/flux"));
        board.on(&Event::Started { job: 0, model: sketch.clone(), expected: None }, now);
        assert_eq!(board.running[&0].phase, Phase::Drawing);
        board.on(&Event::Ended { job: 0, end: End::Done, cost: None }, now);
        assert_eq!((board.done, board.unpriced), (1, 0));
        board.on(&Event::Started { job: 1, model: other.clone(), expected: None }, now);
        let why = model("busy");
        board.on(&Event::FellBack { job: 1, from: other, to: sketch, why }, now);
        assert_eq!(board.running[&1].phase, Phase::Drawing);
        let mut board = Board::new(1, now);
        board.on(&Event::Planned { jobs: 1, estimate: Estimate::FREE }, now);
        board.on(&Event::Ended { job: 0, end: End::Done, cost: None }, now);
        assert_eq!(board.unpriced, 0, "a provider of the user's own, on loopback");
    }

    #[test]
    fn hostile_waits_and_words_do_no_harm() {
        let now = Instant::now();
        let mut board = Board::new(1, now);
        let why = "\x1b[2Jlimit\n".to_owned();
        board.on(&Event::Waiting { job: 0, why, wait: Some(Duration::MAX) }, now);
        assert_eq!(board.running[&0].phase, Phase::Waiting("[2Jlimit".to_owned(), None));
    }
}
