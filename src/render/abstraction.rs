//! Abstracts, for prompts without a known thing: layered paper, orbs, ribbons or arcs.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::{Rgb, WHITE, hex};
use super::dice::Dice;
use super::land::Crest;
use super::list::{Blend, Kind, List, Paint, Ramp};
use super::path::Path;
use super::place::{Mood, Time};

#[rustfmt::skip]
const HARMONIES: &[(Mood, [u32; 5])] = &[
    (Mood::Plain, [0x1b2a49, 0x2f6690, 0x81c3d7, 0xf4d58d, 0xf08a5d]),
    (Mood::Plain, [0x2d1e4f, 0x6a3f8f, 0xd9648c, 0xf7a072, 0xfbe3b0]),
    (Mood::Plain, [0x0f3d3e, 0x1f7a74, 0x74c69d, 0xf3e9c9, 0xf2a65a]),
    (Mood::Plain, [0x33223b, 0x8c2f5d, 0xe05a47, 0xf4a259, 0xfaedca]),
    (Mood::Plain, [0x14213d, 0x3a5ba0, 0x8fb8ed, 0xf1e3f3, 0xf2789f]),
    (Mood::Calm, [0x2f4858, 0x5f8b8c, 0xa7c4b5, 0xe8e4d0, 0xf2c9a1]),
    (Mood::Warm, [0x4a1c2b, 0xa63446, 0xe4653a, 0xf6a545, 0xfde9b8]),
    (Mood::Cold, [0x0b1f3a, 0x1e4e8c, 0x5aa0d8, 0xb4dcf0, 0xeef6fa]),
    (Mood::Dark, [0x0d0b1a, 0x241b3c, 0x4a2c5e, 0x8a3b5c, 0xd97a5a]),
    (Mood::Bright, [0x3d3bd1, 0x1fb5d8, 0x62d68c, 0xffd447, 0xff6b6b]),
    (Mood::Dreamy, [0x6a5bb5, 0xa48de0, 0xf0b3d8, 0xfcd9c8, 0xd4f0ec]),
    (Mood::Wild, [0x1a0b3b, 0x6a0dad, 0xff2e88, 0xff9f1c, 0x2ee6d6]),
    (Mood::Autumn, [0x3b1f1b, 0x8a3d22, 0xcc6b2c, 0xe8ac4c, 0xf3e0b5]),
    (Mood::Spring, [0x2c5e4f, 0x6bbf8a, 0xc4e7b0, 0xfdf3d0, 0xf6a5b8]),
];

/// Five colours from dark to light or accent, in the prompt's mood.
pub(crate) fn harmony(brief: &Brief) -> [Rgb; 5] {
    let mut dice = Dice::named(brief.seed, "harmony");
    let fitting: Vec<&[u32; 5]> =
        HARMONIES.iter().filter(|h| h.0 == brief.mood).map(|h| &h.1).collect();
    let mut colors = dice.pick(&fitting).map(hex);
    if let Some(tint) = brief.tint {
        colors = [
            tint.darker(0.34),
            tint.darker(0.12),
            tint,
            tint.mix(WHITE, 0.6),
            tint.turned(dice.range(120.0, 200.0)).lighter(0.08),
        ];
    } else {
        let turn = dice.range(-14.0, 14.0);
        colors = colors.map(|c| c.turned(turn));
    }
    if brief.time == Time::Night {
        colors = colors.map(|c| c.darker(0.08));
    }
    colors
}

pub(crate) fn paint(list: &mut List, brief: &Brief) {
    let colors = harmony(brief);
    let mut dice = Dice::named(brief.seed, "abstraction");
    let calm = matches!(brief.mood, Mood::Calm | Mood::Dreamy | Mood::Cold);
    match dice.below(4) {
        0 => paper(list, &mut dice, &colors),
        1 if !calm => arcs(list, &mut dice, &colors),
        2 => ribbons(list, &mut dice, &colors),
        _ => orbs(list, &mut dice, &colors),
    }
}

