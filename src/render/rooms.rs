//! Rooms: a wall, a floor, and furniture that stands where it does in such a room.
//!
//! What is in a room stands in `data/rooms.toml`. Pure: no network, no clock, no files.

use std::sync::LazyLock;

use serde::Deserialize;

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
use crate::text;

/// A room as `data/rooms.toml` has it; positions from the middle of the picture, and below the
/// edge of the floor.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    place: Place,
    wall: Wall,
    floor: Floor,
    /// The colour of its walls, where it has one of its own.
    color: Option<String>,
    #[serde(default)]
    rug: bool,
    /// Cupboards under a worktop along the wall.
    #[serde(default)]
    counter: bool,
    /// The middle, the height and the length of a board on the wall.
    shelf: Option<(f32, f32, f32)>,
    /// The middle and the size of each.
    #[serde(default)]
    windows: Vec<[f32; 4]>,
    /// The middle and the side of each picture.
    #[serde(default)]
    frames: Vec<(f32, f32, f32)>,
    #[serde(default)]
    nightstands: Vec<f32>,
    /// Drawings with the foot and the height of each.
    furniture: Vec<(String, f32, f32, f32)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Wall {
    Plain,
    Stripes,
    Tiles,
    Stone,
    /// People on the seats around a field.
    Crowd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Floor {
    Boards,
    Tiles,
    Smooth,
    Grass,
}

static ROOMS: LazyLock<Vec<Room>> =
    LazyLock::new(|| text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/rooms.z"))));

/// A room, and the heroes on its floor.
pub(crate) fn paint(list: &mut List, brief: &Brief, palette: &Palette, place: Place) {
    let room = ROOMS.iter().find(|room| room.place == place).expect("a test finds every room");
    let mut dice = Dice::named(brief.seed, "room");
    let (w, h) = (list.width, list.height);
    let (mut light, mut strong) = wall(brief, palette, &mut dice);
    if let (Some(own), None, None) = (&room.color, brief.backdrop, brief.tint) {
        let own = hex(art::rgb(own).unwrap_or_default()).lit(palette.spot);
        (light, strong) = (own, own.darker(0.16));
    }
    let edge = h * 0.5 + 0.17;
    list.fill(
        Kind::Backdrop,
        list.all(),
        Paint::down(0.0, edge, light.lighter(0.02), light.mix(strong, 0.22)),
    );
    match room.wall {
        Wall::Tiles => tiles(list, edge, strong),
        Wall::Stripes => stripes(list, edge, strong),
        Wall::Stone => stones(list, edge, strong),
        Wall::Crowd => crowd(list, palette, edge, &mut dice),
        Wall::Plain => {}
    }
    floor(list, palette, edge, room.floor);
    let middle = w * 0.5;
    let reach = middle + 0.1;
    for [x, y, wide, high] in &room.windows {
        if x.abs() < reach + wide / 2.0 {
            window(list, palette, (middle + x, edge + y), (*wide, *high));
        }
    }
    if room.counter {
        counter(list, palette, (middle, edge), strong);
    }
    if let Some((x, y, wide)) = room.shelf {
        let wood = hex(0xa8_7348).lit(palette.spot);
        let board = Path::rect(middle + x - wide / 2.0, edge + y, wide, 0.016);
        list.flat(Kind::Body, board, wood);
    }
    for (x, y, side) in &room.frames {
        frame(list, palette, (middle + x, edge + y), *side, strong);
    }
    for x in &room.nightstands {
        nightstand(list, palette, (middle + x, edge));
    }
    if room.rug {
        rug(list, (middle, edge + 0.19), strong);
    }
    furnish(list, brief, palette, room, (middle, edge));
    // What is furniture itself is the room's main piece; others stand before it.
    let large = brief.star().is_some_and(|cast| cast.hero.group == "furniture");
    let (x, side) = if large { (middle, 0.6) } else { (middle + 0.05, 0.54) };
    lineup(list, brief, palette, (x, (edge + 0.25).min(h - 0.05)), side);
}

fn furnish(list: &mut List, brief: &Brief, palette: &Palette, room: &Room, origin: (f32, f32)) {
    let reach = list.width * 0.5 + 0.1;
    for (name, x, y, height) in &room.furniture {
        let hero = art::find(name).expect("a test finds all furniture");
        let is_cast = brief.cast.iter().any(|cast| std::ptr::eq(cast.hero, hero));
        if is_cast || x.abs() > reach {
            continue;
        }
        let spot = Spot::new(origin.0 + x, origin.1 + y, *height);
        if *y > 0.0 {
            stage::shadow(list, palette, spot.x, spot.y - 0.004, height * 0.6, 0.35);
        }
        stage::draw(list, palette, hero, None, &spot);
        if name == "lamp" && palette.time != Time::Day {
            let shade = (spot.x, spot.y - height * 0.76);
            list.glow(shade, 0.52, hex(0xff_c878), 0.55);
            list.glow(shade, 0.16, hex(0xff_e6b0), 0.6);
        }
    }
}

fn floor(list: &mut List, palette: &Palette, edge: f32, kind: Floor) {
    let (w, h) = (list.width, list.height);
    let base = match kind {
        Floor::Boards => 0xb5_8357,
        Floor::Tiles => 0xd9_cfc0,
        Floor::Smooth => 0xb9_bcc4,
        Floor::Grass => 0x6f_b35a,
    };
    let base = hex(base).lit(palette.spot);
    list.fill(
        Kind::Land,
        Path::rect(-0.05, edge, w + 0.1, h - edge + 0.1),
        Paint::down(edge, h, base.lighter(0.02), base.darker(0.07)),
    );
    match kind {
        Floor::Boards => list.veil(Kind::Shade, joints(list, edge), base.darker(0.2), 0.4),
        Floor::Tiles => {
            let mut lines = joints(list, edge);
            for row in rows(edge, h) {
                lines.add_rect(-0.05, row, w + 0.1, 0.003);
            }
            list.veil(Kind::Shade, lines, base.darker(0.2), 0.4);
        }
        Floor::Grass => {
            let mut bands = Path::new();
            for pair in rows(edge, h).chunks(2) {
                let end = pair.get(1).copied().unwrap_or(h + 0.05);
                bands.add_rect(-0.05, pair[0], w + 0.1, end - pair[0]);
            }
            list.veil(Kind::Shade, bands, WHITE, 0.12);
            let line = Path::rect(-0.05, edge + 0.05, w + 0.1, 0.006);
            list.veil(Kind::Detail, line, WHITE, 0.7);
            return;
        }
        Floor::Smooth => {}
    }
    let white = hex(0xfb_f7f0).lit(palette.spot);
    list.flat(Kind::Land, Path::rect(-0.05, edge - 0.034, w + 0.1, 0.034), white);
    list.veil(Kind::Shade, Path::rect(-0.05, edge, w + 0.1, 0.012), palette.dark, 0.22);
}

/// Joints of a floor run to a point far behind the wall.
fn joints(list: &List, edge: f32) -> Path {
    let mut lines = Path::new();
    let (x, y) = (list.width * 0.5, edge - 0.9);
    let mut at = -2.4;
    while at < 2.4 {
        let far = x + at * 0.5;
        let near = x + at * 0.5 * (list.height + 0.05 - y) / (edge - y);
        lines.stroke(&[(far, edge), (near, list.height + 0.05)], 0.003);
        at += 0.2;
    }
    lines
}

/// Lines across a floor, the farther ones closer together.
fn rows(edge: f32, low: f32) -> Vec<f32> {
    let (mut rows, mut row, mut depth) = (Vec::new(), edge, 0.035);
    while row < low {
        row += depth;
        depth *= 1.3;
        rows.push(row);
    }
    rows
}

/// Rows of blocks, each half a block further than the one below.
fn stones(list: &mut List, edge: f32, strong: Rgb) {
    let mut lines = Path::new();
    let (mut y, mut aside) = (edge - 0.034, 0.0);
    while y > -0.1 {
        lines.add_rect(-0.05, y, list.width + 0.1, 0.004);
        let mut x = aside - 0.05;
        while x < list.width + 0.05 {
            lines.add_rect(x, y - 0.1, 0.004, 0.1);
            x += 0.2;
        }
        aside = if aside == 0.0 { 0.1 } else { 0.0 };
        y -= 0.1;
    }
    list.veil(Kind::Shade, lines, strong.darker(0.1), 0.35);
}

/// Rows of heads and shirts behind a board.
fn crowd(list: &mut List, palette: &Palette, edge: f32, dice: &mut Dice) {
    const SHIRTS: [u32; 6] = [0xd9_4a4a, 0xf2_c14b, 0x3a_74c8, 0xf4_f0e8, 0x4c_a35a, 0x7a_5ab0];
    let w = list.width;
    let seats = Path::rect(-0.05, edge - 0.5, w + 0.1, 0.5);
    list.flat(Kind::Land, seats, hex(0x5a_6478).lit(palette.spot));
    let mut y = edge - 0.46;
    while y < edge - 0.06 {
        for (index, shirt) in SHIRTS.iter().enumerate() {
            let (mut bodies, mut heads) = (Path::new(), Path::new());
            let mut x = index as f32 * 0.036 - 0.05;
            while x < w + 0.05 {
                let (at, up) = (x + dice.range(-0.005, 0.005), dice.range(-0.008, 0.008));
                bodies.rounded(at - 0.014, y + up + 0.012, 0.028, 0.04, 0.01);
                heads.ellipse(at, y + up, 0.012, 0.013);
                x += 0.036 * SHIRTS.len() as f32;
            }
            list.flat(Kind::Land, bodies, hex(*shirt).lit(palette.spot));
            let skin = hex([0xe8_b890, 0xc2_865a, 0x8a_5a3c][index % 3]).lit(palette.spot);
            list.flat(Kind::Land, heads, skin);
        }
        y += 0.07;
    }
    let board = Path::rect(-0.05, edge - 0.07, w + 0.1, 0.075);
    list.flat(Kind::Body, board, hex(0x2f_5a9e).lit(palette.spot));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_room_is_furnished_with_what_can_be_drawn() {
        for place in Place::ROOMS {
            let rooms = ROOMS.iter().filter(|room| room.place == place);
            assert_eq!(rooms.count(), 1, "{place:?}");
        }
        for room in ROOMS.iter() {
            assert!(
                room.color.as_deref().is_none_or(|color| art::rgb(color).is_some()),
                "{room:?}"
            );
            for (name, ..) in &room.furniture {
                assert!(art::find(name).is_some(), "{:?}: {name}", room.place);
            }
        }
    }
}
