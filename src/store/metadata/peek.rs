//! What a file on the disk tells of itself without being read: its format and the recipe of ours.
//!
//! A file is walked by the lengths of its parts and all but the short ones with a recipe are jumped
//! over, so that an animation or a picture of any size costs no memory. No checksum is tried and
//! nothing is decoded; a file that ends before its last part is seen.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Recipe, read};
use crate::fs;
use crate::request::{Format, Size};
use crate::store::verify::{Facts, sniff, verify};

/// Bytes at a file's beginning that tell its format; an SVG may open with a long comment.
const HEAD: u64 = 4096;

/// Bytes of one part that may hold a recipe.
const PART: u64 = 1024 * 1024;

/// Parts that are walked: an animation has some thousands, and a file of empty ones must end.
const PARTS: usize = 1_000_000;

/// Bytes of the largest file of a format that is read whole.
const WHOLE: u64 = 16 * 1024 * 1024;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Peek {
    /// By its first bytes.
    pub format: Format,
    /// In pixels.
    pub size: Size,
    /// What pinx wrote into it, if it did.
    pub recipe: Option<Recipe>,
}

/// Looks into a file; `None` for what is no image, or not a whole one.
///
/// # Errors
/// It cannot be opened or read.
pub fn peek(path: &Path) -> io::Result<Option<Peek>> {
    let mut file = Walk::open(path, Depth::Whole)?;
    let Some(format) = file.format()? else { return Ok(None) };
    if matches!(format, Format::Gif | Format::Avif | Format::Svg) {
        return file.whole();
    }
    let parts = file.parts(format)?.filter(|(size, _)| size.pixels() > 0);
    Ok(parts.map(|(size, parts)| Peek { format, size, recipe: read(&parts) }))
}

/// What stands in front of a picture: of a PNG or a JPEG nothing is read behind it, so that thousands of
/// files are looked through in a moment. Whether the file is whole is not looked at.
///
/// # Errors
/// It cannot be opened or read.
pub fn peek_head(path: &Path) -> io::Result<Option<Peek>> {
    let mut file = Walk::open(path, Depth::Head)?;
    let Some(format) = file.format()? else { return Ok(None) };
    let parts = file.parts(format)?;
    Ok(parts.map(|(size, parts)| Peek { format, size, recipe: read(&parts) }))
}

/// How far a file is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// To the picture.
    Head,
    /// To its end.
    Whole,
}

/// A file that is walked.
struct Walk {
    file: BufReader<File>,
    length: u64,
    depth: Depth,
}

/// What a walk gives, if the file is whole: its size, and a small image of its own with the parts that
/// may hold a recipe, for the same reader that reads a whole one.
type Parts = Option<(Size, Vec<u8>)>;

impl Walk {
    fn open(path: &Path, depth: Depth) -> io::Result<Walk> {
        let file = fs::open_regular(path)?;
        let length = file.metadata()?.len();
        Ok(Walk { file: BufReader::new(file), length, depth })
    }

    fn format(&mut self) -> io::Result<Option<Format>> {
        let mut head = Vec::new();
        self.file.by_ref().take(HEAD).read_to_end(&mut head)?;
        Ok(sniff(&head))
    }

    /// The size and the parts; nothing where the file ends too soon, or its format has no parts.
    fn parts(&mut self, format: Format) -> io::Result<Parts> {
        let parts = match format {
            Format::Png => self.png(),
            Format::Jpeg => self.jpeg(),
            Format::Webp => self.webp(),
            Format::Gif | Format::Avif | Format::Svg => Ok(None),
        };
        match parts {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            parts => parts,
        }
    }

