//! What is said of one attempt that was open.

use serde_json::{Value, json};

use crate::cmd::App;
use crate::cmd::claims::at_most;
use crate::dialect::dialect;
use crate::engine::recover::{Pending, Recovered, RecoveryOutcome, foreseen};
use crate::engine::{DEAD_LINK, UNREACHABLE_LINK};
use crate::store::{Entry, candidate};
use crate::text;

/// ` for client `shop``, where it was for one.
pub(super) fn client_of(intent: &Entry) -> String {
    let named = |client: &String| format!(" for client `{}`", text::clean(client, 64));
    intent.client.as_ref().map(named).unwrap_or_default()
}

impl Recovered {
    /// What can be said of it without asking anybody.
    pub(super) fn foreseen(app: &App, pending: Pending) -> Recovered {
        let provider = app.settings.catalog.provider(&pending.intent.provider);
        let dialect = provider.and_then(|provider| dialect(&provider.dialect));
        let outcome = foreseen(&pending, dialect);
        Recovered { outcome, pending, saved: Vec::new(), error: None }
    }

    /// Says what is not simply saved.
    pub(super) fn report(&self, app: &App) {
        let intent = &self.pending.intent;
        let why = self.error.as_ref().map(|error| format!(": {}", text::clause(&error.message)));
        let why = why.unwrap_or_default();
        let said = self.error.as_ref().map_or("", |error| text::clause(&error.message));
        let (attempt, model) = (&intent.attempt, &intent.model);
        let prompt = format!("\"{}\"{}", text::clean(&intent.prompt, 40), client_of(intent));
        let place = self.saved.first().and_then(|saved| saved.path.parent());
        let is_lost = self.pending.is_stray && intent.wish.is_none();
        if let (true, Some(place)) = (is_lost || self.pending.is_doubtful, place) {
            let why = if is_lost { "cannot be read any more" } else { "stands in an altered line" };
            app.ui.warn(&format!(
                "{attempt}: where its image was to go {why}; it is in {}",
                place.display()
            ));
        }
        let code = self.error.as_ref().map(|error| error.code.as_str());
        let text = match self.outcome {
            RecoveryOutcome::Saved if self.error.is_none() => {
                return self.beside().iter().for_each(|told| app.ui.note(told));
            }
            RecoveryOutcome::Saved => {
                format!("{attempt} {model}: not all of its images could be had{why}")
            }
            RecoveryOutcome::Failed => {
                format!("{attempt} {model}{} has failed{why}", client_of(intent))
            }
            RecoveryOutcome::Pending if code == Some(DEAD_LINK) => format!(
                "{attempt} {model} {prompt}: paid for{}, but {said}; no job is known that could give \
                 a fresh link, so only the provider's own site may still show the image; \
                 `pinx recover --forget {attempt}` closes it",
                self.stake()
            ),
            RecoveryOutcome::Pending if code == Some(UNREACHABLE_LINK) => format!(
                "{attempt} {model} {prompt}: paid for{}, but {said}; `pinx recover` tries it again, \
                 and `pinx recover --forget {attempt}` closes it",
                self.stake()
            ),
            RecoveryOutcome::Pending => {
                format!("{attempt} {model} {prompt}: still open{}", self.remedy(&why))
            }
            RecoveryOutcome::Unknown => format!(
                "{attempt} {model} {prompt}: outcome unknown, maybe billed{}{why}; \
                 `pinx recover --forget {attempt}` closes it",
                self.stake()
            ),
        };
        app.ui.warn(&text);
    }

    /// That what it was to replace is still there: the other may have been changed meanwhile.
    fn beside(&self) -> Option<String> {
        let (intent, saved) = (&self.pending.intent, self.saved.first()?);
        let wished = candidate(intent.wish.as_ref()?, intent.offset);
        let wished = wished.with_extension(saved.path.extension()?);
        let is_elsewhere = saved.path.file_stem() != wished.file_stem() && wished.exists();
        is_elsewhere.then(|| {
            format!(
                "{} stands beside {}, which was there: `pinx recover` replaces nothing",
                saved.path.display(),
                wished.display()
            )
        })
    }

    /// Why it is still open, or what helps where nobody was asked yet.
    fn remedy(&self, why: &str) -> String {
        let is_kept = !self.pending.existing_kept().is_empty();
        match (self.error.is_some(), is_kept) {
            (true, true) => format!("{why}; its bytes are kept, and `pinx recover` tries again"),
            (true, false) => why.to_owned(),
            (false, true) => "; its bytes are kept, and `pinx recover` saves them".to_owned(),
            (false, false) => "; `pinx recover` asks for it".to_owned(),
        }
    }

    /// What it may have cost at most, if that is known.
    fn stake(&self) -> String {
        self.pending.at_stake().map(at_most).unwrap_or_default()
    }

    /// A row of the document.
    pub(super) fn json(&self) -> Value {
        let intent = &self.pending.intent;
        let mut row = json!({
            "id": intent.attempt,
            "fate": self.outcome,
            "model": intent.model,
            "prompt": intent.prompt,
            "since": intent.t.to_string(),
            "at_stake": self.pending.at_stake().map(|money| money.as_dollars()),
            "atStake": self.pending.at_stake().map(|money| money.as_dollars()),
            "images": self.saved.iter().map(|saved| saved.path.display().to_string()).collect::<Vec<_>>(),
            "error": self.error.as_ref().map(crate::engine::report::ErrorReport::from),
        });
        if let Some(client) = &intent.client {
            row["client"] = json!(client);
        }
        row
    }
}
