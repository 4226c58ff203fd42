//! What happens in a run as readers of its events get it: names in `snake_case`, dollars, milliseconds.
//! No path of this machine is in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::dialect::Progress;
use crate::engine::Event;
use crate::engine::event::End;
use crate::money::Money;

/// The name of an event.
pub(super) fn kind(event: &Event) -> &'static str {
    match event {
        Event::Planned { .. } => "planned",
        Event::Started { .. } => "started",
        Event::Waiting { .. } => "waiting",
        Event::Sent { .. } => "sent",
        Event::Progress { .. } => "progress",
        Event::Partial { .. } => "partial",
        Event::Downloading { .. } => "downloading",
        Event::Saving { .. } => "saving",
        Event::Retrying { .. } => "retrying",
        Event::FellBack { .. } => "fell_back",
        Event::Notice { .. } => "notice",
        Event::Saved { .. } => "saved",
        Event::Ended { .. } => "ended",
        Event::Stopping { .. } => "stopping",
    }
}

/// What it says.
pub(super) fn value(event: &Event) -> Value {
    match event {
        Event::Planned { jobs, estimate } => json!({
            "jobs": jobs,
            "estimated": estimate.expected.map(Money::as_json),
            "at_most": estimate.reserve.map(Money::as_json),
        }),
        Event::Started { job, model, expected } => json!({
            "job": job, "model": model, "expected_ms": expected.map(|time| time.as_millis() as u64),
        }),
        Event::Waiting { job, why, wait } => json!({
            "job": job, "why": why, "wait_ms": wait.map(|time| time.as_millis() as u64),
        }),
        Event::Sent { job } | Event::Saving { job } | Event::Saved { job, .. } => {
            json!({ "job": job })
        }
        Event::Progress { job, progress } => match progress {
            Progress::Queued(before) => json!({ "job": job, "state": "queued", "before": before }),
            Progress::Running => json!({ "job": job, "state": "running" }),
        },
        Event::Partial { job, index, of, picture } => json!({
            "job": job, "index": index, "of": of, "b64_json": STANDARD.encode(&picture.0),
        }),
        Event::Downloading { job, bytes, total } => {
            json!({ "job": job, "bytes": bytes, "total": total })
        }
        Event::Retrying { job, why, wait } => {
            json!({ "job": job, "why": why, "wait_ms": wait.as_millis() as u64 })
        }
        Event::FellBack { job, from, to, why } => {
            json!({ "job": job, "from": from, "to": to, "why": why })
        }
        Event::Notice { job, text } => json!({ "job": job, "text": text }),
        Event::Ended { job, end, cost } => {
            let end = match end {
                End::Done => "done",
                End::Refused => "refused",
                End::Failed => "failed",
            };
            json!({ "job": job, "status": end, "cost": cost.map(Money::as_json) })
        }
        Event::Stopping { in_flight } => json!({ "in_flight": in_flight }),
    }
}
