//! What commands print with `--json`, over HTTP: the same documents, made by the same commands.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use clap::Args;

use super::Server;
use super::answer::{Failure, written};
use crate::cmd::service::flags;
use crate::cmd::{App, log, models, providers, stats, styles};
use crate::error::{Exit, Result};

/// Flags of `models` that a request may give.
const MODELS: &[&str] = &["query", "all", "size", "quality", "provider", "can", "free", "sort"];
/// Flags of `log`.
const LOG: &[&str] = &[
    "query", "limit", "since", "until", "provider", "model", "status", "style", "tag", "text",
    "client",
];
/// Flags of `stats`.
const STATS: &[&str] = &["since", "until", "provider", "model", "tag", "by"];

pub(super) async fn models(State(server): State<Server>, RawQuery(query): RawQuery) -> Response {
    of_command(server, query, MODELS, models::run).await
}

pub(super) async fn log(State(server): State<Server>, RawQuery(query): RawQuery) -> Response {
    of_command(server, query, LOG, log::run).await
}

pub(super) async fn stats(State(server): State<Server>, RawQuery(query): RawQuery) -> Response {
    of_command(server, query, STATS, stats::run).await
}

pub(super) async fn styles(State(server): State<Server>, RawQuery(query): RawQuery) -> Response {
    of_command(server, query, &[], styles::run).await
}

pub(super) async fn providers(State(server): State<Server>, RawQuery(query): RawQuery) -> Response {
    of_command(server, query, &[], providers::run).await
}

/// What a command prints with the flags that stand in a query.
async fn of_command<A: Args + Send + 'static>(
    server: Server,
    query: Option<String>,
    known: &[&str],
    command: impl FnOnce(&mut App, &A) -> anyhow::Result<Exit> + Send + 'static,
) -> Response {
    let args = match args::<A>(query.as_deref().unwrap_or_default(), known) {
        Ok(args) => args,
        Err(error) => return Failure::of_error(&error).into_response(),
    };
    match server.service().printed(move |app| command(app, &args)).await {
        Ok(bytes) => written(StatusCode::OK, bytes),
        Err(error) => Failure::of_error(&error).into_response(),
    }
}

/// The arguments that a query stands for: `?limit=5` is `--limit=5`.
fn args<A: Args>(query: &str, known: &[&str]) -> Result<A> {
    flags(url::form_urlencoded::parse(query.as_bytes()).into_owned(), known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_a_line_of_flags_and_none_else() {
        let list: models::Args = args("size=2k&all=1&query=flux&can=seed,edit", MODELS).unwrap();
        assert!(list.all && list.query.as_deref() == Some("flux") && list.can.len() == 2);
        assert_eq!(list.image.size.as_deref(), Some("2k"));
        assert!(args::<stats::Args>("by=day&since=2026-11-01", STATS).is_ok());
        assert!(args::<log::Args>("limit=5&query=fox", LOG).is_ok());
        assert!(args::<styles::Args>("", &[]).is_ok() && args::<providers::Args>("", &[]).is_ok());
        let list: models::Args = args("all=false", MODELS).unwrap();
        assert!(!list.all);
        for (query, known) in
            [("refresh=1", MODELS), ("html=x", STATS), ("a=b", &[]), ("--all", MODELS)]
        {
            assert!(args::<models::Args>(query, known).is_err(), "{query}");
        }
        assert!(
            args::<models::Args>("query=--all", MODELS).unwrap().query.as_deref() == Some("--all")
        );
        assert!(
            args::<models::Args>("sort=colour", MODELS).unwrap_err().message.contains("colour")
        );
    }
}
