//! The rasteriser: a display list becomes pixels, a band of rows at a time on every core.
//!
//! Coverage is the exact signed area of each polygon in each pixel. A pixel depends only on the
//! list, never on the band or the thread that drew it. Colours are kept as floats until the end
//! and dithered with an ordered pattern, so slow ramps show no steps.
//! Pure: no network, no clock, no files.

use super::list::{Blend, Hatch, List, Paint, Shape};
use super::path::Path;
use std::sync::Mutex;

/// Rows a band; a band of floats stays in the second-level cache.
const BAND: usize = 16;

/// Straight-alpha bytes, four a pixel.
#[derive(Debug, Clone)]
pub(crate) struct Pixels {
    pub(crate) data: Vec<u8>,
}

/// Whether edges are smoothed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edges {
    Smooth,
    Hard,
}

struct Edge {
    x0: f32,
    y0: f32,
    y1: f32,
    slope: f32,
    sign: f32,
}

struct Item<'a> {
    shape: &'a Shape,
    edges: Vec<Edge>,
    top: usize,
    bottom: usize,
}

/// Draws the list at `scale` pixels a scene unit.
pub(crate) fn render(list: &List, width: usize, height: usize, scale: f32, edges: Edges) -> Pixels {
    let items: Vec<Item<'_>> =
        list.shapes.iter().filter_map(|shape| item(shape, scale, width, height)).collect();
    let mut data = vec![0_u8; width * height * 4];
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(16);
    let bands = Mutex::new(data.chunks_mut(width * 4 * BAND).enumerate());
    let work = || {
        let mut band = Band::new(width, scale, edges);
        loop {
            let next = bands.lock().ok().and_then(|mut bands| bands.next());
            let Some((index, bytes)) = next else { return };
            band.draw(&items, index * BAND, bytes);
        }
    };
    if cores == 1 || width * height < 65_536 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 1..cores {
                scope.spawn(work);
            }
            work();
        });
    }
    Pixels { data }
}

/// Works on every row of four-byte pixels, on all cores; `work` gets the row's number.
pub(crate) fn each_row(data: &mut [u8], width: usize, work: impl Fn(usize, &mut [u8]) + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(16);
    let small = data.len() < 262_144;
    let bands = Mutex::new(data.chunks_mut(width * 4 * BAND).enumerate());
    let run = || {
        loop {
            let next = bands.lock().ok().and_then(|mut bands| bands.next());
            let Some((index, band)) = next else { return };
            for (row, bytes) in band.chunks_mut(width * 4).enumerate() {
                work(index * BAND + row, bytes);
            }
        }
    };
    if cores == 1 || small {
        run();
    } else {
        std::thread::scope(|scope| {
            for _ in 1..cores {
                scope.spawn(run);
            }
            run();
        });
    }
}

fn item<'a>(shape: &'a Shape, scale: f32, width: usize, height: usize) -> Option<Item<'a>> {
    let bounds = shape.path.bounds()?;
    let (left, top) = (bounds[0] * scale, bounds[1] * scale);
    let (right, bottom) = (bounds[2] * scale, bounds[3] * scale);
    if !(left < width as f32 && top < height as f32 && right > 0.0 && bottom > 0.0) {
        return None;
    }
    let edges = collect(&shape.path, scale, height as f32);
    Some(Item {
        shape,
        edges,
        top: top.max(0.0) as usize,
        bottom: (bottom.ceil().max(0.0) as usize).min(height),
    })
}

fn collect(path: &Path, scale: f32, height: f32) -> Vec<Edge> {
    let mut edges = Vec::with_capacity(path.points.len());
    for polygon in path.polygons() {
        let Some(&last) = polygon.last() else { continue };
        let mut area = 0.0;
        let mut previous = last;
        for &point in polygon {
            area += previous.0 * point.1 - point.0 * previous.1;
            previous = point;
        }
        let turn = if path.holes || area > 0.0 { 1.0 } else { -1.0 };
        let mut previous = last;
        for &point in polygon {
            let (x0, y0) = (previous.0 * scale, previous.1 * scale);
            let (x1, y1) = (point.0 * scale, point.1 * scale);
            previous = point;
            let (x0, y0, x1, y1, sign) =
                if y0 < y1 { (x0, y0, x1, y1, turn) } else { (x1, y1, x0, y0, -turn) };
            if y0 != y1 && y1 > 0.0 && y0 < height {
                edges.push(Edge { x0, y0, y1, slope: (x1 - x0) / (y1 - y0), sign });
            }
        }
    }
    edges
}

