//! A picture made calm: each cell takes the colour of the calmest square beside it, so that grain and
//! texture go and edges stay.
//!
//! The squares are summed in whole numbers. Pure: no network, no clock, no files.

/// Red, green and blue of a cell.
pub(super) type Cells = Vec<[u8; 3]>;

/// Sums of everything above and to the left: red, green, blue, and the squares of the tone.
struct Sums {
    stride: usize,
    sums: Vec<[u64; 5]>,
}

impl Sums {
    fn new(cells: &Cells, columns: usize, rows: usize) -> Self {
        let stride = columns + 1;
        let mut sums = vec![[0; 5]; stride * (rows + 1)];
        for y in 0..rows {
            let mut line = [0_u64; 5];
            for x in 0..columns {
                let [r, g, b] = cells[y * columns + x].map(u64::from);
                let squares = r * r * 2 + g * g * 3 + b * b;
                for (sum, part) in line.iter_mut().zip([r, g, b, squares, 1]) {
                    *sum += part;
                }
                let above = sums[y * stride + x + 1];
                sums[(y + 1) * stride + x + 1] = std::array::from_fn(|k| above[k] + line[k]);
            }
        }
        Self { stride, sums }
    }

    /// The mean colour of a square and how restless it is.
    fn of(&self, [x0, y0, x1, y1]: [usize; 4]) -> ([u8; 3], u64) {
        let at = |x: usize, y: usize| self.sums[y * self.stride + x];
        let (a, b, c, d) = (at(x0, y0), at(x1, y0), at(x0, y1), at(x1, y1));
        let [r, g, b, squares, count]: [u64; 5] =
            std::array::from_fn(|k| d[k] + a[k] - b[k] - c[k]);
        let mean = |sum: u64| ((sum + count / 2) / count) as u8;
        let of_means = (r * r * 2 + g * g * 3 + b * b) / count;
        ([mean(r), mean(g), mean(b)], squares.saturating_sub(of_means) / count)
    }
}

/// The picture without what is finer than `reach` cells.
pub(super) fn calmed(cells: &Cells, columns: usize, rows: usize, reach: usize) -> Cells {
    let sums = Sums::new(cells, columns, rows);
    let mut out = Vec::with_capacity(cells.len());
    for y in 0..rows {
        let (up, down) = (y.saturating_sub(reach), (y + reach + 1).min(rows));
        for x in 0..columns {
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(columns));
            let squares = [
                [left, up, x + 1, y + 1],
                [x, up, right, y + 1],
                [left, y, x + 1, down],
                [x, y, right, down],
            ];
            let mut calmest = ([0; 3], u64::MAX);
            for square in squares {
                let found = sums.of(square);
                if found.1 < calmest.1 {
                    calmest = found;
                }
            }
            out.push(calmest.0);
        }
    }
    out
}
