//! The colour profile of a picture, which goes with its pixels wherever they are written anew.
//!
//! Pure. What is packed is unpacked within bounds.

use super::metadata::{inflated, jpeg_segments, png_chunks, webp_body, webp_chunks};
use super::verify::sniff;
use crate::request::Format;

/// Bytes of a colour profile at most; those of printers have two million.
const PROFILE: u64 = 4 << 20;

/// The colour profile of a picture of red, green and blue (ICC.1:2022, section 7.2.6).
pub(super) fn profile(bytes: &[u8]) -> Option<Vec<u8>> {
    let profile = match sniff(bytes)? {
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
