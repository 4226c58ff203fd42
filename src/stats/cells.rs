//! Cells by key. Those of a checkpoint stay there as they were written until one is changed: few
//! questions are about all of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::cell::Cell;

/// A cell of the checkpoint: its key, and how far it reaches behind the one before.
#[derive(Debug, Clone)]
struct WrittenCell {
    key: u128,
    bytes: Range<u32>,
}

/// The cells of a log. A key is in one of the two parts at most.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cells {
    /// New ones, and those that were changed.
    read: BTreeMap<u128, Cell>,
    /// Those of the checkpoint, by key.
    written: Vec<WrittenCell>,
    /// The checkpoint.
    checkpoint: Vec<u8>,
}

/// A cell that may not have been read yet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StoredCell<'a> {
    /// As the checkpoint has it.
    Written(&'a [u8]),
    /// As it is.
    Read(&'a Cell),
}

impl<'a> StoredCell<'a> {
    /// The cell itself.
    pub(crate) fn read(self) -> Cow<'a, Cell> {
        match self {
            // What is damaged is as good as nothing; the checkpoint is written whole or not at all.
            StoredCell::Written(bytes) => {
                Cow::Owned(postcard::from_bytes(bytes).unwrap_or_default())
            }
            StoredCell::Read(cell) => Cow::Borrowed(cell),
        }
    }
}

impl Cells {
    /// Reads what [`Cells::write`] has appended to a checkpoint, from there to its end; none when it
    /// is not that.
    pub(crate) fn of(checkpoint: Vec<u8>, start: usize) -> Option<Cells> {
        let (lengths, cells) =
            postcard::take_from_bytes::<Vec<(u128, u32)>>(checkpoint.get(start..)?).ok()?;
        let mut end = u32::try_from(checkpoint.len() - cells.len()).ok()?;
        let mut written = Vec::with_capacity(lengths.len());
        for (key, length) in lengths {
            let start = end;
            end = end.checked_add(length)?;
            written.push(WrittenCell { key, bytes: start..end });
        }
        let is_sound = written.is_sorted_by(|one, next| one.key < next.key)
            && usize::try_from(end) == Ok(checkpoint.len());
        is_sound.then_some(Cells { read: BTreeMap::new(), written, checkpoint })
    }

    /// Appends them to a checkpoint.
    ///
    /// # Errors
    /// None that is known.
    pub(crate) fn write(&self, checkpoint: Vec<u8>) -> postcard::Result<Vec<u8>> {
        let (mut lengths, mut bytes) = (Vec::with_capacity(self.len()), Vec::new());
        for (key, cell) in self.newest_first().collect::<Vec<_>>().into_iter().rev() {
            let before = bytes.len();
            match cell {
                StoredCell::Written(written) => bytes.extend_from_slice(written),
                StoredCell::Read(cell) => bytes = postcard::to_extend(cell, bytes)?,
            }
            lengths.push((key, (bytes.len() - before) as u32));
        }
        let mut checkpoint = postcard::to_extend(&lengths, checkpoint)?;
        checkpoint.append(&mut bytes);
        Ok(checkpoint)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.read.len() + self.written.len()
    }

    /// Their keys, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u128> {
        self.read.keys().copied().chain(self.written.iter().map(|cell| cell.key))
    }

    /// All of them, the highest key first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u128, StoredCell<'_>)> {
        let read = self.read.iter().rev().map(|(key, cell)| (*key, StoredCell::Read(cell)));
        let written = self.written.iter().rev().map(|cell| (cell.key, self.stored(cell)));
        let (mut read, mut written) = (read.peekable(), written.peekable());
        std::iter::from_fn(move || {
            let key = |next: Option<&(u128, StoredCell)>| next.map(|(key, _)| *key);
            if key(read.peek()) > key(written.peek()) { read.next() } else { written.next() }
        })
    }

    /// Whether there is one of this key.
    pub(crate) fn has(&self, key: u128) -> bool {
        self.read.contains_key(&key) || self.find(key).is_ok()
    }

    /// The cell of a key, to be changed; an empty one where there is none.
    pub(crate) fn change(&mut self, key: u128) -> &mut Cell {
        if !self.written.is_empty()
            && !self.read.contains_key(&key)
            && let Some(cell) = self.take_written(key)
        {
            self.read.insert(key, cell);
        }
        self.read.entry(key).or_default()
    }

    /// Takes a cell out.
    pub(crate) fn remove(&mut self, key: u128) -> Option<Cell> {
        self.read.remove(&key).or_else(|| self.take_written(key))
    }

    fn take_written(&mut self, key: u128) -> Option<Cell> {
        let cell = self.written.remove(self.find(key).ok()?);
        Some(self.stored(&cell).read().into_owned())
    }

    fn find(&self, key: u128) -> Result<usize, usize> {
        self.written.binary_search_by_key(&key, |cell| cell.key)
    }

    fn stored(&self, cell: &WrittenCell) -> StoredCell<'_> {
        StoredCell::Written(&self.checkpoint[cell.bytes.start as usize..cell.bytes.end as usize])
    }
}

impl PartialEq for Cells {
    fn eq(&self, other: &Cells) -> bool {
        let read = |(key, cell): (u128, StoredCell<'_>)| (key, cell.read().into_owned());
        self.newest_first().map(read).eq(other.newest_first().map(read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(images: u64) -> Cell {
        let mut cell = Cell::default();
        cell.counts.images = images;
        cell
    }

    fn found(cells: &Cells) -> Vec<(u128, u64)> {
        cells.newest_first().map(|(key, cell)| (key, cell.read().counts.images)).collect()
    }

    #[test]
    fn those_of_a_checkpoint_and_new_ones_are_one_row() {
        let mut cells = Cells::default();
        [30, 10, 20].into_iter().for_each(|key| *cells.change(key.into()) = cell(key));
        let written = cells.write(b"head".to_vec()).unwrap();
        let mut cells = Cells::of(written, 4).unwrap();
        assert_eq!(found(&cells), [(30, 30), (20, 20), (10, 10)]);
        cells.change(20).counts.images += 1;
        *cells.change(25) = cell(25);
        assert_eq!(cells.remove(30), Some(cell(30)));
        assert_eq!(cells.remove(30), None);
        assert_eq!(found(&cells), [(25, 25), (20, 21), (10, 10)]);
        assert!(cells.has(10) && cells.has(25) && !cells.has(30) && cells.len() == 3);
        let again = Cells::of(cells.write(Vec::new()).unwrap(), 0).unwrap();
        assert!(again == cells && found(&again) == found(&cells));
    }

    #[test]
    fn what_is_no_row_of_cells_is_none() {
        let mut cells = Cells::default();
        [1, 2].into_iter().for_each(|key| *cells.change(key.into()) = cell(key));
        let written = cells.write(Vec::new()).unwrap();
        for end in 0..written.len() {
            assert!(Cells::of(written[..end].to_vec(), 0).is_none(), "{end} bytes");
        }
        let mut longer = written.clone();
        longer.push(0);
        assert!(Cells::of(longer, 0).is_none());
        let mut twisted = written;
        twisted.swap(1, 3);
        assert!(Cells::of(twisted, 0).is_none(), "keys out of order");
    }
}
