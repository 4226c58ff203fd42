//! The faults of the engine's list that a queue can have, by their numbers: how many submits, which
//! exit code, which files, what the journal says.

use std::fs;
use std::time::Duration;

use serde_json::json;

use crate::fake::fal::{Fal, completed, error, located, result, server_error};
use crate::fake::{Answer, Gate, Kind, image};
use crate::pinx::{Output, Pinx};

const ARGS: [&str; 5] = ["generate", "a red fox", "-m", "fal/flux-schnell", "--no-fallback"];

fn start() -> (Fal, Pinx) {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    (fake, pinx)
}

/// One run: one submit, this exit code, and a file only if it is 0.
#[track_caller]
fn run(fake: &Fal, pinx: &Pinx, args: &[&str], code: i32) -> Output {
    let output = pinx.run(&[&ARGS[..], args].concat()).exits(code);
    assert_eq!(fake.posts(), 1, "submits\n{output}");
    assert_eq!(pinx.entries("intent").len(), 1, "{output}");
    assert_eq!(output.files.len(), usize::from(code == 0), "{output}");
    let last = pinx.journal().pop().unwrap();
    let event = match code {
        0 => "done",
        75 => "open",
        _ => "failed",
    };
    assert_eq!(last["e"], event, "{last}\n{output}");
    output
}

#[test]
fn an_exhausted_balance_is_exit_3_and_says_what_to_do() {
    let (fake, pinx) = start();
    fake.answers(error(
        403,
        "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai.",
    ));
    run(&fake, &pinx, &[], 3).says("balance");
}

#[test]
fn a_refused_key_is_exit_3_and_names_its_variable() {
    let (fake, pinx) = start();
    fake.answers(error(401, "invalid key credentials"));
    run(&fake, &pinx, &[], 3).says("FAL_KEY");
}

#[test]
fn fault_15_a_runner_that_never_came_is_not_repeated() {
    let (fake, pinx) = start();
    fake.always(Kind::Submit, server_error(503, "runner_scheduling_failure"));
    run(&fake, &pinx, &[], 1);
}

#[test]
fn fault_21_a_refusal_of_the_model_is_exit_5() {
    let (fake, pinx) = start();
    fake.always(
        Kind::Result,
        located(422, "content_policy_violation", "prompt", "flagged by a checker"),
    );
    run(&fake, &pinx, &[], 5).says("content policy");
}

#[test]
fn fault_21_a_black_image_is_a_refusal() {
    let (fake, pinx) = start();
    let files = fake.cdn.url();
    fake.always_with(Kind::Result, move |_, _| {
        let url = format!("{files}/files/64x64/black.jpeg");
        let body = json!({ "images": [{ "url": url }], "has_nsfw_concepts": [true], "seed": 7 });
        Answer::json(200, &body).header("x-fal-billable-units", "1")
    });
    fake.cdn.always(Kind::File, Answer::bytes(200, "image/jpeg", image::black(64, 64)));
    run(&fake, &pinx, &[], 5);
}

#[test]
fn fault_37_a_link_that_fails_is_asked_for_again() {
    let (fake, pinx) = start();
    fake.cdn.next(Kind::File, error(404, "gone"));
    fake.cdn.next(Kind::File, Answer::html(500));
    fake.cdn.next_with(Kind::File, |_, usual| usual.drip(6, Duration::from_millis(30)));
    run(&fake, &pinx, &[], 0);
    assert!(fake.count(Kind::Result) >= 2, "no fresh link was asked for");
}

#[test]
fn a_file_cut_short_is_fetched_again() {
    let (fake, pinx) = start();
    fake.cdn.next_with(Kind::File, |_, usual| usual.cut());
    run(&fake, &pinx, &[], 0);
    assert!(fake.cdn.count(Kind::File) >= 2);
}

#[test]
fn a_link_that_stays_dead_leaves_the_job_to_recover() {
    let (fake, pinx) = start();
    fake.cdn.always(Kind::File, error(404, "gone"));
    run(&fake, &pinx, &["--deadline", "2"], 75).says("pinx recover");
    fake.cdn.always_with(Kind::File, |_, usual| usual);
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
}

#[test]
fn fault_38_links_to_private_places_are_refused() {
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/x.png",
        "https://10.0.0.1/x.png",
        "https://[fd00::1]/x.png",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x.png",
        "http://example.com/x.png",
    ] {
        let (fake, pinx) = start();
        let url = url.to_owned();
        fake.always_with(Kind::Result, move |_, _| result(&url, 64, 64));
        let output = pinx.run(&[&ARGS[..], &["--deadline", "2"]].concat()).leaves(&[]);
        let output = output.exits(1);
        assert_eq!((fake.posts(), pinx.entries("failed").len()), (1, 1), "{output}");
        assert!(fake.cdn.all().is_empty(), "{:?}", fake.cdn.all());
    }
}

