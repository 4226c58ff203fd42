//! What was interrupted is finished: collected, saved once, never paid again.

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, with_image};
use serde_json::{Value, json};

use crate::fake::{Answer, Gate, Kind, PATIENCE, Request, image};
use crate::pinx::Pinx;

const FAL: [&str; 4] = ["generate", "a red fox", "-m", "fal/flux-schnell"];

#[test]
fn nothing_to_do_is_success() {
    let pinx = Pinx::new();
    pinx.run(&["recover"]).exits(0).leaves(&[]);
    pinx.run(&["resume"]).exits(0);
    pinx.run(&["recover", "--json"]).exits(0).json();
}

#[test]
fn fault_40_killed_after_the_submit_is_collected() {
    let fake = Fal::start();
    let gate = Gate::default();
    let held = gate.clone();
    fake.always_with(Kind::Status, move |_, usual| usual.behind(&held));
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Status, 1);
    running.signal("KILL");
    let output = running.finish();
    assert_eq!(output.code, -1, "{output}");
    assert_eq!(pinx.entries("submitted").len(), 1);
    gate.open();
    fake.always_with(Kind::Status, |_, usual| usual);
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    ::image::load_from_memory(&pinx.read(&output.files[0])).unwrap();
    assert_eq!(pinx.entries("done").len(), 1);
    let again = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), again.files.len()), (1, 1), "safe to run twice\n{again}");
}

#[test]
fn fault_40_killed_during_the_download_leaves_no_part_file() {
    let fake = Fal::start();
    fake.cdn.next_with(Kind::File, |_, usual| usual.stalled());
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.cdn.wait_for(Kind::File, 1);
    running.signal("KILL");
    running.finish();
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    ::image::load_from_memory(&pinx.read(&output.files[0])).unwrap();
}

#[test]
fn fault_39_killed_before_the_submit_was_answered_is_found_in_the_history() {
    let fake = Fal::start();
    fake.next_with(Kind::Submit, |_, _| Answer::hang());
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Submit, 1);
    running.signal("KILL");
    running.finish();
    assert!(pinx.entries("submitted").is_empty());
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}

#[test]
fn fault_39_a_long_history_is_looked_through() {
    let fake = Fal::start();
    fake.next_with(Kind::Submit, |_, _| Answer::hang());
    let empty = json!({ "items": [], "next_cursor": "page 2", "has_more": true });
    fake.next(Kind::History, Answer::json(200, &empty));
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Submit, 1);
    running.signal("KILL");
    running.finish();
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    let asked = fake.requests(Kind::History);
    assert!(asked.len() == 2 && asked[1].query.contains("cursor=page+2"), "{asked:?}");
}

/// A run that was killed before its submit was answered, with a history that answers so.
fn lost(history: Answer) -> (Fal, Pinx) {
    let fake = Fal::start();
    fake.next_with(Kind::Submit, |_, _| Answer::hang());
    fake.always(Kind::History, history);
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Submit, 1);
    running.signal("KILL");
    running.finish();
    (fake, pinx)
}

#[test]
fn fault_77_a_history_that_cannot_be_asked_says_nothing_of_the_job() {
    let vague = json!({ "request_id": "a-1", "sent_at": jiff::Timestamp::now().to_string() });
    for history in [
        Answer::dropped(),
        Answer::html(502),
        Answer::json(500, &json!({ "detail": "boom" })),
        Answer::json(429, &json!({ "detail": "slow down" })),
        crate::fake::fal::error(401, "invalid key credentials"),
        crate::fake::fal::error(403, "no such permission"),
        Answer::html(200),
        Answer::json(200, &json!({ "detail": "moved" })),
        Answer::json(200, &json!({ "items": [], "next_cursor": null, "has_more": true })),
        Answer::json(200, &json!({ "items": [vague], "next_cursor": null, "has_more": false })),
    ] {
        let (fake, pinx) = lost(history);
        for args in [&["recover"][..], &["recover", "--list"]] {
            let output = pinx.run(args).exits(75).leaves(&[]).never_says("--forget");
            let is_asked = !args.contains(&"--list");
            assert!(!is_asked || output.stderr.contains("could not be asked"), "{output}");
        }
        assert_eq!(fake.posts(), 1);
        pinx.run(&["recover", "--forget", "all-unknown", "--yes"]).exits(0).says("still open");
        assert!(pinx.entries("settled").is_empty());
        fake.always_with(Kind::History, |_, usual| usual);
        let output = pinx.run(&["recover"]).exits(0);
        assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    }
}

