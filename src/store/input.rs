//! Pictures that are given: looked at before anything is sent, and known by their bytes.
//!
//! What a model could not read is refused here. What is sent is the picture alone: where its file holds
//! more (a place, a prompt), or lies on its side, other bytes are sent, which are kept until nobody needs
//! them any more.

mod mask;
mod preparation;
mod rewrite;
mod strip;
mod treat;
mod uploads;

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use image::metadata::Orientation;
use sha2::{Digest, Sha256};

pub(crate) use self::mask::MaskOf;
use self::preparation::Preparation;
pub(crate) use self::uploads::{UploadKey, Uploads};
use super::pixels::{DECODED_EDGE, DECODED_PIXELS, decode};
use super::verify::{Facts, sniff, verify};
use crate::catalog::{MaskForm, SentInput, Treatment};
use crate::error::{Error, Result};
use crate::fs;
use crate::request::{Format, Input, Role, Size};
use crate::text;

/// Bytes of an input at most: nobody takes more.
pub(crate) const LARGEST_INPUT: u64 = 50_000_000;

/// How long a picture that was made to be sent is kept after it was last needed.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// A picture that is given, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TakenInput {
    /// As it was found.
    pub input: Input,
    /// As it is sent.
    pub sent: SentInput,
    /// What is done to what it shows, in words: `turned upright`.
    pub changes: Option<String>,
    /// Parts of its file that stay here.
    pub left_out: LeftOut,
    /// How it was turned to stand upright.
    pub turn: Orientation,
    /// What else is to be known of it, in words: how much of the first image a mask changes.
    pub told: Option<String>,
}

/// What is found under a word: a file, or bytes of which there is no file, and what they are called.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PictureSource {
    /// A file.
    File(PathBuf),
    /// What was read of a file, and where that really lies.
    Read(Vec<u8>, PathBuf),
    /// Bytes.
    Bytes(Vec<u8>, String),
}

/// Parts of a file beside its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// There are none.
    Nothing,
    /// Some.
    Metadata,
    /// Some, and where it was taken is among them.
    Place,
}

/// Where pictures are kept that are sent in other bytes than they were given in: private, and by the
/// hash of what is sent.
#[derive(Debug, Clone)]
pub(crate) struct InputStore {
    directory: PathBuf,
    is_dry: bool,
}

impl InputStore {
    /// In a directory; one that is dry keeps nothing.
    pub(crate) fn new(directory: &Path, is_dry: bool) -> InputStore {
        InputStore { directory: directory.to_owned(), is_dry }
    }

    /// A picture that was found; `what` is what it is called where it is spoken of: `image 1`. One of
    /// which there is no file here is kept in any case.
    ///
    /// # Errors
    /// It is not there, no whole picture of a kind that can be sent, or its bytes cannot be kept.
    pub(crate) fn take(&self, found: PictureSource, what: &str) -> Result<TakenInput> {
        let (bytes, name, path) = read(found).map_err(|why| wrong(what, &why))?;
        let facts = checked(&bytes, (what, &name))?;
        let preparation = Preparation::of(&bytes, facts.format);
        let (sent, format) = made(&bytes, facts.format, &preparation).ok_or_else(|| {
            let why = format!("`{name}` cannot be told from what it holds beside its picture");
            wrong(what, &why)
                .hint(format!("`magick '{name}' -auto-orient -strip copy.png` makes a plain copy"))
        })?;
        let len = sent.len() as u64;
        if len > LARGEST_INPUT {
            let (most, len) = (text::size(LARGEST_INPUT), text::size(len));
            let why = format!("`{name}` would be sent as {len}; nobody takes over {most}");
            return Err(wrong(what, &why));
        }
        let source = text::hex(&Sha256::digest(&bytes));
        let (is_other, sha256) = match &sent {
            Cow::Borrowed(_) => (false, source.clone()),
            Cow::Owned(sent) => (true, text::hex(&Sha256::digest(sent))),
        };
        let is_kept = is_other || path.is_none();
        let held = match is_kept {
            true => self.keep(&sha256, &sent, (what, &name))?,
            false => None,
        };
        let size = preparation.upright(&facts);
        Ok(TakenInput {
            input: Input { role: Role::Image, sha256: source.clone(), size, means: None },
            left_out: match () {
                () if preparation.has_place => LeftOut::Place,
                () if is_other && !preparation.is_rewritten() => LeftOut::Metadata,
                () => LeftOut::Nothing,
            },
            changes: preparation.changes(),
            turn: preparation.turn,
            told: None,
            sent: SentInput {
                role: Role::Image,
                sha256,
                len,
                format,
                size,
                source: is_kept.then_some(source),
                path,
                held,
            },
        })
    }

