//! The sky: its ramp, stars, sun or moon with their light, clouds, aurora and rainbow.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::{Rgb, WHITE, hex};
use super::dice::Dice;
use super::list::{Blend, Kind, List, Mist, Paint, Ramp};
use super::palette::Palette;
use super::path::Path;
use super::place::{Light, Place, Time, Weather};

/// Where the light comes from, scene units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lamp {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) radius: f32,
    /// Whether a disc is to be seen.
    pub(crate) shown: bool,
}

/// What the ground needs to know of the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) place: Place,
    pub(crate) horizon: f32,
    pub(crate) hero_x: f32,
    pub(crate) lamp: Lamp,
}

/// Paints the sky down to `horizon`; `away` is where the hero stands, so the light keeps clear.
pub(crate) fn paint(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    horizon: f32,
    away: f32,
) -> Lamp {
    let mut dice = Dice::named(brief.seed, "sky");
    let [a, b, c, d, e] = palette.sky;
    let ramp = Ramp::smooth(&[(0.0, a), (0.3, b), (0.58, c), (0.82, d), (1.0, e)]);
    let backdrop = Paint::Linear { from: (0.0, -0.02), to: (0.0, horizon + 0.02), ramp };
    list.fill(Kind::Backdrop, list.all(), backdrop);

    let clear = matches!(brief.weather, Weather::Clear | Weather::Wind | Weather::Snow);
    if brief.time == Time::Night
        && brief.weather != Weather::Storm
        && brief.weather != Weather::Rain
    {
        stars(list, &mut dice, horizon, if clear { 1.0 } else { 0.4 });
    }
    let named = brief.lights.iter().any(|l| matches!(l, Light::Sun | Light::Moon));
    let shown = named
        || (clear && (brief.time != Time::Day || dice.chance(0.75))
            || brief.weather == Weather::Fog)
            && !(brief.lights.contains(&Light::Aurora));
    let (w, left) = (list.width, away > list.width * 0.5);
    let side = if left { dice.range(0.16, 0.36) } else { dice.range(0.64, 0.84) };
    let (height, radius) = match brief.time {
        Time::Dusk => (horizon - dice.range(0.05, 0.11), dice.range(0.07, 0.095)),
        Time::Dawn => (horizon - dice.range(0.12, 0.22), dice.range(0.055, 0.075)),
        Time::Day => (horizon * dice.range(0.22, 0.38), dice.range(0.05, 0.065)),
        Time::Night => (horizon * dice.range(0.22, 0.36), dice.range(0.055, 0.075)),
    };
    let grow = match (brief.sun, named) {
        (Some(_), _) => 2.2,
        (None, true) => 1.3,
        (None, false) => 1.0,
    };
    let lamp = Lamp { x: w * side, y: height, radius: radius * grow, shown };
    if brief.lights.contains(&Light::Aurora) {
        aurora(list, &mut dice, horizon);
    }
    // Light in the air first, so clouds lie before it.
    let reach = if brief.time == Time::Dusk { 1.0 } else { 0.7 };
    let power = match brief.time {
        Time::Day => 0.45,
        Time::Night => 0.32,
        _ => 0.6,
    } * if shown { 1.0 } else { 0.45 };
    let paint = Paint::Glow {
        center: (lamp.x, lamp.y),
        radius: reach,
        squash: 1.25,
        color: palette.glow,
        opacity: power,
    };
    list.push(Kind::Glow, Path::circle(lamp.x, lamp.y, reach), paint, 1.0, Blend::Screen);
    if shown {
        disc(list, brief, palette, lamp);
    }
    if !brief.no_clouds && !brief.minimal {
        haze_clouds(list, brief, palette, &mut dice, horizon);
    }
    if brief.lights.contains(&Light::Rainbow) {
        rainbow(list, horizon);
    }
    if brief.lights.contains(&Light::Fireworks) {
        fireworks(list, &mut dice, horizon);
    }
    if !brief.no_clouds && !brief.minimal {
        clouds(list, brief, palette, &mut dice, horizon, lamp);
    }
    if !brief.no_birds && !brief.minimal && brief.time != Time::Night && clear && dice.chance(0.6) {
        flock(list, palette, &mut dice, horizon, left);
    }
    lamp
}

/// Hangs the sun or the moon into a sky that is there, with its light around it.
pub(crate) fn hang(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    (x, y): (f32, f32),
    radius: f32,
) {
    let reach = if brief.time == Time::Dusk { 1.0 } else { 0.7 };
    let path = Path::circle(x, y, reach);
    let paint = Paint::glow((x, y), reach, palette.glow, 0.4);
    list.push(Kind::Glow, path, paint, 1.0, Blend::Screen);
    disc(list, brief, palette, Lamp { x, y, radius, shown: true });
}

