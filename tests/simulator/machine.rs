//! A machine that is not there: processes that take turns, a clock that stands still while nobody waits,
//! a disk that refuses and a power that fails, all by one seed.
//!
//! Each process is a thread, and only the one whose turn it is does anything. At every step (a change of
//! the disk, a request, an answer) the turn may go to another, the disk may refuse, or the process may
//! die: by `SIGKILL`, which loses nothing that was written, or with the power, which takes what was not
//! synced. A process that dies unwinds, and whatever it does while it does so is undone.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, ErrorKind, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::dice::Dice;
use super::disk::{self, Disk, Files};
use super::ledger::Ledger;
use super::mishap::{Death, Fault, Mishap, Where};
use super::providers::{Providers, Wire};
use super::trace::Trace;
use super::world::{self, Change, World};
use crate::money::Money;
use crate::net::script;
use crate::store::log::{ClientLimits, SpendingLimits};

/// When it begins.
const BEGIN: &str = "2026-11-22T10:00:00Z";
/// What a step takes.
const STEP: Duration = Duration::from_micros(50);
/// So often in a row a process waits for a lock before something is wrong.
const PATIENCE: u32 = 20_000;

/// A command and what happens to it.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) mishap: Mishap,
    /// What the run may cost, in micro-dollars, where only one price is possible.
    pub(super) limit: Option<u64>,
    /// For whom a server would do it, and what may be spent for it in a day, in micro-dollars.
    pub(super) client: Option<(String, u64)>,
}

/// How a process ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// None when it died.
    pub(super) code: Option<u8>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

struct Died;

pub(super) struct Process {
    pub(super) launch: Launch,
    has_ended: bool,
    is_dead: bool,
    pub(super) steps: u64,
    /// The disk refused it something.
    pub(super) was_refused: bool,
    signals: usize,
}

pub(super) struct State {
    pub(super) now: Timestamp,
    /// What the program gets.
    chance: Dice,
    /// What the machine does.
    pub(super) dice: Dice,
    turn: usize,
    /// A step in so many passes the turn on.
    restless: u64,
    pub(super) processes: Vec<Process>,
    /// The processes before those that run now.
    pub(super) before: usize,
    disk: Disk,
    survivors: Option<(Death, Files)>,
    pub(super) trace: Trace,
    pub(super) providers: Providers,
    pub(super) ledger: Ledger,
    /// What should never have happened.
    pub(super) wrong: Vec<String>,
}

pub(super) struct Machine {
    state: Mutex<State>,
    turn: Condvar,
    root: PathBuf,
}

/// The place of a process in its machine.
pub(super) struct Seat {
    machine: Arc<Machine>,
    me: usize,
    /// What the runtime's clock said last.
    seen: Cell<Option<Instant>>,
    waits: Cell<u32>,
    stdout: Stream,
    stderr: Stream,
}

#[derive(Clone, Default)]
struct Stream(Arc<Mutex<Vec<u8>>>);

