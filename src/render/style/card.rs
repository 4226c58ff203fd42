//! Style `og-card`: a title set in type over the scene, for links, slides and posts.
//!
//! The title is the label, or the prompt. Pure: no network, no clock, no files.

use super::Job;
use super::designs;
use crate::render::color::{Rgb, WHITE, hex};
use crate::render::compose;
use crate::render::dice::Dice;
use crate::render::lettering::Type;
use crate::render::list::{Blend, Kind, List, Paint, Ramp};
use crate::render::path::Path;
use crate::render::place::{Light, Place};
use crate::render::raster::Pixels;

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let (w, h) = (job.frame.width, job.frame.height);
    let wide = w > h * 1.2;
    let mut brief = job.brief.clone();
    brief.hero_right = true;
    // A title needs a calm half: things stand on a plain wall, not on a table.
    if brief.places.is_empty() && brief.setting() == Place::Table {
        brief.places.push(Place::Studio);
    }
    brief.lights.retain(|light| *light != Light::Rainbow);
    let mut list = match job.underlay {
        Some(underlay) => underlay.scene(job),
        None => {
            let is_abstract = brief.is_abstract;
            let mut list =
                if is_abstract { backdrop(job) } else { compose::scene(&brief, job.palette, w, h) };
            job.obey(&mut list);
            list
        }
    };
    let ink = ink(job);
    let scrim = |from: (f32, f32), to: (f32, f32), list: &mut List| {
        let ramp = Ramp::smooth_alpha(&[
            (0.0, ink, 0.94),
            (0.42, ink, 0.84),
            (0.74, ink, 0.34),
            (1.0, ink, 0.0),
        ]);
        let all = list.all();
        list.push(Kind::Glow, all, Paint::Linear { from, to, ramp }, 1.0, Blend::Over);
    };
    if wide {
        scrim((0.0, 0.0), (w * 0.74, 0.0), &mut list);
    } else {
        scrim((0.0, 0.0), (0.0, h * 0.66), &mut list);
    }
    let title =
        job.recipe.label.as_deref().filter(|t| !t.trim().is_empty()).unwrap_or(&job.recipe.prompt);
    set_title(&mut list, title, job, wide);
    job.render(&list)
}

/// The dark the title stands on.
fn ink(job: &Job<'_>) -> Rgb {
    let base = job.color(job.palette.dark.mix(job.palette.sky[0], 0.45));
    let lab = base.lab();
    base.lighter((0.24 - lab.0).min(0.0))
}

fn backdrop(job: &Job<'_>) -> List {
    let mut list = job.empty();
    let colors = designs::colors(job);
    let mut dice = Dice::named(job.brief.seed, "card");
    let (w, h) = (list.width, list.height);
    let ramp = Ramp::smooth(&[(0.0, colors[0]), (0.5, colors[1]), (1.0, colors[2])]);
    list.fill(Kind::Backdrop, list.all(), Paint::Linear { from: (0.0, 0.0), to: (w, h), ramp });
    for index in 0..7 {
        let at = (w * dice.range(0.55, 1.05), h * dice.range(0.0, 1.0));
        let radius = dice.range(0.1, 0.42);
        let color = colors[(index + 2) % colors.len()];
        list.glow(at, radius * 1.5, color, 0.4);
        let paint = Paint::quick(
            (at.0 - radius, at.1 - radius),
            (at.0 + radius, at.1 + radius),
            color.lighter(0.05),
            color.darker(0.08),
        );
        list.push(Kind::Land, Path::circle(at.0, at.1, radius), paint, 0.42, Blend::Over);
    }
    list
}

fn set_title(list: &mut List, title: &str, job: &Job<'_>, wide: bool) {
    let type_ = Type::new();
    let (w, h) = (list.width, list.height);
    let margin = 0.095;
    let room = if wide { w * 0.56 } else { w - margin * 2.0 };
    let tall = if wide { h - margin * 3.2 } else { h * 0.4 };
    let mut letters = title.trim().chars();
    let title: String = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => return,
    };
    let block = type_.fit(&title, room, tall, if wide { 0.158 } else { 0.125 });
    let line = block.size * block.leading;
    let total = line * block.lines.len() as f32;
    let top = if wide { (h - total) / 2.0 } else { margin * 1.3 };
    let accent = job.recipe.colors.first().map_or_else(
        || job.brief.star().map_or(job.palette.glow, |c| c.color.unwrap_or(hex(c.hero.main))),
        |c| Rgb::from(*c),
    );
    let accent = accent.lighter((0.7 - accent.lab().0).max(0.0));
    let mut bar = Path::new();
    bar.rounded(margin, top - 0.062, 0.13, 0.018, 0.009);
    list.flat(Kind::Detail, bar, accent);
    for (index, text) in block.lines.iter().enumerate() {
        let y = top + line * index as f32 + block.size * 0.9;
        type_.draw(
            list,
            text,
            (margin - block.size * 0.05, y),
            block.size,
            0.034,
            WHITE.mix(job.palette.sun, 0.12),
        );
    }
}
