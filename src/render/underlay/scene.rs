//! The layers of a picture as a display list, with what is wanted in the sky, on the ground and in the
//! air.
//!
//! Pure: no network, no clock, no files.

use super::regions::GAP;
use super::{Underlay, contour};
use crate::render::art::Stance;
use crate::render::cast::Cast;
use crate::render::color::{Rgb, WHITE, hex};
use crate::render::dice::Dice;
use crate::render::list::{Blend, Kind, List, Paint, Ramp};
use crate::render::palette::Palette;
use crate::render::path::{Affine, Path};
use crate::render::place::{Light, Time, Weather};
use crate::render::style::Job;
use crate::render::{group, sky, stage, weather};

impl Underlay {
    /// The picture of a job.
    pub(in crate::render) fn scene(&self, job: &Job<'_>) -> List {
        let mut list = job.empty();
        let palette = &self.palette_of(job.palette);
        if job.obey.is_some() {
            self.print(&mut list, job, palette);
        } else {
            self.layers(&mut list, job, palette);
        }
        let mut more = job.empty();
        self.lights(&mut more, palette);
        // The words of a card are its title.
        if job.recipe.style != "og-card" {
            self.heroes(&mut more, palette);
        }
        self.air(&mut more, palette);
        job.obey(&mut more);
        list.shapes.append(&mut more.shapes);
        list
    }

    /// All layers, with what is wanted in the sky behind the land.
    fn layers(&self, list: &mut List, job: &Job<'_>, palette: &Palette) {
        let first = self.tones.iter().position(|tone| !tone.is_sky);
        let outlines = self.outlines(&self.map.labels, self.tones.len(), (list.width, list.height));
        for (rank, outline) in outlines.into_iter().enumerate() {
            if first == Some(rank) && rank > 0 {
                self.above(list, job, palette);
            }
            let paint = self.paint(palette, rank, list.height);
            self.layer_of(list, rank, outline, paint);
        }
        if first.is_none() {
            self.above(list, job, palette);
        }
    }

    /// One plain layer for each colour that is given, as a print of so many inks.
    fn print(&self, list: &mut List, job: &Job<'_>, palette: &Palette) {
        let inks = inks(job);
        let ink = |rank: usize| self.ink(palette, rank, inks.len());
        // From light to dark.
        let places: Vec<u8> =
            (0..self.tones.len()).map(|rank| (inks.len() - 1 - ink(rank)) as u8).collect();
        let labels = self.map.labels.iter().map(|l| places.get(usize::from(*l)).unwrap_or(&GAP));
        let labels: Vec<u8> = labels.copied().collect();
        let outlines = self.outlines(&labels, inks.len(), (list.width, list.height));
        for (outline, ink) in outlines.into_iter().zip(inks.iter().rev()) {
            match outline {
                Some(path) => list.flat(Kind::Land, path, *ink),
                None => list.flat(Kind::Backdrop, list.all(), *ink),
            }
        }
        self.above(list, job, palette);
    }

    /// The outlines of all layers with those that lie on them; of one that covers all there is none.
    fn outlines(
        &self,
        labels: &[u8],
        count: usize,
        (width, height): (f32, f32),
    ) -> Vec<Option<Path>> {
        let outline = |rank: usize| {
            let is_on = |label: &u8| *label != GAP && usize::from(*label) >= rank;
            let belongs: Vec<bool> = labels.iter().map(is_on).collect();
            let size = (self.map.columns, self.map.rows);
            let is_all = !belongs.contains(&false);
            (!is_all).then(|| contour::outline(&belongs, size, (width, height)))
        };
        let mut outlines: Vec<Option<Path>> = vec![None; count];
        // Half of them on another core.
        let (first, second) = outlines.split_at_mut(count / 2);
        let start = first.len();
        std::thread::scope(|scope| {
            scope.spawn(|| first.iter_mut().enumerate().for_each(|(at, to)| *to = outline(at)));
            second.iter_mut().enumerate().for_each(|(at, to)| *to = outline(start + at));
        });
        outlines
    }

