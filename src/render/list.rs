//! The display list: shapes in scene units with their paints, in drawing order.
//!
//! Every style reads or rewrites this list; only the rasteriser knows pixels.
//! Pure: no network, no clock, no files.

use super::color::Rgb;
use super::noise::{Field, Noise};
use super::path::Path;

/// How a shape meets what is below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blend {
    Over,
    /// Adds light; used by glows.
    Screen,
}

/// What a shape is, for styles that treat them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Covers the whole picture: sky, backdrop, sea.
    Backdrop,
    /// Soft light or haze without an edge.
    Glow,
    /// Far, unnamed shapes: clouds, ridges, ground.
    Land,
    /// The thing the picture is about, and props like it.
    Body,
    /// A small piece on a body.
    Detail,
    /// Light or shadow lying on a body, see-through.
    Shade,
    /// Stars, rain, snow, glints.
    Spark,
}

/// Colours with opacity at equal distances; at least two.
#[derive(Debug, Clone)]
pub(crate) struct Ramp {
    pub(crate) stops: Vec<[f32; 4]>,
}

impl Ramp {
    pub(crate) fn pair(from: (Rgb, f32), to: (Rgb, f32)) -> Self {
        let stop = |(Rgb(r, g, b), a): (Rgb, f32)| [r, g, b, a];
        Self { stops: vec![stop(from), stop(to)] }
    }

    /// Opaque colours at given places in `0.0..=1.0`, mixed through OKLab.
    pub(crate) fn smooth(places: &[(f32, Rgb)]) -> Self {
        let all: Vec<(f32, Rgb, f32)> = places.iter().map(|&(t, c)| (t, c, 1.0)).collect();
        Self::smooth_alpha(&all)
    }

    /// Colours with opacity at given places in `0.0..=1.0`.
    pub(crate) fn smooth_alpha(places: &[(f32, Rgb, f32)]) -> Self {
        const COUNT: usize = 40;
        let stops = (0..COUNT).map(|index| {
            let t = index as f32 / (COUNT - 1) as f32;
            let after = places.iter().position(|p| p.0 >= t).unwrap_or(places.len() - 1);
            let (b, a) = (places[after], places[after.saturating_sub(1)]);
            let width = b.0 - a.0;
            let share = if width > 0.0 { ((t - a.0) / width).clamp(0.0, 1.0) } else { 1.0 };
            let Rgb(r, g, blue) = a.1.mix(b.1, share);
            [r, g, blue, a.2 + (b.2 - a.2) * share]
        });
        Self { stops: stops.collect() }
    }

    #[inline]
    pub(crate) fn at(&self, t: f32) -> [f32; 4] {
        let last = self.stops.len() - 1;
        let place = t.clamp(0.0, 1.0) * last as f32;
        let index = (place as i32 as usize).min(last.saturating_sub(1));
        let share = place - index as f32;
        let (a, b) = (&self.stops[index], &self.stops[(index + 1).min(last)]);
        [
            a[0] + (b[0] - a[0]) * share,
            a[1] + (b[1] - a[1]) * share,
            a[2] + (b[2] - a[2]) * share,
            a[3] + (b[3] - a[3]) * share,
        ]
    }

    fn mapped(&mut self, map: &impl Fn(Rgb) -> Rgb) {
        for stop in &mut self.stops {
            let Rgb(r, g, b) = map(Rgb(stop[0], stop[1], stop[2]));
            *stop = [r, g, b, stop[3]];
        }
    }
}

/// Noise on a grid of scene units, stretched between two values; the opacity of mist.
#[derive(Debug, Clone)]
pub(crate) struct Mist {
    origin: (f32, f32),
    field: Field,
}

/// Grid cells a scene unit.
const MIST_GRID: f32 = 80.0;

impl Mist {
    /// Covers `bounds`; `scale` is features a unit, `low..high` of the noise becomes `0..1`.
    pub(crate) fn new(seed: u64, bounds: [f32; 4], scale: (f32, f32), range: (f32, f32)) -> Self {
        let noise = Noise::new(seed);
        let (width, height) = (bounds[2] - bounds[0], bounds[3] - bounds[1]);
        let field = Field::new(width, height, MIST_GRID, |x, y| {
            let (x, y) = ((bounds[0] + x) * scale.0, (bounds[1] + y) * scale.1);
            let warp = noise.at(x * 0.7 + 40.0, y * 0.7) * 0.6;
            let value = noise.octaves(x + warp, y + warp * 0.5, 4) * 0.5 + 0.5;
            let t = ((value - range.0) / (range.1 - range.0)).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t)
        });
        Self { origin: (bounds[0], bounds[1]), field }
    }

    /// Gives `count` opacities along a row from `x`, `step` apart.
    pub(crate) fn read(
        &self,
        y: f32,
        x: f32,
        step: f32,
        count: usize,
        mut take: impl FnMut(usize, f32),
    ) {
        let row = self.field.row(y - self.origin.1);
        for index in 0..count {
            take(index, row.at(x + index as f32 * step - self.origin.0));
        }
    }
}

