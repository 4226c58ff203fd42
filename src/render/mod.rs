//! `pinx/sketch`, the built-in renderer: a prompt becomes a flat-vector illustration, offline.
//!
//! Procedural, not AI: it draws what it has code for, and an abstract for the rest. Equal recipes
//! give equal pixels on every machine and any number of cores.
//! Pure: no network, no clock, no files.

mod abstraction;
mod art;
mod brief;
mod canvas;
mod cast;
mod city;
mod color;
mod compose;
mod dice;
mod emoji;
mod features;
mod figure;
mod ground;
mod group;
mod harbour;
mod indoors;
mod land;
mod lettering;
mod lexicon;
mod list;
mod noise;
mod offworld;
mod palette;
mod path;
mod pathdata;
mod place;
mod raster;
mod reading;
mod rooms;
mod sentence;
mod sky;
mod spelling;
mod stage;
mod street;
mod style;
#[cfg(test)]
mod tests;
mod underlay;
#[cfg(test)]
mod understanding;
#[cfg(test)]
mod vocabulary;
mod water;
mod weather;

pub use canvas::{Canvas, Face, Letters};
pub use underlay::{Given, Raster, middle};

use brief::Brief;
use dice::fnv;
use palette::{Obey, Palette};
use underlay::{Underlay, Wishes};

/// The version of the look, written into the metadata; pixels may change only with it.
pub const LOOK: &str = "sketch-v2";

/// All that decides the pixels of a sketch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
    /// What to draw, in words.
    pub prompt: String,
    /// A style id of [`styles`]; an unknown one draws as `none`. Where it is empty, the words of
    /// the prompt may ask for one.
    pub style: String,
    /// sRGB colours the whole picture keeps to; empty means the scene's own.
    pub colors: Vec<[u8; 3]>,
    /// Pixels, 1 to 8192.
    pub width: u32,
    /// Pixels, 1 to 8192.
    pub height: u32,
    /// Varies the composition.
    pub seed: u64,
    /// Text set near the bottom.
    pub label: Option<String>,
    /// Heroes only, on a transparent ground.
    pub transparent: bool,
}

/// A drawn sketch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Straight alpha, row by row, four bytes a pixel.
    pub rgba: Vec<u8>,
    /// Words of the prompt that were drawn; empty for an abstract.
    pub understood: Vec<String>,
}

/// The style ids, the plain one first.
pub fn styles() -> &'static [&'static str] {
    style::IDS
}

/// What is made of a prompt, without drawing it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Understanding {
    /// Words of things that it cannot draw, as they are written.
    pub unknown: Vec<String>,
    /// Words of what is wanted away, and stays in the picture that is drawn over.
    pub stays: Vec<String>,
    /// Words of things in the picture that a colour is wanted of alone.
    pub uncolored: Vec<String>,
    /// Words for where something is wanted beside what the picture shows.
    pub unplaced: Vec<String>,
    /// Whether nothing can be depicted: an abstract is drawn.
    pub is_abstract: bool,
    /// The style id of [`styles`] that the words ask for.
    pub style: Option<&'static str>,
}

/// Reads a prompt as [`draw`] does.
pub fn understand(prompt: &str) -> Understanding {
    let Brief { unknown, is_abstract, style, .. } = Brief::read(prompt, 0);
    Understanding { unknown, is_abstract, style, ..Understanding::default() }
}

/// Reads a prompt as [`draw_over`] does. An abstract is never drawn over a picture; where nothing of the
/// prompt changes it, that is said of it.
pub fn understand_over(prompt: &str) -> Understanding {
    let wishes = Wishes::read(prompt, 0);
    let is_abstract = !wishes.changes();
    let Wishes { brief, undone: unknown, away, uncolored, unplaced, .. } = wishes;
    let (stays, style) = (away.stays, brief.style);
    Understanding { unknown, stays, uncolored, unplaced, is_abstract, style }
}

/// Whether a style can be laid over a picture that is given: the others build one of their own.
pub fn lays_over(style: &str) -> bool {
    style::lays_over(style)
}

/// The emoji of a label, which the type has not and which are left out.
pub fn unlettered(label: &str) -> Vec<&str> {
    emoji::all(label)
}

/// Draws a recipe. Edges outside 1 to 8192 pixels are brought inside.
pub fn draw(recipe: &Recipe) -> Picture {
    draw_over(recipe, &Given::default())
}

/// Draws a recipe over pictures that are given; without any it is [`draw`].
pub fn draw_over(recipe: &Recipe, given: &Given) -> Picture {
    let (width, height) = (recipe.width.clamp(1, 8192), recipe.height.clamp(1, 8192));
    let seed = recipe.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ fnv(recipe.prompt.as_bytes());
    let underlay = Underlay::new(given, &recipe.prompt, seed);
    let brief = match &underlay {
        Some(underlay) => underlay.wishes.brief.clone(),
        None => Brief::read(&recipe.prompt, seed),
    };
    let palette = Palette::new(&brief);
    let frame = style::Frame::new(width, height);
    let obey = Obey::new(&recipe.colors);
    let (obey, underlay) = (obey.as_ref(), underlay.as_ref());
    let job = style::Job { recipe, brief: &brief, palette: &palette, frame, obey, underlay };
    let pixels = style::draw(&job);
    Picture { width, height, rgba: pixels.data, understood: brief.understood }
}
