//! `GET /v1/models`: what can be asked now, by the names that a request takes.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::error::{broken_off, refused};
use crate::cmd::serve::Server;
use crate::cmd::serve::answer::{Failure, document};
use crate::cmd::serve::caller::Caller;
use crate::cmd::{App, models};
use crate::error::Result;
use crate::pool::run_blocking;
use crate::settings::Prefer;
use crate::text;

/// Who chooses where `auto` is asked for.
const CHOOSER: &str = env!("CARGO_PKG_NAME");

/// All that can be asked.
pub(in crate::cmd::serve) async fn models(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
) -> Response {
    match listed(&server, &caller, false).await {
        Ok(listed) => {
            let ready = listed.iter().filter(|model| model["isAvailable"] == true).map(object);
            let data: Vec<Value> = chosen().into_iter().chain(ready).collect();
            document(StatusCode::OK, &json!({ "object": "list", "data": data }))
        }
        Err(failure) => refused(&failure),
    }
}

/// One of them, by any name that a request takes.
pub(in crate::cmd::serve) async fn model(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    match found(&server, &caller, id).await {
        Ok(model) => document(StatusCode::OK, &model),
        Err(failure) => refused(&failure.field("model")),
    }
}

async fn found(server: &Server, caller: &Caller, id: String) -> Result<Value, Failure> {
    if let Some(model) = chosen().into_iter().find(|model| model["id"] == id) {
        return Ok(model);
    }
    let all = listed(server, caller, true).await?;
    let of = |id: &str| all.iter().find(|model| model["id"] == id).map(object);
    if let Some(model) = of(&id) {
        return Ok(model);
    }
    let full = full_id(server, id.clone()).await?;
    of(&full).ok_or_else(|| {
        let what = format!("unknown model `{}`", text::clean(&id, 100));
        Failure::new(StatusCode::NOT_FOUND, "unknown_model", what)
            .hint("`GET /v1/models` lists them")
    })
}

/// The whole name of a model.
async fn full_id(server: &Server, name: String) -> Result<String, Failure> {
    let service = Arc::clone(server.service());
    let resolved = run_blocking(move || -> Result<String> {
        let app = service.app();
        let catalog = &app.settings.catalog;
        let usable = |id: &str| catalog.provider(id).is_some_and(|known| app.is_usable(known));
        Ok(catalog.model(&name, &usable)?.full_id())
    });
    let resolved = resolved.await.map_err(|_| broken_off())?;
    resolved.map_err(|error| Failure::of_error(&error))
}

/// The models as the command lists them.
async fn listed(server: &Server, caller: &Caller, all: bool) -> Result<Vec<Value>, Failure> {
    let args = models::Args { all, ..models::Args::default() };
    let client = caller.client();
    let command = move |app: &mut App| models::run_for(app, &args, client.as_ref());
    let printed = server.service().printed(command).await;
    let printed = printed.map_err(|error| Failure::of_error(&error))?;
    let mut whole: Value = serde_json::from_slice(&printed).map_err(|_| broken_off())?;
    match whole["models"].take() {
        Value::Array(models) => Ok(models),
        _ => Err(broken_off()),
    }
}

/// A model as OpenAI writes it, with what it costs and takes.
fn object(model: &Value) -> Value {
    json!({
        "id": model["id"],
        "object": "model",
        "created": model["asOf"].as_str().map_or(0, second),
        "owned_by": model["provider"],
        "shutdown_date": model["life"]["shutdown"],
        "name": model["name"],
        "description": model["description"],
        "cost_per_image": model["costPerImage"],
        "sizes": model["supportedSizes"],
        "pictures_in": model["pictures_in"],
    })
}

/// The names that leave the choice to pinx.
fn chosen() -> Vec<Value> {
    let preferred = Prefer::WORDS.iter().map(|word| format!("auto:{word}"));
    let names = std::iter::once("auto".to_owned()).chain(preferred);
    names
        .map(|id| {
            json!({
                "id": id, "object": "model", "created": 0, "owned_by": CHOOSER,
                "shutdown_date": null,
            })
        })
        .collect()
}

/// The first second of a day.
fn second(day: &str) -> i64 {
    let zoned = day.parse::<Date>().and_then(|day| day.to_zoned(TimeZone::UTC));
    zoned.map_or(0, |zoned| zoned.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_first_second() {
        assert_eq!(second("2026-11-13"), 1_794_528_000);
        assert_eq!(second("soon"), 0);
    }
}
