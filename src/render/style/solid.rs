//! Solids in isometric projection: boxes, roofs, pyramids, cones and drums in three tones.
//!
//! World axes: x to the lower right, y to the lower left, z up. Light comes from the left.
//! Pure: no network, no clock, no files.

use crate::render::color::Rgb;
use crate::render::list::{Kind, List, Paint};
use crate::render::path::Path;

/// Where the world's origin is on the picture and how large a world unit is, scene units.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) unit: f32,
}

impl View {
    pub(super) fn at(&self, x: f32, y: f32, z: f32) -> (f32, f32) {
        (self.x + (x - y) * 0.866 * self.unit, self.y + ((x + y) * 0.5 - z) * self.unit)
    }

    fn face(&self, list: &mut List, corners: &[(f32, f32, f32)], color: Rgb) {
        let points: Vec<(f32, f32)> = corners.iter().map(|c| self.at(c.0, c.1, c.2)).collect();
        list.fill(Kind::Body, Path::polygon(&points), Paint::Flat(color));
    }

    /// A box from `(x, y, z)`; sides in two darker tones.
    pub(super) fn cuboid(
        &self,
        list: &mut List,
        from: (f32, f32, f32),
        size: (f32, f32, f32),
        color: Rgb,
    ) {
        let (x, y, z) = from;
        let (a, b, c) = (x + size.0, y + size.1, z + size.2);
        let (left, right) = (color.darker(0.08), color.darker(0.18));
        self.face(list, &[(x, b, z), (a, b, z), (a, b, c), (x, b, c)], left);
        self.face(list, &[(a, y, z), (a, b, z), (a, b, c), (a, y, c)], right);
        self.face(list, &[(x, y, c), (a, y, c), (a, b, c), (x, b, c)], color.lighter(0.03));
    }

    /// A gable roof over a rectangle, ridge along x.
    pub(super) fn roof(
        &self,
        list: &mut List,
        from: (f32, f32, f32),
        size: (f32, f32, f32),
        color: Rgb,
    ) {
        let (x, y, z) = from;
        let (a, b, top) = (x + size.0, y + size.1, z + size.2);
        let middle = y + size.1 / 2.0;
        self.face(
            list,
            &[(x, y, z), (a, y, z), (a, middle, top), (x, middle, top)],
            color.lighter(0.05),
        );
        self.face(list, &[(a, y, z), (a, b, z), (a, middle, top)], color.darker(0.2));
        self.face(list, &[(x, b, z), (a, b, z), (a, middle, top), (x, middle, top)], color);
    }

    /// A four-sided pyramid.
    pub(super) fn pyramid(
        &self,
        list: &mut List,
        from: (f32, f32, f32),
        side: f32,
        tall: f32,
        color: Rgb,
    ) {
        let (x, y, z) = from;
        let (a, b) = (x + side, y + side);
        let tip = (x + side / 2.0, y + side / 2.0, z + tall);
        self.face(list, &[(x, b, z), (a, b, z), tip], color);
        self.face(list, &[(a, y, z), (a, b, z), tip], color.darker(0.13));
    }

    /// A round solid between two radii; a cone when the upper one is zero.
    pub(super) fn drum(
        &self,
        list: &mut List,
        foot: (f32, f32, f32),
        radii: (f32, f32),
        tall: f32,
        color: Rgb,
    ) {
        let (x, y) = self.at(foot.0, foot.1, foot.2);
        let (low, high) = (radii.0 * 1.22 * self.unit, radii.1 * 1.22 * self.unit);
        let top = y - tall * self.unit;
        let mut path =
            Path::polygon(&[(x - low, y), (x - high, top), (x + high, top), (x + low, y)]);
        path.ellipse(x, y, low, low * 0.577);
        let paint =
            Paint::quick((x - low, y), (x + low, y), color.lighter(0.04), color.darker(0.16));
        list.fill(Kind::Body, path, paint);
        if high > 0.0 {
            let mut lid = Path::new();
            lid.ellipse(x, top, high, high * 0.577);
            list.flat(Kind::Body, lid, color.lighter(0.08));
        }
    }

    /// A dark round on the ground.
    pub(super) fn shade(&self, list: &mut List, at: (f32, f32, f32), radius: f32, color: Rgb) {
        let (x, y) = self.at(at.0, at.1, at.2);
        let mut path = Path::new();
        let r = radius * 1.22 * self.unit;
        path.ellipse(x + r * 0.25, y + r * 0.08, r, r * 0.577);
        list.veil(Kind::Shade, path, color, 0.22);
    }

    /// A rectangle on the face toward the lower left.
    pub(super) fn left_pane(
        &self,
        list: &mut List,
        at: (f32, f32, f32),
        size: (f32, f32),
        color: Rgb,
    ) {
        let (x, y, z) = at;
        self.face(
            list,
            &[(x, y, z), (x + size.0, y, z), (x + size.0, y, z + size.1), (x, y, z + size.1)],
            color,
        );
    }

    /// A rectangle on the face toward the lower right.
    pub(super) fn right_pane(
        &self,
        list: &mut List,
        at: (f32, f32, f32),
        size: (f32, f32),
        color: Rgb,
    ) {
        let (x, y, z) = at;
        self.face(
            list,
            &[(x, y, z), (x, y + size.0, z), (x, y + size.0, z + size.1), (x, y, z + size.1)],
            color,
        );
    }
}
