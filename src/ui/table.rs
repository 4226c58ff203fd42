//! Tables that fit: a rule under the header and no other line, never a wrapped cell.
//!
//! Too wide a table first narrows the columns that may be narrowed, then drops columns by
//! priority, then cuts cells. Widths are terminal columns, so wide characters count twice.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, LineStyle, TableStyle};
use dialoguer::console::{measure_text_width, truncate_str};

use super::paint::Paint;
use crate::text;

/// Blanks between two columns.
const GAP: usize = 2;
/// No column is cut below this.
const LEAST: usize = 4;

/// Which edge the cells keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its header.
    pub title: String,
    /// The edge its cells keep to.
    pub align: Align,
    /// 0 is never dropped; the highest is dropped first.
    pub priority: u8,
    /// Cells are cut to this many terminal columns.
    pub max: usize,
    /// It may be narrowed to this before any column is dropped; as wide as `max` means never.
    pub min: usize,
}

impl Column {
    /// A column of text that is never dropped.
    pub(crate) fn new(title: impl Into<String>) -> Column {
        Column { title: title.into(), align: Align::Left, priority: 0, max: 80, min: 80 }
    }

    /// For numbers.
    #[must_use]
    pub(crate) fn right(self) -> Column {
        Column { align: Align::Right, ..self }
    }

    /// May be dropped; the highest goes first.
    #[must_use]
    pub(crate) fn priority(self, priority: u8) -> Column {
        Column { priority, ..self }
    }

    /// Between so many terminal columns.
    #[must_use]
    pub(crate) fn width(self, min: usize, max: usize) -> Column {
        Column { min, max, ..self }
    }
}

