//! Gradient noise from a seeded permutation table: one line, a plane, and sums of octaves.
//!
//! Pure: no network, no clock, no files. Plain additions and products, no platform functions.

use super::dice::Dice;

/// A permutation table of 256 entries, repeated.
#[derive(Debug, Clone)]
pub(crate) struct Noise {
    table: [u8; 512],
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut base = [0_u8; 256];
        for (index, entry) in base.iter_mut().enumerate() {
            *entry = index as u8;
        }
        for index in (1..256).rev() {
            base.swap(index, dice.below(index + 1));
        }
        let mut table = [0; 512];
        table[..256].copy_from_slice(&base);
        table[256..].copy_from_slice(&base);
        Self { table }
    }

    /// In about `-1.0..1.0`, smooth, with features of size one.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (floor_x, floor_y) = (x.floor(), y.floor());
        let (fx, fy) = (x - floor_x, y - floor_y);
        let column = (floor_x as i32 & 255) as usize;
        let row = (floor_y as i32 & 255) as usize;
        let (u, v) = (fade(fx), fade(fy));
        let left = self.table[column] as usize + row;
        let right = self.table[column + 1] as usize + row;
        let top =
            blend(gradient(self.table[left], fx, fy), gradient(self.table[right], fx - 1.0, fy), u);
        let bottom = blend(
            gradient(self.table[left + 1], fx, fy - 1.0),
            gradient(self.table[right + 1], fx - 1.0, fy - 1.0),
            u,
        );
        blend(top, bottom, v)
    }

    /// A sum of octaves, in about `-1.0..1.0`.
    pub(crate) fn octaves(&self, x: f32, y: f32, count: u32) -> f32 {
        let (mut sum, mut weight, mut scale, mut total) = (0.0, 1.0, 1.0, 0.0);
        for _ in 0..count {
            sum += self.at(x * scale + 17.3 * scale, y * scale + 5.1) * weight;
            total += weight;
            weight *= 0.5;
            scale *= 2.03;
        }
        sum / total * 1.5
    }

    /// Sharp crests at one, in `0.0..1.0`.
    pub(crate) fn crests(&self, x: f32, y: f32, count: u32) -> f32 {
        let (mut sum, mut weight, mut scale, mut total) = (0.0, 1.0, 1.0, 0.0);
        for _ in 0..count {
            let value = 1.0 - self.at(x * scale + 3.7 * scale, y * scale + 9.2).abs() * 1.6;
            sum += value.max(0.0) * weight;
            total += weight;
            weight *= 0.45;
            scale *= 2.1;
        }
        sum / total
    }
}

/// Values on a grid over a picture, read back smoothly; positions are scene units.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    columns: usize,
    rows: usize,
    cells: f32,
    values: Vec<f32>,
}

impl Field {
    /// `cells` grid cells a unit; `value` is asked once a grid point.
    pub(crate) fn new(
        width: f32,
        height: f32,
        cells: f32,
        value: impl Fn(f32, f32) -> f32,
    ) -> Self {
        let columns = (width * cells).ceil() as usize + 2;
        let rows = (height * cells).ceil() as usize + 2;
        let mut values = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                values.push(value(column as f32 / cells, row as f32 / cells));
            }
        }
        Self { columns, rows, cells, values }
    }

    #[inline]
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let gx = (x * self.cells).clamp(0.0, (self.columns - 2) as f32);
        let gy = (y * self.cells).clamp(0.0, (self.rows - 2) as f32);
        let (column, row) = (gx as i32 as usize, gy as i32 as usize);
        let (fx, fy) = (gx - column as f32, gy - row as f32);
        let index = row * self.columns + column;
        let below = index + self.columns;
        let top = blend(self.values[index], self.values[index + 1], fx);
        let bottom = blend(self.values[below], self.values[below + 1], fx);
        blend(top, bottom, fy)
    }

    /// The values along one height, to be read many times.
    pub(crate) fn row(&self, y: f32) -> FieldRow {
        let gy = (y * self.cells).clamp(0.0, (self.rows - 2) as f32);
        let row = gy as i32 as usize;
        let fy = gy - row as f32;
        let upper = &self.values[row * self.columns..(row + 1) * self.columns];
        let lower = &self.values[(row + 1) * self.columns..(row + 2) * self.columns];
        let values = upper.iter().zip(lower).map(|(a, b)| blend(*a, *b, fy)).collect();
        FieldRow { cells: self.cells, last: (self.columns - 2) as f32, values }
    }
}

/// One height of a field.
#[derive(Debug, Clone)]
pub(crate) struct FieldRow {
    cells: f32,
    last: f32,
    values: Vec<f32>,
}

impl FieldRow {
    #[inline]
    pub(crate) fn at(&self, x: f32) -> f32 {
        let gx = (x * self.cells).clamp(0.0, self.last);
        let column = gx as i32 as usize;
        blend(self.values[column], self.values[column + 1], gx - column as f32)
    }
}

fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

fn blend(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

fn gradient(hash: u8, x: f32, y: f32) -> f32 {
    match hash & 7 {
        0 => x + y,
        1 => x - y,
        2 => y - x,
        3 => -x - y,
        4 => x * 1.414,
        5 => x * -1.414,
        6 => y * 1.414,
        _ => y * -1.414,
    }
}
