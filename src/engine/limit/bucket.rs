//! What is known of one (provider, key): when requests left, whether it rests, what it allows.
//!
//! Pure: every function is told what the clock says, in milliseconds since 1970. A clock set back
//! refills nothing: a stamp that lies ahead counts as made just now, so it holds things up for one
//! more window at most.

use serde::{Deserialize, Serialize};

use super::rules::{Counted, Learned, Rules};
use crate::error::{Error, Kind};

/// A minute, and a second for what lies between the permit and the provider's own clock: the
/// intent's sync and the connection delay one request more than another.
pub(crate) const WINDOW: u64 = 61_000;
/// So many failures of a server in a row, from whatever jobs and processes, are no hiccup.
pub(crate) const BREAK_AFTER: u32 = 5;
/// How long a failing server is then left alone by jobs that can go elsewhere: long enough for a
/// restart, short enough to lose little when the other route is dearer.
const BREAK_FOR: u64 = 30_000;
/// A refusal comes at once: a request that has been worked on for so long was let in.
const PROVEN: u64 = 5_000;
/// Stamps kept at least, so that a limit learned later, or a larger one of another process, counts
/// what has left before.
const KEEP: usize = 1_000;

/// From when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Span {
    since: u64,
    until: u64,
}

impl Span {
    fn new(now: u64, length: u64) -> Span {
        Span { since: now, until: now.saturating_add(length) }
    }

    fn left(&self, now: u64) -> u64 {
        self.until.saturating_sub(now)
    }

    /// After a clock was set back, a span that seems to begin later begins anew.
    fn settle(&mut self, now: u64) {
        if self.since > now {
            *self = Span::new(now, self.until.saturating_sub(self.since));
        }
    }
}

/// The answer that a pause began with, where it is not known.
pub(super) fn asked_for_a_pause() -> Error {
    Error::new(Kind::Busy, "the provider asked for a pause")
}

/// A time in which nothing is sent, and the answer that asked for it. It stays after its end until
/// one request has been let in again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cooldown {
    span: Span,
    kind: Kind,
    code: String,
    message: String,
}

impl Cooldown {
    fn new(span: Span, error: Option<&Error>) -> Cooldown {
        let error = error.cloned().unwrap_or_else(asked_for_a_pause);
        Cooldown { span, kind: error.kind, code: error.code, message: error.message }
    }

    /// The answer that asked for it.
    pub(crate) fn error(&self) -> Error {
        Error::new(self.kind, self.message.clone()).code(self.code.clone())
    }
}

/// The state that processes share.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Bucket {
    /// When requests left within the window, oldest first.
    sent: Vec<u64>,
    /// The provider said that none is left until then.
    empty: Option<Span>,
    /// The cooldown, or what is left of it until it is known to be over.
    #[serde(rename = "rest")]
    cooldown: Option<Cooldown>,
    /// Failures of the server in a row.
    failures: u32,
    /// When the request left that tries out whether the cooldown is over.
    #[serde(rename = "probe")]
    half_open: Option<u64>,
    /// What the provider said that it allows.
    learned: Learned,
}

/// Whether the job has another route to its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HasFallback {
    /// Another route can be taken.
    Yes,
    /// There is no other.
    No,
}

/// What a look at a bucket gives. Times are milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A request may leave.
    Go,
    /// One may, if no other tries out already whether the cooldown is over.
    HalfOpen,
    /// The limit is used up for so long.
    Full {
        /// Until a place is free.
        wait: u64,
        /// Requests a minute; none when the provider only said that none is left.
        rate: Option<u32>,
    },
    /// It cools down for so long.
    Cooling(u64),
    /// It fails again and again, and the job can go elsewhere.
    Broken,
}

/// How an attempt that had a permit ended, as far as its provider's state is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Nothing reached the provider.
    Unsent,
    /// It works, whatever it answered.
    Well,
    /// Not now: cool down for so many milliseconds.
    Busy(u64),
    /// The server failed.
    Failed,
    /// Nobody can say.
    Unknown,
}

impl Bucket {
    /// Forgets what is past, and brings what lies ahead to now. Comes before everything else.
    pub(crate) fn settle(&mut self, now: u64) {
        for stamp in &mut self.sent {
            *stamp = now.min(*stamp);
        }
        self.sent.retain(|stamp| now - stamp < WINDOW);
        if let Some(empty) = &mut self.empty {
            empty.settle(now);
        }
        self.empty = self.empty.filter(|empty| empty.left(now) > 0);
        if let Some(cooldown) = &mut self.cooldown {
            cooldown.span.settle(now);
        }
        self.half_open = self.half_open.map(|at| at.min(now));
        self.learned.settle(now);
    }

