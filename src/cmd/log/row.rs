//! One job as its log entries tell it: how it stands, what it cost, what came of it.
//!
//! Pure: entries in, a row out.

use crate::catalog::Certainty;
use crate::engine::report::{Cost, JobStatus};
use crate::error::{Billed, Kind};
use crate::money::Money;
use crate::request::Size;
use crate::store::log::{ADOPTED, CACHED};
use crate::store::{Entry, EntryKind};

/// One paid request, as far as the list needs it.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// Its id.
    pub id: String,
    /// The newest entry's kind.
    pub last: EntryKind,
    /// Its code, empty while there is none.
    pub code: String,
    /// The model asked.
    pub model: String,
    /// Whether it was billed; none while nobody has said.
    pub billed: Option<Billed>,
    /// What it is expected to cost.
    pub estimate: Option<Money>,
    /// What was reserved for it.
    pub reserve: Option<Money>,
    /// Whether a queue has taken it, or its bytes are kept.
    pub held: bool,
}

impl Attempt {
    fn is_open(&self) -> bool {
        !self.last.closes()
    }

    /// What it may have cost without giving an image.
    pub(crate) fn uncertain(&self) -> Option<Money> {
        let unsettled =
            self.billed == Some(Billed::Unknown) || (self.billed.is_none() && self.is_open());
        self.reserve.or(self.estimate).filter(|_| unsettled)
    }
}

/// One job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// What is known by the job's newest entries; fields that a later entry leaves out are kept, the
    /// bulky ones (order, call) are dropped.
    pub entry: Entry,
    /// When its first entry was written.
    pub began: jiff::Timestamp,
    /// Pixels: of the first image, else as ordered.
    pub size: Option<Size>,
    /// Its paid requests, in order.
    pub attempts: Vec<Attempt>,
    /// What was judged of it: `best`, `tie` or `none`.
    pub verdict: Option<&'static str>,
}

impl Row {
    /// How it stands; `is_alive` says whether a process still works on a run.
    pub(crate) fn status(&self, is_alive: impl Fn(&str) -> bool) -> JobStatus {
        if let Some(done) = self.done() {
            return match done.code.as_str() {
                CACHED => JobStatus::Cached,
                ADOPTED => JobStatus::Adopted,
                _ => JobStatus::Done,
            };
        }
        if let Some(open) = self.attempts.iter().rev().find(|attempt| attempt.is_open()) {
            let lost = open.code == Kind::Ambiguous.code() || !open.held;
            return if lost && !is_alive(&self.entry.run) {
                JobStatus::Unknown
            } else {
                JobStatus::Pending
            };
        }
        match self.attempts.last() {
            Some(last) if last.last == EntryKind::Tried && is_alive(&self.entry.run) => {
                JobStatus::Pending
            }
            Some(_) if self.entry.kind == Some(Kind::Content) => JobStatus::Refused,
            Some(last) if is_refusal(&last.code, &self.entry.message) => JobStatus::Refused,
            _ => JobStatus::Failed,
        }
    }

