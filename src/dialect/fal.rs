//! fal's queue: submit, poll, fetch, cancel, and the history that finds a lost submit.
//!
//! Pure. The request id and the application path travel in the memo; the host of a returned URL is
//! never used, only its path, so polls and recovery follow the settings of today. Source: fal's
//! inference and platform API references of the second half of 2026.

use serde_json::{Value, json};
use url::Url;

use super::body::body;
use super::reply::{Complaint, base64_text};
use super::{
    Call, Dialect, Found, MOST_IMAGES, Pixels, Progress, Reply, Stage, Step, Target, Then, Yield,
    default_kind, unusable,
};
use crate::catalog::{Order, SizeField};
use crate::error::{Error, Kind, Result};
use crate::json::{large_tree, tree};
use crate::text;

pub(super) struct Fal;

/// Polls start at this distance and grow to `POLL_MAX`, both in milliseconds.
const POLL_FIRST: u64 = 250;
const POLL_MAX: u64 = 5_000;
/// How many models one price call may name.
const PRICES: usize = 50;

impl Dialect for Fal {
    fn submit(&self, order: &Order) -> Result<Step<'static>> {
        let target = Target::Role("queue".to_owned(), format!("/{}", order.wire.trim_matches('/')));
        let mut call = Call::post(Stage::Submit, target, body(order, None, SizeField::ImageSize));
        call.headers.push(("x-fal-tags".to_owned(), format!("pinx=1,job={}", order.id)));
        Ok(Step::send(call))
    }

    fn read<'r>(&self, order: &Order, reply: &Reply<'r>) -> Result<Step<'r>> {
        match reply.stage {
            Stage::Submit => submitted(order, reply),
            Stage::Poll => polled(order, reply),
            Stage::Fetch => fetched(order, reply),
            Stage::Cancel | Stage::Lost | Stage::List => {
                Err(Error::new(Kind::Internal, "this answer is not read here"))
            }
        }
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
        Some(history_page(order, since, None))
    }

    fn found(&self, order: &Order, reply: &Reply<'_>, claimed: &[String]) -> Result<Option<Call>> {
        if !reply.is_success() {
            return Err(failure(reply));
        }
        let history =
            large_tree(reply.body).ok_or_else(|| unusable("the request history is not JSON"))?;
        let ours = body(order, None, SizeField::ImageSize);
        let since = reply.memo.get("since").and_then(Value::as_str).unwrap_or_default();
        let mut hits: Vec<(&str, &str)> = Vec::new();
        for item in history.get("items").and_then(Value::as_array).into_iter().flatten() {
            let word = |key: &str| item.get(key).and_then(Value::as_str);
            let id = word("request_id").filter(|id| is_request_id(id));
            let (Some(id), Some(input)) = (id, item.get("json_input")) else {
                continue;
            };
            let sent = word("sent_at").or_else(|| word("started_at")).unwrap_or_default();
            let recent = match (sent.parse::<jiff::Timestamp>(), since.parse::<jiff::Timestamp>()) {
                (Ok(sent), Ok(since)) => sent >= since,
                _ => true,
            };
            if recent && contains(input, &ours) && !claimed.iter().any(|known| known == id) {
                hits.push((sent, id));
            }
        }
        hits.sort_unstable();
        if let Some((_, id)) = hits.first() {
            return Ok(Some(poll(&app_of(&order.wire), id, 0)));
        }
        Ok(cursor_of(&history).map(|cursor| history_page(order, since, Some(cursor))))
    }

    fn discover(&self) -> Option<Call> {
        Some(list_page(None, &json!([])))
    }

    fn models(&self, reply: &Reply<'_>) -> Result<(Vec<Found>, Option<Call>)> {
        let prices = reply.memo.get("at").is_some();
        if prices && reply.status == 404 {
            // One unknown id fails the whole page; its prices stay those of the catalog.
            return Ok((Vec::new(), next_prices(reply.memo)));
        }
        if !reply.is_success() {
            return Err(failure(reply));
        }
        let body = large_tree(reply.body).ok_or_else(|| unusable("the model list is not JSON"))?;
        if prices {
            let rows = body.get("prices").and_then(Value::as_array).cloned().unwrap_or_default();
            return Ok((rows.iter().filter_map(price_row).collect(), next_prices(reply.memo)));
        }
        let rows = body.get("models").and_then(Value::as_array).cloned().unwrap_or_default();
        let found: Vec<Found> = rows.iter().filter_map(model_row).collect();
        let mut ids = reply.memo.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
        ids.extend(found.iter().map(|found| json!(found.wire)));
        let next = match cursor_of(&body).filter(|_| ids.len() < 5_000) {
            Some(cursor) => Some(list_page(Some(cursor), &json!(ids))),
            None => next_prices(&json!({ "ids": ids, "at": 0, "first": true })),
        };
        Ok((found, next))
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
        return Err(failure(reply));
    }
    let unclear =
        |what: &str| Error::new(Kind::Ambiguous, format!("{what}; the job may be running"));
    let answer = tree(reply.body).ok_or_else(|| unclear("the queue's answer is not JSON"))?;
    let word = |key: &str| answer.get(key).and_then(Value::as_str);
    let Some(id) = word("request_id").filter(|id| is_request_id(id)) else {
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
    let polls = reply.memo.get("polls").and_then(Value::as_u64).unwrap_or(0);
    let polls = u32::try_from(polls).unwrap_or(u32::MAX).saturating_add(1);
    let again =
        |progress| Step { gave: None, then: Then::Send(Box::new(poll(app, id, polls))), progress };
    if reply.status == 429 || reply.status >= 500 {
        return Ok(again(None));
    }
    if !reply.is_success() {
        return Err(lost_sight(reply));
    }
    let Some(status) = tree(reply.body) else { return Ok(again(None)) };
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
        let complaint = Complaint::of(&json!({ "detail": error, "error_type": error_type }));
        // Words that are not known here are explained by the result, with the model's own status.
        if let Some(kind) = kind_of(&complaint, 500) {
            return Err(describe(kind, &complaint, reply, order));
        }
    }
    Ok(Step::send(fetch(reply.memo, 0)?))
}

