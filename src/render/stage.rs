//! Puts heroes on the stage: resolves inks to colours in the light and places the pieces.
//!
//! Pure: no network, no clock, no files.

use super::art::{Hero, Ink};
use super::cast::Cast;
use super::color::{BLACK, Rgb, WHITE, hex};
use super::figure;
use super::list::{Blend, Kind, List, Paint, Ramp};
use super::palette::Palette;
use super::path::{Affine, Path};
use super::pathdata;
use super::place::Time;

/// Where and how a hero is drawn; `x`, `y` is the middle of its foot, scene units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) height: f32,
    pub(crate) flip: bool,
    /// 0 near, 1 lost in the haze.
    pub(crate) depth: f32,
    /// Radians around the foot.
    pub(crate) lean: f32,
}

impl Spot {
    pub(crate) fn new(x: f32, y: f32, height: f32) -> Self {
        Self { x, y, height, flip: false, depth: 0.0, lean: 0.0 }
    }

    pub(crate) fn map(&self) -> Affine {
        let s = self.height / 100.0;
        let sx = if self.flip { -s } else { s };
        let map = Affine::place(self.x - 50.0 * sx, self.y - 100.0 * s, sx, s);
        if self.lean == 0.0 { map } else { map.then(Affine::turn(self.x, self.y, self.lean)) }
    }
}

/// The colours of one hero.
struct Wardrobe<'a> {
    palette: &'a Palette,
    main: Rgb,
    second: Rgb,
    depth: f32,
    /// The share of their own colours that people keep at night.
    shown: f32,
}

impl Wardrobe<'_> {
    fn color(&self, ink: Ink) -> Rgb {
        let own = match ink {
            Ink::Main => self.main,
            Ink::Deep => self.main.darker(0.085),
            Ink::Soft => self.main.lighter(0.075),
            Ink::Second => self.second,
            Ink::SecondDeep => self.second.darker(0.09),
            Ink::Fixed(value) => hex(value),
            Ink::Lit => return self.palette.lamp,
            Ink::Bright(value) => return hex(value),
            Ink::Shadow => return BLACK,
            Ink::Shine => return WHITE,
        };
        // At night the light of the picture keeps who it is about from being lost in the dark.
        let own =
            self.palette.hero(own).mix(own, if self.palette.is_dark() { self.shown } else { 0.0 });
        own.mix(self.palette.haze, self.depth)
    }
}

/// Draws a hero; returns the bounds of its solid pieces.
pub(crate) fn draw(
    list: &mut List,
    palette: &Palette,
    hero: &Hero,
    color: Option<Rgb>,
    spot: &Spot,
) -> [f32; 4] {
    part(list, palette, hero, color, spot, &hero.pieces)
}

/// Draws some of a hero's pieces.
pub(crate) fn part(
    list: &mut List,
    palette: &Palette,
    hero: &Hero,
    color: Option<Rgb>,
    spot: &Spot,
    pieces: &[(Ink, String)],
) -> [f32; 4] {
    let map = spot.map();
    let pieces = pieces.iter().map(|(ink, data)| {
        let path = pathdata::parse(data, map);
        (*ink, path, data.starts_with('K'))
    });
    let wardrobe = Wardrobe {
        palette,
        main: color.unwrap_or(hex(hero.main)),
        second: hex(hero.second),
        depth: spot.depth,
        shown: 0.0,
    };
    lay(list, &wardrobe, pieces, spot)
}

/// Draws one of a cast; `copy` tells those apart that are several.
pub(crate) fn cast(
    list: &mut List,
    palette: &Palette,
    cast: &Cast,
    copy: usize,
    spot: &Spot,
) -> [f32; 4] {
    let Some(name) = &cast.hero.figure else {
        return draw(list, palette, cast.hero, cast.color, spot);
    };
    let map = spot.map();
    let copy = if figure::members(name).is_some() { cast.count } else { copy };
    let pieces = figure::draw(name, &cast.traits, cast.color, cast.seed, copy);
    let pieces = pieces.iter().map(|piece| (piece.ink, piece.path(map), piece.is_line()));
    let second = hex(cast.hero.second);
    let wardrobe = Wardrobe { palette, main: second, second, depth: spot.depth, shown: 0.28 };
    lay(list, &wardrobe, pieces, spot)
}

