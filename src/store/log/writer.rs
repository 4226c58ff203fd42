//! The writing end: one thread, whatever the number of runs.
//!
//! It takes what has queued, takes the lock, reads what others have appended where an intent is to be
//! measured, ends a torn tail with a newline, appends the batch in one write, unlocks, syncs once and
//! then answers (group commit). What only closes attempts, and nobody waits for, is synced with the
//! next batch or when the queue was idle for a while: lost to a power cut, it would leave them open. The
//! intent of a paid request is on the disk before its bytes leave, and it is the reservation of its
//! money.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::guard::{RunGuard, keys};
use super::limits::{Admitted, Budget, ClientLimits, SpendingLimits, budgets};
use super::segments::current_segment;
use super::tail::{append, end_tail, line_of};
use super::{Cursor, Entry, EntryKind, Projection, unwritten};
use crate::error::{Billed, Kind, Result};
use crate::fs;
use crate::pool::{Work, lock};

/// How long what failed is left alone before it is done once more.
const AGAIN: Duration = Duration::from_millis(20);
/// After so long without a task, what nobody waits for is synced.
const IDLE: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(1) };

/// What the intents of a run are measured by.
#[derive(Debug, Default)]
pub struct Terms {
    /// What may be spent, counted over all processes.
    limits: SpendingLimits,
    /// For whom it is done, and what may be spent for it.
    client: Option<Arc<ClientLimits>>,
    /// What other runs make of the same batch, or for the same request.
    guard: Option<Mutex<RunGuard>>,
}

impl Terms {
    /// Intents are admitted within `limits` and those of the client, whose name they bear. Of a batch or a
    /// request with a key that has read the log up to `since`, what another run has begun since is not
    /// admitted either.
    pub fn new(
        limits: SpendingLimits,
        client: Option<Arc<ClientLimits>>,
        since: Option<Cursor>,
    ) -> Arc<Terms> {
        let guard = since.map(|since| Mutex::new(RunGuard::since(since)));
        Arc::new(Terms { limits, client, guard })
    }

    /// The budgets by which an intent is measured.
    fn budgets(&self) -> impl Iterator<Item = Budget<'_>> {
        budgets(&self.limits, self.client.as_deref())
    }

    /// Whether what was spent need not be known.
    fn is_unlimited(&self) -> bool {
        self.budgets().next().is_none()
    }

    fn guard(&self) -> Option<MutexGuard<'_, RunGuard>> {
        Some(lock(self.guard.as_ref()?))
    }

    /// Whether a job may be done without an intent, because it costs nothing. Blocking.
    ///
    /// # Errors
    /// Another run has begun it since the batch read the log.
    pub(super) fn admit_free(&self, directory: &Path, entry: &Entry) -> Result<()> {
        if self.guard.is_none() {
            return Ok(());
        }
        // Taken before the guard, as the writer does.
        let _lock = fs::lock_file(&directory.join("lock"));
        let Some(mut guard) = self.guard() else { return Ok(()) };
        match guard.catch_up(directory) {
            Ok(()) => guard.admit(entry, &HashMap::new()),
            // Nothing is paid for.
            Err(_) => Ok(()),
        }
    }
}

/// Hears what became of a task.
pub(super) type Done = Box<dyn FnOnce(Result<()>) + Send>;

/// What the writer is asked to do.
pub(super) enum Task {
    /// To write a line.
    Write(Line),
    /// To have everything on the disk that a run has appended, or that any has.
    Flush { run: Option<String>, done: Done },
}

/// A line to be written.
pub(super) struct Line {
    bytes: Vec<u8>,
    run: String,
    /// An intent whose money is to be reserved: what measuring it takes.
    intent: Option<Intent>,
    /// Answered after the sync; none when nobody waits.
    done: Option<Done>,
    /// It need not be synced at once.
    is_lazy: bool,
}

