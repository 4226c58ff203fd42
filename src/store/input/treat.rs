//! A picture that was taken, made ready for one model: in another format, smaller, over white, or as a
//! mask that it reads.
//!
//! Pure, and the same bytes each time.

use image::imageops::FilterType;

use super::rewrite::QUALITY;
use super::{Size, mask};
use crate::catalog::Treatment;
use crate::request::Format;
use crate::store::pixels::{decode, encode_as, over_white};
use crate::store::profile::profile;

/// How often a picture is made smaller that still has too many bytes.
const TRIES: usize = 12;

/// The picture, its format and its size; nothing where it cannot be made.
pub(super) fn treated(bytes: &[u8], treatment: &Treatment) -> Option<(Vec<u8>, Format, Size)> {
    let mut picture = decode(bytes)?;
    let found = Size::new(picture.width(), picture.height());
    let mut size = treatment.size;
    if let Some(form) = treatment.mask {
        let picture = if size == found { picture } else { mask::scaled(&picture, size) };
        return Some((mask::written(&picture, form)?, Format::Png, size));
    }
    if treatment.is_opaque {
        picture = over_white(&picture);
    }
    // A WebP that is made smaller would lose as much again.
    let is_jpeg = treatment.format == Format::Jpeg;
    let format = if is_jpeg { Format::Jpeg } else { Format::Png };
    let profile = profile(bytes);
    for _ in 0..TRIES {
        let profile = profile.clone();
        let made = match size == found {
            true => encode_as(&picture, format, QUALITY, profile)?,
            false => {
                let smaller = picture.resize_exact(size.width, size.height, FilterType::Lanczos3);
                encode_as(&smaller, format, QUALITY, profile)?
            }
        };
        match treatment.most.filter(|most| made.len() as u64 > *most) {
            None => return Some((made, format, size)),
            Some(most) => size = size.scaled((most as f64 / made.len() as f64).sqrt() * 0.97),
        }
    }
    None
}
