//! Single features of a landscape: shores, volcano, mesas, waterfall, road, river, field, village.
//!
//! Pure: no network, no clock, no files.

use super::art::{self, Stance};
use super::brief::Brief;
use super::color::{WHITE, hex};
use super::dice::Dice;
use super::land::{self, Crest, Growth};
use super::list::{Kind, List, Paint, Ramp};
use super::palette::{Palette, green};
use super::path::{Affine, Path, Pen};
use super::place::Place;
use super::sky::Layout;
use super::stage::{self, Spot};
use super::water;

/// What rises from the water: a cliff, a beach, an island or a bank; moves the place to stand.
pub(crate) fn shore(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    layout: &Layout,
    crest: &mut Crest,
    dice: &mut Dice,
) {
    let (w, h, horizon) = (list.width, list.height, layout.horizon);
    let below = h - horizon;
    let floats = brief
        .star()
        .is_none_or(|c| c.hero.stance == Stance::Afloat || c.hero.stance == Stance::Air);
    match layout.place {
        Place::Coast | Place::Sea | Place::Lake if !floats => {
            crest.base = horizon + below * 0.36;
            headland(list, palette, (layout.hero_x, crest.base - 0.028), 0.30, w, dice);
            crest.base -= 0.02;
        }
        Place::Coast if brief.star().is_none() => {
            headland(list, palette, (layout.hero_x, horizon + below * 0.3), 0.26, w, dice);
        }
        Place::Beach => {
            let sand = Crest::new(dice, horizon + below * 0.52, 0.03, 0.9, 1);
            let wet = sand.raised(0.03);
            let line = |c: &Crest| {
                (0..=60)
                    .map(|i| {
                        let x = i as f32 / 60.0 * (w + 0.1) - 0.05;
                        (x, c.y(x))
                    })
                    .collect::<Vec<_>>()
            };
            water::foam(list, palette, &line(&sand.raised(0.062)), 0.007);
            land::hill(
                list,
                &wet,
                0.3,
                palette.ground(hex(0xc9a878), 0.1),
                palette.ground(hex(0xc9a878), 0.0),
            );
            water::foam(list, palette, &line(&wet), 0.016);
            land::hill(
                list,
                &sand,
                0.0,
                palette.ground(hex(0xf4dcae), 0.0),
                palette.ground(hex(0xd9b27c), 0.0),
            );
            crest.base = sand.base + 0.12;
            if brief.star().is_none() {
                let dark = palette.ground(hex(0x2f6b4a), 0.0).mix(palette.dark, 0.35);
                for (x, tall) in [(w * 0.12, 0.56), (w * 0.24, 0.42)] {
                    let mut path = Path::new();
                    land::palm(&mut path, dice, x, h - 0.07, tall * h.min(1.3));
                    list.flat(Kind::Land, path, dark);
                }
                if let Some(umbrella) = art::find("parasol") {
                    let spot = Spot::new(w * 0.68, h - 0.12, 0.26);
                    stage::shadow(list, palette, spot.x, spot.y, 0.16, 0.4);
                    stage::draw(list, palette, umbrella, None, &spot);
                }
            }
        }
        Place::Island => {
            crest.base = horizon + below * 0.28;
            let x = if floats { w * 0.62 } else { layout.hero_x };
            island(list, palette, dice, (x, crest.base));
        }
        _ => {}
    }
}

