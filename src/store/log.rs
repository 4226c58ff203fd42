//! The log: the only memory. Append-only JSON lines in monthly segments, shared by processes.
//!
//! `Log` is the door to it. It reads nothing before it is asked and writes nothing before it is opened;
//! one of it serves any number of runs. Nothing is ever rewritten.

mod attempts;
mod checksum;
mod claims;
mod comparison;
mod cursors;
mod damage;
mod entry;
mod find;
mod guard;
mod ledger;
mod limits;
mod lines;
mod months;
mod projection;
mod read;
mod segments;
mod state;
mod survey;
mod tail;
mod writer;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};

use tokio::sync::oneshot;

pub use attempts::OpenAttempts;
pub(crate) use checksum::{Check, check};
pub use comparison::{ComparedModel, ComparedPrompt, Drawn, Verdict, VerdictKind};
pub use cursors::Cursors;
#[cfg(test)]
pub(crate) use damage::entry_of;
pub(crate) use damage::parts_of;
pub use damage::{Damaged, Part};
pub(crate) use entry::KEYS;
pub use entry::{ADOPTED, CACHED, Entry, EntryKind, Saved, VERSION};
pub use guard::{AT_WORK, Cursor};
pub use ledger::{Day, Period};
pub use limits::{
    Budget, ClientLimits, OVER_CLIENT_BUDGET, SpendingLimits, budgets, over, unknown_price,
};
pub(crate) use lines::{Reader, lines_of};
pub use months::Months;
pub use projection::Projection;
pub use read::{Scan, ScanEnd};
pub use state::{Pending, State};
pub use survey::{Finding, Survey};
pub use writer::Terms;

use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::pool::{Worker, lock, run_blocking};
use writer::{Done, Line, Task, Writer};

/// The log of a home. Dropping it writes everything first.
#[derive(Debug)]
pub struct Log {
    directory: PathBuf,
    /// The writing end, once it is open.
    writing: Mutex<Option<Worker<Writer>>>,
    /// Request ids that are some job's of this process, although the log may not say so yet.
    claimed: Mutex<HashSet<String>>,
    /// Held by the job of this process that claims, or waits for others.
    claiming: Arc<tokio::sync::Mutex<()>>,
}

impl Log {
    /// The log in a directory; nothing is looked at.
    pub fn at(directory: &Path) -> Log {
        Log {
            directory: directory.to_owned(),
            writing: Mutex::default(),
            claimed: Mutex::default(),
            claiming: Arc::default(),
        }
    }

    /// Opens it for writing: its directory is created and tried. One that is open stays so.
    ///
    /// # Errors
    /// The directory cannot be written: nothing may be paid for then.
    pub fn open(&self) -> Result<()> {
        self.try_open().map_err(|error| {
            Error::usage(format!(
                "the journal in `{}` cannot be written: {error}",
                self.directory.display()
            ))
            .code("journal_unwritable")
            .hint("paid requests need it; make the directory writable or set PINX_HOME to another")
        })
    }

    fn try_open(&self) -> io::Result<()> {
        fs::create_private_dir(&self.directory)?;
        fs::probe_writable(&self.directory)?;
        let mut writing = self.writing();
        if writing.is_none() {
            *writing = Some(Worker::start("log", Writer::new(&self.directory))?);
        }
        Ok(())
    }

    /// Where the segments are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Appends and waits until it is on the disk.
    ///
    /// # Errors
    /// It is not.
    pub async fn commit(&self, entry: &Entry) -> Result<()> {
        self.answered(|done| self.send(entry, None, Some(done))).await
    }

    /// Puts an intent on the disk, which reserves its money, where the terms of its run admit it.
    ///
    /// # Errors
    /// It is not there: a paid request must not follow. Kind `Budget` for one that does not fit,
    /// `Detached` for one that another run has begun.
    pub async fn intend(&self, intent: &Entry, terms: &Arc<Terms>) -> Result<()> {
        self.answered(|done| self.send(intent, Some(terms), Some(done))).await
    }

    /// Whether a job may be done for nothing, by the terms of its run.
    ///
    /// # Errors
    /// `Detached` for one that another run has begun.
    pub async fn admit_free(&self, entry: &Entry, terms: &Arc<Terms>) -> Result<()> {
        let (directory, entry, terms) = (self.directory.clone(), entry.clone(), Arc::clone(terms));
        run_blocking(move || terms.admit_free(&directory, &entry)).await.unwrap_or(Ok(()))
    }

    /// Appends without waiting. What only closes attempts is on the disk when the queue was idle for a
    /// while, or at the latest when the log is flushed.
    pub fn append(&self, entry: &Entry) {
        self.send(entry, None, None);
    }

