//! `pinx stats --html`: the figures as a page of its own, with charts, that loads nothing.
//!
//! Readable without a script (there is none), light and dark, from a phone's width up.

use std::path::Path;

use jiff::civil::Date;
use maud::{Markup, html};

use super::budget::Budget;
use super::{App, document, screen};
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::money::Money;
use crate::page::html::{chart, page};
use crate::page::seal::{self, PageKind};
use crate::stats::{By, Counts, Day, ERROR, Figures, Query, Row};
use crate::store::Existing;
use crate::text::{clean, counted};

/// What charts and sums need beside the style of all pages.
const STYLE: &str = include_str!("page.css");

/// Groups that are drawn; the table has all of them, up to `LISTED`.
const DRAWN: usize = 16;
/// Rows of the table.
const LISTED: usize = 1_000;
/// Characters of a text from outside, on one line.
const LONGEST: usize = 400;

/// Writes the page, to stdout for `-`. A page of pinx that nobody has changed is renewed.
///
/// # Errors
/// The file exists and is no such page, or it cannot be written.
pub(crate) fn write(app: &App, path: &Path, existing: Existing, body: &Markup) -> Result<()> {
    let page = page(PageKind::Statistics, "pinx statistics", STYLE, body);
    if path == Path::new("-") {
        // Whether it got there is asked at the end of the program, as for all output.
        let _ = app.ui.bytes(page.as_bytes());
        return Ok(());
    }
    if existing == Existing::Kept && path.symlink_metadata().is_ok() {
        let why = match seal::untouched(path) {
            Some(PageKind::Statistics) => None,
            Some(other) => Some(format!("is {}", other.words())),
            None => Some("is no page of pinx, or was changed".to_owned()),
        };
        if let Some(why) = why {
            let what = format!("`{}` exists and {why}", path.display());
            let error = Error::usage(what).code("file_exists");
            return Err(error.hint("choose another name, or `--force` replaces it"));
        }
    }
    fs::write_atomic(path, seal::sealed(page).as_bytes(), fs::Mode::Normal).map_err(|error| {
        Error::new(Kind::Local, format!("`{}` cannot be written: {error}", path.display()))
    })
}

/// What stands on the page.
pub(crate) fn body(app: &App, query: &Query, answer: &Figures, budgets: &[Budget]) -> Markup {
    html! {
        (top(query, answer, budgets))
        main {
            @if let Some((_, last)) = answer.span {
                (days(answer, last))
                (times(query, answer))
                (outcomes(query, answer))
                (table(query.by, answer))
            }
        }
        footer {
            @for (provider, url) in document::dashboards(app, answer) {
                p {
                    (clean(&provider, LONGEST)) " tells its own figures at "
                    a href=(clean(&url, LONGEST)) { (clean(&url, LONGEST)) } "."
                }
            }
            p {
                "Times are at most " (format!("{:.1}", ERROR * 100.0)) " % off. Money is what the "
                "providers' answers told, else the estimate. Days are local."
            }
        }
    }
}

fn top(query: &Query, answer: &Figures, budgets: &[Budget]) -> Markup {
    let of = [&query.provider, &query.model, &query.tag].into_iter().flatten();
    let of: Vec<String> = of.map(|text| clean(text, LONGEST)).collect();
    html! {
        header.top {
            p.kind { "pinx statistics" @if !of.is_empty() { ": " (of.join(", ")) } }
            h1 {
                @match answer.span {
                    Some((first, last)) if first == last => (first.to_string()),
                    Some((first, last)) => (format!("{first} to {last}")),
                    None => "Nothing was made",
                }
            }
            dl.sums {
                @for (name, value, more) in sums(answer, budgets) {
                    div { dt { (name) } dd { (value) " " small { (more) } } }
                }
            }
        }
    }
}

