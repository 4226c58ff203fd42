//! What happens to a process: it dies, the disk refuses it something, or somebody asks it to end.

use std::time::Duration;

/// How a process ends before its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Death {
    Kill,
    /// All others die, too.
    Power,
}

/// What is wrong with the disk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    Full,
    Broken,
    Unsynced,
    NoLinks,
}

/// Where it is so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Where {
    Everywhere,
    Output,
    Log,
    Home,
}

/// What happens to a process.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Mishap {
    pub(super) death: Option<(u64, Death)>,
    /// From which step on, and for how many.
    pub(super) fault: Option<(u64, u64, Fault, Where)>,
    /// After how long a signal comes, again and again.
    pub(super) signals: Vec<Duration>,
}
