//! Style `line-art`: ink outlines on paper, tones as hatching like an engraving.
//!
//! Each shape hides what lies behind it with paper, so no hidden line shows.
//! Pure: no network, no clock, no files.

use super::Job;
use crate::render::color::{Rgb, hex};
use crate::render::list::{Hatch, Kind, List, Paint};
use crate::render::noise::Noise;
use crate::render::path::Path;
use crate::render::raster::Pixels;

/// Distance of hatching lines, scene units.
const SPACING: f32 = 0.008_4;

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    inked(job, job.color(hex(0xfb_f6ea)), job.color(hex(0x1c_2230)), false)
}

/// Style `blueprint`: the same drawing in white on blue, over a grid.
pub(super) fn blueprint(job: &Job<'_>) -> Pixels {
    inked(job, job.color(hex(0x1d_4f96)), job.color(hex(0xea_f3ff)), true)
}

fn inked(job: &Job<'_>, paper: Rgb, ink: Rgb, grid: bool) -> Pixels {
    let scene = job.scene();
    let mut list = job.empty();
    let noise = Noise::new(job.brief.seed);
    let across =
        |angle: f32, spacing: f32| (libm::cosf(angle) / spacing, libm::sinf(angle) / spacing);
    let clear = job.cut_out();
    if !clear {
        list.flat(Kind::Backdrop, list.all(), paper);
    }
    for (index, shape) in scene.shapes.into_iter().enumerate() {
        if shape.kind == Kind::Glow || (shape.kind == Kind::Backdrop && clear) {
            continue;
        }
        let path = wobbled(&shape.path, &noise);
        let hatch = |angle: f32, light: f32, dark: f32| {
            let across = across(angle, SPACING);
            Some(Hatch { across, paper, ink, light, dark, clear: false })
        };
        let tone = shape.paint.mean().luma();
        match shape.kind {
            Kind::Backdrop => {
                list.fill(Kind::Backdrop, path, shape.paint);
                set(
                    &mut list,
                    Some(Hatch {
                        across: across(std::f32::consts::FRAC_PI_2, SPACING * 1.25),
                        paper,
                        ink,
                        light: 0.5,
                        dark: 0.14,
                        clear: false,
                    }),
                );
            }
            Kind::Land => {
                let angle = 0.9 + 0.5 * (index % 3) as f32;
                let outline = outlined(&path, 0.005);
                list.flat(Kind::Land, outline, ink);
                list.push(Kind::Land, path, shape.paint, 1.0, shape.blend);
                set(&mut list, hatch(angle, 0.66, 0.3));
            }
            Kind::Body if tone < 0.2 => list.flat(Kind::Body, path, ink),
            Kind::Body => {
                let outline = outlined(&path, 0.007_4);
                list.flat(Kind::Body, outline, ink);
                list.fill(Kind::Body, path, shape.paint);
                set(&mut list, hatch(0.75, 0.56, 0.26));
            }
            Kind::Detail if tone < 0.42 => list.flat(Kind::Detail, path, ink),
            Kind::Detail => {
                let outline = outlined(&path, 0.003_6);
                list.flat(Kind::Detail, outline, ink);
                list.flat(Kind::Detail, path, paper);
            }
            Kind::Shade if shape.opacity > 0.95 => {
                let outline = outlined(&path, 0.003);
                list.flat(Kind::Shade, outline, ink);
                list.fill(Kind::Shade, path, shape.paint);
                set(&mut list, hatch(0.6, 0.66, 0.34));
            }
            Kind::Shade if tone < 0.45 && shape.opacity > 0.1 => {
                list.fill(Kind::Shade, path, Paint::Flat(hex(0x60_6060)));
                set(
                    &mut list,
                    Some(Hatch {
                        across: across(2.2, SPACING * 0.8),
                        paper,
                        ink,
                        light: 0.62,
                        dark: 0.0,
                        clear: true,
                    }),
                );
            }
            Kind::Spark => list.veil(Kind::Spark, path, ink, 0.8),
            Kind::Shade | Kind::Glow => {}
        }
    }
    if grid && !clear {
        squares(&mut list, ink);
    }
    job.render(&list)
}

/// Squared paper, every fourth line stronger.
fn squares(list: &mut List, ink: Rgb) {
    let (mut fine, mut strong) = (Path::new(), Path::new());
    let (w, h) = (list.width, list.height);
    for index in 0..((w.max(h) * 24.0) as usize + 1) {
        let at = index as f32 / 24.0;
        let (path, width) =
            if index % 4 == 0 { (&mut strong, 0.001_6) } else { (&mut fine, 0.001) };
        path.add_rect(at, 0.0, width, h);
        path.add_rect(0.0, at, w, width);
    }
    list.veil(Kind::Glow, fine, ink, 0.10);
    list.veil(Kind::Glow, strong, ink, 0.16);
}

fn set(list: &mut List, hatch: Option<Hatch>) {
    if let Some(shape) = list.shapes.last_mut() {
        shape.hatch = hatch;
    }
}

/// A hand that is not quite steady.
fn wobbled(path: &Path, noise: &Noise) -> Path {
    let mut copy = path.clone();
    for (x, y) in &mut copy.points {
        let (px, py) = (*x * 9.0, *y * 9.0);
        *x += noise.at(px, py) * 0.001_8;
        *y += noise.at(px + 31.0, py + 17.0) * 0.001_8;
    }
    copy
}

fn outlined(path: &Path, width: f32) -> Path {
    let mut outline = Path::new();
    for polygon in path.polygons() {
        let mut ring = polygon.to_vec();
        ring.extend(polygon.first().copied());
        outline.stroke(&ring, width);
    }
    outline
}
