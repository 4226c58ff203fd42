//! Folds of made-up logs: what they add up to, and that a checkpoint changes nothing.

use std::io::Write as _;
use std::path::Path;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::checkpoint::{Stats, query_in};
use super::days::Days;
use super::measured::of_sums;
use super::projection::{Projection, Room, Sums};
use super::query::{By, Figures, Query};
use crate::error::{Billed, Kind};
use crate::fs;
use crate::money::Money;
use crate::store::Log;
use crate::store::log::{Cursors, Saved};
use crate::store::{Entry, EntryKind};

/// So much room that merging begins after a few lines.
const SMALL: Room = Room { cells: 5, routes: 3, styles: 2, tags: 2, clients: 2, open: 16_384 };

fn zone() -> TimeZone {
    TimeZone::get("Asia/Kathmandu").unwrap()
}

fn entry(e: EntryKind, attempt: &str, minute: i64) -> Entry {
    let job = attempt.rsplit_once('.').unwrap().0;
    Entry {
        t: Timestamp::from_second(1_790_000_000 + minute * 60).unwrap(),
        provider: "fal".to_owned(),
        model: "fal/flux".to_owned(),
        route: "FAL_KEY #aa via edge".to_owned(),
        estimate: Some(Money::micros(40)),
        ..Entry::new(e, "r", job, attempt)
    }
}

fn intent(attempt: &str, minute: i64) -> Entry {
    Entry { reserve: Some(Money::micros(50)), ..entry(EntryKind::Intent, attempt, minute) }
}

fn done(attempt: &str, minute: i64) -> Entry {
    Entry {
        billed: Some(Billed::Yes),
        code: "done".to_owned(),
        queued_ms: Some(10),
        generation_ms: Some(50),
        download_ms: Some(3),
        images: vec![Saved::default()],
        ..entry(EntryKind::Done, attempt, minute)
    }
}

fn ended(e: EntryKind, attempt: &str, minute: i64, kind: Kind, billed: Billed) -> Entry {
    Entry {
        kind: Some(kind),
        code: kind.code().to_owned(),
        billed: Some(billed),
        ..entry(e, attempt, minute)
    }
}

fn write(log: &Path, segment: &str, entries: &[Entry]) {
    let mut bytes = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut bytes, entry).unwrap();
        bytes.push(b'\n');
    }
    fs::open_append(&log.join(segment)).unwrap().write_all(&bytes).unwrap();
}

fn ask(log: &Path, query: &Query, room: Room) -> Figures {
    query_in(&Log::at(log), query, zone(), room, u64::MAX).unwrap()
}

fn total(entries: &[Entry]) -> Figures {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "2026-09.jsonl", entries);
    ask(home.path(), &Query::default(), Room::BOUNDED)
}

#[test]
fn outcomes_money_and_times_are_counted_apart() {
    let told = Entry { cost: Some(Money::micros(44)), ..done("r.2.1", 9) };
    let cached = Entry { code: "cached".into(), billed: Some(Billed::No), ..done("r.3.1", 9) };
    let adopted = Entry { code: "adopted".into(), billed: Some(Billed::No), ..done("r.9.1", 9) };
    let unpriced = Entry { estimate: None, ..done("r.4.1", 9) };
    let answer = total(&[
        intent("r.1.1", 0),
        done("r.1.1", 5),
        intent("r.2.1", 6),
        told,
        cached,
        adopted,
        unpriced,
        intent("r.5.1", 10),
        ended(EntryKind::Failed, "r.5.1", 11, Kind::Content, Billed::No),
        intent("r.6.1", 12),
        ended(EntryKind::Failed, "r.6.1", 13, Kind::Unusable, Billed::Yes),
        intent("r.7.1", 14),
        ended(EntryKind::Failed, "r.7.1", 15, Kind::Server, Billed::Unknown),
        intent("r.8.1", 16),
    ]);
    let counts = answer.total.counts;
    assert_eq!((counts.done, counts.images, counts.cached, counts.unpriced), (3, 3, 1, 1));
    assert_eq!((counts.refused, counts.failed), (1, 2));
    let micros = |money: Money| money.as_micros();
    assert_eq!((micros(counts.reported), micros(counts.foreseen)), (44, 40));
    assert_eq!(micros(counts.estimated), 40 + 50, "a done one's estimate, a failed one's reserve");
    assert_eq!((micros(counts.uncertain), micros(counts.saved)), (50, 40));
    assert_eq!((answer.open.0, micros(answer.open.1)), (1, 50));
    assert_eq!(counts.success(false), Some(0.5));
    let [all, queue, generation, download] = answer.total.times.map(Option::unwrap);
    assert_eq!((all.runs, all.p50, all.p99), (3, 63, 63), "the cached one has no time");
    assert_eq!((queue.p50, generation.p50, download.p50), (10, 50, 3));
}

