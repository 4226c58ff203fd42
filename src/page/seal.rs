//! The seal of a page: its last line has the hash of all that stands before it. So pinx knows its own
//! page again, as long as nobody has changed it, and renews it without being asked twice.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::store::hex;

/// Before the hash.
const SEAL: &str = "<!-- pinx ";
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

/// Whether it is a page of pinx that nobody has changed: a file of its own, not a link.
pub(crate) fn is_untouched(path: &Path) -> bool {
    let read = || -> io::Result<bool> {
        let mut file = File::open(path)?;
        let Some(length) = file.metadata()?.len().checked_sub(SEALED as u64) else {
            return Ok(false);
        };
        let digest = digest(&mut BufReader::new((&mut file).take(length)))?;
        let mut seal = String::new();
        file.read_to_string(&mut seal)?;
        Ok(seal == line_for(digest))
    };
    path.is_file() && !path.is_symlink() && read().unwrap_or(false)
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
        assert!(!is_untouched(&path), "it has no seal");
        let mut file = File::options().read(true).append(true).open(&path).unwrap();
        let hash = seal(&mut file).unwrap();
        assert!(is_untouched(&path));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, sealed("<!doctype html>\nhello\n".to_owned()), "both ways are one");
        assert_eq!(hash, hex(&Sha256::digest(text.as_bytes())));
        for changed in [text.replace("hello", "hallo"), text.clone() + " ", text[1..].to_owned()] {
            std::fs::write(&path, changed).unwrap();
            assert!(!is_untouched(&path));
        }
    }
}
