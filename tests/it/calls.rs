//! Every call to the system once: each call on a file of pinx's own fails in one run, is left half
//! done in another, and is the last that the process makes in a third; after `recover` and the same
//! command again nothing that was billed is lost, nothing is paid twice, and nothing was kept quiet.
//!
//! A few points of each scene are tried by default. `PINX_CALLS=all` tries all of them, and any other
//! text those whose line holds it: the line that a broken point is told with tries that point again.
//! `PINX_CALLS=list` only says which there are.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod scene;
mod table;
mod trace;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::scene::{SCENES, Scene};
use self::trace::{Blow, Point};

/// Points of each scene that are tried by default, besides these.
const FEW: usize = 1;

/// Points that were broken once.
const ONCE_BROKEN: [&str; 9] = [
    // A segment that could not be opened once: nothing was said to be open.
    "openai recover kept | open pinx/log/MONTH.jsonl 2 | Fail(5)",
    // An intent that stood in the log, and nobody sent it.
    "openai generate | fdatasync pinx/log/MONTH.jsonl 1 | Fail(5)",
    // A job of a queue that was left there because the log did not take its id.
    "fal generate | write pinx/log/MONTH.jsonl 2 | Half",
    "fal generate | fdatasync pinx/log/MONTH.jsonl 2 | Fail(5)",
    // Prompts that could not be read again: no image, and exit 0.
    "openai batch | read pinx/kept/# 5 | Fail(5)",
    // An image that stood in the place of the one that it replaced, and counted as unknown.
    "openai again | rename work/.pinx-RUN.2.1.1.part 1 | After",
    // Files that were left for ever.
    "openai recover part | write pinx/log/MONTH.jsonl 1 | After",
    "openai converted | unlink work/out/.pinx-RUN.1.1.1.part 1 | Fail(5)",
    "fal cached | write pinx/cache/images/.pinx-*.tmp 1 | After",
];

/// Points at which a scene does what no other does: a place that is taken anew, a model that is
/// remembered as missing, a second attempt.
const OWN: [&str; 15] = [
    "fal again | make work/.pinx-RUN.2.1.1.part 1 | Before",
    "fal again | write work/.pinx-RUN.2.1.1.part 1 | Torn",
    "fal again | rename work/.pinx-RUN.2.1.1.part 1 | Fail(28)",
    "fal again | rename work/.pinx-RUN.2.1.1.part 1 | Before",
    "fal again | rename work/.pinx-RUN.2.1.1.part 1 | After",
    "openai again | rename work/.pinx-RUN.2.1.1.part 1 | Before",
    "auto batch | write pinx/limits/.pinx-*.tmp 1 | Torn",
    "auto batch | rename pinx/limits/.pinx-*.tmp 1 | Fail(28)",
    "auto batch | rename pinx/limits/.pinx-*.tmp 1 | After",
    "auto batch | make work/.pinx-RUN.1.2.1.part 1 | Before",
    "auto batch | rename work/.pinx-RUN.1.2.1.part 1 | After",
    "auto batch | fdatasync pinx/log/MONTH.jsonl 2 | Fail(5)",
    "auto generate | rename pinx/limits/.pinx-*.tmp 1 | Before",
    "auto generate | fsync pinx/limits 1 | After",
    "auto generate | rename work/.pinx-RUN.1.2.1.part 1 | Fail(5)",
];

/// Points of each scene that are always tried.
fn is_always_tried(one: &str) -> bool {
    ONCE_BROKEN.contains(&one) || OWN.contains(&one)
}

/// One run that is to be tried.
struct Try {
    scene: &'static Scene,
    point: Point,
    blow: Blow,
}

impl std::fmt::Display for Try {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} | {} | {:?}", self.scene.name, self.point, self.blow)
    }
}

/// How one ended.
enum End {
    Held,
    /// The run took another way, and the call was never made.
    Missed,
}

