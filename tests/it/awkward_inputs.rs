//! Pictures as people have them, given to an edit: each is sent as it is seen, or refused with what
//! helps, and nothing is paid for one that was refused.

use std::io::{Cursor, Write as _};

use ::image::{DynamicImage, ImageFormat, RgbImage};

use crate::fake::openai::OpenAi;
use crate::fake::{Kind, bomb, image};
use crate::pinx::Pinx;

const MODEL: [&str; 3] = ["-m", "openai/gpt-image-2", "--no-fallback"];

/// Four colours, by which every turn is seen.
const CORNERS: [[u8; 3]; 4] = [[230, 20, 20], [20, 230, 20], [20, 20, 230], [230, 230, 20]];

/// A picture of 64x48 in four quarters: above left, above right, below left, below right.
fn quarters() -> DynamicImage {
    let colour = |x, y| ::image::Rgb(CORNERS[usize::from(x >= 32) + 2 * usize::from(y >= 24)]);
    RgbImage::from_fn(64, 48, colour).into()
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The quarters as a camera stores them that was held in this way (Exif 2.32, Orientation): turned so
/// that they stand upright when it is heeded.
fn held(turn: u8) -> Vec<u8> {
    let upright = quarters();
    let stored = match turn {
        2 => upright.fliph(),
        3 => upright.rotate180(),
        4 => upright.flipv(),
        5 => upright.rotate90().fliph(),
        6 => upright.rotate270(),
        7 => upright.rotate270().fliph(),
        8 => upright.rotate90(),
        _ => upright,
    };
    let jpeg = written(&stored, ImageFormat::Jpeg);
    let tiff = [&b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[turn]];
    let exif = [&tiff.concat()[..], &[0; 6]].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

/// The quarters with a palette, one of whose colours cannot be seen.
fn palette() -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for y in 0..48 {
        let row = (0..64).map(|x| u8::from(x >= 32) + 2 * u8::from(y >= 24));
        packed.write_all(&[0]).unwrap();
        packed.write_all(&row.collect::<Vec<u8>>()).unwrap();
    }
    let header = [0, 0, 0, 64, 0, 0, 0, 48, 8, 3, 0, 0, 0];
    let parts = [
        bomb::chunk(b"IHDR", &header),
        bomb::chunk(b"PLTE", &CORNERS.concat()),
        bomb::chunk(b"tRNS", &[255, 255, 255, 0]),
        bomb::chunk(b"IDAT", &packed.finish().unwrap()),
        bomb::chunk(b"IEND", &[]),
    ];
    [&b"\x89PNG\r\n\x1a\n"[..], &parts.concat()].concat()
}

/// The pictures of the newest request.
fn sent(fake: &OpenAi) -> Vec<DynamicImage> {
    let request = fake.requests(Kind::Images).pop().unwrap();
    let files = request.form.into_iter().filter(|part| part.filename.is_some());
    files.map(|part| ::image::load_from_memory(&part.bytes).unwrap()).collect()
}

/// They stand as [`quarters`] does.
#[track_caller]
fn upright(picture: &DynamicImage, name: &str) {
    let pixels = picture.to_rgb8();
    assert_eq!(pixels.dimensions(), (64, 48), "{name}");
    for ([x, y], wanted) in [[8, 8], [56, 8], [8, 40], [56, 40]].into_iter().zip(CORNERS) {
        let seen = pixels.get_pixel(x, y).0;
        let is_near = seen.iter().zip(wanted).all(|(seen, wanted)| seen.abs_diff(wanted) < 40);
        assert!(is_near, "{name} at {x},{y}: {seen:?}, not {wanted:?}");
    }
}

#[test]
fn a_picture_is_sent_as_it_is_seen() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let ink = include_bytes!("../../src/store/input/samples/ink.jpg");
    let moving = include_bytes!("../../src/store/input/samples/moving.webp");
    let deep = written(&quarters().to_rgb16().into(), ImageFormat::Png);
    let misnamed = written(&quarters(), ImageFormat::Png);
    let mut files: Vec<(String, Vec<u8>)> =
        (1..=8).map(|turn| (format!("held-{turn}.jpg"), held(turn))).collect();
    for (name, bytes) in [
        ("deep.png", deep),
        ("palette.png", palette()),
        ("misnamed.jpg", misnamed),
        ("ink.jpg", ink.to_vec()),
        ("moving.webp", moving.to_vec()),
        (
            "bomb.png",
            bomb::png_with(b"zTXt", &[&b"parameters\0\0"[..], &bomb::packed(64)].concat(), 1),
        ),
    ] {
        files.push((name.to_owned(), bytes));
    }
    for (name, bytes) in &files {
        std::fs::write(pinx.work().join(name), bytes).unwrap();
    }
    let mut args = vec!["edit", "make it night", "-o", "out/"];
    files.iter().for_each(|(name, _)| args.extend(["-i", name]));
    args.extend(["-i", "-"]);
    args.extend(MODEL);
    let output = pinx.command(&args).stdin(written(&quarters(), ImageFormat::WebP)).run().exits(0);
    let output = output
        .says("image 2: turned upright")
        .says("image 8: turned upright")
        .says("image 9: 8 bits a colour")
        .says("image 10: without a palette")
        .says("image 12: CMYK as RGB")
        .says("image 13: its first frame alone");
    assert!(
        !output.to_string().contains("image 1 is sent") && !output.to_string().contains("image 11")
    );
    let sent = sent(&fake);
    assert_eq!(sent.len(), 15);
    let names = files.iter().map(|(name, _)| &**name).chain(["stdin"]);
    for (picture, name) in sent.iter().zip(names) {
        match name {
            "ink.jpg" | "moving.webp" | "bomb.png" => assert!(!picture.color().has_alpha()),
            _ => upright(picture, name),
        }
    }
    // What cannot be seen is still there, and what is packed a thousand to one stays here.
    let request = fake.requests(Kind::Images).pop().unwrap();
    let bomb = request.form.iter().find(|part| part.filename.as_deref() == Some("image-14.png"));
    assert!(bomb.unwrap().bytes == *image::bytes(64, 64, "png"));
    let palette = sent[9].to_rgba8();
    assert_eq!([palette.get_pixel(8, 8).0[3], palette.get_pixel(56, 40).0[3]], [255, 0]);
    assert!(matches!(sent[8], DynamicImage::ImageRgb8(_)));
}

