//! Jobs at once: each has its turn, from its beginning until its answer is there.
//!
//! What comes after the answer (checking, writing, waiting for the disk) costs the provider nothing,
//! and the next job has its turn meanwhile.

use std::sync::Arc;

use futures_util::stream::{self, Stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A job's turn, which it gives back and may take again.
#[derive(Debug)]
pub(super) struct Turn {
    all: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Turn {
    async fn of(all: &Arc<Semaphore>) -> Turn {
        let mut turn = Turn { all: Arc::clone(all), held: None };
        turn.take().await;
        turn
    }

    /// Waits for its turn, unless it has it.
    pub(super) async fn take(&mut self) {
        if self.held.is_none() {
            // The semaphore is never closed.
            self.held = Arc::clone(&self.all).acquire_owned().await.ok();
        }
    }

    /// Lets another job begin.
    pub(super) fn give_back(&mut self) {
        self.held = None;
    }
}

/// Jobs, each taken only when it is its turn: `count` at once.
pub(super) fn in_turn<J>(
    jobs: impl Iterator<Item = J>,
    count: usize,
) -> impl Stream<Item = (J, Turn)> {
    let all = Arc::new(Semaphore::new(count));
    stream::unfold((jobs, all), async |(mut jobs, all)| {
        let turn = Turn::of(&all).await;
        let job = jobs.next()?;
        Some(((job, turn), (jobs, all)))
    })
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _};

    use super::*;

    #[test]
    fn the_next_job_begins_when_a_turn_is_given_back_and_taking_it_again_waits() {
        let taken = std::cell::Cell::new(0);
        let jobs = (1..=3).inspect(|job| taken.set(*job));
        let mut jobs = std::pin::pin!(in_turn(jobs, 1));
        let (_, mut first) = jobs.next().now_or_never().unwrap().unwrap();
        assert!(jobs.next().now_or_never().is_none());
        assert_eq!(taken.get(), 1, "no job is taken before it is its turn");
        first.take().now_or_never().expect("it has it already");
        first.give_back();
        let (second, turn) = jobs.next().now_or_never().unwrap().unwrap();
        assert_eq!(second, 2);
        assert!(first.take().now_or_never().is_none(), "the second has it");
        drop(turn);
        first.take().now_or_never().expect("it is free again");
    }
}
