//! Batches: many prompts at a provider that answers after 100 ms, beside the bare client; and very
//! many, for what a prompt takes of memory and how soon a killed batch goes on.

use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::blast::{self, Fate};
use super::measure::{Place, Row, Spread, figure, head, interleave, settle, table, used};
use super::provider::{self, Picture, Provider, TWO_MB};

/// The provider's time for an image in milliseconds.
const WAIT: u64 = 100;
/// Prompts of a batch.
const COUNT: usize = 2_000;

/// Prints the figures.
pub fn run(rounds: Option<usize>) {
    let rounds = rounds.unwrap_or(5);
    let provider = Provider::start(WAIT, TWO_MB);
    for at_once in [16, 64] {
        let mut pinx = fresh(&provider, at_once);
        let mut save = bare(&provider, at_once);
        interleave(&mut [&mut save, &mut pinx], rounds);
        println!("{COUNT} prompts, {WAIT} ms and 2 MB each, {at_once} at once; {rounds} rounds");
        head();
        table(&[&save, &pinx]);
        let ideal = COUNT.div_ceil(at_once) as f64 * WAIT as f64;
        let efficiency = |row: &Row| {
            let Spread { low, middle, high } = row.wall();
            format!(
                "{:.1}% ({:.1}–{:.1})",
                1e2 * ideal / middle,
                1e2 * ideal / high,
                1e2 * ideal / low
            )
        };
        let goal = if at_once == 16 { "must 80%, goal 90%" } else { "" };
        figure("efficiency: ceil(N/c) L / wall", &efficiency(&pinx), goal);
        figure("the same of blast", &efficiency(&save), "");
        let over = save.wall().middle / pinx.wall().middle;
        let goal = if at_once == 16 { "goal 0.98x" } else { "must 0.85x, goal 1.15x" };
        figure("images a second over blast", &format!("{over:.2}x"), goal);
        let an_image = |row: &Row| row.cpu().middle / COUNT as f64;
        let cpu = format!(
            "{:.2} / {:.2} ms = {:.2}x",
            an_image(&pinx),
            an_image(&save),
            an_image(&pinx) / an_image(&save)
        );
        figure("CPU an image over blast", &cpu, "must 2.0x, goal 1.2x");
        println!();
    }
    let requests = (2 * 2 * rounds * COUNT) as f64;
    let own = format!("{:.2} ms", provider.end() / requests);
    figure("CPU an image of the provider itself", &own, "");
}

/// A batch in a place of its own, which goes with the next one.
fn fresh(provider: &Provider, at_once: usize) -> Row {
    let address = provider.address.clone();
    let place = std::cell::RefCell::new(None);
    Row::new("pinx batch (saved, synced, logged)", move |_| {
        place.replace(None);
        settle();
        let new = Place::new(&address);
        let file = new.prompts(COUNT);
        let command = batch(&new, &file, at_once);
        place.replace(Some(new));
        command
    })
}

fn bare(provider: &Provider, at_once: usize) -> Row {
    let address = provider.address.clone();
    let place = std::cell::RefCell::new(None);
    Row::new("blast (saved)", move |_| {
        place.replace(None);
        settle();
        let new = Place::new(&address);
        let command = blast::command(&address, COUNT, at_once, Fate::Save, &new.work());
        place.replace(Some(new));
        command
    })
}

/// A batch of a file of prompts.
pub fn batch(place: &Place, file: &str, at_once: usize) -> std::process::Command {
    let at_once = at_once.to_string();
    let fixed = ["batch", file, "-m", "openai/gpt-image-2", "-y", "-q", "-o", "out/"];
    place.pinx(&[fixed.as_slice(), &["-j", &at_once]].concat())
}

/// Very many prompts.
pub fn many(_: Option<usize>) {
    const MANY: usize = 100_000;
    let provider = Provider::start(0, Picture::Plain);
    let peak = |count: usize| {
        let place = Rc::new(Place::new(&provider.address));
        let file = place.prompts(count);
        let used = used(batch(&place, &file, 64));
        println!(
            "{count} prompts: {:.1} s, {:.2} ms CPU an image, peak RSS {:.1} MiB",
            used.wall / 1e3,
            used.cpu / count as f64,
            used.peak
        );
        used.peak
    };
    let (few, all) = (peak(COUNT), peak(MANY));
    let more = (all - few) * 1024.0 / (MANY - COUNT) as f64;
    figure(
        "memory a prompt, 100,000 over 2,000",
        &format!("{more:.3} KiB"),
        "must 1 KiB, goal flat",
    );
    let place = Place::new(&provider.address);
    let file = place.prompts(MANY);
    let mut command = batch(&place, &file, 64);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    provider.seen();
    let mut before = command.spawn().unwrap();
    let mut made = 0;
    while made < MANY as u64 / 2 {
        std::thread::sleep(Duration::from_millis(20));
        made += provider.seen().0;
    }
    before.kill().unwrap();
    before.wait().unwrap();
    made += provider.seen().0;
    let (started, since) = (provider::now(), Instant::now());
    let end = command.spawn().unwrap().wait().unwrap();
    let (again, first) = provider.seen();
    made += again;
    let line = format!("{:.2} s", first.saturating_sub(started) as f64 / 1e3);
    figure("first new request after SIGKILL at half", &line, "in seconds");
    println!("the rest took {:.1} s and ended with {end}", since.elapsed().as_secs_f64());
    figure("paid requests for 100,000 prompts", &made.to_string(), "100,000: none twice");
}