/// The lights that are asked for by name, but for sun, moon and stars.
pub(crate) fn named(list: &mut List, brief: &Brief, dice: &mut Dice, horizon: f32) {
    for light in &brief.lights {
        match light {
            Light::Aurora => aurora(list, dice, horizon),
            Light::Rainbow => rainbow(list, horizon),
            Light::Fireworks => fireworks(list, dice, horizon),
            Light::Sun | Light::Moon | Light::Stars => {}
        }
    }
}

fn disc(list: &mut List, brief: &Brief, palette: &Palette, lamp: Lamp) {
    let (x, y, r) = (lamp.x, lamp.y, lamp.radius);
    list.glow((x, y), r * 3.4, palette.glow, 0.55);
    let moon = brief.time == Time::Night;
    let rim = if moon { palette.sun.darker(0.04) } else { palette.sun.mix(palette.glow, 0.35) };
    let (own, rim) = match brief.sun.filter(|_| !moon) {
        Some(color) => (color, color.darker(0.04)),
        None => (palette.sun, rim),
    };
    let paint = Paint::quick((x, y - r), (x, y + r), own, rim);
    list.fill(Kind::Land, Path::circle(x, y, r), paint);
    if moon {
        let mut craters = Path::new();
        for (dx, dy, s) in [
            (-0.3, -0.2, 0.24),
            (0.28, 0.3, 0.18),
            (0.3, -0.36, 0.12),
            (-0.2, 0.42, 0.13),
            (0.02, 0.05, 0.1),
        ] {
            craters.ellipse(x + dx * r, y + dy * r, s * r, s * r);
        }
        list.veil(Kind::Shade, craters, palette.glow.darker(0.25), 0.28);
    }
}

/// Rockets that burst over the land: rays that fade outward, with sparks at their ends.
fn fireworks(list: &mut List, dice: &mut Dice, horizon: f32) {
    const COLORS: [u32; 6] = [0xff_5a6e, 0xff_c84a, 0x6a_e0ff, 0xc8_7aff, 0x7a_f09a, 0xff_9a4a];
    let count = ((list.width * 5.0) as usize).clamp(4, 12);
    let first = dice.below(COLORS.len());
    for index in 0..count {
        let color = hex(COLORS[(first + index) % COLORS.len()]);
        let x = list.width * (index as f32 + dice.range(0.25, 0.75)) / count as f32;
        let y = horizon * if index % 2 == 0 { 0.2 } else { 0.46 } + dice.range(-0.04, 0.04);
        let r = dice.range(0.08, 0.15);
        list.glow((x, y), r * 1.6, color, 0.45);
        let mut trail = Path::new();
        trail.stroke(&[(x, y), (x - 0.008, y + (horizon - y) * 0.6)], 0.002);
        list.veil(Kind::Spark, trail, color, 0.35);
        let (mut rays, mut sparks) = (Path::new(), Path::new());
        for ray in 0..20 {
            let angle = (ray as f32 + dice.range(-0.2, 0.2)) / 20.0 * std::f32::consts::TAU;
            let long = r * if ray % 2 == 0 { 1.0 } else { 0.66 };
            let point = |share: f32, drop: f32| {
                let reach = long * share;
                (x + libm::cosf(angle) * reach, y + libm::sinf(angle) * reach + drop)
            };
            rays.stroke(&[point(0.25, 0.0), point(0.7, 0.002), point(1.0, 0.01)], 0.003);
            let end = point(1.06, 0.012);
            sparks.ellipse(end.0, end.1, 0.004, 0.004);
        }
        list.flat(Kind::Spark, rays, color);
        list.flat(Kind::Spark, sparks, color.mix(WHITE, 0.6));
        list.flat(Kind::Spark, Path::circle(x, y, 0.006), WHITE);
    }
}

/// Stars: many faint, few bright with a halo.
pub(crate) fn stars(list: &mut List, dice: &mut Dice, horizon: f32, share: f32) {
    let count = ((list.width * horizon * 190.0 * share) as usize).clamp(20, 900);
    let (mut faint, mut clear) = (Path::new(), Path::new());
    for index in 0..count {
        let x = dice.range(0.0, list.width);
        let t = dice.unit();
        let y = horizon * t * (0.3 + 0.7 * t);
        if index % 4 == 0 {
            let r = dice.range(0.001_5, 0.003_2);
            clear.ellipse(x, y, r, r);
            if index % 24 == 0 {
                list.glow((x, y), r * 9.0, WHITE, 0.32);
                let s = r * 4.5;
                clear.add(&[(x - s, y), (x, y - r * 0.4), (x + s, y), (x, y + r * 0.4)]);
                clear.add(&[(x, y - s), (x + r * 0.4, y), (x, y + s), (x - r * 0.4, y)]);
            }
        } else {
            let r = dice.range(0.000_9, 0.001_7);
            faint.ellipse(x, y, r, r);
        }
    }
    list.veil(Kind::Spark, faint, hex(0xdfe8ff), 0.6);
    list.veil(Kind::Spark, clear, hex(0xfffaf0), 0.95);
}

