//! Where the sky of a picture ends: a wall in a colour of the sky is none, and an old sun is.
//!
//! Pure: no network, no clock, no files.

use super::cluster::{Mass, apart};
use super::light::Borders;
use super::regions::{GAP, Map, Region};
use crate::render::color::{Lab, Rgb};

/// Colours three cells apart between which there is an edge, if only a faint one.
const FAINT: f32 = 0.018;

/// So many cells apart an edge is seen even where a picture was made large.
const STEP: usize = 3;

/// Of the cells of regions that may be sky those that are: what is reached from the top of the picture
/// without an edge, and what of the rest lies more in the sky than beside anything else.
pub(super) fn cells(map: &Map, of: &[u32], is_sky: &[bool], raw: &[[u8; 3]]) -> Vec<bool> {
    let may: Vec<bool> =
        of.iter().map(|region| is_sky.get(*region as usize) == Some(&true)).collect();
    let labs: Vec<Lab> = raw.iter().map(|color| Rgb::lab_of_bytes(*color)).collect();
    let mut open: Vec<usize> = (0..map.columns.min(may.len())).filter(|at| may[*at]).collect();
    let mut sky = vec![false; may.len()];
    open.iter().for_each(|at| sky[*at] = true);
    while let Some(at) = open.pop() {
        map.beside(at, |other| {
            let is_plain = || apart(labs[back(map, at, other)], labs[other]) < FAINT * FAINT;
            if may[other] && !sky[other] && is_plain() {
                sky[other] = true;
                open.push(other);
            }
        });
    }
    join(map, &may, &mut sky);
    sky
}

/// The cell some steps back on the way from a cell to the next.
fn back(map: &Map, at: usize, next: usize) -> usize {
    let (x, y) = (next % map.columns, next / map.columns);
    let (from_x, from_y) = (at % map.columns, at / map.columns);
    let before = |own: usize, from: usize, last: usize| match own.cmp(&from) {
        std::cmp::Ordering::Greater => own.saturating_sub(STEP),
        std::cmp::Ordering::Less => (own + STEP).min(last),
        std::cmp::Ordering::Equal => own,
    };
    before(y, from_y, map.rows - 1) * map.columns + before(x, from_x, map.columns - 1)
}

/// Joins the pieces that were not reached and that mostly the sky is around.
fn join(map: &Map, may: &[bool], sky: &mut [bool]) {
    let mut seen = sky.to_vec();
    for first in 0..may.len() {
        if !may[first] || seen[first] {
            continue;
        }
        let (mut piece, mut next) = (vec![first], 0);
        seen[first] = true;
        let (mut inside, mut beside) = (0_usize, 0_usize);
        while let Some(at) = piece.get(next).copied() {
            next += 1;
            beside += usize::from(at + map.columns >= may.len());
            inside += usize::from(at < map.columns);
            map.beside(at, |other| match (may[other], sky[other], seen[other]) {
                (true, false, false) => {
                    seen[other] = true;
                    piece.push(other);
                }
                (true, true, _) => inside += 1,
                (true, false, true) => {}
                (false, ..) => beside += 1,
            });
        }
        if inside * 9 > (inside + beside) * 5 {
            piece.into_iter().for_each(|at| sky[at] = true);
        }
    }
}

/// Gives a sun or moon that stands in the sky to what is around it, so that there is none but that of
/// another time: bright, round, and nearly all sky or clouds around.
pub(super) fn without_sun(map: &mut Map, borders: &Borders, is_sky: &mut [bool], tones: &[Mass]) {
    let (regions, of) = map.regions();
    let cells = map.labels.len();
    for (number, region) in regions.iter().enumerate().filter(|(_, r)| is_round(r, cells)) {
        let lab = tones[usize::from(region.label)].lab;
        let beside = |wanted: &dyn Fn(usize) -> bool| -> u32 {
            let all = borders.iter().filter_map(|(pair, border)| {
                Some((super::light::neighbour(*pair, number)?, border.count()))
            });
            all.filter(|(other, _)| wanted(*other)).map(|(_, count)| count).sum()
        };
        let is_of_sky = |other: usize| is_sky.get(other) == Some(&true);
        let around = beside(&|_| true);
        let is_darker = |other: usize| {
            regions.get(other).is_some_and(|r| tones[usize::from(r.label)].lab.0 < lab.0)
        };
        let is_in = beside(&is_of_sky) * 5 > around * 3 && beside(&is_darker) * 5 > around * 3;
        if lab.0 < 0.8 || !is_in {
            continue;
        }
        let most = (0..regions.len()).filter(|other| is_of_sky(*other) && *other != number);
        let most = most.max_by_key(|other| beside(&|one| one == *other));
        let Some(label) = most.map(|other| regions[other].label) else { continue };
        for (to, _) in map.labels.iter_mut().zip(&of).filter(|(_, of)| **of == number as u32) {
            *to = label;
        }
        is_sky[number] = true;
    }
}

/// Whether a region is about a disc, as large as a sun may be.
fn is_round(region: &Region, cells: usize) -> bool {
    let (ratio, full) = region.shape();
    let share = region.cells as f32 / cells as f32;
    let is_disc = (0.6..1.7).contains(&ratio) && full > 0.62;
    region.label != GAP && is_disc && (0.000_4..0.04).contains(&share)
}
