//! The numbered faults of the way to a provider: no name, no answer, no trust, no connection left.
//! Nothing was sent, so nothing is paid, and the next route is taken; what was sent is not repeated.

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, with_image};
use crate::fake::{Answer, Kind, certificate, image};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

const ALONE: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];
const WITH_FALLBACK: [&str; 6] =
    ["generate", "a red fox", "-m", "openai/gpt-image-2", "--fallback", "fal/flux-schnell"];

fn at(base_url: &str) -> Pinx {
    Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .env("PINX_PROVIDERS_OPENAI_BASE_URL", base_url)
        .env("PINX_BACKOFF", "50ms")
}

/// Alone: exit 1, no file, as many attempts as said, each closed and none billed.
#[track_caller]
fn alone(pinx: &Pinx, attempts: usize) -> Output {
    let output = pinx.run(&[&ALONE[..], &["--json"]].concat()).exits(1).leaves(&[]);
    let job = &output.json()["jobs"][0];
    assert_eq!((&job["status"], &job["billed"]), (&"failed".into(), &"no".into()), "{output}");
    assert_eq!(pinx.entries("intent").len(), attempts, "{output}");
    assert_eq!(pinx.entries("tried").len() + 1, attempts, "{output}");
    let [failed] = pinx.entries("failed").try_into().unwrap();
    assert_eq!(failed["billed"], "no", "{failed}");
    pinx.run(&["recover"]).exits(0);
    output
}

/// With another provider: it makes the image, and the journal says so.
#[track_caller]
fn falls_back(base_url: &str, retries: &str) -> Output {
    let fal = Fal::start();
    let pinx = at(base_url).fal(&fal).env("PINX_CONNECT_TIMEOUT", "500ms");
    let output = pinx.run(&[&WITH_FALLBACK[..], &["--retries", retries]].concat()).exits(0);
    assert_eq!((fal.posts(), output.files.len()), (1, 1), "{output}");
    let [done] = pinx.entries("done").try_into().unwrap();
    assert_eq!(done["model"], "fal/flux-schnell");
    output.says("fal/flux-schnell")
}

/// A label that is too long is refused by the resolver itself: no name server is asked.
fn nowhere() -> String {
    format!("https://{}.invalid/v1", "x".repeat(64))
}

#[test]
fn fault_01_a_name_that_nobody_knows_is_never_paid_and_falls_back() {
    alone(&at(&nowhere()), 3);
    falls_back(&nowhere(), "0");
}

/// A listener that accepts nobody and whose queue is full: a connection to it is never made.
#[cfg(target_os = "linux")]
fn black_hole() -> (std::net::TcpListener, Vec<std::net::TcpStream>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300));
    let waiting: Vec<_> = std::iter::from_fn(|| connect().ok()).take(10_000).collect();
    assert!(connect().is_err(), "{} connections wait and it takes still more", waiting.len());
    (listener, waiting)
}

#[cfg(target_os = "linux")]
#[test]
fn fault_03_a_black_hole_is_left_after_the_connect_timeout() {
    let (listener, _waiting) = black_hole();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let pinx = at(&base_url).env("PINX_CONNECT_TIMEOUT", "500ms");
    let output = alone(&pinx, 3);
    assert!(output.stdout.contains("does not answer"), "{output}");
    assert!(output.took < Duration::from_secs(28), "three times 0.5 s, and the pauses\n{output}");
    falls_back(&base_url, "0");
    let usual = Pinx::new().run(&["config", "get", "connect_timeout"]).exits(0);
    assert!(usual.stdout.contains("10s"), "ten seconds each unless it is set\n{usual}");
}

#[test]
fn fault_04_a_certificate_that_nobody_signed_is_not_tried_twice() {
    let (port, seen) = certificate::start();
    let base_url = format!("https://127.0.0.1:{port}/v1");
    let output = alone(&at(&base_url), 1);
    assert!(output.stdout.contains("bad_certificate"), "{output}");
    assert_eq!(seen.connections.load(Ordering::Relaxed), 1, "no retry\n{output}");
    falls_back(&base_url, "2").says("certificate");
    assert_eq!(seen.connections.load(Ordering::Relaxed), 2);
    assert_eq!(seen.believers.load(Ordering::Relaxed), 0, "the key was sent to a stranger");
}

/// A gigabyte of spaces in the place of JSON, as one megabyte of gzip.
fn gzip_bomb() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let piece = vec![b' '; 1 << 20];
    for _ in 0..1024 {
        packed.write_all(&piece).unwrap();
    }
    packed.finish().unwrap()
}

#[test]
fn fault_35_a_gzip_bomb_is_cut_and_memory_stays_flat() {
    let bomb = gzip_bomb();
    assert!(bomb.len() < 2 << 20, "{}", bomb.len());
    let fake = OpenAi::start();
    let answer = Answer::bytes(200, "application/json", bomb).header("content-encoding", "gzip");
    fake.always(Kind::Images, answer);
    let pinx = Pinx::new().openai(&fake).env("PINX_ANSWER_LIMIT", "80MiB");
    let (output, peak) = pinx.command(&ALONE).spawn().finish_watched();
    let output = output.exits(1).leaves(&[]);
    assert_eq!((fake.posts(), pinx.entries("intent").len()), (1, 1), "{output}");
    assert!(peak < 120 * 1024, "{peak} KiB at its peak\n{output}");
    let [failed] = pinx.entries("failed").try_into().unwrap();
    assert_eq!((&failed["kind"], &failed["billed"]), (&"unusable".into(), &"yes".into()));
}

#[test]
fn fault_51_a_connection_that_was_closed_meanwhile_is_made_anew() {
    let fake = OpenAi::start();
    let image = with_image(&image::marked(1));
    fake.next(Kind::Images, image.clone().closed());
    fake.always(Kind::Images, image);
    let pinx = Pinx::new().openai(&fake);
    let output = pinx.run(&[&ALONE[..], &["-n", "2", "-j", "1"]].concat());
    // The close may be seen before the second request is written, or only after it.
    assert!([0, 75].contains(&output.code), "{output}");
    assert_eq!(pinx.entries("intent").len(), 2, "{output}");
    assert!(fake.posts() <= 2, "{output}");
    assert_eq!(output.files.len(), if output.code == 0 { 2 } else { 1 }, "{output}");
}

#[test]
fn fault_51_a_request_on_a_connection_that_dies_under_it_is_never_repeated() {
    for end in [Answer::dropped(), with_image(&image::marked(2)).cut()] {
        let fake = OpenAi::start();
        fake.next(Kind::Images, with_image(&image::marked(1)));
        fake.next(Kind::Images, end);
        let pinx = Pinx::new().openai(&fake);
        let output = pinx.run(&[&ALONE[..], &["-n", "2", "-j", "1"]].concat()).exits(75);
        let from: Vec<_> = fake.requests(Kind::Images).iter().map(|post| post.from).collect();
        assert_eq!(from.len(), 2, "written once each\n{output}");
        assert_eq!(from[0], from[1], "both over one connection: {from:?}");
        assert_eq!(fake.connections(), 1, "it came back\n{output}");
        assert_eq!((output.files.len(), pinx.entries("intent").len()), (1, 2), "{output}");
        assert_eq!((pinx.entries("done").len(), pinx.entries("open").len()), (1, 1), "{output}");
    }
}
