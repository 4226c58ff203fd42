//! The styles: each turns the same understood prompt into pixels in its own way.
//!
//! Pure: no network, no clock, no files.

mod card;
mod designs;
mod flat;
mod grid;
mod isometric;
mod line_art;
mod low_poly;
mod noir;
mod pixel_art;
mod solid;
mod solid_parts;
mod sticker;
mod terrain;
mod tint;
mod triangles;
mod voxel;
mod voxel_models;
mod voxel_parts;
mod voxel_sprite;
mod watercolor;

use super::Recipe;
use super::brief::Brief;
use super::color::Rgb;
use super::compose;
use super::lettering;
use super::list::List;
use super::palette::{Obey, Palette};
use super::raster::{self, Edges, Pixels};
use super::underlay::Underlay;

type Draw = fn(&Job<'_>) -> Pixels;

/// Every style with its painter; the order is the order of the list of ids.
const STYLES: &[(&str, Draw)] = &[
    ("none", plain),
    ("watercolor", watercolor::draw),
    ("line-art", line_art::draw),
    ("pixel-art", pixel_art::draw),
    ("voxel-3d", voxel::draw),
    ("isometric", isometric::draw),
    ("low-poly", low_poly::draw),
    ("flat", flat::draw),
    ("noir", noir::draw),
    ("blueprint", line_art::blueprint),
    ("sticker", sticker::draw),
    ("gradient", designs::gradient),
    ("pattern", designs::pattern),
    ("identicon", designs::identicon),
    ("og-card", card::draw),
];

pub(super) const IDS: &[&str] = &{
    let mut ids = [""; STYLES.len()];
    let mut index = 0;
    while index < STYLES.len() {
        ids[index] = STYLES[index].0;
        index += 1;
    }
    ids
};

/// Styles that build a picture of their own, which no picture that is given can be the ground of.
const OWN: [&str; 6] = ["voxel-3d", "isometric", "sticker", "gradient", "pattern", "identicon"];

pub(super) fn lays_over(id: &str) -> bool {
    !OWN.contains(&id)
}

/// The size of a picture in pixels and in scene units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Pixels a scene unit.
    pub(crate) scale: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

impl Frame {
    /// The shorter side is one unit; beyond 1 : 4 the longer side is four.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let (w, h) = (width as f32, height as f32);
        let scale = w.min(h).max(w.max(h) / 4.0);
        Self {
            columns: width as usize,
            rows: height as usize,
            scale,
            width: w / scale,
            height: h / scale,
        }
    }
}

/// All a style may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) recipe: &'a Recipe,
    pub(crate) brief: &'a Brief,
    pub(crate) palette: &'a Palette,
    pub(crate) frame: Frame,
    pub(crate) obey: Option<&'a Obey>,
    /// The picture that is drawn over.
    pub(crate) underlay: Option<&'a Underlay>,
}

impl Job<'_> {
    /// The scene, in the colours of the recipe.
    pub(crate) fn scene(&self) -> List {
        if let Some(underlay) = self.underlay {
            return underlay.scene(self);
        }
        let (w, h) = (self.frame.width, self.frame.height);
        let mut list = if self.cut_out() {
            compose::heroes_only(self.brief, self.palette, w, h)
        } else {
            compose::scene(self.brief, self.palette, w, h)
        };
        self.obey(&mut list);
        list
    }

    /// Whether something shows through: only the heroes are drawn, or what is drawn over has gaps.
    pub(crate) fn cut_out(&self) -> bool {
        if let Some(underlay) = self.underlay {
            return underlay.has_gaps();
        }
        self.recipe.transparent && !self.brief.cast.is_empty()
    }

    pub(crate) fn obey(&self, list: &mut List) {
        if let Some(obey) = self.obey {
            list.recolor(|color| obey.map(color));
        }
    }

    /// One colour as the recipe's colours want it.
    pub(crate) fn color(&self, color: Rgb) -> Rgb {
        self.obey.map_or(color, |obey| obey.map(color))
    }

    pub(crate) fn empty(&self) -> List {
        List::new(self.frame.width, self.frame.height)
    }

    pub(crate) fn render(&self, list: &List) -> Pixels {
        raster::render(list, self.frame.columns, self.frame.rows, self.frame.scale, Edges::Smooth)
    }
}

fn plain(job: &Job<'_>) -> Pixels {
    job.render(&job.scene())
}

/// Draws the recipe in its style, then the label over it.
pub(crate) fn draw(job: &Job<'_>) -> Pixels {
    let id = match job.recipe.style.as_str() {
        "" => job.brief.style.unwrap_or("none"),
        id => id,
    };
    let id = if job.underlay.is_some() && !lays_over(id) { "none" } else { id };
    let style = STYLES.iter().find(|(known, _)| *known == id).unwrap_or(&STYLES[0]);
    let mut pixels = style.1(job);
    if job.brief.gray && style.0 != "noir" {
        greys(&mut pixels);
    }
    if let Some(label) = job.recipe.label.as_deref().filter(|_| style.0 != "og-card") {
        let mut list = job.empty();
        lettering::label(&mut list, label);
        lay_over(&mut pixels, &job.render(&list));
    }
    pixels
}

/// Whether a block of the data that names these is for this one; without any it is for all.
fn fits<T: PartialEq>(these: &[T], one: T) -> bool {
    these.is_empty() || these.contains(&one)
}

/// Takes the colours out of a picture.
fn greys(pixels: &mut Pixels) {
    for pixel in pixels.data.chunks_exact_mut(4) {
        let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        let gray = ((r * 54 + g * 183 + b * 19) / 256) as u8;
        pixel[..3].fill(gray);
    }
}

/// Lays one picture with transparency over another of the same size.
fn lay_over(below: &mut Pixels, above: &Pixels) {
    for (under, over) in below.data.chunks_exact_mut(4).zip(above.data.chunks_exact(4)) {
        let alpha = u32::from(over[3]);
        if alpha == 0 {
            continue;
        }
        let base = u32::from(under[3]) * (255 - alpha) / 255;
        let total = (alpha + base).max(1);
        for channel in 0..3 {
            let sum = u32::from(over[channel]) * alpha + u32::from(under[channel]) * base;
            under[channel] = ((sum + total / 2) / total) as u8;
        }
        under[3] = total.min(255) as u8;
    }
}
