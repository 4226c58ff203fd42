//! The journal folded to one row a job, each with its latest state.
//!
//! Memory holds the rows that are wanted and the jobs that are open, however long the journal is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::row::Row;
use super::status::Status;
use super::verdicts::Verdicts;
use crate::store::{Entry, What};

/// Which rows are wanted.
pub type Wanted<'f> = &'f dyn Fn(&Row, Status) -> bool;

/// The fold itself: entries go in, the newest rows come out.
pub struct Fold<'f> {
    wanted: Wanted<'f>,
    /// So many rows come out at most.
    keep: usize,
    rows: BTreeMap<u64, Row>,
    /// The place of each job that is held in `rows`.
    places: HashMap<String, u64>,
    /// The places of those that are closed and wanted.
    closed: BTreeSet<u64>,
    next: u64,
    total: u64,
    verdicts: Verdicts,
}

impl<'f> Fold<'f> {
    /// An empty one that keeps so many rows.
    pub fn new(keep: usize, wanted: Wanted<'f>) -> Fold<'f> {
        Fold {
            wanted,
            keep,
            rows: BTreeMap::new(),
            places: HashMap::new(),
            closed: BTreeSet::new(),
            next: 0,
            total: 0,
            verdicts: Verdicts::default(),
        }
    }

    /// Takes the journal's next entry in.
    pub fn add(&mut self, entry: Entry) {
        let Some(entry) = self.verdicts.add(entry) else { return };
        // A kind of entry from a newer version says nothing that is understood here.
        if entry.e == What::Unknown || entry.job.is_empty() {
            return;
        }
        let place = *self.places.entry(entry.job.clone()).or_insert_with(|| {
            self.next += 1;
            self.next
        });
        let row = self.rows.entry(place).or_default();
        row.add(entry);
        if !row.is_closed() {
            return;
        }
        if !(self.wanted)(row, row.status(|_| false)) {
            self.forget(place);
        } else if self.closed.insert(place) {
            self.total += 1;
            if self.closed.len() > self.keep
                && let Some(oldest) = self.closed.pop_first()
            {
                self.forget(oldest);
            }
        }
    }

    fn forget(&mut self, place: u64) {
        if let Some(row) = self.rows.remove(&place) {
            self.places.remove(&row.entry.job);
        }
    }

    /// The newest rows, the newest last, and how many are wanted in all.
    pub fn finish(self, is_alive: &dyn Fn(&str) -> bool) -> (Vec<(Row, Status)>, u64) {
        let Fold { wanted, keep, rows, closed, mut total, verdicts, .. } = self;
        let mut shown = Vec::new();
        for (place, row) in rows {
            let status = row.status(is_alive);
            if closed.contains(&place) {
                shown.push((row, status));
            } else if wanted(&row, status) {
                total += 1;
                shown.push((row, status));
            }
        }
        let words = verdicts.words();
        for (row, _) in &mut shown {
            row.verdict = words.get(row.entry.job.as_str()).copied();
        }
        let surplus = shown.len().saturating_sub(keep);
        shown.drain(..surplus);
        (shown, total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(e: What, attempt: &str) -> Entry {
        let job = attempt.rsplit_once('.').unwrap().0;
        let run = job.rsplit_once('.').unwrap().0;
        Entry { prompt: "a fox".to_owned(), ..Entry::new(e, run, job, attempt) }
    }

    #[test]
    fn memory_holds_what_is_wanted_and_what_is_open() {
        let wanted = |row: &Row, _: Status| !row.entry.prompt.contains("owl");
        let mut fold = Fold::new(3, &wanted);
        fold.add(entry(What::Intent, "old.1.1"));
        for n in 1..=100 {
            fold.add(entry(What::Intent, &format!("r.{n}.1")));
            fold.add(entry(What::Done, &format!("r.{n}.1")));
            fold.add(Entry {
                prompt: "an owl".to_owned(),
                ..entry(What::Done, &format!("o.{n}.1"))
            });
            assert!(fold.rows.len() <= 4 && fold.places.len() <= 4, "{}", fold.rows.len());
        }
        fold.add(entry(What::Unknown, "new.1.1"));
        let (rows, total) = fold.finish(&|_| false);
        let jobs: Vec<&str> = rows.iter().map(|(row, _)| row.entry.job.as_str()).collect();
        assert_eq!((jobs.as_slice(), total), (["r.98", "r.99", "r.100"].as_slice(), 101));
    }
}
