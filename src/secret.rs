//! Secrets: keys that cannot be printed or serialised, and the redaction of text that may echo one.
//!
//! `Secret` has neither `Display` nor `Serialize`; its `Debug` says nothing. The only way to the
//! text is `expose`, called where a header is made and where redaction compares.

mod echo;
mod masked;
mod shape;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use memchr::memmem;
use sha2::{Digest, Sha256};

use echo::Search;
pub(crate) use masked::Masked;
use shape::{UNMISTAKABLE, is_certainly_key, is_long_key, looks_like_key};

/// An API key or token.
#[derive(Clone)]
pub struct Secret {
    text: String,
    /// How it is looked for in texts, made where it first is: that takes longer than to read most of them.
    search: Arc<OnceLock<Search>>,
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        self.text == other.text
    }
}

impl Eq for Secret {}

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
        Ok(Secret { text: text.to_owned(), search: Arc::default() })
    }

    /// Takes a key as people paste it, and says what was left out of it: white space, quotes, the name
    /// of a variable or a header, and the scheme of the header that it was copied from.
    ///
    /// # Errors
    /// As [`Secret::new`].
    pub fn pasted(text: &str) -> Result<(Self, Option<String>), &'static str> {
        let end = text.strip_suffix('\n').unwrap_or(text);
        let mut bare = end.strip_suffix('\r').unwrap_or(end);
        let mut around = Around::default();
        loop {
            let before = bare;
            bare = bare.trim();
            around.space |= bare != before;
            let inner = bare.trim_matches(QUOTES);
            around.quotes |= inner != bare;
            bare = inner.trim();
            if let Some(rest) = behind_name(bare) {
                (bare, around.name) = (rest.trim(), true);
            } else if let Some((scheme, rest)) = behind_scheme(bare) {
                (bare, around.scheme) = (rest.trim(), Some(scheme));
            } else if bare == before {
                break;
            }
        }
        Ok((Secret::new(bare)?, around.words()))
    }

    /// The text itself: for request headers and for redaction only.
    pub fn expose(&self) -> &str {
        &self.text
    }

    fn search(&self) -> &Search {
        self.search.get_or_init(|| Search::of(&self.text))
    }

    /// Six hex digits that tell keys apart without revealing them, salted per installation.
    pub fn fingerprint(&self, salt: &[u8]) -> String {
        let digest = Sha256::new().chain_update(salt).chain_update(self.text.as_bytes()).finalize();
        digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What stood around a key.
#[derive(Default)]
struct Around {
    space: bool,
    name: bool,
    quotes: bool,
    scheme: Option<&'static str>,
}

impl Around {
    /// `its quotes and the `Bearer` before it are left out`.
    fn words(self) -> Option<String> {
        let scheme = self.scheme.map(|scheme| format!("the `{scheme}` before it"));
        let mut parts = [
            self.space.then(|| "the white space around it".to_owned()),
            self.name.then(|| "the name before it".to_owned()),
            self.quotes.then(|| "its quotes".to_owned()),
            scheme,
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
        let last = parts.pop()?;
        let are = if parts.is_empty() && !self.quotes { "is" } else { "are" };
        let before = if parts.is_empty() { String::new() } else { parts.join(", ") + " and " };
        Some(format!("{before}{last} {are} left out"))
    }
}

/// What follows the scheme of an `Authorization` header, and the scheme.
fn behind_scheme(text: &str) -> Option<(&'static str, &str)> {
    const SCHEMES: [&str; 3] = ["Bearer", "Key", "Token"];
    let (first, rest) = text.split_once(char::is_whitespace)?;
    let scheme = SCHEMES.into_iter().find(|scheme| first.eq_ignore_ascii_case(scheme))?;
    Some((scheme, rest))
}

/// What follows a variable that is set to it (`export X=`, `X=`, `set -gx X `, `$env:X = `), or the
/// name of a header (`Authorization: `).
fn behind_name(text: &str) -> Option<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let lead = ["export ", "set -gx ", "set -x ", "set ", "$env:"];
    let led = lead.iter().find_map(|lead| {
        text.get(..lead.len()).filter(|start| start.eq_ignore_ascii_case(lead))?;
        Some(text[lead.len()..].trim_start())
    });
    let name = led.unwrap_or(text);
    let rest = name.trim_start_matches(is_word);
    let name = &name[..name.len() - rest.len()];
    let is_variable =
        |name: &str| name.contains('_') && !name.contains(|c: char| c.is_ascii_lowercase());
    if !name.is_empty() && (led.is_some() || is_variable(name)) {
        let set = rest.trim_start();
        match (set.strip_prefix('='), led) {
            (Some(set), _) => return Some(set),
            (None, Some(_)) if set.len() < rest.len() => return Some(set),
            _ => {}
        }
    }
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
    let is_header = rest.len() < text.len();
    rest.strip_prefix(": ").filter(|_| is_header)
}

/// What people put around a key; no provider's key holds any of them.
const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];

