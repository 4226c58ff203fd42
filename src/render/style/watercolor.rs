//! Style `watercolor`: washes with blooms and dark rims on rough paper, with an unpainted border.
//!
//! Noise is computed on coarse grids and read back smoothly. Pure: no network, no clock, no files.

use super::Job;
use crate::render::color::hex;
use crate::render::dice::Dice;
use crate::render::noise::{Field, Noise};
use crate::render::raster::{self, Edges, Pixels};

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let frame = job.frame;
    let (w, h) = (frame.width, frame.height);
    // The wash is soft: half the pixels are enough to read it from.
    let half = if frame.scale > 300.0 { (1024.0 / frame.scale).min(0.5) } else { 1.0 };
    let (columns, rows) = (
        ((frame.columns as f32 * half).ceil() as usize).max(1),
        ((frame.rows as f32 * half).ceil() as usize).max(1),
    );
    let scale = frame.scale * half;
    let scene = raster::render(&job.scene(), columns, rows, scale, Edges::Smooth);
    let wash = Wash::new(scene.data, columns, rows, scale);
    let mut dice = Dice::named(job.brief.seed, "watercolor");
    let noise = Noise::new(dice.next());
    let bend_x = Field::new(w, h, 70.0, |x, y| noise.octaves(x * 9.0, y * 9.0, 3) * 0.007);
    let bend_y =
        Field::new(w, h, 70.0, |x, y| noise.octaves(x * 9.0 + 50.0, y * 9.0 + 9.0, 3) * 0.007);
    let bloom = Field::new(w, h, 60.0, |x, y| {
        let slow = noise.octaves(x * 2.2 + 3.0, y * 2.6, 3);
        let ring = noise.crests(x * 2.8 + 80.0, y * 2.8 + 11.0, 2);
        1.0 + slow * 0.28 + if ring > 0.93 { (ring - 0.93) * 3.2 } else { 0.0 }
    });
    let paper = Field::new(w, h, 300.0, |x, y| {
        // Turned against the grid, or the weave shows.
        let (u, v) = (x * 0.8 + y * 0.6, y * 0.8 - x * 0.6);
        noise.at(u * 117.0, v * 117.0) + 0.6 * noise.at(u * 53.0 + 9.0, v * 53.0)
    });
    let edge =
        Field::new(w, h, 90.0, |x, y| noise.octaves(x * 7.0 + 7.0, y * 7.0 + 70.0, 4) * 0.016);
    let sheet = job.color(hex(0xfc_f8ef));
    let clear = job.cut_out();
    let mut data = vec![0; frame.columns * frame.rows * 4];
    raster::each_row(&mut data, frame.columns, |y, row| {
        let sy = (y as f32 + 0.5) / frame.scale;
        let (bend_x, bend_y) = (bend_x.row(sy), bend_y.row(sy));
        let (bloom, paper, edge) = (bloom.row(sy), paper.row(sy), edge.row(sy));
        let shore = sy.min(h - sy);
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let sx = (x as f32 + 0.5) / frame.scale;
            let grain = paper.at(sx);
            let border = if clear { 1.0 } else { sx.min(w - sx).min(shore) };
            let inside = border - 0.036 + if border < 0.1 { edge.at(sx) } else { 0.0 };
            let cover = ((inside + grain * 0.002) * 260.0).clamp(0.0, 1.0);
            let [red, green, blue, alpha, rim] = wash.at(sx + bend_x.at(sx), sy + bend_y.at(sx));
            let rim = rim + (1.0 - (inside * 70.0).clamp(0.0, 1.0)) * 0.2;
            let strength = (bloom.at(sx) * 0.88 + rim + grain * 0.105) * cover;
            let part = |value: f32, sheet: f32| {
                let density = (1.0 - value).max(0.0);
                let out = sheet * (1.0 - density * strength) * (1.0 + grain * 0.012);
                ((out * 255.0 + 0.5) as i32).clamp(0, 255) as u8
            };
            pixel[0] = part(red, sheet.0);
            pixel[1] = part(green, sheet.1);
            pixel[2] = part(blue, sheet.2);
            pixel[3] = if clear { (alpha * 255.0) as u8 } else { 255 };
        }
    });
    Pixels { data }
}

/// The painted scene, read back between its pixels: red, green, blue, alpha, and the rim.
struct Wash {
    columns: usize,
    rows: usize,
    scale: f32,
    data: Vec<[f32; 5]>,
}

impl Wash {
    fn new(bytes: Vec<u8>, columns: usize, rows: usize, scale: f32) -> Self {
        let reach = ((scale * 0.004).round() as usize).max(1);
        let light = |x: usize, y: usize| {
            let p = &bytes[(y * columns + x) * 4..][..4];
            (u32::from(p[0]) * 77 + u32::from(p[1]) * 151 + u32::from(p[2]) * 28) as f32 / 65_280.0
        };
        let mut data = Vec::with_capacity(columns * rows);
        for y in 0..rows {
            let (up, down) = (y.saturating_sub(reach), (y + reach).min(rows - 1));
            for x in 0..columns {
                let (left, right) = (x.saturating_sub(reach), (x + reach).min(columns - 1));
                let across = light(left, y) - light(right, y);
                let along = light(x, up) - light(x, down);
                // Pigment gathers where the tone changes.
                let rim = ((across * across + along * along).sqrt() - 0.03).clamp(0.0, 0.34) * 0.85;
                let p = &bytes[(y * columns + x) * 4..][..4];
                let part = |k: usize| f32::from(p[k]) / 255.0;
                data.push([part(0), part(1), part(2), part(3), rim]);
            }
        }
        Self { columns, rows, scale, data }
    }

    fn at(&self, x: f32, y: f32) -> [f32; 5] {
        let gx = (x * self.scale - 0.5).clamp(0.0, (self.columns - 1) as f32);
        let gy = (y * self.scale - 0.5).clamp(0.0, (self.rows - 1) as f32);
        let (column, row) = (gx as i32 as usize, gy as i32 as usize);
        let (fx, fy) = (gx - column as f32, gy - row as f32);
        let right = (column + 1).min(self.columns - 1);
        let below = (row + 1).min(self.rows - 1);
        let (upper, lower) = (row * self.columns, below * self.columns);
        let (a, b) = (&self.data[upper + column], &self.data[upper + right]);
        let (c, d) = (&self.data[lower + column], &self.data[lower + right]);
        std::array::from_fn(|k| {
            let top = a[k] + (b[k] - a[k]) * fx;
            let bottom = c[k] + (d[k] - c[k]) * fx;
            top + (bottom - top) * fy
        })
    }
}
