//! The ground of a landscape: far ranges, middle distance, and what the heroes stand on.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::{Rgb, hex};
use super::dice::Dice;
use super::features;
use super::harbour;
use super::land::{self, Crest, Growth, Range};
use super::list::{Kind, List, Paint};
use super::palette::{Palette, green};
use super::path::{Affine, Path};
use super::place::{Mood, Place, Weather};
use super::sky::Layout;
use super::street;
use super::water;

/// Where heroes stand.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) x: f32,
    crest: Crest,
    pub(crate) is_water: bool,
    pub(crate) waterline: f32,
}

impl Ground {
    pub(crate) fn foot(&self, x: f32) -> f32 {
        self.crest.y(x) + 0.022
    }
}

fn leaves(brief: &Brief) -> Rgb {
    match brief.mood {
        Mood::Autumn => hex(0xc8702c),
        Mood::Spring => hex(0x6bb35a),
        _ if brief.is_white() => hex(0x5d7f8c),
        _ => hex(0x2f6b56),
    }
}

/// Paints far and middle distance and returns the place to stand.
pub(crate) fn paint(list: &mut List, brief: &Brief, palette: &Palette, layout: &Layout) -> Ground {
    let mut dice = Dice::named(brief.seed, "ground");
    let h = list.height;
    far(list, brief, palette, layout, &mut dice);
    let below = h - layout.horizon;
    let stand = layout.horizon + below * dice.range(0.60, 0.68);
    let mut ground = Ground {
        x: layout.hero_x,
        crest: Crest::new(&mut dice, stand, 0.014, 1.4, 1),
        is_water: false,
        waterline: layout.horizon + below * 0.42,
    };
    match layout.place {
        Place::Sea | Place::Coast | Place::Lake | Place::Island | Place::Beach => {
            ground.is_water = true;
            water::paint(list, palette, &mut dice, layout.horizon, layout.lamp);
            if brief.has(Place::Forest) || layout.place == Place::Lake {
                far_wood(list, brief, palette, layout, &mut dice);
            }
            features::shore(list, brief, palette, layout, &mut ground.crest, &mut dice);
        }
        Place::Desert | Place::Canyon => {
            for step in 0..3 {
                let t = step as f32 / 3.0;
                let crest =
                    Crest::new(&mut dice, layout.horizon + below * (0.04 + 0.5 * t), 0.05, 1.1, 1);
                land::dune(list, &mut dice, palette, &crest, 0.42 * (1.0 - t));
            }
            land::dune(list, &mut dice, palette, &ground.crest.clone(), 0.0);
        }
        Place::City => {
            ground.crest.base = h * 0.93;
        }
        Place::Street => ground.crest.base = street::paint(list, brief, palette, layout),
        Place::Harbour => {
            ground.is_water = true;
            water::paint(list, palette, &mut dice, layout.horizon, layout.lamp);
            ground.crest.base = harbour::paint(list, brief, palette, layout, &mut dice);
        }
        _ => meadows(list, brief, palette, layout, &mut ground, &mut dice),
    }
    ground
}

fn far(list: &mut List, brief: &Brief, palette: &Palette, layout: &Layout, dice: &mut Dice) {
    let (h, horizon, place) = (list.height, layout.horizon, layout.place);
    let tall = h.min(1.25);
    let peaks = brief.has(Place::Mountain)
        || matches!(place, Place::Mountain | Place::Snow | Place::Lake)
        || matches!(place, Place::Forest | Place::Waterfall) && dice.chance(0.6);
    let foggy = brief.weather == Weather::Fog;
    let add = if foggy { 0.14 } else { 0.0 };
    let rock = if brief.is_white() { hex(0x8ea4bc) } else { hex(0x6c7590) };
    if brief.has(Place::Volcano) || place == Place::Volcano {
        features::volcano(list, palette, layout, dice);
    } else if peaks {
        let alone = place == Place::Mountain && brief.cast.is_empty();
        let height = if alone { 0.42 } else { 0.30 } * tall;
        let mut range = Range {
            base: horizon + 0.01,
            height,
            depth: 0.62 + add,
            snow: true,
            rock,
            light_x: layout.lamp.x,
        };
        land::mountains(list, palette, dice, &range);
        land::mist_band(list, palette, horizon - 0.02, 0.1, 0.55);
        range.height *= 0.82;
        range.depth = 0.36 + add;
        range.snow = true;
        range.base = horizon + 0.03;
        land::mountains(list, palette, dice, &range);
        land::mist_band(list, palette, horizon + 0.02, 0.09, 0.6);
    } else if place == Place::Canyon {
        features::mesas(list, palette, layout, dice);
    } else if place == Place::Desert {
        let crest = Crest::new(dice, horizon - 0.01, 0.04, 2.0, 3);
        let far = palette.ground(hex(0xb98a6a), 0.6);
        land::hill(list, &crest, 0.6, far, palette.ground(hex(0xd8a870), 0.5));
    } else if matches!(
        place,
        Place::Sea | Place::Coast | Place::Harbour | Place::Beach | Place::Island
    ) {
        let crest = Crest::new(dice, horizon + 0.005, 0.05, 1.3, 4);
        let far = palette.ground(hex(0x6a7a98), 0.66);
        land::hill(list, &crest, 0.7, far, palette.haze);
    } else if !matches!(place, Place::City | Place::Street | Place::Sky) {
        for step in 0..2 {
            let t = step as f32;
            let crest = Crest::new(dice, horizon - 0.045 + 0.04 * t, 0.1 - 0.03 * t, 1.2, 3);
            let color =
                palette.ground(hex(0x6d8a9c).mix(green(brief), 0.35 * t), 0.62 - 0.16 * t + add);
            land::hill(list, &crest, 0.6, color, palette.haze);
        }
    }
}

