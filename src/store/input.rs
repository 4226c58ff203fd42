//! Pictures that are given: looked at before anything is sent, and known by their bytes.
//!
//! What a model could not read is refused here. What is sent is the picture alone: where its file holds
//! more (a place, a prompt), or lies on its side, other bytes are sent, which are kept until nobody needs
//! them any more.

mod preparation;
mod rewrite;
mod strip;
mod uploads;

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

pub(crate) use self::uploads::{UploadClaim, UploadKey, Uploads};

use self::preparation::Preparation;
use super::pixels::{DECODED_EDGE, DECODED_PIXELS};
use super::verify::{Facts, sniff, verify};
use crate::catalog::SentInput;
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

    /// The picture at a path; `what` is what it is called where it is spoken of: `image 1`.
    ///
    /// # Errors
    /// It is not there, no whole picture of a kind that can be sent, or its bytes cannot be kept.
    pub(crate) fn take(&self, path: &Path, role: Role, what: &str) -> Result<TakenInput> {
        let name = text::clean(&path.display().to_string(), 200);
        let wrong = |why: &str| Error::usage(format!("{what}: {why}")).code("input");
        let bytes = read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => wrong(&format!("there is no file `{name}`")),
            _ => wrong(&format!("`{name}` cannot be read: {error}")),
        })?;
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.prepare(&bytes, role, &(what, &name), Some(absolute))
    }

    /// A picture of which there is no file here: it is kept in any case. `name` is what it is called
    /// besides.
    ///
    /// # Errors
    /// It is no whole picture of a kind that can be sent, or its bytes cannot be kept.
    pub(crate) fn take_bytes(
        &self,
        bytes: &[u8],
        role: Role,
        what: &str,
        name: &str,
    ) -> Result<TakenInput> {
        self.prepare(bytes, role, &(what, name), None)
    }

    /// Where the bytes of a hash are kept, if they are.
    pub(crate) fn path_of(&self, sha256: &str) -> PathBuf {
        self.directory.join(sha256)
    }

    fn prepare(
        &self,
        bytes: &[u8],
        role: Role,
        (what, name): &(&str, &str),
        path: Option<PathBuf>,
    ) -> Result<TakenInput> {
        let wrong = |why: &str| Error::usage(format!("{what}: {why}")).code("input");
        let facts = check(bytes, name)
            .map_err(|(why, hint)| hint.into_iter().fold(wrong(&why), Error::hint))?;
        let preparation = Preparation::of(bytes, facts.format);
        let (sent, format) = made(bytes, facts.format, &preparation).ok_or_else(|| {
            wrong(&format!("`{name}` cannot be told from what it holds beside its picture"))
                .hint(format!("`magick '{name}' -auto-orient -strip copy.png` makes a plain copy"))
        })?;
        let len = sent.len() as u64;
        if len > LARGEST_INPUT {
            let (most, len) = (text::size(LARGEST_INPUT), text::size(len));
            let what = format!("`{name}` would be sent as {len}; nobody takes over {most}");
            return Err(wrong(&what));
        }
        let source = text::hex(&Sha256::digest(bytes));
        let (is_other, sha256) = match &sent {
            Cow::Borrowed(_) => (false, source.clone()),
            Cow::Owned(sent) => (true, text::hex(&Sha256::digest(sent))),
        };
        let is_kept = is_other || path.is_none();
        if is_kept {
            self.keep(&sha256, &sent).map_err(|error| {
                let place = self.directory.display();
                wrong(&format!("`{name}` cannot be made ready in `{place}`: {error}"))
                    .hint("make room there, or set PINX_HOME to a writable directory")
            })?;
        }
        let size = match preparation.is_lying() {
            true => Size::new(facts.height, facts.width),
            false => Size::new(facts.width, facts.height),
        };
        Ok(TakenInput {
            input: Input { role, sha256: source.clone(), size, means: None },
            left_out: match () {
                () if preparation.has_place => LeftOut::Place,
                () if is_other && !preparation.is_rewritten() => LeftOut::Metadata,
                () => LeftOut::Nothing,
            },
            changes: preparation.changes(),
            sent: SentInput {
                role,
                sha256,
                len,
                format,
                size,
                source: is_kept.then_some(source),
                path,
            },
        })
    }

    fn keep(&self, sha256: &str, bytes: &[u8]) -> io::Result<()> {
        if self.is_dry {
            return Ok(());
        }
        fs::create_private_dir(&self.directory)?;
        // Also where it is there: then its time is that of its last use, and what it was is no matter.
        fs::write_atomic(&self.path_of(sha256), bytes, fs::Mode::Private)
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

/// A file's bytes, as far as they are ever taken. A pipe would be waited for, and gives its bytes only
/// once.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read_regular(path, LARGEST_INPUT)
}

/// What a file really is, if it can be sent; else why not, and what helps.
fn check(bytes: &[u8], name: &str) -> Result<Facts, (String, Option<String>)> {
    if let Some((kind, remedy)) = foreign(bytes, name) {
        let what = format!("`{name}` is a {kind} picture, which no model here takes");
        return Err((what, Some(remedy)));
    }
    let facts = verify(bytes).map_err(|why| (format!("`{name}`: {why}"), None))?;
    let size = Size::new(facts.width, facts.height);
    if size.pixels() > DECODED_PIXELS || size.width.max(size.height) > DECODED_EDGE {
        let most = DECODED_PIXELS / 1_000_000;
        let what = format!("`{name}` has {size} pixels; at most {most} million are taken");
        return Err((what, Some("scale it down first".to_owned())));
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

/// The kind of a picture that nobody takes, and what makes another of it.
fn foreign(bytes: &[u8], name: &str) -> Option<(&'static str, String)> {
    let brand = bytes.get(4..12).and_then(|head| head.strip_prefix(b"ftyp"));
    let is_heic = brand.is_some_and(|brand| {
        [&b"heic"[..], b"heix", b"hevc", b"heim", b"mif1", b"msf1"].contains(&brand)
    });
    let magick = |from: &str| format!("`magick '{from}' copy.png` makes a PNG of it");
    match sniff(bytes) {
        Some(Format::Gif) => Some(("GIF", magick(&format!("{name}[0]")))),
        Some(Format::Avif) => Some(("AVIF", magick(name))),
        Some(Format::Svg) => Some(("SVG", magick(name))),
        _ if is_heic => {
            let remedy = format!(
                "`sips -s format png '{name}' --out copy.png` or `heif-convert '{name}' copy.png` \
                 makes a PNG of it"
            );
            Some(("HEIC", remedy))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
