//! Recovery: what the journal shows as open is collected, saved again, or listed.
//!
//! Nothing that was submitted is ever submitted again. A run that still lives holds its lock and is
//! left alone, and so is one that another `recover` works on.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::memmem;
use serde::Serialize;
use serde_json::Value;

use super::heavy::heavy;
use super::lost::Looked;
pub use super::orphans::orphans;
use super::outcome::{Attempt, Failure, JobState, SalvagedImage, Success};
use super::planned::Job;
use super::report::AttemptReport;
use super::salvage::Look;
use super::unused::kept_files;
pub use super::unused::{Unused, unused};
use super::{Engine, Route};
use crate::catalog::Order;
use crate::dialect::{Call, Dialect, Then};
use crate::error::{Error, Kind, Result};
use crate::net::{Answer, Body};
pub use crate::store::log::Pending;
use crate::store::log::{self, Fold, Saved, What};
use crate::store::{self, Draft, Wish, save, taken, verify};

/// The same of an open attempt. A directory that only an altered line names, and that is not there, was
/// another one: directories are made before anything is paid.
fn job_to_recover(pending: &Pending) -> Job {
    let mut job = Job::of_intent(&pending.intent);
    if pending.is_doubtful && !job.wish.directory.is_dir() {
        job.wish.directory = std::path::absolute(".").unwrap_or_else(|_| PathBuf::from("."));
    }
    job
}

/// The code of an attempt that its provider's history, read to its end, does not know.
const NOT_THERE: &str = "not_in_history";

/// How the recovery of one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its images are on the disk now.
    Saved,
    /// It has failed for good; nothing is open any more.
    Failed,
    /// The provider still works on it, or could not be asked.
    Pending,
    /// Nobody knows whether it was made; it may have been billed.
    Unknown,
}

/// What the journal shows as open, oldest run first; segments that cannot be read are left out.
///
/// # Errors
/// The journal cannot be read.
pub fn open_attempts(log: &Path) -> Result<Vec<Pending>> {
    Ok(open_and_damage(log)?.0)
}

/// The same; and whether a damaged line that nobody has dismissed may hide more.
///
/// # Errors
/// The journal cannot be read.
pub fn open_and_damage(log: &Path) -> Result<(Vec<Pending>, bool)> {
    let (fold, unread) = Fold::of_readable(log).map_err(|error| unreadable(log, &error))?;
    let is_damaged = fold.state().is_damaged() || !unread.is_empty();
    Ok((fold.into_open(), is_damaged))
}

/// The same without what has ended before: a copy of an old line may open it again.
///
/// # Errors
/// The journal cannot be read.
pub fn still_open(log: &Path) -> Result<Vec<Pending>> {
    let mut open = open_attempts(log)?;
    let ids: HashSet<&str> = open.iter().map(|one| one.intent.attempt.as_str()).collect();
    let ends = ["done", "failed", "settled"].map(|word| format!("\"e\":\"{word}\""));
    let finders: Vec<_> = ends.iter().map(|end| memmem::Finder::new(end.as_str())).collect();
    let may_be = |line: &[u8]| finders.iter().any(|finder| finder.find(line).is_some());
    let mut ended = HashSet::new();
    if !ids.is_empty() {
        // Where this cannot be read, nothing is left out.
        let _ = log::read_where(log, may_be, |entry| {
            if entry.e.closes() && entry.e != What::Tried && ids.contains(entry.attempt.as_str()) {
                ended.insert(entry.attempt);
            }
        });
    }
    open.retain(|pending| !ended.contains(&pending.intent.attempt));
    Ok(open)
}

/// The journal, folded.
///
/// # Errors
/// The journal cannot be read.
pub fn fold(log: &Path) -> Result<Fold> {
    Fold::load(log).map_err(|error| unreadable(log, &error))
}

fn unreadable(log: &Path, error: &std::io::Error) -> Error {
    let what = format!("the journal in `{}` cannot be read: {error}", log.display());
    Error::new(Kind::Local, what)
}

