//! Bytes that are kept, without the key in them, while they go by: of a long answer only a window is in
//! memory.
//!
//! A key that stands across two windows is found in the second, which begins with the end of the first.

use std::io;

use super::{Secret, echo, redact_bytes};

/// Bytes that are looked through at once.
const WINDOW: usize = 1 << 20;
/// Bytes that are looked through again with the next ones: more than a key takes in any form.
const OVERLAP: usize = 16 * 1024;

/// Masks keys in bytes that come in pieces. Lengths stay.
pub(crate) struct Masked<'s> {
    secrets: &'s [Secret],
    /// What is looked through next; it may begin with what stands for the image that goes on there.
    window: Vec<u8>,
    /// How much of its beginning came with no piece.
    lead: usize,
    /// Bytes behind the lead that were looked through before.
    again: usize,
}

impl<'s> Masked<'s> {
    /// Nothing has come yet.
    pub(crate) fn of(secrets: &'s [Secret]) -> Masked<'s> {
        Masked { secrets, window: Vec::new(), lead: 0, again: 0 }
    }

    /// Adds a piece, and hands on what was looked through.
    ///
    /// # Errors
    /// What `each` answers.
    pub(crate) fn push(
        &mut self,
        mut piece: &[u8],
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        while !piece.is_empty() {
            let room = (self.lead + self.again + WINDOW).saturating_sub(self.window.len());
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.window.extend_from_slice(now);
            piece = later;
            if now.len() == room {
                self.hand_on(&mut each)?;
            }
        }
        Ok(())
    }

    /// Hands on the rest.
    ///
    /// # Errors
    /// What `each` answers.
    pub(crate) fn finish(
        mut self,
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        redact_bytes(&mut self.window, self.secrets);
        each(&self.window[self.lead..])
    }

    /// Hands on all but the end.
    fn hand_on(&mut self, each: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        redact_bytes(&mut self.window, self.secrets);
        let end = self.window.len() - OVERLAP;
        each(&self.window[self.lead..end])?;
        let lead = if echo::is_in_image(&self.window, end) { echo::IMAGE_START } else { b"" };
        self.window.splice(..end, lead.iter().copied());
        (self.lead, self.again) = (lead.len(), OVERLAP);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const KEY: &str = "sk-Test-0123456789abcdef";

    fn masked(bytes: &[u8], step: usize) -> Vec<u8> {
        let key = [Secret::new(KEY).unwrap()];
        let (mut masked, mut out) = (Masked::of(&key), Vec::new());
        let mut add = |piece: &[u8]| {
            out.extend_from_slice(piece);
            Ok(())
        };
        for piece in bytes.chunks(step) {
            masked.push(piece, &mut add).unwrap();
        }
        masked.finish(&mut add).unwrap();
        out
    }

    #[test]
    fn a_key_is_masked_wherever_a_window_ends() {
        for at in [0, OVERLAP, WINDOW - OVERLAP - 5, WINDOW - 5, WINDOW + 7, 2 * WINDOW - 11] {
            let mut bytes = vec![b' '; 3 * WINDOW];
            bytes[at..at + KEY.len()].copy_from_slice(KEY.as_bytes());
            for step in [4096, 1_000_003] {
                let out = masked(&bytes, step);
                assert_eq!(out.len(), bytes.len(), "{at}");
                assert_eq!(&out[at..at + KEY.len()], "*".repeat(KEY.len()).as_bytes(), "{at}");
            }
        }
        assert!(masked(b"", 1).is_empty());
    }

    #[test]
    fn an_image_stays_as_it_is_over_many_windows() {
        // What looks like the key in another dress, in the midst of an image.
        let like = STANDARD.encode(KEY);
        let image = format!("iVBORw0KGgo{}", (like + &"A".repeat(64)).repeat(40_000));
        let body = format!("{{\"b64_json\":\"{image}\"}}");
        assert!(body.len() > 3 * WINDOW);
        assert_eq!(masked(body.as_bytes(), 9_999), body.as_bytes());
    }
}
