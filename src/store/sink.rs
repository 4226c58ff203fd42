//! Where images go, and where one that is saved is.
//!
//! A sink takes bytes under a name of their own and gives them their real one when they are whole. A
//! directory is the only kind there is.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fs;

/// Where a saved image is: a file, by its absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Location(PathBuf);

impl Location {
    /// Of a file, as the log knows it.
    pub fn of(path: PathBuf) -> Location {
        let path = std::path::absolute(&path).unwrap_or(path);
        Location(path.to_string_lossy().into_owned().into())
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Location {
        Location(path)
    }
}

impl Deref for Location {
    type Target = PathBuf;

    fn deref(&self) -> &PathBuf {
        &self.0
    }
}

impl AsRef<Path> for Location {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

/// Where images go.
#[derive(Debug, Clone, Copy)]
pub struct Sink<'a> {
    /// Into this directory; `.` is the current one.
    pub(super) directory: &'a Path,
    /// The real directory that it may not lead out of.
    pub(super) within: Option<&'a Path>,
}

/// What becomes of a name that something has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It stays with what has it.
    Kept,
    /// It is taken away from what has it.
    Replaced,
}

impl Sink<'_> {
    /// Where a name leads.
    pub fn path(self, name: &str) -> PathBuf {
        match self.directory {
            here if here == Path::new(".") => PathBuf::from(name),
            directory => directory.join(name),
        }
    }

    /// Makes room for bytes, under a name that nobody takes for an image's: its path, and the file.
    pub(super) fn reserve(self, name: &str) -> (PathBuf, io::Result<File>) {
        let part = self.directory.join(format!(".pinx-{name}.part"));
        let file = self.opened(&part);
        (part, file)
    }

    fn opened(self, part: &Path) -> io::Result<File> {
        self.stays()?;
        fs::create_dir(self.directory)?;
        let file = fs::create_or_truncate(part)?;
        // A link may have come in between: what counts is where the open file lies.
        match self.within {
            Some(root) if !fs::lies_below(&file, part, root) => {
                fs::remove(part)?;
                Err(self.leads_out(root))
            }
            _ => Ok(file),
        }
    }

    /// Checks that it leads where it may.
    ///
    /// # Errors
    /// It leads out, by a link that was put there since it was planned.
    fn stays(self) -> io::Result<()> {
        match self.within {
            Some(root) if !fs::real(self.directory).starts_with(root) => Err(self.leads_out(root)),
            _ => Ok(()),
        }
    }

    fn leads_out(self, root: &Path) -> io::Error {
        io::Error::other(format!("it leads out of `{}` through a link", root.display()))
    }

    /// Gives what was reserved the first of these names that it can have, once it is on the disk.
    ///
    /// # Errors
    /// What the system says, or that it can have none of them.
    pub(super) fn put(
        self,
        part: &Path,
        names: impl IntoIterator<Item = String>,
        existing: Existing,
    ) -> io::Result<PathBuf> {
        self.stays()?;
        let mut paths = names.into_iter().map(|name| self.path(&name));
        let named = match existing {
            Existing::Kept => fs::publish_first(part, paths)?,
            Existing::Replaced => {
                paths.next().map(|path| fs::replace(part, &path).map(|()| path)).transpose()?
            }
        };
        named.ok_or_else(|| io::Error::other("there is no name left"))
    }
}