    /// Whether a request may leave.
    pub(crate) fn look(&self, now: u64, rules: &Rules, way: HasFallback) -> Verdict {
        let mut is_half_open = false;
        if let Some(cooldown) = &self.cooldown {
            let left = cooldown.span.left(now);
            match cooldown.kind {
                Kind::Busy if left > 0 => return Verdict::Cooling(left),
                Kind::Busy => is_half_open = true,
                // A failing server is better than none.
                _ if way == HasFallback::No => {}
                _ if left > 0 => return Verdict::Broken,
                _ => is_half_open = true,
            }
        }
        if let Some(empty) = &self.empty {
            return Verdict::Full { wait: empty.left(now), rate: None };
        }
        if let Some((rate, _)) = rules.rate(&self.learned)
            && let Some(at) = self.sent.len().checked_sub(rate as usize)
        {
            // With the stamp at this place gone there are fewer than the limit.
            let wait = self.sent.get(at).map_or(WINDOW, |stamp| (stamp + WINDOW) - now);
            return Verdict::Full { wait, rate: Some(rate) };
        }
        if is_half_open { Verdict::HalfOpen } else { Verdict::Go }
    }

    /// A request leaves.
    pub(crate) fn send(&mut self, now: u64, rules: &Rules) {
        self.sent.push(now);
        let rate = rules.rate(&self.learned).map_or(0, |(rate, _)| rate as usize);
        let surplus = self.sent.len().saturating_sub(rate.max(KEEP));
        self.sent.drain(..surplus);
    }

    /// The request that leaves tries out whether the cooldown is over.
    pub(crate) fn try_out(&mut self, now: u64) {
        self.half_open = Some(now);
    }

    /// Whether the request that tries it out has been under way for long enough to know that it was
    /// let in; the cooldown is over then.
    pub(crate) fn is_let_in(&mut self, now: u64) -> bool {
        let is_proven = self.half_open.is_some_and(|at| now - at >= PROVEN);
        if is_proven {
            self.recover();
        }
        is_proven
    }

    /// An attempt that left at `sent` has ended; `is_probe` says that it tried the cooldown out.
    pub(crate) fn ended(
        &mut self,
        now: u64,
        sent: u64,
        is_probe: bool,
        ended: Ended,
        error: Option<&Error>,
    ) {
        match ended {
            Ended::Unsent => {
                if let Some(at) = self.sent.iter().rposition(|stamp| *stamp == sent.min(now)) {
                    self.sent.remove(at);
                }
            }
            Ended::Well => {
                self.failures = 0;
                // A request that left before a cooldown began says nothing about its end.
                let is_later = |cooldown: &Cooldown| {
                    (is_probe || cooldown.kind != Kind::Busy) && sent >= cooldown.span.since
                };
                if self.cooldown.as_ref().is_some_and(is_later) {
                    self.recover();
                }
            }
            Ended::Busy(wait) => {
                let known = self.cooldown.as_ref().filter(|cooldown| cooldown.kind == Kind::Busy);
                if known.is_none_or(|cooldown| cooldown.span.left(now) < wait) {
                    self.cooldown = Some(Cooldown::new(Span::new(now, wait), error));
                }
                self.half_open = None;
            }
            Ended::Failed => {
                self.failures = self.failures.saturating_add(1);
                let is_busy = |cooldown: &Cooldown| {
                    cooldown.kind == Kind::Busy && cooldown.span.left(now) > 0
                };
                let is_broken = self.failures >= BREAK_AFTER;
                if is_broken && !self.cooldown.as_ref().is_some_and(is_busy) {
                    self.cooldown = Some(Cooldown::new(Span::new(now, BREAK_FOR), error));
                    self.half_open = None;
                }
            }
            Ended::Unknown => {}
        }
    }

    fn recover(&mut self) {
        self.cooldown = None;
        self.half_open = None;
        self.failures = 0;
    }

    /// The provider said what it allows.
    pub(crate) fn learn(&mut self, now: u64, what: Counted, limit: u32) {
        self.learned.learn(now, what, limit);
    }

    /// The provider said that none is left for so many milliseconds.
    pub(crate) fn run_dry(&mut self, now: u64, wait: u64) {
        self.empty = Some(Span::new(now, wait));
    }

    /// What was learned of its limits.
    pub(crate) fn learned(&self) -> &Learned {
        &self.learned
    }

    /// Requests that left within the window.
    pub(crate) fn recent(&self) -> usize {
        self.sent.len()
    }

    /// The cooldown that is not over yet, with the milliseconds left; zero when one request has to
    /// try it out first.
    pub(crate) fn cooldown(&self, now: u64) -> Option<(u64, &Cooldown)> {
        self.cooldown.as_ref().map(|cooldown| (cooldown.span.left(now), cooldown))
    }
}