#[test]
fn what_follows_a_failed_attempt_says_what_it_was() {
    let elsewhere = |entry: Entry| Entry {
        provider: "openai".into(),
        model: "openai/gpt".into(),
        route: "OPENAI_API_KEY #bb".into(),
        ..entry
    };
    let home = tempfile::tempdir().unwrap();
    let entries = [
        intent("r.1.1", 0),
        ended(EntryKind::Tried, "r.1.1", 1, Kind::Busy, Billed::No),
        intent("r.1.2", 2),
        ended(EntryKind::Tried, "r.1.2", 3, Kind::Server, Billed::Unknown),
        elsewhere(intent("r.1.3", 4)),
        elsewhere(done("r.1.3", 5)),
        // What could not be tried again after all ends the job, and is paid for once.
        intent("r.2.1", 6),
        ended(EntryKind::Tried, "r.2.1", 7, Kind::Server, Billed::Unknown),
        ended(EntryKind::Failed, "r.2.1", 8, Kind::Server, Billed::Unknown),
    ];
    write(home.path(), "2026-09.jsonl", &entries);
    let answer = ask(home.path(), &Query { by: By::Provider, ..Query::default() }, Room::BOUNDED);
    let of = |name: &str| answer.rows.iter().find(|row| row.name == name).unwrap().counts;
    let (fal, openai) = (of("fal"), of("openai"));
    assert_eq!((fal.retries, fal.fallbacks, fal.done, fal.failed), (1, 1, 0, 1));
    assert_eq!((openai.retries, openai.done), (0, 1));
    assert_eq!(fal.uncertain, Money::micros(100), "two attempts that may have been billed");
    assert_eq!((fal.success(true), openai.success(true)), (Some(0.0), Some(1.0)));
    assert_eq!(answer.total.counts.success(false), Some(0.5));
}

