//! The lines of a segment, forward from an offset or backward from its end, in blocks.
//!
//! Only whole lines count: what stands behind the last newline is unfinished and left alone.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc;

use memchr::{memchr_iter, memrchr};

/// Bytes read at once; a longer line makes its block grow.
const BLOCK: usize = 512 * 1024;
/// Where so many bytes are left, a second thread reads the next block while one is looked at.
const AHEAD: u64 = if cfg!(test) { 1024 * 1024 } else { 16 * 1024 * 1024 };

/// Hands out the lines of a block, without their newlines and without empty ones.
pub fn lines_of<'b>(block: &'b [u8], mut each: impl FnMut(&'b [u8])) {
    let mut start = 0;
    for end in memchr_iter(b'\n', block) {
        if end > start {
            each(&block[start..end]);
        }
        start = end + 1;
    }
}

/// Hands out every whole line from an offset on; answers with the offset behind the last one.
///
/// # Errors
/// The segment cannot be read.
pub fn lines_from(path: &Path, offset: u64, each: &mut impl FnMut(&[u8])) -> io::Result<u64> {
    blocks_from(path, offset, &mut |block| lines_of(block, &mut *each))
}

/// Hands out the segment from an offset on in blocks of whole lines; answers with the offset behind
/// the last one.
///
/// # Errors
/// The segment cannot be read.
pub fn blocks_from(path: &Path, offset: u64, each: &mut impl FnMut(&[u8])) -> io::Result<u64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let left = file.metadata()?.len().saturating_sub(offset);
    let size = BLOCK.min(usize::try_from(left).unwrap_or(BLOCK) + 1);
    let mut blocks = Blocks { file, rest: Vec::new() };
    let mut behind = offset;
    let has_cores = || std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    if left < AHEAD || !has_cores() {
        let mut block = vec![0; size];
        loop {
            let whole = blocks.next(&mut block)?;
            if whole == 0 {
                return Ok(behind);
            }
            each(&block[..whole]);
            behind += whole as u64;
        }
    }
    std::thread::scope(|scope| {
        let (full, filled) = mpsc::sync_channel::<(Vec<u8>, usize)>(1);
        let (give, empty) = mpsc::channel();
        for _ in 0..3 {
            let _ = give.send(vec![0; size]);
        }
        let reader = scope.spawn(move || {
            while let Ok(mut block) = empty.recv() {
                let whole = blocks.next(&mut block)?;
                if whole == 0 || full.send((block, whole)).is_err() {
                    break;
                }
            }
            io::Result::Ok(())
        });
        for (block, whole) in filled {
            each(&block[..whole]);
            behind += whole as u64;
            let _ = give.send(block);
        }
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.map(|()| behind)
    })
}

/// A segment in blocks of whole lines.
struct Blocks {
    file: File,
    /// The beginning of the next line, where it was read with the last block.
    rest: Vec<u8>,
}

impl Blocks {
    /// Fills a block, which grows for a long line; answers how many bytes of whole lines it holds,
    /// none at the end.
    fn next(&mut self, block: &mut Vec<u8>) -> io::Result<usize> {
        let mut held = self.rest.len();
        block.resize(block.len().max(held + 1), 0);
        block[..held].copy_from_slice(&self.rest);
        loop {
            if held == block.len() {
                block.resize(block.len() * 2, 0);
            }
            let read = match self.file.read(&mut block[held..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if read == 0 {
                return Ok(0);
            }
            let filled = held + read;
            if let Some(last) = memrchr(b'\n', &block[held..filled]) {
                let whole = held + last + 1;
                self.rest.clear();
                self.rest.extend_from_slice(&block[whole..filled]);
                return Ok(whole);
            }
            held = filled;
        }
    }
}

/// Hands out every whole line, the last one first, until `each` has seen enough.
///
/// # Errors
/// The segment cannot be read.
pub fn lines_backward(
    path: &Path,
    each: &mut impl FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let mut file = File::open(path)?;
    let mut start = file.seek(SeekFrom::End(0))?;
    // What is behind the last newline is no whole line.
    let mut is_whole = false;
    let mut rest = Vec::new();
    while start > 0 {
        let size = (BLOCK / 2).min(usize::try_from(start).unwrap_or(BLOCK));
        start -= size as u64;
        let mut block = vec![0; size];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut block)?;
        block.append(&mut rest);
        let mut end = block.len();
        while let Some(at) = memrchr(b'\n', &block[..end]) {
            let line = &block[at + 1..end];
            if is_whole && !line.is_empty() && each(line).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            (is_whole, end) = (true, at);
        }
        block.truncate(end);
        rest = block;
    }
    Ok(if is_whole && !rest.is_empty() { each(&rest) } else { ControlFlow::Continue(()) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fs;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn both_ways_give_the_same_lines(
            lengths in prop::collection::vec(prop_oneof![0usize..9, 300_000usize..900_000], 0..8),
            torn in 0usize..3,
        ) {
            let home = tempfile::tempdir().unwrap();
            let path = home.path().join("2026-11.jsonl");
            let letter = |n: usize| b'a' + (n % 26) as u8;
            let mut bytes = Vec::new();
            for (n, length) in lengths.iter().enumerate() {
                bytes.extend(std::iter::repeat_n(letter(n), *length));
                bytes.push(b'\n');
            }
            let whole = bytes.len() as u64;
            bytes.extend(std::iter::repeat_n(b'!', torn));
            fs::write_atomic(&path, &bytes, fs::Mode::Normal).unwrap();
            let expected: Vec<Vec<u8>> = bytes[..whole as usize]
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(<[u8]>::to_vec)
                .collect();
            let mut forward = Vec::new();
            let behind = lines_from(&path, 0, &mut |line| forward.push(line.to_vec())).unwrap();
            prop_assert_eq!((&forward, behind), (&expected, whole));
            let mut backward = Vec::new();
            let _ = lines_backward(&path, &mut |line| {
                backward.push(line.to_vec());
                ControlFlow::Continue(())
            })
            .unwrap();
            backward.reverse();
            prop_assert_eq!(&backward, &expected);
        }
    }

    #[test]
    fn backward_it_ends_when_enough_was_seen() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("2026-11.jsonl");
        fs::write_atomic(&path, b"one\ntwo\nthree\nfo", fs::Mode::Normal).unwrap();
        let mut seen = Vec::new();
        let ended = lines_backward(&path, &mut |line| {
            seen.push(String::from_utf8_lossy(line).into_owned());
            if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(ended.unwrap().is_break());
        assert_eq!(seen, ["three", "two"]);
    }
}
