//! Style `isometric`: the scene as a small diorama on a slab of ground.
//!
//! Pure: no network, no clock, no files.

use super::Job;
use super::solid::View;
use crate::render::art::Stance;
use crate::render::color::{BLACK, Rgb, WHITE, hex};
use crate::render::dice::Dice;
use crate::render::group;
use crate::render::list::{Kind, List, Paint, Ramp};
use crate::render::palette::Palette;
use crate::render::path::Path;
use crate::render::place::{Mood, Place, Time, Weather};
use crate::render::raster::Pixels;
use crate::render::sky;

/// Side of the slab, world units.
const SIDE: f32 = 10.0;

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let mut list = job.empty();
    let (w, h) = (list.width, list.height);
    let palette = job.palette;
    if !job.recipe.transparent {
        backdrop(&mut list, palette);
        if palette.time == Time::Night {
            sky::stars(&mut list, &mut Dice::named(job.brief.seed, "stars"), h, 0.5);
        }
    }
    let unit = (w / 19.4).min(h / 16.5).min(0.058);
    let view = View { x: w / 2.0, y: h * 0.5 - unit * 4.3, unit };
    let scene = Diorama { job, view, palette, land: Land::of(job) };
    scene.slab(&mut list);
    scene.props(&mut list);
    scene.heroes(&mut list);
    job.obey(&mut list);
    job.render(&list)
}

pub(super) fn backdrop(list: &mut List, palette: &Palette) {
    let [a, b, _, d, e] = palette.sky;
    let dark = palette.time == Time::Night;
    let (top, low) =
        if dark { (a, b.mix(palette.sky[2], 0.6)) } else { (d.mix(b, 0.35), e.mix(WHITE, 0.2)) };
    let ramp = Ramp::smooth(&[(0.0, top), (1.0, low)]);
    list.fill(
        Kind::Backdrop,
        list.all(),
        Paint::Linear { from: (0.0, 0.0), to: (0.0, list.height), ramp },
    );
    list.glow(
        (list.width * 0.5, list.height * 0.45),
        0.62,
        palette.glow,
        if dark { 0.22 } else { 0.4 },
    );
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Land {
    Grass,
    Sand,
    Snow,
    Water,
    Stone,
    Moon,
    Plate,
}

impl Land {
    fn of(job: &Job<'_>) -> Self {
        let brief = job.brief;
        let afloat =
            brief.star().is_some_and(|c| matches!(c.hero.stance, Stance::Afloat | Stance::Under));
        match brief.setting().plain() {
            Place::Space => Self::Moon,
            Place::Table | Place::Studio => Self::Plate,
            Place::Underwater | Place::Sea => Self::Water,
            Place::Lake | Place::Coast | Place::River if afloat => Self::Water,
            Place::Desert | Place::Canyon | Place::Beach => Self::Sand,
            Place::Snow => Self::Snow,
            Place::City | Place::Road => Self::Stone,
            _ if brief.weather == Weather::Snow => Self::Snow,
            _ => Self::Grass,
        }
    }
}

struct Diorama<'a> {
    job: &'a Job<'a>,
    view: View,
    palette: &'a Palette,
    land: Land,
}