/// What stands where a key stood.
pub(crate) const MASK: &str = "[redacted]";

/// Between the words of a text: a key ends here, whatever it stands in.
const BETWEEN: &str = "\"'`,;()<>{}[]&?=|#";

/// Removes the given secrets, in whatever form they are repeated, and whatever looks like a key, from
/// text that came from outside.
pub(crate) fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        if secret.text.len() >= SHORTEST {
            text = mask_echoes(&text.replace(&secret.text, MASK), secret);
            text = mask_beginnings(&text, &secret.text);
        }
    }
    let mut clean = String::with_capacity(text.len());
    for (_, piece) in words_of(&text) {
        let word = without_end(piece);
        match key_at(word, looks_like_key) {
            Some(at) => {
                clean.push_str(&word[..at]);
                clean.push_str(MASK);
                clean.push_str(&piece[word.len()..]);
            }
            None => clean.push_str(piece),
        }
    }
    clean
}

/// The words of a text with what separates them behind each, and their places.
fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive(is_between).map(move |piece| {
        at += piece.len();
        (at - piece.len(), piece)
    })
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || BETWEEN.contains(c)
}

/// A word without what ends it.
fn without_end(piece: &str) -> &str {
    piece.trim_end_matches(is_between).trim_end_matches(['.', ':'])
}

/// Where in a word a key begins. It may stand behind a name, a scheme, a path or dashes: `token:…`,
/// `https://…@host`, `a/…`, `--…`; behind anything else only one that is long is taken for a key.
fn key_at(word: &str, is_key: fn(&str) -> bool) -> Option<usize> {
    let mut last = None;
    word.char_indices().map(|(at, _)| at).find(|at| {
        let (before, rest) = (last.replace(word[*at..].chars().next()).flatten(), &word[*at..]);
        match before {
            None | Some(':' | '/' | '@' | '+' | '!' | '*' | '.') => is_key(rest),
            Some('-') if matches!(&word[..*at], "-" | "--") => is_key(rest),
            Some(c) if c.is_ascii_alphanumeric() => {
                UNMISTAKABLE.iter().any(|start| rest.starts_with(start)) && is_long_key(rest)
            }
            Some(_) => is_long_key(rest),
        }
    })
}

/// Keys shorter than this are too common as words to be looked for.
const SHORTEST: usize = 6;

/// Whether a text holds a whole secret, in whatever form.
pub(crate) fn holds(text: &str, secret: &Secret) -> bool {
    text.contains(&secret.text) || secret.search().holds(text.as_bytes())
}

