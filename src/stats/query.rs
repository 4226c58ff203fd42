//! Questions to the sums: which jobs, grouped by what. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::cell::{Adder, Cell, Counts, Times};
use super::days::{DayNumber, date, number};
use super::names::OTHER;
use super::projection::{Key, Parts, Sums};
use crate::money::Money;

/// Days that are told one by one.
const DAYS: DayNumber = 90;

/// The name of all groups for which there is no room: those after the first 65,000.
const OTHERS: &str = "(others)";

/// What jobs are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// The provider.
    Provider,
    /// The model.
    #[default]
    Model,
    /// Key and gateway together.
    Route,
    /// The gateway.
    Gateway,
    /// The key: its source and fingerprint.
    Key,
    /// The local day.
    Day,
    /// The week, from Monday on.
    Week,
    /// The month.
    Month,
    /// Each tag; a job with two counts for both.
    Tag,
    /// The style.
    Style,
    /// The client of a server.
    Client,
}

impl By {
    /// All of them.
    pub const EACH: [By; 11] = [
        By::Provider,
        By::Model,
        By::Route,
        By::Gateway,
        By::Key,
        By::Day,
        By::Week,
        By::Month,
        By::Tag,
        By::Style,
        By::Client,
    ];

    /// Its name in every interface.
    pub fn name(self) -> &'static str {
        match self {
            By::Provider => "provider",
            By::Model => "model",
            By::Route => "route",
            By::Gateway => "gateway",
            By::Key => "key",
            By::Day => "day",
            By::Week => "week",
            By::Month => "month",
            By::Tag => "tag",
            By::Style => "style",
            By::Client => "client",
        }
    }

    /// Whether a job that goes on over another route leaves a group behind.
    pub fn tells_routes(self) -> bool {
        matches!(self, By::Provider | By::Model | By::Route | By::Gateway | By::Key)
    }

    /// Whether its groups are a calendar's, in its order.
    pub fn is_time(self) -> bool {
        matches!(self, By::Day | By::Week | By::Month)
    }
}

/// Which jobs, grouped by what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    /// Only what ended then or later.
    pub since: Option<Timestamp>,
    /// Only what ended before then.
    pub until: Option<Timestamp>,
    /// Only this provider.
    pub provider: Option<String>,
    /// Only this model: its id, or a part of its name.
    pub model: Option<String>,
    /// Only what has this tag.
    pub tag: Option<String>,
    /// Only what was done for this client of a server.
    pub client: Option<String>,
    /// How it is grouped.
    pub by: By,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Row {
    /// Its name; empty for what has none (no style, no tag, no gateway).
    pub name: String,
    /// Outcomes and money.
    pub counts: Counts,
    /// Percentiles of each kind of time, in the order of `Time::EACH`.
    pub times: Times,
}

/// What a day cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Day {
    /// Spent at each provider.
    pub spent: BTreeMap<String, Money>,
    /// Images made.
    pub images: u64,
    /// Jobs refused or failed.
    pub failed: u64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Figures {
    /// Everything together.
    pub total: Row,
    /// The groups: a calendar's in its order, others by what they cost.
    pub rows: Vec<Row>,
    /// The providers that had something to do with it.
    pub providers: BTreeSet<String>,
    /// The newest days on which something happened, each by itself.
    pub days: BTreeMap<Date, Day>,
    /// Attempts that are open, and what is reserved for them.
    pub open: (u64, Money),
    /// The first and the last day of it.
    pub span: Option<(Date, Date)>,
    /// Entries in the log.
    pub entries: u64,
    /// Lines of the log that are no entry.
    pub torn: u64,
}

impl Query {
    /// The span as seconds since 1970, its end excluded.
    pub(super) fn seconds(&self) -> (i64, i64) {
        let second = |time: Option<Timestamp>| time.map(Timestamp::as_second);
        (second(self.since).unwrap_or(i64::MIN), second(self.until).unwrap_or(i64::MAX))
    }

    /// The span as days; none where it begins or ends within one.
    fn days(&self, zone: &TimeZone) -> Option<(DayNumber, DayNumber)> {
        let midnight = |time: Timestamp| {
            let local = time.to_zoned(zone.clone());
            (local.start_of_day().ok()? == local).then(|| number(local.date()))
        };
        let since = self.since.map_or(Some(0), midnight)?;
        Some((since, self.until.map_or(Some(DayNumber::MAX), midnight)?))
    }

    /// Whether the sums tell apart all that is asked for.
    pub(super) fn is_answered_by(&self, sums: &Sums, zone: &TimeZone) -> bool {
        let Some((since, until)) = self.days(zone) else { return false };
        let coarse = sums.coarse_before;
        let is_apart =
            |day: DayNumber| day >= coarse || day == 0 || number(date(day).first_of_month()) == day;
        let needs_days = matches!(self.by, By::Day | By::Week) && since < coarse;
        let needs_routes =
            self.by.tells_routes() || self.provider.is_some() || self.model.is_some();
        let needs_tags = self.by == By::Tag || self.tag.is_some();
        is_apart(since)
            && is_apart(until)
            && !(needs_days && sums.cells().any(|(key, _)| key.day < coarse))
            && !(needs_routes && sums.routes.is_full())
            && !(needs_tags && sums.tags.is_full())
            && !(self.by == By::Style && sums.styles.is_full())
            && !(self.needs_clients() && sums.clients.is_full())
    }

    /// The parts of a key that it asks for.
    pub(super) fn parts(&self) -> Parts {
        let tags = self.by == By::Tag || self.tag.is_some();
        Parts { styles: self.by == By::Style, tags, clients: self.needs_clients() }
    }

