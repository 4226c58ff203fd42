//! Providers that mean harm, in every field and at every stage: nothing leaks, memory stays flat,
//! the terminal is unharmed, the exit code is right, and nothing is paid for twice.
//!
//! That no key stands in stdout, stderr or any file, and that the journal is sound, is checked after
//! every run anyway.

mod bombs; // answers that would take all memory

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::fake::fal::{Fal, completed, result};
use crate::fake::openai::{OpenAi, error, with_image};
use crate::fake::{Answer, Kind, PATIENCE, Server, image};
use crate::pinx::{Call, FAL_KEY, OPENAI_KEY, Output, Pinx};

const OPENAI: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];
const FAL: [&str; 7] =
    ["generate", "a red fox", "-m", "fal/flux-schnell", "--no-fallback", "--deadline", "2"];
/// Clears a screen, sets a title, recolours, reverses, hides, and climbs out of a directory.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}evil\u{2066}\u{200b}\u{e0041}\r\n\u{8}\u{0}../../../etc/passwd";
/// The most memory that anything here may take, in KiB.
const MEMORY: u64 = 120 * 1024;

fn openai(answer: Answer) -> (OpenAi, Pinx) {
    let fake = OpenAi::start();
    fake.always(Kind::Images, answer);
    let pinx = Pinx::new().openai(&fake).env("PINX_RETRIES", "0");
    (fake, pinx)
}

fn fal() -> (Fal, Pinx) {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake).env("PINX_RETRIES", "0");
    (fake, pinx)
}

/// Everything that shows what a provider said shows it unharmed.
#[track_caller]
fn look_everywhere(pinx: &Pinx) {
    let entries = pinx.journal();
    let job = entries.last().map_or("", |entry| entry["job"].as_str().unwrap());
    for args in [&["log"][..], &["log", "show", job], &["recover", "--list"]] {
        pinx.run(args).stays_inert();
        let output = pinx.run(&[args, &["--json"]].concat()).stays_inert();
        output.json();
    }
    assert!(entries.iter().all(|entry| !entry.to_string().contains("\\u001b")), "{entries:#?}");
}

/// One paid request at the most, one of these codes, nothing but an image on the disk.
#[track_caller]
fn holds(pinx: &Pinx, args: &[&str], codes: &[i32]) -> Output {
    let output = watched(pinx.command(args));
    assert!(codes.contains(&output.code), "{codes:?} expected\n{output}");
    assert!(pinx.entries("intent").len() <= 1, "{output}");
    for name in &output.files {
        let ours = name.starts_with("a-red-fox.") && !name.contains('/');
        assert!(ours, "{name} was not asked for\n{output}");
    }
    let panicked = output.stderr.contains("panicked") || output.stderr.contains("internal");
    assert!(!panicked, "{output}");
    output.stays_inert()
}

#[track_caller]
fn watched(call: Call<'_>) -> Output {
    let (output, peak) = call.spawn().finish_watched();
    assert!(peak < MEMORY, "{peak} KiB at its peak\n{output}");
    output
}

#[test]
fn every_string_of_an_openai_error_is_inert() {
    for status in [400, 401, 403, 404, 429, 500, 503] {
        let body = json!({ "error": {
            "message": EVIL, "type": EVIL, "param": EVIL, "code": EVIL, EVIL: EVIL,
            "inner_error": { "code": EVIL }, "moderation_details": { "categories": [EVIL] },
        }});
        let (_fake, pinx) = openai(Answer::json(status, &body).header("retry-after", "90"));
        // A 500 in words that are not the provider's may have been billed.
        holds(&pinx, &OPENAI, &[1, 3, 75]);
        look_everywhere(&pinx);
        let (_fake, pinx) = openai(Answer::json(status, &body).header("retry-after", "90"));
        let output = holds(&pinx, &[&OPENAI[..], &["--json", "-v"]].concat(), &[1, 3, 75]);
        output.json();
    }
}

#[test]
fn every_string_of_an_openai_answer_is_inert() {
    let good = STANDARD.encode(image::marked(1));
    for item in [
        json!({ "b64_json": good, "revised_prompt": EVIL, "url": EVIL, EVIL: EVIL }),
        json!({ "b64_json": EVIL, "revised_prompt": EVIL }),
        json!({ "url": EVIL }),
        json!({ "url": format!("http://127.0.0.1:1/{EVIL}") }),
        json!({ "url": format!("data:{EVIL};base64,{EVIL}") }),
    ] {
        let body = json!({ "data": [item], "created": EVIL, "size": EVIL, "output_format": EVIL });
        let answer = Answer::json(200, &body)
            .header("x-request-id", "../../etc/passwd")
            .header("cf-aig-log-id", "../../../x");
        let (_fake, pinx) = openai(answer);
        let args = [&OPENAI[..], &["--deadline", "2"]].concat();
        holds(&pinx, &args, &[0, 1, 75]);
        look_everywhere(&pinx);
    }
}

