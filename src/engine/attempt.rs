//! One attempt: the intent on the disk, one paid request, then whatever free calls it takes.
//!
//! Nothing here repeats a paid request. Free calls are repeated patiently until the deadline. The
//! raw reply of a paid call lives until its images verify.

use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::explain::{answered, explained, unreached};
use super::image_source::ImageSource;
use super::outcome::{Attempt, Failure, JobState, ParsedReply, Success, after_the_queue};
use super::parse::{note_gateway, safe};
use super::report::AttemptReport;
use super::salvage::Look;
use super::{Event, Level, Route, Run};
use crate::catalog::Order;
use crate::dialect::{Call, Progress, Stage, Then};
use crate::error::{Error, Kind, Reserved, Result};
use crate::fs;
use crate::net::Answer;
use crate::pool::run_blocking;
use crate::store::log::CACHED;
use crate::store::{Entry, What};

/// Redirects of one free call that are gone after.
const HOPS: u32 = 5;

impl Run {
    pub(super) async fn attempt(
        &self,
        attempt: &Attempt<'_>,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let route = attempt.route;
        let mut order = (*route.order).clone();
        order.id = attempt.id();
        let order = Arc::new(order);
        let step = route.dialect.submit(&order).map_err(Failure::unsent)?;
        let call = match (step.gave, step.then) {
            (Some(gave), _) => {
                let raws = gave
                    .pixels
                    .into_iter()
                    .filter_map(|raw| ImageSource::owned(raw).ok())
                    .collect();
                let digest = ParsedReply { raws, seed: gave.seed, ..ParsedReply::default() };
                let made = self.deliver(attempt, &order, digest, None, state).await?;
                self.record_done(attempt, state, &made, &Value::Null, None).await;
                return Ok(made);
            }
            (None, Then::Send(call)) => *call,
            (None, Then::Done) => {
                return Err(Failure::unsent(Error::new(Kind::Internal, "nothing to send")));
            }
        };
        if let Some(most) = attempt.job.max_cost {
            let model = route.model_id();
            super::budget::fits(most, &model, route.estimate.reserve, state.uncertain)
                .map_err(Failure::unsent)?;
        }
        let reserved = self.budget.reserve(&route.model_id(), &route.estimate);
        state.reserved = Some(reserved.map_err(Failure::unsent)?);
        let outcome = match self.intend(attempt, &order, &call).await {
            Ok(()) => match self.halted_meanwhile(attempt.job) {
                Some(failed) => Err(failed),
                None => self.paid(attempt, &order, call, state).await,
            },
            Err(error) => Err(Failure::unsent(error)),
        };
        let Some(reserved) = state.reserved.take() else { return outcome };
        match &outcome {
            Ok(made) => {
                let expected = route.estimate.expected;
                self.budget.spent(reserved, made.cost.or(expected), expected);
            }
            Err(failed) if failed.unsent => self.budget.failed(reserved, Reserved::Released),
            Err(failed) => self.budget.failed(reserved, failed.error.reserved()),
        }
        outcome
    }

    /// Puts the intent on the disk: the one entry that must be there before money can be spent.
    async fn intend(&self, attempt: &Attempt<'_>, order: &Order, call: &Call) -> Result<()> {
        let Some(log) = &self.engine.log else {
            let error = Error::usage("the journal cannot be written, so nothing is paid for");
            return Err(error
                .code("journal_unwritable")
                .hint("set PINX_HOME to a writable directory"));
        };
        let mut entry = self.entry(What::Intent, attempt);
        entry.order = Some(order.clone());
        entry.call = Some(call.clone());
        if let (Some(claims), Some(claiming)) = (&self.claims, &attempt.job.claim) {
            entry.claim = Some(claims.file(&claiming.key));
        }
        // Nothing has been sent yet.
        log.intend(&entry, &self.terms).await.map_err(Error::unbilled)
    }

