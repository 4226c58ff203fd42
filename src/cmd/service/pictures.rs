//! The pictures of a request. A client's words name no files of this machine: they are links, pictures
//! that pinx made, or the bytes themselves.

use std::fs::File;
use std::io::{self, Seek as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::folders::{Folders, NamedFile};
use crate::batch::Pictures;
use crate::cmd::{App, inputs};
use crate::engine::RunSpec;
use crate::error::{Error, Result};
use crate::request::Role;
use crate::store::{LARGEST_INPUT, PictureSource, hashed_from};

/// A picture that came with a request.
#[derive(Debug)]
pub(in crate::cmd) struct GivenPicture {
    /// What it is for.
    pub(in crate::cmd) role: Role,
    /// Its bytes, in a file without a name.
    pub(in crate::cmd) file: File,
}

impl GivenPicture {
    /// The hash of its bytes. It blocks.
    ///
    /// # Errors
    /// The disk does not give them back.
    pub(super) fn hash(&mut self) -> Result<String> {
        let hashed = self.file.rewind().and_then(|()| hashed_from(&self.file));
        hashed.map(|(_, sha256)| sha256).map_err(|error| unreadable(&error))
    }

    /// Its bytes. It blocks.
    ///
    /// # Errors
    /// The disk does not give them back, or there are too many.
    pub(super) fn source(mut self) -> Result<PictureSource> {
        let read = self.file.rewind();
        let read = read.and_then(|()| crate::fs::read_to(self.file, LARGEST_INPUT));
        let bytes = read.map_err(|error| unreadable(&error))?;
        Ok(PictureSource::Bytes(bytes, "the file".to_owned()))
    }
}

fn unreadable(error: &io::Error) -> Error {
    Error::usage(format!("a file of the request cannot be read: {error}")).code("input")
}

/// The pictures that stand in the fields of a request as `data:` addresses; a word that no other picture
/// has stands there instead.
pub(super) struct DataPictures(Vec<String>);

/// What stands instead of such a picture, before its number.
const DATA: &str = "@data-";

/// Fields whose texts are never pictures.
const WORDS: [&str; 3] = ["prompt", "negative", "tags"];

impl DataPictures {
    /// Takes them out.
    pub(super) fn take(fields: &mut Map<String, Value>) -> DataPictures {
        let mut found = DataPictures(Vec::new());
        for (name, value) in fields.iter_mut() {
            if !WORDS.contains(&name.as_str()) {
                found.take_from(value);
            }
        }
        found
    }

    fn take_from(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if text.starts_with("data:") => {
                let word = format!("{DATA}{}", self.0.len());
                self.0.push(std::mem::replace(text, word));
            }
            Value::Array(list) => list.iter_mut().for_each(|value| self.take_from(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.take_from(value)),
            _ => {}
        }
    }

    fn get(&self, word: &str) -> Option<&str> {
        self.0.get(word.strip_prefix(DATA)?.parse::<usize>().ok()?).map(String::as_str)
    }
}

/// Where the words of a request are looked up.
pub(super) struct PictureWords<'a> {
    pub(super) app: &'a App,
    /// The `data:` addresses in it.
    pub(super) data: &'a DataPictures,
    /// The directories of the agent whose it is.
    pub(super) folders: Option<&'a Folders>,
    /// The client whose it is: it names no image of others.
    pub(super) client: Option<&'a str>,
}

/// Adds what a request names and what came with it, in this order.
///
/// # Errors
/// One of them cannot be had, or cannot be sent.
pub(super) fn give(
    source: &PictureWords<'_>,
    named: &Pictures,
    given: Vec<GivenPicture>,
    spec: &mut RunSpec,
) -> Result<()> {
    let app = source.app;
    let (mut masks, images): (Vec<_>, Vec<_>) =
        given.into_iter().partition(|picture| picture.role == Role::Mask);
    let count = named.images.len() + images.len();
    inputs::check_count(count)?;
    let wrong = |what: &str, hint: &str| Error::usage(what).code("input").hint(hint.to_owned());
    if masks.len() + usize::from(named.mask.is_some()) > 1 {
        return Err(wrong("there are two masks", "send one"));
    }
    if count == 0 {
        return match named.mask.is_some() || !masks.is_empty() {
            true => Err(wrong("a mask is given, and no picture", "name the picture as `images`")),
            false => Ok(()),
        };
    }
    let words = named.images.iter().zip(1..);
    let words = words.map(|(word, number)| source.found(word, &format!("image {number}")));
    let mask = masks.pop();
    let mask = || match (&named.mask, mask) {
        (Some(word), _) => source.found(word, "the mask").map(Some),
        (None, Some(mask)) => mask.source().map(Some),
        (None, None) => Ok(None),
    };
    let images = words.chain(images.into_iter().map(GivenPicture::source));
    inputs::give_found(app, images, (mask, named.mask_means), spec)
}

impl PictureWords<'_> {
    /// The picture that a word of a client means.
    fn found(&self, word: &str, what: &str) -> Result<PictureSource> {
        if let Some(address) = self.data.get(word) {
            return data_url(address.trim_start_matches("data:"))
                .map(|bytes| PictureSource::Bytes(bytes, "the data".to_owned()))
                .ok_or_else(|| {
                    Error::usage(format!("{what}: its `data:` address holds no base64"))
                        .code("input")
                        .hint("write `data:image/png;base64,…`")
                });
        }
        let shared = || inputs::shared(self.app, word, what, self.client);
        let Some(folders) = self.folders else { return shared() };
        let named = folders.open(word);
        let named = named
            .map_err(|error| Error { message: format!("{what}: {}", error.message), ..error })?;
        match named {
            Some(NamedFile { path, file }) => {
                let bytes = crate::fs::read_to(file, LARGEST_INPUT);
                let bytes = bytes.map_err(|error| unreadable(&error))?;
                Ok(PictureSource::Read(bytes, path))
            }
            None => {
                shared().map_err(|error| error.hint(format!("or a file below {}", folders.shown())))
            }
        }
    }
}

/// The bytes of a `data:` address behind its scheme (RFC 2397), if they are in base64.
fn data_url(data: &str) -> Option<Vec<u8>> {
    let (head, body) = data.split_once(',')?;
    let is_base64 = head.rsplit(';').next().is_some_and(|word| word.eq_ignore_ascii_case("base64"));
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    is_base64.then(|| STANDARD.decode(body).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_addresses_are_read() {
        assert_eq!(data_url("image/png;base64,AAEC").as_deref(), Some(&[0, 1, 2][..]));
        assert_eq!(data_url(";BASE64,AA EC").as_deref(), Some(&[0, 1, 2][..]));
        assert_eq!(data_url("image/png,AAEC"), None);
        assert_eq!(data_url("image/png;base64"), None);
        assert_eq!(data_url("image/png;base64,%%"), None);
    }
}
