//! A run of this process: what has happened in it, who follows it, and what came of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::watch;

use super::events::{kind, value};
use super::mark::Mark;
use crate::engine::report::JobReport;
use crate::engine::{Document, Event, Level, Stop};
use crate::error::{Billed, Error};
use crate::pool::lock;

/// Events that a follower may still read; of a longer run the oldest are gone.
const KEPT: usize = 1_000;

/// An event as it is sent.
#[derive(Debug, Clone)]
pub(in crate::cmd) struct SentEvent {
    /// Its number, from one.
    pub(in crate::cmd) id: u64,
    /// Its name.
    pub(in crate::cmd) kind: &'static str,
    /// What it says.
    pub(in crate::cmd) data: Arc<Value>,
}

/// A run.
pub(in crate::cmd) struct RunRecord {
    id: String,
    mark: Mark,
    stop: watch::Sender<Level>,
    state: Mutex<State>,
    /// How many events there were; the last one is that it has ended.
    count: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    events: VecDeque<SentEvent>,
    /// Who waits for it.
    followers: usize,
    notices: Vec<String>,
    /// The jobs that have ended with images, in the order in which they ended, until all have.
    made: Vec<Arc<JobReport>>,
    document: Option<Arc<Document>>,
    /// Why it could not even begin.
    error: Option<Error>,
}

impl RunRecord {
    /// One that has not begun, and how it is stopped.
    pub(super) fn new(id: String, mark: Mark) -> (Arc<RunRecord>, Stop) {
        let (stop, heard) = Stop::new();
        let (count, _) = watch::channel(0);
        let state = Mutex::default();
        (Arc::new(RunRecord { id, mark, stop, state, count }), heard)
    }

    /// One of nobody, in which nothing has happened.
    #[cfg(test)]
    pub(in crate::cmd) fn of_nobody() -> Arc<RunRecord> {
        RunRecord::new("261130-a".to_owned(), Mark::new(None, None, String::new())).0
    }

    /// Its id.
    pub(in crate::cmd) fn id(&self) -> &str {
        &self.id
    }

    /// Whose it is, if a client's.
    pub(in crate::cmd) fn client(&self) -> Option<&str> {
        self.mark.client()
    }

    /// What its request is known by.
    pub(super) fn mark(&self) -> &Mark {
        &self.mark
    }

    /// Whether it has ended without an image, and nothing can have been billed: a request like it is
    /// another one.
    pub(super) fn came_to_nothing(&self) -> bool {
        let state = lock(&self.state);
        let is_nothing = |run: &Document| {
            let job = |job: &JobReport| {
                !job.status.is_done() && job.billed == Billed::No && !job.left_open
            };
            run.totals.images == 0 && run.jobs.iter().all(job)
        };
        state.error.is_some() || state.document.as_deref().is_some_and(is_nothing)
    }

    /// What was to be known before it began.
    pub(in crate::cmd) fn notices(&self) -> Vec<String> {
        lock(&self.state).notices.clone()
    }

    pub(super) fn note(&self, notices: Vec<String>) {
        lock(&self.state).notices = notices;
    }

    /// Whether nothing more happens in it.
    pub(in crate::cmd) fn has_ended(&self) -> bool {
        let state = lock(&self.state);
        state.document.is_some() || state.error.is_some()
    }

    /// Whether nothing more is sent for it.
    pub(in crate::cmd) fn is_stopping(&self) -> bool {
        *self.stop.borrow() > Level::Running
    }

    /// What came of it, once it has ended.
    ///
    /// # Errors
    /// It could not begin.
    pub(in crate::cmd) fn outcome(&self) -> Option<Result<Arc<Document>, Error>> {
        let state = lock(&self.state);
        match (&state.document, &state.error) {
            (Some(document), _) => Some(Ok(Arc::clone(document))),
            (None, Some(error)) => Some(Err(error.clone())),
            (None, None) => None,
        }
    }

    /// Nothing more is sent for it; what was sent is awaited.
    pub(in crate::cmd) fn cancel(&self) {
        self.stop.send_if_modified(|level| {
            let is_news = *level < Level::Draining;
            *level = (*level).max(Level::Draining);
            is_news
        });
    }

    /// Something has happened.
    pub(in crate::cmd) fn hear(&self, event: &Event) {
        self.push(kind(event), value(event));
    }

    fn push(&self, kind: &'static str, data: Value) {
        let mut state = lock(&self.state);
        let id = *self.count.borrow() + 1;
        // A newer preview takes the place of the older one.
        if kind == "partial" {
            state.events.retain(|event| event.kind != kind || event.data["job"] != data["job"]);
        }
        if state.events.len() >= KEPT {
            state.events.pop_front();
        }
        state.events.push_back(SentEvent { id, kind, data: Arc::new(data) });
        drop(state);
        self.count.send_replace(id);
    }

