//! The light on a picture: what of it is sky and what shines, and how its colours change with the time,
//! the weather and the mood that are wanted.
//!
//! Pure: no network, no clock, no files.

use std::collections::BTreeMap;

use super::cluster::{Mass, apart};
use super::regions::{Map, Region};
use super::{Tone, Underlay};
use crate::render::color::{Lab, Rgb, WHITE, hex};
use crate::render::palette::{self, Palette};
use crate::render::place::{Mood, Time, Weather};

/// Lamps that are lit at most.
const LAMPS: usize = 14;

/// Colours that change so little from cell to cell that there is no edge between them.
const SOFT: f32 = 0.024;

/// Where two regions touch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Border {
    /// Along so many cells.
    count: u32,
    /// At so many of them there is no edge.
    soft: u32,
    /// How far apart the colours are, over all.
    sum: f32,
}

impl Border {
    pub(super) fn count(self) -> u32 {
        self.count
    }

    fn is_soft(self) -> bool {
        let is_even = self.soft * 5 > self.count * 3 || self.sum < SOFT * self.count as f32;
        self.count > 5 && is_even
    }
}

/// By the numbers of both regions.
pub(super) type Borders = BTreeMap<(u32, u32), Border>;

/// The borders of regions; the colours are those that there were before they were made calm.
pub(super) fn borders(map: &Map, of: &[u32], colors: &[[u8; 3]]) -> Borders {
    let lab = |at: usize| Rgb::lab_of_bytes(colors[at]);
    let mut borders = Borders::new();
    for at in 0..of.len() {
        let right = (at % map.columns + 1 < map.columns).then(|| at + 1);
        let below = Some(at + map.columns).filter(|below| *below < of.len());
        for other in [right, below].into_iter().flatten() {
            if of[at] != of[other] {
                let pair = (of[at].min(of[other]), of[at].max(of[other]));
                let border = borders.entry(pair).or_default();
                let distance = apart(lab(at), lab(other)).sqrt();
                border.count += 1;
                border.soft += u32::from(distance < SOFT);
                border.sum += distance;
            }
        }
    }
    borders
}

/// The other region of a border, if this one is there.
pub(super) fn neighbour((a, b): (u32, u32), number: usize) -> Option<usize> {
    let (a, b) = (a as usize, b as usize);
    if a == number { Some(b) } else { (b == number).then_some(a) }
}

/// Makes sky of what lies beside it, for as long as any of it is taken.
fn spread(
    is_sky: &mut [bool],
    borders: &Borders,
    takes: impl Fn(usize, usize, Border, &[bool]) -> bool,
) {
    let count = |is_sky: &[bool]| is_sky.iter().filter(|sky| **sky).count();
    loop {
        let before = count(is_sky);
        for ((a, b), border) in borders {
            let (a, b) = (*a as usize, *b as usize);
            if b < is_sky.len() && is_sky[a] != is_sky[b] {
                let (own, other) = if is_sky[a] { (a, b) } else { (b, a) };
                is_sky[other] |= takes(own, other, *border, is_sky);
            }
        }
        if count(is_sky) == before {
            return;
        }
    }
}

/// Which regions are sky: blue or purple ones at the top, what they pass into without an edge, and the
/// clouds among them.
pub(super) fn sky(map: &Map, regions: &[Region], borders: &Borders, tones: &[Mass]) -> Vec<bool> {
    let lab = |region: &Region| tones[usize::from(region.label)].lab;
    let is_first = |region: &Region| {
        region.at_top * 8 > map.columns && lab(region).2 < -0.018 && lab(region).0 > 0.1
    };
    let mut is_sky: Vec<bool> = regions.iter().map(is_first).collect();
    spread(&mut is_sky, borders, |_, _, border, _| border.is_soft());
    // What only the sky is around, in a colour like its own: a cloud.
    let is_among = |number: usize, is_sky: &[bool]| {
        let mut beside = borders.keys().filter_map(|pair| neighbour(*pair, number));
        beside.all(|other| is_sky.get(other).copied().unwrap_or(true))
    };
    spread(&mut is_sky, borders, |own, other, _, is_sky| {
        apart(lab(&regions[own]), lab(&regions[other])) < 0.05 && is_among(other, is_sky)
    });
    let all = regions.iter().zip(&is_sky).filter(|(_, sky)| **sky);
    let (cells, top) = all.fold((0, 0), |(c, t), (r, _)| (c + r.cells, t + r.at_top));
    if cells * 10 < map.labels.len() || top * 3 < map.columns {
        is_sky.fill(false);
    }
    is_sky
}

