//! Models that a provider did not know, or did not let a key use: remembered for a day, so that `auto`
//! passes over them instead of asking in vain each time.
//!
//! By provider, key and address, in one small file beside the limits. It decides an order, never
//! whether something may be asked: losing it costs one request, which is not billed. A model that
//! works again is forgotten here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::route::Route;
use crate::catalog::Model;
use crate::error::{Error, Kind};
use crate::fs;
use crate::pool::lock;
use crate::request::{Background, Format};
use crate::text;

/// So long a model that was missing is passed over.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// Letters of a reason that are kept.
const REASON: usize = 200;
/// Bytes of the file that are read: a few keys times a few models.
const LARGEST: u64 = 1 << 20;

/// When a model was missing, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// When the provider said so.
    pub at: Timestamp,
    /// Whether it does not know the model, or does not let this key use it.
    pub kind: Kind,
    /// In its words.
    pub why: String,
}

/// Models by the origins that were asked for them.
type Seen = BTreeMap<String, BTreeMap<String, Sighting>>;

/// What is remembered, read once; without a file, nothing is.
#[derive(Debug, Default)]
pub struct MissingModels {
    file: Option<PathBuf>,
    seen: Mutex<Option<Seen>>,
}

impl MissingModels {
    /// Those that are remembered in the directory of the limits.
    pub fn of(limits: &Path) -> MissingModels {
        MissingModels { file: Some(limits.join("missing.json")), seen: Mutex::default() }
    }

    /// When a model was missing for an origin, if that is not longer ago than a day. Blocking, for the
    /// first time.
    pub fn of_origin(&self, origin: &str, model: &str) -> Option<Sighting> {
        self.with(|seen| seen.get(origin)?.get(model).filter(|it| it.is_fresh()).cloned())
    }

    /// Whether a model was missing for anybody. Blocking, for the first time.
    pub fn knows(&self, model: &Model) -> bool {
        self.with(|seen| {
            !seen.is_empty() && {
                let id = model.full_id();
                seen.values().any(|models| models.get(&id).is_some_and(Sighting::is_fresh))
            }
        })
    }

    fn with<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(lock(&self.seen).get_or_insert_with(|| self.read()))
    }

    /// What cannot be read counts as nothing.
    fn read(&self) -> Seen {
        let read = self.file.as_ref().and_then(|file| fs::read_regular(file, LARGEST).ok());
        read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Remembers that a model is missing. Blocking.
    pub(super) fn add(&self, origin: &str, model: &str, error: &Error) {
        let (at, why) = (crate::clock::now(), text::clean(&error.message, REASON));
        let sighting = Sighting { at, kind: error.kind, why };
        self.change(|seen| {
            seen.entry(origin.to_owned()).or_default().insert(model.to_owned(), sighting);
        });
    }

    /// Forgets a model that works. Blocking.
    pub(super) fn remove(&self, origin: &str, model: &str) {
        self.change(|seen| {
            seen.get_mut(origin).map(|models| models.remove(model));
        });
    }

    /// Two processes at once may lose what one of them saw: it is seen again.
    fn change(&self, change: impl FnOnce(&mut Seen)) {
        let mut known = lock(&self.seen);
        let mut seen = self.read();
        change(&mut seen);
        for models in seen.values_mut() {
            models.retain(|_, sighting| sighting.is_fresh());
        }
        seen.retain(|_, models| !models.is_empty());
        if let (Some(file), Ok(text)) = (&self.file, serde_json::to_vec(&seen)) {
            let _ = fs::create_private_dir(file.parent().unwrap_or(Path::new(".")));
            let _ = fs::write_atomic(file, &text, fs::Mode::Private);
        }
        *known = Some(seen);
    }
}

impl Sighting {
    /// Whether it counts still; a clock that was set back makes it no longer.
    fn is_fresh(&self) -> bool {
        let age = crate::clock::now().duration_since(self.at);
        (-REMEMBERED..REMEMBERED).contains(&age)
    }

