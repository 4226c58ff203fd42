//! What is common to the parts: processes with their use of the machine, medians, tables, a home.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4 as _;

/// The program that is measured.
pub const PINX: &str = env!("CARGO_BIN_EXE_pinx");

/// What a process took.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Milliseconds from its start to its end.
    pub wall: f64,
    /// Milliseconds of all cores.
    pub cpu: f64,
    /// The most memory at once, in MiB. A child's figure begins with that of this process, which is
    /// therefore kept small.
    pub peak: f64,
}

/// Runs a command to its end.
pub fn used(mut command: Command) -> Used {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let end = command.spawn().unwrap().wait4().unwrap();
    let wall = started.elapsed().as_secs_f64() * 1e3;
    assert!(end.status.success(), "{command:?} failed");
    let cpu = (end.rusage.utime + end.rusage.stime).as_secs_f64() * 1e3;
    Used { wall, cpu, peak: end.rusage.maxrss as f64 / 1024.0 / 1024.0 }
}

/// A command or way under measurement.
pub struct Row {
    pub name: String,
    make: Box<dyn Fn(usize) -> Command>,
    pub rounds: Vec<Used>,
}

impl Row {
    /// `make` is told the number of the round.
    pub fn new(name: &str, make: impl Fn(usize) -> Command + 'static) -> Row {
        Row { name: name.to_owned(), make: Box::new(make), rounds: Vec::new() }
    }

    pub fn run(&mut self, round: usize) {
        self.rounds.push(used((self.make)(round)));
    }

    pub fn wall(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|used| used.wall))
    }

    pub fn cpu(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|used| used.cpu))
    }

    pub fn peak(&self) -> Spread {
        Spread::of(self.rounds.iter().map(|used| used.peak))
    }
}

/// Runs all rows once a round.
pub fn interleave(rows: &mut [&mut Row], rounds: usize) {
    for round in 0..rounds {
        for row in &mut *rows {
            row.run(round);
        }
    }
}

/// A median and the quarters around it.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub low: f64,
    pub middle: f64,
    pub high: f64,
}

impl Spread {
    pub fn of(values: impl Iterator<Item = f64>) -> Spread {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let [low, middle, high] = [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4]);
        Spread { low, middle, high }
    }
}

/// The head of a table of commands; times are milliseconds.
pub fn head() {
    println!("{:<36}{:>9}{:>9}{:>19}{:>12}", "", "ms", "ratio", "middle half", "peak RSS");
}

/// Rows beside the first of them, by their wall time.
pub fn table(rows: &[&Row]) {
    for row in rows {
        let Spread { low, middle, high } = row.wall();
        println!(
            "{:<36}{middle:>9.2}{:>8.2}x{:>19}{:>8.1} MiB",
            row.name,
            middle / rows[0].wall().middle,
            format!("{low:.2}–{high:.2}"),
            row.peak().middle,
        );
    }
}

/// A figure beside its reference and what it must reach.
pub fn figure(what: &str, ours: &str, must: &str) {
    println!("{what:<52}{ours:>20}   {must}");
}

/// A place of its own for pinx: home, work directory, provider.
pub struct Place {
    directory: tempfile::TempDir,
    base: String,
}

impl Place {
    /// A fresh place that knows the provider at an address.
    pub fn new(address: &str) -> Place {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("work")).unwrap();
        Place { directory, base: format!("http://{address}/v1") }
    }

    /// Where commands run.
    pub fn work(&self) -> PathBuf {
        self.path().join("work")
    }

    /// What pinx keeps.
    pub fn home(&self) -> PathBuf {
        self.path().join("home")
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The pinx under measurement.
    pub fn pinx(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PINX);
        command.args(arguments).current_dir(self.work());
        command.env("PINX_HOME", self.home()).env("PINX_NO_PROBE", "1");
        command.env("OPENAI_API_KEY", "sk-bench-0123456789").env("OPENAI_BASE_URL", &self.base);
        command
    }

    /// Writes so many different prompts, and answers with the file's name.
    pub fn prompts(&self, count: usize) -> String {
        let lines: String = (0..count).map(|n| format!("a mug with the number {n}\n")).collect();
        std::fs::write(self.work().join("prompts.txt"), lines).unwrap();
        "prompts.txt".to_owned()
    }
}

/// Waits until the disk has what was left to the system before: what is measured next would wait for
/// it, be it the gigabytes of a client that syncs nothing or a log that was just made.
pub fn settle() {
    assert!(Command::new("sync").status().unwrap().success());
}

/// Whether a tool is installed.
pub fn has(tool: &str) -> bool {
    let mut command = Command::new(tool);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
