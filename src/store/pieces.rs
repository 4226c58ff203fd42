//! A file in pieces: where the system lets no file of this process become as large as an image that was
//! paid for, several smaller ones hold it until they can be joined.
//!
//! `x.image` becomes `x.image.1of3.piece` and so on. Whole pieces are all there or count for nothing.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Source;
use crate::error::{Error, Kind};
use crate::{fs, process};

/// More pieces than this would be a limit of a few bytes.
const MOST: usize = 10_000;

const ENDING: &str = ".piece";

/// Writes a private file whole, or in pieces where it is too large for one.
///
/// # Errors
/// What the system says.
pub(crate) fn write(path: &Path, source: &dyn Source) -> io::Result<()> {
    match fs::write_whole(path, fs::Mode::Private, |file| copy(source, file)) {
        Err(error) if error.kind() == ErrorKind::FileTooLarge => {
            let most = process::file_size().and_then(|most| usize::try_from(most).ok());
            let most = most.filter(|most| *most > 0).ok_or(error)?;
            let bytes = source.whole().map_err(io::Error::other)?;
            write_pieces(path, &bytes, most)
        }
        other => other,
    }
}

/// Writes a source into a file, and says what the system says.
fn copy(source: &dyn Source, file: &mut File) -> io::Result<()> {
    let mut refused = None;
    let copied = source.pieces(&mut |piece| {
        fs::write_all(file, piece).map_err(|error| {
            let told = Error::new(Kind::Local, error.to_string());
            refused = Some(error);
            told
        })
    });
    match (refused, copied) {
        (Some(error), _) => Err(error),
        (None, copied) => copied.map_err(io::Error::other),
    }
}

fn write_pieces(path: &Path, bytes: &[u8], most: usize) -> io::Result<()> {
    let of = bytes.len().div_ceil(most);
    if of > MOST {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let written = bytes.chunks(most).enumerate().try_for_each(|(at, piece)| {
        fs::write_atomic(&name(path, at, of), piece, fs::Mode::Private)
    });
    written.inspect_err(|_| remove(path, of))
}

fn name(path: &Path, at: usize, of: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}of{of}{ENDING}", at + 1));
    name.into()
}

fn remove(path: &Path, of: usize) {
    (0..of).for_each(|at| drop(fs::remove(&name(path, at, of))));
}

/// Joins what stands in pieces in a directory, as far as that can be done now.
pub(crate) fn join(directory: &Path) {
    let Ok(listing) = std::fs::read_dir(directory) else { return };
    for first in listing.filter_map(|entry| Some(entry.ok()?.path())) {
        let Some((path, of)) = first.to_str().and_then(of_first) else { continue };
        let pieces = (0..of).map(|at| std::fs::read(name(&path, at, of)));
        let Ok(pieces) = pieces.collect::<io::Result<Vec<Vec<u8>>>>() else { continue };
        if fs::write_atomic(&path, &pieces.concat(), fs::Mode::Private).is_ok() {
            remove(&path, of);
        }
    }
}

/// Of the name of a first piece: what it is a piece of, and how many there are.
fn of_first(piece: &str) -> Option<(PathBuf, usize)> {
    let (path, of) = piece.strip_suffix(ENDING)?.rsplit_once(".1of")?;
    let of = of.parse().ok().filter(|of| (1..=MOST).contains(of))?;
    Some((path.into(), of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_when_all_of_them_are_there() {
        let home = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..250).collect();
        let (one, two) =
            (home.path().join("r.1.1.1of1.image"), home.path().join("r.2.1.1of1.image"));
        for path in [&one, &two] {
            write_pieces(path, &bytes, 100).unwrap();
        }
        fs::remove(&name(&two, 1, 3)).unwrap();
        join(home.path());
        assert_eq!(std::fs::read(&one).unwrap(), bytes);
        assert!(!two.exists() && name(&two, 0, 3).exists(), "half of it is no image");
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 3);
        assert!(write_pieces(&one, &vec![0; MOST + 1], 1).is_err());
        for odd in ["x.1of0.piece", "x.2of3.piece", "x.1ofx.piece", "x.image"] {
            assert_eq!(of_first(odd), None, "{odd}");
        }
    }
}
