//! Requests that come again: known by a key that they bear, or by what they ask for where a library says
//! that it repeats one. Whoever repeats gets what the first one gets, also after a restart; nothing is
//! paid for twice.

use std::sync::Arc;
use std::time::Duration;

use super::Service;
use super::mark::Repeatable;
use super::past::{self, Past};
use super::record::RunRecord;
use super::refusal::Refusal;
use super::submission::Submission;
use crate::cmd::log::unreadable;
use crate::engine::{Document, JobReport};
use crate::error::{Billed, Error, Kind, Result};
use crate::pool::{lock, run_blocking};
use crate::store::log::{AT_WORK, Cursor};

/// A request that a library repeats is one that came within so long before.
const RECENT: Duration = Duration::from_secs(600);

/// Why an image is not there of which the log knows nothing.
fn not_come_to() -> Error {
    Error::new(Kind::Interrupted, "the process that was asked for it has ended")
        .hint("nothing was sent for it: ask for what is missing with another key")
}

/// Who answers a request.
pub(super) enum Answerer {
    /// A run of its own.
    New,
    /// The run of the one that it repeats.
    Known(Arc<RunRecord>),
}

impl Service {
    /// Remembers a run, or finds the one that answers the same request already.
    ///
    /// # Errors
    /// Too many wait, or the key belongs to another request.
    pub(super) fn remember_or_join(
        &self,
        record: &Arc<RunRecord>,
        repeatable: &Repeatable,
    ) -> Result<Answerer, Refusal> {
        let mut runs = lock(&self.runs);
        let mark = record.mark();
        for known in runs.iter().rev().filter(|known| known.mark().client() == mark.client()) {
            let (theirs, is_same) = (known.mark(), known.mark().body() == mark.body());
            let has_key = mark.key().is_some() && theirs.key() == mark.key();
            if has_key && !is_same {
                return Err(Refusal::KeyReused);
            }
            let is_again = repeatable.is_repeat || (repeatable.joins_running && !known.has_ended());
            let is_repeated = is_again && is_same && theirs.age() < RECENT;
            if (has_key || is_repeated) && !known.came_to_nothing() {
                return Ok(Answerer::Known(Arc::clone(known)));
            }
        }
        self.remember(&mut runs, record).then_some(Answerer::New).ok_or(Refusal::Full)
    }

    /// How far the log goes before it is asked for a request with a key: what other processes begin for it
    /// behind that is not begun here.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(super) async fn before_looking(
        self: &Arc<Service>,
        record: &RunRecord,
    ) -> Result<Option<Cursor>, Refusal> {
        if record.mark().key().is_none() {
            return Ok(None);
        }
        let service = Arc::clone(self);
        let end = run_blocking(move || {
            let end = service.app.log.end();
            end.map_err(|error| unreadable(&service.app, &error))
        });
        let end = end.await.unwrap_or_else(|_| Err(super::panicked()));
        end.map(Some).map_err(Refusal::Error)
    }

    /// What came of a run; where another process has begun the same request meanwhile, what that has made of
    /// it.
    pub(super) async fn or_of_another(
        self: &Arc<Service>,
        record: &RunRecord,
        own: Document,
    ) -> Document {
        let is_elsewhere = |job: &JobReport| {
            job.billed == Billed::No && job.error.as_ref().is_some_and(|it| it.code == AT_WORK)
        };
        if own.jobs.is_empty() || !own.jobs.iter().all(is_elsewhere) {
            return own;
        }
        match self.made_before(record).await {
            Ok(Past::Ended(theirs) | Past::AtWork(theirs)) => *theirs,
            _ => own,
        }
    }

    /// What an earlier process has made of a request with this key, once it is sure.
    ///
    /// # Errors
    /// The key belongs to another request, or the log cannot be read.
    pub(super) async fn made_before(
        self: &Arc<Service>,
        record: &RunRecord,
    ) -> Result<Past, Refusal> {
        let Some(key) = record.mark().key().map(str::to_owned) else { return Ok(Past::Nothing) };
        let body = record.mark().body().to_owned();
        for pause in past::PAUSES {
            let (service, key, body) = (Arc::clone(self), key.clone(), body.clone());
            let looked = run_blocking(move || past::look(&service.app, &key, &body)).await;
            let past = looked.unwrap_or_else(|_| Err(super::panicked()));
            match past.map_err(Refusal::Error)? {
                Past::OtherRequest => return Err(Refusal::KeyReused),
                Past::AtWork(_) if !pause.is_zero() && !self.is_stopping() => {
                    tokio::time::sleep(pause).await;
                }
                past => return Ok(past),
            }
        }
        Ok(Past::Nothing)
    }

    /// What an earlier process has made of a request, with the images that it did not come to.
    pub(super) async fn with_unbegun(
        self: &Arc<Service>,
        made: Document,
        asked: Vec<Submission>,
    ) -> Document {
        let (service, run) = (Arc::clone(self), made.run.clone().unwrap_or_default());
        let planned = run_blocking(move || {
            let rehearsed = |asked| Submission { rehearsed: true, ..asked };
            service.plan(asked.into_iter().map(rehearsed).collect(), &run)
        });
        let Ok(Ok((plan, _))) = planned.await else { return made };
        let mut jobs = made.jobs;
        let is_known = |index| jobs.iter().any(|job: &JobReport| job.index == index);
        let unbegun = plan.jobs.iter().filter(|job| !is_known(job.index));
        let unbegun: Vec<JobReport> = unbegun.map(|job| job.unbegun(Some(not_come_to()))).collect();
        jobs.extend(unbegun);
        jobs.sort_by_key(|job| job.index);
        Document::of_jobs(made.run, jobs, made.totals.ms)
    }
}
