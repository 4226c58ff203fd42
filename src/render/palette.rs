//! The light of a scene: sky, sun, haze and the tint on everything, by time, weather and mood.
//!
//! Colours the user gave replace all of it at the end: every colour of the scene is moved onto
//! OKLab ramps that run from dark through the given colours to light.
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::{Lab, Rgb, WHITE, hex};
use super::dice::Dice;
use super::place::{Light, Mood, Place, Time, Weather};

#[derive(Debug, Clone)]
pub(crate) struct Palette {
    /// From the zenith to the horizon.
    pub(crate) sky: [Rgb; 5],
    pub(crate) sun: Rgb,
    pub(crate) glow: Rgb,
    pub(crate) haze: Rgb,
    /// Multiplies ground colours.
    pub(crate) light: Rgb,
    /// Multiplies hero colours.
    pub(crate) spot: Rgb,
    /// The darkest foreground.
    pub(crate) dark: Rgb,
    pub(crate) cloud: Rgb,
    /// Windows and lamps.
    pub(crate) lamp: Rgb,
    pub(crate) time: Time,
}

struct Preset {
    time: Time,
    sky: [u32; 5],
    sun: u32,
    glow: u32,
    haze: u32,
    light: u32,
    spot: u32,
    dark: u32,
    cloud: u32,
}

#[rustfmt::skip]
const PRESETS: &[Preset] = &[
    Preset { time: Time::Day, sky: [0x2f7fd0, 0x4f9fe0, 0x80c0ec, 0xb2dcf3, 0xe4f4f6], sun: 0xfff6d8, glow: 0xfff2c4, haze: 0xc4e2f0, light: 0xfdfbf2, spot: 0xffffff, dark: 0x1f4a4a, cloud: 0xffffff },
    Preset { time: Time::Day, sky: [0x3aa0c8, 0x62bcd6, 0x98d8dc, 0xcdeee0, 0xfbf6dc], sun: 0xfffbe0, glow: 0xfff0b8, haze: 0xcfeae2, light: 0xfffaea, spot: 0xffffff, dark: 0x1c4c4e, cloud: 0xffffff },
    Preset { time: Time::Day, sky: [0x4a86d8, 0x77a9ea, 0xa8ccf2, 0xd6e6f2, 0xfdf0e0], sun: 0xfff4d0, glow: 0xffe9c0, haze: 0xd4e2ee, light: 0xfffaf0, spot: 0xffffff, dark: 0x274560, cloud: 0xffffff },
    Preset { time: Time::Dusk, sky: [0x2a1c56, 0x5f2f7c, 0xb8487e, 0xf2835f, 0xffcf8a], sun: 0xfff0b4, glow: 0xffa866, haze: 0xe68a7c, light: 0xb9809a, spot: 0xf2cfc4, dark: 0x241538, cloud: 0xd0678c },
    Preset { time: Time::Dusk, sky: [0x1c2a5e, 0x4a4484, 0x9c5a8e, 0xef8a70, 0xffd28e], sun: 0xfff2bc, glow: 0xffb070, haze: 0xdc9484, light: 0xb08a9c, spot: 0xf2d4c8, dark: 0x1c1e42, cloud: 0xb46a98 },
    Preset { time: Time::Dusk, sky: [0x23495e, 0x4c7480, 0xa89a86, 0xf2b068, 0xffdf9a], sun: 0xfff4c4, glow: 0xffbe6a, haze: 0xe2b488, light: 0xc09a80, spot: 0xf6dcc0, dark: 0x1d2f3a, cloud: 0xd09a80 },
    Preset { time: Time::Dawn, sky: [0x6f8fc9, 0xa3a9d8, 0xdcb6cc, 0xfbc9b0, 0xffeaca], sun: 0xfffae0, glow: 0xffdcae, haze: 0xf2d2cc, light: 0xeed4d4, spot: 0xfff0ea, dark: 0x3c4468, cloud: 0xfde0d8 },
    Preset { time: Time::Dawn, sky: [0x5a9ab4, 0x92bcc4, 0xcdd6c4, 0xf6deb0, 0xfff2ce], sun: 0xfffbe2, glow: 0xffe8a8, haze: 0xe8dfc6, light: 0xeee0cc, spot: 0xfff6e8, dark: 0x2c4a54, cloud: 0xfff0dc },
    Preset { time: Time::Night, sky: [0x070a24, 0x0f1740, 0x1b2a62, 0x2e4884, 0x5473a8], sun: 0xf6f2dc, glow: 0xa8c0f0, haze: 0x3c5a92, light: 0x4c5f94, spot: 0xa2acd0, dark: 0x080c22, cloud: 0x3a5088 },
    Preset { time: Time::Night, sky: [0x0a0a28, 0x1a1448, 0x34226c, 0x553a8a, 0x8a5fa4], sun: 0xfaf0dc, glow: 0xc8b0f0, haze: 0x5c4690, light: 0x5c5490, spot: 0xb0a8d0, dark: 0x0c0a24, cloud: 0x4c3c80 },
    Preset { time: Time::Night, sky: [0x04141f, 0x0a2838, 0x144652, 0x256a6c, 0x4c9488], sun: 0xf2f6e0, glow: 0xa8e8d8, haze: 0x2e6a70, light: 0x457484, spot: 0x9cbcc4, dark: 0x04121a, cloud: 0x2a5e68 },
];

