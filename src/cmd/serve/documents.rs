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
const STATS: &[&str] = &["since", "until", "provider", "model", "tag", "by"];

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
    of_command(question, MODELS, models::run).await
}

/// A client reads what was made for it.
pub(super) async fn log(question: Question) -> Response {
    let Some(client) = question.caller.client() else {
        return of_command(question, LOG, log::run).await;
    };
    let own = url::form_urlencoded::Serializer::new(question.query.clone())
        .append_pair("client", &client.name)
        .finish();
    match url::form_urlencoded::parse(question.query.as_bytes()).any(|(name, _)| name == "client") {
        true => not_a_clients("the log of others").into_response(),
        false => of_command(Question { query: own, ..question }, LOG, log::run).await,
    }
}

pub(super) async fn stats(question: Question) -> Response {
    match question.caller.client() {
        Some(_) => not_a_clients("statistics of all").into_response(),
        None => of_command(question, STATS, stats::run).await,
    }
}

pub(super) async fn styles(question: Question) -> Response {
    of_command(question, &[], styles::run).await
}

pub(super) async fn providers(question: Question) -> Response {
    match question.caller.client() {
        Some(_) => not_a_clients("the providers and where their keys come from").into_response(),
        None => of_command(question, &[], providers::run).await,
    }
}

fn not_a_clients(what: &str) -> Failure {
    let what = format!("a client does not get to see {what}");
    Failure::new(StatusCode::FORBIDDEN, "not_a_clients", what)
        .hint("`GET /api/log` lists what was made for it")
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
