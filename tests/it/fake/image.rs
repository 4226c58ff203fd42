//! Images that decode, in any size and format, made once for each.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex, OnceLock};

use image::{ImageFormat, RgbImage};

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

/// An all-black JPEG, as a safety checker leaves it.
pub fn black(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(width, height).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
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
