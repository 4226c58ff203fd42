//! `POST /api/generate` and its runs: made, followed, cancelled.

use std::net::SocketAddr;

use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::answer::{ADJUSTED, Failure, REQUEST_ID, document};
use super::caller::Caller;
use super::connection::Peer;
use super::field::{named, sent};
use super::pace::has_stalled;
use super::{Server, is_loopback, multipart, stream};
use crate::catalog::Adjustment;
use crate::cmd::service::{Follower, LONGEST_KEY, Repeatable, RunRecord, Submission, of_run};
use crate::engine::Document;
use crate::pool::run_blocking;

/// Bytes of a body of JSON at most.
const JSON: usize = 1 << 20;

/// How a client wants its answer.
#[derive(Debug, Clone, Copy, Default)]
struct Wanted {
    /// The events as they happen, and the document as the last of them.
    stream: bool,
    /// The bytes of the images, too.
    b64: bool,
}

/// Makes images.
pub(super) async fn generate(
    State(server): State<Server>,
    Extension(Peer(peer)): Extension<Peer>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    match begun(&server, &caller, request).await {
        Ok((follower, wanted)) => answered(&server, follower, wanted, peer).await,
        Err(failure) => failure.into_response(),
    }
}

/// Prices what would be made, and makes nothing.
pub(super) async fn estimate(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    match priced(&server, &caller, request).await {
        Ok(price) => document(StatusCode::OK, &price),
        Err(failure) => failure.into_response(),
    }
}

async fn priced(server: &Server, caller: &Caller, request: Request) -> Result<Value, Failure> {
    let mut asked = Submission { client: caller.client(), ..asked(server, request).await? };
    let is_stream = switch(&mut asked.fields, "stream")?;
    switch(&mut asked.fields, "b64")?;
    asked.partials = partials(&mut asked.fields, is_stream)?;
    let sent = sent(&asked.fields, &asked);
    let price = server.service().estimate(asked, server.limits(caller)).await;
    price.map_err(|error| named(Failure::of_error(&error), &sent))
}

async fn begun(
    server: &Server,
    caller: &Caller,
    request: Request,
) -> Result<(Follower, Wanted), Failure> {
    server.count(caller)?;
    let (repeatable, client) = (repeatable(request.headers())?, caller.client());
    let mut asked = Submission { repeatable, client, ..asked(server, request).await? };
    let wanted = Wanted {
        stream: switch(&mut asked.fields, "stream")?,
        b64: switch(&mut asked.fields, "b64")?,
    };
    asked.partials = partials(&mut asked.fields, wanted.stream)?;
    let sent = sent(&asked.fields, &asked);
    let follower = server.service().begin(asked, server.limits(caller)).await;
    let follower = follower.map_err(|refusal| named(Failure::from(refusal), &sent))?;
    Ok((follower, wanted))
}

/// How a request may come again, by its headers.
pub(super) fn repeatable(heads: &HeaderMap) -> Result<Repeatable, Failure> {
    let text = |name: &str| heads.get(name).map(|value| value.to_str().unwrap_or_default());
    let key = match text("idempotency-key") {
        None => None,
        Some(key) if !key.trim().is_empty() && key.len() <= LONGEST_KEY => Some(key.to_owned()),
        Some(_) => {
            let what = "`Idempotency-Key` must be text of at most 255 characters";
            return Err(bad(what, "a random id will do"));
        }
    };
    let repeats = text("x-stainless-retry-count").and_then(|count| count.parse::<u32>().ok());
    let is_repeat = repeats.is_some_and(|count| count > 0);
    Ok(Repeatable { key, is_repeat, ..Repeatable::default() })
}

