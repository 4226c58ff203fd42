//! Style `isometric`: the scene as a small diorama on a slab of ground.
//!
//! Lands and models are in `data/dioramas.toml`. Pure: no network, no clock, no files.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::solid::View;
use super::solid_parts::{Prop, Setting};
use super::tint::{self, Tint, Tints};
use super::{Job, fits};
use crate::render::art::Stance;
use crate::render::brief::Brief;
use crate::render::color::{BLACK, WHITE};
use crate::render::dice::Dice;
use crate::render::group;
use crate::render::list::{Kind, List, Paint, Ramp};
use crate::render::palette::Palette;
use crate::render::path::Path;
use crate::render::place::{Place, Time, Weather};
use crate::render::raster::Pixels;
use crate::render::sky;
use crate::text;

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
    let land = Land::of(job.brief);
    let setting = Setting { view, brief: job.brief, palette, snow: land.name == Ground::Snow };
    let scene = Diorama { setting, land };
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

/// What slabs carry, as `data/dioramas.toml` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dioramas {
    land: Vec<Land>,
    scatter: Vec<Scatter>,
    model: BTreeMap<String, Prop>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Land {
    name: Ground,
    /// Empty: all others.
    #[serde(default)]
    places: Vec<Place>,
    /// Places that are such a land where the subject swims.
    #[serde(default)]
    afloat: Vec<Place>,
    /// Any place where it snows, and no other.
    #[serde(default)]
    snowfall: bool,
    top: Tint,
    soil: Tint,
    #[serde(default)]
    colors: Tints,
    /// What is laid on the slab.
    #[serde(default)]
    boxes: Vec<Laid>,
    /// The y beyond which nothing stands.
    front: Option<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ground {
    Grass,
    Sand,
    Snow,
    Water,
    Stone,
    Moon,
    Plate,
}

/// A box on the slab, or a row of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Laid {
    color: String,
    at: (f32, f32, f32),
    size: (f32, f32, f32),
    times: Option<u8>,
    #[serde(default)]
    step: (f32, f32, f32),
}

/// What stands on the spots of some lands and places.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scatter {
    #[serde(default)]
    lands: Vec<Ground>,
    #[serde(default)]
    places: Vec<Place>,
    /// The first that can stand on a spot does.
    props: Vec<Candidate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Candidate {
    model: String,
    chance: Option<f32>,
    /// The distance it keeps from both middle lines.
    aside: Option<f32>,
    /// What x and y together are less than.
    behind: Option<f32>,
    /// Only where there are mountains.
    #[serde(default)]
    mountains: bool,
}

static DIORAMAS: LazyLock<Dioramas> =
    LazyLock::new(|| text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/dioramas.z"))));

impl Land {
    fn of(brief: &Brief) -> &'static Self {
        let place = brief.setting().plain();
        let snows = brief.weather == Weather::Snow;
        let swims =
            brief.star().is_some_and(|c| matches!(c.hero.stance, Stance::Afloat | Stance::Under));
        let is_of = |land: &&Self| {
            let any = land.places.is_empty() && (snows || !land.snowfall);
            any || land.places.contains(&place) || swims && land.afloat.contains(&place)
        };
        DIORAMAS.land.iter().find(is_of).expect("the last one fits all places")
    }
}

impl Scatter {
    fn of(land: Ground, place: Place) -> &'static Self {
        let is_of = |one: &&Self| fits(&one.lands, land) && fits(&one.places, place);
        DIORAMAS.scatter.iter().find(is_of).expect("the last one fits all lands and places")
    }
}

impl Candidate {
    /// Whether it stands on a spot of such a picture; the dice are thrown last.
    fn stands(&self, brief: &Brief, at: (f32, f32), dice: &mut Dice) -> bool {
        let (x, y) = at;
        let near = |aside| (x - 5.0).abs() <= aside || (y - 5.0).abs() <= aside;
        !self.aside.is_some_and(near)
            && self.behind.is_none_or(|behind| x + y < behind)
            && (!self.mountains || has_mountains(brief))
            && self.chance.is_none_or(|chance| dice.chance(chance))
    }
}

fn has_mountains(brief: &Brief) -> bool {
    brief.has(Place::Mountain)
        || matches!(brief.setting().plain(), Place::Mountain | Place::Volcano | Place::Waterfall)
}

struct Diorama<'a> {
    setting: Setting<'a>,
    land: &'static Land,
}

