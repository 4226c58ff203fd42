//! A small path language for the hero drawings: absolute SVG commands and a few shorthands.
//!
//! `M L H V C Q Z` as in SVG; `O x y r` a circle, `E x y rx ry` an ellipse, `R x y w h r` a
//! rectangle with round corners; a leading `K w` strokes what follows, a leading `Y` adds a copy
//! mirrored about x = 50. Pure: no network, no clock, no files.

use super::path::{Affine, Path, Pen};

/// Parses path data through an affine map. Unknown letters end the path: the data is ours.
pub(crate) fn parse(data: &str, map: Affine) -> Path {
    let mut rest = data.trim_start();
    let mirrored = rest.starts_with('Y');
    if mirrored {
        rest = &rest[1..];
    }
    let mut words = Words { text: rest.as_bytes(), at: 0 };
    let mut path = Path::new();
    let mut width = None;
    if words.peek() == Some(b'K') {
        words.at += 1;
        width = words.number();
    }
    trace(&mut words, map, width, &mut path);
    if mirrored {
        let flip = Affine { a: -1.0, b: 0.0, c: 0.0, d: 1.0, e: 100.0, f: 0.0 };
        let mut words = Words { text: rest.as_bytes(), at: 0 };
        if words.peek() == Some(b'K') {
            words.at += 1;
            words.number();
        }
        trace(&mut words, flip.then(map), width, &mut path);
    }
    path
}

fn trace(words: &mut Words<'_>, map: Affine, width: Option<f32>, out: &mut Path) {
    let mut path = Path::new();
    let mut start = (0.0, 0.0);
    let mut command = b'M';
    loop {
        if let Some(letter) = words.peek().filter(u8::is_ascii_alphabetic) {
            words.at += 1;
            command = letter;
        }
        if command == b'Z' {
            command = b'M';
            match words.peek() {
                Some(_) => continue,
                None => break,
            }
        }
        let Some(first) = words.number() else { break };
        match command {
            b'O' | b'E' | b'R' => shape(command, first, words, map, &mut path),
            _ => {
                start.0 = first;
                start.1 = words.number().unwrap_or(0.0);
                let mut pen = Pen::start(&mut path, map, start.0, start.1);
                run(&mut pen, words, start);
            }
        }
    }
    match width {
        Some(width) => {
            for line in path.polygons() {
                out.stroke(line, width * map.scale());
            }
        }
        None => out.append(&path),
    }
}

/// Follows one polygon until the next `M`, `Z`, shape or the end.
fn run(pen: &mut Pen<'_>, words: &mut Words<'_>, start: (f32, f32)) {
    let mut command = b'L';
    let (mut x, mut y) = start;
    loop {
        match words.peek() {
            None | Some(b'M' | b'Z' | b'O' | b'E' | b'R') => return,
            Some(letter) if letter.is_ascii_alphabetic() => {
                command = letter;
                words.at += 1;
            }
            Some(_) => {}
        }
        let mut next = || words.number().unwrap_or(0.0);
        match command {
            b'H' => {
                x = next();
                pen.line(x, y);
            }
            b'V' => {
                y = next();
                pen.line(x, y);
            }
            b'C' => {
                let (ax, ay, bx, by) = (next(), next(), next(), next());
                (x, y) = (next(), next());
                pen.cubic(ax, ay, bx, by, x, y);
            }
            b'Q' => {
                let (cx, cy) = (next(), next());
                (x, y) = (next(), next());
                pen.quad(cx, cy, x, y);
            }
            _ => {
                (x, y) = (next(), next());
                pen.line(x, y);
            }
        }
    }
}

fn shape(command: u8, x: f32, words: &mut Words<'_>, map: Affine, path: &mut Path) {
    let mut next = || words.number().unwrap_or(0.0);
    let (y, third) = (next(), next());
    let mut plain = Path::new();
    match command {
        b'O' => plain.ellipse(0.0, 0.0, third, third),
        b'E' => plain.ellipse(0.0, 0.0, third, next()),
        _ => {
            let (height, radius) = (next(), next());
            plain.rounded(0.0, 0.0, third, height, radius);
        }
    }
    path.append(&plain.mapped(Affine::place(x, y, 1.0, 1.0).then(map)));
}

struct Words<'a> {
    text: &'a [u8],
    at: usize,
}

impl Words<'_> {
    /// The next byte that is neither white space nor a comma.
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(|b| b.is_ascii_whitespace() || *b == b',') {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn number(&mut self) -> Option<f32> {
        let first = self.peek()?;
        if !(first.is_ascii_digit() || first == b'-' || first == b'.') {
            return None;
        }
        let start = self.at;
        self.at += 1;
        while self.text.get(self.at).is_some_and(|b| b.is_ascii_digit() || *b == b'.') {
            self.at += 1;
        }
        std::str::from_utf8(&self.text[start..self.at]).ok()?.parse().ok()
    }
}
