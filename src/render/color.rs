//! Colours: sRGB triples in `0.0..1.0` and the OKLab arithmetic every mix goes through.
//!
//! Pure: no network, no clock, no files. Powers and roots come from `libm`.

use std::sync::LazyLock;

/// An sRGB colour, each part in `0.0..1.0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rgb(pub(crate) f32, pub(crate) f32, pub(crate) f32);

/// OKLab: lightness `0.0..1.0`, green–red, blue–yellow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lab(pub(crate) f32, pub(crate) f32, pub(crate) f32);

pub(crate) const fn hex(value: u32) -> Rgb {
    Rgb(
        ((value >> 16) & 255) as f32 / 255.0,
        ((value >> 8) & 255) as f32 / 255.0,
        (value & 255) as f32 / 255.0,
    )
}

pub(crate) const WHITE: Rgb = hex(0xff_ffff);
pub(crate) const BLACK: Rgb = hex(0x00_0000);

impl From<[u8; 3]> for Rgb {
    fn from(value: [u8; 3]) -> Self {
        Self(f32::from(value[0]) / 255.0, f32::from(value[1]) / 255.0, f32::from(value[2]) / 255.0)
    }
}

impl Rgb {
    pub(crate) fn lab(self) -> Lab {
        Self::lab_of_light(linear(self.0), linear(self.1), linear(self.2))
    }

    /// The same of bytes, whose light is looked up.
    pub(crate) fn lab_of_bytes(bytes: [u8; 3]) -> Lab {
        static LIGHT: LazyLock<[f32; 256]> =
            LazyLock::new(|| std::array::from_fn(|byte| linear(byte as f32 / 255.0)));
        let [r, g, b] = bytes.map(|byte| LIGHT[usize::from(byte)]);
        Self::lab_of_light(r, g, b)
    }

    fn lab_of_light(r: f32, g: f32, b: f32) -> Lab {
        let l = libm::cbrtf(0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b);
        let m = libm::cbrtf(0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b);
        let s = libm::cbrtf(0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b);
        Lab(
            0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        )
    }

    /// Mixes through OKLab: `0.0` is `self`, `1.0` is `other`.
    pub(crate) fn mix(self, other: Self, share: f32) -> Self {
        let (a, b) = (self.lab(), other.lab());
        Lab(a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share, a.2 + (b.2 - a.2) * share).rgb()
    }

    /// Adds to the lightness.
    pub(crate) fn lighter(self, by: f32) -> Self {
        let lab = self.lab();
        Lab((lab.0 + by).clamp(0.0, 1.0), lab.1, lab.2).rgb()
    }

    pub(crate) fn darker(self, by: f32) -> Self {
        self.lighter(-by)
    }

    /// Multiplies the chroma.
    pub(crate) fn vivid(self, factor: f32) -> Self {
        let lab = self.lab();
        Lab(lab.0, lab.1 * factor, lab.2 * factor).rgb()
    }

    /// Multiplies part by part, as coloured light does.
    pub(crate) fn lit(self, light: Self) -> Self {
        Self(self.0 * light.0, self.1 * light.1, self.2 * light.2)
    }

    /// Turns the hue, in degrees.
    pub(crate) fn turned(self, degrees: f32) -> Self {
        let lab = self.lab();
        let angle = degrees * std::f32::consts::PI / 180.0;
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        Lab(lab.0, lab.1 * cos - lab.2 * sin, lab.1 * sin + lab.2 * cos).rgb()
    }

    /// Luma of the encoded parts, `0.0..1.0`; cheap, for tone.
    pub(crate) fn luma(self) -> f32 {
        self.0 * 0.299 + self.1 * 0.587 + self.2 * 0.114
    }

    pub(crate) fn bytes(self) -> [u8; 3] {
        [(self.0 * 255.0 + 0.5) as u8, (self.1 * 255.0 + 0.5) as u8, (self.2 * 255.0 + 0.5) as u8]
    }
}

impl Lab {
    pub(crate) fn rgb(self) -> Rgb {
        let l = self.0 + 0.396_337_78 * self.1 + 0.215_803_76 * self.2;
        let m = self.0 - 0.105_561_346 * self.1 - 0.063_854_17 * self.2;
        let s = self.0 - 0.089_484_18 * self.1 - 1.291_485_5 * self.2;
        let (l, m, s) = (l * l * l, m * m * m, s * s * s);
        Rgb(
            encoded(4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s),
            encoded(-1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s),
            encoded(-0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s),
        )
    }

    pub(crate) fn chroma(self) -> f32 {
        (self.1 * self.1 + self.2 * self.2).sqrt()
    }

    pub(crate) fn distance(self, other: Self) -> f32 {
        let (l, a, b) = (self.0 - other.0, self.1 - other.1, self.2 - other.2);
        (l * l + a * a + b * b).sqrt()
    }
}

fn linear(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { libm::powf((value + 0.055) / 1.055, 2.4) }
}

fn encoded(value: f32) -> f32 {
    if value <= 0.003_130_8 {
        (value * 12.92).max(0.0)
    } else {
        (1.055 * libm::powf(value, 1.0 / 2.4) - 0.055).min(1.0)
    }
}

/// A colour word near the hero's own colour bends it; a foreign one replaces it.
pub(crate) fn fitting(word: Rgb, own: Rgb) -> Rgb {
    let (a, b) = (word.lab(), own.lab());
    let near = a.chroma() > 0.06 && b.chroma() > 0.06 && a.distance(b) < 0.2;
    if near { own.mix(word, 0.38) } else { word }
}
