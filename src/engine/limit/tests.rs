//! Tests of limits: several `Limits` on one directory stand for several processes, and the clock is
//! the test's.

use std::sync::atomic::AtomicU64;

use proptest::prelude::*;

use super::bucket::{BREAK_AFTER, WINDOW};
use super::*;

const MINUTE: u64 = 60_000;

/// A clock, a directory, and so many processes.
struct Lab {
    now: Arc<AtomicU64>,
    processes: Vec<Limits>,
    home: tempfile::TempDir,
}

impl Lab {
    fn new(processes: usize) -> Lab {
        let (home, now) = (tempfile::tempdir().unwrap(), Arc::new(AtomicU64::new(1_000_000_000)));
        let process = |_| {
            let now = Arc::clone(&now);
            Limits::with_clock(Some(&home.path().join("limits")), move || {
                now.load(Ordering::SeqCst)
            })
        };
        Lab { processes: (0..processes).map(process).collect(), now, home }
    }

    fn pass(&self, ms: u64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }
}

fn origin(rate: Option<u32>, in_flight: Option<u32>) -> Origin {
    let rules = Rules { requests: rate, images: None, in_flight };
    Origin { name: "openai#1a2b3c".to_owned(), provider: "openai".to_owned(), rules }
}

fn go(limits: &Limits, origin: &Origin) -> Option<Permit> {
    match limits.ask(origin, HasFallback::No) {
        Admission::Go(permit) => Some(permit),
        _ => None,
    }
}

fn waits(asked: &Admission) -> Option<(u64, &str)> {
    match asked {
        Admission::Wait { wait, why, .. } => {
            Some((wait.as_millis() as u64, why.as_deref().unwrap_or_default()))
        }
        _ => None,
    }
}

fn fails(limits: &Limits, origin: &Origin, permit: Permit, kind: Kind, wait: u64) {
    let error = Error::new(kind, format!("it says {}", kind.code()));
    let wait = Duration::from_millis(wait);
    limits.ended(origin, permit, Some(&FailedRequest { error, unsent: false, wait }));
}

#[test]
fn a_trial_says_nothing_about_a_pause_that_began_after_it_left() {
    let (lab, free) = (Lab::new(1), origin(None, None));
    let limits = &lab.processes[0];
    let (first, late) = (go(limits, &free).unwrap(), go(limits, &free).unwrap());
    fails(limits, &free, first, Kind::Busy, 1_500);
    lab.pass(1_501);
    let trial = go(limits, &free).unwrap();
    lab.pass(1);
    fails(limits, &free, late, Kind::Busy, 30_000);
    limits.ended(&free, trial, None);
    assert!(matches!(limits.ask(&free, HasFallback::No), Admission::Cooling(..)));
}

#[test]
fn the_time_is_read_while_nobody_else_can_change_the_state() {
    let home = tempfile::tempdir().unwrap();
    let free = origin(None, None);
    let state = Files::new(home.path(), &free.name).bucket();
    let was_held = Arc::new(AtomicBool::new(false));
    let held = Arc::clone(&was_held);
    let clock = move || {
        held.store(LockedBucket::open(&state).unwrap().is_none(), Ordering::SeqCst);
        1_000_000_000
    };
    // A pause that began after the time was read would seem to lie ahead, and be cut short.
    assert!(go(&Limits::with_clock(Some(home.path()), clock), &free).is_some());
    assert!(was_held.load(Ordering::SeqCst));
}

#[test]
fn processes_share_the_limit_and_are_told_how_long_to_wait() {
    let lab = Lab::new(2);
    let six = origin(Some(6), None);
    for n in 0..6 {
        assert!(go(&lab.processes[n % 2], &six).is_some(), "{n}");
        lab.pass(1_000);
    }
    let asked = lab.processes[1].ask(&six, HasFallback::No);
    assert_eq!(waits(&asked), Some((WINDOW - 6_000, "the rate limit of openai (6 a minute)")));
    lab.pass(WINDOW - 6_001);
    assert!(go(&lab.processes[0], &six).is_none());
    lab.pass(1);
    assert!(go(&lab.processes[0], &six).is_some());
    assert!(go(&lab.processes[1], &six).is_none(), "one place was free, not two");
}

