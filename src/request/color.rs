//! Colours as they are written: `#FF6B6B`.

use std::fmt;
use std::str::FromStr;

/// A colour, eight bits a channel, sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub [u8; 3]);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02X}{g:02X}{b:02X}")
    }
}

impl FromStr for Rgb {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a colour, such as `#FF6B6B`");
        let hex = text.trim().trim_start_matches('#');
        if !hex.is_ascii() {
            return Err(wrong());
        }
        let wide = match hex.len() {
            3 => hex.chars().flat_map(|c| [c, c]).collect(),
            6 => hex.to_owned(),
            _ => return Err(wrong()),
        };
        let channel = |at: usize| u8::from_str_radix(&wide[at..at + 2], 16).map_err(|_| wrong());
        Ok(Rgb([channel(0)?, channel(2)?, channel(4)?]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_and_written() {
        assert_eq!("#f0a".parse(), Ok(Rgb([255, 0, 170])));
        assert_eq!("4ECDC4".parse::<Rgb>().unwrap().to_string(), "#4ECDC4");
        for bad in ["", "#12", "#12345g", "red", "#éé"] {
            assert!(bad.parse::<Rgb>().is_err(), "{bad}");
        }
    }
}
