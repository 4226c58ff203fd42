//! A row as `pinx log --json` prints it: the shape of a job in a run's own document, with the run's
//! id, its beginning and its style beside. Money is in dollars, times in milliseconds.

use serde_json::{Value, json};

use super::row::Row;
use crate::engine::report::{JobStatus, Timing};
use crate::error::Kind;
use crate::money::Money;

impl Row {
    /// Code and message of what went wrong.
    pub(crate) fn failure(&self) -> Value {
        let (code, message) = match self.entry.code.as_str() {
            "" => (Kind::Ambiguous.code(), "the process ended before an answer came"),
            code => (code, self.entry.message.as_str()),
        };
        json!({ "code": code, "message": message })
    }

    /// As `pinx log --json` prints it: the shape of a job in a run's own document, and more.
    pub(crate) fn json(&self, status: JobStatus) -> Value {
        let entry = &self.entry;
        let failed = !(status.is_done() || status == JobStatus::Pending);
        let milliseconds = |time: Option<u64>| time.unwrap_or(0);
        let timing = Timing {
            total_ms: milliseconds(entry.total_ms),
            waited_ms: milliseconds(entry.waited_ms),
            queued_ms: milliseconds(entry.queued_ms),
            generation_ms: milliseconds(entry.generation_ms),
            download_ms: milliseconds(entry.download_ms),
            save_ms: milliseconds(entry.save_ms),
        };
        let attempts = self.attempts.iter().map(|attempt| {
            let outcome = if attempt.code.is_empty() { status.name() } else { &attempt.code };
            json!({ "id": attempt.id, "model": attempt.model, "outcome": outcome })
        });
        let mut row = json!({
            "id": entry.job,
            "run": entry.run,
            "t": self.began,
            "status": status,
            "prompt": entry.prompt,
            "style": entry.style,
            "tags": entry.tags,
            "model": entry.model,
            "provider": entry.provider,
            "route": entry.route,
            "attempts": attempts.collect::<Vec<_>>(),
            "images": entry.images,
            "seed": entry.seed,
            "cost": self.cost(),
            "uncertain": self.uncertain().map(Money::as_dollars),
            "billed": entry.billed.unwrap_or_default(),
            "timing": timing,
            "adjustments": entry.adjustments,
            "verdict": self.verdict,
            "error": failed.then(|| self.failure()),
        });
        if let Some(client) = &entry.client {
            row["client"] = json!(client);
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Billed;
    use crate::store::{Entry, EntryKind};

    #[test]
    fn money_is_in_dollars_and_a_crash_is_an_unknown_outcome() {
        let mut row = Row::default();
        let reserve = Some(Money::micros(9));
        row.add(Entry { reserve, ..Entry::new(EntryKind::Intent, "r", "r.1", "r.1.1") });
        let lost = row.json(row.status(|_| false));
        assert_eq!(
            (lost["status"].as_str(), lost["uncertain"].as_f64()),
            (Some("unknown"), Some(0.000_009))
        );
        assert_eq!(lost["error"]["code"], "outcome_unknown");
        assert!(lost["cost"]["estimated"].is_null());
        let cost = Some(Money::micros(5));
        row.add(Entry {
            cost,
            billed: Some(Billed::Yes),
            ..Entry::new(EntryKind::Done, "r", "r.1", "r.1.1")
        });
        let done = row.json(row.status(|_| false));
        assert_eq!(
            (done["cost"]["reported"].as_f64(), done["billed"].as_str()),
            (Some(0.000_005), Some("yes"))
        );
        assert!(done["error"].is_null() && done["uncertain"].is_null());
    }
}
