//! Limits that processes share, cooling down, several keys, and the order of equal routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::fake::fal::{self, Fal};
use crate::fake::openai::{OpenAi, error, rate_limited};
use crate::fake::{Answer, Gate, Kind};
use crate::pinx::{OPENAI_KEY, Pinx, Running, files_below};

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];
/// A second and a third key of the scripted OpenAI.
const SECOND: &str = "sk-second-0123456789abcdef";
const THIRD: &str = "sk-third-00123456789abcdef";

/// A world with a limit for OpenAI.
fn limited(fake: &OpenAi, setting: &str, value: &str) -> Pinx {
    Pinx::new().openai(fake).env(&format!("PINX_PROVIDERS_OPENAI_{setting}"), value)
}

fn two_keys(fake: &OpenAi) -> Pinx {
    Pinx::new().openai(fake).env("OPENAI_API_KEY_2", SECOND).secret(SECOND)
}

/// The keys of the paid requests so far, in order.
fn keys(fake: &OpenAi) -> Vec<String> {
    let requests = fake.requests(Kind::Images);
    let key = |header: &str| header.trim_start_matches("Bearer ").to_owned();
    requests.iter().map(|request| key(request.header("authorization").unwrap())).collect()
}

/// So many processes against six a minute: when six requests have come, no seventh does.
fn never_over(processes: usize) {
    let fake = OpenAi::start();
    let pinx = limited(&fake, "REQUESTS_PER_MINUTE", "6");
    let args = [&ARGS[..], &["-n", "7"]].concat();
    let running: Vec<Running> = (0..processes).map(|_| pinx.command(&args).spawn()).collect();
    fake.wait_for(Kind::Images, 6);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(fake.posts(), 6);
    running.iter().for_each(|one| one.signal("INT"));
    for one in running {
        one.finish().exits(130);
    }
    assert_eq!(fake.posts(), 6, "nothing more was sent");
    assert_eq!((pinx.entries("done").len(), pinx.files().len()), (6, 6));
}

#[test]
fn fault_48_two_processes_share_six_a_minute() {
    never_over(2);
}

#[test]
fn fault_48_eight_processes_share_six_a_minute() {
    never_over(8);
}

/// Sets the clock back for everything that the shared files hold: their stamps go forward.
fn set_back(pinx: &Pinx, ms: u64) {
    fn shift(value: &mut Value, ms: u64) {
        match value {
            Value::Number(number) if number.as_u64().is_some_and(|n| n > 1_000_000_000_000) => {
                *value = json!(number.as_u64().unwrap() + ms);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| shift(item, ms)),
            Value::Object(members) => members.values_mut().for_each(|item| shift(item, ms)),
            _ => {}
        }
    }
    let files = files_below(&pinx.data().join("limits"));
    let states: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    assert_eq!(states.len(), 1, "{files:?}");
    let mut state: Value = serde_json::from_slice(&std::fs::read(states[0]).unwrap()).unwrap();
    shift(&mut state, ms);
    std::fs::write(states[0], state.to_string()).unwrap();
}

#[test]
fn fault_50_a_clock_set_back_during_a_wait_neither_hurries_nor_hangs_it() {
    let fake = OpenAi::start();
    fake.answers(rate_limited().header("retry-after", "2"));
    let pinx = Pinx::new().openai(&fake);
    let running = pinx.command(&ARGS).spawn();
    fake.wait_for(Kind::Images, 1);
    std::thread::sleep(Duration::from_millis(1_000));
    set_back(&pinx, 3_600_000);
    running.finish().exits(0);
    assert_eq!(fake.posts(), 2);
    assert!(fake.gaps()[0] >= 2.0, "{:?}", fake.gaps());
}

