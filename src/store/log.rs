//! The log: the only memory. Append-only JSON lines in monthly segments, shared by processes.
//!
//! One writer thread per process takes what has queued, takes the lock, folds what others have
//! appended where budgets need it, ends a torn tail with a newline, appends the batch in one write,
//! unlocks, syncs once and then answers (group commit). What only closes attempts, and nobody waits
//! for, is synced with the next batch or at the end: lost to a power cut, it would leave them open. The
//! intent of a paid request is on the disk before its bytes leave, and it is the reservation of its
//! money. Nothing is ever rewritten.

mod caps;
mod checksum;
mod claims;
mod contest;
mod damage;
mod entry;
mod fold;
mod lines;
mod marks;
mod read;
mod state;
mod survey;
mod tail;
mod watch;

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

pub use caps::{Caps, Period, over, unknown_price};
pub(crate) use checksum::{Check, check};
pub use contest::{Contest, Drawn, Entrant, Judgement, Verdict};
#[cfg(test)]
pub(crate) use damage::entry_of;
pub(crate) use damage::parts_of;
pub use damage::{Damaged, Part};
pub use entry::{ADOPTED, CACHED, Entry, Saved, VERSION, What};
pub use fold::Fold;
pub(crate) use lines::{Reader, lines_of};
pub use marks::Marks;
pub use read::{
    Reach, Scan, read, read_backward, read_parts, read_parts_where, read_segment, read_since,
    read_where, segments,
};
pub use state::{Day, Pending, State};
pub use survey::{Finding, Survey};
pub use tail::settle;
pub use watch::Mark;

use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::money::Money;
use tail::{append, end_tail, line_of};
use watch::Watch;

/// How long what failed is left alone before it is done once more.
const AGAIN: Duration = Duration::from_millis(20);

struct Queued {
    line: Vec<u8>,
    /// An intent whose money is to be reserved.
    intent: Option<Box<Entry>>,
    /// Answered after the sync; none when nobody waits.
    told: Option<oneshot::Sender<Result<()>>>,
    /// It need not be synced at once.
    is_lazy: bool,
}

/// The writing end. Dropping it ends the thread after it has written everything.
#[derive(Debug)]
pub struct Log {
    queue: Option<mpsc::Sender<Queued>>,
    /// Ends with the first failure that nobody waited for.
    writer: Option<JoinHandle<io::Result<()>>>,
    directory: PathBuf,
    /// Request ids that are some job's of this process, although the log may not say so yet.
    claimed: Mutex<HashSet<String>>,
}

impl std::fmt::Debug for Queued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.line.len())
    }
}

impl Log {
    /// Opens the journal for writing; its directory is created and tried. Intents are admitted only
    /// within `caps`, counted over all processes.
    ///
    /// # Errors
    /// The directory cannot be written: nothing may be paid for then.
    pub fn open(directory: &Path, caps: Caps) -> Result<Log> {
        Log::open_since(directory, caps, None)
    }

