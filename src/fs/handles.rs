//! File handles that are used up for a moment, by this process or by the whole system: who holds
//! bytes that were paid for waits until there is one again.
//!
//! It sleeps, so it is for threads that may.

use std::io;
use std::time::{Duration, Instant};

/// How long a handle is waited for. Every request that ends gives one back, and none of them is
/// silent for longer than this.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is tried.
const BLINK: Duration = Duration::from_millis(10);

/// Whether an error says that there is no file handle left, in the process or in the system.
pub(crate) fn are_handles_out(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let out = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
        error.raw_os_error().is_some_and(|code| out.contains(&code))
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

/// Does what needs a file handle, again and again while there is none.
///
/// # Errors
/// Whatever else it fails with, or that there was none for a minute.
pub(crate) fn with_handle<T>(work: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    patiently(work, PATIENCE)
}

fn patiently<T>(mut work: impl FnMut() -> io::Result<T>, patience: Duration) -> io::Result<T> {
    let until = Instant::now() + patience;
    loop {
        match work() {
            Err(error) if are_handles_out(&error) && Instant::now() < until => {
                std::thread::sleep(BLINK);
            }
            other => return other,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn only_missing_handles_are_waited_for_and_not_for_ever() {
        let mut tries = 0;
        let mut third_time = |errno: Errno| {
            tries += 1;
            if tries % 3 == 0 { Ok(tries) } else { Err(io::Error::from(errno)) }
        };
        assert_eq!(with_handle(|| third_time(Errno::MFILE)).unwrap(), 3);
        assert_eq!(with_handle(|| third_time(Errno::NFILE)).unwrap(), 6);
        assert!(with_handle(|| third_time(Errno::NOSPC)).is_err());
        let never = || Err::<(), _>(io::Error::from(Errno::MFILE));
        assert!(are_handles_out(&patiently(never, BLINK).unwrap_err()));
    }
}
