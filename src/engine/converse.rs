//! From one call to its answer, and from an answer to the next call, until the dialect says that it has
//! everything.
//!
//! A paid call is never sent again; the raw answer to it lives until its images verify.

use std::sync::Arc;

use tokio::time::Instant;

use super::explain::{answered, explained, unreached};
use super::outcome::{Attempt, Failure, JobState, Success, after_the_queue, beyond_limit};
use super::parse::{note_gateway, safe};
use super::report::AttemptReport;
use super::salvage::SalvageSource;
use super::{Event, Level, Route, Run};
use crate::catalog::Order;
use crate::dialect::{Call, Progress, Stage};
use crate::error::{Error, Kind, Result, TOO_LARGE};
use crate::net::{HttpResponse, OnProgress};

/// Redirects of one free call that are gone after.
const HOPS: u32 = 5;

impl Run {
    /// Sends a call and whatever calls follow from its answer.
    pub(super) async fn follow(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        first: Call,
        state: &mut JobState,
        report: &mut AttemptReport,
    ) -> Result<Success, Failure> {
        let (job, route) = (attempt.job.index, attempt.route);
        let mut call = first;
        let (mut retries, mut hops) = (0, 0);
        let mut queued = false;
        let mut cancelled = None;
        let mut mark = Instant::now();
        let sent = crate::clock::now();
        loop {
            let stage = call.stage;
            let answer = match self.exchange_shown(attempt, order, &call).await {
                Ok(answer) if answer.cut.is_some() => {
                    let rescued = self.rescue(attempt, order, &call, answer, state).await;
                    let error = match rescued {
                        Ok(success) => return Ok(success),
                        Err(failure) if failure.open => return Err(failure),
                        Err(failure) => failure.error,
                    };
                    call = self.unanswered(attempt, order, &call, error, None, sent).await?;
                    continue;
                }
                Ok(answer) => answer,
                Err(error) if stage == Stage::Submit => {
                    call = self.unanswered(attempt, order, &call, error, None, sent).await?;
                    continue;
                }
                Err(error) if error.code == TOO_LARGE => {
                    return Err(beyond_limit(error, self.settings.answer_limit));
                }
                Err(error) => {
                    self.wait_and_retry(attempt, &error, &mut retries).await?;
                    continue;
                }
            };
            let observed = Arc::new(answered(route, &call, &answer));
            report.status = Some(answer.status);
            report.host = Some(observed.host.clone());
            if stage != Stage::Submit && (300..400).contains(&answer.status) {
                hops += 1;
                match route.redirected(&call, &answer).filter(|_| hops <= HOPS) {
                    Some(next) => call = next,
                    None => {
                        let what = format!("{} answers with a redirect", observed.host);
                        let error = Error::new(Kind::Server, what);
                        self.wait_and_retry(attempt, &error, &mut retries).await?;
                    }
                }
                continue;
            }
            hops = 0;
            note_gateway(route, &answer, &mut report.gateway);
            if stage == Stage::Submit {
                self.learn_limits(route, &answer.headers).await;
            }
            let spent = mark.elapsed().as_millis() as u64;
            mark = Instant::now();
            if queued {
                state.timing.queued_ms += spent
            } else {
                state.timing.generation_ms += spent
            }
            let answer = Arc::new(answer);
            let parsed = self.parse(route, order, &call, &answer).await;
            let mut parsed = match parsed.map_err(|error| explained(route, &call, &observed, error))
            {
                Ok(parsed) => parsed,
                Err(mut error) => {
                    let status = Some(answer.status);
                    let searched =
                        SalvageSource { call: &call, answer: &answer, tried: Vec::new() };
                    let failure = Failure::sent(error);
                    error = match self.salvage(attempt, order, searched, failure, state).await {
                        Ok(success) => return Ok(success),
                        Err(failure) if failure.open => return Err(failure),
                        Err(failure) => failure.error,
                    };
                    let is_success = (200..300).contains(&answer.status);
                    let is_unknown = is_success && error.kind == Kind::Ambiguous;
                    if is_unknown || error.kind == Kind::Unusable {
                        self.salvage_answer(attempt, &answer, &mut error).await;
                    }
                    if stage == Stage::Submit && error.kind == Kind::Ambiguous {
                        call = self.unanswered(attempt, order, &call, error, status, sent).await?;
                        continue;
                    }
                    if stage != Stage::Submit {
                        after_the_queue(&mut error);
                    }
                    let open = matches!(error.kind, Kind::Detached | Kind::Ambiguous | Kind::Local);
                    let failure = Failure { open, status, ..Failure::sent(error) };
                    return Err(self.with_preview(attempt, order, &call, &answer, failure).await);
                }
            };
            if let Some(progress) = parsed.progress {
                queued = matches!(progress, Progress::Queued(_));
                self.say(Event::Progress { job, progress });
            }
            let known = report.request_id.take().or_else(|| observed.request_id.clone());
            report.request_id = parsed.request_id.clone().or(known);
            let Some(next) = parsed.next.take() else {
                let refetch = (stage != Stage::Submit).then_some(&call);
                let kept = match refetch {
                    None if parsed.has_links() => self.salvage_links(attempt, &answer).await,
                    _ => None,
                };
                let source = Some((&answer, refetch));
                let searched =
                    SalvageSource { call: &call, answer: &answer, tried: parsed.links() };
                let mut success = match self.deliver(attempt, order, parsed, source, state).await {
                    Ok(success) => success,
                    Err(failure) => {
                        match self.salvage(attempt, order, searched, failure, state).await {
                            Ok(success) => success,
                            Err(failure) if failure.open => return Err(failure),
                            Err(failure) => {
                                let kept =
                                    self.with_preview(attempt, order, &call, &answer, failure);
                                return Err(kept.await);
                            }
                        }
                    }
                };
                success.kept.extend(kept);
                return Ok(success);
            };
            if stage == Stage::Submit {
                // An equal order whose answer was lost may have taken this job for its own: then its
                // is ours.
                let is_new = |id: &str| self.engine.log.as_ref().is_none_or(|log| log.claim(id));
                let is_ours = route.dialect.job_id(&next).is_none_or(is_new);
                if is_ours {
                    self.submitted(attempt, &next).await;
                }
                if !is_ours || self.is_taken(route, &next).await {
                    let error = Error::new(Kind::Ambiguous, "the answer went to an equal job");
                    call = self.unanswered(attempt, order, &call, error, None, sent).await?;
                    continue;
                }
            }
            self.before_poll(attempt, &next, &mut cancelled).await?;
            call = next;
        }
    }

    /// Sends one call; the second signal abandons it.
    pub(super) async fn exchange(&self, route: &Route, call: &Call) -> Result<HttpResponse> {
        self.exchange_heard(route, call, &|_| {}).await
    }

    /// The same; `heard` is told what has come of the answer.
    pub(super) async fn exchange_heard(
        &self,
        route: &Route,
        call: &Call,
        heard: OnProgress<'_>,
    ) -> Result<HttpResponse> {
        let request = route.authorize(call, &self.settings)?;
        let sent = tokio::select! {
            biased;
            answer = self.engine.transport.send(request, heard) => answer,
            () = self.stop.at(Level::Abort) => {
                Err(Error::new(Kind::Ambiguous, "abandoned while it was being made; it may have been billed"))
            }
        };
        let explained = |error| unreached(route, call, safe(route, error));
        let mut answer = sent.map_err(explained)?;
        answer.cut = answer.cut.map(|cut| Box::new(explained(*cut)));
        Ok(answer)
    }
}
