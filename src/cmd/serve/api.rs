//! The routes, and what stands before and behind all of them: who may ask, and a line for each request.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any_service, get, post};
use axum::{Extension, Router};
use futures_util::FutureExt as _;
use serde_json::json;

use super::answer::{Failure, REQUEST_ID, document};
use super::caller::Caller;
use super::connection::Peer;
use super::{Server, documents, generate, images, is_loopback, openai, page, samples};
use crate::cmd::mcp;
use crate::error::{Error, Kind, Result};
use crate::pool::run_blocking;
use crate::text;

/// What needs no key: the page holds nothing of anybody, and the others only say that a server is there.
const OPEN: [&str; 3] = ["/", "/healthz", "/readyz"];

/// All of them.
///
/// # Errors
/// Agents have no directory.
pub(super) fn router(server: Server) -> Result<Router> {
    let doors = server.clone();
    let who = move |head: &Parts| agent(&doors, head);
    let mcp = mcp::over_http(server.service(), &server.0.base, who)?;
    let router = Router::new()
        .route("/", get(page::page))
        .route("/api/models", get(documents::models))
        .route("/api/log", get(documents::log))
        .route("/api/stats", get(documents::stats))
        .route("/api/styles", get(documents::styles))
        .route("/api/styles/{id}/sample", get(samples::sample))
        .route("/api/providers", get(documents::providers))
        .route("/api/generate", post(generate::generate))
        .route("/api/estimate", post(generate::estimate))
        .route("/api/votes", post(images::vote))
        .route("/api/runs/{id}", get(generate::run))
        .route("/api/runs/{id}/events", get(generate::events))
        .route("/api/runs/{id}/cancel", post(generate::cancel))
        .route("/api/images/{sha256}", get(images::image))
        .route("/api/images/{sha256}/recipe", get(images::recipe))
        .route("/metrics", get(metrics))
        .route("/v1/models", get(openai::models))
        .route("/v1/models/{*id}", get(openai::model))
        .route("/v1/images/generations", post(openai::generations))
        .route("/v1/images/edits", post(openai::edits))
        .route("/mcp", any_service(mcp).layer(middleware::from_fn(over)))
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .fallback(nothing_there)
        .method_not_allowed_fallback(not_that_way)
        // What reads a body measures it.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(server.clone(), around))
        .with_state(server);
    Ok(router)
}

/// A session that its client ends is over with the answer: SDKs take `202` for a refusal.
async fn over(request: Request, next: Next) -> Response {
    let is_end = request.method() == Method::DELETE;
    let mut response = next.run(request).await;
    if is_end && response.status() == StatusCode::ACCEPTED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

/// Who calls a tool.
fn agent(server: &Server, head: &Parts) -> mcp::Caller {
    let (caller, is_remote) = (Caller::of(head), Peer::is_remote(head));
    let (client, limits, server) = (caller.client(), server.limits(&caller), server.clone());
    let count = move || {
        server.count(&caller).map_err(|failure| {
            Error::new(Kind::Busy, failure.message).code(failure.code).hint("call it again later")
        })
    };
    mcp::Caller { client, limits, is_remote, count: Some(Arc::new(count)) }
}

/// Checks who asks, and tells of each request.
async fn around(
    State(server): State<Server>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let listed = server.policy().listed_origin(request.headers()).map(str::to_owned);
    let checked = server.policy().check(&method, request.headers());
    let mut response = match checked {
        Err(blocked) => refused(&path, Failure::blocked(&blocked)),
        Ok(()) if method == Method::OPTIONS && listed.is_some() => preflight(),
        Ok(()) => match server.let_in(request.headers()) {
            Err(failure) if !OPEN.contains(&path.as_str()) => refused(&path, failure),
            // Nothing behind these asks who it is.
            caller => answered(request, caller.unwrap_or(Caller::Anyone), next, &path).await,
        },
    };
    let heads = response.headers_mut();
    heads.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(origin) = listed.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        heads.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        heads.append(header::VARY, HeaderValue::from_static("origin"));
        let shown = HeaderValue::from_static("x-request-id, x-pinx-adjusted, retry-after");
        heads.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, shown);
    }
    tell(&server, peer, &method, &path, &response, begun.elapsed());
    response
}

/// The answer of a route.
async fn answered(mut request: Request, caller: Caller, next: Next, path: &str) -> Response {
    request.extensions_mut().insert(caller);
    // A defect in one request is no end of a connection.
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
        let what = "this request met a defect of pinx";
        refused(path, Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", what))
    })
}

/// An answer that refuses, in the words of the API that was asked.
fn refused(path: &str, failure: Failure) -> Response {
    match path.starts_with("/v1/") {
        true => openai::refused(&failure),
        false => failure.into_response(),
    }
}

/// What a page that may ask is told before it does.
fn preflight() -> Response {
    let heads = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key, last-event-id",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, heads).into_response()
}

/// A line of talk: no prompt is in it.
fn tell(
    server: &Server,
    peer: SocketAddr,
    method: &Method,
    path: &str,
    response: &Response,
    took: Duration,
) {
    let run = response.headers().get(REQUEST_ID).and_then(|run| run.to_str().ok());
    let run = run.map(|run| format!(" {run}")).unwrap_or_default();
    let from = if is_loopback(peer.ip()) { String::new() } else { format!("{} ", peer.ip()) };
    let (status, took) = (response.status().as_u16(), text::duration(took));
    let path = text::clean(path, 200);
    server.service().app().ui.note(&format!("{from}{method} {path} {status} {took}{run}"));
}

/// Figures for Prometheus.
/// Figures for Prometheus. A client reads its own, unless it is let see those of all.
async fn metrics(State(server): State<Server>, Extension(caller): Extension<Caller>) -> Response {
    const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let service = Arc::clone(server.service());
    let client = caller.client().filter(|client| !client.grant.sees_all_figures());
    let text = run_blocking(move || service.metrics(client.as_ref().map(|own| own.name.as_str())));
    match text.await {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, FORMAT)], text).into_response(),
        Ok(Err(error)) => Failure::of_error(&error).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn healthy() -> Response {
    document(StatusCode::OK, &json!({ "success": true }))
}

async fn ready(State(server): State<Server>) -> Response {
    match server.service().is_stopping() {
        false => document(StatusCode::OK, &json!({ "success": true })),
        true => Failure::stopping().into_response(),
    }
}

async fn nothing_there(request: Request) -> Response {
    let path = text::clean(request.uri().path(), 120);
    let what = format!("there is nothing at `{path}`");
    let failure = Failure::new(StatusCode::NOT_FOUND, "not_found", what).hint(
        "`GET /api/models` lists models, `POST /api/generate` makes images; OpenAI's API has them \
         at /v1/models and /v1/images/generations",
    );
    refused(&path, failure)
}

async fn not_that_way(request: Request) -> Response {
    let (method, path) = (request.method(), text::clean(request.uri().path(), 120));
    let what = format!("`{path}` takes no {method}");
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", what);
    refused(&path, failure)
}
