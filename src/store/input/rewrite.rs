//! A picture's pixels written anew, upright and in eight bits of red, green and blue.
//!
//! Pure, and the same bytes each time, by which they are known again.

use image::DynamicImage;
use image::metadata::Orientation;

use crate::request::Format;
use crate::store::pixels::{decode, encode_as};
use crate::store::profile::profile;

/// The quality of a JPEG that is written again: what it loses is not seen.
pub(super) const QUALITY: u8 = 95;

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
