//! fal's queue: submit, poll, fetch, cancel, and the history that finds a lost submit.
//!
//! Pure. The request id and the application path travel in the memo; the host of a returned URL is
//! never used, only its path, so polls and recovery follow the settings of today. Source: fal's
//! inference and platform API references of the second half of 2026.

mod platform;
mod upload;

use serde_json::{Value, json};
use url::Url;

use super::body::body;
use super::failure::{Failure, REFUSED};
use super::provider_error::ProviderError;
use super::reply::{is_image, pixels_of};
use super::words::{self, Sense};
use super::{
    Call, Dialect, Facts, Links, ListedModel, MOST_IMAGES, Progress, Reply, Stage, Step, Target,
    Then, UploadPlace, Yield, unusable,
};
use crate::catalog::{Order, SentInput, SizeField};
use crate::error::{Error, Kind, Reserved, Result, Topic};
use crate::json::lenient_tree;
use crate::text;

pub(super) struct Fal;

/// Polls start at this distance and grow to `POLL_MAX`, both in milliseconds.
const POLL_FIRST: u64 = 250;
const POLL_MAX: u64 = 5_000;

impl Dialect for Fal {
    fn facts(&self) -> &'static Facts {
        const {
            &Facts {
                paths_are_models: true,
                // Uploads and the platform API have no path through a gateway.
                gated: Some(&["queue", "run"]),
                target_header: Some(("queue", "x-fal-target-url")),
                // It is asked for image models only.
                lists_images: true,
                uploads_for: Some(upload::LIFE),
                ..Facts::of("fal")
            }
        }
    }

    fn submit(&self, order: &Order, links: &Links) -> Result<Step<'static>> {
        let target = Target::Role("queue".to_owned(), format!("/{}", order.wire.trim_matches('/')));
        let mut body = body(order, None, SizeField::ImageSize);
        upload::insert_links(&mut body, order, links)?;
        let mut call = Call::post(Stage::Submit, target, body);
        call.headers.push(("x-fal-tags".to_owned(), format!("pinx=1,job={}", order.id)));
        Ok(Step::send(call))
    }

    fn read<'r>(&self, order: &Order, reply: &Reply<'r>) -> Result<Step<'r>> {
        match reply.stage {
            Stage::Submit => submitted(order, reply),
            Stage::Poll => polled(order, reply),
            Stage::Fetch => fetched(order, reply),
            Stage::Cancel | Stage::Lost | Stage::List | Stage::Upload => {
                Err(Error::new(Kind::Internal, "this answer is not read here"))
            }
        }
    }

    fn job_id<'c>(&self, pending: &'c Call) -> Option<&'c str> {
        pending.memo_str("id")
    }

    fn cancel(&self, pending: &Call) -> Option<Call> {
        let (app, id) = (pending.memo_str("app")?, pending.memo_str("id")?);
        let target = Target::Role("queue".to_owned(), format!("/{app}/requests/{id}/cancel"));
        Some(Call {
            method: "PUT".to_owned(),
            memo: pending.memo.clone(),
            ..Call::get(Stage::Cancel, target)
        })
    }

    fn lost(&self, order: &Order, since: &str) -> Option<Call> {
        Some(platform::history_page(order, &json!({ "since": since }), None))
    }

    fn found(
        &self,
        submitted: &Call,
        order: &Order,
        reply: &Reply<'_>,
        claimed: &[String],
    ) -> Result<Option<Call>> {
        platform::found(submitted, order, reply, claimed)
    }

    fn upload(&self, input: &SentInput) -> Option<Call> {
        Some(upload::initiate(input))
    }

    fn uploaded(&self, reply: &Reply<'_>) -> Result<UploadPlace> {
        upload::place(reply)
    }

    fn discover(&self) -> Option<Call> {
        Some(platform::list_page(None, &json!([])))
    }

    fn models(&self, reply: &Reply<'_>) -> Result<(Vec<ListedModel>, Option<Call>)> {
        platform::models(reply)
    }
}

/// `{owner}/{app}` of a model id; ids under `workflows/` or `comfy/` keep three segments.
fn app_of(wire: &str) -> String {
    let wire = wire.trim_matches('/');
    let keep = if wire.starts_with("workflows/") || wire.starts_with("comfy/") { 3 } else { 2 };
    wire.split('/').take(keep).collect::<Vec<_>>().join("/")
}