fn headland(
    list: &mut List,
    palette: &Palette,
    top: (f32, f32),
    half: f32,
    width: f32,
    dice: &mut Dice,
) {
    let (x, y) = top;
    let right = x > width * 0.5;
    let edge = if right { width + 0.1 } else { -0.1 };
    let toward = if right { -1.0 } else { 1.0 };
    let bottom = list.height + 0.05;
    let rock = palette.ground(hex(0x6a5f6c), 0.0);
    let mut points = vec![(edge, y + 0.0), (x, y), (x + toward * half * 0.62, y + 0.012)];
    let mut at = (x + toward * half * 0.66, y + 0.02);
    let depth = bottom - y;
    for step in 1..=7 {
        let t = step as f32 / 7.0;
        at = (
            x + toward * (half * 0.66 + (half * 0.85) * t * t + dice.range(-0.012, 0.012)),
            y + 0.02 + depth * t,
        );
        points.push((at.0 - toward * 0.02, at.1 - depth * 0.06));
        points.push(at);
    }
    points.push((edge, at.1));
    let body = Path::polygon(&points);
    list.fill(
        Kind::Land,
        body,
        Paint::down(y, bottom, rock.lighter(0.03), rock.mix(palette.dark, 0.6)),
    );
    // Facets of the cliff.
    for step in 0..7 {
        let t = step as f32 / 7.0;
        let cx = x + toward * (half * 0.5 + half * 0.75 * t * t);
        let cy = y + 0.03 + depth * t * 0.95;
        let (wide, tall) = (dice.range(0.05, 0.11), depth * dice.range(0.12, 0.2));
        let facet = Path::polygon(&[
            (cx, cy),
            (cx + toward * wide * 0.5, cy + tall * 0.25),
            (cx + toward * wide * 0.35, cy + tall),
            (cx - toward * wide * 0.6, cy + tall * 0.8),
        ]);
        let color = if step % 2 == 0 { rock.lighter(0.1) } else { rock.mix(palette.dark, 0.5) };
        list.veil(Kind::Shade, facet, color, 0.4);
    }
    // Grass on top.
    let mut turf = Path::new();
    let grass = palette.ground(hex(0x6aa653), 0.0);
    let mut pen = Pen::start(&mut turf, Affine::IDENTITY, edge, y - 0.006);
    pen.line(x, y - 0.012);
    pen.quad(x + toward * half * 0.66, y - 0.008, x + toward * half * 0.72, y + 0.045);
    pen.quad(x + toward * half * 0.40, y + 0.035, x + toward * half * 0.32, y + 0.062);
    pen.quad(x + toward * half * 0.1, y + 0.03, x - toward * half * 0.1, y + 0.075);
    pen.quad(x - toward * half * 0.5, y + 0.04, x - toward * half * 0.8, y + 0.085);
    pen.line(edge, y + 0.06);
    list.fill(
        Kind::Land,
        turf,
        Paint::down(y - 0.01, y + 0.09, grass.lighter(0.05), grass.darker(0.09)),
    );
    let mut foam = Path::new();
    for step in 0..5 {
        let fx = x + toward * (half * 1.36 + 0.02 * step as f32);
        foam.add(&super::sky::lens(fx, bottom - 0.06 - 0.025 * step as f32, 0.07, 0.006));
    }
    list.veil(Kind::Shade, foam, palette.hero(hex(0xf0f6fa)), 0.5);
}

fn island(list: &mut List, palette: &Palette, dice: &mut Dice, at: (f32, f32)) {
    let (x, y) = at;
    let mut sand = Path::new();
    sand.ellipse(x, y + 0.06, 0.44, 0.055);
    let mut foam = Path::new();
    foam.ellipse(x, y + 0.066, 0.47, 0.062);
    list.veil(Kind::Shade, foam, palette.hero(hex(0xe8f6f8)), 0.6);
    let color = palette.ground(hex(0xf2d9a6), 0.0);
    list.fill(Kind::Land, sand, Paint::down(y, y + 0.12, color, color.darker(0.1)));
    let grass = palette.ground(hex(0x5f9f56), 0.0);
    let mut hill = Path::new();
    let mut pen = Pen::start(&mut hill, Affine::IDENTITY, x - 0.36, y + 0.062);
    pen.cubic(x - 0.24, y - 0.05, x + 0.2, y - 0.07, x + 0.34, y + 0.062);
    pen.quad(x, y + 0.085, x - 0.36, y + 0.062);
    list.fill(
        Kind::Land,
        hill,
        Paint::down(y - 0.05, y + 0.08, grass.lighter(0.05), grass.darker(0.1)),
    );
    let dark = palette.ground(hex(0x2d6a4c), 0.0);
    for dx in [-0.22, 0.2, 0.27] {
        let mut path = Path::new();
        let tall = dice.range(0.22, 0.34);
        land::palm(&mut path, dice, x + dx, y + 0.03, tall);
        list.fill(Kind::Land, path, Paint::down(y - 0.3, y, dark.lighter(0.06), dark.darker(0.06)));
    }
}

