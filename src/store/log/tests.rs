//! A log of several attempts, damaged at random: what was intact is not hidden, and no budget lets
//! more through than before.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;

use super::checksum::line_of;
use super::limits::{Admitted, budgets};
use super::{ClientLimits, Entry, EntryKind, Log, Projection, SpendingLimits};
use crate::error::Billed;
use crate::fs;
use crate::money::Money;

const NOON: &str = "2026-11-22T12:00:00Z";

/// How an attempt goes on after its intent: what follows, and how it ends.
type Course = (bool, bool, usize, u64);

const ENDS: [Option<(EntryKind, Billed)>; 6] = [
    None,
    Some((EntryKind::Done, Billed::Yes)),
    Some((EntryKind::Failed, Billed::No)),
    Some((EntryKind::Failed, Billed::Unknown)),
    Some((EntryKind::Tried, Billed::Yes)),
    Some((EntryKind::Open, Billed::Unknown)),
];

/// One act of damage: where, in thousandths of the length, and what.
#[derive(Debug, Clone)]
enum Act {
    Flip(usize, Vec<u8>),
    Cut(usize, usize),
    Insert(usize, Vec<u8>),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let noise = |most| prop::collection::vec(any::<u8>(), 1..most);
    let act = prop_oneof![
        (0usize..1_000_000, noise(8)).prop_map(|(at, noise)| Act::Flip(at, noise)),
        (0usize..1_000_000, 1usize..600).prop_map(|(at, length)| Act::Cut(at, length)),
        (0usize..1_000_000, noise(40)).prop_map(|(at, noise)| Act::Insert(at, noise)),
    ];
    prop::collection::vec(act, 1..5)
}

/// The lines of attempts that go on side by side, and one behind them.
fn lines(courses: &[Course]) -> Vec<(Entry, Vec<u8>)> {
    let mut steps: BTreeMap<(usize, usize), Entry> = BTreeMap::new();
    for (at, (submitted, kept, end, micros)) in courses.iter().enumerate() {
        let (job, attempt) = (format!("261122-r.{}", at + 1), format!("261122-r.{}.1", at + 1));
        let entry = |e: EntryKind| Entry {
            t: NOON.parse().unwrap(),
            provider: "fal".to_owned(),
            model: "fal/flux-schnell".to_owned(),
            estimate: Some(Money::micros(*micros)),
            reserve: Some(Money::micros(*micros)),
            client: (at % 3 > 0).then(|| "shop".to_owned()),
            ..Entry::new(e, "261122-r", &job, &attempt)
        };
        let intent =
            Entry { prompt: "a red fox, \"quoted\"".repeat(9), ..entry(EntryKind::Intent) };
        let mut all = vec![intent];
        all.extend(submitted.then(|| entry(EntryKind::Submitted)));
        all.extend(kept.then(|| Entry { kept: Some("k".into()), ..entry(EntryKind::Kept) }));
        all.extend(ENDS[*end].map(|(e, billed)| {
            let cost = Some(Money::micros(*micros)).filter(|_| e == EntryKind::Done);
            Entry { billed: Some(billed), cost, ..entry(e) }
        }));
        let starts = at / 2;
        steps.extend(all.into_iter().enumerate().map(|(step, e)| ((starts + step, at), e)));
    }
    let last = Entry { t: NOON.parse().unwrap(), ..Entry::of_run(EntryKind::Verdict, "261122-z") };
    let entries = steps.into_values().chain([last]);
    entries
        .map(|entry| {
            let mut line = line_of(&entry).unwrap();
            line.push(b'\n');
            (entry, line)
        })
        .collect()
}

/// Does the acts, each on lines of its own, on all but the last line; answers with the bytes, and which
/// lines are as they were.
fn damaged(lines: &[(Entry, Vec<u8>)], acts: &[Act]) -> (Vec<u8>, Vec<bool>) {
    let whole: Vec<u8> = lines.iter().flat_map(|(_, line)| line.clone()).collect();
    let end = whole.len() - lines.last().unwrap().1.len();
    // Without its newline: a line is intact although that is gone.
    let mut from = 0;
    let places: Vec<Range<usize>> = lines
        .iter()
        .map(|(_, line)| {
            let place = from..from + line.len() - 1;
            from += line.len();
            place
        })
        .collect();
    let mut chosen: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
    let mut touched = vec![false; lines.len()];
    for act in acts {
        let (at, length, noise) = match act {
            Act::Flip(at, noise) => (at, noise.len(), noise.clone()),
            Act::Cut(at, length) => (at, *length, Vec::new()),
            Act::Insert(at, noise) => (at, 0, noise.clone()),
        };
        let start = at * (end - 1) / 1_000_000;
        let range = start..(start + length).min(end - 1);
        let is_in = |place: &Range<usize>| {
            (range.start < place.end && place.start < range.end)
                || (range.is_empty() && place.start < range.start && range.start < place.end)
        };
        let hit: Vec<usize> = (0..places.len()).filter(|at| is_in(&places[*at])).collect();
        let is_clear = hit.iter().all(|at| !touched[*at])
            && chosen.iter().all(|(other, _)| other.end < range.start || range.end < other.start);
        if is_clear {
            hit.iter().for_each(|at| touched[*at] = true);
            let flip = |(byte, noise): (&u8, &u8)| byte ^ noise;
            let noise = match act {
                Act::Flip(..) => whole[range.clone()].iter().zip(&noise).map(flip).collect(),
                _ => noise,
            };
            chosen.push((range, noise));
        }
    }
    chosen.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut bytes = whole;
    for (range, noise) in chosen {
        bytes.splice(range, noise).for_each(drop);
    }
    (bytes, touched.into_iter().map(|touched| !touched).collect())
}

