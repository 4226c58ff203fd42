//! The plan of a dry run: a line for each image, or its document.
//!
//! In a pipe the cells of a line stand behind tabs; on a terminal they stand in columns, whose widths
//! are measured by the check, so that a hundred thousand lines need no more memory than one.

use serde_json::{Value, json};

use super::args::Args;
use super::check::{Checked, Seen};
use super::decision::Skipped;
use super::document::{document, skipped};
use super::outcome::{Outcome, Position};
use super::report::{print, whole};
use super::selector::Selector;
use super::sources::Sources;
use super::spool::Documents;
use crate::batch::Item;
use crate::cmd::App;
use crate::cmd::generate::asks;
use crate::engine::Job;
use crate::engine::consent::Consent;
use crate::engine::report::{ErrorReport, JobReport};
use crate::error::{Exit, Result};
use crate::money::Money;
use crate::request::Size;
use crate::store::{Entry, candidate};
use crate::ui::Columns;

/// The path of an image, its model, its size and its cost, or why it is not made.
type Row = [String; 4];

/// The plan of a dry run, a line for each image.
pub(super) struct Plans<'a> {
    app: &'a App,
    args: &'a Args,
    documents: Option<Documents>,
    /// As which they stand on a terminal.
    columns: Columns,
}

impl<'a> Plans<'a> {
    /// An empty one.
    ///
    /// # Errors
    /// There is no place for its documents.
    pub(super) fn new(app: &'a App, args: &'a Args) -> Result<Plans<'a>> {
        Ok(Plans { app, args, documents: Documents::wanted(app)?, columns: Columns::default() })
    }

    /// Whether the cells stand in columns.
    pub(super) fn has_columns(&self) -> bool {
        self.app.ui.stdout_is_terminal() && !self.is_document()
    }

    /// Measures the cells of an image.
    pub(super) fn measure(&mut self, selector: &mut Selector<'_>, seen: &Seen<'_>) {
        let rows = match seen {
            Seen::Wanted(_, job) => vec![wanted(selector, job)],
            Seen::Skipped(_, skip, adopted) => {
                let found = adopted.map(|adopted| adopted.entry(""));
                let known = found.or_else(|| selector.known(skip.key));
                there(selector, skip, known.as_ref())
            }
        };
        rows.iter().for_each(|row| self.columns.measure(row));
    }

    /// Takes in an image: one that would be made, or one that is there.
    pub(super) fn add(
        &mut self,
        run: &str,
        sources: &Sources,
        selector: &mut Selector<'_>,
        seen: &Seen<'_>,
    ) {
        match seen {
            Seen::Wanted(item, job) => self.wanted(selector, &Position::of(item, sources), job),
            Seen::Skipped(item, skip, adopted) => {
                let found = adopted.map(|adopted| adopted.entry(run));
                let known = found.or_else(|| selector.known(skip.key));
                let place = Position::of(item, sources);
                self.there(selector, &place, item, skip, known.as_ref());
            }
        }
    }

    fn wanted(&mut self, selector: &Selector<'_>, place: &Position, job: &Job) {
        if self.is_document() {
            let path = candidate(&job.target, job.offset);
            let path = std::path::absolute(&path).unwrap_or(path).display().to_string();
            let report = JobReport { path: Some(path), ..job.planned() };
            return self.document(&document(&report, Some(place)));
        }
        self.row(&wanted(selector, job));
    }

    /// What is there is named as the run names it; what is not is left to the closing line.
    fn there(
        &mut self,
        selector: &Selector<'_>,
        place: &Position,
        item: &Item,
        skip: &Skipped,
        known: Option<&Entry>,
    ) {
        if self.is_document() {
            return self.document(&skipped(place, item, skip, known));
        }
        there(selector, skip, known).iter().for_each(|row| self.row(row));
    }

    fn row(&self, row: &Row) {
        if self.has_columns() {
            self.app.ui.columns(&self.columns, row);
        } else {
            self.app.ui.line(&row.join("\t"));
        }
    }

    fn is_document(&self) -> bool {
        self.args.jsonl || self.documents.is_some()
    }

    fn document(&mut self, job: &Value) {
        if self.args.jsonl {
            self.app.ui.json_line(job);
        } else if let Some(documents) = &mut self.documents
            && documents.add(job).is_err()
        {
            self.app.ui.warn("a job cannot be kept for the document");
        }
    }

    /// Says what it would cost.
    pub(super) fn finish(self, run: &str, checked: &Checked, consent: Result<Consent>) -> Exit {
        let is_asked = matches!(consent, Ok(Consent::Ask));
        let refusal = consent.err();
        if let Some(documents) = self.documents {
            let mut document = whole(run, "done", &Outcome::default(), checked);
            document["totals"]["cost"] = json!(checked.price.estimate.expected.map(Money::as_json));
            document["totals"]["at_most"] =
                json!(checked.price.estimate.reserve.map(Money::as_json));
            document["error"] = json!(refusal.as_ref().map(ErrorReport::from));
            print(self.app, &document, Some(documents));
        }
        self.app.ui.note(&format!("{} · nothing was sent", checked.cost()));
        if is_asked {
            self.app.ui.note(&asks(&checked.price.estimate));
        }
        let Some(error) = refusal else { return Exit::OK };
        self.app.ui.error(&error);
        error.exit()
    }
}

/// The line of an image that would be made.
fn wanted(selector: &Selector<'_>, job: &Job) -> Row {
    let route = &job.routes[0];
    let size = route.order.request.size.map(|size| size.to_string()).unwrap_or_default();
    let path = selector.relative(&candidate(&job.target, job.offset));
    [path, route.model_id(), size, route.estimate.text()]
}

/// The lines of an image that is there.
fn there(selector: &Selector<'_>, skip: &Skipped, known: Option<&Entry>) -> Vec<Row> {
    let known = known.filter(|_| skip.why.has_image());
    let rows = known.iter().flat_map(|known| {
        known.images.iter().map(|image| {
            let size = Size::new(image.width, image.height).to_string();
            [selector.relative(&image.path), known.model.clone(), size, skip.why.word().to_owned()]
        })
    });
    rows.collect()
}
