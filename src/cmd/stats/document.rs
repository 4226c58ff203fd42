//! The figures as data: the JSON document, and the groups as CSV. Money is in dollars, times in
//! milliseconds; what is not known is `null`, in CSV empty.

use serde_json::{Map, Value, json};

use super::App;
use super::budget::Budget;
use crate::money::Money;
use crate::stats::{Day, ERROR, Figures, Percentiles, Query, Row, Time};
use crate::store::log::Period;
use crate::text;
use crate::ui::Ui;

/// The whole document.
pub(crate) fn document(app: &App, query: &Query, answer: &Figures, budgets: &[Budget]) -> Value {
    let budget = |period| {
        budgets.iter().find(|budget| budget.period == period).map_or(Value::Null, Budget::json)
    };
    let days = answer.days.iter().map(|(date, day)| of_day(&date.to_string(), day));
    let rows = answer.rows.iter().map(|row| {
        let mut object = Map::from_iter([("name".to_owned(), json!(row.name))]);
        object.extend(of_row(row, query.by.tells_routes()));
        Value::Object(object)
    });
    let (first, last) = answer.span.unzip();
    json!({
        "success": true,
        "since": query.since,
        "until": query.until,
        "first": first,
        "last": last,
        "by": query.by.name(),
        "total": of_row(&answer.total, false),
        "rows": rows.collect::<Vec<_>>(),
        "days": days.collect::<Vec<_>>(),
        "open": { "attempts": answer.open.0, "reserved": answer.open.1.as_json() },
        "budget": { "day": budget(Period::Day), "month": budget(Period::Month) },
        "dashboards": dashboards(app, answer)
            .iter()
            .map(|(provider, url)| json!({ "provider": provider, "url": url }))
            .collect::<Vec<_>>(),
        "percentile_error": ERROR,
        "percentileError": ERROR,
        "entries": answer.entries,
        "torn": answer.torn,
    })
}

/// The providers' own pages of what was used, of those that something was made with lately.
pub(crate) fn dashboards(app: &App, answer: &Figures) -> Vec<(String, String)> {
    let is_used = |id: &String| answer.providers.contains(id);
    let providers = app.settings.catalog.providers.iter().filter(|one| is_used(&one.id));
    providers.filter_map(|one| Some((one.name.clone(), one.dashboard.clone()?))).collect()
}

fn of_day(date: &str, day: &Day) -> Value {
    let spent: Map<String, Value> =
        day.spent.iter().map(|(provider, money)| (provider.clone(), money.as_json())).collect();
    json!({
        "date": date,
        "spent": day.spent.values().copied().sum::<Money>().as_json(),
        "by_provider": spent,
        "byProvider": spent,
        "images": day.images,
        "failed": day.failed,
    })
}

/// Names of the first version, and what they are besides.
const RENAMED: [(&str, &str); 3] = [
    ("successRate", "success_rate"),
    ("reportedWasEstimated", "reported_was_estimated"),
    ("costPerImage", "cost_per_image"),
];

/// A group's figures, as they are named in JSON and CSV; `left` as in `Counts::success`.
fn figures(row: &Row, left: bool) -> Vec<(&'static str, Value)> {
    let counts = &row.counts;
    let dollars = Money::as_json;
    let each = counts.spent().as_micros().checked_div(counts.images).map(Money::micros);
    let success = counts.success(left).map(|part| (part * 1e4).round() / 1e4);
    let figures = vec![
        ("images", json!(counts.images)),
        ("done", json!(counts.done)),
        ("refused", json!(counts.refused)),
        ("failed", json!(counts.failed)),
        ("successRate", json!(success)),
        ("retries", json!(counts.retries)),
        ("fallbacks", json!(counts.fallbacks)),
        ("closed", json!(counts.closed)),
        ("cached", json!(counts.cached)),
        ("saved", dollars(counts.saved)),
        ("spent", dollars(counts.spent())),
        ("reported", dollars(counts.reported)),
        ("estimated", dollars(counts.estimated)),
        ("uncertain", dollars(counts.uncertain)),
        ("reportedWasEstimated", dollars(counts.foreseen)),
        ("unpriced", json!(counts.unpriced)),
        ("costPerImage", json!(each.filter(|_| counts.unpriced == 0).map(dollars))),
    ];
    figures
}

fn of_row(row: &Row, left: bool) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in figures(row, left) {
        // The names of the first version stay beside those of one case.
        if let Some((_, own)) = RENAMED.iter().find(|(old, _)| *old == name) {
            object.insert((*own).to_owned(), value.clone());
        }
        object.insert(name.to_owned(), value);
    }
    let times = Time::EACH.iter().zip(&row.times).map(|(kind, percentiles)| {
        let of =
            |p: &Percentiles| json!({ "runs": p.runs, "p50": p.p50, "p95": p.p95, "p99": p.p99 });
        (kind.name().to_owned(), percentiles.as_ref().map_or(Value::Null, of))
    });
    object.insert("milliseconds".to_owned(), Value::Object(times.collect()));
    object
}

/// The groups, one a line, under a line of names.
pub(crate) fn csv(ui: &Ui, query: &Query, answer: &Figures) {
    let mut head = vec![query.by.name().to_owned()];
    head.extend(figures(&Row::default(), false).into_iter().map(|(name, _)| name.to_owned()));
    for kind in Time::EACH {
        head.extend(["p50", "p95", "p99"].map(|p| format!("{}_{p}_ms", kind.name())));
    }
    ui.line(&text::csv_row(&head));
    for row in &answer.rows {
        let cell = |(_, value): (&str, Value)| match value {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        let mut cells = vec![row.name.clone()];
        cells.extend(figures(row, query.by.tells_routes()).into_iter().map(cell));
        for percentiles in row.times {
            let each = percentiles.map(|p| [p.p50, p.p95, p.p99].map(|ms| ms.to_string()));
            cells.extend(each.unwrap_or_default());
        }
        ui.line(&text::csv_row(&cells));
    }
}