/// Calls that only look: to die there is to die at the next that changes something.
const LOOKS: [&str; 9] =
    ["read", "pread", "readv", "lseek", "getdents", "fstat", "stat", "statfs", "readlink"];

/// Calls after which there is nothing on the disk that was not there before.
const OPENS: [&str; 3] = ["open", "flock", "lock"];

/// All that can be tried of a scene: what it calls is seen in a run in which nothing fails.
fn tries(scene: &'static Scene) -> Vec<Try> {
    let mut tries = Vec::new();
    for (point, errors) in scene.calls() {
        let fails = errors.iter().map(|error| Blow::Fail(*error));
        let halves = [Blow::Half, Blow::Torn];
        let halves = halves.into_iter().filter(|_| point.name == "write");
        let (looks, opens) = (LOOKS.contains(&&*point.name), OPENS.contains(&&*point.name));
        let ends = [(Blow::Before, looks), (Blow::After, looks || opens)];
        let ends = ends.into_iter().filter(|(_, is_idle)| !is_idle).map(|(blow, _)| blow);
        let all = fails.chain(ends).chain(halves);
        tries.extend(all.map(|blow| Try { scene, point: point.clone(), blow }));
    }
    tries
}

/// Every so many of them, so that few are left, and those that are always tried; each scene begins
/// elsewhere.
fn thinned(tries: Vec<Try>, at: usize) -> Vec<Try> {
    let step = (tries.len() / FEW).max(1);
    let first = at * 7 % step;
    let is_chosen =
        |(number, one): &(usize, Try)| number % step == first || is_always_tried(&one.to_string());
    tries.into_iter().enumerate().filter(is_chosen).map(|(_, one)| one).collect()
}

/// Whether some points of a scene are always tried.
fn has_own(scene: &str) -> bool {
    let mut all = ONCE_BROKEN.iter().chain(&OWN);
    all.any(|one| one.split(" | ").next() == Some(scene))
}

fn chosen() -> Vec<Try> {
    let wanted = std::env::var("PINX_CALLS").unwrap_or_default();
    let scenes = SCENES.iter().enumerate();
    let all = scenes.map(|(at, scene)| (at, scene, wanted.split(" | ").next().unwrap_or_default()));
    all.filter(|(_, scene, name)| !wanted.contains(" | ") || scene.name == *name)
        .flat_map(|(at, scene, _)| match wanted.as_str() {
            "" if at % 2 == 1 && !has_own(scene.name) => Vec::new(),
            "" => thinned(tries(scene), at),
            "all" | "list" => tries(scene),
            text => {
                let is_wanted = |one: &Try| one.to_string().contains(text);
                tries(scene).into_iter().filter(is_wanted).collect()
            }
        })
        .collect()
}

#[test]
fn every_call_may_fail_or_be_the_last() {
    if !trace::is_allowed() {
        println!("skipped: processes may not be traced here");
        return;
    }
    let tries = chosen();
    if std::env::var("PINX_CALLS").is_ok_and(|wanted| wanted == "list") {
        tries.iter().for_each(|one| println!("{one}"));
        return;
    }
    let (next, missed, broken) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(one) = tries.get(next.fetch_add(1, Ordering::Relaxed)) {
            let run = || one.scene.hold(&one.point, one.blow);
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                Ok(End::Held) => {}
                Ok(End::Missed) => {
                    missed.fetch_add(1, Ordering::Relaxed);
                    println!("missed: {one}");
                }
                Err(_) => {
                    println!(
                        "BROKEN: {one}; again: PINX_CALLS='{one}' cargo test --test it calls::"
                    );
                    broken.lock().unwrap().push(one.to_string());
                }
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let (missed, broken) = (missed.into_inner(), broken.into_inner().unwrap());
    println!("{} points, {missed} missed, {} broken", tries.len(), broken.len());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(missed * 10 <= tries.len(), "{missed} of {} points were missed", tries.len());
}
