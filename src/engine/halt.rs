//! What fails for everybody stops for everybody: an image that can be kept nowhere ends the run, a
//! directory that refuses one gets no more, and a route whose answers come to nothing again and again
//! is not asked any more. What is in flight is finished.
//!
//! What a run makes of it stands in `heed.rs`.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use super::Route;
use super::limit::Origin;
use super::planned::Job;
use crate::error::Error;
use crate::pool::lock;

/// Images in a row that find nobody at a provider before nothing more is sent there.
const NO_CONNECTION: u32 = 3;

/// The same where it has answered before: a network may be away for a moment.
const LOST_CONNECTIONS: u32 = 10;

/// What a run no longer does, and why.
#[derive(Debug, Default)]
pub struct Halts(Mutex<Halted>);

#[derive(Debug, Default)]
struct Halted {
    /// An image could be kept nowhere.
    nowhere: Option<Error>,
    /// Directories that have refused an image.
    refusing: HashMap<PathBuf, Error>,
    /// Directories that hold an image of this run.
    proven: HashSet<PathBuf>,
    /// Answers in a row that came to nothing, by the provider's key and model.
    rows: HashMap<(String, String), Row>,
    /// Providers that images of this run found nobody at, by origin: how many in a row.
    unreachable: HashMap<String, u32>,
    /// Origins that have answered in this run.
    answering: HashSet<String>,
    /// What was told once.
    notices: HashSet<String>,
    /// Keys that are not asked any more, by their origins.
    keys: HashMap<String, Error>,
    /// Models that are not asked any more, by origin and model.
    models: HashMap<(String, String), Error>,
}

/// Answers of one route that came to nothing, with nothing done between them.
#[derive(Debug)]
struct Row {
    count: u32,
    first: Error,
}

impl Halts {
    fn lock(&self) -> MutexGuard<'_, Halted> {
        lock(&self.0)
    }

    /// Why the run sends nothing more, if that is so.
    pub fn nowhere(&self) -> Option<Error> {
        self.lock().nowhere.clone()
    }

    /// Why a job must not send anything.
    pub(super) fn why(&self, job: &Job) -> Option<Error> {
        let halted = self.lock();
        halted.nowhere.as_ref().or_else(|| halted.refusing.get(&job.target.directory)).cloned()
    }

    pub(super) fn is_proven(&self, directory: &Path) -> bool {
        self.lock().proven.contains(directory)
    }

    /// An image of this run is in a directory.
    pub(super) fn prove(&self, directory: &Path) {
        self.lock().proven.insert(directory.to_owned());
    }

    /// A directory gets no more images; false when that was so before.
    pub(super) fn refuse(&self, directory: &Path, cause: Error) -> bool {
        self.lock().refusing.insert(directory.to_owned(), cause).is_none()
    }

    /// The run sends nothing more; false when that was so before.
    pub(super) fn stop_all(&self, error: Error) -> bool {
        self.lock().nowhere.replace(error).is_none()
    }

    /// Whether this is said for the first time.
    pub(super) fn is_news(&self, text: &str) -> bool {
        self.lock().notices.insert(text.to_owned())
    }

    /// An image of a route is whole.
    pub(super) fn worked(&self, route: &Route) {
        self.lock().rows.remove(&(route.origin().name, route.model_id()));
    }

    /// Counts an answer of a route that came to nothing; the first cause once it is the last one
    /// allowed.
    pub(super) fn count(&self, route: &Route, error: &Error, most: u32) -> Option<(u32, Error)> {
        let mut halted = self.lock();
        let place = (route.origin().name, route.model_id());
        let row =
            halted.rows.entry(place).or_insert_with(|| Row { count: 0, first: error.clone() });
        row.count += 1;
        (most > 0 && row.count == most).then(|| (row.count, row.first.clone()))
    }

    /// An origin has answered, whatever it said.
    pub(super) fn answered(&self, origin: &Origin) {
        let mut halted = self.lock();
        halted.unreachable.remove(&origin.name);
        if !halted.answering.contains(&origin.name) {
            halted.answering.insert(origin.name.clone());
        }
    }

    /// Counts an image for which no connection was made; whether that is the last one that is tried.
    /// Where somebody has answered before in this run there is more patience.
    pub(super) fn count_unreachable(&self, origin: &Origin) -> bool {
        let mut halted = self.lock();
        let most =
            if halted.answering.contains(&origin.name) { LOST_CONNECTIONS } else { NO_CONNECTION };
        let count = halted.unreachable.entry(origin.name.clone()).or_default();
        *count += 1;
        *count >= most
    }

    /// Asks by this key no more; false when that was so before.
    pub(super) fn disable_key(&self, origin: &Origin, error: &Error) -> bool {
        self.lock().keys.insert(origin.name.clone(), error.clone()).is_none()
    }

    /// Asks this model by this key no more.
    pub(super) fn block_model(&self, origin: &Origin, model: &str, error: &Error) {
        self.lock().models.insert((origin.name.clone(), model.to_owned()), error.clone());
    }

    /// Why this key, or this model by it, is not asked any more.
    pub(super) fn disabled(&self, origin: &Origin, model: &str) -> Option<Error> {
        let halted = self.lock();
        let model = || halted.models.get(&(origin.name.clone(), model.to_owned()));
        halted.keys.get(&origin.name).or_else(model).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::limit::Rules;
    use crate::error::Kind;

    #[test]
    fn nobody_at_a_provider_is_found_three_times_in_a_row_or_ten_where_it_has_answered() {
        let halts = Halts::default();
        let rules = Rules { requests: None, images: None, in_flight: None };
        let (name, provider) = ("openai#1a2b3c".to_owned(), "openai".to_owned());
        let mine = Origin { name, provider, rules };
        let counted = |count: usize| -> Vec<bool> {
            (0..count).map(|_| halts.count_unreachable(&mine)).collect()
        };
        assert_eq!(counted(3), [false, false, true]);
        halts.answered(&mine);
        assert_eq!(counted(9), [false; 9]);
        halts.answered(&mine);
        assert_eq!(counted(10).pop(), Some(true), "in a row");
    }

    #[test]
    fn dead_keys_and_blocked_models_are_dropped_for_the_run() {
        let halts = Halts::default();
        let rules = Rules { requests: None, images: None, in_flight: None };
        let (name, provider) = ("openai#1a2b3c".to_owned(), "openai".to_owned());
        let (mine, error) = (Origin { name, provider, rules }, Error::new(Kind::Account, "gone"));
        assert!(halts.disabled(&mine, "m").is_none());
        halts.block_model(&mine, "m", &error);
        assert!(halts.disabled(&mine, "m").is_some() && halts.disabled(&mine, "n").is_none());
        assert!(halts.disable_key(&mine, &error), "it is news");
        assert!(!halts.disable_key(&mine, &error), "once");
        assert!(halts.disabled(&mine, "n").is_some());
    }
}
