//! Runs the real binary in a world of its own: home, data, keys and working directory are
//! temporary, the environment is empty but for what a test sets.
//!
//! Every run also checks what must hold always: no key in stdout, stderr or any file, and no part
//! file left behind.

mod ends;
mod output;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use memchr::memmem;
use serde_json::Value;
use tempfile::TempDir;

pub use self::output::Output;
use crate::echoes::{base64_forms, escaped_forms};
use crate::fake::PATIENCE;
use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::transcript::{Transcript, Typed};

/// The key of the scripted OpenAI.
pub const OPENAI_KEY: &str = "sk-test-0123456789abcdef";
/// The key of the scripted fal.
pub const FAL_KEY: &str = "6f1f3b1e-1111-4222-8333-444455556666:0123456789abcdef0123456789abcdef";

/// A world in which commands run one after another or side by side.
pub struct Pinx {
    temp: TempDir,
    env: BTreeMap<String, String>,
    secrets: Vec<String>,
    /// Whether the log is damaged on purpose.
    is_damaged: bool,
    transcript: Transcript,
}

impl Pinx {
    /// An empty home and an empty working directory; no key, no network needed.
    pub fn new() -> Pinx {
        let temp = tempfile::Builder::new().prefix("pinx-it-").tempdir().unwrap();
        for directory in ["home", "pinx", "work"] {
            fs::create_dir(temp.path().join(directory)).unwrap();
        }
        let pinx = Pinx {
            env: BTreeMap::new(),
            secrets: vec![OPENAI_KEY.to_owned(), FAL_KEY.to_owned()],
            is_damaged: false,
            transcript: Transcript::begin(temp.path()),
            temp,
        };
        let path = std::env::var("PATH").unwrap_or_default();
        let at = |name: &str| pinx.temp.path().join(name).display().to_string();
        let (home, data) = (at("home"), at("pinx"));
        pinx.env("PATH", path)
            .env("HOME", home)
            .env("PINX_HOME", data)
            .env("PINX_NO_PROBE", "1")
            .env("PINX_TODAY", "2026-11-29")
            .env("TZ", "UTC")
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Pinx {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// A text that must never be seen, besides the two keys.
    pub fn secret(mut self, secret: &str) -> Pinx {
        self.secrets.push(secret.to_owned());
        self
    }

    /// The log will be damaged, and need not be in order.
    pub fn damaged(self) -> Pinx {
        Pinx { is_damaged: true, ..self }
    }

    /// Nothing that it prints comes by chance or by the clock.
    pub fn exact(mut self) -> Pinx {
        self.transcript.is_exact();
        self
    }

    /// The segments of the log, oldest first.
    pub fn segments(&self) -> Vec<PathBuf> {
        let mut segments = files_below(&self.data().join("log"));
        segments.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        segments.sort();
        segments
    }

    /// With a key for the fake its address, and quick pauses.
    pub fn openai(self, fake: &OpenAi) -> Pinx {
        self.env("OPENAI_API_KEY", OPENAI_KEY)
            .env("PINX_PROVIDERS_OPENAI_BASE_URL", fake.base_url())
            .env("PINX_BACKOFF", "50ms")
    }

    /// With a key for the fake, its addresses, and quick polls and pauses.
    pub fn fal(self, fake: &Fal) -> Pinx {
        self.env("FAL_KEY", FAL_KEY)
            .env("PINX_PROVIDERS_FAL_QUEUE_URL", fake.role("queue"))
            .env("PINX_PROVIDERS_FAL_RUN_URL", fake.role("run"))
            .env("PINX_PROVIDERS_FAL_REST_URL", fake.role("rest"))
            .env("PINX_PROVIDERS_FAL_API_URL", fake.role("api/v1"))
            .env("PINX_POLL_FIRST", "10ms")
            .env("PINX_POLL_MAX", "20ms")
            .env("PINX_BACKOFF", "50ms")
    }

    /// The directory that everything of this world is in.
    pub fn root(&self) -> &Path {
        self.temp.path()
    }

    /// Where commands run.
    pub fn work(&self) -> PathBuf {
        self.temp.path().join("work")
    }

    /// `PINX_HOME`.
    pub fn data(&self) -> PathBuf {
        self.temp.path().join("pinx")
    }

    /// Writes a file into the working directory.
    pub fn file(self, name: &str, text: &str) -> Pinx {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Writes a file into `PINX_HOME`.
    pub fn config(self, name: &str, text: &str) -> Pinx {
        fs::write(self.data().join(name), text).unwrap();
        self
    }

    /// Runs a line of shell in this world, with `pinx` on its path.
    pub fn shell(&self, line: &str) -> std::process::Output {
        self.shell_command(line).stdin(Stdio::null()).output().unwrap()
    }

    /// The same, to be started.
    pub fn shell_command(&self, line: &str) -> Command {
        let binaries = Path::new(env!("CARGO_BIN_EXE_pinx")).parent().unwrap().display();
        let path = format!("{binaries}:{}", self.env.get("PATH").map_or("", String::as_str));
        let mut command = Command::new("sh");
        command.args(["-c", line]).env_clear().envs(&self.env).env("PATH", path);
        command.current_dir(self.work());
        command
    }

    /// A command of this world.
    pub fn command(&self, args: &[&str]) -> Call<'_> {
        let args = args.iter().map(|&arg| arg.to_owned()).collect();
        Call { pinx: self, args, env: Vec::new(), stdin: None }
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).run()
    }

    /// Every line of the log that is JSON, oldest first.
    pub fn journal(&self) -> Vec<Value> {
        let texts = self.segments().into_iter().map(|path| fs::read(path).unwrap());
        let texts = texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        texts
            .flat_map(|text| {
                text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect::<Vec<_>>()
            })
            .collect()
    }

    /// The entries of one event: `intent`, `submitted`, `done`, `failed`…
    pub fn entries(&self, event: &str) -> Vec<Value> {
        self.journal().into_iter().filter(|entry| entry["e"] == event).collect()
    }

    /// Takes the entries of one event out of the log, as if the machine had died before them.
    pub fn forget(&self, event: &str) {
        self.forget_all(|entry| entry["e"] == event);
    }

    /// The same of all entries that are so.
    pub fn forget_all(&self, is_so: impl Fn(&Value) -> bool) {
        for path in self.segments() {
            let text = fs::read_to_string(&path).unwrap();
            let is_other =
                |line: &&str| serde_json::from_str(line).map_or(true, |entry| !is_so(&entry));
            let left: Vec<&str> = text.lines().filter(is_other).collect();
            fs::write(&path, left.join("\n") + "\n").unwrap();
        }
    }

    /// The files in the working directory, relative and sorted.
    pub fn files(&self) -> Vec<String> {
        let work = self.work();
        let relative = |path: PathBuf| path.strip_prefix(&work).unwrap().display().to_string();
        let mut files: Vec<String> = files_below(&work).into_iter().map(relative).collect();
        files.sort();
        files
    }

    /// The raw replies and images kept for `recover`.
    pub fn kept(&self) -> Vec<PathBuf> {
        files_below(&self.data().join("kept"))
    }

    /// The bytes of a file in the working directory.
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.work().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The log keeps its rules.
    fn check_journal(&self) {
        let wrong = ends::violations(&self.journal());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// What a command left, once it is sure that what must hold always does; its code is -1 when a
    /// signal ended it.
    pub fn output(&self, args: &[String], code: i32, texts: (Vec<u8>, Vec<u8>)) -> Output {
        let (stdout, stderr) = texts;
        self.check_bytes("stdout", &stdout);
        self.check_bytes("stderr", &stderr);
        self.check_files();
        if !self.is_damaged {
            self.check_journal();
        }
        Output {
            command: format!("pinx {}", args.join(" ")),
            code,
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            bytes: stdout,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            files: self.files(),
            took: Duration::ZERO,
        }
    }

    /// No key may be in any file but the credentials.
    fn check_files(&self) {
        let mut files = files_below(&self.data());
        files.extend(files_below(&self.work()));
        for path in files {
            if path.file_name().is_some_and(|name| name == "credentials.toml") {
                continue;
            }
            // A pipe would be read for ever.
            let is_file = fs::metadata(&path).is_ok_and(|meta| meta.is_file());
            let Some(bytes) = is_file.then(|| fs::read(&path).ok()).flatten() else { continue };
            self.check_bytes(&path.display().to_string(), &bytes);
        }
    }

    fn check_bytes(&self, place: &str, bytes: &[u8]) {
        let lower = bytes.to_ascii_lowercase();
        let holds = |bytes: &[u8], form: &str| memmem::find(bytes, form.as_bytes()).is_some();
        for secret in &self.secrets {
            let mut found = holds(&lower, &secret.to_ascii_lowercase());
            found |= base64_forms(secret).iter().any(|form| holds(bytes, form));
            found |= escaped_forms(secret).iter().any(|form| holds(&lower, form));
            assert!(!found, "a key stands in {place}: {}", String::from_utf8_lossy(bytes));
        }
    }
}

/// All files below a directory, at any depth.
pub fn files_below(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// A command about to run.
pub struct Call<'p> {
    pinx: &'p Pinx,
    args: Vec<String>,
    env: Vec<(String, String)>,
    stdin: Option<Vec<u8>>,
}

impl<'p> Call<'p> {
    /// Sets a variable for this command only.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Pipes this in; without it stdin is empty and no pipe.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Output {
        let output = self.spawn().finish();
        let parts: Vec<&String> =
            output.files.iter().filter(|file| file.contains(".part")).collect();
        assert!(parts.is_empty(), "part files are left: {parts:?}\n{output}");
        output
    }

    /// It as the system sees it.
    pub fn plain(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pinx"));
        command.args(&self.args).env_clear().envs(&self.pinx.env).envs(self.env.clone());
        command.current_dir(self.pinx.work());
        command
    }

    /// Starts it.
    pub fn spawn(self) -> Running<'p> {
        let mut command = self.plain();
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let stdin = self.stdin.as_deref();
        let typed = Typed { args: &self.args, world: &self.pinx.env, env: &self.env, stdin };
        let recorded = self.pinx.transcript.starts(&typed);
        let mut child = command.spawn().unwrap();
        if let (Some(text), Some(mut pipe)) = (self.stdin, child.stdin.take()) {
            std::thread::spawn(move || drop(pipe.write_all(&text)));
        }
        Running { pinx: self.pinx, args: self.args, child, started: Instant::now(), recorded }
    }
}

