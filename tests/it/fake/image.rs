//! Images that decode, in any size and format, made once for each.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex, OnceLock};

use image::{ImageFormat, RgbImage};

use super::bomb::chunk;

type Made = Mutex<HashMap<(u32, u32, String), Arc<[u8]>>>;

/// The bytes of an image; `format` is `png`, `jpeg` (or `jpg`) or `webp`.
pub fn bytes(width: u32, height: u32, format: &str) -> Arc<[u8]> {
    static MADE: OnceLock<Made> = OnceLock::new();
    let mut made = MADE.get_or_init(Made::default).lock().unwrap();
    let key = (width, height, format.to_owned());
    let bytes = made.entry(key).or_insert_with(|| {
        let picture = RgbImage::from_fn(width, height, |x, y| {
            let shade = |at: u32, of: u32| u8::try_from(at * 255 / of).unwrap();
            image::Rgb([shade(x, width), shade(y, height), 96])
        });
        let format = match format {
            "png" => ImageFormat::Png,
            "webp" => ImageFormat::WebP,
            _ => ImageFormat::Jpeg,
        };
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner().into()
    });
    Arc::clone(bytes)
}

/// A PNG whose left half is white, and the other black.
pub fn halves(width: u32, height: u32) -> Vec<u8> {
    let shade = |x, _| image::Luma([if x < width / 2 { 255_u8 } else { 0 }]);
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::GrayImage::from_fn(width, height, shade);
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Where a picture was taken that [`located`] says.
pub const PLACE: &[u8] = b"52 31 12 N";

/// A PNG that is stored lying on its side (turn it as 6) or upright (1), and says where it was taken.
pub fn located(width: u32, height: u32, turn: u8) -> Vec<u8> {
    let png = bytes(width, height, "png");
    // Two entries: how it is turned, and where a directory about its place is.
    let entries =
        [&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0][..], &[0x88, 0x25, 0, 4, 0, 0, 0, 1]];
    let place = [&entries.concat()[..], &[0, 0, 0, 38, 0, 0, 0, 0], PLACE].concat();
    let chunk = chunk(b"eXIf", &[&b"MM\0\x2a\0\0\0\x08\0\x02"[..], &place].concat());
    [&png[..33], &chunk, &png[33..]].concat()
}

/// A PNG of noise, which no compression makes smaller: three bytes a pixel.
pub fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let picture = RgbImage::from_fn(width, height, |_, _| image::Rgb([next(), next(), next()]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// An all-black JPEG, as a safety checker leaves it.
pub fn black(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(width, height).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// A PNG of one colour that differs from number to number, so that no two images are equal.
pub fn numbered(width: u32, height: u32, number: u32) -> Vec<u8> {
    let [_, high, middle, low] = number.wrapping_mul(2_654_435).to_be_bytes();
    let picture = RgbImage::from_pixel(width, height, image::Rgb([high, middle, low]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// `WIDTHxHEIGHT`, or a square of a megapixel for anything else.
pub fn size(text: &str) -> (u32, u32) {
    let edges = text.split_once('x').map(|(width, height)| (width.parse(), height.parse()));
    match edges {
        Some((Ok(width), Ok(height))) => (width, height),
        _ => (1024, 1024),
    }
}

/// Of an image in whichever format.
pub fn size_of(bytes: &[u8]) -> (u32, u32) {
    image::load_from_memory(bytes).map(|picture| (picture.width(), picture.height())).unwrap()
}

/// A PNG of one colour of that size that carries a number.
pub fn marked_plain(number: u32, (width, height): (u32, u32)) -> Vec<u8> {
    let [_, high, middle, low] = number.to_be_bytes();
    let mut picture = RgbImage::new(width, height);
    picture.put_pixel(0, 0, image::Rgb([high, middle, low]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A small PNG of noise that carries a number, so that every image can be told from every other.
pub fn marked(number: u32) -> Vec<u8> {
    let [_, high, middle, low] = number.to_be_bytes();
    let picture = RgbImage::from_fn(96, 96, |x, y| match (x, y) {
        (0, 0) => image::Rgb([high, middle, low]),
        _ => {
            let noise = (x * 193 + y * 1013 + number * 7919).wrapping_mul(2_654_435_761);
            image::Rgb([(noise >> 8) as u8, (noise >> 16) as u8, (noise >> 24) as u8])
        }
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The number of a marked image, all of whose pixels must be there.
///
/// # Errors
/// It does not decode.
pub fn mark(bytes: &[u8]) -> Result<u32, image::ImageError> {
    let image::Rgb([high, middle, low]) =
        *image::load_from_memory(bytes)?.to_rgb8().get_pixel(0, 0);
    Ok(u32::from_be_bytes([0, high, middle, low]))
}