fn fetched<'r>(order: &Order, reply: &Reply<'r>) -> Result<Step<'r>> {
    if !reply.is_success() {
        let complaint = Complaint::read(reply);
        // The result answers with the model's own status: behind an envelope it is the job's end.
        if let Some(kind) = kind_of(&complaint, reply.status)
            && !matches!(kind, Kind::Account | Kind::Permission | Kind::Busy)
        {
            return Err(describe(kind, &complaint, reply, order));
        }
        return match reply.status {
            429 | 500..=599 => Ok(Step::send(fetch(reply.memo, 1_000)?)),
            400 | 422 if complaint.enveloped => {
                Err(describe(Kind::Rejected, &complaint, reply, order))
            }
            400 | 422 => fetch_again(reply, "the result could not be read"),
            _ => Err(lost_sight(reply)),
        };
    }
    let Some(mut answer) = large_tree(reply.body) else {
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
        } else if url.starts_with("data:") {
            gave.pixels.push(Pixels::Base64(base64_text(url.into())));
        } else {
            gave.pixels.push(Pixels::Link(url));
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
    Err(unusable("the result holds no image"))
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

const REFUSED: &str = "change the prompt; a refusal is never passed on to another provider unless `fallback_on = [\"content\"]`";

/// A status or result that can no longer be read: the job may well have been billed.
fn lost_sight(reply: &Reply<'_>) -> Error {
    let words = Complaint::read(reply).words(reply.status);
    let (kind, what) = match reply.status {
        401 | 403 => (Kind::Detached, "the queue no longer shows the job to this key"),
        _ => (Kind::Ambiguous, "the queue no longer knows the job"),
    };
    Error::new(kind, format!("{what}: {words}"))
}

/// fal's own words for what failed; `None` where only the status speaks.
fn kind_of(complaint: &Complaint, status: u16) -> Option<Kind> {
    for word in [&complaint.code, &complaint.kind] {
        let kind = match word.as_str() {
            "" => continue,
            "content_policy_violation" | "no_media_generated" | "face_detection_error" => {
                Kind::Content
            }
            "concurrent_requests_limit" => Kind::Busy,
            "request_timeout" | "startup_timeout" | "generation_timeout" => Kind::NoRunner,
            word if word.starts_with("runner_") && word != "runner_server_error" => Kind::NoRunner,
            "internal_server_error"
            | "downstream_service_error"
            | "downstream_service_unavailable"
            | "runner_server_error"
            | "internal_error" => Kind::Server,
            "client_cancelled" | "client_disconnected" => Kind::Ambiguous,
            _ if status == 422 => Kind::Rejected,
            _ => continue,
        };
        return Some(kind);
    }
    let words = complaint.message.to_ascii_lowercase();
    if words.contains("user is locked")
        || words.contains("exhausted balance")
        || words.contains("top_up")
    {
        return Some(Kind::Account);
    }
    (status == 422 && complaint.enveloped).then_some(Kind::Rejected)
}

fn failure(reply: &Reply<'_>) -> Error {
    let complaint = Complaint::read(reply);
    let enveloped = complaint.enveloped
        || reply.header("x-fal-request-id").is_some()
        || (reply.status == 503 && reply.header("retry-after").is_some());
    let kind = kind_of(&complaint, reply.status).unwrap_or_else(|| match reply.status {
        504 if enveloped => Kind::NoRunner,
        status => default_kind(reply.stage, status, enveloped),
    });
    describe(kind, &complaint, reply, &Order::default())
}

fn describe(kind: Kind, complaint: &Complaint, reply: &Reply<'_>, order: &Order) -> Error {
    let words = complaint.words(reply.status);
    let kind = match reply.header("x-fal-retryable") {
        Some("false") if kind == Kind::Server => Kind::NoRunner,
        _ => kind,
    };
    let mut error = match kind {
        Kind::Content => {
            Error::new(kind, format!("refused by content policy: {words}")).hint(REFUSED)
        }
        Kind::Rejected => Error::new(kind, format!("the provider rejects the request: {words}")),
        Kind::Account if reply.status == 403 => Error::new(kind, words)
            .hint("top up at https://fal.ai/dashboard/billing; the key itself is fine"),
        Kind::MissingModel => {
            let model = if order.wire.is_empty() { "the model" } else { &order.wire };
            Error::new(kind, format!("{model} is not there: {words}"))
                .hint("`pinx models --refresh` asks fal what it has")
        }
        _ => Error::new(kind, words),
    };
    if let Some(code) = [&complaint.code, &complaint.kind].into_iter().find(|code| !code.is_empty())
    {
        error.code.clone_from(code);
    }
    // fal documents that answers of its servers' own failure are not charged.
    if matches!(kind, Kind::Server | Kind::NoRunner) { error.unbilled() } else { error }
}

/// Is `part` contained in `whole`: every field there, equal?
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|there| contains(there, value))),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (whole, part) => whole == part,
    }
}

