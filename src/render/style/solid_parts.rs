//! Models of solids from `data/dioramas.toml`: boxes, roofs, pyramids and drums by a size.
//!
//! Pure: no network, no clock, no files.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::solid::View;
use super::tint::{self, Tints, lighter};
use crate::render::brief::Brief;
use crate::render::color::{BLACK, Rgb};
use crate::render::dice::Dice;
use crate::render::list::List;
use crate::render::palette::Palette;
use crate::render::place::Time;

/// The name of the light of the picture among the colours of a model.
const LAMP: &str = "lamp";

/// A model that stands on a spot.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prop {
    colors: Tints,
    /// The least and the greatest size.
    size: Option<(f32, f32)>,
    height: Option<(f32, f32)>,
    /// What is added to the height at the back.
    rear: Option<(f32, f32)>,
    /// The share of the size that is kept where x + y is zero, and what it falls over.
    farther: Option<(f32, f32)>,
    /// Where it begins beside its spot.
    corner: Option<[Length; 2]>,
    parts: Vec<Part>,
}

/// A length: fixed, or by size, or by size and height.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Length {
    Fixed(f32),
    Sized(f32, f32),
    Raised(f32, f32, f32),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case", deny_unknown_fields)]
enum Part {
    Box {
        color: String,
        #[serde(default)]
        light: f32,
        at: [Length; 3],
        size: [Length; 3],
    },
    Roof {
        color: String,
        at: [Length; 3],
        size: [Length; 3],
    },
    Pyramid {
        color: String,
        at: [Length; 3],
        side: Length,
        tall: Length,
        /// The colour of its tip, where that begins, and its share of the side.
        cap: Option<(String, f32, f32)>,
    },
    /// Cones over each other; lengths are multiples of the size.
    Tiers {
        color: String,
        at: [Length; 3],
        times: u8,
        radius: f32,
        narrower: f32,
        tall: f32,
        /// From a cone to the next.
        step: f32,
        /// What each is lighter than the one below.
        light: f32,
    },
    Drum {
        color: String,
        #[serde(default)]
        light: f32,
        /// Only where snow lies.
        #[serde(default)]
        snow: bool,
        at: [Length; 3],
        radii: [Length; 2],
        tall: Length,
    },
    Shade {
        at: [Length; 3],
        radius: Length,
    },
    Left {
        color: String,
        at: [Length; 3],
        size: [Length; 2],
    },
    Right {
        color: String,
        at: [Length; 3],
        size: [Length; 2],
    },
    Windows(Windows),
    Some {
        chance: f32,
        parts: Vec<Part>,
    },
}

/// Panes on both faces of a square wall.
#[derive(Debug, Deserialize)]
struct Windows {
    color: String,
    at: [Length; 3],
    wide: Length,
    tall: Length,
    /// From a floor to the next.
    floor: f32,
    columns: u8,
    /// From the edge to the first column.
    first: f32,
    apart: Length,
    pane: [Length; 2],
    /// The share of panes that shine after dark, left and right.
    lit: [f32; 2],
}

/// Where models stand, and what they are seen by.
pub(super) struct Setting<'a> {
    pub(super) view: View,
    pub(super) brief: &'a Brief,
    pub(super) palette: &'a Palette,
    /// Whether snow lies on all.
    pub(super) snow: bool,
}

/// A model on its spot.
struct Placed<'a> {
    setting: &'a Setting<'a>,
    at: (f32, f32),
    size: f32,
    height: f32,
    colors: BTreeMap<&'a str, Rgb>,
}

impl Prop {
    pub(super) fn draw(
        &self,
        list: &mut List,
        setting: &Setting<'_>,
        dice: &mut Dice,
        at: (f32, f32),
    ) {
        let between = |range: Option<(f32, f32)>, dice: &mut Dice| {
            range.map_or(0.0, |(low, high)| dice.range(low, high))
        };
        let across = at.0 + at.1;
        let kept = self.farther.map_or(1.0, |(share, over)| share - across / over);
        let size = between(self.size, dice) * kept;
        let back = 1.0 - across / 20.0;
        let height = between(self.height, dice) + back * between(self.rear, dice);
        let colors = tint::chosen(&self.colors, setting.brief, setting.palette, dice);
        let mut placed = Placed { setting, at, size, height, colors };
        if let Some(corner) = self.corner {
            let [x, y] = corner.map(|length| placed.length(length));
            placed.at = (at.0 + x, at.1 + y);
        }
        placed.draw(list, dice, &self.parts);
    }
}