    /// Waits until everything that a run has appended is on the disk.
    ///
    /// # Errors
    /// Something of it is not: what was done may look open.
    pub async fn flush(&self, run: &str) -> Result<()> {
        self.answered(|done| self.put(Task::Flush { run: Some(run.to_owned()), done })).await
    }

    /// Writes everything that any run has appended. It blocks.
    ///
    /// # Errors
    /// As [`Log::flush`].
    pub fn finish(&self) -> Result<()> {
        if self.writing().is_none() {
            return Ok(());
        }
        let (answers, answer) = mpsc::channel();
        let done: Done = Box::new(move |answer| drop(answers.send(answer)));
        self.put(Task::Flush { run: None, done });
        answer.recv().unwrap_or_else(|_| Err(has_ended()))
    }

    /// Opens the log, and writes entries. It blocks.
    ///
    /// # Errors
    /// As [`Log::open`] and [`Log::commit`].
    pub fn record(&self, entries: &[Entry]) -> Result<()> {
        self.open()?;
        let (answers, answer) = mpsc::channel();
        for entry in entries {
            let answers = answers.clone();
            self.send(entry, None, Some(Box::new(move |answer| drop(answers.send(answer)))));
        }
        drop(answers);
        let one = |_| answer.recv().unwrap_or_else(|_| Err(has_ended()));
        entries.iter().try_for_each(one)
    }

    /// Hands a task to the writer and waits for its answer.
    async fn answered(&self, put: impl FnOnce(Done)) -> Result<()> {
        let (answers, answer) = oneshot::channel();
        put(Box::new(move |answer| drop(answers.send(answer))));
        answer.await.unwrap_or_else(|_| Err(has_ended()))
    }

    fn send(&self, entry: &Entry, terms: Option<&Arc<Terms>>, done: Option<Done>) {
        if let Ok(line) = Line::of(entry, terms, done) {
            self.put(Task::Write(line));
        }
    }

    /// A task that nobody takes any more is dropped, which its waiting side reads as a failure.
    fn put(&self, task: Task) {
        if let Some(writing) = &*self.writing() {
            writing.send(task);
        }
    }

    fn writing(&self) -> MutexGuard<'_, Option<Worker<Writer>>> {
        lock(&self.writing)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(writing) = self.writing().take() {
            writing.end();
        }
    }
}

fn unwritten(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Local, format!("the journal cannot be written: {why}"))
}

