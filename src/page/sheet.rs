//! The contact sheet: every image of a comparison on one PNG, with what is worth knowing below each.
//!
//! Images are fitted, never cropped, and read one at a time: what stays in memory of each is what is
//! seen of it.

mod layout;

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::replace;
use image::{ImageEncoder as _, Rgb, RgbImage};

use self::layout::{Ink, Layout};
use super::{Entry, Head, Totals, thumb};
use crate::error::{Error, Kind, Result};
use crate::render::Canvas;

/// Dark type on paper.
fn color(ink: Ink) -> [u8; 3] {
    let [_, r, g, b] = u32::to_be_bytes(match ink {
        Ink::Paper => 0xfbfaf7,
        Ink::Mat => 0xf0eee8,
        Ink::Rule => 0xd9d5cc,
        Ink::Text => 0x1f1d1a,
        Ink::Soft => 0x666058,
        Ink::Alarm => 0xa13020,
    });
    [r, g, b]
}

/// Makes the sheet: the bytes of a PNG, 1,600 pixels wide. An image that cannot be read is told in
/// its place.
///
/// # Errors
/// The PNG cannot be made: too many entries for one picture.
pub(crate) fn draw(head: &Head, totals: &Totals, entries: &[Entry]) -> Result<Vec<u8>> {
    let mut entries = entries.to_vec();
    let boxes = Layout::new(head, totals, &entries).pictures;
    let mut shown = Vec::new();
    for (entry, room) in entries.iter_mut().zip(&boxes) {
        let Some(image) = &entry.image else { continue };
        match thumb::fitted(&image.path, (room.width as u32, room.height as u32)) {
            Ok(picture) => shown.push((picture, *room)),
            Err(why) => {
                entry.image = None;
                entry.reason.get_or_insert(why);
            }
        }
    }
    let layout = Layout::new(head, totals, &entries);
    let failed = |what: String| Error::new(Kind::Local, format!("no contact sheet: {what}"));
    if layout.height > u32::from(u16::MAX) {
        return Err(failed(format!("{} images do not fit on one", entries.len()))
            .hint("compare fewer at once"));
    }
    let mut sheet = painted(&layout).ok_or_else(|| failed("it has no pixels".to_owned()))?;
    for (picture, room) in shown {
        let x = i64::from(room.x as u32 + (room.width as u32 - picture.width()) / 2);
        let y = i64::from(room.y as u32 + (room.height as u32 - picture.height()) / 2);
        replace(&mut sheet, &picture, x, y);
    }
    let mut out = Cursor::new(Vec::new());
    PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive)
        .write_image(&sheet, sheet.width(), sheet.height(), image::ExtendedColorType::Rgb8)
        .map_err(|error| failed(error.to_string()))?;
    Ok(out.into_inner())
}

/// Everything but the images.
fn painted(layout: &Layout) -> Option<RgbImage> {
    let mut canvas = Canvas::new(layout.width, layout.height, color(Ink::Paper));
    for (area, ink) in &layout.areas {
        canvas.rectangle([area.x, area.y, area.width, area.height], color(*ink));
    }
    for line in &layout.lines {
        canvas.text(&line.text, (line.x, line.baseline), line.face, color(line.ink));
    }
    let bytes = canvas.draw();
    let opaque = |pixel: &[u8]| Rgb([pixel[0], pixel[1], pixel[2]]).0;
    RgbImage::from_raw(
        layout.width,
        layout.height,
        bytes.chunks_exact(4).flat_map(opaque).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Image, Status};

    /// The share of pixels of about one colour.
    fn count(sheet: &RgbImage, color: [u8; 3]) -> usize {
        let near = |pixel: &&Rgb<u8>| {
            pixel.0.iter().zip(color).all(|(one, other)| one.abs_diff(other) < 3)
        };
        sheet.pixels().filter(near).count()
    }

    fn sheet(entries: &[Entry]) -> RgbImage {
        let head = Head { prompt: "a fox".to_owned(), ..Head::default() };
        let png = draw(&head, &Totals::default(), entries).unwrap();
        image::load_from_memory(&png).unwrap().into_rgb8()
    }

    #[test]
    fn whole_images_stand_on_the_sheet() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("red.png");
        RgbImage::from_pixel(900, 300, Rgb([200, 20, 30])).save(&path).unwrap();
        let image = Some(Image { path, width: 900, height: 300 });
        let one = Entry { label: "p/m".to_owned(), image, ..Entry::default() };
        let sheet = sheet(&[one.clone(), one]);
        assert_eq!(sheet.width(), 1600);
        let red = count(&sheet, [200, 20, 30]);
        let expected = 2 * thumb_size((900, 300), &sheet);
        assert!(red.abs_diff(expected) * 50 < expected, "{red} of {expected}: none is cropped");
    }

    /// Pixels that one of two such images takes.
    fn thumb_size(own: (u32, u32), sheet: &RgbImage) -> usize {
        let column = (sheet.width() - 2 * layout::MARGIN as u32 - layout::GUTTER as u32) / 2;
        let (width, height) = thumb::fit(own, (column, sheet.height()));
        (width * height) as usize
    }

    #[test]
    fn what_cannot_be_shown_is_told_in_its_place() {
        let gone = Image { path: "/nowhere/x.png".into(), width: 10, height: 10 };
        let entry = Entry { label: "p/m".to_owned(), image: Some(gone), ..Entry::default() };
        let alarm = color(Ink::Alarm);
        assert!(count(&sheet(&[entry]), alarm) > 50);
        let refused = Entry { status: Status::Refused, ..Entry::default() };
        let sheet = sheet(&[refused]);
        assert!(count(&sheet, color(Ink::Alarm)) > 50);
        assert!(count(&sheet, color(Ink::Paper)) > 1600 * 100);
    }
}
