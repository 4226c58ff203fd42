//! Pictures that the built-in renderer draws over: offline and free, what becomes of their shapes and
//! colours, what a mask keeps, and what is told of what it cannot do.

use image::{GenericImageView as _, RgbaImage};
use serde_json::json;

use crate::pinx::{Output, Pinx};

/// A world with a few pictures that were drawn in it, and a mask of the left half of each.
fn world() -> Pinx {
    let pinx = Pinx::new();
    for (name, prompt) in [("mug.png", "a mug"), ("coast.png", "a lighthouse by day")] {
        pinx.run(&["generate", prompt, "-s", "160x120", "--seed", "3", "-o", name]).exits(0);
    }
    let half = image::GrayImage::from_fn(160, 120, |x, _| image::Luma([255 * u8::from(x < 80)]));
    half.save(pinx.work().join("half.png")).unwrap();
    pinx
}

#[track_caller]
fn edit(pinx: &Pinx, args: &[&str]) -> Output {
    pinx.run(&[&["edit"], args, &["--seed", "5"]].concat())
}

fn pixels(pinx: &Pinx, name: &str) -> RgbaImage {
    image::load_from_memory(&pinx.read(name)).unwrap().into_rgba8()
}

/// How far the tones of two pictures go up and down at the same places: 1 is everywhere, 0 nowhere.
fn alike(one: &RgbaImage, other: &RgbaImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let tones = |picture: &RgbaImage| -> Vec<f64> {
        let tone = |p: &image::Rgba<u8>| f64::from(p.0[0]) + f64::from(p.0[1]) + f64::from(p.0[2]);
        let all: Vec<f64> = picture.pixels().map(tone).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        all.into_iter().map(|tone| tone - mean).collect()
    };
    let (a, b) = (tones(one), tones(other));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

#[test]
fn a_picture_is_drawn_over_at_once_and_again() {
    let pinx = world();
    let output = edit(&pinx, &["make it night", "-i", "coast.png", "-o", "night.png", "--json"]);
    let output = output.exits(0).says("this is a procedural sketch, not AI");
    let job = &output.json()["jobs"][0];
    assert_eq!((&job["model"], &job["cost"]["reported"]), (&json!("pinx/sketch"), &json!(0.0)));
    let (coast, night) = (pixels(&pinx, "coast.png"), pixels(&pinx, "night.png"));
    assert_eq!(night.dimensions(), (160, 120), "as large as the picture");
    assert!(alike(&coast, &night) > 0.55, "{}", alike(&coast, &night));
    let light = |picture: &RgbaImage| picture.pixels().map(|p| u64::from(p.0[1])).sum::<u64>();
    assert!(light(&night) * 3 < light(&coast) * 2, "it is dark");
    // Of another picture it is another, of the same the same, and it names what it was made from.
    edit(&pinx, &["make it night", "-i", "mug.png", "-o", "other.png"]).exits(0);
    assert!(alike(&pixels(&pinx, "other.png"), &night) < 0.5);
    pinx.run(&["redo", "night.png", "-o", "again.png"]).exits(0);
    assert!(pinx.read("again.png") == pinx.read("night.png"));
    let recipe = pinx.run(&["info", "night.png", "--json"]).exits(0).json();
    let text = recipe["images"][0]["recipe"].to_string();
    assert!(text.contains("\"role\":\"image\"") && !text.contains("coast"), "{text}");
    let cached = pinx.run(&["cache", "--json"]).exits(0).json();
    assert_eq!(cached["entries"], json!([]), "{cached}");
}

#[test]
fn a_mask_keeps_every_pixel_outside() {
    let pinx = world();
    let args = ["make it night", "-i", "coast.png", "--mask", "half.png", "-o", "half-night.png"];
    edit(&pinx, &args).exits(0);
    let (before, after) = (pixels(&pinx, "coast.png"), pixels(&pinx, "half-night.png"));
    let changed = |from: u32, to: u32| {
        let all = (0..120).flat_map(|y| (from..to).map(move |x| (x, y)));
        all.filter(|(x, y)| before.get_pixel(*x, *y) != after.get_pixel(*x, *y)).count()
    };
    assert_eq!(changed(80, 160), 0, "outside nothing changes");
    assert!(changed(0, 80) > 80 * 120 * 9 / 10, "inside all is drawn anew");
}

#[test]
fn colours_are_those_that_are_given_or_those_of_a_second_picture() {
    let pinx = world();
    let colors = ["#102040", "#e08030", "#f8f0d8"];
    let all = colors.join(",");
    edit(&pinx, &["as it is", "-i", "coast.png", "--colors", &all, "-o", "three.png"]).exits(0);
    let three = pixels(&pinx, "three.png");
    let given = [[0x10, 0x20, 0x40], [0xe0, 0x80, 0x30], [0xf8, 0xf0, 0xd8]];
    let is_given = |p: &image::Rgba<u8>| {
        given.iter().any(|c: &[u8; 3]| c.iter().zip(p.0).all(|(c, p)| c.abs_diff(p) < 6))
    };
    let share = three.pixels().filter(|p| is_given(p)).count() * 100 / (160 * 120);
    assert!(share > 85, "{share} % in the given colours, the rest are edges");
    assert!(alike(&pixels(&pinx, "coast.png"), &three) > 0.5, "dark stays dark");
    let red = RgbaImage::from_fn(64, 64, |x, y| {
        let by = ((x * 3 + y) % 255) as u8;
        image::Rgba([by, by / 5, by / 4, 255])
    });
    red.save(pinx.work().join("red.png")).unwrap();
    edit(&pinx, &["as it is", "-i", "coast.png", "-i", "red.png", "-o", "reddish.png"]).exits(0);
    let reddish = pixels(&pinx, "reddish.png");
    let is_red = |p: &image::Rgba<u8>| p.0[0] >= p.0[2];
    let share = |picture: &RgbaImage| picture.pixels().filter(|p| is_red(p)).count();
    assert!(share(&reddish) > 160 * 120 * 9 / 10 && share(&pixels(&pinx, "coast.png")) < 160 * 60);
    assert!(alike(&pixels(&pinx, "coast.png"), &reddish) > 0.5);
}

#[test]
fn what_it_cannot_do_with_a_picture_is_told() {
    let pinx = world();
    for (prompt, told) in [
        ("put a fox into it", ""),
        ("make it night", ""),
        (
            "put a harpsichord into it",
            "it can do no \"harpsichord\" with a picture: the picture is cut into flat",
        ),
        ("remove the mug, at night", "it takes no \"mug\" out of a picture: the rest is drawn"),
        ("make it night without stars", ""),
        ("make the door red", "it colours all of a picture, no \"door\" alone: the picture is cut"),
        (
            "a dragon behind the mug",
            "it can put nothing \"behind the mug\" of a picture: it is drawn",
        ),
        ("make it better", "it can do no \"better\" with a picture: the picture is cut into flat"),
        ("as it is", "it reads no change in the prompt: the picture is cut into flat shapes"),
        ("make it isometric", "style is left out: pinx/sketch lays it over no picture"),
    ] {
        let output = edit(&pinx, &[prompt, "-i", "mug.png", "--dry-run"]).exits(0);
        let is_told = |output: &Output| match told {
            "" => !output.stderr.contains(" picture: "),
            told => output.stderr.split_whitespace().collect::<Vec<_>>().join(" ").contains(told),
        };
        assert!(is_told(&output), "{prompt}: {output}");
    }
    let more: [(&[&str], &str); 4] = [
        (&["-a", "1:1"], "image 1 160x120 → its middle, 120x120: 1024x1024 has other proportions"),
        (&["-s", "80x60"], ""),
        (&["-i", "coast.png"], "image 2 → colours alone: pinx/sketch draws over image 1"),
        (
            &["--background", "transparent"],
            "background transparent → as in image 1: what is opaque",
        ),
    ];
    for (flags, told) in more {
        let args = [&["at night", "-i", "mug.png", "--dry-run"], flags].concat();
        let output = edit(&pinx, &args).exits(0);
        match told {
            "" => assert!(!output.stderr.contains('→'), "{output}"),
            told => drop(output.says(told)),
        }
    }
    RgbaImage::from_pixel(4500, 1500, image::Rgba([90, 140, 60, 255]))
        .save(pinx.work().join("wide.png"))
        .unwrap();
    let wide = ["at night", "-i", "wide.png", "--dry-run"];
    edit(&pinx, &wide).exits(0).says("size 4500x1500 → 4096x1365: the picture is larger than");
    let styled = ["night", "-i", "mug.png", "--style", "voxel-3d", "--dry-run"];
    edit(&pinx, &styled).exits(0).says("style is left out: pinx/sketch lays it over no picture");
    edit(&pinx, &[&styled[..], &["--strict"]].concat()).exits(2);
    let styled = ["night", "-i", "mug.png", "--style", "watercolor", "--strict", "-o", "w.png"];
    edit(&pinx, &styled).exits(0);
    assert_eq!(pixels(&pinx, "w.png").get_pixel(0, 0).0[3], 255);
}

#[test]
fn a_fox_is_put_into_a_picture_and_what_is_in_it_is_not_drawn_again() {
    let pinx = world();
    let draw = |prompt: &str, to: &str| {
        edit(&pinx, &[prompt, "-i", "coast.png", "-o", to]).exits(0);
        pixels(&pinx, to)
    };
    let plain = draw("as it is", "plain.png");
    let with = draw("put a fox into it", "with.png");
    let orange = |picture: &RgbaImage| {
        let is_orange = |p: &&image::Rgba<u8>| p.0[0] > 150 && p.0[1] < 140 && p.0[2] < 90;
        picture.pixels().filter(is_orange).count()
    };
    assert!(orange(&with) > orange(&plain) + 200, "{} {}", orange(&with), orange(&plain));
    let the = draw("show the lighthouse", "the.png");
    assert!(alike(&plain, &the) > 0.99);
}

#[test]
fn a_batch_is_rehearsed_over_its_picture() {
    let pinx = world().file("two.txt", "make it night\nlet it snow\n");
    let args = ["batch", "two.txt", "-i", "coast.png", "-m", "openai/gpt-image-2", "-o", "out/"];
    let output = pinx.run(&[&args[..], &["--dry-run", "--sketch"]].concat()).exits(0);
    let names = ["out/001-make-it-night.png", "out/002-let-it-snow.png"];
    let made: Vec<RgbaImage> = names.iter().map(|name| pixels(&pinx, name)).collect();
    let coast = pixels(&pinx, "coast.png");
    for picture in &made {
        let small = image::DynamicImage::from(picture.clone());
        let small = small.resize_exact(160, 120, image::imageops::FilterType::Triangle);
        assert!(alike(&coast, &small.into_rgba8()) > 0.5, "{output}");
    }
    assert!(made[0].dimensions() == made[1].dimensions() && made[0] != made[1]);
}

#[test]
fn a_picture_that_changes_or_goes_is_told() {
    let pinx = world();
    let batch = pinx.file("one.txt", "make it night\n");
    let night = ["redo", "night.png", "-o", "again.png"];
    edit(&batch, &["make it night", "-i", "coast.png", "-o", "night.png"]).exits(0);
    let mut coast = image::load_from_memory(&batch.read("coast.png")).unwrap().into_rgba8();
    coast.put_pixel(0, 0, image::Rgba([1, 2, 3, 255]));
    coast.save(batch.work().join("coast.png")).unwrap();
    // The recipe's picture is kept where other bytes were sent than were found: its recipe stayed here.
    batch.run(&night).exits(2).says("is not here any more");
    let small = coast.view(0, 0, 1, 1).to_image();
    small.save(batch.work().join("dot.png")).unwrap();
    edit(&batch, &["make it night", "-i", "dot.png", "-o", "dot-night.png"]).exits(0);
    assert_eq!(pixels(&batch, "dot-night.png").dimensions(), (16, 16), "the least that it draws");
}