#[test]
fn a_header_with_control_characters_is_no_answer() {
    let (_fake, pinx) = openai(with_image(&image::marked(1)).header("x-request-id", "\u{1b}[2J"));
    holds(&pinx, &OPENAI, &[0, 75]);
    look_everywhere(&pinx);
}

#[test]
fn every_string_of_a_queue_is_inert() {
    let evil = |key: &str| json!({ key: EVIL });
    let all = json!({
        "request_id": EVIL, "status": EVIL, "error": EVIL, "error_type": EVIL, "detail": EVIL,
        "status_url": EVIL, "response_url": EVIL, "cancel_url": EVIL, "queue_position": EVIL,
        "logs": [{ "message": EVIL }], EVIL: EVIL,
    });
    let failed = json!({ "status": "COMPLETED", "error": EVIL, "error_type": EVIL });
    let located = json!({ "detail": [{ "loc": [EVIL, EVIL], "msg": EVIL, "type": EVIL }] });
    let images = json!({ "images": [{
        "url": EVIL, "file_name": "../../evil.sh", "content_type": EVIL }], "revised_prompt": EVIL });
    for (kind, status, body) in [
        (Kind::Submit, 422, &located),
        (Kind::Submit, 403, &evil("detail")),
        (Kind::Status, 200, &all),
        (Kind::Status, 404, &evil("detail")),
        (Kind::Status, 200, &failed),
        (Kind::Result, 422, &located),
        (Kind::Result, 504, &all),
        (Kind::Result, 200, &images),
        (Kind::Result, 200, &json!({ "images": [EVIL, { "url": EVIL }, null, 7], "seed": EVIL })),
    ] {
        let (fake, pinx) = fal();
        fake.always(kind, Answer::json(status, body));
        // A job that is said to have failed in unknown words is explained by its result.
        let codes = if *body == failed { &[0][..] } else { &[1, 3, 5, 75] };
        holds(&pinx, &FAL, codes);
        look_everywhere(&pinx);
    }
}

#[test]
fn a_request_id_that_climbs_is_no_request_id() {
    for id in
        ["../../x", "a/../b", "x\u{0}y", "x\ny", "", "?a=b", "#", "%2e%2e%2f", "@evil", FAL_KEY]
    {
        let (fake, pinx) = fal();
        let body =
            json!({ "request_id": id, "status_url": format!("http://evil.invalid/{id}/status") });
        // Nothing is found in the history either.
        fake.always(Kind::Submit, Answer::json(200, &body));
        fake.always(Kind::History, Answer::json(200, &json!({ "items": [] })));
        let running = pinx.command(&FAL).spawn();
        fake.wait_for(Kind::Submit, 1);
        std::thread::sleep(Duration::from_millis(200));
        running.signal("INT");
        let output = running.finish().stays_inert();
        assert!([75, 130].contains(&output.code), "{id:?}\n{output}");
        let polled = fake.all().into_iter().any(|request| request.path.contains(".."));
        assert!(!polled, "{id:?}: {:#?}", fake.all());
        look_everywhere(&pinx);
    }
}

/// A listener that must hear nothing, or at least no key.
fn elsewhere() -> Server {
    Server::start(|_, _| Kind::Other, |_| Answer::html(200))
}

#[track_caller]
fn hears_no_key(server: &Server) {
    for request in server.all() {
        let text = format!("{request:?}");
        assert!(!text.contains(OPENAI_KEY) && !text.contains(FAL_KEY), "{text}");
        assert!(request.header("authorization").is_none(), "{text}");
    }
}

#[test]
fn redirects_to_other_hosts_are_followed_nowhere() {
    let other = elsewhere();
    let to = |status| Answer::html(status).header("location", &format!("{}/v1/x", other.url()));
    for status in [301, 302, 303, 307, 308] {
        let (fake, pinx) = openai(to(status));
        holds(&pinx, &OPENAI, &[1]);
        assert_eq!(fake.posts(), 1);
        for kind in [Kind::Submit, Kind::Status, Kind::Result, Kind::History] {
            let (fake, pinx) = fal();
            fake.always(kind, to(status));
            holds(&pinx, &FAL, &[0, 1, 75]);
            assert_eq!(fake.posts(), 1);
        }
    }
    assert!(other.all().is_empty(), "{:#?}", other.all());
}

