//! A saved picture in the terminal: kitty graphics, iTerm2 inline images, or half blocks.
//!
//! At most 40 columns by 20 rows, a cell taken as twice as high as wide. Never asks the terminal
//! anything, and a picture that cannot be decoded is not shown: its bytes are safe on the disk.

mod beside;

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::terminal::{Graphics, Terminal};
use super::{Options, Preview, Ui};
use crate::{fs, store, text};

pub(crate) use beside::beside;

impl Ui {
    /// Shows a saved picture in the terminal, where that is wanted and possible.
    pub(crate) fn preview(&self, path: &Path) {
        let mode = self.options.preview;
        let is_quiet = self.options.quiet && mode != Preview::On;
        if !is_quiet
            && is_wanted(&self.terminal, mode)
            && let Ok(bytes) = fs::read_regular(path, SHOWN)
            && let Some(sequence) = show(&self.terminal, mode, &bytes)
        {
            self.output.raw(&sequence);
        }
    }

    /// Whether a picture is shown while it grows: where it is shown in the end, and bars are drawn.
    pub(crate) fn shows_partials(&self) -> bool {
        let Options { quiet, progress, preview: mode, .. } = self.options;
        !quiet && progress && is_wanted(&self.terminal, mode)
    }

    /// Shows saved pictures side by side, each under its name, where that is wanted and possible.
    pub(crate) fn beside(&self, pictures: &[(String, PathBuf)]) {
        let mode = self.options.preview;
        if (self.options.quiet && mode != Preview::On) || !is_wanted(&self.terminal, mode) {
            return;
        }
        let read = |(name, path): &(String, PathBuf)| {
            (text::clean(name, 60), fs::read_regular(path, SHOWN).unwrap_or_default())
        };
        let pictures: Vec<(String, Vec<u8>)> = pictures.iter().map(read).collect();
        self.output.raw(&beside(&self.terminal, &pictures));
    }
}

/// Bytes of a picture that is shown, at most.
const SHOWN: u64 = 256 << 20;

/// The largest preview, in terminal columns and rows.
const MOST: (u32, u32) = (40, 20);
/// Pixels in a column's width where real pixels are sent: enough for dense screens.
const DENSITY: u32 = 16;
/// The kitty protocol's limit for one piece of base64.
const CHUNK: usize = 4096;

/// Whether pictures are to be shown, and can be.
pub(crate) fn is_wanted(terminal: &Terminal, mode: Preview) -> bool {
    let (graphics, sure) = terminal.graphics();
    let wanted = match mode {
        Preview::Off => false,
        Preview::On => true,
        Preview::Auto => sure && !terminal.no_color,
    };
    wanted && graphics != Graphics::None
}

/// The bytes that show the picture on stderr, if it is to be shown and can be.
pub(crate) fn show(terminal: &Terminal, mode: Preview, bytes: &[u8]) -> Option<Vec<u8>> {
    if !is_wanted(terminal, mode) {
        return None;
    }
    let (rows, columns) = terminal.stderr_size();
    let picture = store::decode(bytes)?;
    let room = (
        u32::from(columns).saturating_sub(1).min(MOST.0),
        u32::from(rows).saturating_sub(3).min(MOST.1),
    );
    let cells = fit((picture.width(), picture.height()), room)?;
    let picture = nearer(picture, (cells.0 * DENSITY, cells.1 * DENSITY * 2));
    drawn(terminal, &picture, cells)
}

/// Rows that are kept free below a picture that grows: its label, the bars, the total and the cursor.
const BELOW: u16 = 5;

