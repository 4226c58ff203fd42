//! The limits that the system sets to this process: how many files it may have open, how large one
//! may become, how much stack it has.
//!
//! Every one of them is met in the middle of what was paid for, and none of them may cost it.

use std::panic::resume_unwind;

/// What the main thread has where nobody changed it, and what a command has in any case, in bytes.
const STACK: usize = 8 << 20;
/// Less than this is not enough for a command, in bytes.
#[cfg(unix)]
const LITTLE: u64 = 2 << 20;

/// Handles that are needed whatever there is to do: the terminal, the log, locks, threads at files.
const ALWAYS: u64 = 40;
/// Handles of one job: its connection, its place among the requests in flight, its claim on what the
/// cache is to get, its file.
const OF_A_JOB: u64 = 4;

/// Lets the process have as many files open as the system allows at all, and answers with their
/// number; `None` where there is no limit or nobody knows it.
///
/// The limit that holds at first is for programs that wait for files in a way from long ago; nothing
/// here does.
pub(crate) fn raise_handles() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        // macOS says that there is no limit, and allows so many.
        let most = if cfg!(target_vendor = "apple") {
            Some(maximum.unwrap_or(u64::MAX).min(10_240))
        } else {
            maximum
        };
        let is_more = match (current, most) {
            (Some(current), Some(most)) => most > current,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if is_more && setrlimit(Resource::Nofile, Rlimit { current: most, maximum }).is_ok() {
            return most;
        }
        current
    }
    #[cfg(not(unix))]
    None
}

/// Bytes that a file of this process may have; `None` where there is no limit. It is first raised as
/// far as the system allows at all: nothing here writes without a limit of its own.
pub(crate) fn file_size() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Fsize);
        let is_less = current.is_some() && current != maximum;
        if is_less && setrlimit(Resource::Fsize, Rlimit { current: maximum, maximum }).is_ok() {
            return maximum;
        }
        current
    }
    #[cfg(not(unix))]
    None
}

/// So many jobs at once have enough of so many handles.
pub(crate) fn jobs_with(handles: u64) -> usize {
    usize::try_from(handles.saturating_sub(ALWAYS) / OF_A_JOB).unwrap_or(usize::MAX).max(1)
}

/// The number of the signal that ends a process whose file becomes larger than it may; without the
/// signal, writing says so.
#[cfg(unix)]
pub(crate) fn file_size_signal() -> i32 {
    rustix::process::Signal::XFSZ.as_raw()
}

/// Does the work where there is enough stack for it: on the main thread, unless the system gives
/// that one little.
pub(crate) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if !is_stack_little() {
        return work();
    }
    let mut work = Some(work);
    let mut done = None;
    std::thread::scope(|scope| {
        let (work, done) = (&mut work, &mut done);
        let run = move || *done = work.take().map(|work| work());
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        if let Ok(Err(panic)) = thread.map(std::thread::ScopedJoinHandle::join) {
            resume_unwind(panic);
        }
    });
    // Where no thread can be had, this one must do.
    done.or_else(|| work.take().map(|work| work())).expect("either the thread or this one did it")
}

fn is_stack_little() -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        getrlimit(Resource::Stack).current.is_some_and(|bytes| bytes < LITTLE)
    }
    #[cfg(not(unix))]
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_handles_are_few_jobs_and_never_none() {
        assert_eq!([0, 40, 64, 256, 1_024].map(jobs_with), [1, 1, 6, 54, 246]);
    }
}
