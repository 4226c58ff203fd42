//! A body that holds images in base64, written while it is sent: no image stands in memory as a whole.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _};

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::pool::run_io;

/// Bytes of an image that are encoded at once: a whole number of groups of three.
const GROUPS: usize = 192 << 10;

/// A part of a body.
enum Piece {
    Text(Vec<u8>),
    /// A file and how many of its bytes are left.
    Image(File, u64),
}

/// The parts of a body that were not sent yet.
#[derive(Default)]
pub(super) struct Pieces(VecDeque<Piece>);

impl Pieces {
    /// Adds a text as it stands.
    pub(super) fn text(&mut self, text: impl Into<Vec<u8>>) {
        self.0.push_back(Piece::Text(text.into()));
    }

    /// Adds an object whose first field is an image in base64.
    pub(super) fn object(&mut self, image: (File, u64), others: &Map<String, Value>) {
        self.text("{\"b64_json\":\"");
        self.0.push_back(Piece::Image(image.0, image.1));
        let others = Value::Object(others.clone()).to_string();
        let others = others.strip_prefix('{').unwrap_or_default();
        self.text(format!("\"{}{others}", if others == "}" { "" } else { "," }));
    }

    /// How many bytes it will be.
    pub(super) fn len(&self) -> u64 {
        let one = |piece: &Piece| match piece {
            Piece::Text(text) => text.len() as u64,
            Piece::Image(_, length) => length.div_ceil(3) * 4,
        };
        self.0.iter().map(one).sum()
    }

    /// The next bytes; none once all are sent.
    pub(super) async fn next(&mut self) -> Option<io::Result<Bytes>> {
        match self.0.pop_front()? {
            Piece::Text(text) => Some(Ok(Bytes::from(text))),
            Piece::Image(file, left) => {
                let read = run_io(move || encoded(file, left)).await;
                Some(read.map(|(file, left, text)| {
                    if left > 0 {
                        self.0.push_front(Piece::Image(file, left));
                    }
                    Bytes::from(text)
                }))
            }
        }
    }
}

/// The next bytes of a file in base64, and what is left of it.
fn encoded(file: File, left: u64) -> io::Result<(File, u64, String)> {
    let wanted = left.min(GROUPS as u64);
    let mut bytes = Vec::with_capacity(wanted as usize);
    (&file).take(wanted).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != wanted {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok((file, left - wanted, STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn an_image_of_any_length_is_written_whole() {
        for length in [0, 1, 2, 3, GROUPS - 1, GROUPS, GROUPS + 1, 2 * GROUPS + 2] {
            let image: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let file = crate::fs::unnamed(&image).unwrap();
            let mut pieces = Pieces::default();
            let others = json!({ "revised_prompt": "a \"fox\"" });
            let others = if length % 2 == 0 { others } else { json!({}) };
            pieces.object((file, length as u64), others.as_object().unwrap());
            let (told, mut body) = (pieces.len(), Vec::new());
            while let Some(piece) = pieces.next().await {
                body.extend_from_slice(&piece.unwrap());
            }
            assert_eq!(told, body.len() as u64);
            let mut value: Value = serde_json::from_slice(&body).unwrap();
            let text = value.as_object_mut().unwrap().remove("b64_json").unwrap();
            assert_eq!(STANDARD.decode(text.as_str().unwrap()).unwrap(), image);
            assert_eq!(value, others);
        }
    }
}