/// A wood along the far shore, and its image in the water.
fn far_wood(list: &mut List, brief: &Brief, palette: &Palette, layout: &Layout, dice: &mut Dice) {
    let y = layout.horizon + 0.012;
    let leaf = palette.ground(leaves(brief), 0.3);
    let mut trees = Path::new();
    let mut x = -0.02;
    while x < list.width + 0.05 {
        let tall = dice.range(0.035, 0.085);
        land::pine(&mut trees, dice, x, y, tall);
        x += dice.range(0.012, 0.03);
    }
    trees.add_rect(-0.05, y - 0.012, list.width + 0.1, 0.014);
    let flip = Affine { d: -0.8, f: y * 1.8, ..Affine::IDENTITY };
    list.veil(Kind::Shade, trees.mapped(flip), leaf.mix(palette.dark, 0.3), 0.4);
    list.fill(Kind::Land, trees, Paint::down(y - 0.09, y, leaf, leaf.mix(palette.haze, 0.3)));
}

/// Rolling green (or white, or golden) land with trees.
fn meadows(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    layout: &Layout,
    ground: &mut Ground,
    dice: &mut Dice,
) {
    let (horizon, below) = (layout.horizon, list.height - layout.horizon);
    let place = layout.place;
    let foggy = if brief.weather == Weather::Fog { 0.2 } else { 0.0 };
    let (grass, leaf) = (green(brief), leaves(brief));
    let wooded = place == Place::Forest || place == Place::Jungle || brief.has(Place::Forest);
    let growth = match place {
        Place::Jungle => Growth::Palm,
        Place::Forest | Place::Mountain | Place::Snow | Place::Waterfall => Growth::Pine,
        _ if brief.mood == Mood::Autumn => Growth::Leafy,
        _ => *dice.pick(&[Growth::Pine, Growth::Leafy]),
    };
    let layers = if wooded { 4 } else { 2 };
    for step in 0..layers {
        let t = step as f32 / layers as f32;
        let depth = (0.62 * (1.0 - t) + foggy).min(0.85);
        let base = horizon + below * (0.01 + 0.4 * t);
        let crest = Crest::new(dice, base, 0.035, 1.3, 2);
        if wooded {
            let size = (0.10 + 0.13 * t) * list.height.min(1.2);
            let crown = palette.ground(leaf, depth * 0.9);
            let foot = palette.ground(leaf.mix(grass, 0.25), (depth + 0.24).min(0.9));
            land::forest(list, dice, &crest, growth, size, (crown, foot));
            land::mist_band(list, palette, base + 0.03, 0.07, 0.34 + foggy);
        } else {
            let top = palette.ground(grass.lighter(0.03), depth);
            land::hill(list, &crest, depth, top, palette.ground(grass.darker(0.03), depth * 0.6));
            if dice.chance(0.8) {
                copse(list, palette, dice, &crest, (leaf, growth), depth);
            }
        }
    }
    if place == Place::Waterfall {
        features::waterfall(list, palette, layout, dice);
    }
    let soil = if place == Place::Lavender { hex(0x9a6cc8) } else { grass };
    let (top, foot) =
        (palette.ground(soil.lighter(0.035), 0.04), palette.ground(soil.darker(0.11), 0.0));
    if place == Place::Hills {
        // A rounder hill under the hero.
        let (x, y) = (layout.hero_x, ground.crest.base);
        let mut knoll = Path::new();
        knoll.ellipse(x, y + 0.32, 0.62, 0.36);
        list.fill(Kind::Land, knoll, Paint::down(y - 0.05, y + 0.3, top, foot));
        ground.crest.base -= 0.045;
        let front = Crest::new(dice, y + 0.13, 0.02, 1.4, 1);
        land::hill(
            list,
            &front,
            0.0,
            palette.ground(grass.darker(0.01), 0.0),
            palette.ground(grass.darker(0.14), 0.0),
        );
    } else {
        let crest = ground.crest.raised(0.075);
        land::hill(list, &crest, 0.0, top, foot);
    }
    match place {
        Place::Road if brief.star().is_some_and(|one| one.hero.is_vehicle()) => {
            features::crossing_road(list, palette, ground.crest.base);
        }
        Place::Road => features::road(list, palette, layout, ground.crest.base - 0.07),
        Place::River => {
            ground.is_water = true;
            features::river(list, palette, layout, &mut ground.waterline);
            // Nobody stands in the water who does not live in it.
            if brief.star().is_some_and(|one| one.hero.figure.is_some()) {
                ground.x += if ground.x > list.width / 2.0 { -0.36 } else { 0.36 };
            }
        }
        Place::Field | Place::Lavender => {
            features::furrows(list, brief, palette, layout, ground.crest.base - 0.07);
        }
        Place::Village => features::village(list, palette, layout, dice),
        _ => {}
    }
}

