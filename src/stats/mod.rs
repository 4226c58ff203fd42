//! Statistics: the log folded into counts, money and times, which answer what was spent on what.
//!
//! A fold is a pure function of the lines in their order, so one that goes on from a checkpoint gives
//! what a cold one gives. What the checkpoint keeps is bounded: it merges what is old or rare, and a
//! question that needs what was merged is answered by folding the whole log again, never by a guess.

mod cell;
mod cells;
mod checkpoint;
mod days;
mod histogram;
mod line;
mod measured;
mod names;
mod projection;
mod query;
#[cfg(test)]
mod tests;
mod verdicts;

pub(crate) use cell::{Counts, Percentiles, Time};
pub(crate) use checkpoint::query;
pub(crate) use histogram::ERROR;
pub(crate) use measured::{Measured, Measures};
pub(crate) use query::{By, Day, Figures, Query, Row};
pub(crate) use verdicts::{History, Ranking, Verdicts};