/// An intent, without what makes its entry long.
struct Intent {
    entry: Box<Entry>,
    terms: Arc<Terms>,
}

impl Intent {
    /// The end of its attempt, where it could not be synced.
    fn unsent(&self) -> Entry {
        Entry {
            t: crate::clock::now(),
            e: EntryKind::Failed,
            reserve: None,
            billed: Some(Billed::No),
            code: "journal_unwritable".to_owned(),
            kind: Some(Kind::Local),
            message: "not sent: the journal could not be synced".to_owned(),
            ..(*self.entry).clone()
        }
    }
}

impl Line {
    pub(super) fn of(
        entry: &Entry,
        terms: Option<&Arc<Terms>>,
        done: Option<Done>,
    ) -> serde_json::Result<Line> {
        let is_lazy = done.is_none() && entry.e.closes();
        let intent = (entry.e == EntryKind::Intent).then(|| Intent {
            entry: Box::new(Entry {
                t: entry.t,
                key: entry.key.clone(),
                provider: entry.provider.clone(),
                model: entry.model.clone(),
                route: entry.route.clone(),
                reserve: entry.reserve,
                prompt: entry.prompt.clone(),
                client: entry.client.clone(),
                once: entry.once.clone(),
                ..Entry::new(EntryKind::Intent, &entry.run, &entry.job, &entry.attempt)
            }),
            terms: terms.cloned().unwrap_or_default(),
        });
        Ok(Line { bytes: line_of(entry)?, run: entry.run.clone(), intent, done, is_lazy })
    }
}

/// A segment with lines that are not synced yet.
struct Unsynced {
    segment: PathBuf,
    file: File,
    /// The runs that have appended them.
    runs: BTreeSet<String>,
}

/// The writer thread's side.
pub(super) struct Writer {
    directory: PathBuf,
    /// What all processes have spent; folded only where a budget asks for it.
    projection: Option<Projection>,
    unsynced: Option<Unsynced>,
    /// The segment whose name survives a crash.
    named: Option<PathBuf>,
    /// What could not be written although nobody waited for it, by run: the first reason.
    failed: BTreeMap<String, String>,
}

impl Work for Writer {
    type Piece = Task;

    fn work(&mut self, tasks: Vec<Task>) {
        let mut lines = Vec::new();
        for task in tasks {
            match task {
                Task::Write(line) => lines.push(line),
                Task::Flush { run, done } => {
                    self.take(std::mem::take(&mut lines));
                    done(self.flush(run));
                }
            }
        }
        self.take(lines);
        if let Some(projection) = &mut self.projection {
            projection.keep();
        }
    }

    /// What is not synced is, when nothing comes for a while.
    fn idle_after(&self) -> Option<Duration> {
        self.unsynced.is_some().then_some(IDLE)
    }

    fn idle(&mut self) {
        self.sync_lazy();
    }
}

impl Writer {
    pub(super) fn new(directory: &Path) -> Writer {
        Writer {
            directory: directory.to_owned(),
            projection: None,
            unsynced: None,
            named: None,
            failed: BTreeMap::new(),
        }
    }

    /// Writes lines and answers who waits for them.
    fn take(&mut self, lines: Vec<Line>) {
        if lines.is_empty() {
            return;
        }
        let unawaited = lines.iter().filter(|line| line.done.is_none());
        let unawaited: BTreeSet<String> = unawaited.map(|line| line.run.clone()).collect();
        let mut answers = Vec::new();
        let written = self.write(lines, &unawaited, &mut answers);
        for (done, admitted) in answers {
            let written = written.as_ref().copied().map_err(unwritten);
            done(admitted.and(written));
        }
        if let Err(error) = written {
            self.fail(unawaited, &error);
        }
    }

    fn fail(&mut self, runs: BTreeSet<String>, error: &io::Error) {
        for run in runs {
            self.failed.entry(run).or_insert_with(|| error.to_string());
        }
    }