pub(crate) fn volcano(list: &mut List, palette: &Palette, layout: &Layout, dice: &mut Dice) {
    let (w, base) = (list.width, layout.horizon + 0.04);
    let x = if layout.hero_x > w * 0.5 { w * 0.38 } else { w * 0.6 };
    let tall = 0.44 * list.height.min(1.2);
    let top = base - tall;
    let rock = palette.ground(hex(0x5a4650), 0.18);
    for step in 0..9 {
        let t = step as f32 / 9.0;
        let r = 0.05 + 0.075 * t;
        let (px, py) = (x + 0.12 * t * t + dice.range(-0.03, 0.03), top - 0.02 - 0.3 * t);
        let smoke = palette.ground(hex(0x6a6070), 0.2).mix(hex(0xff9a5a), 0.35 * (1.0 - t));
        list.veil(Kind::Land, Path::circle(px, py, r), smoke, 0.75 - 0.4 * t);
    }
    list.glow((x, top), 0.4, hex(0xff7a2a), 0.75);
    let mut cone = Path::new();
    let mut pen = Pen::start(&mut cone, Affine::IDENTITY, x - 0.07, top);
    pen.cubic(x - 0.16, top + tall * 0.5, x - 0.32, base, x - 0.6, base + 0.02);
    pen.line(x + 0.6, base + 0.02);
    pen.cubic(x + 0.32, base, x + 0.16, top + tall * 0.5, x + 0.07, top);
    pen.quad(x, top + 0.035, x - 0.07, top);
    list.fill(Kind::Land, cone, Paint::down(top, base, rock, rock.mix(palette.haze, 0.4)));
    let mut shade = Path::new();
    let mut pen = Pen::start(&mut shade, Affine::IDENTITY, x + 0.01, top + 0.02);
    pen.quad(x + 0.05, top + tall * 0.5, x + 0.02, base + 0.02);
    pen.line(x + 0.6, base + 0.02);
    pen.cubic(x + 0.32, base, x + 0.16, top + tall * 0.5, x + 0.07, top);
    list.veil(Kind::Shade, shade, palette.dark, 0.3);
    let mut lava = Path::new();
    let mut pen = Pen::start(&mut lava, Affine::IDENTITY, x - 0.062, top + 0.004);
    pen.quad(x, top + 0.03, x + 0.062, top + 0.004);
    pen.cubic(x + 0.07, top + 0.1, x + 0.11, top + 0.16, x + 0.13, top + tall * 0.62);
    pen.quad(x + 0.09, top + tall * 0.4, x + 0.035, top + 0.13);
    pen.cubic(x + 0.02, top + 0.2, x + 0.03, top + tall * 0.6, x - 0.01, top + tall * 0.88);
    pen.cubic(x - 0.03, top + tall * 0.5, x - 0.01, top + 0.15, x - 0.025, top + 0.12);
    pen.cubic(x - 0.05, top + 0.18, x - 0.08, top + 0.2, x - 0.11, top + tall * 0.5);
    pen.quad(x - 0.09, top + 0.12, x - 0.062, top + 0.004);
    list.fill(Kind::Body, lava, Paint::down(top, top + tall * 0.9, hex(0xffd866), hex(0xf0502a)));
    let mut sparks = Path::new();
    for _ in 0..40 {
        let (dx, dy) = (dice.range(-0.16, 0.16), dice.range(0.0, 0.3));
        let r = dice.range(0.001_5, 0.004);
        sparks.ellipse(x + dx * (0.3 + dy * 3.0), top - dy, r, r);
    }
    list.flat(Kind::Spark, sparks, hex(0xffb455));
}

