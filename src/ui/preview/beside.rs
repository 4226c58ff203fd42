//! Pictures side by side in the terminal, each under its name: what is to be judged is seen at once.
//!
//! They are one picture for the terminal, so that all of them stand in one line of it; a line takes as
//! many as are still to be recognised.

use dialoguer::console::{Alignment, measure_text_width, pad_str, truncate_str};
use image::imageops::{FilterType, overlay};
use image::{DynamicImage, RgbaImage};

use super::{DENSITY, drawn, fit, nearer};
use crate::store;
use crate::ui::terminal::Terminal;

/// Columns of the narrowest picture that is still recognised.
const NARROWEST: u32 = 18;

/// Columns between two pictures.
const GAP: u32 = 2;

/// The most rows of one line of pictures.
const HIGHEST: u32 = 24;

/// The bytes that show pictures, each with its name; one that cannot be decoded leaves its place empty.
pub(crate) fn beside(terminal: &Terminal, pictures: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (rows, columns) = terminal.stderr_size();
    let (rows, columns) = (u32::from(rows), u32::from(columns).saturating_sub(1).max(1));
    // The question below needs its own lines.
    let most_rows = rows.saturating_sub(pictures.len() as u32 + 6).clamp(4, HIGHEST);
    let fitting = ((columns + GAP) / (NARROWEST + GAP)).max(1);
    let in_line = (pictures.len() as u32).min(fitting).max(1);
    let width = ((columns + GAP) / in_line).saturating_sub(GAP).max(1);
    let mut out = Vec::new();
    for line in pictures.chunks(in_line as usize) {
        out.extend_from_slice(names(line, width as usize).as_bytes());
        out.extend(pixels(terminal, line, (width, most_rows)).unwrap_or_default());
    }
    out
}

/// The names of a line, each over the middle of its picture.
fn names(line: &[(String, Vec<u8>)], width: usize) -> String {
    let name = |(name, _): &(String, Vec<u8>)| {
        let short = truncate_str(name, width, "…").into_owned();
        pad_str(&short, width.max(measure_text_width(&short)), Alignment::Center, None).into_owned()
    };
    let gap = " ".repeat(GAP as usize);
    format!("{}\n", line.iter().map(name).collect::<Vec<_>>().join(&gap).trim_end())
}

/// The pictures of a line as one.
fn pixels(terminal: &Terminal, line: &[(String, Vec<u8>)], room: (u32, u32)) -> Option<Vec<u8>> {
    let place = |(_, bytes): &(String, Vec<u8>)| {
        let picture = store::decode(bytes)?;
        let cells = fit((picture.width(), picture.height()), room)?;
        let (width, height) = (cells.0 * DENSITY, cells.1 * DENSITY * 2);
        let small = nearer(picture, (width, height));
        Some((small.resize_exact(width, height, FilterType::Triangle).to_rgba8(), cells))
    };
    let placed: Vec<Option<(RgbaImage, (u32, u32))>> = line.iter().map(place).collect();
    let rows = placed.iter().flatten().map(|(_, cells)| cells.1).max()?;
    let columns = line.len() as u32 * (room.0 + GAP) - GAP;
    let mut sheet = RgbaImage::new(columns * DENSITY, rows * DENSITY * 2);
    for (at, placed) in placed.into_iter().enumerate() {
        let Some((picture, cells)) = placed else { continue };
        let left = at as u32 * (room.0 + GAP) + (room.0 - cells.0) / 2;
        overlay(&mut sheet, &picture, i64::from(left * DENSITY), 0);
    }
    drawn(terminal, &DynamicImage::ImageRgba8(sheet), (columns, rows))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgba};

    use super::*;

    fn picture(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = RgbaImage::from_pixel(width, height, Rgba([200, 30, 30, 255]));
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn shown(columns: u16, pictures: &[(&str, Vec<u8>)]) -> Vec<String> {
        let look = |name: &str| (name == "COLORTERM").then(|| "truecolor".to_owned());
        let terminal = Terminal { stderr: true, size: Some((40, columns)), ..Terminal::of(look) };
        let pictures: Vec<(String, Vec<u8>)> =
            pictures.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
        let out = String::from_utf8(beside(&terminal, &pictures)).unwrap();
        out.lines().map(str::to_owned).collect()
    }

    #[test]
    fn pictures_stand_side_by_side_under_their_names() {
        let square = || picture(64, 64);
        let lines = shown(80, &[("A", square()), ("B", picture(64, 32)), ("C", square())]);
        // 79 columns are three pictures of 25 with gaps of two between them.
        assert_eq!(lines[0].find('A'), Some(12));
        assert_eq!((lines[0].find('B'), lines[0].find('C')), (Some(39), Some(66)));
        assert!(lines[1..].iter().all(|line| measure_text_width(line) == 79), "{lines:?}");
        assert_eq!(lines.len(), 1 + 13, "a square of 25 columns has 12 or 13 rows");
        // The one in the middle is half as high.
        assert!(lines[1].matches('▀').count() > lines[12].matches('▀').count());
    }

    #[test]
    fn what_does_not_fit_goes_into_the_next_line_and_what_is_broken_stays_empty() {
        let all: Vec<(&str, Vec<u8>)> =
            ["A", "B", "C", "D"].iter().map(|name| (*name, picture(40, 40))).collect();
        let lines = shown(40, &all);
        let heads: Vec<&String> = lines.iter().filter(|line| !line.contains('\x1b')).collect();
        assert_eq!(heads.len(), 2);
        assert!(heads[0].contains('A') && heads[0].contains('B') && heads[1].contains('D'));
        assert!(lines.iter().all(|line| measure_text_width(line) <= 39));
        let lines = shown(
            80,
            &[("A", b"nothing".to_vec()), ("a very long name of a model", picture(9, 9))],
        );
        assert!(lines[0].contains('A') && lines.len() > 5);
        assert_eq!(shown(80, &[("A", Vec::new())]).len(), 1, "the name alone");
    }
}
