//! `pinx log show`: everything the log knows about one job, or about all jobs of one run.

use std::path::Path;

use jiff::Zoned;
use serde_json::{Value, json};

use super::figures::{money, took};
use super::known::LoggedJob;
use super::lineage::{self, Parent};
use super::row::Row;
use super::{App, Living, find};
use crate::cmd::days;
use crate::dialect;
use crate::engine::report::JobStatus;
use crate::error::{Billed, Kind, Result};
use crate::store::log::{ADOPTED, CACHED, Saved, Verdict};
use crate::store::{Entry, EntryKind};
use crate::text;
use crate::ui::Paging;

/// What `log show` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name a run, job or attempt by the start of its id, an image by its file, or the newest run by
    /// `last` [default: the newest job]
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// Texts of the journal are cut here, far beyond what a prompt may have.
const MOST: usize = 100_000;

/// Shows.
///
/// # Errors
/// Nothing, or more than one run, has that id.
pub(crate) fn run(app: &App, args: &Args, paging: Paging) -> Result<()> {
    let entries = match args.id.as_deref() {
        None => find::newest(app)?,
        Some(find::LAST) => find::newest_run(app)?,
        Some(id) => find::by_id(app, id)?,
    };
    let verdicts = find::verdicts(app, &entries)?;
    let words = verdicts.words();
    let alive = Living::new(&app.settings.places.run);
    let mut jobs = Vec::new();
    for of_job in find::by_job(&entries) {
        let mut row = Row::of(&of_job);
        row.verdict = words.get(row.entry.job.as_str()).copied();
        let status = row.status(|run| alive.is(run));
        let recipe = LoggedJob::of(&of_job, &alive).recipe;
        let parents = lineage::chain(app, &recipe.request.inputs)?;
        jobs.push(ShownJob { row, status, entries: of_job, parents });
    }
    if app.ui.options().json {
        let shown: Vec<Value> = jobs.iter().map(ShownJob::json).collect();
        let verdicts: Vec<&Verdict> = verdicts.iter().map(|(_, verdict)| verdict).collect();
        app.ui.json(
            &json!({ "success": true, "jobs": shown, "entries": entries, "verdicts": verdicts }),
        );
        return Ok(());
    }
    let now = crate::zone::now();
    app.ui.paged(paging, |ui| {
        for (at, shown) in jobs.iter().enumerate() {
            if at > 0 {
                ui.line("");
            }
            job(app, shown, &now);
        }
        for (prompt, verdict) in verdicts.iter() {
            let among = match verdict.among.join(", ") {
                none if none.is_empty() => String::new(),
                models => format!(", among {models}"),
            };
            let of = if verdicts.len() > 1 { format!(" of \"{prompt}\"") } else { String::new() };
            let words = format!("{}{among}{of}", verdict.text());
            ui.line(&format!("\n{:<9} {}", "verdict", text::clean(&words, MOST)));
        }
    });
    Ok(())
}

/// A job with all that is known of it.
struct ShownJob<'e> {
    row: Row,
    status: JobStatus,
    entries: Vec<&'e Entry>,
    /// What it was made from.
    parents: Vec<Parent>,
}

impl ShownJob<'_> {
    fn json(&self) -> Value {
        let mut value = self.row.json(self.status);
        if !self.parents.is_empty() {
            value["parents"] = self.parents.iter().map(Parent::json).collect();
        }
        value
    }
}

/// One job: what is known of it, then its attempts.
fn job(app: &App, shown: &ShownJob<'_>, now: &Zoned) {
    let ShownJob { row, status, entries, parents } = shown;
    let (status, entry) = (*status, &row.entry);
    // Our own words may be broken into lines; prompts, paths and what a provider says can be copied.
    let is_ours = |name: &str| ["took", "cost"].contains(&name) || name.starts_with("attempt");
    let line = |name: &str, value: &str| match text::clean(value, MOST) {
        none if none.is_empty() => {}
        value if is_ours(name) => app.ui.labelled(name, &value),
        value => app.ui.line(format!("{name:<9} {value}").trim_end()),
    };
    line("job", &format!("{} · {}", entry.job, status.name()));
    line("prompt", &entry.prompt);
    line("style", entry.style.as_deref().unwrap_or_default());
    line("model", &entry.model);
    line("route", &entry.route);
    line("client", entry.client.as_deref().unwrap_or_default());
    line("began", &days::long(row.began, now));
    line("took", &took(entry));
    line("cost", &money(row, status));
    line("verdict", row.verdict.unwrap_or_default());
    line("seed", &entry.seed.map(|seed| seed.to_string()).unwrap_or_default());
    if !(status.is_done() || status == JobStatus::Pending) {
        let failure = row.failure();
        let word = |key: &str| failure[key].as_str().unwrap_or_default().to_owned();
        line("error", &format!("{}: {}", word("code"), word("message")));
    }
    for told in &entry.adjustments {
        line("adjusted", &format!("{} {} → {}: {}", told.field, told.asked, told.got, told.why));
    }
    line("revised", entry.revised_prompt.as_deref().unwrap_or_default());
    for image in &entry.images {
        line("image", &picture(image));
    }
    for (at, from) in parents.iter().flat_map(Parent::lines).enumerate() {
        line(if at == 0 { "made from" } else { "" }, &from);
    }
    let mut before: Vec<&&Entry> = Vec::new();
    for attempt in &row.attempts {
        let of_attempt: Vec<&&Entry> =
            entries.iter().filter(|entry| entry.attempt == attempt.id).collect();
        let number = attempt.id.rsplit('.').next().unwrap_or_default();
        let mut state = vec![attempt.model.clone()];
        state.extend(
            of_attempt.iter().find_map(|entry| entry.status).map(|status| format!("HTTP {status}")),
        );
        state.push(match attempt.code.as_str() {
            "" => status.name().to_owned(),
            code => code.to_owned(),
        });
        state.extend(match attempt.billed {
            Some(Billed::Yes) if status != JobStatus::Done => Some("billed".to_owned()),
            Some(Billed::Unknown) => Some("maybe billed".to_owned()),
            Some(Billed::No) if attempt.last != EntryKind::Done => Some("not billed".to_owned()),
            _ => None,
        });
        line(&format!("attempt {number}"), &state.join(" · "));
        line("", &format!("id {}", attempt.id));
        line("", &follows(&before, &of_attempt).unwrap_or_default());
        before.clone_from(&of_attempt);
        let unsent = of_attempt.iter().any(|entry| is_unsent(entry));
        for entry in of_attempt {
            details(app, entry, unsent, &line, now);
        }
    }
}

