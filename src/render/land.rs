//! Land: rolling hills, mountains with snow, forests, dunes, and the plants of the foreground.
//!
//! Pure: no network, no clock, no files.

use super::color::{Rgb, hex};
use super::dice::Dice;
use super::list::{Blend, Kind, List, Paint, Ramp};
use super::noise::Noise;
use super::palette::Palette;
use super::path::Path;

/// A line across the picture: a base height and waves, scene units.
#[derive(Debug, Clone)]
pub(crate) struct Crest {
    noise: Noise,
    row: f32,
    pub(crate) base: f32,
    swing: f32,
    pace: f32,
    octaves: u32,
}

impl Crest {
    pub(crate) fn new(dice: &mut Dice, base: f32, swing: f32, pace: f32, octaves: u32) -> Self {
        let row = dice.range(0.0, 200.0);
        Self { noise: Noise::new(dice.next()), row, base, swing, pace, octaves }
    }

    /// The same waves `lift` units higher.
    pub(crate) fn raised(&self, lift: f32) -> Self {
        Self { base: self.base - lift, ..self.clone() }
    }

    pub(crate) fn y(&self, x: f32) -> f32 {
        self.base - self.swing * self.noise.octaves(x * self.pace, self.row, self.octaves)
    }

    /// Everything below the line.
    pub(crate) fn path(&self, width: f32, bottom: f32) -> Path {
        let mut points = vec![(width + 0.06, bottom), (-0.06, bottom)];
        let step = if self.octaves > 2 { 0.004 } else { 0.01 };
        let count = ((width + 0.12) / step) as usize;
        for index in 0..=count {
            let x = -0.06 + index as f32 * step;
            points.push((x, self.y(x)));
        }
        points.push((width + 0.06, self.y(width + 0.06)));
        Path::polygon(&points)
    }
}

/// A hill: a crest filled from a lit top to a hazier or darker foot.
pub(crate) fn hill(list: &mut List, crest: &Crest, depth: f32, top: Rgb, foot: Rgb) {
    let bottom = list.height + 0.06;
    let reach = crest.base + 0.12 + 0.3 * (1.0 - depth);
    let paint = Paint::down(crest.base - crest.swing, reach, top, foot);
    list.fill(Kind::Land, crest.path(list.width, bottom), paint);
}

/// A band of mist lying on a height.
pub(crate) fn mist_band(list: &mut List, palette: &Palette, y: f32, thick: f32, opacity: f32) {
    let color = palette.haze.mix(palette.sky[4], 0.35);
    let ramp = Ramp::smooth_alpha(&[(0.0, color, 0.0), (0.55, color, opacity), (1.0, color, 0.0)]);
    let path = Path::rect(-0.05, y - thick, list.width + 0.1, thick * 2.0);
    let paint = Paint::Linear { from: (0.0, y - thick), to: (0.0, y + thick), ramp };
    list.fill(Kind::Glow, path, paint);
}

/// A range of pointed mountains with a lit and a shaded face and snow on the high ones.
pub(crate) struct Range {
    pub(crate) base: f32,
    pub(crate) height: f32,
    pub(crate) depth: f32,
    pub(crate) snow: bool,
    pub(crate) rock: Rgb,
    /// Where the light is.
    pub(crate) light_x: f32,
}

pub(crate) fn mountains(list: &mut List, palette: &Palette, dice: &mut Dice, range: &Range) {
    let count = ((list.width / 0.36) as usize).max(2) + 1;
    let mut peaks: Vec<(f32, f32)> = (0..count)
        .map(|index| {
            let x =
                (index as f32 + dice.range(0.15, 0.85)) / count as f32 * (list.width + 0.3) - 0.15;
            (x, range.height * dice.range(0.5, 1.0))
        })
        .collect();
    // The tallest peak stands off centre, the lowest in front.
    let tallest = dice.below(count);
    peaks[tallest].1 = range.height * 1.12;
    peaks.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (x, height) in peaks {
        mountain(list, palette, dice, range, (x, height));
    }
}

