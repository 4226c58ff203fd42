//! Outlines in scene units: polygons built from lines, curves, circles and path data.
//!
//! Invariants: curves are flattened as they are added; a path without holes has every polygon
//! turned the same way when it is drawn, so overlapping polygons unite.
//! Pure: no network, no clock, no files.

/// An affine map: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Affine {
    pub(crate) a: f32,
    pub(crate) b: f32,
    pub(crate) c: f32,
    pub(crate) d: f32,
    pub(crate) e: f32,
    pub(crate) f: f32,
}

impl Affine {
    pub(crate) const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    /// Scales by `(sx, sy)`, then moves the origin to `(x, y)`.
    pub(crate) fn place(x: f32, y: f32, sx: f32, sy: f32) -> Self {
        Self { a: sx, b: 0.0, c: 0.0, d: sy, e: x, f: y }
    }

    /// Turns by an angle in radians around `(x, y)`.
    pub(crate) fn turn(x: f32, y: f32, angle: f32) -> Self {
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        Self { a: cos, b: sin, c: -sin, d: cos, e: x - cos * x + sin * y, f: y - sin * x - cos * y }
    }

    /// First `self`, then `next`.
    pub(crate) fn then(self, next: Self) -> Self {
        Self {
            a: next.a * self.a + next.c * self.b,
            b: next.b * self.a + next.d * self.b,
            c: next.a * self.c + next.c * self.d,
            d: next.b * self.c + next.d * self.d,
            e: next.a * self.e + next.c * self.f + next.e,
            f: next.b * self.e + next.d * self.f + next.f,
        }
    }

    pub(crate) fn apply(self, x: f32, y: f32) -> (f32, f32) {
        (self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f)
    }

    /// Mean scale, for line widths.
    pub(crate) fn scale(self) -> f32 {
        (self.a * self.d - self.b * self.c).abs().sqrt()
    }
}

/// Polygons; `holes` keeps their direction so that inner ones cut.
#[derive(Debug, Clone, Default)]
pub(crate) struct Path {
    pub(crate) points: Vec<(f32, f32)>,
    pub(crate) starts: Vec<usize>,
    pub(crate) holes: bool,
}

/// Largest distance between a curve and its polygon, scene units.
const TOLERANCE: f32 = 0.000_12;

impl Path {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn polygon(points: &[(f32, f32)]) -> Self {
        let mut path = Self::new();
        path.add(points);
        path
    }