pub(crate) fn mesas(list: &mut List, palette: &Palette, layout: &Layout, dice: &mut Dice) {
    for step in 0..2 {
        let depth = 0.55 - 0.28 * step as f32;
        let mut x = -0.2 + dice.range(0.0, 0.2);
        while x < list.width {
            let (wide, tall) =
                (dice.range(0.14, 0.34), dice.range(0.12, 0.26) * (1.0 + 0.2 * step as f32));
            let base = layout.horizon + 0.03 + 0.03 * step as f32;
            let top = base - tall;
            let rock = palette.ground(hex(0xc06a42), depth);
            let outline = Path::polygon(&[
                (x - 0.05, base + 0.04),
                (x - 0.012, base - tall * 0.35),
                (x, base - tall * 0.4),
                (x + 0.006, top + 0.006),
                (x + 0.02, top),
                (x + wide * 0.5, top + 0.004),
                (x + wide * 0.95, top - 0.002),
                (x + wide, top + 0.01),
                (x + wide + 0.008, base - tall * 0.4),
                (x + wide + 0.02, base - tall * 0.35),
                (x + wide + 0.06, base + 0.04),
            ]);
            list.fill(
                Kind::Land,
                outline,
                Paint::down(top, base, rock.lighter(0.05), rock.mix(palette.haze, 0.25)),
            );
            let mut strata = Path::new();
            for band in 0..3 {
                strata.add_rect(
                    x + 0.006,
                    top + tall * (0.14 + 0.13 * band as f32),
                    wide - 0.004,
                    tall * 0.05,
                );
            }
            list.veil(Kind::Shade, strata, palette.ground(hex(0x7a3c34), depth), 0.35);
            let shade = Path::polygon(&[
                (x + wide * 0.7, top + 0.003),
                (x + wide, top + 0.01),
                (x + wide + 0.06, base + 0.04),
                (x + wide * 0.6, base + 0.04),
            ]);
            list.veil(Kind::Shade, shade, palette.dark, 0.2);
            x += wide + dice.range(0.14, 0.5);
        }
    }
}

pub(crate) fn waterfall(list: &mut List, palette: &Palette, layout: &Layout, dice: &mut Dice) {
    let w = list.width;
    let x = if layout.hero_x > w * 0.5 { w * 0.42 } else { w * 0.58 };
    let (top, base) =
        (layout.horizon - 0.22, layout.horizon + (list.height - layout.horizon) * 0.5);
    let rock = palette.ground(hex(0x66707e), 0.14);
    for side in [-1.0_f32, 1.0] {
        let mut points = vec![(x + side * 0.07, top)];
        for step in 1..=7 {
            let t = step as f32 / 7.0;
            points.push((x + side * (0.075 + 0.02 * dice.unit()), top + (base - top) * (t - 0.04)));
        }
        points.push((x + side * 0.34, base + 0.03));
        points.push((x + side * 0.5, base));
        points.push((x + side * 0.42, top + 0.16));
        points.push((x + side * 0.3, top + 0.03));
        points.push((x + side * 0.17, top - 0.015));
        list.fill(
            Kind::Land,
            Path::polygon(&points),
            Paint::down(top, base, rock.lighter(0.06), rock.darker(0.12)),
        );
        let mut facets = Path::new();
        for _ in 0..7 {
            let (fx, fy) = (x + side * dice.range(0.1, 0.34), dice.range(top + 0.06, base - 0.12));
            facets.add(&[
                (fx, fy),
                (fx + 0.04, fy + 0.02),
                (fx + 0.03, fy + 0.1),
                (fx - 0.015, fy + 0.07),
            ]);
        }
        list.veil(Kind::Shade, facets, palette.dark, 0.18);
        let crest = Crest::new(dice, top + 0.01, 0.01, 2.0, 1);
        let mut trees = Path::new();
        for index in 0..5 {
            let tx = x + side * (0.12 + 0.07 * index as f32);
            land::pine(&mut trees, dice, tx, crest.y(tx) + 0.02 * index as f32, 0.13);
        }
        list.flat(Kind::Land, trees, palette.ground(hex(0x2f6b56), 0.12));
    }
    let white = palette.hero(hex(0xf2f9fc));
    let blue = palette.hero(hex(0x86c0dc));
    list.fill(
        Kind::Body,
        Path::rect(x - 0.085, top, 0.17, base - top),
        Paint::down(top, base, blue, white),
    );
    let mut lines = Path::new();
    for _ in 0..16 {
        let lx = x + dice.range(-0.078, 0.078);
        let (from, long) = (dice.range(top, base - 0.1), dice.range(0.08, 0.26));
        lines.stroke(&[(lx, from), (lx, (from + long).min(base))], dice.range(0.003, 0.008));
    }
    list.veil(Kind::Shade, lines, WHITE, 0.6);
    let pool = palette.hero(hex(0x4f9cc0));
    let mut lake = Path::new();
    lake.ellipse(x, base + 0.06, 0.44, 0.085);
    list.fill(
        Kind::Land,
        lake,
        Paint::down(base - 0.02, base + 0.14, pool.lighter(0.12), pool.darker(0.06)),
    );
    for index in 0..9 {
        let dx = (index as f32 - 4.0) * 0.026;
        list.veil(
            Kind::Glow,
            Path::circle(x + dx, base + 0.005, dice.range(0.018, 0.04)),
            white,
            0.6,
        );
    }
    list.glow((x, base), 0.2, white, 0.4);
}

