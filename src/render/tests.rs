//! Tests of the renderer as a whole: equal pixels everywhere, no panic, colours obeyed.
//!
//! Pure: no network, no clock, no files.

use super::brief::Brief;
use super::color::Rgb;
use super::group;
use super::list::List;
use super::palette::Palette;
use super::stage::Spot;
use super::{LOOK, Picture, Recipe, draw, fnv, styles};

fn recipe(prompt: &str, style: &str, width: u32, height: u32) -> Recipe {
    Recipe {
        prompt: prompt.to_string(),
        style: style.to_string(),
        colors: Vec::new(),
        width,
        height,
        seed: 7,
        label: None,
        transparent: false,
    }
}

fn pixels(picture: &Picture) -> impl Iterator<Item = [u8; 3]> {
    picture.rgba.chunks_exact(4).map(|p| [p[0], p[1], p[2]])
}

/// Mean difference of two pictures of one size, per channel, in bytes.
fn difference(a: &Picture, b: &Picture) -> f64 {
    let sum: u64 = a.rgba.iter().zip(&b.rgba).map(|(x, y)| u64::from(x.abs_diff(*y))).sum();
    sum as f64 / a.rgba.len() as f64
}

/// Subject, style and the hash of the decoded pixels at 128 × 128. A wanted change of the look
/// needs a new `LOOK`; the failure message prints the whole new table.
const GOLDEN: &[(&str, &str, u64)] = &[
    ("a lighthouse at dusk", "none", 0xe10a_c9e0_4713_778d),
    ("a red fox", "none", 0xeb7c_7d58_8734_fdbb),
    ("misty forest", "none", 0x1882_2797_0f8f_f016),
    ("city at night", "none", 0xd752_c507_347f_952c),
    ("quantum entanglement", "none", 0x0289_56e4_1bc1_6cbf),
    ("a mug", "none", 0xad68_a572_b0f8_6e18),
    ("a lighthouse at dusk", "watercolor", 0x3dea_dddb_1a4a_7122),
    ("a red fox", "line-art", 0x5351_c55f_5efa_6eff),
    ("a castle", "pixel-art", 0xf59c_801e_6d5c_b334),
    ("a cat", "voxel-3d", 0x5a11_5fc1_9bef_b94b),
    ("mountain village", "isometric", 0xd356_3669_f9f8_d682),
    ("a red fox", "low-poly", 0x92e6_6dd3_c639_dae5),
    ("city at night", "noir", 0x6fa0_e2ce_3652_3fbc),
    ("calm blue", "gradient", 0x73c2_aeef_1843_05eb),
    ("a rocket", "pattern", 0xf083_c1a2_ac51_d5e2),
    ("pinx", "identicon", 0xe69c_24d4_76ec_b868),
    ("hello world", "og-card", 0x174d_6725_8984_b362),
    ("a mug", "blueprint", 0x2f1e_8b80_4327_4b87),
    ("a cat", "sticker", 0x736a_a717_0f4d_4cec),
];

/// Pieces of the copies of the host with all that is drawn with each.
fn pieces(prompt: &str, host: usize) -> Vec<usize> {
    let brief = Brief::read(prompt, 1);
    let palette = Palette::new(&brief);
    let one = |copy: usize| {
        let mut list = List::new(1.0, 1.0);
        group::draw(&mut list, &palette, &brief.cast, (host, copy), &Spot::new(0.5, 0.9, 0.5));
        list.shapes.len()
    };
    (0..brief.cast[host].copies()).map(one).collect()
}

#[test]
fn one_guest_of_several_is_with_one_of_them_and_as_many_are_with_each() {
    let trees = pieces("three trees, a dog", 0);
    let one = pieces("a cat under three trees", 1);
    let with_it = one.iter().zip(&trees).filter(|(one, tree)| one > tree).count();
    assert_eq!((trees.len(), with_it), (3, 1), "{one:?} {trees:?}");
    let three = pieces("three cats under three trees", 1);
    assert_eq!(three.iter().max(), one.iter().max());
    assert!(three.iter().zip(&trees).all(|(three, tree)| three > tree), "{three:?}");
    let hats = pieces("three cats with hats", 0);
    assert_eq!(hats[0], pieces("a cat with a hat", 0)[0], "{hats:?}");
}

