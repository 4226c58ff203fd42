//! The fold itself: lines in their order go in, cells come out.
//!
//! Pure: the same lines give the same sums, however they are split into tails. An attempt's money is
//! settled once, when it closes; it counts for the day on which that happens. What is kept is bounded
//! by `Room`: the days of old months are merged into the month, then rare texts into `OTHER`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::cell::{Cell, Counts, Time};
use super::cells::{Cells, StoredCell};
use super::days::{DayNumber, Days, date, number};
use super::line::{self, Line, Read};
use super::names::{Names, OTHER};
use crate::error::Billed;
use crate::money::Money;
use crate::store::EntryKind;
use crate::store::log::{Reader, lines_of};

/// How much may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Cells in all.
    pub cells: usize,
    /// Different routes.
    pub routes: usize,
    /// Different styles.
    pub styles: usize,
    /// Different sets of tags.
    pub tags: usize,
    /// Different clients.
    pub clients: usize,
    /// Attempts that are open, and attempts whose next one is not known yet; of each so many.
    pub open: usize,
}

impl Room {
    /// For the checkpoint.
    pub(crate) const BOUNDED: Room =
        Room { cells: 2048, routes: 512, styles: 128, tags: 256, clients: 256, open: 16_384 };
    /// For one question; a group has a cell of its own, whatever there is.
    pub(crate) const FREE: Room = Room {
        cells: usize::MAX,
        routes: 65_000,
        styles: 65_000,
        tags: 65_000,
        clients: 65_000,
        open: usize::MAX,
    };
}

/// Which parts of a key are told apart, besides day and route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Styles.
    pub styles: bool,
    /// Tags.
    pub tags: bool,
    /// Clients.
    pub clients: bool,
}

impl Parts {
    /// All of them.
    pub(crate) const ALL: Parts = Parts { styles: true, tags: true, clients: true };
}

/// What tells cells apart. Packed into one number it sorts by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// The day; the first of its month where days were merged.
    pub day: DayNumber,
    /// Provider, model and route.
    pub route: u16,
    /// The style.
    pub style: u16,
    /// The set of tags.
    pub tags: u16,
    /// The client of a server.
    pub client: u16,
}

impl Key {
    fn pack(self) -> u128 {
        u128::from(self.day) << 64
            | u128::from(self.client) << 48
            | u128::from(self.route) << 32
            | u128::from(self.style) << 16
            | u128::from(self.tags)
    }

    fn unpack(key: u128) -> Key {
        let part = |shift: u32| (key >> shift) as u16;
        Key { day: part(64), client: part(48), route: part(32), style: part(16), tags: part(0) }
    }
}

/// An attempt that is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Open {
    /// The cell that it would count for if it closed on the day it began.
    key: u128,
    /// What was reserved for it.
    reserve: Option<Money>,
}

/// An attempt that failed while its job went on: the next one tells how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LastAttempt {
    attempt: Vec<u8>,
    /// Its route as text: a number may stand for many.
    route: String,
    key: u128,
    /// Whether that happened in the span that is counted.
    counts: bool,
}

/// The sums of a log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Sums {
    /// Provider, model and route, each behind the other with a NUL between.
    pub routes: Names,
    /// Styles; the empty one is none.
    pub styles: Names,
    /// Sets of tags as JSON arrays; the empty text is none.
    pub tags: Names,
    /// Clients of a server; the empty one is none.
    pub clients: Names,
    /// Written behind the rest: see [`Cells::write`].
    #[serde(skip)]
    pub(super) cells: Cells,
    open: HashMap<Vec<u8>, Open>,
    tried: HashMap<Vec<u8>, LastAttempt>,
    /// Days before this one are merged into months.
    pub coarse_before: DayNumber,
    /// Lines that are no entry.
    pub torn: u64,
    /// Entries read.
    pub entries: u64,
}

impl Sums {
    /// Its cells, those of the newest day first.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (Key, StoredCell<'_>)> {
        self.cells.newest_first().map(|(key, cell)| (Key::unpack(key), cell))
    }

    /// What is reserved for attempts that are open, each with the cell it began in.
    pub(crate) fn open(&self) -> impl Iterator<Item = (Key, Option<Money>)> {
        self.open.values().map(|open| (Key::unpack(open.key), open.reserve))
    }

    /// The parts of a route: provider, model, and how it was reached.
    pub(crate) fn route(&self, number: u16) -> [&str; 3] {
        let mut parts = self.routes.text(number).unwrap_or_default().splitn(3, '\0');
        [(); 3].map(|()| parts.next().unwrap_or_default())
    }
}

/// A fold at work.
#[derive(Debug)]
pub(crate) struct Projection {
    /// What it has come to.
    pub sums: Sums,
    days: Days,
    room: Room,
    /// Only what ended in this span of seconds is counted, its end excluded.
    span: (i64, i64),
    /// The parts of a key that are told apart.
    parts: Parts,
    /// The text of the line's route.
    scratch: String,
}

