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
///
/// `may_be` is asked last, since it may have to read a file.
pub(super) fn same_of(
    one: &Path,
    others: impl Iterator<Item = PathBuf>,
    mut may_be: impl FnMut(&Path) -> bool,
) -> Option<PathBuf> {
    let length = |path: &Path| std::fs::metadata(path).map(|meta| meta.len()).ok();
    let own = length(one)?;
    let near: Vec<(u64, PathBuf)> = others
        .filter_map(|path| Some((length(&path)?.abs_diff(own), path)))
        .filter(|(by, path)| *by <= TEXTS && may_be(path))
        .collect();
    let bytes = if near.is_empty() { return None } else { read(one).ok()? };
    let is_same = |path: &Path| read(path).is_ok_and(|other| other == bytes);
    if let Some((_, path)) = near.iter().find(|(by, path)| *by == 0 && is_same(path)) {
        return Some(path.clone());
    }
    let mine = picture(&bytes)?;
    let is_like =
        |path: &Path| read(path).is_ok_and(|other| picture(&other).as_ref() == Some(&mine));
    near.into_iter().map(|(_, path)| path).find(|path| is_like(path))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{png, save_request};
    use super::super::{SaveRequest, SavedFiles, save};
    use super::*;
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
                let again = SaveRequest { existing: Some(SavedFiles::default()), ..made(now) };
                let (saved, ..) = save(png().as_slice(), again).unwrap();
                assert_eq!(saved.path, first, "{format:?} {before:?} {now:?}");
            }
        }
    }

    #[test]
    fn only_what_is_about_as_long_is_looked_into() {
        let home = tempfile::tempdir().unwrap();
        let file = |name: &str, length: u64| {
            let path = home.path().join(name);
            let bytes = vec![b'x'; usize::try_from(length).unwrap()];
            crate::fs::write_atomic(&path, &bytes, crate::fs::Mode::Normal).unwrap();
            path
        };
        let (one, far) = (file("one", 3), file("far", 4 + TEXTS));
        let [near, equal] = [("near", 3 + TEXTS), ("equal", 3)].map(|(name, by)| file(name, by));
        let mut asked = Vec::new();
        let all = [&far, &near, &equal].map(Clone::clone);
        let found = same_of(&one, all.into_iter(), |path| {
            asked.push(path.to_owned());
            path != equal
        });
        assert_eq!((found, asked), (None, vec![near.clone(), equal.clone()]), "it may not be that");
        let found = same_of(&one, [near, equal.clone()].into_iter(), |_| true);
        assert_eq!(found, Some(equal), "no image, but the same bytes");
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
        let again = SaveRequest { existing: Some(SavedFiles::default()), ..made("a fix") };
        assert_eq!(save(png().as_slice(), again).unwrap().0.path, second);
        let other = image::RgbaImage::from_pixel(8, 4, image::Rgba([200, 100, 51, 255]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        other.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let again = SaveRequest { existing: Some(SavedFiles::default()), ..made("a fox") };
        let (saved, ..) = save(bytes.get_ref().as_slice(), again).unwrap();
        assert!(saved.path.ends_with("fox-3.png"), "{saved:?}");
    }
}
