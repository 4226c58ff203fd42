//! An order: a request made ready for one model, still without a key or an address.
//!
//! It is logged with every intent, so it is small and reads back unchanged.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::MapAccess;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::request::object::{self, OwnKeys};
use crate::request::{Request, orders};

/// Everything a dialect needs to write the provider's request for one image.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Order {
    /// An id of ours, for providers that let the client choose one.
    pub id: String,
    /// The model, `provider/name`.
    pub model: String,
    /// The provider's own name for the model.
    pub wire: String,
    /// The picture as the model can make it: the prompt as sent (with the style's fragment and the
    /// colours in words, where needed), the model's own word for the style, and nothing that it has no
    /// field for. The raw parameters win over everything else.
    pub request: Arc<Request>,
    /// The ratio, for models that take one instead of a size.
    pub aspect: Option<String>,
    /// The resolution tier, for models that take one.
    pub resolution: Option<String>,
    /// The model's parameters for its dialect, from the catalog.
    pub params: Params,
}

impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own = [
            ("id", json!(self.id)),
            ("model", json!(self.model)),
            ("wire", json!(self.wire)),
            ("aspect", json!(self.aspect)),
            ("resolution", json!(self.resolution)),
            ("extra", json!(self.request.params)),
            ("params", json!(self.params)),
        ];
        object::write(serializer, orders::ORDER, &self.request, own)
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut own = OwnParts::default();
        let request = object::read(deserializer, &mut own)?;
        let request = Arc::new(Request { params: own.extra, ..request });
        Ok(Order { request, ..own.order })
    }
}

/// What an order has beside the parameters that are named in it.
#[derive(Default)]
struct OwnParts {
    order: Order,
    extra: BTreeMap<String, Value>,
}

impl<'de> OwnKeys<'de> for OwnParts {
    fn read<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        let order = &mut self.order;
        match key {
            "id" => order.id = map.next_value()?,
            "model" => order.model = map.next_value()?,
            "wire" => order.wire = map.next_value()?,
            "aspect" => order.aspect = map.next_value()?,
            "resolution" => order.resolution = map.next_value()?,
            "params" => order.params = map.next_value()?,
            "extra" => self.extra = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Fields of any provider on which a price may depend.
const PRICED: [&str; 8] =
    ["model", "prompt", "size", "image_size", "width", "height", "aspect_ratio", "resolution"];

impl Order {
    /// Whether the user's raw parameters say anything on which the price depends: then it is not known.
    pub(super) fn is_repriced(&self) -> bool {
        let own = [&self.params.quality, &self.params.resolution];
        self.request.params.keys().any(|field| {
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
    /// The path of its images API, where it is not the dialect's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The field that asks for one image (`n`, `num_images`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// Sent as they are, unless the user's own parameters replace them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<String, Value>,
}

impl Params {
    /// The fields of what is sent as it is, by the parameter's name, in the order of the body.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let fields = [
            ("quality", &self.quality),
            ("format", &self.format),
            ("background", &self.background),
            ("seed", &self.seed),
            ("negative", &self.negative),
        ];
        fields.into_iter().filter_map(|(name, field)| Some((name, field.as_deref()?)))
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
