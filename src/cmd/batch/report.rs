//! What a batch says: everything that is wrong, the closing table, the document.

use std::time::Duration;

use serde_json::{Value, json};

use super::args::Args;
use super::check::Checked;
use super::next::Next;
use super::outcome::Outcome;
use super::prior::Prior;
use super::spool::Documents;
use crate::cmd::App;
use crate::engine::report::ErrorReport;
use crate::error::{Error, Exit};
use crate::money::Money;
use crate::text;
use crate::ui::{Column, Table};

/// Says everything that is wrong with the files. Nothing was sent.
pub(super) fn faults(app: &App, run: &str, checked: &Checked) -> Exit {
    let error = checked.faults.warn(app);
    if app.ui.options().json {
        let mut document = whole(run, "failed", &Outcome::default(), checked);
        document["error"] = json!(ErrorReport::from(&error));
        document["problems"] = checked.faults.json();
        app.ui.json(&document);
    }
    app.ui.error(&error);
    error.exit()
}

/// Says what came of it: the closing table on stderr, the document on stdout.
pub(super) fn outcome(
    app: &App,
    args: &Args,
    run: &str,
    checked: &Checked,
    mut outcome: Outcome,
) -> Exit {
    let documents = outcome.documents.take();
    let outcome = &outcome;
    let mut exits = outcome.exits.clone();
    exits.extend(checked.skips.keys().filter_map(|skip| skip.exit()));
    exits.extend(outcome.trouble.as_ref().map(Error::exit));
    let exit = if outcome.interrupted { Exit::INTERRUPTED } else { Exit::of_jobs(&exits) };
    let status = match exit {
        Exit::OK => "done",
        Exit::INTERRUPTED => "interrupted",
        _ if exits.contains(&Exit::OK) => "partial",
        _ => "failed",
    };
    // The user may have wanted it so, but not all is there.
    let is_gone = checked.skips.contains_key(&Prior::Gone) && status == "done";
    let status = if is_gone { "partial" } else { status };
    if app.ui.options().json {
        print(app, &whole(run, status, outcome, checked), documents);
    }
    app.ui.talk_table(&table(checked, outcome));
    app.ui.note(&closing(run, outcome));
    if outcome.unconnected > 1 {
        app.ui.note(&format!(
            "no connection was made for {} of them: `pinx doctor` looks at network and addresses",
            outcome.unconnected
        ));
    }
    let next = Next::of(args);
    let later = checked.skips.get(&Prior::Later).copied().unwrap_or_default();
    let is_again = args.common.force && !args.only.is_empty();
    let what = match (outcome.missing + outcome.unbegun + later, is_again) {
        (0, _) => None,
        // The same command would make all of them again.
        (1, true) => Some("one was not made again, and is as it was".to_owned()),
        (many, true) => Some(format!("{many} were not made again, and are as they were")),
        (missing, false) => {
            let all = match missing {
                1 => "one that is missing".to_owned(),
                many => format!("{many} that are missing"),
            };
            let limit = args.limit.map_or("", |_| " without `--limit`");
            Some(format!("the same command{limit} makes the {all}{}", next.unlimited()))
        }
    };
    what.into_iter().for_each(|what| app.ui.note(&what));
    if outcome.missing > 0 && outcome.exits.contains(&Exit::LOCAL) {
        app.ui.note("what is kept of them is saved first and not paid for again; `pinx recover` does that, too");
    }
    if let Some(error) = &outcome.trouble {
        app.ui.error(error);
    }
    if outcome.images > 0 {
        checked.beside.closing().iter().for_each(|closing| app.ui.note(closing));
    }
    if let Some(overrun) = &outcome.overrun {
        app.ui.warn(&overrun.text());
    }
    if let Some(path) = &outcome.gallery {
        app.ui.note_place("gallery", path);
    }
    if let Some(count) = checked.skips.get(&Prior::Elsewhere) {
        app.ui.warn(&format!(
            "{count} at work elsewhere, or of unknown outcome where their workers are gone: the same \
             command takes what is there by then, `pinx recover` lists the others"
        ));
    }
    let is_open = outcome.exits.contains(&Exit::OPEN)
        || outcome.is_open
        || checked.skips.contains_key(&Prior::Open);
    if is_open {
        app.ui.warn("some outcomes are open: `pinx recover` collects what can be had");
    }
    let was_left = checked.skips.keys().any(|skip| matches!(skip, Prior::Failed(_)));
    if outcome.left_alone > 0 || (was_left && exit != Exit::OPEN) {
        let next = next.with("--retry-failed");
        app.ui.note(&format!("`--retry-failed` tries again what was refused or failed{next}"));
    }
    let is_there = |skip: &Prior| skip.has_image();
    if args.common.force && args.only.is_empty() && checked.skips.keys().any(is_there) {
        app.ui.note(
            "`--force` replaces what is in the way, and what is done stays: `--only ID --force` makes one \
             again, `--only '*' --force` all of them",
        );
    }
    match checked.skips.get(&Prior::Stays) {
        None => {}
        Some(1) => app.ui.note("1 image is there already and stays: a rehearsal draws over none"),
        Some(count) => {
            app.ui.note(&format!(
                "{count} images are there already and stay: a rehearsal draws over none"
            ));
        }
    }
    if checked.skips.contains_key(&Prior::Gone) {
        let next = next.with("--redo-missing");
        app.ui.note(&format!("`--redo-missing` makes again what was made and is gone{next}"));
    }
    if checked.skips.contains_key(&Prior::Sketched) {
        app.ui.note("sketches were drawn without a key; with `-m MODEL` a model paints them");
    }
    exit
}

