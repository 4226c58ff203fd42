//! Images: no bytes make the walk panic, and a sound image stays sound with its recipe in it.

use pinx::request::{Format, Request};
use pinx::store::{Facts, Recipe, embed, parameters, read, read_parameters, sniff, verify};

/// Any bytes; those of a PNG once more with every checksum made right, which chance never finds.
pub fn image_walk(data: &[u8]) {
    walk(data);
    if sniff(data) == Some(Format::Png) {
        walk(&repaired(data));
    }
}

fn walk(data: &[u8]) {
    let before = (read(data), parameters(data));
    let _ = read_parameters(data);
    let facts = match verify(data) {
        Ok(facts) => facts,
        Err(why) => {
            super::inert(&why);
            assert!(why.len() < 500, "{why}");
            return;
        }
    };
    assert_eq!(sniff(data), Some(facts.format));
    assert!(facts.width >= 1 && facts.height >= 1);
    let prompt = String::from_utf8_lossy(&data[data.len().saturating_sub(40)..]).into_owned();
    let request = Request { prompt, ..Request::default() }.into();
    let recipe = Recipe { request, model: "openai/gpt-image-2".to_owned(), ..Recipe::default() };
    let with = embed(data, &facts, &recipe);
    if facts.signed {
        assert_eq!(with, data, "a signed image stays as it is");
        return;
    }
    assert_eq!(verify(&with), Ok(facts), "still sound and the same");
    assert_eq!(embed(&with, &facts, &recipe), with, "nothing is put in twice");
    let has = |label: &[u8]| data.windows(label.len()).any(|part| part == label);
    let free = match facts.format {
        Format::Png => !has(b"pinx\0"),
        Format::Jpeg => !has(b"http://ns.adobe.com/xap/1.0/\0"),
        // A canvas header of another length is left alone.
        Format::Webp => !has(b"XMP ") && with != data,
        Format::Gif | Format::Avif | Format::Svg => {
            assert_eq!(with, data);
            return;
        }
    };
    if free {
        assert_eq!(before.0, None, "read before it was written");
        assert_eq!(read(&with), Some(recipe));
    } else {
        let now = read(&with);
        assert!(now == before.0 || now == Some(recipe), "what was there is not replaced");
    }
    if before.1.is_some() {
        assert_eq!(parameters(&with), before.1, "what was there is not replaced");
    }
    same_pixels(&facts, data, &with);
}

/// All bytes of the original are there, in order, but for the head of a WebP.
fn same_pixels(facts: &Facts, data: &[u8], with: &[u8]) {
    if facts.format == Format::Webp {
        return;
    }
    let added = with.len() - data.len();
    let at = data.iter().zip(with).take_while(|(a, b)| a == b).count();
    assert_eq!(data[at..], with[at + added..], "bytes were moved");
}

/// A PNG whose checksums are right.
fn repaired(png: &[u8]) -> Vec<u8> {
    let mut png = png.to_vec();
    let mut at = 8;
    while let Some(head) = png.get(at..at + 4) {
        let length = u32::from_be_bytes(head.try_into().expect("four bytes")) as usize;
        let end = at + 8 + length;
        if end + 4 > png.len() {
            break;
        }
        let crc = crc32(&png[at + 4..end]).to_be_bytes();
        png[end..end + 4].copy_from_slice(&crc);
        at = end + 4;
    }
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