fn mountain(list: &mut List, palette: &Palette, dice: &mut Dice, range: &Range, peak: (f32, f32)) {
    let (x, height) = peak;
    let (base, half) = (range.base, height * dice.range(0.8, 1.1));
    let top = base - height;
    let left = jagged(dice, (x, top), (x - half, base + 0.02), height * 0.055);
    let right = jagged(dice, (x, top), (x + half, base + 0.02), height * 0.055);
    let foot = x + dice.range(-0.25, 0.25) * half;
    let spine = jagged(dice, (x, top), (foot, base + 0.02), height * 0.16);
    let low = range.depth + (1.0 - range.depth) * 0.45;
    let lit = palette.ground(range.rock.lighter(0.10), range.depth);
    let dim = palette.ground(range.rock.darker(0.07), range.depth * 0.9);
    let foot = palette.ground(range.rock, low);
    let join = |a: &[(f32, f32)], b: &[(f32, f32)]| {
        Path::polygon(&a.iter().copied().chain(b.iter().rev().copied()).collect::<Vec<_>>())
    };
    let light_left = range.light_x < x;
    let (left_color, right_color) = if light_left { (lit, dim) } else { (dim, lit) };
    // The whole mountain lies below both faces, so no seam shows between them.
    list.fill(Kind::Land, join(&left, &right), Paint::down(top, base, dim, foot));
    list.fill(Kind::Shade, join(&left, &spine), Paint::down(top, base, left_color, foot));
    list.fill(Kind::Shade, join(&spine, &right), Paint::down(top, base, right_color, foot));
    if range.snow && height > range.height * 0.55 {
        let line = top + height * dice.range(0.26, 0.36);
        let snow =
            |path: &[(f32, f32)]| path.iter().copied().filter(|p| p.1 < line).collect::<Vec<_>>();
        let (l, m, r) = (snow(&left), snow(&spine), snow(&right));
        let white = palette.ground(hex(0xf6f8fc), range.depth * 0.6);
        let blue = palette.ground(hex(0xb4c8e2), range.depth * 0.7);
        let (lc, rc) = if light_left { (white, blue) } else { (blue, white) };
        list.flat(Kind::Shade, Path::polygon(&ragged(dice, &l, &m, height)), lc);
        list.flat(Kind::Shade, Path::polygon(&ragged(dice, &m, &r, height)), rc);
    }
}

/// The snow between two edges: down one, a ragged hem, up the other.
fn ragged(dice: &mut Dice, a: &[(f32, f32)], b: &[(f32, f32)], height: f32) -> Vec<(f32, f32)> {
    let mut points = a.to_vec();
    let (Some(&from), Some(&to)) = (a.last(), b.last()) else { return points };
    const TEETH: usize = 6;
    for tooth in 1..TEETH {
        let t = tooth as f32 / TEETH as f32;
        let depth = if tooth % 2 == 1 { dice.range(0.03, 0.1) } else { dice.range(-0.05, 0.0) };
        points.push((from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t + depth * height));
    }
    points.extend(b.iter().rev());
    points
}

/// A line with its middle points pushed sideways, again and again.
fn jagged(dice: &mut Dice, from: (f32, f32), to: (f32, f32), rough: f32) -> Vec<(f32, f32)> {
    let mut points = vec![from, to];
    let mut rough = rough;
    for _ in 0..5 {
        let mut next = Vec::with_capacity(points.len() * 2);
        for pair in points.windows(2) {
            next.push(pair[0]);
            let (dx, dy) = (dice.range(-rough, rough), dice.range(-rough, rough) * 0.4);
            next.push(((pair[0].0 + pair[1].0) / 2.0 + dx, (pair[0].1 + pair[1].1) / 2.0 + dy));
        }
        next.push(to);
        points = next;
        rough *= 0.52;
    }
    points
}

/// What grows in a forest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Growth {
    Pine,
    Leafy,
    Palm,
}

/// Trees along a crest; one shape a layer, hazier at the foot.
pub(crate) fn forest(
    list: &mut List,
    dice: &mut Dice,
    crest: &Crest,
    growth: Growth,
    size: f32,
    colors: (Rgb, Rgb),
) {
    let spacing = size * if growth == Growth::Pine { 0.24 } else { 0.4 };
    let count = ((list.width / spacing) as usize).clamp(3, 400);
    let mut path = crest.path(list.width, list.height + 0.06);
    for index in 0..count {
        let x = (index as f32 + dice.range(0.1, 0.9)) / count as f32 * (list.width + 0.1) - 0.05;
        let tall = size * dice.range(0.6, 1.15);
        let y = crest.y(x) + size * 0.05;
        match growth {
            Growth::Pine => pine(&mut path, dice, x, y, tall),
            Growth::Leafy => leafy(&mut path, dice, x, y, tall),
            Growth::Palm => palm(&mut path, dice, x, y, tall * 1.3),
        }
    }
    let paint = Paint::down(crest.base - size, crest.base + size * 0.45, colors.0, colors.1);
    list.fill(Kind::Land, path, paint);
}

