//! Style `noir`: night, rain on the city, black and white with one red, film grain.
//!
//! Pure: no network, no clock, no files.

use super::Job;
use crate::render::color::{Rgb, hex};
use crate::render::dice::lattice;
use crate::render::palette::Palette;
use crate::render::place::{Mood, Place, Time, Weather};
use crate::render::raster::{self, Pixels};

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let mut brief = job.brief.clone();
    if matches!(brief.time, Time::Day | Time::Dawn) {
        brief.time = Time::Night;
    }
    if brief.mood == Mood::Plain {
        brief.mood = Mood::Dark;
    }
    if brief.weather == Weather::Clear && brief.setting() == Place::City {
        brief.weather = Weather::Rain;
    }
    let mut palette = Palette::new(&brief);
    palette.spot = palette.spot.mix(hex(0xff_ffff), 0.35);
    let list = {
        let own = Job { brief: &brief, palette: &palette, obey: None, ..*job };
        own.scene()
    };
    let mut pixels = job.render(&list);
    let frame = job.frame;
    let accent = job.obey.map_or(hex(0xd8_2434), |obey| obey.map(hex(0xd8_2434)));
    let tones: Vec<Rgb> = (0..256).map(|step| job.color(tone(step as f32 / 255.0))).collect();
    let (black, white) = levels(&pixels);
    let unit = 1.0 / frame.scale;
    let grain = 900.0 * unit;
    raster::each_row(&mut pixels.data, frame.columns, |y, row| {
        let sy = y as f32 * unit;
        let dy = (sy - frame.height / 2.0) / frame.height;
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let sx = x as f32 * unit;
            let dx = (sx - frame.width / 2.0) / frame.width;
            let (r, g, b) = (f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2]));
            let luma = (r * 0.34 + g * 0.52 + b * 0.14) / 255.0;
            let dust = lattice((x as f32 * grain) as i32, (y as f32 * grain) as i32, 7) - 0.5;
            let vignette = 1.0 - (dx * dx + dy * dy) * 1.25;
            let luma = ((luma - black) / (white - black)).clamp(0.0, 1.0);
            let value = (curve(luma) * vignette + dust * 0.05).clamp(0.0, 1.0);
            let gray = tones[(value * 255.0) as usize];
            // Reds and oranges stay red.
            let red = (((r - g) * 1.1 - (b - g).max(0.0) * 0.7 - 62.0) / 60.0).clamp(0.0, 1.0);
            let depth = (luma * 1.5 + 0.22).min(1.25);
            let mix = |gray: f32, hot: f32| gray + (hot * depth - gray) * red;
            pixel[0] = (mix(gray.0, accent.0) * 255.0).clamp(0.0, 255.0) as u8;
            pixel[1] = (mix(gray.1, accent.1) * 255.0).clamp(0.0, 255.0) as u8;
            pixel[2] = (mix(gray.2, accent.2) * 255.0).clamp(0.0, 255.0) as u8;
        }
    });
    pixels
}

/// The tones below and above which little of the picture lies.
fn levels(pixels: &Pixels) -> (f32, f32) {
    let mut counts = [0_usize; 256];
    let mut total = 0;
    for p in pixels.data.chunks_exact(4) {
        let luma = (u32::from(p[0]) * 34 + u32::from(p[1]) * 52 + u32::from(p[2]) * 14) / 100;
        counts[luma as usize] += 1;
        total += 1;
    }
    let tone = |share: f32| {
        let mut left = (total as f32 * share) as usize;
        let found = counts.iter().position(|count| {
            let here = left < *count;
            left = left.saturating_sub(*count);
            here
        });
        found.unwrap_or(255) as f32 / 255.0
    };
    let (black, white) = (tone(0.02), tone(0.985));
    (black * 0.85, white.max(black + 0.25))
}

/// Deep blacks, bright lights.
fn curve(value: f32) -> f32 {
    let lifted = (value * 1.08 - 0.02).clamp(0.0, 1.0);
    let smooth = lifted * lifted * (3.0 - 2.0 * lifted);
    lifted * 0.45 + smooth * 0.55
}

/// Cold black to warm white.
fn tone(value: f32) -> Rgb {
    Rgb(0.025 + value * 0.955, 0.028 + value * 0.938, 0.042 + value * 0.885)
}
