//! An image on its way to the disk: piece by piece into a part file, hashed as it goes by.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::{SaveRequest, dropped};
use crate::error::{Error, Kind, Result, TOO_LARGE};
use crate::fs;
use crate::request::Format;
use crate::store::metadata::{Editor, PNG_TEXTS, png_edits};
use crate::store::verify::{Facts, Png, sniff, verify};
use crate::text::{self, hex};

/// Where an image's bytes are taken from, as often as they are asked for.
pub trait Source {
    /// Hands on all of them in pieces, until `each` refuses one.
    ///
    /// # Errors
    /// They cannot be read, or what `each` answers.
    fn pieces(&self, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>;

    /// All of them.
    ///
    /// # Errors
    /// They cannot be read.
    fn whole(&self) -> Result<Cow<'_, [u8]>>;
}

impl Source for [u8] {
    fn pieces(&self, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        each(self)
    }

    fn whole(&self) -> Result<Cow<'_, [u8]>> {
        Ok(Cow::Borrowed(self))
    }
}

/// A file as a source. More of it than a piece is in memory only where it has to be.
#[derive(Debug, Clone)]
pub struct KeptFile(pub PathBuf);

impl KeptFile {
    fn unreadable(&self, error: &std::io::Error) -> Error {
        let path = self.0.display();
        Error::new(Kind::Local, format!("the kept bytes in {path} cannot be read: {error}"))
    }
}

impl Source for KeptFile {
    fn pieces(&self, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let open = fs::with_handle(|| File::open(&self.0));
        let mut file = open.map_err(|error| self.unreadable(&error))?;
        let mut piece = vec![0; 192 * 1024];
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(length) => each(&piece[..length])?,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
    }

    fn whole(&self) -> Result<Cow<'_, [u8]>> {
        let length = std::fs::metadata(&self.0).map_or(0, |meta| meta.len());
        if length > WHOLE {
            return Err(too_large(length));
        }
        let read = fs::with_handle(|| std::fs::read(&self.0));
        read.map(Cow::Owned).map_err(|error| self.unreadable(&error))
    }
}

/// Bytes of an image that are ever in memory at once; only a PNG may have more.
pub const WHOLE: u64 = 256 << 20;

/// Of an image that cannot be read in pieces.
pub fn too_large(length: u64) -> Error {
    let (size, most) = (text::size(length), text::size(WHOLE));
    let what = format!("the image has {size}, and only a PNG may have more than {most}");
    Error::new(Kind::Unusable, what).code(TOO_LARGE)
}

/// Whether an image is there to its end.
pub fn is_whole(source: &(impl Source + ?Sized)) -> bool {
    let whole = || {
        if !is_png(source)? {
            return Ok(verify(&source.whole()?).is_ok());
        }
        let mut png = Png::new(PNG_TEXTS);
        source.pieces(&mut |piece| png.push(piece).map_err(unusable))?;
        Ok(png.end().is_ok())
    };
    let whole: Result<bool> = whole();
    whole.unwrap_or(false)
}

/// Bytes that are hashed and written while they are in the nearest cache.
const BLOCK: usize = 64 * 1024;

/// A part file beside the target. It goes when it is dropped before it is whole.
#[derive(Debug)]
pub(super) struct Part<'d> {
    request: &'d SaveRequest,
    path: PathBuf,
    file: File,
    hash: Sha256,
    length: u64,
    is_whole: bool,
}

/// A part file that is whole.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) path: PathBuf,
    pub(super) length: u64,
    /// In hex.
    pub(super) sha256: String,
}

impl Part<'_> {
    /// An empty one of this name, without what part files begin and end with.
    pub(super) fn create<'d>(request: &'d SaveRequest, name: &str) -> Result<Part<'d>> {
        let (path, file) = request.target.sink().reserve(name);
        let file = file.map_err(|error| dropped(&path, error, request))?;
        Ok(Part { request, path, file, hash: Sha256::new(), length: 0, is_whole: false })
    }

    pub(super) fn write(&mut self, piece: &[u8]) -> Result<()> {
        for block in piece.chunks(BLOCK) {
            self.hash.update(block);
            let written = fs::write_all(&mut self.file, block);
            written.map_err(|error| dropped(&self.path, error, self.request))?;
            self.length += block.len() as u64;
        }
        Ok(())
    }

    /// All of an image, as it is.
    pub(super) fn filled(mut self, bytes: &[u8]) -> Result<Written> {
        self.write(bytes)?;
        Ok(self.finish())
    }

    pub(super) fn finish(mut self) -> Written {
        self.is_whole = true;
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        Written { path: std::mem::take(&mut self.path), length: self.length, sha256 }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            let _ = fs::remove(&self.path);
        }
    }
}

