//! A reply's body: in memory while the process-wide budget lasts, else in a raw file.
//!
//! A reply waits a moment for memory that others are about to give back, for as long as no provider
//! notices; then it goes to the disk. Either way the raw bytes stay until the images verify. The raw
//! file has no name, so that nothing is left of it when the process is killed.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::outline;
use crate::fs;
use crate::json::{Framer, StreamEvent, is_stream, joined};

/// How long a reply waits for memory. Writing it to the disk and reading it back costs as much as
/// everything else that is done with it; no provider gives up so soon.
const PATIENCE: Duration = Duration::from_secs(2);
/// Replies up to this length do not wait: nothing is gained by it.
const SHORT: usize = 64 * 1024;
/// Bytes that go on in memory beyond the budget where the disk refuses them.
const BESIDE: usize = 64 << 20;
/// Bytes of one answer that are ever in memory at once, where it cannot be read in pieces.
const WHOLE: u64 = 256 << 20;
/// Bytes by which a stream of events is known.
const HEAD: u64 = 256;
/// Events of one stream that are read: some show a picture, and most only that somebody is there.
const EVENTS: usize = 10_000;

/// Bytes of memory that replies of this process may hold together.
#[derive(Debug, Clone)]
pub struct Budget {
    left: Arc<Semaphore>,
    whole: usize,
    /// Where bodies go that do not fit.
    spill: PathBuf,
}

impl Budget {
    /// A budget of so many bytes; what does not fit goes to files in `spill`.
    pub fn new(bytes: usize, spill: PathBuf) -> Self {
        let whole = bytes.min(u32::MAX as usize).min(Semaphore::MAX_PERMITS);
        Budget { left: Arc::new(Semaphore::new(whole)), whole, spill }
    }

    fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.left).try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }

    /// Waits a moment for memory.
    async fn wait(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok().filter(|_| bytes <= self.whole)?;
        let left = Arc::clone(&self.left).acquire_many_owned(bytes);
        tokio::time::timeout(PATIENCE, left).await.ok()?.ok()
    }
}

/// Bytes that came, wherever they are.
#[derive(Debug)]
pub struct Body {
    storage: Storage,
    length: u64,
    /// Memory of the budget.
    held: Option<OwnedSemaphorePermit>,
    budget: Budget,
}

#[derive(Debug)]
enum Storage {
    Memory(Vec<u8>),
    Raw(Raw),
}

/// A raw file, and what the disk took no more.
#[derive(Debug)]
struct Raw {
    file: File,
    /// Bytes that stand in the file; what is behind them is a torn piece.
    written: u64,
    tail: Vec<u8>,
}

impl Raw {
    fn of(file: File, written: u64) -> Raw {
        Raw { file, written, tail: Vec::new() }
    }

    fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        if self.tail.is_empty() {
            // Whoever has read a part of it meanwhile has left the file at another place.
            let end = self.file.seek(SeekFrom::Start(self.written));
            let written = end.and_then(|_| fs::write_all(&mut self.file, piece));
            if written.is_ok() {
                self.written += piece.len() as u64;
                return Ok(());
            }
        }
        beside(&mut self.tail, piece)
    }

    /// A part of it, to be read once.
    fn read(&self, range: Range<u64>) -> io::Result<Take<impl Read + '_>> {
        let mut from = &self.file;
        from.seek(SeekFrom::Start(range.start.min(self.written)))?;
        let inside = from.take(self.written.saturating_sub(range.start));
        let passed = range.start.saturating_sub(self.written) as usize;
        let behind = self.tail.get(passed..).unwrap_or_default();
        Ok(inside.chain(behind).take(range.end.saturating_sub(range.start)))
    }
}

/// Adds to what is in memory beyond the budget.
fn beside(bytes: &mut Vec<u8>, piece: &[u8]) -> io::Result<()> {
    if bytes.len() + piece.len() > BESIDE {
        return Err(io::ErrorKind::StorageFull.into());
    }
    bytes.extend_from_slice(piece);
    Ok(())
}

impl Body {
    /// An empty body.
    pub fn new(budget: &Budget) -> Body {
        Body { storage: Storage::Memory(Vec::new()), length: 0, held: None, budget: budget.clone() }
    }

