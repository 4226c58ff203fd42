//! OpenAI's API of images and models (<https://platform.openai.com/docs/api-reference/images>), so that
//! what was written for it makes images with any model here.
//!
//! A request becomes a submission like any other, and runs as any other. What it asks for and no model
//! here has is left out, and told.

mod error;
mod events;
mod models;
mod pieces;
mod reply;
mod request;
mod wanted;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;

pub(super) use self::error::refused;
pub(super) use self::models::{model, models};
use self::wanted::{Endpoint, Wanted};
use super::Server;
use super::answer::Failure;
use super::caller::Caller;
use super::field::named;
use super::generate::{asked, repeatable};
use crate::cmd::service::{Follower, Submission};
use crate::pool::run_blocking;

/// Makes images from words.
pub(super) async fn generations(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    made(&server, &caller, request, Endpoint::Generations).await
}

/// Makes images from pictures.
pub(super) async fn edits(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    made(&server, &caller, request, Endpoint::Edits).await
}

async fn made(server: &Server, caller: &Caller, request: Request, endpoint: Endpoint) -> Response {
    let (follower, wanted) = match begun(server, caller, request, endpoint).await {
        Ok(begun) => begun,
        Err(failure) => return refused(&failure),
    };
    if wanted.stream {
        return events::answer(follower, wanted, server.0.base.clone());
    }
    let record = follower.record();
    record.ended().await;
    let whole = reply::answer(record, &wanted, &server.0.base).await;
    whole.unwrap_or_else(|failure| refused(&failure))
}

/// Reads what is asked, and begins it.
async fn begun(
    server: &Server,
    caller: &Caller,
    request: Request,
    endpoint: Endpoint,
) -> Result<(Follower, Wanted), Failure> {
    server.count(caller)?;
    let (repeatable, client) = (repeatable(request.headers())?, caller.client());
    let asked = Submission { repeatable, client, ..asked(server, request).await? };
    let (service, base) = (Arc::clone(server.service()), server.0.base.clone());
    let read = run_blocking(move || {
        let context = request::Context { app: service.app(), base: &base };
        request::read(&context, asked, endpoint)
    });
    let (asked, wanted) = read.await.unwrap_or_else(|_| Err(error::broken_off()))?;
    match server.service().begin(asked, server.limits(caller)).await {
        Ok(follower) => Ok((follower, wanted)),
        Err(refusal) => Err(named(Failure::from(refusal), &wanted.sent)),
    }
}
