//! Several homes over one directory, as on machines that share a disk: what one has claimed no other
//! pays for, whenever a process dies.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::batch::{MODEL, images, world};
use crate::fake::openai::{OpenAi, refused};
use crate::fake::{Answer, Gate, Kind};
use crate::pinx::{Call, Output, Pinx};

/// A batch of one of the homes, by its number.
fn of<'p>(pinx: &'p Pinx, home: usize, more: &[&str]) -> Call<'p> {
    let call = pinx.command(&[&["batch", "p.txt", "-o", "out/"], more, &MODEL].concat());
    call.env("PINX_HOME", &home_of(pinx, home).display().to_string())
}

fn home_of(pinx: &Pinx, home: usize) -> PathBuf {
    pinx.data().join(format!("home-{home}"))
}

fn recover(pinx: &Pinx, home: usize, more: &[&str]) -> Output {
    let call = pinx.command(&[&["recover"], more].concat());
    let call = call.env("PINX_OUTPUT", "out/");
    call.env("PINX_HOME", &home_of(pinx, home).display().to_string()).run()
}

/// The claims that are there, each by the name of its file.
fn claims(pinx: &Pinx) -> Vec<(PathBuf, Value)> {
    let listing = fs::read_dir(pinx.work().join("out/.pinx/claims")).unwrap();
    let paths = listing.map(|entry| entry.unwrap().path());
    let claims = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
    claims
        .map(|path| (path.clone(), serde_json::from_slice(&fs::read(path).unwrap()).unwrap()))
        .collect()
}