/// Working memory of one thread.
struct Band {
    width: usize,
    scale: f32,
    edges: Edges,
    color: Vec<[f32; 4]>,
    area: Vec<f32>,
    line: Vec<[f32; 4]>,
    reach: [(usize, usize); BAND],
}

impl Band {
    fn new(width: usize, scale: f32, edges: Edges) -> Self {
        Self {
            width,
            scale,
            edges,
            color: vec![[0.0; 4]; width * BAND],
            area: vec![0.0; (width + 2) * BAND],
            line: vec![[0.0; 4]; width],
            reach: [(usize::MAX, 0); BAND],
        }
    }

    fn draw(&mut self, items: &[Item<'_>], first: usize, bytes: &mut [u8]) {
        let rows = bytes.len() / (self.width * 4);
        self.color.fill([0.0; 4]);
        for item in items {
            if item.top < first + rows && item.bottom > first {
                self.cover(item, first, rows);
                for row in 0..rows {
                    self.paint(item.shape, row, first + row);
                }
            }
        }
        for row in 0..rows {
            self.finish(row, first + row, bytes);
        }
    }

    /// Adds the signed area of every edge to the rows it crosses.
    fn cover(&mut self, item: &Item<'_>, first: usize, rows: usize) {
        let stride = self.width + 2;
        let limit = self.width as f32;
        let (top, bottom) = (first as f32, (first + rows) as f32);
        for edge in &item.edges {
            if edge.y1 <= top || edge.y0 >= bottom {
                continue;
            }
            let start = edge.y0.max(top) as usize;
            let end = (edge.y1.min(bottom).ceil() as usize).min(first + rows);
            for y in start..end {
                let ya = edge.y0.max(y as f32);
                let yb = edge.y1.min((y + 1) as f32);
                let height = (yb - ya) * edge.sign;
                let xa = (edge.x0 + (ya - edge.y0) * edge.slope).clamp(0.0, limit);
                let xb = (edge.x0 + (yb - edge.y0) * edge.slope).clamp(0.0, limit);
                let (xa, xb) = if xa < xb { (xa, xb) } else { (xb, xa) };
                let row = y - first;
                let cells = &mut self.area[row * stride..(row + 1) * stride];
                let (left, right) = (xa as usize, xb.ceil() as usize);
                if right <= left + 1 {
                    let middle = (xa + xb) * 0.5 - left as f32;
                    cells[left] += height * (1.0 - middle);
                    cells[left + 1] += height * middle;
                } else {
                    let per = height / (xb - xa);
                    let mut before = 0.0;
                    for (x, cell) in cells[left..right].iter_mut().enumerate() {
                        let edge_x = ((left + x + 1) as f32).min(xb);
                        let (from, width) = (((left + x) as f32).max(xa), (left + x + 1) as f32);
                        let part = edge_x - from;
                        // Area right of the edge inside this cell, plus what earlier cells gave.
                        let inside = part * (width - (edge_x + from) * 0.5) * per;
                        *cell += inside + before;
                        before = part * per - inside;
                    }
                    cells[right] += before;
                }
                let reach = &mut self.reach[row];
                reach.0 = reach.0.min(left);
                reach.1 = reach.1.max(right + 1);
            }
        }
    }

    /// Colours one row of one shape and clears its coverage.
    fn paint(&mut self, shape: &Shape, row: usize, y: usize) {
        let (left, right) = std::mem::replace(&mut self.reach[row], (usize::MAX, 0));
        if left >= right {
            return;
        }
        let stride = self.width + 2;
        let cells = &mut self.area[row * stride..(row + 1) * stride];
        let span = left..right.min(self.width);
        // Most cells lie between edges: the sum changes only where there is something to add.
        let (mut sum, mut share) = (0.0_f32, 0.0_f32);
        for cell in &mut cells[span.clone()] {
            if *cell != 0.0 {
                sum += *cell;
                share = sum.abs().min(1.0);
            }
            *cell = share;
        }
        if self.edges == Edges::Hard {
            for cell in &mut cells[span.clone()] {
                *cell = if *cell >= 0.5 { 1.0 } else { 0.0 };
            }
        }
        let unit = 1.0 / self.scale;
        let target = &mut self.color[row * self.width..][span.clone()];
        let cover = &cells[span.clone()];
        match even(&shape.paint, y, unit).filter(|_| shape.hatch.is_none()) {
            Some([r, g, b, a]) => {
                let source = [r, g, b, a * shape.opacity];
                if shape.blend == Blend::Over && source[3] >= 0.999 {
                    cover_row(target, cover, source);
                } else {
                    blend_row(target, cover, shape.blend, |_| source);
                }
            }
            None => {
                let line = &mut self.line[..target.len()];
                shade(&shape.paint, line, left, y, unit);
                if let Some(hatch) = shape.hatch {
                    ink(&hatch, line, left, y, unit);
                }
                let opacity = shape.opacity;
                blend_row(target, cover, shape.blend, |index| {
                    let [r, g, b, a] = line[index];
                    [r, g, b, a * opacity]
                });
            }
        }
        let end = right.min(stride);
        cells[left..end].fill(0.0);
    }

    fn finish(&self, row: usize, y: usize, bytes: &mut [u8]) {
        let colors = &self.color[row * self.width..(row + 1) * self.width];
        let out = &mut bytes[row * self.width * 4..(row + 1) * self.width * 4];
        let lifts: [f32; 8] = std::array::from_fn(|x| 0.01 + dither(x, y) * 0.98);
        for (x, (pixel, color)) in out.chunks_exact_mut(4).zip(colors).enumerate() {
            let lift = lifts[x & 7] - 0.5;
            let alpha = color[3];
            let scale = if alpha >= 0.999 { 255.0 } else { 255.0 / alpha.max(0.001) };
            pixel[0] = byte(color[0] * scale + lift);
            pixel[1] = byte(color[1] * scale + lift);
            pixel[2] = byte(color[2] * scale + lift);
            pixel[3] = byte(alpha * 255.0);
        }
    }
}

/// The nearest byte: added to two to the power 23, a number's last eight bits are its integer.
#[inline]
fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 255.0) + 8_388_608.0).to_bits() as u8
}

