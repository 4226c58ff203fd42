//! What the log hears of an attempt: its intent before anything leaves, that a queue has it, what it
//! cost, and how it ended.

use serde_json::Value;

use super::outcome::{Attempt, Failure, JobState, Success};
use super::{Event, Run};
use crate::catalog::Order;
use crate::dialect::Call;
use crate::error::{Billed, Error, Result};
use crate::fs;
use crate::pool::run_blocking;
use crate::store::log::CACHED;
use crate::store::{Entry, EntryKind};

impl Run {
    /// Puts the intent on the disk: the one entry that must be there before money can be spent.
    pub(super) async fn intend(
        &self,
        attempt: &Attempt<'_>,
        order: &Order,
        call: &Call,
    ) -> Result<()> {
        let Some(log) = &self.engine.log else {
            let error = Error::usage("the journal cannot be written, so nothing is paid for");
            return Err(error
                .code("journal_unwritable")
                .hint("set PINX_HOME to a writable directory"));
        };
        let mut entry = self.entry(EntryKind::Intent, attempt);
        entry.order = Some(order.clone());
        entry.call = Some(call.clone());
        if let (Some(claims), Some(claiming)) = (&self.claims, &attempt.job.claim) {
            entry.claim = Some(claims.file(&claiming.key));
        }
        // Nothing has been sent yet.
        log.intend(&entry, &self.terms).await.map_err(Error::unbilled)
    }

    /// A queue has the job: written down before anything else is done. What cannot be written down
    /// is collected all the same, and its request id is told as the last resort.
    pub(super) async fn submitted(&self, attempt: &Attempt<'_>, call: &Call) {
        let Some(log) = &self.engine.log else { return };
        let mut entry = self.entry(EntryKind::Submitted, attempt);
        entry.call = Some(call.clone());
        if let Err(error) = log.commit(&entry).await {
            let id = attempt.route.dialect.job_id(call).unwrap_or("unknown");
            let text = format!("{}; the job goes on, its request id is {id}", error.message);
            self.say(Event::Notice { job: Some(attempt.job.index), text });
        }
    }

    /// Counts what an answer cost at once where that is more than was reserved for it: the next job
    /// must not be admitted by a figure that is known to be wrong.
    pub(super) async fn raise(
        &self,
        attempt: &Attempt<'_>,
        success: &Success,
        state: &mut JobState,
    ) {
        let (Some(reserved), Some(cost)) = (&mut state.reserved, success.cost) else { return };
        if !self.budget.raise(reserved, cost) {
            return;
        }
        if let Some(log) = &self.engine.log {
            let mut entry = self.entry(EntryKind::Priced, attempt);
            entry.reserve = Some(cost);
            // What cannot be written down now is in the entry of its end.
            let _ = log.commit(&entry).await;
        }
    }

    /// Closes an attempt that failed, or leaves it open, in the log.
    pub(super) fn close(&self, attempt: &Attempt<'_>, failure: &Failure, closed: EntryKind) {
        let Some(log) = self.engine.log.as_ref().filter(|_| !failure.unsent) else { return };
        let what = if failure.open { EntryKind::Open } else { closed };
        let mut entry = self.entry(what, attempt);
        entry.code.clone_from(&failure.error.code);
        entry.kind = Some(failure.error.kind);
        entry.message.clone_from(&failure.error.message);
        entry.status = failure.status;
        if let Some(answered) = &failure.error.answered {
            entry.host.clone_from(&answered.host);
            entry.request_id.clone_from(&answered.request_id);
        }
        entry.billed = Some(failure.error.reserved().billed());
        log.append(&entry);
    }

    pub(super) async fn record_done(
        &self,
        attempt: &Attempt<'_>,
        state: &JobState,
        success: &Success,
        gateway: &Value,
        request_id: Option<String>,
    ) {
        let Some(log) = &self.engine.log else { return };
        let mut entry = self.entry(EntryKind::Done, attempt);
        entry.cost = success.cost;
        let free = success.cached || attempt.route.is_local();
        entry.billed = Some(if free || success.settled { Billed::No } else { Billed::Yes });
        entry.code = if success.cached { CACHED } else { "done" }.to_owned();
        // There was no intent that could tell how it was made.
        entry.recipe = free.then(|| Box::new(attempt.job.logged_recipe(attempt.route)));
        entry.order = free.then(|| (*attempt.route.order).clone());
        entry.waited_ms = Some(state.timing.waited_ms);
        entry.queued_ms = Some(state.timing.queued_ms);
        entry.generation_ms = Some(state.timing.generation_ms);
        entry.download_ms = Some(state.timing.download_ms);
        entry.save_ms = Some(state.timing.save_ms);
        let total = crate::clock::running().saturating_sub(attempt.job.created_at);
        entry.total_ms = Some(total.as_millis() as u64);
        entry.images.clone_from(&success.saved);
        entry.seed = success.seed.or(attempt.route.order.request.seed);
        entry.adjustments = [attempt.route.adjustments.as_slice(), &success.adjustments].concat();
        entry.revised_prompt.clone_from(&success.revised_prompt);
        entry.gateway = gateway.clone();
        entry.request_id = request_id;
        // What is still of use stays, and the entry says so.
        entry.kept = success.kept.first().filter(|_| success.strict.is_some()).cloned();
        if success.kept.is_empty() {
            log.append(&entry);
        } else if log.commit(&entry).await.is_ok() && entry.kept.is_none() {
            let kept = success.kept.clone();
            let _ = run_blocking(move || kept.iter().for_each(|path| drop(fs::remove(path)))).await;
        }
    }

    /// An entry with everything that every kind of entry carries.
    pub(super) fn entry(&self, what: EntryKind, attempt: &Attempt<'_>) -> Entry {
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
        entry.client = self.client.as_ref().map(|client| client.name.clone());
        entry.once = self.once.as_deref().map(str::to_owned);
        // What follows an intent stands for it, should it be damaged.
        let opens = matches!(what, EntryKind::Intent | EntryKind::Submitted | EntryKind::Kept);
        if opens {
            entry.recipe = Some(Box::new(job.logged_recipe(route)));
            entry.wish = Some(job.absolute_target());
            entry.offset = job.offset;
            entry.format = job.request.format;
        }
        if opens || matches!(what, EntryKind::Done | EntryKind::Failed) {
            entry.prompt.clone_from(&job.request.prompt);
            entry.tags.clone_from(&job.tags);
            entry.style.clone_from(&job.request.style);
            let way = |field: bool| if field { "field" } else { "words" }.to_owned();
            if job.request.style.is_some() {
                entry.style_as = way(route.order.request.style.is_some());
            }
            if !job.request.colors.is_empty() {
                entry.colors_as = way(!route.order.request.colors.is_empty());
            }
        }
        entry
    }
}