/// Sheets of cut paper, each with a soft shadow on the one behind.
fn paper(list: &mut List, dice: &mut Dice, colors: &[Rgb; 5]) {
    let (w, h) = (list.width, list.height);
    let back = Ramp::smooth(&[(0.0, colors[4]), (1.0, colors[3])]);
    list.fill(
        Kind::Backdrop,
        list.all(),
        Paint::Linear { from: (0.0, 0.0), to: (0.0, h), ramp: back },
    );
    let sun = (w * dice.range(0.25, 0.75), h * dice.range(0.2, 0.34));
    list.glow(sun, 0.4, WHITE, 0.4);
    list.flat(Kind::Land, Path::circle(sun.0, sun.1, 0.13), colors[4].mix(WHITE, 0.5));
    const SHEETS: usize = 7;
    for sheet in 0..SHEETS {
        let t = sheet as f32 / (SHEETS - 1) as f32;
        let crest = Crest::new(dice, h * (0.34 + 0.56 * t), 0.16, 0.95, 2);
        let at = (1.0 - t) * 2.4;
        let index = at as usize;
        let color = colors[index].mix(colors[index + 1], at - index as f32);
        for (lift, opacity) in [(0.022, 0.06), (0.014, 0.08), (0.006, 0.1)] {
            let shadow = crest.raised(lift);
            list.veil(Kind::Shade, shadow.path(w, h + 0.1), colors[0].darker(0.1), opacity);
        }
        list.fill(
            Kind::Land,
            crest.path(w, h + 0.1),
            Paint::down(
                crest.base - 0.15,
                crest.base + 0.3,
                color.lighter(0.04),
                color.darker(0.05),
            ),
        );
    }
}

/// Shaded balls over soft light.
fn orbs(list: &mut List, dice: &mut Dice, colors: &[Rgb; 5]) {
    let (w, h) = (list.width, list.height);
    let ramp = Ramp::smooth(&[(0.0, colors[1]), (0.55, colors[2]), (1.0, colors[3])]);
    list.fill(
        Kind::Backdrop,
        list.all(),
        Paint::Linear { from: (0.0, 0.0), to: (w * 0.6, h), ramp },
    );
    for index in 0..4 {
        let at = (dice.range(0.0, w), dice.range(0.0, h));
        list.glow(at, dice.range(0.4, 0.75), colors[(index + 3) % 5], 0.5);
    }
    let count = 8 + dice.below(4);
    for index in 0..count {
        let t = index as f32 / count as f32;
        let r = 0.03 + 0.2 * t * t * dice.range(0.6, 1.2);
        let (x, y) = (dice.range(0.02, 0.98) * w, dice.range(0.05, 0.95) * h);
        let color = *dice.pick(&colors[..]);
        let mut shade = Path::new();
        shade.ellipse(x + r * 0.25, y + r * 0.35, r * 1.5, r * 1.5);
        let fade = Paint::glow((x + r * 0.25, y + r * 0.35), r * 1.5, colors[0].darker(0.1), 0.42);
        list.push(Kind::Glow, shade, fade, 1.0, Blend::Over);
        let ramp = Ramp::smooth(&[
            (0.0, color.mix(WHITE, 0.55)),
            (0.3, color.lighter(0.05)),
            (0.72, color.darker(0.1)),
            (1.0, color.darker(0.22)),
        ]);
        let paint = Paint::Radial {
            center: (x - r * 0.38, y - r * 0.42),
            radius: r * 1.62,
            squash: 1.0,
            ramp,
        };
        list.fill(Kind::Land, Path::circle(x, y, r), paint);
    }
}

