//! Style `sticker`: the hero cut out with a white rim and a soft shadow, on a plain ground.
//!
//! Pure: no network, no clock, no files.

use super::Job;
use super::designs::{colors, motifs};
use crate::render::color::{BLACK, WHITE};
use crate::render::compose;
use crate::render::list::{Kind, Paint, Ramp};
use crate::render::palette::Palette;
use crate::render::path::{Affine, Path};
use crate::render::raster::Pixels;
use crate::render::stage::fit;

/// Width of the white rim, scene units.
const RIM: f32 = 0.026;

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let mut list = job.empty();
    let (w, h) = (list.width, list.height);
    if !job.recipe.transparent {
        let colors = colors(job);
        let (first, second) =
            (colors[0].mix(WHITE, 0.62), colors[colors.len() / 2].mix(WHITE, 0.5));
        let ramp = Ramp::smooth(&[(0.0, first), (1.0, second)]);
        list.fill(Kind::Backdrop, list.all(), Paint::Linear { from: (0.0, 0.0), to: (w, h), ramp });
    }
    let motifs = motifs(job);
    let day = Palette { spot: WHITE, time: crate::render::place::Time::Day, ..job.palette.clone() };
    let mut hero = job.empty();
    match motifs.first() {
        Some(cast) if job.brief.cast.len() < 2 => {
            fit(&mut hero, &day, cast, (w / 2.0, h / 2.0), w.min(h) * 0.72);
        }
        Some(_) => hero = compose::heroes_only(job.brief, &day, w, h),
        None => {}
    }
    hero.shapes.retain(|shape| shape.kind != Kind::Glow);
    let mut rim = Path::new();
    for shape in hero.shapes.iter().filter(|s| matches!(s.kind, Kind::Body | Kind::Detail)) {
        rim.append(&shape.path);
        for polygon in shape.path.polygons() {
            rim.stroke(&sparse(polygon), RIM * 2.0);
        }
    }
    for (drop, opacity) in [(0.020, 0.09), (0.009, 0.14)] {
        let shadow = rim.mapped(Affine::place(drop * 0.35, drop, 1.0, 1.0));
        list.veil(Kind::Glow, shadow, BLACK, opacity);
    }
    job.obey(&mut list);
    job.obey(&mut hero);
    list.flat(Kind::Body, rim, WHITE);
    list.shapes.append(&mut hero.shapes);
    job.render(&list)
}

/// The closed outline without points that lie closer than a wide brush can show.
fn sparse(polygon: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let mut ring: Vec<(f32, f32)> = Vec::new();
    for &(x, y) in polygon.iter().chain(polygon.first()) {
        let far = |&(px, py): &(f32, f32)| (px - x).abs() + (py - y).abs() > RIM * 0.3;
        if ring.last().is_none_or(far) {
            ring.push((x, y));
        }
    }
    ring.extend(polygon.first());
    ring
}
