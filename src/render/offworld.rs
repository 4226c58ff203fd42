//! Space and the deep sea.
//!
//! Pure: no network, no clock, no files.

use super::art;
use super::brief::Brief;
use super::color::{Rgb, hex};
use super::dice::Dice;
use super::group;
use super::indoors;
use super::land::{self, Crest};
use super::list::{Blend, Kind, List, Mist, Paint, Ramp};
use super::palette::Palette;
use super::path::Path;
use super::place::Place;
use super::sky;
use super::stage::{self, Spot};

/// A night among stars, nebulae and planets.
pub(crate) fn space(list: &mut List, brief: &Brief, palette: &Palette) {
    let mut dice = Dice::named(brief.seed, "space");
    let (w, h) = (list.width, list.height);
    let tones = nebulae(list, brief, &mut dice);
    let left = dice.chance(0.5);
    let planet_hero = brief.star().is_some_and(|c| c.hero.is_called("planet"));
    if !planet_hero {
        let x = if left { w * 0.1 } else { w * 0.92 };
        globe(list, (x, h * 0.93), 0.36, tones[3].mix(hex(0xf0b080), 0.35));
        globe(list, (w - x * 0.82, h * 0.17), 0.065, tones[4]);
    }
    if let Some(planet) = art::find("planet").filter(|_| brief.cast.is_empty()) {
        let spot = Spot {
            lean: -0.2,
            ..Spot::new(w * if left { 0.62 } else { 0.4 }, h * 0.42 + 0.24, 0.5)
        };
        stage::draw(list, palette, planet, brief.tint, &spot);
    }
    floating(list, brief, &lights(palette), 0.58);
}

/// The ground of the moon or of Mars under the stars, and the heroes on it.
pub(crate) fn ground(list: &mut List, brief: &Brief, palette: &Palette, world: Place) {
    let mut dice = Dice::named(brief.seed, "world");
    let (w, h) = (list.width, list.height);
    nebulae(list, brief, &mut dice);
    let own = if world == Place::Mars { 0xc8_683e } else { 0xc4_c2cc };
    let own = brief.tint.unwrap_or(hex(own));
    let side = if dice.chance(0.5) { 0.2 } else { 0.8 };
    match art::find("earth").filter(|_| world == Place::Moon) {
        Some(earth) => {
            let spot = Spot::new(w * side, h * 0.17 + 0.08, 0.16);
            stage::draw(list, &lights(palette), earth, None, &spot);
        }
        None => globe(list, (w * side, h * 0.16), 0.05, hex(0xd8_c8b8)),
    }
    let edge = h * 0.5 + 0.13;
    let far = Crest::new(&mut dice, edge, 0.05, 1.3, 2);
    land::hill(list, &far, 0.4, own.darker(0.16), own.darker(0.26));
    let near = Crest::new(&mut dice, edge + 0.06, 0.014, 0.9, 1);
    land::hill(list, &near, 0.0, own.lighter(0.05), own.darker(0.14));
    let bottom = h - edge - 0.1;
    for step in 0..9 {
        let depth = (step as f32 + dice.range(0.1, 0.9)) / 9.0;
        let (x, y) = (dice.range(-0.05, w + 0.05), edge + 0.1 + bottom * depth);
        let wide = dice.range(0.03, 0.06) + 0.07 * depth;
        let mut rim = Path::new();
        rim.ellipse(x, y + wide * 0.05, wide, wide * 0.3);
        list.veil(Kind::Shade, rim, own.lighter(0.14), 0.8);
        let mut hollow = Path::new();
        hollow.ellipse(x, y, wide * 0.9, wide * 0.24);
        list.veil(Kind::Shade, hollow, own.darker(0.22), 0.8);
    }
    indoors::lineup(list, brief, &lights(palette), (w * 0.5, (edge + 0.24).min(h - 0.05)), 0.56);
}

