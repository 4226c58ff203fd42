//! One line of the log: what it can tell, in a fixed order of keys.
//!
//! Pure. Old entries stay readable: every key but the first few may be absent.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{ComparedPrompt, Drawn, Verdict};
use crate::catalog::{Adjustment, Certainty, Order};
use crate::dialect::Call;
use crate::error::{Billed, Kind};
use crate::money::Money;
use crate::request::Format;
use crate::store::{Location, OutputTarget, Recipe};

/// The version of the entries written here; older ones stay readable.
pub const VERSION: u32 = 1;

/// The code of a `done` whose image came from the cache and cost nothing.
pub const CACHED: &str = "cached";

/// The code of a `done` whose image was where the job wants it before the log knew of it: it was taken
/// as it is and cost nothing.
pub const ADOPTED: &str = "adopted";

/// What an entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A paid request is about to leave; `reserve` is counted until the attempt is closed.
    Intent,
    /// A queue has taken it; `call` goes on with it.
    Submitted,
    /// Answered, and dearer than was reserved: `reserve` is now what it costs.
    Priced,
    /// Answered and paid for, but not saved: the raw reply is in `kept`.
    Kept,
    /// Left open for `pinx recover`: still running, or the outcome is unknown.
    Open,
    /// Closed: this attempt failed, its job goes on; a `failed` may follow when it could not.
    Tried,
    /// Closed: the job failed with this attempt.
    Failed,
    /// Closed: the images have their names.
    Done,
    /// Closed by the user or by `recover` without an image.
    Settled,
    /// A comparison begins; about a run, not about a job.
    Compared,
    /// The pages of a comparison were drawn.
    Drawn,
    /// Somebody has judged a comparison.
    Verdict,
    /// Lines that cannot be read, and that nobody waits for any more.
    Dismissed,
    /// A kind of entry from a newer version, or none at all.
    #[serde(other)]
    #[default]
    Unknown,
}

impl EntryKind {
    /// Whether its attempt is open, or was when it was written.
    pub fn opens(self) -> bool {
        use EntryKind::{Intent, Kept, Open, Priced, Submitted};
        matches!(self, Intent | Submitted | Priced | Kept | Open)
    }

    /// Whether it ends its attempt.
    pub fn closes(self) -> bool {
        matches!(self, EntryKind::Tried | EntryKind::Failed | EntryKind::Done | EntryKind::Settled)
    }
}

/// The keys of a line in the order in which they are written, the checksum behind them: who reads only
/// the first part of a line goes by it, too.
pub(crate) const KEYS: [&str; 52] = [
    "v",
    "t",
    "e",
    "run",
    "job",
    "attempt",
    "key",
    "provider",
    "model",
    "route",
    "estimate",
    "reserve",
    "cost",
    "certainty",
    "billed",
    "code",
    "kind",
    "total_ms",
    "waited_ms",
    "queued_ms",
    "generation_ms",
    "download_ms",
    "save_ms",
    "status",
    "images",
    "prompt",
    "tags",
    "client",
    "once",
    "style",
    "style_as",
    "colors_as",
    "seed",
    "adjustments",
    "revised_prompt",
    "request_id",
    "gateway",
    "message",
    "order",
    "recipe",
    "call",
    "offset",
    "wish",
    "format",
    "kept",
    "contest",
    "verdict",
    "drawn",
    "claim",
    "host",
    "lines",
    "sum",
];

/// One line. The keys that statistics need come first, in this fixed order; absent ones are left
/// out. Money is in micro-dollars, times in milliseconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// The version of the shape.
    pub v: u32,
    /// When, in UTC.
    pub t: jiff::Timestamp,
    /// What it tells.
    pub e: EntryKind,
    /// The run's id.
    pub run: String,
    /// The job's id: `<run>.<n>`.
    pub job: String,
    /// The attempt's id: `<job>.<n>`.
    pub attempt: String,
    /// What a batch knows the job by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The provider.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// The model, `provider/name`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The key's source and fingerprint, and the gateway.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub route: String,
    /// Expected cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Money>,
    /// Counted against budgets while the attempt is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Money>,
    /// Cost as the response told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// How sure the estimate is.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub certainty: Option<Certainty>,
    /// Whether it was billed, as far as anybody has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed: Option<Billed>,
    /// `done`, `cached`, `adopted`, or the code of the failure: the provider's own word where it gave one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The class of the failure.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub kind: Option<Kind>,
    /// From the job's start to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_ms: Option<u64>,
    /// Waiting for permits, limits and back-off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<u64>,
    /// In the provider's queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_ms: Option<u64>,
    /// Being made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation_ms: Option<u64>,
    /// Fetching.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_ms: Option<u64>,
    /// Decoding, checking, writing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_ms: Option<u64>,
    /// The HTTP status of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Saved>,
    /// The prompt as asked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prompt: String,
    /// What the user calls it besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The client of a server for whom it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What a client's request is known by that is to be answered once, however often it comes: a digest
    /// of the key that it bears, and one of what it asks for, with a full stop between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    /// The style asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// How the model was told the style: as a `field` of its own, or in `words`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub style_as: String,
    /// How the model was told the colours: as a `field` of its own, or in `words`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub colors_as: String,
    /// The seed used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// What is not exactly as asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// The prompt as the provider changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revised_prompt: Option<String>,
    /// The provider's id of the request, else the gateway's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What the gateway said: `log_id`, `cache_status`, `step`.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub gateway: Value,
    /// The failure in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The order, with an intent, or with a `done` that had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// What makes the picture again, with an intent, or with a `done` that had none. Its prompt and
    /// its model stand above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Box<Recipe>>,
    /// The keyless call: what is sent (intent) or what goes on with the job (submitted, open).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// Which of the jobs that share the name it is, counted from zero.
    #[serde(skip_serializing_if = "is_zero")]
    pub offset: usize,
    /// Where the image is to go, with an intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wish: Option<OutputTarget>,
    /// The format that the file is to have, with an intent, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The raw reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<PathBuf>,
    /// Who is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contest: Option<Box<ComparedPrompt>>,
    /// What was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Box<Verdict>>,
    /// Pages of a comparison: the contact sheet, if there is one, and the page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<Drawn>,
    /// The file that claims the job before other homes, with an intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<PathBuf>,
    /// The host whose answer was a failure.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The digests of the lines that are dismissed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// A word of a list; one that only newer versions know is none.
