//! Whether an image is on the disk already, in a file that nobody has spoken for.
//!
//! The recipe is no part of the picture: it comes from the log, which may have been damaged since, and
//! whether it is put in is a setting.

use std::path::{Path, PathBuf};

use super::read;
use crate::store::metadata::picture;

/// Bytes that the recipes of two files with the same picture may make them differ in length: each has
/// at most two texts in a JPEG, and prompts are shorter than that elsewhere.
const TEXTS: u64 = 256 * 1024;

/// The file that holds the same image as this one: byte for byte, or else the same picture with another
/// recipe.
pub(super) fn same_of<'p>(one: &Path, others: &'p [PathBuf]) -> Option<PathBuf> {
    let length = |path: &Path| std::fs::metadata(path).map(|meta| meta.len()).ok();
    let own = length(one)?;
    let differs = |path: &'p PathBuf| Some((length(path)?.abs_diff(own), path));
    let near: Vec<_> = others.iter().filter_map(differs).filter(|(by, _)| *by <= TEXTS).collect();
    let bytes = if near.is_empty() { return None } else { read(one).ok()? };
    let is_same = |path: &Path| read(path).is_ok_and(|other| other == bytes);
    let is_like = |path: &Path| {
        read(path).is_ok_and(|other| picture(&other).is_some_and(|it| Some(it) == picture(&bytes)))
    };
    let same = near.iter().find(|(by, path)| *by == 0 && is_same(path));
    same.or_else(|| near.iter().find(|(_, path)| is_like(path))).map(|(_, path)| (*path).clone())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{png, save_request};
    use super::super::{SaveRequest, SavedFiles, save};
    use crate::request::{Format, Request};
    use crate::store::Recipe;

    fn recipe(prompt: &str) -> Option<Recipe> {
        let request = Request { prompt: prompt.to_owned(), ..Request::default() };
        Some(Recipe { request: request.into(), ..Recipe::default() })
    }

    #[test]
    fn an_image_is_known_again_whatever_its_recipe_says() {
        for format in [None, Some(Format::Jpeg), Some(Format::Webp)] {
            for (before, now) in [("a fox", "a fix"), ("a fox", ""), ("", "a fox")] {
                let home = tempfile::tempdir().unwrap();
                let made = |prompt: &str| SaveRequest {
                    recipe: recipe(prompt).filter(|_| !prompt.is_empty()),
                    ..save_request(home.path(), format)
                };
                let first = save(png().as_slice(), made(before)).unwrap().0.path;
                let again = SaveRequest { adopt: Some(SavedFiles::default()), ..made(now) };
                let (saved, ..) = save(png().as_slice(), again).unwrap();
                assert_eq!(saved.path, first, "{format:?} {before:?} {now:?}");
            }
        }
    }

    #[test]
    fn the_one_with_the_same_recipe_comes_first_and_another_picture_is_none() {
        let home = tempfile::tempdir().unwrap();
        let made = |prompt: &str| SaveRequest {
            recipe: recipe(prompt),
            ..save_request(home.path(), None)
        };
        save(png().as_slice(), made("a fox")).unwrap();
        let second = save(png().as_slice(), made("a fix")).unwrap().0.path;
        let again = SaveRequest { adopt: Some(SavedFiles::default()), ..made("a fix") };
        assert_eq!(save(png().as_slice(), again).unwrap().0.path, second);
        let other = image::RgbaImage::from_pixel(8, 4, image::Rgba([200, 100, 51, 255]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        other.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let again = SaveRequest { adopt: Some(SavedFiles::default()), ..made("a fox") };
        let (saved, ..) = save(bytes.get_ref().as_slice(), again).unwrap();
        assert!(saved.path.ends_with("fox-3.png"), "{saved:?}");
    }
}
