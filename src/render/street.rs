//! A street: house fronts side by side, a pavement with lamps, and the roadway before them.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::{Rgb, hex};
use super::dice::Dice;
use super::list::{Kind, List, Paint};
use super::palette::Palette;
use super::path::Path;
use super::place::Time;
use super::sky::Layout;

const FRONTS: [u32; 8] =
    [0xd9_7a5c, 0xe8_b76a, 0x7f_a8b8, 0xf0_dcb8, 0xa8_bf8f, 0xc8_8a9a, 0xb8_6a58, 0x9a_9ac0];
const ROOFS: [u32; 4] = [0x8a_4438, 0x5a_5468, 0x6a_4a3c, 0x4a_5a6a];

/// The colours of one house.
struct Paints {
    wall: Rgb,
    trim: Rgb,
    roof: Rgb,
    glass: Rgb,
    lamp: Rgb,
}

/// Paints the row of houses and what lies before it; gives the height at which heroes stand.
pub(crate) fn paint(list: &mut List, brief: &Brief, palette: &Palette, layout: &Layout) -> f32 {
    let mut dice = Dice::named(brief.seed, "street");
    let (w, h) = (list.width, list.height);
    let below = h - layout.horizon;
    let base = layout.horizon + below * 0.16;
    let tall = base.min(0.78);
    let mut x = -dice.range(0.02, 0.16);
    let mut last = FRONTS.len();
    while x < w {
        let wide = dice.range(0.2, 0.29);
        let mut color = dice.below(FRONTS.len());
        if color == last {
            color = (color + 3) % FRONTS.len();
        }
        last = color;
        let paints = Paints {
            wall: wall(brief, palette, hex(FRONTS[color])),
            trim: palette.hero(hex(0xfb_f3e4)),
            roof: palette.hero(hex(*dice.pick(&ROOFS))),
            glass: palette.hero(hex(0x6a_8aa4)),
            lamp: palette.lamp,
        };
        let height = tall * dice.range(0.66, 0.92);
        if brief.neon {
            block(list, &mut dice, (x, base, wide, height * 1.25), &paints);
        } else {
            house(list, palette, &mut dice, (x, base, wide, height), &paints);
        }
        x += wide;
    }
    if brief.neon {
        neon(list, brief, base, tall);
    }
    roadway(list, palette, base);
    lamps(list, palette, &mut dice, base + below * 0.13);
    if brief.is_white() {
        list.veil(
            Kind::Shade,
            Path::rect(-0.05, base, w + 0.1, h - base + 0.1),
            palette.ground(hex(0xf4_f8fc), 0.0),
            0.75,
        );
    }
    layout.horizon + below * 0.56
}

fn wall(brief: &Brief, palette: &Palette, color: Rgb) -> Rgb {
    match brief.neon {
        true => color.mix(hex(0x2a_2450), 0.84),
        false => palette.hero(color).mix(palette.haze, 0.08),
    }
}

/// A dark block of many storeys with a flat roof.
fn block(list: &mut List, dice: &mut Dice, place: (f32, f32, f32, f32), paints: &Paints) {
    let (x, base, wide, tall) = place;
    let top = base - tall;
    let body = Path::rect(x, top, wide - 0.006, tall);
    let paint = Paint::down(top, base, paints.wall.darker(0.04), paints.wall.lighter(0.08));
    list.fill(Kind::Body, body, paint);
    let mut mast = Path::rect(x + wide * 0.2, top - 0.05, 0.005, 0.05);
    mast.add_rect(x + wide * 0.55, top - 0.02, wide * 0.25, 0.02);
    list.flat(Kind::Body, mast, paints.wall.darker(0.04));
    let (mut warm, mut cold) = (Path::new(), Path::new());
    let columns = (wide / 0.042) as usize;
    let step = wide / (columns + 1) as f32;
    let mut y = top + 0.03;
    while y < base - 0.16 {
        for column in 0..columns {
            let path = if dice.chance(0.5) { &mut warm } else { &mut cold };
            if dice.chance(0.5) {
                path.add_rect(x + step * (column as f32 + 0.7), y, step * 0.5, 0.022);
            }
        }
        y += 0.042;
    }
    list.veil(Kind::Detail, warm, hex(0xff_d08a), 0.75);
    list.veil(Kind::Detail, cold, hex(0x6a_c8f0), 0.45);
}