fn states(pinx: &Pinx) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    for (_, claim) in claims(pinx) {
        *states.entry(claim["state"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    states
}

/// How often each prompt was paid for.
fn sent(fake: &OpenAi) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for request in fake.requests(Kind::Images) {
        *sent.entry(request.json["prompt"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    sent
}

/// What a home's own log shows as open.
fn open(pinx: &Pinx, home: usize) -> usize {
    let document = recover(pinx, home, &["--list", "--json"]).json();
    document["attempts"].as_array().unwrap().len()
}

#[test]
fn fault_80_shards_of_two_homes_killed_at_any_instant_pay_for_nothing_twice() {
    const JOBS: usize = 12;
    for seed in [3_u64, 11] {
        let fake = OpenAi::start();
        fake.always_with(Kind::Images, move |request, usual| {
            let length = request.json["prompt"].as_str().unwrap().len() as u64;
            usual.after(Duration::from_millis(20 + (length * seed * 13) % 60))
        });
        let pinx = world(&fake, JOBS);
        for round in 0..4 {
            let shards = ["1/2", "2/2"];
            let both =
                [0, 1].map(|home| of(&pinx, home, &["--shard", shards[home], "-j", "2"]).spawn());
            std::thread::sleep(Duration::from_millis(60 + (round * 97 + seed * 31) % 160));
            for running in both {
                running.signal("KILL");
                running.finish();
            }
        }
        for (home, shard) in [(0, "1/2"), (1, "2/2")] {
            // The other home's dead processes may have left part files.
            let output = of(&pinx, home, &["--shard", shard]).spawn().finish();
            assert!([0, 75].contains(&output.code), "{output}");
        }
        let open = open(&pinx, 0) + open(&pinx, 1);
        assert!(sent(&fake).values().all(|count| *count == 1), "paid twice: {:?}", sent(&fake));
        assert_eq!(images(&pinx) + open, JOBS, "every job is there or known to be open");
        assert!(fake.posts() <= images(&pinx) + open && fake.posts() >= images(&pinx));
        // What this home knows nothing of stays as it is, and nothing is sent for it.
        let before = fake.posts();
        let output = of(&pinx, 2, &["--claim"]).run();
        assert_eq!(
            (fake.posts(), output.code),
            (before, if open == 0 { 0 } else { 75 }),
            "{output}"
        );
        assert_eq!(output.stdout.lines().count(), images(&pinx), "{output}");
    }
}

#[test]
fn fault_80_two_homes_that_run_the_whole_file_share_it() {
    const JOBS: usize = 10;
    let fake = OpenAi::start();
    fake.always_with(Kind::Images, |_, usual| usual.after(Duration::from_millis(40)));
    let pinx = world(&fake, JOBS);
    let both = [0, 1].map(|home| of(&pinx, home, &["--claim", "-j", "2"]).spawn());
    let [one, other] = both.map(|running| running.finish());
    for output in [&one, &other] {
        assert!([0, 75].contains(&output.code), "{output}");
    }
    assert_eq!((fake.posts(), images(&pinx)), (JOBS, JOBS), "{one}\n{other}");
    assert_eq!(states(&pinx), BTreeMap::from([("done".to_owned(), JOBS)]));
    for home in [0, 1] {
        let again = of(&pinx, home, &["--claim"]).run().exits(0);
        assert_eq!(again.stdout.lines().count(), JOBS, "{again}");
    }
    assert_eq!(fake.posts(), JOBS);
    let (_, claim) = claims(&pinx).remove(0);
    for key in ["run", "attempt", "machine", "t", "path", "sha256", "cost"] {
        assert!(!claim[key].is_null(), "{key}: {claim}");
    }
}

#[test]
fn what_was_at_work_elsewhere_is_looked_at_again_at_the_end() {
    let fake = OpenAi::start();
    let gates = [Gate::default(), Gate::default()];
    let held = gates.clone();
    fake.always_with(Kind::Images, move |request, usual| {
        let is_first = request.json["prompt"] == "fox number 1";
        usual.behind(&held[usize::from(!is_first)])
    });
    let pinx = world(&fake, 2);
    let one = of(&pinx, 0, &["--claim", "--only", "1"]).spawn();
    fake.wait_for(Kind::Images, 1);
    let other = of(&pinx, 1, &["--claim"]).spawn();
    fake.wait_for(Kind::Images, 2);
    // A third has nothing to do, and does not wait.
    let output = of(&pinx, 2, &["--claim", "--json"]).run().exits(75).says("2 at work elsewhere");
    let document = output.json();
    assert_eq!(document["jobs"][0]["reason"], "at work elsewhere");
    gates[0].open();
    one.finish().exits(0).prints(&["out/001-fox-number-1.png"]);
    gates[1].open();
    let names = ["out/002-fox-number-2.png", "out/001-fox-number-1.png"];
    other.finish().exits(0).prints(&names).says("1  adopted");
    assert_eq!(fake.posts(), 2);
}

#[test]
fn failures_free_a_claim_and_unknown_outcomes_keep_it() {
    let fake = OpenAi::start();
    fake.always_with(Kind::Images, |request, usual| {
        match request.json["prompt"].as_str().unwrap() {
            "fox number 1" => refused(),
            "fox number 2" => Answer::dropped(),
            "fox number 3" => Answer::json(200, &serde_json::json!({ "data": [] })),
            _ => usual,
        }
    });
    let pinx = world(&fake, 4);
    of(&pinx, 0, &["--claim"]).run().exits(75);
    let words = ["done", "failed", "working"].map(|word| (word.to_owned(), 1));
    assert_eq!(states(&pinx), BTreeMap::from(words), "the refused one is free");
    // Another home sends what is free, and only that.
    let output = of(&pinx, 1, &["--claim"]).run().exits(75);
    let output = output.says("1 at work elsewhere").says("1  adopted").says("1  failed before");
    assert_eq!(sent(&fake)["fox number 1"], 2, "{output}");
    assert_eq!(fake.posts(), 5);
    // Its worker is gone: only the user frees it.
    let told = recover(&pinx, 1, &[]).exits(75).says("begun on").says("--forget");
    let id =
        claims(&pinx).iter().find(|(_, claim)| claim["state"] == "working").unwrap().1["attempt"]
            .as_str()
            .unwrap()
            .to_owned();
    assert!(told.stderr.contains(&id), "{told}");
    let listed = recover(&pinx, 1, &["--list", "--json"]).exits(75).json();
    assert_eq!(
        (&listed["claims"][0]["id"], &listed["open"]),
        (&Value::from(id.as_str()), &1.into())
    );
    recover(&pinx, 1, &["--forget", &id, "nobody"]).exits(2).says("`nobody`");
    assert!(states(&pinx).contains_key("working"), "all or none");
    let freed = recover(&pinx, 1, &["--forget", &id, &id, "--json"]).exits(0).json();
    assert_eq!(freed["freed"], serde_json::json!([id]), "{freed}");
    recover(&pinx, 1, &["--forget", &id]).exits(2).says("nothing open begins with");
    recover(&pinx, 1, &[]).exits(0);
    fake.always_with(Kind::Images, |_, usual| usual);
    of(&pinx, 1, &["--claim", "--retry-failed"]).run().exits(0);
    assert_eq!((fake.posts(), images(&pinx)), (8, 4));
    assert_eq!(states(&pinx), BTreeMap::from([("done".to_owned(), 4)]));
}

#[test]
fn a_claim_without_an_intent_is_free_once_its_own_home_says_so() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 2);
    of(&pinx, 0, &["--claim", "--limit", "1"]).run().exits(0);
    // As if that home's process had died between its claim on the other and its intent.
    let planned = of(&pinx, 1, &["--claim", "--only", "2"]);
    fake.answers(Answer::dropped());
    planned.run().exits(75);
    let (path, mut claim) =
        claims(&pinx).into_iter().find(|(_, claim)| claim["state"] == "working").unwrap();
    let own = claims(&pinx).into_iter().find(|(_, claim)| claim["state"] == "done").unwrap().1;
    claim["home"] = own["home"].clone();
    claim["run"] = "261101-aaaaaaaa".into();
    claim["job"] = "261101-aaaaaaaa.2".into();
    claim["attempt"] = "261101-aaaaaaaa.2.1".into();
    let write = || fs::write(&path, claim.to_string()).unwrap();
    write();
    let posts = fake.posts();
    of(&pinx, 2, &["--claim"]).run().exits(75).says("1 at work elsewhere");
    recover(&pinx, 2, &[]).exits(75);
    assert_eq!(fake.posts(), posts);
    recover(&pinx, 0, &[]).exits(0);
    assert!(!path.exists(), "its home has freed it");
    write();
    of(&pinx, 0, &["--claim"]).run().exits(0);
    assert_eq!((fake.posts(), images(&pinx)), (posts + 1, 2));
}

#[test]
fn of_two_equal_jobs_each_has_a_file_of_its_own() {
    for first in ["1", "2"] {
        let fake = OpenAi::start();
        let pinx = world(&fake, 2).file("p.txt", "a fox\na fox\n");
        let batch = |home, more: &[&str]| {
            let place = ["batch", "p.txt", "-o", "out/{slug}.{ext}", "--claim"];
            let call = pinx.command(&[&place, more, &MODEL[..]].concat());
            call.env("PINX_HOME", &home_of(&pinx, home).display().to_string()).run()
        };
        batch(0, &["--only", first]).exits(0);
        let output = batch(1, &[]).exits(0).says("1  adopted");
        assert_eq!((fake.posts(), images(&pinx)), (2, 2), "{output}");
        for home in [0, 1, 2] {
            let output = batch(home, &[]).exits(0);
            let mut names: Vec<&str> = output.stdout.lines().collect();
            names.sort_unstable();
            assert_eq!(names, ["out/a-fox-2.png", "out/a-fox.png"], "{output}");
        }
        assert_eq!(fake.posts(), 2);
    }
}

#[test]
fn a_claim_that_was_not_ended_says_what_the_log_says_and_a_torn_one_says_how_it_ends() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::json(200, &serde_json::json!({ "data": [] })));
    let pinx = world(&fake, 1);
    of(&pinx, 0, &["--claim"]).run().exits(1);
    let (path, mut claim) = claims(&pinx).remove(0);
    assert_eq!(claim["state"], "failed");
    // As if the process had died between the log and the claim.
    claim["state"] = "working".into();
    fs::write(&path, claim.to_string()).unwrap();
    recover(&pinx, 0, &[]);
    assert_eq!(states(&pinx), BTreeMap::from([("failed".to_owned(), 1)]), "it was billed");
    of(&pinx, 1, &["--claim"]).run().exits(1).says("1  failed before");
    assert_eq!(fake.posts(), 1);
    fs::write(&path, "{\"v\":1,\"run").unwrap();
    of(&pinx, 1, &["--claim"]).run().exits(75).says("1 at work elsewhere");
    let name = path.file_name().unwrap().to_str().unwrap();
    recover(&pinx, 1, &[]).exits(75).says(name).says("remove it");
}

