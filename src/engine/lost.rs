//! Lost requests: a submit whose answer never came is looked for in the provider's history.
//!
//! It is never sent again. What is found is claimed at once, so that no two jobs share a request.

use std::borrow::Cow;
use std::time::Duration;

use super::outcome::{Attempt, Failure};
use super::parse::{is_harmless, safe};
use super::{Level, Route, Run};
use crate::catalog::Order;
use crate::dialect::{Call, Reply, Stage};
use crate::error::{Error, Kind, Result};
use crate::pool::run_io;

/// Pages of a history that are looked through at most: of a batch of thousands one was lost.
const PAGES: usize = 50;

impl Run {
    /// A submit without an answer: not sent, or sent into silence. A queue's history may know it.
    /// `submitted` is the call as it was sent.
    pub(super) async fn unanswered(
        &self,
        attempt: &Attempt<'_>,
        order: &Order,
        submitted: &Call,
        error: Error,
        status: Option<u16>,
        sent: jiff::Timestamp,
    ) -> Result<Call, Failure> {
        // `Local`: an answer came, but this machine could not hold it.
        let silent = matches!(error.kind, Kind::Ambiguous | Kind::Local);
        let since = sent - jiff::SignedDuration::from_secs(60);
        let lost = attempt.route.dialect.lost(order, &since.to_string());
        if let Some(call) = lost.filter(|_| silent) {
            for wait in [2, 5, 10] {
                let stopped = tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(wait)) => false,
                    () = self.stop.at(Level::Draining) => true,
                };
                if stopped {
                    break;
                }
                if let Looked::Found(found) = self.look(attempt, order, submitted, &call).await? {
                    return Ok(*found);
                }
            }
        }
        Err(Failure { open: silent, status, ..Failure::sent(error) })
    }

    /// Whether another process took this request, which is in the log as ours, for a lost answer of its
    /// own.
    pub(super) async fn is_taken(&self, route: &Route, call: &Call) -> bool {
        let id = route.dialect.job_id(call);
        let (Some(log), Some(id)) = (&self.engine.log, id) else { return false };
        if !log.is_found(id).await {
            return false;
        }
        // It may be about to take that back.
        let _claiming = log.claiming().await;
        log.is_found(id).await
    }

    /// Looks a lost request up and claims it.
    pub(super) async fn look(
        &self,
        attempt: &Attempt<'_>,
        order: &Order,
        submitted: &Call,
        call: &Call,
    ) -> Result<Looked, Failure> {
        let mut page = call.clone();
        for _ in 0..PAGES {
            match self.look_at(attempt, order, submitted, &page).await? {
                Looked::Found(next) if next.stage == Stage::Lost => page = *next,
                looked => return Ok(looked),
            }
        }
        Ok(unasked(format!("it goes on behind {PAGES} pages")))
    }

    /// One page of the history. From reading what is claimed to writing that it is ours, no other
    /// job of any process may look.
    async fn look_at(
        &self,
        attempt: &Attempt<'_>,
        order: &Order,
        submitted: &Call,
        call: &Call,
    ) -> Result<Looked, Failure> {
        let answer = match self.exchange(attempt.route, call).await {
            Ok(answer) => answer,
            Err(error) => return Ok(unasked(error.message)),
        };
        let (status, headers, body) = (answer.status, answer.headers, answer.body);
        let bytes = match run_io(move || body.bytes().map(Cow::into_owned)).await {
            Ok(bytes) => bytes,
            Err(error) => return Ok(unasked(error)),
        };
        let reply = Reply {
            stage: Stage::Lost,
            endpoint: attempt.route.endpoint_kind(&call.target),
            status,
            headers: &headers,
            body: &bytes,
            memo: &call.memo,
        };
        let Some(log) = &self.engine.log else { return Ok(unasked("there is no journal")) };
        let _claiming = match log.claiming().await {
            Ok(claiming) => claiming,
            Err(error) => return Ok(unasked(error)),
        };
        let since = call.memo_str("since").and_then(|since| since.parse().ok()).unwrap_or_default();
        // Where it cannot be told whose the found jobs are, none is taken.
        let claimed = match log.taken_ids(since, &attempt.id()).await {
            Ok(claimed) => claimed,
            Err(error) => return Ok(unasked(error)),
        };
        let found = match attempt.route.dialect.found(submitted, order, &reply, &claimed) {
            Ok(Some(found)) if is_harmless(attempt.route, &found) => found,
            Ok(Some(_)) => return Ok(unasked("its answer repeats the key")),
            Ok(None) => return Ok(Looked::NotThere),
            Err(error) => return Ok(unasked(safe(attempt.route, error).message)),
        };
        if found.stage == Stage::Lost {
            return Ok(Looked::Found(Box::new(found)));
        }
        if let Some(id) = attempt.route.dialect.job_id(&found) {
            // An equal job of another process may have heard of it only now.
            let is_told = log.report_found(id).await.is_ok();
            let known = log.taken_ids(since, &attempt.id()).await;
            let is_free = known.is_ok_and(|known| !known.iter().any(|known| known == id));
            if !(is_told && is_free && log.claim(id)) {
                let _ = log.retract_found(id).await;
                return Ok(unasked("an equal job took what it lists just now"));
            }
        }
        self.submitted(attempt, &found).await;
        Ok(Looked::Found(Box::new(found)))
    }
}

/// What became of a look into a provider's history.
#[derive(Debug)]
pub(super) enum Looked {
    /// The job is there, and is this attempt's now; or the next page is to be looked at.
    Found(Box<Call>),
    /// It was read to its end and does not know the job.
    NotThere,
    /// It could not be asked, or not be read to its end.
    Unasked(Error),
}

fn unasked(why: impl std::fmt::Display) -> Looked {
    let what = format!("the provider's history could not be asked: {why}");
    Looked::Unasked(Error::new(Kind::Detached, what).code("history_unasked"))
}
