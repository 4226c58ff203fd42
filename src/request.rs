//! What the user wants, with no provider in sight: the request and its small vocabulary.
//!
//! Pure: text in, values out. Every parser says what it expected.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The largest edge that is ever asked for, in pixels.
pub const MAX_EDGE: u32 = 16_384;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Size {
    /// A size, unchecked.
    pub const fn new(width: u32, height: u32) -> Self {
        Size { width, height }
    }

    /// Its area in pixels.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Width over height.
    pub fn ratio(self) -> f64 {
        f64::from(self.width) / f64::from(self.height)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}x{}", self.width, self.height))
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a size, such as `1024x1024` (pixels)");
        let (width, height) = text.trim().split_once(['x', 'X', '×']).ok_or_else(wrong)?;
        let edge = |edge: &str| edge.trim().parse::<u32>().ok().filter(|edge| *edge > 0);
        let size = Size::new(edge(width).ok_or_else(wrong)?, edge(height).ok_or_else(wrong)?);
        if size.width > MAX_EDGE || size.height > MAX_EDGE {
            return Err(format!("`{text}` is too large: an edge is at most {MAX_EDGE} pixels"));
        }
        Ok(size)
    }
}

/// A ratio of width to height, as written: `16:9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aspect {
    /// The left number.
    pub width: u32,
    /// The right number.
    pub height: u32,
}

impl Aspect {
    /// Width over height.
    pub fn ratio(self) -> f64 {
        f64::from(self.width) / f64::from(self.height)
    }

    /// The size of about one megapixel with this ratio: edges in steps of 16 pixels, the ratio as
    /// exact as 0.88 to 1.05 megapixels allow (`16:9` is 1280x720, `3:2` 1248x832).
    pub fn size(self) -> Size {
        let square = f64::from(1024 * 1024);
        let step = |edge: f64| ((edge / 16.0).round() as u32).max(1) * 16;
        let mut best = (f64::MAX, f64::MAX, Size::new(1024, 1024));
        for height in (64..=4096).step_by(16) {
            let size = Size::new(step(f64::from(height) * self.ratio()), height);
            let area = size.pixels() as f64 / square;
            if !(0.875..=1.05).contains(&area) {
                continue;
            }
            let error = (size.ratio() / self.ratio()).ln().abs();
            let score = (if error < 1e-4 { 0.0 } else { error }, (area - 1.0).abs(), size);
            if (score.0, score.1) < (best.0, best.1) {
                best = score;
            }
        }
        best.2
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.width, self.height)
    }
}

impl FromStr for Aspect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an aspect ratio, such as `16:9`");
        let (width, height) = text.trim().split_once([':', '/']).ok_or_else(wrong)?;
        let side = |side: &str| side.trim().parse::<u32>().ok().filter(|n| (1..=100).contains(n));
        let aspect = Aspect {
            width: side(width).ok_or_else(wrong)?,
            height: side(height).ok_or_else(wrong)?,
        };
        if !(1.0 / 16.0..=16.0).contains(&aspect.ratio()) {
            return Err(format!("`{text}` is too extreme: 1:16 to 16:1"));
        }
        Ok(aspect)
    }
}

/// A colour, eight bits a channel, sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub [u8; 3]);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02X}{g:02X}{b:02X}")
    }
}

impl FromStr for Rgb {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a colour, such as `#FF6B6B`");
        let hex = text.trim().trim_start_matches('#');
        if !hex.is_ascii() {
            return Err(wrong());
        }
        let wide = match hex.len() {
            3 => hex.chars().flat_map(|c| [c, c]).collect(),
            6 => hex.to_owned(),
            _ => return Err(wrong()),
        };
        let channel = |at: usize| u8::from_str_radix(&wide[at..at + 2], 16).map_err(|_| wrong());
        Ok(Rgb([channel(0)?, channel(2)?, channel(4)?]))
    }
}

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

/// What is behind the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// As the model likes.
    Auto,
    /// Nothing: an alpha channel.
    Transparent,
    /// Something.
    Opaque,
}

impl Background {
    /// Its name in every interface.
    pub fn name(self) -> &'static str {
        match self {
            Background::Auto => "auto",
            Background::Transparent => "transparent",
            Background::Opaque => "opaque",
        }
    }
}

impl FromStr for Background {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Background::Auto, Background::Transparent, Background::Opaque]
            .into_iter()
            .find(|background| background.name() == text)
            .ok_or_else(|| format!("`{text}` is not a background: transparent, opaque or auto"))
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_strictly() {
        assert_eq!("1536x1024".parse(), Ok(Size::new(1536, 1024)));
        assert_eq!(" 512X256 ".parse(), Ok(Size::new(512, 256)));
        for bad in ["", "1024", "0x10", "-1x5", "axb", "99999x1", "1x2x3", "1e3x5"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }

    #[test]
    fn aspects_become_round_sizes_of_a_megapixel() {
        for (aspect, size) in [
            ("1:1", "1024x1024"),
            ("16:9", "1280x720"),
            ("9:16", "720x1280"),
            ("3:2", "1248x832"),
            ("4:3", "1152x864"),
        ] {
            assert_eq!(aspect.parse::<Aspect>().unwrap().size().to_string(), size, "{aspect}");
        }
        for bad in ["16", "0:1", "1:17", "16:9:1"] {
            assert!(bad.parse::<Aspect>().is_err(), "{bad}");
        }
    }

    #[test]
    fn colours_are_read_and_written() {
        assert_eq!("#f0a".parse(), Ok(Rgb([255, 0, 170])));
        assert_eq!("4ECDC4".parse::<Rgb>().unwrap().to_string(), "#4ECDC4");
        for bad in ["", "#12", "#12345g", "red", "#éé"] {
            assert!(bad.parse::<Rgb>().is_err(), "{bad}");
        }
    }
}