#[test]
fn groups_and_filters() {
    let made = |attempt: &str, minute, tags: &[&str], style: Option<&str>| Entry {
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        style: style.map(str::to_owned),
        ..done(attempt, minute)
    };
    let home = tempfile::tempdir().unwrap();
    let entries = [
        made("r.1.1", 0, &["shop", "autumn"], Some("noir")),
        Entry { client: Some("web".into()), ..made("r.2.1", 60 * 24, &["shop"], None) },
        made("r.3.1", 60 * 24 * 30, &[], None),
    ];
    write(home.path(), "2026-09.jsonl", &entries);
    let names = |query: &Query, room| -> Vec<(String, u64)> {
        let rows = ask(home.path(), query, room).rows;
        rows.into_iter().map(|row| (row.name, row.counts.done)).collect()
    };
    for (by, expected) in [
        (By::Tag, vec![("shop", 2), ("", 1), ("autumn", 1)]),
        (By::Style, vec![("", 2), ("noir", 1)]),
        (By::Client, vec![("", 2), ("web", 1)]),
        (By::Gateway, vec![("edge", 3)]),
        (By::Key, vec![("FAL_KEY #aa", 3)]),
        (By::Route, vec![("FAL_KEY #aa via edge", 3)]),
        (By::Day, vec![("2026-09-21", 1), ("2026-09-22", 1), ("2026-10-21", 1)]),
        (By::Week, vec![("2026-W39", 2), ("2026-W43", 1)]),
        (By::Month, vec![("2026-09", 2), ("2026-10", 1)]),
    ] {
        let query = Query { by, ..Query::default() };
        let expected: Vec<(String, u64)> =
            expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        assert_eq!(names(&query, Room::BOUNDED), expected, "{by:?}");
        assert_eq!(names(&query, SMALL), expected, "{by:?}, where there is little room");
    }
    let midnight = |day| date(2026, 9, day).to_zoned(zone()).unwrap().timestamp();
    let count = |query: &Query| ask(home.path(), query, Room::BOUNDED).total.counts.done;
    let since = |time| Query { since: Some(time), ..Query::default() };
    assert_eq!((count(&since(midnight(22))), count(&since(midnight(21)))), (2, 3));
    let exact = entries[1].t;
    assert_eq!(count(&since(exact)), 2, "a moment within a day");
    assert_eq!(count(&Query { until: Some(exact), ..Query::default() }), 1);
    assert_eq!(count(&Query { tag: Some("shop".into()), ..Query::default() }), 2);
    assert_eq!(count(&Query { model: Some("flux".into()), ..Query::default() }), 3);
    assert_eq!(count(&Query { model: Some("fal/flu".into()), ..Query::default() }), 0);
    assert_eq!(count(&Query { provider: Some("openai".into()), ..Query::default() }), 0);
    for (client, done) in [("web", 1), ("", 2), ("shop", 0)] {
        let query = Query { client: Some(client.into()), ..Query::default() };
        for room in [Room::BOUNDED, SMALL] {
            assert_eq!(ask(home.path(), &query, room).total.counts.done, done, "{client:?}");
        }
    }
}

#[test]
fn measures_are_of_the_newest_days_and_rest_on_five_runs() {
    let home = tempfile::tempdir().unwrap();
    let slow = |n: i64| Entry { generation_ms: Some(9_000), ..done(&format!("r.{n}.1"), n) };
    let quick = |n: i64| Entry {
        generation_ms: Some(40),
        cost: Some(Money::micros(80)),
        ..done(&format!("q.{n}.1"), 60 * 48 + n)
    };
    write(home.path(), "2026-09.jsonl", &(0..4).map(slow).collect::<Vec<_>>());
    let measured = |room| {
        let stats = Stats::load_in(&Log::at(home.path()), zone(), room, u64::MAX).unwrap();
        of_sums(stats.sums()).of("fal/flux").copied()
    };
    assert_eq!(measured(Room::BOUNDED), None, "four are too few");
    write(home.path(), "2026-09.jsonl", &[slow(4)]);
    assert_eq!(measured(Room::BOUNDED).unwrap().p50, 9_087, "five are enough");
    write(home.path(), "2026-09.jsonl", &(0..100).map(quick).collect::<Vec<_>>());
    let lately = measured(Room::BOUNDED).unwrap();
    assert_eq!((lately.runs, lately.p50, lately.p95), (100, 53, 53), "older days do not count");
    assert_eq!((lately.success, lately.cost), (1.0, Some(Money::micros(80))));
    assert_eq!(lately.bias, Some(2.0));
}