#[test]
fn fault_50_a_clock_set_back_refills_no_limit() {
    let fake = OpenAi::start();
    let pinx = limited(&fake, "IMAGES_PER_MINUTE", "2");
    pinx.run(&[&ARGS[..], &["-n", "2"]].concat()).exits(0);
    set_back(&pinx, 3_600_000);
    let running = pinx.command(&ARGS).spawn();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(fake.posts(), 2);
    running.signal("INT");
    running.finish().exits(130);
    assert_eq!(fake.posts(), 2);
}

#[test]
fn four_processes_share_one_place_in_flight() {
    let fake = OpenAi::start();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, peak) = (Arc::clone(&now), Arc::clone(&most));
    fake.always_with(Kind::Images, move |_, usual| {
        peak.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(100));
        inside.fetch_sub(1, Ordering::SeqCst);
        usual
    });
    let pinx = limited(&fake, "IN_FLIGHT", "1");
    let args = [&ARGS[..], &["-n", "2"]].concat();
    let running: Vec<Running> = (0..4).map(|_| pinx.command(&args).spawn()).collect();
    for one in running {
        one.finish().exits(0);
    }
    assert_eq!((fake.posts(), most.load(Ordering::SeqCst)), (8, 1));
}

#[test]
fn a_killed_process_gives_its_place_back_and_keeps_its_stamp() {
    let fake = OpenAi::start();
    fake.next(Kind::Images, Answer::hang());
    let pinx =
        limited(&fake, "IN_FLIGHT", "1").env("PINX_PROVIDERS_OPENAI_REQUESTS_PER_MINUTE", "2");
    let killed = pinx.command(&ARGS).spawn();
    fake.wait_for(Kind::Images, 1);
    killed.signal("KILL");
    killed.finish();
    pinx.run(&ARGS).exits(0);
    let third = pinx.command(&ARGS).spawn();
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(fake.posts(), 2, "what was killed has been sent all the same");
    third.signal("INT");
    third.finish().exits(130);
}

#[test]
fn waiting_for_the_first_permit_takes_nothing_from_the_deadline() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    let held = gate.clone();
    fake.next_with(Kind::Images, move |_, usual| usual.behind(&held));
    let pinx = limited(&fake, "IN_FLIGHT", "1");
    let first = pinx.command(&ARGS).spawn();
    fake.wait_for(Kind::Images, 1);
    let second = pinx.command(&[&ARGS[..], &["--deadline", "3"]].concat()).spawn();
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(fake.posts(), 1);
    gate.open();
    first.finish().exits(0);
    second.finish().exits(0);
}

#[test]
fn after_a_429_one_request_goes_first() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    for _ in 0..4 {
        fake.answers(rate_limited().header("retry-after", "1").behind(&gate));
    }
    fake.next_with(Kind::Images, |_, usual| usual.after(Duration::from_millis(1_500)));
    let pinx = Pinx::new().openai(&fake).env("PINX_PROVIDERS_OPENAI_IMAGES_PER_MINUTE", "0");
    let running = pinx.command(&[&ARGS[..], &["-n", "4", "-j", "4"]].concat()).spawn();
    fake.wait_for(Kind::Images, 4);
    gate.open();
    let output = running.finish().exits(0);
    assert_eq!(fake.posts(), 8, "each was repeated once\n{output}");
    let gaps = fake.gaps();
    assert!(gaps[3] >= 0.9, "the pause was kept: {gaps:?}");
    assert!(gaps[4] >= 1.4, "the others waited for the answer of the first: {gaps:?}");
}

#[test]
fn a_learned_limit_holds_and_is_shown() {
    let fake = OpenAi::start();
    fake.next_with(Kind::Images, |_, usual| usual.header("x-ratelimit-limit-requests", "2"));
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&ARGS).exits(0);
    let running = pinx.command(&[&ARGS[..], &["-n", "2"]].concat()).spawn();
    fake.wait_for(Kind::Images, 2);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(fake.posts(), 2);
    let shown = pinx.run(&["providers", "--json"]).exits(0).json();
    let openai = shown["providers"].as_array().unwrap().iter().find(|one| one["id"] == "openai");
    let limit = &openai.unwrap()["limits"][0];
    assert_eq!((&limit["perMinute"], &limit["perMinuteSource"]), (&json!(2), &json!("learned")));
    assert_eq!(limit["sentLastMinute"], 2, "{limit}");
    assert_eq!(limit["keySource"], "OPENAI_API_KEY");
    let table = pinx.run(&["providers"]).exits(0);
    assert!(table.stdout.contains("2/min, 2 used"), "{table}");
    running.signal("INT");
    running.finish().exits(130);
}

