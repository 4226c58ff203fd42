//! What a request carries: bytes from here, and files that are read, checked and sent in pieces.
//!
//! The last piece of a file is withheld until the whole of it is known to be what was promised: of a
//! request whose file has changed, nobody ever has all bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, Stream};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::error::{Error, Kind, Result};
use crate::fs;
use crate::pool::{lock, run_blocking};
use crate::text;

/// Bytes of a file that are read at once: a multiple of three, so that the base64 of each piece but the
/// last needs no filling.
const PIECE: usize = 48 * 1024;

/// The media type of JSON.
pub const JSON: &str = "application/json";

/// The body of a request, with its type.
#[derive(Debug, Clone)]
pub struct Payload {
    /// Its media type.
    pub media_type: String,
    /// What it consists of, in this order.
    pub pieces: Vec<Piece>,
}

/// A part of a request's body.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Bytes.
    Bytes(Vec<u8>),
    /// The bytes of a file.
    File(InputFile),
    /// The same in base64 (RFC 4648, section 4).
    Base64(InputFile),
}

/// A file that is sent.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// What it is called where it is spoken of.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes it has.
    pub len: u64,
    /// Of its bytes, in hex.
    pub sha256: String,
}

impl Payload {
    /// A JSON value.
    pub fn json(value: &Value) -> Payload {
        let pieces = vec![Piece::Bytes(value.to_string().into_bytes())];
        Payload { media_type: JSON.to_owned(), pieces }
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        let len = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File(file) => file.len,
            Piece::Base64(file) => file.len.div_ceil(3) * 4,
        };
        self.pieces.iter().map(len).sum()
    }

    /// Whether it has no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All its bytes, where no file is among them.
    pub fn in_memory(&self) -> Option<Vec<u8>> {
        let bytes = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => Some(bytes.clone()),
            Piece::File(_) | Piece::Base64(_) => None,
        };
        Some(self.pieces.iter().map(bytes).collect::<Option<Vec<_>>>()?.concat())
    }

    /// Its bytes, piece by piece; `gauge` is told of each one that is handed over.
    pub(super) fn stream(
        &self,
        gauge: Arc<Gauge>,
    ) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
        let pieces = self.pieces.clone().into_iter();
        let left = self.len();
        stream::unfold(Sending { pieces, file: None, left, gauge }, Sending::next)
    }
}

/// How far a body has been handed over.
#[derive(Debug)]
pub(super) struct Gauge(Mutex<Handed>);

#[derive(Debug)]
struct Handed {
    /// When the last piece was; ahead of it while the connection is made.
    last: Instant,
    is_whole: bool,
    broken: Option<Error>,
}

impl Gauge {
    /// Nothing is handed over; `since` is when that is to begin.
    pub(super) fn new(since: Instant) -> Gauge {
        Gauge(Mutex::new(Handed { last: since, is_whole: false, broken: None }))
    }

    /// Whether everything was handed over. What is known to lack its end was never sent.
    pub(super) fn is_whole(&self) -> bool {
        lock(&self.0).is_whole
    }

    /// Why it could not be.
    pub(super) fn broken(&self) -> Option<Error> {
        lock(&self.0).broken.clone()
    }

    /// Until when the other side may be silent: while it takes the body so long after each piece, and
    /// once it has all of it for the whole time.
    pub(super) fn deadline(&self, idle: Duration, timeout: Duration) -> Instant {
        let handed = lock(&self.0);
        handed.last + if handed.is_whole { timeout } else { idle }
    }

    fn hand(&self, is_whole: bool) {
        let mut handed = lock(&self.0);
        handed.last = handed.last.max(Instant::now());
        handed.is_whole = is_whole;
    }

    fn fail(&self, error: Error) {
        lock(&self.0).broken = Some(error);
    }
}

struct Sending {
    pieces: std::vec::IntoIter<Piece>,
    file: Option<Reading>,
    left: u64,
    gauge: Arc<Gauge>,
}

impl Sending {
    async fn next(mut self) -> Option<(io::Result<Vec<u8>>, Sending)> {
        loop {
            let bytes = match self.file.take() {
                Some(mut file) => {
                    let read = run_blocking(move || {
                        let bytes = file.next();
                        (file, bytes)
                    });
                    match read.await {
                        Ok((file, Ok(Some(bytes)))) => {
                            self.file = Some(file);
                            bytes
                        }
                        Ok((_, Ok(None))) => continue,
                        Ok((_, Err(error))) => return Some(self.broken(error)),
                        Err(_) => {
                            let error = Error::new(Kind::Internal, "an input cannot be read");
                            return Some(self.broken(error));
                        }
                    }
                }
                None => match self.pieces.next()? {
                    Piece::Bytes(bytes) => bytes,
                    Piece::File(file) => {
                        self.file = Some(Reading::of(file, false));
                        continue;
                    }
                    Piece::Base64(file) => {
                        self.file = Some(Reading::of(file, true));
                        continue;
                    }
                },
            };
            self.left = self.left.saturating_sub(bytes.len() as u64);
            // Whoever is given the last piece may have sent it: from here on it is believed to be.
            self.gauge.hand(self.left == 0);
            return Some((Ok(bytes), self));
        }
    }

    /// Ends the body before its end.
    fn broken(mut self, error: Error) -> (io::Result<Vec<u8>>, Sending) {
        let cause = io::Error::other(error.message.clone());
        self.gauge.fail(error);
        self.pieces = Vec::new().into_iter();
        (Err(cause), self)
    }
}

