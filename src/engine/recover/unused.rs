//! Paid answers that lie in `kept/` although their attempts are closed: each one is looked through once
//! more, because a later version may read what an earlier one could not.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::Instant;

use super::garbage::kept_files;
use super::intended;
use crate::engine::outcome::{Attempt, JobState, Success, is_preview, is_reply, number_of};
use crate::engine::planned::Job;
use crate::engine::{Route, Run};
use crate::error::{Error, Result};
use crate::store::Log;
use crate::store::log::{Entry, EntryKind, Saved};

/// A kept answer, or a kept image, whose attempt is closed without it.
#[derive(Debug, Clone)]
pub struct Unused {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// When it was asked for; where the log does not know that, when the file was written.
    pub since: Option<jiff::Timestamp>,
    /// The attempt's id.
    pub attempt: String,
    /// What it was asked for; nothing where the log does not know the attempt.
    pub intent: Option<Box<Entry>>,
}

/// What lies in `kept` of attempts that are neither open nor done, oldest first.
///
/// # Errors
/// The journal cannot be read.
pub fn unused(log: &Log, kept: &Path, open: &HashSet<String>) -> io::Result<Vec<Unused>> {
    let mut files = kept_files(kept);
    files.retain(|attempt, _| !open.contains(attempt));
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let mut intents = HashMap::new();
    log.read(|entry| match entry.e {
        EntryKind::Done => drop(files.remove(&entry.attempt)),
        EntryKind::Intent if files.contains_key(&entry.attempt) => {
            intents.insert(entry.attempt.clone(), Box::new(entry));
        }
        _ => {}
    })?;
    let mut unused: Vec<Unused> = Vec::new();
    for (attempt, paths) in files {
        let intent = intents.remove(&attempt);
        unused.extend(paths.into_iter().filter_map(|path| {
            let meta = std::fs::metadata(&path).ok()?;
            let (attempt, intent) = (attempt.clone(), intent.clone());
            // A second look writes the file anew: its attempt's own time stays.
            let asked = intent.as_deref().map(|intent: &Entry| intent.t);
            let since = asked.or_else(|| meta.modified().ok()?.try_into().ok());
            Some(Unused { path, bytes: meta.len(), since, attempt, intent })
        }));
    }
    unused.sort_by_key(|file| file.since);
    Ok(unused)
}

impl Unused {
    /// Whether it is an unfinished preview, which is no picture that was paid for.
    pub fn is_preview(&self) -> bool {
        is_preview(&self.path)
    }

    /// Whether it is an answer, and not an image.
    pub fn is_reply(&self) -> bool {
        is_reply(&self.path)
    }
}

impl Run {
    /// Saves what a kept answer of a closed attempt holds. Its money was settled when it was closed;
    /// where nothing comes of it, nothing is written down.
    ///
    /// # Errors
    /// Why it cannot be used, or not now.
    pub async fn second_look(
        &self,
        intent: &Entry,
        route: &Route,
        reply: &Path,
    ) -> Result<Vec<Saved>> {
        let number = number_of(&intent.attempt);
        let order = Arc::new(intent.order.clone().unwrap_or_default());
        let job = Job::of_intent(intent);
        // Nobody waits for a link that was of no use before.
        let deadline = Instant::now();
        let attempt = Attempt { job: &job, route, number, deadline, salvaged: &[] };
        let mut state = JobState::default();
        let call = intended(intent, route, &order).map_err(without_hints)?;
        let success = self.read_kept(&attempt, &order, call, reply, &mut state).await;
        let success = success.map_err(|failure| without_hints(failure.error))?;
        let kept = vec![reply.to_owned()];
        let success = Success { kept, settled: true, ..success };
        let id = success.request_id.clone();
        self.record_done(&attempt, &state, &success, &serde_json::Value::Null, id).await;
        Ok(success.saved)
    }
}

/// That the answer is kept, and what may be done, is said of all of them at once.
fn without_hints(error: Error) -> Error {
    Error { hints: Vec::new(), ..error }
}
