//! An image on the disk, read to its end once: whether it is whole, and its SHA-256.
//!
//! A PNG is walked as it comes, whatever its size; the other formats have no checksums and are walked in
//! memory.

use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{Facts, Png, Texts, bounded, sniff, verify};
use crate::fs;
use crate::request::Format;
use crate::text::hex;

/// Bytes of a piece.
const PIECE: u64 = 64 * 1024;

/// Bytes of the largest file that is no PNG.
const WHOLE: u64 = 256 * 1024 * 1024;

/// A whole image on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFile {
    /// What its bytes say about it.
    pub facts: Facts,
    /// Its length.
    pub bytes: u64,
    /// In hex.
    pub sha256: String,
}

/// Reads a file to its end; what is wrong with it is in the answer, in plain words.
///
/// # Errors
/// It cannot be opened or read.
pub fn verify_file(path: &Path) -> io::Result<Result<VerifiedFile, String>> {
    let mut file = fs::open_regular(path)?;
    let mut piece = Vec::with_capacity(PIECE as usize);
    file.by_ref().take(PIECE).read_to_end(&mut piece)?;
    let mut hash = Sha256::new();
    if sniff(&piece) != Some(Format::Png) {
        if file.metadata()?.len() > WHOLE {
            return Ok(Err("it is larger than 256 MiB".to_owned()));
        }
        file.read_to_end(&mut piece)?;
        hash.update(&piece);
        let whole = |facts| VerifiedFile {
            facts,
            bytes: piece.len() as u64,
            sha256: hex(&hash.finalize()),
        };
        return Ok(verify(&piece).map(whole));
    }
    let mut png = Png::new(Texts::default());
    let mut bytes = 0;
    while !piece.is_empty() {
        hash.update(&piece);
        if let Err(why) = png.push(&piece) {
            return Ok(Err(why));
        }
        bytes += piece.len() as u64;
        piece.clear();
        file.by_ref().take(PIECE).read_to_end(&mut piece)?;
    }
    let facts = png.end().and_then(|facts| bounded(&facts).map(|()| facts));
    Ok(facts.map(|facts| VerifiedFile { facts, bytes, sha256: hex(&hash.finalize()) }))
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageFormat};

    use super::*;

    #[test]
    fn a_file_is_read_to_its_end() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x");
        let read = |bytes: &[u8]| {
            fs::write_atomic(&path, bytes, fs::Mode::Normal).unwrap();
            verify_file(&path).unwrap()
        };
        // Random pixels, so that it is longer than a piece.
        let mut seed = 1_u32;
        let mut random = |_: u32, _: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            image::Rgb(seed.to_be_bytes()[..3].try_into().unwrap())
        };
        let picture = DynamicImage::from(image::RgbImage::from_fn(200, 150, &mut random));
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let mut bytes = io::Cursor::new(Vec::new());
            picture.write_to(&mut bytes, format).unwrap();
            let bytes = bytes.into_inner();
            let found = read(&bytes).unwrap();
            assert_eq!((found.facts.width, found.facts.height), (200, 150), "{format:?}");
            assert_eq!(found.sha256, hex(&Sha256::digest(&bytes)));
            assert_eq!(found.bytes, bytes.len() as u64);
            for cut in [1, 20, bytes.len() / 2, bytes.len()] {
                assert!(read(&bytes[..bytes.len() - cut]).is_err(), "{format:?} without {cut}");
            }
            if format == ImageFormat::Png {
                let mut torn = bytes.clone();
                let middle = torn.len() / 2;
                torn[middle] ^= 1;
                let why = read(&torn).unwrap_err();
                assert!(why.contains("checksum of its IDAT"), "{why}");
            }
        }
        assert!(read(b"a text").is_err() && read(b"").is_err());
    }
}