impl io::Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Machine {
    pub(super) fn new(root: &Path, seed: u64, is_traced: bool) -> Arc<Machine> {
        let state = State {
            now: BEGIN.parse().unwrap(),
            chance: Dice::new(seed ^ 0xc4a2_ce00),
            dice: Dice::new(seed),
            turn: 0,
            restless: 10,
            processes: Vec::new(),
            before: 0,
            disk: Disk::default(),
            survivors: None,
            trace: Trace::new(is_traced),
            providers: Providers::default(),
            ledger: Ledger::default(),
            wrong: Vec::new(),
        };
        Arc::new(Machine { state: Mutex::new(state), turn: Condvar::new(), root: root.to_owned() })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn out(&self) -> PathBuf {
        self.root.join("out")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("home/log")
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Runs commands side by side until the last has ended.
    pub(super) fn run(self: &Arc<Self>, launches: Vec<Launch>) -> Vec<Ended> {
        let first = {
            let mut state = self.state();
            state.before = state.processes.len();
            state.restless = state.dice.of(&[2, 8, 30]);
            state.turn = state.before;
            for launch in launches {
                let line = format!("$ {} {:?}", self.plain(&launch.args.join(" ")), launch.mishap);
                state.trace.note(&line);
                state.processes.push(Process {
                    launch,
                    has_ended: false,
                    is_dead: false,
                    steps: 0,
                    was_refused: false,
                    signals: 0,
                });
            }
            state.before
        };
        let count = self.state().processes.len();
        let ended = std::thread::scope(|scope| {
            let start = |me| {
                let machine = Arc::clone(self);
                let thread = std::thread::Builder::new().stack_size(8 << 20);
                thread.spawn_scoped(scope, move || machine.process(me)).unwrap()
            };
            let threads: Vec<_> = (first..count).map(start).collect();
            threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
        });
        let mut state = self.state();
        if let Some((_, files)) = state.survivors.take() {
            disk::restore(&self.root, &files, state.now);
        }
        drop(state);
        let ended =
            ended.into_iter().map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic)));
        ended.collect()
    }

    /// A process from its beginning to its end.
    fn process(self: &Arc<Self>, me: usize) -> Ended {
        let seat = Rc::new(Seat {
            machine: Arc::clone(self),
            me,
            seen: Cell::new(None),
            waits: Cell::new(0),
            stdout: Stream::default(),
            stderr: Stream::default(),
        });
        let args = self.state().processes[me].launch.args.clone();
        let argv = std::iter::once("pinx".to_owned()).chain(args).map(Into::into).collect();
        script::set(Some(Rc::new(Wire(Rc::clone(&seat)))));
        let run = || {
            drop(seat.wait_turn(self.state()));
            world::inside(Rc::clone(&seat) as Rc<dyn World>, || crate::cli::run(argv))
        };
        let outcome = catch_unwind(AssertUnwindSafe(run));
        script::set(None);
        let mut state = self.state();
        let code = match outcome {
            Ok(exit) => Some(exit.0),
            Err(panic) if panic.is::<Died>() => None,
            Err(panic) => {
                state.processes[me].has_ended = true;
                self.pass(&mut state, me);
                drop(state);
                resume_unwind(panic)
            }
        };
        state.trace.note(&format!("{me} ends with {code:?}"));
        // What it did while it unwound did not happen. Where the power failed, others unwind as well.
        if let Some((_, files)) = state.survivors.take_if(|(death, _)| *death == Death::Kill) {
            disk::restore(&self.root, &files, state.now);
        }
        state.processes[me].has_ended = true;
        self.pass(&mut state, me);
        Ended { code, stdout: seat.stdout.text(), stderr: seat.stderr.text() }
    }

    /// Gives the turn to another process, if there is one.
    fn pass(&self, state: &mut State, me: usize) {
        let others: Vec<usize> = (state.before..state.processes.len())
            .filter(|other| *other != me && !state.processes[*other].has_ended)
            .collect();
        if !others.is_empty() {
            state.turn = state.dice.of(&others);
            self.turn.notify_all();
        }
    }

    /// A text without what differs from run to run.
    pub(super) fn plain(&self, text: &str) -> String {
        text.replace(self.root.to_str().unwrap(), "")
    }

    fn named(&self, path: &Path) -> String {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(".pinx-") && name.ends_with(".tmp") {
            let dir = path.parent().unwrap_or(path);
            return self.plain(&format!("{}/*.tmp", dir.display()));
        }
        self.plain(&path.to_string_lossy())
    }

    fn describe(&self, change: &Change<'_>) -> String {
        match change {
            Change::MakeDir(path) => format!("mkdir {}", self.named(path)),
            Change::RemoveDir(path) => format!("rmdir {}", self.named(path)),
            Change::Open { path, emptied } => format!("open {} {emptied}", self.named(path)),
            Change::Temporary(dir) => format!("temporary in {}", self.named(dir)),
            Change::Write(file, bytes) => format!("write {} {}", self.path(file), bytes.len()),
            Change::Shorten(file) => format!("shorten {}", self.path(file)),
            Change::Sync(file) => format!("sync {}", self.path(file)),
            Change::SyncDir(dir) => format!("sync names of {}", self.named(dir)),
            Change::Name { from, to, replaces } => {
                format!("name {} {} {replaces}", self.named(from), self.named(to))
            }
            Change::Remove(path) => format!("remove {}", self.named(path)),
            Change::Lock(path) => format!("lock {}", self.named(path)),
        }
    }

    fn path(&self, file: &std::fs::File) -> String {
        let path = place(file);
        if path.to_string_lossy().ends_with("(deleted)") {
            "*".to_owned()
        } else {
            self.named(&path)
        }
    }

    fn is_in(&self, place: Where, path: &Path) -> bool {
        match place {
            Where::Everywhere => true,
            Where::Output => path.starts_with(self.out()),
            Where::Log => path.starts_with(self.log()),
            Where::Home => path.starts_with(self.root.join("home")),
        }
    }
}