/// A fir of drooping tiers with ragged hems.
pub(crate) fn pine(path: &mut Path, dice: &mut Dice, x: f32, y: f32, tall: f32) {
    let tiers = if tall > 0.09 { 7 } else { 5 };
    let width = tall * dice.range(0.17, 0.24);
    path.add_rect(x - tall * 0.014, y - tall * 0.2, tall * 0.028, tall * 0.22);
    let mut points = vec![(x, y - tall)];
    let mut right = Vec::new();
    for tier in 1..=tiers {
        let t = tier as f32 / tiers as f32;
        let half = width * (0.12 + 0.88 * t) * dice.range(0.85, 1.1);
        let foot = y - tall * (1.0 - t * 0.93);
        let droop = tall * 0.022;
        points.push((x - half, foot + droop));
        points.push((x - half * 0.42, foot - droop * 0.7));
        let half = half * dice.range(0.9, 1.1);
        right.push((x + half, foot + droop));
        right.push((x + half * 0.42, foot - droop * 0.7));
    }
    points.extend(right.into_iter().rev());
    path.add(&points);
}

/// A broadleaf tree: a trunk and a round crown.
pub(crate) fn leafy(path: &mut Path, dice: &mut Dice, x: f32, y: f32, tall: f32) {
    path.add(&[
        (x - tall * 0.035, y),
        (x - tall * 0.018, y - tall * 0.5),
        (x + tall * 0.018, y - tall * 0.5),
        (x + tall * 0.035, y),
    ]);
    let wide = tall * dice.range(0.26, 0.34);
    for (dx, dy, r) in [
        (0.0, 0.68, 1.0),
        (-0.7, 0.52, 0.68),
        (0.7, 0.52, 0.68),
        (-0.35, 0.8, 0.7),
        (0.4, 0.82, 0.66),
    ] {
        let r = wide * r * dice.range(0.85, 1.1);
        path.ellipse(x + dx * wide, y - dy * tall, r, r * 0.92);
    }
}

/// A palm: a leaning trunk and arched leaves.
pub(crate) fn palm(path: &mut Path, dice: &mut Dice, x: f32, y: f32, tall: f32) {
    let lean = tall * dice.range(-0.2, 0.2);
    let trunk: Vec<(f32, f32)> = (0..=10)
        .map(|step| {
            let t = step as f32 / 10.0;
            (x + lean * t * t, y - tall * 0.78 * t)
        })
        .collect();
    path.stroke(&trunk, tall * 0.035);
    let (cx, cy) = (x + lean, y - tall * 0.78);
    for index in 0..8 {
        let angle = index as f32 / 8.0 * std::f32::consts::TAU + dice.range(-0.15, 0.15);
        let (dx, dy) = (libm::cosf(angle), libm::sinf(angle) * 0.45 - 0.25);
        let reach = tall * dice.range(0.3, 0.4);
        let mut leaf = Vec::new();
        for step in 0..=8 {
            let t = step as f32 / 8.0;
            let sag = t * t * tall * 0.16;
            leaf.push((
                cx + dx * reach * t,
                cy + dy * reach * t + sag - (t * (1.0 - t)) * tall * 0.07,
            ));
        }
        for step in (0..=8).rev() {
            let t = step as f32 / 8.0;
            let sag = t * t * tall * 0.16;
            leaf.push((
                cx + dx * reach * t,
                cy + dy * reach * t + sag + (t * (1.0 - t)) * tall * 0.11,
            ));
        }
        path.add(&leaf);
    }
}

