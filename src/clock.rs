//! The time of day and waiting on a thread that may wait: the one clock of engine, store and budgets.
//!
//! How long something takes is measured with `tokio::time::Instant`, which a paused runtime holds still.

use std::time::Duration;

use jiff::Timestamp;

/// What time it is.
pub(crate) fn now() -> Timestamp {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        return world.now();
    }
    Timestamp::now()
}

/// Holds this thread for so long; never on a thread of the runtime for more than a moment.
pub(crate) fn pause(time: Duration) {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        return world.pause(time);
    }
    std::thread::sleep(time);
}
