//! Drawings of the built-in renderer, with the pictures that they are drawn over: read, decoded and made
//! small here, since the renderer knows no files.
//!
//! One picture is decoded at a time, and the first one is kept whole only where a mask keeps a part of it.

use std::path::PathBuf;

use image::{DynamicImage, GenericImageView as _, GrayImage, RgbaImage, imageops};
use sha2::{Digest, Sha256};

use super::input::LARGEST_INPUT;
use super::pixels::{decode, encode};
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::render::{self, Given, Raster};
use crate::request::{Format, Role, Size};
use crate::text;

/// What is drawn.
#[derive(Debug)]
pub struct Drawing {
    /// What decides the pixels beside the pictures.
    pub recipe: render::Recipe,
    /// The pictures that it is drawn over, the first one first.
    pub pictures: Vec<GivenFile>,
    /// What is transparent in the first picture gets a ground.
    pub opaque: bool,
    /// As it is written where that is possible here, else as PNG.
    pub format: Option<Format>,
}

/// A file of a picture that is drawn over.
#[derive(Debug)]
pub struct GivenFile {
    /// What it is for.
    pub role: Role,
    /// What it is called where it is spoken of.
    pub name: String,
    /// Where its bytes are.
    pub path: PathBuf,
    /// Of its bytes, in hex.
    pub sha256: String,
}

impl GivenFile {
    /// # Errors
    /// It is not there, is another one by now, or is no picture.
    fn decoded(&self) -> Result<DynamicImage> {
        let name = &self.name;
        let wrong = |why: String| Error::usage(format!("{name} {why}")).code("input_changed");
        let bytes = fs::read_regular(&self.path, LARGEST_INPUT)
            .map_err(|error| wrong(format!("cannot be read again: {error}")))?;
        if text::hex(&Sha256::digest(&bytes)) != self.sha256 {
            return Err(
                wrong("changed before it was drawn".to_owned()).hint("run the command again")
            );
        }
        decode(&bytes).ok_or_else(|| wrong("cannot be decoded".to_owned()))
    }
}

/// Draws and encodes.
///
/// # Errors
/// A picture that it is drawn over cannot be had.
pub fn draw(drawing: &Drawing) -> Result<Vec<u8>> {
    let recipe = &drawing.recipe;
    let size = Size::new(recipe.width, recipe.height);
    let mut given = Given { opaque: drawing.opaque, ..Given::default() };
    let mut mask = None;
    let mut kept = None;
    let is_masked = drawing.pictures.iter().any(|picture| picture.role == Role::Mask);
    for picture in &drawing.pictures {
        let decoded = picture.decoded()?;
        if picture.role == Role::Mask {
            let gray = as_large(decoded, size).into_luma8();
            given.mask = Some(Raster::working(pair(size), pair(size), |x, y| {
                [0, 0, 0, gray.get_pixel(x, y).0[0]]
            }));
            mask = Some(gray);
        } else if given.first.is_some() {
            given.others.push(working(&decoded, decoded.dimensions()));
        } else {
            given.first = Some(working(&decoded, pair(size)));
            kept = is_masked.then_some(decoded);
        }
    }
    let picture = render::draw_over(recipe, &given);
    let rgba = RgbaImage::from_raw(picture.width, picture.height, picture.rgba);
    let mut rgba = rgba.ok_or_else(impossible)?;
    if let (Some(kept), Some(mask)) = (kept, mask) {
        keep(&mut rgba, as_large(kept, size), &mask);
    }
    let is_plain = match given.first {
        Some(_) => rgba.pixels().all(|pixel| pixel.0[3] == u8::MAX),
        None => !recipe.transparent,
    };
    let pixels = DynamicImage::ImageRgba8(rgba);
    let pixels = if is_plain { pixels.into_rgb8().into() } else { pixels };
    let is_written = |format: &Format| matches!(format, Format::Png | Format::Jpeg | Format::Webp);
    let format = drawing.format.filter(is_written).unwrap_or(Format::Png);
    encode(&pixels, format).ok_or_else(impossible)
}

fn impossible() -> Error {
    Error::new(Kind::Internal, "the picture could not be drawn")
}

fn pair(size: Size) -> (u32, u32) {
    (size.width, size.height)
}

fn working(picture: &DynamicImage, wanted: (u32, u32)) -> Raster {
    Raster::working(picture.dimensions(), wanted, |x, y| picture.get_pixel(x, y).0)
}

/// A picture in this size: its middle, where it has other proportions; itself where it has that size.
fn as_large(picture: DynamicImage, size: Size) -> DynamicImage {
    if picture.dimensions() == pair(size) {
        return picture;
    }
    let [x, y, width, height] = render::middle(picture.dimensions(), pair(size));
    let part = picture.crop_imm(x, y, width, height);
    part.resize_exact(size.width, size.height, imageops::FilterType::Triangle)
}

/// Puts back the pixels of a picture where a mask is black, and a part of them where it is grey.
fn keep(drawn: &mut RgbaImage, picture: DynamicImage, mask: &GrayImage) {
    for (x, y, pixel) in drawn.enumerate_pixels_mut() {
        let share = u32::from(mask.get_pixel(x, y).0[0]);
        let own = picture.get_pixel(x, y).0;
        for (part, own) in pixel.0.iter_mut().zip(own) {
            let sum = u32::from(*part) * share + u32::from(own) * (255 - share);
            *part = ((sum + 127) / 255) as u8;
        }
    }
}
