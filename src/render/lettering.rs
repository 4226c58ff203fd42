//! Type: glyph outlines of an embedded font become paths; lines are measured, wrapped and fitted.
//!
//! The font is Ubuntu Light (Ubuntu Font Licence 1.0); heavier weights are made by stroking the
//! outline. A glyph the font lacks is a box, an emoji is left out. Pure: no network, no clock, no files.

use super::color::Rgb;
use super::emoji;
use super::list::{Kind, List};
use super::path::{Affine, Path, Pen};
use crate::text;
use std::sync::LazyLock;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

static FONT: LazyLock<Vec<u8>> =
    LazyLock::new(|| text::unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/font.z"))));

/// Lines that fit a box, and their size.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) lines: Vec<String>,
    /// Height of the em, scene units.
    pub(crate) size: f32,
    pub(crate) leading: f32,
}

pub(crate) struct Type {
    face: Face<'static>,
    em: f32,
}

impl Type {
    pub(crate) fn new() -> Self {
        let face = Face::parse(&FONT, 0).expect("the embedded font is a valid TrueType file");
        let em = f32::from(face.units_per_em());
        Self { face, em }
    }

    /// Whether there is a drawing of a letter.
    pub(crate) fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some()
    }

    fn advance(&self, letter: char) -> f32 {
        match self.face.glyph_index(letter) {
            Some(glyph) => f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)) / self.em,
            None => 0.6,
        }
    }

    /// Width of a line at an em of one.
    pub(crate) fn width(&self, text: &str) -> f32 {
        text.chars().map(|letter| self.advance(letter)).sum()
    }

    /// The largest type, at most `size`, with which the text fits `width` × `height`.
    pub(crate) fn fit(&self, text: &str, width: f32, height: f32, size: f32) -> Block {
        let text = emoji::without(text);
        let text: String =
            text.chars().filter(|c| !c.is_control() || *c == ' ').take(240).collect();
        let words: Vec<&str> = text.split_whitespace().collect();
        let leading = 1.16;
        let mut size = size;
        loop {
            let lines = self.wrap(&words, width / size);
            let tall = lines.len() as f32 * size * leading;
            let wide = lines.iter().map(|line| self.width(line)).fold(0.0, f32::max) * size;
            if (tall <= height && wide <= width * 1.001) || size < 0.012 {
                return Block { lines, size, leading };
            }
            size *= 0.93;
        }
    }

    fn wrap(&self, words: &[&str], width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in words {
            let longer =
                if line.is_empty() { (*word).to_string() } else { format!("{line} {word}") };
            if line.is_empty() || self.width(&longer) <= width {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, (*word).to_string()));
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// Draws one line with its baseline's left end at `(x, y)`; `weight` thickens, in ems.
    pub(crate) fn draw(
        &self,
        list: &mut List,
        text: &str,
        at: (f32, f32),
        size: f32,
        weight: f32,
        color: Rgb,
    ) {
        let mut x = at.0;
        let (mut fill, mut bold) = (Path::new(), Path::new());
        fill.holes = true;
        for letter in text.chars() {
            if let Some(glyph) = self.face.glyph_index(letter) {
                let outline = self.outline(glyph, (x, at.1), size);
                if weight > 0.0 {
                    for polygon in outline.polygons() {
                        let mut ring = polygon.to_vec();
                        ring.extend(polygon.first().copied());
                        bold.stroke(&ring, weight * size);
                    }
                }
                fill.append(&outline);
            } else if !letter.is_whitespace() {
                let (w, h) = (size * 0.46, size * 0.66);
                let box_x = x + size * 0.07;
                let ring = [
                    (box_x, at.1),
                    (box_x + w, at.1),
                    (box_x + w, at.1 - h),
                    (box_x, at.1 - h),
                    (box_x, at.1),
                ];
                bold.stroke(&ring, size * 0.05);
            }
            x += self.advance(letter) * size;
        }
        list.flat(Kind::Detail, bold, color);
        list.flat(Kind::Detail, fill, color);
    }

    fn outline(&self, glyph: GlyphId, at: (f32, f32), size: f32) -> Path {
        let scale = size / self.em;
        let mut tracer = Tracer {
            path: Path::new(),
            map: Affine::place(at.0, at.1, scale, -scale),
            last: (0.0, 0.0),
        };
        self.face.outline_glyph(glyph, &mut tracer);
        tracer.path
    }
}

struct Tracer {
    path: Path,
    map: Affine,
    last: (f32, f32),
}

impl Tracer {
    /// Adds a curve's points to the polygon under way.
    fn follow(&mut self, curve: impl FnOnce(&mut Pen<'_>)) {
        let mut piece = Path::new();
        let mut pen = Pen::start(&mut piece, self.map, self.last.0, self.last.1);
        curve(&mut pen);
        self.path.points.extend_from_slice(&piece.points[1..]);
    }
}

impl OutlineBuilder for Tracer {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.starts.push(self.path.points.len());
        self.path.points.push(self.map.apply(x, y));
        self.last = (x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.points.push(self.map.apply(x, y));
        self.last = (x, y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.follow(|pen| pen.quad(cx, cy, x, y));
        self.last = (x, y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.follow(|pen| pen.cubic(ax, ay, bx, by, x, y));
        self.last = (x, y);
    }

    fn close(&mut self) {}
}

/// Sets a label near the bottom: light type on a soft dark band.
pub(crate) fn label(list: &mut List, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let type_ = Type::new();
    let (w, h) = (list.width, list.height);
    let block = type_.fit(text, w - 0.16, 0.24, 0.062);
    let line = block.size * block.leading;
    let tall = line * block.lines.len() as f32;
    let wide = block.lines.iter().map(|l| type_.width(l)).fold(0.0, f32::max) * block.size;
    let (pad_x, pad_y) = (block.size * 0.75, block.size * 0.42);
    let top = h - 0.055 - tall - pad_y * 2.0;
    let mut plate = Path::new();
    plate.rounded(
        w / 2.0 - wide / 2.0 - pad_x,
        top,
        wide + pad_x * 2.0,
        tall + pad_y * 2.0,
        block.size * 0.7,
    );
    list.veil(Kind::Detail, plate, super::color::hex(0x12141f), 0.62);
    for (index, text) in block.lines.iter().enumerate() {
        let x = w / 2.0 - type_.width(text) * block.size / 2.0;
        let y = top + pad_y + line * index as f32 + block.size * 0.88;
        type_.draw(list, text, (x, y), block.size, 0.022, super::color::hex(0xfffaf0));
    }
}
