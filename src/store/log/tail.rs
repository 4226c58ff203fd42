//! The end of a segment: lines are appended to it whole, and what a crash has left there is put in
//! order first. Who does so has the lock.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use memchr::memrchr;

use super::damage::parts_of;
use super::segments::{current_segment, segments};
use super::{Entry, EntryKind, checksum};
use crate::fs;

/// No line is so long.
const LONGEST_TAIL: u64 = 64 * 1024 * 1024;

/// The line of an entry, its newline included.
pub(super) fn line_of(entry: &Entry) -> serde_json::Result<Vec<u8>> {
    let mut line = checksum::line_of(entry)?;
    line.push(b'\n');
    Ok(line)
}

/// Appends whole lines in one write.
pub(super) fn append(segment: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = fs::open_append(segment)?;
    let end = file.seek(SeekFrom::End(0))?;
    // A part of it may be there, such as a whole intent: but who waits is told that nothing is, and
    // then nothing is sent.
    fs::write_all(&mut file, bytes).inspect_err(|_| drop(fs::shorten(&file, end)))?;
    Ok(file)
}

/// Ends a tail that has no newline, as a crash leaves it. What of it cannot be read was never waited
/// for, and is dismissed at once, for later nobody can tell it from damage. The caller has the lock.
pub(super) fn end_tail(segment: &Path) -> io::Result<()> {
    let tail = match File::open(segment) {
        Ok(mut file) => tail_of(&mut file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if tail.is_empty() {
        return Ok(());
    }
    let mut torn = Entry::of_run(EntryKind::Dismissed, "");
    "torn".clone_into(&mut torn.code);
    parts_of(&tail, &mut |part| torn.lines.extend(part.damaged.map(|damaged| damaged.id)));
    let mut bytes = b"\n".to_vec();
    if !torn.lines.is_empty() {
        bytes.extend(line_of(&torn)?);
    }
    append(segment, &bytes).map(drop)
}

/// Brings the log into order before it is looked at: ends a tail that a crash has left.
///
/// # Errors
/// It cannot be written.
pub(super) fn settle(directory: &Path) -> io::Result<()> {
    if segments(directory)?.is_empty() {
        return Ok(());
    }
    let _lock = fs::lock_file(&directory.join("lock"))?;
    end_tail(&current_segment(directory)?)
}

/// What stands behind the last newline of a segment; of a huge tail only the end.
///
/// # Errors
/// It cannot be read.
fn tail_of(file: &mut File) -> io::Result<Vec<u8>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut size = 4096;
    loop {
        let start = end.saturating_sub(size);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        Read::by_ref(file).take(end - start).read_to_end(&mut bytes)?;
        if let Some(last) = memrchr(b'\n', &bytes) {
            return Ok(bytes.split_off(last + 1));
        }
        if start == 0 || size >= LONGEST_TAIL {
            return Ok(bytes);
        }
        size *= 8;
    }
}