    /// Has everything on the disk; answers with what a run, or any run, has lost.
    fn flush(&mut self, run: Option<String>) -> Result<()> {
        self.sync_lazy();
        if let Some(projection) = &mut self.projection {
            projection.keep();
        }
        let lost = match run {
            Some(run) => self.failed.remove(&run),
            None => std::mem::take(&mut self.failed).into_values().next(),
        };
        lost.map_or(Ok(()), |why| Err(unwritten(why)))
    }

    fn sync_lazy(&mut self) {
        if let Some(Unsynced { file, runs, .. }) = self.unsynced.take()
            && let Err(error) = fs::sync_data(&file)
        {
            self.fail(runs, &error);
        }
    }

    /// Writes what is admitted of some lines; every waiting side gets its answer into `answers`, and the
    /// runs of the others are `unawaited`.
    fn write(
        &mut self,
        lines: Vec<Line>,
        unawaited: &BTreeSet<String>,
        answers: &mut Vec<(Done, Result<()>)>,
    ) -> io::Result<()> {
        let locked = twice(|| fs::lock_file(&self.directory.join("lock")));
        // What stands in a tail that only lacks its end counts, too.
        let ended = match &locked {
            Ok(_) => twice(|| end_tail(&current_segment(&self.directory)?)),
            Err(_) => Ok(()),
        };
        let unread = match &ended {
            Ok(()) => self.catch_up(&lines).err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        let is_lazy = lines.iter().all(|line| line.is_lazy);
        let mut batch = Batch { projection: self.projection.as_ref(), unread, ..Batch::default() };
        let (mut bytes, mut intents) = (Vec::new(), Vec::new());
        for Line { bytes: line, intent, done, .. } in lines {
            let admitted = match &intent {
                Some(intent) => batch.admit(intent),
                None => Ok(()),
            };
            if admitted.is_ok() {
                bytes.extend_from_slice(&line);
                intents.extend(intent);
            }
            answers.extend(done.map(|done| (done, admitted)));
        }
        // Without the lock another process could write into the middle of a line.
        let locked = locked?;
        ended?;
        if bytes.is_empty() {
            return Ok(());
        }
        let (segment, file) = twice(|| {
            let segment = current_segment(&self.directory)?;
            let appended = append(&segment, &bytes)?;
            Ok((segment, appended))
        })?;
        drop(locked);
        // Whoever has made the segment may not have come so far yet.
        if self.named.as_ref() != Some(&segment) {
            fs::sync_dir(&self.directory);
            self.named = Some(segment.clone());
        }
        let synced = self.sync(segment, file, is_lazy.then_some(unawaited));
        if synced.is_err() {
            self.withdraw(&intents);
        }
        synced
    }

    /// Syncs a segment and the one before it; or, where it is lazy, with what comes next.
    fn sync(
        &mut self,
        segment: PathBuf,
        file: File,
        lazy: Option<&BTreeSet<String>>,
    ) -> io::Result<()> {
        if self.unsynced.as_ref().is_some_and(|before| before.segment != segment) {
            self.sync_lazy();
        }
        let mut runs = self.unsynced.take().map(|before| before.runs).unwrap_or_default();
        if let Some(lazy) = lazy {
            runs.extend(lazy.iter().cloned());
            self.unsynced = Some(Unsynced { segment, file, runs });
            return Ok(());
        }
        fs::sync_data(&file).inspect_err(|error| self.fail(runs, error))
    }

    /// Closes intents that stand in the log although who waits is told that they may not: nothing is
    /// sent for them. Where that fails too, `recover` lists them.
    fn withdraw(&self, intents: &[Intent]) {
        let lines = intents.iter().filter_map(|intent| line_of(&intent.unsent()).ok());
        let bytes: Vec<u8> = lines.flatten().collect();
        if !bytes.is_empty()
            && let Ok(_lock) = fs::lock_file(&self.directory.join("lock"))
            && let Ok(segment) = current_segment(&self.directory)
            && let Ok(file) = append(&segment, &bytes)
        {
            let _ = fs::sync_data(&file);
        }
    }

    /// Reads what has been appended, also by this process, where intents are to be measured.
    fn catch_up(&mut self, lines: &[Line]) -> io::Result<()> {
        let mut all: Vec<&Arc<Terms>> = Vec::new();
        for terms in lines.iter().filter_map(|line| Some(&line.intent.as_ref()?.terms)) {
            if !all.iter().any(|known| Arc::ptr_eq(known, terms)) {
                all.push(terms);
            }
        }
        for mut guard in all.iter().filter_map(|terms| terms.guard()) {
            guard.catch_up(&self.directory)?;
        }
        if all.iter().all(|terms| terms.is_unlimited()) {
            return Ok(());
        }
        match &mut self.projection {
            Some(projection) => projection.catch_up(),
            None => {
                self.projection = Some(Projection::load(&self.directory)?);
                Ok(())
            }
        }
    }
}

/// Intents that are written together: each counts for those behind it.
#[derive(Default)]
struct Batch<'w> {
    projection: Option<&'w Projection>,
    /// Why the log could not be read.
    unread: Option<String>,
    /// What was admitted.
    admitted: Admitted,
    /// The run that begins the job of a key.
    begun: HashMap<String, String>,
}

