//! Rooms of a home: a wall, a floor, and furniture that stands where it does in such a room.
//!
//! Pure: no network, no clock, no files.

use super::art;
use super::brief::Brief;
use super::color::{Rgb, WHITE, hex};
use super::dice::Dice;
use super::indoors::{lineup, wall, window};
use super::list::{Kind, List, Paint};
use super::palette::Palette;
use super::path::Path;
use super::place::{Place, Time};
use super::stage::{self, Spot};

/// A drawing in its place in the room.
struct Furnishing {
    name: &'static str,
    /// From the middle of the picture.
    x: f32,
    /// Below the edge of the floor; negative on the wall.
    y: f32,
    height: f32,
}

const fn put(name: &'static str, x: f32, y: f32, height: f32) -> Furnishing {
    Furnishing { name, x, y, height }
}

const LIVING_ROOM: &[Furnishing] = &[
    put("bookshelf", -0.98, 0.02, 0.62),
    put("plant", -0.68, 0.03, 0.26),
    put("sofa", -0.16, 0.045, 0.27),
    put("lamp", 0.33, -0.115, 0.22),
    put("fireplace", 0.80, 0.03, 0.44),
    put("plant", 1.18, 0.03, 0.30),
];

const KITCHEN: &[Furnishing] = &[
    put("fridge", -0.40, 0.03, 0.56),
    put("stove", 0.34, 0.032, 0.38),
    put("teapot", 0.09, -0.238, 0.085),
    put("plant", -0.15, -0.238, 0.13),
    put("apple", -0.02, -0.24, 0.055),
    put("chair", 0.86, 0.06, 0.34),
    put("bottle", -0.62, -0.238, 0.14),
];

const BEDROOM: &[Furnishing] = &[
    put("bed", -0.14, 0.06, 0.32),
    put("lamp", 0.41, -0.115, 0.20),
    put("armchair", 0.82, 0.05, 0.34),
    put("plant", -0.82, 0.03, 0.30),
    put("bookshelf", -1.08, 0.02, 0.56),
];

const LIBRARY: &[Furnishing] = &[
    put("bookshelf", -0.40, 0.02, 0.72),
    put("bookshelf", 0.40, 0.02, 0.72),
    put("bookshelf", -1.02, 0.02, 0.72),
    put("bookshelf", 1.02, 0.02, 0.72),
    put("armchair", -0.72, 0.07, 0.36),
    put("plant", 0.71, 0.04, 0.28),
];

/// A room, and the heroes on its floor.
pub(crate) fn paint(list: &mut List, brief: &Brief, palette: &Palette, place: Place) {
    let mut dice = Dice::named(brief.seed, "room");
    let (w, h) = (list.width, list.height);
    let (light, strong) = wall(brief, palette, &mut dice);
    let edge = h * 0.5 + 0.17;
    list.fill(
        Kind::Backdrop,
        list.all(),
        Paint::down(0.0, edge, light.lighter(0.02), light.mix(strong, 0.22)),
    );
    match place {
        Place::Kitchen => tiles(list, edge, strong),
        Place::Library => {}
        _ => stripes(list, edge, strong),
    }
    floor(list, palette, edge, place == Place::Kitchen);
    let middle = w * 0.5;
    match place {
        Place::Kitchen => {
            window(list, palette, (middle - 0.03, edge - 0.46), (0.26, 0.24));
            counter(list, palette, (middle, edge), strong);
        }
        Place::Library => window(list, palette, (middle, edge - 0.46), (0.24, 0.5)),
        Place::Bedroom => {
            window(list, palette, (middle + 0.16, edge - 0.44), (0.3, 0.34));
            frame(list, palette, (middle - 0.3, edge - 0.5), 0.2, strong);
            nightstand(list, palette, (middle + 0.41, edge));
        }
        _ => {
            window(list, palette, (middle - 0.16, edge - 0.46), (0.42, 0.32));
            frame(list, palette, (middle + 0.33, edge - 0.47), 0.17, strong);
            nightstand(list, palette, (middle + 0.33, edge));
        }
    }
    if place != Place::Kitchen {
        rug(list, (middle, edge + 0.19), strong);
    }
    furnish(list, brief, palette, place, (middle, edge));
    // What is furniture itself is the room's main piece; others stand before it.
    let large = brief.star().is_some_and(|cast| cast.hero.group == "furniture");
    let (x, side) = if large { (middle, 0.6) } else { (middle + 0.07, 0.42) };
    lineup(list, brief, palette, (x, (edge + 0.23).min(h - 0.06)), side);
}

