//! What was probably meant by a value that cannot be read, or why none is needed: for hints.
//!
//! Pure. What is proposed can be read; a test tries all of it.

use super::schema;
use super::value::{Balance, CacheMode, Metadata, Notify, Prefer, Preview, Roots};
use crate::request::{Format, MAX_EDGE, SIZE_WORDS, Size};
use crate::secret::redact;
use crate::text;

/// What to do about a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Write this one.
    Write(String),
    /// Write none.
    LeaveOut(&'static str),
    /// Say it in other words.
    Say(&'static str),
}

impl Remedy {
    /// As a hint; `with` says how the setting is written with a value.
    pub(crate) fn hint(&self, with: &dyn Fn(&str) -> String) -> String {
        match self {
            Remedy::Write(value) => format!("did you mean `{}`?", with(value)),
            Remedy::LeaveOut(why) => format!("leave it out: {why}"),
            Remedy::Say(what) => (*what).to_owned(),
        }
    }
}

/// The longest value that is looked at, in characters.
const LONGEST: usize = 40;

/// What was meant by a value of the setting or parameter of this name.
pub(crate) fn remedy(name: &str, value: &str) -> Option<Remedy> {
    // What is long or may be a key is no slip.
    if value.chars().count() > LONGEST || redact(value, []) != value {
        return None;
    }
    let value = value.trim().to_lowercase();
    if value.is_empty() {
        return None;
    }
    let words: &[&str] = match name {
        "size" => return size(&value),
        "aspect" => return aspect(&value),
        "seed" => return seed(&value),
        "format" => return Some(Remedy::Write(format(&value).to_owned())),
        "background" => return background(&value),
        "prefer" => Prefer::WORDS,
        "balance" => Balance::WORDS,
        "preview" => Preview::WORDS,
        "metadata" => Metadata::WORDS,
        "cache.mode" => CacheMode::WORDS,
        "notify" => Notify::WORDS,
        "tls.roots" => Roots::WORDS,
        "count" | "concurrency" | "retries" | "retry_ambiguous" | "partials" => {
            return count(name, &value);
        }
        "timeout" | "deadline" => return duration(&value).map(Remedy::Write),
        name if schema::is_money(name) => return money(&value).map(Remedy::Write),
        _ => return None,
    };
    let begun = words.iter().find(|word| value.starts_with(*word) || word.starts_with(&value));
    let meant = begun.copied().or_else(|| text::nearest(&value, words.iter().copied()));
    meant.map(|word| Remedy::Write(word.to_owned()))
}

/// `512`, `1024*768`, `1024 by 768 px`.
fn size(value: &str) -> Option<Remedy> {
    if ["auto", "default", "any", "model", "original"].contains(&value) {
        return Some(Remedy::LeaveOut("1024x1024 is asked for, or what the model takes"));
    }
    let numbers = numbers(value);
    let edge = |edge: u64| u32::try_from(edge).unwrap_or(u32::MAX).clamp(1, MAX_EDGE);
    let (width, height) = match numbers.as_slice() {
        [edge] => (*edge, *edge),
        [width, height] => (*width, *height),
        _ => {
            let word = text::nearest(value, SIZE_WORDS.iter().map(|(word, ..)| *word));
            let other = match value {
                "small" | "tiny" | "thumbnail" => Some("512x512"),
                "wide" | "widescreen" | "horizontal" => Some("landscape"),
                "tall" | "vertical" => Some("portrait"),
                "big" | "large" | "huge" => Some("2k"),
                "full-hd" | "fhd" | "full hd" => Some("hd"),
                "uhd" => Some("4k"),
                _ => None,
            };
            return other.or(word).map(|word| Remedy::Write(word.to_owned()));
        }
    };
    Some(Remedy::Write(Size::new(edge(width), edge(height)).to_string()))
}

fn aspect(value: &str) -> Option<Remedy> {
    let word = match value {
        "wide" | "widescreen" | "horizontal" | "hd" | "cinema" => "16:9",
        "tall" | "vertical" | "story" | "phone" => "9:16",
        "auto" | "default" | "any" => return Some(Remedy::LeaveOut("the size says it")),
        _ => match numbers(value).as_slice() {
            [width, height] if (1..=100).contains(width) && (1..=100).contains(height) => {
                return Some(Remedy::Write(format!("{width}:{height}")));
            }
            _ => text::nearest(value, ["square", "portrait", "landscape"])?,
        },
    };
    Some(Remedy::Write(word.to_owned()))
}

fn seed(value: &str) -> Option<Remedy> {
    const RANDOM: &str = "each picture has a seed of its own, which `pinx info last` tells";
    let is_random = ["random", "rand", "auto", "none", "any"].contains(&value);
    if is_random || value.strip_prefix('-').is_some_and(|rest| rest.parse::<u64>().is_ok()) {
        return Some(Remedy::LeaveOut(RANDOM));
    }
    match numbers(value).as_slice() {
        [only] if i64::try_from(*only).is_ok() => Some(Remedy::Write(only.to_string())),
        _ => {
            Some(Remedy::Say("a seed is a number, such as 7; without one each picture has its own"))
        }
    }
}

/// A format that every picture can have, unless another one is near.
fn format(value: &str) -> &'static str {
    let value = value.trim_start_matches(['.', '*']);
    let value = value.strip_prefix("image/").unwrap_or(value);
    match value {
        "jpe" | "jfif" | "jp2" | "heic" | "heif" => "jpeg",
        _ => text::nearest(value, Format::ALL.map(Format::name)).unwrap_or("png"),
    }
}