    fn to(&mut self, place: u64) -> io::Result<()> {
        let here = self.file.stream_position()?;
        // Within the buffer this reads nothing anew.
        self.file.seek_relative(i64::try_from(place).unwrap_or(i64::MAX) - here as i64)
    }

    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, length: u64, parts: &mut Vec<u8>) -> io::Result<()> {
        let read = self.file.by_ref().take(length).read_to_end(parts)?;
        if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// The formats into which nothing is ever put.
    fn whole(&mut self) -> io::Result<Option<Peek>> {
        if self.length > WHOLE {
            return Ok(None);
        }
        self.file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        let facts = verify(&bytes).ok();
        let size = |facts: &Facts| Size::new(facts.width, facts.height);
        Ok(facts.map(|facts| Peek { format: facts.format, size: size(&facts), recipe: None }))
    }

    /// The text chunks of a PNG that ends with its IEND.
    fn png(&mut self) -> io::Result<Parts> {
        let mut parts = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut at = 8;
        self.to(at + 8)?;
        let size = Size::new(u32::from_be_bytes(self.take()?), u32::from_be_bytes(self.take()?));
        for _ in 0..PARTS {
            self.to(at)?;
            let head: [u8; 8] = self.take()?;
            let [a, b, c, d, kind @ ..] = head;
            let length = u64::from(u32::from_be_bytes([a, b, c, d]));
            if self.depth == Depth::Head && &kind == b"IDAT" {
                return Ok(Some((size, parts)));
            }
            at += 12 + length;
            if at > self.length {
                return Ok(None);
            }
            match &kind {
                b"IEND" => return Ok(Some((size, parts))),
                b"tEXt" | b"zTXt" | b"iTXt" if length <= PART && parts.len() as u64 <= PART => {
                    parts.extend_from_slice(&head);
                    self.append(length + 4, &mut parts)?;
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// The APP1 segments of a JPEG before its first scan, if there is an EOI near its end: behind that
    /// other programs leave bytes of their own.
    fn jpeg(&mut self) -> io::Result<Parts> {
        let mut parts = vec![0xff, 0xd8];
        let mut size = Size::new(0, 0);
        let mut at = 2;
        for _ in 0..PARTS {
            self.to(at)?;
            let [mark, marker] = self.take()?;
            match (mark, marker) {
                (0xff, 0xff) => at += 1,
                (0xff, 0xda) => {
                    let is_good = self.depth == Depth::Head || self.ends_in_eoi()?;
                    return Ok(is_good.then_some((size, parts)));
                }
                (0xff, 0x00 | 0x01 | 0xd0..=0xd9) => return Ok(None),
                (0xff, _) => {
                    let head: [u8; 2] = self.take()?;
                    let length = u64::from(u16::from_be_bytes(head));
                    at += 2 + length;
                    if length < 2 || at > self.length {
                        return Ok(None);
                    }
                    if marker == 0xe1 && parts.len() as u64 <= PART {
                        parts.extend_from_slice(&[0xff, 0xe1]);
                        parts.extend_from_slice(&head);
                        self.append(length - 2, &mut parts)?;
                    } else if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
                    {
                        let [_, a, b, c, d] = self.take()?;
                        let (high, wide) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                        size = Size::new(wide.into(), high.into());
                    }
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    fn ends_in_eoi(&mut self) -> io::Result<bool> {
        self.file.seek(SeekFrom::Start(self.length.saturating_sub(HEAD)))?;
        let mut tail = Vec::new();
        self.file.by_ref().take(HEAD).read_to_end(&mut tail)?;
        Ok(tail.windows(2).any(|pair| pair == [0xff, 0xd9]))
    }

    /// The XMP chunk of a WebP that is as long as it says.
    fn webp(&mut self) -> io::Result<Parts> {
        self.to(4)?;
        let end = 8 + u64::from(u32::from_le_bytes(self.take()?));
        if end > self.length {
            return Ok(None);
        }
        let mut parts = Vec::new();
        let mut size = Size::new(0, 0);
        let mut at = 12;
        for _ in 0..PARTS {
            if at + 8 > end {
                break;
            }
            self.to(at)?;
            let head: [u8; 8] = self.take()?;
            let [kind @ .., a, b, c, d] = head;
            let length = u64::from(u32::from_le_bytes([a, b, c, d]));
            at += 8 + length + (length & 1);
            // The last chunk may lack the byte that makes its length even.
            if at > end + 1 {
                return Ok(None);
            }
            match &kind {
                b"XMP " if length <= PART => {
                    parts.extend_from_slice(&head);
                    self.append(length, &mut parts)?;
                    break;
                }
                b"VP8X" | b"VP8 " | b"VP8L" if size.pixels() == 0 => {
                    size = webp_size(kind, self.take()?);
                }
                _ => {}
            }
        }
        let length = (parts.len() as u32 + 4).to_le_bytes();
        Ok(Some((size, [b"RIFF", &length[..], b"WEBP", &parts].concat())))
    }
}

/// The size in the first chunk of a WebP (RFC 9649, sections 2.5 to 2.7).
fn webp_size(kind: [u8; 4], data: [u8; 10]) -> Size {
    let [_, a, b, c, d, e, f, g, h, i] = data;
    let low14 = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    match &kind {
        b"VP8X" => {
            Size::new(u32::from_le_bytes([d, e, f, 0]) + 1, u32::from_le_bytes([g, h, i, 0]) + 1)
        }
        b"VP8L" => {
            let bits = u32::from_le_bytes([a, b, c, d]);
            Size::new((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)
        }
        _ => Size::new(low14(f, g), low14(h, i)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{pictures, recipe, with};
    use super::*;

    fn written<T>(bytes: &[u8], then: impl FnOnce(&Path) -> T) -> T {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x");
        crate::fs::write_atomic(&path, bytes, crate::fs::Mode::Normal).unwrap();
        then(&path)
    }

    fn peeked(bytes: &[u8]) -> Option<Peek> {
        written(bytes, |path| peek(path).unwrap())
    }

    fn head(bytes: &[u8]) -> Option<Recipe> {
        let found = written(bytes, |path| peek_head(path).unwrap());
        let whole = peeked(bytes);
        assert!(whole.is_none_or(|whole| found.as_ref().is_none_or(|it| it.size == whole.size)));
        found.and_then(|found| found.recipe)
    }

    #[test]
    fn a_file_tells_what_its_bytes_tell() {
        for bytes in pictures() {
            let Facts { format, width, height, .. } = verify(&bytes).unwrap();
            let size = Size::new(width, height);
            assert_eq!(peeked(&bytes), Some(Peek { format, size, recipe: None }));
            let ours = with(&bytes, &recipe());
            let recipe = Some(recipe());
            assert_eq!((head(&ours), head(&bytes)), (recipe.clone(), None), "{format}");
            if format != Format::Webp {
                let torn = &ours[..ours.len() - 16];
                assert_eq!(head(torn), recipe, "{format} that is cut in its picture");
            }
            assert_eq!(peeked(&ours), Some(Peek { format, size, recipe }), "{format}");
            for cut in [1, ours.len() / 2, ours.len() - 40] {
                assert_eq!(peeked(&ours[..ours.len() - cut]), None, "{format} without {cut}");
            }
        }
        let gif = b"GIF89a\x03\0\x02\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x03\0\x02\0\0\x02\x02\x84\x51\0;";
        assert_eq!(peeked(gif).unwrap().size, Size::new(3, 2));
        assert_eq!(peeked(b"a text"), None);
        assert_eq!(peeked(b""), None);
    }

    #[test]
    fn what_is_long_is_jumped_over() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x.png");
        let ours = with(&pictures()[0], &recipe());
        // A chunk of a gigabyte, of which the disk holds nothing.
        let file = crate::fs::create_new(&path).unwrap();
        let (length, end) = (1_u32 << 30, ours.len() - 12);
        let write = |bytes: &[u8], at: u64| {
            let mut file = &file;
            file.seek(SeekFrom::Start(at)).unwrap();
            io::Write::write_all(&mut file, bytes).unwrap();
        };
        write(&ours[..end], 0);
        write(&[&length.to_be_bytes()[..], b"fdAT"].concat(), end as u64);
        write(&ours[end..], end as u64 + 12 + u64::from(length));
        assert_eq!(peek(&path).unwrap().unwrap().recipe, Some(recipe()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            which in 0_usize..5, at in any::<prop::sample::Index>(), byte in any::<u8>(),
        ) {
            let mut bytes = with(&pictures()[which], &recipe());
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = (peeked(&bytes), head(&bytes));
        }
    }
}
