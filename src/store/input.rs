//! Pictures that are given: looked at before anything is sent, and known by their bytes.
//!
//! What a model could not read is refused here, and so is what would tell more than the picture shows:
//! a place, a prompt, a name. A file that is taken is sent as it is.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::metadata::{jpeg_segments, png_chunks, webp_body, webp_chunks};
use super::pixels::{DECODED_EDGE, DECODED_PIXELS};
use super::verify::{sniff, verify};
use crate::catalog::SentInput;
use crate::error::{Error, Result};
use crate::fs;
use crate::request::{Format, Role, Size};
use crate::text;

/// Bytes of an input at most: nobody takes more.
const LARGEST: u64 = 50_000_000;

/// A picture at a path; `what` is what it is called where it is spoken of: `image 1`.
///
/// # Errors
/// It is not there, no whole picture of a kind that can be sent, or not of its picture alone.
pub(crate) fn input_at(path: &Path, role: Role, what: &str) -> Result<SentInput> {
    let name = text::clean(&path.display().to_string(), 200);
    let wrong = |why: &str| Error::usage(format!("{what}: {why}")).code("input");
    let bytes = read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => wrong(&format!("there is no file `{name}`")),
        _ => wrong(&format!("`{name}` cannot be read: {error}")),
    })?;
    if bytes.len() as u64 > LARGEST {
        let most = text::size(LARGEST);
        return Err(wrong(&format!("`{name}` has more than {most}, which nobody takes")));
    }
    if let Some((kind, remedy)) = foreign(&bytes, &name) {
        let what = format!("`{name}` is a {kind} picture, which no model here takes");
        return Err(wrong(&what).hint(remedy));
    }
    let facts = verify(&bytes).map_err(|why| wrong(&format!("`{name}`: {why}")))?;
    let size = Size::new(facts.width, facts.height);
    if size.pixels() > DECODED_PIXELS || size.width.max(size.height) > DECODED_EDGE {
        let most = DECODED_PIXELS / 1_000_000;
        let what = format!("`{name}` has {size} pixels; at most {most} million are taken");
        return Err(wrong(&what).hint("scale it down first"));
    }
    if let Some(beside) = beside(&bytes, facts.format) {
        return Err(wrong(&format!("`{name}` {beside}"))
            .code("input_private")
            .hint(format!("`magick '{name}' -auto-orient -strip copy.png` makes a plain copy")));
    }
    Ok(SentInput {
        role,
        sha256: text::hex(&Sha256::digest(&bytes)),
        len: bytes.len() as u64,
        format: facts.format,
        size,
        source: None,
        path: Some(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
    })
}

/// A file's bytes, as far as they are ever taken.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    // A pipe would be waited for, and gives its bytes only once.
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    let file = fs::with_handle(|| File::open(path))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The kind of a picture that nobody takes, and what makes another of it.
fn foreign(bytes: &[u8], name: &str) -> Option<(&'static str, String)> {
    let brand = bytes.get(4..12).and_then(|head| head.strip_prefix(b"ftyp"));
    let is_heic = brand.is_some_and(|brand| {
        [&b"heic"[..], b"heix", b"hevc", b"heim", b"mif1", b"msf1"].contains(&brand)
    });
    let magick = |from: &str| format!("`magick '{from}' copy.png` makes a PNG of it");
    match sniff(bytes) {
        Some(Format::Gif) => Some(("GIF", magick(&format!("{name}[0]")))),
        Some(Format::Avif) => Some(("AVIF", magick(name))),
        Some(Format::Svg) => Some(("SVG", magick(name))),
        _ if is_heic => {
            let remedy = format!(
                "`sips -s format png '{name}' --out copy.png` or `heif-convert '{name}' copy.png` \
                 makes a PNG of it"
            );
            Some(("HEIC", remedy))
        }
        _ => None,
    }
}

