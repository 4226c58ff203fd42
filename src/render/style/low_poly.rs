//! Style `low-poly`: the picture as facets, smaller along its edges, each in one turned colour.
//!
//! Pure: no network, no clock, no files.

use super::Job;
use super::triangles::triangulate;
use crate::render::color::Rgb;
use crate::render::dice::Dice;
use crate::render::list::{Kind, List, Paint, Shape};
use crate::render::path::Path;
use crate::render::raster::{self, Edges, Pixels};

/// Pixels a unit of the picture the facets are read from.
const SAMPLE: f32 = 300.0;

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let frame = job.frame;
    let (w, h) = (frame.width, frame.height);
    let (columns, rows) = ((w * SAMPLE).ceil() as usize, (h * SAMPLE).ceil() as usize);
    let mut whole = job.scene();
    let small = |kind: Kind| matches!(kind, Kind::Detail | Kind::Spark);
    let details: Vec<Shape> = whole.shapes.iter().filter(|s| small(s.kind)).cloned().collect();
    whole.shapes.retain(|shape| !small(shape.kind));
    let scene = raster::render(&whole, columns, rows, SAMPLE, Edges::Smooth);
    let grid = ColorGrid { columns, rows, data: &scene.data };
    let mut dice = Dice::named(job.brief.seed, "low-poly");
    let points = points(&grid, &mut dice, w, h);
    let exact: Vec<(f64, f64)> = points.iter().map(|p| (f64::from(p.0), f64::from(p.1))).collect();
    let mut list = job.empty();
    let clear = job.cut_out();
    // Facets overlap by more than half a pixel, so that no seam shows.
    let grow = (0.7 / frame.scale).max(0.001_1);
    for corners in triangulate(&exact, f64::from(w), f64::from(h)) {
        facet(&mut list, &grid, corners.map(|c| points[c]), (clear, grow));
    }
    // Eyes and windows would drown in the facets: they stay, with fewer corners.
    for mut shape in details {
        shape.path = angular(&shape.path);
        list.shapes.push(shape);
    }
    job.render(&list)
}

/// The same polygons with at most ten corners each.
fn angular(path: &Path) -> Path {
    let mut out = Path::new();
    for polygon in path.polygons() {
        let step = polygon.len().div_ceil(10).max(1);
        let corners: Vec<(f32, f32)> = polygon.iter().copied().step_by(step).collect();
        out.add(if corners.len() > 2 { &corners } else { polygon });
    }
    out.holes = path.holes;
    out
}

struct ColorGrid<'a> {
    columns: usize,
    rows: usize,
    data: &'a [u8],
}

impl ColorGrid<'_> {
    fn at(&self, x: f32, y: f32) -> [f32; 4] {
        let column = ((x * SAMPLE).max(0.0) as usize).min(self.columns - 1);
        let row = ((y * SAMPLE).max(0.0) as usize).min(self.rows - 1);
        let p = &self.data[(row * self.columns + column) * 4..][..4];
        [f32::from(p[0]), f32::from(p[1]), f32::from(p[2]), f32::from(p[3])]
    }

    /// How much the picture changes around a place.
    fn change(&self, x: f32, y: f32) -> f32 {
        let reach = 0.006;
        let difference =
            |a: [f32; 4], b: [f32; 4]| (0..4).map(|k| (a[k] - b[k]).abs()).sum::<f32>() / 255.0;
        difference(self.at(x - reach, y), self.at(x + reach, y))
            + difference(self.at(x, y - reach), self.at(x, y + reach))
    }
}

/// A loose grid, and pairs of points on both sides of edges.
fn points(grid: &ColorGrid<'_>, dice: &mut Dice, w: f32, h: f32) -> Vec<(f32, f32)> {
    let cell = 0.062;
    let (columns, rows) = ((w / cell).ceil() as i32, (h / cell).ceil() as i32);
    let fine = 4;
    let mut points = Vec::new();
    for row in -1..=rows {
        for column in -1..=columns {
            let (x, y) = (column as f32 * cell, row as f32 * cell);
            points.push((x + dice.unit() * cell * 0.8, y + dice.unit() * cell * 0.8));
            for part in 0..fine * fine {
                let step = cell / fine as f32;
                let px = x + (part % fine) as f32 * step + dice.unit() * step;
                let py = y + (part / fine) as f32 * step + dice.unit() * step;
                let inside = px > 0.0 && py > 0.0 && px < w && py < h;
                if inside && grid.change(px, py) > 0.24 + dice.unit() * 0.3 {
                    points.push((px, py));
                }
            }
        }
    }
    points
}

fn facet(
    list: &mut List,
    grid: &ColorGrid<'_>,
    [a, b, c]: [(f32, f32); 3],
    (clear, grow): (bool, f32),
) {
    let middle = ((a.0 + b.0 + c.0) / 3.0, (a.1 + b.1 + c.1) / 3.0);
    let mut samples: Vec<[f32; 4]> = [a, b, c]
        .iter()
        .map(|p| grid.at(middle.0 + (p.0 - middle.0) * 0.45, middle.1 + (p.1 - middle.1) * 0.45))
        .collect();
    samples.push(grid.at(middle.0, middle.1));
    samples.push(grid.at(middle.0, middle.1));
    if clear && samples[3][3] < 128.0 {
        return;
    }
    let mean =
        |k: usize| samples.iter().map(|s| s[k]).sum::<f32>() / (samples.len() as f32 * 255.0);
    // Facets turned to the upper left catch the light.
    let tilt = libm::sinf(middle.0 * 39.0 + middle.1 * 57.0) * 0.5
        + libm::sinf((a.0 - b.0) * 90.0 + (c.1 - a.1) * 120.0) * 0.5;
    let color = Rgb(mean(0), mean(1), mean(2)).lighter(tilt * 0.028).vivid(1.08);
    let grown = |p: (f32, f32)| {
        let (dx, dy) = (p.0 - middle.0, p.1 - middle.1);
        let length = (dx * dx + dy * dy).sqrt().max(1e-5);
        (p.0 + dx / length * grow, p.1 + dy / length * grow)
    };
    list.fill(Kind::Land, Path::polygon(&[grown(a), grown(b), grown(c)]), Paint::Flat(color));
}
