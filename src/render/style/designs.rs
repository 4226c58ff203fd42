//! Styles for daily work: `gradient` (a soft mesh), `pattern` (a seamless tile), `identicon`.
//!
//! Pure: no network, no clock, no files.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Job, fits};
use crate::render::abstraction::harmony;
use crate::render::art;
use crate::render::cast::Cast;
use crate::render::color::{Rgb, WHITE, hex};
use crate::render::dice::{Dice, fnv, lattice};
use crate::render::list::{Kind, List};
use crate::render::noise::{Field, Noise};
use crate::render::palette::swatches;
use crate::render::path::{Affine, Path};
use crate::render::place::Place;
use crate::render::raster::{self, Pixels, dither};
use crate::render::stage::fit;
use crate::text;

/// Five or more colours for a design: given, from the mood, or from the sky of the scene.
pub(super) fn colors(job: &Job<'_>) -> Vec<Rgb> {
    if !job.recipe.colors.is_empty() {
        return swatches(job.palette, &job.recipe.colors, job.brief.seed);
    }
    if job.brief.is_abstract {
        return harmony(job.brief).to_vec();
    }
    let mut colors = job.palette.sky.to_vec();
    colors.push(job.palette.glow);
    if let Some(cast) = job.brief.star() {
        colors.push(cast.color.unwrap_or(hex(cast.hero.main)));
    }
    colors
}

/// Soft spots of colour, bent by slow noise, with a fine grain.
pub(super) fn gradient(job: &Job<'_>) -> Pixels {
    let frame = job.frame;
    let colors = colors(job);
    let mut dice = Dice::named(job.brief.seed, "gradient");
    let noise = Noise::new(dice.next());
    let count = colors.len().clamp(5, 8);
    let spots: Vec<(f32, f32, f32, [f32; 3])> = (0..count)
        .map(|index| {
            let turn = (index as f32 + dice.unit()) / count as f32 * std::f32::consts::TAU;
            let reach = dice.range(0.15, 0.62);
            let x = frame.width * (0.5 + libm::cosf(turn) * reach);
            let y = frame.height * (0.5 + libm::sinf(turn) * reach);
            let lab = colors[index % colors.len()].lab();
            (x, y, dice.range(0.7, 1.3), [lab.0, lab.1, lab.2])
        })
        .collect();
    let value = |x: f32, y: f32, part: usize| {
        let bend_x = x + noise.octaves(x * 1.1, y * 1.1, 2) * 0.32;
        let bend_y = y + noise.octaves(x * 1.1 + 40.0, y * 1.1 + 7.0, 2) * 0.32;
        let (mut sum, mut total) = (0.0, 0.0);
        for (sx, sy, weight, lab) in &spots {
            let (dx, dy) = (bend_x - sx, bend_y - sy);
            let near = dx * dx + dy * dy + 0.035;
            let weight = weight / (near * near);
            sum += lab[part] * weight;
            total += weight;
        }
        sum / total
    };
    let (w, h) = (frame.width, frame.height);
    let fields = [0, 1, 2].map(|part| Field::new(w, h, 56.0, |x, y| value(x, y, part)));
    // OKLab to sRGB once a grid point, then straight mixing: the grid is fine enough.
    let rgb = |x: f32, y: f32| {
        crate::render::color::Lab(fields[0].at(x, y), fields[1].at(x, y), fields[2].at(x, y)).rgb()
    };
    let red = Field::new(w, h, 56.0, |x, y| rgb(x, y).0);
    let green = Field::new(w, h, 56.0, |x, y| rgb(x, y).1);
    let blue = Field::new(w, h, 56.0, |x, y| rgb(x, y).2);
    let mut data = vec![255; frame.columns * frame.rows * 4];
    raster::each_row(&mut data, frame.columns, |y, row| {
        let sy = (y as f32 + 0.5) / frame.scale;
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let sx = (x as f32 + 0.5) / frame.scale;
            let grain = (lattice(x as i32, y as i32, 11) - 0.5) * 4.0 + dither(x, y);
            pixel[0] = (red.at(sx, sy) * 255.0 + grain).clamp(0.0, 255.0) as u8;
            pixel[1] = (green.at(sx, sy) * 255.0 + grain).clamp(0.0, 255.0) as u8;
            pixel[2] = (blue.at(sx, sy) * 255.0 + grain).clamp(0.0, 255.0) as u8;
        }
    });
    Pixels { data }
}

