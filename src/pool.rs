//! Threads beside the runtime's own, for work that waits for the disk and for queues that are worked
//! through in order.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The work panicked, as a decoder may.
#[derive(Debug)]
pub(crate) struct Panicked;

/// Does what waits for the disk, on a thread that may wait.
///
/// # Errors
/// It panicked.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    if is_inline() {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(|_| Panicked)
}

/// The same for what may fail: a panic is an error like others.
///
/// # Errors
/// The work's own, or it panicked.
pub(crate) async fn run_io<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    run_blocking(work).await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

/// Takes a mutex, whatever became of a thread that had it: what it guards is never half changed.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether there are no other threads: in a simulation everything happens in one order.
pub(crate) fn is_inline() -> bool {
    #[cfg(test)]
    return crate::simulator::world::here().is_some();
    #[cfg(not(test))]
    false
}

/// What a [`Worker`] does with its queue.
pub(crate) trait Work: Send + 'static {
    /// A piece of the queue.
    type Piece: Send + 'static;

    /// Does all the pieces that have queued up.
    fn work(&mut self, pieces: Vec<Self::Piece>);

    /// After how long without a piece it is told so; none when there is nothing to do then.
    fn idle_after(&self) -> Option<Duration>;

    /// Nothing has come for so long, or will ever come.
    fn idle(&mut self);
}

/// A queue with a thread of its own. Dropped without [`Worker::end`], it goes on with what has queued
/// up, and nobody waits for it.
pub(crate) struct Worker<W: Work>(Queue<W>);

enum Queue<W: Work> {
    Thread(mpsc::Sender<W::Piece>, JoinHandle<()>),
    #[cfg(test)]
    Inline(Mutex<W>),
}

impl<W: Work> std::fmt::Debug for Worker<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Worker")
    }
}

impl<W: Work> Worker<W> {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has none.
    pub(crate) fn start(name: &str, mut work: W) -> io::Result<Worker<W>> {
        #[cfg(test)]
        if is_inline() {
            return Ok(Worker(Queue::Inline(Mutex::new(work))));
        }
        let (sender, pieces) = mpsc::channel();
        let run = move || {
            while let Some(first) = next(&mut work, &pieces) {
                work.work(std::iter::once(first).chain(pieces.try_iter()).collect());
            }
            work.idle();
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(Worker(Queue::Thread(sender, thread)))
    }

    /// Adds a piece. It is dropped where the work has panicked.
    pub(crate) fn send(&self, piece: W::Piece) {
        match &self.0 {
            Queue::Thread(sender, _) => drop(sender.send(piece)),
            #[cfg(test)]
            Queue::Inline(work) => {
                lock(work).work(vec![piece]);
            }
        }
    }

    /// Waits until everything is done, or the work has panicked.
    pub(crate) fn end(self) {
        match self.0 {
            Queue::Thread(sender, thread) => {
                drop(sender);
                let _ = thread.join();
            }
            #[cfg(test)]
            Queue::Inline(work) => {
                work.into_inner().unwrap_or_else(PoisonError::into_inner).idle();
            }
        }
    }
}

/// Waits for the next piece; none will come when there is none.
fn next<W: Work>(work: &mut W, pieces: &mpsc::Receiver<W::Piece>) -> Option<W::Piece> {
    if let Some(time) = work.idle_after() {
        match pieces.recv_timeout(time) {
            Ok(piece) => return Some(piece),
            Err(RecvTimeoutError::Timeout) => work.idle(),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    pieces.recv().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, mpsc};

    use super::*;

    struct Sum(u32, Arc<AtomicU32>, Option<mpsc::Sender<()>>);

    impl Work for Sum {
        type Piece = u32;

        fn work(&mut self, pieces: Vec<u32>) {
            assert!(!pieces.contains(&0), "work that panics");
            self.0 += pieces.iter().sum::<u32>();
        }

        fn idle_after(&self) -> Option<Duration> {
            self.2.as_ref().map(|_| Duration::from_millis(1))
        }

        fn idle(&mut self) {
            self.1.store(self.0, Ordering::Relaxed);
            self.2.take().map(|told| told.send(()));
        }
    }

    #[test]
    fn everything_in_the_queue_is_done_before_the_end() {
        let seen = Arc::new(AtomicU32::new(0));
        let worker = Worker::start("sum", Sum(0, Arc::clone(&seen), None)).unwrap();
        (1..=100).for_each(|number| worker.send(number));
        worker.end();
        assert_eq!(seen.load(Ordering::Relaxed), 5050);
        let worker = Worker::start("sum", Sum(0, Arc::clone(&seen), None)).unwrap();
        (0..=2).for_each(|number| worker.send(number));
        worker.end();
    }

    #[test]
    fn who_has_nothing_to_do_is_told_so() {
        let (seen, (told, idle)) = (Arc::new(AtomicU32::new(0)), mpsc::channel());
        let worker = Worker::start("sum", Sum(0, Arc::clone(&seen), Some(told))).unwrap();
        worker.send(7);
        idle.recv().unwrap();
        worker.end();
        assert_eq!(seen.load(Ordering::Relaxed), 7);
    }
}
