//! Signals in every phase: no torn file, nothing paid is forgotten, and the exit code says so.

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, rate_limited};
use crate::fake::{Answer, Gate, Kind, PATIENCE};
use crate::pinx::Pinx;

const OPENAI: [&str; 4] = ["generate", "a red fox", "-m", "openai/gpt-image-2"];
const FAL: [&str; 4] = ["generate", "a red fox", "-m", "fal/flux-schnell"];

/// Every file that is there is a whole image.
fn no_torn_file(pinx: &Pinx) {
    for name in pinx.files() {
        assert!(!name.contains(".part"), "{name}");
        image::load_from_memory(&pinx.read(&name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn fault_45_the_image_already_paid_for_is_awaited() {
    for signal in ["INT", "TERM", "HUP"] {
        let (fake, gate) = (OpenAi::start(), Gate::default());
        let held = gate.clone();
        fake.next_with(Kind::Images, move |_, usual| usual.behind(&held));
        let pinx = Pinx::new().openai(&fake);
        let running = pinx.command(&[&OPENAI[..], &["-n", "3", "-j", "1"]].concat()).spawn();
        fake.wait_for(Kind::Images, 1);
        running.signal(signal);
        std::thread::sleep(std::time::Duration::from_millis(200));
        gate.open();
        let output = running.finish().exits(130);
        assert_eq!(fake.posts(), 1, "{output}");
        assert_eq!(output.files, ["a-red-fox.png"], "{output}");
        assert_eq!(pinx.entries("done").len(), 1);
        no_torn_file(&pinx);
    }
}

#[test]
fn fault_45_twice_means_now() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::hang());
    let pinx = Pinx::new().openai(&fake);
    let running = pinx.command(&OPENAI).spawn();
    fake.wait_for(Kind::Images, 1);
    running.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.signal("INT");
    let output = running.finish().exits(130).leaves(&[]);
    assert!(output.took < PATIENCE, "{output}");
    assert_eq!((fake.posts(), pinx.entries("intent").len()), (1, 1));
    assert_eq!((pinx.entries("open").len(), pinx.entries("done").len()), (1, 0));
}

#[test]
fn what_is_drawn_here_costs_nothing_and_ends_at_once() {
    let pinx = Pinx::new();
    let many = ["generate", "a red fox", "-m", "pinx/sketch", "-n", "60", "-j", "60"];
    let running = pinx.command(&many).spawn();
    running.signal("INT");
    let output = running.finish().exits(130).says("stopped while it was being drawn");
    let output = output.never_says("nothing more is sent");
    let whole = output.files.iter().filter(|name| name.ends_with(".png")).count();
    assert!(whole < 50, "what was begun is not drawn to its end: {output}");
    no_torn_file(&pinx);
}

#[test]
fn an_interrupted_batch_says_how_to_go_on_with_both_the_open_and_the_missing() {
    let fake = Fal::start();
    let running = serde_json::json!({ "status": "IN_PROGRESS" });
    fake.always(Kind::Status, Answer::json(202, &running));
    let pinx = Pinx::new().fal(&fake).file("p.txt", "a fox\nan owl\na hare\n");
    let args = ["batch", "p.txt", "-o", "out/", "-j", "1", "-m", "fal/flux-schnell"];
    let batch = pinx.command(&args).spawn();
    fake.wait_for(Kind::Status, 1);
    batch.signal("INT");
    let output = batch.finish().exits(130).says("the same command makes the 2 that are missing");
    output.says("some outcomes are open: `pinx recover`");
    let attempt = pinx.entries("intent")[0]["attempt"].as_str().unwrap().to_owned();
    let listed = pinx.run(&["recover", "--list"]).exits(75).says("1 still open");
    listed.says(&format!(
        "{attempt} fal/flux-schnell \"a fox\": still open; `pinx recover` asks for it"
    ));
}

#[test]
fn fault_45_while_waiting_for_a_rate_limit() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, rate_limited().header("retry-after", "50"));
    let pinx = Pinx::new().openai(&fake);
    let running = pinx.command(&OPENAI).spawn();
    fake.wait_for(Kind::Images, 1);
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.signal("INT");
    running.finish().exits(130).leaves(&[]);
    assert_eq!((fake.posts(), pinx.entries("intent").len()), (1, 1));
    assert_eq!((pinx.entries("failed").len(), pinx.entries("open").len()), (1, 0), "it is closed");
}

#[test]
fn fault_45_a_queue_job_is_left_running_and_recovered() {
    let fake = Fal::start();
    let gate = Gate::default();
    let held = gate.clone();
    fake.always_with(Kind::Status, move |_, usual| usual.behind(&held));
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Status, 1);
    running.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(200));
    gate.open();
    let output = running.finish().exits(130).says("pinx recover");
    assert_eq!(fake.count(Kind::Cancel), 0, "{output}");
    assert_eq!(output.files.len(), 0, "{output}");
    assert_eq!((pinx.entries("submitted").len(), pinx.entries("open").len()), (1, 1), "{output}");
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
    no_torn_file(&pinx);
}