/// What stands for places, as `data/motifs.toml` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Motifs {
    motif: Vec<Motif>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Motif {
    /// Empty: all others.
    #[serde(default)]
    places: Vec<Place>,
    heroes: Vec<String>,
}

static MOTIFS: LazyLock<Motifs> =
    LazyLock::new(|| text::read_packed(include_bytes!(concat!(env!("OUT_DIR"), "/motifs.z"))));

/// Heroes that stand for a place when the prompt names none.
pub(super) fn motifs(job: &Job<'_>) -> Vec<Cast> {
    if !job.brief.cast.is_empty() {
        return job.brief.cast.clone();
    }
    let Some(place) = job.brief.places.first() else { return Vec::new() };
    let is_of = |motif: &&Motif| fits(&motif.places, *place);
    let names = MOTIFS.motif.iter().find(is_of).into_iter().flat_map(|motif| &motif.heroes);
    names.filter_map(|name| art::find(name)).map(Cast::alone).collect()
}

/// A tile that repeats without a seam: motifs in a half drop, small marks between.
pub(super) fn pattern(job: &Job<'_>) -> Pixels {
    let mut list = job.empty();
    let (w, h) = (list.width, list.height);
    let mut dice = Dice::named(job.brief.seed, "pattern");
    let motifs = motifs(job);
    let colors = colors(job);
    let ground = job.recipe.colors.last().map_or_else(
        || colors[dice.below(colors.len())].mix(WHITE, 0.74),
        |c| Rgb::from(*c).mix(WHITE, 0.3),
    );
    if !job.recipe.transparent {
        list.flat(Kind::Backdrop, list.all(), ground);
    }
    let columns = ((w / 0.5).round().max(1.0) * 2.0) as i32;
    let rows = (h / 0.34).round().max(1.0) as i32;
    let (cell_w, cell_h) = (w / columns as f32, h / rows as f32);
    let side = (cell_w * 1.2).min(cell_h);
    let day = crate::render::palette::Palette {
        spot: WHITE,
        lamp: hex(0x8f_c4dc),
        time: crate::render::place::Time::Day,
        ..job.palette.clone()
    };
    for column in -1..=columns {
        for row in -1..=rows {
            let (wrapped_c, wrapped_r) = (column.rem_euclid(columns), row.rem_euclid(rows));
            let drop = if wrapped_c % 2 == 1 { cell_h / 2.0 } else { 0.0 };
            let x = (column as f32 + 0.5) * cell_w;
            let y = (row as f32 + 0.25) * cell_h + drop;
            let turn = (lattice(wrapped_c, wrapped_r, 5) - 0.5) * 0.5;
            let first = list.shapes.len();
            if motifs.is_empty() {
                let color =
                    colors[(lattice(wrapped_c, wrapped_r, 9) * 97.0) as usize % colors.len()];
                blossom(&mut list, (x, y), side * 0.3, color, &colors);
            } else {
                let cast = &motifs[(wrapped_c + wrapped_r * 2) as usize % motifs.len()];
                fit(&mut list, &day, cast, (x, y), side * 0.7);
            }
            for shape in &mut list.shapes[first..] {
                shape.path = shape.path.mapped(Affine::turn(x, y, turn));
            }
            let mark = colors[(lattice(wrapped_c, wrapped_r, 21) * 89.0) as usize % colors.len()];
            marks(
                &mut list,
                (x, y + cell_h * 0.5),
                side * 0.055,
                mark.mix(ground, 0.2),
                wrapped_c + wrapped_r,
            );
        }
    }
    list.shapes.retain(|shape| shape.kind != Kind::Glow);
    job.obey(&mut list);
    job.render(&list)
}

fn blossom(list: &mut List, at: (f32, f32), radius: f32, color: Rgb, colors: &[Rgb]) {
    let mut petals = Path::new();
    for petal in 0..8 {
        let angle = petal as f32 / 8.0 * std::f32::consts::TAU;
        let (dx, dy) = (libm::cosf(angle) * radius * 0.62, libm::sinf(angle) * radius * 0.62);
        petals.ellipse(at.0 + dx, at.1 + dy, radius * 0.33, radius * 0.33);
    }
    list.flat(Kind::Body, petals, color);
    list.flat(Kind::Body, Path::circle(at.0, at.1, radius * 0.58), color.lighter(0.1));
    list.flat(Kind::Body, Path::circle(at.0, at.1, radius * 0.26), colors[0].darker(0.05));
}

