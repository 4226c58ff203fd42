//! Water: its ramp, the path of light on it, ripples, and mirrored heroes.
//!
//! Pure: no network, no clock, no files.

use super::color::{Rgb, WHITE, hex};
use super::dice::Dice;
use super::list::{Blend, Kind, List, Paint, Ramp};
use super::palette::Palette;
use super::path::Path;
use super::place::Time;
use super::sky::{Lamp, lens};

/// Fills from `top` to the bottom with water that mirrors the sky.
pub(crate) fn paint(list: &mut List, palette: &Palette, dice: &mut Dice, top: f32, lamp: Lamp) {
    let bottom = list.height + 0.02;
    let base = match palette.time {
        Time::Day => hex(0x2f84b8),
        Time::Dawn => palette.sky[1].mix(hex(0x4f84a8), 0.4),
        Time::Dusk => palette.sky[1].mix(palette.sky[2], 0.3),
        Time::Night => palette.sky[1].mix(palette.sky[2], 0.6),
    };
    let shore = palette.sky[4].mix(palette.sky[3], 0.5).mix(base, 0.38);
    let deep = base.mix(palette.dark, 0.45);
    let ramp =
        Ramp::smooth(&[(0.0, shore), (0.16, shore.mix(base, 0.6)), (0.5, base), (1.0, deep)]);
    let surface = Paint::Linear { from: (0.0, top), to: (0.0, bottom), ramp };
    list.fill(Kind::Land, Path::rect(-0.05, top, list.width + 0.1, bottom - top), surface);
    ripples(list, palette, dice, top, base);
    light_path(list, palette, dice, top, lamp);
}

/// Flat lenses, small far away and long near, lighter and darker than the water.
fn ripples(list: &mut List, palette: &Palette, dice: &mut Dice, top: f32, base: Rgb) {
    let depth = list.height - top;
    let count = ((list.width * 80.0) as usize).clamp(30, 500);
    let (mut light, mut dark) = (Path::new(), Path::new());
    for index in 0..count {
        let t = dice.unit();
        let t = t * t * 0.9 + t * 0.1;
        let y = top + depth * (0.02 + 0.98 * t);
        let x = dice.range(-0.1, list.width + 0.1);
        let rx = (0.012 + 0.085 * t) * dice.range(0.5, 1.3);
        let ry = (0.000_9 + 0.004_6 * t) * dice.range(0.6, 1.2);
        let path = if index % 2 == 0 { &mut light } else { &mut dark };
        path.add(&lens(x, y, rx, ry));
    }
    list.veil(Kind::Shade, light, palette.sky[3].mix(WHITE, 0.15), 0.28);
    list.veil(Kind::Shade, dark, base.mix(palette.dark, 0.6), 0.3);
}

/// Glints under the sun or moon, wider toward the viewer.
fn light_path(list: &mut List, palette: &Palette, dice: &mut Dice, top: f32, lamp: Lamp) {
    if palette.time == Time::Day && !lamp.shown {
        return;
    }
    let depth = list.height - top;
    let soft = match palette.time {
        Time::Day => 0.2,
        Time::Night => 0.3,
        _ => 0.5,
    } * if lamp.shown { 1.0 } else { 0.4 };
    let paint = Paint::Glow {
        center: (lamp.x, top),
        radius: depth * 1.1,
        squash: 0.75,
        color: palette.glow,
        opacity: soft,
    };
    let glow = Path::rect(lamp.x - depth * 1.1, top, depth * 2.2, depth);
    list.push(Kind::Glow, glow, paint, 1.0, Blend::Screen);
    if !lamp.shown {
        return;
    }
    let (mut bright, mut soft) = (Path::new(), Path::new());
    for index in 0..90 {
        let t = (index as f32 + dice.unit()) / 90.0;
        let t = t * t * 0.7 + t * 0.3;
        let y = top + depth * (0.006 + 0.93 * t);
        let spread = lamp.radius * (0.55 + 1.1 * t);
        let x = lamp.x + dice.range(-1.0, 1.0) * dice.unit() * spread;
        let rx = (lamp.radius * 0.25 + 0.04 * t) * dice.range(0.35, 1.15) * (1.0 - t * 0.45);
        let ry = 0.001 + 0.003_4 * t * dice.range(0.6, 1.2);
        let path = if index % 3 == 0 { &mut bright } else { &mut soft };
        path.add(&lens(x, y, rx, ry));
    }
    let power = if palette.time == Time::Day { 0.55 } else { 0.8 };
    list.veil(Kind::Spark, soft, palette.sun.mix(palette.glow, 0.6), power * 0.75);
    list.veil(Kind::Spark, bright, palette.sun.mix(WHITE, 0.3), power);
}

/// Mirrors the shapes from index `first` on at a waterline, dimmed and broken by ripples.
pub(crate) fn mirror(
    list: &mut List,
    palette: &Palette,
    dice: &mut Dice,
    first: usize,
    line: f32,
    x: f32,
    wide: f32,
) {
    let flip = super::path::Affine { a: 1.0, b: 0.0, c: 0.0, d: -0.62, e: 0.0, f: line * 1.62 };
    let water = palette.sky[1].mix(palette.sky[3], 0.4).mix(palette.dark, 0.25);
    let mirrored: Vec<super::list::Shape> = list.shapes[first..]
        .iter()
        .filter(|shape| shape.kind != Kind::Glow)
        .map(|shape| {
            let mut copy = shape.clone();
            copy.path = copy.path.mapped(flip);
            copy.paint = Paint::Flat(shape.paint.mean().mix(water, 0.45));
            copy.opacity *= 0.55;
            copy.kind = Kind::Shade;
            copy
        })
        .collect();
    let body: Vec<super::list::Shape> = list.shapes.drain(first..).collect();
    list.shapes.extend(mirrored);
    let mut gaps = Path::new();
    for index in 0..16 {
        let t = (index as f32 + dice.unit()) / 16.0;
        let y = line + wide * 0.75 * t + 0.004;
        let rx = wide * dice.range(0.2, 0.5);
        gaps.add(&lens(x + dice.range(-0.4, 0.4) * wide, y, rx, 0.001_4 + 0.005 * t));
    }
    list.veil(Kind::Shade, gaps, palette.sky[3].mix(water, 0.5), 0.55);
    list.shapes.extend(body);
    let mut foam = Path::new();
    for index in 0..7 {
        let dx = (index as f32 - 3.0) / 3.0;
        foam.add(&lens(x + dx * wide * 0.42, line + 0.004 * (index % 2) as f32, wide * 0.2, 0.006));
    }
    list.veil(Kind::Shade, foam, palette.hero(hex(0xeaf6fa)), 0.7);
}

/// White caps and foam along a shore line.
pub(crate) fn foam(list: &mut List, palette: &Palette, points: &[(f32, f32)], width: f32) {
    let mut path = Path::new();
    path.stroke(points, width);
    list.veil(Kind::Shade, path, palette.hero(hex(0xf4fafa)), 0.75);
}
