//! What the log adds up to: what is open, and what every day has cost.
//!
//! Pure: entries in, sums out; the same entries give the same state however they are split into
//! tails. A day is one of the local calendar. The clock never goes back here: an entry older than
//! the one before it counts for the newer one's day, so a clock set back refills no budget. Only a
//! time that lies more than a month ahead of what follows was a mistake, and is forgotten, unless
//! what follows is older than this program: so are the clocks of machines without a battery.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ledger::{Day, Ledger, Period};
use super::{Damaged, Entry, EntryKind};
use crate::dialect::Call;
use crate::error::Billed;
use crate::money::Money;

/// An attempt that is neither done nor failed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Pending {
    /// Its intent.
    pub intent: Entry,
    /// The call that goes on with it, if a queue has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// The files in which its images or its raw reply are kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<PathBuf>,
    /// Why it was left open, if somebody could still say so.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The day whose budget it counts for.
    pub day: Date,
    /// Its intent cannot be read, and stands here as far as later entries tell it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_stray: bool,
    /// One of its lines was altered, so what it says may be wrong.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_altered: bool,
    /// Its intent stands here as an altered line has it: no other line tells the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_doubtful: bool,
}

impl Pending {
    /// The kept files that are still there.
    pub fn existing_kept(&self) -> Vec<PathBuf> {
        self.kept.iter().filter(|path| path.exists()).cloned().collect()
    }

    /// What it may have cost.
    pub fn at_stake(&self) -> Option<Money> {
        self.intent.reserve
    }
}

/// How far ahead a clock may have been and still be believed.
const AHEAD: SignedDuration = SignedDuration::from_hours(31 * 24);

/// 2026-01-01, in seconds since 1970: no request of this program is older.
const FIRST: i64 = 1_767_225_600;

/// The later of the newest time known and one that follows it.
fn onward(latest: Timestamp, time: Timestamp) -> Timestamp {
    let was_ahead = latest.duration_since(time) > AHEAD && time.as_second() >= FIRST;
    if was_ahead { time } else { latest.max(time) }
}

/// The sums.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The newest time that any entry bears.
    latest: Timestamp,
    /// Open attempts by their ids.
    open: BTreeMap<String, Pending>,
    /// What every day has cost.
    ledger: Ledger,
    /// The attempts that ended last, by a digest of their ids: what comes after their end, such as a
    /// line that is there twice, opens and settles nothing.
    ended: VecDeque<u64>,
    /// The last attempt of each job that was tried and has not gone on yet.
    tried: HashMap<String, String>,
    /// Damaged lines that nobody has dismissed, each with the last day that it can be of, once that
    /// is known.
    damaged: BTreeMap<String, Option<Date>>,
}

/// So many ends are remembered.
const ENDED: usize = 64;

impl State {
    /// Adds one entry.
    pub fn add(&mut self, entry: Entry, zone: &TimeZone) {
        self.latest = onward(self.latest, entry.t);
        if !self.damaged.is_empty() {
            self.date_damage(zone);
        }
        match entry.e {
            EntryKind::Intent => self.intend(entry, zone),
            EntryKind::Submitted | EntryKind::Kept | EntryKind::Open => {
                let Some(pending) = self.pending(&entry, zone) else { return };
                match entry.e {
                    EntryKind::Submitted => pending.call = entry.call,
                    EntryKind::Kept => pending.kept.extend(entry.kept),
                    _ => pending.code = entry.code,
                }
            }
            EntryKind::Priced => {
                let Some(pending) = self.open.get_mut(&entry.attempt) else { return };
                let before = pending.intent.reserve.unwrap_or_default();
                let now = entry.reserve.unwrap_or(before);
                let client = pending.intent.client.as_deref();
                self.ledger
                    .book(client, pending.day, |day| day.reserved = day.reserved - before + now);
                pending.intent.reserve = Some(now);
            }
            EntryKind::Tried | EntryKind::Failed | EntryKind::Done | EntryKind::Settled => {
                self.close(&entry, zone)
            }
            EntryKind::Dismissed => self.damaged.retain(|id, _| !entry.lines.contains(id)),
            EntryKind::Compared | EntryKind::Drawn | EntryKind::Verdict | EntryKind::Unknown => {}
        }
    }

