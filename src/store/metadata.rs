//! The recipe inside the image, so that a picture can tell how it was made.
//!
//! Pure. Pixels and all other bytes stay as they are. Only what makes the picture goes in (no time,
//! id or path), so equal requests and seeds give equal bytes. What is there already is never
//! replaced, a signed image is never touched, and what does not fit is left out, not torn.

mod edit;
mod exif;
mod foreign;
mod infotext;
mod peek;
mod splice;
mod stealth;
mod texts;
mod xmp;

use std::sync::Arc;

use serde::de::{Error as _, IgnoredAny, MapAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

pub(crate) use edit::{Edit, Editor};
pub(in crate::store) use exif::has_place;
pub use peek::{Peek, peek, peek_head};
pub(crate) use splice::PNG_TEXTS;
pub(in crate::store) use splice::{
    exif_of, inflated, jpeg_segments, png_chunks, png_of, webp_body, webp_chunks,
};

use super::verify::{Facts, Texts, sniff};
use crate::json::large_tree;
use crate::request::object::{self, OwnKeys};
use crate::request::parameter::{self, PARAMETERS, words};
use crate::request::{Format, Request, orders};
use crate::text;

/// The most characters of one setting in the parameters line.
const SETTING: usize = 500;

/// The version of a recipe's shape.
const VERSION: u32 = 1;

/// What makes a picture. Unknown keys are ignored when it is read: a newer pinx may write more.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recipe {
    /// The picture: its prompt and style as the user meant them (after variables, before a style's
    /// words), the rest as the model took it.
    pub request: Arc<Request>,
    /// The model, as `provider/name`.
    pub model: String,
    /// The version of the built-in renderer's look, `sketch-v2`.
    pub look: Option<String>,
    /// What a viewer should know, `procedural sketch, not AI`.
    pub note: Option<String>,
}

impl Serialize for Recipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own =
            [("model", json!(self.model)), ("look", json!(self.look)), ("note", json!(self.note))];
        object::write(serializer, orders::RECIPE, &self.request, own)
    }
}

impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut own = OwnParts::default();
        let request = Arc::new(object::read(deserializer, &mut own)?);
        let OwnParts { model, look, note, has_prompt } = own;
        let model = model.filter(|_| has_prompt);
        let missing = if has_prompt { "model" } else { "prompt" };
        let model = model.ok_or_else(|| D::Error::missing_field(missing))?;
        Ok(Recipe { model, look, note, request })
    }
}

/// What a recipe has beside the parameters that make a picture.
#[derive(Default)]
struct OwnParts {
    model: Option<String>,
    look: Option<String>,
    note: Option<String>,
    has_prompt: bool,
}

impl<'de> OwnKeys<'de> for OwnParts {
    fn read<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "model" => self.model = Some(map.next_value()?),
            "look" => self.look = map.next_value()?,
            "note" => self.note = map.next_value()?,
            _ if parameter::find(key).is_some_and(|row| !row.makes_picture) => {
                map.next_value::<IgnoredAny>()?;
            }
            _ => {
                self.has_prompt |= key == "prompt";
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Who wrote a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Program {
    /// pinx itself.
    #[default]
    Pinx,
    /// Another program, by its name.
    Other(String),
}

impl Program {
    fn of(name: &str) -> Program {
        Program::Other(name.to_owned())
    }
}

/// What an image says about how it was made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// Who says it.
    pub program: Program,
    /// Its version, as it writes it.
    pub version: Option<String>,
    /// The recipe, as far as there is one: another program's model is none that pinx knows, and the
    /// prompt may be empty.
    pub recipe: Recipe,
    /// Further settings, as written.
    pub extra: Vec<(String, String)>,
    /// What was not understood, or is to be known of what was, each in a sentence without its full
    /// stop.
    pub notes: Vec<String>,
}

/// A recipe as it is written: its version in front.
#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    #[serde(flatten)]
    recipe: &'a Recipe,
}

impl Recipe {
    /// The same where prompt and model stand beside it, as in the log.
    #[must_use]
    pub fn beside_prompt_and_model(mut self) -> Recipe {
        Arc::make_mut(&mut self.request).prompt.clear();
        Recipe { model: String::new(), ..self }
    }

    /// Its JSON, on one line.
    fn json(&self) -> String {
        let written = Written { v: VERSION, recipe: self };
        serde_json::to_string(&written).expect("all keys are text and no value fails to serialise")
    }