/// Signs of neon light along the fronts, and what they throw on the pavement.
fn neon(list: &mut List, brief: &Brief, base: f32, tall: f32) {
    const COLORS: [u32; 5] = [0xff_3fa4, 0x3f_e8ff, 0xa4_5aff, 0xff_d84a, 0x5a_ff9a];
    let mut dice = Dice::named(brief.seed, "neon");
    let mut x = dice.range(0.03, 0.08);
    let mut index = dice.below(COLORS.len());
    while x < list.width {
        let color = hex(COLORS[index % COLORS.len()]);
        let upright = !index.is_multiple_of(3);
        let (wide, high) = if upright { (0.06, dice.range(0.2, 0.3)) } else { (0.17, 0.075) };
        let top = base - if upright { tall * 0.62 } else { 0.24 } - dice.range(0.0, 0.08);
        list.glow((x + wide / 2.0, top + high / 2.0), 0.2, color, 0.5);
        let mut board = Path::new();
        board.rounded(x, top, wide, high, 0.012);
        list.flat(Kind::Detail, board, hex(0x16_1030));
        let (left, right) = (x + 0.008, x + wide - 0.008);
        let (up, low) = (top + 0.008, top + high - 0.008);
        let mut tube = Path::new();
        tube.stroke(&[(left, up), (right, up), (right, low), (left, low), (left, up)], 0.005);
        list.flat(Kind::Spark, tube, color);
        let marks = if upright { (high / 0.05) as usize } else { 3 };
        let mut strokes = Path::new();
        for mark in 0..marks {
            let at = (mark as f32 + 0.5) / marks as f32;
            let middle = match upright {
                true => (x + wide / 2.0, top + high * at),
                false => (x + wide * at, top + high / 2.0),
            };
            sign(&mut strokes, &mut dice, middle);
        }
        list.flat(Kind::Spark, strokes, color.mix(hex(0xff_ffff), 0.45));
        list.glow((x + wide / 2.0, base + 0.12), 0.22, color, 0.4);
        x += wide + dice.range(0.05, 0.13);
        index += 1;
    }
}

/// A mark of tubes that is no letter of any alphabet.
fn sign(path: &mut Path, dice: &mut Dice, middle: (f32, f32)) {
    let (x, y) = middle;
    let s = 0.012;
    match dice.below(4) {
        0 => path.stroke(&[(x - s, y + s), (x - s, y - s), (x + s, y - s), (x + s, y + s)], 0.005),
        1 => path.stroke(&[(x - s, y - s), (x + s, y), (x - s, y + s)], 0.005),
        2 => {
            path.stroke(&[(x - s, y), (x + s, y)], 0.005);
            path.stroke(&[(x, y - s), (x, y + s)], 0.005);
        }
        _ => path.ellipse(x, y, s * 0.9, s * 0.9),
    }
}

/// One front: `x`, its foot, its width and its height up to the top of the roof.
fn house(
    list: &mut List,
    palette: &Palette,
    dice: &mut Dice,
    place: (f32, f32, f32, f32),
    paints: &Paints,
) {
    let (x, base, wide, tall) = place;
    let top = base - tall * 0.78;
    let crown = roof(dice, (x, top, wide), base - tall);
    let (low, high) = crown.bounds().map_or((top, top), |b| (b[3], b[1]));
    list.fill(
        Kind::Body,
        crown,
        Paint::down(high, low, paints.roof.lighter(0.03), paints.roof.darker(0.05)),
    );
    list.fill(
        Kind::Body,
        Path::rect(x, top, wide, base - top),
        Paint::down(top, base, paints.wall.lighter(0.03), paints.wall.darker(0.06)),
    );
    list.veil(Kind::Shade, Path::rect(x + wide - 0.012, top, 0.012, base - top), palette.dark, 0.2);
    list.flat(Kind::Detail, Path::rect(x - 0.004, top - 0.006, wide + 0.008, 0.014), paints.trim);
    let ground_floor = base - 0.135;
    let columns = if wide > 0.25 { 3 } else { 2 };
    let storeys = (((ground_floor - top - 0.02) / 0.115) as usize).max(1);
    let step = (ground_floor - top - 0.01) / storeys as f32;
    for storey in 0..storeys {
        for column in 0..columns {
            let middle = x + wide * (column as f32 + 0.5) / columns as f32;
            let lit = palette.time != Time::Day && dice.chance(0.55);
            pane(list, palette, (middle, top + step * storey as f32 + 0.022), paints, lit);
        }
    }
    list.flat(Kind::Detail, Path::rect(x, ground_floor - 0.004, wide, 0.008), paints.trim);
    if dice.chance(0.45) {
        shop(list, palette, dice, (x, base, wide), paints);
    } else {
        entrance(list, palette, dice, (x, base, wide), paints);
    }
}

