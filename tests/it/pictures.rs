//! The README's picture: a contact sheet of the built-in renderer, subjects down, styles across.
//!
//! `UPDATE_PICTURES=1 cargo test --test it pictures` draws it again.

use image::imageops::{FilterType, overlay, resize};
use image::{Rgb, RgbImage, RgbaImage};
use pinx::render::{Recipe, draw};

const SUBJECTS: [&str; 4] =
    ["a lighthouse at dusk", "a red fox", "a castle on a hill at night", "a mountain lake at dawn"];
const STYLES: [&str; 6] = ["none", "watercolor", "line-art", "pixel-art", "voxel-3d", "low-poly"];
/// Edge of a cell and the gap between two, in pixels.
const CELL: u32 = 224;
const GAP: u32 = 6;

fn path() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/sheet.jpg")
}

fn size() -> (u32, u32) {
    let edge = |cells: usize| cells as u32 * (CELL + GAP) - GAP;
    (edge(STYLES.len()), edge(SUBJECTS.len()))
}

fn cell(prompt: &str, style: &str) -> RgbImage {
    let picture = draw(&Recipe {
        prompt: prompt.to_owned(),
        style: style.to_owned(),
        colors: Vec::new(),
        width: 2 * CELL,
        height: 2 * CELL,
        seed: 1,
        label: None,
        transparent: false,
    });
    let pixels = RgbaImage::from_raw(picture.width, picture.height, picture.rgba).unwrap();
    let small = resize(&pixels, CELL, CELL, FilterType::Lanczos3);
    image::DynamicImage::ImageRgba8(small).to_rgb8()
}

#[test]
fn the_sheet_of_the_readme_is_there() {
    if std::env::var("UPDATE_PICTURES").is_ok() {
        let (width, height) = size();
        let mut sheet = RgbImage::from_pixel(width, height, Rgb([255, 255, 255]));
        for (row, prompt) in SUBJECTS.iter().enumerate() {
            for (column, style) in STYLES.iter().enumerate() {
                let (x, y) = (column as u32 * (CELL + GAP), row as u32 * (CELL + GAP));
                overlay(&mut sheet, &cell(prompt, style), x.into(), y.into());
            }
        }
        let mut file = std::fs::File::create(path()).unwrap();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 88);
        sheet.write_with_encoder(encoder).unwrap();
    }
    let hint = "draw it: UPDATE_PICTURES=1 cargo test --test it pictures";
    assert_eq!(image::image_dimensions(path()).expect(hint), size(), "{hint}");
    let readme = include_str!("../../README.md");
    assert!(readme.contains("tests/pictures/sheet.jpg"));
}
