//! What the catalog says of a model that takes pictures: how many and which it reads, where they go,
//! what they cost.
//!
//! Pure.

use serde::Deserialize;

use super::order::{EditForm, SentInput};
use super::price::{Certainty, Estimate, Rates};
use super::treatment::MaskForm;
use crate::money::Money;
use crate::request::{Fidelity, Format, Role, Size};

/// The endpoint of a model that takes pictures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The provider's name for the model there, where it has another.
    pub wire: Option<String>,
    /// The path there, where it is not the dialect's.
    pub path: Option<String>,
    /// In which form they are put into the request.
    #[serde(default)]
    pub form: EditForm,
    /// The field of a single image.
    pub image: String,
    /// The field of each of several, where it is another.
    pub images: Option<String>,
    /// How many images it reads.
    #[serde(default = "one")]
    pub most: usize,
    /// How a mask is given to it; none where it takes none.
    pub mask: Option<MaskField>,
    /// There is no field of the size: that of the first image is taken.
    #[serde(default)]
    pub keeps_size: bool,
    /// It reads no transparency.
    #[serde(default)]
    pub is_opaque: bool,
    /// It does not know the model's own words for styles.
    #[serde(default)]
    pub is_unstyled: bool,
    /// How closely it can keep them, where that can be said.
    #[serde(default)]
    pub fidelity: Vec<Fidelity>,
    /// The formats that it reads.
    pub formats: Vec<Format>,
    /// Bytes of an image at most.
    pub max_bytes: u64,
    /// Pixels of an image's shorter edge at least.
    pub min_edge: Option<u32>,
    /// Pixels of an image's longer edge at most.
    pub max_edge: Option<u32>,
    /// Pixels of an image at most.
    pub max_pixels: Option<u64>,
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
    /// How it says what is to be changed.
    pub means: MaskForm,
    /// Bytes of it at most, where they are fewer than those of an image.
    pub max_bytes: Option<u64>,
    /// The model may change more than it says.
    #[serde(default)]
    pub is_hint: bool,
    /// Where requests with a mask go, if elsewhere.
    pub endpoint: Option<MaskEndpoint>,
}

/// The endpoint of a model for requests with a mask. It reads one image.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskEndpoint {
    /// The provider's name for the model there.
    pub wire: String,
    /// The field of the image.
    pub image: String,
    /// What the image costs that it makes.
    pub price: EditPrice,
}

/// Where one request with pictures goes, with a mask or without.
pub(super) struct EditEndpoint<'a> {
    pub wire: Option<&'a str>,
    pub image: &'a str,
    pub images: Option<&'a str>,
    pub most: usize,
    pub price: EditPrice,
}

impl Edit {
    /// Where a request goes that has a mask, or none.
    pub(super) fn endpoint(&self, is_masked: bool) -> EditEndpoint<'_> {
        let own = self.mask.as_ref().filter(|_| is_masked).and_then(|mask| mask.endpoint.as_ref());
        match own {
            Some(MaskEndpoint { wire, image, price }) => {
                EditEndpoint { wire: Some(wire), image, images: None, most: 1, price: *price }
            }
            None => EditEndpoint {
                wire: self.wire.as_deref(),
                image: &self.image,
                images: self.images.as_deref(),
                most: self.most,
                price: self.price,
            },
        }
    }

    /// Bytes of such an input at most.
    pub(super) fn most_bytes(&self, role: Role) -> u64 {
        let of_mask = self.mask.as_ref().filter(|_| role == Role::Mask);
        of_mask.and_then(|mask| mask.max_bytes).unwrap_or(self.max_bytes)
    }

    /// The size of an image, or the next smaller one of the same ratio that it takes.
    pub(super) fn scaled(&self, size: Size) -> Size {
        let longest = f64::from(size.width.max(size.height));
        let by_edge = self.max_edge.map_or(1.0, |most| f64::from(most) / longest);
        let pixels = size.pixels() as f64;
        let by_area = self.max_pixels.map_or(1.0, |most| (most as f64 / pixels).sqrt());
        match by_edge.min(by_area) {
            scale if scale < 1.0 => size.scaled(scale),
            _ => size,
        }
    }
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
    /// By the area of each, in whole megapixels: 1 megapixel is 1,048,576 pixels, rounded up.
    Megapixel {
        /// Dollars for each.
        usd: f64,
    },
}

/// The edge of a patch, and the most patches of an image that are counted.
const PATCH: (u32, u64) = (32, 1536);

/// Pixels of a megapixel.
const MEGAPIXEL: u64 = 1_048_576;

impl InputPrice {
    /// What an order's images cost. It is an estimate, and nobody says what a mask costs, so that twice
    /// as much is reserved.
    pub(super) fn estimate(self, rates: Option<&Rates>, inputs: &[SentInput]) -> Estimate {
        if self == InputPrice::Included {
            return Estimate::FREE;
        }
        let costs: Option<Vec<(Role, Money)>> =
            inputs.iter().map(|input| Some((input.role, self.cost(rates, input)?))).collect();
        let Some(costs) = costs else { return Estimate::UNKNOWN };
        let is_image = |(role, cost): &(Role, Money)| (*role == Role::Image).then_some(*cost);
        let images: Money = costs.iter().filter_map(is_image).sum();
        let all: Money = costs.iter().map(|(_, cost)| *cost).sum();
        let reserve = Some(images + all);
        Estimate { expected: Some(images), reserve, certainty: Certainty::About }
    }

    /// What one of them costs, where that is known.
    fn cost(self, rates: Option<&Rates>, input: &SentInput) -> Option<Money> {
        match self {
            InputPrice::Included => Some(Money::ZERO),
            InputPrice::Unknown => None,
            InputPrice::Tokens { words } => {
                let (edge, most) = PATCH;
                let patches = |pixels: u32| u64::from(pixels.div_ceil(edge));
                let tokens = (patches(input.size.width) * patches(input.size.height)).min(most);
                let rates = rates?;
                let dollars = tokens as f64 * rates.image_in + words as f64 * rates.text_in;
                Some(Money::dollars(dollars / 1e6))
            }
            InputPrice::Megapixel { usd } => {
                let megapixels = input.size.pixels().div_ceil(MEGAPIXEL).max(1);
                Some(Money::dollars(usd * megapixels as f64))
            }
        }
    }
}
