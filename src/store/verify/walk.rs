//! The raster formats, walked block by block to their end.
//!
//! Pure. Every read is checked; every loop moves forward.

use crate::request::Format;

use super::Facts;

/// The bytes of a field, if all of them are there.
fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Two bytes, most significant first.
fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u16::from_be_bytes).map(u32::from)
}

/// Two bytes, least significant first.
fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u16::from_le_bytes).map(u32::from)
}

/// Three bytes, least significant first.
fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(|[a, b, c]| u32::from_le_bytes([a, b, c, 0]))
}

/// Four bytes, most significant first.
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u32::from_be_bytes)
}

/// Four bytes, least significant first.
fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u32::from_le_bytes)
}

/// JPEG: markers and scans from SOI to EOI (ITU-T T.81, annex B).
pub(super) fn jpeg(bytes: &[u8]) -> Result<Facts, String> {
    let ends = || "the JPEG ends before its end marker (EOI)".to_owned();
    let mut facts =
        Facts { format: Format::Jpeg, width: 0, height: 0, alpha: false, signed: false };
    let (mut at, mut framed, mut scanned) = (2, false, false);
    loop {
        let marker = match (bytes.get(at).ok_or_else(ends)?, bytes.get(at + 1).ok_or_else(ends)?) {
            (0xff, 0xff) => {
                at += 1;
                continue;
            }
            (0xff, marker) => *marker,
            _ => return Err("the JPEG is damaged: a marker is missing".to_owned()),
        };
        at += 2;
        match marker {
            0xd9 if scanned => return Ok(facts),
            0xd9 => return Err("the JPEG holds no picture".to_owned()),
            0x01 | 0xd0..=0xd7 => continue,
            0x00 | 0xd8 => return Err("the JPEG is damaged: a marker is out of place".to_owned()),
            _ => {}
        }
        let length = be16(bytes, at).ok_or_else(ends)? as usize;
        if length < 2 {
            return Err("the JPEG is damaged: a segment has no length".to_owned());
        }
        let segment = bytes.get(at + 2..at + length).ok_or_else(ends)?;
        at += length;
        match marker {
            // Frame headers; C4, C8 and CC in their midst are something else.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let short = || "the JPEG is damaged: its frame header is too short".to_owned();
                facts.height = be16(segment, 1).ok_or_else(short)?;
                facts.width = be16(segment, 3).ok_or_else(short)?;
                framed = true;
            }
            0xeb => facts.signed |= segment.starts_with(b"JP"),
            0xda if !framed => return Err("the JPEG has no frame header".to_owned()),
            0xda => {
                scanned = true;
                // Coded pixels last until a marker that is neither a stuffed byte nor a restart.
                let next = bytes.get(at..).unwrap_or_default().windows(2).position(|pair| {
                    pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7)
                });
                at += next.ok_or_else(ends)?;
            }
            _ => {}
        }
    }
}