#[test]
fn fault_50_a_clock_set_back_refills_nothing_and_stalls_for_a_minute_at_most() {
    let lab = Lab::new(2);
    let two = origin(Some(2), None);
    assert!(go(&lab.processes[0], &two).is_some() && go(&lab.processes[0], &two).is_some());
    lab.pass(MINUTE / 2);
    lab.now.fetch_sub(24 * 60 * MINUTE, Ordering::SeqCst);
    let asked = lab.processes[1].ask(&two, HasFallback::No);
    assert_eq!(waits(&asked).map(|(wait, _)| wait), Some(WINDOW), "a day back, a minute longer");
    lab.pass(WINDOW);
    assert!(go(&lab.processes[1], &two).is_some());
}

#[test]
fn requests_in_flight_are_places_that_end_with_their_permit() {
    let lab = Lab::new(2);
    let one = origin(None, Some(1));
    let permit = go(&lab.processes[0], &one).unwrap();
    let asked = lab.processes[1].ask(&one, HasFallback::No);
    assert_eq!(waits(&asked).map(|(_, why)| why), Some("a free place at openai (1 at once)"));
    assert_eq!(lab.processes[1].view(&one).in_flight, 1);
    lab.processes[0].ended(&one, permit, None);
    assert!(go(&lab.processes[1], &one).is_some());
    assert_eq!(lab.processes[1].view(&one).in_flight, 0);
}

#[test]
fn what_was_never_sent_is_not_counted() {
    let lab = Lab::new(1);
    let (limits, one) = (&lab.processes[0], origin(Some(1), None));
    let permit = go(limits, &one).unwrap();
    fails(limits, &one, permit, Kind::NotSent, 0);
    let permit = go(limits, &one).unwrap();
    fails(limits, &one, permit, Kind::Ambiguous, 0);
    assert!(go(limits, &one).is_none(), "this one may have arrived");
}

#[test]
fn a_429_cools_all_processes_and_one_request_tries_it_out() {
    let lab = Lab::new(2);
    let free = origin(None, None);
    let permit = go(&lab.processes[0], &free).unwrap();
    fails(&lab.processes[0], &free, permit, Kind::Busy, 2_000);
    for limits in &lab.processes {
        let Admission::Cooling(left, error) = limits.ask(&free, HasFallback::No) else { panic!() };
        assert_eq!((left, error.message.as_str()), (Duration::from_secs(2), "it says busy"));
    }
    lab.pass(2_000);
    let half_open = go(&lab.processes[1], &free).expect("the first one may try");
    let asked = lab.processes[0].ask(&free, HasFallback::No);
    assert_eq!(waits(&asked).map(|(_, why)| why), Some("another image, which tries out openai"));
    fails(&lab.processes[1], &free, half_open, Kind::Busy, 1_000);
    assert!(
        matches!(lab.processes[0].ask(&free, HasFallback::No), Admission::Cooling(..)),
        "not yet"
    );
    lab.pass(1_000);
    let half_open = go(&lab.processes[0], &free).unwrap();
    lab.processes[0].ended(&free, half_open, None);
    assert!(go(&lab.processes[1], &free).is_some() && go(&lab.processes[0], &free).is_some());
}

#[test]
fn a_trial_that_is_worked_on_was_let_in_and_one_that_died_is_replaced() {
    let lab = Lab::new(2);
    let free = origin(None, None);
    let permit = go(&lab.processes[0], &free).unwrap();
    fails(&lab.processes[0], &free, permit, Kind::Busy, 1_000);
    lab.pass(1_000);
    let killed = go(&lab.processes[0], &free).unwrap();
    drop(killed);
    let half_open = go(&lab.processes[1], &free).expect("the lock of a dead process is free");
    lab.pass(4_900);
    assert!(go(&lab.processes[0], &free).is_none());
    lab.pass(200);
    assert!(go(&lab.processes[0], &free).is_some(), "a refusal would have come long ago");
    drop(half_open);
}

