//! Memory while many replies are in flight.

use super::batch::batch;
use super::blast::{self, Fate};
use super::measure::{Place, Spread, figure, used};
use super::provider::{FOUR_K, Picture, Provider, TWO_MB};

/// Requests at once.
const AT_ONCE: usize = 64;

/// Prints the figures.
pub fn run(rounds: Option<usize>) {
    let rounds = rounds.unwrap_or(3);
    let (ours, discarding) = peaks(TWO_MB, 512, rounds);
    println!("{AT_ONCE} at once, replies of 2 MB, {rounds} rounds");
    figure("reqwest that discards the body, peak RSS", &format!("{discarding:.1} MiB"), "");
    figure("pinx batch, peak RSS", &format!("{ours:.1} MiB"), "");
    let above = format!("{:.2} MiB", (ours - discarding) / AT_ONCE as f64);
    figure("an image in flight above it", &above, "must 1.25 MiB, goal 0.5 MiB");
    let (ours, discarding) = peaks(FOUR_K, AT_ONCE, rounds);
    println!("\n{AT_ONCE} at once, replies of 27 MB, {rounds} rounds");
    figure("reqwest that discards the body, peak RSS", &format!("{discarding:.1} MiB"), "");
    figure("pinx batch, peak RSS", &format!("{ours:.1} MiB"), "must 150 MB, goal 100 MB");
}

/// Medians of the peaks of pinx and of a client that discards what comes, in MiB.
fn peaks(picture: Picture, count: usize, rounds: usize) -> (f64, f64) {
    let provider = Provider::start(100, picture);
    let (mut ours, mut discarding) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let place = Place::new(&provider.address);
        let bare = blast::command(&provider.address, count, AT_ONCE, Fate::Discard, place.path());
        discarding.push(used(bare).peak);
        ours.push(used(batch(&place, &place.prompts(count), AT_ONCE)).peak);
    }
    let middle = |peaks: Vec<f64>| Spread::of(peaks.into_iter()).middle;
    (middle(ours), middle(discarding))
}