#[test]
fn a_checkpoint_that_does_not_fit_is_thrown_away() {
    let home = tempfile::tempdir().unwrap();
    let load = |worth| Stats::load_in(&Log::at(home.path()), zone(), Room::BOUNDED, worth).unwrap();
    let count = || load(0).sums().entries;
    write(home.path(), "2026-08.jsonl", &[done("r.1.1", 0), done("r.2.1", 0)]);
    write(home.path(), "2026-09.jsonl", &[done("r.3.1", 0)]);
    assert_eq!((count(), count()), (3, 3));
    let path = home.path().join("stats.bin");
    let good = std::fs::read(&path).unwrap();
    for rubbish in [&good[..good.len() - 1], b"{}", b"", &[&good[..], b"x"].concat()] {
        fs::write_atomic(&path, rubbish, fs::Mode::Private).unwrap();
        assert_eq!(count(), 3);
    }
    // Another zone has other days.
    let other = Stats::load_in(&Log::at(home.path()), TimeZone::UTC, Room::BOUNDED, 0).unwrap();
    assert_eq!(other.sums().entries, 3);
    assert_eq!((count(), count()), (3, 3));
    fs::remove(&home.path().join("2026-08.jsonl")).unwrap();
    assert_eq!(count(), 1, "a segment that is gone");
    fs::write_atomic(&home.path().join("2026-09.jsonl"), b"", fs::Mode::Private).unwrap();
    assert_eq!(count(), 0, "one that was cut short");
}

#[test]
fn what_the_checkpoint_keeps_is_bounded() {
    let home = tempfile::tempdir().unwrap();
    for n in 0..400i64 {
        let strange = Entry {
            route: format!("KEY #{n}"),
            style: Some(format!("style {n}")),
            tags: vec![format!("tag {n}")],
            client: Some(format!("client {n}")),
            ..done(&format!("r.{n}.1"), n * 60 * 24)
        };
        write(home.path(), "2026-09.jsonl", &[intent(&format!("o.{n}.1"), n), strange]);
    }
    let small = Room { open: 4, ..SMALL };
    let stats = Stats::load_in(&Log::at(home.path()), zone(), small, 0).unwrap();
    let (cells, open) = (stats.sums().cells().count(), stats.sums().open().count());
    // Fourteen months and the newest one's days.
    assert!(cells <= 14 + 31 && open == 4, "{cells} cells, {open} open");
    for by in [By::Tag, By::Client] {
        let rows = ask(home.path(), &Query { by, ..Query::default() }, SMALL).rows;
        assert_eq!(rows.len(), 400, "{by:?}, answered from the log itself");
    }
    assert!(std::fs::metadata(home.path().join("stats.bin")).unwrap().len() < 10_000);
}

/// One step of a made-up log.
type Step = (u8, u8, u8, i64, u8);