    /// One layer and its shadow on what lies below.
    fn layer_of(&self, list: &mut List, rank: usize, outline: Option<Path>, paint: Paint) {
        let Some(path) = outline else {
            let all = list.all();
            return list.fill(Kind::Backdrop, all, paint);
        };
        let is_ground = !list.shapes.is_empty();
        let is_land = !self.tones[rank].is_sky;
        if is_ground && is_land && self.wishes.weather == Some(Weather::Snow) {
            // Snow lies on whatever looks up.
            let cap = path.mapped(Affine::place(0.0, -0.006, 1.0, 1.0));
            list.flat(Kind::Land, cap, WHITE.mix(paint.mean(), 0.12));
        }
        if is_ground && is_land {
            let dark = paint.mean().lit(hex(0x28_2436));
            for (drop, opacity) in [(0.004, 0.09), (0.001_8, 0.09)] {
                let shadow = path.mapped(Affine::place(drop * 0.4, drop, 1.0, 1.0));
                list.veil(Kind::Shade, shadow, dark, opacity);
            }
        }
        let share = self.tones[rank].share;
        let kind = if share < 0.05 && is_land { Kind::Body } else { Kind::Land };
        list.fill(kind, path, paint);
    }

    /// What fills a layer.
    fn paint(&self, palette: &Palette, rank: usize, height: f32) -> Paint {
        let places = [0.0, 0.25, 0.5, 0.75, 1.0];
        let colors = places.map(|y| (y, self.lit(palette, rank, y)));
        Paint::Linear { from: (0.0, 0.0), to: (0.0, height), ramp: Ramp::smooth(&colors) }
    }

    /// Which of so many colours, from dark to light, a layer gets by its lightness.
    fn ink(&self, palette: &Palette, rank: usize, count: usize) -> usize {
        let own = self.tones[rank].lab.0;
        let changed = self.lit(palette, rank, self.tones[rank].middle).lab().0;
        let shift = if self.wishes.time.is_some() { (changed - own) * 0.7 } else { 0.0 };
        let place = (self.standing(rank) + shift).clamp(0.0, 1.0) * count as f32;
        (place as usize).min(count - 1)
    }

    /// The palette of what is drawn into the picture: in its own light where no other is wanted.
    fn palette_of(&self, palette: &Palette) -> Palette {
        if self.wishes.time.is_some() {
            return palette.clone();
        }
        let land = || self.tones.iter().filter(|tone| !tone.is_sky);
        let share: f32 = land().map(|tone| tone.share).sum::<f32>().max(1e-6);
        let mean = |part: fn(&super::Tone) -> f32| {
            land().map(|tone| part(tone) * tone.share).sum::<f32>() / share
        };
        let mean = crate::render::color::Lab(
            mean(|tone| tone.lab.0),
            mean(|tone| tone.lab.1),
            mean(|tone| tone.lab.2),
        );
        let light = crate::render::color::Lab(0.62 + mean.0 * 0.4, mean.1 * 0.6, mean.2 * 0.6);
        Palette { spot: light.rgb(), haze: mean.rgb(), ..palette.clone() }
    }

    /// What is wanted in the sky, behind the land.
    fn above(&self, list: &mut List, job: &Job<'_>, palette: &Palette) {
        let brief = &self.wishes.brief;
        let mut more = job.empty();
        let mut dice = Dice::named(brief.seed, "sky");
        let has_sky = self.horizon.is_some();
        let horizon = self.horizon.unwrap_or(0.7) * list.height;
        let is_clear = matches!(self.wishes.weather, None | Some(Weather::Clear | Weather::Wind));
        let named = |light| brief.lights.contains(&light);
        // In a print the land is no layer of its own, behind which they could be.
        let is_away = |light| self.wishes.away.lights.contains(&light);
        let is_dotted = self.wishes.time == Some(Time::Night) && has_sky && is_clear;
        let is_dotted = is_dotted && !is_away(Light::Stars);
        if job.obey.is_none() && (is_dotted || named(Light::Stars)) {
            sky::stars(&mut more, &mut dice, horizon, 0.9);
        }
        let dark = matches!(self.wishes.time, Some(Time::Night | Time::Dusk));
        let own = match self.wishes.time {
            Some(Time::Night) => Light::Moon,
            _ => Light::Sun,
        };
        let is_hung = has_sky && is_clear && dark && !is_away(own);
        let is_hung = is_hung || named(Light::Sun) || named(Light::Moon);
        let place = is_hung.then(|| self.free_sky(list.width, list.height)).flatten();
        if let Some((x, y, free)) = place {
            sky::hang(&mut more, brief, palette, (x, y), (free * 0.62).min(0.085));
        }
        sky::named(&mut more, brief, &mut dice, horizon);
        job.obey(&mut more);
        list.shapes.append(&mut more.shapes);
    }

