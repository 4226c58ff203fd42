//! A picture's pixels written anew, upright and in eight bits of red, green and blue.
//!
//! Pure, and the same bytes each time, by which they are known again.

use image::DynamicImage;
use image::metadata::Orientation;

use crate::request::Format;
use crate::store::metadata::{inflated, jpeg_segments, png_chunks, webp_body, webp_chunks};
use crate::store::pixels::{decode, encode_as};

/// The quality of a JPEG that is written again: what it loses is not seen.
pub(super) const QUALITY: u8 = 95;

/// Bytes of a colour profile at most; those of printers have two million.
const PROFILE: u64 = 4 << 20;

/// The picture, and its format: a JPEG stays one, all others become PNG.
pub(super) fn rewritten(
    bytes: &[u8],
    format: Format,
    turn: Orientation,
) -> Option<(Vec<u8>, Format)> {
    let mut picture = decode(bytes)?;
    picture.apply_orientation(turn);
    let picture = match picture.color().has_alpha() {
        true => DynamicImage::ImageRgba8(picture.into_rgba8()),
        false => DynamicImage::ImageRgb8(picture.into_rgb8()),
    };
    let format = if format == Format::Jpeg { format } else { Format::Png };
    Some((encode_as(&picture, format, QUALITY, profile(bytes))?, format))
}

/// The colour profile of a picture of red, green and blue (ICC.1:2022, section 7.2.6).
pub(super) fn profile(bytes: &[u8]) -> Option<Vec<u8>> {
    let profile = match crate::store::verify::sniff(bytes)? {
        Format::Png => {
            let (_, data) = png_chunks(bytes).find(|(kind, _)| *kind == b"iCCP")?;
            // A name, and the one way to pack it.
            let name = data.iter().position(|byte| *byte == 0)?;
            inflated(data.get(name + 2..)?, &mut PROFILE.clone())?
        }
        Format::Jpeg => {
            let pieces = jpeg_segments(bytes).filter(|(marker, ..)| *marker == 0xe2);
            let mut pieces: Vec<&[u8]> =
                pieces.filter_map(|(_, data, _)| data.strip_prefix(b"ICC_PROFILE\0")).collect();
            // Its number among all, and how many they are.
            pieces.sort_by_key(|piece| piece.first().copied());
            pieces.into_iter().filter_map(|piece| piece.get(2..)).flatten().copied().collect()
        }
        Format::Webp => webp_chunks(webp_body(bytes)?).find(|(kind, ..)| kind == b"ICCP")?.1.into(),
        Format::Gif | Format::Avif | Format::Svg => return None,
    };
    (profile.get(16..20) == Some(b"RGB ")).then_some(profile)
}