    /// The paid call and the free ones behind it.
    async fn paid(
        &self,
        attempt: &Attempt<'_>,
        order: &Arc<Order>,
        first: Call,
        state: &mut JobState,
    ) -> Result<Success, Failure> {
        let started = Instant::now();
        // A queue says itself when it begins.
        if attempt.route.dialect.lost(order, "").is_none() {
            self.say(Event::Sent { job: attempt.job.index });
        }
        let mut report = AttemptReport::of(&attempt.id(), attempt.route);
        let mut outcome = self.follow(attempt, order, first, state, &mut report).await;
        report.ms = started.elapsed().as_millis() as u64;
        match &mut outcome {
            Ok(made) => {
                report.host = None;
                report.request_id = made.request_id.clone().or(report.request_id.take());
                let id = report.request_id.clone();
                self.record_done(attempt, state, made, &report.gateway, id).await;
            }
            Err(failed) => {
                failed.error.answered = failed.error.answered.take().or_else(|| report.answered());
                if attempt.route.is_free() {
                    failed.cost_nothing();
                }
                report.outcome.clone_from(&failed.error.code);
                report.status = failed.status.or(report.status);
                if let Some(answered) = &failed.error.answered {
                    report.request_id = answered.request_id.clone().or(report.request_id.take());
                }
                report.message = Some(failed.error.message.clone());
            }
        }
        state.attempts.push(report);
        outcome
    }

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
        let (mut troubles, mut hops) = (0, 0);
        let mut queued = false;
        let mut cancelled = None;
        let mut mark = Instant::now();
        let sent = crate::clock::now();
        loop {
            let stage = call.stage;
            let answer = match self.exchange(route, &call).await {
                Ok(answer) if answer.cut.is_some() => {
                    let rescued = self.rescue(attempt, order, &call, answer, state).await;
                    let error = match rescued {
                        Ok(made) => return Ok(made),
                        Err(failed) if failed.open => return Err(failed),
                        Err(failed) => failed.error,
                    };
                    call = self.unanswered(attempt, order, error, None, sent).await?;
                    continue;
                }
                Ok(answer) => answer,
                Err(error) if stage == Stage::Submit => {
                    call = self.unanswered(attempt, order, error, None, sent).await?;
                    continue;
                }
                Err(error) => {
                    self.patience(attempt, &error, &mut troubles).await?;
                    continue;
                }
            };
            let told = Arc::new(answered(route, &call, &answer));
            report.status = Some(answer.status);
            report.host = Some(told.host.clone());
            if stage != Stage::Submit && (300..400).contains(&answer.status) {
                hops += 1;
                match route.redirected(&call, &answer).filter(|_| hops <= HOPS) {
                    Some(next) => call = next,
                    None => {
                        let what = format!("{} answers with a redirect", told.host);
                        let error = Error::new(Kind::Server, what);
                        self.patience(attempt, &error, &mut troubles).await?;
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
            let digest = self.digest(route, order, &call, &answer).await;
            let mut digest = match digest.map_err(|error| explained(route, &call, &told, error)) {
                Ok(digest) => digest,
                Err(mut error) => {
                    let status = Some(answer.status);
                    let look = Look { call: &call, answer: &answer, tried: Vec::new() };
                    let failed = Failure::sent(error);
                    error = match self.salvage(attempt, order, look, failed, state).await {
                        Ok(made) => return Ok(made),
                        Err(failed) if failed.open => return Err(failed),
                        Err(failed) => failed.error,
                    };
                    let is_success = (200..300).contains(&answer.status);
                    if is_success && matches!(error.kind, Kind::Unusable | Kind::Ambiguous) {
                        self.keep_raw(attempt, &answer, &mut error).await;
                    }
                    if stage == Stage::Submit && error.kind == Kind::Ambiguous {
                        call = self.unanswered(attempt, order, error, status, sent).await?;
                        continue;
                    }
                    if stage != Stage::Submit {
                        after_the_queue(&mut error);
                    }
                    let open = matches!(error.kind, Kind::Detached | Kind::Ambiguous | Kind::Local);
                    return Err(Failure { open, status, ..Failure::sent(error) });
                }
            };
            if let Some(progress) = digest.progress {
                queued = matches!(progress, Progress::Queued(_));
                self.say(Event::Progress { job, progress });
            }
            let known = report.request_id.take().or_else(|| told.request_id.clone());
            report.request_id = digest.request_id.clone().or(known);
            let Some(next) = digest.next.take() else {
                let refetch = (stage != Stage::Submit).then_some(&call);
                let kept = match refetch {
                    None if digest.has_links() => self.keep_links(attempt, &answer).await,
                    _ => None,
                };
                let source = Some((&answer, refetch));
                let look = Look { call: &call, answer: &answer, tried: digest.links() };
                let mut made = match self.deliver(attempt, order, digest, source, state).await {
                    Err(failed) => self.salvage(attempt, order, look, failed, state).await?,
                    Ok(made) => made,
                };
                made.kept.extend(kept);
                return Ok(made);
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
                    call = self.unanswered(attempt, order, error, None, sent).await?;
                    continue;
                }
            }
            self.before_poll(attempt, &next, &mut cancelled).await?;
            call = next;
        }
    }

    /// A queue has the job: written down before anything else is done. What cannot be written down
    /// is collected all the same, and its request id is told as the last resort.
    pub(super) async fn submitted(&self, attempt: &Attempt<'_>, call: &Call) {
        let Some(log) = &self.engine.log else { return };
        let mut entry = self.entry(What::Submitted, attempt);
        entry.call = Some(call.clone());
        if let Err(error) = log.commit(&entry).await {
            let id = attempt.route.dialect.job_id(call).unwrap_or("unknown");
            let text = format!("{}; the job goes on, its request id is {id}", error.message);
            self.say(Event::Notice { job: Some(attempt.job.index), text });
        }
    }

    /// Sends one call; the second signal abandons it.
    pub(super) async fn exchange(&self, route: &Route, call: &Call) -> Result<Answer> {
        let dressed = route.dress(call, &self.settings)?;
        let quiet = |_: u64, _: Option<u64>| {};
        let sent = tokio::select! {
            biased;
            answer = self.engine.transport.send(dressed, &quiet) => answer,
            () = self.stop.at(Level::Abort) => {
                Err(Error::new(Kind::Ambiguous, "abandoned while it was being made; it may have been billed"))
            }
        };
        let explained = |error| unreached(route, call, safe(route, error));
        let mut answer = sent.map_err(explained)?;
        answer.cut = answer.cut.map(|cut| Box::new(explained(*cut)));
        Ok(answer)
    }

    /// Closes an attempt that failed, or leaves it open, in the log.
    pub(super) fn close(&self, attempt: &Attempt<'_>, failed: &Failure, closed: What) {
        let Some(log) = self.engine.log.as_ref().filter(|_| !failed.unsent) else { return };
        let what = if failed.open { What::Open } else { closed };
        let mut entry = self.entry(what, attempt);
        entry.code.clone_from(&failed.error.code);
        entry.kind = Some(failed.error.kind);
        entry.message.clone_from(&failed.error.message);
        entry.status = failed.status;
        if let Some(answered) = &failed.error.answered {
            entry.host.clone_from(&answered.host);
            entry.request_id.clone_from(&answered.request_id);
        }
        entry.billed = failed.error.reserved().billed().to_owned();
        log.append(&entry);
    }

    pub(super) async fn record_done(
        &self,
        attempt: &Attempt<'_>,
        state: &JobState,
        made: &Success,
        gateway: &Value,
        request_id: Option<String>,
    ) {
        let Some(log) = &self.engine.log else { return };
        let mut entry = self.entry(What::Done, attempt);
        entry.cost = made.cost;
        let free = made.cached || attempt.route.is_local();
        entry.billed = if free || made.settled { "no" } else { "yes" }.to_owned();
        entry.code = if made.cached { CACHED } else { "done" }.to_owned();
        // There was no intent that could tell how it was made.
        entry.recipe = free.then(|| Box::new(attempt.job.logged_recipe(attempt.route)));
        entry.order = free.then(|| (*attempt.route.order).clone());
        entry.waited_ms = Some(state.timing.waited_ms);
        entry.queued_ms = Some(state.timing.queued_ms);
        entry.generation_ms = Some(state.timing.generation_ms);
        entry.download_ms = Some(state.timing.download_ms);
        entry.save_ms = Some(state.timing.save_ms);
        entry.total_ms = Some(attempt.job.created_at.elapsed().as_millis() as u64);
        entry.images.clone_from(&made.saved);
        entry.seed = made.seed.or(attempt.route.order.request.seed);
        entry.adjustments = [attempt.route.adjustments.as_slice(), &made.adjustments].concat();
        entry.revised_prompt.clone_from(&made.revised_prompt);
        entry.gateway = gateway.clone();
        entry.request_id = request_id;
        // What is still of use stays, and the entry says so.
        entry.kept = made.kept.first().filter(|_| made.strict.is_some()).cloned();
        if made.kept.is_empty() {
            log.append(&entry);
        } else if log.commit(&entry).await.is_ok() && entry.kept.is_none() {
            let kept = made.kept.clone();
            let _ = run_blocking(move || kept.iter().for_each(|path| drop(fs::remove(path)))).await;
        }
    }

    /// An entry with everything that every kind of entry carries.
    pub(super) fn entry(&self, what: What, attempt: &Attempt<'_>) -> Entry {
        let (job, route) = (attempt.job, attempt.route);
        let mut entry = Entry::new(what, &self.id, &job.id, &attempt.id());
        entry.provider.clone_from(&route.provider.id);
        entry.model = route.model_id();
        entry.route = route.name();
        entry.estimate = route.estimate.expected;
        // Also behind the intent, for which the others stand should it be damaged.
        entry.reserve = route.estimate.reserve.filter(|_| !route.is_local());
        entry.certainty = Some(route.estimate.certainty);
        entry.key.clone_from(&job.key);
        // What follows an intent stands for it, should it be damaged.
        let opens = matches!(what, What::Intent | What::Submitted | What::Kept);
        if opens {
            entry.recipe = Some(Box::new(job.logged_recipe(route)));
            entry.wish = Some(job.absolute_wish());
            entry.offset = job.offset;
            entry.format = job.request.format;
        }
        if opens || matches!(what, What::Done | What::Failed) {
            entry.prompt.clone_from(&job.request.prompt);
            entry.tags.clone_from(&job.tags);
            entry.style.clone_from(&job.request.style);
            let told = |field: bool| if field { "field" } else { "words" }.to_owned();
            if job.request.style.is_some() {
                entry.style_as = told(route.order.request.style.is_some());
            }
            if !job.request.colors.is_empty() {
                entry.colors_as = told(!route.order.request.colors.is_empty());
            }
        }
        entry
    }
}