impl Diorama<'_> {
    fn color(&self, value: u32) -> Rgb {
        self.palette.hero(hex(value))
    }

    fn slab(&self, list: &mut List) {
        let view = &self.view;
        let (x, y) = view.at(SIDE / 2.0, SIDE / 2.0, -2.4);
        let wide = SIDE * view.unit * 1.05;
        let mut under = Path::new();
        under.ellipse(x, y, wide, wide * 0.5);
        list.fill(
            Kind::Glow,
            under,
            Paint::Glow {
                center: (x, y),
                radius: wide,
                squash: 2.0,
                color: self.palette.dark,
                opacity: 0.5,
            },
        );
        let (top, soil) = match self.land {
            Land::Grass => {
                (if self.job.brief.mood == Mood::Autumn { 0xc0_983f } else { 0x7f_bb5a }, 0x9a_6b45)
            }
            Land::Sand => (0xef_cf94, 0xc9_9a5c),
            Land::Snow => (0xf4_f8fc, 0x8f_a6bc),
            Land::Water => (0x4f_b0d8, 0x2a_6fa8),
            Land::Stone => (0xa9_b0bd, 0x70_7688),
            Land::Moon => (0xc4_c0d2, 0x85_7f9c),
            Land::Plate => (0xf6_efe6, 0xd9_b8a0),
        };
        let (top, soil) = (self.color(top), self.color(soil));
        view.cuboid(list, (0.0, 0.0, -2.2), (SIDE, SIDE, 1.5), soil);
        view.cuboid(list, (0.0, 0.0, -0.7), (SIDE, SIDE, 0.7), top);
        let mut dice = Dice::named(self.job.brief.seed, "slab");
        for _ in 0..16 {
            let (px, py) = (dice.range(0.4, SIDE - 1.6), dice.range(0.4, SIDE - 1.0));
            let (sx, sy) = (dice.range(0.4, 1.3), dice.range(0.2, 0.5));
            let tint = if dice.chance(0.5) { top.lighter(0.045) } else { top.darker(0.03) };
            let points = [(px, py), (px + sx, py), (px + sx, py + sy), (px, py + sy)];
            let flat: Vec<(f32, f32)> = points.iter().map(|p| view.at(p.0, p.1, 0.0)).collect();
            list.flat(Kind::Shade, Path::polygon(&flat), tint);
        }
        if self.land == Land::Grass
            && matches!(
                self.job.brief.setting().plain(),
                Place::Coast | Place::Island | Place::Lake | Place::River
            )
        {
            let water = self.color(0x4f_b0d8);
            view.cuboid(list, (0.0, 6.6, -0.02), (SIDE, 3.4, 0.04), water);
            view.cuboid(list, (0.0, 6.2, -0.01), (SIDE, 0.42, 0.04), self.color(0xf2_dcae));
        }
        if self.land == Land::Stone {
            let road = self.color(0x5a_5e70);
            view.cuboid(list, (4.1, 0.0, 0.0), (1.8, SIDE, 0.01), road);
            view.cuboid(list, (0.0, 4.1, 0.0), (SIDE, 1.8, 0.01), road);
            for step in 0..7 {
                let at = step as f32 * 1.45 + 0.3;
                view.cuboid(list, (4.93, at, 0.01), (0.14, 0.7, 0.005), self.color(0xf4_e8b0));
                view.cuboid(list, (at, 4.93, 0.01), (0.7, 0.14, 0.005), self.color(0xf4_e8b0));
            }
        }
    }

    /// Everything but the heroes, from back to front.
    fn props(&self, list: &mut List) {
        let brief = self.job.brief;
        let mut dice = Dice::named(brief.seed, "props");
        let alone = brief.cast.is_empty();
        let place = brief.setting().plain();
        let mut spots = Vec::new();
        for row in 0..7 {
            for column in 0..7 {
                let (x, y) = (0.75 + column as f32 * 1.4, 0.75 + row as f32 * 1.4);
                spots.push((x + dice.range(-0.3, 0.3), y + dice.range(-0.3, 0.3)));
            }
        }
        spots.sort_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)));
        for (x, y) in spots {
            let (dx, dy) = (x - SIDE / 2.0, y - SIDE / 2.0);
            // Keep the middle and the way to it free for a hero.
            let open =
                !alone && (dx * dx + dy * dy < 6.5 || (dx + dy > -1.0 && (dx - dy).abs() < 3.6));
            let shoreline = self.land == Land::Grass
                && y > 5.8
                && matches!(place, Place::Coast | Place::Island | Place::Lake | Place::River);
            if open || shoreline {
                continue;
            }
            self.prop(list, &mut dice, place, (x, y));
        }
    }

    fn prop(&self, list: &mut List, dice: &mut Dice, place: Place, at: (f32, f32)) {
        let view = &self.view;
        let (x, y) = at;
        let white = self.land == Land::Snow;
        match (self.land, place) {
            (Land::Stone, _) => {
                if (x - 5.0).abs() > 1.5 && (y - 5.0).abs() > 1.5 {
                    self.tower(list, dice, at);
                }
            }
            (Land::Water, _) => {
                if dice.chance(0.5) {
                    let wave = self.color(0xd8_f2fa);
                    view.cuboid(list, (x, y, 0.0), (dice.range(0.4, 0.9), 0.09, 0.01), wave);
                }
            }
            (Land::Moon, _) => {
                let r = dice.range(0.2, 0.55);
                if dice.chance(0.5) {
                    view.drum(list, (x, y, 0.0), (r, r * 0.9), 0.08, self.color(0xa8_a2ba));
                    view.drum(list, (x, y, 0.08), (r * 0.7, r * 0.68), 0.01, self.color(0x7d_7896));
                }
            }
            (Land::Sand, _) => {
                if dice.chance(0.3) {
                    let green = self.color(0x4f_9a62);
                    view.shade(list, (x, y, 0.0), 0.3, BLACK);
                    view.drum(list, (x, y, 0.0), (0.2, 0.18), dice.range(0.8, 1.5), green);
                    view.drum(list, (x + 0.35, y - 0.1, 0.4), (0.11, 0.1), 0.6, green);
                } else if dice.chance(0.3) {
                    view.pyramid(list, (x, y, 0.0), 0.6, 0.35, self.color(0xb8_8a66));
                }
            }
            (Land::Plate, _) => {}
            (_, place)
                if x + y < 9.5
                    && (self.job.brief.has(Place::Mountain)
                        || matches!(
                            place,
                            Place::Mountain | Place::Volcano | Place::Waterfall
                        )) =>
            {
                let tall = dice.range(2.0, 4.2) * (1.25 - (x + y) / 14.0);
                let side = tall * 0.78;
                let rock = self.color(0x8a_8f9f);
                view.pyramid(list, (x - side / 2.0, y - side / 2.0, 0.0), side, tall, rock);
                let cap = side * 0.4;
                view.pyramid(
                    list,
                    (x - cap / 2.0, y - cap / 2.0, tall * 0.6),
                    cap,
                    tall * 0.4,
                    self.color(0xfa_fcff),
                );
            }
            (_, Place::Village) if dice.chance(0.55) => self.house(list, dice, at),
            (_, Place::Field) => {
                let gold = self.color(0xd9_b24a);
                view.cuboid(list, (x - 0.5, y - 0.4, 0.0), (1.1, 0.25, 0.25), gold);
                view.cuboid(list, (x - 0.5, y + 0.1, 0.0), (1.1, 0.25, 0.25), gold);
            }
            _ => {
                let dense = matches!(place, Place::Forest | Place::Jungle | Place::Mountain);
                if dice.chance(if dense { 0.85 } else { 0.42 }) {
                    self.tree(list, dice, at, white);
                } else if dice.chance(0.5) {
                    let petal =
                        self.color(*dice.pick(&[0xf2_798f, 0xf6_d25a, 0xfa_f3e8, 0xb4_8ae0]));
                    view.drum(list, (x, y, 0.0), (0.03, 0.03), 0.22, self.color(0x3f_7a45));
                    view.drum(list, (x, y, 0.2), (0.1, 0.08), 0.1, petal);
                }
            }
        }
    }

    fn tree(&self, list: &mut List, dice: &mut Dice, at: (f32, f32), white: bool) {
        let view = &self.view;
        let (x, y) = at;
        let tall = dice.range(0.8, 1.25);
        view.shade(list, (x, y, 0.0), 0.5 * tall, BLACK);
        view.drum(list, (x, y, 0.0), (0.12, 0.1), 0.45, self.color(0x7a_5238));
        let autumn = self.job.brief.mood == Mood::Autumn;
        let leaf = self.color(if autumn {
            *dice.pick(&[0xd0_7030, 0xe0_a040, 0xb8_4c30])
        } else {
            *dice.pick(&[0x3c_8a5e, 0x4a_9a58, 0x35_7f62])
        });
        for tier in 0..3 {
            let t = tier as f32;
            let radius = (0.58 - 0.15 * t) * tall;
            view.drum(
                list,
                (x, y, 0.38 + 0.5 * t * tall),
                (radius, 0.0),
                0.9 * tall,
                leaf.lighter(0.025 * t),
            );
        }
        if white {
            view.drum(
                list,
                (x, y, 0.38 + 1.45 * tall),
                (0.16 * tall, 0.0),
                0.45 * tall,
                self.color(0xff_ffff),
            );
        }
    }

    fn house(&self, list: &mut List, dice: &mut Dice, at: (f32, f32)) {
        let view = &self.view;
        let (x, y) = (at.0 - 0.55, at.1 - 0.5);
        view.cuboid(list, (x, y, 0.0), (1.1, 0.95, 0.75), self.color(0xf6_e8d0));
        view.left_pane(list, (x + 0.2, y + 0.95, 0.28), (0.22, 0.26), self.palette.lamp);
        view.left_pane(list, (x + 0.66, y + 0.95, 0.0), (0.24, 0.5), self.color(0x7c_4c34));
        view.right_pane(list, (x + 1.1, y + 0.36, 0.28), (0.24, 0.26), self.palette.lamp);
        let roof = self.color(*dice.pick(&[0xc0_5a48, 0xd0_7a50, 0x5f_7fa8, 0x8a_5c70]));
        view.roof(list, (x - 0.1, y - 0.1, 0.75), (1.3, 1.15, 0.6), roof);
    }

    fn tower(&self, list: &mut List, dice: &mut Dice, at: (f32, f32)) {
        let view = &self.view;
        let side = dice.range(0.85, 1.15);
        let (x, y) = (at.0 - side / 2.0, at.1 - side / 2.0);
        let back = 1.0 - (at.0 + at.1) / 20.0;
        let tall = dice.range(0.9, 1.9) + back * dice.range(0.6, 3.0);
        let body = self.color(*dice.pick(&[0x8f_a6c8, 0xb8_b4c8, 0xd9_b8a0, 0x7f_98b8, 0xc8_c0b8]));
        view.cuboid(list, (x, y, 0.0), (side, side, tall), body);
        let floors = (tall / 0.36) as usize;
        for floor in 0..floors {
            for column in 0..3 {
                let z = 0.14 + floor as f32 * 0.36;
                let step = 0.1 + column as f32 * side * 0.31;
                let night = self.palette.time != Time::Day;
                let glass =
                    |on: bool| if on && night { self.palette.lamp } else { self.color(0x4c_6890) };
                let (one, two) = (dice.chance(0.5), dice.chance(0.4));
                view.left_pane(list, (x + step, y + side, z), (side * 0.19, 0.2), glass(one));
                view.right_pane(list, (x + side, y + step, z), (side * 0.19, 0.2), glass(two));
            }
        }
        if dice.chance(0.5) {
            view.cuboid(
                list,
                (x + side * 0.25, y + side * 0.25, tall),
                (side * 0.4, side * 0.4, 0.18),
                body.darker(0.05),
            );
        }
    }

    /// Heroes stand as cut-outs in the middle of the slab.
    fn heroes(&self, list: &mut List) {
        let view = &self.view;
        let brief = self.job.brief;
        let ones = group::roots(&brief.cast, 4);
        let shares = group::shares(&brief.cast, &ones);
        for (index, (one, share)) in ones.iter().zip(shares).enumerate() {
            let along = index as f32 - (ones.len() - 1) as f32 / 2.0;
            let (x, y) = (SIDE / 2.0 + along * 1.7 + 0.4, SIDE / 2.0 - along * 1.7 + 0.4);
            let side = view.unit
                * match ones.len() {
                    1 => 8.2,
                    2 => 5.4 * share,
                    _ => 4.2 * share,
                };
            let (sx, sy) = view.at(x, y, 0.0);
            let cast = &brief.cast[one.0];
            let lift = match cast.hero.stance {
                Stance::Air | Stance::Space => view.unit * 1.6,
                _ => 0.0,
            };
            let first = list.shapes.len();
            group::fit(list, self.palette, &brief.cast, *one, (sx, 0.0), side);
            let low = list.shapes[first..]
                .iter()
                .filter(|s| s.kind == Kind::Body)
                .filter_map(|s| s.path.bounds())
                .fold([f32::MAX, f32::MIN, f32::MIN], |f, b| {
                    [f[0].min(b[0]), f[1].max(b[2]), f[2].max(b[3])]
                });
            let hero: Vec<_> = list.shapes.drain(first..).collect();
            let wide = (low[1] - low[0]) * 0.52;
            let mut dark = Path::new();
            dark.ellipse(sx + wide * 0.2, sy, wide, wide * 0.36);
            list.veil(Kind::Shade, dark, BLACK, 0.24);
            let shift = crate::render::path::Affine::place(0.0, sy - low[2] - lift, 1.0, 1.0);
            for mut shape in hero {
                shape.path = shape.path.mapped(shift);
                shape.paint = shape.paint.moved(0.0, sy - low[2] - lift);
                list.shapes.push(shape);
            }
        }
    }
}
