//! What a day and a month may cost, for all commands together and for each client of a server, and
//! whether one more intent fits.
//!
//! Pure.

use std::collections::HashMap;

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
    pub fn limits(self) -> impl Iterator<Item = (Period, Money)> {
        let all = [(Period::Day, self.day), (Period::Month, self.month)];
        all.into_iter().filter_map(|(period, limit)| Some((period, limit?)))
    }

    /// Whether there is no limit at all.
    pub fn is_empty(&self) -> bool {
        self.day.is_none() && self.month.is_none()
    }
}

/// For whom a server's run is done, and what may be spent for it, over all processes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientLimits {
    /// The client's name.
    pub name: String,
    /// Its own limits; those of all commands together hold, too.
    pub limits: SpendingLimits,
}

/// One budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget<'c> {
    /// The client whose it is; none where it is that of all commands together.
    pub client: Option<&'c str>,
    /// Its span.
    pub period: Period,
    /// What may be spent in it.
    pub limit: Money,
    /// Whether a request of unknown price may be sent although there is a limit.
    pub unknown_allowed: bool,
}

/// The budgets that hold for a run: its client's, whose refusal says more, then those of all commands
/// together.
pub fn budgets<'c>(
    limits: &SpendingLimits,
    client: Option<&'c ClientLimits>,
) -> impl Iterator<Item = Budget<'c>> {
    let of = |client, limits: SpendingLimits| {
        let unknown_allowed = limits.unknown_allowed;
        let budget = move |(period, limit)| Budget { client, period, limit, unknown_allowed };
        limits.limits().map(budget)
    };
    let own = client.into_iter().flat_map(move |own| of(Some(own.name.as_str()), own.limits));
    own.chain(of(None, *limits))
}

/// What has been admitted since the last entry that a state knows.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    all: Money,
    clients: HashMap<String, Money>,
}

impl Admitted {
    /// One more was.
    pub(super) fn add(&mut self, intent: &Entry) {
        let amount = intent.reserve.unwrap_or_default();
        self.all = self.all + amount;
        if let Some(client) = &intent.client {
            let of = self.clients.entry(client.clone()).or_default();
            *of = *of + amount;
        }
    }

    fn of(&self, client: Option<&str>) -> Money {
        match client {
            Some(client) => self.clients.get(client).copied().unwrap_or_default(),
            None => self.all,
        }
    }
}

impl State {
    /// Whether an intent fits every budget; `before` is what has been admitted since the last entry.
    ///
    /// # Errors
    /// Kind `Budget`, with the remedy: it does not, or its price is unknown. Nothing was sent.
    pub(super) fn admit<'c>(
        &self,
        intent: &Entry,
        before: &Admitted,
        budgets: impl Iterator<Item = Budget<'c>>,
        zone: &TimeZone,
    ) -> Result<(), Error> {
        for budget in budgets {
            let Budget { client, period, limit, unknown_allowed } = budget;
            let Some(amount) = intent.reserve else {
                if unknown_allowed {
                    continue;
                }
                return Err(unknown_price(&intent.model, &budget));
            };
            if amount > Money::ZERO && !unknown_allowed && self.is_unsure(period, intent.t, zone) {
                return Err(unsure(&budget));
            }
            let mut day = self.taken_by(client, period, intent.t, zone);
            day.reserved = day.reserved + before.of(client);
            if amount > Money::ZERO && day.taken() + amount > limit {
                let what = format!("{} may cost {amount}", intent.model);
                let others = self.open_of_others(&intent.run, client, period, intent.t, zone);
                return Err(over(&what, amount, day, others, &budget));
            }
        }
        Ok(())
    }
}

impl Budget<'_> {
    /// `$5.00 for today`, or `$5.00 of client `shop` for today`.
    fn text(&self) -> String {
        let of = self.client.map(|client| format!(" of client `{client}`")).unwrap_or_default();
        format!("{}{of} for {}", self.limit, self.period)
    }

    /// What raises it so far, or makes do without.
    fn remedy(&self, enough: Money) -> String {
        let enough = enough.rounded_up().to_string();
        let enough = enough.trim_start_matches('$');
        let Some(client) = self.client else {
            return format!(
                "`{}={enough}` before the command raises `{}` for it, or ask for less",
                self.period.variable(),
                self.period.setting()
            );
        };
        let flag = self.period.client_flag();
        format!("`pinx serve keys set {client} {flag} {enough}` raises it, or ask for less")
    }
}

