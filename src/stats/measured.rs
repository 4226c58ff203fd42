//! What the log says of each model: how fast it was lately, how often it succeeded, what it cost.
//!
//! The newest days that hold a hundred runs count; what is older says little about today.

use std::collections::{BTreeMap, HashMap};

use super::cell::Adder;
use super::cells::StoredCell;
use super::checkpoint::Stats;
use super::days::DayNumber;
use super::projection::Sums;
use crate::money::Money;
use crate::store::Log;

/// Runs that a figure must rest on.
pub(crate) const LEAST: u64 = 5;
/// Days behind so many runs are left out.
const ENOUGH: u64 = 100;

/// One model's figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    /// Jobs that were done there and count.
    pub runs: u64,
    /// Half of them took no longer, in milliseconds: queue, generation and download.
    pub p50: u64,
    /// 95 % of them took no longer, in milliseconds.
    pub p95: u64,
    /// The part of the jobs tried there that got their image there.
    pub success: f64,
    /// What an image cost on average, if every one had a price.
    pub cost: Option<Money>,
    /// How many times the estimate the providers' own figures were, where they told any.
    pub bias: Option<f64>,
}

impl Measured {
    /// Seconds until an image is there, repeats after failures included.
    pub(crate) fn seconds(&self) -> f64 {
        self.p50 as f64 / 1000.0 / self.success.max(0.01)
    }
}

/// The figures of every model with enough runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measures(HashMap<String, Measured>);

impl Measures {
    /// Of a log; one that cannot be read gives none.
    pub(crate) fn of_log(log: &Log) -> Measures {
        Stats::load(log).map_or_else(|_| Measures::default(), |stats| of_sums(stats.sums()))
    }

    /// A model's figures, if there were enough runs.
    pub(crate) fn of(&self, model: &str) -> Option<&Measured> {
        self.0.get(model)
    }
}

pub(super) fn of_sums(sums: &Sums) -> Measures {
    // A model has few routes, and a route many cells.
    let mut models: Vec<(&str, Vec<(DayNumber, StoredCell)>)> = Vec::new();
    let mut routes: BTreeMap<u16, usize> = BTreeMap::new();
    for (key, cell) in sums.cells() {
        let at = *routes.entry(key.route).or_insert_with(|| {
            let [_, model, _] = sums.route(key.route);
            models.iter().position(|(known, _)| *known == model).unwrap_or_else(|| {
                models.push((model, Vec::new()));
                models.len() - 1
            })
        });
        models[at].1.push((key.day, cell));
    }
    let mut adder = Adder::default();
    let known = models.into_iter().filter(|(model, _)| !model.is_empty());
    let measured = known.filter_map(|(model, cells)| {
        let figures = figures(cells, &mut adder)?;
        Some((model.to_owned(), figures))
    });
    Measures(measured.collect())
}

/// Of a model's cells, those of the newest day first.
fn figures(cells: Vec<(DayNumber, StoredCell)>, adder: &mut Adder) -> Option<Measured> {
    let mut last = None;
    for (day, cell) in cells {
        if adder.runs() >= ENOUGH && last != Some(day) {
            break;
        }
        last = Some(day);
        adder.add(&cell.read());
    }
    let (counts, all) = adder.take_whole();
    let all = all.filter(|times| times.runs >= LEAST)?;
    let mean = counts.spent().as_micros().checked_div(counts.images);
    let known = |money: Money| (money > Money::ZERO).then(|| money.as_micros() as f64);
    Some(Measured {
        runs: all.runs,
        p50: all.p50,
        p95: all.p95,
        success: counts.success(true)?,
        cost: mean.map(Money::micros).filter(|_| counts.unpriced == 0),
        bias: known(counts.reported).zip(known(counts.foreseen)).map(|(told, seen)| told / seen),
    })
}
