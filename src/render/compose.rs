//! The composition: a brief becomes a display list, from the sky to the foreground.
//!
//! Everything is placed in scene units (the shorter side is one), so every size shows the same
//! picture. Pure: no network, no clock, no files.

use super::art::Stance;
use super::brief::Brief;
use super::cast::Cast;
use super::dice::Dice;
use super::ground::{self, Ground};
use super::list::List;
use super::palette::Palette;
use super::place::Place;
use super::sky::{self, Layout};
use super::stage::{self, Spot};
use super::{abstraction, city, group, indoors, offworld, rooms, water, weather};

/// The scene of a brief on a picture of `width` × `height` scene units.
pub(crate) fn scene(brief: &Brief, palette: &Palette, width: f32, height: f32) -> List {
    let mut list = List::new(width, height);
    if brief.is_abstract {
        abstraction::paint(&mut list, brief);
        return list;
    }
    match brief.setting() {
        Place::Space => offworld::space(&mut list, brief, palette),
        world @ (Place::Moon | Place::Mars) => offworld::ground(&mut list, brief, palette, world),
        Place::Underwater => offworld::underwater(&mut list, brief, palette),
        Place::Table => indoors::table(&mut list, brief, palette),
        Place::Studio => indoors::studio(&mut list, brief, palette),
        room if room.is_room() => rooms::paint(&mut list, brief, palette, room),
        place => landscape(&mut list, brief, palette, place),
    }
    list
}