/// A file that is being sent.
struct Reading {
    input: InputFile,
    file: Option<File>,
    hash: Sha256,
    read: u64,
    /// The piece before the one that was read last.
    withheld: Option<Vec<u8>>,
    /// It is sent in base64.
    is_base64: bool,
}

impl Reading {
    fn of(input: InputFile, is_base64: bool) -> Reading {
        let hash = Sha256::new();
        Reading { input, file: None, hash, read: 0, withheld: None, is_base64 }
    }

    /// A piece as it is sent.
    fn sent(&self, piece: Vec<u8>) -> Vec<u8> {
        if self.is_base64 { STANDARD.encode(piece).into_bytes() } else { piece }
    }

    /// The next piece, but the last one only where the file is what was promised. A disk that cannot
    /// read it says nothing of what was paid for: nothing was.
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            let piece = self.piece().map_err(|error| self.unreadable(&error))?;
            self.read += piece.len() as u64;
            self.hash.update(&piece);
            if piece.is_empty() {
                let hash = text::hex(&self.hash.clone().finalize());
                if self.read != self.input.len || hash != self.input.sha256 {
                    return Err(self.changed());
                }
                let last = self.withheld.take();
                return Ok(last.map(|last| self.sent(last)));
            }
            if self.read > self.input.len {
                return Err(self.changed());
            }
            if let Some(before) = self.withheld.replace(piece) {
                return Ok(Some(self.sent(before)));
            }
        }
    }

    fn piece(&mut self) -> io::Result<Vec<u8>> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(fs::open_regular(&self.input.path)?),
        };
        let mut piece = Vec::with_capacity(PIECE);
        file.take(PIECE as u64).read_to_end(&mut piece)?;
        Ok(piece)
    }

    fn changed(&self) -> Error {
        let what = format!("{} changed before it was sent; nothing was paid", self.input.name);
        Error::usage(what).code("input_changed").hint("run the command again")
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        let name = &self.input.name;
        if error.kind() == io::ErrorKind::NotFound {
            let what = format!("{name} went away before it was sent; nothing was paid");
            return Error::usage(what).code("input_gone");
        }
        Error::usage(format!("{name} cannot be read: {error}; nothing was paid"))
            .code("input_unreadable")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;

    fn input(directory: &tempfile::TempDir, bytes: &[u8]) -> InputFile {
        let path = directory.path().join("x.png");
        fs::write_atomic(&path, bytes, fs::Mode::Normal).unwrap();
        let sha256 = text::hex(&Sha256::digest(bytes));
        InputFile { name: "image 1".to_owned(), path, len: bytes.len() as u64, sha256 }
    }

    /// What is handed over of a body around a file, and how far it came.
    async fn sent(piece: Piece) -> (Vec<u8>, Arc<Gauge>) {
        let around = |text: &str| Piece::Bytes(text.as_bytes().to_vec());
        let pieces = vec![around("<"), piece, around(">")];
        let payload = Payload { media_type: String::new(), pieces };
        let gauge = Arc::new(Gauge::new(Instant::now()));
        let pieces: Vec<_> = payload.stream(Arc::clone(&gauge)).collect().await;
        let ended = pieces.iter().all(Result::is_ok);
        assert_eq!((ended, ended), (gauge.is_whole(), gauge.broken().is_none()));
        (pieces.into_iter().flatten().flatten().collect(), gauge)
    }

    #[tokio::test]
    async fn a_file_goes_out_as_it_is_or_never_whole() {
        let directory = tempfile::tempdir().unwrap();
        for len in [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let bytes: Vec<u8> = (0..len).map(|at| (at * 7) as u8).collect();
            let file = input(&directory, &bytes);
            let (all, _) = sent(Piece::File(file.clone())).await;
            assert_eq!(all, [b"<", &bytes[..], b">"].concat(), "{len}");
            let encoded = Piece::Base64(file.clone());
            let payload = Payload { media_type: String::new(), pieces: vec![encoded.clone()] };
            let (text, _) = sent(encoded.clone()).await;
            assert_eq!(text.len() as u64, payload.len() + 2, "its length is known before");
            let inner = &text[1..text.len() - 1];
            assert_eq!(STANDARD.decode(inner).unwrap(), bytes, "{len}");
            let mut other = bytes.clone();
            other[len - 1] ^= 1;
            let (longer, shorter) = ([&bytes[..], b"x"].concat(), &bytes[..len - 1]);
            for changed in [&other[..], &longer, shorter] {
                input(&directory, changed);
                for (piece, all) in [(Piece::File(file.clone()), &all), (encoded.clone(), &text)] {
                    let (some, gauge) = sent(piece).await;
                    assert!(some.len() < all.len() - 1, "{} of {}", some.len(), all.len());
                    let error = gauge.broken().unwrap();
                    assert_eq!((error.kind, &*error.code), (Kind::Usage, "input_changed"));
                }
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_no_trouble_of_an_answer() {
        let directory = tempfile::tempdir().unwrap();
        let file = input(&directory, b"bytes");
        let place = directory.path().to_owned();
        for (path, code) in [(place.join("gone"), "input_gone"), (place, "input_unreadable")] {
            let (some, gauge) = sent(Piece::File(InputFile { path, ..file.clone() })).await;
            assert_eq!(some, b"<");
            let error = gauge.broken().unwrap();
            assert_eq!((error.kind, &*error.code), (Kind::Usage, code));
        }
    }
}
