//! How far a fold has come in every segment: what a checkpoint keeps beside its sums.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lines::{Reader, blocks_from};
use super::segments::{name_of, segments};
use crate::fs;

/// Offsets behind the last line that was folded, by the segment's file name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(BTreeMap<String, u64>);

impl Marks {
    /// Has what was appended since read in blocks of whole lines, oldest first, and answers with the
    /// bytes; `None`, and nothing read, when a segment is gone, is shorter than it was, or has no
    /// whole line that ends where the fold stopped: then the sums are those of another log and have to
    /// be made anew.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn catch_up(
        &mut self,
        directory: &Path,
        reader: &mut impl Reader,
    ) -> io::Result<Option<u64>> {
        self.catch_up_on(segments(directory)?, reader)
    }

    /// The same of these segments alone.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(super) fn catch_up_on(
        &mut self,
        segments: Vec<PathBuf>,
        reader: &mut impl Reader,
    ) -> io::Result<Option<u64>> {
        let (mut behind, mut known) = (Vec::new(), 0);
        for path in segments {
            let name = name_of(&path);
            let mark = self.0.get(&name).copied();
            known += usize::from(mark.is_some());
            let (offset, length) = (mark.unwrap_or_default(), std::fs::metadata(&path)?.len());
            if length == offset {
                continue;
            }
            if length < offset || !is_line_end(&path, offset)? {
                return Ok(None);
            }
            behind.push((path, name, offset));
        }
        if known < self.0.len() {
            return Ok(None);
        }
        let mut fresh = 0;
        for (path, name, offset) in behind {
            let end = blocks_from(&path, offset, reader)?;
            fresh += end - offset;
            self.0.insert(name, end);
        }
        Ok(Some(fresh))
    }
}

/// Does a whole line end right before this offset of a longer segment?
fn is_line_end(path: &Path, offset: u64) -> io::Result<bool> {
    if offset == 0 {
        return Ok(true);
    }
    let (mut file, mut last) = (fs::with_handle(|| File::open(path))?, [0]);
    file.seek(SeekFrom::Start(offset - 1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
