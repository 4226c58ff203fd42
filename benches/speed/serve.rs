//! `pinx serve` between a client and the provider: what it costs beside asking the provider directly.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Instant;

use super::blast::{self, Fate};
use super::measure::{Place, Row, Spread, figure, head, interleave, settle, table, used};
use super::provider::{Provider, TWO_MB};

/// Images of a round.
const COUNT: usize = 500;
/// Images of a round where one follows the other.
const ONE_BY_ONE: usize = 40;
/// The slow provider's time for an image in milliseconds.
const WAIT: u64 = 100;

/// A server in a place of its own.
struct Server {
    child: Child,
    address: String,
    /// Milliseconds from its start to its address.
    started: f64,
    _place: Place,
}

impl Server {
    fn start(provider: &str, at_once: usize) -> Server {
        let place = Place::new(provider);
        let at_once = at_once.to_string();
        let mut command = place.pinx(&["serve", "-l", "127.0.0.1:0", "-o", "out/", "-j", &at_once]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let since = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started = since.elapsed().as_secs_f64() * 1e3;
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Server { child, address, started, _place: place }
    }

    /// A line of what Linux tells of its memory, in MiB.
    fn memory(&self, name: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Prints the figures.
pub fn run(rounds: Option<usize>) {
    start(rounds.unwrap_or(20));
    let rounds = rounds.unwrap_or(5);
    for at_once in [16, 64] {
        through(0, at_once, COUNT, rounds);
    }
    through(WAIT, 16, COUNT, rounds);
    through(0, 1, ONE_BY_ONE, rounds);
}

/// How soon it listens, and what it holds then.
fn start(rounds: usize) {
    let (mut ours, mut truth, mut idle) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        truth.push(used(Command::new("true")).wall);
        let server = Server::start("127.0.0.1:9", 4);
        ours.push(server.started);
        idle.push(server.memory("VmRSS"));
    }
    let [ours, truth, idle] = [ours, truth, idle].map(|them| Spread::of(them.into_iter()));
    println!("from its start to its address; {rounds} rounds");
    figure("`true`", &format!("{:.2} ms", truth.middle), "");
    let text = format!("{:.2} ms ({:.2}–{:.2})", ours.middle, ours.low, ours.high);
    figure("listening", &text, "must 10 ms, goal 5 ms");
    figure("RSS when idle", &format!("{:.1} MiB", idle.middle), "must 12 MB, goal 8 MB");
    println!();
}

/// The same images directly, saved by the client, and through a server that saves them.
fn through(wait: u64, at_once: usize, count: usize, rounds: usize) {
    let provider = Provider::start(wait, TWO_MB);
    let server: Rc<RefCell<Option<Server>>> = Rc::default();
    let peaks: Rc<RefCell<Vec<f64>>> = Rc::default();
    let direct = |fate: Fate, name: &str| {
        let address = provider.address.clone();
        let place = RefCell::new(None);
        Row::new(name, move |_| {
            settle();
            let new = Place::new(&address);
            let command = blast::command(&address, count, at_once, fate, &new.work());
            place.replace(Some(new));
            command
        })
    };
    let mut save = direct(Fate::Save, "directly, saved by the client");
    let mut discard = direct(Fate::Discard, "directly, discarded");
    let mut ours = {
        let (address, server) = (provider.address.clone(), Rc::clone(&server));
        let peaks = Rc::clone(&peaks);
        Row::new("through serve (saved, synced, logged)", move |_| {
            peaks.borrow_mut().extend(server.borrow().iter().map(|it| it.memory("VmHWM")));
            server.replace(None);
            settle();
            let new = Server::start(&address, at_once);
            let to = new.address.clone();
            server.replace(Some(new));
            blast::command(&to, count, at_once, Fate::Discard, std::path::Path::new(""))
        })
    };
    interleave(&mut [&mut discard, &mut save, &mut ours], rounds);
    peaks.borrow_mut().extend(server.borrow().iter().map(|it| it.memory("VmHWM")));
    let peak = Spread::of(peaks.borrow().iter().copied()).middle;
    println!("{count} images of 1.5 MB, {wait} ms each, {at_once} at once; {rounds} rounds");
    head();
    table(&[&save, &discard, &ours]);
    let over = |row: &Row| row.wall().middle / ours.wall().middle;
    match (wait, at_once) {
        (_, 1) => {
            let more = (ours.wall().middle - discard.wall().middle) / count as f64;
            let sync = sync_time();
            let text = format!("{more:.2} ms; a sync {sync:.2} ms");
            figure("an image above asking directly", &text, "must a sync + 5 ms, goal + 3 ms");
        }
        (0, _) => {
            let text = format!("{:.2}x", over(&save));
            figure("images a second over saving directly", &text, "must 0.85x, goal 1.15x");
        }
        _ => {
            let text = format!("{:.2}x", over(&discard));
            figure("images a second over asking directly", &text, "must 0.9x, goal 0.97x");
        }
    }
    figure("its peak RSS", &format!("{peak:.1} MiB"), "must 150 MB at 64");
    println!();
}

/// Milliseconds that syncing a file of 1.5 MB takes, the middle of some.
fn sync_time() -> f64 {
    let place = tempfile::tempdir().unwrap();
    let one = |number: usize| {
        let mut file = fs::File::create(place.path().join(number.to_string())).unwrap();
        file.write_all(&vec![7; 1_500_000]).unwrap();
        let since = Instant::now();
        file.sync_all().unwrap();
        since.elapsed().as_secs_f64() * 1e3
    };
    Spread::of((0..20).map(one)).middle
}
