//! What falls or drifts before everything: rain, snow, fog, lightning, wind.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::{WHITE, hex};
use super::dice::Dice;
use super::list::{Blend, Kind, List, Mist, Paint, Ramp};
use super::palette::Palette;
use super::path::Path;
use super::place::{Mood, Time, Weather};

pub(crate) fn paint(list: &mut List, brief: &Brief, palette: &Palette, horizon: f32) {
    let mut dice = Dice::named(brief.seed, "weather");
    match brief.weather {
        Weather::Rain => rain(list, palette, &mut dice, 1.0),
        Weather::Storm => {
            lightning(list, palette, &mut dice, horizon);
            rain(list, palette, &mut dice, 1.3);
        }
        Weather::Snow => snow(list, &mut dice),
        Weather::Fog => fog(list, palette, &mut dice, horizon),
        Weather::Wind => wind(list, palette, &mut dice),
        Weather::Clear | Weather::Cloudy => {
            if brief.mood == Mood::Autumn {
                leaves(list, palette, &mut dice);
            } else if brief.time == Time::Night && brief.mood == Mood::Dreamy {
                fireflies(list, &mut dice);
            }
        }
    }
}

fn area(list: &List, a_unit: f32) -> usize {
    ((list.width * list.height * a_unit) as usize).clamp(10, 1200)
}

fn rain(list: &mut List, palette: &Palette, dice: &mut Dice, force: f32) {
    for (count, long, width, opacity) in [(150.0, 0.045, 0.001_1, 0.4), (70.0, 0.085, 0.001_8, 0.5)]
    {
        let mut path = Path::new();
        for _ in 0..area(list, count * force) {
            let (x, y) = (dice.range(-0.05, list.width + 0.1), dice.range(-0.05, list.height));
            let long = long * dice.range(0.6, 1.2);
            path.stroke(&[(x, y), (x - long * 0.22 * force, y + long)], width);
        }
        list.veil(Kind::Spark, path, palette.sky[4].mix(WHITE, 0.5), opacity);
    }
}

fn snow(list: &mut List, dice: &mut Dice) {
    for (count, low, high, opacity) in
        [(170.0, 0.001_5, 0.003_4, 0.75), (60.0, 0.003_6, 0.007, 0.9)]
    {
        let mut path = Path::new();
        for _ in 0..area(list, count) {
            let r = dice.range(low, high);
            path.ellipse(dice.range(0.0, list.width), dice.range(0.0, list.height), r, r);
        }
        list.veil(Kind::Spark, path, WHITE, opacity);
    }
    for _ in 0..area(list, 10.0).min(24) {
        let at = (dice.range(0.0, list.width), dice.range(0.0, list.height));
        let radius = dice.range(0.014, 0.026);
        let paint = Paint::glow(at, radius, WHITE, 0.6);
        list.push(Kind::Glow, Path::circle(at.0, at.1, radius), paint, 1.0, Blend::Over);
    }
}

fn fog(list: &mut List, palette: &Palette, dice: &mut Dice, horizon: f32) {
    let color = palette.haze.mix(palette.sky[4], 0.5).lighter(0.02);
    let (top, bottom) = (horizon - 0.3, list.height + 0.05);
    let bounds = [-0.05, top, list.width + 0.05, bottom];
    for (low, power) in [(0.34, 0.55), (0.44, 0.5)] {
        let mist = Mist::new(dice.next(), bounds, (1.4, 5.0), (low, low + 0.4));
        let ramp = Ramp::smooth_alpha(&[
            (0.0, color, 0.0),
            (0.35, color, 0.8),
            (0.75, color, 0.75),
            (1.0, color, 0.25),
        ]);
        let paint = Paint::Misty { mist, top, bottom, ramp };
        list.push(
            Kind::Glow,
            Path::rect(-0.05, top, list.width + 0.1, bottom - top),
            paint,
            power,
            Blend::Over,
        );
    }
}

