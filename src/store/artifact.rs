//! From bytes to a named file: check, convert if asked, add the recipe, write, commit.
//!
//! Blocking; runs on the blocking pool, in two steps: writing the part takes a core, and memory for
//! all but a PNG that stays one; committing takes neither and waits for the disk. The bytes are on
//! the disk under a part name before they get their name, and a name that is taken is never replaced
//! unless `--force` says so.

mod part;
mod same;
mod saved_files;

use std::borrow::Cow;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use part::{KeptFile, Source, WHOLE, is_whole, too_large};
pub use saved_files::{SavedFiles, is_logged};

use super::log::Saved;
use super::metadata::{Editor, edits};
use super::pixels::{QUALITY, decode, encode_as};
use super::profile::profile;
use super::sink::{Existing, Location};
use super::{Facts, OutputTarget, Recipe, VerifiedFile, candidate, taken, verify};
use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::request::Format;
use crate::text::hex;
use part::{Part, Written, is_png, stream, unusable};
use same::same_of;

/// Everything about one file but its bytes.
#[derive(Debug, Clone)]
pub struct SaveRequest {
    /// The attempt's id and the number of the image in it: the part file's name.
    pub part: String,
    /// Where it is to go.
    pub target: OutputTarget,
    /// The first suffix to try: the number of the job among those that share the target.
    pub index: usize,
    /// What it may replace.
    pub replace: Replace,
    /// The format asked for, if any.
    pub format: Option<Format>,
    /// Keep nothing but the pixels, so that nothing in the file tells who made it.
    pub bare: bool,
    /// The recipe to embed, if any.
    pub recipe: Option<Recipe>,
    /// In recovery: the files that the journal knows. One that is not as it knows it and that holds
    /// this picture is this image, saved by a process that died before it could say so.
    pub existing: Option<SavedFiles>,
}