/// Whether the first bytes announce a PNG.
pub(super) fn is_png(source: &(impl Source + ?Sized)) -> Result<bool> {
    const ENOUGH: usize = 8;
    let mut head = Vec::new();
    let read = source.pieces(&mut |piece| {
        head.extend(piece.iter().take(ENOUGH - head.len()));
        let is_enough = head.len() == ENOUGH;
        if is_enough { Err(Error::new(Kind::Internal, "this is enough")) } else { Ok(()) }
    });
    if head.len() < ENOUGH {
        read?;
    }
    Ok(sniff(&head) == Some(Format::Png))
}

/// Checks a PNG and writes it with its recipe while it comes. No more of it than a piece is in memory.
pub(super) fn stream(
    source: &(impl Source + ?Sized),
    request: &SaveRequest,
) -> Result<(Written, Facts)> {
    // What is seen only at the end of a file, but changes what is put in at its beginning, is rare.
    let (mut signed, mut there) = (false, PNG_TEXTS);
    loop {
        let mut part = Part::create(request, &request.part)?;
        let mut png = Png::new(PNG_TEXTS);
        let mut editor = None;
        let mut waiting = Vec::new();
        source.pieces(&mut |piece| {
            png.push(piece).map_err(unusable)?;
            if let Some(editor) = &mut editor {
                return Editor::push(editor, piece, |piece| part.write(piece));
            }
            waiting.extend_from_slice(piece);
            let Some(facts) = png.facts() else { return Ok(()) };
            let edits = |recipe| png_edits(&Facts { signed, ..*facts }, there, recipe);
            let edits = request.recipe.as_ref().map(edits).unwrap_or_default();
            let waiting = std::mem::take(&mut waiting);
            editor.insert(Editor::new(edits)).push(&waiting, |piece| part.write(piece))
        })?;
        let facts = png.end().map_err(unusable)?;
        if request.recipe.is_none() || (facts.signed, png.texts()) == (signed, there) {
            return Ok((part.finish(), facts));
        }
        (signed, there) = (facts.signed, png.texts());
    }
}

/// What is wrong with the bytes.
pub(super) fn unusable(why: String) -> Error {
    Error::new(Kind::Unusable, format!("the image cannot be used: {why}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{png, save_request};
    use super::*;
    use crate::request::Request;
    use crate::store::metadata::{Recipe, embed};

    /// Bytes that come in pieces of a given length.
    struct Pieces(Vec<u8>, usize);

    impl Source for Pieces {
        fn pieces(&self, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
            self.0.chunks(self.1).try_for_each(each)
        }

        fn whole(&self) -> Result<Cow<'_, [u8]>> {
            Ok(Cow::Borrowed(&self.0))
        }
    }

    /// Puts a chunk in before IEND, or after the header.
    fn put(bytes: &mut Vec<u8>, chunk: &[u8], late: bool) {
        let length = (chunk.len() as u32 - 4).to_be_bytes();
        let whole = [&length[..], chunk, &crc32fast::hash(chunk).to_be_bytes()].concat();
        let at = if late { bytes.len() - 12 } else { 33 };
        bytes.splice(at..at, whole);
    }

    proptest! {
        #[test]
        fn in_pieces_it_becomes_what_it_becomes_as_a_whole(
            length in 1_usize..200,
            chunks in prop::collection::vec((0_usize..4, any::<bool>()), 0..3),
            damage in prop::option::weighted(0.3, any::<prop::sample::Index>()),
        ) {
            let home = tempfile::tempdir().unwrap();
            let request = Request { prompt: "a fox".into(), ..Request::default() };
            let recipe = Recipe { request: request.into(), ..Recipe::default() };
            let request = SaveRequest { recipe: Some(recipe.clone()), ..save_request(home.path(), None) };
            let mut bytes = png();
            let known: [&[u8]; 4] =
                [b"caBXjumbf", b"tEXtparameters\0theirs", b"iTXtpinx\0\0\0\0\0{}", b"tIMEx"];
            for (which, late) in chunks {
                put(&mut bytes, known[which], late);
            }
            if let Some(at) = damage {
                let at = at.index(bytes.len());
                bytes[at] ^= 0x11;
            }
            let expected = verify(&bytes).map(|facts| (embed(&bytes, &facts, &recipe), facts));
            let streamed = stream(&Pieces(bytes, length), &request);
            match expected {
                Ok((bytes, facts)) => {
                    let (written, found) = streamed.unwrap();
                    prop_assert_eq!(found, facts);
                    prop_assert_eq!(written.length, bytes.len() as u64);
                    prop_assert_eq!(written.sha256, hex(&Sha256::digest(&bytes)));
                    prop_assert_eq!(std::fs::read(written.path).unwrap(), bytes);
                }
                Err(_) => {
                    prop_assert_eq!(streamed.unwrap_err().kind, Kind::Unusable);
                    prop_assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_png_is_seen_from_its_beginning() {
        assert!(is_png(&Pieces(png(), 3)).unwrap());
        assert!(!is_png(&Pieces(b"GIF89a".to_vec(), 3)).unwrap());
        assert!(!is_png(&Pieces(Vec::new(), 3)).unwrap());
    }
}
