//! `pinx stats --ab`: models ranked by what was judged of their images.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::App;
use crate::cmd::log::read;
use crate::error::Result;
use crate::ranking::{Choice, Standing, rank};
use crate::store::journal::{Judgement, Verdict};
use crate::store::{Entry, What};
use crate::ui::{Column, Table};

/// How the ranking is made, for people and documents.
const METHOD: &str = "Bradley–Terry by MM iteration, with a prior of half a win and half a loss against \
                      a reference of 1000; ± holds 95 of 100 times, by the Fisher information";

/// Which verdicts count.
#[derive(Debug, Clone, Default)]
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

/// What was judged, as far as it is asked for: the newest verdict on each prompt of each run.
#[derive(Default)]
struct Judged {
    newest: BTreeMap<(String, usize), (Timestamp, Verdict)>,
}

impl Judged {
    fn add(&mut self, entry: Entry, wanted: &dyn Fn(&Entry) -> bool) {
        let Entry { e: What::Verdict, verdict: Some(verdict), .. } = &entry else { return };
        let place = (entry.run.clone(), verdict.contest);
        if wanted(&entry) {
            self.newest.insert(place, (entry.t, (**verdict).clone()));
        } else {
            // A newer verdict that does not count still takes the older one's place.
            self.newest.remove(&place);
        }
    }

    /// Models by their ids, and what was chosen among them; and how many verdicts chose nobody.
    fn choices(&self) -> (Vec<String>, Vec<Choice>, usize) {
        let judged = || self.newest.values().map(|(_, verdict)| verdict);
        let counts = |verdict: &&Verdict| {
            matches!(verdict.judgement, Judgement::Best | Judgement::Tie) && verdict.among.len() > 1
        };
        let mut models: Vec<String> =
            judged().filter(counts).flat_map(|verdict| verdict.among.clone()).collect();
        models.sort();
        models.dedup();
        let place = |model: &String| models.binary_search(model).ok();
        let choice = |verdict: &Verdict| Choice {
            among: verdict.among.iter().filter_map(place).collect(),
            best: verdict.best.as_ref().and_then(place),
        };
        let choices = judged().filter(counts).map(choice).collect();
        let none = judged().filter(|verdict| verdict.judgement == Judgement::None).count();
        (models, choices, none)
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
    let mut judged = Judged::default();
    read(app, |entry| judged.add(entry, &|entry| wanted.takes(entry)))?;
    let (models, choices, none) = judged.choices();
    let rows = ranked(models, &choices);
    if app.ui.options().json {
        app.ui.json(&json!({
            "success": true,
            "method": METHOD,
            "models": rows.iter().map(document).collect::<Vec<_>>(),
            "comparisons": choices.len(),
            "none": none,
        }));
        return Ok(());
    }
    if rows.is_empty() {
        app.ui.note("no verdict is like that; `pinx compare --judge` and `pinx vote` make some");
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

/// The best first; equal ones by their names.
fn ranked(models: Vec<String>, choices: &[Choice]) -> Vec<(String, Standing)> {
    let standings = rank(models.len(), choices);
    let mut rows: Vec<(String, Standing)> = models.into_iter().zip(standings).collect();
    let points = |standing: &Standing| (standing.rating() * 1_000.0).round() as i64;
    rows.sort_by(|(one, a), (other, b)| points(b).cmp(&points(a)).then(one.cmp(other)));
    rows
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(run: &str, best: Option<&str>, judgement: Judgement, tag: &str) -> Entry {
        let verdict = Verdict {
            contest: 1,
            judgement,
            best: best.map(str::to_owned),
            among: vec!["p/a".to_owned(), "p/b".to_owned()],
            jobs: Vec::new(),
        };
        Entry {
            verdict: Some(Box::new(verdict)),
            tags: vec![tag.to_owned()],
            ..Entry::of_run(What::Verdict, run)
        }
    }

    #[test]
    fn the_newest_verdict_on_a_prompt_counts() {
        let mut judged = Judged::default();
        let wanted = Wanted { tag: Some("x".to_owned()), ..Wanted::default() };
        let tagged = |entry: &Entry| wanted.takes(entry);
        judged.add(entry("r1", Some("p/a"), Judgement::Best, "x"), &tagged);
        judged.add(entry("r1", Some("p/b"), Judgement::Best, "x"), &tagged);
        judged.add(entry("r2", Some("p/b"), Judgement::Best, "x"), &tagged);
        judged.add(entry("r3", None, Judgement::None, "x"), &tagged);
        judged.add(entry("r4", None, Judgement::Tie, "y"), &tagged);
        judged.add(entry("r5", Some("p/a"), Judgement::Best, "x"), &tagged);
        judged.add(entry("r5", Some("p/a"), Judgement::Best, "y"), &tagged);
        let (models, choices, none) = judged.choices();
        assert_eq!((models.len(), choices.len(), none), (2, 2, 1));
        let rows = ranked(models, &choices);
        assert_eq!((rows[0].0.as_str(), rows[0].1.wins, rows[1].1.losses), ("p/b", 2, 2));
    }
}
