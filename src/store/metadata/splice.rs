//! The three containers: finding our places in a file, and what has to be put in for them.
//!
//! Pure. No picture is decoded. Where the structure is not as expected the file stays as it is.

use std::borrow::Cow;
use std::io::Read as _;

use super::edit::Edit;
use super::exif;
use crate::request::Format;
use crate::store::verify::{Facts, Texts, is_text};

/// The keyword of the PNG text chunk that holds the recipe as JSON.
const PNG_RECIPE: &[u8] = b"pinx";

/// The keyword of the PNG text chunk that other programs read (the AUTOMATIC1111 web UI's).
const PNG_PARAMETERS: &[u8] = b"parameters";

/// Where the header of a PNG ends: it is the first chunk and always 13 bytes long.
const HEADER_END: usize = 8 + 12 + 13;

/// Our text chunks of a PNG, none of which is known to be there.
pub(crate) const PNG_TEXTS: Texts = [(PNG_RECIPE, false), (PNG_PARAMETERS, false)];

/// Bytes that the compressed texts of one keyword may have together once they are inflated. Deflate
/// packs a thousand to one, and the longest honest text, the graph of a large workflow, has some hundred
/// kilobytes.
const INFLATED: u64 = 1024 * 1024;

/// Bytes of a text chunk that is read at all.
const LONGEST: usize = 16 * 1024 * 1024;

/// What opens an EXIF segment of a JPEG (Exif 2.32, section 4.7.2), and what follows it in some WebP.
const JPEG_EXIF: &[u8] = b"Exif\0\0";

/// What opens an XMP segment of a JPEG (XMP specification part 3, section 1.1.3).
const JPEG_XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// The recipe's JSON, where pinx put it.
pub(super) fn json(bytes: &[u8], format: Format) -> Option<String> {
    match format {
        Format::Png => png_text(bytes, PNG_RECIPE),
        Format::Jpeg => exif::recipe(jpeg_segment(bytes, JPEG_XMP)?),
        Format::Webp => exif::recipe(webp_chunk(bytes, *b"XMP ")?),
        Format::Gif | Format::Avif | Format::Svg => None,
    }
}

/// The parameters text.
pub(super) fn parameters(bytes: &[u8], format: Format) -> Option<String> {
    match format {
        Format::Png => png_text(bytes, PNG_PARAMETERS),
        Format::Jpeg | Format::Webp => exif::comment(exif_of(bytes, format)?),
        Format::Gif | Format::Avif | Format::Svg => None,
    }
}

/// A file in parts, without those where our texts stand and those that announce them.
pub(super) fn picture(bytes: &[u8], format: Format) -> Option<Vec<&[u8]>> {
    match format {
        Format::Png => {
            let is_ours = |(kind, data): &(&[u8], &[u8])| {
                PNG_TEXTS.iter().any(|(keyword, _)| is_text(kind, data, keyword))
            };
            let chunks = png_chunks(bytes).filter(|chunk| !is_ours(chunk));
            Some(chunks.flat_map(|(kind, data)| [kind, data]).collect())
        }
        Format::Jpeg => {
            let is_ours = |marker: u8, data: &[u8]| {
                marker == 0xe1 && [JPEG_EXIF, JPEG_XMP].iter().any(|label| data.starts_with(label))
            };
            let end = jpeg_segments(bytes).last().map_or(2, |(.., end)| end);
            let segments = jpeg_segments(bytes).filter(|(marker, data, _)| !is_ours(*marker, data));
            Some(segments.map(|(_, data, _)| data).chain(bytes.get(end..)).collect())
        }
        Format::Webp => {
            let ours = [*b"VP8X", *b"EXIF", *b"XMP "];
            let body = &bytes[..webp_end(bytes)?];
            let chunks = webp_chunks(body).filter(|(kind, ..)| !ours.contains(kind));
            Some(chunks.map(|(_, data, _)| data).collect())
        }
        Format::Gif | Format::Avif | Format::Svg => None,
    }
}

/// The chunks of a PNG: type and data.
pub(in crate::store) fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let data = rest.get(8..length.checked_add(8)?)?;
        let kind = &rest[4..8];
        rest = rest.get(length.checked_add(12)?..)?;
        Some((kind, data))
    })
}

