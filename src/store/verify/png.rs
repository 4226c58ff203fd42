//! PNG, walked as it comes: chunks with checksums from IHDR to IEND
//! (<https://www.w3.org/TR/png-3/#5DataRep>).

use crc32fast::Hasher;

use super::{Facts, bounded};
use crate::request::Format;

/// What every PNG begins with.
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Bytes of the data of IHDR.
const HEADER: usize = 13;
/// How much of a chunk's data is looked at.
const LOOK: usize = 16;

/// A PNG of which pieces come.
#[derive(Debug)]
pub(crate) struct Png {
    next: Next,
    /// A field of which not all has come.
    field: Vec<u8>,
    kind: [u8; 4],
    /// Bytes of the chunk's data in all, and those that have not come.
    length: usize,
    left: usize,
    crc: Hasher,
    /// How the chunk's data begins.
    start: Vec<u8>,
    facts: Option<Facts>,
    has_pixels: bool,
    has_palette: bool,
    is_indexed: bool,
    texts: Texts,
}

/// Keywords of text chunks that are looked for, and whether they came.
pub(crate) type Texts = [(&'static [u8], bool); 2];

/// What comes next.
#[derive(Debug)]
enum Next {
    Signature,
    Head,
    Data,
    Checksum,
    /// Whatever follows IEND.
    Nothing,
}

impl Png {
    /// Nothing has come yet. Text chunks with these keywords are looked for.
    pub(crate) fn new(texts: Texts) -> Png {
        Png {
            next: Next::Signature,
            field: Vec::with_capacity(SIGNATURE.len()),
            kind: [0; 4],
            length: 0,
            left: 0,
            crc: Hasher::new(),
            start: Vec::with_capacity(LOOK),
            facts: None,
            has_pixels: false,
            has_palette: false,
            is_indexed: false,
            texts,
        }
    }

    /// Walks on.
    ///
    /// # Errors
    /// Says in plain words what is wrong.
    pub(crate) fn push(&mut self, mut piece: &[u8]) -> Result<(), String> {
        loop {
            match self.next {
                Next::Signature => {
                    let Some(signature) = self.field::<8>(&mut piece) else { return Ok(()) };
                    if signature != SIGNATURE {
                        return Err("it is no PNG".to_owned());
                    }
                    self.next = Next::Head;
                }
                Next::Head => {
                    let Some(head) = self.field::<8>(&mut piece) else { return Ok(()) };
                    self.begin(head)?;
                }
                Next::Data => {
                    let (data, rest) = piece.split_at(piece.len().min(self.left));
                    piece = rest;
                    self.crc.update(data);
                    self.start.extend(data.iter().take(LOOK - self.start.len()));
                    self.left -= data.len();
                    if self.left > 0 {
                        return Ok(());
                    }
                    self.next = Next::Checksum;
                }
                Next::Checksum => {
                    let Some(checksum) = self.field::<4>(&mut piece) else { return Ok(()) };
                    self.finish(u32::from_be_bytes(checksum))?;
                }
                Next::Nothing => return Ok(()),
            }
        }
    }

    /// What is known as soon as the header has come; transparency and credentials may still follow.
    pub(crate) fn facts(&self) -> Option<&Facts> {
        self.facts.as_ref()
    }

    /// Which of the text chunks came.
    pub(crate) fn texts(&self) -> Texts {
        self.texts
    }

    /// All has come.
    ///
    /// # Errors
    /// It has not.
    pub(crate) fn end(&self) -> Result<Facts, String> {
        match (&self.next, self.facts) {
            (Next::Nothing, Some(facts)) => Ok(facts),
            _ => Err("the PNG ends before IEND".to_owned()),
        }
    }

    /// The next field of a few bytes, once all of it has come.
    fn field<const N: usize>(&mut self, piece: &mut &[u8]) -> Option<[u8; N]> {
        let (more, rest) = piece.split_at(piece.len().min(N - self.field.len()));
        *piece = rest;
        self.field.extend_from_slice(more);
        let field = self.field.as_slice().try_into().ok()?;
        self.field.clear();
        Some(field)
    }

    fn begin(&mut self, head: [u8; 8]) -> Result<(), String> {
        let [l0, l1, l2, l3, kind @ ..] = head;
        let length = u32::from_be_bytes([l0, l1, l2, l3]);
        if !kind.iter().all(u8::is_ascii_alphabetic) || length > 0x7fff_ffff {
            return Err("the PNG is damaged: a chunk has no name".to_owned());
        }
        (self.kind, self.length, self.left) = (kind, length as usize, length as usize);
        self.crc = Hasher::new();
        self.crc.update(&kind);
        self.start.clear();
        self.next = Next::Data;
        Ok(())
    }

    /// A chunk has come to its end.
    fn finish(&mut self, checksum: u32) -> Result<(), String> {
        if checksum != self.crc.clone().finalize() {
            let name = String::from_utf8_lossy(&self.kind);
            return Err(format!("the PNG is damaged: the checksum of its {name} chunk is wrong"));
        }
        self.next = Next::Head;
        let Some(facts) = &mut self.facts else {
            let header = self.start.first_chunk().filter(|_| self.length == HEADER);
            let header = header.filter(|_| self.kind == *b"IHDR");
            let facts = facts_of(header.ok_or("the PNG does not begin with its header")?)?;
            bounded(&facts)?;
            self.is_indexed = self.start.get(9) == Some(&3);
            self.facts = Some(facts);
            return Ok(());
        };
        match &self.kind {
            b"IHDR" => return Err("the PNG has two headers".to_owned()),
            b"PLTE" => self.has_palette = true,
            b"IDAT" => self.has_pixels |= self.length > 0,
            b"tRNS" => facts.alpha = true,
            b"caBX" => facts.signed = true,
            b"IEND" if !self.has_pixels => return Err("the PNG holds no picture".to_owned()),
            b"IEND" if self.is_indexed && !self.has_palette => {
                return Err("the PNG has no palette".to_owned());
            }
            b"IEND" => self.next = Next::Nothing,
            kind => {
                for (keyword, came) in &mut self.texts {
                    *came |= is_text(kind, &self.start, keyword);
                }
            }
        }
        Ok(())
    }
}

/// Whether a chunk, of which the data begins so, is a text with this keyword.
pub(crate) fn is_text(kind: &[u8], start: &[u8], keyword: &[u8]) -> bool {
    matches!(kind, b"tEXt" | b"zTXt" | b"iTXt")
        && start.strip_prefix(keyword).is_some_and(|rest| rest.first() == Some(&0))
}

/// The 13 bytes of IHDR, if the standard allows them.
fn facts_of(header: &[u8; HEADER]) -> Result<Facts, String> {
    let [w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, 0, 0, 0 | 1] = *header else {
        return Err("the PNG has a header of no known version".to_owned());
    };
    match (colour, depth) {
        (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) | (2 | 4 | 6, 8 | 16) => Ok(Facts {
            format: Format::Png,
            width: u32::from_be_bytes([w0, w1, w2, w3]),
            height: u32::from_be_bytes([h0, h1, h2, h3]),
            alpha: colour >= 4,
            signed: false,
        }),
        _ => Err("the PNG has an impossible colour type".to_owned()),
    }
}