#[test]
fn a_link_may_carry_the_image_itself() {
    let (fake, pinx) = start();
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(image::bytes(64, 64, "jpeg"));
    fake.links_to(&format!("data:image/jpeg;base64,{data}"));
    run(&fake, &pinx, &[], 0);
    assert_eq!(fake.cdn.count(Kind::File), 0);
}

#[test]
fn a_redirect_of_a_status_is_not_followed_with_the_key() {
    let (fake, pinx) = start();
    let to = format!("{}/status", fake.cdn.url());
    fake.next(Kind::Status, Answer::html(302).header("location", &to));
    pinx.run(&[&ARGS[..], &["--deadline", "2"]].concat());
    assert_eq!(fake.posts(), 1);
    assert!(fake.cdn.all().iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn fault_39_a_lost_submit_is_found_in_the_history() {
    let (fake, pinx) = start();
    fake.next_with(Kind::Submit, |_, _| Answer::dropped());
    run(&fake, &pinx, &[], 0);
    let [history] = fake.requests(Kind::History).try_into().unwrap();
    assert!(history.query.contains("endpoint_id=fal-ai%2Fflux%2Fschnell"), "{}", history.query);
    assert_eq!(pinx.entries("submitted").len(), 1, "found, so its call is written down");
}

#[test]
fn fault_39_of_two_equal_jobs_in_two_processes_each_has_its_own() {
    let (fake, pinx) = start();
    let gate = Gate::default();
    let held = gate.clone();
    fake.next_with(Kind::Submit, move |_, usual| usual.behind(&held));
    fake.next(Kind::Submit, Answer::dropped());
    let args = [&ARGS[..], &["--seed", "7", "--no-cache"]].concat();
    let first = pinx.command(&args).spawn();
    fake.wait_for(Kind::Submit, 1);
    // The second one's answer is lost, and it takes the older of the two equal requests.
    pinx.run(&args).exits(0);
    gate.open();
    let output = first.finish().exits(0);
    let mut results: Vec<_> =
        fake.requests(Kind::Result).into_iter().map(|request| request.path).collect();
    results.sort_unstable();
    results.dedup();
    assert_eq!((fake.posts(), results.len(), output.files.len()), (2, 2, 2), "{output}");
}

#[test]
fn fault_41_a_status_that_fails_twenty_times_is_still_collected() {
    let (fake, pinx) = start();
    for _ in 0..20 {
        fake.next(Kind::Status, Answer::html(502));
    }
    run(&fake, &pinx, &[], 0);
    assert!(fake.count(Kind::Status) >= 21);
}

#[test]
fn a_queue_that_cannot_be_reached_is_told_while_it_is_waited_for() {
    let (fake, pinx) = start();
    for _ in 0..3 {
        fake.next(Kind::Status, Answer::dropped());
    }
    let output = run(&fake, &pinx, &[], 0);
    assert_eq!(output.stderr.matches("trying again in").count(), 2, "not each time\n{output}");
}

#[test]
fn fault_42_a_job_that_never_ends_is_left_at_the_deadline() {
    let (fake, pinx) = start();
    let waiting = json!({ "status": "IN_QUEUE", "request_id": "x", "queue_position": 9 });
    fake.always(Kind::Status, Answer::json(202, &waiting));
    let output = run(&fake, &pinx, &["--deadline", "3", "--json"], 75);
    let job = &output.json()["jobs"][0];
    assert_eq!(job["status"], "pending", "{output}");
    assert_eq!(fake.count(Kind::Cancel), 0, "a paid job must not be cancelled by itself");
    fake.always(Kind::Status, completed("x"));
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
}

#[test]
fn fault_43_completed_may_mean_failed() {
    let (fake, pinx) = start();
    let body = json!({
        "status": "COMPLETED", "request_id": "x", "error": "Request timed out",
        "error_type": "request_timeout", "metrics": {},
    });
    fake.always(Kind::Status, Answer::json(200, &body));
    let detail = json!({ "detail": "Request timed out", "error_type": "request_timeout" });
    fake.always(Kind::Result, Answer::json(504, &detail));
    run(&fake, &pinx, &[], 1).says("timed out");
}

#[test]
fn fault_43_a_result_of_422_names_the_field() {
    let (fake, pinx) = start();
    fake.always(
        Kind::Result,
        located(422, "less_than_equal", "num_inference_steps", "must be at most 12"),
    );
    run(&fake, &pinx, &[], 1).says("num_inference_steps");
    // It has run, and may have been paid for.
    assert_eq!(pinx.entries("failed")[0]["billed"], "unknown");
}

/// A run that was killed while its paid job was in the queue.
fn killed_in_the_queue() -> (Fal, Pinx) {
    let (fake, pinx) = start();
    fake.always(Kind::Status, Answer::hang());
    let running = pinx.command(&ARGS).spawn();
    fake.wait_for(Kind::Status, 1);
    running.signal("KILL");
    running.finish().exits(-1);
    (fake, pinx)
}

#[test]
fn what_pinx_cannot_go_on_with_stays_open() {
    let (fake, pinx) = killed_in_the_queue();
    // A call that this version cannot make sense of.
    for path in pinx.segments() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, text.replace("\"app\":", "\"newer\":")).unwrap();
    }
    fake.always_with(Kind::Status, |_, usual| usual);
    pinx.run(&["recover"]).exits(75);
    assert_eq!((fake.posts(), pinx.entries("failed").len()), (1, 0));
}