fn marks(list: &mut List, at: (f32, f32), size: f32, color: Rgb, index: i32) {
    let (x, y) = at;
    let mut path = Path::new();
    match index.rem_euclid(3) {
        0 => path.ellipse(x, y, size * 0.7, size * 0.7),
        1 => {
            path.add_rect(x - size, y - size * 0.28, size * 2.0, size * 0.56);
            path.add_rect(x - size * 0.28, y - size, size * 0.56, size * 2.0);
        }
        _ => path.add(&[(x, y - size), (x + size * 0.8, y), (x, y + size), (x - size * 0.8, y)]),
    }
    list.flat(Kind::Detail, path, color);
}

/// A mirrored mark of rounds and quarters, made from the whole prompt.
pub(super) fn identicon(job: &Job<'_>) -> Pixels {
    const CELLS: usize = 6;
    let mut list = job.empty();
    let (w, h) = (list.width, list.height);
    let hash =
        fnv(job.recipe.prompt.as_bytes()) ^ job.recipe.seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    let mut dice = Dice::new(hash);
    let (main, second, ground) = if job.recipe.colors.is_empty() {
        let base = hex(0x4a_86d8).turned(dice.range(0.0, 360.0)).lighter(dice.range(-0.05, 0.03));
        (base, base.turned(dice.range(40.0, 150.0)).lighter(0.1), base.mix(WHITE, 0.88))
    } else {
        let given = swatches(job.palette, &job.recipe.colors, hash);
        (given[0], given[1], given[0].mix(WHITE, 0.88))
    };
    if !job.recipe.transparent {
        list.flat(Kind::Backdrop, list.all(), ground);
    }
    let cell = w.min(h).min(1.0) * 0.74 / CELLS as f32;
    let (left, top) = (w / 2.0 - cell * 3.0, h / 2.0 - cell * 3.0);
    for row in 0..CELLS {
        for column in 0..CELLS / 2 {
            let (kind, color) = (dice.below(8), if dice.chance(0.72) { main } else { second });
            let corner = dice.below(4);
            for mirrored in [false, true] {
                let c = if mirrored { CELLS - 1 - column } else { column };
                let (x, y) = (left + c as f32 * cell, top + row as f32 * cell);
                let path = tile(kind, if mirrored { corner ^ 1 } else { corner }, x, y, cell);
                list.flat(Kind::Body, path, color);
            }
        }
    }
    job.render(&list)
}

/// One cell: empty, full, a round, a quarter, or a triangle. Bit 0 of `corner` is right, 1 bottom.
fn tile(kind: usize, corner: usize, x: f32, y: f32, cell: f32) -> Path {
    let (right, bottom) = (corner & 1 == 1, corner & 2 == 2);
    let (cx, cy) = (if right { x + cell } else { x }, if bottom { y + cell } else { y });
    let (sx, sy) = (if right { -cell } else { cell }, if bottom { -cell } else { cell });
    match kind {
        0 | 1 => Path::new(),
        2 | 3 => Path::rect(x, y, cell + 0.000_4, cell + 0.000_4),
        4 => Path::circle(x + cell / 2.0, y + cell / 2.0, cell * 0.5),
        5 | 6 => {
            let mut points = vec![(cx, cy)];
            points.extend((0..=24).map(|step| {
                let angle = step as f32 / 24.0 * std::f32::consts::FRAC_PI_2;
                (cx + sx * libm::cosf(angle), cy + sy * libm::sinf(angle))
            }));
            Path::polygon(&points)
        }
        _ => Path::polygon(&[(cx, cy), (cx + sx, cy), (cx, cy + sy)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_motif_is_of_what_can_be_drawn() {
        for name in MOTIFS.motif.iter().flat_map(|motif| &motif.heroes) {
            assert!(art::find(name).is_some(), "{name}");
        }
        assert!(MOTIFS.motif.last().is_some_and(|motif| motif.places.is_empty()));
    }
}