    /// A mask that was found, of a picture that was taken. It is kept in black and white, whatever it
    /// was before.
    ///
    /// # Errors
    /// As those of a picture; or it is no mask of that one.
    pub(crate) fn take_mask(&self, found: PictureSource, of: &MaskOf) -> Result<TakenInput> {
        let what = "the mask";
        let (bytes, name, path) = read(found).map_err(|why| wrong(what, &why))?;
        let facts = checked(&bytes, (what, &name))?;
        let preparation = Preparation::of(&bytes, facts.format);
        let refused = |(why, hint): (String, Option<String>)| {
            hint.into_iter().fold(wrong(what, &format!("`{name}`: {why}")), Error::hint)
        };
        let unreadable = || refused(("its pixels cannot be read".to_owned(), None));
        let mut picture = decode(&bytes).ok_or_else(unreadable)?;
        picture.apply_orientation(preparation.turn);
        let read = mask::read(picture, of).map_err(refused)?;
        let sent = mask::written(&read.picture, MaskForm::White).ok_or_else(unreadable)?;
        let source = text::hex(&Sha256::digest(&bytes));
        let sha256 = text::hex(&Sha256::digest(&sent));
        let held = self.keep(&sha256, &sent, (what, &name))?;
        Ok(TakenInput {
            input: Input {
                role: Role::Mask,
                sha256: source.clone(),
                size: preparation.upright(&facts),
                means: of.means,
            },
            left_out: LeftOut::Nothing,
            changes: read.changes,
            turn: preparation.turn,
            told: Some(read.told),
            sent: SentInput {
                role: Role::Mask,
                sha256,
                len: sent.len() as u64,
                format: Format::Png,
                size: of.size,
                source: Some(source),
                path,
                held,
            },
        })
    }

    /// A picture that was taken, made ready for a model; `what` is what it is called.
    ///
    /// # Errors
    /// It is not there any more, is another one by now, or cannot be made so.
    pub(crate) fn treat(
        &self,
        input: &SentInput,
        treatment: &Treatment,
        what: &str,
    ) -> Result<SentInput> {
        if treatment.is_done(input) {
            return Ok(input.clone());
        }
        let bytes = self.bytes_of(input).map_err(|why| {
            wrong(what, &format!("it cannot be read again: {why}")).code("input_changed")
        })?;
        if treatment.is_opaque && verify(&bytes).is_ok_and(|facts| !facts.alpha) {
            return Ok(input.clone());
        }
        let made = treat::treated(&bytes, treatment);
        let (made, format, size) = made.ok_or_else(|| {
            wrong(what, "it cannot be converted").hint("give it as a PNG of a usual size")
        })?;
        let sha256 = text::hex(&Sha256::digest(&made));
        let held = self.keep(&sha256, &made, (what, what))?;
        let source = input.source.clone().or_else(|| Some(input.sha256.clone()));
        let len = made.len() as u64;
        Ok(SentInput { sha256, len, format, size, source, held, ..input.clone() })
    }

    /// The bytes of a picture that was taken.
    fn bytes_of(&self, input: &SentInput) -> io::Result<Vec<u8>> {
        let bytes = match (&input.held, &input.source, &input.path) {
            (Some(held), ..) => return Ok(held.to_vec()),
            (None, None, Some(path)) => fs::read_regular(path, LARGEST_INPUT)?,
            _ => fs::read_regular(&self.path_of(&input.sha256), LARGEST_INPUT)?,
        };
        match text::hex(&Sha256::digest(&bytes)) == input.sha256 {
            true => Ok(bytes),
            false => Err(io::Error::other("it has changed")),
        }
    }

    /// Where the bytes of a hash are kept, if they are.
    pub(crate) fn path_of(&self, sha256: &str) -> PathBuf {
        self.directory.join(sha256)
    }

    /// Keeps bytes under their hash; where nothing is written down they are given back.
    fn keep(
        &self,
        sha256: &str,
        bytes: &[u8],
        (what, name): (&str, &str),
    ) -> Result<Option<Arc<[u8]>>> {
        if self.is_dry {
            return Ok(Some(bytes.into()));
        }
        // Also where it is there: then its time is that of its last use, and what it was is no matter.
        fs::create_private_dir(&self.directory)
            .and_then(|()| fs::write_atomic(&self.path_of(sha256), bytes, fs::Mode::Private))
            .map_err(|error| {
                let place = self.directory.display();
                wrong(what, &format!("`{name}` cannot be made ready in `{place}`: {error}"))
                    .hint("make room there, or set PINX_HOME to a writable directory")
            })?;
        Ok(None)
    }

    /// Whether anything was not needed for a week.
    pub(crate) fn has_old(&self) -> bool {
        self.old().next().is_some()
    }

