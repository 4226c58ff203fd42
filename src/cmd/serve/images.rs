//! Images by their hashes, from the disk in pieces; small ones for lists; how they were made, and what is
//! judged of them.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::PathBuf;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;

use super::answer::{Failure, document, written};
use super::caller::Caller;
use super::connection::Peer;
use super::generate::body;
use super::{Server, is_loopback};
use crate::cmd::service::without_paths;
use crate::cmd::vote::{Judged, Pair};
use crate::cmd::{info, log, vote};
use crate::error::Exit;
use crate::page;
use crate::pool::{run_blocking, run_io};
use crate::store;

/// Bytes of a piece.
const PIECE: usize = 256 << 10;

/// Pixels of the longer edge of a small image.
const EDGES: std::ops::RangeInclusive<u32> = 16..=1_024;

/// Pixels of the longer edge of the small image that a query asks for, if it asks for one.
///
/// # Errors
/// They are none that a small image may have.
fn width(query: &str) -> Result<Option<u32>, Failure> {
    let mut asked = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "w");
    let Some((_, word)) = asked.next() else { return Ok(None) };
    let edge = word.parse().ok().filter(|edge| EDGES.contains(edge) && asked.next().is_none());
    edge.map(Some).ok_or_else(|| {
        Failure::new(StatusCode::BAD_REQUEST, "invalid_request", "`w` must be 16 to 1024")
            .hint("leave it out for the whole image")
            .field("w")
    })
}

fn unknown() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "unknown_image", "there is no such image")
}