/// Lays pieces over each other: an ink, an outline and whether it is a line.
fn lay(
    list: &mut List,
    wardrobe: &Wardrobe<'_>,
    pieces: impl Iterator<Item = (Ink, Path, bool)>,
    spot: &Spot,
) -> [f32; 4] {
    let palette = wardrobe.palette;
    let mut bounds = [spot.x, spot.y - spot.height, spot.x, spot.y];
    let mut lamps = Vec::new();
    for (ink, path, line) in pieces {
        let Some(b) = path.bounds() else { continue };
        let color = wardrobe.color(ink);
        match ink {
            Ink::Shadow => list.veil(Kind::Shade, path, color.mix(palette.dark, 0.6), 0.17),
            Ink::Shine => list.veil(Kind::Shade, path, color, 0.26),
            _ => {
                let extent = (b[2] - b[0]).max(b[3] - b[1]);
                let small = extent < spot.height * 0.13 || line;
                bounds = [
                    bounds[0].min(b[0]),
                    bounds[1].min(b[1]),
                    bounds[2].max(b[2]),
                    bounds[3].max(b[3]),
                ];
                if ink == Ink::Lit && palette.time != Time::Day {
                    lamps.push(((b[0] + b[2]) / 2.0, (b[1] + b[3]) / 2.0, extent));
                }
                let kind = if small { Kind::Detail } else { Kind::Body };
                list.fill(kind, path, shaded(color, b, small, ink));
            }
        }
    }
    for (x, y, extent) in lamps {
        list.glow((x, y), (extent * 1.1).max(spot.height * 0.09), hex(0xffc46a), 0.3);
    }
    bounds
}

/// A solid colour turned a little to the light at the upper left.
fn shaded(color: Rgb, b: [f32; 4], small: bool, ink: Ink) -> Paint {
    if small || matches!(ink, Ink::Lit | Ink::Bright(_)) {
        return Paint::Flat(color);
    }
    let (first, second) = (color.lighter(0.035), color.darker(0.055));
    let reach = (b[2] - b[0]).max(b[3] - b[1]);
    let middle = ((b[0] + b[2]) / 2.0, (b[1] + b[3]) / 2.0);
    Paint::quick(
        (middle.0 - reach * 0.3, middle.1 - reach * 0.42),
        (middle.0 + reach * 0.32, middle.1 + reach * 0.46),
        first,
        second,
    )
}

/// A soft shadow on the ground below something.
pub(crate) fn shadow(list: &mut List, palette: &Palette, x: f32, y: f32, wide: f32, opacity: f32) {
    let mut path = Path::new();
    path.ellipse(x, y, wide, wide * 0.2);
    let paint =
        Paint::Glow { center: (x, y), radius: wide, squash: 5.0, color: palette.dark, opacity };
    list.push(Kind::Glow, path, paint, 1.0, Blend::Over);
}

/// The beams of a lighthouse after sunset, to both sides of its lamp.
pub(crate) fn beams(list: &mut List, palette: &Palette, spot: &Spot) {
    let power = match palette.time {
        Time::Day => return,
        Time::Dawn => 0.3,
        Time::Dusk => 0.55,
        Time::Night => 0.6,
    };
    let (x, y) = spot.map().apply(50.0, 17.5);
    let light = hex(0xff_f0c0);
    list.glow((x, y), spot.height * 0.42, light, power);
    for (side, reach) in [(-1.0, 1.5), (1.0, 1.5)] {
        for (half, share) in [(0.105, 0.5), (0.055, 0.6)] {
            let end = (x + side * reach, y - 0.05 * side);
            let path = Path::polygon(&[
                (x, y - 0.007),
                (end.0, end.1 - half * reach),
                (end.0, end.1 + half * reach),
                (x, y + 0.007),
            ]);
            let ramp = Ramp::pair((light, power * share), (light, 0.0));
            let paint = Paint::Linear { from: (x, y), to: (x + side * reach * 0.8, y), ramp };
            list.push(Kind::Glow, path, paint, 1.0, Blend::Screen);
        }
    }
}

/// Draws a hero so that its solid pieces fill a square of `side` around a point.
pub(crate) fn fit(list: &mut List, palette: &Palette, cast: &Cast, middle: (f32, f32), side: f32) {
    let mut probe = List::new(1.0, 1.0);
    let b = self::cast(&mut probe, palette, cast, 0, &Spot::new(0.0, 0.0, 1.0));
    // A bridge runs out of the picture rather than shrink to a line.
    let (wide, tall) = (b[2] - b[0], b[3] - b[1]);
    let scale = side / wide.min(tall * 2.6).max(tall);
    let x = middle.0 - (b[0] + b[2]) / 2.0 * scale;
    let y = middle.1 - (b[1] + b[3]) / 2.0 * scale;
    self::cast(list, palette, cast, 0, &Spot::new(x, y, scale));
}