/// Flowing bands side by side.
fn ribbons(list: &mut List, dice: &mut Dice, colors: &[Rgb; 5]) {
    let (w, h) = (list.width, list.height);
    let ramp = Ramp::smooth(&[(0.0, colors[0]), (1.0, colors[1])]);
    list.fill(
        Kind::Backdrop,
        list.all(),
        Paint::Linear { from: (0.0, 0.0), to: (w * 0.4, h), ramp },
    );
    let (phase, pace) = (dice.range(0.0, 6.0), dice.range(1.6, 2.6));
    let swing = dice.range(0.1, 0.17);
    let tilt = dice.range(-0.3, 0.3);
    const BANDS: usize = 16;
    let line = |x: f32, shift: f32| {
        let wave = libm::sinf(x * pace + phase + shift * 1.7)
            + 0.45 * libm::sinf(x * pace * 2.1 - phase + shift * 2.9);
        h * 0.5
            + tilt * (x - w * 0.5)
            + wave * swing
            + (shift - 0.5) * (0.5 + 0.22 * libm::sinf(x * 1.3 + phase * 2.0))
    };
    for band in 0..BANDS {
        let (t0, t1) = (band as f32 / BANDS as f32, (band + 1) as f32 / BANDS as f32);
        let mut points = Vec::new();
        for step in 0..=120 {
            let x = -0.05 + (w + 0.1) * step as f32 / 120.0;
            points.push((x, line(x, t0)));
        }
        for step in (0..=120).rev() {
            let x = -0.05 + (w + 0.1) * step as f32 / 120.0;
            points.push((x, line(x, t1) + 0.002));
        }
        let at = t0 * 3.999;
        let index = at as usize;
        let color = colors[index].mix(colors[index + 1], at - index as f32);
        let ramp = Ramp::smooth(&[
            (0.0, color.lighter(0.05)),
            (0.5, color.darker(0.05)),
            (1.0, color.lighter(0.07)),
        ]);
        let paint = Paint::Linear { from: (0.0, 0.0), to: (w, h * 0.2), ramp };
        list.fill(Kind::Land, Path::polygon(&points), paint);
    }
    list.glow((w * dice.range(0.2, 0.8), h * 0.3), 0.6, colors[4], 0.4);
}

/// Quarter and half rounds on a grid, in the manner of printed posters.
fn arcs(list: &mut List, dice: &mut Dice, colors: &[Rgb; 5]) {
    list.flat(Kind::Backdrop, list.all(), colors[3].mix(WHITE, 0.55));
    let cell = 0.25;
    let (columns, rows) =
        ((list.width / cell).ceil() as usize, (list.height / cell).ceil() as usize);
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (column as f32 * cell, row as f32 * cell);
            let (a, b) = (dice.below(5), 1 + dice.below(4));
            list.flat(Kind::Land, Path::rect(x, y, cell + 0.000_5, cell + 0.000_5), colors[a]);
            let color = colors[(a + b) % 5];
            let (cx, cy) =
                *dice.pick(&[(x, y), (x + cell, y), (x, y + cell), (x + cell, y + cell)]);
            match dice.below(4) {
                0 => {
                    quarter(list, (x, y), (cx, cy), cell, color);
                    quarter(list, (x, y), (cx, cy), cell * 0.55, colors[(a + b + 1) % 5]);
                }
                1 => {
                    let c = (x + cell / 2.0, y + cell / 2.0);
                    list.flat(Kind::Land, Path::circle(c.0, c.1, cell * 0.36), color);
                    list.flat(
                        Kind::Land,
                        Path::circle(c.0, c.1, cell * 0.16),
                        colors[(a + b + 2) % 5],
                    );
                }
                2 => list.flat(
                    Kind::Land,
                    Path::polygon(&[(x, y), (x + cell, y), (cx, y + cell)]),
                    color,
                ),
                _ => quarter(list, (x, y), (cx, cy), cell, color),
            }
        }
    }
}

/// The part of a circle around a corner that lies in its cell.
fn quarter(list: &mut List, cell: (f32, f32), corner: (f32, f32), radius: f32, color: Rgb) {
    let (sx, sy) =
        (if corner.0 > cell.0 { -1.0 } else { 1.0 }, if corner.1 > cell.1 { -1.0 } else { 1.0 });
    let mut points = vec![corner];
    for step in 0..=32 {
        let angle = step as f32 / 32.0 * std::f32::consts::FRAC_PI_2;
        points.push((
            corner.0 + sx * libm::cosf(angle) * radius,
            corner.1 + sy * libm::sinf(angle) * radius,
        ));
    }
    list.flat(Kind::Land, Path::polygon(&points), color);
}
