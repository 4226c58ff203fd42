//! Images that would cost many times their length to look at: on the disk before anybody looks, and
//! looked at within bounds. What a run needs without them is measured beside them.

use std::fs;

use crate::fake::bomb;
use crate::fake::image;
use crate::fake::openai::{OpenAi, with_image};
use crate::fake::{Answer, Kind};
use crate::pinx::{Output, Pinx};

/// What looking at a bomb may cost above the same with a harmless picture of its size, in KiB.
const ABOVE: u64 = 64 * 1024;

const MODEL: [&str; 3] = ["-m", "openai/gpt-image-2", "--no-fallback"];

/// Runs it in a world whose provider gives this image; answers with the most memory, in KiB.
#[track_caller]
fn costs(image: &[u8], args: &[&str]) -> (Pinx, Output, u64) {
    let fake = OpenAi::start();
    fake.always(Kind::Images, with_image(image));
    let pinx = Pinx::new().openai(&fake).file("zoo.txt", "a fox\n");
    fs::write(pinx.work().join("bomb.png"), image).unwrap();
    let (output, peak) = pinx.command(args).spawn().finish_watched();
    (pinx, output, peak)
}

/// It ends like the same with a harmless picture, and needs little more.
#[track_caller]
fn stays_low(name: &str, bomb: &[u8], harmless: &[u8], args: &[&str]) -> (Pinx, Output) {
    let (_, usual, least) = costs(harmless, args);
    usual.exits(0);
    below(name, least + ABOVE, bomb, args)
}

#[track_caller]
fn below(name: &str, most: u64, bomb: &[u8], args: &[&str]) -> (Pinx, Output) {
    let (pinx, output, peak) = costs(bomb, args);
    assert!(peak < most, "{name}: {peak} KiB at its peak, and not below {most}\n{output}");
    (pinx, output.exits(0))
}

#[test]
fn fault_71_a_packed_profile_stays_packed() {
    let (bomb, harmless) = (bomb::profile(), image::bytes(64, 64, "png"));
    assert!((900_000..1_200_000).contains(&bomb.len()), "{}", bomb.len());
    let named = |name: &'static str| [&["generate", "a fox", "-o", name][..], &MODEL].concat();
    let (pinx, output) = stays_low("converted", &bomb, &harmless, &named("x.jpg"));
    assert!(pinx.read("x.jpg").starts_with(&[0xff, 0xd8]), "{output}");
    stays_low("info", &bomb, &harmless, &["info", "bomb.png"]);
    let compare = ["compare", "a fox", "-m", "openai/gpt-image-2,pinx/sketch", "-s", "64x64"];
    let (pinx, output) = stays_low("compare", &bomb, &harmless, &compare);
    for page in ["sheet.png", "index.html"] {
        let page = pinx.read(&format!("compare-a-fox/{page}"));
        assert!(page.len() > 1000, "{output}");
    }
    let batch = [&["batch", "zoo.txt", "--gallery", "zoo.html"][..], &MODEL].concat();
    let (pinx, output) = stays_low("gallery", &bomb, &harmless, &batch);
    let page = String::from_utf8(pinx.read("zoo.html")).unwrap();
    assert!(page.contains("src=\"data:image/jpeg"), "it is shown\n{output}");
}

#[test]
fn fault_71_its_brothers_stay_small() {
    let text = |label: &[u8]| [label, &bomb::packed(64)[..]].concat();
    let convert =
        |to: &'static str| [&["generate", "a fox", "-o", to, "--json"][..], &MODEL].concat();
    let (_, _, least) = costs(&image::bytes(64, 64, "png"), &convert("x.jpg"));
    for (name, bomb) in [
        ("zTXt", bomb::png_with(b"zTXt", &text(b"parameters\0\0"), 8)),
        ("iTXt", bomb::png_with(b"iTXt", &text(b"pinx\0\x01\0\0\0"), 8)),
        ("eXIf", bomb::png_with(b"eXIf", &[0; 1 << 20], 1)),
        ("many chunks", bomb::png_with(b"teXt", b"", 100_000)),
        ("hollow PNG", bomb::hollow_png(16_384, 16_384)),
        ("too large a PNG", bomb::hollow_png(16_383, 4_099)),
        ("hollow JPEG", bomb::hollow_jpeg(16_384, 16_384)),
        ("JPEG's profile", bomb::jpeg_with(b"ICC_PROFILE\0", 0xe2, 16)),
        ("JPEG's EXIF", bomb::jpeg_with(b"Exif\0\0", 0xe1, 16)),
        ("WebP's profile", bomb::webp_with(b"ICCP")),
        ("WebP's EXIF", bomb::webp_with(b"EXIF")),
        ("WebP's other size", bomb::webp_in_webp(false)),
        ("WebP's frame", bomb::webp_in_webp(true)),
        ("an animation", bomb::animation(2_000)),
    ] {
        // Each to a format that it has not, so that it is decoded.
        let to = if name.contains("JPEG") { "x.webp" } else { "x.jpg" };
        let (_, output) = below(name, least + ABOVE, &bomb, &convert(to));
        assert_eq!(output.json()["jobs"][0]["images"].as_array().unwrap().len(), 1, "{output}");
        assert_eq!(output.files.len(), 3, "the image, and the two files of the test\n{output}");
        if name.contains("TXt") {
            below(name, least + ABOVE, &bomb, &["info", "bomb.png"]);
        }
    }
    let square = |interlaced| bomb::plain_png(2_048, 2_048, (8, 6), interlaced);
    stays_low("interlaced", &square(true), &square(false), &convert("x.jpg"));
}