/// The stars and the clouds between them; returns their colours from the darkest.
fn nebulae(list: &mut List, brief: &Brief, dice: &mut Dice) -> [Rgb; 5] {
    let (w, h) = (list.width, list.height);
    let tones: &[[u32; 5]] = &[
        [0x0a0a26, 0x1c1450, 0x3a1e6e, 0x7b3aa0, 0x38b0c8],
        [0x060d24, 0x0e2048, 0x17406e, 0x2a7fa4, 0xe07aa8],
        [0x12081f, 0x2e1040, 0x5c1c58, 0xb03a6a, 0xf0a060],
    ];
    let tones = dice.pick(tones).map(hex);
    let tones = brief.tint.map_or(tones, |tint| {
        [tones[0], tint.darker(0.3), tint.darker(0.18), tint, tint.turned(50.0).lighter(0.1)]
    });
    let ramp = Ramp::smooth(&[(0.0, tones[0]), (0.55, tones[1]), (1.0, tones[2])]);
    list.fill(
        Kind::Backdrop,
        list.all(),
        Paint::Linear { from: (0.0, 0.0), to: (w * 0.35, h), ramp },
    );
    let bounds = [-0.05, -0.05, w + 0.05, h + 0.05];
    for (color, low, power) in [(tones[2], 0.36, 0.7), (tones[3], 0.5, 0.6), (tones[4], 0.58, 0.5)]
    {
        let mist = Mist::new(dice.next(), bounds, (1.5, 1.9), (low, low + 0.4));
        let ramp = Ramp::pair((color, 1.0), (color, 0.9));
        let paint = Paint::Misty { mist, top: 0.0, bottom: h, ramp };
        list.push(Kind::Glow, list.all(), paint, power, Blend::Screen);
    }
    sky::stars(list, dice, h * 1.15, 1.0);
    tones
}

/// The palette with white light, for places without a sky.
fn lights(palette: &Palette) -> Palette {
    Palette {
        spot: hex(0xf4f2ff),
        lamp: hex(0x9fdcf4),
        time: super::place::Time::Day,
        ..palette.clone()
    }
}

/// A ball with a lit side.
fn globe(list: &mut List, center: (f32, f32), radius: f32, color: Rgb) {
    let (x, y) = center;
    list.glow(center, radius * 1.25, color.lighter(0.1), 0.4);
    let ramp = Ramp::smooth(&[
        (0.0, color.lighter(0.16)),
        (0.45, color),
        (0.8, color.darker(0.2)),
        (1.0, color.darker(0.34)),
    ]);
    let light = (x - radius * 0.45, y - radius * 0.55);
    let paint = Paint::Radial { center: light, radius: radius * 1.65, squash: 1.0, ramp };
    list.fill(Kind::Land, Path::circle(x, y, radius), paint);
    let mut marks = Path::new();
    for (dx, dy, s) in [
        (-0.35, -0.3, 0.18),
        (0.2, -0.5, 0.12),
        (0.1, -0.1, 0.22),
        (-0.5, 0.2, 0.12),
        (-0.1, 0.45, 0.16),
        (0.5, 0.1, 0.1),
    ] {
        marks.ellipse(x + dx * radius, y + dy * radius, s * radius, s * radius * 0.85);
    }
    list.veil(Kind::Shade, marks, color.darker(0.24), 0.32);
}

/// Heroes afloat around the middle.
fn floating(list: &mut List, brief: &Brief, palette: &Palette, side: f32) {
    let mut dice = Dice::named(brief.seed, "floating");
    let (w, h) = (list.width, list.height);
    let ones = group::roots(&brief.cast, 9);
    let shares = group::shares(&brief.cast, &ones);
    let whole: f32 = shares.iter().sum();
    let side = side.min(w * 0.96 / whole.max(1.0));
    let mut left = w * 0.5 - side * whole / 2.0;
    for (place, (one, share)) in ones.iter().zip(shares).enumerate() {
        let own = side * share;
        let sway = if ones.len() > 1 { dice.range(0.02, 0.13) } else { 0.0 };
        let y = h * 0.48 + if place % 2 == 0 { sway } else { -sway };
        group::fit(list, palette, &brief.cast, *one, (left + own / 2.0, y), own);
        left += own;
    }
}

