//! Pictures drawn over pictures that the renderer drew itself: equal pixels everywhere, and no panic.

use super::*;
use crate::render::dice::fnv;
use crate::render::{Picture, Recipe, draw, draw_over, styles};

fn recipe(prompt: &str, style: &str, edge: u32) -> Recipe {
    Recipe {
        prompt: prompt.to_owned(),
        style: style.to_owned(),
        colors: Vec::new(),
        width: edge,
        height: edge,
        seed: 7,
        label: None,
        transparent: false,
    }
}

/// A drawing, as it is given.
fn given(prompt: &str) -> Raster {
    let Picture { width, height, rgba, .. } = draw(&recipe(prompt, "", 128));
    let at = |x: u32, y: u32| {
        let p = &rgba[((y * width + x) * 4) as usize..][..4];
        [p[0], p[1], p[2], p[3]]
    };
    Raster::working((width, height), (width, height), at)
}

/// A mask of the lower right quarter.
fn quarter() -> Raster {
    Raster::working((2, 2), (128, 128), |x, y| [0, 0, 0, 255 * u8::from(x + y == 2)])
}

/// Prompt of the first picture and of a second, what is wanted, the style, whether there is a mask, and
/// the hash of the decoded pixels at 128 × 128. A wanted change of the look prints the whole new table.
const GOLDEN: &[(&str, &str, &str, &str, bool, u64)] = &[
    ("a lighthouse by day", "", "make it night", "", false, 0x3dff_b367_80f5_87e4),
    ("a mug on a table", "", "in soft light", "watercolor", false, 0xd77e_c9fe_db95_58f1),
    ("a mountain lake", "", "put a fox into it", "", true, 0xd611_b043_5c1d_2d9d),
    ("a castle on a hill", "a lighthouse at dusk", "let it snow", "", false, 0x7500_4978_2b83_94ab),
];

#[test]
fn the_look_of_what_is_drawn_over_is_pinned() {
    let now: Vec<_> = GOLDEN
        .iter()
        .map(|&(first, second, prompt, style, masked, _)| {
            let others = (!second.is_empty()).then(|| given(second)).into_iter().collect();
            let mask = masked.then(quarter);
            let given = Given { first: Some(given(first)), others, mask, opaque: false };
            let picture = draw_over(&recipe(prompt, style, 128), &given);
            (first, second, prompt, style, masked, fnv(&picture.rgba))
        })
        .collect();
    let line = |(a, b, c, d, e, hash): &(&str, &str, &str, &str, bool, u64)| {
        format!("    (\"{a}\", \"{b}\", \"{c}\", \"{d}\", {e}, 0x{hash:016x}),\n")
    };
    let table: String = now.iter().map(line).collect();
    assert_eq!(GOLDEN, now, "the pixels changed; now:\n{table}");
}

#[test]
fn no_picture_and_no_size_panics() {
    for (at, (width, height)) in [(1, 1), (5, 900), (700, 2), (16, 16)].into_iter().enumerate() {
        let first = Raster::working((width, height), (16 + height, 16 + width), |x, y| {
            // Noise, gaps, and one colour.
            let value = (x * 7919 + y * 104_729 + x * y) as u8;
            [value, value.wrapping_mul(3), 90, if at == 1 { value } else { 255 }]
        });
        let given = Given { first: Some(first), mask: (at == 3).then(quarter), ..Given::default() };
        let prompt =
            ["", "🦊🌊", "three foxes and a moon in the rain", "remove the sky at night"][at];
        for style in styles().iter().skip(at).step_by(4) {
            let recipe = Recipe { width, height: height.min(200), ..recipe(prompt, style, 1) };
            let picture = draw_over(&recipe, &given);
            assert_eq!(picture.rgba.len(), (recipe.width * recipe.height * 4) as usize);
        }
    }
}

#[test]
fn what_is_wanted_of_a_picture_is_told_from_what_it_shows() {
    for (prompt, cast, undone) in [
        ("put a fox into it", "fox", ""),
        ("put the fox into it", "fox", ""),
        ("make the mug red", "", ""),
        ("make the red mug blue, with a cat", "cat", ""),
        ("add a cat and a dog", "cat dog", ""),
        ("remove the car", "", ""),
        ("change the background to a beach", "", "beach"),
        ("a fox on the beach", "fox", ""),
        ("make it black and white", "", ""),
        ("put a harpsichord into it", "", "harpsichord"),
    ] {
        let wishes = Wishes::read(prompt, 1);
        let drawn: Vec<&str> = wishes.brief.cast.iter().map(|one| one.text.as_str()).collect();
        assert_eq!((&*drawn.join(" "), &*wishes.undone.join(" ")), (cast, undone), "{prompt}");
    }
    let wishes = Wishes::read("make it a snowy night", 1);
    assert_eq!(
        (wishes.time, wishes.weather),
        (Some(Time::Night), Some(super::super::place::Weather::Snow))
    );
    assert!(wishes.changes() && !Wishes::read("as it is", 1).changes());
}

#[test]
fn what_is_wanted_away_is_never_drawn_and_told_to_stay() {
    use crate::render::place::Light;
    for (prompt, lights, cast, stays) in [
        ("remove the sun", &[][..], "", "sun"),
        ("make it night without stars", &[], "", ""),
        ("no people, make it night without stars", &[], "", "people"),
        ("add a moon without stars", &[Light::Moon], "", "stars"),
        ("delete the mug and put a cat there", &[], "cat", "mug"),
        ("replace the cat with a dog", &[], "", "cat dog"),
        ("remove the sun and the moon", &[], "", "sun moon"),
        ("get rid of the dog, add a fox", &[], "fox", "dog"),
        ("ohne Sterne", &[], "", "sterne"),
        ("remove it", &[], "", "remove"),
    ] {
        let wishes = Wishes::read(prompt, 1);
        let drawn: Vec<&str> = wishes.brief.cast.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(
            (&*wishes.brief.lights, &*drawn.join(" "), &*wishes.away.stays.join(" ")),
            (lights, cast, stays),
            "{prompt}"
        );
    }
    assert_eq!(Wishes::read("make it night without stars", 1).away.lights, [Light::Stars]);
}

