//! The time of day and waiting on a thread that may wait: the one clock of engine, store and budgets.
//!
//! How long something takes is measured with `tokio::time::Instant`, which a paused runtime holds still;
//! where the runtime has not begun yet, with [`running`].

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// What time it is.
pub(crate) fn now() -> Timestamp {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        return world.now();
    }
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    let now = Timestamp::now();
    now
}

/// How long the process has been at it, by a clock that nobody sets: for what begins before the runtime.
pub(crate) fn running() -> Duration {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        return world.now().duration_since(Timestamp::UNIX_EPOCH).unsigned_abs();
    }
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed()
}

/// Holds this thread for so long; never on a thread of the runtime for more than a moment.
pub(crate) fn pause(time: Duration) {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        return world.pause(time);
    }
    std::thread::sleep(time);
}
