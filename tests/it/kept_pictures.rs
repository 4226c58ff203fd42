//! What stays of pictures that are given, and of what was made from them: the profile of their colours,
//! their size where a model takes it, and an image that was made before.

use std::fs;
use std::io::Cursor;

use ::image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use ::image::codecs::png::{PngDecoder, PngEncoder};
use ::image::{ExtendedColorType, ImageDecoder as _, ImageEncoder as _};
use serde_json::json;

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, with_image};
use crate::fake::{Kind, image};
use crate::pinx::Pinx;

const MODEL: [&str; 3] = ["-m", "openai/gpt-image-2", "--no-fallback"];

/// A profile, as far as anybody looks into it here.
fn profile() -> Vec<u8> {
    let mut profile = vec![0; 400];
    profile[16..20].copy_from_slice(b"RGB ");
    profile[36..40].copy_from_slice(b"acsp");
    profile[128..].iter_mut().zip(0..).for_each(|(byte, at)| *byte = at as u8);
    profile
}

/// A picture with it.
fn with_profile(edge: u32, format: &str) -> Vec<u8> {
    let pixels = vec![120; (edge * edge * 3) as usize];
    let mut bytes = Vec::new();
    let color = ExtendedColorType::Rgb8;
    if format == "png" {
        let mut encoder = PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile()).unwrap();
        encoder.write_image(&pixels, edge, edge, color).unwrap();
    } else {
        let mut encoder = JpegEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile()).unwrap();
        encoder.write_image(&pixels, edge, edge, color).unwrap();
    }
    bytes
}

/// The profile of a picture.
fn profile_of(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes.starts_with(b"\x89PNG") {
        true => PngDecoder::new(Cursor::new(bytes)).unwrap().icc_profile().unwrap(),
        false => JpegDecoder::new(Cursor::new(bytes)).unwrap().icc_profile().unwrap(),
    }
}

#[test]
fn colours_keep_their_profile_there_and_back() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    for format in ["png", "jpeg"] {
        let name = format!("in.{format}");
        fs::write(pinx.work().join(&name), with_profile(64, format)).unwrap();
        for ending in ["png", "jpg"] {
            fake.answers(with_image(&with_profile(816, "png")));
            let made = format!("{format}.{ending}");
            let edit = ["edit", "make it night", "-i", &name, "-o", &made];
            pinx.run(&[&edit[..], &MODEL].concat()).exits(0);
            let request = fake.requests(Kind::Images).pop().unwrap();
            let sent = request.form.iter().find(|part| part.filename.is_some()).unwrap();
            assert_eq!(profile_of(&sent.bytes), Some(profile()), "sent {format}");
            let made = pinx.read(&made);
            assert_eq!(profile_of(&made), Some(profile()), "made {format} {ending}");
            // With its recipe.
            assert!(memchr::memmem::find(&made, b"make it night").is_some(), "{ending}");
        }
    }
}

