//! One course: a command or two over one home, what happens to them, the same again, and recovery.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::check::Checker;
use super::dice::Dice;
use super::machine::{Ended, Launch, Machine};
use super::mishap::{Death, Fault, Mishap, Where};
use super::providers::{FAL_PRICE, Mood, OPENAI_PRICE};

pub(super) const OPENAI: &str = "openai/gpt-image-2";
pub(super) const FAL: &str = "fal/flux-schnell";
/// Steps of a command of some images, from its first to its last.
const STEPS: u64 = 260;

/// A command of a course, the same whenever it is given again.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) args: Vec<String>,
    /// The prompts of a batch.
    pub(super) rows: Vec<String>,
    pub(super) count: u64,
    pub(super) limit: Option<u64>,
    pub(super) replaces: bool,
    pub(super) has_cache: bool,
}

/// What a course came to.
pub(super) struct Outcome {
    pub(super) wrong: Vec<String>,
    pub(super) trace: Vec<String>,
    pub(super) hash: u64,
    pub(super) steps: u64,
}

pub(super) struct Course {
    pub(super) machine: Arc<Machine>,
    pub(super) env: Vec<(String, String)>,
    pub(super) checker: Checker,
    pub(super) dice: Dice,
    /// The clients of a server, each with what may be spent for it in a day, and the chance that picks
    /// one of them: another one than that of the rest, which has its courses without them.
    clients: (Vec<(String, u64)>, Dice),
    said: Vec<String>,
}

/// Plays the course of a seed in a directory that is empty.
pub(super) fn play(root: &Path, seed: u64, is_traced: bool) -> Outcome {
    let mut course = Course::new(root, seed, is_traced);
    course.play(root);
    course.outcome()
}

/// Variables that hold for the whole course.
fn environment(root: &Path, machine: &Machine, dice: &mut Dice) -> Vec<(String, String)> {
    let mut env = vec![
        ("PINX_HOME".to_owned(), root.join("home").to_str().unwrap().to_owned()),
        ("OPENAI_API_KEY".to_owned(), "sk-test-0123456789abcdef".to_owned()),
        ("FAL_KEY".to_owned(), "0b0c0d0e-0000-1111-2222-333344445555:0123456789abcdef".to_owned()),
        ("PINX_NO_PROBE".to_owned(), "1".to_owned()),
        ("PINX_CONFIRM_ABOVE".to_owned(), "1000".to_owned()),
        ("PINX_AUTO_ORDER".to_owned(), format!("{OPENAI},{FAL}")),
    ];
    let mut set = |name: &str, value: String| env.push((name.to_owned(), value));
    if dice.one_in(4) {
        set("OPENAI_API_KEY_2", "sk-test-second-0123456789".to_owned());
    }
    if dice.one_in(3) {
        let day = dice.below(10) * OPENAI_PRICE + dice.below(20_000);
        set("PINX_BUDGET_DAY", format!("{:.6}", day as f64 / 1e6));
        machine.state().ledger.day = Some(day);
    }
    if dice.one_in(4) {
        set("PINX_FALLBACK_ON", dice.of(&["ambiguous", "unusable", "content"]).to_owned());
    }
    if dice.one_in(3) {
        set("PINX_BODY_MEMORY", "100".to_owned());
    }
    set("PINX_RETRIES", dice.below(4).to_string());
    set("PINX_MAX_ATTEMPTS", (1 + dice.below(5)).to_string());
    set("PINX_WAIT_CAP", dice.of(&["1s", "60s"]).to_owned());
    env
}

