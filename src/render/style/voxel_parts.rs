//! Models of cubes from `data/voxels.toml`: columns, cones, balls and stars on a root.
//!
//! Pure: no network, no clock, no files.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::grid::Grid;
use super::tint::{Tints, lighter};
use crate::render::color::Rgb;
use crate::render::dice::lattice;

/// A model that roots in the ground.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plant {
    pub(super) colors: Tints,
    /// The least height, and how many heights there are.
    pub(super) grows: Option<(i32, usize)>,
    parts: Vec<Part>,
}

/// A solid of a model; levels count from the cube it roots in.
#[derive(Debug, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case", deny_unknown_fields)]
enum Part {
    Column {
        color: String,
        #[serde(default)]
        x: i32,
        from: i32,
        /// Its last level; else it ends `short` of the top.
        to: Option<i32>,
        #[serde(default)]
        short: i32,
        /// Levels on which it stands before it leans a cube further.
        lean: Option<i32>,
    },
    Cone {
        color: String,
        /// The colour of every second level where snow lies.
        frost: String,
        from: i32,
        /// What its radius grows a level, from the top.
        taper: f32,
        /// By how much every second level is wider.
        wider: f32,
        most: f32,
        grain: f32,
    },
    Ball {
        color: String,
        /// Levels of its middle above the top.
        lift: i32,
        squared: i32,
        grain: f32,
    },
    Star {
        color: String,
        x: i32,
        lift: i32,
        arms: Arms,
        /// How much lower each cube of an arm is, from the middle.
        drops: Vec<i32>,
        #[serde(default)]
        light: f32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Arms {
    Straight,
    Aslant,
}

impl Arms {
    fn directions(self) -> [(i32, i32); 4] {
        match self {
            Self::Straight => [(1, 0), (-1, 0), (0, 1), (0, -1)],
            Self::Aslant => [(1, 1), (-1, -1), (1, -1), (-1, 1)],
        }
    }
}

/// A plant where it grows.
pub(super) struct Rooted<'a> {
    pub(super) root: (i32, i32, i32),
    pub(super) tall: i32,
    pub(super) colors: BTreeMap<&'a str, Rgb>,
    /// Whether snow lies on it.
    pub(super) snow: bool,
}

impl Plant {
    pub(super) fn build(&self, grid: &mut Grid, rooted: &Rooted<'_>) {
        for part in &self.parts {
            part.build(grid, rooted);
        }
    }
}

impl Rooted<'_> {
    fn color(&self, name: &str) -> Rgb {
        *self.colors.get(name).expect("a test builds every model")
    }
}

impl Part {
    fn build(&self, grid: &mut Grid, rooted: &Rooted<'_>) {
        let ((x, y, z), tall) = (rooted.root, rooted.tall);
        match self {
            Self::Column { color, x: aside, from, to, short, lean } => {
                let color = rooted.color(color);
                for h in *from..=to.unwrap_or(tall - short) {
                    let leaning = lean.map_or(0, |lean| h / lean);
                    grid.solid(x + aside + leaning, y, z + h, color);
                }
            }
            Self::Cone { color, frost, from, taper, wider, most, grain } => {
                let (color, frost) = (rooted.color(color), rooted.color(frost));
                for h in *from..=tall {
                    let below = tall - h;
                    let wider = if below % 2 == 1 { *wider } else { 0.0 };
                    let radius = (below as f32 * taper + wider).min(*most);
                    let frosted = rooted.snow && below % 2 == 0;
                    let color = if frosted { frost } else { color };
                    disc(grid, (x, y, z + h), radius, |dx, dy| {
                        speckled(color, (x + dx, y + dy + h * 3), 5, *grain)
                    });
                }
            }
            Self::Ball { color, lift, squared, grain } => {
                let (color, middle) = (rooted.color(color), z + tall + lift);
                let reach = squared.isqrt();
                for dz in -reach..=reach {
                    for dy in -reach..=reach {
                        for dx in -reach..=reach {
                            if dx * dx + dy * dy + dz * dz <= *squared {
                                let color = speckled(color, (x + dx, y + dy + dz * 3), 6, *grain);
                                grid.solid(x + dx, y + dy, middle + dz, color);
                            }
                        }
                    }
                }
            }
            Self::Star { color, x: aside, lift, arms, drops, light } => {
                let color = lighter(rooted.color(color), *light);
                for (reach, drop) in (0..).zip(drops) {
                    for (dx, dy) in arms.directions() {
                        let (x, y) = (x + aside + dx * reach, y + dy * reach);
                        grid.solid(x, y, z + lift - drop, color);
                    }
                }
            }
        }
    }
}

/// A round layer of cubes.
fn disc(grid: &mut Grid, at: (i32, i32, i32), radius: f32, color: impl Fn(i32, i32) -> Rgb) {
    let reach = radius.ceil() as i32;
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            if ((dx * dx + dy * dy) as f32) <= radius * radius + 0.3 {
                grid.solid(at.0 + dx, at.1 + dy, at.2, color(dx, dy));
            }
        }
    }
}

fn speckled(color: Rgb, at: (i32, i32), seed: u32, grain: f32) -> Rgb {
    color.lighter(lattice(at.0, at.1, seed) * grain - grain / 2.0)
}
