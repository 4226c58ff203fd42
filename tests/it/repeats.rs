//! Requests to a server that come again: by a key that they bear, or repeated by a library. What the
//! first one gets they get, also after a restart, and nothing is paid for twice.

use serde_json::{Value, json};

use crate::fake::openai::{self, OpenAi};
use crate::fake::{Answer, Gate, Kind, fal, image};
use crate::pinx::Pinx;
use crate::served::{Reply, Served};

const JSON: (&str, &str) = ("content-type", "application/json");

fn ask(served: &Served<'_>, heads: &[(&str, &str)], body: &Value) -> Reply {
    let heads = [&[JSON], heads].concat();
    served.send("POST /api/generate", &heads, body.to_string().as_bytes())
}

fn fox() -> Value {
    json!({ "prompt": "a fox", "model": "gpt-image-2" })
}

fn sha256(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.json());
    reply.json()["jobs"][0]["images"][0]["sha256"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_gets_the_same_image_and_no_other_request_gets_it() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let key = ("idempotency-key", "order-1");
    let first = ask(&served, &[key], &fox());
    // The order of its fields makes no other request of it.
    let again = ask(&served, &[key], &json!({ "model": "gpt-image-2", "prompt": "a fox" }));
    assert_eq!((sha256(&first), fake.posts()), (sha256(&again), 1));
    assert_eq!(first.heads["x-request-id"], again.heads["x-request-id"]);
    let other = ask(&served, &[key], &json!({ "prompt": "an owl", "model": "gpt-image-2" }));
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    assert_eq!(ask(&served, &[("idempotency-key", "order-2")], &fox()).status, 200);
    for bad in ["", &"x".repeat(256)] {
        assert_eq!(ask(&served, &[("idempotency-key", bad)], &fox()).status, 400, "{bad}");
    }
    assert_eq!(fake.posts(), 2);
    served.stop();
    // Also of another process.
    let served = Served::start(&pinx, &[]);
    let later = ask(&served, &[key], &fox());
    assert_eq!((sha256(&later), fake.posts()), (sha256(&first), 2));
    assert_eq!(later.heads["x-request-id"], first.heads["x-request-id"]);
    let other = ask(&served, &[key], &json!({ "prompt": "an owl", "model": "gpt-image-2" }));
    assert_eq!(other.status, 422);
    served.stop();
}

#[test]
fn eight_at_once_with_one_key_are_one() {
    let fake = OpenAi::start();
    let gate = Gate::default();
    fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let one = || ask(&served, &[("idempotency-key", "k")], &fox());
        let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        fake.wait_for(Kind::Images, 1);
        gate.open();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let hashes: Vec<String> = replies.iter().map(sha256).collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    assert_eq!(fake.posts(), 1);
    served.stop();
}

#[test]
fn two_servers_that_are_asked_at_once_with_one_key_pay_once() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let servers = [0, 1].map(|_| Served::start(&pinx, &[]));
    for key in ["a", "b", "c"] {
        let before = fake.posts();
        let mut asked = fox();
        asked["n"] = 2.into();
        let (key, asked) = (("idempotency-key", key), &asked);
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let all = servers.iter().map(|served| scope.spawn(move || ask(served, &[key], asked)));
            all.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(sha256(&replies[0]), sha256(&replies[1]));
        assert_eq!(replies[0].heads["x-request-id"], replies[1].heads["x-request-id"]);
        assert_eq!(fake.posts() - before, 2, "one request for each of its images");
    }
    servers.into_iter().for_each(|served| drop(served.stop()));
}