#[test]
fn the_look_is_pinned() {
    assert_eq!(LOOK, "sketch-v2");
    let now: Vec<(&str, &str, u64)> = GOLDEN
        .iter()
        .map(|&(prompt, style, _)| {
            (prompt, style, fnv(&draw(&recipe(prompt, style, 128, 128)).rgba))
        })
        .collect();
    let table: String =
        now.iter().map(|(p, s, h)| format!("    (\"{p}\", \"{s}\", 0x{h:016x}),\n")).collect();
    assert_eq!(GOLDEN, now, "the pixels changed; now:\n{table}");
}

#[test]
fn equal_recipes_give_equal_pixels_on_any_number_of_threads() {
    let recipe = recipe("a lighthouse at dusk", "watercolor", 300, 300);
    let alone = draw(&recipe);
    let all: Vec<Picture> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| draw(&recipe))).collect();
        runs.into_iter().map(|run| run.join().expect("drawing does not panic")).collect()
    });
    assert!(all.iter().all(|picture| *picture == alone));
}

#[test]
fn no_size_and_no_prompt_panics() {
    let long = "ünï 漢字 ".repeat(3_000);
    let prompts = ["", " ", "🦊🌊", "a red fox", "five cats", "city at night in the rain", &long];
    for style in styles() {
        for (width, height) in [(1, 1), (3, 400), (300, 2), (37, 61)] {
            for prompt in prompts {
                let mut recipe = recipe(prompt, style, width, height);
                recipe.label = Some(prompt.chars().take(90).collect());
                recipe.transparent = prompt.len() % 2 == 1;
                let picture = draw(&recipe);
                assert_eq!(picture.rgba.len(), (width * height * 4) as usize, "{style} {prompt}");
            }
        }
    }
}

#[test]
fn edges_are_brought_inside_the_limits() {
    let picture = draw(&recipe("sea", "identicon", 0, 5));
    assert_eq!((picture.width, picture.height), (1, 5));
}

#[test]
fn given_colors_rule_the_picture() {
    let given = [[0x0b, 0x39, 0x54], [0xff, 0x5a, 0x5f]];
    for style in ["none", "flat", "low-poly", "pattern", "gradient", "isometric", "voxel-3d"] {
        let mut recipe = recipe("a lighthouse in a green meadow", style, 96, 96);
        recipe.colors = given.to_vec();
        let picture = draw(&recipe);
        let (mut near, mut colored) = (0, 0);
        for pixel in pixels(&picture) {
            let lab = Rgb::from(pixel).lab();
            if lab.chroma() < 0.03 {
                continue;
            }
            colored += 1;
            // The hue lies within a sector around one of the given ones, or between the two.
            let hue = |l: super::color::Lab| libm::atan2f(l.2, l.1);
            let apart = given.iter().map(|g| {
                let turn = (hue(lab) - hue(Rgb::from(*g).lab())).abs();
                turn.min(std::f32::consts::TAU - turn)
            });
            if apart.fold(f32::MAX, f32::min) < 0.75 {
                near += 1;
            }
        }
        assert!(near * 10 >= colored * 8, "{style}: {near} of {colored}");
    }
}

#[test]
fn a_small_picture_is_the_thumbnail_of_a_large_one() {
    for prompt in ["a lighthouse at dusk", "a red fox", "misty forest"] {
        let small = draw(&recipe(prompt, "none", 128, 128));
        let large = draw(&recipe(prompt, "none", 512, 512));
        let mut reduced = small.clone();
        for y in 0..128_usize {
            for x in 0..128_usize {
                for channel in 0..4 {
                    let sum: u32 = (0..16)
                        .map(|k| ((y * 4 + k / 4) * 512 + x * 4 + k % 4) * 4 + channel)
                        .map(|at| u32::from(large.rgba[at]))
                        .sum();
                    reduced.rgba[(y * 128 + x) * 4 + channel] = (sum / 16) as u8;
                }
            }
        }
        let apart = difference(&small, &reduced);
        assert!(apart < 1.5, "{prompt}: {apart}");
    }
}

