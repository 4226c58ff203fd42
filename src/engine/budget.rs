//! The run's money: reserved before a request, settled after it, never over the limit.
//!
//! The limit is what the user allowed for this run: `--max-cost`, `budget.run`, or what was
//! consented to. What is uncertain stays counted.

use std::sync::{Arc, Mutex, MutexGuard};

use serde::Serialize;

use crate::catalog::{DRAWN_HERE, Estimate};
use crate::error::{Error, Kind, Reserved, Result};
use crate::money::Money;
use crate::pool::lock;

/// What a run may spend and has spent; or what several runs may, together.
#[derive(Debug, Default)]
pub struct RunBudget {
    limit: Option<Money>,
    /// Whether a request of unknown price may be sent although there is a limit.
    unknown_allowed: bool,
    /// What it takes its money from.
    purse: Option<Arc<RunBudget>>,
    /// The setting that limits it, where it is a purse.
    setting: Option<&'static str>,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counted {
    reserved: Money,
    spent: Money,
    uncertain: Money,
    /// What was expected of what is spent; none once the price of some of it was unknown.
    expected: Expected,
}

/// A sum of which a part may be unknown.
#[derive(Debug, Clone, Copy)]
struct Expected(Option<Money>);

impl Default for Expected {
    fn default() -> Self {
        Expected(Some(Money::ZERO))
    }
}

/// A run that cost more than it might, or far more than was said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Overrun {
    /// What it cost, in dollars.
    #[serde(serialize_with = "in_dollars")]
    cost: Money,
    /// What it was allowed to cost, in dollars, where there was a limit.
    #[serde(serialize_with = "dollars")]
    limit: Option<Money>,
    /// What was expected of what was made, in dollars, where that was known.
    #[serde(serialize_with = "dollars")]
    estimated: Option<Money>,
}

impl Overrun {
    /// In a sentence.
    pub fn text(&self) -> String {
        let Overrun { cost, limit, estimated } = self;
        match (limit.filter(|limit| cost > limit), estimated) {
            (Some(limit), _) => format!("this run cost {cost}, above its limit of {limit}"),
            (None, Some(estimated)) => {
                format!("this run cost {cost}, more than twice its estimate of {estimated}")
            }
            (None, None) => format!("this run cost {cost}"),
        }
    }
}

fn in_dollars<S: serde::Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    money.as_dollars().serialize(serializer)
}

/// An amount in dollars, or null.
pub(super) fn dollars<S: serde::Serializer>(
    money: &Option<Money>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    money.map(Money::as_dollars).serialize(serializer)
}

/// A reservation; settled exactly once.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Reservation(Money);

impl RunBudget {
    /// A budget with a limit, or without one.
    pub fn new(limit: Option<Money>, unknown_allowed: bool) -> Self {
        RunBudget { limit, unknown_allowed, ..RunBudget::default() }
    }

    /// A budget that several runs share, limited by this setting. No request of unknown price fits it.
    pub fn purse(limit: Money, setting: &'static str) -> Self {
        RunBudget { limit: Some(limit), setting: Some(setting), ..RunBudget::default() }
    }

    /// The same, taking its money from a purse, too.
    pub fn out_of(self, purse: &Arc<RunBudget>) -> Self {
        RunBudget { purse: Some(Arc::clone(purse)), ..self }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        lock(&self.counted)
    }

    /// Reserves the upper end of an estimate.
    ///
    /// # Errors
    /// It does not fit, or its price is unknown under a limit: kind `Budget`, nothing was sent.
    pub fn reserve(&self, model: &str, estimate: &Estimate) -> Result<Reservation> {
        self.take(model, estimate).map(Reservation)
    }

    /// Takes the upper end of an estimate from here, and from the purse.
    fn take(&self, model: &str, estimate: &Estimate) -> Result<Money> {
        let mut counted = self.counted();
        let amount = self.fitting(&counted, model, estimate)?;
        if let Some(purse) = &self.purse {
            purse.take(model, estimate)?;
        }
        counted.reserved = counted.reserved + amount;
        Ok(amount)
    }

    /// Whether that could be reserved now. Nothing is.
    ///
    /// # Errors
    /// As those of `reserve`.
    pub fn check(&self, model: &str, estimate: &Estimate) -> Result<()> {
        self.fitting(&self.counted(), model, estimate)?;
        self.purse.as_ref().map_or(Ok(()), |purse| purse.check(model, estimate))
    }

