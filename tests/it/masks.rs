//! Masks: read in either convention, told, refused where they cannot be meant, and sent as the model
//! reads them.

use std::io::Cursor;

use ::image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use serde_json::json;

use crate::fake::form::Field;
use crate::fake::openai::OpenAi;
use crate::fake::{Kind, image};
use crate::pinx::Pinx;

const MODEL: [&str; 3] = ["-m", "openai/gpt-image-2", "--no-fallback"];
pub const WHITE: [u8; 4] = [255; 4];
pub const BLACK: [u8; 4] = [0, 0, 0, 255];
const HOLE: [u8; 4] = [0; 4];

/// A picture whose left quarter is of one colour, and the rest of another.
pub fn quarter(size: (u32, u32), left: [u8; 4], right: [u8; 4]) -> DynamicImage {
    let colour = |x, _| Rgba(if x < size.0 / 4 { left } else { right });
    RgbaImage::from_fn(size.0, size.1, colour).into()
}

pub fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A world with a picture of 64x96 and masks of it.
fn world(fake: &OpenAi) -> Pinx {
    let pinx = Pinx::new().openai(fake);
    let size = (64, 96);
    let (white, hole) = (quarter(size, WHITE, BLACK), quarter(size, HOLE, BLACK));
    for (name, bytes) in [
        ("mug.png", image::bytes(64, 96, "png").to_vec()),
        ("white.png", written(&white.to_luma8().into(), ImageFormat::Png)),
        ("white.jpg", written(&white.to_rgb8().into(), ImageFormat::Jpeg)),
        ("white.webp", written(&white, ImageFormat::WebP)),
        ("deep.png", written(&white.to_luma16().into(), ImageFormat::Png)),
        ("hole.png", written(&hole, ImageFormat::Png)),
        (
            "photo.png",
            written(&quarter(size, [200, 90, 30, 0], [200, 90, 30, 255]), ImageFormat::Png),
        ),
        ("both.png", written(&quarter(size, WHITE, HOLE), ImageFormat::Png)),
        ("black.png", written(&quarter(size, BLACK, BLACK), ImageFormat::Png)),
        ("all.png", written(&quarter(size, WHITE, WHITE), ImageFormat::Png)),
        ("half.png", written(&quarter((32, 48), WHITE, BLACK), ImageFormat::Png)),
        ("square.png", written(&quarter((64, 64), WHITE, BLACK), ImageFormat::Png)),
    ] {
        std::fs::write(pinx.work().join(name), bytes).unwrap();
    }
    pinx
}

fn args<'a>(mask: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let all = ["edit", "make it blue", "-i", "mug.png", "--mask", mask, "-o", "out/"];
    [&all[..], &MODEL, more].concat()
}

/// The files of the newest request.
fn sent(fake: &OpenAi) -> Vec<Field> {
    let request = fake.requests(Kind::Images).pop().unwrap();
    request.form.into_iter().filter(|part| part.filename.is_some()).collect()
}

#[test]
fn a_mask_of_either_convention_is_sent_as_the_model_reads_it() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    let white = "the mask changes 25 % of image 1, white by brightness";
    let clear = "the mask changes 25 % of image 1, transparent by alpha";
    let mut first = None;
    for (mask, told) in [
        ("white.png", white),
        ("white.jpg", white),
        ("white.webp", white),
        ("deep.png", white),
        ("hole.png", clear),
        ("photo.png", clear),
        ("-", white),
    ] {
        let command = pinx.command(&args(mask, &[])).stdin(pinx.read("white.png"));
        let output = command.run().exits(0).says(told);
        output.says("takes the mask as a hint");
        let files = sent(&fake);
        let [picture, mask] = &files[..] else { panic!("{} files", files.len()) };
        assert!(picture.bytes == pinx.read("mug.png"));
        let names = (&*mask.name, mask.filename.as_deref(), mask.media_type.as_deref());
        assert_eq!(names, ("mask", Some("mask.png"), Some("image/png")));
        let first = first.get_or_insert(mask.bytes.clone());
        assert!(*first == mask.bytes, "the same part, the same bytes: {told}");
        let DynamicImage::ImageRgba8(pixels) = ::image::load_from_memory(&mask.bytes).unwrap()
        else {
            panic!("it has an alpha channel")
        };
        assert_eq!(pixels.dimensions(), (64, 96));
        assert_eq!([15, 16].map(|x| pixels.get_pixel(x, 50).0[3]), [0, 255]);
    }
    // Both are there; one of them is meant.
    for (means, share, edges) in [("white", 25, [0, 255]), ("transparent", 75, [255, 0])] {
        let told = format!("{share} % of image 1, what is {means}");
        pinx.run(&args("both.png", &["--mask-means", means])).exits(0).says(&told);
        let mask = ::image::load_from_memory(&sent(&fake)[1].bytes).unwrap().to_rgba8();
        assert_eq!([15, 16].map(|x| mask.get_pixel(x, 50).0[3]), edges, "{means}");
    }
    pinx.run(&args("half.png", &["--fit"])).exits(0).says("the mask: scaled to 64x96");
    assert!(first.unwrap() == sent(&fake)[1].bytes);
}