    /// The same for a batch that has read the log up to a mark: an intent whose key another run has
    /// begun since is not admitted either.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_since(directory: &Path, caps: Caps, mark: Option<Mark>) -> Result<Log> {
        let unwritable = |error: io::Error| {
            Error::usage(format!(
                "the journal in `{}` cannot be written: {error}",
                directory.display()
            ))
            .code("journal_unwritable")
            .hint("paid requests need it; make the directory writable or set PINX_HOME to another")
        };
        fs::create_private_dir(directory).map_err(unwritable)?;
        fs::probe_writable(directory).map_err(unwritable)?;
        let (queue, jobs) = mpsc::channel::<Queued>();
        let watch = mark.map(Watch::since);
        let directory_of = directory.to_owned();
        let mut writer =
            Writer { directory: directory_of, caps, fold: None, watch, unsynced: None };
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&jobs))
            .map_err(unwritable)?;
        Ok(Log {
            queue: Some(queue),
            writer: Some(writer),
            directory: directory.to_owned(),
            claimed: Mutex::default(),
        })
    }

    /// Where the segments are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Appends and waits until it is on the disk.
    ///
    /// # Errors
    /// It is not: a paid request must not follow. Kind `Budget` for an intent that does not fit.
    pub async fn commit(&self, entry: &Entry) -> Result<()> {
        let (told, answer) = oneshot::channel();
        self.send(entry, Some(told));
        answer.await.unwrap_or_else(|_| Err(unwritten("its writer has ended")))
    }

    /// Appends without waiting; it is on the disk at the latest when the journal is finished.
    pub fn append(&self, entry: &Entry) {
        self.send(entry, None);
    }

    /// Writes everything and ends.
    ///
    /// # Errors
    /// Something that was appended without waiting is not there: what was done may look open.
    pub fn finish(mut self) -> Result<()> {
        self.end().map_err(unwritten)
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.queue.take());
        let ended = self.writer.take().map(JoinHandle::join);
        ended.unwrap_or(Ok(Ok(()))).unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }

    fn send(&self, entry: &Entry, told: Option<oneshot::Sender<Result<()>>>) {
        let Ok(line) = line_of(entry) else { return };
        let intent = (entry.e == What::Intent).then(|| Box::new(entry.clone()));
        if let Some(queue) = &self.queue {
            // A closed channel drops `told`, which the waiting side reads as a failure.
            let is_lazy = told.is_none() && entry.e.closes();
            let _ = queue.send(Queued { line, intent, told, is_lazy });
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn unwritten(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Local, format!("the journal cannot be written: {why}"))
}

/// A waiting side, and whether its entry was admitted.
type Answer = (oneshot::Sender<Result<()>>, Result<()>);

/// The writer thread's side.
struct Writer {
    directory: PathBuf,
    caps: Caps,
    /// What all processes have spent; folded only where a budget asks for it.
    fold: Option<Fold>,
    /// What others make of the same batch.
    watch: Option<Watch>,
    /// A segment with lines that are not synced yet.
    unsynced: Option<(PathBuf, File)>,
}

impl Writer {
    fn run(&mut self, jobs: &mpsc::Receiver<Queued>) -> io::Result<()> {
        let mut unheard = Ok(());
        while let Ok(first) = jobs.recv() {
            let batch: Vec<Queued> = std::iter::once(first).chain(jobs.try_iter()).collect();
            let is_awaited = batch.iter().all(|queued| queued.told.is_some());
            let mut answers = Vec::new();
            let written = self.write(batch, &mut answers);
            for (told, admitted) in answers {
                let written = written.as_ref().copied().map_err(unwritten);
                let _ = told.send(admitted.and(written));
            }
            if !is_awaited && unheard.is_ok() {
                unheard = written;
            }
        }
        if let Some(fold) = &mut self.fold {
            fold.keep();
        }
        let synced = self.unsynced.take().map_or(Ok(()), |(_, file)| file.sync_data());
        unheard.and(synced)
    }

    /// Writes what is admitted of a batch; every waiting side gets its answer into `answers`.
    fn write(&mut self, batch: Vec<Queued>, answers: &mut Vec<Answer>) -> io::Result<()> {
        let locked = twice(|| fs::lock_file(&self.directory.join("lock")));
        // What stands in a tail that only lacks its end counts, too.
        let ended = match &locked {
            Ok(_) => twice(|| end_tail(&current_segment(&self.directory)?)),
            Err(_) => Ok(()),
        };
        let folded = match &ended {
            Ok(()) => self.fold_tail(&batch),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        let is_lazy = batch.iter().all(|queued| queued.is_lazy);
        let (mut bytes, mut intents, mut admitted_before) = (Vec::new(), Vec::new(), Money::ZERO);
        for Queued { line, intent, told, .. } in batch {
            let admitted = match (&intent, &folded) {
                (Some(intent), Ok(())) => self.admit(intent, &mut admitted_before),
                (Some(_), Err(error)) => Err(unwritten(error)),
                (None, _) => Ok(()),
            };
            if admitted.is_ok() {
                bytes.extend_from_slice(&line);
                intents.extend(intent);
            }
            answers.extend(told.map(|told| (told, admitted)));
        }
        // Without the lock another process could write into the middle of a line.
        let locked = locked?;
        ended?;
        if bytes.is_empty() {
            return Ok(());
        }
        let (segment, (file, is_new)) = twice(|| {
            let segment = current_segment(&self.directory)?;
            let appended = append(&segment, &bytes)?;
            Ok((segment, appended))
        })?;
        drop(locked);
        let synced = self.sync(segment, file, is_lazy);
        if is_new {
            fs::sync_dir(&self.directory);
        }
        if synced.is_err() {
            self.withdraw(&intents);
        }
        synced
    }

    /// Syncs a segment, now or with what comes next, and the one before it.
    fn sync(&mut self, segment: PathBuf, file: File, is_lazy: bool) -> io::Result<()> {
        let before = match self.unsynced.take() {
            Some((path, before)) if path != segment => before.sync_data(),
            _ => Ok(()),
        };
        if is_lazy {
            self.unsynced = Some((segment, file));
            return before;
        }
        let synced = file.sync_data();
        before.and(synced)
    }

    /// Closes intents that stand in the log although who waits is told that they may not: nothing is
    /// sent for them. Where that fails too, `recover` lists them.
    fn withdraw(&self, intents: &[Box<Entry>]) {
        let lines = intents.iter().filter_map(|intent| {
            let mut entry = Entry::new(What::Failed, &intent.run, &intent.job, &intent.attempt);
            entry.provider.clone_from(&intent.provider);
            entry.model.clone_from(&intent.model);
            entry.route.clone_from(&intent.route);
            entry.key.clone_from(&intent.key);
            entry.prompt.clone_from(&intent.prompt);
            entry.billed = "no".to_owned();
            entry.code = "journal_unwritable".to_owned();
            entry.kind = Some(Kind::Local);
            entry.message = "not sent: the journal could not be synced".to_owned();
            line_of(&entry).ok()
        });
        let bytes: Vec<u8> = lines.flatten().collect();
        if !bytes.is_empty()
            && let Ok(_lock) = fs::lock_file(&self.directory.join("lock"))
            && let Ok(segment) = current_segment(&self.directory)
            && let Ok((file, _)) = append(&segment, &bytes)
        {
            let _ = file.sync_data();
        }
    }

    /// Folds what has been appended, also by this process, where an intent is to be measured.
    fn fold_tail(&mut self, batch: &[Queued]) -> io::Result<()> {
        if batch.iter().all(|queued| queued.intent.is_none()) {
            return Ok(());
        }
        if let Some(watch) = &mut self.watch {
            watch.catch_up(&self.directory)?;
        }
        if self.caps.is_empty() {
            return Ok(());
        }
        match &mut self.fold {
            Some(fold) => fold.catch_up(),
            None => {
                self.fold = Some(Fold::load(&self.directory)?);
                Ok(())
            }
        }
    }

    /// Measures an intent; `before` is what this batch has already been admitted.
    fn admit(&self, intent: &Entry, before: &mut Money) -> Result<()> {
        if let Some(watch) = &self.watch {
            watch.admit(intent)?;
        }
        let Some(fold) = &self.fold else { return Ok(()) };
        fold.state().admit(intent, *before, &self.caps, fold.zone())?;
        *before = *before + intent.reserve.unwrap_or_default();
        Ok(())
    }
}

/// Does it once more when it fails: what is written here may have been paid for, and one call that
/// fails is no reason to lose sight of it. Nothing of the first time is left then.
fn twice<T>(mut work: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    work().or_else(|_| {
        std::thread::sleep(AGAIN);
        work()
    })
}

/// The segment of a time.
fn segment_of(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m.jsonl").to_string()
}

/// The segment that is written now: this month's, or the newest one where the clock was set back, so
/// that the order of the lines is the order in which they were written.
fn current_segment(directory: &Path) -> io::Result<PathBuf> {
    let this = segment_of(jiff::Timestamp::now());
    let names = segments(directory)?.into_iter().map(|path| read::name_of(&path));
    let newest = names.filter(|name| is_segment(name)).max();
    Ok(directory.join(newest.map_or(this.clone(), |newest| newest.max(this))))
}

/// Is it a name that this program gives: `2026-11.jsonl`?
fn is_segment(name: &str) -> bool {
    let is_there = |(at, byte): (usize, u8)| match at {
        4 => byte == b'-',
        7.. => true,
        _ => byte.is_ascii_digit(),
    };
    name.len() == 13 && name.ends_with(".jsonl") && name.bytes().enumerate().all(is_there)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod writing {
    use std::io::Write as _;

    use super::*;

    fn entry(n: usize) -> Entry {
        Entry::new(What::Intent, "r", &format!("r.{n}"), &format!("r.{n}.1"))
    }

    fn all(directory: &Path) -> (Vec<Entry>, Scan) {
        let mut entries = Vec::new();
        let scan = read(directory, |entry| entries.push(entry)).unwrap();
        (entries, scan)
    }

    #[test]
    fn entries_read_back_in_order_and_torn_lines_are_counted() {
        let home = tempfile::tempdir().unwrap();
        let journal = Log::open(home.path(), Caps::default()).unwrap();
        journal.append(&entry(1));
        drop(journal);
        let segment = segments(home.path()).unwrap().remove(0);
        let mut file = fs::open_append(&segment).unwrap();
        file.write_all(b"{\"v\":1,\"t\":\"2026-").unwrap();
        assert_eq!(
            all(home.path()).1,
            Scan { entries: 1, ..Scan::default() },
            "an unfinished line is left"
        );
        let journal = Log::open(home.path(), Caps::default()).unwrap();
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
        let journal = Log::open(home.path(), Caps::default()).unwrap();
        journal.append(&Entry { reserve: Some(Money::micros(70)), ..entry(1) });
        drop(journal);
        let segment = segments(home.path()).unwrap().remove(0);
        let whole = std::fs::read(&segment).unwrap();
        fs::write_atomic(&segment, &whole[..whole.len() - 1], fs::Mode::Private).unwrap();
        let caps = Caps { day: Some(Money::micros(100)), ..Caps::default() };
        let journal = Log::open(home.path(), caps).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let next = Entry { reserve: Some(Money::micros(40)), ..entry(2) };
        assert_eq!(runtime.block_on(journal.commit(&next)).unwrap_err().code, "over_budget");
        drop(journal);
        assert_eq!(all(home.path()).1, Scan { entries: 1, ..Scan::default() });
    }

    #[test]
    fn a_commit_is_on_the_disk_when_it_answers() {
        let home = tempfile::tempdir().unwrap();
        let journal = Log::open(home.path(), Caps::default()).unwrap();
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
        let journal = Log::open(home.path(), Caps::default()).unwrap();
        journal.append(&Entry::new(What::Settled, "r", "r.1", "r.1.1"));
        drop(journal);
        assert_eq!(Fold::load(home.path()).unwrap().state().open().count(), 0);
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
        assert_eq!(entries[1].e, What::Unknown);
    }
}
