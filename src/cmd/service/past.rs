//! Runs of earlier processes, as the log has them: the document that they would answer with.

use std::time::Duration;

use super::told::is_doubtful;
use crate::cmd::log::{self, Row};
use crate::cmd::{App, recover};
use crate::engine::Document;
use crate::engine::report::{
    AttemptReport, ErrorReport, ImageReport, JobReport, JobStatus, Timing,
};
use crate::error::{Billed, Error, Exit, Kind, Result};
use crate::store::{Entry, Runs};

/// What became of a request with a key.
pub(super) enum Past {
    /// There was none.
    Nothing,
    /// The key was another request's.
    OtherRequest,
    /// It still lives, or something of it is still open: how it stands.
    AtWork(Box<Document>),
    /// It has ended.
    Ended(Box<Document>),
}

/// The pauses between looks at a run that is still at work, two minutes in all; none behind the last.
pub(super) const PAUSES: [Duration; 28] = {
    let mut pauses = [Duration::from_secs(5); 28];
    (pauses[0], pauses[1], pauses[2]) =
        (Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(2));
    pauses[27] = Duration::ZERO;
    pauses
};

/// Looks for the request that had this key. It blocks.
///
/// # Errors
/// The log cannot be read.
pub(super) fn look(app: &App, key: &str, body: &str) -> Result<Past> {
    let mut found: Vec<(String, String)> = Vec::new();
    log::read_holding(app, &[key], |entry| {
        if let Some((known, asked)) = entry.once.as_deref().and_then(|once| once.split_once('.'))
            && known == key
            && found.last().is_none_or(|(run, _)| *run != entry.run)
        {
            found.push((entry.run.clone(), asked.to_owned()));
        }
    })?;
    if found.iter().any(|(_, asked)| asked != body) {
        return Ok(Past::OtherRequest);
    }
    for (run, _) in found.into_iter().rev() {
        // First whether it lives: what a dead one has done is in the log.
        let look = || Ok((Runs(&app.settings.places.run).is_alive(&run), document(app, &run)?));
        let (mut is_alive, mut made) = look()?;
        if !is_alive && made.as_ref().is_some_and(|run| run.totals.unknown > 0) {
            // Nobody else may be there to do it.
            recover::open_attempts(&app.apart().0)?;
            (is_alive, made) = look()?;
        }
        // Of what nobody can tell, nothing more is heard.
        let is_awaited = |job: &JobReport| job.status == JobStatus::Pending;
        let is_at_work =
            is_alive || made.as_ref().is_some_and(|run| run.jobs.iter().any(is_awaited));
        match made {
            Some(made) if is_at_work => return Ok(Past::AtWork(Box::new(made))),
            Some(made) if made.totals.images > 0 || made.jobs.iter().any(is_doubtful) => {
                return Ok(Past::Ended(Box::new(made)));
            }
            // What came to nothing was begun anew under the same key.
            _ => {}
        }
    }
    Ok(Past::Nothing)
}

/// The document of a run, as far as the log tells it; none where it knows nothing of it.
///
/// # Errors
/// The log cannot be read.
pub(super) fn document(app: &App, run: &str) -> Result<Option<Document>> {
    Ok(document_of(app, run)?.map(|(document, _)| document))
}

/// The same, and the client for whom it was.
///
/// # Errors
/// The log cannot be read.
pub(super) fn document_of(app: &App, run: &str) -> Result<Option<(Document, Option<String>)>> {
    let is_alive = Runs(&app.settings.places.run).is_alive(run);
    let mut entries: Vec<Entry> = Vec::new();
    log::read_holding(app, &[run], |entry| {
        if entry.run == run && !entry.job.is_empty() {
            entries.push(entry);
        }
    })?;
    if entries.is_empty() {
        return Ok(None);
    }
    let mut jobs: Vec<&str> = entries.iter().map(|entry| entry.job.as_str()).collect();
    jobs.sort_by_key(|job| number(job));
    jobs.dedup();
    let report = |job: &str| {
        let own: Vec<&Entry> = entries.iter().filter(|entry| entry.job == job).collect();
        let index = number(job).unwrap_or_default().saturating_sub(1);
        job_report(index, Row::of(&own), is_alive)
    };
    let jobs: Vec<JobReport> = jobs.into_iter().map(report).collect();
    let ms = jobs.iter().map(|job| job.timing.total_ms).max().unwrap_or(0);
    let client = entries.iter().find_map(|entry| entry.client.clone());
    Ok(Some((Document::of_jobs(Some(run.to_owned()), jobs, ms), client)))
}

/// The number of a job in its run, from one.
fn number(job: &str) -> Option<usize> {
    job.rsplit_once('.')?.1.parse().ok()
}

fn job_report(index: usize, row: Row, is_alive: bool) -> JobReport {
    let status = row.status(|_| is_alive);
    let (cost, uncertain) = (row.cost(), row.uncertain().unwrap_or_default());
    let left_open = matches!(status, JobStatus::Unknown | JobStatus::Pending);
    let error = (!status.is_done()).then(|| error_of(&row, status));
    let Row { entry, attempts, .. } = row;
    let attempts = attempts.into_iter().map(|attempt| AttemptReport {
        id: attempt.id,
        model: attempt.model,
        route: entry.route.clone(),
        outcome: attempt.code,
        status: None,
        ms: 0,
        host: None,
        request_id: None,
        gateway: serde_json::Value::Null,
        message: None,
    });
    JobReport {
        index,
        id: entry.job.clone(),
        status,
        prompt: entry.prompt.clone(),
        model: entry.model.clone(),
        provider: entry.provider.clone(),
        route: entry.route.clone(),
        attempts: attempts.collect(),
        images: entry.images.iter().map(ImageReport::of_saved).collect(),
        inputs: Vec::new(),
        seed: entry.seed,
        cost,
        billed: match status {
            JobStatus::Done => entry.billed.unwrap_or(Billed::Yes),
            JobStatus::Cached | JobStatus::Adopted => Billed::No,
            _ => entry.billed.unwrap_or(Billed::Unknown),
        },
        uncertain,
        left_open,
        is_final: false,
        timing: Timing {
            total_ms: entry.total_ms.unwrap_or(0),
            waited_ms: entry.waited_ms.unwrap_or(0),
            queued_ms: entry.queued_ms.unwrap_or(0),
            generation_ms: entry.generation_ms.unwrap_or(0),
            download_ms: entry.download_ms.unwrap_or(0),
            save_ms: entry.save_ms.unwrap_or(0),
        },
        adjustments: entry.adjustments,
        revised_prompt: entry.revised_prompt,
        usage: None,
        path: None,
        call: None,
        missing_key: None,
        exit: if error.is_some() { Exit::FAILED } else { Exit::OK },
        error: error.as_ref().map(ErrorReport::from),
        kind: error.map(|error| error.kind),
    }
}

/// Why there is no image.
fn error_of(row: &Row, status: JobStatus) -> Error {
    let kind = match status {
        JobStatus::Unknown => Kind::Ambiguous,
        JobStatus::Pending => Kind::Detached,
        JobStatus::Refused => Kind::Content,
        _ => row.entry.kind.unwrap_or(Kind::Interrupted),
    };
    let message = match row.entry.message.is_empty() {
        false => row.entry.message.clone(),
        true => "its process ended before it could say what came of it".to_owned(),
    };
    let error = Error::new(kind, message);
    match row.entry.code.is_empty() {
        true => error,
        false => error.code(row.entry.code.clone()),
    }
}
