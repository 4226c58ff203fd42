//! An order: a request made ready for one model, still without a key or an address.
//!
//! It is journalled with every intent, so it is small and reads back unchanged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::request::{Background, Format, Rgb, Size};

/// Everything a dialect needs to write the provider's request for one image.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    /// An id of ours, for providers that let the client choose one.
    pub id: String,
    /// The model, `provider/name`.
    pub model: String,
    /// The provider's own name for the model.
    pub wire: String,
    /// The prompt as sent: with the style's fragment and the colours in words, where needed.
    pub prompt: String,
    /// What should not be seen, for models that take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative: Option<String>,
    /// Pixels; none only for models that have no size at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// The ratio, for models that take one instead of a size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect: Option<String>,
    /// The resolution tier, for models that take one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// The quality word, for models that take one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// The format asked for; none means the model's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The seed, for models that honour one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The model's own word for the style, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// Colours, for models that take them as a field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub colors: Vec<Rgb>,
    /// What is behind the subject, for models that take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Words set in type over the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The user's raw parameters; they win over everything above.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Value>,
    /// The model's parameters for its dialect, from the catalog.
    #[serde(skip_serializing_if = "Params::is_default")]
    pub params: Params,
}

/// Fields of any provider on which a price may depend.
const PRICED: [&str; 8] =
    ["model", "prompt", "size", "image_size", "width", "height", "aspect_ratio", "resolution"];

impl Order {
    /// Do the user's raw parameters say anything on which the price depends? Then it is not known.
    pub(super) fn is_repriced(&self) -> bool {
        let own = [&self.params.quality, &self.params.resolution];
        self.extra.keys().any(|field| {
            PRICED.contains(&field.as_str())
                || own.into_iter().any(|name| name.as_ref() == Some(field))
        })
    }
}

/// How a dialect writes one model's request: which fields it has and what they are called.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// How the size is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeField>,
    /// The field of the output format (`output_format`, `format`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The field of the quality word (`quality`, `rendering_speed`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// The field of the resolution tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// The field of the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// The field of the negative prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative: Option<String>,
    /// The field of the background.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// How colours are written, where the model takes them as a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colors: Option<ColorsField>,
    /// The family whose native style words the model knows; sent in the field `style`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub styles: Option<String>,
    /// The field that asks for one image (`n`, `num_images`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// Sent as they are, unless the user's own parameters replace them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<String, Value>,
}

impl Params {
    fn is_default(&self) -> bool {
        *self == Params::default()
    }
}

/// How a model is told the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeField {
    /// `"size": "1024x1024"`.
    Size,
    /// `"image_size": {"width": 1024, "height": 1024}`.
    ImageSize,
    /// `"image_size": "1024x1024"`.
    ImageSizeText,
    /// `"aspect_ratio": "1:1"`.
    AspectRatio,
    /// `"width": 1024, "height": 1024`.
    WidthHeight,
}

/// How a model is told the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColorsField {
    /// Recraft on fal: `"colors": [{"r":255,"g":107,"b":107}]`.
    Rgb,
    /// Ideogram on fal: `"color_palette": {"members":[{"rgb":{…},"color_weight":0.5}]}`.
    Palette,
    /// Recraft directly: `"controls": {"colors":[{"rgb":[255,107,107]}]}`.
    Controls,
}