/// A gable, a stepped gable, a bell or a flat roof with a chimney.
fn roof(dice: &mut Dice, wall: (f32, f32, f32), ridge: f32) -> Path {
    let (x, top, wide) = wall;
    let (right, middle, rise) = (x + wide, x + wide / 2.0, top - ridge);
    let mut path = Path::new();
    match dice.below(4) {
        0 => path.add(&[(x - 0.012, top), (middle, ridge), (right + 0.012, top)]),
        1 => {
            for step in 0..4 {
                let inset = wide * 0.12 * step as f32;
                let height = rise * (step + 1) as f32 / 4.0;
                path.add_rect(x + inset, top - height, wide - inset * 2.0, height + 0.002);
            }
        }
        2 => path.add(&[
            (x - 0.008, top),
            (x + wide * 0.12, top - rise * 0.7),
            (right - wide * 0.12, top - rise * 0.7),
            (right + 0.008, top),
        ]),
        _ => {
            path.add_rect(x - 0.006, top - rise * 0.3, wide + 0.012, rise * 0.3);
            path.add_rect(x + wide * 0.68, top - rise * 0.8, wide * 0.13, rise * 0.55);
        }
    }
    path
}

fn pane(list: &mut List, palette: &Palette, at: (f32, f32), paints: &Paints, lit: bool) {
    let (x, y) = at;
    let (wide, tall) = (0.046, 0.066);
    let mut rim = Path::rect(x - wide / 2.0 - 0.006, y - 0.006, wide + 0.012, tall + 0.012);
    rim.add_rect(x - wide / 2.0 - 0.012, y + tall + 0.002, wide + 0.024, 0.008);
    list.flat(Kind::Detail, rim, paints.trim);
    let color = if lit { paints.lamp } else { paints.glass };
    list.flat(Kind::Detail, Path::rect(x - wide / 2.0, y, wide, tall), color);
    let mut bars = Path::rect(x - 0.002, y, 0.004, tall);
    bars.add_rect(x - wide / 2.0, y + tall * 0.4, wide, 0.004);
    list.flat(Kind::Detail, bars, paints.trim);
    if lit {
        list.glow((x, y + tall / 2.0), 0.07, hex(0xff_c46a), 0.22);
    } else {
        let shutters = paints.roof.mix(palette.haze, 0.1);
        let mut sides = Path::rect(x - wide / 2.0 - 0.022, y - 0.002, 0.014, tall + 0.004);
        sides.add_rect(x + wide / 2.0 + 0.008, y - 0.002, 0.014, tall + 0.004);
        list.flat(Kind::Detail, sides, shutters);
    }
}

/// A door with steps, and a window beside it.
fn entrance(
    list: &mut List,
    palette: &Palette,
    dice: &mut Dice,
    place: (f32, f32, f32),
    paints: &Paints,
) {
    let (x, base, wide) = place;
    let left = dice.chance(0.5);
    let (door, other) = if left { (0.3, 0.72) } else { (0.7, 0.28) };
    let middle = x + wide * door;
    list.flat(Kind::Detail, Path::rect(middle - 0.033, base - 0.112, 0.066, 0.112), paints.trim);
    list.flat(Kind::Detail, Path::rect(middle - 0.026, base - 0.104, 0.052, 0.104), paints.roof);
    list.flat(
        Kind::Detail,
        Path::rect(middle - 0.016, base - 0.096, 0.032, 0.026),
        if palette.time == Time::Day { paints.glass } else { paints.lamp },
    );
    list.flat(Kind::Detail, Path::circle(middle + 0.017, base - 0.048, 0.004), hex(0xe8_c26a));
    list.flat(Kind::Detail, Path::rect(middle - 0.042, base - 0.008, 0.084, 0.01), paints.trim);
    pane(list, palette, (x + wide * other, base - 0.105), paints, palette.time != Time::Day);
}