    /// An empty body that is to become so long, if that is known.
    pub async fn expecting(budget: &Budget, length: Option<u64>) -> Body {
        let mut body = Body::new(budget);
        let Some(length) = length.map(|length| length as usize).filter(|length| *length > SHORT)
        else {
            return body;
        };
        body.held = budget.wait(length).await;
        if body.held.is_some() {
            body.storage = Storage::Memory(Vec::with_capacity(length));
        } else if let Ok(file) = fs::spill_file(&budget.spill) {
            body.storage = Storage::Raw(Raw::of(file, 0));
        }
        body
    }

    /// A body from bytes: for scripts, and for replies that were kept.
    pub fn of(bytes: Vec<u8>) -> Body {
        let length = bytes.len() as u64;
        let budget = Budget::new(0, PathBuf::new());
        Body { storage: Storage::Memory(bytes), length, held: None, budget }
    }

    /// An answer that was kept in a file.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn kept(path: &Path) -> io::Result<Body> {
        let file = fs::with_handle(|| File::open(path))?;
        let length = file.metadata()?.len();
        let budget = Budget::new(0, PathBuf::new());
        Ok(Body { storage: Storage::Raw(Raw::of(file, length)), length, held: None, budget })
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether nothing has come.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Adds a piece. What is being paid for is never thrown away: where the disk refuses, it goes
    /// on in memory beyond the budget.
    ///
    /// # Errors
    /// Neither takes it; what came before stays.
    pub fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        let length = self.length + piece.len() as u64;
        self.make_room(length);
        let held = self.held();
        match &mut self.storage {
            Storage::Raw(raw) => raw.push(piece)?,
            Storage::Memory(bytes) if held >= length => bytes.extend_from_slice(piece),
            Storage::Memory(bytes) => beside(bytes, piece)?,
        }
        self.length = length;
        Ok(())
    }

    /// Bytes of the budget that it holds.
    fn held(&self) -> u64 {
        self.held.as_ref().map_or(0, |held| held.num_permits() as u64)
    }

    /// Looks for a place for so many bytes: in the budget, or else on the disk.
    fn make_room(&mut self, length: u64) {
        let more = length.saturating_sub(self.held()) as usize;
        let Storage::Memory(bytes) = &mut self.storage else { return };
        if more == 0 {
            return;
        }
        match (self.budget.take(more), &mut self.held) {
            (Some(more), Some(held)) => held.merge(more),
            (Some(more), none) => *none = Some(more),
            (None, _) => {
                if let Ok(file) = spill(&self.budget.spill, bytes) {
                    self.held = None;
                    self.storage = Storage::Raw(Raw::of(file, self.length));
                }
            }
        }
    }

    /// What a dialect reads: the bytes, or the outline of many, in which long strings are only marked.
    /// Where they stand, [`Body::position`] tells.
    ///
    /// # Errors
    /// The raw file cannot be read, or it is too large to be read in memory (`FileTooLarge`).
    pub fn outline(&self) -> io::Result<Cow<'_, [u8]>> {
        self.outline_of(0..self.length)
    }

    fn outline_of(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        let start = range.start;
        let outline = match &self.storage {
            Storage::Memory(bytes) => match part(bytes, &range)? {
                part if part.len() <= outline::LONG => None,
                part => outline::outline(part, start)?,
            },
            Storage::Raw(raw) => {
                let from = raw.read(range.clone())?;
                outline::outline(BufReader::with_capacity(outline::LONG, from), start)?
            }
        };
        outline.map_or_else(|| self.bytes_of(range), |outline| Ok(Cow::Owned(outline)))
    }

    /// Whether it is a stream of events, by its beginning.
    pub fn is_stream(&self) -> bool {
        let mut head = Vec::new();
        let read = self.pieces(0..self.length.min(HEAD), |piece| {
            head.extend_from_slice(piece);
            Ok(())
        });
        read.is_ok() && is_stream(&head)
    }

    /// The events of a stream in their order; of more than an honest one has, the last ones.
    ///
    /// # Errors
    /// The raw file cannot be read.
    pub fn events(&self) -> io::Result<VecDeque<StreamEvent>> {
        let mut events = VecDeque::new();
        let mut add = |event| {
            if events.len() == EVENTS {
                events.pop_front();
            }
            events.push_back(event);
        };
        let mut framer = Framer::default();
        self.pieces(0..self.length, |piece| {
            framer.push(piece, &mut add);
            Ok(())
        })?;
        framer.finish(&mut add);
        Ok(events)
    }

    /// The data of one of its events, as a dialect reads it: see [`Body::outline`].
    ///
    /// # Errors
    /// The raw file cannot be read, or the data is too large to be read in memory (`FileTooLarge`).
    pub fn event(&self, event: &StreamEvent) -> io::Result<Cow<'_, [u8]>> {
        match event.lines {
            1 => self.outline_of(event.data.clone()),
            _ => Ok(Cow::Owned(joined(&self.bytes_of(event.data.clone())?))),
        }
    }

    /// Where a text that was read from [`Body::outline`] stands in the body; `None` for one that does
    /// not stand there as it is.
    pub fn position(&self, text: &str) -> Option<Range<u64>> {
        let marked = outline::place(text);
        let range = marked.or_else(|| {
            let Storage::Memory(bytes) = &self.storage else { return None };
            let start = text.as_ptr().addr().checked_sub(bytes.as_ptr().addr())? as u64;
            Some(start..start.checked_add(text.len() as u64)?)
        })?;
        (range.start <= range.end && range.end <= self.length).then_some(range)
    }

    /// Hands on a part of the body in pieces.
    ///
    /// # Errors
    /// The raw file cannot be read, or what `each` answers.
    pub fn pieces(
        &self,
        range: Range<u64>,
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        match &self.storage {
            Storage::Memory(bytes) => each(part(bytes, &range)?),
            Storage::Raw(raw) => {
                let mut left = raw.read(range)?;
                let mut piece = vec![0; 192 * 1024];
                loop {
                    match left.read(&mut piece)? {
                        0 if left.limit() > 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                        0 => return Ok(()),
                        length => each(&piece[..length])?,
                    }
                }
            }
        }
    }

    /// A copy of the data of an event, for who reads it while the others still come.
    ///
    /// # Errors
    /// The raw file cannot be read, or no place takes so much.
    pub fn copy_of(&self, event: &StreamEvent) -> io::Result<Body> {
        let mut copy = Body::new(&self.budget);
        match event.lines {
            1 => self.pieces(event.data.clone(), |piece| copy.push(piece))?,
            _ => copy.push(&joined(&self.bytes_of(event.data.clone())?))?,
        }
        Ok(copy)
    }

    /// The bytes, read back when they are on the disk.
    ///
    /// # Errors
    /// The raw file cannot be read, or it is too large for the memory (`FileTooLarge`).
    pub fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        self.bytes_of(0..self.length)
    }

    fn bytes_of(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        let length = range.end.saturating_sub(range.start);
        match &self.storage {
            Storage::Memory(bytes) => part(bytes, &range).map(Cow::Borrowed),
            Storage::Raw(_) if length > WHOLE => Err(io::ErrorKind::FileTooLarge.into()),
            Storage::Raw(raw) => {
                let mut bytes = Vec::with_capacity(length as usize);
                raw.read(range)?.read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }
}

/// A part of what is in memory.
fn part<'b>(bytes: &'b [u8], range: &Range<u64>) -> io::Result<&'b [u8]> {
    let part = bytes.get(range.start as usize..range.end as usize);
    part.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Moves what has come so far to a raw file.