#[test]
fn every_style_draws_something_else() {
    let all: Vec<(&str, Picture)> =
        styles().iter().map(|style| (*style, draw(&recipe("a cat", style, 96, 96)))).collect();
    for (index, (one, a)) in all.iter().enumerate() {
        for (other, b) in &all[..index] {
            assert!(difference(a, b) > 1.0, "{one} and {other} look the same");
        }
    }
    let unknown = draw(&recipe("a cat", "no-such-style", 96, 96));
    assert_eq!(unknown, all[0].1);
}

#[test]
fn known_words_are_reported_and_unknown_ones_are_not() {
    let understood = |prompt: &str| draw(&recipe(prompt, "none", 8, 8)).understood;
    assert_eq!(
        understood("Two red Foxes in the snowy mountains"),
        ["two", "red", "foxes", "snowy", "mountains"]
    );
    assert!(understood("quantum entanglement").is_empty());
}

#[test]
fn seeds_and_prompts_vary_the_picture() {
    let first = draw(&recipe("a lake", "none", 64, 64));
    let mut second = recipe("a lake", "none", 64, 64);
    second.seed = 8;
    assert!(difference(&first, &draw(&second)) > 2.0);
    let (a, b) = (recipe("entropy", "none", 64, 64), recipe("harmony", "none", 64, 64));
    assert!(difference(&draw(&a), &draw(&b)) > 2.0);
}

#[test]
fn a_transparent_hero_has_empty_corners_and_a_full_middle() {
    for style in ["none", "flat", "pixel-art", "line-art", "low-poly", "watercolor"] {
        let mut recipe = recipe("a red fox", style, 64, 64);
        recipe.transparent = true;
        let picture = draw(&recipe);
        assert_eq!(picture.rgba[3], 0, "{style}");
        assert!(picture.rgba[(40 * 64 + 32) * 4 + 3] > 200, "{style}");
    }
}

#[test]
fn a_label_changes_only_the_lower_part() {
    let plain = draw(&recipe("a lake", "none", 128, 128));
    let mut labelled = recipe("a lake", "none", 128, 128);
    labelled.label = Some("Lake Como".to_string());
    let labelled = draw(&labelled);
    let half = plain.rgba.len() / 2;
    assert_eq!(plain.rgba[..half], labelled.rgba[..half]);
    assert_ne!(plain.rgba[half..], labelled.rgba[half..]);
}

/// The people of a prompt: who, and what they are, do, wear and hold; `*` where in a colour.
fn people(prompt: &str) -> String {
    let brief = Brief::read(prompt, 1);
    let of = |traits: &[(&str, Option<Rgb>)]| {
        let one = |(name, color): &(&str, Option<Rgb>)| {
            format!("{name}{}", if color.is_some() { "*" } else { "" })
        };
        traits.iter().map(one).collect::<Vec<_>>().join(" ")
    };
    let people = brief.cast.iter().filter(|cast| cast.hero.figure.is_some());
    let one = people.map(|cast| format!("{}: {}", cast.hero.name(), of(&cast.traits)));
    one.collect::<Vec<_>>().join(", ")
}

#[test]
fn people_are_do_wear_and_hold_what_the_words_say() {
    let wanted = [
        ("a woman in a red dress", "woman: dress*"),
        ("a woman in a red dress holding a balloon", "woman: balloon dress*"),
        ("a red-haired girl holding a yellow balloon", "girl: balloon* red-haired"),
        ("an old man reading a book", "old man: book read"),
        ("an old wizard and a young girl", "wizard: old, girl: young"),
        ("a man with a blue scarf and glasses", "man: glasses scarf*"),
        ("a boy riding a bicycle", "boy: bicycle"),
        ("a king sitting on a throne", "king: chair sit"),
        ("a knight on a horse", "knight: ride"),
        ("two women dancing", "woman: dance"),
        ("a girl playing the violin", "girl: violin play"),
        ("a woman looking at the sea", "woman: look-out"),
        ("a man and a running dog", "man: "),
        // What people wear and do says nothing of who is none.
        ("an old house", ""),
        ("a bear riding a bicycle", ""),
        ("a sleeping cat in a red hat", ""),
    ];
    let wrong: Vec<String> = wanted
        .iter()
        .filter(|(prompt, wanted)| people(prompt) != *wanted)
        .map(|(prompt, wanted)| format!("{prompt}: `{}`, not `{wanted}`", people(prompt)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
