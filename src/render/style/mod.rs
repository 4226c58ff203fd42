//! The styles: each turns the same understood prompt into pixels in its own way.
//!
//! Pure: no network, no clock, no files.

use super::Recipe;
use super::brief::Brief;
use super::compose;
use super::list::List;
use super::palette::{Obey, Palette};
use super::raster::{self, Edges, Pixels};

pub(super) const IDS: &[&str] = &["none"];

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
}

impl Job<'_> {
    /// The scene, in the colours of the recipe.
    pub(crate) fn scene(&self) -> List {
        let (w, h) = (self.frame.width, self.frame.height);
        let mut list = if self.recipe.transparent && !self.brief.cast.is_empty() {
            compose::heroes_only(self.brief, self.palette, w, h)
        } else {
            compose::scene(self.brief, self.palette, w, h)
        };
        self.obey(&mut list);
        list
    }

    pub(crate) fn obey(&self, list: &mut List) {
        if let Some(obey) = self.obey {
            list.recolor(|color| obey.map(color));
        }
    }

    pub(crate) fn render(&self, list: &List) -> Pixels {
        raster::render(list, self.frame.columns, self.frame.rows, self.frame.scale, Edges::Smooth)
    }
}

pub(crate) fn draw(job: &Job<'_>) -> Pixels {
    job.render(&job.scene())
}