/// What a body asks for: JSON, or a form with the pictures in it.
pub(super) async fn asked(server: &Server, request: Request) -> Result<Submission, Failure> {
    let settings = &server.service().app().settings;
    let most = settings.serve_max_images;
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form =
        media.is_some_and(|media| media.trim_start().to_lowercase().starts_with("multipart/"));
    if is_form {
        let asked = multipart::asked(request, &settings.places.inputs).await?;
        return Ok(Submission { most, ..asked });
    }
    let bytes = body(request).await?;
    let fields = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(bad("the body is no object", "send `{\"prompt\": \"a red fox\"}`")),
        Err(error) => {
            return Err(bad(
                format!("the body is no JSON: {error}"),
                "send `{\"prompt\": \"a red fox\"}`",
            ));
        }
    };
    Ok(Submission { fields, most, ..Submission::default() })
}

/// The bytes of a body of JSON.
pub(super) async fn body(request: Request) -> Result<axum::body::Bytes, Failure> {
    axum::body::to_bytes(request.into_body(), JSON).await.map_err(|error| {
        if has_stalled(&error) {
            return multipart::too_slow();
        }
        Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the body is longer than 1 MiB, or broke off",
        )
        .hint("send pictures as a form (`multipart/form-data`), up to 64 MiB")
    })
}

pub(super) fn bad(message: impl Into<String>, hint: &str) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "invalid_request", message).hint(hint)
}

/// Takes a switch out of the fields.
pub(super) fn switch(fields: &mut Map<String, Value>, name: &'static str) -> Result<bool, Failure> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(is_on)) => Ok(is_on),
        Some(Value::String(text)) if text == "true" => Ok(true),
        Some(Value::String(text)) if text == "false" => Ok(false),
        Some(other) => {
            let what = format!("`{name}` must be true or false, not {other}");
            Err(bad(what, "leave it out").field(name))
        }
    }
}

/// Previews of each picture: only who reads the events sees them.
pub(super) fn partials(fields: &mut Map<String, Value>, is_stream: bool) -> Result<u8, Failure> {
    let asked = match fields.remove("partials").or_else(|| fields.remove("partial_images")) {
        None | Some(Value::Null) => return Ok(0),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_u64(),
    };
    match asked {
        Some(count @ 0..=3) if is_stream => Ok(count as u8),
        Some(0..=3) => Ok(0),
        _ => Err(bad("`partials` must be 0 to 3", "leave it out: each preview costs tokens")
            .field("partials")),
    }
}

/// The answer of a run that has begun.
async fn answered(
    server: &Server,
    follower: Follower,
    wanted: Wanted,
    peer: SocketAddr,
) -> Response {
    let has_paths = is_loopback(peer.ip());
    if wanted.stream {
        let server = server.clone();
        let last =
            move |record: &RunRecord| whole(&server, record, has_paths).map(|(_, value)| value);
        return stream::events(follower, 0, last);
    }
    let record = follower.record();
    record.ended().await;
    let Some((run, mut value)) = whole(server, record, has_paths) else {
        return Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "this run broke off")
            .into_response();
    };
    if wanted.b64 {
        embed(&run, &mut value).await;
    }
    finished(record, &run, value)
}

/// A run's document as it is answered, and its status.
fn finished(record: &RunRecord, run: &Document, mut value: Value) -> Response {
    let mut response = match Failure::of_run(record.id(), run) {
        None => document(StatusCode::OK, &value),
        Some(failure) => {
            value["error"] = failure.value();
            failure.with_body(&value)
        }
    };
    let heads = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(run.run.as_deref().unwrap_or(record.id())) {
        heads.insert(REQUEST_ID, id);
    }
    if let Some(adjusted) = adjusted(run.jobs.iter().flat_map(|job| &job.adjustments)) {
        heads.insert(ADJUSTED, adjusted);
    }
    response
}

/// What is not exactly as asked, in one line.
pub(super) fn adjusted<'a>(
    adjustments: impl Iterator<Item = &'a Adjustment>,
) -> Option<HeaderValue> {
    let mut told: Vec<String> = Vec::new();
    for adjustment in adjustments {
        let line = format!("{} {} -> {}", adjustment.field, adjustment.asked, adjustment.got);
        let line: String = line.chars().filter(|c| (' '..='~').contains(c)).take(200).collect();
        if !told.contains(&line) {
            told.push(line);
        }
    }
    HeaderValue::from_str(&told.join("; ")).ok().filter(|_| !told.is_empty())
}