fn write(directory: &Path, bytes: &[u8]) {
    let _ = fs::remove(&directory.join("checkpoint.json"));
    fs::write_atomic(&directory.join("2026-11.jsonl"), bytes, fs::Mode::Private).unwrap();
}

/// Which of several amounts would still be let through by budgets of several sizes.
fn admitted(directory: &Path) -> Vec<bool> {
    let projection = Projection::load(directory).unwrap();
    let mut admitted = Vec::new();
    for limit in [1, 5_000, 20_000, 100_000, 500_000, 3_000_000].map(Money::micros) {
        for amount in [1, 4_000, 90_000].map(Money::micros) {
            let intent = Entry {
                t: NOON.parse::<Timestamp>().unwrap(),
                reserve: Some(amount),
                ..Entry::new(EntryKind::Intent, "n", "n.1", "n.1.1")
            };
            for month in [false, true] {
                let limit = Some(limit);
                let limits = SpendingLimits { day: limit, ..SpendingLimits::default() };
                let limits = if month {
                    SpendingLimits { month: limit, ..SpendingLimits::default() }
                } else {
                    limits
                };
                // Of all commands together, and of the one client there is.
                let free = SpendingLimits::default();
                let client = ClientLimits { name: "shop".to_owned(), limits };
                for (all, client) in [(limits, None), (free, Some(&client))] {
                    let budgets = budgets(&all, client);
                    let (state, zone) = (projection.state(), projection.zone());
                    let admission = state.admit(&intent, &Admitted::default(), budgets, zone);
                    admitted.push(admission.is_ok());
                }
            }
        }
    }
    admitted
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::store::log::tests::cases()))]
    #[test]
    fn damage_hides_nothing_that_is_intact_and_lowers_no_budget(
        courses in prop::collection::vec((any::<bool>(), any::<bool>(), 0..ENDS.len(), 1u64..90_000), 2..7),
        acts in acts(),
    ) {
        let home = tempfile::tempdir().unwrap();
        let lines = lines(&courses);
        write(home.path(), &lines.iter().flat_map(|(_, line)| line.clone()).collect::<Vec<_>>());
        let before = admitted(home.path());
        let open_before = Projection::load(home.path()).unwrap().into_open();
        let (bytes, intact) = damaged(&lines, &acts);
        write(home.path(), &bytes);
        // What is intact is read, from either end.
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        let log = Log::at(home.path());
        log.read(|entry| forward.push(entry)).unwrap();
        let _ = log.read_backward(Timestamp::MIN, |entry| {
            backward.push(entry);
            ControlFlow::Continue(())
        })
        .unwrap();
        backward.reverse();
        prop_assert_eq!(&forward, &backward);
        for ((entry, _), _) in lines.iter().zip(&intact).filter(|(_, intact)| **intact) {
            prop_assert!(forward.contains(entry), "hidden: {:?}", entry);
        }
        // What is open, and told by an intact line, stays open.
        let open = Projection::load(home.path()).unwrap().into_open();
        for pending in open_before {
            let id = &pending.intent.attempt;
            let mut own = lines.iter().zip(&intact).filter(|((entry, _), _)| entry.attempt == *id);
            let is_told = own.any(|(_, intact)| *intact);
            let is_there = open.iter().any(|open| open.intent.attempt == *id);
            prop_assert!(!is_told || is_there, "no longer open: {}", id);
        }
        // What did not fit before does not fit now, unless whole lines are gone without a trace.
        let is_own = |line: &[u8]| lines.iter().any(|(_, own)| own.trim_ascii_end() == line);
        let mut left = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let has_no_trace = left.all(is_own);
        let after = admitted(home.path());
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(*before || !*after || has_no_trace, "a budget is lower: {:?}", after);
        }
        prop_assert!(intact.iter().all(|intact| *intact) || log.survey().is_ok());
    }
}

/// How many journals are damaged: `PINX_DAMAGE_CASES` says how many.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how often")]
fn cases() -> u32 {
    let text = std::env::var("PINX_DAMAGE_CASES").ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(48)
}
