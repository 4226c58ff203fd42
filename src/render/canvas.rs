//! A plain surface for type and rectangles, measured in pixels: what a contact sheet is set with.
//!
//! The type and the rasteriser are those of the sketches.
//! Pure: no network, no clock, no files.

use super::color::Rgb;
use super::lettering::Type;
use super::list::{Kind, List};
use super::path::Path;
use super::raster::{Edges, render};

/// Pixels of a scene unit: curves are flattened finely enough for it.
const UNIT: f32 = 1000.0;

/// How a line of type looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Height of the em, pixels.
    pub size: f32,
    /// What is added to the strokes, in ems: `0.0` is light, `0.05` bold.
    pub weight: f32,
}

/// A surface of one colour, and what is put on it.
pub struct Canvas {
    list: List,
    letters: Letters,
    width: u32,
    height: u32,
}

impl Canvas {
    /// A surface of so many pixels.
    pub fn new(width: u32, height: u32, color: [u8; 3]) -> Canvas {
        let list = List::new(width as f32 / UNIT, height as f32 / UNIT);
        let mut canvas = Canvas { list, letters: Letters::new(), width, height };
        canvas.list.flat(Kind::Backdrop, canvas.list.all(), Rgb::from(color));
        canvas
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, [x, y, width, height]: [f32; 4], color: [u8; 3]) {
        let path = Path::rect(x / UNIT, y / UNIT, width / UNIT, height / UNIT);
        self.list.flat(Kind::Body, path, Rgb::from(color));
    }

    /// A line of type; `at` is the left end of its baseline.
    pub fn text(&mut self, text: &str, at: (f32, f32), face: Face, color: [u8; 3]) {
        let at = (at.0 / UNIT, at.1 / UNIT);
        let size = face.size / UNIT;
        self.letters.0.draw(&mut self.list, text, at, size, face.weight, Rgb::from(color));
    }

    /// The pixels, four bytes each, row by row.
    pub fn draw(&self) -> Vec<u8> {
        let (width, height) = (self.width as usize, self.height as usize);
        render(&self.list, width, height, UNIT, Edges::Smooth).data
    }
}

/// Measures and breaks lines.
pub struct Letters(Type);

impl Letters {
    /// The font of the sketches.
    pub fn new() -> Letters {
        Letters(Type::new())
    }

    /// Whether there is a drawing of a letter; others would be boxes.
    pub fn has(&self, letter: char) -> bool {
        self.0.has(letter)
    }

    /// Width of a line in pixels.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        self.0.width(text) * size
    }

    /// Breaks a text into lines of so many pixels, between words and after `/`, `-` and `_`, inside
    /// a word only where it is wider than a line. What does not fit into `most` lines ends in `…`.
    pub fn lines(&self, text: &str, size: f32, width: f32, most: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        for piece in pieces(text) {
            let line = lines.last_mut().expect("there is always a line");
            if self.width((line.clone() + piece).trim_end(), size) <= width {
                line.push_str(piece);
                continue;
            }
            if !line.is_empty() {
                lines.push(String::new());
            }
            for c in piece.chars() {
                let line = lines.last_mut().expect("there is always a line");
                if !line.is_empty() && self.width(&format!("{line}{c}"), size) > width {
                    // The space that a line ends with is not carried over.
                    lines.push(if c == ' ' { String::new() } else { c.to_string() });
                } else {
                    line.push(c);
                }
            }
            if lines.len() > most + 1 {
                break;
            }
        }
        for line in &mut lines {
            line.truncate(line.trim_end().len());
        }
        lines.retain(|line| !line.is_empty());
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                self.cut(last, size, width);
            }
        }
        lines
    }

    /// Ends a line in `…` within a width.
    fn cut(&self, line: &mut String, size: f32, width: f32) {
        while !line.is_empty() && self.width(&format!("{line}…"), size) > width {
            line.pop();
        }
        line.truncate(line.trim_end_matches([' ', '/', '-', ',', '.']).len());
        line.push('…');
    }
}

impl Default for Letters {
    fn default() -> Self {
        Letters::new()
    }
}

/// A text in pieces that stay together, each with the space behind it.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', '/', '-', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_where_a_reader_expects_it() {
        let letters = Letters::new();
        let broken = |text: &str, most: usize| letters.lines(text, 20.0, 160.0, most);
        assert_eq!(broken("a red fox in the snow", 3), ["a red fox in the", "snow"]);
        assert_eq!(broken("openrouter/flux-pro-ultra", 2), ["openrouter/flux-", "pro-ultra"]);
        assert_eq!(broken("", 2), Vec::<String>::new());
        let cut = broken("a red fox in the snow of a very long winter night", 2);
        assert_eq!(cut, ["a red fox in the", "snow of a very…"]);
        assert!(broken(&"m".repeat(60), 9).len() > 3, "a word wider than the line is broken");
    }

    #[test]
    fn type_leaves_marks_and_boxes_stand_for_missing_letters() {
        let dark = |text: &str| {
            let mut canvas = Canvas::new(120, 40, [255, 255, 255]);
            canvas.text(text, (10.0, 30.0), Face { size: 24.0, weight: 0.02 }, [0, 0, 0]);
            canvas.draw().chunks(4).filter(|pixel| pixel[0] < 128).count()
        };
        assert_eq!(dark(" "), 0);
        assert!(dark("fox") > 60);
        assert!(dark("狐") > 10, "a box");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked(text in "\\PC{0,120}", width in 60.0_f32..600.0, most in 1_usize..5) {
            let letters = Letters::new();
            let lines = letters.lines(&text, 22.0, width, most);
            prop_assert!(lines.len() <= most);
            for line in lines {
                prop_assert!(letters.width(&line, 22.0) <= width + 0.01, "{line:?}");
            }
        }
    }
}
