//! What an attempt is and what comes of it: its success or failure, what a job knows meanwhile, and an
//! answer that is taken apart.
//!
//! Below everything that makes or reads them; nothing here sends, waits or writes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::Instant;

use super::Route;
use super::budget::Reservation;
use super::image_source::ImageSource;
use super::job_slot::JobSlot;
use super::limit::Coming;
use super::planned::Job;
use super::report::{AttemptReport, Timing};
use crate::catalog::{Adjustment, Usage};
use crate::dialect::{Call, Links, Progress, Step, Then, Yield};
use crate::error::{Error, Kind, Reserved, Result, TOO_LARGE};
use crate::money::Money;
use crate::net::HttpResponse;
use crate::request::Format;
use crate::store::log::Saved;
use crate::text;

/// What identifies an attempt.
pub(super) struct Attempt<'a> {
    pub(super) job: &'a Job,
    pub(super) route: &'a Route,
    pub(super) number: u32,
    pub(super) deadline: Instant,
    /// In recovery: the images of its answer whose bytes are kept already.
    pub(super) salvaged: &'a [SalvagedImage],
}

impl Attempt<'_> {
    pub(super) fn id(&self) -> String {
        format!("{}.{}", self.job.id, self.number)
    }
}

/// An attempt that made its images.
#[derive(Debug, Default)]
pub(super) struct Success {
    pub(super) saved: Vec<Saved>,
    pub(super) cost: Option<Money>,
    pub(super) usage: Option<Usage>,
    pub(super) seed: Option<u64>,
    pub(super) revised_prompt: Option<String>,
    /// The provider's id of the request, where the answer told it.
    pub(super) request_id: Option<String>,
    pub(super) adjustments: Vec<Adjustment>,
    /// What was kept for `recover` meanwhile, and goes once the journal says done.
    pub(super) kept: Vec<std::path::PathBuf>,
    /// The image as the provider sent it, where it may go into the cache.
    pub(super) raw: Option<ImageSource>,
    /// It came from the cache, and cost nothing.
    pub(super) cached: bool,
    /// Its money was settled before, when it seemed to have failed.
    pub(super) settled: bool,
    /// Saved, but not as asked, and the user wants to hear of that as an error.
    pub(super) strict: Option<Error>,
}

/// An attempt that did not make its images.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// The journal's entry stays open for `pinx recover`.
    pub(super) open: bool,
    /// Nothing was sent at all, and the journal knows nothing of it.
    pub(super) unsent: bool,
    /// What fails for everybody kept it from being sent.
    pub(super) halted: bool,
    /// The HTTP status, if there was one.
    pub(super) status: Option<u16>,
}

impl Failure {
    /// A failure before anything was sent.
    pub(super) fn unsent(error: Error) -> Failure {
        Failure { unsent: true, ..Failure::sent(error) }
    }

    /// A failure of something that was sent, and is closed with it.
    pub(super) fn sent(error: Error) -> Failure {
        Failure { error, open: false, unsent: false, halted: false, status: None }
    }

    /// Not sent, because it would fail as another has.
    pub(super) fn halted(error: Error) -> Failure {
        Failure { halted: true, ..Failure::unsent(error) }
    }

    /// Over a route that is free, what was lost cost nothing, and may be asked for again.
    pub(super) fn cost_nothing(&mut self) {
        if matches!(self.error.kind, Kind::Ambiguous | Kind::Unusable) {
            self.error.kind = Kind::Server;
            self.error.reserved = Some(Reserved::Released);
            self.open = false;
        }
    }

    /// The same failure again.
    pub(super) fn copy(&self) -> Failure {
        Failure { error: self.error.clone(), ..*self }
    }

    /// A failure that leaves the attempt to `recover`.
    pub(super) fn open(error: Error) -> Failure {
        Failure { open: true, ..Failure::sent(error) }
    }

    /// Whether the route was not even asked, because it cools down.
    pub(super) fn is_cooling(&self) -> bool {
        self.unsent && matches!(self.error.kind, Kind::Busy | Kind::Server | Kind::NoRunner)
    }

    /// Whether asking again will never help.
    pub(super) fn is_final(&self) -> bool {
        !self.open || self.error.kind == Kind::Ambiguous
    }
}

/// What a failure means once a queue has taken the job: it may have run, and so been paid for,
/// although its input was wrong; and that we cannot read what the queue says does not end it.
pub(super) fn after_the_queue(error: &mut Error) {
    match error.kind {
        Kind::Rejected => drop(error.reserved.get_or_insert(Reserved::Uncertain)),
        Kind::Internal => {
            let message =
                format!("{}; the provider goes on with the job", text::clause(&error.message));
            *error = Error::new(Kind::Detached, message);
        }
        _ => {}
    }
}

/// A signal ended the waiting; the provider goes on.
pub(super) fn stopped_waiting() -> Failure {
    left_running(Error::new(Kind::Interrupted, "stopped; the provider goes on with the job"))
}

