//! Jobs as they stand in a gallery: those of this run by their reports, earlier ones by the log.

use super::decision::Skipped;
use super::outcome::Position;
use super::prior::Prior;
use crate::batch::Item;
use crate::catalog::{Adjustment, Certainty};
use crate::engine::report::{JobReport, JobStatus};
use crate::error::{Billed, Exit};
use crate::money::Money;
use crate::page::{Cost, Entry, Image, Status};
use crate::store;

/// What came of a job of this run: an entry for each image, or one that says why there is none.
pub(super) fn report(
    report: &JobReport,
    place: Option<&Position>,
    is_rehearsal: bool,
) -> Vec<Entry> {
    let status = match report.status {
        JobStatus::Done | JobStatus::Planned if is_rehearsal => Status::Rehearsed,
        JobStatus::Done | JobStatus::Planned => Status::Done,
        JobStatus::Cached => Status::Cached,
        JobStatus::Adopted => Status::Before,
        JobStatus::Refused => Status::Refused,
        JobStatus::Failed => Status::Failed,
        JobStatus::Unknown | JobStatus::Pending => Status::Open,
        JobStatus::Skipped | JobStatus::Unbegun | JobStatus::Interrupted => Status::Interrupted,
    };
    let cost = match report.billed {
        Billed::Yes => {
            paid(report.cost.reported, report.cost.estimated, Some(report.cost.certainty))
        }
        Billed::No if status.has_image() => Cost::Exact(Money::ZERO),
        _ => Cost::Untold,
    };
    let images = report.images.iter().map(|image| Image {
        path: image.path.clone().into(),
        width: image.width,
        height: image.height,
    });
    let entry = Entry {
        label: report.model.clone(),
        prompt: report.prompt.clone(),
        name: place.and_then(|place| place.id.clone()),
        status,
        seed: report.seed,
        cost,
        ms: Some(report.timing.total_ms.saturating_sub(report.timing.waited_ms)),
        tags: place.map(|place| place.tags.clone()).unwrap_or_default(),
        adjustments: adjustments(&report.adjustments),
        reason: report.error.as_ref().map(|error| error.message.clone()),
        ..Entry::default()
    };
    each(&entry, images.collect())
}

/// What earlier runs made of an image that is not made now; nothing for one that is left for later.
pub(super) fn skipped(item: &Item, skipped: &Skipped, known: Option<store::Entry>) -> Vec<Entry> {
    let (skip, known) = (skipped.why, known.unwrap_or_default());
    let status = match skip {
        Prior::Rehearsed => Status::Rehearsed,
        Prior::Done if skipped.is_rehearsal => Status::Rehearsed,
        Prior::Done | Prior::Adopted | Prior::Sketched | Prior::Stays => Status::Before,
        Prior::Gone => Status::Gone,
        Prior::Failed(Exit::REFUSED) => Status::Refused,
        Prior::Failed(_) => Status::Failed,
        Prior::Open | Prior::Elsewhere => Status::Open,
        Prior::Later | Prior::New => return Vec::new(),
    };
    let reason = match skip {
        Prior::Done | Prior::Adopted | Prior::Sketched => None,
        Prior::Later | Prior::Stays | Prior::Rehearsed | Prior::New => None,
        Prior::Gone => Some("it was made before; `--redo-missing` makes it again".to_owned()),
        Prior::Failed(_) if known.message.is_empty() => Some("it failed before".to_owned()),
        Prior::Failed(_) => Some(known.message),
        Prior::Elsewhere => Some("it is at work elsewhere, or its worker is gone".to_owned()),
        Prior::Open => Some("`pinx recover` collects it, or says what became of it".to_owned()),
    };
    let has_image = skip.has_image();
    let cost = match known.billed {
        Some(Billed::Yes) => paid(known.cost, known.estimate, known.certainty),
        Some(Billed::No) if has_image => Cost::Exact(Money::ZERO),
        _ => Cost::Untold,
    };
    let images = known.images.into_iter().filter(|_| has_image).map(|saved| Image {
        path: saved.path.to_path_buf(),
        width: saved.width,
        height: saved.height,
    });
    let entry = Entry {
        label: if known.model.is_empty() { skipped.model.clone() } else { known.model },
        prompt: item.request.prompt.clone(),
        name: item.id.clone(),
        status,
        seed: known.seed,
        cost,
        ms: known.total_ms.map(|ms| ms.saturating_sub(known.waited_ms.unwrap_or(0))),
        tags: item.tags.clone(),
        adjustments: adjustments(&known.adjustments),
        reason,
        ..Entry::default()
    };
    each(&entry, images.collect())
}

/// An entry for each image; time and money stand with the first.
fn each(entry: &Entry, images: Vec<Image>) -> Vec<Entry> {
    if images.is_empty() {
        return vec![entry.clone()];
    }
    let one = |(index, image)| {
        let image = Some(image);
        match index {
            0 => Entry { image, ..entry.clone() },
            _ => Entry { image, cost: Cost::Untold, ms: None, ..entry.clone() },
        }
    };
    images.into_iter().enumerate().map(one).collect()
}

fn paid(reported: Option<Money>, estimated: Option<Money>, certainty: Option<Certainty>) -> Cost {
    match (reported, estimated) {
        (Some(money), _) => Cost::Exact(money),
        (None, Some(money)) if certainty == Some(Certainty::About) => Cost::About(money),
        (None, Some(money)) => Cost::Exact(money),
        (None, None) => Cost::Unknown,
    }
}

fn adjustments(adjustments: &[Adjustment]) -> Vec<String> {
    adjustments.iter().map(Adjustment::message).collect()
}