/// A request id as fal makes them: it becomes a part of a path.
fn is_request_id(id: &str) -> bool {
    (1..=100).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// The application path of a returned URL, if it is one of ours for this request.
fn app_of_url(url: Option<&str>, id: &str) -> Option<String> {
    let url = Url::parse(url?).ok()?;
    let segments: Vec<&str> = url.path_segments()?.collect();
    let at = segments.iter().position(|segment| *segment == "requests")?;
    if segments.get(at + 1) != Some(&id) || at < 2 {
        return None;
    }
    let special = at >= 3 && matches!(segments[at - 3], "workflows" | "comfy");
    let app = &segments[at - if special { 3 } else { 2 }..at];
    let safe = |s: &&str| {
        !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
    };
    (app.iter().all(safe) && !app.contains(&"..")).then(|| app.join("/"))
}

/// The n-th status call of a request.
fn poll(app: &str, id: &str, polls: u32) -> Call {
    let target = Target::Role("queue".to_owned(), format!("/{app}/requests/{id}/status"));
    let growth = 1.3_f64.powi(polls.min(40) as i32);
    Call {
        after_ms: ((POLL_FIRST as f64 * growth) as u64).min(POLL_MAX),
        memo: json!({ "app": app, "id": id, "polls": polls }),
        ..Call::get(Stage::Poll, target)
    }
}

/// The call for the result of a request that has ended.
fn fetch(memo: &Value, after_ms: u64) -> Result<Call> {
    let (app, id) = memo_ids(memo)?;
    let target = Target::Role("queue".to_owned(), format!("/{app}/requests/{id}"));
    Ok(Call { after_ms, memo: memo.clone(), ..Call::get(Stage::Fetch, target) })
}

fn memo_ids(memo: &Value) -> Result<(&str, &str)> {
    let word = |key: &str| memo.get(key).and_then(Value::as_str);
    word("app")
        .zip(word("id"))
        .ok_or_else(|| Error::new(Kind::Internal, "a queue call has lost its memo"))
}

fn submitted<'r>(order: &Order, reply: &Reply<'r>) -> Result<Step<'r>> {
    if !reply.is_success() {
        return Err(failure(reply, order));
    }
    let unclear =
        |what: &str| Error::new(Kind::Ambiguous, format!("{what}; the job may be running"));
    let answer =
        lenient_tree(reply.body).ok_or_else(|| unclear("the queue's answer is not JSON"))?;
    if ["images", "image"].iter().any(|key| answer.get(*key).is_some_and(|there| !there.is_null()))
    {
        // It did not queue: this is the result.
        return fetched(order, reply);
    }
    let word = |key: &str| answer.get(key).and_then(Value::as_str);
    let Some(id) = word("request_id").filter(|id| is_request_id(id)) else {
        let complaint = ProviderError::of(&answer);
        if let Some(failure) = Failure::in_success(complaint, reply, order) {
            return Err(describe(failure, reply, order));
        }
        return Err(unclear("the queue's answer has no request id"));
    };
    let app = app_of_url(word("status_url"), id)
        .or_else(|| app_of_url(word("response_url"), id))
        .unwrap_or_else(|| app_of(&order.wire));
    Ok(Step {
        gave: None,
        then: Then::Send(Box::new(poll(&app, id, 0))),
        progress: Some(Progress::Queued(answer.get("queue_position").and_then(Value::as_u64))),
    })
}

fn polled<'r>(order: &Order, reply: &Reply<'r>) -> Result<Step<'r>> {
    let (app, id) = memo_ids(reply.memo)?;
    let polls = polls(reply.memo);
    let again =
        |progress| Step { gave: None, then: Then::Send(Box::new(poll(app, id, polls))), progress };
    if reply.status == 429 || reply.status >= 500 {
        return Ok(again(None));
    }
    if !reply.is_success() {
        return Err(lost_sight(reply));
    }
    let Some(status) = lenient_tree(reply.body) else { return Ok(again(None)) };
    let position = status.get("queue_position").and_then(Value::as_u64);
    match status.get("status").and_then(Value::as_str) {
        Some("COMPLETED") => {}
        Some("IN_PROGRESS") => return Ok(again(Some(Progress::Running))),
        _ => return Ok(again(Some(Progress::Queued(position)))),
    }
    // A failed or cancelled request is COMPLETED too.
    let error = status.get("error").filter(|error| !error.is_null() && error.as_str() != Some(""));
    if let Some(error) = error {
        let error_type = status.get("error_type");
        let complaint = ProviderError::of(&json!({ "detail": error, "error_type": error_type }));
        // Words that are not known here are explained by the result, with the model's own status.
        if let Some(kind) = ended(&complaint, 500, order) {
            return Err(failed(kind, complaint, reply, order));
        }
    }
    Ok(Step::send(fetch(reply.memo, 0)?))
}

