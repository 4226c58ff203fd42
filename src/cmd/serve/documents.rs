//! What commands print with `--json`, over HTTP: the same documents, made by the same commands.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use clap::Args;
use serde_json::Value;

use super::Server;
use super::answer::{Failure, document, written};
use super::caller::Caller;
use super::connection::Peer;
use crate::cmd::service::{flags, without_paths};
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
const STATS: &[&str] = &["since", "until", "provider", "model", "tag", "client", "by"];

/// Who asks for a document, and with what.
pub(super) struct Question {
    server: Server,
    caller: Caller,
    is_remote: bool,
    query: String,
}

impl FromRequestParts<Server> for Question {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, server: &Server) -> Result<Question, Infallible> {
        Ok(Question {
            server: server.clone(),
            caller: Caller::of(head),
            is_remote: Peer::is_remote(head),
            query: head.uri.query().unwrap_or_default().to_owned(),
        })
    }
}

pub(super) async fn models(question: Question) -> Response {
    let client = question.caller.client();
    of_command(question, MODELS, move |app, args| models::run_for(app, args, client.as_ref())).await
}

/// A client reads what was made for it.
pub(super) async fn log(question: Question) -> Response {
    let Some(client) = question.caller.client() else {
        return of_command(question, LOG, log::run).await;
    };
    match of_client(&question.query, &client.name) {
        Ok(query) => of_command(Question { query, ..question }, LOG, log::run).await,
        Err(failure) => failure.into_response(),
    }
}

/// A question about what was made for one client.
///
/// # Errors
/// It asks for what was made for another.
fn of_client(query: &str, client: &str) -> Result<String, Failure> {
    let asked = url::form_urlencoded::parse(query.as_bytes());
    let (own, rest): (Vec<_>, Vec<_>) = asked.partition(|(name, _)| name == "client");
    if own.iter().any(|(_, name)| name != client) {
        let what = "a client does not get to see the log of others";
        return Err(Failure::new(StatusCode::FORBIDDEN, "not_a_clients", what)
            .hint("`GET /api/log` lists what was made for it"));
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    Ok(query.extend_pairs(rest).append_pair("client", client).finish())
}

/// A client reads its own figures.
pub(super) async fn stats(question: Question) -> Response {
    let client = question.caller.client();
    of_command(question, STATS, move |app, args| match client {
        None => stats::run(app, args),
        Some(client) => stats::run_for(app, args, &client.name),
    })
    .await
}

pub(super) async fn styles(question: Question) -> Response {
    of_command(question, &[], styles::run).await
}

/// A client reads whom its models are asked of.
pub(super) async fn providers(question: Question) -> Response {
    let client = question.caller.client();
    of_command(question, &[], move |app, args| match client {
        None => providers::run(app, args),
        Some(client) => providers::run_for(app, &client),
    })
    .await
}

/// What a command prints with the flags that stand in a query.
async fn of_command<A: Args + Send + 'static>(
    question: Question,
    known: &[&str],
    command: impl FnOnce(&mut App, &A) -> anyhow::Result<Exit> + Send + 'static,
) -> Response {
    let args = match args::<A>(&question.query, known) {
        Ok(args) => args,
        Err(error) => return Failure::of_error(&error).into_response(),
    };
    let printed = question.server.service().printed(move |app| command(app, &args)).await;
    match printed {
        Ok(bytes) if question.is_remote => {
            let mut told: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            without_paths(&mut told);
            document(StatusCode::OK, &told)
        }
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