/// The lines that show a picture while it grows: half blocks on every terminal, since lines can be drawn
/// again where they stand.
pub(crate) fn growing(terminal: &Terminal, bytes: &[u8]) -> Option<Vec<String>> {
    let (rows, columns) = terminal.stderr_size();
    let picture = store::decode(bytes)?;
    let room = (
        u32::from(columns).saturating_sub(1).min(MOST.0),
        u32::from(rows.saturating_sub(BELOW)).min(MOST.1),
    );
    let cells = fit((picture.width(), picture.height()), room)?;
    let picture = nearer(picture, (cells.0, cells.1 * 2));
    let color = match terminal.graphics().0 {
        Graphics::None => return None,
        Graphics::Blocks256 => indexed,
        Graphics::Kitty | Graphics::Iterm | Graphics::Blocks => rgb,
    };
    let text = String::from_utf8(blocks(&picture, cells, color)).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

/// A picture over so many cells, in the way of the terminal.
fn drawn(terminal: &Terminal, picture: &DynamicImage, cells: (u32, u32)) -> Option<Vec<u8>> {
    match terminal.graphics().0 {
        Graphics::Kitty => kitty(picture, cells),
        Graphics::Iterm => iterm(picture, cells),
        Graphics::Blocks => Some(blocks(picture, cells, rgb)),
        Graphics::Blocks256 => Some(blocks(picture, cells, indexed)),
        Graphics::None => None,
    }
}

/// A large picture averaged down to about twice what is shown of it: to filter it well takes memory
/// in proportion to what is filtered.
fn nearer(picture: DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    if picture.width() > width * 4 && picture.height() > height * 4 {
        return picture.thumbnail_exact(width * 2, height * 2);
    }
    picture
}

/// Columns and rows that keep the picture's ratio inside the room.
fn fit((width, height): (u32, u32), (columns, rows): (u32, u32)) -> Option<(u32, u32)> {
    if width == 0 || height == 0 || columns == 0 || rows == 0 {
        return None;
    }
    let ratio = f64::from(width) / f64::from(height) * 2.0;
    let wide = (f64::from(rows) * ratio).round().clamp(1.0, f64::from(columns));
    let high = (wide / ratio).round().clamp(1.0, f64::from(rows));
    Some((wide as u32, high as u32))
}

/// The picture in few pixels as base64 of a PNG, with the PNG's length.
fn small_png(picture: &DynamicImage, (columns, rows): (u32, u32)) -> Option<(String, usize)> {
    let (width, height) = (columns * DENSITY, rows * DENSITY * 2);
    let small = if picture.width() > width || picture.height() > height {
        picture.resize(width, height, FilterType::Triangle)
    } else {
        picture.clone()
    };
    let mut png = Vec::new();
    small.to_rgba8().write_to(&mut Cursor::new(&mut png), ImageFormat::Png).ok()?;
    Some((STANDARD.encode(&png), png.len()))
}

/// kitty: `q=2` keeps the terminal from answering into the user's input.
fn kitty(picture: &DynamicImage, (columns, rows): (u32, u32)) -> Option<Vec<u8>> {
    let (text, _) = small_png(picture, (columns, rows))?;
    let mut out = String::with_capacity(text.len() + 256);
    let mut keys = format!("a=T,f=100,q=2,c={columns},r={rows},");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(CHUNK));
        let more = u8::from(!after.is_empty());
        let _ = write!(out, "\x1b_G{keys}m={more};{piece}\x1b\\");
        keys.clear();
        rest = after;
    }
    out.push('\n');
    Some(out.into_bytes())
}

/// iTerm2, WezTerm and mintty.
fn iterm(picture: &DynamicImage, (columns, rows): (u32, u32)) -> Option<Vec<u8>> {
    let (text, size) = small_png(picture, (columns, rows))?;
    let keys = format!("inline=1;size={size};width={columns};height={rows};preserveAspectRatio=1");
    Some(format!("\x1b]1337;File={keys}:{text}\x07\n").into_bytes())
}

/// Two pixels a cell: the upper half block in one colour on the other.
fn blocks(
    picture: &DynamicImage,
    (columns, rows): (u32, u32),
    color: fn([u8; 3]) -> String,
) -> Vec<u8> {
    let small = picture.resize_exact(columns, rows * 2, FilterType::Triangle).to_rgba8();
    let mut out = String::new();
    for row in 0..rows {
        let mut last = (None, None);
        for column in 0..columns {
            let (upper, lower) =
                (pixel(&small, column, row * 2), pixel(&small, column, row * 2 + 1));
            // A half that is not there shows the terminal's own background.
            let (glyph, front, back) = match (upper, lower) {
                (None, None) => (' ', None, None),
                (None, Some(lower)) => ('▄', Some(lower), None),
                (upper, lower) => ('▀', upper, lower),
            };
            if (front, back) != last {
                out.push_str("\x1b[0");
                for (plane, rgb) in [(38, front), (48, back)] {
                    if let Some(rgb) = rgb {
                        let _ = write!(out, ";{plane};{}", color(rgb));
                    }
                }
                out.push('m');
                last = (front, back);
            }
            out.push(glyph);
        }
        out.push_str("\x1b[0m\n");
    }
    out.into_bytes()
}

