//! Rows in columns that were measured before: each is shown at once, and none is kept.

use dialoguer::console::{Alignment, measure_text_width, pad_str};

/// Columns between two cells.
const GAP: usize = 2;

/// The narrowest that a first cell becomes to make room, in columns.
const NARROW: usize = 16;

/// How wide the cells of all rows are.
#[derive(Debug, Default)]
pub(crate) struct Columns(Vec<usize>);

impl Columns {
    /// Makes room for a row.
    pub(crate) fn measure(&mut self, row: &[String]) {
        self.0.resize(self.0.len().max(row.len()), 0);
        for (width, cell) in self.0.iter_mut().zip(row) {
            *width = (*width).max(measure_text_width(cell));
        }
    }

    /// A row. Where they do not fit side by side, the cells between the first and the last go, the last
    /// of them first; then the end of the first cell is left out.
    pub(super) fn line(&self, row: &[String], width: usize) -> String {
        let mut kept: Vec<usize> = (0..self.0.len()).collect();
        let wide = |kept: &[usize]| kept.iter().skip(1).map(|at| self.0[*at] + GAP).sum::<usize>();
        while kept.len() > 2 && wide(&kept) + self.0[0].min(NARROW) > width {
            kept.remove(kept.len() - 2);
        }
        let room = width.saturating_sub(wide(&kept)).max(NARROW);
        let mut line = String::new();
        let cells = row.iter().zip(&self.0).enumerate();
        for (at, (cell, width)) in cells.filter(|(at, _)| kept.contains(at)) {
            let width = if at == 0 { (*width).min(room) } else { *width };
            line.push_str(&pad_str(cell, width, Alignment::Left, Some("…")));
            line.push_str(&" ".repeat(GAP));
        }
        line.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Columns;

    #[test]
    fn columns_stand_below_each_other_whatever_the_numbers() {
        let rows = ["1-a-fox.png", "100000-夜.png", "12-a-very-long-name-of-an-image.png"]
            .map(|name| [name.to_owned(), "fal/flux-schnell".to_owned(), "$0.003".to_owned()]);
        let mut columns = Columns::default();
        rows.iter().for_each(|row| columns.measure(row));
        let lines = |width| rows.each_ref().map(|row| columns.line(row, width));
        assert_eq!(
            lines(80),
            [
                "1-a-fox.png                          fal/flux-schnell  $0.003",
                "100000-夜.png                        fal/flux-schnell  $0.003",
                "12-a-very-long-name-of-an-image.png  fal/flux-schnell  $0.003",
            ]
        );
        assert_eq!(lines(36)[2], "12-a-very-long-name-of-an-i…  $0.003");
        assert_eq!(lines(46)[2], "12-a-very-long-name…  fal/flux-schnell  $0.003");
    }
}