impl Placed<'_> {
    fn length(&self, length: Length) -> f32 {
        match length {
            Length::Fixed(fixed) => fixed,
            Length::Sized(fixed, size) => fixed + size * self.size,
            Length::Raised(fixed, size, height) => fixed + size * self.size + height * self.height,
        }
    }

    fn spot(&self, at: [Length; 3]) -> (f32, f32, f32) {
        let [x, y, z] = at.map(|length| self.length(length));
        (self.at.0 + x, self.at.1 + y, z)
    }

    fn color(&self, name: &str) -> Rgb {
        if name == LAMP {
            return self.setting.palette.lamp;
        }
        *self.colors.get(name).expect("a test draws every model")
    }

    fn draw(&self, list: &mut List, dice: &mut Dice, parts: &[Part]) {
        let view = &self.setting.view;
        let lengths = |[x, y, z]: [Length; 3]| (self.length(x), self.length(y), self.length(z));
        let pair = |[x, y]: [Length; 2]| (self.length(x), self.length(y));
        for part in parts {
            match part {
                Part::Box { color, light, at, size } => {
                    let color = lighter(self.color(color), *light);
                    view.cuboid(list, self.spot(*at), lengths(*size), color);
                }
                Part::Roof { color, at, size } => {
                    view.roof(list, self.spot(*at), lengths(*size), self.color(color));
                }
                Part::Pyramid { color, at, side, tall, cap } => {
                    let (x, y, z) = self.spot(*at);
                    let (side, tall) = (self.length(*side), self.length(*tall));
                    let mut pyramid = |side: f32, tall: f32, z: f32, color: &str| {
                        let corner = (x - side / 2.0, y - side / 2.0, z);
                        view.pyramid(list, corner, side, tall, self.color(color));
                    };
                    pyramid(side, tall, z, color);
                    if let Some((color, from, share)) = cap {
                        pyramid(side * share, tall * share, z + tall * from, color);
                    }
                }
                Part::Tiers { color, at, times, radius, narrower, tall, step, light } => {
                    let (x, y, z) = self.spot(*at);
                    let color = self.color(color);
                    for tier in (0..*times).map(f32::from) {
                        let foot = (x, y, z + step * tier * self.size);
                        let radii = ((radius - narrower * tier) * self.size, 0.0);
                        let color = color.lighter(light * tier);
                        view.drum(list, foot, radii, tall * self.size, color);
                    }
                }
                Part::Drum { snow: true, .. } if !self.setting.snow => {}
                Part::Drum { color, light, at, radii, tall, .. } => {
                    let color = lighter(self.color(color), *light);
                    view.drum(list, self.spot(*at), pair(*radii), self.length(*tall), color);
                }
                Part::Shade { at, radius } => {
                    view.shade(list, self.spot(*at), self.length(*radius), BLACK);
                }
                Part::Left { color, at, size } => {
                    view.left_pane(list, self.spot(*at), pair(*size), self.color(color));
                }
                Part::Right { color, at, size } => {
                    view.right_pane(list, self.spot(*at), pair(*size), self.color(color));
                }
                Part::Windows(windows) => self.windows(list, dice, windows),
                Part::Some { chance, parts } => {
                    if dice.chance(*chance) {
                        self.draw(list, dice, parts);
                    }
                }
            }
        }
    }

    fn windows(&self, list: &mut List, dice: &mut Dice, windows: &Windows) {
        let view = &self.setting.view;
        let (x, y, low) = self.spot(windows.at);
        let (wide, apart) = (self.length(windows.wide), self.length(windows.apart));
        let pane = windows.pane.map(|length| self.length(length));
        let night = self.setting.palette.time != Time::Day;
        let glass = self.color(&windows.color);
        let lamp = self.setting.palette.lamp;
        let floors = (self.length(windows.tall) / windows.floor) as usize;
        for floor in 0..floors {
            for column in 0..windows.columns {
                let z = low + floor as f32 * windows.floor;
                let step = windows.first + f32::from(column) * apart;
                let [left, right] =
                    windows.lit.map(|share| if dice.chance(share) && night { lamp } else { glass });
                view.left_pane(list, (x + step, y + wide, z), pane.into(), left);
                view.right_pane(list, (x + wide, y + step, z), pane.into(), right);
            }
        }
    }
}
