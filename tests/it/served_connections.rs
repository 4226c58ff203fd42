//! Thousands of connections to a server, open, silent, half a request, slow: it stays small, who asks
//! properly is answered, and once they are gone all is as before.
//!
//! `PINX_CONNECTIONS=10000 cargo test --test it served_connections` opens so many, as far as the limit of
//! open files lets the test.

#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::fake::PATIENCE;
use crate::pinx::Pinx;
use crate::served::{Reply, Served};

/// Connections of the ordinary suite.
const USUAL: usize = 1_200;

/// Files that other tests of this process may have open meanwhile.
const OF_OTHERS: usize = 4_000;

/// What a server may hold for them, in KiB: as much as for the 256 that it serves at once.
const MOST: u64 = 32 << 10;

/// How many are opened.
fn count() -> usize {
    let asked = std::env::var("PINX_CONNECTIONS").ok().and_then(|text| text.parse().ok());
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let most = line.split_whitespace().nth(3).and_then(|most| most.parse().ok());
    asked.unwrap_or(USUAL).min(most.unwrap_or(usize::MAX).saturating_sub(OF_OTHERS).max(300))
}

/// What a connection says of its request; nothing, half a head, or half a body.
fn beginnings(served: &Served<'_>) -> [Vec<u8>; 3] {
    let head = format!(
        "POST /api/generate HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n",
        served.address
    );
    let body = format!("{head}content-length: 60000\r\n\r\n{{\"prompt\": \"an owl\"");
    [Vec::new(), head.into_bytes(), body.into_bytes()]
}

/// Opens connections of some kinds in turn; how many of them were taken.
fn open(served: &Served<'_>, count: usize, kinds: &[Vec<u8>]) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for at in 0..count {
        let mut stream = served.connect();
        // The server may have closed it again.
        let _ = stream.write_all(&kinds[at % kinds.len()]);
        open.push(stream);
    }
    open
}

/// Each says one byte more.
fn drip(connections: &mut [TcpStream]) {
    connections.iter_mut().for_each(|stream| drop(stream.write_all(b" ")));
}

fn sketch(served: &Served<'_>) -> Reply {
    served.post("/api/generate", &json!({ "prompt": "a fox", "size": "64x64" }))
}

#[test]
fn thousands_of_connections_take_little_memory_and_keep_nobody_out() {
    let pinx = Pinx::new();
    let served = Served::start(&pinx, &[]);
    assert_eq!(sketch(&served).status, 200);
    let (before, count) = (served.held_memory(), count());
    let kinds = beginnings(&served);
    // Who says nothing or half a head makes room for who asks.
    let mut silent = open(&served, count / 2, &kinds[..2]);
    drip(&mut silent);
    assert_eq!(sketch(&served).status, 200);
    // The oldest ones were closed.
    assert!(matches!(silent[0].read(&mut [0]), Ok(0) | Err(_)));
    // Whose request was taken is waited for: who comes then is told to come later.
    let mut slow = open(&served, count - silent.len(), &kinds[2..]);
    drip(&mut slow);
    let held = served.held_memory();
    let refused = served.get("/healthz");
    assert_eq!((refused.status, refused.heads["retry-after"].as_str()), (503, "1"));
    println!("{count} connections: {before} KiB before, {held} KiB with them");
    assert!(held < before + MOST, "{before} KiB before, {held} KiB with {count} connections");
    drop((silent, slow));
    let gone = Instant::now();
    while served.get("/healthz").status != 200 {
        assert!(gone.elapsed() < PATIENCE, "it does not recover");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(sketch(&served).status, 200);
    served.stop();
}