#[test]
fn fault_73_long_parameters_are_read_as_quickly_as_short_ones() {
    let pinx = Pinx::new();
    let image = |length: usize| {
        let text = [b"parameters\0a fox\nSteps: 1, ", &b"x, ".repeat(length / 3)[..]].concat();
        bomb::png_with(b"tEXt", &text, 1)
    };
    fs::write(pinx.work().join("long.png"), image(900_000)).unwrap();
    fs::write(pinx.work().join("short.png"), image(9_000)).unwrap();
    let took = |args: &[&str]| pinx.run(args).exits(0).took;
    let hundred = took(&[&["info"][..], &["short.png"; 100]].concat());
    let one = (0..3).map(|_| took(&["info", "long.png"])).min().unwrap();
    // As many characters either way; where each were looked at for every other, a hundred times.
    assert!(one < 10 * hundred, "{one:?} for one and {hundred:?} for a hundred");
}

#[test]
fn sixteen_bits_and_other_depths_are_converted_too() {
    for (kind, bits) in [(6, 16), (2, 16), (4, 16), (0, 16), (0, 1), (0, 8), (4, 8)] {
        let png = bomb::plain_png(64, 64, (bits, kind), kind == 6);
        for name in ["x.jpg", "x.webp"] {
            let args = [&["generate", "a fox", "-o", name][..], &MODEL].concat();
            let (pinx, output, _) = costs(&png, &args);
            let output = output.exits(0);
            image_crate(&pinx.read(name), (kind, bits), &output);
        }
    }
}

#[track_caller]
fn image_crate(bytes: &[u8], what: (u8, u8), output: &Output) {
    let picture = ::image::load_from_memory(bytes);
    assert!(picture.is_ok_and(|picture| picture.width() == 64), "{what:?}\n{output}");
}

#[test]
fn what_is_not_decoded_here_is_saved_as_it_came() {
    let mut gif = b"GIF89a\x40\0\x40\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    gif.extend(b"!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x40\0\x40\0\0\x02\x02\x84\x51\0".repeat(20_000));
    gif.push(b';');
    let fake = OpenAi::start();
    fake.always(Kind::Images, with_image(&gif));
    let pinx = Pinx::new().openai(&fake);
    let args = [&["generate", "a fox", "-o", "x.png"][..], &MODEL].concat();
    let output = pinx.run(&args).exits(0).leaves(&["x.gif"]).says("cannot be converted");
    assert_eq!(pinx.read("x.gif"), gif, "{output}");
}

#[test]
fn killed_while_it_is_converted_the_image_is_made_of_what_came() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::hang());
    let pinx = Pinx::new().openai(&fake);
    let args = [&["generate", "a fox", "-o", "x.jpg"][..], &MODEL].concat();
    let running = pinx.command(&args).spawn();
    fake.wait_for(Kind::Images, 1);
    running.signal("KILL");
    running.finish();
    let attempt = pinx.entries("intent")[0]["attempt"].as_str().unwrap().to_owned();
    let part = |name: &str| pinx.work().join(format!(".pinx-{attempt}.1{name}.part"));
    fs::write(part(""), image::bytes(64, 64, "png")).unwrap();
    fs::write(part(".new"), "torn").unwrap();
    pinx.run(&["recover"]).exits(0).leaves(&["x.jpg"]);
    assert!(pinx.read("x.jpg").starts_with(&[0xff, 0xd8]));
    assert_eq!(fake.posts(), 1);
}

#[test]
fn a_part_of_a_page_that_a_killed_compare_left_goes_with_the_next() {
    let compare = ["compare", "a fox", "-m", "pinx/sketch,openai/gpt-image-2", "-s", "64x64"];
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    fs::create_dir(pinx.work().join("compare-a-fox")).unwrap();
    let left = pinx.work().join("compare-a-fox/.pinx-Xy12ab.tmp");
    fs::write(&left, "torn").unwrap();
    let output = pinx.run(&compare).exits(0);
    assert!(!left.exists() && output.stdout.contains("compare-a-fox-2/"), "{output}");
}
