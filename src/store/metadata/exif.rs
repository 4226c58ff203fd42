//! The two envelopes that JPEG and WebP share: EXIF with a user comment, XMP with a property of ours.
//!
//! Pure: text in, bytes out, and back. Reading takes any bytes: every offset is checked.

use super::xmp;

/// The namespace of our XMP property.
const NAMESPACE: &str = "urn:pinx:recipe/1/";

/// UTF-16 units that a comment may have in a JPEG segment: 65,535 bytes less length, `Exif\0\0`
/// and the 64 bytes in front of the text.
pub(crate) const MAX_UNITS: usize = (65_535 - 2 - 6 - 64) / 2;

/// A TIFF structure that holds one UserComment in UTF-16 (Exif 2.32, section 4.6.5).
///
/// Big-endian, because readers disagree whether the text follows the file's byte order or is always
/// most significant byte first: so it is both.
pub(crate) fn tiff(comment: &str) -> Vec<u8> {
    let text: Vec<u8> = comment.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let length = u32::try_from(text.len() + 8).unwrap_or(u32::MAX).to_be_bytes();
    let mut out = Vec::with_capacity(text.len() + 64);
    out.extend_from_slice(b"MM\0\x2a\0\0\0\x08"); // header: the first directory is at 8
    out.extend_from_slice(b"\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0"); // EXIF one at 26
    out.extend_from_slice(b"\0\x02\x90\0\0\x07\0\0\0\x040232"); // ExifVersion 2.32
    out.extend_from_slice(b"\x92\x86\0\x07"); // UserComment at 56
    out.extend_from_slice(&length);
    out.extend_from_slice(b"\0\0\0\x38\0\0\0\0UNICODE\0");
    out.extend_from_slice(&text);
    out
}

/// Tags that may hold a text about how a picture was made, in either directory.
const TAGS: [(u16, &str); 9] = [
    (0x9286, "UserComment"),
    (0x010e, "ImageDescription"),
    // ComfyUI writes its two graphs here, in that of a WebP also further ones below.
    (0x010f, "Make"),
    (0x0110, "Model"),
    (0x0131, "Software"),
    (0x013b, "Artist"),
    (0x010d, "DocumentName"),
    (0x927c, "MakerNote"),
    (0x9c9c, "XPComment"),
];

/// Entries of one directory that are looked at; a camera writes a hundred.
const ENTRIES: usize = 1_000;

/// A TIFF structure of either byte order. Every offset is checked.
struct Tiff<'t> {
    bytes: &'t [u8],
    is_big: bool,
}

impl<'t> Tiff<'t> {
    fn of(bytes: &'t [u8]) -> Option<Tiff<'t>> {
        match bytes.get(..4)? {
            b"MM\0\x2a" => Some(Tiff { bytes, is_big: true }),
            b"II\x2a\0" => Some(Tiff { bytes, is_big: false }),
            _ => None,
        }
    }

    fn short(&self, at: usize) -> Option<u16> {
        let pair: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    }

    fn long(&self, at: usize) -> Option<usize> {
        let four: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let long = if self.is_big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
        usize::try_from(long).ok()
    }

    /// The tags of a directory, and where the entry of each is.
    fn entries(&self, directory: usize) -> impl Iterator<Item = (u16, usize)> + '_ {
        let count = self.short(directory).map_or(0, usize::from).min(ENTRIES);
        (0..count).map_while(move |index| {
            let at = directory.checked_add(2 + index * 12)?;
            Some((self.short(at)?, at))
        })
    }

    /// The bytes of an entry whose values are bytes, whatever they are called; short ones stand in the
    /// entry itself.
    fn value(&self, entry: usize) -> Option<&'t [u8]> {
        // BYTE, ASCII, UNDEFINED, and the UTF-8 of Exif 3.0.
        if !matches!(self.short(entry + 2)?, 1 | 2 | 7 | 129) {
            return None;
        }
        let length = self.long(entry + 4)?;
        let at = if length <= 4 { entry + 8 } else { self.long(entry + 8)? };
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// The first directory, and the one of EXIF that it leads to.
    fn directories(&self) -> impl Iterator<Item = usize> {
        let first = self.long(4);
        let below = first.and_then(|first| {
            let (_, at) = self.entries(first).find(|(tag, _)| *tag == 0x8769)?;
            self.long(at + 8)
        });
        // Our own text stands in the second; where both have one it is the EXIF that counts.
        below.into_iter().chain(first)
    }
}

