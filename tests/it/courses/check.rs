//! What must be true when a course has ended, whatever the answers were.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pinx::engine::report::JobStatus;
use pinx::error::{Billed, Kind};
use pinx::money::Money;
use pinx::store::{Entry, EntryKind, verify};

use super::Left;
use super::script::{BACKOFF, Class};

/// Paid requests: an intent each, and never more for a job than `max_attempts` over all routes.
pub fn attempts(left: &Left) {
    let intents: Vec<&Entry> = sent_intents(left).collect();
    assert_eq!(intents.len(), left.sent.len(), "each paid request has its intent");
    for report in &left.document.jobs {
        let own = intents.iter().filter(|entry| entry.job == report.id).count();
        assert!(own <= left.course.max_attempts as usize, "{} had {own}", report.id);
        assert_eq!(own, report.attempts.len(), "{}", report.id);
    }
    let attempts: BTreeSet<&str> = intents.iter().map(|entry| entry.attempt.as_str()).collect();
    assert_eq!(attempts.len(), intents.len(), "no attempt is written twice");
    // With one job at a time: while the journal syncs, the clock may run on to another job's timer.
    if let Some(stop) = left.course.stop_after.filter(|_| left.course.concurrency == 1) {
        // A millisecond is the clock's own step.
        let late = left.sent.iter().find(|sent| sent.at > stop + Duration::from_millis(1));
        assert!(late.is_none(), "sent after the signal: {late:?}");
    }
}

/// No A, U, C or B is followed by a paid request of that job without the opt-in.
pub fn nothing_after_what_may_be_billed(left: &Left) {
    let opted_in = |kind: Kind| left.course.fallback_on.iter().any(|on| on.kind() == kind);
    // By the journal's own word.
    for entry in left.entries.iter().filter(|entry| entry.kind.is_some()) {
        let kind = entry.kind.unwrap_or(Kind::Internal);
        if !kind.tries_again() && !kind.takes_next_route() && !opted_in(kind) {
            let later = intents_after(left, entry);
            assert_eq!(later, 0, "{kind:?} of {} was followed", entry.attempt);
        }
    }
    // And by what was really answered, where requests and intents go in step.
    if left.course.concurrency > 1 {
        return;
    }
    for (sent, intent) in left.sent.iter().zip(sent_intents(left)) {
        assert_eq!(sent.provider, intent.provider);
        let later = intents_after(left, intent);
        let same = left.entries.iter().any(|entry| {
            entry.e == EntryKind::Intent
                && entry.job == intent.job
                && entry.attempt > intent.attempt
                && entry.provider == intent.provider
        });
        match sent.answer.class(sent.provider) {
            Class::Again | Class::Busy(_) => {}
            Class::Next => assert!(!same, "{:?} was repeated", sent.answer),
            Class::Uncertain(kind) if opted_in(kind) => {
                assert!(!same, "{:?} was repeated", sent.answer);
            }
            Class::Done | Class::Stop | Class::Uncertain(_) => {
                assert_eq!(later, 0, "{:?} of {} was followed", sent.answer, intent.attempt);
            }
        }
    }
}

/// What a provider asked to wait is waited, by every job; without a word it is the back-off.
pub fn waits(left: &Left) {
    if left.course.concurrency > 1 {
        return;
    }
    let sent: Vec<_> = left.sent.iter().zip(sent_intents(left)).collect();
    for (at, (first, intent)) in sent.iter().enumerate() {
        let mut later = sent[at + 1..].iter();
        let Some((next, own)) = later.find(|(next, _)| next.provider == first.provider) else {
            continue;
        };
        let gap = next.at - first.at;
        match first.answer.class(first.provider) {
            Class::Busy(Some(asked)) => assert!(gap >= asked, "{gap:?} after {first:?}"),
            // Four times the first back-off, of which half is fixed.
            Class::Busy(None) => assert!(gap >= BACKOFF * 2, "{gap:?} after {first:?}"),
            Class::Again if own.job == intent.job => {
                assert!(gap >= BACKOFF / 2, "{gap:?} after {first:?}");
            }
            _ => {}
        }
    }
}

/// Each attempt ends once, and each job with its last attempt.
pub fn one_end(left: &Left) {
    let mut attempts: BTreeMap<(&str, &str), Vec<EntryKind>> = BTreeMap::new();
    for entry in &left.entries {
        attempts.entry((&entry.job, &entry.attempt)).or_default().push(entry.e);
    }
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    for (job, attempt) in attempts.keys() {
        last.insert(job, attempt);
    }
    for ((job, attempt), events) in &attempts {
        assert_eq!(events[0], EntryKind::Intent, "{attempt}: {events:?}");
        let ends: Vec<EntryKind> =
            events.iter().copied().filter(|e| e.closes() || *e == EntryKind::Open).collect();
        match (&ends[..], last[job] == *attempt) {
            ([EntryKind::Done | EntryKind::Failed | EntryKind::Open], true) => {}
            // What was to follow could not be taken after all.
            ([EntryKind::Tried, EntryKind::Failed], true) => {}
            ([EntryKind::Tried], false) => {}
            ([EntryKind::Open | EntryKind::Failed], false)
                if !left.course.fallback_on.is_empty() => {}
            _ => panic!("{attempt}: {events:?}"),
        }
        assert!(
            matches!(
                events.last(),
                Some(EntryKind::Done | EntryKind::Failed | EntryKind::Open | EntryKind::Tried)
            ),
            "something after the end of {attempt}: {events:?}"
        );
    }
}