#[test]
fn a_job_that_history_does_not_know_stays_unknown() {
    let (fake, pinx) = lost(Answer::json(200, &json!({ "items": [], "has_more": false })));
    for _ in 0..2 {
        let output = pinx.run(&["recover"]).exits(75).leaves(&[]);
        let output = output.says("maybe billed").says("does not know it").says("--forget");
        assert_eq!(fake.posts(), 1, "{output}");
    }
    assert_eq!(pinx.entries("open").len(), 1, "said once");
    pinx.run(&["recover", "--list"]).exits(75).says("--forget");
}

#[test]
fn fault_81_another_accounts_history_says_nothing_of_the_job() {
    const OTHER: &str = "5f1f3b1e-1111-4222-8333-444455556666:1123456789abcdef";
    for is_submitted in [false, true] {
        let fake = Fal::start();
        let silent = if is_submitted { Kind::Status } else { Kind::Submit };
        fake.always_with(silent, |_, _| Answer::hang());
        let pinx = Pinx::new().fal(&fake).secret(OTHER);
        let running = pinx.command(&FAL).spawn();
        fake.wait_for(silent, 1);
        running.signal("KILL");
        running.finish();
        let before = pinx.entries("intent")[0]["route"].as_str().unwrap().to_owned();
        // An account shows its own jobs only.
        let is_others =
            |request: &Request| request.header("authorization").unwrap().contains(OTHER);
        fake.always_with(Kind::History, move |request, usual| {
            let none = json!({ "items": [], "next_cursor": null, "has_more": false });
            if is_others(request) { Answer::json(200, &none) } else { usual }
        });
        fake.always_with(Kind::Status, move |request, usual| {
            if is_others(request) { crate::fake::fal::error(404, "NOT_FOUND") } else { usual }
        });
        let pinx = pinx.env("FAL_KEY", OTHER);
        for args in [&["recover"][..], &["recover"], &["recover", "--list"]] {
            let output = pinx.run(args).exits(75).leaves(&[]).never_says("--forget");
            let is_asked = !args.contains(&"--list");
            assert!(
                !is_asked || output.stderr.contains(&format!("only with {before}")),
                "{output}"
            );
        }
        pinx.run(&["recover", "--forget", "all-unknown", "--yes"]).exits(0).says("still open");
        assert!(pinx.entries("settled").is_empty() && pinx.entries("open").is_empty());
        let pinx = pinx.fal(&fake);
        let output = pinx.run(&["recover"]).exits(0);
        assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    }
}