#[test]
fn a_failing_server_is_left_alone_by_jobs_that_can_go_elsewhere() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    openai.always(Kind::Images, error(500, "server_error", "Sorry about that!"));
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell"];
    for (openai_posts, fal_posts) in [(3, 1), (5, 2), (5, 3)] {
        let output = pinx.run(&args).exits(0).says("Sorry about that");
        assert_eq!((openai.posts(), fal.posts()), (openai_posts, fal_posts), "{output}");
    }
    openai.always_with(Kind::Images, |_, usual| usual);
    pinx.run(&ARGS).exits(0);
    assert_eq!(openai.posts(), 6, "a single route is always asked");
    pinx.run(&args).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (7, 3), "and its success closes the breaker");
}

#[test]
fn when_all_routes_cool_down_the_first_ones_answer_is_reported() {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    openai.always(Kind::Images, rate_limited().header("retry-after", "120"));
    fal.always(Kind::Submit, fal::error(429, "slow down").header("retry-after", "110"));
    let pinx = Pinx::new().openai(&openai).fal(&fal);
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell"];
    pinx.run(&args).exits(1);
    let output =
        pinx.run(&args).exits(1).says("images per min").says("the provider asks to wait 1");
    assert_eq!((openai.posts(), fal.posts()), (1, 1), "nobody was asked again\n{output}");
    output.never_says("error: slow down");
}

#[test]
fn two_keys_share_the_load() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    let held = gate.clone();
    fake.always_with(Kind::Images, move |_, usual| usual.behind(&held));
    let pinx = two_keys(&fake);
    let running = pinx.command(&[&ARGS[..], &["-n", "2", "-j", "2"]].concat()).spawn();
    fake.wait_for(Kind::Images, 2);
    gate.open();
    running.finish().exits(0);
    let mut seen = keys(&fake);
    seen.sort_unstable();
    assert_eq!(seen, [SECOND, OPENAI_KEY], "the one at work is not taken for the second image");
    pinx.run(&[&ARGS[..], &["-n", "2", "-j", "1"]].concat()).exits(0);
    let mut later = keys(&fake).split_off(2);
    later.sort_unstable();
    assert_eq!(later, [SECOND, OPENAI_KEY], "one after the other they take turns");
}

#[test]
fn a_dead_key_is_dropped_for_the_run_and_named() {
    let fake = OpenAi::start();
    fake.always_with(Kind::Images, |request, usual| {
        let is_dead = request.header("authorization").unwrap().ends_with(OPENAI_KEY);
        if is_dead { error(401, "invalid_api_key", "Incorrect API key provided.") } else { usual }
    });
    let pinx = two_keys(&fake);
    let output = pinx.run(&[&ARGS[..], &["-n", "3", "-j", "1"]].concat()).exits(0);
    assert_eq!(keys(&fake), [OPENAI_KEY, SECOND, SECOND, SECOND], "{output}");
    let output = output.says("the key from OPENAI_API_KEY is dropped for this run");
    output.says("openai/gpt-image-2 with OPENAI_API_KEY failed").says("with OPENAI_API_KEY_2");
    fake.always(Kind::Images, error(401, "invalid_api_key", "Incorrect API key provided."));
    let output = pinx.run(&ARGS).exits(3).says("set another key in OPENAI_API_KEY");
    assert_eq!(fake.posts(), 6, "{output}");
}