    /// The upper end of an estimate, where there is room for it.
    fn fitting(&self, counted: &Counted, model: &str, estimate: &Estimate) -> Result<Money> {
        let amount = match (estimate.reserve, self.limit) {
            (Some(amount), _) => amount,
            (None, Some(limit)) if !self.unknown_allowed => {
                let error = Error::new(
                    Kind::Budget,
                    format!("the price of {model} is unknown, and {limit} is the limit"),
                );
                let error = error.code("unknown_price");
                return Err(match self.setting {
                    Some(setting) => error.hint(format!("`{setting}` takes known prices only")),
                    None => error.hint("`--allow-unknown-cost` sends it all the same"),
                });
            }
            (None, _) => Money::ZERO,
        };
        let taken = counted.reserved + counted.spent + counted.uncertain;
        if let Some(limit) = self.limit
            && amount > Money::ZERO
            && taken + amount > limit
        {
            if let Some(setting) = self.setting {
                return Err(empty(setting, model, amount, (taken, limit)));
            }
            let error = Error::new(
                Kind::Budget,
                format!("{model} may cost {amount}, and {taken} of {limit} is taken"),
            );
            return Err(error.code("over_budget").hint("raise `--max-cost`, or ask for less"));
        }
        Ok(amount)
    }

    /// Raises a reservation to what the answer says that it cost; false when that is no more.
    pub fn raise(&self, reservation: &mut Reservation, cost: Money) -> bool {
        if cost <= reservation.0 {
            return false;
        }
        self.add(cost - reservation.0);
        reservation.0 = cost;
        true
    }

    /// Reserves more, whether it fits or not: it is owed.
    fn add(&self, more: Money) {
        let mut counted = self.counted();
        counted.reserved = counted.reserved + more;
        drop(counted);
        self.purse.iter().for_each(|purse| purse.add(more));
    }

    /// Settles with what it cost; without a figure the reservation counts as spent. `expected` is what
    /// it was to cost.
    pub fn spent(&self, reservation: Reservation, cost: Option<Money>, expected: Option<Money>) {
        let mut counted = self.counted();
        counted.reserved = counted.reserved - reservation.0;
        counted.spent = counted.spent + cost.unwrap_or(reservation.0);
        let sum = counted.expected.0.zip(expected).map(|(before, more)| before + more);
        counted.expected = Expected(sum);
        drop(counted);
        self.purse.iter().for_each(|purse| purse.spent(reservation, cost, expected));
    }

    /// Settles an attempt that failed.
    pub fn failed(&self, reservation: Reservation, reserved: Reserved) {
        if reserved == Reserved::Spent {
            return self.spent(reservation, None, Some(reservation.0));
        }
        let mut counted = self.counted();
        counted.reserved = counted.reserved - reservation.0;
        if reserved == Reserved::Uncertain {
            counted.uncertain = counted.uncertain + reservation.0;
        }
        drop(counted);
        self.purse.iter().for_each(|purse| purse.failed(reservation, reserved));
    }

    /// Whether it has cost more than it might, or more than twice what was said.
    pub fn overrun(&self) -> Option<Overrun> {
        let Counted { spent: cost, expected: Expected(estimated), .. } = *self.counted();
        let is_over = self.limit.is_some_and(|limit| cost > limit);
        let is_far = estimated.is_some_and(|estimated| cost > estimated * 2);
        (is_over || is_far).then_some(Overrun { cost, limit: self.limit, estimated })
    }
}

/// That a purse has not so much in it any more.
fn empty(
    setting: &'static str,
    model: &str,
    amount: Money,
    (taken, limit): (Money, Money),
) -> Error {
    let what = match limit {
        Money::ZERO => {
            format!("{model} may cost {amount}, and nothing may be spent here: `{setting}` is $0")
        }
        _ => {
            format!("{model} may cost {amount}, and {taken} of the {limit} of `{setting}` is taken")
        }
    };
    Error::new(Kind::Budget, what)
        .code("over_purse")
        .hint(format!("the user sets it: `pinx config set {setting} AMOUNT`"))
        .hint(format!("`{DRAWN_HERE}` costs nothing"))
}

/// Why one more attempt, which may cost `amount`, does not fit what its job may cost; `before` may
/// have been spent on it already.
pub fn excess(most: Money, model: &str, amount: Option<Money>, before: Money) -> Option<String> {
    match amount {
        Some(amount) if amount + before <= most => None,
        Some(amount) if before == Money::ZERO => Some(format!("{model} may cost {amount}")),
        Some(amount) => Some(format!(
            "{model} may cost {amount}, {before} may have been spent on this image already"
        )),
        None => Some(format!("the price of {model} is unknown")),
    }
}