#[test]
fn a_picture_is_scaled_down_only_where_that_is_said() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    fs::write(pinx.work().join("wide.png"), image::bytes(4_200, 600, "png")).unwrap();
    let edit = ["edit", "x", "-i", "wide.png", "-m", "fal/recraft-v3", "--no-fallback", "-o", "o/"];
    let edit = [&edit[..], &["-y"]].concat();
    pinx.run(&edit).exits(2).says("image 1 has 4200x600 pixels").says("`--fit` scales it down");
    let job = |more: &[&str]| {
        let all = [&edit[..], more].concat();
        pinx.run(&[&all[..], &["--json", "--allow-unknown-cost"]].concat()).exits(0).json()["jobs"]
            [0]
        .clone()
    };
    for (more, posts) in [(&["--fit", "--dry-run"][..], 0), (&["--fit"], 1)] {
        let job = job(more);
        let input = &job["inputs"][0];
        assert_eq!((&input["width"], &input["height"]), (&json!(4095), &json!(585)), "{job}");
        assert_eq!(
            (&input["source_width"], &input["is_changed"]),
            (&json!(4200), &json!(true)),
            "{job}"
        );
        let told = &job["adjustments"][0];
        assert_eq!((&told["field"], &told["got"]), (&json!("image 1"), &json!("4095x585")));
        assert_eq!(fake.posts(), posts);
    }
    assert_eq!(image::size_of(&fake.uploads()[0].bytes), (4_095, 585));
    pinx.run(&[&edit[..], &["--fit", "--strict"]].concat()).exits(2).says("image 1 4200x600");
    // In a file each job says it for itself.
    let lines = "{\"prompt\":\"y\",\"image\":\"wide.png\",\"fit\":true}\n{\"prompt\":\"z\",\"image\":\"wide.png\"}\n";
    let pinx = pinx.file("p.jsonl", lines);
    let batch = ["batch", "p.jsonl", "-m", "fal/recraft-v3", "--no-fallback", "--dry-run"];
    let output = pinx.run(&batch).exits(2).says("p.jsonl:2: image 1 has 4200x600 pixels");
    assert!(!output.stderr.contains("p.jsonl:1:"), "{output}");
}

#[test]
fn what_was_made_from_the_same_pictures_is_neither_uploaded_nor_paid_for_again() {
    let fake = Fal::start();
    let pinx = Pinx::new().fal(&fake);
    let mask = |left: bool| {
        let color = |x: u32| if (x < 160) == left { 255 } else { 0 };
        let picture = ::image::GrayImage::from_fn(320, 320, |x, _| ::image::Luma([color(x)]));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ::image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    for (name, bytes) in [
        ("mug.png", image::bytes(320, 320, "png").to_vec()),
        ("same.png", image::bytes(320, 320, "png").to_vec()),
        ("cup.png", image::bytes(384, 320, "png").to_vec()),
        ("left.png", mask(true)),
        ("right.png", mask(false)),
    ] {
        fs::write(pinx.work().join(name), bytes).unwrap();
    }
    let edit = |seed: &str, pictures: &[&str]| {
        let flags =
            ["edit", "x", "-m", "fal/fast-sdxl", "--no-fallback", "--seed", seed, "-o", "o/"];
        pinx.run(&[&flags[..], pictures].concat()).exits(0)
    };
    edit("7", &["-i", "mug.png"]);
    edit("7", &["-i", "mug.png", "--mask", "left.png"]);
    assert_eq!((fake.posts(), fake.uploads().len()), (2, 2));
    // Nothing is known of uploads any more: what is sent must be uploaded.
    fs::remove_dir_all(pinx.data().join("inputs").join("uploads")).unwrap();
    for (seed, pictures, posts, uploads) in [
        ("7", &["-i", "same.png"][..], 2, 2),
        ("7", &["-i", "same.png", "--mask", "left.png"], 2, 2),
        ("7", &["-i", "mug.png", "--mask", "right.png"], 3, 4),
        ("7", &["-i", "cup.png"], 4, 5),
        ("8", &["-i", "mug.png"], 5, 5),
    ] {
        let output = edit(seed, pictures);
        assert_eq!((fake.posts(), fake.uploads().len()), (posts, uploads), "{pictures:?} {seed}");
        assert_eq!(output.stderr.contains("from cache"), posts == 2, "{output}");
    }
    // Also of a batch, whose plan says so.
    let line = "{\"prompt\":\"x\",\"image\":\"mug.png\",\"mask\":\"left.png\",\"seed\":7}\n";
    let pinx = pinx.file("p.jsonl", line);
    let batch = ["batch", "p.jsonl", "-m", "fal/fast-sdxl", "--no-fallback", "-o", "b/"];
    pinx.run(&batch).exits(0).says("from cache");
    assert_eq!((fake.posts(), fake.uploads().len()), (5, 5));
}
