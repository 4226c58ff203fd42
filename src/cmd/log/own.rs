//! Which images a word of a client means: among its own alone, as if there were no others.

use std::path::PathBuf;

use super::find::{self, Id, LAST};
use super::{App, scan_holding};
use crate::error::Result;
use crate::store::Entry;
use crate::store::log::Saved;

/// Characters of a hash that name an image.
const START: usize = 12;

/// The images of a client that a word means and that are still there: what it made last, the jobs of an
/// id, or one by the start of its hash. None where nothing of it is called so.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn images(app: &App, client: &str, word: &str) -> Result<Vec<PathBuf>> {
    let hash = word.to_ascii_lowercase();
    let is_hash = hash.len() >= START && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash && let Some(path) = by_hash(app, client, &hash)? {
        return Ok(vec![path]);
    }
    let mut entries = made(app, client, word)?;
    if word == LAST {
        let newest = entries.last().map(|entry| entry.run.clone());
        entries.retain(|entry| Some(&entry.run) == newest.as_ref());
    }
    // Jobs end in any order.
    entries.sort_by_key(find::job_number);
    let mut paths: Vec<PathBuf> = Vec::new();
    for image in entries.iter().flat_map(|entry| &entry.images) {
        if image.path.is_file() && !paths.iter().any(|path| *path == *image.path) {
            paths.push(image.path.to_path_buf());
        }
    }
    Ok(paths)
}

/// The newest image of a client that is still there whose hash begins so.
///
/// # Errors
/// The journal cannot be read.
pub(in crate::cmd) fn by_hash(app: &App, client: &str, start: &str) -> Result<Option<PathBuf>> {
    let mut found = None;
    scan_holding(app, &[start], |entry| {
        if entry.client.as_deref() != Some(client) {
            return;
        }
        let is_it = |image: &&Saved| image.sha256.starts_with(start) && image.path.is_file();
        let path = entry.images.iter().find(is_it).map(|image| image.path.to_path_buf());
        found = path.or(found.take());
    })?;
    Ok(found)
}

/// What a client has made images with, of the jobs that a word may mean.
fn made(app: &App, client: &str, word: &str) -> Result<Vec<Entry>> {
    let id = Id::of(word);
    let text = match word {
        LAST => format!("\"{client}\""),
        _ => id.run().to_owned(),
    };
    let mut entries = Vec::new();
    scan_holding(app, &[&text], |entry| {
        let is_own = entry.client.as_deref() == Some(client);
        let has_image = entry.e.closes() && !entry.job.is_empty() && !entry.images.is_empty();
        if is_own && has_image && (word == LAST || id.names(&entry)) {
            entries.push(entry);
        }
    })?;
    Ok(entries)
}