/// What an image may replace.
#[derive(Debug, Clone, Default)]
pub enum Replace {
    /// Nothing.
    #[default]
    Nothing,
    /// What has the name, unless this run has saved it.
    Anything(SavedFiles),
    /// Nothing, but this run remembers what it saves.
    Remembering(SavedFiles),
    /// A drawing that stood for the image, as long as the file holds just what was drawn.
    Drawing {
        /// Absolute.
        path: PathBuf,
        /// In hex.
        sha256: String,
    },
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What was done to the bytes on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Converted {
    /// Nothing beyond the recipe.
    No,
    /// Its pixels were written anew, so that nothing else of it is left: content credentials, if it
    /// carried any, are gone.
    Anew {
        /// Whether it carried some.
        signed: bool,
    },
    /// From another format; content credentials are gone, too.
    From {
        /// The format in which it came.
        format: Format,
        /// Whether it carried some.
        signed: bool,
    },
    /// It was asked for, but cannot be done from this format.
    Impossible(Format),
}

/// An image under its part name, before it is sure to be on the disk.
#[derive(Debug)]
pub struct WrittenPart {
    part: PathBuf,
    request: SaveRequest,
    facts: Facts,
    converted: Converted,
    /// What it was made of.
    original: Option<Original>,
    /// All but the path.
    saved: Saved,
}

/// Saves one image.
///
/// # Errors
/// `Unusable` when the bytes are no whole image; `Local` when the disk refuses. Either way the
/// caller still knows where they came from.
pub fn save(
    source: &(impl Source + ?Sized),
    request: SaveRequest,
) -> Result<(Saved, Facts, Converted)> {
    write_part(source, request)?.commit()
}

/// Checks and converts one image, and writes it under its part name.
///
/// # Errors
/// As [`save`].
pub fn write_part(source: &(impl Source + ?Sized), request: SaveRequest) -> Result<WrittenPart> {
    // What hides its model hides what its colours are made for, too.
    let is_bare = request.bare;
    write_part_with(source, request, move |bytes, to| convert(bytes, to, is_bare))
}

fn write_part_with(
    source: &(impl Source + ?Sized),
    request: SaveRequest,
    convert: impl FnOnce(&[u8], Format) -> Option<Vec<u8>>,
) -> Result<WrittenPart> {
    let stays = !request.bare && request.format.is_none_or(|wanted| wanted == Format::Png);
    if stays && is_png(source)? {
        let (written, facts) = stream(source, &request)?;
        return Ok(WrittenPart::of(request, written, facts));
    }
    let bytes = source.whole()?;
    let mut facts = verify(&bytes).map_err(unusable)?;
    let Facts { format: came, signed, .. } = facts;
    let other = request.format.filter(|wanted| *wanted != came);
    let Some(wanted) = other.or(request.bare.then_some(came)) else {
        let written = written(&request, &request.part, &bytes, &facts)?;
        return Ok(WrittenPart::of(request, written, facts));
    };
    // As it came it is on the disk before a decoder runs, which may take the process with it.
    let original = Original(Part::create(&request, &request.part)?.filled(&bytes)?);
    let mut converted = Converted::No;
    let mut out = None;
    match convert(&bytes, wanted) {
        Some(new_bytes) => {
            if let Ok(new) = verify(&new_bytes) {
                facts = new;
                converted = match other {
                    Some(_) => Converted::From { format: came, signed },
                    None => Converted::Anew { signed },
                };
                out = Some(new_bytes);
            }
        }
        None if other.is_some() => converted = Converted::Impossible(came),
        None => {}
    }
    let original_sha256 = out.is_some().then(|| original.0.sha256.clone());
    let out = out.map_or(bytes, Cow::Owned);
    let written = written(&request, &format!("{}.new", request.part), &out, &facts)?;
    let whole = WrittenPart {
        converted,
        original: Some(original),
        ..WrittenPart::of(request, written, facts)
    };
    Ok(WrittenPart { saved: Saved { original_sha256, ..whole.saved }, ..whole })
}

/// Writes bytes with their recipe under a part name.
fn written(request: &SaveRequest, name: &str, bytes: &[u8], facts: &Facts) -> Result<Written> {
    let recipe = request.recipe.as_ref().map(|recipe| edits(bytes, facts, recipe));
    let mut part = Part::create(request, name)?;
    Editor::new(recipe.unwrap_or_default()).push(bytes, |piece| part.write(piece))?;
    Ok(part.finish())
}

/// The part file of an image as it came, which goes once what was made of it has its name or its bytes
/// are kept elsewhere.
#[derive(Debug)]
struct Original(Written);

impl Drop for Original {
    fn drop(&mut self) {
        let _ = fs::remove(&self.0.path);
    }
}

impl WrittenPart {
    fn of(request: SaveRequest, written: Written, facts: Facts) -> WrittenPart {
        let Written { path: part, length, sha256 } = written;
        let saved = Saved::from_facts(Location::default(), &facts, length, sha256);
        WrittenPart { part, request, facts, converted: Converted::No, original: None, saved }
    }

    /// Gives it the first free name, once it is on the disk.
    ///
    /// # Errors
    /// `Local` when the disk refuses.
    pub fn commit(self) -> Result<(Saved, Facts, Converted)> {
        let WrittenPart { part, request, facts, converted, saved, original: _original } = self;
        let path = commit(&part, facts.format, &request)
            .map_err(|error| dropped(&part, error, &request))?;
        Ok((Saved { path: Location::of(path), ..saved }, facts, converted))
    }
}

impl Saved {
    /// What the log keeps of a whole image that was there already.
    pub fn found(path: PathBuf, file: &VerifiedFile) -> Saved {
        Saved::from_facts(Location::of(path), &file.facts, file.bytes, file.sha256.clone())
    }

    /// What the log keeps of a file: its absolute path, and facts from its bytes.
    pub fn of(path: PathBuf, bytes: &[u8], facts: &Facts) -> Saved {
        Saved::from_facts(
            Location::of(path),
            facts,
            bytes.len() as u64,
            hex(&Sha256::digest(bytes)),
        )
    }