/// A pixel, unless it is mostly transparent.
fn pixel(picture: &RgbaImage, x: u32, y: u32) -> Option<[u8; 3]> {
    let Rgba([r, g, b, alpha]) = *picture.get_pixel(x, y);
    (alpha >= 128).then_some([r, g, b])
}

fn rgb([r, g, b]: [u8; 3]) -> String {
    format!("2;{r};{g};{b}")
}

/// The nearest of xterm's 6x6x6 cube and its 24 greys.
fn indexed(rgb: [u8; 3]) -> String {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let distance = |other: [u8; 3]| -> u32 {
        rgb.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let level = |value: u8| (0..6).min_by_key(|at| LEVELS[*at].abs_diff(value)).unwrap_or(0);
    let [r, g, b] = rgb.map(level);
    let cube = [LEVELS[r], LEVELS[g], LEVELS[b]];
    let mean = rgb.iter().map(|value| u32::from(*value)).sum::<u32>() / 3;
    let step = (mean.saturating_sub(3) / 10).min(23) as u8;
    let index = if distance([8 + 10 * step; 3]) < distance(cube) {
        232 + usize::from(step)
    } else {
        16 + 36 * r + 6 * g + b
    };
    format!("5;{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        // Noise does not compress, so that kitty needs several pieces.
        let picture = RgbaImage::from_fn(width, height, |x, y| {
            let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(97);
            Rgba([noise as u8, (noise >> 8) as u8, (noise >> 16) as u8, 255])
        });
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn on(variables: &[(&str, &str)]) -> Terminal {
        let look = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Terminal { stderr: true, size: Some((24, 80)), ..Terminal::of(look) }
    }

    fn text(terminal: &Terminal, mode: Preview, bytes: &[u8]) -> Option<String> {
        show(terminal, mode, bytes).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn cells_keep_the_ratio() {
        assert_eq!(fit((1024, 1024), (40, 20)), Some((40, 20)));
        assert_eq!(fit((1536, 1024), (40, 20)), Some((40, 13)));
        assert_eq!(fit((1024, 1536), (40, 20)), Some((27, 20)));
        assert_eq!(fit((10_000, 1), (40, 20)), Some((40, 1)));
        assert_eq!(fit((1, 10_000), (40, 20)), Some((1, 20)));
        assert_eq!(fit((0, 5), (40, 20)), None);
        assert_eq!(fit((5, 5), (0, 20)), None);
    }

    #[test]
    fn kitty_pieces_are_small_and_join_to_the_picture() {
        let out = text(&on(&[("KITTY_WINDOW_ID", "1")]), Preview::Auto, &png(300, 300)).unwrap();
        let pieces: Vec<&str> =
            out.trim_end().split("\x1b\\").filter(|piece| !piece.is_empty()).collect();
        assert!(pieces.len() > 1);
        assert!(
            pieces[0].starts_with("\x1b_Ga=T,f=100,q=2,c=40,r=20,m=1;"),
            "{}",
            &pieces[0][..40]
        );
        let mut joined = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            let (keys, payload) = piece.strip_prefix("\x1b_G").unwrap().split_once(';').unwrap();
            assert!(payload.len() <= 4096);
            let last = at + 1 == pieces.len();
            assert!(keys.ends_with(if last { "m=0" } else { "m=1" }), "{keys}");
            assert!(last || payload.len() % 4 == 0);
            joined.push_str(payload);
        }
        let shown = image::load_from_memory(&STANDARD.decode(joined).unwrap()).unwrap();
        assert_eq!((shown.width(), shown.height()), (300, 300), "never larger than it is");
    }

    #[test]
    fn large_pictures_are_sent_small() {
        let picture = DynamicImage::ImageRgba8(RgbaImage::new(1300, 650));
        let (text, size) = small_png(&picture, (40, 10)).unwrap();
        let bytes = STANDARD.decode(text).unwrap();
        assert_eq!(bytes.len(), size);
        let shown = image::load_from_memory(&bytes).unwrap();
        assert_eq!((shown.width(), shown.height()), (640, 320));
    }

    #[test]
    fn iterm_is_one_sequence() {
        let out =
            text(&on(&[("TERM_PROGRAM", "iTerm.app")]), Preview::Auto, &png(300, 200)).unwrap();
        let head = "\x1b]1337;File=inline=1;size=";
        assert!(out.starts_with(head) && out.ends_with("\x07\n"));
        assert!(out.contains("width=40;height=13;preserveAspectRatio=1:"));
    }

    #[test]
    fn half_blocks_have_their_size_and_end_with_a_reset() {
        for variables in [&[("COLORTERM", "truecolor")][..], &[("TMUX", "x")]] {
            let out = text(&on(variables), Preview::Auto, &png(64, 64)).unwrap();
            let lines: Vec<&str> = out.lines().collect();
            assert_eq!(lines.len(), 20);
            for line in lines {
                assert_eq!(dialoguer::console::measure_text_width(line), 40);
                assert!(line.ends_with("\x1b[0m"));
            }
        }
    }

    #[test]
    fn what_grows_is_lines_of_half_blocks_on_every_terminal() {
        let kitty = [("KITTY_WINDOW_ID", "1")];
        for (variables, size, cells) in [
            (&[("COLORTERM", "truecolor")][..], (24, 80), (38, 19)),
            (&kitty, (40, 80), (40, 20)),
            (&[("TMUX", "x")], (24, 20), (19, 10)),
        ] {
            let terminal = Terminal { size: Some(size), ..on(variables) };
            let lines = growing(&terminal, &png(64, 64)).unwrap();
            assert_eq!(lines.len(), cells.1, "{variables:?}");
            for line in lines {
                assert_eq!(dialoguer::console::measure_text_width(&line), cells.0);
            }
        }
        assert!(growing(&on(&kitty), b"no picture").is_none());
        assert!(growing(&Terminal { stderr: false, ..on(&kitty) }, &png(8, 8)).is_none());
    }

    #[test]
    fn transparency_shows_the_background() {
        let mut picture = RgbaImage::new(1, 2);
        picture.put_pixel(0, 1, Rgba([1, 2, 3, 255]));
        let out = blocks(&DynamicImage::ImageRgba8(picture), (1, 1), rgb);
        assert_eq!(String::from_utf8(out).unwrap(), "\x1b[0;38;2;1;2;3m▄\x1b[0m\n");
    }

    #[test]
    fn shown_only_where_it_can_be_and_is_wanted() {
        let bytes = png(8, 8);
        let plain = on(&[("TERM", "xterm-256color")]);
        assert_eq!(text(&plain, Preview::Auto, &bytes), None);
        assert!(text(&plain, Preview::On, &bytes).unwrap().contains("38;5;"));
        let kitty = [("KITTY_WINDOW_ID", "1")];
        assert_eq!(text(&on(&kitty), Preview::Off, &bytes), None);
        assert_eq!(text(&Terminal { stderr: false, ..on(&kitty) }, Preview::On, &bytes), None);
        assert_eq!(text(&on(&[kitty[0], ("NO_COLOR", "1")]), Preview::Auto, &bytes), None);
        assert!(text(&on(&[kitty[0], ("NO_COLOR", "1")]), Preview::On, &bytes).is_some());
        assert_eq!(text(&on(&kitty), Preview::On, b"<svg/>"), None);
        assert_eq!(text(&on(&kitty), Preview::On, &bytes[..bytes.len() / 2]), None);
    }

    #[test]
    fn indexed_colours_are_near() {
        for (rgb, index) in [([0, 0, 0], 16), ([255; 3], 231), ([128; 3], 244), ([255, 0, 0], 196)]
        {
            assert_eq!(indexed(rgb), format!("5;{index}"));
        }
    }
}