    /// Removes what was not needed for a week, but for these hashes.
    pub(crate) fn prune(&self, needed: &HashSet<String>) {
        for (name, path) in self.old() {
            if !needed.contains(&name) {
                // What cannot go now goes another time.
                let _ = fs::remove(&path);
            }
        }
    }

    /// What was not needed for a week.
    fn old(&self) -> impl Iterator<Item = (String, PathBuf)> {
        let oldest = SystemTime::from(crate::clock::now()).checked_sub(KEPT);
        let listing = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        listing.filter_map(move |entry| {
            let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let used = metadata.modified().ok()?;
            let name = entry.file_name().into_string().ok()?;
            (used < oldest?).then(|| (name, entry.path()))
        })
    }
}

/// What is wrong with a picture.
fn wrong(what: &str, why: &str) -> Error {
    Error::usage(format!("{what}: {why}")).code("input")
}

/// The bytes of what was found, its name, and where it lies. A pipe would be waited for, and gives its
/// bytes only once.
fn read(found: PictureSource) -> Result<(Vec<u8>, String, Option<PathBuf>), String> {
    let path = match found {
        PictureSource::Bytes(bytes, name) => return Ok((bytes, name, None)),
        PictureSource::Read(bytes, path) => return Ok((bytes, shown(&path), Some(path))),
        PictureSource::File(path) => path,
    };
    let name = shown(&path);
    let bytes = fs::read_regular(&path, LARGEST_INPUT).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file `{name}`"),
        _ => format!("`{name}` cannot be read: {error}"),
    })?;
    // Also where the directory goes that its name leads through.
    let absolute = std::fs::canonicalize(&path).or_else(|_| std::path::absolute(&path));
    let absolute = absolute.unwrap_or(path);
    Ok((bytes, name, Some(absolute)))
}

fn shown(path: &Path) -> String {
    text::clean(&path.display().to_string(), 200)
}

/// What a file really is.
///
/// # Errors
/// It cannot be sent: why not, and what helps.
fn checked(bytes: &[u8], (what, name): (&str, &str)) -> Result<Facts> {
    if let Some((kind, remedy)) = foreign(bytes, name) {
        let why = format!("`{name}` is {kind} picture, which no model here takes");
        return Err(wrong(what, &why).hint(remedy));
    }
    let facts = verify(bytes).map_err(|why| wrong(what, &format!("`{name}`: {why}")))?;
    let size = Size::new(facts.width, facts.height);
    if size.pixels() > DECODED_PIXELS || size.width.max(size.height) > DECODED_EDGE {
        let most = DECODED_PIXELS / 1_000_000;
        let why = format!("`{name}` has {size} pixels; at most {most} million are taken");
        return Err(wrong(what, &why).hint("scale it down first"));
    }
    Ok(facts)
}

/// The bytes that are sent, and their format: the file's own where it holds its picture alone.
fn made<'b>(
    bytes: &'b [u8],
    format: Format,
    preparation: &Preparation,
) -> Option<(Cow<'b, [u8]>, Format)> {
    if preparation.is_rewritten() {
        let (bytes, format) = rewrite::rewritten(bytes, format, preparation.turn)?;
        return Some((Cow::Owned(bytes), format));
    }
    Some((strip::stripped(bytes, format)?, format))
}

/// The kind of a picture that nobody takes, with its article, and what makes another of it.
fn foreign(bytes: &[u8], name: &str) -> Option<(&'static str, String)> {
    let brand = bytes.get(4..12).and_then(|head| head.strip_prefix(b"ftyp"));
    let is_heic = brand.is_some_and(|brand| {
        [&b"heic"[..], b"heix", b"hevc", b"heim", b"mif1", b"msf1"].contains(&brand)
    });
    let magick = |from: &str| format!("`magick '{from}' copy.png` makes a PNG of it");
    match sniff(bytes) {
        Some(Format::Gif) => Some(("a GIF", magick(&format!("{name}[0]")))),
        Some(Format::Avif) => Some(("an AVIF", magick(name))),
        Some(Format::Svg) => Some(("an SVG", magick(name))),
        _ if is_heic => {
            let remedy = format!(
                "`sips -s format png '{name}' --out copy.png` or `heif-convert '{name}' copy.png` \
                 makes a PNG of it"
            );
            Some(("a HEIC", remedy))
        }
        _ if bytes.starts_with(b"BM") => Some(("a BMP", magick(name))),
        // The first page of several.
        _ if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") => {
            Some(("a TIFF", magick(&format!("{name}[0]"))))
        }
        _ if bytes.starts_with(b"\xff\x0a") || bytes.starts_with(b"\0\0\0\x0cJXL ") => {
            Some(("a JPEG XL", magick(name)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