/// Rows under columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: Vec<Column>) -> Table {
        Table { columns, rows: Vec::new() }
    }

    /// Adds a row; missing cells are empty, surplus ones are left out. Cells are cleaned here.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        let mut cells: Vec<String> = cells.iter().map(|cell| text::clean(cell, 1_000)).collect();
        cells.resize(self.columns.len(), String::new());
        self.rows.push(cells);
    }

    /// Whether it has no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text with a line break at its end, no line wider than `width` columns.
    pub(crate) fn render(&self, width: usize, paint: Paint) -> String {
        let widths = self.widths(width);
        let shown = || widths.iter().enumerate().filter_map(|(at, width)| width.map(|w| (at, w)));
        let mut table = comfy_table::Table::new();
        table
            .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')))
            .set_content_arrangement(ContentArrangement::Disabled)
            .force_no_tty();
        if paint.0 {
            table.enforce_styling();
        }
        table.set_header(shown().map(|(at, width)| {
            Cell::new(cut(&self.columns[at].title, width)).add_attribute(Attribute::Bold)
        }));
        for row in &self.rows {
            table.add_row(shown().map(|(at, width)| cut(&row[at], width)));
        }
        for (place, (at, _)) in shown().enumerate() {
            let Some(column) = table.column_mut(place) else { continue };
            column.set_padding((if place == 0 { 0 } else { GAP as u16 }, 0));
            column.set_cell_alignment(match self.columns[at].align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
        let mut text = String::new();
        for line in table.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The width of each column, `None` where it is dropped.
    fn widths(&self, width: usize) -> Vec<Option<usize>> {
        let natural: Vec<usize> = (0..self.columns.len()).map(|at| self.natural(at)).collect();
        // A title that is cut says less than a column that is dropped.
        let least: Vec<usize> = natural
            .iter()
            .zip(&self.columns)
            .map(|(natural, column)| {
                column.min.max(measure_text_width(&column.title)).min(*natural)
            })
            .collect();
        let mut kept: Vec<usize> = (0..self.columns.len()).collect();
        let room = |kept: &[usize]| width.saturating_sub(GAP * kept.len().saturating_sub(1));
        while kept.iter().map(|at| least[*at]).sum::<usize>() > room(&kept) {
            // The last of the highest priority, so that a table loses its right side first.
            let Some(drop) = kept
                .iter()
                .copied()
                .filter(|at| self.columns[*at].priority > 0)
                .max_by_key(|at| self.columns[*at].priority)
            else {
                break;
            };
            kept.retain(|at| *at != drop);
        }
        let room = room(&kept);
        let mut widths: Vec<Option<usize>> = vec![None; self.columns.len()];
        for at in &kept {
            widths[*at] = Some(natural[*at]);
        }
        // First what may be narrowed, then what must be.
        for least in [least, vec![LEAST; self.columns.len()], vec![1; self.columns.len()]] {
            self.narrow(&mut widths, room, &least);
        }
        widths
    }

    /// The width that a column would like.
    fn natural(&self, at: usize) -> usize {
        let column = &self.columns[at];
        self.rows
            .iter()
            .map(|row| measure_text_width(&row[at]))
            .chain([measure_text_width(&column.title)])
            .max()
            .unwrap_or(0)
            .clamp(1, column.max.max(1))
    }

    /// Cuts columns until they fit, none below its least: what would be dropped first is cut
    /// first, and of equals the widest.
    fn narrow(&self, widths: &mut [Option<usize>], room: usize, least: &[usize]) {
        while widths.iter().flatten().sum::<usize>() > room {
            let next = widths
                .iter_mut()
                .zip(least)
                .zip(&self.columns)
                .filter_map(|((width, least), column)| {
                    Some((width.as_mut()?, least, column.priority))
                })
                .filter(|(width, least, _)| **width > **least)
                .max_by_key(|(width, _, priority)| (*priority, **width));
            match next {
                Some((width, ..)) => *width -= 1,
                None => return,
            }
        }
    }
}

/// Cuts text to so many terminal columns, with `…` at the end where something is missing.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let cut = truncate_str(text, width, "…");
    match cut.strip_suffix(" …") {
        Some(words) => format!("{}…", words.trim_end()),
        None => cut.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Table, measure_text_width};
    use crate::ui::paint::Paint;

    fn models() -> Table {
        let mut table = Table::new(vec![
            Column::new("model").width(12, 30),
            Column::new("cost").right(),
            Column::new("time").right().priority(1),
            Column::new("sizes").width(8, 24).priority(3),
            Column::new("description").width(10, 60).priority(4),
        ]);
        for (model, cost, time, sizes, description) in [
            (
                "openai/gpt-image-2",
                "$0.0132",
                "~20 s",
                "up to 3840x2160",
                "Photos, text and 日本語の文字 in one image",
            ),
            (
                "fal/flux-schnell",
                "$0.003",
                "1.2 s",
                "512x512 to 2048x2048",
                "Fast\x1b[31m\nand cheap",
            ),
            ("fal/a-model-with-a-very-long-name-indeed", "unknown", "–", "1024x1024", ""),
            (
                "pinx/sketch",
                "free",
                "0.1 s",
                "any",
                "Drawn here: no network 🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊",
            ),
        ] {
            table.row([model, cost, time, sizes, description].map(str::to_owned).to_vec());
        }
        table
    }

    #[test]
    fn no_line_is_ever_wider_than_asked() {
        for width in 1..200 {
            let text = models().render(width, Paint(false));
            assert_eq!(text.lines().count(), 6, "nothing wraps at {width}");
            for line in text.lines().filter(|_| width >= 8) {
                assert!(measure_text_width(line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn columns_go_by_priority() {
        let header = |width| {
            let text = models().render(width, Paint(false));
            text.lines()
                .next()
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(header(80), ["model", "cost", "time", "sizes", "description"]);
        assert_eq!(header(45), ["model", "cost", "time", "sizes"]);
        assert_eq!(header(30), ["model", "cost", "time"]);
        assert_eq!(header(22), ["model", "cost"]);
    }

    #[test]
    fn it_looks_like_this() {
        assert_eq!(
            models().render(40, Paint(false)),
            "\
model              cost   time  sizes
────────────────────────────────────────
openai/gpt-im…  $0.0132  ~20 s  up to 3…
fal/flux-schn…   $0.003  1.2 s  512x512…
fal/a-model-w…  unknown      –  1024x10…
pinx/sketch        free  0.1 s  any
"
        );
    }

    #[test]
    fn only_the_header_is_painted() {
        let text = models().render(80, Paint(true));
        assert!(text.lines().next().unwrap().contains("\x1b[1m"));
        assert!(!text.lines().skip(1).any(|line| line.contains('\x1b')));
    }

    #[test]
    fn odd_tables_are_tables_too() {
        let mut table = Table::new(vec![Column::new("a"), Column::new("b")]);
        assert!(table.is_empty());
        assert_eq!(table.render(80, Paint(false)), "a  b\n────\n");
        table.row(vec!["1".to_owned()]);
        table.row(["1", "2", "3"].map(str::to_owned).to_vec());
        assert_eq!(table.render(80, Paint(false)), "a  b\n────\n1\n1  2\n");
    }
}