pub(super) fn left_running(error: Error) -> Failure {
    let mut error = error.hint("`pinx recover` collects it; do not run the command again");
    error.reserved = Some(Reserved::Uncertain);
    Failure::open(error)
}

/// What is there, and longer than anything that is taken: it can be had once more is let in.
pub(super) fn beyond_limit(error: Error, limit: u64) -> Failure {
    let mut error = Error::new(Kind::Detached, error.message).code(TOO_LARGE);
    error.hints = vec![longer(limit), "then `pinx recover` fetches it".to_owned()];
    error.reserved = Some(Reserved::Uncertain);
    Failure::open(error)
}

/// How longer answers are let in.
pub(super) fn longer(limit: u64) -> String {
    let more = limit.div_ceil(1 << 20).max(4).saturating_mul(4).min(u64::MAX >> 20);
    format!("`pinx config set answer_limit {more}MiB` lets longer ones in")
}

/// What is gathered while a job runs.
#[derive(Default)]
pub(super) struct JobState {
    pub(super) attempts: Vec<AttemptReport>,
    pub(super) timing: Timing,
    /// Money that earlier attempts of this job may have cost.
    pub(super) uncertain: Money,
    pub(super) is_uncertain: bool,
    /// An attempt was left to `pinx recover`.
    pub(super) left_open: bool,
    /// The last attempt, while the journal expects the job to go on after it.
    pub(super) last: Option<LastAttempt>,
    /// No new attempt after this; it is set by the first permit.
    pub(super) deadline: Option<Instant>,
    /// What is reserved for the attempt that is under way.
    pub(super) reserved: Option<Reservation>,
    /// Its place among those that come to a key that was chosen for it.
    pub(super) coming: Option<Coming>,
    /// The links of its inputs, where they were uploaded for the route that is taken.
    pub(super) links: Links,
    /// Its slot among the jobs that run at once; none in recovery.
    pub(super) slot: Option<JobSlot>,
}

/// An attempt that was closed as tried.
pub(super) struct LastAttempt {
    pub(super) at: usize,
    pub(super) number: u32,
    pub(super) failure: Failure,
}

impl JobState {
    /// The failure of a job that a signal keeps from another attempt.
    pub(super) fn stopped(&self) -> Failure {
        Failure::unsent(match &self.last {
            Some(tried) => tried.failure.error.clone().hint("stopped before another try"),
            None => interrupted(),
        })
    }

    /// Whether it is too late for another attempt.
    pub(super) fn is_late(&self) -> bool {
        !self.attempts.is_empty() && self.deadline.is_some_and(|until| Instant::now() >= until)
    }
}

/// The error of a job that was not begun, or not begun again, because the run was stopped.
pub(super) fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "stopped before it was sent")
}

/// What a reply held, taken out of its body.
#[derive(Debug, Default)]
pub(super) struct ParsedReply {
    pub(super) raws: Vec<ImageSource>,
    pub(super) next: Option<Call>,
    pub(super) progress: Option<Progress>,
    pub(super) usage: Option<Usage>,
    pub(super) units: Option<f64>,
    pub(super) cost: Option<Money>,
    pub(super) seed: Option<u64>,
    pub(super) revised_prompt: Option<String>,
    pub(super) request_id: Option<String>,
}

impl ParsedReply {
    /// Whether an image is still somewhere else.
    pub(super) fn has_links(&self) -> bool {
        self.raws.iter().any(|raw| matches!(raw, ImageSource::Link(_)))
    }

    /// Where the images are that are somewhere else.
    pub(super) fn links(&self) -> Vec<Vec<String>> {
        let link = |raw: &ImageSource| {
            if let ImageSource::Link(link) = raw { Some(link.clone()) } else { None }
        };
        self.raws.iter().filter_map(link).collect()
    }

    /// What a step gave, taken out of the body.
    ///
    /// # Errors
    /// None of its images can be.
    pub(super) fn taken(step: Step<'_>, answer: &Arc<HttpResponse>) -> Result<ParsedReply> {
        let mut parsed = ParsedReply::default();
        if let Some(mut gave) = step.gave {
            let pixels = std::mem::take(&mut gave.pixels);
            parsed = ParsedReply::of(gave);
            let (good, bad): (Vec<_>, Vec<_>) = pixels
                .into_iter()
                .map(|pixels| ImageSource::of(pixels, answer))
                .partition(Result::is_ok);
            parsed.raws = good.into_iter().flatten().collect();
            // One bad image of several does not take the good ones with it.
            if let (true, Some(Err(error))) = (parsed.raws.is_empty(), bad.into_iter().next()) {
                return Err(error);
            }
        }
        parsed.progress = step.progress;
        if let Then::Send(call) = step.then {
            parsed.next = Some(*call);
        }
        Ok(parsed)
    }

