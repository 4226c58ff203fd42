//! Models for `voxel-3d`: an island, what grows or is built on it, and heroes rounded out from
//! their drawings.
//!
//! What stands where is in `data/voxels.toml`. Pure: no network, no clock, no files.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::grid::{Cube, Grid};
use super::terrain::{Column, Cover, GROUND, SIDE, Spot, Terrain};
use super::tint::{self, Tint};
use super::voxel_parts::{Plant, Rooted};
use super::voxel_sprite::Sprite;
use super::{Job, fits};
use crate::render::art::Stance;
use crate::render::color::Rgb;
use crate::render::dice::{Dice, lattice};
use crate::render::group;
use crate::render::noise::Noise;
use crate::render::place::{Place, Time, Weather};
use crate::text;

/// What islands are made of, as `data/voxels.toml` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Islands {
    soil: Tint,
    rock: Tint,
    cover: BTreeMap<String, Cover>,
    terrain: Vec<Terrain>,
    growth: Vec<Growth>,
    model: BTreeMap<String, Plant>,
    town: Town,
}

/// What grows in some places.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Growth {
    /// Empty: all others.
    #[serde(default)]
    places: Vec<Place>,
    tries: usize,
    /// Models, and up to which share each is taken.
    mix: Vec<(String, f32)>,
}

/// Blocks of towers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Town {
    places: Vec<Place>,
    /// Cubes from a block to the next.
    block: i32,
    from: i32,
    /// Where in a block each tower begins, its width and its depth.
    towers: Vec<(i32, i32, i32, i32)>,
    /// The least height, and how many heights there are.
    height: (i32, usize),
    /// Cubes that towers are higher for each block nearer to the middle.
    middle: i32,
    walls: Tint,
    glass: Tint,
    /// The share of panes that stay dark.
    dark: f32,
}

static ISLANDS: LazyLock<Islands> =
    LazyLock::new(|| text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/voxels.z"))));

pub(super) struct Model {
    pub(super) grid: Grid,
    /// The level drawn at height zero.
    pub(super) depth: i32,
    /// Cubes above the ground.
    pub(super) height: i32,
}

struct Builder<'a> {
    job: &'a Job<'a>,
    grid: Grid,
    noise: Noise,
    dice: Dice,
}

pub(super) fn build(job: &Job<'_>) -> Model {
    let seed = job.brief.seed;
    let mut builder = Builder {
        job,
        grid: Grid::new(SIDE, GROUND + 56),
        noise: Noise::new(seed),
        dice: Dice::named(seed, "voxel"),
    };
    let place = job.brief.setting().plain();
    builder.terrain(place);
    let town = &ISLANDS.town;
    if town.places.contains(&place) {
        builder.city(town);
    }
    builder.plants(place);
    let ones = group::roots(&job.brief.cast, 3);
    for (index, one) in ones.iter().enumerate() {
        builder.hero(*one, index, ones.len().min(5));
    }
    let grid = builder.grid;
    let highest =
        (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y))).map(|(x, y)| grid.top(x, y)).max();
    Model { height: (highest.unwrap_or(GROUND) - GROUND).max(4), depth: GROUND, grid }
}

