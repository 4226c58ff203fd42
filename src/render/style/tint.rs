//! Colours of the models in blocks: one, a choice, or one for each season.
//!
//! Pure: no network, no clock, no files.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::render::art;
use crate::render::brief::Brief;
use crate::render::color::{Rgb, hex};
use crate::render::dice::Dice;
use crate::render::palette::Palette;
use crate::render::place::{Mood, Weather};

/// Colours to choose from, 0xrrggbb; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shades(Vec<u32>);

impl<'de> Deserialize<'de> for Shades {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(String),
            Several(Vec<String>),
        }
        let texts = match Written::deserialize(deserializer)? {
            Written::One(text) => vec![text],
            Written::Several(texts) => texts,
        };
        let wrong = |text| serde::de::Error::custom(format!("no colour: {text}"));
        let shades = texts.iter().map(|text| art::rgb(text).ok_or_else(|| wrong(text)));
        let shades = shades.collect::<Result<Vec<_>, _>>()?;
        if shades.is_empty() { Err(wrong(&String::new())) } else { Ok(Self(shades)) }
    }
}

/// A colour as the data have it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Tint {
    Always(Shades),
    #[serde(rename_all = "kebab-case")]
    Seasons {
        usual: Shades,
        autumn: Option<Shades>,
        snowfall: Option<Shades>,
    },
}

/// The colours of a model by their names.
pub(super) type Tints = BTreeMap<String, Tint>;

impl Tint {
    /// Its colour in a picture; the dice are thrown only where there is a choice.
    pub(super) fn color(&self, brief: &Brief, palette: &Palette, dice: &mut Dice) -> Rgb {
        let shades = &self.shades(brief).0;
        let shade = if shades.len() > 1 { *dice.pick(shades) } else { shades[0] };
        palette.hero(hex(shade))
    }

    /// The first of its colours.
    pub(super) fn lit(&self, brief: &Brief, palette: &Palette) -> Rgb {
        palette.hero(self.plain(brief))
    }

    /// The first of its colours, in no light but its own.
    pub(super) fn plain(&self, brief: &Brief) -> Rgb {
        hex(self.shades(brief).0[0])
    }

    fn shades(&self, brief: &Brief) -> &Shades {
        match self {
            Self::Always(shades) => shades,
            Self::Seasons { snowfall: Some(shades), .. } if brief.weather == Weather::Snow => {
                shades
            }
            Self::Seasons { autumn: Some(shades), .. } if brief.mood == Mood::Autumn => shades,
            Self::Seasons { usual, .. } => usual,
        }
    }
}

/// The colours of a model, chosen in the order of their names.
pub(super) fn chosen<'a>(
    tints: &'a Tints,
    brief: &Brief,
    palette: &Palette,
    dice: &mut Dice,
) -> BTreeMap<&'a str, Rgb> {
    tints.iter().map(|(name, tint)| (name.as_str(), tint.color(brief, palette, dice))).collect()
}

/// A lighter colour; by nothing it stays what it is, to the last bit.
pub(super) fn lighter(color: Rgb, by: f32) -> Rgb {
    if by == 0.0 { color } else { color.lighter(by) }
}
