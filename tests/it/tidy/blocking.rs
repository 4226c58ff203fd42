//! The rule that nothing waits for the disk, sleeps or decodes on a thread of the runtime: in the async
//! functions of the engine such calls stand in closures that are given to another thread.

use super::rust::{Token, tokens};

/// Methods that wait, whatever they are called on.
const METHODS: [&str; 12] = [
    "exists",
    "is_dir",
    "is_file",
    "metadata",
    "sync_all",
    "sync_data",
    "whole",
    "outline",
    "bytes",
    "pieces",
    "publish",
    "block_on",
];

/// Methods that wait of what a word means in the engine.
const OF: [(&str, &[&str]); 4] = [
    ("limits", &["ask", "ended", "learn", "choose", "load", "shown"]),
    ("cache", &["has", "find", "claim", "store", "discard"]),
    ("claims", &["take", "take_over", "end", "release", "prepare", "read"]),
    ("log", &["open", "finish", "record", "still_open", "open_attempts", "state", "scan"]),
];

/// Functions that wait or take long.
const FUNCTIONS: [&str; 8] =
    ["verify", "sniff", "stage", "save", "Runs", "find_all", "keys_for", "saved_files"];

/// Of `crate::fs`, what does not wait.
const FREE: [&str; 2] = ["are_handles_out", "Mode"];

/// Calls that wait in async functions of the engine, but for those in closures with `move`.
pub fn violations(path: &str, text: &str) -> Vec<String> {
    if !path.starts_with("src/engine/") {
        return Vec::new();
    }
    let tokens = tokens(text);
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut wrong = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !(word(at) == "async" && word(at + 1) == "fn") {
            at += 1;
            continue;
        }
        let name = word(at + 2).to_owned();
        let Some(start) = (at..tokens.len()).find(|at| word(*at) == "{") else { break };
        let end = end_of(&tokens, start);
        let mut inside = start;
        while inside < end {
            if word(inside) == "move" && word(inside + 1) == "|" {
                inside = end_of_closure(&tokens, inside + 1);
            } else {
                if waits(&tokens, inside) {
                    let line = tokens[inside].line;
                    wrong.push(format!(
                        "{path}:{line}: `{}` in `async fn {name}` waits on a thread of the runtime; \
                         give it to `pool::run_blocking` or `cpu_pool::run`",
                        word(inside)
                    ));
                }
                inside += 1;
            }
        }
        at = end;
    }
    wrong
}

/// Whether a call that waits stands here.
fn waits(tokens: &[Token], at: usize) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let before = |steps: usize| at.checked_sub(steps).map_or("", word);
    let is_call = word(at + 1) == "(";
    let of = |(owner, methods): &(&str, &[&str])| {
        methods.contains(&word(at)) && before(1) == "." && before(2) == *owner
    };
    is_call && before(1) == "." && METHODS.contains(&word(at))
        || is_call && OF.iter().any(of)
        || is_call && before(1) != "." && FUNCTIONS.contains(&word(at))
        || word(at) == "fs" && word(at + 1) == "::" && !FREE.contains(&word(at + 2))
        || word(at) == "sleep" && before(1) == "::" && before(2) == "thread"
        || word(at) == "pause" && before(1) == "::" && before(2) == "clock"
        || word(at) == "File" && word(at + 1) == "::"
}

/// Behind the bracket that closes the one here.
fn end_of(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Behind a closure whose first `|` is here: at the end of its statement or argument.
fn end_of_closure(tokens: &[Token], start: usize) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut at = (start + 1..tokens.len()).find(|at| word(*at) == "|").unwrap_or(start) + 1;
    while at < tokens.len() {
        match word(at) {
            "{" => {
                at = end_of(tokens, at);
                if word(at) != "." {
                    return at;
                }
            }
            "(" | "[" => at = end_of(tokens, at),
            ")" | "]" | "}" | ";" | "," => return at,
            _ => at += 1,
        }
    }
    at
}

#[test]
fn a_call_that_waits_on_a_thread_of_the_runtime_is_seen() {
    let wrong = |text: &str| violations("src/engine/poll.rs", text).len();
    assert_eq!(wrong("async fn f(a: A) -> B { std::thread::sleep(a) }"), 1);
    assert_eq!(wrong("async fn f() { let x = g(); if path.exists() { std::fs::read(x) } }"), 2);
    assert_eq!(wrong("async fn f() { self.engine.limits.ask(&origin, way) }"), 1);
    assert_eq!(wrong("async fn f() { if let Some(log) = &l { log.finish() } }"), 1);
    let given = "async fn f() { run_blocking(move || path.exists()).await; fs::remove(&path) }";
    assert_eq!(wrong(given), 1, "only what stands outside the closure");
    let named = "async fn f() { let work = move || { verify(&bytes) }; cpu_pool::run(work).await }";
    assert_eq!(wrong(named), 0);
    assert_eq!(wrong("async fn f() { tokio::time::sleep(wait).await }"), 0);
    assert_eq!(wrong("fn f() { std::thread::sleep(a) }"), 0, "it is given to another thread whole");
    assert_eq!(violations("src/cmd/log.rs", "async fn f() { fs::remove(p) }").len(), 0);
}
