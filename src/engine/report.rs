//! The JSON document of a run: what `--json` prints and what the closing line is made from.
//!
//! Fields are documented in the README and never renamed. Money is in dollars here, `null` when
//! unknown; times are in milliseconds.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::budget::{Overrun, dollars};
use crate::catalog::{Adjustment, Certainty, SentInput, Usage};
use crate::dialect::Call;
use crate::error::{Answered, Billed, Error, Exit, Kind};
use crate::money::Money;
use crate::request::{Input, Role};
use crate::secret::redact;
use crate::store::log::Saved;

/// The whole document.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// The version of this shape.
    pub v: u32,
    /// The run's id.
    pub run: Option<String>,
    /// How it went.
    pub status: RunStatus,
    /// The jobs in order; empty when nothing was planned.
    pub jobs: Vec<JobReport>,
    /// Sums over the jobs.
    pub totals: Totals,
    /// What ended the run before or beside its jobs.
    pub error: Option<ErrorReport>,
    /// What it cost, where that is above its limit or twice its estimate.
    pub overrun: Option<Overrun>,
}

/// How a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Every job is done.
    Done,
    /// Some are.
    Partial,
    /// None is.
    Failed,
    /// A signal ended it.
    Interrupted,
}

/// How a job went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Its image is on the disk.
    Done,
    /// Its image came from the cache.
    Cached,
    /// Its image was there already, and was taken as it is.
    Adopted,
    /// Content policy.
    Refused,
    /// It failed.
    Failed,
    /// It may have been made and billed; `pinx recover` looks for it.
    Unknown,
    /// A queue still works on it; `pinx recover` collects it.
    Pending,
    /// Not begun.
    Skipped,
    /// Not begun, because what failed for others would have failed for it; the same command makes it.
    #[serde(rename = "pending")]
    Unbegun,
    /// A signal ended it.
    Interrupted,
    /// A dry run.
    Planned,
}

impl JobStatus {
    /// Whether its image is on the disk, as far as its job goes.
    pub fn is_done(self) -> bool {
        matches!(self, JobStatus::Done | JobStatus::Cached | JobStatus::Adopted)
    }

    /// Its name in every interface.
    pub fn name(self) -> &'static str {
        match self {
            JobStatus::Done => "done",
            JobStatus::Cached => "cached",
            JobStatus::Adopted => "adopted",
            JobStatus::Refused => "refused",
            JobStatus::Failed => "failed",
            JobStatus::Unknown => "unknown",
            JobStatus::Pending | JobStatus::Unbegun => "pending",
            JobStatus::Skipped => "skipped",
            JobStatus::Interrupted => "interrupted",
            JobStatus::Planned => "planned",
        }
    }
}

/// One job.
#[derive(Debug, Clone, Serialize)]
pub struct JobReport {
    /// Its number, from zero.
    #[serde(skip)]
    pub index: usize,
    /// Its id: the run's and a number.
    pub id: String,
    /// How it went.
    pub status: JobStatus,
    /// The prompt as asked.
    pub prompt: String,
    /// The model that made it, or was tried last.
    pub model: String,
    /// Its provider.
    pub provider: String,
    /// The route: model, key and gateway.
    pub route: String,
    /// Every paid request, in order.
    pub attempts: Vec<AttemptReport>,
    /// The files.
    pub images: Vec<ImageReport>,
    /// The pictures that it is made from, if it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputReport>,
    /// The seed used, if the model has one.
    pub seed: Option<u64>,
    /// What it cost.
    pub cost: Cost,
    /// Whether it was billed.
    pub billed: Billed,
    /// What attempts of unknown outcome may have cost, beside `cost`.
    #[serde(skip)]
    pub uncertain: Money,
    /// Whether any of its attempts left something to `pinx recover`.
    #[serde(skip)]
    pub left_open: bool,
    /// Whether asking for it again leads to the same failure.
    #[serde(skip)]
    pub is_final: bool,
    /// How long it took.
    pub timing: Timing,
    /// What is not exactly as asked.
    pub adjustments: Vec<Adjustment>,
    /// The prompt as the provider changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revised_prompt: Option<String>,
    /// The tokens that the provider counted, where its answer says so.
    #[serde(skip)]
    pub usage: Option<Usage>,
    /// Where a dry run says that the image would be saved, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The keyless call of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// In a dry run: that there is no key, which a real run needs, and where it may come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_key: Option<ErrorReport>,
    /// What went wrong.
    pub error: Option<ErrorReport>,
    /// The exit code it stands for.
    #[serde(skip)]
    pub exit: Exit,
    /// What kind of failure ended it, if one did.
    #[serde(skip)]
    pub kind: Option<Kind>,
}