#[test]
fn links_and_their_redirects_lead_to_no_private_place_and_carry_no_key() {
    let other = elsewhere();
    let port = other.url().rsplit(':').next().unwrap().to_owned();
    for link in [
        format!("http://user:{FAL_KEY}@127.0.0.1:{port}/x.png"),
        format!("http://user@127.0.0.1:{port}/x.png"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://[::ffff:169.254.169.254]/".to_owned(),
        "http://0.0.0.0:1/".to_owned(),
        "https://10.0.0.1/x.png".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/".to_owned(),
        "//evil.invalid/x.png".to_owned(),
        "javascript:alert(1)".to_owned(),
    ] {
        let (fake, pinx) = fal();
        let url = link.clone();
        fake.always_with(Kind::Result, move |_, _| result(&url, 64, 64));
        holds(&pinx, &FAL, &[1, 75]);
        let (fake, pinx) = fal();
        let to = link.clone();
        fake.cdn.always_with(Kind::File, move |_, _| Answer::html(302).header("location", &to));
        holds(&pinx, &FAL, &[1, 75]);
    }
    assert!(other.all().is_empty(), "{:#?}", other.all());
    let (fake, pinx) = fal();
    let to = format!("{}/x.png", other.url());
    fake.cdn.always_with(Kind::File, move |_, _| Answer::html(307).header("location", &to));
    holds(&pinx, &FAL, &[1, 75]);
    hears_no_key(&other);
    hears_no_key(&fake.cdn);
}

#[test]
fn a_link_that_redirects_for_ever_ends() {
    let (fake, pinx) = fal();
    let to = format!("{}/again.png", fake.cdn.url());
    fake.cdn.always_with(Kind::File, move |_, _| Answer::html(302).header("location", &to));
    holds(&pinx, &FAL, &[1, 75]);
    assert!(fake.cdn.all().len() < 100, "{}", fake.cdn.all().len());
}

#[test]
fn keys_echoed_anywhere_by_openai_are_not_seen_again() {
    let echo = |answer: Answer| {
        let mut answer = answer;
        for name in
            ["x-request-id", "cf-aig-log-id", "cf-aig-cache-status", "cf-aig-step", "set-cookie"]
        {
            answer = answer.header(name, OPENAI_KEY);
        }
        answer.header("www-authenticate", &format!("Bearer {OPENAI_KEY}"))
    };
    let shy = format!("{}…{}", &OPENAI_KEY[..4], OPENAI_KEY);
    let good = STANDARD.encode(image::marked(1));
    let link = format!("http://127.0.0.1:1/{OPENAI_KEY}.png?key={OPENAI_KEY}");
    for body in [
        json!({ "data": [{ "b64_json": good, "revised_prompt": format!("a fox {OPENAI_KEY}") }] }),
        json!({ "data": [{ "url": link }] }),
        json!({ "data": [{ "b64_json": OPENAI_KEY }], "id": OPENAI_KEY }),
        json!({ "error": { "message": shy, "code": OPENAI_KEY, "type": OPENAI_KEY, "param": OPENAI_KEY } }),
        json!({ OPENAI_KEY: OPENAI_KEY }),
    ] {
        for status in [200, 400, 401, 403, 404, 429, 500, 502] {
            let (_fake, pinx) =
                openai(echo(Answer::json(status, &body)).header("retry-after", "90"));
            holds(&pinx, &[&OPENAI[..], &["--deadline", "2", "-v"]].concat(), &[0, 1, 3, 75]);
            if status == 200 {
                look_everywhere(&pinx);
            }
        }
    }
}

#[test]
fn keys_echoed_anywhere_by_a_queue_are_not_seen_again() {
    // A key without a colon fits where a request id belongs.
    const PLAIN: &str = "abcdef0123456789abcdef0123456789";
    for key in [FAL_KEY, PLAIN] {
        let url = format!("http://evil.invalid/queue/{key}/{key}/requests/{key}/status");
        let words = json!({ "detail": key, "error": key, "error_type": key, "status": key });
        let images = json!({ "images": [{ "url": format!("http://127.0.0.1:1/{key}") }] });
        for (kind, status, body) in [
            (Kind::Submit, 200, json!({ "request_id": key, "status_url": url })),
            (
                Kind::Submit,
                200,
                json!({ "request_id": "ok-1", "status_url": url.replace(&format!("requests/{key}"), "requests/ok-1") }),
            ),
            (Kind::Submit, 401, words.clone()),
            (Kind::Status, 200, words.clone()),
            (Kind::Status, 404, words.clone()),
            (Kind::Result, 422, words.clone()),
            (Kind::Result, 200, images),
        ] {
            let (fake, pinx) = fal();
            let pinx = pinx.env("FAL_KEY", key).secret(key);
            let answer = Answer::json(status, &body).header("x-fal-request-id", key);
            fake.always(kind, answer);
            fake.always(Kind::History, Answer::json(200, &json!({ "items": [] })));
            let running = pinx.command(&FAL).spawn();
            fake.wait_for(kind, 1);
            // A submit that made no sense is looked for in the history for a while.
            std::thread::sleep(Duration::from_millis(300));
            running.signal("INT");
            let output = running.finish().stays_inert();
            assert!([1, 3, 75, 130].contains(&output.code), "{output}");
            look_everywhere(&pinx);
        }
    }
}

#[test]
fn a_status_that_never_ends_and_always_changes_is_left_at_the_deadline() {
    let (fake, pinx) = fal();
    let count = std::sync::atomic::AtomicUsize::new(0);
    fake.always_with(Kind::Status, move |_, _| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let position = [json!(-1), json!(1e308), json!("many"), json!(u64::MAX), json!(null)];
        match number % 7 {
            0 => Answer::html(200),
            1 => Answer::json(
                202,
                &json!({ "status": EVIL, "queue_position": position[number % 5] }),
            ),
            2 => Answer::json(200, &json!([number])),
            3 => Answer::bytes(200, "application/json", vec![0xff; 100]),
            4 => Answer::json(429, &json!({})).header("retry-after", "9999999"),
            5 => Answer::json(
                202,
                &json!({ "status": "IN_QUEUE", "queue_position": position[number % 5] }),
            ),
            _ => Answer::json(200, &json!({ "status": { "COMPLETED": true } })),
        }
    });
    let output = holds(&pinx, &FAL, &[75]);
    assert!(output.took < PATIENCE, "{output}");
    assert!(fake.count(Kind::Status) > 7 && fake.count(Kind::Result) == 0);
    fake.always(Kind::Status, completed("x"));
    pinx.run(&["recover"]).exits(0);
    assert_eq!((fake.posts(), pinx.files().len()), (1, 1));
}

