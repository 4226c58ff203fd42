//! The state of one (provider, key) in a file that all processes share.
//!
//! The file is its own lock, and it is written in one piece over what was there, never emptied
//! first: a process that is killed leaves the old state or the new one. It is not synced, because
//! losing it to a power cut costs only politeness.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::bucket::Bucket;
use crate::fs;

/// The files of one origin.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    directory: PathBuf,
    stem: String,
}

impl Files {
    /// Those of an origin, such as `openai#1a2b3c@edge`. An origin holds names and a fingerprint,
    /// nothing secret; what a file name cannot hold becomes `~`.
    pub(crate) fn new(directory: &Path, origin: &str) -> Files {
        let plain = |c: char| match c {
            '#' | '@' => '.',
            c if c.is_ascii_alphanumeric() || c == '-' || c == '_' => c,
            _ => '~',
        };
        Files { directory: directory.to_owned(), stem: origin.chars().map(plain).collect() }
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.directory.join(format!("{}.{ending}", self.stem))
    }

    /// The state.
    pub(crate) fn bucket(&self) -> PathBuf {
        self.path("json")
    }

    /// The lock of the request that tries out whether a cooldown is over.
    pub(crate) fn probe(&self) -> PathBuf {
        self.path("probe")
    }

    /// The lock of one request in flight.
    pub(crate) fn slot(&self, number: u32) -> PathBuf {
        self.path(&format!("{number}.slot"))
    }
}

/// The state while it is locked.
#[derive(Debug)]
pub(crate) struct LockedBucket {
    file: File,
    length: usize,
    read: Bucket,
    /// What to change.
    pub bucket: Bucket,
}

impl LockedBucket {
    /// Locks and reads the state; `None` while another process or job has it. What cannot be
    /// understood counts as nothing.
    ///
    /// # Errors
    /// The file cannot be made, locked or read.
    pub(crate) fn open(path: &Path) -> io::Result<Option<LockedBucket>> {
        let Some(mut file) = fs::try_lock(path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let read: Bucket = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(Some(LockedBucket { file, length: bytes.len(), bucket: read.clone(), read }))
    }

    /// Writes the state where it has changed, and unlocks it.
    ///
    /// # Errors
    /// The state, which cannot be written.
    pub(crate) fn close(mut self) -> Result<(), Box<Bucket>> {
        if self.bucket == self.read {
            return Ok(());
        }
        self.write().map_err(|_| Box::new(self.bucket))
    }

    fn write(&mut self) -> io::Result<()> {
        let mut text = serde_json::to_vec(&self.bucket)?;
        // Spaces over the rest of the old text, so that one write does it all.
        text.resize(text.len().max(self.length), b' ');
        self.file.seek(SeekFrom::Start(0))?;
        fs::write_all(&mut self.file, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::limit::rules::Rules;

    #[test]
    fn one_at_a_time_and_what_was_written_is_read() {
        let home = tempfile::tempdir().unwrap();
        let path = Files::new(&home.path().join("limits"), "openai#none").bucket();
        let mut held = LockedBucket::open(&path).unwrap().unwrap();
        assert!(LockedBucket::open(&path).unwrap().is_none(), "it is locked");
        for stamp in 1..=3 {
            held.bucket.send(stamp, &Rules::default());
        }
        held.close().unwrap();
        let long = std::fs::read(&path).unwrap().len();
        let mut held = LockedBucket::open(&path).unwrap().unwrap();
        assert_eq!(held.bucket.recent(), 3);
        held.bucket.settle(70_000);
        held.close().unwrap();
        assert_eq!(
            std::fs::read(&path).unwrap().len(),
            long,
            "the shorter text covers the old one"
        );
        assert_eq!(LockedBucket::open(&path).unwrap().unwrap().bucket, Bucket::default());
    }

    #[test]
    fn nonsense_counts_as_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x.json");
        for text in ["", "{\"sent\":[1,", "[]", "{\"sent\":\"no\"}", "\u{0}\u{0}"] {
            fs::write_atomic(&path, text.as_bytes(), fs::Mode::Private).unwrap();
            assert_eq!(
                LockedBucket::open(&path).unwrap().unwrap().bucket,
                Bucket::default(),
                "{text}"
            );
        }
    }

    #[test]
    fn names_are_safe() {
        let files = Files::new(Path::new("d"), "openai#1a2b3c@../x\\y");
        assert_eq!(files.bucket(), Path::new("d/openai.1a2b3c.~~~x~y.json"));
        assert_eq!(files.slot(2), Path::new("d/openai.1a2b3c.~~~x~y.2.slot"));
    }
}