/// Masks a key and its pieces in other forms.
fn mask_echoes(text: &str, secret: &Secret) -> String {
    let mut found: Vec<Range<usize>> = Vec::new();
    secret.search().find(text.as_bytes(), &mut |places| {
        if let (Some(first), Some(last)) = (places.first(), places.last()) {
            found.push(first.start..last.end);
        }
    });
    found.sort_unstable_by_key(|place| place.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for place in found {
        if place.start >= at {
            out.push_str(&text[at..place.start]);
            out.push_str(MASK);
        }
        at = at.max(place.end);
    }
    out + &text[at..]
}

/// Masks the beginning of a key where text was cut: before a `…`, points or stars, and at the end.
fn mask_beginnings(text: &str, key: &str) -> String {
    const CUTS: [char; 3] = ['…', '.', '*'];
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(CUTS) {
        let shown = piece.trim_end_matches(CUTS);
        // No more of it than there is: all pieces together are no more work than the text.
        let most = key.len().min(shown.len() + 1);
        let longest = (SHORTEST..most).rev().find(|length| shown.ends_with(&key[..*length]));
        match longest {
            Some(length) => {
                out.push_str(&shown[..shown.len() - length]);
                out.push_str(MASK);
            }
            None => out.push_str(shown),
        }
        out.push_str(&piece[shown.len()..]);
    }
    out
}

/// The same for raw bytes that are kept: every letter of a key becomes a star, lengths stay. An image in
/// base64 stays as it is, but for a key that stands there in so many letters.
fn redact_bytes<'a>(bytes: &mut [u8], secrets: impl IntoIterator<Item = &'a Secret>) {
    for secret in secrets {
        let mut found: Vec<Range<usize>> = Vec::new();
        secret.search().find_beside_images(bytes, &mut |places| found.extend_from_slice(places));
        found.into_iter().for_each(|place| bytes[place].fill(b'*'));
        let key = secret.text.as_bytes();
        if key.len() >= SHORTEST {
            let found: Vec<usize> = memmem::find_iter(bytes, key).collect();
            found.into_iter().for_each(|at| bytes[at..at + key.len()].fill(b'*'));
        }
    }
}

/// A key that a text holds, as far as its shape tells, and the text before it.
pub(crate) fn key_in(text: &str) -> Option<&str> {
    words_of(text).find_map(|(at, word)| {
        let word = without_end(word);
        let start = key_at(word, is_certainly_key)?;
        Some(&text[..at + start])
    })
}

#[cfg(test)]
mod tests {
    use super::{Secret, key_in, redact, redact_bytes};

    /// Keys as providers make them; each is made up.
    const SHAPES: [&str; 14] = [
        "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9nO2qR5tU8wX1zA4cD7f",
        "sk-Zq3xTm8vKc1nRb5wYd7hJf2gLs9pAe4uMi6oBt0kVxCzQrWn",
        "sk-or-v1-0b4f9c2e7a1d8365f0e9b2c4a7d1836509bf2e4c7a1d8365",
        "sk-ant-api03-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7-bC0eF3hI6kL9nO2qR5tU",
        "sk_4f9c2e7a1d8365f0e9b2c4a7d1836509bf2e4c7a1d836500",
        "r8_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6k",
        "hf_a1DeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHi",
        "AIzaSyD3xTm8vKc1-Rb5wYd7hJf2gLs_pAe4uMi6",
        "key-4f9c2e7a1d8365f0e9b2c4a7d1836509",
        "xai-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9nO2qR5tU8",
        "gsk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9nO2qR5tU8",
        "fw_3ZbHnRrBSaVrZcYxPqLnGmTv",
        "luma-0b0c0d0e-0000-1111-2222-333344445555-abc",
        "AKIA4F9C2E7A1D8365F0E",
    ];

