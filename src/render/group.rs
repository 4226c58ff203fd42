//! Heroes together: what sits on, in, under or beside another is drawn with it, in the right order.
//!
//! A host is drawn at its spot; its guests find theirs by the anchors of the drawing, or by its
//! edges where it has none. Pure: no network, no clock, no files.

use super::art::{Anchor, Hero, Worn};
use super::cast::{self, Cast, Link};
use super::list::List;
use super::palette::Palette;
use super::place::{Place, Relation};
use super::stage::{self, Spot};

/// Left, top, right, bottom.
pub(crate) type Bounds = [f32; 4];

/// Heroes that stand for themselves, each of several by its place in the cast and its number.
pub(crate) fn roots(cast: &[Cast], most: usize) -> Vec<(usize, usize)> {
    let copies =
        |index: usize| (0..cast[index].copies().clamp(1, most)).map(move |copy| (index, copy));
    let mut ones = Vec::new();
    for index in (0..cast.len()).filter(|&index| cast[index].link.is_none()) {
        let start = ones.len() + 1;
        ones.extend(copies(index));
        // What is between two comes after the first of them.
        let between = (0..cast.len()).filter(|&guest| cast[guest].is_between(index));
        for (place, one) in between.flat_map(copies).enumerate() {
            ones.insert((start + place).min(ones.len()), one);
        }
    }
    ones
}

/// How tall each of these is beside the others, the tallest one.
pub(crate) fn shares(cast: &[Cast], ones: &[(usize, usize)]) -> Vec<f32> {
    let Some(&(first, _)) = ones.first() else { return Vec::new() };
    let beside = |&(index, _): &(usize, usize)| ratio(cast[index].hero, cast[first].hero);
    let shares: Vec<f32> = ones.iter().map(beside).collect();
    let tallest = shares.iter().copied().fold(f32::MIN, f32::max);
    // What the picture is about is not lost before a castle.
    let least = |index: usize| if index == 0 { 0.46 } else { 0.3 };
    let share = |(one, share): (&(usize, usize), f32)| (share / tallest).max(least(one.0));
    ones.iter().zip(shares).map(share).collect()
}

/// Whether nothing is placed by one of the cast.
pub(crate) fn is_alone(cast: &[Cast], index: usize) -> bool {
    !cast.iter().any(|other| other.link.is_some_and(|link| link.host == index))
}

/// How tall one hero is beside another, in a picture: less apart than in life.
pub(crate) fn ratio(one: &Hero, other: &Hero) -> f32 {
    let share = one.tall.unwrap_or(1.0) / other.tall.unwrap_or(1.0).max(0.01);
    libm::powf(share, 0.55).clamp(0.16, 4.0)
}

