//! Small text work used everywhere: cleaning untrusted text, slugs, nearest names, durations.
//!
//! Pure: strings in, strings out.

use std::io::Read as _;
use std::time::Duration;

/// Text from outside made harmless for a terminal and a log line: control characters and
/// direction overrides go, line breaks become spaces, and it is cut at `max` characters. Joiners stay
/// where scripts and emoji are written with them; between Latin letters they only hide.
pub fn clean(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max * 4));
    let mut space = false;
    let stays = |c: &char| is_joiner(*c) || !is_dangerous(*c) || c.is_whitespace();
    let is_joined = |c: char| !c.is_ascii() && !c.is_whitespace() && !is_joiner(c);
    let mut chars = text.chars().filter(stays).peekable();
    let mut count = 0;
    while let Some(c) = chars.next() {
        if is_joiner(c) {
            let before = out.chars().next_back().filter(|_| !space && count < max);
            if before.is_some_and(is_joined) && chars.peek().copied().is_some_and(is_joined) {
                out.push(c);
                count += 1;
            }
            continue;
        }
        if count >= max {
            out.truncate(out.trim_end_matches(is_joiner).len());
            out.push('…');
            break;
        }
        count += 1;
        if c.is_whitespace() {
            space = !out.is_empty();
        } else {
            if std::mem::take(&mut space) {
                out.push(' ');
            }
            out.push(c);
        }
    }
    out
}

/// What joins the characters beside it, or keeps them from joining.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Bytes in hex.
pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Control characters, and the Unicode ones that reorder or hide text.
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{61c}' | '\u{180e}')
        || matches!(c, '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e01ef}')
}

/// Text that says what it shows: without control characters but line breaks and tabs, and without what
/// turns the direction of the text behind it. Nothing where it holds none of them.
pub fn without_controls(text: &str) -> Option<String> {
    let is_hidden = |c: char| match c {
        '\n' | '\r' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    };
    text.contains(is_hidden).then(|| text.replace(is_hidden, ""))
}

/// A file-name stem from any text: lower-case letters and digits of any script joined by `-`,
/// at most `max` bytes, never empty, never a name that Windows reserves.
pub fn slug(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut dash = false;
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            let gap = usize::from(dash && !out.is_empty());
            if out.len() + gap + c.len_utf8() > max {
                break;
            }
            if std::mem::take(&mut dash) && gap == 1 {
                out.push('-');
            }
            out.push(c);
        } else if c != '\'' && c != '’' {
            dash = true;
        }
    }
    if out.is_empty() {
        "image".to_owned()
    } else if is_reserved(&out) {
        out + "-image"
    } else {
        out
    }
}

/// Device names that Windows takes for itself, whatever the extension; its superscript digits count
/// as digits (<https://learn.microsoft.com/windows/win32/fileio/naming-a-file>).
pub fn is_reserved(stem: &str) -> bool {
    let stem = stem.split('.').next().unwrap_or(stem).trim_end().to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
        || port.is_some_and(|n| n.strip_prefix(digit) == Some(""))
}

/// The candidate nearest to what was typed, if it is near enough to be meant.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&typed, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= (typed.chars().count().max(candidate.chars().count()) / 3).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edit distance with transpositions (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

/// A sentence as a part of another: without the stop or the mark at its end.
pub fn clause(sentence: &str) -> &str {
    sentence.trim_end_matches(['.', '!', ' '])
}

/// `1 file`, `2 files`.
pub fn counted(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// One row of a CSV file, without its line break: cells that need quotes get them.
pub fn csv_row(cells: &[String]) -> String {
    let cell = |cell: &String| {
        if cell.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    cells.iter().map(cell).collect::<Vec<_>>().join(",")
}

/// A duration for people: `850 ms`, `8.2 s`, `120 s`, `6 min 5 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        format!("{} ms", duration.as_millis())
    } else if seconds < 99.95 {
        format!("{seconds:.1} s")
    } else if seconds < 300.0 {
        format!("{seconds:.0} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

/// Bytes for people: `812 B`, `1.4 MiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut amount, mut unit) = (bytes as f64 / 1024.0, 0);
    while amount >= 1023.95 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

/// Reads a duration as users write it: `4`, `90s`, `5m`, `1h`, `500ms`; a bare number is seconds.
///
/// # Errors
/// Says what was expected.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("`{text}` is not a duration, such as `90s` or `5m`")),
    };
    digits
        .trim()
        .parse::<f64>()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number * factor).ok())
        .filter(|duration| duration.as_secs() < 10 * 365 * 86_400)
        .ok_or_else(|| format!("`{text}` is not a duration, such as `90s` or `5m`"))
}

