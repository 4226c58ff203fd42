//! Outlines of regions on a raster: the line between what belongs and what does not, walked around and
//! made smooth, in scene units.
//!
//! Pure: no network, no clock, no files.

use crate::render::path::Path;

/// Cells that a region is continued beyond the picture, so that it has no edge there.
const BEYOND: usize = 3;

/// Of a cell that belongs, after smoothing.
const FULL: i32 = 256;

/// Regions smaller than this are no shape, in cells.
const LEAST: f32 = 5.0;

/// The outline of the cells that belong, on a picture of `width` × `height` scene units.
pub(super) fn outline(
    belongs: &[bool],
    (columns, rows): (usize, usize),
    (width, height): (f32, f32),
) -> Path {
    let (field, stride, lines) = field(belongs, columns, rows);
    let next = crossings(&field, stride, lines);
    let mut path = Path { holes: true, ..Path::new() };
    let (unit_x, unit_y) = (width / columns as f32, height / rows as f32);
    let origin = BEYOND as f32 + 0.5;
    for ring in rings(&field, stride, next) {
        if area(&ring).abs() < LEAST {
            continue;
        }
        let place = |(x, y): (f32, f32)| ((x - origin) * unit_x, (y - origin) * unit_y);
        let points: Vec<(f32, f32)> = smoothed(&ring).into_iter().map(place).collect();
        path.add(&points);
    }
    path
}

/// How much each cell and its neighbours belong, with a rim of what does not around.
fn field(belongs: &[bool], columns: usize, rows: usize) -> (Vec<i32>, usize, usize) {
    let (stride, lines) = (columns + 2 * BEYOND, rows + 2 * BEYOND);
    let mut values = vec![0_i32; stride * lines];
    for y in 0..lines {
        let row = y.saturating_sub(BEYOND).min(rows - 1) * columns;
        for x in 0..stride {
            let column = x.saturating_sub(BEYOND).min(columns - 1);
            values[y * stride + x] = i32::from(belongs[row + column]);
        }
    }
    for _ in 0..2 {
        blur(&mut values, stride, lines, 1);
        blur(&mut values, stride, lines, stride);
    }
    for y in 0..lines {
        let row = &mut values[y * stride..(y + 1) * stride];
        if y == 0 || y + 1 == lines {
            row.fill(0);
        } else {
            row[0] = 0;
            row[stride - 1] = 0;
        }
    }
    (values, stride, lines)
}

/// One to two to one, along rows (`step` is one) or columns.
fn blur(values: &mut [i32], stride: usize, lines: usize, step: usize) {
    let (many, long, jump) = if step == 1 { (lines, stride, stride) } else { (stride, lines, 1) };
    for line in 0..many {
        let start = line * jump;
        let mut before = values[start];
        for index in 0..long {
            let at = start + index * step;
            let own = values[at];
            let after = if index + 1 < long { values[at + step] } else { own };
            values[at] = before + 2 * own + after;
            before = own;
        }
    }
}

/// For each crossing of the outline with a line of the grid the one that follows; what belongs is on
/// the right. Crossings are numbered by the cell left of or above them, and whether they lie below it.
fn crossings(field: &[i32], stride: usize, lines: usize) -> Vec<u32> {
    let mut next = vec![u32::MAX; field.len() * 2];
    let inside = |at: usize| field[at] * 2 >= FULL;
    for y in 0..lines - 1 {
        for x in 0..stride - 1 {
            let a = y * stride + x;
            let (b, d) = (a + 1, a + stride);
            let c = d + 1;
            let (top, bottom, left, right) = (a * 2, d * 2, a * 2 + 1, b * 2 + 1);
            let mut join = |from: usize, to: usize| next[from] = to as u32;
            match (inside(a), inside(b), inside(c), inside(d)) {
                (true, false, false, false) => join(top, left),
                (false, true, false, false) => join(right, top),
                (false, false, true, false) => join(bottom, right),
                (false, false, false, true) => join(left, bottom),
                (true, true, false, false) => join(right, left),
                (false, true, true, false) => join(bottom, top),
                (false, false, true, true) => join(left, right),
                (true, false, false, true) => join(top, bottom),
                (true, false, true, false) => {
                    join(top, left);
                    join(bottom, right);
                }
                (false, true, false, true) => {
                    join(right, top);
                    join(left, bottom);
                }
                (true, true, true, false) => join(bottom, left),
                (true, true, false, true) => join(right, bottom),
                (true, false, true, true) => join(top, right),
                (false, true, true, true) => join(left, top),
                (true, true, true, true) | (false, false, false, false) => {}
            }
        }
    }
    next
}

/// The closed lines, in cells.
fn rings(field: &[i32], stride: usize, mut next: Vec<u32>) -> Vec<Vec<(f32, f32)>> {
    let mut rings = Vec::new();
    for start in 0..next.len() {
        let mut ring = Vec::new();
        let mut at = start;
        while next[at] != u32::MAX {
            let cell = at / 2;
            let beside = if at % 2 == 0 { cell + 1 } else { cell + stride };
            let (own, other) = (field[cell] as f32, field[beside] as f32);
            let share = ((FULL as f32 / 2.0 - own) / (other - own)).clamp(0.0, 1.0);
            let (x, y) = ((cell % stride) as f32, (cell / stride) as f32);
            ring.push(if at % 2 == 0 { (x + share, y) } else { (x, y + share) });
            at = std::mem::replace(&mut next[at], u32::MAX) as usize;
        }
        if ring.len() > 3 {
            rings.push(ring);
        }
    }
    rings
}

fn area(ring: &[(f32, f32)]) -> f32 {
    let mut sum = 0.0;
    let mut before = ring[ring.len() - 1];
    for &(x, y) in ring {
        sum += before.0 * y - x * before.1;
        before = (x, y);
    }
    sum / 2.0
}

/// Every other point, drawn to the middle of its neighbours, then the corners cut.
fn smoothed(ring: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let few: Vec<(f32, f32)> = match ring.len() {
        0..12 => ring.to_vec(),
        _ => ring.iter().copied().step_by(2).collect(),
    };
    let count = few.len();
    let calm = (0..count).map(|index| {
        let (a, b, c) = (few[(index + count - 1) % count], few[index], few[(index + 1) % count]);
        ((a.0 + 2.0 * b.0 + c.0) / 4.0, (a.1 + 2.0 * b.1 + c.1) / 4.0)
    });
    let calm: Vec<(f32, f32)> = calm.collect();
    let mut out = Vec::with_capacity(count * 2);
    for index in 0..count {
        let (a, b) = (calm[index], calm[(index + 1) % count]);
        out.push((a.0 * 0.75 + b.0 * 0.25, a.1 * 0.75 + b.1 * 0.25));
        out.push((a.0 * 0.25 + b.0 * 0.75, a.1 * 0.25 + b.1 * 0.75));
    }
    out
}