/// What shines by night, as numbers of regions: small warm lights outside the sky, and the panes of
/// windows, which are small, bluish, and set in a wall of another colour.
pub(super) fn lamps(
    map: &Map,
    regions: &[Region],
    borders: &Borders,
    is_sky: &[bool],
    tones: &[Mass],
) -> Vec<usize> {
    let lab = |number: usize| regions.get(number).map(|r| tones[usize::from(r.label)].lab);
    // Cells along which it touches such regions, and all.
    let beside = |number: usize, wanted: &dyn Fn(usize) -> bool| {
        let all = borders
            .iter()
            .filter_map(|(pair, border)| Some((neighbour(*pair, number)?, border.count)));
        all.fold((0, 0), |(some, all), (other, count)| {
            (some + count * u32::from(wanted(other)), all + count)
        })
    };
    let mostly = |(some, all): (u32, u32)| all > 0 && some * 5 >= all * 3;
    let is_of_sky = |other: usize| is_sky.get(other) == Some(&true);
    let land = |label: u8| {
        let all = regions.iter().zip(is_sky).filter(|(r, sky)| r.label == label && !**sky);
        all.map(|(r, _)| r.cells).sum::<usize>()
    };
    // What there is much of is a wall.
    let is_rare: Vec<bool> =
        (0..tones.len()).map(|label| land(label as u8) < map.labels.len() / 12).collect();
    let has_sky = is_sky.contains(&true);
    let is_lamp = |(number, region): &(usize, &Region)| {
        let Lab(l, a, b) = tones[usize::from(region.label)].lab;
        let is_small = region.cells < map.labels.len() / 90 && region.at_top == 0;
        if !is_small || is_sky[*number] {
            return false;
        }
        let is_darker = |other: usize| lab(other).is_none_or(|lab| lab.0 < l - 0.05);
        let (sky, around) = beside(*number, &is_of_sky);
        let is_warm = is_rare[usize::from(region.label)] && l > 0.74 && b > 0.045;
        if is_warm && sky * 3 < around && mostly(beside(*number, &is_darker)) {
            return true;
        }
        let is_wall = |other: usize| {
            let is_warm = |wall: Lab| wall.2 > b + 0.03 && wall.2 > -0.01 && wall.1 > a - 0.01;
            let is_large = regions.get(other).is_some_and(|wall| wall.cells > region.cells);
            is_large && !is_of_sky(other) && lab(other).is_some_and(is_warm)
        };
        let is_pane = has_sky && b < -0.012 && l > 0.25 && region.is_pane(map.labels.len());
        is_pane && sky == 0 && mostly(beside(*number, &is_wall))
    };
    let mut lamps: Vec<usize> =
        regions.iter().enumerate().filter(is_lamp).map(|(number, _)| number).collect();
    lamps.sort_by_key(|number| std::cmp::Reverse(regions[*number].cells));
    lamps.truncate(LAMPS);
    lamps
}

impl Tone {
    /// Its own colour at a height, where the picture is one high.
    fn at(&self, y: f32) -> Lab {
        let by = (y - self.middle).clamp(-0.5, 0.5) * 0.9;
        Lab(
            (self.lab.0 + self.slope.0 * by).clamp(0.0, 1.0),
            self.lab.1 + self.slope.1 * by,
            self.lab.2 + self.slope.2 * by,
        )
    }
}

impl Underlay {
    /// The colour of a layer at a height, in the light that is wanted.
    pub(super) fn lit(&self, palette: &Palette, rank: usize, y: f32) -> Rgb {
        let tone = &self.tones[rank];
        let own = tone.at(y);
        // Paper has more contrast and more colour than a photograph.
        let strong = Lab((0.5 + (own.0 - 0.5) * 1.06).clamp(0.0, 1.0), own.1 * 1.1, own.2 * 1.1);
        let own = self.referred(rank, strong).rgb();
        let timed = self.timed(palette, tone, own, y);
        let weathered = match self.wishes.weather {
            Some(Weather::Snow) if !tone.is_sky => {
                let own = timed.lab();
                // Grass and leaves lie under it.
                let green = (-own.1 * 6.0).clamp(0.0, 0.5);
                timed.vivid(0.7).mix(hex(0xe6_edf5), (0.12 + own.0 * 0.4 + green).min(0.9))
            }
            Some(weather) => {
                palette::weathered(timed, weather, palette.sky[3].mix(palette.haze, 0.5))
            }
            None => timed,
        };
        let tone = self.wishes.mood.map_or(weathered, |mood| palette::mooded(weathered, mood));
        let tone = match self.wishes.mood {
            Some(Mood::Autumn) => tone.mix(hex(0xd0_8040), 0.18),
            _ => tone,
        };
        match self.wishes.brief.tint {
            Some(tint) => palette::tinted(tone, tint),
            None => tone,
        }
    }