#[test]
fn a_job_of_a_queue_is_recovered_with_the_key_that_sent_it() {
    let (fake, gate) = (Fal::start(), Gate::default());
    let held = gate.clone();
    fake.always_with(Kind::Status, move |_, usual| usual.behind(&held));
    let (first, second) = ("11111111-aaaa:1111aaaa", "22222222-bbbb:2222bbbb");
    let pinx = Pinx::new().fal(&fake).env("FAL_KEY", second).secret(first).secret(second);
    let running = pinx.command(&["generate", "a red fox", "-m", "fal/flux-schnell"]).spawn();
    fake.wait_for(Kind::Status, 1);
    running.signal("KILL");
    running.finish();
    gate.open();
    let pinx = pinx.env("FAL_KEY", first).env("FAL_KEY_2", second);
    pinx.run(&["recover"]).exits(0);
    let polls = fake.requests(Kind::Status);
    let last = polls.last().unwrap().header("authorization").unwrap();
    assert_eq!(last, format!("Key {second}"));
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
}

#[test]
fn further_keys_are_stored_listed_tested_and_removed() {
    let fake = OpenAi::start();
    let base = fake.base_url();
    let pinx = Pinx::new().env("PINX_PROVIDERS_OPENAI_BASE_URL", base).secret(SECOND).secret(THIRD);
    let set = |args: &[&str], key: &str| {
        let args = [&["keys", "set", "openai", "--stdin"], args].concat();
        pinx.command(&args).stdin(key).run()
    };
    set(&[], OPENAI_KEY).exits(0);
    set(&["--slot", "2"], SECOND).exits(0).says("openai_2").never_says("comes first");
    set(&["--slot", "1"], THIRD).exits(2).says("2 to 9");
    let list = pinx.run(&["keys", "list"]).exits(0);
    let rows: Vec<&str> = list.stdout.lines().filter(|line| line.contains("openai")).collect();
    assert!(rows.len() == 2 && rows[1].contains("openai_2 in credentials.toml"), "{list}");
    pinx.run(&[&ARGS[..], &["-n", "2", "-j", "1"]].concat()).exits(0);
    assert_eq!(keys(&fake), [OPENAI_KEY, SECOND]);
    let tested = pinx.run(&["keys", "test", "openai"]).exits(0);
    assert_eq!(tested.stdout.lines().count(), 2, "{tested}");
    fake.next(Kind::Models, error(401, "invalid_api_key", "no"));
    pinx.run(&["keys", "test", "openai"]).exits(4);
    fake.next_with(Kind::Models, |_, usual| usual);
    fake.next(Kind::Models, error(401, "invalid_api_key", "no"));
    pinx.run(&["providers", "--check"]).exits(3).says("refuses the key");
    let shown = pinx.run(&["providers"]).exits(0);
    assert!(shown.stdout.contains("openai_2 in credentials"), "{shown}");
    pinx.run(&["keys", "remove", "openai", "--slot", "2"]).exits(0);
    pinx.run(&["keys", "remove", "openai", "--slot", "2"]).exits(3).says("openai_2");
    pinx.run(&ARGS).exits(0);
    assert_eq!(keys(&fake).last().unwrap(), OPENAI_KEY);
}

/// OpenAI and fal with the same model, at these prices in dollars.
fn equal(openai_usd: &str, fal_usd: &str) -> (OpenAi, Fal, Pinx) {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    let price = |id: &str, usd: &str| {
        format!(
            "[[models]]\nid = \"{id}/gpt-image-2\"\n\
             price = {{ kind = \"image\", rows = [{{ usd = {usd} }}] }}\n"
        )
    };
    let config = price("openai", openai_usd) + &price("fal", fal_usd);
    let pinx = Pinx::new().openai(&openai).fal(&fal).config("config.toml", &config);
    (openai, fal, pinx)
}

const EQUAL: [&str; 4] = ["generate", "a red fox", "-m", "openai/gpt-image-2"];

