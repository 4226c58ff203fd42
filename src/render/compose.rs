//! The composition: a brief becomes a display list, from the sky to the foreground.
//!
//! Everything is placed in scene units (the shorter side is one), so every size shows the same
//! picture. Pure: no network, no clock, no files.

use super::art::Stance;
use super::brief::{Brief, Cast};
use super::dice::Dice;
use super::ground::{self, Ground};
use super::list::List;
use super::palette::Palette;
use super::place::Place;
use super::sky::{self, Layout};
use super::stage::{self, Spot, fit};
use super::{abstraction, city, indoors, offworld, water, weather};

/// The scene of a brief on a picture of `width` × `height` scene units.
pub(crate) fn scene(brief: &Brief, palette: &Palette, width: f32, height: f32) -> List {
    let mut list = List::new(width, height);
    if brief.is_abstract {
        abstraction::paint(&mut list, brief);
        return list;
    }
    match brief.setting() {
        Place::Space => offworld::space(&mut list, brief, palette),
        Place::Underwater => offworld::underwater(&mut list, brief, palette),
        Place::Table => indoors::table(&mut list, brief, palette),
        Place::Studio => indoors::studio(&mut list, brief, palette),
        place => landscape(&mut list, brief, palette, place),
    }
    list
}

/// Only the heroes, on nothing.
pub(crate) fn heroes_only(brief: &Brief, palette: &Palette, width: f32, height: f32) -> List {
    let mut list = List::new(width, height);
    let span = if brief.cast.len() > 1 { 0.92 } else { 0.86 };
    for (index, cast) in brief.cast.iter().enumerate() {
        let count = brief.cast.len() as f32;
        let x = width * (index as f32 + 0.5) / count;
        fit(
            &mut list,
            palette,
            cast,
            (x, height / 2.0),
            span * (width / count).min(height).min(1.2),
        );
    }
    list
}

fn landscape(list: &mut List, brief: &Brief, palette: &Palette, place: Place) {
    let mut dice = Dice::named(brief.seed, "compose");
    let (w, h) = (list.width, list.height);
    let star = brief.star();
    let portrait = h > w * 1.2;
    let horizon = match (place, star.map(|c| c.hero.stance)) {
        (Place::Sky, _) | (_, Some(Stance::Air)) => h * 0.86,
        (Place::City, None) => h * 0.74,
        _ if portrait => h * dice.range(0.64, 0.68),
        _ => h * dice.range(0.60, 0.65),
    };
    // The hero stands on a third of a wide picture, nearer the middle of a square one.
    let side = if w > h * 1.2 { dice.range(0.27, 0.38) } else { dice.range(0.40, 0.46) };
    let flip = dice.chance(0.5) && !brief.hero_right;
    let tall_thing = star.is_some_and(|c| c.hero.home == Place::Coast);
    let side = if tall_thing && w <= h * 1.2 { 0.30 } else { side };
    let side = if brief.hero_right && w > h * 1.2 { 0.22 } else { side };
    let hero_x = w * if flip { side } else { 1.0 - side };
    let lamp = sky::paint(list, brief, palette, horizon, hero_x);
    let ground = ground::paint(list, brief, palette, &Layout { place, horizon, hero_x, lamp });
    if place == Place::City || brief.has(Place::City) {
        city::paint(list, brief, palette, horizon, star.is_some());
    }
    if let Some(cast) = star {
        cast_heroes(list, brief, palette, cast, &ground, flip);
    }
    ground::foreground(list, brief, palette, place, &ground);
    weather::paint(list, brief, palette, horizon);
}

fn cast_heroes(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    star: &Cast,
    ground: &Ground,
    flip: bool,
) {
    let mut dice = Dice::named(brief.seed, "heroes");
    let (w, h) = (list.width, list.height);
    let room = (w.min(h * 1.4)).min(h).max(0.8) * if h > w * 1.2 { 1.12 } else { 1.0 };
    for (index, cast) in brief.cast.iter().enumerate().rev() {
        let lead = index == 0;
        let size = cast.hero.size * room * if lead { 1.0 } else { 0.62 };
        let offset =
            if lead { 0.0 } else { (if flip { 1.0 } else { -1.0 }) * (0.3 + 0.16 * index as f32) };
        let count = cast.count.min(5);
        for copy in 0..count {
            let spread = copy as f32 - (count - 1) as f32 / 2.0;
            let size = size * if count > 1 { 0.62 + 0.06 * (copy % 2) as f32 } else { 1.0 };
            let shift = if count > 1 { spread * size * 0.92 } else { 0.0 };
            let center = if count > 1 && lead { w * 0.5 } else { ground.x };
            let edge = (size * 0.3).min(w * 0.5);
            let x = (center + offset * w.min(1.3) + shift).clamp(edge, w - edge);
            let rise = if copy % 2 == 1 { -0.03 } else { 0.0 };
            // On a cliff the hero turns its back to the land.
            let turned = lead && flip && cast.hero.home == Place::Coast;
            let spot = Spot {
                flip: turned
                    || (flip == (copy % 2 == 1) && star.hero.stance != Stance::Afloat && copy > 0),
                ..Spot::new(x, 0.0, size)
            };
            one(list, palette, cast, spot, ground, rise, &mut dice);
        }
    }
}

fn one(
    list: &mut List,
    palette: &Palette,
    cast: &Cast,
    spot: Spot,
    ground: &Ground,
    rise: f32,
    dice: &mut Dice,
) {
    let h = list.height;
    let mut spot = spot;
    match cast.hero.stance {
        Stance::Afloat if ground.is_water => {
            spot.y = ground.waterline + rise;
            let first = list.shapes.len();
            let b = stage::draw(list, palette, cast.hero, cast.color, &spot);
            water::mirror(
                list,
                palette,
                dice,
                first,
                spot.y,
                (b[0] + b[2]) / 2.0,
                (b[2] - b[0]).min(spot.height * 1.1),
            );
        }
        Stance::Air => {
            spot.y = h * 0.46 + spot.height * 0.5 + rise * 4.0;
            stage::draw(list, palette, cast.hero, cast.color, &spot);
        }
        Stance::Space => {
            spot.y = h * 0.44 + spot.height * 0.5 + rise * 4.0;
            stage::draw(list, palette, cast.hero, cast.color, &spot);
        }
        _ => {
            spot.y = ground.foot(spot.x) + rise;
            let wide = spot.height * 0.62;
            stage::shadow(list, palette, spot.x + wide * 0.12, spot.y - 0.004, wide, 0.5);
            if cast.hero.home == Place::Coast {
                stage::beams(list, palette, &spot);
            }
            stage::draw(list, palette, cast.hero, cast.color, &spot);
        }
    }
}
