//! Masks: which part of a picture is to be changed, read from a file in either convention, and written
//! as a model wants it.
//!
//! Pure. A mask that was read is kept in one form, black and white: white is what is to be changed.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, Luma, Rgba, RgbaImage};

use crate::catalog::MaskForm;
use crate::request::{MaskMeans, Size};

/// How far from black, white, or no alpha a pixel may be that is meant to be it.
const NEAR: u8 = 16;

/// What is to be known of the first image to read a mask of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct MaskOf {
    /// Its size, upright.
    pub size: Size,
    /// How it was turned to stand upright.
    pub turn: Orientation,
    /// What of the mask is to be changed, where that is said.
    pub means: Option<MaskMeans>,
    /// The mask may be scaled to it.
    pub fit: bool,
}

/// A mask that was read.
#[derive(Debug)]
pub(super) struct ReadMask {
    /// Black and white.
    pub picture: DynamicImage,
    /// What it changes, in words.
    pub told: String,
    /// What was done to it to lie over its image, in words.
    pub changes: Option<String>,
}

/// Reads a mask that stands upright; else why it is none, and what helps.
pub(super) fn read(
    mut picture: DynamicImage,
    of: &MaskOf,
) -> Result<ReadMask, (String, Option<String>)> {
    let mut changes = None;
    let size = |picture: &DynamicImage| Size::new(picture.width(), picture.height());
    let (found, wanted) = (size(&picture), of.size);
    if found != wanted && of.turn.to_exif() > 4 && Size::new(found.height, found.width) == wanted {
        picture.apply_orientation(of.turn);
        changes = Some("turned as image 1 is".to_owned());
    }
    let is_alike = (found.ratio() / wanted.ratio()).ln().abs() < 0.01;
    if size(&picture) != wanted && is_alike && of.fit {
        picture = scaled(&picture, wanted);
        changes = Some(format!("scaled to {wanted}"));
    }
    if size(&picture) != wanted {
        let why = format!("it has {found} pixels, and image 1 has {wanted}");
        let hint = match is_alike {
            true => "`--fit` scales it".to_owned(),
            false => format!("make it as large as image 1 is: {wanted}"),
        };
        return Err((why, Some(hint)));
    }
    let rgba = picture.into_rgba8();
    let counted = Counted::of(&rgba);
    let means = match of.means {
        Some(means) => means,
        None => counted.means()?,
    };
    let changed = match means {
        MaskMeans::White => counted.white,
        MaskMeans::Transparent => counted.transparent,
    };
    let word = means.word();
    if changed == 0 {
        return Err((format!("it changes nothing: no pixel of it is {word}"), other(means)));
    }
    if changed == counted.all {
        let why = format!("it changes all of image 1: every pixel of it is {word}");
        return Err((why, Some("leave `--mask` out to change all of it".to_owned())));
    }
    let grey = |pixel: &Rgba<u8>| if is_changed(pixel, means) { 255 } else { 0 };
    let pixels = rgba.pixels().map(grey).collect();
    let picture = GrayImage::from_raw(wanted.width, wanted.height, pixels)
        .ok_or_else(|| ("it cannot be read".to_owned(), None))?;
    let how = match (of.means, means) {
        (Some(_), _) => format!("what is {word}"),
        (None, MaskMeans::White) => "white by brightness".to_owned(),
        (None, MaskMeans::Transparent) => "transparent by alpha".to_owned(),
    };
    let is_grey = means == MaskMeans::White && !counted.is_black_and_white();
    let greys = if is_grey { "; greys count from half on" } else { "" };
    let share = share(changed, counted.all);
    Ok(ReadMask {
        picture: picture.into(),
        told: format!("the mask changes {share} of image 1, {how}{greys}"),
        changes,
    })
}

/// The hint at the other reading.
fn other(means: MaskMeans) -> Option<String> {
    let other = MaskMeans::ALL.into_iter().find(|other| *other != means)?;
    let word = other.word();
    Some(format!("`--mask-means {word}` reads it the other way"))
}

