//! The seal of a page: its last line has the hash of all that stands before it. So pinx knows its own
//! page again, as long as nobody has changed it, and renews it without being asked twice.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::fs;
use crate::text::hex;

/// Before the hash.
const SEAL: &str = "<!-- pinx ";
/// Bytes within which a page says what it is; its style sheet comes behind them.
const HEAD: u64 = 2048;
/// The length of a whole seal: a SHA-256 in hex between its words.
const SEALED: usize = SEAL.len() + 64 + " -->\n".len();

/// Seals a page that is whole; answers with the hash of the whole file, seal included.
///
/// # Errors
/// The disk refuses.
pub(crate) fn seal(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut digest = digest(&mut BufReader::new(&mut *file))?;
    let line = line_for(digest.clone());
    file.seek(SeekFrom::End(0))?;
    file.write_all(line.as_bytes())?;
    digest.update(line.as_bytes());
    Ok(hex(&digest.finalize()))
}

/// A page in memory with its seal.
pub(crate) fn sealed(page: String) -> String {
    let line = line_for(Sha256::new_with_prefix(page.as_bytes()));
    page + &line
}

/// What a page of pinx shows, where it is one that nobody has changed: a file of its own, not a link.
pub(crate) fn untouched(path: &Path) -> Option<PageKind> {
    let read = || -> io::Result<Option<PageKind>> {
        let mut file = fs::open_regular(path)?;
        let Some(length) = file.metadata()?.len().checked_sub(SEALED as u64) else {
            return Ok(None);
        };
        let mut head = Vec::new();
        (&mut file).take(length.min(HEAD)).read_to_end(&mut head)?;
        file.rewind()?;
        let digest = digest(&mut BufReader::new((&mut file).take(length)))?;
        let mut seal = String::new();
        file.read_to_string(&mut seal)?;
        Ok((seal == line_for(digest)).then(|| PageKind::of(&String::from_utf8_lossy(&head))))
    };
    if path.is_symlink() { None } else { read().unwrap_or_default() }
}

/// What a page shows; one of a kind is never put in the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// The images of a batch.
    Gallery,
    /// Images of several models.
    Comparison,
    /// Figures.
    Statistics,
}

impl PageKind {
    /// What the page says that it was made by.
    pub(crate) fn generator(self) -> &'static str {
        match self {
            PageKind::Gallery => "pinx gallery",
            PageKind::Comparison => "pinx comparison",
            PageKind::Statistics => "pinx statistics",
        }
    }

    /// In words: `a page of statistics`.
    pub(crate) fn words(self) -> &'static str {
        match self {
            PageKind::Gallery => "a gallery",
            PageKind::Comparison => "a comparison",
            PageKind::Statistics => "a page of statistics",
        }
    }

    fn of(head: &str) -> PageKind {
        let says = |kind: PageKind| head.contains(&format!("\"{}\"", kind.generator()));
        let other =
            [PageKind::Statistics, PageKind::Comparison].into_iter().find(|kind| says(*kind));
        other.unwrap_or(PageKind::Gallery)
    }
}

fn line_for(digest: Sha256) -> String {
    format!("{SEAL}{} -->\n", hex(&digest.finalize()))
}

fn digest(input: &mut impl BufRead) -> io::Result<Sha256> {
    let mut digest = Sha256::new();
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            return Ok(digest);
        }
        digest.update(bytes);
        let length = bytes.len();
        input.consume(length);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests make and spoil files")]

    use super::*;

    #[test]
    fn a_page_is_known_again_until_somebody_changes_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("page.html");
        std::fs::write(&path, "<!doctype html>\nhello\n").unwrap();
        assert_eq!(untouched(&path), None, "it has no seal");
        let mut file = File::options().read(true).append(true).open(&path).unwrap();
        let hash = seal(&mut file).unwrap();
        assert_eq!(untouched(&path), Some(PageKind::Gallery));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, sealed("<!doctype html>\nhello\n".to_owned()), "both ways are one");
        assert_eq!(hash, hex(&Sha256::digest(text.as_bytes())));
        for changed in [text.replace("hello", "hallo"), text.clone() + " ", text[1..].to_owned()] {
            std::fs::write(&path, changed).unwrap();
            assert_eq!(untouched(&path), None);
        }
    }
}
