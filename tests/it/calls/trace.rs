//! Runs a command call by call, as a debugger does, and lets one call on a file of its world fail,
//! or be the last.
//!
//! Calls are told by what they do to which file and how often that was done before, whatever thread
//! does it; names that are made by chance count as equal.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use nix::libc::{self, user_regs_struct};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::table::{self, Place};

/// The longest that a command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// One call: what it does, to which file, and for which time, counted from one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Point {
    pub name: String,
    pub file: String,
    pub nth: usize,
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.name, self.file, self.nth)
    }
}

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// It fails with this error.
    Fail(i32),
    /// Half of it is written, and the next write of the file says that the disk is full.
    Half,
    /// The process dies before it.
    Before,
    /// The process dies right after it.
    After,
    /// The process dies when half of it is written.
    Torn,
}

impl Blow {
    pub fn is_deadly(self) -> bool {
        matches!(self, Blow::Before | Blow::After | Blow::Torn)
    }
}

/// What a traced command did.
pub struct Traced {
    /// -1 when it died.
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Its calls on files of its world, in order, each with the errors that it may fail with.
    pub calls: Vec<(Point, &'static [i32])>,
    /// Whether the blow fell.
    pub is_hit: bool,
    /// Whether it had to be ended.
    pub is_late: bool,
}

/// Whether processes may be traced here.
pub fn is_allowed() -> bool {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "read -r go"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let Ok(mut child) = shell.spawn() else { return false };
    let seized = ptrace::seize(pid_of(child.id()), Options::empty()).is_ok();
    drop(child.stdin.take());
    drop(child.wait());
    seized
}

fn pid_of(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap())
}

/// Runs a command of the world at `root` to its end. The blow falls on one point, and the disk never
/// has room for the file that is refused. No other child of this thread may be awaited meanwhile.
pub fn run(
    command: &Command,
    root: &Path,
    blow: Option<(&Point, Blow)>,
    refused: Option<&'static str>,
) -> Traced {
    let [mut stdout, mut stderr] = [(); 2].map(|()| tempfile::tempfile().unwrap());
    let mut waiting = Command::new("/bin/sh");
    waiting.args(["-c", "read -r go; exec \"$0\" \"$@\" </dev/null"]);
    waiting.arg(command.get_program()).args(command.get_args()).env_clear();
    waiting.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    waiting.current_dir(command.get_current_dir().unwrap()).stdin(Stdio::piped());
    waiting.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let mut child = waiting.spawn().unwrap();
    let pid = pid_of(child.id());
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(pid, options).unwrap();
    ptrace::interrupt(pid).unwrap();
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    let (ended, end) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let is_late = end.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout);
        is_late && kill(pid, Signal::SIGKILL).is_ok()
    });
    let mut tracer = Tracer {
        pid,
        root: root.to_owned(),
        work: command.get_current_dir().unwrap().to_owned(),
        blow: blow.map(|(point, blow)| (point.clone(), blow)),
        full: None,
        refused,
        has_begun: false,
        is_hit: false,
        times: HashMap::new(),
        calls: Vec::new(),
        inside: HashMap::new(),
    };
    let code = tracer.follow();
    // The tracer has heard of its end already.
    let _ = child.wait();
    drop(ended);
    let read = |file: &mut File| {
        let mut bytes = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).unwrap();
        bytes
    };
    Traced {
        code,
        stdout: read(&mut stdout),
        stderr: read(&mut stderr),
        calls: tracer.calls,
        is_hit: tracer.is_hit,
        is_late: watch.join().unwrap(),
    }
}

/// What is to be done when a call ends.
#[derive(Debug, Clone, Copy)]
enum Then {
    Nothing,
    Fail(i32),
    Die,
    /// The length that was asked for is put back; then it dies, or its disk is full.
    Shortened {
        length: u64,
        dies: bool,
    },
}