    pub(crate) fn rect(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self::polygon(&[(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    }

    pub(crate) fn circle(x: f32, y: f32, radius: f32) -> Self {
        let mut path = Self::new();
        path.ellipse(x, y, radius, radius);
        path
    }

    /// Adds one closed polygon.
    pub(crate) fn add(&mut self, points: &[(f32, f32)]) {
        self.starts.push(self.points.len());
        self.points.extend_from_slice(points);
    }

    pub(crate) fn add_rect(&mut self, x: f32, y: f32, width: f32, height: f32) {
        self.add(&[(x, y), (x + width, y), (x + width, y + height), (x, y + height)]);
    }

    pub(crate) fn ellipse(&mut self, x: f32, y: f32, rx: f32, ry: f32) {
        const K: f32 = 0.552_285;
        let mut pen = Pen::start(self, Affine::IDENTITY, x + rx, y);
        pen.cubic(x + rx, y + ry * K, x + rx * K, y + ry, x, y + ry);
        pen.cubic(x - rx * K, y + ry, x - rx, y + ry * K, x - rx, y);
        pen.cubic(x - rx, y - ry * K, x - rx * K, y - ry, x, y - ry);
        pen.cubic(x + rx * K, y - ry, x + rx, y - ry * K, x + rx, y);
    }

    pub(crate) fn rounded(&mut self, x: f32, y: f32, width: f32, height: f32, radius: f32) {
        let r = radius.min(width / 2.0).min(height / 2.0);
        let (right, bottom) = (x + width, y + height);
        let mut pen = Pen::start(self, Affine::IDENTITY, x + r, y);
        pen.line(right - r, y);
        pen.quad(right, y, right, y + r);
        pen.line(right, bottom - r);
        pen.quad(right, bottom, right - r, bottom);
        pen.line(x + r, bottom);
        pen.quad(x, bottom, x, bottom - r);
        pen.line(x, y + r);
        pen.quad(x, y, x + r, y);
    }

    /// Adds the outline of a line of the given width with round joints.
    pub(crate) fn stroke(&mut self, points: &[(f32, f32)], width: f32) {
        let half = width / 2.0;
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let (dx, dy) = (x1 - x0, y1 - y0);
            let length = (dx * dx + dy * dy).sqrt();
            if length < 1e-6 {
                continue;
            }
            let (nx, ny) = (-dy / length * half, dx / length * half);
            self.add(&[
                (x0 + nx, y0 + ny),
                (x1 + nx, y1 + ny),
                (x1 - nx, y1 - ny),
                (x0 - nx, y0 - ny),
            ]);
        }
        if half > 0.000_8 {
            for &(x, y) in points {
                const O: f32 = 0.414_213_6;
                let (s, l) = (half * O, half);
                let (l, s) = (l * 0.98, s * 0.98);
                self.add(&[
                    (x + l, y + s),
                    (x + s, y + l),
                    (x - s, y + l),
                    (x - l, y + s),
                    (x - l, y - s),
                    (x - s, y - l),
                    (x + s, y - l),
                    (x + l, y - s),
                ]);
            }
        }
    }

    pub(crate) fn append(&mut self, other: &Self) {
        for polygon in other.polygons() {
            self.add(polygon);
        }
    }

    pub(crate) fn mapped(&self, map: Affine) -> Self {
        Self {
            points: self.points.iter().map(|&(x, y)| map.apply(x, y)).collect(),
            starts: self.starts.clone(),
            holes: self.holes,
        }
    }

    pub(crate) fn polygons(&self) -> impl Iterator<Item = &[(f32, f32)]> {
        self.starts.iter().enumerate().map(|(index, &start)| {
            let end = self.starts.get(index + 1).copied().unwrap_or(self.points.len());
            &self.points[start..end]
        })
    }

    /// Left, top, right, bottom; `None` when empty.
    pub(crate) fn bounds(&self) -> Option<[f32; 4]> {
        let &(x, y) = self.points.first()?;
        Some(
            self.points.iter().fold([x, y, x, y], |b, &(x, y)| {
                [b[0].min(x), b[1].min(y), b[2].max(x), b[3].max(y)]
            }),
        )
    }
}

/// Adds one polygon to a path, point by point, through an affine map.
pub(crate) struct Pen<'a> {
    path: &'a mut Path,
    map: Affine,
    last: (f32, f32),
}

impl<'a> Pen<'a> {
    pub(crate) fn start(path: &'a mut Path, map: Affine, x: f32, y: f32) -> Self {
        let last = map.apply(x, y);
        path.starts.push(path.points.len());
        path.points.push(last);
        Self { path, map, last }
    }

    pub(crate) fn line(&mut self, x: f32, y: f32) {
        self.last = self.map.apply(x, y);
        self.path.points.push(self.last);
    }

    pub(crate) fn quad(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (start, control, end) = (self.last, self.map.apply(cx, cy), self.map.apply(x, y));
        let lift = |p: (f32, f32)| {
            (p.0 + (control.0 - p.0) * 2.0 / 3.0, p.1 + (control.1 - p.1) * 2.0 / 3.0)
        };
        self.curve(start, lift(start), lift(end), end);
    }

    pub(crate) fn cubic(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let (a, b, end) = (self.map.apply(ax, ay), self.map.apply(bx, by), self.map.apply(x, y));
        self.curve(self.last, a, b, end);
    }

    fn curve(&mut self, p: (f32, f32), a: (f32, f32), b: (f32, f32), q: (f32, f32)) {
        let bend = |i: f32, j: f32, k: f32| (i - 2.0 * j + k).abs();
        let first = bend(p.0, a.0, b.0) + bend(p.1, a.1, b.1);
        let second = bend(a.0, b.0, q.0) + bend(a.1, b.1, q.1);
        let steps = ((first.max(second) / TOLERANCE).sqrt() * 0.75).ceil().clamp(2.0, 60.0);
        for step in 1..=steps as u32 {
            let t = step as f32 / steps;
            let s = 1.0 - t;
            let (w0, w1, w2, w3) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
            self.path.points.push((
                p.0 * w0 + a.0 * w1 + b.0 * w2 + q.0 * w3,
                p.1 * w0 + a.1 * w1 + b.1 * w2 + q.1 * w3,
            ));
        }
        self.last = q;
    }
}