#[test]
fn fault_44_a_cancel_that_comes_too_late_keeps_the_image() {
    for (status, word) in [(202, "CANCELLATION_REQUESTED"), (400, "ALREADY_COMPLETED")] {
        let (fake, gate) = (Fal::start(), Gate::default());
        let held = gate.clone();
        fake.always_with(Kind::Status, move |_, usual| usual.behind(&held));
        fake.always(Kind::Cancel, Answer::json(status, &serde_json::json!({ "status": word })));
        let pinx = Pinx::new().fal(&fake);
        let running = pinx.command(&[&FAL[..], &["--cancel-on-interrupt"]].concat()).spawn();
        fake.wait_for(Kind::Status, 1);
        running.signal("INT");
        std::thread::sleep(std::time::Duration::from_millis(200));
        gate.open();
        let output = running.finish().exits(130);
        assert_eq!(fake.count(Kind::Cancel), 1, "{output}");
        if output.files.is_empty() {
            // Cancelled as far as pinx could tell, but the queue finished it: it is billed.
            pinx.run(&["recover"]);
        }
        assert_eq!((fake.posts(), pinx.files().len()), (1, 1), "{word}\n{output}");
        no_torn_file(&pinx);
    }
}

/// A run with a job in the queue, interrupted; the queue then answers the cancel with this.
fn cancelled(cancel: Answer, ends: impl Fn(&Fal)) -> (Fal, Pinx) {
    let (fake, gate) = (Fal::start(), Gate::default());
    let held = gate.clone();
    fake.always_with(Kind::Status, move |_, usual| usual.behind(&held));
    fake.always(Kind::Cancel, cancel);
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&[&FAL[..], &["--cancel-on-interrupt"]].concat()).spawn();
    fake.wait_for(Kind::Status, 1);
    running.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(200));
    ends(&fake);
    gate.open();
    running.finish().exits(130).leaves(&[]);
    assert_eq!((fake.posts(), fake.count(Kind::Cancel)), (1, 1));
    (fake, pinx)
}

/// The status of a job that was taken out of the queue.
fn taken_out(fake: &Fal) {
    let body = serde_json::json!({
        "status": "COMPLETED", "error": "Request was cancelled", "error_type": "client_cancelled",
    });
    fake.always(Kind::Status, Answer::json(200, &body));
}

/// It is closed, for this money, and nobody asks about it again.
#[track_caller]
fn is_closed(fake: &Fal, pinx: &Pinx, billed: &str) {
    let [failed] = pinx.entries("failed").try_into().unwrap();
    assert_eq!((&failed["billed"], pinx.entries("open").len()), (&billed.into(), 0), "{failed}");
    let asked = fake.all().len();
    pinx.run(&["recover"]).exits(0).says("nothing is open");
    assert_eq!(fake.all().len(), asked);
}

#[test]
fn fault_78_a_confirmed_cancel_is_closed() {
    let ok = Answer::json(200, &serde_json::json!({ "status": "OK" }));
    let (fake, pinx) = cancelled(ok, |_| {});
    is_closed(&fake, &pinx, "no");
}

#[test]
fn fault_78_a_cancel_that_was_heard_is_followed_to_its_end() {
    let heard = Answer::json(202, &serde_json::json!({ "status": "CANCELLATION_REQUESTED" }));
    let (fake, pinx) = cancelled(heard, taken_out);
    is_closed(&fake, &pinx, "unknown");
}

#[test]
fn fault_78_a_cancel_that_recover_hears_of_is_closed() {
    let fake = Fal::start();
    fake.always(Kind::Status, Answer::hang());
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Status, 1);
    running.signal("KILL");
    running.finish();
    taken_out(&fake);
    pinx.run(&["recover"]).exits(0).leaves(&[]).says("cancelled").never_says("--forget");
    is_closed(&fake, &pinx, "unknown");
}

#[test]
fn fault_45_during_the_download() {
    let (fake, gate) = (Fal::start(), Gate::default());
    let held = gate.clone();
    fake.cdn.next_with(Kind::File, move |_, usual| usual.behind(&held));
    let pinx = Pinx::new().fal(&fake);
    let running = pinx.command(&FAL).spawn();
    fake.cdn.wait_for(Kind::File, 1);
    running.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(200));
    gate.open();
    running.finish().exits(130);
    no_torn_file(&pinx);
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
    no_torn_file(&pinx);
}

#[test]
fn an_interrupted_run_has_a_document_too() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, rate_limited().header("retry-after", "50"));
    let pinx = Pinx::new().openai(&fake);
    let running = pinx.command(&[&OPENAI[..], &["--json"]].concat()).spawn();
    fake.wait_for(Kind::Images, 1);
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.signal("INT");
    let output = running.finish().exits(130);
    assert_eq!(output.json()["status"], "interrupted", "{output}");
}

#[test]
fn another_look_at_a_kept_answer_ends_with_the_first_signal() {
    let (fake, gate) = (OpenAi::start(), Gate::default());
    let pinx = Pinx::new().openai(&fake);
    let answer = serde_json::json!({ "data": [{ "url": "/files/x.png" }] });
    fake.always(Kind::Images, Answer::json(200, &answer));
    fake.always(Kind::Other, Answer::bytes(200, "image/png", *b"no image"));
    pinx.run(&OPENAI).exits(1);
    let (asked, held) = (fake.count(Kind::Other), gate.clone());
    fake.always_with(Kind::Other, move |_, usual| usual.behind(&held));
    let running = pinx.command(&["recover"]).spawn();
    fake.wait_for(Kind::Other, asked + 1);
    // Nobody hears signals here, and who runs the tests in the background lets them ignore the other one.
    running.signal_at_once("TERM");
    running.finish().exits(-1);
    assert_eq!((fake.posts(), pinx.kept().len()), (1, 1), "it stays for the next time");
    gate.open();
}