/// A few trees together on a hill.
fn copse(
    list: &mut List,
    palette: &Palette,
    dice: &mut Dice,
    crest: &Crest,
    kind: (Rgb, Growth),
    depth: f32,
) {
    let mut path = Path::new();
    let middle = dice.range(0.05, 0.95) * list.width;
    let size = 0.05 + 0.05 * (0.7 - depth).max(0.0);
    for _ in 0..4 + dice.below(6) {
        let x = middle + dice.range(-0.16, 0.16);
        let tall = size * dice.range(0.7, 1.3);
        match kind.1 {
            Growth::Pine => land::pine(&mut path, dice, x, crest.y(x) + 0.006, tall * 1.2),
            _ => land::leafy(&mut path, dice, x, crest.y(x) + 0.006, tall),
        }
    }
    let (top, foot) = (
        palette.ground(kind.0.lighter(0.04), depth * 0.8),
        palette.ground(kind.0.darker(0.04), depth),
    );
    list.fill(Kind::Land, path, Paint::down(crest.base - size * 1.4, crest.base + 0.02, top, foot));
}

/// Plants before the hero.
pub(crate) fn foreground(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    place: Place,
    ground: &Ground,
) {
    let mut dice = Dice::named(brief.seed, "foreground");
    let h = list.height;
    let dark = palette.ground(green(brief).darker(0.2), 0.0).mix(palette.dark, 0.35);
    match place {
        Place::Sea | Place::Coast | Place::Beach | Place::Island | Place::City | Place::Sky => {}
        Place::Street | Place::Harbour => {}
        Place::Desert | Place::Canyon => {
            let crest = Crest::new(&mut dice, h - 0.03, 0.03, 1.2, 1);
            land::dune(list, &mut dice, palette, &crest, 0.0);
        }
        Place::Lake => {
            let crest = Crest::new(&mut dice, h - 0.02, 0.02, 1.5, 2);
            land::grass(list, &mut dice, &crest, 0.09, dark);
        }
        Place::Forest | Place::Jungle if brief.cast.is_empty() => {
            let growth = if place == Place::Jungle { Growth::Palm } else { Growth::Pine };
            let crest = Crest::new(&mut dice, h + 0.02, 0.03, 1.4, 2);
            let leaf = palette.ground(leaves(brief).darker(0.14), 0.0).mix(palette.dark, 0.4);
            land::forest(
                list,
                &mut dice,
                &crest,
                growth,
                0.36 * h.min(1.3),
                (leaf, leaf.darker(0.05)),
            );
        }
        _ if brief.is_white() => {
            let crest = Crest::new(&mut dice, h - 0.05, 0.025, 1.4, 1);
            let snow = palette.ground(hex(0xf4f8fc), 0.0);
            land::hill(list, &crest, 0.0, snow, palette.ground(hex(0xb8cade), 0.0));
        }
        Place::Road if brief.star().is_some_and(|one| one.hero.is_vehicle()) => {}
        _ if brief.minimal => {}
        _ => {
            let crest =
                Crest::new(&mut dice, (h - 0.035).max(ground.foot(ground.x) + 0.03), 0.016, 1.4, 2);
            land::grass(list, &mut dice, &crest, 0.055, dark);
            let lush = place == Place::Garden || brief.mood == Mood::Spring;
            let count = if lush { 70.0 } else { 16.0 } * list.width;
            if brief.mood != Mood::Autumn && brief.weather != Weather::Storm {
                let colors = [hex(0xf2798f), hex(0xfaf3e8), hex(0xf4b94f), hex(0xb48ae0)];
                // Flowers hide nobody small.
                let is_small =
                    brief.cast.len() > 1 && brief.cast.iter().any(|one| one.hero.figure.is_some());
                let size = if lush && !is_small { 0.13 } else { 0.085 };
                land::flowers(list, &mut dice, palette, &crest, size, &colors, count as usize);
            }
        }
    }
    land::shade_foot(list, palette, 0.22);
}