/// `12 %`.
fn share(part: u64, all: u64) -> String {
    match part as f64 * 100.0 / all as f64 {
        percent if percent < 1.0 => "less than 1 %".to_owned(),
        percent if percent > 99.0 => "more than 99 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}

/// How bright a pixel is, whatever its alpha (Rec. 709).
fn brightness(Rgba([r, g, b, _]): &Rgba<u8>) -> u8 {
    let sum = 2_126 * u32::from(*r) + 7_152 * u32::from(*g) + 722 * u32::from(*b);
    (sum / 10_000) as u8
}

fn is_changed(pixel: &Rgba<u8>, means: MaskMeans) -> bool {
    match means {
        MaskMeans::White => brightness(pixel) >= 128,
        MaskMeans::Transparent => pixel.0[3] < 128,
    }
}

/// Pixels of a mask, by what they can mean.
#[derive(Debug, Default)]
struct Counted {
    all: u64,
    white: u64,
    transparent: u64,
    /// White, or transparent, but not both.
    differing: u64,
    /// Nearly black, and nearly white.
    ends: [u64; 2],
    /// Those whose alpha is in between.
    soft: u64,
}

impl Counted {
    fn of(picture: &RgbaImage) -> Counted {
        let mut counted = Counted::default();
        for pixel in picture.pixels() {
            let white = is_changed(pixel, MaskMeans::White);
            let transparent = is_changed(pixel, MaskMeans::Transparent);
            counted.all += 1;
            counted.white += u64::from(white);
            counted.transparent += u64::from(transparent);
            counted.differing += u64::from(white != transparent);
            let bright = brightness(pixel);
            counted.ends[0] += u64::from(bright <= NEAR);
            counted.ends[1] += u64::from(bright >= 255 - NEAR);
            counted.soft += u64::from((NEAR..255 - NEAR).contains(&pixel.0[3]));
        }
        counted
    }

    /// Whether there is nothing but black and white, and both: one pixel in a hundred may be other.
    fn is_black_and_white(&self) -> bool {
        let [black, white] = self.ends;
        black > 0 && white > 0 && (black + white) * 100 >= self.all * 99
    }

    /// What of it is to be changed: what is transparent, where anything is, else what is white.
    ///
    /// # Errors
    /// Both can be meant.
    fn means(&self) -> Result<MaskMeans, (String, Option<String>)> {
        if self.transparent == 0 {
            return Ok(MaskMeans::White);
        }
        let is_cut = self.soft * 100 <= self.all;
        if is_cut && self.is_black_and_white() && self.differing * 100 > self.all {
            let why = "it can mean two things: its white part is another than its transparent one";
            let hint =
                "say which is to be changed: `--mask-means white` or `--mask-means transparent`";
            return Err((why.to_owned(), Some(hint.to_owned())));
        }
        Ok(MaskMeans::Transparent)
    }
}

/// A mask that was read, as a model reads it.
pub(super) fn written(picture: &DynamicImage, form: MaskForm) -> Option<Vec<u8>> {
    let hole = |Luma([grey]): &Luma<u8>| [0, 0, 0, if *grey >= 128 { 0 } else { 255 }];
    match (form, picture) {
        (MaskForm::Alpha, DynamicImage::ImageLuma8(grey)) => {
            let pixels = grey.pixels().flat_map(hole).collect();
            let holes = RgbaImage::from_raw(grey.width(), grey.height(), pixels)?;
            encoded(&holes.into())
        }
        (MaskForm::Alpha, other) => {
            written(&DynamicImage::ImageLuma8(other.to_luma8()), MaskForm::Alpha)
        }
        (MaskForm::White, picture) => encoded(picture),
        (MaskForm::Black, picture) => {
            let mut inverted = picture.clone();
            inverted.invert();
            encoded(&inverted)
        }
    }
}

/// A PNG: each row differs little from the one above.
fn encoded(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Up);
    picture.write_with_encoder(encoder).ok()?;
    Some(out.into_inner())
}

/// A mask, smaller.
pub(super) fn scaled(picture: &DynamicImage, size: Size) -> DynamicImage {
    picture.resize_exact(size.width, size.height, imageops::FilterType::Nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forty pixels by ten: those on the left, then those on the right.
    fn halves(left: [u8; 4], right: [u8; 4], edge: u32) -> DynamicImage {
        let colour = |x, _| Rgba(if x < edge { left } else { right });
        RgbaImage::from_fn(40, 10, colour).into()
    }

    fn of(means: Option<MaskMeans>) -> MaskOf {
        MaskOf { size: Size::new(40, 10), turn: Orientation::NoTransforms, means, fit: false }
    }

    const BLACK: [u8; 4] = [0, 0, 0, 255];
    const WHITE: [u8; 4] = [255; 4];
    const GREY: [u8; 4] = [140, 140, 140, 255];
    const HOLE: [u8; 4] = [0; 4];
    const WHITE_HOLE: [u8; 4] = [255, 255, 255, 0];
    const FOX: [u8; 4] = [200, 90, 30, 255];
    const FOX_HOLE: [u8; 4] = [200, 90, 30, 0];

    #[test]
    fn either_convention_is_read_and_told() {
        let (white, clear) = (Some(MaskMeans::White), Some(MaskMeans::Transparent));
        for (left, right, means, told) in [
            (WHITE, BLACK, None, "25 % of image 1, white by brightness"),
            (GREY, BLACK, None, "25 % of image 1, white by brightness; greys count from half on"),
            (WHITE, BLACK, white, "25 % of image 1, what is white"),
            (HOLE, BLACK, None, "25 % of image 1, transparent by alpha"),
            (FOX_HOLE, FOX, None, "25 % of image 1, transparent by alpha"),
            (WHITE_HOLE, WHITE, None, "25 % of image 1, transparent by alpha"),
            (WHITE_HOLE, BLACK, None, "25 % of image 1, transparent by alpha"),
            (HOLE, WHITE, clear, "25 % of image 1, what is transparent"),
            (WHITE, HOLE, white, "25 % of image 1, what is white"),
        ] {
            let read = read(halves(left, right, 10), &of(means)).unwrap();
            assert_eq!(read.told, format!("the mask changes {told}"));
            let pixels = read.picture.to_luma8();
            assert_eq!([9, 10].map(|x| pixels.get_pixel(x, 5).0[0]), [255, 0], "{told}");
            let alpha = written(&read.picture, MaskForm::Alpha).unwrap();
            let alpha = image::load_from_memory(&alpha).unwrap();
            assert!(matches!(alpha, DynamicImage::ImageRgba8(_)));
            assert_eq!([9, 10].map(|x| alpha.to_rgba8().get_pixel(x, 5).0[3]), [0, 255]);
            let white = image::load_from_memory(&written(&read.picture, MaskForm::White).unwrap());
            assert_eq!(white.unwrap(), read.picture);
        }
        for (edge, told) in [(1, "2 %"), (39, "98 %")] {
            let read = read(halves(HOLE, FOX, edge), &of(None)).unwrap();
            assert!(read.told.contains(told), "{}", read.told);
        }
        assert_eq!(share(1, 400), "less than 1 %");
        assert_eq!(share(399, 400), "more than 99 %");
    }

    #[test]
    fn what_is_no_mask_is_told_with_its_remedy() {
        let (white, clear) = (Some(MaskMeans::White), Some(MaskMeans::Transparent));
        for (left, right, means, told, hint) in [
            (HOLE, WHITE, None, "two things", "`--mask-means white` or"),
            (WHITE, HOLE, None, "two things", "`--mask-means transparent`"),
            (BLACK, BLACK, None, "changes nothing: no pixel of it is white", "means transparent"),
            (BLACK, WHITE, clear, "changes nothing: no pixel of it is trans", "--mask-means white"),
            (WHITE, WHITE, None, "every pixel of it is white", "leave `--mask` out"),
            (HOLE, HOLE, None, "every pixel of it is transparent", "leave `--mask` out"),
            (BLACK, FOX, white, "changes nothing", "--mask-means transparent"),
        ] {
            let (why, remedy) = read(halves(left, right, 10), &of(means)).unwrap_err();
            assert!(why.contains(told) && remedy.unwrap().contains(hint), "{told}: {why}");
        }
    }

    #[test]
    fn a_mask_lies_over_its_image() {
        let mask = || halves(WHITE, BLACK, 10);
        let lying = MaskOf { size: Size::new(10, 40), turn: Orientation::Rotate90, ..of(None) };
        let turned = read(mask(), &lying).unwrap();
        assert_eq!(turned.changes.as_deref(), Some("turned as image 1 is"));
        // What was on the left is above.
        let pixels = turned.picture.to_luma8();
        assert_eq!([9, 10].map(|y| pixels.get_pixel(5, y).0[0]), [255, 0]);
        let upright = MaskOf { turn: Orientation::NoTransforms, ..lying };
        let (why, hint) = read(mask(), &upright).unwrap_err();
        assert_eq!(why, "it has 40x10 pixels, and image 1 has 10x40");
        assert!(hint.unwrap().contains("10x40"));
        let twice = MaskOf { size: Size::new(80, 20), ..of(None) };
        assert_eq!(read(mask(), &twice).unwrap_err().1.as_deref(), Some("`--fit` scales it"));
        let scaled = read(mask(), &MaskOf { fit: true, ..twice }).unwrap();
        assert_eq!(scaled.changes.as_deref(), Some("scaled to 80x20"));
        let pixels = scaled.picture.to_luma8();
        assert_eq!([19, 20].map(|x| pixels.get_pixel(x, 15).0[0]), [255, 0]);
    }
}