    /// Adds a line that is not what was written: nobody knows what it cost.
    pub fn damage(&mut self, damaged: Damaged, zone: &TimeZone) {
        let stray = damaged.attempt.as_ref().and_then(|attempt| self.open.get(attempt));
        // Where even the intent is gone, that is the best word there is: what it made is on the disk.
        if let Some(stray) = stray.filter(|stray| stray.is_stray && damaged.is_done) {
            let done = Entry { e: EntryKind::Done, ..stray.intent.clone() };
            self.close(&done, zone);
        }
        if !damaged.is_free {
            self.damaged.insert(damaged.id, None);
        }
    }

    /// Adds an entry whose line is not what was written. What a whole line tells is believed rather.
    pub fn add_altered(&mut self, mut entry: Entry, zone: &TimeZone) {
        let (kind, attempt) = (entry.e, entry.attempt.clone());
        let is_told = |pending: &Pending| match kind {
            EntryKind::Intent => !pending.is_stray && !pending.is_doubtful,
            EntryKind::Submitted => pending.call.is_some(),
            _ => false,
        };
        let before = self.open.get(&attempt);
        let opens = kind == EntryKind::Intent || before.is_none();
        if !before.is_some_and(is_told) {
            if !opens {
                entry.wish = None;
            }
            self.add(entry, zone);
            if let Some(pending) = self.open.get_mut(&attempt) {
                pending.is_doubtful |= opens;
            }
        }
        if let Some(pending) = self.open.get_mut(&attempt) {
            pending.is_altered = true;
        }
    }

    /// What is damaged was written before this.
    fn date_damage(&mut self, zone: &TimeZone) {
        let today = || self.latest.to_zoned(zone.clone()).date();
        for day in self.damaged.values_mut().filter(|day| day.is_none()) {
            *day = Some(today());
        }
    }

    fn intend(&mut self, entry: Entry, zone: &TimeZone) {
        if self.has_ended(&entry.attempt) {
            return;
        }
        self.tried.remove(&entry.job);
        let day = self.latest.to_zoned(zone.clone()).date();
        let reserve = entry.reserve.unwrap_or_default();
        let book = |day: &mut Day| day.reserved = day.reserved + reserve;
        match self.open.entry(entry.attempt.clone()) {
            Slot::Vacant(slot) => {
                self.ledger.book(entry.client.as_deref(), day, book);
                slot.insert(Pending { day, intent: entry, ..Pending::default() });
            }
            // It is there twice, or behind what follows it.
            Slot::Occupied(mut slot) => {
                let pending = slot.get_mut();
                let before = pending.intent.reserve.unwrap_or_default();
                let client = pending.intent.client.as_deref();
                self.ledger.book(client, pending.day, |day| day.reserved = day.reserved - before);
                self.ledger.book(entry.client.as_deref(), pending.day, book);
                pending.intent = entry;
                (pending.is_stray, pending.is_doubtful) = (false, false);
            }
        }
    }

    /// The open attempt that an entry is about. One whose intent could not be read is opened by what
    /// follows it, and an altered intent gives way to it.
    fn pending(&mut self, entry: &Entry, zone: &TimeZone) -> Option<&mut Pending> {
        let before = self.open.get(&entry.attempt);
        let is_better = before.is_some_and(|before| before.is_doubtful && entry.wish.is_some());
        if before.is_none() || is_better {
            let has_ended = self.has_ended(&entry.attempt) || self.was_tried(entry);
            if has_ended || entry.attempt.is_empty() {
                return None;
            }
            // Nothing but the intent tells the order, and what was sent.
            let before = before.map(|before| before.intent.clone()).unwrap_or_default();
            let intent = Entry {
                e: EntryKind::Intent,
                reserve: entry.reserve.or(entry.estimate).max(before.reserve),
                order: before.order,
                claim: before.claim,
                call: before.call,
                kept: None,
                code: String::new(),
                ..entry.clone()
            };
            self.intend(intent, zone);
            self.open.get_mut(&entry.attempt)?.is_stray = !is_better;
        }
        self.open.get_mut(&entry.attempt)
    }