impl Command {
    fn draw(dice: &mut Dice, root: &Path, name: &str) -> Command {
        let is_batch = dice.one_in(2);
        let count = 1 + dice.below(4);
        let (first, other) = if dice.one_in(2) { (OPENAI, FAL) } else { (FAL, OPENAI) };
        let mut args: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        if is_batch {
            rows.extend((1..=count).map(|row| format!("{name} {row}")));
            let file = root.join(format!("work/{name}.txt"));
            crate::fs::write_atomic(&file, rows.join("\n").as_bytes(), crate::fs::Mode::Normal)
                .unwrap();
            args.extend(["batch".to_owned(), file.to_str().unwrap().to_owned()]);
        } else {
            let prompt = dice.of(&["a red fox", name]).to_owned();
            args.extend(["generate".to_owned(), prompt, "-n".to_owned(), count.to_string()]);
        }
        let out = root.join("out");
        args.extend(["-o".to_owned(), format!("{}/", out.display()), "-y".to_owned()]);
        // In its own order; what a key turns out not to have is remembered from command to command.
        let is_auto = dice.one_in(5);
        args.extend(["-m".to_owned(), if is_auto { "auto" } else { first }.to_owned()]);
        let has_other = dice.one_in(3);
        match (is_auto, has_other) {
            (true, _) => {}
            (false, true) => args.extend(["--fallback".to_owned(), other.to_owned()]),
            (false, false) => args.push("--no-fallback".to_owned()),
        }
        args.extend(["-j".to_owned(), (1 + dice.below(4)).to_string()]);
        let mut limit = None;
        if dice.one_in(3) {
            let price = if first == OPENAI { OPENAI_PRICE } else { FAL_PRICE };
            let most = dice.below(price * (count + 1)) + price / 2;
            args.extend(["--max-cost".to_owned(), format!("{:.6}", most as f64 / 1e6)]);
            limit = Some(most);
        }
        let replaces = dice.one_in(8);
        if replaces {
            args.push("--force".to_owned());
            // Then what is there is made again, too.
            if is_batch && dice.one_in(2) {
                args.extend(["--only".to_owned(), "*".to_owned()]);
            }
        }
        let way = dice.below(6);
        match way {
            0 => args.push("--cache".to_owned()),
            1 => args.extend(["--seed".to_owned(), "7".to_owned()]),
            _ => {}
        }
        if is_batch && dice.one_in(4) {
            args.push("--claim".to_owned());
        }
        Command { args, rows, count, limit, replaces, has_cache: way < 2 }
    }
}

impl Course {
    pub(super) fn new(root: &Path, seed: u64, is_traced: bool) -> Course {
        for dir in ["home", "work", "out", "tmp"] {
            crate::fs::create_dir(&root.join(dir)).unwrap();
        }
        let machine = Machine::new(root, seed, is_traced);
        let mut dice = Dice::new(seed ^ 0xc0_0015e);
        let env = environment(root, &machine, &mut dice);
        let checker = Checker::new(&machine, &env);
        let clients = (Vec::new(), Dice::new(seed ^ 0x00c1_1e47));
        Course { machine, env, checker, dice, clients, said: Vec::new() }
    }

    /// What it came to.
    pub(super) fn outcome(self) -> Outcome {
        let Course { machine, checker, said, .. } = self;
        let mut state = machine.state();
        let mut wrong = std::mem::take(&mut state.wrong);
        wrong.extend(checker.wrong);
        // What is pruned by its age tells nothing where this machine's own clock leaks in.
        let is_later = |path: &PathBuf| {
            let written = std::fs::metadata(path).and_then(|metadata| metadata.modified());
            written.is_ok_and(|written| written > state.now.into())
        };
        let home = super::disk::files(&machine.root().join("home"));
        let later = home.into_keys().filter(is_later);
        wrong.extend(later.map(|path| format!("{} is of another time", path.display())));
        let mut trace = state.trace.lines.take().unwrap_or_default();
        trace.extend(said);
        Outcome { wrong, trace, hash: state.trace.hash, steps: state.trace.count }
    }

    /// In every third course some of what is done is done for clients.
    fn invite(&mut self) {
        let (clients, dice) = &mut self.clients;
        if !dice.one_in(3) {
            return;
        }
        for name in ["shop", "lab"] {
            clients.push((name.to_owned(), dice.below(6) * OPENAI_PRICE + dice.below(20_000)));
        }
        self.machine.state().ledger.clients.extend(clients.iter().cloned());
    }