impl Builder<'_> {
    fn color(&mut self, tint: &Tint) -> Rgb {
        tint.color(self.job.brief, self.job.palette, &mut self.dice)
    }

    /// Whether a column belongs to the island, and how far it is inside, in cubes.
    fn inside(&self, x: i32, y: i32) -> f32 {
        let half = SIDE as f32 / 2.0;
        let (dx, dy) = ((x as f32 + 0.5 - half) / half, (y as f32 + 0.5 - half) / half);
        // A square with round corners and a worn rim.
        let round = (dx * dx * dx * dx + dy * dy * dy * dy).sqrt().sqrt();
        (0.97 + self.noise.at(x as f32 * 0.16, y as f32 * 0.16) * 0.045 - round) * half
    }

    fn terrain(&mut self, place: Place) {
        let brief = self.job.brief;
        let floats =
            brief.star().is_none_or(|c| matches!(c.hero.stance, Stance::Afloat | Stance::Under));
        let alone = brief.cast.is_empty();
        let ashore = !floats || place != Place::Lake && alone;
        let terrain = ISLANDS.terrain.iter();
        let mut terrain = terrain.filter(|one| fits(&one.places, place) && (ashore || !one.ashore));
        let terrain = terrain.next().expect("the last one fits all places");
        let soil = self.color(terrain.soil.as_ref().unwrap_or(&ISLANDS.soil));
        let rock = self.color(&ISLANDS.rock);
        let has_mountains = brief.has(Place::Mountain);
        for y in 0..SIDE {
            for x in 0..SIDE {
                let inside = self.inside(x, y);
                if inside < 0.0 {
                    continue;
                }
                let (height, cover) = {
                    let spot = Spot { noise: &self.noise, x, y, inside, alone, has_mountains };
                    covered(self.job, &terrain.column(&spot), &spot)
                };
                let rough = self.noise.at(x as f32 * 0.3 + 9.0, y as f32 * 0.3);
                let bottom = GROUND - 3 - (inside * 0.42 + rough * 1.6).clamp(0.0, 9.0) as i32;
                for z in bottom.max(0)..=height {
                    let speck = lattice(x * 7 + z * 3, y * 5 - z, 3) * 0.05 - 0.025;
                    let base = if z == height {
                        cover
                    } else if z > GROUND {
                        // Mountains are rock under their cover.
                        cover.darker(0.02)
                    } else if z > GROUND - 4 {
                        soil
                    } else {
                        rock
                    };
                    self.grid.solid(x, y, z, base.lighter(speck));
                }
            }
        }
    }

    /// Whether a hero will stand here.
    fn taken(&self, x: i32, y: i32) -> bool {
        if self.job.brief.cast.is_empty() {
            return false;
        }
        let (dx, dy) = (x - SIDE / 2, y - SIDE / 2);
        // The middle, and the corner toward the viewer, so that nothing hides the hero.
        dx * dx + dy * dy < 190 || (dx + dy > 6 && (dx - dy).abs() < 22) || (dx + dy > 14)
    }

    fn plants(&mut self, place: Place) {
        let growth = ISLANDS.growth.iter().find(|growth| fits(&growth.places, place));
        let growth = growth.expect("the last one fits all places");
        let mut rooted: Vec<(i32, i32)> = Vec::new();
        for _ in 0..growth.tries {
            let (x, y) = (2 + self.dice.below(42) as i32, 2 + self.dice.below(42) as i32);
            let kind = self.dice.unit();
            let near = |&(px, py): &(i32, i32)| (px - x) * (px - x) + (py - y) * (py - y) < 22;
            if self.inside(x, y) < 2.0 || self.taken(x, y) || rooted.iter().any(near) {
                continue;
            }
            let z = self.grid.top(x, y);
            let Some(Cube::Solid(ground)) = self.grid.get(x, y, z) else { continue };
            let lab = ground.lab();
            let is_water = lab.2 < -0.02 && lab.1 < 0.0 && place != Place::Snow;
            let steep = z > GROUND + 9;
            if is_water || steep || z < GROUND {
                continue;
            }
            rooted.push((x, y));
            if let Some((model, _)) = growth.mix.iter().find(|(_, share)| kind < *share) {
                self.plant(ISLANDS.model.get(model).expect("a test finds all models"), (x, y, z));
            }
        }
    }

    fn plant(&mut self, plant: &Plant, root: (i32, i32, i32)) {
        let brief = self.job.brief;
        let colors = tint::chosen(&plant.colors, brief, self.job.palette, &mut self.dice);
        let tall = plant.grows.map_or(0, |(least, more)| least + self.dice.below(more) as i32);
        let snow = brief.weather == Weather::Snow || brief.has(Place::Snow);
        plant.build(&mut self.grid, &Rooted { root, tall, colors, snow });
    }

    fn city(&mut self, town: &Town) {
        let crowded = !self.job.brief.cast.is_empty();
        for by in 0..4_i32 {
            for bx in 0..4_i32 {
                let middle = (3 - (bx - 2).abs() - (by - 2).abs()).max(0) * town.middle;
                for (x, y, wide, deep) in &town.towers {
                    let (x, y) = (bx * town.block + town.from + x, by * town.block + town.from + y);
                    let (least, more) = town.height;
                    let tall = least + self.dice.below(more) as i32 + middle;
                    let (wall, glass) = (self.color(&town.walls), self.color(&town.glass));
                    for dy in 0..*deep {
                        for dx in 0..*wide {
                            if self.inside(x + dx, y + dy) >= 1.0
                                && !(crowded && self.taken(x + dx, y + dy))
                            {
                                self.stack((x + dx, y + dy), tall, (dx + dy) % 2 == 1, wall, glass);
                            }
                        }
                    }
                }
            }
        }
    }

    /// A column of a tower, with a pane on every second level where it `has_panes`.
    fn stack(&mut self, at: (i32, i32), tall: i32, has_panes: bool, wall: Rgb, glass: Rgb) {
        let (x, y) = at;
        let night = self.job.palette.time != Time::Day;
        for z in 1..=tall {
            let pane = z % 2 == 0 && has_panes && z < tall;
            let on = lattice(x + z, y - z * 3, 4) > ISLANDS.town.dark;
            let cube = match (pane, on && night) {
                (true, true) => Cube::Light(self.job.palette.lamp),
                (true, false) => Cube::Solid(glass),
                _ => Cube::Solid(wall),
            };
            self.grid.set(x, y, GROUND + z, cube);
        }
    }

    /// A hero: its drawing in cubes, given depth by the width of each row.
    fn hero(&mut self, one: (usize, usize), index: usize, count: usize) {
        let all = &self.job.brief.cast;
        let cast = &all[one.0];
        let size: i32 = match count {
            1 => 38,
            2 => 25,
            _ => 17,
        };
        let (body, detail) = (
            Sprite::new(self.job.palette, all, one, size, true),
            Sprite::new(self.job.palette, all, one, size, false),
        );
        let along = index as i32 * 2 - (count as i32 - 1);
        let (mx, my) = (SIDE / 2 + along * (size / 3), SIDE / 2 + 2 - along * (size / 3));
        let lift = match cast.hero.stance {
            Stance::Air | Stance::Space => 7,
            _ => 0,
        };
        let floats = matches!(cast.hero.stance, Stance::Afloat | Stance::Under);
        let ground =
            (-4..=4).map(|d| self.grid.top(mx + d, my)).max().unwrap_or(GROUND).max(GROUND);
        let base = if floats { GROUND } else { ground + 1 } + lift;
        let lowest = (0..size)
            .rev()
            .find(|&row| (0..size).any(|c| body.at(c, row).is_some()))
            .unwrap_or(size - 1);
        let round = cast.hero.round && group::is_alone(all, one.0);
        for row in 0..size {
            for column in 0..size {
                let Some(own) = body.at(column, row) else { continue };
                let reach = if round { body.turned(column, row) } else { body.padded(column, row) };
                let z = base + lowest - row;
                for d in -reach..=reach {
                    let front = detail.at(column, row).filter(|_| d == reach);
                    self.grid.set(mx - size / 2 + column, my + d, z, front.unwrap_or(own));
                }
            }
        }
    }
}

