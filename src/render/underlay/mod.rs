//! A picture that is given as the ground of another: a few flat shapes with smooth edges, as cut from
//! paper, in its own colours or in those that are wanted, in the light that the prompt asks for.
//!
//! It becomes a display list as a scene of words does, so that the styles work on it as they are.
//! Pure: no network, no clock, no files.

mod away;
mod cluster;
mod contour;
mod light;
mod raster;
mod regions;
mod scene;
mod sky;
mod smooth;
#[cfg(test)]
mod tests;
mod wishes;
mod words;

pub use raster::{Raster, middle};
pub(super) use wishes::Wishes;

use super::color::{Lab, Rgb};
use super::place::Time;
use cluster::Mass;
use regions::{GAP, Map};

/// Shapes of a picture at most, by their colours.
const TONES: usize = 14;

/// The pictures that another is made from, made small.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// What is drawn over: its shapes, and its colours where no others are given.
    pub first: Option<Raster>,
    /// Their colours become the picture's.
    pub others: Vec<Raster>,
    /// Where it is drawn: what is opaque in it.
    pub mask: Option<Raster>,
    /// What is transparent gets a ground.
    pub opaque: bool,
}

/// One layer of the picture.
#[derive(Debug, Clone)]
pub(super) struct Tone {
    /// Its mean colour.
    pub(super) lab: Lab,
    /// How its colour changes from the top of the picture to its bottom.
    pub(super) slope: Lab,
    /// The share of the picture that it covers.
    pub(super) share: f32,
    pub(super) is_sky: bool,
    /// The height of its middle, where the picture is one high.
    pub(super) middle: f32,
}

/// A picture in layers, from the back to the front.
#[derive(Debug, Clone)]
pub(super) struct Underlay {
    map: Map,
    tones: Vec<Tone>,
    /// The colours of further pictures, from dark to light.
    palette: Vec<Mass>,
    /// Lamps and windows: their middles, where the picture is one wide and high.
    lamps: Vec<(f32, f32)>,
    /// Their cells.
    panes: Vec<bool>,
    /// Where things may be drawn: left, top, right, bottom, where the picture is one wide and high.
    room: [f32; 4],
    is_masked: bool,
    has_gaps: bool,
    /// Where the sky ends, where the picture is one high.
    horizon: Option<f32>,
    pub(super) wishes: Wishes,
}

impl Underlay {
    /// `None` where no picture is given.
    pub(super) fn new(given: &Given, prompt: &str, seed: u64) -> Option<Self> {
        let first = given.first.as_ref()?;
        let (columns, rows) = (first.width as usize, first.height as usize);
        let wishes = Wishes::read(prompt, seed);
        let is_gap: Vec<bool> = first.rgba.chunks_exact(4).map(|p| p[3] < 128).collect();
        let has_gaps = !given.opaque && is_gap.iter().any(|gap| *gap);
        let cells = first.rgba.chunks_exact(4).map(|p| match p[3] {
            // What shows through it is paper.
            0..128 if !has_gaps => [255, 252, 246],
            _ => [p[0], p[1], p[2]],
        });
        let cells = cells.collect();
        let calm = smooth::calmed(&cells, columns, rows, 2);
        let calm = smooth::calmed(&calm, columns, rows, 1);
        let seen = || calm.iter().zip(&is_gap).filter(|(_, gap)| !(**gap && has_gaps));
        let masses = cluster::masses(seen().map(|(color, _)| *color));
        let tones = cluster::gathered(&masses, TONES);
        let labs: Vec<Lab> = calm.iter().map(|color| Rgb::lab_of_bytes(*color)).collect();
        let label = |(lab, gap): (&Lab, &bool)| match *gap && has_gaps {
            true => GAP,
            false => cluster::nearest(*lab, tones.iter().map(|tone| tone.lab)) as u8,
        };
        let labels = labs.iter().zip(&is_gap).map(label).collect();
        let mut map = Map { columns, rows, labels };
        map.settle();
        map.settle();
        let (small, bright) = (columns * rows / 3_000, columns * rows / 14_000);
        let color = |label: u8| tones.get(usize::from(label)).map(|tone| tone.lab);
        for _ in 0..2 {
            map.absorb(|one, other| match (color(one), color(other)) {
                (Some(a), Some(b)) if cluster::apart(a, b) > 0.09 => bright,
                _ => small,
            });
        }
        let mask = given.mask.as_ref();
        let room = mask.and_then(bounds).unwrap_or([0.0, 0.0, 1.0, 1.0]);
        let mut underlay = Self {
            map,
            tones: Vec::new(),
            palette: colors_of(&given.others),
            lamps: Vec::new(),
            panes: Vec::new(),
            room,
            is_masked: mask.is_some(),
            has_gaps,
            horizon: None,
            wishes,
        };
        underlay.layer(&tones, &labs, &cells);
        Some(underlay)
    }

    /// Whether something shows through it.
    pub(super) fn has_gaps(&self) -> bool {
        self.has_gaps
    }