    /// What begins as keys do and is none.
    const WORDS: [&str; 20] = [
        "key-light-Caravaggio-chiaroscuro portrait",
        "key-visual-Weihnachten",
        "key-visual-Weihnachten2024",
        "key-visual-Donaudampfschifffahrtsgesellschaft-1900",
        "luma-Cinematic-Photography",
        "sk-Mountainbike-Parcours",
        "xai-ExplainableAI-Dashboard",
        "hf_Transformers_Diffusers logo",
        "hf_StableDiffusionInpaintPipelineLegacy",
        "photo/key-Shakespeare-Hamlet",
        "see https://a.example/docs/key-authentication for more",
        "the key-characteristics of this prompt",
        "luma-cinematography is not supported",
        "image hf_transformers_pipeline failed",
        "model fw_flux-1-dev-fp8-Instruct unknown",
        "sk-learn-Diffusion",
        "id sk-request-Abcdefgh, req_0123456789abcdef0123456789abcdef",
        "task-4f9c2e7a1d8365f0e9b2c4a7d1836509 is gone",
        "desk-lamp_key-light-50mm",
        "pplx-70b-online-instruct",
    ];

    #[test]
    fn what_is_pasted_around_a_key_is_left_out_and_said() {
        for (text, left_out) in [
            ("sk-1234", ""),
            ("sk-1234\n", ""),
            ("sk-1234\r\n", ""),
            (" sk-1234\n", "the white space around it is"),
            ("\"sk-1234\"", "its quotes are"),
            ("'sk-1234'", "its quotes are"),
            ("“sk-1234”", "its quotes are"),
            ("Bearer sk-1234", "the `Bearer` before it is"),
            ("key sk-1234", "the `Key` before it is"),
            ("Token sk-1234", "the `Token` before it is"),
            ("bearer  \"sk-1234\"", "its quotes and the `Bearer` before it are"),
            ("\"Bearer sk-1234\"", "its quotes and the `Bearer` before it are"),
            ("export OPENAI_API_KEY=sk-1234\n", "the name before it is"),
            ("OPENAI_API_KEY='sk-1234'", "the name before it and its quotes are"),
            (
                "\texport X=\"sk-1234\"",
                "the white space around it, the name before it and its quotes are",
            ),
            ("set X=sk-1234", "the name before it is"),
            ("set -gx OPENAI_API_KEY sk-1234", "the name before it is"),
            ("$env:OPENAI_API_KEY = \"sk-1234\"", "the name before it and its quotes are"),
            ("Authorization: Bearer sk-1234", "the name before it and the `Bearer` before it are"),
            ("'x-api-key: sk-1234'", "the name before it and its quotes are"),
        ] {
            let (key, told) = Secret::pasted(text).unwrap();
            let told = told.unwrap_or_default();
            let told = told.strip_suffix(" left out").unwrap_or(&told);
            assert_eq!((key.expose(), told), ("sk-1234", left_out), "{text}");
        }
        for whole in ["a1b2:c3d4", "YWJj==", "AB=cd", "key-1=2", "Authorization:x"] {
            let (key, told) = Secret::pasted(whole).unwrap();
            assert_eq!((key.expose(), told), (whole, None), "it may be a key");
        }
        for bad in ["", "\"\"", "Bearer ", "a\nb", "'sk-é'", "export X=", "X_Y="] {
            // A scheme alone is what was given, and the provider will say so.
            assert_eq!(Secret::pasted(bad).is_err(), bad != "Bearer ", "{bad}");
        }
    }

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
    fn a_key_in_a_prompt_is_told_from_words() {
        for (text, before) in [
            ("sk-proj-AbCd0123EfGh4567IjKl", ""),
            ("a fox OPENAI_API_KEY=sk-proj-AbCd0123EfGh4567IjKl in snow", "a fox OPENAI_API_KEY="),
            ("a fox, \"r8_AbCd0123EfGh4567IjKl\".", "a fox, \""),
            ("key: hf_AbCdEfGhIjKlMnOpQrStUvWx", "key: "),
            ("AIzaSyD0123456789_abcdefghijklmnopqrst", ""),
            (
                "Authorization:Key 0b0c0d0e-0000-1111-2222-333344445555:0123456789abcdef0123",
                "Authorization:Key ",
            ),
        ] {
            assert_eq!(key_in(text), Some(before), "{text}");
        }
        for before in ["a fox_", "a-", "$", "…", "–", "é", "1", "\\n", "--", "“", "a fox\u{200b}"]
        {
            let text = format!("{before}sk-proj-AbCd0123EfGh4567IjKl in snow");
            assert_eq!(key_in(&text), Some(before), "{text}");
            assert_eq!(redact(&text, []), format!("{before}[redacted] in snow"));
        }
        for shape in SHAPES {
            for before in ["", "key: ", "X=", "my_"] {
                let text = format!("{before}{shape}");
                assert_eq!(key_in(&text), Some(before), "{text}");
                assert_eq!(redact(&text, []), format!("{before}[redacted]"));
            }
        }
        let hostile = ["sk-", "sk-:", "-", "key-a1B2", "AIza"].map(|piece| piece.repeat(50_000));
        hostile.iter().for_each(|text| assert!(key_in(text).is_none_or(str::is_empty)));
        for words in [
            "a red fox",
            "an sk-8-bit-skateboarder on a half-pipe",
            "key-visual-of-a-car-from-1973",
            "sk-…",
            "sk-proj-XXXX",
            "AIza the song",
            "at 10:30, f/1.8, 85mm, ISO-400",
            "a fw_190 aircraft",
            "sk-1234",
            "a sign that says sk-abcdefghijklmnopqrstuvwxyz",
        ]
        .iter()
        .chain(&WORDS)
        {
            assert_eq!(key_in(words), None, "{words}");
        }
    }

