//! The web user interface of A1111 and its kin: lines of options (`--prompt "a fox" --seed 5`),
//! `positive:` and `negative:` blocks, networks and weights inside prompts.

use super::{Fate, Kind, Reading, tidied, word};
use crate::request::{MAX_EDGE, Size};

/// The options of its prompt files.
const OPTIONS: [&str; 24] = [
    "prompt",
    "negative_prompt",
    "seed",
    "width",
    "height",
    "steps",
    "sampler_name",
    "sampler_index",
    "cfg_scale",
    "n_iter",
    "batch_size",
    "batch_count",
    "styles",
    "sd_model",
    "subseed",
    "subseed_strength",
    "seed_resize_from_h",
    "seed_resize_from_w",
    "restore_faces",
    "tiling",
    "outpath_samples",
    "outpath_grids",
    "do_not_save_samples",
    "do_not_save_grid",
];

/// What is loaded by a tag in angle brackets: `<lora:fur:0.8>`.
pub(super) const TAGS: [&str; 10] = [
    "lora",
    "lyco",
    "locon",
    "loha",
    "wlora",
    "hypernet",
    "embed",
    "embedding",
    "segment",
    "refiner",
];

/// Whether a column or key is a setting of such an interface that nothing here has.
pub fn is_unused_option(name: &str) -> bool {
    const OTHERS: [&str; 12] = [
        "sampler",
        "sampling_method",
        "sampling_steps",
        "scheduler",
        "cfg",
        "clip_skip",
        "denoising_strength",
        "hires_fix",
        "hires_upscale",
        "enable_hr",
        "model_hash",
        "vae",
    ];
    let is_read =
        ["prompt", "negative_prompt", "seed", "width", "height", "styles"].contains(&name);
    (OPTIONS.contains(&name) || OTHERS.contains(&name)) && !is_read
}

/// Reads a line of options. Every other line is left alone, whatever is in it.
pub(super) fn options(reading: &mut Reading) {
    let text = std::mem::take(&mut reading.prompt);
    let all = split(text.trim());
    let prompt = all.iter().find(|(name, value)| name == "prompt" && !value.is_empty());
    let Some((_, prompt)) = prompt.filter(|_| text.trim_start().starts_with("--")) else {
        reading.prompt = text;
        return;
    };
    reading.prompt.clone_from(prompt);
    let number = |wanted: &str| {
        let (_, value) = all.iter().find(|(name, _)| name == wanted)?;
        value.parse::<u32>().ok().filter(|edge| (1..=MAX_EDGE).contains(edge))
    };
    let size = number("width").zip(number("height"));
    reading.size = size.map(|(width, height)| Size::new(width, height));
    for (name, value) in &all {
        let fate = match name.as_str() {
            "prompt" => Fate::Read(word("prompt")),
            "negative_prompt" => {
                reading.negative = Some(value.clone()).filter(|value| !value.is_empty());
                Fate::Read(word("negative"))
            }
            // -1 is any.
            "seed" => {
                reading.seed = value.parse().ok().filter(|seed| i64::try_from(*seed).is_ok());
                Fate::Read(word("seed"))
            }
            "width" | "height" if size.is_some() => Fate::Read(word("size")),
            _ => Fate::Dropped,
        };
        reading.mark(format!("--{name}"), fate);
    }
}

