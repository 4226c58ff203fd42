//! Things shown by themselves: a studio with a round of colour, or a table by a window.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::{Rgb, WHITE, hex};
use super::dice::Dice;
use super::group;
use super::list::{Kind, List, Paint, Ramp};
use super::palette::Palette;
use super::path::{Affine, Path};
use super::place::Time;
use super::stage;

const WALLS: [(u32, u32); 8] = [
    (0xf7d9c4, 0xe89a7c),
    (0xcfe6e2, 0x6fb3ac),
    (0xfbe7b8, 0xf0b65a),
    (0xd9dcf2, 0x8a92d0),
    (0xf6d3da, 0xdc7f98),
    (0xd6ead0, 0x86b87c),
    (0xcde2f4, 0x6a9fd4),
    (0xe9dcf0, 0xa884c4),
];

/// A light and a strong colour for a wall, away from the hero's own.
pub(crate) fn wall(brief: &Brief, palette: &Palette, dice: &mut Dice) -> (Rgb, Rgb) {
    let star = brief.star().map(|c| c.color.unwrap_or(hex(c.hero.main)).lab());
    // The wall furthest from the hero's own colour, or near it, never the same.
    let mut pairs: Vec<(u32, u32)> = WALLS.to_vec();
    if let Some(own) = star {
        pairs.retain(|p| hex(p.1).lab().distance(own) > 0.14);
    }
    let pair = *dice.pick(&pairs);
    let (mut light, mut strong) = (hex(pair.0), hex(pair.1));
    if brief.time == Time::Night {
        (light, strong) = (light.lit(hex(0x4a5484)), strong.lit(hex(0x5a6494)));
    } else if brief.time == Time::Dusk {
        (light, strong) = (light.lit(hex(0xf4d0c0)), strong.lit(hex(0xe8b8b0)));
    }
    if let Some(color) = brief.backdrop {
        let is_light = color.0 + color.1 + color.2 > 1.5;
        return (color, if is_light { color.darker(0.05) } else { color.lighter(0.07) });
    }
    if let Some(tint) = brief.tint {
        (light, strong) = (tint.mix(WHITE, 0.72), tint.mix(WHITE, 0.25));
    }
    (light, strong.mix(palette.sky[3], 0.06))
}

/// A plain wall and floor with a disc behind the hero.
pub(crate) fn studio(list: &mut List, brief: &Brief, palette: &Palette) {
    let mut dice = Dice::named(brief.seed, "studio");
    let (w, h) = (list.width, list.height);
    let (light, strong) = wall(brief, palette, &mut dice);
    let backdrop = Paint::Linear {
        from: (0.0, 0.0),
        to: (w * 0.2, h),
        ramp: Ramp::smooth(&[(0.0, light.lighter(0.03)), (1.0, light.mix(strong, 0.3))]),
    };
    list.fill(Kind::Backdrop, list.all(), backdrop);
    let x = if brief.hero_right && w > h * 1.2 { w * 0.77 } else { w * 0.5 };
    let y = if brief.hero_right && w <= h * 1.2 { h * 0.66 } else { h * 0.48 };
    let r = 0.36;
    let mut rings = Path::new();
    rings.ellipse(x, y, r * 1.22, r * 1.22);
    list.veil(Kind::Land, rings, strong, 0.16);
    let disc =
        Paint::quick((x - r, y - r), (x + r, y + r), strong.lighter(0.06), strong.darker(0.05));
    list.fill(Kind::Land, Path::circle(x, y, r), disc);
    ornaments(list, &mut dice, (x, y, r), (light, strong));
    lineup(list, brief, palette, (x, y + 0.30), 0.60);
}

/// Small shapes floating around the disc.
fn ornaments(list: &mut List, dice: &mut Dice, disc: (f32, f32, f32), colors: (Rgb, Rgb)) {
    let (x, y, r) = disc;
    let mut dots = Path::new();
    let mut crosses = Path::new();
    for index in 0..9 {
        let angle = (index as f32 + dice.unit() * 0.6) / 9.0 * std::f32::consts::TAU;
        let reach = r * dice.range(1.05, 1.36);
        let (px, py) = (x + libm::cosf(angle) * reach, y + libm::sinf(angle) * reach);
        let s = dice.range(0.006, 0.017);
        if index % 3 == 0 {
            crosses.add_rect(px - s, py - s * 0.25, s * 2.0, s * 0.5);
            crosses.add_rect(px - s * 0.25, py - s, s * 0.5, s * 2.0);
        } else {
            dots.ellipse(px, py, s * 0.7, s * 0.7);
        }
    }
    list.veil(Kind::Detail, dots, colors.1.darker(0.06), 0.75);
    list.veil(Kind::Detail, crosses, colors.0.lighter(0.1), 0.95);
}

/// The heroes side by side, standing on a line, each as large as fits and as is natural.
pub(crate) fn lineup(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    foot: (f32, f32),
    side: f32,
) {
    let mut ones = group::roots(&brief.cast, 9);
    if ones.is_empty() {
        return;
    }
    // Many stand in two rows, the farther one first.
    if ones.len() > 5 {
        let front = ones.split_off(ones.len() / 2);
        row(list, brief, palette, (ones, (foot.0, foot.1 - side * 0.2)), side * 0.8);
        return row(list, brief, palette, (front, foot), side * 0.8);
    }
    row(list, brief, palette, (ones, foot), side);
}

