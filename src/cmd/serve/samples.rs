//! What styles look like: each drawn small by the built-in renderer, on demand.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::Server;
use super::answer::Failure;
use crate::pool::run_blocking;
use crate::render;
use crate::request::Format;
use crate::store::{self, Drawing};

/// What is drawn.
const SUBJECT: &str = "a lighthouse";

/// Pixels of a sample.
const SIZE: (u32, u32) = (192, 128);

/// A sample of a style that the renderer knows.
pub(super) async fn sample(State(server): State<Server>, Path(id): Path<String>) -> Response {
    let catalog = &server.service().app().settings.catalog;
    let style = catalog.style(&id).ok().and_then(|style| style.sketch.clone());
    let Some(style) = style else {
        return Failure::new(StatusCode::NOT_FOUND, "unknown_style", "no such style is drawn here")
            .hint("`GET /api/styles` lists them; `sketch` says what is drawn")
            .into_response();
    };
    match run_blocking(move || store::draw(&drawing(style))).await {
        Ok(Ok(bytes)) => {
            let heads = [
                (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
                (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400")),
            ];
            (StatusCode::OK, heads, bytes).into_response()
        }
        Ok(Err(error)) => Failure::of_error(&error).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn drawing(style: String) -> Drawing {
    let recipe = render::Recipe {
        prompt: SUBJECT.to_owned(),
        style,
        colors: Vec::new(),
        width: SIZE.0,
        height: SIZE.1,
        seed: 4,
        label: None,
        transparent: false,
    };
    Drawing { recipe, pictures: Vec::new(), opaque: true, format: Some(Format::Jpeg) }
}