impl Projection {
    /// Goes on from these sums.
    pub(crate) fn new(sums: Sums, days: Days, room: Room) -> Projection {
        let (span, parts) = ((i64::MIN, i64::MAX), Parts::ALL);
        Projection { sums, days, room, span, parts, scratch: String::new() }
    }

    /// Counts only what ended between these seconds since 1970.
    #[must_use]
    pub(crate) fn between(self, since: i64, until: i64) -> Projection {
        Projection { span: (since, until), ..self }
    }

    /// Tells only these parts apart: what nobody asks for needs no cells.
    #[must_use]
    pub(crate) fn telling(self, parts: Parts) -> Projection {
        Projection { parts, ..self }
    }

    fn line(&mut self, line: Read) {
        let (entries, torn) = match line {
            Ok(line) => {
                self.count(&line);
                (1, 0)
            }
            Err(bytes) => line::parse(bytes, &mut |line| self.count(line)),
        };
        self.sums.entries += entries;
        self.sums.torn += torn;
    }

    fn count(&mut self, line: &Line) {
        match line.e {
            // Its intent could not be read: what it may cost is open all the same.
            EntryKind::Submitted if !self.sums.open.contains_key(line.attempt) => self.open(line),
            EntryKind::Submitted | EntryKind::Priced | EntryKind::Kept | EntryKind::Open => {}
            // Nobody made it here: it is no success, costs nothing and took no time.
            EntryKind::Done if line.is_adopted => {}
            EntryKind::Compared | EntryKind::Drawn | EntryKind::Verdict => {}
            EntryKind::Dismissed | EntryKind::Unknown => {}
            EntryKind::Intent => self.open(line),
            EntryKind::Done | EntryKind::Failed | EntryKind::Tried | EntryKind::Settled => {
                self.close(line)
            }
        }
    }

    fn open(&mut self, line: &Line) {
        let key = self.key(line, None);
        self.went_on(line);
        if self.sums.open.len() < self.room.open && !line.attempt.is_empty() {
            let reserve = line.reserve.or(line.estimate).map(Money::micros);
            self.sums.open.insert(line.attempt.to_owned(), Open { key, reserve });
        }
    }

    fn close(&mut self, line: &Line) {
        let open = self.sums.open.remove(line.attempt);
        let key = self.key(line, open);
        // What was tried may turn out to have been the job's end: its money is settled already.
        let is_again = line.e != EntryKind::Settled && self.went_on(line);
        let in_span = line.second >= self.span.0 && line.second < self.span.1;
        if line.e == EntryKind::Tried && self.sums.tried.len() < self.room.open {
            let (attempt, route) = (line.attempt.to_owned(), self.scratch.clone());
            let tried = LastAttempt { attempt, route, key, counts: in_span };
            self.sums.tried.insert(line.job.to_owned(), tried);
        }
        if !in_span {
            return;
        }
        let cell = self.cell(key);
        if !is_again {
            settle(&mut cell.counts, line, open.and_then(|open| open.reserve));
        }
        match line.e {
            EntryKind::Done if line.is_cached => cell.counts.cached += line.images.max(1),
            EntryKind::Done => {
                cell.counts.done += 1;
                // Old entries may not name their files.
                cell.counts.images += line.images.max(1);
                measure(cell, line);
            }
            EntryKind::Failed if line.is_refused => cell.counts.refused += 1,
            EntryKind::Failed => cell.counts.failed += 1,
            EntryKind::Settled => cell.counts.closed += 1,
            _ => {}
        }
    }

    /// Notes how the job went on after an attempt that failed: over the same route or another one.
    /// Answers whether this line ends the very attempt that was tried. Its route is in `scratch`.
    fn went_on(&mut self, line: &Line) -> bool {
        if self.sums.tried.is_empty() {
            return false;
        }
        let Some(tried) = self.sums.tried.remove(line.job) else { return false };
        if tried.attempt == line.attempt {
            return true;
        }
        if tried.counts {
            let is_same = tried.route == self.scratch;
            let counts = &mut self.cell(tried.key).counts;
            if is_same {
                counts.retries += 1;
            } else {
                counts.fallbacks += 1;
            }
        }
        false
    }

    /// The key of a line. What it does not say itself was said when the attempt was opened.
    fn key(&mut self, line: &Line, open: Option<Open>) -> u128 {
        let opened = open.map(|open| Key::unpack(open.key));
        let day = self.days.of(line.second);
        let sums = &mut self.sums;
        self.scratch.clear();
        for part in [line.provider, "\0", line.model, "\0", line.route] {
            self.scratch.push_str(part);
        }
        let route = match opened {
            Some(opened) if line.route.is_empty() => opened.route,
            _ => sums.routes.number(&self.scratch, self.room.routes),
        };
        let own = |names: &mut Names, text: &str, most: usize, wanted: bool| {
            if wanted { names.number(text, most) } else { OTHER }
        };
        let (style, tags) = match opened {
            Some(opened) if line.e != EntryKind::Done && line.e != EntryKind::Failed => {
                (opened.style, opened.tags)
            }
            _ => (
                own(&mut sums.styles, line.style, self.room.styles, self.parts.styles),
                own(&mut sums.tags, line.tags, self.room.tags, self.parts.tags),
            ),
        };
        let client = match opened {
            Some(opened) if line.client.is_empty() => opened.client,
            _ => own(&mut sums.clients, line.client, self.room.clients, self.parts.clients),
        };
        Key { day, route, style, tags, client }.pack()
    }

