//! Where a secret stands in a text, in whatever form an answer may repeat it: in another case, with
//! escapes of JSON, URLs or HTML, in base64 or hex, with line breaks or quotes in its midst, or a piece
//! of it.
//!
//! Pure, and linear in the text: it is read once for each way of reading letters, and remembers no more
//! than its last few.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The letters of a piece that is taken for the secret, wherever it stands. Fewer are a word that means
/// something else.
const PIECE: usize = 12;
/// The same where bytes are coded.
const CODED: usize = 16;
/// A secret of fewer letters is found only as it is.
const SHORTEST: usize = 8;

/// The letters of base64 in a row that are taken for an image and not for a secret.
const IMAGE: usize = 256;
/// How an image begins in base64: PNG, JPEG, WebP, GIF, AVIF.
const IMAGES: [&[u8]; 6] = [b"iVBORw0KGgo", b"/9j/", b"\\/9j\\/", b"UklGR", b"R0lGOD", b"AAAA"];

/// What a secret looks like in one way of writing it.
struct Needle {
    /// All its pieces of one length, each as a number, in order.
    pieces: Vec<u128>,
    /// The length of the pieces, at most 16.
    length: usize,
}

impl Needle {
    fn of(letters: &[u8], piece: usize) -> Option<Needle> {
        let length = piece.min(letters.len());
        if length < SHORTEST {
            return None;
        }
        let mut pieces: Vec<u128> = letters.windows(length).map(number).collect();
        pieces.sort_unstable();
        Some(Needle { pieces, length })
    }
}

/// Letters as one number.
fn number(letters: &[u8]) -> u128 {
    letters.iter().fold(0, |all, one| all << 8 | u128::from(*one))
}

/// A byte after which no piece goes on.
const ENDS: u8 = 0;
/// A byte that may stand between two letters.
const BETWEEN: u8 = 1;
/// A byte with which a letter may begin that is written by several.
const WRITTEN: u8 = 2;

/// One way of reading a text, and what is looked for in it.
struct View {
    needles: Vec<Needle>,
    /// Each byte as it is compared, or what it is if it is no letter of any piece.
    letters: [u8; 256],
    /// The same for a byte as it stands in the text.
    bytes: [u8; 256],
    /// Which last eight letters a piece may have: a bit each, by their hash.
    lasts: Vec<u64>,
}