/// The height and the colour of a column.
fn covered(job: &Job<'_>, column: &Column<'_>, spot: &Spot<'_>) -> (i32, Rgb) {
    let cover = ISLANDS.cover.get(column.cover).expect("a test finds all covers");
    let second = cover.second.as_ref().zip(cover.second_here(spot));
    let (tint, deep) = second.unwrap_or((&cover.color, 0));
    let color = if cover.glows { tint.plain(job.brief) } else { tint.lit(job.brief, job.palette) };
    let color = column.lighter.map_or(color, |by| color.lighter(by));
    (column.height - deep, color)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::brief::Brief;
    use crate::render::palette::Palette;

    #[test]
    fn every_terrain_has_its_covers_and_every_growth_its_models() {
        for terrain in &ISLANDS.terrain {
            for cover in terrain.covers() {
                assert!(ISLANDS.cover.contains_key(cover), "{cover}: {terrain:?}");
            }
        }
        for (name, _) in ISLANDS.growth.iter().flat_map(|growth| &growth.mix) {
            assert!(ISLANDS.model.contains_key(name), "{name}");
        }
        assert!(ISLANDS.terrain.last().is_some_and(|one| one.places.is_empty() && !one.ashore));
        assert!(ISLANDS.growth.last().is_some_and(|growth| growth.places.is_empty()));
        // Each is the ground or the growth of some place.
        for name in ISLANDS.model.keys() {
            let mut mixes = ISLANDS.growth.iter().flat_map(|growth| &growth.mix);
            assert!(mixes.any(|(model, _)| model == name), "{name} grows nowhere");
        }
        for name in ISLANDS.cover.keys() {
            let mut covers = ISLANDS.terrain.iter().flat_map(Terrain::covers);
            assert!(covers.any(|cover| cover == name), "{name} covers nothing");
        }
    }

    #[test]
    fn every_model_has_its_colors_and_grows_above_its_root() {
        let brief = Brief::read("a forest in the snow", 3);
        let palette = Palette::new(&brief);
        for (name, plant) in &ISLANDS.model {
            let mut grid = Grid::new(21, 30);
            let colors = tint::chosen(&plant.colors, &brief, &palette, &mut Dice::new(1));
            let tall = plant.grows.map_or(0, |(least, more)| least + more as i32 - 1);
            plant.build(&mut grid, &Rooted { root: (10, 10, 2), tall, colors, snow: true });
            assert!((0..3).all(|z| !grid.filled(10, 10, z)), "{name} grows into the ground");
            assert!(grid.filled(10, 10, 3), "{name} does not stand on its root");
        }
    }
}
