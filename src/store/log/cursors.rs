//! How far a fold has come in every segment: what a checkpoint keeps beside its sums.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::lines::{Reader, blocks_from};
use super::segments::{Unreadable, name_of, open, segments};

/// Offsets behind the last line that was folded, by the segment's file name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursors(BTreeMap<String, u64>);

impl Cursors {
    /// Has what was appended since read in blocks of whole lines, oldest first, and answers with the
    /// bytes; `None`, and nothing read, when a segment is gone, is shorter than it was, or has no
    /// whole line that ends where the fold stopped: then the sums are those of another log and have to
    /// be made anew. Where `unread` is given, segments that cannot be opened are left out and told there.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub(super) fn catch_up(
        &mut self,
        directory: &Path,
        reader: &mut impl Reader,
        mut unread: Option<&mut Unreadable>,
    ) -> io::Result<Option<u64>> {
        let (mut behind, mut known) = (Vec::new(), 0);
        for path in segments(directory)? {
            let name = name_of(&path);
            let cursor = self.0.get(&name).copied();
            let (offset, length) = (cursor.unwrap_or_default(), std::fs::metadata(&path)?.len());
            let is_behind = length != offset;
            // Where all is to be told, also what was read before has to be there still.
            let file = (is_behind || unread.is_some()).then(|| open(&path)).transpose();
            let file = match (file, &mut unread) {
                (Err(error), Some(unread)) => {
                    unread.push((path, error));
                    continue;
                }
                (file, _) => file?,
            };
            known += usize::from(cursor.is_some());
            let Some(mut file) = file.filter(|_| is_behind) else { continue };
            if length < offset || !is_line_end(&mut file, offset)? {
                return Ok(None);
            }
            behind.push((file, name, offset));
        }
        if known < self.0.len() {
            return Ok(None);
        }
        let mut fresh = 0;
        for (file, name, offset) in behind {
            let end = blocks_from(file, offset, reader)?;
            fresh += end - offset;
            self.0.insert(name, end);
        }
        Ok(Some(fresh))
    }
}

/// Whether a whole line ends right before this offset of a longer segment.
fn is_line_end(file: &mut File, offset: u64) -> io::Result<bool> {
    if offset == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(offset - 1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