/// The document and the journal tell the same of every job.
pub fn the_journal_tells_the_document(left: &Left) {
    assert_eq!(left.document.jobs.len(), left.course.jobs);
    for report in &left.document.jobs {
        let last = left.entries.iter().rfind(|entry| entry.job == report.id);
        let end = last.map(|entry| entry.e);
        let opted_in = !left.course.fallback_on.is_empty();
        match report.status {
            JobStatus::Done => {
                let done = last.expect("a done job has entries");
                assert_eq!(done.e, EntryKind::Done);
                assert_eq!(done.cost, report.cost.reported);
                let told: Vec<&str> = report.images.iter().map(|i| i.path.as_str()).collect();
                let kept: Vec<&str> = done.images.iter().filter_map(|i| i.path.to_str()).collect();
                assert_eq!(told, kept);
                assert_eq!(report.billed, Billed::Yes);
            }
            JobStatus::Unknown | JobStatus::Pending => {
                // What was tried elsewhere meanwhile may have ended for itself.
                let mut own = left.entries.iter().filter(|entry| entry.job == report.id);
                let open = own.any(|entry| entry.e == EntryKind::Open) && opted_in;
                assert!(open || end == Some(EntryKind::Open), "{}: {end:?}", report.id);
                assert_eq!(report.billed, Billed::Unknown, "{}", report.id);
            }
            JobStatus::Failed | JobStatus::Refused | JobStatus::Interrupted => {
                let open = end == Some(EntryKind::Open) && opted_in;
                let none = end.is_none() && report.attempts.is_empty();
                assert!(open || none || end == Some(EntryKind::Failed), "{}: {end:?}", report.id);
                // The last attempt may have cost nothing, an earlier one something.
                if report.billed == Billed::No {
                    let mut own = left.entries.iter().filter(|entry| entry.job == report.id);
                    let paid =
                        own.find(|entry| entry.billed.is_some_and(|billed| billed != Billed::No));
                    assert!(paid.is_none(), "{} was billed by {paid:?}", report.id);
                }
            }
            JobStatus::Unbegun => {
                assert!(end.is_none() && report.attempts.is_empty(), "{}: {end:?}", report.id);
                assert_eq!(report.billed, Billed::No, "{}", report.id);
            }
            other => panic!("{other:?} at the end of {}", report.id),
        }
        let dead = matches!(report.status, JobStatus::Done) != report.error.is_none();
        assert!(!dead, "{}: {:?} with {:?}", report.id, report.status, report.error);
    }
}

/// Nothing settles for more than was reserved, at any time; and the limit holds at the end.
pub fn money(left: &Left) {
    let (mut reserved, mut settled) = (Money::ZERO, Money::ZERO);
    let mut seen = BTreeMap::new();
    for entry in &left.entries {
        if entry.e == EntryKind::Intent {
            let reserve = entry.reserve.expect("both prices are known");
            reserved = reserved + reserve;
            seen.insert(entry.attempt.as_str(), reserve);
        }
        if entry.e.closes()
            && let Some(reserve) = seen.remove(entry.attempt.as_str())
        {
            settled = settled + amount(entry, reserve);
        }
        assert!(reserved >= settled, "{settled} settled of {reserved}");
    }
    if let Some(limit) = left.course.limit {
        let counted = counted(&left.entries);
        assert!(counted <= limit, "{counted} of {limit}");
    }
}

/// Every image that a provider handed out is on the disk, once, whole, and known to the journal.
pub fn files(left: &Left) {
    let named: BTreeSet<&str> =
        of(left, EntryKind::Done).flat_map(|e| &e.images).filter_map(|i| i.path.to_str()).collect();
    let there: BTreeSet<&str> = left.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(named, there, "no part file, no file without an entry");
    assert_eq!(there.len(), left.handed, "each image once");
    for (file, bytes) in &left.files {
        verify(bytes).unwrap_or_else(|why| panic!("{file}: {why}"));
    }
}

/// What attempts may have cost by what is on the disk: the reservation while nothing better is known.
pub fn counted(entries: &[Entry]) -> Money {
    let mut attempts: BTreeMap<&str, Money> = BTreeMap::new();
    for entry in entries {
        let reserve = entry.reserve.unwrap_or_default();
        let known = attempts.entry(&entry.attempt).or_insert(reserve);
        if entry.e.closes() {
            *known = amount(entry, *known);
        }
    }
    attempts.into_values().sum()
}

/// What an attempt settled for.
fn amount(end: &Entry, reserve: Money) -> Money {
    match end.billed {
        Some(Billed::No) => Money::ZERO,
        Some(Billed::Yes) if end.e == EntryKind::Done => {
            end.cost.or(end.estimate).unwrap_or(reserve)
        }
        _ => reserve,
    }
}

fn of(left: &Left, what: EntryKind) -> impl Iterator<Item = &Entry> {
    left.entries.iter().filter(move |entry| entry.e == what)
}

/// Intents whose request left: all but those that a signal overtook while they were written.
fn sent_intents(left: &Left) -> impl Iterator<Item = &Entry> {
    let overtaken = |intent: &Entry| {
        left.entries.iter().any(|entry| {
            entry.e == EntryKind::Failed
                && entry.attempt == intent.attempt
                && (entry.kind, entry.billed) == (Some(Kind::Interrupted), Some(Billed::No))
        })
    };
    of(left, EntryKind::Intent).filter(move |intent| !overtaken(intent))
}

/// Intents of the same job after the attempt of an entry.
fn intents_after(left: &Left, entry: &Entry) -> usize {
    of(left, EntryKind::Intent)
        .filter(|intent| intent.job == entry.job && intent.attempt > entry.attempt)
        .count()
}