/// The refusal of what may cost so much and does not fit; `others` is what is still open of other runs.
pub fn over(what: &str, amount: Money, day: Day, others: Money, budget: &Budget<'_>) -> Error {
    let taken = day.taken();
    let doubt = day.doubt().map(|doubt| format!(", {doubt}")).unwrap_or_default();
    let what = format!("{what}, and {taken} of {} is taken{doubt}", budget.text());
    let code = if budget.client.is_some() { OVER_CLIENT_BUDGET } else { "over_budget" };
    let error = Error::new(Kind::Budget, what).code(code).hint(budget.remedy(taken + amount));
    let settles = |open| {
        format!("`pinx recover` finds out about the {open} still open, or says how to close it")
    };
    let error = if others > Money::ZERO { error.hint(settles(others)) } else { error };
    match day.uncertain {
        Money::ZERO => error,
        uncertain => error.hint(format!(
            "the {uncertain} maybe billed is of requests that failed: it counts {}",
            budget.period.end()
        )),
    }
}

/// The code of what does not fit the budget of its client.
pub const OVER_CLIENT_BUDGET: &str = "over_client_budget";

/// The refusal while nobody knows what was spent.
fn unsure(budget: &Budget<'_>) -> Error {
    let what = format!(
        "a line of the log is damaged, so nobody knows how much of {} is taken",
        budget.text()
    );
    Error::new(Kind::Budget, what)
        .code("log_damaged")
        .hint("`pinx recover` shows the line and what becomes of it")
        .hint("`--allow-unknown-cost` sends it all the same")
}

