//! An order: a request made ready for one model, still without a key or an address.
//!
//! It is journalled with every intent, so it is small and reads back unchanged.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::request::parameter::{self, typed};
use crate::request::{Request, object};

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

/// The keys of an order in the log and in the keys of the cache, in their order.
const KEYS: [&str; 17] = [
    "id",
    "model",
    "wire",
    "prompt",
    "negative",
    "size",
    "aspect",
    "resolution",
    "quality",
    "format",
    "seed",
    "style",
    "colors",
    "background",
    "label",
    "extra",
    "params",
];

impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for key in parameter::names(&KEYS) {
            match key {
                "id" => map.serialize_entry(key, &self.id)?,
                "model" => map.serialize_entry(key, &self.model)?,
                "wire" => map.serialize_entry(key, &self.wire)?,
                "aspect" => object::write_some(&mut map, key, &self.aspect)?,
                "resolution" => object::write_some(&mut map, key, &self.resolution)?,
                "extra" if self.request.params.is_empty() => {}
                "extra" => map.serialize_entry(key, &self.request.params)?,
                "params" if self.params == Params::default() => {}
                "params" => map.serialize_entry(key, &self.params)?,
                name => object::write(&mut map, name, &self.request)?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Order {
    /// Leniently: what a newer version adds is left out.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut order, mut request) = (Order::default(), Request::default());
        object::read(deserializer, |key, value| match (key, parameter::find(key)) {
            ("id", _) => typed(&mut order.id, value),
            ("model", _) => typed(&mut order.model, value),
            ("wire", _) => typed(&mut order.wire, value),
            ("aspect", _) => typed(&mut order.aspect, value),
            ("resolution", _) => typed(&mut order.resolution, value),
            ("extra", _) => typed(&mut request.params, value),
            ("params", _) => typed(&mut order.params, value),
            (_, Some(parameter)) => parameter.set(&mut request, value),
            (_, None) => Ok(()),
        })?;
        Ok(Order { request: Arc::new(request), ..order })
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