#[test]
fn a_success_from_before_the_429_does_not_end_the_cooldown() {
    let lab = Lab::new(1);
    let (limits, free) = (&lab.processes[0], origin(None, None));
    let (early, late) = (go(limits, &free).unwrap(), go(limits, &free).unwrap());
    fails(limits, &free, late, Kind::Busy, 5_000);
    limits.ended(&free, early, None);
    assert!(matches!(limits.ask(&free, HasFallback::No), Admission::Cooling(..)));
}

#[test]
fn a_server_that_fails_again_and_again_is_left_alone_by_those_who_can_go_elsewhere() {
    let lab = Lab::new(2);
    let free = origin(None, None);
    for n in 0..BREAK_AFTER {
        assert!(matches!(lab.processes[0].ask(&free, HasFallback::Yes), Admission::Go(_)), "{n}");
        let permit = go(&lab.processes[1], &free).unwrap();
        fails(&lab.processes[1], &free, permit, Kind::Server, 0);
    }
    let Admission::Broken(error) = lab.processes[0].ask(&free, HasFallback::Yes) else { panic!() };
    assert_eq!((error.kind, error.message.as_str()), (Kind::Server, "it says server_error"));
    let single = go(&lab.processes[0], &free).expect("a single route is never blocked");
    drop(single);
    lab.pass(30_000);
    let Admission::Go(half_open) = lab.processes[0].ask(&free, HasFallback::Yes) else { panic!() };
    assert!(
        matches!(lab.processes[1].ask(&free, HasFallback::Yes), Admission::Broken(_)),
        "half open"
    );
    lab.processes[0].ended(&free, half_open, None);
    assert!(matches!(lab.processes[1].ask(&free, HasFallback::Yes), Admission::Go(_)), "closed");
}

#[test]
fn what_a_provider_says_is_learned_and_shared() {
    let lab = Lab::new(2);
    let open = origin(None, None);
    let permit = go(&lab.processes[0], &open).unwrap();
    let error = Error::new(Kind::Busy, "Rate limit reached on images per min: Limit 3, Used 3");
    let wait = Duration::from_millis(10);
    let failure = FailedRequest { error, unsent: false, wait };
    lab.processes[0].ended(&open, permit, Some(&failure));
    assert_eq!(lab.processes[1].view(&open).rate, Some((3, LimitOrigin::Learned)));
    let headers = [("x-ratelimit-limit-requests", "2"), ("x-ratelimit-remaining-requests", "0")];
    let mut headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    headers.push(("x-ratelimit-reset-requests".to_owned(), "20s".to_owned()));
    lab.processes[1].learn(&open, &headers);
    assert_eq!(lab.processes[0].view(&open).rate, Some((2, LimitOrigin::Learned)));
    lab.pass(10);
    let asked = lab.processes[0].ask(&open, HasFallback::No);
    assert_eq!(waits(&asked), Some((19_990, "the rate limit of openai")));
    lab.pass(19_990);
    assert!(go(&lab.processes[0], &open).is_some());
}

#[test]
fn the_key_that_can_send_and_has_least_to_do_comes_first() {
    let lab = Lab::new(1);
    let limits = &lab.processes[0];
    let other = Origin { name: "openai#ffffff".to_owned(), ..origin(Some(2), None) };
    let mine = origin(Some(2), None);
    assert_eq!(limits.load(&mine), limits.load(&other));
    let _held = go(limits, &mine).unwrap();
    assert!(limits.load(&other) < limits.load(&mine), "it has one in flight less");
    drop(go(limits, &other).unwrap());
    assert!(limits.load(&other) < limits.load(&mine), "sent is not in flight");
    drop(go(limits, &other).unwrap());
    assert!(limits.load(&mine) < limits.load(&other), "its limit is used up");
}