pub(crate) fn road(list: &mut List, palette: &Palette, layout: &Layout, top: f32) {
    let h = list.height + 0.03;
    let far = list.width - layout.hero_x;
    let near = list.width * 0.5;
    let at = |t: f32, side: f32, half: f32| {
        let y = top + (h - top) * t;
        let x = far + (near - far) * t + 0.12 * libm::sinf(t * 5.2) * (1.0 - t);
        (x + side * half * (0.03 + 0.97 * t * t), y)
    };
    let strip = |half: f32, shift: f32| {
        let mut points: Vec<(f32, f32)> =
            (0..=40).map(|i| at(i as f32 / 40.0, -1.0, half - shift)).collect();
        points.extend((0..=40).rev().map(|i| at(i as f32 / 40.0, 1.0, half + shift)));
        Path::polygon(&points)
    };
    let asphalt = palette.ground(hex(0x5c5a68), 0.0);
    list.fill(Kind::Land, strip(0.40, 0.0), Paint::Flat(palette.ground(hex(0xe8e0d0), 0.1)));
    list.fill(
        Kind::Land,
        strip(0.37, 0.0),
        Paint::down(top, h, asphalt.lighter(0.1), asphalt.darker(0.05)),
    );
    let mut dashes = Path::new();
    let mut t = 0.05_f32;
    while t < 1.0 {
        let end = t + 0.05 + 0.05 * t;
        dashes.add(&[
            at(t, -1.0, 0.014),
            at(t, 1.0, 0.014),
            at(end, 1.0, 0.014),
            at(end, -1.0, 0.014),
        ]);
        t = end + 0.05;
    }
    list.flat(Kind::Shade, dashes, palette.hero(hex(0xf8e8b0)));
}

/// A road across the picture, on which what has wheels stands.
pub(crate) fn crossing_road(list: &mut List, palette: &Palette, foot: f32) {
    let (wide, top, bottom) = (list.width + 0.1, foot - 0.05, foot + 0.11);
    let asphalt = palette.ground(hex(0x5c5a68), 0.0);
    let edge = palette.ground(hex(0xe8e0d0), 0.1);
    list.flat(Kind::Land, Path::rect(-0.05, top - 0.008, wide, bottom - top + 0.02), edge);
    let paint = Paint::down(top, bottom, asphalt.lighter(0.08), asphalt.darker(0.05));
    list.fill(Kind::Land, Path::rect(-0.05, top, wide, bottom - top), paint);
    let mut dashes = Path::new();
    let mut x = -0.03;
    while x < list.width {
        dashes.add(&[
            (x, foot + 0.066),
            (x + 0.1, foot + 0.066),
            (x + 0.096, foot + 0.076),
            (x - 0.004, foot + 0.076),
        ]);
        x += 0.17;
    }
    list.flat(Kind::Shade, dashes, palette.hero(hex(0xf8e8b0)));
}

