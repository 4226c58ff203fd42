//! Recipes go in and come out, and nothing else changes.

use std::collections::BTreeMap;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::request::{Background, Rgb, Size};
use crate::store::verify::verify;

fn picture(format: ImageFormat, alpha: bool) -> Vec<u8> {
    let image = RgbaImage::from_fn(33, 17, |x, y| {
        Rgba([x as u8 * 7, y as u8 * 15, 90, if alpha { x as u8 * 5 } else { 255 }])
    });
    let image = DynamicImage::ImageRgba8(image);
    let image = if alpha { image } else { DynamicImage::from(image.to_rgb8()) };
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(super) fn pictures() -> Vec<Vec<u8>> {
    vec![
        picture(ImageFormat::Png, true),
        picture(ImageFormat::Jpeg, false),
        picture(ImageFormat::WebP, false),
        picture(ImageFormat::WebP, true),
        LOSSY.to_vec(),
    ]
}

/// A lossy WebP of 1x1 pixel in the simple form, the one that the image crate cannot write
/// (from Google's WebP detection snippet).
const LOSSY: &[u8] = b"RIFF\x22\0\0\0WEBPVP8 \x16\0\0\0\x30\x01\0\x9d\x01\x2a\x01\0\x01\0\
    \x0e\xc0\xfe\x25\xa4\0\x03\x70\0\0\0\0";

pub(super) fn recipe() -> Recipe {
    let request = Request {
        prompt: "a red fox, </pinx:recipe> & \u{ffff}\nin the snow 🦊".to_owned(),
        negative: Some("rain".to_owned()),
        size: Some(Size::new(1024, 1024)),
        seed: Some(u64::MAX),
        style: Some("voxel-3d".to_owned()),
        colors: vec![Rgb([255, 107, 107]), Rgb([78, 205, 196])],
        background: Some(Background::Opaque),
        params: BTreeMap::from([
            ("num_inference_steps".to_owned(), json!(25)),
            ("nested".to_owned(), json!({"b": [1.5, null], "a": "x"})),
        ]),
        ..Request::default()
    };
    Recipe {
        request: request.into(),
        model: "fal/fast-sdxl".to_owned(),
        note: Some("procedural sketch, not AI".to_owned()),
        ..Recipe::default()
    }
}

pub(super) fn with(bytes: &[u8], recipe: &Recipe) -> Vec<u8> {
    embed(bytes, &verify(bytes).unwrap(), recipe)
}

#[test]
fn recipes_come_back_and_pixels_stay() {
    for bytes in pictures() {
        let facts = verify(&bytes).unwrap();
        assert_eq!(read(&bytes), None);
        let made = with(&bytes, &recipe());
        assert_eq!(read(&made), Some(recipe()), "{}", facts.format);
        assert_eq!(verify(&made), Ok(facts), "still sound");
        let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap();
        assert!(pixels(&bytes) == pixels(&made), "{}: the same pixels", facts.format);
        assert_eq!(made, with(&bytes, &recipe()), "the same bytes each time");
        assert_eq!(made, with(&made, &recipe()), "what is there stays");
    }
}

#[test]
fn parameters_read_as_other_programs_expect() {
    for bytes in pictures() {
        let facts = verify(&bytes).unwrap();
        assert_eq!(
            parameters(&with(&bytes, &recipe())).unwrap(),
            format!(
                "a red fox, </pinx:recipe> & \u{ffff}\nin the snow 🦊\nNegative prompt: rain\n\
                 Steps: 25, Seed: 18446744073709551615, Size: {}x{}, Model: fal/fast-sdxl, \
                 Style: voxel-3d, Colors: #FF6B6B #4ECDC4, Background: opaque, \
                 Note: \"procedural sketch, not AI\", Version: pinx",
                facts.width, facts.height
            )
        );
    }
}

#[test]
fn without_our_chunks_a_png_is_the_original() {
    let bytes = picture(ImageFormat::Png, true);
    let made = with(&bytes, &recipe());
    let added = made.len() - bytes.len();
    assert_eq!(made[..33], bytes[..33]);
    assert_eq!(made[33 + added..], bytes[33..]);
    assert_eq!(&made[37..46], b"iTXtpinx\0");
    assert!(String::from_utf8_lossy(&made).contains(r#"{"v":1,"prompt":"#));
}

#[test]
fn the_decoders_of_others_find_our_places() {
    use image::ImageDecoder;
    let jpeg = with(&picture(ImageFormat::Jpeg, false), &recipe());
    let mut decoder = image::codecs::jpeg::JpegDecoder::new(Cursor::new(&jpeg)).unwrap();
    assert!(exif::comment(&decoder.exif_metadata().unwrap().unwrap()).is_some());
    for (webp, flags) in [(picture(ImageFormat::WebP, true), 0x1c), (LOSSY.to_vec(), 0x0c)] {
        let webp = with(&webp, &recipe());
        assert_eq!(webp[12..21], *[b"VP8X\x0a\0\0\0", &[flags][..]].concat());
        let mut decoder = image::codecs::webp::WebPDecoder::new(Cursor::new(&webp)).unwrap();
        assert!(exif::comment(&decoder.exif_metadata().unwrap().unwrap()).is_some());
        assert!(exif::recipe(&decoder.xmp_metadata().unwrap().unwrap()).is_some());
    }
}

#[test]
fn signed_images_and_other_formats_stay_as_they_are() {
    for bytes in pictures() {
        let facts = Facts { signed: true, ..verify(&bytes).unwrap() };
        assert_eq!(embed(&bytes, &facts, &recipe()), bytes);
    }
    let svg = b"<svg/>".to_vec();
    assert_eq!(with(&svg, &recipe()), svg);
}

#[test]
fn taken_places_are_left_alone() {
    let mut png = picture(ImageFormat::Png, false);
    let text = b"tEXtparameters\0theirs, Steps: 1";
    let chunk = [&(text.len() as u32 - 4).to_be_bytes()[..], text, &[0; 4]].concat();
    let facts = verify(&png).unwrap();
    png.splice(33..33, chunk);
    let made = embed(&png, &facts, &recipe());
    assert_eq!(parameters(&made).as_deref(), Some("theirs, Steps: 1"));
    assert_eq!(read(&made), Some(recipe()));
    let mut jpeg = picture(ImageFormat::Jpeg, false);
    jpeg.splice(2..2, *b"\xff\xe1\0\x0aExif\0\0MM");
    let made = with(&jpeg, &recipe());
    assert_eq!(parameters(&made), None);
    assert_eq!(read(&made), Some(recipe()));
}

#[test]
fn what_does_not_fit_a_jpeg_is_left_out_not_torn() {
    let jpeg = picture(ImageFormat::Jpeg, false);
    let mut long = recipe();
    Arc::make_mut(&mut long.request).prompt = "🦊 fox ".repeat(30_000);
    let made = with(&jpeg, &long);
    assert!(verify(&made).is_ok());
    assert_eq!(read(&made), None);
    let text = parameters(&made).unwrap();
    assert!(text.starts_with("🦊 fox 🦊") && text.contains("…\nSteps: 25, Seed: "), "{text}");
    assert_eq!(text.encode_utf16().count(), exif::MAX_UNITS);
    for bytes in [picture(ImageFormat::Png, false), picture(ImageFormat::WebP, false)] {
        assert_eq!(read(&with(&bytes, &long)), Some(long.clone()));
    }
}

#[test]
fn segments_stand_where_readers_look() {
    let bare = picture(ImageFormat::Jpeg, false);
    assert_eq!(bare[2..4], [0xff, 0xe0], "the image crate writes JFIF first");
    let made = with(&bare, &recipe());
    assert_eq!(made[..20], bare[..20]);
    assert_eq!(made[20..22], [0xff, 0xe1]);
    assert!(made.ends_with(&bare[20..]));
}

proptest! {
    #[test]
    fn any_text_comes_back(
        prompt in any::<String>(), label in any::<Option<String>>(), which in 0_usize..5,
    ) {
        let request = Request { prompt, label, ..Request::default() };
        let recipe = Recipe { request: request.into(), model: "x/y".into(), ..Recipe::default() };
        let made = with(&pictures()[which], &recipe);
        prop_assert!(verify(&made).is_ok());
        prop_assert_eq!(read(&made), Some(recipe));
        let text = parameters(&made).unwrap();
        prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
    }

    #[test]
    fn no_damage_makes_it_panic(
        which in 0_usize..5,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        keep in any::<prop::sample::Index>(),
    ) {
        let whole = with(&pictures()[which], &recipe());
        let facts = verify(&whole).unwrap();
        let mut bytes = whole;
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(keep.index(bytes.len()) + 1);
        let _ = (read(&bytes), parameters(&bytes), embed(&bytes, &facts, &recipe()));
    }
}

#[test]
fn a_recipe_of_millions_of_values_is_none() {
    let values = |count: usize| {
        let mut recipe = recipe();
        let params = BTreeMap::from([("x".to_owned(), json!(vec![0; count]))]);
        Arc::make_mut(&mut recipe.request).params = params;
        recipe
    };
    let png = picture(ImageFormat::Png, false);
    assert_eq!(read(&with(&png, &values(50_000))), Some(values(50_000)));
    assert_eq!(read(&with(&png, &values(200_000))), None);
}