#[test]
fn bare_images_are_known_by_their_claims() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 2).env("PINX_METADATA", "never");
    of(&pinx, 0, &["--shard", "1/1"]).run().exits(0);
    let names = ["out/001-fox-number-1.png", "out/002-fox-number-2.png"];
    of(&pinx, 1, &["--dry-run"]).run().exits(0);
    of(&pinx, 1, &[]).run().exits(0).prints(&names).says("2 adopted");
    // The place may be called otherwise there.
    fs::rename(pinx.work().join("out"), pinx.work().join("moved")).unwrap();
    let args = [&["batch", "p.txt", "-o", "moved/"], &MODEL[..]].concat();
    pinx.run(&args).exits(0).says("2 adopted");
    assert_eq!(fake.posts(), 2);
    fs::remove_file(pinx.work().join("moved/001-fox-number-1.png")).unwrap();
    let home = home_of(&pinx, 3).display().to_string();
    pinx.command(&args).env("PINX_HOME", &home).run().exits(0).says("1  file gone");
    assert_eq!(fake.posts(), 2);
}

#[test]
fn where_no_claim_can_be_written_nothing_is_paid() {
    let fake = OpenAi::start();
    let pinx = world(&fake, 2).file("out/.pinx", "in the way");
    for more in [&["--claim"][..], &["--shard", "1/2"]] {
        of(&pinx, 0, more).run().exits(2).says("claims cannot be written in").says("-o");
    }
    assert_eq!(fake.posts(), 0);
    of(&pinx, 0, &[]).run().exits(0);
}