    /// What an answer says of its images, without them.
    pub(super) fn of(gave: Yield<'_>) -> ParsedReply {
        ParsedReply {
            usage: gave.usage,
            units: gave.units,
            cost: gave.cost,
            seed: gave.seed,
            revised_prompt: gave.revised_prompt,
            request_id: gave.request_id,
            ..ParsedReply::default()
        }
    }

    /// The same once more, without the images.
    pub(super) fn again(&self) -> ParsedReply {
        ParsedReply {
            usage: self.usage,
            units: self.units,
            cost: self.cost,
            seed: self.seed,
            revised_prompt: self.revised_prompt.clone(),
            request_id: self.request_id.clone(),
            ..ParsedReply::default()
        }
    }
}

/// An image of an answer whose bytes are kept. Its file's name says which of how many it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SalvagedImage {
    /// Counted from zero.
    pub(super) at: usize,
    /// How many images the answer has; none where an older pinx did not say.
    of: Option<usize>,
    pub(super) path: PathBuf,
}

/// The number of an attempt in its job, from its id.
pub(super) fn number_of(attempt: &str) -> u32 {
    attempt.rsplit('.').next().and_then(|number| number.parse().ok()).unwrap_or(1)
}

/// Where the raw reply of an attempt is kept.
pub(super) fn reply_path(kept: &Path, attempt: &str) -> PathBuf {
    kept.join(format!("{attempt}.reply"))
}

/// Where a preview of an attempt is kept that gave no picture: `<attempt>.partial-1.png`.
pub(super) fn preview_path(kept: &Path, attempt: &str, at: u64, format: Format) -> PathBuf {
    kept.join(format!("{attempt}{PREVIEW}{at}.{}", format.extension()))
}

/// Whether a kept file is a preview, and neither an answer nor an image.
pub(super) fn is_preview(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.contains(PREVIEW))
}

/// What stands in the name of a kept preview behind its attempt.
const PREVIEW: &str = ".partial-";

/// Whether a kept file is a raw reply, and not an image.
pub(super) fn is_reply(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "reply")
}

impl SalvagedImage {
    /// `<attempt>.2of3.image`.
    pub(super) fn new(kept: &Path, attempt: &str, at: usize, of: usize) -> SalvagedImage {
        let path = kept.join(format!("{attempt}.{}of{of}.image", at + 1));
        SalvagedImage { at, of: Some(of), path }
    }

    /// Where the images of an attempt are, if any are kept there: one is asked for, and more than a
    /// few never come.
    pub(super) fn likely(kept: &Path, attempt: &str) -> Vec<PathBuf> {
        let all = (1..=4).flat_map(|of| (0..of).map(move |at| (at, of)));
        all.map(|(at, of)| SalvagedImage::new(kept, attempt, at, of).path).collect()
    }

    /// Reads the name of a kept image.
    pub(super) fn of_path(path: &Path) -> Option<SalvagedImage> {
        let (_, number) = path.file_stem()?.to_str()?.rsplit_once('.')?;
        let (at, of) = match number.split_once("of") {
            Some((at, of)) => (at, Some(of.parse().ok()?)),
            None => (number, None),
        };
        let at = at.parse::<usize>().ok()?.checked_sub(1)?;
        Some(SalvagedImage { at, of, path: path.to_owned() })
    }

    /// Whether these are all images of their answer.
    pub(super) fn are_all(kept: &[SalvagedImage]) -> bool {
        kept.iter().all(|image| image.of.is_none_or(|of| of <= kept.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_longer_answers_in_is_more_than_there_is() {
        for limit in [0, 1, 1 << 20, (16 << 20) + 1, 1 << 30, u64::MAX >> 21 << 20] {
            let told = longer(limit);
            let more = told.split(' ').nth(4).and_then(|word| word.strip_suffix("MiB`")).unwrap();
            let more = more.parse::<u64>().unwrap().checked_mul(1 << 20).unwrap();
            assert!(more > limit, "{told}");
        }
    }

    #[test]
    fn a_kept_image_says_which_of_how_many_it_is() {
        let kept = SalvagedImage::new(Path::new("kept"), "261122-7f3k9q2m.1.1", 1, 3);
        assert_eq!(kept.path, Path::new("kept/261122-7f3k9q2m.1.1.2of3.image"));
        assert_eq!(SalvagedImage::of_path(&kept.path), Some(kept.clone()));
        assert!(!SalvagedImage::are_all(&[kept]));
        let old = SalvagedImage::of_path(Path::new("kept/261122-7f3k9q2m.1.1.1.image")).unwrap();
        assert_eq!((old.at, old.of), (0, None));
        assert!(SalvagedImage::are_all(&[old]), "older ones were alone");
        assert_eq!(SalvagedImage::of_path(Path::new("kept/odd.0of1.image")), None);
    }
}
