//! What a day and a month may cost, and whether one more intent fits.
//!
//! Pure.

use jiff::tz::TimeZone;

use super::{Day, Entry, Period, State};
use crate::error::{Error, Kind};
use crate::money::Money;

/// What may be spent in a day and in a month, over all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpendingLimits {
    /// `budget.day`.
    pub day: Option<Money>,
    /// `budget.month`.
    pub month: Option<Money>,
    /// Whether a request of unknown price may be sent although there is a limit.
    pub unknown_allowed: bool,
}

impl SpendingLimits {
    /// The limits that are set.
    pub fn limits(&self) -> impl Iterator<Item = (Period, Money)> {
        let all = [(Period::Day, self.day), (Period::Month, self.month)];
        all.into_iter().filter_map(|(period, limit)| Some((period, limit?)))
    }

    /// Whether there is no limit at all.
    pub fn is_empty(&self) -> bool {
        self.day.is_none() && self.month.is_none()
    }
}

impl State {
    /// Whether an intent fits every budget; `before` is what has been admitted since the last entry.
    ///
    /// # Errors
    /// Kind `Budget`, with the remedy: it does not, or its price is unknown. Nothing was sent.
    pub fn admit(
        &self,
        intent: &Entry,
        before: Money,
        limits: &SpendingLimits,
        zone: &TimeZone,
    ) -> Result<(), Error> {
        for (period, limit) in limits.limits() {
            let Some(amount) = intent.reserve else {
                if limits.unknown_allowed {
                    continue;
                }
                return Err(unknown_price(&intent.model, period, limit));
            };
            if amount > Money::ZERO
                && !limits.unknown_allowed
                && self.is_unsure(period, intent.t, zone)
            {
                return Err(unsure(period, limit));
            }
            let mut day = self.taken(period, intent.t, zone);
            day.reserved = day.reserved + before;
            if amount > Money::ZERO && day.taken() + amount > limit {
                let what = format!("{} may cost {amount}", intent.model);
                let others = self.open_of_others(&intent.run, period, intent.t, zone);
                return Err(over(&what, amount, day, others, (period, limit)));
            }
        }
        Ok(())
    }
}

/// The refusal of what may cost so much and does not fit; `others` is what is still open of other runs.
pub fn over(
    what: &str,
    amount: Money,
    day: Day,
    others: Money,
    (period, limit): (Period, Money),
) -> Error {
    let taken = day.taken();
    let doubt = day.doubt().map(|doubt| format!(", {doubt}")).unwrap_or_default();
    let what = format!("{what}, and {taken} of {limit} for {period} is taken{doubt}");
    let enough = (taken + amount).rounded_up().to_string();
    let error = Error::new(Kind::Budget, what).code("over_budget").hint(format!(
        "`{}={}` before the command raises `{}` for it, or ask for less",
        period.variable(),
        enough.trim_start_matches('$'),
        period.setting()
    ));
    let settles = |open| {
        format!("`pinx recover` finds out about the {open} still open, or says how to close it")
    };
    let error = if others > Money::ZERO { error.hint(settles(others)) } else { error };
    match day.uncertain {
        Money::ZERO => error,
        uncertain => error.hint(format!(
            "the {uncertain} maybe billed is of requests that failed: it counts {}",
            period.end()
        )),
    }
}

/// The refusal while nobody knows what was spent.
fn unsure(period: Period, limit: Money) -> Error {
    let what = format!(
        "a line of the log is damaged, so nobody knows how much of {limit} for {period} is taken"
    );
    Error::new(Kind::Budget, what)
        .code("log_damaged")
        .hint("`pinx recover` shows the line and what becomes of it")
        .hint("`--allow-unknown-cost` sends it all the same")
}

/// The refusal of a price that nobody knows.
pub fn unknown_price(model: &str, period: Period, limit: Money) -> Error {
    let what = format!("the price of {model} is unknown, and {limit} is the limit for {period}");
    Error::new(Kind::Budget, what)
        .code("unknown_price")
        .hint("`--allow-unknown-cost` sends it all the same")
}