/// Wide soft noise behind the drawn clouds.
fn haze_clouds(list: &mut List, brief: &Brief, palette: &Palette, dice: &mut Dice, horizon: f32) {
    let opacity = match brief.weather {
        Weather::Clear | Weather::Wind => 0.34,
        Weather::Fog => 0.3,
        Weather::Snow => 0.4,
        _ => 0.75,
    };
    let bounds = [-0.05, -0.05, list.width + 0.05, horizon + 0.05];
    let mist = Mist::new(dice.next(), bounds, (1.7, 5.2), (0.42, 0.86));
    let top = palette.cloud.mix(palette.sky[1], 0.25);
    let low = palette.glow.mix(palette.cloud, 0.45);
    let ramp = Ramp::smooth_alpha(&[
        (0.0, top, 0.9),
        (0.6, palette.cloud, 1.0),
        (0.9, low, 0.5),
        (1.0, low, 0.0),
    ]);
    let paint = Paint::Misty { mist, top: 0.0, bottom: horizon, ramp };
    list.push(
        Kind::Glow,
        Path::rect(-0.05, -0.05, list.width + 0.1, horizon + 0.1),
        paint,
        opacity,
        Blend::Over,
    );
}

fn clouds(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    dice: &mut Dice,
    horizon: f32,
    lamp: Lamp,
) {
    let (few, many) = match brief.weather {
        Weather::Clear if brief.time != Time::Day => (4, 6),
        Weather::Clear => (2, 4),
        Weather::Wind | Weather::Snow => (3, 5),
        Weather::Fog => (0, 2),
        Weather::Cloudy => (6, 9),
        Weather::Rain | Weather::Storm => (8, 11),
    };
    let spread = (list.width * 0.75).clamp(1.0, 2.5);
    let count = ((few + dice.below(many - few + 1)) as f32 * spread) as usize;
    let heavy = matches!(brief.weather, Weather::Rain | Weather::Storm | Weather::Cloudy);
    let puffy = brief.time == Time::Day || heavy || brief.weather == Weather::Snow;
    for index in 0..count {
        let t = (index as f32 + dice.unit()) / count as f32;
        let x = dice.range(-0.1, list.width + 0.1);
        let depth = t;
        if puffy {
            let y = if heavy {
                horizon * (0.62 * t - 0.02)
            } else {
                horizon * (0.1 + 0.62 * dice.unit())
            };
            let size = dice.range(0.09, 0.15)
                * (1.25 - y / horizon * 0.85)
                * if heavy { 1.9 } else { 1.0 };
            puff(list, palette, dice, (x, y), size, heavy);
        } else {
            let y = horizon * (0.18 + 0.7 * t);
            let size = dice.range(0.16, 0.42) * (1.2 - depth * 0.5);
            streak(list, palette, dice, (x, y), size, lamp);
        }
    }
}

/// A cumulus: round heads on a flat base, lit from above.
fn puff(
    list: &mut List,
    palette: &Palette,
    dice: &mut Dice,
    at: (f32, f32),
    size: f32,
    heavy: bool,
) {
    let (x, y) = at;
    let mut path = Path::new();
    let heads = 5 + dice.below(3);
    let mut top = y;
    for index in 0..heads {
        let t = (index as f32 + 0.5) / heads as f32 * 2.0 - 1.0;
        let r = size * (0.52 - 0.36 * t * t) * dice.range(0.8, 1.15);
        let cx = x + t * size * 1.1;
        let cy = y - r * 0.55;
        path.ellipse(cx, cy, r, r);
        top = top.min(cy - r);
    }
    path.rounded(x - size * 1.35, y - size * 0.26, size * 2.7, size * 0.3, size * 0.15);
    let bottom = y + size * 0.04;
    let base = palette.cloud.mix(palette.sky[2], if heavy { 0.55 } else { 0.42 });
    let crown = if heavy { palette.cloud.mix(palette.sky[3], 0.2) } else { palette.cloud };
    let ramp = Ramp::smooth_alpha(&[
        (0.0, crown, 0.97),
        (0.45, crown.mix(base, 0.2), 0.96),
        (1.0, base, 0.75),
    ]);
    let paint = Paint::Linear { from: (0.0, top), to: (0.0, bottom), ramp };
    list.fill(Kind::Land, path, paint);
}

