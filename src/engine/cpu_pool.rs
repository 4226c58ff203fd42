//! Work on whole images: little of it at once, since each piece of it takes a core and the memory of
//! an image. What only waits for the disk needs no place here.
//!
//! It has threads of its own, because the allocator keeps some memory for every thread that ever held
//! an image.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, mpsc};

use tokio::sync::oneshot;

use crate::pool::{self, Panicked, lock};

/// So many images are worked on at once, however many are on their way.
const AT_ONCE: usize = 2;

type Work = Box<dyn FnOnce() + Send>;

static QUEUE: LazyLock<mpsc::Sender<Work>> = LazyLock::new(|| {
    let (queue, works) = mpsc::channel::<Work>();
    let works = Arc::new(Mutex::new(works));
    for _ in 0..AT_ONCE {
        let works = Arc::clone(&works);
        std::thread::spawn(move || {
            let next = || lock(&works).recv();
            while let Ok(work) = next() {
                work();
            }
        });
    }
    queue
});

/// Does such work.
///
/// # Errors
/// It panicked.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    if pool::is_inline() {
        return Ok(work());
    }
    let (done, answer) = oneshot::channel();
    // Who no longer waits hears nothing.
    let work = move || drop(done.send(catch_unwind(AssertUnwindSafe(work))));
    QUEUE.send(Box::new(work)).map_err(|_| Panicked)?;
    answer.await.ok().and_then(Result::ok).ok_or(Panicked)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn few_work_at_once_and_a_panic_takes_no_thread_with_it() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        let works = (0..20).map(|number| {
            run(move || {
                let at_once = NOW.fetch_add(1, Ordering::SeqCst) + 1;
                std::thread::yield_now();
                NOW.fetch_sub(1, Ordering::SeqCst);
                assert!(number % 2 == 0, "a decoder that panics");
                (number, at_once)
            })
        });
        let done = futures_util::future::join_all(works).await;
        for (number, done) in done.into_iter().enumerate() {
            match done {
                Ok((own, at_once)) => assert!(own == number && at_once <= AT_ONCE),
                Err(Panicked) => assert_eq!(number % 2, 1),
            }
        }
    }
}
