//! Style `voxel-3d`: a floating island of cubes with the subject standing on it.
//!
//! Cubes are drawn from back to front; tops catch the light from the left, corners next to other
//! cubes darken, tall things throw shadows. Pure: no network, no clock, no files.

use super::Job;
use super::grid::{Cube, Grid};
use super::isometric::backdrop;
use super::solid::View;
use super::voxel_models;
use crate::render::color::Rgb;
use crate::render::dice::Dice;
use crate::render::list::{Blend, Kind, List, Paint};
use crate::render::path::Path;
use crate::render::place::Time;
use crate::render::raster::Pixels;
use crate::render::sky;

pub(super) fn draw(job: &Job<'_>) -> Pixels {
    let mut list = job.empty();
    let (w, h) = (list.width, list.height);
    if !job.recipe.transparent {
        backdrop(&mut list, job.palette);
        if job.palette.time == Time::Night {
            sky::stars(&mut list, &mut Dice::named(job.brief.seed, "stars"), h, 0.5);
        }
    }
    let model = voxel_models::build(job);
    let grid = &model.grid;
    let side = grid.side as f32;
    // The hero's head may rise above the back corner of the island.
    let above = (model.height as f32 - side * 0.5).max(0.0);
    let unit = (w / (side * 1.732 + 5.0)).min(h / (side + above + 15.0)).min(0.0128);
    let middle = h * 0.5 - unit * (side + 3.0 - above) * 0.5;
    let view = View { x: w / 2.0, y: middle, unit };
    if !job.recipe.transparent {
        let (x, y) = (w / 2.0, middle + unit * (side * 0.5 + model.depth as f32 + 5.0));
        let wide = side * unit * 0.75;
        let mut under = Path::new();
        under.ellipse(x, y, wide, wide * 0.4);
        let paint = Paint::Glow {
            center: (x, y),
            radius: wide,
            squash: 2.5,
            color: job.palette.dark,
            opacity: 0.4,
        };
        list.push(Kind::Glow, under, paint, 1.0, Blend::Over);
    }
    cubes(&mut list, grid, &view, model.depth);
    lights(&mut list, grid, &view, model.depth, job.palette.time != Time::Day);
    job.obey(&mut list);
    job.render(&list)
}

/// All visible faces, back to front. `ground` is the level drawn at height zero.
fn cubes(list: &mut List, grid: &Grid, view: &View, ground: i32) {
    for z in 0..grid.tall {
        for y in 0..grid.side {
            for x in 0..grid.side {
                let Some(cube) = grid.get(x, y, z) else { continue };
                let top = !grid.filled(x, y, z + 1);
                let left = !grid.filled(x, y + 1, z);
                let right = !grid.filled(x + 1, y, z);
                if top || left || right {
                    faces(
                        list,
                        grid,
                        view,
                        (x, y, z),
                        (z - ground) as f32,
                        cube,
                        [top, left, right],
                    );
                }
            }
        }
    }
}

fn faces(
    list: &mut List,
    grid: &Grid,
    view: &View,
    at: (i32, i32, i32),
    level: f32,
    cube: Cube,
    shown: [bool; 3],
) {
    let (x, y, z) = at;
    let (fx, fy) = (x as f32, y as f32);
    let grow = 0.035;
    let (a, b, c) = (fx + 1.0 + grow, fy + 1.0 + grow, level + 1.0);
    let (fx, fy, low) = (fx - grow, fy - grow, level - grow);
    let mut face = |corners: [(f32, f32, f32); 4], shade: f32| {
        let color = match cube {
            Cube::Light(color) => color,
            Cube::Solid(color) => color.lit(Rgb(shade, shade, (shade * 0.9 + 0.1).min(1.0))),
        };
        let points = corners.map(|p| view.at(p.0, p.1, p.2));
        list.fill(Kind::Body, Path::polygon(&points), Paint::Flat(color));
    };
    if shown[1] {
        let near = i32::from(grid.filled(x, y + 1, z - 1))
            + i32::from(grid.filled(x - 1, y + 1, z))
            + i32::from(grid.filled(x + 1, y + 1, z));
        let shade = 0.86 - 0.07 * near as f32;
        face([(fx, b, low), (a, b, low), (a, b, c), (fx, b, c)], shade);
    }
    if shown[2] {
        let near = i32::from(grid.filled(x + 1, y, z - 1))
            + i32::from(grid.filled(x + 1, y - 1, z))
            + i32::from(grid.filled(x + 1, y + 1, z));
        let shade = 0.64 - 0.06 * near as f32;
        face([(a, fy, low), (a, b, low), (a, b, c), (a, fy, c)], shade);
    }
    if shown[0] {
        let mut near = 0;
        for dy in -1..=1 {
            for dx in -1..=1 {
                near += i32::from(grid.filled(x + dx, y + dy, z + 1));
            }
        }
        let mut shade = 1.04 - 0.05 * near as f32;
        if shadowed(grid, x, y, z) {
            shade *= 0.74;
        }
        face([(fx, fy, c), (a, fy, c), (a, b, c), (fx, b, c)], shade);
    }
}

/// Whether a cube stands between a top face and the light at the left.
fn shadowed(grid: &Grid, x: i32, y: i32, z: i32) -> bool {
    (1..26).any(|step| grid.filled(x - step * 2 / 3, y + step / 5, z + 1 + step))
}

/// Soft glows around shining cubes after dark.
fn lights(list: &mut List, grid: &Grid, view: &View, ground: i32, dark: bool) {
    if !dark {
        return;
    }
    let mut count = 0;
    for z in 0..grid.tall {
        for y in 0..grid.side {
            for x in 0..grid.side {
                if let Some(Cube::Light(color)) = grid.get(x, y, z) {
                    let seen = !grid.filled(x, y + 1, z) || !grid.filled(x + 1, y, z);
                    if seen && count < 160 {
                        count += 1;
                        let at = view.at(x as f32 + 0.5, y as f32 + 0.5, (z - ground) as f32 + 0.5);
                        list.glow(at, view.unit * 5.0, color, 0.07);
                    }
                }
            }
        }
    }
}
