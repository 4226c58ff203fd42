//! An answer that comes as a stream of events: read once it is here, whole or as far as it came. What it
//! showed before it failed is kept as what it is, an unfinished preview.
//!
//! A preview proves that something was worked on, so that nothing of what ends behind it without a
//! picture is ever sent again.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::cpu_pool;
use super::image_source::ImageSource;
use super::outcome::{Attempt, Failure, ParsedReply, preview_path};
use super::{Route, Run};
use crate::catalog::Order;
use crate::dialect::{Call, Dialect, EndpointKind, Reply, Stage, Then, stream_ended};
use crate::error::{Error, Kind, Reserved, Result};
use crate::fs;
use crate::net::HttpResponse;
use crate::store::{Source as _, pieces, sniff};

/// Whether an answer is a stream that its dialect reads. Blocking.
pub(super) fn is_stream(dialect: &dyn Dialect, stage: Stage, answer: &HttpResponse) -> bool {
    let is_success = (200..300).contains(&answer.status);
    dialect.facts().streams && stage == Stage::Submit && is_success && answer.body.is_stream()
}

/// Reads the events of a stream; nothing where none of them is understood. Blocking.
///
/// # Errors
/// What it tells of instead of a picture, or that it ended without one.
pub(super) fn read(
    dialect: &dyn Dialect,
    order: &Order,
    (stage, endpoint): (Stage, EndpointKind),
    memo: &Value,
    answer: &Arc<HttpResponse>,
) -> Option<Result<ParsedReply>> {
    let (mut shown, mut found, mut failed) = (0, None::<Result<ParsedReply>>, None);
    for event in answer.body.events().ok()? {
        let Ok(body) = answer.body.event(&event) else { continue };
        let (status, headers) = (answer.status, &*answer.headers);
        let reply = Reply { stage, endpoint, status, headers, body: &body, memo };
        match dialect.event(order, &reply, &event.name, shown) {
            Ok(step) if matches!(step.then, Then::More) => shown += u64::from(step.gave.is_some()),
            Ok(step) => match (&mut found, ParsedReply::taken(step, answer)) {
                (Some(Ok(found)), Ok(more)) => found.raws.extend(more.raws),
                (Some(Ok(_)), Err(_)) => {}
                (_, read) => found = Some(read),
            },
            Err(error) => drop(failed.get_or_insert(error)),
        }
    }
    let uncertain = |error: Error| {
        let is_open = error.kind == Kind::Unusable && error.reserved.is_none();
        Error {
            reserved: if is_open { Some(Reserved::Uncertain) } else { error.reserved },
            ..error
        }
    };
    found
        .or_else(|| failed.map(|error| Err(uncertain(error))))
        .or_else(|| (shown > 0).then(|| Err(stream_ended())))
}

/// The last preview that a stream showed, with its number from zero. Blocking.
fn last_preview(
    dialect: &dyn Dialect,
    order: &Order,
    (stage, endpoint): (Stage, EndpointKind),
    answer: &Arc<HttpResponse>,
) -> Option<(u64, ImageSource)> {
    if !is_stream(dialect, stage, answer) {
        return None;
    }
    let (mut shown, mut last) = (0, None);
    for event in answer.body.events().ok()? {
        let Ok(body) = answer.body.event(&event) else { continue };
        let (status, headers, memo) = (answer.status, &*answer.headers, &Value::Null);
        let reply = Reply { stage, endpoint, status, headers, body: &body, memo };
        let Ok(step) = dialect.event(order, &reply, &event.name, shown) else { continue };
        if !matches!(step.then, Then::More) {
            continue;
        }
        let Some(gave) = step.gave else { continue };
        let pixels = gave.pixels.into_iter().next();
        let raw = pixels.and_then(|pixels| ImageSource::of(pixels, answer).ok());
        last =
            raw.filter(|raw| !matches!(raw, ImageSource::Link(_))).map(|raw| (shown, raw)).or(last);
        shown += 1;
    }
    last
}

impl Run {
    /// Whether an answer is a stream that its dialect reads.
    pub(super) async fn is_streamed(
        &self,
        route: &Route,
        call: &Call,
        answer: &Arc<HttpResponse>,
    ) -> bool {
        let (dialect, stage, answer) = (route.dialect, call.stage, Arc::clone(answer));
        cpu_pool::run(move || is_stream(dialect, stage, &answer)).await.unwrap_or_default()
    }

    /// Keeps the last preview of a stream that gave no picture, and names it in the failure. It is never
    /// under the image's name, in the cache, or an image of the log.
    pub(super) async fn with_preview(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        call: &Call,
        answer: &Arc<HttpResponse>,
        mut failure: Failure,
    ) -> Failure {
        let route = attempt.route;
        let (dialect, order, answer) = (route.dialect, Arc::clone(order), Arc::clone(answer));
        let asked = (call.stage, route.endpoint_kind(&call.target));
        let (kept, id) = (self.settings.places.kept.clone(), attempt.id());
        let keep = move || -> Option<PathBuf> {
            let (at, raw) = last_preview(dialect, &order, asked, &answer)?;
            let format = sniff(&raw.whole().ok()?)?;
            let path = preview_path(&kept, &id, at, format);
            fs::create_private_dir(&kept).and_then(|()| pieces::write(&path, &raw)).ok()?;
            Some(path)
        };
        if let Ok(Some(path)) = cpu_pool::run(keep).await {
            let what = format!("an unfinished preview of it is kept in {}", path.display());
            failure.error.hints.push(what);
        }
        failure
    }
}