fn spill(place: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = fs::spill_file(place)?;
    fs::write_all(&mut file, bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_long_body_waits_a_moment_for_memory_and_then_goes_to_the_disk() {
        let place = tempfile::tempdir().unwrap();
        let budget = Budget::new(3 * SHORT, place.path().to_owned());
        let long = Some(2 * SHORT as u64);
        let first = Body::expecting(&budget, long).await;
        assert!(matches!(first.storage, Storage::Memory(..)));
        let (second, ()) = tokio::join!(Body::expecting(&budget, long), async {
            tokio::time::sleep(PATIENCE / 2).await;
            drop(first);
        });
        assert!(matches!(second.storage, Storage::Memory(..)), "it got what the first gave back");
        let mut third = Body::expecting(&budget, long).await;
        assert!(matches!(third.storage, Storage::Raw(..)), "nobody gave anything back");
        third.push(b"abc").unwrap();
        assert_eq!(third.bytes().unwrap().as_ref(), b"abc");
        let started = tokio::time::Instant::now();
        let fourth = Body::expecting(&budget, Some(4 * SHORT as u64)).await;
        assert!(matches!(fourth.storage, Storage::Raw(..)) && started.elapsed().is_zero());
        drop(second);
        let mut more = Body::expecting(&budget, long).await;
        more.push(&vec![0; 4 * SHORT]).unwrap();
        assert!(matches!(more.storage, Storage::Raw(..)), "it is longer than it said");
        assert_eq!(budget.left.available_permits(), 3 * SHORT);
    }

    #[test]
    fn a_long_body_in_memory_is_read_by_its_outline_and_no_text_leads_out_of_it() {
        let image = "QUJD".repeat(outline::LONG);
        let text = format!(r#"{{"b64_json":"{image}"}}"#);
        let body = Body::of(text.clone().into_bytes());
        let outline = body.outline().unwrap();
        assert!(outline.len() < 512);
        let value: serde_json::Value = serde_json::from_slice(&outline).unwrap();
        let range = body.position(value["b64_json"].as_str().unwrap()).unwrap();
        let mut found = Vec::new();
        let mut add = |piece: &[u8]| {
            found.extend_from_slice(piece);
            Ok(())
        };
        body.pieces(range, &mut add).unwrap();
        assert_eq!(found, image.as_bytes());
        for forged in ["\0 9+5+0", "\u{0}0+99999999+0", "x\u{0}1+2+0"] {
            assert_eq!(body.position(forged), None, "{forged}");
        }
        let escaped = Body::of(text.replace("\"}", "\\/\"}").into_bytes());
        assert_eq!(escaped.outline().unwrap(), escaped.bytes().unwrap());
    }

    #[test]
    fn what_a_disk_refuses_goes_on_in_memory_and_is_read_as_one() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("raw");
        fs::write_atomic(&path, b"0123456789", fs::Mode::Normal).unwrap();
        let mut body = Body::kept(&path).unwrap();
        assert_eq!(body.bytes().unwrap().as_ref(), b"0123456789");
        // Opened for reading, it refuses every piece.
        body.push(b"abc").unwrap();
        body.push(b"def").unwrap();
        let read = |range| {
            let mut read = Vec::new();
            let mut add = |piece: &[u8]| {
                read.extend_from_slice(piece);
                Ok(())
            };
            body.pieces(range, &mut add).map(|()| String::from_utf8(read).unwrap())
        };
        for (range, text) in [(0..16, "0123456789abcdef"), (8..12, "89ab"), (11..16, "bcdef")] {
            assert_eq!(read(range).unwrap(), text);
        }
        assert!(read(11..17).is_err());
        assert_eq!(body.outline().unwrap().as_ref(), b"0123456789abcdef");
        let error = body.push(&vec![0; BESIDE]).unwrap_err();
        assert_eq!((error.kind(), body.len()), (io::ErrorKind::StorageFull, 16));
    }

    #[test]
    fn bodies_beyond_the_budget_go_to_the_disk_and_come_back_whole() {
        let place = tempfile::tempdir().unwrap();
        let budget = Budget::new(10, place.path().to_owned());
        let mut first = Body::new(&budget);
        first.push(b"12345678").unwrap();
        let mut second = Body::new(&budget);
        second.push(b"abc").unwrap();
        second.push(b"def").unwrap();
        assert!(matches!(second.storage, Storage::Raw(..)));
        assert_eq!(second.bytes().unwrap().as_ref(), b"abcdef");
        second.push(b"ghi").unwrap();
        assert_eq!(second.bytes().unwrap().as_ref(), b"abcdefghi", "it goes on after it was read");
        // An event is read out of it while the rest is still coming.
        let event = StreamEvent { name: String::new(), data: 2..5, lines: 1 };
        assert_eq!(second.copy_of(&event).unwrap().bytes().unwrap().as_ref(), b"cde");
        second.push(b"jkl").unwrap();
        assert_eq!(second.bytes().unwrap().as_ref(), b"abcdefghijkl", "and it goes on at its end");
        #[cfg(unix)]
        {
            let names = std::fs::read_dir(place.path()).unwrap().count();
            assert_eq!(names, 0, "a killed process would leave a raw file");
        }
        let blocked = Budget::new(2, place.path().join("file"));
        fs::write_atomic(&place.path().join("file"), b"", fs::Mode::Normal).unwrap();
        let mut third = Body::new(&blocked);
        third.push(b"abc").unwrap();
        third.push(b"def").unwrap();
        assert_eq!(third.bytes().unwrap().as_ref(), b"abcdef", "a refusing disk loses nothing");
        drop(first);
        assert_eq!(budget.left.available_permits(), 10, "memory is given back");
    }
}