/// Why there was another attempt, and how long it waited: `fallback from openai/gpt-image-2 after
/// 1.2 s: busy: too many requests`.
fn follows(before: &[&&Entry], after: &[&&Entry]) -> Option<String> {
    let (last, first) = (before.last()?, after.first()?);
    let ended = before.iter().rev().find(|entry| !entry.code.is_empty())?;
    let same = (&last.model, &last.route) == (&first.model, &first.route);
    let what = match () {
        () if same => "again".to_owned(),
        () if last.model == first.model => format!("over another route than {}", last.route),
        () => format!("fallback from {}", last.model),
    };
    let waited = first.t.duration_since(last.t).unsigned_abs();
    let why = if ended.message.is_empty() { &ended.code } else { &ended.message };
    Some(format!("{what} after {}: {why}", text::duration(waited)))
}

/// Whether this attempt ended before anything left. An intent is written before the connection is
/// made.
fn is_unsent(entry: &Entry) -> bool {
    matches!(
        entry.kind,
        Some(Kind::NotSent | Kind::Usage | Kind::Key | Kind::Budget | Kind::Interrupted)
    )
}

/// What one entry adds.
fn details(app: &App, entry: &Entry, unsent: bool, line: &dyn Fn(&str, &str), now: &Zoned) {
    let at = days::long(entry.t, now);
    let time = at.rsplit(' ').next().unwrap_or_default();
    let what = match entry.e {
        EntryKind::Intent if unsent => "begun, but not sent",
        EntryKind::Intent => "sent",
        EntryKind::Submitted => "taken by the queue",
        EntryKind::Priced => "dearer than was reserved for it",
        EntryKind::Kept => "its bytes were kept",
        EntryKind::Open => "left open",
        EntryKind::Tried => "given up for another try",
        EntryKind::Failed => "failed",
        EntryKind::Done if entry.code == CACHED => "taken from the cache",
        EntryKind::Done if entry.code == ADOPTED => "there already, taken as it is",
        EntryKind::Done => "saved",
        EntryKind::Settled => "closed by `pinx recover`",
        EntryKind::Compared
        | EntryKind::Drawn
        | EntryKind::Verdict
        | EntryKind::Dismissed
        | EntryKind::Unknown => return,
    };
    let words =
        if entry.message.is_empty() { String::new() } else { format!(": {}", entry.message) };
    line("", &format!("{time} {what}{words}"));
    if !entry.host.is_empty() {
        let status = entry.status.map(|status| format!(" with HTTP {status}")).unwrap_or_default();
        line("", &format!("answered by {}{status}", entry.host));
    }
    let queued = entry.call.as_ref().and_then(dialect::job_id);
    let request =
        entry.request_id.as_deref().or(queued.filter(|_| entry.e == EntryKind::Submitted));
    if let Some(request) = request {
        line("", &format!("request id {request}"));
    }
    if !entry.gateway.is_null() {
        line("", &format!("gateway {}", entry.gateway));
    }
    if let Some(path) = &entry.kept {
        line("", &format!("kept in {}{}", path.display(), gone(path)));
    }
    if app.ui.options().verbose > 0
        && let Some(call) = &entry.call
    {
        let pretty = serde_json::to_string_pretty(call).unwrap_or_default();
        pretty.lines().for_each(|part| app.ui.line(&format!("{:<9} {}", "", guarded(part))));
    }
}

/// JSON escapes control characters but not those that reorder or hide text; its indentation stays.
fn guarded(line: &str) -> String {
    line.chars().filter(|c| !text::is_dangerous(*c)).collect()
}

fn picture(image: &Saved) -> String {
    let size =
        if image.width == 0 { String::new() } else { format!(" {}x{}", image.width, image.height) };
    format!(
        "{} ·{size} {} · {}{}",
        image.path.display(),
        image.format,
        bytes(image.bytes),
        gone(&image.path)
    )
}

fn gone(path: &Path) -> &'static str {
    if path.exists() { "" } else { " · no longer there" }
}

pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{} kB", count / 1_000),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_files_are_short() {
        assert_eq!([bytes(12), bytes(45_678), bytes(1_340_000)], ["12 B", "45 kB", "1.3 MB"]);
    }
}