/// Whether that attempt fits.
///
/// # Errors
/// It does not, or its price is unknown: kind `Budget`, nothing was sent.
pub(super) fn fits(most: Money, model: &str, amount: Option<Money>, before: Money) -> Result<()> {
    let Some(what) = excess(most, model, amount, before) else { return Ok(()) };
    Err(Error::new(Kind::Budget, format!("{what}, and its `max_cost` is {most}"))
        .code("over_max_cost")
        .hint("raise its `max_cost`"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::Certainty;

    fn price(micros: u64) -> Estimate {
        let money = Some(Money::micros(micros));
        Estimate { expected: money, reserve: money, certainty: Certainty::Exact }
    }

    #[test]
    fn what_does_not_fit_is_refused_before_it_is_sent() {
        let budget = RunBudget::new(Some(Money::micros(100)), false);
        let first = budget.reserve("m", &price(60)).unwrap();
        assert_eq!(budget.reserve("m", &price(60)).unwrap_err().kind, Kind::Budget);
        budget.failed(first, Reserved::Released);
        let second = budget.reserve("m", &price(60)).unwrap();
        budget.failed(second, Reserved::Uncertain);
        assert!(budget.reserve("m", &price(60)).is_err(), "uncertain money stays counted");
        assert!(budget.reserve("m", &Estimate::UNKNOWN).is_err());
        assert!(RunBudget::new(None, false).reserve("m", &Estimate::UNKNOWN).is_ok());
    }

    #[test]
    fn runs_take_from_their_purse_and_give_back_what_they_did_not_spend() {
        let purse = Arc::new(RunBudget::purse(Money::micros(100), "mcp.max_cost_session"));
        let run = |limit| RunBudget::new(Some(Money::micros(limit)), true).out_of(&purse);
        let (one, other) = (run(80), run(80));
        let first = one.reserve("m", &price(60)).unwrap();
        let error = other.reserve("m", &price(60)).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (Kind::Budget, "over_purse"));
        assert!(error.message.contains("`mcp.max_cost_session`"), "{error}");
        assert!(other.check("m", &price(60)).is_err() && other.check("m", &price(40)).is_ok());
        one.spent(first, Some(Money::micros(20)), None);
        let mut second = other.reserve("m", &price(60)).unwrap();
        assert!(other.raise(&mut second, Money::micros(75)));
        assert!(one.reserve("m", &price(10)).is_err(), "what is owed counts");
        other.failed(second, Reserved::Released);
        let third = other.reserve("m", &price(70)).unwrap();
        other.failed(third, Reserved::Uncertain);
        assert!(one.reserve("m", &price(20)).is_err(), "uncertain money stays counted");
        assert!(one.reserve("m", &price(10)).is_ok());
        assert!(one.reserve("m", &Estimate::UNKNOWN).is_err(), "no unknown price fits a purse");
        let nothing = Arc::new(RunBudget::purse(Money::ZERO, "x"));
        let run = RunBudget::new(None, false).out_of(&nothing);
        assert!(run.reserve("m", &price(1)).is_err() && run.reserve("m", &price(0)).is_ok());
    }

    #[test]
    fn an_answer_that_is_dearer_counts_at_once_and_is_told_at_the_end() {
        let budget = RunBudget::new(Some(Money::micros(1_000)), false);
        let mut first = budget.reserve("m", &price(100)).unwrap();
        assert!(!budget.raise(&mut first, Money::micros(100)), "it is no more");
        assert!(budget.raise(&mut first, Money::micros(950)));
        assert!(budget.reserve("m", &price(60)).is_err(), "before it is settled");
        budget.spent(first, Some(Money::micros(950)), Some(Money::micros(500)));
        assert_eq!(budget.overrun(), None, "within its limit and twice its estimate");
        let second = budget.reserve("m", &price(50)).unwrap();
        budget.spent(second, Some(Money::micros(60)), Some(Money::micros(50)));
        let told = budget.overrun().unwrap().text();
        assert_eq!(told, "this run cost $0.001, above its limit of $0.001");
        let budget = RunBudget::new(None, false);
        let (first, second) = (budget.reserve("m", &price(50)), budget.reserve("m", &price(50)));
        budget.spent(first.unwrap(), Some(Money::micros(101)), Some(Money::micros(50)));
        let told = budget.overrun().unwrap().text();
        assert!(told.ends_with("more than twice its estimate of $0.00005"), "{told}");
        budget.spent(second.unwrap(), Some(Money::micros(101)), None);
        assert_eq!(budget.overrun(), None, "what was expected is not known");
    }

    proptest! {
        #[test]
        fn the_limit_holds_whatever_happens(steps in prop::collection::vec((1u64..50, 0u8..4), 0..60)) {
            let limit = Money::micros(200);
            let budget = RunBudget::new(Some(limit), false);
            for (micros, fate) in steps {
                let Ok(reservation) = budget.reserve("m", &price(micros)) else { continue };
                match fate {
                    0 => budget.failed(reservation, Reserved::Released),
                    1 => budget.failed(reservation, Reserved::Uncertain),
                    2 => budget.failed(reservation, Reserved::Spent),
                    _ => budget.spent(reservation, Some(Money::micros(micros)), None),
                }
                let counted = *budget.counted();
                prop_assert!(counted.reserved + counted.spent + counted.uncertain <= limit);
            }
        }
    }
}