fn random(step: Step) -> Entry {
    let (what, attempt, way, minute, kind) = step;
    let what = [
        EntryKind::Intent,
        EntryKind::Done,
        EntryKind::Failed,
        EntryKind::Tried,
        EntryKind::Submitted,
        EntryKind::Open,
        EntryKind::Settled,
    ][usize::from(what) % 7];
    let route = way % 5;
    let kind = [Kind::Busy, Kind::Content, Kind::Server][usize::from(kind) % 3];
    Entry {
        provider: format!("p{}", route % 2),
        model: format!("p{}/m{route}", route % 2),
        route: format!("KEY #{route}{}", if route > 2 { " via \"edge\"" } else { "" }),
        style: (way % 3 > 0).then(|| format!("s{}", way % 3)),
        client: (attempt % 4 > 0).then(|| format!("c{}", attempt % 4)),
        tags: (0..way % 4).map(|tag| format!("t{tag}]")).collect(),
        prompt: "a \"fox\"\n".to_owned(),
        cost: (way % 2 == 0).then(|| Money::micros(u64::from(way))),
        reserve: (what == EntryKind::Intent).then(|| Money::micros(u64::from(attempt) + 1)),
        generation_ms: (what == EntryKind::Done).then_some(u64::from(way) * 1_000),
        code: match way {
            7 => "cached",
            8 => "adopted",
            _ => kind.code(),
        }
        .to_owned(),
        ..ended(
            what,
            &format!("r.{}.{}", attempt / 3, attempt % 3),
            minute,
            kind,
            [Billed::Yes, Billed::No, Billed::Unknown][usize::from(way % 3)],
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_checkpoint_gives_what_a_cold_fold_gives(
        steps in prop::collection::vec(
            ((0u8..7, 0u8..12, 0u8..10, -90_000i64..90_000, 0u8..3), 0u8..8),
            1..60,
        ),
        is_small in any::<bool>(),
    ) {
        let home = tempfile::tempdir().unwrap();
        let room = if is_small { SMALL } else { Room::BOUNDED };
        let third = steps.len() / 3 + 1;
        for (at, (step, then)) in steps.iter().enumerate() {
            let segment = ["2026-07.jsonl", "2026-08.jsonl", "2026-09.jsonl"][at / third];
            let entry = random(*step);
            let path = home.path().join(segment);
            match then {
                // A tail that a crash has torn, and that gets its newline from the next writer.
                0 => {
                    let line = serde_json::to_vec(&entry).unwrap();
                    let mut file = fs::open_append(&path).unwrap();
                    file.write_all(&line[..line.len() / 2]).unwrap();
                    Stats::load_in(&Log::at(home.path()), zone(), room, 0).unwrap();
                    file.write_all(b"\n").unwrap();
                }
                // An older or foreign writer: keys in another order, and one that is new.
                1 => {
                    let value: std::collections::BTreeMap<String, serde_json::Value> =
                        serde_json::from_slice(&serde_json::to_vec(&entry).unwrap()).unwrap();
                    let line = format!("{}\n", serde_json::to_string(&value).unwrap());
                    fs::open_append(&path).unwrap().write_all(line.as_bytes()).unwrap();
                }
                _ => write(home.path(), segment, &[entry]),
            }
            if *then == 2 {
                Stats::load_in(&Log::at(home.path()), zone(), room, 0).unwrap();
            }
        }
        let warm = Stats::load_in(&Log::at(home.path()), zone(), room, u64::MAX).unwrap();
        fs::remove(&home.path().join("stats.bin")).unwrap();
        let cold = Stats::load_in(&Log::at(home.path()), zone(), room, u64::MAX).unwrap();
        prop_assert_eq!(warm.sums(), cold.sums());
        // And whatever was merged: every answer is that of a fold with all the room there is.
        let since = Timestamp::from_second(1_790_000_000).unwrap() - SignedDuration::from_hours(24);
        for by in [By::Provider, By::Route, By::Tag, By::Style, By::Client, By::Day, By::Month] {
            for since in [None, Some(since)] {
                let query = Query { by, since, ..Query::default() };
                let mut bounded = ask(home.path(), &query, room);
                let mut free = ask(home.path(), &query, Room::FREE);
                // The newest days are told one by one only as far as they are apart.
                bounded.days.clear();
                free.days.clear();
                // And the providers of routes beyond the room are not known.
                bounded.providers.clear();
                free.providers.clear();
                prop_assert_eq!(bounded, free, "{:?} since {:?}", by, since);
            }
        }
    }
}

#[test]
fn lines_that_are_read_beside_are_taken_in_their_order() {
    let home = tempfile::tempdir().unwrap();
    let steps = (0..6_000u32).map(|n| {
        let part = |by: u32| (n.wrapping_mul(2_654_435_761) >> by) as u8;
        random((part(3) % 7, part(7) % 12, part(11) % 10, i64::from(part(15)) * 90, part(19) % 3))
    });
    let steps: Vec<Entry> = steps.collect();
    for some in steps.chunks(500) {
        write(home.path(), "2026-09.jsonl", some);
        // Few lines at a time are read by one thread.
        Stats::load_in(&Log::at(home.path()), zone(), Room::BOUNDED, 0).unwrap();
    }
    let one_by_one =
        Stats::load_in(&Log::at(home.path()), zone(), Room::BOUNDED, u64::MAX).unwrap();
    fs::remove(&home.path().join("stats.bin")).unwrap();
    let mut at_once = Projection::new(Sums::default(), Days::new(zone()), Room::BOUNDED);
    Log::at(home.path()).catch_up(&mut Cursors::default(), &mut at_once).unwrap();
    assert_eq!(&at_once.sums, one_by_one.sums());
    assert_eq!(at_once.sums.entries, 6_000);
}