#[test]
fn several_are_forgotten_by_their_ids_or_all_that_stay_unknown() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::hang());
    let pinx = Pinx::new().openai(&fake);
    for _ in 0..2 {
        pinx.run(&["generate", "a fox", "-n", "2", "-m", "openai/gpt-image-2", "--timeout", "3"])
            .exits(75);
    }
    let ids: Vec<String> = pinx
        .entries("intent")
        .iter()
        .map(|entry| entry["attempt"].as_str().unwrap().to_owned())
        .collect();
    let run = &ids[0][..15];
    pinx.run(&["recover"])
        .exits(75)
        .says("no image ever came")
        .says("0 recovered, 4 of unknown outcome");
    let looked = std::fs::read_to_string(pinx.data().join("limits/reminded")).unwrap();
    assert!(ids.iter().all(|id| looked.contains(id.as_str())), "{looked}");
    pinx.run(&["recover", "--forget", &ids[3], run]).exits(2).says("several open entries");
    assert!(pinx.entries("settled").is_empty(), "all or nothing");
    let output = pinx.run(&["recover", "--forget", &ids[0], &ids[3]]).exits(0);
    let output = output.says(&ids[0]).says("2 attempts, maybe billed, at most $0.1054");
    assert_eq!(pinx.entries("settled").len(), 2, "{output}");
    let shown = pinx.run(&["recover", "--forget", "all-unknown"]).exits(2).says("--yes");
    // In the order in which they were sent, each line whole.
    let lines: Vec<&str> = shown.stderr.lines().take(2).collect();
    for (line, id) in lines.iter().zip([&ids[1], &ids[2]]) {
        assert!(line.starts_with(id.as_str()) && line.ends_with("at most $0.0527"), "{shown}");
    }
    assert_eq!(pinx.entries("settled").len(), 2);
    pinx.run(&["recover", "--forget", "all-unknown", "-y"]).exits(0).says("2 attempts");
    pinx.run(&["recover"]).exits(0).says("nothing is open");
    pinx.run(&["recover", "--forget", "all-unknown", "-y"]).exits(0).says("no outcome is unknown");
    let both = pinx.run(&["recover", "--forget", "all-unknown", "damaged"]).exits(0);
    both.says("no outcome is unknown, and no line of the log is damaged");
    pinx.run(&["recover", "-y"]).exits(2);
    pinx.run(&["recover", "--deadline", "soon"]).exits(2);
}

#[test]
fn a_dead_link_that_names_no_job_is_told_as_it_is() {
    let (fake, other) = (OpenAi::start(), Fal::start());
    let link = format!("{}/1.png", other.cdn.url());
    fake.always(Kind::Images, Answer::json(200, &json!({ "data": [{ "url": link }] })));
    other.cdn.always(Kind::File, Answer::html(404));
    let pinx = Pinx::new().openai(&fake);
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2"];
    pinx.run(&args).exits(75).never_says("fresh link; do not");
    let output = pinx.run(&["recover"]).exits(75).says("no job is known").says("--forget");
    assert_eq!(fake.posts(), 1, "{output}");
}

#[test]
fn a_job_that_still_runs_stays_open() {
    let fake = Fal::start();
    let waiting = serde_json::json!({ "status": "IN_PROGRESS", "request_id": "x" });
    fake.always(Kind::Status, Answer::json(202, &waiting));
    let pinx = Pinx::new().fal(&fake);
    pinx.run(&[&FAL[..], &["--deadline", "3"]].concat()).exits(75);
    let output = pinx.run(&["recover", "--deadline", "1s"]).exits(75).leaves(&[]);
    assert!(output.took < PATIENCE, "{output}");
    fake.always_with(Kind::Status, |_, usual| usual);
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}

#[test]
fn an_answer_that_never_came_is_listed_with_what_it_may_have_cost() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::hang());
    let pinx = Pinx::new().openai(&fake);
    pinx.run(&["generate", "a red fox", "-m", "openai/gpt-image-2", "--timeout", "3"]).exits(75);
    let output = pinx.run(&["recover"]).exits(75).leaves(&[]);
    let told = format!("{}{}", output.stdout, output.stderr);
    assert!(told.contains("openai/gpt-image-2") && told.contains("$0.0527"), "{output}");
    assert_eq!(fake.posts(), 1, "recover never pays");
}