/// Libraries send no key, but say which repeat it is.
#[test]
fn what_a_library_repeats_joins_the_first_one() {
    let fake = OpenAi::start();
    let gate = Gate::default();
    fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    let heads = [JSON, ("x-stainless-retry-count", "0")];
    let body = fox().to_string();
    let first = served.begin("POST /api/generate", &heads, body.as_bytes());
    fake.wait_for(Kind::Images, 1);
    // It gives up waiting, and asks again.
    drop(first);
    let again = std::thread::scope(|scope| {
        let again = scope.spawn(|| ask(&served, &[("x-stainless-retry-count", "1")], &fox()));
        std::thread::sleep(std::time::Duration::from_millis(100));
        gate.open();
        again.join().unwrap()
    });
    sha256(&again);
    assert_eq!(fake.posts(), 1);
    // A request that is no repeat is another one, and so is a repeat of another.
    sha256(&ask(&served, &[("x-stainless-retry-count", "0")], &fox()));
    let owl = json!({ "prompt": "an owl", "model": "gpt-image-2" });
    sha256(&ask(&served, &[("x-stainless-retry-count", "2")], &owl));
    assert_eq!(fake.posts(), 3);
    served.stop();
}

#[test]
fn what_came_to_nothing_is_asked_for_anew_and_what_may_be_billed_is_not() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_RETRIES", "0");
    let served = Served::start(&pinx, &[]);
    let key = [("idempotency-key", "k")];
    fake.answers(openai::rate_limited());
    assert_eq!(ask(&served, &key, &fox()).code(), "rate_limit_exceeded");
    fake.answers(Answer::dropped());
    for _ in 0..3 {
        let doubtful = ask(&served, &key, &fox());
        assert_eq!((doubtful.status, doubtful.code().as_str()), (424, "outcome_unknown"));
    }
    assert_eq!(fake.posts(), 2);
    served.stop();
}

/// Nobody can say what became of what it sent, so nothing is waited for, and nothing is sent again.
#[test]
fn what_a_killed_server_has_lost_is_told_to_who_asks_the_next_one() {
    let fake = OpenAi::start();
    fake.answers(Answer::hang());
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &["-j", "1"]);
    let (key, asked) =
        (("idempotency-key", "k"), json!({ "prompt": "a fox", "n": 2, "model": "gpt-image-2" }));
    let text = asked.to_string();
    let _stream = served.begin("POST /api/generate", &[JSON, key], text.as_bytes());
    fake.wait_for(Kind::Images, 1);
    served.signal("KILL");
    served.finish();
    let served = Served::start(&pinx, &[]);
    for _ in 0..2 {
        let reply = ask(&served, &[key], &asked);
        assert_eq!((reply.status, reply.code().as_str()), (424, "outcome_unknown"));
        let jobs = reply.json()["jobs"].clone();
        let states = [0, 1].map(|at| jobs[at]["status"].as_str().unwrap().to_owned());
        assert_eq!(states, ["unknown", "pending"], "the second one was never begun");
        let why = jobs[1]["error"]["message"].as_str().unwrap();
        assert!(why.starts_with("not begun: "), "{why}");
    }
    assert_eq!(fake.posts(), 1);
    served.stop();
}

/// The process is killed while a queue has the job: who asks the next one with the same key gets the image.
#[test]
fn a_key_outlives_a_killed_server() {
    let fake = fal::Fal::start();
    let gate = Gate::default();
    fake.next(Kind::Status, fal::completed("x").behind(&gate));
    let pinx = Pinx::new().fal(&fake);
    let served = Served::start(&pinx, &[]);
    let body = json!({ "prompt": "an owl", "model": "fal/flux-schnell" });
    let heads = [JSON, ("idempotency-key", "k")];
    let text = body.to_string();
    let _stream = served.begin("POST /api/generate", &heads, text.as_bytes());
    fake.wait_for(Kind::Status, 1);
    served.signal("KILL");
    served.finish();
    gate.open();
    let served = Served::start(&pinx, &[]);
    let reply = ask(&served, &[heads[1]], &body);
    sha256(&reply);
    assert_eq!(fake.posts(), 1);
    let run = reply.heads["x-request-id"].clone();
    assert_eq!(served.get(&format!("/api/runs/{run}")).json()["jobs"][0]["status"], "done");
    served.stop();
}