impl Diorama<'_> {
    fn slab(&self, list: &mut List) {
        let Setting { view, brief, palette, .. } = &self.setting;
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
                color: palette.dark,
                opacity: 0.5,
            },
        );
        let (top, soil) = (self.land.top.lit(brief, palette), self.land.soil.lit(brief, palette));
        view.cuboid(list, (0.0, 0.0, -2.2), (SIDE, SIDE, 1.5), soil);
        view.cuboid(list, (0.0, 0.0, -0.7), (SIDE, SIDE, 0.7), top);
        let mut dice = Dice::named(brief.seed, "slab");
        for _ in 0..16 {
            let (px, py) = (dice.range(0.4, SIDE - 1.6), dice.range(0.4, SIDE - 1.0));
            let (sx, sy) = (dice.range(0.4, 1.3), dice.range(0.2, 0.5));
            let tint = if dice.chance(0.5) { top.lighter(0.045) } else { top.darker(0.03) };
            let points = [(px, py), (px + sx, py), (px + sx, py + sy), (px, py + sy)];
            let flat: Vec<(f32, f32)> = points.iter().map(|p| view.at(p.0, p.1, 0.0)).collect();
            list.flat(Kind::Shade, Path::polygon(&flat), tint);
        }
        let colors = tint::chosen(&self.land.colors, brief, palette, &mut dice);
        for laid in &self.land.boxes {
            let color = *colors.get(laid.color.as_str()).expect("a test lays every box");
            let ((x, y, z), step) = (laid.at, laid.step);
            for time in (0..laid.times.unwrap_or(1)).map(f32::from) {
                let at = (x + time * step.0, y + time * step.1, z + time * step.2);
                view.cuboid(list, at, laid.size, color);
            }
        }
    }

    /// Everything but the heroes, from back to front.
    fn props(&self, list: &mut List) {
        let brief = self.setting.brief;
        let mut dice = Dice::named(brief.seed, "props");
        let alone = brief.cast.is_empty();
        let scatter = Scatter::of(self.land.name, brief.setting().plain());
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
            if open || self.land.front.is_some_and(|front| y > front) {
                continue;
            }
            let mut props = scatter.props.iter();
            if let Some(prop) = props.find(|prop| prop.stands(brief, (x, y), &mut dice)) {
                let model = DIORAMAS.model.get(&prop.model).expect("a test finds all models");
                model.draw(list, &self.setting, &mut dice, (x, y));
            }
        }
    }

    /// Heroes stand as cut-outs in the middle of the slab.
    fn heroes(&self, list: &mut List) {
        let Setting { view, brief, palette, .. } = &self.setting;
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
            group::fit(list, palette, &brief.cast, *one, (sx, 0.0), side);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::palette::Palette;

    fn setting<'a>(brief: &'a Brief, palette: &'a Palette) -> Setting<'a> {
        Setting { view: View { x: 0.5, y: 0.3, unit: 0.05 }, brief, palette, snow: true }
    }

    #[test]
    fn every_model_can_be_drawn_and_stands_somewhere() {
        let brief = Brief::read("a village in the snow", 3);
        let palette = Palette::new(&brief);
        for (name, model) in &DIORAMAS.model {
            // By chance some of its parts are not there: in one of many they all are.
            let drawn = (0..20).map(|seed| {
                let mut list = List::new(1.0, 1.0);
                model.draw(&mut list, &setting(&brief, &palette), &mut Dice::new(seed), (3.0, 3.0));
                list.shapes.len()
            });
            assert!(drawn.max() > Some(0), "{name} is nothing");
            let mut props = DIORAMAS.scatter.iter().flat_map(|scatter| &scatter.props);
            assert!(props.any(|prop| prop.model == *name), "{name} stands nowhere");
        }
        for prop in DIORAMAS.scatter.iter().flat_map(|scatter| &scatter.props) {
            assert!(DIORAMAS.model.contains_key(&prop.model), "{prop:?}");
        }
    }

    #[test]
    fn every_land_can_be_laid_and_the_last_fits_all_places() {
        let brief = Brief::read("a meadow", 3);
        let palette = Palette::new(&brief);
        for land in &DIORAMAS.land {
            let mut list = List::new(1.0, 1.0);
            Diorama { setting: setting(&brief, &palette), land }.slab(&mut list);
            let faces: usize =
                land.boxes.iter().map(|laid| 3 * laid.times.unwrap_or(1) as usize).sum();
            assert_eq!(list.shapes.len(), 1 + 6 + 16 + faces, "{land:?}");
        }
        assert!(DIORAMAS.land.last().is_some_and(|land| land.places.is_empty() && !land.snowfall));
        let last = DIORAMAS.scatter.last();
        assert!(last.is_some_and(|last| last.lands.is_empty() && last.places.is_empty()));
    }
}
