//! Changes to a file that is not in memory: it comes in pieces, and so it goes on.

use std::collections::VecDeque;
use std::ops::Range;

/// Bytes that take the place of a part of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The part of the file, in bytes from its start; an empty one is where the bytes are put in.
    pub place: Range<usize>,
    /// What is there instead.
    pub bytes: Vec<u8>,
}

/// Edits of one file, made while its pieces go by.
#[derive(Debug)]
pub(crate) struct Editor {
    /// What is still to be done, in the order of the file.
    edits: VecDeque<Edit>,
    /// Bytes of the file that have gone by.
    at: usize,
}

impl Editor {
    /// Edits in the order of the file, none over another.
    pub(crate) fn new(edits: Vec<Edit>) -> Editor {
        Editor { edits: edits.into(), at: 0 }
    }

    /// The next piece of the file; `write` gets what takes its place.
    ///
    /// # Errors
    /// What `write` answers.
    pub(crate) fn push<E>(
        &mut self,
        mut piece: &[u8],
        mut write: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(edit) = self.edits.front_mut() {
            let before = edit.place.start.saturating_sub(self.at).min(piece.len());
            write(&piece[..before])?;
            piece = &piece[before..];
            self.at += before;
            if self.at < edit.place.start {
                return Ok(());
            }
            write(&std::mem::take(&mut edit.bytes))?;
            let instead = (edit.place.end - self.at).min(piece.len());
            piece = &piece[instead..];
            self.at += instead;
            if self.at < edit.place.end {
                return Ok(());
            }
            self.edits.pop_front();
        }
        self.at += piece.len();
        write(piece)
    }
}

/// A whole file with its edits.
pub(crate) fn edited(bytes: &[u8], edits: Vec<Edit>) -> Vec<u8> {
    let more: usize = edits.iter().map(|edit| edit.bytes.len()).sum();
    let mut out = Vec::with_capacity(bytes.len() + more);
    let add = |piece: &[u8]| {
        out.extend_from_slice(piece);
        Ok::<(), std::convert::Infallible>(())
    };
    let Ok(()) = Editor::new(edits).push(bytes, add);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_and_the_whole_become_the_same(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            steps in prop::collection::vec((0usize..9, 0usize..5, 0usize..7), 0..5),
            length in 1usize..20,
        ) {
            let (mut edits, mut expected, mut at) = (Vec::new(), Vec::new(), 0);
            for (skip, over, new) in steps {
                let place = (at + skip).min(bytes.len())..(at + skip + over).min(bytes.len());
                expected.extend_from_slice(&bytes[at..place.start]);
                expected.extend(vec![7; new]);
                at = place.end;
                edits.push((place, vec![7; new]));
            }
            expected.extend_from_slice(&bytes[at..]);
            let all = || edits.iter().cloned().map(|(place, bytes)| Edit { place, bytes });
            let mut editor = Editor::new(all().collect());
            let mut out = Vec::new();
            for piece in bytes.chunks(length) {
                editor.push(piece, |piece| { out.extend_from_slice(piece); Ok::<(), ()>(()) }).unwrap();
            }
            // What stands at the very end comes with the last piece.
            if !bytes.is_empty() {
                prop_assert_eq!(&out, &expected);
            }
            prop_assert_eq!(edited(&bytes, all().collect()), expected);
        }
    }
}
