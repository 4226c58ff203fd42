//! A harbour: sheds and a crane on the far quay, boats at their moorings, a quay of stone in front.
//!
//! Pure: no network, no clock, no files.

use super::art::{self, Stance};
use super::brief::Brief;
use super::color::hex;
use super::dice::Dice;
use super::list::{Kind, List, Paint};
use super::palette::Palette;
use super::path::Path;
use super::place::Time;
use super::sky::Layout;
use super::stage::{self, Spot};
use super::water;

/// Paints all but the water; gives the height at which heroes stand.
pub(crate) fn paint(
    list: &mut List,
    brief: &Brief,
    palette: &Palette,
    layout: &Layout,
    dice: &mut Dice,
) -> f32 {
    let h = list.height;
    let below = h - layout.horizon;
    let far = layout.horizon + below * 0.1;
    let left = layout.hero_x > list.width * 0.5;
    far_quay(list, palette, dice, far);
    crane(list, palette, (list.width * if left { 0.3 } else { 0.72 }, far - 0.008), left);
    moored(list, brief, palette, dice, (layout.horizon, below));
    let floats = brief.star().is_some_and(|cast| cast.hero.stance == Stance::Afloat);
    if floats {
        bollards(list, palette, h - below * 0.1);
        h - below * 0.06
    } else {
        bollards(list, palette, layout.horizon + below * 0.5);
        layout.horizon + below * 0.64
    }
}

/// A wall with sheds on it along the other side.
fn far_quay(list: &mut List, palette: &Palette, dice: &mut Dice, y: f32) {
    let w = list.width;
    let mut x = -0.05;
    while x < w {
        let (wide, tall) = (dice.range(0.13, 0.22), dice.range(0.07, 0.13));
        let color = hex(*dice.pick(&[0xb8_5f4c, 0x9a_a8b0, 0xd9_b27a, 0x6f_8a9a, 0xe4_d8c4]));
        let wall = palette.ground(color, 0.16);
        let roof = palette.ground(hex(*dice.pick(&[0x6a_4a44, 0x5a_5f70])), 0.14);
        let top = y - 0.02 - tall;
        list.flat(
            Kind::Land,
            Path::polygon(&[
                (x - 0.006, top + 0.002),
                (x + wide * 0.5, top - tall * 0.45),
                (x + wide + 0.006, top + 0.002),
            ]),
            roof,
        );
        list.flat(Kind::Land, Path::rect(x, top, wide, tall), wall);
        let mut openings = Path::rect(x + wide * 0.36, top + tall * 0.36, wide * 0.28, tall * 0.64);
        for share in [0.12, 0.74] {
            openings.add_rect(x + wide * share, top + tall * 0.25, wide * 0.14, tall * 0.24);
        }
        let inside = match palette.time {
            Time::Dusk | Time::Night => palette.lamp,
            _ => palette.ground(hex(0x4a_5a6c), 0.14),
        };
        list.flat(Kind::Detail, openings, inside);
        x += wide + dice.range(0.0, 0.05);
    }
    let stone = palette.ground(hex(0x8a_8488), 0.14);
    list.fill(
        Kind::Land,
        Path::rect(-0.05, y - 0.02, w + 0.1, 0.036),
        Paint::down(y - 0.02, y + 0.016, stone.lighter(0.04), stone.darker(0.08)),
    );
}