/// A word as a shell reads it back, quoted only where it must be. Line breaks and characters that a
/// terminal could swallow are written as escapes, which bash and zsh read.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./,:@%+=".contains(c);
    // In zsh a word that begins with `=` names a program.
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(is_plain) {
        word.to_owned()
    } else if word.chars().any(is_dangerous) {
        let escaped = word.chars().map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            '\'' | '\\' => format!("\\{c}"),
            c if is_dangerous(c) => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\x{byte:02x}")).collect()
            }
            c => c.to_string(),
        });
        format!("$'{}'", escaped.collect::<String>())
    } else if word.contains(['"', '$', '`', '\\', '!']) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        format!("\"{word}\"")
    }
}

/// Words as a line that a shell reads back.
pub fn shell_line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(shell_word).collect::<Vec<_>>().join(" ")
}

/// What the build has packed into the program (zlib).
///
/// # Panics
/// It is no such thing.
pub fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = flate2::read::ZlibDecoder::new(packed).read_to_end(&mut bytes);
    read.expect("the build packed it");
    bytes
}

/// What the build has packed into the program as JSON.
///
/// # Panics
/// It is no such thing; tests read all of it.
pub fn read_packed<T: serde::de::DeserializeOwned>(packed: &[u8]) -> T {
    serde_json::from_slice(&unpacked(packed)).expect("a test reads all that is packed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_text_becomes_inert() {
        assert_eq!(clean("a\x1b[31mred\x07\r\n b\u{202e}", 80), "a[31mred b");
        assert_eq!(clean("abcdef", 3), "abc…");
        assert_eq!(clean("a\u{61c}b\u{e0100}c\u{2028}d", 80), "abc d");
        // A family, a Persian word and a Hindi one are what they are; nothing hides in a name.
        for kept in ["👩\u{200d}👩\u{200d}👧 x", "می\u{200c}روم", "क्\u{200d}ष"] {
            assert_eq!(clean(kept, 80), kept);
        }
        for (text, cleaned) in [
            ("fo\u{200d}x", "fox"),
            ("\u{200d}👩\u{200d}", "👩"),
            ("👩\u{200d} 👩", "👩 👩"),
            ("👩\u{200d}\u{200d}\u{200c}👩", "👩\u{200c}👩"),
        ] {
            assert_eq!(clean(text, 80), cleaned, "{text:?}");
        }
        assert_eq!(clean("👩\u{200d}👩", 2), "👩…");
    }

    #[test]
    fn slugs_are_safe_names() {
        for (text, slugged) in [
            ("A lighthouse at dusk!", "a-lighthouse-at-dusk"),
            ("../../etc/x", "etc-x"),
            ("🦊🦊", "image"),
            ("\u{7}\x1b[31m", "31m"),
            ("café – élan", "café-élan"),
            ("don't", "dont"),
            ("NUL", "nul-image"),
            ("com³", "com³-image"),
            ("com10", "com10"),
        ] {
            assert_eq!(slug(text, 60), slugged, "{text}");
        }
        let long = slug(&"ä".repeat(30_000), 61);
        assert_eq!(long.len(), 60, "never cut inside a character");
    }

    #[test]
    fn nearest_names_are_near() {
        let names = ["openai/gpt-image-2", "fal/flux-schnell", "watercolor"];
        assert_eq!(nearest("watercolour", names), Some("watercolor"));
        assert_eq!(nearest("fal/flux-shcnell", names), Some("fal/flux-schnell"));
        assert_eq!(nearest("zebra", names), None);
    }

    #[test]
    fn sizes_are_short() {
        for (bytes, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_048_575, "1.0 MiB"),
            (1_468_006, "1.4 MiB"),
            (1 << 30, "1.0 GiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn durations_are_read_and_written() {
        assert_eq!(parse_duration("4"), Ok(Duration::from_secs(4)));
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        for bad in ["", "x", "-1", "5 fortnights", "1e99"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
        assert_eq!(duration(Duration::from_millis(8_249)), "8.2 s");
        assert_eq!(duration(Duration::from_secs(120)), "120 s");
        assert_eq!(duration(Duration::from_secs(365)), "6 min 5 s");
    }
}
