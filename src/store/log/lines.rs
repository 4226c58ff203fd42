//! The lines of a segment, forward from an offset or backward from its end, in blocks.
//!
//! Only whole lines count: what stands behind the last newline is unfinished and left alone.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::pool::lock;
use memchr::{memchr_iter, memrchr};

/// Bytes read at once; a longer line makes its block grow.
const BLOCK: usize = 512 * 1024;
/// No entry is so long: of a longer line only a part is read.
const LONGEST: usize = if cfg!(test) { 2 * 1024 * 1024 } else { 64 * 1024 * 1024 };
/// Where so many bytes are left, several threads read blocks of them.
const MANY: u64 = if cfg!(test) { 1024 * 1024 } else { 16 * 1024 * 1024 };
/// So many at most: blocks are taken one after the other, which bounds what more can do.
const THREADS: usize = 4;

/// What looks at a segment's blocks, in two steps: a block may be read beside others, and is taken in
/// its order.
pub(crate) trait Reader: Send {
    /// What a block is read into.
    type Read<'b>;

    /// Reads a block of whole lines.
    fn read(block: &[u8]) -> Self::Read<'_>;

    /// Takes what was read of the next block.
    fn take(&mut self, read: Self::Read<'_>);
}

/// Takes blocks as they are.
impl<F: FnMut(&[u8]) + Send> Reader for F {
    type Read<'b> = &'b [u8];

    fn read(block: &[u8]) -> &[u8] {
        block
    }

    fn take(&mut self, block: &[u8]) {
        self(block);
    }
}

/// Hands out the lines of a block, without their newlines and without empty ones.
pub(crate) fn lines_of<'b>(block: &'b [u8], mut each: impl FnMut(&'b [u8])) {
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
pub(crate) fn lines_from(
    segment: File,
    offset: u64,
    each: &mut (impl FnMut(&[u8]) + Send),
) -> io::Result<u64> {
    blocks_from(segment, offset, &mut |block: &[u8]| lines_of(block, &mut *each))
}

/// Has the segment read from an offset on in blocks of whole lines; answers with the offset behind the
/// last one.
///
/// # Errors
/// The segment cannot be read.
pub(crate) fn blocks_from<R: Reader>(
    mut file: File,
    offset: u64,
    reader: &mut R,
) -> io::Result<u64> {
    file.seek(SeekFrom::Start(offset))?;
    let left = file.metadata()?.len().saturating_sub(offset);
    let size = BLOCK.min(usize::try_from(left).unwrap_or(BLOCK) + 1);
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let threads = if left < MANY { 1 } else { cores().min(THREADS) };
    let turns = Turns {
        blocks: Mutex::new(Some(Blocks { file, rest: Vec::new(), number: 0 })),
        next: Mutex::new(Next { number: 0, behind: offset, reader, is_broken: false }),
        taken: Condvar::new(),
    };
    thread::scope(|scope| {
        let beside: Vec<_> = (1..threads).map(|_| scope.spawn(|| turns.run(size))).collect();
        let own = turns.run(size);
        let join = |thread: thread::ScopedJoinHandle<'_, io::Result<()>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        beside.into_iter().map(join).chain([own]).collect::<io::Result<()>>()
    })?;
    Ok(turns.next.into_inner().unwrap_or_else(PoisonError::into_inner).behind)
}

/// A segment that threads read by turns: each fetches the next block, reads it beside the others, and
/// waits until those before are taken.
struct Turns<'r, R> {
    /// None after the end, or an error.
    blocks: Mutex<Option<Blocks>>,
    next: Mutex<Next<'r, R>>,
    taken: Condvar,
}

/// What is to be taken next.
struct Next<'r, R> {
    number: u64,
    /// The offset behind what was taken.
    behind: u64,
    reader: &'r mut R,
    /// A thread has panicked: its block will never be taken.
    is_broken: bool,
}

impl<'r, R: Reader> Turns<'r, R> {
    fn run(&self, size: usize) -> io::Result<()> {
        let _broken = Broken(self);
        let mut block = vec![0; size];
        while let Some((number, whole, consumed)) = self.fetch(&mut block)? {
            let read = R::read(&block[..whole]);
            let is_waiting = |next: &mut Next<R>| next.number < number && !next.is_broken;
            let next = self.taken.wait_while(self.next(), is_waiting);
            let mut next = next.unwrap_or_else(PoisonError::into_inner);
            if next.is_broken {
                break;
            }
            next.reader.take(read);
            next.behind += consumed;
            next.number += 1;
            self.taken.notify_all();
        }
        Ok(())
    }

    /// Fills a block with the next whole lines; answers with its number, how many bytes they are, and
    /// how many they are in the segment.
    fn fetch(&self, block: &mut Vec<u8>) -> io::Result<Option<(u64, usize, u64)>> {
        let mut blocks = lock(&self.blocks);
        let Some(mut source) = blocks.take() else { return Ok(None) };
        let (whole, consumed) = source.next(block)?;
        let number = source.number;
        source.number += 1;
        if whole > 0 {
            *blocks = Some(source);
        }
        Ok((whole > 0).then_some((number, whole, consumed)))
    }