/// What a file holds beside one upright picture of red, green and blue, if anything. Unknown parts
/// count: what is not known may tell anything.
fn beside(bytes: &[u8], format: Format) -> Option<String> {
    let holds = |what: &str| Some(format!("holds {what} beside its picture, which would be sent"));
    let name = |kind: &[u8]| text::clean(&String::from_utf8_lossy(kind), 8);
    match format {
        Format::Png => {
            const PICTURE: [&[u8]; 12] = [
                b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"cHRM", b"gAMA", b"iCCP", b"sBIT",
                b"sRGB", b"pHYs", b"cICP",
            ];
            let other = png_chunks(bytes).find(|(kind, _)| !PICTURE.contains(kind));
            if let Some((kind, _)) = other {
                return holds(&format!("`{}`", name(kind)));
            }
            // Length, type and checksum of the last chunk.
            let end = bytes.len().checked_sub(12)?;
            (bytes.get(end + 4..end + 8) != Some(b"IEND")).then(|| holds("further bytes"))?
        }
        Format::Jpeg => {
            let mut scan = 2;
            for (marker, data, end) in jpeg_segments(bytes) {
                scan = end;
                let is_picture = match marker {
                    0xe0 => data.starts_with(b"JFIF\0"),
                    0xe2 => data.starts_with(b"ICC_PROFILE\0"),
                    0xee => data.starts_with(b"Adobe"),
                    0xe1..=0xef | 0xfe => false,
                    _ => true,
                };
                let frame =
                    (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
                if frame && data.get(5) == Some(&4) {
                    return Some("has CMYK colours, which are not converted yet".to_owned());
                }
                if !is_picture {
                    return holds(&format!("a segment `{marker:02X}`"));
                }
            }
            // Between scans there may be tables, and behind the picture nothing.
            let rest = bytes.get(scan..).unwrap_or_default();
            let marks = rest.windows(2).filter(|pair| pair[0] == 0xff);
            let is_odd = |pair: &[u8]| matches!(pair[1], 0xe0..=0xef | 0xfe | 0xd8);
            let is_whole = rest.ends_with(&[0xff, 0xd9]);
            let ends = rest.windows(2).filter(|pair| *pair == [0xff, 0xd9]).count();
            (marks.into_iter().any(is_odd) || !is_whole || ends != 1)
                .then(|| holds("further bytes"))?
        }
        Format::Webp => {
            const PICTURE: [&[u8; 4]; 5] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"];
            let body = webp_body(bytes)?;
            let other = webp_chunks(body).find(|(kind, ..)| !PICTURE.contains(&kind));
            match other {
                Some((kind, ..)) if kind == *b"ANIM" || kind == *b"ANMF" => {
                    Some("is an animation, of which no single picture is taken yet".to_owned())
                }
                Some((kind, ..)) => holds(&format!("`{}`", name(&kind))),
                None if body.len() < bytes.len() => holds("further bytes"),
                None => None,
            }
        }
        Format::Gif | Format::Avif | Format::Svg => None,
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage};

    use super::super::pixels::encode;
    use super::*;

    fn picture(format: Format) -> Vec<u8> {
        let pixels = RgbImage::from_fn(40, 24, |x, y| image::Rgb([x as u8 * 6, y as u8 * 9, 7]));
        encode(&DynamicImage::ImageRgb8(pixels), format).unwrap()
    }

    fn look(bytes: &[u8]) -> Result<SentInput> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mug.jpg");
        fs::write_atomic(&path, bytes, fs::Mode::Normal).unwrap();
        input_at(&path, Role::Image, "image 1")
    }

    /// A PNG with a further chunk behind its header.
    fn with_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let png = picture(Format::Png);
        let chunk = [kind, data].concat();
        let length = (data.len() as u32).to_be_bytes();
        let sum = crc32fast::hash(&chunk).to_be_bytes();
        [&png[..33], &length, &chunk, &sum, &png[33..]].concat()
    }

    /// A JPEG with a further segment in front.
    fn with_segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let jpeg = picture(Format::Jpeg);
        let length = (data.len() as u16 + 2).to_be_bytes();
        [&jpeg[..2], &[0xff, marker], &length, data, &jpeg[2..]].concat()
    }

    #[test]
    fn a_plain_picture_is_taken_whatever_its_name_says() {
        for format in [Format::Png, Format::Jpeg, Format::Webp] {
            let bytes = picture(format);
            let input = look(&bytes).unwrap();
            assert_eq!((input.format, input.size), (format, Size::new(40, 24)));
            assert_eq!((input.len, input.sha256.len()), (bytes.len() as u64, 64));
        }
        assert!(look(&with_chunk(b"sRGB", &[0])).is_ok());
        assert!(look(&with_segment(0xe2, b"ICC_PROFILE\0\x01\x01")).is_ok());
    }

    #[test]
    fn what_tells_more_than_a_picture_is_not_sent() {
        let png = picture(Format::Png);
        let jpeg = picture(Format::Jpeg);
        let webp = picture(Format::Webp);
        for (bytes, told) in [
            (with_chunk(b"tEXt", b"prompt\0a fox"), "`tEXt`"),
            (with_chunk(b"eXIf", b"MM\0*"), "`eXIf`"),
            (with_chunk(b"acTL", &[0; 8]), "`acTL`"),
            (with_chunk(b"vpAg", &[0; 9]), "`vpAg`"),
            ([&png[..], b"more"].concat(), "further bytes"),
            (with_segment(0xe1, b"Exif\0\0MM\0*"), "segment `E1`"),
            (with_segment(0xed, b"Photoshop 3.0\0"), "segment `ED`"),
            (with_segment(0xfe, b"a comment"), "segment `FE`"),
            (with_segment(0xe2, b"MPF\0"), "segment `E2`"),
            ([&jpeg[..], b"more"].concat(), "further bytes"),
            ([&jpeg[..], &jpeg].concat(), "further bytes"),
            ([&webp[..], b"more"].concat(), "further bytes"),
        ] {
            let error = look(&bytes).unwrap_err();
            assert!(error.message.contains(told), "{told}: {}", error.message);
        }
    }

    #[test]
    fn what_is_no_whole_picture_is_told_with_its_remedy() {
        let png = picture(Format::Png);
        let huge = |edge: u32| {
            let mut huge = png.clone();
            huge[16..20].copy_from_slice(&edge.to_be_bytes());
            huge[20..24].copy_from_slice(&edge.to_be_bytes());
            let sum = crc32fast::hash(&huge[12..29]).to_be_bytes();
            huge[29..33].copy_from_slice(&sum);
            huge
        };
        for (bytes, told, hint) in [
            (png[..png.len() - 20].to_vec(), "image 1: ", ""),
            (b"GIF89a\x01\0".to_vec(), "is a GIF picture", "[0]'"),
            (b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), "is a HEIC picture", "sips"),
            (b"\0\0\0\x18ftypavif\0\0\0\0".to_vec(), "is a AVIF picture", "magick"),
            (b"BM......".to_vec(), "BMP", ""),
            (Vec::new(), "empty", ""),
            (huge(9_000), "9000x9000", "scale it down"),
            (huge(20_000), "20000x20000", ""),
        ] {
            let error = look(&bytes).unwrap_err();
            assert!(error.message.contains(told), "{told}: {}", error.message);
            assert!(error.hints.join(" ").contains(hint), "{told}: {:?}", error.hints);
        }
        let nowhere = tempfile::tempdir().unwrap();
        for (path, told) in
            [(nowhere.path().join("x"), "there is no file"), (nowhere.path().into(), "no file")]
        {
            let error = input_at(&path, Role::Image, "image 2").unwrap_err();
            assert!(error.message.starts_with("image 2: ") && error.message.contains(told));
        }
    }
}