    fn from_facts(path: Location, facts: &Facts, bytes: u64, sha256: String) -> Saved {
        let Facts { width, height, format, .. } = *facts;
        let format = format.name().to_owned();
        Saved { path, width, height, format, bytes, sha256, original_sha256: None }
    }
}

/// What the disk refused; the bytes are kept elsewhere, and a torn part file helps nobody.
fn dropped(part: &Path, error: std::io::Error, request: &SaveRequest) -> Error {
    let _ = fs::remove(part);
    let directory = request.target.directory.display();
    // This name is the trouble, not the directory.
    let of_file = matches!(error.kind(), ErrorKind::InvalidFilename | ErrorKind::IsADirectory);
    let error =
        Error::new(Kind::Local, format!("the image cannot be saved in `{directory}`: {error}"));
    if of_file { error.code("file_name") } else { error }
}

/// Gives a part file the first free name, once its bytes are on the disk.
fn commit(part: &Path, format: Format, request: &SaveRequest) -> std::io::Result<PathBuf> {
    let target = OutputTarget {
        extension: format.extension_like(&request.target.extension),
        ..request.target.clone()
    };
    let names = (request.index..).map(|index| target.name(index));
    if let Replace::Anything(ours) = &request.replace {
        let is_free = |name: &String| {
            let path = target.sink().path(name);
            fs::is_replaceable(&path) && ours.claim(&path)
        };
        return target.sink().put(part, names.filter(is_free), Existing::Replaced);
    }
    let drawing = match &request.replace {
        Replace::Drawing { path, sha256 } if holds(path, sha256) => Some(path),
        _ => None,
    };
    if let Some(drawing) = drawing.filter(|drawing| is_of(&target, drawing)) {
        fs::replace(part, drawing)?;
        return Ok(drawing.clone());
    }
    // In recovery, from looking to naming, nobody else may claim.
    let mut known = request.existing.as_ref().map(SavedFiles::lock);
    if let Some(known) = &mut known {
        let others = taken(&target, request.index);
        if let Some(path) = same_of(part, others, |path| known.may_be_unlogged(path)) {
            known.take(&path);
            fs::remove(part)?;
            return Ok(path);
        }
    }
    let path = target.sink().put(part, names, Existing::Kept)?;
    if let Some(known) = &mut known {
        known.take(&path);
    }
    if let Replace::Remembering(ours) = &request.replace {
        ours.claim(&path);
    }
    if let Some(drawing) = drawing {
        let _ = fs::remove(drawing);
    }
    Ok(path)
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    fs::with_handle(|| std::fs::read(path))
}

/// Whether a file holds the bytes of this SHA-256, in hex.
pub fn holds(path: &Path, sha256: &str) -> bool {
    hashed(path).is_ok_and(|(_, found)| found == sha256)
}

/// The length and the SHA-256 of a file, in hex, read in pieces.
fn hashed(path: &Path) -> std::io::Result<(u64, String)> {
    hashed_from(fs::open_regular(path)?)
}

/// The length and the SHA-256 of what is read to its end, in hex.
pub(crate) fn hashed_from(mut from: impl Read) -> std::io::Result<(u64, String)> {
    let (mut hash, mut length) = (Sha256::new(), 0);
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            return Ok((length, hex(&hash.finalize())));
        }
        hash.update(&piece[..read]);
        length += read as u64;
    }
}