#[test]
fn killed_before_the_answer_is_listed_as_unknown() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::hang());
    let pinx = Pinx::new().openai(&fake);
    let running = pinx.command(&["generate", "a red fox", "-m", "openai/gpt-image-2"]).spawn();
    fake.wait_for(Kind::Images, 1);
    running.signal("KILL");
    running.finish();
    assert_eq!(pinx.entries("intent").len(), 1);
    pinx.run(&["recover"]).exits(75).leaves(&[]);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_run_that_is_alive_is_left_alone() {
    let fake = Fal::start();
    let gate = Gate::default();
    let held = gate.clone();
    fake.always_with(Kind::Status, move |_, usual| usual.behind(&held));
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Status, 1);
    let meanwhile = pinx.command(&["recover"]).spawn();
    let meanwhile = meanwhile.finish();
    assert!(meanwhile.files.is_empty(), "{meanwhile}");
    gate.open();
    let output = running.finish().exits(0);
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}

#[test]
fn what_a_living_run_works_on_can_be_neither_listed_as_open_nor_forgotten() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    let held = gate.clone();
    fake.always_with(Kind::Images, move |_, usual| usual.behind(&held));
    let pinx = Pinx::new().openai(&fake);
    let running = pinx.command(&["generate", "a red fox", "-m", "openai/gpt-image-2"]).spawn();
    fake.wait_for(Kind::Images, 1);
    pinx.run(&["recover", "--list"]).exits(0).says("still at work").never_says("--forget");
    let attempt = pinx.entries("intent")[0]["attempt"].as_str().unwrap().to_owned();
    pinx.run(&["recover", "--forget", &attempt]).exits(2).says("still at work");
    gate.open();
    running.finish().exits(0);
    assert_eq!((pinx.entries("settled").len(), pinx.entries("done").len()), (0, 1));
}

#[test]
fn a_converted_image_is_recovered_in_the_format_that_was_asked_for() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let args = [&FAL[..], &["-f", "webp"]].concat();
    pinx.run(&args).exits(0).leaves(&["a-red-fox.webp"]);
    // The machine died before the log could say so.
    pinx.forget("done");
    pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.webp"]);
    pinx.forget("done");
    std::fs::remove_file(pinx.work().join("a-red-fox.webp")).unwrap();
    pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.webp"]);
    let bytes = pinx.read("a-red-fox.webp");
    assert_eq!((&bytes[..4], fake.posts()), (&b"RIFF"[..], 1));
}

#[test]
fn an_image_behind_many_taken_names_is_not_saved_twice() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    for name in (1..=80).map(|n| if n == 1 { String::new() } else { format!("-{n}") }) {
        std::fs::write(pinx.work().join(format!("a-red-fox{name}.jpg")), "another's").unwrap();
    }
    pinx.run(&FAL).exits(0);
    assert_eq!(pinx.files().len(), 81);
    pinx.forget("done");
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 81), "{output}");
}