    /// The middle of the largest free round of sky, and how far it reaches, in scene units.
    fn free_sky(&self, width: f32, height: f32) -> Option<(f32, f32, f32)> {
        let (columns, rows) = (self.map.columns, self.map.rows);
        let is_sky = |x: usize, y: usize| {
            let label = usize::from(self.map.labels[y * columns + x]);
            self.tones.get(label).is_some_and(|tone| tone.is_sky)
        };
        let unit = height / rows as f32;
        let most = (0.13 / unit) as i32;
        let mut dice = Dice::named(self.wishes.brief.seed, "free sky");
        let mut best: Option<(f32, (f32, f32, f32))> = None;
        for _ in 0..240 {
            let (u, v) = (dice.range(0.08, 0.92), dice.range(0.08, 0.75));
            let (x, y) = ((u * columns as f32) as i32, (v * rows as f32) as i32);
            let clear = (1..=most).take_while(|reach| {
                (0..16).all(|step| {
                    let angle = step as f32 / 16.0 * std::f32::consts::TAU;
                    let px = x + (libm::cosf(angle) * *reach as f32) as i32;
                    let py = y + (libm::sinf(angle) * *reach as f32) as i32;
                    let inside =
                        px >= 0 && py >= 0 && (px as usize) < columns && (py as usize) < rows;
                    inside && is_sky(px as usize, py as usize)
                })
            });
            let free = clear.count() as f32 * unit;
            // Off the middle, and not where the picture ends.
            let sinks = self.wishes.time == Some(Time::Dusk);
            let low = if sinks { v * 0.08 } else { -v * 0.03 };
            let score = free.min(0.12) + (u - 0.5).abs() * 0.05 + low;
            if free > 0.025 && best.is_none_or(|(most, _)| score > most) {
                best = Some((score, (u * width, v * height, free)));
            }
        }
        best.map(|(_, found)| found)
    }

    /// Lamps that burn by night, and a pool of light where there is no sky.
    fn lights(&self, list: &mut List, palette: &Palette) {
        if self.wishes.time != Some(Time::Night) {
            return;
        }
        let (w, h) = (list.width, list.height);
        if self.panes.contains(&true) {
            let size = (self.map.columns, self.map.rows);
            list.flat(Kind::Detail, contour::outline(&self.panes, size, (w, h)), hex(0xff_d488));
        }
        for (x, y) in &self.lamps {
            list.glow((x * w, y * h), 0.085, hex(0xff_c871), 0.75);
            list.glow((x * w, y * h), 0.03, hex(0xff_e2a0), 0.8);
        }
        // What shows through stays as clear as it is.
        if self.horizon.is_none() && !self.has_gaps {
            let [a, b, c, d] = self.room;
            let at = ((a + c) / 2.0 * w, (b + (d - b) * 0.42) * h);
            let reach = 0.62 * (c - a).max(d - b).max(0.3) * w.min(h);
            let far = w.max(h) * 0.75;
            let ramp = Ramp::smooth_alpha(&[
                (0.0, palette.dark, 0.0),
                (0.45, palette.dark, 0.06),
                (1.0, palette.dark, 0.72),
            ]);
            let paint = Paint::Radial { center: at, radius: far, squash: 1.0, ramp };
            let all = list.all();
            list.push(Kind::Glow, all, paint, 1.0, Blend::Over);
            list.glow(at, reach, hex(0xff_a850), 0.3);
            list.glow(at, reach * 0.55, hex(0xff_d08a), 0.16);
        }
    }

