//! Requests in flight: one lock file each, freed by the system when its process dies.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io;
use std::rc::Rc;

use super::shared::Files;
use crate::fs;

/// Where there is no limit, so many at once are still counted, for choosing among keys.
const COUNTED: u32 = 64;

/// The numbers of the places that this process has: it need not try them.
pub type Taken = Rc<RefCell<BTreeSet<u32>>>;

/// A place among the requests in flight, given back when it is dropped.
#[derive(Debug)]
pub enum Slot {
    /// A locked file; a numbered one is among those that this process has.
    File(#[expect(dead_code, reason = "it is held for its lock alone")] File, Option<(u32, Taken)>),
    /// Counted in this process only, where no file can be locked.
    Own(Rc<Cell<usize>>),
    /// More than are counted.
    Uncounted,
}

impl Slot {
    /// The first free place; `None` when all are taken.
    ///
    /// # Errors
    /// The files cannot be made or locked.
    pub fn take(files: &Files, limit: Option<u32>, taken: &Taken) -> io::Result<Option<Slot>> {
        for number in 1..=limit.unwrap_or(COUNTED) {
            if taken.borrow().contains(&number) {
                continue;
            }
            if let Some(file) = fs::try_lock(&files.slot(number))? {
                taken.borrow_mut().insert(number);
                return Ok(Some(Slot::File(file, Some((number, Rc::clone(taken))))));
            }
        }
        Ok(if limit.is_some() { None } else { Some(Slot::Uncounted) })
    }

    /// A place counted in this process.
    pub fn own(taken: &Rc<Cell<usize>>, limit: Option<u32>) -> Option<Slot> {
        if limit.is_some_and(|limit| taken.get() >= limit as usize) {
            return None;
        }
        taken.set(taken.get() + 1);
        Some(Slot::Own(Rc::clone(taken)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        match self {
            Slot::File(_, Some((number, taken))) => drop(taken.borrow_mut().remove(number)),
            Slot::Own(taken) => taken.set(taken.get().saturating_sub(1)),
            Slot::File(_, None) | Slot::Uncounted => {}
        }
    }
}

/// How many requests of all processes are in flight. Makes nothing.
pub fn in_flight(files: &Files) -> usize {
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
        assert_eq!((in_flight(&files), ours.borrow().len()), (1, 0));
        assert!(Slot::take(&files, Some(2), &ours).unwrap().is_some());
    }

    #[test]
    fn without_files_this_process_still_counts() {
        let taken = Rc::new(Cell::new(0));
        let first = Slot::own(&taken, Some(1));
        assert!(first.is_some() && Slot::own(&taken, Some(1)).is_none());
        drop(first);
        assert!(Slot::own(&taken, Some(1)).is_some());
    }
}