fn lightning(list: &mut List, palette: &Palette, dice: &mut Dice, horizon: f32) {
    let mut at = (list.width * dice.range(0.2, 0.8), horizon * 0.16);
    let mut cloud = Path::new();
    for (dx, dy, r) in [(-0.16, 0.0, 0.05), (-0.07, -0.03, 0.075), (0.04, -0.04, 0.085)] {
        cloud.ellipse(at.0 + dx, at.1 + dy, r * 1.5, r);
    }
    cloud.ellipse(at.0 + 0.15, at.1, 0.09, 0.05);
    cloud.ellipse(at.0, at.1 + 0.005, 0.2, 0.04);
    let mut points = vec![at];
    let mut twigs = Path::new();
    while at.1 < horizon {
        at = (at.0 + dice.range(-0.06, 0.06), at.1 + dice.range(0.03, 0.07));
        points.push(at);
        if dice.chance(0.35) {
            let side = dice.sign();
            twigs.stroke(
                &[at, (at.0 + side * 0.05, at.1 + 0.04), (at.0 + side * 0.06, at.1 + 0.09)],
                0.002,
            );
        }
    }
    list.glow((points[0].0, horizon * 0.4), 0.55, hex(0xcfd8ff), 0.5);
    let (mut wide, mut thin) = (Path::new(), Path::new());
    wide.stroke(&points, 0.014);
    thin.stroke(&points, 0.004_6);
    thin.append(&twigs);
    list.push(Kind::Glow, wide, Paint::Flat(hex(0xaab8ff)), 0.35, Blend::Screen);
    list.flat(Kind::Spark, thin, hex(0xfdfbff));
    let gray = palette.cloud.mix(palette.dark, 0.45);
    let paint = Paint::down(at_top(&cloud), horizon * 0.26, gray.lighter(0.05), gray);
    list.fill(Kind::Land, cloud, paint);
    list.veil(Kind::Glow, list.all(), palette.dark, 0.06);
}

fn at_top(path: &Path) -> f32 {
    path.bounds().map_or(0.0, |b| b[1])
}

fn wind(list: &mut List, palette: &Palette, dice: &mut Dice) {
    let mut path = Path::new();
    for _ in 0..area(list, 9.0) {
        let (x, y, long) =
            (dice.range(0.0, list.width), dice.range(0.1, list.height * 0.7), dice.range(0.1, 0.3));
        let line: Vec<(f32, f32)> = (0..=24)
            .map(|i| {
                let t = i as f32 / 24.0;
                (x + long * t, y + libm::sinf(t * 5.0) * 0.012)
            })
            .collect();
        path.stroke(&line, 0.003);
    }
    list.veil(Kind::Spark, path, palette.sky[4].mix(WHITE, 0.6), 0.55);
}

fn leaves(list: &mut List, palette: &Palette, dice: &mut Dice) {
    for color in [0xd9622b, 0xe8a33a, 0xb8452c] {
        let mut path = Path::new();
        for _ in 0..area(list, 9.0) {
            let (x, y, s) = (
                dice.range(0.0, list.width),
                dice.range(0.0, list.height),
                dice.range(0.008, 0.016),
            );
            let (dx, dy) = (dice.range(-1.0, 1.0) * s, s * 0.8);
            path.add(&[
                (x - dx, y - dy),
                (x + dy * 0.5, y - dx * 0.5),
                (x + dx, y + dy),
                (x - dy * 0.5, y + dx * 0.5),
            ]);
        }
        list.flat(Kind::Spark, path, palette.hero(hex(color)));
    }
}

fn fireflies(list: &mut List, dice: &mut Dice) {
    for _ in 0..area(list, 22.0).min(60) {
        let at = (dice.range(0.0, list.width), dice.range(list.height * 0.5, list.height));
        list.glow(at, 0.022, hex(0xffe27a), 0.8);
        list.flat(Kind::Spark, Path::circle(at.0, at.1, 0.002_6), hex(0xfff6c8));
    }
}