    /// Who is to be put into the picture.
    fn heroes(&self, list: &mut List, palette: &Palette) {
        let cast = &self.wishes.brief.cast;
        let ones = group::roots(cast, 5);
        let (w, h) = (list.width, list.height);
        let [left, top, right, bottom] =
            [self.room[0] * w, self.room[1] * h, self.room[2] * w, self.room[3] * h];
        let count = ones.len() as f32;
        let (wide, tall) = (right - left, bottom - top);
        let start = if self.is_masked { None } else { Some(self.calm_side(ones.len())) };
        for (place, one) in ones.into_iter().enumerate() {
            let is_aloft = flies(&cast[one.0]);
            let (x, side, foot) = match start {
                None => {
                    let side = (wide / count * 0.94).min(tall * 0.94);
                    (left + wide * (place as f32 + 0.5) / count, side, None)
                }
                Some(middle) => {
                    let side = (0.44 * w.min(h * 1.4)).min(w / count * 0.6).min(h * 0.7);
                    let apart = (side * 1.05).min(w / count);
                    let x = middle * w + (place as f32 - (count - 1.0) / 2.0) * apart;
                    let x = x.clamp(side * 0.52, (w - side * 0.52).max(side * 0.52));
                    (x, side, (!is_aloft).then_some(h * 0.93))
                }
            };
            let is_small = self.wishes.small.contains(&cast[one.0].text);
            let side = if is_small { side * 0.5 } else { side };
            let from = list.shapes.len();
            let y = if is_aloft { h * 0.24 } else { (top + bottom) / 2.0 };
            group::fit(list, palette, cast, one, (x, y), side);
            if let Some(foot) = foot {
                stand(list, palette, from, foot, x);
            }
        }
    }

    /// Where across the picture the least would be covered: `0.0..1.0`.
    fn calm_side(&self, count: usize) -> f32 {
        let (columns, rows) = (self.map.columns, self.map.rows);
        let edges = |from: f32, to: f32| {
            let range = (from * columns as f32) as usize..(to * columns as f32) as usize;
            let lower = rows * 45 / 100..rows.saturating_sub(1);
            let cells = lower.flat_map(|y| range.clone().map(move |x| y * columns + x));
            let labels = &self.map.labels;
            cells
                .filter(|at| *at + columns < labels.len() && labels[*at] != labels[at + columns])
                .count()
        };
        if count > 2 {
            return 0.5;
        }
        let mut dice = Dice::named(self.wishes.brief.seed, "side");
        let mut places = [0.27, 0.73, 0.5];
        if dice.chance(0.5) {
            places.swap(0, 1);
        }
        places.into_iter().min_by_key(|at| edges(at - 0.2, at + 0.2)).unwrap_or(0.5)
    }

    /// Rain, snow, fog, and what else is in the air.
    fn air(&self, list: &mut List, palette: &Palette) {
        let horizon = self.horizon.unwrap_or(0.6).clamp(0.35, 0.8) * list.height;
        weather::paint(list, &self.wishes.brief, palette, horizon);
        if self.wishes.time == Some(Time::Dusk) {
            let at = (list.width * 0.5, horizon);
            list.glow(at, list.width.max(list.height) * 0.75, palette.glow, 0.2);
        }
    }
}

/// The colours of the recipe from dark to light; of a single one some that are made of it.
fn inks(job: &Job<'_>) -> Vec<Rgb> {
    let mut colors: Vec<Rgb> = job.recipe.colors.iter().map(|color| Rgb::from(*color)).collect();
    if let [only] = colors[..] {
        colors.extend([only.darker(0.3), only.mix(WHITE, 0.5), only.mix(WHITE, 0.85)]);
    }
    colors.sort_by(|a, b| a.lab().0.total_cmp(&b.lab().0));
    colors
}

/// Whether it is in the air.
fn flies(cast: &Cast) -> bool {
    cast.aloft || cast.hero.stance == Stance::Air
}

/// Sets what was drawn last on a ground, with a shadow under it.
fn stand(list: &mut List, palette: &Palette, from: usize, foot: f32, x: f32) {
    let solid = |kind: Kind| matches!(kind, Kind::Body | Kind::Detail);
    let bounds =
        list.shapes[from..].iter().filter(|s| solid(s.kind)).filter_map(|s| s.path.bounds());
    let bounds =
        bounds.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    let Some([left, _, right, bottom]) = bounds else { return };
    let drop = foot - bottom;
    let mut hero = list.shapes.split_off(from);
    stage::shadow(list, palette, x, foot, (right - left) * 0.9, 0.3);
    for shape in &mut hero {
        shape.path = shape.path.mapped(Affine::place(0.0, drop, 1.0, 1.0));
        shape.paint = shape.paint.clone().moved(0.0, drop);
    }
    list.shapes.append(&mut hero);
}