/// Draws one of the cast with all its guests; returns the bounds of their solid pieces. `copy`
/// tells those apart that are several.
pub(crate) fn draw(
    list: &mut List,
    palette: &Palette,
    cast: &[Cast],
    (index, copy): (usize, usize),
    spot: &Spot,
) -> Bounds {
    let own = &cast[index];
    let body = probe(palette, own, spot);
    let guests: Vec<usize> = (0..cast.len())
        .filter(|&guest| cast[guest].link.is_some_and(|link| link.host == index))
        .filter(|&guest| !cast[guest].is_between(index))
        .collect();
    // One samurai stands under one of the trees; hats and sticks are everybody's own.
    let is_here = |guest: &usize| {
        let is_each =
            |link: Link| matches!(link.relation, Relation::With | Relation::Hold | Relation::Wear);
        copy == own.copies().clamp(1, 9) / 2
            || cast[*guest].count > 1
            || cast[*guest].link.is_some_and(is_each)
    };
    let guests: Vec<usize> = guests.into_iter().filter(is_here).collect();
    let mut bounds = body;
    let host = Host { cast: own, spot, body };
    let mut places: Vec<(bool, (usize, usize), Spot)> = Vec::new();
    let relation =
        |guest: usize| cast[guest].link.map(|link| host.meant(link.relation, &cast[guest]));
    let mut aside = 0.0;
    for &guest in &guests {
        let one = &cast[guest];
        // Several in one place stand side by side; hats do not.
        let is_worn = relation(guest) == Some(Relation::Wear);
        let same = |other: &usize| relation(*other) == relation(guest) && !is_worn;
        let hosts = own.copies().clamp(1, 9);
        let count = |other: usize| (cast[other].copies().clamp(1, 9) / hosts).max(1);
        let all: usize = guests.iter().copied().filter(same).map(count).sum();
        let before: usize =
            guests.iter().copied().filter(|other| *other < guest).filter(same).map(count).sum();
        for copy in 0..count(guest) {
            let (behind, mut place) = host.place(palette, one, before + copy, all.max(1));
            if relation(guest) == Some(Relation::Beside) {
                // One after the other, whatever their widths.
                let b = probe(palette, one, &place);
                place.x += if spot.flip { -aside } else { aside };
                aside += (b[2] - b[0]) * 1.05;
            }
            places.push((behind, (guest, copy), place));
        }
    }
    let inside = |guest: usize| relation(guest) == Some(Relation::In);
    let front = own.hero.front.filter(|_| places.iter().any(|(_, (guest, _), _)| inside(*guest)));
    let behind = places
        .iter()
        .filter(|(behind, (guest, _), _)| *behind && !(front.is_some() && inside(*guest)));
    for (_, guest, place) in behind {
        bounds = joined(bounds, draw(list, palette, cast, *guest, place));
    }
    match front.and_then(|front| own.hero.pieces.len().checked_sub(front)) {
        None => {
            stage::cast(list, palette, own, copy, spot);
        }
        Some(back) => {
            let (back, front) = own.hero.pieces.split_at(back);
            stage::part(list, palette, own.hero, own.color, spot, back);
            for (_, guest, place) in places.iter().filter(|(_, guest, _)| inside(guest.0)) {
                bounds = joined(bounds, draw(list, palette, cast, *guest, place));
            }
            stage::part(list, palette, own.hero, own.color, spot, front);
        }
    }
    for (_, guest, place) in places.iter().filter(|(behind, ..)| !*behind) {
        bounds = joined(bounds, draw(list, palette, cast, *guest, place));
    }
    bounds
}

/// Draws one of the cast and its guests so that they fill a square of `side` around a point.
pub(crate) fn fit(
    list: &mut List,
    palette: &Palette,
    cast: &[Cast],
    one: (usize, usize),
    middle: (f32, f32),
    side: f32,
) {
    let b = outline(palette, cast, one);
    let own = probe(palette, &cast[one.0], &Spot::new(0.0, 0.0, 1.0));
    // A bridge runs out of the picture rather than shrink to a line.
    let (wide, tall) = (b[2] - b[0], b[3] - b[1]);
    let is_own = wide < (own[2] - own[0]) * 1.1;
    let most = if is_own { wide.min(tall * 2.6) } else { wide };
    let scale = side / most.max(tall);
    let x = middle.0 - (b[0] + b[2]) / 2.0 * scale;
    let y = middle.1 - (b[1] + b[3]) / 2.0 * scale;
    draw(list, palette, cast, one, &Spot::new(x, y, scale));
}

/// The bounds of one of the cast with its guests, where its foot is the origin and its height one.
pub(crate) fn outline(palette: &Palette, cast: &[Cast], one: (usize, usize)) -> Bounds {
    let mut list = List::new(1.0, 1.0);
    draw(&mut list, palette, cast, one, &Spot::new(0.0, 0.0, 1.0))
}

fn probe(palette: &Palette, cast: &Cast, spot: &Spot) -> Bounds {
    stage::cast(&mut List::new(1.0, 1.0), palette, cast, 0, spot)
}

fn joined(a: Bounds, b: Bounds) -> Bounds {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

struct Host<'a> {
    cast: &'a Cast,
    spot: &'a Spot,
    body: Bounds,
}