/// The texts of a TIFF structure, each with the name of its tag.
pub(crate) fn texts(tiff: &[u8]) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let Some(tiff) = Tiff::of(tiff) else { return found };
    for directory in tiff.directories() {
        for (tag, at) in tiff.entries(directory) {
            let Some((_, name)) = TAGS.iter().find(|(known, _)| *known == tag) else { continue };
            let Some(value) = tiff.value(at) else { continue };
            let text = match *name {
                // Windows writes it as bytes of UTF-16.
                "XPComment" => utf16(value, u16::from_le_bytes),
                _ => decoded(value, tiff.is_big),
            };
            found.extend(text.map(|text| (*name, text.trim_end_matches('\0').to_owned())));
        }
    }
    found
}

/// Whether it says where a picture was taken.
pub(crate) fn has_place(tiff: &[u8]) -> bool {
    let is_there = |tiff: Tiff<'_>| {
        let first = tiff.long(4)?;
        tiff.entries(first).find(|(tag, _)| *tag == 0x8825)
    };
    Tiff::of(tiff).and_then(is_there).is_some()
}

/// The UserComment of a TIFF structure.
pub(crate) fn comment(tiff: &[u8]) -> Option<String> {
    texts(tiff).into_iter().find(|(name, _)| *name == "UserComment").map(|(_, text)| text)
}

/// Bytes of which nothing else tells how they are written.
pub(crate) fn text_of(value: &[u8]) -> String {
    decoded(value, false).unwrap_or_else(|| latin(value))
}

/// A value as text: by the code of its character set in front (Exif 2.32, section 4.6.5), by a mark
/// of byte order, else as what it looks like. Many writers leave the code out.
fn decoded(value: &[u8], is_big: bool) -> Option<String> {
    let (code, text) = value.split_at_checked(8).unwrap_or_default();
    match code {
        b"UNICODE\0" => unicode(text, is_big),
        b"ASCII\0\0\0" | b"\0\0\0\0\0\0\0\0" => Some(latin(text)),
        b"JIS\0\0\0\0\0" => Some(jis(text)),
        _ => match value {
            [0xfe, 0xff, ..] | [0xff, 0xfe, ..] => unicode(value, is_big),
            _ => Some(latin(value)),
        },
    }
}

/// UTF-16: most significant byte first in a file of that order, in one of the other order as it looks.
fn unicode(text: &[u8], is_big: bool) -> Option<String> {
    match text {
        [0xfe, 0xff, text @ ..] => utf16(text, u16::from_be_bytes),
        [0xff, 0xfe, text @ ..] => utf16(text, u16::from_le_bytes),
        // There are writers that put one-byte letters behind this code.
        _ if is_narrow(text) => Some(latin(text)),
        _ if is_big || is_big_text(text) => utf16(text, u16::from_be_bytes),
        _ => utf16(text, u16::from_le_bytes),
    }
}

/// UTF-8, or else Latin-1.
fn latin(text: &[u8]) -> String {
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let text = &text[..end];
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => text.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn utf16(text: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let units = text.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).collect::<Result<String, _>>().ok()
}

/// Whether it is an object or lines of settings in letters of one byte, and nothing else.
fn is_narrow(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let is_object = text.starts_with(b"{") && text.ends_with(b"}");
    let is_lines = || memchr::memmem::find(text, b"\nSteps: ").is_some();
    text.is_ascii() && !text.contains(&0) && (is_object || is_lines())
}

/// Whether the first byte of most pairs is zero, as in ASCII with the most significant byte first.
fn is_big_text(text: &[u8]) -> bool {
    let pairs = text.as_chunks::<2>().0;
    let count = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
    count(0) > count(1)
}

/// The ASCII in ISO-2022-JP; each character of its two-byte sets, for which there is no table here,
/// becomes a replacement character.
fn jis(text: &[u8]) -> String {
    let mut out = String::new();
    let (mut rest, mut wide) = (text, false);
    loop {
        rest = match rest {
            [] => return out,
            [0x1b, b'$', b'@' | b'B', after @ ..] => {
                wide = true;
                after
            }
            [0x1b, b'(', _, after @ ..] => {
                wide = false;
                after
            }
            [_, _, after @ ..] if wide => {
                out.push(char::REPLACEMENT_CHARACTER);
                after
            }
            [byte, after @ ..] => {
                out.push(if byte.is_ascii() {
                    char::from(*byte)
                } else {
                    char::REPLACEMENT_CHARACTER
                });
                after
            }
        };
    }
}

