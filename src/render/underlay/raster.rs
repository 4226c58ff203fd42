//! Pictures as data: what a renderer is given, and the small rasters that it works on.
//!
//! Sums are whole numbers, so that every machine sees the same picture. Pure: no network, no clock,
//! no files.

/// Straight alpha, row by row, four bytes a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Four bytes a pixel.
    pub rgba: Vec<u8>,
}

/// Cells of a working raster, about: enough for the shape of an eye, few enough to be looked at often.
const CELLS: f64 = 400.0 * 400.0;

/// The longer side of a working raster is so many times the shorter at most.
const LONGEST: f64 = 6.0;

impl Raster {
    /// The middle of a picture in the proportions of another size, made small (or a tiny one large)
    /// for working on it; `pixel` is asked for its colour with straight alpha, once.
    ///
    /// # Panics
    /// Never for sizes above zero.
    pub fn working(
        (width, height): (u32, u32),
        wanted: (u32, u32),
        pixel: impl Fn(u32, u32) -> [u8; 4],
    ) -> Raster {
        let (width, height) = (width.max(1), height.max(1));
        let [columns, rows] = cells(wanted);
        let [left, top, wide, tall] = middle((width, height), wanted);
        let place = |index: u32, of: u32, start: u32, long: u32| {
            let from = u64::from(index) * u64::from(long) / u64::from(of);
            let to = u64::from(index + 1) * u64::from(long) / u64::from(of);
            (start + from as u32, start + (to.max(from + 1)) as u32)
        };
        if wide < columns || tall < rows {
            return enlarged((columns, rows), [left, top, wide, tall], pixel);
        }
        let mut rgba = Vec::with_capacity((columns * rows * 4) as usize);
        for row in 0..rows {
            let (y0, y1) = place(row, rows, top, tall);
            for column in 0..columns {
                let (x0, x1) = place(column, columns, left, wide);
                let (mut sums, mut count) = ([0_u64; 4], 0);
                for y in y0..y1 {
                    for x in x0..x1 {
                        let [r, g, b, a] = pixel(x, y).map(u64::from);
                        for (sum, part) in sums.iter_mut().zip([r * a, g * a, b * a, a]) {
                            *sum += part;
                        }
                        count += 1;
                    }
                }
                let alpha = sums[3].max(1);
                let part = |sum: u64| ((sum + alpha / 2) / alpha) as u8;
                rgba.extend([part(sums[0]), part(sums[1]), part(sums[2]), (sums[3] / count) as u8]);
            }
        }
        Raster { width: columns, height: rows, rgba }
    }

    pub(super) fn at(&self, index: usize) -> [u8; 4] {
        let p = &self.rgba[index * 4..index * 4 + 4];
        [p[0], p[1], p[2], p[3]]
    }
}

/// Columns and rows of the raster that is worked on for a picture of this size.
fn cells((width, height): (u32, u32)) -> [u32; 2] {
    let ratio = f64::from(width.max(1)) / f64::from(height.max(1));
    let ratio = ratio.clamp(1.0 / LONGEST, LONGEST);
    let columns = (CELLS * ratio).sqrt();
    [columns as u32, (columns / ratio) as u32]
}

/// The largest part in the middle with these proportions: left, top, width, height.
pub fn middle((width, height): (u32, u32), wanted: (u32, u32)) -> [u32; 4] {
    let [w, h] = [width, height].map(u64::from);
    let [a, b] = [wanted.0, wanted.1].map(|side| u64::from(side.max(1)));
    let wide = (h * a / b).clamp(1, w);
    let tall = (w * b / a).clamp(1, h);
    [((w - wide) / 2) as u32, ((h - tall) / 2) as u32, wide as u32, tall as u32]
}

/// A picture with fewer pixels than cells, read between its pixels in 256 steps.
fn enlarged(
    (columns, rows): (u32, u32),
    [left, top, wide, tall]: [u32; 4],
    pixel: impl Fn(u32, u32) -> [u8; 4],
) -> Raster {
    // Twice the distance of a cell's middle from the edge, in 256ths of a pixel.
    let place = |index: u32, of: u32, long: u32| {
        let at = (u64::from(index) * 2 + 1) * u64::from(long) * 128 / u64::from(of);
        let at = at.saturating_sub(128).min(u64::from(long - 1) * 256);
        let first = (at / 256) as u32;
        (first, (first + 1).min(long - 1), at % 256)
    };
    let mut rgba = Vec::with_capacity((columns * rows * 4) as usize);
    for row in 0..rows {
        let (y0, y1, fy) = place(row, rows, tall);
        for column in 0..columns {
            let (x0, x1, fx) = place(column, columns, wide);
            let corners = [
                (x0, y0, (256 - fx) * (256 - fy)),
                (x1, y0, fx * (256 - fy)),
                (x0, y1, (256 - fx) * fy),
                (x1, y1, fx * fy),
            ];
            let mut sums = [0_u64; 4];
            for (x, y, share) in corners {
                let [r, g, b, a] = pixel(left + x, top + y).map(u64::from);
                for (sum, part) in sums.iter_mut().zip([r * a, g * a, b * a, a]) {
                    *sum += part * share;
                }
            }
            let alpha = sums[3].max(1);
            let part = |sum: u64| ((sum + alpha / 2) / alpha).min(255) as u8;
            rgba.extend([part(sums[0]), part(sums[1]), part(sums[2]), (sums[3] >> 16) as u8]);
        }
    }
    Raster { width: columns, height: rows, rgba }
}