/// What can be said of an open attempt without asking anybody; `dialect` is what its provider speaks,
/// where that is known.
pub fn foreseen(pending: &Pending, dialect: Option<&dyn Dialect>) -> Fate {
    let order = pending.intent.order.clone().unwrap_or_default();
    let has_history = dialect.is_some_and(|dialect| dialect.lost(&order, "").is_some());
    let can_be_asked = has_history && pending.code != NOT_THERE;
    if pending.call.is_some() || !pending.existing_kept().is_empty() || can_be_asked {
        Fate::Pending
    } else {
        Fate::Unknown
    }
}

/// Is the answer to the request all that there ever is?
fn is_sync(pending: &Pending, route: &Route) -> bool {
    let order = pending.intent.order.clone().unwrap_or_default();
    route.dialect.lost(&order, "").is_none()
}

/// Whole part files that an attempt left where its image was to go; torn ones are removed, and what
/// was being made of a whole one.
fn parts(job: &Job, attempt: &str) -> Vec<PathBuf> {
    let part = |at: &str| job.wish.directory.join(format!(".pinx-{attempt}.{at}.part"));
    let mut whole = Vec::new();
    for at in 1..=16 {
        for made in ["new", "again", "again.new"] {
            let _ = crate::fs::remove(&part(&format!("{at}.{made}")));
        }
        let path = part(&at.to_string());
        if !path.exists() {
            continue;
        }
        if std::fs::read(&path).is_ok_and(|bytes| verify(&bytes).is_ok()) {
            whole.push(path);
        } else {
            let _ = crate::fs::remove(&path);
        }
    }
    whole
}

/// Files below `kept` that nobody needs any more: of attempts that are done, left by a process that
/// was killed before it could remove them. What a `done` entry says to be kept stays.
///
/// # Errors
/// The journal cannot be read.
pub fn leftovers(log: &Path, kept: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = kept_files(kept);
    let mut done = Vec::new();
    if !files.is_empty() {
        log::read(log, |entry| {
            if entry.e == What::Done && entry.kept.is_none() {
                done.extend(files.remove(&entry.attempt).into_iter().flatten());
            }
        })?;
    }
    Ok(done)
}

/// The files that the journal says are saved.
///
/// # Errors
/// The journal cannot be read.
pub fn saved_files(log: &Path) -> std::io::Result<HashSet<PathBuf>> {
    let mut files = HashSet::new();
    log::read(log, |entry| files.extend(entry.images.into_iter().map(|image| image.path)))?;
    Ok(files)
}