fn fetched<'r>(order: &Order, reply: &Reply<'r>) -> Result<Step<'r>> {
    if !reply.is_success() {
        return not_fetched(order, reply);
    }
    let Some(mut answer) = lenient_tree(reply.body) else {
        if is_image(reply.body) {
            return Err(unusable("the result is an image, not JSON"));
        }
        return fetch_again(reply, "the result is not JSON");
    };
    let mut take = |key: &str| answer.get_mut(key).map(Value::take);
    let list = match (take("images"), take("image")) {
        (Some(Value::Array(images)), _) => images,
        (_, Some(image @ (Value::Object(_) | Value::String(_)))) => vec![image],
        _ => Vec::new(),
    };
    if list.len() > MOST_IMAGES {
        return Err(unusable("the result lists images without end"));
    }
    let flags =
        ["has_nsfw_concepts", "nsfw_content_detected"].iter().find_map(|key| answer.get(*key));
    let black = |at: usize| match flags {
        Some(Value::Array(flags)) => flags.get(at).and_then(Value::as_bool) == Some(true),
        Some(Value::Bool(flag)) => *flag,
        _ => false,
    };
    let mut gave = Yield {
        seed: answer.get("seed").and_then(Value::as_u64),
        units: reply
            .header("x-fal-billable-units")
            .and_then(|units| units.trim().parse::<f64>().ok())
            .filter(|units| units.is_finite() && *units >= 0.0),
        request_id: reply
            .header("x-fal-request-id")
            .or_else(|| reply.memo.get("id").and_then(Value::as_str))
            .map(|id| text::clean(id, 200)),
        revised_prompt: answer
            .get("revised_prompt")
            .and_then(Value::as_str)
            .map(|prompt| text::clean(prompt, 4000)),
        ..Yield::default()
    };
    let mut refused = 0;
    for (at, mut image) in list.into_iter().enumerate() {
        let url = match &mut image {
            Value::String(url) => std::mem::take(url),
            Value::Object(image) => match image.get_mut("url") {
                Some(Value::String(url)) => std::mem::take(url),
                _ => continue,
            },
            _ => continue,
        };
        if url.is_empty() {
            continue;
        } else if black(at) {
            refused += 1;
        } else {
            gave.pixels.push(pixels_of(url.into(), true));
        }
    }
    if !gave.pixels.is_empty() {
        return Ok(Step::done(gave));
    }
    if refused > 0 {
        let error = Error::new(
            Kind::Content,
            "refused by content policy: the safety checker blacked the image out",
        );
        return Err(error.code("has_nsfw_concepts").hint(REFUSED));
    }
    // A job that goes on answers with its state; one that was refused may say so in a 200.
    if let Some("IN_PROGRESS" | "IN_QUEUE") = answer.get("status").and_then(Value::as_str) {
        return poll_again(reply.memo);
    }
    let complaint = ProviderError::of(&answer);
    if words::of(&complaint, reply.status, order) == Some(Sense::Refused) {
        return Err(failed(Kind::Content, complaint, reply, order));
    }
    Err(unusable("the result holds no image"))
}

/// What came in the place of a result.
fn not_fetched<'r>(order: &Order, reply: &Reply<'r>) -> Result<Step<'r>> {
    let complaint = ProviderError::read(reply);
    // The queue has said that the job is done, and now says that it is not: it is asked how it does.
    if is_unfinished(&complaint.message) {
        return poll_again(reply.memo);
    }
    // The result answers with the model's own status: behind an envelope it is the job's end.
    if let Some(kind) = ended(&complaint, reply.status, order)
        && !matches!(kind, Kind::Account | Kind::Busy)
    {
        return Err(failed(kind, complaint, reply, order));
    }
    match reply.status {
        409 | 425 | 429 | 500..=599 => Ok(Step::send(fetch(reply.memo, 1_000)?)),
        400 | 422 if complaint.enveloped => Err(failed(Kind::Rejected, complaint, reply, order)),
        400 | 422 => fetch_again(reply, "the result could not be read"),
        _ => Err(lost_sight(reply)),
    }
}