struct Tracer {
    pid: Pid,
    root: PathBuf,
    work: PathBuf,
    blow: Option<(Point, Blow)>,
    /// The file whose next write finds the disk full.
    full: Option<String>,
    /// A file that is never made.
    refused: Option<&'static str>,
    /// Whether the command itself has begun.
    has_begun: bool,
    is_hit: bool,
    times: HashMap<(&'static str, String), usize>,
    calls: Vec<(Point, &'static [i32])>,
    /// The threads that are inside a call.
    inside: HashMap<Pid, Then>,
}

impl Tracer {
    fn follow(&mut self) -> i32 {
        let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            match waitpid(None, Some(flags)).unwrap() {
                WaitStatus::PtraceSyscall(thread) => self.call(thread),
                WaitStatus::PtraceEvent(thread, _, event) => {
                    if event == libc::PTRACE_EVENT_EXEC {
                        self.has_begun = true;
                        self.inside.insert(thread, Then::Nothing);
                    }
                    go_on(thread, None);
                }
                WaitStatus::Stopped(thread, signal) => go_on(thread, Some(signal)),
                WaitStatus::Exited(thread, code) if thread == self.pid => return code,
                WaitStatus::Signaled(thread, ..) if thread == self.pid => return -1,
                _ => {}
            }
        }
    }

    /// A call begins or ends.
    fn call(&mut self, thread: Pid) {
        // A thread that was killed meanwhile cannot be asked.
        if self.has_begun
            && let Ok(registers) = ptrace::getregs(thread)
        {
            match self.inside.remove(&thread) {
                Some(then) => self.end(thread, registers, then),
                None => {
                    let then = self.begin(thread, registers);
                    self.inside.insert(thread, then);
                }
            }
        }
        go_on(thread, None);
    }

    fn begin(&mut self, thread: Pid, mut registers: user_regs_struct) -> Then {
        let user_regs_struct { rdi, rsi, rdx, r10, r8, r9, .. } = registers;
        let arguments = [rdi, rsi, rdx, r10, r8, r9];
        let Some((name, place, errors)) = table::of(registers.orig_rax, &arguments) else {
            return Then::Nothing;
        };
        let path = path_of(thread, place, &arguments, &self.work);
        let Some(file) = path.and_then(|path| self.told(&path)) else { return Then::Nothing };
        let nth = self.times.entry((name, file.clone())).or_insert(0);
        *nth += 1;
        let point = Point { name: name.to_owned(), file, nth: *nth };
        let is_refused = name == "make" && self.refused == Some(&point.file);
        let is_full = name == "write" && self.full.as_ref() == Some(&point.file);
        let blow = self.blow.as_ref().filter(|(at, _)| *at == point).map(|(_, blow)| *blow);
        let blow = if is_full { Some(Blow::Fail(libc::ENOSPC)) } else { blow };
        self.is_hit |= blow.is_some();
        let blow = blow.or(is_refused.then_some(Blow::Fail(libc::ENOSPC)));
        let file = point.file.clone();
        self.calls.push((point, errors));
        match blow {
            None => Then::Nothing,
            Some(Blow::Fail(error)) => {
                self.full = None;
                registers.orig_rax = u64::MAX;
                let _ = ptrace::setregs(thread, registers);
                Then::Fail(error)
            }
            Some(Blow::Before) => {
                self.die();
                Then::Nothing
            }
            Some(Blow::After) => Then::Die,
            Some(blow @ (Blow::Half | Blow::Torn)) => {
                self.full = (blow == Blow::Half).then_some(file);
                registers.rdx = rdx / 2;
                let _ = ptrace::setregs(thread, registers);
                Then::Shortened { length: rdx, dies: blow == Blow::Torn }
            }
        }
    }

    fn end(&mut self, thread: Pid, mut registers: user_regs_struct, then: Then) {
        match then {
            Then::Nothing => {}
            Then::Die => self.die(),
            Then::Fail(error) => {
                registers.rax = i64::from(-error).cast_unsigned();
                let _ = ptrace::setregs(thread, registers);
            }
            Then::Shortened { length, dies } => {
                registers.rdx = length;
                let _ = ptrace::setregs(thread, registers);
                if dies {
                    self.die();
                }
            }
        }
    }

    fn die(&self) {
        let _ = kill(self.pid, Signal::SIGKILL);
    }

    /// A file of this world, without what chance has a part in.
    fn told(&self, path: &Path) -> Option<String> {
        let inside = path.strip_prefix(&self.root).ok()?;
        let parts = inside.components().map(|part| plain(&part.as_os_str().to_string_lossy()));
        Some(parts.collect::<Vec<_>>().join("/"))
    }
}

fn go_on(thread: Pid, signal: Option<Signal>) {
    // It may have been killed meanwhile.
    let _ = ptrace::syscall(thread, signal);
}

/// The file that a call means.
fn path_of(thread: Pid, place: Place, arguments: &[u64; 6], work: &Path) -> Option<PathBuf> {
    // Handles are 32 bits wide, whatever is in the upper half.
    let handle = |at: usize| {
        let number = arguments[at] as u32 as i32;
        if number == libc::AT_FDCWD {
            return Some(work.to_owned());
        }
        std::fs::read_link(format!("/proc/{thread}/fd/{number}")).ok()
    };
    match place {
        Place::Path(at) => Some(work.join(text_at(thread, arguments[at])?)),
        Place::Handle(at) => handle(at),
        Place::At(directory, at) => {
            let text = text_at(thread, arguments[at]).unwrap_or_default();
            let directory = handle(directory)?;
            Some(if text.is_empty() { directory } else { directory.join(text) })
        }
    }
}

/// The text that a pointer of the thread leads to.
fn text_at(thread: Pid, address: u64) -> Option<String> {
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut bytes = vec![0; 4096];
    let length = memory.read_at(&mut bytes, address).ok()?;
    let end = bytes[..length].iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// A part of a path without the ids of runs, the month, the fingerprint of a key and random names.
fn plain(part: &str) -> String {
    if part.starts_with('#') {
        return "#".to_owned();
    }
    if part.starts_with(".pinx-") && part.ends_with(".tmp") {
        return ".pinx-*.tmp".to_owned();
    }
    if part.len() == 13 && part.ends_with(".jsonl") {
        return "MONTH.jsonl".to_owned();
    }
    let is_digit = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let run =
        (0..part.len().saturating_sub(14)).chain([part.len().saturating_sub(15)]).find(|at| {
            part.get(*at..at + 15).is_some_and(|id| {
                is_digit(&id[..6]) && id[6..].starts_with('-') && is_word(&id[7..])
            })
        });
    if let Some(at) = run {
        return format!("{}RUN{}", &part[..at], &part[at + 15..]);
    }
    let is_print = |word: &str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_hexdigit());
    // An address of a provider holds its port.
    let is_chance =
        |word: &str| is_print(word) || word.contains('~') || (word.len() > 12 && is_digit(word));
    part.split('.')
        .map(|word| if is_chance(word) { "*" } else { word })
        .collect::<Vec<_>>()
        .join(".")
}