/// A PNG that holds only such chunks, and ends where its picture ends. No chunk is read: a damaged one
/// goes on as it is.
pub(in crate::store) fn png_of<'b>(bytes: &'b [u8], kinds: &[&[u8; 4]]) -> Cow<'b, [u8]> {
    let (mut kept, mut from, mut at) = (Vec::new(), 0, 8);
    while let Some([l0, l1, l2, l3, kind @ ..]) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>)
    {
        let length = u32::from_be_bytes([*l0, *l1, *l2, *l3]) as usize;
        let end = at.saturating_add(length).saturating_add(12).min(bytes.len());
        if !kinds.contains(&kind) {
            kept.extend_from_slice(&bytes[from..at]);
            from = end;
        }
        at = end;
        if kind == b"IEND" {
            break;
        }
    }
    if from == 0 && at == bytes.len() {
        return Cow::Borrowed(bytes);
    }
    kept.extend_from_slice(&bytes[from..at]);
    Cow::Owned(kept)
}

/// The text of a PNG text chunk with this keyword.
fn png_text(bytes: &[u8], keyword: &[u8]) -> Option<String> {
    // A file may hold thousands of texts that each unpack to a thousand times their length.
    let mut room = INFLATED;
    png_chunks(bytes).find_map(|(kind, data)| {
        let text = data.strip_prefix(keyword)?.strip_prefix(b"\0")?;
        unpacked(kind, text, &mut room)
    })
}

/// What follows the keyword of a PNG text chunk, as text (PNG third edition, section 11.3.3).
pub(super) fn unpacked(kind: &[u8], text: &[u8], room: &mut u64) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    match kind {
        b"tEXt" => Some(plain(text)),
        b"zTXt" => Some(plain(&inflated(text.strip_prefix(b"\0")?, room)?)),
        b"iTXt" => {
            let (flags, rest) = text.split_at_checked(2)?;
            let text = rest.splitn(3, |byte| *byte == 0).nth(2)?;
            match flags {
                [0, 0] => std::str::from_utf8(text).ok().map(str::to_owned),
                [1, 0] => String::from_utf8(inflated(text, room)?).ok(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Text of a chunk that is Latin-1 by the standard, but UTF-8 by many a writer.
fn plain(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => text.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Compressed bytes, if they are whole and within those that are left.
pub(in crate::store) fn inflated(text: &[u8], room: &mut u64) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let read = flate2::read::ZlibDecoder::new(text).take(*room + 1).read_to_end(&mut out);
    let is_within = out.len() as u64 <= *room;
    *room = room.saturating_sub(out.len() as u64);
    (read.is_ok() && is_within).then_some(out)
}

/// Which of our text chunks are there.
pub(super) fn png_texts(bytes: &[u8]) -> Texts {
    PNG_TEXTS.map(|(keyword, _)| {
        let is_there = png_chunks(bytes).any(|(kind, data)| is_text(kind, data, keyword));
        (keyword, is_there)
    })
}

/// Text chunks right after the header, but those that are there.
pub(super) fn png(there: Texts, json: &str, parameters: &str) -> Edit {
    let mut chunks = Vec::new();
    for ((keyword, is_there), text) in there.into_iter().zip([json, parameters]) {
        let chunk = [b"iTXt", keyword, b"\0\0\0\0\0", text.as_bytes()].concat();
        // A PNG chunk holds less than 2 GiB; a recipe never comes near.
        let length = u32::try_from(chunk.len() - 4).ok().filter(|length| length >> 31 == 0);
        if let Some(length) = length.filter(|_| !is_there) {
            chunks.extend_from_slice(&length.to_be_bytes());
            chunks.extend_from_slice(&chunk);
            chunks.extend_from_slice(&crc32fast::hash(&chunk).to_be_bytes());
        }
    }
    Edit { place: HEADER_END..HEADER_END, bytes: chunks }
}

/// The segments of a JPEG before its first scan: marker, data and where they end.
pub(in crate::store) fn jpeg_segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8], usize)> {
    let mut at = 2;
    std::iter::from_fn(move || {
        while bytes.get(at..at + 2)? == [0xff, 0xff] {
            at += 1;
        }
        let [0xff, marker, high, low] = *bytes.get(at..)?.first_chunk()? else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let data = bytes.get(at + 4..at + 2 + length)?;
        at += 2 + length;
        (!matches!(marker, 0x00 | 0x01 | 0xd0..=0xda)).then_some((marker, data, at))
    })
}

/// The EXIF of a picture, a TIFF structure.
pub(in crate::store) fn exif_of(bytes: &[u8], format: Format) -> Option<&[u8]> {
    let exif = match format {
        Format::Png => png_chunks(bytes).find(|(kind, _)| *kind == b"eXIf")?.1,
        Format::Jpeg => jpeg_segment(bytes, JPEG_EXIF)?,
        Format::Webp => webp_chunk(bytes, *b"EXIF")?,
        Format::Gif | Format::Avif | Format::Svg => return None,
    };
    Some(exif.strip_prefix(JPEG_EXIF).unwrap_or(exif))
}

/// What follows `label` in the first APP1 segment that begins with it.
fn jpeg_segment<'a>(bytes: &'a [u8], label: &[u8]) -> Option<&'a [u8]> {
    jpeg_segments(bytes)
        .filter(|(marker, ..)| *marker == 0xe1)
        .find_map(|(_, data, _)| data.strip_prefix(label))
}