    #[test]
    fn kept_bytes_hold_no_key() {
        let key = Secret::new("my-own-odd-key").unwrap();
        let mut bytes = b"{my-own-odd-key,my-own-odd}my-own-odd-key,MY-own\\u002dodd-key".to_vec();
        redact_bytes(&mut bytes, [&key]);
        let masked = format!("{{{0},my-own-odd}}{0},{1}", "*".repeat(14), "*".repeat(19));
        assert_eq!(String::from_utf8(bytes).unwrap(), masked);
    }

    #[test]
    fn echoed_keys_are_redacted() {
        let odd = Secret::new("my-own-odd-key").unwrap();
        let text = "bad key my-own-odd-key, also sk-proj-abcdefghijkl123. and \
                    0b0c0d0e-0000-1111-2222-333344445555:0123456789abcdef0123";
        assert_eq!(redact(text, [&odd]), "bad key [redacted], also [redacted]. and [redacted]");
        assert_eq!(redact("task-force and sk-1", []), "task-force and sk-1");
        for (text, told) in [
            ("token:sk-abcdefghijklm12", "token:[redacted]"),
            ("https://u:sk-abcdefghijklm12@host/x", "https://u:[redacted]"),
            ("/v1/sk-abcdefghijklm12#x", "/v1/[redacted]#x"),
            ("at 12:30 a/b:c.d", "at 12:30 a/b:c.d"),
            ("the key was my-own-od…", "the key was [redacted]…"),
            ("the key was my-own-odd-ke", "the key was [redacted]"),
            ("the key was my-ow…", "the key was my-ow…"),
            (
                "the key was my-own-o..., or my-own-od****",
                "the key was [redacted]..., or [redacted]****",
            ),
            ("MY-OWN-ODD-KEY, my-own%2Dodd-key", "[redacted], [redacted]"),
            ("\"my-own-odd\n-key\" bXktb3duLW9kZC1rZXk=", "\"[redacted]\" [redacted]k="),
            ("prompt: my-own-o…; a… my-own-odd-k", "prompt: [redacted]…; a… [redacted]"),
        ] {
            assert_eq!(redact(text, [&odd]), told);
        }
        for words in ["sk-mountain-lake.png", "key-visual-of-a-car", "out/sk-skater-on-ice/x.png"]
            .iter()
            .chain(&WORDS)
        {
            assert_eq!(redact(words, []), *words);
        }
        let half = "Key:0b0c0d0e-0000-1111-2222-333344445555:0123456789abcdef0123";
        assert_eq!(redact(half, []), "Key:[redacted]");
    }
}
