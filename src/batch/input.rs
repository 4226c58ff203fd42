//! The bytes of a batch file: read once, hashed on the way, cut into lines of bounded length.

use std::io::{self, BufRead, Read as _};

use sha2::{Digest as _, Sha256};

/// The longest line or record, in bytes; prompts end at a few ten thousand.
pub(super) const LONGEST: usize = 1024 * 1024;

/// The longest file that is read whole, in bytes.
pub(super) const WHOLE: usize = 64 * 1024 * 1024;

/// The mark that some editors write first.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// There is none.
    End,
    /// It is there, without its line break.
    Whole,
    /// It is longer than what is kept of it.
    TooLong,
}

/// A file that is being read.
pub(super) struct Input<'r> {
    reader: &'r mut dyn BufRead,
    hash: Sha256,
    /// The number of the line that was read last, from 1.
    pub(super) line: u64,
    /// A line that is read once more.
    held: Option<(Vec<u8>, Line)>,
}

impl<'r> Input<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead) -> Self {
        Input { reader, hash: Sha256::new(), line: 0, held: None }
    }

    /// Has the line that was read last read once more.
    pub(super) fn hold(&mut self, line: Vec<u8>, state: Line) {
        if state != Line::End {
            self.line -= 1;
            self.held = Some((line, state));
        }
    }

    /// Reads the next line, without `\n` or `\r\n`, and without a byte order mark in front of the
    /// first.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> io::Result<Line> {
        line.clear();
        if let Some((held, state)) = self.held.take() {
            *line = held;
            self.line += 1;
            return Ok(state);
        }
        let mut state = Line::End;
        loop {
            let bytes = match self.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if bytes.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', bytes);
            let piece = &bytes[..end.unwrap_or(bytes.len())];
            let used = end.map_or(bytes.len(), |end| end + 1);
            self.hash.update(&bytes[..used]);
            if line.len() + piece.len() > LONGEST {
                state = Line::TooLong;
            } else if state != Line::TooLong {
                state = Line::Whole;
                line.extend_from_slice(piece);
            }
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        if state != Line::End {
            self.line += 1;
        }
        if self.line == 1 && line.starts_with(MARK) {
            line.drain(..MARK.len());
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(state)
    }

    /// Reads all of it, without a byte order mark; nothing when it is longer than what is read whole.
    pub(super) fn whole(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let limit = WHOLE as u64 + 1;
        (&mut *self.reader).take(limit).read_to_end(&mut bytes)?;
        self.hash.update(&bytes);
        if bytes.len() > WHOLE {
            return Ok(None);
        }
        if bytes.starts_with(MARK) {
            bytes.drain(..MARK.len());
        }
        Ok(Some(bytes))
    }

    /// The hash of all bytes that were read.
    pub(super) fn sha256(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_counted_and_bounded() {
        let long = "x".repeat(LONGEST + 1);
        let text = format!("\u{feff}one\r\n\n{long}\nlast");
        let mut bytes = io::BufReader::with_capacity(7, text.as_bytes());
        let (mut input, mut line) = (Input::new(&mut bytes), Vec::new());
        assert_eq!((input.next(&mut line).unwrap(), &line[..]), (Line::Whole, &b"one"[..]));
        assert_eq!((input.next(&mut line).unwrap(), &line[..]), (Line::Whole, &b""[..]));
        assert_eq!(input.next(&mut line).unwrap(), Line::TooLong);
        assert!(line.len() <= LONGEST);
        assert_eq!((input.next(&mut line).unwrap(), &line[..]), (Line::Whole, &b"last"[..]));
        assert_eq!((input.next(&mut line).unwrap(), input.line), (Line::End, 4));
        assert_eq!(input.sha256(), <[u8; 32]>::from(Sha256::digest(text.as_bytes())));
    }
}