/// EXIF and XMP segments in front.
pub(super) fn jpeg(bytes: &[u8], json: &str, parameters: &str) -> Edit {
    let mut segments = Vec::new();
    for (label, content) in [(JPEG_EXIF, exif::tiff(parameters)), (JPEG_XMP, exif::packet(json))] {
        let length = u16::try_from(2 + label.len() + content.len());
        if let (Ok(length), None) = (length, jpeg_segment(bytes, label)) {
            segments.extend_from_slice(&[0xff, 0xe1]);
            segments.extend_from_slice(&length.to_be_bytes());
            segments.extend_from_slice(label);
            segments.extend_from_slice(&content);
        }
    }
    // After JFIF's APP0, which has to be first; before all else, so that offsets counted from a
    // later segment (multi-picture files) still hold.
    let at = jpeg_segments(bytes).take_while(|(marker, ..)| *marker == 0xe0).last();
    let at = at.map_or(2, |(.., end)| end);
    Edit { place: at..at, bytes: segments }
}

/// The chunks of a WebP: type, data and where the head of each is.
pub(in crate::store) fn webp_chunks(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8], usize)> {
    let mut at = 12;
    std::iter::from_fn(move || {
        let [a, b, c, d, l0, l1, l2, l3] = *bytes.get(at..)?.first_chunk()?;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let data = bytes.get(at + 8..at.checked_add(8)?.checked_add(length)?)?;
        let head = at;
        at += 8 + length + (length & 1);
        Some(([a, b, c, d], data, head))
    })
}

/// Where the RIFF file that is the WebP ends, by its own word.
fn webp_end(bytes: &[u8]) -> Option<usize> {
    let size = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?) as usize;
    size.checked_add(8).filter(|end| *end <= bytes.len())
}

/// What of a file is the WebP.
pub(in crate::store) fn webp_body(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(..webp_end(bytes)?)
}

/// The data of the first chunk of a kind.
fn webp_chunk(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    webp_chunks(webp_body(bytes)?).find(|(found, ..)| *found == kind).map(|(_, data, _)| data)
}

/// EXIF and XMP chunks at the end, and a VP8X head that announces them.
pub(super) fn webp(bytes: &[u8], facts: &Facts, json: &str, parameters: &str) -> Option<Vec<Edit>> {
    let end = webp_end(bytes)?;
    let body = &bytes[..end];
    let free = |kind: [u8; 4]| !webp_chunks(body).any(|(found, ..)| found == kind);
    let (exif, xmp) = (free(*b"EXIF"), free(*b"XMP "));
    let (mut head, rest) = match webp_chunks(body).next()? {
        (kind, data, _) if kind == *b"VP8X" && data.len() == 10 => (body[12..30].to_vec(), 30),
        (kind, ..) if kind == *b"VP8 " || kind == *b"VP8L" => {
            let edge = |pixels: u32| Some(pixels.checked_sub(1)?.to_le_bytes());
            let (width, height) = (edge(facts.width)?, edge(facts.height)?);
            let flags = [if facts.alpha { 0x10 } else { 0 }, 0, 0, 0];
            ([b"VP8X\x0a\0\0\0", &flags[..], &width[..3], &height[..3]].concat(), 12)
        }
        _ => return None,
    };
    if !(exif || xmp) {
        return None;
    }
    head[8] |= if exif { 0x08 } else { 0 } | if xmp { 0x04 } else { 0 };
    // EXIF stands before XMP, ours or one that is there.
    let before = webp_chunks(body).find(|(kind, ..)| kind == b"XMP ").map_or(end, |(.., at)| at);
    // The last chunk before may lack the byte that makes its length even.
    let mut tail = vec![0; before & 1];
    let mut add = |kind: &[u8; 4], data: &[u8]| {
        tail.extend_from_slice(kind);
        tail.extend_from_slice(&(data.len() as u32).to_le_bytes());
        tail.extend_from_slice(data);
        tail.extend_from_slice(&[0][..data.len() & 1]);
    };
    if exif {
        add(b"EXIF", &exif::tiff(parameters));
    }
    if xmp {
        add(b"XMP ", &exif::packet(json));
    }
    let size = u32::try_from(end - 8 + head.len() - (rest - 12) + tail.len()).ok()?;
    Some(vec![
        Edit { place: 4..8, bytes: size.to_le_bytes().to_vec() },
        Edit { place: 12..rest, bytes: head },
        Edit { place: before..before, bytes: tail },
    ])
}