pub(crate) fn river(list: &mut List, palette: &Palette, layout: &Layout, waterline: &mut f32) {
    let (top, h) = (layout.horizon + 0.05, list.height + 0.03);
    let x = layout.hero_x;
    let at = |t: f32, side: f32| {
        let y = top + (h - top) * t;
        let bend = libm::sinf(t * 6.0 + 0.6) * 0.2 * (1.0 - t * 0.5);
        (x + bend * (0.25 + t) + side * (0.012 + 0.42 * t * t + 0.06 * t), y)
    };
    let mut points: Vec<(f32, f32)> = (0..=50).map(|i| at(i as f32 / 50.0, -1.0)).collect();
    points.extend((0..=50).rev().map(|i| at(i as f32 / 50.0, 1.0)));
    let blue = palette.hero(hex(0x4fa0cc)).mix(palette.sky[2], 0.3);
    list.fill(
        Kind::Land,
        Path::polygon(&points),
        Paint::down(top, h, blue.mix(palette.sky[4], 0.4), blue.darker(0.1)),
    );
    let mut lights = Path::new();
    for index in 0..26 {
        let t = index as f32 / 26.0;
        let (cx, cy) = at(t, if index % 2 == 0 { -0.35 } else { 0.3 });
        lights.add(&super::sky::lens(cx, cy, 0.015 + 0.11 * t, 0.001 + 0.004 * t));
    }
    list.veil(Kind::Shade, lights, palette.sky[4], 0.5);
    *waterline = top + (h - top) * 0.66;
}

pub(crate) fn furrows(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    layout: &Layout,
    top: f32,
) {
    let h = list.height + 0.03;
    let vanish = (list.width - layout.hero_x, top - 0.1);
    let base = green(brief);
    let mut dark = Path::new();
    let mut x = -3.0;
    while x < list.width + 3.0 {
        let cut = |px: f32| {
            let t = (top + 0.012 - vanish.1) / (h - vanish.1);
            (vanish.0 + (px - vanish.0) * t, top + 0.012)
        };
        dark.add(&[cut(x), cut(x + 0.11), (x + 0.11, h), (x, h)]);
        x += 0.22;
    }
    let color = palette.ground(base.darker(0.12), 0.0);
    let ramp = Ramp::pair((color, 0.1), (color, 0.75));
    list.fill(Kind::Shade, dark, Paint::Linear { from: (0.0, top), to: (0.0, h), ramp });
}

pub(crate) fn village(list: &mut List, palette: &Palette, layout: &Layout, dice: &mut Dice) {
    let (Some(house), Some(church)) = (art::find("house"), art::find("church")) else { return };
    let y = layout.horizon + (list.height - layout.horizon) * 0.4;
    let roofs = [hex(0xb8523f), hex(0xc46f4a), hex(0x8a5a5c), hex(0x6f7f9c)];
    let count = ((list.width * 6.0) as usize).clamp(3, 16);
    for index in 0..count {
        let t = (index as f32 + 0.5) / count as f32;
        let row = (index * 7 % 3) as f32;
        let spot = Spot {
            depth: 0.2 - 0.08 * row,
            flip: dice.chance(0.5),
            ..Spot::new(list.width * t, y - 0.04 + 0.055 * row, 0.12 + 0.03 * row)
        };
        if index == count / 2 {
            stage::draw(list, palette, church, None, &Spot { height: 0.27, ..spot });
        } else {
            stage::draw(list, palette, house, Some(*dice.pick(&roofs)), &spot);
        }
        let mut tree = Path::new();
        let growth = if index % 2 == 0 { Growth::Pine } else { Growth::Leafy };
        let x = list.width * t + 0.08;
        match growth {
            Growth::Pine => land::pine(&mut tree, dice, x, spot.y + 0.012, 0.13),
            _ => land::leafy(&mut tree, dice, x, spot.y + 0.012, 0.1),
        }
        list.flat(Kind::Land, tree, palette.ground(hex(0x3c7a52), 0.1));
    }
}