/// The document of a run that has ended and made it to its first job.
pub(super) fn whole(
    server: &Server,
    record: &RunRecord,
    has_paths: bool,
) -> Option<(std::sync::Arc<Document>, Value)> {
    let run = record.outcome()?.ok()?;
    let value = of_run(&run, &record.notices(), Some(&server.0.base), has_paths);
    Some((run, value))
}

/// Puts the bytes of the images into their document.
async fn embed(run: &Document, value: &mut Value) {
    for (at, job) in run.jobs.iter().enumerate() {
        for (number, image) in job.images.iter().enumerate() {
            let path = image.path.clone();
            let read =
                run_blocking(move || std::fs::read(path).map(|bytes| STANDARD.encode(bytes)));
            if let Ok(Ok(text)) = read.await {
                value["jobs"][at]["images"][number]["b64_json"] = text.into();
            }
        }
    }
}

/// What came of a run, or how it stands.
pub(super) async fn run(
    State(server): State<Server>,
    Extension(Peer(peer)): Extension<Peer>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let has_paths = is_loopback(peer.ip());
    let Some(record) = server.find(&caller, &id) else {
        return logged(&server, &caller, id, has_paths).await;
    };
    match whole(&server, &record, has_paths) {
        Some((_, value)) => document(StatusCode::OK, &value),
        None => {
            let status = if record.is_stopping() { "stopping" } else { "running" };
            let notices = record.notices();
            let value =
                json!({ "success": false, "run": id, "status": status, "notices": notices });
            document(StatusCode::OK, &value)
        }
    }
}

/// An older run, as the log has it.
async fn logged(server: &Server, caller: &Caller, id: String, has_paths: bool) -> Response {
    let is_id =
        id.len() <= 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let unknown =
        || Failure::new(StatusCode::NOT_FOUND, "unknown_id", "there is no run of this id");
    if !is_id {
        return unknown().into_response();
    }
    let service = std::sync::Arc::clone(server.service());
    match run_blocking(move || service.logged(&id)).await {
        Ok(Ok(Some((run, client)))) if caller.sees(client.as_deref()) => {
            document(StatusCode::OK, &of_run(&run, &[], Some(&server.0.base), has_paths))
        }
        Ok(Ok(_)) | Err(_) => unknown().into_response(),
        Ok(Err(error)) => Failure::of_error(&error).into_response(),
    }
}

/// The events of a run, from its beginning or behind the last one that a reader has.
pub(super) async fn events(
    State(server): State<Server>,
    Extension(Peer(peer)): Extension<Peer>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    heads: HeaderMap,
) -> Response {
    let Some(record) = server.find(&caller, &id) else {
        let what = "there is no run of this id any more";
        return Failure::new(StatusCode::NOT_FOUND, "unknown_id", what)
            .hint(format!("`GET /api/runs/{}` asks the log", crate::text::clean(&id, 40)))
            .into_response();
    };
    let query = query.unwrap_or_default();
    let since = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "since");
    let since = since.map_or(Ok(0), |(_, number)| number.parse());
    let Ok(since) = since else {
        return bad("`since` must be the number of an event", "leave it out for all of them")
            .field("since")
            .into_response();
    };
    let last = heads.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let has_paths = is_loopback(peer.ip());
    let document = {
        let server = server.clone();
        move |record: &RunRecord| whole(&server, record, has_paths).map(|(_, value)| value)
    };
    // Who only looks on keeps nothing at work.
    stream::events_of(record, last.unwrap_or(since), document)
}

/// Stops a run as Ctrl-C does.
pub(super) async fn cancel(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let Some(record) = server.find(&caller, &id) else {
        return Failure::new(StatusCode::NOT_FOUND, "unknown_id", "there is no run of this id")
            .into_response();
    };
    let was_running = !record.has_ended();
    record.cancel();
    let status = if was_running { "stopping" } else { "ended" };
    document(StatusCode::OK, &json!({ "success": true, "run": id, "status": status }))
}
