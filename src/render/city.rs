//! A skyline: layers of towers with windows, antennas and lights on the water of the street.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::{Rgb, hex};
use super::dice::Dice;
use super::list::{Kind, List, Paint};
use super::palette::Palette;
use super::path::Path;
use super::place::{Place, Time};

/// Paints three layers of towers standing on `base`; lower when a hero stands before them.
pub(crate) fn paint(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    horizon: f32,
    crowded: bool,
) {
    let mut dice = Dice::named(brief.seed, "city");
    let own = brief.setting() == Place::City;
    let bottom = if own { list.height + 0.05 } else { horizon + 0.02 };
    let layers = if own { 4 } else { 2 };
    let tall = list.height.min(1.5)
        * if !own {
            0.26
        } else if crowded {
            0.44
        } else {
            0.6
        };
    for layer in 0..layers {
        let t = layer as f32 / (layers - 1) as f32;
        let depth = 0.72 * (1.0 - t);
        let base =
            if own { horizon + (list.height - horizon) * (0.15 + 0.9 * t) } else { horizon + 0.01 };
        let body = match palette.time {
            Time::Day => hex(0x7f92b4).mix(hex(0x54678c), t),
            Time::Dawn => hex(0x8a86a8).mix(hex(0x5c6288), t),
            Time::Dusk => hex(0x8a5f94).mix(hex(0x3c2c60), t),
            Time::Night => hex(0x4a5a90).mix(hex(0x1c2448), t),
        };
        let face = match palette.time {
            Time::Dusk | Time::Night => body.mix(palette.haze, depth * 0.75),
            _ => palette.ground(body, depth * 0.85),
        };
        let row = Row { base, bottom, tall: tall * (1.0 - 0.3 * t), depth, face };
        towers(list, palette, &mut dice, &row);
        super::land::mist_band(list, palette, base - tall * 0.08, 0.16, 0.3 * (1.0 - t));
    }
    if own {
        street(list, palette, &mut dice);
    }
}

struct Row {
    base: f32,
    bottom: f32,
    tall: f32,
    depth: f32,
    face: Rgb,
}

fn towers(list: &mut List, palette: &Palette, dice: &mut Dice, row: &Row) {
    let (mut bodies, mut sides, mut trims) = (Path::new(), Path::new(), Path::new());
    let (mut bright, mut dim) = (Path::new(), Path::new());
    let mut beacons = Vec::new();
    let mut x = -0.06;
    let lit = match palette.time {
        Time::Day => 0.0,
        Time::Dawn => 0.12,
        Time::Dusk => 0.34,
        Time::Night => 0.45,
    };
    while x < list.width + 0.02 {
        let wide = dice.range(0.055, 0.12);
        // Towers are taller toward the middle.
        let middle = 1.0 - ((x + wide / 2.0) / list.width - 0.5).abs() * 0.9;
        let tall = row.tall * dice.range(0.32, 1.0) * middle;
        let top = row.base - tall;
        bodies.add_rect(x, top, wide, row.bottom - top);
        let shape = dice.below(6);
        let mut crown = top;
        match shape {
            0 => {
                let step = wide * 0.22;
                bodies.add_rect(x + step, top - 0.03, wide - step * 2.0, 0.04);
                bodies.add_rect(x + wide * 0.48, top - 0.09, wide * 0.04, 0.08);
                beacons.push((x + wide * 0.5, top - 0.09));
            }
            1 => {
                crown = top - wide * 0.35;
                bodies.add(&[(x, top + 0.001), (x + wide, crown), (x + wide, top + 0.002)]);
            }
            2 => {
                bodies.add(&[
                    (x, top + 0.001),
                    (x + wide * 0.5, top - wide * 0.8),
                    (x + wide, top + 0.001),
                ]);
                bodies.add_rect(x + wide * 0.48, top - wide * 0.8 - 0.04, wide * 0.04, 0.05);
                beacons.push((x + wide * 0.5, top - wide * 0.8 - 0.04));
            }
            3 => {
                trims.add_rect(x + wide * 0.15, top - 0.014, wide * 0.2, 0.014);
                trims.add_rect(x + wide * 0.55, top - 0.022, wide * 0.28, 0.022);
            }
            _ => trims.add_rect(x - 0.003, top - 0.004, wide + 0.006, 0.008),
        }
        sides.add(&[
            (x + wide * 0.72, top),
            (x + wide, if shape == 1 { crown } else { top }),
            (x + wide, row.bottom),
            (x + wide * 0.72, row.bottom),
        ]);
        windows(dice, (&mut bright, &mut dim), (x, top, wide, row.bottom), lit);
        x += wide + if dice.chance(0.3) { dice.range(0.004, 0.03) } else { 0.003 };
    }
    let top = row.base - row.tall;
    let foot = row.face.mix(palette.haze, 0.28 * row.depth + 0.1);
    bodies.append(&trims);
    list.fill(Kind::Land, bodies, Paint::down(top, row.base + 0.1, row.face, foot));
    list.veil(Kind::Shade, sides, palette.dark, 0.2);
    let (on, off) = match palette.time {
        Time::Day | Time::Dawn => (hex(0xeaf4fa), hex(0x3d5478)),
        _ => (hex(0xffd58a), palette.dark),
    };
    let strength = 1.0 - row.depth * 0.75;
    let quiet = if palette.time == Time::Day { 0.3 } else { 0.28 };
    list.veil(Kind::Detail, dim, off, quiet * strength);
    list.veil(Kind::Spark, bright, on, 0.92 * strength);
    if lit > 0.2 {
        for (x, y) in beacons {
            list.flat(Kind::Spark, Path::circle(x, y, 0.003_4), hex(0xff6a5a));
            list.glow((x, y), 0.025, hex(0xff5a4a), 0.5);
        }
    }
}