/// The one colour a paint has along a row, if it has one.
fn even(paint: &Paint, y: usize, unit: f32) -> Option<[f32; 4]> {
    match paint {
        Paint::Flat(color) => Some([color.0, color.1, color.2, 1.0]),
        Paint::Linear { from, to, ramp } if from.0 == to.0 => {
            let scene_y = (y as f32 + 0.5) * unit;
            let length = to.1 - from.1;
            let length = if length.abs() < 1e-6 { 1e-6 } else { length };
            Some(ramp.at((scene_y - from.1) / length))
        }
        _ => None,
    }
}

/// Lays an opaque colour over a row.
fn cover_row(target: &mut [[f32; 4]], cover: &[f32], [r, g, b, _]: [f32; 4]) {
    let solid = [r, g, b, 1.0];
    for (pixel, &cover) in target.iter_mut().zip(cover) {
        if cover >= 0.999 {
            *pixel = solid;
        } else if cover > 0.002 {
            let keep = 1.0 - cover;
            for (part, own) in pixel.iter_mut().zip(solid) {
                *part = own * cover + *part * keep;
            }
        }
    }
}

#[inline]
fn blend_row(
    target: &mut [[f32; 4]],
    cover: &[f32],
    blend: Blend,
    source: impl Fn(usize) -> [f32; 4],
) {
    match blend {
        Blend::Over => {
            for (index, (pixel, &cover)) in target.iter_mut().zip(cover).enumerate() {
                let [r, g, b, a] = source(index);
                let a = a * cover;
                let keep = 1.0 - a;
                *pixel = [
                    r * a + pixel[0] * keep,
                    g * a + pixel[1] * keep,
                    b * a + pixel[2] * keep,
                    a + pixel[3] * keep,
                ];
            }
        }
        Blend::Screen => {
            for (index, (pixel, &cover)) in target.iter_mut().zip(cover).enumerate() {
                let [r, g, b, a] = source(index);
                let a = a * cover;
                *pixel = [
                    pixel[0] + r * a * (1.0 - pixel[0]),
                    pixel[1] + g * a * (1.0 - pixel[1]),
                    pixel[2] + b * a * (1.0 - pixel[2]),
                    pixel[3] + a * (1.0 - pixel[3]),
                ];
            }
        }
    }
}

