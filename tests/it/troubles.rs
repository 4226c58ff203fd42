//! Trouble at any instant: signals, several processes under one budget, and disks that are full from
//! some byte on. What was billed is on the disk or listed, the budget holds, and the exit code is true.
//!
//! Every round is made of one seed, as those of the crash test are:
//! `PINX_ROUNDS=300 cargo test --test it troubles::` goes 300 of each.

#![cfg(target_os = "linux")]

use crate::held::{self, Dice, Provider};
use crate::moments::Moment;
use crate::pinx::{Pinx, Running};

/// A provider, and a world with a key for it.
fn world(dice: &Dice) -> (Provider, Pinx) {
    let provider =
        if dice.one_in(2) { Provider::queue(dice, 40) } else { Provider::sync(dice, 40, 3) };
    let pinx = provider.world();
    (provider, if dice.one_in(3) { pinx.env("PINX_BODY_MEMORY", "100") } else { pinx })
}

/// A command that makes one to four images, up to four at once; also how many at once.
fn args(dice: &Dice, provider: &Provider) -> (Vec<String>, usize) {
    let (count, jobs) = (1 + dice.below(4), 1 + dice.below(4) as usize);
    let line = format!("--no-fallback -m {} -n {count} -j {jobs}", provider.model());
    let words = line.split(' ').map(str::to_owned);
    (["generate", "a red fox"].map(str::to_owned).into_iter().chain(words).collect(), jobs)
}

fn start<'p>(pinx: &'p Pinx, args: &[String]) -> Running<'p> {
    pinx.command(&args.iter().map(String::as_str).collect::<Vec<_>>()).spawn()
}

#[test]
fn fault_45_signals_at_any_instant_lose_nothing() {
    held::seeds("SIGNALS", "troubles::fault_45", 6, |seed| {
        let dice = Dice::new(seed);
        let (provider, pinx) = world(&dice);
        let (args, jobs) = args(&dice, &provider);
        let signal = ["INT", "TERM", "HUP"][dice.below(3) as usize];
        let (moment, is_twice) = (Moment::of(&dice), dice.one_in(4));
        println!("pinx {} hears {signal} at {moment:?}, twice: {is_twice}", args[2..].join(" "));
        let mut running = start(&pinx, &args);
        let is_hit = moment.wait(&pinx, &provider, &mut running);
        if is_hit {
            running.signal_at_once(signal);
            if is_twice {
                std::thread::sleep(dice.millis(60));
                if running.is_running() {
                    running.signal_at_once(signal);
                }
            }
        }
        let output = running.finish();
        // A signal that comes before it is listened for ends the process at once, and one that comes
        // when everything is done changes nothing.
        let is_true = matches!(output.code, 0 | 130) || (is_hit && output.code == -1);
        assert!(is_true, "{output}");
        let died = output.code == -1 || is_twice;
        held::check(&pinx, &provider, if died { 2 * jobs } else { 0 });
    });
}

#[test]
fn fault_47_processes_under_one_budget_never_spend_more() {
    held::seeds("BUDGETS", "troubles::fault_47", 6, |seed| {
        let dice = Dice::new(seed);
        let (provider, pinx) = world(&dice);
        let most = 1 + dice.below(5);
        let limit = format!("{:.6}", (provider.price() * most) as f64 / 1e6);
        println!("{} may make {most}", provider.model());
        let pinx = pinx.env("PINX_BUDGET_DAY", limit);
        let mut all: Vec<_> =
            (0..2 + dice.below(3)).map(|_| start(&pinx, &args(&dice, &provider).0)).collect();
        if dice.one_in(2) {
            let moment = Moment::of(&dice);
            if moment.wait(&pinx, &provider, &mut all[0]) {
                all[0].signal("KILL");
            }
        }
        for running in all {
            let output = running.finish();
            assert!([-1, 0, 4, 6].contains(&output.code), "{output}");
            assert!(output.code < 4 || output.stderr.contains("budget.day"), "{output}");
        }
        let used = provider.billed() as u64;
        assert!(used <= most, "{used} of {most}");
        held::check(&pinx, &provider, usize::MAX);
        // What may have been spent stays counted.
        let last = start(&pinx, &args(&dice, &provider).0).finish();
        assert!(provider.billed() as u64 <= most, "{last}");
    });
}

/// Runs a line of shell in which the disk of a directory of the world has so many kilobytes until
/// `more`, which makes it large; what is on it at the end is in the directory afterwards. False where
/// no disk may be mounted.
fn on_small_disk(pinx: &Pinx, place: &str, kilobytes: u64, line: &str) -> Option<String> {
    let root = pinx.root().display();
    let script = format!(
        "set -e; P={root}/{place}; R={root}/real; mkdir $R; mount --bind $P $R; \
         mount -t tmpfs -o size={kilobytes}k none $P; cp -a $R/. $P/; cd {root}/work; \
         more() {{ mount -o remount,size=64m $P; }}; set +e; {line}; more; cp -a $P/. $R/; \
         umount $R; rmdir $R"
    );
    let script = script.replace('\'', "'\\''");
    let output = pinx.shell(&format!("unshare -rm sh -c '{script}'"));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_refused = told.contains("unshare:") || told.contains("mount:");
    (!is_refused).then_some(told)
}

#[test]
fn fault_46_disks_that_are_full_from_some_byte_on_lose_nothing() {
    held::seeds("DISKS", "troubles::fault_46", 6, |seed| {
        let dice = Dice::new(seed);
        let (provider, pinx) = world(&dice);
        let (args, jobs) = args(&dice, &provider);
        let pinx_line = format!("pinx generate 'a red fox' {}", args[2..].join(" "));
        let size = 4 * (1 + dice.below(30));
        let (place, is_file) = (["work", "pinx"][dice.below(2) as usize], dice.one_in(3));
        let told = if is_file {
            println!("no file is larger than {size} KiB: {pinx_line}");
            let output = pinx.shell(&format!("ulimit -f {}; {pinx_line}", 2 * size));
            assert!([0, 2, 4, 7, 75].map(Some).contains(&output.status.code()), "{output:?}");
            String::from_utf8_lossy(&output.stderr).into_owned()
        } else {
            println!("{place} has {size} KiB: {pinx_line}");
            let Some(told) = on_small_disk(&pinx, place, size, &pinx_line) else {
                println!("skipped: no disk may be mounted here");
                return;
            };
            told
        };
        println!("{told}");
        // Where no file may be long enough, an image that comes but once has no place anywhere.
        held::check(&pinx, &provider, if is_file { 2 * jobs } else { 0 });
    });
}