fn history_page(order: &Order, since: &str, cursor: Option<&str>) -> Call {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("endpoint_id", &order.wire).append_pair("start", since);
    query.append_pair("expand", "payloads").append_pair("limit", "100");
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let path = format!("/models/requests/by-endpoint?{}", query.finish());
    let mut call = Call::get(Stage::Lost, Target::Role("api".to_owned(), path));
    call.memo = json!({ "since": since });
    call
}

/// Where the next page of a list begins, if there is one.
fn cursor_of(page: &Value) -> Option<&str> {
    let cursor = page.get("next_cursor").and_then(Value::as_str).filter(|text| !text.is_empty());
    cursor.filter(|_| page.get("has_more").and_then(Value::as_bool).unwrap_or(true))
}

fn list_page(cursor: Option<&str>, ids: &Value) -> Call {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("category", "text-to-image").append_pair("limit", "100");
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let target = Target::Role("api".to_owned(), format!("/models?{}", query.finish()));
    let mut call = Call::get(Stage::List, target);
    call.memo = json!({ "ids": ids });
    call
}

/// The next page of prices after the one whose memo this is.
fn next_prices(memo: &Value) -> Option<Call> {
    let ids = memo.get("ids").and_then(Value::as_array)?;
    let at = memo.get("at").and_then(Value::as_u64)? as usize;
    let at = if memo.get("first").is_some() { 0 } else { at.saturating_add(PRICES) };
    let page =
        ids.get(at..ids.len().min(at.saturating_add(PRICES))).filter(|page| !page.is_empty())?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for id in page.iter().filter_map(Value::as_str) {
        query.append_pair("endpoint_id", id);
    }
    let target = Target::Role("api".to_owned(), format!("/models/pricing?{}", query.finish()));
    let mut call = Call::get(Stage::List, target);
    call.memo = json!({ "ids": ids, "at": at });
    Some(call)
}

fn model_row(row: &Value) -> Option<Found> {
    let word = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).map(|t| text::clean(t, 300))
    };
    let about = row.get("metadata").unwrap_or(row);
    Some(Found {
        wire: word(row, "endpoint_id")?,
        name: word(about, "display_name"),
        description: word(about, "description"),
        deprecated: word(about, "status").is_some_and(|status| status == "deprecated"),
        ..Found::default()
    })
}

fn price_row(row: &Value) -> Option<Found> {
    let number = |key: &str| {
        let value = row.get(key)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    Some(Found {
        wire: row.get("endpoint_id")?.as_str().map(|id| text::clean(id, 300))?,
        unit_price: number("unit_price"),
        unit: row.get("unit").and_then(Value::as_str).map(|unit| text::clean(unit, 40)),
        ..Found::default()
    })
}