/// An evening cloud: thin lenses lit from below.
fn streak(
    list: &mut List,
    palette: &Palette,
    dice: &mut Dice,
    at: (f32, f32),
    size: f32,
    lamp: Lamp,
) {
    let (x, y) = at;
    let mut path = Path::new();
    for _ in 0..3 + dice.below(3) {
        let (dx, dy) = (dice.range(-0.6, 0.6) * size, dice.range(-0.05, 0.05) * size);
        let (rx, ry) = (size * dice.range(0.35, 0.8), size * dice.range(0.018, 0.05));
        let (cx, cy) = (x + dx, y + dy);
        // A lens with a flat underside.
        path.add(&lens(cx, cy, rx, ry));
    }
    let near = 1.0 - ((lamp.x - x).abs() / 1.2).min(1.0);
    let under = palette.cloud.mix(palette.glow, 0.35 + 0.5 * near);
    let upper = palette.cloud.mix(palette.sky[1], 0.3);
    let ramp = Ramp::smooth_alpha(&[(0.0, upper, 0.55), (1.0, under, 0.9)]);
    let paint = Paint::Linear { from: (0.0, y - size * 0.08), to: (0.0, y + size * 0.06), ramp };
    list.fill(Kind::Land, path, paint);
}

/// A pointed flat ellipse.
pub(crate) fn lens(x: f32, y: f32, rx: f32, ry: f32) -> Vec<(f32, f32)> {
    const STEPS: usize = 20;
    let mut points = Vec::with_capacity(STEPS * 2);
    for half in [1.0_f32, -1.0] {
        for step in 0..STEPS {
            let t = (step as f32 / STEPS as f32 * 2.0 - 1.0) * half;
            let s = 1.0 - t * t;
            let thick = if half > 0.0 { 1.0 } else { 0.55 };
            points.push((x + t * rx, y - s * s * ry * half * thick));
        }
    }
    points
}

/// A few birds far away, on the side the hero leaves free.
fn flock(list: &mut List, palette: &Palette, dice: &mut Dice, horizon: f32, left: bool) {
    let x = list.width * if left { dice.range(0.1, 0.4) } else { dice.range(0.6, 0.9) };
    let y = horizon * dice.range(0.42, 0.6);
    let mut path = Path::new();
    for _ in 0..3 + dice.below(4) {
        let (cx, cy) = (x + dice.range(-0.11, 0.11), y + dice.range(-0.06, 0.06));
        let size = dice.range(0.010, 0.019);
        let lift = size * dice.range(0.35, 0.6);
        for side in [-1.0_f32, 1.0] {
            let wing: Vec<(f32, f32)> = (0..=6)
                .map(|step| {
                    let t = step as f32 / 6.0;
                    (
                        cx + side * size * t,
                        cy - lift * (1.0 - t) * t * 4.0 * (1.0 - t * 0.35) + lift * t * 0.3,
                    )
                })
                .collect();
            path.stroke(&wing, 0.002_3);
        }
    }
    list.veil(Kind::Spark, path, palette.dark.mix(palette.sky[2], 0.25), 0.8);
}

fn aurora(list: &mut List, dice: &mut Dice, horizon: f32) {
    for (index, color) in [hex(0x3df0a8), hex(0x53e0d0), hex(0x9a6cf0)].into_iter().enumerate() {
        let bounds = [-0.05, -0.05, list.width + 0.05, horizon + 0.05];
        let mist = Mist::new(dice.next(), bounds, (3.2 + index as f32, 0.55), (0.44, 0.82));
        let (top, bottom) = (horizon * 0.04 * index as f32, horizon * (0.86 - 0.12 * index as f32));
        let ramp = Ramp::smooth_alpha(&[
            (0.0, color, 0.0),
            (0.45, color, 0.45),
            (0.85, color, 0.8),
            (1.0, color, 0.0),
        ]);
        let paint = Paint::Misty { mist, top, bottom, ramp };
        list.push(
            Kind::Glow,
            Path::rect(-0.05, top, list.width + 0.1, bottom - top),
            paint,
            0.85,
            Blend::Screen,
        );
    }
}

fn rainbow(list: &mut List, horizon: f32) {
    const BANDS: [u32; 6] = [0xe8605a, 0xf2a04e, 0xf6dc62, 0x6cc070, 0x5a9ae0, 0x9a70cc];
    let (x, y, mut radius) =
        (list.width * 0.5, horizon * 1.02, horizon * 0.78 * list.width.min(1.2));
    for band in BANDS {
        let mut path = Path::new();
        path.holes = true;
        path.ellipse(x, y, radius, radius);
        let inner = Path::circle(x, y, radius - 0.018);
        for polygon in inner.polygons() {
            let back: Vec<(f32, f32)> = polygon.iter().rev().copied().collect();
            path.add(&back);
        }
        let color: Rgb = hex(band);
        let ramp = Ramp::pair((color, 0.62), (color, 0.1));
        let paint = Paint::Linear { from: (0.0, y - radius), to: (0.0, y), ramp };
        list.fill(Kind::Land, path, paint);
        radius -= 0.018;
    }
}