fn has_ended() -> Error {
    unwritten("its writer has ended")
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod writing {
    use std::io::Write as _;

    use super::*;
    use crate::money::Money;

    fn entry(n: usize) -> Entry {
        Entry::new(EntryKind::Intent, "r", &format!("r.{n}"), &format!("r.{n}.1"))
    }

    fn open(directory: &Path) -> Log {
        let log = Log::at(directory);
        log.open().unwrap();
        log
    }

    fn all(directory: &Path) -> (Vec<Entry>, Scan) {
        let mut entries = Vec::new();
        let scan = Log::at(directory).read(|entry| entries.push(entry)).unwrap();
        (entries, scan)
    }

    #[test]
    fn entries_read_back_in_order_and_torn_lines_are_counted() {
        let home = tempfile::tempdir().unwrap();
        let journal = open(home.path());
        journal.append(&entry(1));
        drop(journal);
        let segment = segments::segments(home.path()).unwrap().remove(0);
        let mut file = fs::open_append(&segment).unwrap();
        file.write_all(b"{\"v\":1,\"t\":\"2026-").unwrap();
        assert_eq!(
            all(home.path()).1,
            Scan { entries: 1, ..Scan::default() },
            "an unfinished line is left"
        );
        let journal = open(home.path());
        journal.append(&entry(2));
        drop(journal);
        let (entries, scan) = all(home.path());
        assert_eq!(entries.iter().map(|e| e.job.as_str()).collect::<Vec<_>>(), ["r.1", "", "r.2"]);
        assert_eq!(scan.torn, 1, "the torn tail got its newline");
        assert_eq!(Survey::of(home.path()).unwrap().findings, [], "and is dismissed at once");
    }

    #[test]
    fn a_tail_that_lacks_only_its_newline_counts() {
        let home = tempfile::tempdir().unwrap();
        let journal = open(home.path());
        journal.append(&Entry { reserve: Some(Money::micros(70)), ..entry(1) });
        drop(journal);
        let segment = segments::segments(home.path()).unwrap().remove(0);
        let whole = std::fs::read(&segment).unwrap();
        fs::write_atomic(&segment, &whole[..whole.len() - 1], fs::Mode::Private).unwrap();
        let limits = SpendingLimits { day: Some(Money::micros(100)), ..SpendingLimits::default() };
        let terms = Terms::new(limits, None, None);
        let journal = open(home.path());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let next = Entry { reserve: Some(Money::micros(40)), ..entry(2) };
        assert_eq!(
            runtime.block_on(journal.intend(&next, &terms)).unwrap_err().code,
            "over_budget"
        );
        drop(journal);
        assert_eq!(all(home.path()).1, Scan { entries: 1, ..Scan::default() });
    }

    #[test]
    fn a_commit_is_on_the_disk_when_it_answers() {
        let home = tempfile::tempdir().unwrap();
        let journal = open(home.path());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let entries: Vec<Entry> = (0..50).map(entry).collect();
            let commits = entries.iter().map(|entry| journal.commit(entry));
            for outcome in futures_util::future::join_all(commits).await {
                outcome.unwrap();
            }
        });
        assert_eq!(all(home.path()).1.entries, 50);
    }

    #[test]
    fn lines_keep_their_order_whatever_the_clock_says() {
        let home = tempfile::tempdir().unwrap();
        let mut line = serde_json::to_vec(&entry(1)).unwrap();
        line.push(b'\n');
        fs::write_atomic(&home.path().join("2099-01.jsonl"), &line, fs::Mode::Private).unwrap();
        fs::write_atomic(&home.path().join("notes.jsonl"), b"", fs::Mode::Private).unwrap();
        let journal = open(home.path());
        journal.append(&Entry::new(EntryKind::Settled, "r", "r.1", "r.1.1"));
        drop(journal);
        assert_eq!(Projection::load(home.path()).unwrap().state().open().count(), 0);
    }

    #[test]
    fn it_serves_any_thread() {
        fn is_shared<T: Send + Sync>() {}
        is_shared::<Log>();
        is_shared::<Terms>();
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
    }

    #[test]
    fn runs_that_share_it_share_what_may_be_spent_and_each_has_its_own_terms() {
        let home = tempfile::tempdir().unwrap();
        let log = open(home.path());
        let terms = |micros: Option<u64>| {
            Terms::new(
                SpendingLimits { day: micros.map(Money::micros), ..SpendingLimits::default() },
                None,
                None,
            )
        };
        let limited: Vec<_> = (0..8).map(|_| terms(Some(100))).collect();
        let free = terms(None);
        let intents: Vec<Entry> =
            (0..8).map(|n| Entry { reserve: Some(Money::micros(40)), ..entry(n) }).collect();
        let begun = runtime().block_on(futures_util::future::join_all(
            intents.iter().zip(&limited).map(|(intent, terms)| log.intend(intent, terms)),
        ));
        assert_eq!(begun.iter().filter(|begun| begun.is_ok()).count(), 2, "2 × 40 of 100");
        assert!(
            begun.iter().flat_map(|begun| begun.as_ref().err()).all(|e| e.code == "over_budget")
        );
        let beyond = Entry { reserve: Some(Money::micros(40)), ..entry(8) };
        runtime().block_on(log.intend(&beyond, &free)).unwrap();
        let more = Entry { reserve: Some(Money::micros(70)), ..entry(9) };
        let refused = runtime().block_on(log.intend(&more, &terms(Some(180)))).unwrap_err();
        assert_eq!(refused.code, "over_budget", "what was reserved without a limit counts");
    }

    #[test]
    fn each_client_has_its_own_budget_over_all_processes_and_all_share_one() {
        let home = tempfile::tempdir().unwrap();
        let logs = [open(home.path()), open(home.path())];
        let day = |micros| SpendingLimits {
            day: Some(Money::micros(micros)),
            ..SpendingLimits::default()
        };
        let client = |name: &str, micros| {
            Arc::new(ClientLimits { name: name.to_owned(), limits: day(micros) })
        };
        let clients = [client("shop", 100), client("lab", 130), client("zoo", 1_000)];
        let intend = |n: usize, all: u64| {
            let client = &clients[n % 3];
            let terms = Terms::new(day(all), Some(Arc::clone(client)), None);
            let reserve = Some(Money::micros(40));
            let intent = Entry { reserve, client: Some(client.name.clone()), ..entry(n) };
            let log = &logs[n / 3 % 2];
            async move { log.intend(&intent, &terms).await.map_err(|error| error.code) }
        };
        let begun =
            runtime().block_on(futures_util::future::join_all((0..18).map(|n| intend(n, 10_000))));
        let count = |at: usize| begun.iter().skip(at).step_by(3).filter(|one| one.is_ok()).count();
        assert_eq!([0, 1, 2].map(count), [2, 3, 6], "40 each of 100, 130 and 1000");
        let refused = begun.iter().filter_map(|one| one.as_ref().err());
        assert!(refused.into_iter().all(|code| code == OVER_CLIENT_BUDGET));
        let beyond = runtime().block_on(intend(20, 440));
        assert_eq!(beyond, Err("over_budget".to_owned()), "440 are taken in all");
    }

    #[test]
    fn of_runs_that_share_it_one_begins_an_image() {
        let home = tempfile::tempdir().unwrap();
        let log = open(home.path());
        let guarded =
            || Terms::new(SpendingLimits::default(), None, Some(Cursor::now(home.path()).unwrap()));
        let intent = |run: &str| Entry {
            key: Some("0a".to_owned()),
            ..Entry::new(EntryKind::Intent, run, &format!("{run}.1"), &format!("{run}.1.1"))
        };
        let (a, b, unguarded) =
            (guarded(), guarded(), Terms::new(SpendingLimits::default(), None, None));
        let (one, other) = (intent("a"), intent("b"));
        // In one batch, neither can read the other's in the log.
        let begun = runtime().block_on(async {
            futures_util::future::join(log.intend(&one, &a), log.intend(&other, &b)).await
        });
        let refused = begun.0.and(begun.1).unwrap_err();
        assert_eq!((refused.kind, refused.code.as_str()), (Kind::Detached, "at_work"));
        runtime().block_on(log.intend(&intent("c"), &unguarded)).unwrap();
    }

    #[test]
    fn what_a_run_has_lost_only_that_run_is_told() {
        let home = tempfile::tempdir().unwrap();
        let log = open(home.path());
        // No line can be written where the lock cannot be made.
        let lock = home.path().join("lock");
        fs::create_dir(&lock).unwrap();
        log.append(&Entry::new(EntryKind::Done, "a", "a.1", "a.1.1"));
        let flush = |run: &str| runtime().block_on(log.flush(run));
        assert!(flush("b").is_ok());
        fs::remove_empty_dir(&lock).unwrap();
        log.append(&Entry::new(EntryKind::Done, "b", "b.1", "b.1.1"));
        assert!(flush("b").is_ok());
        assert!(flush("a").unwrap_err().message.contains("the journal cannot be written"));
        assert!(flush("a").is_ok() && log.finish().is_ok(), "it is told once");
        assert_eq!(all(home.path()).1.entries, 1);
    }

    /// Waits for what another thread does.
    fn until(mut is_so: impl FnMut() -> bool) {
        let started = std::time::Instant::now();
        while !is_so() {
            assert!(started.elapsed() < std::time::Duration::from_secs(20), "it never happens");
            std::thread::yield_now();
        }
    }

    /// A segment that waits to be synced is held open.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_nobody_waits_for_is_synced_while_nothing_else_is_to_do() {
        let home = tempfile::tempdir().unwrap();
        let log = open(home.path());
        log.append(&Entry::new(EntryKind::Done, "r", "r.1", "r.1.1"));
        until(|| all(home.path()).1.entries == 1);
        until(|| {
            let mut held = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
            !held
                .any(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.starts_with(home.path())))
        });
        log.append(&Entry::new(EntryKind::Done, "r", "r.2", "r.2.1"));
        log.finish().unwrap();
        assert_eq!(all(home.path()).1.entries, 2);
    }

    #[test]
    fn its_checkpoint_is_kept_while_it_is_open() {
        let home = tempfile::tempdir().unwrap();
        let log = open(home.path());
        let limits =
            SpendingLimits { day: Some(Money::micros(1_000)), ..SpendingLimits::default() };
        let terms = Terms::new(limits, None, None);
        for n in 0..2 {
            // Each intent is measured by what stands before it.
            let long =
                Entry { prompt: "fox ".repeat(100_000), reserve: Some(Money::ZERO), ..entry(n) };
            runtime().block_on(log.intend(&long, &terms)).unwrap();
        }
        until(|| home.path().join("checkpoint.json").exists());
        assert_eq!(Projection::load(home.path()).unwrap().state().open().count(), 2);
    }

    #[test]
    fn old_and_newer_entries_are_read() {
        let home = tempfile::tempdir().unwrap();
        let lines = concat!(
            r#"{"v":1,"t":"2026-11-22T10:00:00Z","e":"done","run":"a","job":"a.1","attempt":"a.1.1"}"#,
            "\n",
            r#"{"v":9,"t":"2026-11-22T10:00:00Z","e":"transmogrified","run":"b","new":1}"#,
            "\n",
        );
        fs::write_atomic(&home.path().join("2026-11.jsonl"), lines.as_bytes(), fs::Mode::Normal)
            .unwrap();
        let (entries, scan) = all(home.path());
        assert_eq!(scan, Scan { entries: 2, ..Scan::default() });
        assert_eq!(entries[1].e, EntryKind::Unknown);
    }
}
