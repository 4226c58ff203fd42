//! `pinx stats --html`: the figures as a page of its own, with charts, that loads nothing.
//!
//! Readable without a script (there is none), light and dark, from a phone's width up. Every text
//! from outside is escaped.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use jiff::civil::Date;

use super::budget::Budget;
use super::{App, document, screen, svg};
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::money::Money;
use crate::page::html;
use crate::stats::{Answer, By, Counts, ERROR, Query, Row};
use crate::text::{clean, counted};

/// What charts and sums need beside the style of all pages.
const STYLE: &str = include_str!("page.css");

/// Groups that are drawn; the table has all of them, up to `LISTED`.
const DRAWN: usize = 16;
/// Rows of the table.
const LISTED: usize = 1_000;

/// What may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Nothing.
    Kept,
    /// A file of that name.
    Replaced,
}

/// Writes the page.
///
/// # Errors
/// The file exists, or cannot be written.
pub fn write(path: &Path, existing: Existing, body: &str) -> Result<()> {
    if existing == Existing::Kept && path.exists() {
        return Err(Error::usage(format!("`{}` exists", path.display()))
            .code("file_exists")
            .hint("`--force` replaces it"));
    }
    let page = framed(body);
    page.and_then(|page| fs::write_atomic(path, &page, fs::Mode::Normal)).map_err(|error| {
        Error::new(Kind::Local, format!("`{}` cannot be written: {error}", path.display()))
    })
}

fn framed(body: &str) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    html::begin_with(&mut page, "pinx statistics", STYLE, None)?;
    page.extend_from_slice(body.as_bytes());
    html::end(&mut page, None)?;
    Ok(page)
}

/// What stands on the page.
pub fn body(app: &App, query: &Query, answer: &Answer, budgets: &[Budget]) -> String {
    let mut page = String::new();
    top(&mut page, query, answer, budgets);
    if answer.span.is_some() {
        days(&mut page, answer);
        times(&mut page, query, answer);
        outcomes(&mut page, query, answer);
        table(&mut page, query, answer);
    }
    foot(&mut page, &document::dashboards(app, answer));
    page
}

fn top(page: &mut String, query: &Query, answer: &Answer, budgets: &[Budget]) {
    let title = match answer.span {
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => format!("{first} to {last}"),
        None => "Nothing was made".to_owned(),
    };
    let of = [&query.provider, &query.model, &query.tag].into_iter().flatten();
    let of: Vec<String> = of.map(|text| escape(text)).collect();
    let of = if of.is_empty() { String::new() } else { format!(": {}", of.join(", ")) };
    let _ = write!(
        page,
        "<header class=\"top\">\n<p class=\"kind\">pinx statistics{of}</p>\n<h1>{title}</h1>\n\
         <dl class=\"sums\">\n"
    );
    let Row { counts, times, .. } = &answer.total;
    let mut sum = |name: &str, value: &str, more: &str| {
        let _ = writeln!(page, "<div><dt>{name}</dt><dd>{value} <small>{more}</small></dd></div>");
    };
    sum("Spent", &counts.spent().to_string(), &told(counts));
    let each = screen::each(counts).map(|each| format!("{each} each")).unwrap_or_default();
    sum("Images", &counts.images.to_string(), &each);
    if let Some(success) = counts.success(false) {
        let more = [
            (counts.refused, "refused"),
            (counts.failed, "failed"),
            (counts.retries, "tried again"),
            (counts.fallbacks, "fell back"),
        ];
        let more = more.into_iter().filter(|(count, _)| *count > 0);
        let more: Vec<String> = more.map(|(count, word)| format!("{count} {word}")).collect();
        sum("Done", &screen::percent(success), &more.join(", "));
    }
    if let [Some(all), ..] = times {
        let more = format!("95 % {}, 99 % {}", screen::short(all.p95), screen::short(all.p99));
        sum("Half took", &screen::short(all.p50), &more);
    }
    if counts.cached > 0 {
        let images = counted(counts.cached, "image");
        sum("Saved by the cache", &counts.saved.to_string(), &images);
    }
    if answer.open.0 > 0 {
        sum("Open", &answer.open.0.to_string(), &format!("{} reserved", answer.open.1));
    }
    for budget in budgets {
        let part = screen::percent(budget.part());
        sum(&format!("Budget {}", budget.period), &part, &budget.text());
    }
    *page += "</dl>\n</header>\n";
}

