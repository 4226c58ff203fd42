//! Midjourney: `/imagine prompt:`, parameters behind the words, and parts with weights.
//!
//! Parameters as of <https://docs.midjourney.com/docs/parameter-list> (2026-11). They are read only
//! behind the words and with a value that they take, so that a prompt may speak of `--help`.

use super::{Fate, Kind, Mark, Reading, word};
use crate::request::Aspect;

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Ratio,
    Seed,
    /// What is not to be seen.
    Words,
    Number,
    /// A number, or nothing.
    Version,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Codes or links.
    Codes,
    /// Nothing; such a word alone may be another program's.
    Nothing,
}

const PARAMETERS: [(&str, Takes); 46] = [
    ("ar", Takes::Ratio),
    ("aspect", Takes::Ratio),
    ("seed", Takes::Seed),
    ("sameseed", Takes::Number),
    ("no", Takes::Words),
    ("v", Takes::Number),
    ("version", Takes::Number),
    ("niji", Takes::Version),
    ("s", Takes::Number),
    ("stylize", Takes::Number),
    ("c", Takes::Number),
    ("chaos", Takes::Number),
    ("w", Takes::Number),
    ("weird", Takes::Number),
    ("q", Takes::Number),
    ("quality", Takes::Number),
    ("iw", Takes::Number),
    ("cw", Takes::Number),
    ("sw", Takes::Number),
    ("sv", Takes::Number),
    ("ow", Takes::Number),
    ("exp", Takes::Number),
    ("r", Takes::Number),
    ("repeat", Takes::Number),
    ("stop", Takes::Number),
    ("bs", Takes::Number),
    ("style", Takes::OneOf(&["raw", "cute", "scenic", "expressive", "original", "4a", "4b", "4c"])),
    ("sref", Takes::Codes),
    ("cref", Takes::Codes),
    ("oref", Takes::Codes),
    ("p", Takes::Codes),
    ("profile", Takes::Codes),
    ("motion", Takes::OneOf(&["low", "high"])),
    ("tile", Takes::Nothing),
    ("hd", Takes::Nothing),
    ("raw", Takes::Nothing),
    ("draft", Takes::Nothing),
    ("fast", Takes::Nothing),
    ("relax", Takes::Nothing),
    ("turbo", Takes::Nothing),
    ("stealth", Takes::Nothing),
    ("public", Takes::Nothing),
    ("video", Takes::Nothing),
    ("loop", Takes::Nothing),
    ("test", Takes::Nothing),
    ("testp", Takes::Nothing),
];

/// Whether there is a parameter of this name.
pub(super) fn is_parameter(name: &str) -> bool {
    PARAMETERS.iter().any(|(known, _)| *known == name)
}

/// Takes `/imagine prompt:` away.
pub(super) fn command(reading: &mut Reading) {
    let text = reading.prompt.trim_start();
    let Some(rest) = without(text, "/imagine") else { return };
    let rest = rest.trim_start();
    let rest = without(rest, "prompt:").or_else(|| without(rest, "prompt ")).unwrap_or(rest).trim();
    if !rest.is_empty() {
        reading.prompt = rest.to_owned();
        reading.mark("/imagine", Fate::Read(word("prompt")));
    }
}

/// What stands behind a word, however that is written.
fn without<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

/// A `--name` with all that stands before the next one.
struct Parameter<'t> {
    start: usize,
    name: String,
    value: &'t str,
    takes: Option<Takes>,
}

/// Reads the parameters.
pub(super) fn parameters(reading: &mut Reading) {
    let text = std::mem::take(&mut reading.prompt);
    let before = reading.marks.len();
    let all = split(&text);
    let is_read = |parameter: &Parameter<'_>| {
        let Parameter { value, takes, .. } = parameter;
        let ratio = value.split_whitespace().next().and_then(ratio_of);
        match takes {
            Some(Takes::Ratio) => ratio.is_some(),
            Some(takes) => *takes != Takes::Nothing && takes.fits(value),
            None => false,
        }
    };
    let is_theirs = all.iter().any(is_read);
    let first = all.first().map_or(text.len(), |parameter| parameter.start);
    let mut words = text[..first].trim_end().to_owned();
    for parameter in &all {
        let Parameter { name, value, takes, .. } = parameter;
        let fits = takes.is_some_and(|takes| takes.fits(value));
        if fits && (is_theirs || *takes != Some(Takes::Nothing)) {
            take(parameter, reading);
            continue;
        }
        // A ratio may stand amid the words.
        if *takes == Some(Takes::Ratio)
            && let Some((ratio, rest)) = value.split_once(char::is_whitespace)
            && let Some(aspect) = ratio_of(ratio)
        {
            reading.aspect = Some(aspect);
            reading.mark(format!("--{name}"), Fate::Read(word("aspect")));
            words = format!("{words} {}", rest.trim()).trim().to_owned();
            continue;
        }
        if takes.is_some() && (is_theirs || ["ar", "niji", "sref", "stylize"].contains(&&**name)) {
            reading.mark(format!("--{name}"), Fate::Stays(Kind::Parameter));
        }
        words = format!("{words} --{name} {value}").trim().to_owned();
    }
    let is_out = |mark: &Mark| !matches!(mark.fate, Fate::Stays(_));
    let is_changed = reading.marks[before..].iter().any(is_out);
    reading.prompt = if is_changed { words.trim_end_matches(',').to_owned() } else { text };
}

