//! The tools that look: models, statistics, what is open, and a small image.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use super::answer;
use super::arguments::Given;
use super::desk::{Call, Caller};
use crate::cmd::service::{NamedFile, Service, flags, without_paths};
use crate::cmd::{App, log, models, named, recover, stats};
use crate::error::{Error, Exit, Result};
use crate::fs;
use crate::page;
use crate::pool::run_blocking;

/// Characters of base64 that an image may have.
const MOST: usize = 150_000;

/// Bytes of a file that is looked at, at most.
const LARGEST: u64 = 64 << 20;

/// Pixels of the longer edge of an image that is shown.
const EDGE: u32 = 512;

/// Flags of `models`.
const MODELS: &[&str] = &["query", "provider", "can", "free", "all", "size", "quality", "sort"];
/// Flags of `stats`.
const STATS: &[&str] = &["since", "until", "by", "model", "provider", "tag"];

/// Lists models.
pub(super) async fn models(call: &Call, given: Given) -> CallToolResult {
    let client = call.caller.client.clone();
    let command =
        move |app: &mut App, args: &models::Args| models::run_for(app, args, client.as_ref());
    of_command(call, given, MODELS, command, |document| {
        let rows = document["models"].as_array().cloned().unwrap_or_default();
        let one = |row: &Value| {
            let id = row["id"].as_str().unwrap_or_default();
            match row["costPerImage"].as_f64() {
                Some(0.0) => format!("{id} free"),
                Some(cost) => format!("{id} ${cost}"),
                None => format!("{id} price unknown"),
            }
        };
        let named: Vec<String> = rows.iter().map(one).collect();
        format!("{}: {}", crate::text::counted(rows.len() as u64, "model"), named.join(", "))
    })
    .await
}

/// Tells what was spent.
pub(super) async fn stats(call: &Call, given: Given) -> CallToolResult {
    let client = call.caller.client.clone();
    let command = move |app: &mut App, args: &stats::Args| match client {
        None => stats::run(app, args),
        Some(client) => stats::run_for(app, args, &client.name),
    };
    of_command(call, given, STATS, command, |document| {
        let total = &document["total"];
        let spent = total["spent"].as_f64().unwrap_or_default();
        let images = total["images"].as_u64().unwrap_or_default();
        format!("${spent} spent on {}", crate::text::counted(images, "image"))
    })
    .await
}

/// Collects what is open.
pub(super) async fn recovered(call: &Call, mut given: Given) -> CallToolResult {
    let args = recover::Args {
        list: given.switch("list"),
        deadline: None,
        forget: Vec::new(),
        yes: false,
    };
    let printed = call.desk.service.printed_apart(move |app| recover::run(app, &args)).await;
    let printed = match &call.caller.client {
        None => printed,
        Some(client) => printed.map(|bytes| open_of(&client.name, &bytes)),
    };
    told(call, printed, |document| {
        let open = document["open"].as_u64().unwrap_or_default();
        let attempts = document["attempts"].as_array().map_or(0, Vec::len);
        match (attempts, open) {
            (0, 0) => "nothing is open".to_owned(),
            (_, 0) => format!("{attempts} collected, nothing is open any more"),
            _ => format!("{open} still open; call recover again in a minute"),
        }
    })
}

/// What is open of one client, of a document of all that is.
fn open_of(client: &str, document: &[u8]) -> Vec<u8> {
    let all: Value = serde_json::from_slice(document).unwrap_or_default();
    let attempts = all["attempts"].as_array().cloned().unwrap_or_default();
    let own = attempts.into_iter().filter(|attempt| attempt["client"] == client);
    let own: Vec<Value> = own.collect();
    let is_open = |attempt: &&Value| attempt["fate"] == "pending" || attempt["fate"] == "unknown";
    let open = own.iter().filter(is_open).count();
    json!({ "success": open == 0, "attempts": own, "open": open }).to_string().into_bytes()
}