/// Blue depth with rays, bubbles, weeds and sand.
pub(crate) fn underwater(list: &mut List, brief: &Brief, palette: &Palette) {
    let mut dice = Dice::named(brief.seed, "underwater");
    let (w, h) = (list.width, list.height);
    let night = palette.is_dark();
    let tones = if night {
        [0x1a5a86, 0x0f3a66, 0x0a2348, 0x061430]
    } else {
        [0x8fe3e6, 0x37b3cf, 0x1b78b0, 0x123f7a]
    };
    let mut tones = tones.map(hex);
    if let Some(tint) = brief.tint {
        tones = tones.map(|c| c.mix(tint, 0.45));
    }
    let ramp = Ramp::smooth(&[(0.0, tones[0]), (0.3, tones[1]), (0.68, tones[2]), (1.0, tones[3])]);
    list.fill(Kind::Backdrop, list.all(), Paint::Linear { from: (0.0, 0.0), to: (0.0, h), ramp });
    for _ in 0..7 {
        let x = dice.range(-0.1, w + 0.1);
        let (wide, lean) = (dice.range(0.03, 0.1), dice.range(-0.3, -0.12));
        let path = Path::polygon(&[
            (x, -0.05),
            (x + wide, -0.05),
            (x + wide * 2.4 + lean, h * 0.85),
            (x + lean, h * 0.85),
        ]);
        let light = tones[0].lighter(0.1);
        let ramp = Ramp::pair((light, 0.3), (light, 0.0));
        list.push(
            Kind::Glow,
            path,
            Paint::Linear { from: (0.0, 0.0), to: (0.0, h * 0.85), ramp },
            1.0,
            Blend::Screen,
        );
    }
    for step in 0..2 {
        let crest = Crest::new(&mut dice, h * (0.8 + 0.05 * step as f32), 0.09, 1.8, 3);
        let rock = tones[3].mix(tones[2], 0.55 - 0.3 * step as f32);
        super::land::hill(list, &crest, 0.5, rock, tones[3]);
    }
    let sand = Crest::new(&mut dice, h - 0.12, 0.02, 1.3, 2);
    let color = hex(0xd8c898).mix(tones[2], if night { 0.72 } else { 0.42 });
    super::land::hill(list, &sand, 0.0, color, color.mix(tones[3], 0.5));
    weeds(list, &mut dice, &sand, tones[3]);
    floating(list, brief, &lights(palette), 0.52);
    if let Some(fish) = art::find("fish").filter(|_| brief.cast.is_empty()) {
        for (index, color) in [0xf28a3c, 0xf4c84e, 0xe8607a, 0x8fd0e8, 0xf2a04e].iter().enumerate()
        {
            let spot = Spot::new(
                w * dice.range(0.15, 0.85),
                h * (0.25 + 0.1 * index as f32) + 0.08,
                0.16 - 0.015 * index as f32,
            );
            stage::draw(
                list,
                &lights(palette),
                fish,
                Some(hex(*color)),
                &Spot { flip: index % 2 == 0, ..spot },
            );
        }
    }
    let (mut bubbles, mut shines) = (Path::new(), Path::new());
    for _ in 0..26 {
        let r = dice.range(0.003, 0.014);
        let (x, y) = (dice.range(0.0, w), dice.range(0.05, h * 0.9));
        bubbles.ellipse(x, y, r, r);
        shines.ellipse(x - r * 0.3, y - r * 0.35, r * 0.3, r * 0.3);
    }
    list.veil(Kind::Spark, bubbles, hex(0xd8f6fa), 0.28);
    list.veil(Kind::Spark, shines, hex(0xffffff), 0.8);
    super::land::shade_foot(list, palette, 0.15);
}

fn weeds(list: &mut List, dice: &mut Dice, sand: &Crest, deep: Rgb) {
    let colors = [hex(0x2f9a7a), hex(0x4fb06a), hex(0xe0718a), hex(0xe89a5c), hex(0xa868b8)];
    let count = ((list.width * 13.0) as usize).clamp(6, 60);
    for index in 0..count {
        let x = dice.range(0.0, list.width);
        let middle = 1.0 - ((x / list.width - 0.5).abs() * 2.0);
        let tall = dice.range(0.1, 0.34) * (1.1 - middle * 0.75);
        let y = sand.y(x) + 0.03;
        let color = colors[index % colors.len()].mix(deep, 0.3);
        let mut path = Path::new();
        if index % 5 >= 2 {
            for branch in 0..5 {
                let lean = (branch as f32 - 2.0) * 0.2;
                let tip = (x + lean * tall * 0.8, y - tall * 0.5 * (1.0 - lean.abs() * 0.6));
                path.stroke(&[(x, y), (x + lean * tall * 0.3, y - tall * 0.22), tip], 0.014);
                path.ellipse(tip.0, tip.1, 0.012, 0.012);
            }
        } else {
            let sway = dice.range(-1.0, 1.0) * 0.03;
            let mut blade = Vec::new();
            for step in 0..=16 {
                let t = step as f32 / 16.0;
                blade.push((
                    x + libm::sinf(t * 7.0 + x * 9.0) * sway - 0.012 * (1.0 - t),
                    y - tall * t,
                ));
            }
            for step in (0..=16).rev() {
                let t = step as f32 / 16.0;
                blade.push((
                    x + libm::sinf(t * 7.0 + x * 9.0) * sway + 0.012 * (1.0 - t),
                    y - tall * t,
                ));
            }
            path.add(&blade);
        }
        list.fill(
            Kind::Land,
            path,
            Paint::down(y - tall, y, color.lighter(0.06), color.darker(0.12)),
        );
    }
}
