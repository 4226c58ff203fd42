//! What a job's last failure leaves to do: whether it may be billed, who can tell, and what comes next.
//!
//! Pure. It says what the class of the failure means, so that README, help and this line cannot differ:
//! what was not billed is simply run again; what may be is looked up first, where it can be looked up.

use super::Route;
use super::report::AttemptReport;
use crate::error::{Error, Kind, Reserved};
use crate::money::Money;

/// The remedy that the class of a failure has, after these attempts; `uncertain` is what they may have
/// cost together.
pub(super) fn of(
    route: &Route,
    error: &Error,
    attempts: &[AttemptReport],
    uncertain: Money,
) -> Option<String> {
    let reserved = error.reserved();
    let later = "nothing was billed, and the same command later makes it".to_owned();
    match error.kind {
        _ if route.is_local() => None,
        Kind::Ambiguous if route.is_free() => None,
        Kind::Ambiguous => Some(unknown(route, attempts)),
        Kind::Server | Kind::NoRunner if reserved == Reserved::Uncertain => {
            let (tries, together) = match attempts.len() {
                1 => ("the request that failed".to_owned(), ""),
                many => (format!("each of the {many} requests that failed"), " together"),
            };
            let most = match uncertain {
                Money::ZERO => String::new(),
                most => format!(" (at most {most}{together})"),
            };
            Some(format!("{tries} may have been billed{most}: {} before you go on", page(route)))
        }
        _ if reserved != Reserved::Released || uncertain > Money::ZERO => None,
        _ if !error.hints.is_empty() => None,
        Kind::Busy | Kind::Server | Kind::NoRunner => Some(later),
        Kind::NotSent => {
            Some("nothing was sent: check the network, then run the same command".to_owned())
        }
        Kind::Rejected => Some(format!(
            "nothing was billed: `pinx models show {}` says what it takes",
            route.model_id()
        )),
        Kind::Permission => {
            Some("nothing was billed: `-m auto` passes over what your key may not use".to_owned())
        }
        _ => None,
    }
}

/// That nobody has heard what became of it, and where it can be found out.
fn unknown(route: &Route, attempts: &[AttemptReport]) -> String {
    let can_be_asked = route.dialect.lost(&route.order, "").is_some();
    match attempts.last().filter(|_| !can_be_asked) {
        None => "it may have been billed: `pinx recover` asks for it, do not run the command again"
            .to_owned(),
        Some(attempt) => format!(
            "it may have been billed: {} before you run it again; `pinx recover --forget {}` then \
             closes it",
            page(route),
            attempt.id
        ),
    }
}

/// Where the provider says what it has billed.
fn page(route: &Route) -> String {
    match &route.provider.dashboard {
        Some(page) if route.endpoints.is_official() => format!("look at {page}"),
        _ => "look where its requests are billed".to_owned(),
    }
}