/// WebP: RIFF chunks (<https://developers.google.com/speed/webp/docs/riff_container>).
pub(super) fn webp(bytes: &[u8]) -> Result<Facts, String> {
    let ends = || "the WebP ends early".to_owned();
    let odd = || "the WebP has an impossible header".to_owned();
    let mut facts =
        Facts { format: Format::Webp, width: 0, height: 0, alpha: false, signed: false };
    let size = le32(bytes, 4).ok_or_else(ends)? as usize;
    let body = bytes.get(..size.saturating_add(8)).ok_or_else(ends)?;
    let (mut at, mut extended, mut pixels) = (12, false, false);
    while at < body.len() {
        let kind: [u8; 4] = field(body, at).ok_or_else(ends)?;
        let length = le32(body, at + 4).ok_or_else(ends)? as usize;
        let end = (at + 8).checked_add(length).ok_or_else(ends)?;
        let data = body.get(at + 8..end).ok_or_else(ends)?;
        let (size, alpha) = match &kind {
            b"VP8X" if at == 12 => {
                extended = true;
                let edge = |at| le24(data, at).map(|edge| edge + 1).ok_or_else(odd);
                ((edge(4)?, edge(7)?), data[0] & 0x10 != 0)
            }
            b"VP8 " => {
                let tag = le24(data, 0).ok_or_else(odd)?;
                if tag & 1 != 0 || data.get(3..6) != Some(b"\x9d\x01\x2a") {
                    return Err(odd());
                }
                if (tag >> 5) as usize > data.len() {
                    return Err(ends());
                }
                let edge = |at| le16(data, at).map(|edge| edge & 0x3fff).ok_or_else(odd);
                ((edge(6)?, edge(8)?), false)
            }
            b"VP8L" => {
                let bits = le32(data, 1).filter(|bits| data[0] == 0x2f && bits >> 29 == 0);
                let bits = bits.ok_or_else(odd)?;
                (((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1), bits >> 28 & 1 == 1)
            }
            _ => ((0, 0), false),
        };
        // What comes first speaks for the canvas; frames and pictures after VP8X are parts of it.
        if at == 12 {
            (facts.width, facts.height) = size;
            facts.alpha = alpha;
        }
        pixels |= matches!(&kind, b"VP8 " | b"VP8L") && (at == 12 || extended);
        pixels |= kind == *b"ANMF" && extended;
        facts.signed |= kind == *b"C2PA";
        at = end + (length & 1);
    }
    if pixels { Ok(facts) } else { Err("the WebP holds no picture".to_owned()) }
}

/// The most pixels that a lossy picture inside a WebP says it has, by its own header.
pub(super) fn biggest_vp8(bytes: &[u8]) -> u64 {
    let mut most = 0;
    // A frame of an animation has 16 bytes of its own in front of its chunks.
    let (mut at, frame) = (12, 8 + 16);
    while let (Some(kind), Some(length)) = (field::<4>(bytes, at), le32(bytes, at + 4)) {
        if kind == *b"VP8 " {
            let edge = |from| le16(bytes, from).map_or(0, |edge| u64::from(edge & 0x3fff));
            most = most.max(edge(at + 14) * edge(at + 16));
        }
        at = match kind {
            [b'A', b'N', b'M', b'F'] => at + frame,
            _ => at.saturating_add(8 + length as usize + (length as usize & 1)),
        };
    }
    most
}

/// GIF: blocks to the trailer (<https://www.w3.org/Graphics/GIF/spec-gif89a.txt>).
pub(super) fn gif(bytes: &[u8]) -> Result<Facts, String> {
    let ends = || "the GIF ends before its trailer".to_owned();
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let byte = |at: usize| bytes.get(at).copied().ok_or_else(ends);
    let after_blocks = |mut at: usize| loop {
        match byte(at)? {
            0 => return Ok::<usize, String>(at + 1),
            length => at += 1 + usize::from(length),
        }
    };
    let width = le16(bytes, 6).ok_or_else(ends)?;
    let height = le16(bytes, 8).ok_or_else(ends)?;
    let mut facts = Facts { format: Format::Gif, width, height, alpha: false, signed: false };
    let (mut at, mut pixels) = (13 + table(byte(10)?), false);
    loop {
        match byte(at)? {
            b'!' => {
                facts.alpha |= byte(at + 1)? == 0xf9 && byte(at + 3)? & 1 == 1;
                at = after_blocks(at + 2)?;
            }
            b',' => {
                pixels = true;
                at = after_blocks(at + 11 + table(byte(at + 9)?))?;
            }
            b';' if pixels => return Ok(facts),
            b';' => return Err("the GIF holds no picture".to_owned()),
            _ => return Err("the GIF is damaged: a block is of no known kind".to_owned()),
        }
    }
}

/// Whether an ISO media file says that it is AVIF.
pub(super) fn is_avif(bytes: &[u8]) -> bool {
    let Some(size) = be32(bytes, 0) else { return false };
    let brands = bytes.get(8..bytes.len().min(size as usize)).unwrap_or_default();
    bytes.get(4..8) == Some(b"ftyp")
        && brands.chunks_exact(4).any(|brand| brand == b"avif" || brand == b"avis")
}

/// AVIF: boxes (ISO/IEC 14496-12), sizes from `ispe` (ISO/IEC 23008-12). Lenient: the largest
/// `ispe` is the picture's, the others are of tiles, thumbnails or the alpha plane.
pub(super) fn avif(bytes: &[u8]) -> Result<Facts, String> {
    let mut facts =
        Facts { format: Format::Avif, width: 0, height: 0, alpha: false, signed: false };
    let mut pixels = false;
    boxes(bytes, 0, &mut |kind, body| {
        pixels |= kind == b"mdat" || kind == b"idat";
        match kind {
            b"ispe" => {
                let edges = be32(body, 4).zip(be32(body, 8));
                let (width, height) = edges.ok_or("the AVIF has an impossible size")?;
                let area = |width: u32, height: u32| u64::from(width) * u64::from(height);
                if area(width, height) > area(facts.width, facts.height) {
                    (facts.width, facts.height) = (width, height);
                }
            }
            b"auxC" => {
                facts.alpha |= body.get(4..).is_some_and(|urn| {
                    urn.starts_with(b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
                        || urn.starts_with(b"urn:mpeg:hevc:2015:auxid:1")
                })
            }
            b"uuid" => facts.signed |= body.starts_with(&C2PA_UUID),
            _ => {}
        }
        Ok(())
    })?;
    if pixels { Ok(facts) } else { Err("the AVIF holds no picture".to_owned()) }
}

/// The `uuid` box of content credentials in ISO media files (C2PA 2.1, section A.5.1).
const C2PA_UUID: [u8; 16] = [
    0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81,
];

/// What is done with each box: its type and its body.
type Visit<'a> = dyn FnMut(&[u8; 4], &[u8]) -> Result<(), String> + 'a;

/// Shows every box, and those inside `meta`, `iprp` and `ipco`, which is as deep as sizes lie.
fn boxes(mut bytes: &[u8], depth: u8, show: &mut Visit<'_>) -> Result<(), String> {
    let ends = || "the AVIF ends early".to_owned();
    while !bytes.is_empty() {
        // A few stray bytes after the last box are no box.
        if bytes.len() < 8 {
            return if bytes.iter().all(u8::is_ascii_whitespace) { Ok(()) } else { Err(ends()) };
        }
        let kind: [u8; 4] = field(bytes, 4).ok_or_else(ends)?;
        let (head, size) = match be32(bytes, 0).ok_or_else(ends)? {
            0 => (8, bytes.len()),
            1 => {
                let size = u64::from_be_bytes(field(bytes, 8).ok_or_else(ends)?);
                (16, usize::try_from(size).map_err(|_| ends())?)
            }
            size => (8, size as usize),
        };
        let body = bytes.get(head..size).ok_or_else(ends)?;
        show(&kind, body)?;
        match (&kind, depth) {
            (b"meta", 0) => boxes(body.get(4..).unwrap_or_default(), 1, show)?,
            (b"iprp", 1) | (b"ipco", 2) => boxes(body, depth + 1, show)?,
            _ => {}
        }
        bytes = &bytes[size..];
    }
    Ok(())
}
