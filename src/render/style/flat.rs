//! Style `flat`: no ramps, no glows; the sky in bands, the light in rings.
//!
//! Pure: no network, no clock, no files.

use super::Job;
use crate::render::color::Rgb;
use crate::render::list::{Blend, Kind, List, Paint};
use crate::render::path::Path;
use crate::render::raster::Pixels;

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let scene = job.scene();
    let mut list = job.empty();
    for shape in scene.shapes {
        match (&shape.paint, shape.kind) {
            (Paint::Linear { from, to, ramp }, Kind::Backdrop) => {
                bands(&mut list, *from, *to, |t| {
                    let [r, g, b, _] = ramp.at(t);
                    Rgb(r, g, b).vivid(1.06)
                });
            }
            (Paint::Glow { center, radius, color, opacity, .. }, Kind::Glow) => {
                if *radius > 0.15 && shape.blend == Blend::Screen {
                    for ring in [0.62, 0.42, 0.24] {
                        let path = Path::circle(center.0, center.1, radius * ring);
                        list.push(
                            Kind::Land,
                            path,
                            Paint::Flat(*color),
                            opacity * 0.22,
                            Blend::Over,
                        );
                    }
                }
            }
            (_, Kind::Glow) => {}
            (paint, kind) => {
                let color = paint.mean().vivid(1.1);
                let alpha = match paint {
                    Paint::Linear { ramp, .. } | Paint::Radial { ramp, .. } => ramp.at(0.5)[3],
                    _ => 1.0,
                };
                list.push(kind, shape.path, Paint::Flat(color), shape.opacity * alpha, Blend::Over);
            }
        }
    }
    job.render(&list)
}

/// Eight steps of the sky instead of a ramp.
fn bands(list: &mut List, from: (f32, f32), to: (f32, f32), color: impl Fn(f32) -> Rgb) {
    const STEPS: usize = 7;
    let all = list.all();
    list.flat(Kind::Backdrop, all, color(0.5 / STEPS as f32));
    for step in 1..STEPS {
        let t = step as f32 / STEPS as f32;
        let y = from.1 + (to.1 - from.1) * t;
        let path = Path::rect(-0.1, y, list.width + 0.2, list.height - y + 0.2);
        list.flat(Kind::Backdrop, path, color(t + 0.5 / STEPS as f32));
    }
}
