//! The newest rows, read from the end of the log, so that a short list of a long log is quick.
//!
//! A job is whole once its first entry was read. What began before the last row that is wanted is
//! older than all of them and is not looked at, unless there is nothing that tells where it began.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::row::Row;
use super::verdicts::Verdicts;
use crate::catalog::is_drawn_here;
use crate::engine::report::JobStatus;
use crate::store::log::{ADOPTED, CACHED, ScanEnd};
use crate::store::{Entry, EntryKind};

/// Which rows are wanted.
pub(crate) type Wanted<'f> = &'f dyn Fn(&Row, JobStatus) -> bool;

/// Entries go in, the newest first; rows come out.
pub(crate) struct Newest<'f> {
    wanted: Wanted<'f>,
    is_alive: &'f dyn Fn(&str) -> bool,
    /// So many rows come out at most.
    keep: usize,
    /// The entries of jobs that are not whole yet, the newest first, and the place of the oldest.
    jobs: HashMap<String, (u64, Vec<Entry>)>,
    /// Wanted ones, each with the place of its first entry, counted from the log's end.
    rows: Vec<(u64, Row, JobStatus)>,
    place: u64,
    verdicts: Verdicts,
}

impl<'f> Newest<'f> {
    /// For so many rows.
    pub(crate) fn new(keep: usize, wanted: Wanted<'f>, is_alive: &'f dyn Fn(&str) -> bool) -> Self {
        let (jobs, rows, verdicts) = (HashMap::new(), Vec::new(), Verdicts::default());
        Newest { wanted, is_alive, keep, jobs, rows, place: 0, verdicts }
    }

    /// Takes the entry before the last one in; breaks when there are more rows than are kept.
    pub(crate) fn add(&mut self, entry: Entry) -> ControlFlow<()> {
        self.place += 1;
        let Some(entry) = self.verdicts.add_older(entry) else { return ControlFlow::Continue(()) };
        // A kind of entry from a newer version says nothing that is understood here.
        if entry.e == EntryKind::Unknown || entry.job.is_empty() {
            return ControlFlow::Continue(());
        }
        let (is_first, id) = (begins(&entry), entry.job.clone());
        let job = self.jobs.entry(id.clone()).or_default();
        job.0 = self.place;
        job.1.push(entry);
        if is_first && let Some((place, entries)) = self.jobs.remove(&id) {
            self.close(place, entries);
        }
        if self.rows.len() > self.keep { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn close(&mut self, place: u64, entries: Vec<Entry>) {
        let mut row = Row::default();
        entries.into_iter().rev().for_each(|entry| row.add(entry));
        let status = row.status(self.is_alive);
        if (self.wanted)(&row, status) {
            self.rows.push((place, row, status));
        }
    }

    /// The newest rows, the newest last; and how many there are in all, if everything was read. What
    /// began before all that was read is left out.
    pub(crate) fn finish(mut self, end: ScanEnd) -> (Vec<(Row, JobStatus)>, Option<u64>) {
        if end == ScanEnd::All {
            for (_, (place, entries)) in std::mem::take(&mut self.jobs) {
                self.close(place, entries);
            }
        }
        let total = (end != ScanEnd::Enough).then_some(self.rows.len() as u64);
        self.rows.sort_by_key(|(place, ..)| *place);
        self.rows.truncate(self.keep);
        let words = self.verdicts.words();
        for (_, row, _) in &mut self.rows {
            row.verdict = words.get(row.entry.job.as_str()).copied();
        }
        let rows = self.rows.into_iter().rev();
        (rows.map(|(_, row, status)| (row, status)).collect(), total)
    }
}

/// Whether this is certainly the first entry of its job. An intent of its first attempt is, or the
/// end of one that needs no intent: from the cache, there already, or drawn here.
fn begins(entry: &Entry) -> bool {
    let is_first = entry.attempt.strip_prefix(&entry.job) == Some(".1");
    let is_free =
        [CACHED, ADOPTED].contains(&entry.code.as_str()) || is_drawn_here(&entry.provider);
    is_first && (entry.e == EntryKind::Intent || (entry.e.closes() && is_free))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmd::log::row::tests::entry;

    fn newest(
        keep: usize,
        wanted: Wanted<'_>,
        entries: &[Entry],
    ) -> (Vec<String>, Option<u64>, usize) {
        let mut newest = Newest::new(keep, wanted, &|_| false);
        let mut read = 0;
        let is_whole = entries.iter().rev().all(|entry| {
            read += 1;
            newest.add(entry.clone()).is_continue()
        });
        let (rows, total) = newest.finish(if is_whole { ScanEnd::All } else { ScanEnd::Enough });
        (rows.into_iter().map(|(row, _)| row.entry.job).collect(), total, read)
    }

    #[test]
    fn no_more_is_read_than_the_rows_need() {
        let mut entries = vec![entry(EntryKind::Intent, "old.1.1")];
        for n in 1..=100 {
            entries.push(entry(EntryKind::Intent, &format!("r.{n}.1")));
            entries.push(entry(EntryKind::Tried, &format!("r.{n}.1")));
            entries.push(entry(EntryKind::Intent, &format!("r.{n}.2")));
            entries.push(entry(EntryKind::Done, &format!("r.{n}.2")));
        }
        entries.push(entry(EntryKind::Unknown, "new.1.1"));
        // Old jobs may end late.
        entries.push(entry(EntryKind::Done, "old.1.1"));
        let (jobs, total, read) = newest(3, &|_, _| true, &entries);
        assert_eq!((jobs, total), (["r.98", "r.99", "r.100"].map(String::from).to_vec(), None));
        assert!(read < 20, "{read}");
        let (jobs, total, read) = newest(200, &|_, _| true, &entries);
        assert_eq!((jobs.len(), jobs[0].as_str(), total), (101, "old.1", Some(101)));
        assert_eq!(read, entries.len());
    }

    #[test]
    fn what_is_not_wanted_is_passed_over_and_what_begins_nowhere_is_shown() {
        let owl =
            |n| Entry { prompt: "an owl".into(), ..entry(EntryKind::Done, &format!("o.{n}.7")) };
        let sketch =
            |n| Entry { provider: "pinx".into(), ..entry(EntryKind::Done, &format!("s.{n}.1")) };
        let entries = [entry(EntryKind::Done, "x.1.3"), sketch(1), owl(1), sketch(2), owl(2)];
        let foxes = |row: &Row, _: JobStatus| row.entry.prompt.contains("fox");
        let (jobs, total, _) = newest(9, &foxes, &entries);
        assert_eq!((jobs, total), (["x.1", "s.1", "s.2"].map(String::from).to_vec(), Some(3)));
    }
}
