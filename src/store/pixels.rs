//! Pixels: decoded within bounds, and encoded.
//!
//! Pure. A decoder is given only what makes the picture: profiles and texts, which may be packed a
//! thousand to one, are left out before it sees them. No bytes make it panic, and beyond the picture
//! itself little is allocated.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::{jpeg::JpegEncoder, png, webp::WebPEncoder};
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits,
    Rgb, RgbImage, Rgba,
};

use super::metadata::png_of;
use super::verify::{biggest_vp8, sniff};
use crate::request::Format;

/// The longest edge that is decoded, in pixels.
pub const DECODED_EDGE: u32 = 16_384;

/// The largest area that is decoded, in pixels: 8192 x 8192, a quarter of a gigabyte with 8 bits for
/// each of four channels.
pub const DECODED_PIXELS: u64 = 8_192 * 8_192;

/// Bytes that a decoder may allocate for a pixel, and beside the picture.
const BYTES: (u64, u64) = (8, 16 << 20);

/// Pixels of a PNG, JPEG or WebP; `None` for other formats, for what is too large and for damage. Of
/// an animation it is the first frame. A decoder that panics is caught: it must not take with it what
/// was paid for.
pub fn decode(bytes: &[u8]) -> Option<DynamicImage> {
    let format = match sniff(bytes)? {
        Format::Png => ImageFormat::Png,
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Webp => ImageFormat::WebP,
        Format::Gif | Format::Avif | Format::Svg => return None,
    };
    // A PNG without the chunks that do not make its picture. What other formats carry besides is not
    // packed, so that it takes no more room than in the file.
    let bytes = match format {
        ImageFormat::Png => png_of(bytes, &[b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]),
        _ => Cow::Borrowed(bytes),
    };
    std::panic::catch_unwind(|| decoded(&bytes, format)).ok().flatten()
}

fn decoded(bytes: &[u8], format: ImageFormat) -> Option<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(DECODED_EDGE);
    limits.max_image_height = Some(DECODED_EDGE);
    limits.max_alloc = Some(DECODED_PIXELS * BYTES.0 + BYTES.1);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    // What lies inside a WebP has a size of its own, and room is made for it before both are compared.
    if pixels > DECODED_PIXELS || (format == ImageFormat::WebP && biggest_vp8(bytes) > pixels) {
        return None;
    }
    limits.max_alloc = Some(pixels * BYTES.0 + BYTES.1);
    decoder.set_limits(limits).ok()?;
    DynamicImage::from_decoder(decoder).ok()
}

/// The quality of a JPEG that is made of other pixels.
pub(super) const QUALITY: u8 = 92;

/// Encodes pixels; `None` for formats that are not written here.
pub(crate) fn encode(picture: &DynamicImage, format: Format) -> Option<Vec<u8>> {
    encode_as(picture, format, QUALITY, None)
}

/// Encodes pixels with this quality of a JPEG, and with a colour profile.
pub(super) fn encode_as(
    picture: &DynamicImage,
    format: Format,
    quality: u8,
    profile: Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let profile = profile.unwrap_or_default();
    let with = |encoder: &mut dyn ImageEncoder| {
        // What it takes no profile for is still the picture.
        let _ = (!profile.is_empty()).then(|| encoder.set_icc_profile(profile.clone()));
    };
    match format {
        Format::Png => {
            let (fast, filter) = (png::CompressionType::Fast, png::FilterType::Adaptive);
            let mut encoder = png::PngEncoder::new_with_quality(&mut out, fast, filter);
            with(&mut encoder);
            picture.write_with_encoder(encoder).ok()?;
        }
        Format::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut out, quality);
            with(&mut encoder);
            match picture {
                DynamicImage::ImageRgb8(flat) => encoder.encode_image(flat).ok()?,
                other => encoder.encode_image(&OnWhite(other)).ok()?,
            }
        }
        Format::Webp => {
            let mut encoder = WebPEncoder::new_lossless(&mut out);
            with(&mut encoder);
            picture.write_with_encoder(encoder).ok()?;
        }
        Format::Gif | Format::Avif | Format::Svg => return None,
    }
    Some(out)
}

/// A picture over white, without an alpha channel.
pub(super) fn over_white(picture: &DynamicImage) -> DynamicImage {
    let flat = OnWhite(picture);
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| flat.get_pixel(x, y)).into()
}

/// JPEG has no alpha: transparent pixels become white, one at a time, without a second picture.
struct OnWhite<'p>(&'p DynamicImage);

impl GenericImageView for OnWhite<'_> {
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let Rgba([r, g, b, a]) = self.0.get_pixel(x, y);
        let over = |c: u8| ((u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a))) / 255) as u8;
        Rgb([over(r), over(g), over(b)])
    }
}
