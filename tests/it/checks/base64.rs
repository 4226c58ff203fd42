//! Base64 in pieces: exactly what decoding at once gives, or an error where that is one.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use pinx::dialect::{Base64, decode_base64};

/// Letters in front, so that what follows lies across the border of two pieces.
const PIECE: usize = 64 * 1024;

/// Any text: the first byte says how many letters stand in front of the rest, mostly none.
pub fn base64_pieces(data: &[u8]) {
    let Some((&shift, rest)) = data.split_first() else { return };
    let front = match shift {
        0..240 => 0,
        _ => PIECE - 8 + usize::from(shift - 240),
    };
    if let Ok(text) = std::str::from_utf8(rest) {
        let text = "A".repeat(front) + text;
        let whole = pieces(&text);
        assert_eq!(whole, at_once(&text), "of {front} letters and {rest:?}");
        assert_eq!(stream(text.trim(), usize::from(shift) % 7 + 1), whole, "as it comes");
    }
    // What encoders write comes back, with line breaks, with other letters and without padding.
    let bytes = [&vec![0; front][..], rest].concat();
    let text = general_purpose::STANDARD.encode(&bytes);
    let lines: Vec<u8> = text.as_bytes().chunks(76).collect::<Vec<_>>().join(&b"\r\n"[..]);
    let lines = String::from_utf8(lines).expect("letters and line breaks");
    for text in [text, lines, general_purpose::URL_SAFE_NO_PAD.encode(&bytes)] {
        assert_eq!(pieces(&text).as_ref(), Some(&bytes));
    }
}

fn pieces(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let outcome = decode_base64(text, |piece| {
        out.extend_from_slice(piece);
        Ok(())
    });
    outcome.ok().map(|()| out)
}

/// The same as it comes from a disk: in pieces of any length.
fn stream(text: &str, length: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut decoder = Base64::new();
    let mut add = |piece: &[u8]| {
        out.extend_from_slice(piece);
        Ok(())
    };
    for piece in text.as_bytes().chunks(length) {
        decoder.push(piece, &mut add).ok()?;
    }
    decoder.finish(add).ok()?;
    Some(out)
}

/// The same by the base64 crate alone.
fn at_once(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let letters: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    GeneralPurpose::new(&alphabet::STANDARD, config).decode(letters).ok()
}
