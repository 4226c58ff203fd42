//! The figures for people, readable at 80 columns, without colour and in ASCII.

use std::time::Duration;

use jiff::civil::Date;

use super::budget::Budget;
use super::chart::{self, Glyphs};
use super::{App, document};
use crate::money::Money;
use crate::stats::{By, Counts, Day, Figures, Percentiles, Query, Row};
use crate::text::{self, counted};
use crate::ui::{Column, Table};

/// Columns of a bar.
const BAR: usize = 8;
/// Wider than this the chart of days is no more readable.
const WIDEST: usize = 100;

/// Shows everything.
pub(crate) fn show(app: &App, query: &Query, answer: &Figures, budgets: &[Budget]) {
    let ui = &app.ui;
    let glyphs = if ui.terminal().has_blocks() { Glyphs::Blocks } else { Glyphs::Ascii };
    let Some((first, last)) = answer.span else {
        ui.note(match answer.entries {
            0 => "nothing has been made yet",
            _ => "nothing in the log is like that; `pinx stats` alone counts all of it",
        });
        return;
    };
    let title = if first == last { first.to_string() } else { format!("{first} to {last}") };
    ui.facts(&title, &facts(answer, budgets, glyphs));
    let spent = |(date, day): (Date, Day)| (date, day.spent.values().copied().sum());
    let amounts: Vec<(Date, Money)> = calendar(answer, last).into_iter().map(spent).collect();
    if amounts.iter().any(|(_, money)| *money > Money::ZERO) {
        ui.line("");
        ui.line("spent a day");
        let width = ui.terminal().stdout_width().min(WIDEST) - 1;
        chart::days(&amounts, width, glyphs).iter().for_each(|line| ui.line(line));
    }
    ui.line("");
    ui.table(table(query.by, &answer.rows, glyphs));
    let dashboards = document::dashboards(app, answer);
    for (provider, url) in &dashboards {
        ui.note(&format!("{provider} tells its own figures at {url}"));
    }
    if answer.open.0 > 0 {
        ui.note("`pinx recover` settles what is open");
    }
}