impl Host<'_> {
    /// Where a guest is, and whether it is behind; `copy` of `count`.
    fn place(&self, palette: &Palette, guest: &Cast, copy: usize, count: usize) -> (bool, Spot) {
        let [left, top, right, bottom] = self.body;
        let (wide, high) = (right - left, bottom - top);
        let (middle, flip) = ((left + right) / 2.0, self.spot.flip);
        let side = if flip { -1.0 } else { 1.0 };
        let hero = self.cast.hero;
        let natural = ratio(guest.hero, hero);
        // Bounds of the guest, one unit tall, to keep its foot on the point.
        let own = probe(palette, guest, &Spot::new(0.0, 0.0, 1.0));
        let unit = (own[3] - own[1]).max(0.05);
        let relation = guest.link.map_or(Relation::Beside, |link| link.relation);
        let at = |x: f32, foot: f32, tall: f32| {
            let height = tall / unit;
            Spot { flip, depth: self.spot.depth, ..Spot::new(x, foot - own[3] * height, height) }
        };
        let spread = (copy as f32 - (count - 1) as f32 / 2.0) * if count > 1 { 1.0 } else { 0.0 };
        let tall = high * natural;
        match self.meant(relation, guest) {
            Relation::On | Relation::Ride => {
                let (x, y, share) = match hero.seat {
                    Some(Anchor(x, y, share)) => (self.x(x), self.y(y), share * self.spot.height),
                    None => (middle, top + high * 0.04, tall.clamp(high * 0.24, high * 0.6)),
                };
                if is_topping(hero, guest.hero) {
                    let tall = 0.17 * high;
                    return (false, at(x + spread * tall * 1.05, y + tall * 0.2, tall));
                }
                let tall = if count > 1 { share * 0.8 } else { share };
                (false, at(x + spread * tall * 0.8, y, tall))
            }
            Relation::In => {
                let (x, y, share) = match hero.mouth {
                    Some(Anchor(x, y, share)) => (self.x(x), self.y(y), share * self.spot.height),
                    None => (middle, top + high * 0.62, (high * 0.62).min(tall.max(high * 0.4))),
                };
                let tall = if count > 1 { share * 0.8 } else { share };
                // Animals side by side, flowers as a bunch.
                if cast::comes_in_heaps(guest.hero) && count > 1 {
                    let most = (wide * 0.78 / count as f32 / (own[2] - own[0]).max(0.1)) * unit;
                    let tall = tall.min(most);
                    let step = wide * 0.74 / count as f32;
                    return (true, at(middle + spread * step, y - high * 0.13, tall));
                }
                if !guest.hero.is_alive() {
                    let step = tall * if count > 3 { 0.36 } else { 0.6 };
                    return (true, at(x + spread * step, y, tall));
                }
                let step = (tall * 0.7).min(wide * 0.74 / count as f32);
                (true, at(x + spread * step, y, tall.min(step * 2.2)))
            }
            Relation::Under => {
                let is_roof = wide > high * 1.1 || is_overhead(hero);
                let most = if is_overhead(hero) { 0.66 } else { 0.5 };
                let least = if guest.hero.figure.is_some() { 0.4 } else { 0.28 };
                let tall = tall.clamp(high * least, high * most);
                let foot = bottom + high * 0.02;
                // Not behind the trunk, nor before it.
                let half = (own[2] - own[0]) * tall / unit / 2.0;
                let aside = (0.24 * wide).max(half + 0.06 * high);
                let offset = if is_roof { 0.0 } else { aside * side };
                (false, at(middle - offset + spread * tall * 0.8, foot, tall))
            }
            Relation::Front => {
                // What stands before a palace is to be seen.
                let tall = tall.clamp(high * 0.36, high * 0.8);
                let most = 0.8 * wide * unit / (own[2] - own[0]).max(0.05);
                let tall = tall.min(most.max(high * 0.3));
                let x = middle + spread * tall * 0.9 - 0.12 * wide * side;
                (false, at(x, bottom + high * 0.05, tall))
            }
            Relation::Behind => {
                let tall = tall.max(high * 0.5);
                let half = (own[2] - own[0]) * tall / unit / 2.0;
                let x = middle + side * (wide * 0.34 + half * 0.4) + spread * tall * 0.8;
                (true, at(x, bottom - high * 0.04, tall))
            }
            Relation::Above => {
                let tall = tall.min(high * 0.9);
                (false, at(middle + spread * tall, top - high * 0.1, tall))
            }
            Relation::Hold if is_overhead(guest.hero) => {
                // An umbrella over the head, its stick at the hand.
                let tall = high * 0.86;
                let hand =
                    hero.hand.map_or((right - wide * 0.2 * side, top + high * 0.6), |hand| {
                        (self.x(hand.0), self.y(hand.1))
                    });
                let x = if flip { middle - (hand.0 - middle).abs() } else { hand.0 };
                (true, at(x, hand.1, tall))
            }
            // Who has no hands has it before the head.
            Relation::Hold if hero.hand.is_none() && self.faces().is_some() && hero.is_alive() => {
                let tall = tall.clamp(high * 0.2, high * 0.5);
                let half = (own[2] - own[0]) * tall / unit / 2.0;
                let toward = self.faces().unwrap_or(1.0) * side;
                let edge = if toward < 0.0 { left - half * 1.1 } else { right + half * 1.1 };
                (false, at(edge, bottom, tall))
            }
            Relation::Hold | Relation::With => {
                let Anchor(x, y, share) = hero.hand.unwrap_or(Anchor(0.0, 0.0, 0.0));
                let tall = if share > 0.0 { share * self.spot.height } else { high * 0.34 };
                let tall = tall.min(high * natural.max(0.22));
                let tall = if guest.count > 1 { tall * 0.5 } else { tall };
                let (x, y) = match hero.hand {
                    Some(_) => (self.x(x), self.y(y)),
                    None => (middle + side * wide * 0.36, top + high * 0.68),
                };
                (false, at(x + spread * tall * 0.8, y + tall / 2.0, tall))
            }
            Relation::Wear => {
                // A hat stands on the head; a scarf and glasses are as wide as neck and eyes.
                let (anchor, share) = match guest.hero.worn {
                    Some(Worn::Eyes) => (hero.eyes, 0.36),
                    Some(Worn::Neck) => (hero.neck, 0.4),
                    _ => (hero.head, 0.28),
                };
                let on_head = !matches!(guest.hero.worn, Some(Worn::Eyes | Worn::Neck));
                let (x, y, share) = match anchor {
                    Some(Anchor(x, y, share)) => (self.x(x), self.y(y), share * self.spot.height),
                    None if on_head => (middle, top + high * 0.1, high * share),
                    None => (middle, top + high * 0.4, wide * share),
                };
                if on_head {
                    return (false, at(x, y, share));
                }
                let height = share / (own[2] - own[0]).max(0.05);
                let drop = (own[1] + own[3]) / 2.0 * height;
                (false, Spot { flip, depth: self.spot.depth, ..Spot::new(x, y - drop, height) })
            }
            Relation::Beside | Relation::Between => {
                let least = if guest.hero.is_alive() { 0.36 } else { 0.24 };
                let tall = tall.max(high * least);
                let half = (own[2] - own[0]) * tall / unit / 2.0;
                let x = middle + side * (wide / 2.0 + half * 1.05);
                let middle_of_guest = (own[0] + own[2]) / 2.0 * tall / unit;
                (false, at(x - middle_of_guest, bottom, tall))
            }
        }
    }

    /// To which side of its drawing it looks, if to one.
    fn faces(&self) -> Option<f32> {
        let Anchor(x, ..) = self.cast.hero.eyes?;
        let aside = x - 50.0;
        (aside.abs() > 8.0).then(|| aside.signum())
    }

    /// What a relation comes to between these two.
    fn meant(&self, relation: Relation, guest: &Cast) -> Relation {
        let hero = guest.hero;
        match relation {
            // "in a red scarf", "with a hat".
            Relation::With | Relation::Wear | Relation::In if hero.worn.is_some() => Relation::Wear,
            // Nobody sees who is in a house: the door is before it.
            Relation::In
                if matches!(self.cast.hero.group.as_str(), "buildings" | "sights")
                    && self.cast.hero.mouth.is_none() =>
            {
                Relation::Front
            }
            // What is written on it stands before it.
            Relation::On if self.cast.hero.is_called("blackboard") => Relation::Beside,
            Relation::With | Relation::On if is_topping(self.cast.hero, hero) => Relation::On,
            // A dish stands beside the other.
            Relation::With if is_dish(self.cast.hero) && is_dish(hero) => Relation::Beside,
            Relation::With if self.cast.hero.is_called("mug") => Relation::Beside,
            // Nobody holds a car that is mended.
            Relation::Hold
                if self.cast.hero.figure.is_some() && ratio(hero, self.cast.hero) > 0.62 =>
            {
                Relation::Beside
            }
            Relation::With | Relation::Hold if is_overhead(hero) => Relation::Hold,
            // A basket with apples has them in it; a man with a dog has it by his side.
            Relation::With if self.cast.hero.mouth.is_some() && !hero.is_alive() => Relation::In,
            Relation::With if hero.is_alive() || ratio(hero, self.cast.hero) > 0.7 => {
                Relation::Beside
            }
            Relation::Hold if ratio(hero, self.cast.hero) > 1.2 => Relation::Beside,
            Relation::Wear => Relation::Hold,
            // A farm is no roof, and no car is on one.
            Relation::On
                if self.cast.hero.is_called("barn") && hero.tall.unwrap_or(1.0) > 0.9
                    || is_building(self.cast.hero) && hero.is_vehicle() =>
            {
                Relation::Front
            }
            // In a bed, in a tree: on it, where it is seen.
            Relation::In
                if self.cast.hero.group == "furniture" && self.cast.hero.seat.is_some() =>
            {
                Relation::On
            }
            Relation::In if is_tree(self.cast.hero) => {
                if is_climber(hero) {
                    Relation::On
                } else {
                    Relation::Under
                }
            }
            // Several that are fed or herded are not held.
            Relation::Hold if hero.is_alive() && guest.count > 1 => Relation::Beside,
            // On the shoulder, not inside.
            Relation::In if self.cast.hero.is_alive() && hero.is_alive() => Relation::On,
            // Nobody is in a stove: a person stands by it.
            Relation::In if hero.figure.is_some() && self.cast.hero.mouth.is_none() => {
                Relation::Beside
            }
            // Nobody sees what is inside a planet.
            Relation::In if self.cast.hero.home == Place::Space => Relation::On,
            // Nothing stands on the leaves of a tree but who flies and climbs.
            Relation::On if is_tree(self.cast.hero) && !is_climber(hero) => Relation::Beside,
            other => other,
        }
    }

    fn x(&self, x: f32) -> f32 {
        self.spot.map().apply(x, 0.0).0
    }

    fn y(&self, y: f32) -> f32 {
        self.spot.map().apply(0.0, y).1
    }
}