    /// Closes an attempt, and settles its money. The second end of what was tried, and an end that is
    /// there twice, settle nothing; one whose intent could not be read settles what it says itself.
    fn close(&mut self, entry: &Entry, zone: &TimeZone) {
        let pending = self.open.remove(&entry.attempt);
        let is_again = self.has_ended(&entry.attempt) || self.was_tried(entry);
        self.tried.remove(&entry.job);
        if entry.e == EntryKind::Tried && !entry.job.is_empty() {
            self.tried.insert(entry.job.clone(), entry.attempt.clone());
        }
        let today = || self.latest.to_zoned(zone.clone()).date();
        let (intent, day, released) = match &pending {
            Some(Pending { intent, day, .. }) => (intent, *day, intent.reserve),
            None if is_again || entry.billed == Some(Billed::No) => return,
            None => (entry, today(), None),
        };
        let reserve = match pending {
            Some(_) => released,
            None => entry.reserve.or(entry.estimate),
        };
        let (reserve, released) = (reserve.unwrap_or_default(), released.unwrap_or_default());
        let (spent, uncertain) = match (entry.e, entry.billed.unwrap_or_default()) {
            (EntryKind::Settled, _) | (_, Billed::No) => (Money::ZERO, Money::ZERO),
            (EntryKind::Done, _) => {
                (entry.cost.or(intent.estimate).unwrap_or(reserve), Money::ZERO)
            }
            (_, Billed::Yes) => (reserve, Money::ZERO),
            _ => (Money::ZERO, reserve),
        };
        self.ledger.book(intent.client.as_deref(), day, |day| {
            day.reserved = day.reserved - released;
            day.spent = day.spent + spent;
            day.uncertain = day.uncertain + uncertain;
        });
        self.ended.truncate(ENDED - 1);
        self.ended.push_front(digest(&entry.attempt));
    }

    fn has_ended(&self, attempt: &str) -> bool {
        self.ended.contains(&digest(attempt))
    }

    fn was_tried(&self, entry: &Entry) -> bool {
        self.tried.get(&entry.job) == Some(&entry.attempt)
    }

    /// Whether there is a damaged line that nobody has dismissed.
    pub fn is_damaged(&self) -> bool {
        !self.damaged.is_empty()
    }

    /// Whether a damaged line that nobody has dismissed has perhaps cost something in this period.
    pub fn is_unsure(&self, period: Period, now: Timestamp, zone: &TimeZone) -> bool {
        let span = self.span(period, now, zone);
        self.damaged.values().any(|day| day.is_none_or(|day| day >= *span.start()))
    }

    /// The open attempts, oldest run first.
    pub fn open(&self) -> impl Iterator<Item = &Pending> {
        self.open.values()
    }

    /// The same, by themselves.
    pub fn into_open(self) -> Vec<Pending> {
        self.open.into_values().collect()
    }

    /// What counts against a budget of all commands together now.
    pub fn taken(&self, period: Period, now: Timestamp, zone: &TimeZone) -> Day {
        self.taken_by(None, period, now, zone)
    }