    fn needs_clients(&self) -> bool {
        self.by == By::Client || self.client.is_some()
    }

    /// Whether a cell is wanted.
    fn takes(&self, sums: &Sums, key: Key) -> bool {
        let [provider, model, _] = sums.route(key.route);
        let is_model = |wanted: &String| {
            if wanted.contains('/') { model == wanted } else { model.contains(wanted.as_str()) }
        };
        self.provider.as_ref().is_none_or(|wanted| provider == wanted)
            && self.model.as_ref().is_none_or(is_model)
            && self.tag.as_ref().is_none_or(|wanted| tags(sums, key).contains(wanted))
            && self.client.as_deref().is_none_or(|wanted| client(sums, key) == Some(wanted))
    }

    /// The groups of a cell.
    fn groups(&self, sums: &Sums, key: Key) -> Vec<String> {
        let is_other = match self.by {
            By::Tag => key.tags == OTHER,
            By::Style => key.style == OTHER,
            By::Client => key.client == OTHER,
            by => by.tells_routes() && key.route == OTHER,
        };
        if is_other {
            return vec![OTHERS.to_owned()];
        }
        let [provider, model, route] = sums.route(key.route);
        let (source, gateway) = route.split_once(" via ").unwrap_or((route, ""));
        let name = match self.by {
            By::Provider => provider.to_owned(),
            By::Model => model.to_owned(),
            By::Route => route.to_owned(),
            By::Gateway => gateway.to_owned(),
            By::Key => source.to_owned(),
            By::Day => date(key.day).to_string(),
            By::Week => {
                let week = date(key.day).iso_week_date();
                format!("{}-W{:02}", week.year(), week.week())
            }
            By::Month => date(key.day).strftime("%Y-%m").to_string(),
            By::Style => sums.styles.text(key.style).unwrap_or_default().to_owned(),
            By::Client => client(sums, key).unwrap_or_default().to_owned(),
            By::Tag => {
                let tags = tags(sums, key);
                return if tags.is_empty() { vec![String::new()] } else { tags };
            }
        };
        vec![name]
    }
}

/// The client of a cell; empty where it was done for none.
fn client(sums: &Sums, key: Key) -> Option<&str> {
    sums.clients.text(key.client)
}

/// The tags of a cell, each once.
fn tags(sums: &Sums, key: Key) -> Vec<String> {
    let text = sums.tags.text(key.tags).unwrap_or_default();
    let mut tags: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// Answers from sums that tell apart what is asked for.
pub(super) fn answer(sums: &Sums, query: &Query, zone: &TimeZone) -> Figures {
    // Sums that were made for this question hold nothing else; their days may be cut.
    let (since, until) = query.days(zone).unwrap_or((0, DayNumber::MAX));
    let wanted = |key: Key| (since..until).contains(&key.day) && query.takes(sums, key);
    let cells = sums.cells().filter(|(key, _)| wanted(*key));
    let cells: Vec<(Key, Cow<Cell>)> = cells.map(|(key, cell)| (key, cell.read())).collect();
    let mut adder = Adder::default();
    cells.iter().for_each(|(_, cell)| adder.add(cell));
    let (counts, times) = adder.take();
    let is_open = |key: Key| query.days(zone).is_none() || (since..until).contains(&key.day);
    let open = sums.open().filter(|(key, _)| is_open(*key) && query.takes(sums, *key));
    let spans = || cells.iter().filter_map(|(_, cell)| cell.span);
    let first = spans().map(|(first, _)| first).min();
    let last = spans().map(|(_, last)| last).max();
    Figures {
        total: Row { name: String::new(), counts, times },
        rows: rows(sums, query, &cells, &mut adder),
        providers: cells.iter().map(|(key, _)| sums.route(key.route)[0].to_owned()).collect(),
        days: days(sums, &cells, last.unwrap_or_default()),
        open: open.fold((0, Money::ZERO), |(count, money), (_, reserve)| {
            (count + 1, money + reserve.unwrap_or_default())
        }),
        span: first.zip(last).map(|(first, last)| (date(first), date(last))),
        entries: sums.entries,
        torn: sums.torn,
    }
}

fn rows(sums: &Sums, query: &Query, cells: &[(Key, Cow<Cell>)], adder: &mut Adder) -> Vec<Row> {
    let mut groups: HashMap<String, Vec<&Cell>> = HashMap::new();
    for (key, cell) in cells {
        for name in query.groups(sums, *key) {
            groups.entry(name).or_default().push(cell);
        }
    }
    let mut rows: Vec<Row> = groups
        .into_iter()
        .map(|(name, cells)| {
            cells.into_iter().for_each(|cell| adder.add(cell));
            let (counts, times) = adder.take();
            Row { name, counts, times }
        })
        .collect();
    if query.by.is_time() {
        rows.sort_by(|a, b| a.name.cmp(&b.name));
    } else {
        let weight = |row: &Row| (row.counts.spent(), row.counts.images, row.counts.ended());
        rows.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.name.cmp(&b.name)));
    }
    rows
}

fn days(sums: &Sums, cells: &[(Key, Cow<Cell>)], last: DayNumber) -> BTreeMap<Date, Day> {
    let first = sums.coarse_before.max(last.saturating_sub(DAYS - 1));
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    for (key, cell) in cells.iter().filter(|(key, _)| key.day >= first) {
        let day = days.entry(date(key.day)).or_default();
        let spent = day.spent.entry(sums.route(key.route)[0].to_owned()).or_default();
        *spent = *spent + cell.counts.spent();
        day.images += cell.counts.images;
        day.failed += cell.counts.failed + cell.counts.refused;
    }
    days
}
