//! The palette of a picture: its colours gathered in OKLab around a few of them.
//!
//! Pure: no network, no clock, no files. Everything is added in one order.

use crate::render::color::{Lab, Rgb};

/// A colour and how much of it there is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mass {
    pub(super) lab: Lab,
    pub(super) count: f32,
}

/// How much more differences of hue and chroma say than those of lightness.
const HUE: f32 = 1.5;

/// Colours nearer than this are one.
const SAME: f32 = 0.042;

/// The square of how far apart two colours are seen.
pub(super) fn apart(a: Lab, b: Lab) -> f32 {
    let (l, u, v) = (a.0 - b.0, (a.1 - b.1) * HUE, (a.2 - b.2) * HUE);
    l * l + u * u + v * v
}

/// The colours that there are, gathered in 16 steps of each channel, in a fixed order.
pub(super) fn masses(colors: impl Iterator<Item = [u8; 3]>) -> Vec<Mass> {
    let mut sums = vec![[0_u32; 4]; 4096];
    for [r, g, b] in colors {
        let index = usize::from(r >> 4) << 8 | usize::from(g >> 4) << 4 | usize::from(b >> 4);
        for (sum, part) in sums[index].iter_mut().zip([r, g, b, 1].map(u32::from)) {
            *sum += part;
        }
    }
    let mean = |[r, g, b, count]: [u32; 4]| {
        let part = |sum: u32| sum as f32 / (count as f32 * 255.0);
        Mass { lab: Rgb(part(r), part(g), part(b)).lab(), count: count as f32 }
    };
    sums.into_iter().filter(|sum| sum[3] > 0).map(mean).collect()
}

/// At most `most` colours that stand for all, in the order in which they were found.
pub(super) fn gathered(masses: &[Mass], most: usize) -> Vec<Mass> {
    let total: f32 = masses.iter().map(|mass| mass.count).sum();
    let largest = masses.iter().max_by(|a, b| a.count.total_cmp(&b.count));
    let Some(first) = largest else { return Vec::new() };
    let mut centers = vec![first.lab];
    while centers.len() < most {
        // What is far from all others, and not just a speck.
        let far = |mass: &Mass| {
            let near = centers.iter().map(|center| apart(mass.lab, *center));
            near.fold(f32::MAX, f32::min) * (mass.count / total).sqrt().min(0.16)
        };
        let furthest = masses.iter().map(|mass| (far(mass), mass.lab));
        let Some((gain, lab)) = furthest.max_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        if gain < 1e-5 {
            break;
        }
        centers.push(lab);
    }
    let mut found = Vec::new();
    for _ in 0..10 {
        found = around(masses, &centers);
        centers = found.iter().map(|mass| mass.lab).collect();
    }
    united(found, total)
}

/// The mean of what is nearest to each of some colours; those to which nothing is are left out.
fn around(masses: &[Mass], centers: &[Lab]) -> Vec<Mass> {
    let mut sums = vec![(Lab(0.0, 0.0, 0.0), 0.0_f32); centers.len()];
    for mass in masses {
        let (sum, count) = &mut sums[nearest(mass.lab, centers.iter().copied())];
        let (lab, weight) = (mass.lab, mass.count);
        *sum = Lab(sum.0 + lab.0 * weight, sum.1 + lab.1 * weight, sum.2 + lab.2 * weight);
        *count += weight;
    }
    sums.retain(|(_, count)| *count > 0.0);
    let mean = |(sum, count): (Lab, f32)| Mass {
        lab: Lab(sum.0 / count, sum.1 / count, sum.2 / count),
        count,
    };
    sums.into_iter().map(mean).collect()
}

/// Colours that can hardly be told apart are one, and so is a speck with its neighbour.
fn united(mut masses: Vec<Mass>, total: f32) -> Vec<Mass> {
    loop {
        let mut closest = (0, 0, f32::MAX);
        for (a, one) in masses.iter().enumerate() {
            for (b, other) in masses.iter().enumerate().skip(a + 1) {
                let distance = apart(one.lab, other.lab).sqrt();
                let is_speck = one.count.min(other.count) < total * 0.002;
                let distance = if is_speck { distance * 0.4 } else { distance };
                if distance < closest.2 {
                    closest = (a, b, distance);
                }
            }
        }
        let (a, b, distance) = closest;
        if distance >= SAME {
            return masses;
        }
        let (one, other) = (masses[a], masses.remove(b));
        let count = one.count + other.count;
        let part = |one_part: f32, other_part: f32| {
            (one_part * one.count + other_part * other.count) / count
        };
        let lab = Lab(
            part(one.lab.0, other.lab.0),
            part(one.lab.1, other.lab.1),
            part(one.lab.2, other.lab.2),
        );
        masses[a] = Mass { lab, count };
    }
}

/// Which of some colours is nearest.
pub(super) fn nearest(lab: Lab, of: impl Iterator<Item = Lab>) -> usize {
    let mut best = (0, f32::MAX);
    for (index, other) in of.enumerate() {
        let distance = apart(lab, other);
        if distance < best.1 {
            best = (index, distance);
        }
    }
    best.0
}