    /// The cell of a key; a new one may need room.
    fn cell(&mut self, key: u128) -> &mut Cell {
        let day = Key::unpack(key).day;
        let key = self.merged(key);
        let is_full = self.sums.cells.len() >= self.room.cells;
        if is_full && !self.sums.cells.has(key) {
            while self.sums.cells.len() >= self.room.cells && self.merge() {}
        }
        let key = self.merged(key);
        let cell = self.sums.cells.change(key);
        cell.happened(day);
        cell
    }

    /// A key as far as its parts are still told apart.
    fn merged(&self, key: u128) -> u128 {
        let sums = &self.sums;
        let mut key = Key::unpack(key);
        let gone = |names: &Names, number: u16| {
            if names.text(number).is_some() { number } else { OTHER }
        };
        if key.day < sums.coarse_before {
            key.day = number(date(key.day).first_of_month());
        }
        key.route = gone(&sums.routes, key.route);
        key.style = gone(&sums.styles, key.style);
        key.tags = gone(&sums.tags, key.tags);
        key.client = gone(&sums.clients, key.client);
        key.pack()
    }

    /// Makes room: merges the oldest month whose days are apart, but for the newest, or else the
    /// tags, the styles, the routes or the clients. False when nothing is left to merge.
    fn merge(&mut self) -> bool {
        let sums = &mut self.sums;
        let days = || sums.cells.keys().map(|key| Key::unpack(key).day);
        let newest = days().max().map(|day| number(date(day).first_of_month()));
        let oldest = days().filter(|day| *day >= sums.coarse_before).min();
        let next = oldest.and_then(|day| date(day).last_of_month().tomorrow().ok()).map(number);
        if let (Some(next), Some(newest)) = (next, newest)
            && next <= newest
        {
            sums.coarse_before = next;
        } else {
            let apart = |names: &Names| names.text(0).is_some();
            let Sums { tags, styles, routes, clients, .. } = sums;
            match [tags, styles, routes, clients].into_iter().find(|names| apart(names)) {
                Some(names) => names.give_up(),
                None => return false,
            }
        }
        let moved = self.sums.cells.keys().filter(|key| self.merged(*key) != *key);
        for key in moved.collect::<Vec<_>>() {
            let Some(cell) = self.sums.cells.remove(key) else { continue };
            let key = self.merged(key);
            self.sums.cells.change(key).merge(&cell);
        }
        true
    }
}

/// Lines are read beside others, and taken in their order.
impl Reader for Projection {
    type Read<'b> = Vec<Read<'b>>;

    fn read(block: &[u8]) -> Vec<Read<'_>> {
        let mut lines = Vec::new();
        lines_of(block, |line| lines.push(line::read(line)));
        lines
    }

    fn take(&mut self, lines: Vec<Read>) {
        lines.into_iter().for_each(|line| self.line(line));
    }
}

/// Counts an attempt's money.
fn settle(counts: &mut Counts, line: &Line, reserve: Option<Money>) {
    let (estimate, cost) = (line.estimate.map(Money::micros), line.cost.map(Money::micros));
    match (line.e, line.billed) {
        (EntryKind::Done, _) if line.is_cached => {
            counts.saved = counts.saved + estimate.unwrap_or_default();
        }
        (EntryKind::Settled, _) | (_, Billed::No) => {}
        (EntryKind::Done, _) => match (cost, estimate.or(reserve)) {
            (Some(cost), foreseen) => {
                counts.reported = counts.reported + cost;
                counts.foreseen = counts.foreseen + foreseen.unwrap_or(cost);
            }
            (None, Some(estimate)) => counts.estimated = counts.estimated + estimate,
            (None, None) => counts.unpriced += 1,
        },
        (_, Billed::Yes) => match reserve.or(estimate) {
            Some(money) => counts.estimated = counts.estimated + money,
            None => counts.unpriced += 1,
        },
        (_, Billed::Unknown) => {
            counts.uncertain = counts.uncertain + reserve.or(estimate).unwrap_or_default();
        }
    }
}

/// Takes the times of a job that was done.
fn measure(cell: &mut Cell, line: &Line) {
    let parts = [
        (Time::Queue, line.queued_ms),
        (Time::Generation, line.generation_ms),
        (Time::Download, line.download_ms),
    ];
    for (kind, ms) in parts {
        if let Some(ms) = ms {
            cell.time(kind, ms);
        }
    }
    if let Some(made) = line.generation_ms {
        let rest = line.queued_ms.unwrap_or(0).saturating_add(line.download_ms.unwrap_or(0));
        cell.time(Time::All, made.saturating_add(rest));
    }
}