    fn done(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.last == EntryKind::Done)
    }

    /// Whether nothing more can be written about it.
    pub(crate) fn is_closed(&self) -> bool {
        let ended = self
            .attempts
            .iter()
            .any(|attempt| attempt.last.closes() && attempt.last != EntryKind::Tried);
        ended && !self.attempts.iter().any(Attempt::is_open)
    }

    /// What it cost, as the run's own document tells it.
    pub(crate) fn cost(&self) -> Cost {
        Cost {
            estimated: self.entry.estimate,
            at_most: self.entry.reserve,
            reported: self.entry.cost,
            currency: "USD",
            certainty: self.entry.certainty.unwrap_or(Certainty::Unknown),
        }
    }

    /// What was spent on it, as far as that is known: nothing where nothing was billed.
    pub(crate) fn spent(&self, status: JobStatus) -> Option<Money> {
        match (status, self.entry.billed) {
            (JobStatus::Cached | JobStatus::Adopted, _) | (_, Some(Billed::No)) => {
                Some(Money::ZERO)
            }
            (JobStatus::Done, _) | (_, Some(Billed::Yes)) => self.cost().best(),
            _ => None,
        }
    }

    /// What it may have cost beside that.
    pub(crate) fn uncertain(&self) -> Option<Money> {
        self.attempts.iter().filter_map(Attempt::uncertain).reduce(|a, b| a + b)
    }

    /// Of all entries of a job.
    pub(crate) fn of(entries: &[&Entry]) -> Row {
        let mut row = Row::default();
        entries.iter().for_each(|entry| row.add((*entry).clone()));
        row
    }

    /// Takes one more entry in.
    pub(crate) fn add(&mut self, entry: Entry) {
        if self.attempts.is_empty() {
            self.began = entry.t;
        }
        let known = self.attempts.iter().position(|attempt| attempt.id == entry.attempt);
        let at = known.unwrap_or_else(|| {
            self.attempts.push(Attempt {
                id: entry.attempt.clone(),
                last: entry.e,
                code: String::new(),
                model: String::new(),
                billed: None,
                estimate: None,
                reserve: None,
                held: false,
            });
            self.attempts.len() - 1
        });
        let attempt = &mut self.attempts[at];
        // A closed attempt stays closed, whatever order two processes wrote in.
        if attempt.is_open() {
            attempt.last = entry.e;
        }
        attempt.held |= matches!(entry.e, EntryKind::Submitted | EntryKind::Kept);
        fill(&mut attempt.code, &entry.code);
        fill(&mut attempt.model, &entry.model);
        attempt.billed = entry.billed.or(attempt.billed);
        attempt.estimate = entry.estimate.or(attempt.estimate);
        attempt.reserve = entry.reserve.or(attempt.reserve);
        // What the images cost stays, though an older attempt may be closed after them.
        if entry.e == EntryKind::Done || self.done().is_none() {
            self.learn(entry);
        }
    }

    fn learn(&mut self, new: Entry) {
        let ordered = new.order.as_ref().and_then(|order| order.request.size);
        let made = new.images.first().map(|image| Size::new(image.width, image.height));
        self.size = made.or(ordered).or(self.size);
        let old = std::mem::take(&mut self.entry);
        let text = |new: String, old: String| if new.is_empty() { old } else { new };
        self.entry = Entry {
            provider: text(new.provider, old.provider),
            model: text(new.model, old.model),
            route: text(new.route, old.route),
            prompt: text(new.prompt, old.prompt),
            billed: new.billed.or(old.billed),
            code: text(new.code, old.code),
            message: text(new.message, old.message),
            style: new.style.or(old.style),
            tags: if new.tags.is_empty() { old.tags } else { new.tags },
            client: new.client.or(old.client),
            seed: new.seed.or(new.order.as_ref().and_then(|order| order.request.seed)).or(old.seed),
            estimate: new.estimate.or(old.estimate),
            certainty: new.certainty.or(old.certainty),
            cost: new.cost.or(old.cost),
            images: if new.images.is_empty() { old.images } else { new.images },
            adjustments: if new.adjustments.is_empty() { old.adjustments } else { new.adjustments },
            wish: None,
            recipe: None,
            order: None,
            call: None,
            ..new
        };
    }
}

/// Whether this was a refusal. The code may be the provider's own; the message is always ours.
fn is_refusal(code: &str, message: &str) -> bool {
    code == Kind::Content.code()
        || message.starts_with("refused by content policy")
        || message.starts_with("the provider refused the prompt")
}

