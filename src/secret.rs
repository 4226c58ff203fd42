//! Secrets: keys that cannot be printed or serialised, and the redaction of text that may echo one.
//!
//! `Secret` has neither `Display` nor `Serialize`; its `Debug` says nothing. The only way to the
//! text is `expose`, called where a header is made and where redaction compares.

use std::fmt;

use sha2::{Digest, Sha256};

/// An API key or token.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a key as found; outer white space is trimmed.
    ///
    /// # Errors
    /// Says what is wrong with a key that is empty or holds control characters, without showing it.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("is empty");
        }
        if text.chars().any(char::is_control) {
            return Err("holds a line break or another control character");
        }
        if !text.is_ascii() {
            return Err("holds a character that is not ASCII");
        }
        Ok(Secret(text.to_owned()))
    }

    /// The text itself: for request headers and for redaction only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Six hex digits that tell keys apart without revealing them, salted per installation.
    pub fn fingerprint(&self, salt: &[u8]) -> String {
        let digest = Sha256::new().chain_update(salt).chain_update(self.0.as_bytes()).finalize();
        digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What stands where a key stood.
pub const MASK: &str = "[redacted]";

/// Removes the given secrets, and whatever looks like a key, from text that came from outside.
pub fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        if secret.0.len() >= 6 {
            text = text.replace(&secret.0, MASK);
            // Providers echo keys shortened: `sk-ab…wxyz` keeps the tail.
        }
    }
    let mut clean = String::with_capacity(text.len());
    for piece in
        text.split_inclusive(|c: char| c.is_whitespace() || "\"'`,;()<>{}[]&?=".contains(c))
    {
        let word =
            piece.trim_end_matches(|c: char| c.is_whitespace() || "\"'`,;()<>{}[]&?=".contains(c));
        if looks_like_key(word) {
            clean.push_str(MASK);
            clean.push_str(&piece[word.len()..]);
        } else {
            clean.push_str(piece);
        }
    }
    clean
}

/// The same for raw bytes that are kept: every letter of a key becomes a star, lengths stay.
pub fn blot<'a>(bytes: &mut [u8], secrets: impl IntoIterator<Item = &'a Secret>) {
    for secret in secrets {
        let key = secret.0.as_bytes();
        let mut at = 0;
        while key.len() >= 6 && at + key.len() <= bytes.len() {
            if bytes[at] == key[0] && bytes[at..].starts_with(key) {
                bytes[at..at + key.len()].fill(b'*');
                at += key.len();
            } else {
                at += 1;
            }
        }
    }
}

/// Key shapes of the providers we know: prefixes, and fal's `uuid:hex`.
fn looks_like_key(word: &str) -> bool {
    const PREFIXES: [&str; 10] =
        ["sk-", "sk_", "r8_", "hf_", "AIza", "vck_", "key-", "xai-", "bfl_", "Bearer:"];
    let word = word.trim_end_matches(['.', ':']);
    if PREFIXES.iter().any(|prefix| word.starts_with(prefix) && word.len() >= prefix.len() + 12) {
        return true;
    }
    let fal = |id: &str, rest: &str| {
        id.len() == 36
            && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
            && rest.len() >= 16
            && rest.bytes().all(|b| b.is_ascii_hexdigit())
    };
    word.split_once(':').is_some_and(|(id, rest)| fal(id, rest))
}

#[cfg(test)]
mod tests {
    use super::{Secret, blot, redact};

    #[test]
    fn a_key_is_never_shown() {
        let key = Secret::new("  sk-test-1234567890 \n").unwrap();
        assert_eq!(format!("{key:?}"), "Secret(…)");
        assert_eq!(key.expose(), "sk-test-1234567890");
        assert_ne!(key.fingerprint(b"a"), key.fingerprint(b"b"));
        assert_eq!(key.fingerprint(b"a").len(), 6);
    }

    #[test]
    fn keys_with_control_characters_are_refused_without_being_shown() {
        assert!(Secret::new("abc\ndef").is_err());
        assert!(Secret::new(" \t").is_err());
    }

    #[test]
    fn kept_bytes_hold_no_key() {
        let key = Secret::new("my-own-odd-key").unwrap();
        let mut bytes = b"{my-own-odd-key,my-own-odd-ke}my-own-odd-key".to_vec();
        blot(&mut bytes, [&key]);
        assert_eq!(bytes, b"{**************,my-own-odd-ke}**************");
    }

    #[test]
    fn echoed_keys_are_redacted() {
        let odd = Secret::new("my-own-odd-key").unwrap();
        let text = "bad key my-own-odd-key, also sk-proj-abcdefghijklmnop. and \
                    0b0c0d0e-0000-1111-2222-333344445555:0123456789abcdef0123";
        assert_eq!(redact(text, [&odd]), "bad key [redacted], also [redacted] and [redacted]");
        assert_eq!(redact("task-force and sk-1", []), "task-force and sk-1");
    }
}