/// Where an open file is.
pub(super) fn place(file: &std::fs::File) -> PathBuf {
    use std::os::fd::AsRawFd as _;
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap_or_default()
}

impl Seat {
    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(super) fn me(&self) -> usize {
        self.me
    }

    fn wait_turn<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        while state.turn != self.me {
            state = self.machine.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.processes[self.me].is_dead {
            drop(state);
            resume_unwind(Box::new(Died));
        }
        state
    }

    /// Makes the time of the machine what the runtime's clock says.
    fn catch_up(&self, state: &mut State) {
        if tokio::runtime::Handle::try_current().is_err() {
            self.seen.set(None);
            return;
        }
        let now = Instant::now();
        let since = self.seen.replace(Some(now)).map(|seen| now.saturating_duration_since(seen));
        state.now += since.unwrap_or_default();
    }

    /// A step of this process: others may go before it, or it may be its last.
    pub(super) fn step(&self, what: &str) -> MutexGuard<'_, State> {
        let mut state = self.machine.state();
        self.catch_up(&mut state);
        state.now += STEP;
        let restless = state.restless;
        if state.processes.len() - state.before > 1 && state.dice.one_in(restless) {
            self.machine.pass(&mut state, self.me);
            state = self.wait_turn(state);
        }
        let me = self.me;
        let process = &mut state.processes[me];
        process.steps += 1;
        let steps = process.steps;
        let death = process.launch.mishap.death.filter(|(at, _)| steps >= *at);
        let line = format!("{me} {what}");
        state.trace.note(&line);
        self.waits.set(0);
        if let Some((_, death)) = death {
            self.die(state, death);
        }
        state
    }

    fn die(&self, mut state: MutexGuard<'_, State>, death: Death) -> ! {
        let me = self.me;
        state.trace.note(&format!("{me} dies"));
        let State { disk, dice, processes, before, .. } = &mut *state;
        match death {
            Death::Kill => processes[me].is_dead = true,
            Death::Power => {
                processes[*before..].iter_mut().for_each(|process| process.is_dead = true);
            }
        }
        let files = match death {
            Death::Kill => disk::files(&self.machine.root),
            Death::Power => disk.cut(&self.machine.root, dice),
        };
        state.survivors = Some((death, files));
        drop(state);
        resume_unwind(Box::new(Died))
    }

    /// What the disk says to a change.
    fn refused(&self, state: &mut State, change: &Change<'_>) -> Option<(usize, io::Error)> {
        let process = &mut state.processes[self.me];
        let (from, count, fault, place_of) = process.launch.mishap.fault?;
        if !(from..from.saturating_add(count)).contains(&process.steps) {
            return None;
        }
        let path = match change {
            Change::MakeDir(path)
            | Change::RemoveDir(path)
            | Change::Open { path, .. }
            | Change::Temporary(path)
            | Change::SyncDir(path)
            | Change::Remove(path)
            | Change::Lock(path)
            | Change::Name { to: path, .. } => path.to_path_buf(),
            Change::Write(file, _) | Change::Shorten(file) | Change::Sync(file) => place(file),
        };
        if !self.machine.is_in(place_of, &path) {
            return None;
        }
        let grows = match change {
            Change::MakeDir(_) | Change::Temporary(_) | Change::Write(..) => true,
            Change::Open { path, .. } => !path.exists(),
            _ => false,
        };
        let error = match (fault, change) {
            (Fault::Full, _) if grows => io::Error::from_raw_os_error(28),
            (Fault::Broken, _) => io::Error::from_raw_os_error(5),
            (Fault::Unsynced, Change::Sync(_) | Change::SyncDir(_)) => {
                io::Error::from_raw_os_error(5)
            }
            (Fault::NoLinks, Change::Name { replaces: false, .. }) => ErrorKind::Unsupported.into(),
            _ => return None,
        };
        process.was_refused |= fault != Fault::NoLinks;
        let part = match change {
            Change::Write(_, bytes) => state.dice.below(bytes.len() as u64 + 1) as usize,
            _ => 0,
        };
        Some((part, error))
    }
}