/// Where the bit of eight letters is.
fn bit_of(last: u64) -> (usize, u64) {
    let hash = last.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// A letter as it is compared; none for what may stand between two letters of a secret. Where base64
/// stands, letters have a case, and signs are letters, too.
fn letter(byte: u8, is_base64: bool) -> Option<u8> {
    match byte {
        _ if byte.is_ascii_whitespace() => None,
        b'"' | b'\'' | b'`' | b',' | b'=' | b'|' | b'\\' | 0 => None,
        b'+' | b'-' if is_base64 => Some(b'+'),
        b'_' if is_base64 => Some(b'/'),
        b'+' => None,
        _ if is_base64 => Some(byte),
        _ => Some(byte.to_ascii_lowercase()),
    }
}

impl View {
    fn new(needles: Vec<Needle>, is_base64: bool) -> View {
        let mut known = [false; 256];
        let mut lasts = vec![0; 1 << 10];
        for piece in needles.iter().flat_map(|needle| &needle.pieces) {
            piece.to_le_bytes().iter().for_each(|byte| known[usize::from(*byte)] |= *byte != 0);
            let (word, bit) = bit_of(*piece as u64);
            lasts[word] |= bit;
        }
        let letters = std::array::from_fn(|byte| match letter(byte as u8, is_base64) {
            None => BETWEEN,
            Some(letter) if known[usize::from(letter)] => letter,
            Some(_) => ENDS,
        });
        let mut bytes = letters;
        b"%\\&\xc2\xe2\xef".iter().for_each(|byte| bytes[usize::from(*byte)] = WRITTEN);
        View { needles, letters, bytes, lasts }
    }

    /// Shows the letters of each piece that stands in a text: where each of them is.
    fn find(
        &self,
        text: &[u8],
        skipped: &[Range<usize>],
        each: &mut dyn FnMut(usize, &[Range<usize>]),
    ) {
        if self.needles.is_empty() || text.len() < SHORTEST {
            return;
        }
        let mut from = 0;
        for skip in skipped {
            self.find_in(text, from..skip.start, each);
            from = skip.end;
        }
        self.find_in(text, from..text.len(), each);
    }

    fn find_in(
        &self,
        text: &[u8],
        part: Range<usize>,
        each: &mut dyn FnMut(usize, &[Range<usize>]),
    ) {
        // The last letters and where they are, around and around.
        let mut ring = [(0_u8, 0_usize, 0_usize); CODED];
        let (mut count, mut last) = (0_usize, 0_u64);
        let mut at = part.start;
        while at < part.end {
            let start = at;
            let mut letter = self.bytes[usize::from(text[at])];
            at += 1;
            if letter == WRITTEN {
                let (byte, end) = unit(text, start);
                letter = byte.map_or(ENDS, |byte| self.letters[usize::from(byte)]);
                at = end;
            }
            if letter == BETWEEN {
                continue;
            }
            if letter == ENDS {
                count = 0;
                continue;
            }
            ring[count % CODED] = (letter, start, at);
            count += 1;
            last = last << 8 | u64::from(letter);
            let (word, bit) = bit_of(last);
            if self.lasts[word] & bit != 0 && count >= SHORTEST {
                self.compare(&ring, count, each);
            }
        }
    }

    /// Shows the pieces that end with the last letter.
    #[cold]
    fn compare(
        &self,
        ring: &[(u8, usize, usize); CODED],
        count: usize,
        each: &mut dyn FnMut(usize, &[Range<usize>]),
    ) {
        let there = count.min(CODED);
        let read: [_; CODED] = std::array::from_fn(|back| ring[(count + CODED - 1 - back) % CODED]);
        // The last letter is the lowest part of the number.
        let ends = read.iter().rev().fold(0, |all, (letter, ..)| all << 8 | u128::from(*letter));
        for (index, Needle { pieces, length }) in self.needles.iter().enumerate() {
            let piece = ends & (u128::MAX >> (128 - 8 * length));
            if *length <= there && pieces.binary_search(&piece).is_ok() {
                let places = read[..*length].iter().rev().map(|(_, start, end)| *start..*end);
                each(index, &places.collect::<Vec<_>>());
            }
        }
    }
}

/// The byte that is written at a place, and where the next one is. None where it is no byte that a
/// secret could have.
fn unit(text: &[u8], at: usize) -> (Option<u8>, usize) {
    let hex = |from: usize, count: usize| -> Option<u32> {
        let digits = std::str::from_utf8(text.get(from..from + count)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let byte = |code: u32| u8::try_from(code).ok().filter(u8::is_ascii);
    match text[at] {
        b'%' => hex(at + 1, 2).map(|code| (byte(code), at + 3)),
        b'\\' => {
            // Text within text has two of them, and more the deeper it lies.
            let run = text[at..].iter().take_while(|byte| **byte == b'\\').count();
            let next = at + run;
            match text.get(next) {
                Some(b'u') => hex(next + 1, 4).map(|code| (byte(code), next + 5)),
                Some(b'x') => hex(next + 1, 2).map(|code| (byte(code), next + 3)),
                Some(b'n' | b'r' | b't') => Some((Some(b' '), next + 1)),
                _ => Some((Some(b' '), next)),
            }
        }
        b'&' => entity(&text[at..]).map(|(code, length)| (byte(code), at + length)),
        // A soft hyphen, and spaces and joiners without a width.
        0xc2 if text.get(at + 1) == Some(&0xad) => Some((Some(b' '), at + 2)),
        0xe2 if matches!(text.get(at + 1..at + 3), Some([0x80, 0x8b..=0x8f] | [0x81, 0xa0])) => {
            Some((Some(b' '), at + 3))
        }
        0xef if text.get(at + 1..at + 3) == Some(&[0xbb, 0xbf]) => Some((Some(b' '), at + 3)),
        _ => None,
    }
    .unwrap_or((Some(text[at]), at + 1))
}

/// The character of an entity of HTML by its number, and the entity's length.
fn entity(text: &[u8]) -> Option<(u32, usize)> {
    let end = text.iter().take(10).position(|byte| *byte == b';')?;
    let number = std::str::from_utf8(text.get(2..end)?).ok().filter(|_| text[1] == b'#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    Some((code.ok()?, end + 1))
}

/// All ways of reading, for one secret.
pub(super) struct Search([View; 2]);

impl Search {
    pub(super) fn of(secret: &str) -> Search {
        let letters: Vec<u8> = secret.bytes().filter_map(|byte| letter(byte, false)).collect();
        if letters.len() < SHORTEST {
            return Search([View::new(Vec::new(), false), View::new(Vec::new(), true)]);
        }
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let plain = [Needle::of(&letters, PIECE), Needle::of(hex.as_bytes(), CODED)];
        let coded = (0..3).map(|before| {
            // Where it stands behind other bytes, its first and last letters say something of those, too.
            let all = STANDARD.encode([&vec![0; before][..], secret.as_bytes()].concat());
            let (from, to) = ((8 * before).div_ceil(6), 8 * (before + secret.len()) / 6);
            Needle::of(&all.as_bytes()[from..to], CODED)
        });
        Search([
            View::new(plain.into_iter().flatten().collect(), false),
            View::new(coded.flatten().collect(), true),
        ])
    }

    /// Shows where pieces of the secret stand: the letters of each piece, one after another.
    pub(super) fn find(&self, text: &[u8], each: &mut dyn FnMut(&[Range<usize>])) {
        self.find_in(text, &[], each);
    }

    /// The same, but for what stands in images.
    pub(super) fn find_beside_images(&self, text: &[u8], each: &mut dyn FnMut(&[Range<usize>])) {
        self.find_in(text, &images(text), each);
    }

    fn find_in(
        &self,
        text: &[u8],
        skipped: &[Range<usize>],
        each: &mut dyn FnMut(&[Range<usize>]),
    ) {
        for view in &self.0 {
            view.find(text, skipped, &mut |_, places| each(places));
        }
    }

    /// Whether the whole of the secret stands in a text.
    pub(super) fn holds(&self, text: &[u8]) -> bool {
        self.0.iter().any(|view| {
            // Pieces one letter after another make the whole.
            let mut runs = vec![(0, 0); view.needles.len()];
            let mut is_whole = false;
            view.find(text, &[], &mut |index, places| {
                let (length, end) = &mut runs[index];
                let goes_on = places.len() > 1 && places[places.len() - 2].end == *end;
                *length = if goes_on { *length + 1 } else { 1 };
                *end = places.last().map_or(0, |place| place.end);
                is_whole |= *length >= view.needles[index].pieces.len();
            });
            is_whole
        })
    }
}

/// How an image begins that goes on from a window of a text into the next.
pub(super) const IMAGE_START: &[u8] = IMAGES[0];

/// Whether the bytes before a place of a text and behind it belong to one image.
pub(super) fn is_in_image(text: &[u8], at: usize) -> bool {
    images(text).iter().any(|image| image.start < at && at < image.end)
}

/// Where images stand in base64.
fn images(text: &[u8]) -> Vec<Range<usize>> {
    let is_letter: [bool; 256] = std::array::from_fn(|byte| {
        let byte = byte as u8;
        byte.is_ascii_alphanumeric() || b"+/=-_\\\r\n".contains(&byte)
    });
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        while at < text.len() && is_letter[usize::from(text[at])] {
            at += 1;
        }
        let run = &text[start..at];
        if run.len() >= IMAGE && IMAGES.iter().any(|start| run.starts_with(start)) {
            found.push(start..at);
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-Test-0123456789abcdef/x+y";

    fn found(text: &str) -> bool {
        let mut found = false;
        Search::of(KEY).find(text.as_bytes(), &mut |_| found = true);
        found
    }

    #[test]
    fn a_key_is_found_in_every_dress() {
        let escaped = |form: fn(u8) -> String| KEY.bytes().map(form).collect::<String>();
        let split = |between: &str| format!("{}{between}{}", &KEY[..11], &KEY[11..]);
        for text in [
            KEY.to_owned(),
            KEY.to_ascii_uppercase(),
            escaped(|byte| format!("%{byte:02x}")),
            escaped(|byte| format!("%{byte:02X}")),
            escaped(|byte| format!("\\u{byte:04x}")),
            escaped(|byte| format!("\\\\u{byte:04X}")),
            escaped(|byte| format!("\\x{byte:02x}")),
            escaped(|byte| format!("&#{byte};")),
            escaped(|byte| format!("&#x{byte:x};")),
            escaped(|byte| format!("{byte:02x}")),
            escaped(|byte| format!("{byte:02X}")),
            escaped(|byte| format!("{}\0", char::from(byte))),
            KEY.replace('/', "\\/"),
            KEY.replacen('s', "\\u0073", 1).replacen('-', "%2D", 1),
            split("\n    "),
            split("\\n"),
            split("\\\\r\\\\n"),
            split("\" + \""),
            split("\u{200b}"),
            split("=\r\n"),
            STANDARD.encode(KEY),
            STANDARD.encode(format!("Basic:{KEY}")),
            STANDARD.encode(format!("x{KEY}yz")),
            STANDARD.encode(format!("xy{KEY}")).replace('+', "-").replace('/', "_"),
            STANDARD.encode(format!("{{\"key\":\"{KEY}\"}}")).replace('/', "\\/"),
            STANDARD.encode(KEY).replace('=', "%3D").replace('/', "%2F").replace('+', "%2b"),
        ] {
            for text in [text.clone(), format!("it was {text}!"), format!("é{{\"k\":\"{text}\"}}")]
            {
                assert!(found(&text) && Search::of(KEY).holds(text.as_bytes()), "{text}");
            }
        }
        let base64 = STANDARD.encode([&[9; 40], KEY.as_bytes()].concat());
        assert!(found(&format!("{}\r\n{}", &base64[..76], &base64[76..])), "as mails wrap it");
    }

    #[test]
    fn a_piece_is_found_and_is_not_the_whole() {
        for text in ["cut: sk-test-01234 …", "0123456789ab", "789ABCDEF/xy"] {
            assert!(found(text), "{text}");
            assert!(!Search::of(KEY).holds(text.as_bytes()), "{text}");
        }
        for text in ["sk-test-", "0123456789 and abcdef", "a test of 012345", ""] {
            assert!(!found(text), "{text}");
        }
    }

    #[test]
    fn what_only_ends_like_a_piece_is_none_and_every_piece_is_found() {
        let letters = KEY.to_ascii_lowercase().replace('+', "");
        for from in 0..=letters.len() - PIECE {
            let piece = &letters[from..from + PIECE];
            assert!(found(&format!("..{piece}..")), "{piece}");
            assert!(!found(&format!("..#{}..", &piece[1..])), "{piece}");
        }
        let short = "Ab0_9-xY";
        let mut places = Vec::new();
        let search = Search::of(short);
        search.find(b"was: aB0_9-Xy!", &mut |letters| places.extend_from_slice(letters));
        assert_eq!((places.len(), places[0].start, places[7].end), (8, 5, 13));
    }

    #[test]
    fn images_are_left_alone() {
        let image = format!("iVBORw0KGgo{}{}", "A".repeat(300), STANDARD.encode(KEY));
        let body = format!("{{\"data\":[{{\"b64_json\":\"{image}\"}}],\"key\":\"{KEY}\"}}");
        let mut found = Vec::new();
        let search = Search::of(KEY);
        search.find_beside_images(body.as_bytes(), &mut |places| found.extend_from_slice(places));
        let at = body.find(KEY).unwrap();
        assert!(!found.is_empty() && found.iter().all(|place| place.start >= at), "{found:?}");
    }

    #[test]
    fn every_letter_is_read_a_few_times_at_most() {
        // What begins like the key again and again is no more work than any text.
        for piece in ["sk-test-0123456", "s", "%", "\\", "\\u007", "&#", "AAAA", "\" + \""] {
            let text = piece.repeat(200_000 / piece.len());
            let mut count = 0;
            Search::of(KEY).find(text.as_bytes(), &mut |_| count += 1);
            assert!(count <= text.len(), "{piece}: {count}");
        }
    }
}