fn furnish(list: &mut List, brief: &Brief, palette: &Palette, place: Place, origin: (f32, f32)) {
    let table = match place {
        Place::Kitchen => KITCHEN,
        Place::Bedroom => BEDROOM,
        Place::Library => LIBRARY,
        _ => LIVING_ROOM,
    };
    let reach = list.width * 0.5 + 0.1;
    for piece in table {
        let Some(hero) = art::find(piece.name) else { continue };
        let is_cast = brief.cast.iter().any(|cast| std::ptr::eq(cast.hero, hero));
        if is_cast || piece.x.abs() > reach {
            continue;
        }
        let spot = Spot::new(origin.0 + piece.x, origin.1 + piece.y, piece.height);
        if piece.y > 0.0 {
            stage::shadow(list, palette, spot.x, spot.y - 0.004, piece.height * 0.6, 0.35);
        }
        stage::draw(list, palette, hero, None, &spot);
        if piece.name == "lamp" && palette.time != Time::Day {
            let shade = (spot.x, spot.y - piece.height * 0.76);
            list.glow(shade, 0.52, hex(0xff_c878), 0.55);
            list.glow(shade, 0.16, hex(0xff_e6b0), 0.6);
        }
    }
}

/// Boards, or tiles in two shades.
fn floor(list: &mut List, palette: &Palette, edge: f32, tiled: bool) {
    let (w, h) = (list.width, list.height);
    let wood = hex(if tiled { 0xd9_cfc0 } else { 0xb5_8357 }).lit(palette.spot);
    list.fill(
        Kind::Land,
        Path::rect(-0.05, edge, w + 0.1, h - edge + 0.1),
        Paint::down(edge, h, wood.lighter(0.02), wood.darker(0.07)),
    );
    let mut lines = Path::new();
    // Joints run to a point far behind the wall.
    let (x, y) = (w * 0.5, edge - 0.9);
    let mut at = -2.4;
    while at < 2.4 {
        let far = x + at * 0.5;
        let near = x + at * 0.5 * (h + 0.05 - y) / (edge - y);
        lines.stroke(&[(far, edge), (near, h + 0.05)], 0.003);
        at += 0.2;
    }
    if tiled {
        let mut depth = 0.035;
        let mut row = edge;
        while row < h {
            row += depth;
            depth *= 1.3;
            lines.add_rect(-0.05, row, w + 0.1, 0.003);
        }
    }
    list.veil(Kind::Shade, lines, wood.darker(0.2), 0.4);
    let white = hex(0xfb_f7f0).lit(palette.spot);
    list.flat(Kind::Land, Path::rect(-0.05, edge - 0.034, w + 0.1, 0.034), white);
    list.veil(Kind::Shade, Path::rect(-0.05, edge, w + 0.1, 0.012), palette.dark, 0.22);
}

fn tiles(list: &mut List, edge: f32, strong: Rgb) {
    let mut lines = Path::new();
    let mut y = edge - 0.6;
    while y < edge {
        lines.add_rect(-0.05, y, list.width + 0.1, 0.003);
        y += 0.06;
    }
    let mut x = 0.01;
    while x < list.width {
        lines.add_rect(x, edge - 0.6, 0.003, 0.6);
        x += 0.06;
    }
    list.veil(Kind::Shade, lines, strong, 0.4);
}

fn stripes(list: &mut List, edge: f32, strong: Rgb) {
    let mut bands = Path::new();
    let mut x = 0.0;
    while x < list.width {
        bands.add_rect(x, -0.05, 0.05, edge + 0.05);
        x += 0.1;
    }
    list.veil(Kind::Shade, bands, strong, 0.1);
}

