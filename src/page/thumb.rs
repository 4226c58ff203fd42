//! One image at a time, made small: read, decoded within bounds, fitted, its transparency shown.

use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, thumbnail};
use image::{DynamicImage, GenericImageView, Rgb, RgbImage, Rgba};

use crate::fs;
use crate::request::Format;
use crate::store;

/// The largest file that is read, in bytes; larger ones have no thumbnail.
const LARGEST: u64 = 256 << 20;
/// The largest file of a format that is not decoded here and is embedded as it is, in bytes.
const EMBEDDED: usize = 256 << 10;

/// The media type of what is made here.
pub(super) const JPEG: &str = "image/jpeg";

/// A thumbnail as it stands in a page.
pub(super) struct Thumb {
    /// Its media type.
    pub(super) media: &'static str,
    pub(super) bytes: Vec<u8>,
    /// Pixels; zero when only the browser will know.
    pub(super) size: (u32, u32),
    /// Whether these are all the pixels of the image: shown larger they would only be blurred.
    pub(super) is_whole: bool,
}

/// Reads an image and fits it into so many pixels, never larger than it is.
///
/// # Errors
/// Why it cannot be shown, in words.
pub(super) fn fitted(path: &Path, room: (u32, u32)) -> Result<RgbImage, String> {
    let bytes = read(path)?;
    store::decode(&bytes).map(|picture| small(picture, room)).ok_or_else(|| unshown(&bytes))
}

/// An image for a page, its longer edge at most `edge` pixels.
///
/// # Errors
/// Why it cannot be shown, in words.
pub(super) fn embedded(path: &Path, edge: u32, quality: u8) -> Result<Thumb, String> {
    shown(read(path)?, edge, quality)
}

/// The same of its bytes.
///
/// # Errors
/// As those of `embedded`.
pub(super) fn shown(bytes: Vec<u8>, edge: u32, quality: u8) -> Result<Thumb, String> {
    let Some(picture) = store::decode(&bytes) else {
        let media = match store::sniff(&bytes) {
            Some(Format::Gif) => "image/gif",
            Some(Format::Avif) => "image/avif",
            // In an `img` a drawing neither runs scripts nor loads anything.
            Some(Format::Svg) => "image/svg+xml",
            _ => return Err(unshown(&bytes)),
        };
        if bytes.len() > EMBEDDED {
            return Err(unshown(&bytes));
        }
        return Ok(Thumb { media, bytes, size: (0, 0), is_whole: false });
    };
    drop(bytes);
    let own = (picture.width(), picture.height());
    let small = small(picture, (edge, edge));
    let mut out = Cursor::new(Vec::new());
    small
        .write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality))
        .map_err(|error| format!("its thumbnail cannot be made: {error}"))?;
    let size = small.dimensions();
    Ok(Thumb { media: JPEG, bytes: out.into_inner(), size, is_whole: size == own })
}

/// The bytes of an image file, as long as it may be shown.
///
/// # Errors
/// Why it cannot be shown, in words.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "the file is gone".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    })?;
    if meta.len() > LARGEST {
        return Err("the file is too large to be shown".to_owned());
    }
    fs::read_regular(path, LARGEST).map_err(|error| format!("the file cannot be read: {error}"))
}

fn unshown(bytes: &[u8]) -> String {
    match store::verify(bytes) {
        Ok(facts) => format!("{} files are not shown here", facts.format.name().to_uppercase()),
        Err(why) => format!("the file cannot be shown: {why}"),
    }
}

/// Pixels that keep the ratio inside the room, at least one each way.
pub(super) fn fit((width, height): (u32, u32), room: (u32, u32)) -> (u32, u32) {
    let (wide, high) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let scale = (f64::from(room.0) / wide).min(f64::from(room.1) / high).min(1.0);
    let edge = |length: f64| ((length * scale).round() as u32).max(1);
    (edge(wide), edge(high))
}

/// Fits pixels into the room. A large picture is first averaged down to twice its size, which costs
/// little and hides no detail, and then filtered well.
fn small(picture: DynamicImage, room: (u32, u32)) -> RgbImage {
    let (width, height) = fit((picture.width(), picture.height()), room);
    let flat = if picture.width() > width * 4 && picture.height() > height * 4 {
        thumbnail(&OnBoard::of(&picture), width * 2, height * 2)
    } else {
        opaque(picture)
    };
    if flat.dimensions() == (width, height) {
        return flat;
    }
    // Not the generic function, which would be compiled here and without optimisation in tests.
    DynamicImage::from(flat).resize_exact(width, height, FilterType::Lanczos3).into_rgb8()
}

fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let board = OnBoard::of(&picture);
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| board.get_pixel(x, y))
}

/// What is transparent is laid over a pale chequerboard, as image editors do: one pixel at a time,
/// without a second picture.
struct OnBoard<'p> {
    picture: &'p DynamicImage,
    /// The edge of a square, in pixels.
    square: u32,
}

impl OnBoard<'_> {
    fn of(picture: &DynamicImage) -> OnBoard<'_> {
        OnBoard { picture, square: (picture.width().max(picture.height()) / 32).max(4) }
    }
}

impl GenericImageView for OnBoard<'_> {
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.picture.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let Rgba([r, g, b, a]) = self.picture.get_pixel(x, y);
        let is_light = (x / self.square + y / self.square).is_multiple_of(2);
        let ground: u32 = if is_light { 252 } else { 228 };
        let over = |part: u8| {
            ((u32::from(part) * u32::from(a) + ground * (255 - u32::from(a))) / 255) as u8
        };
        Rgb([over(r), over(g), over(b)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs;
    use image::{ImageFormat, RgbaImage};

    fn saved(picture: &DynamicImage) -> tempfile::TempPath {
        let file = tempfile::NamedTempFile::new().unwrap();
        picture.write_to(&mut file.as_file(), ImageFormat::Png).unwrap();
        file.into_temp_path()
    }

    #[test]
    fn images_are_fitted_whole_and_never_enlarged() {
        for (own, room, expected) in [
            ((4096, 4096), (400, 300), (300, 300)),
            ((100, 50), (400, 300), (100, 50)),
            ((4000, 100), (400, 300), (400, 10)),
            ((9000, 3), (400, 300), (400, 1)),
            ((2, 8000), (400, 300), (1, 300)),
        ] {
            assert_eq!(fit(own, room), expected, "{own:?}");
        }
        let file = saved(&RgbImage::from_pixel(1300, 700, Rgb([10, 90, 200])).into());
        let small = fitted(&file, (130, 100)).unwrap();
        assert_eq!(small.dimensions(), (130, 70));
        assert!(small.pixels().all(|pixel| pixel.0 == [10, 90, 200]));
    }

    #[test]
    fn what_is_transparent_shows_the_board() {
        let clear = RgbaImage::from_pixel(64, 64, Rgba([255, 0, 0, 0]));
        let file = saved(&clear.into());
        let shown = fitted(&file, (64, 64)).unwrap();
        let colors: std::collections::BTreeSet<u8> = shown.pixels().map(|p| p.0[0]).collect();
        assert_eq!(colors, [228, 252].into());
    }

    #[test]
    fn a_thumbnail_is_a_small_jpeg_and_a_drawing_stays_one() {
        let file = saved(&DynamicImage::new_rgb8(900, 600));
        let thumb = embedded(&file, 480, 80).unwrap();
        assert_eq!((thumb.media, thumb.size), ("image/jpeg", (480, 320)));
        assert!(!thumb.is_whole && embedded(&file, 900, 80).unwrap().is_whole);
        assert!(thumb.bytes.starts_with(&[0xff, 0xd8]));
        let drawing = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>";
        fs::write_atomic(&file, drawing, fs::Mode::Normal).unwrap();
        assert_eq!(embedded(&file, 480, 80).unwrap().media, "image/svg+xml");
        assert_eq!(fitted(&file, (9, 9)), Err("SVG files are not shown here".to_owned()));
    }

    #[test]
    fn why_there_is_nothing_to_show_is_said() {
        let missing = Path::new("/nowhere/fox.png");
        assert_eq!(fitted(missing, (9, 9)), Err("the file is gone".to_owned()));
        let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        fs::write_atomic(&file, b"\x89PNG\r\n\x1a\n", fs::Mode::Normal).unwrap();
        let why = fitted(&file, (9, 9)).unwrap_err();
        assert!(why.starts_with("the file cannot be shown: the PNG ends"), "{why}");
    }
}
