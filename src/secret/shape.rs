//! What keys look like, and what tells them from words that begin as they do.
//!
//! Pure, and of a long word only the beginning is read.

/// How keys begin, and whether words begin so, too: keys of providers of images, of the gateways before
/// them, and of services whose keys lie in the same places.
const PREFIXES: [(&str, Use); 20] = [
    ("sk-", Use::Often),
    ("sk_", Use::Often),
    ("r8_", Use::Keys),
    ("hf_", Use::Words),
    ("AIza", Use::Keys),
    ("vck_", Use::Keys),
    ("key-", Use::Words),
    ("xai-", Use::Words),
    ("bfl_", Use::Words),
    ("Bearer:", Use::Words),
    ("gsk_", Use::Keys),
    ("tgp_v1_", Use::Keys),
    ("fw_", Use::Words),
    ("luma-", Use::Words),
    ("rpa_", Use::Keys),
    ("ghp_", Use::Keys),
    ("github_pat_", Use::Keys),
    ("AKIA", Use::Keys),
    ("pplx-", Use::Words),
    // Those of a server of ours.
    ("px-", Use::Words),
];

/// What begins with the prefix of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Keys, and hardly anything else.
    Keys,
    /// Keys more often than words.
    Often,
    /// Names and words of every day, too.
    Words,
}

/// How keys begin that are known within any word.
pub(super) const UNMISTAKABLE: [&str; 6] =
    ["sk-proj-", "sk-ant-", "sk-or-", "AIza", "github_pat_", "tgp_v1_"];

/// What follows the beginning of a key, as far as letters of keys go; none where it begins as none does.
fn behind_prefix(word: &str) -> Option<(Use, &str)> {
    /// More is never needed to know one.
    const ENOUGH: usize = 256;
    PREFIXES.iter().find_map(|(prefix, used)| {
        let rest = word.strip_prefix(prefix)?;
        let is_letter = |b: &u8| b.is_ascii_alphanumeric() || b"-_".contains(b);
        let end = rest.bytes().take(ENOUGH).take_while(is_letter).count();
        Some((*used, &rest[..end]))
    })
}

/// A row of letters and digits, by what tells a key from words.
struct Run {
    length: usize,
    digits: usize,
    /// How often a letter stands beside a digit, or a capital behind a small letter.
    breaks: usize,
}

impl Run {
    fn of(letters: impl Iterator<Item = u8>) -> Run {
        let (mut run, mut last) = (Run { length: 0, digits: 0, breaks: 0 }, None);
        for byte in letters {
            run.length += 1;
            run.digits += usize::from(byte.is_ascii_digit());
            run.breaks += usize::from(last.replace(byte).is_some_and(|last: u8| {
                last.is_ascii_digit() != byte.is_ascii_digit()
                    || (last.is_ascii_lowercase() && byte.is_ascii_uppercase())
            }));
        }
        run
    }

    /// Whether letters stand as nobody writes words or names: many digits in several places, or
    /// capitals everywhere.
    fn is_random(&self) -> bool {
        let digits = self.digits >= 3 && self.digits * 6 >= self.length && self.breaks >= 3;
        digits || (self.length >= 20 && self.breaks * 5 >= self.length)
    }
}

/// The rows of what follows a prefix: where only keys begin with it, all of it is one.
fn runs(used: Use, rest: &str) -> Vec<Run> {
    let is_sign = |b: &u8| b"-_".contains(b);
    match used {
        Use::Keys => vec![Run::of(rest.bytes().filter(|b| !is_sign(b)))],
        _ => rest.split(['-', '_']).map(|run| Run::of(run.bytes())).collect(),
    }
}

/// Whether a UUID stands at the beginning of a text.
fn is_uuid(text: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let parts = text.get(..36).map(|id| id.split('-').collect::<Vec<_>>()).unwrap_or_default();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.into_iter().all(is_hex)
}

/// Key shapes of the providers we know: prefixes, and fal's `uuid:hex`. What people write, such as
/// `sk-mountain-lake` or `key-authentication`, is none.
pub(super) fn looks_like_key(word: &str) -> bool {
    const LEAST: usize = 12;
    let is_secret = |(used, rest): (Use, &str)| {
        let is_mixed = |run: &Run| match used {
            Use::Words => run.digits >= 2 && run.breaks >= 2,
            _ => run.digits >= 1 && run.digits + run.breaks >= 3,
        };
        is_uuid(rest)
            || runs(used, rest)
                .iter()
                .any(|run| run.length >= LEAST && (is_mixed(run) || run.is_random()))
    };
    behind_prefix(word).is_some_and(is_secret) || is_fal_key(word)
}

/// The same where a prompt is refused for it: the letters that follow are no words of any language.
pub(super) fn is_certainly_key(word: &str) -> bool {
    let is_secret = |(used, rest): (Use, &str)| {
        let least = if used == Use::Keys { 12 } else { 16 };
        is_uuid(rest) || runs(used, rest).iter().any(|run| run.length >= least && run.is_random())
    };
    behind_prefix(word).is_some_and(is_secret) || is_fal_key(word)
}

/// The same where it stands behind something else: the letters are many, and there are digits.
pub(super) fn is_long_key(word: &str) -> bool {
    const LEAST: usize = 16;
    let has_digits =
        |rest: &str| rest.len() >= LEAST && rest.contains(|c: char| c.is_ascii_digit());
    behind_prefix(word).is_some_and(|(_, rest)| has_digits(rest)) && is_certainly_key(word)
}

/// fal's `uuid:hex`.
fn is_fal_key(word: &str) -> bool {
    let fal = |id: &str, rest: &str| {
        id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
            && rest.len() >= 16
            && rest.bytes().all(|b| b.is_ascii_hexdigit())
    };
    word.split_at_checked(36)
        .is_some_and(|(id, rest)| rest.strip_prefix(':').is_some_and(|rest| fal(id, rest)))
}
