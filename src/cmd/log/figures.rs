//! Time and money of a job, in words.
//!
//! Pure.

use std::time::Duration;

use super::figure;
use super::row::Row;
use crate::engine::report::JobStatus;
use crate::error::Billed;
use crate::money::Money;
use crate::store::Entry;
use crate::{text, ui};

/// `8.2 s (waited 200 ms, generating 7.9 s, saving 80 ms)`.
pub(super) fn took(entry: &Entry) -> String {
    let Some(total) = entry.total_ms else { return String::new() };
    let duration = |ms: u64| text::duration(Duration::from_millis(ms));
    let parts = [
        ("waited", entry.waited_ms),
        ("queued", entry.queued_ms),
        ("generating", entry.generation_ms),
        ("downloading", entry.download_ms),
        ("saving", entry.save_ms),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(name, ms)| Some((name, ms.filter(|ms| *ms > 0)?)))
        .map(|(name, ms)| format!("{name} {}", duration(ms)))
        .collect();
    if parts.is_empty() {
        duration(total)
    } else {
        format!("{} ({})", duration(total), parts.join(", "))
    }
}

/// `$0.0527 as reported, ~$0.05 as estimated`.
pub(super) fn money(row: &Row, status: JobStatus) -> String {
    let cost = row.cost();
    let about = cost.certainty != crate::catalog::Certainty::Exact;
    let estimate = || cost.estimated.map(|money| figure(money, about));
    if status == JobStatus::Pending {
        return estimate().map_or("unknown".to_owned(), |text| text + " expected");
    }
    let known = match (status, cost.reported) {
        (JobStatus::Cached, _) => Some(ui::FROM_CACHE.to_owned()),
        (JobStatus::Adopted, _) => Some("there already, free".to_owned()),
        (JobStatus::Done, Some(money))
            if cost.estimated.is_some_and(|estimated| estimated != money) =>
        {
            let estimate = estimate().unwrap_or_default();
            Some(format!("{} as reported, {estimate} as estimated", figure(money, false)))
        }
        (JobStatus::Done, Some(money)) => Some(figure(money, false)),
        (JobStatus::Done, None) => {
            Some(estimate().map_or("unknown".to_owned(), |text| text + " as estimated"))
        }
        (_, _) if row.entry.billed == Some(Billed::Yes) => {
            Some(estimate().unwrap_or_else(|| "unknown".to_owned()))
        }
        (_, _) if row.entry.billed == Some(Billed::No) && row.uncertain().is_none() => {
            Some("nothing".to_owned())
        }
        _ => None,
    };
    let maybe = row.uncertain().filter(|money| *money > Money::ZERO);
    let maybe = maybe.map(|money| format!("{money} maybe billed"));
    match (known, maybe) {
        (Some(known), Some(maybe)) if known != "nothing" => {
            format!("{known}, and {maybe} for an attempt")
        }
        (_, Some(maybe)) => maybe,
        (Some(known), None) => known,
        (None, None) => "unknown".to_owned(),
    }
}