fn fill(old: &mut String, new: &str) {
    if !new.is_empty() {
        new.clone_into(old);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::catalog::Order;
    use crate::request::Request;

    /// An entry of the job and run that its attempt's id names.
    pub(in crate::cmd::log) fn entry(e: EntryKind, attempt: &str) -> Entry {
        let job = attempt.rsplit_once('.').unwrap().0;
        let run = job.rsplit_once('.').unwrap().0;
        Entry { prompt: "a fox".to_owned(), ..Entry::new(e, run, job, attempt) }
    }

    fn coded(e: EntryKind, attempt: &str, code: &str, billed: Option<Billed>) -> Entry {
        Entry { code: code.to_owned(), billed, ..entry(e, attempt) }
    }

    fn status_of(entries: Vec<Entry>, alive: bool) -> JobStatus {
        let mut row = Row::default();
        entries.into_iter().for_each(|entry| row.add(entry));
        row.status(|_| alive)
    }

    #[test]
    fn a_job_stands_as_its_attempts_do() {
        use EntryKind::{Done, Failed, Intent, Kept, Open, Settled, Submitted, Tried};
        let intent = || entry(Intent, "r.1.1");
        let lost = || coded(Open, "r.1.1", "outcome_unknown", Some(Billed::Unknown));
        let refused = Entry {
            message: "refused by content policy: no".to_owned(),
            ..coded(Failed, "r.1.1", "moderation_blocked", Some(Billed::No))
        };
        for (entries, status) in [
            (vec![entry(Done, "r.1.1")], JobStatus::Done),
            (vec![coded(Done, "r.1.1", "cached", Some(Billed::No))], JobStatus::Cached),
            (vec![coded(Done, "r.1.1", "adopted", Some(Billed::No))], JobStatus::Adopted),
            (vec![intent()], JobStatus::Unknown),
            (vec![intent(), lost()], JobStatus::Unknown),
            (
                vec![intent(), lost(), coded(Settled, "r.1.1", "forgotten", Some(Billed::Unknown))],
                JobStatus::Failed,
            ),
            (vec![intent(), entry(Submitted, "r.1.1")], JobStatus::Pending),
            (vec![intent(), entry(Submitted, "r.1.1"), lost()], JobStatus::Unknown),
            (
                vec![
                    intent(),
                    entry(Kept, "r.1.1"),
                    coded(Open, "r.1.1", "disk", Some(Billed::Yes)),
                ],
                JobStatus::Pending,
            ),
            (vec![intent(), coded(Tried, "r.1.1", "busy", Some(Billed::No))], JobStatus::Failed),
            (
                vec![
                    intent(),
                    coded(Tried, "r.1.1", "busy", Some(Billed::No)),
                    entry(Done, "r.1.2"),
                ],
                JobStatus::Done,
            ),
            (
                vec![intent(), lost(), coded(Failed, "r.1.2", "busy", Some(Billed::No))],
                JobStatus::Unknown,
            ),
            (vec![intent(), lost(), entry(Done, "r.1.2")], JobStatus::Done),
            (vec![intent(), refused], JobStatus::Refused),
        ] {
            let words = format!("{:?}", entries.iter().map(|entry| entry.e).collect::<Vec<_>>());
            assert_eq!(status_of(entries, false), status, "{words}");
        }
        assert_eq!(status_of(vec![intent()], true), JobStatus::Pending, "its process lives");
    }

    #[test]
    fn a_row_keeps_what_later_entries_leave_out() {
        let mut row = Row::default();
        let (size, seed) = (Some(Size::new(640, 480)), Some(7));
        let request = Request { size, seed, ..Request::default() };
        let order = Order { request: request.into(), ..Order::default() };
        row.add(Entry {
            order: Some(order),
            reserve: Some(Money::micros(9)),
            ..entry(EntryKind::Intent, "r.1.1")
        });
        row.add(Entry {
            prompt: String::new(),
            ..coded(EntryKind::Open, "r.1.1", "outcome_unknown", Some(Billed::Unknown))
        });
        assert_eq!((row.entry.prompt.as_str(), row.entry.seed), ("a fox", Some(7)));
        assert_eq!(row.size, Some(Size::new(640, 480)));
        assert_eq!(row.uncertain(), Some(Money::micros(9)));
        row.add(Entry {
            cost: Some(Money::micros(5)),
            ..coded(EntryKind::Done, "r.1.2", "done", Some(Billed::Yes))
        });
        row.add(coded(EntryKind::Settled, "r.1.1", "forgotten", Some(Billed::Unknown)));
        assert_eq!((row.entry.code.as_str(), row.entry.billed), ("done", Some(Billed::Yes)));
        assert_eq!(row.cost().reported, Some(Money::micros(5)));
        assert_eq!(row.attempts.len(), 2);
    }
}