/// What fills a shape. Positions are scene units.
#[derive(Debug, Clone)]
pub(crate) enum Paint {
    Flat(Rgb),
    Linear {
        from: (f32, f32),
        to: (f32, f32),
        ramp: Ramp,
    },
    /// `squash` multiplies vertical distances.
    Radial {
        center: (f32, f32),
        radius: f32,
        squash: f32,
        ramp: Ramp,
    },
    /// One colour fading out: opacity times `(1 - t²)³`.
    Glow {
        center: (f32, f32),
        radius: f32,
        squash: f32,
        color: Rgb,
        opacity: f32,
    },
    /// Noise as opacity (times the ramp down the shape's height `top..bottom`).
    Misty {
        mist: Mist,
        top: f32,
        bottom: f32,
        ramp: Ramp,
    },
}

impl Paint {
    pub(crate) fn down(top: f32, bottom: f32, from: Rgb, to: Rgb) -> Self {
        let ramp = Ramp::smooth(&[(0.0, from), (1.0, to)]);
        Self::Linear { from: (0.0, top), to: (0.0, bottom), ramp }
    }

    /// A vertical ramp between two colours without the OKLab table; for small pieces.
    pub(crate) fn quick(from: (f32, f32), to: (f32, f32), first: Rgb, second: Rgb) -> Self {
        Self::Linear { from, to, ramp: Ramp::pair((first, 1.0), (second, 1.0)) }
    }

    pub(crate) fn glow(center: (f32, f32), radius: f32, color: Rgb, opacity: f32) -> Self {
        Self::Glow { center, radius, squash: 1.0, color, opacity }
    }

    /// The same paint moved by `(dx, dy)`.
    pub(crate) fn moved(mut self, dx: f32, dy: f32) -> Self {
        match &mut self {
            Self::Linear { from, to, .. } => {
                *from = (from.0 + dx, from.1 + dy);
                *to = (to.0 + dx, to.1 + dy);
            }
            Self::Radial { center, .. } | Self::Glow { center, .. } => {
                *center = (center.0 + dx, center.1 + dy);
            }
            Self::Misty { top, bottom, .. } => {
                *top += dy;
                *bottom += dy;
            }
            Self::Flat(_) => {}
        }
        self
    }

    /// The colour a flat style would use.
    pub(crate) fn mean(&self) -> Rgb {
        match self {
            Self::Flat(color) | Self::Glow { color, .. } => *color,
            Self::Linear { ramp, .. } | Self::Radial { ramp, .. } | Self::Misty { ramp, .. } => {
                let [r, g, b, _] = ramp.at(0.5);
                Rgb(r, g, b)
            }
        }
    }
}

/// Lines of ink whose width follows the tone of the paint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hatch {
    /// Direction across the lines, divided by their distance.
    pub(crate) across: (f32, f32),
    pub(crate) paper: Rgb,
    pub(crate) ink: Rgb,
    /// Tones lighter than this stay paper.
    pub(crate) light: f32,
    /// Tones darker than this are crossed by a second set of lines.
    pub(crate) dark: f32,
    /// No paper: only the ink shows.
    pub(crate) clear: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) path: Path,
    pub(crate) paint: Paint,
    pub(crate) opacity: f32,
    pub(crate) blend: Blend,
    pub(crate) kind: Kind,
    pub(crate) hatch: Option<Hatch>,
}

/// Shapes from back to front on a picture of `width` × `height` scene units.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) shapes: Vec<Shape>,
}

impl List {
    pub(crate) fn new(width: f32, height: f32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    pub(crate) fn push(
        &mut self,
        kind: Kind,
        path: Path,
        paint: Paint,
        opacity: f32,
        blend: Blend,
    ) {
        if !path.points.is_empty() && opacity > 0.0 {
            self.shapes.push(Shape { path, paint, opacity, blend, kind, hatch: None });
        }
    }

    pub(crate) fn fill(&mut self, kind: Kind, path: Path, paint: Paint) {
        self.push(kind, path, paint, 1.0, Blend::Over);
    }

    pub(crate) fn flat(&mut self, kind: Kind, path: Path, color: Rgb) {
        self.fill(kind, path, Paint::Flat(color));
    }

    /// A see-through layer of one colour.
    pub(crate) fn veil(&mut self, kind: Kind, path: Path, color: Rgb, opacity: f32) {
        self.push(kind, path, Paint::Flat(color), opacity, Blend::Over);
    }

    /// Soft round light.
    pub(crate) fn glow(&mut self, center: (f32, f32), radius: f32, color: Rgb, opacity: f32) {
        let path = Path::circle(center.0, center.1, radius);
        let paint = Paint::glow(center, radius, color, opacity);
        self.push(Kind::Glow, path, paint, 1.0, Blend::Screen);
    }

    /// The whole picture as a path.
    pub(crate) fn all(&self) -> Path {
        Path::rect(-0.1, -0.1, self.width + 0.2, self.height + 0.2)
    }

    pub(crate) fn recolor(&mut self, map: impl Fn(Rgb) -> Rgb) {
        for shape in &mut self.shapes {
            match &mut shape.paint {
                Paint::Flat(color) | Paint::Glow { color, .. } => *color = map(*color),
                Paint::Linear { ramp, .. }
                | Paint::Radial { ramp, .. }
                | Paint::Misty { ramp, .. } => ramp.mapped(&map),
            }
        }
    }
}