/// Whether this file could have been given its name for an output target.
fn is_of(target: &OutputTarget, path: &Path) -> bool {
    let name = |path: &Path, part: fn(&Path) -> Option<&std::ffi::OsStr>| {
        part(path).map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let first = candidate(target, 0);
    let (stem, wished) = (name(path, Path::file_stem), name(&first, Path::file_stem));
    let number = stem.strip_prefix(&wished).map(|rest| rest.strip_prefix('-').unwrap_or(rest));
    absolute(path).parent() == absolute(&first).parent()
        && path.extension() == first.extension()
        && number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
}

/// Pixels into another format, where both are ones that can be read and written here; with their
/// profile, unless they are to be bare.
fn convert(bytes: &[u8], to: Format, is_bare: bool) -> Option<Vec<u8>> {
    let profile = if is_bare { None } else { profile(bytes) };
    encode_as(&decode(bytes)?, to, QUALITY, profile)
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbaImage};

    use super::*;
    use crate::store::pixels::encode;

    pub(super) fn png() -> Vec<u8> {
        let picture = RgbaImage::from_pixel(8, 4, image::Rgba([200, 100, 50, 255]));
        encode(&DynamicImage::ImageRgba8(picture), Format::Png).unwrap()
    }

    pub(super) fn save_request(directory: &Path, format: Option<Format>) -> SaveRequest {
        SaveRequest {
            part: "r.1.1.1".to_owned(),
            target: OutputTarget {
                directory: directory.to_owned(),
                stem: "fox".to_owned(),
                extension: "png".to_owned(),
                suffix_ok: true,
                within: None,
            },
            index: 0,
            replace: Replace::Nothing,
            format,
            bare: false,
            recipe: None,
            existing: None,
        }
    }

    #[test]
    fn a_name_is_never_taken_twice_and_no_part_file_stays() {
        let home = tempfile::tempdir().unwrap();
        for expected in ["fox.png", "fox-2.png", "fox-3.png"] {
            let (saved, ..) = save(png().as_slice(), save_request(home.path(), None)).unwrap();
            assert_eq!(saved.path.file_name().unwrap(), expected);
        }
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 3);
        let ours = SavedFiles::default();
        let forced = || SaveRequest {
            replace: Replace::Anything(ours.clone()),
            ..save_request(home.path(), None)
        };
        for expected in ["fox.png", "fox-2.png"] {
            assert!(save(png().as_slice(), forced()).unwrap().0.path.ends_with(expected));
        }
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 3);
        // What the run saved beside it is its own, too.
        let more = SaveRequest {
            replace: Replace::Remembering(ours.clone()),
            ..save_request(home.path(), None)
        };
        assert!(save(png().as_slice(), more).unwrap().0.path.ends_with("fox-4.png"));
        for expected in ["fox-3.png", "fox-5.png"] {
            assert!(save(png().as_slice(), forced()).unwrap().0.path.ends_with(expected));
        }
    }

    #[test]
    fn only_the_drawing_itself_is_replaced() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        for name in ["fox.png", "fox-2.png", "old.png"] {
            fs::write_atomic(&at(name), name.as_bytes(), fs::Mode::Normal).unwrap();
        }
        let replacing = |name: &str, bytes: &str| SaveRequest {
            replace: Replace::Drawing { path: at(name), sha256: hex(&Sha256::digest(bytes)) },
            ..save_request(home.path(), None)
        };
        let path = |request: SaveRequest| save(png().as_slice(), request).unwrap().0.path;
        assert!(path(replacing("fox-2.png", "fox-2.png")).ends_with("fox-2.png"));
        assert!(path(replacing("fox.png", "another")).ends_with("fox-3.png"), "it was changed");
        assert_eq!(std::fs::read(at("fox.png")).unwrap(), b"fox.png");
        // A drawing under another name goes when the image has its own.
        assert!(path(replacing("old.png", "old.png")).ends_with("fox-4.png"));
        assert!(!at("old.png").exists());
    }

    #[test]
    fn recovery_adopts_what_a_dead_process_had_saved() {
        let home = tempfile::tempdir().unwrap();
        let first = save(png().as_slice(), save_request(home.path(), None)).unwrap().0.path;
        let recover = |logged: Option<&[u8]>| {
            let logged =
                logged.map(|bytes| (first.to_path_buf(), [hex(&Sha256::digest(bytes))].into()));
            let existing = Some(SavedFiles::new(logged.into_iter().collect()));
            let request = SaveRequest { existing, ..save_request(home.path(), None) };
            save(png().as_slice(), request).unwrap().0.path
        };
        assert_eq!(recover(None), first);
        assert_eq!(recover(Some(b"another")), first, "it has replaced what the log knows");
        let second = recover(Some(&std::fs::read(&first).unwrap()));
        assert!(second.ends_with("fox-2.png"), "a file of another job is not ours");
    }

    #[test]
    fn the_extension_comes_from_the_bytes_and_conversion_is_told() {
        let home = tempfile::tempdir().unwrap();
        let (saved, facts, converted) =
            save(png().as_slice(), save_request(home.path(), Some(Format::Jpeg))).unwrap();
        assert_eq!(converted, Converted::From { format: Format::Png, signed: false });
        assert_eq!((facts.format, saved.width, saved.height), (Format::Jpeg, 8, 4));
        assert!(saved.path.ends_with("fox.jpg") && saved.original_sha256.is_some());
        let mut signed = png();
        let chunk = b"caBXcredentials";
        let length = (chunk.len() as u32 - 4).to_be_bytes();
        signed.splice(33..33, [&length[..], chunk, &crc32fast::hash(chunk).to_be_bytes()].concat());
        for (bare, format, told) in [
            (false, None, Converted::No),
            (true, None, Converted::Anew { signed: true }),
            (false, Some(Format::Jpeg), Converted::From { format: Format::Png, signed: true }),
        ] {
            let request = SaveRequest { bare, ..save_request(home.path(), format) };
            let (_, facts, converted) = save(signed.as_slice(), request).unwrap();
            assert_eq!((facts.signed, converted), (told == Converted::No, told));
        }
        let (saved, _, converted) =
            save(png().as_slice(), save_request(home.path(), Some(Format::Svg))).unwrap();
        assert_eq!(converted, Converted::Impossible(Format::Png));
        assert!(saved.path.ends_with("fox-3.png"), "{:?}", saved.path);
    }

    #[test]
    fn an_image_is_on_the_disk_before_its_pixels_are_looked_at() {
        let home = tempfile::tempdir().unwrap();
        let there = || {
            let paths = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path());
            paths.collect::<Vec<_>>()
        };
        for (bare, format) in
            [(false, Some(Format::Jpeg)), (true, None), (false, Some(Format::Svg))]
        {
            let request = SaveRequest { bare, ..save_request(home.path(), format) };
            let looked = std::cell::Cell::new(false);
            let written = write_part_with(png().as_slice(), request, |bytes, wanted| {
                let [part] = there().try_into().unwrap();
                assert!(part.ends_with(".pinx-r.1.1.1.part"), "{part:?}");
                assert_eq!(std::fs::read(part).unwrap(), bytes);
                looked.set(true);
                convert(bytes, wanted, bare)
            });
            let (saved, ..) = written.unwrap().commit().unwrap();
            assert!(looked.get());
            assert_eq!(there(), std::slice::from_ref(&*saved.path), "no part file stays");
            fs::remove(&saved.path).unwrap();
        }
        // A failed conversion leaves the image as it came.
        let written = write_part_with(
            png().as_slice(),
            save_request(home.path(), Some(Format::Webp)),
            |_, _| None,
        );
        let (saved, _, converted) = written.unwrap().commit().unwrap();
        assert_eq!(converted, Converted::Impossible(Format::Png));
        assert_eq!(std::fs::read(saved.path).unwrap(), png());
        assert_eq!(there().len(), 1);
    }

    #[test]
    fn torn_bytes_and_a_missing_directory_say_so() {
        let home = tempfile::tempdir().unwrap();
        let bytes = png();
        let error = save(&bytes[..bytes.len() - 6], save_request(home.path(), None)).unwrap_err();
        assert_eq!(error.kind, Kind::Unusable);
        let blocked = home.path().join("file");
        fs::write_atomic(&blocked, b"", fs::Mode::Normal).unwrap();
        let error = save(bytes.as_slice(), save_request(&blocked.join("below"), None)).unwrap_err();
        assert_eq!(error.kind, Kind::Local);
    }
}