impl Engine<'_> {
    /// Is nothing known of an attempt but its intent? Such a one may have its image on the disk
    /// already. A queue's job cannot have been saved before it was submitted.
    pub fn is_bare(&self, pending: &Pending, route: &Route) -> bool {
        is_sync(pending, route)
            && pending.call.is_none()
            && self.kept_of(pending, route).is_empty()
            && parts(&job_to_recover(pending), &pending.intent.attempt).is_empty()
    }

    /// The image of a bare attempt that has its name already, claimed. Asked of all bare attempts
    /// after the others have got their own, because a file tells its recipe and not its attempt, and
    /// before any bare one is gone on with, because a name that is given meanwhile looks the same.
    pub fn unsaid(&self, pending: &Pending, route: &Route) -> Option<Saved> {
        self.unsaid_file(&job_to_recover(pending), route, pending)
    }

    /// The kept files of an attempt. The process may have died before the journal could say that
    /// something was kept, or the journal's disk was as full as the others; a queue's reply is asked
    /// for again.
    fn kept_of(&self, pending: &Pending, route: &Route) -> Vec<PathBuf> {
        let mut kept = pending.existing_kept();
        let attempt = &pending.intent.attempt;
        let places = [&self.options.kept, &self.options.spare];
        let images = places.into_iter().flat_map(|place| SalvagedImage::likely(place, attempt));
        let reply = self.options.kept.join(format!("{attempt}.reply"));
        let reply = is_sync(pending, route).then_some(reply);
        for path in images.chain(reply) {
            if !kept.contains(&path) && path.exists() {
                kept.push(path);
            }
        }
        kept
    }

    /// Goes on with one attempt over a route made by the settings of today; `unsaid` is what that
    /// function found of it.
    pub async fn recover(
        &self,
        pending: &Pending,
        route: Route,
        unsaid: Option<Saved>,
    ) -> (Fate, Vec<Saved>, Option<Error>) {
        let intent = &pending.intent;
        let number = intent.attempt.rsplit('.').next().and_then(|n| n.parse().ok()).unwrap_or(1);
        let order = Arc::new(intent.order.clone().unwrap_or_default());
        let job = job_to_recover(pending);
        let deadline = job.created_at + self.options.deadline;
        let mut report = AttemptReport::of(&intent.attempt, &route);
        let mut state = JobState::default();
        let (replies, mut images): (Vec<_>, Vec<_>) = self
            .kept_of(pending, &route)
            .into_iter()
            .partition(|path| path.extension().is_some_and(|extension| extension == "reply"));
        if pending.call.is_none() && replies.is_empty() && images.is_empty() {
            images = parts(&job, &intent.attempt);
        }
        let kept: Vec<_> = images.iter().filter_map(|path| SalvagedImage::of_path(path)).collect();
        let attempt = Attempt { job: &job, route: &route, number, deadline, kept: &kept };
        // Other images of the answer may still be where it says.
        let more = pending.call.is_some() || !replies.is_empty();
        let only_kept = !images.is_empty() && (!more || SalvagedImage::are_all(&kept));
        let outcome = if let Some(saved) = unsaid {
            Ok(Success { saved: vec![saved], ..Success::default() })
        } else if only_kept {
            self.save_kept(&attempt, &images).await
        } else if let (Some(reply), None) = (replies.first(), &pending.call) {
            self.read_kept(&attempt, &order, reply, &mut state).await
        } else {
            self.go_on(&attempt, &order, pending, &mut state, &mut report).await
        };
        let (outcome, missed) = match outcome {
            // The others will never come: what is kept is saved all the same.
            Err(gone) if !images.is_empty() && gone.is_final() && !only_kept => {
                (self.save_kept(&attempt, &images).await, Some(gone.error))
            }
            outcome => (outcome, None),
        };
        match outcome {
            Ok(mut made) => {
                // Gone once the journal says done; a reply whose images are not all here stays.
                made.kept = images;
                made.kept.extend(replies.into_iter().filter(|_| missed.is_none()));
                let id = made.request_id.clone().or(report.request_id);
                self.record_done(&attempt, &state, &made, &report.gateway, id).await;
                (Fate::Saved, made.saved, missed)
            }
            Err(failed) => {
                let fate = match failed.error.kind {
                    _ if !failed.open => Fate::Failed,
                    Kind::Ambiguous => Fate::Unknown,
                    _ => Fate::Pending,
                };
                // That nobody knows more is written down once.
                let is_news = failed.error.code == NOT_THERE && pending.code != NOT_THERE;
                if fate == Fate::Failed || is_news {
                    self.close(&attempt, &failed, What::Failed);
                }
                (fate, Vec::new(), Some(failed.error))
            }
        }
    }

    /// A raw reply with links that was kept before they were fetched.
    pub(super) async fn read_kept(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        path: &Path,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let bytes = std::fs::read(path).map_err(|error| {
            let what = format!("the kept reply {} cannot be read: {error}", path.display());
            Failure::open(Error::new(Kind::Local, what))
        })?;
        let answer =
            Arc::new(Answer { status: 200, headers: Vec::new(), body: Body::of(bytes), cut: None });
        let step = attempt.route.dialect.submit(order).map_err(Failure::sent)?;
        let Then::Send(call) = step.then else {
            return Err(Failure::sent(Error::new(Kind::Internal, "nothing was sent")));
        };
        let look = |tried| Look { call: &call, answer: &answer, tried };
        let (tried, failed) = match self.digest(attempt.route, order, &call, &answer).await {
            // A queue's word that it has the job is no answer.
            Ok(digest) if digest.raws.is_empty() => {
                (Vec::new(), Failure::sent(Error::new(Kind::Unusable, "there is no image in it")))
            }
            Ok(digest) => {
                let tried = digest.links();
                let source = Some((&answer, None));
                match self.deliver(attempt, order, digest, source, state).await {
                    Ok(made) => return Ok(made),
                    Err(failed) => (tried, failed),
                }
            }
            Err(error) => (Vec::new(), Failure::sent(error)),
        };
        self.salvage(attempt, order, look(tried), failed, state).await
    }

    /// A file of the wished name which the journal does not know, younger than the intent, with
    /// this recipe: the process died before the journal could say so.
    fn unsaid_file(&self, job: &Job, route: &Route, pending: &Pending) -> Option<Saved> {
        let known = self.options.adopt.as_ref()?;
        // Clocks of file systems are coarse.
        let since =
            std::time::SystemTime::from(pending.intent.t - jiff::SignedDuration::from_secs(2));
        for extension in [job.wish.extension.as_str(), "png", "jpg", "webp"] {
            let wish = Wish { extension: extension.to_owned(), ..job.wish.clone() };
            for path in taken(&wish, job.offset) {
                let modified = std::fs::metadata(&path).and_then(|meta| meta.modified());
                if !modified.is_ok_and(|time| time >= since) {
                    continue;
                }
                let Ok(bytes) = std::fs::read(&path) else { continue };
                let Ok(facts) = verify(&bytes) else { continue };
                let is_ours = store::read(&bytes).as_ref() == Some(&job.recipe(route, None));
                if is_ours && known.claim(&path) {
                    return Some(Saved::of(path, &bytes, &facts));
                }
            }
        }
        None
    }

    async fn go_on(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        pending: &Pending,
        state: &mut JobState,
        report: &mut AttemptReport,
    ) -> Result<Success, Failure> {
        let Some(call) = &pending.call else {
            let call = self.find_lost(attempt, order, pending).await?;
            return self.follow(attempt, order, call, state, report).await;
        };
        let call = Call { after_ms: 0, ..call.clone() };
        match self.follow(attempt, order, call, state, report).await {
            // The line that says where the job is was altered: it may be somewhere else.
            Err(failed) if pending.is_altered && failed.error.kind == Kind::Ambiguous => {
                let call = self.find_lost(attempt, order, pending).await?;
                self.follow(attempt, order, call, state, report).await
            }
            outcome => outcome,
        }
    }

    /// An intent without an answer: the provider's history may know the job.
    async fn find_lost(
        &self,
        attempt: &Attempt<'_>,
        order: &Order,
        pending: &Pending,
    ) -> Result<Call, Failure> {
        let since = pending.intent.t - jiff::SignedDuration::from_secs(60);
        let unknown = |what: &str| Error::new(Kind::Ambiguous, what);
        let error = match attempt.route.dialect.lost(order, &since.to_string()) {
            None => unknown("no image ever came, and the provider cannot say what became of it"),
            Some(call) => match self.look(attempt, order, &call).await? {
                Looked::Found(found) => return Ok(*found),
                Looked::Unasked(error) => error,
                Looked::NotThere => {
                    unknown("no image ever came, and the provider's history does not know it")
                        .code(NOT_THERE)
                }
            },
        };
        Err(Failure::open(error))
    }

    async fn save_kept(&self, attempt: &Attempt<'_>, kept: &[PathBuf]) -> Result<Success, Failure> {
        let mut made = Success::default();
        for (at, path) in kept.iter().enumerate() {
            // The source may be a part file itself: never written over.
            let part = format!("{}.{}.again", attempt.id(), at + 1);
            let draft = Draft { part, ..self.draft(attempt, at, None) };
            let path = path.clone();
            let work = move || {
                let bytes = std::fs::read(&path).map_err(|error| {
                    Error::new(
                        Kind::Local,
                        format!("the kept bytes in {} cannot be read: {error}", path.display()),
                    )
                })?;
                save(bytes.as_slice(), draft)
            };
            let outcome = heavy(work).await;
            let outcome = outcome.unwrap_or_else(|_| {
                Err(Error::new(Kind::Unusable, "the kept bytes cannot be decoded"))
            });
            match outcome {
                Ok((saved, ..)) => made.saved.push(saved),
                Err(error) => {
                    let open = error.kind == Kind::Local;
                    return Err(Failure { open, ..Failure::sent(error) });
                }
            }
        }
        Ok(made)
    }
}

impl AttemptReport {
    /// The report of an attempt that has just begun.
    pub(super) fn of(id: &str, route: &Route) -> AttemptReport {
        AttemptReport {
            id: id.to_owned(),
            model: route.model_id(),
            route: route.name(),
            outcome: "done".to_owned(),
            status: None,
            host: None,
            ms: 0,
            request_id: None,
            gateway: Value::Null,
            message: None,
        }
    }
}
