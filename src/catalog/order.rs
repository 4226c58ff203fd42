//! An order: a request made ready for one model, still without a key or an address.
//!
//! It is logged with every intent, so it is small and reads back unchanged.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::de::MapAccess;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::request::object::{self, OwnKeys};
use crate::request::{Format, Request, Role, Size, orders};

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
    /// The pictures that are sent with it, the first one first, and a mask. The request names none.
    pub inputs: Vec<SentInput>,
    /// How they are sent.
    pub edit: Option<InputFields>,
    /// So many previews are asked for while it is made. They are no part of the picture.
    pub partials: u8,
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
            ("inputs", json!(self.inputs)),
            ("edit", json!(self.edit)),
            ("partials", json!(Some(self.partials).filter(|partials| *partials > 0))),
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
            // What was sent stands in the call: words of a newer version hide no job.
            "inputs" => {
                let inputs: Vec<Value> = map.next_value()?;
                let inputs = inputs.into_iter().filter_map(|one| serde_json::from_value(one).ok());
                order.inputs = inputs.collect();
            }
            "partials" => order.partials = map.next_value()?,
            "edit" => order.edit = serde_json::from_value(map.next_value()?).ok(),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Fields of any provider on which a price may depend, and those that hold others.
const PRICED: [&str; 21] = [
    "model",
    "models",
    "prompt",
    "size",
    "image_size",
    "width",
    "height",
    "aspect_ratio",
    "resolution",
    "batch_size",
    "number_of_images",
    "sampleCount",
    "input_fidelity",
    "partial_images",
    "service_tier",
    "input",
    "parameters",
    "generationConfig",
    "generation_config",
    "imageConfig",
    "image_config",
];

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

/// An input as it is sent. Its bytes are in a file, never here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentInput {
    /// What it is for.
    pub role: Role,
    /// Of the bytes that are sent, in hex.
    pub sha256: String,
    /// How many they are.
    pub len: u64,
    /// Their format.
    pub format: Format,
    /// Its size in pixels.
    pub size: Size,
    /// The hash of what was found, where its bytes are kept: other bytes are sent, or it was no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where it was found.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "as_far_as_text")]
    pub path: Option<PathBuf>,
    /// Its bytes, where nothing is written down: in a plan that nobody carries out.
    #[serde(skip)]
    pub held: Option<Arc<[u8]>>,
}

/// Only this process needs the path itself.
fn as_far_as_text<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| path.to_string_lossy()).serialize(to)
}

impl SentInput {
    /// The same without what only this machine knows of it.
    #[must_use]
    pub fn anywhere(&self) -> SentInput {
        SentInput { source: None, path: None, held: None, ..self.clone() }
    }

    /// The same as it is, found where another of the same bytes was.
    #[must_use]
    pub fn found_as(self, given: &SentInput) -> SentInput {
        let source =
            given.source.clone().or_else(|| self.source.as_ref().map(|_| given.sha256.clone()));
        SentInput { source, path: given.path.clone(), ..self }
    }
}

/// How a dialect writes the inputs of one model's request. It stands beside the parameters, which an
/// older version must be able to read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InputFields {
    /// The field of a single image.
    pub image: String,
    /// The field of each of several; that of a single one, where it has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<String>,
    /// The field of the mask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// There is no field of the size: it is that of the first image.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keeps_size: bool,
    /// In which form they are put into the request.
    #[serde(default, skip_serializing_if = "EditForm::is_multipart")]
    pub form: EditForm,
}

/// How pictures are put into a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EditForm {
    /// As files of a form. A provider that reads them by their links has links in their place.
    #[default]
    Multipart,
    /// A list of `{image_url}`, and a mask of the same shape.
    JsonImages,
    /// One `{type, url}`, or a list of them.
    JsonImage,
    /// A list of `{type, image_url: {url}}`.
    References,
}

impl EditForm {
    fn is_multipart(&self) -> bool {
        *self == EditForm::Multipart
    }
}

fn is_false(it: &bool) -> bool {
    !it
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_inputs_are_read_and_written_as_before_there_were_other_forms() {
        let old = json!({ "image": "image_url", "images": "image_urls", "mask": "mask_url" });
        let read: InputFields = serde_json::from_value(old.clone()).unwrap();
        assert_eq!((read.form, read.keeps_size), (EditForm::Multipart, false));
        assert_eq!(json!(read), old);
        let new = InputFields { form: EditForm::JsonImages, keeps_size: true, ..read };
        assert_eq!(json!(new)["form"], "json-images");
        assert_eq!(serde_json::from_value::<InputFields>(json!(new)).unwrap(), new);
    }

    #[test]
    fn an_order_of_a_newer_version_hides_no_job() {
        let line = json!({ "id": "r.1.1", "model": "x/y", "wire": "y", "params": {} });
        let old: Order = serde_json::from_value(line.clone()).unwrap();
        assert!(old.inputs.is_empty() && old.edit.is_none());
        assert!(!serde_json::to_string(&old).unwrap().contains("inputs"));
        let input = json!({
            "role": "image", "sha256": "00ff", "len": 3, "format": "png", "size": "8x8",
            "path": "/home/me/a.png",
        });
        let mut new = line;
        new["inputs"] = json!([input, { "role": "video", "sha256": "01" }]);
        new["edit"] = json!({ "image": 7 });
        let read: Order = serde_json::from_value(new).unwrap();
        let sent = Order { inputs: read.inputs.clone(), ..old };
        assert_eq!((&read, read.inputs.len()), (&sent, 1));
        assert_eq!(json!(read)["inputs"], json!([input]));
        let anywhere = json!(read.inputs[0].anywhere());
        assert!(anywhere.get("path").is_none() && anywhere["sha256"] == "00ff");
    }
}