impl Palette {
    pub(crate) fn new(brief: &Brief) -> Self {
        let mut dice = Dice::named(brief.seed, "palette");
        let fitting: Vec<&Preset> = PRESETS.iter().filter(|p| p.time == brief.time).collect();
        let preset = match brief.mood {
            Mood::Cold if brief.time == Time::Night => fitting[0],
            _ if brief.lights.contains(&Light::Aurora) => fitting[fitting.len() - 1],
            _ => dice.pick(&fitting),
        };
        let mut palette = Self {
            sky: preset.sky.map(hex),
            sun: hex(preset.sun),
            glow: hex(preset.glow),
            haze: hex(preset.haze),
            light: hex(preset.light),
            spot: hex(preset.spot),
            dark: hex(preset.dark),
            cloud: hex(preset.cloud),
            lamp: if brief.time == Time::Day { hex(0x5f93b0) } else { hex(0xffd277) },
            time: brief.time,
        };
        palette.weather(brief.weather);
        palette.mood(brief.mood);
        if let Some(tint) = brief.tint {
            palette.each(|color| tinted(color, tint));
        }
        palette
    }

    /// Changes every colour of the air, and half as much the light on things.
    fn each(&mut self, change: impl Fn(Rgb) -> Rgb) {
        for color in &mut self.sky {
            *color = change(*color);
        }
        for color in [&mut self.glow, &mut self.haze, &mut self.cloud, &mut self.dark] {
            *color = change(*color);
        }
        self.light = self.light.mix(change(self.light), 0.5);
        self.spot = self.spot.mix(change(self.spot), 0.25);
    }

    fn weather(&mut self, weather: Weather) {
        let horizon = self.sky[3].mix(self.haze, 0.5);
        if !matches!(weather, Weather::Clear | Weather::Wind) {
            self.each(|color| weathered(color, weather, horizon));
        }
        match weather {
            Weather::Rain => self.spot = self.spot.mix(hex(0xaebccc), 0.45),
            Weather::Storm => self.spot = self.spot.mix(hex(0x98a2b8), 0.55),
            _ => {}
        }
    }

    fn mood(&mut self, mood: Mood) {
        if !matches!(mood, Mood::Plain | Mood::Autumn) {
            self.each(|color| mooded(color, mood));
        }
    }

    /// A ground colour in this light; `depth` 0 is near, 1 is lost in the haze.
    pub(crate) fn ground(&self, base: Rgb, depth: f32) -> Rgb {
        base.lit(self.light).mix(self.haze, depth)
    }

    /// A hero colour in this light.
    pub(crate) fn hero(&self, base: Rgb) -> Rgb {
        base.lit(self.spot)
    }

    pub(crate) fn is_dark(&self) -> bool {
        self.time == Time::Night
    }
}

/// A colour in a weather; `horizon` is the colour of the air far away.
pub(crate) fn weathered(color: Rgb, weather: Weather, horizon: Rgb) -> Rgb {
    match weather {
        Weather::Clear | Weather::Wind => color,
        Weather::Cloudy => color.vivid(0.6).mix(hex(0xb8c2cc), 0.25),
        Weather::Rain => color.vivid(0.55).lit(hex(0xb4c4d6)).mix(hex(0x5c6e84), 0.25),
        Weather::Storm => color.vivid(0.6).lit(hex(0x7c84a0)).mix(hex(0x30384e), 0.3),
        Weather::Snow => color.vivid(0.6).mix(hex(0xdfe8f2), 0.3),
        Weather::Fog => color.vivid(0.55).mix(horizon.vivid(0.5), 0.42),
    }
}

/// A colour in a mood.
pub(crate) fn mooded(color: Rgb, mood: Mood) -> Rgb {
    match mood {
        Mood::Plain | Mood::Autumn => color,
        Mood::Calm => color.vivid(0.85).lighter(0.015),
        Mood::Warm => color.mix(hex(0xffb46a), 0.16),
        Mood::Cold => color.mix(hex(0x8fc4ee), 0.2),
        Mood::Dark => color.vivid(0.75).lit(hex(0xa8a8bc)),
        Mood::Bright | Mood::Spring => color.vivid(1.15).lighter(0.01),
        Mood::Dreamy => color.mix(hex(0xe8b4e0), 0.28),
        Mood::Wild => color.vivid(1.3),
    }
}

