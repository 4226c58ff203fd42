//! What every day has cost: in all, and for each client of a server. The same entries are booked in
//! both, so a client's days are always a part of all days.
//!
//! Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::money::Money;

/// The span of a budget, by the local calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Today.
    Day,
    /// This month.
    Month,
}

impl Period {
    /// The setting that limits it.
    pub fn setting(self) -> &'static str {
        match self {
            Period::Day => "budget.day",
            Period::Month => "budget.month",
        }
    }

    /// Its name where figures are told apart by it.
    pub fn name(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Month => "month",
        }
    }

    /// The variable that limits it for one command.
    pub fn variable(self) -> &'static str {
        match self {
            Period::Day => "PINX_BUDGET_DAY",
            Period::Month => "PINX_BUDGET_MONTH",
        }
    }

    /// The flag that limits it for a client of a server.
    pub fn client_flag(self) -> &'static str {
        match self {
            Period::Day => "--budget-day",
            Period::Month => "--budget-month",
        }
    }

    /// When what counts in it no longer does.
    pub fn end(self) -> &'static str {
        match self {
            Period::Day => "until midnight",
            Period::Month => "until the month ends",
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Period::Day => "today",
            Period::Month => "this month",
        })
    }
}

/// One day's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Day {
    /// Reserved by attempts that are open.
    pub reserved: Money,
    /// Spent, as far as anybody knows.
    pub spent: Money,
    /// May have been spent: the outcome was never heard.
    pub uncertain: Money,
}

impl Day {
    /// Everything that counts against a budget.
    pub fn taken(self) -> Money {
        self.reserved + self.spent + self.uncertain
    }

    /// What of it nobody knows for certain: `$0.05 of it maybe billed, $0.04 still open`.
    pub fn doubt(self) -> Option<String> {
        match (self.uncertain, self.reserved) {
            (Money::ZERO, Money::ZERO) => None,
            (Money::ZERO, open) => Some(format!("{open} of it still open")),
            (uncertain, Money::ZERO) => Some(format!("{uncertain} of it maybe billed")),
            (uncertain, open) => Some(format!("{uncertain} of it maybe billed, {open} still open")),
        }
    }
}

impl std::ops::Add for Day {
    type Output = Day;
    fn add(self, other: Day) -> Day {
        Day {
            reserved: self.reserved + other.reserved,
            spent: self.spent + other.spent,
            uncertain: self.uncertain + other.uncertain,
        }
    }
}

/// The newest days of a client that are kept: three months, of which the budgets ask for one. Those of
/// all commands together are kept for ever.
const CLIENT_DAYS: usize = 93;

/// The days' money.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Ledger {
    /// Everything.
    all: Days,
    /// What was done for a client, by its name.
    clients: BTreeMap<String, Days>,
}

type Days = BTreeMap<Date, Day>;

impl Ledger {
    /// Changes a day, and the same day of the client, if it is one's.
    pub(super) fn book(&mut self, client: Option<&str>, day: Date, change: impl Fn(&mut Day)) {
        change(self.all.entry(day).or_default());
        let Some(client) = client else { return };
        let days = match self.clients.get_mut(client) {
            Some(days) => days,
            None => self.clients.entry(client.to_owned()).or_default(),
        };
        change(days.entry(day).or_default());
        while days.len() > CLIENT_DAYS {
            days.pop_first();
        }
    }

    /// What counts in some days: of a client, or in all.
    pub(super) fn taken(&self, client: Option<&str>, days: RangeInclusive<Date>) -> Day {
        let of = match client {
            Some(client) => self.clients.get(client),
            None => Some(&self.all),
        };
        let days = of.into_iter().flat_map(|of| of.range(days.clone()));
        days.fold(Day::default(), |sum, (_, day)| sum + *day)
    }
}