    /// `no access (seen 14:03)`, by the clock of this place.
    pub fn text(&self) -> String {
        let zone = jiff::tz::TimeZone::system();
        let (at, now) = (self.at.to_zoned(zone.clone()), crate::clock::now().to_zoned(zone));
        let form = if at.date() == now.date() { "%H:%M" } else { "%m-%d %H:%M" };
        format!("{} (seen {})", self.word(), at.strftime(form))
    }

    /// What is the matter, in two words.
    pub fn word(&self) -> &'static str {
        if self.kind == Kind::MissingModel { "not found" } else { "no access" }
    }
}

/// Whether a failure says that a model is missing for a key. A refusal that does not speak of the model
/// may be about the account or come from something in between; and what was asked for besides, a vector
/// format or a transparent background, may need an access of its own.
pub(super) fn is_missing(route: &Route, error: &Error) -> bool {
    let asked = &route.order.request;
    let is_plain = asked.background != Some(Background::Transparent)
        && !matches!(asked.format, Some(Format::Svg | Format::Gif | Format::Avif));
    let said = error.message.to_lowercase();
    let names = ["model", "verified", &route.order.wire.to_lowercase()];
    match error.kind {
        Kind::MissingModel => is_plain,
        Kind::Permission => is_plain && names.iter().any(|name| said.contains(name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: Kind) -> Error {
        Error::new(kind, "the model does not exist")
    }

    #[test]
    fn what_was_missing_is_remembered_for_its_key_alone_and_forgotten_when_it_works() {
        let home = tempfile::tempdir().unwrap();
        let limits = home.path().join("limits");
        let missing = MissingModels::of(&limits);
        assert_eq!(missing.of_origin("openai#1", "openai/a"), None);
        missing.add("openai#1", "openai/a", &error(Kind::MissingModel));
        missing.add("openai#1", "openai/b", &error(Kind::Permission));
        let later = MissingModels::of(&limits);
        let word = |missing: &MissingModels, origin: &str, model: &str| {
            missing.of_origin(origin, model).map(|sighting| sighting.word())
        };
        assert_eq!(word(&later, "openai#1", "openai/a"), Some("not found"));
        assert_eq!(word(&later, "openai#1", "openai/b"), Some("no access"));
        assert_eq!(word(&later, "openai#2", "openai/a"), None);
        later.remove("openai#1", "openai/a");
        assert_eq!(word(&MissingModels::of(&limits), "openai#1", "openai/a"), None);
        assert_eq!(word(&MissingModels::of(&limits), "openai#1", "openai/b"), Some("no access"));
    }

    #[test]
    fn after_a_day_it_counts_no_more_and_nonsense_counts_as_nothing() {
        let home = tempfile::tempdir().unwrap();
        let write = |text: &str| {
            let file = home.path().join("missing.json");
            fs::write_atomic(&file, text.as_bytes(), fs::Mode::Private).unwrap();
            MissingModels::of(home.path()).of_origin("o", "m").is_some()
        };
        let since = |hours: i64| {
            let at = crate::clock::now() - SignedDuration::from_hours(hours);
            format!(r#"{{"o":{{"m":{{"at":"{at}","kind":"permission","why":"no"}}}}}}"#)
        };
        assert!(write(&since(23)) && write(&since(-1)));
        assert!(!write(&since(25)) && !write(&since(-25)));
        for text in ["", "[]", "{\"o\":1}", "\u{0}"] {
            assert!(!write(text), "{text}");
        }
    }

    #[test]
    fn where_nothing_can_be_written_it_is_known_in_the_process() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("taken");
        fs::write_atomic(&file, b"", fs::Mode::Private).unwrap();
        let missing = MissingModels::of(&file);
        missing.add("o", "m", &error(Kind::Permission));
        assert!(missing.of_origin("o", "m").is_some());
    }
}