#[test]
fn what_was_not_begun_is_pending_in_the_document() {
    let fake = OpenAi::start();
    fake.answers(refused());
    let pinx = world(&fake, 4);
    let output = of(&pinx, 0, &["--fail-fast", "-j", "1", "--json"]).run();
    let document = output.json();
    let jobs = document["jobs"].as_array().unwrap();
    let pending = jobs.iter().filter(|job| job["status"] == "pending").count();
    assert_eq!((jobs.len(), pending + fake.posts(), &jobs[0]["status"]), (4, 4, &"refused".into()));
    assert!(pending > 0 && document["totals"]["unbegun"] == pending, "{output}");
    let lines: Vec<&Value> = jobs.iter().map(|job| &job["line"]).collect();
    assert_eq!(lines, [1, 2, 3, 4], "each once, in order");
    output.says("the same command makes the ");
}

/// What a claim tells of is gone when another home's image has taken its place.
#[test]
fn fault_98_a_claim_tells_of_no_image_that_was_replaced() {
    let fake = OpenAi::start();
    let line = |prompt: &str| format!("{prompt}\n");
    let pinx = Pinx::new().openai(&fake).file("p.txt", &line("a fox"));
    let name = |pinx: &Pinx, prompt: &str| {
        let text = format!("{{\"id\":\"1\",\"prompt\":\"{prompt}\"}}\n");
        fs::write(pinx.work().join("j.jsonl"), text).unwrap();
    };
    let run = |home: usize, more: &[&str]| {
        let args = [&["batch", "j.jsonl", "-o", "out/"], more, &MODEL].concat();
        let call =
            pinx.command(&args).env("PINX_HOME", &home_of(&pinx, home).display().to_string());
        call.run()
    };
    name(&pinx, "a fox");
    run(1, &["--claim"]).exits(0).prints(&["out/1.png"]);
    run(2, &[]).exits(0).prints(&["out/1.png"]).says("1 adopted");
    name(&pinx, "a cat");
    run(1, &["--force"]).exits(0).prints(&["out/1.png"]);
    name(&pinx, "a fox");
    // Whoever asks, in a home that knows it by the claim alone or by its own log.
    let posts = fake.posts();
    run(3, &[]).exits(0).prints(&[]).says("1 whose file is gone");
    run(1, &[]).exits(0).prints(&[]).says("1 whose file is gone");
    assert_eq!(fake.posts(), posts);
    // A home that does not know what stands there replaces nothing.
    run(3, &["--redo-missing"]).exits(2).says("`1.png` exists already");
    assert_eq!(fake.posts(), posts);
    run(1, &["--redo-missing"]).exits(0).prints(&["out/1-2.png"]);
    run(3, &[]).exits(0).prints(&["out/1-2.png"]).says("1 adopted");
    assert_eq!(fake.posts(), posts + 1);
}