async fn of_command<A: clap::Args + Send + 'static>(
    call: &Call,
    given: Given,
    known: &[&str],
    command: impl FnOnce(&mut App, &A) -> anyhow::Result<Exit> + Send + 'static,
    line: impl FnOnce(&Value) -> String,
) -> CallToolResult {
    let args: A = match flags(given.flags().into_iter(), known) {
        Ok(args) => args,
        Err(error) => return answer::failed(&error),
    };
    let printed = call.desk.service.printed(move |app| command(app, &args)).await;
    told(call, printed, line)
}

/// What a command has printed, behind a line.
fn told(
    call: &Call,
    printed: Result<Vec<u8>>,
    line: impl FnOnce(&Value) -> String,
) -> CallToolResult {
    match printed {
        Ok(bytes) => {
            let mut document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            if call.caller.is_remote {
                without_paths(&mut document);
            }
            answer::told(line(&document), document)
        }
        Err(error) => answer::failed(&error),
    }
}

/// Shows a small image.
pub(super) async fn image(call: &Call, mut given: Given) -> CallToolResult {
    let word = given.text("image").unwrap_or_default();
    let edge = given.whole("size").map_or(EDGE, |size| size as u32).min(EDGE);
    let (service, folders) = (Arc::clone(&call.desk.service), Arc::clone(&call.desk.folders));
    let caller = call.caller.clone();
    let work = run_blocking(move || {
        let hint = |error: Error| error.hint(format!("or name a file below {}", folders.shown()));
        let (path, bytes) = match folders.open(&word)? {
            Some(NamedFile { path, file }) => {
                let bytes = fs::read_to(file, LARGEST).map_err(|why| why.to_string());
                (path, bytes)
            }
            None => {
                let path = of_log(&service, &caller, &word).map_err(hint)?;
                let bytes = page::image_bytes(&path);
                (path, bytes)
            }
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        small(&name.unwrap_or_default(), bytes, edge)
    });
    match work.await {
        Ok(Ok((media, data, line))) => CallToolResult::success(vec![
            ContentBlock::text(line),
            ContentBlock::image(data, media),
        ]),
        Ok(Err(error)) => answer::failed(&error),
        Err(_) => answer::failed(&Error::usage("this image cannot be shown").code("input")),
    }
}

/// The image of the log that a word means: a client means its own.
fn of_log(service: &Service, caller: &Caller, word: &str) -> Result<PathBuf> {
    let id = word.trim();
    let id = id.strip_prefix('@').unwrap_or(id);
    let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    let unknown = || {
        Error::usage(format!("`{}` is no image that pinx made", crate::text::clean(word, 120)))
            .code("unknown_id")
            .hint("give the id or the hash of an answer, or `@last`")
    };
    if !is_id || named::is_file(id) {
        return Err(unknown());
    }
    let app = service.app();
    let by_hash = || log::find::by_hash(app, id);
    let found = match &caller.client {
        Some(client) => log::own::images(app, &client.name, id)?,
        None => match by_hash()? {
            Some(path) => vec![path],
            None => named::images(app, id).map_err(|error| match error.code.as_str() {
                "unknown_id" => unknown(),
                _ => error,
            })?,
        },
    };
    found.into_iter().next().ok_or_else(unknown)
}

/// A small image as base64, its media type, and its size in words.
fn small(
    name: &str,
    bytes: Result<Vec<u8>, String>,
    mut edge: u32,
) -> Result<(&'static str, String, String)> {
    let unshown = |why| Error::usage(format!("`{name}` cannot be shown: {why}")).code("input");
    let whole = bytes.map_err(unshown)?;
    for quality in [80, 70, 55, 40, 30, 20] {
        let made = page::small_image_of(whole.clone(), edge, quality);
        let (media, bytes) = made.map_err(unshown)?;
        let data = STANDARD.encode(&bytes);
        if data.len() <= MOST {
            let line = format!("{name}, at most {edge} pixels, {} bytes", bytes.len());
            return Ok((media, data, line));
        }
        edge = (edge * 3 / 4).max(16);
    }
    Err(Error::usage(format!("`{name}` cannot be made small enough")).code("input"))
}
