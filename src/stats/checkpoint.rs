//! The sums of a log from where the last fold stopped: a checkpoint of its own, `stats.bin`, which
//! only what asks for statistics reads.
//!
//! It is only a shortcut: written whole or not at all, bounded in size, and thrown away where it does
//! not fit the segments, the time zone or this version. Deleting it costs one cold fold.

use std::io;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::cells::Cells;
use super::days::Days;
use super::projection::{Projection, Room, Sums};
use super::query::{Figures, Query, answer};
use crate::fs;
use crate::store::Log;
use crate::store::log::Cursors;

/// The version of the checkpoint's shape; another one is not read.
const VERSION: u32 = 4;
/// Fewer bytes than this are folded again next time, rather than written down.
const WORTH: u64 = 64 * 1024;
/// The checkpoint's name beside the segments.
const NAME: &str = "stats.bin";

/// What stands before the sums, so that what does not fit is not read.
#[derive(Serialize, Deserialize)]
struct Head {
    v: u32,
    /// The time zone whose days are counted.
    zone: String,
    cursors: Cursors,
}

/// A log's sums up to its last line.
#[derive(Debug)]
pub(crate) struct Stats {
    projection: Projection,
    cursors: Cursors,
    path: PathBuf,
    zone: String,
}

impl Stats {
    /// Folds everything there is, from the checkpoint where that fits, and keeps a new one when that
    /// is worth it.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(crate) fn load(log: &Log) -> io::Result<Stats> {
        Stats::load_in(log, crate::zone::local(), Room::BOUNDED, WORTH)
    }

    pub(super) fn load_in(log: &Log, zone: TimeZone, room: Room, worth: u64) -> io::Result<Stats> {
        let path = log.checkpoint(NAME);
        let name = zone.iana_name().unwrap_or_default().to_owned();
        let kept = std::fs::read(&path).ok();
        let kept = kept.and_then(|bytes| parse(bytes, &name));
        let (cursors, sums) = kept.unwrap_or_default();
        let projection = Projection::new(sums, Days::new(zone.clone()), room);
        let mut stats = Stats { projection, cursors, path, zone: name };
        let mut fresh = stats.catch_up(log)?;
        if fresh.is_none() {
            stats.projection = Projection::new(Sums::default(), Days::new(zone), room);
            stats.cursors = Cursors::default();
            fresh = stats.catch_up(log)?;
        }
        if fresh.is_some_and(|fresh| fresh >= worth) {
            stats.keep();
        }
        Ok(stats)
    }

    fn catch_up(&mut self, log: &Log) -> io::Result<Option<u64>> {
        log.catch_up(&mut self.cursors, &mut self.projection)
    }

    /// The sums.
    pub(super) fn sums(&self) -> &Sums {
        &self.projection.sums
    }

    /// Writes the checkpoint. A failure costs only time.
    fn keep(&self) {
        let head = Head { v: VERSION, zone: self.zone.clone(), cursors: self.cursors.clone() };
        let bytes = postcard::to_extend(&head, Vec::new());
        let bytes = bytes.and_then(|bytes| postcard::to_extend(&self.projection.sums, bytes));
        let bytes = bytes.and_then(|bytes| self.projection.sums.cells.write(bytes));
        if let Ok(bytes) = bytes {
            let _ = fs::write_atomic(&self.path, &bytes, fs::Mode::Private);
        }
    }
}

fn parse(bytes: Vec<u8>, zone: &str) -> Option<(Cursors, Sums)> {
    let (head, rest) = postcard::take_from_bytes::<Head>(&bytes).ok()?;
    if head.v != VERSION || head.zone != zone {
        return None;
    }
    let (mut sums, rest) = postcard::take_from_bytes::<Sums>(rest).ok()?;
    let start = bytes.len() - rest.len();
    sums.cells = Cells::of(bytes, start)?;
    Some((head.cursors, sums))
}

/// Answers a question from the checkpoint and the newest lines; where it asks for what the checkpoint
/// has merged, from the whole log.
///
/// # Errors
/// A segment cannot be read.
pub(crate) fn query(log: &Log, question: &Query) -> io::Result<Figures> {
    query_in(log, question, crate::zone::local(), Room::BOUNDED, WORTH)
}

pub(super) fn query_in(
    log: &Log,
    question: &Query,
    zone: TimeZone,
    room: Room,
    worth: u64,
) -> io::Result<Figures> {
    let stats = Stats::load_in(log, zone.clone(), room, worth)?;
    if question.is_answered_by(stats.sums(), &zone) {
        return Ok(answer(stats.sums(), question, &zone));
    }
    let (since, until) = question.seconds();
    let projection = Projection::new(Sums::default(), Days::new(zone.clone()), Room::FREE);
    let mut projection = projection.between(since, until).telling(question.parts());
    log.catch_up(&mut Cursors::default(), &mut projection)?;
    Ok(answer(&projection.sums, question, &zone))
}
