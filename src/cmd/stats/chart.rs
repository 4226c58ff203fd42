//! Bars and columns in text: blocks of eighths, or `#` where only ASCII can be shown. Pure.

use jiff::civil::Date;

use crate::money::Money;

/// Rows of the chart of days.
const ROWS: usize = 6;
/// Eighths of a block, from below.
const UP: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Eighths of a block, from the left.
const RIGHT: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyphs {
    /// Block elements.
    Blocks,
    /// Nothing beyond ASCII.
    Ascii,
}

/// A bar of so many columns, filled to a part of it. Something above nothing is always seen.
pub(crate) fn bar(part: f64, width: usize, glyphs: Glyphs) -> String {
    let part = part.clamp(0.0, 1.0);
    let least = if part > 0.0 { 1 } else { 0 };
    match glyphs {
        Glyphs::Ascii => {
            let full = ((part * width as f64).round() as usize).max(least);
            "#".repeat(full)
        }
        Glyphs::Blocks => {
            let eighths = ((part * (width * 8) as f64).round() as usize).max(least);
            let mut bar = "█".repeat(eighths / 8);
            if eighths % 8 > 0 {
                bar.push(RIGHT[eighths % 8]);
            }
            bar
        }
    }
}

/// The amounts of days as columns above their dates, the newest at the right: as many days as fit
/// into `width` terminal columns.
pub(crate) fn days(amounts: &[(Date, Money)], width: usize, glyphs: Glyphs) -> Vec<String> {
    let most = amounts.iter().map(|(_, money)| *money).max().unwrap_or_default();
    let scale = most.to_string();
    let room = width.saturating_sub(scale.len() + 2).max(1);
    // Wide columns where there are few, with a blank between.
    let column = (room / amounts.len().max(1)).clamp(1, 3);
    let shown = &amounts[amounts.len().saturating_sub(room / column)..];
    let parts: Vec<f64> = shown
        .iter()
        .map(|(_, money)| money.as_dollars() / most.as_dollars().max(f64::MIN_POSITIVE))
        .collect();
    let mut lines: Vec<String> = (0..ROWS)
        .map(|row| {
            let below = (ROWS - 1 - row) as f64;
            let cells: String =
                parts.iter().map(|part| cell(*part, below, column, glyphs)).collect();
            let label = if row == 0 { scale.as_str() } else { "" };
            format!("{label:>width$} {cells}", width = scale.len()).trim_end().to_owned()
        })
        .collect();
    let rule = if glyphs == Glyphs::Ascii { "-" } else { "─" };
    let indent = " ".repeat(scale.len() + 1);
    lines.push(format!(
        "{:>width$} {}",
        "$0",
        rule.repeat(shown.len() * column),
        width = scale.len()
    ));
    if let (Some((first, _)), Some((last, _))) = (shown.first(), shown.last()) {
        let ends = shown.len() * column;
        let (first, last) = (first.to_string(), last.to_string());
        lines.push(match ends.checked_sub(first.len() + 1) {
            Some(rest) if rest >= last.len() => format!("{indent}{first} {last:>rest$}"),
            _ => format!("{indent}{last}"),
        });
    }
    lines
}

/// One day's piece of a row that stands on so many others.
fn cell(part: f64, below: f64, column: usize, glyphs: Glyphs) -> String {
    let height = part * ROWS as f64;
    let eighths = ((height - below) * 8.0).round().clamp(0.0, 8.0) as usize;
    // A day on which something was spent is never empty.
    let eighths = if below < 0.5 && part > 0.0 { eighths.max(1) } else { eighths };
    let glyph = match glyphs {
        Glyphs::Blocks => UP[eighths],
        Glyphs::Ascii if eighths >= 4 => '#',
        Glyphs::Ascii if eighths > 0 => '.',
        Glyphs::Ascii => ' ',
    };
    let filled = if column > 1 { column - 1 } else { 1 };
    let mut cell = glyph.to_string().repeat(filled);
    cell.push_str(&" ".repeat(column - filled));
    cell
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn bars_fill_their_part() {
        assert_eq!(bar(0.0, 8, Glyphs::Blocks), "");
        assert_eq!(bar(0.0001, 8, Glyphs::Blocks), "▏");
        assert_eq!(bar(0.5, 8, Glyphs::Blocks), "████");
        assert_eq!(bar(0.56, 2, Glyphs::Blocks), "█▏");
        assert_eq!(bar(7.0, 4, Glyphs::Blocks), "████");
        assert_eq!(bar(0.01, 8, Glyphs::Ascii), "#");
        assert_eq!(bar(0.5, 8, Glyphs::Ascii), "####");
    }

    #[test]
    fn days_stand_above_their_dates_and_fit() {
        let spent = [4, 0, 1, 2];
        let amounts: Vec<(Date, Money)> = (1i8..)
            .zip(spent)
            .map(|(day, dollars)| (date(2026, 11, day), Money::micros(dollars * 1_000_000)))
            .collect();
        let ascii = days(&amounts, 80, Glyphs::Ascii);
        assert_eq!(
            ascii,
            [
                "$4.00 ##",
                "      ##",
                "      ##",
                "      ##       ##",
                "      ##    .. ##".replace("..", "##").as_str(),
                "      ##    ## ##",
                "   $0 ------------",
                "      2026-11-04",
            ]
        );
        let many: Vec<(Date, Money)> = (0..200)
            .map(|n| {
                (
                    date(2026, 1, 1).checked_add(jiff::Span::new().days(n)).unwrap(),
                    Money::micros(n as u64),
                )
            })
            .collect();
        for width in [20, 40, 80] {
            for glyphs in [Glyphs::Ascii, Glyphs::Blocks] {
                let lines = days(&many, width, glyphs);
                assert!(lines.iter().all(|line| line.chars().count() <= width), "{lines:#?}");
                assert!(lines.last().unwrap().contains("2026-07-19"), "{lines:#?}");
            }
        }
    }
}