/// The refusal of a price that nobody knows.
pub fn unknown_price(model: &str, budget: &Budget<'_>) -> Error {
    let of = budget.client.map(|client| format!(" of client `{client}`")).unwrap_or_default();
    let (limit, period) = (budget.limit, budget.period);
    let what =
        format!("the price of {model} is unknown, and {limit} is the limit{of} for {period}");
    Error::new(Kind::Budget, what)
        .code("unknown_price")
        .hint("`--allow-unknown-cost` sends it all the same")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::error::Billed;
    use crate::store::EntryKind;

    const NOON: &str = "2026-11-22T12:00:00Z";

    fn entry(e: EntryKind, client: Option<&str>, attempt: &str) -> Entry {
        let t: Timestamp = NOON.parse().unwrap();
        Entry { t, client: client.map(str::to_owned), ..Entry::new(e, "r", attempt, attempt) }
    }

    fn intent(client: Option<&str>, attempt: &str, micros: u64) -> Entry {
        let price = Some(Money::micros(micros));
        Entry { reserve: price, estimate: price, ..entry(EntryKind::Intent, client, attempt) }
    }

    fn state(entries: impl IntoIterator<Item = Entry>) -> State {
        let mut state = State::default();
        entries.into_iter().for_each(|entry| state.add(entry, &TimeZone::UTC));
        state
    }

    fn day(micros: u64) -> SpendingLimits {
        SpendingLimits { day: Some(Money::micros(micros)), ..SpendingLimits::default() }
    }

    fn of(name: &str, limits: SpendingLimits) -> ClientLimits {
        ClientLimits { name: name.to_owned(), limits }
    }

    fn admit(
        state: &State,
        intent: &Entry,
        limits: &SpendingLimits,
        client: Option<&ClientLimits>,
    ) -> Result<(), Error> {
        state.admit(intent, &Admitted::default(), budgets(limits, client), &TimeZone::UTC)
    }

    #[test]
    fn an_intent_over_a_budget_is_refused_with_the_figures() {
        let (state, limits) = (state([intent(None, "r.1.1", 60_000)]), day(100_000));
        let admit_behind = |micros, before: u64| {
            let mut admitted = Admitted::default();
            admitted.add(&intent(None, "r.2.1", before));
            let next = intent(None, "r.3.1", micros);
            state.admit(&next, &admitted, budgets(&limits, None), &TimeZone::UTC)
        };
        assert!(admit_behind(40_000, 0).is_ok());
        assert!(admit_behind(40_000, 1).is_err(), "what this batch was admitted counts");
        let error = admit_behind(40_001, 0).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (Kind::Budget, "over_budget"));
        assert!(error.message.contains("$0.06 of $0.10 for today is taken"), "{error}");
        let unknown = Entry { reserve: None, ..intent(None, "r.2.1", 0) };
        assert_eq!(admit(&state, &unknown, &limits, None).unwrap_err().code, "unknown_price");
        let limits = SpendingLimits { unknown_allowed: true, ..limits };
        assert!(admit(&state, &unknown, &limits, None).is_ok());
    }

    #[test]
    fn an_intent_over_its_clients_budget_names_the_client_and_what_raises_it() {
        let shop = of("shop", SpendingLimits { month: Some(Money::micros(90_000)), ..day(50_000) });
        let state = state([intent(Some("shop"), "r.1.1", 40_000), intent(None, "r.2.1", 70_000)]);
        let next = |micros| Entry { run: "s".to_owned(), ..intent(Some("shop"), "s.1.1", micros) };
        assert!(admit(&state, &next(10_000), &day(120_000), Some(&shop)).is_ok());
        let error = admit(&state, &next(20_000), &day(120_000), Some(&shop)).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (Kind::Budget, OVER_CLIENT_BUDGET));
        let told = "and $0.04 of $0.05 of client `shop` for today is taken";
        assert!(error.message.contains(told), "{error}");
        assert!(
            error.hints[0].contains("`pinx serve keys set shop --budget-day 0.06` raises it"),
            "{:?}",
            error.hints
        );
        assert!(error.hints[1].contains("the $0.04 still open"), "{:?}", error.hints);
        let error = admit(&state, &next(10_000), &day(119_999), Some(&shop)).unwrap_err();
        assert_eq!(error.code, "over_budget", "those of all commands together hold, too");
        let other = of("lab", day(50_000));
        let error = admit(&state, &intent(Some("lab"), "s.1.1", 50_000), &day(0), Some(&other));
        assert_eq!(error.unwrap_err().code, "over_budget");
        let free = SpendingLimits::default();
        assert!(admit(&state, &intent(Some("lab"), "s.1.1", 50_000), &free, Some(&other)).is_ok());
        let unknown = Entry { reserve: None, ..next(0) };
        let error = admit(&state, &unknown, &free, Some(&shop)).unwrap_err();
        assert!(error.message.contains("the limit of client `shop` for today"), "{error}");
    }

    #[test]
    fn what_a_client_owes_stays_its_own_whatever_line_tells_of_the_end() {
        let taken = |state: &State, client| {
            let now = NOON.parse().unwrap();
            let day = state.taken_by(client, Period::Day, now, &TimeZone::UTC);
            (day.reserved.as_micros(), day.spent.as_micros(), day.uncertain.as_micros())
        };
        // An end that says no client settles for the one of the intent.
        let ended = |e, billed| Entry { billed: Some(billed), ..entry(e, None, "r.1.1") };
        for (end, expected) in [
            (ended(EntryKind::Done, Billed::Yes), (0, 40, 0)),
            (ended(EntryKind::Failed, Billed::Unknown), (0, 0, 40)),
            (ended(EntryKind::Failed, Billed::No), (0, 0, 0)),
            (ended(EntryKind::Open, Billed::Unknown), (40, 0, 0)),
        ] {
            let state = state([intent(Some("shop"), "r.1.1", 40), end]);
            assert_eq!((taken(&state, Some("shop")), taken(&state, None)), (expected, expected));
            assert_eq!(taken(&state, Some("lab")), (0, 0, 0));
        }
        // The intent cannot be read.
        let price = Some(Money::micros(40));
        let kept = Entry { reserve: price, ..entry(EntryKind::Kept, Some("shop"), "r.1.1") };
        let done = Entry { estimate: price, ..entry(EntryKind::Done, Some("shop"), "r.1.1") };
        assert_eq!(taken(&state([kept]), Some("shop")), (40, 0, 0));
        assert_eq!(taken(&state([done]), Some("shop")), (0, 40, 0));
        // It is there twice, and dearer than was thought.
        let twice = [(); 2].map(|()| intent(Some("shop"), "r.1.1", 40));
        let dearer = Entry {
            reserve: Some(Money::micros(60)),
            ..entry(EntryKind::Priced, Some("shop"), "r.1.1")
        };
        assert_eq!(taken(&state(twice.into_iter().chain([dearer])), Some("shop")), (60, 0, 0));
    }

    #[test]
    fn a_client_has_as_many_days_as_its_budgets_ask_for() {
        let days = (0..400i64).map(|day| {
            let t = NOON.parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(24 * day);
            Entry { t, billed: Some(Billed::Yes), ..intent(Some("shop"), &format!("r.{day}.1"), 1) }
        });
        let state = state(days);
        let last = "2027-12-26T12:00:00Z".parse().unwrap();
        let month = |client| state.taken_by(client, Period::Month, last, &TimeZone::UTC).reserved;
        assert_eq!((month(Some("shop")), month(None)), (Money::micros(26), Money::micros(26)));
        let bytes = serde_json::to_vec(&state).unwrap();
        let found = memchr::memmem::find(&bytes, b"\"clients\"").unwrap();
        let dates = memchr::memmem::find_iter(&bytes[found..], b"\"202").count();
        assert!((31..100).contains(&dates), "{dates}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_budget_is_ever_exceeded_whatever_the_order(
            steps in prop::collection::vec((0usize..4, 1u64..60, 0usize..9, any::<bool>()), 1..80),
            limits in (50u64..400, [50u64..200, 50..200, 50..200]),
        ) {
            let names = [None, Some("lab"), Some("shop"), Some("zoo")];
            let all = day(limits.0);
            let clients: Vec<Option<ClientLimits>> = names
                .iter()
                .zip([0].into_iter().chain(limits.1))
                .map(|(name, micros)| name.map(|name| of(name, day(micros))))
                .collect();
            let mut state = State::default();
            // Admitted in one batch, and not yet added; and what is open.
            let (mut batch, mut admitted) = (Vec::<Entry>::new(), Admitted::default());
            let mut open = Vec::<Entry>::new();
            for (at, (who, micros, end, flushes)) in steps.into_iter().enumerate() {
                let new = intent(names[who], &format!("r.{at}.1"), micros);
                let budgets = budgets(&all, clients[who].as_ref());
                if state.admit(&new, &admitted, budgets, &TimeZone::UTC).is_ok() {
                    admitted.add(&new);
                    batch.push(new);
                }
                if flushes {
                    batch.iter().for_each(|entry| state.add(entry.clone(), &TimeZone::UTC));
                    open.append(&mut batch);
                    admitted = Admitted::default();
                }
                if let Some(index) = (end < open.len()).then_some(end) {
                    let Entry { client, attempt, reserve, .. } = open.remove(index);
                    let (e, billed) = [
                        (EntryKind::Done, Billed::Yes),
                        (EntryKind::Failed, Billed::No),
                        (EntryKind::Failed, Billed::Unknown),
                        (EntryKind::Tried, Billed::Yes),
                        (EntryKind::Settled, Billed::Unknown),
                    ][at % 5];
                    let client = client.as_deref().filter(|_| at.is_multiple_of(2));
                    let end = Entry {
                        billed: Some(billed),
                        // It cost less than was reserved.
                        cost: reserve.filter(|_| at.is_multiple_of(3)).map(|cost| Money::micros(cost.as_micros() / 2)),
                        ..entry(e, client, &attempt)
                    };
                    state.add(end, &TimeZone::UTC);
                }
                let (mut sum, now) = (Money::ZERO, NOON.parse().unwrap());
                for (name, client) in names.iter().zip(&clients) {
                    let taken = state.taken_by(*name, Period::Day, now, &TimeZone::UTC).taken();
                    let waiting = admitted.of(*name);
                    let limit = client.as_ref().map_or(all.day, |client| client.limits.day);
                    prop_assert!(taken + waiting <= limit.unwrap(), "{:?}: {} {}", name, taken, waiting);
                    sum = sum + Some(taken).filter(|_| name.is_some()).unwrap_or_default();
                }
                let of_all = state.taken(Period::Day, now, &TimeZone::UTC).taken();
                prop_assert!(sum <= of_all, "the clients' days are a part of all days");
            }
        }
    }
}
