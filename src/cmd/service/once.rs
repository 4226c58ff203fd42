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
use crate::engine::Document;
use crate::error::Result;
use crate::pool::{lock, run_blocking};

/// A request that a library repeats is one that came within so long before.
const RECENT: Duration = Duration::from_secs(600);

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

    /// What an earlier process has made of a request with this key, once it is sure.
    ///
    /// # Errors
    /// The key belongs to another request, or the log cannot be read.
    pub(super) async fn made_before(
        self: &Arc<Service>,
        record: &RunRecord,
    ) -> Result<Option<Document>, Refusal> {
        let Some(key) = record.mark().key().map(str::to_owned) else { return Ok(None) };
        let body = record.mark().body().to_owned();
        for pause in past::PAUSES {
            let (service, key, body) = (Arc::clone(self), key.clone(), body.clone());
            let looked = run_blocking(move || past::look(&service.app, &key, &body)).await;
            let past = looked.unwrap_or_else(|_| Err(super::panicked()));
            match past.map_err(Refusal::Error)? {
                Past::Nothing => return Ok(None),
                Past::OtherRequest => return Err(Refusal::KeyReused),
                Past::Ended(document) => return Ok(Some(*document)),
                Past::AtWork(document) if pause.is_zero() || self.is_stopping() => {
                    return Ok(Some(*document));
                }
                Past::AtWork(_) => tokio::time::sleep(pause).await,
            }
        }
        Ok(None)
    }
}
