//! Talk broken into lines that fit the terminal, between words.
//!
//! Pure: text and a width in, text out. Colours take no room. A command between backticks stays on
//! one line where it fits, since it is there to be copied.

use dialoguer::console::measure_text_width;

/// Blanks before the further lines of a paragraph, besides those of its first.
const HANG: usize = 2;
/// Narrower terminals wrap for themselves.
const LEAST: usize = 20;

/// The text with no line wider than `width` terminal columns, unless one word is.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    if width < LEAST {
        return text.to_owned();
    }
    text.lines().map(|line| wrap_line(line, width, HANG)).collect::<Vec<_>>().join("\n")
}

/// The lines of a column of text, for a caller that puts blanks before each of them.
pub(crate) fn column(text: &str, width: usize) -> Vec<String> {
    let wrapped = text.lines().map(|line| wrap_line(line, width.max(LEAST), 0));
    wrapped.flat_map(|line| line.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A line of shell as lines that fit and can be pasted: each but the last ends in a backslash. What is
/// said of it behind `#` stands above.
pub(crate) fn command(line: &str, width: usize) -> Vec<String> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    if measure_text_width(line) <= width || width < LEAST {
        return vec![line.to_owned()];
    }
    let (blanks, more) = (" ".repeat(indent), " ".repeat(indent + HANG));
    let (command, comment) = match line.split_once("   # ") {
        Some((command, comment)) => (command.trim_end(), Some(format!("{blanks}# {comment}"))),
        None => (line, None),
    };
    let mut lines: Vec<String> = comment.into_iter().collect();
    let mut now = blanks;
    let mut is_first = true;
    for word in shell_words(command.trim_start_matches(' ')) {
        let wide = measure_text_width(&now) + measure_text_width(word) + 3;
        if !is_first && wide > width {
            lines.push(format!("{now} \\"));
            now = format!("{more}{word}");
        } else {
            now += if is_first { "" } else { " " };
            now += word;
        }
        is_first = false;
    }
    lines.push(now);
    lines
}

/// The words of a line of shell, quotes and all.
fn shell_words(line: &str) -> Vec<&str> {
    let mut quote = None;
    let is_between = |c: char| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        c == ' ' && quote.is_none()
    };
    line.split(is_between).filter(|word| !word.is_empty()).collect()
}

fn wrap_line(line: &str, width: usize, more: usize) -> String {
    if measure_text_width(line) <= width {
        return line.to_owned();
    }
    let indent = line.len() - line.trim_start_matches(' ').len();
    let hang = " ".repeat((indent + more).min(width / 2));
    let mut out = " ".repeat(indent);
    let (mut used, mut is_first) = (indent, true);
    let room = width - hang.len();
    for word in words(line.trim_start_matches(' '), room) {
        let wide = measure_text_width(word);
        let gap = usize::from(!is_first);
        if !is_first && used + gap + wide > width {
            out.push('\n');
            out.push_str(&hang);
            used = hang.len();
        } else {
            out.push_str(&" ".repeat(gap));
            used += gap;
        }
        out.push_str(word);
        used += wide;
        is_first = false;
    }
    out
}

/// Units that stay on the line of their number.
const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "ms", "s", "min", "%"];

/// How far a number goes with its unit; none where there is no such.
fn with_unit(rest: &str, end: usize) -> Option<usize> {
    let next = rest[end..]
        .strip_prefix(' ')
        .filter(|_| rest[..end].ends_with(|c: char| c.is_ascii_digit()))?;
    let length = next.find(' ').unwrap_or(next.len());
    let unit = next[..length].trim_end_matches([',', '.', ';', ':', ')']);
    UNITS.contains(&unit).then_some(end + 1 + length)
}

/// The words, where words between two backticks count as one unless they are wider than `room`, and a
/// number and its unit do.
fn words(text: &str, room: usize) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = &text[start..];
        let end = rest.find(' ').unwrap_or(rest.len());
        let whole = quoted(rest).filter(|end| measure_text_width(&rest[..*end]) <= room);
        let end = whole.unwrap_or(end);
        let end = with_unit(rest, end).unwrap_or(end);
        words.push(&rest[..end]);
        start += end + 1;
    }
    words
}

/// Where the first blank outside backticks is, if those of the first word close again.
fn quoted(rest: &str) -> Option<usize> {
    let mut open = false;
    for (at, c) in rest.char_indices() {
        match c {
            '`' => open = !open,
            ' ' if !open => return Some(at),
            _ => {}
        }
    }
    (!open).then_some(rest.len())
}

#[cfg(test)]
mod tests {
    use dialoguer::console::measure_text_width;

    use super::{command, wrap};

    const NOTICE: &str = "this is a procedural sketch, not AI; set OPENAI_API_KEY or FAL_KEY for \
                          real models (`pinx keys set`)";

    #[test]
    fn a_number_stays_with_its_unit() {
        let text = "the disk has 28.4 GiB free, and it took 119 ms (all of it 92 ms), in 3 steps";
        for width in 20..60 {
            let lines = wrap(text, width);
            for pair in ["28.4 GiB", "119 ms", "92 ms),"] {
                assert!(lines.contains(pair), "{width}: {lines}");
            }
        }
    }

    #[test]
    fn commands_break_where_a_shell_goes_on() {
        let line = "    pinx \"a red fox\" -n 4 --max-cost 0.05 -o 'my foxes/'   # needs a key";
        assert_eq!(command(line, 80), [line]);
        assert_eq!(
            command(line, 36),
            [
                "    # needs a key",
                "    pinx \"a red fox\" -n 4 \\",
                "      --max-cost 0.05 -o \\",
                "      'my foxes/'",
            ]
        );
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(
            wrap(NOTICE, 79),
            "this is a procedural sketch, not AI; set OPENAI_API_KEY or FAL_KEY for real\n  \
             models (`pinx keys set`)"
        );
        assert_eq!(wrap("short\n  shorter", 79), "short\n  shorter");
        for width in 20..120 {
            let text = wrap(NOTICE, width);
            assert!(text.lines().all(|line| measure_text_width(line) <= width), "{width}: {text}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&text), words(NOTICE), "{width}");
        }
    }

    #[test]
    fn commands_stay_whole_and_colours_take_no_room() {
        assert_eq!(
            wrap("hint: agree with `pinx generate --yes` or not", 28),
            "hint: agree with\n  `pinx generate --yes` or\n  not"
        );
        assert_eq!(
            wrap("hint: a `stray backtick in a long line of talk", 24),
            "hint: a `stray backtick\n  in a long line of talk"
        );
        assert_eq!(
            wrap("\x1b[1mhint:\x1b[0m twelve chars", 20),
            "\x1b[1mhint:\x1b[0m twelve chars"
        );
        let long = "x".repeat(90);
        assert_eq!(wrap(&format!("see {long}"), 79), format!("see\n  {long}"));
        assert_eq!(wrap(NOTICE, 8), NOTICE);
    }
}
