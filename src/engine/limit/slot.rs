//! Requests in flight: one lock file each, freed by the system when its process dies.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::shared::Files;
use crate::fs;
use crate::pool::lock;

/// Where there is no limit, so many at once are still counted, for choosing among keys.
const COUNTED: u32 = 64;

/// The numbers of the places that this process has: it need not try them.
pub(crate) type Taken = Arc<Mutex<BTreeSet<u32>>>;

/// A place among the requests in flight, given back when it is dropped.
#[derive(Debug)]
pub(crate) enum Slot {
    /// A locked file; a numbered one is among those that this process has.
    File(#[expect(dead_code, reason = "it is held for its lock alone")] File, Option<(u32, Taken)>),
    /// Counted in this process only, where no file can be locked.
    Own(Arc<AtomicUsize>),
    /// More than are counted.
    Uncounted,
}

impl Slot {
    /// The first free place; `None` when all are taken.
    ///
    /// # Errors
    /// The files cannot be made or locked.
    pub(crate) fn take(
        files: &Files,
        limit: Option<u32>,
        taken: &Taken,
    ) -> io::Result<Option<Slot>> {
        for number in 1..=limit.unwrap_or(COUNTED) {
            if numbers(taken).contains(&number) {
                continue;
            }
            if let Some(file) = fs::try_lock(&files.slot(number))? {
                numbers(taken).insert(number);
                return Ok(Some(Slot::File(file, Some((number, Arc::clone(taken))))));
            }
        }
        Ok(if limit.is_some() { None } else { Some(Slot::Uncounted) })
    }

    /// A place counted in this process.
    pub(crate) fn own(taken: &Arc<AtomicUsize>, limit: Option<u32>) -> Option<Slot> {
        let has_room = |taken: usize| limit.is_none_or(|limit| taken < limit as usize);
        let one_more = |taken: usize| has_room(taken).then_some(taken + 1);
        taken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more).ok()?;
        Some(Slot::Own(Arc::clone(taken)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        match self {
            Slot::File(_, Some((number, taken))) => drop(numbers(taken).remove(number)),
            Slot::Own(taken) => drop(taken.fetch_sub(1, Ordering::SeqCst)),
            Slot::File(_, None) | Slot::Uncounted => {}
        }
    }
}

fn numbers(taken: &Taken) -> MutexGuard<'_, BTreeSet<u32>> {
    lock(taken)
}

/// How many requests of all processes are in flight. Makes nothing.
pub(crate) fn in_flight(files: &Files) -> usize {
    let opened = (1..).map_while(|number| File::open(files.slot(number)).ok());
    opened.filter(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_counted_and_given_back() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::new(home.path(), "openai#none");
        assert_eq!(in_flight(&files), 0);
        // As two processes see it.
        let (ours, theirs) = (Taken::default(), Taken::default());
        let first = Slot::take(&files, Some(2), &ours).unwrap();
        let second = Slot::take(&files, Some(2), &theirs).unwrap();
        assert!(first.is_some() && second.is_some());
        assert!(Slot::take(&files, Some(2), &ours).unwrap().is_none());
        assert_eq!(in_flight(&files), 2);
        let beyond = Slot::take(&files, None, &ours).unwrap();
        assert!(beyond.is_some(), "without a limit there is always one");
        drop((first, beyond));
        assert_eq!((in_flight(&files), numbers(&ours).len()), (1, 0));
        assert!(Slot::take(&files, Some(2), &ours).unwrap().is_some());
    }

    #[test]
    fn without_files_this_process_still_counts() {
        let taken = Arc::new(AtomicUsize::new(0));
        let first = Slot::own(&taken, Some(1));
        assert!(first.is_some() && Slot::own(&taken, Some(1)).is_none());
        drop(first);
        assert!(Slot::own(&taken, Some(1)).is_some());
    }
}
