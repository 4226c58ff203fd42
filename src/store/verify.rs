//! What an image really is: format, size and soundness, from its bytes alone.
//!
//! Pure: bytes in, facts out. A request or a content type is never trusted. No bytes make it panic,
//! and nothing is allocated in proportion to a size that the bytes only claim. Structure is walked
//! to the end of each format (a truncated download is seen), pixels are not decoded.

mod file;
mod png;
mod svg;
mod walk;

pub use file::{VerifiedFile, verify_file};
pub(crate) use png::{Png, Texts, is_text};
pub use svg::is_inert as is_inert_svg;

use crate::request::Format;
use crate::text;

/// The longest edge taken for real, in pixels.
pub const MAX_EDGE: u32 = 32_768;

/// The largest area taken for real, in pixels: 16384 x 16384, a gigabyte once decoded.
pub const MAX_PIXELS: u64 = 16_384 * 16_384;

/// What the bytes of an image say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The real format.
    pub format: Format,
    /// Pixels from left to right, at least 1.
    pub width: u32,
    /// Pixels from top to bottom, at least 1.
    pub height: u32,
    /// It can be transparent: an alpha channel, a transparent colour, or a vector picture.
    pub alpha: bool,
    /// It carries C2PA content credentials, which any change of the file would break
    /// (<https://spec.c2pa.org>, "Embedding manifests": PNG `caBX`, JPEG APP11 JUMBF, WebP `C2PA`,
    /// a `uuid` box in AVIF).
    pub signed: bool,
}

/// The format that the first bytes announce, whether or not the rest is sound.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Format::Png),
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::Webp),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        _ if walk::is_avif(bytes) => Some(Format::Avif),
        _ if svg::opens(bytes) => Some(Format::Svg),
        _ => None,
    }
}

/// Walks the whole structure and says what the image is.
///
/// # Errors
/// Says in plain words what is wrong: truncated, damaged, no image at all, or too large.
pub fn verify(bytes: &[u8]) -> Result<Facts, String> {
    let Some(format) = sniff(bytes) else { return Err(stranger(bytes)) };
    let facts = match format {
        Format::Png => {
            let mut png = Png::new(Texts::default());
            png.push(bytes)?;
            png.end()
        }
        Format::Jpeg => walk::jpeg(bytes),
        Format::Webp => walk::webp(bytes),
        Format::Gif => walk::gif(bytes),
        Format::Avif => walk::avif(bytes),
        Format::Svg => svg::read(bytes),
    }?;
    bounded(&facts)?;
    Ok(facts)
}

/// The most pixels that a lossy picture inside a WebP says it has; that of an animation's frames, too.
pub(crate) fn biggest_vp8(webp: &[u8]) -> u64 {
    walk::biggest_vp8(webp)
}

/// Whether it is an image of a size that can be.
fn bounded(facts: &Facts) -> Result<(), String> {
    let Facts { width, height, .. } = *facts;
    let name = label(facts.format);
    if width == 0 || height == 0 {
        return Err(format!("the {name} has no size: {width}x{height} pixels"));
    }
    if width.max(height) > MAX_EDGE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(format!("the {name} claims {width}x{height} pixels, which is too large"));
    }
    Ok(())
}

/// A format's name in a sentence.
fn label(format: Format) -> &'static str {
    match format {
        Format::Png => "PNG",
        Format::Jpeg => "JPEG",
        Format::Webp => "WebP",
        Format::Gif => "GIF",
        Format::Avif => "AVIF",
        Format::Svg => "SVG",
    }
}