/// Whether the queue says that a job still goes on.
fn is_unfinished(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    let words = [
        "still in progress",
        "is in progress",
        "in_progress",
        "in_queue",
        "still in queue",
        "is in queue",
        "still queued",
        "still running",
        "still processing",
        "not completed",
        "not finished",
    ];
    words.iter().any(|words| said.contains(words))
}

/// Asks how the job does, as often as it takes.
fn poll_again<'r>(memo: &Value) -> Result<Step<'r>> {
    let (app, id) = memo_ids(memo)?;
    Ok(Step::send(poll(app, id, polls(memo))))
}

/// How many polls there will have been with the next one.
fn polls(memo: &Value) -> u32 {
    let polls = memo.get("polls").and_then(Value::as_u64).unwrap_or(0);
    u32::try_from(polls).unwrap_or(u32::MAX).saturating_add(1)
}

/// A result that makes no sense: asking again is free, and the job is paid for.
fn fetch_again<'r>(reply: &Reply<'r>, what: &str) -> Result<Step<'r>> {
    let tries = reply.memo.get("tries").and_then(Value::as_u64).unwrap_or(0);
    if tries >= 5 {
        return Err(Error::new(Kind::Detached, format!("{what}, and asking again did not help")));
    }
    memo_ids(reply.memo)?;
    let mut memo = reply.memo.clone();
    memo["tries"] = json!(tries + 1);
    Ok(Step::send(fetch(&memo, 1_000)?))
}

/// A status or result that can no longer be read: the job may well have been billed.
fn lost_sight(reply: &Reply<'_>) -> Error {
    let words = ProviderError::read(reply).words(reply.status);
    let (kind, what) = match reply.status {
        401 | 403 => (Kind::Detached, "the queue no longer shows the job to this key"),
        _ => (Kind::Ambiguous, "the queue no longer knows the job"),
    };
    Error::new(kind, format!("{what}: {words}"))
}

/// What became of a job that has ended; `None` where its words do not say.
fn ended(complaint: &ProviderError, status: u16, order: &Order) -> Option<Kind> {
    match words::of(complaint, status, order) {
        Some(Sense::Refused) => Some(Kind::Content),
        Some(Sense::Money | Sense::Day | Sense::Key | Sense::Locked) => Some(Kind::Account),
        Some(Sense::NoRunner) => Some(Kind::NoRunner),
        Some(Sense::Server) => Some(Kind::Server),
        Some(Sense::Cancelled) => Some(Kind::Interrupted),
        _ if status == 499 => Some(Kind::Interrupted),
        Some(Sense::Wrong) => Some(Kind::Rejected),
        _ => (status == 422 && complaint.enveloped).then_some(Kind::Rejected),
    }
}

/// The classified error of a submit, or of a list, outside 2xx.
fn failure(reply: &Reply<'_>, order: &Order) -> Error {
    let mut failure = Failure::of(reply, order);
    // Too slow to start is no reason to ask again.
    if reply.status == 504 && failure.kind == Kind::Server {
        failure.kind = Kind::NoRunner;
    }
    describe(failure, reply, order)
}

/// The error of a job that has ended.
fn failed(kind: Kind, complaint: ProviderError, reply: &Reply<'_>, order: &Order) -> Error {
    describe(Failure { kind, topic: None, complaint }, reply, order)
}

fn describe(mut failure: Failure, reply: &Reply<'_>, order: &Order) -> Error {
    if reply.header("x-fal-retryable") == Some("false") && failure.kind == Kind::Server {
        failure.kind = Kind::NoRunner;
    }
    let mut error = failure.error(reply);
    match error.kind {
        Kind::Rejected if failure.topic.is_none() => {
            let words = failure.complaint.words(reply.status);
            error.message = format!("the provider rejects the request: {words}");
        }
        Kind::Account if matches!(failure.topic, Some(Topic::Money) | None) => {
            error =
                error.hint("top up at https://fal.ai/dashboard/billing; the key itself is fine");
        }
        Kind::MissingModel => {
            let model = if order.wire.is_empty() { "the model" } else { &order.wire };
            error.message = format!("{model} is not there: {}", error.message);
            error.hints = vec!["`pinx models --refresh` asks fal what it has".to_owned()];
        }
        // How far it had come is not known, nor whether that is billed.
        Kind::Interrupted => {
            error.message = format!("cancelled in the provider's queue: {}", error.message);
            error.reserved = Some(Reserved::Uncertain);
        }
        _ => {}
    }
    error
}
