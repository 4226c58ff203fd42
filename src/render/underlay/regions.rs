//! Regions of one colour on a raster: cleaned of specks, and told apart where they do not touch.
//!
//! Pure: no network, no clock, no files.

/// The label of a cell where there is nothing.
pub(super) const GAP: u8 = u8::MAX;

/// Labels of a raster.
#[derive(Debug, Clone)]
pub(super) struct Map {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) labels: Vec<u8>,
}

/// One connected region.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub(super) label: u8,
    pub(super) cells: usize,
    /// Sums of columns and rows.
    sums: (u64, u64),
    /// Cells in the topmost row.
    pub(super) at_top: usize,
    /// The first and last columns and rows.
    bounds: [usize; 4],
    /// A cell of it.
    first: usize,
}

impl Region {
    /// How wide it is to its height, and how much of the box around it is its own.
    pub(super) fn shape(&self) -> (f32, f32) {
        let [left, top, right, bottom] = self.bounds;
        let (wide, tall) = ((right - left + 1) as f32, (bottom - top + 1) as f32);
        (wide / tall, self.cells as f32 / (wide * tall))
    }

    /// Whether it may be the pane of a window, of a picture of so many cells.
    pub(super) fn is_pane(&self, cells: usize) -> bool {
        let (ratio, full) = self.shape();
        (0.3..2.4).contains(&ratio) && full > 0.55 && self.cells > cells / 9_000
    }

    /// Its middle, where the picture is one wide and high.
    pub(super) fn middle(&self, map: &Map) -> (f32, f32) {
        let part = |sum: u64, of: usize| (sum as f32 / self.cells as f32 + 0.5) / of as f32;
        (part(self.sums.0, map.columns), part(self.sums.1, map.rows))
    }
}

/// Whether all around a cell have its label.
fn is_inside(labels: &[u8], columns: usize, (x, y): (usize, usize), rows: usize) -> bool {
    let (left, right) = (x.saturating_sub(2), (x + 2).min(columns - 1));
    let (up, down) = (y.saturating_sub(2), (y + 2).min(rows - 1));
    let own = labels[y * columns + x];
    let is_own = |x: usize, y: usize| labels[y * columns + x] == own;
    [up, y, down].into_iter().all(|y| is_own(left, y) && is_own(x, y) && is_own(right, y))
}

impl Map {
    /// Each cell takes the label that most around it have.
    pub(super) fn settle(&mut self) {
        let old = self.labels.clone();
        let (columns, rows) = (self.columns, self.rows);
        for y in 0..rows {
            for x in 0..columns {
                let own = old[y * columns + x];
                if own == GAP || is_inside(&old, columns, (x, y), rows) {
                    continue;
                }
                let mut counts = [0_u8; 32];
                for row in y.saturating_sub(2)..(y + 3).min(rows) {
                    for label in &old[row * columns..][x.saturating_sub(2)..(x + 3).min(columns)] {
                        if *label != GAP {
                            counts[usize::from(*label)] += 1;
                        }
                    }
                }
                let mut best = (own, counts[usize::from(own)]);
                for (label, count) in counts.iter().enumerate() {
                    // One more than its own: a line of two stays a line.
                    if *count > best.1 + 1 {
                        best = (label as u8, *count);
                    }
                }
                self.labels[y * columns + x] = best.0;
            }
        }
    }

    /// The regions, and of each cell which it is in; of a gap it is none.
    pub(super) fn regions(&self) -> (Vec<Region>, Vec<u32>) {
        let (columns, cells) = (self.columns, self.labels.len());
        let mut of = vec![u32::MAX; cells];
        let (mut regions, mut open) = (Vec::new(), Vec::new());
        for first in 0..cells {
            let label = self.labels[first];
            if label == GAP || of[first] != u32::MAX {
                continue;
            }
            let number = regions.len() as u32;
            let bounds = [columns, self.rows, 0, 0];
            let mut region = Region { label, cells: 0, sums: (0, 0), at_top: 0, bounds, first };
            of[first] = number;
            open.push(first);
            while let Some(at) = open.pop() {
                let (x, y) = (at % columns, at / columns);
                region.cells += 1;
                region.sums = (region.sums.0 + x as u64, region.sums.1 + y as u64);
                region.at_top += usize::from(y == 0);
                let [left, top, right, bottom] = region.bounds;
                region.bounds = [left.min(x), top.min(y), right.max(x), bottom.max(y)];
                self.beside(at, |other| {
                    if self.labels[other] == label && of[other] == u32::MAX {
                        of[other] = number;
                        open.push(other);
                    }
                });
            }
            regions.push(region);
        }
        (regions, of)
    }

    pub(super) fn beside(&self, at: usize, mut each: impl FnMut(usize)) {
        let x = at % self.columns;
        if x > 0 {
            each(at - 1);
        }
        if x + 1 < self.columns {
            each(at + 1);
        }
        if at >= self.columns {
            each(at - self.columns);
        }
        if at + self.columns < self.labels.len() {
            each(at + self.columns);
        }
    }

    /// Gives small regions to the neighbour that they touch most; `least` says how many cells a region
    /// must have that lies beside one of another label.
    pub(super) fn absorb(&mut self, least: impl Fn(u8, u8) -> usize) {
        let (regions, of) = self.regions();
        let most = (0..32).flat_map(|a| (0..32).map(move |b| (a, b)));
        let largest = most.map(|(a, b)| least(a, b)).max().unwrap_or(0);
        for (number, region) in regions.iter().enumerate().filter(|(_, r)| r.cells < largest) {
            let mut touching = [0_usize; 32];
            let mut cells = vec![region.first];
            let mut seen = std::collections::HashSet::from([region.first]);
            while let Some(at) = cells.pop() {
                self.beside(at, |other| {
                    if of[other] == number as u32 {
                        if seen.insert(other) {
                            cells.push(other);
                        }
                    } else if self.labels[other] != GAP {
                        touching[usize::from(self.labels[other])] += 1;
                    }
                });
            }
            let most = touching.iter().enumerate().max_by_key(|(_, count)| **count);
            let Some((label, count)) = most.map(|(label, count)| (label as u8, *count)) else {
                continue;
            };
            if count > 0 && region.cells < least(region.label, label) {
                for at in seen {
                    self.labels[at] = label;
                }
            }
        }
    }
}
