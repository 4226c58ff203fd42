//! Server-sent events: a text that comes in pieces, cut at its blank lines.
//!
//! Pure. No byte of an event is copied: where its data stands in the text is told, so that an event of
//! many megabytes costs nothing here. Lines end with CR, LF or both, wherever the pieces do; comments,
//! and fields that mean nothing to us, are skipped. Source: the event stream of the HTML standard.

use std::ops::Range;

/// Bytes of a line that are looked at: a field's name, and the name of an event.
const HEAD: usize = 256;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamEvent {
    /// Its name; empty where it has none.
    pub name: String,
    /// Where its data stands: from the beginning of its first line to the end of its last.
    pub data: Range<u64>,
    /// How many lines of data it has; of more than one [`joined`] makes the text.
    pub lines: u64,
}

/// Cuts a text into its events.
#[derive(Debug, Default)]
pub struct Framer {
    /// Bytes so far.
    at: u64,
    /// Where the line begins that is being read.
    start: u64,
    /// Its first bytes.
    head: Vec<u8>,
    /// The last byte was a CR: an LF behind it ends no line of its own.
    is_behind_cr: bool,
    event: StreamEvent,
}

impl Framer {
    /// Takes in a piece of the text; `each` gets the events that are whole with it.
    pub fn push(&mut self, mut piece: &[u8], each: &mut dyn FnMut(StreamEvent)) {
        while let Some(first) = piece.first() {
            if std::mem::take(&mut self.is_behind_cr) && *first == b'\n' {
                self.at += 1;
                self.start = self.at;
                piece = &piece[1..];
                continue;
            }
            let end = memchr::memchr2(b'\r', b'\n', piece);
            let part = &piece[..end.unwrap_or(piece.len())];
            let room = HEAD.saturating_sub(self.head.len());
            self.head.extend_from_slice(&part[..part.len().min(room)]);
            self.at += part.len() as u64;
            let Some(end) = end else { return };
            each_of(self.line(), each);
            self.at += 1;
            self.start = self.at;
            self.is_behind_cr = piece[end] == b'\r';
            piece = &piece[end + 1..];
        }
    }

    /// The text has ended: what no blank line has ended is an event all the same, since it may be all
    /// that there is of a picture.
    pub fn finish(mut self, each: &mut dyn FnMut(StreamEvent)) {
        if !self.head.is_empty() {
            each_of(self.line(), each);
        }
        each_of(self.whole(), each);
    }

    /// A line has ended; answers the event that it ends.
    fn line(&mut self) -> Option<StreamEvent> {
        let mut head = std::mem::take(&mut self.head);
        if self.start == 0 && head.starts_with(b"\xef\xbb\xbf") {
            head.drain(..3);
            self.start = 3;
        }
        if head.is_empty() {
            return self.whole();
        }
        let colon = memchr::memchr(b':', &head);
        let (field, value) = match colon {
            Some(colon) => (&head[..colon], &head[colon + 1..]),
            None => (head.as_slice(), &[][..]),
        };
        let blank = usize::from(value.first() == Some(&b' '));
        match field {
            b"event" => self.event.name = String::from_utf8_lossy(&value[blank..]).into_owned(),
            b"data" => {
                let before = colon.map_or(field.len(), |colon| colon + 1 + blank);
                let start = self.start + before as u64;
                if self.event.lines == 0 {
                    self.event.data.start = start;
                }
                self.event.data.end = self.at;
                self.event.lines += 1;
            }
            _ => {}
        }
        None
    }

    /// The event that has ended. One without data is none.
    fn whole(&mut self) -> Option<StreamEvent> {
        Some(std::mem::take(&mut self.event)).filter(|event| event.lines > 0)
    }
}

fn each_of(event: Option<StreamEvent>, each: &mut dyn FnMut(StreamEvent)) {
    if let Some(event) = event {
        each(event);
    }
}

/// Whether a text is a stream of events, by its beginning. An image as a data URL is none.
pub fn is_stream(head: &[u8]) -> bool {
    const FIELDS: [&[u8]; 5] = [b":", b"data:", b"event:", b"id:", b"retry:"];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    FIELDS.iter().any(|field| head.starts_with(field)) && !head.starts_with(b"data:image/")
}

/// The data of an event of several lines, from the text where it stands.
pub fn joined(text: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(text.len());
    // An empty line between the two ends of a CRLF is no data.
    for (at, line) in text.split(|byte| matches!(byte, b'\r' | b'\n')).enumerate() {
        if at == 0 {
            data.extend_from_slice(line);
            continue;
        }
        let Some(value) = line.strip_prefix(b"data") else { continue };
        let value = match value {
            [b':', b' ', value @ ..] | [b':', value @ ..] => value,
            [] => value,
            _ => continue,
        };
        data.push(b'\n');
        data.extend_from_slice(value);
    }
    data
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The names and the data of all events, with the text in pieces of this length.
    fn events(text: &str, piece: usize) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut framer = Framer::default();
        text.as_bytes().chunks(piece).for_each(|part| framer.push(part, &mut |it| found.push(it)));
        framer.finish(&mut |it| found.push(it));
        let data = |event: &StreamEvent| {
            let text = &text.as_bytes()[event.data.start as usize..event.data.end as usize];
            let data = if event.lines == 1 { text.to_vec() } else { joined(text) };
            String::from_utf8(data).unwrap()
        };
        found.into_iter().map(|event| (event.name.clone(), data(&event))).collect()
    }

    #[test]
    fn events_are_cut_at_blank_lines_whatever_ends_a_line() {
        let text = "\u{feff}: hello\n\nevent: a\ndata: {\"x\":1}\n\n: it's \"open\ndata:two\n\
                    data: lines\nid: 7\n\nevent: nothing\n\ndata\n\nevent: é\nretry: 1\ndata: \
                    [DONE]\n\n";
        let expected = [("a", "{\"x\":1}"), ("", "two\nlines"), ("", ""), ("é", "[DONE]")];
        for text in [text.to_owned(), text.replace('\n', "\r\n"), text.replace('\n', "\r")] {
            for piece in [1, 2, 3, 7, 1000] {
                let found = events(&text, piece);
                let found: Vec<_> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
                assert_eq!(found, expected, "{piece} {text:?}");
            }
        }
    }

    #[test]
    fn what_no_blank_line_ends_is_an_event() {
        for text in ["data: 1", "data: 1\n", "data: 1\r", "data: 1\r\n", "event:\ndata: 1\n"] {
            assert_eq!(events(text, 3), [(String::new(), "1".to_owned())], "{text:?}");
        }
        assert!(events("event: x\n: y\ndat", 3).is_empty());
    }

    #[test]
    fn a_stream_is_known_by_its_beginning() {
        for text in ["data: 1", "\n\nevent: x", ": ping", "\u{feff}id: 1", "retry:1"] {
            assert!(is_stream(text.as_bytes()), "{text:?}");
        }
        for text in
            ["", "{\"data\":[]}", "[1]", "<html>", "database: x", "data:image/png;base64,QUJD"]
        {
            assert!(!is_stream(text.as_bytes()), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_pieces_change_nothing(text in "[a:d \\n\\r]{0,60}(data: é|event: b|\\n|\\r\\n|:){0,20}", piece in 1usize..9) {
            prop_assert_eq!(events(&text, piece), events(&text, 1000));
        }
    }
}
