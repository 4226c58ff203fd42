//! Forms with pictures in them: fields by their names, files on the disk while they come.

use std::fs::File;
use std::path::{Path, PathBuf};

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::answer::Failure;
use super::pace::has_stalled;
use crate::cmd::service::{GivenPicture, Submission};
use crate::fs;
use crate::pool::run_io;
use crate::request::Role;

/// Bytes of a form at most.
const FORM: u64 = 64 << 20;

/// Bytes of a field that is no file at most.
const FIELD: usize = 256 << 10;

/// Bytes of a file that are written at once.
const PIECE: usize = 1 << 20;

/// What a form asks for.
pub(super) async fn asked(request: Request, directory: &Path) -> Result<Submission, Failure> {
    let form =
        Multipart::from_request(request, &()).await.map_err(|error| broken(&error.to_string()))?;
    read(form, directory.to_owned()).await
}

/// A body that does not come.
pub(super) fn too_slow() -> Failure {
    let what = "the body did not come in time: for 10 seconds came nothing, or nearly";
    Failure::new(StatusCode::BAD_REQUEST, "too_slow", what)
}

fn broken(why: &str) -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        "invalid_request",
        format!("the form cannot be read: {why}"),
    )
}

/// A form that did not come whole.
fn unread(error: &MultipartError) -> Failure {
    if has_stalled(error) { too_slow() } else { broken(&error.body_text()) }
}

async fn read(mut form: Multipart, directory: PathBuf) -> Result<Submission, Failure> {
    let (mut asked, mut left) = (Submission::default(), FORM);
    while let Some(field) = form.next_field().await.map_err(|error| unread(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.file_name().is_some();
        match role(&name).filter(|_| is_file) {
            Some(role) => {
                let file = spooled(field, &directory, &mut left).await?;
                asked.pictures.push(GivenPicture { role, file });
            }
            None if is_file => {
                return Err(broken(&format!("`{}` is no field for a file", shown(&name))).hint(
                    "send pictures as `image`, `image[]` or `images`, and the mask as `mask`",
                ));
            }
            None => {
                let text = text(field, &mut left).await?;
                add(&mut asked.fields, &name, text);
            }
        }
    }
    Ok(asked)
}

/// What a file of this name is for.
fn role(name: &str) -> Option<Role> {
    match name.trim_end_matches("[]") {
        "image" | "images" => Some(Role::Image),
        "mask" => Some(Role::Mask),
        _ => None,
    }
}

/// Adds a field; one that stands there twice, or with `[]`, is a list.
fn add(fields: &mut Map<String, Value>, name: &str, text: String) {
    let (bare, is_list) = match name.strip_suffix("[]") {
        Some(bare) => (bare, true),
        None => (name, false),
    };
    match fields.get_mut(bare) {
        None if is_list => drop(fields.insert(bare.to_owned(), Value::Array(vec![text.into()]))),
        None => drop(fields.insert(bare.to_owned(), text.into())),
        Some(Value::Array(list)) => list.push(text.into()),
        Some(one) => *one = Value::Array(vec![one.take(), text.into()]),
    }
}

async fn text(
    mut field: axum::extract::multipart::Field<'_>,
    left: &mut u64,
) -> Result<String, Failure> {
    let name = field.name().unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| unread(&error))? {
        take(left, piece.len())?;
        if bytes.len() + piece.len() > FIELD {
            return Err(too_large(&format!("`{}` is longer than 256 KiB", shown(&name))));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| broken(&format!("`{}` is no UTF-8", shown(&name))))
}

/// A file of the form, on the disk.
async fn spooled(
    mut field: axum::extract::multipart::Field<'_>,
    directory: &Path,
    left: &mut u64,
) -> Result<File, Failure> {
    let directory = directory.to_owned();
    let file = run_io(move || fs::spill_file(&directory)).await;
    let mut file = file.map_err(|error| unwritten(&error))?;
    let mut piece = Vec::new();
    loop {
        let more = field.chunk().await.map_err(|error| unread(&error))?;
        let is_end = more.is_none();
        if let Some(more) = more {
            take(left, more.len())?;
            piece.extend_from_slice(&more);
        }
        if piece.len() >= PIECE || is_end {
            let bytes = std::mem::take(&mut piece);
            let write = move || fs::write_all(&mut file, &bytes).map(|()| file);
            file = run_io(write).await.map_err(|error| unwritten(&error))?;
        }
        if is_end {
            return Ok(file);
        }
    }
}

fn unwritten(error: &std::io::Error) -> Failure {
    let what = format!("a file of the form cannot be kept: {error}");
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "disk", what)
}

fn take(left: &mut u64, bytes: usize) -> Result<(), Failure> {
    *left = left
        .checked_sub(bytes as u64)
        .ok_or_else(|| too_large("the form is longer than 64 MiB"))?;
    Ok(())
}

fn too_large(what: &str) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", what)
        .hint("send fewer or smaller pictures")
}

fn shown(name: &str) -> String {
    crate::text::clean(name, 60)
}