    /// What counts against a budget now: of this client, or of all commands together.
    pub fn taken_by(
        &self,
        client: Option<&str>,
        period: Period,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Day {
        self.ledger.taken(client, self.span(period, now, zone))
    }

    /// What of that is still open of other runs than this one.
    pub fn open_of_others(
        &self,
        run: &str,
        client: Option<&str>,
        period: Period,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Money {
        let span = self.span(period, now, zone);
        let counts = |pending: &&Pending| {
            let is_its = client.is_none() || pending.intent.client.as_deref() == client;
            pending.intent.run != run && is_its && span.contains(&pending.day)
        };
        self.open.values().filter(counts).filter_map(Pending::at_stake).sum()
    }

    /// The first day and the last one of a period.
    fn span(&self, period: Period, now: Timestamp, zone: &TimeZone) -> RangeInclusive<Date> {
        let today = onward(self.latest, now).to_zoned(zone.clone()).date();
        let first = match period {
            Period::Day => today,
            Period::Month => today.first_of_month(),
        };
        first..=today
    }
}

/// An id as a number (FNV-1a).
pub(super) fn digest(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn entry(e: EntryKind, attempt: &str, time: &str) -> Entry {
        Entry { t: at(time), ..Entry::new(e, "r", "r.1", attempt) }
    }

    fn intent(attempt: &str, micros: u64, time: &str) -> Entry {
        let price = Some(Money::micros(micros));
        Entry { reserve: price, estimate: price, ..entry(EntryKind::Intent, attempt, time) }
    }

    fn state(entries: Vec<Entry>) -> State {
        let mut state = State::default();
        entries.into_iter().for_each(|entry| state.add(entry, &TimeZone::UTC));
        state
    }

    fn today(state: &State, now: &str) -> (u64, u64, u64) {
        let day = state.taken(Period::Day, at(now), &TimeZone::UTC);
        (day.reserved.as_micros(), day.spent.as_micros(), day.uncertain.as_micros())
    }

    #[test]
    fn every_end_settles_its_reservation() {
        let noon = "2026-11-22T12:00:00Z";
        let ends = [
            (EntryKind::Done, Billed::Yes, Some(7), (0, 7, 0)),
            (EntryKind::Done, Billed::Yes, None, (0, 40, 0)),
            (EntryKind::Done, Billed::No, None, (0, 0, 0)),
            (EntryKind::Failed, Billed::No, None, (0, 0, 0)),
            (EntryKind::Failed, Billed::Yes, None, (0, 40, 0)),
            (EntryKind::Tried, Billed::Unknown, None, (0, 0, 40)),
            (EntryKind::Settled, Billed::Unknown, None, (0, 0, 0)),
            (EntryKind::Open, Billed::Unknown, None, (40, 0, 0)),
        ];
        for (end, billed, cost, expected) in ends {
            let cost = cost.map(Money::micros);
            let end = Entry { billed: Some(billed), cost, ..entry(end, "r.1.1", noon) };
            let mut entries = vec![intent("r.1.1", 40, noon), end.clone()];
            assert_eq!(today(&state(entries.clone()), noon), expected, "{end:?}");
            // What was tried may turn out to have been the job's failure: not counted twice.
            entries.push(Entry {
                billed: Some(Billed::Yes),
                ..entry(EntryKind::Failed, "r.1.1", noon)
            });
            if end.e != EntryKind::Open {
                assert_eq!(today(&state(entries), noon), expected, "{end:?} and failed");
            }
        }
    }

    #[test]
    fn a_day_ends_at_midnight_and_a_clock_set_back_refills_nothing() {
        let state = state(vec![
            intent("r.1.1", 10, "2026-11-22T23:59:00Z"),
            intent("r.1.2", 20, "2026-11-23T00:01:00Z"),
            // The clock is set back by an hour; this counts for the 23rd.
            intent("r.1.3", 40, "2026-11-22T23:02:00Z"),
        ]);
        assert_eq!(today(&state, "2026-11-23T10:00:00Z").0, 60);
        assert_eq!(today(&state, "2026-11-22T10:00:00Z").0, 60, "set back by a day");
        assert_eq!(today(&state, "2026-11-24T10:00:00Z").0, 0);
        let month = |now| state.taken(Period::Month, at(now), &TimeZone::UTC).reserved.as_micros();
        assert_eq!((month("2026-11-30T10:00:00Z"), month("2026-12-01T10:00:00Z")), (70, 0));
    }

    #[test]
    fn a_clock_that_was_years_ahead_does_not_stop_the_days() {
        let state = state(vec![
            intent("r.1.1", 10, "2099-01-01T00:00:00Z"),
            intent("r.1.2", 20, "2026-11-23T00:01:00Z"),
        ]);
        assert_eq!(today(&state, "2026-11-23T10:00:00Z").0, 20);
    }

    #[test]
    fn a_clock_without_a_battery_refills_nothing() {
        let state = state(vec![
            intent("r.1.1", 10, "2026-11-22T12:00:00Z"),
            intent("r.1.2", 20, "1970-01-01T00:03:00Z"),
        ]);
        assert_eq!(today(&state, "1970-01-01T00:04:00Z").0, 30);
        assert_eq!(today(&state, "2026-11-22T12:05:00Z").0, 30);
    }
}
