//! What a file says of its picture that decides whether its pixels can be sent as they are.
//!
//! Pure. No picture is decoded.

use image::metadata::Orientation;

use crate::request::{Format, Size};
use crate::store::metadata::{
    exif_of, has_place, jpeg_segments, png_chunks, webp_body, webp_chunks,
};
use crate::store::verify::Facts;

/// What is to be known of a picture before it is sent.
#[derive(Debug, PartialEq)]
pub(super) struct Preparation {
    /// How it is to be turned to stand upright.
    pub turn: Orientation,
    /// What else is done to its pixels, in words.
    pub rewritten: Vec<&'static str>,
    /// There are further frames, which go without writing the first anew.
    pub has_frames: bool,
    /// It says where it was taken.
    pub has_place: bool,
}

impl Preparation {
    /// That of a whole PNG, JPEG or WebP.
    pub(super) fn of(bytes: &[u8], format: Format) -> Preparation {
        let exif = exif_of(bytes, format);
        let turn = exif.and_then(Orientation::from_exif_chunk);
        let is_png = format == Format::Png;
        let rewritten = match format {
            Format::Png => png(bytes),
            Format::Jpeg => jpeg(bytes),
            Format::Webp => webp(bytes),
            Format::Gif | Format::Avif | Format::Svg => Vec::new(),
        };
        Preparation {
            turn: turn.unwrap_or(Orientation::NoTransforms),
            rewritten,
            has_frames: is_png && has_chunk(bytes, b"acTL"),
            has_place: exif.is_some_and(has_place),
        }
    }

    /// Its pixels have to be written anew.
    pub(super) fn is_rewritten(&self) -> bool {
        self.turn != Orientation::NoTransforms || !self.rewritten.is_empty()
    }

    /// What is done to what it shows, in words; nothing where that is sent as it is.
    pub(super) fn changes(&self) -> Option<String> {
        let turned = (self.turn != Orientation::NoTransforms).then_some("turned upright");
        let frame = self.has_frames.then_some(FIRST);
        let rewritten = self.rewritten.iter().copied();
        let all: Vec<&str> = turned.into_iter().chain(rewritten).chain(frame).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// The size of a picture when it stands upright.
    pub(super) fn upright(&self, facts: &Facts) -> Size {
        match self.turn.to_exif() > 4 {
            true => Size::new(facts.height, facts.width),
            false => Size::new(facts.width, facts.height),
        }
    }
}

/// What is said of an animation.
const FIRST: &str = "its first frame alone";

fn has_chunk(bytes: &[u8], wanted: &[u8]) -> bool {
    png_chunks(bytes).any(|(kind, _)| kind == wanted)
}

/// What few readers take, or not as it is meant: more than eight bits, a palette with transparency.
fn png(bytes: &[u8]) -> Vec<&'static str> {
    let header = png_chunks(bytes).next().map_or(&[][..], |(_, data)| data);
    let deep = (header.get(8) == Some(&16)).then_some("8 bits a colour");
    let palette = header.get(9) == Some(&3) && has_chunk(bytes, b"tRNS");
    deep.into_iter().chain(palette.then_some("without a palette")).collect()
}

/// Four colours are ink, which nobody takes.
fn jpeg(bytes: &[u8]) -> Vec<&'static str> {
    let is_frame =
        |marker: u8| (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
    let mut frames = jpeg_segments(bytes).filter(|(marker, ..)| is_frame(*marker));
    let is_ink = frames.any(|(_, data, _)| data.get(5) == Some(&4));
    if is_ink { vec!["CMYK as RGB"] } else { Vec::new() }
}

fn webp(bytes: &[u8]) -> Vec<&'static str> {
    let mut chunks = webp_chunks(webp_body(bytes).unwrap_or_default());
    if chunks.any(|(kind, ..)| kind == *b"ANIM") { vec![FIRST] } else { Vec::new() }
}
