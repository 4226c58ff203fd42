//! The ground of an island of cubes: heights from noise, by the terrains of `data/voxels.toml`.
//!
//! Pure: no network, no clock, no files.

use serde::Deserialize;

use super::tint::Tint;
use crate::render::dice::lattice;
use crate::render::noise::Noise;
use crate::render::place::Place;

/// Cubes along the side of the island.
pub(super) const SIDE: i32 = 46;
/// The level of the ground; below it hangs the rock.
pub(super) const GROUND: i32 = 12;

/// The ground of some places.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terrain {
    /// Empty: all others.
    #[serde(default)]
    pub(super) places: Vec<Place>,
    /// Only where nobody needs the water.
    #[serde(default)]
    pub(super) ashore: bool,
    pub(super) soil: Option<Tint>,
    form: Form,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Form {
    Rolling {
        cover: String,
        #[serde(default)]
        waves: f32,
        #[serde(default)]
        lift: f32,
        /// Where the plain in the middle ends, and over how many cubes.
        calm: Option<(f32, f32)>,
        #[serde(default)]
        sheen: f32,
        #[serde(default)]
        grain: f32,
    },
    Isle {
        radius: f32,
        ragged: f32,
        sea: String,
        shore: String,
        /// How far inside it begins, its slope and its cover.
        inland: Option<(f32, f32, String)>,
    },
    Bank {
        wide: f32,
        ragged: f32,
        /// Cubes along the front that are water.
        front: i32,
        sea: String,
        land: String,
        peaks: Vec<Peak>,
        layers: Vec<Layer>,
    },
    Mountains {
        foot: String,
        peaks: Vec<Peak>,
        /// The peaks where somebody stands before them.
        beside: Vec<Peak>,
        layers: Vec<Layer>,
    },
}

/// The reach, the height and the middle of a mountain.
type Peak = (f32, f32, f32, f32);

/// A cover from a height on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layer {
    #[serde(default)]
    above: f32,
    /// A share of the highest peak, added to `above`.
    #[serde(default)]
    share: f32,
    #[serde(default)]
    waver: f32,
    /// The share of the highest peak at which it is flat.
    cut: Option<f32>,
    cover: String,
}

/// A colour of the ground, or two in a pattern.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cover {
    pub(super) color: Tint,
    pub(super) second: Option<Tint>,
    pattern: Option<Pattern>,
    /// Keeps its colour in any light.
    #[serde(default)]
    pub(super) glows: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Pattern {
    Waves(f32),
    Checks(i32),
    Rows(i32, i32),
    Streets(i32, i32, i32),
    Craters(f32, f32, i32),
}

/// One column of cubes, and what is to be known of the picture around it.
pub(super) struct Spot<'a> {
    pub(super) noise: &'a Noise,
    pub(super) x: i32,
    pub(super) y: i32,
    /// Cubes from the rim.
    pub(super) inside: f32,
    pub(super) alone: bool,
    pub(super) has_mountains: bool,
}

/// How high a column is and what covers it.
pub(super) struct Column<'a> {
    pub(super) height: i32,
    pub(super) cover: &'a str,
    pub(super) lighter: Option<f32>,
}

impl Spot<'_> {
    fn off(&self) -> (f32, f32) {
        let half = SIDE as f32 / 2.0;
        (self.x as f32 - half, self.y as f32 - half)
    }

    fn far(&self) -> f32 {
        let (dx, dy) = self.off();
        (dx * dx + dy * dy).sqrt()
    }

    fn wave(&self) -> f32 {
        self.noise.octaves(self.x as f32 * 0.07, self.y as f32 * 0.07, 2)
    }

    /// The height of the mountains here.
    fn mountains(&self, peaks: &[Peak]) -> f32 {
        let (dx, dy) = self.off();
        let jag = self.noise.octaves(self.x as f32 * 0.15, self.y as f32 * 0.15, 3);
        let height = |&(reach, tall, cx, cy): &Peak| {
            let (mx, my) = (dx - cx, dy - cy);
            let t = (1.0 - (mx * mx + my * my).sqrt() / reach).max(0.0);
            (t * t * 0.4 + t * 0.6) * tall * (1.0 + jag * 0.3)
        };
        peaks.iter().map(height).fold(0.0, f32::max)
    }
}