/// The sums above everything: name, figure, what it is made of.
fn sums(answer: &Figures, budgets: &[Budget]) -> Vec<(String, String, String)> {
    let mut sums = Vec::new();
    let mut sum =
        |name: &str, value: String, more: String| sums.push((name.to_owned(), value, more));
    let Row { counts, times, .. } = &answer.total;
    sum("Spent", screen::total(counts), composition(counts));
    let each = screen::each(counts).map(|each| format!("{each} each")).unwrap_or_default();
    sum("Images", counts.images.to_string(), each);
    if let Some(success) = counts.success(false) {
        let more = [
            (counts.refused, "refused"),
            (counts.failed, "failed"),
            (counts.retries, "tried again"),
            (counts.fallbacks, "fell back"),
        ];
        let more = more.into_iter().filter(|(count, _)| *count > 0);
        let more: Vec<String> = more.map(|(count, word)| format!("{count} {word}")).collect();
        sum("Done", screen::percent(success), more.join(", "));
    }
    if let [Some(all), ..] = times {
        let more = format!("95 % {}, 99 % {}", screen::short(all.p95), screen::short(all.p99));
        sum("Half took", screen::short(all.p50), more);
    }
    if counts.cached > 0 {
        sum("Saved by the cache", counts.saved.to_string(), counted(counts.cached, "image"));
    }
    if answer.open.0 > 0 {
        sum("Open", answer.open.0.to_string(), format!("{} reserved", answer.open.1));
    }
    for budget in budgets {
        let part = screen::percent(budget.part());
        sum(&format!("Budget {}", budget.period), part, budget.text());
    }
    sums
}

/// Where the sum comes from, in words.
fn composition(counts: &Counts) -> String {
    let mut parts = Vec::new();
    let mut part = |money: Money, word: &str| {
        if money > Money::ZERO {
            parts.push(format!("{money} {word}"));
        }
    };
    part(counts.reported, "as reported");
    part(counts.estimated, "as estimated");
    part(counts.uncertain, "maybe billed besides");
    if counts.unpriced > 0 {
        parts.push(format!("{} at an unknown price", counted(counts.unpriced, "job")));
    }
    parts.join(", ")
}