/// A command that runs.
pub struct Running<'p> {
    pinx: &'p Pinx,
    args: Vec<String>,
    child: Child,
    started: Instant,
    recorded: usize,
}

impl Running<'_> {
    /// Sends `INT`, `TERM`, `HUP` or `KILL`, once it listens: where it has hardly begun, a signal
    /// ends it as if it were any program.
    pub fn signal(&self, name: &str) {
        let deadline = Instant::now() + PATIENCE;
        while cfg!(target_os = "linux") && !self.listens(name) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.signal_at_once(name);
    }

    /// Sends it whatever the process does.
    pub fn signal_at_once(&self, name: &str) {
        send(name, self.child.id());
    }

    /// The process has a handler of the signal, or has ended.
    fn listens(&self, name: &str) -> bool {
        let number = match name {
            "HUP" => 1,
            "INT" => 2,
            "TERM" => 15,
            _ => return true,
        };
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        let caught = field("SigCgt:\t").and_then(|mask| u64::from_str_radix(mask, 16).ok());
        let is_over = field("State:\t").is_none_or(|state| state.starts_with('Z'));
        is_over || caught.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
    }

    /// The most memory it has used so far, in KiB; none where the system does not say, nor in the moment
    /// before it has become the program, in which it shares the memory of this process.
    pub fn peak_memory(&self) -> Option<u64> {
        let program = fs::read_link(format!("/proc/{}/exe", self.child.id())).ok()?;
        if Some(program) == std::env::current_exe().ok() {
            return None;
        }
        self.memory("VmHWM")
    }

    /// The memory that it holds now besides its files, in KiB: the code of an unoptimised program is most
    /// of these, grows with the program, and is the system's to take back.
    fn held_memory(&self) -> Option<u64> {
        self.peak_memory()?;
        self.memory("RssAnon")
    }

    /// A figure of its memory as the system tells it, in KiB.
    fn memory(&self, name: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end and says how much memory it took at its peak, in KiB.
    pub fn finish_watched(self) -> (Output, u64) {
        self.finish_measured(Running::peak_memory)
    }

    /// The same of what it held besides its files, as often as it was looked at.
    pub fn finish_held(self) -> (Output, u64) {
        self.finish_measured(Running::held_memory)
    }

    fn finish_measured(mut self, memory: fn(&Self) -> Option<u64>) -> (Output, u64) {
        let mut peak = 0;
        let deadline = Instant::now() + 2 * PATIENCE;
        while self.is_running() && Instant::now() < deadline {
            peak = memory(&self).unwrap_or(0).max(peak);
            std::thread::sleep(Duration::from_millis(2));
        }
        (self.finish(), peak)
    }

    /// Waits for its end.
    pub fn finish(self) -> Output {
        let (pinx, args, pid, started) = (self.pinx, self.args, self.child.id(), self.started);
        let (ended, end) = mpsc::channel();
        let child = self.child;
        std::thread::spawn(move || ended.send(child.wait_with_output()));
        let Ok(result) = end.recv_timeout(2 * PATIENCE) else {
            let worked = worked(pid);
            send("KILL", pid);
            let result = end.recv_timeout(PATIENCE).unwrap().unwrap();
            let talk = String::from_utf8_lossy(&result.stderr);
            panic!(
                "`pinx {}` did not end (it worked for {worked}); it had said:\n{talk}",
                args.join(" ")
            );
        };
        let result = result.unwrap();
        let code = result.status.code().unwrap_or(-1);
        let texts = (result.stdout, result.stderr);
        pinx.transcript.ends(self.recorded, code, &texts.0, &texts.1);
        Output { took: started.elapsed(), ..pinx.output(&args, code, texts) }
    }
}

/// What a process had of the processors: one that hangs has had little.
fn worked(pid: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<u64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => format!("{} ms", 10 * (user + system)),
        _ => "nobody knows how long".to_owned(),
    }
}

fn send(signal: &str, pid: u32) {
    let status = Command::new("kill").args([format!("-{signal}"), pid.to_string()]).status();
    assert!(status.unwrap().success(), "kill -{signal} {pid}");
}
