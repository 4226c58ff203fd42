//! Folding the log from where the last fold stopped: the checkpoint.
//!
//! The checkpoint is only a shortcut. It is written whole or not at all, it can be deleted at any
//! time, and one that does not fit the segments is thrown away.

use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::cursors::Cursors;
use super::damage::Part;
use super::read::Parts;
use super::segments::Unreadable;
use super::{Pending, State};
use crate::fs;

/// The version of the checkpoint's shape; another one is not read.
const VERSION: u32 = 3;
/// Fewer bytes than this are folded again next time, rather than written down.
const WORTH: u64 = 256 * 1024;

/// A state and how far it has come in every segment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Projection {
    v: u32,
    /// The time zone whose days are counted.
    zone: String,
    /// How far it has come.
    offsets: Cursors,
    /// The sums.
    state: State,
    #[serde(skip)]
    directory: PathBuf,
    /// Bytes folded since the checkpoint.
    #[serde(skip)]
    fresh: u64,
    #[serde(skip, default = "crate::zone::local")]
    local: TimeZone,
}

impl Projection {
    /// Folds everything there is, from the checkpoint where that fits.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(super) fn load(directory: &Path) -> io::Result<Projection> {
        let mut projection = Projection::stored(directory);
        projection.catch_up()?;
        projection.keep();
        Ok(projection)
    }

    /// Folds what can be read; the other segments, with the reasons, are told.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub(super) fn of_readable(directory: &Path) -> io::Result<(Projection, Unreadable)> {
        let mut projection = Projection::stored(directory);
        let mut unread = Vec::new();
        projection.catch_up_on(Some(&mut unread))?;
        if unread.is_empty() {
            projection.keep();
        }
        Ok((projection, unread))
    }

    fn stored(directory: &Path) -> Projection {
        let local = crate::zone::local();
        let zone = local.iana_name().unwrap_or_default().to_owned();
        let stored = std::fs::read(directory.join("checkpoint.json")).ok();
        let stored = stored.and_then(|bytes| serde_json::from_slice::<Projection>(&bytes).ok());
        let fits = |projection: &Projection| projection.v == VERSION && projection.zone == zone;
        let projection = stored.filter(fits).unwrap_or_else(|| Projection {
            v: VERSION,
            zone,
            offsets: Cursors::default(),
            state: State::default(),
            directory: PathBuf::new(),
            fresh: 0,
            local: local.clone(),
        });
        Projection { directory: directory.to_owned(), local, ..projection }
    }

    /// Adds what has been appended since. A segment that does not go on as it was makes it begin anew.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(super) fn catch_up(&mut self) -> io::Result<()> {
        self.catch_up_on(None)
    }

    fn catch_up_on(&mut self, mut unread: Option<&mut Unreadable>) -> io::Result<()> {
        let (state, zone) = (&mut self.state, &self.local);
        let mut add = |part: Part| {
            match part.entry {
                Some(entry) if part.damaged.is_some() => state.add_altered(entry, zone),
                Some(entry) => state.add(entry, zone),
                None => {}
            }
            if let Some(damaged) = part.damaged {
                state.damage(damaged, zone);
            }
        };
        let mut parts = Parts(&mut add);
        match self.offsets.catch_up(&self.directory, &mut parts, unread.as_deref_mut())? {
            Some(fresh) => self.fresh += fresh,
            None => {
                self.offsets = Cursors::default();
                self.state = State::default();
                unread.iter_mut().for_each(|unread| unread.clear());
                return self.catch_up_on(unread);
            }
        }
        Ok(())
    }

    /// The sums.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The time zone whose days are counted.
    pub fn zone(&self) -> &TimeZone {
        &self.local
    }

    /// The open attempts, by themselves.
    pub fn into_open(self) -> Vec<Pending> {
        self.state.into_open()
    }

    /// Writes the checkpoint when enough was folded since the last one. A failure costs only time, and
    /// it is tried again when as much was folded once more.
    pub(super) fn keep(&mut self) {
        if self.fresh < WORTH {
            return;
        }
        if let Ok(bytes) = serde_json::to_vec(self) {
            let path = self.directory.join("checkpoint.json");
            let _ = fs::write_atomic(&path, &bytes, fs::Mode::Private);
        }
        self.fresh = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::error::Billed;
    use crate::money::Money;
    use crate::store::{Entry, EntryKind};

    const ENDS: [EntryKind; 6] = [
        EntryKind::Intent,
        EntryKind::Done,
        EntryKind::Failed,
        EntryKind::Tried,
        EntryKind::Submitted,
        EntryKind::Open,
    ];

    fn line(attempt: u8, what: usize, minutes: i64) -> Vec<u8> {
        let t = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(minutes);
        let entry = Entry {
            t,
            reserve: Some(Money::micros(u64::from(attempt) + 1)),
            billed: Some([Billed::Yes, Billed::No, Billed::Unknown][usize::from(attempt % 3)]),
            client: attempt.is_multiple_of(2).then(|| format!("c{}", attempt % 4)),
            ..Entry::new(ENDS[what], "r", "r.1", &format!("r.1.{attempt}"))
        };
        let mut line = serde_json::to_vec(&entry).unwrap();
        line.push(b'\n');
        line
    }

    fn write(directory: &Path, segment: &str, bytes: &[u8]) {
        fs::open_append(&directory.join(segment)).unwrap().write_all(bytes).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn tails_give_what_a_cold_fold_gives(
            steps in prop::collection::vec((0u8..6, 0..ENDS.len(), -3_000i64..3_000, any::<bool>()), 1..40),
        ) {
            let home = tempfile::tempdir().unwrap();
            let mut warm = Projection::load(home.path()).unwrap();
            let half = steps.len() / 2;
            for (at, (attempt, what, minutes, stop)) in steps.into_iter().enumerate() {
                let segment = if at < half { "2026-10.jsonl" } else { "2026-11.jsonl" };
                write(home.path(), segment, &line(attempt, what, minutes));
                if stop {
                    warm.catch_up().unwrap();
                    // Through the checkpoint, as another process would go on.
                    warm.fresh = WORTH;
                    warm.keep();
                    warm = Projection::load(home.path()).unwrap();
                }
            }
            warm.catch_up().unwrap();
            fs::remove(&home.path().join("checkpoint.json")).unwrap();
            let cold = Projection::load(home.path()).unwrap();
            prop_assert_eq!(warm.state(), cold.state());
        }
    }

    #[test]
    fn a_torn_tail_is_left_until_it_is_whole() {
        let home = tempfile::tempdir().unwrap();
        let whole = line(1, 0, 0);
        write(home.path(), "2026-11.jsonl", &whole[..20]);
        let mut projection = Projection::load(home.path()).unwrap();
        assert_eq!(projection.state().open().count(), 0);
        write(home.path(), "2026-11.jsonl", &whole[20..]);
        projection.catch_up().unwrap();
        assert_eq!(projection.state().open().count(), 1);
    }

    #[test]
    fn a_checkpoint_that_does_not_fit_is_thrown_away() {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), "2026-11.jsonl", &[line(1, 0, 0), line(2, 0, 0)].concat());
        let mut projection = Projection::load(home.path()).unwrap();
        projection.fresh = WORTH;
        projection.keep();
        let cut = line(3, 0, 0);
        fs::write_atomic(&home.path().join("2026-11.jsonl"), &cut, fs::Mode::Private).unwrap();
        projection.catch_up().unwrap();
        assert_eq!(projection.state().open().count(), 1, "the running one begins anew");
        let open = Projection::load(home.path()).unwrap().into_open();
        assert_eq!(open[0].intent.attempt, "r.1.3", "and so does one from the checkpoint");
        let rubbish = b"{\"v\":1,\"zone\":7}";
        fs::write_atomic(&home.path().join("checkpoint.json"), rubbish, fs::Mode::Private).unwrap();
        assert_eq!(Projection::load(home.path()).unwrap().state().open().count(), 1);
    }

    #[test]
    fn a_checkpoint_that_knows_no_clients_is_made_anew() {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), "2026-11.jsonl", &line(2, 0, 0));
        let mut projection = Projection::load(home.path()).unwrap();
        projection.fresh = WORTH;
        projection.keep();
        let path = home.path().join("checkpoint.json");
        let mut older: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        older["v"] = 2.into();
        older["state"]["ledger"]["clients"] = serde_json::json!({});
        fs::write_atomic(&path, older.to_string().as_bytes(), fs::Mode::Private).unwrap();
        let projection = Projection::load(home.path()).unwrap();
        let (state, now) = (projection.state(), jiff::Timestamp::UNIX_EPOCH);
        let taken = state.taken_by(Some("c2"), super::super::Period::Day, now, projection.zone());
        assert_eq!(taken.reserved, Money::micros(3));
    }

    #[test]
    fn a_checkpoint_that_cannot_be_written_is_tried_again_when_it_is_worth_it_again() {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), "2026-11.jsonl", &line(1, 0, 0));
        let mut projection = Projection::load(home.path()).unwrap();
        // Where a directory stands, no file can be put.
        let path = home.path().join("checkpoint.json");
        fs::create_dir(&path).unwrap();
        projection.fresh = WORTH;
        projection.keep();
        fs::remove_empty_dir(&path).unwrap();
        projection.keep();
        assert!(!path.exists(), "not after every batch");
        projection.fresh += WORTH;
        projection.keep();
        assert!(path.is_file());
    }
}