#[test]
fn what_cannot_be_meant_is_told_before_anything_is_sent() {
    let fake = OpenAi::start();
    let pinx = world(&fake).env("AI_GATEWAY_API_KEY", "a-key-of-a-test");
    pinx.run(&args("white.png", &["--dry-run"])).exits(0).says("the mask changes 25 %");
    assert!(!pinx.data().join("inputs").exists(), "a dry run keeps nothing");
    let no_picture = ["generate", "x", "--mask", "white.png"];
    let no_mask = ["edit", "x", "-i", "mug.png", "--mask-means", "white"];
    let vercel = ["edit", "x", "-i", "mug.png", "--mask", "white.png", "-m", "vercel/gpt-image-2"];
    for (args, told) in [
        (args("both.png", &[]), "it can mean two things"),
        (args("both.png", &[]), "`--mask-means white` or `--mask-means transparent`"),
        (args("black.png", &[]), "it changes nothing: no pixel of it is white"),
        (args("all.png", &[]), "it changes all of image 1"),
        (args("square.png", &[]), "it has 64x64 pixels, and image 1 has 64x96"),
        (args("half.png", &[]), "`--fit` scales it"),
        (args("half.png", &["--fit", "--strict"]), "the mask would be changed"),
        (args("gone.png", &[]), "the mask: there is no file `gone.png`"),
        (args("white.png", &["--mask-means", "black"]), "transparent"),
        (args("white.png", &["-P", "mask=x"]), "`mask` as a parameter is what"),
        (no_picture.to_vec(), "`-i FILE` names the picture"),
        (no_mask.to_vec(), "--mask <WHAT>"),
        (vercel.to_vec(), "-m openai/gpt-image-2"),
    ] {
        pinx.run(&args).exits(2).says(told);
    }
    let bare = ["edit", "x", "-i", "-", "--mask", "-"];
    pinx.command(&bare).stdin(pinx.read("mug.png")).run().exits(2).says("stdin is one picture");
    assert!(fake.all().is_empty() && pinx.entries("intent").is_empty());
}

#[test]
fn a_mask_is_part_of_what_an_image_is() {
    let fake = OpenAi::start();
    let pinx = world(&fake);
    pinx.run(&args("white.png", &["--cache"])).exits(0);
    pinx.run(&args("both.png", &["--mask-means", "white", "--cache"])).exits(0);
    assert_eq!(fake.posts(), 1, "the same part of the same picture");
    pinx.run(&args("both.png", &["--mask-means", "transparent", "--cache"])).exits(0);
    assert_eq!(fake.posts(), 2, "another part");
    let [one, two] = [0, 1].map(|at| pinx.entries("intent")[at]["recipe"]["inputs"][1].clone());
    assert_eq!((&one["role"], &one["size"]), (&json!("mask"), &json!("64x96")));
    assert_eq!((&one["means"], &two["means"]), (&json!(null), &json!("transparent")));
    let first = sent(&fake)[1].bytes.clone();
    // By its recipe, wherever the mask lies by now, and meant as it was.
    std::fs::rename(pinx.work().join("both.png"), pinx.work().join("out/kept.png")).unwrap();
    pinx.run(&["redo", "last", "-o", "out/", "--no-cache"]).exits(0);
    assert!(fake.posts() == 3 && sent(&fake)[1].bytes == first);
    std::fs::remove_file(pinx.work().join("out/kept.png")).unwrap();
    pinx.run(&["redo", "last", "-o", "out/"])
        .exits(2)
        .says("the mask (")
        .says("is not here any more");
    std::fs::write(pinx.work().join("p.txt"), "at night\n").unwrap();
    let batch = ["batch", "p.txt", "-i", "mug.png", "--mask", "white.png", "-m", MODEL[1]];
    for (mask, posts) in [("white.png", 4), ("white.png", 4), ("hole.png", 5)] {
        let args = batch.map(|word| if word == "white.png" { mask } else { word });
        pinx.run(&args).exits(0);
        assert_eq!(fake.posts(), posts, "{mask}");
    }
}