/// Blades of grass along the bottom.
pub(crate) fn grass(list: &mut List, dice: &mut Dice, crest: &Crest, size: f32, color: Rgb) {
    let count = ((list.width / 0.006) as usize).clamp(20, 900);
    let mut path = crest.path(list.width, list.height + 0.06);
    for _ in 0..count {
        let x = dice.range(-0.03, list.width + 0.03);
        let tall = size * dice.range(0.35, 1.0);
        let bend = tall * dice.range(-0.55, 0.55);
        let y = crest.y(x) + 0.01;
        let half = 0.0026;
        path.add(&[
            (x - half, y),
            (x + bend * 0.35 - half * 0.6, y - tall * 0.6),
            (x + bend, y - tall),
            (x + bend * 0.35 + half * 0.6, y - tall * 0.6),
            (x + half, y),
        ]);
    }
    list.fill(
        Kind::Land,
        path,
        Paint::down(crest.base - size, list.height, color, color.darker(0.06)),
    );
}

/// Flowers on thin stems.
pub(crate) fn flowers(
    list: &mut List,
    dice: &mut Dice,
    palette: &Palette,
    crest: &Crest,
    size: f32,
    colors: &[Rgb],
    count: usize,
) {
    let mut stems = Path::new();
    let mut heads = vec![Path::new(); colors.len()];
    let mut hearts = Path::new();
    for index in 0..count.clamp(1, 400) {
        let x = dice.range(0.0, list.width);
        let tall = size * dice.range(0.4, 1.0);
        let y = crest.y(x) + 0.012;
        let tip = (x + tall * dice.range(-0.2, 0.2), y - tall);
        stems.stroke(&[(x, y), (x, y - tall * 0.5), tip], 0.003_4);
        let r = size * dice.range(0.12, 0.18);
        let head = &mut heads[index % colors.len()];
        for petal in 0..5 {
            let angle = petal as f32 * std::f32::consts::TAU / 5.0 + 0.3;
            let (dx, dy) = (libm::cosf(angle) * r * 0.75, libm::sinf(angle) * r * 0.75);
            head.ellipse(tip.0 + dx, tip.1 + dy, r * 0.62, r * 0.62);
        }
        hearts.ellipse(tip.0, tip.1, r * 0.42, r * 0.42);
    }
    list.flat(Kind::Detail, stems, palette.hero(hex(0x3f7a45)));
    for (path, color) in heads.into_iter().zip(colors) {
        list.flat(Kind::Detail, path, palette.hero(*color));
    }
    list.flat(Kind::Detail, hearts, palette.hero(hex(0xffd75e)));
}

/// A soft darkening of the lower edge, so that the eye stays inside.
pub(crate) fn shade_foot(list: &mut List, palette: &Palette, opacity: f32) {
    let (top, bottom) = (list.height - 0.3, list.height + 0.02);
    let ramp = Ramp::smooth_alpha(&[(0.0, palette.dark, 0.0), (1.0, palette.dark, opacity)]);
    let paint = Paint::Linear { from: (0.0, top), to: (0.0, bottom), ramp };
    list.push(Kind::Glow, Path::rect(-0.05, top, list.width + 0.1, 0.4), paint, 1.0, Blend::Over);
}

/// Dunes: smooth crests with a sunny and a shaded side.
pub(crate) fn dune(list: &mut List, dice: &mut Dice, palette: &Palette, crest: &Crest, depth: f32) {
    let sand = hex(0xe8b872);
    let top = palette.ground(sand.lighter(0.06), depth);
    let foot = palette.ground(sand.darker(0.07), depth);
    hill(list, crest, depth, top, foot);
    // A shaded slope: down from the crest along a wandering ridge.
    let x0 = dice.range(0.05, 0.55) * list.width;
    let width = dice.range(0.45, 0.8);
    let reach = 0.24 * (1.0 - depth) + 0.07;
    let mut points = Vec::new();
    for step in 0..=40 {
        let x = x0 + width * step as f32 / 40.0;
        points.push((x, crest.y(x)));
    }
    for step in (0..=40).rev() {
        let t = step as f32 / 40.0;
        let bend = libm::sinf(t * 3.2 + x0 * 9.0) * 0.05;
        let fall = t * t * (1.0 - t) * 6.6;
        let x = x0 + width * t;
        points.push((x + bend * t * (1.0 - t) * 4.0, crest.y(x) + reach * fall));
    }
    let shade = palette.ground(hex(0xb0703f), depth);
    let ramp = Ramp::pair((shade, 0.62), (shade, 0.0));
    let paint =
        Paint::Linear { from: (0.0, crest.base - 0.05), to: (0.0, crest.base + reach), ramp };
    list.fill(Kind::Shade, Path::polygon(&points), paint);
}