/// Fills `line` with the paint's colours for one row of pixel centres.
fn shade(paint: &Paint, line: &mut [[f32; 4]], left: usize, y: usize, unit: f32) {
    let scene_y = (y as f32 + 0.5) * unit;
    let scene_x = (left as f32 + 0.5) * unit;
    match paint {
        Paint::Flat(color) => line.fill([color.0, color.1, color.2, 1.0]),
        Paint::Linear { from, to, ramp } => {
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = (dx * dx + dy * dy).max(1e-12);
            let base = ((scene_x - from.0) * dx + (scene_y - from.1) * dy) / length;
            if dx == 0.0 {
                line.fill(ramp.at(base));
            } else {
                let step = unit * dx / length;
                for (x, color) in line.iter_mut().enumerate() {
                    *color = ramp.at(base + x as f32 * step);
                }
            }
        }
        Paint::Radial { center, radius, squash, ramp } => {
            let dy = (scene_y - center.1) * squash;
            let (dy2, inverse) = (dy * dy, 1.0 / radius);
            for (x, color) in line.iter_mut().enumerate() {
                let dx = scene_x + x as f32 * unit - center.0;
                *color = ramp.at((dx * dx + dy2).sqrt() * inverse);
            }
        }
        Paint::Glow { center, radius, squash, color, opacity } => {
            let dy = (scene_y - center.1) * squash / radius;
            let (dy2, inverse) = (dy * dy, 1.0 / radius);
            for (x, pixel) in line.iter_mut().enumerate() {
                let dx = (scene_x + x as i32 as f32 * unit - center.0) * inverse;
                let rest = (1.0 - dx * dx - dy2).max(0.0);
                *pixel = [color.0, color.1, color.2, opacity * rest * rest * rest];
            }
        }
        Paint::Misty { mist, top, bottom, ramp } => {
            let [r, g, b, a] = ramp.at((scene_y - top) / (bottom - top));
            mist.read(scene_y, scene_x, unit, line.len(), |x, value| {
                line[x] = [r, g, b, a * value];
            });
        }
    }
}

/// Replaces tones by ink lines on paper.
fn ink(hatch: &Hatch, line: &mut [[f32; 4]], left: usize, y: usize, unit: f32) {
    let scene_y = (y as f32 + 0.5) * unit;
    let (across_x, across_y) = hatch.across;
    let period = unit * (across_x * across_x + across_y * across_y).sqrt();
    for (x, color) in line.iter_mut().enumerate() {
        let scene_x = ((left + x) as f32 + 0.5) * unit;
        let tone = color[0] * 0.299 + color[1] * 0.587 + color[2] * 0.114;
        let first = lines(scene_x * across_x + scene_y * across_y, period, hatch.light, tone);
        let second = lines(scene_x * across_y - scene_y * across_x, period, hatch.dark, tone);
        let amount = first.max(second);
        if hatch.clear {
            *color = [hatch.ink.0, hatch.ink.1, hatch.ink.2, amount];
            continue;
        }
        let mix = |paper: f32, ink: f32| paper + (ink - paper) * amount;
        color[0] = mix(hatch.paper.0, hatch.ink.0);
        color[1] = mix(hatch.paper.1, hatch.ink.1);
        color[2] = mix(hatch.paper.2, hatch.ink.2);
        color[3] = if color[3] > 0.5 { 1.0 } else { color[3] };
    }
}

/// Ink in `0.0..1.0` of a set of lines that grow as the tone falls below `light`.
fn lines(phase: f32, period: f32, light: f32, tone: f32) -> f32 {
    let width = ((light - tone) / light.max(0.01)).clamp(0.0, 1.0) * 0.62;
    if width <= 0.03 {
        return 0.0;
    }
    let wave = phase - phase.floor();
    let distance = (wave - 0.5).abs() * 2.0;
    ((width - distance) / (period * 2.0).max(0.02) + 0.5).clamp(0.0, 1.0)
}

/// An ordered pattern of 8 × 8 in `0.0..1.0`.
#[inline]
pub(crate) fn dither(x: usize, y: usize) -> f32 {
    let mixed = x ^ y;
    let bit = |value: usize, index: usize| (value >> index) & 1;
    let order = (bit(mixed, 0) << 5)
        | (bit(y, 0) << 4)
        | (bit(mixed, 1) << 3)
        | (bit(y, 1) << 2)
        | (bit(mixed, 2) << 1)
        | bit(y, 2);
    (order as f32 + 0.5) / 64.0
}