    fn next(&self) -> MutexGuard<'_, Next<'r, R>> {
        lock(&self.next)
    }
}

/// Tells the others when this thread panics, so that they do not wait for it.
struct Broken<'t, 'r, R: Reader>(&'t Turns<'r, R>);

impl<R: Reader> Drop for Broken<'_, '_, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.next().is_broken = true;
            self.0.taken.notify_all();
        }
    }
}

/// A segment in blocks of whole lines.
struct Blocks {
    file: File,
    /// The beginning of the next line, where it was read with the last block.
    rest: Vec<u8>,
    /// Blocks read before.
    number: u64,
}

impl Blocks {
    /// Fills a block, which grows for a long line; answers how many bytes of whole lines it holds,
    /// none at the end, and how many they are in the segment.
    fn next(&mut self, block: &mut Vec<u8>) -> io::Result<(usize, u64)> {
        let (mut held, mut dropped) = (self.rest.len(), 0);
        block.resize(block.len().max(held + 1), 0);
        block[..held].copy_from_slice(&self.rest);
        loop {
            if held >= LONGEST {
                dropped += (held - LONGEST / 2) as u64;
                held = LONGEST / 2;
            } else if held == block.len() {
                block.resize(block.len() * 2, 0);
            }
            let read = match self.file.read(&mut block[held..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if read == 0 {
                return Ok((0, 0));
            }
            let filled = held + read;
            if let Some(last) = memrchr(b'\n', &block[held..filled]) {
                let whole = held + last + 1;
                self.rest.clear();
                self.rest.extend_from_slice(&block[whole..filled]);
                return Ok((whole, whole as u64 + dropped));
            }
            held = filled;
        }
    }
}

/// Hands out every whole line, the last one first, until `each` has seen enough.
///
/// # Errors
/// The segment cannot be read.
pub(crate) fn lines_backward(
    mut file: File,
    each: &mut impl FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
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
        block.truncate(if end < LONGEST { end } else { LONGEST / 2 });
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
            let behind = lines_from(File::open(&path).unwrap(), 0, &mut |line| forward.push(line.to_vec())).unwrap();
            prop_assert_eq!((&forward, behind), (&expected, whole));
            let mut backward = Vec::new();
            let _ = lines_backward(File::open(&path).unwrap(), &mut |line| {
                backward.push(line.to_vec());
                ControlFlow::Continue(())
            })
            .unwrap();
            backward.reverse();
            prop_assert_eq!(&backward, &expected);
        }
    }

    #[test]
    fn of_a_huge_line_a_part_is_read_and_the_others_whole() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("2026-11.jsonl");
        let huge = vec![b'x'; 4 * LONGEST + 17];
        fs::write_atomic(&path, &[b"one\n", &huge[..], b"\ntwo\n"].concat(), fs::Mode::Normal)
            .unwrap();
        let mut lengths = Vec::new();
        let behind =
            lines_from(File::open(&path).unwrap(), 0, &mut |line| lengths.push(line.len()))
                .unwrap();
        assert_eq!(behind, std::fs::metadata(&path).unwrap().len());
        assert!(lengths.len() == 3 && lengths[1] <= LONGEST + BLOCK, "{lengths:?}");
        let mut lengths = Vec::new();
        let _ = lines_backward(File::open(&path).unwrap(), &mut |line| {
            lengths.push(line.len());
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(lengths.len() == 3 && lengths[1] <= LONGEST + BLOCK, "{lengths:?}");
    }

    #[test]
    fn backward_it_ends_when_enough_was_seen() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("2026-11.jsonl");
        fs::write_atomic(&path, b"one\ntwo\nthree\nfo", fs::Mode::Normal).unwrap();
        let mut seen = Vec::new();
        let ended = lines_backward(File::open(&path).unwrap(), &mut |line| {
            seen.push(String::from_utf8_lossy(line).into_owned());
            if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(ended.unwrap().is_break());
        assert_eq!(seen, ["three", "two"]);
    }

    /// Counts blocks; one of them is too much for it.
    struct Weak {
        taken: usize,
        in_read: bool,
    }

    impl Reader for Weak {
        type Read<'b> = &'b [u8];

        fn read(block: &[u8]) -> &[u8] {
            assert!(!block.contains(&b'?'), "a block that cannot be read");
            block
        }

        fn take(&mut self, _: &[u8]) {
            self.taken += 1;
            assert!(self.in_read || self.taken < 3, "a block that cannot be taken");
        }
    }

    #[test]
    fn a_panic_over_one_block_is_no_wait_for_ever() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("2026-11.jsonl");
        for in_read in [false, true] {
            let mut bytes = [b"a".repeat(99), b"\n".to_vec()].concat().repeat(50_000);
            if in_read {
                bytes[3_000_000] = b'?';
            }
            fs::write_atomic(&path, &bytes, fs::Mode::Normal).unwrap();
            let read = std::panic::catch_unwind(|| {
                blocks_from(File::open(&path).unwrap(), 0, &mut Weak { taken: 0, in_read })
            });
            assert!(read.is_err());
        }
    }
}