#[test]
fn ordered_takes_equal_routes_as_written() {
    let (openai, fal, pinx) = equal("0.5", "0.01");
    pinx.run(&EQUAL).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (1, 0));
}

#[test]
fn cheapest_takes_the_least_money_and_asks_consent_for_the_most() {
    let (openai, fal, pinx) = equal("0.5", "0.01");
    let cheapest = [&EQUAL[..], &["--balance", "cheapest"]].concat();
    pinx.run(&cheapest).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (0, 1));
    pinx.run(&[&cheapest[..], &["--max-cost", "0.1"]].concat()).exits(6).says("$0.50");
    fal.always(Kind::Submit, fal::error(401, "invalid key"));
    pinx.run(&cheapest).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (1, 2), "the other one is still there");
    let (openai, fal, pinx) = equal("0.01", "0.5");
    pinx.run(&cheapest).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (1, 0));
}

#[test]
fn weighted_takes_them_in_proportion() {
    let (openai, fal, pinx) = equal("0.01", "0.01");
    let pinx = pinx
        .env("PINX_BALANCE", "weighted")
        .env("PINX_PROVIDERS_OPENAI_WEIGHT", "0")
        .env("PINX_PROVIDERS_FAL_WEIGHT", "3");
    pinx.run(&[&EQUAL[..], &["-n", "3"]].concat()).exits(0);
    assert_eq!((openai.posts(), fal.posts()), (0, 3));
    let pinx = pinx.env("PINX_PROVIDERS_OPENAI_WEIGHT", "heavy");
    pinx.run(&EQUAL).exits(2).says("PINX_PROVIDERS_OPENAI_WEIGHT").says("whole number");
}

#[test]
fn fastest_takes_the_one_that_was_faster_in_the_log() {
    for (openai_ms, fal_ms, expected) in [(9_000, 1_000, (0, 1)), (1_000, 9_000, (1, 0))] {
        let (openai, fal, pinx) = equal("0.01", "0.01");
        let mut log = String::new();
        for (provider, ms) in [("openai", openai_ms), ("fal", fal_ms)] {
            for n in 1..=5 {
                let id = format!("260101-{provider}.{n}");
                for event in ["intent", "done"] {
                    let entry = json!({
                        "v": 1, "t": "2026-01-01T10:00:00Z", "e": event, "run": "260101", "job": id,
                        "attempt": format!("{id}.1"), "provider": provider,
                        "model": format!("{provider}/gpt-image-2"), "generation_ms": ms,
                    });
                    log += &format!("{entry}\n");
                }
            }
        }
        std::fs::create_dir(pinx.data().join("log")).unwrap();
        std::fs::write(pinx.data().join("log/2026-01.jsonl"), log).unwrap();
        pinx.run(&[&EQUAL[..], &["--balance", "fastest"]].concat()).exits(0);
        assert_eq!((openai.posts(), fal.posts()), expected);
    }
    let pinx = Pinx::new();
    pinx.run(&[&EQUAL[..], &["--balance", "luckiest"]].concat()).exits(2).says("cheapest");
}

#[test]
fn one_address_or_key_does_not_cool_another_down() {
    let (here, there) = (OpenAi::start(), OpenAi::start());
    here.always(Kind::Images, rate_limited().header("retry-after", "120"));
    let pinx = Pinx::new().openai(&here).secret(SECOND);
    pinx.run(&ARGS).exits(1).says("120 s");
    pinx.run(&ARGS).exits(1);
    assert_eq!(here.posts(), 1, "it cools down");
    pinx.command(&ARGS).env("OPENAI_API_KEY", SECOND).run().exits(1);
    assert_eq!(here.posts(), 2, "another key is asked");
    let elsewhere = pinx.command(&ARGS).env("PINX_PROVIDERS_OPENAI_BASE_URL", &there.base_url());
    elsewhere.run().exits(0);
    assert_eq!((here.posts(), there.posts()), (2, 1), "so is another address");
}