    /// A job has ended.
    pub(super) fn job_ended(&self, report: &JobReport) {
        if report.images.is_empty() {
            return;
        }
        lock(&self.state).made.push(Arc::new(report.clone()));
        // Who waits looks again.
        self.count.send_modify(|_| {});
    }

    /// The jobs with images that have ended while others are at work, behind so many.
    pub(in crate::cmd) fn made_since(&self, known: usize) -> Vec<Arc<JobReport>> {
        lock(&self.state).made.get(known..).unwrap_or_default().to_vec()
    }

    /// It has ended.
    pub(in crate::cmd) fn end(&self, outcome: Result<Document, Error>) {
        let mut state = lock(&self.state);
        // The previews are of no more use, and the document has all jobs.
        state.events.retain(|event| event.kind != "partial");
        state.made.clear();
        match outcome {
            Ok(document) => state.document = Some(Arc::new(document)),
            Err(error) => state.error = Some(error),
        }
        drop(state);
        self.count.send_modify(|count| *count += 1);
    }

    /// The events behind one with this number.
    pub(in crate::cmd) fn events_since(&self, id: u64) -> Vec<SentEvent> {
        lock(&self.state).events.iter().filter(|event| event.id > id).cloned().collect()
    }

    /// Waits until there is an event behind this one, or until it has ended.
    pub(in crate::cmd) async fn beyond(&self, id: u64) {
        let mut count = self.count.subscribe();
        // The sender lives as long as this record.
        let _ = count.wait_for(|count| *count > id || self.has_ended()).await;
    }

    /// The same, or until more jobs than so many have ended with images.
    pub(in crate::cmd) async fn beyond_made(&self, id: u64, known: usize) {
        let mut count = self.count.subscribe();
        let is_made = || lock(&self.state).made.len() > known;
        let _ = count.wait_for(|count| *count > id || self.has_ended() || is_made()).await;
    }

    /// Waits until it has ended.
    pub(in crate::cmd) async fn ended(&self) {
        let mut count = self.count.subscribe();
        let _ = count.wait_for(|_| self.has_ended()).await;
    }

    /// Somebody waits for it from now on, until this is dropped.
    pub(in crate::cmd) fn follow(self: &Arc<RunRecord>) -> Follower {
        lock(&self.state).followers += 1;
        Follower { record: Arc::clone(self), has_joined: false }
    }

    /// The same for who asks for what somebody asked for before.
    pub(super) fn join(self: &Arc<RunRecord>) -> Follower {
        lock(&self.state).followers += 1;
        Follower { record: Arc::clone(self), has_joined: true }
    }
}

/// Somebody who waits for a run. When the last one is gone, what was not sent is not sent any more.
pub(in crate::cmd) struct Follower {
    record: Arc<RunRecord>,
    has_joined: bool,
}

impl Follower {
    /// The run.
    pub(in crate::cmd) fn record(&self) -> &Arc<RunRecord> {
        &self.record
    }

    /// Whether somebody asked for the same before, and gets the same.
    pub(in crate::cmd) fn has_joined(&self) -> bool {
        // What an earlier process has made has the name of its run.
        let run = self.record.outcome().and_then(Result::ok).and_then(|run| run.run.clone());
        self.has_joined || run.is_some_and(|run| run != self.record.id)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut state = lock(&self.record.state);
        state.followers -= 1;
        let is_left = state.followers == 0;
        drop(state);
        if is_left && !self.record.has_ended() {
            self.record.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn who_comes_later_reads_what_was_and_the_last_one_who_goes_stops_it() {
        let (record, stop) =
            RunRecord::new("261130-a".to_owned(), Mark::new(None, None, String::new()));
        let (one, other) = (record.follow(), record.follow());
        record.hear(&Event::Sent { job: 0 });
        record.hear(&Event::Saving { job: 0 });
        let ids = |since| -> Vec<u64> {
            record.events_since(since).iter().map(|event| event.id).collect()
        };
        assert_eq!((ids(0), ids(1)), (vec![1, 2], vec![2]));
        assert!(record.beyond(1).now_or_never().is_some());
        assert!(record.beyond(2).now_or_never().is_none());
        drop(one);
        assert_eq!(stop.level(), Level::Running);
        drop(other);
        assert_eq!(stop.level(), Level::Draining);
        record.end(Ok(Document::of_jobs(None, Vec::new(), 0)));
        assert!(record.beyond(2).now_or_never().is_some() && record.has_ended());
        assert!(record.ended().now_or_never().is_some());
    }
}