    fn timed(&self, palette: &Palette, tone: &Tone, own: Rgb, y: f32) -> Rgb {
        let Some(time) = self.wishes.time else { return own };
        if tone.is_sky {
            let share = y / self.horizon.unwrap_or(1.0).max(0.05);
            let place = share.clamp(0.0, 1.0) * 4.0;
            let (index, part) = ((place as usize).min(3), place - place.floor().min(3.0));
            let wanted = palette.sky[index].mix(palette.sky[index + 1], part);
            // Clouds stay lighter than what is behind them.
            let by = own.lab().0 - self.mean_sky();
            return wanted.lighter(by * 0.3);
        }
        match time {
            Time::Night => {
                // Darker and bluer, but what is red stays red.
                let lab = own.lab();
                let low = if self.horizon.is_some() { 0.53 } else { 0.54 };
                let cold = Lab(0.05 + lab.0 * low, lab.1 * 0.72 + 0.008, lab.2 * 0.72 - 0.045);
                cold.rgb().mix(palette.haze, 0.05)
            }
            Time::Dusk => own.lit(palette.light.mix(WHITE, 0.3)).mix(palette.glow, 0.05),
            Time::Dawn => own.lit(palette.light.mix(WHITE, 0.2)).mix(palette.haze, 0.1),
            Time::Day => {
                // A dark picture gets as light as one by day.
                let lab = own.lab();
                let lift = (0.6 - self.mean()).max(0.0);
                Lab(lab.0 + (1.0 - lab.0) * lift * 0.9, lab.1 * 1.1, lab.2 * 1.1 + 0.01).rgb()
            }
        }
    }

    /// The lightness of all.
    pub(super) fn mean(&self) -> f32 {
        let share: f32 = self.tones.iter().map(|tone| tone.share).sum();
        self.tones.iter().map(|tone| tone.lab.0 * tone.share).sum::<f32>() / share.max(1e-6)
    }

    fn mean_sky(&self) -> f32 {
        let sky = || self.tones.iter().filter(|tone| tone.is_sky);
        let share: f32 = sky().map(|tone| tone.share).sum();
        sky().map(|tone| tone.lab.0 * tone.share).sum::<f32>() / share.max(1e-6)
    }

    /// A colour as further pictures have it: as light among theirs as its own is among its own.
    fn referred(&self, rank: usize, own: Lab) -> Lab {
        if self.palette.is_empty() {
            return own;
        }
        let total: f32 = self.palette.iter().map(|mass| mass.count).sum();
        let wanted = self.standing(rank);
        // Between the two whose standings are next to it.
        let mut below = 0.0;
        let mut before: Option<(f32, Lab)> = None;
        let mut found = self.palette[self.palette.len() - 1].lab;
        for mass in &self.palette {
            let middle = (below + mass.count / 2.0) / total;
            below += mass.count;
            if middle >= wanted {
                found = match before {
                    Some((place, lab)) => {
                        let part = (wanted - place) / (middle - place).max(1e-6);
                        // Not mixed, which would make mud of two colours.
                        if part < 0.5 { lab } else { mass.lab }
                    }
                    None => mass.lab,
                };
                break;
            }
            before = Some((middle, mass.lab));
        }
        Lab(found.0 * 0.55 + own.0 * 0.45, found.1, found.2)
    }

    /// How much of the picture is darker than this layer, and how light it is: `0.0..1.0`.
    pub(super) fn standing(&self, rank: usize) -> f32 {
        let own = &self.tones[rank];
        let all = || self.tones.iter();
        let share: f32 = all().map(|tone| tone.share).sum();
        let darker: f32 = all().filter(|tone| tone.lab.0 < own.lab.0).map(|tone| tone.share).sum();
        let low = all().map(|tone| tone.lab.0).fold(f32::MAX, f32::min);
        let high = all().map(|tone| tone.lab.0).fold(f32::MIN, f32::max);
        let place = (darker + own.share / 2.0) / share.max(1e-6);
        let light = if high - low < 0.02 { 0.5 } else { (own.lab.0 - low) / (high - low) };
        place * 0.45 + light * 0.55
    }
}
