//! A file without all that is not its picture: a place, a name, a prompt, a preview of what was cut
//! away. No pixel is touched, and what makes its colours stays.
//!
//! Pure. What is not known goes: it may tell anything.

use std::borrow::Cow;
use std::ops::Range;

use crate::request::Format;
use crate::store::metadata::{png_of, webp_body, webp_chunks};

/// Chunks of a PNG that make its picture, its colours and its proportions.
const PNG: [&[u8; 4]; 12] = [
    b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"pHYs", b"cICP",
];

/// Those of a WebP that is no animation.
const WEBP: [&[u8; 4]; 5] = [b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L"];

/// Flags in the head of a WebP that announce EXIF and XMP (WebP container specification, VP8X).
const ANNOUNCED: u8 = 0x08 | 0x04;

/// The file with its picture alone; `None` where its parts cannot be told from one another.
pub(super) fn stripped(bytes: &[u8], format: Format) -> Option<Cow<'_, [u8]>> {
    match format {
        Format::Png => Some(png_of(bytes, &PNG)),
        Format::Jpeg => Some(joined(bytes, &jpeg(bytes)?)),
        Format::Webp => webp(bytes),
        Format::Gif | Format::Avif | Format::Svg => None,
    }
}

/// Parts of a file, one after another.
fn joined<'b>(bytes: &'b [u8], parts: &[Range<usize>]) -> Cow<'b, [u8]> {
    let length: usize = parts.iter().map(ExactSizeIterator::len).sum();
    if length == bytes.len() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(length);
    parts.iter().for_each(|part| out.extend_from_slice(&bytes[part.clone()]));
    Cow::Owned(out)
}

/// Where the picture of a JPEG stands: up to its own end, for further pictures may follow (ISO/IEC
/// 10918-1, annex B).
fn jpeg(bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    let (mut parts, mut at) = (std::iter::once(0..2).collect::<Vec<_>>(), 2);
    loop {
        let [0xff, marker] = *bytes.get(at..)?.first_chunk()? else { return None };
        let [start, behind] = [at, at + 2];
        match marker {
            // A byte that fills up: the marker comes behind it.
            0xff => {
                at += 1;
                continue;
            }
            0xd9 => {
                parts.push(start..behind);
                return Some(parts);
            }
            0x00 | 0x01 | 0xd0..=0xd8 => return None,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*bytes.get(behind..)?.first_chunk()?));
        at = behind + length;
        let data = bytes.get(behind + 2..at)?;
        if marker == 0xda {
            at += scan(&bytes[at..])?;
        }
        if is_picture(marker, data) {
            parts.push(start..at);
        }
    }
}

/// The bytes of a scan: up to a marker that is neither a byte of it nor a restart.
fn scan(bytes: &[u8]) -> Option<usize> {
    let mut marks = memchr::memchr_iter(0xff, bytes);
    marks.find(|at| !matches!(bytes.get(at + 1), Some(0x00 | 0xd0..=0xd7 | 0xff)))
}

/// Whether a segment of a JPEG makes its picture or its colours. JFIF may hold a preview, which is then
/// all that there is to it.
fn is_picture(marker: u8, data: &[u8]) -> bool {
    match marker {
        0xe0 => data.starts_with(b"JFIF\0") && data.len() == 14,
        0xe2 => data.starts_with(b"ICC_PROFILE\0"),
        0xee => data.starts_with(b"Adobe"),
        _ => matches!(marker, 0xc0..=0xcf | 0xda..=0xdf),
    }
}

fn webp(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let body = webp_body(bytes)?;
    let mut parts = std::iter::once(0..12).collect::<Vec<_>>();
    for (_, data, head) in webp_chunks(body).filter(|(kind, ..)| WEBP.contains(&kind)) {
        let end = head + 8 + data.len();
        parts.push(head..(end + (end & 1)).min(body.len()));
    }
    let mut out = match joined(bytes, &parts) {
        Cow::Borrowed(whole) => return Some(Cow::Borrowed(whole)),
        Cow::Owned(out) => out,
    };
    let size = u32::try_from(out.len() - 8).ok()?.to_le_bytes();
    out[4..8].copy_from_slice(&size);
    if out.get(12..16) == Some(b"VP8X") {
        *out.get_mut(20)? &= !ANNOUNCED;
    }
    Some(Cow::Owned(out))
}