/// An image that pinx has made, for a client one of its own.
pub(super) async fn image(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
    Path(sha256): Path<String>,
    RawQuery(query): RawQuery,
    heads: HeaderMap,
) -> Response {
    let answer = match width(&query.unwrap_or_default()) {
        Ok(width) => answered(&server, &caller, sha256, width, &heads).await,
        Err(failure) => Err(failure),
    };
    match answer {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn answered(
    server: &Server,
    caller: &Caller,
    sha256: String,
    edge: Option<u32>,
    heads: &HeaderMap,
) -> Result<Response, Failure> {
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(unknown().hint("name it by its SHA-256, 64 hexadecimal digits"));
    }
    let sha256 = sha256.to_ascii_lowercase();
    let tag = match edge {
        Some(edge) => format!("\"{sha256}-{edge}\""),
        None => format!("\"{sha256}\""),
    };
    let known = heads.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_it = |one: &str| one == "*" || one.trim_start_matches("W/") == tag;
    if known.is_some_and(|known| known.split(',').map(str::trim).any(is_it)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let path = place(server, caller, sha256).await.ok_or_else(unknown)?;
    let (media, length, body) = match edge {
        Some(edge) => small(path, edge).await?,
        None => whole(path).await.map_err(|_| unknown())?,
    };
    let mut response = Response::new(body);
    let heads = response.headers_mut();
    let fixed = |text: &'static str| HeaderValue::from_static(text);
    if let Ok(media) = HeaderValue::from_str(&media) {
        heads.insert(header::CONTENT_TYPE, media);
    }
    heads.insert(header::CONTENT_LENGTH, length.into());
    heads.insert(header::CACHE_CONTROL, fixed("private, max-age=31536000, immutable"));
    // A drawing of lines may hold scripts.
    heads.insert(
        header::CONTENT_SECURITY_POLICY,
        fixed("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        heads.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// How an image was made.
pub(super) async fn recipe(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
    Extension(Peer(peer)): Extension<Peer>,
    Path(sha256): Path<String>,
) -> Response {
    let Some(path) = place(&server, &caller, sha256.to_ascii_lowercase()).await else {
        return unknown().into_response();
    };
    let service = std::sync::Arc::clone(server.service());
    let told = run_blocking(move || {
        let (app, _) = service.app().captured();
        info::of_file(&app, &path)
    });
    match told.await {
        Ok(Ok(mut value)) => {
            if !is_loopback(peer.ip()) {
                without_paths(&mut value);
            }
            document(StatusCode::OK, &value)
        }
        Ok(Err(error)) => Failure::of_error(&error).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What somebody says of two images.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Vote {
    /// Their hashes.
    images: [String; 2],
    /// The hash of the better one, `tie` or `none`.
    best: String,
}

/// Records which of two images is better, as `pinx vote` does.
pub(super) async fn vote(
    State(server): State<Server>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    match voted(&server, &caller, request).await {
        Ok(bytes) => written(StatusCode::OK, bytes),
        Err(failure) => failure.into_response(),
    }
}

async fn voted(server: &Server, caller: &Caller, request: Request) -> Result<Vec<u8>, Failure> {
    let bytes = body(request).await?;
    let vote: Vote = serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(StatusCode::BAD_REQUEST, "invalid_request", error.to_string())
            .hint("send `{\"images\": [HASH, HASH], \"best\": HASH}`, or `tie` or `none`")
    })?;
    let pair = Pair {
        images: vote.images.map(|hash| hash.to_ascii_lowercase()),
        best: vote.best.to_ascii_lowercase(),
    };
    if caller.client().is_some() {
        for hash in &pair.images {
            place(server, caller, hash.clone()).await.ok_or_else(unknown)?;
        }
    }
    let printed = server.service().printed(move |app| match vote::judge_pair(app, &pair)? {
        Judged::Alone(document) => {
            app.ui.json(&document);
            Ok(Exit::OK)
        }
        Judged::Compared(args) => vote::run(app, &args),
    });
    printed.await.map_err(|error| Failure::of_error(&error))
}

/// Where the image of a hash is, if it is what it was and was made for who asks.
async fn place(server: &Server, caller: &Caller, sha256: String) -> Option<PathBuf> {
    let (service, client) = (std::sync::Arc::clone(server.service()), caller.client());
    let found = run_blocking(move || {
        let found = match client {
            None => log::find::by_hash(service.app(), &sha256),
            Some(client) => log::own::by_hash(service.app(), &client.name, &sha256),
        };
        let path = found.ok().flatten()?;
        store::holds(&path, &sha256).then_some(path)
    });
    found.await.ok().flatten()
}

/// The file, in pieces.
async fn whole(path: PathBuf) -> std::io::Result<(String, u64, Body)> {
    let (file, media, length) = run_io(move || {
        let mut file = File::open(path)?;
        let mut head = [0; 64];
        let read = file.read(&mut head)?;
        file.rewind()?;
        let media = store::sniff(&head[..read]).map(|format| format.media_type());
        let media = media.unwrap_or_else(|| "application/octet-stream".to_owned());
        let length = file.metadata()?.len();
        Ok((file, media, length))
    })
    .await?;
    let pieces = stream::unfold(Some((file, length)), async |state| {
        let (file, left) = state.filter(|(_, left)| *left > 0)?;
        let read = run_io(move || {
            let mut piece = Vec::with_capacity(PIECE.min(left as usize));
            (&file).take(left.min(PIECE as u64)).read_to_end(&mut piece)?;
            Ok((piece, file))
        });
        match read.await {
            Ok((piece, _)) if piece.is_empty() => {
                Some((Err(std::io::ErrorKind::UnexpectedEof.into()), None))
            }
            Ok((piece, file)) => {
                let left = left - piece.len() as u64;
                Some((Ok(Bytes::from(piece)), Some((file, left))))
            }
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok((media, length, Body::from_stream(pieces)))
}

/// A small image of it.
async fn small(path: PathBuf, edge: u32) -> Result<(String, u64, Body), Failure> {
    const QUALITY: u8 = 82;
    let made = run_blocking(move || page::small_image(&path, edge, QUALITY)).await;
    let unmade = |why: String| {
        Failure::new(StatusCode::NOT_FOUND, "no_thumbnail", why)
            .hint("leave `w` out: the file itself is there")
    };
    let (media, bytes) =
        made.unwrap_or_else(|_| Err("its decoder failed".to_owned())).map_err(unmade)?;
    Ok((media.to_owned(), bytes.len() as u64, Body::from(bytes)))
}
