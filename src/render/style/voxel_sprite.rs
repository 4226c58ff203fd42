//! Heroes as cubes: a drawing on a small raster, and how deep each of its cubes goes.
//!
//! Pure: no network, no clock, no files.

use super::grid::Cube;
use crate::render::art::Ink;
use crate::render::cast::Cast;
use crate::render::color::Rgb;
use crate::render::group;
use crate::render::list::{Kind, List};
use crate::render::palette::Palette;
use crate::render::raster::{self, Edges};

/// One drawing in cubes.
pub(super) struct Sprite {
    size: i32,
    cubes: Vec<Option<Cube>>,
}

impl Sprite {
    /// The hero drawn on a small raster; `plain` leaves out what is not part of its body.
    pub(super) fn new(
        palette: &Palette,
        cast: &[Cast],
        one: (usize, usize),
        size: i32,
        plain: bool,
    ) -> Self {
        let mut list = List::new(1.0, 1.0);
        group::fit(&mut list, palette, cast, one, (0.5, 0.5), 0.999);
        list.shapes.retain(|s| {
            matches!(s.kind, Kind::Body | Kind::Detail) && !(plain && s.kind == Kind::Detail)
        });
        let pixels = raster::render(&list, size as usize, size as usize, size as f32, Edges::Hard);
        let lamp = palette.lamp;
        let shines = cast[one.0].hero.pieces.iter().any(|(ink, _)| *ink == Ink::Lit);
        let cubes = pixels
            .data
            .chunks_exact(4)
            .map(|p| {
                let color = Rgb::from([p[0], p[1], p[2]]);
                let lit = shines && color.lab().distance(lamp.lab()) < 0.03;
                (p[3] > 127).then_some(if lit { Cube::Light(lamp) } else { Cube::Solid(color) })
            })
            .collect();
        Self { size, cubes }
    }

    /// Half the depth of a thing turned on a lathe: each row is a disc.
    pub(super) fn turned(&self, column: i32, row: i32) -> i32 {
        let (mut left, mut right) = (column, column + 1);
        while left > 0 && self.at(left - 1, row).is_some() {
            left -= 1;
        }
        while right < self.size && self.at(right, row).is_some() {
            right += 1;
        }
        let half = (right - left) as f32 / 2.0;
        let off = (column as f32 + 0.5 - left as f32 - half) / half.max(0.5);
        (half.min(11.0) * (1.0 - off * off).max(0.0).sqrt() + 0.2) as i32
    }

    /// Half the depth of a stuffed shape: flat, with soft edges.
    pub(super) fn padded(&self, column: i32, row: i32) -> i32 {
        let thick = self.size / 9;
        let filled = |c: i32, r: i32| {
            c >= 0 && r >= 0 && c < self.size && r < self.size && self.at(c, r).is_some()
        };
        (1..=thick)
            .find(|&d| {
                !(filled(column - d, row) && filled(column + d, row) && filled(column, row - d))
            })
            .map_or(thick, |d| (d + 1).min(thick))
    }

    pub(super) fn at(&self, column: i32, row: i32) -> Option<Cube> {
        self.cubes[(row * self.size + column) as usize]
    }
}