/// Cupboards under a worktop along the wall, and a shelf above them.
fn counter(list: &mut List, palette: &Palette, origin: (f32, f32), strong: Rgb) {
    let (middle, edge) = origin;
    let reach = list.width * 0.5 + 0.1;
    let front = strong.darker(0.04);
    let top = edge - 0.24;
    let area = Path::rect(middle - reach, top, reach * 2.0, edge + 0.02 - top);
    list.fill(Kind::Body, area, Paint::down(top, edge, front.lighter(0.03), front.darker(0.05)));
    let (mut doors, mut knobs) = (Path::new(), Path::new());
    let mut x = middle - 1.36;
    while x < middle + reach {
        doors.rounded(x + 0.012, top + 0.035, 0.146, 0.19, 0.01);
        knobs.ellipse(x + 0.14, top + 0.075, 0.006, 0.006);
        x += 0.17;
    }
    list.flat(Kind::Body, doors, front.lighter(0.06));
    list.flat(Kind::Detail, knobs, hex(0xe8_c26a).lit(palette.spot));
    let wood = hex(0xa8_7348).lit(palette.spot);
    list.flat(Kind::Body, Path::rect(middle - reach, top - 0.004, reach * 2.0, 0.024), wood);
    list.veil(
        Kind::Shade,
        Path::rect(middle - reach, top + 0.02, reach * 2.0, 0.01),
        palette.dark,
        0.2,
    );
    list.flat(Kind::Body, Path::rect(middle + 0.2, edge - 0.5, 0.3, 0.016), wood);
    for (name, x, height) in [("mug", 0.26, 0.07), ("vase", 0.35, 0.10), ("mug", 0.43, 0.07)] {
        if let Some(hero) = art::find(name) {
            let spot = Spot::new(middle + x, edge - 0.499, height);
            stage::draw(list, palette, hero, None, &spot);
        }
    }
}

/// A small table with a drawer.
fn nightstand(list: &mut List, palette: &Palette, foot: (f32, f32)) {
    let (x, y) = foot;
    let wood = hex(0xa8_7044).lit(palette.spot);
    let mut legs = Path::rect(x - 0.075, y - 0.03, 0.014, 0.07);
    legs.add_rect(x + 0.061, y - 0.03, 0.014, 0.07);
    list.flat(Kind::Body, legs, wood.darker(0.1));
    let mut body = Path::new();
    body.rounded(x - 0.085, y - 0.105, 0.17, 0.1, 0.008);
    list.fill(Kind::Body, body, Paint::down(y - 0.1, y, wood.lighter(0.02), wood.darker(0.05)));
    let mut drawer = Path::new();
    drawer.rounded(x - 0.07, y - 0.085, 0.14, 0.06, 0.006);
    list.flat(Kind::Body, drawer, wood.lighter(0.05));
    list.flat(Kind::Detail, Path::circle(x, y - 0.055, 0.007), hex(0xe8_c26a).lit(palette.spot));
    list.flat(Kind::Body, Path::rect(x - 0.095, y - 0.118, 0.19, 0.016), wood.lighter(0.03));
}

/// A picture of hills on the wall.
fn frame(list: &mut List, palette: &Palette, middle: (f32, f32), side: f32, strong: Rgb) {
    let (x, y, half) = (middle.0, middle.1, side / 2.0);
    let mut rim = Path::new();
    rim.rounded(x - half, y - half * 0.8, side, side * 0.8, 0.006);
    list.flat(Kind::Body, rim, hex(0x8a_5f3c).lit(palette.spot));
    let inner = Path::rect(x - half * 0.84, y - half * 0.64, side * 0.84, side * 0.64);
    list.flat(Kind::Body, inner, hex(0xf4_e6cc).lit(palette.spot));
    let (left, right, low) = (x - half * 0.84, x + half * 0.84, y + half * 0.64);
    let hills = Path::polygon(&[
        (left, low),
        (left, low - side * 0.16),
        (x - half * 0.3, low - side * 0.36),
        (x + half * 0.1, low - side * 0.18),
        (x + half * 0.44, low - side * 0.3),
        (right, low - side * 0.12),
        (right, low),
    ]);
    list.flat(Kind::Detail, hills, strong.darker(0.1));
    list.flat(
        Kind::Detail,
        Path::circle(x + half * 0.4, y - half * 0.3, side * 0.07),
        hex(0xf2_a05a).lit(palette.spot),
    );
}

fn rug(list: &mut List, middle: (f32, f32), strong: Rgb) {
    for (share, color) in
        [(1.0, strong.darker(0.05)), (0.88, strong.lighter(0.1)), (0.8, strong.mix(WHITE, 0.15))]
    {
        let mut oval = Path::new();
        oval.ellipse(middle.0, middle.1, 0.5 * share, 0.105 * share);
        list.flat(Kind::Land, oval, color);
    }
}
