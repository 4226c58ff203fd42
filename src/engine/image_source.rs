//! An image that is not checked yet, wherever its bytes are: in an answer, behind a link, in a recipe.
//!
//! An image in base64 stays in the answer until the moment it is saved, so that however many answers
//! have come, only as many images are in memory as are being saved.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::dialect::{Base64, Pixels, decode_base64};
use crate::error::{Error, Kind, Result};
use crate::net::HttpResponse;
use crate::render;
use crate::store::{KeptFile, Source, WHOLE, too_large};

/// An image that is not checked yet.
#[derive(Debug)]
pub(super) enum ImageSource {
    /// Base64 that stands in an answer.
    Base64(Arc<HttpResponse>, Range<u64>),
    /// Bytes that stand in an answer as they are.
    Slice(Arc<HttpResponse>, Range<u64>),
    /// The whole body of an answer to a link.
    Fetched(HttpResponse),
    /// Bytes that were kept in a file.
    Kept(KeptFile),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Somewhere else: the addresses that its link may mean, the likeliest first.
    Link(Vec<String>),
    /// To be drawn here.
    Recipe(Box<render::Recipe>),
}

impl ImageSource {
    /// Takes an image out of a reply, or says where in the answer it stands.
    pub(super) fn of(pixels: Pixels<'_>, answer: &Arc<HttpResponse>) -> Result<ImageSource> {
        match pixels {
            Pixels::Base64(text) => match answer.body.position(&text) {
                Some(range) => Ok(ImageSource::Base64(Arc::clone(answer), range)),
                None => unpacked(&text),
            },
            other => ImageSource::owned(other),
        }
    }

    /// How many bytes it has in an answer, about.
    fn length(&self) -> Option<u64> {
        match self {
            ImageSource::Base64(_, range) => Some(range.end.saturating_sub(range.start) / 4 * 3),
            ImageSource::Slice(_, range) => Some(range.end.saturating_sub(range.start)),
            ImageSource::Fetched(answer) => Some(answer.body.len()),
            _ => None,
        }
    }

    /// Takes an image that no answer is behind.
    pub(super) fn owned(pixels: Pixels<'_>) -> Result<ImageSource> {
        match pixels {
            Pixels::Base64(text) => unpacked(&text),
            Pixels::Link(link) => Ok(ImageSource::Link(vec![link])),
            Pixels::Rendered(recipe) => Ok(ImageSource::Recipe(recipe)),
        }
    }
}

/// Blocking. `Unusable`: no base64. `Local`: a raw file cannot be read back.
impl Source for ImageSource {
    fn pieces(&self, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if let ImageSource::Kept(file) = self {
            return file.pieces(each);
        }
        let mut refused = None;
        let mut each = |piece: &[u8]| {
            each(piece).map_err(|error| {
                refused = Some(error);
                std::io::Error::other("the piece is refused")
            })
        };
        let read = match self {
            ImageSource::Base64(answer, range) => unpack(answer, range.clone(), &mut each),
            ImageSource::Slice(answer, range) => answer.body.pieces(range.clone(), each),
            ImageSource::Fetched(answer) => answer.body.pieces(0..answer.body.len(), each),
            ImageSource::Bytes(bytes) => each(bytes),
            ImageSource::Kept(_) | ImageSource::Link(_) | ImageSource::Recipe(_) => {
                return Err(not_there());
            }
        };
        match refused {
            Some(error) => Err(error),
            None => read.map_err(classed),
        }
    }

    fn whole(&self) -> Result<Cow<'_, [u8]>> {
        if let Some(length) = self.length().filter(|length| *length > WHOLE) {
            return Err(too_large(length));
        }
        match self {
            ImageSource::Kept(file) => file.whole(),
            ImageSource::Base64(_, range) => {
                let mut bytes = room(range.end.saturating_sub(range.start));
                self.pieces(&mut |piece| {
                    bytes.extend_from_slice(piece);
                    Ok(())
                })?;
                Ok(Cow::Owned(bytes))
            }
            ImageSource::Slice(answer, range) => {
                let length = range.end.saturating_sub(range.start);
                let mut bytes = Vec::with_capacity(length as usize);
                let add = |piece: &[u8]| {
                    bytes.extend_from_slice(piece);
                    Ok(())
                };
                answer.body.pieces(range.clone(), add).map_err(unreadable)?;
                Ok(Cow::Owned(bytes))
            }
            ImageSource::Fetched(answer) => answer.body.bytes().map_err(unreadable),
            ImageSource::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            ImageSource::Link(_) | ImageSource::Recipe(_) => Err(not_there()),
        }
    }
}

fn not_there() -> Error {
    Error::new(Kind::Internal, "an image was to be saved before it was there")
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(Kind::Local, format!("the image cannot be read back: {error}"))
}

fn classed(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::InvalidData => {
            Error::new(Kind::Unusable, "the answer's image is not valid base64")
        }
        _ => unreadable(error),
    }
}

fn room(letters: u64) -> Vec<u8> {
    Vec::with_capacity(letters as usize / 4 * 3 + 3)
}

fn unpack(
    answer: &HttpResponse,
    range: Range<u64>,
    each: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut decoder = Base64::new();
    answer.body.pieces(range, |piece| decoder.push(piece, &mut *each))?;
    decoder.finish(each)
}

fn unpacked(text: &str) -> Result<ImageSource> {
    let mut bytes = room(text.len() as u64);
    let add = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    decode_base64(text, add).map_err(classed)?;
    Ok(ImageSource::Bytes(bytes))
}
