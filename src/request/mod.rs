//! What the user wants, with no provider in sight: the request and its small vocabulary.
//!
//! Pure: text in, values out. Every parser says what it expected.

mod background;
mod color;
mod format;
mod size;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use background::Background;
pub use color::Rgb;
pub use format::Format;
pub use size::{Aspect, MAX_EDGE, Size};

/// What is wanted of one image.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// The prompt, after `--var` was filled in.
    pub prompt: String,
    /// What should not be seen.
    pub negative: Option<String>,
    /// The size asked for; none means the default.
    pub size: Option<Size>,
    /// The ratio asked for; never together with a size.
    pub aspect: Option<Aspect>,
    /// The quality word asked for.
    pub quality: Option<String>,
    /// The format asked for; none means the model's own.
    pub format: Option<Format>,
    /// The seed asked for.
    pub seed: Option<u64>,
    /// The id of a style.
    pub style: Option<String>,
    /// The palette.
    pub colors: Vec<Rgb>,
    /// What is behind the subject.
    pub background: Option<Background>,
    /// Words set in type over the picture (the built-in renderer only).
    pub label: Option<String>,
    /// Passed through raw to the provider.
    pub params: BTreeMap<String, Value>,
}

/// Serialises and reads these through their text, so a setting, a flag and a log line agree.
macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
as_text!(Size, Aspect, Rgb);
