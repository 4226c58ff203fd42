//! Free calls: how long they are waited for, how patiently they are repeated, where they may be led.
//!
//! What costs nothing is asked again until the deadline; only then is the job left to `recover`. A cancel
//! that the queue confirms ends the job; one that it has merely heard is followed until the queue says
//! what became of it, for a finished job is billed and its image is collected.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::backoff;
use super::outcome::{Attempt, Failure, left_running, stopped_waiting};
use super::{Event, Level, Route, Run};
use crate::dialect::{Call, Stage, Target};
use crate::error::{Error, Kind};
use crate::net::HttpResponse;

/// So long a queue is asked what has become of a job that was to be cancelled.
const CANCELLING: Duration = Duration::from_secs(5);

impl Run {
    /// Waits before a free call, and leaves the job to `recover` when it is time to; `cancelled` is
    /// until when a queue that was asked to cancel it is still listened to.
    pub(super) async fn before_poll(
        &self,
        attempt: &Attempt<'_>,
        next: &Call,
        cancelled: &mut Option<Instant>,
    ) -> Result<(), Failure> {
        let is_ready = next.stage == Stage::Fetch && next.after_ms == 0;
        if Instant::now() >= attempt.deadline && !is_ready {
            let error = Error::new(
                Kind::Detached,
                "still not finished at the deadline; the provider goes on with it",
            );
            return Err(left_running(error));
        }
        let wait = if next.stage == Stage::Poll {
            let scale = self.settings.poll_first.as_secs_f64() / 0.25;
            next.after().mul_f64(scale).min(self.settings.poll_max)
        } else {
            next.after()
        };
        // What has ended is collected; only waiting is given up.
        if next.stage == Stage::Fetch && wait.is_zero() {
            return Ok(());
        }
        let level = if cancelled.is_some() { Level::Abort } else { Level::Draining };
        let stopped = tokio::select! {
            biased;
            () = self.stop.at(level) => true,
            () = tokio::time::sleep(wait) => false,
        };
        if stopped {
            *cancelled = self.cancel(attempt, next, *cancelled).await?;
        }
        match *cancelled {
            Some(until) if Instant::now() >= until => Err(stopped_waiting()),
            _ => Ok(()),
        }
    }

    /// A signal came: asks the queue to cancel the job where the user wants that, once. Answers until
    /// when its word is waited for.
    async fn cancel(
        &self,
        attempt: &Attempt<'_>,
        next: &Call,
        before: Option<Instant>,
    ) -> Result<Option<Instant>, Failure> {
        let cancel = attempt.route.dialect.cancel(next);
        let cancel = cancel.filter(|_| self.settings.cancel_on_interrupt && before.is_none());
        let Some(cancel) = cancel else { return Err(stopped_waiting()) };
        let Ok(answer) = self.exchange(attempt.route, &cancel).await else {
            return Err(stopped_waiting());
        };
        match answer.status {
            200 => {
                // Nothing was made, and waiting in the queue costs nothing.
                let error = Error::new(Kind::Interrupted, "cancelled in the provider's queue");
                let error = error.code("cancelled");
                Err(Failure { open: false, status: Some(200), ..Failure::sent(error) })
            }
            // Heard, or too late: the queue itself says which.
            202 | 400 | 409 => Ok(Some(Instant::now() + CANCELLING)),
            _ => Err(stopped_waiting()),
        }
    }

    /// A free call failed: wait and try it again, until the deadline or a signal.
    pub(super) async fn wait_and_retry(
        &self,
        attempt: &Attempt<'_>,
        error: &Error,
        retries: &mut u32,
    ) -> Result<(), Failure> {
        // Waiting gives no key, and finding one may run a command.
        if error.kind == Kind::Key {
            return Err(left_running(error.clone()));
        }
        let wait = backoff(Duration::from_millis(500), self.settings.poll_max, *retries);
        *retries += 1;
        if Instant::now() + wait >= attempt.deadline {
            let message = format!("the job could not be followed to its end: {}", error.message);
            return Err(left_running(Error::new(Kind::Detached, message)));
        }
        // Told now and then: it may go on for as long as the deadline.
        if retries.is_power_of_two() {
            let (job, why) = (attempt.job.index, error.message.clone());
            self.say(Event::Retrying { job, why, wait });
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = self.stop.at(Level::Draining) => Err(stopped_waiting()),
        }
    }
}

impl Route {
    /// Where a free call goes on that was answered with a redirect: to another path of the same role,
    /// and nowhere else, because the key would go there too.
    pub(super) fn redirected(&self, call: &Call, answer: &HttpResponse) -> Option<Call> {
        let Target::Role(role, path) = &call.target else { return None };
        let to = answer.header("location")?;
        let to = self.endpoints.roles.get(role)?.direct_of(path)?.join(to.trim()).ok()?;
        let (at, path) = self.endpoints.role_of(&to).filter(|(at, _)| at == role)?;
        let target = Target::Role(at.to_owned(), path);
        (target != call.target).then(|| Call { target, after_ms: 0, ..call.clone() })
    }
}
