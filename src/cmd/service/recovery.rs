//! What dead processes and ended runs left open, taken up again while a server runs.

use std::sync::Arc;
use std::time::Duration;

use super::Service;
use crate::cmd::recover;
use crate::engine::Level;
use crate::pool::run_blocking;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_secs(30);

impl Service {
    /// Recovers at once, and then again and again, until the process stops.
    pub(in crate::cmd) async fn recover_always(self: Arc<Service>) {
        loop {
            let service = Arc::clone(&self);
            // What it could not do now it does in its next turn, and says then.
            let _ = run_blocking(move || recover::open_attempts(&service.app.apart().0)).await;
            let next = tokio::time::sleep(PAUSE);
            tokio::select! {
                () = next => {}
                () = self.stop().at(Level::Draining) => return,
            }
        }
    }
}