/// An XMP packet (ISO 16684-1) that holds a recipe's JSON as `pinx:recipe`.
pub(crate) fn packet(json: &str) -> Vec<u8> {
    let mut text = String::with_capacity(json.len() + 512);
    text.push_str("<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>");
    text.push_str("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">");
    text.push_str("<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">");
    text.push_str("<rdf:Description rdf:about=\"\" xmlns:pinx=\"");
    text.push_str(NAMESPACE);
    text.push_str("\"><pinx:recipe>");
    for c in json.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            // The two that XML 1.0 has no way to write, as JSON writes them; JSON's own text has
            // them inside strings only.
            '\u{fffe}' => text.push_str("\\ufffe"),
            '\u{ffff}' => text.push_str("\\uffff"),
            c => text.push(c),
        }
    }
    text.push_str("</pinx:recipe></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>");
    text.into_bytes()
}

/// The JSON inside an XMP packet of ours, also after another program rewrote the packet.
pub(crate) fn recipe(xmp: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(xmp).ok().filter(|text| text.contains(NAMESPACE))?;
    let (_, rest) = text.split_once("<pinx:recipe>")?;
    let (json, _) = rest.split_once("</pinx:recipe>")?;
    Some(xmp::plain(json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn offsets_point_at_the_comment() {
        let bytes = tiff("a 🦊");
        assert_eq!(&bytes[56..64], b"UNICODE\0");
        assert_eq!(bytes.len(), 64 + 2 * 4);
        assert_eq!(comment(&bytes).as_deref(), Some("a 🦊"));
        assert_eq!(tiff(&"x".repeat(MAX_UNITS)).len() + 6 + 2, 65_534, "one unit more is too long");
    }

    #[test]
    fn other_programs_comments_are_read() {
        let mut little =
            b"II\x2a\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0".to_vec();
        little.extend_from_slice(b"\x01\0\x86\x92\x07\0\x0a\0\0\0\x2c\0\0\0\0\0\0\0ASCII\0\0\0ok");
        assert_eq!(comment(&little).as_deref(), Some("ok"));
        for (code, text, read) in [
            (b"UNICODE\0", &b"o\0k\0!\0"[..], "ok!"),
            (b"UNICODE\0", b"\0o\0k\0!", "ok!"),
            (b"UNICODE\0", b"\xfe\xff\0o\0k", "ok"),
            (b"UNICODE\0", b"\xff\xfeo\0k\0", "ok"),
            (b"UNICODE\0", b"{\"c\": 1}", "{\"c\": 1}"),
            (b"UNICODE\0", b"a fox\nSteps: 1", "a fox\nSteps: 1"),
            (b"ASCII\0\0\0", b"caf\xe9", "café"),
            (b"\0\0\0\0\0\0\0\0", b"caf\xc3\xa9", "café"),
            (b"JIS\0\0\0\0\0", b"a \x1b$B4Q\x1b(B, b", "a \u{fffd}, b"),
        ] {
            little.truncate(44);
            little[32..36].copy_from_slice(&(8 + text.len() as u32).to_le_bytes());
            little.extend_from_slice(code);
            little.extend_from_slice(text);
            assert_eq!(comment(&little).as_deref(), Some(read), "{text:?}");
        }
        assert_eq!(recipe(b"<pinx:recipe>{}</pinx:recipe>"), None, "not our namespace");
        let rewritten = format!("{NAMESPACE}<pinx:recipe>&quot;&#x1F98A;&#33;&apos;</pinx:recipe>");
        assert_eq!(recipe(rewritten.as_bytes()).as_deref(), Some("\"🦊!'"));
    }

    proptest! {
        #[test]
        fn text_comes_back(text in any::<String>()) {
            prop_assert_eq!(comment(&tiff(&text)), Some(text.clone()));
            let json = serde_json::to_string(&text).unwrap();
            let back = recipe(&packet(&json)).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&back).unwrap(), text);
        }

        #[test]
        fn no_bytes_make_it_panic(
            head in prop::sample::select(vec![&b""[..], b"MM\0\x2a", b"II\x2a\0"]),
            bytes in prop::collection::vec(any::<u8>(), 0..120),
        ) {
            let _ = comment(&[head, &bytes].concat());
            let _ = recipe(&bytes);
        }
    }
}
