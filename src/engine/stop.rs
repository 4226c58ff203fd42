//! Stopping: the first signal sends nothing more, the second abandons what is awaited.
//!
//! Ctrl-C asks once and then insists; SIGTERM and SIGHUP insist by themselves after five seconds.

use std::time::Duration;

use tokio::sync::watch;

/// How firmly the user wants it to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    Running,
    /// Nothing new is sent; paid calls in flight are awaited.
    Draining,
    /// What is awaited is abandoned.
    Abort,
}

/// A SIGTERM gives the calls in flight of a command this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The run's side: hears how firmly it should stop, by its own sender or by the process's.
#[derive(Debug, Clone, Default)]
pub struct Stop(Vec<watch::Receiver<Level>>);

impl Stop {
    /// Never stops; and the sender that makes it stop after all.
    pub fn new() -> (watch::Sender<Level>, Stop) {
        let (sender, receiver) = watch::channel(Level::Running);
        (sender, Stop(vec![receiver]))
    }

    /// Never stops.
    pub fn never() -> Stop {
        Stop::default()
    }

    /// Stops as soon as either does.
    pub fn or(mut self, other: &Stop) -> Stop {
        self.0.extend(other.0.iter().cloned());
        self
    }

    /// How firmly right now.
    pub fn level(&self) -> Level {
        let levels = self.0.iter().map(|receiver| *receiver.borrow());
        levels.max().unwrap_or(Level::Running)
    }

    /// Waits until it is at least this firm; for ever when nobody can stop it.
    pub async fn at(&self, level: Level) {
        let reached = self.0.iter().cloned().map(|mut receiver| {
            Box::pin(async move {
                if receiver.wait_for(|now| *now >= level).await.is_err() {
                    std::future::pending::<()>().await;
                }
            })
        });
        let reached: Vec<_> = reached.collect();
        if reached.is_empty() {
            return std::future::pending().await;
        }
        futures_util::future::select_all(reached).await;
    }
}

/// Listens to the process's signals until it is dropped; a SIGTERM gives the calls in flight so much
/// `patience`, and `report` hears of each new level.
#[cfg(unix)]
pub(crate) async fn listen(
    sender: watch::Sender<Level>,
    patience: Duration,
    report: impl Fn(Level),
) {
    #[cfg(test)]
    if crate::simulator::world::here().is_some() {
        return simulated(sender, report).await;
    }
    use tokio::signal::unix::{SignalKind, signal};
    let hear = |kind| signal(kind);
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
        (hear(SignalKind::interrupt()), hear(SignalKind::terminate()), hear(SignalKind::hangup()))
    else {
        return std::future::pending().await;
    };
    let mut until = None;
    loop {
        let insists = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        let (level, hurried) = tokio::select! {
            _ = interrupt.recv() => match *sender.borrow() {
                Level::Running => (Level::Draining, false),
                Level::Draining | Level::Abort => (Level::Abort, false),
            },
            _ = terminate.recv() => (Level::Draining, true),
            _ = hangup.recv() => (Level::Draining, true),
            () = insists => (Level::Abort, true),
        };
        if hurried && until.is_none() {
            until = Some(tokio::time::Instant::now() + patience);
        }
        sender.send_replace(level);
        report(level);
        if level == Level::Abort {
            return std::future::pending().await;
        }
    }
}

/// Listens to the signals of a simulated machine.
#[cfg(test)]
async fn simulated(sender: watch::Sender<Level>, report: impl Fn(Level)) {
    let next = || crate::simulator::world::here().expect("it lasts").interrupted();
    for level in [Level::Draining, Level::Abort] {
        next().await;
        sender.send_replace(level);
        report(level);
    }
    std::future::pending().await
}

/// Listens to Ctrl-C until it is dropped; `report` hears of each new level.
#[cfg(not(unix))]
pub(crate) async fn listen(
    sender: watch::Sender<Level>,
    _patience: Duration,
    report: impl Fn(Level),
) {
    for level in [Level::Draining, Level::Abort] {
        if tokio::signal::ctrl_c().await.is_err() {
            break;
        }
        sender.send_replace(level);
        report(level);
    }
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_run_stops_by_its_own_word_or_by_that_of_the_process() {
        let (process, all) = Stop::new();
        let (own, run) = Stop::new();
        let run = run.or(&all);
        let is_at = |stop: &Stop, level| stop.at(level).now_or_never().is_some();
        assert!(run.level() == Level::Running && !is_at(&run, Level::Draining));
        own.send_replace(Level::Draining);
        assert!(is_at(&run, Level::Draining) && !is_at(&run, Level::Abort));
        assert_eq!(all.level(), Level::Running, "the others go on");
        process.send_replace(Level::Abort);
        assert!(is_at(&run, Level::Abort) && run.level() == Level::Abort);
        drop((own, process));
        assert!(!is_at(&Stop::never(), Level::Running));
    }
}
