//! Damaged lines of the log: told with file and line number, and dismissed once nobody waits for them.
//!
//! One whose attempt other lines tell is dismissed here as soon as that attempt is closed. Any other
//! may be the only trace of something paid: only the user dismisses it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::App;
use crate::error::{Error, Kind, Result};
use crate::store::log::Finding;
use crate::store::{Entry, EntryKind};
use crate::text::counted;

/// What of the log is damaged.
pub(super) struct Damage {
    /// Lines that nobody accounts for.
    pub(super) lines: Vec<Finding>,
    /// Lines whose attempt is known and still open.
    waiting: Vec<Finding>,
    /// Lines that are dismissed now, because their attempt is closed.
    dismissed: Vec<Finding>,
    unread: Vec<(PathBuf, String)>,
    newer: BTreeMap<u32, u64>,
}

/// Looks through the log; what is accounted for is dismissed, unless it is only to be looked at.
///
/// # Errors
/// The log cannot be read or written.
pub(super) fn look(app: &App, is_only_look: bool) -> Result<Damage> {
    let survey = app.log.survey().map_err(|error| {
        let log = app.log.directory().display();
        Error::new(Kind::Local, format!("the log in `{log}` cannot be read: {error}"))
    })?;
    let (known, lines): (Vec<_>, Vec<_>) =
        survey.findings.into_iter().partition(|found| found.is_accounted_for);
    let open = if known.is_empty() { Vec::new() } else { app.log.open_attempts()? };
    let is_open = |found: &Finding| {
        let attempt = found.damaged.attempt.as_ref();
        open.iter().any(|pending| Some(&pending.intent.attempt) == attempt)
    };
    let (waiting, dismissed): (Vec<_>, Vec<_>) =
        known.into_iter().partition(|found| is_only_look || is_open(found));
    if !dismissed.is_empty() {
        dismiss(app, &dismissed, "accounted_for")?;
    }
    Ok(Damage { lines, waiting, dismissed, unread: survey.unread, newer: survey.newer })
}

/// Writes down that nobody waits for these lines any more.
///
/// # Errors
/// The log cannot be written.
pub(super) fn dismiss(app: &App, lines: &[Finding], code: &str) -> Result<()> {
    let mut entry = Entry::of_run(EntryKind::Dismissed, "");
    code.clone_into(&mut entry.code);
    entry.lines = lines.iter().map(|found| found.damaged.id.clone()).collect();
    app.log.record(&[entry])
}

/// `…/2026-11.jsonl line 17 (about 261122-7f3k9q2m.1.1)`.
pub(super) fn name(found: &Finding) -> String {
    let place = format!("{} line {}", found.path.display(), found.line);
    match &found.damaged.attempt {
        Some(attempt) => format!("{place} (about {attempt})"),
        None => place,
    }
}

impl Damage {
    /// Whether there is nothing that somebody has to look at.
    pub(super) fn is_settled(&self) -> bool {
        self.lines.is_empty() && self.unread.is_empty()
    }

    /// Tells all of it.
    pub(super) fn report(&self, app: &App) {
        for found in &self.lines {
            let what = if found.damaged.is_entry { "was altered" } else { "cannot be read" };
            app.ui.warn(&format!(
                "{} {what}; it may be the only trace of something that was paid for; look at it, then \
                 `pinx recover --forget damaged` closes it",
                name(found)
            ));
        }
        for found in &self.waiting {
            app.ui.note(&format!("{} is damaged; other lines tell what it was about", name(found)));
        }
        for found in &self.dismissed {
            app.ui.note(&format!(
                "{} is damaged; what it was about is closed, and it is not told again",
                name(found)
            ));
        }
        for (path, why) in &self.unread {
            app.ui.warn(&format!(
                "{} cannot be read ({why}); what was paid for by it is not known; make it readable or \
                 move it away",
                path.display()
            ));
        }
        for (version, lines) in &self.newer {
            app.ui.note(&format!(
                "{} of the log from a newer pinx (version {version}) read as far as known here",
                counted(*lines, "line")
            ));
        }
    }

    /// Adds it to the document.
    pub(super) fn describe(&self, document: &mut Value) {
        let row = |found: &Finding| {
            json!({
                "file": found.path.display().to_string(),
                "line": found.line,
                "attempt": found.damaged.attempt,
            })
        };
        let all = self.lines.iter().chain(&self.waiting).chain(&self.dismissed);
        document["damaged"] = all
            .map(|found| {
                let mut row = row(found);
                row["accounted_for"] = json!(found.is_accounted_for);
                row
            })
            .collect();
        let unread = self
            .unread
            .iter()
            .map(|(path, why)| json!({ "file": path.display().to_string(), "error": why }));
        document["unreadable"] = unread.collect();
        let newer = self.newer.iter();
        document["newer"] = newer.map(|(v, lines)| json!({ "v": v, "lines": lines })).collect();
    }
}