/// A shop window under an awning.
fn shop(
    list: &mut List,
    palette: &Palette,
    dice: &mut Dice,
    place: (f32, f32, f32),
    paints: &Paints,
) {
    let (x, base, wide) = place;
    let inside = if palette.time == Time::Day { paints.glass } else { paints.lamp };
    let front = paints.roof;
    list.flat(Kind::Body, Path::rect(x + 0.01, base - 0.122, wide - 0.02, 0.122), front);
    list.flat(Kind::Detail, Path::rect(x + 0.02, base - 0.09, wide * 0.56, 0.066), inside);
    list.flat(Kind::Detail, Path::rect(x + wide * 0.74, base - 0.09, wide * 0.18, 0.09), inside);
    if palette.time != Time::Day {
        list.glow((x + wide * 0.4, base - 0.05), 0.16, hex(0xff_c46a), 0.3);
    }
    let cloth = palette.hero(hex(*dice.pick(&[0xd8_4f44, 0x3f_8f7a, 0xe8_a23c, 0x4a_7fb8])));
    let bands = 7;
    let step = (wide - 0.008) / bands as f32;
    for band in 0..bands {
        let at = x + 0.004 + step * band as f32;
        let color = if band % 2 == 0 { cloth } else { paints.trim };
        let mut strip = Path::rect(at, base - 0.132, step, 0.036);
        strip.ellipse(at + step / 2.0, base - 0.096, step / 2.0, 0.012);
        list.flat(Kind::Detail, strip, color);
    }
}

/// A pavement with a kerb and a cobbled roadway.
fn roadway(list: &mut List, palette: &Palette, base: f32) {
    let (w, h) = (list.width, list.height);
    let below = h - base;
    let pavement = palette.ground(hex(0xc9_c0b4), 0.0);
    list.fill(
        Kind::Land,
        Path::rect(-0.05, base, w + 0.1, below * 0.26),
        Paint::down(base, base + below * 0.26, pavement.lighter(0.02), pavement.darker(0.03)),
    );
    let mut joints = Path::new();
    let mut x = -0.4;
    while x < w + 0.4 {
        let near = w * 0.5 + (x - w * 0.5) * 1.2;
        joints.stroke(&[(x, base), (near, base + below * 0.22)], 0.003);
        x += 0.11;
    }
    list.veil(Kind::Shade, joints, palette.dark, 0.16);
    list.veil(Kind::Shade, Path::rect(-0.05, base, w + 0.1, 0.014), palette.dark, 0.22);
    let kerb = base + below * 0.22;
    list.flat(
        Kind::Land,
        Path::rect(-0.05, kerb, w + 0.1, below * 0.05),
        palette.ground(hex(0x9a_928c), 0.0),
    );
    let road = palette.ground(hex(0x6e_6a74), 0.0);
    let top = base + below * 0.26;
    list.fill(
        Kind::Land,
        Path::rect(-0.05, top, w + 0.1, h),
        Paint::down(top, h, road.lighter(0.02), road.darker(0.07)),
    );
    let mut stones = Path::new();
    let (mut y, mut row) = (top + 0.012, 0);
    while y < h {
        let scale = 0.5 + (y - top) / (h - top);
        let step = 0.075 * scale;
        let mut x = -0.1 + if row % 2 == 0 { 0.0 } else { step / 2.0 };
        while x < w + 0.1 {
            stones.rounded(x, y, step * 0.86, 0.017 * scale, 0.008 * scale);
            x += step;
        }
        y += 0.024 * scale;
        row += 1;
    }
    list.veil(Kind::Shade, stones, palette.ground(hex(0x8e_8a94), 0.0), 0.42);
}

fn lamps(list: &mut List, palette: &Palette, dice: &mut Dice, foot: f32) {
    let iron = palette.hero(hex(0x2f_3442));
    let tall = 0.36;
    let mut x = dice.range(0.06, 0.2);
    while x < list.width {
        let top = foot - tall;
        let mut post = Path::rect(x - 0.005, top + 0.05, 0.01, tall - 0.05);
        post.add_rect(x - 0.013, foot - 0.04, 0.026, 0.04);
        post.add_rect(x - 0.018, top + 0.046, 0.036, 0.007);
        post.add(&[(x - 0.022, top + 0.006), (x, top - 0.018), (x + 0.022, top + 0.006)]);
        list.flat(Kind::Body, post, iron);
        let glass = Path::polygon(&[
            (x - 0.019, top + 0.006),
            (x + 0.019, top + 0.006),
            (x + 0.013, top + 0.047),
            (x - 0.013, top + 0.047),
        ]);
        let is_day = palette.time == Time::Day;
        let light = if is_day { hex(0xf2_ecd8) } else { hex(0xff_e2a0) };
        list.flat(Kind::Spark, glass, light);
        if !is_day {
            list.glow((x, top + 0.026), 0.2, hex(0xff_c878), 0.55);
        }
        x += dice.range(0.5, 0.62);
    }
}
