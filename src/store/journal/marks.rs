//! How far a fold has come in every segment: what a checkpoint keeps beside its sums.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::lines::blocks_from;
use super::read::{name_of, segments};

/// Offsets behind the last line that was folded, by the segment's file name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(BTreeMap<String, u64>);

impl Marks {
    /// Is every segment still there, as long as it was or with a whole line that ends where the fold
    /// stopped? Else the sums are those of another log and have to be made anew.
    pub fn fit(&self, directory: &Path) -> bool {
        self.0.iter().all(|(name, offset)| is_line_end(&directory.join(name), *offset))
    }

    /// Hands out what was appended since in blocks of whole lines, oldest first, and answers with the
    /// bytes; `None`, and nothing handed out, when a segment is shorter than it was.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn catch_up(
        &mut self,
        directory: &Path,
        each: &mut impl FnMut(&[u8]),
    ) -> io::Result<Option<u64>> {
        let mut behind = Vec::new();
        for path in segments(directory)? {
            let name = name_of(&path);
            let offset = self.0.get(&name).copied().unwrap_or_default();
            let length = std::fs::metadata(&path)?.len();
            if length < offset {
                return Ok(None);
            }
            if length > offset {
                behind.push((path, name, offset));
            }
        }
        let mut fresh = 0;
        for (path, name, offset) in behind {
            let end = blocks_from(&path, offset, each)?;
            fresh += end - offset;
            self.0.insert(name, end);
        }
        Ok(Some(fresh))
    }
}

/// Does a whole line end right before this offset?
fn is_line_end(path: &Path, offset: u64) -> bool {
    let Ok(length) = std::fs::metadata(path).map(|meta| meta.len()) else { return false };
    // Nothing was appended, or there was nothing: it ends there still.
    if length == offset || offset == 0 {
        return true;
    }
    let mut last = [0];
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(offset - 1))?;
        file.read_exact(&mut last)
    });
    read.is_ok() && last == *b"\n"
}