/// A batch whose process died when its image had its name, and another job that has adopted the image
/// since, as it does when it finds just what it asks for at its place.
fn adopted(pinx: &Pinx, model: &str, name: &str) {
    let other = format!(r#"{{"prompt":"a red fox","output":"{name}"}}"#);
    let (first, second) = (pinx.work().join("p.txt"), pinx.work().join("q.jsonl"));
    std::fs::write(&first, "a red fox\n").unwrap();
    std::fs::write(&second, other).unwrap();
    pinx.run(&["batch", "p.txt", "-m", model, "--no-fallback"]).exits(0).prints(&[name]);
    pinx.forget("done");
    pinx.run(&["batch", "q.jsonl", "-m", model, "--no-fallback"]).exits(0).says("1 adopted");
    pinx.run(&["recover"]).exits(0).prints(&[pinx.work().join(name).to_str().unwrap()]);
    let output = pinx.run(&["recover"]).exits(0).says("nothing is open");
    output.leaves(&[name, "p.txt", "q.jsonl"]);
    let done = pinx.entries("done");
    let billed: Vec<_> = done.iter().map(|entry| entry["billed"].as_str().unwrap()).collect();
    assert_eq!(billed, ["no", "yes"], "{done:?}");
}

#[test]
fn an_image_that_was_adopted_is_that_of_the_attempt_which_made_it() {
    let fake = Fal::start();
    adopted(&Pinx::new().fal(&fake), "fal/flux-schnell", "001-a-red-fox.jpg");
    assert_eq!(fake.posts(), 1);
    let fake = OpenAi::start();
    adopted(&Pinx::new().openai(&fake), "openai/gpt-image-2", "001-a-red-fox.png");
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_copy_out_of_the_cache_that_is_not_logged_is_not_taken_for_another_image() {
    const OPENAI: [&str; 5] =
        ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];
    let fake = OpenAi::start();
    for number in [1, 2] {
        fake.next(Kind::Images, with_image(&image::marked(number)));
    }
    let pinx = Pinx::new().openai(&fake);
    let cached = [&OPENAI[..], &["--cache"]].concat();
    pinx.run(&cached).exits(0);
    let first = pinx.entries("done").remove(0);
    pinx.run(&cached).exits(0).says("from cache");
    pinx.run(&OPENAI).exits(0);
    // Both processes died before the log could say so, one soon after the other.
    pinx.forget_all(|entry| entry["e"] == "done" && *entry != first);
    let copy = std::fs::File::options().append(true).open(pinx.work().join("a-red-fox-2.png"));
    copy.unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    let image = pinx.work().join("a-red-fox-3.png");
    pinx.run(&["recover"]).exits(0).prints(&[image.to_str().unwrap()]);
    assert_eq!((marks(&pinx), fake.posts()), (vec![1, 1, 2], 2));
}

/// A fal whose results link to two images, and a disk that takes neither: the first is kept, the
/// second cannot even be fetched.
fn with_one_kept_and_one_open() -> (Fal, Pinx) {
    let fake = Fal::start();
    let files = fake.cdn.url();
    fake.always_with(Kind::Result, move |_, _| {
        let links = ["1", "2"].map(|name| json!({ "url": format!("{files}/files/{name}.png") }));
        Answer::json(200, &json!({ "images": links, "seed": 7 }))
    });
    let pinx = Pinx::new().fal(&fake);
    let out = pinx.work().join("out");
    fake.cdn.always_with(Kind::File, move |request, _| {
        if request.path.ends_with("/2.png") {
            return Answer::html(500);
        }
        let _ = std::fs::remove_dir_all(&out);
        std::fs::write(&out, "in the way").unwrap();
        Answer::bytes(200, "image/png", image::marked(1))
    });
    let args = [&FAL[..], &["-o", "out/", "--deadline", "2"]].concat();
    let output = pinx.run(&args).exits(7).leaves(&["out"]);
    assert_eq!(pinx.kept().len(), 1, "{output}");
    std::fs::remove_file(pinx.work().join("out")).unwrap();
    (fake, pinx)
}

/// The numbers on the images in the working directory.
#[test]
fn a_torn_file_goes_with_its_attempt_although_another_of_the_run_stays_open() {
    let fake = Fal::start();
    let waits = || Answer::json(202, &json!({ "status": "IN_PROGRESS", "logs": [] }));
    fake.always_with(Kind::Status, move |_, _| waits());
    let pinx = Pinx::new().fal(&fake).env("PINX_DEADLINE", "1s");
    let running = pinx.command(&[&FAL[..], &["-n", "2"]].concat()).spawn();
    fake.wait_for(Kind::Status, 2);
    running.signal("KILL");
    running.finish();
    let submitted = pinx.entries("submitted");
    let is_first = |entry: &&Value| entry["attempt"].as_str().unwrap().ends_with(".1.1");
    let (first, second): (Vec<_>, Vec<_>) = submitted.iter().partition(is_first);
    let part = format!(".pinx-{}.1.part", first[0]["attempt"].as_str().unwrap());
    std::fs::write(pinx.work().join(&part), "torn").unwrap();
    let other = second[0]["call"]["memo"]["id"].as_str().unwrap().to_owned();
    fake.always_with(
        Kind::Status,
        move |request, usual| {
            if request.path.contains(&other) { waits() } else { usual }
        },
    );
    pinx.run(&["recover"]).exits(75);
    assert_eq!((pinx.entries("done").len(), fake.posts()), (1, 2));
    assert!(!pinx.work().join(part).exists(), "its image is saved");
}

fn marks(pinx: &Pinx) -> Vec<u32> {
    let mut marks: Vec<u32> =
        pinx.files().iter().map(|name| image::mark(&pinx.read(name)).unwrap()).collect();
    marks.sort_unstable();
    marks
}

#[test]
fn an_open_image_is_not_lost_with_a_kept_one_of_the_same_answer() {
    let (fake, pinx) = with_one_kept_and_one_open();
    pinx.command(&["recover"]).env("PINX_DEADLINE", "1s").run().exits(75);
    assert_eq!(pinx.kept().len(), 1, "what cannot be finished yet stays");
    fake.cdn.always_with(Kind::File, |request, _| {
        let is_first = request.path.ends_with("/1.png");
        assert!(!is_first, "what is kept is not fetched again");
        Answer::bytes(200, "image/png", image::marked(2))
    });
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!(marks(&pinx), [1, 2], "{output}");
    assert_eq!((fake.posts(), pinx.kept().len(), pinx.entries("done").len()), (1, 0, 1));
    pinx.run(&["recover"]).exits(0);
    assert_eq!(marks(&pinx), [1, 2], "safe to run twice");
}

#[test]
fn a_kept_image_is_saved_when_the_others_are_gone_for_good() {
    let (fake, pinx) = with_one_kept_and_one_open();
    fake.always(Kind::Status, crate::fake::fal::error(404, "NOT_FOUND"));
    let output = pinx.run(&["recover"]).exits(0).says("not all of its images");
    assert_eq!(marks(&pinx), [1], "{output}");
    assert_eq!((fake.posts(), pinx.kept().len(), pinx.entries("done").len()), (1, 0, 1));
}

#[test]
fn an_open_link_is_not_lost_with_a_kept_image_of_a_synchronous_answer() {
    let (fake, other) = (OpenAi::start(), Fal::start());
    let links = ["1", "2"].map(|name| json!({ "url": format!("{}/{name}.png", other.cdn.url()) }));
    fake.always(Kind::Images, Answer::json(200, &json!({ "data": links })));
    let pinx = Pinx::new().openai(&fake);
    let out = pinx.work().join("out");
    other.cdn.always_with(Kind::File, move |request, _| {
        if request.path == "/2.png" {
            return Answer::html(500);
        }
        let _ = std::fs::remove_dir_all(&out);
        std::fs::write(&out, "in the way").unwrap();
        Answer::bytes(200, "image/png", image::marked(1))
    });
    let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "-o", "out/", "--deadline", "2"];
    pinx.run(&args).exits(7);
    std::fs::remove_file(pinx.work().join("out")).unwrap();
    other.cdn.always(Kind::File, Answer::bytes(200, "image/png", image::marked(2)));
    let output = pinx.run(&["recover"]).exits(0);
    assert_eq!(marks(&pinx), [1, 2], "{output}");
    assert_eq!((fake.posts(), pinx.kept().len(), pinx.entries("done").len()), (1, 0, 1));
}

