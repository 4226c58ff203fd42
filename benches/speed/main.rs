//! The figures of the README beside this directory: `cargo bench [-- PART… [--rounds N]]`.
//!
//! Each figure stands beside its reference, measured in the same run in interleaved rounds, so that a
//! busy moment of the machine hits all of them. Medians count, and the spread is the middle half.
//! What is measured runs as processes of their own, and so does the provider that answers them.

#![expect(unreachable_pub, reason = "a benchmark has no outside; `pub` is what its modules share")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark talks to its terminal and may fail loudly"
)]

mod batch;
mod blast;
mod bodies;
mod log;
mod measure;
mod provider;
mod serve;
mod size;
mod startup;

/// Prints the figures of a part, from so many rounds where that is said.
type Part = fn(Option<usize>);

/// The parts by name, in the order in which they run.
const PARTS: [(&str, Part); 6] = [
    ("startup", startup::run),
    ("batch", batch::run),
    ("bodies", bodies::run),
    ("log", log::run),
    ("serve", serve::run),
    ("size", size::run),
];
/// Parts that take so long that they run only when they are named.
const SLOW: [(&str, Part); 2] = [("many", batch::many), ("build", size::build)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--provider") => return provider::serve(&arguments[1..]),
        Some("--blast") => return blast::run(&arguments[1..]),
        Some("--render") => return startup::render(),
        _ => {}
    }
    // `cargo test --benches` and clippy build this; only `cargo bench` runs it.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let rounds = arguments.iter().position(|argument| argument == "--rounds");
    let rounds = rounds.map(|at| arguments[at + 1].parse().unwrap());
    let is_named = |name: &str| arguments.iter().any(|argument| argument == name);
    let named: Vec<_> = PARTS.iter().chain(&SLOW).filter(|(name, _)| is_named(name)).collect();
    let chosen = if named.is_empty() { PARTS.iter().collect() } else { named };
    for (name, part) in chosen {
        println!("\n== {name}");
        part(rounds);
    }
}