#[test]
fn absurd_waits_are_neither_waited_for_nor_fatal() {
    for wait in ["-5", "1e308", "NaN", "inf", "Fri, 31 Dec 9999 23:59:59 GMT", "0x10", "", "٣"] {
        for name in ["retry-after", "retry-after-ms"] {
            let answer = error(429, "rate_limit_exceeded", "slow down").header(name, wait);
            let (fake, pinx) = openai(answer);
            let output = holds(&pinx, &OPENAI, &[1]);
            assert!(output.took < PATIENCE, "{name}: {wait}\n{output}");
            assert_eq!(fake.posts(), 1);
        }
    }
    let spoken = "Please try again in 99999999999999999999999h9999999999999999999999999999s.";
    let (_fake, pinx) = openai(error(429, "rate_limit_exceeded", spoken));
    let output = holds(&pinx, &OPENAI, &[1]);
    assert!(output.took < PATIENCE, "{output}");
}

#[test]
fn a_wrong_length_loses_no_whole_image_and_saves_no_torn_one() {
    let answer = with_image(&image::marked(1));
    let length = answer.body.len() as u64;
    let (fake, pinx) = openai(answer.clone().claiming(length + 9));
    holds(&pinx, &OPENAI, &[0]);
    assert_eq!(fake.posts(), 1);
    let (fake, pinx) = openai(answer.clone().claiming(length - 9));
    holds(&pinx, &OPENAI, &[1, 75]);
    assert_eq!(fake.posts(), 1);
    // Two lengths that differ are no answer at all.
    let (fake, pinx) = openai(answer.header("content-length", "7"));
    holds(&pinx, &OPENAI, &[1, 75]);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn numbers_beyond_all_bounds_are_no_cost() {
    let good = STANDARD.encode(image::marked(1));
    for number in [json!(1e308), json!(-1), json!(u64::MAX), json!("many"), json!(null)] {
        let details = json!({ "image_tokens": number, "text_tokens": number });
        let usage = json!({
            "input_tokens": number, "output_tokens": number, "total_tokens": number, "cost": number,
            "input_tokens_details": details, "output_tokens_details": details,
        });
        let body = json!({ "data": [{ "b64_json": good, "seed": number }], "usage": usage, "created": number });
        let (fake, pinx) =
            openai(Answer::json(200, &body).header("x-litellm-response-cost", "1e308"));
        holds(&pinx, &[&OPENAI[..], &["--json"]].concat(), &[0]).json();
        assert_eq!(fake.posts(), 1);
        look_everywhere(&pinx);
        let (fake, pinx) = fal();
        fake.always_with(Kind::Result, move |_, usual| {
            usual.header("x-fal-billable-units", "1e308")
        });
        holds(&pinx, &FAL, &[0]);
        look_everywhere(&pinx);
    }
}