/// One paid request.
#[derive(Debug, Clone, Serialize)]
pub struct AttemptReport {
    /// Its id: the job's and a number.
    pub id: String,
    /// The model asked.
    pub model: String,
    /// The route taken.
    pub route: String,
    /// `done`, or the code of its failure.
    pub outcome: String,
    /// The HTTP status, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// From sending to the last byte, in milliseconds.
    pub ms: u64,
    /// The host that answered, when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The provider's request id, else the gateway's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What the gateway said: `log_id`, `cache_status`, `step`.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub gateway: Value,
    /// In words, when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl AttemptReport {
    /// Who answered last, as far as anybody did.
    pub(super) fn answered(&self) -> Option<Arc<Answered>> {
        let (status, host) = (self.status?, self.host.clone()?);
        Some(Arc::new(Answered { status, host, request_id: self.request_id.clone() }))
    }
}

/// One file.
#[derive(Debug, Clone, Serialize)]
pub struct ImageReport {
    /// Its absolute path.
    pub path: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// From the bytes.
    pub format: String,
    /// Its length.
    pub bytes: u64,
    /// Of the file as saved.
    pub sha256: String,
    /// As the user wrote it.
    #[serde(skip)]
    pub shown: String,
}

impl ImageReport {
    /// Of a file as the log knows it.
    pub(crate) fn of_saved(saved: &Saved) -> ImageReport {
        let path = saved.path.display().to_string();
        ImageReport {
            shown: path.clone(),
            path,
            width: saved.width,
            height: saved.height,
            format: saved.format.clone(),
            bytes: saved.bytes,
            sha256: saved.sha256.clone(),
        }
    }
}

/// A picture that a job is made from, as it was found and as it is sent. Its files are private: a
/// document is for whoever owns them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputReport {
    /// What it is for.
    pub role: Role,
    /// Of the bytes that are sent; none where nothing is.
    pub sha256: Option<String>,
    /// Of the file as it was found: a recipe and the log know it by this.
    pub source_sha256: String,
    /// Pixels, as it is sent.
    pub width: u32,
    /// Pixels, as it is sent.
    pub height: u32,
    /// Pixels, as it was found.
    pub source_width: u32,
    /// Pixels, as it was found.
    pub source_height: u32,
    /// Of the bytes that are sent.
    pub media_type: Option<String>,
    /// How many are sent.
    pub bytes: Option<u64>,
    /// Where it was found, absolute; none of what came from an address or a pipe.
    pub path: Option<String>,
    /// Whether other bytes are sent than were found.
    pub is_changed: bool,
}

impl InputReport {
    /// What is told of pictures that were found and are sent; they stand in the same order.
    pub fn all(found: &[Input], sent: &[SentInput]) -> Vec<InputReport> {
        let sent = sent.iter().map(Some).chain(std::iter::repeat(None));
        found.iter().zip(sent).map(|(found, sent)| InputReport::one(found, sent)).collect()
    }

    fn one(found: &Input, sent: Option<&SentInput>) -> InputReport {
        let size = sent.map_or(found.size, |sent| sent.size);
        let path = sent.and_then(|sent| sent.path.as_ref());
        InputReport {
            role: found.role,
            sha256: sent.map(|sent| sent.sha256.clone()),
            source_sha256: found.sha256.clone(),
            width: size.width,
            height: size.height,
            source_width: found.size.width,
            source_height: found.size.height,
            media_type: sent.map(|sent| sent.format.media_type()),
            bytes: sent.map(|sent| sent.len),
            path: path.map(|path| path.to_string_lossy().into_owned()),
            is_changed: sent.is_some_and(|sent| sent.sha256 != found.sha256),
        }
    }

    /// The same where nothing is sent any more.
    #[must_use]
    pub fn unsent(self) -> InputReport {
        let (width, height) = (self.source_width, self.source_height);
        let (sha256, media_type, bytes) = (None, None, None);
        InputReport { sha256, media_type, bytes, width, height, is_changed: false, ..self }
    }
}

/// What a job cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// Before it ran, in dollars.
    #[serde(serialize_with = "dollars")]
    pub estimated: Option<Money>,
    /// What it may cost at most, which a budget reserves, in dollars.
    #[serde(serialize_with = "dollars")]
    pub at_most: Option<Money>,
    /// After it ran, from the response, in dollars.
    #[serde(serialize_with = "dollars")]
    pub reported: Option<Money>,
    /// Always `USD`.
    pub currency: &'static str,
    /// How sure the estimate is.
    pub certainty: Certainty,
}

