//! Answers that would cost many times their own length in memory: read within bounds, with the class
//! that they would have had, and never asked for again where it costs money.

use std::time::Duration;

use crate::fake::fal::Fal;
use crate::fake::openai::OpenAi;
use crate::fake::{Answer, Kind};
use crate::pinx::{Call, Output, Pinx};

/// Bytes of a bomb: below the cap of one reply, and half a gigabyte as a tree.
const LENGTH: usize = 12 * 1024 * 1024;

/// The most memory that a run may need, in KiB: the bomb itself and what every run needs.
const MOST: u64 = 100 * 1024;

/// A body of `LENGTH` bytes: an opening, the same piece again and again, an ending.
fn bomb(open: &str, piece: &str, end: &str) -> Vec<u8> {
    [open, &piece.repeat(LENGTH / piece.len()), end].concat().into_bytes()
}

fn json(status: u16, body: Vec<u8>) -> Answer {
    Answer::bytes(status, "application/json", body)
}

/// Runs it and looks how much memory it takes meanwhile.
#[track_caller]
fn within_bounds(call: Call<'_>) -> Output {
    let mut running = call.spawn();
    let mut peak = 0;
    while running.is_running() {
        peak = running.peak_memory().unwrap_or(0).max(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = running.finish();
    assert!(peak < MOST, "{peak} KiB at its peak\n{output}");
    output
}

#[test]
fn of_a_synchronous_provider() {
    for (status, open, piece, end, code) in [
        (200, "{\"data\":[", "{},", "{}]}", 1),
        (200, "{\"data\":[", "{\"url\":\"u\"},", "{}]}", 1),
        (200, "{\"data\":[],\"usage\":[", "0,", "0]}", 1),
        (200, "{\"data\":[],\"error\":[", "[],", "[]]}", 1),
        (200, "", "[", "", 1),
        (400, "{\"error\":{\"message\":[", "0,", "0]}}", 1),
        (400, "{\"error\":{\"message\":\"", "x", "\"}}", 1),
    ] {
        let fake = OpenAi::start();
        fake.next(Kind::Images, json(status, bomb(open, piece, end)));
        let pinx = Pinx::new().openai(&fake);
        let args = ["generate", "a fox", "-m", "openai/gpt-image-2", "--no-fallback"];
        let output = within_bounds(pinx.command(&args)).exits(code).leaves(&[]);
        assert_eq!(fake.posts(), 1, "{status} {open}\n{output}");
    }
}

#[test]
fn of_a_queue() {
    // The history knows what the submit did not tell, and free answers are asked for again.
    for (kind, open, piece, end) in [
        (Kind::Submit, "{\"request_id\":[", "0,", "0]}"),
        (Kind::Status, "{\"status\":[", "0,", "0]}"),
        (Kind::Result, "{\"images\":[", "{},", "{}]}"),
    ] {
        let fake = Fal::start();
        fake.next(kind, json(200, bomb(open, piece, end)));
        let pinx = Pinx::new().fal(&fake);
        let args = ["generate", "a fox", "-m", "fal/flux-schnell", "--no-fallback"];
        let output = within_bounds(pinx.command(&args)).exits(0);
        assert_eq!(output.files.len(), 1, "{kind:?} {open}\n{output}");
        assert_eq!(fake.posts(), 1, "{kind:?} {open}\n{output}");
    }
}