#[test]
fn where_nothing_can_be_written_this_process_is_polite_on_its_own() {
    let lab = Lab::new(0);
    let file = lab.home.path().join("file");
    fs::write_atomic(&file, b"in the way", fs::Mode::Private).unwrap();
    let now = Arc::clone(&lab.now);
    let limits = Limits::with_clock(Some(&file.join("limits")), move || now.load(Ordering::SeqCst));
    let two = origin(Some(2), Some(1));
    let permit = go(&limits, &two).unwrap();
    assert!(go(&limits, &two).is_none(), "one at once");
    fails(&limits, &two, permit, Kind::Busy, 1_000);
    assert!(matches!(limits.ask(&two, HasFallback::No), Admission::Cooling(..)));
    lab.pass(1_000);
    let half_open = go(&limits, &two).unwrap();
    limits.ended(&two, half_open, None);
    assert!(waits(&limits.ask(&two, HasFallback::No)).is_some(), "two a minute");
    assert_eq!(limits.view(&two).recent, 0, "showing looks at the shared state only");
}

#[test]
fn a_key_that_was_refused_is_asked_again_after_five_minutes_and_another_one_at_once() {
    let lab = Lab::new(1);
    let (limits, mine) = (&lab.processes[0], origin(None, None));
    assert!(limits.disabled(&mine).is_none());
    limits.disable_key(&mine, &Error::new(Kind::Account, "gone"));
    assert_eq!(limits.disabled(&mine).unwrap().message, "gone");
    let changed = Origin { name: "openai#9z8y7x".to_owned(), ..mine.clone() };
    assert!(limits.disabled(&changed).is_none());
    lab.pass(5 * MINUTE - 1);
    assert!(limits.disabled(&mine).is_some());
    lab.pass(1);
    assert!(limits.disabled(&mine).is_none());
}

/// What happens next: which process asks, how much time has passed, how far the clock is set back.
fn steps() -> impl Strategy<Value = Vec<(usize, u64, u64)>> {
    let back = prop_oneof![9 => Just(0), 1 => 1..200_000_u64];
    prop::collection::vec((0..3_usize, 0..15_000_u64, back), 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn never_more_than_the_limit_in_any_minute(rate in 1..7_u32, steps in steps()) {
        let lab = Lab::new(3);
        let limited = origin(Some(rate), None);
        let (mut true_time, mut sent) = (0_u64, Vec::new());
        for (process, pause, back) in steps {
            true_time += pause;
            lab.pass(pause);
            lab.now.fetch_sub(back, Ordering::SeqCst);
            if go(&lab.processes[process], &limited).is_some() {
                sent.push(true_time);
            }
        }
        for window in sent.windows(rate as usize + 1) {
            prop_assert!(window[rate as usize] - window[0] >= MINUTE, "{window:?} at {rate}");
        }
        // However the clock went, nothing stalls for longer than a window.
        drop(go(&lab.processes[0], &limited));
        lab.pass(WINDOW);
        prop_assert!(go(&lab.processes[1], &limited).is_some());
    }
}

#[test]
fn a_key_whose_state_somebody_else_has_for_a_moment_is_not_taken_for_a_free_one() {
    let lab = Lab::new(1);
    let limits = &lab.processes[0];
    let [cooling, free] = ["openai#1a2b3c", "openai#4d5e6f"]
        .map(|name| (false, Origin { name: name.to_owned(), ..origin(None, None) }));
    let permit = go(limits, &cooling.1).unwrap();
    fails(limits, &cooling.1, permit, Kind::Busy, MINUTE);
    let files = limits.files(&cooling.1).unwrap();
    let held = LockedBucket::open(&files.bucket()).unwrap().unwrap();
    let holder = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(40));
        drop(held);
    });
    let (chosen, _coming) = limits.choose(&[cooling, free]).unwrap();
    assert_eq!(chosen, 1, "the other cools down");
    holder.join().unwrap();
}
