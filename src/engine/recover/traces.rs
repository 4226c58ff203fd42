//! What a process that died left of an attempt on the disk: kept replies and images, part files, and
//! images that have their name although the log does not say so.
//!
//! Blocking.

use std::path::PathBuf;
use std::time::SystemTime;

use super::open::has_history;
use crate::engine::Route;
use crate::engine::outcome::{SalvagedImage, is_reply, reply_path};
use crate::engine::planned::Job;
use crate::fs;
use crate::store::log::{Pending, Saved};
use crate::store::{self, KeptFile, OutputTarget, SavedFiles, taken, verify};

/// Where the traces of an attempt may be.
#[derive(Debug, Clone)]
pub(super) struct Traces {
    /// Where raw replies and images are kept.
    pub(super) kept: PathBuf,
    /// Where images are kept when nothing can be written there.
    pub(super) fallback: PathBuf,
}

impl Traces {
    /// The kept files of an attempt. The process may have died before the log could say that something
    /// was kept, or the log's disk was as full as the others; a queue's reply is asked for again.
    pub(super) fn kept(&self, pending: &Pending, route: &Route) -> Vec<PathBuf> {
        let mut kept = pending.existing_kept();
        let attempt = &pending.intent.attempt;
        let places = [&self.kept, &self.fallback];
        let images = places.into_iter().flat_map(|place| SalvagedImage::likely(place, attempt));
        let reply = reply_path(&self.kept, attempt);
        let reply = is_sync(pending, route).then_some(reply);
        for path in images.chain(reply) {
            if !kept.contains(&path) && path.exists() {
                kept.push(path);
            }
        }
        kept
    }

    /// Kept replies, and kept images or else whole part files.
    pub(super) fn of(&self, pending: &Pending, route: &Route) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let (replies, mut images): (Vec<_>, Vec<_>) =
            self.kept(pending, route).into_iter().partition(|path| is_reply(path));
        if pending.call.is_none() && replies.is_empty() && images.is_empty() {
            images = parts(&job_of(pending), &pending.intent.attempt);
        }
        (replies, images)
    }

    /// Whether nothing is known of an attempt but its intent. Such a one may have its image on the disk
    /// already. A queue's job cannot have been saved before it was submitted.
    pub(super) fn is_only_intent(&self, pending: &Pending, route: &Route) -> bool {
        is_sync(pending, route)
            && pending.call.is_none()
            && self.kept(pending, route).is_empty()
            && parts(&job_of(pending), &pending.intent.attempt).is_empty()
    }
}

/// The job of an open attempt. A directory that only an altered line names, and that is not there, was
/// another one: directories are made before anything is paid.
pub(super) fn job_of(pending: &Pending) -> Job {
    let mut job = Job::of_intent(&pending.intent);
    if pending.is_doubtful && !job.target.directory.is_dir() {
        job.target.directory = std::path::absolute(".").unwrap_or_else(|_| PathBuf::from("."));
    }
    job
}

/// Whether the answer to the request is all that there ever is.
fn is_sync(pending: &Pending, route: &Route) -> bool {
    !has_history(route.dialect, pending)
}

/// Whole part files that an attempt left where its image was to go; torn ones are removed, and what
/// was being made of a whole one.
fn parts(job: &Job, attempt: &str) -> Vec<PathBuf> {
    let part = |at: &str| job.target.directory.join(format!(".pinx-{attempt}.{at}.part"));
    let mut whole = Vec::new();
    for at in 1..=16 {
        for ending in ["new", "again", "again.new"] {
            let _ = fs::remove(&part(&format!("{at}.{ending}")));
        }
        let path = part(&at.to_string());
        if !path.exists() {
            continue;
        }
        if store::is_whole(&KeptFile(path.clone())) {
            whole.push(path);
        } else {
            let _ = fs::remove(&path);
        }
    }
    whole
}

/// A file of the wished name which the log does not know, younger than the intent, with
/// this recipe: the process died before the log could say so. What was made again stands where the
/// log knows another one, which it replaced. A copy out of the cache may look the
/// same where its process died as well, so one that has the bytes of a file in the log comes last.
pub(super) fn unlogged(known: &SavedFiles, route: &Route, pending: &Pending) -> Option<Saved> {
    let job = job_of(pending);
    // Clocks of file systems are coarse.
    let since = SystemTime::from(pending.intent.t - jiff::SignedDuration::from_secs(2));
    let recipe = job.recipe(route, None);
    let own = job.target.extension.as_str();
    let others = ["png", "jpg", "webp"].into_iter().filter(|other| *other != own);
    let mut copies = Vec::new();
    for extension in std::iter::once(own).chain(others) {
        let target = OutputTarget { extension: extension.to_owned(), ..job.target.clone() };
        for path in taken(&target, job.offset) {
            let modified = std::fs::metadata(&path).and_then(|meta| meta.modified());
            if !modified.is_ok_and(|time| time >= since) {
                continue;
            }
            let Ok(bytes) = std::fs::read(&path) else { continue };
            if store::read(&bytes).as_ref() != Some(&recipe) {
                continue;
            }
            let Ok(facts) = verify(&bytes) else { continue };
            let found = Saved::of(path, &bytes, &facts);
            if known.holds(&found.sha256) {
                copies.push(found);
            } else if known.claim_unlogged(&found.path, &found.sha256) {
                return Some(found);
            }
        }
    }
    copies.into_iter().find(|copy| known.claim(&copy.path))
}