/// A row for every status that there is.
fn table(checked: &Checked, outcome: &Outcome) -> Table {
    let columns =
        vec![Column::new("jobs").right(), Column::new("outcome"), Column::new("cost").right()];
    let mut table = Table::new(columns);
    let order = ["done", "from cache", "refused", "failed", "unknown", "still open", "interrupted"];
    for word in order {
        if let Some(sum) = outcome.sums.get(word) {
            // What failed is told to be free only by its silence.
            let is_made = ["done", "from cache"].contains(&word);
            let cost = sum.cost.filter(|cost| is_made || *cost > Money::ZERO);
            let cost = match cost {
                Some(cost) => cost.cost(),
                None if is_made && outcome.unpriced == 0 => "free".to_owned(),
                None => "–".to_owned(),
            };
            table.row(vec![sum.jobs.to_string(), word.to_owned(), cost]);
        }
    }
    for (skip, count) in &checked.skips {
        table.row(vec![count.to_string(), skip.word().to_owned(), String::new()]);
    }
    if outcome.unbegun > 0 {
        table.row(vec![outcome.unbegun.to_string(), "not begun".to_owned(), String::new()]);
    }
    table
}

/// `198 images · $6.57 · $0.05 uncertain · 12 min · run 261125-7f3k9q2m`.
fn closing(run: &str, outcome: &Outcome) -> String {
    let mut parts = vec![match outcome.images {
        1 => "1 image".to_owned(),
        images => format!("{images} images"),
    }];
    // What nobody knows the price of is never free.
    parts.push(match outcome.spent {
        Money::ZERO if outcome.unpriced > 0 => "cost unknown".to_owned(),
        Money::ZERO if outcome.images == 0 => "nothing spent".to_owned(),
        spent if outcome.is_about => spent.cost_about(),
        spent => spent.cost(),
    });
    if outcome.unpriced > 0 && outcome.spent > Money::ZERO {
        parts.push(format!("{} of unknown cost", outcome.unpriced));
    }
    if outcome.uncertain > Money::ZERO {
        parts.push(format!("{} maybe billed", outcome.uncertain));
    }
    parts.push(text::duration(Duration::from_millis(outcome.ms)));
    parts.push(format!("run {run}"));
    parts.join(" · ")
}

/// Prints a document with the jobs that were set aside.
pub(super) fn print(app: &App, document: &Value, jobs: Option<Documents>) {
    let jobs = jobs.map(Documents::read).transpose().unwrap_or_else(|error| {
        app.ui.warn(&format!("the jobs of the document cannot be read back: {error}"));
        None
    });
    // Whether it got there is asked at the end of the program, as for all output.
    let _ = app.ui.json_of_jobs(document, jobs.into_iter().flatten());
}

/// The document of a batch: that of `generate`, with what was skipped, and totals of both.
pub(super) fn whole(run: &str, status: &str, outcome: &Outcome, checked: &Checked) -> Value {
    let count = |word: &str| outcome.sums.get(word).map_or(0, |sum| sum.jobs);
    let skipped: usize = checked.skips.values().sum();
    let cost = if outcome.unpriced > 0 { Value::Null } else { outcome.spent.as_json() };
    json!({
        "v": 1,
        "run": run,
        "status": status,
        "jobs": [],
        "totals": {
            "jobs": checked.jobs + skipped,
            "done": count("done") + count("from cache"),
            "skipped": skipped,
            "again": checked.again,
            "refused": count("refused"),
            "failed": count("failed"),
            "unknown": count("unknown") + count("still open"),
            "unbegun": outcome.unbegun,
            "images": outcome.images,
            "cost": cost,
            "uncertain": outcome.uncertain.as_json(),
            "ms": outcome.ms,
        },
        "gallery": outcome.gallery.as_ref().map(|path| std::path::absolute(path).unwrap_or(path.clone())),
        "notices": checked.notices_as_json(),
        "error": outcome.trouble.as_ref().map(ErrorReport::from),
        "overrun": outcome.overrun,
    })
}
