//! Sizes in pixels, and ratios that become sizes.

use std::fmt;
use std::str::FromStr;

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
}
