//! Answers that come as streams of events, at the pace that a test sets.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Answer, Gate, Request, Way};

/// What comes before a piece of a stream.
#[derive(Debug, Clone)]
pub enum Before {
    /// A gate that is to be opened.
    Gate(Gate),
    /// A pause.
    Pause(Duration),
}

/// A stream that is being written.
#[derive(Debug, Clone)]
pub struct Stream {
    /// `image_generation` or `image_edit`.
    kind: &'static str,
    shown: u64,
    /// What is sent together, and what comes before it.
    pieces: Vec<(Vec<u8>, Option<Before>)>,
}

impl Stream {
    /// The stream that answers this request.
    pub fn to(request: &Request) -> Stream {
        let kind = if request.path.ends_with("edits") { "image_edit" } else { "image_generation" };
        Stream { kind, shown: 0, pieces: Vec::new() }
    }

    /// A stream that answers a request for a picture from words.
    pub fn new() -> Stream {
        Stream { kind: "image_generation", shown: 0, pieces: Vec::new() }
    }

    /// This text, as it is.
    pub fn text(mut self, text: &str) -> Stream {
        self.pieces.push((text.as_bytes().to_vec(), None));
        self
    }

    /// What follows comes once the gate is open.
    pub fn behind(mut self, gate: &Gate) -> Stream {
        self.pieces.push((Vec::new(), Some(Before::Gate(gate.clone()))));
        self
    }

    /// What follows comes after a pause.
    pub fn after(mut self, pause: Duration) -> Stream {
        self.pieces.push((Vec::new(), Some(Before::Pause(pause))));
        self
    }

    /// An event of this name.
    pub fn event(self, name: &str, data: &Value) -> Stream {
        self.text(&format!("event: {name}\ndata: {data}\n\n"))
    }

    /// The next preview.
    pub fn partial(mut self, picture: &[u8]) -> Stream {
        let name = format!("{}.partial_image", self.kind);
        let data = json!({
            "type": name, "b64_json": STANDARD.encode(picture), "partial_image_index": self.shown,
            "created_at": 1_795_300_001, "size": "1024x1024", "quality": "medium",
            "background": "opaque", "output_format": "png",
        });
        self.shown += 1;
        self.event(&name, &data)
    }

    /// The finished picture, of so many tokens.
    pub fn completed(self, picture: &[u8], (read, seen, made): (u64, u64, u64)) -> Stream {
        let name = format!("{}.completed", self.kind);
        let data = json!({
            "type": name, "b64_json": STANDARD.encode(picture), "created_at": 1_795_300_009,
            "size": "1024x1024", "quality": "medium", "background": "opaque",
            "output_format": "png",
            "usage": {
                "input_tokens": read + seen, "output_tokens": made,
                "total_tokens": read + seen + made,
                "input_tokens_details": { "text_tokens": read, "image_tokens": seen },
            },
        });
        self.event(&name, &data)
    }

    /// The same with other ends of its lines.
    pub fn lines_end(mut self, end: &str) -> Stream {
        for (piece, _) in &mut self.pieces {
            *piece = String::from_utf8_lossy(piece).replace('\n', end).into_bytes();
        }
        self
    }

    /// The same in pieces of so many bytes, wherever a letter or an event ends.
    pub fn in_pieces(mut self, length: usize) -> Stream {
        let pieces = std::mem::take(&mut self.pieces);
        for (piece, before) in pieces {
            self.pieces.extend(before.map(|before| (Vec::new(), Some(before))));
            self.pieces.extend(piece.chunks(length).map(|part| (part.to_vec(), None)));
        }
        self
    }

    /// All that it says.
    pub fn all(&self) -> String {
        let all: Vec<u8> = self.pieces.iter().flat_map(|(piece, _)| piece.clone()).collect();
        String::from_utf8(all).unwrap()
    }

    /// It, and then its end.
    pub fn ends(self) -> Answer {
        self.answer(Way::Chunked(true))
    }

    /// It, and then the connection breaks.
    pub fn breaks(self) -> Answer {
        self.answer(Way::Chunked(false))
    }

    fn answer(self, way: Way) -> Answer {
        let mut answer = Answer::bytes(200, "text/event-stream", Vec::new());
        answer = answer.header("x-request-id", "req_stream");
        Answer { pieces: self.pieces.into(), way, ..answer }
    }
}