fn windows(dice: &mut Dice, paths: (&mut Path, &mut Path), tower: (f32, f32, f32, f32), lit: f32) {
    let (x, top, wide, bottom) = tower;
    let columns = ((wide / 0.017) as usize).max(2);
    let (step_x, step_y) = (wide / (columns as f32 + 0.5), dice.range(0.019, 0.026));
    let bands = dice.chance(0.25);
    let rows = (((bottom - top) / step_y) as usize).min(90);
    for row in 1..rows {
        let y = top + step_y * row as f32;
        if bands {
            paths.1.add_rect(x + step_x * 0.4, y, wide - step_x * 0.8, step_y * 0.42);
        }
        for column in 0..columns {
            let wx = x + step_x * (column as f32 + 0.45);
            let on = dice.chance(lit) || (lit == 0.0 && dice.chance(0.12));
            if on {
                paths.0.add_rect(wx, y, step_x * 0.56, step_y * 0.5);
            } else if !bands {
                paths.1.add_rect(wx, y, step_x * 0.56, step_y * 0.5);
            }
        }
    }
}

/// Trees and lamps along the lower edge.
fn street(list: &mut List, palette: &Palette, dice: &mut Dice) {
    let h = list.height;
    let mut trees = Path::new();
    let mut x = -0.02;
    while x < list.width + 0.05 {
        let tall = dice.range(0.08, 0.13);
        super::land::leafy(&mut trees, dice, x, h + 0.02, tall);
        x += dice.range(0.06, 0.13);
    }
    trees.add_rect(-0.05, h - 0.03, list.width + 0.1, 0.1);
    let leaf = palette.ground(hex(0x35604e), 0.0).mix(palette.dark, 0.35);
    list.fill(Kind::Land, trees, Paint::down(h - 0.13, h, leaf.lighter(0.04), leaf.darker(0.05)));
    if palette.time != Time::Day {
        let mut x = 0.08;
        while x < list.width {
            list.glow((x, h - 0.075), 0.07, hex(0xffc870), 0.6);
            let mut post = Path::rect(x - 0.002, h - 0.075, 0.004, 0.08);
            post.ellipse(x, h - 0.075, 0.007, 0.007);
            list.flat(Kind::Detail, post, hex(0xffdf9c));
            x += 0.21;
        }
    }
}