impl Cost {
    /// The best figure there is.
    pub fn best(&self) -> Option<Money> {
        self.reported.or(self.estimated)
    }
}

/// How long things took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Timing {
    /// From the job's start to its end.
    pub total_ms: u64,
    /// Waiting for permits, limits and back-off.
    pub waited_ms: u64,
    /// In the provider's queue.
    pub queued_ms: u64,
    /// Being made, as far as it can be told from outside.
    pub generation_ms: u64,
    /// Fetching.
    pub download_ms: u64,
    /// Decoding, checking, writing.
    pub save_ms: u64,
}

/// Sums over the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Totals {
    /// Jobs planned.
    pub jobs: usize,
    /// Jobs done.
    pub done: usize,
    /// Jobs refused by content policy.
    pub refused: usize,
    /// Jobs that failed otherwise.
    pub failed: usize,
    /// Jobs whose outcome is open.
    pub unknown: usize,
    /// Jobs that were not begun, for what failed for others.
    pub unbegun: usize,
    /// Files saved.
    pub images: usize,
    /// Dollars, the best figure of every job; null when one that was billed is unknown.
    #[serde(serialize_with = "dollars")]
    pub cost: Option<Money>,
    /// In a dry run: dollars that all of it may cost at most.
    #[serde(serialize_with = "dollars", skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Money>,
    /// Dollars that may have been spent beside that.
    #[serde(serialize_with = "dollars")]
    pub uncertain: Option<Money>,
    /// Milliseconds from start to end.
    pub ms: u64,
}

/// An error in the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    /// The provider's code, or ours.
    pub code: String,
    /// In words.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The same, one by one.
    #[serde(skip)]
    pub hints: Vec<String>,
    /// The HTTP status of the answer that said so, the host that gave it and its request id.
    #[serde(flatten)]
    pub answered: Option<Answered>,
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        let hints: Vec<String> = error.hints.iter().map(|hint| redact(hint, [])).collect();
        ErrorReport {
            code: error.code.clone(),
            message: redact(&error.message, []),
            hint: (!hints.is_empty()).then(|| hints.join("; ")),
            hints,
            answered: error.answered.as_deref().cloned(),
        }
    }
}

impl Document {
    /// The document of a run that ended before it had a job.
    pub fn of_error(run: Option<String>, error: &Error) -> Document {
        let mut document = Document::of_jobs(run, Vec::new(), 0);
        document.status = if error.exit() == Exit::INTERRUPTED {
            RunStatus::Interrupted
        } else {
            RunStatus::Failed
        };
        document.error = Some(error.into());
        document
    }

    /// The document of a run.
    pub fn of_jobs(run: Option<String>, jobs: Vec<JobReport>, ms: u64) -> Document {
        let count =
            |wanted: &[JobStatus]| jobs.iter().filter(|job| wanted.contains(&job.status)).count();
        let done = count(&[JobStatus::Done, JobStatus::Cached, JobStatus::Planned]);
        let status = if jobs.iter().any(|job| job.exit == Exit::INTERRUPTED) {
            RunStatus::Interrupted
        } else if done == jobs.len() {
            RunStatus::Done
        } else if done > 0 {
            RunStatus::Partial
        } else {
            RunStatus::Failed
        };
        let paid = jobs.iter().filter(|job| job.billed == Billed::Yes).map(|job| job.cost.best());
        let cost = paid.sum::<Option<Money>>();
        let totals = Totals {
            jobs: jobs.len(),
            done,
            refused: count(&[JobStatus::Refused]),
            failed: count(&[JobStatus::Failed]),
            unknown: count(&[JobStatus::Unknown, JobStatus::Pending]),
            unbegun: count(&[JobStatus::Unbegun]),
            images: jobs.iter().map(|job| job.images.len()).sum(),
            cost,
            at_most: None,
            uncertain: Some(jobs.iter().map(|job| job.uncertain).sum()),
            ms,
        };
        Document { v: 1, run, status, jobs, totals, error: None, overrun: None }
    }

    /// Marks the run as ended by a signal, however far it got.
    pub fn interrupt(&mut self) {
        self.status = RunStatus::Interrupted;
    }

    /// The exit code of the whole.
    pub fn exit(&self) -> Exit {
        if self.status == RunStatus::Interrupted {
            return Exit::INTERRUPTED;
        }
        Exit::of_jobs(&self.jobs.iter().map(|job| job.exit).collect::<Vec<_>>())
    }
}