fn is_dish(hero: &Hero) -> bool {
    matches!(hero.group.as_str(), "drinks" | "food" | "pantry" | "produce")
        || hero.is_called("burger")
}

/// Whether it is fruit on a cake.
fn is_topping(dish: &Hero, fruit: &Hero) -> bool {
    const BAKED: [&str; 7] =
        ["cake", "chocolate cake", "cupcake", "pancake", "waffle", "pie", "icecream"];
    const FRUIT: [&str; 6] = ["strawberry", "cherry", "blueberry", "grape", "kiwi fruit", "leaf"];
    BAKED.contains(&dish.name()) && FRUIT.contains(&fruit.name())
}

fn is_building(hero: &Hero) -> bool {
    matches!(hero.group.as_str(), "buildings" | "places" | "sights")
        && !["bridge", "stone bridge", "log"].contains(&hero.name())
}

fn is_tree(hero: &Hero) -> bool {
    hero.group == "plants" && hero.tall.is_some_and(|tall| tall > 2.0)
}

fn is_climber(hero: &Hero) -> bool {
    const CLIMBERS: [&str; 12] = [
        "cat",
        "monkey",
        "koala",
        "sloth",
        "squirrel",
        "raccoon",
        "panda",
        "hawk",
        "kingfisher",
        "red panda",
        "panther",
        "lemur",
    ];
    const GROUPS: [&str; 4] = ["birds", "fowl", "insects", "songbirds"];
    const WALKERS: [&str; 7] =
        ["penguin", "duck", "goose", "swan", "turkey", "flamingo", "ostrich"];
    let flies = GROUPS.contains(&hero.group.as_str()) && !WALKERS.contains(&hero.name());
    flies || CLIMBERS.contains(&hero.name())
}

fn is_overhead(hero: &Hero) -> bool {
    hero.is_called("umbrella") || hero.is_called("balloon")
}