/// Where the sum comes from, in words.
fn told(counts: &Counts) -> String {
    let mut parts = Vec::new();
    let mut part = |money: Money, word: &str| {
        if money > Money::ZERO {
            parts.push(format!("{money} {word}"));
        }
    };
    part(counts.reported, "as reported");
    part(counts.estimated, "as estimated");
    part(counts.uncertain, "more may be gone");
    if counts.unpriced > 0 {
        parts.push(format!("{} at an unknown price", counted(counts.unpriced, "job")));
    }
    parts.join(", ")
}

/// What every day cost, the providers on top of one another.
fn days(page: &mut String, answer: &Answer) {
    let Some((_, last)) = answer.span else { return };
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
    let sum = |spent: &std::collections::BTreeMap<String, Money>| -> Money {
        spent.values().copied().sum()
    };
    let most = days.iter().map(|(_, day)| sum(&day.spent)).max().unwrap_or_default();
    if most == Money::ZERO {
        return;
    }
    let column = |(date, day): &(Date, crate::stats::Day)| {
        let images = counted(day.images, "image");
        let title = format!("{date}: {}, {images}", sum(&day.spent));
        let of = |(provider, _): &(String, Money)| {
            day.spent.get(provider).copied().unwrap_or_default().as_dollars()
        };
        (title, providers.iter().map(of).collect())
    };
    let columns: Vec<(String, Vec<f64>)> = days.iter().map(column).collect();
    let half = Money::micros(most.as_micros() / 2);
    let ends = days.first().zip(days.last()).map_or(String::new(), |((first, _), (last, _))| {
        if first == last {
            format!("<span>{first}</span>")
        } else {
            format!("<span>{first}</span><span>{last}</span>")
        }
    });
    let _ = write!(
        page,
        "<section>\n<h2>Spent a day</h2>\n<figure><div class=\"plot\">\
         <div class=\"scale\"><span>{most}</span><span>{half}</span><span>$0</span></div>{}\
         <div class=\"ends\">{ends}</div></div>\n<ul class=\"key\">",
        svg::columns(&columns, most.as_dollars())
    );
    for (at, (provider, money)) in providers.iter().enumerate() {
        let class = at.min(svg::SERIES - 1);
        let _ =
            write!(page, "<li class=\"s{class}\"><span>{} {money}</span></li>", escape(provider));
    }
    *page += "</ul></figure>\n</section>\n";
}

/// How long each group takes.
fn times(page: &mut String, query: &Query, answer: &Answer) {
    let rows: Vec<&Row> =
        answer.rows.iter().filter(|row| row.times[0].is_some()).take(DRAWN).collect();
    let most = rows.iter().filter_map(|row| Some(row.times[0]?.p99)).max().unwrap_or_default();
    if most == 0 {
        return;
    }
    let _ = write!(
        page,
        "<section>\n<h2>Time by {}</h2>\n<p class=\"note\">Queue, generation and download of what was \
         done, without waiting here.</p>\n<ul class=\"key\"><li class=\"s0\"><span>half took no \
         longer</span></li><li class=\"p95\"><span>95 %</span></li><li class=\"p99\"><span>99 %</span>\
         </li></ul>\n<ul class=\"bars\">\n",
        query.by.name()
    );
    for row in rows {
        let [Some(all), queue, generation, download] = row.times else { continue };
        let part = |ms: u64| ms as f64 / most as f64;
        let bars = [("p99", part(all.p99)), ("p95", part(all.p95)), ("s0", part(all.p50))];
        let parts = [("queue", queue), ("making", generation), ("download", download)];
        let parts: Vec<String> = parts
            .into_iter()
            .filter_map(|(name, part)| Some((name, part.filter(|part| part.p99 > 0)?)))
            .map(|(name, part)| format!("{name} {}", screen::short(part.p50)))
            .collect();
        let parts =
            if parts.len() > 1 { format!("half: {}", parts.join(", ")) } else { String::new() };
        let [p50, p95, p99] = [all.p50, all.p95, all.p99].map(screen::short);
        let _ = writeln!(
            page,
            "<li><p><span>{}</span><span>{p50}, {p95}, {p99}</span></p>{}<p class=\"soft\">{parts}</p></li>",
            name(row, query.by),
            svg::nested(&bars),
        );
    }
    *page += "</ul>\n</section>\n";
}

