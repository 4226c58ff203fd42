//! Models for `voxel-3d`: terrains, trees, towers, and heroes rounded out from their drawings.
//!
//! Pure: no network, no clock, no files.

use super::Job;
use super::grid::{Cube, Grid};
use super::voxel_sprite::Sprite;
use crate::render::art::Stance;
use crate::render::color::{Rgb, hex};
use crate::render::dice::{Dice, lattice};
use crate::render::group;
use crate::render::noise::Noise;
use crate::render::place::{Mood, Place, Time, Weather};

/// Cubes along the side of the island.
const SIDE: i32 = 46;
/// The level of the ground; below it hangs the rock.
const GROUND: i32 = 12;

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
    match place {
        Place::City => builder.city(),
        Place::Space | Place::Table | Place::Studio | Place::Sea | Place::Underwater => {}
        _ => builder.plants(place),
    }
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
    fn color(&self, value: u32) -> Rgb {
        self.job.palette.hero(hex(value))
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
        let floats = self
            .job
            .brief
            .star()
            .is_none_or(|c| c.hero.stance == Stance::Afloat || c.hero.stance == Stance::Under);
        for y in 0..SIDE {
            for x in 0..SIDE {
                let inside = self.inside(x, y);
                if inside < 0.0 {
                    continue;
                }
                let (height, cover) = self.column(place, floats, x, y, inside);
                let rough = self.noise.at(x as f32 * 0.3 + 9.0, y as f32 * 0.3);
                let bottom = GROUND - 3 - (inside * 0.42 + rough * 1.6).clamp(0.0, 9.0) as i32;
                let soil = self.color(if place == Place::Snow { 0x9f_b4c8 } else { 0x9a_6b45 });
                let rock = self.color(0x7c_7684);
                for z in bottom.max(0)..=height {
                    let speck = lattice(x * 7 + z * 3, y * 5 - z, 3) * 0.05 - 0.025;
                    let base = if z == height {
                        cover
                    } else if z > GROUND - 4 {
                        soil
                    } else {
                        rock
                    };
                    // Mountains are rock under their cover.
                    let base = if z < height && z > GROUND { cover.darker(0.02) } else { base };
                    self.grid.solid(x, y, z, base.lighter(speck));
                }
            }
        }
    }

    /// Height and cover of one column.
    fn column(&self, place: Place, floats: bool, x: i32, y: i32, inside: f32) -> (i32, Rgb) {
        let half = SIDE as f32 / 2.0;
        let (dx, dy) = (x as f32 - half, y as f32 - half);
        let far = (dx * dx + dy * dy).sqrt();
        let wave = self.noise.octaves(x as f32 * 0.07, y as f32 * 0.07, 2);
        let white = self.job.brief.weather == Weather::Snow;
        let grass = self.color(if white {
            0xf2_f6fb
        } else if self.job.brief.mood == Mood::Autumn {
            0xc8_9a44
        } else {
            0x78_b852
        });
        let water = self.color(if wave > 0.1 { 0x58_b8dc } else { 0x49_a8d2 });
        let sand = self.color(0xf0_d49a);
        let mountain = |reach: f32, tall: f32, cx: f32, cy: f32| {
            let (mx, my) = (dx - cx, dy - cy);
            let t = (1.0 - (mx * mx + my * my).sqrt() / reach).max(0.0);
            let jag = self.noise.octaves(x as f32 * 0.15, y as f32 * 0.15, 3);
            (t * t * 0.4 + t * 0.6) * tall * (1.0 + jag * 0.3)
        };
        match place {
            Place::Sea | Place::Underwater => (GROUND, water),
            Place::Coast | Place::Lake | Place::Island | Place::Beach
                if !floats || place != Place::Lake && self.job.brief.cast.is_empty() =>
            {
                let radius = 15.5 + wave * 4.0;
                let rise = (radius - far).max(0.0);
                if rise <= 0.0 {
                    (GROUND, water)
                } else if rise < 3.0 || place == Place::Beach {
                    (GROUND + 1, sand)
                } else {
                    (GROUND + 1 + (rise * 0.3) as i32, grass)
                }
            }
            Place::Coast | Place::Lake | Place::Beach | Place::River => {
                let back = if self.job.brief.has(Place::Mountain) {
                    mountain(15.0, 22.0, -13.0, -13.0)
                        .max(mountain(12.0, 15.0, -1.0, -17.0))
                        .max(mountain(11.0, 14.0, -17.0, 1.0))
                } else {
                    0.0
                };
                if back > 1.0 {
                    let cover = if back > 12.0 {
                        self.color(0xfb_fdff)
                    } else if back > 4.0 {
                        self.color(0x90_93a2)
                    } else {
                        grass
                    };
                    (GROUND + 1 + back as i32, cover)
                } else if inside < 5.5 + wave * 3.0 && y < SIDE - 16 {
                    (GROUND + 1, grass)
                } else {
                    (GROUND, water)
                }
            }
            Place::Mountain | Place::Volcano | Place::Waterfall => {
                let alone = self.job.brief.cast.is_empty();
                let (tall, cx, cy) = if alone { (27.0, -2.0, -2.0) } else { (22.0, -9.0, -11.0) };
                let main = mountain(22.0, tall, cx, cy)
                    .max(mountain(12.0, tall * 0.6, cx + 12.0, cy - 5.0))
                    .max(mountain(11.0, tall * 0.5, cx - 6.0, cy + 13.0));
                let height = GROUND + main as i32;
                let snowline = tall * 0.56 + wave * 4.0;
                if place == Place::Volcano && main > tall * 0.86 {
                    return (GROUND + (tall * 0.84) as i32, hex(0xff_8a34));
                }
                if main > snowline && place != Place::Volcano {
                    (height, self.color(0xfb_fdff))
                } else if main > 4.0 {
                    (
                        height,
                        self.color(if place == Place::Volcano { 0x6a_5660 } else { 0x90_93a2 }),
                    )
                } else {
                    (height, grass)
                }
            }
            Place::Desert | Place::Canyon => {
                let dune = (wave * 3.0 + 1.5).max(0.0);
                let calm = (far / 14.0).min(1.0);
                (GROUND + (dune * calm) as i32, sand.darker(lattice(x, y, 8) * 0.02))
            }
            Place::Snow => (GROUND + (wave * 1.5).max(0.0) as i32, self.color(0xf2_f7fc)),
            Place::Space => {
                let crater = self.noise.at(x as f32 * 0.13 + 5.0, y as f32 * 0.13);
                let deep = i32::from(crater < -0.34 && far > 11.0);
                (GROUND - deep, self.color(if deep == 1 { 0x9a_94ae } else { 0xc6_c2d4 }))
            }
            Place::Table | Place::Studio => {
                let even = (x / 4 + y / 4) % 2 == 0;
                (GROUND, self.color(if even { 0xf4_ece2 } else { 0xe8_dccd }))
            }
            Place::City | Place::Road => {
                let street = (x - 4).rem_euclid(13) < 3 || (y - 4).rem_euclid(13) < 3;
                (GROUND, self.color(if street { 0x5c_6072 } else { 0xb4_bac6 }))
            }
            Place::Field => (GROUND, self.color(if y % 4 < 2 { 0xd9_b44c } else { 0xb8_8f3c })),
            _ => {
                let calm = ((far - 9.0) / 9.0).clamp(0.0, 1.0);
                (GROUND + ((wave * 3.4 + 1.2).max(0.0) * calm) as i32, grass.lighter(wave * 0.02))
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
        let dense = matches!(place, Place::Forest | Place::Jungle);
        let count = if dense { 260 } else { 40 };
        let mut rooted: Vec<(i32, i32)> = Vec::new();
        for _ in 0..count {
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
            match place {
                Place::Desert | Place::Canyon => self.cactus(x, y, z),
                Place::Beach | Place::Island => self.palm(x, y, z),
                _ if kind < 0.62 || dense => self.pine(x, y, z),
                _ if kind < 0.85 => self.bush(x, y, z),
                _ => {
                    let petal = *self.dice.pick(&[0xf2_798f, 0xf6_d25a, 0xfa_f3e8, 0xb4_8ae0]);
                    let petal = self.color(petal);
                    self.grid.solid(x, y, z + 1, petal);
                }
            }
        }
    }

    fn pine(&mut self, x: i32, y: i32, z: i32) {
        let autumn = self.job.brief.mood == Mood::Autumn;
        let leaves: &[u32] = if autumn {
            &[0xcf_6a2e, 0xe0_9a3c, 0xb4_4a2e]
        } else {
            &[0x2f_7f58, 0x3c_8f56, 0x2a_7060]
        };
        let leaf = *self.dice.pick(leaves);
        let leaf = self.color(leaf);
        let white = self.job.brief.weather == Weather::Snow || self.job.brief.has(Place::Snow);
        let trunk = self.color(0x7a_5238);
        let tall = 7 + self.dice.below(4) as i32;
        for h in 1..=2 {
            self.grid.solid(x, y, z + h, trunk);
        }
        for h in 2..=tall {
            let radius =
                ((tall - h) as f32 * 0.42 + if (tall - h) % 2 == 1 { 0.7 } else { 0.0 }).min(3.0);
            let reach = radius.ceil() as i32;
            for dy in -reach..=reach {
                for dx in -reach..=reach {
                    if ((dx * dx + dy * dy) as f32) <= radius * radius + 0.3 {
                        let color = if white && (tall - h) % 2 == 0 {
                            hex(0xf0_f5fa).lit(self.job.palette.spot)
                        } else {
                            leaf
                        };
                        let speck = lattice(x + dx, y + dy + h * 3, 5) * 0.06 - 0.03;
                        self.grid.solid(x + dx, y + dy, z + h, color.lighter(speck));
                    }
                }
            }
        }
    }

    fn bush(&mut self, x: i32, y: i32, z: i32) {
        let leaf = self.color(0x5f_a84e);
        let (trunk, tall) = (self.color(0x7a_5238), 4 + self.dice.below(2) as i32);
        for h in 1..tall {
            self.grid.solid(x, y, z + h, trunk);
        }
        for dz in -2..=2_i32 {
            for dy in -2..=2_i32 {
                for dx in -2..=2_i32 {
                    if dx * dx + dy * dy + dz * dz <= 6 {
                        let speck = lattice(x + dx, y + dy + dz * 3, 6) * 0.07 - 0.035;
                        self.grid.solid(x + dx, y + dy, z + tall + dz + 1, leaf.lighter(speck));
                    }
                }
            }
        }
    }

    fn cactus(&mut self, x: i32, y: i32, z: i32) {
        let green = self.color(0x4f_9a62);
        for h in 1..=6 {
            self.grid.solid(x, y, z + h, green);
        }
        for (dx, low, high) in [(-2, 3, 5), (2, 2, 4)] {
            for h in low..=high {
                self.grid.solid(x + dx, y, z + h, green);
            }
            self.grid.solid(x + dx / 2, y, z + low, green);
        }
    }

    fn palm(&mut self, x: i32, y: i32, z: i32) {
        let (trunk, leaf) = (self.color(0x9a_6c44), self.color(0x3f_9a58));
        for h in 1..=8 {
            self.grid.solid(x + h / 5, y, z + h, trunk);
        }
        let (cx, cz) = (x + 1, z + 9);
        for reach in 0..=4 {
            let drop = cz - i32::from(reach > 2) - i32::from(reach > 3);
            for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                self.grid.solid(cx + dx * reach, y + dy * reach, drop, leaf);
            }
            if reach < 4 {
                for (dx, dy) in [(1, 1), (-1, -1), (1, -1), (-1, 1)] {
                    self.grid.solid(cx + dx * reach, y + dy * reach, drop, leaf.darker(0.04));
                }
            }
        }
    }

    fn city(&mut self) {
        let night = self.job.palette.time != Time::Day;
        let crowded = !self.job.brief.cast.is_empty();
        for by in 0..4_i32 {
            for bx in 0..4_i32 {
                for part in 0..4 {
                    let (x, y) = (bx * 13 - 5 + part % 2 * 5, by * 13 - 5 + part / 2 * 5);
                    let middle = (bx - 2).abs() + (by - 2).abs();
                    let tall = 5 + self.dice.below(11) as i32 + (3 - middle).max(0) * 6;
                    let body = *self
                        .dice
                        .pick(&[0x8f_a6c8, 0xb8_b4c8, 0xd9_b8a0, 0x6f_88ac, 0xc8_c0b8, 0x9a_7fa8]);
                    let body = self.color(body);
                    for dy in 0..5_i32 {
                        for dx in 0..5_i32 {
                            if dx == 4 && part % 2 == 1
                                || dy == 4 && part / 2 == 1
                                || self.inside(x + dx, y + dy) < 1.0
                                || crowded && self.taken(x + dx, y + dy)
                            {
                                continue;
                            }
                            for z in 1..=tall {
                                let pane = z % 2 == 0 && (dx + dy) % 2 == 1 && z < tall;
                                let on = lattice(x + dx + z, y + dy - z * 3, 4) > 0.4;
                                let cube = match (pane, on && night) {
                                    (true, true) => Cube::Light(self.job.palette.lamp),
                                    (true, false) => Cube::Solid(self.color(0x46_6490)),
                                    _ => Cube::Solid(body),
                                };
                                self.grid.set(x + dx, y + dy, GROUND + z, cube);
                            }
                        }
                    }
                }
            }
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
