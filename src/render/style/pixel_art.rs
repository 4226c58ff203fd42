//! Style `pixel-art`: a small picture, a palette of its own colours, an ordered dither, big pixels.
//!
//! Pure: no network, no clock, no files.

use super::Job;
use crate::render::color::{Lab, Rgb};
use crate::render::raster::{self, Edges, Pixels};

/// Pixels along the shorter side.
const SHORT: f32 = 128.0;
/// Colours of the palette.
const COLORS: usize = 30;

const BAYER: [[u8; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let frame = job.frame;
    let block = (frame.scale / SHORT).max(1.0);
    let columns = ((frame.columns as f32 / block).ceil() as usize).max(1);
    let rows = ((frame.rows as f32 / block).ceil() as usize).max(1);
    let mut scene = job.scene();
    scene.recolor(|color| color.vivid(1.12));
    let small = raster::render(&scene, columns, rows, frame.scale / block, Edges::Smooth);
    let labs: Vec<Lab> =
        small.data.chunks_exact(4).map(|p| Rgb::from([p[0], p[1], p[2]]).lab()).collect();
    let palette = palette(&labs);
    let bytes: Vec<[u8; 3]> = palette.iter().map(|lab| lab.rgb().bytes()).collect();
    let chosen: Vec<usize> = labs
        .iter()
        .enumerate()
        .map(|(index, lab)| {
            let threshold = f32::from(BAYER[index / columns % 4][index % columns % 4]) / 16.0;
            choose(&palette, *lab, threshold)
        })
        .collect();
    let mut data = vec![0; frame.columns * frame.rows * 4];
    raster::each_row(&mut data, frame.columns, |y, row| {
        let from = ((y as f32 / block) as usize).min(rows - 1) * columns;
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let index = from + ((x as f32 / block) as usize).min(columns - 1);
            pixel[..3].copy_from_slice(&bytes[chosen[index]]);
            pixel[3] = if small.data[index * 4 + 3] >= 128 { 255 } else { 0 };
        }
    });
    Pixels { data }
}

/// The nearest colour, or the second nearest where the pattern says so and both are close.
fn choose(palette: &[Lab], color: Lab, threshold: f32) -> usize {
    let (mut best, mut second) = ((0, f32::MAX), (0, f32::MAX));
    for (index, other) in palette.iter().enumerate() {
        let distance = color.distance(*other);
        if distance < best.1 {
            second = best;
            best = (index, distance);
        } else if distance < second.1 {
            second = (index, distance);
        }
    }
    let share = best.1 / (best.1 + second.1).max(1e-6);
    let near = palette[best.0].distance(palette[second.0.min(palette.len() - 1)]) < 0.16;
    if near && share > 0.30 && threshold < (share - 0.30) * 2.5 { second.0 } else { best.0 }
}

/// Median cut in OKLab, then a few rounds of means.
fn palette(labs: &[Lab]) -> Vec<Lab> {
    let mut boxes: Vec<Vec<Lab>> = vec![labs.to_vec()];
    while boxes.len() < COLORS {
        let widest = boxes
            .iter()
            .enumerate()
            .map(|(index, colors)| {
                let (axis, extent) = widest_axis(colors);
                (index, axis, extent * (colors.len() as f32).sqrt().sqrt())
            })
            .max_by(|a, b| a.2.total_cmp(&b.2));
        let Some((index, axis, extent)) = widest else { break };
        if extent <= 0.0 || boxes[index].len() < 2 {
            break;
        }
        let mut colors = boxes.swap_remove(index);
        colors.sort_by(|a, b| part(*a, axis).total_cmp(&part(*b, axis)));
        let upper = colors.split_off(colors.len() / 2);
        boxes.push(colors);
        boxes.push(upper);
    }
    let mut palette: Vec<Lab> = boxes.iter().map(|colors| mean(colors)).collect();
    for _ in 0..4 {
        let mut sums = vec![(Lab(0.0, 0.0, 0.0), 0.0_f32); palette.len()];
        for lab in labs {
            let nearest = palette
                .iter()
                .enumerate()
                .min_by(|a, b| lab.distance(*a.1).total_cmp(&lab.distance(*b.1)))
                .map_or(0, |(index, _)| index);
            let (sum, count) = &mut sums[nearest];
            *sum = Lab(sum.0 + lab.0, sum.1 + lab.1, sum.2 + lab.2);
            *count += 1.0;
        }
        for (color, (sum, count)) in palette.iter_mut().zip(sums) {
            if count > 0.0 {
                *color = Lab(sum.0 / count, sum.1 / count, sum.2 / count);
            }
        }
    }
    palette
}

fn part(lab: Lab, axis: usize) -> f32 {
    [lab.0, lab.1, lab.2][axis]
}

fn widest_axis(colors: &[Lab]) -> (usize, f32) {
    let mut best = (0, 0.0);
    for axis in 0..3 {
        let low = colors.iter().map(|c| part(*c, axis)).fold(f32::MAX, f32::min);
        let high = colors.iter().map(|c| part(*c, axis)).fold(f32::MIN, f32::max);
        let extent = (high - low) * if axis == 0 { 1.0 } else { 1.5 };
        if extent > best.1 {
            best = (axis, extent);
        }
    }
    best
}

fn mean(colors: &[Lab]) -> Lab {
    let count = colors.len().max(1) as f32;
    let sum = colors.iter().fold(Lab(0.0, 0.0, 0.0), |s, c| Lab(s.0 + c.0, s.1 + c.1, s.2 + c.2));
    Lab(sum.0 / count, sum.1 / count, sum.2 / count)
}