fn background(value: &str) -> Option<Remedy> {
    match value {
        "none" | "alpha" | "clear" | "transparency" | "no" => {
            Some(Remedy::Write("transparent".to_owned()))
        }
        value => match text::nearest(value, ["transparent", "opaque", "auto"]) {
            Some(word) => Some(Remedy::Write(word.to_owned())),
            None => Some(Remedy::Say("say it in the prompt: `… on a white background`")),
        },
    }
}

fn count(name: &str, value: &str) -> Option<Remedy> {
    const WORDS: [&str; 11] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let least = u64::from(matches!(name, "count" | "concurrency"));
    let number = match (WORDS.iter().position(|word| *word == value), numbers(value).as_slice()) {
        (Some(number), _) => number as u64,
        (None, [only]) => *only,
        _ => return None,
    };
    match name {
        "count" if number > 1000 => Some(Remedy::Say(
            "`-n 1000` is the most of one command; `pinx batch FILE` makes any number",
        )),
        "partials" if number > 3 => Some(Remedy::Write("3".to_owned())),
        "concurrency" if number > 256 => Some(Remedy::Write("256".to_owned())),
        _ if number > 1000 => None,
        _ => Some(Remedy::Write(number.max(least).to_string())),
    }
}

/// `30sec`, `2 minutes`, `1m30s`.
fn duration(value: &str) -> Option<String> {
    let mut seconds = 0.0;
    let mut rest = value.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit = rest[end..].trim_start();
        let end = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
        let factor = match &unit[..end] {
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            _ => return None,
        };
        seconds += number * factor;
        rest = unit[end..].trim_start();
    }
    let whole = seconds as u64;
    let is_whole = seconds > 0.0 && seconds < 1e6 && (seconds - seconds.trunc()).abs() < 1e-9;
    is_whole.then(|| match whole {
        minutes if minutes % 60 == 0 => format!("{}m", minutes / 60),
        seconds => format!("{seconds}s"),
    })
}

/// `0,05`, `5c`, `1 USD`, `€1`.
fn money(value: &str) -> Option<String> {
    let digits: String =
        value.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let rest: String = value
        .chars()
        .filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | ',') && !c.is_whitespace())
        .collect();
    let amount: f64 = digits.replace(',', ".").parse().ok()?;
    let dollars = match rest.as_str() {
        "" | "$" | "€" | "£" | "usd" | "us$" | "eur" | "dollar" | "dollars" => amount,
        "c" | "ct" | "cts" | "cent" | "cents" | "¢" => amount / 100.0,
        _ => return None,
    };
    Some(format!("{dollars}"))
}

/// The whole numbers in a text.
fn numbers(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::request::{Request, parameter};

    #[test]
    fn what_was_meant_is_proposed_and_can_be_read() {
        for (name, value, wanted) in [
            ("size", "512", "512x512"),
            ("size", "1024*768", "1024x768"),
            ("size", "1024,768", "1024x768"),
            ("size", "1024 by 768 px", "1024x768"),
            ("size", "99999x99999", "16384x16384"),
            ("size", "0x0", "1x1"),
            ("size", "big", "2k"),
            ("size", "lanscape", "landscape"),
            ("size", "wide", "landscape"),
            ("aspect", "wide", "16:9"),
            ("aspect", "16-9", "16:9"),
            ("aspect", "portait", "portrait"),
            ("seed", "#42", "42"),
            ("format", "bmp", "png"),
            ("format", "heic", "jpeg"),
            ("format", "image/pngg", "png"),
            ("format", "wepb", "webp"),
            ("background", "none", "transparent"),
            ("count", "two", "2"),
            ("count", "0", "1"),
            ("count", "-3", "3"),
            ("count", "x4", "4"),
            ("concurrency", "1000", "256"),
            ("prefer", "cheapest", "cheap"),
            ("prefer", "fastest", "fast"),
            ("preview", "onn", "on"),
            ("timeout", "30sec", "30s"),
            ("timeout", "2 minutes", "2m"),
            ("timeout", "1m30s", "90s"),
            ("deadline", "1 hour", "60m"),
            ("budget.run", "5c", "0.05"),
            ("budget.run", "0,05", "0.05"),
            ("budget.day", "€1", "1"),
            ("confirm_above", "2 USD", "2"),
        ] {
            let Some(Remedy::Write(meant)) = remedy(name, value) else { panic!("{name} {value}") };
            assert_eq!(meant, wanted, "{name} {value}");
            let can_be_read = match (parameter::find(name), name) {
                (Some(row), _) => row.parse(&mut Request::default(), &meant).is_ok(),
                (None, "timeout" | "deadline") => text::parse_duration(&meant).is_ok(),
                (None, name) if schema::is_money(name) => meant.parse::<Money>().is_ok(),
                _ => true,
            };
            assert!(can_be_read, "{name} {meant}");
        }
        for (name, value) in [("seed", "-1"), ("seed", "random"), ("size", "auto")] {
            assert!(matches!(remedy(name, value), Some(Remedy::LeaveOut(_))), "{name} {value}");
        }
        for (name, value) in [
            ("background", "white"),
            ("count", "1000000"),
            ("seed", "abc"),
            ("seed", "99999999999999999999999"),
        ] {
            assert!(matches!(remedy(name, value), Some(Remedy::Say(_))), "{name} {value}");
        }
        for (name, value) in [
            ("timeout", "soon"),
            ("budget.run", "a lot"),
            ("model", "x"),
            ("size", ""),
            ("count", "many"),
            ("size", "sk-proj-AbCd0123EfGh4567IjKl"),
            ("seed", "a text of more than forty characters, with 1 number"),
        ] {
            assert_eq!(remedy(name, value), None, "{name} {value}");
        }
    }
}
