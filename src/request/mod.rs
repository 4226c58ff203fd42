//! What the user wants, with no provider in sight: the request and its small vocabulary.
//!
//! Pure: text in, values out. Every parser says what it expected.

mod background;
mod color;
mod fidelity;
mod format;
mod input;
pub(crate) mod keyless;
pub(crate) mod object;
pub(crate) mod orders;
pub(crate) mod parameter;
mod size;

use serde::{Deserialize, Serialize};

pub use background::Background;
pub use color::Rgb;
pub use fidelity::Fidelity;
pub use format::Format;
pub use input::{Input, MaskMeans, Role};
pub use parameter::{Request, Shape};
pub use size::{Aspect, MAX_EDGE, SIZE_WORDS, Size, is_ratio};

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
