//! Texts in the lowest bits of a picture, where they outlive programs that drop metadata ("stealth
//! pnginfo", which NovelAI and an extension of the AUTOMATIC1111 web UI write).
//!
//! Pure. The bits go down the columns: fifteen letters that name the form, the number of bits in four
//! bytes, and the text, plain or packed by gzip. Only a picture that begins so is read further.

use std::io::Read as _;

use image::{DynamicImage, GenericImageView as _};
use serde_json::Value;

use crate::json::large_tree;
use crate::request::Format;
use crate::store::pixels::decode;
use crate::store::verify::{Facts, sniff, verify};

/// Bytes of a text, as it is written and once it is unpacked.
const LONGEST: usize = 4 * 1024 * 1024;

/// Pixels of a picture that is looked into: it has to be decoded, and programs that write this make
/// no larger ones.
const LARGEST: u64 = 2_048 * 4_096;

/// The bits of a picture's pixels, column by column.
struct Bits<'p> {
    picture: &'p DynamicImage,
    is_alpha: bool,
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u8> {
        let (width, height) = self.picture.dimensions();
        // In the form without alpha each pixel holds three.
        let (pixel, channel) =
            if self.is_alpha { (self.at, 3) } else { (self.at / 3, self.at % 3) };
        let (x, y) = (pixel / height as usize, pixel % height as usize);
        let x = u32::try_from(x).ok().filter(|x| *x < width)?;
        self.at += 1;
        Some(self.picture.get_pixel(x, y as u32).0[channel] & 1)
    }

    fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        let byte = |bits: &mut Self| (0..8).try_fold(0, |byte, _| Some(byte << 1 | bits.bit()?));
        (0..count).map(|_| byte(self)).collect()
    }
}

/// The texts that hide in a picture, each under the keyword of the chunk that says the same.
pub(super) fn texts(bytes: &[u8]) -> Vec<(String, String)> {
    let area = |facts: Facts| u64::from(facts.width) * u64::from(facts.height);
    let is_small = verify(bytes).is_ok_and(|facts| area(facts) <= LARGEST);
    if !is_small || !matches!(sniff(bytes), Some(Format::Png | Format::Webp)) {
        return Vec::new();
    }
    let Some(text) = decode(bytes).and_then(|picture| hidden(&picture)) else { return Vec::new() };
    // NovelAI hides all its chunks as one object.
    let chunks = large_tree(text.as_bytes()).and_then(|tree| match tree {
        Value::Object(chunks) if chunks.contains_key("Comment") => Some(chunks),
        _ => None,
    });
    let Some(chunks) = chunks else { return vec![("parameters".to_owned(), text)] };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    chunks.into_iter().map(|(key, value)| (key, text(value))).collect()
}

fn hidden(picture: &DynamicImage) -> Option<String> {
    let has_alpha = picture.color().has_alpha();
    [true, false].into_iter().filter(|is_alpha| has_alpha || !is_alpha).find_map(|is_alpha| {
        let mut bits = Bits { picture, is_alpha, at: 0 };
        let form = bits.bytes(15)?;
        let is_packed = match (form.as_slice(), is_alpha) {
            (b"stealth_pnginfo", true) | (b"stealth_rgbinfo", false) => false,
            (b"stealth_pngcomp", true) | (b"stealth_rgbcomp", false) => true,
            _ => return None,
        };
        let length =
            bits.bytes(4)?.into_iter().fold(0, |length, byte| length << 8 | usize::from(byte));
        let text =
            bits.bytes((length / 8).min(LONGEST + 1)).filter(|text| text.len() <= LONGEST)?;
        String::from_utf8(if is_packed { unpacked(&text)? } else { text }).ok()
    })
}

fn unpacked(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let read = flate2::read::GzDecoder::new(text).take(LONGEST as u64 + 1).read_to_end(&mut out);
    (read.is_ok() && out.len() <= LONGEST).then_some(out)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use image::{Rgba, RgbaImage};

    use super::*;

    /// A picture with these bytes in its lowest bits.
    fn picture(is_alpha: bool, bytes: &[u8]) -> Vec<u8> {
        let mut image =
            RgbaImage::from_fn(60, 41, |x, y| Rgba([x as u8 * 4, y as u8 * 6, 90, 254]));
        let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        for (at, bit) in bits.enumerate() {
            let (pixel, channel) = if is_alpha { (at, 3) } else { (at / 3, at % 3) };
            let pixel = image.get_pixel_mut(pixel as u32 / 41, pixel as u32 % 41);
            pixel.0[channel] = pixel.0[channel] & 0xfe | bit;
        }
        let mut out = Cursor::new(Vec::new());
        let image = DynamicImage::ImageRgba8(image);
        let image = if is_alpha { image } else { image.to_rgb8().into() };
        image.write_to(&mut out, image::ImageFormat::Png).unwrap();
        out.into_inner()
    }

    fn framed(form: &[u8], text: &[u8]) -> Vec<u8> {
        [form, &(text.len() as u32 * 8).to_be_bytes(), text].concat()
    }

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_four_forms_are_read() {
        let text = "a fox, snow\nSteps: 9, Seed: 4, Size: 64x64";
        for (form, is_alpha, content) in [
            (&b"stealth_pnginfo"[..], true, text.as_bytes().to_vec()),
            (b"stealth_pngcomp", true, packed(text)),
            (b"stealth_rgbinfo", false, text.as_bytes().to_vec()),
            (b"stealth_rgbcomp", false, packed(text)),
        ] {
            let found = texts(&picture(is_alpha, &framed(form, &content)));
            assert_eq!(found, [("parameters".to_owned(), text.to_owned())], "{form:?}");
        }
        let chunks = r#"{"Software": "NovelAI", "Comment": {"seed": 5}}"#;
        let found = texts(&picture(true, &framed(b"stealth_pngcomp", &packed(chunks))));
        let wanted = [("Software", "NovelAI"), ("Comment", "{\"seed\":5}")];
        for (key, value) in wanted {
            assert!(found.contains(&(key.to_owned(), value.to_owned())), "{found:?}");
        }
    }

    #[test]
    fn a_length_that_lies_and_a_text_that_is_none_are_nothing() {
        for bytes in [
            b"stealth_pnginfo\xff\xff\xff\xffx".to_vec(),
            framed(b"stealth_pngcomp", b"not packed"),
            framed(b"stealth_pnginfo", b"\xff\xfe\xfd"),
            framed(b"stealth_rgbinfo", b"of the other form"),
            b"stealth".to_vec(),
        ] {
            assert_eq!(texts(&picture(true, &bytes)), [], "{bytes:?}");
        }
        assert_eq!(texts(b"no picture"), []);
    }
}