/// Some of the heroes side by side.
fn row(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    (ones, foot): (Vec<(usize, usize)>, (f32, f32)),
    side: f32,
) {
    let shares = group::shares(&brief.cast, &ones);
    let room = if brief.hero_right { list.width * 0.42 } else { list.width.min(1.5) * 0.84 };
    let side = side.min(room / shares.iter().sum::<f32>() * 1.04);
    let mut left = foot.0 - side * 0.98 * shares.iter().sum::<f32>() / 2.0;
    for (one, share) in ones.into_iter().zip(shares) {
        let side = side * share;
        let x = left + side * 0.49;
        left += side * 0.98;
        let first = list.shapes.len();
        group::fit(list, palette, &brief.cast, one, (x, foot.1 - side / 2.0), side);
        // Bring the hero's lowest point down to the line.
        let bounds = list.shapes[first..]
            .iter()
            .filter(|s| s.kind == Kind::Body)
            .filter_map(|s| s.path.bounds());
        let lowest = bounds.fold(f32::MIN, |low, b| low.max(b[3]));
        let drop = Affine::place(0.0, foot.1 - lowest, 1.0, 1.0);
        let hero: Vec<_> = list.shapes.drain(first..).collect();
        stage::shadow(list, palette, x + side * 0.04, foot.1, side * 0.5, 0.5);
        for mut shape in hero {
            shape.path = shape.path.mapped(drop);
            shape.paint = shape.paint.moved(0.0, foot.1 - lowest);
            list.shapes.push(shape);
        }
    }
}

/// A wooden table before a wall with a window.
pub(crate) fn table(list: &mut List, brief: &Brief, palette: &Palette) {
    let mut dice = Dice::named(brief.seed, "table");
    let (w, h) = (list.width, list.height);
    let (light, strong) = wall(brief, palette, &mut dice);
    let edge = h * 0.5 + 0.24;
    let backdrop = Paint::Linear {
        from: (0.0, 0.0),
        to: (w * 0.3, edge),
        ramp: Ramp::smooth(&[(0.0, light), (1.0, light.mix(strong, 0.42))]),
    };
    list.fill(Kind::Backdrop, list.all(), backdrop);
    let left = dice.chance(0.5);
    let x = w * 0.5 + if left { -1.0 } else { 1.0 } * (0.16 + (w - 1.0).max(0.0) * 0.22);
    window(list, palette, (x, edge - 0.46), (0.38, 0.46));
    let wood = hex(0xb57b4e).lit(palette.spot);
    list.fill(
        Kind::Land,
        Path::rect(-0.05, edge, w + 0.1, h),
        Paint::down(edge, h, wood.lighter(0.05), wood.darker(0.09)),
    );
    list.veil(Kind::Shade, Path::rect(-0.05, edge, w + 0.1, 0.012), WHITE, 0.28);
    let mut grain = Path::new();
    for _ in 0..14 {
        let (gx, gy) = (dice.range(-0.1, w), dice.range(edge + 0.03, h));
        grain.add(&super::sky::lens(gx, gy, dice.range(0.08, 0.26), 0.003));
    }
    list.veil(Kind::Shade, grain, wood.darker(0.2), 0.35);
    lineup(list, brief, palette, (w * 0.5, edge + 0.14), 0.62);
}

/// A window with the sky of the time of day, and its light on the wall.
pub(crate) fn window(list: &mut List, palette: &Palette, middle: (f32, f32), size: (f32, f32)) {
    let (x, y) = (middle.0 - size.0 / 2.0, middle.1 - size.1 / 2.0);
    let [a, b, c, d, e] = palette.sky;
    let mut glass = Path::new();
    glass.rounded(x, y, size.0, size.1, 0.012);
    let mut frame = Path::new();
    frame.rounded(x - 0.022, y - 0.022, size.0 + 0.044, size.1 + 0.044, 0.02);
    let white = hex(0xfbf7f0).lit(palette.spot);
    list.flat(Kind::Body, frame, white);
    let ramp = Ramp::smooth(&[(0.0, a), (0.3, b), (0.6, c), (0.85, d), (1.0, e)]);
    list.fill(Kind::Land, glass, Paint::Linear { from: (0.0, y), to: (0.0, y + size.1), ramp });
    let mut hills = Path::new();
    let base = y + size.1;
    hills.add(&[
        (x, base),
        (x, base - 0.1),
        (x + size.0 * 0.3, base - 0.17),
        (x + size.0 * 0.55, base - 0.09),
        (x + size.0 * 0.8, base - 0.14),
        (x + size.0, base - 0.08),
        (x + size.0, base),
    ]);
    list.flat(Kind::Land, hills, palette.ground(hex(0x5d8a78), 0.35));
    list.flat(Kind::Land, Path::circle(x + size.0 * 0.7, y + size.1 * 0.3, 0.04), palette.sun);
    let mut bars = Path::rect(middle.0 - 0.007, y, 0.014, size.1);
    bars.add_rect(x, middle.1 - 0.007, size.0, 0.014);
    bars.add_rect(x - 0.045, base + 0.02, size.0 + 0.09, 0.026);
    list.flat(Kind::Body, bars, white.darker(0.03));
}
