//! Jobs at once: each has a slot, from its beginning until its answer is there.
//!
//! What comes after the answer (checking, writing, waiting for the disk) costs the provider nothing,
//! and the next job has the slot meanwhile.

use std::sync::Arc;

use futures_util::stream::{self, Stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The slots of a run, or of all runs of the process.
#[derive(Debug, Clone)]
pub struct Slots(Arc<Semaphore>);

impl Slots {
    /// So many jobs at once.
    pub fn new(count: usize) -> Slots {
        Slots(Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS))))
    }

    async fn take(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

/// A job's slot in its run and in the process, which it releases and may take again.
#[derive(Debug)]
pub(super) struct JobSlot {
    run: Slots,
    process: Slots,
    held: Option<[Option<OwnedSemaphorePermit>; 2]>,
}

impl JobSlot {
    /// Waits for a slot, unless it has one.
    pub(super) async fn take(&mut self) {
        if self.held.is_none() {
            // Always in this order, so that no two wait for one another.
            self.held = Some([self.run.take().await, self.process.take().await]);
        }
    }

    /// Lets another job begin.
    pub(super) fn release(&mut self) {
        self.held = None;
    }
}

/// Jobs, each taken only when it has a slot: `count` at once, of the `process`'s own.
pub(super) fn in_turn<J>(
    jobs: impl Iterator<Item = J>,
    count: usize,
    process: &Slots,
) -> impl Stream<Item = (J, JobSlot)> {
    let slots = (Slots::new(count), process.clone());
    stream::unfold((jobs, slots), async |(mut jobs, (run, process))| {
        let mut slot = JobSlot { run: run.clone(), process: process.clone(), held: None };
        slot.take().await;
        let job = jobs.next()?;
        Some(((job, slot), (jobs, (run, process))))
    })
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _};

    use super::*;

    #[test]
    fn the_next_job_begins_when_a_slot_is_released_and_taking_it_again_waits() {
        let taken = std::cell::Cell::new(0);
        let jobs = (1..=3).inspect(|job| taken.set(*job));
        let process = Slots::new(9);
        let mut jobs = std::pin::pin!(in_turn(jobs, 1, &process));
        let (_, mut first) = jobs.next().now_or_never().unwrap().unwrap();
        assert!(jobs.next().now_or_never().is_none());
        assert_eq!(taken.get(), 1, "no job is taken before it has a slot");
        first.take().now_or_never().expect("it has it already");
        first.release();
        let (second, slot) = jobs.next().now_or_never().unwrap().unwrap();
        assert_eq!(second, 2);
        assert!(first.take().now_or_never().is_none(), "the second has it");
        drop(slot);
        first.take().now_or_never().expect("it is free again");
    }

    #[test]
    fn the_jobs_of_two_runs_share_the_slots_of_the_process() {
        let process = Slots::new(1);
        let mut one = std::pin::pin!(in_turn([1].into_iter(), 9, &process));
        let mut other = std::pin::pin!(in_turn([2].into_iter(), 9, &process));
        let (_, slot) = one.next().now_or_never().unwrap().unwrap();
        assert!(other.next().now_or_never().is_none());
        drop(slot);
        assert!(other.next().now_or_never().is_some());
    }
}