#[test]
fn a_colour_of_one_thing_is_not_laid_over_all_and_what_has_no_place_is_told() {
    for (prompt, is_tinted, uncolored, unplaced, small) in [
        ("make it pink", true, "", "", ""),
        ("make everything blue", true, "", "", ""),
        ("make the door red", false, "door", "", ""),
        ("make the roof blue and put a fox into it", false, "roof", "", ""),
        ("make the mug red", false, "mug", "", ""),
        ("put a red fox into it", false, "", "", ""),
        ("put a cat next to the red mug", false, "", "next to the mug", ""),
        ("a dragon behind the house", false, "", "behind the house", ""),
        ("a tiny bird on the house", false, "", "on the house", "bird"),
    ] {
        let wishes = Wishes::read(prompt, 1);
        let is_small = |one: &&crate::render::cast::Cast| wishes.small.contains(&one.text);
        let drawn_small = wishes.brief.cast.iter().find(is_small).map_or("", |one| &*one.text);
        let told = (&*wishes.uncolored.join(" "), &*wishes.unplaced.join(" "), drawn_small);
        assert_eq!(
            (wishes.brief.tint.is_some(), told),
            (is_tinted, (uncolored, unplaced, small)),
            "{prompt}"
        );
    }
}

#[test]
fn what_shows_through_stays_clear_by_night() {
    let disc = |x: u32, y: u32| match x.abs_diff(32).pow(2) + y.abs_diff(32).pow(2) {
        0..300 => [230, 120, 40, 255],
        _ => [0, 0, 0, 0],
    };
    let first = Raster::working((64, 64), (64, 64), disc);
    let given = Given { first: Some(first), ..Given::default() };
    let picture = draw_over(&recipe("make it night", "", 64), &given);
    let alpha = |x: usize, y: usize| picture.rgba[(y * 64 + x) * 4 + 3];
    assert_eq!([alpha(1, 1), alpha(62, 3), alpha(30, 5), alpha(32, 32)], [0, 0, 0, 255]);
}

/// A tower of red and white before a sky that is as white low down, with a sun and a window.
fn tower() -> Raster {
    let at = |x: u32, y: u32| {
        let by =
            |from: u32, to: u32| ((from * 100u32.saturating_sub(y) + to * y.min(100)) / 100) as u8;
        let sun = x.abs_diff(25).pow(2) + y.abs_diff(25).pow(2) < 81;
        let [r, g, b] = match (x, y) {
            (60..66, 64..71) => [90, 140, 185],
            (52..76, 24..100) if (y / 12).is_multiple_of(2) => [246, 241, 230],
            (52..76, 24..100) => [204, 54, 52],
            (_, 100..) => [90, 150, 60],
            _ if sun => [255, 244, 214],
            _ => [by(70, 250), by(140, 247), by(226, 238)],
        };
        [r, g, b, 255]
    };
    Raster::working((128, 128), (128, 128), at)
}

#[test]
fn a_white_wall_is_no_sky_an_old_sun_is_and_a_window_shines() {
    let given = Given { first: Some(tower()), ..Given::default() };
    let underlay = Underlay::new(&given, "make it night", 1).unwrap();
    let map = &underlay.map;
    let tone = |x: usize, y: usize| {
        let label = map.labels[(y * map.rows / 128) * map.columns + x * map.columns / 128];
        (label, underlay.tones[usize::from(label)].is_sky)
    };
    for y in [30, 54, 78] {
        for x in [55, 63, 73] {
            assert!(!tone(x, y).1, "the wall at {x}, {y}");
        }
    }
    for (x, y) in [(5, 5), (100, 20), (48, 60), (80, 60), (40, 90), (90, 92)] {
        assert!(tone(x, y).1, "the sky at {x}, {y}");
    }
    assert!(!tone(20, 110).1);
    let around = [tone(25, 12), tone(25, 38), tone(12, 25), tone(38, 25)];
    assert!(around.contains(&tone(25, 25)), "the sun is as what is around it");
    assert_eq!(underlay.lamps.len(), 1, "{:?}", underlay.lamps);
    let (x, y) = underlay.lamps[0];
    assert!((x * 128.0 - 63.0).abs() < 3.0 && (y * 128.0 - 67.5).abs() < 3.0);
}

#[test]
fn a_small_picture_is_enlarged_and_a_large_one_made_small_without_its_edges() {
    let half = |x: u32, _: u32| if x < 50 { [255, 0, 0, 255] } else { [0, 0, 255, 255] };
    for size in [(100, 100), (100, 4_000)] {
        let raster = Raster::working(size, (300, 300), half);
        assert_eq!((raster.width, raster.height), (400, 400));
        let row = |x: usize| raster.at(200 * 400 + x);
        assert_eq!((row(0), row(399)), ([255, 0, 0, 255], [0, 0, 255, 255]));
    }
    // Of a wide picture only the middle is taken.
    let wide = Raster::working((4_000, 1_000), (64, 64), |x, _| [(x / 16) as u8, 0, 0, 255]);
    assert_eq!((wide.at(0)[0], wide.at(399)[0]), (93, 156));
}