/// What every day cost, the providers on top of one another.
fn days(answer: &Figures, last: Date) -> Markup {
    let days = screen::calendar(answer, last);
    let mut providers: Vec<(String, Money)> = Vec::new();
    for (provider, money) in days.iter().flat_map(|(_, day)| &day.spent) {
        match providers.iter_mut().find(|(known, _)| known == provider) {
            Some((_, sum)) => *sum = *sum + *money,
            None => providers.push((provider.clone(), *money)),
        }
    }
    providers.retain(|(_, money)| *money > Money::ZERO);
    providers.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let sum = |day: &Day| -> Money { day.spent.values().copied().sum() };
    let most = days.iter().map(|(_, day)| sum(day)).max().unwrap_or_default();
    let column = |(date, day): &(Date, Day)| {
        let title = format!("{date}: {}, {}", sum(day), counted(day.images, "image"));
        let of = |(provider, _): &(String, Money)| {
            day.spent.get(provider).copied().unwrap_or_default().as_dollars()
        };
        (title, providers.iter().map(of).collect())
    };
    let columns: Vec<(String, Vec<f64>)> = days.iter().map(column).collect();
    let mut ends: Vec<String> =
        [days.first(), days.last()].iter().flatten().map(|(date, _)| date.to_string()).collect();
    ends.dedup();
    html! {
        @if most > Money::ZERO {
            section {
                h2 { "Spent a day" }
                figure {
                    div.plot {
                        div.scale {
                            span { (most) }
                            span { (Money::micros(most.as_micros() / 2)) }
                            span { "$0" }
                        }
                        (chart::columns(&columns, most.as_dollars()))
                        div.ends { @for end in ends { span { (end) } } }
                    }
                    ul.key {
                        @for (at, (provider, money)) in providers.iter().enumerate() {
                            li class={ "s" (at.min(chart::SERIES - 1)) } {
                                span { (clean(provider, LONGEST)) " " (money) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How long each group takes.
fn times(query: &Query, answer: &Figures) -> Markup {
    let rows = answer.rows.iter().filter_map(|row| Some((row, row.times[0]?))).take(DRAWN);
    let most = rows.clone().map(|(_, all)| all.p99).max().unwrap_or_default();
    let part = |ms: u64| ms as f64 / most as f64;
    html! {
        @if most > 0 {
            section {
                h2 { "Time by " (query.by.name()) }
                p.note {
                    "Queue, generation and download of what was done, without waiting here."
                }
                (key(&[("s0", "half took no longer"), ("p95", "95 %"), ("p99", "99 %")]))
                ul.bars {
                    @for (row, all) in rows {
                        li {
                            p {
                                span { (name(row, query.by)) }
                                span { ([all.p50, all.p95, all.p99].map(screen::short).join(", ")) }
                            }
                            (chart::nested(&[
                                ("p99", part(all.p99)), ("p95", part(all.p95)), ("s0", part(all.p50)),
                            ]))
                            p.soft { (halves(row)) }
                        }
                    }
                }
            }
        }
    }
}

/// What the time of half of a group is made of, where there is more than one thing.
fn halves(row: &Row) -> String {
    let [_, queue, generation, download] = row.times;
    let parts = [("queue", queue), ("making", generation), ("download", download)];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(name, part)| Some((name, part.filter(|part| part.p99 > 0)?)))
        .map(|(name, part)| format!("{name} {}", screen::short(part.p50)))
        .collect();
    if parts.len() > 1 { format!("half: {}", parts.join(", ")) } else { String::new() }
}

/// How the jobs of each group ended.
fn outcomes(query: &Query, answer: &Figures) -> Markup {
    let left = query.by.tells_routes();
    let ends = [
        ("s2", "done"),
        ("s0", "from the cache"),
        ("s1", "refused"),
        ("s5", "failed"),
        ("s4", "went on elsewhere"),
    ];
    html! {
        section {
            h2 { "Outcomes by " (query.by.name()) }
            (key(if left { &ends } else { &ends[..4] }))
            ul.bars {
                @for row in answer.rows.iter().take(DRAWN) {
                    @let (pieces, words) = ended(&row.counts, left);
                    li {
                        p {
                            span { (name(row, query.by)) }
                            span { (row.counts.success(left).map_or_else(|| "–".to_owned(), screen::percent)) }
                        }
                        (chart::pieces(&pieces))
                        p.soft { (words) }
                    }
                }
            }
        }
    }
}

/// How the jobs of a group ended, as parts of them all with their colours, and in words.
fn ended(counts: &Counts, left: bool) -> ([(&'static str, f64); 5], String) {
    let parts = [
        ("s2", counts.done, "done"),
        ("s0", counts.cached, "cached"),
        ("s1", counts.refused, "refused"),
        ("s5", counts.failed, "failed"),
        ("s4", if left { counts.fallbacks } else { 0 }, "elsewhere"),
    ];
    let all: u64 = parts.iter().map(|(_, count, _)| count).sum();
    let words = parts.iter().filter(|(_, count, _)| *count > 0);
    let words: Vec<String> = words.map(|(_, count, word)| format!("{count} {word}")).collect();
    (parts.map(|(class, count, _)| (class, count as f64 / all.max(1) as f64)), words.join(", "))
}

fn key(colours: &[(&str, &str)]) -> Markup {
    html! { ul.key { @for (class, words) in colours { li class=(class) { span { (words) } } } } }
}

fn table(by: By, answer: &Figures) -> Markup {
    let cells = |row: &Row| {
        let mut cells = screen::cells(by, row);
        cells.insert(5, row.counts.retries.to_string());
        cells.push(row.times[0].map_or_else(|| "–".to_owned(), |all| screen::short(all.p99)));
        cells
    };
    let figures = ["images", "spent", "each", "done", "retries", "p50", "p95", "p99"];
    html! {
        section {
            h2 { "Every " (by.name()) }
            div.wide tabindex="0" role="region" aria-label={ "Every " (by.name()) } {
                table {
                    thead {
                        tr { th { (by.name()) } @for figure in figures { th.number { (figure) } } }
                    }
                    tbody {
                        @for row in answer.rows.iter().take(LISTED) {
                            tr {
                                @for (at, cell) in cells(row).iter().enumerate() {
                                    td.number[at > 0] { (clean(cell, LONGEST)) }
                                }
                            }
                        }
                    }
                }
            }
            @if let Some(more @ 1..) = answer.rows.len().checked_sub(LISTED) {
                p.note { "and " (more) " more: `pinx stats --csv` has all" }
            }
        }
    }
}

fn name(row: &Row, by: By) -> String {
    clean(&screen::name(row, by), LONGEST)
}
