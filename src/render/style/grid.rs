//! Cubes in a box: what a voxel model is made of.
//!
//! Pure data.

use crate::render::color::Rgb;

/// What one cube shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cube {
    Solid(Rgb),
    /// Shines by itself.
    Light(Rgb),
}

/// Cubes in a box of `side` × `side` × `tall`; empty ones are `None`.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub(super) side: i32,
    pub(super) tall: i32,
    cubes: Vec<Option<Cube>>,
}

impl Grid {
    pub(super) fn new(side: i32, tall: i32) -> Self {
        Self { side, tall, cubes: vec![None; (side * side * tall) as usize] }
    }

    fn index(&self, x: i32, y: i32, z: i32) -> Option<usize> {
        let inside = x >= 0 && y >= 0 && z >= 0 && x < self.side && y < self.side && z < self.tall;
        inside.then(|| ((z * self.side + y) * self.side + x) as usize)
    }

    pub(super) fn get(&self, x: i32, y: i32, z: i32) -> Option<Cube> {
        self.index(x, y, z).and_then(|index| self.cubes[index])
    }

    pub(super) fn set(&mut self, x: i32, y: i32, z: i32, cube: Cube) {
        if let Some(index) = self.index(x, y, z) {
            self.cubes[index] = Some(cube);
        }
    }

    pub(super) fn solid(&mut self, x: i32, y: i32, z: i32, color: Rgb) {
        self.set(x, y, z, Cube::Solid(color));
    }

    pub(super) fn filled(&self, x: i32, y: i32, z: i32) -> bool {
        self.get(x, y, z).is_some()
    }

    /// The height of the highest cube of a column, or minus one.
    pub(super) fn top(&self, x: i32, y: i32) -> i32 {
        (0..self.tall).rev().find(|&z| self.filled(x, y, z)).unwrap_or(-1)
    }
}
