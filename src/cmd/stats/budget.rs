//! What the budgets have left, from the log's own sums: the ones that refuse a request.

use jiff::Zoned;
use serde_json::{Value, json};

use super::{App, unreadable};
use crate::error::Result;
use crate::money::Money;
use crate::store::Clients;
use crate::store::log::{Day, Period, SpendingLimits};

/// One budget.
pub(crate) struct Budget {
    /// Its span.
    pub period: Period,
    /// The setting.
    pub limit: Money,
    /// What counts against it.
    pub day: Day,
}

/// The budgets that are set, of all or of a client of a server; without one the journal's sums are not
/// even read.
///
/// # Errors
/// The log, or the file of clients, cannot be read.
pub(crate) fn budgets(app: &App, now: &Zoned, client: Option<&str>) -> Result<Vec<Budget>> {
    let limits = match client {
        None => app.spending_limits(),
        Some(name) => of_client(app, name)?,
    };
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let projection = app.log.state().map_err(|error| unreadable(app, &error))?;
    let (state, zone) = (projection.state(), projection.zone());
    let taken = |period| state.taken_by(client, period, now.timestamp(), zone);
    let budget = |(period, limit)| Budget { period, limit, day: taken(period) };
    Ok(limits.limits().map(budget).collect())
}

/// What a client may spend; nothing is known of one that has no key any more.
fn of_client(app: &App, name: &str) -> Result<SpendingLimits> {
    let clients = Clients::load(&app.settings.places.clients)?;
    Ok(clients.get(name).map(|client| client.limits(true).limits).unwrap_or_default())
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