/// What bytes are that are none of the formats.
fn stranger(bytes: &[u8]) -> String {
    let known: [(&[u8], &str); 9] = [
        (b"BM", "a BMP image, which is not supported"),
        (b"II*\0", "a TIFF image, which is not supported"),
        (b"MM\0*", "a TIFF image, which is not supported"),
        (b"\xff\x0a", "a JPEG XL image, which is not supported"),
        (b"\0\0\0\x0cJXL ", "a JPEG XL image, which is not supported"),
        (b"\x1f\x8b", "compressed with gzip, not an image"),
        (b"PK\x03\x04", "a ZIP archive, not an image"),
        (b"%PDF", "a PDF document, not an image"),
        (b"\x1aE\xdf\xa3", "a video, not an image"),
    ];
    if bytes.is_empty() {
        return "it is empty".to_owned();
    }
    if let Some((_, what)) = known.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return format!("it is {what}");
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return "it is a HEIC image or a video, which is not supported".to_owned();
    }
    let head = &bytes[..bytes.len().min(1024)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character cut by the end of the head is still text.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return "it is not an image of a known format".to_owned(),
    };
    let start = valid.trim_start_matches('\u{feff}').trim_start();
    let lower: String = start.chars().take(15).collect::<String>().to_ascii_lowercase();
    if valid.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        "it is not an image of a known format".to_owned()
    } else if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        "it is a web page, not an image".to_owned()
    } else if start.starts_with(['{', '[']) {
        "it is JSON, not an image".to_owned()
    } else {
        format!("it is text, not an image: `{}`", text::clean(start, 40))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat};
    use proptest::prelude::*;

    /// A small picture, coded by the image crate.
    fn coded(format: ImageFormat, alpha: bool) -> Vec<u8> {
        let picture = DynamicImage::new_rgba8(37, 21);
        let picture = if alpha { picture } else { DynamicImage::from(picture.to_rgb8()) };
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    const GIF: &[u8] = b"GIF89a\x03\0\x02\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0\
        ,\0\0\0\0\x03\0\x02\0\0\x02\x02\x84\x51\0;";

    fn avif() -> Vec<u8> {
        let boxed = |kind: &[u8; 4], parts: &[&[u8]]| {
            let body = parts.concat();
            [&(body.len() as u32 + 8).to_be_bytes()[..], kind, &body].concat()
        };
        let ispe = boxed(b"ispe", &[&[0; 4], &37u32.to_be_bytes(), &21u32.to_be_bytes()]);
        let urn = b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";
        let ipco = boxed(b"ipco", &[&ispe, &boxed(b"auxC", &[urn])]);
        let meta = boxed(b"meta", &[&[0; 4], &boxed(b"iprp", &[&ipco])]);
        [boxed(b"ftyp", &[b"avif\0\0\0\0mif1"]), meta, boxed(b"mdat", &[b"pixels"])].concat()
    }

    /// The real format, the bytes, the size in pixels, and whether it can be transparent.
    type Sample = (Format, Vec<u8>, (u32, u32), bool);

    fn samples() -> Vec<Sample> {
        let svg = br##"<?xml version="1.0"?><!-- a > b --><svg xmlns="http://www.w3.org/2000/svg"
            viewBox="0 0 37 21"><g fill='#fff'><path d="M0 0"/></g><![CDATA[<]]></svg>"##;
        vec![
            (Format::Png, coded(ImageFormat::Png, true), (37, 21), true),
            (Format::Png, coded(ImageFormat::Png, false), (37, 21), false),
            (Format::Jpeg, coded(ImageFormat::Jpeg, false), (37, 21), false),
            (Format::Webp, coded(ImageFormat::WebP, true), (37, 21), true),
            (Format::Webp, coded(ImageFormat::WebP, false), (37, 21), false),
            (Format::Gif, GIF.to_vec(), (3, 2), true),
            (Format::Avif, avif(), (37, 21), true),
            (Format::Svg, svg.to_vec(), (37, 21), true),
        ]
    }

    #[test]
    fn sound_images_tell_what_they_are() {
        for (format, bytes, (width, height), alpha) in samples() {
            let facts = Facts { format, width, height, alpha, signed: false };
            assert_eq!(verify(&bytes), Ok(facts), "{format}");
            assert_eq!(sniff(&bytes), Some(format));
        }
    }

    #[test]
    fn every_truncation_is_seen() {
        for (format, bytes, ..) in samples() {
            for end in 0..bytes.len() {
                assert!(verify(&bytes[..end]).is_err(), "{format} cut at {end} of {}", bytes.len());
            }
        }
    }

    #[test]
    fn bytes_after_the_end_are_tolerated() {
        for (format, mut bytes, ..) in samples() {
            bytes.extend_from_slice(b"\n");
            assert!(verify(&bytes).is_ok(), "{format}");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_png_is_seen() {
        let bytes = coded(ImageFormat::Png, true);
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x10;
            assert!(verify(&bytes).is_err(), "byte {at}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_plain_words() {
        let png = coded(ImageFormat::Png, true);
        for (bytes, words) in [
            (&b""[..], "it is empty"),
            (b"upstream error", "it is text, not an image: `upstream error`"),
            (b"{\"error\":1}", "it is JSON, not an image"),
            (b" <!DOCTYPE html><html>", "it is a web page, not an image"),
            (b"\0\x01\x02", "it is not an image of a known format"),
            (&png[..png.len() - 12], "the PNG ends before IEND"),
            (&png[..20], "the PNG ends before IEND"),
            (b"\xff\xd8\xff\xd9", "the JPEG holds no picture"),
            (b"<svg><g></svg>", "the SVG closes `g` with `svg`"),
            (b"<svg><g/>", "the SVG ends before `</svg>`"),
            (
                b"<svg width='40000' height='9' x=1></svg>",
                "the SVG has an attribute without quotes",
            ),
        ] {
            assert_eq!(verify(bytes), Err(words.to_owned()));
        }
    }

    #[test]
    fn bombs_are_refused() {
        let mut gif = GIF.to_vec();
        gif[6..10].fill(0xff);
        assert_eq!(
            verify(&gif),
            Err("the GIF claims 65535x65535 pixels, which is too large".into())
        );
        gif[6..8].fill(0);
        assert_eq!(verify(&gif), Err("the GIF has no size: 0x65535 pixels".into()));
    }

    #[test]
    fn vectors_are_not_nested_without_end() {
        let nested = |depth: usize| {
            format!("<svg>{}{}</svg>", "<g>".repeat(depth), "</g>".repeat(depth)).into_bytes()
        };
        assert!(verify(&nested(1_000)).is_ok());
        assert_eq!(verify(&nested(2_000)), Err("the SVG is nested too deeply".to_owned()));
    }

    #[test]
    fn credentials_are_seen() {
        let mut jpeg = coded(ImageFormat::Jpeg, false);
        jpeg.splice(2..2, *b"\xff\xeb\0\x06JP\0\x01");
        assert!(verify(&jpeg).unwrap().signed);
        let mut webp = coded(ImageFormat::WebP, false);
        webp.extend_from_slice(b"C2PA\x02\0\0\0ab");
        let size = (webp.len() as u32 - 8).to_le_bytes();
        webp[4..8].copy_from_slice(&size);
        assert!(verify(&webp).unwrap().signed);
        let mut png = coded(ImageFormat::Png, false);
        let chunk = [&b"caBX"[..], b"jumbf"].concat();
        let crc = crc32fast::hash(&chunk).to_be_bytes();
        png.splice(33..33, [&5_u32.to_be_bytes()[..], &chunk, &crc].concat());
        assert!(verify(&png).unwrap().signed);
        let mut avif = avif();
        avif.extend_from_slice(b"\0\0\0\x18uuid\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c");
        avif.extend_from_slice(b"\x92\x97\x58\x28\x87\x7e\xc4\x81");
        assert!(verify(&avif).unwrap().signed);
    }

    #[test]
    fn sizes_of_vectors_follow_their_units() {
        for (attributes, size) in [
            ("width='640' height='480px' viewBox='0 0 1 1'", (640, 480)),
            ("width='1in' height='25.4mm'", (96, 96)),
            ("width='100%' height='100%' viewBox='0,0 30 40.2'", (30, 40)),
            ("width='60' viewBox='0 0 30 40'", (60, 80)),
            ("", (300, 150)),
            ("viewBox='0 0 90000 45000'", (16_384, 8_192)),
            ("width='-1' height='nan'", (300, 150)),
        ] {
            let facts = verify(format!("<svg {attributes}/>").as_bytes()).unwrap();
            assert_eq!((facts.width, facts.height), size, "{attributes}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = verify(&bytes);
        }

        #[test]
        fn no_damage_makes_it_panic(
            which in 0_usize..8,
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        ) {
            let mut bytes = samples().swap_remove(which).1;
            for (at, value) in edits {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = verify(&bytes);
        }
    }
}