/// The options of a line, each with its value; empty where it is none.
fn split(line: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let (mut is_quoted, mut before) = (false, ' ');
    let mut starts = Vec::new();
    for (at, c) in line.char_indices() {
        match c {
            '"' if is_quoted || before.is_whitespace() => is_quoted = !is_quoted,
            '-' if !is_quoted && before.is_whitespace() && line[at..].starts_with("--") => {
                let name = &line[at + 2..];
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                starts.push((at, &name[..end.unwrap_or(name.len())]));
            }
            _ => {}
        }
        before = c;
    }
    if !starts.first().is_some_and(|(at, name)| *at == 0 && OPTIONS.contains(name)) {
        return all;
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([line.len()]);
    for ((start, name), end) in starts.iter().zip(ends) {
        let value = line[start + 2 + name.len()..end].trim();
        match all.last_mut() {
            // A dash in the words is no option.
            Some((_, words)) if !OPTIONS.contains(name) && !is_option(name) => {
                *words = format!("{words} {}", line[*start..end].trim());
            }
            _ => all.push(((*name).to_owned(), unquoted(value).to_owned())),
        }
    }
    all
}

/// Whether it looks like an option that is not known here.
fn is_option(name: &str) -> bool {
    name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

fn unquoted(value: &str) -> &str {
    let inner = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value).trim()
}

/// Reads `positive:` and `negative:`, each at the start of a line.
pub(super) fn blocks(reading: &mut Reading) {
    let (mut parts, mut at): ([Option<Vec<&str>>; 2], Option<usize>) = ([None, None], None);
    for line in reading.prompt.lines() {
        let rest = match block(line) {
            Some((part, rest)) => {
                at = Some(part);
                parts[part].get_or_insert_with(Vec::new);
                rest
            }
            None => line,
        };
        match at {
            Some(part) => parts[part].get_or_insert_with(Vec::new).push(rest.trim()),
            None => return,
        }
    }
    let [Some(positive), Some(negative)] = &parts else { return };
    let text = |lines: &[&str]| tidied(&lines.join(" "));
    let (positive, negative) = (text(positive), text(negative));
    if positive.is_empty() {
        return;
    }
    reading.negative = Some(negative).filter(|negative| !negative.is_empty());
    reading.prompt = positive;
    reading.mark("positive:", Fate::Read(word("prompt")));
    reading.mark("negative:", Fate::Read(word("negative")));
}

/// Whether a line begins a block: 0 the positive one, 1 the negative one; and what follows.
pub fn block(line: &str) -> Option<(usize, &str)> {
    let line = line.trim_start();
    ["positive:", "negative:"].iter().enumerate().find_map(|(part, word)| {
        let head = line.get(..word.len())?;
        head.eq_ignore_ascii_case(word).then(|| (part, &line[word.len()..]))
    })
}

/// Takes networks out: `<lora:ink:0.6>`.
pub(super) fn networks(reading: &mut Reading) {
    let text = &reading.prompt;
    let (mut out, mut rest) = (String::new(), text.as_str());
    let mut met: Option<&str> = None;
    while let Some(at) = rest.find('<') {
        let inner = &rest[at + 1..];
        let name = TAGS.iter().find(|name| {
            let head = inner.get(..name.len()).unwrap_or_default();
            head.eq_ignore_ascii_case(name) && inner[name.len()..].starts_with(':')
        });
        match (name, inner.find(['>', '\n'])) {
            (Some(name), Some(end)) if inner[end..].starts_with('>') => {
                met = Some(name);
                out.push_str(&rest[..at]);
                rest = &inner[end + 1..];
            }
            _ => {
                out.push_str(&rest[..=at]);
                rest = inner;
            }
        }
    }
    let Some(name) = met else { return };
    let prompt = tidied(&(out + rest));
    if !prompt.is_empty() {
        reading.prompt = prompt;
        reading.mark(format!("<{name}:…>"), Fate::Dropped);
    }
}

/// Marks words that weigh more or less: `(blurry:1.3)`; ratios, times and verses are none.
pub(super) fn weights(reading: &mut Reading) {
    let text = &reading.prompt;
    let found = text.match_indices('(').find_map(|(at, _)| {
        let inner = &text[at + 1..];
        let inner = &inner[..inner.find(['(', ')', '\n'])?];
        let (words, weight) = inner.rsplit_once(':')?;
        is_weight(words, weight).then(|| format!("({words}:{weight})"))
    });
    if let Some(found) = found {
        reading.mark(super::shown(&found), Fate::Stays(Kind::Weight));
    }
}

/// Whether what stands behind the last colon in brackets is the weight of the words before it:
/// `(blurry:1.3)`, but neither `(10:30)` nor `(Genesis 1:1)`.
pub(super) fn is_weight(words: &str, weight: &str) -> bool {
    let weight = weight.trim();
    let Ok(number) = weight.parse::<f64>() else { return false };
    let is_figure =
        weight.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let is_exact = weight.contains('.') && words.contains(char::is_alphabetic);
    let is_round = number.abs() <= 2.0 && words.trim_end().ends_with(char::is_alphabetic);
    is_figure && number.abs() < 10.0 && (is_exact || is_round)
}