impl World for Seat {
    fn now(&self) -> Timestamp {
        let mut state = self.machine.state();
        self.catch_up(&mut state);
        state.now
    }

    fn pause(&self, time: Duration) {
        let mut state = self.machine.state();
        self.catch_up(&mut state);
        state.now += SignedDuration::try_from(time).unwrap();
        self.waits.set(self.waits.get() + 1);
        assert!(self.waits.get() < PATIENCE, "it waits for a lock that nobody gives back");
        if !std::thread::panicking() {
            self.machine.pass(&mut state, self.me);
            drop(self.wait_turn(state));
        }
    }

    fn bits(&self) -> u64 {
        self.machine.state().chance.bits()
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.machine.state().processes[self.me].launch.env.clone()
    }

    fn current_dir(&self) -> PathBuf {
        self.machine.root.join("work")
    }

    fn temporary_dir(&self) -> PathBuf {
        self.machine.root.join("tmp")
    }

    fn client(&self) -> Option<ClientLimits> {
        let (name, day) = self.machine.state().processes[self.me].launch.client.clone()?;
        let limits = SpendingLimits { day: Some(Money::micros(day)), ..SpendingLimits::default() };
        Some(ClientLimits { name, limits })
    }

    fn stdout(&self) -> Box<dyn io::Write + Send> {
        Box::new(self.stdout.clone())
    }

    fn stderr(&self) -> Box<dyn io::Write + Send> {
        Box::new(self.stderr.clone())
    }

    fn before(&self, change: &Change<'_>) -> io::Result<()> {
        if std::thread::panicking() {
            return Err(ErrorKind::Other.into());
        }
        if matches!(change, Change::Remove(path) if !path.exists()) {
            return Ok(());
        }
        let mut state = self.step(&self.machine.describe(change));
        if let Some((part, error)) = self.refused(&mut state, change) {
            state.trace.note(&format!("refused {error}"));
            if matches!(change, Change::SyncDir(_)) {
                // File systems that refuse it keep the names all the same.
                {
                    let now = state.now;
                    state.disk.after(change, now)
                };
            }
            if let Change::Write(file, bytes) = change {
                state.disk.before(change);
                (&mut &**file).write_all(&bytes[..part])?;
                // What was written of it bears the simulated time, too.
                file.set_modified(state.now.into()).unwrap();
            }
            return Err(error);
        }
        if let Change::Write(file, bytes) = change
            && place(file).starts_with(self.machine.log())
        {
            let State { ledger, processes, wrong, .. } = &mut *state;
            ledger.hear(self.me, processes, bytes, wrong);
        }
        state.disk.before(change);
        Ok(())
    }

    fn after(&self, change: &Change<'_>) {
        let mut state = self.machine.state();
        let now = state.now;
        state.disk.after(change, now);
    }

    fn interrupted(&self) -> Pin<Box<dyn Future<Output = ()>>> {
        let mut state = self.machine.state();
        let process = &mut state.processes[self.me];
        let wait = process.launch.mishap.signals.get(process.signals).copied();
        process.signals += 1;
        Box::pin(async move {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        })
    }
}

impl State {
    pub(super) fn time(&self) -> Timestamp {
        self.now
    }

    /// Whether the intent of an attempt would survive a power cut.
    pub(super) fn is_durable(&self, log: &Path, attempt: &str) -> bool {
        let needle = format!("\"attempt\":\"{attempt}\"");
        let segments = std::fs::read_dir(log).into_iter().flatten().flatten();
        let mut segments = segments.map(|entry| entry.path());
        segments.any(|path| {
            path.extension().is_some_and(|extension| extension == "jsonl")
                && self
                    .disk
                    .durable(&path)
                    .is_some_and(|bytes| memchr::memmem::find(&bytes, needle.as_bytes()).is_some())
        })
    }
}