    fn play(&mut self, root: &Path) {
        self.invite();
        let one = Command::draw(&mut self.dice, root, "an owl");
        let two = if self.dice.one_in(4) {
            // The same command twice at once.
            one.clone()
        } else {
            Command::draw(&mut self.dice, root, "a hare")
        };
        self.machine.state().providers.mood = self.dice.of(&[Mood::Fair, Mood::Fair, Mood::Bad]);
        for _ in 0..1 + self.dice.below(3) {
            let mut commands = vec![&one];
            if self.dice.one_in(3) {
                commands.push(&two);
            }
            let launches =
                commands.iter().map(|command| self.launch(&command.args, command.limit, true));
            let launches = launches.collect::<Vec<_>>();
            self.run(launches, &commands);
            if self.dice.one_in(3) {
                let recover = self.recover(true);
                self.run(vec![recover], &[]);
            }
        }
        self.settle();
        // The same command again, and nothing is in the way any more.
        self.machine.state().providers.mood = Mood::Good;
        let again = self.launch(&one.args, one.limit, false);
        self.run(vec![again], &[&one]);
        self.settle();
        let before = self.checker.left();
        let recover = self.recover(false);
        self.run(vec![recover], &[]);
        self.checker.same(before, "recover twice");
        if !one.rows.is_empty() {
            self.checker.rows_once(&one);
        }
    }

    /// Recovers on a healthy disk, and checks everything.
    pub(super) fn settle(&mut self) {
        let mut recover = self.recover(false);
        recover.args.push("--json".to_owned());
        let told = self.run(vec![recover], &[]);
        self.checker.everything(&told);
    }

    pub(super) fn recover(&mut self, is_risky: bool) -> Launch {
        self.launch(&["recover", "--deadline", "20s"].map(str::to_owned), None, is_risky)
    }

    pub(super) fn launch(&mut self, args: &[String], limit: Option<u64>, is_risky: bool) -> Launch {
        let mishap = if is_risky { self.mishap() } else { Mishap::default() };
        let (clients, dice) = &mut self.clients;
        let client = if clients.is_empty() { None } else { Some(dice.below(3) as usize) };
        let client = client.and_then(|at| clients.get(at).cloned());
        Launch { args: args.to_vec(), env: self.env.clone(), mishap, limit, client }
    }

    fn mishap(&mut self) -> Mishap {
        let dice = &mut self.dice;
        let at = 1 + if dice.one_in(3) { dice.below(40) } else { dice.below(STEPS) };
        let mut mishap = Mishap::default();
        match dice.below(10) {
            0 | 1 => mishap.death = Some((at, Death::Kill)),
            2 | 3 => mishap.death = Some((at, Death::Power)),
            4 | 5 => {
                let fault = dice.of(&[Fault::Full, Fault::Broken, Fault::Unsynced, Fault::NoLinks]);
                let place = dice.of(&[Where::Everywhere, Where::Output, Where::Log, Where::Home]);
                let count = dice.of(&[1, 2, 10, 1_000]);
                mishap.fault = Some((at, count, fault, place));
                if dice.one_in(4) {
                    mishap.death =
                        Some((at + dice.below(60), dice.of(&[Death::Kill, Death::Power])));
                }
            }
            6 => {
                let first = Duration::from_millis(dice.below(20_000));
                mishap.signals.push(first);
                if dice.one_in(2) {
                    mishap.signals.push(Duration::from_millis(dice.below(5_000)));
                }
            }
            _ => {}
        }
        mishap
    }

    /// Runs commands side by side; answers with what the first said on stdout.
    fn run(&mut self, launches: Vec<Launch>, commands: &[&Command]) -> String {
        self.ended(launches, commands)[0].stdout.clone()
    }

    /// The same; answers with how all ended.
    pub(super) fn ended(&mut self, launches: Vec<Launch>, commands: &[&Command]) -> Vec<Ended> {
        let first = self.machine.state().processes.len();
        let ended = self.machine.run(launches);
        for (at, ended) in ended.iter().enumerate() {
            let told = self.machine.plain(&format!(
                "process {} ended with {:?}\n{}{}",
                first + at,
                ended.code,
                ended.stdout,
                ended.stderr
            ));
            self.said.push(told);
        }
        self.checker.ended(first, &ended, commands);
        ended
    }
}