    /// Its text in the AUTOMATIC1111 form (`infotext` of stable-diffusion-webui): the prompt, the
    /// negative prompt, and one line of settings. What would not fit into a JPEG is cut from the
    /// prompts, never from the settings.
    fn parameters(&self, facts: &Facts) -> String {
        let max = if facts.format == Format::Jpeg { exif::MAX_UNITS } else { usize::MAX };
        let mut settings: Vec<(&str, String)> = Vec::new();
        let mut add = |name, value: Option<String>| {
            if let Some(value) = value {
                settings.push((name, setting(&value)));
            }
        };
        let request = &self.request;
        let param = |names: [&str; 2]| {
            names.iter().find_map(|name| request.params.get(*name)).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        add("Steps", param(["num_inference_steps", "steps"]));
        add("CFG scale", param(["guidance_scale", "cfg_scale"]));
        add("Seed", request.seed.map(|seed| seed.to_string()));
        add("Size", Some(format!("{}x{}", facts.width, facts.height)));
        add("Model", Some(self.model.clone()));
        for parameter in
            PARAMETERS.iter().filter(|row| !["", "Seed", "Size"].contains(&row.infotext))
        {
            add(parameter.infotext, parameter.asked(request).map(|value| words(&value)));
        }
        add("Look", self.look.clone());
        add("Note", self.note.clone());
        add("Version", Some("pinx".to_owned()));
        let settings: Vec<String> =
            settings.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let tail = format!("\n{}", settings.join(", "));
        let mut text = printable(&self.request.prompt);
        if let Some(negative) = &self.request.negative {
            text.push_str("\nNegative prompt: ");
            text.push_str(&printable(negative));
        }
        let units = |text: &str| text.encode_utf16().count();
        let room = max.saturating_sub(units(&tail));
        if units(&text) > room {
            let mut left = room.saturating_sub(1);
            text = text
                .chars()
                .take_while(|c| {
                    let fits = c.len_utf16() <= left;
                    left -= if fits { c.len_utf16() } else { left };
                    fits
                })
                .collect();
            text.push('…');
        }
        text + &tail
    }
}

/// Text without control characters but line breaks and tabs.
fn printable(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// A setting's value, quoted as JSON where it would break the line apart.
fn setting(value: &str) -> String {
    let short: String = printable(value).chars().take(SETTING).collect();
    if short.contains([',', ':', '\n', '"']) { Value::String(short).to_string() } else { short }
}

/// What puts the recipe into a PNG (text chunks after the header), a JPEG or a WebP (EXIF and XMP).
///
/// Nothing for other formats and signed images, nor for each place that is taken.
pub(crate) fn edits(bytes: &[u8], facts: &Facts, recipe: &Recipe) -> Vec<Edit> {
    if facts.signed || sniff(bytes) != Some(facts.format) {
        return Vec::new();
    }
    let (json, parameters) = (recipe.json(), recipe.parameters(facts));
    match facts.format {
        Format::Png if bytes.get(8..16) != Some(b"\0\0\0\x0dIHDR") => Vec::new(),
        Format::Png => vec![splice::png(splice::png_texts(bytes), &json, &parameters)],
        Format::Jpeg => vec![splice::jpeg(bytes, &json, &parameters)],
        Format::Webp => splice::webp(bytes, facts, &json, &parameters).unwrap_or_default(),
        Format::Gif | Format::Avif | Format::Svg => Vec::new(),
    }
}

/// The same for a PNG of which only this is known, and which of its text chunks are there.
pub(crate) fn png_edits(facts: &Facts, there: Texts, recipe: &Recipe) -> Vec<Edit> {
    if facts.signed {
        return Vec::new();
    }
    vec![splice::png(there, &recipe.json(), &recipe.parameters(facts))]
}

/// An image with its recipe.
pub fn embed(bytes: &[u8], facts: &Facts, recipe: &Recipe) -> Vec<u8> {
    edit::edited(bytes, edits(bytes, facts, recipe))
}

/// An image in parts, without the places where a recipe may stand; nothing for formats that have none.
pub(crate) fn picture(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    splice::picture(bytes, sniff(bytes)?)
}

/// The recipe that pinx put into an image.
pub fn read(bytes: &[u8]) -> Option<Recipe> {
    let text = splice::json(bytes, sniff(bytes)?)?;
    // Images come from anywhere, and a recipe is small: a tree of millions of values is none.
    serde_json::from_value(large_tree(text.as_bytes())?).ok()
}

/// The same from a file that may come from anywhere: of what is no value of its kind the rest is read,
/// and the notes tell what is left out.
pub fn read_own(bytes: &[u8]) -> Option<Provenance> {
    let text = splice::json(bytes, sniff(bytes)?)?;
    let Value::Object(mut fields) = large_tree(text.as_bytes())? else { return None };
    let mut notes = Vec::new();
    let alone = |key: &str, value: &Value| {
        let one = json!({ "prompt": "", "model": "", key: value });
        serde_json::from_value::<Recipe>(one).is_ok()
    };
    fields.retain(|key, value| {
        let is_good = ["prompt", "model"].contains(&key.as_str()) || alone(key, value);
        if !is_good {
            let (key, value) = (text::clean(key, 40), text::clean(&value.to_string(), 60));
            notes.push(format!("its `{key}` is left out: `{value}` is none"));
        }
        is_good
    });
    let recipe = serde_json::from_value(Value::Object(fields)).ok()?;
    Some(Provenance { recipe, notes, ..Provenance::default() })
}

/// The parameters text of an image, from pinx or another program.
pub fn parameters(bytes: &[u8]) -> Option<String> {
    splice::parameters(bytes, sniff(bytes)?)
}

/// What an image says about how it was made, if it is not our own recipe: whatever other programs
/// leave, in whichever place (also our own parameters, where the recipe itself did not fit or was taken
/// out).
pub fn read_parameters(bytes: &[u8]) -> Option<Provenance> {
    let told = foreign::find(&texts::texts(bytes, sniff(bytes)?));
    told.or_else(|| foreign::find(&texts::hidden(bytes)))
}

#[cfg(test)]
mod tests;
