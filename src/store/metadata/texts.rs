//! Every text that an image carries, with the place where it stands and the key it stands under.
//!
//! Pure. Whatever the container is: text chunks and EXIF of a PNG (behind the pixels, too), EXIF, XMP
//! and comments of a JPEG, EXIF and XMP of a WebP, and what hides in the alpha channel. Neither the
//! number of texts nor what they unpack to is larger than any honest image needs.

use super::splice::{jpeg_segments, png_chunks, unpacked, webp_body, webp_chunks};
use super::{exif, stealth, xmp};
use crate::request::Format;

/// Bytes that all compressed texts of an image may have together once they are inflated. Deflate packs
/// a thousand to one, and the graph of a large workflow has some hundred kilobytes.
const INFLATED: u64 = 4 * 1024 * 1024;

/// Bytes of all texts together.
const TOTAL: usize = 32 * 1024 * 1024;

/// Texts that are read: a program writes a dozen.
const MOST: usize = 1_000;

/// The keyword of the PNG chunk that holds XMP (XMP specification part 3, section 1.1.5).
const PNG_XMP: &str = "XML:com.adobe.xmp";

/// What opens an EXIF segment of a JPEG; some writers put it into other containers, too.
const EXIF: &[u8] = b"Exif\0\0";

/// What opens an XMP segment of a JPEG.
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// A text chunk of a PNG.
    Chunk,
    /// A directory of EXIF.
    Exif,
    /// A property of XMP.
    Xmp,
    /// A comment segment of a JPEG.
    Comment,
    /// The lowest bits of the alpha channel.
    Alpha,
}

/// One text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Where it stands.
    pub place: Container,
    /// The keyword of a chunk, the name of a tag or property.
    pub key: String,
    /// What it says.
    pub value: String,
}

/// The texts of an image, in the order of the file; those of its pixels are not among them.
pub(super) fn texts(bytes: &[u8], format: Format) -> Vec<Text> {
    let mut all = Texts::default();
    match format {
        Format::Png => all.png(bytes),
        Format::Jpeg => all.jpeg(bytes),
        Format::Webp => all.webp(bytes),
        Format::Gif | Format::Avif | Format::Svg => {}
    }
    all.texts
}

/// The texts that hide in the pixels of a PNG or WebP, under the keys that the same program gives its
/// chunks.
pub(super) fn hidden(bytes: &[u8]) -> Vec<Text> {
    let found = stealth::texts(bytes);
    found.into_iter().map(|(key, value)| Text { place: Container::Alpha, key, value }).collect()
}

#[derive(Default)]
struct Texts {
    texts: Vec<Text>,
    bytes: usize,
}

impl Texts {
    fn add(&mut self, place: Container, key: &str, value: String) {
        let bytes = self.bytes + value.len();
        let value_is_empty = value.trim_matches(['\0', '\u{feff}', ' ', '\n']).is_empty();
        if !value_is_empty && bytes <= TOTAL && self.texts.len() < MOST {
            self.bytes = bytes;
            self.texts.push(Text { place, key: key.to_owned(), value });
        }
    }

    fn exif(&mut self, tiff: &[u8]) {
        let tiff = tiff.strip_prefix(EXIF).unwrap_or(tiff);
        for (key, value) in exif::texts(tiff) {
            self.add(Container::Exif, key, value);
        }
    }

    fn xmp(&mut self, packet: &[u8]) {
        // In UTF-8 almost everywhere; a mark of byte order tells what else it is.
        let packet = exif::text_of(packet.strip_prefix(b"\xef\xbb\xbf").unwrap_or(packet));
        for (key, value) in xmp::properties(&packet) {
            self.add(Container::Xmp, key, value);
        }
    }

    fn png(&mut self, bytes: &[u8]) {
        let mut room = INFLATED;
        for (kind, data) in png_chunks(bytes) {
            match kind {
                b"eXIf" => self.exif(data),
                b"tEXt" | b"zTXt" | b"iTXt" => {
                    let Some(end) = data.iter().take(80).position(|byte| *byte == 0) else {
                        continue;
                    };
                    let Some(value) = unpacked(kind, &data[end + 1..], &mut room) else { continue };
                    let key: String = data[..end].iter().map(|byte| char::from(*byte)).collect();
                    if key == PNG_XMP {
                        self.xmp(value.as_bytes());
                    } else {
                        self.add(Container::Chunk, &key, value);
                    }
                }
                _ => {}
            }
        }
    }

    fn jpeg(&mut self, bytes: &[u8]) {
        for (marker, data, _) in jpeg_segments(bytes) {
            match marker {
                0xe1 if data.starts_with(EXIF) => self.exif(data),
                0xe1 => self.xmp(data.strip_prefix(XMP).unwrap_or_default()),
                0xfe => self.add(Container::Comment, "comment", exif::text_of(data)),
                _ => {}
            }
        }
    }

    fn webp(&mut self, bytes: &[u8]) {
        for (kind, data, _) in webp_body(bytes).into_iter().flat_map(webp_chunks) {
            match &kind {
                b"EXIF" => self.exif(data),
                b"XMP " => self.xmp(data),
                _ => {}
            }
        }
    }
}