/// Everything that begins like a parameter: also the dash that phones make of two, and nothing that
/// stands in quotes.
fn split(text: &str) -> Vec<Parameter<'_>> {
    let mut starts = Vec::new();
    let (mut is_quoted, mut before) = (false, ' ');
    for (at, c) in text.char_indices() {
        let dashes = match c {
            '"' | '`' | '“' | '”' => {
                is_quoted = !is_quoted;
                0
            }
            '—' | '–' => c.len_utf8(),
            '-' if text[at..].starts_with("--") => 2,
            _ => 0,
        };
        let is_name = text[at + dashes..].starts_with(|c: char| c.is_ascii_alphabetic());
        if dashes > 0 && before.is_whitespace() && is_name && !is_quoted {
            starts.push((at, at + dashes));
        }
        before = c;
    }
    loop {
        let all = cut(text, &starts);
        // One dash is a dash, unless what follows can be nothing else.
        let is_dash = |parameter: &Parameter<'_>| {
            let is_plain = !text[parameter.start..].starts_with("--");
            let is_meant = |takes: Takes| {
                ![Takes::Words, Takes::Nothing].contains(&takes) && takes.fits(parameter.value)
            };
            is_plain && !parameter.takes.is_some_and(is_meant)
        };
        match all.iter().position(is_dash) {
            Some(at) => _ = starts.remove(at),
            None => return all,
        }
    }
}

/// The parameters between these places, each of which has its dashes in front.
fn cut<'t>(text: &'t str, starts: &[(usize, usize)]) -> Vec<Parameter<'t>> {
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    let one = |(&(start, inner), end): (&(usize, usize), usize)| {
        let piece = text[inner..end].trim();
        let cut = piece.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(piece.len());
        let name = piece[..cut].trim_end_matches([',', '.']).to_ascii_lowercase();
        let value = piece[cut..].trim_start_matches('=').trim().trim_end_matches([',', '.']);
        let row = PARAMETERS.iter().find(|(known, _)| *known == name);
        Parameter { start, name, value: value.trim(), takes: row.map(|(_, takes)| *takes) }
    };
    starts.iter().zip(ends).map(one).collect()
}

fn take(parameter: &Parameter<'_>, reading: &mut Reading) {
    let Parameter { name, value, takes, .. } = parameter;
    let fate = match takes {
        Some(Takes::Ratio) => {
            reading.aspect = ratio_of(value);
            Fate::Read(word("aspect"))
        }
        Some(Takes::Seed) => {
            reading.seed = value.parse().ok();
            Fate::Read(word("seed"))
        }
        Some(Takes::Words) => {
            let before = reading.negative.take().map(|before| before + ", ").unwrap_or_default();
            reading.negative = Some(before + value);
            Fate::Read(word("negative"))
        }
        _ => Fate::Dropped,
    };
    reading.mark(format!("--{name}"), fate);
}

impl Takes {
    fn fits(self, value: &str) -> bool {
        let is_word = !value.is_empty() && !value.contains(char::is_whitespace);
        match self {
            Takes::Ratio => ratio_of(value).is_some(),
            Takes::Seed => value.parse::<u64>().is_ok_and(|seed| i64::try_from(seed).is_ok()),
            Takes::Words => !value.is_empty(),
            Takes::Number => is_number(value),
            Takes::Version => value.is_empty() || is_number(value),
            Takes::OneOf(words) => words.contains(&value),
            Takes::Codes => {
                let is_code =
                    |c: &str| c.contains("://") || c.contains(|c: char| c.is_ascii_digit());
                value.is_empty()
                    || is_word && value == "random"
                    || value.split_whitespace().all(is_code)
            }
            Takes::Nothing => value.is_empty(),
        }
    }
}

fn is_number(value: &str) -> bool {
    value.parse::<f64>().is_ok() && value.ends_with(|c: char| c.is_ascii_digit())
}

fn ratio_of(value: &str) -> Option<Aspect> {
    value.replace(['x', 'X', '×'], ":").parse().ok()
}

/// Marks parts with weights, such as `neon alley::2`; C++ and times of day are none.
pub(super) fn parts(reading: &mut Reading) {
    let text = &reading.prompt;
    let found = text.match_indices("::").find_map(|(at, colons)| {
        let before = &text[..at];
        let rest = &text[at + colons.len()..];
        let weight = rest.split([' ', ',', '\n']).next().unwrap_or_default();
        let is_weight = weight.is_empty() || is_number(weight);
        let is_part = before.ends_with(|c: char| c.is_alphabetic() || c == ')');
        let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        (is_part && is_weight).then(|| format!("{}::{weight}", &before[start..]))
    });
    if let Some(found) = found {
        reading.mark(super::shown(&found), Fate::Stays(Kind::Part));
    }
}