fn known<'de, D: Deserializer<'de>, T: DeserializeOwned>(word: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(word)?).ok())
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A file as the log knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// Where it is.
    pub path: Location,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// From the bytes.
    pub format: String,
    /// Its length.
    pub bytes: u64,
    /// Of the file as saved.
    pub sha256: String,
    /// Of the provider's bytes, where the file was converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_sha256: Option<String>,
}

impl Entry {
    /// An entry with its head filled in.
    pub fn new(e: EntryKind, run: &str, job: &str, attempt: &str) -> Entry {
        Entry {
            v: VERSION,
            t: crate::clock::now(),
            e,
            run: run.to_owned(),
            job: job.to_owned(),
            attempt: attempt.to_owned(),
            ..Entry::default()
        }
    }

    /// An entry about a whole run; it has no job and no attempt.
    pub fn of_run(e: EntryKind, run: &str) -> Entry {
        Entry::new(e, run, "", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Stage, Target};

    /// Every key has a value, so that it is written; no `..` here, or a new one is forgotten.
    fn full() -> Entry {
        let word = || "x".to_owned();
        Entry {
            v: VERSION,
            t: jiff::Timestamp::UNIX_EPOCH,
            e: EntryKind::Done,
            run: word(),
            job: word(),
            attempt: word(),
            key: Some(word()),
            provider: word(),
            model: word(),
            route: word(),
            estimate: Some(Money::ZERO),
            reserve: Some(Money::ZERO),
            cost: Some(Money::ZERO),
            certainty: Some(Certainty::Exact),
            billed: Some(Billed::Yes),
            code: word(),
            kind: Some(Kind::Local),
            total_ms: Some(1),
            waited_ms: Some(1),
            queued_ms: Some(1),
            generation_ms: Some(1),
            download_ms: Some(1),
            save_ms: Some(1),
            status: Some(200),
            images: vec![Saved::default()],
            prompt: word(),
            tags: vec![word()],
            client: Some(word()),
            once: Some(word()),
            style: Some(word()),
            style_as: word(),
            colors_as: word(),
            seed: Some(1),
            adjustments: vec![serde_json::from_value(adjustment()).unwrap()],
            revised_prompt: Some(word()),
            request_id: Some(word()),
            gateway: Value::Bool(true),
            message: word(),
            order: Some(Order::default()),
            recipe: Some(Box::default()),
            call: Some(Call::get(Stage::List, Target::Url(word()))),
            offset: 1,
            wish: Some(wish()),
            format: Some(Format::Png),
            kept: Some(PathBuf::from("x")),
            contest: Some(Box::default()),
            verdict: Some(Box::default()),
            drawn: vec![Drawn::default()],
            claim: Some(PathBuf::from("x")),
            host: word(),
            lines: vec![word()],
        }
    }

    fn adjustment() -> Value {
        serde_json::json!({ "field": "size", "asked": "a", "got": "b", "why": "c" })
    }

    fn wish() -> OutputTarget {
        let (directory, stem, extension) = (PathBuf::from("/out"), "x".into(), "png".into());
        OutputTarget { directory, stem, extension, suffix_ok: true, within: None }
    }

    #[test]
    fn a_line_has_its_keys_in_the_order_by_which_it_is_read() {
        let line = crate::store::log::checksum::line_of(&full()).unwrap();
        let written: serde_json::Map<String, Value> = serde_json::from_slice(&line).unwrap();
        assert_eq!(written.keys().collect::<Vec<_>>(), KEYS);
    }

    #[test]
    fn words_of_newer_versions_do_not_hide_an_entry() {
        let line = r#"{"v":1,"t":"2026-11-26T00:00:00Z","e":"failed","kind":"moonstruck","certainty":"likely"}"#;
        let entry: Entry = serde_json::from_str(line).unwrap();
        assert_eq!((entry.e, entry.kind, entry.certainty), (EntryKind::Failed, None, None));
        let known = line.replace("moonstruck", "content").replace("likely", "exact");
        let entry: Entry = serde_json::from_str(&known).unwrap();
        assert!(entry.kind.is_some() && entry.certainty.is_some(), "{entry:?}");
    }
}
