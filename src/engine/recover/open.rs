//! What can be said of an open attempt without asking anybody, and how its recovery may end.

use serde::Serialize;

use crate::dialect::Dialect;
use crate::store::log::Pending;

/// The code of an attempt that its provider's history, read to its end, does not know.
pub(super) const NOT_THERE: &str = "not_in_history";

/// How the recovery of one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryOutcome {
    /// Its images are on the disk now.
    Saved,
    /// It has failed for good; nothing is open any more.
    Failed,
    /// The provider still works on it, or could not be asked.
    Pending,
    /// Nobody knows whether it was made; it may have been billed.
    Unknown,
}

/// What can be said of an open attempt without asking anybody; `dialect` is what its provider speaks,
/// where that is known.
pub fn foreseen(pending: &Pending, dialect: Option<&dyn Dialect>) -> RecoveryOutcome {
    let can_be_asked =
        dialect.is_some_and(|dialect| has_history(dialect, pending)) && pending.code != NOT_THERE;
    if pending.call.is_some() || !pending.existing_kept().is_empty() || can_be_asked {
        RecoveryOutcome::Pending
    } else {
        RecoveryOutcome::Unknown
    }
}

/// Whether the provider can be asked what became of a request.
pub(super) fn has_history(dialect: &dyn Dialect, pending: &Pending) -> bool {
    let order = pending.intent.order.clone().unwrap_or_default();
    dialect.lost(&order, "").is_some()
}