#[test]
fn a_job_of_a_key_that_is_gone_is_told() {
    let (fake, pinx) = killed_in_the_queue();
    fake.always(Kind::Status, error(404, "Request not found"));
    let other = "5f1f3b1e-1111-4222-8333-444455556666:1123456789abcdef";
    let pinx = pinx.secret(other).env("FAL_KEY", other);
    pinx.run(&["recover"]).exits(75).says("was paid for with").says("which is gone");
}

#[test]
fn a_submit_of_422_names_the_field() {
    let (fake, pinx) = start();
    fake.answers(located(422, "less_than_equal", "num_inference_steps", "must be at most 12"));
    run(&fake, &pinx, &[], 1).says("num_inference_steps").says("must be at most 12");
}

#[test]
fn a_result_of_500_was_not_billed_and_is_made_again() {
    let (fake, pinx) = start();
    let broken =
        Answer::json(500, &json!({ "detail": "boom", "error_type": "internal_server_error" }));
    fake.next(Kind::Result, broken);
    let output = pinx.run(&ARGS).exits(0);
    assert!(fake.posts() <= 2, "{output}");
}

#[test]
fn an_unknown_status_means_wait() {
    let (fake, pinx) = start();
    fake.next(Kind::Status, Answer::json(200, &json!({ "status": "WARMING_UP" })));
    run(&fake, &pinx, &[], 0);
}

#[test]
fn a_status_of_404_leaves_the_outcome_open() {
    let (fake, pinx) = start();
    fake.always(Kind::Status, error(404, "NOT_FOUND"));
    run(&fake, &pinx, &["--deadline", "2"], 75).says("pinx recover");
}

#[test]
fn a_key_refused_while_polling_leaves_the_job_open() {
    let (fake, pinx) = start();
    fake.always(Kind::Status, error(401, "invalid key credentials"));
    run(&fake, &pinx, &["--deadline", "2"], 75);
    fake.always_with(Kind::Status, |_, usual| usual);
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
}

#[test]
fn a_result_without_images_is_unusable() {
    let (fake, pinx) = start();
    fake.always(Kind::Result, Answer::json(200, &json!({ "images": [], "seed": null })));
    run(&fake, &pinx, &["--deadline", "2"], 1);
}

#[test]
fn an_empty_account_is_a_matter_of_billing_not_of_another_key() {
    for (status, detail) in [
        (
            403,
            "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard.",
        ),
        (402, "Payment Required"),
        (402, ""),
    ] {
        let (fake, pinx) = start();
        fake.answers(error(status, detail));
        run(&fake, &pinx, &[], 3).says("dashboard/billing").never_says("another key");
    }
}

#[test]
fn a_result_that_is_said_to_be_in_progress_does_not_end_the_job() {
    let going_on = json!({ "status": "IN_PROGRESS", "request_id": "x" });
    for answer in [
        error(400, "Request is still in progress"),
        error(400, "Request x is in progress"),
        Answer::json(400, &going_on),
        Answer::json(202, &going_on),
        Answer::json(200, &going_on),
    ] {
        let (fake, pinx) = start();
        fake.next(Kind::Result, answer.clone()).next(Kind::Result, answer);
        run(&fake, &pinx, &[], 0);
        assert_eq!(fake.count(Kind::Result), 3);
    }
}

#[test]
fn a_redirected_poll_or_result_is_followed_within_its_own_role_only() {
    let other = Fal::start();
    for status in [301, 307, 308] {
        for kind in [Kind::Status, Kind::Result] {
            let (fake, pinx) = start();
            fake.next_with(kind, move |request, _| {
                Answer::html(status).header("location", &format!("{}?again=1", request.path))
            });
            run(&fake, &pinx, &[], 0);
            assert!(fake.requests(kind).iter().any(|request| request.query == "again=1"));
            // Elsewhere the key has no business; there the same is asked for again.
            let (fake, pinx) = start();
            let host = other.url();
            fake.next_with(kind, move |request, _| {
                Answer::html(status).header("location", &format!("{host}{}", request.path))
            });
            run(&fake, &pinx, &[], 0);
        }
    }
    assert!(other.all().is_empty(), "{:?}", other.all());
}

#[test]
fn a_poll_that_is_redirected_for_ever_leaves_the_job_open() {
    let (fake, pinx) = start();
    fake.always_with(Kind::Status, |request, _| {
        let again = format!("{}?n={}x", request.path, request.query.len());
        Answer::html(307).header("location", &again)
    });
    run(&fake, &pinx, &["--deadline", "3"], 75).says("redirect");
    fake.always_with(Kind::Status, |_, usual| usual);
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
}