#[test]
fn what_was_kept_for_a_job_that_is_done_goes() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a red fox", "-s", "64x64"]).exits(0);
    let attempt = pinx.entries("done")[0]["attempt"].as_str().unwrap().to_owned();
    let kept = pinx.data().join("kept");
    std::fs::create_dir_all(&kept).unwrap();
    for name in [&attempt, "261122-7f3k9q2m.1.1"] {
        std::fs::write(kept.join(format!("{name}.reply")), "{}").unwrap();
    }
    // A killed process may leave such a file wherever one is written apart.
    let halves = ["kept", "log", "limits", "cache", "."].map(|directory| {
        std::fs::create_dir_all(pinx.data().join(directory)).unwrap();
        pinx.data().join(directory).join(".pinx-x1y2z3.tmp")
    });
    halves.iter().for_each(|half| std::fs::write(half, "half").unwrap());
    pinx.run(&["recover"]).exits(0);
    let still: Vec<_> = halves.iter().filter(|half| half.exists()).collect();
    assert!(still.is_empty(), "{still:?}");
    let left = pinx.kept();
    assert!(left.len() == 1 && left[0].ends_with("261122-7f3k9q2m.1.1.reply"), "{left:?}");
}

#[test]
fn a_run_that_was_killed_with_nothing_open_is_no_news() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    std::fs::create_dir_all(pinx.data().join("run")).unwrap();
    let lock = pinx.data().join("run/261122-7f3k9q2m.lock");
    std::fs::write(&lock, "").unwrap();
    pinx.run(&["generate", "a fox", "-s", "64x64", "-m", "pinx/sketch"])
        .exits(0)
        .never_says("recover");
    assert!(!lock.exists(), "its lock goes");
    fake.next(Kind::Images, Answer::hang());
    pinx.run(&["generate", "a fox", "-m", "openai/gpt-image-2", "--timeout", "3"]).exits(75);
    // Nobody can find out any more what became of it: there is nothing to collect.
    let again = ["generate", "a hen", "-s", "64x64", "-m", "pinx/sketch"];
    pinx.run(&again).exits(0).never_says("pinx recover");
}

