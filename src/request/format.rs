//! Formats of image files, their names and extensions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An image file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// AVIF.
    Avif,
    /// SVG.
    Svg,
}

impl Format {
    /// All of them, for messages and tests.
    pub const ALL: [Format; 6] =
        [Format::Png, Format::Jpeg, Format::Webp, Format::Gif, Format::Avif, Format::Svg];

    /// Its name in every interface: `png`, `jpeg`…
    pub fn name(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Jpeg => "jpeg",
            Format::Webp => "webp",
            Format::Gif => "gif",
            Format::Avif => "avif",
            Format::Svg => "svg",
        }
    }

    /// Whether it can be made here from another one.
    pub fn is_converted_to(self) -> bool {
        matches!(self, Format::Png | Format::Jpeg | Format::Webp)
    }

    /// Its media type.
    pub fn media_type(self) -> String {
        match self {
            Format::Svg => "image/svg+xml".to_owned(),
            other => format!("image/{}", other.name()),
        }
    }

    /// Its file extension, without the dot.
    pub fn extension(self) -> &'static str {
        if self == Format::Jpeg { "jpg" } else { self.name() }
    }

    /// The extension to use where `written` was asked for: kept when it names this format.
    pub fn extension_like(self, written: &str) -> String {
        if Format::of_extension(written) == Some(self) {
            written.to_owned()
        } else {
            self.extension().to_owned()
        }
    }

    /// The format of an extension, with or without the dot.
    pub fn of_extension(extension: &str) -> Option<Format> {
        let extension = extension.trim_start_matches('.').to_ascii_lowercase();
        if extension == "jpg" {
            return Some(Format::Jpeg);
        }
        Format::ALL.into_iter().find(|format| format.name() == extension)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Format::of_extension(text.trim())
            .ok_or_else(|| format!("`{text}` is not a format: png, jpeg, webp, gif, avif or svg"))
    }
}