impl Terrain {
    pub(super) fn column(&self, spot: &Spot<'_>) -> Column<'_> {
        match &self.form {
            Form::Rolling { cover, waves, lift, calm, sheen, grain } => {
                let wave = spot.wave();
                let rise = (wave * waves + lift).max(0.0);
                let calm =
                    calm.map_or(1.0, |(from, over)| ((spot.far() - from) / over).clamp(0.0, 1.0));
                let lighter = if *sheen != 0.0 {
                    Some(wave * sheen)
                } else {
                    (*grain != 0.0).then(|| -(lattice(spot.x, spot.y, 8) * grain))
                };
                Column { height: GROUND + (rise * calm) as i32, cover, lighter }
            }
            Form::Isle { radius, ragged, sea, shore, inland } => {
                let rise = radius + spot.wave() * ragged - spot.far();
                match inland {
                    _ if rise <= 0.0 => column(GROUND, sea),
                    Some((from, slope, cover)) if rise >= *from => {
                        column(GROUND + 1 + (rise * slope) as i32, cover)
                    }
                    _ => column(GROUND + 1, shore),
                }
            }
            Form::Bank { wide, ragged, front, sea, land, peaks, layers } => {
                let peaks = if spot.has_mountains { peaks.as_slice() } else { &[] };
                let back = spot.mountains(peaks);
                if let Some(layer) = layer(layers, peaks, back, spot) {
                    column(GROUND + 1 + back as i32, &layer.cover)
                } else if spot.inside < wide + spot.wave() * ragged && spot.y < SIDE - front {
                    column(GROUND + 1, land)
                } else {
                    column(GROUND, sea)
                }
            }
            Form::Mountains { foot, peaks, beside, layers } => {
                let peaks = if spot.alone { peaks } else { beside };
                let height = spot.mountains(peaks);
                let Some(layer) = layer(layers, peaks, height, spot) else {
                    return column(GROUND + height as i32, foot);
                };
                let height = layer.cut.map_or(height, |share| highest(peaks) * share);
                column(GROUND + height as i32, &layer.cover)
            }
        }
    }

    /// The names of all covers it may have, for tests.
    #[cfg(test)]
    pub(super) fn covers(&self) -> Vec<&String> {
        match &self.form {
            Form::Rolling { cover, .. } => vec![cover],
            Form::Isle { sea, shore, inland, .. } => {
                [sea, shore].into_iter().chain(inland.iter().map(|inland| &inland.2)).collect()
            }
            Form::Bank { sea, land, layers, .. } => {
                [sea, land].into_iter().chain(layers.iter().map(|layer| &layer.cover)).collect()
            }
            Form::Mountains { foot, layers, .. } => {
                [foot].into_iter().chain(layers.iter().map(|layer| &layer.cover)).collect()
            }
        }
    }
}

fn column(height: i32, cover: &str) -> Column<'_> {
    Column { height, cover, lighter: None }
}

fn highest(peaks: &[Peak]) -> f32 {
    peaks.iter().map(|peak| peak.1).fold(0.0, f32::max)
}

/// The last layer that a height reaches.
fn layer<'a>(
    layers: &'a [Layer],
    peaks: &[Peak],
    height: f32,
    spot: &Spot<'_>,
) -> Option<&'a Layer> {
    layers.iter().rev().find(|layer| {
        height > layer.above + highest(peaks) * layer.share + spot.wave() * layer.waver
    })
}

impl Cover {
    /// Whether the second colour lies here, and how deep.
    pub(super) fn second_here(&self, spot: &Spot<'_>) -> Option<i32> {
        let (x, y) = (spot.x, spot.y);
        let flat = |is_second: bool| is_second.then_some(0);
        match self.pattern? {
            Pattern::Waves(from) => flat(spot.wave() > from),
            Pattern::Checks(side) => flat((x / side + y / side) % 2 == 0),
            Pattern::Rows(every, wide) => flat(y % every < wide),
            Pattern::Streets(every, wide, from) => {
                let street = |at: i32| (at - from).rem_euclid(every) < wide;
                flat(street(x) || street(y))
            }
            Pattern::Craters(below, beyond, deep) => {
                let crater = spot.noise.at(x as f32 * 0.13 + 5.0, y as f32 * 0.13);
                (crater < below && spot.far() > beyond).then_some(deep)
            }
        }
    }
}