/// The newest days, those on which nothing happened too.
pub(crate) fn calendar(answer: &Figures, last: Date) -> Vec<(Date, Day)> {
    let Some((first, _)) = answer.days.first_key_value() else { return Vec::new() };
    let mut days = Vec::new();
    let mut date = *first;
    while date <= last {
        days.push((date, answer.days.get(&date).cloned().unwrap_or_default()));
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    days
}

fn facts(answer: &Figures, budgets: &[Budget], glyphs: Glyphs) -> Vec<(&'static str, String)> {
    let Row { counts, times, .. } = &answer.total;
    let mut facts = vec![("spent", spent(counts)), ("images", images(counts))];
    let mut went = Vec::new();
    went.extend((counts.refused > 0).then(|| format!("{} refused", counts.refused)));
    went.extend((counts.failed > 0).then(|| format!("{} failed", counts.failed)));
    went.extend((counts.closed > 0).then(|| format!("{} given up", counts.closed)));
    went.extend((counts.retries > 0).then(|| retries(counts.retries)));
    went.extend((counts.fallbacks > 0).then(|| counted(counts.fallbacks, "fallback")));
    facts.push(("trouble", went.join(", ")));
    let (open, reserved) = answer.open;
    let open =
        (open > 0).then(|| format!("{} open, {reserved} reserved", counted(open, "attempt")));
    facts.push(("open", open.unwrap_or_default()));
    let saved = (counts.cached > 0).then(|| {
        format!("{} for nothing, {} saved", counted(counts.cached, "image"), counts.saved)
    });
    facts.push(("cache", saved.unwrap_or_default()));
    let [all, queue, generation, download] = times;
    facts.push(("time", all.map_or(String::new(), |all| time(&all))));
    // Where there was no queue and nothing to fetch, the parts say nothing new.
    let has_parts = [queue, download].into_iter().flatten().any(|part| part.p99 > 0);
    for (name, part) in [("  queue", queue), ("  making", generation), ("  download", download)] {
        facts.push((name, part.filter(|_| has_parts).map_or(String::new(), |part| time(&part))));
    }
    for budget in budgets {
        let bar = chart::bar(budget.part(), BAR, glyphs);
        facts.push(("budget", format!("{} {bar}", budget.text())));
    }
    facts
}

fn retries(count: u64) -> String {
    if count == 1 { "1 retry".to_owned() } else { format!("{count} retries") }
}

/// What all of it cost: `$12.34`, `free` where it was images that cost nothing, `$0` where there is none.
pub(crate) fn total(counts: &Counts) -> String {
    let is_free = counts.images > 0 && counts.unpriced == 0;
    if is_free { counts.spent().cost() } else { counts.spent().to_string() }
}

/// `$12.34, $11.90 of it as reported, ~$0.44 as estimated; $0.21 uncertain`.
fn spent(counts: &Counts) -> String {
    let mut text = total(counts);
    text += &match (counts.reported, counts.estimated) {
        (Money::ZERO, Money::ZERO) => String::new(),
        (_, Money::ZERO) => ", as reported".to_owned(),
        (Money::ZERO, _) => ", as estimated".to_owned(),
        (reported, estimated) => format!(": {reported} as reported, ~{estimated} as estimated"),
    };
    if counts.unpriced > 0 {
        text += &format!("; {} at an unknown price", counted(counts.unpriced, "job"));
    }
    if counts.uncertain > Money::ZERO {
        text += &format!("; {} maybe billed besides", counts.uncertain);
    }
    text
}

fn images(counts: &Counts) -> String {
    let mut text = counts.images.to_string();
    if let Some(success) = counts.success(false) {
        text += &format!(", {} of {} done", percent(success), counted(counts.ended(), "job"));
    }
    if let Some(each) = each(counts) {
        text += &format!(", {each} each");
    }
    text
}

/// What an image cost on average, if it cost something and every price is known.
pub(crate) fn each(counts: &Counts) -> Option<Money> {
    let mean = counts.spent().as_micros().checked_div(counts.images)?;
    Some(Money::micros(mean)).filter(|mean| *mean > Money::ZERO && counts.unpriced == 0)
}

/// `half in 8.2 s, 95 % in 14 s, 99 % in 31 s`.
fn time(p: &Percentiles) -> String {
    format!("half in {}, 95 % in {}, 99 % in {}", short(p.p50), short(p.p95), short(p.p99))
}

pub(crate) fn short(ms: u64) -> String {
    text::duration(Duration::from_millis(ms))
}

/// `97 %`; never 100 unless all, never 0 unless none.
pub(crate) fn percent(part: f64) -> String {
    let percent = part * 100.0;
    match part {
        1.0 => "100 %".to_owned(),
        _ if percent > 99.0 => format!("{:.1} %", percent.min(99.9)),
        _ if percent > 0.0 && percent < 1.0 => format!("{:.1} %", percent.max(0.1)),
        _ => format!("{percent:.0} %"),
    }
}

fn table(by: By, rows: &[Row], glyphs: Glyphs) -> Table {
    let mut table = Table::new(vec![
        Column::new(by.name()).width(24, 40),
        Column::new("images").right(),
        Column::new("spent").right(),
        Column::new("").width(BAR, BAR).priority(4),
        Column::new("each").right().priority(5),
        Column::new("done").right().priority(1),
        Column::new("p50").right().priority(2),
        Column::new("p95").right().priority(3),
    ]);
    let most = rows.iter().map(|row| row.counts.spent()).max().unwrap_or_default();
    let images = rows.iter().map(|row| row.counts.images).max().unwrap_or_default();
    for row in rows {
        let counts = &row.counts;
        let part = match most {
            Money::ZERO => counts.images as f64 / images.max(1) as f64,
            most => counts.spent().as_dollars() / most.as_dollars(),
        };
        let mut cells = cells(by, row);
        cells.insert(3, chart::bar(part, BAR, glyphs));
        table.row(cells);
    }
    table
}

/// A group's name for people.
pub(crate) fn name(row: &Row, by: By) -> String {
    if row.name.is_empty() { format!("(no {})", by.name()) } else { row.name.clone() }
}

/// A row of the table: name, images, spent, each, done, p50, p95.
pub(crate) fn cells(by: By, row: &Row) -> Vec<String> {
    let (counts, all) = (&row.counts, row.times[0]);
    let dash = || "–".to_owned();
    vec![
        name(row, by),
        counts.images.to_string(),
        money(counts),
        each(counts).map_or_else(dash, |each| each.to_string()),
        counts.success(by.tells_routes()).map_or_else(dash, percent),
        all.map_or_else(dash, |all| short(all.p50)),
        all.map_or_else(dash, |all| short(all.p95)),
    ]
}

/// `$1.20`, `$1.20+` where some price is unknown, `free` where nothing was to be paid.
fn money(counts: &Counts) -> String {
    match counts.spent() {
        Money::ZERO if counts.unpriced > 0 => "unknown".to_owned(),
        Money::ZERO if counts.images == 0 => "–".to_owned(),
        spent if counts.unpriced > 0 => format!("{spent}+"),
        spent => spent.cost(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_honest_at_the_ends() {
        let of = [1.0, 0.9996, 0.97, 0.5, 0.0004, 0.0].map(percent);
        assert_eq!(of, ["100 %", "99.9 %", "97 %", "50 %", "0.1 %", "0 %"]);
    }

    #[test]
    fn money_is_told_apart() {
        let counts = Counts {
            images: 4,
            reported: Money::micros(11_900_000),
            estimated: Money::micros(440_000),
            uncertain: Money::micros(210_000),
            ..Counts::default()
        };
        assert_eq!(
            spent(&counts),
            "$12.34: $11.90 as reported, ~$0.44 as estimated; $0.21 maybe billed besides"
        );
        let unpriced = Counts { images: 1, unpriced: 1, ..Counts::default() };
        assert_eq!((money(&unpriced).as_str(), each(&unpriced)), ("unknown", None));
    }
}
