//! Questions that several commands ask: what is open, what has been spent, what is damaged.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;

use super::segments::segments;
use super::{ADOPTED, Cursor, Entry, EntryKind, Log, Pending, Projection, Survey, tail};
use crate::error::{Error, Kind, Result};

impl Log {
    /// What it adds up to.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn state(&self) -> io::Result<Projection> {
        Projection::load(&self.directory)
    }

    /// The same of what can be read, and whether that is all of it.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub fn readable_state(&self) -> Result<(Projection, bool)> {
        let (projection, unread) =
            Projection::of_readable(&self.directory).map_err(|error| self.unreadable(&error))?;
        Ok((projection, unread.is_empty()))
    }

    /// What is open, oldest run first; segments that cannot be read are left out.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub fn open_attempts(&self) -> Result<Vec<Pending>> {
        Ok(self.readable_state()?.0.into_open())
    }

    /// The same without what has ended before: a copy of an old line may open it again.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub fn still_open(&self) -> Result<Vec<Pending>> {
        let mut open = self.open_attempts()?;
        let ids: HashSet<&str> = open.iter().map(|one| one.intent.attempt.as_str()).collect();
        let mut ended = HashSet::new();
        if !ids.is_empty() {
            let ends = [r#""e":"done""#, r#""e":"failed""#, r#""e":"settled""#];
            // Where this cannot be read, nothing is left out.
            let _ = self.read_holding(&ends, |entry| {
                let is_end = entry.e.closes() && entry.e != EntryKind::Tried;
                if is_end && ids.contains(entry.attempt.as_str()) {
                    ended.insert(entry.attempt);
                }
            });
        }
        open.retain(|pending| !ended.contains(&pending.intent.attempt));
        Ok(open)
    }

    /// The entries of a job.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn of_job(&self, job: &str) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        self.read_holding(&[job], |entry| {
            if entry.job == job {
                entries.push(entry);
            }
        })?;
        Ok(entries)
    }

    /// The files that it says are saved: the SHA-256s of what was, by their paths. What was adopted
    /// was only found there: whose it is, only the attempt that made it can say.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn saved_files(&self) -> io::Result<HashMap<PathBuf, HashSet<String>>> {
        let mut files: HashMap<_, HashSet<_>> = HashMap::new();
        self.read_holding(&["\"images\""], |entry| {
            for image in entry.images.into_iter().filter(|_| entry.code != ADOPTED) {
                files.entry(image.path.to_path_buf()).or_default().insert(image.sha256);
            }
        })?;
        Ok(files)
    }

    /// What of it is damaged.
    ///
    /// # Errors
    /// The directory cannot be listed.
    pub fn survey(&self) -> io::Result<Survey> {
        Survey::of(&self.directory)
    }

    /// Where it ends now.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn end(&self) -> io::Result<Cursor> {
        Cursor::now(&self.directory)
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        let segments = segments(&self.directory).unwrap_or_default();
        segments.iter().filter_map(|path| path.metadata().ok()).map(|file| file.len()).sum()
    }

    /// Brings it into order before it is looked at: ends a tail that a crash has left.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn settle(&self) -> io::Result<()> {
        tail::settle(&self.directory)
    }

    /// The file in which sums of it are kept, so that they need not be made anew.
    pub(crate) fn checkpoint(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The error of a log that cannot be read.
    pub fn unreadable(&self, error: &io::Error) -> Error {
        let directory = self.directory.display();
        Error::new(Kind::Local, format!("the journal in `{directory}` cannot be read: {error}"))
    }
}
