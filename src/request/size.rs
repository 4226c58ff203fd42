//! Sizes in pixels, and ratios that become sizes.

use std::fmt;
use std::str::FromStr;

/// The largest edge that is ever asked for, in pixels.
pub const MAX_EDGE: u32 = 16_384;

/// Words for sizes, and what they mean.
pub const SIZE_WORDS: [(&str, u32, u32); 9] = [
    ("square", 1024, 1024),
    ("portrait", 1024, 1536),
    ("landscape", 1536, 1024),
    ("hd", 1920, 1080),
    ("720p", 1280, 720),
    ("1080p", 1920, 1080),
    ("2k", 2560, 1440),
    ("4k", 3840, 2160),
    ("8k", 7680, 4320),
];

/// Words for ratios, and what they mean.
const RATIO_WORDS: [(&str, u32, u32); 3] =
    [("square", 1, 1), ("portrait", 2, 3), ("landscape", 3, 2)];

/// Ratios that a decimal fraction is taken for first.
const USUAL: [(u32, u32); 12] = [
    (1, 1),
    (16, 9),
    (9, 16),
    (4, 3),
    (3, 4),
    (3, 2),
    (2, 3),
    (5, 4),
    (4, 5),
    (21, 9),
    (9, 21),
    (2, 1),
];

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

    /// The same at this scale, in whole pixels: never larger, and at least one.
    #[must_use]
    pub fn scaled(self, scale: f64) -> Size {
        let edge = |pixels: u32| ((f64::from(pixels) * scale) as u32).max(1);
        Size::new(edge(self.width), edge(self.height))
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
        let word = text.trim().to_lowercase();
        if let Some((_, width, height)) = SIZE_WORDS.iter().find(|(name, ..)| *name == word) {
            return Ok(Size::new(*width, *height));
        }
        let wrong =
            || format!("`{text}` is not a size, such as `1024x1024`, `16:9` or `landscape`");
        let (width, height) = text.trim().split_once(['x', 'X', '×']).ok_or_else(wrong)?;
        let edge = |edge: &str| edge.trim().parse::<u32>().ok().filter(|edge| *edge > 0);
        let size = Size::new(edge(width).ok_or_else(wrong)?, edge(height).ok_or_else(wrong)?);
        if size.width > MAX_EDGE || size.height > MAX_EDGE {
            return Err(format!("`{text}` is too large: an edge is at most {MAX_EDGE} pixels"));
        }
        Ok(size)
    }
}

/// The largest number in a ratio.
const MOST_SIDE: u32 = 100;

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
        let word = text.trim().to_lowercase();
        if let Some((_, width, height)) = RATIO_WORDS.iter().find(|(name, ..)| *name == word) {
            return Ok(Aspect { width: *width, height: *height });
        }
        let sides = word.split_once([':', '/', 'x', '×']);
        let fraction = match sides {
            None => Some(word.as_str()),
            Some((width, height)) if height.trim() == "1" => Some(width.trim()),
            Some(_) => None,
        };
        let aspect = match fraction.filter(|text| text.contains('.')) {
            Some(fraction) => of_fraction(fraction).ok_or_else(wrong)?,
            None => {
                let side = |side: &str| side.trim().parse::<u32>().ok().filter(|side| *side > 0);
                let (width, height) = sides.ok_or_else(wrong)?;
                reduced(side(width).ok_or_else(wrong)?, side(height).ok_or_else(wrong)?)
                    .ok_or_else(wrong)?
            }
        };
        if !(1.0 / 16.0..=16.0).contains(&aspect.ratio()) {
            return Err(format!("`{text}` is too extreme: 1:16 to 16:1"));
        }
        Ok(aspect)
    }
}

/// Whether a text that stands where a size belongs is a ratio: `16:9`, `16/9`.
pub fn is_ratio(text: &str) -> bool {
    text.contains([':', '/']) && text.parse::<Aspect>().is_ok()
}

/// A ratio of two numbers, which is written as it was typed unless they are large: `1920:1080` is
/// `16:9`.
fn reduced(width: u32, height: u32) -> Option<Aspect> {
    if width <= MOST_SIDE && height <= MOST_SIDE {
        return Some(Aspect { width, height });
    }
    let (mut a, mut b) = (width, height);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    let (width, height) = (width / a, height / a);
    (width <= MOST_SIDE && height <= MOST_SIDE).then_some(Aspect { width, height })
}

/// The ratio that a decimal fraction was rounded from: `1.78` is `16:9`.
fn of_fraction(text: &str) -> Option<Aspect> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0)?;
    let (_, digits) = text.split_once('.').filter(|(_, digits)| !digits.is_empty())?;
    let half = 0.5 * 10f64.powi(-(digits.len().min(9) as i32)) + 1e-12;
    let is_it =
        |width: u32, height: u32| (f64::from(width) / f64::from(height) - value).abs() <= half;
    let usual = USUAL.into_iter().find(|(width, height)| is_it(*width, *height));
    let any = || {
        let of = |height: u32| ((f64::from(height) * value).round() as u32, height);
        let mut ratios = (1..=MOST_SIDE).map(of);
        ratios.find(|(width, height)| (1..=MOST_SIDE).contains(width) && is_it(*width, *height))
    };
    usual.or_else(any).map(|(width, height)| Aspect { width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_strictly() {
        assert_eq!("1536x1024".parse(), Ok(Size::new(1536, 1024)));
        assert_eq!(" 512X256 ".parse(), Ok(Size::new(512, 256)));
        for (word, size) in [
            ("square", "1024x1024"),
            (" Landscape", "1536x1024"),
            ("4K", "3840x2160"),
            ("hd", "1920x1080"),
        ] {
            assert_eq!(word.parse::<Size>().unwrap().to_string(), size, "{word}");
        }
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
            ("16x9", "1280x720"),
            ("16/9", "1280x720"),
            ("1.78", "1280x720"),
            ("1.78:1", "1280x720"),
            ("0.5625", "720x1280"),
            ("portrait", "832x1248"),
        ] {
            assert_eq!(aspect.parse::<Aspect>().unwrap().size().to_string(), size, "{aspect}");
        }
        for (typed, shown) in [
            ("4:2", "4:2"),
            ("1920x1080", "16:9"),
            ("2.39", "43:18"),
            ("1.333", "4:3"),
            ("1.0", "1:1"),
        ] {
            assert_eq!(typed.parse::<Aspect>().unwrap().to_string(), shown, "{typed}");
        }
        for (typed, ratio) in
            [("16:9", true), ("16/9", true), ("16x9", false), ("1024x768", false), ("1:99", false)]
        {
            assert_eq!(is_ratio(typed), ratio, "{typed}");
        }
        for bad in [
            "16",
            "0:1",
            "1:17",
            "16:9:1",
            "1.",
            ".",
            "0.01",
            "99.9",
            "-1.5",
            "1023:1000",
            "nan",
            "1.5:2",
        ] {
            assert!(bad.parse::<Aspect>().is_err(), "{bad}");
        }
    }
}