#[test]
fn what_cannot_be_sent_is_refused_with_what_helps() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let whole = image::bytes(64, 48, "png");
    let [jpeg, webp] = ["jpeg", "webp"].map(|format| image::bytes(64, 48, format));
    for (name, bytes) in [
        ("whole.png", whole.to_vec()),
        ("half.png", whole[..whole.len() / 2].to_vec()),
        ("half.jpg", jpeg[..jpeg.len() / 2].to_vec()),
        ("half.webp", webp[..webp.len() / 2].to_vec()),
        ("huge.png", bomb::hollow_png(20_000, 20_000)),
        ("large.png", bomb::hollow_png(9_000, 9_000)),
        ("moving.gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        ("phone.jpg", b"\0\0\0\x18ftypheic\0\0\0\0heicmif1".to_vec()),
        ("web.jpg", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1".to_vec()),
        ("scan.tif", b"II*\0\x08\0\0\0\0\0\0\0\0\0".to_vec()),
        ("icon.bmp", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0".to_vec()),
        ("mark.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
        ("page.png", b"<!doctype html><title>not found</title>".to_vec()),
        ("none.png", Vec::new()),
        ("mask.png", image::bytes(512, 512, "png").to_vec()),
    ] {
        std::fs::write(pinx.work().join(name), bytes).unwrap();
    }
    for (words, told) in [
        (&["half.png"][..], "image 1: `half.png`"),
        (&["half.jpg"], "image 1: `half.jpg`"),
        (&["half.webp"], "image 1: `half.webp`"),
        (&["huge.png"], "20000x20000"),
        (&["whole.png", "-i", "large.png"], "image 2: `large.png` has 9000x9000 pixels"),
        (&["moving.gif"], "`magick 'moving.gif[0]' copy.png` makes a PNG of it"),
        (&["phone.jpg"], "`sips -s format png 'phone.jpg' --out copy.png`"),
        (&["web.jpg"], "`magick 'web.jpg' copy.png` makes a PNG of it"),
        (&["web.jpg"], "`web.jpg` is an AVIF picture"),
        (&["mark.svg"], "`mark.svg` is an SVG picture"),
        (&["scan.tif"], "image 1: `scan.tif` is a TIFF picture"),
        (&["scan.tif"], "`magick 'scan.tif[0]' copy.png` makes a PNG of it"),
        (&["icon.bmp"], "`magick 'icon.bmp' copy.png` makes a PNG of it"),
        (&["whole.png"; 17].join(" -i ").split(' ').collect::<Vec<_>>(), "leave 1 of them out"),
        (&["page.png"], "image 1: `page.png`"),
        (&["none.png"], "image 1: `none.png`"),
        (&["https://169.254.169.254/latest/meta-data"], "leads to a private address"),
        (&["https://[::ffff:169.254.169.254]/a.png"], "leads to a private address"),
        (&["whole.png", "--mask", "mask.png"], "it has 512x512 pixels, and image 1 has 64x48"),
        (&["whole.png", "-i", "-", "-i", "-"], "stdin is one picture, and nothing else"),
        (&["."], "image 1: `.` cannot be read"),
    ] {
        let all = [&["edit", "make it night", "-i"], words, &MODEL].concat();
        pinx.command(&all).stdin(whole.to_vec()).run().exits(2).says(told);
    }
    assert!(fake.all().is_empty() && pinx.entries("intent").is_empty());
    assert!(!pinx.data().join("inputs").exists());
}
