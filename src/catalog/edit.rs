//! What the catalog says of a model that takes pictures: how many and which it reads, where they go,
//! what they cost.
//!
//! Pure.

use serde::Deserialize;

use super::order::SentInput;
use super::price::{Certainty, Estimate, Rates};
use crate::money::Money;
use crate::request::{Format, Role};

/// The endpoint of a model that takes pictures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The provider's name for the model there, where it has another.
    pub wire: Option<String>,
    /// The path there, where it is not the dialect's.
    pub path: Option<String>,
    /// The field of a single image.
    pub image: String,
    /// The field of each of several, where it is another.
    pub images: Option<String>,
    /// How many images it reads.
    #[serde(default = "one")]
    pub most: usize,
    /// How a mask is given to it; none where it takes none.
    pub mask: Option<MaskField>,
    /// The formats that it reads.
    pub formats: Vec<Format>,
    /// Bytes of an image at most.
    pub max_bytes: u64,
    /// What the image costs that it makes.
    pub price: EditPrice,
    /// What the images cost that it reads.
    pub inputs: InputPrice,
}

fn one() -> usize {
    1
}

/// How a mask is given to a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskField {
    /// Its field.
    pub field: String,
}

/// What an image costs that is made from others.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditPrice {
    /// As much as one that is made from words alone.
    Same,
    /// Nobody wrote it down.
    Unknown,
}

/// What the images cost that are read.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum InputPrice {
    /// Nothing beside the image that is made.
    Included,
    /// Nobody wrote it down.
    Unknown,
    /// By their area in patches of 32 pixels, as tokens.
    Tokens {
        /// Tokens of text that frame each of them.
        #[serde(default)]
        words: u64,
    },
}

/// The edge of a patch, and the most patches of an image that are counted.
const PATCH: (u32, u64) = (32, 1536);

impl InputPrice {
    /// What an order's images cost. It is an estimate, and nobody says what a mask costs, so that twice
    /// as much is reserved.
    pub(super) fn estimate(self, rates: Option<&Rates>, inputs: &[SentInput]) -> Estimate {
        let words = match self {
            InputPrice::Included => return Estimate::FREE,
            InputPrice::Unknown => return Estimate::UNKNOWN,
            InputPrice::Tokens { words } => words,
        };
        let Some(rates) = rates else { return Estimate::UNKNOWN };
        let cost = |input: &SentInput| {
            let (edge, most) = PATCH;
            let patches = |pixels: u32| u64::from(pixels.div_ceil(edge));
            let tokens = (patches(input.size.width) * patches(input.size.height)).min(most);
            let dollars = tokens as f64 * rates.image_in + words as f64 * rates.text_in;
            Money::dollars(dollars / 1e6)
        };
        let images: Money = inputs.iter().filter(|input| input.role == Role::Image).map(cost).sum();
        let all: Money = inputs.iter().map(cost).sum();
        let reserve = Some(images + all);
        Estimate { expected: Some(images), reserve, certainty: Certainty::About }
    }
}
