//! What the budgets have left, from the log's own sums: the ones that refuse a request.

use jiff::Zoned;
use serde_json::{Value, json};

use super::{App, unreadable};
use crate::error::Result;
use crate::money::Money;
use crate::store::log::{Day, Period};

/// One budget.
pub(crate) struct Budget {
    /// Its span.
    pub period: Period,
    /// The setting.
    pub limit: Money,
    /// What counts against it.
    pub day: Day,
}

/// The budgets that are set; without one the journal's sums are not even read.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn budgets(app: &App, now: &Zoned) -> Result<Vec<Budget>> {
    let limits = app.spending_limits();
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let projection = app.log.state().map_err(|error| unreadable(app, &error))?;
    let taken = |period| projection.state().taken(period, now.timestamp(), projection.zone());
    let budget = |(period, limit)| Budget { period, limit, day: taken(period) };
    Ok(limits.limits().map(budget).collect())
}

impl Budget {
    /// The part of it that is taken, at most 1.
    pub(crate) fn part(&self) -> f64 {
        match self.limit {
            Money::ZERO => 1.0,
            limit => (self.day.taken().as_dollars() / limit.as_dollars()).min(1.0),
        }
    }

    /// `$0.42 of $5.00 for today, $0.10 of it maybe billed`.
    pub(crate) fn text(&self) -> String {
        let text = format!("{} of {} for {}", self.day.taken(), self.limit, self.period);
        self.day.doubt().map_or(text.clone(), |doubt| format!("{text}, {doubt}"))
    }

    /// As `stats --json` prints it, in dollars.
    pub(crate) fn json(&self) -> Value {
        json!({
            "limit": self.limit.as_json(),
            "spent": self.day.spent.as_json(),
            "reserved": self.day.reserved.as_json(),
            "uncertain": self.day.uncertain.as_json(),
            "left": (self.limit - self.day.taken()).as_json(),
        })
    }
}