/// A colour that a colour word bends: its lightness stays, its hue goes most of the way.
pub(crate) fn tinted(color: Rgb, tint: Rgb) -> Rgb {
    let (own, other) = (color.lab(), tint.lab());
    let keep = 0.35;
    Lab(
        own.0,
        own.1 * keep + other.1 * (1.0 - keep) * 0.8,
        own.2 * keep + other.2 * (1.0 - keep) * 0.8,
    )
    .rgb()
}

/// Moves colours onto ramps over the colours the user gave.
#[derive(Debug, Clone)]
pub(crate) struct Obey {
    anchors: Vec<Lab>,
    /// Lowest lightness of the ramps, and the highest.
    range: (f32, f32),
}

impl Obey {
    /// `None` without colours.
    pub(crate) fn new(colors: &[[u8; 3]]) -> Option<Self> {
        let anchors: Vec<Lab> = colors.iter().take(16).map(|c| Rgb::from(*c).lab()).collect();
        let low = anchors.iter().map(|a| a.0).fold(f32::MAX, f32::min);
        let high = anchors.iter().map(|a| a.0).fold(f32::MIN, f32::max);
        (!anchors.is_empty()).then(|| Self {
            range: ((low * 0.7).min(0.22), (high + (1.0 - high) * 0.6).max(0.95)),
            anchors,
        })
    }

    pub(crate) fn map(&self, color: Rgb) -> Rgb {
        let own = color.lab();
        let lightness = self.range.0 + own.0 * (self.range.1 - self.range.0);
        let (mut sum, mut result) = (0.0, Lab(0.0, 0.0, 0.0));
        for anchor in &self.anchors {
            let l = (own.0 - anchor.0) * 1.1;
            let (a, b) = (own.1 - anchor.1, own.2 - anchor.2);
            let squared = l * l + (a * a + b * b) * 2.5;
            let weight = libm::expf(-squared * 26.0) + 1e-6 / (squared + 0.01);
            // Part of the way from the scene's own lightness to the given colour, less near black and white.
            let pulled = lightness + (anchor.0 - lightness) * 0.3;
            let room = if pulled > anchor.0 {
                (1.0 - pulled) / (1.0 - anchor.0).max(0.02)
            } else {
                pulled / anchor.0.max(0.02)
            };
            let chroma = room.clamp(0.0, 1.0).sqrt();
            result.0 += pulled * weight;
            result.1 += anchor.1 * chroma * weight;
            result.2 += anchor.2 * chroma * weight;
            sum += weight;
        }
        Lab(result.0 / sum, result.1 / sum, result.2 / sum).rgb()
    }
}

/// The colours of a design without a scene: the given ones, or five from the palette.
pub(crate) fn swatches(palette: &Palette, colors: &[[u8; 3]], seed: u64) -> Vec<Rgb> {
    if !colors.is_empty() {
        let mut given: Vec<Rgb> = colors.iter().take(12).map(|c| Rgb::from(*c)).collect();
        if given.len() == 1 {
            given.push(given[0].mix(WHITE, 0.82));
            given.push(given[0].darker(0.18));
            given.push(given[0].mix(WHITE, 0.45));
        } else if given.len() == 2 {
            given.push(given[0].mix(given[1], 0.5));
            given.push(given[0].mix(WHITE, 0.6));
        }
        return given;
    }
    const SETS: [[u32; 5]; 8] = [
        [0x264653, 0x2a9d8f, 0xe9c46a, 0xf4a261, 0xe76f51],
        [0x1d3557, 0x457b9d, 0xa8dadc, 0xf1faee, 0xe63946],
        [0x3d2c5e, 0x7a4988, 0xd96c8a, 0xf6a878, 0xfde5b8],
        [0x143642, 0x0f8b8d, 0xec9a29, 0xf6e7cb, 0xa8201a],
        [0x2b3a67, 0x496a81, 0x66999b, 0xb3af8f, 0xffc482],
        [0x0b3954, 0x087e8b, 0xbfd7ea, 0xff5a5f, 0xf7f0e0],
        [0x22223b, 0x4a4e69, 0x9a8c98, 0xc9ada7, 0xf2e9e4],
        [0x5f0f40, 0x9a031e, 0xfb8b24, 0xe36414, 0x0f4c5c],
    ];
    let mut dice = Dice::named(seed, "swatches");
    let set = dice.pick(&SETS);
    set.iter().map(|c| hex(*c).mix(palette.sky[3], 0.08)).collect()
}

/// The colour of growing things, by season and weather.
pub(crate) fn green(brief: &Brief) -> Rgb {
    if brief.is_white() {
        hex(0xe9eff7)
    } else if brief.mood == Mood::Autumn {
        hex(0xb88a3e)
    } else if brief.has(Place::Field) {
        hex(0xc9b04e)
    } else {
        hex(0x6aa653)
    }
}