    /// Puts the layers in order: the sky first, then from light to dark.
    fn layer(&mut self, tones: &[Mass], labs: &[Lab], raw: &[[u8; 3]]) {
        let (regions, of) = self.map.regions();
        let borders = light::borders(&self.map, &of, raw);
        let mut is_sky = light::sky(&self.map, &regions, &borders, tones);
        if self.wishes.time.is_some() {
            sky::without_sun(&mut self.map, &borders, &mut is_sky, tones);
        }
        let sky = sky::cells(&self.map, &of, &is_sky, raw);
        let cells = self.map.labels.len() as f32;
        let rows = self.map.rows as f32;
        let lamps = light::lamps(&self.map, &regions, &borders, &is_sky, tones);
        self.lamps = lamps.iter().map(|number| regions[*number].middle(&self.map)).collect();
        self.panes = of.iter().map(|region| lamps.contains(&(*region as usize))).collect();
        let bottom = sky.iter().rposition(|sky| *sky).map(|at| at / self.map.columns);
        self.horizon = bottom.map(|row| (row + 1) as f32 / rows);
        // A colour of the sky may be one of the land, too: they are two layers.
        let key = |at: usize| {
            let label = self.map.labels[at];
            (label != GAP).then(|| usize::from(label) * 2 + usize::from(sky[at]))
        };
        let mut fits = vec![Fit::default(); tones.len() * 2];
        for (at, lab) in labs.iter().enumerate() {
            if let Some(key) = key(at) {
                let y = ((at / self.map.columns) as f32 + 0.5) / rows;
                fits[key].add(y, *lab);
            }
        }
        let mut order: Vec<usize> = (0..fits.len()).filter(|key| fits[*key].count > 0.0).collect();
        let lightness = |key: usize| fits[key].mean().0;
        order.sort_by(|a, b| {
            let sky = (b % 2).cmp(&(a % 2));
            sky.then(lightness(*b).total_cmp(&lightness(*a)))
        });
        let mut rank = vec![GAP; fits.len()];
        for (place, key) in order.iter().enumerate() {
            rank[*key] = place as u8;
        }
        let labels = (0..labs.len()).map(|at| key(at).map_or(GAP, |key| rank[key])).collect();
        self.tones = order.iter().map(|key| fits[*key].tone(cells, key % 2 == 1)).collect();
        self.map.labels = labels;
        if self.wishes.time.is_none() {
            let is_dark = self.mean() < 0.32;
            self.wishes.brief.time = if is_dark { Time::Night } else { Time::Day };
        }
    }
}

/// The colours of pictures, from dark to light.
fn colors_of(pictures: &[Raster]) -> Vec<Mass> {
    let colors = pictures.iter().flat_map(|picture| {
        picture.rgba.chunks_exact(4).filter(|p| p[3] >= 128).map(|p| [p[0], p[1], p[2]])
    });
    let masses = cluster::masses(colors);
    let mut found = cluster::gathered(&masses, TONES);
    found.sort_by(|a, b| a.lab.0.total_cmp(&b.lab.0));
    found
}

/// The bounds of what is opaque.
fn bounds(mask: &Raster) -> Option<[f32; 4]> {
    let (columns, rows) = (mask.width as usize, mask.height as usize);
    let all = (0..columns * rows).filter(|at| mask.at(*at)[3] >= 128);
    let bounds = all.fold(None, |bounds: Option<[usize; 4]>, at| {
        let (x, y) = (at % columns, at / columns);
        let [a, b, c, d] = bounds.unwrap_or([x, y, x, y]);
        Some([a.min(x), b.min(y), c.max(x), d.max(y)])
    });
    let [a, b, c, d] = bounds?;
    let (wide, tall) = (columns as f32, rows as f32);
    Some([a as f32 / wide, b as f32 / tall, (c + 1) as f32 / wide, (d + 1) as f32 / tall])
}

/// A line through the colours of a layer, from the top of the picture to its bottom.
#[derive(Debug, Clone, Default)]
struct Fit {
    count: f64,
    /// Of heights, and of their squares.
    y: (f64, f64),
    /// Of each part of the colour, and of its products with heights.
    parts: [(f64, f64); 3],
}

impl Fit {
    fn add(&mut self, y: f32, lab: Lab) {
        let y = f64::from(y);
        self.count += 1.0;
        self.y = (self.y.0 + y, self.y.1 + y * y);
        for (sums, part) in self.parts.iter_mut().zip([lab.0, lab.1, lab.2].map(f64::from)) {
            *sums = (sums.0 + part, sums.1 + part * y);
        }
    }

    fn mean(&self) -> Lab {
        let [l, a, b] = self.parts.map(|(sum, _)| (sum / self.count) as f32);
        Lab(l, a, b)
    }

    fn tone(&self, cells: f32, is_sky: bool) -> Tone {
        let spread = self.y.1 - self.y.0 * self.y.0 / self.count;
        let slope = self.parts.map(|(sum, product)| match spread {
            0.01.. => ((product - sum * self.y.0 / self.count) / spread) as f32,
            _ => 0.0,
        });
        Tone {
            lab: self.mean(),
            slope: Lab(slope[0], slope[1], slope[2]),
            share: self.count as f32 / cells,
            is_sky,
            middle: (self.y.0 / self.count) as f32,
        }
    }
}