impl Batch<'_> {
    /// Measures an intent.
    fn admit(&mut self, intent: &Intent) -> Result<()> {
        let Intent { entry, terms } = intent;
        let guard = terms.guard();
        let is_measured = guard.is_some() || !terms.is_unlimited();
        if let Some(why) = self.unread.as_ref().filter(|_| is_measured) {
            return Err(unwritten(why));
        }
        if let Some(guard) = guard {
            guard.admit(entry, &self.begun)?;
        }
        if let Some(projection) = self.projection {
            let (state, zone) = (projection.state(), projection.zone());
            state.admit(entry, &self.admitted, terms.budgets(), zone)?;
        }
        self.admitted.add(entry);
        for key in keys(entry) {
            self.begun.insert(key.clone(), entry.run.clone());
        }
        Ok(())
    }
}

/// Does it once more when it fails: what is written here may have been paid for, and one call that
/// fails is no reason to lose sight of it. Nothing of the first time is left then.
fn twice<T>(mut work: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    work().or_else(|_| {
        crate::clock::pause(AGAIN);
        work()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Order;
    use crate::money::Money;
    use crate::store::Recipe;

    #[test]
    fn an_intent_that_is_withdrawn_ends_without_its_money_and_what_makes_it_long() {
        let word = |word: &str| word.to_owned();
        let intent = Entry {
            key: Some(word("0a")),
            provider: word("fal"),
            model: word("fal/a"),
            route: word("key"),
            estimate: Some(Money::micros(7)),
            reserve: Some(Money::micros(9)),
            prompt: word("a fox"),
            tags: vec![word("x")],
            client: Some(word("shop")),
            order: Some(Order::default()),
            recipe: Some(Box::<Recipe>::default()),
            claim: Some(PathBuf::from("c")),
            ..Entry::new(EntryKind::Intent, "r", "r.1", "r.1.1")
        };
        let line = Line::of(&intent, None, None).unwrap();
        let unsent = Entry { t: jiff::Timestamp::UNIX_EPOCH, ..line.intent.unwrap().unsent() };
        let expected = concat!(
            r#"{"v":1,"t":"1970-01-01T00:00:00Z","e":"failed","run":"r","job":"r.1","#,
            r#""attempt":"r.1.1","key":"0a","provider":"fal","model":"fal/a","route":"key","#,
            r#""billed":"no","code":"journal_unwritable","kind":"local","prompt":"a fox","client":"shop","#,
            r#""message":"not sent: the journal could not be synced"}"#,
        );
        assert_eq!(serde_json::to_string(&unsent).unwrap(), expected);
    }
}
