//! `pinx stats --ab`: models ranked by what was judged of their images.

use std::ops::ControlFlow;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::App;
use crate::cmd::log::{report_torn, unreadable};
use crate::error::Result;
use crate::ranking::Standing;
use crate::stats::{Ranking, Verdicts};
use crate::store::Entry;
use crate::store::log::ComparedModel;
use crate::ui::{Column, Table};

/// How the ranking is made, for people and documents.
const METHOD: &str = "Bradley–Terry by MM iteration, with a prior of half a win and half a loss against \
                      a reference of 1000; ± holds 95 of 100 times, by the Fisher information";

/// Which verdicts count.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Wanted {
    /// What was judged then or later.
    pub(super) since: Option<Timestamp>,
    /// What was judged before.
    pub(super) until: Option<Timestamp>,
    /// Comparisons in this style.
    pub(super) style: Option<String>,
    /// Comparisons with this tag.
    pub(super) tag: Option<String>,
}

impl Wanted {
    fn takes(&self, entry: &Entry) -> bool {
        self.since.is_none_or(|since| entry.t >= since)
            && self.until.is_none_or(|until| entry.t < until)
            && self.style.as_ref().is_none_or(|style| entry.style.as_ref() == Some(style))
            && self.tag.as_ref().is_none_or(|tag| entry.tags.contains(tag))
    }
}

/// Ranks.
///
/// # Errors
/// There is no such style, or the log cannot be read.
pub(super) fn run(app: &App, wanted: &Wanted) -> Result<()> {
    if let Some(style) = &wanted.style {
        app.settings.catalog.style(style)?;
    }
    let read = Verdicts::read(&app.log, &|entry| wanted.takes(entry));
    let (verdicts, scan) = read.map_err(|error| unreadable(app, &error))?;
    report_torn(app, scan);
    let Ranking { rows, comparisons, none, within } = verdicts.ranking();
    if app.ui.options().json {
        app.ui.json(&json!({
            "success": true,
            "method": METHOD,
            "models": rows.iter().map(document).collect::<Vec<_>>(),
            "comparisons": comparisons,
            "none": none,
        }));
        return Ok(());
    }
    if within > 0 {
        let what = if within == 1 { "verdict is" } else { "verdicts are" };
        app.ui.note(&format!("{within} {what} between entrants of one model and rank none"));
    }
    if rows.is_empty() && within > 0 {
        return Ok(());
    }
    if rows.is_empty() {
        let is_filtered = wanted != &Wanted::default();
        app.ui.note(&match (is_filtered, newest_comparison(app)) {
            (true, _) => "no verdict is like that; `pinx stats --ab` counts all".to_owned(),
            (false, None) => "nothing was compared yet; `pinx compare PROMPT -m MODEL,MODEL --judge` \
                              makes images side by side and asks which is best"
                .to_owned(),
            (false, Some((run, which))) => format!(
                "no comparison was judged yet; `pinx vote {run} WHICH` does it, where WHICH is {which}, \
                 tie or none"
            ),
        });
        return Ok(());
    }
    app.ui.table(table(&rows));
    app.ui.note(METHOD);
    if none > 0 {
        let what = if none == 1 { "verdict" } else { "verdicts" };
        app.ui.note(&format!("{none} {what} found none any good and count for nobody"));
    }
    Ok(())
}

/// The newest comparison, and its models, or their letters while they are hidden.
fn newest_comparison(app: &App) -> Option<(String, String)> {
    let mut found = None;
    let read = app.log.read_backward(Timestamp::MIN, |entry| {
        let Some(contest) = entry.contest else { return ControlFlow::Continue(()) };
        let name = |model: &ComparedModel| match contest.blind {
            true => model.label.clone(),
            false => model.model.clone(),
        };
        let names: Vec<String> = contest.entrants.iter().map(name).collect();
        found = Some((entry.run, names.join(", ")));
        ControlFlow::Break(())
    });
    read.ok().and(found)
}

fn document((model, standing): &(String, Standing)) -> Value {
    let rounded = |points: f64| (points * 10.0).round() / 10.0;
    let (rating, margin) = (standing.rating(), standing.margin());
    json!({
        "model": model,
        "rating": rounded(rating),
        "interval": [rounded(rating - margin), rounded(rating + margin)],
        "wins": standing.wins,
        "losses": standing.losses,
        "ties": standing.ties,
        "comparisons": standing.comparisons(),
    })
}

fn table(rows: &[(String, Standing)]) -> Table {
    let mut table = Table::new(vec![
        Column::new("").right(),
        Column::new("model").width(12, 40),
        Column::new("rating").right(),
        Column::new("±").right(),
        Column::new("wins").right(),
        Column::new("losses").right(),
        Column::new("ties").right(),
        Column::new("compared").right().priority(1),
    ]);
    for (at, (model, standing)) in rows.iter().enumerate() {
        table.row(vec![
            (at + 1).to_string(),
            model.clone(),
            format!("{:.0}", standing.rating()),
            format!("{:.0}", standing.margin()),
            standing.wins.to_string(),
            standing.losses.to_string(),
            standing.ties.to_string(),
            standing.comparisons().to_string(),
        ]);
    }
    table
}
