//! Moments of a run at which something happens to it.

use std::time::{Duration, Instant};

use crate::held::{Dice, Provider, journal_length};
use crate::pinx::{Pinx, Running};

/// A moment of a run.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    After(Duration),
    /// At the k-th request that the provider hears.
    Request(usize),
    /// When the journal has so many bytes more.
    Journal(u64),
    /// When so many files more have begun to be written in the working directory.
    Part(usize),
    /// When so many files more have their names there.
    Named(usize),
}

impl Moment {
    pub fn of(dice: &Dice) -> Moment {
        match dice.below(6) {
            0 => Moment::After(dice.millis(500)),
            1 | 2 => Moment::Request(1 + dice.below(24) as usize),
            3 => Moment::Journal(1 + dice.below(8_000)),
            4 => Moment::Part(1 + dice.below(2) as usize),
            _ => Moment::Named(1 + dice.below(3) as usize),
        }
    }

    /// Waits for it; false when the process has ended before.
    pub fn wait(self, pinx: &Pinx, provider: &Provider, running: &mut Running<'_>) -> bool {
        let (started, heard, journal) = (Instant::now(), provider.heard(), journal_length(pinx));
        let (parts, named) = files(pinx);
        let is_time = || match self {
            Moment::After(wait) => started.elapsed() >= wait,
            Moment::Request(count) => provider.heard() >= heard + count,
            Moment::Journal(bytes) => journal_length(pinx) >= journal + bytes,
            Moment::Part(count) => files(pinx).0 >= parts + count,
            Moment::Named(count) => files(pinx).1 >= named + count,
        };
        while !is_time() && running.is_running() {
            std::thread::sleep(Duration::from_micros(50));
        }
        running.is_running()
    }
}

/// How many files in the working directory are being written, and how many have their names.
fn files(pinx: &Pinx) -> (usize, usize) {
    let files = pinx.files();
    let parts = files.iter().filter(|name| name.starts_with('.')).count();
    (parts, files.len() - parts)
}
