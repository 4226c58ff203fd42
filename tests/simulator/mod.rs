//! Whole programs in a simulated machine: several runs and restarts over one home, scripted providers, a
//! disk that refuses, processes that die and a power that fails between any two steps; then recovery,
//! and the same command again.
//!
//! A seed is a course of each kind: of anything, of images that are made again, of models that are
//! missing, of images that are made from others. `PINX_SIM_SEED=7 cargo test --lib simulator` plays one of each and prints all that
//! happened, `PINX_SIM_SEEDS=100000` plays so many, from `PINX_SIM_FIRST` on. It is a part of the unit tests, and not of `tests/it`,
//! because what it puts in the place of the machine is not compiled into the program.

#[cfg(target_os = "linux")]
mod check;
#[cfg(target_os = "linux")]
mod course;
#[cfg(target_os = "linux")]
mod dead_end;
#[cfg(target_os = "linux")]
mod dice;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod edits;
#[cfg(target_os = "linux")]
#[path = "../it/pinx/ends.rs"]
mod ends;
#[cfg(target_os = "linux")]
mod ledger;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod mishap;
#[cfg(target_os = "linux")]
mod providers;
#[cfg(target_os = "linux")]
mod remake;
#[cfg(target_os = "linux")]
mod storage;
#[cfg(target_os = "linux")]
mod streams;
#[cfg(target_os = "linux")]
mod trace;
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nothing is simulated there"))]
pub(crate) mod world;

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the environment says which courses are played")]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::Path;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::course::Outcome;
    use super::{course, dead_end, edits, remake};

    /// Courses of anything that are played unless the environment says otherwise.
    const USUAL: u64 = 2_000;
    /// Of one kind, of which every course is to the point.
    const DIRECTED: u64 = 100;

    /// How a kind of course is played.
    type Play = fn(&Path, u64, bool) -> Outcome;

    fn number(name: &str) -> Option<u64> {
        std::env::var(name).ok()?.parse().ok()
    }

    /// In memory, where there is a place for it.
    fn place() -> tempfile::TempDir {
        let memory = Path::new("/dev/shm");
        let place = tempfile::Builder::new().prefix("pinx-").tempdir_in(memory);
        place.or_else(|_| tempfile::tempdir()).unwrap()
    }

    fn play(kind: Play, seed: u64, is_traced: bool) -> Outcome {
        let place = place();
        kind(&place.path().canonicalize().unwrap(), seed, is_traced)
    }

    /// What is wrong with a course, with all that happened where it was traced.
    fn verdict(kind: Play, seed: u64, is_traced: bool) -> Option<String> {
        match catch_unwind(AssertUnwindSafe(|| play(kind, seed, is_traced))) {
            Ok(outcome) if outcome.wrong.is_empty() => None,
            Ok(Outcome { wrong, trace, .. }) => {
                let trace = if is_traced { trace.join("\n") + "\n" } else { String::new() };
                Some(format!("{trace}{}", wrong.join("\n")))
            }
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or(panic.downcast_ref::<&str>().copied());
                Some(format!("it panicked: {}", text.unwrap_or_default()))
            }
        }
    }

    #[test]
    fn every_course_keeps_what_was_paid_for() {
        all(course::play, USUAL);
    }

    #[test]
    fn what_is_made_again_takes_its_own_place_and_no_other() {
        all(remake::play, DIRECTED);
    }

    #[test]
    fn a_model_that_is_missing_costs_nothing_and_is_passed_over() {
        all(dead_end::play, DIRECTED);
    }

    #[test]
    fn where_every_model_was_said_to_be_missing_they_are_asked_in_their_order() {
        assert_eq!(verdict(dead_end::play, 338, false), None);
    }

    #[test]
    fn a_picture_that_is_sent_along_is_never_paid_for_and_goes_when_nobody_needs_it() {
        all(edits::play, DIRECTED);
    }

    /// Plays courses of a kind.
    fn all(kind: Play, usual: u64) {
        if let Some(seed) = number("PINX_SIM_SEED") {
            if let Some(told) = verdict(kind, seed, true) {
                panic!("{told}");
            }
            return;
        }
        let (first, count) =
            (number("PINX_SIM_FIRST").unwrap_or(1), number("PINX_SIM_SEEDS").unwrap_or(usual));
        let (next, failed) = (AtomicU64::new(first), Mutex::new(Vec::new()));
        let work = || loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count || failed.lock().unwrap().len() >= 20 {
                return;
            }
            if let Some(told) = verdict(kind, seed, false) {
                failed.lock().unwrap().push((seed, told));
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(work);
            scope.spawn(work);
        });
        let mut failed = failed.into_inner().unwrap();
        failed.sort();
        let told = failed.iter().map(|(seed, told)| format!("seed {seed}:\n{told}\n"));
        let told: String = told.collect();
        let again = "again, with all that happens: PINX_SIM_SEED=n cargo test --lib simulator";
        assert!(failed.is_empty(), "{told}{again}");
    }

    #[test]
    fn a_seed_is_always_the_same_course() {
        let kinds: [(Play, u64); 4] =
            [(course::play, 12), (remake::play, 2), (dead_end::play, 2), (edits::play, 2)];
        for (kind, seed) in kinds.iter().flat_map(|(kind, most)| (1..=*most).map(|s| (*kind, s))) {
            let (one, two) = (play(kind, seed, true), play(kind, seed, true));
            let differs = one.trace.iter().zip(&two.trace).position(|(one, two)| one != two);
            let told = differs.map(|at| (&one.trace[at.saturating_sub(3)..=at], &two.trace[at]));
            assert_eq!((one.hash, one.steps), (two.hash, two.steps), "seed {seed}: {told:#?}");
        }
    }
}