/// A crane for goods: four legs, a cabin, a jib with a load.
fn crane(list: &mut List, palette: &Palette, foot: (f32, f32), left: bool) {
    let (x, y) = foot;
    let side = if left { 1.0 } else { -1.0 };
    let steel = palette.ground(hex(0xd8_5a3c), 0.08);
    let dark = palette.ground(hex(0x3f_4658), 0.08);
    let mut frame = Path::new();
    for leg in [-0.055, 0.055] {
        frame.stroke(&[(x + leg, y), (x + leg * 0.5, y - 0.2)], 0.012);
    }
    frame.stroke(&[(x - 0.048, y - 0.06), (x + 0.036, y - 0.13)], 0.006);
    frame.stroke(&[(x + 0.048, y - 0.06), (x - 0.036, y - 0.13)], 0.006);
    frame.stroke(&[(x - 0.05, y - 0.2), (x + 0.05, y - 0.2)], 0.016);
    frame.stroke(&[(x, y - 0.2), (x, y - 0.4)], 0.012);
    let tip = (x + side * 0.34, y - 0.36);
    let tail = (x - side * 0.12, y - 0.29);
    frame.stroke(&[tail, (x, y - 0.3), tip], 0.012);
    frame.stroke(&[(x, y - 0.4), tip], 0.004);
    frame.stroke(&[(x, y - 0.4), tail], 0.004);
    for step in 1..6 {
        let at = step as f32 / 6.0;
        let on = (x + (tip.0 - x) * at, y - 0.3 + (tip.1 - y + 0.3) * at);
        frame.stroke(&[on, (on.0 + side * 0.02, on.1 - 0.022)], 0.004);
    }
    list.flat(Kind::Body, frame, steel);
    let mut parts = Path::rect(x - 0.03, y - 0.262, 0.06, 0.05);
    parts.add_rect(tail.0 - 0.03, tail.1 - 0.006, 0.06, 0.04);
    list.flat(Kind::Body, parts, dark);
    list.flat(Kind::Detail, Path::rect(x - 0.02, y - 0.254, 0.04, 0.022), palette.lamp);
    let hook = (x + side * 0.27, y - 0.15);
    let mut rope = Path::new();
    rope.stroke(&[(hook.0, tip.1 + 0.012), hook], 0.003);
    list.flat(Kind::Detail, rope, dark);
    let box_color = palette.ground(hex(0x3f_86a8), 0.06);
    list.flat(Kind::Body, Path::rect(hook.0 - 0.05, hook.1, 0.1, 0.05), box_color);
    let mut ribs = Path::new();
    for rib in 0..5 {
        ribs.add_rect(hook.0 - 0.044 + 0.02 * rib as f32, hook.1 + 0.006, 0.006, 0.038);
    }
    list.veil(Kind::Shade, ribs, palette.dark, 0.25);
}

/// Boats at rest on both sides of the place where the hero is.
fn moored(list: &mut List, brief: &Brief, palette: &Palette, dice: &mut Dice, depth: (f32, f32)) {
    let (horizon, below) = depth;
    let w = list.width;
    let boats = [
        ("sailboat", 0.12, 0.2, 0.24),
        ("ship", 0.56, 0.17, 0.15),
        ("sailboat", 0.86, 0.24, 0.28),
        ("rowing boat", 0.3, 0.34, 0.05),
    ];
    for (name, x, share, height) in boats {
        let Some(hero) = art::find(name) else { continue };
        if brief.cast.iter().any(|cast| std::ptr::eq(cast.hero, hero)) {
            continue;
        }
        let y = horizon + below * share;
        let spot = Spot {
            flip: dice.chance(0.5),
            depth: 0.12 * (1.0 - share * 2.0),
            ..Spot::new(w * x + dice.range(-0.03, 0.03), y, height)
        };
        let first = list.shapes.len();
        let b = stage::draw(list, palette, hero, None, &spot);
        let (middle, wide) = ((b[0] + b[2]) / 2.0, (b[2] - b[0]).min(height * 1.4));
        water::mirror(list, palette, dice, first, y, middle, wide);
    }
}

/// The near quay from `y` down, with bollards and their ropes.
fn bollards(list: &mut List, palette: &Palette, y: f32) {
    let (w, h) = (list.width, list.height);
    let stone = palette.ground(hex(0xa8_a09a), 0.0);
    list.fill(
        Kind::Land,
        Path::rect(-0.05, y, w + 0.1, h),
        Paint::down(y, h, stone.lighter(0.03), stone.darker(0.09)),
    );
    list.flat(Kind::Land, Path::rect(-0.05, y, w + 0.1, 0.016), stone.lighter(0.08));
    let mut joints = Path::new();
    let (mut row, mut depth, mut odd) = (y + 0.016, 0.05, false);
    while row < h {
        joints.add_rect(-0.05, row, w + 0.1, 0.003);
        let mut x = if odd { 0.02 } else { 0.14 };
        while x < w {
            joints.add_rect(x, row, 0.003, depth);
            x += 0.24;
        }
        row += depth;
        depth *= 1.25;
        odd = !odd;
    }
    list.veil(Kind::Shade, joints, palette.dark, 0.2);
    let iron = palette.hero(hex(0x33_3844));
    let mut x = 0.14;
    while x < w {
        let mut post = Path::rect(x - 0.016, y - 0.03, 0.032, 0.05);
        post.rounded(x - 0.026, y - 0.046, 0.052, 0.022, 0.01);
        list.flat(Kind::Body, post, iron);
        let mut rope = Path::new();
        rope.stroke(&[(x - 0.016, y - 0.014), (x - 0.06, y + 0.004), (x - 0.1, y + 0.002)], 0.006);
        list.flat(Kind::Detail, rope, palette.hero(hex(0xd8_b88a)));
        x += 0.42;
    }
}