/// How the jobs of each group ended.
fn outcomes(page: &mut String, query: &Query, answer: &Answer) {
    let left = query.by.tells_routes();
    let _ = write!(
        page,
        "<section>\n<h2>Outcomes by {}</h2>\n<ul class=\"key\"><li class=\"s2\"><span>done</span></li>\
         <li class=\"s0\"><span>from the cache</span></li><li class=\"s1\"><span>refused</span></li>\
         <li class=\"s5\"><span>failed</span></li>{}</ul>\n<ul class=\"bars\">\n",
        query.by.name(),
        if left { "<li class=\"s4\"><span>went on elsewhere</span></li>" } else { "" },
    );
    for row in answer.rows.iter().take(DRAWN) {
        let counts = &row.counts;
        let parts = [
            ("s2", counts.done, "done"),
            ("s0", counts.cached, "cached"),
            ("s1", counts.refused, "refused"),
            ("s5", counts.failed, "failed"),
            ("s4", if left { counts.fallbacks } else { 0 }, "elsewhere"),
        ];
        let all: u64 = parts.iter().map(|(_, count, _)| count).sum();
        let pieces = parts.map(|(class, count, _)| (class, count as f64 / all.max(1) as f64));
        let words: Vec<String> = parts
            .iter()
            .filter(|(_, count, _)| *count > 0)
            .map(|(_, count, word)| format!("{count} {word}"))
            .collect();
        let _ = writeln!(
            page,
            "<li><p><span>{}</span><span>{}</span></p>{}<p class=\"soft\">{}</p></li>",
            name(row, query.by),
            counts.success(left).map_or_else(|| "–".to_owned(), screen::percent),
            svg::pieces(&pieces),
            words.join(", "),
        );
    }
    *page += "</ul>\n</section>\n";
}

fn table(page: &mut String, query: &Query, answer: &Answer) {
    let by = query.by;
    let _ = write!(
        page,
        "<section>\n<h2>Every {0}</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>{0}</th>",
        by.name()
    );
    for figure in ["images", "spent", "each", "done", "retries", "p50", "p95", "p99"] {
        let _ = write!(page, "<th class=\"number\">{figure}</th>");
    }
    *page += "</tr></thead>\n<tbody>\n";
    for row in answer.rows.iter().take(LISTED) {
        let mut cells = screen::cells(by, row);
        let p99 = row.times[0].map_or_else(|| "–".to_owned(), |all| screen::short(all.p99));
        cells.insert(5, row.counts.retries.to_string());
        cells.push(p99);
        let class = |at: usize| if at == 0 { "" } else { " class=\"number\"" };
        let cell = |(at, cell): (usize, &String)| format!("<td{}>{}</td>", class(at), escape(cell));
        let cells: String = cells.iter().enumerate().map(cell).collect();
        let _ = writeln!(page, "<tr>{cells}</tr>");
    }
    *page += "</tbody></table></div>\n";
    if answer.rows.len() > LISTED {
        let more = answer.rows.len() - LISTED;
        let _ = writeln!(page, "<p class=\"note\">and {more} more: `pinx stats --csv` has all</p>");
    }
    *page += "</section>\n";
}

fn foot(page: &mut String, dashboards: &[(String, String)]) {
    *page += "<footer>\n";
    for (provider, url) in dashboards {
        let (provider, url) = (escape(provider), escape(url));
        let _ = writeln!(
            page,
            "<p>{provider} tells its own figures at <a href=\"{url}\">{url}</a>.</p>"
        );
    }
    let _ = writeln!(
        page,
        "<p>Times are at most {:.1} % off. Money is what the providers' answers told, else the \
         estimate. Days are local.</p>\n</footer>",
        ERROR * 100.0
    );
}

fn name(row: &Row, by: By) -> String {
    escape(&screen::name(row, by))
}

/// Text from outside, between tags or in a quoted attribute: on one line, and not endless.
fn escape(text: &str) -> String {
    html::escape(&clean(text, 400))
}