/// Only the heroes, on nothing.
pub(crate) fn heroes_only(brief: &Brief, palette: &Palette, width: f32, height: f32) -> List {
    let mut list = List::new(width, height);
    let ones = group::roots(&brief.cast, 5);
    let span = if ones.len() > 1 { 0.92 } else { 0.86 };
    let count = ones.len() as f32;
    for (place, one) in ones.into_iter().enumerate() {
        let x = width * (place as f32 + 0.5) / count;
        let side = span * (width / count).min(height).min(1.2);
        group::fit(&mut list, palette, &brief.cast, one, (x, height / 2.0), side);
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
    let has_houses = matches!(place, Place::Street | Place::Harbour | Place::Village);
    if place == Place::City || brief.has(Place::City) && !has_houses {
        city::paint(list, brief, palette, horizon, star.is_some());
    }
    if let Some(cast) = star {
        cast_heroes(list, brief, palette, cast, &ground, flip);
    }
    ground::foreground(list, brief, palette, place, &ground);
    weather::paint(list, brief, palette, horizon);
}

/// Flowers of a street are in its pots and on its balconies, and no giants.
fn in_street(brief: &Brief, cast: &Cast) -> f32 {
    let is_town =
        matches!(brief.setting(), Place::Street | Place::City | Place::Village | Place::Harbour);
    let is_small = cast.hero.tall.unwrap_or(1.0) < 1.2;
    let is_plant = matches!(cast.hero.group.as_str(), "plants" | "flora");
    if is_town && is_small && is_plant { 0.45 } else { 1.0 }
}

/// One of the cast on its way to the picture.
struct Actor {
    one: (usize, usize),
    /// Scene units from foot to head, without its guests.
    height: f32,
    /// Of all that is drawn with it, one unit tall, its foot at the origin.
    outline: group::Bounds,
}

impl Actor {
    fn wide(&self) -> f32 {
        (self.outline[2] - self.outline[0]) * self.height
    }
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
    let ones = group::roots(&brief.cast, 9);
    let shares = group::shares(&brief.cast, &ones);
    let lead = ones.first().map_or(star, |&(index, _)| &brief.cast[index]);
    let few = match ones.len() {
        0 | 1 => 1.0,
        2 => 0.92,
        3 => 0.8,
        _ => 0.72,
    };
    let largest = ones.iter().map(|one| brief.cast[one.0].hero.size).fold(lead.hero.size, f32::max);
    let tallest = largest.max(0.5) * room * few;
    let mut actors: Vec<Actor> = Vec::new();
    let alone = ones.len() == 1;
    let is_only = alone && (brief.cast.len() == 1 || lead.hero.name().contains("bridge"));
    for (one, share) in ones.iter().zip(shares) {
        let own = brief.cast[one.0].hero.size * room;
        let outline = group::outline(palette, &brief.cast, *one);
        let height = if alone { own } else { (tallest * share).min(own * 1.25) };
        let height = height * in_street(brief, &brief.cast[one.0]);
        // With what sits on it or stands beside it, it must still fit.
        let (wide, tall) = (outline[2] - outline[0], outline[3] - outline[1]);
        let most = (0.78 * h / tall.max(0.1)).min(0.94 * w / wide.max(0.1));
        let bridge = alone && wide > if is_only { 1.4 } else { 2.6 };
        let height = if bridge { height } else { height.min(most.max(0.1)) };
        actors.push(Actor { one: *one, height, outline });
    }
    if is_only {
        let actor = &actors[0];
        let edge = (actor.height * 0.3).min(w * 0.5);
        let x = ground.x.clamp(edge, w - edge);
        // On a cliff the hero turns its back to the land.
        let spot = Spot {
            flip: flip && lead.hero.home == Place::Coast,
            ..Spot::new(x, 0.0, actor.height)
        };
        return enter(list, brief, palette, actor.one, spot, ground, 0.0, &mut dice);
    }
    // A crowd stands in two rows, the farther one first.
    if actors.len() > 5 {
        let front = actors.split_off(actors.len() / 2);
        let farther = Row { lift: 0.11, share: 0.84 };
        line_up(list, brief, palette, (actors, farther), ground, &mut dice);
        let nearer = Row { lift: -0.02, share: 1.0 };
        return line_up(list, brief, palette, (front, nearer), ground, &mut dice);
    }
    let row = Row { lift: 0.0, share: 1.0 };
    line_up(list, brief, palette, (actors, row), ground, &mut dice);
}

/// How far a row is behind the place to stand, and how large who is in it is drawn.
struct Row {
    lift: f32,
    share: f32,
}

/// The actors of one row come side by side; those of a kind differ a little.
fn line_up(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    (mut actors, row): (Vec<Actor>, Row),
    ground: &Ground,
    dice: &mut Dice,
) {
    let mut own = Dice::named(brief.seed, "several");
    let w = list.width;
    actors.iter_mut().for_each(|actor| actor.height *= row.share);
    let gap = 0.03;
    let whole: f32 = actors.iter().map(Actor::wide).sum::<f32>() + gap * (actors.len() - 1) as f32;
    let fits = (w * 0.95 / whole).min(1.0);
    actors.iter_mut().for_each(|actor| actor.height *= fits);
    let middle = if actors.len() == 1 { ground.x.clamp(w * 0.32, w * 0.68) } else { w * 0.5 };
    let half = whole * fits / 2.0;
    let mut left = (middle - half).clamp(w * 0.02, (w * 0.98 - half * 2.0).max(w * 0.02));
    for (place, actor) in actors.iter().enumerate() {
        let x = left - actor.outline[0] * actor.height;
        left += actor.wide() + gap * fits;
        let rise = if place % 2 == 1 { -0.025 } else { 0.0 };
        let cast = &brief.cast[actor.one.0];
        let flies = cast.aloft || matches!(cast.hero.stance, Stance::Air | Stance::Space);
        let rise = rise - row.lift * if flies { 0.5 } else { 1.0 };
        let turned = actor.one.1 > 0 && own.chance(0.5);
        let grown = if actor.one.1 > 0 { own.range(0.88, 1.0) } else { 1.0 };
        let x = if turned && actor.one.1 > 0 {
            x + (actor.outline[0] + actor.outline[2]) * actor.height
        } else {
            x
        };
        // The line of a kite runs to who stands beside it.
        let turned = turned || cast.hero.is_called("kite") && place > 0;
        let spot = Spot { flip: turned, ..Spot::new(x, 0.0, actor.height * grown) };
        enter(list, brief, palette, actor.one, spot, ground, rise, dice);
    }
}

/// One of the cast and its guests come into the picture where such a one stands, floats or flies.
#[expect(clippy::too_many_arguments, reason = "the picture, the cast and the place of one")]
fn enter(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    one: (usize, usize),
    spot: Spot,
    ground: &Ground,
    rise: f32,
    dice: &mut Dice,
) {
    let h = list.height;
    let cast = &brief.cast[one.0];
    let mut spot = spot;
    let stance = if cast.aloft { Stance::Air } else { cast.hero.stance };
    match stance {
        Stance::Afloat if ground.is_water => {
            spot.y = ground.waterline + rise;
            let first = list.shapes.len();
            let b = group::draw(list, palette, &brief.cast, one, &spot);
            let wide = (b[2] - b[0]).min(spot.height * 1.1);
            water::mirror(list, palette, dice, first, spot.y, (b[0] + b[2]) / 2.0, wide);
        }
        Stance::Air => {
            spot.y = h * 0.46 + spot.height * 0.5 + rise * 4.0;
            group::draw(list, palette, &brief.cast, one, &spot);
        }
        Stance::Space => {
            spot.y = h * 0.44 + spot.height * 0.5 + rise * 4.0;
            group::draw(list, palette, &brief.cast, one, &spot);
        }
        _ => {
            spot.y = ground.foot(spot.x) + rise;
            let wide = spot.height * 0.62;
            stage::shadow(list, palette, spot.x + wide * 0.12, spot.y - 0.004, wide, 0.5);
            if cast.hero.is_called("lighthouse") {
                stage::beams(list, palette, &spot);
            }
            group::draw(list, palette, &brief.cast, one, &spot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::list::{Blend, Kind, Paint};

    #[test]
    fn flowers_of_a_street_are_small_and_nothing_else_is() {
        let share = |prompt: &str| {
            let brief = Brief::read(prompt, 1);
            in_street(&brief, &brief.cast[0])
        };
        for prompt in ["a street with flowers", "una calle de un pueblo con flores en los balcones"]
        {
            assert!(share(prompt) < 1.0, "{prompt}");
        }
        for prompt in
            ["a garden with roses", "a street with a car", "a flower", "a tree in a street"]
        {
            assert!(share(prompt) >= 1.0, "{prompt}");
        }
    }

    #[test]
    fn beams_of_light_come_from_lighthouses_alone() {
        let beams = |prompt: &str| {
            let brief = Brief::read(prompt, 1);
            let list = scene(&brief, &Palette::new(&brief), 1.0, 1.0);
            let is_beam = |shape: &&crate::render::list::Shape| {
                shape.kind == Kind::Glow
                    && shape.blend == Blend::Screen
                    && matches!(shape.paint, Paint::Linear { .. })
            };
            list.shapes.iter().filter(is_beam).count()
        };
        assert!(beams("a lighthouse at dusk") > 0);
        for prompt in
            ["an old sailor at dusk", "un vieux marin, lumière dramatique", "a viking at night"]
        {
            assert_eq!(beams(prompt), 0, "{prompt}");
        }
    }
}