#[test]
fn a_torn_last_line_of_the_log_is_tolerated() {
    let pinx = Pinx::new();
    pinx.run(&["generate", "a red fox", "-s", "64x64"]).exits(0);
    let [segment] = pinx.segments().try_into().unwrap();
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, [&whole[..], b"{\"v\":1,\"t\":\"2026-"].concat()).unwrap();
    let output = pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0);
    assert!(output.stdout.contains("a red fox"), "{output}");
    pinx.run(&["generate", "a red hen", "-s", "64x64"]).exits(0);
    let output = pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0);
    assert!(output.stdout.contains("a red fox") && output.stdout.contains("a red hen"), "{output}");
}

#[test]
fn what_can_be_collected_is_told_once_a_day_and_to_people_only() {
    let told = "something of an earlier run is still open";
    let sketch = ["generate", "a fox", "-m", "pinx/sketch", "-s", "64x64"];
    // A run that was killed: its lock is nobody's, and an attempt is open. fal has a history that can be
    // asked. OpenAI has none; until `recover` has looked, the image may be on the disk.
    for provider in ["fal", "openai"] {
        let pinx = Pinx::new().damaged();
        let run = "261128-killed00";
        let intent = serde_json::json!({
            "v": 1, "t": "2026-11-28T10:00:00Z", "e": "intent", "run": run, "job": format!("{run}.1"),
            "attempt": format!("{run}.1.1"), "provider": provider, "model": format!("{provider}/x"),
            "reserve": 3_000, "prompt": "a lost fox",
        });
        for (place, text) in [
            (format!("run/{run}.lock"), String::new()),
            ("log/2026-11.jsonl".to_owned(), format!("{intent}\n")),
        ] {
            let path = pinx.data().join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        pinx.run(&[&sketch[..], &["--json"]].concat()).exits(0).never_says(told);
        pinx.run(&[&sketch[..], &["-q"]].concat()).exits(0).never_says(told);
        pinx.run(&sketch).exits(0).says(told);
        pinx.run(&sketch).exits(0).never_says(told);
        std::fs::write(pinx.data().join("limits/reminded"), "2026-11-27").unwrap();
        pinx.run(&sketch).exits(0).says(told);
        std::fs::remove_file(pinx.data().join("limits/reminded")).unwrap();
        pinx.run(&sketch).exits(0).says(told);
        // `recover` has looked, and can do nothing about it.
        let hopeless = format!("2026-11-27\n{run}.1.1\n");
        std::fs::write(pinx.data().join("limits/reminded"), hopeless).unwrap();
        pinx.run(&sketch).exits(0).never_says(told);
    }
}
